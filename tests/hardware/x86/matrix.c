/* Run one dot-product instruction of an x86 CPU on operands from stdin; results go to stdout.
 *
 *     matrix cpuid                          what the CPU says of itself, one "name value" a line
 *     matrix INSTRUCTION MXCSR K COUNT      MXCSR in hexadecimal, in force while it runs
 *
 * A tile instruction (tdp...) computes COUNT tiles: stdin is A[COUNT][16][K], B[COUNT][16][K] (the
 * columns of the matrix, k in natural order) and C[COUNT][16][16]; stdout is D[COUNT][16][16].
 * Any other instruction computes COUNT lanes: A[COUNT][K], B[COUNT][K], C[COUNT] give D[COUNT];
 * COUNT is a multiple of 32. stderr gets the MXCSR found afterwards.
 * Exit status 3: Linux refuses the tiles. An instruction that is not there ends in SIGILL.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };

typedef void step_t(void *d, const void *a, const void *b);  /* d holds C, then D */

#define VECTOR(name, assembly)                                                      \
    static void name(void *d, const void *a, const void *b)                         \
    {                                                                               \
        __asm__ volatile("vmovdqu64 (%0), %%zmm0\n\tvmovdqu64 (%1), %%zmm1\n\t"     \
                         "vmovdqu64 (%2), %%zmm2\n\t" assembly "\n\t"               \
                         "vmovdqu64 %%zmm0, (%0)"                                   \
                         : : "r"(d), "r"(a), "r"(b) : "xmm0", "xmm1", "xmm2", "memory"); \
    }
/* AT&T order: the last operand is C and the result, the middle one A, the first one B. */
VECTOR(vdpbf16ps, "vdpbf16ps %%zmm2, %%zmm1, %%zmm0")
VECTOR(vpdpbusd, "vpdpbusd %%zmm2, %%zmm1, %%zmm0")
VECTOR(vpdpbusds, "vpdpbusds %%zmm2, %%zmm1, %%zmm0")
VECTOR(vpdpwssd, "vpdpwssd %%zmm2, %%zmm1, %%zmm0")
VECTOR(vpdpwssds, "vpdpwssds %%zmm2, %%zmm1, %%zmm0")
VECTOR(vfmadd231ph, "vfmadd231ph %%zmm2, %%zmm1, %%zmm0")
VECTOR(vfmadd213ph, "vfmadd213ph %%zmm0, %%zmm2, %%zmm1\n\tvmovdqa64 %%zmm1, %%zmm0")
VECTOR(vfmadd132ph, "vfmadd132ph %%zmm2, %%zmm0, %%zmm1\n\tvmovdqa64 %%zmm1, %%zmm0")

#define TILE(name, assembly)                                                        \
    static void name(void *d, const void *a, const void *b)                         \
    {                                                                               \
        __asm__ volatile("tileloadd (%0,%3,1), %%tmm0\n\ttileloadd (%1,%3,1), %%tmm1\n\t" \
                         "tileloadd (%2,%3,1), %%tmm2\n\t" assembly "\n\t"          \
                         "tilestored %%tmm0, (%0,%3,1)"                             \
                         : : "r"(d), "r"(a), "r"(b), "r"(64L) : "memory");          \
    }
TILE(tdpbf16ps, "tdpbf16ps %%tmm2, %%tmm1, %%tmm0")
TILE(tdpfp16ps, ".byte 0xc4, 0xe2, 0x6b, 0x5c, 0xc1")  /* the same registers; older assemblers lack it */
TILE(tdpbssd, "tdpbssd %%tmm2, %%tmm1, %%tmm0")
TILE(tdpbsud, "tdpbsud %%tmm2, %%tmm1, %%tmm0")
TILE(tdpbusd, "tdpbusd %%tmm2, %%tmm1, %%tmm0")
TILE(tdpbuud, "tdpbuud %%tmm2, %%tmm1, %%tmm0")

static const struct { const char *name; step_t *step; int element, result, tile; } table[] = {
    {"vdpbf16ps", vdpbf16ps, 2, 4, 0},     {"vpdpbusd", vpdpbusd, 1, 4, 0},
    {"vpdpbusds", vpdpbusds, 1, 4, 0},     {"vpdpwssd", vpdpwssd, 2, 4, 0},
    {"vpdpwssds", vpdpwssds, 2, 4, 0},     {"vfmadd231ph", vfmadd231ph, 2, 2, 0},
    {"vfmadd213ph", vfmadd213ph, 2, 2, 0}, {"vfmadd132ph", vfmadd132ph, 2, 2, 0},
    {"tdpbf16ps", tdpbf16ps, 2, 4, 1},     {"tdpfp16ps", tdpfp16ps, 2, 4, 1},
    {"tdpbssd", tdpbssd, 1, 4, 1},         {"tdpbsud", tdpbsud, 1, 4, 1},
    {"tdpbusd", tdpbusd, 1, 4, 1},         {"tdpbuud", tdpbuud, 1, 4, 1},
};

static void cpuid(void)
{
    unsigned r[4], basic[4], text[12] = {0};
    __cpuid(0, r[0], r[1], r[2], r[3]);
    printf("vendor %.4s%.4s%.4s\n", (char *)&r[1], (char *)&r[3], (char *)&r[2]);
    for (int i = 0; i < 3; i++)
        __cpuid(0x80000002 + i, text[4 * i], text[4 * i + 1], text[4 * i + 2], text[4 * i + 3]);
    printf("model_name %.48s\n", (char *)text);
    __cpuid(1, basic[0], basic[1], basic[2], basic[3]);
    unsigned family = basic[0] >> 8 & 15, model = (basic[0] >> 4 & 15) | (basic[0] >> 12 & 240);
    printf("family %u\nmodel %u\nstepping %u\n", family, model, basic[0] & 15);
    __cpuid_count(7, 0, r[0], r[1], r[2], r[3]);
    printf("amx_bf16 %u\navx512_fp16 %u\namx_tile %u\namx_int8 %u\navx512_vnni %u\n", r[3] >> 22 & 1,
           r[3] >> 23 & 1, r[3] >> 24 & 1, r[3] >> 25 & 1, r[2] >> 11 & 1);
    __cpuid_count(7, 1, r[0], r[1], r[2], r[3]);
    printf("avx512_bf16 %u\namx_fp16 %u\n", r[0] >> 5 & 1, r[0] >> 21 & 1);
}

static void *take(size_t size)
{
    void *bytes = malloc(size);
    if (!bytes || fread(bytes, 1, size, stdin) != size) {
        fputs("stdin is too short\n", stderr);
        exit(2);
    }
    return bytes;
}

/* Tiles 0 (C, D), 1 (A) and 2 (B); `row` is the length of a row of A in bytes. */
static void configure(int row)
{
    if (syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)) {
        fputs("Linux refuses permission for AMX tile data\n", stderr);
        exit(3);
    }
    struct { uint8_t palette, start, zero[14]; uint16_t colsb[16]; uint8_t rows[16]; } tiles = {
        .palette = 1, .colsb = {64, row, 64}, .rows = {16, 16, row / 4}};
    __asm__ volatile("ldtilecfg %0" : : "m"(tiles));
}

static void run_tiles(step_t *step, int row, size_t count, char *a, char *b, char *d)
{
    char left[16 * 64], right[16 * 64];
    configure(row);
    for (size_t t = 0; t < count; t++, a += 16 * row, b += 16 * row, d += 16 * 64) {
        for (int i = 0; i < 16; i++)
            memcpy(left + 64 * i, a + row * i, row);
        for (int r = 0; r < row / 4; r++)  /* four bytes of one column lie side by side ("VNNI") */
            for (int j = 0; j < 16; j++)
                memcpy(right + 64 * r + 4 * j, b + row * j + 4 * r, 4);
        step(d, left, right);
    }
    __asm__ volatile("tilerelease");
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "cpuid"))
        return cpuid(), 0;
    for (size_t i = 0; argc == 5 && i < sizeof table / sizeof *table; i++) {
        if (strcmp(argv[1], table[i].name))
            continue;
        unsigned mxcsr = strtoul(argv[2], 0, 16), before = _mm_getcsr();
        size_t k = strtoul(argv[3], 0, 10), count = strtoul(argv[4], 0, 10);
        size_t row = k * table[i].element, many = table[i].tile ? 16 * count : count;
        size_t results = (table[i].tile ? 256 * count : count) * table[i].result;
        char *a = take(many * row), *b = take(many * row), *d = take(results);
        _mm_setcsr(mxcsr);
        if (table[i].tile)
            run_tiles(table[i].step, row, count, a, b, d);
        else
            for (size_t at = 0; at < results; at += 64)
                table[i].step(d + at, a + at, b + at);
        mxcsr = _mm_getcsr();
        _mm_setcsr(before);
        fprintf(stderr, "%x\n", mxcsr);
        return fwrite(d, 1, results, stdout) == results ? 0 : 2;
    }
    fputs("usage: matrix cpuid | matrix INSTRUCTION MXCSR K COUNT\n", stderr);
    return 2;
}

"""Aligned sums of products that a float32 holds exactly, many outputs at once.

A product times the power of two that makes the grid 1 is cut toward zero by its conversion to an
integer; sums are integers. What the floats cannot decide (values outside of the normal range of
the output, alignment exponents too low) is marked, for `kernels.aligned` to work out.
"""

import numpy as np

from .compile import jit

WIDTH = 128  # columns that are worked on together: with a block of rows of b, the nearest cache
NONE = -16384  # exponents of zeros sum to this; twice it fits int16
_QUARTER = NONE // 4


@jit
def power(exponent):
    """Return 2.0**exponent of a float64, exponent int64 within -1022 to 1023."""
    return np.int64((exponent + 1023) << 52).view(np.float64)


@jit
def exponent_of(x, emin):
    """Return the exponent that a float32 counts with (int32), `NONE` for zero."""
    word = np.float32(x).view(np.int32)
    field = np.int32(((word >> np.int32(23)) & np.int32(255)) - np.int32(127))
    found = max(field, np.int32(emin))
    return found if np.int32(word << np.int32(1)) != 0 else np.int32(NONE)


@jit
def power32(exponent):
    """Return 2.0**exponent as a float32, exponent int32 within -126 to 127."""
    return np.int32((exponent + np.int32(127)) << np.int32(23)).view(np.float32)


@jit
def masked(x, mask):
    """Return a float64 without the bits that `mask` (int64) lacks."""
    word = np.float64(x).view(np.int64)
    return np.int64(word & mask).view(np.float64)


@jit
def nearest(x, least, shift):
    """Return a float64 rounded to even at a quantum of its leading digit's, at least `least`'s.

    shift: int64, 52 less the fraction bits, times 2**52.
    """
    size = max(abs(x), least)
    word = np.float64(size).view(np.int64)
    magic = np.int64((word & np.int64(0x7FF0000000000000)) + shift).view(np.float64) * 1.5
    return (x + magic) - magic


@jit
def float_sums(
    a, a_e, b, b_e, c, bad, first, last, block, part, width, floor, mask, t, emin, largest
):
    """Chain aligned sums over all products, c (float32) in place, for rows first to last.

    a (M, K) float32 with exponents a_e, b (tiles, K, WIDTH) with b_e (int16, zeros `NONE` / 2);
    c, bad (tiles, M, WIDTH). `part` products are added in int32 at a time. `mask` (int64) cuts a
    float64 to the kept bits; where it is 0 results round to nearest, ties to even, at `t` fraction
    bits.
    """
    products = a.shape[1]
    low = np.int32(width - 126)
    high = np.int32(width + 126)
    top = np.empty(WIDTH, np.int16)
    e = np.empty(WIDTH, np.int32)
    scale = np.empty(WIDTH, np.float32)
    sums = np.empty(WIDTH, np.int32)
    total = np.empty(WIDTH, np.float64)
    shift = np.int64(52 - t) << np.int64(52)
    least = np.float64(2.0) ** emin
    for tile in range(b.shape[0]):
        for start in range(0, products, block):
            stop = min(start + block, products)
            for i in range(first, last):
                for j in range(WIDTH):
                    top[j] = np.int16(NONE)
                k = start
                while k + 4 <= stop:
                    e0 = a_e[i, k]
                    e1 = a_e[i, k + 1]
                    e2 = a_e[i, k + 2]
                    e3 = a_e[i, k + 3]
                    for j in range(WIDTH):
                        x = max(np.int16(e0 + b_e[tile, k, j]), np.int16(e1 + b_e[tile, k + 1, j]))
                        y = max(
                            np.int16(e2 + b_e[tile, k + 2, j]), np.int16(e3 + b_e[tile, k + 3, j])
                        )
                        top[j] = max(top[j], max(x, y))
                    k += 4
                while k < stop:
                    e0 = a_e[i, k]
                    for j in range(WIDTH):
                        top[j] = max(top[j], np.int16(e0 + b_e[tile, k, j]))
                    k += 1
                for j in range(WIDTH):
                    found = max(np.int32(top[j]), exponent_of(c[tile, i, j], emin))
                    empty = found < np.int32(_QUARTER)
                    found = max(found, np.int32(floor))
                    used = min(max(found, low), high)
                    bad[tile, i, j] |= np.uint8((used != found) & (not empty))
                    e[j] = used
                    scale[j] = power32(np.int32(width) - used)
                    total[j] = np.float64(np.int32(c[tile, i, j] * scale[j]))
                for begin in range(start, stop, part):
                    end = min(begin + part, stop)
                    for j in range(WIDTH):
                        sums[j] = np.int32(0)
                    k = begin
                    while k + 4 <= end:
                        a0 = a[i, k]
                        a1 = a[i, k + 1]
                        a2 = a[i, k + 2]
                        a3 = a[i, k + 3]
                        for j in range(WIDTH):
                            s = scale[j]
                            x = np.int32(a0 * b[tile, k, j] * s)
                            y = np.int32(a1 * b[tile, k + 1, j] * s)
                            z = np.int32(a2 * b[tile, k + 2, j] * s)
                            w = np.int32(a3 * b[tile, k + 3, j] * s)
                            sums[j] = np.int32(
                                sums[j] + np.int32(np.int32(x + y) + np.int32(z + w))
                            )
                        k += 4
                    while k < end:
                        a0 = a[i, k]
                        for j in range(WIDTH):
                            x = np.int32(a0 * b[tile, k, j] * scale[j])
                            sums[j] = np.int32(sums[j] + x)
                        k += 1
                    for j in range(WIDTH):
                        total[j] += np.float64(sums[j])
                if mask != 0:
                    for j in range(WIDTH):
                        value = masked(total[j], mask) * power(np.int64(e[j]) - width)
                        size = abs(value)
                        wrong = (size > largest) | ((size < least) & (size != 0.0))
                        bad[tile, i, j] |= np.uint8(wrong)
                        c[tile, i, j] = np.float32(value)
                else:
                    for j in range(WIDTH):
                        value = nearest(total[j] * power(np.int64(e[j]) - width), least, shift)
                        lost = (value == 0.0) & (total[j] != 0.0)  # perhaps a zero with a sign
                        bad[tile, i, j] |= np.uint8((abs(value) > largest) | lost)
                        c[tile, i, j] = np.float32(value)

"""The witness of arithmetic, `numfmt.exact`, against the world: other programs and printed rows."""

import functools
import itertools
import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.dialects import DIALECTS
from numfmt.exact import Draw
from numfmt.flags import Flags

NX, UF, OF, DZ, NV = Flags.NX, Flags.UF, Flags.OF, Flags.DZ, Flags.NV
NONE = Flags(0)

# Zeros, subnormals, both sides of the binades, ties in the making, the ends, infinities, NaN.
CORNERS = (
    0x0000, 0x0001, 0x0002, 0x0003, 0x01FF, 0x0200, 0x03FE, 0x03FF, 0x0400, 0x0401, 0x07FF, 0x0800,
    0x1000, 0x13FF, 0x1400, 0x1401, 0x2E66, 0x3555, 0x37FF, 0x3800, 0x3801, 0x3BFF, 0x3C00, 0x3C01,
    0x3C02, 0x3FFF, 0x4000, 0x4248, 0x5BFF, 0x63FF, 0x6400, 0x77FF, 0x7BFE, 0x7BFF, 0x7C00, 0x7E00,
)  # fmt: skip
CORNERS = (*CORNERS, *(code | 0x8000 for code in CORNERS if code != 0x7E00 and code % 3 != 1))
BINARY = ("add", "sub", "mul", "div")
NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "remainder": math.remainder,
}


def same(ours: int, theirs: int, fmt: str) -> bool:
    """Return whether two codes are equal, or both NaN."""
    kinds = [exact.decode(code, fmt).kind for code in (ours, theirs)]
    return ours == theirs or kinds == [nf.Kind.NAN, nf.Kind.NAN]


@pytest.mark.parametrize("name", BINARY)
def test_pairs_of_corners_of_binary16_are_numpys(name: str) -> None:
    a, b = np.array(list(itertools.product(CORNERS, repeat=2)), np.uint16).T.copy()
    with np.errstate(all="ignore"):
        theirs = NUMPY[name](a.view(np.float16), b.view(np.float16)).view(np.uint16)
    operation = getattr(exact, name)
    for x, y, code in zip(a.tolist(), b.tolist(), theirs.tolist(), strict=True):
        assert same(operation(x, y, "binary16")[0], code, "binary16"), (hex(x), hex(y))


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    ("fmt", "code_type", "value_type"),
    [("binary32", np.uint32, np.float32), ("binary64", np.uint64, np.float64)],
)
def test_wider_pairs_are_numpys(fmt: str, code_type: Any, value_type: Any, name: str) -> None:
    bits = nf.get(fmt).bits
    rng = np.random.default_rng(bits)
    a = rng.integers(0, 1 << bits, 1500, dtype=np.uint64).astype(code_type)
    # Half of the partners have nearly the same exponent, so that sums cancel and round.
    b = a ^ rng.integers(0, 1 << (bits // 3), 1500, dtype=np.uint64).astype(code_type)
    b[::2] = rng.integers(0, 1 << bits, 750, dtype=np.uint64).astype(code_type)
    b[::3] ^= code_type(1 << (bits - 1))
    with np.errstate(all="ignore"):
        theirs = NUMPY[name](a.view(value_type), b.view(value_type)).view(code_type)
    operation = getattr(exact, name)
    for x, y, code in zip(a.tolist(), b.tolist(), theirs.tolist(), strict=True):
        assert same(operation(x, y, fmt)[0], code, fmt), (hex(x), hex(y))


def word(x: float) -> int:
    return int(np.float64(x).view(np.uint64))


def rounded(x: Fraction) -> int:
    """Return the binary64 code of the quotient that Python's integers make."""
    try:
        return word(float(x))
    except OverflowError:
        return word(math.inf if x > 0 else -math.inf)


def doubles(count: int, seed: int, spread: int) -> list[float]:
    rng = random.Random(seed)
    return [
        math.ldexp(rng.choice((-1, 1)) * (rng.getrandbits(53) | 1 << 52), rng.randint(-spread, 0))
        for _ in range(count)
    ]


@pytest.mark.parametrize("spread", [60, 400, 1126])
def test_binary64_is_what_pythons_integers_divide_to(spread: int) -> None:
    numbers = doubles(300, spread, spread)
    for x, y, z in zip(numbers, numbers[1:], numbers[2:], strict=False):
        codes = [word(value) for value in (x, y, z)]
        f, g, h = Fraction(x), Fraction(y), Fraction(z)
        near = word(float(-f * g)) if math.isfinite(x * y) else codes[2]
        cases: dict[str, tuple[list[int], Fraction]] = {
            "fma": (codes, f * g + h),
            "faa": (codes, f + g + h),
            "recip": (codes[:1], 1 / f),
            "div": (codes[:2], f / g),
        }
        for name, (operands, value) in cases.items():
            assert getattr(exact, name)(*operands, "binary64")[0] == rounded(value), (name, x, y, z)
        product = exact.fma(codes[0], codes[1], near, "binary64")[0]
        error = f * g + Fraction(float(np.uint64(near).view(np.float64)))
        assert product == (rounded(error) if error else 0)
        assert exact.sqrt(word(abs(x)), "binary64")[0] == word(math.sqrt(abs(x)))
        assert exact.remainder(*codes[:2], "binary64")[0] == word(math.remainder(x, y))
        assert exact.next_up(codes[0], "binary64")[0] == word(math.nextafter(x, math.inf))
        assert exact.next_down(codes[0], "binary64")[0] == word(math.nextafter(x, -math.inf))
        assert exact.scale_b(codes[0], 70 - spread, "binary64")[0] == word(
            math.ldexp(x, 70 - spread)
        )
        assert exact.copy_sign(*codes[:2], "binary64")[0] == word(math.copysign(x, y))
        for mode, function in {
            "nearest_even": round,
            "toward_zero": math.trunc,
            "toward_positive": math.ceil,
            "toward_negative": math.floor,
        }.items():
            small = math.ldexp(x, -math.frexp(x)[1] + 5)
            code = exact.round_to_int(word(small), "binary64", rounding=mode)[0]
            assert code == word(math.copysign(function(small), small))


def test_every_root_of_binary16_is_numpys() -> None:
    codes = np.array([*CORNERS, *range(0x0001, 0x7C00, 29)], np.uint16)
    with np.errstate(all="ignore"):
        theirs = np.sqrt(codes.view(np.float16)).view(np.uint16)
    for code, root in zip(codes.tolist(), theirs.tolist(), strict=True):
        assert same(exact.sqrt(code, "binary16")[0], root, "binary16"), hex(code)


MODES = (
    "nearest_even nearest_away nearest_zero toward_zero toward_positive toward_negative "
    "away_from_zero to_odd jam stochastic_a stochastic_b stochastic_c"
).split()


ROOTS = [
    (fmt, mode)
    for fmt in ("binary16", "e4m3", "posit16", "takum12", "q4.4", "hifloat8")
    for mode in MODES
    if fmt != "hifloat8" or mode not in ("to_odd", "jam")  # its codes have no last digit
]


@pytest.mark.parametrize(("fmt", "mode"), ROOTS)
def test_roots_are_those_of_mpmath_in_every_mode(fmt: str, mode: str) -> None:
    mpmath = pytest.importorskip("mpmath")
    draw = Draw(37, 7) if mode.startswith("stochastic") else None
    entry = nf.get(fmt)
    rng = random.Random(fmt)
    for _ in range(25):
        a, b = rng.getrandbits(entry.bits), rng.getrandbits(entry.bits)
        x, y = exact.decode(a, fmt), exact.decode(b, fmt)
        if not x.finite or not y.finite or not x.magnitude:
            continue
        cases = {"hypot": (a, b), "sqrt": (a,), "rsqrt": (a,)}
        squares = {
            "hypot": x.magnitude**2 + y.magnitude**2,
            "sqrt": x.value,
            "rsqrt": 1 / x.value,
        }
        for name, operands in cases.items():
            square = squares[name]
            if square < 0:
                continue
            with mpmath.workprec(700):
                root = mpmath.sqrt(mpmath.mpf(square.numerator) / square.denominator)
                sign, significand, exponent, _ = root._mpf_
            value = Fraction(int(significand)) * Fraction(2) ** exponent
            assert sign == 0
            if math.isqrt(square.numerator) ** 2 == square.numerator and (
                math.isqrt(square.denominator) ** 2 == square.denominator
            ):
                value = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
            ours = getattr(exact, name)(*operands, fmt, rounding=mode, draw=draw)
            assert ours == exact.encode(value, fmt, rounding=mode, draw=draw), (name, a, b)


@pytest.mark.parametrize(
    ("fmt", "kind"),
    [
        ("e4m3", "float8_e4m3fn"),
        ("e5m2", "float8_e5m2"),
        ("e4m3_fnuz", "float8_e4m3fnuz"),
        ("e3m4_ieee", "float8_e3m4"),
        ("bfloat16", "bfloat16"),
    ],
)
def test_small_floats_are_those_of_ml_dtypes(fmt: str, kind: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    bits = nf.get(fmt).bits
    rng = np.random.default_rng(bits)
    code_type = np.uint8 if bits == 8 else np.uint16
    a, b = rng.integers(0, 1 << bits, (2, 1200)).astype(code_type)
    for name in BINARY:
        with np.errstate(all="ignore"):
            x, y = (codes.view(getattr(ml_dtypes, kind)) for codes in (a, b))
            theirs = np.asarray(NUMPY[name](x, y)).view(code_type)
        for p, q, code in zip(a.tolist(), b.tolist(), theirs.tolist(), strict=True):
            assert same(getattr(exact, name)(p, q, fmt)[0], code, fmt), (name, hex(p), hex(q))


@pytest.mark.parametrize(("fmt", "kind"), [("posit8_0", "posit8"), ("posit16_1", "posit16")])
def test_posits_are_those_of_softposit(fmt: str, kind: str) -> None:
    softposit = pytest.importorskip("softposit")
    make, bits = getattr(softposit, kind), nf.get(fmt).bits
    nar, rng = 1 << (bits - 1), random.Random(bits)
    codes = [0, 1, 2, nar, nar - 1, nar + 1, nar // 2, (1 << bits) - 1]
    codes += [rng.getrandbits(bits) for _ in range(32)]
    for a, b in itertools.product(codes, repeat=2):
        x, y = make(bits=a), make(bits=b)
        assert exact.add(a, b, fmt)[0] == (x + y).v.v, (a, b)
        assert exact.sub(a, b, fmt)[0] == (x - y).v.v, (a, b)
        assert exact.mul(a, b, fmt)[0] == (x * y).v.v, (a, b)
        assert exact.div(a, b, fmt)[0] == (x / y).v.v, (a, b)
    for a in range(0, 1 << bits, 1 if bits == 8 else 61):
        assert exact.sqrt(a, fmt)[0] == make(bits=a).sqrt().v.v, a


def test_a_posit_of_the_standard_is_softposits() -> None:
    softposit = pytest.importorskip("softposit")
    rng = random.Random(5)

    def make(code: int) -> Any:
        found = softposit.posit_2_t()
        found.v = code << 16
        return found

    for _ in range(800):
        a, b = rng.getrandbits(16), rng.getrandbits(16)
        x, y = make(a), make(b)
        for name, function in (("add", "pX2_add"), ("mul", "pX2_mul"), ("div", "pX2_div")):
            theirs = getattr(softposit, function)(x, y, 16).v >> 16
            assert getattr(exact, name)(a, b, "posit16")[0] == theirs, (name, a, b)


# IEEE 754-2019: 6.1, 6.2, 6.3, 7.2, 7.3; binary16. Operands, code, flags.
INF, NAN, ONE, TWO, ZERO = 0x7C00, 0x7E00, 0x3C00, 0x4000, 0x0000
M_INF, M_ONE, M_ZERO, SNAN = 0xFC00, 0xBC00, 0x8000, 0x7C01
IEEE_ROWS = [
    ("add", (INF, M_INF), NAN, NV),
    ("add", (INF, INF), INF, NONE),
    ("add", (INF, M_ONE), INF, NONE),
    ("add", (SNAN, ONE), NAN, NV),
    ("add", (NAN, INF), NAN, NONE),
    ("add", (ZERO, M_ZERO), ZERO, NONE),
    ("add", (M_ZERO, M_ZERO), M_ZERO, NONE),
    ("add", (ONE, M_ONE), ZERO, NONE),
    ("sub", (INF, INF), NAN, NV),
    ("sub", (M_ZERO, ZERO), M_ZERO, NONE),
    ("sub", (ZERO, ZERO), ZERO, NONE),
    ("mul", (INF, ZERO), NAN, NV),
    ("mul", (M_ZERO, INF), NAN, NV),
    ("mul", (INF, M_ONE), M_INF, NONE),
    ("mul", (M_ZERO, ONE), M_ZERO, NONE),
    ("mul", (0x7BFF, TWO), INF, OF | NX),
    ("mul", (0x0001, 0x3800), ZERO, UF | NX),
    ("div", (ZERO, ZERO), NAN, NV),
    ("div", (INF, M_INF), NAN, NV),
    ("div", (ONE, M_ZERO), M_INF, DZ),
    ("div", (INF, ZERO), INF, NONE),
    ("div", (INF, M_ZERO), M_INF, NONE),
    ("div", (M_ONE, INF), M_ZERO, NONE),
    ("div", (ZERO, M_ONE), M_ZERO, NONE),
    ("fma", (INF, ZERO, ONE), NAN, NV),
    ("fma", (INF, ONE, M_INF), NAN, NV),
    ("fma", (INF, ZERO, NAN), NAN, NV),
    ("fma", (INF, ONE, INF), INF, NONE),
    ("fma", (M_ZERO, ONE, ZERO), ZERO, NONE),
    ("fma", (M_ZERO, ONE, M_ZERO), M_ZERO, NONE),
    ("fma", (ONE, ONE, M_ONE), ZERO, NONE),
    ("faa", (INF, ONE, M_INF), NAN, NV),
    ("faa", (M_ZERO, M_ZERO, M_ZERO), M_ZERO, NONE),
    ("faa", (M_ZERO, M_ZERO, ZERO), ZERO, NONE),
    ("sqrt", (M_ONE,), NAN, NV),
    ("sqrt", (M_INF,), NAN, NV),
    ("sqrt", (M_ZERO,), M_ZERO, NONE),
    ("sqrt", (INF,), INF, NONE),
    ("rsqrt", (ZERO,), INF, DZ),
    ("rsqrt", (M_ZERO,), M_INF, DZ),
    ("rsqrt", (INF,), ZERO, NONE),
    ("rsqrt", (M_ONE,), NAN, NV),
    ("recip", (M_ZERO,), M_INF, DZ),
    ("recip", (M_INF,), M_ZERO, NONE),
    ("hypot", (INF, NAN), INF, NONE),
    ("hypot", (NAN, M_INF), INF, NONE),
    ("hypot", (INF, SNAN), NAN, NV),
    ("hypot", (M_ZERO, M_ZERO), ZERO, NONE),
    ("hypot", (0x4200, 0xC400), 0x4500, NONE),
    ("remainder", (ONE, ZERO), NAN, NV),
    ("remainder", (INF, ONE), NAN, NV),
    ("remainder", (M_ONE, INF), M_ONE, NONE),
    ("remainder", (0xC400, TWO), M_ZERO, NONE),
    ("round_to_int", (M_ZERO,), M_ZERO, NONE),
    ("round_to_int", (0xB400,), M_ZERO, NONE),
    ("round_to_int", (INF,), INF, NONE),
    ("round_to_int", (SNAN,), NAN, NV),
    ("neg", (SNAN,), 0xFC01, NONE),
    ("abs", (0xFC01,), SNAN, NONE),
    ("copy_sign", (SNAN, M_ONE), 0xFC01, NONE),
    ("next_up", (M_INF,), 0xFBFF, NONE),
    ("next_up", (0x8001,), M_ZERO, NONE),
    ("next_up", (M_ZERO,), 0x0001, NONE),
    ("next_up", (0x7BFF,), INF, NONE),
    ("next_up", (INF,), INF, NONE),
    ("next_up", (SNAN,), NAN, NV),
    ("next_down", (ZERO,), 0x8001, NONE),
    ("next_down", (0x0001,), ZERO, NONE),
    ("minimum", (ZERO, M_ZERO), M_ZERO, NONE),
    ("maximum", (M_ZERO, ZERO), ZERO, NONE),
    ("minimum", (NAN, ONE), NAN, NONE),
    ("maximum", (SNAN, ONE), NAN, NV),
    ("minimum_number", (NAN, ONE), ONE, NONE),
    ("maximum_number", (SNAN, ONE), ONE, NV),
    ("maximum_number", (NAN, NAN), NAN, NONE),
    ("minimum_magnitude", (INF, M_INF), M_INF, NONE),
    ("maximum_magnitude", (M_ONE, ONE), ONE, NONE),
    ("minimum_magnitude_number", (NAN, M_ONE), M_ONE, NONE),
    ("maximum_magnitude_number", (M_INF, NAN), M_INF, NONE),
    ("clamp", (M_ZERO, ZERO, ONE), M_ZERO, NONE),
    ("clamp", (ONE, TWO, ONE), NAN, NV),
]


@pytest.mark.parametrize(("name", "operands", "code", "flags"), IEEE_ROWS)
def test_special_rows_of_ieee_754(
    name: str, operands: tuple[int, ...], code: int, flags: Flags
) -> None:
    assert getattr(exact, name)(*operands, "binary16") == (code, flags)


def test_exact_zero_sums_are_negative_toward_negative() -> None:
    down = {"rounding": "toward_negative"}
    assert exact.add(ONE, M_ONE, "binary16", **down)[0] == M_ZERO
    assert exact.add(ZERO, M_ZERO, "binary16", **down)[0] == M_ZERO
    assert exact.add(ZERO, ZERO, "binary16", **down)[0] == ZERO
    assert exact.fma(ONE, M_ONE, ONE, "binary16", **down)[0] == M_ZERO
    assert exact.mul(ZERO, ONE, "binary16", **down)[0] == ZERO


# IEEE P3109 4.0, 4.10, 4.11 and 4.13, in Binary8p3se: NaN 80, inf 7f, -inf ff, 1 40, -1 c0.
P3109_ROWS = [
    ("add", (0x7F, 0xFF), 0x80),
    ("add", (0x40, 0xC0), 0x00),
    ("mul", (0x7F, 0x00), 0x80),
    ("mul", (0xC0, 0x00), 0x00),
    ("div", (0x40, 0x00), 0x80),
    ("div", (0x7F, 0x00), 0x80),
    ("div", (0xFF, 0x7F), 0x80),
    ("div", (0xC0, 0x7F), 0x00),
    ("recip", (0x00,), 0x80),
    ("recip", (0xFF,), 0x00),
    ("sqrt", (0xC0,), 0x80),
    ("sqrt", (0x7F,), 0x7F),
    ("rsqrt", (0x00,), 0x80),
    ("rsqrt", (0x7F,), 0x00),
    ("hypot", (0x7F, 0x80), 0x80),
    ("hypot", (0xFF, 0x40), 0x7F),
    ("copy_sign", (0xC0, 0x00), 0x40),
    ("minimum", (0x80, 0x40), 0x80),
    ("minimum_number", (0x80, 0x40), 0x40),
    ("minimum_magnitude", (0x7F, 0xFF), 0xFF),
    ("maximum_magnitude", (0x7F, 0xFF), 0x7F),
    ("minimum_finite", (0xFF, 0x40), 0x40),
    ("minimum_finite", (0x80, 0xFF), 0xFF),
    ("maximum_finite", (0x7F, 0xC0), 0xC0),
    ("maximum_finite", (0x7F, 0xFF), 0x7F),
    ("clamp", (0x40, 0x7F, 0x7F), 0x7F),
    ("clamp", (0x40, 0x00, 0xFF), 0x80),
    ("next_up", (0x7F,), 0x80),
    ("next_up", (0x7E,), 0x7F),
    ("next_up", (0xFF,), 0xFE),
    ("next_up", (0x81,), 0x00),
    ("next_down", (0x00,), 0x81),
    ("next_down", (0xFF,), 0x80),
]


@pytest.mark.parametrize(("name", "operands", "code"), P3109_ROWS)
def test_special_rows_of_p3109(name: str, operands: tuple[int, ...], code: int) -> None:
    assert getattr(exact, name)(*operands, "Binary8p3se")[0] == code


def test_p3109_finite_and_unsigned_rows() -> None:
    assert exact.next_up(0x7F, "Binary8p3sf")[0] == 0x80
    assert exact.next_down(0x00, "Binary8p3uf")[0] == 0xFF
    assert exact.sub(0x00, 0x80, "Binary8p3uf")[0] == 0xFF  # negative: NaN
    assert exact.neg(0x00, "Binary8p3uf")[0] == 0x00
    assert exact.add(0x7F, 0x7F, "Binary8p3sf")[0] == 0x7F
    assert exact.total_order(0x80, 0xFF, "Binary8p3se")
    assert not exact.total_order(0xFF, 0x80, "Binary8p3se")


# NaN operands in binary32: RISC-V 11.3; Intel SDM 1, 4.8.3.5 and 14.5; Arm FPProcessNaNs, FPMulAdd.
S1, S2, Q1, Q2 = 0x7F800001, 0xFF812345, 0x7FC00011, 0xFFC00022
NAN_ROWS = [
    ("riscv", "add", (Q2, Q1), 0x7FC00000, NONE),
    ("riscv", "mul", (S2, Q1), 0x7FC00000, NV),
    ("riscv", "sqrt", (0xBF800000,), 0x7FC00000, NV),
    ("riscv", "fma", (0x7F800000, 0, Q1), 0x7FC00000, NV),
    ("riscv", "minimum_number", (S1, 0x3F800000), 0x3F800000, NV),
    ("x86", "add", (Q2, Q1), Q2, NONE),
    ("x86", "add", (Q1, S2), Q1, NV),
    ("x86", "add", (S2, Q1), 0xFFC12345, NV),
    ("x86", "add", (0x3F800000, S1), 0x7FC00001, NV),
    ("x86", "sub", (0x7F800000, 0x7F800000), 0xFFC00000, NV),
    ("x86", "div", (0, 0), 0xFFC00000, NV),
    ("x86", "sqrt", (0xBF800000,), 0xFFC00000, NV),
    ("x86", "fma", (0x7F800000, 0, Q1), Q1, NONE),
    ("x86", "fma", (0x7F800000, 0, S1), 0x7FC00001, NV),
    ("x86", "fma", (0x3F800000, Q2, Q1), Q2, NONE),
    ("arm", "add", (Q2, Q1), Q2, NONE),
    ("arm", "add", (Q1, S2), 0xFFC12345, NV),
    ("arm", "add", (S1, S2), 0x7FC00001, NV),
    ("arm", "div", (0, 0), 0x7FC00000, NV),
    ("arm", "fma", (0x7F800000, 0, Q1), 0x7FC00000, NV),
    ("arm", "fma", (Q1, 0x3F800000, Q2), Q2, NONE),
    ("arm", "fma", (S1, Q1, Q2), 0x7FC00001, NV),
    ("arm", "fma", (S1, Q1, S2), 0xFFC12345, NV),
    ("arm", "fma", (0x7F800000, 0, S2), 0xFFC12345, NV),
    ("cuda", "add", (Q2, Q1), 0x7FFFFFFF, NONE),
]


@pytest.mark.parametrize(("dialect", "name", "operands", "code", "flags"), NAN_ROWS)
def test_nan_rows_of_instruction_sets(
    dialect: str, name: str, operands: tuple[int, ...], code: int, flags: Flags
) -> None:
    assert getattr(exact, name)(*operands, "binary32", dialect=dialect) == (code, flags)


def test_payloads_are_aligned_left() -> None:
    wide = ("binary32", "binary32")
    assert exact.add(0x7FA02000, 0, wide, result="binary16", dialect="x86") == (0x7F01, NV)
    narrow = ("binary16", "binary16")
    assert exact.add(0xFE01, 0, narrow, result="binary32", dialect="x86")[0] == 0xFFC02000
    assert exact.add(0xFF, 0, "e4m3", result="binary16", dialect="x86")[0] == 0xFE00
    assert exact.add(0xFE01, 0, "binary16", result="e4m3", dialect="x86")[0] == 0xFF


# The largest product that rounds to the smallest normal: tiny before rounding, not after.
def test_tininess_at_the_boundary() -> None:
    # 0x03ff * (1 + 2**-10) = 2**-14 * (1 - 2**-20): with 11 digits it rounds to 2**-14.
    assert exact.mul(0x03FF, 0x3C01, "binary16") == (0x0400, NX)
    assert exact.mul(0x03FF, 0x3C01, "binary16", dialect="arm") == (0x0400, NX | UF)
    # 2**-14 * (1 - 2**-11 - ...) has too many digits; with 11 it stays below 2**-14.
    assert exact.mul(0x0400, 0x3BFF, "binary16") == (0x0400, NX | UF)
    assert exact.mul(0x0400, 0x3BFF, "binary16", rounding="toward_zero") == (0x03FF, NX | UF)
    assert exact.mul(0x0400, 0x3800, "binary16", dialect="arm") == (0x0200, NONE)
    assert exact.mul(0x0400, 0x3BFF, "binary16", flush_results=True) == (0x0000, NX | UF)
    assert exact.mul(0x0400, 0x3800, "binary16", flush_results=True) == (0x0000, NX | UF)
    assert exact.add(0x83FF, 0x8000, "binary16", flush_inputs=True) == (0x8000, NONE)


def test_infinities_of_formats_without_them() -> None:
    assert exact.div(0x38, 0x00, "e4m3") == (0x7F, DZ | NV)
    assert exact.div(0x38, 0x00, "e4m3", dialect="ocp_sat") == (0x7E, DZ | NV)
    assert exact.div(0x02, 0x00, "int8") == (0x7F, DZ | NV)
    assert exact.mul(0x7E, 0x40, "e4m3") == (0x7F, OF | NX)
    assert exact.mul(0x7E, 0x40, "e4m3", dialect="ocp_sat") == (0x7E, OF | NX)
    assert exact.add(0x7F, 0x01, "int8", overflow="wrap") == (0x80, OF | NX)
    with pytest.raises(nf.FormatError, match="no NaN"):
        exact.div(0, 0, "e2m1")
    assert exact.div(0, 0, "e2m1", nan=0x07) == (0x07, NV)


# RISC-V 11.7, FCVT.W.S and FCVT.WU.S; Intel CVTSS2SI; Arm FCVTZS. binary32 to 32 bits.
INTEGER_ROWS = [
    ("riscv", 0x4F000000, "int32", 0x7FFFFFFF, NV),
    ("riscv", 0xCF000000, "int32", 0x80000000, NONE),
    ("riscv", 0xCF000001, "int32", 0x80000000, NV),
    ("riscv", 0x7FC00000, "int32", 0x7FFFFFFF, NV),
    ("riscv", 0xFF800000, "int32", 0x80000000, NV),
    ("riscv", 0xBF800000, "uint32", 0x00000000, NV),
    ("riscv", 0xBF7FFFFF, "uint32", 0x00000000, NX),
    ("riscv", 0xFFC00000, "uint32", 0xFFFFFFFF, NV),
    ("riscv", 0x40200000, "int32", 0x00000002, NX),
    ("x86", 0x4F000000, "int32", 0x80000000, NV),
    ("x86", 0x7FC00000, "int32", 0x80000000, NV),
    ("x86", 0xBF800000, "uint32", 0xFFFFFFFF, NV),
    ("arm", 0x7FC00000, "int32", 0x00000000, NV),
    ("arm", 0x7F800000, "int32", 0x7FFFFFFF, NV),
    ("arm", 0xBF800000, "uint32", 0x00000000, NV),
]


@pytest.mark.parametrize(("dialect", "a", "integer", "code", "flags"), INTEGER_ROWS)
def test_integer_rows_of_instruction_sets(
    dialect: str, a: int, integer: str, code: int, flags: Flags
) -> None:
    assert exact.to_int(a, "binary32", integer, dialect=dialect) == (code, flags)


def test_integers_there_and_back() -> None:
    for n in range(256):
        wide = exact.from_int(n, "int8", "binary16")
        assert wide[1] == NONE
        assert exact.to_int(wide[0], "binary16", "int8") == (n, NONE)
    assert exact.to_int(0xC380, "binary16", "int8", rounding="nearest_even") == (0xFC, NX)
    assert exact.to_int(0x80, "posit8", "int8", dialect="arm") == (0, NV)
    wrap = nf.Dialect(name="wrap", integers=nf.IntegerRule.WRAP)
    assert exact.to_int(0x5C18, "binary16", "int8", dialect=wrap) == (0x06, NV)


def test_order_of_all_codes_of_a_small_format() -> None:
    # e2m2 of IEEE: from the NaN of the largest payload and sign - up, as sign-magnitude integers.
    codes = [*range(31, 15, -1), *range(16)]
    for i, j in itertools.product(range(32), repeat=2):
        assert exact.total_order(codes[i], codes[j], "e2m2_ieee") == (i <= j)
    names = [exact.class_of(code, "e2m2_ieee").value for code in codes]
    assert (
        names
        == [9] * 2
        + [8]
        + [0]
        + [1] * 8
        + [2] * 3
        + [3]
        + [4]
        + [5] * 3
        + [6] * 8
        + [7]
        + [8]
        + [9] * 2
    )


def test_fn_nans_are_ordered_at_the_end_of_their_sign() -> None:
    assert exact.total_order(0xFF, 0xFE, "e4m3")
    assert exact.total_order(0x7E, 0x7F, "e4m3")
    assert not exact.total_order(0x7F, 0x7E, "e4m3")
    assert exact.total_order(0x80, 0x81, "posit8")


COMPARISONS = {
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "unordered": lambda x, y: math.isnan(x) or math.isnan(y),
}


def test_comparisons_are_pythons() -> None:
    for a, b in itertools.product(CORNERS[::2], repeat=2):
        x, y = (float(np.uint16(code).view(np.float16)) for code in (a, b))
        for name, truth in COMPARISONS.items():
            assert getattr(exact, name)(a, b, "binary16") == (truth(x, y), NONE), (name, x, y)


@pytest.mark.parametrize(
    "fmt",
    "e3m2_ieee e3m2 e2m3 e4m3_fnuz Binary6p3se Binary6p3uf int6 posit7 takum8 lns8_3 takum8_log "
    "dint4 hifloat8 e8m0 uint5".split(),
)
def test_neighbours_are_next_to_each_other(fmt: str) -> None:
    entry = nf.get(fmt)
    codes = (code for code in range(1 << entry.bits) if code not in entry.unused_codes())
    numbers = [code for code in codes if not exact.unordered(code, code, fmt)[0]]

    def side(a: int, b: int) -> int:
        return exact.greater(a, b, fmt)[0] - exact.less(a, b, fmt)[0]

    numbers.sort(key=functools.cmp_to_key(side))
    for code, above in itertools.pairwise(numbers):
        if side(code, above):
            assert side(exact.next_up(code, fmt)[0], above) == 0, (code, above)
            assert side(exact.next_down(above, fmt)[0], code) == 0, (code, above)
    for code, end in (
        (numbers[-1], exact.next_up(numbers[-1], fmt)[0]),
        (numbers[0], exact.next_down(numbers[0], fmt)[0]),
    ):
        assert end == code or exact.unordered(end, end, fmt)[0]


def test_logarithms_multiply_exactly() -> None:
    # lns8_3: the logarithm in eighths, a number of 7 bits; 40 is zero, c0 NaN.
    assert exact.mul(0x05, 0x83, "lns8_3")[0] == 0x88
    assert exact.mul(0x3F, 0x3F, "lns8_3")[0] == 0x3F  # clamped
    assert exact.mul(0x41, 0x41, "lns8_3")[0] == 0x41
    assert exact.div(0x05, 0x03, "lns8_3")[0] == 0x02
    assert exact.div(0x05, 0x40, "lns8_3")[0] == 0xC0
    assert exact.sqrt(0x06, "lns8_3")[0] == 0x03
    assert exact.sqrt(0x05, "lns8_3")[0] == 0x02  # 2.5 eighths: a tie, to the even code
    assert exact.sqrt(0x07, "lns8_3")[0] == 0x04
    assert exact.sqrt(0x05, "lns8_3", rounding="nearest_away")[0] == 0x03
    assert exact.sqrt(0x07, "lns8_3", rounding="nearest_zero")[0] == 0x03
    assert exact.rsqrt(0x06, "lns8_3")[0] == 0x7D
    assert exact.sub(0x13, 0x13, "lns8_3")[0] == 0x40
    assert exact.add(0x04, 0x04, "lns8_3")[0] == 0x0C
    assert exact.mul(0x04, 0x04, "lns8_3", result="binary16") == (0x4000, NONE)
    assert exact.hypot(0x00, 0x00, "lns8_3")[0] == 0x04
    assert exact.sqrt(0x08, "lns8_3", result="binary16") == (0x3DA8, NX)


def reference_log(value: Any, fmt: str, mpmath: Any) -> int:
    """Return the code of the logarithm nearest to that of a number with 60 digits."""
    best = []
    for code in range(256):
        if exact.unordered(code, code, fmt)[0]:
            continue
        found = exact.decode_power(code, fmt)
        if found.kind is not nf.Kind.NORMAL or found.sign != (value < 0):
            continue
        logarithm = mpmath.log(abs(value)) * (2 if found.base != "2" else 1 / mpmath.log(2))
        distance = abs(
            logarithm - mpmath.mpf(found.logarithm.numerator) / found.logarithm.denominator
        )
        best.append((distance, code))
    return min(best)[1]


@pytest.mark.parametrize("fmt", ["lns8_3", "takum8_log"])
def test_sums_of_powers_are_those_of_mpmath(fmt: str) -> None:
    mpmath = pytest.importorskip("mpmath")

    def value(code: int) -> Any:
        found = exact.decode_power(code, fmt)
        if found.kind is not nf.Kind.NORMAL:
            return mpmath.mpf(0)
        logarithm = mpmath.mpf(found.logarithm.numerator) / found.logarithm.denominator
        base = mpmath.mpf(2) if found.base == "2" else mpmath.sqrt(mpmath.e)
        return (-1) ** found.sign * base**logarithm

    rng = random.Random(fmt)
    with mpmath.workdps(120):
        for _ in range(40):
            a, b, c = (rng.choice((0x10, 0xF0, 0)) ^ rng.getrandbits(5) for _ in range(3))
            if any(exact.unordered(code, code, fmt)[0] for code in (a, b, c)):
                continue
            x, y, z = value(a), value(b), value(c)
            for name, operands, total in (
                ("add", (a, b), x + y),
                ("fma", (a, b, c), x * y + z),
                ("faa", (a, b, c), x + y + z),
                ("hypot", (a, b), mpmath.sqrt(x * x + y * y)),
            ):
                if abs(total) < mpmath.mpf(10) ** -100:
                    continue
                ours = getattr(exact, name)(*operands, fmt)[0]
                assert ours == reference_log(total, fmt, mpmath), (name, a, b, c)


def test_stochastic_roots_have_the_probability_of_the_mode() -> None:
    # sqrt(2) lies 0.4525... of the way from 0x3da8 to its successor.
    away = sum(
        exact.sqrt(0x4000, "binary16", rounding="stochastic_a", draw=Draw(r, 8))[0] == 0x3DA9
        for r in range(256)
    )
    fraction = math.sqrt(2) * 1024 % 1
    assert away == math.floor(fraction * 256)


def test_zero_sign_plus_leaves_no_minus_zero() -> None:
    for name, operands in {
        "mul": (ZERO, M_ONE),
        "add": (M_ZERO, M_ZERO),
        "sqrt": (M_ZERO,),
        "neg": (ZERO,),
        "round_to_int": (0xB400,),
        "next_up": (0x8001,),
        "minimum": (ZERO, M_ZERO),
    }.items():
        assert getattr(exact, name)(*operands, "binary16", dialect="p3109")[0] == ZERO, name
    assert exact.mul(0x8001, 0x0001, "binary16", dialect="p3109") == (ZERO, NX | UF)


def test_jam_sets_the_last_digit_of_exact_results_too() -> None:
    assert exact.add(ONE, ONE, "binary16", rounding="jam") == (0x4001, NX)
    assert exact.sub(ONE, ONE, "binary16", rounding="jam") == (0x0001, NX)
    assert exact.round_to_int(0x4000, "binary16", exact=True, rounding="jam") == (0x4200, NX)


def test_scale_b_reaches_any_distance() -> None:
    assert exact.scale_b(ONE, -(10**12), "binary16") == (ZERO, UF | NX)
    assert exact.scale_b(M_ONE, 10**12, "binary16") == (M_INF, OF | NX)
    assert exact.scale_b(0x40, 10**12, "posit8")[0] == 0x7F
    assert exact.scale_b(0x04, 1, "lns8_3")[0] == 0x0C


def test_operations_of_any_formats_mix() -> None:
    mixed = exact.add(0x38, 0x4000, ("e4m3", "posit16"), result="binary32")
    assert mixed == (0x40000000, NONE)
    with pytest.raises(nf.FormatError, match="result="):
        exact.add(0x38, 0x4000, ("e4m3", "posit16"))
    assert exact.fma(0x7E, 0x7E, 0x3F800000, ("e4m3", "e4m3", "binary32"), result="binary32") == (
        int(np.float32(448 * 448 + 1).view(np.uint32)),
        NONE,
    )


def test_every_dialect_computes() -> None:
    for name in DIALECTS:
        for fmt in ("binary16", "e4m3", "Binary8p4se", "posit8", "int8", "lns8_3", "hifloat8"):
            exact.mul(1, 2, fmt, dialect=name)

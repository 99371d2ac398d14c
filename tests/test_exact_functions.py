"""The exact elementary functions: special rows written out, and mpmath's values rounded once."""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import numfmt as nf
from numfmt import exact
from numfmt.errors import FormatError
from numfmt.exact import enclosures
from numfmt.exact.intervals import Effort
from numfmt.flags import Flags

mp: Any = pytest.importorskip("mpmath").mp

PREC = 200
UNARY = [name for name in exact.FUNCTIONS if name not in ("atan2", "atan2_pi", "pow")]

PEERS: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: mp.exp(x),
    "exp2": lambda x: mp.power(2, x),
    "exp10": lambda x: mp.power(10, x),
    "expm1": lambda x: mp.expm1(x),
    "log": lambda x: mp.log(x),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": lambda x: mp.log1p(x),
    "softplus": lambda x: max(x, mp.zero) + mp.log1p(mp.exp(-abs(x))),
    "sin": lambda x: mp.sin(x),
    "cos": lambda x: mp.cos(x),
    "tan": lambda x: mp.tan(x),
    "sin_pi": lambda x: mp.sinpi(x),
    "cos_pi": lambda x: mp.cospi(x),
    "tan_pi": lambda x: mp.sinpi(x) / mp.cospi(x),
    "asin": lambda x: mp.asin(x),
    "acos": lambda x: mp.acos(x),
    "atan": lambda x: mp.atan(x),
    "asin_pi": lambda x: mp.asin(x) / mp.pi,
    "acos_pi": lambda x: mp.acos(x) / mp.pi,
    "atan_pi": lambda x: mp.atan(x) / mp.pi,
    "sinh": lambda x: mp.sinh(x),
    "cosh": lambda x: mp.cosh(x),
    "tanh": lambda x: mp.tanh(x),
    "asinh": lambda x: mp.asinh(x),
    "acosh": lambda x: mp.acosh(x),
    "atanh": lambda x: mp.atanh(x),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.ncdf(x),
    "gelu_tanh": lambda x: (
        x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf(44715) / 10**6 * x**3)))
    ),
}
# Functions with rational values at numbers that are not 0 or 1; those are of few digits.
SOMETIMES_EXACT = [name for name in PEERS if name.endswith("_pi")]
SOMETIMES_EXACT += ["exp2", "exp10", "log2", "log10", "pow", "atan2_pi"]
SHORT = nf.FloatFormat(name="short", bits=64, precision=50, emin=-4000)
FORMATS = ("binary16", "bfloat16", "e4m3", "e5m2", "Binary8p4se", "posit8", "binary32", "binary64")
MODES = ("nearest_even", "toward_zero", "toward_positive", "toward_negative", "to_odd")
SAMPLES = 24


def outside(name: str, x: Fraction) -> bool:
    """Return whether a function has no value at x, or one that is no number."""
    if name in ("log", "log2", "log10"):
        return x <= 0
    if name in ("asin", "acos", "asin_pi", "acos_pi"):
        return abs(x) > 1
    if name in ("sin_pi", "tan_pi"):  # zeros have signs and poles too, which are rows below
        return x.denominator == 1 or (name == "tan_pi" and x.denominator == 2)
    least = {"log1p": -1, "atanh": -1, "acosh": 1}
    if name not in least:
        return False
    return x < 1 if name == "acosh" else x <= -1 or (name == "atanh" and x >= 1)


def peer(name: str, *operands: Fraction) -> tuple[Fraction, Fraction]:
    """Return bounds of a value from mpmath, with 180 of its 200 bits believed."""
    with mp.workprec(PREC + 64):
        numbers = [mp.mpf(x.numerator) / x.denominator for x in operands]
        call = {"pow": mp.power, "atan2": mp.atan2}.get(name) or PEERS.get(name)
        value = call(*numbers) if call else mp.atan2(*numbers) / mp.pi
        sign, significand, exponent, _ = value._mpf_
    near = max(-4096, min(4096, int(exponent)))  # as far past all formats here as it is
    found = Fraction(int(significand)) * Fraction(2) ** near * (-1) ** sign
    width = abs(found) / 2 ** (PREC - 20)
    if name in SOMETIMES_EXACT and min(map(abs, operands)) > Fraction(1, 2**60):
        short = exact.decode(exact.encode(found, SHORT)[0], SHORT).value
        if abs(short - found) <= width:
            return short, short
    return found - width, found + width


def checked(name: str, codes: list[int], fmt: str, rounding: str) -> bool:
    """Compare with mpmath; return whether its digits were enough to tell."""
    operands = [exact.decode(code, fmt).value for code in codes]
    options: dict[str, Any] = {"rounding": rounding}
    if fmt == "Binary8p4se":
        options["overflow"] = "sat_none"
    low, high = (exact.encode(x, fmt, **options) for x in peer(name, *operands))
    if low != high:
        return False
    code, flags = exact.function(name, *codes, fmt=fmt, rounding=rounding)
    assert (code, flags) == low, (name, codes, fmt, rounding)
    return True


def finite(fmt: str, draw: random.Random) -> int:
    """Return a code of a nonzero number, moderate ones more often than others."""
    while True:
        code = draw.getrandbits(nf.get(fmt).bits)
        if draw.random() < 0.7:
            code = exact.encode(draw.choice([1, -1]) * 2 ** draw.uniform(-8, 5), fmt)[0]
        found = exact.decode(code, fmt)
        if found.finite and found.magnitude and (found.magnitude < 2**40):
            return code


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", UNARY)
def test_one_rounding_of_mpmaths_value(name: str, fmt: str) -> None:
    draw = random.Random(f"{name} {fmt}")
    told = tried = 0
    while tried < SAMPLES:
        code = finite(fmt, draw)
        x = exact.decode(code, fmt).value
        if outside(name, x):
            if exact.decode(exact.encode(abs(x), fmt)[0], fmt).magnitude <= 1:
                tried += 1
            continue
        told += checked(name, [code], fmt, draw.choice(MODES))
        tried += 1
    assert told >= 3


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", ["atan2", "atan2_pi", "pow"])
def test_one_rounding_of_mpmaths_value_of_two_operands(name: str, fmt: str) -> None:
    draw = random.Random(f"{name} {fmt}")
    told = 0
    for _ in range(2 * SAMPLES):
        codes = [finite(fmt, draw), finite(fmt, draw)]
        x = exact.decode(codes[0], fmt).value
        if name == "pow" and (x < 0 or x == 1):
            continue
        told += checked(name, codes, fmt, draw.choice(MODES))
    assert told > SAMPLES // 2


@pytest.mark.parametrize("name", UNARY)
def test_all_of_e4m3_into_binary32(name: str) -> None:
    for code in range(256):
        found = exact.decode(code, "e4m3")
        if not found.finite or not found.magnitude or outside(name, found.value):
            continue
        low, high = (exact.encode(x, "binary32") for x in peer(name, found.value))
        if low == high:
            assert exact.function(name, code, fmt="e4m3", result="binary32") == low, code


@pytest.mark.parametrize("name", UNARY)
def test_bounds_close_in(name: str) -> None:
    draw = random.Random(name)
    for _ in range(10):
        x = Fraction(draw.getrandbits(50) | 1, 1 << 51)
        x = 1 + x if name == "acosh" else x
        wide, close = (enclosures.unary(name, x, Effort(d, 4000)) for d in (60, 180))
        assert wide is not None
        assert close is not None
        assert wide.low <= close.low < close.high <= wide.high
        assert close.high - close.low < abs(close.low) / 2**160
        low, high = peer(name, x)
        assert wide.low < high
        assert low < wide.high


# Special rows, in binary16 and the dialect of IEEE 754

HALF, ONE, TWO, THREE, INF, NAN, SNAN = 0x3800, 0x3C00, 0x4000, 0x4200, 0x7C00, 0x7E00, 0x7D00
MINUS = 0x8000
NONE, NX, DZ, NV = Flags(0), Flags.NX, Flags.DZ, Flags.NV
ODD = ("sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "expm1", "log1p")
ODD_PI = ("sin_pi", "tan_pi", "asin_pi", "atan_pi")
PI, HALF_PI, QUARTER_PI, THREE_QUARTERS_PI = 0x4248, 0x3E48, 0x3A48, 0x40B6
LEAST, LARGEST = 0x0001, 0x7BFF

ROWS: list[tuple[str, tuple[int, ...], int, Flags]] = [
    *((name, (sign,), sign, NONE) for name in ODD + ODD_PI for sign in (0, MINUS)),
    *((name, (sign,), sign, NONE) for name in ("silu", "gelu", "gelu_tanh") for sign in (0, MINUS)),
    *(
        (name, (sign,), ONE, NONE)
        for name in ("exp", "exp2", "exp10", "cos", "cos_pi", "cosh")
        for sign in (0, MINUS)
    ),
    ("sigmoid", (MINUS,), HALF, NONE),
    ("acos_pi", (MINUS,), HALF, NONE),
    ("acos", (0,), HALF_PI, NX),
    ("softplus", (0,), 0x398C, NX),
    *((name, (sign,), MINUS | INF, DZ) for name in ("log", "log2", "log10") for sign in (0, MINUS)),
    *((name, (ONE,), 0, NONE) for name in ("log", "log2", "log10", "acos", "acosh", "acos_pi")),
    *((name, (MINUS | LEAST,), NAN, NV) for name in ("log", "log2", "log10", "acosh")),
    *((name, (MINUS | INF,), NAN, NV) for name in ("log", "log2", "log10", "log1p", "acosh")),
    *((name, (INF,), INF, NONE) for name in ("log", "log2", "log10", "log1p", "acosh", "softplus")),
    ("log1p", (MINUS | ONE,), MINUS | INF, DZ),
    ("log1p", (MINUS | 0x3C01,), NAN, NV),
    ("acosh", (0x3BFF,), NAN, NV),
    *((name, (INF,), INF, NONE) for name in ("exp", "exp2", "exp10", "expm1", "sinh", "cosh")),
    *((name, (INF,), INF, NONE) for name in ("asinh", "silu", "gelu", "gelu_tanh")),
    *((name, (MINUS | INF,), 0, NONE) for name in ("exp", "exp2", "exp10", "sigmoid", "softplus")),
    *((name, (MINUS | INF,), MINUS, NONE) for name in ("silu", "gelu", "gelu_tanh")),
    ("expm1", (MINUS | INF,), MINUS | ONE, NONE),
    ("sinh", (MINUS | INF,), MINUS | INF, NONE),
    ("asinh", (MINUS | INF,), MINUS | INF, NONE),
    ("cosh", (MINUS | INF,), INF, NONE),
    ("tanh", (MINUS | INF,), MINUS | ONE, NONE),
    ("tanh", (INF,), ONE, NONE),
    ("sigmoid", (INF,), ONE, NONE),
    *(
        (name, (sign | INF,), NAN, NV)
        for name in ("sin", "cos", "tan", "sin_pi", "cos_pi", "tan_pi", "asin", "acos", "atanh")
        for sign in (0, MINUS)
    ),
    *((name, (0x3C01,), NAN, NV) for name in ("asin", "acos", "asin_pi", "acos_pi", "atanh")),
    *((name, (0xBC01,), NAN, NV) for name in ("asin", "acos", "asin_pi", "acos_pi", "atanh")),
    ("atanh", (ONE,), INF, DZ),
    ("atanh", (MINUS | ONE,), MINUS | INF, DZ),
    ("asin", (MINUS | ONE,), MINUS | HALF_PI, NX),
    ("acos", (MINUS | ONE,), PI, NX),
    ("asin_pi", (MINUS | ONE,), MINUS | HALF, NONE),
    ("asin_pi", (HALF,), 0x3155, NX),  # 1/6
    ("acos_pi", (HALF,), 0x3555, NX),  # 1/3
    ("acos_pi", (MINUS | HALF,), 0x3955, NX),  # 2/3
    ("acos_pi", (MINUS | ONE,), ONE, NONE),
    ("atan", (INF,), HALF_PI, NX),
    ("atan", (MINUS | INF,), MINUS | HALF_PI, NX),
    ("atan_pi", (INF,), HALF, NONE),
    ("atan_pi", (MINUS | ONE,), 0xB400, NONE),  # -1/4
    # of pi times n and n + 1/2
    *(("sin_pi", (code,), 0, NONE) for code in (ONE, TWO, THREE, LARGEST)),
    *(("sin_pi", (MINUS | code,), MINUS, NONE) for code in (ONE, TWO, THREE, LARGEST)),
    ("sin_pi", (HALF,), ONE, NONE),
    ("sin_pi", (0x3E00,), MINUS | ONE, NONE),
    ("cos_pi", (MINUS | HALF,), 0, NONE),
    ("cos_pi", (0x3E00,), 0, NONE),
    ("cos_pi", (ONE,), MINUS | ONE, NONE),
    ("cos_pi", (LARGEST,), ONE, NONE),
    ("tan_pi", (ONE,), MINUS, NONE),
    ("tan_pi", (TWO,), 0, NONE),
    ("tan_pi", (MINUS | ONE,), 0, NONE),
    ("tan_pi", (MINUS | TWO,), MINUS, NONE),
    ("tan_pi", (HALF,), INF, DZ),
    ("tan_pi", (0x3E00,), MINUS | INF, DZ),  # 1 + 1/2
    ("tan_pi", (MINUS | HALF,), MINUS | INF, DZ),  # -1 + 1/2
    ("tan_pi", (0xBE00,), INF, DZ),  # -2 + 1/2
    ("tan_pi", (0x3400,), ONE, NONE),
    ("tan_pi", (0x3A00,), MINUS | ONE, NONE),
    # exact powers
    ("exp2", (0xCE00,), LEAST, NONE),  # 2**-24
    ("exp2", (0x4C00,), INF, Flags.OF | NX),  # 2**16
    ("exp10", (0x4400,), 0x70E2, NONE),  # 10**4
    ("exp10", (MINUS | ONE,), 0x2E66, NX),
    ("log2", (LEAST,), 0xCE00, NONE),
    ("log10", (0x70E2,), 0x4400, NONE),
    # atan2(y, x)
    ("atan2", (0, 0), 0, NONE),
    ("atan2", (MINUS, 0), MINUS, NONE),
    ("atan2", (0, MINUS), PI, NX),
    ("atan2", (MINUS, MINUS), MINUS | PI, NX),
    ("atan2", (MINUS, ONE), MINUS, NONE),
    ("atan2", (0, MINUS | ONE), PI, NX),
    ("atan2", (ONE, MINUS), HALF_PI, NX),
    ("atan2", (MINUS | ONE, 0), MINUS | HALF_PI, NX),
    ("atan2", (ONE, MINUS | INF), PI, NX),
    ("atan2", (MINUS | ONE, MINUS | INF), MINUS | PI, NX),
    ("atan2", (MINUS | ONE, INF), MINUS, NONE),
    ("atan2", (INF, MINUS | ONE), HALF_PI, NX),
    ("atan2", (MINUS | INF, INF), MINUS | QUARTER_PI, NX),
    ("atan2", (INF, MINUS | INF), THREE_QUARTERS_PI, NX),
    ("atan2_pi", (MINUS | INF, MINUS | INF), 0xBA00, NONE),
    ("atan2_pi", (MINUS, MINUS | ONE), MINUS | ONE, NONE),
    ("atan2_pi", (TWO, TWO), 0x3400, NONE),
    ("atan2_pi", (MINUS | TWO, MINUS | TWO), 0xBA00, NONE),
    ("atan2", (LEAST, LARGEST), 0, NX | Flags.UF),
    # pow(x, y)
    *(("pow", (x, y), ONE, NONE) for x in (0, INF, NAN, MINUS | TWO, MINUS) for y in (0, MINUS)),
    *(("pow", (ONE, y), ONE, NONE) for y in (NAN, INF, MINUS | INF, THREE, MINUS | LEAST)),
    ("pow", (SNAN, 0), NAN, NV),
    ("pow", (ONE, SNAN), NAN, NV),
    ("pow", (NAN, ONE), NAN, NONE),
    ("pow", (MINUS | ONE, INF), ONE, NONE),
    ("pow", (MINUS | ONE, MINUS | INF), ONE, NONE),
    ("pow", (0, MINUS | THREE), INF, DZ),
    ("pow", (MINUS, MINUS | THREE), MINUS | INF, DZ),
    ("pow", (MINUS, MINUS | TWO), INF, DZ),
    ("pow", (MINUS, MINUS | HALF), INF, DZ),
    ("pow", (MINUS, MINUS | INF), INF, NONE),
    ("pow", (MINUS, INF), 0, NONE),
    ("pow", (MINUS, THREE), MINUS, NONE),
    ("pow", (MINUS, TWO), 0, NONE),
    ("pow", (HALF, INF), 0, NONE),
    ("pow", (MINUS | HALF, MINUS | INF), INF, NONE),
    ("pow", (MINUS | TWO, INF), INF, NONE),
    ("pow", (MINUS | TWO, MINUS | INF), 0, NONE),
    ("pow", (INF, MINUS | LEAST), 0, NONE),
    ("pow", (INF, LEAST), INF, NONE),
    ("pow", (MINUS | INF, MINUS | THREE), MINUS, NONE),
    ("pow", (MINUS | INF, THREE), MINUS | INF, NONE),
    ("pow", (MINUS | INF, MINUS | TWO), 0, NONE),
    ("pow", (MINUS | INF, HALF), INF, NONE),
    ("pow", (MINUS | TWO, HALF), NAN, NV),
    ("pow", (MINUS | TWO, THREE), 0xC800, NONE),  # -8
    ("pow", (MINUS | TWO, MINUS | ONE), MINUS | HALF, NONE),
    ("pow", (0x4880, HALF), THREE, NONE),  # 9 ** 1/2
    ("pow", (0x4400, 0x3E00), 0x4800, NONE),  # 4 ** 3/2
    ("pow", (MINUS | THREE, LARGEST), INF, NX | Flags.OF),
    ("pow", (MINUS | THREE, MINUS | LARGEST), 0, NX | Flags.UF),
    ("pow", (THREE, MINUS | ONE), 0x3555, NX),
    ("exp", (SNAN,), NAN, NV),
    ("sin", (NAN,), NAN, NONE),
]


@pytest.mark.parametrize(("name", "codes", "code", "flags"), ROWS)
def test_special_rows(name: str, codes: tuple[int, ...], code: int, flags: Flags) -> None:
    assert exact.function(name, *codes, fmt="binary16") == (code, flags)


# The same in P3109: Binary8p4se has one = 0x40, infinities 0x7f and 0xff, NaN = 0x80

P3109 = [
    ("atan2", (0x00, 0x00), 0x80, NV),
    ("atan2", (0x7F, 0x7F), 0x80, NV),
    ("atan2", (0xC0, 0x7F), 0x00, NONE),
    ("atan2_pi", (0xC0, 0xFF), 0x40, NONE),  # pi for a negative y
    ("atan2_pi", (0x00, 0xC0), 0x40, NONE),
    ("atan2_pi", (0xFF, 0xC0), 0xB8, NONE),
    ("atan2_pi", (0xC0, 0xC0), 0xBC, NONE),
    ("tan_pi", (0x38,), 0x80, NV),
    ("tan_pi", (0x40,), 0x00, NONE),
    ("sin_pi", (0xC0,), 0x00, NONE),
    ("log", (0x00,), 0xFF, DZ),
    ("log1p", (0xC0,), 0xFF, DZ),
    ("atanh", (0xC0,), 0xFF, DZ),
    ("atanh", (0x40,), 0x7F, DZ),
    ("log2", (0xC0,), 0x80, NV),
    ("pow", (0x80, 0x00), 0x80, NONE),
    ("pow", (0x40, 0x80), 0x80, NONE),
    ("pow", (0x7F, 0x00), 0x40, NONE),
    ("pow", (0x00, 0xC0), 0x80, NV),
    ("silu", (0xFF,), 0x00, NONE),
    ("exp", (0xFF,), 0x00, NONE),
]


@pytest.mark.parametrize(("name", "codes", "code", "flags"), P3109)
def test_special_rows_of_p3109(name: str, codes: tuple[int, ...], code: int, flags: Flags) -> None:
    assert exact.function(name, *codes, fmt="Binary8p4se") == (code, flags)


def test_no_minus_zero_where_the_dialect_has_none() -> None:
    options: dict[str, Any] = {"fmt": "binary16", "dialect": "p3109"}
    assert exact.function("sin", MINUS, **options) == (0, NONE)
    assert exact.function("silu", 0xFBFF, **options) == (0, NX | Flags.UF)
    assert exact.function("silu", 0xFBFF, fmt="binary16") == (MINUS, NX | Flags.UF)


def test_the_nan_is_the_dialects() -> None:
    assert exact.function("exp", 0xFE05, fmt="binary16", dialect="x86") == (0xFE05, NONE)
    assert exact.function("exp", 0xFC05, fmt="binary16", dialect="x86") == (0xFE05, NV)
    assert exact.function("log", MINUS | ONE, fmt="binary16", dialect="x86") == (0xFE00, NV)
    assert exact.function("atan2", 0x7E01, 0x7D02, fmt="binary16", dialect="arm") == (0x7F02, NV)


# Values that are nearly numbers of the format

NEARLY = [
    ("sin", LEAST, 0, LEAST),
    ("tan", LEAST, LEAST, LEAST + 1),
    ("sinh", LEAST, LEAST, LEAST + 1),
    ("atan", 0x0400, 0x03FF, 0x0400),
    ("asin", 0x0400, 0x0400, 0x0401),
    ("tanh", 0x0400, 0x03FF, 0x0400),
    ("expm1", 0x0400, 0x0400, 0x0401),
    ("log1p", 0x0400, 0x03FF, 0x0400),
    ("tanh", LARGEST, 0x3BFF, ONE),
    ("sigmoid", LARGEST, 0x3BFF, ONE),
    ("softplus", LARGEST, LARGEST, INF),
    ("gelu", LARGEST, LARGEST - 1, LARGEST),
    ("gelu_tanh", LARGEST, LARGEST - 1, LARGEST),
    ("silu", LARGEST, LARGEST - 1, LARGEST),
    ("cos", LEAST, 0x3BFF, ONE),
    ("cosh", LEAST, ONE, 0x3C01),
    ("exp", LEAST, ONE, 0x3C01),
    ("exp", MINUS | LEAST, 0x3BFF, ONE),
    ("sigmoid", LEAST, HALF, HALF + 1),
    ("acos_pi", LEAST, 0x37FF, HALF),
    ("atan_pi", LARGEST, 0x37FF, HALF),
    ("expm1", MINUS | LARGEST, 0xBC00, 0xBBFF),
]


@pytest.mark.parametrize(("name", "code", "down", "up"), NEARLY)
def test_directed_rounding_sees_what_is_tiny(name: str, code: int, down: int, up: int) -> None:
    lower, flags = exact.function(name, code, fmt="binary16", rounding="toward_negative")
    upper, more = exact.function(name, code, fmt="binary16", rounding="toward_positive")
    assert (lower, upper) == (down, up)
    assert flags & NX
    assert more & NX


def test_numbers_of_any_size_are_answered() -> None:
    wide = nf.FloatFormat(name="wide", bits=32, precision=16, emin=-(2**14), style=nf.Style.IEEE)
    least, largest = 1, 0x7FFE_FFFF - 0x7FFE_FFFF % 2**15 - 1
    assert exact.decode(largest, wide).magnitude > 2**16000
    for name in UNARY:
        for code in (least, largest):
            code_found, _ = exact.function(name, code, fmt=wide, rounding="toward_zero")
            assert 0 <= code_found < 1 << 32
    assert exact.function("sin", least + 2**16, fmt=wide, rounding="toward_zero") == (2**16, NX)
    assert exact.function("exp", largest, fmt=wide)[1] == Flags.OF | NX


def test_stochastic_rounding_has_its_draw() -> None:
    draws = [
        exact.function(
            "exp2", HALF, fmt="binary16", rounding="stochastic_a", draw=exact.Draw(random_bits, 4)
        )[0]
        for random_bits in range(16)
    ]
    low, high = (
        exact.function("exp2", HALF, fmt="binary16", rounding=mode)[0]
        for mode in ("toward_zero", "toward_positive")
    )
    assert draws == sorted(draws)
    assert set(draws) == {low, high}


def test_operands_and_results_of_other_families() -> None:
    assert exact.function("exp2", 0x10, fmt="uq4.4", result="uq4.4")[0] == 0x20
    assert exact.function("log", 0, fmt="posit8") == (0x80, NONE)
    assert exact.function("atan2", 0x3C00, 0x40, fmt=("binary16", "posit8"), result="binary32") == (
        0x3F490FDB,
        NX,
    )
    wrapped = exact.function("exp", 7, fmt="int8", overflow="wrap")
    assert wrapped == (1097 % 256, Flags.OF | NX)  # e**7 = 1096.6
    with pytest.raises(FormatError, match="residue"):
        exact.function("exp", 30000, fmt="int16", overflow="wrap")


def test_flushed_operands_are_zeros() -> None:
    options: dict[str, Any] = {"fmt": "binary16", "flush_inputs": True}
    assert exact.function("log", LEAST, **options) == (MINUS | INF, DZ)
    assert exact.function("pow", NAN, LEAST, **options) == (ONE, NONE)
    assert exact.function("sin", MINUS | LEAST, **options) == (MINUS, NONE)
    assert exact.function("sin", 0x0400, fmt="binary16", flush_results=True)[0] == 0x0400
    got = exact.function("sin", 0x03FF, fmt="binary16", flush_results=True)
    assert got == (0, NX | Flags.UF)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(FormatError, match="sine"):
        exact.function("sine", 0, fmt="binary16")
    with pytest.raises(FormatError, match="takes 2"):
        exact.function("pow", 0, fmt="binary16")
    with pytest.raises(FormatError, match="lns8_3"):
        exact.function("exp", 0, fmt="lns8_3")
    with pytest.raises(FormatError, match="NaN"):
        exact.function("log", 0xFF, fmt="int8")

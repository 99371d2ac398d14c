"""The digits of elementary functions: against mpmath, at both ends of the range, special rows."""

import itertools
import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest

import numfmt as nf
from numfmt.flags import Flags
from numfmt.functions import constants, series
from numfmt.functions.definitions import FUNCTIONS
from numfmt.functions.evaluation import digits_of, evaluate, reduced
from numfmt.functions.intervals import BOUND, Jammed, jammed_ratio
from numfmt.functions.special_values import Operand, special
from numfmt.params import Kind

mpmath = pytest.importorskip("mpmath")
mp = mpmath.mp

LEADING = 1 << 63
ONES = (1 << 64) - 1

REFERENCE: dict[str, Callable[..., "mpmath.mpf"]] = {
    **{name: getattr(mp, name) for name in ("exp", "sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(mp, name) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")},
    "exp2": lambda x: mp.mpf(2) ** x,
    "exp10": lambda x: mp.mpf(10) ** x,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": mp.log1p,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "sin_pi": mp.sinpi,
    "cos_pi": mp.cospi,
    "tan_pi": lambda x: mp.sinpi(x) / mp.cospi(x),
    "asin_pi": lambda x: mp.asin(x) / mp.pi,
    "acos_pi": lambda x: mp.acos(x) / mp.pi,
    "atan_pi": lambda x: mp.atan(x) / mp.pi,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu_tanh": lambda x: (
        x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf(44715) / 10**6 * x**3)))
    ),
    "atan2": mp.atan2,
    "atan2_pi": lambda y, x: mp.atan2(y, x) / mp.pi,
    "pow": lambda x, y: mp.power(abs(x), y),
}


def datum(x: Fraction | float) -> tuple[Kind, int, Fraction]:
    sign = int(math.copysign(1, x) < 0) if isinstance(x, float) else int(x < 0)
    if isinstance(x, float) and not math.isfinite(x):
        return Kind.NAN if math.isnan(x) else Kind.INFINITY, sign, Fraction(0)
    return Kind.NORMAL if x else Kind.ZERO, sign, abs(Fraction(x))


def number(pair: tuple[int, int]) -> Fraction:
    return Fraction(pair[0]) * Fraction(2) ** pair[1]


def by_mpmath(name: str, operands: tuple[tuple[int, int], ...], precision: int) -> Jammed | None:
    """Return the digits that mpmath finds twice, with more precision the second time.

    None where it cannot tell the result from a number of 63 digits; `EXACT` has some of these.
    """
    found = []
    for bits in (precision, precision + 150):
        with mp.workprec(bits):
            value = REFERENCE[name](*(mp.ldexp(m, e) for m, e in operands))
        if not isinstance(value, mpmath.mpf) or not mp.isfinite(value) or value == 0:
            return None
        sign, m, e, length = value._mpf_
        m, e = int(m) << (bits - length), e - (bits - length)
        drop = bits - 63
        top, rest = m >> drop, m & ((1 << drop) - 1)
        if min(rest, (1 << drop) - rest) < 1 << 100:
            return None
        found.append(Jammed(sign, e + drop - 1, 2 * top + 1))
    return found[0] if found[0] == found[1] else None


RANGES = {"binary16": (11, -24, 16), "bfloat16": (8, -133, 128), "binary32": (24, -149, 128)}


def draw(random_: random.Random, kind: str) -> tuple[int, int]:
    """Return a number m * 2**e of one of the ranges, near 1, or small and round."""
    sign = random_.choice((-1, 1))
    if kind == "near one":
        return sign * ((1 << 60) + random_.choice((-1, 1)) * (1 << random_.randrange(60))), -60
    if kind == "round":
        return sign * random_.randrange(1, 200), random_.choice((-4, -3, -2, -1, 0, 0))
    if kind == "near pi":  # a convergent's multiple, where sin or cos is small
        multiple = int(random_.randrange(1, 1 << 12) * (constants.pi(120).low >> 1))
        drop = max(multiple.bit_length() - random_.choice((24, 53)), 0)
        return sign * (multiple >> drop), drop - 120
    precision, least, most = RANGES.get(kind, (53, -1022, 1024))
    length = random_.randrange(1, precision + 1)
    exponent = random_.randrange(least, most)
    if random_.random() < 0.5:
        exponent = random_.randrange(-6, 7)
    return sign * (random_.getrandbits(length) | 1 | 1 << (length - 1)), exponent - length


@pytest.mark.parametrize("name", FUNCTIONS)
def test_digits_are_mpmaths(name: str) -> None:
    random_ = random.Random(name)
    kinds = [*RANGES, "near one", "round", "near pi"] * 300 + ["binary64"] * 60
    compared = 0
    for kind in kinds:
        operands = tuple(draw(random_, kind) for _ in range(FUNCTIONS[name].operands))
        data = tuple(datum(number(x)) for x in operands)
        rows = tuple(Operand(k, s, *reduced(x)) for k, s, x in data)
        if special(name, rows, False) is not None:
            continue
        kind_, sign, exponent, significand, flags = evaluate(name, data)
        assert (kind_, flags) == (Kind.NORMAL, 0)
        assert LEADING <= significand <= ONES
        sizes = sum(abs(m.bit_length() + e) for m, e in operands) + abs(exponent + 64)
        if sizes > 3000:
            continue
        expected = by_mpmath(name, operands, 500 + 3 * sizes)
        if expected is None:
            continue
        if name == "pow":
            expected = expected._replace(sign=sign)
        assert (sign, exponent, significand) == expected, operands
        compared += 1
    assert compared > 300


def test_every_result_of_binary16_numbers_agrees_with_more_digits() -> None:
    """A table's worth: digits from the first attempt are those of a late one."""
    random_ = random.Random(5)
    for name, definition in FUNCTIONS.items():
        if definition.operands == 2:
            continue
        for _ in range(150):
            m = random_.randrange(1, 1 << 11)
            x = reduced(Fraction(m, 1 << random_.randrange(4, 20)))
            if special(name, (Operand(Kind.NORMAL, 0, *x),), False) is not None:
                continue
            if definition.exact(*x) is not None:
                continue
            low, high = definition.enclosure(*x, 400).ends
            found = digits_of(name, (x,))
            value = number((found.significand, found.exponent)) * (-1) ** found.sign
            assert found.significand & 1
            unit = Fraction(2) ** found.exponent
            assert value - unit <= low <= high <= value + unit


@pytest.mark.parametrize("p", [128, 192, 448])
def test_series_hold_the_function(p: int) -> None:
    random_ = random.Random(p)
    with mp.workprec(3 * p):
        for _ in range(100):
            r, top = random_.getrandbits(p), random_.getrandbits(p)
            r >>= random_.choice((0, 0, 4, 30))
            x, one = mp.ldexp(r, -p), 1 << p

            def inside(low: int, value: "mpmath.mpf", high: int) -> bool:
                return bool(low <= mp.ldexp(value, p) <= high)

            low, high = series.exp(r, p)
            assert inside(low, mp.exp(x), high)
            low, high = series.log(one + r, p)
            assert inside(low, mp.log1p(x), high)
            sine, cosine, off = series.sine_and_cosine(r, p)
            assert inside(sine - off, mp.sin(x), sine + off)
            assert inside(cosine - off, mp.cos(x), cosine + off)
            small, large = sorted((r, top | 1))
            low, high = series.atan(small, large, p)
            assert inside(low, mp.atan(mp.mpf(small) / large), high)


@pytest.mark.parametrize("p", [64, 100, 1000, 5000])
def test_constants_hold_their_numbers(p: int) -> None:
    with mp.workprec(2 * p + 64):
        values = (
            (constants.pi(p), mp.pi),
            (constants.ln2(p), mp.log(2)),
            (constants.ln10(p), mp.log(10)),
            (constants.root_of_two_pi(p), mp.sqrt(2 * mp.pi)),
            (constants.twice_root_of_two_over_pi(p), mp.sqrt(8 / mp.pi)),
        )
        for interval, value in values:
            assert interval.low <= mp.ldexp(+value, p) <= interval.high
            assert interval.high - interval.low <= 4
        table, digits = constants.two_over_pi(p)
        assert digits >= p
    with mp.workprec(4 * digits):
        assert table <= mp.ldexp(2 / mp.pi, digits) < table + 2


BELOW, ABOVE = -1, 1
TINY_NUMBERS = [(1, -1000), (3, -1100), ((1 << 52) + 1, -1126), (1, -(1 << 20)), (7, -(1 << 19))]


def beside(m: int, e: int, direction: int) -> Jammed:
    """Return the digits of numbers just below or above m * 2**e in magnitude."""
    length = abs(m).bit_length()
    significand, exponent = abs(m) << (64 - length), e + length - 64
    if direction == ABOVE:
        return Jammed(int(m < 0), exponent, significand + 1)
    if significand == LEADING:
        return Jammed(int(m < 0), exponent - 1, ONES)
    return Jammed(int(m < 0), exponent, significand - 1)


@pytest.mark.parametrize(("m", "e"), TINY_NUMBERS)
@pytest.mark.parametrize("sign", [-1, 1])
def test_tiny_arguments_are_just_beside_their_limits(m: int, e: int, sign: int) -> None:
    x = (sign * m, e)
    for name in ("sin", "tanh", "atan", "asinh"):
        assert digits_of(name, (x,)) == beside(*x, BELOW), name
    for name in ("tan", "sinh", "asin", "atanh"):
        assert digits_of(name, (x,)) == beside(*x, ABOVE), name
    assert digits_of("expm1", (x,)) == beside(*x, sign)
    assert digits_of("log1p", (x,)) == beside(*x, -sign)
    for name in ("exp", "exp2", "exp10"):
        assert digits_of(name, (x,)) == beside(1, 0, sign), name
    assert digits_of("sigmoid", (x,)) == beside(1, -1, sign)
    assert digits_of("acos_pi", (x,)) == beside(1, -1, -sign)
    for name in ("silu", "gelu", "gelu_tanh"):
        assert digits_of(name, (x,)) == beside(sign * m, e - 1, sign), name
    assert digits_of("cos", (x,)) == digits_of("cos_pi", (x,)) == beside(1, 0, BELOW)
    assert digits_of("cosh", (x,)) == beside(1, 0, ABOVE)
    assert digits_of("pow", ((3, 0), x)) == beside(1, 0, sign)
    assert digits_of("atan2", (x, (1, 0))) == beside(*x, BELOW)
    assert digits_of("atan2_pi", ((1, 0), x)) == beside(1, -1, -sign)
    assert digits_of("atan2_pi", (x, (-1, 0))) == beside(sign, 0, BELOW)
    pi = digits_of("acos", ((1, -3000),))
    assert digits_of("acos", (x,)) == digits_of("atan2", ((1, 0), x)) == pi
    if m == 1:
        pi = pi._replace(sign=int(sign < 0), exponent=e - 62)
        assert digits_of("sin_pi", (x,)) == digits_of("tan_pi", (x,)) == pi


@pytest.mark.parametrize("e", [10, 127, 1023, 1 << 15, 1 << 20])
def test_large_arguments_saturate_with_a_sticky_digit(e: int) -> None:
    for name in ("tanh", "sigmoid"):
        assert digits_of(name, ((1, e),)) == beside(1, 0, BELOW)
    assert digits_of("expm1", ((-1, e),)) == beside(-1, 0, BELOW)
    for name in ("silu", "gelu", "gelu_tanh"):
        assert digits_of(name, ((5, e),)) == beside(5, e, BELOW)
    assert digits_of("softplus", ((5, e),)) == beside(5, e, ABOVE)
    if e < 127:
        return
    huge, tiny = Jammed(0, 1 << 22, LEADING | 1), Jammed(0, -(1 << 22), LEADING | 1)
    for name in ("exp", "exp2", "exp10", "expm1", "sinh", "cosh"):
        assert digits_of(name, ((1, e),)) == huge
    for name in ("exp", "exp2", "exp10", "sigmoid", "softplus"):
        assert digits_of(name, ((-1, e),)) == tiny
    for name in ("silu", "gelu", "gelu_tanh"):
        assert digits_of(name, ((-1, e),)) == tiny._replace(sign=1)
    assert digits_of("sinh", ((-1, e),)) == huge._replace(sign=1)
    assert digits_of("pow", ((3, -1), (1, e))) == digits_of("pow", ((1, 1), (1, e))) == huge
    assert digits_of("pow", ((1, -1), (1, e))) == digits_of("pow", ((3, 0), (-1, e))) == tiny
    assert digits_of("atan_pi", ((1, e),)) == beside(1, -1, BELOW)


def test_the_bound_is_where_results_are_still_computed() -> None:
    for name, x in (("exp2", BOUND - 1), ("exp2", 1 - BOUND)):
        assert digits_of(name, ((x, 0),)) == Jammed(0, x - 63, LEADING)
    found = digits_of("exp2", ((2 * BOUND - 1, -1),))
    assert found.exponent == BOUND - 1 - 63
    with mp.workprec(80):
        assert found.significand == int(mp.ldexp(mp.sqrt(2), 63)) | 1


def test_circular_functions_of_huge_numbers() -> None:
    for m, e in ((1, 127), (1, 1023), (0x16AC5B262CA1FF, 797), (1, 40000), (-5, 100000)):
        with mp.workprec(e + 400):
            x = mp.ldexp(m, e)
            values = {"sin": mp.sin(x), "cos": mp.cos(x), "tan": mp.tan(x)}
        for name, value in values.items():
            found = digits_of(name, ((m, e),))
            with mp.workprec(e + 400):
                exact = mp.ldexp((-1) ** found.sign * found.significand, found.exponent)
                assert abs(exact - value) < mp.ldexp(1, found.exponent), (name, m, e)


EXACT = [
    ("exp2", -7, Fraction(1, 128)),
    ("exp10", 5, 100000),
    ("exp10", 27, 10**27),
    ("exp10", -3, Fraction(1, 1000)),
    ("log2", Fraction(1, 1 << 30), -30),
    ("log10", 1000, 3),
    ("log10", 10**27, 27),
    ("sin_pi", Fraction(-3, 2), 1),
    ("sin_pi", Fraction(5, 2), 1),
    ("cos_pi", 3, -1),
    ("cos_pi", -1 << 60, 1),
    ("tan_pi", Fraction(3, 4), -1),
    ("tan_pi", Fraction(-7, 4), 1),
    ("asin_pi", Fraction(-1, 2), Fraction(-1, 6)),
    ("asin_pi", 1, Fraction(1, 2)),
    ("acos_pi", Fraction(1, 2), Fraction(1, 3)),
    ("acos_pi", Fraction(-1, 2), Fraction(2, 3)),
    ("acos_pi", -1, 1),
    ("atan_pi", -1, Fraction(-1, 4)),
    ("atan2_pi", (3, -3), Fraction(3, 4)),
    ("atan2_pi", (-3, 3), Fraction(-1, 4)),
    ("pow", (Fraction(9, 4), Fraction(-1, 2)), Fraction(2, 3)),
    ("pow", (Fraction(9, 4), Fraction(3, 2)), Fraction(27, 8)),
    ("pow", (Fraction(81, 16), Fraction(3, 4)), Fraction(27, 8)),
    ("pow", (-3, 3), -27),
    ("pow", (-3, -3), Fraction(-1, 27)),
    ("pow", (-2, -1074), Fraction(1, 1 << 1074)),
    ("pow", (-1, (1 << 60) + 1), -1),
    ("pow", (3, 40), 3**40),
    ("pow", (3, 41), 3**41),
    ("pow", (Fraction(3, 8), 101), Fraction(3, 8) ** 101),
    ("pow", ((1 << 31) + 1, 2), ((1 << 31) + 1) ** 2),
    ("pow", (1 - Fraction(1, 1 << 200), 3), (1 - Fraction(1, 1 << 200)) ** 3),
]


@pytest.mark.parametrize(("name", "operands", "result"), EXACT)
def test_rational_results(name: str, operands: object, result: Fraction | int) -> None:
    numbers = operands if isinstance(operands, tuple) else (operands,)
    found = evaluate(name, tuple(datum(Fraction(x)) for x in numbers))
    result = Fraction(result)
    assert found[1:4] == jammed_ratio(result.numerator, result.denominator)


def as_float(found: tuple[Kind, int, int, int, Flags]) -> float:
    kind, sign, exponent, significand, _ = found
    value = {Kind.ZERO: 0.0, Kind.INFINITY: math.inf, Kind.NAN: math.nan}.get(kind)
    if value is None:
        value = math.ldexp(significand, exponent)
    return math.copysign(value, -1.0 if sign else 1.0)


ROWS = (-math.inf, -3.5, -3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 3.5, math.inf)


def same(x: float, y: float) -> bool:
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    near = x == y or (math.isfinite(x) and math.isclose(x, y, rel_tol=1e-14))
    return near and math.copysign(1, x) == math.copysign(1, y)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if hasattr(math, name)])
def test_special_rows_are_those_of_c(name: str) -> None:
    function = getattr(math, name)
    operands = FUNCTIONS[name].operands
    values = (*ROWS, math.nan)
    for row in (
        [(x,) for x in values] if operands == 1 else [(x, y) for x in values for y in values]
    ):
        found = evaluate(name, tuple(datum(x) for x in row))
        invalid = pole = False
        try:
            expected = function(*row)
        except (ValueError, ZeroDivisionError):  # Python's word for both
            expected = as_float(found)
            invalid, pole = found[4] == Flags.NV, found[4] == Flags.DZ
            assert (invalid and found[0] is Kind.NAN) or (pole and found[0] is Kind.INFINITY)
        assert same(as_float(found), expected), row
        assert bool(found[4]) == (invalid or pole), row


PI_ROWS = [
    ("sin_pi", 3.0, 0.0, 0),
    ("sin_pi", -3.0, -0.0, 0),
    ("sin_pi", -2.0, -0.0, 0),
    ("cos_pi", -2.5, 0.0, 0),
    ("cos_pi", -0.0, 1.0, 0),
    ("tan_pi", 2.0, 0.0, 0),
    ("tan_pi", 3.0, -0.0, 0),
    ("tan_pi", -2.0, -0.0, 0),
    ("tan_pi", -3.0, 0.0, 0),
    ("tan_pi", 0.5, math.inf, Flags.DZ),
    ("tan_pi", 1.5, -math.inf, Flags.DZ),
    ("tan_pi", -0.5, -math.inf, Flags.DZ),
    ("tan_pi", -1.5, math.inf, Flags.DZ),
    ("tan_pi", math.inf, math.nan, Flags.NV),
    ("acos_pi", 1.0, 0.0, 0),
    ("acos_pi", 0.0, 0.5, 0),
    ("atan_pi", -math.inf, -0.5, 0),
    ("exp10", -math.inf, 0.0, 0),
    ("log10", -0.0, -math.inf, Flags.DZ),
    ("log1p", -1.0, -math.inf, Flags.DZ),
    ("atanh", -1.0, -math.inf, Flags.DZ),
    ("sigmoid", -math.inf, 0.0, 0),
    ("sigmoid", -0.0, 0.5, 0),
    ("softplus", -math.inf, 0.0, 0),
    ("softplus", 0.0, math.log(2), 0),
    ("silu", -math.inf, -0.0, 0),
    ("gelu", -math.inf, -0.0, 0),
    ("gelu_tanh", -0.0, -0.0, 0),
]


@pytest.mark.parametrize(("name", "x", "result", "flags"), PI_ROWS)
def test_special_rows_of_ieee_754(name: str, x: float, result: float, flags: int) -> None:
    found = evaluate(name, (datum(x),))
    assert same(as_float(found), result)
    assert found[4] == flags


def test_atan2_pi_is_atan2_over_pi_in_every_special_row() -> None:
    for y in ROWS:
        for x in ROWS:
            ours = as_float(evaluate("atan2_pi", (datum(y), datum(x))))
            assert same(ours, math.atan2(y, x) / math.pi), (y, x)


P3109_ROWS = [
    ("sin", (-0.0,), 0.0),
    ("log", (-0.0,), -math.inf),
    ("log", (-1.0,), math.nan),
    ("exp", (-math.inf,), 0.0),
    ("tan_pi", (0.5,), math.nan),
    ("tan_pi", (3.0,), 0.0),
    ("sin_pi", (-3.0,), 0.0),
    ("atanh", (1.0,), math.inf),
    ("silu", (-math.inf,), 0.0),
    ("atan2", (0.0, 0.0), math.nan),
    ("atan2", (math.inf, math.inf), math.nan),
    ("atan2", (-1.0, math.inf), 0.0),
    ("atan2", (-1.0, -math.inf), math.pi),
    ("atan2", (-0.0, -1.0), math.pi),
    ("atan2", (-math.inf, 3.0), -math.pi / 2),
    ("atan2", (-2.0, 0.0), -math.pi / 2),
    ("atan2_pi", (-1.0, -math.inf), 1.0),
    ("atan2_pi", (1.0, -1.0), 0.75),
    ("pow", (math.nan, 0.0), math.nan),
    ("pow", (1.0, math.nan), math.nan),
    ("pow", (2.0, 0.0), 1.0),
    ("pow", (-math.inf, -3.0), 0.0),
    ("pow", (-0.0, -1.0), math.nan),
]


@pytest.mark.parametrize(("name", "operands", "result"), P3109_ROWS)
def test_special_rows_of_p3109(name: str, operands: tuple[float, ...], result: float) -> None:
    found = evaluate(name, tuple(datum(x) for x in operands), True)
    assert same(as_float(found), result)


def test_p3109_never_gives_a_negative_zero() -> None:
    for name, definition in FUNCTIONS.items():
        for row in itertools.product(ROWS, repeat=definition.operands):
            kind, sign, *_ = evaluate(name, tuple(datum(x) for x in row), True)
            assert kind is not Kind.ZERO or sign == 0, (name, row)


def test_a_number_that_is_no_multiple_of_a_power_of_2_is_refused() -> None:
    with pytest.raises(nf.FormatError, match="1/3 is no multiple"):
        evaluate("exp", ((Kind.NORMAL, 0, Fraction(1, 3)),))

"""Elementary functions where the value is exact, infinite, or none: IEEE 754-2019, 9.2.1, as rows.

Where the dialect knows no -0 (`zero_sign` is plus) the rows are those of IEEE P3109 4.0, 4.10;
functions that it lacks follow IEEE. A case is a `Datum` and flags, or a multiple of pi; where there
is none the value is irrational, or so long that no format has it or a tie near it.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from ..dialects import Dialect, DivideByZero, ZeroSign
from ..flags import Flags
from ..params import Kind
from .data import Datum, scaled
from .enclosures import HALF
from .extended import INFINITY, NAN, ONE, ZERO, is_infinite, is_nan, is_zero, negate, number
from .rounding import floor_log2


class Found(NamedTuple):
    """An exact result; `flags` are those that its projection does not raise."""

    value: Datum
    flags: Flags = Flags(0)


class Turn(NamedTuple):
    """A multiple of pi."""

    multiple: Fraction


Case = Found | Turn | None

LONG = 1 << 16  # digits of a power that are computed

INVALID = Found(NAN, Flags.NV)
MINUS_INFINITY = negate(INFINITY)
MINUS_ONE = negate(ONE)
MINUS_ZERO = negate(ZERO)


def _exact(value: Fraction | int, sign_of_zero: int = 0) -> Found:
    return Found(number(Fraction(value), sign_of_zero))


def _infinity(sign: int) -> Found:
    return Found(Datum(Kind.INFINITY, sign))


def _zero(sign: int) -> Found:
    return Found(Datum(Kind.ZERO, sign))


def own_pole(sign: int) -> Found:
    """Return an infinity that belongs to a function of finite operands: log(0)."""
    return Found(Datum(Kind.INFINITY, sign), Flags.DZ)


def pole(sign: int, dialect: Dialect) -> Found:
    """Return what 1/0 is, in functions that are quotients there."""
    return INVALID if dialect.divide_by_zero is DivideByZero.NAN else own_pole(sign)


# Results at -inf and +inf.
AT_INFINITY: dict[str, tuple[Case, Case]] = {
    **dict.fromkeys(("exp", "exp2", "exp10", "softplus"), (_zero(0), _infinity(0))),
    "expm1": (Found(MINUS_ONE), _infinity(0)),
    **dict.fromkeys(("log", "log2", "log10", "log1p", "acosh"), (INVALID, _infinity(0))),
    **dict.fromkeys(("sin", "cos", "tan", "sin_pi", "cos_pi", "tan_pi"), (INVALID, INVALID)),
    **dict.fromkeys(("asin", "acos", "asin_pi", "acos_pi", "atanh"), (INVALID, INVALID)),
    "atan": (Turn(-HALF), Turn(HALF)),
    "atan_pi": (_exact(-HALF), _exact(HALF)),
    **dict.fromkeys(("sinh", "asinh"), (_infinity(1), _infinity(0))),
    "cosh": (_infinity(0), _infinity(0)),
    "tanh": (Found(MINUS_ONE), Found(ONE)),
    "sigmoid": (_zero(0), Found(ONE)),
    **dict.fromkeys(("silu", "gelu", "gelu_tanh"), (_zero(1), _infinity(0))),
}

# Results at zeros; the others are the zero itself, with its sign.
AT_ZERO: dict[str, Case] = {
    **dict.fromkeys(("exp", "exp2", "exp10", "cos", "cos_pi", "cosh"), Found(ONE)),
    **dict.fromkeys(("log", "log2", "log10"), own_pole(1)),
    **dict.fromkeys(("softplus", "acos"), None),
    "acos_pi": _exact(HALF),
    "acosh": INVALID,
    "sigmoid": _exact(HALF),
}


def unary(name: str, x: Datum, dialect: Dialect, reach: int) -> Case:
    """Return the case of an operand that is not NaN."""
    if is_infinite(x):
        return AT_INFINITY[name][0 if x.sign else 1]
    if is_zero(x):
        return AT_ZERO.get(name, Found(x))
    if name == "tan_pi":
        return _tan_pi(x.value, dialect)
    return FINITE[name](x.value, reach) if name in FINITE else None


def _exp2(x: Fraction, reach: int) -> Case:
    short = x.denominator == 1 and abs(x) <= 4 * reach
    return _exact(scaled(1, int(x))) if short else None


def _exp10(x: Fraction, reach: int) -> Case:
    short = x.denominator == 1 and abs(x) <= reach
    return _exact(Fraction(10) ** int(x)) if short else None


def _log(x: Fraction, reach: int) -> Case:
    del reach
    return INVALID if x < 0 else _exact(0) if x == 1 else None


def _log2(x: Fraction, reach: int) -> Case:
    if x < 0:
        return INVALID
    exponent = floor_log2(x)
    return _exact(exponent) if x == scaled(1, exponent) else _log(x, reach)


def _log10(x: Fraction, reach: int) -> Case:
    n = x.numerator
    k = (n & -n).bit_length() - 1  # 10**k has k zeros at its end, in binary too
    if x.denominator == 1 and 0 < 3 * k < n.bit_length() and x == 10**k:
        return _exact(k)
    return _log(x, reach)


def _log1p(x: Fraction, reach: int) -> Case:
    del reach
    return INVALID if x < -1 else own_pole(1) if x == -1 else None


def _sin_pi(x: Fraction, reach: int) -> Case:
    """Return 0 of the sign of x at integers, and 1 or -1 between them."""
    del reach
    twice = 2 * x
    if twice.denominator > 1:
        return None
    return _exact((0, 1, 0, -1)[int(twice) % 4], int(x < 0))


def _cos_pi(x: Fraction, reach: int) -> Case:
    """Return +0 between integers, and 1 or -1 at them."""
    del reach
    twice = 2 * x
    return _exact((1, 0, -1, 0)[int(twice) % 4]) if twice.denominator == 1 else None


def _tan_pi(x: Fraction, dialect: Dialect) -> Case:
    """Return the quotient of the exact sine and cosine at multiples of 1/4.

    At n it is +0 for n positive and even or negative and odd, else -0; at n + 1/2 it is +inf for
    even n and -inf for odd n.
    """
    quarters = 4 * x
    if quarters.denominator > 1:
        return None
    place = int(quarters) % 4
    if place in (1, 3):
        return _exact(1 if place == 1 else -1)
    if place == 0:
        return _zero(int(x < 0) ^ int(x % 2 != 0))
    return pole(int((x - HALF) % 2 != 0), dialect)


def _arc(exact: dict[Fraction, Fraction]) -> Callable[[Fraction, int], Case]:
    """Return the cases of a function on [-1, 1], rational at what is given."""

    def case(x: Fraction, reach: int) -> Case:
        del reach
        if abs(x) > 1:
            return INVALID
        return _exact(exact[x]) if x in exact else None

    return case


def _acosh(x: Fraction, reach: int) -> Case:
    del reach
    return INVALID if x < 1 else _exact(0) if x == 1 else None


def _atan_pi(x: Fraction, reach: int) -> Case:
    del reach
    return _exact(x / 4) if abs(x) == 1 else None


def _atanh(x: Fraction, reach: int) -> Case:
    del reach
    return INVALID if abs(x) > 1 else own_pole(int(x < 0)) if abs(x) == 1 else None


_ARCSINES = {Fraction(n, 2): Fraction(m, 6) for n, m in ((-2, -3), (-1, -1), (1, 1), (2, 3))}

# Cases of finite operands other than 0.
FINITE: dict[str, Callable[[Fraction, int], Case]] = {
    "exp2": _exp2,
    "exp10": _exp10,
    "log": _log,
    "log2": _log2,
    "log10": _log10,
    "log1p": _log1p,
    "sin_pi": _sin_pi,
    "cos_pi": _cos_pi,
    "asin": _arc({}),
    "acos": _arc({Fraction(1): Fraction(0)}),
    "asin_pi": _arc(_ARCSINES),
    "acos_pi": _arc({x: HALF - y for x, y in _ARCSINES.items()}),
    "atan_pi": _atan_pi,
    "acosh": _acosh,
    "atanh": _atanh,
}


def angle(y: Datum, x: Datum, dialect: Dialect) -> Case:
    """Return atan2_pi(y, x) where it is rational, and atan2(y, x) over pi there."""
    if dialect.zero_sign is ZeroSign.PLUS:
        return _p3109_angle(y, x)
    if is_infinite(y):
        quarters = (3 if x.sign else 1) if is_infinite(x) else 2
    elif is_zero(y) or is_infinite(x):
        quarters = 4 if x.sign else 0
    elif is_zero(x):
        quarters = 2
    elif abs(y.value) == abs(x.value):
        quarters = 3 if x.sign else 1
    else:
        return None
    return _exact(Fraction(-quarters if y.sign else quarters, 4), y.sign)


def _p3109_angle(y: Datum, x: Datum) -> Case:
    """Return the first row that matches (P3109 4.0, ArcTan2)."""
    if (is_zero(y) and is_zero(x)) or (is_infinite(y) and is_infinite(x)):
        return INVALID
    if is_infinite(x):
        return _exact(1 if x.sign else 0)  # also for negative y
    if is_zero(y):
        return _exact(1 if x.sign else 0)
    if is_infinite(y) or is_zero(x):
        return _exact(-HALF if y.sign else HALF)
    if abs(y.value) == abs(x.value):
        quarters = 3 if x.sign else 1
        return _exact(Fraction(-quarters if y.sign else quarters, 4))
    return None


def atan2(y: Datum, x: Datum, dialect: Dialect) -> Case:
    """Return the case of atan2: a multiple of pi, a zero, or invalid."""
    found = angle(y, x, dialect)
    if isinstance(found, Found) and found.value.finite and not is_zero(found.value):
        return Turn(found.value.value)
    return found


def is_one_whatever(x: Datum, y: Datum, dialect: Dialect) -> bool:
    """Return whether x**y is 1 even if the other is a quiet NaN: x is 1 or y is 0."""
    if dialect.zero_sign is ZeroSign.PLUS and is_nan(x, y):
        return False
    return is_zero(y) or (x.finite and x.value == 1)


def pow_(x: Datum, y: Datum, dialect: Dialect, reach: int) -> Case:
    """Return the case of x**y, neither of them NaN."""
    if is_one_whatever(x, y, dialect):
        return Found(ONE)
    integer = y.finite and y.value.denominator == 1
    odd = integer and y.value % 2 == 1
    sign = x.sign if odd else 0
    if is_zero(x):
        if not y.sign:
            return _zero(sign)
        return _infinity(0) if is_infinite(y) else pole(sign, dialect)
    if is_infinite(x):
        return _zero(sign) if y.sign else _infinity(sign)
    if is_infinite(y):
        if x.magnitude == 1:
            return Found(ONE)
        return _infinity(0) if (x.magnitude > 1) != bool(y.sign) else _zero(0)
    if x.sign and not integer:
        return INVALID
    found = rational_power(x.magnitude, y.value, reach)
    return None if found is None else _exact(-found if sign else found)


def rational_power(x: Fraction, y: Fraction, reach: int) -> Fraction | None:
    """Return x**y of dyadic numbers, x > 0, where it is rational and not too long.

    y is n / 2**k, so k square roots must come out even. An odd factor m of x has m**abs(n) digits
    that no format drops: where they are many, the value is near no value or tie of a format.
    """
    if x == 1:
        return x
    for _ in range(y.denominator.bit_length() - 1):
        root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
        if root * root != x:
            return None
        x = root
    n = y.numerator
    odd = max(x.numerator >> (x.numerator & -x.numerator).bit_length() - 1, 1)
    if odd > 1 and abs(n) * odd.bit_length() > LONG:
        return None
    if abs(n) * abs(floor_log2(x)) > 4 * reach:
        return None
    return x**n

"""Bounds of elementary functions at exact rationals where the value is irrational.

Formulas are chosen so that where a value is near a number that formats hold (tanh x near 1,
softplus x near x), the bounds are that number and bounds of the difference, never rounded together.
"""

from collections.abc import Callable
from fractions import Fraction

from .intervals import (
    Effort,
    Interval,
    arctangent,
    cosine_of,
    exp,
    exp_minus_one,
    interval,
    ln2,
    log,
    log_one_plus,
    normal_tail,
    pi,
    sine_of,
    square_root,
    through,
)
from .rounding import floor_log2

HALF = Fraction(1, 2)


def _softplus(x: Fraction, effort: Effort) -> Interval:
    """Return max(x, 0) + ln(1 + e**-abs(x))."""
    return through(log_one_plus, exp(-abs(x), effort), effort) + max(x, Fraction(0))


def _quarter(x: Fraction, effort: Effort) -> tuple[int, Interval]:
    """Return q and bounds of x - q pi/2, at most about pi/4."""
    if abs(x) < Fraction(3, 4):
        return 0, interval(x)
    whole = max(0, floor_log2(abs(x)))
    half_pi = pi(effort, whole) * HALF
    q = round(x / half_pi.low)
    return q, interval(x) - half_pi * q


def _quarter_of_turn(x: Fraction, effort: Effort) -> tuple[int, Interval]:
    """Return q and bounds of pi * x - q pi/2."""
    q = round(2 * x)
    return q, pi(effort) * (x - q * HALF)


def _sine(q: int, rest: Interval, effort: Effort) -> Interval:
    """Return the sine of q right angles and a rest."""
    found = cosine_of(rest, effort) if q % 2 else sine_of(rest, effort)
    return -found if q % 4 >= 2 else found


def _tangent(q: int, rest: Interval, effort: Effort) -> Interval | None:
    over, under = _sine(q, rest, effort), _sine(q + 1, rest, effort)
    return None if under.low <= 0 <= under.high else over / under


def _arcsine(x: Fraction, effort: Effort) -> Interval:
    """Return arctan(x / sqrt(1 - x**2))."""
    if abs(x) == 1:
        return pi(effort) * (x * HALF)
    return through(arctangent, interval(x) / square_root(1 - x * x, effort), effort)


def _arccosine(x: Fraction, effort: Effort) -> Interval:
    """Return 2 arctan(sqrt((1-x) / (1+x)))."""
    if x == -1:
        return pi(effort)
    return through(arctangent, square_root((1 - x) / (1 + x), effort), effort) * 2


def _arctangent_pi(x: Fraction, effort: Effort) -> Interval:
    if abs(x) <= 1:
        return arctangent(x, effort) / pi(effort)
    return -(arctangent(1 / x, effort) / pi(effort)) + (HALF if x > 0 else -HALF)


def _of_exp_minus_one(x: Fraction, effort: Effort, f: Callable[[Fraction], Fraction]) -> Interval:
    """Return an increasing rational function of e**x - 1."""
    e = exp_minus_one(x, effort)
    return Interval(f(e.low), f(e.high))


def _odd(x: Fraction, at_magnitude: Interval) -> Interval:
    return -at_magnitude if x < 0 else at_magnitude


def _sinh(x: Fraction, effort: Effort) -> Interval:
    """Return (e**a - e**-a) / 2, a the magnitude, with the sign of x."""
    a = abs(x)
    if a > effort.digits:  # e**-a is far below the last digit
        return _odd(x, exp(a, effort) * HALF + Interval(Fraction(-1), Fraction(0)))
    return _odd(x, _of_exp_minus_one(a, effort, lambda e: (1 + e - 1 / (1 + e)) / 2))


def _cosh(x: Fraction, effort: Effort) -> Interval:
    a = abs(x)
    if a > effort.digits:
        return exp(a, effort) * HALF + Interval(Fraction(0), Fraction(1))
    return _of_exp_minus_one(a, effort, lambda e: (1 + e + 1 / (1 + e)) / 2)


def _tanh(x: Fraction, effort: Effort) -> Interval:
    return _odd(x, _of_exp_minus_one(2 * abs(x), effort, lambda e: e / (e + 2)))


def _asinh(x: Fraction, effort: Effort) -> Interval:
    """Return ln(1 + a + a**2 / (1 + sqrt(1 + a**2))), a the magnitude."""
    a = abs(x)
    rest = interval(a * a) / (square_root(1 + a * a, effort) + 1)
    return _odd(x, through(log_one_plus, rest + a, effort))


def _acosh(x: Fraction, effort: Effort) -> Interval:
    """Return ln(1 + t + sqrt(t (t + 2))), t = x - 1."""
    t = x - 1
    return through(log_one_plus, square_root(t * (t + 2), effort) + t, effort)


def _atanh(x: Fraction, effort: Effort) -> Interval:
    a = abs(x)
    return _odd(x, log_one_plus(2 * a / (1 - a), effort) * HALF)


def _sigmoid(x: Fraction, effort: Effort) -> Interval:
    return _of_exp_minus_one(x, effort, lambda e: (e + 1) / (e + 2))


def _gelu(x: Fraction, effort: Effort) -> Interval:
    """Return x Phi(x) = max(x, 0) - abs(x) Phi(-abs(x))."""
    return -(normal_tail(abs(x), effort) * abs(x)) + max(x, Fraction(0))


def _gelu_tanh(x: Fraction, effort: Effort) -> Interval:
    """Return x sigmoid(2t), t = sqrt(2/pi) (x + 0.044715 x**3): (1 + tanh t) / 2 = sigmoid 2t."""
    root = through(square_root, interval(8) / pi(effort), effort)
    twice = root * (x + Fraction(44715, 10**6) * x**3)
    return through(_sigmoid, twice, effort) * x


Function = Callable[[Fraction, Effort], Interval | None]

UNARY: dict[str, Function] = {
    "exp": exp,
    "exp2": lambda x, n: through(exp, ln2(n) * x, n),
    "exp10": lambda x, n: through(exp, log(Fraction(10), n) * x, n),
    "expm1": exp_minus_one,
    "log": log,
    "log2": lambda x, n: log(x, n) / ln2(n),
    "log10": lambda x, n: log(x, n) / log(Fraction(10), n),
    "log1p": log_one_plus,
    "softplus": _softplus,
    "sin": lambda x, n: _sine(*_quarter(x, n), n),
    "cos": lambda x, n: _sine(_quarter(x, n)[0] + 1, _quarter(x, n)[1], n),
    "tan": lambda x, n: _tangent(*_quarter(x, n), n),
    "sin_pi": lambda x, n: _sine(*_quarter_of_turn(x, n), n),
    "cos_pi": lambda x, n: _sine(_quarter_of_turn(x, n)[0] + 1, _quarter_of_turn(x, n)[1], n),
    "tan_pi": lambda x, n: _tangent(*_quarter_of_turn(x, n), n),
    "asin": _arcsine,
    "acos": _arccosine,
    "atan": arctangent,
    "asin_pi": lambda x, n: _arcsine(x, n) / pi(n),
    "acos_pi": lambda x, n: -(_arcsine(x, n) / pi(n)) + HALF,
    "atan_pi": _arctangent_pi,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
    "sigmoid": _sigmoid,
    "silu": lambda x, n: _sigmoid(x, n) * x,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
}

ONE = Fraction(1)
# f(x) = a x + c x**k, c strictly between two numbers, for nonzero abs(x) < 2**-16: next terms of
# the series change c by less than the room that its rounding outward leaves.
NEAR_ZERO = {
    "expm1": (ONE, 2, Fraction(49, 100), Fraction(51, 100)),
    "log1p": (ONE, 2, Fraction(-51, 100), Fraction(-49, 100)),
    "sin": (ONE, 3, Fraction(-17, 100), Fraction(-16, 100)),
    "tan": (ONE, 3, Fraction(33, 100), Fraction(34, 100)),
    "asin": (ONE, 3, Fraction(16, 100), Fraction(17, 100)),
    "atan": (ONE, 3, Fraction(-34, 100), Fraction(-33, 100)),
    "sinh": (ONE, 3, Fraction(16, 100), Fraction(17, 100)),
    "tanh": (ONE, 3, Fraction(-34, 100), Fraction(-33, 100)),
    "asinh": (ONE, 3, Fraction(-17, 100), Fraction(-16, 100)),
    "atanh": (ONE, 3, Fraction(33, 100), Fraction(34, 100)),
    "silu": (HALF, 2, Fraction(24, 100), Fraction(26, 100)),
    "gelu": (HALF, 2, Fraction(39, 100), Fraction(40, 100)),
    "gelu_tanh": (HALF, 2, Fraction(39, 100), Fraction(40, 100)),
}


def unary(name: str, x: Fraction, effort: Effort) -> Interval | None:
    """Return bounds of a function, or None where these digits do not do."""
    if name in NEAR_ZERO and floor_log2(abs(x)) < -max(effort.digits, 16):
        a, k, least, most = NEAR_ZERO[name]
        return Interval(least, most) * x**k + a * x
    return UNARY[name](x, effort)


def atan2(y: Fraction, x: Fraction, effort: Effort) -> Interval | None:
    """Return bounds of the angle of the point (x, y), neither of them 0."""
    angle = unary("atan", abs(y / x), effort)
    if angle is not None and x < 0:
        angle = pi(effort) - angle
    return None if angle is None else _odd(y, angle)


def atan2_pi(y: Fraction, x: Fraction, effort: Effort) -> Interval:
    """Return bounds of the same angle over pi."""
    angle = _arctangent_pi(abs(y / x), effort)
    return _odd(y, angle if x > 0 else -angle + 1)


def power(x: Fraction, y: Fraction, effort: Effort) -> Interval:
    """Return bounds of x**y, x > 0 and not 1."""
    return through(exp, log(x, effort) * y, effort)


BINARY: dict[str, Callable[[Fraction, Fraction, Effort], Interval | None]] = {
    "atan2": atan2,
    "atan2_pi": atan2_pi,
    "pow": power,
}

"""Bounds of exp, log, arctangent, sine and the normal tail at exact rationals, by their series.

Everything is rational. A bound is closer with more digits; series are summed in integers, units of
2**-digits, each term once rounded down and once up.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from .data import scaled
from .rounding import floor_log2


class Effort(NamedTuple):
    """Digits of a bound, and a power of two past which no format tells values apart.

    2**reach is past the end of every format of a call, 2**-reach divides all their boundaries.
    """

    digits: int
    reach: int


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a number.

    Examples
    --------
    >>> (Interval(Fraction(1), Fraction(2)) * -3 + 1).low
    Fraction(-5, 1)
    """

    low: Fraction
    high: Fraction

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __add__(self, other: "Operand") -> "Interval":
        y = interval(other)
        return Interval(self.low + y.low, self.high + y.high)

    def __sub__(self, other: "Operand") -> "Interval":
        return self + -interval(other)

    def __mul__(self, other: "Operand") -> "Interval":
        y = interval(other)
        products = [a * b for a in {self.low, self.high} for b in {y.low, y.high}]
        return Interval(min(products), max(products))

    def __truediv__(self, other: "Interval") -> "Interval":
        """Divide by bounds of the same sign."""
        return self * Interval(1 / other.high, 1 / other.low)


Operand: TypeAlias = Interval | Fraction | int
Increasing: TypeAlias = Callable[[Fraction, Effort], Interval]


def interval(x: Operand) -> Interval:
    """Return bounds, or a number as its own bounds."""
    return x if isinstance(x, Interval) else Interval(Fraction(x), Fraction(x))


def through(f: Increasing, x: Interval, effort: Effort) -> Interval:
    """Return bounds of an increasing function of something bounded."""
    if x.low == x.high:
        return f(x.low, effort)
    return Interval(f(x.low, effort).low, f(x.high, effort).high)


def series(
    x: Fraction, ratio: Callable[[int], tuple[int, int]], digits: int, sign: int = 1
) -> Interval:
    """Return bounds of 1 + sign*r1*x + r1*r2*x**2 + sign*r1*r2*r3*x**3 + ...

    Preconditions: x >= 0; `ratio` gives r1, r2, ... > 0 as numerators and denominators. Where terms
    are below 2**-digits and r*x is at most 1/2, either it stays so, and the rest is less than the
    last term, or signs alternate and the first term left out bounds the rest.
    """
    unit = 1 << digits
    less = x.numerator * unit // x.denominator
    more = -(-x.numerator * unit // x.denominator)
    low = high = lower = upper = unit
    k, a, b = 0, 1, 1
    while high > 1 or 2 * a * more > b * unit:
        k += 1
        a, b = ratio(k)
        low = low * less * a // (b * unit)
        high = -(-high * more * a // (b * unit))
        if sign < 0 and k % 2:
            lower, upper = lower - high, upper - low
        else:
            lower, upper = lower + low, upper + high
    return Interval(Fraction(lower - high, unit), Fraction(upper + high, unit))


@functools.lru_cache(maxsize=64)
def _pi(digits: int) -> Interval:
    """Return 16 arctan(1/5) - 4 arctan(1/239), Machin's formula."""
    unit, total, slack = 1 << digits, 0, 0
    for factor, n in ((16, 5), (-4, 239)):
        power, k = unit // n, 0
        while power:
            total += factor * (-1) ** k * (power // (2 * k + 1))
            power, k = power // (n * n), k + 1
        slack += abs(factor) * 3 * (k + 1)  # each power is cut by less than 2 units, a term by 1
    return Interval(Fraction(total - slack, unit), Fraction(total + slack, unit))


def pi(effort: Effort, more: int = 0) -> Interval:
    """Return bounds of pi."""
    return _pi((effort.digits + more) // 256 * 256 + 288)


@functools.lru_cache(maxsize=64)
def _ln2(digits: int) -> Interval:
    """Return 2 artanh(1/3)."""
    return series(Fraction(1, 9), _odd, digits) * Fraction(2, 3)


def ln2(effort: Effort, more: int = 0) -> Interval:
    """Return bounds of ln 2."""
    return _ln2((effort.digits + more) // 256 * 256 + 288)


def _odd(k: int) -> tuple[int, int]:
    return 2 * k - 1, 2 * k + 1


def square_root(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of the root of x > 0."""
    shift = effort.digits - floor_log2(x) // 2
    square = x * scaled(1, 2 * shift)
    root = math.isqrt(square.numerator // square.denominator)
    return Interval(scaled(root, -shift), scaled(root + 1, -shift))


def exp_minus_one(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of e**x - 1; past 2**(4*reach) and below 2**-(4*reach) e**x stays there."""
    if abs(x) > 4 * effort.reach:
        far = 4 * effort.reach if x > 0 else -4 * effort.reach
        return Interval(scaled(1, far) - 1, scaled(2, far) - 1)
    if abs(x) <= Fraction(1, 2):  # x (1 + x/2 + x**2/6 + ...)
        sign = -1 if x < 0 else 1
        return series(abs(x), lambda k: (1, k + 1), effort.digits, sign) * x
    k = round(x / ln2(effort).low)
    rest = -(ln2(effort, k.bit_length()) * k) + x
    return (through(exp_minus_one, rest, effort) + 1) * scaled(1, k) - 1


def exp(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of e**x."""
    return exp_minus_one(x, effort) + 1


def log_one_plus(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of ln(1 + x), x > -1: k ln 2 + 2 artanh((m-1)/(m+1)) where 1 + x = m 2**k."""
    k, m = 0, 1 + x
    if abs(x) > Fraction(1, 4):
        k = floor_log2(m)
        m /= scaled(1, k)
        if m > Fraction(3, 2):
            k, m = k + 1, m / 2
    u = (m - 1) / (m + 1)
    rest = series(u * u, _odd, effort.digits) * (2 * u)
    return rest + ln2(effort, k.bit_length()) * k if k else rest


def log(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of ln x, x > 0."""
    return log_one_plus(x - 1, effort)


def arctangent(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of the angle of tangent x."""
    if x < 0:
        return -arctangent(-x, effort)
    if x > 1:
        return pi(effort) * Fraction(1, 2) - arctangent(1 / x, effort)
    half = Fraction(1, 2)
    if x > half / 2 and x != half:  # arctan x - arctan 1/2 has tangent (x - 1/2) / (1 + x/2)
        return arctangent(half, effort) + arctangent((x - half) / (1 + x * half), effort)
    return series(x * x, _odd, effort.digits, -1) * x


def sine(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of sin x, abs(x) <= 1."""
    return series(x * x, lambda k: (1, 2 * k * (2 * k + 1)), effort.digits, -1) * x


def cosine(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of cos x, abs(x) <= 1: 1 - x**2/2 (1 - x**2/12 + ...)."""
    rest = series(x * x, lambda k: (1, (2 * k + 1) * (2 * k + 2)), effort.digits, -1)
    return -(rest * (x * x / 2)) + 1


def sine_of(x: Interval, effort: Effort) -> Interval:
    """Return bounds of the sine of something bounded by 1."""
    return through(sine, x, effort)


def cosine_of(x: Interval, effort: Effort) -> Interval:
    """Return bounds of the cosine of something bounded by 1."""
    if x.low == x.high:
        return cosine(x.low, effort)
    ends = cosine(x.low, effort), cosine(x.high, effort)
    high = Fraction(1) if x.low <= 0 <= x.high else max(ends[0].high, ends[1].high)
    return Interval(min(ends[0].low, ends[1].low), high)


def normal_tail(x: Fraction, effort: Effort) -> Interval:
    """Return bounds of the chance that a standard normal variable is above x > 0.

    Where x is large, the asymptotic series of density / x; else 1/2 - density (x + x**3/3 + ...).
    """
    digits, reach = effort
    square = x * x
    if square > 2 * digits + 32:
        density = _normal_density(square, effort)
        return density * series(1 / square, lambda k: (2 * k - 1, 1), digits, -1) * (1 / x)
    more = Effort(3 * digits + 64, reach)  # the tail is above 2**-(1.5 * digits + 32)
    within = series(square, lambda k: (1, 2 * k + 1), more.digits) * x
    return -(_normal_density(square, more) * within) + Fraction(1, 2)


def _normal_density(square: Fraction, effort: Effort) -> Interval:
    two_pi = pi(effort) * 2
    root = through(square_root, two_pi, effort)
    return exp(-square / 2, effort) / root

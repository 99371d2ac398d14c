"""Exponential and hyperbolic functions, and the activations made of them, as intervals.

Every function takes a number m * 2**e, not 0 unless it says so, and how many digits are wanted; it
returns an interval whose ends agree in about that many. Even and odd functions take m > 0.
"""

from typing import Final

from ..families.reals import Interval
from . import constants, series
from .intervals import HUGE, TINY, after_point, fixed, near, negated, rescaled, scaled

_LARGE: Final = 22  # e**x for |x| >= 2**22 / 2 is past 2**BOUND or below 2**-BOUND
_WIDEST: Final = 24


def exp_of(low: int, high: int, p: int) -> Interval:
    """Return e**x for low * 2**-p <= x <= high * 2**-p, an interval narrower than 2**-24.

    The digits of the result after the leading one are as many as p, less those of x before the
    point, less those of the interval's width.
    """
    if not -1 <= low >> (p + _WIDEST) <= 0:
        return HUGE if low > 0 else TINY
    ln2 = constants.ln2(p).low
    k, r = divmod(low, ln2)
    floor, ceiling = series.exp(r, p)
    # ln 2 is at most 2 ulp above its floor, so the rest is at most 2|k| + high - low off; e**rest
    # moves by less than 3 times that, for e**rest < 2.001 and a shift below 2**-8.
    slack = 3 * (high - low + 2 * abs(k)) + 1
    return Interval(floor - slack, ceiling + slack, p - k)


def _exponent(m: int, e: int) -> int:
    """Return E where 2**(E - 1) <= |m| * 2**e < 2**E."""
    return m.bit_length() + e


def _past_all_digits(exponent: int, wanted: int) -> bool:
    """Return whether every |x| of this exponent is so large that e**-|x| < 2**(-wanted - 3)."""
    return exponent >= wanted.bit_length() + 1


def exp(m: int, e: int, wanted: int) -> Interval:
    """Return e**x."""
    exponent = _exponent(m, e)
    if exponent > _LARGE:
        return HUGE if m > 0 else TINY
    if -exponent > wanted:  # |e**x - 1| < 2|x|
        return near(1, 0, m, -exponent - 1, wanted)
    p = after_point(wanted, max(exponent, 0))
    return exp_of(*fixed(m, e, p), p)


def exp2(m: int, e: int, wanted: int) -> Interval:
    """Return 2**x."""
    exponent = _exponent(m, e)
    if exponent > _LARGE:
        return HUGE if m > 0 else TINY
    if -exponent > wanted:  # |2**x - 1| < |x|
        return near(1, 0, m, -exponent, wanted)
    p = after_point(wanted, 0)
    low, high = fixed(m, e, p)
    k, rest = low >> p, low & ((1 << p) - 1)
    ln2 = constants.ln2(p)
    low, high = rest * ln2.low >> p, ((rest + high - low) * ln2.high >> p) + 1
    power = exp_of(low, high, p)
    return power._replace(digits=power.digits - k)


def exp10(m: int, e: int, wanted: int) -> Interval:
    """Return 10**x."""
    exponent = _exponent(m, e)
    if exponent > _LARGE:
        return HUGE if m > 0 else TINY
    if -exponent - 2 >= wanted:  # |10**x - 1| < 4|x|
        return near(1, 0, m, -exponent - 2, wanted)
    p = after_point(wanted, max(exponent, 0) + 2)
    return exp_of(*rescaled(scaled(constants.ln10(p + max(exponent, 0)), m, e), p), p)


def expm1(m: int, e: int, wanted: int) -> Interval:
    """Return e**x - 1."""
    exponent = _exponent(m, e)
    if -exponent >= wanted:  # x + x**2/2 + ..., above x by less than |x| times |x|
        return near(m, e, 1, -exponent, wanted)
    if m < 0 and _past_all_digits(exponent, wanted):
        return near(-1, 0, 1, wanted, wanted)
    if exponent > _LARGE:
        return HUGE
    p = after_point(wanted, abs(exponent))
    low, high, digits = exp_of(*fixed(m, e, p), p)
    if digits < 0:
        return Interval(low - 1, high, digits)
    return Interval(low - (1 << digits), high - (1 << digits), digits)


def _exp_and_inverse(m: int, e: int, p: int) -> tuple[Interval, int, int]:
    """Return e**x, and both ends of e**-x in the same digits, for x > 0."""
    power = exp_of(*fixed(m, e, p), p)
    k = p - power.digits  # e**x = v * 2**(k - p), so e**-x = (2**2p / v) * 2**-2k * 2**(k - p)
    square = 1 << (2 * p)
    return power, (square // power.high) >> (2 * k), (square // power.low >> (2 * k)) + 1


def sinh(m: int, e: int, wanted: int) -> Interval:
    """Return (e**x - e**-x) / 2."""
    exponent = _exponent(m, e)
    if exponent > _LARGE:
        return HUGE
    if -2 * exponent >= wanted:  # x (1 + x**2/6 + ...)
        return near(m, e, 1, -2 * exponent, wanted)
    p = after_point(wanted, abs(exponent))
    power, low, high = _exp_and_inverse(m, e, p)
    return Interval(power.low - high, power.high - low, power.digits + 1)


def cosh(m: int, e: int, wanted: int) -> Interval:
    """Return (e**x + e**-x) / 2."""
    exponent = _exponent(m, e)
    if exponent > _LARGE:
        return HUGE
    if -2 * exponent >= wanted:  # 1 + x**2/2 + ...
        return near(1, 0, 1, -2 * exponent, wanted)
    p = after_point(wanted, abs(exponent))
    power, low, high = _exp_and_inverse(m, e, p)
    return Interval(power.low + low, power.high + high, power.digits + 1)


def _small_exp(low: int, high: int, p: int) -> tuple[int, int]:
    """Return e**x for x <= 0 with p digits after the point."""
    floor, ceiling = rescaled(exp_of(low, high, p), p)
    return max(floor, 0), ceiling


def tanh(m: int, e: int, wanted: int) -> Interval:
    """Return (1 - e**-2x) / (1 + e**-2x)."""
    exponent = _exponent(m, e)
    if _past_all_digits(exponent, wanted):
        return near(1, 0, -1, wanted, wanted)
    if -2 * exponent >= wanted:  # x (1 - x**2/3 + ...)
        return near(m, e, -1, -2 * exponent, wanted)
    p = after_point(wanted, abs(exponent))
    one = 1 << p
    low, high = _small_exp(*fixed(-m, e + 1, p), p)
    return Interval(((one - high) << p) // (one + high), -(((low - one) << p) // (one + low)), p)


def logistic_of(low: int, high: int, p: int) -> Interval:
    """Return 1 / (1 + e**-x) for low * 2**-p <= x <= high * 2**-p."""
    one = 1 << p
    if low >= 0:
        floor, ceiling = _small_exp(-high, -low, p)
        return Interval((one << p) // (one + ceiling), -((-one << p) // (one + floor)), p)
    power = exp_of(low, high, p)
    floor, ceiling = rescaled(power, p)
    return Interval(
        (power.low << p) // (one + ceiling), -((-power.high << p) // (one + floor)), power.digits
    )


def sigmoid(m: int, e: int, wanted: int) -> Interval:
    """Return 1 / (1 + e**-x)."""
    exponent = _exponent(m, e)
    if -exponent >= wanted:  # 1/2 + x/4 - ...
        return near(1, -1, m, -exponent, wanted)
    if m > 0 and _past_all_digits(exponent, wanted):
        return near(1, 0, -1, wanted, wanted)
    if exponent > _LARGE:
        return TINY
    p = after_point(wanted, max(exponent, 0))
    return logistic_of(*fixed(m, e, p), p)


def silu(m: int, e: int, wanted: int) -> Interval:
    """Return x / (1 + e**-x)."""
    exponent = _exponent(m, e)
    if -exponent >= wanted:  # x/2 + x**2/4 - ...
        return near(m, e - 1, 1, -exponent, wanted)
    if m > 0 and _past_all_digits(exponent, wanted):
        return near(m, e, -1, wanted, wanted)
    if exponent > _LARGE:
        return negated(TINY)
    return scaled(sigmoid(m, e, wanted), m, e)


def softplus(m: int, e: int, wanted: int) -> Interval:
    """Return ln(1 + e**x); x may be 0."""
    if m == 0:
        return constants.ln2(after_point(wanted, 0))
    exponent = _exponent(m, e)
    if _past_all_digits(exponent, wanted):
        if m > 0:  # x + e**-x - ...
            return near(m, e, 1, wanted, wanted)
        if exponent > _LARGE:
            return TINY
        low, high, digits = exp(m, e, wanted)  # t - t**2/2 + ..., t = e**x
        return Interval(low - (low >> wanted) - 1, high, digits)
    before = (abs(m) << e if e >= 0 else abs(m) >> -e) + 1
    p = after_point(wanted, 2 + before.bit_length() + (3 * before // 2 if m < 0 else 0))
    x_low, x_high = fixed(m, e, p)
    one = 1 << p
    # ln(1 + t) for t <= 1 moves no more than t; ln 2 where t is 1 in all digits
    if m > 0:
        low, high = _small_exp(-x_high, -x_low, p)
    else:
        low, high = _small_exp(x_low, x_high, p)
    floor, ceiling = series.log(one + min(low, one - 1), p)
    ceiling += high - min(low, one - 1)
    if m > 0:
        return Interval(x_low + floor, x_high + ceiling, p)
    return Interval(floor, ceiling, p)

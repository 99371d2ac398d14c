"""Logarithms and the inverse hyperbolic functions, as intervals.

Every function takes a number m * 2**e inside its domain, not 0 and not one of its zeros, and how
many digits are wanted. Odd functions take m > 0.
"""

import math

from ..families.reals import Interval
from . import constants, series
from .intervals import after_point, divide, fixed, near


def log_of(low: int, high: int, digits: int, p: int) -> Interval:
    """Return ln x for 0 < low * 2**-digits <= x <= high * 2**-digits, with p digits."""
    length = low.bit_length()
    shift = p - length + 1
    if shift >= 0:
        z, width = low << shift, (high - low) << shift
    else:
        z, width = low >> -shift, ((high - low) >> -shift) + 2
    floor, ceiling = series.log(z, p)
    k = length - 1 - digits
    ln2 = constants.ln2(p)
    less, more = (k * ln2.low, k * ln2.high) if k >= 0 else (k * ln2.high, k * ln2.low)
    # 1 <= z, so the logarithm moves by less than z does
    return Interval(floor + less, ceiling + width + more, p)


def log(m: int, e: int, wanted: int) -> Interval:
    """Return ln x for x > 0, not 1."""
    extra = 0
    if 0 <= m.bit_length() + e <= 1:  # 1/2 <= x < 2, where the logarithm is about x - 1
        distance = m - (1 << -e)
        extra = max(-e - distance.bit_length(), 0)
        if extra >= wanted:  # d - d**2/2 + ...
            return near(distance, e, -1, extra, wanted)
    return log_of(m, m, -e, after_point(wanted, extra))


def log2(m: int, e: int, wanted: int) -> Interval:
    """Return the logarithm of x to base 2 for x > 0, not 1."""
    return divide(log(m, e, wanted), constants.ln2(after_point(wanted, 0)), wanted)


def log10(m: int, e: int, wanted: int) -> Interval:
    """Return the logarithm of x to base 10 for x > 0, not 1."""
    return divide(log(m, e, wanted), constants.ln10(after_point(wanted, 0)), wanted)


def log1p(m: int, e: int, wanted: int) -> Interval:
    """Return ln(1 + x) for x > -1, not 0."""
    exponent = m.bit_length() + e
    if -exponent >= wanted:  # x - x**2/2 + ...
        return near(m, e, -1, -exponent, wanted)
    if exponent > 2 * wanted + 80:  # ln x + 1/x - ..., and 1/x is less than 1 ulp
        low, high, digits = log(m, e, wanted)
        return Interval(low, high + 1, digits)
    if e >= 0:
        return log((m << e) + 1, 0, wanted)
    return log((1 << -e) + m, e, wanted)


def asinh(m: int, e: int, wanted: int) -> Interval:
    """Return ln(x + sqrt(x**2 + 1))."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # x (1 - x**2/6 + ...)
        return near(m, e, -1, -2 * exponent, wanted)
    if exponent > wanted + 40:  # ln 2x + 1/4x**2 - ..., the latter less than 1 ulp
        low, high, digits = log(m, e + 1, wanted)
        return Interval(low, high + 1, digits)
    p = after_point(wanted, max(-exponent, 0) + 2)
    x_low, x_high = fixed(m, e, p)
    one = 1 << (2 * p)
    low = x_low + math.isqrt(x_low * x_low + one)
    high = x_high + math.isqrt(x_high * x_high + one) + 1
    return log_of(low, high, p, p)


def acosh(m: int, e: int, wanted: int) -> Interval:
    """Return ln(x + sqrt(x**2 - 1)) for x > 1."""
    exponent = m.bit_length() + e
    if exponent > wanted + 40:  # ln 2x - 1/4x**2 - ..., the latter less than 1 ulp
        low, high, digits = log(m, e + 1, wanted)
        return Interval(low - 1, high, digits)
    above = 0 if exponent > 1 else (m - (1 << -e)).bit_length() + e  # exponent of x - 1
    p = after_point(wanted, 2 - above)
    x_low, x_high = fixed(m, e, p)
    one = 1 << (2 * p)
    low = x_low + math.isqrt(max(x_low * x_low - one, 0))
    high = x_high + math.isqrt(x_high * x_high - one) + 1
    return log_of(low, high, p, p)


def atanh(m: int, e: int, wanted: int) -> Interval:
    """Return ln((1 + x) / (1 - x)) / 2 for 0 < x < 1."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # x (1 + x**2/3 + ...)
        return near(m, e, 1, -2 * exponent, wanted)
    p = after_point(wanted, 2 - exponent)
    one = 1 << -e
    top, bottom = one + m, one - m
    shift = max(p + 2 + bottom.bit_length() - top.bit_length(), 0)
    quotient = (top << shift) // bottom
    ratio = log_of(quotient, quotient + 1, shift, p)
    return ratio._replace(digits=p + 1)

"""Arithmetic on intervals of integers, and how an interval gives its digits.

A number written ``m, e`` is m * 2**e. `wanted` is a count of digits, counted from the leading
digit of a result; `p` is a count of digits after the point, a multiple of 64 so that few tables
are made.
"""

from typing import Final, NamedTuple

from ..families.reals import Interval

BOUND: Final = 1 << 21  # formats have exponents of at most 2**20
_STAND_IN: Final = 1 << 22  # the exponent that is reported past the bound
_LEADING: Final = 1 << 63

# Results that are known to be past 2**BOUND or below 2**-BOUND; never a number of 63 digits.
HUGE: Final = Interval((1 << 65) + 1, (1 << 65) + 2, -_STAND_IN)
TINY: Final = Interval((1 << 65) + 1, (1 << 65) + 2, _STAND_IN + 128)


class Jammed(NamedTuple):
    """(-1)**sign * significand * 2**exponent; the significand has 64 digits, the last one sticky.

    Sticky: the last digit is 1 where anything but zeros follows the first 63 digits.
    """

    sign: int
    exponent: int
    significand: int


def after_point(wanted: int, extra: int) -> int:
    """Return how many digits to work with: `wanted` and `extra`, 8 more, to a multiple of 64."""
    return (wanted + extra + 71) & ~63


def fixed(m: int, e: int, p: int) -> tuple[int, int]:
    """Return a floor and a ceiling of m * 2**e * 2**p; the same where that is an integer."""
    shift = e + p
    if shift >= 0:
        exact = m << shift
        return exact, exact
    floor = m >> -shift
    return floor, floor + 1


def rescaled(x: Interval, p: int) -> tuple[int, int]:
    """Return the ends of x with p digits after the point."""
    drop = x.digits - p
    if drop <= 0:
        return x.low << -drop, x.high << -drop
    return x.low >> drop, -(-x.high >> drop)


def near(m: int, e: int, direction: int, agreeing: int, wanted: int) -> Interval:
    """Return what holds every number beyond m * 2**e by less than 2**-agreeing of its magnitude.

    It lies above where direction > 0 and below where direction < 0; ``agreeing >= wanted``.
    """
    shift = max(wanted + 1 - abs(m).bit_length(), 0)
    m <<= shift
    room = (abs(m) >> agreeing) + 1
    return Interval(m, m + room, shift - e) if direction > 0 else Interval(m - room, m, shift - e)


def negated(x: Interval) -> Interval:
    """Return -x."""
    return Interval(-x.high, -x.low, x.digits)


def scaled(x: Interval, m: int, e: int) -> Interval:
    """Return x * m * 2**e."""
    low, high = x.low * m, x.high * m
    return Interval(low, high, x.digits - e) if m > 0 else Interval(high, low, x.digits - e)


def multiply(x: Interval, y: Interval) -> Interval:
    """Return x * y for y > 0, with the digits of both."""
    low = x.low * (y.low if x.low >= 0 else y.high)
    high = x.high * (y.high if x.high >= 0 else y.low)
    return Interval(low, high, x.digits + y.digits)


def divide(x: Interval, y: Interval, wanted: int) -> Interval:
    """Return x / y for y > 0, each end rounded outward after `wanted` digits or more."""
    length = max(abs(x.low), abs(x.high)).bit_length()
    shift = max(wanted + 8 + y.high.bit_length() - length, 0)
    low = (x.low << shift) // (y.high if x.low >= 0 else y.low)
    high = -((-x.high << shift) // (y.low if x.high >= 0 else y.high))
    return Interval(low, high, x.digits - y.digits + shift)


def jammed(x: Interval) -> Jammed | None:
    """Return the digits of a number in x that has more than 63 digits, where x decides them.

    Such a number is no multiple of the last of the 63 digits. So it is above the floor, the
    sticky digit is 1, and an upper end that is such a multiple is not reached.

    Examples
    --------
    >>> jammed(Interval((1 << 80) - 1, 1 << 80, 80))
    Jammed(sign=0, exponent=-64, significand=18446744073709551615)
    >>> jammed(Interval((1 << 80) - 1, (1 << 80) + 1, 80)) is None
    True
    """
    low, high, digits = x
    sign = 0
    if low <= 0:
        if high >= 0:
            return None
        sign, low, high = 1, -high, -low
    drop = low.bit_length() - 63
    if drop <= 0:
        return None
    top = low >> drop
    if (high - 1) >> drop != top:
        return None
    return _bounded(sign, drop - 1 - digits, 2 * top + 1)


def jammed_exactly(m: int, e: int, remainder: bool = False) -> Jammed:
    """Return the digits of m * 2**e, m not 0, or of a bit more than that in magnitude.

    With a remainder, |m| must have 64 digits or more.
    """
    sign = int(m < 0)
    m = abs(m)
    drop = m.bit_length() - 64
    if drop <= 0:
        return _bounded(sign, e + drop, m << -drop)
    sticky = remainder or m & ((1 << drop) - 1) != 0
    return _bounded(sign, e + drop, (m >> drop) | sticky)


def jammed_ratio(top: int, bottom: int) -> Jammed:
    """Return the digits of a rational top / bottom, bottom > 0 and top not 0."""
    shift = max(66 + bottom.bit_length() - abs(top).bit_length(), 0)
    quotient, remainder = divmod(abs(top) << shift, bottom)
    return jammed_exactly(quotient if top > 0 else -quotient, -shift, remainder != 0)


def _bounded(sign: int, exponent: int, significand: int) -> Jammed:
    if abs(exponent) > BOUND + 64:
        return Jammed(sign, _STAND_IN if exponent > 0 else -_STAND_IN, _LEADING | 1)
    return Jammed(sign, exponent, significand)

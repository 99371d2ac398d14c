"""x**y: where it is rational, and as an interval.

A number is a pair m, e for m * 2**e with m odd. x > 0 throughout.
"""

import math

from ..families.reals import Interval
from .exponential import exp_of
from .intervals import HUGE, TINY, after_point, near, rescaled, scaled
from .logarithmic import log

_FAR = 1 << 40  # an exponent far past the bound


def exact(x: tuple[int, int], y: tuple[int, int]) -> tuple[int, int] | None:
    """Return x**y where it has at most 64 digits, as m, e; None elsewhere.

    Where it is None, x**y is irrational, or has a divisor that is no power of 2, or more than 64
    digits: never a number of 63 digits.

    Examples
    --------
    >>> exact((9, 2), (3, -1)), exact((3, 0), (-1, 0)), exact((1, 3), (-1, 80))
    ((27, 3), None, (1, -1099511627776))
    """
    (base, exponent), (n, scale) = x, y
    if base == 1 and exponent == 0:
        return 1, 0
    for _ in range(-scale):  # a root for each digit of y after the point, exact or irrational
        root = math.isqrt(base)
        if root * root != base or exponent & 1:
            return None
        base, exponent = root, exponent >> 1
    if base == 1:
        if scale > 64:
            return 1, _FAR if (n > 0) == (exponent > 0) else -_FAR
        return 1, exponent * (n << max(scale, 0))
    if n < 0 or scale > 64:
        return None
    n <<= max(scale, 0)
    if n * (base.bit_length() - 1) >= 64:  # base is odd
        return None
    return base**n, exponent * n


def power(x: tuple[int, int], y: tuple[int, int], wanted: int) -> Interval:
    """Return x**y = e**(y ln x) for x not 1 and y not 0."""
    product = scaled(log(*x, wanted + 40), *y)
    low, high, digits = product
    exponent = max(abs(low), abs(high)).bit_length() - digits
    sign = 1 if low > 0 else -1
    if exponent > 24:
        return HUGE if sign > 0 else TINY
    if -exponent > wanted:  # |e**t - 1| < 2|t|
        return near(1, 0, sign, -exponent - 1, wanted)
    p = after_point(wanted, max(exponent, 0))
    return exp_of(*rescaled(product, p), p)

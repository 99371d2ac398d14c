"""pi, ln 2 and ln 10 to any number of digits, each an interval, made once."""

import functools
import math
from fractions import Fraction

from ..families import reals
from ..families.reals import Interval


@functools.lru_cache(maxsize=64)
def ln2(p: int) -> Interval:
    """Return ln 2 with p digits after the point; the ends are at most 2 apart."""
    return reals.log(Fraction(2), p)


@functools.lru_cache(maxsize=64)
def ln10(p: int) -> Interval:
    """Return ln 10 with p digits after the point."""
    return reals.log(Fraction(10), p)


@functools.lru_cache(maxsize=64)
def pi(p: int) -> Interval:
    """Return pi with p digits after the point; the ends are 1 apart.

    Examples
    --------
    >>> [float(end) for end in pi(64).ends]
    [3.141592653589793, 3.141592653589793]
    """
    guard = 32
    fine = p + guard
    # Chudnovsky. The sum alternates, and term n is below (1 + 41 n) 2**(-47.1 n) of the first:
    # what is left out is less than 2**-fine of it.
    _, q, t = _split(0, fine // 47 + 2)
    root = math.isqrt(10005 << (2 * fine))  # less than 1 below; so the quotient, about 2**-27 below
    value = (426880 * root * q) // (13591409 * q + t)
    # 1 of the division, 426880 / 13591409 of the root, and pi * 2**-fine of the sum, either way.
    low, high = (value - 8) >> guard, -((-value - 8) >> guard)
    return Interval(low, high, p)


def _split(first: int, last: int) -> tuple[int, int, int]:
    """Return P, Q and T of the terms `first` to `last` - 1 of Chudnovsky's sum."""
    if last - first == 1:
        if first == 0:
            return 1, 1, 0
        n = first
        p = -(6 * n - 5) * (2 * n - 1) * (6 * n - 1)
        q = 10939058860032000 * n**3
        return p, q, p * (13591409 + 545140134 * n)
    middle = (first + last) // 2
    p_low, q_low, t_low = _split(first, middle)
    p_high, q_high, t_high = _split(middle, last)
    return p_low * p_high, q_low * q_high, t_low * q_high + p_low * t_high


@functools.lru_cache(maxsize=64)
def root_of_two_pi(p: int) -> Interval:
    """Return the square root of 2 pi with p digits after the point."""
    low, high, _ = pi(2 * p)
    return Interval(math.isqrt(2 * low), math.isqrt(2 * high) + 1, p)


@functools.lru_cache(maxsize=64)
def twice_root_of_two_over_pi(p: int) -> Interval:
    """Return 2 sqrt(2 / pi) = sqrt(8 / pi) with p digits after the point."""
    low, high, _ = pi(2 * p)
    return Interval(
        math.isqrt((8 << (4 * p)) // high), math.isqrt(-((-8 << (4 * p)) // low)) + 1, p
    )


@functools.lru_cache(maxsize=16)
def _two_over_pi(digits: int) -> int:
    return (2 << (2 * digits)) // pi(digits).high


def two_over_pi(digits: int) -> tuple[int, int]:
    """Return 2 / pi with `digits` digits after the point or more, at most 2 below, and how many."""
    half = 1 << ((digits - 1).bit_length() - 1)
    enough = half + half // 8  # few sizes, and not twice as many digits just past a power of two
    enough = enough if digits <= enough else 2 * half + half // 4
    return _two_over_pi(enough), enough

"""Powers of real numbers to any precision, in integers, between a floor and a ceiling.

Certified: every function returns an interval that holds the exact number, and every decision is
repeated with more digits until the interval decides it.
"""

import functools
from fractions import Fraction
from typing import NamedTuple

from ..errors import FormatError

_MOST_DIGITS = 1 << 14
_GUARD = 32


class Interval(NamedTuple):
    """low * 2**-digits <= x <= high * 2**-digits."""

    low: int
    high: int
    digits: int

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """Both ends as Fractions."""
        return Fraction(self.low, 1 << self.digits), Fraction(self.high, 1 << self.digits)


def _atanh_inverse(n: int, digits: int) -> int:
    """Return atanh(1/n) * 2**digits, at most `digits` below."""
    term, total, k = (1 << digits) // n, 0, 1
    while term:
        total += term // k
        term //= n * n
        k += 2
    return total


@functools.lru_cache(maxsize=64)
def _log_2(digits: int) -> tuple[int, int]:
    """Return a floor and a ceiling of ln 2 * 2**digits (18, -2 and 8 times atanh 1/26, ...)."""
    fine = digits + _GUARD
    middle = (
        18 * _atanh_inverse(26, fine)
        - 2 * _atanh_inverse(4801, fine)
        + 8 * _atanh_inverse(8749, fine)
    )
    slack = 64 * fine  # of each series, fewer than `fine` terms, each cut by less than one twice
    return (middle - slack) >> _GUARD, ((middle + slack) >> _GUARD) + 1


def log(x: Fraction, digits: int) -> Interval:
    """Return ln x for a rational x > 0.

    Examples
    --------
    >>> low, high = log(Fraction(10), 64).ends
    >>> float(low), high - low < Fraction(1, 1 << 60)
    (2.302585092994046, True)
    """
    shift = x.numerator.bit_length() - x.denominator.bit_length()
    fine = digits + _GUARD
    near = x / Fraction(2) ** shift  # 1/2 < near < 2
    z = (near - 1) / (near + 1)  # below 1/3 in magnitude; ln = 2 atanh z
    sign = -1 if z < 0 else 1
    fixed = (abs(z.numerator) << fine) // z.denominator
    square = fixed * fixed >> fine
    term, total, k = fixed, 0, 1
    while term:
        total += term // k
        term = term * square >> fine
        k += 2
    low, high = 2 * total, 2 * total + 8 * k + 8  # every cut lowers, by less than 2 a term
    if sign < 0:
        low, high = -high, -low
    less, more = _log_2(fine)
    if shift < 0:
        less, more = more, less
    return Interval((low + shift * less) >> _GUARD, -(-(high + shift * more) >> _GUARD), digits)


def exp(x: Interval) -> Interval:
    """Return e**x, with as many digits as x has after the point.

    Examples
    --------
    >>> low, high = exp(Interval(1 << 64, 1 << 64, 64)).ends
    >>> float(low), high - low < Fraction(1, 1 << 60)
    (2.718281828459045, True)
    """
    return Interval(_exp(x.low, x.digits)[0], _exp(x.high, x.digits)[1], x.digits)


def _exp(x: int, digits: int) -> tuple[int, int]:
    """Return a floor and a ceiling of e**(x * 2**-digits) * 2**digits."""
    whole = x // _log_2(digits)[1] if x >= 0 else -(-x // _log_2(digits)[0])
    halvings = 16
    fine = digits + 2 * _GUARD + max(whole, 0)
    less, more = _log_2(fine)
    scaled = x << (fine - digits)
    rest = scaled - whole * ((less + more) >> 1)  # off by at most |whole| * (more - less)
    step = rest >> halvings
    term = total = 1 << fine
    k = 0
    while term not in (0, -1):
        k += 1
        term = term * step // (k << fine)
        total += term
    for _ in range(halvings):
        total = total * total >> fine
    # Cuts: of the argument, |whole| * (more - less) + 1; of the series, 2k; each squaring doubles.
    slack = ((abs(whole) + 2) * (more - less + 2) + (2 * k + 4)) << (halvings + 4)
    low, high = total - slack, total + slack
    if whole >= 0:
        low, high = low << whole, high << whole
    else:
        low, high = low >> -whole, (high >> -whole) + 1
    return max(low >> (fine - digits), 0), (high >> (fine - digits)) + 1


def power(base: Fraction | None, exponent: Fraction, digits: int) -> Interval:
    """Return base**exponent for a rational base > 0, or e**exponent where base is None."""
    fine = digits + _GUARD
    if base is None:
        scaled = exponent * (1 << fine)
        low = scaled.numerator // scaled.denominator
        return _narrowed(exp(Interval(low, low + 1, fine)), digits)
    logarithm = log(base, fine + max(exponent.numerator.bit_length(), 0))
    ends = [end * exponent * (1 << fine) for end in logarithm.ends]
    low = min(end.numerator // end.denominator for end in ends)
    high = max(-(-end.numerator // end.denominator) for end in ends)
    return _narrowed(exp(Interval(low, high, fine)), digits)


def _narrowed(x: Interval, digits: int) -> Interval:
    drop = x.digits - digits
    return Interval(x.low >> drop, -(-x.high >> drop), digits)


def root(base: Fraction, exponent: Fraction) -> Fraction | None:
    """Return base**exponent where that is rational, else None.

    Examples
    --------
    >>> root(Fraction(4, 9), Fraction(-1, 2)), root(Fraction(2), Fraction(1, 2))
    (Fraction(3, 2), None)
    """
    if exponent < 0:
        base, exponent = 1 / base, -exponent
    if base in (0, 1) or exponent.denominator == 1:
        return Fraction(base**exponent.numerator)
    if exponent.denominator > max(base.numerator, base.denominator).bit_length():
        return None
    top = _whole_root(base.numerator, exponent.denominator)
    bottom = _whole_root(base.denominator, exponent.denominator)
    if top is None or bottom is None:
        return None
    return Fraction(top, bottom) ** exponent.numerator


def _whole_root(n: int, degree: int) -> int | None:
    low, high = 0, 1 << (n.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= n else (low, middle - 1)
    return low if low**degree == n else None


def real(base: Fraction, exponent: Fraction) -> Fraction:
    """Return base**exponent, exactly where it is rational and else so near that nobody can tell.

    No number of up to 64 significant bits, nor half-way between two of them, lies between the
    result and the exact power.

    Raises
    ------
    FormatError
        2**14 digits did not separate them.
    """
    length = max(base.numerator, base.denominator).bit_length()
    if abs(exponent) * length > _MOST_DIGITS:
        raise FormatError(
            f"({text(base)}) to the power of {text(exponent)} is out of reach; take an exponent "
            "nearer zero"
        )
    exact = root(base, exponent)
    if exact is not None:
        return exact
    digits = 256
    while digits <= _MOST_DIGITS:
        found = power(base, exponent, digits)
        drop = found.low.bit_length() - 66
        if drop > 64 and found.low >> drop == found.high >> drop and found.low & ((1 << drop) - 1):
            return Fraction(found.low, 1 << found.digits)
        digits *= 2
    raise FormatError(f"({text(base)}) to the power of {text(exponent)} is out of reach")


def text(number: Fraction) -> str:
    """Return a number for people: short, and exact where that is short."""
    exact = str(number)
    return exact if len(exact) <= 24 else f"{exact[:20]}..."


def rational(base: Fraction | None, exponent: Fraction) -> Fraction | None:
    """Return base**exponent, or e**exponent, where that is rational, else None."""
    if base is None:
        return Fraction(1) if exponent == 0 else None
    return root(base, exponent)


def compare(x: Fraction, base: Fraction | None, exponent: Fraction) -> int:
    """Return -1, 0 or 1 as x > 0 is less than, equal to or greater than base**exponent.

    `base` None is e. Equality is found where the power is rational.
    """
    if base == 2:  # a power as large as any costs no more than one from 1 to 2
        whole = exponent.numerator // exponent.denominator
        x, exponent = x / Fraction(2) ** whole, exponent - whole
    exact = rational(base, exponent)
    if exact is not None:
        return (x > exact) - (x < exact)
    log2 = exponent if base == 2 else exponent * Fraction(1443, 1000) if base is None else None
    if log2 is not None:  # far apart: the exponents decide; ln 2 is 1/1.4427
        distance = _exponent(x) - log2
        if abs(distance) > 3 + abs(exponent) / 1000:
            return 1 if distance > 0 else -1
    digits = 96
    while True:
        low, high = power(base, exponent, digits + max(-_exponent(x), 0)).ends
        if x < low:
            return -1
        if x > high:
            return 1
        digits *= 2


def _exponent(x: Fraction) -> int:
    return x.numerator.bit_length() - x.denominator.bit_length()


def nearest_float(base: Fraction | None, exponent: Fraction) -> float:
    """Return the float64 nearest to base**exponent.

    Examples
    --------
    >>> nearest_float(Fraction(2), Fraction(1, 2)) == 2**0.5
    True
    """
    exact = rational(base, exponent)
    if exact is not None:
        return float(exact)
    digits = 128
    while True:
        low, high = power(base, exponent, digits).ends
        if low and float(low) == float(high):
            return float(low)
        digits *= 2

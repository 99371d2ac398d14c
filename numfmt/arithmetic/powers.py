"""Sums of powers of 2 and of e, exactly.

A number is a sum of terms c * 2**r * e**s, with c rational, r and s and r from 0 to 1. Terms of
different (r, s) are linearly independent over the rationals (x**n - 2 is irreducible; Lindemann and
Weierstrass), so a sum is zero, or rational, exactly where its terms say so, and enclosures of
enough digits decide everything else.
"""

import functools
import math
import operator
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from ..errors import FormatError
from ..families import reals

Enclosure = tuple[int, int, int]  # (low, high, e): from low * 2**e to high * 2**e
_Key = tuple[int, int]  # exponents of 2 and of e, times UNIT

DIGITS = 160  # at first; then twice as many, and again
_MOST_DIGITS = 1 << 14
UNIT = 1 << 48  # logarithms have 30 fraction digits at most, half of one 31
_LARGEST = 9  # exponents of e are below 2**10
_SLACK = 4
_NONE = Fraction(0)
_PLAIN: _Key = (0, 0)


class Powers:
    """A sum of powers that is not rational, exactly: coefficients by (exponent of 2, of e)."""

    __slots__ = ("terms",)

    def __init__(self, terms: dict[_Key, Fraction]) -> None:
        self.terms = terms

    def __add__(self, other: "Number") -> "Number":
        found = dict(self.terms)
        for key, c in terms_of(other).items():
            found[key] = found[key] + c if key in found else c
        return _simplified(found)

    __radd__ = __add__

    def __neg__(self) -> "Powers":
        return Powers({key: -c for key, c in self.terms.items()})

    def __sub__(self, other: "Number") -> "Number":
        return self + -other

    def __rsub__(self, other: Fraction) -> "Number":
        return -self + other

    def __mul__(self, other: "Number") -> "Number":
        found: dict[_Key, Fraction] = {}
        for (r, s), c in self.terms.items():
            for (q, t), d in terms_of(other).items():
                exponent, product = r + q, c * d
                if exponent >= UNIT:
                    exponent, product = exponent - UNIT, 2 * product
                key = exponent, s + t
                found[key] = found.get(key, _NONE) + product
        return _simplified(found)

    __rmul__ = __mul__

    def __truediv__(self, other: "Number") -> "Number":
        return self * (other.inverse() if isinstance(other, Powers) else 1 / other)

    def __rtruediv__(self, other: Fraction) -> "Number":
        return self.inverse() * other

    def inverse(self) -> "Powers":
        """Return 1/x of a single power."""
        ((r, s), c), *more = self.terms.items()
        assert not more
        if r:
            return Powers({(UNIT - r, -s): 1 / (2 * c)})
        return Powers({(r, -s): 1 / c})


Number: TypeAlias = Fraction | Powers


def terms_of(x: Number) -> dict[_Key, Fraction]:
    """Return the coefficients of a number by exponents of 2 and e."""
    return x.terms if isinstance(x, Powers) else {_PLAIN: x}


def _simplified(terms: dict[_Key, Fraction]) -> Number:
    terms = {key: c for key, c in terms.items() if c}
    if not terms:
        return _NONE
    return terms[_PLAIN] if len(terms) == 1 and _PLAIN in terms else Powers(terms)


@functools.lru_cache(maxsize=1 << 16)
def power(numerator: int, digits: int, base: str) -> Number:
    """Return base**(numerator * 2**-digits), for the bases of `LogarithmicFormat.base`."""
    scaled = numerator * (UNIT >> digits)
    if base != "2":
        return Powers({(0, scaled // 2): Fraction(1)}) if scaled else Fraction(1)
    whole, r = divmod(scaled, UNIT)
    c = Fraction(2) ** whole
    return Powers({(r, 0): c}) if r else c


@functools.lru_cache(maxsize=1 << 10)
def _root(natural: bool, index: int, digits: int) -> int:
    """Return 2**(2**-index), or e**(2**(9 - index)), times 2**digits, at most `_SLACK` below."""
    if index == 0:
        if not natural:
            return 2 << digits
        more = 2 << _LARGEST
        low, high, _ = reals.power(None, Fraction(1 << _LARGEST), digits + more)
        assert high - low < 1 << more
        return low >> more
    return math.isqrt(_root(natural, index - 1, digits) << digits)  # all are more than 1


def _product(natural: bool, exponent: int, digits: int) -> tuple[int, int]:
    """Return an enclosure of a power, times 2**digits: the product of roots that add up to it."""
    low = high = 1 << digits
    place = UNIT << _LARGEST if natural else UNIT
    assert exponent < 2 * place
    index = 0
    while exponent:
        if exponent & place:
            exponent -= place
            factor = _root(natural, index, digits)
            low, high = low * factor >> digits, (high * (factor + _SLACK) >> digits) + 1
        place, index = place >> 1, index + 1
    return low, high


@functools.lru_cache(maxsize=1 << 15)
def _factor(r: int, s: int, digits: int) -> Enclosure:
    """Return an enclosure of a term of coefficient 1, less than 2**-digits of it wide."""
    digits += 16
    low, high = _product(False, r, digits)
    e = -digits
    if s:
        below, above = _product(True, abs(s), digits)
        if s < 0:
            whole = 1 << 2 * above.bit_length()
            below, above = whole // above, whole // below + 1
            e -= whole.bit_length() - 1 - digits
        else:
            e -= digits
        low, high = low * below, high * above
    return low, high, e


def enclosure(x: Number, digits: int, root: bool = False) -> Enclosure:
    """Return an enclosure of x, or of its root, in integers of about so many digits.

    An irrational x is strictly inside.
    """
    low, high, e = _enclosure(x, digits)
    if not root:
        return low, high, e
    if e & 1:
        low, high, e = 2 * low, 2 * high, e - 1
    more = max(0, digits - high.bit_length() // 2 + 1)
    low, high, e = low << 2 * more, high << 2 * more, e - 2 * more
    return math.isqrt(max(low, 0)), math.isqrt(high) + 1, e // 2


def _enclosure(x: Number, digits: int) -> Enclosure:
    terms = [(_exponent(key, c), key, c) for key, c in terms_of(x).items()]
    terms.sort(key=operator.itemgetter(0), reverse=True)
    quantum = math.ceil(terms[0][0]) - digits
    total_low = total_high = 0
    for index, (top, (r, s), c) in enumerate(terms):
        if index and top < quantum - 8:  # nothing but the sign of what is left counts
            left = sign(Powers({key: c for _, key, c in terms[index:]}))
            return total_low + min(left, 0), total_high + max(left, 0), quantum
        low, high, e = _factor(r, s, digits)
        if c < 0:
            low, high = high, low
        n, d = c.numerator, c.denominator
        if d & (d - 1) == 0:
            e, d = e + 1 - d.bit_length(), 1
        up, down = max(e - quantum, 0), max(quantum - e, 0)
        total_low += (n * low << up) // d >> down
        total_high -= (-n * high << up) // d >> down
    return total_low, total_high, quantum


def _exponent(key: _Key, c: Fraction) -> float:
    """Return the logarithm of a term to base 2, within 2."""
    return c.numerator.bit_length() - c.denominator.bit_length() + (key[0] + 1.4427 * key[1]) / UNIT


def attempts(x: Number, places: int = -_MOST_DIGITS) -> Iterator[int]:
    """Yield more and more digits, at first some past a place, and then raise FormatError."""
    top = max(_exponent(key, c) for key, c in terms_of(x).items())
    size = max(
        max(c.numerator.bit_length(), c.denominator.bit_length()) for c in terms_of(x).values()
    )
    digits = max(DIGITS, math.ceil(top) + places + 32)
    most = digits + _MOST_DIGITS + 4 * size
    while digits <= most:
        yield digits
        digits *= 2
    shown = " + ".join(
        f"({reals.text(c)}) * 2**{r / UNIT} * e**{s / UNIT}" for (r, s), c in terms_of(x).items()
    )
    raise FormatError(f"{most} digits of {shown} do not decide how it is rounded")


def sign(x: Number) -> int:
    """Return the sign of a number: -1, 0 or 1."""
    if isinstance(x, Fraction) or len(x.terms) == 1:
        c = next(iter(terms_of(x).values()))
        return (c > 0) - (c < 0)
    for digits in attempts(x):
        low, high, _ = enclosure(x, digits)
        if low >= 0 or high <= 0:
            return 1 if low >= 0 else -1
    raise AssertionError


def floor_of(x: Number, exponent: int, root: bool = False) -> tuple[int, bool]:
    """Return the largest integer not above x * 2**exponent, or its root's, and whether it is less.

    With `root` it is the root of x that is multiplied.
    """
    if isinstance(x, Fraction):
        up = (2 if root else 1) * exponent
        n, rest = divmod(x.numerator << max(up, 0), x.denominator << max(-up, 0))
        if not root:
            return n, rest != 0
        found = math.isqrt(n)
        return found, rest != 0 or found * found != n
    for digits in attempts(x, exponent):
        low, high, e = enclosure(x, digits, root)
        drop = -e - exponent
        if drop >= 0 and low >> drop == (high - 1) >> drop:
            return low >> drop, True
    raise AssertionError


def leading_digits(x: Number, root: bool = False) -> tuple[int, int]:
    """Return (n, e): n * 2**e is x > 0, or its root, cut to 127 digits and 1 after them.

    The number is irrational, or the root of a rational; a root of 127 digits gets a 0 after them.
    """
    if isinstance(x, Fraction):
        return _digits_of_root(x) if root else _digits_of_quotient(x)
    for digits in attempts(x):
        low, high, e = enclosure(x, digits, root)
        drop = low.bit_length() - 127
        if low > 0 and drop >= 0 and low >> drop == (high - 1) >> drop:
            return low >> drop << 1 | 1, e + drop - 1
    raise AssertionError


def jammed(n: int, e: int, more: bool) -> tuple[int, int]:
    """Return n * 2**e in 128 digits, the last one set where digits, or `more`, are lost."""
    excess = n.bit_length() - 128
    if n == 0:
        return 0, 0
    if excess > 0:
        kept = n >> excess
        return kept | (more or kept << excess != n), e + excess
    assert excess == 0 or not more
    return n << -excess, e + excess


def _digits_of_quotient(x: Fraction) -> tuple[int, int]:
    n, d = x.numerator, x.denominator
    if d & (d - 1) == 0:
        return jammed(n, 1 - d.bit_length(), False)
    shift = 130 - n.bit_length() + d.bit_length()
    quotient, rest = divmod(n << max(shift, 0), d << max(-shift, 0))
    return jammed(quotient, -shift, rest != 0)


def _digits_of_root(x: Fraction) -> tuple[int, int]:
    n, d = x.numerator, x.denominator
    shift = 260 - n.bit_length() + d.bit_length()
    shift -= shift & 1
    quotient, rest = divmod(n << max(shift, 0), d << max(-shift, 0))
    root = math.isqrt(quotient)
    return jammed(root, -shift // 2, rest != 0 or root * root != quotient)


def simple_root(x: Number) -> Number | None:
    """Return the root of a number, where it is a single power with a rational coefficient."""
    terms = terms_of(x)
    if len(terms) > 1:
        return None
    (((r, s), c),) = terms.items()
    for more in (0, 1):
        square = c / (1 << more)
        n, d = math.isqrt(square.numerator), math.isqrt(square.denominator)
        if n * n == square.numerator and d * d == square.denominator:
            return _simplified({((r + more * UNIT) // 2, s // 2): Fraction(n, d)})
    return None

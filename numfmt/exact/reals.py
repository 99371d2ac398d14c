"""Sums of rational multiples of powers of 2 and e, and their square roots: equality is decided.

The powers 2**a * e**b with 0 <= a < 1 and a, b rational are linearly independent over the rationals
(x**n - 2 is irreducible; Lindemann and Weierstrass), so that a sum of them, each once, is zero only
if every coefficient is, and rational only if all but that of 2**0 * e**0 are. What is not zero has
a sign that closer and closer bounds show.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple, TypeAlias, TypeVar

from ..errors import FormatError
from .data import scaled
from .rounding import floor_log2

_T = TypeVar("_T")
Bounds: TypeAlias = tuple[Fraction, Fraction]

LIMIT = 1 << 16  # digits after which an undecided question is given up


class Power(NamedTuple):
    """2**two * e**e, with 0 <= two < 1."""

    two: Fraction
    e: Fraction


ONE = Power(Fraction(0), Fraction(0))


@dataclasses.dataclass(frozen=True, slots=True)
class Real:
    """A sum of rational multiples of different powers; no multiple is 0.

    Examples
    --------
    >>> root = power("2", Fraction(1, 2))
    >>> (root * root).rational, (root - root).sign(), root.rational is None
    (Fraction(2, 1), 0, True)
    """

    terms: dict[Power, Fraction]

    @property
    def rational(self) -> Fraction | None:
        """The number, if it is rational."""
        if not self.terms:
            return Fraction(0)
        return self.terms[ONE] if set(self.terms) == {ONE} else None

    def __add__(self, other: "Real") -> "Real":
        found = dict(self.terms)
        for key, factor in other.terms.items():
            found[key] = found.get(key, Fraction(0)) + factor
        return Real({key: factor for key, factor in found.items() if factor})

    def __neg__(self) -> "Real":
        return Real({key: -factor for key, factor in self.terms.items()})

    def __sub__(self, other: "Real") -> "Real":
        return self + -other

    def __abs__(self) -> "Real":
        return -self if self.sign() < 0 else self

    def __mul__(self, other: "Real") -> "Real":
        total = Real({})
        for x, factor in self.terms.items():
            for y, another in other.terms.items():
                total = total + _multiple(x.two + y.two, x.e + y.e, factor * another)
        return total

    def inverse(self) -> "Real":
        """Return 1/x of a number of one term."""
        ((key, factor),) = self.terms.items()
        return _multiple(-key.two, -key.e, 1 / factor)

    def sign(self) -> int:
        """Return -1, 0 or 1."""
        if not self.terms:
            return 0
        for digits in precisions():
            low, high = self.bounds(digits)
            if low > 0 or high < 0:
                return 1 if low > 0 else -1
        raise given_up()

    def bounds(self, digits: int) -> Bounds:
        """Return numbers that this one lies between, closer with more digits."""
        low = high = Fraction(0)
        for key, factor in self.terms.items():
            least, most = _power_bounds(key, digits)
            low += factor * (least if factor > 0 else most)
            high += factor * (most if factor > 0 else least)
        return low, high

    def minus(self, other: "Real") -> int:
        """Return the sign of self - other."""
        return (self - other).sign()


@dataclasses.dataclass(frozen=True, slots=True)
class Root:
    """The square root of a number that is not negative.

    Examples
    --------
    >>> Root(rational(9)).rational, Root(rational(2)).minus(rational(1))
    (Fraction(3, 1), 1)
    """

    radicand: Real

    @property
    def rational(self) -> Fraction | None:
        """The number, if it is rational."""
        square = self.radicand.rational
        if square is None:
            return None
        n, d = math.isqrt(square.numerator), math.isqrt(square.denominator)
        root = Fraction(n, d)
        return root if root * root == square else None

    def sign(self) -> int:
        """Return 0 or 1."""
        return self.radicand.sign()

    def bounds(self, digits: int) -> Bounds:
        """Return numbers that this one lies between, closer with more digits."""
        low, high = self.radicand.bounds(digits)
        return (root_bounds(low, digits)[0] if low > 0 else low), root_bounds(high, digits)[1]

    def minus(self, other: Real) -> int:
        """Return the sign of self - other, for an other that is not negative."""
        return (self.radicand - other * other).sign()


Exact: TypeAlias = Real | Root


def rational(value: Fraction | int) -> Real:
    """Return a rational number."""
    return Real({ONE: Fraction(value)} if value else {})


def power(base: str, logarithm: Fraction) -> Real:
    """Return base**logarithm, for the base "2" or "sqrt(e)"."""
    if base == "2":
        return _multiple(logarithm, Fraction(0), Fraction(1))
    return _multiple(Fraction(0), logarithm / 2, Fraction(1))


def _multiple(two: Fraction, e: Fraction, factor: Fraction) -> Real:
    whole = math.floor(two)
    return Real({Power(two - whole, e): factor * scaled(1, whole)})


def precisions() -> Iterator[int]:
    """Yield numbers of digits up to the limit."""
    digits = 64
    while digits <= LIMIT:
        yield digits
        digits *= 2


def given_up() -> FormatError:
    """Return the error for a question that the limit of digits leaves open."""
    return FormatError(f"the result is not decided by {LIMIT} digits; numfmt.exact gives up")


def decide(x: Exact, question: Callable[[Fraction], _T]) -> _T:
    """Return what a question about a number answers; it must be monotone between rationals.

    An irrational number lies strictly between its bounds. Where both have one answer, so has it:
    neither a value of a format nor a tie between two is irrational.
    """
    exact = x.rational
    if exact is not None:
        return question(exact)
    for digits in precisions():
        low, high = x.bounds(digits)
        if low <= 0 <= high:
            continue
        (answer, refused), (other, again) = _ask(question, low), _ask(question, high)
        if refused and again and str(refused) == str(again):
            raise refused
        if not refused and not again and answer == other and answer is not None:
            return answer
    raise given_up()


def _ask(question: Callable[[Fraction], _T], x: Fraction) -> tuple[_T | None, FormatError | None]:
    try:
        return question(x), None
    except FormatError as refused:
        return None, refused


def root_bounds(square: Fraction, digits: int) -> Bounds:
    """Return bounds of the square root of x > 0, both the root if it is found.

    With r the root cut to so many digits and rest = x - r*r, what is missing from r is
    rest / (2*r + it), and it is less than one unit.
    """
    place = digits - floor_log2(square) // 2
    moved = square * scaled(1, 2 * place)
    r = math.isqrt(math.floor(moved))
    rest = moved - r * r
    return (r + rest / (2 * r + 1)) * scaled(1, -place), (r + rest / (2 * r)) * scaled(1, -place)


def _power_bounds(key: Power, digits: int) -> Bounds:
    low, high = two_bounds(key.two, digits)
    least, most = e_bounds(key.e, digits)
    return low * least, high * most


@functools.lru_cache(maxsize=4096)
def two_bounds(a: Fraction, digits: int) -> Bounds:
    """Return bounds of 2**a for 0 <= a < 1 with a power of two as denominator.

    2**0.b1b2b3... is the root of 2**b1 * 2**0.b2b3...
    """
    places = a.denominator.bit_length() - 1
    low = high = 1 << digits
    for place in range(places):
        bit = a.numerator >> place & 1
        low = math.isqrt(low << (digits + bit))
        high = math.isqrt(high << (digits + bit)) + 1
    if places == 0:
        return Fraction(1), Fraction(1)
    return scaled(low, -digits), scaled(high, -digits)


@functools.lru_cache(maxsize=4096)
def e_bounds(b: Fraction, digits: int) -> Bounds:
    """Return bounds of e**b: the series of a small exponent, squared again and again."""
    if b == 0:
        return Fraction(1), Fraction(1)
    if b < 0:
        least, greatest = e_bounds(-b, digits)
        return 1 / greatest, 1 / least
    halvings = max(0, floor_log2(b) + 2)  # b / 2**halvings < 1/2
    places = digits + 2 * halvings + 16
    one = 1 << places
    exact = b * scaled(1, places - halvings)
    down, up = math.floor(exact), math.ceil(exact)
    low = high = term = most = one
    n = 0
    while term:
        n += 1
        term = term * down // (n << places)
        most = -(-most * up // (n << places))
        low, high = low + term, high + most
    high += most + 1  # the rest of the series is less than its last term
    for _ in range(halvings):
        low, high = low * low >> places, -(-high * high >> places)
    return scaled(low, -places), scaled(high, -places)

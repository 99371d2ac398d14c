"""Arithmetic on extended reals: numbers, two infinities and NaN, with the signs of zeros."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TypeAlias

from ..families.base import Format
from ..params import Kind
from ..rounding import Overflow, Rounding
from .data import Datum, datum
from .decoding import decode
from .projection import encode

Rounder: TypeAlias = Callable[[Datum], Datum]

NAN = Datum(Kind.NAN, 0)
ZERO = Datum(Kind.ZERO, 0)
ONE = datum(1)
INFINITY = Datum(Kind.INFINITY, 0)


def number(value: Fraction, sign_of_zero: int = 0) -> Datum:
    """Return a rational as a `Datum`."""
    return datum(value) if value else Datum(Kind.ZERO, sign_of_zero)


def is_nan(*values: Datum) -> bool:
    """Return whether any of the values is NaN."""
    return any(x.kind is Kind.NAN for x in values)


def is_infinite(x: Datum) -> bool:
    """Return whether x is an infinity."""
    return x.kind is Kind.INFINITY


def is_zero(x: Datum) -> bool:
    """Return whether x is a zero of either sign."""
    return x.kind is Kind.ZERO


def negate(x: Datum) -> Datum:
    """Return -x."""
    return x._replace(sign=1 - x.sign)


def absolute(x: Datum) -> Datum:
    """Return the magnitude of x."""
    return x._replace(sign=0)


def add(x: Datum, y: Datum) -> Datum:
    """Return x + y; +inf and -inf make NaN, and only -0 with -0 makes -0."""
    if is_nan(x, y):
        return NAN
    if is_infinite(x) and is_infinite(y):
        return x if x.sign == y.sign else NAN
    if is_infinite(x) or is_infinite(y):
        return x if is_infinite(x) else y
    return number(x.value + y.value, int(is_zero(x) and is_zero(y) and x.sign and y.sign))


def subtract(x: Datum, y: Datum) -> Datum:
    """Return x - y."""
    return add(x, negate(y))


def multiply(x: Datum, y: Datum) -> Datum:
    """Return x * y; 0 times infinity is NaN."""
    sign = x.sign ^ y.sign
    if is_nan(x, y):
        return NAN
    if is_infinite(x) or is_infinite(y):
        return NAN if is_zero(x) or is_zero(y) else Datum(Kind.INFINITY, sign)
    return number(x.value * y.value, sign)


def divide(x: Datum, y: Datum) -> Datum:
    """Return x / y as IEEE 754 has it: over zero an infinity, and NaN for 0/0 and inf/inf."""
    sign = x.sign ^ y.sign
    if is_nan(x, y) or (is_infinite(x) and is_infinite(y)) or (is_zero(x) and is_zero(y)):
        return NAN
    if is_infinite(x) or is_zero(y):
        return Datum(Kind.INFINITY, sign)
    if is_infinite(y):
        return Datum(Kind.ZERO, sign)
    return number(x.value / y.value, sign)


def less(x: Datum, y: Datum) -> bool:
    """Return whether x < y; NaN is less than nothing."""
    if is_nan(x, y):
        return False
    if is_infinite(x) or is_infinite(y):
        return x != y and ((is_infinite(x) and x.sign == 1) or (is_infinite(y) and y.sign == 0))
    return x.value < y.value


def larger(x: Datum, y: Datum) -> Datum:
    """Return the larger of two values that are not NaN, x if they are equal."""
    return y if less(x, y) else x


def largest_of(values: Iterable[Datum]) -> Datum:
    """Return the largest of values that are not negative nor NaN; of none, zero."""
    found = ZERO
    for x in values:
        found = larger(found, x)
    return found


def total(values: Iterable[Datum]) -> Datum:
    """Return the exact sum; the order does not count, and an exact zero is +0."""
    found = ZERO
    for x in values:
        found = add(found, x)
    return found


def rounder(fmt: Format | str | None) -> Rounder:
    """Return what rounds to the nearest value of a format as IEEE 754 does, or changes nothing."""
    if fmt is None:
        return lambda x: x
    return lambda x: decode(
        encode(x, fmt, rounding=Rounding.NEAREST_EVEN, overflow=Overflow.IEEE)[0], fmt
    )

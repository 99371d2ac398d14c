"""LNS and logarithmic takums: logarithms as rationals, compared digit by digit."""

import functools
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ..families.logarithmic import LnsFormat, LogarithmicFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import Rounding
from .data import Datum, scaled
from .rounding import DIRECTED, floor_log2
from .tapered import takum_fields


class LogDatum(NamedTuple):
    """What a code of logarithms stands for: (-1)**sign * base**logarithm where it is NORMAL.

    `base` is "2" or "sqrt(e)"; the logarithm is exact, the value mostly irrational.
    """

    kind: Kind
    sign: int
    logarithm: Fraction = Fraction(0)
    base: str = "2"

    @property
    def finite(self) -> bool:
        """Whether this is a number."""
        return self.kind < Kind.INFINITY


def decode_logarithm(code: int, fmt: LogarithmicFormat) -> LogDatum:
    """Return what a code stands for."""
    if isinstance(fmt, LnsFormat):
        sign, field = divmod(code, 1 << (fmt.bits - 1))
        if field == 1 << (fmt.bits - 2):  # the most negative logarithm
            return LogDatum(Kind.NAN if sign else Kind.ZERO, 0)
        if field > 1 << (fmt.bits - 2):
            field -= 1 << (fmt.bits - 1)
        return LogDatum(Kind.NORMAL, sign, Fraction(field, 1 << fmt.fraction_bits))
    if code == 0:
        return LogDatum(Kind.ZERO, 0, base=fmt.base)
    if code == 1 << (fmt.bits - 1):
        return LogDatum(Kind.NAN, 0, base=fmt.base)
    sign, c, m = takum_fields(f"{code:0{fmt.bits}b}")
    return LogDatum(Kind.NORMAL, sign, -(c + m) if sign else c + m, fmt.base)


def _ladder(fmt: LogarithmicFormat, sign: int) -> tuple[int, int]:
    """Return the codes of the smallest and the largest magnitude of a sign."""
    half, whole = 1 << (fmt.bits - 1), 1 << fmt.bits
    if isinstance(fmt, LnsFormat):
        return (sign * half + half // 2 + 1, sign * half + half // 2 - 1)
    return (whole - 1, half + 1) if sign else (1, half - 1)


def ladder_code(k: int, sign: int, fmt: LogarithmicFormat) -> int:
    """Return the code of the k-th magnitude from the smallest, k from 0."""
    first, _ = _ladder(fmt, sign)
    half = 1 << (fmt.bits - 1)
    if isinstance(fmt, LnsFormat):
        return sign * half + (first + k) % half
    return first - k if sign else first + k


def encode_logarithm(
    source: Datum, fmt: LogarithmicFormat, rounding: Rounding
) -> tuple[int, Flags]:
    """Return the code of a finite value; its logarithm is rounded, and clamped at both ends."""
    if source.magnitude == 0:
        zero = 1 << (fmt.bits - 2) if isinstance(fmt, LnsFormat) else 0
        return zero, Flags(0)
    x, sign = source.magnitude, source.sign
    low, high = 0, (1 << (fmt.bits - 1)) - 2
    while low < high:  # the last magnitude that is not above x
        middle = (low + high + 1) // 2
        if compare(x, ladder_logarithm(middle, fmt), fmt) >= 0:
            low = middle
        else:
            high = middle - 1
    k, last = low, (1 << (fmt.bits - 1)) - 2
    below = compare(x, ladder_logarithm(k, fmt), fmt)
    if below >= 0 and k < last and goes_up_ladder(k, x, below == 0, sign, fmt, rounding):
        k += 1
    return ladder_code(k, sign, fmt), Flags(0)


def ladder_logarithm(k: int, fmt: LogarithmicFormat) -> Fraction:
    """Return the logarithm of the k-th magnitude from the smallest, k from 0."""
    return decode_logarithm(ladder_code(k, 0, fmt), fmt).logarithm


def goes_up_ladder(
    k: int, x: Fraction, exact: bool, sign: int, fmt: LogarithmicFormat, rounding: Rounding
) -> bool:
    """Return whether x, at the k-th magnitude (`exact`) or above it, goes to the next one."""
    even = ladder_code(k, 0, fmt) % 2 == 0
    if rounding is Rounding.JAM:
        return even
    if exact:
        return False
    if rounding is Rounding.TO_ODD:
        return even
    if rounding in DIRECTED:
        away = {
            Rounding.TOWARD_ZERO: False,
            Rounding.AWAY_FROM_ZERO: True,
            Rounding.TOWARD_POSITIVE: not sign,
            Rounding.TOWARD_NEGATIVE: bool(sign),
        }
        return away[rounding]
    middle = (ladder_logarithm(k, fmt) + ladder_logarithm(k + 1, fmt)) / 2
    return compare(x, middle, fmt) > 0  # the power of a midpoint is irrational: there is no tie


def compare(x: Fraction, logarithm: Fraction, fmt: LogarithmicFormat) -> int:
    """Return the sign of x - base**logarithm."""
    exponent = floor_log2(x)
    if x == 1 or (fmt.base == "2" and x == scaled(1, exponent)):
        return (exponent > logarithm) - (exponent < logarithm)
    for low, high in _binary_bounds(x) if fmt.base == "2" else _natural_bounds(x):
        if low > logarithm:
            return 1
        if high < logarithm:
            return -1
    raise AssertionError("the bounds never end")


def _binary_bounds(x: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield ever closer bounds of log2 x."""
    return (log2_bounds(x, digits) for digits in _precisions())


def _natural_bounds(x: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield ever closer bounds of the logarithm of x to base sqrt(e), 2 ln 2 log2 x."""
    for digits in _precisions():
        (low, high), (less, more) = log2_bounds(x, digits), ln2_bounds(digits)
        yield 2 * low * (less if low >= 0 else more), 2 * high * (more if high >= 0 else less)


def _precisions() -> Iterator[int]:
    return (64 << step for step in itertools.count())


@functools.lru_cache(maxsize=1024)
def log2_bounds(x: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """Return bounds of log2 x, closer with more digits, by squaring: it doubles the logarithm."""
    exponent = floor_log2(x)
    y = x / scaled(1, exponent) * (1 << digits)
    low, high = int(y // 1), int(-(-y // 1))
    bits, place = 0, 0
    while place < digits - 8:
        low, high = low * low >> digits, -(-high * high >> digits)
        place += 1
        bits *= 2
        if low >= 2 << digits:
            low, high, bits = low >> 1, -(-high >> 1), bits + 1
        elif high >= 2 << digits:  # the square may lie on either side of 2
            break
    # log2 x = exponent + (bits + log2 y) / 2**place with y from 1 up to 2, or from about 2
    least = Fraction(2 * bits if high < 2 << digits else 2 * bits + 1, 2 << place)
    return exponent + least, exponent + least + Fraction(1, 1 << place)


@functools.lru_cache(maxsize=16)
def ln2_bounds(terms: int) -> tuple[Fraction, Fraction]:
    """Return bounds of ln 2 = 1/(1*2) + 1/(2*4) + 1/(3*8) + ... from so many terms."""
    total = sum((Fraction(1, n << n) for n in range(1, terms + 1)), Fraction(0))
    return total, total + Fraction(1, 1 << terms)

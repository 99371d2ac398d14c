"""Codes of wanted values: exactly one, any of an interval, or drawn at random."""

import functools
from fractions import Fraction
from typing import NamedTuple

from ...families.fixed import Encoding, FixedFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .intermediate import grid_of


class Target(NamedTuple):
    """A sign, and a magnitude that is `low` itself or strictly between `low` and `high`."""

    sign: int
    low: Fraction
    high: Fraction

    @property
    def exact(self) -> bool:
        """Whether one value is wanted."""
        return self.low == self.high

    def scaled(self, factor: Fraction) -> "Target":
        """Return the target times a number that is not zero."""
        sign = self.sign ^ (factor < 0)
        return Target(sign, self.low * abs(factor), self.high * abs(factor))


class Range(NamedTuple):
    """The magnitudes of one sign that a format has, as an operand."""

    least: int  # ordinals
    greatest: int
    smallest: Fraction  # nonzero
    largest: Fraction
    quantum: int  # all values are multiples of 2**quantum
    digits: int  # from the first to the last one of any value, at most


def point(sign: int, value: Fraction) -> Target:
    """Return the target of one value."""
    return Target(sign, value, value)


def signed_target(low: Fraction, high: Fraction) -> Target:
    """Return the target of a signed interval that has no zero inside."""
    return Target(1, -high, -low) if high <= 0 and low < 0 else Target(0, low, high)


@functools.lru_cache(maxsize=256)
def extent(fmt: GridFormat, sign: int, flush: bool = False) -> Range | None:
    """Return the nonzero magnitudes of a sign; `flush`: subnormal operands are zero."""
    grid = grid_of(fmt)
    if sign and not fmt.signed_values:
        return None
    fixed = isinstance(fmt, FixedFormat)
    skips = bool(grid.gap) or (flush and not fixed)
    least = max(1, grid.first, (1 << grid.t) if skips else 0)
    greatest = fmt.largest_ordinal(sign)
    if sign and isinstance(fmt, FixedFormat) and fmt.encoding is Encoding.NARROW:
        greatest += 1  # a code that is read, though never made
    if greatest < least:
        return None
    largest = fmt.value_of_ordinal(greatest)
    quantum = grid.emin - grid.t
    widest = (greatest - 1).bit_length() if fixed else grid.t + 1
    return Range(
        least, greatest, fmt.value_of_ordinal(least), largest, quantum, max(1, min(widest, 64))
    )


def floor_ordinal(fmt: GridFormat, value: Fraction) -> tuple[int, bool]:
    """Return the ordinal of the greatest magnitude up to a value >= 0, exponent unbounded."""
    grid = grid_of(fmt)
    if value == 0:
        return 0, True
    above = 0
    if not isinstance(fmt, FixedFormat):
        above = max(0, floor_log2(value) - grid.emin)
        if grid.gap and value < power_of_two(grid.emin):
            return 0, False
    kept = value / power_of_two(grid.emin - grid.t + above)
    whole = kept.numerator // kept.denominator
    return whole + (above << grid.t), whole == kept


def ordinals(fmt: GridFormat, target: Target, flush: bool = False) -> range:
    """Return the ordinals of the nonzero operands inside a target."""
    found = extent(fmt, target.sign, flush)
    if found is None or target.high <= 0:
        return range(0)
    first, exact = floor_ordinal(fmt, max(target.low, Fraction(0)))
    if target.exact:
        first, stop = first, first + int(exact)
    else:
        stop, exact = floor_ordinal(fmt, min(target.high, 2 * found.largest))
        first, stop = first + 1, stop + int(not exact)
    return range(max(first, found.least), min(stop, found.greatest + 1))


def pick(fmt: GridFormat, target: Target, stream: Stream, flush: bool = False) -> int | None:
    """Return a code of a format inside a target, or None where there is none; maybe a zero."""
    if target.exact and target.low == 0:
        return zero(fmt, target.sign)
    there = ordinals(fmt, target, flush)
    if not there:
        return None
    return fmt.code_of_ordinal(there[stream.below(len(there))], target.sign)


def pick_signed(
    fmt: GridFormat, low: Fraction, high: Fraction, stream: Stream, flush: bool = False
) -> int | None:
    """Return a code of a signed interval, the ends excluded unless they are equal."""
    if low < 0 < high:
        side = stream.below(2)
        return pick(fmt, Target(side, Fraction(0), -low if side else high), stream, flush)
    return pick(fmt, signed_target(low, high), stream, flush)


def exactly(fmt: GridFormat, value: Fraction, flush: bool = False) -> int | None:
    """Return the code of a signed value, or None where there is none."""
    target = point(int(value < 0), abs(value))
    if value == 0:
        return zero(fmt, 0)
    there = ordinals(fmt, target, flush)
    return fmt.code_of_ordinal(there[0], target.sign) if there else None


def zero(fmt: GridFormat, sign: int) -> int | None:
    """Return a code of zero, or None where there is none."""
    if not fmt.has_zero:
        return None
    return fmt.code_of_ordinal(0, sign if fmt.signed_values else 0)


def signs(fmt: GridFormat) -> tuple[int, ...]:
    """Return the signs of the nonzero values of a format."""
    return (0, 1) if fmt.signed_values else (0,)


def draw_sign(fmt: GridFormat, stream: Stream) -> int:
    """Return a sign at random, of those that there are."""
    return signs(fmt)[stream.below(len(signs(fmt)))]


def binades(fmt: GridFormat, flush: bool = False) -> tuple[int, int]:
    """Return the exponents of the smallest and the largest operand of either sign."""
    found, negative = extent(fmt, 0, flush), extent(fmt, 1, flush)
    assert found is not None
    largest = max(found.largest, negative.largest) if negative else found.largest
    return floor_log2(found.smallest), floor_log2(largest)


def draw_magnitude(
    fmt: GridFormat, exponent: int, stream: Stream, flush: bool = False
) -> Fraction | None:
    """Return a random magnitude with that exponent, or None where there is none."""
    low = power_of_two(exponent)
    first, _ = floor_ordinal(fmt, low)
    last, exact = floor_ordinal(fmt, 2 * low)
    found = extent(fmt, 0, flush)
    assert found is not None
    greatest = max(found.greatest, fmt.largest_ordinal(1))
    there = range(max(first, found.least), min(last + int(not exact), greatest + 1))
    if not there:
        return None
    within = [k for k in (there[0], there[-1]) if low <= fmt.value_of_ordinal(k) < 2 * low]
    if within and stream.below(4) == 0:
        return fmt.value_of_ordinal(within[stream.below(len(within))])
    value = fmt.value_of_ordinal(there[stream.below(len(there))])
    return value if low <= value < 2 * low else None


def draw_large(fmt: GridFormat, sign: int, stream: Stream) -> Fraction:
    """Return one of the largest magnitudes of a sign."""
    greatest = fmt.largest_ordinal(sign if fmt.signed_values else 0)
    return fmt.value_of_ordinal(max(0, greatest - stream.below(4) * stream.below(2)))


def odd_part(value: Fraction) -> tuple[int, int]:
    """Return m and e of a positive m * 2**e with odd m; the value must be dyadic."""
    twos = (value.numerator & -value.numerator).bit_length() - 1
    return value.numerator >> twos, twos - (value.denominator.bit_length() - 1)


def draw_odd(digits: int, stream: Stream) -> int:
    """Return a random odd integer of exactly that many digits, 1 or more."""
    if digits <= 1:
        return 1
    return 1 << (digits - 1) | stream.bits(digits - 2) << 1 | 1

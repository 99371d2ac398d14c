"""Magnitudes of the result format drawn at random, and targets a little above them."""

from typing import TYPE_CHECKING

from ...families.fixed import FixedFormat
from ...families.grid import floor_log2, power_of_two
from ..streams import Stream
from .building import Target
from .reach import ADDITIVE, most_digits, span, target_format
from .sources import finest

if TYPE_CHECKING:
    from ..spec import Spec


def draw_ordinal(
    spec: "Spec", sign: int, subnormal: bool, last: int, lost: int, stream: Stream
) -> int:
    """Return a magnitude of the result format with that last digit, which can lose digits.

    Below 0 where there is none. Sparse magnitudes are among them: fewer digits are easier to have.
    """
    fmt = target_format(spec)
    grid = fmt.grid
    largest = fmt.largest_ordinal(sign)
    least = finest(spec)
    quantum = grid.emin - (0 if grid.gap and subnormal else grid.t)
    coarse = max(0, least - quantum) if least is not None and spec.op != "scale_b" else 0
    if isinstance(fmt, FixedFormat):
        most = most_digits(spec) if spec.op not in ADDITIVE else None
        room = largest.bit_length() if most is None else max(1, most - lost)
        ordinal = (
            stream.bits(stream.between(1, min(largest.bit_length(), room))) >> coarse << coarse
        )
    elif subnormal:
        ordinal = _draw_subnormal(spec, coarse, stream)
    else:
        ordinal = _draw_normal(spec, largest, lost, stream)
    ordinal = min(ordinal, largest)
    if ((ordinal - grid.first) & 1) != last:
        ordinal ^= 1
    return ordinal if ordinal <= largest else ordinal - 2


def _draw_subnormal(spec: "Spec", coarse: int, stream: Stream) -> int:
    grid = target_format(spec).grid
    if grid.gap:
        return 0
    low = max(0, floor_log2(span(spec).smallest) - grid.emin + grid.t, coarse)
    length = stream.between(min(low, grid.t), grid.t)
    if length == 0 or (low == 0 and stream.below(4) == 0):
        return stream.below(2)
    digits = 0 if most_digits(spec) == 1 and stream.below(2) else _sparse(length - 1, stream)
    return (1 << (length - 1) | digits) >> coarse << coarse


def _draw_normal(spec: "Spec", largest: int, lost: int, stream: Stream) -> int:
    grid, bounds, least = target_format(spec).grid, span(spec), finest(spec)
    low = max(grid.emin, floor_log2(bounds.smallest) - 1)
    if least is not None and spec.op != "scale_b":
        low = max(low, least + lost + grid.t)
    high = min(grid.emin + (largest >> grid.t) - 1, floor_log2(bounds.largest))
    low, high = min(low, max(high, grid.emin)), max(high, grid.emin)
    choice = stream.below(4)
    binade = high if choice == 0 else low if choice == 1 else stream.between(low, high)
    return ((binade - grid.emin + 1) << grid.t) + _sparse(grid.t, stream)


def _sparse(width: int, stream: Stream) -> int:
    """Return random digits; in two of three cases most of them are zeros or most are ones."""
    digits, style = stream.bits(width), stream.below(3)
    if style == 0:
        return digits
    foot = stream.below(min(width, 6) + 1) * stream.below(2)
    head = stream.between(foot, width) if stream.below(2) else max(foot, width - stream.below(4))
    between = (1 << head) - (1 << foot)
    return digits & ~between if style == 1 else digits | between


def target_after(
    spec: "Spec", sign: int, ordinal: int, lost: int, width: int, rest: bool
) -> Target:
    """Return the target of a magnitude and `width` lost digits; `rest`: and something more."""
    fmt = target_format(spec)
    grid = fmt.grid
    low = fmt.value_of_ordinal(ordinal)
    above = 0 if isinstance(fmt, FixedFormat) else max(0, (ordinal >> grid.t) - 1)
    exponent = grid.emin + above - (0 if grid.gap and ordinal >> grid.t == 0 else grid.t)
    low += lost * power_of_two(exponent - width)
    return Target(sign, low, low + (power_of_two(exponent - width) if rest else 0))

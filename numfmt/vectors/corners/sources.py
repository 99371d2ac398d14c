"""Facts about the operands of a spec that solvers share, and values drawn for a result."""

from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .base import Row
from .building import Range, Target, binades, draw_odd, extent
from .intermediate import COPIES

if TYPE_CHECKING:
    from ..spec import Spec


def finest(spec: "Spec") -> int | None:
    """Return the g of which all exact results are multiples of 2**g; None: of none."""
    quanta = [extent_in(fmt, spec).quantum for fmt in number_formats(spec)]
    if spec.op in COPIES:
        return quanta[0]
    if spec.op in ("add", "sub", "faa", "remainder"):
        return min(quanta)
    if spec.op in ("mul", "fma"):
        return min([quanta[0] + quanta[1], *quanta[2:]])
    return None


def number_formats(spec: "Spec") -> tuple[GridFormat, ...]:
    """Return the formats of the operands that are numbers."""
    return tuple(fmt for fmt in spec.formats if isinstance(fmt, GridFormat))


def extent_in(fmt: GridFormat, spec: "Spec") -> Range:
    """Return the positive magnitudes of a format, as an operand of a spec."""
    found = extent(fmt, 0, spec.flush_inputs)
    assert found is not None
    return found


def draw_value(spec: "Spec", target: Target, stream: Stream) -> Fraction:
    """Return a signed dyadic value inside a target: of few digits, or next to one of its ends."""
    value = target.low
    if not target.exact:
        width, least = target.high - target.low, finest(spec)
        most = 40 if least is None else max(1, floor_log2(width) - least)
        if stream.below(3):
            depth = stream.between(1, min(most, (2, 8, 64)[stream.below(3)]))
            value += width * draw_odd(depth, stream) / power_of_two(depth)
        else:
            depth = stream.between(1, most)
            unit = draw_odd(min(3, depth), stream) * power_of_two(floor_log2(width) - depth)
            value = target.high - unit if stream.below(2) else target.low + unit
    return -value if target.sign else value


def extent_of(fmt: GridFormat) -> Fraction:
    """Return a number past all magnitudes of a format."""
    return 2 * max(abs(fmt.largest), abs(fmt.lowest))


def widths(spec: "Spec") -> list[int]:
    """Return the most digits that each operand has."""
    return [extent_in(fmt, spec).digits for fmt in number_formats(spec)]


def row_of(*codes: int | None) -> Row | None:
    """Return the row of some codes, if there are all of them."""
    found = tuple(code for code in codes if code is not None)
    return found if len(found) == len(codes) else None


def exponents(fmt: GridFormat, digits: int, flush: bool) -> tuple[int, int]:
    """Return the least and the greatest e for which digits * 2**e may be an operand."""
    found = extent(fmt, 0, flush)
    assert found is not None
    length = digits.bit_length()
    top = binades(fmt, flush)[1]
    return max(found.quantum, floor_log2(found.smallest) - length + 1), top - length + 1

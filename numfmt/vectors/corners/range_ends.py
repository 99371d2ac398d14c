"""Corner classes of exact results at the ends of the result format's range."""

import functools
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import Target, ordinals, point, signs
from .closest import short_factors
from .exhaustion import finds, narrow
from .intermediate import Exact, result
from .reach import Span, grids, rounds, span, target_format, why_not
from .solving import chance, large, rows

if TYPE_CHECKING:
    from ..spec import Spec

_TRIES = 96
_SIGNS = "+-"
Ends = dict[str, tuple[Fraction, Fraction]]  # a magnitude, or what lies strictly between two


def _quantum(fmt: GridFormat, ordinal: int) -> Fraction:
    """Return the distance from a magnitude to the next one."""
    if isinstance(fmt, FixedFormat):
        return power_of_two(fmt.grid.emin - fmt.grid.t)
    return fmt.value_of_ordinal(ordinal + 1) - fmt.value_of_ordinal(ordinal)


@functools.lru_cache(maxsize=64)
def _overflow(fmt: GridFormat, sign: int) -> Ends:
    """Return the intervals around the largest finite magnitude."""
    ordinal = fmt.largest_ordinal(sign)
    largest, ulp = fmt.value_of_ordinal(ordinal), _quantum(fmt, ordinal)
    far = 4 * power_of_two(fmt.grid.ceiling)
    found = {
        "max - 1 ulp": (largest - ulp, largest - ulp),
        "max - 1 ulp to max": (largest - ulp, largest),
        "max": (largest, largest),
        "max to + 1/2 ulp": (largest, largest + ulp / 2),
        "max + 1/2 ulp": (largest + ulp / 2, largest + ulp / 2),
        "max + 1/2 to + 1 ulp": (largest + ulp / 2, largest + ulp),
        "max + 1 ulp": (largest + ulp, largest + ulp),
        "past max + 1 ulp": (largest + ulp, far),
        "past the next binade": (far, far * power_of_two(1 << 12)),
    }
    if ordinal < 2 or _quantum(fmt, ordinal - 1) != ulp:
        del found["max - 1 ulp"], found["max - 1 ulp to max"]
    return found


@functools.lru_cache(maxsize=64)
def _least_normal(fmt: GridFormat, sign: int) -> Ends:
    """Return the intervals around the least normal magnitude, in quanta of subnormals."""
    del sign
    grid = fmt.grid
    least, ulp = power_of_two(grid.emin), power_of_two(grid.emin - grid.t)
    found = {
        "least normal - 1 ulp": (least - ulp, least - ulp),
        "least normal - 1 to - 1/2 ulp": (least - ulp, least - ulp / 2),
        "least normal - 1/2 ulp": (least - ulp / 2, least - ulp / 2),
        "least normal - 1/2 to - 1/4 ulp": (least - ulp / 2, least - ulp / 4),
        "least normal - 1/4 ulp": (least - ulp / 4, least - ulp / 4),
        "least normal - 1/4 ulp to least normal": (least - ulp / 4, least),
        "least normal": (least, least),
        "least normal to + 1/2 ulp": (least, least + ulp / 2),
        "least normal + 1/2 ulp": (least + ulp / 2, least + ulp / 2),
        "least normal + 1/2 to + 1 ulp": (least + ulp / 2, least + ulp),
        "least normal + 1 ulp": (least + ulp, least + ulp),
    }
    if grid.t == 0:
        del found["least normal - 1 ulp"]
    return found


@functools.lru_cache(maxsize=64)
def _underflow(fmt: GridFormat, sign: int) -> Ends:
    """Return the intervals from zero to the least magnitude."""
    del sign
    least = fmt.smallest
    assert least is not None
    tiny = least * power_of_two(-fmt.grid.t - 2)
    return {
        "zero to 2**-(p+1) of the least": (Fraction(0), tiny),
        "2**-(p+1) to 1/2 of the least": (tiny, least / 2),
        "1/2 of the least": (least / 2, least / 2),
        "1/2 to 3/4 of the least": (least / 2, least * 3 / 4),
        "3/4 of the least": (least * 3 / 4, least * 3 / 4),
        "3/4 of the least to the least": (least * 3 / 4, least),
        "the least": (least, least),
        "the least to 3/2 of it": (least, least * 3 / 2),
        "3/2 of the least": (least * 3 / 2, least * 3 / 2),
    }


def _ends_there(spec: "Spec", value: Fraction) -> bool:
    """Return whether an exact result is worth a bin: of hypot only those of an operand and 0."""
    if spec.op != "hypot":
        return True
    return any(ordinals(fmt, point(0, value), spec.flush_inputs) for fmt in grids(spec))


def _inside(x: Exact, low: Fraction, high: Fraction) -> bool:
    """Return whether a magnitude is one value, or strictly between two."""
    if low == high:
        return not x.rest and _compare(x, low) == 0
    below, above = _compare(x, low), _compare(x, high)
    return (below > 0 or (below == 0 and x.rest)) and above < 0


def _compare(x: Exact, end: Fraction) -> int:
    """Return the sign of digits * 2**exponent - end."""
    left, right = x.digits * end.denominator, end.numerator
    if x.exponent >= 0:
        left <<= x.exponent
    else:
        right <<= -x.exponent
    return (left > right) - (left < right)


def _class(
    name: str, models: str, text: str, ends: Callable[[GridFormat, int], Ends], floats_only: bool
) -> CornerClass:
    """Return the class of the intervals that `ends` names for each sign."""

    def applies(spec: "Spec") -> bool:
        if not rounds(spec):
            return False
        fmt = target_format(spec)
        if spec.op == "div" and isinstance(fmt, FixedFormat):
            return False
        return not floats_only or (isinstance(fmt, FloatFormat) and fmt.zero)

    def bins(spec: "Spec") -> tuple[Bin, ...]:
        return tuple(
            f"{_SIGNS[sign]} {label}"
            for sign in signs(target_format(spec))
            for label, (low, high) in ends(target_format(spec), sign).items()
            if low < high or _ends_there(spec, low)
        )

    def target(spec: "Spec", wanted: Bin) -> Target:
        sign = _SIGNS.index(wanted[0])
        return Target(sign, *ends(target_format(spec), sign)[wanted[2:]])

    def solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
        within = target(spec, wanted)
        bounds = span(spec)
        high = within.high
        if not within.exact:
            high = max(within.low, min(high, bounds.largest * 2))
        if high == within.low and not within.exact:
            return
        for narrower in _narrowed(within._replace(high=high), bounds):
            yield from rows(spec, narrower, stream, _TRIES)
        if spec.op == "mul" and not within.exact and within.low > 0:
            yield from short_factors(spec, within, stream)
        if name == "overflow":
            yield from large(spec, within.sign, stream)
        yield from chance(spec, stream)
        if narrow(spec) and why_not(spec, within) is None:
            yield from itertools.islice(finds(spec, within), 1)

    def hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
        x = result(spec, row)
        if x is None or (x.digits == 0 and not x.rest) or x.sign not in signs(target_format(spec)):
            return ()
        found = ends(target_format(spec), x.sign).items()
        return tuple(
            f"{_SIGNS[x.sign]} {label}"
            for label, (low, high) in found
            if _inside(x, low, high) and (low < high or _ends_there(spec, low))
        )

    def unreachable(spec: "Spec", wanted: Bin) -> str | None:
        reason = why_not(spec, target(spec, wanted))
        if reason is None and narrow(spec) and not any(finds(spec, target(spec, wanted))):
            return "all values of the narrow operands were tried, and no other operand fits them"
        return reason

    return CornerClass(
        name=name,
        models=models,
        text=text,
        applies=applies,
        bins=bins,
        solve=solve,
        hits=hits,
        unreachable=unreachable,
    )


def _narrowed(target: Target, bounds: Span) -> Iterator[Target]:
    """Yield a target, and where it is wide its binades first, from the largest result down."""
    if not target.exact and target.high > 4 * target.low:
        top = floor_log2(min(target.high, bounds.largest))
        for exponent in (top, top - 1, top - 2, top - 3):
            low, high = power_of_two(exponent), power_of_two(exponent + 1)
            if low >= target.low and high <= target.high:
                yield Target(target.sign, low, high)
    yield target


CLASSES: tuple[CornerClass, ...] = (
    _class("overflow", "B4", "the exact result around the largest finite value", _overflow, False),
    _class(
        "least_normal",
        "B5",
        "the exact result around the least normal, the boundary of tininess after rounding with it",
        _least_normal,
        True,
    ),
    _class("underflow", "B6", "the exact result around the least magnitude", _underflow, True),
)

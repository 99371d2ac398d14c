"""Corner classes of the digits around the rounding point of an exact result."""

import functools
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from ...families.fixed import FixedFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import Target, draw_odd, signs
from .closest import SUMS, Ending, products, quotients, roots, sums, triples
from .drawing import draw_ordinal, target_after
from .intermediate import IRRATIONAL, Shape, placed, shape
from .reach import (
    ADDITIVE,
    digits,
    grids,
    lost_digits,
    most_digits,
    rounds,
    span,
    target_format,
    why_no_sign,
    why_not,
)
from .solving import chance, rows
from .sources import finest

if TYPE_CHECKING:
    from ..spec import Spec

_TARGETS = 40
_SIGNS = "+-"
_SIDES = {"0..01": (0, 1), "01..1": (1, 0), "10..01": (1, 1), "1..1": (2, 0)}


def _regions(spec: "Spec") -> tuple[str, ...]:
    if isinstance(spec.dst, FixedFormat):
        return ("",)
    return ("normal", "subnormal") if target_format(spec).has_zero else ("normal",)


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(
        " ".join(f"{_SIGNS[sign]} {region} last={a} guard={b} sticky={c}".split())
        for region in _regions(spec)
        for sign in signs(target_format(spec))
        for a, b, c in itertools.product((0, 1), repeat=3)
    )


def _parse(wanted: Bin) -> tuple[int, str, int, int, int]:
    first, *middle, last, guard, sticky = wanted.split()
    region = middle[0] if middle else ""
    return _SIGNS.index(first), region, int(last[-1]), int(guard[-1]), int(sticky[-1])


def _hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    at = placed(spec, row)
    if at is None or at.ordinal > target_format(spec).largest_ordinal(at.sign):
        return ()
    region = "subnormal" if at.subnormal else "normal"
    if isinstance(spec.dst, FixedFormat):
        region = ""
    return (
        " ".join(
            f"{_SIGNS[at.sign]} {region} last={at.last} guard={at.guard} sticky={at.sticky}".split()
        ),
    )


def _solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    sign, region, last, guard, sticky = _parse(wanted)
    if spec.op == "mul" and region == "normal" and not sticky:
        lost = guard if guard or last else -1
        yield from products(
            spec, sign, Ending(last << 1 | guard if guard else 1, 1 + guard, lost), stream
        )
    if spec.op in SUMS and region == "normal":
        more = sticky * stream.between(1, 3)
        pattern = (last << 1 | guard) << more | (draw_odd(more, stream) if more else 0)
        yield from sums(spec, sign, Ending(pattern, 2 + more, 1 + more), stream)
    if spec.op == "hypot" and region == "normal" and not sticky:
        yield from triples(spec, target_format(spec).grid.t + 1 + guard, stream)
    for _ in range(_TARGETS):
        ordinal = draw_ordinal(spec, sign, region == "subnormal", last, guard + sticky, stream)
        target = target_after(spec, sign, max(0, ordinal), guard, 1, bool(sticky))
        if target.high > 0:
            yield from rows(spec, target, stream, 4)
    yield from chance(spec, stream)


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    sign, region, last, guard, sticky = _parse(wanted)
    fmt = target_format(spec)
    grid, bounds = fmt.grid, span(spec)
    reason = why_no_sign(spec, sign)
    if reason:
        return reason
    if bounds.smallest >= fmt.value_of_ordinal(fmt.largest_ordinal(sign)) + _last_digit(fmt):
        return "every exact result is past the largest finite value"
    if region == "normal":
        if bounds.largest < power_of_two(grid.emin):
            return "every exact result is below the least normal"
        return _why_not_normal(spec, last, guard, sticky)
    quantum = grid.emin - (0 if grid.gap else grid.t)
    if region == "subnormal":
        if bounds.smallest >= power_of_two(grid.emin):
            return "no exact result but zero is below the least normal"
        reason = why_not(spec, Target(sign, Fraction(0), power_of_two(grid.emin)))
        if reason:
            return reason
        if last and (grid.gap or grid.t == 0):
            return "the format has no subnormals: below the least normal the kept digits are 0"
        if not (last or guard or sticky) and (grid.gap or grid.t <= 1):
            return "below the least normal the one kept digit of an exact result is 1"
    elif last and bounds.largest < power_of_two(quantum):
        return "every exact result is smaller than the last digit"
    elif not (last or guard or sticky) and bounds.largest < power_of_two(quantum + 1):
        return "every exact result is smaller than two of the last digit"
    least = finest(spec)
    if least is not None and spec.op != "scale_b":
        coarse = least > quantum - 1 - sticky if guard or sticky else last and least > quantum
        if coarse or (sticky and least >= quantum - 1):
            return f"every exact result is a multiple of 2**{least}"
    if spec.op in ("hypot", "sqrt") and not sticky and (guard or last):
        unit = min(fmt.grid.emin - fmt.grid.t for fmt in grids(spec))
        unit *= 2 if spec.op == "hypot" else 1
        if unit > 2 * (quantum - guard):
            return f"the square of every exact result is a multiple of 2**{unit}"
    return _why_too_short(spec, last, guard, sticky) or _why_not_ending(spec, wanted, quantum)


def _why_too_short(spec: "Spec", last: int, guard: int, sticky: int) -> str | None:
    """Return why no result has the digits from the first to the last one that are wanted."""
    most = most_digits(spec)
    if most is None or (sticky and spec.op in IRRATIONAL):
        return None
    needed = 1 + sticky * (guard or 2 * last) + last * guard
    if needed > most:
        return f"a result that ends has at most {most} significant digits, this needs {needed}"
    return None


def _last_digit(fmt: GridFormat) -> Fraction:
    """Return the last digit of the largest values of a format."""
    exponent = fmt.grid.emin if isinstance(fmt, FixedFormat) else fmt.grid.ceiling
    return power_of_two(exponent - fmt.grid.t)


def _overlaps(spec: "Spec") -> bool:
    """Return whether results may lie in the normal range of the result format."""
    fmt, bounds = target_format(spec), span(spec)
    fixed = isinstance(fmt, FixedFormat)
    least = power_of_two(fmt.grid.emin - (fmt.grid.t if fixed else 0))
    return bounds.largest > 2 * least and bounds.smallest < fmt.largest


def _why_not_normal(spec: "Spec", last: int, guard: int, sticky: int) -> str | None:
    """Return why no result has so many digits, in the normal range."""
    fmt, least = target_format(spec), finest(spec)
    precision = fmt.grid.t + 1
    if least is not None and spec.op != "scale_b":
        top = min(floor_log2(span(spec).largest), floor_log2(fmt.largest))
        lost = max(top, fmt.grid.emin) - fmt.grid.t - least
        if ((guard or sticky) and lost < 1 + sticky) or (last and lost < 0 and precision > 1):
            return f"every exact result is a multiple of 2**{least}"
    most = most_digits(spec)
    if most is None or (sticky and spec.op in IRRATIONAL):
        return None
    needed = precision + 1 + sticky if guard or sticky else precision * last
    if precision == 1 and needed == 1:
        return None
    if most < needed:
        return f"a result that ends has at most {most} significant digits, this needs {needed}"
    return None


def _why_not_ending(spec: "Spec", wanted: Bin, quantum: int) -> str | None:
    """Return why no result below the least normal ends so, where only powers of two end."""
    sign, region, last, guard, sticky = _parse(wanted)
    if sticky or spec.op not in ("recip", "rsqrt") or region != "subnormal":
        return None
    if last and guard:
        return "a result that ends is a power of two"
    exponents = [quantum - 1] if guard else [quantum] if last else range(quantum + 1, quantum + 60)
    values = [power_of_two(e) for e in exponents if e < target_format(spec).grid.emin]
    if all(why_not(spec, Target(sign, value, value)) for value in values):
        return "a result that ends is a power of two, and none of these is one"
    return None


def _depth(spec: "Spec") -> int:
    """Return how many digits after the guard digit come near enough to a boundary."""
    return _depth_of(shape(spec))


@functools.lru_cache(maxsize=64)
def _depth_of(key: Shape) -> int:
    spec = cast("Spec", key)
    precision = target_format(spec).grid.t + 1
    wide = [digits(fmt, spec.flush_inputs) for fmt in grids(spec)]
    if spec.op in IRRATIONAL and isinstance(spec.dst, FixedFormat):
        return 2
    if spec.op == "div":
        return min(wide) - 3
    if spec.op == "sqrt":
        return min(precision, wide[0]) - 7 if wide[0] <= precision else 2
    if spec.op in ("recip", "rsqrt", "hypot"):
        return 2
    if spec.op in ADDITIVE:
        return min(lost_digits(spec) - 1, precision, min(wide) - 1)
    lost = lost_digits(spec) - (2 if spec.op == "mul" else 1)
    return min(lost, precision + 1)


def _applies_boundaries(spec: "Spec") -> bool:
    if not rounds(spec) or spec.op in ("scale_b", "remainder"):
        return False
    return _overlaps(spec) and _depth(spec) >= 2


def _boundary_bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(
        f"{_SIGNS[sign]} last={last} lost {side}"
        for sign in signs(target_format(spec))
        if not why_no_sign(spec, sign)
        for last in (0, 1)
        for side in _SIDES
    )


def _boundary_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    at = placed(spec, row)
    if at is None or at.subnormal or not at.sticky:
        return ()
    if at.ordinal > target_format(spec).largest_ordinal(at.sign):
        return ()
    depth = _depth(spec) - 1  # digits after the guard digit
    near = at.tail >> (at.width - depth) if at.width >= depth else at.tail << (depth - at.width)
    if near == 0:
        side = "10..01" if at.guard else "0..01"
    elif near == (1 << depth) - 1 and at.width >= depth:
        side = "1..1" if at.guard else "01..1"
    else:
        return ()
    return (f"{_SIGNS[at.sign]} last={at.last} lost {side}",)


def _solve_boundary(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    sign, last, side = _SIGNS.index(wanted[0]), int(wanted[7]), wanted.split()[-1]
    halves, above = _SIDES[side]
    depth = _depth(spec)
    if spec.op == "div":
        yield from quotients(spec, sign, halves == 1, bool(above), stream)
    elif spec.op == "sqrt" and depth > 2:
        yield from roots(spec, halves == 1, bool(above), stream)
    elif spec.op == "mul" or spec.op in SUMS:
        lost = depth + 1
        pattern = ((last * 2 + halves) << (lost - 1)) + (1 if above else -1)
        solved = products if spec.op == "mul" else sums
        yield from solved(spec, sign, Ending(pattern % (2 << lost), lost + 1, lost), stream)
    for _ in range(2 * _TARGETS):
        ordinal = draw_ordinal(spec, sign, False, last, depth + 1, stream)
        lost = (halves << (depth - 1)) - (not above)
        target = target_after(spec, sign, max(0, ordinal), lost, depth, True)
        yield from rows(spec, target, stream, 4)
    yield from chance(spec, stream)


def _most_distant(spec: "Spec") -> int:
    """Return the largest distance of a single sticky digit from the guard digit that is wanted."""
    return _most_distant_of(shape(spec))


@functools.lru_cache(maxsize=64)
def _most_distant_of(key: Shape) -> int:
    spec = cast("Spec", key)
    precision = target_format(spec).grid.t + 1
    if spec.op == "scale_b":
        return digits(grids(spec)[0], spec.flush_inputs) - 2
    if isinstance(spec.dst, FixedFormat) and len(grids(spec)) == 1:
        return min(lost_digits(spec), digits(grids(spec)[0], spec.flush_inputs) - 1) - 1
    return min(lost_digits(spec) - 1, 2 * precision + 3)


def _applies_sticky(spec: "Spec") -> bool:
    if not rounds(spec) or spec.op in IRRATIONAL | {"remainder"}:
        return False
    return _overlaps(spec) and _most_distant(spec) >= 1


def _sticky_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    at = placed(spec, row)
    if at is None or at.guard or at.rest or at.tail == 0 or at.tail & (at.tail - 1):
        return ()
    distance = at.width - at.tail.bit_length() + 1
    largest = target_format(spec).largest_ordinal(at.sign)
    if at.ordinal > largest or distance > _most_distant(spec):
        return ()
    return (f"one at guard - {distance}",)


def _solve_sticky(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    distance = int(wanted.split()[-1])
    fmt = target_format(spec)
    if spec.op == "mul" or spec.op in SUMS:
        solved = products if spec.op == "mul" else sums
        length = distance + 1 + (spec.op != "mul")
        for sign in signs(fmt):
            yield from solved(spec, sign, Ending(1, length, distance + 1), stream)
    for _ in range(_TARGETS):
        sign = 0 if why_no_sign(spec, 1) or stream.below(2) else signs(fmt)[-1]
        last = stream.below(4) == 0
        subnormal = spec.op == "scale_b" or stream.below(4) == 0
        ordinal = draw_ordinal(spec, sign, subnormal, last, distance + 1, stream)
        target = target_after(spec, sign, max(0, ordinal), 1, distance + 1, False)
        yield from rows(spec, target, stream, 4)
    yield from chance(spec, stream)


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="rounding",
        models="B3",
        text="sign, last kept digit, guard digit and sticky of the exact result",
        applies=rounds,
        bins=_bins,
        solve=_solve,
        hits=_hits,
        unreachable=_unreachable,
    ),
    CornerClass(
        name="boundaries",
        models="B8",
        text="the lost digits just around a boundary of rounding: 0..01, 01..1, 10..01, 1..1",
        applies=_applies_boundaries,
        bins=_boundary_bins,
        solve=_solve_boundary,
        hits=_boundary_hits,
    ),
    CornerClass(
        name="sticky",
        models="B7",
        text="a single one among the lost digits, at each distance below the guard digit",
        applies=_applies_sticky,
        bins=lambda spec: tuple(f"one at guard - {j + 1}" for j in range(_most_distant(spec))),
        solve=_solve_sticky,
        hits=_sticky_hits,
    ),
)

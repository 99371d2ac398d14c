"""Corner classes of addends against each other: shifts, cancellation, products and addends."""

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from ...families.fixed import FixedFormat
from ...families.grid import floor_log2
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import (
    binades,
    draw_magnitude,
    exactly,
)
from .cancelling import (
    ALL,
    cancelled,
    cancelled_first,
    cancelled_product,
    completed,
    first_side,
)
from .exhaustion import cancelled_pairs, narrow
from .intermediate import Operand, Shape, operands, product, result, shape
from .reach import digits, grids, rounds, target_format
from .solving import chance

if TYPE_CHECKING:
    from ..spec import Spec

_TRIES = 96
_NARROW_ADDEND = 8  # bits
_EFFECTS = ("alike", "opposite")
_SUMS = ("add", "sub", "fma", "faa")


def _applies(spec: "Spec") -> bool:
    if spec.op not in _SUMS or not rounds(spec):
        return False
    first, *others = grids(spec)
    return first.family == "float" or all(fmt.structure == first.structure for fmt in others[:1])


def _sides(spec: "Spec", row: Row) -> tuple[Operand, Operand] | None:
    """Return the two addends that are compared: of faa those of a and b, of fma product and c."""
    found = operands(spec, row)
    if not all(x.finite for x in found):
        return None
    if spec.op == "fma":
        return product(found[0], found[1]), found[2]
    x, y = found[:2]
    return x, y._replace(sign=1 - y.sign) if spec.op == "sub" else y


def _ranges(spec: "Spec") -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the exponents of both addends, of those that both signs have."""
    flush = spec.flush_inputs
    ends = [(binades(fmt, flush)[0], floor_log2(fmt.largest)) for fmt in grids(spec)]
    if spec.op != "fma":
        return ends[0], ends[1]
    first, second = (fmt.largest for fmt in grids(spec)[:2])
    return (ends[0][0] + ends[1][0], floor_log2(first * second)), ends[2]


def _effects(spec: "Spec") -> tuple[str, ...]:
    """Return which signs the two addends may have against each other."""
    signed = [fmt.signed_values for fmt in grids(spec)]
    if any(signed[:2]) or (spec.op == "fma" and signed[2]):
        return _EFFECTS
    return _EFFECTS[1:] if spec.op == "sub" else _EFFECTS[:1]


def _shifts(spec: "Spec") -> range:
    """Return the differences of exponents that are wanted."""
    return _shifts_of(shape(spec))


@functools.lru_cache(maxsize=64)
def _shifts_of(key: Shape) -> range:
    spec = cast("Spec", key)
    (low, high), (low2, high2) = _ranges(spec)
    wide = [digits(fmt, spec.flush_inputs) for fmt in grids(spec)]
    first = wide[0] + wide[1] if spec.op == "fma" else wide[0]
    most = max(target_format(spec).grid.t + 1, first, wide[-1]) + 3
    return range(max(low - high2, -most), min(high - low2, most) + 1)


def _shift_bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(f"{d:+d} {effect}" for d in _shifts(spec) for effect in _effects(spec))


def _shift_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    sides = _sides(spec, row)
    if sides is None or not (sides[0].digits and sides[1].digits):
        return ()
    x, y = sides
    distance = x.binade - y.binade
    if distance not in _shifts(spec):
        return ()
    return (f"{distance:+d} {_EFFECTS[x.sign ^ y.sign]}",)


def _solve_shift(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    distance, effect = int(wanted.split()[0]), _EFFECTS.index(wanted.split()[1])
    (low, high), (low2, high2) = _ranges(spec)
    low, high = max(low, low2 + distance), min(high, high2 + distance)
    fmt = grids(spec)[2 if spec.op == "fma" else 1]
    for _ in range(_TRIES):
        binade = (low, high, stream.between(low, high))[stream.below(3)]
        found = first_side(spec, binade, stream)
        magnitude = draw_magnitude(fmt, binade - distance, stream, spec.flush_inputs)
        if found is None or magnitude is None:
            continue
        negative = (found[1] < 0) ^ effect ^ (spec.op == "sub")
        code = exactly(fmt, -magnitude if negative else magnitude, spec.flush_inputs)
        row = completed(spec, found[0], code)
        if row is not None:
            yield row
    yield from chance(spec, stream)


Addend = tuple[int, int, int, int]  # least and greatest exponent, finest digit, number of digits


def _addends(spec: "Spec") -> tuple[Addend, Addend]:
    """Return the digits of the two addends that are compared."""
    return _addends_of(shape(spec))


@functools.lru_cache(maxsize=64)
def _addends_of(key: Shape) -> tuple[Addend, Addend]:
    spec = cast("Spec", key)
    wide = [digits(fmt, spec.flush_inputs) for fmt in grids(spec)]
    quanta = [fmt.grid.emin - fmt.grid.t for fmt in grids(spec)]
    first, second = _ranges(spec)
    if spec.op == "fma":
        whole = wide[0] + wide[1] - 1
        narrow = isinstance(grids(spec)[2], FixedFormat) and wide[2] < whole
        if narrow or wide[2] + min(wide[:2]) <= whole:
            whole = max(min(wide[:2]), wide[2]) - 1
        return (*first, quanta[0] + quanta[1], whole), (*second, quanta[2], wide[2])
    return (*first, quanta[0], wide[0]), (*second, quanta[1], wide[1])


@functools.lru_cache(maxsize=16)
def _depths(one: Addend, other: Addend, emin: int | None) -> dict[tuple[int, bool], list[int]]:
    """Return, by digits lost and whether the result is subnormal, where the larger addend may be.

    The result is a multiple of the finer last digit of the two, which bounds what can cancel.
    """
    widest = max(one[3], other[3])
    low, high = max(one[0], other[0]), min(one[1], other[1])
    near = {low + i for i in range(2 * widest + 4)} | {high - i for i in range(5)}
    found: dict[tuple[int, bool], list[int]] = {}
    for top in sorted(e for e in near if low <= e <= high):
        last = [
            min(max(one[2], e - one[3] + 1), max(other[2], f - other[3] + 1))
            for e, f in ((top, top), (top, top - 1), (top - 1, top))
            if e >= one[0] and f >= other[0]
        ]
        for depth in range(1, min(widest, top - min(last, default=top)) + 1):
            small = emin is not None and top - depth < emin
            found.setdefault((depth, small), []).append(top)
    return found


def _emin(spec: "Spec") -> int | None:
    fmt = target_format(spec)
    return None if isinstance(fmt, FixedFormat) else fmt.grid.emin


def _cancel_bins(spec: "Spec") -> tuple[Bin, ...]:
    if len(_effects(spec)) == 1 and spec.op != "sub":
        return ("a carry", "0 digits")
    found = sorted(_depths(*_addends(spec), _emin(spec)))
    lost = tuple(f"{d} digits{', subnormal' if small else ''}" for d, small in found)
    return (("a carry",) if "alike" in _effects(spec) else ()) + ("0 digits", *lost, "all digits")


def _cancel_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    sides, x = _sides(spec, row), result(spec, row)
    if sides is None or x is None or not (sides[0].digits and sides[1].digits):
        return ()
    if spec.op == "faa" and operands(spec, row)[2].digits:
        return ()
    if x.digits == 0:
        return ("all digits",)
    depth = max(sides[0].binade, sides[1].binade) - x.binade
    if depth < 0:
        return ("a carry",)
    if depth == 0:
        return ("0 digits",)
    emin = _emin(spec)
    small = emin is not None and x.binade < emin
    if (depth, small) not in _depths(*_addends(spec), emin):
        return ()
    return (f"{depth} digits{', subnormal' if small else ''}",)


def _solve_cancel(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    one, other = _addends(spec)
    lost = {"a": -1, "all": ALL}.get(wanted.split()[0])
    lost = int(wanted.split()[0]) if lost is None else lost
    tops = _depths(one, other, _emin(spec)).get((lost, "subnormal" in wanted))
    low, high = max(one[0], other[0]), min(one[1], other[1])
    if tops is None:
        tops = [low, low + 1, (low + high) // 2, high - 1, high]
    for _ in range(2 * _TRIES):
        top = tops[stream.below(len(tops))]
        way = stream.below(3)
        if spec.op == "fma" and lost > 1 and way == 0:
            row = cancelled_product(spec, top, lost, stream)
        elif way == 1:
            row = cancelled_first(spec, top, lost, stream)
        else:
            row = cancelled(spec, top, lost, stream)
        if row is not None:
            yield row
    yield from chance(spec, stream)
    if _tries_all(spec) and lost > 0 and wanted in _pairs(spec):
        yield _pairs(spec)[wanted]


def _tries_all(spec: "Spec") -> bool:
    """Return whether all products and all addends can be tried."""
    return spec.op == "fma" and narrow(spec) and grids(spec)[2].bits <= _NARROW_ADDEND


def _pairs(spec: "Spec") -> dict[Bin, Row]:
    """Return a row for every number of digits that cancels, where all can be tried."""
    found = cancelled_pairs(shape(spec), _emin(spec))
    return {f"{d} digits{', subnormal' if small else ''}": row for (d, small), row in found.items()}


def _cancel_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    if not _tries_all(spec) or wanted in ("a carry", "0 digits", "all digits"):
        return None
    return None if wanted in _pairs(spec) else "all products were tried with all addends"


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="alignment",
        models="B10, B11, B14",
        text="each distance of the exponents of two addends, with signs alike and opposite",
        applies=_applies,
        bins=_shift_bins,
        solve=_solve_shift,
        hits=_shift_hits,
    ),
    CornerClass(
        name="cancellation",
        models="B12, B13, B16",
        text="each number of leading digits that cancel, also down to a subnormal result",
        applies=lambda spec: _applies(spec) and (spec.op != "faa" or grids(spec)[2].has_zero),
        bins=_cancel_bins,
        solve=_solve_cancel,
        hits=_cancel_hits,
        unreachable=_cancel_unreachable,
    ),
)

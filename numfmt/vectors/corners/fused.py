"""Corner classes of multiply-add: a product past an end of the range, and a sum that is not."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, cast

from ...families.floats import FloatFormat
from ...families.grid import floor_log2, power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import (
    Target,
    binades,
    draw_magnitude,
    draw_sign,
    exactly,
    extent,
    pick_signed,
    signs,
)
from .exhaustion import finds, narrow
from .intermediate import Exact, Operand, operands, product, result, shape
from .reach import digits, grids, rounds, span, target_format, why_not
from .solving import chance, rows

if TYPE_CHECKING:
    from ..spec import Spec

_TRIES = 128
_SIGNS = "+-"


class _Want(NamedTuple):
    """Magnitudes of the product and of the sum, in the result format; ends are not included."""

    product: tuple[Fraction, Fraction]
    sum: tuple[Fraction, Fraction]


def _wants(spec: "Spec") -> dict[str, _Want]:
    """Return the cases by name."""
    fmt = target_format(spec)
    largest, normal = fmt.largest, power_of_two(fmt.grid.emin)
    least = fmt.smallest or normal
    past = (largest, max(8 * largest, span(spec).largest))
    nothing = Fraction(0)
    return {
        "product past the largest, sum not": _Want(past, (nothing, largest)),
        "product past the largest, sum normal of less": _Want(past, (normal, largest / 4)),
        "product subnormal, sum normal": _Want((least, normal), (normal, largest)),
        "product subnormal, sum subnormal": _Want((least, normal), (least, normal)),
        "product below the least, sum normal": _Want((nothing, least), (normal, largest)),
        "product below the least, sum subnormal": _Want((nothing, least), (least, normal)),
        "product normal, sum subnormal": _Want((normal, largest), (nothing, normal)),
    }


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(
        f"{_SIGNS[sign]} {name}"
        for sign in signs(target_format(spec))
        for name, want in _wants(spec).items()
        if want.product[0] < want.product[1] and want.sum[0] < want.sum[1]
    )


def _hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    found = operands(spec, row)
    total = result(spec, row)
    if total is None or not all(x.finite for x in found) or found[2].digits == 0:
        return ()
    factor = product(found[0], found[1])
    if factor.sign not in signs(target_format(spec)):
        return ()
    side = _SIGNS[factor.sign]
    return tuple(
        f"{side} {name}"
        for name, want in _wants(spec).items()
        if _inside(factor, want.product) and _inside(total, want.sum)
    )


def _inside(x: Operand | Exact, ends: tuple[Fraction, Fraction]) -> bool:
    value = x.digits * power_of_two(x.exponent)
    return ends[0] < value < ends[1]


def _multiplication(spec: "Spec") -> "Spec":
    """Return the product of the first two operands as an operation of its own."""
    return cast("Spec", shape(spec)._replace(op="mul", formats=spec.formats[:2]))


def _solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    """Yield factors of a wanted product, and an addend that brings the sum where it should be."""
    sign, want = _SIGNS.index(wanted[0]), _wants(spec)[wanted[2:]]
    low, high = want.product
    third = grids(spec)[2]
    alone = _multiplication(spec)
    highest = min(high, 4 * max(low, extent_largest(spec)))
    for attempt in range(_TRIES):
        target = Target(sign, low, highest)
        if attempt % 2 and highest > 4 * low:
            target = Target(sign, max(low, highest / 4), highest)
        elif attempt % 4 == 0 and low > 0:
            target = Target(sign, low, min(highest, 2 * low))
        if attempt % 4 == 2:
            yield from _addend_first(spec, sign, want, stream)
            continue
        for factors in rows(alone, target, stream, 1):
            x, y = operands(alone, factors)
            value = product(x, y).signed * power_of_two(x.exponent + y.exponent)
            side = 1 - 2 * stream.below(2)
            ends = sorted((side * want.sum[0] - value, side * want.sum[1] - value))
            code = pick_signed(third, ends[0], ends[1], stream, spec.flush_inputs)
            if code is not None:
                yield (*factors, code)
    yield from chance(spec, stream)
    if narrow(spec) and _why_not(spec, wanted) is None:
        yield from _found(spec, sign, want)


def _addend_first(spec: "Spec", sign: int, want: _Want, stream: Stream) -> Iterator[Row]:
    """Yield an addend, and factors of a product that brings the sum where it should be."""
    third = grids(spec)[2]
    low, high = binades(third, spec.flush_inputs)
    magnitude = draw_magnitude(third, stream.between(low, high), stream, spec.flush_inputs)
    if magnitude is None:
        return
    value = -magnitude if draw_sign(third, stream) else magnitude
    code = exactly(third, value, spec.flush_inputs)
    side = 1 - 2 * stream.below(2)
    factor = 1 - 2 * sign
    ends = sorted(factor * (side * end - value) for end in want.sum)
    low_end, high_end = max(ends[0], want.product[0]), min(ends[1], want.product[1])
    if code is None or low_end >= high_end:
        return
    for factors in rows(_multiplication(spec), Target(sign, low_end, high_end), stream, 4):
        yield (*factors, code)


def _found(spec: "Spec", sign: int, want: _Want) -> Iterator[Row]:
    """Yield the rows of a case, where all products can be tried; nothing where there are none."""
    for side in (0, 1):
        for row in finds(spec, Target(side, *want.sum), want.product):
            x, y, z = operands(spec, row)
            if product(x, y).sign == sign and z.digits:
                yield row


def extent_largest(spec: "Spec") -> Fraction:
    """Return the largest magnitude of the addend."""
    found = [extent(grids(spec)[2], sign, spec.flush_inputs) for sign in (0, 1)]
    return max(side.largest for side in found if side is not None)


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    sign, want = _SIGNS.index(wanted[0]), _wants(spec)[wanted[2:]]
    reason = _why_not(spec, wanted)
    if reason is None and narrow(spec) and not any(_found(spec, sign, want)):
        return "all products were tried, and no addend fits them"
    return reason


def _why_not(spec: "Spec", wanted: Bin) -> str | None:
    sign, want = _SIGNS.index(wanted[0]), _wants(spec)[wanted[2:]]
    reason = why_not(_multiplication(spec), Target(sign, *want.product))
    if reason:
        return f"of the product, {reason}"
    third = extent(grids(spec)[2], 0, spec.flush_inputs)
    if third is None:
        return None
    if want.product[0] >= want.sum[1]:
        near = min(want.product[1], want.sum[1] + extent_largest(spec))
        target = Target(sign, want.product[0], near)
        reason = why_not(_multiplication(spec), target) if target.high > target.low else None
        if reason:
            return f"of a product that an addend cancels, {reason}"
    if want.sum[0] >= want.product[1] and third.largest + want.product[1] <= want.sum[0]:
        return "no addend is large enough to bring the sum there"
    if want.product[0] >= want.sum[1] and want.product[0] - extent_largest(spec) >= want.sum[1]:
        return "no addend is large enough to cancel so much"
    if third.smallest >= want.sum[1] + want.product[1]:
        return "every addend that is not zero is larger"
    return _why_too_coarse(spec, want, third.smallest)


def _why_too_coarse(spec: "Spec", want: _Want, smallest: Fraction) -> str | None:
    """Return that the last digits of product and addend are too high for the wanted sum, if so."""
    wide = [digits(fmt, spec.flush_inputs) for fmt in grids(spec)]
    quanta = [fmt.grid.emin - fmt.grid.t for fmt in grids(spec)]
    whole = wide[0] + wide[1]
    low = want.product[0]
    if low > 0:
        unit = power_of_two(floor_log2(low) - whole + 1)
        if (low // unit + 1) * unit - extent_largest(spec) >= want.sum[1]:
            return f"the least product of {whole} digits there is past what an addend cancels"
    factor = max(low, span(_multiplication(spec)).smallest)
    addend = max(smallest, factor - want.sum[1])
    factor = max(factor, addend - want.sum[1])
    last = max(quanta[0] + quanta[1], floor_log2(factor) - whole + 1)
    last = min(last, max(quanta[2], floor_log2(addend) - wide[2] + 1))
    unit = power_of_two(last)
    if (want.sum[0] // unit + 1) * unit >= want.sum[1]:
        return f"product and addend are multiples of 2**{last} then, and so is their sum"
    return None


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="products",
        models="B15, B17, B18",
        text="products past an end of the result's range that the addend brings back",
        applies=lambda spec: (
            spec.op == "fma"
            and rounds(spec)
            and isinstance(spec.dst, FloatFormat)
            and spec.dst.zero
        ),
        bins=_bins,
        solve=_solve,
        hits=_hits,
        unreachable=_unreachable,
    ),
)

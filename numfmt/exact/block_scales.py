"""From the elements of a block to the code of its scale: steps 2 to 4 of block quantisation.

`numfmt.families.blocks` is the text that this follows, step by step.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.block_options import (
    Division,
    NonFinite,
    ScaleRule,
    Statistic,
    Tail,
    ZeroPoint,
    ZeroScale,
)
from ..families.blocks import BlockFormat
from ..rounding import Overflow, Rounding
from .data import Datum, scaled
from .decoding import decode
from .extended import (
    INFINITY,
    NAN,
    ONE,
    ZERO,
    absolute,
    divide,
    is_infinite,
    is_zero,
    larger,
    largest_of,
    multiply,
    number,
    rounder,
    subtract,
)
from .projection import encode
from .rounding import floor_log2


class Measure(NamedTuple):
    """What a block says about its scale.

    `special` is an infinity or a NaN where the scale is that, else None. `statistics` is a, or
    the two of `sides`.
    """

    special: Datum | None
    statistics: tuple[Datum, ...]
    low: Datum = ZERO


def measure(block: Sequence[Datum], fmt: BlockFormat, size: int | None) -> Measure:
    """Return the statistic of a block that has been rounded to `compute` (steps 1 and 2)."""
    sides = 2 if fmt.statistic is Statistic.SIDES else 1
    finite = [x for x in block if x.finite]
    if len(finite) < len(block):
        if fmt.nonfinite is NonFinite.REFUSE:
            raise FormatError(f"a block holds a NaN or an infinity, which {fmt.name!r} refuses")
        if fmt.nonfinite is NonFinite.NAN_BLOCK:
            return Measure(NAN, (ZERO,) * sides)
        if fmt.nonfinite is NonFinite.P3109 and not finite:
            held = any(is_infinite(x) for x in block)
            return Measure(INFINITY if held else NAN, (ZERO,) * sides)
    padding = 0
    if size is not None and len(block) < size:
        if fmt.tail is Tail.REFUSE:
            raise FormatError(f"a block has {len(block)} of {size} elements: {fmt.name!r} refuses")
        padding = size - len(block) if fmt.tail is Tail.PAD else 0
    return _statistic([x.value for x in finite] + [Fraction(0)] * padding, fmt)


def _statistic(x: list[Fraction], fmt: BlockFormat) -> Measure:
    rn = rounder(fmt.compute)
    low = high = Fraction(0)
    if fmt.statistic is Statistic.AMAX:
        found = [number(max([abs(v) for v in x], default=Fraction(0)))]
    elif fmt.statistic is Statistic.ABSMEAN:
        found = [rn(number(sum((abs(v) for v in x), Fraction(0)) / max(len(x), 1)))]
    elif fmt.statistic is Statistic.SIDES:
        found = [number(max([s * v for v in x] + [Fraction(0)])) for s in (1, -1)]
    else:
        low, high = min(x, default=Fraction(0)), max(x, default=Fraction(0))
        if fmt.include_zero:
            low, high = min(low, Fraction(0)), max(high, Fraction(0))
        found = [rn(number(high - low))]
    if fmt.statistic_min is not None:
        found = [larger(a, rn(number(fmt.statistic_min))) for a in found]
    return Measure(None, tuple(found), number(low))


def ceil_log2(x: Fraction) -> int:
    """Return the least k with 2**k >= x > 0."""
    k = floor_log2(x)
    return k if x == scaled(1, k) else k + 1


def limits(fmt: BlockFormat, element: ScalarFormat) -> tuple[Fraction, ...]:
    """Return what the statistic becomes, once for each candidate of the rule."""
    if fmt.rule is ScaleRule.FOUR_OVER_SIX:
        return Fraction(6), Fraction(4)
    return (fmt.limit_of(element),)


def raw_scale(a: Datum, limit: Fraction, fmt: BlockFormat) -> Datum:
    """Return the raw scale of one statistic (step 3), but for rule `m2`, which needs them all."""
    rn = rounder(fmt.compute)
    if is_zero(a):
        return ZERO
    if is_infinite(a):
        return INFINITY
    if fmt.rule in (ScaleRule.AMAX, ScaleRule.FOUR_OVER_SIX, ScaleRule.M2):
        return rn(divide(a, number(limit)))
    if fmt.rule is ScaleRule.M1:
        return rn(number(scaled(1, ceil_log2(a.value / limit))))
    if fmt.rule is ScaleRule.RCEIL:
        binary32 = rounder("binary32")
        r = binary32(multiply(a, binary32(divide(ONE, number(limit)))))
        return r if is_zero(r) or is_infinite(r) else rn(number(scaled(1, ceil_log2(r.value))))
    return rn(number(scaled(1, _exponent(a.value, fmt) - floor_log2(limit))))


def _exponent(a: Fraction, fmt: BlockFormat) -> int:
    """Return the exponent of a under the rules floor, ceil, even and nearest."""
    if fmt.rule is ScaleRule.CEIL:
        return ceil_log2(a)
    below = floor_log2(a)
    if fmt.rule is ScaleRule.NEAREST:
        return below + (a >= scaled(3, below - 1))
    if fmt.rule is ScaleRule.EVEN:
        if fmt.element_precision is None:
            raise FormatError(f"{fmt.name!r}: the rule 'even' wants digits to round to")
        quantum = scaled(1, below - (fmt.element_precision - 1))
        return floor_log2((a / quantum + Fraction(1, 2)).__floor__() * quantum)
    return below


def share_binades(
    raw: list[tuple[Datum, ...]], fmt: BlockFormat, rounding: Rounding | None
) -> list[tuple[Datum, ...]]:
    """Return the raw scales of rule `m2`: the largest stored one over powers of two."""
    if isinstance(fmt.scale, BlockFormat):
        raise FormatError(f"{fmt.name!r}: rule 'm2' goes with one level of scales")
    scale, mode = fmt.scale, scale_mode(fmt, rounding)
    stored = [
        tuple(r if is_zero(r) else _saturated(r, scale, mode)[1] for r in block) for block in raw
    ]
    shared = max((s.value for block in stored for s in block), default=Fraction(0))
    return [
        tuple(
            ZERO if is_zero(s) else number(shared / scaled(1, ceil_log2(shared / s.value)))
            for s in block
        )
        for block in stored
    ]


def scale_mode(fmt: BlockFormat, rounding: Rounding | None) -> Rounding:
    """Return how raw scales are rounded into the format of their codes."""
    if rounding is not None or fmt.scale_rounding is not None:
        return rounding or fmt.scale_rounding or Rounding.NEAREST_EVEN
    return fmt.scale.default_rounding


def _saturated(x: Datum, fmt: ScalarFormat, rounding: Rounding) -> tuple[int, Datum]:
    code = encode(x, fmt, rounding=rounding, overflow=Overflow.SATURATE)[0]
    return code, decode(code, fmt)


def smallest(fmt: ScalarFormat) -> Datum:
    """Return the smallest positive value: among all codes, or that of the first ones."""
    codes = range(1 << fmt.bits) if fmt.bits <= 8 else range(8)
    unused = set(fmt.unused_codes())
    found = [decode(code, fmt) for code in codes if code not in unused]
    return min((x for x in found if x.finite and x.value > 0), key=lambda x: x.value)


def stand_in(
    choice: ZeroScale, scale: ScalarFormat, least: Fraction | None, rounding: Rounding
) -> int:
    """Return the code of the scale of a block that has none."""
    if choice is ZeroScale.ZERO:
        return _saturated(ZERO, scale, rounding)[0]
    if choice is ZeroScale.ONE:
        return _saturated(ONE, scale, rounding)[0]
    low = smallest(scale)
    return _saturated(low if least is None else larger(low, number(least)), scale, rounding)[0]


def store(raw: Datum, a: Datum, fmt: BlockFormat, scale: ScalarFormat, rounding: Rounding) -> int:
    """Return the code of a raw scale: step 4, with `scale_min`, `zero_block` and `underflow`."""
    if is_zero(a):
        return stand_in(fmt.zero_block, scale, fmt.scale_min, rounding)
    code, value = _saturated(bounded(raw, fmt), scale, rounding)
    if is_zero(value):
        return stand_in(fmt.underflow, scale, fmt.scale_min, rounding)
    return code


def bounded(raw: Datum, fmt: BlockFormat) -> Datum:
    """Return a raw scale, at least `scale_min`."""
    least = fmt.scale_min
    return raw if least is None else larger(raw, rounder(fmt.compute)(number(least)))


def special_code(special: Datum, scale: ScalarFormat) -> int:
    """Return the code of a scale that is NaN or, if the format can, infinite."""
    return encode(special, scale, overflow=Overflow.SATURATE_PROPAGATE)[0]


class Outer(NamedTuple):
    """The outer level of two: its scales, the largest of each group, and the mean of all."""

    codes: list[int]
    values: list[Datum]
    offset: int | None = None
    mean: Datum | None = None


def outer_scales(
    measures: Sequence[Measure],
    raw: Sequence[Datum],
    groups: Sequence[int],
    fmt: BlockFormat,
    limit: Fraction,
) -> Outer:
    """Return the outer scales of a format of two levels from the raw scales of its blocks."""
    inner = inner_format(fmt)
    rn = rounder(fmt.compute)
    used = [i for i, found in enumerate(measures) if found.special is None]
    offset, mean = _mean([raw[i] for i in used], fmt, inner)
    codes = []
    for group in range(max(groups, default=-1) + 1):
        mine = [i for i in used if groups[i] == group]
        if mean is not None:
            top = largest_of(absolute(rn(subtract(raw[i], mean))) for i in mine)
            a, r = top, _outer_raw(top, inner, fmt)
        elif fmt.rule in (ScaleRule.AMAX, ScaleRule.FOUR_OVER_SIX) and inner.rule is ScaleRule.AMAX:
            a = largest_of(measures[i].statistics[0] for i in mine)
            r = rn(divide(a, number(limit * inner.max_element)))
        else:
            top = largest_of(raw[i] for i in mine)
            a, r = top, _outer_raw(top, inner, fmt)
        codes.append(store(r, a, inner, inner.scale_code, scale_mode(inner, None)))
    values = [decode(code, inner.scale_code) for code in codes]
    return Outer(codes, values, offset, mean)


def store_in(
    raw: Datum, a: Datum, group: int, outer: Outer, fmt: BlockFormat, rounding: Rounding
) -> int:
    """Return the code of a raw scale among two levels."""
    inner = inner_format(fmt)
    rn = rounder(fmt.compute)
    r = raw if outer.mean is None else rn(subtract(raw, outer.mean))
    s2 = rn(outer.values[group])
    if is_zero(s2) or is_zero(r):
        quotient = ZERO
    elif inner.division is Division.DIVIDE:
        quotient = rn(divide(r, s2))
    else:
        quotient = rn(multiply(r, rn(divide(ONE, s2))))
    if outer.mean is not None:
        return _saturated(bounded(quotient, fmt), inner.element, rounding)[0]
    return store(quotient, a, fmt, inner.element, rounding)


def inner_format(fmt: BlockFormat) -> BlockFormat:
    """Return the block format that the scales are stored in."""
    inner = fmt.scale
    if not isinstance(inner, BlockFormat) or isinstance(inner.scale, BlockFormat):
        raise FormatError(f"{fmt.name!r} has no two levels of scales")
    if inner.statistic is not Statistic.AMAX:
        raise FormatError(f"{fmt.name!r}: scales are scaled by their largest magnitude")
    return inner


def _outer_raw(top: Datum, inner: BlockFormat, fmt: BlockFormat) -> Datum:
    """Return the raw outer scale for the largest raw scale of a group."""
    if inner.rule is ScaleRule.AMAX:
        return rounder(fmt.compute)(divide(top, number(inner.max_element)))
    return raw_scale(top, inner.max_element, inner)


def _mean(
    raw: Sequence[Datum], fmt: BlockFormat, inner: BlockFormat
) -> tuple[int | None, Datum | None]:
    """Return code and value of the mean of all raw scales, where the format takes it away."""
    if inner.zero_point is not ZeroPoint.MEAN:
        return None, None
    exact = sum((r.value for r in raw), Fraction(0)) / max(len(raw), 1)
    z = rounder(fmt.compute)(number(exact))
    code = encode(z, inner.zero_code, overflow=Overflow.SATURATE)[0]
    return code, decode(code, inner.zero_code)

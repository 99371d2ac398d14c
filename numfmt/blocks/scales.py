"""From raw scales to the codes that are stored, on one level or two."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, as_codes, scalar_format
from ..conversion import encode
from ..decoding import decode
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.block_options import Division, ScaleRule, ZeroPoint, ZeroScale
from ..families.blocks import BlockFormat
from ..rounding import Overflow, Rounding
from .arithmetic import Arithmetic
from .rules import ratios_to_largest, raw_scales
from .shapes import Axis, Layout, beside, outer_layout
from .statistics import exact_sums, per_block

Array = npt.NDArray[Any]


class Scales(NamedTuple):
    """Scales of all blocks; values are float64, in the shape of the codes."""

    codes: Array
    values: Array  # of s, with what the outer level makes of it
    stored: Array  # of the codes alone: s1 where there are two levels
    raw: Array | None  # r, where it was computed
    outer: "Scales | None" = None
    offset: float | None = None  # the mean that the outer level adds


def project(x: Array, fmt: ScalarFormat, rounding: Rounding | None) -> tuple[Array, Array]:
    """Return the codes of scales, saturating, and their values."""
    codes = encode(x, fmt, rounding=rounding, overflow=Overflow.SATURATE)
    return codes, decode(codes, fmt)


def one_level(
    a: Array,
    r: Array,
    special: Array | None,
    fmt: BlockFormat,
    rounding: Rounding | None,
    arithmetic: Arithmetic,
) -> Scales:
    """Return the scales of blocks with statistic `a` and raw scale `r`, in a scalar format."""
    entry = fmt.scale_code
    zero = a == 0
    if fmt.scale_min is not None:
        r = np.maximum(r, arithmetic.take(np.array(float(fmt.scale_min))))
    if zero.any():
        r = np.where(zero, r.dtype.type(1), r)
    codes, values = project(r, entry, rounding)
    _replace(codes, values, zero, fmt.zero_block, fmt, rounding)
    if fmt.scale_code.has_zero:
        _replace(codes, values, (values == 0) & ~zero, fmt.underflow, fmt, rounding)
    if special is not None and special.any():
        _special(codes, values, beside(special, a), entry)
    return Scales(codes, values, values, np.where(zero | (r == 0), values, r))


def _replace(
    codes: Array,
    values: Array,
    where: Array,
    by: ZeroScale,
    fmt: BlockFormat,
    rounding: Rounding | None,
) -> None:
    """Put the scale of blocks that have none."""
    if not where.any():
        return
    entry = fmt.scale_code
    wanted = {ZeroScale.ZERO: 0.0, ZeroScale.ONE: 1.0}.get(by)
    if wanted is None:
        least = entry.smallest if fmt.scale_min is None else fmt.scale_min
        wanted = max(float(least or 0), float(entry.smallest or 0))
    code, value = project(np.array(wanted), entry, rounding)
    if by is not ZeroScale.SMALLEST and value != wanted:
        raise FormatError(
            f"{by.value!r} cannot be a scale of {fmt.name!r}: {entry.name!r} has no {wanted:g}; "
            "pass zero_block='smallest' and underflow='smallest'"
        )
    codes[where], values[where] = code, value


def _special(codes: Array, values: Array, special: Array, entry: ScalarFormat) -> None:
    nan, infinity = entry.nan_code(0), entry.infinity_code(0)
    if infinity is None:
        infinity = entry.largest_code(0)
    for kind, code in ((1, infinity), (2, nan)):
        where = np.broadcast_to(special == kind, codes.shape)
        if code is not None:
            codes[where] = code
            values[where] = decode(code, entry)


def scales_of(
    a: Array,
    r: Array,
    special: Array,
    layout: Layout,
    axis: Axis,
    fmt: BlockFormat,
    limit: Fraction,
    arithmetic: Arithmetic,
    outer: Scales | None,
) -> Scales:
    """Return the scales of all blocks from statistics and raw scales."""
    inner, rounding = fmt.scale, fmt.scale_rounding
    if not isinstance(inner, BlockFormat):
        if fmt.rule is not ScaleRule.M2:
            return one_level(a, r, special, fmt, rounding, arithmetic)
        first = project(np.where(a > 0, r, 1), inner, rounding)[1]
        usable = np.where((a > 0) & (beside(special, a) == 0), first, 0)
        return one_level(a, ratios_to_largest(usable), special, fmt, rounding, arithmetic)
    layout2 = outer_layout(layout, inner, axis)
    offset, shifted = None, r
    if inner.zero_point is ZeroPoint.MEAN:
        offset = outer.offset if outer else _mean(r[special == 0], arithmetic)
        shifted = arithmetic.add(r, np.asarray(-(offset or 0.0), r.dtype))
    if outer is None:
        outer = _outer(a, shifted, special, layout2, fmt, inner, arithmetic)
        outer = outer._replace(offset=offset)
    ratio = _ratios(a, shifted, layout2.spread(outer.values), limit, inner, fmt.rule, arithmetic)
    rounding = inner.default_rounding if rounding is None else rounding
    if offset is not None:
        codes, values = project(ratio, inner.element, rounding)
        found = Scales(codes, values, values, r)
        if special.any():
            _special(codes, values, special, inner.element)
    else:
        found = one_level(a, ratio, special, fmt, rounding, arithmetic)
    whole = joined(found, outer, offset, layout2, arithmetic)
    return whole._replace(raw=np.where(r == 0, whole.values, r))


def joined(
    inner: Scales, outer: Scales, offset: float | None, layout: Layout, arithmetic: Arithmetic
) -> Scales:
    """Return scales of two levels as one."""
    values = inner.stored * layout.spread(outer.values)
    if offset is not None:
        shifted = arithmetic.add(arithmetic.take(values), np.asarray(offset, arithmetic.dtype))
        values = shifted.astype(np.float64)
    return inner._replace(values=values, outer=outer, offset=offset)


def _mean(r: Array, arithmetic: Arithmetic) -> float:
    if r.size == 0:
        return 0.0
    total = next(iter(exact_sums(r.reshape(1, -1))))
    return arithmetic.number(total / r.size)


def _outer(
    a: Array,
    r: Array,
    special: Array,
    layout: Layout,
    fmt: BlockFormat,
    inner: BlockFormat,
    arithmetic: Arithmetic,
) -> Scales:
    """Return the scales of the scales: from the statistics themselves if the rule is a quotient."""
    limit = inner.max_element
    top = np.abs(r)
    quotient = _is_quotient(fmt.rule) and inner.rule is ScaleRule.AMAX
    shifted = inner.zero_point is ZeroPoint.MEAN
    if quotient and not shifted:
        limit, top = limit * fmt.max_element, a
    top = np.where((special == 0) & (shifted | (a > 0)), top, top.dtype.type(0))
    largest = per_block(top, layout, lambda rows, _: rows.max(axis=1, initial=0), top.dtype)
    raw = raw_scales(largest, limit, inner, arithmetic)
    return one_level(largest, raw, None, inner, inner.scale_rounding, arithmetic)


def _is_quotient(rule: ScaleRule) -> bool:
    return rule in (ScaleRule.AMAX, ScaleRule.FOUR_OVER_SIX)


def _ratios(
    a: Array,
    r: Array,
    outer: Array,
    limit: Fraction,
    inner: BlockFormat,
    rule: ScaleRule,
    arithmetic: Arithmetic,
) -> Array:
    """Return raw scales over the outer ones; 0 where those are 0."""
    outer = arithmetic.take(outer)
    nothing = (outer == 0) | (r == 0)
    safe = np.where(nothing, outer.dtype.type(1), outer)
    if arithmetic.exact and _is_quotient(rule):
        ratio = arithmetic.divide(a, float(limit) * safe)
    elif inner.division is Division.RECIPROCAL:
        ratio = arithmetic.multiply(r, arithmetic.divide(np.ones_like(safe), safe))
    else:
        ratio = arithmetic.divide(r, safe)
    return np.where(nothing, ratio.dtype.type(0), ratio)


def given_scales(
    scales: object, entry: ScalarFormat, shape: tuple[int, ...], argument: str
) -> Scales:
    """Return scales that a caller gives: integers are codes, floats are values of the format.

    Raises
    ------
    FormatError
        The shape is not that of the blocks, or a value is none of the format.
    """
    entry = scalar_format(entry)
    array = as_array(scales, argument)
    if array.dtype.kind == "f":
        policy = Overflow.SATURATE_PROPAGATE if entry.has_infinity else Overflow.SATURATE
        codes = encode(array, entry, overflow=policy)
        values = decode(codes, entry)
        off = np.flatnonzero((values != array).reshape(-1) & ~np.isnan(array).reshape(-1))
        if off.size:
            raise FormatError(
                f"{argument} holds {array.reshape(-1)[off[0]]!r}, which is no value of "
                f"{entry.name!r}; round it first with numfmt.round, or pass codes (integers)"
            )
    else:
        codes = as_codes(array, entry, argument)
        values = decode(codes, entry)
    if codes.shape != shape:
        try:
            codes, values = (np.broadcast_to(part, shape).copy() for part in (codes, values))
        except ValueError:
            raise FormatError(
                f"{argument} has shape {codes.shape}; these blocks have scales of shape {shape}"
            ) from None
    return Scales(codes, values, values, None)

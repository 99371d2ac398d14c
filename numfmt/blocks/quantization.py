"""Into a block format: quantize."""

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arguments import as_values, integer_option, place, simplified
from ..conversion import encode
from ..decoding import decode
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.block_options import NonFinite, ScaleRule, Statistic, Tail, ZeroPoint, ZeroScale
from ..families.blocks import BlockFormat
from ..rounding import CLAMPING, Overflow, Rounding, choose
from .arithmetic import Arithmetic
from .choices import Candidate, chosen
from .elements import Call, divisors, encode_elements
from .quantized import Quantized, block_format, is_shifted, layouts, values_of
from .rules import AmaxHistory, ClipSearch, Percentile, Rule, raw_scales, rule_of
from .scales import Scales, given_scales, joined, project, scales_of
from .shapes import Axis, Layout, outer_layout, plain_axis
from .statistics import Statistics, bounded, per_block, statistics

Array = npt.NDArray[Any]


class _Job(NamedTuple):
    """One call, checked."""

    x: Array  # in the shape of the layout, rounded to the compute format
    layout: Layout
    axis: Axis
    fmt: BlockFormat
    search: Rule | None
    arithmetic: Arithmetic
    rounding: Rounding | None  # where the caller chose
    overflow: Overflow
    bits: int
    random: Array | None


def quantize(
    x: npt.ArrayLike,
    fmt: Format | str,
    *,
    axis: Axis = -1,
    scale_rule: Rule | None = None,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    scale_rounding: Rounding | str | None = None,
    scales: npt.ArrayLike | None = None,
    outer_scales: npt.ArrayLike | None = None,
    zero_points: npt.ArrayLike | None = None,
    nonfinite: NonFinite | str | None = None,
    zero_block: ZeroScale | str | None = None,
    underflow: ZeroScale | str | None = None,
    tail: Tail | str | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
) -> Quantized:
    """Return `x` in blocks of elements that share a scale.

    What is computed, in which order and precision, stands in `fmt`; see
    `numfmt.families.blocks` for the six steps.

    Parameters
    ----------
    x : array_like of float, any shape
        float16, float32, float64, integers up to 2**53, or a type of ml_dtypes. A format that
        computes in a float format rounds them to it first.
    fmt : BlockFormat or str
        A block format, or a name: ``mxfp4``, ``nvfp4``, ``int4_group128``.
    axis : int, tuple of int or None
        Along which blocks extend: one axis for 1-D blocks, rows and channels, as many as a tile
        has. Default: the last ones. None: blocks of the flattened array.
    scale_rule : ScaleRule, str, ClipSearch, Percentile or AmaxHistory, optional
        How scales are found. Default: as the format says.
    rounding, overflow : optional
        How elements are rounded, as in `encode`. Default: as the format says, saturating.
    scale_rounding : Rounding or str, optional
        How scales are rounded. Default: as the format says.
    scales, outer_scales, zero_points : array_like, optional
        Given instead of computed: integers are codes, floats are values of the scale's format; of
        the shape of the blocks, or broadcast to it. Under given scales NaN and infinities are
        rounded element by element, unless the format refuses them.
    nonfinite, zero_block, underflow, tail : optional
        Instead of the format's own choices: see `NonFinite`, `ZeroScale`, `Tail`.
    random_bits, bits, rng
        As in `encode`, for stochastic modes; element i of `x` in C order has draw i.

    Returns
    -------
    Quantized

    Raises
    ------
    FormatError
        A value has no code, or an option or a shape does not fit.

    Examples
    --------
    >>> import numfmt as nf
    >>> q = nf.quantize([0.5, -1.0, 448.0, 3.0], "mxfp8_e4m3")
    >>> q.scales, q.dequantize().tolist()
    (array([127], dtype=uint8), [0.5, -1.0, 448.0, 3.0])
    """
    entry = block_format(fmt)
    choices: dict[str, Any] = {
        "nonfinite": nonfinite,
        "zero_block": zero_block,
        "underflow": underflow,
        "tail": tail,
        "scale_rounding": scale_rounding,
    }
    changed: dict[str, Any] = {key: value for key, value in choices.items() if value is not None}
    rule = rule_of(scale_rule, entry)
    if rule is not entry.rule:
        changed["rule"] = rule
    own = dataclasses.replace(entry, **changed) if changed else entry
    values = simplified(as_values(x), None)
    if not values.kind.startswith("float"):
        raise FormatError("x holds integers past 2**53; pass floats, and mind that this rounds")
    axis = plain_axis(axis)
    layout, shape = layouts(values.shape, own, axis)
    mode = own.default_rounding if rounding is None else choose(Rounding, rounding, "rounding")
    policy = own.default_overflow if overflow is None else choose(Overflow, overflow, "overflow")
    if policy not in CLAMPING and own.zero_point in (ZeroPoint.AFTER, ZeroPoint.INSIDE):
        raise FormatError(
            f"overflow={policy.value!r}: elements of {own.name!r} are clamped after their zero "
            "point has joined; leave out overflow"
        )
    width = integer_option(bits, 1, 52, "bits")
    draws = randomness.source(mode, values.shape, random_bits, width, rng)
    arithmetic = Arithmetic(own.compute)
    with np.errstate(all="ignore"):
        array = arithmetic.take(values.words.view(values.kind).reshape(shape))
        job = _Job(
            x=array,
            layout=layout,
            axis=axis if values.shape else -1,
            fmt=own,
            search=scale_rule,
            arithmetic=arithmetic,
            rounding=None if rounding is None else mode,
            overflow=policy,
            bits=width,
            random=draws(0, array.size).reshape(shape) if mode.stochastic else None,
        )
        _check_nans(job, scales is not None)
        found, selectors, zeros = _run(job, scales, outer_scales, zero_points)
    if isinstance(scale_rule, AmaxHistory):
        scale_rule.add(float(np.abs(array).max(initial=0)))
    outer = found.scales.outer
    return Quantized.trusted(
        format=entry,
        codes=found.codes.reshape(values.shape),
        scales=found.scales.codes,
        axis=axis,
        outer_scales=None if outer is None else outer.codes,
        offset=found.scales.offset,
        zero_points=zeros,
        selectors=selectors,
        source=values.words.view(values.kind).reshape(values.shape)
        if values.origin is None or values.source is not None
        else values.origin.reshape(values.shape),
    )


def _check_nans(job: _Job, given: bool) -> None:
    """Refuse NaNs that would have to become codes of an element format without NaN."""
    alone = given or job.fmt.nonfinite in (NonFinite.PER_ELEMENT, NonFinite.P3109)
    if not alone or job.fmt.element.has_nan:
        return
    bad = np.flatnonzero(np.isnan(job.x.reshape(-1)))
    if bad.size:
        raise FormatError(
            f"{place('x', job.x.shape, int(bad[0]))} is NaN and {job.fmt.element.name!r} has no "
            "NaN; replace it before quantising"
        )


def _run(
    job: _Job, scales: object, outer_scales: object, zero_points: object
) -> tuple[Candidate, Array | None, Array | None]:
    """Return the codes and scales of a call, selectors and codes of zero points."""
    if scales is not None:
        if job.search is not None:
            raise FormatError("scales are given; leave out scale_rule")
        return _with_given(job, scales, outer_scales, zero_points)
    if zero_points is not None:
        raise FormatError("zero_points without scales; give both, or neither")
    found = statistics(job.x, job.layout, job.fmt, job.arithmetic)
    found = _searched(job, found)
    outer = None if outer_scales is None else _given_outer(job, outer_scales)
    ways = list(_ways(job, found))
    if len(ways) == 1:
        way, zeros = _tried(job, found, ways[0], outer)
        return way, None, zeros
    if is_shifted(job.fmt):
        raise FormatError(f"scale_rule={job.search!r} does not go with zero points")

    def candidates() -> Iterator[Candidate]:
        first = outer
        for one in ways:
            way, _ = _tried(job, found, one, first)
            first = way.scales.outer
            yield _valued(job, way)

    best, selectors = chosen(job.x, job.layout, candidates())
    return best, selectors if job.fmt.alternatives else None, None


_Way = tuple[int, ScalarFormat, Array, Fraction]


def _tried(
    job: _Job, found: Statistics, way: _Way, outer: Scales | None
) -> tuple[Candidate, Array | None]:
    """Return one way to quantise every block, and codes of zero points."""
    selector, element, a, limit = way
    r = raw_scales(a, limit, job.fmt, job.arithmetic)
    scales = scales_of(
        a,
        r,
        found.special,
        job.layout,
        job.axis,
        job.fmt,
        limit,
        job.arithmetic,
        outer,
    )
    zeros = _zero_codes(job, found, scales)
    scaled = found._replace(value=a)
    return _candidate(job, scaled, scales, zeros, element, limit, selector), zeros


def _searched(job: _Job, found: Statistics) -> Statistics:
    """Return the statistic of a percentile or a history in place of amax."""
    if isinstance(job.search, Percentile):
        wanted = job.search
        value = per_block(job.x, job.layout, lambda rows, _: wanted.of_rows(rows), job.x.dtype)
        return bounded(found._replace(value=value), job.fmt, job.arithmetic)
    if isinstance(job.search, AmaxHistory):
        if found.value.size != 1:
            raise FormatError(
                f"scale_rule={job.search!r} is for one scale a tensor; {job.fmt.name!r} has "
                f"{found.value.size} here"
            )
        return found._replace(value=job.search.of_tensor(found.value))
    return found


def _ways(job: _Job, found: Statistics) -> Iterator[_Way]:
    """Yield selector, element format, statistic and limit of every candidate."""
    ratios = job.search.ratios if isinstance(job.search, ClipSearch) else (None,)
    for selector, element in enumerate((job.fmt.element, *job.fmt.alternatives)):
        limits = [job.fmt.limit_of(element)]
        if job.fmt.rule is ScaleRule.FOUR_OVER_SIX:
            limits = [Fraction(6), Fraction(4)]
        for limit in limits:
            for ratio in ratios:
                a = found.value
                if ratio is not None:
                    a = job.arithmetic.multiply(a, np.asarray(ratio, job.arithmetic.dtype))
                yield selector, element, a, limit


def _candidate(
    job: _Job,
    found: Statistics | None,
    scales: Scales,
    zeros: Array | None,
    element: ScalarFormat,
    limit: Fraction,
    selector: int,
) -> Candidate:
    fmt, layout = job.fmt, job.layout
    inner = fmt.scale
    layout2 = outer_layout(layout, inner, job.axis) if isinstance(inner, BlockFormat) else None
    special = _special_of(job, scales)
    points = None if zeros is None else decode(zeros, fmt.zero_code)
    how = divisors(
        job.x,
        None if found is None else found.value,
        special,
        scales,
        points,
        layout2,
        fmt,
        element,
        limit,
        job.arithmetic,
    )
    rounding = fmt.rounding_of(element) if job.rounding is None else job.rounding
    call = Call(element, rounding, job.overflow, job.bits)
    codes = encode_elements(job.x, layout, how, fmt, call, job.arithmetic, job.random)
    return Candidate(element, selector, codes, scales, job.x)


def _valued(job: _Job, way: Candidate) -> Candidate:
    """Return a candidate with what its codes stand for."""
    values = values_of(
        way.codes, way.scales, None, None, job.layout, job.fmt, np.dtype(np.float64), way.element
    )
    return way._replace(values=values)


def _special_of(job: _Job, scales: Scales) -> Array:
    """Return 2 for blocks whose scale is NaN, 1 and 3 for infinite ones, 3 if negative."""
    values = scales.values
    special = np.where(np.isnan(values), 2, np.where(np.isinf(values), 2 - np.sign(values), 0))
    special = special.astype(np.uint8)
    return special.max(axis=-1) if job.fmt.statistic is Statistic.SIDES else special


def _zero_codes(job: _Job, found: Statistics, scales: Scales) -> Array | None:
    """Return the codes of the zero points of ranges, or None where there are none."""
    fmt, arithmetic = job.fmt, job.arithmetic
    if not is_shifted(fmt) or found.low is None:
        return None
    low = found.low
    s = arithmetic.take(scales.values)
    lowest = np.asarray(float(fmt.element.lowest), arithmetic.dtype)
    if fmt.zero_point is ZeroPoint.FLOAT:
        z = arithmetic.add(low, -arithmetic.multiply(s, lowest))
        z[found.special == 2] = 0
        return project(z, fmt.zero_code, None)[0]
    nothing = (low == 0) | np.isnan(s)
    quotient = np.where(nothing, 0, arithmetic.divide(-low, s))
    z = np.rint(quotient.astype(np.float64)) + float(lowest)
    codes = np.asarray(encode(z, fmt.zero_code, overflow=Overflow.SATURATE))
    codes[found.special == 2] = 0
    return codes


def _with_given(
    job: _Job, scales: object, outer_scales: object, zero_points: object
) -> tuple[Candidate, Array | None, Array | None]:
    """Return the codes of a call with scales of the caller's."""
    fmt = job.fmt
    if fmt.alternatives:
        raise FormatError(f"{fmt.name!r} chooses among element formats; leave out scales")
    pair = (2,) if fmt.statistic is Statistic.SIDES else ()
    found = given_scales(scales, fmt.scale_code, (*job.layout.counts, *pair), "scales")
    if isinstance(fmt.scale, BlockFormat):
        if outer_scales is None:
            raise FormatError(f"{fmt.name!r} has two levels of scales; give outer_scales too")
        layout2 = outer_layout(job.layout, fmt.scale, job.axis)
        found = joined(found, _given_outer(job, outer_scales), None, layout2, job.arithmetic)
    elif outer_scales is not None:
        raise FormatError(f"{fmt.name!r} has one level of scales; leave out outer_scales")
    zeros = None
    if is_shifted(fmt):
        if zero_points is None:
            raise FormatError(f"{fmt.name!r} has zero points; give zero_points with the scales")
        zeros = given_scales(zero_points, fmt.zero_code, job.layout.counts, "zero_points").codes
    elif zero_points is not None:
        raise FormatError(f"{fmt.name!r} has no zero points; leave out zero_points")
    if fmt.nonfinite is NonFinite.REFUSE:
        statistics(job.x, job.layout, fmt, job.arithmetic)  # which refuses
    return _candidate(job, None, found, zeros, fmt.element, fmt.max_element, 0), None, zeros


def _given_outer(job: _Job, outer_scales: object) -> Scales:
    inner = job.fmt.scale
    if not isinstance(inner, BlockFormat):
        raise FormatError(f"{job.fmt.name!r} has one level of scales; leave out outer_scales")
    if inner.zero_point is ZeroPoint.MEAN:
        raise FormatError(f"{job.fmt.name!r} adds a mean to its scales; leave out outer_scales")
    layout2 = outer_layout(job.layout, inner, job.axis)
    return given_scales(outer_scales, inner.scale_code, layout2.counts, "outer_scales")

"""Block quantisation and its inverse, exactly.

Written from the text of `numfmt.families.blocks` alone; `block_scales` finds the scales,
`block_elements` the elements. Stochastic modes are not covered.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from .. import registry
from ..errors import FormatError
from ..families.base import Format
from ..families.block_options import ScaleRule, ZeroPoint
from ..families.blocks import BlockFormat
from ..rounding import Overflow, Rounding, choose
from .block_elements import Call, Choice, Scale, ScaleCode, value_of, value_of_scale, with_scales
from .block_scales import (
    Measure,
    Outer,
    bounded,
    inner_format,
    limits,
    measure,
    outer_scales,
    raw_scale,
    scale_mode,
    share_binades,
    special_code,
    store,
    store_in,
)
from .data import Datum, Number, datum
from .decoding import decode
from .extended import Rounder, divide, is_zero, multiply, number, rounder, total


class BlockResult(NamedTuple):
    """What block quantisation stores.

    Attributes
    ----------
    codes : list of list of int
        Codes of the elements, block by block.
    scales : list of int, or of pairs
        Codes of the scales; with the statistic `sides` those of the positive and negative side.
    outer : list of int or None
        Codes of the outer scales, one for each group, where there are two levels.
    offset : int or None
        Code of the mean of the raw scales, where the format takes it away.
    zero_points : list of int or None
        Codes of the zero points in `zero_code`.
    selectors : list of int or None
        The element format of each block: 0 is `element`, 1 the first alternative, ...
    """

    codes: list[list[int]]
    scales: list[ScaleCode]
    outer: list[int] | None = None
    offset: int | None = None
    zero_points: list[int] | None = None
    selectors: list[int] | None = None


def _as_block_format(fmt: Format | str) -> BlockFormat:
    entry = registry.get(fmt)
    if not isinstance(entry, BlockFormat):
        raise FormatError(f"fmt={entry.name!r} is not a block format")
    return entry


def _call(
    fmt: Format | str, rounding: Rounding | str | None, overflow: Overflow | str | None
) -> Call:
    entry = _as_block_format(fmt)
    return Call(
        entry,
        rounder(entry.compute),
        entry.rounding if rounding is None else choose(Rounding, rounding, "rounding"),
        entry.overflow if overflow is None else choose(Overflow, overflow, "overflow"),
    )


def quantize_blocks(
    blocks: Sequence[Sequence[Number]],
    fmt: Format | str,
    *,
    groups: Sequence[int] | None = None,
    size: int | None = None,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    scale_rounding: Rounding | str | None = None,
) -> BlockResult:
    """Return the codes of elements and scales of blocks that are already cut.

    Parameters
    ----------
    blocks : list of list of number
        The elements that each block has.
    fmt : BlockFormat or str
        A format of one or two levels.
    groups : list of int, optional
        With two levels, the outer group of each block. Default: one group.
    size : int, optional
        How many elements a full block has, where `tail` counts.
    rounding, overflow, scale_rounding : optional
        Instead of what the format says.

    Raises
    ------
    FormatError
        The format refuses a value, or its element has no code for it.

    Examples
    --------
    >>> from numfmt import get
    >>> from numfmt.families.blocks import BlockFormat
    >>> fmt = BlockFormat(name="mine", element=get("e2m1"), scale=get("e8m0"), block=(4,),
    ...                   rule="floor")
    >>> quantize_blocks([[0.5, -1, 12, 5]], fmt)[:2]
    ([[0, 9, 7, 4]], [128])
    """
    call = _call(fmt, rounding, overflow)
    mode = None if scale_rounding is None else choose(Rounding, scale_rounding, "scale_rounding")
    rounded = _rounded(blocks, call, size)
    measures = [measure(block, call.fmt, size) for block in rounded]
    candidates = _candidates(measures, call.fmt, mode)
    outer, where = None, _groups(groups, len(blocks))
    if call.fmt.two_level:
        first = [raw[0] for raw in candidates[0].raw]
        outer = outer_scales(measures, first, where, call.fmt, candidates[0].limit)
    kept = [
        min(
            (
                _try(block, found, candidate, i, where[i], outer, call, mode)
                for candidate in candidates
            ),
            key=lambda choice: _order(choice.error),
        )
        for i, (block, found) in enumerate(zip(rounded, measures, strict=True))
    ]
    return _result(kept, outer, call.fmt)


def _rounded(blocks: Sequence[Sequence[Number]], call: Call, size: int | None) -> list[list[Datum]]:
    """Return all numbers, rounded to the compute format, if they make blocks of at most `size`."""
    for i, block in enumerate(blocks):
        if not isinstance(block, Sequence) or isinstance(block, str):
            raise FormatError(f"blocks[{i}]={block!r} is no sequence of numbers")
        if size is not None and len(block) > size:
            raise FormatError(f"blocks[{i}] has {len(block)} elements, more than size={size}")
    return [[call.rn(datum(x)) for x in block] for block in blocks]


def _groups(groups: Sequence[int] | None, count: int) -> list[int]:
    """Return the group of each block, 0 and up without a gap."""
    where = [0] * count if groups is None else list(groups)
    if len(where) != count or set(where) != set(range(max(where, default=-1) + 1)):
        raise FormatError(
            f"groups={groups!r} does not number the groups of {count} blocks as 0, 1, 2, ..."
        )
    return where


def _same_count(argument: str, given: Sequence[object], blocks: Sequence[object]) -> None:
    if len(given) != len(blocks):
        raise FormatError(f"{argument} has {len(given)} items for {len(blocks)} blocks")


class _Candidate(NamedTuple):
    """An element format with its limit, and the raw scales of all blocks that go with them."""

    selector: int
    limit: Fraction
    raw: list[tuple[Datum, ...]]


def _candidates(
    measures: Sequence[Measure], fmt: BlockFormat, mode: Rounding | None
) -> list[_Candidate]:
    """Return the candidates in the order in which equals are kept."""
    found = []
    for selector, element in enumerate((fmt.element, *fmt.alternatives)):
        for limit in limits(fmt, element):
            raw = [tuple(raw_scale(a, limit, fmt) for a in m.statistics) for m in measures]
            if fmt.rule is ScaleRule.M2:
                raw = share_binades(raw, fmt, mode)
            found.append(_Candidate(selector, limit, raw))
    return found


def _order(error: Datum) -> tuple[int, Fraction]:
    return (0, error.value) if error.finite else (int(error.kind), Fraction(0))


def _try(
    block: Sequence[Datum],
    found: Measure,
    candidate: _Candidate,
    index: int,
    group: int,
    outer: Outer | None,
    call: Call,
    mode: Rounding | None,
) -> Choice:
    """Return a block quantised by one candidate."""
    fmt, mode = call.fmt, scale_mode(call.fmt, mode)
    codes, scales = [], []
    for a, raw in zip(found.statistics, candidate.raw[index], strict=True):
        if found.special is not None:
            code = special_code(found.special, fmt.scale_code)
        elif outer is not None:
            code = store_in(raw, a, group, outer, fmt, mode)
        else:
            code = store(raw, a, fmt, fmt.scale_code, mode)
        codes.append(code)
        value, levels = value_of_scale(code, group, outer, call)
        divisor = raw if fmt.two_level or is_zero(raw) else bounded(raw, fmt)
        scales.append(Scale(value, divisor, _ratio(a, candidate.limit, call.rn), levels))
    return with_scales(block, found, codes, scales, candidate.selector, call)


def _ratio(a: Datum, limit: Fraction, rn: Rounder) -> Datum | None:
    return None if is_zero(a) else rn(divide(number(limit), a))


def _result(kept: Sequence[Choice], outer: Outer | None, fmt: BlockFormat) -> BlockResult:
    points = [choice.zero_point for choice in kept if choice.zero_point is not None]
    shifted = fmt.zero_point in (ZeroPoint.AFTER, ZeroPoint.INSIDE, ZeroPoint.FLOAT)
    return BlockResult(
        [choice.codes for choice in kept],
        [choice.scale for choice in kept],
        None if outer is None else outer.codes,
        None if outer is None else outer.offset,
        points if shifted else None,
        [choice.selector for choice in kept] if fmt.alternatives else None,
    )


def quantize_with(
    blocks: Sequence[Sequence[Number]],
    fmt: Format | str,
    *,
    scales: Sequence[ScaleCode],
    outer: Sequence[int] | None = None,
    offset: int | None = None,
    zero_points: Sequence[int] | None = None,
    groups: Sequence[int] | None = None,
    size: int | None = None,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> BlockResult:
    """Return the codes of elements under scales that are given as codes.

    Parameters
    ----------
    blocks, fmt, groups, size, rounding, overflow
        As in `quantize_blocks`.
    scales, outer, offset, zero_points
        As in `BlockResult`. Zero points that are not given are found.

    Examples
    --------
    >>> from numfmt import get
    >>> from numfmt.families.blocks import BlockFormat
    >>> fmt = BlockFormat(name="mine", element=get("e2m1"), scale=get("e8m0"), block=(4,))
    >>> quantize_with([[0.5, -1, 12, 5]], fmt, scales=[127]).codes
    [[1, 10, 7, 6]]
    """
    call = _call(fmt, rounding, overflow)
    where = _groups(groups, len(blocks))
    _same_count("scales", scales, blocks)
    level = _given_outer(outer, offset, call.fmt) if call.fmt.two_level else None
    kept = []
    for i, block in enumerate(blocks):
        x = [call.rn(datum(value)) for value in block]
        found = measure(x, call.fmt, size)
        pair = scales[i]
        codes = pair if isinstance(pair, tuple) else (pair,)
        point = None if zero_points is None else zero_points[i]
        choices = []
        for selector, element in enumerate((call.fmt.element, *call.fmt.alternatives)):
            limit = limits(call.fmt, element)[0]
            known = [
                _given(code, a, limit, where[i], level, call)
                for code, a in zip(codes, found.statistics, strict=True)
            ]
            choices.append(with_scales(x, found, codes, known, selector, call, point))
        kept.append(min(choices, key=lambda choice: _order(choice.error)))
    return _result(kept, level, call.fmt)


def _given(
    code: int, a: Datum, limit: Fraction, group: int, outer: Outer | None, call: Call
) -> Scale:
    value, levels = value_of_scale(code, group, outer, call)
    return Scale(value, None, _ratio(a, limit, call.rn), levels)


def _given_outer(outer: Sequence[int] | None, offset: int | None, fmt: BlockFormat) -> Outer:
    """Return the outer level that stored codes describe."""
    inner = inner_format(fmt)
    if outer is None:
        raise FormatError(f"{fmt.name!r} has two levels of scales; give outer=")
    shifted = inner.zero_point is ZeroPoint.MEAN
    if shifted != (offset is not None):
        raise FormatError(f"offset={offset} does not go with {fmt.name!r}")
    mean = None if offset is None else decode(offset, inner.zero_code)
    return Outer(list(outer), [decode(code, inner.scale_code) for code in outer], offset, mean)


def dequantize_blocks(
    result: BlockResult, fmt: Format | str, *, groups: Sequence[int] | None = None
) -> list[list[Datum]]:
    """Return what the stored codes stand for, exactly, as extended reals.

    Parameters
    ----------
    result : BlockResult
        Codes of elements and scales.
    fmt : BlockFormat or str
        Their format. Only under the zero point `mean` is anything rounded, to its `compute`.
    groups : list of int, optional
        As in `quantize_blocks`.

    Examples
    --------
    >>> from numfmt import get
    >>> from numfmt.families.blocks import BlockFormat
    >>> fmt = BlockFormat(name="mine", element=get("e2m1"), scale=get("e8m0"), block=(4,))
    >>> [x.value for x in dequantize_blocks(BlockResult([[1, 15]], [128]), fmt)[0]]
    [Fraction(1, 1), Fraction(-12, 1)]
    """
    call = _call(fmt, None, None)
    entry = call.fmt
    where = _groups(groups, len(result.codes))
    _same_count("scales", result.scales, result.codes)
    if entry.zero_point is not ZeroPoint.NONE or result.zero_points is not None:
        _same_count("zero_points", result.zero_points or (), result.codes)
    outer = _given_outer(result.outer, result.offset, entry) if entry.two_level else None
    values = []
    for i, codes in enumerate(result.codes):
        pair = result.scales[i]
        scales = [
            value_of_scale(code, where[i], outer, call)[0]
            for code in (pair if isinstance(pair, tuple) else (pair,))
        ]
        selector = 0 if result.selectors is None else result.selectors[i]
        element = (entry.element, *entry.alternatives)[selector]
        z = None
        if result.zero_points is not None:
            z = decode(result.zero_points[i], entry.zero_code)
        values.append([value_of(decode(code, element), scales, z, entry) for code in codes])
    return values


def dot_blocks(a: Sequence[Number], b: Sequence[Number]) -> Datum:
    """Return the exact dot product of two lists of numbers, as an extended real.

    NaN, infinities of both signs, and 0 times infinity make NaN; an exact zero is +0.

    Examples
    --------
    >>> dot_blocks([Fraction(1, 3), 2], [3, -0.5]).value
    Fraction(0, 1)
    """
    _same_count("b", b, a)
    pairs = zip(a, b, strict=True)
    return total(multiply(datum(x), datum(y)) for x, y in pairs)

"""Block quantisation held against `numfmt.exact`, cut into blocks here in the plainest way."""

import dataclasses
import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

import numfmt as nf
from numfmt.exact import quantize_blocks
from numfmt.params import Kind

Array = npt.NDArray[Any]
Place = tuple[slice, ...]


def extents_of(shape: tuple[int, ...], fmt: nf.BlockFormat, axes: tuple[int, ...]) -> list[int]:
    """Return how many elements a block has along each axis."""
    if fmt.block is nf.Granularity.TENSOR:
        return list(shape)
    if fmt.block is nf.Granularity.CHANNEL:
        return [1 if i in axes else n for i, n in enumerate(shape)]
    sizes = dict(zip(axes, fmt.block if isinstance(fmt.block, tuple) else (0,), strict=True))
    return [(sizes[i] or n) if i in sizes else 1 for i, n in enumerate(shape)]


def cut(shape: tuple[int, ...], extents: list[int]) -> tuple[tuple[int, ...], list[Place]]:
    """Return the number of blocks along each axis, and where each block is."""
    starts = [range(0, n, e) for n, e in zip(shape, extents, strict=True)]
    places = [
        tuple(slice(s, s + e) for s, e in zip(corner, extents, strict=True))
        for corner in itertools.product(*starts)
    ]
    return tuple(len(s) for s in starts), places


def check(x: Array, fmt: nf.BlockFormat, *, axis: Any = -1, **options: Any) -> nf.Quantized:
    """Quantise with both and compare every code; return what `numfmt.quantize` gave."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    if axis == -1 and isinstance(fmt.block, tuple):
        axes = tuple(range(-len(fmt.block), 0))
    axes = tuple(a % x.ndim for a in axes)
    extents = extents_of(x.shape, fmt, axes)
    counts, places = cut(x.shape, extents)
    groups, outer_counts = None, ()
    if isinstance(fmt.scale, nf.BlockFormat):
        inner_axes = (axes[0] if len(axes) == 1 else x.ndim - 1,)
        outer_counts, outer_places = cut(counts, extents_of(counts, fmt.scale, inner_axes))
        marks = np.empty(counts, int)
        for i, place in enumerate(outer_places):
            marks[place] = i
        groups = marks.reshape(-1).tolist()
    changes = {
        k: v for k, v in options.items() if k in ("nonfinite", "zero_block", "underflow", "tail")
    }
    if "scale_rule" in options:
        changes["rule"] = options["scale_rule"]
    told = dataclasses.replace(fmt, **changes)
    rest = {k: v for k, v in options.items() if k in ("rounding", "overflow", "scale_rounding")}
    size = int(np.prod(extents))
    failed = None
    try:
        blocks = [x[place].reshape(-1).tolist() for place in places]
        want = quantize_blocks(blocks, told, groups=groups, size=size, **rest)
    except nf.FormatError as error:
        failed = error
        if "irrational" in str(error):
            return nf.quantize(x, fmt, axis=axis, **options)
    try:
        got = nf.quantize(x, fmt, axis=axis, **options)
    except nf.FormatError:
        if failed is None:
            raise AssertionError("refused by numfmt.quantize alone") from None
        raise
    assert failed is None, (failed, "raised by numfmt.exact alone")
    sides = (2,) if fmt.statistic is nf.Statistic.SIDES else ()
    assert got.scales.tolist() == np.reshape(want.scales, (*counts, *sides)).tolist()
    if groups is not None:
        assert got.outer_scales is not None
        assert got.outer_scales.tolist() == np.reshape(want.outer, outer_counts).tolist()
    for mine, theirs in ((got.zero_points, want.zero_points), (got.selectors, want.selectors)):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert mine.tolist() == np.reshape(theirs, counts).tolist()
    for i, place in enumerate(places):
        assert got.codes[place].reshape(-1).tolist() == want.codes[i], (i, want.scales[i])
    _compare_values(got, want, fmt, places, groups)
    return got


def _compare_values(
    got: nf.Quantized, want: Any, fmt: nf.BlockFormat, places: list[Place], groups: Any
) -> None:
    if not fmt.element.dyadic or not fmt.scale_code.dyadic:
        return  # the values of such elements are the nearest float64
    values = got.dequantize()
    for place, exact in zip(
        places, nf.exact.dequantize_blocks(want, fmt, groups=groups), strict=True
    ):
        for value, datum in zip(values[place].reshape(-1).tolist(), exact, strict=True):
            if datum.kind is Kind.NAN:
                assert np.isnan(value)
            elif datum.kind is Kind.INFINITY:
                assert value == (-np.inf if datum.sign else np.inf)
            else:
                assert value == _float(datum.value), (value, datum.value)


def _float(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return np.inf if x > 0 else -np.inf

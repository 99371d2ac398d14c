"""What decides the scale of a block: its largest magnitude, its mean, its ends."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import place
from ..errors import FormatError
from ..families.block_options import NonFinite, Statistic, Tail
from ..families.blocks import BlockFormat
from ..kernels import blocks as kernels
from ..parallel import in_parallel
from .arithmetic import Arithmetic
from .shapes import Layout, Region

Array = npt.NDArray[Any]
Reduce = Callable[[Array, Region], Array]


class Statistics(NamedTuple):
    """Of each block, in the shape of the scales; pairs have a last axis of two."""

    value: Array  # the statistic, of finite elements where others are left out
    low: Array | None  # the lower end of a range
    special: Array  # 0, 1 where nothing is finite but an infinity, 2 where the scale is NaN


def per_block(x: Array, layout: Layout, reduce: Reduce, dtype: Any, *more: int) -> Array:
    """Return an array of the shape of the scales, filled from the rows of each region."""
    found = np.empty((*layout.counts, *more), dtype)
    for region in layout.regions():
        part = found[region.blocks]
        part[...] = reduce(region.rows(x), region).reshape(part.shape)
    return found


def magnitudes(rows: Array, *, finite: bool) -> Array:
    """Return the largest magnitude of each row, NaN above infinity; or of its `finite` ones."""
    integer = np.int32 if rows.dtype.itemsize == 4 else np.int64
    infinity = np.array(np.inf, rows.dtype).view(integer)[()]
    mask = np.iinfo(integer).max
    limit = infinity - 1 if finite else mask
    words = rows.view(integer)
    found = np.empty(len(rows), integer)

    def run(start: int, stop: int) -> int:
        part = slice(start, stop)
        kernels.largest_magnitudes(words[part], integer(mask), integer(limit), found[part])
        return 0

    _over_rows(run, rows)
    return found.view(rows.dtype)


def _over_rows(run: Callable[[int, int], int], rows: Array) -> None:
    """Call run(start, stop) over parts of the rows, on several threads where that pays."""
    width = max(rows.shape[1], 1)
    in_parallel(lambda a, b: run(a // width, b // width), rows.size, width)


def statistics(x: Array, layout: Layout, fmt: BlockFormat, arithmetic: Arithmetic) -> Statistics:
    """Return the statistic of every block of `x`, which is already rounded to `compute`.

    Raises
    ------
    FormatError
        `x` holds a NaN or an infinity that the format refuses.
    """
    every = per_block(x, layout, lambda r, _: magnitudes(r, finite=False), x.dtype)
    special = np.zeros(layout.counts, np.uint8)
    value = every
    if not np.isfinite(every).all():
        if fmt.nonfinite is NonFinite.REFUSE:
            raise _nonfinite(x, fmt)
        value = per_block(x, layout, lambda r, _: magnitudes(r, finite=True), x.dtype)
        special = _special(x, layout, fmt, every)
        value[special > 0] = 0
    low = None
    if fmt.statistic is Statistic.ABSMEAN:
        value = _means(x, layout, fmt, arithmetic)
    elif fmt.statistic in (Statistic.RANGE, Statistic.SIDES):
        low, high = _extremes(x, layout, fmt)
        if fmt.statistic is Statistic.SIDES:
            value, low = np.stack([np.maximum(high, 0), np.maximum(-low, 0)], -1), None
        else:
            value = arithmetic.add(high, -low)
    return bounded(Statistics(value, low, special), fmt, arithmetic)


def bounded(found: Statistics, fmt: BlockFormat, arithmetic: Arithmetic) -> Statistics:
    """Return statistics that are at least `statistic_min`."""
    if fmt.statistic_min is None:
        return found
    least = arithmetic.take(np.array(float(fmt.statistic_min)))
    return found._replace(value=np.maximum(found.value, least))


def _special(x: Array, layout: Layout, fmt: BlockFormat, every: Array) -> Array:
    """Return 2 for blocks whose scale is NaN, and 1 for infinite ones."""
    if fmt.nonfinite is NonFinite.NAN_BLOCK:
        return np.where(np.isfinite(every), 0, 2).astype(np.uint8)
    if fmt.nonfinite is NonFinite.PER_ELEMENT:
        return np.zeros(layout.counts, np.uint8)

    def kind(rows: Array, _: Region) -> Array:
        infinite = np.isinf(rows).any(axis=1)
        return np.where(np.isfinite(rows).any(axis=1), 0, np.where(infinite, 1, 2))

    return per_block(x, layout, kind, np.uint8)


def _nonfinite(x: Array, fmt: BlockFormat) -> FormatError:
    index = int(np.flatnonzero(~np.isfinite(x.reshape(-1)))[0])
    kind = "NaN" if math.isnan(x.reshape(-1)[index]) else "infinite"
    if kind == "infinite" and fmt.compute is not None:
        kind += f" (or past the end of {fmt.compute.name!r}, which x is rounded to first)"
    others = ["per_element"] + ["nan_block"] * fmt.scale_code.has_nan
    return FormatError(
        f"{place('x', x.shape, index)} is {kind}, which blocks of {fmt.name!r} do not take; "
        f"replace it, or pass nonfinite={' or nonfinite='.join(map(repr, others))}"
    )


def _extremes(x: Array, layout: Layout, fmt: BlockFormat) -> tuple[Array, Array]:
    """Return the least and the largest finite element of each block."""

    def ends(rows: Array, region: Region) -> Array:
        found = np.empty((2, len(rows)), rows.dtype)
        if fmt.nonfinite is NonFinite.REFUSE:
            kernels.extremes(rows, found[0], found[1])
        else:
            finite = np.isfinite(rows)
            found[0] = np.where(finite, rows, np.inf).min(axis=1)
            found[1] = np.where(finite, rows, -np.inf).max(axis=1)
            found[:, ~finite.any(axis=1)] = 0
        if fmt.include_zero or (fmt.tail is Tail.PAD and rows.shape[1] < layout.size):
            np.minimum(found[0], 0, out=found[0])
            np.maximum(found[1], 0, out=found[1])
        return np.asarray(found.T + rows.dtype.type(0))  # no minus zero

    found = per_block(x, layout, ends, x.dtype, 2)
    return found[..., 0], found[..., 1]


def _means(x: Array, layout: Layout, fmt: BlockFormat, arithmetic: Arithmetic) -> Array:
    """Return the exact means of the magnitudes of finite elements, rounded once."""

    def mean(rows: Array, region: Region) -> Array:
        kept = np.isfinite(rows)
        padding = layout.size - rows.shape[1] if fmt.tail is Tail.PAD else 0
        counts = kept.sum(axis=1) + padding
        sums = exact_sums(np.where(kept, np.abs(rows), 0))
        quotients = [
            arithmetic.number(s / int(max(n, 1))) for s, n in zip(sums, counts, strict=True)
        ]
        return np.array(quotients, arithmetic.dtype)

    return per_block(x, layout, mean, x.dtype)


def exact_sums(rows: Array) -> Iterator[Fraction]:
    """Yield the exact sum of each row of finite numbers.

    The digits of all numbers of one exponent are added as integers: their upper 27 and lower 26
    digits apart, so that float64 holds the sums of up to 2**26 of them.
    """
    for row in rows:
        total = Fraction(0)
        for start in range(0, row.size, 1 << 26):
            m, e = np.frexp(row[start : start + (1 << 26)].astype(np.float64))
            upper = np.rint(m * 2.0**27)
            place, lowest = e - e.min(initial=0), int(e.min(initial=0))
            for digits, weight in ((upper, 27), ((m * 2.0**27 - upper) * 2.0**26, 53)):
                for k, part in enumerate(np.bincount(place, weights=digits).tolist()):
                    if part:
                        total += Fraction(int(part)) * Fraction(2) ** (k + lowest - weight)
        yield total

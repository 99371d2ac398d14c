"""Which of several candidates a block keeps: the one with the smallest exact squared error."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..families.base import ScalarFormat
from .scales import Scales
from .shapes import Layout, beside
from .statistics import per_block

Array = npt.NDArray[Any]


class Candidate(NamedTuple):
    """One way to quantise every block."""

    element: ScalarFormat
    selector: int  # 0 for the element of the format, else 1 + index of the alternative
    codes: Array
    scales: Scales
    values: Array  # float64, what the codes stand for


def chosen(x: Array, layout: Layout, candidates: Iterator[Candidate]) -> tuple[Candidate, Array]:
    """Return the best of the candidates, block by block, and the selectors."""
    best = next(candidates)
    selectors = np.full(layout.counts, best.selector, np.uint8)
    for other in candidates:
        better = _better(x, layout, best.values, other.values)
        selectors[better] = other.selector
        everywhere = layout.spread(better)
        best = best._replace(
            codes=np.where(everywhere, other.codes, best.codes),
            values=np.where(everywhere, other.values, best.values),
            scales=_merged(best.scales, other.scales, better),
        )
    return best, selectors


def _merged(first: Scales, second: Scales, better: Array) -> Scales:
    where = beside(better, first.codes)

    def pick(a: Array | None, b: Array | None) -> Any:
        return None if a is None or b is None else np.where(where, b, a)

    return first._replace(
        codes=pick(first.codes, second.codes),
        values=pick(first.values, second.values),
        stored=pick(first.stored, second.stored),
        raw=pick(first.raw, second.raw),
    )


def _better(x: Array, layout: Layout, first: Array, second: Array) -> Array:
    """Return which blocks have a smaller sum of (x - second)**2 than of (x - first)**2.

    The sums, over finite x, are off by less than n + 4 units of 2**-53 in float64, relatively;
    where they are nearer to each other than that, rationals decide.
    """
    wide = x.astype(np.float64)
    finite = np.isfinite(wide)

    def errors(values: Array) -> Array:
        squares = np.where(finite, np.square(wide - values), 0)
        squares[np.isnan(squares)] = np.inf
        return per_block(squares, layout, lambda rows, _: rows.sum(axis=1), np.float64)

    def rows_of(array: Array) -> list[Array]:
        return [region.rows(array) for region in layout.regions()]

    a, b = errors(first), errors(second)
    better = b < a
    bound = (layout.size + 8) * 2.0**-51
    close = ~(np.abs(a - b) > bound * np.maximum(a, b)) | (np.maximum(a, b) < 1e-280)
    same = per_block(
        (first == second).view(np.uint8),
        layout,
        lambda rows, _: np.asarray(rows.all(axis=1)),
        np.bool_,
    )
    better[same] = False
    close &= ~same
    if not close.any():
        return better
    columns = zip(layout.regions(), rows_of(wide), rows_of(first), rows_of(second), strict=True)
    for region, *rows in columns:
        part = better[region.blocks]
        flat = part.reshape(-1)
        for i in np.flatnonzero(region.per_block(close)):
            flat[i] = _exact_error(rows[0][i], rows[2][i]) < _exact_error(rows[0][i], rows[1][i])
        part[...] = flat.reshape(part.shape)
    return better


def _exact_error(x: Array, values: Array) -> Fraction | float:
    """Return the sum over finite x, infinite where one of those became no number."""
    finite = np.isfinite(x)
    if not np.isfinite(values[finite]).all():
        return math.inf
    pairs = zip(x[finite].tolist(), values[finite].tolist(), strict=True)
    return sum(((Fraction(a) - Fraction(b)) ** 2 for a, b in pairs), Fraction(0))

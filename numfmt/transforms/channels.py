"""What goes before block quantisation: orders of channels, outliers split off, clipping."""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, axis_of, float64_array, place
from ..errors import FormatError
from ..rounding import Option, choose

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


class ChannelKey(Option):
    """What puts channels in order: the largest magnitude, or the Euclidean norm."""

    AMAX = "amax"
    NORM = "norm"


class SplitOutliers(NamedTuple):
    """Values without the outlier columns, those columns, and where they were.

    `regular` (float64) has the shape of x and zeros in the outlier columns; `outliers` (float64)
    has only those columns; `columns` (int64) are their indices along the axis, ascending.
    """

    regular: Floats
    outliers: Floats
    columns: npt.NDArray[np.int64]


class Clipped(NamedTuple):
    """Clipped values, and what clipping took away; both float64 of the shape of x."""

    clipped: Floats
    residual: Floats


def _permutation(order: npt.ArrayLike) -> npt.NDArray[np.int64]:
    array = as_array(order, "order")
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise FormatError(
            f"order has shape {array.shape} and dtype {array.dtype}; it is a list of integers"
        )
    if (np.sort(array) != np.arange(array.size)).any():
        raise FormatError(
            f"order is no permutation: it must hold each of 0 to {array.size - 1} once"
        )
    return array.astype(np.int64)


def permute_channels(x: npt.ArrayLike, order: npt.ArrayLike, *, axis: int = -1) -> Array:
    """Return x with the channels along an axis in another order: channel i is x's order[i].

    Parameters
    ----------
    x : array_like, of values or codes
    order : array_like of int
        Each index along the axis once.
    axis : int

    Returns
    -------
    ndarray of the dtype and shape of `x`

    Raises
    ------
    FormatError
        `order` is no permutation of the channels.

    Examples
    --------
    >>> permute_channels([[1, 2, 3], [4, 5, 6]], [2, 0, 1]).tolist()
    [[3, 1, 2], [6, 4, 5]]
    """
    array = as_array(x, "x")
    where = axis_of(array, axis)
    places = _permutation(order)
    if places.size != array.shape[where]:
        raise FormatError(
            f"order has {places.size} channels, but axis {where} of x has {array.shape[where]}"
        )
    return np.take(array, places, axis=where)


def inverse_order(order: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return the order that undoes another one.

    Parameters
    ----------
    order : array_like of int
        A permutation, as `permute_channels` takes it.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    FormatError
        `order` is no permutation.

    Examples
    --------
    >>> inverse_order([2, 0, 1]).tolist()
    [1, 2, 0]
    """
    return np.argsort(_permutation(order), kind="stable")


def channel_order(
    x: npt.ArrayLike, *, axis: int = -1, key: ChannelKey | str = ChannelKey.AMAX
) -> npt.NDArray[np.int64]:
    """Return the order that sorts the channels along an axis, so that like ones share blocks.

    Parameters
    ----------
    x : array_like of float
    axis : int
        The axis of the channels.
    key : ChannelKey
        ``amax``, the largest magnitude in a channel ("ours"), or ``norm``, the Euclidean norm, by
        which K-sort sorts; compared as the sum of the squares, each rounded to float64 after
        scaling by a power of two, the sum rounded once.

    Returns
    -------
    ndarray of int64
        Ascending; equal channels keep their order; NaNs come last.

    Raises
    ------
    FormatError
        `x` is empty, or not of numbers.

    References
    ----------
    Trukhanov and Soloveychik, Accurate Block Quantization in LLMs with Outliers, arXiv:2403.20137
    (K-sort: by row norms; ascending is "ours").

    Examples
    --------
    >>> channel_order([[1.0, -9.0, 0.5], [2.0, 3.0, 0.25]]).tolist()
    [2, 0, 1]
    """
    array = np.abs(float64_array(x, "x"))
    where = axis_of(array, axis)
    if array.size == 0:
        raise FormatError(f"x of shape {array.shape} is empty; its channels have no order")
    rows = np.moveaxis(array, where, 0).reshape(array.shape[where], -1)
    if choose(ChannelKey, key, "key") is ChannelKey.AMAX:
        return np.argsort(rows.max(axis=1), kind="stable")
    _, exponent = np.frexp(rows.max(where=np.isfinite(rows), initial=0.0))
    with np.errstate(invalid="ignore"):
        squares = np.ldexp(rows, -int(exponent)) ** 2
    return np.argsort([math.fsum(row) for row in squares.tolist()], kind="stable")


def split_outliers(x: npt.ArrayLike, *, threshold: float = 6.0, axis: int = -1) -> SplitOutliers:
    """Return x without its outlier columns, and those columns apart, as LLM.int8() splits them.

    Parameters
    ----------
    x : array_like of float
    threshold : float
        A column is an outlier where any magnitude in it is at least this; above 0.
    axis : int
        The axis along which columns are counted (the inner dimension of the product).

    Returns
    -------
    SplitOutliers
        Of float64. A NaN makes its column an outlier ("ours"), so that `regular` has none.

    Raises
    ------
    FormatError
        `threshold` is not above 0, or `x` has no axis.

    References
    ----------
    Dettmers et al., LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale,
    arXiv:2208.07339.

    Examples
    --------
    >>> split = split_outliers([[1.0, 6.0, -2.0], [0.5, 0.25, 5.75]])
    >>> split.regular.tolist(), split.outliers.tolist(), split.columns.tolist()
    ([[1.0, 0.0, -2.0], [0.5, 0.0, 5.75]], [[6.0], [0.25]], [1])
    """
    array = float64_array(x, "x")
    where = axis_of(array, axis)
    bound = float64_array(threshold, "threshold")
    if bound.ndim or not bound > 0:
        raise FormatError(f"threshold={threshold!r} is not a number above 0")
    columns_first = np.moveaxis(array, where, 0)
    others = tuple(range(1, array.ndim))
    columns = np.flatnonzero((~(np.abs(columns_first) < bound)).any(axis=others))
    outliers = np.take(array, columns, axis=where)
    columns_first[columns] = 0.0
    return SplitOutliers(array, outliers, columns)


def clip_symmetric(x: npt.ArrayLike, limit: npt.ArrayLike) -> Floats:
    """Return x with every magnitude at most `limit`.

    Parameters
    ----------
    x : array_like of float
    limit : array_like of float
        Not negative; broadcast to the shape of `x`. Infinity leaves everything.

    Returns
    -------
    ndarray of float64, same shape as `x`
        A NaN stays NaN, and every sign stays, that of zero too.

    Raises
    ------
    FormatError
        `limit` is negative, NaN, or does not broadcast.

    Examples
    --------
    >>> clip_symmetric([-3.0, 0.5, 7.0], 2.0).tolist()
    [-2.0, 0.5, 2.0]
    """
    array, bound = float64_array(x, "x"), float64_array(limit, "limit")
    bad = np.flatnonzero(~(bound >= 0))
    if bad.size:
        index = int(bad[0])
        raise FormatError(
            f"{place('limit', bound.shape, index)} is {bound.flat[index]}; limits are 0 or more"
        )
    try:
        bound = np.broadcast_to(bound, array.shape)
    except ValueError:
        raise FormatError(
            f"limit of shape {bound.shape} does not broadcast to the shape {array.shape} of x"
        ) from None
    return np.asarray(np.copysign(np.minimum(np.abs(array), bound), array))


def clip_quantile(x: npt.ArrayLike, q: float | Fraction, *, axis: int | None = None) -> Clipped:
    """Return x clipped at a quantile of its magnitudes, and the residual that restores it.

    Parameters
    ----------
    x : array_like of float
        No NaN.
    q : float or Fraction
        Share of the magnitudes that stay, above 0, at most 1. A float means the shortest decimal
        that prints it: 0.99 is 99/100.
    axis : int, optional
        One quantile for each line along this axis. Default: one for all of `x`.

    Returns
    -------
    Clipped
        ``clipped + residual == x``, exactly, as real numbers and in float64 alike. The limit is
        the ceil(q * n)-th smallest of the n magnitudes: an element, nothing is interpolated. The
        residual is 0.0 where nothing was clipped.

    Raises
    ------
    FormatError
        `x` is empty or has a NaN, or some residual x -+ limit needs more digits than a float64
        has. That cannot happen where abs(x) <= 2 * limit (Sterbenz), nor where x comes from
        float32, float16 or bfloat16 and abs(x) < 2**29 * limit; sparse float64 data may be refused.

    Notes
    -----
    The training of Wang et al. (arXiv:2501.17116) clamps outliers and adds a sparse residual; a
    quantile of magnitudes, and which element it is, are "ours".

    Examples
    --------
    >>> clipped, residual = clip_quantile([1.0, -8.0, 2.0, 0.5], 0.75)
    >>> clipped.tolist(), residual.tolist()
    ([1.0, -2.0, 2.0, 0.5], [0.0, -6.0, 0.0, 0.0])
    """
    array = float64_array(x, "x")
    share = _share(q)
    if array.size == 0 or np.isnan(array).any():
        raise FormatError(
            f"x of shape {array.shape} is empty or has a NaN, and so no quantile; leave NaNs out"
        )
    where = None if axis is None else axis_of(array, axis)
    magnitudes = np.abs(array)
    lines = magnitudes.reshape(-1) if where is None else magnitudes
    along = where or 0
    rank = math.ceil(share * lines.shape[along]) - 1
    limit = np.take(np.partition(lines, rank, axis=along), [rank], axis=along)
    bound = limit.reshape(()) if where is None else limit
    clipped = clip_symmetric(array, bound)
    return Clipped(clipped, _residual(array, clipped, magnitudes > bound))


def _share(q: float | Fraction) -> Fraction:
    try:
        share = Fraction(str(q))
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 < share <= 1:
        raise FormatError(f"q={q!r} is not a number above 0 and at most 1")
    return share


def _residual(array: Floats, clipped: Floats, outside: npt.NDArray[np.bool_]) -> Floats:
    """Return array - clipped where something was clipped, refusing one that rounds."""
    with np.errstate(invalid="ignore"):
        residual = np.where(outside, array - clipped, 0.0)
        error = -clipped - (residual - array)  # exact where abs(array) >= abs(clipped): Dekker
    rounded = np.flatnonzero(outside & np.isfinite(array) & (error != 0))
    if rounded.size:
        index = int(rounded[0])
        raise FormatError(
            f"{place('x', array.shape, index)} is {array.flat[index]}, and what is left of it "
            f"past the limit {abs(float(clipped.flat[index]))!r} takes more digits than a float64 "
            "has; pass float32 values, or clip at a short limit with clip_symmetric"
        )
    return residual

"""How good a quantisation is: errors in decibels and units in the last place, shares, codes used.

Values are compared in float64. Sums run over contiguous lines of float64, so that a result does
not depend on the memory layout of the arguments; its last digits are those of NumPy's summation.
Every function raises FormatError for empty arguments, unequal shapes, codes out of range, and
differences of finite numbers that overflow.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .accumulation import AccumulationErrors, accumulation_error
from .approximation import FunctionErrors, ulp_error
from .arguments import as_codes, axis_of, float64_array, integer_option, place, scalar_format
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.codebooks import CodebookFormat
from .families.fixed import FixedFormat
from .families.floats import FloatFormat

__all__ = [
    "AccumulationErrors",
    "CodesUsed",
    "FunctionErrors",
    "UlpErrors",
    "accumulation_error",
    "codes_used",
    "crest_factor",
    "mean_squared_error",
    "saturation_share",
    "sqnr",
    "ulp_error",
    "ulp_errors",
    "underflow_share",
]

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Axis = int | tuple[int, ...] | None

COUNTED_BITS = 16  # widest codes that a histogram has a place for


class UlpErrors(NamedTuple):
    """Largest and mean error in units in the last place, and the index of the largest in x."""

    max: float
    mean: float
    worst_index: tuple[int, ...]


class CodesUsed(NamedTuple):
    """How many codes occur, of how many that stand for something, and how often each occurs.

    `histogram` (int64) has one place for each of the 2**bits codes.
    """

    used: int
    of: int
    histogram: npt.NDArray[np.int64]


def _filled(x: object, argument: str) -> Floats:
    """Return float64 values, at least one."""
    array = float64_array(x, argument)
    if array.size == 0:
        raise FormatError(
            f"{argument} of shape {array.shape} is empty; there is nothing to measure"
        )
    return array


def _pair(x: object, y: object) -> tuple[Floats, Floats]:
    first, second = _filled(x, "x"), float64_array(y, "y")
    if first.shape != second.shape:
        raise FormatError(
            f"x has shape {first.shape} and y {second.shape}; they are compared element by "
            "element, so broadcast them first"
        )
    return first, second


def _differences(x: Floats, y: Floats) -> Floats:
    """Return x - y, refusing a difference of finite numbers that overflows."""
    with np.errstate(invalid="ignore", over="ignore"):
        difference = x - y
    past = np.flatnonzero(np.isinf(difference) & np.isfinite(x) & np.isfinite(y))
    if past.size:
        index = int(past[0])
        raise FormatError(
            f"{place('x', x.shape, index)} is {x.flat[index]} and y there {y.flat[index]}; "
            "their difference overflows float64, so halve both first"
        )
    return difference


def _lines(array: Floats, axis: Axis) -> tuple[Floats, tuple[int, ...]]:
    """Return what is reduced as the rows of a matrix, and the shape that is left."""
    if axis is None:
        return array.reshape(1, -1), ()
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(axis_of(array, one) for one in given)
    if len(set(axes)) < len(axes):
        raise FormatError(f"axis={axis!r} names an axis twice")
    rest = tuple(i for i in range(array.ndim) if i not in axes)
    shape = tuple(array.shape[i] for i in rest)
    rows = array.transpose(*rest, *sorted(axes)).reshape(math.prod(shape), -1)
    return np.ascontiguousarray(rows), shape


def _shaped(results: Floats, shape: tuple[int, ...]) -> float | Floats:
    return results.reshape(shape) if shape else float(results[0])


def _powers(rows: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return s and e of each row: its sum of squares is s * 4**e, and cannot overflow."""
    amax = np.abs(rows).max(axis=1)
    exponents = np.frexp(np.where(np.isfinite(amax), amax, 0.0))[1].astype(np.int64)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        sums = np.square(np.ldexp(rows, -exponents[:, None])).sum(axis=1)
    return sums, exponents


def sqnr(x: npt.ArrayLike, y: npt.ArrayLike, *, axis: Axis = None) -> float | Floats:
    """Return the signal to quantisation noise ratio, -10 log10(|x - y|**2 / |x|**2).

    The literature on block formats calls it QSNR.

    Parameters
    ----------
    x, y : array_like of float, same shape
        Reference, and what became of it.
    axis : int or tuple of int, optional
        What is summed over. Default: everything.

    Returns
    -------
    float or ndarray of float64, in decibels
        inf where no error is left, all-zero x included; -inf where x is zero and y is not, or
        where y is infinite and x finite; nan where anything is NaN or x is infinite.

    Examples
    --------
    >>> sqnr([3.0, 4.0], [3.0, 4.5])
    20.0
    """
    first, second = _pair(x, y)
    signals, shape = _lines(first, axis)
    noise, low = _powers(_lines(_differences(first, second), axis)[0])
    signal, high = _powers(signals)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((noise == 0) & (signal == 0), 0.0, noise / signal)
    decibels = [
        _decibels(ratio, shift)
        for ratio, shift in zip(ratios.tolist(), (2 * (low - high)).tolist(), strict=True)
    ]
    return _shaped(np.array(decibels), shape)


def _decibels(ratio: float, shift: int) -> float:
    """Return -10 log10(ratio * 2**shift), ratios of 0 and infinity included."""
    if ratio == 0:
        return math.inf
    if not math.isfinite(ratio):
        return -ratio
    near = max(-900, min(shift, 900))  # all of the shift, but for numbers that no tensor holds
    return 0.0 - 10.0 * (math.log10(math.ldexp(ratio, near)) + (shift - near) * math.log10(2.0))


def mean_squared_error(x: npt.ArrayLike, y: npt.ArrayLike, *, axis: Axis = None) -> float | Floats:
    """Return the mean of (x - y)**2.

    Parameters
    ----------
    x, y : array_like of float, same shape
    axis : int or tuple of int, optional
        What the mean is over. Default: everything.

    Returns
    -------
    float or ndarray of float64
        nan where anything is NaN or both are the same infinity; inf where one is infinite, or
        where the mean is past float64.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 2.5])
    0.125
    """
    first, second = _pair(x, y)
    rows, shape = _lines(_differences(first, second), axis)
    sums, exponents = _powers(rows)
    with np.errstate(over="ignore", under="ignore"):
        return _shaped(np.ldexp(sums / rows.shape[1], 2 * exponents), shape)


def ulp_errors(x: npt.ArrayLike, y: npt.ArrayLike, fmt: Format | str) -> UlpErrors:
    """Return the errors of y against x in units in the last place of a format at x.

    The unit is the quantum of the binade of x in `fmt`: that of the smallest binade for smaller x,
    that of the largest one for larger x. `numfmt.ulp_distance` counts codes instead.

    Parameters
    ----------
    x, y : array_like of float, same shape
        Exact values, and results to judge.
    fmt : Format or str
        A float or fixed-point format, or a name.

    Returns
    -------
    UlpErrors
        Errors are abs(x - y), one rounding in float64, over the unit. Equal values, infinities
        and pairs of NaNs among them, have error 0; a NaN or an infinity on one side only, or
        infinities of opposite sign, error inf. Of several largest errors the first is named.

    Raises
    ------
    FormatError
        The shapes differ, `x` is empty, or the format has no unit in the last place.

    Examples
    --------
    >>> ulp_errors([1.0, 17.0], [1.125, 16.0], "e4m3")
    UlpErrors(max=1.0, mean=0.75, worst_index=(0,))
    """
    entry = scalar_format(fmt)
    if not isinstance(entry, FloatFormat | FixedFormat):
        raise FormatError(
            f"fmt={entry.name!r} is of family {entry.family!r}; units in the last place are those "
            "of floats and fixed point; use numfmt.ulp_distance, which counts codes"
        )
    first, second = _pair(x, y)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    comparable = np.isfinite(first) & np.isfinite(second)
    distances = np.where(comparable, np.abs(_differences(first, second)), math.inf)
    with np.errstate(over="ignore", under="ignore"):
        errors = np.ldexp(np.where(same, 0.0, distances), -_quantum_exponents(first, entry))
    worst = int(np.argmax(errors))
    index = tuple(int(i) for i in np.unravel_index(worst, errors.shape))
    return UlpErrors(float(errors.flat[worst]), float(errors.mean()), index)


def _quantum_exponents(x: Floats, fmt: FloatFormat | FixedFormat) -> npt.NDArray[np.int64]:
    """Return the exponent of the unit in the last place of a format at each x."""
    grid = fmt.grid
    exponents = np.frexp(np.where(np.isfinite(x), x, 0.0))[1].astype(np.int64) - 1
    exponents = np.where(x == 0, grid.emin, exponents)
    return np.clip(exponents, grid.emin, grid.ceiling) - grid.t


def underflow_share(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Return the share of the nonzero x that became zero in y.

    Parameters
    ----------
    x, y : array_like of float, same shape
        Reference, and what became of it.

    Returns
    -------
    float
        0 to 1; nan where no x is a nonzero number. A NaN in x does not count.

    Examples
    --------
    >>> underflow_share([0.0, 1e-9, -1e-9, 1.0, 2.0], [0.0, 0.0, -0.0, 1.0, 2.0])
    0.5
    """
    first, second = _pair(x, y)
    nonzero = (first != 0) & ~np.isnan(first)
    total = int(np.count_nonzero(nonzero))
    return int(np.count_nonzero(nonzero & (second == 0))) / total if total else math.nan


def saturation_share(codes: npt.ArrayLike, fmt: Format | str) -> float:
    """Return the share of codes that are an end of a format: its largest values, or an infinity.

    Parameters
    ----------
    codes : array_like of int
    fmt : Format or str
        A scalar format, or a name.

    Returns
    -------
    float
        0 to 1, of all codes, NaNs included. An end is the largest finite magnitude of either
        sign (in two's complement -128 and 127; in narrow integers -127 and what lies past it) or
        an infinity; in formats without negative values only the upper end.

    Examples
    --------
    >>> saturation_share([0x7e, 0xfe, 0x38, 0x00], "e4m3")
    0.5
    """
    entry = scalar_format(fmt)
    array = _filled_codes(codes, entry)
    ends = np.isin(array, np.array(_end_codes(entry), array.dtype))
    return int(np.count_nonzero(ends)) / array.size


def _filled_codes(codes: object, fmt: ScalarFormat) -> Array:
    array = as_codes(codes, fmt)
    if array.size == 0:
        raise FormatError(f"codes of shape {array.shape} is empty; there is nothing to count")
    return array


def _end_codes(fmt: ScalarFormat) -> list[int]:
    """Return the codes of the largest finite magnitudes of each sign, and of infinities."""
    signs = (0, 1) if fmt.signed_values else (0,)
    ends = [code for sign in signs if (code := fmt.infinity_code(sign)) is not None]
    if isinstance(fmt, CodebookFormat):
        values = (fmt.largest, fmt.lowest)[: len(signs)]
        return ends + [code for code, value in fmt.readings().items() if value in values]
    ends += [fmt.largest_code(sign) for sign in signs]
    if isinstance(fmt, FixedFormat) and fmt.grid.twos:
        ends.append(1 << (fmt.bits - 1))
    return ends


def codes_used(codes: npt.ArrayLike, fmt: Format | str) -> CodesUsed:
    """Return how many codes of a format occur, and how often each does.

    Parameters
    ----------
    codes : array_like of int
    fmt : Format or str
        A scalar format of at most 16 bits, or a name.

    Returns
    -------
    CodesUsed
        `of` counts every code that stands for something, NaNs and infinities included.

    Raises
    ------
    FormatError
        A code is out of range, there is none, or the format is wider.

    Examples
    --------
    >>> result = codes_used([0, 1, 1, 15], "e2m1")
    >>> result.used, result.of, result.histogram.tolist()
    (3, 16, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    """
    entry = scalar_format(fmt)
    array = _filled_codes(codes, entry)
    if entry.bits > COUNTED_BITS:
        raise FormatError(
            f"fmt={entry.name!r} has 2**{entry.bits} codes; histograms go to {COUNTED_BITS} bits; "
            "use np.unique(codes, return_counts=True)"
        )
    histogram = np.bincount(array.reshape(-1), minlength=1 << entry.bits).astype(np.int64)
    of = (1 << entry.bits) - len(entry.unused_codes())
    return CodesUsed(int(np.count_nonzero(histogram)), of, histogram)


def crest_factor(
    x: npt.ArrayLike, *, axis: Axis = None, block: int | None = None
) -> float | Floats:
    """Return the largest magnitude over the root mean square.

    Computed as sqrt(n / sum((x / amax)**2)), so that 1 and sqrt(n), the least and the most it can
    be, are exact.

    Parameters
    ----------
    x : array_like of float
    axis : int or tuple of int, optional
        What is measured together. Default: everything; with `block`, the last axis.
    block : int, optional
        Measures each run of so many neighbours along one axis instead.

    Returns
    -------
    float or ndarray of float64
        1 to sqrt(n); nan where all is zero or anything is NaN or infinite. With `block`, the
        length of the axis becomes the number of blocks.

    Raises
    ------
    FormatError
        `x` is empty, or `block` does not divide the axis.

    Examples
    --------
    >>> crest_factor([1.0, -1.0, 1.0, 1.0, 0.0, 0.0, 5.0, 0.0], block=4).tolist()
    [1.0, 2.0]
    """
    array = _filled(x, "x")
    if block is not None:
        array, axis = _in_blocks(array, axis, block)
    rows, shape = _lines(array, axis)
    with np.errstate(invalid="ignore", under="ignore"):
        sums = np.square(rows / np.abs(rows).max(axis=1, keepdims=True)).sum(axis=1)
    return _shaped(np.sqrt(rows.shape[1] / sums), shape)


def _in_blocks(array: Floats, axis: Axis, block: int) -> tuple[Floats, int]:
    """Return an array with an axis cut in two, blocks and places in them, and the latter axis."""
    where = axis_of(array, -1 if axis is None else axis)
    length = array.shape[where]
    size = integer_option(block, 1, length, "block")
    if length % size:
        raise FormatError(
            f"block={size} does not divide the {length} elements along axis {where} of x; pad x, "
            "or choose another block"
        )
    cut = (*array.shape[:where], length // size, size, *array.shape[where + 1 :])
    return array.reshape(cut), where + 1

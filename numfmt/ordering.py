"""The order of codes: ordinal, ulp_distance."""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from . import log_values
from .arguments import as_codes, place, scalar_format
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.codebooks import CodebookFormat
from .families.grid import GridFormat
from .families.logarithmic import LogarithmicFormat
from .kernels import fields
from .params import Kind

Array = npt.NDArray[Any]


def ordinal(codes: npt.ArrayLike, fmt: Format | str) -> npt.NDArray[np.int64]:
    """Return integers in the order of the values, neighbours one apart, both zeros 0.

    Parameters
    ----------
    codes : array_like of int, any shape
    fmt : Format or str
        A scalar format, or a name.

    Returns
    -------
    ndarray of int64, same shape as `codes`
        Infinities follow the largest finite values.

    Raises
    ------
    FormatError
        A code is NaN, which has no place in the order, or its number exceeds int64.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.ordinal([0x00, 0x80, 0x01, 0x81, 0x7e], "e4m3").tolist()
    [0, 0, 1, -1, 126]
    """
    entry = scalar_format(fmt)
    return _ordinals(as_codes(codes, entry), entry, "codes")


def _ordinals(array: Array, fmt: ScalarFormat, argument: str) -> npt.NDArray[np.int64]:
    flat = array.reshape(-1)
    if isinstance(fmt, GridFormat):
        result = np.empty(array.shape, np.int64)
        with np.errstate(over="ignore"):
            bad = fields.ordinals(flat.astype(np.uint64), fmt.grid, result.reshape(-1))
    else:
        table = _codebook_ordinals(fmt)[flat] if isinstance(fmt, CodebookFormat) else None
        result = (_log_ordinals(flat, fmt) if table is None else table).reshape(array.shape)
        none = np.flatnonzero(result.reshape(-1) == _NO_ORDINAL)
        bad = int(none[0]) if none.size else -1
    if bad >= 0:
        code = int(flat[bad])
        raise FormatError(
            f"{place(argument, array.shape, bad)} is {code:#x} of {fmt.name!r}, which has no "
            "ordinal in int64 (NaN has none); leave it out"
        )
    return result


_NO_ORDINAL = -(1 << 63)


@functools.lru_cache(maxsize=64)
def _codebook_ordinals(fmt: CodebookFormat) -> npt.NDArray[np.int64]:
    """Return places in the order of all readings; zero, or else the first one from 0 on, is 0."""
    readings = fmt.readings()
    ordered = sorted(set(readings.values()))
    zero = sum(value < 0 for value in ordered)
    place_of = {value: index - zero for index, value in enumerate(ordered)}
    table = np.full(1 << fmt.bits, _NO_ORDINAL)
    for code, value in readings.items():
        table[code] = place_of[value]
    if fmt.infinities:
        table[list(fmt.infinities)] = len(ordered) - zero, -zero - 1
    return table


def _log_ordinals(codes: Array, fmt: ScalarFormat) -> npt.NDArray[np.int64]:
    if not isinstance(fmt, LogarithmicFormat):
        raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no order")
    signs, ordinals, kinds = log_values.split(codes, fmt)
    places = ordinals.astype(np.int64)
    places = np.where(signs != 0, -places, places)
    places[kinds == Kind.NAN] = _NO_ORDINAL
    return places


def ulp_distance(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Format | str) -> npt.NDArray[np.int64]:
    """Return how many steps of the format lie between two codes, b - a.

    Parameters
    ----------
    a, b : array_like of int
        Codes of `fmt`, broadcast against each other.
    fmt : Format or str
        A scalar format, or a name.

    Returns
    -------
    ndarray of int64
        Positive where `b` is the larger value.

    Raises
    ------
    FormatError
        A code is NaN, or a difference does not fit int64.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.ulp_distance(0x81, 0x02, "e4m3").item()
    3
    """
    entry = scalar_format(fmt)
    first = _ordinals(as_codes(a, entry, "a"), entry, "a")
    second = _ordinals(as_codes(b, entry, "b"), entry, "b")
    try:
        with np.errstate(over="ignore"):
            difference: npt.NDArray[np.int64] = np.asarray(second - first)
    except ValueError:
        raise FormatError(
            f"a of shape {first.shape} and b of shape {second.shape} do not broadcast"
        ) from None
    if (((second ^ first) & (second ^ difference)) < 0).any():
        raise FormatError(f"some differences of codes of {entry.name!r} do not fit int64")
    return difference

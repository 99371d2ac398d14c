"""Codes to values and fields: decode, unpack, ordinal, ulp_distance."""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .arguments import as_codes, as_output, grid_format, place
from .errors import FormatError
from .families.base import Format
from .families.grid import GridFormat
from .kernels import fields, tables
from .parallel import in_parallel

Array = npt.NDArray[Any]
SMALL = 1 << 10  # codes below which a table of a 16-bit format costs more than it saves


class Unpacked(NamedTuple):
    """Fields of codes: value = (-1)**sign * significand * 2**exponent where `kind` is finite.

    `kind` (uint8) holds `numfmt.Kind`; `sign` is uint8, `exponent` int64, `significand` uint64.
    The last two are 0 for zero, infinity and NaN.
    """

    kind: npt.NDArray[np.uint8]
    sign: npt.NDArray[np.uint8]
    exponent: npt.NDArray[np.int64]
    significand: npt.NDArray[np.uint64]


@functools.lru_cache(maxsize=64)
def _decode_table(fmt: GridFormat, dtype: str) -> Array:
    """Return the values of all codes of a format of up to 16 bits."""
    codes = np.arange(1 << fmt.bits, dtype=np.uint64)
    words = np.empty(codes.size, np.uint64)
    with np.errstate(over="ignore"):
        fields.decode_codes(codes, fmt.grid, words)
    table = words.view(np.float64).astype(dtype)
    table.flags.writeable = False
    return table


def decoded(codes: Array, fmt: GridFormat, dtype: np.dtype[Any]) -> Array:
    """Return the values of 1-D codes; every value of the format fits the dtype."""
    out = np.empty(codes.size, dtype)
    if fmt.bits <= 16 and codes.size >= SMALL >> (16 - fmt.bits):
        table = _decode_table(fmt, dtype.name)
        mask = np.uint64((1 << fmt.bits) - 1)

        def look(start: int, stop: int) -> int:
            tables.look_up(codes[start:stop], table, mask, out[start:stop])
            return 0

        in_parallel(look, codes.size, 1)
        return out
    grid = fmt.grid

    def run(start: int, stop: int) -> int:
        words = np.empty(stop - start, np.uint64)
        fields.decode_codes(codes[start:stop].astype(np.uint64), grid, words)
        out[start:stop] = words.view(np.float64)
        return 0

    in_parallel(run, codes.size, 1)
    return out


def decode(
    codes: npt.ArrayLike,
    fmt: Format | str,
    *,
    dtype: npt.DTypeLike = np.float64,
    out: Array | None = None,
) -> Array:
    """Return the values of codes, exactly.

    Parameters
    ----------
    codes : array_like of int, any shape
        Codes, of any integer dtype; or an ml_dtypes array of this format.
    fmt : Format or str
        A scalar format, or a name.
    dtype : {float64, float32}
        Type of the result; every value of the format must fit it.
    out : ndarray, optional
        Where to put the values.

    Returns
    -------
    ndarray of `dtype`, same shape as `codes`
        NaN codes give NaN (with the sign of the code, payload not kept), minus zero gives -0.0.

    Raises
    ------
    FormatError
        A code is out of range, or the format has values that `dtype` does not.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x01, 0x7e, 0x80, 0x7f], "e4m3").tolist()
    [0.001953125, 448.0, -0.0, nan]
    """
    entry = grid_format(fmt)
    array = as_codes(codes, entry)
    try:
        wanted = np.dtype(dtype).newbyteorder("=")
    except TypeError:
        raise FormatError(f"dtype={dtype!r} is no dtype; decode gives float64 or float32") from None
    fits = {"float64": entry.fits_float64, "float32": entry.fits_float32}.get(wanted.name)
    if fits is None:
        raise FormatError(f"dtype={wanted.name!r}: decode gives float64 or float32")
    if not fits:
        raise FormatError(
            f"{entry.name!r} has values that {wanted.name} does not; use numfmt.unpack or "
            "numfmt.exact.decode" + ("" if wanted.name == "float64" else ", or dtype='float64'")
        )
    target = as_output(out, array.shape, wanted)
    values = decoded(array.reshape(-1), entry, wanted).reshape(array.shape)
    if target is None:
        return values
    target[...] = values
    return target


def unpack(codes: npt.ArrayLike, fmt: Format | str) -> Unpacked:
    """Return kind, sign, exponent and integer significand of codes; any width fits.

    Parameters
    ----------
    codes : array_like of int, any shape
    fmt : Format or str
        A scalar format, or a name.

    Returns
    -------
    Unpacked
        Four arrays of the shape of `codes`; value = (-1)**sign * significand * 2**exponent.

    Examples
    --------
    >>> import numfmt as nf
    >>> kind, sign, exponent, significand = nf.unpack([0x7e, 0x81], "e4m3")
    >>> significand.tolist(), exponent.tolist(), sign.tolist()
    ([14, 1], [5, -9], [0, 1])
    """
    entry = grid_format(fmt)
    array = as_codes(codes, entry)
    unpacked = fields.fields_of(array.reshape(-1), entry.grid)
    return Unpacked(*(field.reshape(array.shape) for field in unpacked))


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
    entry = grid_format(fmt)
    return _ordinals(as_codes(codes, entry), entry, "codes")


def _ordinals(array: Array, fmt: GridFormat, argument: str) -> npt.NDArray[np.int64]:
    result = np.empty(array.shape, np.int64)
    with np.errstate(over="ignore"):
        bad = fields.ordinals(array.reshape(-1).astype(np.uint64), fmt.grid, result.reshape(-1))
    if bad >= 0:
        code = int(array.reshape(-1)[bad])
        raise FormatError(
            f"{place(argument, array.shape, bad)} is {code:#x} of {fmt.name!r}, which has no "
            "ordinal in int64 (NaN has none); leave it out"
        )
    return result


def ulp_distance(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Format | str) -> npt.NDArray[np.int64]:
    """Return how many steps of the format lie between two codes, b - a.

    Parameters
    ----------
    a, b : array_like of int
        Codes of `fmt`, broadcast against each other.
    fmt : Format or str
        A scalar format of at most 62 bits, or a name.

    Returns
    -------
    ndarray of int64
        Positive where `b` is the larger value.

    Raises
    ------
    FormatError
        A code is NaN, or the format is too wide for differences in int64.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.ulp_distance(0x81, 0x02, "e4m3").item()
    3
    """
    entry = grid_format(fmt)
    if entry.bits > 63 and entry.family == "fixed":
        raise FormatError(f"differences of {entry.name!r} do not fit int64")
    first = _ordinals(as_codes(a, entry, "a"), entry, "a")
    second = _ordinals(as_codes(b, entry, "b"), entry, "b")
    try:
        difference: npt.NDArray[np.int64] = np.asarray(second - first)
    except ValueError:
        raise FormatError(
            f"a of shape {first.shape} and b of shape {second.shape} do not broadcast"
        ) from None
    return difference

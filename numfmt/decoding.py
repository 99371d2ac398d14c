"""Codes to values and fields: decode, unpack."""

import functools
import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import log_values
from .arguments import as_codes, as_output, scalar_format
from .digits import fields_of_codes
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.codebooks import CodebookFormat
from .families.grid import GridFormat
from .families.logarithmic import LogarithmicFormat
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


class UnpackedLogarithm(NamedTuple):
    """Fields of codes of logarithms: value = (-1)**sign * base**(numerator * 2**-scale).

    The base is 2 for LNS and sqrt(e) for logarithmic takums. `kind` and `sign` are uint8,
    `numerator` is int64, 0 for zero and NaN, and `scale` is one integer.
    """

    kind: npt.NDArray[np.uint8]
    sign: npt.NDArray[np.uint8]
    numerator: npt.NDArray[np.int64]
    scale: int


def _values(codes: Array, fmt: ScalarFormat) -> npt.NDArray[np.float64]:
    """Return the float64 value, or the nearest one, of each 1-D code."""
    if isinstance(fmt, LogarithmicFormat):
        return log_values.values_of(codes, fmt)
    if isinstance(fmt, CodebookFormat):
        return _codebook_values(fmt)[codes]
    words = np.empty(codes.size, np.uint64)
    with np.errstate(over="ignore"):
        fields.decode_codes(codes.astype(np.uint64), _grid(fmt).grid, words)
    return words.view(np.float64)


def _grid(fmt: ScalarFormat) -> GridFormat:
    if isinstance(fmt, GridFormat):
        return fmt
    raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no decoder")


@functools.lru_cache(maxsize=256)
def _codebook_values(fmt: CodebookFormat) -> npt.NDArray[np.float64]:
    """Return the nearest float64 of every code, NaN where there is no value."""
    table = np.full(1 << fmt.bits, np.nan)
    for code, value in fmt.readings().items():
        table[code] = -0.0 if code == fmt.negative_zero else _nearest(value)
    for negative, code in enumerate(fmt.infinities or ()):
        table[code] = -math.inf if negative else math.inf
    return table


def _nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


@functools.lru_cache(maxsize=64)
def _decode_table(fmt: ScalarFormat, dtype: str) -> Array:
    """Return the values of all codes of a format of up to 16 bits."""
    table = _values(np.arange(1 << fmt.bits, dtype=fmt.code_dtype), fmt).astype(dtype)
    table.flags.writeable = False
    return table


def decoded(codes: Array, fmt: ScalarFormat, dtype: np.dtype[Any]) -> Array:
    """Return the values of 1-D codes; every value of the format fits the dtype, or is near it."""
    out = np.empty(codes.size, dtype)
    if fmt.bits <= 16 and codes.size >= SMALL >> (16 - fmt.bits):
        table = _decode_table(fmt, dtype.name)
        mask = np.uint64((1 << fmt.bits) - 1)

        def look(start: int, stop: int) -> int:
            tables.look_up(codes[start:stop], table, mask, out[start:stop])
            return 0

        in_parallel(look, codes.size, 1)
        return out

    def run(start: int, stop: int) -> int:
        out[start:stop] = _values(codes[start:stop], fmt)
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
    entry = scalar_format(fmt)
    array = as_codes(codes, entry)
    try:
        wanted = np.dtype(dtype).newbyteorder("=")
    except TypeError:
        raise FormatError(f"dtype={dtype!r} is no dtype; decode gives float64 or float32") from None
    fits = {"float64": entry.fits_float64, "float32": entry.fits_float32}.get(wanted.name)
    if fits is None:
        raise FormatError(f"dtype={wanted.name!r}: decode gives float64 or float32")
    if not fits and not (wanted.name == "float64" and nearest_float64(entry)):
        raise FormatError(
            f"{entry.name!r} has values that {wanted.name} does not; use "
            + ("numfmt.unpack or " if entry.dyadic else "")
            + "numfmt.exact.decode"
            + ("" if wanted.name == "float64" else ", or dtype='float64'")
        )
    target = as_output(out, array.shape, wanted)
    values = decoded(array.reshape(-1), entry, wanted).reshape(array.shape)
    if target is None:
        return values
    target[...] = values
    return target


def nearest_float64(fmt: ScalarFormat) -> bool:
    """Return whether `decode` gives the nearest float64 of values that no float64 is.

    Such are the irrational values of logarithms and the fractions of some codebooks.
    """
    if isinstance(fmt, LogarithmicFormat):
        return fmt.within_float64
    return isinstance(fmt, CodebookFormat) and _near_floats(fmt)


@functools.lru_cache(maxsize=256)
def _near_floats(fmt: CodebookFormat) -> bool:
    """Return whether the nearest float64 of every value is neither infinite nor a false zero."""
    pairs = ((value, _nearest(value)) for value in fmt.readings().values())
    return all(math.isfinite(near) and (near != 0 or value == 0) for value, near in pairs)


def unpack(codes: npt.ArrayLike, fmt: Format | str) -> Unpacked | UnpackedLogarithm:
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
        For LNS and logarithmic takums an `UnpackedLogarithm` instead.

    Raises
    ------
    FormatError
        A code is out of range, or the values are fractions that no power of two divides.

    Examples
    --------
    >>> import numfmt as nf
    >>> kind, sign, exponent, significand = nf.unpack([0x7e, 0x81], "e4m3")
    >>> significand.tolist(), exponent.tolist(), sign.tolist()
    ([14, 1], [5, -9], [0, 1])
    """
    entry = scalar_format(fmt)
    array = as_codes(codes, entry)
    if isinstance(entry, LogarithmicFormat):
        return _unpacked_logarithm(array, entry)
    if not entry.dyadic:
        raise FormatError(
            f"{entry.name!r} has values that are no integer of 64 bits times a power of two; use "
            "numfmt.exact.decode, or numfmt.decode for the nearest float64"
        )
    unpacked = fields_of_codes(array.reshape(-1), entry)
    return Unpacked(*(field.reshape(array.shape) for field in unpacked))


def _unpacked_logarithm(array: Array, fmt: LogarithmicFormat) -> UnpackedLogarithm:
    signs, ordinals, kinds = log_values.split(array.reshape(-1), fmt)
    numerators = log_values.numerators_of(ordinals, kinds, fmt)
    shape = array.shape
    return UnpackedLogarithm(
        kinds.reshape(shape), signs.reshape(shape), numerators.reshape(shape), fmt.digits
    )

"""Codes to values and fields: decode, unpack, ordinal, ulp_distance."""

import functools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import log_values
from .arguments import Values, as_codes, as_output, place, scalar_format
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.codebooks import CodebookFormat
from .families.grid import GridFormat
from .families.logarithmic import LogarithmicFormat
from .kernels import fields, tables
from .parallel import in_parallel
from .params import Kind

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


def fields_of_codes(codes: Array, fmt: ScalarFormat) -> tuple[Array, ...]:
    """Return (kinds, signs, exponents, significands) of 1-D codes of any scalar format.

    A value that is no integer times a power of two comes with its first 63 digits, and a last one
    that is set because something follows.
    """
    if isinstance(fmt, GridFormat):
        return fields.fields_of(codes, fmt.grid)
    if isinstance(fmt, CodebookFormat):
        return tuple(column[codes] for column in _codebook_fields(fmt))
    distinct, where = np.unique(codes, return_inverse=True)
    found = _columns([_fields_of_power(code, fmt) for code in distinct.tolist()])
    return tuple(column[where] for column in found)


_Fields = tuple[int, int, int, int]
_NO_FIELDS: _Fields = (Kind.NAN, 0, 0, 0)


def _columns(rows: list[_Fields]) -> tuple[Array, ...]:
    dtypes = (np.uint8, np.uint8, np.int64, np.uint64)
    return tuple(
        np.array(column, dtype)
        for column, dtype in zip(zip(*rows, strict=True), dtypes, strict=True)
    )


def _fields_of_number(value: Fraction, sign: int) -> _Fields:
    """Return the fields of a rational number; `sign` is that of zero."""
    if value == 0:
        return Kind.ZERO, sign, 0, 0
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = 1 - denominator.bit_length()
    if denominator & (denominator - 1) == 0 and numerator.bit_length() <= 64:
        return Kind.NORMAL, int(value < 0), exponent, numerator
    exponent = numerator.bit_length() - denominator.bit_length() - 63
    scaled = abs(value) * Fraction(2) ** -exponent  # 2**62 to 2**64
    whole = scaled.numerator // scaled.denominator
    if whole >> 63:
        whole, exponent = whole >> 1, exponent + 1
    return Kind.NORMAL, int(value < 0), exponent - 1, whole << 1 | 1


@functools.lru_cache(maxsize=64)
def _codebook_fields(fmt: CodebookFormat) -> tuple[Array, ...]:
    rows = [_NO_FIELDS] * (1 << fmt.bits)
    for code, value in fmt.readings().items():
        rows[code] = _fields_of_number(value, int(code == fmt.negative_zero))
    for negative, code in enumerate(fmt.infinities or ()):
        rows[code] = (Kind.INFINITY, negative, 0, 0)
    return _columns(rows)


def _fields_of_power(code: int, fmt: ScalarFormat) -> _Fields:
    if not isinstance(fmt, LogarithmicFormat):
        raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no decoder")
    if code == fmt.nan_code(0):
        return _NO_FIELDS
    sign, k = fmt.ordinal_of_code(code)
    if k == 0:
        return Kind.ZERO, 0, 0, 0
    near = bounds(fmt, k, 80)[0]
    kind, _, exponent, significand = _fields_of_number(near, 0)
    return kind, sign, exponent, significand


def bounds(fmt: LogarithmicFormat, k: int, digits: int) -> tuple[Fraction, Fraction]:
    """Return numbers, equal or of the same fields, that the magnitude of ordinal `k` is between."""
    while True:
        low, high = fmt.bounds(k, digits)
        if low == high or _fields_of_number(low, 0) == _fields_of_number(high, 0):
            return low, high
        digits *= 2


def exact_values(values: Values) -> Iterator[Fraction | float]:
    """Yield every value exactly: a Fraction, or a float if it is infinite, NaN or minus zero.

    The values are integers, or codes of floats, fixed point, posits, takums or codebooks.
    """
    words, source = values.words, values.source
    if values.kind == "codes" and isinstance(source, CodebookFormat):
        rational = source.readings()
        special = _codebook_values(source)
        for code in words.tolist():
            plain = code in rational and code != source.negative_zero
            yield rational[code] if plain else float(special[code])
    elif values.kind == "codes" and source is not None:
        columns = (column.tolist() for column in fields.fields_of(words, _grid(source).grid))
        for kind, sign, exponent, significand in zip(*columns, strict=True):
            if kind >= Kind.INFINITY:
                number = math.nan if kind == Kind.NAN else math.inf
                yield -number if sign else number
            else:
                value = Fraction(-significand if sign else significand) * Fraction(2) ** exponent
                yield -0.0 if sign and not value else value
    else:
        signed = values.kind == "int64"
        yield from map(Fraction, (words.view(np.int64) if signed else words).tolist())


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
            f"{entry.name!r} has values that {wanted.name} does not; use numfmt.unpack or "
            "numfmt.exact.decode" + ("" if wanted.name == "float64" else ", or dtype='float64'")
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
    return isinstance(fmt, CodebookFormat) and bool(
        np.isfinite([_nearest(value) for value in fmt.readings().values()]).all()
    )


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
    entry = scalar_format(fmt)
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

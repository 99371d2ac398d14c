"""Codes as numbers that compare as their values do."""

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from .. import log_values
from ..decoding import decoded
from ..digits import fields_of_codes
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.floats import FloatFormat
from ..families.grid import GridFormat
from ..families.logarithmic import LogarithmicFormat
from ..params import Kind
from .calls import Array
from .nans import Found, is_nan

Pair: TypeAlias = tuple[ScalarFormat, ScalarFormat]
_FAR = 1 << 40  # past every exponent
_DOUBT = 2.0**-30  # of one unit of 63 digits: far more than `kernels.logarithms.DOUBT`


def comparable(
    x: Array,
    y: Array,
    formats: Pair,
    flush: bool,
    *,
    zeros: bool = False,
    magnitudes: bool = False,
) -> tuple[Array, Array]:
    """Return arrays that compare as the values of 1-D codes; nothing is said of NaN.

    With `zeros` -0 is below +0; with `magnitudes` signs do not count.

    Examples
    --------
    >>> import numfmt as nf
    >>> x, y = np.array([0x38], np.uint8), np.array([0x3c00], np.uint16)
    >>> first, second = comparable(x, y, (nf.get("e4m3"), nf.get("binary16")), False)
    >>> bool(first == second)
    True
    """
    one, other = formats
    if one == other:
        if magnitudes:
            return _magnitude_keys(x, one, flush), _magnitude_keys(y, one, flush)
        return code_keys(x, one, flush, zeros=zeros), code_keys(y, one, flush, zeros=zeros)
    if one.fits_float64 and other.fits_float64:
        small = one.fits_float32 and other.fits_float32
        dtype = np.dtype(np.float32 if small else np.float64)
        values = [_values(codes, f, flush, dtype) for codes, f in ((x, one), (y, other))]
        if magnitudes:
            return np.abs(values[0]), np.abs(values[1])
        if zeros:
            return _float_keys(values[0]), _float_keys(values[1])
        return values[0], values[1]
    found = _differences(x, y, formats, flush, magnitudes)
    if zeros:
        same = is_negative(y, other).astype(np.int8) - is_negative(x, one).astype(np.int8)
        found = np.where(found == 0, same, found)
    return found, np.zeros(1, np.int8)


def is_negative(codes: Array, fmt: ScalarFormat) -> Found:
    """Return where numbers have a minus sign, zeros too; of NaN nothing is said."""
    if isinstance(fmt, CodebookFormat):
        found: Found = _codebook_ranks(fmt)[0][codes] < 0
        return found
    if not fmt.signed_values:
        return np.zeros(codes.shape, np.bool_)
    found = codes >> codes.dtype.type(fmt.bits - 1) != 0
    return found


def is_infinite(codes: Array, fmt: ScalarFormat) -> Found:
    """Return where codes are infinities."""
    found: Found = np.zeros(codes.shape, np.bool_)
    for negative in (0, 1):
        code = fmt.infinity_code(negative)
        if code is not None:
            found |= codes == codes.dtype.type(code)
    return found


def is_zero(codes: Array, fmt: ScalarFormat, flush: bool) -> Found:
    """Return where codes are zeros of any sign, flushed subnormals too; False for NaN."""
    if not fmt.has_zero:
        return np.zeros(codes.shape, np.bool_)
    found: Found = code_keys(codes, fmt, flush) == 0
    if fmt.has_nan:
        found &= ~is_nan(codes, fmt)
    return found


def least_read(fmt: ScalarFormat, flush: bool) -> int:
    """Return the first magnitude code past zero that is read as a number."""
    if isinstance(fmt, FloatFormat) and fmt.zero and (flush or not fmt.subnormals):
        return 1 << fmt.trailing_bits
    return 1


def code_keys(codes: Array, fmt: ScalarFormat, flush: bool, *, zeros: bool = False) -> Array:
    """Return integers in the order of the values of 1-D codes; nothing is said of NaN.

    Both zeros are 0; with `zeros` -0 is just below +0, at -1.
    """
    if isinstance(fmt, CodebookFormat):
        ranks: Array = _codebook_ranks(fmt)[0 if zeros else 1][codes]
        return ranks
    word, width = codes.dtype.type, 8 * codes.dtype.itemsize
    signed = np.dtype(f"i{codes.dtype.itemsize}")
    least = word(least_read(fmt, flush))
    if not fmt.signed_values:
        return np.where(codes < least, word(0), codes) if least > 1 else codes
    aligned: Array = (codes << word(width - fmt.bits)).view(signed)
    if twos(fmt):
        return aligned
    sign = aligned >> signed.type(width - 1)  # all ones, or 0
    magnitudes = codes & word((1 << (fmt.bits - 1)) - 1)
    if isinstance(fmt, LogarithmicFormat):
        magnitudes ^= word(1 << (fmt.bits - 2))
    if least > 1:
        magnitudes[magnitudes < least] = 0
    keys: Array = magnitudes.view(signed)
    keys ^= sign
    if not zeros:
        keys -= sign
    return keys


def twos(fmt: ScalarFormat) -> bool:
    """Return whether codes are in two's complement."""
    if isinstance(fmt, LogarithmicFormat):
        return fmt.numbers.twos == 1
    return isinstance(fmt, GridFormat) and fmt.grid.twos == 1


def _magnitude_keys(codes: Array, fmt: ScalarFormat, flush: bool) -> Array:
    """Return integers in the order of the magnitudes of 1-D codes."""
    if isinstance(fmt, CodebookFormat):
        ranks: Array = _codebook_ranks(fmt)[2][codes]
        return ranks
    keys = code_keys(codes, fmt, flush)
    if keys.dtype.kind == "u":
        return keys
    sizes: Array = np.abs(keys).view(codes.dtype)  # of the most negative integer too
    return sizes


@functools.lru_cache(maxsize=64)
def _codebook_ranks(fmt: CodebookFormat) -> tuple[Array, Array, Array]:
    """Return tables of the order with -0 below +0, without, and of the magnitudes."""
    values: list[tuple[int, Any]] = [*fmt.readings().items()]
    for negative, code in enumerate(fmt.infinities or ()):
        values.append((code, -float("inf") if negative else float("inf")))
    ordered = sorted({value for _, value in values} | {Fraction(0)})
    zero = ordered.index(0)
    place = {value: index - zero for index, value in enumerate(ordered)}
    sizes = {v: index for index, v in enumerate(sorted({abs(value) for value in ordered}))}
    tables = tuple(np.zeros(1 << fmt.bits, np.int32) for _ in range(3))
    for code, value in values:
        rank = place[value]
        minus = rank < 0 or code == fmt.negative_zero
        tables[0][code] = rank - minus
        tables[1][code] = rank
        tables[2][code] = sizes[abs(value)]
    return tables[0], tables[1], tables[2]


def _values(codes: Array, fmt: ScalarFormat, flush: bool, dtype: np.dtype[Any]) -> Array:
    values = decoded(codes, fmt, dtype)
    if isinstance(fmt, FloatFormat) and flush and least_read(fmt, flush) > 1:
        low = np.abs(values) < dtype.type(2.0**fmt.emin)
        values = np.where(low, np.copysign(dtype.type(0), values), values)
    return values


def _float_keys(values: Array) -> Array:
    """Return floats as integers in the same order, -0 below +0."""
    words = values.view(f"i{values.itemsize}")
    sign = words >> words.dtype.type(8 * values.itemsize - 1)
    keys: Array = words ^ (sign & np.iinfo(words.dtype).max)
    return keys


def _differences(x: Array, y: Array, formats: Pair, flush: bool, magnitudes: bool) -> Array:
    """Return the sign of each difference of values, or of magnitudes, of any two formats."""
    sides = [_parts(codes, f, flush) for codes, f in zip((x, y), formats, strict=True)]
    (minus, far, near), (other_minus, other_far, other_near) = sides
    above = (far > other_far) | ((far == other_far) & (near > other_near))
    below = (far < other_far) | ((far == other_far) & (near < other_near))
    found: Array = above.astype(np.int8) - below.astype(np.int8)
    if not (formats[0].dyadic and formats[1].dyadic):
        finite = (far > 0) & (far < 2 * _FAR)
        close = np.flatnonzero((found == 0) & finite)
        found[close] = _settled(x[close], y[close], formats)
    if magnitudes:
        return found
    minus, other_minus = minus & (far > 0), other_minus & (other_far > 0)
    signed = np.where(minus, -found, found)
    return np.where(minus == other_minus, signed, np.where(minus, np.int8(-1), np.int8(1)))


def _parts(codes: Array, fmt: ScalarFormat, flush: bool) -> tuple[Array, Array, Array]:
    """Return (negative, exponent from 1 on, first 64 digits) of each code.

    The exponent of zero is 0, that of infinity 2 * `_FAR`; the last digit of 64 is set where
    something follows.
    """
    if isinstance(fmt, LogarithmicFormat):
        kinds, signs, exponents, digits = _log_fields(codes, fmt)
    else:
        kinds, signs, exponents, digits = fields_of_codes(codes, fmt)
    lengths = np.frexp(digits.astype(np.float64))[1].astype(np.int64)
    shift = np.maximum(lengths - 1, 0).astype(np.uint64)
    lengths -= (digits >> shift == 0) & (lengths > 0)  # the float was rounded up
    digits = np.where(lengths > 0, digits << (64 - lengths).astype(np.uint64) % 64, digits)
    far = exponents + lengths + _FAR
    far[kinds == Kind.INFINITY] = 2 * _FAR
    zero = (kinds == Kind.ZERO) | (kinds == Kind.NAN) | (flush & (kinds == Kind.SUBNORMAL))
    far[zero] = 0
    digits[zero] = 0
    return signs != 0, far, digits


def _log_fields(codes: Array, fmt: LogarithmicFormat) -> tuple[Array, Array, Array, Array]:
    """Return (kinds, signs, exponents, significands) as `digits.fields_of_codes` does, faster."""
    signs, ordinals, kinds = log_values.split(codes, fmt)
    exponents, digits = np.zeros(codes.size, np.int64), np.zeros(codes.size, np.uint64)
    finite = np.flatnonzero(kinds == Kind.NORMAL)
    numerators = log_values.numerators_of(ordinals[finite], kinds[finite], fmt)
    highs, lows, powers = log_values.powers_of(numerators, fmt.digits, fmt)
    rest = lows * 2.0**62
    units = np.floor(rest)
    whole = (highs * 2.0**62).astype(np.int64) + units.astype(np.int64)
    exact = (highs == 1.0) & (lows == 0.0)
    sure = (np.abs(rest - units - 0.5) < 0.5 - _DOUBT) & (whole >= 1 << 62) & (whole >> 63 == 0)
    one = np.uint64(1)
    digits[finite] = np.where(exact, one << np.uint64(63), whole.astype(np.uint64) << one | one)
    exponents[finite] = powers - 63
    rare = finite[~(sure | exact)]
    if rare.size:
        _, _, exponents[rare], digits[rare] = fields_of_codes(codes[rare], fmt)
    return kinds, signs, exponents, digits


def _settled(x: Array, y: Array, formats: Pair) -> Array:
    """Return the signs of differences of magnitudes whose first digits agree."""
    pairs, where = np.unique(
        np.column_stack([x.astype(np.uint64), y.astype(np.uint64)]), axis=0, return_inverse=True
    )
    signs = [_compare_magnitudes(a, b, formats) for a, b in pairs.tolist()]
    return np.array(signs, np.int8)[where.reshape(-1)]


@functools.lru_cache(maxsize=1 << 16)
def _compare_magnitudes(a: int, b: int, formats: Pair) -> int:
    """Return the sign of |a| - |b|, two nonzero finite codes, exactly."""
    one, other = formats
    if isinstance(one, LogarithmicFormat) and isinstance(other, LogarithmicFormat):
        if one.base == other.base:
            first = one.logarithm(one.ordinal_of_code(a)[1])
            second = other.logarithm(other.ordinal_of_code(b)[1])
            return (first > second) - (first < second)
    digits = 128
    nearer, farther = magnitude_bounds(a, one), magnitude_bounds(b, other)
    while True:
        (low, high), (least, most) = nearer(digits), farther(digits)
        if low > most:
            return 1
        if high < least:
            return -1
        if low == high == least == most:
            return 0
        digits *= 2


def magnitude_bounds(code: int, fmt: ScalarFormat) -> Callable[[int], tuple[Fraction, Fraction]]:
    """Return what gives numbers on either side of a magnitude, as near it as wanted."""
    if isinstance(fmt, LogarithmicFormat):
        k = fmt.ordinal_of_code(code)[1]
        return lambda digits: fmt.bounds(k, digits)
    if isinstance(fmt, CodebookFormat):
        value = abs(fmt.readings()[code])
    else:
        _, _, exponents, significands = fields_of_codes(np.array([code], fmt.code_dtype), fmt)
        value = int(significands[0]) * Fraction(2) ** int(exponents[0])
    return lambda digits: (value, value)

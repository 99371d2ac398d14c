"""Signs and neighbours: neg, abs, copy_sign, next_up, next_down."""

import bisect
import functools
from fractions import Fraction
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import Values
from ..decoding import decoded
from ..dialects import ZeroSign
from ..digits import exact_values
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from .calls import Array, Call, Formats
from .keywords import Keywords, call_with
from .nans import Found, is_ieee, is_nan, no_nan
from .order import is_infinite, is_negative, is_zero, least_read, twos
from .projecting import (
    Results,
    deliver_nans,
    project_codes,
    project_values,
    results_of,
    returned,
    unchanged,
    without_minus_zero,
    zero_code,
)

_P3109 = (Style.P3109_EXTENDED, Style.P3109_FINITE)
_MANY = 1 << 16  # values of one codebook
_MAGNITUDE = np.uint64((1 << 63) - 1)
_ZERO, _INFINITY = np.array([0.0, np.inf]).view(np.uint64)


def neg(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return -x; in floats with a sign bit that bit changes and nothing else, of NaNs too.

    Parameters
    ----------
    a : array_like of int
        Codes.
    fmt : Format or str
    **options
        As in `numfmt.add`.

    Returns
    -------
    ndarray of codes of the result format
        With `return_flags`, a pair of it and a uint8 array.

    References
    ----------
    IEEE 754-2019, 5.5.1; IEEE P3109 4.0, 4.8.

    Examples
    --------
    >>> neg([0x0000, 0x3c00, 0x7c01], "binary16").tolist(), neg(0x80, "int8").item()
    ([32768, 48128, 64513], 127)
    """
    call = call_with((a,), ("a",), fmt, options)
    return _with_signs(call, ~is_negative(call.operands[0], call.formats[0]))


def abs(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return |x|; in floats with a sign bit that bit is cleared and nothing else. As `neg`.

    Examples
    --------
    >>> abs([0x8000, 0xbc00, 0xfc01], "binary16").tolist(), abs(0xc0, "posit8").item()
    ([0, 15360, 31745], 64)
    """
    call = call_with((a,), ("a",), fmt, options)
    return _with_signs(call, np.zeros(call.size, np.bool_))


def copy_sign(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return |x| with the sign of y, of NaNs too where these have one. As `neg`.

    Examples
    --------
    >>> copy_sign(0x3c00, [0x8000, 0x7e00, 0xfe00], "binary16").tolist()
    [48128, 15360, 48128]
    """
    call = call_with((a, b), ("a", "b"), fmt, options)
    codes, f = call.operands[1], call.formats[1]
    plus = call.settings.dialect.zero_sign is ZeroSign.PLUS
    negative = is_negative(codes, f)
    if f.has_nan and (plus or f.nan_code(0) == f.nan_code(1)):
        negative &= ~is_nan(codes, f)
    if plus:
        negative &= ~is_zero(codes, f, call.settings.flush_inputs)
    return _with_signs(call, negative)


def _has_sign_bit(fmt: ScalarFormat) -> bool:
    """Return whether a sign is one bit, of zeros and NaNs as well."""
    return (
        isinstance(fmt, FloatFormat)
        and fmt.signed
        and fmt.style in (Style.IEEE, Style.FN, Style.FINITE)
    )


def _with_signs(call: Call, negative: Found) -> Any:
    """Return the magnitudes of the first operand with other signs."""
    codes, fmt = call.operands[0], call.formats[0]
    results = results_of(call)
    if fmt == call.settings.result and _has_sign_bit(fmt):
        word = codes.dtype.type
        top = word(1 << (fmt.bits - 1))
        found = np.where(negative, codes | top, codes & ~top)
        if call.settings.dialect.zero_sign is ZeroSign.PLUS:
            found = np.where(negative & is_zero(found, fmt, False), word(0), found)
        results.codes[:] = found
        return returned(call, results)
    nan = is_nan(codes, fmt)
    where = np.flatnonzero(~nan)
    _project_signed(results, call, codes[where], negative[where], where)
    deliver_nans(results, call, nan, (0,))
    return returned(call, results)


def _project_signed(
    results: Results, call: Call, codes: Array, negative: Found, where: Array
) -> None:
    """Fill results at `where` from the magnitudes of numbers, with a sign each."""
    fmt = call.formats[0]
    flip = is_negative(codes, fmt) != negative
    if unchanged(fmt, call.settings) and _symmetric(fmt):
        project_codes(results, call, np.where(flip, _mirrored(codes, fmt), codes), fmt, where)
        return
    if fmt.fits_float64:
        words = decoded(codes, fmt, np.dtype(np.float64)).view(np.uint64)
        words = words & _MAGNITUDE | negative.astype(np.uint64) << np.uint64(63)
        _project_floats(results, call, words, where)
        return
    infinite = is_infinite(codes, fmt)
    special = is_zero(codes, fmt, call.settings.flush_inputs) | infinite
    words = np.where(infinite, _INFINITY, _ZERO) | negative.astype(np.uint64) << np.uint64(63)
    _project_floats(results, call, words[special], where[special])
    kept, other = ~special & ~flip, ~special & flip
    project_codes(results, call, codes[kept], fmt, where[kept])
    if _symmetric(fmt):
        project_codes(results, call, _mirrored(codes[other], fmt), fmt, where[other])
    else:
        _project_mirrored(results, call, codes[other], where[other])


def _project_floats(results: Results, call: Call, words: Array, where: Array) -> None:
    fmt = call.formats[0]
    least = fmt.emin if isinstance(fmt, FloatFormat) else None
    if call.settings.dialect.zero_sign is ZeroSign.PLUS:
        least_kept = 5e-324 if least is None or not call.settings.flush_inputs else 2.0**least
        limit = np.float64(least_kept)
        words = np.where(words & _MAGNITUDE < limit.view(np.uint64), _ZERO, words)
    project_values(results, call, Values(words, "float64", (), least), where)


def _symmetric(fmt: ScalarFormat) -> bool:
    """Return whether -x has a code for every number x, and `_mirrored` gives it."""
    return fmt.signed_values and not (
        isinstance(fmt, CodebookFormat) or (isinstance(fmt, FixedFormat) and twos(fmt))
    )


def _mirrored(codes: Array, fmt: ScalarFormat) -> Array:
    """Return the codes of -x in a symmetric format; zeros without a sign keep their code."""
    word = codes.dtype.type
    if twos(fmt):
        negated: Array = (~codes + word(1)) & word((1 << fmt.bits) - 1)
        return negated
    flipped: Array = codes ^ word(1 << (fmt.bits - 1))
    if fmt.has_negative_zero:
        return flipped
    return np.where(codes == zero_code(fmt, 0), codes, flipped)


def _project_mirrored(results: Results, call: Call, codes: Array, where: Array) -> None:
    """Fill results from -x, finite and not 0, of formats that need not have it."""
    fmt = call.formats[0]
    distinct, index = np.unique(codes, return_inverse=True)
    source = Values(distinct, "codes", (), None, distinct, fmt)
    numbers = [-Fraction(x) for x in exact_values(source)]
    for low in range(0, len(numbers), _MANY):
        part = numbers[low : low + _MANY]
        carrier = CodebookFormat(name="values", bits=16, values=tuple(sorted(set(part))))
        places = {x: place for place, x in enumerate(carrier.values)}
        table = np.array([places[x] for x in part], np.uint16)
        inside = np.flatnonzero((index >= low) & (index < low + _MANY))
        project_codes(results, call, table[index[inside] - low], carrier, where[inside])


def next_up(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the least value above x; past the largest NaN, or itself where there is none.

    Parameters
    ----------
    a : array_like of int
        Codes.
    fmt : Format or str
    **options
        As in `numfmt.add`; only a `result` other than `fmt` rounds.

    Returns
    -------
    ndarray of codes of the result format
        -0 above the least negative value, where there is one. Codes of posits and takums go
        around, through NaR.

    References
    ----------
    IEEE 754-2019, 5.3.1; Posit Standard (2022), 5.3; IEEE P3109 4.0, 4.11.

    Examples
    --------
    >>> next_up([0x7bff, 0x7c00, 0x8001, 0x8000], "binary16").tolist()
    [31744, 31744, 32768, 1]
    >>> next_up([0x7e], "e4m3").tolist(), next_up(0x7f, "posit8").item()
    ([127], 128)
    """
    return _neighbour(call_with((a,), ("a",), fmt, options), True)


def next_down(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the greatest value below x, as `next_up` the least above.

    Examples
    --------
    >>> next_down([0x0000, 0xfbff], "binary16").tolist(), next_down(0x80, "int8").item()
    ([32769, 64512], 128)
    """
    return _neighbour(call_with((a,), ("a",), fmt, options), False)


def _neighbour(call: Call, up: bool) -> Any:
    codes, fmt = call.operands[0], call.formats[0]
    results = results_of(call)
    around = twos(fmt) and fmt.has_nan
    nan = np.zeros(call.size, np.bool_) if around else is_nan(codes, fmt)
    if around:
        word = codes.dtype.type
        found = (codes + word(1 if up else (1 << fmt.bits) - 1)) & word((1 << fmt.bits) - 1)
        past = is_nan(found, fmt)
    elif isinstance(fmt, CodebookFormat):
        found, past = (table[codes] for table in _codebook_neighbours(fmt, up))
    else:
        found, past = _stepped(codes, fmt, up, call.settings.flush_inputs)
    if fmt == call.settings.result:
        results.codes[:] = without_minus_zero(found, fmt, call.settings)
        past &= not around
    else:
        where = np.flatnonzero(~(past | nan))
        project_codes(results, _unflushed(call), found[where], fmt, where)
    if around:
        call = call._replace(operands=(found,))
        nan = past
    else:
        _put_nan(results, call, past & ~nan)
    deliver_nans(results, call, nan)
    return returned(call, results)


def _unflushed(call: Call) -> Call:
    """Return a call whose operands are taken as they are."""
    return call._replace(settings=call.settings._replace(flush_inputs=False))


def _put_nan(results: Results, call: Call, past: Found) -> None:
    """Fill results past the end of a format with NaN."""
    where = np.flatnonzero(past)
    if where.size:
        code = call.settings.canonical_nan
        if code is None:
            raise no_nan(call.operands, call.formats, call.settings.result)
        results.codes[where] = code
        if results.flags.size and not call.settings.result.has_nan:
            results.flags[where] = int(Flags.NV)


def _stepped(codes: Array, fmt: ScalarFormat, up: bool, flush: bool) -> tuple[Array, Found]:
    """Return (neighbours, where there is none and NaN is due) of numbers that are no codebook's.

    Past an end without NaN or infinity is the end itself.
    """
    if isinstance(fmt, FixedFormat) and twos(fmt):
        return _stepped_integers(codes, fmt, up), np.zeros(codes.shape, np.bool_)
    word = codes.dtype.type
    top = word(1 << (fmt.bits - 1) if fmt.signed_values else 0)
    half = word(1 << (fmt.bits - 2) if isinstance(fmt, LogarithmicFormat) else 0)
    least = word(least_read(fmt, False))
    negative, magnitudes = codes & top != 0, (codes & ~top) ^ half
    zero = (magnitudes < word(least_read(fmt, flush))) & fmt.has_zero
    outward = (zero | (negative != up)) if top else np.full(codes.shape, up)
    infinity = fmt.infinity_code(0)
    end = word(fmt.largest_code(0) if infinity is None else infinity) ^ half
    none = np.where(outward, magnitudes >= end, zero | (magnitudes == 0))
    farther = np.where(zero, least, magnitudes + word(1))
    nearer = np.where((magnitudes == least) & fmt.has_zero, word(0), magnitudes - word(1))
    stepped = np.where(none, np.where(outward, end, word(0)), np.where(outward, farther, nearer))
    negative = np.where(zero, not up, negative) & ((stepped != 0) | fmt.has_negative_zero)
    found = (stepped ^ half) | np.where(negative, top, word(0))
    return found, none & (fmt.has_nan and not is_ieee(fmt))


def _stepped_integers(codes: Array, fmt: FixedFormat, up: bool) -> Array:
    """Return the neighbours of integers in two's complement, at an end the end itself."""
    word, lost = codes.dtype.type, 8 * codes.dtype.itemsize - fmt.bits
    signed = np.dtype(f"i{codes.dtype.itemsize}").type
    values = (codes << word(lost)).view(signed) >> signed(lost)
    high, low = signed(fmt.largest_ordinal(0)), signed(-fmt.largest_ordinal(1))
    if up:
        stepped = np.where(values >= high, high, values + signed(1))
    else:
        stepped = np.where(values <= low, low, values - signed(1))
    found: Array = stepped.view(codes.dtype) & word((1 << fmt.bits) - 1)
    return found


@functools.lru_cache(maxsize=64)
def _codebook_neighbours(fmt: CodebookFormat, up: bool) -> tuple[Array, Found]:
    """Return tables of the neighbours of codes, and of where there is none and NaN is due."""
    found = np.zeros(1 << fmt.bits, fmt.code_dtype)
    past = np.zeros(found.size, np.bool_)
    ends = fmt.infinities
    for code, value in fmt.readings().items():
        i = bisect.bisect_right(fmt.values, value) if up else bisect.bisect_left(fmt.values, value)
        i -= not up
        if 0 <= i < len(fmt.values):
            found[code] = fmt.codes[i]
            if up and fmt.values[i] == 0 and fmt.negative_zero is not None:
                found[code] = fmt.negative_zero
        elif ends is not None:
            found[code] = ends[0 if up else 1]
        else:
            found[code] = fmt.largest_code(int(not up))
            past[code] = fmt.has_nan
    if ends is not None:
        near, far = (ends[1], ends[0]) if up else ends
        found[near], found[far] = fmt.largest_code(int(up)), far
    return found, past

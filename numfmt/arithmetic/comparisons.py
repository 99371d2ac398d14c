"""Comparisons of codes of any formats, every one of them exact."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import log_values
from ..arguments import as_codes, scalar_format
from ..dialects import Dialect, dialect_of
from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from ..params import Class, Kind
from .calls import Array, Formats, broadcast, default_dialect, formats_of
from .nans import Found, is_ieee, is_nan, is_negative_nan, is_signalling
from .order import code_keys, comparable


def equal(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where two operands have the same value; NaN has none, and -0 is +0.

    Parameters
    ----------
    a, b : array_like of int
        Codes, broadcast against each other.
    fmt : Format or str, or a sequence of two
        The format of both, or of each; values of different formats are compared exactly.
    signalling : bool
        Whether every NaN raises NV, or only a signalling one.
    flush_inputs : bool, optional
        Whether subnormal operands count as zero. Default: as the dialect says.
    dialect : Dialect or str, optional
        Default: that of the first operand's document.
    return_flags : bool
        Also return the status flags of each element (`numfmt.Flags`).

    Returns
    -------
    ndarray of bool
        With `return_flags`, a pair of it and a uint8 array.

    Raises
    ------
    FormatError
        A code is out of range, or an option does not fit.

    References
    ----------
    IEEE 754-2019, 5.11; IEEE P3109 4.0, 4.12.

    Examples
    --------
    >>> equal([0x00, 0x38, 0x7f], [0x8000, 0x3c00, 0x7e00], ["e4m3", "binary16"]).tolist()
    [True, True, False]
    """
    return _compared(a, b, fmt, np.equal, signalling, flush_inputs, dialect, return_flags)


def not_equal(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where two operands differ or one is NaN; parameters as in `equal`.

    Examples
    --------
    >>> not_equal([0x00, 0x38, 0x7f], [0x80, 0x39, 0x7f], "e4m3").tolist()
    [False, True, True]
    """
    return _compared(a, b, fmt, np.not_equal, signalling, flush_inputs, dialect, return_flags)


def less(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where the first operand is less; parameters as in `equal`.

    Examples
    --------
    >>> less([0x01, 0x80], 0x00, "e4m3").tolist(), less(0x80, 0x40, "posit8", signalling=True)
    ([False, False], array(False))
    """
    return _compared(a, b, fmt, np.less, signalling, flush_inputs, dialect, return_flags)


def less_equal(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where the first operand is less or the same; parameters as in `equal`.

    Examples
    --------
    >>> less_equal([0x01, 0x00], [0x00, 0x80], "e4m3").tolist()
    [False, True]
    """
    return _compared(a, b, fmt, np.less_equal, signalling, flush_inputs, dialect, return_flags)


def greater(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where the first operand is greater; parameters as in `equal`.

    Examples
    --------
    >>> greater([0x01, 0x80], 0x00, "e4m3").tolist()
    [True, False]
    """
    return _compared(a, b, fmt, np.greater, signalling, flush_inputs, dialect, return_flags)


def greater_equal(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where the first operand is greater or the same; parameters as in `equal`.

    Examples
    --------
    >>> greater_equal([0x81, 0x80], 0x00, "e4m3").tolist()
    [False, True]
    """
    return _compared(a, b, fmt, np.greater_equal, signalling, flush_inputs, dialect, return_flags)


def unordered(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    *,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
    return_flags: bool = False,
) -> Any:
    """Return where an operand is NaN; parameters as in `equal`.

    Examples
    --------
    >>> unordered([0x7c00, 0x7c01], 0, "binary16", return_flags=True)
    (array([False,  True]), array([ 0, 16], dtype=uint8))
    """
    return _compared(a, b, fmt, None, signalling, flush_inputs, dialect, return_flags)


def _compared(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    relation: Callable[..., Found] | None,
    signalling: bool,
    flush_inputs: bool | None,
    dialect: Dialect | str | None,
    return_flags: bool,
) -> Any:
    formats = formats_of(fmt, 2)
    manner = default_dialect(formats[0]) if dialect is None else dialect_of(dialect)
    if return_flags and not manner.flag_bits:
        raise FormatError(f"return_flags: dialect {manner.name!r} has no status flags")
    flush = manner.flush_inputs if flush_inputs is None else bool(flush_inputs)
    (x, y), shape = broadcast((a, b), ("a", "b"), formats)
    nan = is_nan(x, formats[0]) | is_nan(y, formats[1])
    if relation is None:
        found = nan
    else:
        found = relation(*comparable(x, y, (formats[0], formats[1]), flush))
        if relation is np.not_equal:
            found |= nan
        elif formats[0].has_nan or formats[1].has_nan:
            found &= ~nan
    if not return_flags:
        return found.reshape(shape)
    loud = nan if signalling else is_signalling(x, formats[0]) | is_signalling(y, formats[1])
    flags = np.where(loud, np.uint8(Flags.NV), np.uint8(0))
    return found.reshape(shape), flags.reshape(shape)


def total_order(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats) -> npt.NDArray[np.bool_]:
    """Return where the first operand is not after the second in the order of all codes.

    -0 is before +0. NaNs of IEEE-style and fn formats are at the end of their sign, the larger
    payload and the quiet one farther out; those of other formats are before all numbers.

    Parameters
    ----------
    a, b : array_like of int
        Codes, broadcast against each other.
    fmt : Format or str, or a sequence of two
        The format of both, or of each.

    Returns
    -------
    ndarray of bool

    References
    ----------
    IEEE 754-2019, 5.10; IEEE P3109 4.0, 4.12.

    Examples
    --------
    >>> total_order([0x8000, 0x0000, 0x7c00], [0x0000, 0x8000, 0x7c01], "binary16").tolist()
    [True, False, True]
    """
    formats = formats_of(fmt, 2)
    (x, y), shape = broadcast((a, b), ("a", "b"), formats)
    first, second = comparable(x, y, (formats[0], formats[1]), False, zeros=True)
    found: Found = first <= second
    low, high = _ends(x, formats[0]), _ends(y, formats[1])
    found = np.where(low != high, low < high, found | (low != 0))
    if formats[0] == formats[1] and is_ieee(formats[0]):
        both = (low != 0) & (low == high)
        payload, other = (code_keys(codes, formats[0], False, zeros=True) for codes in (x, y))
        found = np.where(both, payload <= other, found)
    return found.reshape(shape)


def _ends(codes: Array, fmt: ScalarFormat) -> Array:
    """Return -1 for NaNs that are before all numbers, 1 for those that are after them, else 0."""
    signed = isinstance(fmt, FloatFormat) and fmt.style in (Style.IEEE, Style.FN)
    after = ~is_negative_nan(codes, fmt) if signed else np.zeros(codes.size, np.bool_)
    sides = np.where(after, np.int8(1), np.int8(-1))
    return np.where(is_nan(codes, fmt), sides, np.int8(0))


def class_of(codes: npt.ArrayLike, fmt: Format | str) -> npt.NDArray[np.uint8]:
    """Return the number of the class of each code, as `numfmt.Class` has them.

    Parameters
    ----------
    codes : array_like of int
    fmt : Format or str
        A scalar format, or a name.

    Returns
    -------
    ndarray of uint8, same shape as `codes`

    References
    ----------
    IEEE 754-2019, 5.7.2; RISC-V, fclass.

    Examples
    --------
    >>> class_of([0x8000, 0x0001, 0x7c00, 0x7c01], "binary16").tolist()
    [3, 5, 7, 8]
    """
    entry = scalar_format(fmt)
    array = as_codes(codes, entry)
    if entry.bits > 16:
        return _classes(array.reshape(-1), entry).reshape(array.shape)
    return np.asarray(_class_table(entry).take(array))


@functools.lru_cache(maxsize=64)
def _class_table(fmt: ScalarFormat) -> npt.NDArray[np.uint8]:
    return _classes(np.arange(1 << fmt.bits).astype(fmt.code_dtype), fmt)


_OUTWARD = {Kind.ZERO: 0, Kind.SUBNORMAL: 1, Kind.NORMAL: 2, Kind.INFINITY: 3}


def _classes(codes: Array, fmt: ScalarFormat) -> npt.NDArray[np.uint8]:
    if isinstance(fmt, LogarithmicFormat):
        signs, _, kinds = log_values.split(codes, fmt)
    else:
        kinds, signs, _, _ = fields_of_codes(codes, fmt)
    step = kinds.astype(np.int64)
    found = np.where(signs != 0, Class.NEGATIVE_ZERO - step, Class.POSITIVE_ZERO + step)
    found[kinds == Kind.NAN] = Class.QUIET_NAN
    found[is_signalling(codes, fmt)] = Class.SIGNALLING_NAN
    return found.astype(np.uint8)

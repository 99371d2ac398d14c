"""NaN operands: which codes are NaN, and which NaN a result is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..dialects import NanRule
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat, Style
from ..flags import Flags
from .calls import Array, Settings

Found = npt.NDArray[np.bool_]


def is_ieee(fmt: ScalarFormat) -> bool:
    """Return whether a format has the special values of IEEE 754, so that NaNs have payloads."""
    return isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE and fmt.has_nan


def is_nan(codes: Array, fmt: ScalarFormat) -> Found:
    """Return where codes are NaN.

    Examples
    --------
    >>> import numfmt as nf
    >>> is_nan(np.array([0x7c, 0x7d, 0xff], np.uint8), nf.get("e5m2")).tolist()
    [False, True, True]
    """
    one, other = fmt.nan_code(0), fmt.nan_code(1)
    if one is None or other is None:
        return np.zeros(codes.shape, np.bool_)
    word = codes.dtype.type
    if is_ieee(fmt):
        found: Found = (codes & word((1 << (fmt.bits - 1)) - 1)) > word(fmt.infinity_code(0) or 0)
    elif one != other:
        found = (codes | word(one ^ other)) == word(one | other)
    else:
        found = codes == word(one)
    return found


def is_signalling(codes: Array, fmt: ScalarFormat) -> Found:
    """Return where codes are signalling NaNs (754-2019, 6.2.1).

    Examples
    --------
    >>> import numfmt as nf
    >>> is_signalling(np.array([0x7c, 0x7d, 0xff], np.uint8), nf.get("e5m2")).tolist()
    [False, True, False]
    """
    if not is_ieee(fmt):
        return np.zeros(codes.shape, np.bool_)
    word = codes.dtype.type
    infinity, quiet = fmt.infinity_code(0) or 0, fmt.nan_code(0) or 0
    found: Found = is_nan(codes, fmt) & (codes & word(quiet - infinity) == 0)
    return found


def is_negative_nan(codes: Array, fmt: ScalarFormat) -> Found:
    """Return where NaNs have the sign bit of a float set; of other codes nothing is said."""
    if not (isinstance(fmt, FloatFormat) and fmt.signed):
        return np.zeros(codes.shape, np.bool_)
    found: Found = codes >> codes.dtype.type(fmt.bits - 1) != 0
    return found


def delivered(
    operands: Sequence[Array],
    formats: Sequence[ScalarFormat],
    settings: Settings,
    order: Sequence[int] | None = None,
) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Return (codes, flags) of results that are NaN because an operand is, in each position.

    Parameters
    ----------
    operands : sequence of 1-D arrays of one size
        Codes, in every position at least one NaN.
    formats : sequence of ScalarFormat
        Format of each operand.
    settings : Settings
    order : sequence of int, optional
        Places of the operands in the order of ``signalling_first``; (2, 0, 1) for `fma`.

    Raises
    ------
    FormatError
        The result format has no NaN, and no `nan=` was given.

    Examples
    --------
    >>> from numfmt.arithmetic.calls import settings_of
    >>> import numfmt as nf
    >>> half = nf.get("binary16")
    >>> a, b = np.array([0x3c00], np.uint16), np.array([0xfd01], np.uint16)
    >>> codes, flags = delivered([a, b], [half, half], settings_of(half, dialect="x86"))
    >>> hex(codes[0]), flags.tolist()
    ('0xff01', [16])
    """
    size = operands[0].size
    fmt, given = settings.result, settings.options.nan
    loud = [is_signalling(codes, f) for codes, f in zip(operands, formats, strict=True)]
    invalid = np.logical_or.reduce(loud)
    canonical = settings.canonical_nan
    if canonical is None:
        if size:
            raise no_nan(operands, formats, fmt)
        canonical = 0
    if given is not None and not fmt.has_nan:
        invalid = np.ones(size, np.bool_)
    codes = np.full(size, canonical, fmt.code_dtype)
    rule = settings.dialect.nan
    if given is None and rule in (NanRule.FIRST, NanRule.SIGNALLING_FIRST):
        places = range(len(operands))
        for i in reversed(places if rule is NanRule.FIRST or order is None else order):
            nan = is_nan(operands[i], formats[i])
            codes[nan] = quieted(operands[i][nan], formats[i], fmt)
        if rule is NanRule.SIGNALLING_FIRST:
            for i in reversed(places if order is None else order):
                codes[loud[i]] = quieted(operands[i][loud[i]], formats[i], fmt)
    flags = np.where(invalid, np.uint8(Flags.NV), np.uint8(0))
    return codes, flags


def quieted(codes: Array, source: ScalarFormat, fmt: ScalarFormat) -> Array:
    """Return NaN codes of `source` as quiet ones of `fmt`, which has NaN."""
    negative = is_negative_nan(codes, source)
    signs = np.array([fmt.nan_code(0), fmt.nan_code(1)], np.uint64)
    found = signs[negative.astype(np.intp)]
    if is_ieee(fmt) and is_ieee(source):
        found |= payloads(codes, source, fmt)
    return found.astype(fmt.code_dtype)


def payloads(codes: Array, source: ScalarFormat, fmt: ScalarFormat) -> Any:
    """Return the trailing digits of IEEE-style NaNs as `fmt` keeps them, uint64."""
    kept, had = (f.trailing_bits for f in (fmt, source) if isinstance(f, FloatFormat))
    trailing = codes.astype(np.uint64) & np.uint64((1 << had) - 1)
    if had > kept:
        return trailing >> np.uint64(had - kept)
    return trailing << np.uint64(kept - had)


def no_nan(
    operands: Sequence[Array], formats: Sequence[ScalarFormat], fmt: ScalarFormat
) -> FormatError:
    """Return the error of a NaN operand where the result format has no NaN."""
    for codes, source in zip(operands, formats, strict=True):
        found = codes[is_nan(codes, source)]
        if found.size:
            operand = f"operand {int(found[0]):#x} of {source.name!r} is NaN"
            break
    else:
        operand = "a result is NaN"
    return FormatError(
        f"{operand} and the result format {fmt.name!r} has no NaN; pass nan=0.0 (a value) or "
        "nan=<int> (a code), or replace it before"
    )

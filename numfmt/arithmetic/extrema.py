"""The smaller and the larger of two operands, in all the ways of the standards, and clamp."""

import enum
from collections.abc import Callable
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import place
from ..errors import FormatError
from ..flags import Flags
from .calls import Array, Call, Formats
from .keywords import Keywords, call_with
from .nans import Found, is_nan, is_signalling
from .order import comparable, is_infinite
from .projecting import Results, deliver_nans, project_codes, results_of, returned

_Beats = Callable[[Array, Array], Found]


class _Nan(enum.Enum):
    """What a NaN beside a number does."""

    WINS = enum.auto()
    LOSES = enum.auto()
    LOSES_BEFORE_INFINITY = enum.auto()  # and a finite number beats an infinity


def minimum(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the smaller operand; -0 is below +0, and NaN wins.

    Parameters
    ----------
    a, b : array_like of int
        Codes, broadcast against each other.
    fmt : Format or str, or a sequence of two
        The format of both, or of each.
    **options
        As in `numfmt.add`.

    Returns
    -------
    ndarray of codes of the result format
        With `return_flags`, a pair of it and a uint8 array.

    References
    ----------
    IEEE 754-2019, 9.6; IEEE P3109 4.0, 4.11.

    Examples
    --------
    >>> minimum([0x3c00, 0x0000, 0x7e00], [0xbc00, 0x8000, 0x3c00], "binary16").tolist()
    [48128, 32768, 32256]
    """
    return _extremum(a, b, fmt, options, np.less, _Nan.WINS)


def maximum(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the larger operand; -0 is below +0, and NaN wins. As `minimum`.

    Examples
    --------
    >>> maximum([0x3c00, 0x0000, 0x7e00], [0xbc00, 0x8000, 0x3c00], "binary16").tolist()
    [15360, 0, 32256]
    """
    return _extremum(a, b, fmt, options, np.greater, _Nan.WINS)


def minimum_number(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the smaller operand, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> minimum_number([0x7e00, 0x7c01], 0x3c00, "binary16", return_flags=True)
    (array([15360, 15360], dtype=uint16), array([ 0, 16], dtype=uint8))
    """
    return _extremum(a, b, fmt, options, np.less, _Nan.LOSES)


def maximum_number(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the larger operand, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> maximum_number([0x7f, 0x38], [0x38, 0x39], "e4m3").tolist()
    [56, 57]
    """
    return _extremum(a, b, fmt, options, np.greater, _Nan.LOSES)


def minimum_magnitude(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the operand of smaller magnitude, else the smaller; NaN wins. As `minimum`.

    Examples
    --------
    >>> minimum_magnitude([0xb8, 0xb8], [0x39, 0x38], "e4m3").tolist()
    [184, 184]
    """
    return _extremum(a, b, fmt, options, np.less, _Nan.WINS, magnitudes=True)


def maximum_magnitude(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the operand of larger magnitude, else the larger; NaN wins. As `minimum`.

    Examples
    --------
    >>> maximum_magnitude([0xb9, 0xb8], [0x38, 0x38], "e4m3").tolist()
    [185, 56]
    """
    return _extremum(a, b, fmt, options, np.greater, _Nan.WINS, magnitudes=True)


def minimum_magnitude_number(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the operand of smaller magnitude, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> minimum_magnitude_number([0x7f, 0xb8], 0x39, "e4m3").tolist()
    [57, 184]
    """
    return _extremum(a, b, fmt, options, np.less, _Nan.LOSES, magnitudes=True)


def maximum_magnitude_number(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the operand of larger magnitude, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> maximum_magnitude_number([0x7f, 0xb9], 0x38, "e4m3").tolist()
    [56, 185]
    """
    return _extremum(a, b, fmt, options, np.greater, _Nan.LOSES, magnitudes=True)


def minimum_finite(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the smaller operand, or the finite one, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> minimum_finite([0xff, 0x80], [0x40, 0x7f], "Binary8p3se").tolist()
    [64, 127]
    """
    return _extremum(a, b, fmt, options, np.less, _Nan.LOSES_BEFORE_INFINITY)


def maximum_finite(
    a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the larger operand, or the finite one, or the one that is a number. As `minimum`.

    Examples
    --------
    >>> maximum_finite([0x7f, 0x7f], [0x40, 0xff], "Binary8p3se").tolist()
    [64, 127]
    """
    return _extremum(a, b, fmt, options, np.greater, _Nan.LOSES_BEFORE_INFINITY)


def clamp(
    x: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    fmt: Formats,
    **options: Unpack[Keywords],
) -> Any:
    """Return the number of [low, high] nearest to x.

    Parameters
    ----------
    x, low, high : array_like of int
        Codes, broadcast against each other.
    fmt : Format or str, or a sequence of three
        The format of all, or of each.
    **options
        As in `numfmt.add`.

    Returns
    -------
    ndarray of codes of the result format
        NaN, with NV, where `low` is more than `high`. Of equal zeros the one of x.

    Examples
    --------
    >>> clamp([0x4400, 0x8000, 0x0001], 0x0000, 0x3c00, "binary16").tolist()
    [15360, 32768, 1]
    """
    call = call_with((x, low, high), ("x", "low", "high"), fmt, options)
    nans = [is_nan(codes, f) for codes, f in zip(call.operands, call.formats, strict=True)]
    below = np.less(*_pair(call, 0, 1))
    above = ~below & np.greater(*_pair(call, 0, 2))
    nan = nans[0] | nans[1] | nans[2]
    empty = ~nan & np.greater(*_pair(call, 1, 2))
    results = _chosen(call, below + 2 * above.astype(np.int8), nan | empty)
    deliver_nans(results, call, nan)
    _deliver_empty(results, call, empty)
    return returned(call, results)


def _pair(call: Call, i: int, j: int, **how: bool) -> tuple[Array, Array]:
    """Return two operands as numbers that compare."""
    formats = (call.formats[i], call.formats[j])
    return comparable(
        call.operands[i], call.operands[j], formats, call.settings.flush_inputs, **how
    )


def _extremum(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Formats,
    options: Keywords,
    beats: _Beats,
    rule: _Nan,
    magnitudes: bool = False,
) -> Any:
    call = call_with((a, b), ("a", "b"), fmt, options)
    one, other = _pair(call, 0, 1, zeros=True)
    second = beats(other, one)
    if magnitudes:
        one, other = _pair(call, 0, 1, magnitudes=True)
        second = beats(other, one) | ((other == one) & second)
    if rule is _Nan.LOSES_BEFORE_INFINITY:
        endless = [
            is_infinite(codes, f) for codes, f in zip(call.operands, call.formats, strict=True)
        ]
        second = np.where(endless[0] == endless[1], second, endless[0])
    if not any(f.has_nan for f in call.formats):
        return returned(call, _chosen(call, second, None))
    nan_a, nan_b = (is_nan(codes, f) for codes, f in zip(call.operands, call.formats, strict=True))
    nan = nan_a | nan_b
    if rule is not _Nan.WINS:
        second = np.where(nan, nan_a, second)
        nan = nan_a & nan_b
    results = _chosen(call, second, nan)
    deliver_nans(results, call, nan)
    if results.flags.size:
        for codes, f in zip(call.operands, call.formats, strict=True):
            results.flags[is_signalling(codes, f)] |= int(Flags.NV)
    return returned(call, results)


def _chosen(call: Call, choice: Array, without: Found | None) -> Results:
    """Return the operands of the numbers in `choice`, projected, but for those `without`."""
    results = results_of(call)
    where = None if without is None or not without.any() else np.flatnonzero(~without)
    if all(f == call.formats[0] for f in call.formats):
        codes = call.operands[0]
        for i, other in enumerate(call.operands[1:], 1):
            codes = np.where(choice == i, other, codes)
        codes = codes if where is None else codes[where]
        project_codes(results, call, codes, call.formats[0], where)
        return results
    for i, (codes, f) in enumerate(zip(call.operands, call.formats, strict=True)):
        picked = choice == i
        at = np.flatnonzero(picked if without is None else picked & ~without)
        project_codes(results, call, codes[at], f, at)
    return results


def _deliver_empty(results: Results, call: Call, empty: Found) -> None:
    """Fill results where no number is in [low, high]: the canonical NaN and NV."""
    where = np.flatnonzero(empty)
    if not where.size:
        return
    code, fmt = call.settings.canonical_nan, call.settings.result
    if code is None:
        low = place("low", call.shape, int(where[0]))
        high = place("high", call.shape, int(where[0]))
        raise FormatError(
            f"{low} is more than {high} and the result format {fmt.name!r} has no NaN; swap them, "
            "or pass nan=0.0 (a value) or nan=<int> (a code)"
        )
    results.codes[where] = code
    if results.flags.size:
        results.flags[where] = int(Flags.NV)

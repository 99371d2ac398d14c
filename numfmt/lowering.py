"""Formats and options into numbers: what a kernel needs, worked out once for each kind of call."""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import FormatError
from .families.grid import GridFormat
from .flags import Flags
from .kernels import tables
from .params import ALARM, Grid, Projection
from .rounding import (
    ADDEND_BITS,
    BELOW_HALF,
    BELOW_ULP,
    HALF,
    NOTHING,
    ULP,
    Overflow,
    Rounding,
    Tininess,
)

_REFUSED = -1  # a special outcome that has no code
_NO_FLUSH = -(1 << 40)
MOST_LOST = 54  # lost digits beyond these are jammed: 52 random bits and two more decide


class Options(NamedTuple):
    """The checked options of one conversion into a format."""

    rounding: Rounding
    overflow: Overflow
    nan: int | None  # the code that a NaN becomes, where the caller chose one
    bits: int
    flush_input: int | None  # inputs with an exponent below this count as zero
    flush_results: bool
    tininess: Tininess


def _finite_overflow(fmt: GridFormat, options: Options, negative: int) -> int:
    """Return the code of a finite value past the end, or `_REFUSED`."""
    overflow = options.overflow
    end = fmt.largest_code(negative) if fmt.signed_values or not negative else 0
    if overflow in (Overflow.SATURATE, Overflow.SATURATE_PROPAGATE, Overflow.CLAMP_FINITE):
        return end
    if overflow is Overflow.NAN:
        return nan_code(fmt, options, negative)
    if overflow is Overflow.SAT_NONE:
        return _sat_none(fmt, options, negative, end)
    if overflow is Overflow.IEEE and options.rounding.inward[negative]:
        return end
    if overflow in (Overflow.IEEE, Overflow.INFINITY):
        return _infinity(fmt, options, negative)
    return 0 if overflow is Overflow.WRAP else _REFUSED


def _sat_none(fmt: GridFormat, options: Options, negative: int, end: int) -> int:
    """Return what IEEE P3109 4.0, 4.7.5 says of SatNone (its to_odd goes to infinity if signed)."""
    inward = options.rounding.inward[negative]
    if options.rounding in (Rounding.TO_ODD, Rounding.JAM):
        inward = options.rounding is Rounding.TO_ODD and not fmt.signed_values and not negative
    if inward:
        return end
    if negative and not fmt.signed_values:
        return nan_code(fmt, options, negative)
    return _infinity(fmt, options, negative) if fmt.has_infinity else end


def _infinity(fmt: GridFormat, options: Options, negative: int) -> int:
    code = fmt.infinity_code(negative)
    if code is not None:
        return code
    return nan_code(fmt, options, negative) if fmt.has_infinity else _REFUSED


def _infinite_operand(fmt: GridFormat, options: Options, negative: int) -> int:
    """Return the code of an infinite operand, or `_REFUSED`."""
    overflow = options.overflow
    end = fmt.largest_code(negative) if fmt.signed_values or not negative else 0
    if overflow is Overflow.SATURATE:
        return end
    if overflow is Overflow.NAN:
        return nan_code(fmt, options, negative)
    if overflow is Overflow.WRAP:
        return _REFUSED
    kept = fmt.infinity_code(negative)
    if kept is not None:
        return kept
    if overflow is Overflow.SATURATE_PROPAGATE:
        return end
    if overflow is Overflow.SAT_NONE:
        below = negative and not fmt.signed_values
        return nan_code(fmt, options, negative) if below else end
    if overflow in (Overflow.CLAMP_FINITE, Overflow.IEEE, Overflow.INFINITY):
        return nan_code(fmt, options, negative)
    return _REFUSED


def nan_code(fmt: GridFormat, options: Options, negative: int) -> int:
    """Return the code that a NaN becomes, or `_REFUSED`."""
    if options.nan is not None:
        return options.nan
    code = fmt.nan_code(negative)
    return _REFUSED if code is None else code


@functools.lru_cache(maxsize=1024)
def lower(fmt: GridFormat, options: Options) -> tuple[Grid, Projection]:
    """Return the numbers of a format and of a call.

    Raises
    ------
    FormatError
        The overflow policy is not one that this format can follow.
    """
    _check_overflow(fmt, options)
    over = [_finite_overflow(fmt, options, negative) for negative in (0, 1)]
    infinite = [_infinite_operand(fmt, options, negative) for negative in (0, 1)]
    nan = [nan_code(fmt, options, negative) for negative in (0, 1)]
    infinity_flags = [
        _alarm(code) | (0 if code == fmt.infinity_code(negative) else int(Flags.NV))
        for negative, code in enumerate(infinite)
    ]
    return fmt.grid, Projection(
        addends=options.rounding.addends,
        stochastic=options.rounding.stochastic,
        bits=options.bits,
        wrap=int(options.overflow is Overflow.WRAP),
        tiny_before=int(options.tininess is Tininess.BEFORE),
        flush_input=_NO_FLUSH if options.flush_input is None else options.flush_input,
        flush_result=int(options.flush_results and fmt.family == "float"),
        over_flags_positive=int(Flags.OF | Flags.NX) | _alarm(over[0]),
        over_flags_negative=int(Flags.OF | Flags.NX) | _alarm(over[1]),
        infinity_flags_positive=infinity_flags[0],
        infinity_flags_negative=infinity_flags[1],
        nan_flags=_alarm(min(nan)) | (0 if fmt.has_nan else int(Flags.NV)),
        negative_flags=0 if fmt.has_zero else ALARM,
        over_positive=_as_word(over[0]),
        over_negative=_as_word(over[1]),
        infinity_positive=_as_word(infinite[0]),
        infinity_negative=_as_word(infinite[1]),
        nan_positive=_as_word(nan[0]),
        nan_negative=_as_word(nan[1]),
    )


def may_refuse(how: Projection) -> bool:
    """Return whether some input has no code."""
    flags = how.nan_flags | how.negative_flags
    flags |= how.infinity_flags_positive | how.infinity_flags_negative
    return (flags | how.over_flags_positive | how.over_flags_negative) >= ALARM


def _alarm(code: int) -> int:
    return ALARM if code == _REFUSED else 0


def _as_word(code: int) -> np.uint64:
    return np.uint64(code % (1 << 64))


def _check_overflow(fmt: GridFormat, options: Options) -> None:
    policy = options.overflow.value
    if options.overflow is Overflow.WRAP and not fmt.wraps:
        raise FormatError(
            f"overflow={policy!r} is for two's complement and unsigned integers; {fmt.name!r} "
            "takes 'saturate'"
        )
    if options.overflow in (Overflow.IEEE, Overflow.INFINITY) and not fmt.has_infinity:
        raise FormatError(
            f"overflow={policy!r} needs an infinity and {fmt.name!r} has none; use 'saturate'"
            + (" or 'nan'" if fmt.has_nan else "")
        )
    if options.overflow is Overflow.NAN and not fmt.has_nan and options.nan is None:
        raise FormatError(
            f"overflow={policy!r} needs a NaN and {fmt.name!r} has none; use 'saturate'"
        )


def by_table(fmt: GridFormat, options: Options, trailing: int, least: int) -> bool:
    """Return whether floats of `trailing` fraction bits encode through `binade_table`.

    `least` is the smallest normal exponent of those floats.
    """
    grid = fmt.grid
    return (
        options.overflow is not Overflow.WRAP
        and options.flush_input is None
        and not options.flush_results
        and grid.gap == 0
        and grid.t < trailing
        and grid.emin >= least
        and (grid.emin - grid.t > least or _zero_is_ordinal_0(fmt))
        and fmt.bits <= 32
    )


def _zero_is_ordinal_0(fmt: GridFormat) -> bool:
    """Return whether zeros are coded like all ordinals, so that any row may produce them."""
    return fmt.has_zero and (fmt.has_negative_zero or not fmt.signed_values)


@functools.lru_cache(maxsize=64)
def binade_table(
    fmt: GridFormat, options: Options, trailing: int, exponent_bits: int
) -> npt.NDArray[np.uint64]:
    """Return the table of `kernels.tables.encode_by_binade`: a row for each sign and exponent.

    A row says how the significands of one binade are cut, what makes an ordinal of them, up to
    where, and what is outside. Specials are a row like any other: nothing is lost, so an infinity
    is 0, inside, and a NaN is more, outside.
    """
    grid, how = lower(fmt, options)
    count = 1 << exponent_bits
    bias = count // 2 - 1
    field = np.arange(count)
    exponent = np.maximum(field, 1) - bias
    rows = np.zeros((2, count, tables.ROW), np.uint64)
    for negative in (0, 1):
        table = rows[negative]
        binade = np.maximum(exponent, grid.emin)
        lost = trailing - grid.t + binade - exponent
        drop = np.minimum(lost, MOST_LOST)
        far = binade > grid.ceiling
        drop[far], lost[far] = 63, 63
        ordinal = np.where(far, 0, binade - grid.emin).astype(np.uint64) << np.uint64(grid.t)
        parity = (ordinal + np.uint64(grid.first)) & np.uint64(1)
        if options.rounding.stochastic:
            table[:, tables.ADD_EVEN] = np.minimum(lost - drop, 63)
        else:
            table[:, tables.ADD_EVEN] = _addends(options.rounding, negative, parity, drop)
            table[:, tables.ADD_ODD] = _addends(
                options.rounding, negative, parity ^ np.uint64(1), drop
            )
        table[:, tables.HIDDEN] = np.where(field > 0, 1 << trailing, 0)
        table[:, tables.DROP] = drop
        over = how.over_negative if negative else how.over_positive
        over_flags = how.over_flags_negative if negative else how.over_flags_positive
        top = fmt.largest_ordinal(negative)
        twos = bool(negative and grid.twos)
        less = int(twos or grid.first)  # a code is k - first; -k is the complement of k - 1
        table[:, tables.LIFT] = ordinal - np.uint64(less)
        table[:, tables.SPAN] = max(top - less, 0)
        table[:, tables.OUTSIDE] = _refusable(over, over_flags)
        table[:, tables.FLIP] = fmt.code_of_ordinal(top, negative) ^ (top - less)
        table[far, tables.SPAN], table[far, tables.LIFT] = 0, 1
        low = exponent < grid.emin - grid.t  # these round to ordinal 0 or 1, of any two codes
        if top > 0:
            table[low, tables.OUTSIDE] = fmt.code_of_ordinal(1, negative)
        table[low, tables.SPAN], table[low, tables.LIFT] = 0, 0
        table[low, tables.FLIP] = 0 if grid.first else fmt.code_of_ordinal(0, negative)
        if negative and how.negative_flags:
            _refuse_all_but_zero(table)
        _special_row(table[-1], how, negative)
    return rows.reshape(-1)


def _refusable(code: np.uint64, flags: int) -> np.uint64:
    return np.uint64(tables.REFUSED) if flags & ALARM else code


def _addends(
    rounding: Rounding, negative: int, odd: npt.NDArray[np.uint64], drop: npt.NDArray[Any]
) -> npt.NDArray[np.uint64]:
    """Return the addend of each row for kept digits whose code has parity `odd`."""
    ulp = np.uint64(1) << drop.astype(np.uint64)
    half = ulp >> np.uint64(1)
    by_kind = {
        NOTHING: 0 * ulp,
        BELOW_HALF: half - np.uint64(1),
        HALF: half,
        BELOW_ULP: ulp - np.uint64(1),
        ULP: ulp,
    }
    kinds = [
        rounding.addends >> (ADDEND_BITS * (2 * negative + bit)) & (2**ADDEND_BITS - 1)
        for bit in (0, 1)
    ]
    return np.where(odd == 1, by_kind[kinds[1]], by_kind[kinds[0]])


def _special_row(row: npt.NDArray[np.uint64], how: Projection, negative: int) -> None:
    """Make the row of infinity and NaN."""
    infinity = how.infinity_negative if negative else how.infinity_positive
    flags = how.infinity_flags_negative if negative else how.infinity_flags_positive
    nan = how.nan_negative if negative else how.nan_positive
    row[:] = 0
    row[tables.FLIP] = _refusable(infinity, flags)
    row[tables.OUTSIDE] = _refusable(nan, how.nan_flags)


def _refuse_all_but_zero(table: npt.NDArray[np.uint64]) -> None:
    """Make rows of a sign that a format does not have: zero is code 0, all else is refused."""
    hidden = table[:, tables.HIDDEN].copy()
    table[:] = 0
    table[:, tables.HIDDEN] = hidden
    table[:, tables.OUTSIDE] = tables.REFUSED

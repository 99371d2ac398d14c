"""How the floats of one sign and exponent are rounded into a format: tables for fast kernels."""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from .families.grid import GridFormat
from .kernels import tables, tapered
from .lowering import Options, lower
from .params import ALARM, UNIFORM, Projection
from .rounding import (
    BELOW_HALF,
    BELOW_ULP,
    HALF,
    NOTHING,
    ULP,
    Overflow,
    Rounding,
)

MOST_LOST = 54  # lost digits beyond these are jammed: 52 random bits and two more decide
_MOST_CUT = 9  # exponent digits that a row can cut off: with 52 digits and a carry, 62


def by_table(fmt: GridFormat, options: Options, trailing: int, least: int) -> bool:
    """Return whether floats of `trailing` fraction bits encode through `binade_table`.

    `least` is the smallest normal exponent of those floats.
    """
    grid = fmt.grid
    if grid.taper != UNIFORM:
        return (
            options.flush_input is None
            and grid.t < trailing
            and fmt.bits <= 32
            and grid.es <= _MOST_CUT
            and grid.emin > least
        )
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
        if grid.taper != UNIFORM:
            _tapered_rows(table, fmt, options, negative, exponent, trailing)
            _special_row(table[-1], how, negative)
            continue
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


@functools.lru_cache(maxsize=64)
def may_fail(fmt: GridFormat, options: Options, trailing: int, exponent_bits: int) -> int:
    """Return 1 if the table of these arguments has no code for some value, else 0."""
    return int((binade_table(fmt, options, trailing, exponent_bits) >= tables.REFUSED).any())


def _tapered_rows(
    table: npt.NDArray[np.uint64],
    fmt: GridFormat,
    options: Options,
    negative: int,
    exponent: npt.NDArray[np.int64],
    trailing: int,
) -> None:
    """Fill the rows of one sign for a posit or takum; the last one is left for the specials."""
    grid = fmt.grid
    prefix, low = np.zeros((2, exponent.size), np.uint64)
    digits = np.full(exponent.size, trailing)
    tapered.rows(exponent, grid, prefix, digits, low)
    lost = trailing - digits
    drop = np.minimum(lost, MOST_LOST)
    parity = prefix & np.uint64(1)
    if options.rounding.stochastic:
        table[:, tables.ADD_EVEN] = lost - drop
    else:
        drop = lost
        table[:, tables.ADD_EVEN] = _addends(options.rounding, negative, parity, drop)
        table[:, tables.ADD_ODD] = _addends(options.rounding, negative, parity ^ np.uint64(1), drop)
    table[:, tables.HIDDEN] = low << np.uint64(trailing)
    table[:, tables.DROP] = drop
    top = fmt.largest_ordinal(0)
    table[:, tables.LIFT] = prefix - np.uint64(negative)  # -k is the complement of k - 1
    table[:, tables.SPAN] = top - negative
    table[:, tables.OUTSIDE] = fmt.largest_code(negative)
    table[:, tables.FLIP] = (1 << fmt.bits) - 1 if negative else 0
    for rows, ordinal in ((exponent < grid.emin, 1), (exponent > grid.ceiling, top)):
        _constant(table, rows, np.uint64(fmt.code_of_ordinal(ordinal, negative)))
    # The lowest binade may start with the string of zero; the general kernel keeps clear of it.
    inside = (grid.emin <= exponent) & (exponent <= grid.ceiling)
    _constant(table, inside & (prefix == 0), np.uint64(tables.REFUSED))
    # A subnormal float is below the smallest value and zero is zero: any digit says which.
    table[0] = 0
    table[0, tables.LIFT] = (1 << 64) - 1 if negative else 0
    table[0, tables.SPAN] = top - negative
    table[0, tables.FLIP] = (1 << fmt.bits) - 1 if negative else 0
    if options.rounding.stochastic:
        table[0, tables.ADD_EVEN] = 63
    else:
        table[0, tables.DROP] = 63
        table[0, : tables.ADD_ODD + 1] = (1 << 63) - 1


def _constant(table: npt.NDArray[np.uint64], rows: npt.NDArray[np.bool_], code: np.uint64) -> None:
    """Make rows whose every value has the same code."""
    table[rows] = 0
    table[rows, tables.DROP] = 63
    table[rows, tables.LIFT] = 1  # past a SPAN of 0
    table[rows, tables.OUTSIDE] = code


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
    even_addend, odd_addend = (by_kind[rounding.addend(negative, bit)] for bit in (0, 1))
    return np.where(odd == 1, odd_addend, even_addend)


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

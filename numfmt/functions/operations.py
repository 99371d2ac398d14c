"""Elementary functions of codes: certified digits of every operand, then one rounding."""

import functools
import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import progress
from ..arithmetic import exact_results
from ..arithmetic.calls import Call, Formats, Settings, lowered
from ..arithmetic.engine import Operation, refuse_alarms
from ..arithmetic.keywords import Keywords, call_with
from ..arithmetic.lookup import all_codes
from ..arithmetic.nans import delivered, is_nan, is_signalling
from ..dialects import ZeroSign
from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.grid import GridFormat
from ..kernels.arithmetic import project_wide
from ..kernels.tables import look_up
from ..parallel import in_parallel
from ..params import ALARM, Grid, Kind
from ..rounding import Overflow
from . import cache
from .evaluation import evaluate

Array = npt.NDArray[Any]
Columns = tuple[Array, ...]  # kinds, signs, exponents, significands, flags: what `evaluate` gives

TABLE_BITS = 16  # operands of so many bits together have a table
SMALL = 1 << 11  # distinct operands from which on a table is made
_SHOWN = 1 << 15  # distinct operands from which on progress is shown
_DTYPES = (np.uint8, np.uint8, np.int64, np.uint64, np.uint8)
_RIM = 256  # digits by which the ends of an open interval are kept away from
_REACH = 1 << 15  # exponents past these are all alike to codebooks and logarithms


def apply(
    name: str, operands: Sequence[npt.ArrayLike], fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the codes of a function, correctly rounded; options as in `numfmt.add`.

    Parameters
    ----------
    name : str
        A name of `numfmt.functions.definitions.FUNCTIONS`.
    operands : sequence of array_like
        Codes of each operand.
    fmt : Format, str or sequence

    Raises
    ------
    FormatError
        As `numfmt.add`; or an operand format holds values that are no binary fractions.

    Notes
    -----
    Operands of up to 16 bits together are looked up in a table that is made once (seconds), and
    kept on disk (`numfmt.functions.cache`). Others are computed one by one, each distinct operand
    once, some 30,000 to 100,000 a second.

    Examples
    --------
    >>> apply("exp2", ([0x38, 0x40],), "e4m3").tolist()
    [64, 72]
    """
    letters = "abc"[: len(operands)]
    call = call_with(tuple(operands), tuple(letters), fmt, options)
    if call.settings.options.overflow is Overflow.WRAP:
        raise FormatError(
            f"overflow='wrap': {name} keeps the leading 63 digits of a result and not its residue; "
            "use 'saturate'"
        )
    _check_draw(name, call.settings)
    for source in call.formats:
        if not isinstance(source, GridFormat):
            raise FormatError(
                f"{name} takes codes of floats, fixed point, posits and takums, not of "
                f"{source.name!r}; convert them first, or take the result format {source.name!r}"
            )
    codes, flags = _outcome(name, call)
    operation = Operation(name, letters=letters)
    refuse_alarms(operation, call.operands, call.formats, call.settings, flags, call.shape)
    codes = codes.reshape(call.shape)
    if call.out is not None:
        call.out[...] = codes
        codes = call.out
    if not call.return_flags:
        return codes
    return codes, flags.astype(np.uint8, copy=False).reshape(call.shape)


def _check_draw(name: str, settings: Settings) -> None:
    """Refuse draws that look at more than the digits there are."""
    fmt = settings.result
    if not (settings.stochastic and isinstance(fmt, GridFormat)):
        return
    most = 61 - fmt.grid.t
    if settings.options.bits > most:
        raise FormatError(
            f"bits={settings.options.bits}: {name} is known to 63 digits; results in {fmt.name!r} "
            + (f"are drawn with at most {most} bits" if most > 0 else "are not drawn")
        )


def _check_digits(columns: Columns, grid: Grid) -> None:
    """Refuse fixed-point results of which the digits do not reach below the last one kept."""
    if grid.t < 61:
        return
    kinds, exponents, significands = columns
    quantum = grid.emin - grid.t
    short = (kinds < int(Kind.INFINITY)) & (significands & np.uint64(1) != 0)
    short &= (exponents > quantum - 2) & (exponents + 63 <= grid.ceiling)
    if short.any():
        raise FormatError(
            "a result has more than 61 digits before the last one of its format, and functions are "
            "known to 63; take a narrower or finer format"
        )


def _outcome(name: str, call: Call) -> tuple[Array, Array]:
    """Return codes, and flags of which some may be `ALARM`."""
    index = _joined(call.operands, call.formats)
    if index is None or call.size < SMALL:
        rows, where = np.unique(
            np.stack([a.astype(np.uint64) for a in call.operands]), axis=1, return_inverse=True
        )
        where = where.reshape(-1)
        distinct = tuple(
            row.astype(fmt.code_dtype) for row, fmt in zip(rows, call.formats, strict=True)
        )
        columns = _evaluated(name, distinct, call.formats, call.settings)
        if call.settings.stochastic:
            columns = tuple(column[where] for column in columns)
            return _rounded(
                columns, call.operands, call.formats, call.settings, call.draws(0, call.size)
            )
        codes, flags = _rounded(columns, distinct, call.formats, call.settings, None)
        return codes[where], flags[where]
    if call.settings.stochastic:
        columns = tuple(c[index] for c in _digits(name, call.formats, *_reading(call.settings)))
        return _rounded(
            columns, call.operands, call.formats, call.settings, call.draws(0, call.size)
        )
    table, raised = _table(name, call.formats, call.settings)
    codes, flags = np.empty(call.size, table.dtype), np.empty(call.size, raised.dtype)
    need_flags = call.return_flags or bool((raised >= ALARM).any())

    def run(start: int, stop: int) -> int:
        part = slice(start, stop)
        look_up(index[part], table, np.uint64(0xFFFF), codes[part])
        if need_flags:
            look_up(index[part], raised, np.uint64(0xFFFF), flags[part])
        return 0

    in_parallel(run, call.size, 64)
    return codes, flags if need_flags else np.zeros(0, np.uint16)


def _joined(operands: tuple[Array, ...], formats: tuple[ScalarFormat, ...]) -> Array | None:
    """Return the place of each element in a table of all operands, or None if it is too large."""
    if sum(fmt.bits for fmt in formats) > TABLE_BITS:
        return None
    index = operands[0]
    for codes, fmt in zip(operands[1:], formats[1:], strict=True):
        index = index.astype(np.uint16) << np.uint16(fmt.bits) | codes
    return index


def _reading(settings: Settings) -> tuple[bool, bool]:
    """Return all that digits depend on but the operands: flushing, and the special values."""
    return settings.flush_inputs, settings.dialect.zero_sign is ZeroSign.PLUS


@functools.lru_cache(maxsize=32)
def _table(name: str, formats: tuple[ScalarFormat, ...], settings: Settings) -> tuple[Array, Array]:
    """Return the codes and flags of all operands, the last one varying fastest."""
    operands = all_codes(formats)
    codes, flags = _rounded(
        _digits(name, formats, *_reading(settings)), operands, formats, settings, None
    )
    return codes, flags if (flags >= ALARM).any() else flags.astype(np.uint8)


@functools.lru_cache(maxsize=64)
def _digits(name: str, formats: tuple[ScalarFormat, ...], flush: bool, p3109: bool) -> Columns:
    """Return the certified digits of a function of all operands, from disk if they are there."""
    operands = all_codes(formats)
    read = [fields_of_codes(codes, fmt) for codes, fmt in zip(operands, formats, strict=True)]
    values = hashlib.sha256(b"".join(column.tobytes() for columns in read for column in columns))
    path = cache.path_of(name, formats, flush, p3109, values.hexdigest())
    columns = cache.load(path)
    if columns is None or len(columns) != len(_DTYPES) or columns[0].size != operands[0].size:
        columns = _all_digits(name, operands, formats, flush, p3109)
        cache.save(path, columns)
    return columns


def _evaluated(
    name: str, operands: tuple[Array, ...], formats: tuple[ScalarFormat, ...], settings: Settings
) -> Columns:
    return _all_digits(name, operands, formats, *_reading(settings))


def _all_digits(
    name: str,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    flush: bool,
    p3109: bool,
) -> Columns:
    """Return the columns of `evaluate` for each row of operands."""
    lists = [_numbers(codes, fmt, flush) for codes, fmt in zip(operands, formats, strict=True)]
    size = operands[0].size
    show = progress(size, f"{name} evaluated") if size >= _SHOWN else None
    found = []
    for count, row in enumerate(zip(*lists, strict=True), 1):
        found.append(evaluate(name, row, p3109))
        if show and (count % 4096 == 0 or count == size):
            show(count)
    columns = zip(*found, strict=True) if found else ((),) * len(_DTYPES)
    return tuple(np.array(c, dtype) for c, dtype in zip(columns, _DTYPES, strict=True))


def _numbers(codes: Array, fmt: ScalarFormat, flush: bool) -> list[tuple[Kind, int, Fraction]]:
    """Return codes as `evaluate` takes them."""
    rows = zip(*(column.tolist() for column in fields_of_codes(codes, fmt)), strict=True)
    found = []
    for kind, sign, exponent, significand in rows:
        if kind >= Kind.INFINITY:
            found.append((Kind(kind), sign, Fraction(0)))
        elif significand == 0 or (flush and kind == Kind.SUBNORMAL):
            found.append((Kind.ZERO, sign, Fraction(0)))
        elif exponent >= 0:
            found.append((Kind.NORMAL, sign, Fraction(significand << exponent)))
        else:
            found.append((Kind.NORMAL, sign, Fraction(significand, 1 << -exponent)))
    return found


def _rounded(
    columns: Columns,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    draws: Array | None,
) -> tuple[Array, Array]:
    """Return the codes and flags of digits, NaNs delivered as the dialect says."""
    kinds, signs, exponents, significands, raised = columns
    if settings.dialect.zero_sign is ZeroSign.PLUS:
        signs = np.where(kinds == int(Kind.ZERO), 0, signs).astype(np.uint8)
    flags = raised.astype(np.uint16)
    random = np.zeros(1, np.uint64) if draws is None else draws.astype(np.uint64)
    if isinstance(settings.result, GridFormat):
        codes = np.empty(kinds.size, np.uint64)
        grid, how = lowered(settings)
        _check_digits((kinds, exponents, significands), grid)
        with np.errstate(over="ignore"):  # in the interpreter
            extras = np.zeros(kinds.size, np.uint64)
            project_wide(
                kinds, signs, significands, extras, exponents, random, codes, flags, grid, how
            )
    else:
        codes = _elsewhere((kinds, signs, exponents, significands), random, settings, flags)
    codes = codes.astype(settings.result.code_dtype)
    _deliver_nans(kinds, operands, formats, settings, codes, flags)
    return codes, flags


def _deliver_nans(
    kinds: Array,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    codes: Array,
    flags: Array,
) -> None:
    """Put the NaN of the dialect where an operand is one; a quiet one may have been ignored."""
    pairs = list(zip(operands, formats, strict=True))
    nan = np.logical_or.reduce([is_nan(array, fmt) for array, fmt in pairs])
    loud = np.logical_or.reduce([is_signalling(array, fmt) for array, fmt in pairs])
    rows = np.flatnonzero((nan & (kinds == int(Kind.NAN))) | loud)
    if not rows.size:
        return
    if settings.canonical_nan is None:
        flags[rows] = ALARM
        return
    codes[rows], flags[rows] = delivered([array[rows] for array in operands], formats, settings)


def _elsewhere(columns: Columns, random: Array, settings: Settings, flags: Array) -> Array:
    """Return codes of codebooks and logarithms: of both ends of what the digits stand for.

    Raises
    ------
    FormatError
        They differ: 63 digits do not decide the code.
    """
    codes = np.empty(columns[0].size, np.uint64)
    draws = np.broadcast_to(random, codes.shape).tolist()
    for i, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        kind, sign, exponent, significand = row
        exponent = min(max(exponent, -_REACH), _REACH)
        # A sticky digit stands for all between the numbers before and after it, without these.
        rim = (significand & 1) * (1 - Fraction(1, 1 << _RIM))
        outcomes = set()
        for end in {significand - rim, significand + rim}:
            magnitude = end * Fraction(2) ** exponent
            value = exact_results.Real(kind, sign, -magnitude if sign else magnitude)
            code, raised = exact_results.encoded([value], [draws[i]], settings)
            outcomes.add((code[0], raised[0]))
        if len(outcomes) > 1:
            raise FormatError(f"63 digits do not decide a code of {settings.result.name!r}")
        codes[i], alarm = outcomes.pop()
        flags[i] |= alarm
    return codes

"""Correctly rounded elementary functions of codes: exact cases, else ever closer bounds."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Unpack

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.logarithmic import LogarithmicFormat
from ..rounding import Overflow
from . import enclosures
from .data import Datum, KnownFormat
from .function_cases import Case, Found, Turn, angle, atan2, is_one_whatever, pow_, unary
from .intervals import Effort, Interval, pi
from .operands import Call, Extended, Formats, Operand, Options, number, settle
from .reals import rational
from .results import Result, finish, nan_operand, project
from .rounding import floor_log2

FUNCTIONS = (*enclosures.UNARY, *enclosures.BINARY)

MARGIN = 256  # digits of a significand and of random bits, and more
CODEBOOK_MARGIN = 4096
LIMIT = 1 << 23  # digits after which an undecided question is given up


def function(name: str, *codes: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of an elementary function, correctly rounded.

    Parameters
    ----------
    name : str
        One of `FUNCTIONS`: of one operand exp, exp2, exp10, expm1, log, log2, log10, log1p,
        softplus, sin, cos, tan, asin, acos, atan and these with _pi (of pi * x; over pi), sinh,
        cosh, tanh, asinh, acosh, atanh, sigmoid, silu, gelu, gelu_tanh; of two atan2(y, x),
        atan2_pi and pow(x, y).
    *codes : int
        The operands.
    fmt : Format, str or sequence of them
        The format of all operands, or that of each; no logarithmic one.
    result, rounding, overflow, nan, draw, flush_inputs, flush_results, tininess, dialect
        As in `numfmt.exact.add`.

    Returns
    -------
    (int, Flags)

    Raises
    ------
    FormatError
        There is no such function, a format has irrational values, the result format has no code
        for the result, or ``wrap`` is asked for the residue of a number that is too long.

    Examples
    --------
    >>> function("exp2", 0x3e00, fmt="binary16")  # the square root of 8
    (16808, <Flags.NX: 1>)
    >>> function("log", 0x8000, fmt="binary16"), function("tan_pi", 0x3e00, fmt="binary16")
    ((64512, <Flags.DZ: 8>), (64512, <Flags.DZ: 8>))
    """
    if name not in FUNCTIONS:
        raise FormatError(f"name={name!r} is not one of {', '.join(FUNCTIONS)}")
    count = 2 if name in enclosures.BINARY else 1
    if len(codes) != count:
        raise FormatError(f"{name} takes {count} codes; {len(codes)} are given")
    call = settle(fmt, count, options)
    reach = max(_reach(entry) for entry in (call.result, *call.formats))
    operands = [_read(call, code, index) for index, code in enumerate(codes)]
    values = [_datum(operand) for operand in operands]
    if any(operand.nan for operand in operands) and not _drops_nan(name, call, operands, values):
        return nan_operand(call, operands)
    case = _case(name, values, call, reach)
    if isinstance(case, Found):
        return finish(call, (_extended(case.value), case.flags))
    return _decided(call, _bounds(name, values, case, reach), reach)


def _reach(fmt: KnownFormat) -> int:
    """Return a power of two past all numbers of a format, and below what its boundaries share."""
    if isinstance(fmt, LogarithmicFormat) or not isinstance(fmt, ScalarFormat):
        raise FormatError(f"{fmt.name!r} is not for elementary functions; its values are no floats")
    ends = [abs(x) for x in (fmt.smallest, fmt.largest, fmt.lowest) if x]
    margin = CODEBOOK_MARGIN if isinstance(fmt, CodebookFormat) else MARGIN
    return max(abs(floor_log2(x)) for x in ends) + margin


def _read(call: Call, code: int, index: int) -> Operand:
    entry = call.formats[index]
    if isinstance(entry, ScalarFormat) and not entry.dyadic:
        raise FormatError(f"{entry.name!r} has values that are no multiples of powers of two")
    return call.read(code, index)


def _datum(operand: Operand) -> Datum:
    """Return an operand as a kind, a sign and a rational magnitude."""
    x = operand.x
    return Datum(x.kind, x.sign, abs(x.real.rational or Fraction(0)))


def _extended(x: Datum) -> Extended:
    return number(rational(x.value), x.sign) if x.finite else Extended(x.kind, x.sign)


def _drops_nan(name: str, call: Call, operands: list[Operand], values: list[Datum]) -> bool:
    """Return whether a quiet NaN does not matter: pow(1, y) and pow(x, 0) are 1."""
    if name != "pow" or any(operand.signalling for operand in operands):
        return False
    return is_one_whatever(values[0], values[1], call.dialect)


def _case(name: str, values: list[Datum], call: Call, reach: int) -> Case:
    if name == "pow":
        return pow_(values[0], values[1], call.dialect, reach)
    if name in enclosures.BINARY:
        rule = atan2 if name == "atan2" else angle
        return rule(values[0], values[1], call.dialect)
    return unary(name, values[0], call.dialect, reach)


def _bounds(
    name: str, values: list[Datum], case: Turn | None, reach: int
) -> Callable[[int], Interval | None]:
    """Return a function from digits to bounds of an irrational value."""

    def bounds(digits: int) -> Interval | None:
        effort = Effort(digits, reach)
        if case is not None:
            return pi(effort) * case.multiple
        if name not in enclosures.BINARY:
            return enclosures.unary(name, values[0].value, effort)
        if name != "pow":
            return enclosures.BINARY[name](values[0].value, values[1].value, effort)
        magnitude = enclosures.power(values[0].magnitude, values[1].value, effort)
        negative = values[0].sign and values[1].value % 2 == 1
        return -magnitude if negative else magnitude

    return bounds


def _decided(call: Call, bounds: Callable[[int], Interval | None], reach: int) -> Result:
    """Return the result that both ends of close enough bounds have.

    Rounding is monotone, and an irrational number is no value of a format nor a boundary between
    two: where both ends agree on code and flags, all between them does.
    """
    for digits in _precisions():
        found = bounds(digits)
        if found is None or (found.low <= 0 <= found.high):
            continue
        if call.overflow is Overflow.WRAP and not _has_residue(call, found, reach):
            continue
        (low, refused), (high, again) = (
            _asked(call, found.low),
            _asked(call, found.high),
        )
        if refused and again and str(refused) == str(again):
            raise refused
        if low is not None and low == high:
            return low
    raise FormatError(f"the result is not decided by {LIMIT} digits; numfmt.exact gives up")


def _precisions() -> Iterator[int]:
    digits = 64
    while digits <= LIMIT:
        yield digits
        digits *= 2


def _asked(call: Call, x: Fraction) -> tuple[Result | None, FormatError | None]:
    try:
        return project(call, number(rational(x))), None
    except FormatError as refused:
        return None, refused


def _has_residue(call: Call, found: Interval, reach: int) -> bool:
    """Return whether bounds are closer than a step of the integers that wrap."""
    if max(abs(found.low), abs(found.high)) > 1 << reach:
        raise FormatError(f"the residue of numbers past 2**{reach} is not computed")
    step = getattr(call.result, "smallest", Fraction(1))
    return found.high - found.low < step

"""Results of arithmetic: one projection, or the NaN that the dialect names."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from ..dialects import DefaultNan, NanRule
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import Overflow, Rounding
from .data import Datum, datum, scaled
from .decoding import decode
from .logarithms import goes_up_ladder, ladder_code, ladder_logarithm
from .operands import (
    Call,
    Extended,
    Formats,
    Operand,
    Options,
    ieee_style,
    settle,
)
from .projection import check_choices, encode
from .reals import Exact, Real, decide, power
from .rounding import NEAREST

Result: TypeAlias = tuple[int, Flags]
Outcome: TypeAlias = tuple[Extended, Flags]

NO_FLAGS = Flags(0)
INVALID: Outcome = Extended(Kind.NAN), Flags.NV


def operation(
    codes: Sequence[int],
    fmt: Formats,
    options: Options,
    rule: Callable[..., Extended | Outcome],
    order: Sequence[int] | None = None,
) -> Result:
    """Return code and flags of an operation that gives NaN for any NaN operand.

    `rule` takes the call and the operands as extended numbers. `order` says where the rule
    ``signalling_first`` looks first.
    """
    call = settle(fmt, len(codes), options)
    operands = [call.read(code, index) for index, code in enumerate(codes)]
    if any(operand.nan for operand in operands):
        return nan_operand(call, operands, order)
    return finish(call, rule(call, *(operand.x for operand in operands)))


def finish(call: Call, outcome: Extended | Outcome) -> Result:
    """Return code and flags of an exact result, with flags of its own if it brings some."""
    x, flags = (outcome, NO_FLAGS) if isinstance(outcome, Extended) else outcome
    if x.kind is Kind.NAN:
        return canonical(call, flags)
    code, more = project(call, x)
    return code, flagged(call, flags | more)


def flagged(call: Call, flags: Flags) -> Flags:
    """Return the flags where the result format defines some, else none."""
    families = FloatFormat | FixedFormat
    return flags if isinstance(call.result, families) and call.result.has_flags else NO_FLAGS


def project(call: Call, x: Extended) -> Result:
    """Return the code and the flags of the projection of what is not NaN."""
    if x.infinite:
        return _encode(call, Datum(Kind.INFINITY, x.sign))
    if x.zero:
        found = _encode(call, Datum(Kind.ZERO, 0 if call.plus else x.sign))
    elif isinstance(call.result, LogarithmicFormat):
        found = _encode_power(call, x.value, x.sign, call.result), NO_FLAGS
    else:
        found, _ = decide(x.value, lambda value: (_encode(call, datum(value)), _whole(call, value)))
    return without_minus_zero(call, found[0]), found[1]


def _whole(call: Call, value: Fraction) -> int:
    """Return what tells a value from another of the same residue, where the call wraps."""
    if call.overflow is not Overflow.WRAP or not isinstance(call.result, FixedFormat):
        return 0
    return math.floor(value * scaled(1, call.result.fraction_bits))


def without_minus_zero(call: Call, code: int) -> int:
    """Return the code of +0 for that of -0 where the dialect has no -0."""
    if not call.plus or isinstance(call.result, LogarithmicFormat):
        return code
    found = decode(code, call.result)
    if found.kind is Kind.ZERO and found.sign:
        return encode(Fraction(0), call.result)[0]
    return code


def _encode(call: Call, x: Datum) -> Result:
    return encode(
        x,
        call.result,
        rounding=call.rounding,
        overflow=call.overflow,
        nan=call.nan,
        draw=call.draw,
        flush_results=call.flush_results,
        tininess=call.tininess,
    )


def _encode_power(call: Call, x: Exact, sign: int, fmt: LogarithmicFormat) -> int:
    """Return the code of the nearest logarithm; what lies past an end is at that end."""
    check_choices(fmt, call.rounding, call.overflow, call.nan)
    magnitude = -x if sign and isinstance(x, Real) else x
    last = (1 << (fmt.bits - 1)) - 2
    low, high = 0, last
    while low < high:  # the last magnitude that is not above x
        middle = (low + high + 1) // 2
        if _against(magnitude, ladder_logarithm(middle, fmt), fmt) >= 0:
            low = middle
        else:
            high = middle - 1
    above = _against(magnitude, ladder_logarithm(low, fmt), fmt)
    if above >= 0 and low < last and _next(magnitude, low, above == 0, sign, fmt, call.rounding):
        low += 1
    return ladder_code(low, sign, fmt)


def _against(x: Exact, logarithm: Fraction, fmt: LogarithmicFormat) -> int:
    """Return the sign of x - base**logarithm."""
    return x.minus(power(fmt.base, logarithm))


def _next(
    x: Exact, k: int, exact: bool, sign: int, fmt: LogarithmicFormat, rounding: Rounding
) -> bool:
    """Return whether x, from magnitude k up to the next, goes to the next."""
    if exact or rounding not in NEAREST:
        return goes_up_ladder(k, Fraction(1), exact, sign, fmt, rounding)
    middle = (ladder_logarithm(k, fmt) + ladder_logarithm(k + 1, fmt)) / 2
    side = _against(x, middle, fmt)
    if side:
        return side > 0
    tie = {
        Rounding.NEAREST_EVEN: ladder_code(k, 0, fmt) % 2 == 1,
        Rounding.NEAREST_AWAY: True,
        Rounding.NEAREST_ZERO: False,
        Rounding.NEAREST_UP: not sign,
        Rounding.NEAREST_DOWN: bool(sign),
    }
    return tie[rounding]


def canonical(call: Call, flags: Flags) -> Result:
    """Return the NaN of an invalid operation."""
    code, more = _encode(call, Datum(Kind.NAN, call.dialect.nan_sign))
    fmt = call.result
    if call.nan is None and call.dialect.default_nan is DefaultNan.ALL_ONES and ieee_style(fmt):
        code |= (1 << fmt.trailing_bits) - 1
    return code, flagged(call, flags | more)


def nan_operand(
    call: Call,
    operands: Sequence[Operand],
    order: Sequence[int] | None = None,
    flags: Flags = NO_FLAGS,
) -> Result:
    """Return the NaN and the flags of an operation on operands of which some are NaN."""
    if any(operand.signalling for operand in operands):
        flags |= Flags.NV
    rule = call.dialect.nan
    if rule in (NanRule.CANONICAL, NanRule.ANY) or call.nan is not None:
        return canonical(call, flags)
    chosen = [operand for operand in operands if operand.nan]
    if rule is NanRule.SIGNALLING_FIRST:
        chosen = [operands[index] for index in order or range(len(operands)) if operands[index].nan]
        chosen.sort(key=lambda operand: not operand.signalling)  # the order stays otherwise
    return _quiet(call, chosen[0], flags)


def _quiet(call: Call, operand: Operand, flags: Flags) -> Result:
    """Return a NaN operand in the result format: quiet, its sign and the head of its payload."""
    code, more = _encode(call, Datum(Kind.NAN, operand.x.sign))
    here, there = operand.fmt, call.result
    if ieee_style(here) and ieee_style(there) and call.nan is None:
        width, new_width = here.trailing_bits - 1, there.trailing_bits - 1
        payload = operand.code % (1 << width)
        code |= (payload << new_width) >> width
    return code, flagged(call, flags | more)

"""Formats and options into numbers: what a kernel needs, worked out once for each kind of call."""

import functools
from typing import NamedTuple

import numpy as np

from .errors import FormatError
from .families.base import ScalarFormat
from .families.grid import GridFormat
from .flags import Flags
from .params import ALARM, Grid, Projection
from .rounding import Overflow, Rounding, Tininess

REFUSED = -1  # a special outcome that has no code
_NO_FLUSH = -(1 << 40)


class Options(NamedTuple):
    """The checked options of one conversion into a format."""

    rounding: Rounding
    overflow: Overflow
    nan: int | None  # the code that a NaN becomes, where the caller chose one
    bits: int
    flush_input: int | None  # inputs with an exponent below this count as zero
    flush_results: bool
    tininess: Tininess


def finite_overflow(fmt: ScalarFormat, options: Options, negative: int) -> int:
    """Return the code of a finite value past the end, or `REFUSED`."""
    overflow = options.overflow
    end = fmt.largest_code(negative)
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
    return 0 if overflow is Overflow.WRAP else REFUSED


def _sat_none(fmt: ScalarFormat, options: Options, negative: int, end: int) -> int:
    """Return what IEEE P3109 4.0, 4.7.5 says of SatNone (its to_odd goes to infinity if signed)."""
    inward = options.rounding.inward[negative]
    if options.rounding in (Rounding.TO_ODD, Rounding.JAM):
        inward = options.rounding is Rounding.TO_ODD and not fmt.signed_values and not negative
    if inward:
        return end
    if negative and not fmt.signed_values:
        return nan_code(fmt, options, negative)
    return _infinity(fmt, options, negative) if fmt.has_infinity else end


def _infinity(fmt: ScalarFormat, options: Options, negative: int) -> int:
    code = fmt.infinity_code(negative)
    if code is not None:
        return code
    return nan_code(fmt, options, negative) if fmt.has_infinity else REFUSED


def infinite_operand(fmt: ScalarFormat, options: Options, negative: int) -> int:
    """Return the code of an infinite operand, or `REFUSED`."""
    overflow = options.overflow
    end = fmt.largest_code(negative)
    if overflow is Overflow.SATURATE:
        return end
    if overflow is Overflow.NAN:
        return nan_code(fmt, options, negative)
    if overflow is Overflow.WRAP:
        return REFUSED
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
    return REFUSED


def nan_code(fmt: ScalarFormat, options: Options, negative: int) -> int:
    """Return the code that a NaN becomes, or `REFUSED`."""
    if options.nan is not None:
        return options.nan
    code = fmt.nan_code(negative)
    return REFUSED if code is None else code


@functools.lru_cache(maxsize=1024)
def lower(fmt: GridFormat, options: Options) -> tuple[Grid, Projection]:
    """Return the numbers of a format and of a call.

    Raises
    ------
    FormatError
        The overflow policy is not one that this format can follow.
    """
    check_options(fmt, options)
    over = [finite_overflow(fmt, options, negative) for negative in (0, 1)]
    infinite = [infinite_operand(fmt, options, negative) for negative in (0, 1)]
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


def _alarm(code: int) -> int:
    return ALARM if code == REFUSED else 0


def _as_word(code: int) -> np.uint64:
    return np.uint64(code % (1 << 64))


def check_options(fmt: ScalarFormat, options: Options) -> None:
    """Refuse a rounding mode or an overflow policy that a format cannot follow."""
    policy = options.overflow.value
    why = fmt.refusal(options.rounding)
    if why:
        raise FormatError(f"rounding={options.rounding.value!r} is not for {fmt.name!r}: {why}")
    if fmt.policies and options.overflow not in fmt.policies:
        offered = ", ".join(repr(choice.value) for choice in fmt.policies)
        raise FormatError(f"overflow={policy!r} is not for {fmt.name!r}; it takes {offered}")
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

"""Codes as integers of other formats, and integers as codes."""

import functools
from typing import Unpack

from ..dialects import Dialect, IntegerRule, ZeroSign
from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import Encoding, FixedFormat
from ..flags import Flags
from ..rounding import Rounding, choose
from .arithmetic import rounded
from .data import known
from .operands import Operand, Options, dialect_for, read
from .outcomes import fixed_code, largest_integer
from .reals import decide
from .results import Result, operation
from .rounding import STOCHASTIC, Draw


def to_int(
    a: int,
    fmt: Format | str,
    integer: Format | str,
    rounding: Rounding | str | None = "toward_zero",
    dialect: Dialect | str | None = None,
    draw: Draw | None = None,
    flush_inputs: bool | None = None,
) -> Result:
    """Return the code and the flags of x rounded to an integer of an integer format.

    Parameters
    ----------
    a : int
        The code of x.
    fmt : Format or str
        The format of x.
    integer : FixedFormat or str
        A format of integers.
    rounding : Rounding
    dialect : Dialect or str, optional
        What becomes of integers out of range, infinities and NaN. Default: that of `fmt`.
    draw : Draw, optional
        The random bits of a stochastic mode.
    flush_inputs : bool, optional
        Whether a subnormal x is zero.

    Examples
    --------
    >>> to_int(0xc100, "binary16", "int8"), to_int(0x7e00, "binary16", "int8", dialect="arm")
    ((254, <Flags.NX: 1>), (0, <Flags.NV: 16>))
    """
    target = _integer_format(integer)
    settled = dialect_for(known(fmt), dialect)
    mode = choose(Rounding, rounding or Rounding.TOWARD_ZERO, "rounding")
    if (draw is None) == (mode in STOCHASTIC):
        raise FormatError(f"rounding={mode.value!r} and draw={draw} do not go together")
    flush = settled.flush_inputs if flush_inputs is None else flush_inputs
    operand = read(a, fmt, flush)
    if operand.nan or operand.x.infinite:
        return _special(operand, target, settled.integers), Flags.NV
    real = operand.x.real
    sign = operand.x.sign
    if operand.x.zero and settled.zero_sign is ZeroSign.PLUS:
        sign = 0
    n = decide(real, functools.partial(rounded, rounding=mode, draw=draw, sign=sign))
    if not -largest_integer(1, target) <= n <= largest_integer(0, target):
        return _out_of_range(n, target, settled.integers), Flags.NV
    flags = Flags(0) if real.rational == n else Flags.NX
    return fixed_code(n if n > 0 else -n, sign, target), flags


def _integer_format(integer: Format | str) -> FixedFormat:
    entry = known(integer)
    if not isinstance(entry, FixedFormat) or entry.fraction_bits != 0:
        raise FormatError(f"{entry.name!r} is no format of integers; give one such as 'int32'")
    return entry


def _special(operand: Operand, fmt: FixedFormat, rule: IntegerRule) -> int:
    """Return what an infinity or NaN becomes."""
    if rule is IntegerRule.X86:
        return indefinite(fmt)
    if operand.nan:
        return largest_integer(0, fmt) if rule is IntegerRule.RISCV else 0
    return 0 if rule is IntegerRule.WRAP else _end(operand.x.sign, fmt)


def _out_of_range(n: int, fmt: FixedFormat, rule: IntegerRule) -> int:
    if rule is IntegerRule.X86:
        return indefinite(fmt)
    if rule is IntegerRule.WRAP:
        if fmt.encoding not in (Encoding.TWOS_COMPLEMENT, Encoding.UNSIGNED):
            raise FormatError(f"integers do not wrap in {fmt.name!r}")
        return n % (1 << fmt.bits)
    return _end(int(n < 0), fmt)


def _end(sign: int, fmt: FixedFormat) -> int:
    return fixed_code(largest_integer(sign, fmt), sign, fmt)


def indefinite(fmt: FixedFormat) -> int:
    """Return the integer that x86 gives for what is no integer of the format."""
    if fmt.encoding is Encoding.UNSIGNED:
        return (1 << fmt.bits) - 1
    return 1 << (fmt.bits - 1)


def from_int(
    n: int, integer: Format | str, fmt: Format | str, **options: Unpack[Options]
) -> Result:
    """Return the code and the flags of an integer in a format; options as in `add`.

    Examples
    --------
    >>> from_int(0xff, "int8", "binary16"), from_int(17, "uint8", "e4m3")
    ((48128, <Flags: 0>), (88, <Flags.NX: 1>))
    """
    settled: Options = {**options, "result": fmt}
    return operation([n], [_integer_format(integer)], settled, lambda call, x: x)

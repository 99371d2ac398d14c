"""Operands and options of arithmetic on codes."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, TypedDict, TypeGuard

from ..dialects import Dialect, ZeroSign, dialect_of
from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LogarithmicFormat
from ..params import Kind
from ..rounding import Overflow, Rounding, Tininess, choose
from .data import KnownFormat, known
from .decoding import decode, decode_power
from .projection import check_choices, check_options, encode
from .reals import Exact, Real, power, rational
from .rounding import Draw

Formats = Format | str | Sequence[Format | str]


ZERO = Real({})


class Options(TypedDict, total=False):
    """The options of every operation; what is left out or None follows the dialect."""

    result: Format | str | None
    rounding: Rounding | str | None
    overflow: Overflow | str | None
    nan: float | int | None
    draw: Draw | None
    flush_inputs: bool | None
    flush_results: bool | None
    tininess: Tininess | str | None
    dialect: Dialect | str | None


class Extended(NamedTuple):
    """A number, a signed zero, a signed infinity or NaN, exactly."""

    kind: Kind
    sign: int = 0
    value: Exact = ZERO

    @property
    def real(self) -> Real:
        """The number, where it is a sum of powers."""
        if not isinstance(self.value, Real):
            raise FormatError("a root is no operand")
        return self.value

    @property
    def infinite(self) -> bool:
        """Whether this is an infinity."""
        return self.kind is Kind.INFINITY

    @property
    def zero(self) -> bool:
        """Whether this is a zero of either sign."""
        return self.kind is Kind.ZERO


class Operand(NamedTuple):
    """A code of a format, and what it stands for."""

    code: int
    fmt: KnownFormat
    x: Extended

    @property
    def nan(self) -> bool:
        """Whether the code is NaN or NaR."""
        return self.x.kind is Kind.NAN

    @property
    def signalling(self) -> bool:
        """Whether the code is a signalling NaN."""
        return isinstance(self.fmt, FloatFormat) and self.fmt.is_signalling(self.code)


def number(value: Exact, sign_of_zero: int = 0) -> Extended:
    """Return an exact number as an extended one."""
    sign = value.sign()
    if sign == 0:
        return Extended(Kind.ZERO, sign_of_zero)
    return Extended(Kind.NORMAL, int(sign < 0), value)


def infinity(sign: int) -> Extended:
    """Return an infinity."""
    return Extended(Kind.INFINITY, sign)


def read(code: int, fmt: Format | str, flush: bool = False) -> Operand:
    """Return the operand that a code is; `flush` makes a subnormal number a zero of its sign."""
    entry = known(fmt)
    if isinstance(entry, LogarithmicFormat):
        found = decode_power(code, entry)
        value = Real({})
        if found.kind is Kind.NORMAL:
            value = power(found.base, found.logarithm)
        x = Extended(found.kind, found.sign, -value if found.sign else value)
        return Operand(code, entry, x)
    datum = decode(code, entry)
    if flush and datum.kind is Kind.SUBNORMAL:
        datum = datum._replace(kind=Kind.ZERO, magnitude=Fraction(0))
    value = rational(datum.value) if datum.finite else Real({})
    return Operand(code, entry, Extended(datum.kind, datum.sign, value))


def formats(fmt: Formats, count: int) -> list[KnownFormat]:
    """Return one format for each operand."""
    if isinstance(fmt, Format | str):
        return [known(fmt)] * count
    found = [known(entry) for entry in fmt]
    if len(found) != count:
        raise FormatError(f"fmt has {len(found)} formats; there are {count} operands")
    return found


def ieee_style(fmt: KnownFormat) -> TypeGuard[FloatFormat]:
    """Return whether a format has the special values of IEEE 754."""
    return isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE


def p3109_style(fmt: KnownFormat) -> bool:
    """Return whether a format is one of P3109."""
    styles = (Style.P3109_EXTENDED, Style.P3109_FINITE)
    return isinstance(fmt, FloatFormat) and fmt.style in styles


def dialect_for(fmt: KnownFormat, given: Dialect | str | None) -> Dialect:
    """Return the dialect that is given, or that of the document of a format."""
    if given is not None:
        return dialect_of(given)
    if p3109_style(fmt):
        return dialect_of("p3109")
    if isinstance(fmt, FloatFormat) and fmt.style is not Style.IEEE:
        return dialect_of("ocp_nosat")
    return dialect_of("ieee")


class Call(NamedTuple):
    """The formats and the settled options of one call."""

    formats: list[KnownFormat]
    result: KnownFormat
    dialect: Dialect
    rounding: Rounding
    overflow: Overflow
    nan: int | None
    draw: Draw | None
    flush_inputs: bool
    flush_results: bool
    tininess: Tininess

    @property
    def plus(self) -> bool:
        """Whether no result is -0."""
        return self.dialect.zero_sign is ZeroSign.PLUS

    def read(self, code: int, index: int) -> Operand:
        """Return the operand of a code."""
        return read(code, self.formats[index], self.flush_inputs)


def settle(fmt: Formats, count: int, options: Options) -> Call:
    """Return the call of an operation on so many operands."""
    unknown = set(options) - set(Options.__annotations__)
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} is no option of arithmetic")
    found = formats(fmt, count)
    result = options.get("result")
    if result is None:
        if any(entry.structure != found[0].structure for entry in found):
            raise FormatError("the operands have different formats; give result=")
        result = found[0]
    entry = known(result)
    dialect = dialect_for(entry, options.get("dialect"))
    mode, nan = options.get("rounding"), options.get("nan")
    if isinstance(nan, float):
        nan = encode(nan, entry, overflow=Overflow.SATURATE)[0]
    tininess = options.get("tininess")
    return Call(
        found,
        entry,
        dialect,
        entry.default_rounding if mode is None else choose(Rounding, mode, "rounding"),
        _overflow(options.get("overflow"), dialect, entry, nan),
        nan,
        options.get("draw"),
        _first(options.get("flush_inputs"), dialect.flush_inputs),
        _first(options.get("flush_results"), dialect.flush_results),
        dialect.tininess if tininess is None else choose(Tininess, tininess, "tininess"),
    )


def _first(given: bool | None, otherwise: bool) -> bool:
    return otherwise if given is None else given


def _overflow(
    given: Overflow | str | None, dialect: Dialect, fmt: KnownFormat, nan: int | None
) -> Overflow:
    """Return the policy that is given, or the dialect's if the format can follow it, or its own."""
    if given is not None:
        return choose(Overflow, given, "overflow")
    if dialect.overflow is None:
        return fmt.default_overflow
    try:
        if isinstance(fmt, FloatFormat | FixedFormat):
            check_options(fmt, dialect.overflow, nan, Draw())
        else:
            check_choices(fmt, fmt.default_rounding, dialect.overflow, nan)
    except FormatError:
        return fmt.default_overflow
    return dialect.overflow

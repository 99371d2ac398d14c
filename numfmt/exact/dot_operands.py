"""Operands of dot products: codes in pairs, their scales, and both as sign, significand, exponent.

`numfmt.matrix_units` is the text that this and its neighbours follow, point by point.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from .. import registry
from ..dialects import Dialect
from ..errors import FormatError
from ..families.floats import FloatFormat
from ..families.logarithmic import LogarithmicFormat
from ..matrix_units.accumulators import Accumulator
from ..params import Kind
from ..rounding import Rounding
from .data import KnownFormat, scaled
from .decoding import decode
from .operands import Options, dialect_for
from .projection import encode
from .results import operation
from .rounding import STOCHASTIC, Draw, floor_log2, goes_away, quotient


class Pair(NamedTuple):
    """The codes of two operands, and those of their scales where there are any."""

    a: int
    b: int
    scales: tuple[int, int] | None = None


class Setting(NamedTuple):
    """What stays the same for all blocks of one dot product."""

    a: KnownFormat
    b: KnownFormat
    scale: KnownFormat | None
    accumulator: Accumulator
    output: KnownFormat
    draws: Iterator[int | Draw] | None = None

    @property
    def dialect(self) -> Dialect:
        """The accumulator's dialect, or that of the document of the output format."""
        return dialect_for(self.output, self.accumulator.dialect)

    @property
    def flush_inputs(self) -> bool:
        """Whether subnormal operands are zeros."""
        given = getattr(self.accumulator, "flush_inputs", None)
        return self.dialect.flush_inputs if given is None else bool(given)

    def options(self, result: KnownFormat, rounding: Rounding | None) -> Options:
        """Return the options of one operation; a stochastic one takes the next random bits."""
        mode = self.output.default_rounding if rounding is None else rounding
        return Options(
            result=result,
            rounding=mode,
            overflow=self.accumulator.overflow,
            dialect=self.dialect,
            draw=self._draw() if mode in STOCHASTIC else None,
            flush_inputs=self.flush_inputs,
            flush_results=getattr(self.accumulator, "flush_results", None),
        )

    def _draw(self) -> Draw:
        if self.draws is None:
            raise FormatError("a stochastic mode needs draws=<a function from r to an integer>")
        found = next(self.draws)
        return found if isinstance(found, Draw) else Draw(int(found))


class Factor(NamedTuple):
    """(-1)**sign * significand * 2**(exponent - digits), or an infinity, or NaN."""

    kind: Kind
    sign: int
    significand: Fraction
    exponent: int
    digits: int

    @property
    def zero(self) -> bool:
        """Whether this is a zero of either sign."""
        return self.kind is Kind.ZERO

    @property
    def magnitude(self) -> Fraction:
        """The exact magnitude of a number."""
        return self.significand * scaled(1, self.exponent - self.digits)


def factor(code: int, fmt: KnownFormat, flush: bool = False) -> Factor:
    """Return the parts of a code; `flush` makes a subnormal number a zero of its sign."""
    if isinstance(fmt, LogarithmicFormat):
        raise FormatError(f"values of {fmt.name!r} are irrational: no sum aligns them")
    found = decode(code, fmt)
    kind = Kind.ZERO if flush and found.kind is Kind.SUBNORMAL else found.kind
    if kind not in (Kind.NORMAL, Kind.SUBNORMAL):
        digits = fmt.trailing_bits if isinstance(fmt, FloatFormat) else 0
        return Factor(kind, found.sign, Fraction(0), least_exponent(fmt), digits)
    exponent = floor_log2(found.magnitude)
    if isinstance(fmt, FloatFormat):
        exponent, digits = max(exponent, fmt.emin), fmt.trailing_bits
    else:
        digits = digits_of(found.magnitude, exponent)
    significand = found.magnitude / scaled(1, exponent - digits)
    return Factor(kind, found.sign, significand, exponent, digits)


def scale_code(code: int, fmt: KnownFormat) -> int:
    """Return the code that a scale is read as: an e4m3 is a ue4m3, its sign does not count."""
    unsigned = fmt.structure == registry.get("e4m3").structure
    return code % (1 << (fmt.bits - 1)) if unsigned else code


def least_exponent(fmt: KnownFormat) -> int:
    """Return emin, or elsewhere the exponent of the smallest positive value."""
    if isinstance(fmt, FloatFormat):
        return fmt.emin
    smallest = getattr(fmt, "smallest", None)
    return floor_log2(smallest) if smallest else 0


def largest_exponent(fmt: KnownFormat) -> int:
    """Return emax: the exponent of the largest value."""
    largest: Fraction = getattr(fmt, "largest")  # noqa: B009 (a quire has none)
    return floor_log2(largest)


def digits_of(magnitude: Fraction, exponent: int) -> int:
    """Return how many digits after that of 2**exponent a magnitude has; 0 if they never end."""
    denominator = magnitude.denominator
    if magnitude == 0 or denominator & (denominator - 1):
        return 0
    numerator = magnitude.numerator
    last = (numerator & -numerator).bit_length() - denominator.bit_length()
    return max(exponent - last, 0)


def rounded_to(value: Fraction, quantum: int, rounding: Rounding | None) -> Fraction:
    """Return a number rounded to a multiple of 2**quantum, as sign and magnitude; None: as is."""
    if rounding is None:
        return value
    sign = int(value < 0)
    f, r, d = quotient(abs(value), quantum)
    f += goes_away(f % 2 == 0, r, d, sign, rounding, Draw())
    return scaled(-f if sign else f, quantum)


def zero_code(fmt: KnownFormat) -> int:
    """Return the code of +0."""
    code = encode(Fraction(0), fmt)[0]
    if not isinstance(fmt, LogarithmicFormat) and decode(code, fmt).kind is not Kind.ZERO:
        raise FormatError(f"{fmt.name!r} has no zero to pad or to start from")
    return code


def converted(
    code: int,
    src: KnownFormat,
    dst: KnownFormat,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    dialect: Dialect | None = None,
) -> int:
    """Return a code in another format, nothing flushed; in the same one it stays as it is."""
    if src.structure == dst.structure:
        return code
    options = Options(
        result=dst, rounding=rounding, dialect=dialect, flush_inputs=False, flush_results=False
    )
    return operation([code], [src], options, lambda call, x: x)[0]


def in_blocks(pairs: list[Pair], size: int | None) -> list[list[Pair]]:
    """Return consecutive blocks of a size, the last perhaps shorter; None: one of them all."""
    step = size or max(len(pairs), 1)
    return [pairs[start : start + step] for start in range(0, len(pairs), step)]

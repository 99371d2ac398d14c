"""What codes stand for, read as the standards say."""

import math
import operator
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from .. import registry
from ..errors import FormatError
from ..families.base import Format
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LogarithmicFormat
from ..families.tapered import PositFormat, QuireFormat, TakumFormat
from ..params import Kind


class Datum(NamedTuple):
    """What a code stands for: a kind, a sign and, if finite, the exact magnitude.

    Examples
    --------
    >>> Datum(Kind.NORMAL, 1, Fraction(3, 2)).value
    Fraction(-3, 2)
    """

    kind: Kind
    sign: int
    magnitude: Fraction = Fraction(0)

    @property
    def finite(self) -> bool:
        """Whether this is a number."""
        return self.kind < Kind.INFINITY

    @property
    def value(self) -> Fraction:
        """The number, where it is one."""
        if not self.finite:
            raise FormatError(f"{self.kind.name} has no value")
        return -self.magnitude if self.sign else self.magnitude


Number: TypeAlias = Fraction | int | float | Datum


KnownFormat: TypeAlias = (
    FloatFormat
    | FixedFormat
    | PositFormat
    | TakumFormat
    | QuireFormat
    | CodebookFormat
    | LogarithmicFormat
)


def known(fmt: Format | str) -> KnownFormat:
    """Return a format that this specification covers."""
    entry = registry.get(fmt)
    if isinstance(entry, KnownFormat):
        return entry
    hint = "; see quantize_blocks" if entry.kind == "block" else ""
    raise FormatError(f"numfmt.exact encodes no formats of class {type(entry).__name__}{hint}")


def scaled(significand: int, exponent: int) -> Fraction:
    """Return significand * 2**exponent."""
    if exponent >= 0:
        return Fraction(significand << exponent)
    return Fraction(significand, 1 << -exponent)


def decode_fixed(code: int, fmt: FixedFormat) -> Datum:
    """Return what a fixed-point code stands for."""
    top = 1 << (fmt.bits - 1)
    sign, integer = 0, code
    if fmt.encoding is Encoding.SIGN_MAGNITUDE and code >= top:
        sign, integer = 1, code - top
    elif fmt.encoding in (Encoding.TWOS_COMPLEMENT, Encoding.NARROW) and code >= top:
        sign, integer = 1, (1 << fmt.bits) - code
    kind = Kind.NORMAL if integer else Kind.ZERO
    return Datum(kind, sign, scaled(integer, -fmt.fraction_bits))


def decode_float(code: int, fmt: FloatFormat) -> Datum:
    """Return what a float code stands for."""
    sign = code >> (fmt.bits - 1) if fmt.signed else 0
    magnitude = code - (sign << (fmt.bits - 1))
    special = _special_float(code, magnitude, fmt)
    if special is not None:
        return Datum(special, sign)
    exponent_field, trailing = divmod(magnitude, 1 << fmt.trailing_bits)
    if exponent_field == 0 and fmt.zero:
        if trailing == 0 or not fmt.subnormals:
            return Datum(Kind.ZERO, sign)
        return Datum(Kind.SUBNORMAL, sign, scaled(trailing, fmt.emin - fmt.trailing_bits))
    exponent = exponent_field - fmt.bias
    significand = trailing + (1 << fmt.trailing_bits)
    return Datum(Kind.NORMAL, sign, scaled(significand, exponent - fmt.trailing_bits))


def _special_float(code: int, magnitude: int, fmt: FloatFormat) -> Kind | None:
    """Return INFINITY or NAN where the style gives that meaning to the code."""
    ones = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        exponent_field, trailing = divmod(magnitude, 1 << fmt.trailing_bits)
        if exponent_field == (1 << fmt.exponent_bits) - 1:
            return Kind.NAN if trailing else Kind.INFINITY
    elif fmt.style is Style.FN:
        if magnitude == ones:
            return Kind.NAN
    elif fmt.style is Style.FNUZ:
        if code == 1 << (fmt.bits - 1):
            return Kind.NAN
    elif fmt.style in (Style.P3109_EXTENDED, Style.P3109_FINITE):
        extended = fmt.style is Style.P3109_EXTENDED
        if fmt.signed:
            if code == 1 << (fmt.bits - 1):
                return Kind.NAN
            if extended and magnitude == ones:
                return Kind.INFINITY
        elif code == ones:
            return Kind.NAN
        elif extended and code == ones - 1:
            return Kind.INFINITY
    return None


def datum(x: Number) -> Datum:
    """Return a number, or a float with its infinities, NaNs and signed zeros, as a `Datum`.

    Examples
    --------
    >>> datum(-0.0)
    Datum(kind=<Kind.ZERO: 0>, sign=1, magnitude=Fraction(0, 1))
    """
    if isinstance(x, Datum):
        return x
    if not isinstance(x, Fraction | int | float):
        try:
            x = operator.index(x) if hasattr(x, "__index__") else float(x)
        except (TypeError, ValueError):
            raise FormatError(f"{x!r} is no number; give a Fraction, int, float or Datum") from None
    if isinstance(x, float) and not math.isfinite(x):
        return Datum(Kind.NAN if math.isnan(x) else Kind.INFINITY, int(math.copysign(1, x) < 0))
    sign = int(math.copysign(1, x) < 0) if isinstance(x, float) else int(x < 0)
    magnitude = abs(Fraction(x))
    return Datum(Kind.NORMAL if magnitude else Kind.ZERO, sign, magnitude)


def has_infinity(fmt: FloatFormat | FixedFormat) -> bool:
    """Return whether the style gives a code to infinity."""
    return isinstance(fmt, FloatFormat) and fmt.style in (Style.IEEE, Style.P3109_EXTENDED)


def has_nan(fmt: FloatFormat | FixedFormat) -> bool:
    """Return whether the style gives a code to NaN."""
    if isinstance(fmt, FixedFormat) or fmt.style is Style.FINITE:
        return False
    return fmt.style is not Style.IEEE or fmt.trailing_bits > 0

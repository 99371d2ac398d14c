"""Posits, linear takums and the quire, read field by field and rounded as strings of bits."""

from fractions import Fraction

from ..errors import FormatError
from ..families.tapered import PositFormat, QuireFormat, TakumFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import Overflow, Rounding
from .data import Datum, scaled
from .rounding import Draw, floor_log2, goes_away, quotient

TaperedFormat = PositFormat | TakumFormat


def decode_tapered(code: int, fmt: TaperedFormat) -> Datum:
    """Return what a posit or takum code stands for."""
    if code == 0:
        return Datum(Kind.ZERO, 0)
    if code == 1 << (fmt.bits - 1):
        return Datum(Kind.NAN, 0)
    digits = f"{code:0{fmt.bits}b}"
    value = _posit(digits, fmt.es) if isinstance(fmt, PositFormat) else _takum(digits)
    return Datum(Kind.NORMAL, int(value < 0), abs(value))


def _posit(digits: str, es: int) -> Fraction:
    """Return ((1-3s) + f) * 2**((1-2s) * (r*2**es + e + s)): Posit Standard (2022), 3.3."""
    s = int(digits[0])
    body = digits[1:]
    run = len(body) - len(body.lstrip(body[0]))
    r = run - 1 if body[0] == "1" else -run
    rest = body[run + 1 :]
    e = int(rest[:es].ljust(es, "0") or "0", 2)
    fraction = rest[es:]
    f = Fraction(int(fraction or "0", 2), 1 << len(fraction))
    return ((1 - 3 * s) + f) * scaled(1, (1 - 2 * s) * ((r << es) + e + s))


def _takum(digits: str) -> Fraction:
    """Return ((1-3S) + m) * 2**e, e = (-1)**S * (c + S): arXiv 2404.18603, definitions 2 and 8."""
    s, c, m = takum_fields(digits)
    e = -(c + 1) if s else c
    return ((1 - 3 * s) + m) * scaled(1, e)


def takum_fields(digits: str) -> tuple[int, int, Fraction]:
    """Return (S, c, m) of a takum; bits that are missing on the right are 0."""
    s, d = int(digits[0]), int(digits[1])
    r = int(digits[2:5], 2) if d else 7 - int(digits[2:5], 2)
    characteristic = int(digits[5 : 5 + r].ljust(r, "0") or "0", 2)
    c = (1 << r) - 1 + characteristic if d else -(2 << r) + 1 + characteristic
    mantissa = digits[5 + r :]
    return s, c, Fraction(int(mantissa or "0", 2), 1 << len(mantissa))


def encode_tapered(
    source: Datum, fmt: TaperedFormat, rounding: Rounding, draw: Draw
) -> tuple[int, Flags]:
    """Return the code of a finite value, its string of bits cut and rounded."""
    if source.magnitude == 0:
        return 0, Flags(0)
    text, fraction = _string(source.magnitude, fmt)
    kept = fmt.bits - 1
    # The string as a number: `text` before the point, the fraction after it, cut after `kept`.
    number = (int(text, 2) + fraction) / scaled(1, len(text) - kept)
    k, rest, whole = quotient(number, 0)
    if goes_away(k % 2 == 0, rest, whole, source.sign, rounding, draw):
        k += 1
    k = min(max(k, 1), (1 << kept) - 1)
    code = (1 << fmt.bits) - k if source.sign else k
    return code, Flags(0)


def _string(x: Fraction, fmt: TaperedFormat) -> tuple[str, Fraction]:
    """Return the bits that spell x > 0 before its fraction (sign left out), and the fraction."""
    exponent = floor_log2(x)
    fraction = x / scaled(1, exponent) - 1
    if isinstance(fmt, PositFormat):
        limit = fmt.bits << fmt.es  # beyond, more of the same makes no difference
        exponent = min(max(exponent, -limit), limit)
        regime, e = exponent >> fmt.es, exponent % (1 << fmt.es)
        run = "1" * (regime + 1) + "0" if regime >= 0 else "0" * -regime + "1"
        return run + (f"{e:0{fmt.es}b}" if fmt.es else ""), fraction
    if exponent > 254:
        return "1" * (fmt.bits + 8), Fraction(0)
    if exponent < -255:
        return "0" * (fmt.bits + 8) + "1", Fraction(0)
    if exponent >= 0:
        r = (exponent + 1).bit_length() - 1
        rest = exponent - (1 << r) + 1
        head = f"1{r:03b}"
    else:
        r = (-exponent).bit_length() - 1
        rest = exponent + (2 << r) - 1
        head = f"0{7 - r:03b}"
    return head + (f"{rest:0{r}b}" if r else ""), fraction


def decode_quire(code: int, fmt: QuireFormat) -> Datum:
    """Return what a quire code stands for: Posit Standard (2022), 3.4."""
    top = 1 << (fmt.bits - 1)
    if code == top:
        return Datum(Kind.NAN, 0)
    integer = code - 2 * top if code > top else code
    kind = Kind.NORMAL if integer else Kind.ZERO
    return Datum(kind, int(integer < 0), scaled(abs(integer), -fmt.fraction_bits))


def encode_quire(
    source: Datum, fmt: QuireFormat, rounding: Rounding, draw: Draw, overflow: Overflow
) -> tuple[int, Flags]:
    """Return the code of a finite value; past the end it is NaR."""
    f, rest, whole = quotient(source.magnitude, -fmt.fraction_bits)
    f += goes_away(f % 2 == 0, rest, whole, source.sign, rounding, draw)
    top = (1 << (fmt.bits - 1)) - 1
    if f > top:
        if overflow is Overflow.RAISE:
            raise FormatError(f"the value is past the end of {fmt.name!r} (overflow='raise')")
        if overflow is Overflow.NAN:
            return top + 1, Flags(0)
        f = top
    return (-f if source.sign else f) % (1 << fmt.bits), Flags(0)

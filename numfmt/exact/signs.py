"""Operations on signs, and neighbours."""

from fractions import Fraction
from typing import Unpack

from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LnsFormat
from ..families.tapered import QuireFormat
from .data import KnownFormat, has_infinity, has_nan
from .logarithms import ladder_code
from .operands import Call, Extended, Formats, Operand, Options, p3109_style, settle
from .outcomes import finite_code as float_code
from .outcomes import fixed_code, largest, largest_integer
from .results import NO_FLAGS, Result, canonical, finish, nan_operand, without_minus_zero

SIGN_BIT = (Style.IEEE, Style.FN, Style.FINITE)


def neg(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of -x; options as in `add`.

    Examples
    --------
    >>> neg(0x7c01, "binary16"), neg(0x80, "int8")
    ((64513, <Flags: 0>), (127, <Flags.NX|OF: 5>))
    """
    call = settle(fmt, 1, options)
    x = call.read(a, 0)
    return _signed(call, a, x, 1 - x.x.sign)


def abs(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the magnitude of x; options as in `add`.

    Examples
    --------
    >>> abs(0xfc01, "binary16"), abs(0xc0, "posit8")
    ((31745, <Flags: 0>), (64, <Flags: 0>))
    """
    call = settle(fmt, 1, options)
    return _signed(call, a, call.read(a, 0), 0)


def copy_sign(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the magnitude of x with the sign of y.

    Options as in `add`.

    Examples
    --------
    >>> copy_sign(0x3c00, 0xfe00, "binary16"), copy_sign(0x41, 0x80, "Binary8p3se")
    ((48128, <Flags: 0>), (65, <Flags: 0>))
    """
    call = settle(fmt, 2, options)
    return _signed(call, a, call.read(a, 0), sign_of(call.read(b, 1), call.plus))


def sign_of(y: Operand, plus: bool) -> int:
    """Return the sign of a code; NaN and zero count as + where they have none."""
    if y.nan:
        return int(has_sign_bit(y.fmt) and not plus and y.x.sign)
    return int(y.x.sign and not (y.x.zero and plus))


def has_sign_bit(fmt: KnownFormat) -> bool:
    """Return whether a format is a float in which every code, NaNs too, has a sign."""
    return isinstance(fmt, FloatFormat) and fmt.signed and fmt.style in SIGN_BIT


def _signed(call: Call, a: int, operand: Operand, sign: int) -> Result:
    """Return the magnitude of an operand with a sign."""
    fmt, top = call.result, 1 << (call.result.bits - 1)
    if fmt.structure == operand.fmt.structure and has_sign_bit(fmt):
        return without_minus_zero(call, a % top + sign * top), NO_FLAGS
    if operand.nan:
        return nan_operand(call, [operand])
    x = operand.x
    value = x.real if x.sign == sign else -x.real
    return finish(call, Extended(x.kind, sign, value))


def next_up(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the least value above x; options as in `add`.

    Examples
    --------
    >>> next_up(0x7bff, "binary16"), next_up(0x8001, "binary16"), next_up(0x7f, "posit8")
    ((31744, <Flags: 0>), (32768, <Flags: 0>), (128, <Flags: 0>))
    """
    return _next(a, fmt, options, 1)


def next_down(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the greatest value below x; options as in `add`.

    Examples
    --------
    >>> next_down(0x0000, "binary16"), next_down(0x80, "int8"), next_down(0x80, "posit8")
    ((32769, <Flags: 0>), (128, <Flags: 0>), (127, <Flags: 0>))
    """
    return _next(a, fmt, options, -1)


def _next(a: int, fmt: Formats, options: Options, step: int) -> Result:
    call = settle(fmt, 1, options)
    operand = call.read(a, 0)
    entry = operand.fmt
    circular = entry.family in ("posit", "takum")
    if operand.nan and not circular:
        return nan_operand(call, [operand])
    code = (a + step) % (1 << entry.bits) if circular else _neighbour(a, operand, step)
    if code is None:
        return canonical(call, NO_FLAGS)
    if call.result.structure == entry.structure:
        return without_minus_zero(call, code), NO_FLAGS
    found = call._replace(flush_inputs=False).read(code, 0)
    return nan_operand(call, [found]) if found.nan else finish(call, found.x)


def _neighbour(a: int, operand: Operand, step: int) -> int | None:
    """Return the code of the next value, or None where that is NaN."""
    fmt, x = operand.fmt, operand.x
    if isinstance(fmt, FloatFormat):
        return _float_neighbour(a, x, fmt, step)
    if isinstance(fmt, FixedFormat):
        return _fixed_neighbour(x, fmt, step)
    if isinstance(fmt, CodebookFormat):
        return _codebook_neighbour(a, x, fmt, step)
    if isinstance(fmt, LnsFormat):
        return _lns_neighbour(a, x, fmt, step)
    assert isinstance(fmt, QuireFormat)
    raise fmt._refuse("a quire has no neighbours here")


def _float_neighbour(a: int, x: Extended, fmt: FloatFormat, step: int) -> int | None:
    top = 1 << (fmt.bits - 1)
    p3109 = p3109_style(fmt)
    last = float_code(largest(fmt), 0, fmt)
    least = 1 if fmt.subnormals or not fmt.zero else 1 << fmt.trailing_bits
    outward = int(step < 0)  # the sign on the side that the step goes to
    if x.zero:
        if outward and not fmt.signed:
            return None if has_nan(fmt) else a
        return least + outward * top
    magnitude = a % top if fmt.signed else a
    sign = x.sign * top
    if x.infinite:
        if x.sign != outward:
            return last + sign
        return None if p3109 else a
    if x.sign == outward:  # away from zero
        if magnitude < last:
            return magnitude + 1 + sign
        if has_infinity(fmt):
            return last + 1 + sign
        return None if has_nan(fmt) else a
    if magnitude > least or (not fmt.zero and magnitude):
        return magnitude - 1 + sign
    if not fmt.zero:
        return None
    return float_code(Fraction(0), x.sign, fmt)


def _fixed_neighbour(x: Extended, fmt: FixedFormat, step: int) -> int:
    exact = x.value.rational
    assert exact is not None
    integer = exact * Fraction(2) ** fmt.fraction_bits + step
    low, high = -largest_integer(1, fmt), largest_integer(0, fmt)
    found = min(max(int(integer), low), high)
    minus_zero = found == 0 and x.sign and not x.zero and fmt.encoding is Encoding.SIGN_MAGNITUDE
    return fixed_code(found if found > 0 else -found, int(found < 0 or minus_zero), fmt)


def _codebook_neighbour(a: int, x: Extended, fmt: CodebookFormat, step: int) -> int | None:
    points = list(zip(fmt.values, fmt.codes, strict=True))
    outward = int(step < 0)
    exact = x.value.rational
    assert exact is not None
    if x.infinite and x.sign == outward:
        return a
    if x.infinite:
        return fmt.codes[-1 if step < 0 else 0]
    beyond = [point for point in points if (point[0] - exact) * step > 0]
    if beyond:
        value, code = min(beyond) if step > 0 else max(beyond)
        minus_zero = value == 0 and step > 0 and fmt.negative_zero is not None
        return fmt.negative_zero if minus_zero else code
    if fmt.infinities:
        return fmt.infinities[outward]
    return None if fmt.nan is not None else fmt.codes[0 if outward else -1]


def _lns_neighbour(a: int, x: Extended, fmt: LnsFormat, step: int) -> int | None:
    half = 1 << (fmt.bits - 1)
    outward = int(step < 0)
    if x.zero:
        return ladder_code(0, outward, fmt)
    k = (a - ladder_code(0, x.sign, fmt)) % half  # the number of the magnitude, from 0
    k += 1 if x.sign == outward else -1
    if k < 0:
        return half >> 1
    return ladder_code(k, x.sign, fmt) if k <= half - 2 else None

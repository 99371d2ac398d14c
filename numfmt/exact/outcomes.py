"""The codes of results that are not in the format: past the end, infinite, NaN."""

import functools
from fractions import Fraction

from ..errors import FormatError
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat, Style
from ..rounding import Overflow, Rounding
from .data import decode_float, has_infinity, has_nan, scaled
from .rounding import NEAREST, STOCHASTIC, floor_log2


def largest_integer(sign: int, fmt: FixedFormat) -> int:
    """Return the largest integer of that sign."""
    if fmt.encoding is Encoding.UNSIGNED:
        return 0 if sign else (1 << fmt.bits) - 1
    extra = 1 if sign and fmt.encoding is Encoding.TWOS_COMPLEMENT else 0
    return (1 << (fmt.bits - 1)) - 1 + extra


def fixed_code(integer: int, sign: int, fmt: FixedFormat) -> int:
    """Return the code of an integer that the format has."""
    if fmt.encoding is Encoding.SIGN_MAGNITUDE:
        return integer + (sign << (fmt.bits - 1))
    return (-integer if sign else integer) % (1 << fmt.bits)


@functools.lru_cache(maxsize=4096)
def largest(fmt: FloatFormat) -> Fraction:
    """Return the largest finite value: the last code before the special ones."""
    code = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        code -= (1 << fmt.trailing_bits) - 1  # over the NaNs, to infinity
    while not (found := decode_float(code, fmt)).finite:
        code -= 1
    return found.magnitude


def finite_code(magnitude: Fraction, sign: int, fmt: FloatFormat) -> int:
    """Return the code of a value that the format has; what is below a zeroless one clamps."""
    if magnitude == 0:
        negative_zero = fmt.signed and fmt.style in (Style.IEEE, Style.FN, Style.FINITE)
        return sign << (fmt.bits - 1) if negative_zero else 0
    exponent = floor_log2(magnitude)
    if exponent < fmt.emin:
        field, significand = 0, magnitude / scaled(1, fmt.emin - fmt.trailing_bits)
    else:
        field = exponent + fmt.bias
        significand = magnitude / scaled(1, exponent - fmt.trailing_bits)
        significand -= 1 << fmt.trailing_bits
    return int(significand) + (field << fmt.trailing_bits) + (sign << (fmt.bits - 1))


def past_the_end(
    sign: int,
    fmt: FloatFormat | FixedFormat,
    rounding: Rounding,
    overflow: Overflow,
    nan: int | None,
) -> int:
    """Return the code of a finite value that rounds past the end of the format."""
    nearest_or_drawn = rounding in (*NEAREST, *STOCHASTIC)
    if overflow is Overflow.IEEE:
        outward = nearest_or_drawn or rounding is Rounding.AWAY_FROM_ZERO
        outward |= rounding is (Rounding.TOWARD_NEGATIVE if sign else Rounding.TOWARD_POSITIVE)
        if not outward:
            return _extreme(sign, fmt)
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.SAT_NONE:
        return _p3109_sat_none(sign, fmt, rounding, nan)
    if overflow in (Overflow.SATURATE, Overflow.SATURATE_PROPAGATE, Overflow.CLAMP_FINITE):
        return _extreme(sign, fmt)
    if overflow is Overflow.INFINITY:
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.NAN:
        return nan_code(sign, fmt, nan)
    raise FormatError(f"the value is past the end of {fmt.name!r} (overflow={overflow.value!r})")


def _p3109_sat_none(
    sign: int, fmt: FloatFormat | FixedFormat, rounding: Rounding, nan: int | None
) -> int:
    """Return what P3109 4.0, 4.7.5, table SatNone gives for a finite value out of range."""
    if not fmt.signed and sign:
        if rounding in (Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE):
            return 0
        return nan_code(sign, fmt, nan)
    if not has_infinity(fmt):
        return _extreme(sign, fmt)
    inward = Rounding.TOWARD_POSITIVE if sign else Rounding.TOWARD_NEGATIVE
    if rounding in (Rounding.TOWARD_ZERO, inward):
        return _extreme(sign, fmt)
    if rounding is Rounding.TO_ODD and not fmt.signed:
        return _extreme(sign, fmt)
    return _infinity_or_nan(sign, fmt, nan)


def _extreme(sign: int, fmt: FloatFormat | FixedFormat) -> int:
    if isinstance(fmt, FixedFormat):
        return fixed_code(largest_integer(sign, fmt), sign, fmt)
    if sign and not fmt.signed:
        return 0
    return finite_code(largest(fmt), sign, fmt)


def _infinity_or_nan(sign: int, fmt: FloatFormat | FixedFormat, nan: int | None) -> int:
    if not isinstance(fmt, FloatFormat) or not has_infinity(fmt):
        raise FormatError(f"{fmt.name!r} has no infinity")
    if sign and not fmt.signed:
        return nan_code(sign, fmt, nan)
    if fmt.style is Style.IEEE:
        return ((1 << fmt.exponent_bits) - 1) << fmt.trailing_bits | sign << (fmt.bits - 1)
    if fmt.signed:
        return (1 << (fmt.bits - 1)) - 1 | sign << (fmt.bits - 1)
    return (1 << fmt.bits) - 2


def encode_infinity(
    sign: int, fmt: FloatFormat | FixedFormat, overflow: Overflow, nan: int | None
) -> int:
    """Return the code of an infinite operand."""
    if overflow is Overflow.SATURATE:
        return _extreme(sign, fmt)
    if overflow is Overflow.NAN:
        return nan_code(sign, fmt, nan)
    if overflow is Overflow.WRAP:
        raise FormatError(f"infinity has no residue in {fmt.name!r}")
    if has_infinity(fmt) and (fmt.signed or not sign):
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.SATURATE_PROPAGATE:
        return _extreme(sign, fmt)
    if overflow is Overflow.SAT_NONE:
        return nan_code(sign, fmt, nan) if sign and not fmt.signed else _extreme(sign, fmt)
    if overflow is Overflow.CLAMP_FINITE or (
        overflow in (Overflow.IEEE, Overflow.INFINITY) and has_infinity(fmt)
    ):
        return nan_code(sign, fmt, nan)
    raise FormatError(f"{fmt.name!r} has no infinity (overflow={overflow.value!r})")


def nan_code(sign: int, fmt: FloatFormat | FixedFormat, nan: int | None) -> int:
    """Return the code that a NaN becomes: the caller's, or the canonical one of that sign."""
    if nan is not None:
        return nan
    if isinstance(fmt, FixedFormat) or not has_nan(fmt):
        raise FormatError(f"{fmt.name!r} has no NaN; choose the code that a NaN becomes with nan=")
    top = sign << (fmt.bits - 1) if fmt.signed else 0
    ones = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        field = (1 << fmt.exponent_bits) - 1
        return (field << fmt.trailing_bits) + (1 << (fmt.trailing_bits - 1)) + top
    if fmt.style is Style.FN:
        return ones + top
    return 1 << (fmt.bits - 1) if fmt.signed else ones

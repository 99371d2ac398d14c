"""Requantisation in rationals: what each scheme means, where the kernels have its shifts."""

import decimal
import math
from fractions import Fraction

from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import FixedFormat
from ..rounding import Rounding, choose
from .data import known
from .outcomes import fixed_code, largest_integer
from .rounding import Draw, goes_away, quotient

HALF = Fraction(1, 2)
_LARGEST_INT32 = (1 << 31) - 1


def requantize(
    accumulator: int,
    multiplier: int,
    shift: int,
    result: Format | str = "int8",
    *,
    scheme: str = "rounded",
    rounding: Rounding | str = "nearest_even",
    draw: Draw | None = None,
    input_zero_point: int = 0,
    zero_point: int = 0,
    clamp: tuple[int, int] | None = None,
) -> int:
    """Return the code of an accumulator that was scaled by multiplier / 2**shift.

    Parameters
    ----------
    accumulator, multiplier, shift : int
    result : FixedFormat or str
        A format of integers.
    scheme : str
        The name of a `numfmt.RequantizationScheme`.
    rounding : Rounding or str
        Of the scheme ``rounded``.
    draw : Draw, optional
        The random bits of a stochastic mode.
    input_zero_point, zero_point : int
    clamp : (int, int), optional

    Examples
    --------
    >>> requantize(-3, 1 << 30, 31, scheme="tflite_double"), requantize(-3, 1 << 30, 31)
    (255, 254)
    """
    target = known(result)
    if not isinstance(target, FixedFormat) or target.fraction_bits != 0:
        raise FormatError(f"{target.name!r} is no format of integers; give one such as 'int8'")
    x = accumulator - input_zero_point
    mode = choose(Rounding, rounding, "rounding")
    n = scaled_integer(x, multiplier, shift, scheme, mode, draw) + zero_point
    low, high = clamp or (-largest_integer(1, target), largest_integer(0, target))
    n = low if n < low else high if n > high else n
    return fixed_code(abs(n), int(n < 0), target)


def scaled_integer(
    x: int,
    multiplier: int,
    shift: int,
    scheme: str,
    rounding: Rounding = Rounding.NEAREST_EVEN,
    draw: Draw | None = None,
) -> int:
    """Return the integer that a scheme makes of x * multiplier / 2**shift.

    Examples
    --------
    >>> scaled_integer(5, 1 << 30, 32, "tflite_double"), scaled_integer(5, 1 << 30, 32, "half_up")
    (2, 1)
    """
    product = Fraction(x * multiplier, 1 << shift)
    if scheme == "rounded":
        return _rounded(product, rounding, draw)
    if scheme in ("nearest_even", "hawq_exact"):
        return round(product)
    if scheme == "hawq_float64":
        return round(Fraction(float(x * multiplier)) / (1 << shift))
    if scheme in ("half_up", "tflite_single", "tosa_32", "tosa_16"):
        return math.floor(product + HALF)
    if scheme == "tosa_32_double":
        more = Fraction(1 << 30, 1 << shift) if shift > 31 else 0
        return math.floor(product + HALF + (more if x >= 0 else -more))
    if scheme == "tflite_int64":
        cut = min(math.floor(Fraction(multiplier, 1 << 16) + HALF), (1 << 15) - 1)
        return math.floor(Fraction(x * cut, 1 << (shift - 16)) + HALF)
    if scheme == "tflite_double":
        first = x * multiplier * Fraction(2) ** (max(31 - shift, 0) - 31)
        high = min(math.floor(first + HALF), _LARGEST_INT32)
        size = math.floor(Fraction(abs(high), 1 << max(shift - 31, 0)) + HALF)
        return -size if high < 0 else size
    raise FormatError(f"scheme={scheme!r} is none of numfmt.RequantizationScheme")


def _rounded(product: Fraction, rounding: Rounding, draw: Draw | None) -> int:
    f, r, d = quotient(abs(product), 0)
    sign = int(product < 0)
    f += goes_away(f % 2 == 0, r, d, sign, rounding, draw or Draw())
    return -f if sign else f


def multiplier_of(scale: float, scheme: str, bits: int = 31) -> tuple[int, int]:
    """Return the multiplier and the shift of a scale, step by step as the code of a scheme does.

    Examples
    --------
    >>> multiplier_of(0.1, "hawq_exact"), multiplier_of(1 - 2**-40, "hawq_exact")
    ((1717986918, 34), (2147483648, 31))
    >>> multiplier_of(1 - 2**-40, "tflite_double")
    (1073741824, 30)
    """
    fraction, exponent = math.frexp(scale)
    exact = decimal.Context(prec=60).multiply(decimal.Decimal(fraction), decimal.Decimal(1 << bits))
    multiplier = int(exact.quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_UP))
    if scheme.startswith("hawq"):
        return multiplier, bits - exponent
    if multiplier == 1 << bits:
        multiplier //= 2
        exponent += 1
    if scheme.startswith("tflite"):
        if exponent < -31:
            return 0, 31
        if scheme == "tflite_single" and exponent > 30:
            return _LARGEST_INT32, 1
    shift = bits - exponent
    if scheme.startswith("tosa") and shift > 62:
        multiplier, shift = multiplier >> min(31, shift - 62), 62
    return multiplier, shift

"""Rounding modes as questions about the lost fraction."""

import math
from fractions import Fraction
from typing import NamedTuple

from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..rounding import Rounding, Tininess
from .data import scaled

NEAREST = (
    Rounding.NEAREST_EVEN,
    Rounding.NEAREST_AWAY,
    Rounding.NEAREST_ZERO,
    Rounding.NEAREST_UP,
    Rounding.NEAREST_DOWN,
)
DIRECTED = (
    Rounding.TOWARD_ZERO,
    Rounding.TOWARD_POSITIVE,
    Rounding.TOWARD_NEGATIVE,
    Rounding.AWAY_FROM_ZERO,
)
STOCHASTIC = (
    Rounding.STOCHASTIC_A,
    Rounding.STOCHASTIC_B,
    Rounding.STOCHASTIC_C,
    Rounding.STOCHASTIC_C_ODD,
)


class Draw(NamedTuple):
    """Random bits of one stochastic rounding: an integer below 2**bits."""

    random: int = 0
    bits: int = 8


def floor_log2(x: Fraction) -> int:
    """Return the exponent of the leading digit of x > 0."""
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    n, d = x.numerator, x.denominator
    below = n < d << exponent if exponent >= 0 else n << -exponent < d
    return exponent - below


def quotient(x: Fraction, quantum: int) -> tuple[int, int, int]:
    """Return f, r, d with x / 2**quantum = f + r/d and 0 <= r < d."""
    n, d = x.numerator, x.denominator
    if quantum >= 0:
        d <<= quantum
    else:
        n <<= -quantum
    return *divmod(n, d), d


def goes_away(f_is_even: bool, r: int, d: int, sign: int, rounding: Rounding, draw: Draw) -> bool:
    """Return whether magnitude f + r/d is rounded to f + 1 (IEEE 754-2019, 4.3; P3109, 4.7.4)."""
    if rounding is Rounding.JAM:
        return f_is_even
    if r == 0 or rounding is Rounding.TOWARD_ZERO:
        return False
    if rounding in STOCHASTIC:
        return drawn_away(r, d, rounding, draw)
    if rounding is Rounding.AWAY_FROM_ZERO:
        return True
    if rounding is Rounding.TOWARD_POSITIVE:
        return not sign
    if rounding is Rounding.TOWARD_NEGATIVE:
        return bool(sign)
    if rounding is Rounding.TO_ODD:
        return f_is_even
    if 2 * r != d:
        return 2 * r > d
    tie = {
        Rounding.NEAREST_EVEN: not f_is_even,
        Rounding.NEAREST_AWAY: True,
        Rounding.NEAREST_ZERO: False,
        Rounding.NEAREST_UP: not sign,
        Rounding.NEAREST_DOWN: bool(sign),
    }
    return tie[rounding]


def drawn_away(r: int, d: int, rounding: Rounding, draw: Draw) -> bool:
    """Return whether a fraction r/d is drawn to 1 (P3109, 4.7.4)."""
    whole = 1 << draw.bits
    if rounding is Rounding.STOCHASTIC_A:
        return r * whole // d + draw.random >= whole
    if rounding is Rounding.STOCHASTIC_B:
        return r * 2 * whole // d + 2 * draw.random + 1 >= 2 * whole
    fraction = Fraction(r * whole, d)
    nearest = math.floor(fraction)
    rest = fraction - nearest
    if rest > Fraction(1, 2):
        nearest += 1
    elif rest == Fraction(1, 2):
        wants_odd = rounding is Rounding.STOCHASTIC_C_ODD
        nearest += (nearest % 2 == 0) if wants_odd else (nearest % 2 == 1)
    return nearest + draw.random >= whole


def _code_parity_is_even(f: int, quantum: int, fmt: FloatFormat | FixedFormat) -> bool:
    """Return whether f * 2**quantum has an even code."""
    if isinstance(fmt, FixedFormat) or fmt.precision > 1:
        return f % 2 == 0
    if f == 0:
        return fmt.zero
    return (quantum + fmt.bias) % 2 == 0


def round_to_quantum(
    x: Fraction,
    sign: int,
    quantum: int,
    fmt: FloatFormat | FixedFormat,
    rounding: Rounding,
    draw: Draw,
) -> Fraction:
    """Return x >= 0 rounded to a multiple of 2**quantum; `sign` is that of the value."""
    f, r, d = quotient(x, quantum)
    even = _code_parity_is_even(f, quantum, fmt)
    if goes_away(even, r, d, sign, rounding, draw):
        f += 1
    return scaled(f, quantum)


def round_float(
    x: Fraction, sign: int, fmt: FloatFormat, rounding: Rounding, draw: Draw
) -> Fraction:
    """Return x >= 0 rounded with the exponent unbounded above."""
    if x == 0:
        quantum = fmt.emin - (fmt.trailing_bits if fmt.subnormals else 0)
        return round_to_quantum(x, sign, quantum, fmt, rounding, draw)
    exponent = floor_log2(x)
    if exponent >= fmt.emin or fmt.subnormals:
        quantum = max(exponent, fmt.emin) - fmt.trailing_bits
    else:
        quantum = fmt.emin
    return round_to_quantum(x, sign, quantum, fmt, rounding, draw)


def is_tiny(
    x: Fraction, sign: int, fmt: FloatFormat, rounding: Rounding, draw: Draw, tininess: Tininess
) -> bool:
    """Return whether a magnitude counts as tiny."""
    least = scaled(1, fmt.emin)
    if x == 0 or x >= least:
        return False
    if tininess is Tininess.BEFORE:
        return True
    quantum = floor_log2(x) - fmt.trailing_bits
    return round_to_quantum(x, sign, quantum, fmt, rounding, draw) < least

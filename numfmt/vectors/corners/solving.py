"""Operands of a wanted exact result: choose the result, then solve for what gives it."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from . import factors
from .base import Row
from .building import (
    Target,
    binades,
    draw_large,
    draw_magnitude,
    draw_odd,
    draw_sign,
    exactly,
    odd_part,
    pick,
    zero,
)
from .intermediate import COPIES
from .sources import draw_value, exponents, extent_in, extent_of, number_formats, row_of
from .sums import factor_codes, multiply_add, sum_of_three, sum_of_two

if TYPE_CHECKING:
    from ..spec import Spec

_NARROW = 10  # bits

Attempt = Callable[["Spec", Target, Stream], Row | None]


def rows(spec: "Spec", target: Target, stream: Stream, tries: int = 8) -> Iterator[Row]:
    """Yield rows whose exact result should be inside a target, at most `tries` of them."""
    attempt = _copy if spec.op in COPIES else _ATTEMPTS[spec.op]
    for _ in range(tries):
        found = attempt(spec, target, stream)
        if found is not None:
            yield found


def chance(spec: "Spec", stream: Stream, count: int = 256) -> Iterator[Row]:
    """Yield random rows, for what narrow formats have by chance; none of wide ones."""
    if all(fmt.bits <= _NARROW for fmt in spec.formats):
        for _ in range(count):
            yield _with_shift(spec, [stream.bits(fmt.bits) for fmt in spec.formats], stream)


def _with_shift(spec: "Spec", codes: list[int], stream: Stream) -> Row:
    """Return the row of some codes, and of scale_b with an n."""
    if spec.op == "scale_b":
        codes = [codes[0], stream.between(-40, 40) % (1 << 32)]
    return tuple(codes)


def large(spec: "Spec", sign: int, stream: Stream, count: int = 96) -> Iterator[Row]:
    """Yield rows of operands among the largest of their formats, and of random ones."""
    for _ in range(count):
        codes: list[int | None] = []
        for index, fmt in enumerate(spec.formats):
            if not isinstance(fmt, GridFormat) or stream.below(3) == 0:
                codes.append(stream.bits(fmt.bits))
                continue
            side = sign ^ (spec.op == "sub" and index == 1)
            if spec.op in ("mul", "fma", "div") and index < 2:
                side = stream.below(2) if index == 0 or spec.op == "fma" else side
            value = draw_large(fmt, side, stream)
            if stream.below(4) == 0:
                top = draw_magnitude(fmt, binades(fmt)[1], stream)
                value = value if top is None else top
            codes.append(exactly(fmt, -value if side else value))
        if all(code is not None for code in codes):
            yield _with_shift(spec, [code for code in codes if code is not None], stream)


def _copy(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return the operand of an operation that hands a value on."""
    fmt, *others = number_formats(spec)
    sign = target.sign
    if spec.op == "neg":
        sign = 1 - sign
    elif spec.op in ("abs", "copy_sign"):
        if spec.op == "abs" and sign:
            return None
        sign = draw_sign(fmt, stream)
    code = pick(fmt, target._replace(sign=sign), stream, spec.flush_inputs)
    if code is None or not others:
        return None if code is None else (code,)
    if target.sign and not others[0].signed_values:
        return None
    other = pick(others[0], Target(target.sign, Fraction(0), extent_of(others[0])), stream)
    return None if other is None else (code, other)


def _product(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return factors of a value, or a random factor and the other one near the quotient."""
    first, second = number_formats(spec)
    sign = draw_sign(first, stream)
    if target.exact:
        digits, exponent = odd_part(target.low)
        pairs = factors.pairs(digits, extent_in(first, spec).digits, extent_in(second, spec).digits)
        if not pairs:
            return None
        x, y = (Fraction(n) for n in pairs[stream.below(len(pairs))])
        x, y = (-x if sign else x), (-y if sign ^ target.sign else y)
        return row_of(*factor_codes(spec, x, y, exponent, stream))
    i = stream.below(2)
    given, solved = (first, second) if i == 0 else (second, first)
    low, high = binades(given, spec.flush_inputs)
    low2, high2 = binades(solved, spec.flush_inputs)
    top = floor_log2(target.high)
    low, high = max(low, top - high2 - 2), min(high, top - low2 + 1)
    magnitude = _draw(given, low, high, stream, spec.flush_inputs)
    if magnitude is None:
        return None
    sign = draw_sign(given, stream)
    x = -magnitude if sign else magnitude
    code = pick(solved, target.scaled(1 / x), stream, spec.flush_inputs)
    other = exactly(given, x, spec.flush_inputs)
    return row_of(other, code) if i == 0 else row_of(code, other)


def _draw(fmt: GridFormat, low: int, high: int, stream: Stream, flush: bool) -> Fraction | None:
    """Return a random value whose exponent is from low to high, both ends likely."""
    if low > high:
        return None
    choice = stream.below(4)
    exponent = low if choice == 0 else high if choice == 1 else stream.between(low, high)
    return draw_magnitude(fmt, exponent, stream, flush)


def _quotient(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return a random divisor and the dividend near its product with the wanted quotient."""
    first, second = number_formats(spec)
    flush = spec.flush_inputs
    low, high = binades(second, flush)
    low1, high1 = binades(first, flush)
    if target.exact:
        digits, exponent = odd_part(target.low)
        room = extent_in(first, spec).digits - digits.bit_length() + 1
        room = min(max(1, room), extent_in(second, spec).digits)
        y = draw_odd(stream.between(1, room), stream)
        low, high = exponents(second, y, flush)
        low1, high1 = exponents(first, digits * y, flush)
        low, high = max(low, low1 - exponent), min(high, high1 - exponent)
        if low > high:
            return None
        magnitude: Fraction | None = y * power_of_two(stream.between(low, high))
    elif stream.below(2):
        return _divisor(spec, target, stream)
    else:
        top = floor_log2(target.high)
        low, high = max(low, low1 - top - 1), min(high, high1 - top + 2)
        magnitude = _draw(second, low, high, stream, flush)
    if magnitude is None:
        return None
    divisor = -magnitude if draw_sign(second, stream) else magnitude
    dividend = pick(first, target.scaled(divisor), stream, flush)
    return row_of(dividend, exactly(second, divisor, flush))


def _divisor(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return a random dividend and a divisor that gives the wanted quotient."""
    first, second = number_formats(spec)
    low, high = binades(first, spec.flush_inputs)
    low2, high2 = binades(second, spec.flush_inputs)
    top = floor_log2(target.high)
    magnitude = _draw(first, max(low, low2 + top - 1), min(high, high2 + top + 1), stream, False)
    if magnitude is None:
        return None
    sign = draw_sign(first, stream)
    dividend = exactly(first, -magnitude if sign else magnitude, spec.flush_inputs)
    inverse = _inverse(target, 1 / power_of_two(top - 4)).scaled(magnitude)
    inverse = inverse._replace(sign=sign ^ target.sign)
    return row_of(dividend, pick(second, inverse, stream, spec.flush_inputs))


def _inverse(target: Target, largest: Fraction) -> Target:
    """Return the numbers whose reciprocals are in a target."""
    high = 2 * largest if target.low == 0 else 1 / target.low
    return Target(target.sign, 1 / target.high, high)


def preimage(spec: "Spec", target: Target) -> Target | None:
    """Return the operands of a monotone operation of one operand whose results are in a target."""
    sign, low, high = target
    fmt = number_formats(spec)[0]
    if spec.op in ("decode", "encode", "convert", "to_int", "from_int"):
        return target
    if spec.op == "neg":
        return target._replace(sign=1 - sign)
    if spec.op == "recip":
        return _inverse(target, extent_of(fmt))
    if sign:
        return None
    if spec.op == "sqrt":
        return Target(0, low * low, high * high)
    if spec.op == "rsqrt":
        return _inverse(Target(0, low * low, high * high), extent_of(fmt))
    return None


def _monotone(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    inside = preimage(spec, target)
    if inside is None:
        return None
    return row_of(pick(number_formats(spec)[0], inside, stream, spec.flush_inputs))


def root_near(x: Fraction) -> Fraction:
    """Return the square root of x >= 0, rounded down at some 200 digits."""
    if x <= 0:
        return Fraction(0)
    shift = 400 + 2 * abs(floor_log2(x))
    return Fraction(math.isqrt((x.numerator << shift) // x.denominator), 1 << (shift // 2))


def _hypotenuse(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return one leg at random, at most as long as the other, which is solved."""
    i = stream.below(2)
    given, solved = number_formats(spec)[i], number_formats(spec)[1 - i]
    if target.sign:
        return None
    low, high = binades(given, spec.flush_inputs)
    top = floor_log2(target.high)
    leg: Fraction | None = Fraction(0)
    if not target.exact and stream.below(8):
        within = max(low, top - stream.between(1, extent_in(solved, spec).digits + 2))
        leg = _draw(given, within, min(high, top), stream, spec.flush_inputs)
    if leg is None:
        return None
    bounds = [root_near(end * end - leg * leg) for end in (target.low, target.high)]
    if leg == 0:
        bounds = [target.low, target.high]
    side = Target(draw_sign(solved, stream), *bounds)
    code = pick(solved, side, stream, spec.flush_inputs)
    other = zero(given, 0) if leg == 0 else exactly(given, leg, spec.flush_inputs)
    return row_of(other, code) if i == 0 else row_of(code, other)


def _remainder(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return a divisor of more than twice the remainder, and a dividend some of it away."""
    first, second = number_formats(spec)
    value = draw_value(spec, target, stream)
    if stream.below(2):
        return _other_remainder(spec, value, stream)
    high = binades(second, spec.flush_inputs)[1]
    low = max(floor_log2(abs(value)) + 1, binades(second, spec.flush_inputs)[0])
    top = min(high, low + 1 + stream.below(4) * stream.below(8))
    divisor = _draw(second, low, top, stream, spec.flush_inputs)
    if divisor is None:
        return None
    shape = stream.below(8)
    if shape < 3:  # the least power of two that may leave so much
        divisor = power_of_two(floor_log2(abs(value)) + 2)
    elif shape < 6:
        divisor = power_of_two(floor_log2(divisor))
    dividend = exactly(first, value + stream.between(-2, 2) * divisor, spec.flush_inputs)
    return row_of(dividend, exactly(second, divisor, spec.flush_inputs))


def _other_remainder(spec: "Spec", value: Fraction, stream: Stream) -> Row | None:
    """Return a short dividend, and the divisor that leaves a value of it."""
    first, second = number_formats(spec)
    digits = stream.between(1, extent_in(first, spec).digits)
    top = floor_log2(abs(value)) + stream.between(1, 4)
    dividend = draw_odd(digits, stream) * power_of_two(top - digits + 1)
    n = (1, -1, 2, -2)[stream.below(4)]
    divisor = (dividend - value) / n
    return row_of(
        exactly(first, dividend, spec.flush_inputs), exactly(second, divisor, spec.flush_inputs)
    )


def _scaled(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    fmt = number_formats(spec)[0]
    low, high = binades(fmt, spec.flush_inputs)
    top = floor_log2(target.high)
    n = stream.between(top - high - 1, top - low + 1)
    code = pick(fmt, target.scaled(power_of_two(-n)), stream, spec.flush_inputs)
    return None if code is None else (code, n % (1 << 32))


_ATTEMPTS: dict[str, Attempt] = {
    "add": sum_of_two,
    "sub": sum_of_two,
    "faa": sum_of_three,
    "fma": multiply_add,
    "mul": _product,
    "div": _quotient,
    "recip": _monotone,
    "sqrt": _monotone,
    "rsqrt": _monotone,
    "hypot": _hypotenuse,
    "remainder": _remainder,
    "scale_b": _scaled,
}

"""Operands whose result has wanted low digits, or falls as near to a boundary as any does."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .base import Row
from .building import Target, draw_odd, draw_sign, exactly
from .reach import addends, digits, grids, significands, span, target_format
from .sources import exponents, row_of, widths
from .sums import addends_row, factor_codes, fused_row

if TYPE_CHECKING:
    from ..spec import Spec

SUMS = ("add", "sub", "faa", "fma")


class Ending(NamedTuple):
    """Low digits that a result is to have: `pattern`, `length` of them; `lost` are not kept."""

    pattern: int
    length: int
    lost: int


def split(
    spec: "Spec", x: int, y: int, lowest: int, highest: int, stream: Stream
) -> tuple[Fraction, Fraction] | None:
    """Return x * 2**i and y * 2**j as operands, i + j between `lowest` and `highest`."""
    first, second = grids(spec)[:2]
    low, high = exponents(first, x, spec.flush_inputs)
    low2, high2 = exponents(second, y, spec.flush_inputs)
    lowest, highest = max(lowest, low + low2), min(highest, high + high2)
    if lowest > highest:
        return None
    total = stream.between(lowest, highest)
    low, high = max(low, total - high2), min(high, total - low2)
    i = stream.between(low, high)
    return x * power_of_two(i), y * power_of_two(total - i)


def normal_exponents(fmt: GridFormat) -> tuple[int, int]:
    """Return the exponents of the last kept digit of the results in the normal range."""
    grid = fmt.grid
    return grid.emin - grid.t, max(grid.emin, floor_log2(fmt.largest)) - grid.t


def products(spec: "Spec", sign: int, ending: Ending, stream: Stream) -> Iterator[Row]:
    """Yield factors whose product has the ending, by the inverse of one modulo 2**length."""
    first, second = grids(spec)
    wide = digits(first, spec.flush_inputs), digits(second, spec.flush_inputs)
    end = target_format(spec)
    total = end.grid.t + 1 + ending.lost
    low, high = normal_exponents(end)
    for _ in range(48):
        least, most = max(1, total - wide[1]), min(wide[0], max(1, total - 1))
        if least > most:
            return
        width_x = stream.between(least, most)
        width_y = min(wide[1], total - width_x + stream.below(2))
        if width_y < 1:
            continue
        swap = width_x > width_y
        x = draw_odd(min(width_x, width_y), stream)
        wider = max(width_x, width_y)
        y = ending.pattern * pow(x, -1, 1 << ending.length) % (1 << ending.length)
        if wider > ending.length:
            y += draw_odd(wider - ending.length, stream) << ending.length
        if y == 0:
            continue
        x, y = (y, x) if swap else (x, y)
        parts = split(spec, x, y, low - ending.lost, high - ending.lost, stream)
        if parts is not None:
            yield from _signed(spec, sign, parts, stream)


def sums(spec: "Spec", sign: int, ending: Ending, stream: Stream) -> Iterator[Row]:
    """Yield a random addend above the ending, and one that is the ending or its complement."""
    grid, ends = target_format(spec).grid, addends(spec)
    wide = widths(spec)
    if spec.op == "fma":
        wide = [wide[0] + wide[1], wide[2]]
    top = floor_log2(target_format(spec).largest)
    room = grid.t + 1 - (ending.length - ending.lost)
    for _ in range(64 if ending.pattern and room > 0 else 0):
        i = stream.below(len(ends))
        j = (i + stream.between(1, len(ends) - 1)) % len(ends)
        low, high = max(grid.emin, ends[j][1] + ending.lost + grid.t), min(top, ends[i][0])
        if low > high:
            continue
        binade = (low, high, stream.between(low, high))[stream.below(3)]
        digits = stream.between(1, min(wide[i], room))
        head = draw_odd(digits, stream) * power_of_two(binade - digits + 1)
        tail = ending.pattern - (stream.below(2) << ending.length)
        parts = [Fraction(0)] * len(ends)
        parts[i], parts[j] = head, tail * power_of_two(binade - grid.t - ending.lost)
        parts = [-part if sign else part for part in parts]
        if spec.op == "fma":
            row = fused_row(spec, parts[0], parts[1], stream)
        else:
            row = addends_row(spec, parts, 0)
        if row is not None:
            yield row


def _signed(
    spec: "Spec", sign: int, parts: tuple[Fraction, Fraction], stream: Stream
) -> Iterator[Row]:
    first, second = grids(spec)[:2]
    flip = draw_sign(first, stream)
    codes = (
        exactly(first, -parts[0] if flip else parts[0], spec.flush_inputs),
        exactly(second, -parts[1] if flip ^ sign else parts[1], spec.flush_inputs),
    )
    if codes[0] is not None and codes[1] is not None:
        yield codes[0], codes[1]


def short_factors(spec: "Spec", target: Target, stream: Stream) -> Iterator[Row]:
    """Yield factors of a product inside a target, each significand of the shorter one tried."""
    first, second = (digits(fmt, spec.flush_inputs) for fmt in grids(spec))
    for x, y in significands(spec, target):
        sides = (Fraction(x), y) if first <= second else (y, Fraction(x))
        flip = draw_sign(grids(spec)[0], stream)
        sides = (-sides[0] if flip else sides[0], -sides[1] if flip ^ target.sign else sides[1])
        row = row_of(*factor_codes(spec, *sides, 0, stream))
        if row is not None:
            yield row


def quotients(spec: "Spec", sign: int, half: bool, above: bool, stream: Stream) -> Iterator[Row]:
    """Yield dividends x = (N * y +- r) / 2**L: quotients r/y next to N, half a digit or a whole."""
    first, second = grids(spec)
    wide = digits(first, spec.flush_inputs)
    end = target_format(spec)
    kept = end.grid.t + 1 + half
    for _ in range(48):
        y = draw_odd(min(wide, digits(second, spec.flush_inputs)), stream)
        r = (1 if half else stream.between(1, 2)) * (1 if above else -1)
        length = max(0, min(kept - 1, kept + y.bit_length() - wide - stream.below(2)))
        n = -r * pow(y, -1, 1 << length) % (1 << length) if length else 0
        n += draw_odd(kept - length, stream) << length
        x = n * y + r
        low, high = normal_exponents(end)
        yield from _divided(spec, sign, (x, y), (low - half, high - half), stream)


def _divided(
    spec: "Spec",
    sign: int,
    parts: tuple[int, int],
    exponent: tuple[int, int],
    stream: Stream,
) -> Iterator[Row]:
    first, second = grids(spec)
    twos = (parts[0] & -parts[0]).bit_length() - 1
    x, y = parts[0] >> twos, parts[1]
    low, high = exponents(first, x, spec.flush_inputs)
    low2, high2 = exponents(second, y, spec.flush_inputs)
    lowest, highest = max(exponent[0] + twos, low - high2), min(exponent[1] + twos, high - low2)
    if lowest > highest:
        return
    total = stream.between(lowest, highest)
    i = stream.between(max(low, low2 + total), min(high, high2 + total))
    yield from _signed(spec, sign, (x * power_of_two(i), y * power_of_two(i - total)), stream)


def _root_modulo(square: int, bits: int) -> int:
    """Return an n with n*n = square modulo 2**bits, for a square of 1 modulo 8."""
    n = 1
    for k in range(3, bits):
        if (n * n - square) >> k & 1:
            n += 1 << (k - 1)
    return n


def roots(spec: "Spec", half: bool, above: bool, stream: Stream) -> Iterator[Row]:
    """Yield x = (N*N +- r) / 2**L: roots about r / 2N from N, half a digit or a whole."""
    (fmt,) = grids(spec)
    end = target_format(spec)
    kept, wide = end.grid.t + 1 + half, digits(fmt, spec.flush_inputs)
    low, high = normal_exponents(end)
    for _ in range(48):
        even = 0 if half else stream.below(2)
        length = min(2 * kept - wide, kept) - 2 * even
        most = 2 if even else 8
        r = 1 - 8 * stream.between(1, most) if above else 1 + 8 * stream.between(0, most)
        n = _root_modulo(r % (1 << max(3, length)), max(3, length))
        if stream.below(2):
            n = -n
        modulus = 1 << max(1, length - 1)
        n = n % modulus + (draw_odd(max(1, kept - even - (length - 1)), stream) * modulus)
        x = (n * n - r) << (2 * even)
        twos = (x & -x).bit_length() - 1
        odd = x >> twos
        least, most = exponents(fmt, odd, spec.flush_inputs)
        first, last = max(2 * (low - half) + twos, least), min(2 * (high - half) + twos, most)
        first += (first - twos) & 1
        if first > last:
            continue
        i = first + 2 * stream.below((last - first) // 2 + 1)
        code = exactly(fmt, odd * power_of_two(i), spec.flush_inputs)
        if code is not None:
            yield (code,)


def triples(spec: "Spec", wanted: int, stream: Stream) -> Iterator[Row]:
    """Yield legs of right triangles whose hypotenuse ends, with `wanted` digits."""
    first, second = grids(spec)
    end = target_format(spec)
    lost = wanted - end.grid.t - 1
    low, high = normal_exponents(end)
    for _ in range(96):
        factor = (1, 3, 5, 7)[stream.below(4)]
        room = max(1, wanted - factor.bit_length() + stream.below(2))
        m = max(2, math.isqrt((1 << room - 1) + stream.bits(room - 1)))
        n = stream.between(1, m - 1) if stream.below(2) else m - 1
        n = max(1, n - ((m - n) % 2 == 0))
        legs = [factor * (m * m - n * n), factor * 2 * m * n]
        if stream.below(2):
            legs.reverse()
        top = min(high, floor_log2(span(spec).largest) - wanted + 1)
        if low - lost > top - lost:
            return
        unit = power_of_two(stream.between(low - lost, top - lost))
        codes = (
            exactly(first, legs[0] * unit, spec.flush_inputs),
            exactly(second, legs[1] * unit, spec.flush_inputs),
        )
        if codes[0] is not None and codes[1] is not None:
            yield codes[0], codes[1]

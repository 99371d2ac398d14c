"""Addends, and factors with an addend, of a wanted exact result."""

from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.grid import floor_log2, power_of_two
from ..streams import Stream
from . import factors
from .base import Row
from .building import Target, binades, draw_large, draw_odd, draw_sign, exactly, odd_part
from .sources import draw_value, exponents, extent_in, number_formats, row_of, widths

if TYPE_CHECKING:
    from ..spec import Spec


def _part(value: Fraction, stream: Stream) -> Fraction:
    """Return a signed value, a simple part of it, or a little more."""
    return value * (16, 16, 8, stream.between(1, 24))[stream.below(4)] / 16


def _cut(value: Fraction, stream: Stream, wide: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """Return two addends of a value, of so many digits if it can be: the upper and the lower."""
    if value == 0:
        return value, value
    low, top = odd_part(abs(value))[1], floor_log2(abs(value))
    first, last = max(low, top - wide[0] + 1), min(top + 2, low + wide[1])
    if first > last or stream.below(4) == 0:
        first, last = (low, top + 2) if stream.below(2) else (top - min(wide) + 1, top + 1)
    step = power_of_two(stream.between(first, last))
    head = (_part(value, stream) // step + stream.between(-1, 1)) * step
    return head, value - head


def sum_of_two(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return addends: the upper digits of a value and the lower ones, in either order."""
    start = stream.below(2)
    value = draw_value(spec, target, stream)
    if stream.below(8) == 0:
        return addends_row(spec, [value, Fraction(0)], start)
    return addends_row(spec, _parted(spec, value, (start, 1 - start), stream), start)


def _parted(spec: "Spec", value: Fraction, of: tuple[int, int], stream: Stream) -> list[Fraction]:
    """Return two addends of a value, the first for operand `of[0]`: maybe as large as it has."""
    if stream.below(4) == 0:
        sign = int(value < 0)
        large = draw_large(number_formats(spec)[of[0]], sign, stream)
        return [-large if sign else large, value + (large if sign else -large)]
    if value and stream.below(4) == 0:
        return _difference(spec, value, stream)
    wide = widths(spec)
    return list(_cut(value, stream, (wide[of[0]], wide[of[1]])))


def _difference(spec: "Spec", value: Fraction, stream: Stream) -> list[Fraction]:
    """Return two addends of opposite signs, both about as large as the value or larger."""
    digits = (1, 1, 2, 4)[stream.below(4)]
    least = min(binades(fmt, spec.flush_inputs)[0] for fmt in number_formats(spec))
    top = max(floor_log2(abs(value)), least) + (0, 0, 1, 2)[stream.below(4)]
    more = draw_odd(digits, stream) * power_of_two(top - digits + 1)
    parts = [value + more, -more] if value > 0 else [value - more, more]
    return parts[::-1] if stream.below(2) else parts


def addends_row(spec: "Spec", addends: list[Fraction], start: int) -> Row | None:
    """Return the row of some addends, the first of them for operand number `start`."""
    addends = addends[len(addends) - start :] + addends[: len(addends) - start]
    if spec.op == "sub":
        addends[1] = -addends[1]
    codes = [
        exactly(fmt, x, spec.flush_inputs)
        for fmt, x in zip(number_formats(spec), addends, strict=True)
    ]
    return row_of(*codes)


def sum_of_three(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return three addends: two as of `sum_of_two` and a further part, or zeros."""
    start = stream.below(3)
    x, y, z = (start, (start + 1) % 3, (start + 2) % 3)
    value = draw_value(spec, target, stream)
    some = stream.below(8)
    if some == 0:
        return addends_row(spec, [value, Fraction(0), Fraction(0)], start)
    if some < 4:
        return addends_row(spec, [*_parted(spec, value, (x, y), stream), Fraction(0)], start)
    if stream.below(3) == 0:
        first, rest = _parted(spec, value, (x, y), stream)
        return addends_row(spec, [first, *_parted(spec, rest, (y, z), stream)], start)
    wide = widths(spec)
    head, tail = _cut(value, stream, (wide[x] + wide[y], wide[z]))
    return addends_row(spec, [*_parted(spec, head, (x, y), stream), tail], start)


def factor_codes(
    spec: "Spec", x: Fraction, y: Fraction, exponent: int, stream: Stream
) -> tuple[int | None, int | None]:
    """Return the codes of x * 2**i and y * 2**(exponent - i) for some i."""
    first, second = number_formats(spec)[:2]
    flush = spec.flush_inputs
    if x == 0 or y == 0:
        return exactly(first, x, flush), exactly(second, y, flush)
    mx, ex = odd_part(abs(x))
    my, ey = odd_part(abs(y))
    low, high = exponents(first, mx, flush)
    low2, high2 = exponents(second, my, flush)
    total = exponent + ex + ey
    low, high = max(low, total - high2), min(high, total - low2)
    if low > high:
        return None, None
    i = stream.between(low, high) if stream.below(4) else (low, high)[stream.below(2)]
    return (
        exactly(first, (-mx if x < 0 else mx) * power_of_two(i), flush),
        exactly(second, (-my if y < 0 else my) * power_of_two(total - i), flush),
    )


def multiply_add(spec: "Spec", target: Target, stream: Stream) -> Row | None:
    """Return factors whose product has the low digits of a value, and the addend that is left."""
    value = draw_value(spec, target, stream)
    if stream.below(8) == 0:
        return fused_row(spec, value, Fraction(0), stream)
    if stream.below(2):
        return _simple_fma(spec, value, stream)
    x_fmt, y_fmt, z_fmt = number_formats(spec)
    digits, low = odd_part(abs(value))
    wanted = -digits if value < 0 else digits
    if stream.below(3) == 0:  # here the addend has the low digits
        low += stream.below(floor_log2(abs(value)) - low + 3)
        wanted = 0
    x = draw_odd(stream.between(1, extent_in(x_fmt, spec).digits), stream)
    most = min(extent_in(y_fmt, spec).digits, floor_log2(abs(value)) - low + 2)
    kept = stream.between(0, max(0, most)) if wanted else 0
    y = wanted * pow(x, -1, 1 << kept) % (1 << kept) if kept else 0
    part = (Fraction(0), value)[stream.below(2)]
    y += round((_part(part, stream) / power_of_two(low) / x - y) / (1 << kept)) << kept
    if stream.below(2) and x_fmt.signed_values:
        x, y = -x, -y
    codes = factor_codes(spec, Fraction(x), Fraction(y), low, stream)
    return row_of(*codes, exactly(z_fmt, value - x * y * power_of_two(low), spec.flush_inputs))


def _simple_fma(spec: "Spec", value: Fraction, stream: Stream) -> Row | None:
    """Return an addend with the upper or the lower digits, and factors of what is left."""
    wide = widths(spec)
    swap = stream.below(2)
    if stream.below(4) == 0:
        sign = int(value < 0)
        large = draw_large(number_formats(spec)[2], sign, stream)
        addend = -large if sign else large
        return fused_row(spec, value - addend, addend, stream)
    both = (wide[0] + wide[1], wide[2])
    parts = _cut(value, stream, both if swap else both[::-1])
    product, addend = parts if swap else parts[::-1]
    return fused_row(spec, product, addend, stream)


def fused_row(spec: "Spec", product: Fraction, addend: Fraction, stream: Stream) -> Row | None:
    """Return factors of a product and an addend."""
    wide = widths(spec)
    code = exactly(number_formats(spec)[2], addend, spec.flush_inputs)
    if code is None or product == 0:
        return None
    digits, exponent = odd_part(abs(product))
    pairs = factors.pairs(digits, wide[0], wide[1])
    if not pairs:
        return None
    x, y = (Fraction(n) for n in pairs[stream.below(len(pairs))])
    flip = draw_sign(number_formats(spec)[0], stream)
    x, y = (-x if flip else x), (-y if flip ^ (product < 0) else y)
    return row_of(*factor_codes(spec, x, y, exponent, stream), code)

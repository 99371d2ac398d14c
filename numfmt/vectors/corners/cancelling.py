"""Two addends, or a product and an addend, of which leading digits cancel."""

from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.grid import GridFormat, power_of_two
from ..streams import Stream
from .base import Row
from .building import binades, draw_magnitude, draw_odd, draw_sign, exactly, pick_signed, zero
from .reach import digits, grids
from .sources import exponents

if TYPE_CHECKING:
    from ..spec import Spec


ALL = 1 << 10  # digits  # digits: the whole sum


def first_side(
    spec: "Spec", binade: int, stream: Stream
) -> tuple[tuple[int, ...], Fraction] | None:
    """Return the codes and the value of a first addend with that exponent, or next to it."""
    first, second = grids(spec)[:2]
    flush = spec.flush_inputs
    if spec.op != "fma":
        magnitude = draw_magnitude(first, binade, stream, flush)
        return None if magnitude is None else _coded(spec, (magnitude,), stream)
    low, high = binades(first, flush)
    low2, high2 = binades(second, flush)
    carry = stream.below(2)
    low, high = max(low, binade - carry - high2), min(high, binade - carry - low2)
    if low > high:
        return None
    at = stream.between(low, high)
    if stream.below(4) == 0:
        return _coded(spec, (power_of_two(at), power_of_two(binade - carry - at)), stream)
    x = draw_magnitude(first, at, stream, flush)
    y = draw_magnitude(second, binade - carry - at, stream, flush)
    return None if x is None or y is None else _coded(spec, (x, y), stream)


def _coded(
    spec: "Spec", magnitudes: tuple[Fraction, ...], stream: Stream
) -> tuple[tuple[int, ...], Fraction] | None:
    codes, value = [], Fraction(1)
    for fmt, magnitude in zip(grids(spec), magnitudes, strict=False):
        side = -magnitude if draw_sign(fmt, stream) else magnitude
        code = exactly(fmt, side, spec.flush_inputs)
        if code is None:
            return None
        codes.append(code)
        value *= side
    return tuple(codes), value


def completed(spec: "Spec", codes: tuple[int, ...], last: int | None) -> Row | None:
    """Return the row of a first addend and a second one; the third of faa is zero."""
    if last is None:
        return None
    if spec.op != "faa":
        return (*codes, last)
    third = zero(grids(spec)[2], 0)
    return (*codes, last, grids(spec)[2].largest_code(0) if third is None else third)


def cancelled(spec: "Spec", top: int, lost: int, stream: Stream) -> Row | None:
    """Return an addend near a power of two and one in the interval that leaves the wanted sum."""
    second = grids(spec)[2 if spec.op == "fma" else 1]
    found = first_side(spec, top - stream.below(2) * (lost > 0), stream)
    if found is None:
        return None
    left = _left(top, lost, found[1] < 0, stream)
    ends = sorted(end - found[1] for end in left)
    if spec.op == "sub":
        ends = sorted(-end for end in ends)
    code = _picked(second, ends, lost, spec, stream)
    return completed(spec, found[0], code)


def _left(top: int, lost: int, negative: bool, stream: Stream) -> tuple[Fraction, Fraction]:
    """Return signed ends of the results that are wanted."""
    unit = power_of_two(top - lost) if lost < ALL else Fraction(0)
    if negative ^ (stream.below(2) & (lost >= 0)):
        unit = -unit
    if stream.below(4) == 0:
        return unit, unit
    return unit * Fraction(3, 4), unit * 2


def _picked(
    fmt: GridFormat, ends: list[Fraction], lost: int, spec: "Spec", stream: Stream
) -> int | None:
    if ends[0] < 0 < ends[1] and lost < 0:
        return None
    if ends[0] == ends[1]:
        return exactly(fmt, ends[0], spec.flush_inputs)
    return pick_signed(fmt, ends[0], ends[1], stream, spec.flush_inputs)


def cancelled_first(spec: "Spec", top: int, lost: int, stream: Stream) -> Row | None:
    """Return the same with the second addend given, and the first one or a factor of it solved."""
    formats, flush = grids(spec), spec.flush_inputs
    last = formats[2 if spec.op == "fma" else 1]
    magnitude = draw_magnitude(last, top - stream.below(2) * (lost > 0), stream, flush)
    if magnitude is None:
        return None
    value = -magnitude if draw_sign(last, stream) else magnitude
    code = exactly(last, value, flush)
    value = -value if spec.op == "sub" else value
    ends = [end - value for end in _left(top, lost, value < 0, stream)]
    if spec.op != "fma":
        first = _picked(formats[0], sorted(ends), lost, spec, stream)
        return None if first is None else completed(spec, (first,), code)
    low, high = binades(formats[0], flush)
    low2, high2 = binades(formats[1], flush)
    low, high = max(low, top - 1 - high2), min(high, top - low2)
    factor = draw_magnitude(formats[0], stream.between(low, max(low, high)), stream, flush)
    if factor is None:
        return None
    solved = _picked(formats[1], sorted(end / factor for end in ends), lost, spec, stream)
    given = exactly(formats[0], factor, flush)
    if given is None or solved is None or code is None:
        return None
    return given, solved, code


def cancelled_product(spec: "Spec", top: int, lost: int, stream: Stream) -> Row | None:
    """Return factors whose product ends in a small number below the digits of the addend."""
    first, second, third = grids(spec)
    wide = [digits(fmt, spec.flush_inputs) for fmt in (first, second, third)]
    whole = wide[0] + wide[1] - stream.below(2)
    length = max(0, min(whole - wide[2], wide[1]))
    if whole <= lost:
        return None
    rest = draw_odd(whole - lost, stream) if whole - lost <= length else 1
    rest = -rest if stream.below(2) else rest
    x = draw_odd(wide[0], stream)
    if stream.below(4) == 0:
        x = (1 << wide[0]) - 1
    y = rest * pow(x, -1, 1 << length) % (1 << length)
    if wide[1] > length:
        y += draw_odd(wide[1] - length, stream) << length
    if y == 0:
        return None
    lowest = top - (x * y).bit_length() + 1
    low, high = exponents(first, x, spec.flush_inputs)
    low2, high2 = exponents(second, y, spec.flush_inputs)
    low, high = max(low, lowest - high2), min(high, lowest - low2)
    if low > high:
        return None
    i = stream.between(low, high)
    parts = (x * power_of_two(i), y * power_of_two(lowest - i))
    found = _coded(spec, parts, stream)
    if found is None:
        return None
    left = rest * power_of_two(lowest) * (-1 if found[1] < 0 else 1)
    return completed(spec, found[0], exactly(third, left - found[1], spec.flush_inputs))

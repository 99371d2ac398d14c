"""Corner classes of operations that compare: signs, exponents and significands of both sides."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.grid import GridFormat, floor_log2
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import binades, draw_magnitude, draw_sign, exactly, extent, signs
from .intermediate import COMPARISONS, EXTREMA, Operand, operands, uniform

if TYPE_CHECKING:
    from ..spec import Spec

_TRIES = 64
_SIGNS = "+-"
_ORDERS = "<=>"
_CLAMPS = (
    "a < b < c",
    "a = b < c",
    "b < a < c",
    "b < a = c",
    "b < c < a",
    "a = b = c",
    "a < b = c",
    "b = c < a",
    "c < b",
)


def _grids(spec: "Spec") -> tuple[GridFormat, ...]:
    return tuple(fmt for fmt in spec.formats if isinstance(fmt, GridFormat))


def _numbers(spec: "Spec") -> bool:
    return all(uniform(fmt) and extent(fmt, 0, bool(spec.flush_inputs)) for fmt in spec.formats)


def _applies(spec: "Spec") -> bool:
    """Return whether both operands are floats, or fixed point of one format."""
    if spec.op not in COMPARISONS | EXTREMA or not _numbers(spec):
        return False
    return _alike(spec)


def _alike(spec: "Spec") -> bool:
    """Return whether the operands are floats of 2 digits or more, or all of one format."""
    first, *others = _grids(spec)
    if all(fmt.structure == first.structure for fmt in others):
        return True
    return all(fmt.family == "float" and fmt.grid.t > 0 for fmt in (first, *others))


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    first, second = _grids(spec)
    fields = tuple(
        f"a {_SIGNS[i]}, b {_SIGNS[j]}: exponent {e}, significand {s}"
        for i, j in itertools.product(signs(first), signs(second))
        for e, s in itertools.product(_ORDERS, _ORDERS)
    )
    if first.structure != second.structure:
        return fields
    steps = tuple(
        f"{_SIGNS[i]} a next {side} b" for i in signs(first) for side in ("above", "below")
    )
    return fields + steps


def _order(x: int | Fraction, y: int | Fraction) -> str:
    return _ORDERS[(x > y) - (x < y) + 1]


def _aligned(x: Operand, y: Operand) -> tuple[int, int]:
    """Return the significands of two numbers with the leading digits in one place."""
    lengths = x.digits.bit_length(), y.digits.bit_length()
    return x.digits << max(0, lengths[1] - lengths[0]), y.digits << max(0, lengths[0] - lengths[1])


def _hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    x, y = operands(spec, row)
    if not (x.finite and y.finite and x.digits and y.digits):
        return ()
    found = [
        f"a {_SIGNS[x.sign]}, b {_SIGNS[y.sign]}: exponent {_order(x.binade, y.binade)}, "
        f"significand {_order(*_aligned(x, y))}"
    ]
    first, second = _grids(spec)
    if x.sign == y.sign and first.structure == second.structure:
        difference = _ordinal(first, row[0]) - _ordinal(second, row[1])
        if abs(difference) == 1:
            found.append(f"{_SIGNS[x.sign]} a next {'above' if difference > 0 else 'below'} b")
    return tuple(found)


def _ordinal(fmt: GridFormat, code: int | tuple[int, ...]) -> int:
    """Return the ordinal of the magnitude of a finite code."""
    assert isinstance(code, int)
    grid = fmt.grid
    negative = grid.signed and code >> (grid.bits - 1)
    if negative and grid.twos:
        return (1 << grid.bits) - code
    return (code & ((1 << (grid.bits - grid.signed)) - 1)) + grid.first


def _solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    if "next" in wanted:
        yield from _neighbours(spec, wanted, stream)
        return
    first, second = _grids(spec)
    flush = bool(spec.flush_inputs)
    i, j = _SIGNS.index(wanted[2]), _SIGNS.index(wanted[7])
    order = _ORDERS.index(wanted.split("exponent ")[1][0]) - 1
    same = wanted.endswith("=")
    low, high = binades(first, flush)
    low2, high2 = binades(second, flush)
    for _ in range(_TRIES):
        common = max(low, low2), min(high, high2)
        if order == 0 and common[0] > common[1]:
            return
        low_y = (
            stream.between(*common)
            if order == 0
            else stream.between(max(low2, min(low - 9, high2)), min(high2, max(high + 9, low2)))
        )
        x_binade = low_y + order * (1 + stream.below(3) * stream.below(8))
        if not low <= x_binade <= high:
            continue
        x = draw_magnitude(first, x_binade, stream, flush)
        y = draw_magnitude(second, low_y, stream, flush)
        if x is None or y is None:
            continue
        if same:
            y = x * Fraction(2) ** (low_y - floor_log2(x))
            if stream.below(2):
                x, y = Fraction(2) ** x_binade, Fraction(2) ** low_y
        codes = exactly(first, -x if i else x, flush), exactly(second, -y if j else y, flush)
        if codes[0] is not None and codes[1] is not None:
            yield codes[0], codes[1]


def _neighbours(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    fmt = _grids(spec)[0]
    sign = _SIGNS.index(wanted[0])
    found = extent(fmt, sign, bool(spec.flush_inputs))
    if found is None:
        return
    for _ in range(_TRIES if found.greatest > found.least else 0):
        k = stream.between(found.least, found.greatest - 1)
        pair = fmt.code_of_ordinal(k + 1, sign), fmt.code_of_ordinal(k, sign)
        yield pair if "above" in wanted else pair[::-1]


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    first, second = _grids(spec)
    if "next" in wanted:
        found = extent(first, _SIGNS.index(wanted[0]), bool(spec.flush_inputs))
        return "there is one magnitude" if found and found.least == found.greatest else None
    significand, exponent = wanted[-1], wanted.split("exponent ")[1][0]
    flush = bool(spec.flush_inputs)
    if significand != "=" and first.grid.t == 0 and second.grid.t == 0:
        return "all significands are 1"
    if (significand == "<" and second.grid.t == 0) or (significand == ">" and first.grid.t == 0):
        return "the significand of one side is always 1, the least there is"
    low, high = binades(first, flush)
    low2, high2 = binades(second, flush)
    if (exponent == "<" and low >= high2) or (exponent == ">" and high <= low2):
        return "the exponents of the two formats do not reach this"
    if exponent == "=" and (low > high2 or high < low2):
        return "the formats have no exponent in common"
    return None


def _clamp_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    x = operands(spec, row)
    if not all(side.finite for side in x):
        return ()
    low = min(side.exponent for side in x)
    a, b, c = (side.signed << (side.exponent - low) for side in x)
    if c < b:
        return ("c < b",)
    if b == c:
        return ("a = b = c" if a == b else "a < b = c" if a < b else "b = c < a",)
    middle = "b < a < c" if b < a < c else "a = b < c" if a == b else "b < a = c"
    return ("a < b < c" if a < b else "b < c < a" if a > c else middle,)


def _solve_clamp(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    formats, flush = _grids(spec), bool(spec.flush_inputs)
    for _ in range(_TRIES):
        common = max(binades(fmt, flush)[0] for fmt in formats)
        top = min(binades(fmt, flush)[1] for fmt in formats)
        values = []
        for fmt in formats:
            value = draw_magnitude(fmt, stream.between(min(common, top), top), stream, flush)
            values.append(-value if value and draw_sign(fmt, stream) else value or Fraction(0))
        if "=" in wanted:
            power = Fraction(2) ** stream.between(min(common, top), top)
            sides = {"a = b < c": "ab", "b < a = c": "ac", "a = b = c": "abc"}.get(wanted, "bc")
            for name in sides:
                values["abc".index(name)] = power
        codes = [exactly(fmt, value, flush) for fmt, value in zip(formats, values, strict=True)]
        if all(code is not None for code in codes):
            yield tuple(code for code in codes if code is not None)


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="relations",
        models="B19",
        text="both operands by signs, order of exponents and order of significands; neighbours",
        applies=_applies,
        bins=_bins,
        solve=_solve,
        hits=_hits,
        unreachable=_unreachable,
    ),
    CornerClass(
        name="clamp_order",
        models="B19",
        text="the order of the value and both ends of a clamp",
        applies=lambda spec: spec.op == "clamp" and _numbers(spec) and _alike(spec),
        bins=lambda spec: _CLAMPS,
        solve=_solve_clamp,
        hits=_clamp_hits,
    ),
)

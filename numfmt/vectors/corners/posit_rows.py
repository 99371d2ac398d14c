"""Exact results of operations on codes of any format, and rows that have a wanted one."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ... import exact
from ...families.grid import floor_log2, power_of_two
from ...families.tapered import TAKUM_PREFIX, TaperedFormat
from ..streams import Stream
from .base import Row
from .building import odd_part
from .code_values import exact_code, reach

if TYPE_CHECKING:
    from ..spec import Spec

_ROOT_BITS = 400  # of a square root that never ends: more than any tie has


def _quotient(x: Fraction, y: Fraction) -> Fraction | None:
    return x / y if y else None


def _root(x: Fraction) -> Fraction | None:
    """Return the root, of irrational ones so many digits that no tie lies between."""
    if x < 0:
        return None
    scaled = x.numerator * x.denominator
    shift = 0 if math.isqrt(scaled) ** 2 == scaled else _ROOT_BITS
    return Fraction(math.isqrt(scaled << 2 * shift), x.denominator << shift)


_RULES: dict[str, Callable[..., Fraction | None]] = {
    **{op: lambda x: x for op in ("decode", "encode", "convert")},
    "neg": lambda x: -x,
    "abs": abs,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": _quotient,
    "fma": lambda x, y, z: x * y + z,
    "faa": lambda x, y, z: x + y + z,
    "recip": lambda x: _quotient(Fraction(1), x),
    "sqrt": _root,
}
SOLVED = frozenset(_RULES)


def exact_value(spec: "Spec", row: Row) -> Fraction | None:
    """Return the exact result of a row; None where it is no number."""
    data = [
        exact.decode(x, f) for x, f in zip(row, spec.formats, strict=True) if isinstance(x, int)
    ]
    if not all(x.finite for x in data):
        return None
    return _RULES[spec.op](*(x.value for x in data))


def result_range(spec: "Spec") -> tuple[Fraction, Fraction]:
    """Return bounds of the magnitudes of exact results that are not zero."""
    low = [Fraction(f.smallest) for f in spec.formats]
    high = [reach(f) for f in spec.formats]
    if spec.op in ("add", "sub", "faa"):
        return min(_quantum(f) for f in spec.formats), sum(high, Fraction(0))
    if spec.op == "fma":
        return Fraction(1, 1 << 4096), high[0] * high[1] + high[2]
    if spec.op == "mul":
        return low[0] * low[1], high[0] * high[1]
    if spec.op == "div":
        return low[0] / high[1], high[0] / low[1]
    if spec.op == "recip":
        return 1 / high[0], 1 / low[0]
    if spec.op == "sqrt":
        return _root(low[0]) or low[0], _root(high[0]) or high[0]
    return low[0], high[0]


def _quantum(fmt: Any) -> Fraction:
    """Return a power of two that all values are multiples of."""
    if not isinstance(fmt, TaperedFormat):
        return Fraction(1, 1 << 4096)
    starts = [max(j << max(fmt.bits - TAKUM_PREFIX, 0), 1) for j in range(8)]
    starts += [1 << j for j in range(fmt.bits - 1)]
    fields = [fmt.binade_of(k) for k in starts if k <= fmt.largest_ordinal(0)]
    return power_of_two(min(exponent - digits for exponent, digits, _ in fields))


def rows_of(spec: "Spec", target: Fraction, stream: Stream) -> Iterator[Row]:
    """Yield rows whose exact result is a target, or near it where none is found."""
    formats, op = tuple(spec.formats), spec.op
    if op in ("decode", "encode", "convert", "neg", "abs", "recip", "sqrt"):
        wanted = {"neg": -target, "sqrt": target * target}.get(op, target)
        wanted = 1 / wanted if op == "recip" and wanted else wanted
        yield (near(wanted, formats[0]),)
    elif op in ("add", "sub"):
        sign = 1 if op == "add" else -1
        for x, y in _sums(target, formats[0], stream):
            yield from _row(formats, (x, sign * y))
    elif op == "faa":
        for x, y in _sums(target, formats[0], stream):
            yield from _row(formats, (x, Fraction(0), y))
    elif op == "mul":
        for x, y in _products(target, stream):
            yield from _row(formats, (x, y))
    elif op == "div":
        for i in dict.fromkeys((*_halves(target), 0, 4, -4)):
            y = power_of_two(i)
            yield from _row(formats, (target * y, y))
            y = exact.decode(
                near(y * (1 + Fraction(stream.bits(16), 1 << 16)), formats[1]), formats[1]
            ).value
            yield from _row(formats, (target * y, y))
    elif op == "fma":
        both = zip(_products(target, stream), _sums(target, formats[2], stream), strict=False)
        for (x, y), (z, rest) in both:
            yield from _row(formats, (x, y, Fraction(0)))
            yield from _row(formats, (z, Fraction(1), rest))


def near(value: Fraction, fmt: Any) -> int:
    """Return the code nearest to a value, cut at the ends."""
    return exact.encode(value, fmt, rounding="nearest_even", overflow="saturate")[0]


def _row(formats: tuple[Any, ...], values: tuple[Fraction, ...]) -> Iterator[Row]:
    """Yield the codes of values, the nearest ones where there are none."""
    codes = [exact_code(f, v) for f, v in zip(formats, values, strict=True)]
    if None in codes:
        codes = [near(v, f) for f, v in zip(formats, values, strict=True)]
    yield tuple(code for code in codes if code is not None)


def _halves(target: Fraction) -> tuple[int, ...]:
    """Return exponents that bring a quotient's dividend near 1."""
    if not target:
        return ()
    e = floor_log2(abs(target))
    return -e, -e // 2, -e // 2 + 1


def _sums(target: Fraction, fmt: Any, stream: Stream) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield two addends of a target."""
    yield target, Fraction(0)
    below = exact.decode(
        exact.encode(target, fmt, rounding="toward_zero", overflow="saturate")[0], fmt
    ).value
    yield below, target - below
    yield target / 2, target / 2
    away = exact.decode(
        exact.encode(target, fmt, rounding="away_from_zero", overflow="saturate")[0], fmt
    ).value
    yield away, target - away
    yield 2 * target, -target
    for shift in (1, 2, 4):
        part = exact.decode(near(target / (1 << shift), fmt), fmt).value
        yield target - part, part
    if target:
        least = Fraction(fmt.smallest) * (1 if target > 0 else -1)
        yield least + target, -least
        part = power_of_two(floor_log2(abs(target)) - stream.below(4))
        yield part, target - part


def _products(target: Fraction, stream: Stream) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield two factors of a target, the first one positive."""
    if not target:
        return
    n, e = odd_part(abs(target))
    sign = 1 if target > 0 else -1
    length = floor_log2(abs(target))
    small = [d for d in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31) if n % d == 0]
    for d in dict.fromkeys((*small[-2:], 1)):
        some = stream.between(min(length, 0), max(length, 0))
        near_end = (length - 4, length - 8, length - 2, length - 1)
        middle = (length // 2, some, length // 2 + 1, length // 3, length, 0)
        for i in (*near_end, *middle) if n == 1 else (*middle, *near_end):
            x = d * power_of_two(i - d.bit_length() + 1)
            yield x, target / x
    step = power_of_two(stream.below(5) - 2)
    yield n * step, sign * power_of_two(e) / step

"""What codes and exponents formats have: exact codes of values, ends, spans of exponents."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ... import exact
from ...errors import FormatError
from ...exact.dot_operands import Factor
from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...families.grid import GridFormat, floor_log2, power_of_two


class Span(NamedTuple):
    """Exponents of nonzero operands: leading digits low to high, fields from `field` up."""

    low: int
    high: int
    field: int
    quantum: int


def digits_of(fmt: Any) -> int:
    """Return the most digits that a value has."""
    return int(fmt.trailing_bits) + 1 if isinstance(fmt, GridFormat) else 64


def column(codes: Sequence[int]) -> int | tuple[int, ...]:
    """Return the codes of a column as a row has them: one alone is no tuple."""
    return codes[0] if len(codes) == 1 else tuple(codes)


def signed(x: Factor) -> Fraction:
    """Return the value of a factor, 0 where it is no number."""
    return -x.magnitude if x.sign else x.magnitude


def exact_code(fmt: Any, value: Fraction) -> int | None:
    """Return the code of a value, or None where the format has none."""
    try:
        code = exact.encode(value, fmt, rounding="toward_zero")[0]
    except FormatError:
        return None
    found = exact.decode(code, fmt)
    return code if found.finite and found.value == value else None


def reach(fmt: Any) -> Fraction:
    """Return the largest magnitude."""
    return max(Fraction(fmt.largest), -Fraction(fmt.lowest))


def least_of(fmt: Any, flush: bool) -> Fraction:
    """Return the smallest positive operand; `flush`: subnormal numbers are zeros."""
    if flush and isinstance(fmt, FloatFormat) and fmt.zero:
        return power_of_two(fmt.emin)
    return Fraction(fmt.smallest)


def span(fmt: Any, flush: bool) -> Span:
    """Return the exponents of the nonzero values of a format."""
    low = floor_log2(least_of(fmt, flush))
    field = fmt.emin if isinstance(fmt, FloatFormat) else low
    quantum = low
    if isinstance(fmt, FloatFormat):
        quantum = fmt.emin - fmt.trailing_bits
    elif isinstance(fmt, FixedFormat):
        quantum = -fmt.fraction_bits
    return Span(low, floor_log2(reach(fmt)), field, quantum)


def spread(low: int, high: int, count: int) -> list[int]:
    """Return up to `count` integers from low to high, the middle and the ends first."""
    if high < low:
        return []
    steps = [low + (high - low) * i // max(count - 1, 1) for i in range(count)]
    return list(dict.fromkeys([(low + high) // 2, high, low, *steps]))[:count]


def labels(found: Iterable[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return what was found of what is wanted, each once."""
    there = set(wanted)
    return tuple(x for x in dict.fromkeys(found) if x in there)

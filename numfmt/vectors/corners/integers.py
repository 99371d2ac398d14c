"""Corner classes of integers: numbers around halves, each exponent, exact quotients and roots."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.floats import FloatFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .building import Target, binades, draw_odd, exactly, extent, pick, point, signs
from .intermediate import Operand, operands, placed, result, uniform
from .reach import digits, grids, most_digits, rounds, target_format
from .solving import chance, rows

if TYPE_CHECKING:
    from ..spec import Spec

_TRIES = 64
_SIGNS = "+-"
_FRACTIONS = {
    "0": (Fraction(0), Fraction(0)),
    "0 to 1/2": (Fraction(0), Fraction(1, 2)),
    "1/2": (Fraction(1, 2), Fraction(1, 2)),
    "1/2 to 1": (Fraction(1, 2), Fraction(1)),
}


def _source(spec: "Spec") -> GridFormat:
    fmt = spec.formats[0]
    assert isinstance(fmt, GridFormat)
    return fmt


def _applies(spec: "Spec") -> bool:
    if spec.op not in ("round_to_int", "to_int"):
        return False
    return uniform(spec.formats[0]) and extent(spec.formats[0], 0, spec.flush_inputs) is not None


def _exponents(spec: "Spec") -> range:
    """Return the exponents from 1/4 to past where all numbers are integers."""
    fmt = _source(spec)
    low, high = binades(fmt, spec.flush_inputs)[0], floor_log2(fmt.largest)
    return range(max(low, -2), min(high, fmt.grid.t + 2) + 1)


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    sides = [_SIGNS[sign] for sign in signs(_source(spec))]
    fractions = tuple(
        f"{side} {parity} integer, fraction {fraction}"
        for side, parity, fraction in itertools.product(sides, ("even", "odd"), _FRACTIONS)
    )
    return fractions + tuple(f"{side} 2**{e}" for side in sides for e in _exponents(spec))


def _hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    (x,) = operands(spec, row)
    if not x.finite or x.digits == 0:
        return ()
    side = _SIGNS[x.sign]
    found = [f"{side} {_parity(x)}"]
    if x.binade in _exponents(spec):
        found.append(f"{side} 2**{x.binade}")
    return tuple(found)


def _parity(x: Operand) -> str:
    """Return the parity of the integer below a magnitude, and the fraction above it."""
    whole = x.digits << x.exponent if x.exponent >= 0 else x.digits >> -x.exponent
    twice = Fraction(0)
    if x.exponent < 0:
        twice = Fraction(2 * (x.digits - (whole << -x.exponent)), 1 << -x.exponent)
    name = "0" if twice == 0 else "0 to 1/2" if twice < 1 else "1/2" if twice == 1 else "1/2 to 1"
    return f"{('even', 'odd')[whole & 1]} integer, fraction {name}"


def _solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    fmt, sign = _source(spec), _SIGNS.index(wanted[0])
    if "**" in wanted:
        low = power_of_two(int(wanted.split("**")[1]))
        candidates = itertools.repeat(Target(sign, low * Fraction(2047, 2048), 2 * low), 16)
    else:
        candidates = (_target(fmt, wanted, sign, stream) for _ in range(_TRIES))  # type: ignore[assignment]
    for target in candidates:
        code = pick(fmt, target, stream, spec.flush_inputs)
        if code is not None:
            yield (code,)
    yield from chance(spec, stream)


def _target(fmt: GridFormat, wanted: Bin, sign: int, stream: Stream) -> Target:
    """Return an integer of that parity and few enough digits, with that fraction above it."""
    low, high = _FRACTIONS[wanted.split("fraction ")[1]]
    n = stream.bits(stream.below(max(2, fmt.grid.t))) >> 1 << 1 | ("odd" in wanted)
    if low == high == 0 and n == 0:
        n = 2 << stream.below(3)
    return Target(sign, n + low, n + high)


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    fmt, sign = _source(spec), _SIGNS.index(wanted[0])
    found = extent(fmt, sign, spec.flush_inputs)
    if found is None or "**" in wanted:
        return None
    fraction = wanted.split("fraction ")[1]
    if found.quantum >= 0 and fraction != "0":
        return "every operand is an integer"
    if found.quantum == -1 and "to" in fraction:
        return "every operand is a multiple of 1/2"
    if "odd" in wanted and found.quantum > 0:
        return "every operand is even"
    if found.largest < 1 and ("odd" in wanted or fraction == "0"):
        return "every magnitude is below 1"
    if found.largest < 2 and "even" in wanted and fraction == "0":
        return "every magnitude is below 2"
    if found.smallest >= 1 and "even" in wanted and found.largest < 2 + _FRACTIONS[fraction][0]:
        return "no magnitude is so large, and none is below 1"
    return None


def _from_int_bins(spec: "Spec") -> tuple[Bin, ...]:
    fmt = _source(spec)
    found = []
    for sign in signs(fmt):
        most = fmt.largest_ordinal(sign).bit_length()
        for length in range(1, most + 1):
            for name, n in _shapes(length).items():
                if n <= fmt.largest_ordinal(sign) and (name != "ones" or length > 1):
                    found.append(f"{_SIGNS[sign]} {length} digits, {name}")
    return tuple(found)


def _shapes(length: int) -> dict[str, int]:
    return {"a power of two": 1 << (length - 1), "ones": (1 << length) - 1}


def _from_int_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    (x,) = operands(spec, row)
    length = x.digits.bit_length()
    for name, n in _shapes(max(1, length)).items():
        if x.digits == n and x.exponent == 0 and (name != "ones" or length > 1):
            return (f"{_SIGNS[x.sign]} {length} digits, {name}",)
    return ()


def _solve_from_int(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    length, name = int(wanted.split()[1]), wanted.split(", ")[1]
    target = point(_SIGNS.index(wanted[0]), Fraction(_shapes(length)[name]))
    code = pick(_source(spec), target, stream)
    if code is not None:
        yield (code,)


def _ending_bins(spec: "Spec") -> tuple[Bin, ...]:
    most = most_digits(spec) or 1
    return tuple(f"{k} digits" for k in range(1, min(most, target_format(spec).grid.t + 1) + 1))


def _ending_hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    at, x = placed(spec, row), result(spec, row)
    if at is None or x is None or not at.exact or at.subnormal:
        return ()
    if at.ordinal > target_format(spec).largest_ordinal(at.sign):
        return ()
    odd = x.digits // (x.digits & -x.digits)
    label = f"{odd.bit_length()} digits"
    return (label,) if label in _ending_bins(spec) else ()


def _solve_ending(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    """Yield rows whose result has exactly so many digits from its first to its last one."""
    fmt, length = target_format(spec), int(wanted.split()[0])
    low, high = fmt.grid.emin, floor_log2(fmt.largest)
    widest = digits(grids(spec)[0], spec.flush_inputs)
    for _ in range(_TRIES):
        exponent = stream.between(max(low, -widest), min(high, widest)) - length + 1
        value = draw_odd(length, stream) * power_of_two(exponent)
        yield from rows(spec, point(0, value), stream, 4)
    for _ in range(_TRIES if spec.op == "div" else 0):
        value = draw_odd(length, stream) * power_of_two(stream.between(low, high) - length + 1)
        codes = [
            exactly(fmt, side) for fmt, side in zip(grids(spec), (value, Fraction(1)), strict=True)
        ]
        if codes[0] is not None and codes[1] is not None:
            yield codes[0], codes[1]


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="halves",
        models="B22, B23, B25, B27",
        text="numbers at, below and above halves of even and odd integers, and of each exponent",
        applies=_applies,
        bins=_bins,
        solve=_solve,
        hits=_hits,
        unreachable=_unreachable,
    ),
    CornerClass(
        name="integers",
        models="B24, B26, B28, B29",
        text="integers of each number of digits: powers of two and all ones",
        applies=lambda spec: spec.op == "from_int" and uniform(spec.formats[0]),
        bins=_from_int_bins,
        solve=_solve_from_int,
        hits=_from_int_hits,
    ),
    CornerClass(
        name="endings",
        models="B20",
        text="quotients and roots that end, of each number of digits",
        applies=lambda spec: (
            spec.op in ("div", "sqrt") and isinstance(spec.dst, FloatFormat) and rounds(spec)
        ),
        bins=_ending_bins,
        solve=_solve_ending,
        hits=_ending_hits,
    ),
)

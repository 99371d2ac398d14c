"""The exact result of a row before its one rounding, and where it lies in the result format."""

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from ... import exact
from ...families.base import Format
from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...families.grid import GridFormat
from ...params import Grid, Kind
from .base import Row

if TYPE_CHECKING:
    from ..spec import Spec

_DIGITS = 200  # of a quotient or root: more than any product and any boundary asks for

# Operations of one rounding whose operand is the result but for a sign or a power of two.
COPIES = frozenset({"decode", "encode", "convert", "to_int", "from_int", "neg", "abs", "copy_sign"})
COMPARISONS = frozenset(
    {
        "equal",
        "not_equal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "unordered",
        "total_order",
    }
)
EXTREMA = frozenset(
    {
        "minimum",
        "maximum",
        "minimum_number",
        "maximum_number",
        "minimum_magnitude",
        "maximum_magnitude",
        "minimum_magnitude_number",
        "maximum_magnitude_number",
        "minimum_finite",
        "maximum_finite",
    }
)


class Shape(NamedTuple):
    """What corner classes ask of a spec: equal for specs whose bins are the same."""

    op: str
    formats: tuple[Format, ...]
    dst: Format | None
    flush_inputs: bool


def shape(spec: "Spec | Shape") -> Shape:
    """Return the shape of a spec, by which answers are kept."""
    return Shape(spec.op, spec.formats, spec.dst, bool(spec.flush_inputs))


@functools.lru_cache(maxsize=256)
def grid_of(fmt: GridFormat) -> Grid:
    """Return the grid of a format, kept: it is built anew each time that it is asked for."""
    return fmt.grid


class Exact(NamedTuple):
    """A number: digits * 2**exponent, or strictly between that and the next digit if `rest`."""

    sign: int
    digits: int
    exponent: int
    rest: bool = False

    @property
    def binade(self) -> int:
        """The exponent of the leading digit; there must be one."""
        return self.exponent + self.digits.bit_length() - 1


class Operand(NamedTuple):
    """What a code stands for: a kind and, if it is finite, digits * 2**exponent."""

    kind: Kind
    sign: int
    digits: int
    exponent: int

    @property
    def finite(self) -> bool:
        """Whether this is a number."""
        return self.kind < Kind.INFINITY

    @property
    def signed(self) -> int:
        """The digits, with the sign."""
        return -self.digits if self.sign else self.digits

    @property
    def binade(self) -> int:
        """The exponent of the leading digit; there must be one."""
        return self.exponent + self.digits.bit_length() - 1


class Place(NamedTuple):
    """Where an exact result lies: above which magnitude of the result format, and how far.

    `tail` are the lost digits after the guard digit, `width` of them, and `rest` says whether more
    follow. `quantum` is the exponent of the last digit that is kept.
    """

    sign: int
    ordinal: int
    subnormal: bool
    quantum: int
    last: int
    guard: int
    tail: int
    width: int
    rest: bool

    @property
    def sticky(self) -> int:
        """Whether anything is lost beyond the guard digit."""
        return int(self.tail > 0 or self.rest)

    @property
    def exact(self) -> bool:
        """Whether nothing is lost."""
        return not (self.guard or self.sticky)


def uniform(fmt: Format | None) -> TypeGuard[GridFormat]:
    """Return whether a format is a float or fixed point."""
    return isinstance(fmt, FloatFormat | FixedFormat)


def operands(spec: "Spec", row: Row) -> tuple[Operand, ...]:
    """Return what the codes of a row stand for; an integer exponent is not among them."""
    return tuple(
        read(code, fmt, spec.flush_inputs)
        for code, fmt in zip(row, spec.formats, strict=True)
        if isinstance(code, int)
    )


def read(code: int, fmt: Format, flush: bool) -> Operand:
    """Return what a code stands for; `flush` makes subnormal numbers zeros."""
    datum = exact.decode(code, fmt)
    if not datum.finite or (flush and datum.kind is Kind.SUBNORMAL):
        kind = datum.kind if not datum.finite else Kind.ZERO
        return Operand(kind, datum.sign, 0, 0)
    value = datum.magnitude
    return Operand(datum.kind, datum.sign, value.numerator, 1 - value.denominator.bit_length())


def signed_exponent(code: int) -> int:
    """Return the n of scale_b, a two's complement code of 32 bits."""
    return code - (1 << 32) if code >> 31 else code


def result(spec: "Spec", row: Row) -> Exact | None:
    """Return the exact result of a row: a number, or None for NaN and infinity."""
    rule = _RULES.get(spec.op)
    if rule is None:
        return None
    if spec.op == "scale_b":
        (x,) = operands_of_first(spec, row)
        return _scaled(x, signed_exponent(int(row[1]))) if x.finite else None  # type: ignore[arg-type]
    found = operands(spec, row)
    if spec.op == "copy_sign" and found[0].finite:
        return Exact(found[1].sign, found[0].digits, found[0].exponent)
    if not all(x.finite for x in found):
        return None
    return rule(*found)


def operands_of_first(spec: "Spec", row: Row) -> tuple[Operand]:
    """Return what the first code of a row stands for."""
    code = row[0]
    assert isinstance(code, int)
    return (read(code, spec.formats[0], spec.flush_inputs),)


def _exact(digits: int, exponent: int, rest: bool = False) -> Exact:
    return Exact(int(digits < 0), abs(digits), exponent, rest)


def _scaled(x: Operand, n: int) -> Exact:
    return Exact(x.sign, x.digits, x.exponent + max(-(1 << 23), min(1 << 23, n)))


def _sum(*addends: Operand) -> Exact:
    """Return x + y + ..., exactly."""
    low = min(x.exponent for x in addends)
    return _exact(sum(x.signed << (x.exponent - low) for x in addends), low)


def _negative(x: Operand) -> Operand:
    return x._replace(sign=1 - x.sign)


def product(x: Operand, y: Operand) -> Operand:
    """Return x * y, exactly."""
    return Operand(Kind.NORMAL, x.sign ^ y.sign, x.digits * y.digits, x.exponent + y.exponent)


def _product(x: Operand, y: Operand) -> Exact:
    return Exact(x.sign ^ y.sign, x.digits * y.digits, x.exponent + y.exponent)


def _quotient(x: Operand, y: Operand) -> Exact | None:
    """Return x / y to many digits."""
    if y.digits == 0:
        return None
    shift = max(0, _DIGITS + y.digits.bit_length() - x.digits.bit_length())
    digits, rest = divmod(x.digits << shift, y.digits)
    return Exact(x.sign ^ y.sign, digits, x.exponent - y.exponent - shift, rest > 0)


_ONE = Operand(Kind.NORMAL, 0, 1, 0)


def _root(digits: int, exponent: int) -> Exact:
    """Return the square root of digits * 2**exponent to many digits."""
    shift = max(0, 2 * _DIGITS - digits.bit_length())
    shift += (exponent - shift) & 1
    widened = digits << shift
    root = math.isqrt(widened)
    return Exact(0, root, (exponent - shift) // 2, root * root != widened)


def _square_root(x: Operand) -> Exact | None:
    return None if x.sign and x.digits else _root(x.digits, x.exponent)


def _reciprocal_root(x: Operand) -> Exact | None:
    """Return 1 / sqrt(x) to many digits."""
    if x.sign or x.digits == 0:
        return None
    shift = 2 * _DIGITS + x.digits.bit_length()
    shift += (x.exponent + shift) & 1
    quotient, rest = divmod(1 << shift, x.digits)
    root = math.isqrt(quotient)
    return Exact(0, root, -(x.exponent + shift) // 2, rest > 0 or root * root != quotient)


def _hypotenuse(x: Operand, y: Operand) -> Exact:
    total = _sum(product(x, x)._replace(sign=0), product(y, y)._replace(sign=0))
    return _root(total.digits, total.exponent)


def _remainder(x: Operand, y: Operand) -> Exact | None:
    """Return x - n*y, n the integer nearest x/y, ties to even; None where the exponents are far."""
    if y.digits == 0:
        return None
    low = min(x.exponent, y.exponent)
    dividend, divisor = x.digits << (x.exponent - low), y.digits << (y.exponent - low)
    n, rest = divmod(dividend, divisor)
    if 2 * rest > divisor or (2 * rest == divisor and n & 1):
        rest -= divisor
    return _exact(-rest if x.sign else rest, low)


_RULES: dict[str, Callable[..., Exact | None]] = {
    "add": _sum,
    "sub": lambda x, y: _sum(x, _negative(y)),
    "faa": _sum,
    "mul": _product,
    "fma": lambda x, y, z: _sum(product(x, y), z),
    "div": _quotient,
    "recip": lambda x: _quotient(_ONE, x),
    "sqrt": _square_root,
    "rsqrt": _reciprocal_root,
    "hypot": _hypotenuse,
    "remainder": _remainder,
    "scale_b": _scaled,
    "neg": lambda x: Exact(1 - x.sign, x.digits, x.exponent),
    "abs": lambda x: Exact(0, x.digits, x.exponent),
    **{
        op: lambda x, *signs: Exact(x.sign, x.digits, x.exponent)
        for op in ("decode", "encode", "convert", "to_int", "from_int", "copy_sign")
    },
}
RESULTS = frozenset(_RULES)
IRRATIONAL = frozenset({"div", "recip", "sqrt", "rsqrt", "hypot"})  # endless digits


def place(x: Exact | None, fmt: GridFormat) -> Place | None:
    """Return where a nonzero number lies in a format of unbounded exponent; None for the rest."""
    if x is None or (x.digits == 0 and not x.rest):
        return None
    grid = grid_of(fmt)
    fixed = isinstance(fmt, FixedFormat)
    above = 0 if fixed or x.digits == 0 else max(0, x.binade - grid.emin)
    subnormal = not fixed and (x.digits == 0 or x.binade < grid.emin)
    quantum = grid.emin + above - (0 if subnormal and grid.gap else grid.t)
    shift = quantum - x.exponent
    if shift <= 0:
        kept, guard, tail, width = x.digits << -shift, 0, 0, 0
    else:
        kept, lost = x.digits >> shift, x.digits & ((1 << shift) - 1)
        width = shift - 1
        guard, tail = lost >> width, lost & ((1 << width) - 1)
    ordinal = kept + (above << grid.t)
    last = (ordinal - grid.first) & 1
    return Place(x.sign, ordinal, subnormal, quantum, last, guard, tail, width, x.rest)


def placed(spec: "Spec", row: Row) -> Place | None:
    """Return where the result of a row lies, if it is not zero and of a sign that there is."""
    assert uniform(spec.dst)
    found = place(result(spec, row), spec.dst)
    if found is None or (found.sign and not grid_of(spec.dst).signed):
        return None
    return found if found.ordinal >= grid_of(spec.dst).first else None

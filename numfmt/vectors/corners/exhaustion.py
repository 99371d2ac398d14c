"""Sums in which all operands but one are narrow: every value of those is tried."""

import functools
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from ...families.grid import GridFormat
from .base import Row
from .building import Target, ordinals, signed_target, zero
from .intermediate import Shape, read, shape

if TYPE_CHECKING:
    from ..spec import Spec

_NARROW = 16  # bits of all operands but one
_SUMS = ("add", "sub", "fma", "faa")
Partial = dict[Fraction, tuple[int, ...]]  # values of the narrow operands, with codes that have it


def narrow(spec: "Spec") -> bool:
    """Return whether every result of an operation can be found, or ruled out, by this module."""
    if spec.op not in _SUMS:
        return False
    left = _left_over(shape(spec))
    wide = [fmt.bits for i, fmt in enumerate(shape(spec).formats) if i != left]
    return sum(wide) <= _NARROW


def _left_over(key: Shape) -> int:
    """Return which operand is solved for: the addend of fma, else the widest."""
    if key.op == "fma":
        return 2
    return max(range(len(key.formats)), key=lambda i: key.formats[i].bits)


def _values(fmt: GridFormat, flush: bool) -> dict[Fraction, int]:
    """Return the finite values of a narrow format, each with a code."""
    found: dict[Fraction, int] = {}
    for code in range(1 << fmt.bits):
        x = read(code, fmt, flush)
        if x.finite:
            found.setdefault(x.signed * Fraction(2) ** x.exponent, code)
    return found


@functools.lru_cache(maxsize=4)
def _partials(key: Shape) -> Partial:
    """Return what the narrow operands add up to, or what their product is."""
    left = _left_over(key)
    sides = [
        list(_values(cast(GridFormat, fmt), key.flush_inputs).items())
        for i, fmt in enumerate(key.formats)
        if i != left
    ]
    found: Partial = {}
    for pairs in itertools.product(*sides):
        values = [value for value, _ in pairs]
        if key.op == "fma":
            total = values[0] * values[1]
        elif key.op == "sub":
            total = values[0] if left == 1 else -values[0]
        else:
            total = sum(values, Fraction(0))
        found.setdefault(total, tuple(code for _, code in pairs))
    return found


@functools.lru_cache(maxsize=4)
def cancelled_pairs(key: Shape, emin: int | None) -> dict[tuple[int, bool], Row]:
    """Return, by digits that cancel and whether the result is subnormal, a row of fma.

    All products of two narrow factors are tried with all addends of the opposite sign.
    """
    third = cast(GridFormat, key.formats[2])
    addends = {x: code for x, code in _values(third, key.flush_inputs).items() if x}
    lowest = min(_exponent(x) for x in (*addends, *(p for p in _partials(key) if p)))
    scale = Fraction(2) ** -lowest
    whole = [(int(x * scale), code) for x, code in addends.items()]
    found: dict[tuple[int, bool], Row] = {}
    for value, codes in _partials(key).items():
        scaled = int(value * scale)
        for addend, code in whole:
            left = abs(scaled + addend)
            if left == 0 or (scaled > 0) == (addend > 0) or scaled == 0:
                continue
            length = left.bit_length()
            depth = max(scaled.bit_length(), addend.bit_length()) - length
            small = emin is not None and length - 1 + lowest < emin
            found.setdefault((depth, small), (*codes, code))
    return found


def _exponent(x: Fraction) -> int:
    """Return the exponent of the last digit of a dyadic number."""
    twos = (x.numerator & -x.numerator).bit_length() - 1
    return twos - x.denominator.bit_length() + 1


def finds(
    spec: "Spec", target: Target, within: tuple[Fraction, Fraction] | None = None
) -> Iterator[Row]:
    """Yield rows with a result inside a target, one for each value of the narrow operands.

    `within` are bounds, not included, of the magnitude of that value. Where nothing is yielded,
    there is no such row.
    """
    key = shape(spec)
    left = _left_over(key)
    fmt = cast(GridFormat, key.formats[left])
    ends = (-target.high, -target.low) if target.sign else (target.low, target.high)
    negated = key.op == "sub" and left == 1
    for value, codes in _partials(key).items():
        if within is not None and not within[0] < abs(value) < within[1]:
            continue
        low, high = ends[0] - value, ends[1] - value
        if negated:
            low, high = -high, -low
        for code in _codes(fmt, low, high, key.flush_inputs):
            yield (*codes[:left], code, *codes[left:])


def _codes(fmt: GridFormat, low: Fraction, high: Fraction, flush: bool) -> Iterator[int]:
    """Yield a code inside a signed interval: a positive one, a zero and a negative one."""
    if low == high == 0 or low < 0 < high:
        code = zero(fmt, 0)
        if code is not None:
            yield code
    if low < 0 < high:
        sides = [Target(0, Fraction(0), high), Target(1, Fraction(0), -low)]
    elif low == high == 0:
        return
    else:
        sides = [signed_target(low, high)]
    for side in sides:
        there = ordinals(fmt, side, flush)
        if there:
            yield fmt.code_of_ordinal(there[len(there) // 2], side.sign)

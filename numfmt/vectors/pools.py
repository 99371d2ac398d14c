"""Pools of operands for conversions: values, ties and neighbours, as many as there is room for."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .. import exact
from ..decoding import decode
from ..families.base import ScalarFormat
from ..families.grid import GridFormat
from ..flags import Flags
from ..params import UNIFORM
from .operations.base import Codes

if TYPE_CHECKING:
    from .spec import Spec

_ALL_ORDINALS = 1 << 10
_LISTED_BITS = 16


def pools_of(spec: "Spec") -> Iterator[tuple[str, Codes]]:
    """Yield the pools of a conversion, each operand once, in the first class that has it."""
    source, target = spec.src, spec.dst
    if not isinstance(source, GridFormat):
        return
    magnitudes, middles = _limits(target, source, spec.max_rows)
    values, ties = _representable(magnitudes, source), _representable(middles, source)
    seen: set[int] = set()
    for name, codes in (
        ("special", _specials(source)),
        ("value", values),
        ("tie", ties),
        ("beside", [code + step for code in [*ties, *values] for step in (-1, 1)]),
    ):
        both = [c for code in codes for c in _both_signs(code, source)]
        fresh = [c for c in dict.fromkeys(both) if c not in seen]
        seen.update(fresh)
        yield name, np.array(fresh, np.uint64)


def _limits(
    target: ScalarFormat, source: GridFormat, budget: int
) -> tuple[list[Fraction], list[Fraction]]:
    """Return magnitudes that the result format has, and those where it changes its mind."""
    if isinstance(target, GridFormat):
        ordinals = _ordinals(target, source, budget)
        magnitudes = [target.value_of_ordinal(k) for k in ordinals]
        middles = [target.tie_between(a, b) for a, b in itertools.pairwise(ordinals)]
    else:
        magnitudes = _listed(target, budget)
        middles = [(a + b) / 2 for a, b in itertools.pairwise(magnitudes)]
        magnitudes, middles = (_rounded(part, source) for part in (magnitudes, middles))
    if not magnitudes:
        return [], []
    middles += [magnitudes[0] / 2, *(magnitudes[-1] * f for f in _past(magnitudes))]
    return magnitudes, middles


def _listed(fmt: ScalarFormat, budget: int) -> list[Fraction]:
    """Return magnitudes of a codebook or a logarithmic format, the nearest float64s of its own."""
    if fmt.bits > _LISTED_BITS:
        return []
    unused = set(fmt.unused_codes())
    codes = np.array([code for code in range(1 << fmt.bits) if code not in unused], np.uint64)
    found = np.abs(decode(codes, fmt))
    values = np.unique(found[np.isfinite(found)])
    thinned = values[:: max(1, 4 * values.size // max(budget, 1))]
    return [Fraction(float(value)) for value in thinned]


def _rounded(values: list[Fraction], fmt: GridFormat) -> list[Fraction]:
    """Return the values of a format nearest to others."""
    codes = (exact.encode(value, fmt, overflow="saturate")[0] for value in values)
    return sorted({abs(exact.decode(code, fmt).value) for code in codes})


def _past(magnitudes: list[Fraction]) -> tuple[Fraction, ...]:
    """Return factors from the largest value to the overflow tie, the next value and beyond."""
    top = magnitudes[-1]
    step = (top - magnitudes[-2]) / top if len(magnitudes) > 1 else Fraction(1)
    return 1 + step / 2, 1 + step, 1 + 2 * step, Fraction(3, 2), Fraction(2), Fraction(16)


def _ordinals(fmt: GridFormat, source: GridFormat, budget: int) -> list[int]:
    """Return the magnitudes to visit: all of a small format, else the edges of its binades.

    Of a large format only the binades that `source` reaches are visited.
    """
    top = fmt.largest_ordinal(0)
    first = fmt.grid.first
    if top <= _ALL_ORDINALS:
        return list(range(first, top + 1))
    if fmt.grid.taper != UNIFORM:
        near = [(1 << i) + step for i in range(fmt.bits - 1) for step in (-1, 0, 1)]
        spread = range(1, top, max(top // max(budget // 16, 1), 1))
        return sorted({k for e in near for k in (e, top - e) if 0 <= k <= top} | {*spread, top})
    low, high = (_row(value, fmt) for value in (source.smallest, source.largest))
    rows = high - low + 1
    stride = max(1, min(8 * rows // max(budget // 8, 1), rows // 8))
    edges = {
        (row << fmt.grid.t) + step
        for row in range(low, high + 1, stride)
        for step in (-2, -1, 0, 1)
    }
    edges |= {first, 1, 2, 3, top - 2, top - 1, top}
    return sorted(k for k in edges if first <= k <= top)


def _row(value: Fraction, fmt: GridFormat) -> int:
    """Return the row of binades of a format where a positive value lies, its last one at most."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    last = fmt.largest_ordinal(0) >> fmt.grid.t
    return min(max(exponent - fmt.grid.emin + 1, 0), last)


def _representable(values: list[Fraction], fmt: GridFormat) -> list[int]:
    """Return the codes of those magnitudes that a format has exactly."""
    codes = []
    for value in values:
        code, flags = exact.encode(value, fmt, overflow="saturate")
        if not flags & Flags.NX:
            codes.append(code)
    return codes


def _both_signs(code: int, fmt: GridFormat) -> tuple[int, ...]:
    if fmt.grid.taper != UNIFORM and code == fmt.nan_code(0):
        return (code,)
    if not 0 <= code < 1 << (fmt.bits - fmt.signed_values):
        return ()
    if not fmt.signed_values:
        return (code,)
    if fmt.grid.twos:
        return code, -code % (1 << fmt.bits)
    return code, code | 1 << (fmt.bits - 1)


def _specials(fmt: GridFormat) -> list[int]:
    top = fmt.largest_code(0)
    codes = [0, 1, 1 << fmt.grid.t, (1 << fmt.grid.t) - 1, top, top - 1]
    for code in (fmt.infinity_code(0), fmt.nan_code(0)):
        if code is not None:
            codes += [code, code + 1] if code + 1 < 1 << (fmt.bits - 1) else [code]
    return [code for code in codes if 0 <= code < 1 << fmt.bits]

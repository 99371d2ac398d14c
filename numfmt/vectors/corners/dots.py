"""Corners of dot products: how their terms lie to each other, lanes, zeros, special values."""

import functools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...families.grid import floor_log2, power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels, reach, spread
from .dot_alignment import ALIGNMENT
from .dot_reading import C
from .dot_results import RESULTS
from .dot_rows import Machine, machine, on_grid
from .dot_specials import SPECIALS

if TYPE_CHECKING:
    from ..spec import Spec

_SMALL = Fraction(3, 8)  # of a grain: two together pass its half


def _integer(spec: "Spec") -> bool:
    return isinstance(spec.dst, FixedFormat)


# Cancellation

_LEFT = ("before", "between", "after")


def _cancellation_bins(spec: "Spec") -> tuple[Bin, ...]:
    m = machine(spec)
    found = []
    if m.negative and m.k > 1:
        found += ["products cancel to zero", "products cancel, c is left"]
    if m.negative and m.k > 2:
        found += [f"products cancel, the small one {where} them is left" for where in _LEFT]
    depths = m.output.trailing_bits + 1
    if _integer(spec):
        depths = min(depths, floor_log2(m.largest) + 1)
    return (
        *found,
        "c cancels the products",
        *(f"c and the products lose {d} bits" for d in range(1, depths)),
    )


def _cancellation_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite:
        return ()
    values = [(i, x.products[i].value) for i in x.lanes]
    products = sum((v for _, v in values), Fraction(0))
    found = []
    if len(values) > 1 and products == 0:
        found.append("products cancel, c is left" if x.addend else "products cancel to zero")
    if len(values) > 2 and not x.addend:
        lane, least = min(values, key=lambda item: abs(item[1]))
        others = [i for i, v in values if i != lane and abs(v) >= 4 * abs(least)]
        if products == least and len(others) == len(values) - 1:
            after = sum(i < lane for i in others)
            where = _LEFT[0 if after == 0 else 2 if after == len(others) else 1]
            found.append(f"products cancel, the small one {where} them is left")
    if values and x.addend and products == -x.addend:
        found.append("c cancels the products")
    elif values and x.addend and products and x.total:
        top = max(floor_log2(abs(v)) for v in (products, x.addend))
        found.append(f"c and the products lose {top - floor_log2(abs(x.total))} bits")
    return labels(found, _cancellation_bins(spec))


def _cancellation_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    near, last = 0, m.k - 1
    low, high = m.products.low, m.products.high
    if wanted.endswith("bits"):
        d = int(wanted.split()[-2])
        scales = (2 * m.scales.low, 2 * m.scales.high)
        tops = [power_of_two(e) for e in spread(low + scales[0], high + scales[1], 24)]
        if m.table is None:
            tops.insert(1, reach(m.a) * reach(m.b))
        for x in tops:
            kept = power_of_two(floor_log2(x) - d)
            for sign in (1, -1):
                row = m.place({near: sign * x}, sign * (kept - x), stream)
                yield from () if row is None else (row,)
        return
    for e in spread(low, high, 12):
        one = power_of_two(e)
        for x in (one, -one, 3 * one, -3 * one):
            c, lanes = Fraction(0), {near: x, last: -x}
            if wanted == "c cancels the products":
                c, lanes = -x, {stream.below(m.k): x}
            elif wanted.endswith("c is left"):
                c = abs(x) * 8 if m.code(2, abs(x) * 8) is not None else m.output.largest
            elif "small" in wanted:
                three = [near, 1 + stream.below(m.k - 2), last]
                small = three.pop(_LEFT.index(wanted.split(" one ")[1].split()[0]))
                lanes = {three[0]: x, three[1]: -x, small: abs(x) / 4}
            row = m.place(lanes, c, stream)
            yield from () if row is None else (row,)


def _cancellation_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    if not m.output.signed_values and ("c" in wanted.split()[:1]) and not m.negative:
        return "neither c nor a product can be negative"
    if "small" in wanted and (m.op != "block_dot" or m.k == m.size):
        if 4 * _least_product(m) > reach(m.a) * reach(m.b):
            return "no product is four times another"
        if any(f.bits == 2 and f.lowest < -f.largest for f in (m.a, m.b)):
            return "only positive products are four times another"
    return None


def _least_product(m: Machine) -> Fraction:
    return power_of_two(m.products.low)


# Growth


@functools.lru_cache(maxsize=32)
def _richest(m: Machine) -> tuple[tuple[Fraction, Fraction], Fraction, Fraction]:
    """Return factors whose product, over 2**exponent, is large; that ratio; that of c."""
    if m.table is not None:
        value = max(m.entries)
        return (value, Fraction(1)), value / power_of_two(floor_log2(value)), Fraction(1)
    choices = [_significands(fmt) for fmt in (m.a, m.b)]
    pairs = [(x, y) for x in choices[0] for y in choices[1]]

    def ratio(pair: tuple[Fraction, Fraction]) -> Fraction:
        value = pair[0] * pair[1]
        if m.group > 1:
            return value
        leading = floor_log2(value)
        return value / power_of_two(
            floor_log2(pair[0]) + floor_log2(pair[1])
            if m.aligned and not m.aligned.normalized
            else leading
        )

    best = max(pairs, key=ratio)
    e = floor_log2(best[0] * best[1])
    c = 2 - power_of_two(-m.output.trailing_bits)
    while c > 1 and exact_code(m.output, c * power_of_two(e)) is None:
        c = 2 - 2 * (2 - c)
    there = m.c_inside and exact_code(m.output, c * power_of_two(e)) is not None
    return best, ratio(best), c if there else Fraction(0)


def _significands(fmt: object) -> list[Fraction]:
    top = reach(fmt)
    t = getattr(fmt, "trailing_bits", 4)
    found = [2 - power_of_two(-i) for i in range(t, 0, -1)] if t > 4 else []
    small = [Fraction(n, 16) for n in range(31, 15, -1)]
    if isinstance(fmt, FixedFormat) or reach(fmt) < 2 or not isinstance(fmt, FloatFormat):
        found = [top, power_of_two(floor_log2(top)), -top]
    there = [v for v in (*found, *small, top) if exact_code(fmt, v) is not None]
    return there or [top]


@functools.lru_cache(maxsize=32)
def _most_growth(m: Machine) -> int:
    _, ratio, c = _richest(m)
    return floor_log2(abs(m.first * ratio + c))


def _growth_bins(spec: "Spec") -> tuple[Bin, ...]:
    bits = range(_most_growth(machine(spec)) + 1)
    return tuple(f"the sum is {g} bits above the largest exponent" for g in bits)


def _growth_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    terms = [t for t in m.terms(x) if m.c_inside or t.lane != C] if x.finite else []
    if not terms or len({t.value > 0 for t in terms}) > 1:
        return ()
    total = abs(sum((t.value for t in terms), Fraction(0)))
    g = floor_log2(total) - max(t.exponent for t in terms)
    return labels([f"the sum is {g} bits above the largest exponent"], _growth_bins(spec))


def _growth_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    g = int(wanted.split()[3])
    (a, b), ratio, rest = _richest(m)
    value = a * b
    base = floor_log2(abs(value)) if m.group == 1 else 0
    if m.group == 1 and m.table is None:
        base = floor_log2(abs(value) / ratio)
    for c in dict.fromkeys((rest, Fraction(0), Fraction(1))):
        counts = [n for n in range(1, m.first + 1) if floor_log2(abs(n * ratio + c)) == g]
        for count in dict.fromkeys((*counts[-1:], *counts[:1])):
            lanes = dict.fromkeys(range(count), value if m.table else (a, b))
            row = m.place(lanes, c * power_of_two(base) * (1 if value > 0 else -1), stream)
            yield from () if row is None else (row,)
    ones = [Fraction(1)] if exact_code(m.a, Fraction(1)) is not None else []
    for one in ones:
        for count in (1 << g, (1 << g) + 1):
            if count <= m.k:
                row = m.place(dict.fromkeys(range(count), (one, one)), Fraction(0), stream)
                yield from () if row is None else (row,)


_DOTS = (
    CornerClass(
        name="cancellation_of_terms",
        models="dot products",
        text="products, or products and c, cancel: to nothing, to a small term, to d bits less",
        applies=on_grid,
        bins=_cancellation_bins,
        solve=_cancellation_rows,
        hits=_cancellation_hits,
        unreachable=_cancellation_unreachable,
    ),
    CornerClass(
        name="growth_of_sum",
        models="dot products",
        text="a first sum with each number of carries beyond its largest exponent",
        applies=on_grid,
        bins=_growth_bins,
        solve=_growth_rows,
        hits=_growth_hits,
    ),
)
CLASSES: tuple[CornerClass, ...] = (*_DOTS, *ALIGNMENT, *SPECIALS, *RESULTS)

"""Corners of dot products: how far terms lie apart, by the widths of the accumulator."""

import functools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.fixed import FixedFormat
from ...families.grid import power_of_two
from ...matrix_units.accumulators import PartiallyNormalized
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import labels, reach, spread
from .dot_reading import C, Term
from .dot_rows import Machine, machine, on_grid

if TYPE_CHECKING:
    from ..spec import Spec

_SMALL = Fraction(3, 8)  # of a grain: two together pass its half


def _integer(spec: "Spec") -> bool:
    return isinstance(spec.dst, FixedFormat)


# Alignment

_PP, _HALF, _PC, _CP = (
    "product {} below product",
    "product {} below product of the other half",
    "product {} below c",
    "c {} below product",
)


@functools.lru_cache(maxsize=32)
def _widths(m: Machine) -> dict[str, tuple[int, ...]]:
    """Return the alignment widths W of each relation of two terms."""
    rule, digits = m.aligned, m.output.trailing_bits + 1
    if rule is None:
        own = m.rule.width if isinstance(m.rule, PartiallyNormalized) else digits
        return {_PP: (own,), _PC: (own,), _CP: (own,)}
    widths = tuple(w for w in (rule.fraction_bits, rule.keep) if w is not None)
    if m.c_inside:
        return {_PP: widths, _PC: widths, _CP: widths}
    if rule.late_add is not None:
        return {_PP: widths, _PC: (digits,), _CP: (digits,)}
    late = tuple(w for w in (rule.c_bits, rule.drop) if w is not None) or (digits,)
    after = {_PP: widths, _PC: (rule.sum_bits or digits,), _CP: late}
    return after | ({_HALF: widths} if rule.halves == 2 else {})


@functools.lru_cache(maxsize=32)
def _relations(m: Machine) -> dict[str, tuple[str, int]]:
    """Return the relation and the distance of each label."""
    found = {}
    for relation, widths in _widths(m).items():
        parity = 2 if relation is _PP and _HALF in _widths(m) else 1
        if relation in (_PP, _HALF) and m.first <= parity * m.group:
            continue
        for w in sorted({w + i for w in widths for i in (-1, 0, 1) if w + i >= 0}):
            found[relation.format(w)] = relation, w
    return found


def _alignment_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite:
        return ()
    terms = m.terms(x)
    c = next((t for t in terms if t.lane == C), None)
    products = [t for t in terms if t.lane != C]
    if not products:
        return ()
    top = max(products, key=lambda t: t.exponent)
    found = [] if c is None else _beside(c, top, products)
    if c is None or not m.c_inside or c.exponent <= top.exponent:
        halved = _HALF in _widths(m)
        for t in products:
            same = not halved or (t.lane - top.lane) % 2 == 0
            if t is not top:
                found.append((_PP if same else _HALF).format(top.exponent - t.leading))
    return labels(found, tuple(_relations(m)))


def _beside(c: Term, top: Term, products: list[Term]) -> list[str]:
    """Return how c lies to the products."""
    if c.exponent < top.exponent:
        return [_CP.format(top.exponent - c.leading)]
    return [_PC.format(c.exponent - t.leading) for t in products]


def _alignment_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    relation, d = _relations(m)[wanted]
    low = m.products.low + 2 * m.scales.low
    high = m.products.high + 2 * m.scales.high
    step = 2 if relation is _PP and _HALF in _widths(m) else m.group
    ends = [(0, step), (step, 0), (0, m.first - step)]
    if m.op == "block_dot" and m.size < m.first:
        ends = [(0, m.size), (m.size, 0), *ends]
    c_low, c_high = m.spans[2].low, m.spans[2].high
    if relation is _PC:
        exponents = spread(max(low + d, c_low), min(high + d, c_high), 30)
    elif relation is _CP:
        exponents = spread(max(low, c_low + d), min(high, c_high + d), 30)
    else:
        exponents = spread(low + d, high, 12)
    for e in exponents:
        x, y = power_of_two(e), power_of_two(e - d) * (-1 if m.negative and stream.below(2) else 1)
        if relation is not _PC and e == high and m.pair(power_of_two(m.products.high)) is None:
            x = reach(m.a) * reach(m.b) * power_of_two(e - m.products.high)
        if relation in (_PP, _HALF):
            made = [({i: x, j: y}, Fraction(0)) for i, j in ends if i != j]
        else:
            lane = stream.below(m.first) // m.group * m.group
            made = [({lane: y}, x)] if relation is _PC else [({lane: x}, y)]
            made.append(({0: abs(y)}, x) if relation is _PC else ({0: x}, abs(y)))
        for lanes, c in made:
            row = m.place(lanes, c, stream, far=True)
            yield from () if row is None else (row,)


def _highest(m: Machine) -> int:
    """Return the largest exponent that a product of elements is aligned by."""
    if m.aligned is None or m.aligned.normalized or m.table is not None:
        return m.products.high
    return m.spans[0].high + m.spans[1].high


def _alignment_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    relation, d = _relations(m)[wanted]
    shared = m.op == "block_dot" and m.size >= m.first and relation in (_PP, _HALF)
    scale_low, scale_high = (0, 0) if shared else (2 * m.scales.low, 2 * m.scales.high)
    low = m.products.low + scale_low
    high = (0 if m.group > 1 else _highest(m)) + scale_high
    c_low, c_high = m.spans[2].low, m.spans[2].high
    low, high = (
        (low, c_high) if relation is _PC else (c_low, high) if relation is _CP else (low, high)
    )
    if high - low >= d:
        return None
    return f"the exponents of the one reach 2**{high}, the digits of the other begin at 2**{low}"


# The least alignment exponent


def _floor_bins(spec: "Spec") -> tuple[Bin, ...]:
    rule = machine(spec).aligned
    if rule is None or rule.floor is None:
        return ()
    return tuple(f"largest exponent {rule.floor + i}, floor {rule.floor}" for i in (-1, 0, 1))


def _floor_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    terms = [t for t in m.terms(x) if m.c_inside or t.lane != C] if x.finite else []
    if not terms or m.aligned is None:
        return ()
    e = max(t.exponent for t in terms)
    return labels([f"largest exponent {e}, floor {m.aligned.floor}"], _floor_bins(spec))


def _floor_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    e = int(wanted.split(",")[0].split()[-1])
    for c in (Fraction(0), power_of_two(e - 1)):
        for i in range(4):
            row = m.place({stream.below(m.k) if i else 0: power_of_two(e)}, c, stream, far=True)
            yield from () if row is None else (row,)
    row = m.place({}, power_of_two(e), stream)
    yield from () if row is None else (row,)


def _floor_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    e = int(wanted.split(",")[0].split()[-1])
    scales = 2 * m.scales.field
    low = scales if m.group > 1 else m.products.field + scales
    low = min(low, m.spans[2].field) if m.c_inside else low
    return f"no operand lends an exponent below {low}" if e < low else None


# Large and many small, in both orders

_ORDERS = ("c is large", "the first product is large", "the last product is large")


def _grain(m: Machine, large: Term) -> Fraction:
    """Return the last digit that is kept beside a large term."""
    widths = _widths(m)
    most = min(widths[_PC] if large.lane == C else widths[_PP])
    return power_of_two(large.exponent - most + (0 if m.aligned else 1))


def _order_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite:
        return ()
    lanes = x.lanes
    every = [Term(i, x.products[i].exponent, x.products[i].value) for i in lanes]
    if m.group > 1:
        every = [t._replace(exponent=x.products[t.lane].scale) for t in every]
    every += [t for t in m.terms(x) if t.lane == C]
    if len(every) < 3:
        return ()
    large = max(every, key=lambda t: abs(t.value))
    small = [t.value for t in every if t is not large]
    half = _grain(m, large) / 2
    together = abs(sum(small, Fraction(0)))
    if len({v > 0 for v in small}) > 1 or together <= half or max(abs(v) for v in small) >= half:
        return ()
    if large.lane == C:
        return _ORDERS[:1]
    return (
        _ORDERS[1:2]
        if large.lane == min(lanes)
        else _ORDERS[2:3]
        if large.lane == max(lanes)
        else ()
    )


def _order_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    low = m.products.low + 2 * m.scales.low
    high = m.products.high + 2 * m.scales.high
    at = _ORDERS.index(wanted)
    width = min(_widths(m)[_PP if at else _PC])
    if at == 0:
        high = min(high + width + 4, m.spans[2].high)
        low = max(low, m.spans[2].low - width)
    for e in spread(low + width, high, 16):
        x = power_of_two(e)
        lane = (C, 0, m.k - 1)[at]
        grain = _grain(m, Term(lane, e, x))
        for small in (_SMALL * grain, grain / 4):
            others = [i for i in range(m.k) if i != lane]
            if m.op == "block_dot" and lane != C:
                others = [i for i in others if i // m.size != lane // m.size] or others
            lanes = dict.fromkeys(others, small) | ({} if lane == C else {lane: x})
            addends = [x] if lane == C else [Fraction(0), small]
            for c in addends:
                row = m.place(lanes, c, stream, far=True)
                yield from () if row is None else (row,)


def _order_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    if m.k == 1:
        return "there are not two small terms beside a large one"
    low = m.products.low + 2 * m.scales.low
    shared = m.op == "block_dot" and m.size >= m.k
    if wanted == _ORDERS[0]:
        high, width = m.spans[2].high, min(_widths(m)[_PC])
    else:
        inner = 0 if m.group > 1 and not shared else m.products.high
        high = inner + 2 * (m.scales.low if shared else m.scales.high)
        width = min(_widths(m)[_PP])
    width += 2 if m.aligned else 1
    if high - low < width:
        return f"terms from 2**{low} to 2**{high} are all within {width} bits"
    return None


ALIGNMENT: tuple[CornerClass, ...] = (
    CornerClass(
        name="alignment_of_terms",
        models="dot products",
        text="one term W - 1, W, W + 1 digits below another, W each alignment width",
        applies=lambda spec: on_grid(spec) and not _integer(spec),
        bins=lambda spec: tuple(_relations(machine(spec))),
        solve=_alignment_rows,
        hits=_alignment_hits,
        unreachable=_alignment_unreachable,
    ),
    CornerClass(
        name="alignment_floor",
        models="dot products",
        text="the largest exponent at the accumulator's floor and beside it",
        applies=lambda spec: on_grid(spec) and bool(_floor_bins(spec)),
        bins=_floor_bins,
        solve=_floor_rows,
        hits=_floor_hits,
        unreachable=_floor_unreachable,
    ),
    CornerClass(
        name="order_of_terms",
        models="dot products",
        text="one large term and many small ones that count only together, in both orders",
        applies=lambda spec: on_grid(spec) and not _integer(spec),
        bins=lambda spec: _ORDERS,
        solve=_order_rows,
        hits=_order_hits,
        unreachable=_order_unreachable,
    ),
)

"""Corners of dot products: their one rounding, at ties, at overflow and among subnormals."""

import functools
import itertools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...families.grid import floor_log2, power_of_two
from ...families.tapered import TaperedFormat
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels, reach, signed, span, spread
from .dot_reading import C, Reading
from .dot_rows import Machine, machine, on_grid

if TYPE_CHECKING:
    from ..spec import Spec

_SIGNS = {"+": 1, "-": -1}
_WHERE = ("below a tie", "at a tie", "above a tie")


def _rows_of(m: Machine, target: Fraction, stream: Stream) -> Iterator[Row]:
    """Yield rows whose exact sum is a target: a product alone, and with c."""
    tries = [Fraction(0), target]
    if target:
        sign = 1 if target > 0 else -1
        below = exact.encode(abs(target), m.output, rounding="toward_zero", overflow="saturate")[0]
        tries.insert(1, sign * exact.decode(below, m.output).magnitude)
        if isinstance(m.output, FloatFormat):
            tries.insert(2, sign * power_of_two(m.output.emin))
        for e in spread(m.spans[2].low, floor_log2(abs(target)), 12):
            grain = power_of_two(e)
            tries.append((target // grain) * grain)
            tries.append(tries[-1] + grain)
    for e in spread(m.products.low, m.products.high, 8):
        tries += [target - power_of_two(e), target + power_of_two(e)]
    for c in dict.fromkeys(tries):
        rest = target - c
        row = m.place({stream.below(m.first): rest} if rest else {}, Fraction(c), stream)
        if row is not None:
            yield row


# Ties of the output


def _digits(m: Machine) -> int:
    """Return the fraction bits that a result keeps."""
    keep = None if m.aligned is None else m.aligned.keep
    return m.output.trailing_bits if keep is None else keep


def _place(m: Machine, total: Fraction) -> tuple[int, str]:
    """Return the last kept digit of a number, and where it lies between two results."""
    size, fmt = abs(total), m.output
    if isinstance(fmt, FloatFormat):
        quantum = max(floor_log2(size), fmt.emin) - _digits(m)
        kept = size / power_of_two(quantum)
        whole = kept.numerator // kept.denominator
        twice = 2 * (kept - whole)
    else:
        code = exact.encode(size, fmt, rounding="toward_zero")[0]
        whole = code
        low, tie = fmt.value_of_ordinal(code), fmt.tie_between(code, code + 1)
        twice = Fraction(0) if size == low else (size - low) / (tie - low)
    where = "exact" if twice == 0 else _WHERE[1 + (twice > 1) - (twice < 1)]
    return whole & 1, where


def _uncut(m: Machine, x: Reading) -> bool:
    """Return whether no term loses a digit before the last rounding."""
    rule = m.aligned
    if rule is None:
        return True
    terms = m.terms(x)
    products = [t for t in terms if t.lane != C]
    counted = terms if m.c_inside else products
    if not counted:
        return True
    e = max(t.exponent for t in counted)
    e = e if rule.floor is None else max(e, rule.floor)
    last = max([t.exponent for t in terms] + [e])
    widths = [(t, e - rule.fraction_bits) for t in counted]
    if not m.c_inside:
        widths += [(t, last - rule.sum_bits) for t in products if rule.sum_bits is not None]
        widths += [(t, last - rule.c_bits) for t in terms if t.lane == C and rule.c_bits]
        if rule.drop is not None and any(t.exponent < last - rule.drop for t in terms):
            return False
    return all((t.value / power_of_two(q)).denominator == 1 for t, q in widths)


def _tie_bins(spec: "Spec") -> tuple[Bin, ...]:
    signs = [s for s in _SIGNS if s == "+" or spec.dst.signed_values]
    return tuple(
        f"{sign}, last bit {last}, {where}"
        for sign, last, where in itertools.product(signs, (0, 1), _WHERE)
    )


def _tie_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite or not m.once(x) or not x.lanes:
        return ()
    total = x.total
    if not abs(m.output.smallest) <= abs(total) < m.output.largest or not _uncut(m, x):
        return ()
    last, where = _place(m, total)
    return labels([f"{'-' if total < 0 else '+'}, last bit {last}, {where}"], _tie_bins(spec))


def _tie_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    sign = _SIGNS[wanted[0]]
    last, where = int(wanted.split(",")[1][-1]), _WHERE.index(wanted.split(", ")[2])
    parts = ((Fraction(1, 4), Fraction(3, 8)), (Fraction(1, 2),), (Fraction(3, 4), Fraction(5, 8)))
    if isinstance(m.output, FloatFormat):
        yield from _carried(m, sign, last, where, stream)
    t = _digits(m)
    scale = 2 * m.scales.high
    exponents = spread(
        max(m.spans[2].low, m.products.low + t + 1 - scale),
        min(m.spans[2].high - 1, m.products.high + t + 1 + scale),
        10,
    )
    for e, part in itertools.product(exponents, parts[where]):
        c, unit = _odd_value(m, e, 2 * stream.below(1 << max(min(t, 3) - 1, 0)) + last)
        if c is not None:
            lane, rest = stream.below(m.first), sign * part * unit
            if sign < 0 and not m.negative:
                c, rest = c + unit, (1 - part) * unit
            row = m.place({lane: rest}, sign * c, stream)
            yield from () if row is None else (row,)


def _odd_value(m: Machine, e: int, n: int) -> tuple[Fraction | None, Fraction]:
    """Return the nth result after 2**e, and the distance to the next."""
    one = m.code(2, power_of_two(e))
    if one is None:
        return None, Fraction(0)
    if isinstance(m.output, FloatFormat):
        unit = power_of_two(max(e, m.output.emin) - _digits(m))
        return power_of_two(e) + n * unit, unit
    low = m.output.value_of_ordinal(one + n)
    return low, m.output.value_of_ordinal(one + n + 1) - low


def _carried(m: Machine, sign: int, last: int, where: int, stream: Stream) -> Iterator[Row]:
    """Yield rows whose digits are lost by carries: c of one binade, its equals many times."""
    width = m.aligned.fraction_bits if m.aligned else m.output.trailing_bits
    width = min(width, m.output.trailing_bits)
    for e, g in itertools.product(spread(m.products.low, m.products.high, 5), range(1, 5)):
        lost = width + g - _digits(m)
        if not 1 <= lost <= width or (1 << g) > m.first or (where != 1 and lost < 2):
            continue
        tail = (1 << (lost - 1)) + where - 1
        r = tail + ((stream.below(2) << 1 | last) << lost)
        c = 1 + r * power_of_two(-width)
        lanes = {i: sign * power_of_two(e) for i in range(1 << g)}
        row = m.place(lanes, sign * c * power_of_two(e), stream) if c < 2 else None
        yield from () if row is None else (row,)


# Overflow


@functools.lru_cache(maxsize=32)
def _edges(m: Machine) -> dict[str, tuple[Fraction, Fraction]]:
    """Return the interval, closed or a point, of each label of overflow."""
    fmt, found = m.output, {}
    for name, end, sign in (("+", fmt.largest, 1), ("-", abs(fmt.lowest), -1)):
        if sign < 0 and not fmt.signed_values:
            end = Fraction(0)
        if not isinstance(fmt, FloatFormat | FixedFormat):
            found[f"{name}, the end"] = (sign * end,) * 2
            found[f"{name}, past the end"] = sign * end, sign * end * 16
            continue
        q = power_of_two(floor_log2(fmt.largest) - fmt.trailing_bits)
        if isinstance(fmt, FixedFormat):
            q = power_of_two(-fmt.fraction_bits)
            steps = {"the end": 0, "one before the end": -1, "one past the end": 1}
            for label, n in steps.items():
                found[f"{name}, {label}"] = (sign * (end + n * q),) * 2
            continue
        found[f"{name}, the end"] = (sign * end,) * 2
        found[f"{name}, the tie past the end"] = (sign * (end + q / 2),) * 2
        found[f"{name}, the next power of two"] = (sign * (end + q),) * 2
        found[f"{name}, past the end, before the tie"] = sign * end, sign * (end + q / 2)
        if not isinstance(m.a, TaperedFormat) and not isinstance(m.b, TaperedFormat):
            found[f"{name}, past the tie"] = sign * (end + q / 2), sign * (end + q)
    return found


def _overflow_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite or len(x.lanes) + bool(x.addend) > 2:
        return ()
    total = x.total
    return tuple(
        label
        for label, (low, high) in _edges(m).items()
        if total == low == high or min(low, high) < total < max(low, high)
    )


def _overflow_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    low, high = _edges(m)[wanted]
    if low == high:
        yield from itertools.islice(_rows_of(m, low, stream), 48)
        return
    for part in (Fraction(1, 2), Fraction(1, 4), Fraction(7, 8)):
        yield from itertools.islice(_rows_of(m, low + part * (high - low), stream), 12)
    sign = 1 if high > 0 else -1
    for e in spread(m.products.low, m.products.high, 12):
        row = m.place({0: sign * power_of_two(e)}, low, stream)
        yield from () if row is None else (row,)


def _overflow_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    low, high = _edges(m)[wanted]
    fixed = isinstance(m.output, FixedFormat)
    if min(low, high) < m.output.lowest and not m.negative:
        return "no product is negative"
    nearest = min(abs(low), abs(high))
    end = m.output.largest if low + high > 0 else abs(m.output.lowest)
    least = nearest - end
    if not fixed and least > 0 and m.largest < least and 2 * m.largest < end:
        return "every product is smaller than what is missing beyond the largest value"
    if low == high and least > 0 and _every(m) and 2 * m.largest < end:
        if all(exact_code(m.output, low - p) is None for p in _every(m)):
            return "no product lies beside any c: all of them were tried"
    return None


@functools.lru_cache(maxsize=32)
def _every(m: Machine) -> frozenset[Fraction]:
    """Return every product, where there are few."""
    if m.scale is not None or m.table is not None or m.a.bits + m.b.bits > 12:
        return frozenset()
    sides = [
        {signed(m.factor(i, code)) for code in range(1 << fmt.bits)}
        for i, fmt in enumerate((m.a, m.b))
    ]
    return frozenset(x * y for x in sides[0] for y in sides[1])


# Subnormal results


@functools.lru_cache(maxsize=32)
def _depths(m: Machine) -> dict[str, tuple[Fraction, Fraction]]:
    """Return the open interval, or the point, of each label of subnormal results."""
    fmt = m.output
    normal = power_of_two(fmt.emin)
    least = power_of_two(fmt.emin - fmt.trailing_bits)
    zero = Fraction(0)
    found = {
        "within half the least": (zero, least / 2),
        "half the least": (least / 2, least / 2),
        "half to the least": (least / 2, least),
        "the least": (least, least),
        "the largest subnormal": (normal - least, normal - least),
        "largest subnormal to the normal": (normal - least, normal),
        "the least normal": (normal, normal),
    }
    signs = _SIGNS if fmt.signed_values else ("+",)
    return {
        f"{s}, {label}": (_SIGNS[s] * low, _SIGNS[s] * high)
        for s in signs
        for label, (low, high) in found.items()
    }


def _subnormal_applies(spec: "Spec") -> bool:
    fmt = spec.dst
    return on_grid(spec) and isinstance(fmt, FloatFormat) and fmt.subnormals and fmt.zero


_FAR = "tie and a far digit, "


def _far_bins(m: Machine) -> tuple[Bin, ...]:
    return tuple(_FAR + s for s in _SIGNS if s == "+" or m.output.signed_values)


def _grain_of_subnormals(m: Machine) -> int:
    """Return the exponent of the last kept digit of a subnormal result."""
    return int(m.output.emin) - _digits(m)


def _far_digit(m: Machine, x: Reading) -> bool:
    """Return whether only digits four or more places below its half send a sum up, not down."""
    if not m.once(x) or all(t.lane == C for t in m.terms(x)) or not _uncut(m, x):
        return False
    together = type(m.rule).__name__ in ("Exact", "Aligned") and not m.planned
    if len(x.lanes) > 1 and not (together and max(x.lanes) < m.first):
        return False
    size = abs(x.total)
    kept = size / power_of_two(_grain_of_subnormals(m))
    rest = kept % 2
    return size < power_of_two(m.output.emin) and 0 < rest - Fraction(1, 2) <= Fraction(1, 32)


def _far_rows(m: Machine, sign: int, stream: Stream) -> Iterator[Row]:
    grain = power_of_two(_grain_of_subnormals(m))
    for n, j in ((17, 5), (33, 6), (65, 7), (49, 5), (129, 8), (-15, 5), (-31, 6), (-63, 7)):
        part = Fraction(n, 1 << j)
        c = part // 1 % 2
        for more in (0, 2):
            lanes = {stream.below(m.first): sign * part * grain}
            row = m.place(lanes, sign * (c + more) * grain, stream)
            yield from () if row is None else (row,)
    for far, last in itertools.product((4, 5, 6, 8), dict.fromkeys((1, m.first - 1))):
        if last > 0:
            half = sign * grain / 2
            lanes = {0: half, last: half * power_of_two(-far)}
            row = m.place(lanes, Fraction(0), stream)
            yield from () if row is None else (row,)


def _far_unreachable(m: Machine) -> str | None:
    quantum = m.products.quantum + 2 * (m.scales.quantum if m.scale is not None else 0)
    if m.rounded is not None:
        quantum = max(quantum, span(m.rounded, False).quantum)
    last = max(min(quantum, m.spans[2].quantum), _last_uncut(m))
    if last > _grain_of_subnormals(m) - 5:
        return f"what is summed beside a product are multiples of 2**{last}"
    return None


def _last_uncut(m: Machine) -> float:
    """Return the lowest digit that some alignment of a product with c does not cut."""
    rule = m.aligned
    if rule is None or not m.c_inside:
        return float("-inf")
    inner = m.products.low if rule.normalized else m.products.field
    scales = m.scales.low if rule.normalized else m.scales.field
    least = 2 * scales + (0 if m.group > 1 else inner)
    return max(least, least if rule.floor is None else rule.floor) - rule.fraction_bits


def _subnormal_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite:
        return ()
    total = x.total
    far = (f"{_FAR}{'-' if total < 0 else '+'}",) if _far_digit(m, x) else ()
    if len(x.lanes) + bool(x.addend) > 2:
        return far
    return far + tuple(
        label
        for label, (low, high) in _depths(m).items()
        if total == low == high or min(low, high) < total < max(low, high)
    )


def _subnormal_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    if wanted.startswith(_FAR):
        yield from _far_rows(m, _SIGNS[wanted[-1]], stream)
        return
    low, high = _depths(m)[wanted]
    parts = (Fraction(1, 2), Fraction(3, 4), Fraction(1, 4), Fraction(1, 16))
    for target in dict.fromkeys(low + part * (high - low) for part in parts):
        yield from itertools.islice(_rows_of(m, target, stream), 16)


def _subnormal_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    if wanted.startswith(_FAR):
        return _far_unreachable(m)
    low, high = _depths(m)[wanted]
    if wanted.endswith("least normal"):
        return None  # c alone
    unit = power_of_two(_multiples(m))
    first = min(abs(low), abs(high)) // unit + 1
    inside = low == high and (low / unit).denominator == 1
    if inside or (low != high and first * unit < max(abs(low), abs(high))):
        return None
    return f"products and c are multiples of 2**{_multiples(m)}"


def _multiples(m: Machine) -> int:
    """Return the exponent of what products and c are multiples of, c beside a product."""
    quantum = m.products.quantum + 2 * (m.scales.quantum if m.scale is not None else 0)
    own = m.spans[2].quantum
    if m.flush:  # c is normal, and as large as the product that cancels most of it
        least = m.products.low + 2 * m.scales.low
        own = max(own, least - 1 - m.output.trailing_bits)
    return min(quantum, own)


RESULTS: tuple[CornerClass, ...] = (
    CornerClass(
        name="ties_of_sum",
        models="dot products, B3",
        text="sign and last bit of the exact sum, beside and at a tie of the output",
        applies=lambda spec: (
            on_grid(spec) and not isinstance(spec.dst, FixedFormat) and spec.dst.trailing_bits > 0
        ),
        bins=_tie_bins,
        solve=_tie_rows,
        hits=_tie_hits,
    ),
    CornerClass(
        name="overflow_of_sum",
        models="dot products, B4",
        text="the exact sum of c and a product at the ends of the output and just past them",
        applies=lambda spec: on_grid(spec) and reach(spec.dst) > 0,
        bins=lambda spec: tuple(_edges(machine(spec))),
        solve=_overflow_rows,
        hits=_overflow_hits,
        unreachable=_overflow_unreachable,
    ),
    CornerClass(
        name="subnormal_sums",
        models="dot products, B5, B6",
        text="the exact sum around the least normal and subnormal output, ties and a far digit",
        applies=_subnormal_applies,
        bins=lambda spec: (*_depths(machine(spec)), *_far_bins(machine(spec))),
        solve=_subnormal_rows,
        hits=_subnormal_hits,
        unreachable=_subnormal_unreachable,
    ),
)

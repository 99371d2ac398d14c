"""Corners of dot products: zeros and their signs, infinities, NaN, and each lane alone."""

import itertools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ...families.floats import FloatFormat
from ...families.grid import floor_log2, power_of_two
from ...matrix_units.accumulators import ProductRange
from ...params import Kind
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import labels, signed
from .dot_reading import Reading
from .dot_rows import Machine, Wanted, machine, supported

if TYPE_CHECKING:
    from ..spec import Spec

# Signs of zero

_ZEROS = (
    "all zeros are negative",
    "products -0, c +0",
    "products +0, c -0",
    "products of both signs, c -0",
    "products of both signs, c +0",
)


def _zero_applies(spec: "Spec") -> bool:
    return supported(spec) and bool(spec.dst.has_negative_zero) and machine(spec).table is None


def _zero_bins(spec: "Spec") -> tuple[Bin, ...]:
    m = machine(spec)
    if not m.negative:
        return _ZEROS[2:3]
    return _ZEROS if m.k > 1 else _ZEROS[:3]


def _zero_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    x = machine(spec).read(row)
    if not x.c.zero or any(p.kind is not Kind.ZERO for p in x.products):
        return ()
    signs = {p.sign for p in x.products}
    if len(signs) == 2:
        return _ZEROS[3:4] if x.c.sign else _ZEROS[4:5]
    sign = signs.pop()
    if sign and x.c.sign:
        return _ZEROS[:1]
    return _ZEROS[1:2] if sign else _ZEROS[2:3] if x.c.sign else ()


def _zero_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    negative = wanted.endswith("-0") or wanted == _ZEROS[0]
    c = m.output.code_of_ordinal(0, int(negative))
    for _ in range(8):
        a, b = [], []
        for i in range(m.k):
            sign = i % 2 if "both" in wanted else int(wanted in _ZEROS[:2])
            x, y = _signed_zero(m, sign, stream)
            a.append(x)
            b.append(y)
        yield m.build(a, b, c, stream, m.unscaled())


def _signed_zero(m: Machine, sign: int, stream: Stream) -> tuple[int, int]:
    """Return codes of a zero and a number whose signs make that of the product."""
    for _ in range(32):
        which = stream.below(2)
        number = m.draw(which, stream, nonzero=True)
        zero = m.zeros[1 - which]
        fmt = (m.b, m.a)[which]
        if getattr(fmt, "has_negative_zero", False) and stream.below(2):
            zero = exact.encode(-0.0, fmt)[0]
        if m.factor(which, number).sign ^ m.factor(1 - which, zero).sign == sign:
            return (number, zero) if which == 0 else (zero, number)
    return m.zeros


# Special values: each factor's kind, and c's; "x" is a nonzero number


def _special_bins(spec: "Spec") -> tuple[Bin, ...]:
    m = machine(spec)
    a, b, c = ([*_kinds(fmt)] for fmt in (m.a, m.b, m.output))
    pairs = [(x, y) for x in (*a, "0", "x") for y in (*b, "0", "x") if {x, y} & {"inf", "NaN"}]
    found = [f"{x} * {y}" for x, y in pairs]
    found += [f"{x} * {y}, last lane" for x, y in pairs if "0" in (x, y)]
    found += [f"c {kind}, products {rest}" for kind in c for rest in ("0", "x")]
    products = bool({"inf"} & {*a, *b})
    if products and m.k > 1:
        found += ["inf - inf of products", "inf + inf of products"]
    if products and "inf" in c:
        found += ["inf - inf of a product and c", "inf + inf of a product and c"]
    if products and "NaN" in c:
        found.append("product inf, c NaN")
    if m.aligned and m.aligned.range is ProductRange.CLIPPED:
        found += ["a product is clipped", "clipped products of both signs"][: min(m.k, 2)]
        found += ["a clipped product against an infinite c"] if "inf" in c else []
    return tuple(found)


def _kinds(fmt: object) -> Iterator[str]:
    if getattr(fmt, "has_infinity", False):
        yield "inf"
    if getattr(fmt, "has_nan", False):
        yield "NaN"


_NAMES = {Kind.ZERO: "0", Kind.INFINITY: "inf", Kind.NAN: "NaN"}


def _special_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    found = []
    pairs = [
        (_NAMES.get(a.kind, "x"), _NAMES.get(b.kind, "x")) for a, b in zip(x.a, x.b, strict=True)
    ]
    special = [i for i, pair in enumerate(pairs) if {*pair} & {"inf", "NaN"}]
    if len(special) == 1 and x.c.kind < Kind.INFINITY:
        name = "{} * {}".format(*pairs[special[0]])
        found += [name, f"{name}, last lane"] if special[0] == m.k - 1 else [name]
    c = _NAMES.get(x.c.kind, "x")
    if not special and c in ("inf", "NaN"):
        found.append(f"c {c}, products {'x' if x.lanes else '0'}")
    infinite = {p.sign for p in x.products if p.kind is Kind.INFINITY}
    if infinite and not any(p.kind is Kind.NAN for p in x.products):
        found += _beside_c(x, infinite)
    found += _clipped(m, x)
    return labels(found, _special_bins(spec))


def _beside_c(x: Reading, infinite: set[int]) -> list[str]:
    """Return what infinite products make of each other and of c."""
    if x.c.kind is Kind.NAN:
        return ["product inf, c NaN"]
    if x.c.kind is Kind.INFINITY:
        word = "+" if infinite == {x.c.sign} else "-"
        return [f"inf {word} inf of a product and c"] if len(infinite) == 1 else []
    count = sum(p.kind is Kind.INFINITY for p in x.products)
    return [f"inf {'-' if len(infinite) == 2 else '+'} inf of products"] if count > 1 else []


def _clipped(m: Machine, x: Reading) -> list[str]:
    if not m.aligned or m.aligned.range is not ProductRange.CLIPPED:
        return []
    if any(p.kind > Kind.NORMAL for p in x.products):
        return []
    limit = power_of_two(floor_log2(m.output.largest) + 1)
    signs = {p.sign for p in x.products if abs(p.value) >= limit}
    if len(signs) == 2:
        return ["clipped products of both signs"]
    if x.c.kind is Kind.INFINITY and signs == {1 - x.c.sign}:
        return ["a clipped product against an infinite c"]
    return ["a product is clipped"] if signs and x.c.kind < Kind.INFINITY else []


def _special_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    for sign in (0, 1, 0, 1):
        lanes: dict[int, tuple[str, str]] = {}
        c, first, last = "x", stream.below(m.k), m.k - 1
        if " * " in wanted:
            x, y = wanted.split(",")[0].split(" * ")
            lanes[last if wanted.endswith("lane") else first] = x, y
        elif wanted.startswith("c "):
            c = wanted.split()[1].rstrip(",")
            lanes = {} if wanted.endswith("0") else {first: ("x", "x")}
        elif "clipped" in wanted:
            yield from _clipped_rows(m, wanted, sign, stream)
            continue
        else:
            c = {"c NaN": "NaN", "and c": "inf"}.get(wanted[-5:], "x")
            a_has = "inf" in _kinds(m.a)
            one = ("inf", "x") if a_has else ("x", "inf")
            lanes = {0: one, last: one} if c == "x" else {first: one}
        for signs in itertools.product((0, 1), repeat=2 if len(lanes) > 1 or c == "inf" else 1):
            flips = [sign, *signs]
            yield _special_row(m, lanes, c, flips, stream)


def _special_row(
    m: Machine, lanes: dict[int, tuple[str, str]], c: str, signs: list[int], stream: Stream
) -> Row:
    """Return a row of kinds by lane; `signs` are those of c and of the special factors."""
    a, b = [m.zeros[0]] * m.k, [m.zeros[1]] * m.k
    for n, (lane, kinds) in enumerate(lanes.items()):
        for which, side in ((0, a), (1, b)):
            special = kinds[which] in ("inf", "NaN")
            sign = signs[1 + n % (len(signs) - 1)] if special else 0
            side[lane] = _code_of(m, which, kinds[which], sign, stream)
    return m.build(a, b, _code_of(m, 2, c, signs[0], stream), stream, m.unscaled())


def _code_of(m: Machine, which: int, kind: str, sign: int, stream: Stream) -> int:
    fmt = (m.a, m.b, m.output)[which]
    code = {"inf": fmt.infinity_code, "NaN": fmt.nan_code}.get(kind, lambda sign: None)(sign)
    if code is None and kind in ("inf", "NaN"):
        code = fmt.infinity_code(0) if kind == "inf" else fmt.nan_code(0)
    if kind == "0":
        return m.zeros[which] if which < 2 else m.code(2, Fraction(0)) or 0
    if code is not None:
        return int(code)
    found = m.draw(which, stream, nonzero=True)
    if which < 2 and not sign:  # the sign of the partner is that of the product
        positive = m.code(which, Fraction(1))
        return found if positive is None else positive
    return found


def _clipped_rows(m: Machine, wanted: Bin, sign: int, stream: Stream) -> Iterator[Row]:
    limit = power_of_two(floor_log2(m.output.largest) + 1) * (-1 if sign else 1)
    pair, other = m.pair(limit), m.pair(-limit)
    if pair is None or other is None:
        return
    a, b = [m.zeros[0]] * m.k, [m.zeros[1]] * m.k
    a[0], b[0] = pair
    if "both" in wanted:
        a[-1], b[-1] = other
    c = m.output.infinity_code(1 - sign) if "infinite" in wanted else None
    yield m.build(a, b, m.draw(2, stream) if c is None else c, stream, m.unscaled())


def _special_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    limit = floor_log2(m.output.largest) + 1
    if "clipped" in wanted and m.largest < power_of_two(limit):
        return f"every product is below 2**{limit}, where they are clipped"
    return None


# Lanes


def _lane_bins(spec: "Spec") -> tuple[Bin, ...]:
    m = machine(spec)
    found = [f"lane {i} alone" for i in range(m.k)]
    found += ["the first lane and c", "the last lane and c", "c alone"]
    if m.k > 1 and _distinct(m) >= m.k:
        found.append("every lane has its own pair")
    return (*found, *_extremes(m))


def _extremes(m: Machine) -> dict[Bin, tuple[Fraction, Wanted]]:
    """Return the largest product of elements of each sign, and what has it."""
    pairs: dict[Fraction, Wanted]
    if m.table is not None:
        pairs = {v: v for v in m.entries}
    else:
        ends = itertools.product(*((fmt.largest, fmt.lowest) for fmt in (m.a, m.b)))
        pairs = {Fraction(x) * Fraction(y): (Fraction(x), Fraction(y)) for x, y in ends}
    found = {"+": max(pairs), "-": min(pairs)}
    return {
        f"largest products in every lane, {sign}": (v, pairs[v])
        for sign, v in found.items()
        if (v > 0 if sign == "+" else v < 0)
    }


def _distinct(m: Machine) -> int:
    """Return a lower bound of how many pairs have a product that is not zero."""
    if m.table is not None:
        return 0
    numbers = [0, 0]
    for which, fmt in ((0, m.a), (1, m.b)):
        shift = max(fmt.bits - 8, 0)
        codes = {code << shift for code in range(1 << (fmt.bits - shift))} - m.unused[which]
        kinds = [m.factor(which, code).kind for code in codes]
        numbers[which] = sum(kind in (Kind.NORMAL, Kind.SUBNORMAL) for kind in kinds)
    return numbers[0] * numbers[1]


def _lane_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    if not x.finite:
        return ()
    lanes, found = x.lanes, []
    if len(lanes) == 1 and not x.addend:
        found.append(f"lane {lanes[0]} alone")
    if len(lanes) == 1 and x.addend:
        found += ["the first lane and c"] if lanes[0] == 0 else []
        found += ["the last lane and c"] if lanes[0] == m.k - 1 else []
    if not lanes and x.addend:
        found.append("c alone")
    if len(lanes) == m.k:
        values = {p.value for p in x.products}
        if m.table is None:
            values = {signed(a) * signed(b) for a, b in zip(x.a, x.b, strict=True)}
        found += [label for label, (v, _) in _extremes(m).items() if values == {v}]
    if len(lanes) == m.k > 1 and len({*zip(x.a, x.b, strict=True)}) == m.k:
        found.append("every lane has its own pair")
    return labels(found, _lane_bins(spec))


def _lane_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    zero = m.code(2, Fraction(0)) or 0
    if wanted.startswith("largest"):
        _, pair = _extremes(m)[wanted]
        row = m.place(dict.fromkeys(range(m.k), pair), Fraction(0), stream)
        yield from () if row is None else (row,)
        return
    for _ in range(8):
        if wanted.startswith("every"):
            pairs: dict[tuple[int, int], None] = {}
            for _ in range(64 * m.k):
                pairs[m.draw(0, stream, nonzero=True), m.draw(1, stream, nonzero=True)] = None
                if len(pairs) == m.k:
                    break
            a, b = ([pair[i] for pair in pairs] for i in (0, 1))
            if len(pairs) == m.k:
                yield m.build(a, b, zero, stream, m.unscaled())
            continue
        lane = {"the first": 0, "the last ": m.k - 1, "c alone": -1}.get(wanted[:9])
        if lane is None:
            lane = int(wanted.split()[1])
        # A random partner of zero shows which lane was mistaken for which.
        a, b = [m.zeros[0]] * m.k, [m.zeros[1]] * m.k
        if m.table is None:
            a = [m.draw(0, stream) for _ in range(m.k)]
        if lane >= 0:
            a[lane], b[lane] = _one_pair(m, stream)
        c = m.draw(2, stream, nonzero=True) if " c" in f" {wanted}" else zero
        yield m.build(a, b, c, stream, m.unscaled())


def _one_pair(m: Machine, stream: Stream) -> tuple[int, int]:
    if m.table is not None:
        value = max(m.entries)
        return m.entries[value]
    return m.draw(0, stream, nonzero=True), m.draw(1, stream, nonzero=True)


def _specials_apply(spec: "Spec") -> bool:
    plain = supported(spec) and isinstance(spec.dst, FloatFormat) and spec.dst.has_nan
    return plain and machine(spec).table is None


SPECIALS: tuple[CornerClass, ...] = (
    CornerClass(
        name="zeros_of_terms",
        models="dot products",
        text="sums of zeros of either sign",
        applies=_zero_applies,
        bins=_zero_bins,
        solve=_zero_rows,
        hits=_zero_hits,
    ),
    CornerClass(
        name="specials_of_terms",
        models="dot products",
        text="NaN and infinities in one element, beside zeros, against each other and c",
        applies=lambda spec: _specials_apply(spec) and bool(_special_bins(spec)),
        bins=_special_bins,
        solve=_special_rows,
        hits=_special_hits,
        unreachable=_special_unreachable,
    ),
    CornerClass(
        name="lanes",
        models="dot products",
        text="one product alone in each lane, all lanes different, the largest in all lanes",
        applies=supported,
        bins=_lane_bins,
        solve=_lane_rows,
        hits=_lane_hits,
    ),
)

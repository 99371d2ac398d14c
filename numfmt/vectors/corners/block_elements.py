"""Corners of blocks: elements at ties, outliers, zeros, special values, order."""

import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ...families.block_options import NonFinite
from ...families.floats import FloatFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ...params import Kind
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .block_rows import Quantizer, applies, quantizer
from .building import odd_part
from .code_values import labels, spread

if TYPE_CHECKING:
    from ..spec import Spec

_FEW = 4  # bits of elements whose ties are told apart one by one


def _signs(q: Quantizer) -> tuple[str, ...]:
    return ("+", "-") if q.src.signed_values and q.element.signed_values else ("+",)


# Ties between elements


def _tie_applies(spec: "Spec") -> bool:
    return applies(spec) and isinstance(spec.dst.element, GridFormat) and (spec.k or 1) > 1


@functools.lru_cache(maxsize=16)
def _ties(q: Quantizer) -> dict[str, Sequence[int]]:
    """Return the ordinals below the ties that each label stands for."""
    element = q.element
    assert isinstance(element, GridFormat)
    first = element.grid.first
    every = range(first, element.largest_ordinal(0))
    names: dict[str, Sequence[int]]
    if element.bits <= _FEW:
        names = {f"tie above {float(element.value_of_ordinal(k)):g}": (k,) for k in every}
    else:
        names = {
            "tie above the least": (every[0],),
            "tie below the largest": (every[-1],),
            "tie above an even code": every[::2],
            "tie above an odd code": every[1::2],
        }
        if isinstance(element, FloatFormat) and element.trailing_bits and element.subnormals:
            names["tie below the least normal"] = ((1 << element.trailing_bits) - 1,)
    return {f"{sign}{name}": ks for sign in _signs(q) for name, ks in names.items()}


def _tie_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    q = quantizer(spec)
    x = q.read(row)
    element = q.element
    assert isinstance(element, GridFormat)
    if not x.finite:
        return ()
    found = []
    for v in x.x:
        y = q.quotient(v, x)
        if not y or abs(y) >= element.largest or abs(y) < element.value_of_ordinal(0):
            continue
        code = exact.encode(abs(y), element, rounding="toward_zero", overflow="saturate")[0]
        low = code + element.grid.first
        if abs(y) == element.tie_between(low, low + 1):
            sign = "-" if y < 0 else "+"
            found += [name for name, ks in _ties(q).items() if name[0] == sign and low in ks]
    return labels(found, tuple(_ties(q)))


def _tie_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    element = q.element
    assert isinstance(element, GridFormat)
    low, high = (floor_log2(a) for a in q.ends)
    margin = (high - low) // 4
    ks = _ties(q)[wanted]
    for e in (*spread(low + margin, high - margin, 24), high):
        a = q.value(min(q.limit * power_of_two(e), q.ends[1]))
        s = q.scale_of(a)[1].value
        k = ks[stream.below(len(ks))]
        tie = element.tie_between(k, k + 1) * (-1 if wanted[0] == "-" else 1)
        lane = stream.below(q.k)
        values: dict[int, Fraction | int] = {lane: a, (lane + 1 + stream.below(q.k)) % q.k: tie * s}
        yield q.row(values, a * Fraction(3, 4), stream)


def _tie_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    q = quantizer(spec)
    element = q.element
    assert isinstance(element, GridFormat)
    ties = (element.tie_between(k, k + 1) for k in _ties(q)[wanted])
    if q.binary_scales and all(odd_part(tie)[0].bit_length() > q.digits + 1 for tie in ties):
        return f"elements have {q.digits + 1} digits, fewer than the ties"
    first = _ties(q)[wanted][0]
    least = element.tie_between(first, first + 1)
    if q.highest is not None and q.highest < least:
        return (
            f"scales are not so far below the raw ones: elements stay within {float(q.highest):g}"
        )
    return None


# One outlier

_OUTLIERS = ("outlier first", "outlier in the middle", "outlier last")
_AT_HALF = "the others at half the least element"


def _outlier_applies(spec: "Spec") -> bool:
    return _tie_applies(spec) and spec.dst.element.has_zero and (spec.k or 1) > 2


def _outlier_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    q = quantizer(spec)
    x = q.read(row)
    element = q.element
    assert isinstance(element, GridFormat)
    if not x.finite or x.a == 0:
        return ()
    half = element.tie_between(0, 1)
    tops = [i for i, v in enumerate(x.x) if v.magnitude == x.a]
    others = [q.quotient(v, x) or Fraction(0) for i, v in enumerate(x.x) if i not in tops]
    if len(tops) != 1 or not all(others):
        return ()
    if all(abs(y) == half for y in others):
        return (_AT_HALF,)
    if any(abs(y) >= half for y in others):
        return ()
    return (_OUTLIERS[0 if tops[0] == 0 else 2 if tops[0] == q.k - 1 else 1],)


def _outlier_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    element = q.element
    assert isinstance(element, GridFormat)
    half = element.tie_between(0, 1)
    low, high = (floor_log2(a) for a in q.ends)
    margin = (high - low) // 4
    for e in spread(low + margin, high - margin, 24):
        a = q.value(q.limit * power_of_two(e))
        s = q.scale_of(a)[1].value
        at = _OUTLIERS.index(wanted) if wanted in _OUTLIERS else stream.below(3)
        lane = (0, 1 + stream.below(q.k - 2), q.k - 1)[at]
        values: dict[int, Fraction | int] = {}
        for i in range(q.k):
            part = Fraction(1) if wanted == _AT_HALF else Fraction(1 + stream.below(15), 16)
            sign = -1 if len(_signs(q)) > 1 and stream.below(2) else 1
            values[i] = a if i == lane else sign * part * half * s
        yield q.row(values, Fraction(0), stream)


# Zeros and special values

_ZERO = ("all zeros", "all negative zeros", "zeros of both signs", "one element is not zero")


def _special_bins(spec: "Spec") -> tuple[Bin, ...]:
    q = quantizer(spec)
    found = [_ZERO[0], *(_ZERO[1:3] if q.src.has_negative_zero else ()), _ZERO[3]]
    found = [name for name in found if q.k > 1 or name != _ZERO[2]]
    if q.fmt.nonfinite is NonFinite.REFUSE:
        return tuple(found)
    if q.src.has_nan:
        found += ["one NaN, the others numbers", "all NaN"]
    if q.src.has_infinity:
        found += ["one infinity, the others numbers", "all infinite"]
        found += ["one negative infinity, the others numbers"] if q.src.signed_values else []
    if q.src.has_nan and q.src.has_infinity and q.k > 1:
        found.append("NaN and infinity")
    if q.k == 1:
        found = [name for name in found if "others" not in name]
    return tuple(found)


def _special_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    q = quantizer(spec)
    x = q.read(row).x
    kinds = [v.kind for v in x]
    found = []
    if set(kinds) == {Kind.ZERO}:
        signs = {v.sign for v in x}
        found.append(_ZERO[2] if len(signs) == 2 else _ZERO[signs.pop()])
    if kinds.count(Kind.ZERO) == q.k - 1 and all(v.finite for v in x):
        found.append(_ZERO[3])
    for kind, name in ((Kind.NAN, "NaN"), (Kind.INFINITY, "infinity")):
        at = [i for i, found_kind in enumerate(kinds) if found_kind is kind]
        if len(at) == q.k:
            found.append("all NaN" if kind is Kind.NAN else "all infinite")
        if len(at) == 1 and all(v.finite for i, v in enumerate(x) if i not in at):
            word = "negative " if kind is Kind.INFINITY and x[at[0]].sign else ""
            found.append(f"one {word}{name}, the others numbers")
    if {Kind.NAN, Kind.INFINITY} <= set(kinds):
        found.append("NaN and infinity")
    return labels(found, _special_bins(spec))


def _special_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    zero, minus = (q.src.code_of_ordinal(0, sign) for sign in (0, 1))
    nan, infinity = q.src.nan_code(0), q.src.infinity_code(int("negative" in wanted))
    lane, values = stream.below(q.k), dict[int, Fraction | int]()
    if wanted in _ZERO[:3]:
        both = [minus if i % 2 else zero for i in range(q.k)]
        plain = [minus if wanted == _ZERO[1] else zero] * q.k
        values = dict(enumerate(both if wanted == _ZERO[2] else plain))
    elif wanted == _ZERO[3]:
        values = {**dict.fromkeys(range(q.k), zero), lane: Fraction(3, 2)}
    elif wanted.startswith("all"):
        values = dict.fromkeys(range(q.k), (nan if "NaN" in wanted else infinity) or 0)
    elif wanted == "NaN and infinity":
        values = {lane: nan or 0, (lane + 1) % q.k: infinity or 0}
    else:
        values = {lane: (nan if "NaN" in wanted else infinity) or 0}
    yield q.row(values, Fraction(4), stream)


# Order

_ORDERS = ("magnitudes ascend", "magnitudes descend", "signs alternate")


def _order_bins(spec: "Spec") -> tuple[Bin, ...]:
    return _ORDERS[: 1 + len(_signs(quantizer(spec)))]


def _order_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    x = quantizer(spec).read(row)
    if not x.finite or not all(v.magnitude for v in x.x):
        return ()
    sizes = [v.magnitude for v in x.x]
    steps = list(itertools.pairwise(sizes))
    found = [_ORDERS[0]] if all(a < b for a, b in steps) else []
    found += [_ORDERS[1]] if all(a > b for a, b in steps) else []
    signs = [v.sign for v in x.x]
    if all(a != b for a, b in itertools.pairwise(signs)):
        found.append(_ORDERS[2])
    return labels(found, _order_bins(spec))


def _order_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    for e in range(4):
        values: dict[int, Fraction | int] = {}
        for i in range(q.k):
            step = i if wanted == _ORDERS[0] else q.k - 1 - i
            size = Fraction(q.k + 2 * step, q.k) * power_of_two(e)
            flip = i % 2 if wanted == _ORDERS[2] else stream.below(len(_signs(q)))
            values[i] = -size if flip else size
        yield q.row(values, Fraction(0), stream)


ELEMENTS: tuple[CornerClass, ...] = (
    CornerClass(
        name="ties_of_elements",
        models="blocks",
        text="an element that is halfway between two codes once it is scaled",
        applies=_tie_applies,
        bins=lambda spec: tuple(_ties(quantizer(spec))),
        solve=_tie_rows,
        hits=_tie_hits,
        unreachable=_tie_unreachable,
    ),
    CornerClass(
        name="outlier_of_block",
        models="blocks",
        text="one outlier, all other elements below half the least one or at it",
        applies=_outlier_applies,
        bins=lambda spec: (*_OUTLIERS, _AT_HALF),
        solve=_outlier_rows,
        hits=_outlier_hits,
    ),
    CornerClass(
        name="specials_of_block",
        models="blocks",
        text="blocks of zeros, and with NaN or infinities in one element or all",
        applies=applies,
        bins=_special_bins,
        solve=_special_rows,
        hits=_special_hits,
    ),
    CornerClass(
        name="order_of_elements",
        models="blocks",
        text="blocks whose elements all differ, so that none is taken for another",
        applies=lambda spec: applies(spec) and (spec.k or 1) > 1,
        bins=_order_bins,
        solve=_order_rows,
        hits=_order_hits,
    ),
)

"""Corners of posits and linear takums: regimes, cut exponents, ties there, ends, NaR, negation."""

import itertools
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels
from .posit_fields import cut, cuts_of, holds, ordinal, regime, regimes_of
from .posit_rows import exact_value, result_range, rows_of
from .posit_specials import SPECIALS, operands, rational_result

if TYPE_CHECKING:
    from ..spec import Spec

_SUMS = frozenset({"add", "sub", "faa"})
_WHERE = ("below a tie", "at a tie", "above a tie")


def _result_code(spec: "Spec", row: Row) -> int | None:
    """Return the code of a result rounded to the nearest."""
    value = exact_value(spec, row)
    if value is None:
        return None
    return exact.encode(value, spec.dst, rounding="nearest_even")[0]


# Regimes, and exponents that they cut


def _regime_bins(spec: "Spec") -> tuple[Bin, ...]:
    found = [f"{x} regime {name}" for _, x, f in operands(spec) for name in regimes_of(f)]
    found += [f"{x} lacks {n} exponent bits" for _, x, f in operands(spec) for n in cuts_of(f)]
    if rational_result(spec):
        found += [
            f"result {s} regime {name}" for s in _signs(spec) for name in regimes_of(spec.dst)
        ]
        found += [f"result lacks {n} exponent bits" for n in cuts_of(spec.dst)]
    return tuple(found)


def _signs(spec: "Spec") -> tuple[str, ...]:
    return ("+",) if spec.op in ("sqrt", "abs") else ("+", "-")


def _regime_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    found = []
    for i, x, fmt in operands(spec):
        code = row[i]
        assert isinstance(code, int)
        if ordinal(code, fmt):
            found.append(f"{x} regime {regime(code, fmt)}")
            found.append(f"{x} lacks {cut(ordinal(code, fmt), fmt)} exponent bits")
    made = _result_code(spec, row) if rational_result(spec) else None
    if made is not None and ordinal(made, spec.dst):
        sign = "-" if made >> (spec.dst.bits - 1) else "+"
        found.append(f"result {sign} regime {regime(made, spec.dst)}")
        found.append(f"result lacks {cut(ordinal(made, spec.dst), spec.dst)} exponent bits")
    return labels(found, _regime_bins(spec))


def _regime_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    words = wanted.split()
    if words[0] != "result":
        index, _, fmt = next(one for one in operands(spec) if one[1] == words[0])
        ranges = (
            (regimes_of(fmt)[words[2]],) if words[1] == "regime" else cuts_of(fmt)[int(words[2])]
        )
        for i in range(8):
            k = _one_of(ranges[i % len(ranges)], stream)
            codes = [stream.bits(f.bits) for f in spec.formats]
            codes[index] = k if stream.below(2) else (1 << fmt.bits) - k
            yield tuple(codes)
        return
    if words[1] == "lacks":
        ranges, signs = cuts_of(spec.dst)[int(words[2])], _signs(spec)
    else:
        ranges, signs = (regimes_of(spec.dst)[words[3]],), (words[1],)
    first, last = _reached(spec)
    for i in range(8):
        there = ranges[i % len(ranges)]
        there = range(max(there.start, first), min(there.stop, last + 1)) or there
        k = _one_of(there, stream)
        value = spec.dst.value_of_ordinal(k)
        sign = -1 if signs[stream.below(len(signs))] == "-" else 1
        yield from itertools.islice(rows_of(spec, sign * value, stream), 8)


def _one_of(there: range, stream: Stream) -> int:
    return there[stream.below(len(there))]


def _regime_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    words = wanted.split()
    if words[0] != "result":
        return None
    fmt = spec.dst
    ranges = cuts_of(fmt)[int(words[2])] if words[1] == "lacks" else (regimes_of(fmt)[words[3]],)
    return _beyond(spec, ranges)


def _beyond(spec: "Spec", ranges: tuple[range, ...]) -> str | None:
    """Return why results have none of the positive codes, if they are all too large or small."""
    ends = _reached(spec)
    if all(there[-1] < ends[0] or there[0] > ends[1] for there in ranges):
        return f"results are codes {ends[0]:#x} to {ends[1]:#x}"
    return None


def _reached(spec: "Spec") -> tuple[int, int]:
    """Return the least and the greatest positive code that a result can have."""
    low, high = (exact.encode(end, spec.dst)[0] for end in result_range(spec))
    return low, high


# Ties


def _tie_applies(spec: "Spec") -> bool:
    ops = ("add", "sub", "faa", "mul", "div", "fma", "convert", "encode")
    if not rational_result(spec) or spec.op not in ops or not 4 < spec.dst.bits < 64:
        return False
    return len(spec.formats) == 1 or all(f == spec.dst for f in spec.formats)


def _tie_bins(spec: "Spec") -> tuple[Bin, ...]:
    found = [f"{s}, {p}, {w}" for s in "+-" for p in ("even", "odd") for w in _WHERE]
    # Sums: values a factor of 16 and more apart have no sum of two at the tie between.
    cuts = [n for n in cuts_of(spec.dst) if n == 1 or spec.op not in _SUMS]
    return (*found, *(f"{s}, tie of a code that lacks {n} bits" for s in "+-" for n in cuts))


def _tie_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    value = exact_value(spec, row)
    fmt = spec.dst
    if not value:
        return ()
    size = abs(value)
    k = exact.encode(size, fmt, rounding="toward_zero")[0]
    low = fmt.value_of_ordinal(k)
    if size <= low or k >= fmt.largest_ordinal(0):
        return ()
    tie = fmt.tie_between(k, k + 1)
    sign = "-" if value < 0 else "+"
    found = [f"{sign}, {('even', 'odd')[k & 1]}, {_WHERE[1 + (size > tie) - (size < tie)]}"]
    if size == tie:
        found.append(f"{sign}, tie of a code that lacks {cut(k, fmt)} bits")
    return labels(found, _tie_bins(spec))


def _tie_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    fmt = spec.dst
    sign = -1 if wanted[0] == "-" else 1
    regimes = [*regimes_of(fmt).values()]
    start = stream.below(len(regimes))
    for i in range(60 if len(spec.formats) == 1 else 5 if "lacks" in wanted else 10):
        where, there = 1, regimes[(start + 5 * i) % len(regimes)]
        if "lacks" in wanted:
            ranges = cuts_of(fmt)[int(wanted.split()[-2])]
            k = _one_of(ranges[i % len(ranges)], stream)
        else:
            where = _WHERE.index(wanted.split(", ")[2])
            k = _one_of(there, stream) if i % 2 else _drawn(spec, stream)
            k += (k & 1) != ("odd" in wanted)
        if not 1 <= k < fmt.largest_ordinal(0):
            continue
        tie, ends = fmt.tie_between(k, k + 1), [fmt.value_of_ordinal(k + j) for j in (0, 1)]
        part = Fraction(1, 2 + 6 * stream.below(2))
        target = tie if where == 1 else tie + (ends[where // 2] - tie) * part
        yield from itertools.islice(
            rows_of(spec, sign * target, stream), 12 if "lacks" in wanted else 6
        )


def _drawn(spec: "Spec", stream: Stream) -> int:
    """Return the result code below a random operand: operands are densest where it lies."""
    source = spec.formats[0]
    for _ in range(8):
        found = exact.decode(stream.bits(source.bits), source)
        if found.finite and found.magnitude:
            return int(exact.encode(found.magnitude, spec.dst, rounding="toward_zero")[0])
    return int(1 << (spec.dst.bits - 2))


def _tie_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    source = spec.formats[0]
    if len(spec.formats) == 1 and holds(spec.dst, source):
        return f"every {source.name} is a {spec.dst.name}"
    if "lacks" in wanted:
        return _beyond(spec, cuts_of(spec.dst)[int(wanted.split()[-2])])
    return None


# The ends


def _ends(spec: "Spec") -> dict[str, Callable[[Fraction], bool]]:
    """Return what the labels of the ends ask of the exact magnitude."""
    least, largest = spec.dst.smallest, spec.dst.largest
    return {
        "past the largest": lambda v: v > largest,
        "the largest": lambda v: v == largest,
        "below the smallest": lambda v: 0 < v < least,
        "the smallest": lambda v: v == least,
    }


def _end_bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(f"{s}, {name}" for s in _signs(spec) for name in _ends(spec))


def _end_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    value = exact_value(spec, row)
    if value is None:
        return ()
    sign = "-" if value < 0 else "+"
    return [f"{sign}, {name}" for name, holds in _ends(spec).items() if holds(abs(value))]


def _end_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    least, largest = spec.dst.smallest, spec.dst.largest
    sign = -1 if wanted[0] == "-" else 1
    targets = [largest] if wanted.endswith("the largest") else [least]
    low, high = result_range(spec)
    if "past" in wanted:
        targets = [2 * largest, largest + largest / 16, largest**2, largest * 256, high]
    if "below" in wanted:
        step = abs(spec.dst.value_of_ordinal(2) - least)
        targets = [least / 2, least / 16, least**2, least * Fraction(15, 16), step, low]
    for target in targets:
        yield from itertools.islice(rows_of(spec, sign * target, stream), 10)


def _end_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    least, largest = spec.dst.smallest, spec.dst.largest
    low, high = result_range(spec)
    above = high < largest if wanted.endswith(", the largest") else high <= largest
    below = low > least if wanted.endswith(", the smallest") else low >= least
    if "largest" in wanted and above:
        return "exact results end there or before"
    if "smallest" in wanted and below:
        return "exact results begin there or later"
    if spec.op in ("sqrt", "recip") and ", the " in wanted:
        end = largest if "largest" in wanted else least
        source = end**2 if spec.op == "sqrt" else 1 / end
        if exact_code(spec.formats[0], source) is None:
            return f"{spec.formats[0].name} has not the one operand that would do"
    return None


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="regimes",
        models="posits",
        text="every regime of operands and results, and exponents that it cuts short",
        applies=lambda spec: bool(operands(spec)) or rational_result(spec),
        bins=_regime_bins,
        solve=_regime_rows,
        hits=_regime_hits,
        unreachable=_regime_unreachable,
    ),
    CornerClass(
        name="tapered_ties",
        models="posits, B3",
        text="exact results below, at and above ties, also where exponent bits are cut off",
        applies=_tie_applies,
        bins=_tie_bins,
        solve=_tie_rows,
        hits=_tie_hits,
        unreachable=_tie_unreachable,
    ),
    CornerClass(
        name="tapered_ends",
        models="posits, B4",
        text="exact results at the smallest and largest magnitude and past them",
        applies=rational_result,
        bins=_end_bins,
        solve=_end_rows,
        hits=_end_hits,
        unreachable=_end_unreachable,
    ),
    *SPECIALS,
)

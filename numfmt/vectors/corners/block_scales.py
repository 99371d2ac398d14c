"""Corners of products of blocks: the codes of their scales, and products of scales."""

import functools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ...families.floats import FloatFormat
from ...families.grid import power_of_two
from ...params import Kind
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels
from .dot_rows import Machine, machine, supported

if TYPE_CHECKING:
    from ..spec import Spec

_PAIRS = {
    "both scales the least": ("the least", "the least"),
    "both scales the largest": ("the largest", "the largest"),
    "scale a the least, b the largest": ("the least", "the largest"),
    "scale a the largest, b the least": ("the largest", "the least"),
}
_NAN_OVER_ZEROS = "a NaN scale over zeros"
_ZERO_BLOCK = "a block of zeros under the largest scale"
_OWN = "every block has its own scales"
_PAST = "a scaled product past the largest output"
_BELOW = "a scaled product below the least output"


def _applies(spec: "Spec") -> bool:
    return spec.op == "block_dot" and supported(spec)


@functools.lru_cache(maxsize=32)
def _kinds(m: Machine) -> dict[str, int]:
    """Return the codes of the scales that are corners of their format."""
    fmt = m.scale
    values = {
        "zero": Fraction(0) if fmt.has_zero else None,
        "the least": fmt.smallest,
        "the largest": fmt.largest,
    }
    if isinstance(fmt, FloatFormat) and fmt.subnormals and fmt.trailing_bits:
        values["the largest subnormal"] = power_of_two(fmt.emin) - fmt.smallest
    codes = {name: None if v is None else exact_code(fmt, v) for name, v in values.items()}
    codes |= {"NaN": fmt.nan_code(0), "infinite": fmt.infinity_code(0)}
    one = exact_code(fmt, Fraction(1))
    if fmt.signed_values and isinstance(fmt, FloatFormat) and one is not None:
        codes["with a sign bit"] = one | 1 << (fmt.bits - 1)
    return {name: code for name, code in codes.items() if code is not None}


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    m = machine(spec)
    kinds = _kinds(m)
    found = [f"scale {side} {kind}" for side in "ab" for kind in kinds]
    found += [*_PAIRS, _ZERO_BLOCK, _PAST, _BELOW]
    found += [_NAN_OVER_ZEROS] if "NaN" in kinds else []
    return (*found, _OWN) if m.k > m.size else tuple(found)


def _hits(spec: "Spec", row: Row) -> Collection[Bin]:
    m = machine(spec)
    x = m.read(row)
    codes = [part if isinstance(part, tuple) else (part,) for part in (row[1], row[3])]
    names = {code: name for name, code in _kinds(m).items()}
    nan, found = _kinds(m).get("NaN"), []
    pairs = {names_of: label for label, names_of in _PAIRS.items()}
    for block, (a, b) in enumerate(zip(*codes, strict=True)):
        part = slice(block * m.size, (block + 1) * m.size)
        elements = list(zip(x.a[part], x.b[part], strict=True))
        counts = any(not (p.zero or q.zero) for p, q in elements)
        kind = names.get(a), names.get(b)
        if counts:
            found += [f"scale {s} {name}" for s, name in zip("ab", kind, strict=True) if name]
            found += [pairs[kind]] if kind in pairs else []
        elif nan in (a, b) and all(p.zero and q.zero for p, q in elements):
            found.append(_NAN_OVER_ZEROS)
        for side, name in enumerate(kind):
            if name == "the largest" and all(pair[side].zero for pair in elements):
                found.append(_ZERO_BLOCK)
    if len({*codes[0]}) == len(codes[0]) and len({*codes[1]}) == len(codes[1]):
        found += [_OWN] if all(p.kind < Kind.INFINITY and p.value for p in x.products) else []
    sizes = [abs(p.value) for p in x.products if p.value]
    found += [_PAST] if any(v > m.output.largest for v in sizes) else []
    found += [_BELOW] if any(v < m.output.smallest for v in sizes) else []
    return labels(found, _bins(spec))


def _rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    m = machine(spec)
    kinds = _kinds(m)
    count = m.k // m.size
    for _ in range(8):
        a = [m.draw(0, stream, nonzero=True) for _ in range(m.k)]
        b = [m.draw(1, stream, nonzero=True) for _ in range(m.k)]
        scales = m.unscaled()
        block = stream.below(count)
        part = slice(block * m.size, (block + 1) * m.size)
        chosen: tuple[str | None, str | None] = _PAIRS.get(wanted, (None, None))
        if wanted.startswith("scale a ") and wanted not in _PAIRS:
            chosen = wanted[8:], None
        elif wanted.startswith("scale b "):
            chosen = None, wanted[8:]
        elif wanted == _NAN_OVER_ZEROS:
            chosen = ("NaN", None) if stream.below(2) else (None, "NaN")
            a[part], b[part] = [m.zeros[0]] * m.size, [m.zeros[1]] * m.size
        elif wanted == _ZERO_BLOCK:
            chosen = "the largest", None
            a[part] = [m.zeros[0]] * m.size
        elif wanted in (_PAST, _BELOW):
            chosen = ("the largest",) * 2 if wanted == _PAST else ("the least",) * 2
            lane = stream.below(m.k)
            a[lane], b[lane] = _extreme(m, wanted == _PAST)
            block = lane // m.size
        for side, name in enumerate(chosen):
            if name is not None:
                scales[side][block] = kinds[name]
        if wanted == _OWN:
            start = stream.below(max(1, (1 << (m.scale.bits - 1)) - 2 * count)) + 1
            scales = [[start + i for i in range(count)], [start + count - i for i in range(count)]]
        c = m.draw(2, stream)
        yield m.build(a, b, c, stream, scales)


def _extreme(m: Machine, largest: bool) -> tuple[int, int]:
    """Return the codes of the largest or the smallest numbers of a and b."""
    if largest:
        return int(m.a.largest_code(0)), int(m.b.largest_code(0))
    a, b = exact_code(m.a, m.a.smallest), exact_code(m.b, m.b.smallest)
    return a or 0, b or 0


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    m = machine(spec)
    if wanted == _PAST and m.largest <= m.output.largest:
        return "the largest scaled product is an output"
    low = m.products.low + 2 * m.scales.low
    if wanted == _BELOW and power_of_two(low) >= m.output.smallest:
        return f"scaled products begin at 2**{low}"
    return None


SCALES: tuple[CornerClass, ...] = (
    CornerClass(
        name="scales_of_products",
        models="blocks",
        text="scales at the ends of their format, zero, NaN; products of scales past the output",
        applies=_applies,
        bins=_bins,
        solve=_rows,
        hits=_hits,
        unreachable=_unreachable,
    ),
)

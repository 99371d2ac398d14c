"""Corners of blocks: what their scales are, which element decides them, how elements round."""

import functools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ...exact.data import datum
from ...exact.extended import is_zero
from ...families.block_options import NonFinite, ScaleRule
from ...families.floats import FloatFormat
from ...families.grid import floor_log2, power_of_two
from ...params import Kind
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .block_elements import ELEMENTS
from .block_rows import Quantizer, applies, quantizer
from .block_scales import SCALES
from .building import odd_part
from .code_values import exact_code, labels, spread

if TYPE_CHECKING:
    from ..spec import Spec

# The scale that a block gets

_RAW = ("raw scale below the least", "raw scale above the largest", "raw scale at a tie")


@functools.lru_cache(maxsize=16)
def _scales(q: Quantizer) -> dict[str, Fraction]:
    """Return the scales that bins want, by label."""
    fmt, found = q.scale, {}
    smallest = fmt.smallest
    if isinstance(fmt, FloatFormat) and fmt.subnormals and fmt.trailing_bits and fmt.bits <= 16:
        least_normal = power_of_two(fmt.emin)
        found = {"scale the least normal": least_normal}
        found["scale the largest subnormal"] = least_normal - smallest
    if q.fmt.rule is not ScaleRule.AMAX:
        found.pop("scale the largest subnormal", None)  # scales are powers of two
    return {
        "scale the least": smallest,
        **found,
        "scale one": Fraction(1),
        "scale the largest": fmt.largest,
    }


def _scale_bins(spec: "Spec") -> tuple[Bin, ...]:
    q = quantizer(spec)
    ties = q.scale.bits <= 16 and q.fmt.rule is ScaleRule.AMAX
    ties = ties and odd_part(q.limit)[0].bit_length() + q.scale.trailing_bits + 1 <= q.digits
    found = [*_scales(q), *_RAW[: 3 if ties else 2]]
    if q.scale.has_zero:
        found.append("scale zero")
    if q.fmt.nonfinite is not NonFinite.REFUSE and q.src.has_nan and q.scale.has_nan:
        found += ["scale NaN"] if q.fmt.nonfinite is NonFinite.NAN_BLOCK else []
    return tuple(found)


def _scale_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    q = quantizer(spec)
    x = q.read(row)
    if x.scale.kind is Kind.NAN:
        return labels(["scale NaN"], _scale_bins(spec))
    if not x.finite or x.a == 0:
        return ()
    found = ["scale zero"] if is_zero(x.scale) else []
    found += [label for label, value in _scales(q).items() if x.scale.value == value]
    if not x.raw.finite:
        return labels([*found, _RAW[1]], _scale_bins(spec))
    raw = x.raw.value
    found += _RAW[:1] if raw < q.scale.smallest else _RAW[1:2] if raw > q.scale.largest else ()
    if q.scale.smallest <= raw < q.scale.largest and _RAW[2] in _scale_bins(spec):
        low = exact.encode(raw, q.scale, rounding="toward_zero")[0] + q.scale.grid.first
        found += _RAW[2:] if raw == q.scale.tie_between(low, low + 1) else ()
    return labels(found, _scale_bins(spec))


def _scale_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    if wanted == "scale NaN":
        yield q.row({stream.below(q.k): q.src.nan_code(0) or 0}, Fraction(1), stream)
        return
    if wanted == _RAW[2]:
        low, high = (floor_log2(a) for a in q.ends)
        some = [power_of_two(low + (high - low) * i // 24) for i in range(6, 18)]
        first = [exact.encode(a / q.limit, q.scale, overflow="saturate")[0] for a in some]
        targets = [q.scale.tie_between(k, k + 1) for k in (k + q.scale.grid.first for k in first)]
    elif wanted in (*_RAW[:1], "scale zero"):
        targets = [q.scale.smallest * Fraction(1, n) for n in (2, 3, 4, 64)]
        targets.append(q.ends[0] / q.limit)
    else:
        top = q.scale.largest
        targets = [top * 4, q.ends[1]] if wanted == _RAW[1] else [_scales(q)[wanted]]
    for target in targets:
        for reach in (q.limit, power_of_two(floor_log2(q.limit))):
            for part in (Fraction(1), Fraction(5, 4), Fraction(15, 16)):
                a = min(max(target * reach * part, q.ends[0]), q.ends[1])
                yield q.row({stream.below(q.k): a}, a * Fraction(15, 16), stream)


def _scale_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    q = quantizer(spec)
    (low_raw, low), (high_raw, high) = (q.scale_of(a) for a in q.ends)
    said = f"scales of {q.src.name} are {float(low.value):g} to {float(high.value):g}"
    if wanted == _RAW[0] and low_raw.value >= q.scale.smallest:
        return f"raw scales begin at {float(low_raw.value):g}"
    if wanted == _RAW[1] and high_raw.value <= q.scale.largest:
        return f"raw scales end at {float(high_raw.value):g}"
    if wanted == "scale zero" and not is_zero(low):
        return said
    value = _scales(q).get(wanted)
    return said if value is not None and not low.value <= value <= high.value else None


# Which element is the largest

_MAXIMA = (
    "maximum a power of two",
    "maximum just below a power of two",
    "maximum the limit times a power of two",
    "maximum past the largest element",
    "maximum first",
    "maximum last",
    "maximum negative",
    "maxima of both signs",
)


def _maximum_bins(spec: "Spec") -> tuple[Bin, ...]:
    q = quantizer(spec)
    found = [name for name in _MAXIMA if name != _MAXIMA[3] or _coarse(q)]
    if not (q.src.signed_values and q.element.signed_values):
        return tuple(found[:-2])
    return tuple(found if q.k > 1 else found[:-1])


def _coarse(q: Quantizer) -> bool:
    """Return whether scales have few enough digits that elements may pass the largest."""
    return q.binary_scales or (q.scale.bits <= 16 and q.digits >= q.scale.trailing_bits + 3)


def _power(value: Fraction) -> bool:
    return value > 0 and value == power_of_two(floor_log2(value))


def _maximum_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    q = quantizer(spec)
    x = q.read(row)
    if not x.finite or x.a == 0:
        return ()
    tops = [i for i, v in enumerate(x.x) if v.magnitude == x.a]
    ulp = power_of_two(floor_log2(x.a) - q.digits)
    found = [_MAXIMA[0]] if _power(x.a) else []
    found += [_MAXIMA[1]] if _power(x.a + ulp) and not _power(x.a) else []
    found += [_MAXIMA[2]] if _power(x.a / q.limit) else []
    y = q.quotient(datum(x.a), x)
    found += [_MAXIMA[3]] if y is not None and y > q.element.largest else []
    if len(tops) == 1:
        found += [_MAXIMA[4]] if tops[0] == 0 else []
        found += [_MAXIMA[5]] if tops[0] == q.k - 1 else []
        found += [_MAXIMA[6]] if x.x[tops[0]].sign else []
    elif len({x.x[i].sign for i in tops}) == 2:
        found.append(_MAXIMA[7])
    return labels(found, _maximum_bins(spec))


def _maximum_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    q = quantizer(spec)
    at = _MAXIMA.index(wanted)
    low, high = (floor_log2(a) for a in q.ends)
    margin = (high - low) // 4
    for e in (*spread(low + margin, high - margin, 24), high):
        unit = power_of_two(e)
        a = unit * (2 - power_of_two(-q.digits)) if at == 1 else unit
        if at == 2:
            a = unit * q.limit / power_of_two(floor_log2(q.limit))
        elif at >= 3:
            digits = q.digits
            a = unit * (1 + Fraction(stream.bits(digits), 1 << digits))
            a = unit * (2 - power_of_two(-digits)) if at == 3 and stream.below(2) else a
        lane = {4: 0, 5: q.k - 1}.get(at, stream.below(q.k))
        values: dict[int, Fraction | int] = {lane: -a if at == 6 else a}
        if at == 7:
            values[(lane + 1) % q.k] = -a
        yield q.row(values, a * Fraction(7, 8), stream)


def _maximum_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    q = quantizer(spec)
    above = q.fmt.rule in (ScaleRule.M1, ScaleRule.RCEIL, ScaleRule.CEIL)
    if wanted == _MAXIMA[3] and above and q.scale_of(q.ends[1])[0].value <= q.scale.largest:
        return "the rule of the scale rounds up, and no scale saturates"
    if wanted == _MAXIMA[3] and q.highest is not None and q.highest <= q.element.largest:
        return (
            f"scales are not so far below the raw ones: elements stay within {float(q.highest):g}"
        )
    top = power_of_two(floor_log2(q.limit)) * (2 - power_of_two(-q.digits))
    if wanted == _MAXIMA[3] and q.binary_scales and top <= q.element.largest:
        return f"elements have {q.digits + 1} digits: none lies between the largest and its double"
    if wanted == _MAXIMA[2] and exact_code(q.src, q.limit) is None:
        return f"{q.src.name} has no {q.limit}"
    return None


_QUANTIZED = (
    CornerClass(
        name="scale_of_block",
        models="blocks",
        text="the scale at either end of its format, below and past it, zero, NaN",
        applies=applies,
        bins=_scale_bins,
        solve=_scale_rows,
        hits=_scale_hits,
        unreachable=_scale_unreachable,
    ),
    CornerClass(
        name="maximum_of_block",
        models="blocks",
        text="the largest element: at and below powers of two, past the limit, first and last",
        applies=applies,
        bins=_maximum_bins,
        solve=_maximum_rows,
        hits=_maximum_hits,
        unreachable=_maximum_unreachable,
    ),
)
CLASSES: tuple[CornerClass, ...] = (*_QUANTIZED, *ELEMENTS, *SCALES)

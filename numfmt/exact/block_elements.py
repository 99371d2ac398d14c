"""The elements of a block whose scales are known: step 5 of block quantisation, and its inverse.

`numfmt.families.blocks` is the text that this follows.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.block_options import Division, NonFinite, ZeroPoint
from ..families.blocks import BlockFormat
from ..families.fixed import FixedFormat
from ..params import Kind
from ..rounding import CLAMPING, Overflow, Rounding
from .block_scales import Measure, Outer
from .data import Datum
from .decoding import decode
from .extended import (
    ONE,
    ZERO,
    Rounder,
    add,
    divide,
    is_infinite,
    is_nan,
    is_zero,
    multiply,
    number,
    subtract,
    total,
)
from .projection import encode
from .rounding import Draw, round_to_quantum

ScaleCode: TypeAlias = int | tuple[int, int]


class Call(NamedTuple):
    """One call: the format and how it rounds."""

    fmt: BlockFormat
    rn: Rounder
    rounding: Rounding | None
    overflow: Overflow | None


class Scale(NamedTuple):
    """A scale of a block or of one of its sides, with all that a division may ask for."""

    value: Datum
    raw: Datum | None
    ratio: Datum | None  # rn(L / a)
    levels: tuple[Datum, Datum] | None = None  # s1, s2


class Choice(NamedTuple):
    """One candidate for a block."""

    codes: list[int]
    scale: ScaleCode
    zero_point: int | None
    selector: int
    error: Datum


def value_of_scale(
    code: int, group: int, outer: Outer | None, call: Call
) -> tuple[Datum, tuple[Datum, Datum] | None]:
    """Return what a code of a scale stands for, and its two levels where it is their product."""
    s1 = decode(code, call.fmt.scale_code)
    if outer is None:
        return s1, None
    s2 = outer.values[group]
    if outer.mean is None:
        return multiply(s2, s1), (s1, s2)
    return call.rn(add(call.rn(multiply(s2, s1)), outer.mean)), None


def with_scales(
    block: Sequence[Datum],
    found: Measure,
    scale_codes: Sequence[int],
    scales: Sequence[Scale],
    selector: int,
    call: Call,
    point: int | None = None,
) -> Choice:
    """Return the elements of a block whose scales are known (step 5), and their error (step 6)."""
    fmt = call.fmt
    element = (fmt.element, *fmt.alternatives)[selector]
    stored = scale_codes[0] if len(scale_codes) == 1 else (scale_codes[0], scale_codes[1])
    shifted = fmt.zero_point in (ZeroPoint.AFTER, ZeroPoint.INSIDE, ZeroPoint.FLOAT)
    if is_nan(scales[0].value) and fmt.nonfinite is NonFinite.NAN_BLOCK:
        return Choice([0] * len(block), stored, 0 if shifted else None, selector, ZERO)
    if shifted and point is None:
        point = _zero_point(found.low, scales[0].value, call)
    z = None if point is None else decode(point, fmt.zero_code)
    codes = [_element(x, scales, z, element, call) for x in block]
    values = [scale.value for scale in scales]
    differences = [
        subtract(x, value_of(decode(code, element), values, z, fmt))
        for x, code in zip(block, codes, strict=True)
        if x.finite
    ]
    error = total(multiply(d, d) for d in differences)
    return Choice(codes, stored, point, selector, error)


def _zero_point(low: Datum, s: Datum, call: Call) -> int:
    """Return the code of the zero point of a block."""
    fmt, rn = call.fmt, call.rn
    lowest, s = number(fmt.element.lowest), rn(s)
    if fmt.zero_point is ZeroPoint.FLOAT:
        z = rn(subtract(low, rn(multiply(s, lowest))))
    else:
        shift = ZERO if is_zero(low) else rn(divide(subtract(ZERO, low), s))
        z = _clamped(add(_integer(shift, Rounding.NEAREST_EVEN, fmt.element), lowest), fmt.element)
    return encode(z, fmt.zero_code, overflow=Overflow.SATURATE)[0]


def _integer(x: Datum, rounding: Rounding, element: ScalarFormat) -> Datum:
    """Return x rounded to an integer, however large."""
    if not x.finite:
        return x
    if not isinstance(element, FixedFormat):
        raise FormatError(f"{element.name!r} does not hold integers")
    whole = round_to_quantum(x.magnitude, x.sign, 0, element, rounding, Draw())
    return number(-whole if x.sign else whole)


def _clamped(x: Datum, element: ScalarFormat) -> Datum:
    """Return x within the range of the element; NaN stays."""
    if is_nan(x):
        return x
    if is_infinite(x):
        return number(element.lowest if x.sign else element.largest)
    return number(max(element.lowest, min(x.value, element.largest)))


def _element(
    x: Datum,
    scales: Sequence[Scale],
    z: Datum | None,
    element: ScalarFormat,
    call: Call,
) -> int:
    """Return the code of one element."""
    fmt, rn = call.fmt, call.rn
    mode = call.rounding or element.default_rounding
    scale = scales[1] if len(scales) == 2 and x.sign and not is_zero(x) else scales[0]
    if z is None:
        return encode(
            _divided(x, scale, call), element, rounding=mode, overflow=_policy(element, call)
        )[0]
    if fmt.zero_point is ZeroPoint.FLOAT:
        y = _divided(rn(subtract(x, z)), scale, call)
        return encode(y, element, rounding=mode, overflow=_policy(element, call))[0]
    y = _divided(x, scale, call)
    if fmt.zero_point is ZeroPoint.AFTER:
        q = add(_integer(y, mode, element), z)
    else:
        q = _integer(rn(add(y, z)), mode, element)
    return encode(_clamped(q, element), element)[0]


def _policy(element: ScalarFormat, call: Call) -> Overflow:
    """Return what elements past the end become: saturating, unless infinities are to be kept."""
    if call.overflow is not None:
        return call.overflow
    keeps = call.fmt.nonfinite in (NonFinite.PER_ELEMENT, NonFinite.P3109)
    wanted = Overflow.SATURATE_PROPAGATE if keeps else Overflow.SATURATE
    policies = element.policies or (*CLAMPING, Overflow.SATURATE)
    return wanted if wanted in policies else element.default_overflow


def _divided(x: Datum, scale: Scale, call: Call) -> Datum:
    """Return y, an element over its scale."""
    fmt, rn, s = call.fmt, call.rn, scale.value
    sign = x.sign ^ s.sign
    if is_nan(x, s):
        return Datum(Kind.NAN, x.sign)
    if fmt.nonfinite is NonFinite.P3109 and is_infinite(s):
        return x if is_zero(x) else Datum(Kind.NORMAL, sign, Fraction(1))
    if is_infinite(x) and not (fmt.nonfinite is NonFinite.P3109 and is_zero(s)):
        return Datum(Kind.INFINITY, sign)
    raw = scale.raw if fmt.by_raw_scale else None
    divisor = s if raw is None or is_zero(raw) else raw
    if is_zero(divisor):
        return ZERO
    if is_zero(x):
        return Datum(Kind.ZERO, sign)
    if fmt.division is Division.RATIO:
        return rn(multiply(x, ZERO if scale.ratio is None else scale.ratio))
    if fmt.division is Division.DIVIDE:
        return rn(divide(x, rn(divisor)))
    if scale.levels is None or divisor is not s:
        return rn(multiply(x, rn(divide(ONE, rn(divisor)))))
    s1, s2 = map(rn, scale.levels)
    return rn(multiply(x, rn(divide(rn(divide(ONE, s2)), s1))))


def value_of(q: Datum, scales: Sequence[Datum], z: Datum | None, fmt: BlockFormat) -> Datum:
    """Return what an element stands for under the scale of its block, or of its side."""
    s = scales[1] if len(scales) == 2 and q.sign and not is_zero(q) else scales[0]
    if z is None:
        return multiply(s, q)
    if fmt.zero_point is ZeroPoint.FLOAT:
        return add(multiply(s, q), z)
    return multiply(s, subtract(q, z))

"""Elements over their scales: quotients as the format computes them, one rounding each."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..conversion import encode
from ..conversion import round as round_into
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.block_options import Division, NonFinite, Statistic, ZeroPoint
from ..families.blocks import BlockFormat
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..kernels import blocks as kernels
from ..parallel import in_parallel
from ..rounding import Overflow, Rounding
from .arithmetic import Arithmetic, odd_quotient
from .scales import Scales
from .shapes import Layout, beside

Array = npt.NDArray[Any]
CHUNK = 1 << 18  # elements that are scaled and encoded at once
_SMALL_32, _SMALL_64 = Fraction(1, 1 << 60), Fraction(1, 1 << 900)
_WIDE = FixedFormat(name="int32", bits=32)


class Call(NamedTuple):
    """How elements are rounded."""

    element: ScalarFormat
    rounding: Rounding
    overflow: Overflow
    bits: int


class Divisors(NamedTuple):
    """What every block does to its elements."""

    operation: int  # of `kernels.join_rows`, or `_EXACT`
    numbers: Array
    nothing: Array  # blocks whose elements count as 0
    special: Array  # 2 where the scale is NaN, 1 and 3 where it is infinite, 3 if negative
    zero_points: Array | None
    dtype: Any  # of the quotients


_EXACT = 2
_FAR = 1000  # exponents past which a scale has no reciprocal that float64 holds


def divisors(
    x: Array,
    a: Array | None,
    special: Array,
    scales: Scales,
    zero_points: Array | None,
    layout2: Layout | None,
    fmt: BlockFormat,
    element: ScalarFormat,
    limit: Fraction,
    arithmetic: Arithmetic,
) -> Divisors:
    """Return what the blocks do to their elements, in the shape of the scales."""
    s = scales.raw if fmt.by_raw_scale and scales.raw is not None else scales.values
    spread = beside(special, s)
    nothing = (s == 0) | (spread == 2)
    safe = np.where(nothing, s.dtype.type(1), s)
    operation, dtype = kernels.MULTIPLY, arithmetic.dtype
    if fmt.division is Division.RATIO and a is not None:
        safe = np.where(a == 0, a.dtype.type(1), a)
        numbers = np.where(a == 0, 0, arithmetic.quotient(limit, safe))
    elif arithmetic.exact:
        operation, numbers, dtype = _exactly(x, safe, element, a is not None)
    elif fmt.division is Division.DIVIDE:
        operation, numbers = kernels.DIVIDE, arithmetic.take(safe)
    else:
        numbers = _reciprocals(safe, nothing, scales, layout2, fmt, arithmetic)
    return Divisors(
        operation, numbers.astype(dtype, copy=False), nothing, special, zero_points, dtype
    )


def _exactly(x: Array, s: Array, element: ScalarFormat, computed: bool) -> tuple[int, Array, Any]:
    """Return how to divide exactly: by a product if all scales are powers of two.

    Such a product is exact unless it leaves the range of the floats. It cannot be too large for
    a scale that follows the block; too small it is a subnormal, or is made one, so far below the
    smallest element that only its sign counts.
    """
    m, _ = np.frexp(s)
    smallest = element.smallest or 1
    if (np.abs(m) != 0.5).any() or smallest < _SMALL_64 or element.largest * _SMALL_64 > 1:
        return _EXACT, s, np.float64
    low, high = s.min(initial=1), s.max(initial=1)
    if low < 2.0**-_FAR or high > 2.0**_FAR:
        return _EXACT, s, np.float64
    near = computed and smallest >= _SMALL_32 and low >= 2.0**-127
    return kernels.MULTIPLY, 1 / s, np.float32 if near and x.dtype == np.float32 else np.float64


def _reciprocals(
    s: Array,
    nothing: Array,
    scales: Scales,
    layout2: Layout | None,
    fmt: BlockFormat,
    arithmetic: Arithmetic,
) -> Array:
    one = np.ones((), arithmetic.dtype)
    if layout2 is None or scales.outer is None or scales.offset is not None or fmt.by_raw_scale:
        return arithmetic.divide(one, arithmetic.take(s))
    outer = arithmetic.divide(one, arithmetic.take(scales.outer.values))
    inner = np.where(nothing, 1.0, scales.stored)
    return arithmetic.divide(layout2.spread(outer), arithmetic.take(inner))


def encode_elements(
    x: Array,
    layout: Layout,
    how: Divisors,
    fmt: BlockFormat,
    call: Call,
    arithmetic: Arithmetic,
    random: Array | None,
) -> Array:
    """Return the codes of all elements, in the shape of `x`."""
    codes = np.empty(x.shape, call.element.code_dtype)
    for region in layout.regions():
        rows, target = region.rows(x), region.rows(codes)
        local = Divisors(
            how.operation,
            region.per_block(how.numbers),
            region.per_block(how.nothing),
            region.per_block(how.special),
            None if how.zero_points is None else region.per_block(how.zero_points),
            how.dtype,
        )
        draws = None if random is None else region.rows(random)
        _fill(rows, local, fmt, call, arithmetic, draws, target)
        if not np.may_share_memory(target, codes):
            region.put(target, codes)
    return codes


def _fill(
    rows: Array,
    how: Divisors,
    fmt: BlockFormat,
    call: Call,
    arithmetic: Arithmetic,
    random: Array | None,
    codes: Array,
) -> None:
    """Fill the codes of rows, a chunk at a time; chunks of very long rows are parts of a row."""
    blocks, size = rows.shape
    if size > CHUNK:
        cut = size - size % CHUNK
        for i in range(blocks):
            for part, width in ((slice(0, cut), CHUNK), (slice(cut, size), size - cut)):
                count = (part.stop - part.start) // max(width, 1)
                repeated = _rows_of(how, np.full(count, i))
                pieces = [
                    None if array is None else array[i, part].reshape(count, width)
                    for array in (rows, random, codes)
                ]
                if count and pieces[0] is not None and pieces[2] is not None:
                    _fill(pieces[0], repeated, fmt, call, arithmetic, pieces[1], pieces[2])
        return
    step = max(CHUNK // max(size, 1), 1)

    def run(start: int, stop: int) -> int:
        scratch = np.empty((step, size), how.dtype)
        for low in range(start // size, stop // size, step):
            part = slice(low, min(low + step, stop // size))
            _encode_chunk(
                rows[part],
                _rows_of(how, part),
                fmt,
                call,
                arithmetic,
                None if random is None else random[part],
                scratch,
                codes[part],
            )
        return 0

    in_parallel(run, rows.size, max(size, 1))


def _encode_chunk(
    x: Array,
    how: Divisors,
    fmt: BlockFormat,
    call: Call,
    arithmetic: Arithmetic,
    random: Array | None,
    scratch: Array,
    codes: Array,
) -> None:
    """Fill the codes of a few rows; `scratch` has room for their quotients."""
    y, rounding = _quotients(x, how, fmt, arithmetic, call, scratch[: len(x)]), call.rounding
    overflow = call.overflow
    if how.zero_points is not None and fmt.zero_point is not ZeroPoint.FLOAT:
        z = how.zero_points[:, None]
        if fmt.zero_point is ZeroPoint.INSIDE:
            y = arithmetic.add(y, z.astype(arithmetic.dtype))
        else:
            y = _whole(y, call, random) + z.astype(y.dtype)
            rounding, random = Rounding.NEAREST_EVEN, None
        overflow = Overflow.SATURATE
    try:
        encode(
            y,
            call.element,
            rounding=rounding,
            overflow=overflow,
            random_bits=random,
            bits=call.bits,
            out=codes,
        )
    except FormatError as error:
        text = re.sub(r"^x\[[0-9, ]*\]", "an element over its scale", str(error))
        raise FormatError(re.sub("; pass nan=.* before encoding", "", text)) from None
    poisoned = how.special == 2
    if poisoned.any() and not _projects_nan(fmt, call):
        codes[poisoned] = 0


def _whole(y: Array, call: Call, random: Array | None) -> Array:
    """Return quotients as integers; those past 2**24 are past the end of any element anyway."""
    if call.rounding is Rounding.NEAREST_EVEN:
        return np.rint(y)
    whole: Array = round_into(
        y,
        _WIDE,
        rounding=call.rounding,
        overflow=Overflow.SATURATE,
        random_bits=random,
        bits=call.bits,
    )
    return whole


def _projects_nan(fmt: BlockFormat, call: Call) -> bool:
    """Return whether elements of a block of NaN scale are NaN themselves."""
    return fmt.nonfinite is NonFinite.P3109 and call.element.has_nan


def _rows_of(how: Divisors, part: Any) -> Divisors:
    return how._replace(
        numbers=how.numbers[part],
        nothing=how.nothing[part],
        special=how.special[part],
        zero_points=None if how.zero_points is None else how.zero_points[part],
    )


def _quotients(
    x: Array,
    how: Divisors,
    fmt: BlockFormat,
    arithmetic: Arithmetic,
    call: Call,
    scratch: Array,
) -> Array:
    """Return y of rows of elements."""
    if fmt.zero_point is ZeroPoint.FLOAT and how.zero_points is not None:
        x = arithmetic.add(x, -how.zero_points[:, None].astype(arithmetic.dtype))
    numbers, nothing = how.numbers[:, None], how.nothing[:, None]
    if fmt.statistic is Statistic.SIDES:
        side = (x < 0).astype(np.intp)
        numbers = np.take_along_axis(how.numbers, side, axis=1)
        nothing = np.take_along_axis(how.nothing, side, axis=1)
        y = _joined(x, numbers, how, arithmetic)
    elif how.operation != _EXACT and (arithmetic.exact or arithmetic.native):
        x = x.astype(how.dtype, copy=False)
        y = scratch
        kernels.join_rows(x, how.numbers, how.operation, y)
    else:
        y = _joined(x, numbers, how, arithmetic)
    if arithmetic.exact and how.operation == kernels.MULTIPLY:
        _keep_signs(x, y, call)
    if not (np.isfinite(how.numbers) & (how.numbers != 0)).all():
        y[x == 0] = x[x == 0]
        y[np.isnan(y) & ~np.isnan(x)] = np.nan  # not the machine's own, of either sign
    if fmt.nonfinite in (NonFinite.PER_ELEMENT, NonFinite.P3109):
        infinite = np.isinf(x)
        if infinite.any():
            y[infinite] = (x * np.where(np.signbit(numbers), -1, 1))[infinite]
    if how.nothing.any():
        _by_zero(x, y, np.broadcast_to(nothing, y.shape), fmt)
    if how.special.any():
        if fmt.nonfinite is NonFinite.P3109:
            for special, sign in ((1, 1), (3, -1)):
                y[how.special == special] = np.sign(x[how.special == special]) * sign
        if _projects_nan(fmt, call):
            y[how.special == 2] = np.nan
    return y


def _by_zero(x: Array, y: Array, where: Array, fmt: BlockFormat) -> None:
    """Put the quotients of blocks whose scale is 0, or NaN: what is finite becomes 0."""
    kept = np.zeros(x.shape, np.bool_)
    if fmt.nonfinite is NonFinite.PER_ELEMENT:
        kept = ~np.isfinite(x)
    elif fmt.nonfinite is NonFinite.P3109:
        kept = np.isnan(x)
    y[where] = np.where(kept, x, 0)[where]


def _joined(x: Array, numbers: Array, how: Divisors, arithmetic: Arithmetic) -> Array:
    if how.operation == _EXACT:
        return odd_quotient(x, numbers)
    if arithmetic.exact:
        return np.multiply(x, numbers, dtype=how.dtype)
    if how.operation == kernels.DIVIDE:
        return arithmetic.divide(x, numbers)
    return arithmetic.multiply(x, numbers)


def _keep_signs(x: Array, y: Array, call: Call) -> None:
    """Undo what leaving the range of the floats does: no quotient of a number is 0 or infinite."""
    if y.dtype == np.float64 or not _loses_tiny(call):
        lost = (y == 0) & (x != 0)
        if lost.any():
            y[lost] = np.copysign(np.finfo(y.dtype).smallest_subnormal, x[lost])
    if y.dtype == np.float64:
        far = np.isinf(y) & np.isfinite(x)
        if far.any():
            y[far] = np.copysign(np.finfo(y.dtype).max, x[far])


def _loses_tiny(call: Call) -> bool:
    """Return whether what is far below the smallest element becomes zero, as it does in floats."""
    nearest = call.rounding.value.startswith("nearest") or call.rounding is Rounding.TOWARD_ZERO
    return nearest and isinstance(call.element, FloatFormat | FixedFormat)

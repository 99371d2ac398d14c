"""The engine of aligned sums: operands, scales and rules as numbers for the kernels."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arithmetic.calls import Settings, lowered, settings_of
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat
from ..families.grid import GridFormat, floor_log2
from ..families.logarithmic import LogarithmicFormat
from ..kernels import aligned as kernel
from ..kernels.aligned import Step, Trace
from ..lowering import lower
from ..matrix_units.accumulators import (
    Accumulator,
    Aligned,
    InfiniteC,
    Join,
    ProductRange,
    ZeroProducts,
)
from ..params import Grid, Kind, Projection
from ..rounding import Rounding
from . import aligned_floats
from .aligned_operands import PLAIN, TABLE_BITS, Operand, planes_of, table_of, with_like_scales
from .rows import in_steps

Array = npt.NDArray[Any]

_ROOM = 62  # digits of a sum
_AT_ONCE = 1 << 26  # products between two chances to interrupt
_EVERY = 1 << 60


class Rules(NamedTuple):
    """An accumulator as the numbers of one call."""

    step: Step
    cut: Projection
    late: Projection
    reading: Grid
    grid: Grid
    how: Projection


def _digits(fmt: ScalarFormat) -> int:
    """Return how many digits a significand has at most."""
    if isinstance(fmt, FloatFormat):
        return fmt.precision
    if isinstance(fmt, GridFormat):
        return min(fmt.bits, 64)
    return 64 if fmt.bits > TABLE_BITS else int(abs(table_of(fmt, PLAIN)[0]).max()).bit_length()


def _extent(fmt: ScalarFormat) -> tuple[int, int]:
    """Return the exponents of the last and of the first digit that values have."""
    m, q, _, kind = table_of(fmt, PLAIN)
    counted = (m != 0) & (kind < int(Kind.INFINITY))
    return int(q[counted].min()), int((q + np.frexp(abs(m).astype(float))[1])[counted].max())


def _check(a: Operand, b: Operand, accumulator: Aligned, group_span: int) -> None:
    """Refuse what does not fit the words of the kernel."""
    for operand in (a, b):
        if isinstance(operand.fmt, LogarithmicFormat) or not operand.fmt.dyadic:
            raise FormatError(
                f"formats: values of {operand.fmt.name!r} have no finite binary digits, which an "
                "aligned sum needs; use nf.Sequential"
            )
    digits = sum(_digits(x.fmt) for x in (a, b))
    digits += sum(_digits(x.scales.fmt) for x in (a, b) if x.scales is not None)
    wide = max(digits, group_span)
    carries = (accumulator.block + 1).bit_length()
    if wide > _ROOM or accumulator.fraction_bits + 4 + carries > _ROOM:
        raise FormatError(
            f"Aligned: products of {a.fmt.name!r} and {b.fmt.name!r} have {wide} digits and sums "
            f"{accumulator.fraction_bits + 4 + carries}; both must stay within {_ROOM}"
        )


def _group(a: Operand, b: Operand, accumulator: Aligned) -> tuple[int, int]:
    """Return the exponent of the last digit of a group's sum, and how many digits it has."""
    if accumulator.group == 1:
        return 0, 0
    if max(a.fmt.bits, b.fmt.bits) > TABLE_BITS:
        raise FormatError("Aligned: group is for operands of up to 16 bits")
    low, high = (sum(pair) for pair in zip(_extent(a.fmt), _extent(b.fmt), strict=True))
    return low, high - low + accumulator.group.bit_length()


def settings_for(accumulator: Accumulator) -> Settings:
    """Return the settings of the conversions into the output format."""
    return settings_of(
        accumulator.output,
        rounding=accumulator.rounding,
        overflow=accumulator.overflow,
        dialect=accumulator.dialect,
    )


def _mode(mode: Rounding, settings: Settings) -> Projection:
    """Return a rounding mode alone, in the form that kernels take."""
    result = settings.result
    if not isinstance(result, GridFormat):
        raise TypeError(result)
    return lower(result, settings.options._replace(rounding=mode))[1]


def rules_of(
    a: Operand, b: Operand, accumulator: Aligned, settings: Settings | None = None
) -> Rules:
    """Return an accumulator as numbers, for operands of two formats.

    The `settings` of results are the accumulator's unless given.

    Raises
    ------
    FormatError
        The output is no float format, or something does not fit the words of the kernel.
    """
    settings = settings or settings_for(accumulator)
    output = settings.result
    if not isinstance(output, FloatFormat):
        raise TypeError(output)
    keep = accumulator.keep
    group_q, span = _group(a, b, accumulator)
    _check(a, b, accumulator, span)
    grid, how = lowered(settings)
    clipped = accumulator.range is ProductRange.CLIPPED
    top = floor_log2(output.largest) if clipped else _EVERY
    block = a.scales.block if a.scales is not None else 0
    step = Step(
        block=accumulator.block,
        fraction_bits=accumulator.fraction_bits,
        floor=-_EVERY if accumulator.floor is None else accumulator.floor,
        keep=-1 if keep is None else keep,
        group=accumulator.group,
        group_q=group_q,
        scale_block=block or (accumulator.group if accumulator.group > 1 else 0),
        normalized=int(accumulator.normalized),
        count_zero_c=int(accumulator.zero_products is ZeroProducts.EXPONENT),
        after=int(accumulator.c is Join.AFTER),
        halves=accumulator.halves,
        sum_bits=-1 if accumulator.sum_bits is None else accumulator.sum_bits,
        c_bits=-1 if accumulator.c_bits is None else accumulator.c_bits,
        drop=-1 if accumulator.drop is None else accumulator.drop,
        clip=top,
        c_wins=int(accumulator.infinite_c is InfiniteC.WINS),
        truncates=int(accumulator.cut is Rounding.TOWARD_ZERO),
        special=1,
        flush=int(settings.flush_inputs),
    )
    cut, late = (_mode(mode, settings) for mode in (accumulator.cut, accumulator.late_cut))
    return Rules(step, cut, late, output.grid, grid, how)


def trace_of(outputs: int, blocks: int, terms: int) -> Trace:
    """Return room for the intermediates of all blocks."""
    m, q, aligned, grid = (np.zeros((outputs, blocks, terms), np.int64) for _ in range(4))
    top, total = (np.zeros((outputs, blocks), np.int64) for _ in range(2))
    return Trace(m, q, aligned, grid, top, total, np.zeros((outputs, blocks), np.uint64))


NO_TRACE = trace_of(0, 0, 0)
EVERY: Array = np.zeros(0, np.int64)  # outputs: all of them


def accumulate(
    a: Operand, b: Operand, c: Array, accumulator: Aligned, trace: Trace = NO_TRACE
) -> Array:
    """Return the aligned sums of (B, M, K) and (B, N, K), as codes (B, M, N) like `c`.

    c: codes of the output format, (B, M, N). The late addition of `late_add` is the caller's.
    """
    a, b = with_like_scales(a, b)
    rules = rules_of(a, b, accumulator)
    out = np.empty(c.shape, c.dtype)
    scaled = a.scales is not None or b.scales is not None
    floats = not (trace.code.size or scaled or rules.step.flush or rules.how.flush_result)
    if floats and aligned_floats.serves(accumulator, a.fmt, b.fmt, c.shape[2]):
        for batch in range(c.shape[0]):
            one = slice(batch, batch + 1)
            left, right = (x._replace(codes=x.codes[one]) for x in (a, b))
            out[batch] = _with_floats(left, right, c[batch], accumulator, rules)
        return out
    return _one_by_one(a, b, c, accumulator, rules, EVERY, trace).reshape(c.shape)


def _with_floats(a: Operand, b: Operand, c: Array, accumulator: Aligned, rules: Rules) -> Array:
    """Return the sums of one batch, (M, N), by the machine's floats where these decide them."""
    pair = [aligned_floats.real_of(x.codes[0], x.fmt) for x in (a, b)]
    digits = sum(_digits(x.fmt) - 1 for x in (a, b))
    if not aligned_floats.within(pair[0], pair[1], digits):
        alone: Array = _one_by_one(a, b, c[None], accumulator, rules, EVERY, NO_TRACE)[0]
        return alone
    codes, undecided = aligned_floats.sums(pair[0], pair[1], c, accumulator)
    if undecided.any():
        which = np.flatnonzero(undecided)
        found = _one_by_one(a, b, c[None], accumulator, rules, which, NO_TRACE)
        codes[undecided] = found.reshape(-1)[which]
    return codes


def _one_by_one(
    a: Operand,
    b: Operand,
    c: Array,
    accumulator: Aligned,
    rules: Rules,
    which: Array,
    trace: Trace,
) -> Array:
    """Return the sums like `c`, those of `which` alone unless it is empty."""
    flush = rules.step.flush
    planes = planes_of(a, accumulator, flush), planes_of(b, accumulator, flush)
    special = accumulator.range is ProductRange.CLIPPED or any(
        int(kind.max(initial=0)) >= int(Kind.INFINITY)
        for side in planes
        for kind in (side.kind, side.scale_kind)
    )
    step = rules.step._replace(special=int(special))
    out = np.zeros(c.size, np.uint64)
    flat = np.ascontiguousarray(c).reshape(-1).astype(np.uint64)
    columns, per_batch = c.shape[2], c.shape[1] * c.shape[2]

    def work(first: int, last: int) -> None:
        kernel.aligned_sums(
            *planes, flat, out, which, first, last, columns, per_batch,
            step, rules.cut, rules.late, rules.reading, rules.grid, rules.how, trace,
        )  # fmt: skip

    in_steps(work, which.size or c.size, a.codes.shape[2], _AT_ONCE, "results")
    found: Array = out.astype(c.dtype).reshape(c.shape)
    return found

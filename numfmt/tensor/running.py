"""Accumulators run over whole products: engines chosen, plans and instructions carried out."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arithmetic.operations import add, scale_b
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..matrix_units.accumulators import (
    Accumulator,
    Aligned,
    Compensated,
    Exact,
    Pairwise,
    PartiallyNormalized,
    Sequential,
    Stepwise,
)
from ..matrix_units.plans import Chain, Combine, Plan, Reordered, StartOfC
from ..matrix_units.unit import Unit
from ..rounding import Rounding
from . import aligned, exact_sums, partial, stepwise
from .aligned_operands import Operand, Scales
from .jobs import Draws, Job, Side, zeros
from .scaled import folded

Array = npt.NDArray[Any]


def run(job: Job) -> Array:
    """Return the codes of a call, (B, M, N)."""
    return _planned(job, job.plan, job.a, job.b, job.c, job.result)


def taken(side: Side, indices: Array, axis: int) -> Side:
    """Return the products of some indices; scales are of whole blocks of them."""
    size = side.codes.shape[axis]
    if indices.size == size and np.array_equal(indices, np.arange(size)):
        return side
    codes = np.take(side.codes, indices, axis=axis)
    if side.scales is None:
        return side._replace(codes=codes)
    blocks = indices.reshape(-1)[:: side.block] // side.block
    every = np.repeat(blocks, side.block)[: indices.size]
    if not np.array_equal(indices // side.block, every):
        raise FormatError("plan: runs must hold whole blocks of scaled operands")
    return side._replace(codes=codes, scales=np.take(side.scales, blocks, axis=axis))


def _planned(job: Job, plan: Plan, a: Side, b: Side, c: Array, result: ScalarFormat) -> Array:
    """Return the result of a plan that starts from c, a code of `result`."""
    inner = job.accumulator.output
    if plan.within is not None:
        inner = plan.within.format(job.accumulator.output)
    plain = type(plan) is Chain and plan.within is None and plan.c is StartOfC.FIRST
    if plain and result == inner:
        return _chain(job, a, b, c)
    runs = plan.runs(a.codes.shape[2])
    if not runs:
        return c
    total = None
    done: list[Array] = []
    for number, indices in enumerate(runs):
        first = number == 0 and plan.c is StartOfC.FIRST
        start = _converted(job, c, result, inner) if first else zeros(c.shape, inner)
        left, right = taken(a, indices, 2), taken(b, indices, 1)
        if plan.within is not None:
            part = _planned(job, plan.within, left, right, start, inner)
        else:
            part = _chain(job, left, right, start)
        part = _converted(job, part, inner, result, plan.rounding)
        if plan.combine is Combine.PAIRWISE:
            done.append(part)
        elif total is None:
            total = _added(job, plan, c, part, result) if plan.c is StartOfC.START else part
        else:
            total = _added(job, plan, total, part, result)
    if plan.combine is Combine.PAIRWISE:
        total = _pairs(job, plan, done, result)
    assert total is not None
    if plan.c is StartOfC.LAST:
        total = _added(job, plan, c, total, result)
    return total


def _pairs(job: Job, plan: Plan, done: list[Array], result: ScalarFormat) -> Array:
    """Return the results of runs added as `plans` says of pairwise combination."""
    n = len(done)
    half = -(-n // 2)
    total = done[-1]
    for i in range(min(half, n - 1)):
        slot = done[i]
        if i + half < n - 1:
            slot = _added(job, plan, slot, done[i + half], result)
        total = _added(job, plan, total, slot, result)
    return total


def _converted(
    job: Job,
    codes: Array,
    source: ScalarFormat,
    target: ScalarFormat,
    rounding: Rounding = Rounding.NEAREST_EVEN,
) -> Array:
    """Return codes in another format, NaNs as the accumulator's dialect has them."""
    if source == target:
        return codes
    found: Array = scale_b(
        codes, 0, source, result=target, rounding=rounding, dialect=job.accumulator.dialect,
        flush_inputs=False, flush_results=False,
    )  # fmt: skip
    return found


def _added(job: Job, plan: Plan, x: Array, y: Array, result: ScalarFormat) -> Array:
    return _rounded_sum(job.accumulator, plan.rounding, x, y, result, plan.flush_inputs)


def _rounded_sum(
    accumulator: Accumulator,
    rounding: Rounding,
    x: Array,
    y: Array,
    fmt: ScalarFormat,
    flush_inputs: bool | None = None,
) -> Array:
    """Return x + y, rounded once, in the manner of an accumulator."""
    flushes: dict[str, Any] = {}
    if isinstance(accumulator, Stepwise):
        flushes = {
            "flush_inputs": accumulator.flush_inputs,
            "flush_results": accumulator.flush_results,
        }
    if flush_inputs is not None:
        flushes["flush_inputs"] = flush_inputs
    overflow = accumulator.overflow if fmt == accumulator.output else None
    found: Array = add(
        x, y, fmt, rounding=rounding, overflow=overflow,
        dialect=accumulator.dialect, **flushes,
    )  # fmt: skip
    return found


def _chain(job: Job, a: Side, b: Side, c: Array) -> Array:
    """Return the result of one chain that starts from c, instruction by instruction of a unit."""
    if a.codes.shape[2] == 0:
        return c
    unit = job.unit
    if unit is None:
        return accumulated(job.accumulator, a, b, c, job.draws)
    if unit.padded:
        a, b = padded(a, unit, 2), padded(b, unit, 1)
    whole = uncut(unit)
    if whole is not None:
        if unit.plan is not None:
            order = unit.plan.runs(a.codes.shape[2])[0]
            a, b = taken(a, order, 2), taken(b, order, 1)
        return accumulated(whole, a, b, c, job.draws)
    for start in range(0, a.codes.shape[2], unit.k):
        part = np.arange(start, min(start + unit.k, a.codes.shape[2]))
        left, right = taken(a, part, 2), taken(b, part, 1)
        if unit.plan is None:
            c = accumulated(job.accumulator, left, right, c, job.draws)
        else:
            inside = job._replace(unit=None)
            c = _planned(inside, unit.plan, left, right, c, job.accumulator.output)
    return c


def uncut(unit: Unit) -> Accumulator | None:
    """Return an accumulator that takes all instructions of a unit at once, if there is one."""
    accumulator = unit.accumulator
    plan = unit.plan
    if plan is not None:
        if plan.format(unit.output) != unit.output:
            raise FormatError(f"unit {unit.name!r}: its plan has another output than its sums")
        if not isinstance(plan, Reordered) or plan.within is not None:
            return None
        if plan.c is not StartOfC.FIRST or unit.k % len(plan.order):
            return None
    if isinstance(accumulator, Sequential):
        return accumulator
    if isinstance(accumulator, Exact | Pairwise) and accumulator.block is None:
        return dataclasses.replace(accumulator, block=unit.k)
    block = getattr(accumulator, "block", None)
    if block is None or getattr(accumulator, "late_add", None) is not None or unit.k % block:
        return None
    return accumulator


def padded(side: Side, unit: Unit, axis: int) -> Side:
    """Return an operand filled with +0 to a multiple of the unit's k; scales with 1."""
    k = side.codes.shape[axis]
    missing = -k % unit.k
    if side.scales is not None and side.scale_fmt is not None:
        have, want = side.scales.shape[axis], -(-k // side.block)
        if have != want:
            raise FormatError(f"scales: {have} along k = {k}; blocks of {side.block} have {want}")
        blocks = (k + missing) // side.block - have
        one = side.scale_fmt.around_one[1] or 0
        side = side._replace(scales=_filled(side.scales, blocks, axis, one))
    if not missing:
        return side
    zero = int(zeros((), side.fmt))
    return side._replace(codes=_filled(side.codes, missing, axis, zero))


def _filled(codes: Array, count: int, axis: int, code: int) -> Array:
    width = [(0, count if i == axis else 0) for i in range(codes.ndim)]
    return np.pad(codes, width, constant_values=code)


def accumulated(accumulator: Accumulator, a: Side, b: Side, c: Array, draws: Draws | None) -> Array:
    """Return what one accumulator makes of products, c first, by the engine that knows it."""
    draw, bits = (None, 8) if draws is None else draws
    if isinstance(accumulator, Aligned | PartiallyNormalized) and (a.outer or b.outer):
        raise FormatError(
            "accumulator: aligned sums take one level of scales; encode what dequantize() gives, "
            "or give codes and the scales= of a unit"
        )
    if isinstance(accumulator, Aligned):
        if accumulator.late_add is None:
            return aligned.accumulate(turned(a, 2), turned(b, 1), c, accumulator)
        alone = dataclasses.replace(accumulator, late_add=None)
        zero = np.zeros(c.shape, c.dtype)
        found = aligned.accumulate(turned(a, 2), turned(b, 1), zero, alone)
        fmt = accumulator.output
        return _rounded_sum(accumulator, accumulator.late_add, found, c, fmt)
    if isinstance(accumulator, PartiallyNormalized):
        return partial.accumulate(turned(a, 2), turned(b, 1), c, accumulator)
    if a.scales is not None or b.scales is not None:
        if not isinstance(accumulator, Exact) or accumulator.product is not None:
            raise FormatError(
                f"accumulator: {type(accumulator).__name__} multiplies codes of scalar formats; "
                "for quantised blocks use nf.Exact, a unit with block scales, or encode what "
                "dequantize() gives"
            )
        return exact_sums.accumulate_fields(
            folded(a, 2), folded(b, 1), c, accumulator, draw, bits=bits
        )
    pair = (a.fmt, b.fmt)
    if isinstance(accumulator, Exact) and accumulator.block != 1:
        return exact_sums.accumulate(a.codes, b.codes, c, pair, accumulator, draw, bits=bits)
    if isinstance(accumulator, Exact | Sequential | Pairwise | Compensated):
        return stepwise.accumulate(a.codes, b.codes, c, pair, accumulator, draw, bits=bits)
    raise FormatError(f"accumulator={accumulator!r} has no engine")


def turned(side: Side, axis: int) -> Operand:
    """Return an operand with K last, as aligned sums take it."""
    codes, scales = side.codes, side.scales
    if axis == 1:
        codes = np.ascontiguousarray(codes.swapaxes(1, 2))
        scales = None if scales is None else np.ascontiguousarray(scales.swapaxes(1, 2))
    if scales is None or side.scale_fmt is None:
        return Operand(codes, side.fmt)
    return Operand(codes, side.fmt, Scales(scales, side.scale_fmt, side.block))

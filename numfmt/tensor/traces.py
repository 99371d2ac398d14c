"""The intermediates of dot products, joint by joint: DotTrace."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..matrix_units.accumulators import Accumulator, Aligned, Exact, Sequential
from . import aligned, running
from .jobs import Job, Side

Array = npt.NDArray[Any]


class DotTrace(NamedTuple):
    """What a dot product went through, each joint in an array of its own.

    Of an aligned sum, shapes (..., blocks, terms) and (..., blocks); terms are the products of the
    block in ascending k (or the sums of its groups), then c:

    Attributes
    ----------
    significands, exponents : ndarray of int64, shape (..., blocks, terms)
        Each term before it is cut, significand * 2**exponent; 0 where there is none.
    aligned, quanta : ndarray of int64, shape (..., blocks, terms)
        Each term after the cut, aligned * 2**quanta; the quantum is 2**(alignment - fraction_bits),
        but of halves that of each half, and of a c that joins afterwards its own.
    alignment : ndarray of int64, shape (..., blocks)
        The alignment exponent.
    sums : ndarray of int64, shape (..., blocks)
        The sum of the cut terms (without a c that joins afterwards).
    rounded : ndarray of uint64, shape (..., blocks)
        The result of each block, a code of the output. Where a NaN or an infinity decides, or no
        term counts, the other arrays are 0.

    Of a chain of rounded additions the first six have size 0, and `rounded` holds the running sum
    after every block.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([4.0, 0.5], "e4m3")
    >>> acc = nf.Aligned(output="binary32", block=2, fraction_bits=3)
    >>> code, found = nf.dot(a, a, formats="e4m3", accumulator=acc, trace=True)
    >>> found.aligned.tolist(), found.alignment.tolist(), found.sums.tolist()
    ([[8, 0, 0]], [4], [8])
    """

    significands: Array
    exponents: Array
    aligned: Array
    quanta: Array
    alignment: Array
    sums: Array
    rounded: Array


def traced(job: Job) -> tuple[Array, DotTrace]:
    """Return the codes of a call of rows, and what they went through.

    Raises
    ------
    FormatError
        The call has a plan, or its accumulator no joints that are shown.
    """
    accumulator, a, b = simple_chain(job)
    if isinstance(accumulator, Aligned):
        return _aligned(job, accumulator, a, b)
    if isinstance(accumulator, Sequential) or (
        isinstance(accumulator, Exact) and accumulator.block is not None
    ):
        return _running(job, accumulator, a, b)
    raise FormatError(
        f"trace: {type(accumulator).__name__} has no joints to show; Aligned, Sequential and "
        "nf.Exact(output=..., block=n) have"
    )


def simple_chain(job: Job) -> tuple[Accumulator, Side, Side]:
    """Return the one accumulator of a call and the operands as it takes them."""
    if type(job.plan).__name__ != "Chain" or job.plan.within is not None:
        raise FormatError("trace: a call with a plan has several chains; trace each by itself")
    if job.unit is None:
        return job.accumulator, job.a, job.b
    a, b = job.a, job.b
    if job.unit.padded:
        a, b = running.padded(a, job.unit, 2), running.padded(b, job.unit, 1)
    unit = job.unit
    rule = unit.accumulator
    late = isinstance(rule, Aligned) and rule.late_add is not None
    if isinstance(rule, Aligned) and late:
        if a.codes.shape[2] > unit.k:
            raise FormatError(
                f"trace: {unit.name!r} adds c at the end of each instruction; trace {unit.k} "
                "products at a time"
            )
        unit = dataclasses.replace(unit, accumulator=dataclasses.replace(rule, late_add=None))
    accumulator = running.uncut(unit)
    if accumulator is None:
        raise FormatError(f"trace: one instruction of {unit.name!r} has several chains")
    if unit.plan is not None:
        order = unit.plan.runs(a.codes.shape[2])[0]
        a, b = running.taken(a, order, 2), running.taken(b, order, 1)
    if late:
        accumulator = job.unit.accumulator
    return accumulator, a, b


def _aligned(job: Job, accumulator: Aligned, a: Side, b: Side) -> tuple[Array, DotTrace]:
    k = a.codes.shape[2]
    outputs = job.c.size
    blocks = -(-k // accumulator.block)
    terms = accumulator.block // accumulator.group + 1
    room = aligned.trace_of(outputs, blocks, terms)
    late = accumulator.late_add is not None
    start = np.zeros_like(job.c) if late else job.c
    alone = dataclasses.replace(accumulator, late_add=None)
    codes = aligned.accumulate(running.turned(a, 2), running.turned(b, 1), start, alone, room)
    if late:
        codes = running.accumulated(accumulator, a, b, job.c, None)
    found = (array.reshape((*job.shape, *array.shape[1:])) for array in room)
    return codes.reshape(job.shape), DotTrace(*found)


def _running(job: Job, accumulator: Accumulator, a: Side, b: Side) -> tuple[Array, DotTrace]:
    if job.draws is not None:
        raise FormatError("trace: a stochastic chain is not traced; use a deterministic mode")
    block = getattr(accumulator, "block", None) or 1
    c, k = job.c, a.codes.shape[2]
    sums = []
    for start in range(0, k, block):
        part = np.arange(start, min(start + block, k))
        left, right = running.taken(a, part, 2), running.taken(b, part, 1)
        c = running.accumulated(accumulator, left, right, c, None)
        sums.append(c.reshape(job.shape).astype(np.uint64))
    nothing = np.zeros(0, np.int64)
    rounded = np.stack(sums, axis=-1) if sums else np.zeros((*job.shape, 0), np.uint64)
    trace = DotTrace(nothing, nothing, nothing, nothing, nothing, nothing, rounded)
    return c.reshape(job.shape), trace

"""The engine of running sums that are normalised by a few fixed shifts."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..kernels import partial as kernel
from ..matrix_units.accumulators import Aligned, PartiallyNormalized
from .aligned import rules_of, settings_for
from .aligned_operands import Operand, planes_of
from .rows import in_steps

Array = npt.NDArray[Any]

_AT_ONCE = 1 << 26  # products between two chances to interrupt


def accumulate(a: Operand, b: Operand, c: Array, accumulator: PartiallyNormalized) -> Array:
    """Return the partially normalised sums of (B, M, K) and (B, N, K), as codes like `c`."""
    if a.scales is not None or b.scales is not None:
        raise FormatError("accumulator: PartiallyNormalized takes no block scales")
    like = Aligned(output=accumulator.output, block=1, fraction_bits=0)
    rules = rules_of(a, b, like, settings_for(accumulator))
    shifts = sum(1 << shift for shift in accumulator.shifts)
    flush = rules.step.flush
    planes = planes_of(a, like, flush), planes_of(b, like, flush)
    out = np.empty(c.size, np.uint64)
    flat = np.ascontiguousarray(c).reshape(-1).astype(np.uint64)
    columns, per_batch = c.shape[2], c.shape[1] * c.shape[2]

    def work(first: int, last: int) -> None:
        kernel.partial_sums(
            *planes, flat, out, first, last, columns, per_batch,
            accumulator.width, shifts, rules.step, rules.reading, rules.grid, rules.how,
        )  # fmt: skip

    in_steps(work, c.size, a.codes.shape[2], _AT_ONCE, "results")
    return out.astype(c.dtype).reshape(c.shape)

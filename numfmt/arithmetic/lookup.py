"""Operations by table, or by the engine: what the public functions call."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..families.base import ScalarFormat
from ..kernels import tables
from ..parallel import in_parallel
from ..params import ALARM
from .calls import Call, Settings
from .engine import Operation, Outcome, compute, no_draws

Array = npt.NDArray[Any]

TABLE_BITS = 16  # operands of so many bits together are looked up
SMALL = 1 << 12  # results below which a table is not built


def result_of(operation: Operation, call: Call, powers: Array | None = None) -> Any:
    """Return the codes of a call, with their flags if it asks for them.

    powers: the integers n of scale_b.
    """
    outcome = looked_up(operation, call) if powers is None else None
    if outcome is None:
        outcome = compute(
            operation, call.operands, call.formats, call.settings, call.draws, powers,
            want_flags=call.return_flags, shape=call.shape,
        )  # fmt: skip
    codes, flags = outcome
    codes = codes.reshape(call.shape)
    if call.out is not None:
        call.out[...] = codes
        codes = call.out
    if not call.return_flags or flags is None:
        return codes
    return codes, flags.astype(np.uint8, copy=False).reshape(call.shape)


def looked_up(operation: Operation, call: Call) -> Outcome | None:
    """Return the outcome from a table of all operands, or None where there is to be none."""
    bits = [fmt.bits for fmt in call.formats]
    if sum(bits) > TABLE_BITS or call.settings.stochastic or call.size < SMALL:
        return None
    codes, flags = _table(operation, call.formats, call.settings)
    if flags is not None and (flags >= ALARM).any():
        return None  # some operands have no result; the general way says which
    found = np.empty(call.size, codes.dtype)
    raised = np.empty(call.size, np.uint8) if call.return_flags else None
    index = call.operands
    if len(index) == 3:
        joined = index[0].astype(np.uint16) << np.uint16(bits[1]) | index[1]
        index = (joined, index[2])

    def run(start: int, stop: int) -> int:
        for table, out in ((codes, found), (flags, raised)):
            if table is None or out is None:
                continue
            part = slice(start, stop)
            if len(index) == 1:
                tables.look_up(index[0][part], table, np.uint64(0xFFFF), out[part])
            else:
                tables.look_up_pairs(index[0][part], index[1][part], bits[-1], table, out[part])
        return 0

    in_parallel(run, call.size, 64)
    return Outcome(found, raised)


@functools.lru_cache(maxsize=128)
def _table(
    operation: Operation, formats: tuple[ScalarFormat, ...], settings: Settings
) -> tuple[Array, Array | None]:
    """Return the codes and flags of all operands, the last one varying fastest."""
    operands = all_codes(formats)
    outcome = compute(operation, operands, formats, settings, no_draws)
    flags = outcome.flags
    narrow = flags if flags is None or (flags >= ALARM).any() else flags.astype(np.uint8)
    return outcome.codes, narrow


def all_codes(formats: Sequence[ScalarFormat]) -> tuple[Array, ...]:
    """Return every combination of codes, as 1-D arrays, the last one varying fastest.

    A code that stands for nothing is replaced by another one: no operand has it.
    """
    axes = []
    for fmt in formats:
        axis = np.arange(1 << fmt.bits, dtype=np.uint64).astype(fmt.code_dtype)
        unused = fmt.unused_codes()
        if unused:
            axis[list(unused)] = next(c for c in range(1 << fmt.bits) if c not in unused)
        axes.append(axis)
    grids = np.meshgrid(*axes, indexing="ij")
    return tuple(np.ascontiguousarray(grid).reshape(-1) for grid in grids)

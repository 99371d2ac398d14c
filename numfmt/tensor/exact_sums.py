"""Exact sums, rounded once: the engine of `Exact` accumulators, and sums of any number of codes.

The rules are those of `numfmt.matrix_units`, point 2. How sums are found is in `pieces`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..kernels import exact_sums as kernel
from ..matrix_units.accumulators import Exact
from ..params import ALARM, Kind
from .operand_fields import NO_NUMBER, PLUS_ZERO, Fields, fields_of
from .pieces import side_of, sums
from .special_sums import give_signs, put_special
from .sum_calls import Call, Draws, call_of, operated, refuse
from .term_sums import of_leaves, sum_of_codes

__all__ = ["Fields", "accumulate", "accumulate_fields", "fields_of", "sum_of_codes"]

Array = npt.NDArray[Any]


def accumulate(
    a: Array,
    b: Array,
    c: Array,
    formats: tuple[ScalarFormat, ScalarFormat],
    accumulator: Exact,
    draws: Draws | None = None,
    *,
    bits: int = 8,
    route: str | None = None,
) -> Array:
    """Return the codes of c + a @ b, summed exactly and rounded as an accumulator says.

    Parameters
    ----------
    a, b : ndarray, shapes (B, M, K) and (B, K, N)
        Codes; broadcast views along B are not copied.
    c : ndarray, shape (B, M, N)
        Codes of the output format.
    formats : tuple of ScalarFormat
        Those of a and b.
    accumulator : Exact
        Without an output, the format of a is the output.
    draws : function, optional
        From the number of a rounding to the source of its random bits, for stochastic modes.
    bits : int
        How many random bits one rounding takes.
    route : {"pieces", "limbs"}, optional
        How sums are found; codes do not depend on it.

    Returns
    -------
    ndarray of the output's code dtype, shape (B, M, N)

    Raises
    ------
    FormatError
        A format has no finite sums of products, or a result has no code.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> fp8 = nf.get("e4m3")
    >>> a, b = nf.encode([[[448, 1, -448]]], fp8), nf.encode([[[448], [0.0625], [448]]], fp8)
    >>> c = np.zeros((1, 1, 1), np.uint16)
    >>> codes = accumulate(a, b, c, (fp8, fp8), nf.Exact(output="binary16"))
    >>> float(nf.decode(codes, "binary16")[0, 0, 0])
    0.0625
    """
    call = call_of(accumulator, formats[0], draws, c.shape, bits, route)
    if a.shape[2] == 0 or c.size == 0:
        return c.copy()
    if accumulator.product is not None:
        return of_leaves(a, b, c, formats, accumulator, call)
    if b.shape[0] > 1 and b.strides[0] == 0:  # one b for all: their rows are rows of one matrix
        a, b, c = a.reshape(1, -1, a.shape[2]), b[:1], c.reshape(1, -1, c.shape[2])
    elif a.shape[0] > 1 and a.strides[0] == 0:
        a = a[:1]
    flush = call.settings.flush_inputs
    x = fields_of(a, formats[0], flush)
    y = fields_of(b.swapaxes(1, 2), formats[1], flush)
    for number, part in enumerate(_blocks(a.shape[2], accumulator.block)):
        r = number * (1 + call.late)
        if part.stop - part.start == 1:
            c = _fused(a[:, :, part], b[:, part], c, formats, call, r)
        else:
            c = _summed(_taken(x, part), _taken(y, part), c, call, r)
    return c.reshape(call.shape)


def accumulate_fields(
    a: Fields,
    b: Fields,
    c: Array,
    accumulator: Exact,
    draws: Draws | None = None,
    *,
    bits: int = 8,
    route: str | None = None,
) -> Array:
    """Do as `accumulate` for operands given by fields, whatever their significands are made of.

    A NaN among them gives the canonical NaN, also where a block has one product only.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> one = fields_of(np.full((1, 1, 1), 0x38, np.uint8), nf.get("e4m3"))
    >>> large = one._replace(exponents=one.exponents + 100)
    >>> c = np.zeros((1, 1, 1), np.uint32)
    >>> codes = accumulate_fields(one, large, c, nf.Exact(output="binary32"))
    >>> nf.decode(codes, "binary32").tolist() == [[[2.0**100]]]
    True
    """
    if accumulator.output is None:
        raise FormatError("output is missing: operands in blocks have no format that it could be")
    if accumulator.product is not None:
        raise FormatError("product: products of operands in blocks are exact; leave product out")
    call = call_of(accumulator, accumulator.output, draws, c.shape, bits, route)
    if a.shape[2] == 0 or c.size == 0:
        return c.copy()
    x, y = a.apply(_together), b.apply(lambda column: _together(column).swapaxes(1, 2))
    if y.shape[0] < c.shape[0]:  # one b for all: their rows are rows of one matrix
        x, c = (
            a.apply(lambda column: column.reshape(1, -1, a.shape[2])),
            c.reshape(1, -1, c.shape[2]),
        )
    for number, part in enumerate(_blocks(a.shape[2], accumulator.block)):
        c = _summed(_taken(x, part), _taken(y, part), c, call, number * (1 + call.late))
    return c.reshape(call.shape)


def _blocks(depth: int, block: int | None) -> Iterator[slice]:
    step = depth if block is None else block
    for start in range(0, depth, step):
        yield slice(start, min(start + step, depth))


def _taken(fields: Fields, part: slice) -> Fields:
    if part.stop - part.start == fields.shape[2]:
        return fields
    return fields.apply(lambda column: column[:, :, part])


def _together(column: Array) -> Array:
    """Return one matrix for all where a stack repeats one."""
    return column[:1] if column.shape[0] > 1 and column.strides[0] == 0 else column


def _summed(x: Fields, y: Fields, c: Array, call: Call, r: int) -> Array:
    """Return c plus the products of rows of x and of y, (stack or 1, rows, K)."""
    settings = call.settings
    a, b = side_of(x), side_of(y)
    start = NO_NUMBER
    if not call.late:
        start = fields_of(c, settings.result, settings.flush_inputs) if c.any() else PLUS_ZERO
    random = call.source(r, settings)(0, c.size).astype(np.uint64)
    random = random.reshape(c.shape if random.size > 1 else (1, 1, 1))
    codes, flags, seen = sums(a, b, start, random, call.numbers, call.route, c.shape[0])
    if seen & kernel.UNSIGNED:
        give_signs(codes, flags, a, b, start, call)
    infinite = not call.late and bool((start.kinds >= int(Kind.INFINITY)).any())
    if a.special or b.special or infinite:
        put_special(codes, flags, x, y, start, call)
        seen |= ALARM
    found = codes.astype(settings.result.code_dtype)
    if seen & ALARM:
        refuse(flags.reshape(-1), settings, call.shape, 0)
    return _added(c, found, call, r + 1) if call.late else found


def _fused(
    a: Array,
    b: Array,
    c: Array,
    formats: tuple[ScalarFormat, ScalarFormat],
    call: Call,
    r: int,
) -> Array:
    """Return c plus one product, (stack or 1, M, 1) times (stack or 1, 1, N), as `fma` does."""
    pair = [np.ascontiguousarray(np.broadcast_to(x, c.shape)).reshape(-1) for x in (a, b)]
    result = call.settings.result
    if not call.late:
        return operated("fma", (*pair, c), (*formats, result), call, r)
    product = operated("mul", (*pair,), formats, call, r).reshape(c.shape)
    return _added(c, product, call, r + 1)


def _added(c: Array, found: Array, call: Call, r: int) -> Array:
    result = call.settings.result
    return operated("add", (c, found), (result, result), call, r).reshape(c.shape)

"""Aligned sums in float32: when the machine's floats decide them, and the way there and back.

A product of two significands of at most 24 digits together is exact in float32 if its exponents
stay within float32's. Times 2**(fraction_bits - E) it is at most 2**(fraction_bits + 2), so that 2
to the power of 29 - fraction_bits of them sum below 2**31; such partial sums add up in float64,
exactly. A product that underflows in the multiplication is below one, whose integer part is zero
all the same. The sum has fewer than 53 digits, a power of two times it is a float64, and cutting
its bits, or adding and subtracting a number whose last digit is the quantum, is the rounding of the
result. Outputs that leave the normal range of the output format, or that special values touch, are
named to the caller, who works them out by the other kernel.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..conversion import encode
from ..decoding import decoded
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat
from ..kernels import aligned_floats as kernel
from ..kernels.aligned_floats import NONE, WIDTH
from ..matrix_units.accumulators import Aligned, Join, ProductRange, ZeroProducts
from ..params import Kind
from ..rounding import Overflow, Rounding
from .aligned_operands import PLAIN, columns_of
from .rows import in_steps

Array = npt.NDArray[Any]

FEWEST = 16  # columns below which the other kernel is as fast
_DIGITS = 24
_AT_ONCE = 1 << 32  # products between two chances to interrupt
_FLOAT32 = (-126, 127)
_FAR = NONE // 2
_LOST = _FAR - 1
_MOST = 1 << 14
_TABLE_BITS = 16


class Real(NamedTuple):
    """An operand in floats: values and exponents (rows, K); which rows hold special values."""

    values: Array  # float32
    exponents: Array  # int16, `_FAR` for zeros
    special: Array
    span: tuple[int, int]


def serves(accumulator: Aligned, a: ScalarFormat, b: ScalarFormat, columns: int) -> bool:
    """Return whether these formats and this accumulator are of the kind that floats decide."""
    output = accumulator.output
    if columns < FEWEST or not isinstance(output, FloatFormat):
        return False
    if not (output.subnormals and output.signed and output.precision >= 2):  # ties are by digits
        return False
    if (accumulator.floor or 0) > accumulator.fraction_bits + 100:
        return False
    if not all(isinstance(x, FloatFormat) and x.fits_float32 for x in (a, b, output)):
        return False
    if a.precision + b.precision > _DIGITS or output.precision > _DIGITS:  # type: ignore[attr-defined]
        return False
    plain = (
        accumulator.cut is Rounding.TOWARD_ZERO
        and accumulator.zero_products is ZeroProducts.EXCLUDE
        and not accumulator.normalized
        and accumulator.group == 1
        and accumulator.c is Join.INSIDE
        and accumulator.range is ProductRange.EXTENDED
        and accumulator.overflow is Overflow.INFINITY
        and accumulator.fraction_bits <= 28
    )
    keep = accumulator.keep
    whole = keep is None or keep == output.precision - 1
    nearest = accumulator.rounding is Rounding.NEAREST_EVEN and whole
    return plain and (nearest or accumulator.rounding is Rounding.TOWARD_ZERO)


@functools.lru_cache(maxsize=64)
def _table(fmt: ScalarFormat) -> tuple[Array, Array]:
    """Return (values, exponents) of every code; special values are 0 with the exponent `_LOST`."""
    return _read(np.arange(1 << fmt.bits, dtype=fmt.code_dtype), fmt)


def _read(codes: Array, fmt: ScalarFormat) -> tuple[Array, Array]:
    m, _, e, kind = columns_of(codes, fmt, PLAIN)
    special = kind >= int(Kind.INFINITY)
    values = np.where(special, np.float32(0), decoded(codes, fmt, np.dtype(np.float32)))
    exponents = np.where(m != 0, e, _FAR)
    return values, np.where(special, _LOST, exponents).astype(np.int16)


def real_of(codes: Array, fmt: ScalarFormat) -> Real:
    """Return an operand (rows, K) in floats."""
    if fmt.bits <= _TABLE_BITS:
        values, exponents = (np.take(column, codes) for column in _table(fmt))
    else:
        values, exponents = (x.reshape(codes.shape) for x in _read(codes.reshape(-1), fmt))
    low, high = int(exponents.min(initial=0)), int(exponents.max(initial=_FAR))
    special = np.zeros(codes.shape[0], np.bool_)
    if low == _LOST:
        lost = exponents == _LOST
        special = lost.any(axis=1)
        exponents[lost] = _FAR
    if low <= _FAR:
        low = int(exponents.min(where=exponents > _FAR, initial=_MOST))
    return Real(values, exponents, special, (low, high) if high > _FAR else (0, 0))


def within(a: Real, b: Real, digits: int) -> bool:
    """Return whether every product is exact in float32 (`digits` of its significand)."""
    low, high = a.span[0] + b.span[0], a.span[1] + b.span[1]
    return low - digits >= _FLOAT32[0] and high + 1 <= _FLOAT32[1]


def _tiles(x: Array, rows: int, fill: object) -> Array:
    """Return (rows, N) as (tiles, rows, WIDTH), filled up."""
    missing = -x.shape[1] % WIDTH
    if missing:
        x = np.pad(x, ((0, 0), (0, missing)), constant_values=fill)  # type: ignore[call-overload]
    return np.ascontiguousarray(x.reshape(rows, -1, WIDTH).swapaxes(0, 1))


def sums(a: Real, b: Real, c: Array, accumulator: Aligned) -> tuple[Array, Array]:
    """Return (codes, undecided), both (M, N), of a (M, K) and b (N, K) and codes c (M, N)."""
    output = accumulator.output
    rows, columns = c.shape
    k = a.values.shape[1]
    start = decoded(np.ascontiguousarray(c).reshape(-1), output, np.dtype(np.float32))
    start = start.reshape(c.shape)
    finite = np.isfinite(start)
    bad = np.where(finite, a.special[:, None] | b.special, True)
    if not finite.all():
        start = np.where(finite, start, np.float32(0))
    work_c = _tiles(start, rows, 0)
    work_bad = _tiles(bad.astype(np.uint8), rows, 0)
    b_values = _tiles(b.values.T, k, 0)
    b_exponents = _tiles(b.exponents.T, k, _FAR)
    t = output.precision - 1
    keep = t if accumulator.keep is None else accumulator.keep
    width = accumulator.fraction_bits
    mask = np.int64(0)
    if accumulator.rounding is Rounding.TOWARD_ZERO:
        mask = np.int64(-(1 << (52 - keep)))
    floor = NONE if accumulator.floor is None else max(accumulator.floor, NONE)

    def work(first: int, last: int) -> None:
        kernel.float_sums(
            a.values, a.exponents, b_values, b_exponents, work_c, work_bad, first, last,
            accumulator.block, 1 << (29 - width), width, floor, mask, t, output.emin,
            float(output.largest),
        )  # fmt: skip

    in_steps(work, rows, columns * k, _AT_ONCE, "rows")

    def joined(x: Array) -> Array:
        return np.ascontiguousarray(x.swapaxes(0, 1).reshape(rows, -1)[:, :columns])

    found = joined(work_c)
    undecided = joined(work_bad).astype(np.bool_)
    if output.bits == 32 and output.precision == _DIGITS:
        return found.view(np.uint32), undecided
    found = np.where(undecided, np.float32(0), found)
    codes: Array = encode(found, output)
    return codes, undecided

"""Operands of aligned sums as numbers: significands, exponents, kinds, and those of scales."""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import registry
from ..arguments import scalar_format
from ..digits import fields_of_codes
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat
from ..families.grid import floor_log2
from ..kernels.aligned import FAR, Planes
from ..matrix_units.accumulators import Aligned, ZeroProducts
from ..params import Kind

Array = npt.NDArray[Any]

TABLE_BITS = 16


class Scales(NamedTuple):
    """Block scales of one operand: codes (B, rows, blocks along K), and their format."""

    codes: Array
    fmt: ScalarFormat
    block: int


class Operand(NamedTuple):
    """Codes with K last, (B, rows, K), their format and perhaps their scales."""

    codes: Array
    fmt: ScalarFormat
    scales: Scales | None = None


class Reading(NamedTuple):
    """How operands are read: whether zeros have an exponent, and subnormals count as zeros."""

    count_zero: bool
    flush: bool


PLAIN = Reading(False, False)


def unsigned_scale(codes: Array, fmt: ScalarFormat) -> Array:
    """Return scale codes without the sign bit of an OCP E4M3, which units ignore."""
    if fmt.structure == registry.get("e4m3").structure:
        unsigned: Array = codes & codes.dtype.type((1 << (fmt.bits - 1)) - 1)
        return unsigned
    return codes


def _columns(codes: Array, fmt: ScalarFormat, how: Reading) -> tuple[Array, ...]:
    """Return (m, q, e, kind) of 1-D codes."""
    kinds, signs, exponents, significands = fields_of_codes(codes, fmt)
    if how.flush:
        low = kinds == int(Kind.SUBNORMAL)
        kinds, significands = np.where(low, int(Kind.ZERO), kinds), np.where(low, 0, significands)
    numbers = significands.astype(np.int64)
    zero = numbers == 0
    if isinstance(fmt, FloatFormat):
        tops = exponents + (fmt.precision - 1)
        at_zero = fmt.emin
    else:
        tops = exponents + np.frexp(significands.astype(np.float64))[1] - 1
        tops -= (significands >> (tops - exponents).clip(0, 63).astype(np.uint64)) == 0
        at_zero = floor_log2(fmt.smallest) if fmt.smallest is not None else 0
    tops = np.where(zero, at_zero if how.count_zero else FAR, tops)
    tops = np.where(kinds >= int(Kind.INFINITY), FAR, tops)
    m = np.where(signs != 0, -numbers, numbers)
    # The sign of an infinity is that of its m.
    m = np.where(kinds == int(Kind.INFINITY), np.where(signs != 0, -1, 1), m)
    return m, np.where(zero, 0, exponents), tops, kinds.astype(np.uint8)


@functools.lru_cache(maxsize=64)
def table_of(fmt: ScalarFormat, how: Reading) -> tuple[Array, ...]:
    """Return (m, q, e, kind) of every code."""
    return _columns(np.arange(1 << fmt.bits, dtype=fmt.code_dtype), fmt, how)


def columns_of(codes: Array, fmt: ScalarFormat, how: Reading) -> tuple[Array, ...]:
    """Return (m, q, e, kind) of codes of any shape."""
    if fmt.bits <= TABLE_BITS:
        return tuple(np.take(column, codes) for column in table_of(fmt, how))
    found = _columns(np.ascontiguousarray(codes).reshape(-1), fmt, how)
    return tuple(column.reshape(codes.shape) for column in found)


def with_like_scales(a: Operand, b: Operand) -> tuple[Operand, Operand]:
    """Return operands whose scales are of blocks of one length, if either has any."""
    pair = (a, b)
    blocks = {x.scales.block for x in pair if x.scales is not None}
    if not blocks or (len(blocks) == 1 and a.scales is not None and b.scales is not None):
        return pair
    return _scaled_singly(a), _scaled_singly(b)


def _scaled_singly(x: Operand) -> Operand:
    """Return an operand with a scale for every element; those that it has not are 1."""
    k = x.codes.shape[-1]
    if x.scales is None:
        fmt = scalar_format("e8m0")
        one = np.full(x.codes.shape, fmt.around_one[1], fmt.code_dtype)
        return x._replace(scales=Scales(one, fmt, 1))
    spread = np.take(x.scales.codes, np.arange(k) // x.scales.block, axis=-1)
    return x._replace(scales=x.scales._replace(codes=spread, block=1))


def planes_of(operand: Operand, accumulator: Aligned, flush: int) -> Planes:
    """Return an operand as the planes of the kernel."""
    how = Reading(accumulator.zero_products is ZeroProducts.EXPONENT, bool(flush))
    k = operand.codes.shape[-1]
    planes = [x.reshape(-1, k) for x in columns_of(operand.codes, operand.fmt, how)]
    rows = planes[0].shape[0]
    if operand.scales is not None:
        scales = operand.scales
        codes = unsigned_scale(scales.codes, scales.fmt)
        more = [
            x.reshape(rows, -1) for x in columns_of(codes, scales.fmt, how._replace(flush=False))
        ]
    elif accumulator.group > 1:
        one = np.ones((rows, -(-k // accumulator.group)), np.int64)
        kinds: Array = np.full(one.shape, int(Kind.NORMAL), np.uint8)
        more = [one, one - 1, one - 1, kinds]
    else:
        empty = np.zeros((1, 1), np.int64)
        more = [empty, empty, empty, empty.astype(np.uint8)]
    return Planes(*planes, *more)

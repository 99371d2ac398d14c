"""Codes into fields, float64 values and ordinals."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..params import UNIFORM, Grid, Kind
from .compile import jit
from .rounding import ONE, ZERO
from .tapered import binade_of

KIND_ZERO = int(Kind.ZERO)
KIND_SUBNORMAL = int(Kind.SUBNORMAL)
KIND_NORMAL = int(Kind.NORMAL)
KIND_INFINITY = int(Kind.INFINITY)
KIND_NAN = int(Kind.NAN)
_SIGN = np.uint64(1 << 63)


@jit
def magnitude(code, grid):
    """Return (negative, ordinal of the magnitude) of a uint64 code."""
    top = ONE << np.uint64(grid.bits - 1)
    negative = np.int64(1) if grid.signed and code & top != ZERO else np.int64(0)
    if negative:
        code = (~code + ONE) & (top | (top - ONE)) if grid.twos else code - top
    return negative, code + np.uint64(grid.first)


@jit
def fields(code, grid):
    """Return (kind, negative, exponent, significand) of a uint64 code.

    The value is (-1)**negative * significand * 2**exponent; the last two are 0 for zero,
    infinity and NaN.
    """
    negative, k = magnitude(code, grid)
    limit = grid.max_negative if negative else grid.max_positive
    nothing = np.int64(0)
    if grid.specials and k > limit:
        if grid.has_infinity and k == limit + ONE:
            return KIND_INFINITY, negative, nothing, ZERO
        if grid.taper != UNIFORM:  # NaR has no sign
            negative = nothing
        return KIND_NAN, negative, nothing, ZERO
    if k == ZERO:
        if negative and not grid.negative_zero:
            return KIND_NAN, negative, nothing, ZERO
        return KIND_ZERO, negative, nothing, ZERO
    if grid.taper != UNIFORM:
        exponent, digits, fraction = binade_of(k, grid)
        return KIND_NORMAL, negative, exponent - digits, fraction + (ONE << np.uint64(digits))
    hidden = ONE << np.uint64(grid.t)
    row = np.int64(k >> np.uint64(grid.t))
    trailing = k & (hidden - ONE)
    if row == 0:
        if grid.gap:
            return KIND_ZERO, negative, nothing, ZERO
        kind = KIND_SUBNORMAL if grid.underflows else KIND_NORMAL
        return kind, negative, np.int64(grid.emin - grid.t), trailing
    return KIND_NORMAL, negative, np.int64(grid.emin - grid.t + row - 1), trailing | hidden


@jit
def unpack_codes(codes, grid, kinds, signs, exponents, significands):
    """Fill the four fields of `codes` (any unsigned dtype)."""
    for i in range(codes.size):
        kind, negative, exponent, significand = fields(np.uint64(codes[i]), grid)
        kinds[i] = kind
        signs[i] = negative
        exponents[i] = exponent
        significands[i] = significand


def fields_of(codes: npt.NDArray[Any], grid: Grid) -> tuple[npt.NDArray[Any], ...]:
    """Return four new arrays, the fields of 1-D `codes`: uint8, uint8, int64, uint64."""
    result: tuple[npt.NDArray[Any], ...] = tuple(
        np.empty(codes.size, dtype) for dtype in (np.uint8, np.uint8, np.int64, np.uint64)
    )
    with np.errstate(over="ignore"):  # in the interpreter; complements wrap
        unpack_codes(codes.astype(np.uint64), grid, *result)
    return result


@jit
def decode_codes(codes, grid, words):
    """Fill `words` (uint64) with the bits of the float64 values of uint64 `codes`.

    Every value of the format must be a float64.
    """
    for i in range(codes.size):
        kind, negative, exponent, significand = fields(codes[i], grid)
        word = ZERO
        if kind == KIND_INFINITY:
            word = np.uint64(0x7FF0000000000000)
        elif kind == KIND_NAN:
            word = np.uint64(0x7FF8000000000000)
        elif significand != ZERO:
            word = float_bits(significand, exponent)
        if negative:
            word |= _SIGN
        words[i] = word


@jit
def float_bits(significand, exponent):
    """Return the bits of the float64 significand * 2**exponent (uint64 > 0, int64), if exact."""
    mantissa, shift = math.frexp(np.float64(significand))
    biased = exponent + shift + 1022
    scaled = np.uint64(math.ldexp(mantissa, 53))
    if biased > 0:
        return (np.uint64(biased) << np.uint64(52)) + (scaled - np.uint64(1 << 52))
    return scaled >> np.uint64(1 - biased)


@jit
def ordinals(codes, grid, out):
    """Fill `out` (int64) with signed ordinals; infinity follows the largest finite value.

    Returns the index of the first code without one (NaN, or too large), else -1.
    """
    for i in range(codes.size):
        code = np.uint64(codes[i])
        kind, negative, _, _ = fields(code, grid)
        _, k = magnitude(code, grid)
        if kind == KIND_NAN or k >= _SIGN:
            return i
        value = np.int64(k)
        if kind == KIND_ZERO:
            value = np.int64(0)
        out[i] = -value if negative else value
    return -1

"""Out of formats of logarithms: the powers that their codes stand for."""

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .families import reals
from .families.logarithmic import LogarithmicFormat
from .kernels import logarithms as kernel
from .params import Kind

Array = npt.NDArray[Any]
_TABLE_DIGITS = 360  # after the point: 170 and more of the smallest power, e**-128


def _pair(base: Fraction | None, exponent: Fraction) -> tuple[float, float, int]:
    """Return (high, low, e) with base**exponent = (high + low) * 2**e, 1 <= high < 2."""
    low, high = reals.power(base, exponent, _TABLE_DIGITS).ends
    middle = (low + high) / 2
    e = math.frexp(float(middle))[1] - 1
    middle /= Fraction(2) ** e
    near = float(middle)
    return near, float(middle - Fraction(near)), e


@functools.cache
def tables(natural: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the factors of `kernels.logarithms.powers` for base 2 or base sqrt(e)."""
    base, per_unit = (None, Fraction(1, 2)) if natural else (Fraction(2), Fraction(1))
    fractions = np.zeros((kernel.CHUNKS, kernel.SIZE, 2))
    for j in range(kernel.CHUNKS):
        for i in range(kernel.SIZE):
            high, low, e = _pair(base, per_unit * Fraction(i, 1 << (kernel.CHUNK * (j + 1))))
            fractions[j, i] = math.ldexp(high, e), math.ldexp(low, e)
    wholes = np.zeros((2 * kernel.WHOLE, 3))
    if natural:
        for c in range(-kernel.WHOLE, kernel.WHOLE):
            wholes[c + kernel.WHOLE] = _pair(base, per_unit * c)
    return fractions, wholes


def powers_of(numerators: Array, digits: int, fmt: LogarithmicFormat) -> tuple[Array, Array, Array]:
    """Return (highs, lows, exponents) of the powers of logarithms; see the kernel."""
    highs, lows = np.empty((2, numerators.size))
    exponents = np.empty(numerators.size, np.int64)
    natural = fmt.numbers.natural
    kernel.powers(numerators, digits, natural, *tables(natural), highs, lows, exponents)
    return highs, lows, exponents


def values_of(codes: Array, fmt: LogarithmicFormat) -> npt.NDArray[np.float64]:
    """Return the nearest float64 of each 1-D code; all are near normal ones.

    The general case is certain from 106 digits, the others are worked out one by one.
    """
    signs, ordinals, kinds = split(codes, fmt)
    out = np.zeros(codes.size)
    finite = np.flatnonzero(kinds == int(Kind.NORMAL))
    numerators = numerators_of(ordinals[finite], kinds[finite], fmt)
    highs, lows, exponents = powers_of(numerators, fmt.digits, fmt)
    found = np.ldexp(highs, exponents)
    rest = np.abs(lows)
    margin = 4 * kernel.DOUBT
    near_tie = (np.abs(rest - 2.0**-53) <= margin) | (np.abs(rest - 2.0**-54) <= margin)
    for i in np.flatnonzero(near_tie).tolist():
        found[i] = fmt.nearest(int(ordinals[finite[i]]))
    out[finite] = found
    out[kinds == int(Kind.NAN)] = np.nan
    return np.where(signs != 0, -out, out)


def split(codes: Array, fmt: LogarithmicFormat) -> tuple[Array, Array, Array]:
    """Return (signs, ordinals, kinds) of 1-D codes: uint8, uint64, uint8."""
    words = codes.astype(np.uint64)
    top = np.uint64(1 << (fmt.bits - 1))
    signs = (words >> np.uint64(fmt.bits - 1)).astype(np.uint8)
    if fmt.numbers.twos:
        mask = top | (top - np.uint64(1))
        ordinals = np.where(signs != 0, (~words + np.uint64(1)) & mask, words)
    else:
        ordinals = (words & (top - np.uint64(1))) ^ (top >> np.uint64(1))
    nan = words == np.uint64(fmt.nan_code(0) or 0)
    signs[nan] = 0  # NaN has no sign
    kinds = np.where(
        nan, int(Kind.NAN), np.where(ordinals == 0, int(Kind.ZERO), int(Kind.NORMAL))
    ).astype(np.uint8)
    return signs, ordinals, kinds


def numerators_of(ordinals: Array, kinds: Array, fmt: LogarithmicFormat) -> Array:
    """Return logarithms times 2**digits, 0 where there is none."""
    numerators = np.zeros(ordinals.size, np.int64)
    finite = kinds == int(Kind.NORMAL)
    found = np.empty(np.count_nonzero(finite), np.int64)
    kernel.logs_of(ordinals[finite], fmt.numbers, found)
    numerators[finite] = found
    return numerators


def codes_of(negative: Array, ordinals: Array, fmt: LogarithmicFormat) -> Array:
    """Return the codes of magnitudes with a sign; zero has none."""
    if fmt.numbers.twos:
        mask = np.uint64((1 << fmt.bits) - 1)
        return np.where(negative, (~ordinals + np.uint64(1)) & mask, ordinals)
    flipped = ordinals ^ np.uint64(1 << (fmt.bits - 2))
    sign = np.where(negative & (ordinals != 0), np.uint64(1 << (fmt.bits - 1)), np.uint64(0))
    return flipped | sign

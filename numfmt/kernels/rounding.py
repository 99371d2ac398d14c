"""The line that rounds. Every family comes here."""

import numpy as np

from ..rounding import (
    ADDEND_BITS,
    BELOW_HALF,
    BELOW_ULP,
    HALF,
    STOCHASTIC_B,
    STOCHASTIC_C,
    STOCHASTIC_C_ODD,
    ULP,
)
from .compile import jit

ONE = np.uint64(1)
ZERO = np.uint64(0)
_ADDEND_MASK = 2**ADDEND_BITS - 1


@jit
def cut(significand, drop, addend):
    """Return significand / 2**drop, cut to an integer after `addend` joins the lost digits.

    All uint64; `drop` is 0 to 63, `addend` at most 2**drop, and their sum below 2**64.
    """
    return (significand + addend) >> drop


@jit
def addend_of(kind, drop):
    """Return the addend named by `kind` for `drop` lost digits (uint64, 0 to 62)."""
    ulp = ONE << drop
    if kind == BELOW_HALF:
        return max(ulp >> ONE, ONE) - ONE
    if kind == HALF:
        return ulp >> ONE
    if kind == BELOW_ULP:
        return ulp - ONE
    if kind == ULP:
        return ulp
    return ZERO


@jit
def kind_of(addends, negative, odd):
    """Return which addend the packed table holds for this sign and parity (ints 0 or 1)."""
    return (addends >> (ADDEND_BITS * (2 * negative + odd))) & _ADDEND_MASK


@jit
def jammed(significand, excess):
    """Return significand / 2**excess (int64, >= 0) with all lost digits folded into the last."""
    shift = np.uint64(min(excess, 63))
    kept = significand >> shift
    return kept | np.uint64(kept << shift != significand)


@jit
def _aligned(random, surplus):
    """Return random * 2**surplus, cut to an integer (surplus int64, -54 to 62)."""
    if surplus >= 0:
        return random << np.uint64(surplus)
    return random >> np.uint64(-surplus)


@jit
def cut_randomly(significand, drop, random, rule, bits):
    """Return significand / 2**drop rounded stochastically by `rule` with `bits` random bits.

    significand, drop (0 to 62), random (below 2**bits): uint64; lost digits beyond bits + 2 must
    already be exact or jammed. The rules are those of IEEE P3109 4.0, 4.7.4.
    """
    digits = np.int64(drop)
    if rule == STOCHASTIC_B:
        return cut(significand, drop, _aligned((random << ONE) + ONE, digits - bits - 1))
    if (rule == STOCHASTIC_C or rule == STOCHASTIC_C_ODD) and digits > bits:
        fine = np.uint64(digits - bits)
        odd = (significand >> fine) & ONE
        if rule == STOCHASTIC_C_ODD:
            odd ^= ONE
        half = ONE << (fine - ONE)
        return cut(cut(significand, fine, half - ONE + odd), np.uint64(bits), random)
    return cut(significand, drop, _aligned(random, digits - bits))

"""Projection: any (sign, significand, exponent) rounded once into a grid, with flags."""

import numpy as np

from ..flags import Flags
from ..params import UNIFORM, Kind
from .compile import jit
from .rounding import ONE, ZERO, leading_exponent, round_digits
from .tapered import ordinal_near

NX = int(Flags.NX)
UF = int(Flags.UF)
INFINITY = int(Kind.INFINITY)
NO_VALUE = -(1 << 40)  # exponent of the leading digit of zero

_FRACTION = np.uint64(2**52 - 1)
_HIDDEN = np.uint64(2**52)
_EXPONENT = np.uint64(2047)


@jit
def split_float64(word):
    """Return (negative, significand, exponent, leading exponent) of a finite float64's bits."""
    negative = np.int64(word >> np.uint64(63))
    fraction = word & _FRACTION
    biased = np.int64((word >> np.uint64(52)) & _EXPONENT)
    if biased > 0:
        return negative, fraction | _HIDDEN, biased - 1075, biased - 1023
    if fraction == ZERO:
        return negative, fraction, 0, NO_VALUE
    return negative, fraction, -1074, leading_exponent(fraction) - 1074


@jit
def _is_tiny(negative, significand, extra, exponent, top, random, grid, how):
    """Return whether a nonzero value below the normal range counts as tiny."""
    if how.tiny_before or top < grid.emin - 1:
        return True
    drop = top - grid.t - exponent
    parity = grid.first + (top - grid.emin if grid.t == 0 else 0)
    result, _, _ = round_digits(significand, extra, drop, negative, parity, random, how)
    return result >> np.uint64(grid.t + 1) == ZERO


@jit
def signed_code(negative, k, wrap, grid):
    """Return the code of ordinal `k` (uint64) with a sign (0 or 1), modulo 2**bits if `wrap`."""
    code = k - np.uint64(grid.first)
    sign = np.uint64(negative)  # arithmetic instead of branches: signs cannot be predicted
    if grid.twos or wrap:
        code = (code ^ (ZERO - sign)) + sign
    else:
        sign &= np.uint64(grid.signed) & (np.uint64(grid.negative_zero) | np.uint64(k != ZERO))
        code |= sign << np.uint64(grid.bits - 1)
    return code & (~ZERO >> np.uint64(64 - grid.bits))


@jit
def _past_the_end(negative, how):
    """Return (code, flags) of a finite value past the end."""
    if negative:
        return how.over_negative, how.over_flags_negative
    return how.over_positive, how.over_flags_positive


@jit
def project(negative, significand, extra, exponent, top, random, grid, how):
    """Return (code, flags) of (-1)**negative * (significand + extra / 2**64) * 2**exponent.

    negative: int 0 or 1; significand, extra, random: uint64; exponent, top: int64, where `top` is
    the exponent of the leading digit (anything below every emin for a significand of 0, whose
    extra is 0).
    """
    flags = 0
    if top < how.flush_input:
        significand = ZERO
        extra = ZERO
    if significand == ZERO:
        top = NO_VALUE
        exponent = grid.emin - grid.t
    elif negative:
        flags |= how.negative_flags
    if grid.taper != UNIFORM:
        k = ZERO
        if significand != ZERO:
            k = ordinal_near(negative, significand, extra, exponent, top, random, grid, how)
        return signed_code(negative, k, 0, grid), flags
    low = top < grid.emin
    binade = grid.emin if low or how.wrap else top
    if binade > grid.ceiling:  # too far out for an ordinal
        code, raised = _past_the_end(negative, how)
        return code, flags | raised
    gap = grid.gap if low else 0
    quantum = binade - grid.t + gap
    if significand == ZERO:
        exponent = quantum
    rows = binade - grid.emin
    parity = grid.first + (rows if grid.t == 0 else 0)
    drop = quantum - exponent
    k, kept, inexact = round_digits(significand, extra, drop, negative, parity, random, how)
    carried_out = k < kept
    k = (k << np.uint64(gap)) + (np.uint64(rows) << np.uint64(grid.t))
    if inexact:
        flags |= NX
    either = (ZERO - np.uint64(negative)) & (grid.max_positive ^ grid.max_negative)
    past = k > grid.max_positive ^ either or carried_out
    if how.wrap:
        if past or top > grid.ceiling:
            flags |= how.over_flags_negative if negative else how.over_flags_positive
    elif past:
        code, raised = _past_the_end(negative, how)
        return code, flags | raised
    if low and significand != ZERO and grid.underflows and (inexact or how.flush_result):
        if _is_tiny(negative, significand, extra, exponent, top, random, grid, how):
            if how.flush_result:
                k = ZERO
                flags |= NX
            flags |= UF
    k = max(k, np.uint64(grid.first))
    return signed_code(negative, k, how.wrap, grid), flags


@jit
def project_infinity(negative, how):
    """Return (code, flags) of an infinity."""
    if negative:
        return how.infinity_negative, how.infinity_flags_negative
    return how.infinity_positive, how.infinity_flags_positive


@jit
def project_nan(negative, how):
    """Return (code, flags) of a NaN."""
    if negative:
        return how.nan_negative, how.nan_flags
    return how.nan_positive, how.nan_flags


@jit
def project_float64(words, random, codes, flags, grid, how):
    """Fill `codes` (uint64) and, unless it is empty, `flags` (uint16); return all flags ORed.

    words: the bits of float64 values, uint64; random: uint64, of the same size or of size 1.
    """
    seen = 0
    step = 1 if random.size > 1 else 0
    for i in range(words.size):
        word = words[i]
        magnitude = word & np.uint64(0x7FFFFFFFFFFFFFFF)
        if magnitude < np.uint64(0x7FF0000000000000):
            negative, significand, exponent, top = split_float64(word)
            code, raised = project(
                negative, significand, ZERO, exponent, top, random[i * step], grid, how
            )
        elif magnitude == np.uint64(0x7FF0000000000000):
            code, raised = project_infinity(np.int64(word >> np.uint64(63)), how)
        else:
            code, raised = project_nan(np.int64(word >> np.uint64(63)), how)
        codes[i] = code
        seen |= raised
        if flags.size:
            flags[i] = raised
    return seen


@jit
def project_integers(words, signed, random, codes, flags, grid, how):
    """Do as `project_float64` for integers: uint64 words, two's complement where `signed`."""
    seen = 0
    step = 1 if random.size > 1 else 0
    for i in range(words.size):
        word = words[i]
        negative = np.int64(word >> np.uint64(63)) if signed else np.int64(0)
        if negative:
            word = ~word + ONE
        top = leading_exponent(word) if word != ZERO else NO_VALUE
        code, raised = project(negative, word, ZERO, 0, top, random[i * step], grid, how)
        codes[i] = code
        seen |= raised
        if flags.size:
            flags[i] = raised
    return seen


@jit
def project_fields(kinds, signs, exponents, significands, random, codes, flags, grid, how):
    """Do as `project_float64` for unpacked values (see `kernels.fields`)."""
    seen = 0
    step = 1 if random.size > 1 else 0
    for i in range(kinds.size):
        negative = np.int64(signs[i])
        word = significands[i]
        if kinds[i] < INFINITY:
            top = leading_exponent(word) + exponents[i] if word != ZERO else NO_VALUE
            code, raised = project(
                negative, word, ZERO, exponents[i], top, random[i * step], grid, how
            )
        elif kinds[i] == INFINITY:
            code, raised = project_infinity(negative, how)
        else:
            code, raised = project_nan(negative, how)
        codes[i] = code
        seen |= raised
        if flags.size:
            flags[i] = raised
    return seen

"""Kernels that scale integers by a dyadic number, multiplier / 2**shift, and round: every scheme.

The formulas of TFLite and TOSA are those of their code, 64-bit step by step; any other rounding is
of the exact product of 127 digits.
"""

from typing import NamedTuple

import numpy as np

from .compile import jit
from .rounding import ONE, ZERO, addend_of, cut, kind_of, round_digits
from .wide import multiplied

HALF_UP, HALF_UP_TWICE, DOUBLING_HIGH, FLOAT64, ONCE = range(5)  # rules of 64-bit arithmetic
BAD_OPERAND, BAD_RESULT = 1, 2  # what the kernels report
FAR = 1 << 61  # magnitudes that round past this stay here: formats of results have 62 bits

_INT32_MIN = -(1 << 31)
_INT32_MAX = (1 << 31) - 1
_BIT_30 = 1 << 30
_FAR = np.float64(FAR)


class Layout(NamedTuple):
    """Where the channels of a flat array change: `run` elements each, of `channels` in a cycle."""

    channels: int
    run: int


class Scaling(NamedTuple):
    """The numbers of one call besides those of its channels, all int64."""

    input_zero: int
    zero: int
    low: int  # the clamp, after the zero point was added
    high: int
    least: int  # what the scheme itself can hold, before that
    most: int
    mask: int  # the digits of a code, -1 for all 64
    sign_bit: int  # of sign-magnitude codes; 0 for two's complement
    addends: int  # `Rounding.addends`,
    stochastic: int  # `Rounding.stochastic`
    bits: int  # and the number of random bits


@jit
def doubling_high(a, b):
    """Return gemmlowp's SaturatingRoundingDoublingHighMul of two int32 (given as int64)."""
    if a == _INT32_MIN and b == _INT32_MIN:
        return np.int64(_INT32_MAX)
    product = a * b
    total = product + (_BIT_30 if product >= 0 else 1 - _BIT_30)
    quotient = total >> 31
    if total < 0 and total & _INT32_MAX:  # C divides toward zero
        quotient += 1
    return quotient


@jit
def divided_away(x, exponent):
    """Return gemmlowp's RoundingDivideByPOT of an int32 by 2**exponent, 0 to 31."""
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if x & mask > threshold else 0)


@jit
def half_up(x, multiplier, shift, twice):
    """Return (x * multiplier + half) >> shift; `twice` as TOSA's double_round.

    `shift` is 0 to 62, and the sum must stay within int64.
    """
    half = (np.int64(1) << shift) >> 1
    if twice and shift > 31:
        half += _BIT_30 if x >= 0 else -_BIT_30
    return (x * multiplier + half) >> shift


@jit
def in_float64(x, multiplier, shift):
    """Return x * multiplier rounded to a float64, then / 2**shift rounded to even, as int64.

    |x| and |multiplier| are at most 2**53, `shift` 0 to 126; results stay within `FAR`.
    """
    unit = np.uint64((1023 - shift) << 52).view(np.float64)
    scaled = np.rint(np.float64(x) * np.float64(multiplier) * unit)
    return np.int64(min(max(scaled, -_FAR), _FAR))


@jit
def rounded_once(x, multiplier, shift, addends):
    """Return the exact x * multiplier / 2**shift (0 to 62) rounded in a deterministic mode.

    |x| is below 2**32 and |multiplier| at most 2**31.
    """
    product = x * multiplier
    negative = 1 if product < 0 else 0
    digits = np.uint64(-product if negative else product)
    drop = np.uint64(shift)
    odd = np.int64(digits >> drop & ONE)
    size = np.int64(cut(digits, drop, addend_of(kind_of(addends, negative, odd), drop)))
    return -size if negative else size


@jit
def scaled_narrow(x, multiplier, shift, rule, addends):
    """Return x * multiplier / 2**shift by one of the rules of 64-bit arithmetic."""
    if rule == ONCE:
        return rounded_once(x, multiplier, shift, addends)
    if rule == DOUBLING_HIGH:
        left = max(31 - shift, 0)
        return divided_away(doubling_high(x << left, multiplier), max(shift - 31, 0))
    if rule == FLOAT64:
        return in_float64(x, multiplier, shift)
    return half_up(x, multiplier, shift, rule == HALF_UP_TWICE)


@jit
def magnitude(x):
    """Return |x| of an int64 as uint64."""
    return np.uint64(x) if x >= 0 else ~np.uint64(x) + np.uint64(1)


@jit
def scaled_exactly(x, multiplier, shift, random, how):
    """Return the exact x * multiplier / 2**shift (0 to 126), rounded once, within `FAR`."""
    negative = 1 if (x < 0) != (multiplier < 0) and x != 0 and multiplier != 0 else 0
    high, low = multiplied(magnitude(x), magnitude(multiplier))
    if high == ZERO:
        rounded, _, _ = round_digits(low, ZERO, shift, negative, 0, random, how)
    elif shift >= 64:
        rounded, _, _ = round_digits(high, low, shift - 64, negative, 0, random, how)
    elif high >> np.uint64(shift) != ZERO:
        rounded = np.uint64(FAR)
    else:
        up = np.uint64(64 - shift)
        kept = (high << up) | (low >> np.uint64(shift))
        rounded, _, _ = round_digits(kept, low << up, 0, negative, 0, random, how)
    size = np.int64(min(rounded, np.uint64(FAR)))
    return -size if negative else size


@jit
def coded(value, zero, low, high, mask, sign_bit):
    """Return the code of an integer after its zero point and clamp, as uint64."""
    value = min(max(value + zero, low), high)
    if sign_bit and value < 0:
        value = sign_bit - value
    return np.uint64(value & mask)


def narrow_loop(rule):
    """Return the kernel of one rule, a constant of it: the loops are vectorised only so."""

    @jit
    def scale_run(accumulators, multiplier, shift, least, most, how, codes):
        """Fill `codes` of accumulators of one channel; return what was wrong."""
        zero, low, high, mask, sign_bit = how.zero, how.low, how.high, how.mask, how.sign_bit
        input_zero, least_value, most_value = how.input_zero, how.least, how.most
        addends = how.addends
        wrong = 0
        for i in range(accumulators.size):  # without a branch
            accumulator = np.int64(accumulators[i])
            wrong |= BAD_OPERAND * ((accumulator < least) | (accumulator > most))
            value = scaled_narrow(accumulator - input_zero, multiplier, shift, rule, addends)
            wrong |= BAD_RESULT * ((value < least_value) | (value > most_value))
            codes[i] = coded(value, zero, low, high, mask, sign_bit)
        return wrong

    @jit
    def scale_row(accumulators, multipliers, shifts, least, most, how, codes):
        """Fill `codes` of accumulators of one channel each, as `scale_run` does."""
        zero, low, high, mask, sign_bit = how.zero, how.low, how.high, how.mask, how.sign_bit
        input_zero, least_value, most_value = how.input_zero, how.least, how.most
        addends = how.addends
        wrong = 0
        for i in range(accumulators.size):
            accumulator = np.int64(accumulators[i])
            wrong |= BAD_OPERAND * ((accumulator < least[i]) | (accumulator > most[i]))
            x = accumulator - input_zero
            value = scaled_narrow(x, multipliers[i], shifts[i], rule, addends)
            wrong |= BAD_RESULT * ((value < least_value) | (value > most_value))
            codes[i] = coded(value, zero, low, high, mask, sign_bit)
        return wrong

    @jit
    def scale_narrow(accumulators, first, multipliers, shifts, least, most, layout, how, codes):
        """Fill `codes` of accumulators whose first has flat index `first`; return what was wrong.

        Per channel (int64): multipliers, shifts, and the least and most accumulator allowed.
        """
        wrong = 0
        i = 0
        while i < accumulators.size:
            c = (first + i) // layout.run % layout.channels
            if layout.run == 1:  # channels lie side by side
                end = min(i + layout.channels - c, accumulators.size)
                beyond = c + end - i
                wrong |= scale_row(
                    accumulators[i:end],
                    multipliers[c:beyond],
                    shifts[c:beyond],
                    least[c:beyond],
                    most[c:beyond],
                    how,
                    codes[i:end],
                )
            else:
                end = min(i + layout.run - (first + i) % layout.run, accumulators.size)
                part = accumulators[i:end]
                wrong |= scale_run(
                    part, multipliers[c], shifts[c], least[c], most[c], how, codes[i:end]
                )
            i = end
        return wrong

    return scale_narrow


SCALE_NARROW = tuple(narrow_loop(rule) for rule in range(ONCE + 1))  # by rule


@jit
def scale_exactly(
    accumulators, first, multipliers, shifts, least, most, layout, random, how, codes
):
    """Fill `codes` as `narrow_loop` has it, from products of any width that are rounded once.

    Random bits are one for each accumulator, or one alone where the mode is deterministic.
    """
    wrong = 0
    draw = 1 if random.size > 1 else 0
    for i in range(accumulators.size):
        c = (first + i) // layout.run % layout.channels
        accumulator = np.int64(accumulators[i])
        if accumulator < least[c] or accumulator > most[c]:
            wrong |= BAD_OPERAND
            continue
        x = accumulator - how.input_zero
        value = scaled_exactly(x, multipliers[c], shifts[c], np.uint64(random[i * draw]), how)
        if value < how.least or value > how.most:
            wrong |= BAD_RESULT
        codes[i] = coded(value, how.zero, how.low, how.high, how.mask, how.sign_bit)
    return wrong

"""Powers of 2 and of sqrt(e) in pairs of float64, with a bound on their error."""

import math

import numpy as np

from ..params import UNIFORM
from ..rounding import BELOW_ULP, NOTHING, ULP
from .compile import jit
from .rounding import ONE, ZERO, kind_of
from .tapered import binade_of, spent

CHUNK = 9  # digits of a logarithm that one table looks up
CHUNKS = 4
DIGITS = CHUNK * CHUNKS
SIZE = 1 << CHUNK
WHOLE = 256  # whole parts of natural logarithms, from -WHOLE to WHOLE - 1
# Four factors, each known to 2**-105 and multiplied with less than 2**-101; the sum is below this.
DOUBT = 2.0**-96

_SPLIT = 134217729.0  # 2**27 + 1
_FRACTION = np.uint64(2**52 - 1)
_ONE = np.uint64(1023 << 52)
MAGNITUDE = np.uint64(2**63 - 1)


@jit
def log_of(k, logs):
    """Return the logarithm of ordinal `k` (uint64 > 0), times 2**digits."""
    if logs.taper == UNIFORM:
        return np.int64(k) - (1 << (logs.bits - 2))
    c, digits, mantissa = binade_of(k, logs)
    return (c << logs.digits) + (np.int64(mantissa) << (logs.digits - digits))


@jit
def product(a, a_low, b, b_low):
    """Return (high, low) of the product of two sums of float64, of error below 2**-101."""
    high = a * b
    t = _SPLIT * a
    a1 = t - (t - a)
    a2 = a - a1
    t = _SPLIT * b
    b1 = t - (t - b)
    b2 = b - b1
    low = ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2
    low += a * b_low + a_low * b
    total = high + low
    return total, low - (total - high)


@jit
def powers(numerators, digits, natural, fractions, wholes, highs, lows, exponents):
    """Fill base**(numerators * 2**-digits) as (highs + lows) * 2**exponents, 1 <= highs < 2.

    numerators: int64; fractions: (CHUNKS, SIZE, 2) and wholes: (2 * WHOLE, 3), the tables of
    `numfmt.logarithms`; the relative error is below `DOUBT`, and 0 where the fraction is 0 to
    base 2.
    """
    mask = SIZE - 1
    for i in range(numerators.size):
        whole = numerators[i] >> digits
        rest = (numerators[i] - (whole << digits)) << (DIGITS - digits)
        exponent = whole
        high, low = 1.0, 0.0
        if natural:
            exponent = np.int64(wholes[whole + WHOLE, 2])
            high, low = wholes[whole + WHOLE, 0], wholes[whole + WHOLE, 1]
        for j in range(CHUNKS):
            piece = (rest >> (CHUNK * (CHUNKS - 1 - j))) & mask
            high, low = product(high, low, fractions[j, piece, 0], fractions[j, piece, 1])
        if high >= 2.0:
            high *= 0.5
            low *= 0.5
            exponent += 1
        elif high < 1.0:
            high *= 2.0
            low *= 2.0
            exponent -= 1
        highs[i] = high
        lows[i] = low
        exponents[i] = exponent


@jit
def guesses(words, logs, ordinals):
    """Fill ordinals near the values of float64 bits; nothing is promised but 1 <= k <= largest.

    Zeros, infinities and NaNs get some ordinal as well.
    """
    for i in range(words.size):
        word = words[i] & MAGNITUDE
        biased = np.int64(word >> np.uint64(52))
        value = 1.0 + np.float64(word & _FRACTION) * 2.0**-52
        if biased == 0:
            value = max(value - 1.0, 2.0**-52)
            biased = np.int64(1)
        guess = np.float64(biased - 1023) + math.log2(value)
        if logs.natural:
            guess *= 1.3862943611198906  # 2 ln 2
        whole = np.int64(math.floor(guess))
        if logs.taper == UNIFORM:
            numerator = np.int64(math.floor(guess * 2.0**logs.digits))
            k = numerator + (1 << (logs.bits - 2))
        else:
            whole = min(max(whole, -255), 254)
            prefix, digits, _ = spent(whole, logs)
            part = min(max(guess - whole, 0.0), 1.0)
            k = np.int64(prefix)
            if digits > 0:
                k += np.int64(part * 2.0**digits)
        ordinals[i] = np.uint64(min(max(k, 1), np.int64(logs.largest)))


@jit
def limits(words, ordinals, above, addends, logs, numerators, strict):
    """Fill where ordinal k ends (`above` 1) or starts (0), for logarithms with one digit more.

    A value goes to k + 1 if it is past the limit between them, or on it and not `strict` (uint8).
    Ends that nothing passes get a limit of their own, and `strict` 2.
    """
    for i in range(words.size):
        negative = np.int64(words[i] >> np.uint64(63))
        k = ordinals[i] - (ZERO if above else ONE)
        numerators[i] = 0
        strict[i] = 2
        if k == ZERO or k >= logs.largest:
            continue
        kind = kind_of(addends, negative, np.int64(k & ONE))
        lower = log_of(k, logs)
        upper = log_of(k + ONE, logs)
        strict[i] = 0
        if kind == NOTHING:
            numerators[i] = 2 * upper
        elif kind == BELOW_ULP:
            numerators[i] = 2 * lower
            strict[i] = 1
        elif kind == ULP:
            numerators[i] = 2 * lower
        else:
            numerators[i] = lower + upper


@jit
def passes(words, highs, lows, exponents, exact, strict, results):
    """Fill whether each value passes a limit: 1, 0, or 2 where the limit is too near to say.

    exact: uint8, whether the limit has no error.
    """
    for i in range(words.size):
        word = words[i] & MAGNITUDE
        exponent = np.int64(word >> np.uint64(52)) - 1023
        value = 1.0 + np.float64(word & _FRACTION) * 2.0**-52
        if exponent == -1023:
            value, shift = math.frexp(np.float64(word))
            value *= 2.0
            exponent = np.int64(shift) - 1075
        difference = (value - highs[i]) - lows[i]
        if exponent != exponents[i]:
            results[i] = np.uint8(exponent > exponents[i])
        elif exact[i]:
            results[i] = np.uint8(difference > 0.0 or (difference == 0.0 and strict[i] == 0))
        elif abs(difference) <= DOUBT * 4.0:
            results[i] = 2
        else:
            results[i] = np.uint8(difference > 0.0)


@jit
def logs_of(ordinals, logs, numerators):
    """Fill the logarithms of ordinals > 0, times 2**digits."""
    for i in range(ordinals.size):
        numerators[i] = log_of(ordinals[i], logs)

"""Which of many intervals a float lies in: encoding by search."""

import numpy as np

from .compile import jit
from .rounding import ONE, ZERO

REFUSED = 1 << 31  # an outcome that is no code
_BLOCK = 512
_SIGN = np.uint64(1 << 63)


@jit
def key_of(word):
    """Return an unsigned number in the order of floats from the bits of a float64."""
    return word ^ ((ZERO - (word >> np.uint64(63))) | _SIGN)


@jit
def outcomes_of(words, keys, outcomes, codes):
    """Fill codes[i] = outcomes[number of `keys` that are not above words[i]]; return their OR.

    words: bits of float64 values; keys: 2**m - 1 of them in order, see `key_of`; outcomes: uint32,
    2**m of them; codes: any unsigned dtype.
    """
    seen = ZERO
    key = np.empty(_BLOCK, np.uint64)
    place = np.empty(_BLOCK, np.uint64)
    for start in range(0, words.size, _BLOCK):
        count = min(_BLOCK, words.size - start)
        for j in range(count):
            key[j] = key_of(words[start + j])
            place[j] = ZERO
        step = np.uint64(outcomes.size) >> ONE
        while step > ZERO:  # the outer loop, so that the inner one has no dependencies
            for j in range(count):
                place[j] += step if key[j] >= keys[place[j] + step - ONE] else ZERO
            step >>= ONE
        for j in range(count):
            outcome = outcomes[place[j]]
            seen |= np.uint64(outcome)
            codes[start + j] = outcome
    return seen

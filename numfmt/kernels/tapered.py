"""How posits and takums spend their bits: the binades of `Grid.taper`."""

import numpy as np

from ..params import POSIT
from .compile import jit
from .rounding import ONE, ZERO, jammed, leading_exponent, round_digits

_DIGITS = 62  # lost digits of a gap; more are jammed


@jit
def spent(top, grid):
    """Return (prefix, digits, low) of the binade of values from 2**top to 2**(top + 1).

    The ordinal of (1 + f) * 2**top, with its fraction, is prefix + f * 2**digits where `digits` is
    at least 0, and prefix + (low + f) / 2**-digits where exponent bits are cut off too.
    `top` is within grid.emin to grid.ceiling.
    """
    if grid.taper == POSIT:
        es = np.uint64(grid.es)
        regime = top >> grid.es
        exponent = np.uint64(top - (regime << grid.es))
        if regime >= 0:
            run, room = (ONE << np.uint64(regime + 2)) - np.uint64(2), grid.bits - 3 - regime
        else:
            run, room = ONE, grid.bits - 2 + regime
        width = np.int64(es)
    else:
        room = grid.bits - 5
        if top >= 0:
            width = leading_exponent(np.uint64(top + 1))
            run = np.uint64(8 + width)
            exponent = np.uint64(top + 1 - (1 << width))
        else:
            width = leading_exponent(np.uint64(-top))
            run = np.uint64(7 - width)
            exponent = np.uint64(top - 1 + (2 << width))
    digits = np.int64(room - width)
    if digits >= 0:
        return (run << np.uint64(room)) + (exponent << np.uint64(digits)), digits, ZERO
    kept = exponent >> np.uint64(-digits)
    return (run << np.uint64(room)) + kept, digits, exponent - (kept << np.uint64(-digits))


@jit
def ordinal_near(negative, significand, extra, exponent, top, random, grid, how):
    """Return the ordinal that significand * 2**exponent > 0 rounds to, its string cut to size.

    Arguments as in `project.project`. Never 0, never past the largest.
    """
    if top > grid.ceiling:
        return grid.max_positive
    if top < grid.emin:
        return ONE
    prefix, digits, low = spent(top, grid)
    length = top - exponent
    fraction = significand - (ONE << np.uint64(length))
    if digits >= 0:
        drop = length - digits
    else:
        excess = max(length - digits - _DIGITS, 0)
        fraction = (low << np.uint64(length - excess)) + jammed(fraction, excess)
        fraction |= np.uint64(extra != ZERO)
        extra = ZERO
        drop = length - digits - excess
    parity = np.int64(prefix & ONE)
    k, _, _ = round_digits(fraction, extra, drop, negative, parity, random, how)
    return min(max(prefix + k, ONE), grid.max_positive)


@jit
def binade_of(k, grid):
    """Return (exponent, number of digits, fraction) of ordinal `k` > 0, as `spent` has them."""
    body = np.int64(grid.bits - 1)
    if grid.taper == POSIT:
        leading = np.int64(k >> np.uint64(body - 1))
        mask = (ONE << np.uint64(body)) - ONE
        turned = k ^ mask if leading else k
        run = body if turned == ZERO else body - 1 - leading_exponent(turned)
        room = max(body - run - 1, 0)
        width = np.int64(grid.es)
        start = ((run - 1) if leading else -run) << grid.es
    else:
        room = np.int64(grid.bits - 5)
        upward = np.int64(k >> np.uint64(body - 1))
        regime = np.int64(k >> np.uint64(room)) & 7
        width = regime if upward else 7 - regime
        start = (1 << width) - 1 if upward else 1 - (2 << width)
    rest = k & ((ONE << np.uint64(room)) - ONE)
    digits = max(room - width, 0)
    exponent = np.int64(rest >> np.uint64(digits)) << max(width - room, 0)
    return start + exponent, digits, rest & ((ONE << np.uint64(digits)) - ONE)


@jit
def rows(exponents, grid, prefixes, digits, lows):
    """Fill what `spent` says of many exponents; those out of range stay as they are."""
    for i in range(exponents.size):
        if grid.emin <= exponents[i] <= grid.ceiling:
            prefixes[i], digits[i], lows[i] = spent(exponents[i], grid)

"""The line that rounds. Every family comes here."""

import numpy as np

from ..rounding import (
    ADDEND_BITS,
    BELOW_HALF,
    BELOW_ULP,
    DETERMINISTIC,
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
_DIGITS = 62  # more lost digits than this are jammed first: two more than any mode looks at


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


@jit
def leading_exponent(x):
    """Return floor(log2 x) for uint64 x > 0."""
    field = np.float64(x).view(np.uint64) >> np.uint64(52)
    e = min(np.int64(field) - 1023, 63)
    if x >> np.uint64(e) == ZERO:  # the float was rounded up to the next power of two
        e -= 1
    return e


@jit
def round_digits(significand, extra, drop, negative, parity, random, how):
    """Return (rounded integer, cut integer, inexact) of x / 2**drop, any int64 `drop`.

    x is `significand` with `extra` / 2**64 behind it; `parity` is added to the kept digits to find
    the parity of the code.
    """
    if drop < 0:
        up = np.uint64(min(-drop, 127))
        if drop > -64:
            significand = (significand << up) | (extra >> (np.uint64(63) - up) >> ONE)
            extra = extra << up
        else:  # modulo 2**64
            significand = extra << (up - np.uint64(64)) if drop > -128 else ZERO
            extra = ZERO
        drop = 0
    if drop > _DIGITS:
        significand = jammed(significand, drop - _DIGITS) | np.uint64(extra != ZERO)
        extra = ZERO
        drop = _DIGITS
    lost = np.uint64(drop)
    kept = significand >> lost
    fraction = significand - (kept << lost)
    if extra != ZERO:
        room = _DIGITS - drop
        fraction = (fraction << np.uint64(room)) | jammed(extra >> ONE | extra & ONE, 63 - room)
        lost = np.uint64(_DIGITS)
    inexact = fraction != ZERO
    if how.stochastic == DETERMINISTIC:
        odd = (np.int64(kept & ONE) + parity) & 1
        addend = addend_of(kind_of(how.addends, negative, odd), lost)
        result = kept + cut(fraction, lost, addend)
        inexact = inexact or result != kept
    else:
        result = kept + cut_randomly(fraction, lost, random, how.stochastic, how.bits)
    return result, kept, inexact

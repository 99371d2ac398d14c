"""Arithmetic in float32 or float64, where these hold the exact result or enough of its digits.

The loops have no branches, so that they become vector instructions. Nothing here goes beyond what
IEEE 754 promises of +, -, *, / and sqrt to nearest; `numfmt.arithmetic.carriers` says when that is
enough, and why.
"""

from typing import Any

import numpy as np

from ..flags import Flags
from .compile import jit


def _make(word: Any, real: Any, bits: int, digits: int, raw: bool) -> tuple[Any, ...]:
    """Return the kernels of one carrier: its unsigned word, its float, and their sizes."""
    SIGN = word(bits - 1)  # where the sign is; also the mask of a shift
    RAW = raw
    ONE = word(1)
    ZERO = word(0)
    MAGNITUDE = word((1 << (bits - 1)) - 1)
    DIGITS = word(digits)
    FRACTION = word((1 << digits) - 1)
    HIDDEN = word(1 << digits)
    INFINITY = word((1 << (bits - 1)) - (1 << digits))
    MOST = word(bits - 2)
    QUIET = word(1 << (digits - 1))
    INVALID = word(int(Flags.NV))

    @jit
    def read(code, how):
        """Return the value of a code (word) of a float format, and its bits before it is normal.

        The bits are those of the value but for subnormals; a signalling NaN shows in them alone.
        """
        magnitude = word(code & how.magnitude)
        low = magnitude < how.hidden
        base = how.low_base if low else how.base
        base = how.high_base if magnitude >= how.limit else base
        w = word(word(magnitude << word(how.shift & SIGN)) + base)
        value = real(word(w).view(real) - (how.low_least if low else how.none))
        sign = word(word(code >> word(how.sign_shift & SIGN)) << SIGN)
        return word(real(value).view(word) | sign).view(real), w

    @jit
    def sum_to_odd(a, b, minus):
        """Return the bits of a + b, the last digit set where digits are lost.

        minus: 1 where the sum of x and -x is -0. Knuth's TwoSum gives the rounding error.
        """
        s = real(a + b)
        other = real(s - a)
        error = real(real(a - real(s - other)) + real(b - other))
        w = real(s).view(word)
        if minus:
            opposite = word(word(real(a).view(word) ^ real(b).view(word)) >> SIGN)
            w = word(w | word(word(word(s == 0) & opposite) << SIGN))
        down = word(word(real(error).view(word) ^ w) >> SIGN)
        step = word(ONE - word(down + down))
        lost = word((error > 0) | (error < 0))
        return word(w + word(step & word(ZERO - word(lost & ~w))))

    @jit
    def rounded(w, how):
        """Return the code of a value by its bits, with the flags above it.

        Rounds as `rounding.cut` does, at the digit that the exponent says.
        """
        negative = word(w >> SIGN)
        magnitude = word(w & MAGNITUDE)
        exponent = word(magnitude >> DIGITS)
        hidden = word(HIDDEN & word(ZERO - word(exponent != ZERO)))
        significand = word(word(magnitude & FRACTION) | hidden)
        binade = max(exponent, how.emin)
        drop = word(min(word(how.lost + word(binade - exponent)), MOST) & SIGN)
        ulp = word(ONE << drop)
        half = word(ulp >> ONE)
        odd = word(word(significand >> drop) & ONE)
        place = word(word(3) * word(word(negative + negative) + odd))
        rule = word(how.addends >> word(place & SIGN))
        addend = word(half & word(ZERO - word(rule & ONE)))
        addend = word(addend + word(ulp & word(ZERO - word(word(rule >> ONE) & ONE))))
        addend = word(addend - word(word(rule >> word(2)) & ONE))
        k = word(word(significand + addend) >> drop)
        inexact = word(word(k << drop) != significand)
        k = word(k + word(word(binade - how.emin) << word(how.t & SIGN)))
        least = how.tiny_negative if negative else how.tiny_positive
        under = word(word(magnitude < least) & inexact)
        raised = word(inexact + word(under + under))
        sign = word(negative & word(how.minus_zero | word(k != ZERO)))
        code = word(k | word(sign << word(how.sign_shift & SIGN)))
        code = word(code | word(raised << word(how.flag_shift & SIGN)))
        over = how.over_negative if negative else how.over_positive
        infinite = how.infinity_negative if negative else how.infinity_positive
        code = over if k > how.largest else code
        code = infinite if magnitude >= INFINITY else code
        return how.invalid if magnitude > INFINITY else code

    @jit
    def signalling(x, w):
        """Return a digit that is set if what `read` gave is a signalling NaN, else 0."""
        return word(~w & QUIET) if x != x else ZERO

    @jit
    def outcome_of(w, nan, how):
        """Return the outcome of a result by its bits; `nan` where an operand is NaN."""
        if RAW:
            return w
        code = rounded(w, how)
        return how.nan if nan else code

    @jit
    def add(a, b, how_a, how_b, rules, how, codes, flags):
        """Fill `codes` and, unless it is empty, `flags` (uint8) of a + b, or a - b."""
        for i in range(codes.size):
            p, q = word(a[i]), word(b[i])
            x, x_bits = read(p, how_a)
            y, y_bits = read(q, how_b)
            y = word(real(y).view(word) ^ rules.flip).view(real)
            w = sum_to_odd(x, y, rules.minus)
            outcome = outcome_of(w, (x != x) | (y != y), how)
            codes[i] = outcome
            if flags.size:
                raised = word(outcome >> word(how.flag_shift & SIGN))
                flags[i] = (
                    INVALID
                    if word(signalling(x, x_bits) | signalling(y, y_bits)) != ZERO
                    else raised
                )

    @jit
    def multiply(a, b, how_a, how_b, rules, how, codes, flags):
        """Do as `add` for a * b."""
        for i in range(codes.size):
            p, q = word(a[i]), word(b[i])
            x, x_bits = read(p, how_a)
            y, y_bits = read(q, how_b)
            outcome = outcome_of(real(x * y).view(word), (x != x) | (y != y), how)
            codes[i] = outcome
            if flags.size:
                raised = word(outcome >> word(how.flag_shift & SIGN))
                flags[i] = (
                    INVALID
                    if word(signalling(x, x_bits) | signalling(y, y_bits)) != ZERO
                    else raised
                )

    @jit
    def divide(a, b, how_a, how_b, rules, how, codes, flags):
        """Do as `add` for a / b."""
        for i in range(codes.size):
            p, q = word(a[i]), word(b[i])
            x, x_bits = read(p, how_a)
            y, y_bits = read(q, how_b)
            w = real(x / y).view(word)
            outcome = outcome_of(w, (x != x) | (y != y), how)
            if not RAW:
                pole = how.pole_negative if w >> SIGN else how.pole_positive
                counts = (word(real(x).view(word) & MAGNITUDE) < INFINITY) | (rules.pole != ZERO)
                infinite = word(w & MAGNITUDE) == INFINITY
                outcome = pole if counts & infinite & (y == 0) else outcome
            codes[i] = outcome
            if flags.size:
                raised = word(outcome >> word(how.flag_shift & SIGN))
                flags[i] = (
                    INVALID
                    if word(signalling(x, x_bits) | signalling(y, y_bits)) != ZERO
                    else raised
                )

    @jit
    def fuse(a, b, c, how_a, how_b, how_c, rules, how, codes, flags):
        """Do as `add` for a * b + c."""
        for i in range(codes.size):
            p, q, r = word(a[i]), word(b[i]), word(c[i])
            x, x_bits = read(p, how_a)
            y, y_bits = read(q, how_b)
            z, z_bits = read(r, how_c)
            product = real(x * y)
            w = sum_to_odd(product, z, rules.minus)
            nan = (x != x) | (y != y)
            outcome = outcome_of(w, nan | (z != z), how)
            codes[i] = outcome
            if flags.size:
                raised = word(outcome >> word(how.flag_shift & SIGN))
                # 0 * inf is invalid also where c is a quiet NaN, unless the dialect says otherwise.
                lost = rules.strict if (product != product) & (not nan) else ZERO
                lost = word(
                    word(lost | signalling(z, z_bits))
                    | word(signalling(x, x_bits) | signalling(y, y_bits))
                )
                flags[i] = INVALID if lost != ZERO else raised

    @jit
    def root(a, how_a, rules, how, codes, flags):
        """Do as `add` for the square root of a."""
        for i in range(codes.size):
            p = word(a[i])
            x, x_bits = read(p, how_a)
            outcome = outcome_of(real(np.sqrt(x)).view(word), x != x, how)
            codes[i] = outcome
            if flags.size:
                raised = word(outcome >> word(how.flag_shift & SIGN))
                flags[i] = INVALID if signalling(x, x_bits) != ZERO else raised

    return add, multiply, divide, fuse, root


FLOAT32 = _make(np.uint32, np.float32, 32, 23, False)
FLOAT64 = _make(np.uint64, np.float64, 64, 52, False)
WORDS = _make(np.uint64, np.float64, 64, 52, True)  # no rounding: the bits of the float64 results

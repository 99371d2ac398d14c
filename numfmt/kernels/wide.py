"""Numbers of 128 digits: exact products, and sums, quotients and roots with a sticky last digit.

A number is (significand, extra, exponent): (significand + extra / 2**64) * 2**exponent, with the
leading digit of `significand` set unless the number is zero. Digits that do not fit are jammed: the
last one is set because something nonzero follows, which leaves every later rounding as it was.
"""

import math

import numpy as np

from .compile import jit
from .rounding import ONE, ZERO, leading_exponent

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_TOP = np.uint64(1 << 63)


@jit
def normal(significand, exponent):
    """Return (significand, exponent) of the same number with the leading digit set, if not zero."""
    if significand == ZERO:
        return significand, exponent
    shift = 63 - leading_exponent(significand)
    return significand << np.uint64(shift), exponent - shift


@jit
def multiplied(a, b):
    """Return (high, low) of the product of two uint64."""
    a_high, a_low = a >> _HALF, a & _LOW
    b_high, b_low = b >> _HALF, b & _LOW
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    other = a_low * b_high + (middle & _LOW)
    high = a_high * b_high + (middle >> _HALF) + (other >> _HALF)
    return high, (other << _HALF) | (low & _LOW)


@jit
def divided(high, low, divisor):
    """Return (quotient, remainder) of high * 2**64 + low by a normal divisor that exceeds high."""
    d_high, d_low = divisor >> _HALF, divisor & _LOW
    quotient = ZERO
    remainder = high
    for step in range(2):
        digits = low >> _HALF if step == 0 else low & _LOW
        q = remainder // d_high
        rest = remainder - q * d_high
        while q > _LOW or q * d_low > ((rest << _HALF) | digits):
            q -= ONE
            rest += d_high
            if rest > _LOW:
                break
        remainder = ((remainder << _HALF) | digits) - q * divisor  # modulo 2**64
        quotient = (quotient << _HALF) | q
    return quotient, remainder


@jit
def lowered(significand, extra, shift):
    """Return (significand, extra) divided by 2**shift (int64, >= 0), jammed."""
    if shift == 0:
        return significand, extra
    if shift >= 128:
        return ZERO, np.uint64((significand | extra) != ZERO)
    if shift >= 64:
        gone = np.uint64(extra != ZERO)
        extra = significand
        significand = ZERO
        shift -= 64
        if shift == 0:
            return significand, extra | gone
        down = np.uint64(shift)
        lost = np.uint64(extra << (np.uint64(64) - down) != ZERO)
        return significand, (extra >> down) | gone | lost
    down = np.uint64(shift)
    up = np.uint64(64) - down
    lost = np.uint64(extra << up != ZERO)
    return significand >> down, (significand << up) | (extra >> down) | lost


@jit
def _raised(significand, extra, exponent):
    """Return a number with its leading digit set, if it is not zero."""
    if significand == ZERO:
        if extra == ZERO:
            return ZERO, ZERO, exponent
        significand = extra
        extra = ZERO
        exponent -= 64
    shift = 63 - leading_exponent(significand)
    if shift:
        up = np.uint64(shift)
        significand = (significand << up) | (extra >> (np.uint64(64) - up))
        extra = extra << up
    return significand, extra, exponent - shift


@jit
def product(a, a_exponent, b, b_exponent):
    """Return the product of two normal numbers of 64 digits."""
    high, low = multiplied(a, b)
    exponent = a_exponent + b_exponent + 64
    if high != ZERO and high < _TOP:
        high = (high << ONE) | (low >> np.uint64(63))
        low = low << ONE
        exponent -= 1
    return high, low, exponent


@jit
def quotient(a, a_exponent, b, b_exponent):
    """Return the quotient of two normal numbers of 64 digits, neither zero."""
    exponent = a_exponent - b_exponent - 64
    high, low = a, ZERO
    if a >= b:
        high, low = a >> ONE, a << np.uint64(63)
        exponent += 1
    first, rest = divided(high, low, b)
    second, rest = divided(rest, ZERO, b)
    return first, second | np.uint64(rest != ZERO), exponent


@jit
def root(a, exponent):
    """Return the square root of a normal number of 64 digits: 65 digits and a sticky one."""
    high, low = a, ZERO
    if exponent & 1:
        high, low = a >> ONE, a << np.uint64(63)
        exponent += 1
    guess = min(math.sqrt(np.float64(high)) * 4294967296.0, 18446744073709549568.0)
    found = np.uint64(guess)
    # The guess is within 2**13 of the root, so that one correction leaves a few units.
    square, below = multiplied(found, found)
    rest = low - below
    sign = np.int64(high - square - np.uint64(low < below))
    gap = np.float64(sign) * 18446744073709551616.0 + np.float64(rest)
    step = np.int64(gap / (2.0 * guess))
    if step > 0:
        found = found + min(np.uint64(step), ~found)
    else:
        found = found - np.uint64(-step)
    while True:
        square, below = multiplied(found, found)
        if square > high or (square == high and below > low):
            found -= ONE
            continue
        rest = low - below
        more = high - square - np.uint64(low < below)
        twice, twice_low = found >> np.uint64(63), found << ONE
        if more > twice or (more == twice and rest > twice_low):
            found += ONE
            continue
        past_half = more != ZERO or rest > found  # of the last digit
        behind = _TOP | ONE if past_half else np.uint64(rest != ZERO)
        return found, behind, (exponent - 64) >> 1


@jit
def total(n, a, a_extra, a_exponent, m, b, b_extra, b_exponent):
    """Return (negative, significand, extra, exponent) of the sum of two numbers with signs n, m.

    An exact zero comes with a significand of 0.
    """
    if b == ZERO:
        return n, a, a_extra, a_exponent
    if a == ZERO:
        return m, b, b_extra, b_exponent
    smaller = a_exponent < b_exponent
    if a_exponent == b_exponent:
        smaller = a < b or (a == b and a_extra < b_extra)
    if smaller:
        n, m = m, n
        a, b = b, a
        a_extra, b_extra = b_extra, a_extra
        a_exponent, b_exponent = b_exponent, a_exponent
    distance = a_exponent - b_exponent
    if n == m:
        b, b_extra = lowered(b, b_extra, distance)
        extra = a_extra + b_extra
        carry = np.uint64(extra < a_extra)
        high = a + b
        over = high < a
        high += carry
        if over or high < carry:
            high, extra = lowered(high, extra, 1)
            high |= _TOP
            a_exponent += 1
        return n, high, extra, a_exponent
    kept = 0
    if distance == 1:  # double the larger one instead of cutting the smaller: nothing is lost
        a = (a << ONE) | (a_extra >> np.uint64(63))  # its leading digit is kept in mind
        a_extra = a_extra << ONE
        a_exponent -= 1
        kept = 1
    else:
        b, b_extra = lowered(b, b_extra, distance)
    extra = a_extra - b_extra
    borrow = np.uint64(a_extra < b_extra)
    high = a - b - borrow
    if kept and (a > b or (a == b and borrow == ZERO)):  # the leading digit stays
        high, extra = lowered(high, extra, 1)
        return n, high | _TOP, extra, a_exponent + 1
    high, extra, a_exponent = _raised(high, extra, a_exponent)
    return n, high, extra, a_exponent


@jit
def total_of_three(n, a, a_exponent, m, b, b_exponent, k, c, c_exponent):
    """Return the sum of three normal numbers of 64 digits, as `total` does."""
    if a == ZERO or (b != ZERO and b_exponent > a_exponent):
        n, m = m, n
        a, b = b, a
        a_exponent, b_exponent = b_exponent, a_exponent
    if b == ZERO or (c != ZERO and c_exponent > b_exponent):
        m, k = k, m
        b, c = c, b
        b_exponent, c_exponent = c_exponent, b_exponent
    if a == ZERO or (b != ZERO and b_exponent > a_exponent):
        n, m = m, n
        a, b = b, a
        a_exponent, b_exponent = b_exponent, a_exponent
    if a_exponent - b_exponent <= 64:  # exact, whatever the third one cancels of it
        n, a, extra, a_exponent = total(n, a, ZERO, a_exponent, m, b, ZERO, b_exponent)
        return total(n, a, extra, a_exponent, k, c, ZERO, c_exponent)
    # The largest is far above both: no later step cancels it, and a jammed digit stays below.
    m, b, extra, b_exponent = total(m, b, ZERO, b_exponent, k, c, ZERO, c_exponent)
    return total(n, a, ZERO, a_exponent, m, b, extra, b_exponent)

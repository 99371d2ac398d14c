"""gelu(x) = x Phi(x), Phi the normal distribution, and its approximation by tanh, as intervals.

Every function takes a number m * 2**e, not 0, and how many digits are wanted.
"""

from ..families.reals import Interval
from . import constants
from .exponential import exp_of, logistic_of
from .intervals import (
    TINY,
    after_point,
    divide,
    fixed,
    multiply,
    near,
    negated,
    rescaled,
    scaled,
)


def _density(m: int, e: int, p: int) -> Interval:
    """Return e**(-x**2 / 2) / sqrt(2 pi)."""
    power = exp_of(*fixed(-m * m, 2 * e - 1, p), p)
    return divide(power, constants.root_of_two_pi(p), p)


def gelu(m: int, e: int, wanted: int) -> Interval:
    """Return x Phi(x)."""
    exponent = m.bit_length() + e
    if -exponent >= wanted:  # x/2 + 0.399 x**2 - ...
        return near(m, e - 1, 1, -exponent, wanted)
    if exponent >= 12:  # |x| >= 2048, and 1 - Phi(|x|) < e**(-x**2 / 2)
        return near(m, e, -1, wanted, wanted) if m > 0 else negated(TINY)
    whole = abs(m) << e if e >= 0 else abs(m) >> -e
    # 23/32 < 0.7213: e**(-x**2 / 2) is below 2**-wanted / 64, less than that of x in all digits
    if 23 * whole * whole >= 32 * (wanted + 8):
        if m > 0:
            return near(m, e, -1, wanted, wanted)
        return _gelu_far_left(abs(m), e, wanted)
    cancelled = 3 * (whole + 1) ** 2 // 4 + 8 if m < 0 else 0
    p = after_point(wanted, cancelled + 8)
    sum_low, sum_high = _odd_sum(abs(m), e, p)
    product = multiply(Interval(sum_low, sum_high, p), _density(m, e, p))
    low, high = rescaled(product, p)
    half = 1 << (p - 1)
    if m < 0:
        low, high = -high, -low
    return scaled(Interval(half + low, half + high, p), m, e)


def _odd_sum(m: int, e: int, p: int) -> tuple[int, int]:
    """Return x + x**3/3 + x**5/(3*5) + ... = (Phi(x) - 1/2) / density(x) for 0 < x < 2**11."""
    x = fixed(m, e, p)[0]
    square = fixed(m * m, 2 * e, p)[0]
    term = total = x
    k = 1
    falling = 2 * (square >> p) + 2  # from k > 2 x**2 on, terms are less than half the last
    while term or k < falling:
        k += 2
        term = (term * square >> p) // k
        total += term
    # With T the exact terms, in ulp, and n = k/2 of them: each step is at most 1 of the square, and
    # 2 of cuts below: its error is T' + 2 where the square is 1 or more, else 3, and it grows from
    # there as the terms do. Where T >= 1 that keeps it below 3n T, where T < 1 below 3n ulp. The
    # sum over n terms is below 3n (sum + n); what is left out is less than twice the last, < 3n.
    slack = (3 * k * ((total >> p) + 1 + k) + 8 * k) << 1
    return total, total + slack


def _gelu_far_left(m: int, e: int, wanted: int) -> Interval:
    """Return -x (1 - Phi(x)) = -density(x) (1 - 1/x**2 + 1*3/x**4 - ...) for large x > 0."""
    p = after_point(wanted, 24)
    inverse = ((1 << (p - 2 * e)) if p >= 2 * e else 0) // (m * m)
    term = total = 1 << p
    k = 1
    while True:
        following = k * term * inverse >> p
        if following == 0 or following >= term:
            break
        term = following
        total += -term if k & 2 == 0 else term
        k += 2
    # Every term is less than 2 ulp below the one made exactly from it: k ulp. The sum is
    # between two that follow one another, so it is off by less than the next term.
    slack = k * k + 2 * term + 4
    factor = Interval(total - slack, total + slack, p)
    return negated(multiply(_density(m, e, p), factor))


def gelu_tanh(m: int, e: int, wanted: int) -> Interval:
    """Return x (1 + tanh u) / 2 = x / (1 + e**-2u) for u = sqrt(2/pi) (x + 0.044715 x**3)."""
    exponent = m.bit_length() + e
    if -exponent >= wanted:  # x/2 (1 + 0.8 x + ...)
        return near(m, e - 1, 1, -exponent, wanted)
    if m > 0 and exponent >= wanted.bit_length() + 1:
        return near(m, e, -1, wanted, wanted)
    if exponent >= 10:  # x <= -512, 2u < -2**23
        return negated(TINY)
    p = after_point(wanted, 32)  # |2u| < 2**24
    # 2u = 2 sqrt(2/pi) * x * (10**6 + 44715 x**2) / 10**6
    if e >= 0:
        top, top_e = m * (10**6 + (44715 * m * m << (2 * e))), e
    else:
        top, top_e = m * ((10**6 << (-2 * e)) + 44715 * m * m), 3 * e
    argument = divide(
        scaled(constants.twice_root_of_two_over_pi(p), top, top_e), Interval(10**6, 10**6, 0), p
    )
    return scaled(logistic_of(*rescaled(argument, p), p), m, e)

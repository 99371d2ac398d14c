"""Circular functions and their inverses, as intervals.

Every function takes a number m * 2**e, not 0, and how many digits are wanted. Even and odd
functions take m > 0. The functions of pi x must not be asked for a rational result.
"""

import math

from ..families.reals import Interval
from . import constants, series
from .intervals import after_point, divide, fixed, near, negated, rescaled, scaled


def _near_interval(x: Interval, direction: int, agreeing: int) -> Interval:
    """Return what holds x > 0 times a factor that is within 2**-agreeing of 1, on one side."""
    room = (x.high >> agreeing) + 1
    if direction > 0:
        return Interval(x.low, x.high + room, x.digits)
    return Interval(x.low - room, x.high, x.digits)


def _at(low: int, high: int, p: int) -> tuple[Interval, Interval]:
    """Return sin x and cos x for 0 <= low <= x * 2**p <= high, low < 2**p."""
    sine, cosine, off = series.sine_and_cosine(low, p)
    off += high - low  # neither moves by more than x does
    return Interval(sine - off, sine + off, p), Interval(cosine - off, cosine + off, p)


def _turned(quarters: int, sine: Interval, cosine: Interval) -> tuple[Interval, Interval]:
    """Return sine and cosine after so many quarter turns more."""
    if quarters & 1:
        sine, cosine = cosine, negated(sine)
    if quarters & 2:
        sine, cosine = negated(sine), negated(cosine)
    return sine, cosine


def _reduced(m: int, e: int, p: int) -> tuple[Interval, Interval]:
    """Return sin x and cos x for x >= 1, with p digits."""
    length = m.bit_length()
    table, digits = constants.two_over_pi(p + length + max(e, 0) + 2)
    # x * 2/pi modulo 4 with p + length digits: whole turns fall off at the top, and what is cut
    # off the table, less than 2 of its units, less than 2m of ours, is less than 2 ulp.
    shift = digits - e - p - length
    window = (table >> shift) & ((1 << (p + length + 2)) - 1)
    quarters = m * window >> length  # p digits; less than 2 + 1 ulp below
    whole = (quarters + (1 << (p - 1))) >> p
    rest = quarters - (whole << p)  # at most 1/2 in magnitude
    sign = rest < 0
    half_pi = constants.pi(p).low
    angle = abs(rest) * half_pi >> (p + 1)
    # 3 ulp of rest times pi/2, 1 ulp of pi, 1 of the cut: less than 7
    sine, cosine = _at(max(angle - 7, 0), angle + 7, p)
    return _turned(whole & 3, negated(sine) if sign else sine, cosine)


def _ratio(x: Interval, y: Interval, wanted: int) -> Interval:
    """Return x / y; everything where either may be 0."""
    if y.high < 0:
        x, y = negated(x), negated(y)
    if y.low <= 0:
        return Interval(-1, 1, 0)
    return divide(x, y, wanted)


def sin(m: int, e: int, wanted: int) -> Interval:
    """Return sin x."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # x (1 - x**2/6 + ...)
        return near(m, e, -1, -2 * exponent, wanted)
    p = after_point(wanted, max(-exponent, 0))
    return (_at(*fixed(m, e, p), p) if exponent <= 0 else _reduced(m, e, p))[0]


def cos(m: int, e: int, wanted: int) -> Interval:
    """Return cos x."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # 1 - x**2/2 + ...
        return near(1, 0, -1, -2 * exponent, wanted)
    p = after_point(wanted, 0)
    return (_at(*fixed(m, e, p), p) if exponent <= 0 else _reduced(m, e, p))[1]


def tan(m: int, e: int, wanted: int) -> Interval:
    """Return tan x."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # x (1 + x**2/3 + ...)
        return near(m, e, 1, -2 * exponent, wanted)
    p = after_point(wanted, max(-exponent, 0) + 2)
    return _ratio(*(_at(*fixed(m, e, p), p) if exponent <= 0 else _reduced(m, e, p)), wanted)


def _in_quarters(m: int, e: int) -> tuple[int, int, int]:
    """Return 2x = quarters + rest * 2**e' as quarters, rest and e', |rest * 2**e'| <= 1/2."""
    e += 1
    if e >= 0:
        return (m << min(e, 2)) & 3, 0, 0
    quarters = (m + (1 << (-e - 1))) >> -e
    return quarters & 3, m - (quarters << -e), e


def _of_pi(m: int, e: int, wanted: int) -> tuple[int, bool, Interval | None, int]:
    """Return quarter turns, whether the rest is negative, the rest * pi/2 and its exponent."""
    quarters, rest, e = _in_quarters(m, e)
    if rest == 0:
        return quarters, False, None, 0
    exponent = rest.bit_length() + e  # of the rest; the angle is less than 2**(exponent + 1)
    p = after_point(wanted, 0)
    pi = constants.pi(p)
    angle = Interval(abs(rest) * pi.low, abs(rest) * pi.high, p + 1 - e)
    return quarters, rest < 0, angle, exponent + 1


def _sine_and_cosine_of_pi(m: int, e: int, wanted: int) -> tuple[Interval, Interval]:
    """Return sin(pi x) and cos(pi x) where neither is rational, or 4x is an odd integer."""
    quarters, negative, angle, exponent = _of_pi(m, e, wanted)
    assert angle is not None
    if -2 * exponent >= wanted:
        sine = _near_interval(angle, -1, -2 * exponent)
        cosine = near(1, 0, -1, -2 * exponent, wanted)
    else:
        p = after_point(wanted, max(-exponent, 0) + 2)
        sine, cosine = _at(*rescaled(angle, p), p)
    return _turned(quarters, negated(sine) if negative else sine, cosine)


def sin_pi(m: int, e: int, wanted: int) -> Interval:
    """Return sin(pi x) where 2x is no integer."""
    return _sine_and_cosine_of_pi(m, e, wanted)[0]


def cos_pi(m: int, e: int, wanted: int) -> Interval:
    """Return cos(pi x) where 2x is no integer."""
    return _sine_and_cosine_of_pi(m, e, wanted)[1]


def tan_pi(m: int, e: int, wanted: int) -> Interval:
    """Return tan(pi x) where 4x is no integer."""
    return _ratio(*_sine_and_cosine_of_pi(m, e, wanted + 4), wanted)


def _legs(m: int, e: int, p: int) -> tuple[int, int]:
    """Return x and sqrt(1 - x**2) for 0 < x < 1, floors; the root less than 2 ulp below."""
    one = 1 << -e
    square = fixed((one - m) * (one + m), 2 * e, 2 * p)[0]
    return fixed(m, e, p)[0], math.isqrt(square)


def asin(m: int, e: int, wanted: int) -> Interval:
    """Return asin x for 0 < x < 1."""
    exponent = m.bit_length() + e
    if -2 * exponent >= wanted:  # x (1 + x**2/6 + ...)
        return near(m, e, 1, -2 * exponent, wanted)
    p = after_point(wanted, 2 - exponent)
    x, root = _legs(m, e, p)
    # The longer leg is 0.7 or more: the ratio is off by less than (2 + 2) / 0.7 < 6 ulp.
    if x <= root:
        low, high = series.atan(x, root, p)
        return Interval(low - 6, high + 6, p)
    low, high = series.atan(root, x, p)
    pi = constants.pi(p)
    return Interval((pi.low >> 1) - high - 6, (pi.high >> 1) + 1 - low + 6, p)


def acos(m: int, e: int, wanted: int) -> Interval:
    """Return acos x for -1 < x < 1, not 0."""
    exponent = m.bit_length() + e
    if -exponent >= wanted:  # pi/2 - x - x**3/6 - ..., and x**3 is less than 1 ulp
        low, high, digits = constants.pi(after_point(wanted, 0))
        x_low, x_high = fixed(m, e, digits + 1)
        return Interval(low - x_high - 1, high - x_low + 1, digits + 1)
    one = 1 << -e
    below = (one - abs(m)).bit_length() + e  # exponent of 1 - |x|; acos is above its root
    p = after_point(wanted, 2 - below // 2)
    x, root = _legs(abs(m), e, p)
    pi = constants.pi(p)
    if x <= root:
        low, high = series.atan(x, root, p)
        low, high = low - 6, high + 6
        if m > 0:
            low, high = -high, -low
        return Interval((pi.low >> 1) + low, (pi.high >> 1) + 1 + high, p)
    low, high = series.atan(root, x, p)
    low, high = low - 6, high + 6
    return Interval(low, high, p) if m > 0 else Interval(pi.low - high, pi.high - low, p)


def _quotient_angle(
    top: int, top_e: int, bottom: int, bottom_e: int, wanted: int
) -> tuple[bool, Interval]:
    """Return atan of a positive quotient, or of its inverse if that is less; whether inverted."""
    distance = top.bit_length() + top_e - bottom.bit_length() - bottom_e
    inverted = distance > 0
    if inverted:
        top, top_e, bottom, bottom_e, distance = bottom, bottom_e, top, top_e, -distance
    if -2 * (distance + 1) >= wanted:  # t (1 - t**2/3 + ...)
        shift = max(wanted + 8 + bottom.bit_length() - top.bit_length(), 0)
        low, rest = divmod(top << shift, bottom)
        ratio = Interval(low, low + (rest > 0), shift + bottom_e - top_e)
        return inverted, _near_interval(ratio, -1, -2 * (distance + 1))
    p = after_point(wanted, 2 - distance)
    top, bottom = top << max(top_e - bottom_e, 0), bottom << max(bottom_e - top_e, 0)
    if top > bottom:
        inverted, top, bottom = not inverted, bottom, top
    low, high = series.atan(top, bottom, p)
    return inverted, Interval(low, high, p)


def atan2(y: tuple[int, int], x: tuple[int, int], wanted: int) -> Interval:
    """Return the angle of (x, y) for y > 0 and x not 0."""
    inverted, angle = _quotient_angle(*y, abs(x[0]), x[1], wanted)
    left = x[0] < 0
    if not inverted and not left:
        return angle
    p = after_point(wanted, 2)
    low, high = rescaled(angle, p)
    pi = constants.pi(p)
    if inverted:
        if not left:
            low, high = -high, -low
        return Interval((pi.low >> 1) + low, (pi.high >> 1) + 1 + high, p)
    return Interval(pi.low - high, pi.high - low, p)


def atan(m: int, e: int, wanted: int) -> Interval:
    """Return atan x for x > 0."""
    return atan2((m, e), (1, 0), wanted)


def asin_pi(m: int, e: int, wanted: int) -> Interval:
    """Return asin x / pi for 0 < x < 1, not 1/2."""
    return _over_pi(asin(m, e, wanted), wanted)


def acos_pi(m: int, e: int, wanted: int) -> Interval:
    """Return acos x / pi for -1 < x < 1, not 0, 1/2 or -1/2."""
    exponent = m.bit_length() + e
    if -exponent >= wanted:  # 1/2 - x/pi - ...
        return near(1, -1, -m, -exponent, wanted)
    return _over_pi(acos(m, e, wanted), wanted)


def atan2_pi(y: tuple[int, int], x: tuple[int, int], wanted: int) -> Interval:
    """Return the angle of (x, y) over pi for y > 0 and x not 0, y not |x|."""
    # with t the lesser of y/|x| and its inverse: 1 - t/pi + ..., 1/2 -+ t/pi +- ...; |t| < 2**-far
    distance = y[0].bit_length() + y[1] - x[0].bit_length() - x[1]
    far = abs(distance) - 1
    if far >= wanted and (distance > 0 or x[0] < 0):
        return near(1, -1, -x[0], far, wanted) if distance > 0 else near(1, 0, -1, far, wanted)
    return _over_pi(atan2(y, x, wanted), wanted)


def atan_pi(m: int, e: int, wanted: int) -> Interval:
    """Return atan x / pi for x > 0, not 1."""
    return atan2_pi((m, e), (1, 0), wanted)


def _over_pi(x: Interval, wanted: int) -> Interval:
    return divide(x, constants.pi(after_point(wanted, 0)), wanted)


def times_pi(top: int, bottom: int, wanted: int) -> Interval:
    """Return pi * top / bottom."""
    multiple = scaled(constants.pi(after_point(wanted, 0)), top, 0)
    return divide(multiple, Interval(bottom, bottom, 0), wanted)

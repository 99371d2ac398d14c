"""The power series, on integers with p digits after the point.

Every argument is reduced with tables that are filled as they are needed: an entry holds a floor of
a function at a multiple of 2**-8 or 2**-16, made with 32 digits more. A result is a floor and a
ceiling in units of 2**-p; `ulp` below is that unit. All cuts are floors of positive numbers, so
errors add on one side.
"""

import functools
import math

_GUARD = 32
_ENTRIES = 1 << 13


@functools.lru_cache(maxsize=256)
def _terms(p: int, step: int) -> int:
    """Return the least n >= 2 with 2**(-step * n) / n! < 2**-p."""
    n, factorial = 2, 2
    while step * n + factorial.bit_length() - 1 <= p:
        n += 1
        factorial *= n
    return n


@functools.lru_cache(maxsize=_ENTRIES)
def _exp_entry(a: int, step: int, p: int) -> int:
    """Return e**(a * 2**-step), 0 <= a < 2**step, less than 2 ulp below."""
    fine = p + _GUARD
    term = total = 1 << fine
    n = 0
    while term:  # fewer than `fine` terms, each less than 3 of the fine units below
        n += 1
        term = (term * a >> step) // n
        total += term
    return total >> _GUARD


def exp(r: int, p: int) -> tuple[int, int]:
    """Return e**r for 0 <= r < 1."""
    one = 1 << p
    s = r & ((1 << (p - 16)) - 1)
    n = _terms(p, 16)
    total = one
    for k in range(n - 1, 0, -1):
        total = one + (s * total >> p) // k
    # total: each step cuts less than 2 ulp, the next takes 2**-16 of that; less than 1 ulp is left
    # out: less than 4 ulp below. The product of the entries: 2 ulp times 1.004, 2 ulp times e and
    # the cut: less than 9 ulp below. All: 4 ulp times e + 9 ulp * 1.00002 + 1 < 24 ulp.
    entry = _exp_entry(r >> (p - 8), 8, p) * _exp_entry((r >> (p - 16)) & 255, 16, p) >> p
    low = entry * total >> p
    return low, low + 24


@functools.lru_cache(maxsize=_ENTRIES)
def _log_entry(top: int, bottom: int, p: int) -> int:
    """Return ln(top / bottom), within 1/2 to 2, at most 2 ulp off."""
    fine = p + _GUARD
    sign = -1 if top < bottom else 1
    u, v = abs(top - bottom), top + bottom  # ln = 2 atanh(u / v), u / v <= 1/3
    term = (u << (fine + 1)) // v
    total, k = term, 1
    while term:  # fewer than `fine` terms, each less than 3 of the fine units below
        term = term * (u * u) // (v * v)
        k += 2
        total += term // k
    return sign * (total >> _GUARD)


@functools.lru_cache(maxsize=64)
def _odd_reciprocals(p: int, count: int) -> tuple[int, ...]:
    """Return 1/(2k + 1) for k below `count`, last first, each less than 1 ulp below."""
    return tuple((1 << p) // (2 * k + 1) for k in reversed(range(count)))


def log(z: int, p: int) -> tuple[int, int]:
    """Return ln z for 1 <= z < 2."""
    a = z >> (p - 8)  # 256 to 511
    first = ((1 << 18) + a) // (2 * a + 1)  # 512 times 1 / ((a + 1/2) / 256), rounded
    z *= first  # exact, p + 9 digits; within 2**-7 of 1
    b = (z - (1 << (p + 9))) >> (p - 6)
    second = (1 << 15) - b
    z *= second  # exact, p + 24 digits; within 2**-13 of 1
    one = 1 << (p + 24)
    u = ((z - one) << p) // (z + one)  # below 2**-14 in magnitude, less than 1 ulp below
    square = u * u >> p
    total = 0
    for reciprocal in _odd_reciprocals(p, p // 28 + 1):
        total = reciprocal + (square * total >> p)
    low = (u * total >> (p - 1)) - _log_entry(first, 512, p) - _log_entry(second, 1 << 15, p)
    # u: 1 ulp, so 2 in 2u. total: less than 3 ulp below and 1 ulp left out, 2**-13 of which count.
    # The cut: 1. Entries: 2 each. Sum: less than 8 either way.
    return low - 8, low + 8


@functools.lru_cache(maxsize=_ENTRIES)
def _sine_and_cosine_entry(a: int, p: int) -> tuple[int, int]:
    """Return sin(a / 256) and cos(a / 256), at most 2 ulp off."""
    fine = p + _GUARD
    cosine = term = 1 << fine
    sine = n = 0
    while term:  # fewer than `fine` terms, each less than 3 of the fine units below
        n += 1
        term = (term * a >> 8) // n
        if n & 1:
            sine += -term if n & 2 else term
        else:
            cosine += -term if n & 2 else term
    return sine >> _GUARD, cosine >> _GUARD


def sine_and_cosine(r: int, p: int) -> tuple[int, int, int]:
    """Return sin r and cos r for 0 <= r < 1, and how far off they are at most."""
    one = 1 << p
    s = r & ((1 << (p - 8)) - 1)
    square = s * s >> p
    n = (_terms(p, 8) | 1) + 1  # even; the first terms left out are of order n and n + 1
    cosine = sine = one
    for k in range(n - 2, 0, -2):
        cosine = one - (square * cosine >> p) // (k * (k - 1))
        sine = one - (square * sine >> p) // (k * (k + 1))
    sine = s * sine >> p
    # Each step is less than 2 ulp off, of its cuts, 1 of the square and 2**-16 of the step before;
    # less than 1 ulp is left out: both less than 5 ulp off. The entries: 2. The sum of products:
    # 5 * (1 + 1/256) + 2 * (1 + 1/256) + 2 cuts, less than 16 ulp.
    table_sine, table_cosine = _sine_and_cosine_entry(r >> (p - 8), p)
    return (
        (table_sine * cosine + table_cosine * sine) >> p,
        (table_cosine * cosine - table_sine * sine) >> p,
        16,
    )


@functools.lru_cache(maxsize=_ENTRIES)
def _atan_entry(a: int, p: int) -> int:
    """Return atan(a / 256), 0 <= a <= 256, at most 2 ulp off."""
    fine = p + _GUARD
    one = 1 << (2 * fine)
    t = a << (fine - 8)
    for _ in range(3):  # atan t = 2 atan(t / (1 + sqrt(1 + t**2))); 3 fine units off each time
        t = (t << fine) // ((1 << fine) + math.isqrt(one + t * t))
    square = t * t >> fine  # t < 0.1
    term, total, k = t, t, 1
    while term:  # fewer than `fine` terms, each less than 3 of the fine units off
        term = -(term * square >> fine) if term > 0 else (-term * square >> fine)
        k += 2
        total += term // k
    return total >> (_GUARD - 3)


def atan(top: int, bottom: int, p: int) -> tuple[int, int]:
    """Return atan(top / bottom) for 0 <= top <= bottom."""
    a = (top << 8) // bottom
    # atan t = atan(a/256) + atan((t - a/256) / (1 + t a/256)), and the latter is below 2**-8
    u = (((top << 8) - a * bottom) << p) // ((bottom << 8) + a * top)
    square = u * u >> p
    total = 0
    for reciprocal in _odd_reciprocals(p, p // 16 + 1):
        total = reciprocal - (square * total >> p)
    low = (u * total >> p) + _atan_entry(a, p)
    # u: 1 ulp. total: less than 4 ulp off and 1 left out, 2**-8 of which count. The cut: 1.
    # The entry: 2. Sum: less than 6 either way.
    return low - 6, low + 6

"""Rational results of the functions of one operand, found before any digits are computed.

Each function takes m * 2**e with m odd, inside the domain, and none of the zeros and poles that
are in `special_values`; m > 0 for even and odd functions. It returns the result, as a Fraction or
again as a pair m, e, or None: then the result is irrational (Lindemann; Niven; Gelfond and
Schneider), or is no multiple of a power of 2, or has more than 63 digits. Of gelu and gelu_tanh
nobody has proved that; no digits are given before they are certain.
"""

from fractions import Fraction


def never(m: int, e: int) -> Fraction | None:
    """Return None: no other result is rational."""
    return None


def exp2(m: int, e: int) -> tuple[int, int] | None:
    """Return 2**x for integers of magnitude below 2**22."""
    return (1, m << e) if e >= 0 and m.bit_length() + e <= 22 else None


def exp10(m: int, e: int) -> Fraction | None:
    """Return 10**n, 5**n of at most 63 digits."""
    if e < 0 or m < 0 or m.bit_length() + e > 5 or m << e > 27:
        return None
    return Fraction(10 ** (m << e))


def log2(m: int, e: int) -> Fraction | None:
    """Return the exponent of a power of 2."""
    return Fraction(e) if m == 1 else None


def log10(m: int, e: int) -> Fraction | None:
    """Return the exponent of a power of 10."""
    if 0 < e < m.bit_length() and 5**e == m:
        return Fraction(e)
    return None


def sin_pi(m: int, e: int) -> Fraction | None:
    """Return sin(pi x) at odd multiples of 1/2."""
    return Fraction(1 - (m & 2)) if e == -1 else None


def cos_pi(m: int, e: int) -> Fraction | None:
    """Return cos(pi x) at integers."""
    return Fraction(1 if e > 0 else -1) if e >= 0 else None


def tan_pi(m: int, e: int) -> Fraction | None:
    """Return tan(pi x) at odd multiples of 1/4."""
    return Fraction(1 - (m & 2)) if e == -2 else None


def asin_pi(m: int, e: int) -> Fraction | None:
    """Return asin(1/2) / pi."""
    return Fraction(1, 6) if m == 1 and e == -1 else None


def acos_pi(m: int, e: int) -> Fraction | None:
    """Return acos(1/2) / pi and acos(-1/2) / pi."""
    return Fraction(2 - (m > 0), 3) if abs(m) == 1 and e == -1 else None


def atan_pi(m: int, e: int) -> Fraction | None:
    """Return atan(1) / pi."""
    return Fraction(1, 4) if m == 1 and e == 0 else None

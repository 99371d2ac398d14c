"""The arithmetic that scales and quotients are computed in: a float format, or exact."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..conversion import round as round_into
from ..families.floats import FloatFormat

Array = npt.NDArray[Any]
_SPLITTER = 134217729.0  # 2**27 + 1: Veltkamp's split of 53 digits
_FAR = 1000  # exponents that quotients are kept within


class Arithmetic:
    """Operations on arrays, each rounded to a format by nearest_even; or exact.

    binary32 and binary64 are the machine's own. Narrower formats are computed in float64 and
    rounded: with operands of p digits and 53 >= 2 p + 2 no quotient, product or sum of two is so
    near to half-way between neighbours of at most p digits that the first rounding could hide on
    which side it is (Figueroa, 1995). Where nothing is rounded a quotient is rounded to odd in 53
    digits, so that one later rounding into a format of at most 51 digits is right.
    """

    def __init__(self, compute: FloatFormat | None) -> None:
        """Take the format, None for exact."""
        self.compute = compute
        self.exact = compute is None
        self.native = compute is not None and compute.name in ("binary32", "binary64")
        single = compute is not None and compute.name == "binary32"
        self.dtype: type[np.floating[Any]] = np.float32 if single else np.float64

    def take(self, x: Array) -> Array:
        """Return rn(x); where nothing is rounded, x as it is."""
        if self.compute is None:
            return x
        if self.native:
            return x.astype(self.dtype, copy=False)
        return round_into(x, self.compute, overflow="ieee")  # type: ignore[no-any-return]

    def number(self, x: Fraction) -> float:
        """Return rn(x) of one number."""
        if self.dtype is np.float64 and self.native:
            return float(x)
        return float(self.take(np.array(odd_float(x))))

    def holds(self, x: Array) -> bool:
        """Return whether an array or a number is of the format, as all arrays here are."""
        return x.ndim > 0 or bool(self.take(x) == x)

    def divide(self, x: Array, s: Array) -> Array:
        """Return rn(x / s)."""
        if self.compute is None:
            return odd_quotient(x, s)
        return self.take(np.divide(x, s, dtype=self.dtype))

    def quotient(self, x: Array | Fraction, s: Array | Fraction) -> Array:
        """Return rn(x / s) where one of the two is a number that the format need not hold."""
        above, below = (np.asarray(float(v) if isinstance(v, Fraction) else v) for v in (x, s))
        if self.compute is None or not (self.holds(above) and self.holds(below)):
            return self.take(odd_quotient(above, below))
        return self.divide(above, below)

    def multiply(self, x: Array, y: Array) -> Array:
        """Return rn(x * y)."""
        return self.take(np.multiply(x, y, dtype=self.dtype))

    def add(self, x: Array, y: Array) -> Array:
        """Return rn(x + y)."""
        return self.take(np.add(x, y, dtype=self.dtype))


def odd_float(x: Fraction) -> float:
    """Return a rational as a float64, rounded to odd where it is inexact."""
    near = float(x)
    left = x - Fraction(near)
    even = np.float64(near).view(np.int64) & 1 == 0
    if left and even:
        near = math.nextafter(near, math.inf if left > 0 else -math.inf)
    return near


def odd_quotient(x: Array, s: Array) -> Array:
    """Return x / s in float64, rounded to odd where it is inexact.

    Quotients of exponents past +-1000 stay at them, with their sign; zeros, infinities and NaNs are
    those of the division.
    """
    m, e = np.frexp(np.asarray(x, np.float64))
    n, f = np.frexp(np.asarray(s, np.float64))
    q = m / n
    if (np.abs(n) != 0.5).any():  # else it is exact
        # What is left, m - q * n, is a float64 (Dekker); q * n = high + low exactly.
        high = q * n
        left = (m - high) - _product_error(q, n, high)
        q = _made_odd(q, left * np.sign(n))
    return np.asarray(np.ldexp(q, np.clip(e.astype(np.int64) - f, -_FAR, _FAR)))


def odd_product(x: Array, y: Array) -> Array:
    """Return x * y in float64, rounded to odd where it is inexact; exponents as in a quotient."""
    m, e = np.frexp(np.asarray(x, np.float64))
    n, f = np.frexp(np.asarray(y, np.float64))
    p = m * n
    p = _made_odd(p, _product_error(m, n, p))
    return np.asarray(np.ldexp(p, np.clip(e.astype(np.int64) + f, -_FAR, _FAR)))


def _made_odd(near: Array, left: Array) -> Array:
    """Return the odd float64 next to `near` + `left`, `near` being the nearest one."""
    even = near.view(np.int64) & 1 == 0
    inexact = np.isfinite(near) & (near != 0) & (left != 0)
    away = np.where(left > 0, np.inf, -np.inf)
    return np.where(inexact & even, np.nextafter(near, away), near)


def _product_error(x: Array, y: Array, product: Array) -> Array:
    """Return x * y - product exactly, for factors near 1 (Dekker's product)."""
    xh, xl = _split(x)
    yh, yl = _split(y)
    return np.asarray(((xh * yh - product) + xh * yl + xl * yh) + xl * yl)


def _split(x: Array) -> tuple[Array, Array]:
    far = x * _SPLITTER
    high = far - (far - x)
    return high, x - high

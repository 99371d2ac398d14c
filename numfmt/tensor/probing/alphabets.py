"""Codes of a format by what they stand for: numbers of a given exponent, zeros, special values."""

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ...conversion import encode
from ...decoding import decode
from ...families.base import ScalarFormat
from ...families.floats import FloatFormat

Array = npt.NDArray[Any]

_TABLE_BITS = 16


class Alphabet:
    """The codes of one format.

    Attributes
    ----------
    low, normal, high : int
        Exponent of the smallest positive number, of the smallest normal one, of the largest.
    digits : int
        Fraction digits that a significand has, at most.
    specials : ndarray
        Zeros, the ends of the range, one, infinities and NaNs.
    """

    def __init__(self, fmt: ScalarFormat) -> None:
        self.fmt = fmt
        self.signed = fmt.signed_values
        self.high = fmt.largest.numerator.bit_length() - fmt.largest.denominator.bit_length()
        smallest = fmt.smallest
        assert smallest is not None
        self.low = math.floor(math.log2(smallest))
        self.normal = max(self.low, fmt.emin) if isinstance(fmt, FloatFormat) else self.low
        self.digits = fmt.precision - 1 if isinstance(fmt, FloatFormat) else self.high - self.low
        self.digits = min(self.digits, 52)
        self.zero = int(self.of(np.zeros(1))[0]) if fmt.has_zero else self.power(0)
        self.specials = self._specials()
        self._finite = self._finite_codes()

    def of(self, values: Array) -> Array:
        """Return codes of values, cut toward zero, at most the largest."""
        codes: Array = encode(values, self.fmt, rounding="toward_zero", overflow="saturate")
        return codes

    def values(self, codes: Array) -> Array:
        """Return what codes stand for."""
        found: Array = decode(codes.astype(self.fmt.code_dtype), self.fmt)
        return found

    def near(self, exponents: Array, significands: Array, negative: Array) -> Array:
        """Return codes of significands * 2**exponents; signs count where the format has them."""
        sizes = np.ldexp(significands, np.clip(exponents, self.low, self.high))
        return self.of(np.where(negative & self.signed, -sizes, sizes))

    def power(self, exponent: int, negative: bool = False) -> int:
        """Return the code of a power of two."""
        return int(self.of(np.array([math.ldexp(-1.0 if negative else 1.0, exponent)]))[0])

    def any(self, rng: np.random.Generator, shape: Any) -> Array:
        """Return random codes."""
        top = (1 << self.fmt.bits) - 1
        drawn = rng.integers(0, top, shape, dtype=np.uint64, endpoint=True)
        codes: Array = drawn.astype(self.fmt.code_dtype)
        return codes

    def finite(self, rng: np.random.Generator, shape: Any) -> Array:
        """Return random codes of finite numbers."""
        if self._finite is not None:
            found: Array = self._finite[rng.integers(0, self._finite.size, shape)]
            return found
        codes = self.any(rng, shape)
        return np.where(np.isfinite(self.values(codes)), codes, codes.dtype.type(self.zero))

    def _finite_codes(self) -> Array | None:
        if self.fmt.bits > _TABLE_BITS:
            return None
        every = np.arange(1 << self.fmt.bits).astype(self.fmt.code_dtype)
        return every[np.isfinite(self.values(every))]

    def _specials(self) -> Array:
        fmt = self.fmt
        found = {self.zero, fmt.largest_code(0), self.power(self.low), self.power(self.normal)}
        found |= {self.power(max(min(0, self.high), self.low))}
        if fmt.signed_values:
            found |= {fmt.largest_code(1), self.power(self.low, True)}
        for sign in (0, 1):
            found |= {x for x in (fmt.infinity_code(sign), fmt.nan_code(sign)) if x is not None}
        self.minus_zero = self.zero
        if fmt.has_negative_zero:
            self.minus_zero = int(self.of(np.array([-0.0]))[0])
            found.add(self.minus_zero)
        if isinstance(fmt, FloatFormat) and fmt.has_infinity and fmt.has_nan:
            # NaNs of other payloads: their order and their quiet bit are seen, or not.
            top = fmt.infinity_code(0) or 0
            found |= {min(top + n, (1 << (fmt.bits - 1)) - 1) for n in (1, 3, 5)}
            found |= {fmt.infinity_code(1) or 0, (1 << fmt.bits) - 1}
        return np.array(sorted(found), dtype=np.uint64).astype(fmt.code_dtype)


@functools.lru_cache(maxsize=32)
def alphabet(fmt: ScalarFormat) -> Alphabet:
    """Return the alphabet of a format."""
    return Alphabet(fmt)

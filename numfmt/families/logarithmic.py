"""Formats of a sign and a logarithm: logarithmic takums and LNS."""

import dataclasses
import math
from fractions import Fraction

import numpy as np

from ..params import TAKUM, UNIFORM, Logarithms
from ..rounding import CLAMPING, Overflow, Rounding
from . import reals
from .base import ScalarFormat
from .tapered import TAKUM_PREFIX, takum_characteristic

_MOST_WHOLE = 15  # bits of the whole part of a logarithm to base 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LogarithmicFormat(ScalarFormat):
    """A format whose nonzero values are (-1)**sign * base**logarithm, the logarithm rational.

    Ordinal 0 is zero; magnitudes 1 to `largest_ordinal` increase.
    """

    @property
    def base(self) -> str:
        """The base of the logarithm: ``2`` or ``sqrt(e)``."""
        raise TypeError(f"{type(self).__name__} does not say its base")

    @property
    def digits(self) -> int:
        """Fraction digits that every logarithm fits in."""
        raise TypeError(f"{type(self).__name__} does not say its digits")

    def numerator(self, k: int) -> int:
        """Return the logarithm of magnitude number `k`, times 2**digits."""
        raise TypeError(f"{type(self).__name__} does not say its logarithms")

    def logarithm(self, k: int) -> Fraction:
        """Return the logarithm of magnitude number `k`."""
        return Fraction(self.numerator(k), 1 << self.digits)

    def code_of_ordinal(self, k: int, negative: int = 0) -> int:
        """Return the code of magnitude number `k` with a sign."""
        raise TypeError(f"{type(self).__name__} does not say its codes")

    def ordinal_of_code(self, code: int) -> tuple[int, int]:
        """Return (sign, number of the magnitude) of a code other than NaN."""
        raise TypeError(f"{type(self).__name__} does not say its codes")

    @property
    def numbers(self) -> Logarithms:
        """The format as numbers."""
        raise TypeError(f"{type(self).__name__} does not lower to numbers")

    @property
    def largest_ordinal(self) -> int:
        """The number of the largest magnitude."""
        return (1 << (self.bits - 1)) - 1

    def exponential(self, logarithm: Fraction) -> tuple[Fraction | None, Fraction]:
        """Return what `families.reals` takes for base**logarithm; None stands for e."""
        if self.base == "2":
            return Fraction(2), logarithm
        return None, logarithm / 2

    def nearest(self, k: int) -> float:
        """Return the float64 nearest to magnitude number `k` > 0, if it is near any."""
        return reals.nearest_float(*self.exponential(self.logarithm(k)))

    def _approximately(self, k: int) -> Fraction:
        if k and self.within_float64:
            return Fraction(self.nearest(k))
        return self.bounds(k, 80)[0]

    def bounds(self, k: int, digits: int) -> tuple[Fraction, Fraction]:
        """Return numbers that magnitude number `k` lies between, about 2**-digits of it apart.

        Both are the power itself where that is rational.
        """
        base, exponent = self.exponential(self.logarithm(k))
        factor = Fraction(1)
        if base is not None:
            whole = exponent.numerator // exponent.denominator
            factor, exponent = base**whole, exponent - whole
        exact = reals.rational(base, exponent)
        if exact is not None:
            return factor * exact, factor * exact
        small = max(0, -math.floor(exponent * Fraction(3, 2)))  # e**-1 is more than 2**-1.5
        low, high = reals.power(base, exponent, digits + small).ends
        return factor * low, factor * high

    @property
    def largest(self) -> Fraction:
        """The float64 nearest to the largest value, or a number just below it past float64."""
        return self._approximately(self.largest_ordinal)

    @property
    def lowest(self) -> Fraction:
        """The float64 nearest to the most negative value."""
        return -self.largest

    @property
    def smallest(self) -> Fraction:
        """The float64 nearest to the smallest positive value."""
        return self._approximately(1)

    @property
    def around_one(self) -> tuple[Fraction | None, int | None, Fraction | None]:
        """The values about 1, to the nearest float64, and the code of 1."""
        one = 1 << (self.bits - 2)
        return self._approximately(one - 1), self.code_of_ordinal(one), self._approximately(one + 1)

    @property
    def signed_values(self) -> bool:
        """Yes."""
        return True

    @property
    def default_overflow(self) -> Overflow:
        """Finite values clamp, infinity becomes NaN."""
        return Overflow.CLAMP_FINITE

    @property
    def policies(self) -> tuple[Overflow, ...]:
        """Values never leave the range; only an infinity has a choice."""
        return CLAMPING

    def refusal(self, rounding: Rounding) -> str:
        """Return why the stochastic modes mean nothing here."""
        if rounding.stochastic:
            return "a logarithm has no last digit to lose, and no document says how to draw"
        return ""

    def largest_code(self, negative: int) -> int:
        """Return the code of the largest finite magnitude of that sign."""
        return self.code_of_ordinal(self.largest_ordinal, negative)

    @property
    def dyadic(self) -> bool:
        """No: the values are irrational."""
        return False

    @property
    def fits_float64(self) -> bool:
        """Whether every value is a float64: all but the whole logarithms are irrational."""
        return False

    @property
    def fits_float32(self) -> bool:
        """Whether every value is a float32."""
        return False

    @property
    def within_float64(self) -> bool:
        """Whether every value is near a normal float64."""
        ends = (self.logarithm(1), self.logarithm(self.largest_ordinal))
        reach = 1022 if self.base == "2" else 1416
        return max(abs(end) for end in ends) <= reach


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LnsFormat(LogarithmicFormat):
    """A sign and log2 of the magnitude in two's complement fixed point.

    The most negative logarithm stands for zero, and with the sign set for NaN.

    Attributes
    ----------
    fraction_bits : int
        Fraction digits of the logarithm.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x00, 0x04, 0x40, 0xc0], nf.LnsFormat(name="mine", bits=8, fraction_bits=3))
    array([1.        , 1.41421356, 0.        ,        nan])
    """

    fraction_bits: int

    def __post_init__(self) -> None:
        self._check_fields("bits", "fraction_bits")
        if not 3 <= self.bits <= 32:
            raise self._refuse(f"bits={self.bits} is out of range; an LNS has 3 to 32 bits")
        least = max(0, self.bits - 2 - _MOST_WHOLE)
        if not least <= self.fraction_bits <= self.bits - 2:
            raise self._refuse(
                f"fraction_bits={self.fraction_bits} is out of range; with {self.bits} bits the "
                f"logarithm takes {least} to {self.bits - 2}"
            )

    @property
    def family(self) -> str:
        """``lns``."""
        return "lns"

    @property
    def base(self) -> str:
        """``2``."""
        return "2"

    @property
    def digits(self) -> int:
        """Fraction digits of the logarithm."""
        return self.fraction_bits

    def numerator(self, k: int) -> int:
        """Return the logarithm of magnitude number `k`, times 2**digits."""
        return k - (1 << (self.bits - 2))

    def code_of_ordinal(self, k: int, negative: int = 0) -> int:
        """Return the code of magnitude number `k` with a sign; zero has none."""
        sign = negative << (self.bits - 1) if k else 0
        return k ^ (1 << (self.bits - 2)) | sign

    def ordinal_of_code(self, code: int) -> tuple[int, int]:
        """Return (sign, number of the magnitude) of a code other than NaN."""
        top = 1 << (self.bits - 1)
        return code >> (self.bits - 1), code % top ^ (top >> 1)

    def nan_code(self, negative: int) -> int | None:
        """Return the code of NaN, whatever the sign."""
        return 3 << (self.bits - 2)

    @property
    def numbers(self) -> Logarithms:
        """The format as numbers."""
        return Logarithms(
            taper=UNIFORM,
            bits=self.bits,
            es=0,
            digits=self.digits,
            natural=0,
            twos=0,
            largest=np.uint64(self.largest_ordinal),
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LogTakumFormat(LogarithmicFormat):
    """A logarithmic takum: the bits of a linear one, read as a logarithm to base sqrt(e).

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x4000, 0x8000, 0xc000], "takum16_log").tolist()
    [1.0, nan, -1.0]
    """

    def __post_init__(self) -> None:
        self._check_fields("bits")
        if not 6 <= self.bits <= 32:
            raise self._refuse(
                f"bits={self.bits} is out of range; a logarithmic takum has 6 to 32 bits"
            )

    @property
    def family(self) -> str:
        """``takum``."""
        return "takum"

    @property
    def base(self) -> str:
        """``sqrt(e)``."""
        return "sqrt(e)"

    @property
    def digits(self) -> int:
        """The most mantissa bits."""
        return self.bits - TAKUM_PREFIX

    def numerator(self, k: int) -> int:
        """Return the logarithm of magnitude number `k`, times 2**digits."""
        c, digits, mantissa = takum_characteristic(k, self.bits)
        return (c << self.digits) + (mantissa << (self.digits - digits))

    def code_of_ordinal(self, k: int, negative: int = 0) -> int:
        """Return the code of magnitude number `k` with a sign."""
        return -k % (1 << self.bits) if negative else k

    def ordinal_of_code(self, code: int) -> tuple[int, int]:
        """Return (sign, number of the magnitude) of a code other than NaR."""
        negative = code >> (self.bits - 1)
        return negative, (1 << self.bits) - code if negative else code

    def nan_code(self, negative: int) -> int | None:
        """Return the code of NaR, whatever the sign."""
        return 1 << (self.bits - 1)

    @property
    def numbers(self) -> Logarithms:
        """The format as numbers."""
        return Logarithms(
            taper=TAKUM,
            bits=self.bits,
            es=0,
            digits=self.digits,
            natural=1,
            twos=1,
            largest=np.uint64(self.largest_ordinal),
        )

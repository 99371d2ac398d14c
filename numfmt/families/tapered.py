"""Posits and linear takums: codes in two's complement whose binades get fewer digits farther out.

The code of a positive value is its ordinal, and its bits are the leading bits of an endless string
that spells the value; rounding cuts that string.
"""

import dataclasses
from fractions import Fraction

import numpy as np

from ..params import POSIT, TAKUM, Grid
from ..rounding import CLAMPING, Overflow
from .base import Format
from .floats import MAX_EXPONENT_BITS
from .grid import GridFormat, power_of_two

TAKUM_PREFIX = 5  # sign, direction and three regime bits


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TaperedFormat(GridFormat):
    """A format of two's complement bit strings with one zero and one NaR (not a real)."""

    @property
    def default_overflow(self) -> Overflow:
        """Finite values clamp, infinity becomes NaR."""
        return Overflow.CLAMP_FINITE

    @property
    def policies(self) -> tuple[Overflow, ...]:
        """Values never leave the range; only an infinity has a choice."""
        return CLAMPING

    @property
    def has_flags(self) -> bool:
        """No: neither standard defines status flags."""
        return False

    def nan_code(self, negative: int) -> int | None:
        """Return the code of NaR, whatever the sign."""
        return 1 << (self.bits - 1)

    def binade_of(self, k: int) -> tuple[int, int, int]:
        """Return (exponent, number of fraction bits, fraction) of the positive code `k`."""
        raise TypeError(f"{type(self).__name__} does not say how its codes are read")

    def value_of_ordinal(self, k: int) -> Fraction:
        """Return the value of the positive code `k`, exactly."""
        if k == 0:
            return Fraction(0)
        exponent, digits, fraction = self.binade_of(k)
        return (fraction + (1 << digits)) * power_of_two(exponent - digits)

    def tie_between(self, a: int, b: int) -> Fraction:
        """Return the string between two neighbours: one bit longer, the last one set."""
        if b - a != 1 or self.bits == 64:
            return GridFormat.tie_between(self, a, b)
        return dataclasses.replace(self, bits=self.bits + 1).value_of_ordinal(2 * a + 1)

    @property
    def smallest(self) -> Fraction:
        """The smallest positive value."""
        return self.value_of_ordinal(1)

    def _ordinal_of_one(self) -> int | None:
        return 1 << (self.bits - 2)

    def _fits(self, *, digits: int, emax: int, quantum: int) -> bool:
        top, _, _ = self.binade_of(self.largest_ordinal(0))
        bottom, fine, _ = self.binade_of(1)
        return self.grid.t + 1 <= digits and top <= emax and bottom - fine >= quantum

    def _tapered_grid(self, t: int, emin: int, ceiling: int, taper: int, es: int) -> Grid:
        largest = (1 << (self.bits - 1)) - 1
        grid = self._make_grid(
            t=t,
            emin=emin,
            signed=True,
            largest=(largest, largest),
            twos=True,
            specials=True,
            underflows=False,
        )
        return grid._replace(ceiling=ceiling, taper=taper, es=es, max_positive=np.uint64(largest))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PositFormat(TaperedFormat):
    """A posit of `bits` bits with at most `es` exponent bits.

    Attributes
    ----------
    es : int
        Exponent bits; 2 in the Posit Standard (2022).

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x01, 0x40, 0x7f, 0x80], nf.PositFormat(name="mine", bits=8, es=1)).tolist()
    [0.000244140625, 1.0, 4096.0, nan]
    """

    es: int = 2

    def __post_init__(self) -> None:
        self._check_fields("bits", "es")
        if not 2 <= self.bits <= 64:
            raise self._refuse(f"bits={self.bits} is out of range; a posit has 2 to 64 bits")
        if not 0 <= self.es <= self.bits:
            raise self._refuse(
                f"es={self.es} is out of range; a posit of {self.bits} bits has 0 to {self.bits} "
                "exponent bits"
            )
        if (self.bits - 2) << self.es > 1 << MAX_EXPONENT_BITS:
            raise self._refuse(
                f"es={self.es} with {self.bits} bits makes exponents past what numfmt computes "
                f"with (2**{MAX_EXPONENT_BITS})"
            )

    @property
    def family(self) -> str:
        """``posit``."""
        return "posit"

    @property
    def trailing_bits(self) -> int:
        """The most fraction bits that a binade has."""
        return max(self.bits - 3 - self.es, 0)

    @property
    def grid(self) -> Grid:
        """The format as numbers."""
        top = (self.bits - 2) << self.es
        return self._tapered_grid(self.trailing_bits, -top, top - 1, POSIT, self.es)

    def regime_bits(self, k: int) -> int:
        """Return the width of the regime of the positive code `k`, its end included."""
        body = self.bits - 1
        leading = k >> (body - 1)
        run = body - (k ^ (leading << body) - leading).bit_length()
        return min(run + 1, body)

    def binade_of(self, k: int) -> tuple[int, int, int]:
        """Return (exponent, number of fraction bits, fraction) of the positive code `k`."""
        body = self.bits - 1
        leading = k >> (body - 1)
        run = body - (k ^ (leading << body) - leading).bit_length()
        room = body - self.regime_bits(k)
        rest = k & ((1 << room) - 1)
        digits = max(room - self.es, 0)
        exponent = rest >> digits << max(self.es - room, 0)
        regime = run - 1 if leading else -run
        return (regime << self.es) + exponent, digits, rest & ((1 << digits) - 1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QuireFormat(Format):
    """The fixed-point accumulator of posits: two's complement, 10...0 is NaR.

    Codes are too wide for arrays; `numfmt.exact` reads and makes them.

    Attributes
    ----------
    fraction_bits : int
        Digits after the binary point.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.exact.decode(nf.exact.encode(1.5, "quire32")[0], "quire32").value
    Fraction(3, 2)
    """

    fraction_bits: int

    def __post_init__(self) -> None:
        self._check_fields("bits", "fraction_bits")
        if not (2 <= self.bits <= 4096 and 0 <= self.fraction_bits < self.bits):
            raise self._refuse(
                f"bits={self.bits} with fraction_bits={self.fraction_bits} is out of range; a "
                "quire has 2 to 4096 bits, at least one of them before the point"
            )

    @property
    def family(self) -> str:
        """``quire``."""
        return "quire"

    @property
    def default_overflow(self) -> Overflow:
        """Overflow is NaR."""
        return Overflow.NAN

    @property
    def largest(self) -> Fraction:
        """The largest value."""
        return Fraction((1 << (self.bits - 1)) - 1, 1 << self.fraction_bits)

    @property
    def smallest(self) -> Fraction:
        """The smallest positive value."""
        return Fraction(1, 1 << self.fraction_bits)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TakumFormat(TaperedFormat):
    """A linear takum: direction bit, three regime bits, up to 7 characteristic bits, mantissa.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x4000, 0x4400, 0xc000], "takum16").tolist()
    [1.0, 1.5, -1.0]
    """

    def __post_init__(self) -> None:
        self._check_fields("bits")
        if not 6 <= self.bits <= 64:
            raise self._refuse(f"bits={self.bits} is out of range; a takum has 6 to 64 bits")

    @property
    def family(self) -> str:
        """``takum``."""
        return "takum"

    @property
    def trailing_bits(self) -> int:
        """The most mantissa bits that a binade has."""
        return self.bits - TAKUM_PREFIX

    @property
    def grid(self) -> Grid:
        """The format as numbers."""
        return self._tapered_grid(self.trailing_bits, -255, 254, TAKUM, 0)

    def binade_of(self, k: int) -> tuple[int, int, int]:
        """Return (exponent, number of fraction bits, fraction) of the positive code `k`."""
        return takum_characteristic(k, self.bits)


def takum_characteristic(k: int, bits: int) -> tuple[int, int, int]:
    """Return (characteristic, number of mantissa bits, mantissa) of a positive takum code."""
    room = bits - TAKUM_PREFIX
    upward = k >> (bits - 2)
    regime = k >> room & 7
    width = regime if upward else 7 - regime
    rest = k & ((1 << room) - 1)
    digits = max(room - width, 0)
    c = rest >> digits << max(width - room, 0)
    c += (1 << width) - 1 if upward else 1 - (2 << width)
    return c, digits, rest & ((1 << digits) - 1)

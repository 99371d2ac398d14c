"""Formats whose values lie on a grid of binades: floats, fixed point and integers.

Everything here follows from one numbering. The magnitudes of a format have ordinals 0, 1, 2, ...;
a code is an ordinal (less `first`) with a sign.
"""

import dataclasses
from fractions import Fraction

import numpy as np

from ..params import UNIFORM, Grid
from .base import ScalarFormat


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GridFormat(ScalarFormat):
    """A scalar format that lowers to a `numfmt.params.Grid`."""

    @property
    def trailing_bits(self) -> int:
        """Width of the trailing significand, precision - 1."""
        raise TypeError(f"{type(self).__name__} does not say its trailing significand")

    @property
    def signed_values(self) -> bool:
        """Whether negative values exist."""
        return self.grid.signed == 1

    @property
    def grid(self) -> Grid:
        """The format as numbers."""
        raise TypeError(f"{type(self).__name__} does not lower to a grid")

    @property
    def has_infinity(self) -> bool:
        """Whether some code is an infinity."""
        return self.grid.has_infinity == 1

    @property
    def has_zero(self) -> bool:
        """Whether some code is zero."""
        return self.grid.first == 0

    @property
    def has_negative_zero(self) -> bool:
        """Whether minus zero has a code of its own."""
        return self.grid.negative_zero == 1

    @property
    def has_flags(self) -> bool:
        """Whether status flags are defined: everywhere but in a format without zero."""
        return self.has_zero

    def infinity_code(self, negative: int) -> int | None:
        """Return the code of an infinity, or None where it has none."""
        if not self.has_infinity or (negative and not self.signed_values):
            return None
        return self.code_of_ordinal(self.largest_ordinal(0) + 1, negative)

    def largest_ordinal(self, negative: int) -> int:
        """Return the ordinal of the largest finite magnitude of that sign."""
        return int(self.grid.max_negative if negative else self.grid.max_positive)

    def largest_code(self, negative: int) -> int:
        """Return the code of the largest finite magnitude of that sign (0 if there is none)."""
        if negative and not self.signed_values:
            return 0
        return self.code_of_ordinal(self.largest_ordinal(negative), negative)

    def code_of_ordinal(self, k: int, negative: int = 0) -> int:
        """Return the code of magnitude number `k` with a sign."""
        grid = self.grid
        code = k - grid.first
        if negative and grid.twos:
            return -code % (1 << grid.bits)
        if negative and (k or grid.negative_zero):
            return code | 1 << (grid.bits - 1)
        return code

    def value_of_ordinal(self, k: int) -> Fraction:
        """Return the magnitude number `k`, exactly."""
        grid = self.grid
        row, trailing = divmod(k, 1 << grid.t)
        if row == 0:
            return Fraction(0) if grid.gap else trailing * power_of_two(grid.emin - grid.t)
        return (trailing + (1 << grid.t)) * power_of_two(grid.emin - grid.t + row - 1)

    def tie_between(self, a: int, b: int) -> Fraction:
        """Return where rounding to nearest changes from magnitude number `a` to the next one up.

        Where they are not neighbours, return their midpoint.
        """
        return (self.value_of_ordinal(a) + self.value_of_ordinal(b)) / 2

    @property
    def largest(self) -> Fraction:
        """The largest finite value."""
        return self.value_of_ordinal(self.largest_ordinal(0))

    @property
    def lowest(self) -> Fraction:
        """The most negative finite value; the smallest one where all are positive."""
        if self.signed_values:
            return -self.value_of_ordinal(self.largest_ordinal(1))
        return self.value_of_ordinal(self.grid.first)

    @property
    def smallest(self) -> Fraction:
        """The smallest positive value."""
        grid = self.grid
        return self.value_of_ordinal(1 << grid.t if grid.gap else 1)

    @property
    def around_one(self) -> tuple[Fraction | None, int | None, Fraction | None]:
        """The value below 1, the code of 1 and the value above 1."""
        one = self._ordinal_of_one()
        if one is None or one > self.largest_ordinal(0):
            return None, None, None
        below = self.value_of_ordinal(one - 1) if one > self.grid.first else None
        above = self.value_of_ordinal(one + 1) if one < self.largest_ordinal(0) else None
        return below, self.code_of_ordinal(one), above

    def _ordinal_of_one(self) -> int | None:
        grid = self.grid
        step = -grid.emin
        if step >= 0:
            return (1 + step) << grid.t
        if grid.t + step >= 0 and not grid.gap:
            return 1 << (grid.t + step)
        return None

    @property
    def fits_float64(self) -> bool:
        """Whether every code stands for a float64."""
        return self._fits(digits=53, emax=1023, quantum=-1074)

    @property
    def fits_float32(self) -> bool:
        """Whether every code stands for a float32."""
        return self._fits(digits=24, emax=127, quantum=-149)

    def _fits(self, *, digits: int, emax: int, quantum: int) -> bool:
        """Return whether a float of so many digits and these exponents holds every value."""
        grid = self.grid
        densest = max(self.largest_ordinal(0), self.largest_ordinal(1) - 1)
        farthest = max(self.largest_ordinal(0), self.largest_ordinal(1))
        if grid.twos:  # narrow integers read one code that they never make
            farthest = 1 << (grid.bits - 1)
        return (
            min(grid.t + 1, densest.bit_length()) <= digits
            and self.value_of_ordinal(farthest) < power_of_two(emax + 1)
            and grid.emin - grid.t >= quantum
        )

    def _make_grid(
        self,
        *,
        t: int,
        emin: int,
        signed: bool,
        largest: tuple[int, int],
        gap: int = 0,
        first: int = 0,
        twos: bool = False,
        negative_zero: bool = False,
        specials: bool = False,
        infinity: bool = False,
        underflows: bool = True,
    ) -> Grid:
        top_row = max(largest) >> t
        return Grid(
            t=t,
            emin=emin,
            gap=gap,
            first=first,
            bits=self.bits,
            signed=int(signed),
            twos=int(twos),
            negative_zero=int(negative_zero),
            specials=int(specials),
            has_infinity=int(infinity),
            underflows=int(underflows),
            ceiling=emin + max(top_row - 1, 0),
            taper=UNIFORM,
            es=0,
            max_positive=np.uint64(largest[0]),
            max_negative=np.uint64(largest[1]),
        )


def text_of(value: Fraction) -> str:
    """Return a number as text, exactly: a float, an integer, ``odd*2**k`` or a quotient."""
    try:
        plain = float(value)
        if Fraction(plain) == value:
            return repr(plain)
    except OverflowError:
        pass
    if value.denominator == 1 and abs(value) < 1 << 128:
        return str(value.numerator)
    if value.denominator & (value.denominator - 1):
        return str(value)
    shift = (value.numerator & -value.numerator).bit_length() - 1
    return f"{value.numerator >> shift}*2**{shift - value.denominator.bit_length() + 1}"


def power_of_two(exponent: int) -> Fraction:
    """Return 2**exponent, exactly."""
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


def floor_log2(value: Fraction) -> int:
    """Return the exponent of a positive rational: the e of 2**e <= value < 2**(e + 1)."""
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess - (power_of_two(guess) > value)

"""Binary floating-point formats, from 2 to 64 bits, in every style of special values."""

import dataclasses
import enum

from ..params import Grid
from ..rounding import Overflow, choose
from .grid import GridFormat

MAX_EXPONENT_BITS = 20


class Style(enum.Enum):
    """Which codes of a float are not finite numbers, and whether minus zero exists.

    ===================  ==========================================  ===========  ===========
    style                NaN                                         infinity     minus zero
    ===================  ==========================================  ===========  ===========
    ``ieee``             exponent all ones, trailing digits not 0    the code     yes
                                                                     before them
    ``fn``               all ones (of either sign)                   none         yes
    ``finite``           none                                        none         yes
    ``fnuz``             the code of minus zero                      none         no
    ``p3109_extended``   signed: the code of minus zero;             last code    no
                         unsigned: all ones                          before NaN
    ``p3109_finite``     the same                                    none         no
    ===================  ==========================================  ===========  ===========
    """

    IEEE = "ieee"
    FN = "fn"
    FINITE = "finite"
    FNUZ = "fnuz"
    P3109_EXTENDED = "p3109_extended"
    P3109_FINITE = "p3109_finite"


_OVERFLOW = {
    Style.IEEE: Overflow.IEEE,
    Style.FN: Overflow.NAN,
    Style.FINITE: Overflow.SATURATE,
    Style.FNUZ: Overflow.NAN,
    Style.P3109_EXTENDED: Overflow.SAT_NONE,
    Style.P3109_FINITE: Overflow.SAT_NONE,
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FloatFormat(GridFormat):
    """A binary floating-point format: sign, biased exponent, trailing significand.

    Attributes
    ----------
    precision : int
        Digits of the significand, the implicit one counted.
    emin : int
        Exponent of the smallest normal value.
    signed : bool
        Whether there is a sign bit.
    subnormals : bool
        Where False, codes with an exponent field of 0 all read as zero and only the first is made.
    zero : bool
        Where False, an exponent field of 0 is an ordinary binade (E8M0).
    style : Style
        The special values.

    Examples
    --------
    >>> import numfmt as nf
    >>> fmt = nf.FloatFormat(name="mine", bits=6, precision=3, emin=-2, style=nf.Style.FINITE)
    >>> nf.decode([1, 31], fmt).tolist()
    [0.0625, 28.0]
    """

    precision: int
    emin: int
    signed: bool = True
    subnormals: bool = True
    zero: bool = True
    style: Style = Style.IEEE

    def __post_init__(self) -> None:
        self._check_fields("bits", "precision", "emin")
        if not isinstance(self.style, Style):
            object.__setattr__(self, "style", choose(Style, self.style, "style"))
        if not 2 <= self.bits <= 64 - (not self.signed):
            raise self._refuse(
                f"bits={self.bits} is out of range; a float has 2 to 64 bits, 63 if unsigned"
            )
        room = self.bits - self.signed
        if not 1 <= self.precision <= room:
            raise self._refuse(
                f"precision={self.precision} needs {self.precision - 1} trailing bits and at "
                f"least 1 exponent bit, but bits={self.bits} leaves {room}"
                + (" after the sign" if self.signed else "")
            )
        if self.exponent_bits > MAX_EXPONENT_BITS or abs(self.emin) > 1 << MAX_EXPONENT_BITS:
            raise self._refuse(
                f"exponents of {self.exponent_bits} bits around emin={self.emin} are past what "
                f"numfmt computes with ({MAX_EXPONENT_BITS} bits)"
            )
        if not self.signed and self.style in (Style.FNUZ, Style.IEEE):
            raise self._refuse(
                f"style {self.style.value!r} is defined for signed formats; use 'fn', 'finite' "
                "or a p3109 style"
            )
        if not self.zero and (
            self.signed or self.subnormals or self.style is not Style.FN or self.precision > 1
        ):
            raise self._refuse(
                "a format without zero is unsigned, 'fn', of precision 1 and without subnormals"
            )
        least = 1 if self.subnormals else 1 << self.trailing_bits
        if self._largest_code() < (least if self.zero else 0):
            raise self._refuse("no finite value but zero is left; give it more bits")

    def _largest_code(self) -> int:
        """Return the largest finite magnitude code."""
        codes = 1 << (self.bits - self.signed)
        if self.style is Style.IEEE:
            return codes - (1 << self.trailing_bits) - 1
        reserved = int(self.style is Style.FN) + int(self.style is Style.P3109_EXTENDED)
        if not self.signed and self.style in (Style.P3109_EXTENDED, Style.P3109_FINITE):
            reserved += 1
        return codes - 1 - reserved

    @property
    def family(self) -> str:
        """``float``."""
        return "float"

    @property
    def default_overflow(self) -> Overflow:
        """IEEE 754 for ieee; NaN for fn and fnuz; clamping for finite; SatNone for P3109.

        E8M0 clamps finite values and turns infinity into NaN.
        """
        return _OVERFLOW[self.style] if self.zero else Overflow.CLAMP_FINITE

    @property
    def trailing_bits(self) -> int:
        """Width of the trailing significand, precision - 1."""
        return self.precision - 1

    @property
    def exponent_bits(self) -> int:
        """Width of the exponent field."""
        return self.bits - self.signed - self.trailing_bits

    @property
    def bias(self) -> int:
        """Exponent field of the binade of 1."""
        return int(self.zero) - self.emin

    @property
    def emax(self) -> int:
        """Exponent of the largest finite value."""
        row = self.largest_ordinal(0) >> self.trailing_bits
        return self.emin + row - 1 if row else self.largest.numerator.bit_length() - 1

    @property
    def grid(self) -> Grid:
        """The format as numbers."""
        p3109 = self.style in (Style.P3109_EXTENDED, Style.P3109_FINITE)
        first = 0 if self.zero else 1
        largest = self._largest_code() + first
        return self._make_grid(
            t=self.trailing_bits,
            emin=self.emin,
            gap=0 if self.subnormals or not self.zero else self.trailing_bits,
            first=first,
            signed=self.signed,
            largest=(largest, largest if self.signed else 0),
            negative_zero=self.signed and not p3109 and self.style is not Style.FNUZ,
            specials=True,
            infinity=self._has_infinity(),
            underflows=self.zero,
        )

    def _has_infinity(self) -> bool:
        return self.style in (Style.IEEE, Style.P3109_EXTENDED)

    def nan_code(self, negative: int) -> int | None:
        """Return the canonical NaN code of that sign (quiet, payload 0), or None."""
        sign = 1 << (self.bits - 1)
        if self.style is Style.FINITE or (self.style is Style.IEEE and self.trailing_bits == 0):
            return None
        if self.style is Style.IEEE:
            infinity = self._largest_code() + 1
            return infinity | 1 << (self.trailing_bits - 1) | (sign if negative else 0)
        if self.style is Style.FN:
            return (1 << (self.bits - self.signed)) - 1 | (sign if negative and self.signed else 0)
        return sign if self.signed else (1 << self.bits) - 1

    def is_signalling(self, code: int) -> bool:
        """Return whether a NaN code is signalling (IEEE 754-2019, 6.2.1)."""
        return (
            self.style is Style.IEEE
            and self.trailing_bits > 0
            and code & (sign_mask(self.bits) - 1) > self._largest_code() + 1
            and not code >> (self.trailing_bits - 1) & 1
        )


def sign_mask(bits: int) -> int:
    """Return the sign bit of a code of `bits` bits."""
    return 1 << (bits - 1)

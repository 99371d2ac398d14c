"""Integers and fixed point: an integer times a power of two."""

import dataclasses
import enum

from ..params import Grid
from ..rounding import Overflow, choose
from .grid import GridFormat


class Encoding(enum.Enum):
    """How the integer of a fixed-point code is written.

    `NARROW` is two's complement whose most negative code is read but never made, so that the
    range is symmetric; `SIGN_MAGNITUDE` has a minus zero.
    """

    TWOS_COMPLEMENT = "twos_complement"
    NARROW = "narrow"
    SIGN_MAGNITUDE = "sign_magnitude"
    UNSIGNED = "unsigned"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FixedFormat(GridFormat):
    """An integer of `bits` bits times 2**-fraction_bits.

    Attributes
    ----------
    fraction_bits : int
        Digits after the binary point; negative and larger than `bits` are allowed.
    encoding : Encoding
        Two's complement, narrow, sign-magnitude or unsigned.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode([0x80, 0x7f], nf.get("q1.7")).tolist()
    [-1.0, 0.9921875]
    """

    fraction_bits: int = 0
    encoding: Encoding = Encoding.TWOS_COMPLEMENT

    def __post_init__(self) -> None:
        self._check_fields("bits", "fraction_bits")
        if not isinstance(self.encoding, Encoding):
            object.__setattr__(self, "encoding", choose(Encoding, self.encoding, "encoding"))
        least = 2 if self.encoding in (Encoding.NARROW, Encoding.SIGN_MAGNITUDE) else 1
        if not least <= self.bits <= 64:
            raise self._refuse(
                f"bits={self.bits} is out of range; encoding {self.encoding.value!r} takes "
                f"{least} to 64"
            )
        if abs(self.fraction_bits) > 1 << 16:
            raise self._refuse(f"fraction_bits={self.fraction_bits} is not within +-65536")

    @property
    def family(self) -> str:
        """``fixed``."""
        return "fixed"

    @property
    def default_overflow(self) -> Overflow:
        """Clamping, infinity too."""
        return Overflow.SATURATE

    @property
    def trailing_bits(self) -> int:
        """One less than the digits of the widest magnitude."""
        return self.bits - 1

    @property
    def signed(self) -> bool:
        """Whether negative values exist."""
        return self.encoding is not Encoding.UNSIGNED

    @property
    def wraps(self) -> bool:
        """Whether overflow may wrap: two's complement and unsigned."""
        return self.encoding in (Encoding.TWOS_COMPLEMENT, Encoding.UNSIGNED)

    @property
    def grid(self) -> Grid:
        """The format as numbers: every magnitude has the same quantum."""
        twos = self.encoding in (Encoding.TWOS_COMPLEMENT, Encoding.NARROW)
        positive = (1 << (self.bits - self.signed)) - 1
        negative = positive if self.signed else 0
        if self.encoding is Encoding.TWOS_COMPLEMENT:
            negative += 1
        return self._make_grid(
            t=self.trailing_bits,
            emin=self.trailing_bits - self.fraction_bits,
            signed=self.signed,
            largest=(positive, negative),
            twos=twos,
            negative_zero=self.encoding is Encoding.SIGN_MAGNITUDE,
            underflows=False,
        )

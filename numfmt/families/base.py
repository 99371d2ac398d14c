"""What every format has in common: a name, a width, a source, and defaults for a call."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import FormatError
from ..rounding import Overflow, Rounding


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A set of values and their codes.

    Attributes
    ----------
    name : str
        The canonical name; letter case does not count.
    bits : int
        Width of a code.
    source : str
        Where the definition stands: document and clause.
    aliases : tuple of str
        Other names that mean exactly this format.
    """

    name: str
    bits: int
    source: str = dataclasses.field(default="", compare=False)
    aliases: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    @property
    def family(self) -> str:
        """The number system: ``float``, ``fixed``, ``posit``, ``takum``, ..."""
        raise TypeError(f"{type(self).__name__} does not say its family")

    @property
    def kind(self) -> str:
        """``scalar``, or ``block`` where elements share a scale."""
        return "scalar"

    @property
    def structure(self) -> tuple[object, ...]:
        """All that defines the codes: every field but names and source."""
        ignored = ("name", "source", "aliases")
        return type(self).__name__, *(
            getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in ignored
        )

    @property
    def default_rounding(self) -> Rounding:
        """The mode that the governing document names."""
        return Rounding.NEAREST_EVEN

    @property
    def default_overflow(self) -> Overflow:
        """The rule that the governing document names."""
        raise TypeError(f"{type(self).__name__} does not say its overflow rule")

    @property
    def code_dtype(self) -> np.dtype[Any]:
        """The smallest unsigned dtype that holds a code."""
        for width in (8, 16, 32):
            if self.bits <= width:
                return np.dtype(f"u{width // 8}")
        return np.dtype("u8")

    def _check_fields(self, *integers: str) -> None:
        """Refuse a name that nobody could look up, and widths that are not integers."""
        for name in (self.name, *self.aliases):
            if not isinstance(name, str) or not name or name != name.strip():
                raise FormatError(
                    f"{type(self).__name__}: name={name!r} must be text without blanks around it"
                )
        for field in integers:
            value = getattr(self, field)
            if isinstance(value, np.integer):
                value = int(value)
                object.__setattr__(self, field, value)
            if isinstance(value, bool) or not isinstance(value, int):
                raise self._refuse(f"{field}={value!r} is not an integer")

    def _refuse(self, problem: str) -> FormatError:
        return FormatError(f"{type(self).__name__} {self.name!r}: {problem}")

    def to_dict(self) -> dict[str, Any]:
        """Return every defining field by name, ready for JSON."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {"class": type(self).__name__} | {
            key: _plain(value) for key, value in fields.items()
        }


def _plain(value: Any) -> Any:
    """Return a field as JSON has it: lists, names, and exact numbers as text."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Format):
        return value.to_dict()
    return getattr(value, "value", value)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScalarFormat(Format):
    """A format whose codes stand for numbers, infinities and NaNs, one by one."""

    @property
    def signed_values(self) -> bool:
        """Whether negative values exist."""
        raise TypeError(f"{type(self).__name__} does not say whether it has negative values")

    @property
    def has_nan(self) -> bool:
        """Whether some code is NaN."""
        return self.nan_code(0) is not None

    @property
    def has_infinity(self) -> bool:
        """Whether some code is an infinity."""
        return self.infinity_code(0) is not None

    @property
    def has_zero(self) -> bool:
        """Whether some code is zero."""
        return True

    @property
    def has_negative_zero(self) -> bool:
        """Whether minus zero has a code of its own."""
        return False

    @property
    def has_flags(self) -> bool:
        """Whether the documents of the format define status flags."""
        return False

    @property
    def wraps(self) -> bool:
        """Whether the codes are all integers of a ring, so that overflow may wrap."""
        return False

    @property
    def policies(self) -> tuple[Overflow, ...]:
        """Overflow policies that mean something here, or nothing where the values decide."""
        return ()

    def refusal(self, rounding: Rounding) -> str:
        """Return why a rounding mode means nothing here, or nothing where it does."""
        del rounding
        return ""

    def nan_code(self, negative: int) -> int | None:
        """Return the canonical NaN code of that sign, or None where there is no NaN."""
        del negative
        return None

    def infinity_code(self, negative: int) -> int | None:
        """Return the code of an infinity, or None where it has none."""
        del negative
        return None

    @property
    def dyadic(self) -> bool:
        """Whether every value is an integer of at most 64 bits times a power of two."""
        return True

    def unused_codes(self) -> tuple[int, ...]:
        """Return the codes that stand for nothing at all."""
        return ()

    @property
    def largest(self) -> Fraction:
        """The largest finite value, or what `decode` gives for it where it is irrational."""
        raise TypeError(f"{type(self).__name__} does not say its largest value")

    @property
    def lowest(self) -> Fraction:
        """The most negative finite value; the smallest one where all are positive."""
        raise TypeError(f"{type(self).__name__} does not say its lowest value")

    @property
    def smallest(self) -> Fraction | None:
        """The smallest positive value."""
        raise TypeError(f"{type(self).__name__} does not say its smallest value")

    @property
    def around_one(self) -> tuple[Fraction | None, int | None, Fraction | None]:
        """The value below 1, the code of 1 and the value above 1; None for what there is not."""
        raise TypeError(f"{type(self).__name__} does not say where 1 is")

    def largest_code(self, negative: int) -> int:
        """Return the code of the largest finite magnitude of that sign."""
        raise TypeError(f"{type(self).__name__} does not say its largest code")

    @property
    def fits_float64(self) -> bool:
        """Whether every code stands for a float64."""
        raise TypeError(f"{type(self).__name__} does not say what it fits")

    @property
    def fits_float32(self) -> bool:
        """Whether every code stands for a float32."""
        raise TypeError(f"{type(self).__name__} does not say what it fits")

"""What every format has in common: a name, a width, a source, and defaults for a call."""

import dataclasses
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
        """The number system: ``float`` or ``fixed``."""
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
            if isinstance(value, bool) or not isinstance(value, int):
                raise self._refuse(f"{field}={value!r} is not an integer")

    def _refuse(self, problem: str) -> FormatError:
        return FormatError(f"{type(self).__name__} {self.name!r}: {problem}")

    def to_dict(self) -> dict[str, Any]:
        """Return every defining field by name, ready for JSON."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {"class": type(self).__name__} | {
            key: getattr(value, "value", value) if not isinstance(value, tuple) else list(value)
            for key, value in fields.items()
        }

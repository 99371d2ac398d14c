"""Codebooks: any set of values with a code each, encoded by the nearest value."""

import bisect
import dataclasses
import functools
import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from ..rounding import CLAMPING, Overflow, Rounding, choose
from .base import ScalarFormat
from .grid import text_of

MAX_BITS = 16
_DEFAULT_TIES = Rounding.NEAREST_DOWN


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CodebookFormat(ScalarFormat):
    """A sorted set of values with a code each; a value is encoded as its nearest neighbour.

    Attributes
    ----------
    values : sequence of Fraction, int or float
        The finite values in increasing order, without repetition, each taken exactly.
    codes : sequence of int, optional
        The code of each value. Default: its index.
    thresholds : sequence of Fraction, int or float, optional
        Where the nearest neighbour changes, one strictly between each two values.
        Default: the midpoints.
    ties : Rounding or str
        Where a threshold itself goes, the format's own rounding mode: ``nearest_down`` (the lower
        value), ``nearest_up``, ``nearest_even`` (the even code), ``nearest_zero``,
        ``nearest_away``.
    ranks : sequence of int, optional
        At a tie under ``nearest_even`` the value of lower rank wins, the lower value if they are
        the same. Default: the last bit of the code.
    negative_zero : int, optional
        Code of minus zero, and of negative values that round to zero (not of those past a lower
        end that is zero).
    keeps_minus_zero : bool
        Where False, minus zero itself gets the code of 0 (programs that ask x < 0).
    nan : int, optional
        The NaN code.
    infinities : pair of int, optional
        Codes of +infinity and -infinity.
    beyond : Fraction, optional
        The magnitude that would follow the largest one: past the threshold to it, finite values
        follow the overflow policy. Default: they do as soon as they are past the largest.
    read_only : sequence of (code, value)
        Codes that are read and never made.
    overflow : Overflow or str
        The format's own overflow policy.
    scaling : str
        The scale that belongs to the set, in words; a codebook itself is unscaled.

    Examples
    --------
    >>> import numfmt as nf
    >>> fmt = nf.CodebookFormat(name="mine", bits=2, values=(-1, 0, 0.5, 2), ties="nearest_up")
    >>> nf.encode([-0.5, 0.2, 0.25, 1e9], fmt).tolist()
    [1, 1, 2, 3]
    """

    values: tuple[Fraction, ...]
    codes: tuple[int, ...] = ()
    thresholds: tuple[Fraction, ...] = ()
    ties: Rounding = _DEFAULT_TIES
    ranks: tuple[int, ...] = ()
    negative_zero: int | None = None
    keeps_minus_zero: bool = True
    nan: int | None = None
    infinities: tuple[int, int] | None = None
    beyond: Fraction | None = None
    read_only: tuple[tuple[int, Fraction], ...] = ()
    overflow: Overflow = Overflow.SATURATE
    scaling: str = ""

    def __post_init__(self) -> None:
        self._check_fields("bits")
        if not 1 <= self.bits <= MAX_BITS:
            raise self._refuse(
                f"bits={self.bits} is out of range; a codebook has 1 to {MAX_BITS} bits"
            )
        put = functools.partial(object.__setattr__, self)
        put("values", self._exact("values", self.values))
        put("thresholds", self._exact("thresholds", self.thresholds))
        put("codes", self._integers("codes", self.codes) or tuple(range(len(self.values))))
        put("ranks", self._integers("ranks", self.ranks) or tuple(c & 1 for c in self.codes))
        put("ties", choose(Rounding, self.ties, "ties"))
        put("overflow", choose(Overflow, self.overflow, "overflow"))
        for field in ("negative_zero", "nan"):
            code = getattr(self, field)
            put(field, None if code is None else self._integers(field, (code,))[0])
        if self.infinities is not None:
            put("infinities", self._integers("infinities", self.infinities))
            if len(self.infinities) != 2:
                raise self._refuse(f"infinities={self.infinities!r} is not two codes")
        if self.beyond is not None:
            put("beyond", self._exact("beyond", (self.beyond,))[0])
        try:
            pairs = [(code, value) for code, value in self.read_only]
        except (TypeError, ValueError):
            raise self._refuse("read_only is not a sequence of (code, value) pairs") from None
        codes = self._integers("read_only", [code for code, _ in pairs])
        values = self._exact("read_only", [value for _, value in pairs])
        put("read_only", tuple(zip(codes, values, strict=True)))
        self._check_values()
        self._check_codes()
        if not self.ties.value.startswith("nearest"):
            raise self._refuse(f"ties={self.ties.value!r} is not a nearest mode")
        if self.overflow not in self.policies or (
            self.overflow is Overflow.NAN and self.nan is None
        ):
            raise self._refuse(
                f"overflow={self.overflow.value!r} needs what the set does not have; 'saturate' "
                "needs nothing"
            )

    def _exact(self, field: str, numbers: Sequence[Fraction | float]) -> tuple[Fraction, ...]:
        found = []
        if isinstance(numbers, str) or not isinstance(numbers, Iterable):
            raise self._refuse(f"{field}={numbers!r} is not a sequence of numbers")
        for index, number in enumerate(numbers):
            if isinstance(number, np.generic):
                number = number.item()
            try:
                found.append(Fraction(number))
            except (TypeError, ValueError, OverflowError):
                raise self._refuse(
                    f"{field}[{index}]={number!r} is not a finite number; give NaN and infinity "
                    "codes of their own with nan= and infinities="
                ) from None
        return tuple(found)

    def _integers(self, field: str, numbers: Sequence[int]) -> tuple[int, ...]:
        if not isinstance(numbers, Iterable):
            raise self._refuse(f"{field}={numbers!r} is not a sequence of integers")
        found = []
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | np.integer):
                what = "code" if field != "ranks" else "rank"
                raise self._refuse(f"{field}: {what} {number!r} is not an integer")
            found.append(int(number))
        return tuple(found)

    def _check_values(self) -> None:
        if not self.values:
            raise self._refuse("values is empty; a codebook has at least one value")
        for field in ("values", "thresholds"):
            numbers = getattr(self, field)
            for index, (one, two) in enumerate(itertools.pairwise(numbers)):
                if one == two:
                    raise self._refuse(
                        f"{field}[{index}] and {field}[{index + 1}] are both {text_of(one)}; give "
                        "each value once"
                    )
                if one > two:
                    raise self._refuse(
                        f"{field}[{index + 1}]={text_of(two)} is less than {field}[{index}]="
                        f"{text_of(one)}; sort them, and their codes with them"
                    )
        if self.thresholds:
            if len(self.thresholds) != len(self.values) - 1:
                raise self._refuse(
                    f"{len(self.thresholds)} thresholds for {len(self.values)} values; there is "
                    "one between each two values"
                )
            for index, limit in enumerate(self.thresholds):
                if not self.values[index] < limit < self.values[index + 1]:
                    raise self._refuse(
                        f"thresholds[{index}]={text_of(limit)} is not between its values "
                        f"{text_of(self.values[index])} and {text_of(self.values[index + 1])}"
                    )
        if self.beyond is not None and self.beyond <= max(-self.values[0], self.values[-1]):
            raise self._refuse(
                f"beyond={text_of(self.beyond)} is not past the largest magnitude of the values"
            )

    def _check_codes(self) -> None:
        named = [*self.codes, *(code for code, _ in self.read_only), *(self.infinities or ())]
        named += [code for code in (self.negative_zero, self.nan) if code is not None]
        for field in ("codes", "ranks"):
            if len(getattr(self, field)) != len(self.values):
                raise self._refuse(
                    f"{len(getattr(self, field))} {field} for {len(self.values)} values"
                )
        for code in named:
            if not 0 <= code < 1 << self.bits:
                raise self._refuse(
                    f"code {code!r} is not an integer of {self.bits} bits, 0 to "
                    f"{(1 << self.bits) - 1}"
                )
        if len(set(named)) < len(named):
            twice = next(code for code in named if named.count(code) > 1)
            raise self._refuse(f"code {twice:#x} stands for two things; give each its own")
        if self.negative_zero is not None and not self.has_zero:
            raise self._refuse("negative_zero needs the value 0")

    def __repr__(self) -> str:
        """Return the name, the width and the range: sets may be long."""
        return (
            f"CodebookFormat(name={self.name!r}, bits={self.bits}, {len(self.values)} values from "
            f"{text_of(self.values[0])} to {text_of(self.values[-1])})"
        )

    def __eq__(self, other: object) -> bool:
        """Compare everything that defines the codes, and the name."""
        if self is other:
            return True
        if not isinstance(other, CodebookFormat):
            return NotImplemented
        return (self.name, self.structure) == (other.name, other.structure)

    def __hash__(self) -> int:
        """Hash little: sets of values may be long, and equality looks at all of them."""
        return hash((self.name, self.bits, len(self.values)))

    @property
    def structure(self) -> tuple[object, ...]:
        """All that defines the codes."""
        ignored = ("name", "source", "aliases", "scaling")
        return type(self).__name__, *(
            getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in ignored
        )

    @property
    def family(self) -> str:
        """``codebook``."""
        return "codebook"

    @property
    def default_rounding(self) -> Rounding:
        """The tie rule of the set."""
        return self.ties

    @property
    def default_overflow(self) -> Overflow:
        """The rule of the set; most clamp."""
        return self.overflow

    @property
    def policies(self) -> tuple[Overflow, ...]:
        """Those that need no more than the set has."""
        kept = (Overflow.IEEE, Overflow.INFINITY) if self.infinities else ()
        return (*CLAMPING, *kept, Overflow.NAN, Overflow.RAISE)

    def refusal(self, rounding: Rounding) -> str:
        """Return why a mode means nothing here: the codes of neighbours have no last digit."""
        if rounding in (Rounding.TO_ODD, Rounding.JAM):
            return "the codes of neighbouring values do not differ in a last digit"
        return ""

    @property
    def signed_values(self) -> bool:
        """Whether negative values exist."""
        return self.values[0] < 0

    @property
    def has_zero(self) -> bool:
        """Whether zero is in the set."""
        index = bisect.bisect_left(self.values, 0)
        return index < len(self.values) and self.values[index] == 0

    @property
    def has_negative_zero(self) -> bool:
        """Whether minus zero has a code of its own."""
        return self.negative_zero is not None

    def nan_code(self, negative: int) -> int | None:
        """Return the NaN code, or None."""
        return self.nan

    def infinity_code(self, negative: int) -> int | None:
        """Return the code of an infinity, or None."""
        return self.infinities[negative] if self.infinities else None

    def largest_code(self, negative: int) -> int:
        """Return the code at that end of the set."""
        return self.codes[0 if negative else -1]

    @property
    def largest(self) -> Fraction:
        """The largest value."""
        return self.values[-1]

    @property
    def lowest(self) -> Fraction:
        """The lowest value."""
        return self.values[0]

    @property
    def smallest(self) -> Fraction | None:
        """The smallest positive value."""
        index = bisect.bisect_right(self.values, 0)
        return self.values[index] if index < len(self.values) else None

    @property
    def around_one(self) -> tuple[Fraction | None, int | None, Fraction | None]:
        """The value below 1, the code of 1 and the value above 1."""
        index = bisect.bisect_left(self.values, 1)
        if index == len(self.values) or self.values[index] != 1:
            return None, None, None
        below = self.values[index - 1] if index else None
        above = self.values[index + 1] if index + 1 < len(self.values) else None
        return below, self.codes[index], above

    def readings(self) -> dict[int, Fraction]:
        """Return the value of every code that has one, zeros without their sign."""
        found = dict(zip(self.codes, self.values, strict=True)) | dict(self.read_only)
        if self.negative_zero is not None:
            found[self.negative_zero] = Fraction(0)
        return found

    def unused_codes(self) -> tuple[int, ...]:
        """Return the codes that stand for nothing at all."""
        return _unused(self)

    @property
    def dyadic(self) -> bool:
        """Whether every value is an integer of at most 64 bits times a power of two."""
        return _fits(self, 64, -(1 << 40), 1 << 20)

    @property
    def fits_float64(self) -> bool:
        """Whether every value is a float64."""
        return _fits(self, 53, -1074, 1024)

    @property
    def fits_float32(self) -> bool:
        """Whether every value is a float32."""
        return _fits(self, 24, -149, 128)


@functools.lru_cache(maxsize=256)
def _unused(fmt: CodebookFormat) -> tuple[int, ...]:
    used = {*fmt.readings(), fmt.nan, *(fmt.infinities or ())}
    return tuple(code for code in range(1 << fmt.bits) if code not in used)


@functools.lru_cache(maxsize=256)
def _fits(fmt: CodebookFormat, digits: int, quantum: int, past: int) -> bool:
    """Return whether floats of so many digits, and these exponents, hold every value."""
    return all(_is_float(value, digits, quantum, past) for value in fmt.readings().values())


def _is_float(value: Fraction, digits: int, quantum: int, past: int) -> bool:
    numerator, denominator = abs(value.numerator), value.denominator
    if numerator == 0:
        return True
    trailing = (numerator & -numerator).bit_length() - 1
    exponent = trailing - (denominator.bit_length() - 1)
    return (
        denominator & (denominator - 1) == 0
        and numerator.bit_length() - trailing <= digits
        and exponent >= quantum
        and numerator < denominator << past
    )

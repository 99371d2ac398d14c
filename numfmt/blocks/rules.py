"""Scale rules: from the statistic of a block to its raw scale; and searches around them."""

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import integer_option
from ..errors import FormatError
from ..families.block_options import ScaleRule, Statistic
from ..families.blocks import BlockFormat
from ..families.grid import floor_log2
from ..rounding import choose
from .arithmetic import Arithmetic, odd_quotient

Array = npt.NDArray[Any]
_BINARY32 = np.float32


def raw_scales(a: Array, limit: Fraction, fmt: BlockFormat, arithmetic: Arithmetic) -> Array:
    """Return the raw scale r of each finite statistic; where that is 0 the result means nothing."""
    rule = fmt.rule
    if rule in (ScaleRule.AMAX, ScaleRule.M2, ScaleRule.FOUR_OVER_SIX):
        return arithmetic.quotient(a, limit)
    wide = a.astype(np.float64)
    if rule is ScaleRule.RCEIL:
        reciprocal = _BINARY32(1) / _BINARY32(float(limit))
        product = wide.astype(_BINARY32) * reciprocal
        return arithmetic.take(_power_above(product.astype(np.float64)))
    if rule is ScaleRule.M1:
        return arithmetic.take(_power_above(odd_quotient(wide, np.asarray(float(limit)))))
    power = _power_below(wide)
    if rule is ScaleRule.CEIL:
        power = np.where(wide > power, 2 * power, power)
    elif rule is ScaleRule.NEAREST:
        power = np.where(wide >= 1.5 * power, 2 * power, power)
    elif rule is ScaleRule.EVEN:
        half = power * 2.0 ** -(fmt.element_precision or 0)
        power = np.where(wide >= 2 * power - half, 2 * power, power)
    return arithmetic.take(np.asarray(power * 2.0 ** -floor_log2(limit)))


def _power_below(x: Array) -> Array:
    """Return the largest power of two that is not above each x >= 0, from its exponent bits."""
    words = x.view(np.int64) & (0x7FF << 52)
    if (words == 0).any():  # subnormals, or zero
        m, e = np.frexp(x)
        return np.asarray(np.where(m > 0, np.ldexp(1.0, e.astype(np.int64) - 1), 0))
    return words.view(np.float64)


def _power_above(x: Array) -> Array:
    power = _power_below(x)
    return np.where(power < x, 2 * power, power)


def ratios_to_largest(r: Array) -> Array:
    """Return S / 2**ceil(log2(S / r)) for positive float64 r, S the largest of them (M2)."""
    largest = r.max(initial=0.0)
    m, e = np.frexp(np.where(r > 0, r, 1))
    top, exponent = math.frexp(largest)
    k = exponent - e.astype(np.int64) + (top > m)
    return np.asarray(np.where(r > 0, np.ldexp(largest, -np.maximum(k, 0)), 0))


@dataclasses.dataclass(frozen=True, slots=True)
class ClipSearch:
    """A search of clipping: the statistic times each ratio, the smallest squared error kept.

    The grid is the caller's; that the error is the exact sum of squares of the block, and that the
    first of equals wins, is ours.

    Attributes
    ----------
    ratios : sequence of float
        Positive factors, in the order in which ties are resolved.
    rule : ScaleRule, optional
        The rule after the statistic. Default: the format's.

    Examples
    --------
    >>> import numfmt as nf
    >>> x = [1.0, 1.0, 1.0, 4.0]
    >>> nf.quantize(x, "int3_narrow_tensor").scale_values().item()
    1.3333333730697632
    >>> search = nf.ClipSearch((1.0, 0.9))
    >>> nf.quantize(x, "int3_narrow_tensor", scale_rule=search).scale_values().item()
    1.1999999284744263
    """

    ratios: tuple[float, ...]
    rule: ScaleRule | str | None = None

    def __post_init__(self) -> None:
        """Take any sequence of positive numbers."""
        try:
            ratios = tuple(float(r) for r in self.ratios)
        except (TypeError, ValueError):
            raise FormatError(
                f"ClipSearch: ratios={self.ratios!r} is no sequence of numbers"
            ) from None
        if not ratios or not all(0 < r < math.inf for r in ratios):
            raise FormatError(f"ClipSearch: ratios={self.ratios!r} must be positive numbers")
        object.__setattr__(self, "ratios", ratios)


@dataclasses.dataclass(frozen=True, slots=True)
class Percentile:
    """A statistic: the smallest magnitude that `percent` of the block's elements do not exceed.

    It is an element of the block, the ceil(percent / 100 * n)-th of its n finite ones; nothing is
    interpolated. Larger elements saturate; where it is 0, the block counts as one of zeros.

    Examples
    --------
    >>> import numpy as np, numfmt as nf
    >>> x = np.arange(1, 101, dtype=np.float32)
    >>> q = nf.quantize(x, "int8_tensor", scale_rule=nf.Percentile(50))
    >>> round(q.scale_values().item() * 127, 3)
    50.0
    """

    percent: float
    rule: ScaleRule | str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no percentage."""
        number = isinstance(self.percent, int | float | Fraction | np.floating)
        if isinstance(self.percent, bool) or not number or not 0 < self.percent <= 100:
            raise FormatError(f"Percentile: percent={self.percent!r} is no number up to 100")

    def of_rows(self, rows: Array) -> Array:
        """Return the statistic of each row."""
        finite = np.isfinite(rows)
        ordered = np.sort(np.where(finite, np.abs(rows), np.inf), axis=1)
        counts = finite.sum(axis=1)
        share = Fraction(float(self.percent)) / 100
        places = {int(n): max(math.ceil(share * int(n)) - 1, 0) for n in np.unique(counts)}
        index = np.array([places[int(n)] for n in counts], np.intp)
        found = np.take_along_axis(ordered, index[:, None], axis=1)[:, 0]
        return np.where(counts > 0, found, rows.dtype.type(0))


@dataclasses.dataclass(slots=True)
class AmaxHistory:
    """Delayed scaling: the statistic is the largest amax of the last `length` arrays.

    Each call of `quantize` uses what came before it and then adds the amax of its own array; the
    first one uses its own. An amax of 0, infinity or NaN is not added, so that it keeps the scale.

    Attributes
    ----------
    length : int
        How many arrays count.
    margin : int
        The scale is made 2**margin times larger.
    amaxes : list of float
        The history, oldest first.

    Examples
    --------
    >>> import numfmt as nf
    >>> history = nf.AmaxHistory(2)
    >>> tops = (1.0, 8.0, 2.0, 2.0)
    >>> [int(nf.quantize([top], "int8_tensor", scale_rule=history).codes[0]) for top in tops]
    [127, 127, 32, 32]
    """

    length: int
    margin: int = 0
    rule: ScaleRule | str | None = None
    amaxes: list[float] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse an empty history."""
        if isinstance(self.length, bool) or not isinstance(self.length, int) or self.length < 1:
            raise FormatError(f"AmaxHistory: length={self.length!r} is not a positive integer")
        integer_option(self.margin, -126, 126, "AmaxHistory: margin")

    def of_tensor(self, a: Array) -> Array:
        """Return the statistic to use for an array of this amax."""
        own = float(a.reshape(-1)[0])
        used = max(self.amaxes, default=own if 0 < own < math.inf else 0.0)
        return np.asarray(np.full_like(a, used) * a.dtype.type(2.0**self.margin))

    def add(self, amax: float) -> None:
        """Remember the amax of one more array."""
        if 0 < amax < math.inf:
            self.amaxes.append(amax)
            del self.amaxes[: -self.length]


Rule = ScaleRule | str | ClipSearch | Percentile | AmaxHistory


def rule_of(given: Rule | None, fmt: BlockFormat) -> ScaleRule:
    """Return the scale rule of a call; searches and statistics of their own may name one."""
    if isinstance(given, ClipSearch | Percentile | AmaxHistory):
        if fmt.statistic is not Statistic.AMAX:
            raise FormatError(
                f"scale_rule={given!r} works on amax; {fmt.name!r} uses {fmt.statistic.value}"
            )
        given = given.rule
    return fmt.rule if given is None else choose(ScaleRule, given, "scale_rule")

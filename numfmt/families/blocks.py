"""Block formats: elements that share a scale, which may itself be an element of a block format.

How `quantize` reads a `BlockFormat`, step by step; rn() rounds to `compute` (nearest_even, as IEEE
754 does), or leaves the exact number where `compute` is None:

1. Every x becomes rn(x). What a NaN or an infinity does to its block says `nonfinite`.
2. A statistic a of each block: `amax`, the largest magnitude; `absmean`, the exact mean of the
   magnitudes, rn once; `range`, the pair lo = min x, hi = max x, both widened to hold 0 if
   `include_zero`; `sides`, the pair max(x, 0), max(-x, 0), each with a scale of its own. Then
   a = max(a, rn(`statistic_min`)).
3. A raw scale r from a and the `limit` L, the value that a should become: see `ScaleRule`; rn(r).
   For `range`, a is rn(hi - lo) and L the distance of the element's largest and lowest values.
4. The scale s: r, but at least rn(`scale_min`), rounded into `scale` by `scale_rounding`,
   saturating. A block whose statistic is 0 gets what `zero_block` says instead, one whose r rounds
   to zero what `underflow` says. If `scale` is a block format of element e2, limit L2 and scale f2,
   the raw scales are quantised in turn: s2 = f2(rn(max a / (L * L2))) if both rules are `amax` or
   the first is `four_over_six`, else f2 of what its rule makes of max r and L2, with the maximum
   over the blocks that share s2 and whose scale is finite; s1 = e2(max(rn(r / s2),
   rn(`scale_min`))), or of rn(r * rn(1 / s2)) if the division of that format is `reciprocal`;
   s = s1 * s2. (Where nothing is rounded, r / s2 is one exact quotient.) What s1 and s2 are
   computed from is rounded by rn() first. All of it in the `compute` of the outermost format; with
   a zero point `mean` see there. Of several candidates the first decides s2.
5. Elements: y = rn(x / s), rn(x * rn(1 / s)) or rn(x * rn(L / a)), see `Division`, with rn() of s,
   s1 and s2 first; y = 0 where s is 0; zeros stay zeros and infinities infinite. Then y is rounded
   into `element` by `rounding` and `overflow`.
6. Of several candidates (`alternatives`, `four_over_six`, a search) the one with the smallest exact
   sum of (x - s * q)**2 is kept, the first of equals.
"""

import dataclasses
from fractions import Fraction
from math import prod

from ..errors import FormatError
from ..rounding import CLAMPING, Option, Overflow, Rounding, choose
from .base import Format, ScalarFormat
from .block_options import (
    Division,
    Granularity,
    NonFinite,
    ScaleRule,
    Statistic,
    Tail,
    ZeroPoint,
    ZeroScale,
)
from .codebooks import CodebookFormat
from .fixed import FixedFormat
from .floats import FloatFormat


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BlockFormat(Format):
    """Elements in blocks that share a scale.

    Attributes
    ----------
    element : ScalarFormat
        Format of the elements; `bits` is its width.
    scale : ScalarFormat or BlockFormat
        Format of the scales: a scalar format, or another block format (two levels).
    block : tuple of int, or Granularity
        Extent of a block along the last axes it spans: ``(32,)``, ``(128, 128)``.
    alternatives : tuple of ScalarFormat
        Further element formats, one of which each block chooses by its squared error.
    statistic, rule, limit, division
        How the scale is found and used; `limit` is the largest element value unless given, of a
        codebook the largest magnitude.
    compute : FloatFormat, optional
        The format that scales and quotients are computed in. Default: exact.
    scale_rounding : Rounding, optional
        How raw scales are rounded. Default: as the scale's format says.
    scale_min, statistic_min : Fraction, optional
        Lower bounds of the raw scale and of the statistic.
    zero_block, underflow : ZeroScale
        The scale of a block of zeros, and of one whose scale rounds to zero.
    nonfinite, tail
        What NaN and infinities do, and blocks that are not full.
    zero_point : ZeroPoint
        Where zero lies; `zero_point_format` is the format it is stored in. Default: the element's
        format, for ``float`` and ``mean`` `compute`.
    include_zero : bool
        Whether a range is widened to hold zero.
    rounding, overflow : optional
        How elements are rounded. Default: as the element's format says, and saturating.
    by_raw_scale : bool
        Whether elements are divided by the raw scale instead of the one stored.

    Examples
    --------
    >>> import numfmt as nf
    >>> fmt = nf.BlockFormat(
    ...     name="mine", element=nf.get("e3m2"), scale=nf.get("e5m2"), block=(16,)
    ... )
    >>> nf.quantize([0.5, 1.0, 28.0, 56.0], fmt).dequantize().tolist()
    [0.5, 1.0, 28.0, 56.0]
    """

    bits: int = dataclasses.field(init=False, default=0)
    element: ScalarFormat
    scale: "ScalarFormat | BlockFormat"
    block: tuple[int, ...] | Granularity
    alternatives: tuple[ScalarFormat, ...] = ()
    statistic: Statistic = Statistic.AMAX
    rule: ScaleRule = ScaleRule.AMAX
    limit: Fraction | None = None
    division: Division = Division.DIVIDE
    compute: FloatFormat | None = None
    scale_rounding: Rounding | None = None
    scale_min: Fraction | None = None
    statistic_min: Fraction | None = None
    zero_block: ZeroScale = ZeroScale.SMALLEST
    underflow: ZeroScale = ZeroScale.SMALLEST
    nonfinite: NonFinite = NonFinite.REFUSE
    tail: Tail = Tail.SHORT
    zero_point: ZeroPoint = ZeroPoint.NONE
    zero_point_format: ScalarFormat | None = None
    include_zero: bool = True
    rounding: Rounding | None = None
    overflow: Overflow | None = None
    by_raw_scale: bool = False

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        self._check_fields()
        for field, kind in _OPTIONS.items():
            value = getattr(self, field)
            if value is not None:
                object.__setattr__(self, field, choose(kind, value, field))
        for field in ("limit", "scale_min", "statistic_min"):
            self._take_bound(field)
        self._check_formats()
        self._check_compute()
        self._take_block()
        self._check_rules()
        object.__setattr__(self, "bits", self.element.bits)

    def __repr__(self) -> str:
        """Show the formats by name and whatever is not usual."""
        shown = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name in ("bits", "source", "aliases") or value == field.default:
                continue
            if isinstance(value, ScalarFormat):
                value = value.name
            elif field.name == "alternatives":
                value = tuple(entry.name for entry in value)
            shown.append(f"{field.name}={getattr(value, 'value', value)!r}")
        return f"BlockFormat({', '.join(shown)})"

    def _take_bound(self, field: str) -> None:
        value = getattr(self, field)
        if value is None:
            return
        try:
            exact = Fraction(value)
        except (TypeError, ValueError, OverflowError):
            raise self._refuse(f"{field}={value!r} is not a finite number") from None
        if not 0 < exact < 1 << 1000 or exact < Fraction(1, 1 << 1000):
            raise self._refuse(f"{field}={value!r} is not within 2**-1000 to 2**1000")
        object.__setattr__(self, field, exact)

    def _check_formats(self) -> None:
        if not isinstance(self.alternatives, tuple | list):
            raise self._refuse(f"alternatives={self.alternatives!r} is no tuple of formats")
        object.__setattr__(self, "alternatives", tuple(self.alternatives))
        scalars = [("element", self.element), *(("alternatives", a) for a in self.alternatives)]
        if not isinstance(self.scale, BlockFormat):
            scalars.append(("scale", self.scale))
        for field, entry in scalars:
            if not isinstance(entry, ScalarFormat):
                raise self._refuse(
                    f"{field}={entry!r} is not a scalar format; write numfmt.get('<name>')"
                )
        if self.zero_point_format is not None and not isinstance(
            self.zero_point_format, ScalarFormat
        ):
            raise self._refuse(f"zero_point_format={self.zero_point_format!r} is no scalar format")
        if any(a.bits != self.element.bits for a in self.alternatives):
            raise self._refuse("the alternatives must be as wide as the element")
        if isinstance(self.scale, BlockFormat) and (
            isinstance(self.scale.scale, BlockFormat) or self.scale.alternatives
        ):
            raise self._refuse("scales have at most two levels, the outer one without alternatives")
        if self.compute is not None and not (
            isinstance(self.compute, FloatFormat)
            and (self.compute.precision <= 25 or self.compute.name == "binary64")
            and self.compute.fits_float64
            and self.compute.has_infinity
        ):
            raise self._refuse(
                f"compute={self.compute!r} is not a float format with infinities of at most 25 "
                "digits, nor binary64"
            )

    def _check_compute(self) -> None:
        """Refuse elements past the format that quotients are computed in, and drawn scales."""
        if self.compute is not None and self.element.largest > self.compute.largest:
            raise self._refuse(
                f"{self.element.name!r} has values past the end of compute={self.compute.name!r}; "
                "compute in a wider format"
            )
        drawn = self.scale_rounding is not None and self.scale_rounding.stochastic
        inner = self.scale
        if drawn or (isinstance(inner, BlockFormat) and inner.default_rounding.stochastic):
            raise self._refuse("scales are not rounded stochastically")
        object.__setattr__(self, "include_zero", bool(self.include_zero))

    def _take_block(self) -> None:
        block: object = self.block
        if isinstance(block, str | Granularity):
            object.__setattr__(self, "block", choose(Granularity, block, "block"))
            return
        given = block if isinstance(block, tuple | list) else (block,)
        sizes = tuple(int(n) if hasattr(n, "__index__") and n is not True else n for n in given)
        if not sizes or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in sizes):
            raise self._refuse(
                f"block={block!r} is no tuple of positive sizes, nor tensor, channel or row"
            )
        object.__setattr__(self, "block", sizes)

    def _check_rules(self) -> None:
        uses_range = self.statistic is Statistic.RANGE
        shifted = self.zero_point not in (ZeroPoint.NONE, ZeroPoint.MEAN)
        if uses_range != shifted:
            raise self._refuse(
                "a zero point (after, inside, float) and the statistic 'range' go together"
            )
        if self.compute is None and (
            uses_range or self.statistic is Statistic.ABSMEAN or self.zero_point is ZeroPoint.MEAN
        ):
            raise self._refuse("means, ranges and zero points need a `compute` format")
        if self.compute is None and self.by_raw_scale:
            raise self._refuse("by_raw_scale needs a `compute` format, which the raw scale is of")
        integers = isinstance(self.element, FixedFormat) and self.element.fraction_bits == 0
        if shifted and not integers:
            raise self._refuse("zero points are among integers; element must be int or uint")
        if shifted and (self.two_level or self.alternatives):
            raise self._refuse("zero points go with one level of scales and one element format")
        if self.rule is ScaleRule.FOUR_OVER_SIX and (uses_range or self.max_element != 6):
            raise self._refuse(
                "four_over_six wants an element whose largest value is 6, as e2m1, no zero point"
            )
        if self.rule is ScaleRule.EVEN and self.element_precision is None:
            raise self._refuse("the rule 'even' wants an element that is a float or fixed point")
        if self.statistic is Statistic.SIDES and self.two_level:
            raise self._refuse("the statistic 'sides' goes with one level of scales")
        if self.division is Division.RATIO and (
            self.two_level or uses_range or self.compute is None
        ):
            raise self._refuse(
                "division 'ratio' goes with a `compute` format, one level of scales, no zero point"
            )
        if any(self.limit_of(e) >= 1 << 1000 for e in (self.element, *self.alternatives)):
            raise self._refuse("the largest element is past 2**1000; give a limit")
        self._check_levels()
        if self.nonfinite in (NonFinite.NAN_BLOCK, NonFinite.P3109) and not self.scale_code.has_nan:
            raise self._refuse(
                f"nonfinite={self.nonfinite.value!r} needs a scale format with NaN, which "
                f"{self.scale_code.name!r} has not"
            )

    def _check_levels(self) -> None:
        inner = self.scale
        if not isinstance(inner, BlockFormat):
            return
        if self.rule is ScaleRule.M2 or inner.rule in (ScaleRule.M2, ScaleRule.FOUR_OVER_SIX):
            raise self._refuse("m2 goes with one level of scales, four_over_six with elements")
        if inner.statistic is not Statistic.AMAX or inner.division is Division.RATIO:
            raise self._refuse("scales of scales have the statistic amax and no division 'ratio'")
        if inner.zero_point is ZeroPoint.MEAN and (
            self.scale_min is not None
            or inner.zero_point_format not in (None, self.compute)
            or self.compute is None
            or not inner.element.signed_values
        ):
            raise self._refuse(
                "scales less their mean go with a `compute` format, which the mean is stored in, "
                "a signed element and no scale_min"
            )

    @property
    def family(self) -> str:
        """``block``."""
        return "block"

    @property
    def kind(self) -> str:
        """``block``."""
        return "block"

    @property
    def default_rounding(self) -> Rounding:
        """How elements are rounded unless the call says otherwise."""
        return self.element.default_rounding if self.rounding is None else self.rounding

    @property
    def default_overflow(self) -> Overflow:
        """What elements past the end become unless the call says otherwise."""
        if self.overflow is not None:
            return self.overflow
        keeps = self.nonfinite in (NonFinite.PER_ELEMENT, NonFinite.P3109)
        wanted = Overflow.SATURATE_PROPAGATE if keeps else Overflow.SATURATE
        policies = self.element.policies or (*CLAMPING, Overflow.SATURATE)
        return wanted if wanted in policies else self.element.default_overflow

    def rounding_of(self, element: ScalarFormat) -> Rounding:
        """Return how one of the element formats is rounded unless the call says otherwise."""
        return element.default_rounding if self.rounding is None else self.rounding

    @property
    def two_level(self) -> bool:
        """Whether the scales are elements of a block format."""
        return isinstance(self.scale, BlockFormat)

    @property
    def scale_code(self) -> ScalarFormat:
        """The format of the codes in ``Quantized.scales``."""
        return self.scale.element if isinstance(self.scale, BlockFormat) else self.scale

    @property
    def max_element(self) -> Fraction:
        """The element value that the statistic becomes: `limit`, or the largest value."""
        return self.limit_of(self.element)

    def limit_of(self, element: ScalarFormat) -> Fraction:
        """Return the limit that goes with one of the element formats."""
        if self.limit is not None:
            return self.limit
        if self.statistic is Statistic.RANGE:
            return element.largest - element.lowest
        if isinstance(element, CodebookFormat):
            return max(element.largest, -element.lowest)
        return element.largest

    @property
    def element_precision(self) -> int | None:
        """Digits of the largest element: the precision of a float; None off a uniform grid."""
        if isinstance(self.element, FloatFormat):
            return self.element.precision
        if isinstance(self.element, FixedFormat):
            return self.element.largest_ordinal(0).bit_length()
        return None

    @property
    def bits_per_value(self) -> Fraction | None:
        """Bits of elements, scales and zero points for each value; None if the array decides."""
        if isinstance(self.block, Granularity):
            return None if self.alternatives else Fraction(self.element.bits)
        shared = Fraction(self.scale_code.bits * (1 + (self.statistic is Statistic.SIDES)))
        if isinstance(self.scale, BlockFormat):
            inner = self.scale.bits_per_value
            shared = Fraction(self.scale.bits) if inner is None else inner
        if self.zero_point not in (ZeroPoint.NONE, ZeroPoint.MEAN):
            shared += self.zero_code.bits
        if self.alternatives:
            shared += len(self.alternatives).bit_length()
        return self.element.bits + shared / prod(self.block)

    @property
    def zero_code(self) -> ScalarFormat:
        """The format that zero points are stored in."""
        if self.zero_point_format is not None:
            return self.zero_point_format
        if self.zero_point in (ZeroPoint.FLOAT, ZeroPoint.MEAN):
            if self.compute is None:
                raise FormatError(f"{self.name!r}: zero_point_format is not given")
            return self.compute
        return self.element


_OPTIONS: dict[str, type[Option]] = {
    "statistic": Statistic,
    "rule": ScaleRule,
    "division": Division,
    "scale_rounding": Rounding,
    "zero_block": ZeroScale,
    "underflow": ZeroScale,
    "nonfinite": NonFinite,
    "tail": Tail,
    "zero_point": ZeroPoint,
    "rounding": Rounding,
    "overflow": Overflow,
}

"""The choices that a block format makes; `numfmt.families.blocks` says where each counts."""

from ..rounding import Option


class Granularity(Option):
    """Blocks whose size follows from the array: all of it, one index of the axis, one whole axis.

    ``channel`` has one scale for each index along the axis; ``row`` has one scale for each line
    of elements along the axis.
    """

    TENSOR = "tensor"
    CHANNEL = "channel"
    ROW = "row"


class Statistic(Option):
    """What of a block decides its scale."""

    AMAX = "amax"
    ABSMEAN = "absmean"
    RANGE = "range"
    SIDES = "sides"


class ScaleRule(Option):
    """From the statistic a of a block to its raw scale; L is the limit, emax = floor(log2 L).

    =================  =========================================================================
    rule               raw scale
    =================  =========================================================================
    ``amax``           rn(a / L)
    ``floor``          2**(floor(log2 a) - emax): OCP MX v1.0, 6.3
    ``ceil``           2**(ceil(log2 a) - emax)
    ``even``           as floor, of a rounded to `element_precision` digits, a half upward
    ``nearest``        2**(k - emax), 2**k the power of two nearest to a, upward from 1.5 (ours)
    ``rceil``          RN(a * RN(1 / L)) in binary32, up to a power of two: NVIDIA
    ``m1``             2**ceil(log2(a / L)): ZeroQuant-FP, M1
    ``m2``             S / 2**ceil(log2(S / r)), r = rn(a / L) in `scale`, S the largest of all r
    ``four_over_six``  candidates: rn(a / 6), rn(a / 4)
    =================  =========================================================================
    """

    AMAX = "amax"
    FLOOR = "floor"
    CEIL = "ceil"
    EVEN = "even"
    NEAREST = "nearest"
    RCEIL = "rceil"
    M1 = "m1"
    M2 = "m2"
    FOUR_OVER_SIX = "four_over_six"

    @classmethod
    def _aliases(cls) -> dict[str, str]:
        return {"max": "amax", "4/6": "four_over_six", "4over6": "four_over_six", "ocp": "floor"}


class Division(Option):
    """How an element is divided by its scale s.

    ``divide``: rn(x / rn(s)); ``reciprocal``: rn(x * rn(1 / s)), and with two levels of scales
    rn(x * rn(rn(1 / s2) / s1)); ``ratio``: rn(x * rn(L / a)), x * 0 if a is 0, without the
    scale that is stored.
    """

    DIVIDE = "divide"
    RECIPROCAL = "reciprocal"
    RATIO = "ratio"


class ZeroScale(Option):
    """The scale of a block without one: ``smallest`` (`scale_min` if given), ``one``, ``zero``."""

    SMALLEST = "smallest"
    ONE = "one"
    ZERO = "zero"


class NonFinite(Option):
    """What a NaN or an infinity does to its block.

    ``nan_block``: the scale is NaN, the codes are 0. ``per_element``: the statistic is of the
    finite elements, the others are rounded into the element format. ``p3109``: the same, but a
    block without a finite element has an infinite scale if it holds an infinity, else a NaN;
    infinities over an infinite scale count as 1 (IEEE P3109 4.0, 5). ``refuse``: an error.
    """

    NAN_BLOCK = "nan_block"
    PER_ELEMENT = "per_element"
    P3109 = "p3109"
    REFUSE = "refuse"


class Tail(Option):
    """What becomes of a last block that the array does not fill.

    ``short``: a block of the elements there are; ``pad``: zeros fill it for the statistic;
    ``refuse``: an error.
    """

    SHORT = "short"
    PAD = "pad"
    REFUSE = "refuse"


class ZeroPoint(Option):
    """Where zero lies among the codes.

    With N the lowest element value and R rounding to an integer by the element's mode:
    ``none``: value s * q. ``after``: value s * (q - z), z = clamp(RNE(rn(-lo / s)) + N),
    q = clamp(R(y) + z). ``inside``: the same with q = clamp(R(rn(y + z))). ``float``: value
    s * q + z, z = rn(lo - rn(s * N)) in `zero_point_format`, q = element(rn(rn(x - z) / s)).
    ``mean``, of a format of scales: value rn(rn(s * q) + z) with z = rn(exact mean of all raw
    scales), one for all; the statistic and the elements are of rn(r - z).
    """

    NONE = "none"
    AFTER = "after"
    INSIDE = "inside"
    FLOAT = "float"
    MEAN = "mean"

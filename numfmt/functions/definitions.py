"""The functions, as data: operands, symmetry, enclosure and exact results of each."""

import dataclasses
import enum
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from ..families.reals import Interval
from . import circular, exact_results, exponential, logarithmic, normal, powers

Number = tuple[int, int]


class Symmetry(enum.Enum):
    """f(-x) = -f(x), f(-x) = f(x), or neither; of two operands, in the first."""

    ODD = "odd"
    EVEN = "even"
    NONE = "none"


@dataclasses.dataclass(frozen=True)
class Definition:
    """One function.

    Attributes
    ----------
    name : str
    text : str
        What it is, as a formula.
    operands : int
        How many: 1 or 2.
    symmetry : Symmetry
        `enclosure` and `exact` get a first operand above 0 where there is one.
    enclosure : callable
        From operands and a count of digits to an interval.
    exact : callable
        From operands to the rational result, or None.
    """

    name: str
    text: str
    operands: int
    symmetry: Symmetry
    enclosure: Callable[..., Interval]
    exact: Callable[..., Fraction | Number | None]


def _diagonal(y: Number, x: Number) -> Fraction | None:
    if y[0] != abs(x[0]) or y[1] != x[1]:
        return None
    return Fraction(1 if x[0] > 0 else 3, 4)


_ODD, _EVEN, _NONE = Symmetry.ODD, Symmetry.EVEN, Symmetry.NONE
_NEVER = exact_results.never

FUNCTIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {
        name: Definition(name, text, operands, symmetry, enclosure, exact)
        for name, text, operands, symmetry, enclosure, exact in (
            ("exp", "e**x", 1, _NONE, exponential.exp, _NEVER),
            ("exp2", "2**x", 1, _NONE, exponential.exp2, exact_results.exp2),
            ("exp10", "10**x", 1, _NONE, exponential.exp10, exact_results.exp10),
            ("expm1", "e**x - 1", 1, _NONE, exponential.expm1, _NEVER),
            ("log", "ln x", 1, _NONE, logarithmic.log, _NEVER),
            ("log2", "ln x / ln 2", 1, _NONE, logarithmic.log2, exact_results.log2),
            ("log10", "ln x / ln 10", 1, _NONE, logarithmic.log10, exact_results.log10),
            ("log1p", "ln(1 + x)", 1, _NONE, logarithmic.log1p, _NEVER),
            ("softplus", "ln(1 + e**x)", 1, _NONE, exponential.softplus, _NEVER),
            ("sin", "sin x", 1, _ODD, circular.sin, _NEVER),
            ("cos", "cos x", 1, _EVEN, circular.cos, _NEVER),
            ("tan", "tan x", 1, _ODD, circular.tan, _NEVER),
            ("sin_pi", "sin(pi x)", 1, _ODD, circular.sin_pi, exact_results.sin_pi),
            ("cos_pi", "cos(pi x)", 1, _EVEN, circular.cos_pi, exact_results.cos_pi),
            ("tan_pi", "tan(pi x)", 1, _ODD, circular.tan_pi, exact_results.tan_pi),
            ("asin", "asin x", 1, _ODD, circular.asin, _NEVER),
            ("acos", "acos x", 1, _NONE, circular.acos, _NEVER),
            ("atan", "atan x", 1, _ODD, circular.atan, _NEVER),
            ("asin_pi", "asin x / pi", 1, _ODD, circular.asin_pi, exact_results.asin_pi),
            ("acos_pi", "acos x / pi", 1, _NONE, circular.acos_pi, exact_results.acos_pi),
            ("atan_pi", "atan x / pi", 1, _ODD, circular.atan_pi, exact_results.atan_pi),
            ("sinh", "(e**x - e**-x) / 2", 1, _ODD, exponential.sinh, _NEVER),
            ("cosh", "(e**x + e**-x) / 2", 1, _EVEN, exponential.cosh, _NEVER),
            ("tanh", "sinh x / cosh x", 1, _ODD, exponential.tanh, _NEVER),
            ("asinh", "ln(x + sqrt(x**2 + 1))", 1, _ODD, logarithmic.asinh, _NEVER),
            ("acosh", "ln(x + sqrt(x**2 - 1))", 1, _NONE, logarithmic.acosh, _NEVER),
            ("atanh", "ln((1 + x) / (1 - x)) / 2", 1, _ODD, logarithmic.atanh, _NEVER),
            ("sigmoid", "1 / (1 + e**-x)", 1, _NONE, exponential.sigmoid, _NEVER),
            ("silu", "x / (1 + e**-x)", 1, _NONE, exponential.silu, _NEVER),
            ("gelu", "x (1 + erf(x / sqrt 2)) / 2", 1, _NONE, normal.gelu, _NEVER),
            (
                "gelu_tanh",
                "x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))) / 2",
                1,
                _NONE,
                normal.gelu_tanh,
                _NEVER,
            ),
            ("atan2", "angle of (x, y), operands y, x", 2, _ODD, circular.atan2, lambda y, x: None),
            ("atan2_pi", "atan2(y, x) / pi", 2, _ODD, circular.atan2_pi, _diagonal),
            ("pow", "x**y", 2, _NONE, powers.power, powers.exact),
        )
    }
)

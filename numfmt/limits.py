"""What numpy.finfo tells of a format, and the codes and counts that hardware people ask for."""

import dataclasses
import math
from fractions import Fraction
from typing import Any

from . import registry
from .arguments import scalar_format
from .families.base import Format, ScalarFormat
from .families.codebooks import CodebookFormat
from .families.fixed import FixedFormat
from .families.floats import FloatFormat
from .families.grid import power_of_two, text_of
from .families.logarithmic import LogarithmicFormat
from .families.tapered import PositFormat, QuireFormat
from .registry import names_of

Exact = float | Fraction


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FormatLimits:
    """Limits of a format; attributes that `numpy.finfo` has mean what they mean there.

    Values are floats where a float64 holds them and Fractions otherwise; for codebooks and
    logarithms they are the nearest float64, as `decode` gives it. `None` stands for what a format
    does not have.

    Attributes
    ----------
    max, min : float or Fraction
        Largest and lowest finite value.
    smallest_normal, tiny, smallest_subnormal : float or Fraction or None
        Smallest positive normal value (twice), and subnormal value.
    eps, epsneg : float or Fraction
        From 1 to the next value up, and down.
    precision : int
        Decimal digits, as in NumPy; the significand has `significand_bits`.
    nmant, nexp, maxexp, minexp, machep, negep, iexp : int or None
        As in NumPy: fraction bits, exponent bits, and exponents.
    significand_bits, emin, emax, bias : int or None
        The standard's p, exponent range and exponent bias.
    code_of_max, code_of_min, code_of_one, code_of_zero : int or None
    nan_codes : tuple of int
        The canonical NaN codes, one for each sign that has one.
    nan_count : int
        How many codes are NaN.
    infinity_codes : tuple of int
    finite_count : int
        How many codes stand for finite values (both zeros count).
    rounding, overflow : str
        The defaults of a call.
    """

    name: str
    names: tuple[str, ...]
    family: str
    style: str | None
    bits: int
    source: str
    max: Exact
    min: Exact
    smallest_normal: Exact | None
    tiny: Exact | None
    smallest_subnormal: Exact | None
    eps: Exact | None
    epsneg: Exact | None
    resolution: float | None
    precision: int | None
    nmant: int | None
    nexp: int | None
    maxexp: int | None
    minexp: int | None
    machep: int | None
    negep: int | None
    iexp: int | None
    significand_bits: int | None
    emin: int | None
    emax: int | None
    bias: int | None
    code_of_max: int
    code_of_min: int
    code_of_one: int | None
    code_of_zero: int | None
    nan_codes: tuple[int, ...]
    nan_count: int
    infinity_codes: tuple[int, ...]
    finite_count: int
    rounding: str
    overflow: str

    def to_dict(self) -> dict[str, Any]:
        """Return every attribute by name, Fractions as text, codes in hexadecimal: for JSON."""
        digits = -(-self.bits // 4)
        plain: dict[str, Any] = {}
        for key, value in dataclasses.asdict(self).items():
            if isinstance(value, Fraction):
                value = text_of(value)
            elif key.startswith("code_of") and value is not None:
                value = f"0x{value:0{digits}x}"
            elif key.endswith("_codes"):
                value = [f"0x{code:0{digits}x}" for code in value]
            plain[key] = value
        return plain

    def __repr__(self) -> str:
        """Return what is known, by name."""
        known = ((key, value) for key, value in self.to_dict().items() if value is not None)
        return f"FormatLimits({', '.join(f'{key}={value!r}' for key, value in known)})"


def _plain(value: Fraction | None) -> Exact | None:
    """Return a float where it is exact."""
    if value is None:
        return None
    try:
        rounded = float(value)
    except OverflowError:
        return value
    return rounded if Fraction(rounded) == value else value


def _end(fmt: ScalarFormat, value: Fraction) -> Exact:
    """Return an end of a format: as `decode` gives it where that is not exact."""
    return _near(value) if isinstance(fmt, CodebookFormat) else _known(value)


def _near(value: Fraction) -> Exact:
    """Return the nearest float64, or the number itself where it is past them all."""
    try:
        return float(value)
    except OverflowError:
        return value


def _known(value: Fraction) -> Exact:
    plain = _plain(value)
    assert plain is not None
    return plain


def finfo(fmt: Format | str) -> FormatLimits:
    """Return the limits of a format, in the manner of `numpy.finfo`.

    Parameters
    ----------
    fmt : Format or str
        A scalar format, or a name.

    Examples
    --------
    >>> import numfmt as nf
    >>> info = nf.finfo("e4m3")
    >>> info.max, info.smallest_subnormal, info.finite_count, [hex(c) for c in info.nan_codes]
    (448.0, 0.001953125, 254, ['0x7f', '0xff'])
    """
    entry = registry.get(fmt)
    if isinstance(entry, QuireFormat):
        return _limits_of_quire(entry)
    entry = scalar_format(entry)
    signs = (0, 1) if entry.signed_values else (0,)
    nans = [code for sign in signs if (code := entry.nan_code(sign)) is not None]
    infinities = [code for sign in signs if (code := entry.infinity_code(sign)) is not None]
    finite = _finite_count(entry)
    below, one, above = entry.around_one
    about = {
        "eps": _plain(None if above is None else above - 1),
        "epsneg": _plain(None if below is None else 1 - below),
        "code_of_one": one,
    }
    return FormatLimits(
        name=entry.name,
        names=tuple(names_of(entry)) if entry.name else (),
        family=entry.family,
        bits=entry.bits,
        source=entry.source,
        max=_end(entry, entry.largest),
        min=_end(entry, entry.lowest),
        code_of_max=entry.largest_code(0),
        code_of_min=entry.largest_code(1),
        code_of_zero=_code_of_zero(entry),
        nan_codes=tuple(dict.fromkeys(nans)),
        nan_count=_nan_count(entry, finite, len(infinities)) if nans else 0,
        infinity_codes=tuple(infinities),
        finite_count=finite,
        rounding=entry.default_rounding.value,
        overflow=entry.default_overflow.value,
        **(_NOTHING | about | _shape(entry, above)),
    )


def _limits_of_quire(fmt: QuireFormat) -> FormatLimits:
    shape = {
        "style": "fixed point",
        "smallest_normal": _plain(fmt.smallest),
        "tiny": _plain(fmt.smallest),
        "code_of_one": 1 << fmt.fraction_bits,
    }
    return FormatLimits(
        name=fmt.name,
        names=tuple(names_of(fmt)),
        family=fmt.family,
        bits=fmt.bits,
        source=fmt.source,
        max=_known(fmt.largest),
        min=_known(-fmt.largest),
        code_of_max=(1 << (fmt.bits - 1)) - 1,
        code_of_min=(1 << (fmt.bits - 1)) + 1,
        code_of_zero=0,
        nan_codes=(1 << (fmt.bits - 1),),
        nan_count=1,
        infinity_codes=(),
        finite_count=(1 << fmt.bits) - 1,
        rounding=fmt.default_rounding.value,
        overflow=fmt.default_overflow.value,
        **(_NOTHING | shape),
    )


_NOTHING: dict[str, Any] = dict.fromkeys(
    "style smallest_normal tiny smallest_subnormal eps epsneg resolution precision nmant nexp "
    "maxexp minexp machep negep iexp significand_bits emin emax bias code_of_one".split()
)


def _finite_count(fmt: ScalarFormat) -> int:
    if isinstance(fmt, CodebookFormat):
        return len(fmt.readings())
    if fmt.family == "fixed":
        return 1 << fmt.bits
    if not isinstance(fmt, FloatFormat):  # one code is NaN, or NaR
        return (1 << fmt.bits) - 1
    positive = fmt.largest_ordinal(0) + 1 - (not fmt.has_zero)
    if not fmt.signed_values:
        return positive
    return 2 * positive - (not fmt.has_negative_zero)


def _nan_count(fmt: ScalarFormat, finite: int, infinities: int) -> int:
    return (1 << fmt.bits) - finite - infinities - len(fmt.unused_codes())


def _code_of_zero(fmt: ScalarFormat) -> int | None:
    if isinstance(fmt, CodebookFormat):
        return fmt.codes[fmt.values.index(Fraction(0))] if fmt.has_zero else None
    if isinstance(fmt, LogarithmicFormat):
        return fmt.code_of_ordinal(0)
    return 0 if fmt.has_zero else None


def _shape(fmt: ScalarFormat, above: Fraction | None) -> dict[str, Any]:
    """Return what a family has beside the rest."""
    if isinstance(fmt, FloatFormat):
        return _float_shape(fmt, above)
    least = _plain(fmt.smallest)
    if isinstance(fmt, CodebookFormat) and least is not None:
        least = _near(Fraction(least))
    shape: dict[str, Any] = {"smallest_normal": least, "tiny": least, "style": _style(fmt)}
    if isinstance(fmt, FixedFormat):
        step = _plain(power_of_two(fmt.grid.emin - fmt.grid.t))
        shape |= dict.fromkeys(("eps", "epsneg", "smallest_normal", "tiny"), step)
    return shape


def _style(fmt: ScalarFormat) -> str:
    if isinstance(fmt, FixedFormat):
        return str(fmt.encoding.value)
    if isinstance(fmt, PositFormat):
        return f"es {fmt.es}"
    if isinstance(fmt, CodebookFormat):
        return fmt.scaling
    if isinstance(fmt, LogarithmicFormat):
        return f"logarithm to base {fmt.base}"
    return "linear"


def _float_shape(fmt: FloatFormat, above: Fraction | None) -> dict[str, Any]:
    t = fmt.trailing_bits
    normal = fmt.value_of_ordinal(1 << t) if fmt.largest_ordinal(0) >= 1 << t else None
    subnormal = fmt.smallest if fmt.subnormals and t else None
    digits = None if above is None else int(-math.log10(above - 1))
    below = fmt.around_one[0]
    return {
        "style": fmt.style.value,
        "smallest_normal": _plain(normal),
        "tiny": _plain(normal),
        "smallest_subnormal": _plain(subnormal),
        "resolution": None if digits is None else 10.0**-digits,
        "precision": digits,
        "nmant": t,
        "nexp": fmt.exponent_bits,
        "iexp": fmt.exponent_bits,
        "maxexp": fmt.emax + 1,
        "minexp": fmt.emin,
        "machep": -t,
        "negep": None if below is None else _floor_log2(1 - below),
        "significand_bits": fmt.precision,
        "emin": fmt.emin,
        "emax": fmt.emax,
        "bias": fmt.bias,
    }


def _floor_log2(value: Fraction) -> int:
    """Return the exponent of a power of two."""
    return value.numerator.bit_length() - value.denominator.bit_length()

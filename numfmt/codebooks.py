"""Codebooks and parametric quantisers of the literature, made from their parameters.

Each function returns a `CodebookFormat`; `numfmt.register` makes it known by name.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FormatError
from .families.codebooks import MAX_BITS, CodebookFormat
from .families.floats import Style
from .families.grid import GridFormat
from .families.reals import real
from .grammar import minifloat
from .rounding import Rounding

Real = Fraction | float


def _sorted(values: dict[int, Fraction]) -> dict[str, Any]:
    """Return values and codes in the order of the values."""
    pairs = sorted((value, code) for code, value in values.items())
    return {
        "values": tuple(value for value, _ in pairs),
        "codes": tuple(code for _, code in pairs),
    }


def _twos(integer: int, bits: int) -> int:
    return integer % (1 << bits)


def _width(bits: object, least: int, most: int = MAX_BITS) -> int:
    if isinstance(bits, bool) or not isinstance(bits, int) or not least <= bits <= most:
        raise FormatError(f"bits={bits!r} is not an integer from {least} to {most}")
    return bits


def _number(value: object, argument: str, *, positive: bool = True) -> Fraction:
    try:
        number = Fraction(value.item() if isinstance(value, np.generic) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"{argument}={value!r} is not a finite number") from None
    if positive and number <= 0:
        raise FormatError(f"{argument}={value!r} is not positive")
    return number


def dint(
    bits: int,
    *,
    special: Real = Fraction(1, 2),
    positive_code: int | None = None,
    negative_code: int | None = None,
    ties: Rounding | str = Rounding.NEAREST_EVEN,
    name: str | None = None,
) -> CodebookFormat:
    """Return dINT: two's complement integers, two of whose codes stand for a small +-value.

    Parameters
    ----------
    bits : int
        2 to 16.
    special : Fraction or float
        The magnitude of the special pair, 0 < special; not an integer that is left.
    positive_code, negative_code : int, optional
        Their codes. Default: the two ends, 011..1 and 100..0.
    ties : Rounding or str
        By default to the even integer, and between an integer and the pair to the integer.
    name : str, optional
        Default: ``dint<bits>``, with the special value where it is not 1/2.

    Examples
    --------
    >>> fmt = dint(4)
    >>> [float(value) for value in fmt.values[5:10]]
    [-2.0, -1.0, -0.5, 0.0, 0.5]
    """
    _width(bits, 2)
    magnitude = _number(special, "special")
    plus = (1 << (bits - 1)) - 1 if positive_code is None else positive_code
    minus = 1 << (bits - 1) if negative_code is None else negative_code
    values = {
        _twos(integer, bits): Fraction(integer)
        for integer in range(-(1 << (bits - 1)), 1 << (bits - 1))
    }
    for code, value in ((plus, magnitude), (minus, -magnitude)):
        if code not in values:
            raise FormatError(f"code {code!r} of the special pair is not one of {bits} bits")
        values[code] = value
    pairs = _sorted(values)
    chosen = (plus, minus)
    ranks = tuple(2 if code in chosen else code & 1 for code in pairs["codes"])
    standard = magnitude == Fraction(1, 2) and chosen == ((1 << (bits - 1)) - 1, 1 << (bits - 1))
    return CodebookFormat(
        name=name or (f"dint{bits}" if standard else f"dint{bits}_{magnitude}_{plus}_{minus}"),
        bits=bits,
        ties=Rounding(ties),
        ranks=ranks,
        source="Enhancing Computation Efficiency in Large Language Models through "
        "Weight and Activation Quantization, arXiv 2311.05161; which two codes are special, and "
        "the ties, are ours",
        scaling="x / s; the special pair is +-s/2",
        **pairs,
    )


def power_of_two(
    bits: int, *, threshold: str = "linear", name: str | None = None
) -> CodebookFormat:
    """Return sign, zero and powers of two: 0 and +-2**-i for i = 0 to 2**(bits-1) - 2.

    Parameters
    ----------
    bits : int
        2 to 8.
    threshold : {'linear', 'logarithmic'}
        Where a value goes to the next power up: 3/2 * 2**k, the midpoint, or sqrt(2) * 2**k, the
        midpoint of the logarithms. Below the smallest power the limit to zero follows suit: half
        of it, or sqrt(1/2) of it.

    Examples
    --------
    >>> import numfmt as nf
    >>> x = 0.72                                     # between 1/sqrt(2) and 3/4
    >>> [nf.round(x, power_of_two(3, threshold=t)).item() for t in ("linear", "logarithmic")]
    [0.5, 1.0]
    """
    _width(bits, 2, 8)
    if threshold not in ("linear", "logarithmic"):
        raise FormatError(f"threshold={threshold!r} is neither 'linear' nor 'logarithmic'")
    top = 1 << (bits - 1)
    values = {0: Fraction(0)}
    for index in range(1, top):  # the field of 1 is the smallest power
        magnitude = Fraction(1, 1 << (top - 1 - index))
        values[index], values[top + index] = magnitude, -magnitude
    pairs = _sorted(values)
    limits: tuple[Fraction, ...] = ()
    if threshold == "logarithmic":
        root = real(Fraction(2), Fraction(1, 2))
        upper = [root * magnitude for magnitude in pairs["values"] if 0 < magnitude < 1]
        upper.insert(0, upper[0] / 2 if upper else root / 2)
        limits = (*(-limit for limit in reversed(upper)), *upper)
    return CodebookFormat(
        name=name or f"pot{bits}_{threshold}",
        bits=bits,
        thresholds=limits,
        ties=Rounding.NEAREST_AWAY,
        negative_zero=top,
        source="powers of two as in arXiv 1603.01025 (logarithmic) and in incremental network "
        "quantization, arXiv 1702.03044 (linear, a midpoint goes away from zero); codes and "
        "the logarithmic limit to zero are ours",
        scaling="x / max|x|",
        **pairs,
    )


def apot(bits: int, *, term_bits: int = 2, name: str | None = None) -> CodebookFormat:
    """Return additive powers of two: sign and a sum of n powers, each chosen by `term_bits` bits.

    Parameters
    ----------
    bits : int
        Width with the sign: 1 + n * term_bits, at most 13.
    term_bits : int
        Bits of one term; term j is 0 or 2**-(j + i*n), i = 0 to 2**term_bits - 2.

    Returns
    -------
    CodebookFormat
        Levels scaled so that the largest is 1.

    Examples
    --------
    >>> [float(value) for value in apot(5).values if value >= 0][:4]
    [0.0, 0.020833333333333332, 0.041666666666666664, 0.0625]
    """
    _width(bits, 2, 13)
    _width(term_bits, 1, 12)
    terms, left = divmod(bits - 1, term_bits)
    if left or not terms:
        raise FormatError(
            f"bits={bits}: a sign and terms of {term_bits} bits take "
            f"{1 + term_bits * max(terms, 1)} or {1 + term_bits * (terms + 1)} bits"
        )
    choices = [
        [Fraction(0), *(Fraction(1, 1 << (j + i * terms)) for i in range((1 << term_bits) - 1))]
        for j in range(terms)
    ]
    sums = [sum(picked, Fraction(0)) for picked in itertools.product(*choices)]
    top = 1 << (bits - 1)
    values = {}
    for code, level in enumerate(sums):
        values[code] = level / max(sums)
        if level:
            values[top | code] = -level / max(sums)
    return CodebookFormat(
        name=name or f"apot{bits}_{term_bits}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        negative_zero=top,
        source="Li, Dong and Wang, Additive Powers-of-Two Quantization, arXiv 1909.13144; the "
        "codes (sign, then the index of each term) and the ties are ours",
        scaling="x / alpha, the learned clipping value",
        **_sorted(values),
    )


def power_exponent(bits: int, exponent: Real, *, name: str | None = None) -> CodebookFormat:
    """Return the power-exponent set: sign(q) * (|q| / Q)**(1/a) for integers |q| <= Q.

    Values are rounded to nearest even in the domain of x**a, so that limits are powers as well;
    irrational ones are kept so near that no number of 64 bits lies between (`reals.real`).

    Parameters
    ----------
    bits : int
        2 to 8; Q = 2**(bits-1) - 1, codes are two's complement.
    exponent : Fraction or float
        a, 0 < a <= 1, taken exactly.

    Examples
    --------
    >>> [float(value) for value in power_exponent(3, 0.5).values]
    [-1.0, -0.4444444444444444, -0.1111111111111111, 0.0, 0.1111111111111111, 0.4444444444444444, \
1.0]
    """
    _width(bits, 2, 8)
    a = _number(exponent, "exponent")
    if a > 1:
        raise FormatError(f"exponent={exponent!r} is not within 0 to 1")
    top = (1 << (bits - 1)) - 1
    levels = [Fraction(0), *(real(Fraction(q, top), 1 / a) for q in range(1, top + 1))]
    limits = [real(Fraction(2 * q + 1, 2 * top), 1 / a) for q in range(top)]
    values = {q: level for q, level in enumerate(levels)}
    values |= {_twos(-q, bits): -level for q, level in enumerate(levels) if q}
    return CodebookFormat(
        name=name or f"power{bits}_{a}",
        bits=bits,
        thresholds=(*(-limit for limit in reversed(limits)), *limits),
        ties=Rounding.NEAREST_EVEN,
        read_only=((1 << (bits - 1), -real(Fraction(top + 1, top), 1 / a)),),
        source="PowerQuant, arXiv 2301.09858, and NUPES, arXiv 2308.05600: sign(x)|x|**a, scaled "
        "and rounded; recalled from the literature",
        scaling="x / max|x|",
        **_sorted(values),
    )


def quantile(data: npt.ArrayLike, bits: int, *, name: str = "quantile") -> CodebookFormat:
    """Return a map built from data: midpoints between 2**bits + 1 quantiles, scaled to +-1.

    Parameters
    ----------
    data : array_like of float
        The sample; its quantiles are NumPy's linear ones, computed in float64.
    bits : int
        1 to 8.

    Raises
    ------
    FormatError
        The data are empty or not finite, or so often the same that two midpoints are equal.

    Examples
    --------
    >>> [float(value) for value in quantile([-4.0, -1.0, 1.0, 2.0, 4.0], 2).values]
    [-0.8333333333333334, 0.0, 0.5, 1.0]
    """
    _width(bits, 1, 8)
    sample = np.asarray(data, np.float64).reshape(-1)
    if not sample.size or not np.isfinite(sample).all():
        raise FormatError("data must hold at least one number, all of them finite")
    edges = np.quantile(sample, np.linspace(0, 1, (1 << bits) + 1))
    middles = (edges[:-1] + edges[1:]) / 2
    largest = float(np.abs(middles).max())
    levels = middles / largest if largest else middles
    if (np.diff(levels) <= 0).any():
        raise FormatError(
            f"data has too few distinct values for {1 << bits} quantile levels; take fewer bits"
        )
    return CodebookFormat(
        name=name,
        bits=bits,
        values=tuple(Fraction(float(level)) for level in levels),
        source="quantile quantization as in Dettmers et al., arXiv 2110.02861 (midpoints of "
        "quantiles); estimator and scaling are ours",
        scaling="x / max|x|",
    )


def clip_float(
    exponent_bits: int, mantissa_bits: int, maximum: Real, *, name: str | None = None
) -> CodebookFormat:
    """Return a float without special values whose largest value is any positive number.

    Its exponent bias is real: b = 2**E - log2(maximum) + log2(2 - 2**-M) - 1, and its values are
    those of ``e<E>m<M>_finite`` times one number.

    Parameters
    ----------
    exponent_bits, mantissa_bits : int
        E and M; 1 + E + M is at most 12.
    maximum : Fraction or float
        The clipping value, taken exactly.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.round([0.1, 0.8, 9.0], clip_float(2, 1, 1.5)).tolist()
    [0.125, 0.75, 1.5]
    """
    base = minifloat(exponent_bits, mantissa_bits, Style.FINITE)
    scale = _number(maximum, "maximum") / base.largest
    return _scaled(
        base,
        scale,
        name or f"{base.name}_max{maximum}",
        "Kuzmin et al., FP8 Quantization: The Power of the Exponent, arXiv 2208.09225",
    )


def real_bias_float(
    exponent_bits: int, mantissa_bits: int, bias: Real, *, name: str | None = None
) -> CodebookFormat:
    """Return a float without special values whose exponent bias is any real number.

    Parameters
    ----------
    exponent_bits, mantissa_bits : int
        E and M; 1 + E + M is at most 12.
    bias : Fraction or float
        The value of code field E is 2**(E - bias), taken exactly.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.finfo(real_bias_float(2, 1, 1.5)).max  # 6 / sqrt(2)
    4.242640687119285
    """
    base = minifloat(exponent_bits, mantissa_bits, Style.FINITE)
    scale = real(Fraction(2), base.bias - _number(bias, "bias", positive=False))
    return _scaled(
        base,
        scale,
        name or f"{base.name}_bias{bias}",
        "LLM-FP4, arXiv 2310.16836 (real-valued exponent bias)",
    )


def _scaled(base: GridFormat, scale: Fraction, name: str, source: str) -> CodebookFormat:
    """Return the values of a signed float times a number, with its codes."""
    _width(base.bits, 2, 12)
    values = {}
    for k in range(base.largest_ordinal(0) + 1):
        value = base.value_of_ordinal(k) * scale
        values[base.code_of_ordinal(k)] = value
        if k:
            values[base.code_of_ordinal(k, 1)] = -value
    return CodebookFormat(
        name=name,
        bits=base.bits,
        ties=Rounding.NEAREST_EVEN,
        negative_zero=base.code_of_ordinal(0, 1),
        source=source,
        scaling="none: the clipping value is part of the format",
        **_sorted(values),
    )


def real_bits_fixed(
    bit_depth: Real, exponent: Real = 0, *, name: str | None = None
) -> CodebookFormat:
    """Return fixed point of a real number of bits: 2**e * round(clip(2**-e x, -2**(b-1), ...)).

    Integers run from round(-2**(b-1)) to round(2**(b-1) - 1), ties to even.

    Parameters
    ----------
    bit_depth : Fraction or float
        b, 0 to 12.
    exponent : Fraction or float
        e, any real number.

    Examples
    --------
    >>> [float(value) for value in real_bits_fixed(2.5).values]
    [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0]
    """
    depth = _number(bit_depth, "bit_depth", positive=False)
    if not 0 <= depth <= 12:
        raise FormatError(f"bit_depth={bit_depth!r} is not within 0 to 12")
    half = real(Fraction(2), depth - 1)
    scale = real(Fraction(2), _number(exponent, "exponent", positive=False))
    low, high = round(-half), round(half - 1)
    bits = max(1, (-low - 1).bit_length() + 1 if low < 0 else 1, high.bit_length() + 1)
    values = {_twos(integer, bits): integer * scale for integer in range(low, high + 1)}
    return CodebookFormat(
        name=name or f"fixed_b{bit_depth}_e{exponent}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        source="Self-Compressing Neural Networks, arXiv 2301.13142; recalled from the "
        "literature, the codes are ours",
        scaling="none: the exponent is part of the format",
        **_sorted(values),
    )


_COUNTS = ("twos_complement", "sign_magnitude", "canonical_signed_digit")


def _ones(integer: int, bits: int, count: str) -> int:
    if count == "twos_complement":
        return _twos(integer, bits).bit_count()
    if count == "sign_magnitude":
        return abs(integer).bit_count()
    return (abs(integer) ^ 3 * abs(integer)).bit_count()  # nonzero digits of the signed form


def k_hot(
    bits: int,
    fraction_bits: int,
    ones: int,
    *,
    count: str = "twos_complement",
    name: str | None = None,
) -> CodebookFormat:
    """Return multiplier-free fixed point: the numbers of at most `ones` ones.

    A product with such a number is that many shifts and adds. The nearest one is found exactly,
    ties go to the even code; other codes are read and never made.

    Parameters
    ----------
    bits, fraction_bits : int
        Two's complement, as in ``q<bits-fraction_bits>.<fraction_bits>``; 1 to 16 bits.
    ones : int
        K, 1 to `bits`.
    count : {'twos_complement', 'sign_magnitude', 'canonical_signed_digit'}
        What is counted: ones of the code, ones of the magnitude, or digits +-1 of the magnitude
        in the signed form without neighbouring ones.

    Examples
    --------
    >>> fmt = k_hot(4, 0, 1, count="sign_magnitude")
    >>> [int(value) for value in fmt.values]
    [-8, -4, -2, -1, 0, 1, 2, 4]
    """
    _width(bits, 1)
    _width(ones, 1, bits)
    if count not in _COUNTS:
        raise FormatError(f"count={count!r} is not one of {', '.join(_COUNTS)}")
    if isinstance(fraction_bits, bool) or not isinstance(fraction_bits, int):
        raise FormatError(f"fraction_bits={fraction_bits!r} is not an integer")
    values, others = {}, []
    for integer in range(-(1 << (bits - 1)), 1 << (bits - 1)):
        value = integer * Fraction(2) ** -fraction_bits
        if _ones(integer, bits, count) <= ones:
            values[_twos(integer, bits)] = value
        else:
            others.append((_twos(integer, bits), value))
    return CodebookFormat(
        name=name or f"q{bits - fraction_bits}.{fraction_bits}_{ones}hot_{count}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        read_only=tuple(others),
        source="multiplier-free weights of Trainable Fixed-Point Quantization for Deep Learning "
        "Acceleration on FPGAs, arXiv 2401.17544; the search and both ways to count are ours",
        scaling="none",
        **_sorted(values),
    )


def asymmetric(
    base: CodebookFormat, positive: Real, negative: Real, *, name: str | None = None
) -> CodebookFormat:
    """Return a codebook whose halves are scaled apart: AFPQ's asymmetric scales.

    Parameters
    ----------
    base : CodebookFormat
        The set; it must have a zero.
    positive, negative : Fraction or float
        What the values from 0 up, and below 0, are multiplied with; both positive, exactly.

    Returns
    -------
    CodebookFormat
        With the codes of `base`; a value on a limit goes up, as AFPQ has it.

    Examples
    --------
    >>> import numfmt as nf
    >>> fmt = asymmetric(nf.get("nf3"), 2.0, 0.5)
    >>> [float(value) for value in fmt.values][::7]
    [-0.5, 2.0]
    """
    if not isinstance(base, CodebookFormat) or not base.has_zero:
        raise FormatError("base must be a codebook with a zero, for instance numfmt.get('nf4')")
    up, down = _number(positive, "positive"), _number(negative, "negative")

    def scaled(number: Fraction) -> Fraction:
        return number * (up if number > 0 else down)

    return CodebookFormat(
        name=name or f"{base.name}_asymmetric_{positive}_{negative}",
        bits=base.bits,
        values=tuple(map(scaled, base.values)),
        codes=base.codes,
        thresholds=tuple(map(scaled, base.thresholds)),
        ties=Rounding.NEAREST_UP,
        negative_zero=base.negative_zero,
        keeps_minus_zero=base.keeps_minus_zero,
        read_only=tuple((code, scaled(value)) for code, value in base.read_only),
        source=f"AFPQ, arXiv 2311.01792 (a scale for x >= 0 and one for x < 0), of {base.name}",
        scaling="max x for the upper half, |min x| for the lower; both are part of the format",
    )


def dynamic_map(bits: int, *, signed: bool = True) -> Sequence[Fraction]:
    """Return the dynamic (tree) map in exact decimals: midpoints of cells of [0.1, 1], scaled.

    For i = 0 to bits - 2, [0.1, 1] is cut into 2**i cells (2**(i+1) if unsigned) whose midpoints
    are multiplied with 10**(i - bits + 2); 0 and 1 join them. The maps of bitsandbytes are these
    in binary32 arithmetic.

    Examples
    --------
    >>> [float(value) for value in dynamic_map(4) if value > 0]
    [0.0055, 0.0325, 0.0775, 0.2125, 0.4375, 0.6625, 0.8875, 1.0]
    """
    _width(bits, 2, 8)
    levels = set()
    for i in range(bits - 1):
        cells = 1 << (i if signed else i + 1)
        for cell in range(cells):
            middle = Fraction(1, 10) + Fraction(9, 10) * Fraction(2 * cell + 1, 2 * cells)
            levels.add(middle * Fraction(10) ** (i - bits + 2))
    both = {sign * level for level in levels for sign in ((1, -1) if signed else (1,))}
    return sorted(both | {Fraction(0), Fraction(1)})

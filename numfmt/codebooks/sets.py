"""Sets of values from a rule or from data: dINT, powers of two, APoT, powers, quantiles."""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..families.codebooks import CodebookFormat
from ..families.reals import real
from ..rounding import Rounding, choose
from .parts import Real, by_value, number_option, twos, width_option


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
    width_option(bits, 2)
    magnitude = number_option(special, "special")
    plus = (1 << (bits - 1)) - 1 if positive_code is None else positive_code
    minus = 1 << (bits - 1) if negative_code is None else negative_code
    values = {
        twos(integer, bits): Fraction(integer)
        for integer in range(-(1 << (bits - 1)), 1 << (bits - 1))
    }
    for code, value in ((plus, magnitude), (minus, -magnitude)):
        if code not in values:
            raise FormatError(f"code {code!r} of the special pair is not one of {bits} bits")
        values[code] = value
    if plus == minus:
        raise FormatError(f"positive_code and negative_code are both {plus}; each has its own")
    if magnitude in [value for code, value in values.items() if code not in (plus, minus)]:
        raise FormatError(
            f"special={special!r} is an integer that dint{bits} has already; give each value once"
        )
    pairs = by_value(values)
    chosen = (plus, minus)
    ranks = tuple(2 if code in chosen else code & 1 for code in pairs["codes"])
    standard = magnitude == Fraction(1, 2) and chosen == ((1 << (bits - 1)) - 1, 1 << (bits - 1))
    return CodebookFormat(
        name=name
        or (f"dint{bits}" if standard else f"dint{bits}_{float(magnitude):g}_{plus}_{minus}"),
        bits=bits,
        ties=choose(Rounding, ties, "ties"),
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
    width_option(bits, 2, 8)
    if threshold not in ("linear", "logarithmic"):
        raise FormatError(f"threshold={threshold!r} is neither 'linear' nor 'logarithmic'")
    top = 1 << (bits - 1)
    values = {0: Fraction(0)}
    for index in range(1, top):  # the field of 1 is the smallest power
        magnitude = Fraction(1, 1 << (top - 1 - index))
        values[index], values[top + index] = magnitude, -magnitude
    pairs = by_value(values)
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
    width_option(bits, 2, 13)
    width_option(term_bits, 1, 12, "term_bits")
    terms, left = divmod(bits - 1, term_bits)
    if left or not terms:
        raise FormatError(
            f"bits={bits}: a sign and terms of {term_bits} bits take 1 + {term_bits}n bits, as "
            f"{1 + term_bits * (terms + 1)}"
        )
    choices = [
        [Fraction(0), *(Fraction(1, 1 << (j + i * terms)) for i in range((1 << term_bits) - 1))]
        for j in range(terms)
    ]
    sums = [sum(picked, Fraction(0)) for picked in itertools.product(*choices)]
    top, largest = 1 << (bits - 1), max(sums)
    values = {}
    for code, level in enumerate(sums):
        values[code] = level / largest
        if level:
            values[top | code] = -level / largest
    return CodebookFormat(
        name=name or f"apot{bits}_{term_bits}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        negative_zero=top,
        source="Li, Dong and Wang, Additive Powers-of-Two Quantization, arXiv 1909.13144; the "
        "codes (sign, then the index of each term) and the ties are ours",
        scaling="x / alpha, the learned clipping value",
        **by_value(values),
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
    width_option(bits, 2, 8)
    a = number_option(exponent, "exponent")
    if a > 1:
        raise FormatError(f"exponent={exponent!r} is not within 0 to 1")
    top = (1 << (bits - 1)) - 1
    levels = [Fraction(0), *(real(Fraction(q, top), 1 / a) for q in range(1, top + 1))]
    limits = [real(Fraction(2 * q + 1, 2 * top), 1 / a) for q in range(top)]
    values = {q: level for q, level in enumerate(levels)}
    values |= {twos(-q, bits): -level for q, level in enumerate(levels) if q}
    return CodebookFormat(
        name=name or f"power{bits}_{float(a):g}",
        bits=bits,
        thresholds=(*(-limit for limit in reversed(limits)), *limits),
        ties=Rounding.NEAREST_EVEN,
        read_only=((1 << (bits - 1), -real(Fraction(top + 1, top), 1 / a)),),
        source="PowerQuant, arXiv 2301.09858, and NUPES, arXiv 2308.05600: sign(x)|x|**a, scaled "
        "and rounded; recalled from the literature",
        scaling="x / max|x|",
        **by_value(values),
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
    width_option(bits, 1, 8)
    try:
        sample = np.asarray(data, np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise FormatError(f"data cannot be read as an array of numbers: {error}") from None
    if not sample.size or not np.isfinite(sample).all():
        raise FormatError("data must hold at least one number, all of them finite")
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.quantile(sample, np.linspace(0, 1, (1 << bits) + 1))
        middles = (edges[:-1] + edges[1:]) / 2
    if not np.isfinite(middles).all():
        raise FormatError("data is too large for sums of two numbers; scale it first")
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
    width_option(bits, 2, 8)
    levels = set()
    for i in range(bits - 1):
        cells = 1 << (i if signed else i + 1)
        for cell in range(cells):
            middle = Fraction(1, 10) + Fraction(9, 10) * Fraction(2 * cell + 1, 2 * cells)
            levels.add(middle * Fraction(10) ** (i - bits + 2))
    both = {sign * level for level in levels for sign in ((1, -1) if signed else (1,))}
    return sorted(both | {Fraction(0), Fraction(1)})

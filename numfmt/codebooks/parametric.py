"""Quantisers with real-valued parameters: clipping floats, bit depths, K ones, two scales."""

import dataclasses
from fractions import Fraction

from ..errors import FormatError
from ..families.codebooks import CodebookFormat
from ..families.floats import Style
from ..families.grid import GridFormat
from ..families.reals import real
from ..grammar import minifloat
from ..rounding import Rounding
from .parts import Real, by_value, number_option, twos, width_option


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
    width_option(exponent_bits, 1, 10, "exponent_bits")
    width_option(mantissa_bits, 0, 10, "mantissa_bits")
    base = minifloat(exponent_bits, mantissa_bits, Style.FINITE)
    scale = number_option(maximum, "maximum") / base.largest
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
    width_option(exponent_bits, 1, 10, "exponent_bits")
    width_option(mantissa_bits, 0, 10, "mantissa_bits")
    base = minifloat(exponent_bits, mantissa_bits, Style.FINITE)
    scale = real(Fraction(2), base.bias - number_option(bias, "bias", positive=False))
    return _scaled(
        base,
        scale,
        name or f"{base.name}_bias{bias}",
        "LLM-FP4, arXiv 2310.16836 (real-valued exponent bias)",
    )


def _scaled(base: GridFormat, scale: Fraction, name: str, source: str) -> CodebookFormat:
    """Return the values of a signed float times a number, with its codes."""
    width_option(base.bits, 2, 12)
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
        **by_value(values),
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
    depth = number_option(bit_depth, "bit_depth", positive=False)
    if not 0 <= depth <= 12:
        raise FormatError(f"bit_depth={bit_depth!r} is not within 0 to 12")
    half = real(Fraction(2), depth - 1)
    scale = real(Fraction(2), number_option(exponent, "exponent", positive=False))
    low, high = round(-half), round(half - 1)
    bits = max(1, (-low - 1).bit_length() + 1 if low < 0 else 1, high.bit_length() + 1)
    values = {twos(integer, bits): integer * scale for integer in range(low, high + 1)}
    return CodebookFormat(
        name=name or f"fixed_b{bit_depth}_e{exponent}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        source="Self-Compressing Neural Networks, arXiv 2301.13142; recalled from the "
        "literature, the codes are ours",
        scaling="none: the exponent is part of the format",
        **by_value(values),
    )


_COUNTS = ("twos_complement", "sign_magnitude", "canonical_signed_digit")


def _ones(integer: int, bits: int, count: str) -> int:
    if count == "twos_complement":
        return twos(integer, bits).bit_count()
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
    width_option(bits, 1)
    width_option(ones, 1, bits, "ones")
    if count not in _COUNTS:
        raise FormatError(f"count={count!r} is not one of {', '.join(_COUNTS)}")
    width_option(fraction_bits, -4096, 4096, "fraction_bits")
    values, others = {}, []
    for integer in range(-(1 << (bits - 1)), 1 << (bits - 1)):
        value = integer * Fraction(2) ** -fraction_bits
        if _ones(integer, bits, count) <= ones:
            values[twos(integer, bits)] = value
        else:
            others.append((twos(integer, bits), value))
    return CodebookFormat(
        name=name or f"q{bits - fraction_bits}.{fraction_bits}_{ones}hot_{count}",
        bits=bits,
        ties=Rounding.NEAREST_EVEN,
        read_only=tuple(others),
        source="multiplier-free weights of Trainable Fixed-Point Quantization for Deep Learning "
        "Acceleration on FPGAs, arXiv 2401.17544; the search and both ways to count are ours",
        scaling="none",
        **by_value(values),
    )


def asymmetric(
    base: CodebookFormat, positive: Real, negative: Real, *, name: str | None = None
) -> CodebookFormat:
    """Return a codebook whose halves are scaled apart: AFPQ's asymmetric scales.

    Parameters
    ----------
    base : CodebookFormat
        The set; it must have a zero, and no infinities.
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
    if not isinstance(base, CodebookFormat) or not base.has_zero or base.beyond is not None:
        raise FormatError(
            "base must be a codebook with a zero and nothing beyond its ends, for instance "
            "numfmt.get('nf4')"
        )
    up, down = number_option(positive, "positive"), number_option(negative, "negative")

    def scaled(number: Fraction) -> Fraction:
        return number * (up if number > 0 else down)

    return dataclasses.replace(
        base,
        name=name or f"{base.name}_asymmetric_{float(up):g}_{float(down):g}",
        aliases=(),
        values=tuple(map(scaled, base.values)),
        thresholds=tuple(map(scaled, base.thresholds)),
        ties=Rounding.NEAREST_UP,
        read_only=tuple((code, scaled(value)) for code, value in base.read_only),
        source=f"AFPQ, arXiv 2311.01792 (a scale for x >= 0 and one for x < 0), of {base.name}",
        scaling="max x for the upper half, |min x| for the lower; both are part of the format",
    )

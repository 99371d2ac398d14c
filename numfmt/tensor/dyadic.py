"""Dyadic scales: a multiplier over a power of two, and what each scheme makes of a real scale."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, float64_array, integer_option
from ..errors import FormatError
from ..rounding import Option, choose

LARGEST_SHIFT = 126
LARGEST_MULTIPLIER = (1 << 63) - 1
_INTEGER_BITS = 31  # digits of a multiplier unless something else says so


class RequantizationScheme(Option):
    """How an integer x is scaled by M / 2**s and becomes an integer; M, s of a `numfmt.Dyadic`.

    Where [V] stands the formula was read in the code that it is named after, elsewhere it is ours.
    ``>>`` is the arithmetic shift (floor). "int32" is -2**31 to 2**31 - 1.

    ====================  ==========================================================================
    scheme                result, and what it takes
    ====================  ==========================================================================
    ``rounded``           the exact x * M / 2**s, rounded once in the mode `rounding` (any, with
                          random bits if stochastic); |M| < 2**63, 0 <= s <= 126, any int64 x
    ``nearest_even``      ``rounded`` with ties to even
    ``half_up``           ``rounded`` with ties toward +infinity: (x*M + 2**(s-1)) >> s, the adder
                          and shifter of many accelerators
    ``hawq_exact``        what HAWQ-V3 and I-BERT state: ties to even; 0 <= M <= 2**31
    ``hawq_float64``      what their code computes [V]: x * M in float64, rounded there, / 2**s,
                          rounded to even; |x| <= 2**53. (That the code then stores a float32 is not
                          modelled: it changes results of more than 24 bits.)
    ``tflite_double``     gemmlowp and TFLite [V]: with left = max(31 - s, 0) and right =
                          max(s - 31, 0), RoundingDivideByPOT(SaturatingRoundingDoublingHighMul(
                          x * 2**left, M), right): first to the nearest, ties toward +infinity, then
                          to the nearest, ties away from zero. M, x * 2**left in int32; 1 <= s <= 62
    ``tflite_single``     TFLite built with TFLITE_SINGLE_ROUNDING [V]: (x*M + 2**(s-1)) >> s;
                          0 <= M < 2**31, 1 <= s <= 62, x and the result in int32
    ``tflite_int64``      TFLite's 64-bit accumulators (16x8 layers) [V]: the multiplier is first
                          cut to N = (M + 2**15) >> 16, 2**15 - 1 where M >= 0x7fff0000; then
                          (x*N + 2**(t-1)) >> t, t = s - 16; 24 <= s <= 62, |x| < 2**47 or
                          x = -2**47, the result in int32
    ``tosa_32``           TOSA apply_scale_32, SINGLE_ROUND [V reference model]: as
                          ``tflite_single``, with 2 <= s <= 62 and -2**(s-1) <= x < 2**(s-1)
    ``tosa_32_double``    the same with double_round: 2**30 more is added for s > 31 and x >= 0,
                          and 2**30 less for s > 31 and x < 0
    ``tosa_16``           TOSA apply_scale_16 [V reference model]: (x*M + 2**(s-1)) >> s;
                          0 <= M < 2**15, 2 <= s <= 62, x of 48 bits, the result in int32
    ====================  ==========================================================================

    TOSA's INEXACT_ROUND leaves the result to the implementation, so that it is not here.
    An x, M or s that a scheme does not take is refused, as is a result that it cannot hold: in C it
    is undefined or an assertion.
    """

    ROUNDED = "rounded"
    NEAREST_EVEN = "nearest_even"
    HALF_UP = "half_up"
    HAWQ_EXACT = "hawq_exact"
    HAWQ_FLOAT64 = "hawq_float64"
    TFLITE_DOUBLE = "tflite_double"
    TFLITE_SINGLE = "tflite_single"
    TFLITE_INT64 = "tflite_int64"
    TOSA_32 = "tosa_32"
    TOSA_32_DOUBLE = "tosa_32_double"
    TOSA_16 = "tosa_16"

    @classmethod
    def _aliases(cls) -> dict[str, str]:
        return {
            **dict.fromkeys(("gemmlowp", "tflite", "doublerounding"), "tflite_double"),
            **dict.fromkeys(("hawq", "ibert", "hawqv3"), "hawq_exact"),
            **dict.fromkeys(("singlerounding",), "tflite_single"),
            **dict.fromkeys(("tosa", "tosa32single"), "tosa_32"),
            **dict.fromkeys(("rne",), "nearest_even"),
        }


HAWQ = (RequantizationScheme.HAWQ_EXACT, RequantizationScheme.HAWQ_FLOAT64)
TFLITE = (
    RequantizationScheme.TFLITE_DOUBLE,
    RequantizationScheme.TFLITE_SINGLE,
    RequantizationScheme.TFLITE_INT64,
)
TOSA = (
    RequantizationScheme.TOSA_32,
    RequantizationScheme.TOSA_32_DOUBLE,
    RequantizationScheme.TOSA_16,
)
Integers = int | tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Dyadic:
    """A scale of multiplier / 2**shift, one for a tensor or one for each channel.

    Attributes
    ----------
    multiplier : int, or array_like of int
        Below 2**63 in magnitude; an array is kept as a tuple, one for each channel.
    shift : int, or array_like of int
        0 to 126; it counts right shifts. TFLite counts left shifts of a multiplier over 2**31: its
        `shift` is 31 less this one.

    Examples
    --------
    >>> import numfmt as nf
    >>> scale = Dyadic.from_scale(0.1, scheme="tflite_double")
    >>> scale
    Dyadic(multiplier=1717986918, shift=34)
    >>> Dyadic([3, 5], 3).value
    (Fraction(3, 8), Fraction(5, 8))
    """

    multiplier: Integers
    shift: Integers

    def __post_init__(self) -> None:
        multiplier = _integers(
            self.multiplier, -LARGEST_MULTIPLIER, LARGEST_MULTIPLIER, "multiplier"
        )
        shift = _integers(self.shift, 0, LARGEST_SHIFT, "shift")
        sizes = {len(part) for part in (multiplier, shift) if isinstance(part, tuple)}
        if len(sizes) > 1:
            raise FormatError(
                f"multiplier has {len(multiplier)} channels and shift {len(shift)}; "  # type: ignore[arg-type] # both are tuples here
                "give one for each channel, or one for all"
            )
        object.__setattr__(self, "multiplier", multiplier)
        object.__setattr__(self, "shift", shift)

    @property
    def channels(self) -> int | None:
        """How many channels there are; None for one scale of a whole tensor."""
        for part in (self.multiplier, self.shift):
            if isinstance(part, tuple):
                return len(part)
        return None

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """(multiplier, shift) of every channel, of one where there are none."""
        count = self.channels or 1
        parts = (p if isinstance(p, tuple) else (p,) * count for p in (self.multiplier, self.shift))
        return tuple(zip(*parts, strict=True))

    @property
    def value(self) -> Fraction | tuple[Fraction, ...]:
        """The scale, or those of the channels, exactly."""
        values = tuple(Fraction(multiplier, 1 << shift) for multiplier, shift in self.pairs)
        return values[0] if self.channels is None else values

    @classmethod
    def from_scale(
        cls,
        scale: npt.ArrayLike,
        *,
        scheme: RequantizationScheme | str = RequantizationScheme.ROUNDED,
        bits: int | None = None,
    ) -> "Dyadic":
        """Return the multiplier and the shift that a scheme's own code makes of a real scale.

        With scale = f * 2**e, 1/2 <= f < 1, the multiplier is f * 2**bits to the nearest, ties up,
        and the shift is bits - e. Where the multiplier is 2**bits it is halved and the shift is one
        less, but HAWQ keeps it. A scale of 0 has the shift `bits`.

        Parameters
        ----------
        scale : array_like of float, one number or one axis
            At least 0, of float64.
        scheme : RequantizationScheme or str
            TFLite: a scale below 2**-32 becomes 0 with the shift 31 [V], and for ``tflite_single``
            one of 2**30 and more becomes (2**31 - 1) / 2 [V]. TOSA: where the shift is past 62 the
            multiplier is cut by as many digits (at most 31) and the shift is 62 [V, of MLIR].
        bits : int, optional
            Digits of the multiplier, 1 to 62. Default: 31, and 15 for ``tosa_16``. TFLite and TOSA
            take no other.

        Returns
        -------
        Dyadic

        Raises
        ------
        FormatError
            A scale is negative or no number, or needs a shift outside 0 to 126.

        References
        ----------
        HAWQ quant_utils.batch_frexp; TFLite QuantizeMultiplier; MLIR computeMultiplierAndShift.

        Examples
        --------
        >>> Dyadic.from_scale([0.5, 3.0], bits=8)
        Dyadic(multiplier=(128, 192), shift=(8, 6))
        """
        chosen = choose(RequantizationScheme, scheme, "scheme")
        scales = float64_array(scale, "scale")
        return _from_rationals(_rationals(scales, "scale"), scales.shape, chosen, bits)

    @classmethod
    def from_scales(
        cls,
        input_scale: npt.ArrayLike,
        weight_scale: npt.ArrayLike,
        result_scale: npt.ArrayLike,
        *,
        scheme: RequantizationScheme | str = RequantizationScheme.ROUNDED,
        bits: int | None = None,
    ) -> "Dyadic":
        """Return the scale of an accumulator, in each scheme's own order of operations.

        The scale is input_scale * weight_scale / result_scale: exact for the schemes of ours; for
        HAWQ float64(float32(input * weight, in float64)) / float64(float32(result)) in float64 [V];
        for TFLite and TOSA float64(input) * float64(weight) / float64(result) of three float32, in
        float64, as TFLite has it for each channel [V] (of TOSA recalled). TFLite's older uint8
        layers multiply in float32 first.

        Parameters
        ----------
        input_scale, weight_scale, result_scale : array_like of float
            One number each, or one axis of one for each channel.
        scheme, bits
            As in `from_scale`.

        Returns
        -------
        Dyadic

        Examples
        --------
        >>> Dyadic.from_scales(0.02, [0.01, 0.005], 0.1, scheme="hawq_exact").multiplier
        (1099511584, 1099511584)
        """
        chosen = choose(RequantizationScheme, scheme, "scheme")
        names = ("input_scale", "weight_scale", "result_scale")
        given = [
            float64_array(scale, name)
            for scale, name in zip((input_scale, weight_scale, result_scale), names, strict=True)
        ]
        for scale, name in zip(given, names, strict=True):
            _rationals(scale, name)
        try:
            shape = np.broadcast_shapes(*(scale.shape for scale in given))
        except ValueError:
            shapes = ", ".join(str(scale.shape) for scale in given)
            raise FormatError(
                f"input_scale, weight_scale and result_scale have shapes {shapes}; give one "
                "number, or one for each channel"
            ) from None
        if (given[2] == 0).any():
            raise FormatError("result_scale is 0; a scale that divides is positive")
        a, b, c = (np.broadcast_to(scale, shape) for scale in given)
        if chosen in HAWQ or chosen in TFLITE or chosen in TOSA:
            rationals = _rationals(_quotient(a, b, c, chosen), "the scale")
        else:
            parts = (_rationals(scale, name) for scale, name in zip((a, b, c), names, strict=True))
            rationals = [x * y / z for x, y, z in zip(*parts, strict=True)]
        return _from_rationals(rationals, shape, chosen, bits)

    @classmethod
    def for_tflite_add(
        cls, first_scale: float, second_scale: float, result_scale: float, *, left_shift: int = 20
    ) -> "tuple[Dyadic, Dyadic, Dyadic]":
        """Return the scales of both branches and of the sum of TFLite's ADD.

        With t = 2 * max(first, second) they are first / t, second / t and t / (2**left_shift *
        result), each from float32 scales, divided in float64 [V, add.cc].

        Parameters
        ----------
        first_scale, second_scale, result_scale : float
            Scales, taken as float32.
        left_shift : int
            20 for int8 and uint8, 15 for int16.

        Returns
        -------
        tuple of Dyadic
            For `numfmt.residual_add`, with `left_shift` and scheme ``tflite_double``.

        Examples
        --------
        >>> [scale.shift for scale in Dyadic.for_tflite_add(0.1, 0.2, 0.25)]
        [32, 31, 50]
        """
        names = ("first_scale", "second_scale", "result_scale")
        scales = [
            np.float64(np.float32(float64_array(scale, name)[()]))
            for scale, name in zip((first_scale, second_scale, result_scale), names, strict=True)
        ]
        for scale, name in zip(scales, names, strict=True):
            if not 0 < scale < np.inf:
                raise FormatError(f"{name} is {scale} as a float32; a scale is a positive number")
        twice = 2 * max(scales[:2])
        shift = integer_option(left_shift, 0, 30, "left_shift")
        reals = (scales[0] / twice, scales[1] / twice, twice / (scales[2] * 2.0**shift))
        made = [cls.from_scale(real, scheme="tflite_double") for real in reals]
        return made[0], made[1], made[2]


def _integers(given: object, least: int, most: int, argument: str) -> Integers:
    """Return an integer, or a tuple of them, all in range."""
    if not isinstance(given, Sequence | np.ndarray) or np.ndim(given) == 0:
        value = given.item() if isinstance(given, np.ndarray) else given
        return integer_option(value, least, most, argument)
    array: Any = as_array(given, argument)
    if array.ndim != 1 or array.size == 0:
        raise FormatError(
            f"{argument} has shape {array.shape}; give one integer, or one for each channel"
        )
    items = array.tolist() if isinstance(given, np.ndarray) else list(given)
    return tuple(
        integer_option(item, least, most, f"{argument}[{i}]") for i, item in enumerate(items)
    )


def _rationals(scales: npt.NDArray[np.float64], argument: str) -> list[Fraction]:
    if scales.ndim > 1 or scales.size == 0:
        raise FormatError(
            f"{argument} has shape {scales.shape}; give one number, or one for each channel"
        )
    if not (np.isfinite(scales) & (scales >= 0)).all():
        shown = scales[~(np.isfinite(scales) & (scales >= 0))].reshape(-1)[0]
        raise FormatError(f"{argument} holds {shown}; scales are finite and at least 0")
    return [Fraction(value) for value in scales.reshape(-1).tolist()]


def _quotient(
    a: npt.NDArray[np.float64],
    b: npt.NDArray[np.float64],
    c: npt.NDArray[np.float64],
    scheme: RequantizationScheme,
) -> npt.NDArray[np.float64]:
    """Return a * b / c in a code's own order of float32 and float64 operations."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        divisor = c.astype(np.float32).astype(np.float64)
        if scheme in HAWQ:
            product = (a * b).astype(np.float32).astype(np.float64)
        else:
            product = a.astype(np.float32).astype(np.float64) * b.astype(np.float32)
        quotient: npt.NDArray[np.float64] = np.asarray(product / divisor)
    return quotient


def _from_rationals(
    scales: list[Fraction],
    shape: tuple[int, ...],
    scheme: RequantizationScheme,
    bits: int | None,
) -> Dyadic:
    own = 15 if scheme is RequantizationScheme.TOSA_16 else _INTEGER_BITS
    digits = own if bits is None else integer_option(bits, 1, 62, "bits")
    if digits != own and (scheme in TFLITE or scheme in TOSA):
        raise FormatError(
            f"bits={bits}: a multiplier of {scheme.value!r} has {own}; leave bits out, or choose "
            "a scheme with multipliers of any width, such as 'half_up'"
        )
    pairs = [_pair(scale, scheme, digits) for scale in scales]
    if not shape:
        return Dyadic(*pairs[0])
    multipliers, shifts = zip(*pairs, strict=True)
    return Dyadic(multipliers, shifts)


def _pair(scale: Fraction, scheme: RequantizationScheme, digits: int) -> tuple[int, int]:
    """Return the multiplier and the shift of one scale."""
    if scale == 0:
        return 0, digits
    exponent = scale.numerator.bit_length() - scale.denominator.bit_length()
    if scale >= Fraction(2) ** exponent:
        exponent += 1
    twice = scale * Fraction(2) ** (digits - exponent + 1)
    multiplier = (twice.numerator // twice.denominator + 1) >> 1
    if multiplier == 1 << digits and scheme not in HAWQ:
        multiplier, exponent = multiplier >> 1, exponent + 1
    shift = digits - exponent
    if scheme in TFLITE and exponent < -31:
        return 0, digits
    if scheme is RequantizationScheme.TFLITE_SINGLE and exponent > 30:
        return (1 << digits) - 1, 1
    if scheme in TOSA and shift > 62:
        return multiplier >> min(31, shift - 62), 62
    if 0 <= shift <= LARGEST_SHIFT:
        return multiplier, shift
    raise FormatError(
        f"scale={float(scale):g} needs a shift of {shift} with a multiplier of {digits} bits; "
        f"shifts are 0 to {LARGEST_SHIFT}: scale the tensor by a power of two first, or use other "
        "bits="
    )

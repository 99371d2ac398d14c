"""Requantisation: integers of an accumulator to integers of a narrower format, scheme by scheme."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import as_output, axis_of, integer_option, place
from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import Encoding, FixedFormat
from ..kernels import requantization as kernels
from ..kernels.requantization import Layout, Scaling
from ..parallel import in_parallel
from ..randomness import BLOCK_MULTIPLE, Source, source
from ..rounding import Rounding, choose
from .dyadic import LARGEST_MULTIPLIER, LARGEST_SHIFT, Dyadic, RequantizationScheme
from .integer_codes import LARGEST_RESULT, integer_format, signed_integers

Array = npt.NDArray[Any]
Range = tuple[int, int]

_INT16, INT32, _INT48, _INT64 = ((-(1 << n - 1), (1 << n - 1) - 1) for n in (16, 32, 48, 64))


class _Scheme(NamedTuple):
    """What a scheme takes and holds; the rule is that of a kernel, None for the exact product."""

    rule: int | None
    multipliers: Range
    shifts: Range
    operands: Range
    results: Range = _INT64


_EXACT = _Scheme(None, (-LARGEST_MULTIPLIER, LARGEST_MULTIPLIER), (0, LARGEST_SHIFT), _INT64)
_HAWQ = _EXACT._replace(multipliers=(0, 1 << 31))
_UP = _Scheme(kernels.HALF_UP, (0, INT32[1]), (1, 62), INT32, INT32)
_TOSA = _UP._replace(shifts=(2, 62))
_S = RequantizationScheme
_SCHEMES = {
    _S.ROUNDED: _EXACT,
    _S.NEAREST_EVEN: _EXACT,
    _S.HALF_UP: _EXACT,
    _S.HAWQ_EXACT: _HAWQ,
    _S.HAWQ_FLOAT64: _HAWQ._replace(rule=kernels.FLOAT64, operands=(-(1 << 53), 1 << 53)),
    _S.TFLITE_DOUBLE: _UP._replace(rule=kernels.DOUBLING_HIGH, multipliers=INT32),
    _S.TFLITE_SINGLE: _UP,
    _S.TFLITE_INT64: _UP._replace(shifts=(24, 62), operands=_INT48),
    _S.TOSA_32: _TOSA,
    _S.TOSA_32_DOUBLE: _TOSA._replace(rule=kernels.HALF_UP_TWICE),
    _S.TOSA_16: _TOSA._replace(multipliers=(0, _INT16[1]), operands=_INT48),
}


class _Channels(NamedTuple):
    """What the kernels take of each channel, as int64 arrays."""

    multipliers: Array
    shifts: Array
    least: Array
    most: Array


class Call(NamedTuple):
    """One checked call but for its arrays."""

    scheme: RequantizationScheme
    channels: _Channels
    layout: Layout
    how: Scaling


def requantize(
    accumulators: npt.ArrayLike,
    scale: Dyadic,
    result: Format | str = "int8",
    *,
    scheme: RequantizationScheme | str = RequantizationScheme.ROUNDED,
    rounding: Rounding | str | None = None,
    input_zero_point: int = 0,
    zero_point: int = 0,
    clamp: tuple[int, int] | None = None,
    axis: int = -1,
    fmt: Format | str | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
    out: Array | None = None,
) -> Array:
    """Return codes of integers that were scaled, rounded, offset and clamped.

    The result is clamp(round((accumulator - input_zero_point) * scale) + zero_point), where
    `scheme` says how the product is rounded.

    Parameters
    ----------
    accumulators : array_like of int, any shape
        Integers (int32, int64, or any that fit int64); or codes, with `fmt`.
    scale : Dyadic
        One scale, or one for each index of `axis`.
    result : FixedFormat or str
        A format of integers, of at most 62 bits.
    scheme : RequantizationScheme or str
        Where the formula of each stands.
    rounding : Rounding or str, optional
        Of the scheme ``rounded`` only, any mode; stochastic modes need random bits. Default:
        ``nearest_even``.
    input_zero_point, zero_point : int
        What is subtracted first (of an int32), and what is added after rounding (an integer that
        `result` holds).
    clamp : (int, int), optional
        Least and largest result, for a fused activation. Default: all that `result` holds.
    axis : int
        The axis of the channels, where `scale` has channels.
    fmt : FixedFormat or str, optional
        The format of integers whose codes the accumulators are. Default: they are plain integers.
    random_bits, bits, rng
        As in `numfmt.encode`.
    out : ndarray, optional
        Where to put the codes.

    Returns
    -------
    ndarray of codes of `result`

    Raises
    ------
    FormatError
        The scheme cannot take the scale, an accumulator or its result; the message says which.

    References
    ----------
    See `numfmt.RequantizationScheme`.

    Examples
    --------
    >>> import numfmt as nf
    >>> quarter = Dyadic(1 << 30, 32)
    >>> for scheme in ("tflite_double", "tflite_single", "nearest_even"):
    ...     print(nf.decode(requantize([5, 6, -5, -6], quarter, scheme=scheme), "int8").tolist())
    [2.0, 2.0, -1.0, -2.0]
    [1.0, 2.0, -1.0, -1.0]
    [1.0, 2.0, -1.0, -2.0]
    """
    target = _result_format(result)
    chosen = choose(RequantizationScheme, scheme, "scheme")
    mode = rounding_of(chosen, rounding)
    count = integer_option(bits, 1, 52, "bits")
    integers = signed_integers(accumulators, fmt, "accumulators")
    input_zero = integer_option(input_zero_point, *INT32, "input_zero_point")
    held = _held_by(target)
    zero = integer_option(zero_point, *held, "zero_point")
    low, high = held if clamp is None else _clamp(clamp, held, target)
    negative = 1 << (target.bits - 1) if target.encoding is Encoding.SIGN_MAGNITUDE else 0
    how = scaling_of(chosen, mode, count)._replace(
        input_zero=input_zero,
        zero=zero,
        low=low,
        high=high,
        mask=(1 << target.bits) - 1,
        sign_bit=negative,
    )
    draws = source(mode, integers.shape, random_bits, count, rng)
    buffer = as_output(out, integers.shape, target.code_dtype)
    codes = np.empty(integers.shape, target.code_dtype) if buffer is None else buffer
    flat = codes.reshape(-1) if codes.flags.c_contiguous else np.empty(codes.size, codes.dtype)
    call = Call(chosen, *channels_of(scale, chosen, input_zero, integers, axis), how)
    run(call, integers, draws, flat, "accumulators")
    if not codes.flags.c_contiguous:
        codes[...] = flat.reshape(codes.shape)
    return codes


def acceptable(
    integers: Array, multiplier: int, shift: int, scheme: RequantizationScheme | str
) -> npt.NDArray[np.bool_]:
    """Return which integers a scheme takes with a scale, and holds the scaled result of.

    Results within 2 of the end of what the scheme holds count as not held.

    Examples
    --------
    >>> acceptable(np.array([100, 1 << 30]), 1 << 30, 20, "tflite_single").tolist()
    [True, False]
    """
    chosen = choose(RequantizationScheme, scheme, "scheme")
    limits = _SCHEMES[chosen]
    for value, (least, most) in ((multiplier, limits.multipliers), (shift, limits.shifts)):
        if not least <= value <= most:
            return np.zeros(integers.shape, np.bool_)
    _, _, low, high = _row(multiplier, shift, chosen, limits, 0)
    taken: npt.NDArray[np.bool_] = (integers >= low) & (integers <= high)
    scaled = integers.astype(np.longdouble) * multiplier / np.longdouble(2.0) ** shift
    least, most = limits.results
    return taken & (scaled > least + 2) & (scaled < most - 2)


def run(call: Call, integers: Array, draws: Source, codes: Array, argument: str) -> None:
    """Fill `codes` (1-D), or refuse what the scheme cannot hold."""
    flat = integers.reshape(-1)
    rule = _rule(call, flat)

    def work(start: int, stop: int) -> int:
        part = flat[start:stop], start, *call.channels, call.layout
        if rule is None:
            random = draws(start, stop)
            return int(kernels.scale_exactly(*part, random, call.how, codes[start:stop]))
        return int(kernels.SCALE_NARROW[rule](*part, call.how, codes[start:stop]))

    if in_parallel(work, flat.size, BLOCK_MULTIPLE):
        with np.errstate(over="ignore"):  # of operands that are refused
            raise _refusal(call, integers, *_first_wrong(work, flat.size), argument)


def _first_wrong(work: Callable[[int, int], int], size: int) -> tuple[int, int]:
    """Return where the first accumulator is that is wrong, and what a kernel says of it."""
    start, stop = 0, size
    while stop - start > 1:
        middle = (start + stop) // 2
        start, stop = (start, middle) if work(start, middle) else (middle, stop)
    return start, work(start, stop)


def _rule(call: Call, flat: Array) -> int | None:
    """Return a rule of `kernels.SCALE_NARROW`, or None where only the exact kernel will do."""
    rule = _SCHEMES[call.scheme].rule
    if rule is not None or call.how.stochastic or flat.dtype.itemsize > 4:
        return rule
    multipliers, shifts = call.channels.multipliers, call.channels.shifts
    narrow = (np.abs(multipliers) <= 1 << 31).all() and (shifts <= 62).all()
    return kernels.ONCE if narrow else None


def _refusal(call: Call, integers: Array, start: int, found: int, argument: str) -> FormatError:
    """Return what to say of an accumulator that a scheme refuses."""
    channel = start // call.layout.run % call.layout.channels
    multiplier, shift, least, most = (int(part[channel]) for part in call.channels)
    named = f"{place(argument, integers.shape, start)} is {integers.reshape(-1)[start]}"
    scheme = call.scheme.value
    if found & kernels.BAD_OPERAND:
        return FormatError(
            f"{named}; scheme {scheme!r} with multiplier {multiplier} and shift {shift} takes "
            f"{least} to {most}. Use 'rounded', which takes any int64"
        )
    return FormatError(
        f"{named}; scheme {scheme!r} with multiplier {multiplier} and shift {shift} makes of it an "
        f"integer outside {call.how.least} to {call.how.most}, which it cannot hold. Use a smaller "
        "scale, or requantize with 'rounded', which clamps whatever comes"
    )


def scaling_of(scheme: RequantizationScheme, mode: Rounding, bits: int) -> Scaling:
    """Return the numbers of a call that neither offsets nor clamps."""
    results = _SCHEMES[scheme].results
    return Scaling(0, 0, *_INT64, *results, -1, 0, mode.addends, mode.stochastic, bits)


def channels_of(
    scale: Dyadic, scheme: RequantizationScheme, input_zero: int, integers: Array, axis: int
) -> tuple[_Channels, Layout]:
    """Return what the kernels take of each channel, and where the channels are."""
    if not isinstance(scale, Dyadic):
        raise FormatError(
            f"scale={scale!r} is no Dyadic; make one with numfmt.Dyadic.from_scale(...)"
        )
    columns = _columns(scale, scheme, input_zero)
    if scale.channels is None:
        return columns, Layout(1, max(integers.size, 1))
    where = axis_of(integers, axis, "accumulators")
    if integers.shape[where] != scale.channels:
        raise FormatError(
            f"scale has {scale.channels} channels and axis {where} of the accumulators, of shape "
            f"{integers.shape}, has {integers.shape[where]}; name the axis of the channels"
        )
    return columns, Layout(scale.channels, max(int(np.prod(integers.shape[where + 1 :])), 1))


@functools.lru_cache(maxsize=64)
def _columns(scale: Dyadic, scheme: RequantizationScheme, input_zero: int) -> _Channels:
    rows = [_row(*pair, scheme, _SCHEMES[scheme], input_zero) for pair in scale.pairs]
    return _Channels(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


def _row(
    multiplier: int, shift: int, scheme: RequantizationScheme, spec: _Scheme, input_zero: int
) -> tuple[int, int, int, int]:
    """Return the multiplier, the shift and the accumulators of a channel as a kernel has them."""
    for value, (least, most), name in (
        (multiplier, spec.multipliers, "multiplier"),
        (shift, spec.shifts, "shift"),
    ):
        if not least <= value <= most:
            raise FormatError(
                f"scale has {name} {value}; scheme {scheme.value!r} takes {least} to {most}. "
                "Dyadic.from_scale with scheme= gives one that it takes"
            )
    least, most = spec.operands
    if scheme is RequantizationScheme.TFLITE_DOUBLE:
        left = max(31 - shift, 0)
        least, most = least >> left, most >> left
    if scheme in (RequantizationScheme.TOSA_32, RequantizationScheme.TOSA_32_DOUBLE):
        half = 1 << (shift - 1)
        least, most = max(least, -half), min(most, half - 1)
    if scheme is RequantizationScheme.TFLITE_INT64:
        multiplier = _INT16[1] if multiplier >= 0x7FFF0000 else (multiplier + (1 << 15)) >> 16
        shift -= 16
    return multiplier, shift, max(least + input_zero, _INT64[0]), min(most + input_zero, _INT64[1])


def rounding_of(scheme: RequantizationScheme, rounding: Rounding | str | None) -> Rounding:
    """Return the mode in which the exact product is rounded."""
    if scheme is RequantizationScheme.ROUNDED:
        return choose(Rounding, rounding or Rounding.NEAREST_EVEN, "rounding")
    if rounding is not None:
        name = rounding.value if isinstance(rounding, Rounding) else rounding
        raise FormatError(
            f"rounding={name!r}: scheme {scheme.value!r} has a rounding of its own; leave it out, "
            "or use the scheme 'rounded'"
        )
    half_up = scheme is RequantizationScheme.HALF_UP
    return Rounding.NEAREST_UP if half_up else Rounding.NEAREST_EVEN


def _result_format(result: Format | str) -> FixedFormat:
    target = integer_format(result, "result")
    if target.bits > LARGEST_RESULT:
        raise FormatError(
            f"result={target.name!r} has {target.bits} bits; results have at most {LARGEST_RESULT}"
        )
    return target


def _held_by(fmt: FixedFormat) -> Range:
    return int(fmt.lowest), int(fmt.largest)


def _clamp(clamp: object, held: Range, fmt: FixedFormat) -> Range:
    """Return the two ends of a clamp."""
    low, high = (
        integer_option(end, *held, f"clamp of {fmt.name!r}") for end in pair_of(clamp, "clamp")
    )
    if low > high:
        raise FormatError(f"clamp=({low}, {high}) is empty; give (least, largest)")
    return low, high


def pair_of(given: Any, argument: str) -> tuple[Any, Any]:
    """Return a pair."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise FormatError(f"{argument}={given!r} is not a pair; give two")
    return given[0], given[1]

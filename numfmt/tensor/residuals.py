"""Residual addition: two branches requantised to one scale, and added."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import integer_option, place
from ..errors import FormatError
from ..families.base import Format
from ..kernels.requantization import FAR
from ..randomness import source
from ..rounding import Rounding, choose
from .dyadic import Dyadic, RequantizationScheme
from .integer_codes import signed_integers
from .requantization import (
    INT32,
    Call,
    channels_of,
    pair_of,
    requantize,
    rounding_of,
    run,
    scaling_of,
)

Array = npt.NDArray[Any]


def residual_add(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    scales: tuple[Dyadic, Dyadic],
    result: Format | str = "int32",
    *,
    scheme: RequantizationScheme | str = RequantizationScheme.NEAREST_EVEN,
    input_zero_points: tuple[int, int] = (0, 0),
    left_shift: int = 0,
    sum_scale: Dyadic | None = None,
    zero_point: int = 0,
    clamp: tuple[int, int] | None = None,
    axis: int = -1,
    fmt: Format | str | None = None,
    out: Array | None = None,
) -> Array:
    """Return codes of the sum of two branches, each requantised by its own scale first.

    Both branches are rounded to integers, without a clamp, and added exactly; then the sum is
    scaled by `sum_scale` if that is given, offset and clamped. HAWQ-V3 adds so and clamps only
    later (``hawq_float64``, `result` wide), I-BERT clamps at once (`result` ``int8``). TFLite's ADD
    is (x - zero point) * 2**20 of both inputs, three scales of `Dyadic.for_tflite_add`, and
    ``tflite_double`` [V].

    Parameters
    ----------
    a, b : array_like of int, one shape
        Integers of both branches, or codes of `fmt`.
    scales : (Dyadic, Dyadic)
        The scale of each branch.
    result : FixedFormat or str
        A format of integers, of at most 62 bits.
    scheme : RequantizationScheme or str
        Of all roundings; ``rounded`` rounds to even.
    input_zero_points : (int, int)
        What is subtracted from each branch first, within int32.
    left_shift : int
        Both differences are multiplied by 2**left_shift first, 0 to 30.
    sum_scale : Dyadic, optional
        The scale of the sum.
    zero_point, clamp, axis, fmt, out
        As in `requantize`.

    Returns
    -------
    ndarray of codes of `result`

    Raises
    ------
    FormatError
        As `requantize`; also if the shapes differ.

    Examples
    --------
    >>> half = Dyadic(1, 1)
    >>> residual_add([3, 5], [1, 1], (half, half), "int8").tolist()
    [2, 2]
    """
    chosen = choose(RequantizationScheme, scheme, "scheme")
    shift = integer_option(left_shift, 0, 30, "left_shift")
    pairs = pair_of(scales, "scales"), pair_of(input_zero_points, "input_zero_points")
    branches = []
    for x, name, branch, zero in zip((a, b), "ab", *pairs, strict=True):
        integers = signed_integers(x, fmt, name).astype(np.int64)
        offset = integer_option(zero, *INT32, "input_zero_points")
        room = (1 << 62) >> shift
        far = (integers <= offset - room) | (integers >= offset + room)
        if far.any():
            where = int(np.flatnonzero(far.reshape(-1))[0])
            raise FormatError(
                f"{place(name, integers.shape, where)} is {integers.reshape(-1)[where]}; less its "
                f"zero point and times 2**{shift} it must stay below 2**62"
            )
        branches.append(branch_of((integers - offset) << shift, branch, chosen, axis, name))
    if branches[0].shape != branches[1].shape:
        raise FormatError(
            f"a has shape {branches[0].shape} and b {branches[1].shape}; branches have one shape"
        )
    return requantize(
        branches[0] + branches[1],
        Dyadic(1, 0) if sum_scale is None else sum_scale,
        result,
        scheme=RequantizationScheme.ROUNDED if sum_scale is None else chosen,
        zero_point=zero_point,
        clamp=clamp,
        axis=axis,
        out=out,
    )


def branch_of(
    integers: Array, scale: Dyadic, scheme: RequantizationScheme, axis: int, name: str
) -> Array:
    """Return scaled integers as int64, without a clamp."""
    how = scaling_of(scheme, rounding_of(scheme, None), 8)
    if how.most >= FAR:
        how = how._replace(least=1 - FAR, most=FAR - 1)
    scaled = np.empty(integers.shape, np.int64)
    call = Call(scheme, *channels_of(scale, scheme, 0, integers, axis), how)
    no_draws = source(Rounding.NEAREST_EVEN, integers.shape, None, 8, None)
    run(call, integers, no_draws, scaled.reshape(-1).view(np.uint64), name)
    return scaled

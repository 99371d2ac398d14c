"""What follows a scaled product of matrices: the factor of both scales, and the output format."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_codes, scalar_format
from ..arithmetic.operations import fma, mul
from ..conversion import convert, encode
from ..decoding import decode
from ..errors import FormatError
from ..families.base import Format
from ..families.floats import FloatFormat, Style

Array = npt.NDArray[Any]

_SMALL = 8


def epilogue(
    d: npt.ArrayLike,
    scale_a: npt.ArrayLike,
    scale_b: npt.ArrayLike,
    *,
    result: Format | str = "bfloat16",
    scale_result: npt.ArrayLike | None = None,
) -> Array:
    """Return accumulators in binary32 times both scales, rounded again to an output format.

    alpha = RN(scale_a * scale_b) and y = RN(d * alpha + 0), an fma, both in binary32; then y is
    rounded to `result`, nearest_even: two roundings, as ``torch._scaled_mm`` has them. Results of
    8 bits are first multiplied by `scale_result` in binary32, and saturate, infinities too. NaN is
    the one whose trailing digits are all ones (0x7FFF of bfloat16 and binary16; 0x7F of 8 bits).

    Parameters
    ----------
    d : array_like of int
        Codes of binary32.
    scale_a, scale_b : array_like of float
        Broadcast against `d`: per tensor, or per row and per column. Rounded to binary32.
    result : Format or str
        A float format, or binary32 for y itself.
    scale_result : array_like of float, optional
        Of results of up to 8 bits.

    Returns
    -------
    ndarray of the smallest unsigned dtype
        Codes of `result`.

    Raises
    ------
    FormatError
        The result is no float format, or `scale_result` is given for a wider one.

    Examples
    --------
    >>> import numfmt as nf
    >>> d = nf.encode([1.0, 3.0], "binary32")
    >>> nf.decode(epilogue(d, 0.5, 0.25), "bfloat16").tolist()
    [0.125, 0.375]
    """
    fmt = scalar_format(result, "result")
    single = scalar_format("binary32")
    if not isinstance(fmt, FloatFormat):
        raise FormatError(f"result={fmt.name!r} is not a float format")
    narrow = fmt.bits <= _SMALL
    if scale_result is not None and not narrow:
        raise FormatError(
            f"scale_result is for results of up to {_SMALL} bits; {fmt.name!r} has {fmt.bits}"
        )
    codes = as_codes(d, single, "d")
    for name, x in (("scale_a", scale_a), ("scale_b", scale_b), ("scale_result", scale_result)):
        if getattr(x, "dtype", np.dtype(float)).kind == "u":
            raise FormatError(
                f"{name} has dtype {np.asarray(x).dtype}: codes? Scales are values, as "
                f"nf.decode({name}, 'binary32') gives them"
            )
    scales = [encode(np.asarray(x, np.float64), single) for x in (scale_a, scale_b)]
    alpha = mul(scales[0], scales[1], single, dialect="cuda")
    y = fma(codes, alpha, np.zeros((), np.uint32), single, dialect="cuda")
    if scale_result is not None:
        y = mul(y, encode(np.asarray(scale_result, np.float64), single), single, dialect="cuda")
    if fmt == single:
        found: Array = y
        return found
    nan = np.isnan(decode(y, single, dtype=np.float32))
    y = np.where(nan, np.uint32(0), y)
    overflow = "saturate" if narrow else None
    found = convert(y, single, fmt, rounding="nearest_even", overflow=overflow)
    if nan.any():
        if not fmt.has_nan:
            raise FormatError(f"result={fmt.name!r} has no NaN, and some accumulator is one")
        ones = fmt.style in (Style.IEEE, Style.FN)
        code = (1 << (fmt.bits - 1)) - 1 if ones else fmt.nan_code(0)
        found = np.where(nan, np.array(code, found.dtype), found)
    return found

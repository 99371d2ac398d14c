"""Integers as NumPy has them and as codes of integer formats: what whole-tensor operations read."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, as_codes, place, scalar_format
from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import Encoding, FixedFormat

Array = npt.NDArray[Any]
LARGEST_RESULT = 62  # bits of a format that results of requantisation have


def integer_format(fmt: Format | str, argument: str) -> FixedFormat:
    """Return a format of integers."""
    entry = scalar_format(fmt, argument)
    if isinstance(entry, FixedFormat) and entry.fraction_bits == 0:
        return entry
    raise FormatError(
        f"{argument}={entry.name!r} is no format of integers; give one such as 'int8'"
    )


def signed_integers(x: object, fmt: Format | str | None, argument: str) -> Array:
    """Return integers, or those that codes of `fmt` stand for, as int32 or int64, contiguous.

    Raises
    ------
    FormatError
        They are no integers, or one does not fit int64.
    """
    if fmt is not None:
        entry = integer_format(fmt, "fmt")
        return integers_of_codes(as_codes(x, entry, argument), entry, argument)
    array = as_array(x, argument)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise FormatError(
            f"{argument} has dtype {array.dtype}; accumulators are integers (or pass fmt= for "
            "codes of an integer format)"
        )
    if array.dtype == np.uint64:
        _refuse_large(array, argument)
    dtype = "int32" if np.can_cast(array.dtype, np.int32) else "int64"
    return np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)


def integers_of_codes(codes: Array, fmt: FixedFormat, argument: str) -> Array:
    """Return the integers of codes (as `numfmt.arguments.as_codes` gives them) as int64."""
    if fmt.bits == 64 and fmt.encoding is Encoding.UNSIGNED:
        _refuse_large(codes, argument)
    integers: Array = codes.astype(np.int64)
    if fmt.encoding is Encoding.SIGN_MAGNITUDE:
        top = 1 << (fmt.bits - 1)
        magnitude = integers & (top - 1)
        return np.where(codes & codes.dtype.type(top) != 0, -magnitude, magnitude)
    if fmt.encoding is not Encoding.UNSIGNED:
        integers = integers << (64 - fmt.bits) >> (64 - fmt.bits)
    return integers


def _refuse_large(array: Array, argument: str) -> None:
    large = array > np.iinfo(np.int64).max
    if large.any():
        index = int(np.flatnonzero(large.reshape(-1))[0])
        raise FormatError(
            f"{place(argument, array.shape, index)} is {array.reshape(-1)[index]}, past the "
            "largest int64; accumulators have at most 64 bits with their sign"
        )

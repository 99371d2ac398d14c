"""What is wrong with a code, in words: the kinds of mistakes that reports count."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from . import log_values
from .digits import fields_of_codes
from .families.base import ScalarFormat
from .families.logarithmic import LogarithmicFormat
from .params import Kind

Array = npt.NDArray[Any]

KINDS: Final = ("value", "nan_code", "zero_sign", "special", "flags")
RIGHT: Final = -1  # the label of an answer without a mistake


def kinds_of(codes: Array, fmt: ScalarFormat) -> npt.NDArray[np.uint8]:
    """Return the `numfmt.Kind` of checked codes of any shape; codes of nothing count as NaN."""
    flat = codes.reshape(-1)
    if isinstance(fmt, LogarithmicFormat):
        kinds = log_values.split(flat, fmt)[2]
    else:
        kinds = fields_of_codes(flat, fmt)[0]
    return kinds.astype(np.uint8).reshape(codes.shape)


def label(
    expected: Array,
    got: Array,
    fmt: ScalarFormat,
    *,
    mask: Array | None = None,
    expected_flags: Array | None = None,
    got_flags: Array | None = None,
    any_nan: bool = False,
) -> npt.NDArray[np.int8]:
    """Return the kind of mistake of every answer: an index into `KINDS`, or `RIGHT`.

    Parameters
    ----------
    expected, got : ndarray of unsigned integers
        Codes of `fmt`, within range, of one shape.
    fmt : ScalarFormat
    mask : ndarray of unsigned integers, optional
        The bits of a code that count; where a bit is 0 the design is free.
    expected_flags, got_flags : ndarray of unsigned integers, optional
        Both or neither; of the same shape. Flags are judged where the codes are right.
    any_nan : bool
        Take any NaN code for a NaN.

    Returns
    -------
    ndarray of int8
        A wrong ``value``; another ``nan_code``; the other ``zero_sign``; a ``special`` (infinity
        or NaN) in place of something else; right codes with wrong ``flags``.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> found = label(
    ...     np.array([0x38, 0x7f, 0x00, 0x7e, 0x38], np.uint8),
    ...     np.array([0x39, 0xff, 0x80, 0x7f, 0x38], np.uint8), nf.get("e4m3"),
    ... )
    >>> [KINDS[kind] if kind != RIGHT else "right" for kind in found.tolist()]
    ['value', 'nan_code', 'zero_sign', 'special', 'right']
    """
    different = expected ^ got
    if mask is not None:
        different = different & mask
    wrong = different != 0
    labels = np.full(wrong.shape, RIGHT, np.int8)
    if wrong.any():
        labels[wrong] = _of_wrong(expected[wrong], got[wrong], fmt, any_nan)
    if expected_flags is not None and got_flags is not None:
        labels[(labels == RIGHT) & (expected_flags != got_flags)] = KINDS.index("flags")
    return labels


def _of_wrong(expected: Array, got: Array, fmt: ScalarFormat, any_nan: bool) -> Array:
    wanted, given = kinds_of(expected, fmt), kinds_of(got, fmt)
    both_nan = (wanted == Kind.NAN) & (given == Kind.NAN)
    both_zero = (wanted == Kind.ZERO) & (given == Kind.ZERO)
    special = (wanted >= Kind.INFINITY) | (given >= Kind.INFINITY)
    nan_code = RIGHT if any_nan else KINDS.index("nan_code")
    choices = [nan_code, KINDS.index("zero_sign"), KINDS.index("special")]
    labels: Array = np.select([both_nan, both_zero, special], choices, KINDS.index("value"))
    return labels

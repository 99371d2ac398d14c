"""Operands in blocks as numbers: the scales multiplied into every element, exactly."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..params import Kind
from .exact_sums import Fields, fields_of
from .jobs import Side

Array = npt.NDArray[Any]

_ROOM = 63


def _times(x: Fields, y: Fields, what: str) -> Fields:
    """Return the products of two operands, elementwise.

    Raises
    ------
    FormatError
        Some product has more than 63 digits.
    """
    digits = [int(z.significands.max(initial=0)).bit_length() for z in (x, y)]
    if sum(digits) > _ROOM:
        raise FormatError(
            f"{what}: element times scale has {sum(digits)} digits, more than {_ROOM}"
        )
    zero, infinity, nan = int(Kind.ZERO), int(Kind.INFINITY), int(Kind.NAN)
    kinds = np.full(x.kinds.shape, int(Kind.NORMAL), np.uint8)
    kinds[(x.kinds == zero) | (y.kinds == zero)] = zero
    infinite = (x.kinds == infinity) | (y.kinds == infinity)
    lost = (x.kinds == nan) | (y.kinds == nan) | (infinite & (kinds == zero))
    kinds[infinite] = infinity
    kinds[lost] = nan
    number = (kinds != zero) & (kinds < infinity)
    return Fields(
        kinds,
        x.signs ^ y.signs,
        np.where(number, x.exponents + y.exponents, 0),
        np.where(number, x.significands * y.significands, np.uint64(0)),
    )


def folded(side: Side, axis: int) -> Fields:
    """Return an operand's elements times their scales, as numbers; K is axis 1 or 2 of it."""
    elements = fields_of(side.codes, side.fmt)
    if side.scales is None or side.scale_fmt is None:
        return elements
    name = "ab"[2 - axis]
    scales = fields_of(side.scales, side.scale_fmt)
    if side.outer is not None:
        outer = side.outer.outer_scales
        if outer.size != 1:
            raise FormatError(
                f"{name} of {side.outer.format.name!r} has {outer.size} outer scales; products "
                "take one for the whole array: encode what dequantize() gives"
            )
        one = fields_of(outer.reshape(1, 1, 1), side.outer.format.scale.scale_code)
        spread = Fields(*(np.broadcast_to(column, scales.kinds.shape) for column in one))
        scales = _times(scales, spread, name)
    k = side.codes.shape[axis]
    spread = Fields(*(np.take(column, np.arange(k) // side.block, axis=axis) for column in scales))
    return _times(elements, spread, name)

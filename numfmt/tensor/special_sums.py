"""Sums that are no numbers, and the signs of sums of zeros."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels import exact_sums as kernel
from ..params import Kind
from .operand_fields import Fields
from .pieces import Side
from .sum_calls import Call, project

Array = npt.NDArray[Any]

_INFINITY, _NAN, _ZERO = int(Kind.INFINITY), int(Kind.NAN), int(Kind.ZERO)


def give_signs(codes: Array, flags: Array, a: Side, b: Side, c: Fields, call: Call) -> None:
    """Give sums of zeros of one sign that sign."""
    places = np.flatnonzero(flags & kernel.UNSIGNED)
    flags &= ~kernel.UNSIGNED
    signs = np.empty(places.size, np.uint8)
    _, rows, columns = codes.shape
    kernel.common_signs(places, rows, columns, a.fields.signs, b.fields.signs, signs)
    if not call.late:  # c is a term too
        start = c.signs if c.signs.size > 1 else c.signs.reshape(1, 1, 1)
        mine = np.broadcast_to(start, codes.shape)
        signs[signs != mine.reshape(-1)[places]] = 2
    one = signs < 2
    if call.numbers.rules.plus:
        signs[one] = 0
    kinds = np.full(int(one.sum()), _ZERO, np.uint8)
    project(kinds, signs[one], places[one], codes, flags, call)


def put_special(codes: Array, flags: Array, x: Fields, y: Fields, c: Fields, call: Call) -> None:
    """Put NaNs and infinities in the places of sums that have some among their terms."""
    for group in range(codes.shape[0]):
        left, right, start = (
            Fields(*(column[group if column.shape[0] > 1 else 0] for column in fields))
            for fields in (x, y, c)
        )
        nan, negative, positive = _special(left, right, start)
        nan |= negative & positive
        there = nan | negative | positive
        places = np.flatnonzero(there)
        kinds = np.where(nan, _NAN, _INFINITY).astype(np.uint8)[there]
        signs = np.where(nan, False, negative).astype(np.uint8)[there]
        project(kinds, signs, places, codes[group], flags[group], call)


def _special(a: Fields, b: Fields, c: Fields) -> tuple[Array, Array, Array]:
    """Return where sums of rows of a and of b, and c, are NaN, or have infinite terms."""
    nan: Array = (a.kinds == _NAN).any(axis=1)[:, None] | (b.kinds == _NAN).any(axis=1)
    infinite = c.kinds == _INFINITY
    negative: Array = np.zeros_like(nan) | (infinite & (c.signs == 1))
    positive: Array = np.zeros_like(nan) | (infinite & (c.signs == 0))
    if c.kinds.ndim:  # else nothing is there
        nan = nan | (c.kinds == _NAN)
    with_infinity = (a.kinds == _INFINITY).any(axis=0) | (b.kinds == _INFINITY).any(axis=0)
    if with_infinity.any():
        left, right = (
            Fields(*(column[:, with_infinity] for column in fields)) for fields in (a, b)
        )
        zero_a, inf_a = left.kinds == _ZERO, left.kinds == _INFINITY
        zero_b, inf_b = right.kinds == _ZERO, right.kinds == _INFINITY
        nan |= _meet(inf_a, zero_b) | _meet(zero_a, inf_b)
        for sign_a in (0, 1):
            for sign_b in (0, 1):
                mine_a = (left.signs == sign_a) & ~zero_a
                mine_b = (right.signs == sign_b) & ~zero_b
                met = _meet(mine_a & inf_a, mine_b) | _meet(mine_a, mine_b & inf_b)
                if sign_a != sign_b:
                    negative |= met
                else:
                    positive |= met
    return nan, negative, positive


def _meet(a: Array, b: Array) -> Array:
    """Return which rows of a and of b have a common place."""
    found: Array = np.matmul(a.astype(np.float32), b.astype(np.float32).T) > 0
    return found

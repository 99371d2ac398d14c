"""Operands as integers times powers of two."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.grid import GridFormat
from ..parallel import in_parallel
from ..params import Kind

Array = npt.NDArray[Any]

BLOCK = 1 << 15  # elements whose fields are found at once


class Fields(NamedTuple):
    """Values of any shape: (-1)**sign * significand * 2**exponent, 0 unless they are numbers."""

    kinds: Array  # uint8
    signs: Array  # uint8
    exponents: Array  # int64
    significands: Array  # uint64

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of every field."""
        shape: tuple[int, ...] = self.kinds.shape
        return shape

    def apply(self, change: Callable[[Array], Array]) -> "Fields":
        """Return the fields after a function of arrays."""
        return Fields(*(np.ascontiguousarray(change(column)) for column in self))


NO_NUMBER = Fields(  # in the place of an accumulator operand that is not there
    np.full(1, int(Kind.NAN), np.uint8),
    np.zeros(1, np.uint8),
    np.zeros(1, np.int64),
    np.zeros(1, np.uint64),
)
PLUS_ZERO = NO_NUMBER._replace(kinds=np.zeros(1, np.uint8))


def fields_of(codes: Array, fmt: ScalarFormat, flush: bool = False) -> Fields:
    """Return the fields of codes of any shape; with `flush` subnormals are zeros of their sign.

    Raises
    ------
    FormatError
        The values are no integers times powers of two.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> [x.tolist() for x in fields_of(np.array([0x01, 0xc4], np.uint8), nf.get("e4m3"))]
    [[1, 2], [0, 1], [-9, -2], [1, 12]]
    """
    if not (isinstance(fmt, GridFormat) or fmt.dyadic):
        raise FormatError(
            f"values of {fmt.name!r} are no integers times powers of two, so that their products "
            "have no finite exact sum; use nf.Sequential with product='binary32' (or another "
            "format), whose products are rounded one by one"
        )
    flat = np.ascontiguousarray(codes).reshape(-1)
    dtypes = (np.uint8, np.uint8, np.int64, np.uint64)
    found = Fields(*(np.empty(flat.size, dtype) for dtype in dtypes))
    table = _table(fmt, flush) if fmt.bits <= 16 and flat.size >> fmt.bits else None

    def run(start: int, stop: int) -> int:
        for low in range(start, stop, BLOCK):
            part = slice(low, min(low + BLOCK, stop))
            if table is not None:
                index = flat[part].astype(np.intp)
                for column, row in zip(found, table, strict=True):
                    np.take(row, index, out=column[part], mode="clip")  # quicker than the default
                continue
            for column, values in zip(found, _computed(flat[part], fmt, flush), strict=True):
                column[part] = values
        return 0

    in_parallel(run, flat.size, BLOCK)
    return Fields(*(column.reshape(codes.shape) for column in found))


def _computed(codes: Array, fmt: ScalarFormat, flush: bool) -> tuple[Array, ...]:
    kinds, signs, exponents, significands = fields_of_codes(codes, fmt)
    if flush:
        low = kinds == int(Kind.SUBNORMAL)
        kinds[low], significands[low] = int(Kind.ZERO), 0
    return kinds, signs, exponents, significands


@functools.lru_cache(maxsize=16)
def _table(fmt: ScalarFormat, flush: bool) -> tuple[Array, ...]:
    """Return the fields of all codes of a format of at most 16 bits."""
    return _computed(np.arange(1 << fmt.bits).astype(fmt.code_dtype), fmt, flush)

"""The black box: rows of codes in, codes out, with every call and row counted."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import FormatError
from ...families.base import ScalarFormat

Array = npt.NDArray[Any]


class Shape(NamedTuple):
    """What a black box takes: formats of a, b and c, products in a row, and block scales."""

    a: ScalarFormat
    b: ScalarFormat
    output: ScalarFormat
    k: int
    scale: ScalarFormat | None = None
    scale_block: int = 0

    @property
    def blocks(self) -> int:
        """How many scales an operand has."""
        return self.k // self.scale_block if self.scale_block else 0


class Rows(NamedTuple):
    """Stimuli: codes of a and b, (n, K); of c, (n,); of their scales, (n, blocks)."""

    a: Array
    b: Array
    c: Array
    scale_a: Array
    scale_b: Array

    def take(self, chosen: Any) -> "Rows":
        """Return some of the rows."""
        return Rows(*(column[chosen] for column in self))

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.c.shape[0])


def joined(parts: list[Rows]) -> Rows:
    """Return rows one after another."""
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class Box:
    """A function of codes, and how often it was asked."""

    def __init__(self, f: Callable[..., Any], shape: Shape, max_calls: int) -> None:
        self.f = f
        self.shape = shape
        self.max_calls = max_calls
        self.calls = 0
        self.rows = 0

    @property
    def left(self) -> int:
        """How many calls remain."""
        return self.max_calls - self.calls

    def ask(self, rows: Rows) -> Array:
        """Return the codes that the black box delivers, uint64 (n,).

        Raises
        ------
        FormatError
            What came back is not one code of the output for each row.
        """
        self.calls += 1
        self.rows += rows.size
        scales = (rows.scale_a, rows.scale_b) if self.shape.scale is not None else ()
        # A black box may write into what it is given.
        given = np.asarray(self.f(*(x.copy() for x in (rows.a, rows.b, rows.c, *scales))))
        if given.shape != (rows.size,) or given.dtype.kind not in "iu":
            raise FormatError(
                f"f returned {given.dtype} of shape {given.shape} for {rows.size} rows; it must "
                "return one integer code for each"
            )
        codes = given.astype(np.uint64)
        bits = self.shape.output.bits
        if bits < 64 and codes.size and int(codes.max()) >> bits:
            raise FormatError(
                f"f returned {int(codes.max()):#x}, which is no code of {self.shape.output.name!r}"
            )
        return codes

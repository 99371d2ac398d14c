"""What an operation of vectors is: its columns, what computes them, and what checks them."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ... import exact
from ...errors import FormatError
from ...families.base import Format
from ..corners.base import Row

if TYPE_CHECKING:
    from ..spec import Spec

Codes: TypeAlias = npt.NDArray[np.uint64]
Columns: TypeAlias = dict[str, Codes]

FLAG_NAMES = ("NX", "UF", "OF", "DZ", "NV")  # in the order of the bits of `numfmt.Flags`


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of a row.

    Attributes
    ----------
    name : str
    width : int
        Bits of an element.
    count : int
        Elements; element 0 is in the least significant bits of the field.
    fmt : Format, optional
        What the elements are codes of; None for truth values, classes and shifts.
    """

    name: str
    width: int
    count: int = 1
    fmt: Format | None = None

    @property
    def bits(self) -> int:
        """Bits of the whole field."""
        return self.width * self.count


class Outcome(NamedTuple):
    """What an operation gives for many rows: codes by column, and flags where there are any."""

    results: Columns
    flags: Codes | None = None

    @classmethod
    def of(cls, found: Any, flagged: bool) -> "Outcome":
        """Return what a call gave: codes, or with ``return_flags`` codes and flags."""
        codes, flags = found if flagged else (found, None)
        return cls({"expected": codes}, flags)


class Verdict(NamedTuple):
    """What `exact` gives for one row: codes in the order of the result columns, and flags."""

    results: tuple[int | tuple[int, ...], ...]
    flags: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of table.

    Attributes
    ----------
    name : str
    formula : str
        What is expected, in terms of the operand columns.
    settle : function of Spec
        Returns the fields of the spec that it settles: formats, defaults of its own.
    operands, results : function of Spec
        The columns. The first result is called ``expected``, others ``expected_<name>``.
    evaluate : function of (Spec, mode, Columns, random bits or None)
        The kernels' results. A column of one element is 1-D, others (rows, count).
    witness : function of (Spec, mode, Row, Draw or None)
        The results of `exact` for one row.
    takes : frozenset of str
        The fields of a spec that mean something here, beyond those of every operation.
    modes : function of Spec
        The names that ``rounding="all"`` stands for; its first one is the default.
    flags : function of Spec
        The names of the flags that are defined.
    refused : function of (Spec, Columns), optional
        Where the result format has no code for an answer.
    draw : function of (Spec, attempt, start, stop), optional
        Random rows, where operands of any bits would be mostly refused.
    family : str
        Under which heading it is listed.
    """

    name: str
    formula: str
    settle: "Callable[[Spec], dict[str, Any]]"
    operands: "Callable[[Spec], tuple[Column, ...]]"
    results: "Callable[[Spec], tuple[Column, ...]]"
    evaluate: "Callable[[Spec, str, Columns, Codes | None], Outcome]"
    witness: "Callable[[Spec, str, Row, exact.Draw | None], Verdict]"
    takes: frozenset[str] = frozenset()
    modes: "Callable[[Spec], tuple[str, ...]]"
    flags: "Callable[[Spec], tuple[str, ...]]" = lambda spec: ()
    refused: "Callable[[Spec, Columns], npt.NDArray[np.bool_]] | None" = None
    draw: "Callable[[Spec, int, int, int], Columns] | None" = None
    family: str = "yours"


OPERATIONS: dict[str, Operation] = {}


def register_operation(operation: Operation) -> None:
    """Make an operation known to specs, files and the command line.

    Raises
    ------
    FormatError
        There is one of that name.
    """
    if operation.name in OPERATIONS:
        raise FormatError(f"there is an operation {operation.name!r} already")
    OPERATIONS[operation.name] = operation

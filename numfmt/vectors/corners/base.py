"""What a corner class is: bins that are wanted, operands solved for them, and a judge of both."""

import dataclasses
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, TypeAlias

from ..streams import Stream

if TYPE_CHECKING:
    from ..spec import Spec

Row: TypeAlias = tuple[int | tuple[int, ...], ...]  # the operand codes, in the order of the columns
Bin: TypeAlias = str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CornerClass:
    """One class of corners: a set of bins, each of which wants a row.

    Attributes
    ----------
    name : str
        As in ``classes=`` and in the files.
    models : str
        IBM's models that it stands for (``B3, B8``), or the family of its own.
    text : str
        What its bins are, in a line.
    applies : function of Spec
        Whether the class means something for an operation and its formats.
    bins : function of Spec
        The labels of its bins, in a fixed order.
    solve : function of (Spec, bin, Stream)
        Yields rows that should hit the bin: constructed ones, a finite number, likely ones first.
    hits : function of (Spec, Row)
        The bins of this class that a row hits, worked out from the row's exact results and not
        from how it was made.
    unreachable : function of (Spec, bin)
        Why no row can hit a bin (a proof in a line), or None. Small operand spaces need none: they
        are enumerated.
    """

    name: str
    models: str
    text: str
    applies: "Callable[[Spec], bool]"
    bins: "Callable[[Spec], tuple[Bin, ...]]"
    solve: "Callable[[Spec, Bin, Stream], Iterator[Row]]"
    hits: "Callable[[Spec, Row], Collection[Bin]]"
    unreachable: "Callable[[Spec, Bin], str | None]" = lambda spec, wanted: None

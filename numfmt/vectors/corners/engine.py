"""Corners for a spec: a row for every bin, or the proof that there is none."""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ...errors import FormatError
from ..streams import Stream
from .base import Bin, CornerClass, Row

if TYPE_CHECKING:
    from ..spec import Spec

ENUMERATED_BITS = 16  # operand spaces up to this size are searched to prove a bin unreachable
_RANDOM_ROWS = 512


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """What was found of one class.

    Attributes
    ----------
    name, models, text : str
        As of the `CornerClass`.
    bins : tuple of str
        What is wanted.
    rows : dict of bin to row
        The row that was constructed for each bin that was found.
    unreachable : dict of bin to str
        Why no row can hit a bin.
    """

    name: str
    models: str
    text: str
    bins: tuple[Bin, ...]
    rows: dict[Bin, Row]
    unreachable: dict[Bin, str]

    @property
    def wanted(self) -> int:
        """How many bins there are."""
        return len(self.bins)

    @property
    def left(self) -> list[Bin]:
        """Bins that were neither hit nor proved unreachable."""
        return [b for b in self.bins if b not in self.rows and b not in self.unreachable]

    @property
    def missing(self) -> int:
        """How many bins were neither hit nor proved unreachable."""
        return len(self.left)


def search(spec: "Spec", corners: Iterable[CornerClass]) -> tuple[Found, ...]:
    """Return for every class a row for each of its bins, or the proof that there is none.

    Bins that no constructed row hits are looked for among the rows of other bins, among random
    rows, and in small operand spaces among all rows there are.

    Raises
    ------
    FormatError
        A bin is left over: a class that falls short is a mistake in numfmt, not in the design.
    """
    searched = [_construct(spec, corner) for corner in corners]
    if any(found.missing for found, _ in searched):
        rows = dict.fromkeys(row for found, _ in searched for row in found.rows.values())
        for found, corner in searched:
            _look_among(spec, corner, found, rows)
    for found, corner in searched:
        if found.missing:
            _look_among(spec, corner, found, _random_rows(spec))
        if found.missing and spec.operand_bits <= ENUMERATED_BITS:
            _look_among(spec, corner, found, _every_row(spec))
            reason = f"all {1 << spec.operand_bits:,} operands were tried"
            found.unreachable.update(dict.fromkeys(found.left, reason))
        if found.missing:
            raise FormatError(
                f"class {found.name!r} of {spec} falls short: {found.missing} of {found.wanted} "
                f"bins have no row and no proof, the first one {found.left[0]!r}; please report "
                "it, or name other classes"
            )
    return tuple(found for found, _ in searched)


def _construct(spec: "Spec", corner: CornerClass) -> tuple[Found, CornerClass]:
    """Return what the solver of a class finds, and what is proved."""
    bins = corner.bins(spec)
    found = Found(
        name=corner.name,
        models=corner.models,
        text=corner.text,
        bins=bins,
        rows={},
        unreachable={},
    )
    for wanted in bins:
        row, refused = _solved(spec, corner, wanted)
        if row is not None:
            found.rows[wanted] = row
            continue
        reason = corner.unreachable(spec, wanted)
        if reason is None and refused:
            reason = "the result format has no code for what such operands give"
        if reason is not None:
            found.unreachable[wanted] = reason
    return found, corner


def _look_among(spec: "Spec", corner: CornerClass, found: Found, rows: Iterable[Row]) -> None:
    """Look for the bins that are left among rows that were not made for them."""
    left = set(found.left)
    for row in rows if left else ():
        for wanted in left & set(corner.hits(spec, row)):
            if not refuses(spec, row):
                found.rows[wanted] = row
                left.discard(wanted)
        if not left:
            return


def _solved(spec: "Spec", corner: CornerClass, wanted: Bin) -> tuple[Row | None, bool]:
    """Return the first candidate that hits a bin, and whether some did but have no answer."""
    refused = False
    stream = Stream(spec.seed, f"corner {corner.name} {wanted}")
    for row in corner.solve(spec, wanted, stream):
        if wanted in corner.hits(spec, row):
            if not refuses(spec, row):
                return row, refused
            refused = True
    return None, refused


def refuses(spec: "Spec", row: Row) -> bool:
    """Return whether the result format has no code for a row."""
    refused = spec.operation.refused
    return refused is not None and bool(refused(spec, columns_of(spec, [row]))[0])


def columns_of(spec: "Spec", rows: list[Row]) -> dict[str, Any]:
    """Return rows as columns of codes."""
    import numpy as np

    return {
        column.name: np.array([row[at] for row in rows], np.uint64)
        for at, column in enumerate(spec.operands)
    }


def _random_rows(spec: "Spec") -> Iterator[Row]:
    """Yield random rows, of any bits and of near binades."""
    from ..stimuli import drawn_rows

    drawn = drawn_rows(spec, 0, _RANDOM_ROWS)
    for at in range(_RANDOM_ROWS):
        parts = (drawn[column.name][at] for column in spec.operands)
        yield tuple(tuple(part.tolist()) if part.ndim else int(part) for part in parts)


def _every_row(spec: "Spec") -> Iterator[Row]:
    """Yield every row there is."""
    spaces: list[Iterable[Any]] = [
        itertools.product(range(1 << column.width), repeat=column.count)
        if column.count > 1
        else range(1 << column.width)
        for column in spec.operands
    ]
    yield from itertools.product(*spaces)

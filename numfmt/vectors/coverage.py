"""Coverage: what each class wanted, found, and why the rest cannot be."""

import dataclasses
from typing import Any

from .corners.engine import Found


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassCoverage:
    """One class of a set.

    Attributes
    ----------
    name, models, text : str
    wanted : int
        Bins of a corner class; operands of the others.
    found : int
        How many of them have a row.
    unreachable : int
        How many of them no row can hit.
    reasons : dict of str to int
        Why, and for how many bins.
    rows : int
        Rows of this class, all rounding modes together.
    """

    name: str
    models: str = ""
    text: str = ""
    wanted: int
    found: int
    unreachable: int = 0
    reasons: dict[str, int] = dataclasses.field(default_factory=dict)
    rows: int

    @property
    def thinned(self) -> bool:
        """Whether `max_rows` left out operands that are no bins of a corner class."""
        return self.found + self.unreachable < self.wanted


class Coverage(tuple[ClassCoverage, ...]):
    """The classes of a set, printed as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return a table: class, models, wanted, found, unreachable, rows."""
        head = ("class", "models", "wanted", "found", "unreachable", "rows")
        rows = [
            (c.name, c.models, *(f"{n:,}" for n in (c.wanted, c.found, c.unreachable, c.rows)))
            for c in self
        ]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

        def line(row: tuple[str, ...]) -> str:
            texts = [cell.ljust(w) for cell, w in zip(row[:2], widths[:2], strict=True)]
            numbers = [cell.rjust(w) for cell, w in zip(row[2:], widths[2:], strict=True)]
            return "  ".join([*texts, *numbers])

        lines = [line(head), *map(line, rows)]
        for entry in self:
            lines += [f"  {entry.name}: {n:,} bins: {why}" for why, n in entry.reasons.items()]
            if entry.thinned:
                lines.append(f"  {entry.name}: thinned by max_rows")
        return "\n".join(lines)

    __str__ = __repr__

    def text(self) -> str:
        """Return rows, and the bins of the corner classes, in a line."""
        corners = [entry for entry in self if entry.text]
        wanted, found = sum(c.wanted for c in corners), sum(c.found for c in corners)
        rows = f"{sum(entry.rows for entry in self):,} rows"
        if not corners:
            return rows
        rest = sum(c.unreachable for c in corners)
        none = f", {rest:,} unreachable" if rest else ""
        return f"{rows}, {found:,} of {wanted:,} bins in {len(corners)} corner classes{none}"

    def to_dict(self) -> dict[str, Any]:
        """Return the table ready for JSON."""
        fields = ("models", "text", "wanted", "found", "unreachable", "reasons", "rows")
        return {
            entry.name: {name: getattr(entry, name) for name in fields if getattr(entry, name)}
            | {"wanted": entry.wanted, "found": entry.found}
            for entry in self
        }


def of_corner(found: Found, rows: int) -> ClassCoverage:
    """Return the coverage of a corner class."""
    reasons: dict[str, int] = {}
    for why in found.unreachable.values():
        reasons[why] = reasons.get(why, 0) + 1
    return ClassCoverage(
        name=found.name,
        models=found.models,
        text=found.text,
        wanted=found.wanted,
        found=len(found.rows),
        unreachable=len(found.unreachable),
        reasons=reasons,
        rows=rows,
    )

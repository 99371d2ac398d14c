"""Text files of others: the answers of a design, and TestFloat's files."""

import itertools
from pathlib import Path

import numpy as np

from ..errors import FormatError
from .damage import DamagedFile
from .operations.base import Codes, Column, Columns

_FLAGS = Column(name="flags", width=8)


def read_answers(
    path: Path, results: tuple[Column, ...], count: int
) -> tuple[Columns, Codes | None]:
    """Return codes by column, each (rows, elements), and flags, from lines of hexadecimal words."""
    each = [Column(name=c.name, width=c.width) for c in results for _ in range(c.count)]
    whole = [Column(name=c.name, width=c.bits) for c in results]
    shapes = {len(words): words for words in (whole, [*whole, _FLAGS], each, [*each, _FLAGS])}
    rows, words = _read_rows(path, shapes)
    if len(rows) != count:
        raise DamagedFile(f"{path}: {len(rows)} answers; the set has {count} rows")
    flags = None
    if words[-1] is _FLAGS:
        flags = np.array([row[-1] for row in rows], np.uint64)
    codes: Columns = {}
    at = 0
    for column in results:
        if words[at].width == column.width:
            part = [row[at : at + column.count] for row in rows]
            at += column.count
        else:
            low = (1 << column.width) - 1
            shifts = range(0, column.bits, column.width)
            part = [[row[at] >> shift & low for shift in shifts] for row in rows]
            at += 1
        codes[column.name] = np.array(part, np.uint64).reshape(count, column.count)
    return codes, flags


def _read_rows(path: Path, shapes: dict[int, list[Column]]) -> tuple[list[list[int]], list[Column]]:
    """Return the words of every line, and what they are by their number."""
    rows: list[list[int]] = []
    words: list[Column] = []
    for number, line, values in hexadecimal_lines(path):
        if not rows:
            if len(values) not in shapes:
                wanted = " or ".join(str(n) for n in sorted(shapes))
                raise DamagedFile(
                    f"{path}:{number}: {line!r} has {len(values)} words, where a row has {wanted}"
                )
            words = shapes[len(values)]
        if len(values) != len(words):
            raise DamagedFile(f"{path}:{number}: {line!r} has not as many words as before")
        for value, column in zip(values, words, strict=True):
            if value >> column.width:
                what = "flags" if column is _FLAGS else f"a code of {column.width} bits"
                raise DamagedFile(f"{path}:{number}: {line!r}: {value:x} is not {what}")
        rows.append(values)
    if not rows:
        raise DamagedFile(f"{path}: no answers; a row is a line of hexadecimal words")
    return rows, words


def hexadecimal_lines(path: Path) -> "itertools.chain[tuple[int, str, list[int]]]":
    """Return number, text and words of every line that has any; ``//`` and ``#`` start comments."""
    try:
        text = path.read_text(encoding="ascii", errors="backslashreplace")
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from error

    def of(number: int, line: str) -> list[tuple[int, str, list[int]]]:
        words = line.split("//")[0].split("#")[0].split()
        shown = line.strip()[:200]
        try:
            values = [int(word, 16) for word in words]
        except ValueError:
            values = [-1]
        if any(value < 0 for value in values) or any("_" in word for word in words):
            raise DamagedFile(
                f"{path}:{number}: {shown!r} is not hexadecimal (an x is an output that "
                "the design never drove)"
            )
        return [(number, shown, values)] if words else []

    lines = text.splitlines()
    return itertools.chain.from_iterable(of(i, line) for i, line in enumerate(lines, 1))

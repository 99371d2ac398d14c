"""TestFloat files that others made: operands, result, flags, a line a case."""

import dataclasses
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import FormatError
from .answers import hexadecimal_lines
from .damage import DamagedFile
from .numbering import CLASSES
from .operations.base import Codes, Columns
from .spec import Spec
from .stimuli import Stimuli
from .table import Source, VectorTable

_SECTION = "# rounding="


class TestFloatFile(NamedTuple):
    """What a TestFloat file holds, ready for `compare`.

    Attributes
    ----------
    table : VectorTable
        The operands of the file, with the results of numfmt.
    results : ndarray of uint64
        The results of the file.
    flags : ndarray of uint64, optional
        Its flags, if it has any.
    """

    table: VectorTable
    results: Codes
    flags: Codes | None


TestFloatFile.__test__ = False  # type: ignore[attr-defined]  # no test class, whatever its name


def read_testfloat(path: str | os.PathLike[str], spec: Spec) -> TestFloatFile:
    r"""Return the cases of a TestFloat file beside numfmt's results for its operands.

    Parameters
    ----------
    path : path
        Lines of hexadecimal words: operands, the result, and flags (in the order of the spec's
        `flag_order`) if there are any. ``//`` and ``#`` start comments.
    spec : Spec
        The operation, formats, dialect and the one rounding mode, which are not in such files.

    Raises
    ------
    DamagedFile
        A line is not what the spec says; the message names it.
    FormatError
        The spec names several modes, or an operation with several elements or results.

    Examples
    --------
    >>> import tempfile
    >>> from numfmt import vectors
    >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    ...     _ = file.write("3C00 4000 4200 00\n3C00 3C00 4000 01\n")
    ...     file.flush()
    ...     found = vectors.read_testfloat(file.name, vectors.Spec(op="add", fmt="binary16"))
    >>> print(str(vectors.compare(*found)).splitlines()[0])
    1 passed, 1 failed
    """
    columns = spec.operands
    if len(spec.rounding) > 1 or spec.stochastic:
        raise FormatError("rounding: a TestFloat file is of one mode without random bits; name it")
    if any(column.count > 1 for column in (*columns, *spec.results)) or len(spec.results) > 1:
        raise FormatError(f"op={spec.op!r}: TestFloat files are of operations on numbers")
    place, count = Path(path), len(columns)
    _refuse_other_modes(place, spec.rounding[0])
    widths = [column.width for column in (*columns, *spec.results)] + [8]
    rows: list[list[int]] = []
    lines: list[int] = []
    for number, line, words in hexadecimal_lines(place):
        if len(words) not in (count + 1, count + 2) or (rows and len(words) != len(rows[0])):
            raise DamagedFile(
                f"{place}:{number}: {line!r} has {len(words)} words; {spec.op} has {count} "
                "operands, a result and, if you like, flags, the same in every line"
            )
        for word, width in zip(words, widths, strict=False):
            if word >> width:
                raise DamagedFile(f"{place}:{number}: {line!r}: {word:x} has over {width} bits")
        rows.append(words)
        lines.append(number)
    if not rows:
        raise DamagedFile(f"{place}: no cases; a case is a line of hexadecimal words")
    array = np.array(rows, np.uint64)
    fixed: Columns = {column.name: array[:, at] for at, column in enumerate(columns)}
    refused = spec.operation.refused
    if refused is not None and (bad := refused(spec, fixed)).any():
        raise FormatError(
            f"{place}:{lines[int(np.argmax(bad))]}: the result has no code in {spec.dst.name!r}; "
            "set nan=<code>, or leave the case out"
        )
    table = table_of(spec, fixed)
    return TestFloatFile(
        table, array[:, count], array[:, count + 1] if array.shape[1] > count + 1 else None
    )


def _refuse_other_modes(path: Path, mode: str) -> None:
    """Refuse a file whose sections say that they are of other modes, as numfmt's own do."""
    try:
        text = path.read_text(encoding="ascii", errors="backslashreplace")
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_SECTION) and line.removeprefix(_SECTION).strip() != mode:
            raise DamagedFile(
                f"{path}:{number}: {line!r} starts rows of another mode than {mode!r}; keep the "
                "rows of one mode, or compare answers with a set"
            )


def table_of(spec: Spec, operands: Columns) -> VectorTable:
    """Return the table of operands that are given; it belongs to no set that could be written."""
    size = next(iter(operands.values())).shape[0]
    numbers = np.full(size, CLASSES["input"], np.uint8)
    spec = dataclasses.replace(spec, exhaustive=False)
    stimuli = Stimuli(
        spec=spec, count=size, fixed=operands, numbers=numbers, wanted={"input": size}
    )
    source = Source(spec=spec, operands=stimuli, given=True)
    parts = list(source.chunks())
    columns = {name: np.concatenate([part[name] for part in parts]) for name in source.fields}
    return VectorTable(source=source, columns=columns)

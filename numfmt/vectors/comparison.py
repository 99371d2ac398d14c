"""What a design answered against what it should have: a report by class and kind of mistake."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat
from ..mistakes import KINDS, RIGHT, label
from .answers import read_answers
from .numbering import CLASSES
from .operations.base import Codes, Column, Columns
from .table import VectorTable, mask_name

_SHOWN = 10
_SHOWN_ELEMENTS = 4

Given: TypeAlias = "npt.ArrayLike | Mapping[str, npt.ArrayLike] | str | os.PathLike[str]"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One row where the answer is wrong.

    Attributes
    ----------
    row : int
    kind : str
        ``value``, ``nan_code``, ``zero_sign``, ``special`` or ``flags``.
    stimulus, rounding : str
        The class of the row and its mode.
    operands : dict of str to int or tuple of int
        Codes by column, the random bits among them.
    column : str
        The result that is wrong, and its place where it has several elements: ``expected[3]``.
    expected, got : int
        Codes of that element.
    expected_flags, got_flags : int
        `got_flags` is None where no flags were compared.
    """

    row: int
    kind: str
    stimulus: str
    rounding: str
    operands: dict[str, int | tuple[int, ...]]
    column: str
    expected: int
    got: int
    expected_flags: int
    got_flags: int | None
    digits: int = 2

    def to_dict(self) -> dict[str, Any]:
        """Return the mismatch with its bits as hexadecimal text, as JSON wants them."""
        fields = dataclasses.asdict(self)
        del fields["digits"]
        fields["operands"] = {name: _hex(code) for name, code in self.operands.items()}
        for name in ("expected", "got", "expected_flags", "got_flags"):
            fields[name] = _hex(fields[name])
        return fields

    def __str__(self) -> str:
        """Return the mismatch in a line."""
        operands = " ".join(f"{name}={_short(code)}" for name, code in self.operands.items())
        got_flags = "" if self.got_flags is None else f" flags {self.got_flags:02x}"
        place = "" if self.column == "expected" else f"{self.column} "
        return (
            f"row {self.row}: {self.kind}: {operands} {self.rounding} {place}expected "
            f"{self.expected:0{self.digits}x} flags {self.expected_flags:02x}, got "
            f"{self.got:0{self.digits}x}{got_flags}"
        )


def _hex(code: Any) -> Any:
    if isinstance(code, tuple):
        return [_hex(item) for item in code]
    return None if code is None else f"{code:x}"


def _short(code: int | tuple[int, ...]) -> str:
    if isinstance(code, int):
        return f"{code:x}"
    more = ",..." if len(code) > _SHOWN_ELEMENTS else ""
    return "[" + ",".join(f"{item:x}" for item in code[:_SHOWN_ELEMENTS]) + more + "]"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of a comparison.

    Attributes
    ----------
    table : VectorTable
    wrong_rows : ndarray of int
        The rows that do not agree.
    counts : dict of (class, kind) to int
        Wrong rows by class of stimulus and kind of mistake: a wrong ``value``, another
        ``nan_code``, the ``zero_sign``, a ``special`` in place of a number or the reverse, or
        right bits with wrong ``flags``.
    shown : tuple of Mismatch
        The first wrong rows.
    """

    table: VectorTable = dataclasses.field(repr=False)
    wrong_rows: npt.NDArray[np.intp] = dataclasses.field(repr=False)
    counts: dict[tuple[str, str], int]
    shown: tuple[Mismatch, ...]
    answers: "_Answers" = dataclasses.field(repr=False)

    def __bool__(self) -> bool:
        """Return whether every row agrees."""
        return self.ok

    @property
    def rows(self) -> int:
        """Rows compared."""
        return len(self.table)

    @property
    def ok(self) -> bool:
        """Whether every row agrees."""
        return not self.counts

    @property
    def wrong(self) -> int:
        """How many rows do not agree."""
        return int(self.wrong_rows.size)

    def first(self) -> Mismatch | None:
        """Return the first row that is wrong, or None."""
        return self.shown[0] if self.shown else None

    def by_class(self) -> dict[str, dict[str, int]]:
        """Return the number of wrong rows of each kind, for each class."""
        found: dict[str, dict[str, int]] = {}
        for (stimulus, kind), count in sorted(self.counts.items()):
            found.setdefault(stimulus, {})[kind] = count
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        least = minimise(self)
        return {
            "rows": self.rows,
            "wrong": self.wrong,
            "counts": [
                {"class": stimulus, "kind": kind, "rows": count}
                for (stimulus, kind), count in sorted(self.counts.items())
            ],
            "first": [mismatch.to_dict() for mismatch in self.shown],
            "simplest": None if least is None else least.to_dict(),
        }

    def __str__(self) -> str:
        """Return a table by class and kind, the first wrong rows, and the simplest one."""
        lines = [f"{self.rows - self.wrong} passed, {self.wrong} failed"]
        width = max((len(stimulus) for stimulus, _ in self.counts), default=0)
        for (stimulus, kind), count in sorted(self.counts.items()):
            lines.append(f"  {stimulus:<{max(width, 10)}} {kind:<9} {count:>9}")
        lines += [f"  {mismatch}" for mismatch in self.shown]
        least = minimise(self)
        if least is not None and self.wrong > 1:
            lines.append(f"  simplest: {least}")
        return "\n".join(lines)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Answers:
    """Answers in the shape of the table, and what is wrong with each element of them."""

    codes: Columns
    flags: Codes | None
    labels: dict[str, npt.NDArray[np.int8]]  # (rows, elements) by column

    def labels_of(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int8]:
        """Return the first mistake of each row."""
        joined = np.concatenate([part[rows] for part in self.labels.values()], axis=1)
        wrong = joined != RIGHT
        found: npt.NDArray[np.int8] = joined[np.arange(rows.size), wrong.argmax(axis=1)]
        found[~wrong.any(axis=1)] = KINDS.index("flags")
        return found


def compare(
    table: VectorTable,
    got: Given,
    got_flags: npt.ArrayLike | None = None,
    *,
    any_nan: bool = False,
    ignore_flags: bool = False,
) -> Report:
    """Return where answers differ from a table.

    Parameters
    ----------
    table : VectorTable
    got : array_like of int, mapping of them, or path
        One code a row, or (rows, elements); by column, where there are several results; or a text
        file with a row a line: the results in hexadecimal, element by element or each as one word
        with element 0 in the least significant bits, then the flags if there are any. ``//`` and
        ``#`` start comments.
    got_flags : array_like of int, optional
        One byte a row.
    any_nan : bool
        Take any NaN code for a NaN.
    ignore_flags : bool
        Compare codes alone.

    Returns
    -------
    Report
        Bits that the mask leaves free, and flags that the operation does not define, do not count.

    Raises
    ------
    DamagedFile
        A line of the file is not hexadecimal, or is too wide, or the count is wrong.
    FormatError
        The arrays have the wrong length or hold codes out of range.

    Examples
    --------
    >>> from numfmt import vectors
    >>> table = vectors.generate(vectors.Spec(op="add", fmt="e2m1"))
    >>> answers = table.columns["expected"].copy()
    >>> answers[7] ^= 1
    >>> report = vectors.compare(table, answers)
    >>> report.ok, report.counts
    (False, {('exhaustive', 'value'): 1})
    """
    results = table.spec.results
    if isinstance(got, str | os.PathLike):
        codes, flags = read_answers(Path(got), results, len(table))
    else:
        given = got if isinstance(got, Mapping) else {results[0].name: got}
        missing = [column.name for column in results if column.name not in given]
        if missing:
            raise FormatError(f"got has no {missing[0]!r}; pass a mapping with an array for each")
        codes = {c.name: _checked(given[c.name], table, c, "got") for c in results}
        flags = None
        if got_flags is not None:
            flags = _checked(got_flags, table, Column(name="flags", width=8), "got_flags")[:, 0]
    if ignore_flags or not table.spec.operation.flags(table.spec):
        flags = None
    labels = {c.name: _labels(table, c, codes[c.name], any_nan) for c in results}
    answers = _Answers(codes=codes, flags=flags, labels=labels)
    wrong = np.zeros(len(table), np.bool_)
    for part in labels.values():
        wrong |= (part != RIGHT).any(axis=1)
    if flags is not None:
        undefined = _undefined_flags(table)
        wrong |= (flags ^ table.columns["flags"]) & ~undefined != 0
    rows = np.flatnonzero(wrong)
    kinds = answers.labels_of(rows)
    numbers = {number: name for name, number in CLASSES.items()}
    pairs, counts = np.unique(
        np.stack([table.columns["class"][rows].astype(np.int64), kinds]), axis=1, return_counts=True
    )
    found = {
        (numbers[stimulus], KINDS[kind]): count
        for (stimulus, kind), count in zip(pairs.T.tolist(), counts.tolist(), strict=True)
    }
    shown = tuple(_mismatch(table, answers, int(row)) for row in rows[:_SHOWN])
    return Report(table=table, wrong_rows=rows, counts=found, shown=shown, answers=answers)


def minimise(report: Report) -> Mismatch | None:
    """Return the simplest wrong row: few set bits, then exponents near the bias, then the first.

    Parameters
    ----------
    report : Report

    Returns
    -------
    Mismatch or None
        None where everything agrees.

    Examples
    --------
    >>> from numfmt import vectors
    >>> table = vectors.generate(vectors.Spec(op="mul", fmt="e2m1"))
    >>> vectors.minimise(vectors.compare(table, table.columns["expected"] ^ 1)).operands
    {'a': 0, 'b': 0}
    """
    rows = report.wrong_rows
    if rows.size == 0:
        return None
    table = report.table
    bits = np.zeros(rows.size, np.int64)
    away = np.zeros(rows.size, np.int64)
    for column in table.spec.operands:
        codes = table.columns[column.name][rows].reshape(rows.size, -1)
        bits += np.bitwise_count(codes).sum(axis=1, dtype=np.int64)
        if isinstance(column.fmt, FloatFormat):
            fields = codes >> np.uint64(column.fmt.trailing_bits)
            fields &= np.uint64((1 << column.fmt.exponent_bits) - 1)
            away += np.abs(fields.astype(np.int64) - column.fmt.bias).sum(axis=1)
    order = np.lexsort((rows, away, bits))
    return _mismatch(table, report.answers, int(rows[order[0]]))


def _labels(
    table: VectorTable, column: Column, codes: Codes, any_nan: bool
) -> npt.NDArray[np.int8]:
    expected = table.columns[column.name].reshape(len(table), -1)
    mask = table.columns[mask_name(column.name)].reshape(len(table), -1)
    if isinstance(column.fmt, ScalarFormat):
        return label(expected, codes, column.fmt, mask=mask, any_nan=any_nan)
    wrong = (expected ^ codes) & mask != 0
    return np.where(wrong, KINDS.index("value"), RIGHT).astype(np.int8)


def _undefined_flags(table: VectorTable) -> np.uint64:
    """Return the bits of flags that the operation does not define."""
    spec = table.spec
    defined = spec.operation.flags(spec)
    bits = (1 << at for at, name in enumerate(spec.flag_order) if name not in defined)
    return np.uint64(sum(bits))


def _mismatch(table: VectorTable, answers: _Answers, row: int) -> Mismatch:
    columns, spec = table.columns, table.spec
    rows = np.array([row])
    column, at = _wrong_element(table, answers, row)
    modes = {number: mode for mode, number in spec.rm_numbers.items()}
    numbers = {number: name for name, number in CLASSES.items()}
    names = [c.name for c in spec.operands] + (["random"] if "random" in columns else [])
    return Mismatch(
        row=row,
        kind=KINDS[int(answers.labels_of(rows)[0])],
        stimulus=numbers[int(columns["class"][row])],
        rounding=modes[int(columns["rm"][row])],
        operands={name: _codes(columns[name][row]) for name in names},
        column=column.name if column.count == 1 else f"{column.name}[{at}]",
        expected=int(columns[column.name][row].reshape(-1)[at]),
        got=int(answers.codes[column.name][row, at]),
        expected_flags=int(columns["flags"][row]),
        got_flags=None if answers.flags is None else int(answers.flags[row]),
        digits=-(-column.width // 4),
    )


def _wrong_element(table: VectorTable, answers: _Answers, row: int) -> tuple[Column, int]:
    """Return the first result that is wrong, or the first one where only flags are."""
    for column in table.spec.results:
        wrong = np.flatnonzero(answers.labels[column.name][row] != RIGHT)
        if wrong.size:
            return column, int(wrong[0])
    return table.spec.results[0], 0


def _codes(value: Any) -> int | tuple[int, ...]:
    return tuple(value.tolist()) if value.ndim else int(value)


def _checked(given: npt.ArrayLike, table: VectorTable, column: Column, argument: str) -> Codes:
    array = np.asarray(given)
    if array.size != len(table) * column.count:
        each = "" if column.count == 1 else f" of {column.count} elements"
        raise FormatError(
            f"{argument} has {array.size} answers; the table has {len(table)} rows{each}"
        )
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    top = (1 << column.width) - 1
    if array.dtype.kind not in "iu" or (array < 0).any() or (array > top).any():
        raise FormatError(f"{argument} must hold codes of {column.width} bits")
    return array.reshape(len(table), -1).astype(np.uint64)

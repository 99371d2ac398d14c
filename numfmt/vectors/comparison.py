"""What a design answered against what it should have: a report by class and kind of mistake."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..decoding import unpack
from ..errors import FormatError
from ..params import Kind
from .files import DamagedFile
from .stimuli import CLASSES
from .table import RM_NUMBERS, VectorTable

KINDS = ("value", "nan_code", "zero_sign", "special", "flags")
_SHOWN = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One row where the answer is wrong."""

    row: int
    kind: str
    stimulus: str
    rounding: str
    a: int
    random: int | None
    expected: int
    got: int
    expected_flags: int
    got_flags: int | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of a comparison.

    Attributes
    ----------
    rows : int
        Rows compared.
    counts : dict of (class, kind) to int
        Wrong rows by class of stimulus and kind of mistake: a wrong ``value``, another
        ``nan_code``, the ``zero_sign``, a ``special`` in place of a number or the reverse, or
        right bits with wrong ``flags``.
    first : tuple of Mismatch
        The first wrong rows.
    """

    rows: int
    counts: dict[tuple[str, str], int]
    first: tuple[Mismatch, ...]
    digits: int = 2

    @property
    def ok(self) -> bool:
        """Whether every row agrees."""
        return not self.counts

    @property
    def wrong(self) -> int:
        """How many rows do not agree."""
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        return {
            "rows": self.rows,
            "wrong": self.wrong,
            "counts": [
                {"class": stimulus, "kind": kind, "rows": count}
                for (stimulus, kind), count in sorted(self.counts.items())
            ],
            "first": [self._in_hex(mismatch) for mismatch in self.first],
        }

    def _in_hex(self, mismatch: Mismatch) -> dict[str, Any]:
        """Return a mismatch with its bits as hexadecimal text, as JSON wants them."""
        return {
            key: f"{value:x}" if isinstance(value, int) and key != "row" else value
            for key, value in dataclasses.asdict(mismatch).items()
        }

    def __str__(self) -> str:
        """Return a table by class and kind, and the first wrong rows."""
        lines = [f"{self.rows - self.wrong} passed, {self.wrong} failed"]
        for (stimulus, kind), count in sorted(self.counts.items()):
            lines.append(f"  {stimulus:<10} {kind:<9} {count:>9}")
        for miss in self.first:
            got_flags = "" if miss.got_flags is None else f" flags {miss.got_flags:02x}"
            draw = "" if miss.random is None else f" random={miss.random:x}"
            lines.append(
                f"  row {miss.row}: {miss.kind}: a={miss.a:x}{draw} {miss.rounding} "
                f"expected {miss.expected:0{self.digits}x} flags {miss.expected_flags:02x}, "
                f"got {miss.got:0{self.digits}x}{got_flags}"
            )
        return "\n".join(lines)


def compare(
    table: VectorTable,
    got: npt.ArrayLike | str | os.PathLike[str],
    got_flags: npt.ArrayLike | None = None,
    *,
    any_nan: bool = False,
    ignore_flags: bool = False,
) -> Report:
    """Return where answers differ from a table.

    Parameters
    ----------
    table : VectorTable
    got : array_like of int, or path
        One code a row; or a text file with a row a line: the code in hexadecimal, then the flags
        if there are any. ``//`` and ``#`` start comments.
    got_flags : array_like of int, optional
        One byte a row.
    any_nan : bool
        Take any NaN code for a NaN.
    ignore_flags : bool
        Compare codes alone.

    Raises
    ------
    DamagedFile
        A line of the file is not hexadecimal, or is too wide, or the count is wrong.
    FormatError
        The arrays have the wrong length or hold codes out of range.
    """
    if isinstance(got, str | os.PathLike):
        codes, flags = _read_answers(Path(got), table)
    else:
        codes = _answers(got, table, "got", table.spec.dst.bits)
        flags = None if got_flags is None else _answers(got_flags, table, "got_flags", 8)
    if ignore_flags or not table.spec.dst.has_flags:
        flags = None
    expected, mask = table.columns["expected"], table.columns["mask"]
    wanted, kinds = (unpack(column, table.spec.dst) for column in (expected, codes))
    wrong = (codes ^ expected) & mask != 0
    both_nan = (wanted.kind == Kind.NAN) & (kinds.kind == Kind.NAN)
    if any_nan:
        wrong &= ~both_nan
    both_zero = (wanted.kind == Kind.ZERO) & (kinds.kind == Kind.ZERO)
    special = (wanted.kind >= Kind.INFINITY) | (kinds.kind >= Kind.INFINITY)
    label = np.select([both_nan, both_zero, special], [1, 2, 3], 0)
    if flags is not None:
        flags_wrong = (flags != table.columns["flags"]) & ~wrong
        label[flags_wrong] = KINDS.index("flags")
        wrong |= flags_wrong
    return _report(table, np.flatnonzero(wrong), label, codes, flags)


def _report(
    table: VectorTable,
    rows: npt.NDArray[np.intp],
    label: npt.NDArray[np.intp],
    codes: npt.NDArray[np.uint64],
    flags: npt.NDArray[np.uint64] | None,
) -> Report:
    columns = table.columns
    modes = {number: mode for mode, number in RM_NUMBERS.items()}
    counts: dict[tuple[str, str], int] = {}
    pairs, number = np.unique(
        np.stack([columns["class"][rows].astype(np.int64), label[rows]]), axis=1, return_counts=True
    )
    for (stimulus, kind), count in zip(pairs.T.tolist(), number.tolist(), strict=True):
        counts[CLASSES[stimulus], KINDS[kind]] = count
    first = tuple(
        Mismatch(
            row=row,
            kind=KINDS[int(label[row])],
            stimulus=CLASSES[int(columns["class"][row])],
            rounding=modes[int(columns["rm"][row])],
            a=int(columns["a"][row]),
            random=int(columns["random"][row]) if "random" in columns else None,
            expected=int(columns["expected"][row]),
            got=int(codes[row]),
            expected_flags=int(columns["flags"][row]),
            got_flags=None if flags is None else int(flags[row]),
        )
        for row in rows[:_SHOWN].tolist()
    )
    return Report(rows=len(table), counts=counts, first=first, digits=-(-table.spec.dst.bits // 4))


def _answers(
    given: npt.ArrayLike, table: VectorTable, argument: str, bits: int
) -> npt.NDArray[np.uint64]:
    array = np.asarray(given).reshape(-1)
    if array.size != len(table):
        raise FormatError(f"{argument} has {array.size} answers; the table has {len(table)} rows")
    if array.dtype.kind not in "iu" or (array < 0).any() or (array > (1 << bits) - 1).any():
        raise FormatError(f"{argument} must hold codes of {bits} bits")
    return array.astype(np.uint64)


def _read_answers(
    path: Path, table: VectorTable
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64] | None]:
    """Return codes and flags from lines of hexadecimal words."""
    rows: list[list[int]] = []
    try:
        text = path.read_text(encoding="ascii", errors="backslashreplace")
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from error
    limits = (1 << table.spec.dst.bits, 256)
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("//")[0].split("#")[0].split()
        if not words:
            continue
        try:
            values = [int(word, 16) for word in words]
        except ValueError:
            raise DamagedFile(
                f"{path}:{number}: {line.strip()!r} is not hexadecimal (an x is an output that "
                "the design never drove)"
            ) from None
        if len(values) > 2 or any(not 0 <= v < top for v, top in zip(values, limits, strict=False)):
            raise DamagedFile(
                f"{path}:{number}: {line.strip()!r} is not a code of {table.spec.dst.bits} bits "
                "and, if you like, flags"
            )
        if rows and len(values) != len(rows[0]):
            raise DamagedFile(f"{path}:{number}: {line.strip()!r} has not as many words as before")
        rows.append(values)
    if len(rows) != len(table):
        raise DamagedFile(f"{path}: {len(rows)} answers; the set has {len(table)} rows")
    answers = np.array(rows, np.uint64)
    return answers[:, 0], answers[:, 1] if answers.shape[1] > 1 else None

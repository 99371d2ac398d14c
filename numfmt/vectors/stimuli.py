"""Operands of a spec: corners first, then pools, then random ones, each by its index alone."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..families.floats import FloatFormat, Style
from .corners import CORNERS
from .corners.engine import Found, columns_of, search
from .coverage import ClassCoverage, Coverage, of_corner
from .numbering import CLASSES
from .operations.base import Codes, Column, Columns
from .pools import pools_of
from .spec import Spec
from .streams import random_words

_ATTEMPTS = 64  # draws for an operand that the result format has an answer to
_MASKED_BITS = 24  # spaces up to this size are searched for operands without an answer
_NEAR = 4  # binades that operands of one row are apart, at most, in every other random row
_UNTHINNED = "special"
_POOLED = ("decode", "encode", "convert", "from_int")

Numbers = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stimuli:
    """The operands of a spec, for one rounding mode; all modes have the same.

    Attributes
    ----------
    spec : Spec
    count : int
        Rows.
    fixed : dict of str to ndarray
        The first rows: corners and pools, or the input.
    numbers : ndarray of uint8
        The class of each of them.
    kept : ndarray, optional
        Which operands of an exhaustive set have an answer; None for all.
    found : tuple of Found
        What the corner classes found.
    wanted : dict of str to int
        How many operands the other classes have.
    """

    spec: Spec
    count: int
    fixed: Columns
    numbers: Numbers
    kept: npt.NDArray[np.int64] | None = None
    found: tuple[Found, ...] = ()
    wanted: dict[str, int] = dataclasses.field(default_factory=dict)

    def rows(self, start: int, stop: int) -> tuple[Numbers, Columns]:
        """Return the classes and the operands of some rows."""
        first = self.numbers.size
        if self.spec.exhaustive:
            columns = _counted(self.spec, self.kept, start, stop)
            return _numbers("exhaustive", stop - start), columns
        if stop <= first:
            return self.numbers[start:stop], {k: v[start:stop] for k, v in self.fixed.items()}
        drawn = drawn_rows(self.spec, max(start - first, 0), stop - first)
        numbers = _numbers("random", stop - max(start, first))
        if start >= first:
            return numbers, drawn
        head = {name: column[start:] for name, column in self.fixed.items()}
        both = {name: np.concatenate([head[name], drawn[name]]) for name in head}
        return np.concatenate([self.numbers[start:], numbers]), both

    def coverage(self) -> Coverage:
        """Return what each class wanted and found."""
        modes = len(self.spec.rounding)
        present = np.bincount(self.numbers, minlength=256)
        entries = [of_corner(f, int(present[CLASSES[f.name]]) * modes) for f in self.found]
        for name, wanted in self.wanted.items():
            rows = int(present[CLASSES[name]])
            if name == "random":
                rows = self.count - self.numbers.size
            elif name == "exhaustive":
                rows = self.count
            entries.append(ClassCoverage(name=name, wanted=wanted, found=rows, rows=rows * modes))
        return Coverage(entries)


def stimuli_of(spec: Spec, given: Codes | None = None) -> Stimuli:
    """Return the operands of a spec, or those that are given.

    Raises
    ------
    FormatError
        `max_rows` is less than the corners need, or no operand has an answer.
    """
    if given is not None:
        numbers = _numbers("input", given.size)
        wanted = {"input": given.size}
        return Stimuli(
            spec=spec, count=given.size, fixed={"a": given}, numbers=numbers, wanted=wanted
        )
    if spec.exhaustive:
        return _exhaustive(spec)
    found = search(spec, (corner for corner in CORNERS if _takes(spec, corner)))
    rows = {row: entry.name for entry in reversed(found) for row in entry.rows.values()}
    ordered = [row for entry in found for row in _unique(entry) if rows[row] == entry.name]
    if len(ordered) > spec.max_rows:
        raise FormatError(
            f"max_rows={spec.max_rows} is less than the {len(ordered)} rows of the corner classes; "
            f"set it to {len(ordered)} or more, or name fewer classes "
            f"({', '.join(entry.name for entry in found)})"
        )
    names = [rows[row] for row in ordered]
    parts = [columns_of(spec, ordered)] if ordered else []
    labels = [np.array([CLASSES[name] for name in names], np.uint8)]
    wanted = {}
    for name, pool, size in _pooled(spec, spec.max_rows - len(ordered), set(ordered)):
        wanted[name] = size
        parts.append({"a": pool})
        labels.append(_numbers(name, pool.size))
    joined = np.concatenate(labels)
    count = joined.size
    if spec.classes == ("all",) or "random" in spec.classes:
        wanted["random"] = spec.max_rows - count
        count = spec.max_rows
    if count == 0:
        raise FormatError(f"classes={', '.join(spec.classes)}: {spec.op} has no such operands")
    fixed = {
        column.name: np.concatenate([part[column.name] for part in parts])
        if parts
        else _empty(column)
        for column in spec.operands
    }
    return Stimuli(spec=spec, count=count, fixed=fixed, numbers=joined, found=found, wanted=wanted)


def _unique(entry: Found) -> list[Any]:
    return list(dict.fromkeys(entry.rows.values()))


def _empty(column: Column) -> Codes:
    return np.zeros((0, column.count) if column.count > 1 else 0, np.uint64)


def _takes(spec: Spec, corner: Any) -> bool:
    named = spec.classes == ("all",) or corner.name in spec.classes
    return bool(named and corner.applies(spec))


def _numbers(name: str, count: int) -> Numbers:
    return np.full(count, CLASSES[name], np.uint8)


def _pooled(spec: Spec, room: int, taken: set[Any]) -> list[tuple[str, Codes, int]]:
    """Return the pools of a conversion: the special ones, the rest evenly thinned to the room."""
    if spec.op not in _POOLED:
        return []
    pools = []
    for name, pool in pools_of(spec):
        if spec.classes != ("all",) and name not in spec.classes:
            continue
        codes = pool[~_refused(spec, {"a": pool})]
        codes = np.array([code for code in codes.tolist() if (code,) not in taken], np.uint64)
        pools.append((name, codes))
    kept = [(name, codes[:room], codes.size) for name, codes in pools if name == _UNTHINNED]
    pools = [(name, codes) for name, codes in pools if name != _UNTHINNED]
    room -= sum(codes.size for _, codes, _ in kept)
    random = spec.classes == ("all",) or "random" in spec.classes
    room -= room // 8 if random else 0
    sizes = np.cumsum([codes.size for _, codes in pools])
    if not pools or sizes[-1] == 0:
        return kept
    ends = sizes if sizes[-1] <= room else sizes * room // sizes[-1]
    counts = np.diff(ends, prepend=0).tolist()
    thinned = zip(pools, counts, strict=True)
    return [*kept, *((name, _thinned(codes, n), codes.size) for (name, codes), n in thinned)]


def _thinned(codes: Codes, count: int) -> Codes:
    """Return an even choice of `count` operands of a pool, its last ones among them."""
    picks = np.linspace(codes.size - 1, 0, count, dtype=np.int64) if count else np.zeros(0, int)
    chosen: Codes = codes[picks[::-1]]
    return chosen


def _refused(spec: Spec, columns: Columns) -> npt.NDArray[np.bool_]:
    if spec.operation.refused is None:
        return np.zeros(next(iter(columns.values())).shape[0], np.bool_)
    return spec.operation.refused(spec, columns)


def _exhaustive(spec: Spec) -> Stimuli:
    space = 1 << spec.operand_bits
    kept = None
    if spec.operand_bits <= _MASKED_BITS:
        bad = _refused(spec, _counted(spec, None, 0, space))
        kept = np.flatnonzero(~bad) if bad.any() else None
    count = space if kept is None else kept.size
    if count == 0:
        raise FormatError(f"{spec}: no operand has an answer")
    none = np.zeros(0, np.uint8)
    return Stimuli(
        spec=spec, count=count, fixed={}, numbers=none, kept=kept, wanted={"exhaustive": count}
    )


def _counted(spec: Spec, kept: npt.NDArray[np.int64] | None, start: int, stop: int) -> Columns:
    """Return operands in the order of counting, the last one fastest."""
    index = np.arange(start, stop) if kept is None else kept[start:stop]
    rest = index.astype(np.uint64)
    columns: Columns = {}
    for column in reversed(spec.operands):
        elements = []
        for _ in range(column.count):
            elements.append(rest & np.uint64((1 << column.width) - 1))
            rest = rest >> np.uint64(column.width)
        columns[column.name] = elements[0] if column.count == 1 else np.stack(elements, axis=1)
    return {column.name: columns[column.name] for column in spec.operands}


def drawn_rows(spec: Spec, start: int, stop: int) -> Columns:
    """Return random rows `start` to `stop`; each depends on the seed and its index alone.

    Raises
    ------
    FormatError
        An operand with an answer is not found in many attempts.
    """
    drawn = _draw(spec, 0, start, stop)
    for attempt in range(1, _ATTEMPTS):
        bad = _refused(spec, drawn)
        if not bad.any():
            return drawn
        again = _draw(spec, attempt, start, stop)
        for name, column in drawn.items():
            column[bad] = again[name][bad]
    if _refused(spec, drawn).any():
        raise FormatError(
            f"{spec}: random operands hardly ever have an answer in {spec.dst.name!r}; set nan=, "
            "or leave the class random out"
        )
    return drawn


def _draw(spec: Spec, attempt: int, start: int, stop: int) -> Columns:
    if spec.operation.draw is not None:
        return spec.operation.draw(spec, attempt, start, stop)
    base = random_words(spec.seed, f"binade|{attempt}", stop - start, start)
    index = np.arange(start, stop)
    return {
        column.name: _draw_column(spec, column, attempt, index, base) for column in spec.operands
    }


def _draw_column(
    spec: Spec, column: Column, attempt: int, index: npt.NDArray[np.int64], base: Codes
) -> Codes:
    """Return random codes: any bits in even rows, binades near each other's in odd rows."""
    count = column.count
    first, size = int(index[0]) if index.size else 0, index.size
    words = random_words(spec.seed, f"{column.name}|{attempt}", size * count, first * count)
    codes = (words >> np.uint64(64 - column.width)).reshape(size, count)
    fmt = column.fmt
    if isinstance(fmt, FloatFormat) and fmt.exponent_bits > 1:
        codes = _near_binades(spec, column, fmt, attempt, index, base, codes)
    return codes[:, 0] if count == 1 else codes


def _near_binades(
    spec: Spec,
    column: Column,
    fmt: FloatFormat,
    attempt: int,
    index: npt.NDArray[np.int64],
    base: Codes,
    codes: Codes,
) -> Codes:
    """Give odd rows exponents near that of the row; keep most rows of long columns finite."""
    fields = 1 << fmt.exponent_bits
    t = np.uint64(fmt.trailing_bits)
    middle = base % np.uint64(max(fields // 2, 1)) + np.uint64(fields // 4)
    size = codes.size
    first = int(index[0]) if index.size else 0
    steps = random_words(spec.seed, f"{column.name} step|{attempt}", size, first * column.count)
    near = steps.reshape(codes.shape) % np.uint64(2 * _NEAR + 1)
    field = middle[:, None].astype(np.int64) + near.astype(np.int64) - _NEAR
    field = np.clip(field, 0, fields - 2 if fields > 2 else fields - 1).astype(np.uint64)
    keep = np.uint64(((1 << fmt.bits) - 1) ^ ((fields - 1) << int(t)))
    odd = (index % 2 == 1)[:, None]
    codes = np.where(odd, (codes & keep) | (field << t), codes)
    if column.count > 1 and fmt.style is Style.IEEE:
        top = np.uint64(fields - 1)
        special = (codes >> t) & top == top
        lowered = codes & ~(np.uint64(fields >> 1) << t)
        codes = np.where(special & (index % 16 != 0)[:, None], lowered, codes)
    found: Codes = codes.astype(np.uint64)
    return found


def given_codes(array: npt.NDArray[Any]) -> tuple[str, Codes]:
    """Return the name of the format of a tensor's dtype, and its elements as codes of it."""
    width = 8 * array.dtype.itemsize
    prefix = {"f": "binary", "i": "int", "u": "uint"}[array.dtype.kind]
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(-1)
    codes: Codes = native.view(f"u{array.dtype.itemsize}").astype(np.uint64)
    return f"{prefix}{width}", codes

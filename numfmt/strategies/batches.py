"""Many rows in one example: a few that Hypothesis chooses, and a bulk that a seed stands for."""

import dataclasses
import functools
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ..arguments import integer_option
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..listing import code_text
from ..vectors.streams import random_words

Columns = dict[str, npt.NDArray[np.uint64]]
_DRAWN = 8  # rows that Hypothesis chooses, at most
_STEPS = 200  # of the minimiser


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shape:
    """What the rows of a strategy are: one code (no names), or several columns of codes."""

    formats: tuple[Any, ...]
    widths: tuple[int, ...]
    counts: tuple[int, ...]
    names: tuple[str, ...] = ()
    refused: Callable[[Columns], npt.NDArray[np.bool_]] | None = None


class _Source:
    """A strategy and its shape in few words: those of Hypothesis go on for pages."""

    def __init__(self, strategy: st.SearchStrategy[Any], shape: Shape, text: str) -> None:
        self.strategy, self.shape, self._text = strategy, shape, text

    def __repr__(self) -> str:
        return self._text


_sources: weakref.WeakKeyDictionary[st.SearchStrategy[Any], _Source] = weakref.WeakKeyDictionary()


@st.composite
def rows(draw: st.DrawFn, of: _Source) -> Any:
    """Draw what a strategy draws."""
    return draw(of.strategy)


def remember(strategy: st.SearchStrategy[Any], shape: Shape, text: str) -> st.SearchStrategy[Any]:
    """Return a strategy of the same rows that `batch` knows the shape of, and errors a name."""
    source = _Source(strategy, shape, text)
    known = rows(source)
    _sources[known] = source
    return known


def of_codes(strategy: st.SearchStrategy[int], fmt: ScalarFormat) -> st.SearchStrategy[int]:
    """Return a strategy of single codes that `batch` knows the shape of."""
    return remember(strategy, Shape(formats=(fmt,), widths=(fmt.bits,), counts=(1,)), fmt.name)


class Batch:
    """Rows to run at once: those that Hypothesis chose, then the bulk.

    Attributes
    ----------
    drawn : tuple
        The rows that Hypothesis chose.
    seed : int
        Of the bulk; 0 where there is none.
    columns : dict of str to ndarray of uint64
        All rows as columns, one element a row; a column of several elements has a second axis.
        Rows of single codes have one column, ``codes``.
    """

    def __init__(self, drawn: Sequence[Any], seed: int, bulk: int, shape: Shape) -> None:
        self.drawn, self.seed, self._bulk, self._shape = tuple(drawn), seed, bulk, shape

    def __len__(self) -> int:
        return len(self.drawn) + (self._bulk if self.seed else 0)

    def __repr__(self) -> str:
        bulk = f", and {self._bulk} of seed {self.seed}" if self.seed else ""
        return f"Batch({list(self.drawn)}{bulk})"

    def __iter__(self) -> Iterator[Any]:
        yield from (self._row(self.columns, at) for at in range(len(self)))

    @functools.cached_property
    def columns(self) -> Columns:
        """All rows as columns of codes."""
        return _joined(self._columns(self.drawn), self._random() if self.seed else {})

    @property
    def codes(self) -> npt.NDArray[np.uint64]:
        """All codes, where rows are single codes."""
        if self._shape.names:
            raise FormatError(f"rows have the columns {', '.join(self._shape.names)}; use columns")
        return self.columns["codes"]

    def check(self, wrong: Callable[[Any], npt.ArrayLike]) -> None:
        """Raise an AssertionError that names a simplest wrong row, if a row is wrong.

        Parameters
        ----------
        wrong : function
            Gets the columns (of single codes: the codes) of any number of rows, and returns
            whether each is wrong. It is called again to simplify a row of the bulk.

        Raises
        ------
        AssertionError
            Some row is wrong.
        """
        __tracebackhide__ = True
        found = np.flatnonzero(self._wrong(wrong, self.columns))
        if found.size:
            row = min((self._row(self.columns, int(at)) for at in found), key=self._weight)
            row = self._simplified(row, wrong)
            names = self._shape.names or ("code",)
            parts = row if self._shape.names else (row,)
            text = ", ".join(
                f"{name}={_text(part, fmt)}"
                for name, part, fmt in zip(names, parts, self._shape.formats, strict=True)
            )
            raise AssertionError(f"wrong: {found.size} of {len(self)} rows, such as {text}")

    def _wrong(
        self, wrong: Callable[[Any], npt.ArrayLike], columns: Columns
    ) -> npt.NDArray[np.bool_]:
        answer = np.asarray(wrong(columns if self._shape.names else columns["codes"]))
        rows = len(next(iter(columns.values())))
        if answer.shape != (rows,):
            raise FormatError(
                f"wrong() answered an array of shape {answer.shape} for {rows} rows; it must say "
                "of each row whether it is wrong"
            )
        return answer.astype(bool)

    def _row(self, columns: Columns, at: int) -> Any:
        parts = tuple(
            int(column[at]) if column.ndim == 1 else tuple(column[at].tolist())
            for column in columns.values()
        )
        return parts if self._shape.names else parts[0]

    def _columns(self, rows: Sequence[Any]) -> Columns:
        """Return rows as columns."""
        shape = self._shape
        split = [row if shape.names else (row,) for row in rows]
        return {
            name: np.array([row[at] for row in split], np.uint64).reshape(
                (len(rows),) if shape.counts[at] == 1 else (len(rows), shape.counts[at])
            )
            for at, name in enumerate(shape.names or ("codes",))
        }

    def _random(self) -> Columns:
        """Return the bulk: any codes but those that mean nothing, or that have no answer."""
        found = self._columns([])
        for attempt in range(64):
            missing = self._bulk - len(next(iter(found.values())))
            if not missing:
                return found
            fresh = {
                name: self._words(f"{attempt} {name}", at, missing)
                for at, name in enumerate(self._shape.names or ("codes",))
            }
            if self._shape.refused is not None:
                kept = ~self._shape.refused(fresh)
                fresh = {name: column[kept] for name, column in fresh.items()}
            found = _joined(found, fresh)
        raise FormatError(
            "hardly any codes have an answer, so that no bulk can be drawn; give a NaN code, or "
            "draw rows without a batch"
        )

    def _words(self, purpose: str, at: int, rows: int) -> npt.NDArray[np.uint64]:
        shape, fmt = self._shape, self._shape.formats[at]
        count = rows * shape.counts[at]
        words = random_words(self.seed, f"batch {purpose}", count)
        words &= np.uint64((1 << shape.widths[at]) - 1)
        unused = fmt.unused_codes() if isinstance(fmt, ScalarFormat) else ()
        if unused:
            used = np.setdiff1d(np.arange(1 << fmt.bits), unused).astype(np.uint64)
            words = used[words % np.uint64(used.size)]
        return words if shape.counts[at] == 1 else words.reshape(rows, shape.counts[at])

    def _weight(self, row: Any) -> tuple[int, ...]:
        """Return how far from simple a row is: nonzero codes, set bits, and size."""
        codes = [code for part in (row if self._shape.names else (row,)) for code in _flat(part)]
        bits = sum(code.bit_count() for code in codes)
        return sum(code != 0 for code in codes), bits, sum(codes)

    def _simplified(self, row: Any, wrong: Callable[[Any], npt.ArrayLike]) -> Any:
        """Return a row that is still wrong, of codes made simpler one by one."""
        for _ in range(_STEPS):
            rows = [
                other for other in self._simpler(row) if self._weight(other) < self._weight(row)
            ]
            columns = self._columns(rows)
            if rows and self._shape.refused is not None:
                kept = ~self._shape.refused(columns)
                rows = [other for other, keep in zip(rows, kept, strict=True) if keep]
                columns = {name: column[kept] for name, column in columns.items()}
            if not rows:
                return row
            found = np.flatnonzero(self._wrong(wrong, columns))
            if not found.size:
                return row
            row = min((rows[int(at)] for at in found), key=self._weight)
        return row

    def _simpler(self, row: Any) -> Iterator[Any]:
        """Yield rows with one code replaced."""
        parts = list(row) if self._shape.names else [row]
        for at, part in enumerate(parts):
            codes = list(_flat(part))
            fmt = self._shape.formats[at]
            unused = set(fmt.unused_codes()) if isinstance(fmt, ScalarFormat) else set()
            one = fmt.around_one[1] if isinstance(fmt, ScalarFormat) else 1
            for place, code in enumerate(codes):
                fewer = [code & ~(1 << i) for i in range(code.bit_length())]
                for other in {0, one, code >> 1, *fewer} - unused - {None, code}:
                    changed = [*codes[:place], other, *codes[place + 1 :]]
                    new = changed[0] if isinstance(part, int) else tuple(changed)
                    yield (*parts[:at], new, *parts[at + 1 :]) if self._shape.names else new


def _flat(part: Any) -> tuple[int, ...]:
    return (part,) if isinstance(part, int) else part


def _text(part: Any, fmt: Any) -> str:
    if not isinstance(part, int):
        return f"[{', '.join(_text(code, fmt) for code in part)}]"
    return code_text(part, fmt) if isinstance(fmt, ScalarFormat) else str(part)


def _joined(one: Columns, two: Columns) -> Columns:
    return {
        name: np.concatenate([column, two[name]]) if name in two else column
        for name, column in one.items()
    }


def batch(strategy: st.SearchStrategy[Any], n: int) -> st.SearchStrategy[Batch]:
    """Draw batches: up to 8 rows of a strategy, and n rows more that a drawn seed stands for.

    One call of a simulator is dear and a row is cheap, so an example should be many rows; but a
    list of Hypothesis averages a few. The bulk is uniform over the codes and the same for a seed
    for ever. Shrinking drops the bulk first: where the drawn rows show the mistake, they shrink as
    ever. Where only the bulk does, `Batch.check` simplifies its simplest wrong row by calls of
    its own and names it.

    Parameters
    ----------
    strategy : strategy
        Of `bits`, `finite` or `operands`.
    n : int
        Rows of the bulk, 1 to 2**24.

    Returns
    -------
    strategy of Batch

    Raises
    ------
    FormatError
        The strategy is another one, whose rows no seed could stand for.

    Examples
    --------
    >>> import numfmt as nf
    >>> from hypothesis import given, settings
    >>> from numfmt.strategies import bits
    >>> @settings(settings.get_profile("numfmt-ci"), max_examples=5)
    ... @given(batch(bits("e4m3"), 1000))
    ... def test(rows):
    ...     rows.check(lambda codes: nf.encode(nf.decode(codes, "e4m3"), "e4m3") != codes)
    >>> test()
    """
    integer_option(n, 1, 1 << 24, "n")
    source = _sources.get(strategy)
    if source is None:
        raise FormatError(
            f"batch knows the rows of bits(...), finite(...) and operands(...), not of {strategy!r}"
        )
    return batches(source, n)


@st.composite
def batches(draw: st.DrawFn, of: _Source, n: int) -> Batch:
    """Draw rows and a seed."""
    drawn = draw(st.lists(of.strategy, max_size=_DRAWN))
    seed = draw(st.integers(0, (1 << 32) - 1))
    if seed:  # more choices than a drawn row has: that one is preferred
        draw(st.tuples(*[st.integers(0, 0)] * (6 * sum(of.shape.counts))))
    return Batch(drawn, seed, n, of.shape)

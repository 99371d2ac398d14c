"""The table itself: columns of unsigned integers, made by the kernels and checked by `exact`."""

import dataclasses
import functools
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import exact
from ..arguments import as_array, place, progress
from ..decoding import unpack
from ..dialects import NanRule
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat, Style
from ..params import Kind
from ..rounding import Rounding
from . import stimuli
from .coverage import Coverage
from .operations.base import FLAG_NAMES, Codes, Column, Columns
from .spec import Spec
from .streams import random_words

CHECK_ALL = 4096  # tables of so many rows are computed by `exact` in full
CHECK_SAMPLE = 1024  # of longer ones, so many rows are
CHUNK = 1 << 16  # rows that are computed and written at once
CLASS_BITS, RM_BITS, FLAG_BITS = 8, 4, 5


def fields_of(spec: Spec) -> dict[str, Column]:
    """Return every column of a row, the most significant first."""
    results = spec.results
    columns = [
        Column(name="class", width=CLASS_BITS),
        Column(name="rm", width=RM_BITS),
        *spec.operands,
        *([Column(name="random", width=spec.bits)] if spec.stochastic else []),
        *results,
        *(dataclasses.replace(c, name=mask_name(c.name), fmt=None) for c in results),
        Column(name="flags", width=FLAG_BITS),
    ]
    return {column.name: column for column in columns}


def mask_name(result: str) -> str:
    """Return the name of the mask of a result column.

    Examples
    --------
    >>> mask_name("expected"), mask_name("expected_scale")
    ('mask', 'mask_scale')
    """
    return "mask" + result.removeprefix("expected")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """Where the rows of a set come from, a chunk at a time.

    Attributes
    ----------
    spec : Spec
    operands : Stimuli
    input : bytes, optional
        The input tensor as a `.npy` file.
    given : bool
        Whether the operands came from elsewhere, so that the spec alone does not give them.
    """

    spec: Spec
    operands: stimuli.Stimuli
    input: bytes | None = None
    given: bool = False

    def __len__(self) -> int:
        """Return the number of rows, all rounding modes together."""
        return self.operands.count * len(self.spec.rounding)

    @functools.cached_property
    def fields(self) -> dict[str, Column]:
        """Every column of a row, the most significant first."""
        return fields_of(self.spec)

    @functools.cached_property
    def checked(self) -> npt.NDArray[np.int64]:
        """The rows that `exact` computes too."""
        count = len(self)
        if count <= CHECK_ALL:
            return np.arange(count)
        picks = random_words(self.spec.seed, "check", CHECK_SAMPLE)
        return np.unique(picks % np.uint64(count)).astype(np.int64)

    def chunks(self, start: int = 0) -> Iterator[Columns]:
        """Yield the columns of all rows from `start` on; no chunk has rows of two modes.

        Raises
        ------
        AssertionError
            `exact` and the kernels disagree: a bug in numfmt.
        """
        per_mode = self.operands.count
        show = progress(len(self), "vectors")
        while start < len(self):
            mode, first = divmod(start, per_mode)
            stop = min(per_mode, (first // CHUNK + 1) * CHUNK)
            yield self._chunk(self.spec.rounding[mode], mode * per_mode, first, stop)
            start = mode * per_mode + stop
            show(start)

    def _chunk(self, mode: str, before: int, start: int, stop: int) -> Columns:
        spec, count = self.spec, stop - start
        classes, operands = self.operands.rows(start, stop)
        random = None
        if Rounding(mode).stochastic:
            words = random_words(spec.seed, f"random bits {mode}", count, start)
            random = words >> np.uint64(64 - spec.bits)
        outcome = spec.operation.evaluate(spec, mode, operands, random)
        flags = outcome.flags
        results = {name: codes.astype(np.uint64) for name, codes in outcome.results.items()}
        columns: Columns = {
            "class": classes.astype(np.uint64),
            "rm": np.full(count, spec.rm_numbers[mode], np.uint64),
            **operands,
            **results,
            **{mask_name(c.name): _mask(spec, c, results[c.name]) for c in spec.results},
            "flags": np.zeros(count, np.uint64) if flags is None else flags.astype(np.uint64),
        }
        if spec.stochastic:
            columns["random"] = np.zeros(count, np.uint64) if random is None else random
        self._check(mode, columns, before + start)
        columns["flags"] = _reordered(columns["flags"], spec.flag_order)
        return {name: columns[name] for name in self.fields}

    def _check(self, mode: str, columns: Columns, start: int) -> None:
        """Compute rows of a chunk once more with `exact`."""
        spec = self.spec
        stop = start + columns["rm"].size
        picks = self.checked[(self.checked >= start) & (self.checked < stop)] - start
        for row in picks.tolist():
            operands = tuple(_element(columns[c.name][row]) for c in spec.operands)
            draw = None
            if Rounding(mode).stochastic:
                draw = exact.Draw(int(columns["random"][row]), spec.bits)
            verdict = spec.operation.witness(spec, mode, operands, draw)
            found = tuple(_element(columns[c.name][row]) for c in spec.results)
            flags = int(columns["flags"][row])
            assert (verdict.results, verdict.flags) == (found, flags), (
                f"numfmt disagrees with itself, please report: {spec}, {mode}: {operands}: exact "
                f"{verdict.results}, flags {verdict.flags}; kernel {found}, flags {flags}"
            )


def _element(value: Any) -> Any:
    return tuple(value.tolist()) if value.ndim else int(value)


def _reordered(flags: Codes, order: tuple[str, ...]) -> Codes:
    """Return flags with their bits in another order, given from bit 0 up."""
    if order == FLAG_NAMES:
        return flags
    moved = np.zeros_like(flags)
    for at, name in enumerate(order):
        bit = flags >> np.uint64(FLAG_NAMES.index(name)) & np.uint64(1)
        moved |= bit << np.uint64(at)
    return moved


def _mask(spec: Spec, column: Column, codes: Codes) -> Codes:
    """Return which bits of a result count: all, but those of a NaN that the dialect leaves free."""
    every = np.uint64((1 << column.width) - 1)
    mask = np.full(codes.shape, every, np.uint64)
    free = spec.dialect is not None and spec.dialect.nan is NanRule.ANY
    if free and isinstance(column.fmt, ScalarFormat) and column.fmt.has_nan:
        quiet = column.fmt.nan_code(0)
        assert quiet is not None
        certain = np.uint64(_certain_bits(column.fmt, int(every)))
        alike = (codes ^ np.uint64(quiet)) & certain == 0  # a signalling NaN is near infinity
        mask[alike & (unpack(codes, column.fmt).kind == Kind.NAN)] = certain
    return mask


def _certain_bits(fmt: ScalarFormat, every: int) -> int:
    """Return the bits that every quiet NaN of a format shares."""
    if isinstance(fmt, FloatFormat) and fmt.signed and fmt.style in (Style.IEEE, Style.FN):
        if fmt.style is Style.FN or fmt.trailing_bits < 2:
            return every >> 1
        payload = (1 << (fmt.trailing_bits - 1)) - 1
        return (every >> 1) ^ payload
    return every


@dataclasses.dataclass(frozen=True, kw_only=True, repr=False)
class VectorTable:
    """Columns of one set of vectors, in the order of its files.

    Attributes
    ----------
    source : Source
    columns : dict of str to ndarray of uint64
        ``class``, ``rm``, the operands, ``random`` (stochastic modes), ``expected`` and other
        results, their masks (0 where the design is free), ``flags``. Columns of several elements
        have shape (rows, elements).
    """

    source: Source
    columns: Columns

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.columns["rm"].size)

    def __repr__(self) -> str:
        """Return rows, spec and columns in a line."""
        return f"VectorTable({len(self):,} rows of {self.spec}; {', '.join(self.columns)})"

    @property
    def spec(self) -> Spec:
        """What the table is of."""
        return self.source.spec

    @property
    def input(self) -> bytes | None:
        """The input tensor as a `.npy` file."""
        return self.source.input

    @property
    def fields(self) -> dict[str, Column]:
        """Width and elements of every column."""
        return self.source.fields

    @property
    def widths(self) -> dict[str, int]:
        """Bits of every column, all its elements together."""
        return {name: column.bits for name, column in self.fields.items()}

    @property
    def word_bits(self) -> int:
        """Bits of a packed row."""
        return sum(self.widths.values())

    def coverage(self) -> Coverage:
        """Return what each class wanted, found, and why the rest cannot be."""
        return self.source.operands.coverage()

    def write(self, folder: Any, *, emit: Any = None) -> Any:
        """Write the set into a folder; see `numfmt.vectors.write`."""
        from .files import DEFAULT_KINDS, write

        return write(self, folder, emit=DEFAULT_KINDS if emit is None else emit)

    def summary(self) -> dict[str, Any]:
        """Return counts of what the rows exercise."""
        flags = self.columns["flags"]
        summary: dict[str, Any] = {
            "rows": len(self),
            "classes": {entry.name: entry.rows for entry in self.coverage() if entry.rows},
        }
        column = self.fields["expected"]
        if isinstance(column.fmt, ScalarFormat):
            codes = self.columns["expected"]
            kinds = np.bincount(unpack(codes, column.fmt).kind.reshape(-1), minlength=5)
            names = ("zero", "subnormal", "normal", "infinity", "nan")
            summary["results"] = {name: int(n) for name, n in zip(names, kinds, strict=True)}
        summary["flags"] = {
            name: int(np.count_nonzero(flags & np.uint64(1 << at)))
            for at, name in enumerate(self.spec.flag_order)
        }
        return summary


def source_of(spec: Spec, input: npt.ArrayLike | None = None) -> Source:
    """Return where the rows of a spec come from; arguments as of `generate`."""
    given, blob = None, None
    if input is None and spec.input_sha256 is not None:
        raise FormatError("the spec names an input tensor by its sha256 and input is missing")
    if input is not None:
        spec, given, blob = _with_input(spec, as_array(input, "input"))
        _refuse_operands(spec, given, as_array(input, "input").shape)
    return Source(spec=spec, operands=stimuli.stimuli_of(spec, given), input=blob)


def generate(spec: Spec, *, input: npt.ArrayLike | None = None) -> VectorTable:
    """Return the table of a spec.

    Parameters
    ----------
    spec : Spec
    input : array_like, optional
        A tensor whose elements are the operands, for ``encode``: float16, float32, float64 or
        integers. Their dtype is the source format.

    Raises
    ------
    FormatError
        The tensor does not fit the operation, an operand has no result, or `max_rows` is less
        than the corners need.
    AssertionError
        `exact` and the kernels disagree: a bug in numfmt.

    Examples
    --------
    >>> table = generate(Spec(op="mul", fmt="e2m1", dst="e4m3"))
    >>> len(table), table.columns["expected"][:3].tolist()
    (256, [0, 0, 0])
    """
    source = source_of(spec, input)
    parts = list(source.chunks())
    columns = {name: np.concatenate([part[name] for part in parts]) for name in source.fields}
    return VectorTable(source=source, columns=columns)


def _refuse_operands(spec: Spec, given: Codes, shape: tuple[int, ...]) -> None:
    refused = spec.operation.refused
    bad = np.zeros(0, np.bool_) if refused is None else refused(spec, {"a": given})
    if bad.any():
        raise FormatError(
            f"{place('input', shape, int(np.argmax(bad)))} has no code in {spec.dst.name!r} (NaN, "
            "infinite or negative); set nan=<code> or clean the tensor"
        )


def _with_input(spec: Spec, array: npt.NDArray[Any]) -> tuple[Spec, Codes, bytes]:
    if spec.op != "encode":
        raise FormatError(f"input goes with op='encode', not {spec.op!r}")
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise FormatError(
            f"input has dtype {array.dtype}; vectors take float16, float32, float64 and integers"
        )
    if array.size == 0:
        raise FormatError("input is empty: there is nothing to write vectors of")
    name, codes = stimuli.given_codes(array)
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array, array.dtype.newbyteorder("<")), allow_pickle=False)
    digest = hashlib.sha256(file.getvalue()).hexdigest()
    if spec.input_sha256 not in (None, digest):
        raise FormatError(f"input has sha256 {digest}, the spec names {spec.input_sha256}")
    made = dataclasses.replace(spec, src=name, dst=None, exhaustive=False, input_sha256=digest)
    return made, codes, file.getvalue()


def layout(fields: dict[str, Column]) -> dict[str, tuple[int, int]]:
    """Return the (most, least) significant bit of every column in a packed row."""
    places, low = {}, 0
    for name, column in reversed(fields.items()):
        places[name] = (low + column.bits - 1, low)
        low += column.bits
    return dict(reversed(places.items()))

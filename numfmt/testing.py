"""For the tests of a design: codes that must be equal, and a report by kind where they are not.

The pytest plugin of numfmt (`numfmt.pytest_plugin`) shows the report as a section of its own.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import as_array, as_codes, scalar_format
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.fixed import Encoding, FixedFormat
from .flags import Flags
from .listing import code_text, value_text
from .mistakes import KINDS, RIGHT, label
from .ordering import ulp_distance

Array = npt.NDArray[Any]
ROWS = 10  # wrong rows that a report shows
_IN_A_CELL = 8  # elements of a row of an input that are shown


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class CodeReport:
    """Where codes differ from those expected.

    Attributes
    ----------
    fmt : ScalarFormat
    expected, got : ndarray
        Codes, of one shape.
    labels : ndarray of int8
        For each code `numfmt.mistakes.RIGHT` or an index into `numfmt.mistakes.KINDS`.
    expected_flags, got_flags : ndarray, optional
    inputs : dict of str to (ndarray, ScalarFormat or None)
    classes : ndarray, optional

    Examples
    --------
    >>> report = compare_codes([0x38, 0x80], [0x38, 0x00], "e4m3")
    >>> report.ok, report.wrong, report.by_kind()
    (False, 1, {'zero_sign': 1})
    """

    fmt: ScalarFormat
    expected: Array
    got: Array
    labels: npt.NDArray[np.int8]
    expected_flags: Array | None = None
    got_flags: Array | None = None
    inputs: Mapping[str, tuple[Array, ScalarFormat | None]] = dataclasses.field(
        default_factory=dict
    )
    classes: Array | None = None

    @property
    def ok(self) -> bool:
        """Whether no code differs."""
        return not self.wrong

    @property
    def wrong(self) -> int:
        """How many codes differ."""
        return int((self.labels != RIGHT).sum())

    def by_kind(self) -> dict[str, int]:
        """Return how many codes differ in which way, for the ways that occur."""
        counts = np.bincount(self.labels[self.labels != RIGHT].astype(np.intp), minlength=5)
        return {kind: n for kind, n in zip(KINDS, counts.tolist(), strict=True) if n}

    def by_class(self) -> dict[tuple[str, str], int]:
        """Return the same counts by (class, kind)."""
        if self.classes is None:
            return {}
        wrong = self.labels != RIGHT
        names = [str(name) for name in self.classes[wrong].tolist()]
        kinds = [KINDS[index] for index in self.labels[wrong].tolist()]
        return dict(sorted(Counter(zip(names, kinds, strict=True)).items()))

    def summary(self) -> str:
        """Return one line: how many codes differ, and how."""
        if self.ok:
            return f"all {self.labels.size} codes of {self.fmt.name} agree"
        counts = ", ".join(f"{count} {kind}" for kind, count in self.by_kind().items())
        codes = "code" if self.labels.size == 1 else "codes"
        differ = "differs" if self.wrong == 1 else "differ"
        return f"{self.wrong} of {self.labels.size} {codes} of {self.fmt.name} {differ}: {counts}"

    def table(self, rows: int = ROWS) -> str:
        """Return the counts by class, and the first `rows` wrong rows."""
        lines = []
        for (name, kind), count in self.by_class().items():
            lines.append(f"{name:<20} {kind:<9} {count:>9}")
        places = np.argwhere(self.labels != RIGHT)[: max(rows, 0)].tolist()
        if places:
            lines += _in_columns([self._heads(), *(self._row(tuple(at)) for at in places)])
        if len(places) < self.wrong:
            lines.append(f"... and {self.wrong - len(places)} more")
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the summary and the table."""
        table = self.table()
        return f"{self.summary()}\n{table}" if table else self.summary()

    def _heads(self) -> list[str]:
        flags = ["flags expected", "flags got"] if self.got_flags is not None else []
        classes = ["class"] if self.classes is not None else []
        return ["row", "kind", *classes, "expected", "got", "ulps", *flags, *self.inputs]

    def _row(self, at: tuple[int, ...]) -> list[str]:
        expected, got = int(self.expected[at]), int(self.got[at])
        cells = [", ".join(map(str, at)) or "-", KINDS[int(self.labels[at])]]
        if self.classes is not None:
            cells.append(str(self.classes[at]))
        cells += [_cell(expected, self.fmt), _cell(got, self.fmt), _ulps(expected, got, self.fmt)]
        if self.expected_flags is not None and self.got_flags is not None:
            cells += [_flags(self.expected_flags[at]), _flags(self.got_flags[at])]
        return cells + [_of_input(array[at], fmt) for array, fmt in self.inputs.values()]


class CodesDiffer(AssertionError):
    """Codes are not those expected; `report` is the `CodeReport`."""

    def __init__(self, report: CodeReport) -> None:
        super().__init__(report)
        self.report = report
        self.brief = False  # set by the pytest plugin, which shows the table elsewhere

    def __str__(self) -> str:
        """Return the report, or its first line."""
        return self.report.summary() if self.brief else str(self.report)


def assert_codes_equal(
    got: npt.ArrayLike,
    expected: npt.ArrayLike,
    fmt: Format | str,
    *,
    got_flags: npt.ArrayLike | None = None,
    expected_flags: npt.ArrayLike | None = None,
    any_nan: bool = False,
    ignore_flags: bool = False,
    inputs: Mapping[str, Any] | None = None,
    classes: npt.ArrayLike | None = None,
) -> None:
    """Raise an AssertionError with a report by kind unless codes are those expected.

    Parameters
    ----------
    got, expected : array_like of int
        Codes of `fmt`, of the same shape; or one of them a single code, which then stands for all.
    fmt : Format or str
        A scalar format, or a name.
    got_flags, expected_flags : array_like of int, optional
        Status flags as `numfmt.Flags`, one byte a code; both or neither.
    any_nan : bool
        Take any NaN code for a NaN.
    ignore_flags : bool
        Compare codes alone, though flags are given.
    inputs : mapping of str to array_like, or to (array_like, format), optional
        What the codes were made from, shown in the rows of the report: integers in hexadecimal,
        with their values where a format comes with them. The shape is that of the codes, or has
        further axes.
    classes : array_like of str or int, optional
        The class of each row; the report counts by them.

    Raises
    ------
    CodesDiffer
        An AssertionError: a code is wrong, or has wrong flags. Kinds are those of
        `numfmt.mistakes`: ``value``, ``nan_code``, ``zero_sign``, ``special``, ``flags``.
    FormatError
        What is passed cannot be compared: shapes, dtypes, codes out of range, one-sided flags.

    Examples
    --------
    >>> assert_codes_equal([0x38, 0x7f], [0x38, 0xff], "e4m3", any_nan=True)
    >>> try:
    ...     assert_codes_equal([0x38, 0x00], [0x39, 0x80], "e4m3", inputs={"x": [1.1, -0.0]})
    ... except AssertionError as error:
    ...     print(error)
    2 of 2 codes of e4m3 differ: 1 value, 1 zero_sign
    row  kind       expected      got         ulps  x
    0    value      0x39 = 1.125  0x38 = 1.0  -1    1.1
    1    zero_sign  0x80 = -0.0   0x00 = 0.0  0     -0.0
    """
    __tracebackhide__ = True
    report = compare_codes(
        got,
        expected,
        fmt,
        got_flags=got_flags,
        expected_flags=expected_flags,
        any_nan=any_nan,
        ignore_flags=ignore_flags,
        inputs=inputs,
        classes=classes,
    )
    if not report.ok:
        raise CodesDiffer(report)


def compare_codes(
    got: npt.ArrayLike,
    expected: npt.ArrayLike,
    fmt: Format | str,
    *,
    got_flags: npt.ArrayLike | None = None,
    expected_flags: npt.ArrayLike | None = None,
    any_nan: bool = False,
    ignore_flags: bool = False,
    inputs: Mapping[str, Any] | None = None,
    classes: npt.ArrayLike | None = None,
) -> CodeReport:
    """Return where codes differ from those expected, as `assert_codes_equal` reports it.

    Parameters are those of `assert_codes_equal`.

    Raises
    ------
    FormatError
        What is passed cannot be compared.

    Examples
    --------
    >>> print(compare_codes([0x7f], [0x7e], "e4m3"))
    1 of 1 code of e4m3 differs: 1 special
    row  kind     expected      got         ulps
    0    special  0x7e = 448.0  0x7f = nan
    """
    entry = scalar_format(fmt)
    given = _as_answers(got, entry)
    wanted = as_codes(expected, entry, "expected")
    wanted, given = _same_shape(wanted, given)
    if (got_flags is None) != (expected_flags is None) and not ignore_flags:
        lone, other = ("got_flags", "expected_flags")[:: 1 if expected_flags is None else -1]
        raise FormatError(
            f"{lone} is given and {other} is not; give both, or pass ignore_flags=True"
        )
    flags: list[Array | None] = [None, None]
    if expected_flags is not None and got_flags is not None and not ignore_flags:
        flags = [
            _as_flags(expected_flags, given.shape, "expected_flags"),
            _as_flags(got_flags, given.shape, "got_flags"),
        ]
    return CodeReport(
        fmt=entry,
        expected=wanted,
        got=given,
        labels=label(
            wanted, given, entry, expected_flags=flags[0], got_flags=flags[1], any_nan=any_nan
        ),
        expected_flags=flags[0],
        got_flags=flags[1],
        inputs={name: _as_input(given.shape, name, item) for name, item in (inputs or {}).items()},
        classes=None if classes is None else _as_classes(classes, given.shape),
    )


def _as_answers(codes: npt.ArrayLike, fmt: ScalarFormat) -> Array:
    """Return what a design answered: codes, also those of a codebook that stand for nothing."""
    if fmt.unused_codes():
        fmt = FixedFormat(name=fmt.name, bits=fmt.bits, encoding=Encoding.UNSIGNED)
    return as_codes(codes, fmt, "got")


def _same_shape(expected: Array, got: Array) -> tuple[Array, Array]:
    """Return both arrays in the larger shape, where one of them is a single code or they agree."""
    if expected.shape != got.shape and expected.ndim and got.ndim:
        raise FormatError(
            f"got has shape {got.shape}, and expected has {expected.shape}; compare codes one to "
            "one, or with a single code"
        )
    shape = got.shape or expected.shape
    return np.broadcast_to(expected, shape), np.broadcast_to(got, shape)


def _as_flags(flags: npt.ArrayLike, shape: tuple[int, ...], argument: str) -> Array:
    array = as_array(flags, argument)
    if array.dtype.kind not in "iub" or (array.size and not 0 <= array.min() <= array.max() < 256):
        raise FormatError(f"{argument} must hold flags of one byte, as numfmt.Flags has them")
    if array.ndim and array.shape != shape:
        raise FormatError(f"{argument} has shape {array.shape}, and the codes have {shape}")
    return np.broadcast_to(array.astype(np.uint8), shape)


def _as_input(shape: tuple[int, ...], name: str, item: Any) -> tuple[Array, ScalarFormat | None]:
    """Return an input whose first axes are those of the codes, and its format."""
    fmt = None
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], str | Format):
        item, fmt = item[0], scalar_format(item[1], f"inputs[{name!r}]")
    array = as_array(item, f"inputs[{name!r}]")
    if fmt is not None:
        array = as_codes(array, fmt, f"inputs[{name!r}]")
    if array.ndim == 0:
        array = np.broadcast_to(array, shape)
    if array.shape[: len(shape)] != shape:
        raise FormatError(
            f"inputs[{name!r}] has shape {array.shape}, and the codes have {shape}; its first axes "
            "must be theirs"
        )
    return array, fmt


def _as_classes(classes: npt.ArrayLike, shape: tuple[int, ...]) -> Array:
    array = as_array(classes, "classes")
    if array.ndim and array.shape != shape:
        raise FormatError(f"classes has shape {array.shape}, and the codes have {shape}")
    return np.broadcast_to(array, shape)


def _in_columns(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines, one width a column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(code: int, fmt: ScalarFormat) -> str:
    return f"{code_text(code, fmt)} = {value_text(code, fmt)}"


def _ulps(expected: int, got: int, fmt: ScalarFormat) -> str:
    """Return how many ulps too large the code is, or nothing where there is no telling."""
    try:
        steps = int(ulp_distance(expected, got, fmt))
    except FormatError:
        return ""
    return f"{steps:+}" if steps else "0"


def _flags(flags: int) -> str:
    names = [flag.name or "" for flag in Flags if flags & flag]
    rest = int(flags) & ~sum(Flags)
    return "|".join(names + ([f"0x{rest:02x}"] if rest else [])) or "-"


def _of_input(element: Any, fmt: ScalarFormat | None) -> str:
    """Return an element of an input, or the first elements of a row of them."""
    array = np.asarray(element)
    if array.ndim:
        shown = [_of_input(item, fmt) for item in array.reshape(-1)[:_IN_A_CELL]]
        return f"[{', '.join(shown)}{', ...' if array.size > _IN_A_CELL else ''}]"
    if fmt is not None:
        return _cell(int(array), fmt)
    if array.dtype.kind in "iu":
        return hex(int(array))
    return str(array.item())

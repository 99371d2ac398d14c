"""The smallest row on which a model and a black box disagree."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from ...matrix_units.unit import Unit
from .alphabets import alphabet
from .box import Box, Rows, Shape, joined
from .models import loosened, results

Array = npt.NDArray[Any]

_STEPS = 40
_SHOWN = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One row on which the black box and the best model differ.

    Attributes
    ----------
    a, b : tuple of int
        Codes of the operands; `c` is that of the accumulator operand.
    c, f, model : int
        Codes: the accumulator operand, what the black box delivered, what the model did.
    scales : tuple of tuple of int
        Codes of the block scales of a and b.
    terms : int
        Products and accumulator operand that are not zero.
    text : str
        The row as numbers.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    c: int
    f: int
    model: int
    scales: tuple[tuple[int, ...], ...]
    terms: int
    text: str

    def __str__(self) -> str:
        return self.text


def _size(rows: Rows, shape: Shape) -> Array:
    """Return the order of rows: terms, then the codes that are not simple, then the codes."""
    a, b, c = (alphabet(fmt) for fmt in (shape.a, shape.b, shape.output))
    empty = np.isin(rows.a, (a.zero, a.minus_zero)) | np.isin(rows.b, (b.zero, b.minus_zero))
    terms = np.count_nonzero(~empty, axis=1) + ~np.isin(rows.c, (c.zero, c.minus_zero))
    nonzero = np.count_nonzero(rows.a != a.zero, axis=1)
    nonzero += np.count_nonzero(rows.b != b.zero, axis=1)
    total = rows.a.astype(float).sum(axis=1) + rows.b.astype(float).sum(axis=1)
    return np.lexsort((rows.c, total, nonzero, terms))


def _simpler(row: Rows, shape: Shape) -> Rows:
    """Return rows that each have one thing simpler than this one."""
    letters = [alphabet(fmt) for fmt in (shape.a, shape.b, shape.output)]
    found = []

    def put(name: str, place: Any, code: int) -> None:
        column = getattr(row, name)
        if int(column[place]) != code:
            changed = column.copy()
            changed[place] = code
            found.append(row._replace(**{name: changed}))

    a, b, _ = letters
    empty = np.isin(row.a, (a.zero, a.minus_zero)) | np.isin(row.b, (b.zero, b.minus_zero))
    if (row.a[empty] != a.zero).any() or (row.b[empty] != b.zero).any():
        plain = np.where(empty, a.zero, row.a), np.where(empty, b.zero, row.b)
        found.append(row._replace(a=plain[0].astype(row.a.dtype), b=plain[1].astype(row.b.dtype)))
    for k in range(shape.k):
        if row.a[0, k] != letters[0].zero or row.b[0, k] != letters[1].zero:
            left, right = row.a.copy(), row.b.copy()
            left[0, k], right[0, k] = a.zero, b.zero
            found.append(row._replace(a=left, b=right))
    put("c", 0, letters[2].zero)
    for name, side in (("a", letters[0]), ("b", letters[1])):
        for k in range(shape.k):
            for code in _plainer(int(getattr(row, name)[0, k]), side):
                put(name, (0, k), code)
    for code in _plainer(int(row.c[0]), letters[2]):
        put("c", 0, code)
    return joined(found) if found else row.take(slice(0, 0))


def _plainer(code: int, side: Any) -> list[int]:
    """Return codes of simpler numbers: one, and those with fewer digits."""
    value = float(side.values(np.array([code], np.uint64))[0])
    if value in (0.0, 1.0) or not np.isfinite(value):
        return []
    exponent = int(np.floor(np.log2(abs(value))))
    found = [side.power(min(max(0, side.low), side.high)), side.power(exponent, value < 0)]
    for digits in (1, 4, 8):
        step = 2.0 ** (exponent - digits)
        found.append(int(side.of(np.array([np.trunc(value / step) * step]))[0]))
    return [other for other in dict.fromkeys(found) if other != code]


def _differs(got: Array, mine: Array | None, shape: Shape, strict: bool) -> Array:
    """Return where codes differ; unless strict, NaNs are alike, and so are zeros."""
    if mine is None:
        return np.ones(got.shape, bool)
    if not strict:
        got, mine = loosened(got, shape.output), loosened(mine, shape.output)
    found: Array = got != mine
    return found


def smallest(model: Unit, failing: Rows, box: Box) -> Disagreement:
    """Return the smallest row found, from some that fail, by making one thing simpler at a time."""
    shape = box.shape
    # Numbers count before NaNs and signs of zeros.
    loose = _differs(box.ask(failing), results(model, failing), shape, strict=False)
    strict = not loose.any()
    failing = failing if strict else failing.take(np.flatnonzero(loose))
    best = failing.take(_size(failing, shape)[:1])
    for _ in range(min(_STEPS, max(box.left - 1, 0))):
        tries = _simpler(best, shape)
        if not tries.size:
            break
        wrong = np.flatnonzero(_differs(box.ask(tries), results(model, tries), shape, strict))
        if not wrong.size:
            break
        better = tries.take(wrong)
        best = better.take(_size(better, shape)[:1])
    return _described(best, model, box)


def _described(row: Rows, model: Unit, box: Box) -> Disagreement:
    shape = box.shape
    mine = results(model, row)
    got, want = int(box.ask(row)[0]), int(mine[0]) if mine is not None else 0
    a, b, c = (alphabet(fmt) for fmt in (shape.a, shape.b, shape.output))
    left, right = a.values(row.a)[0], b.values(row.b)[0]
    places = [k for k in range(shape.k) if left[k] != 0 or right[k] != 0]
    terms = [f"{left[k]:g} * {right[k]:g} at {k}" for k in places]
    if len(terms) > _SHOWN:
        terms = [*terms[:_SHOWN], f"{len(terms) - _SHOWN} more"]
    numbers = c.values(np.array([int(row.c[0]), got, want], np.uint64)).tolist()
    text = (
        f"{', '.join(terms) or 'no products'}, c = {numbers[0]:.9g}: "
        f"f gives {got:#x} ({numbers[1]:.9g}), the model {want:#x} ({numbers[2]:.9g})"
    )
    scales = tuple(tuple(int(x) for x in s[0]) for s in (row.scale_a, row.scale_b))
    count = int(np.count_nonzero((left != 0) & (right != 0))) + int(numbers[0] != 0)
    return Disagreement(
        a=tuple(int(x) for x in row.a[0]),
        b=tuple(int(x) for x in row.b[0]),
        c=int(row.c[0]),
        f=got,
        model=want,
        scales=scales if shape.scale is not None else (),
        terms=count,
        text=text,
    )

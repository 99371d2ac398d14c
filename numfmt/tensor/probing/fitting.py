"""Fits: fields of a model changed one by one as long as more rows agree."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...families.floats import FloatFormat
from ...matrix_units.accumulators import Aligned
from ...matrix_units.unit import Unit
from .alphabets import alphabet
from .box import Box, Rows, Shape, joined
from .models import dialects, domains, loosened, results, value_of, varied

Array = npt.NDArray[Any]

_SAMPLE = 250
_WRONG = 150
_ROUNDS = 4
_MANY, _STRIDE = 80, 4
_CHECKED = 60  # pairs of values that are good on a sample
# Fields of which two wrong values may fit better than one right one.
_PAIRS = (
    ("cut", "floor"),
    ("cut", "fraction_bits"),
    ("rounding", "keep"),
    ("late_cut", "sum_bits"),
    ("late_cut", "c_bits"),
    ("late_cut", "rounding"),
    ("halves", "late_cut"),
    ("halves", "cut"),
    ("cut", "late_cut"),
    ("fraction_bits", "sum_bits"),
    ("zero_products", "floor"),
    ("zero_products", "cut"),
)


class Seen:
    """The rows that the black box has answered, and its answers."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.rows: Rows | None = None
        self.codes = np.zeros(0, np.uint64)
        self.loose = self.codes
        self.plain: Array = np.zeros(0, np.int64)  # rows of finite operands

    def add(self, rows: Rows, codes: Array) -> None:
        """Keep more rows."""
        self.plain = np.append(self.plain, self.codes.size + np.flatnonzero(self._finite(rows)))
        self.rows = rows if self.rows is None else joined([self.rows, rows])
        self.codes = np.append(self.codes, codes)
        self.loose = np.append(self.loose, loosened(codes, self.shape.output))

    def _finite(self, rows: Rows) -> Array:
        formats = (self.shape.a, self.shape.b, self.shape.output)
        finite = np.ones(rows.size, bool)
        for codes, fmt in zip((rows.a, rows.b, rows.c[:, None]), formats, strict=True):
            finite &= np.isfinite(alphabet(fmt).values(codes)).all(axis=1)
        return finite

    def ask(self, box: Box, rows: Rows) -> Array:
        """Ask the black box, and keep what it says."""
        codes = box.ask(rows)
        self.add(rows, codes)
        return codes

    def wrong(self, model: Unit, strict: bool, chosen: Array | None = None) -> Array | None:
        """Return where a model disagrees, among all rows or those chosen; None if it cannot."""
        assert self.rows is not None
        rows, want, loose = self.rows, self.codes, self.loose
        if chosen is not None:
            rows, want, loose = rows.take(chosen), want[chosen], loose[chosen]
        got = results(model, rows)
        if got is None:
            return None
        wrong: Array = got != want
        if not strict:
            where = np.flatnonzero(wrong)
            wrong[where] = loosened(got[where], self.shape.output) != loose[where]
        return wrong

    def misses(self, model: Unit, strict: bool, chosen: Array | None = None) -> int:
        """Return how many rows a model misses."""
        wrong = self.wrong(model, strict, chosen)
        return 1 << 40 if wrong is None else int(np.count_nonzero(wrong))


class Fit(NamedTuple):
    """A model, its family, and how many rows it misses."""

    family: str
    model: Unit
    missed: int


class Goal(NamedTuple):
    """What a fit is made to: rows (all of them, or those of `among`), and how they are compared."""

    seen: Seen
    rng: np.random.Generator
    among: Array | None = None
    strict: bool = False

    def misses(self, model: Unit, chosen: Array | None = None) -> int:
        """Return how many rows a model misses."""
        return self.seen.misses(model, self.strict, self.among if chosen is None else chosen)

    def sample(self, model: Unit) -> Array | None:
        """Return some rows that a model misses, and some that it does not."""
        wrong = self.seen.wrong(model, self.strict, self.among)
        if wrong is None:
            return None
        places = np.arange(wrong.size) if self.among is None else self.among
        parts = [(places[wrong], _WRONG), (places[~wrong], _SAMPLE)]
        return np.concatenate([self.rng.permutation(part)[:most] for part, most in parts])


def descend(fit: Fit, goal: Goal, steps: int = 12) -> Fit:
    """Return a fit whose fields were changed as long as a change helps, the best one first."""
    fit = fit._replace(missed=goal.misses(fit.model))
    for _ in range(steps):
        before = fit.missed
        if before == 0:
            break
        for change in (_one_by_one, _shifted, _paired):
            if fit.missed == before:
                fit = change(fit, goal)
        if fit.missed == before:
            break
    return fit


def _better(fit: Fit, other: Unit | None, goal: Goal) -> Fit:
    """Return the fit, or the other model if it misses fewer rows."""
    if other is None:
        return fit
    missed = goal.misses(other)
    return fit._replace(model=other, missed=missed) if missed < fit.missed else fit


def _one_by_one(fit: Fit, goal: Goal) -> Fit:
    """Return a fit with each field changed that helps on a sample, the best one first."""
    chosen = goal.sample(fit.model)
    if chosen is None:
        return fit
    bound = goal.misses(fit.model, chosen)
    found = []
    for place, (name, values) in enumerate(domains(fit.model, goal.seen.shape).items()):
        scores = _scores(fit.model, name, values, goal, chosen)
        top = sorted((missed, rank) for rank, missed in scores.items())[:2]
        found += [(missed, place, rank, name, values[rank]) for missed, rank in top]
    for missed, _, _, name, value in sorted(found, key=lambda item: item[:3]):
        if missed < bound:
            fit = _better(fit, varied(fit.model, name, value), goal)
    return fit


def _scores(
    model: Unit, name: str, values: tuple[Any, ...], goal: Goal, chosen: Array
) -> dict[int, int]:
    """Return the misses of a field's values by place; of many, every fourth and the best ones'."""
    now = value_of(model, name)
    found: dict[int, int] = {}
    step = 1 if len(values) < _MANY else _STRIDE
    places = list(range(0, len(values), step))
    for _ in range(2 if step > 1 else 1):
        for place in places:
            other = None if values[place] == now else varied(model, name, values[place])
            if other is not None and place not in found:
                found[place] = goal.misses(other, chosen)
        best = sorted(found, key=lambda place: (found[place], place))[:3]
        places = [p for b in best for p in range(b - step + 1, b + step) if 0 <= p < len(values)]
    return found


def _shifted(fit: Fit, goal: Goal) -> Fit:
    """Return a fit with two fields changed that hide each other."""
    model = fit.model
    accumulator = model.accumulator
    if not isinstance(accumulator, Aligned):
        return fit
    pairs: list[dict[str, Any]] = []
    bits, floor = accumulator.fraction_bits, accumulator.floor
    for step in range(-12, 13):
        if step and 0 <= bits + step <= 50:
            if floor is not None:
                pairs.append({"fraction_bits": bits + step, "floor": floor + step})
            if accumulator.c_bits is not None and 0 <= accumulator.c_bits + step <= 50:
                pairs.append({"fraction_bits": bits + step, "c_bits": accumulator.c_bits + step})
            pairs.append({"fraction_bits": bits + step, "normalized": not accumulator.normalized})
    for pair in pairs:
        other: Unit | None = model
        for name, value in pair.items():
            other = None if other is None else varied(other, name, value)
        fit = _better(fit, other, goal)
    return fit


def _paired(fit: Fit, goal: Goal) -> Fit:
    """Return a fit with the best values of two fields together, tried on a sample."""
    chosen = goal.sample(fit.model)
    if chosen is None:
        return fit
    bound = goal.misses(fit.model, chosen)
    known = domains(fit.model, goal.seen.shape)
    found: list[tuple[int, int, Unit, str, Any]] = []
    for first, second in _PAIRS:
        for value in known.get(first, ()) if second in known else ():
            start = varied(fit.model, first, value)
            if start is not None:
                scores = _scores(start, second, known[second], goal, chosen)
                for missed, rank in sorted((missed, rank) for rank, missed in scores.items())[:4]:
                    if missed < bound:
                        found.append((missed, len(found), start, second, known[second][rank]))
    for _, _, start, second, value in sorted(found, key=lambda item: item[:2])[:_CHECKED]:
        fit = _better(fit, varied(start, second, value), goal)
        if fit.missed == 0:
            break
    return fit


def settled(fit: Fit, seen: Seen) -> Fit:
    """Return a fit with the dialect that misses fewest rows, NaNs and signs of zeros counted."""
    best = fit._replace(missed=seen.misses(fit.model, True))
    if not isinstance(seen.shape.output, FloatFormat):
        return best
    chosen: Array = np.zeros(0, np.int64)
    for _ in range(_ROUNDS):
        wrong = seen.wrong(best.model, True)
        if best.missed == 0 or wrong is None:
            break
        for rows, most in ((np.flatnonzero(wrong), 100), (np.flatnonzero(~wrong), 60)):
            chosen = np.union1d(chosen, rows[:: max(rows.size // most, 1)])
        better = _in_dialects(best, seen, chosen)
        if better.missed == best.missed:
            break
        best = better
    return best


def _in_dialects(fit: Fit, seen: Seen, chosen: Array) -> Fit:
    """Return a fit with the dialect that misses fewest of the rows chosen, then of all."""
    best, bound = fit, seen.misses(fit.model, True, chosen)
    for dialect in dialects(fit.model.accumulator.dialect):
        other = varied(fit.model, "dialect", dialect)
        score = bound if other is None else seen.misses(other, True, chosen)
        if other is None or score >= bound:
            continue
        missed = seen.misses(other, True)
        if missed < best.missed:
            best, bound = fit._replace(model=other, missed=missed), score
        if missed == 0:
            break
    return best


def refitted(fit: Fit, seen: Seen, rng: np.random.Generator) -> Fit:
    """Return a fit to all rows seen, NaNs and signs of zeros counted, from where it stood."""
    if seen.misses(fit.model, True) == 0:
        return fit._replace(missed=0)
    fit = settled(fit, seen)
    if fit.missed and seen.misses(fit.model, False):
        fit = settled(descend(fit, Goal(seen, rng)), seen)
    # Other fields can decide the sign of a zero as well.
    return descend(fit, Goal(seen, rng, strict=True)) if fit.missed else fit

"""Rows that tell models apart: looked for among models alone, then asked of the black box."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...matrix_units.unit import Unit
from .box import Box, Rows, joined
from .fitting import Fit, Seen, refitted
from .models import domains, results, value_of, varied
from .stimuli import Stimuli

Array = npt.NDArray[Any]

_POOL = 8000
_FIRST = 1500
_EACH = 3
_ROUNDS = 8


class Pool:
    """Random rows that nobody has been asked for yet, in a small part and a large one."""

    def __init__(
        self, stimuli: Stimuli, rng: np.random.Generator, model: Unit, size: int = _POOL
    ) -> None:
        rows = stimuli.rows(rng, size)
        bits = getattr(model.accumulator, "fraction_bits", None)
        if bits is not None:
            rows = joined([rows, stimuli.borrows((bits - 1, bits, bits + 1))])
            size = rows.size
        # What has few terms is easiest to read, and to ask about.
        terms = np.count_nonzero(stimuli.products(rows), axis=1)
        self.rows = rows.take(np.argsort(terms, kind="stable"))
        mixed = rng.permutation(size)
        self._parts = [mixed[:_FIRST], mixed[_FIRST:]]
        self._of: Unit | None = None
        self._codes: list[Array | None] = []

    def differing(self, model: Unit, other: Unit) -> Array:
        """Return the rows, of few terms first, on which two models differ."""
        if model is not self._of:
            self._of = model
            self._codes = [results(model, self.rows.take(part)) for part in self._parts]
        for part, mine in zip(self._parts, self._codes, strict=True):
            theirs = results(other, self.rows.take(part))
            if mine is None or theirs is None:
                return np.zeros(0, np.int64)
            found = np.sort(part[mine != theirs])
            if found.size:
                return found
        return np.zeros(0, np.int64)


class Separated(NamedTuple):
    """A fit, and per field the other values that no row tells from its own."""

    fit: Fit
    equals: dict[str, list[Any]]


def _survivors(model: Unit, seen: Seen) -> list[tuple[str, Any, Unit]]:
    """Return models of one other value each that have answered every row as the black box did."""
    found = []
    killers: Array = np.zeros(0, np.int64)
    for name, values in domains(model, seen.shape, every=False).items():
        now = value_of(model, name)
        for value in values:
            other = None if value == now else varied(model, name, value)
            if other is None or (killers.size and seen.misses(other, True, killers)):
                continue
            wrong = seen.wrong(other, True)
            if wrong is None:
                continue
            where = np.flatnonzero(wrong)
            if where.size:
                killers = np.union1d(killers[-300:], where[:: max(where.size // 8, 1)][:8])
            else:
                found.append((name, value, other))
    return found


def separate(
    fit: Fit, seen: Seen, box: Box, stimuli: Stimuli, rng: np.random.Generator
) -> Separated:
    """Return a fit after it was told from each of its neighbours, or was not."""
    equals: dict[str, list[Any]] = {}
    for _ in range(_ROUNDS):
        pool = Pool(stimuli, rng, fit.model)
        equals, chosen = {}, []
        for name, value, other in _survivors(fit.model, seen):
            found = pool.differing(fit.model, other)
            if found.size:
                chosen.append(found[[0, found.size // 2, -1]])
            else:
                equals.setdefault(name, []).append(value)
        if not chosen or box.left < 1:
            _reach(fit.model, equals, seen, pool)
            break
        seen.ask(box, pool.rows.take(np.unique(np.concatenate(chosen))))
        fit = refitted(fit, seen, rng)
        if fit.missed:
            break
    return Separated(fit, equals)


def _reach(model: Unit, equals: dict[str, list[Any]], seen: Seen, pool: Pool) -> None:
    """Put the highest floor that is not told from the model's among the equals."""
    floors = [value for value in equals.get("floor", []) if value is not None]
    if not floors:
        return

    def same(floor: int) -> bool:
        other = varied(model, "floor", floor)
        alike = other is not None and seen.misses(other, True) == 0
        return alike and other is not None and not pool.differing(model, other).size

    low, step = max(floors), 1
    while step < 1024 and same(low + step):
        low, step = low + step, 2 * step
    while step > 1:
        step //= 2
        if same(low + step):
            low += step
    if low not in equals["floor"]:
        equals["floor"].append(low)


def plainest(fit: Fit, equals: dict[str, list[Any]], seen: Seen, pool: Pool) -> Fit:
    """Return a fit with the plainest value in each field whose values are all the same."""
    start = fit.model
    for name, values in domains(start, seen.shape, every=False).items():
        now = value_of(fit.model, name)
        for value in values:
            if value == now:
                break
            if value not in equals.get(name, []):
                continue
            other = varied(fit.model, name, value)
            if other is None or seen.misses(other, True) or pool.differing(start, other).size:
                continue
            fit = fit._replace(model=other)
            break
    return fit


def asked_apart(fit: Fit, others: list[Fit], seen: Seen, box: Box, pool: Pool) -> list[Fit]:
    """Return the fits of other families that no row tells from this one."""
    distinct = {(o.model.accumulator, o.model.plan): o for o in others}
    alive = [other for other in distinct.values() if seen.misses(other.model, True) == 0]
    rows: list[Rows] = []
    open_: list[tuple[Fit, bool]] = []
    for other in alive:
        found = pool.differing(fit.model, other.model)
        if found.size:
            rows.append(pool.rows.take(found[:_EACH]))
        open_.append((other, bool(found.size)))
    for part in rows:
        if box.left > 0:
            seen.ask(box, part)
    return [other for other, told in open_ if not told and seen.misses(other.model, True) == 0]

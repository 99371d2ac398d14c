"""The search: seeds scored on a sample, the best of each family fitted, the fits told apart."""

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ...matrix_units.accumulators import Aligned
from ...matrix_units.unit import Unit
from .box import Shape
from .fitting import Fit, Goal, Seen, descend, refitted
from .models import domains, varied
from .seeds import lane_seeds, seeds
from .signatures import Signature

Array = npt.NDArray[Any]

_GLANCE = 120
_LOOK = 700
_KEPT = 3  # of each family, after a glance
_FITTED = 14
_AGAIN = 4
_TOGETHER = ("cut", "normalized", "late_cut", "halves")


def _scored(models: Iterable[tuple[str, Unit]], seen: Seen, chosen: Array) -> dict[str, list[Fit]]:
    """Return the models of each family, best first."""
    found: dict[str, list[Fit]] = {}
    for family, model in models:
        fit = Fit(family, model, seen.misses(model, False, chosen))
        found.setdefault(family, []).append(fit)
    return {name: sorted(fits, key=lambda fit: fit.missed) for name, fits in found.items()}


def _spread(seen: Seen, structural: int, rng: np.random.Generator, size: int) -> Array:
    """Return rows of both kinds: structural probes, which come first, and random ones."""
    first = rng.permutation(seen.plain[seen.plain < structural])[: size // 2]
    return np.concatenate([first, rng.permutation(seen.plain[seen.plain >= structural])[:size]])


def fits_of(
    shape: Shape, signature: Signature, seen: Seen, structural: int, rng: np.random.Generator
) -> list[Fit]:
    """Return fits of the likeliest families, the best first."""
    glance = _spread(seen, structural, rng, _GLANCE)
    look = _spread(seen, structural, rng, _LOOK)
    started = [*seeds(shape, signature), *lane_seeds(shape, signature)]
    best: list[tuple[int, Fit]] = []
    for family, fits in _scored(started, seen, glance).items():
        again = _scored(((family, fit.model) for fit in fits[: 4 * _KEPT]), seen, look)
        best += enumerate(again[family][:_KEPT])
    # The best of each family first, then the second ones.
    best.sort(key=lambda item: (item[0], item[1].missed))
    done: list[Fit] = []
    for _, fit in best[:_FITTED]:
        solved = any(other.missed == 0 for other in done)
        far = fit.missed > look.size // 10
        if solved and (far or any(o.missed == 0 and o.family == fit.family for o in done)):
            continue
        fit = descend(fit, Goal(seen, rng, seen.plain), steps=2 if solved else 12)
        done.append(fit if fit.missed else refitted(fit, seen, rng))
    if all(fit.missed for fit in done):
        done += _wider([*(fit for _, fit in best), *done], seen, glance, rng)
    done.sort(key=lambda fit: fit.missed)
    return [done[0] if done[0].missed == 0 else refitted(done[0], seen, rng), *done[1:]]


def _wider(starts: list[Fit], seen: Seen, chosen: Array, rng: np.random.Generator) -> list[Fit]:
    """Return fits from starts with several fields changed at once, where one was not enough.

    A wrong way of cutting hides which digits are cut, and the other way round.
    """
    some = {(fit.family, fit.model.accumulator, fit.model.plan): fit for fit in starts}
    kept = [fit for fit in some.values() if isinstance(fit.model.accumulator, Aligned)]
    kept.sort(key=lambda fit: seen.misses(fit.model, False, chosen))
    found = []
    for fit in kept[:_AGAIN]:
        known = domains(fit.model, seen.shape)
        names = [name for name in _TOGETHER if name in known]
        for values in itertools.product(*(known[name] for name in names)):
            model: Unit | None = fit.model
            for name, value in zip(names, values, strict=True):
                model = None if model is None else varied(model, name, value)
            if model is not None:
                found.append(Fit(fit.family, model, seen.misses(model, False, chosen)))
    tried: list[Fit] = []
    for fit in sorted(found, key=lambda fit: fit.missed)[:_AGAIN]:
        fit = descend(fit, Goal(seen, rng, seen.plain), steps=6)
        tried.append(fit if fit.missed else refitted(fit, seen, rng))
        if tried[-1].missed == 0:
            break
    return tried

"""The search: seeds scored on a sample, the best of each family fitted, the fits told apart."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ...matrix_units.unit import Unit
from .box import Shape
from .fitting import Fit, Goal, Seen, descend, refitted
from .seeds import lane_seeds, seeds
from .signatures import Signature

Array = npt.NDArray[Any]

_GLANCE = 120
_LOOK = 700
_KEPT = 3  # of each family, after a glance
_FITTED = 14


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
        done.append(descend(fit, Goal(seen, rng, seen.plain), steps=2 if solved else 12))
    done.sort(key=lambda fit: fit.missed)
    return [
        refitted(fit, seen, rng) if place == 0 or fit.missed == 0 else fit
        for place, fit in enumerate(done)
    ]

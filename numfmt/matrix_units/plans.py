"""Plans as data: how a long K is cut into runs, and how the runs' results become one.

A plan deals the indices 0 to K - 1 into runs. Each run is accumulated by itself (by the plan
`within`, if there is one) and the results are combined by rounded additions of the format `output`
(left out: that of the accumulator) in the mode `rounding`, with the dialect and the flushing of the
accumulator (`flush_inputs` of the plan where that is given), and in its own output format with its
overflow policy:

- ``combine="serial"``: ((r_0 + r_1) + r_2) + ...
- ``combine="pairwise"``: with h = ceil(n/2), slot_i = r_i + r_(i+h) where i + h < n - 1, else r_i;
  then ((r_(n-1) + slot_0) + slot_1) + ... for i < h, i < n - 1; one run is its own result.

`c` says where the accumulator operand goes: ``first``: the first run starts from it, the others
from +0; ``start``: all runs start from +0, and the serial combination starts from c; ``last``: all
runs start from +0 and c + combination is the result. The result of a run is converted to `output`
in the mode `rounding` before it is combined. c left out is +0, and is added all the same. A plan of
no runs (K = 0) gives c.
"""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import registry
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..rounding import Option, Rounding, choose

Indices = npt.NDArray[np.int64]


class Combine(Option):
    """In which order the results of runs are added."""

    SERIAL = "serial"
    PAIRWISE = "pairwise"


class StartOfC(Option):
    """Where the accumulator operand goes: ``first`` run, ``start`` of combining, or ``last``."""

    FIRST = "first"
    START = "start"
    LAST = "last"


class Deal(Option):
    """How pieces are dealt to runs: ``contiguous`` stretches, or in turn (``round_robin``)."""

    CONTIGUOUS = "contiguous"
    ROUND_ROBIN = "round_robin"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How K is cut and recombined; `Chain`, `Promotion`, `SplitK`, `Lanes` and `Reordered` do it.

    Attributes
    ----------
    c : StartOfC or str
        Where the accumulator operand goes: the ``first`` run, the ``start`` of combining, ``last``.
    combine : Combine or str
        ``serial`` or ``pairwise``.
    output : Format or str, optional
        Format of the additions between runs, and of the result.
    rounding : Rounding or str
        Mode of these additions.
    flush_inputs : bool, optional
        Whether these additions flush subnormal operands; left out, as the accumulator does.
    within : Plan, optional
        Plan of each run.
    """

    c: Any = StartOfC.FIRST
    combine: Any = Combine.SERIAL
    output: Any = None
    rounding: Any = Rounding.NEAREST_EVEN
    flush_inputs: bool | None = None
    within: "Plan | None" = None

    def __post_init__(self) -> None:
        for name, kind in (("c", StartOfC), ("combine", Combine), ("rounding", Rounding)):
            object.__setattr__(self, name, choose(kind, getattr(self, name), name))
        if self.output is not None:
            entry = registry.get(self.output)
            if not isinstance(entry, ScalarFormat):
                raise FormatError(f"output={entry.name!r} is a {entry.kind} format")
            object.__setattr__(self, "output", entry)
        if self.within is not None and not isinstance(self.within, Plan):
            raise FormatError(f"within={self.within!r} is not a plan")
        if self.combine is Combine.PAIRWISE and self.c is StartOfC.START:
            raise FormatError("c='start' is of serial combinations; use c='last'")
        if self.rounding.stochastic:
            raise FormatError(f"rounding={self.rounding.value!r}: plans draw no random bits")

    def format(self, inner: ScalarFormat) -> ScalarFormat:
        """Return the format of the results, for an accumulator whose results are `inner`."""
        fmt: ScalarFormat = inner if self.output is None else self.output
        return fmt

    def runs(self, k: int) -> list[Indices]:
        """Return the indices of each run, of products 0 to k - 1."""
        raise TypeError(f"{type(self).__name__} does not say its runs")

    def _positive(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise FormatError(f"{type(self).__name__}: {name}={value!r} is not a count")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chain(Plan):
    """One run from 0 to K - 1 that starts from c.

    Examples
    --------
    >>> import numfmt as nf
    >>> [run.tolist() for run in nf.Chain().runs(3)]
    [[0, 1, 2]]
    """

    def runs(self, k: int) -> list[Indices]:
        """Return all indices as one run."""
        return [np.arange(k)] if k else []


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Promotion(Plan):
    """Runs of `every` products, added in order to an accumulator that starts from c.

    What DeepSeek-V3 and cuBLAS without fast accumulation do with FP8 products, every 128.

    Examples
    --------
    >>> import numfmt as nf
    >>> [run.tolist() for run in nf.Promotion(every=2, output="binary32").runs(5)]
    [[0, 1], [2, 3], [4]]
    """

    every: int = 128
    c: Any = StartOfC.START

    def __post_init__(self) -> None:
        Plan.__post_init__(self)
        self._positive("every")

    def runs(self, k: int) -> list[Indices]:
        """Return consecutive runs of `every`."""
        return [np.arange(start, min(start + self.every, k)) for start in range(0, k, self.every)]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SplitK(Plan):
    """K in tiles, dealt to `splits` runs: contiguous (Hopper) or in turn (Ada).

    Contiguous runs hold ceil(tiles / splits) tiles each; runs without a tile do not exist.

    Examples
    --------
    >>> import numfmt as nf
    >>> plan = nf.SplitK(splits=2, tile=2, deal="round_robin")
    >>> [run.tolist() for run in plan.runs(7)]
    [[0, 1, 4, 5], [2, 3, 6]]
    """

    splits: int
    tile: int = 128
    deal: Any = Deal.CONTIGUOUS
    c: Any = StartOfC.LAST

    def __post_init__(self) -> None:
        Plan.__post_init__(self)
        self._positive("splits", "tile")
        object.__setattr__(self, "deal", choose(Deal, self.deal, "deal"))

    def runs(self, k: int) -> list[Indices]:
        """Return the indices of each split that has any."""
        tile = np.arange(k) // self.tile
        tiles = -(-k // self.tile)
        owner = tile % self.splits
        if self.deal is Deal.CONTIGUOUS and tiles:
            owner = tile // -(-tiles // self.splits)
        found = (np.flatnonzero(owner == split) for split in range(self.splits))
        return [run for run in found if run.size]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lanes(Plan):
    """A fixed number of runs: every `count`-th product (even and odd k), or contiguous parts.

    Contiguous parts hold ceil(K / count) products each; runs without a product do not exist.

    Examples
    --------
    >>> import numfmt as nf
    >>> [run.tolist() for run in nf.Lanes(count=2).runs(5)]
    [[0, 2, 4], [1, 3]]
    >>> [run.tolist() for run in nf.Lanes(count=2, deal="contiguous").runs(5)]
    [[0, 1, 2], [3, 4]]
    """

    count: int
    deal: Any = Deal.ROUND_ROBIN
    c: Any = StartOfC.LAST

    def __post_init__(self) -> None:
        Plan.__post_init__(self)
        self._positive("count")
        object.__setattr__(self, "deal", choose(Deal, self.deal, "deal"))

    def runs(self, k: int) -> list[Indices]:
        """Return the indices of each lane that has any."""
        lane = np.arange(k) % self.count
        if self.deal is Deal.CONTIGUOUS and k:
            lane = np.arange(k) // -(-k // self.count)
        found = (np.flatnonzero(lane == i) for i in range(self.count))
        return [run for run in found if run.size]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reordered(Plan):
    """One run in another order: that of `order`, repeated for every len(order) products.

    Examples
    --------
    >>> import numfmt as nf
    >>> [run.tolist() for run in nf.Reordered(order=(1, 0)).runs(5)]
    [[1, 0, 3, 2, 4]]
    """

    order: tuple[int, ...]

    def __post_init__(self) -> None:
        Plan.__post_init__(self)
        order = tuple(int(i) for i in self.order)
        if not order or sorted(order) != list(range(len(order))):
            raise FormatError(f"order={self.order!r} must hold each of 0 to {len(order) - 1} once")
        object.__setattr__(self, "order", order)

    def runs(self, k: int) -> list[Indices]:
        """Return all indices as one run in this order."""
        n = len(self.order)
        starts = np.arange(0, k, n)[:, None]
        indices = (starts + np.array(self.order)).reshape(-1)
        return [indices[indices < k]] if k else []

"""Structural probes: which terms a large one hides, and how far below it a small one is lost.

A pair of products +X*X and -X*X, or c and a product, is added to small equal products y*y. Those
that are added before the pair has cancelled are lost: their count tells the tree (FPRev, arXiv
2411.00442). A third product of falling size tells the digits that are kept.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...families.floats import FloatFormat
from .box import Box, Rows
from .stimuli import Stimuli

Array = npt.NDArray[Any]

MAX_PAIRS = 1300
MAX_TABLE_BITS = 8


class Signature(NamedTuple):
    """What the structural probes read.

    Attributes
    ----------
    hidden : ndarray of float, (K + 1, K + 1)
        Small products that survive beside a pair (i, j), of count L; index K is c; NaN if unknown.
    fraction_bits : dict
        Digits kept below a pair, by (i, j, third); None: none was lost within the range.
    c_rounding : str
        How c is cut where it is lost against a pair: RZ, RD, RU, RN, or ``-``.
    output : tuple of (str, int)
        How a sum is rounded to the output, and to how many fraction digits.
    products : ndarray or None
        The product of every pair of codes, where operands are short integers and it is not theirs.
    """

    hidden: Array
    fraction_bits: dict[tuple[int, int, int], int | None]
    c_rounding: str
    output: tuple[str, int]
    products: Array | None = None

    def surviving(self, i: int, j: int) -> int | None:
        """Return L(i, j), the small products outside the smallest subtree of both; c is -1."""
        found = self.hidden[i, j]
        return None if np.isnan(found) else int(found)


class Prober:
    """Rows of powers of two, and their results as numbers."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.stimuli = Stimuli(box.shape)
        s = self.stimuli
        self.k = box.shape.k
        # X*X and y*y: as far apart as the formats allow, with room for the sums of both.
        room = max(self.k.bit_length(), 1) + 1
        self.big = min(2 * min(s.a.high, s.b.high), s.c.high - room, 32)
        least = s.c.low + 6 if isinstance(box.shape.output, FloatFormat) else s.c.low
        self.small = max(2 * max(s.a.normal, s.b.normal), least, -32)
        self.answered: list[tuple[Rows, Array]] = []

    def values(self, rows: Rows) -> Array:
        """Return the results of rows as float64."""
        codes = self.box.ask(rows)
        self.answered.append((rows, codes))
        return self.stimuli.c.values(codes)

    def hidden(self) -> Array:
        """Return how many small products survive each pair."""
        k = self.k
        pairs = [(i, j) for i in range(k + 1) for j in range(i + 1, k + 1)]
        if len(pairs) > MAX_PAIRS:
            pairs = [(i, j) for i, j in pairs if i == 0 or j == k or (i + 3 * j) % 5 == 0]
            pairs = pairs[:MAX_PAIRS]
        rows = self.stimuli.powers(
            [{i: (1, self.big), j: (-1, self.big)} for i, j in pairs], self.small
        )
        found = np.full((k + 1, k + 1), np.nan)
        values = self.values(rows) / 2.0**self.small
        for (i, j), value in zip(pairs, values, strict=True):
            if np.isfinite(value) and value == int(value):
                found[i, j] = found[j, i] = value
        return found

    def ladder(self, i: int, j: int, third: int) -> int | None:
        """Return the digits kept below a pair at (i, j) of a third term; c has index K."""
        s = self.stimuli
        low = max(s.low if third < self.k else s.c.low, s.c.low)
        exponents = list(range(self.big - 1, max(low, self.big - 62) - 1, -1))
        pair = {i: (1, self.big), j: (-1, self.big)}
        items = [{third: (1, e)} for e in exponents]
        values = self.values(s.powers([*({**pair, **item} for item in items), *items]))
        beside, alone = np.split(values, 2)
        for e, value, mere in zip(exponents, beside, alone, strict=True):
            if mere != 2.0**e:  # a subnormal that is flushed: no loss of digits
                return None
            if value != mere:
                return self.big - e - 1
        return None

    def c_rounding(self, kept: int | None) -> str:
        """Return how c is cut below a pair of products."""
        s = self.stimuli
        if kept is None or s.c.digits < 1 or self.big - kept - 2 < s.c.low:
            return "-"
        unit = 2.0 ** (self.big - kept)
        rows = self.stimuli.powers([{0: (1, self.big), 1: (-1, self.big)}] * 3)
        c = s.c.of(np.array([0.75, -0.75, 0.25]) * unit)
        values = self.values(rows._replace(c=c)) / unit
        names = {(0, 0, 0): "RZ", (0, -1, 0): "RD", (1, 0, 1): "RU", (1, -1, 0): "RN"}
        return names.get(tuple(values.tolist()), "-")

    def output(self) -> tuple[str, int]:
        """Return how sums are rounded to the output, and to how many fraction digits."""
        s = self.stimuli
        kept, top = 0, min(self.big, 14)
        exponents = [e for e in range(top - 1, top - s.c.digits - 2, -1) if s.low <= e]
        rows = self.stimuli.powers([{0: (1, top), 1: (1, e)} for e in exponents])
        for e, value in zip(exponents, self.values(rows), strict=True):
            if value != 2.0**top + 2.0**e:
                break
            kept = top - e
        unit = 2.0 ** (top - kept)
        rows = self.stimuli.powers([{i: (1, top - 2) for i in range(4)}] * 4)
        # 0.75 and -0.75 of the last digit: the sum lies above and below 2**top.
        c = s.c.of(np.array([0.75, 0.5, 1.5, 0.25]) * unit)
        up = (self.values(rows._replace(c=c)) - 2.0**top) / unit
        names = {(0, 0, 1, 0): "RZ", (1, 0, 2, 0): "RNE", (1, 1, 2, 0): "RNA", (1, 1, 2, 1): "RU"}
        return names.get(tuple(up.tolist()), "-"), kept

    def products(self) -> Array | None:
        """Return the table of products, by rows of one pair each, unless it is that of numbers."""
        s = self.stimuli
        shape = self.box.shape
        if shape.a.bits + shape.b.bits > MAX_TABLE_BITS or isinstance(shape.output, FloatFormat):
            return None
        size = 1 << shape.b.bits
        pairs = np.arange(size << shape.a.bits)[:, None] + np.zeros((1, self.k), np.int64)
        rows = s.built(pairs // size, pairs % size, np.full(pairs.shape[0], s.c.zero))
        found = self.values(rows) / self.k
        if np.array_equal(found, s.products(rows)[:, 0]) or (found != np.trunc(found)).any():
            return None
        table: Array = found.reshape(-1, size)
        return table


def read(prober: Prober) -> Signature:
    """Return what the structural probes read, of up to 2,000 rows."""
    k = prober.k
    hidden = prober.hidden()
    kept: dict[tuple[int, int, int], int | None] = {}
    triples = [(0, 1, 2), (0, 2, 1), (0, 2, k - 1), (k, 0, 1), (0, 1, k)]
    for i, j, third in dict.fromkeys(triples):
        if len({i, j, third}) == 3 and max(t for t in (i, j, third) if t != k) < k:
            kept[i, j, third] = prober.ladder(i, j, third)
    c_kept = kept.get((0, 1, k))
    c_rounding = prober.c_rounding(c_kept) if k > 1 else "-"
    output = prober.output() if k >= 4 else ("-", 0)
    return Signature(hidden, kept, c_rounding, output, prober.products())

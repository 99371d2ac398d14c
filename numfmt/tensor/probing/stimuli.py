"""Random rows that differ in what they ask: distances, cancellation, ranges, zeros, specials."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .alphabets import Alphabet, alphabet
from .box import Rows, Shape, joined

Array = npt.NDArray[Any]

_ABSENT = -(1 << 20)


def _choice(rng: np.random.Generator, n: int, *weights: float) -> Array:
    """Return n random numbers of a case each."""
    return rng.choice(len(weights), n, p=np.array(weights) / sum(weights))


def _significands(rng: np.random.Generator, style: Array, shape: Any, digits: int) -> Array:
    """Return significands in [1, 2): by style powers of two, few digits, all ones, any."""
    few = 1 + rng.integers(0, 4, shape) / 4
    full = np.full(shape, 2 - 2.0 ** -min(digits + 1, 52))
    return np.choose(style, [np.ones(shape), few, full, 1 + rng.random(shape)])


class Stimuli:
    """A source of rows for one shape of black box."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.a, self.b = alphabet(shape.a), alphabet(shape.b)
        self.c = alphabet(shape.output)
        self.low = self.a.low + self.b.low
        self.high = self.a.high + self.b.high

    def rows(self, rng: np.random.Generator, n: int) -> Rows:
        """Return n random rows of every class, in random order."""
        count = max(n // 20, 1)
        parts = [
            self._special(rng, self._patterned(rng, 3 * count)),
            self._raw(rng, count, finite=False),
            self._raw(rng, 2 * count, finite=True),
        ]
        parts.append(self._patterned(rng, n - sum(part.size for part in parts)))
        return joined(parts).take(rng.permutation(n))

    def built(self, a: Array, b: Array, c: Array) -> Rows:
        """Return rows of codes, with scales of one."""
        ones = np.zeros((c.shape[0], 0), np.uint8)
        if self.shape.scale is not None:
            scale = alphabet(self.shape.scale)
            ones = np.full((c.shape[0], self.shape.blocks), scale.power(0), scale.fmt.code_dtype)
        columns = (a, b, c, ones, ones)
        formats = (self.shape.a, self.shape.b, self.shape.output)
        dtypes = [fmt.code_dtype for fmt in formats] + [ones.dtype] * 2
        return Rows(*(np.asarray(x).astype(t) for x, t in zip(columns, dtypes, strict=True)))

    def powers(self, items: list[dict[int, tuple[int, int]]], fill: int | None = None) -> Rows:
        """Return rows of products (sign, exponent) by index, c as index K; `fill` elsewhere."""
        k, n = self.shape.k, len(items)
        a = np.full((n, k), self.a.zero, np.uint64)
        b = np.full((n, k), self.b.zero, np.uint64)
        c = np.full(n, self.c.zero, np.uint64)
        if fill is not None:
            a[:], b[:] = self._factors(fill, 1)
            c[:] = self.c.power(fill)
        for row, item in enumerate(items):
            for index, (sign, exponent) in item.items():
                if index == k:
                    c[row] = self.c.power(exponent, sign < 0)
                else:
                    a[row, index], b[row, index] = self._factors(exponent, sign)
        return self.built(a, b, c)

    def _factors(self, exponent: int, sign: int) -> tuple[int, int]:
        """Return codes of factors whose product is sign * 2**exponent."""
        part = min(max(-(-exponent // 2), self.a.low), self.a.high)
        part = min(max(part, exponent - self.b.high), exponent - self.b.low)
        minus = sign < 0
        return (
            self.a.power(part, minus and self.a.signed),
            self.b.power(exponent - part, minus and not self.a.signed),
        )

    def borrows(self, distances: tuple[int, ...]) -> Rows:
        """Return rows of two powers of two at given distances, small ones: a floor shows there."""
        k = self.shape.k
        items = [{k: (1, top)} for top in range(self.c.low, min(self.c.high, 40))]
        for top in range(self.c.low - 12, self.c.low + 40):
            for distance in distances:
                for sign in (1, -1):
                    low = top - distance
                    if self.low <= low and top <= self.high and k > 1:
                        items.append({0: (1, top), 1: (sign, low)})
                    if self.low <= low <= self.high and top >= self.c.low:
                        items.append({k: (1, top), 0: (sign, low)})
        return self.powers(items)

    def products(self, rows: Rows) -> Array:
        """Return products as float64, without scales."""
        with np.errstate(all="ignore"):
            found: Array = self.a.values(rows.a) * self.b.values(rows.b)
        return found

    def _raw(self, rng: np.random.Generator, n: int, finite: bool) -> Rows:
        draw = Alphabet.finite if finite else Alphabet.any
        k = self.shape.k
        rows = self.built(
            draw(self.a, rng, (n, k)), draw(self.b, rng, (n, k)), draw(self.c, rng, n)
        )
        return self._scaled(rng, rows, finite)

    def _scaled(self, rng: np.random.Generator, rows: Rows, finite: bool = True) -> Rows:
        """Return rows with random scales, where the black box takes any."""
        if self.shape.scale is None:
            return rows
        scale = alphabet(self.shape.scale)
        shape = rows.scale_a.shape
        codes = []
        for _ in range(2):
            exponents = rng.integers(-4, 5, shape) + rng.choice([0, 0, 0, -20, 20], (shape[0], 1))
            style = _choice(rng, shape[0], 1, 1, 1, 1)[:, None]
            near = scale.near(
                exponents, _significands(rng, style, shape, scale.digits), np.zeros(shape, bool)
            )
            other = scale.finite(rng, shape) if finite else scale.any(rng, shape)
            codes.append(np.where(rng.random((shape[0], 1)) < 0.25, other, near))
        return rows._replace(scale_a=codes[0], scale_b=codes[1])

    def _bases(self, rng: np.random.Generator, n: int) -> Array:
        """Return exponents of the largest product of each row."""
        low, high = self.low, self.high
        middle = rng.integers(max(low, -8), max(min(high, 8), max(low, -8)) + 1, n)
        cases = [
            middle,
            rng.integers(low, high + 1, n),
            self.c.low + rng.integers(-6, 32, n),
            self.c.high + rng.integers(-8, 3, n),
            low + rng.integers(0, 8, n),
        ]
        return np.clip(np.choose(_choice(rng, n, 5, 3, 2, 0.7, 1), cases), low, high)

    def _exponents(self, rng: np.random.Generator, bases: Array) -> Array:
        """Return exponents of products, (n, K); those that are absent are far below."""
        n, k = bases.size, self.shape.k
        spread = np.array([1, 4, 13, 46])[_choice(rng, n, 1, 2, 2, 3)]
        below = (rng.random((n, k)) * spread[:, None]).astype(np.int64)
        fixed = rng.integers(5, 60, n)[:, None] + rng.integers(-1, 2, (n, k))
        fixed = np.where(rng.random((n, k)) < 0.3, 0, fixed)
        below = np.where(rng.random((n, 1)) < 0.25, fixed, below)
        counts = np.array([0, 1, 2, 3, 4, max(k // 2, 1), k])[
            _choice(rng, n, 0.4, 1, 2, 2, 2, 2, 5)
        ]
        ranks = rng.random((n, k)).argsort(axis=1)
        leading = ranks < rng.integers(1, 3, n)[:, None]
        below = np.where(leading, 0, below)
        found = np.maximum(bases[:, None] - below, self.low)
        return np.where(ranks < counts[:, None], found, _ABSENT)

    def _patterned(self, rng: np.random.Generator, n: int) -> Rows:
        """Return rows whose terms lie at chosen distances and partly cancel."""
        k = self.shape.k
        bases = self._bases(rng, n)
        exponents = self._exponents(rng, bases)
        present = exponents != _ABSENT
        spare = np.clip(exponents, self.low, self.high)
        balanced = (spare + self.a.normal - self.b.normal) // 2
        least = np.maximum(self.a.low, spare - self.b.high)
        most = np.minimum(self.a.high, spare - self.b.low)
        anywhere = least + (rng.random((n, k)) * (most - least + 1)).astype(np.int64)
        part = np.where(rng.random((n, 1)) < 0.6, np.clip(balanced, least, most), anywhere)
        style = _choice(rng, n, 3, 2, 1, 4)[:, None]
        signs = np.choose(
            _choice(rng, n, 6, 1, 1)[:, None], [rng.random((n, k)) < 0.5, False, True]
        )
        a = self.a.near(part, _significands(rng, style, (n, k), self.a.digits), signs)
        b = self.b.near(
            spare - part,
            _significands(rng, style, (n, k), self.b.digits),
            np.zeros((n, k), bool),
        )
        zero = rng.random((n, k)) < 0.5
        a = np.where(present, a, np.where(zero, self.a.zero, a))
        b = np.where(present, b, np.where(zero, b, self.b.zero))
        a, b = self._cancelled(rng, a, b)
        rows = self.built(a, b, np.full(n, self.c.zero))
        return self._scaled(rng, self._with_c(rng, rows, bases, style[:, 0]))

    def _cancelled(self, rng: np.random.Generator, a: Array, b: Array) -> tuple[Array, Array]:
        """Return operands some of whose products are the opposites of others."""
        n, k = a.shape
        if k < 2 or not (self.a.signed or self.b.signed):
            return a, b
        order = rng.random((n, k)).argsort(axis=1)
        pairs = np.array([0, 1, 2, k // 2])[_choice(rng, n, 4, 4, 1, 2)]
        flips = self.a if self.a.signed else self.b
        for pair in range(k // 2):
            rows = np.flatnonzero(pairs > pair)
            source, target = order[rows, 2 * pair], order[rows, 2 * pair + 1]
            a[rows, target], b[rows, target] = a[rows, source], b[rows, source]
            side = a if self.a.signed else b
            side[rows, target] = flips.of(-flips.values(side[rows, source]))
        return a, b

    def _with_c(self, rng: np.random.Generator, rows: Rows, bases: Array, style: Array) -> Rows:
        """Return rows with accumulator operands near, above, below, against their products."""
        n = rows.size
        products = self.products(rows)
        with np.errstate(all="ignore"):
            total = products.sum(axis=1)
            largest = products[np.arange(n), abs(products).argmax(axis=1)]
        digits = _significands(rng, style, n, self.c.digits)
        negative = rng.random(n) < 0.5
        below = (rng.random(n) * rng.choice([3, 14, 50], n)).astype(np.int64)
        above = rng.integers(0, 46, n)
        values = (np.nan_to_num(x, posinf=1e300, neginf=-1e300) for x in (-total, -largest))
        cases = [
            np.full(n, self.c.zero),
            np.full(n, self.c.minus_zero),
            self.c.near(bases - below, digits, negative),
            self.c.near(bases + above, digits, negative),
            *(self.c.of(x if self.c.signed else abs(x)) for x in values),
            self.c.near(self.c.low + rng.integers(0, 30, n), digits, negative),
            self.c.near(self.c.high - rng.integers(0, 3, n), digits, negative),
            self.c.near(rng.integers(self.c.low, self.c.high + 1, n), digits, negative),
        ]
        chosen = _choice(rng, n, 4, 0.5, 4, 4, 2, 2, 0.7, 0.7, 0.7)
        c = np.stack(cases)[chosen, np.arange(n)]
        return rows._replace(c=c.astype(rows.c.dtype))

    def _special(self, rng: np.random.Generator, rows: Rows) -> Rows:
        """Return rows some of whose operands are special values."""
        n, k = rows.a.shape
        rate = rng.choice([0.5, 1.0, 3.0], (n, 1)) / k
        changed = []
        for codes, letters in ((rows.a, self.a), (rows.b, self.b)):
            drawn = letters.specials[rng.integers(0, letters.specials.size, (n, k))]
            changed.append(np.where(rng.random((n, k)) < rate, drawn, codes))
        drawn = self.c.specials[rng.integers(0, self.c.specials.size, n)]
        c = np.where(rng.random(n) < 0.3, drawn, rows.c)
        return rows._replace(a=changed[0], b=changed[1], c=c)

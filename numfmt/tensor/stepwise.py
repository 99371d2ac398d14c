"""Sums of products made of rounded operations: one for each k, trees, and compensated sums.

`numfmt.matrix_units` says what they are (points 1, 2, 3 and 7). Where the machine's floats give the
bits `chains` runs them; everything else goes through `numfmt.arithmetic`, one operation of the sum
for many outputs at a time. Outputs are computed in tiles, which threads share; results depend on
neither.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arithmetic.calls import Call, Settings
from ..arithmetic.engine import Operation, compute, no_draws
from ..arithmetic.lookup import looked_up
from ..arithmetic.nans import is_nan
from ..arithmetic.order import comparable
from ..dialects import NanRule
from ..dispatch import encode_one
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..matrix_units.accumulators import (
    Accumulator,
    Compensated,
    Compensation,
    Exact,
    Pairwise,
    Sequential,
    Stepwise,
    scalar,
)
from . import chains, exact_sums
from .rows import in_steps
from .steps import Formats, Steps, steps_of

Array = npt.NDArray[Any]
Draws: TypeAlias = Callable[[int], randomness.Source]

_AT_ONCE = 1 << 26  # products between two chances to interrupt
TILE = 1 << 15  # outputs that are computed together
_FEW = 8  # nodes of a tree that wait at once; where there are more tiles are smaller

_ADD = Operation("add")
_SUBTRACT = Operation("add", subtract=True)
_MULTIPLY = Operation("mul")
_FUSE = Operation("fma")
_ADD_THREE = Operation("faa")


def accumulate(
    a: Array,
    b: Array,
    c: Array,
    formats: Formats,
    accumulator: Accumulator,
    draws: Draws | None = None,
    *,
    bits: int = 8,
) -> Array:
    """Return the codes of c + a @ b, summed as a stepwise accumulator does.

    Parameters
    ----------
    a, b, c : ndarray, shapes (B, M, K), (B, K, N) and (B, M, N)
        Codes; `c` of the accumulator's output. Views with zero strides along B are read once.
    formats : pair of ScalarFormat
        Those of `a` and `b`.
    accumulator : Sequential, Pairwise, Compensated, or Exact with block 1
    draws : callable, optional
        For stochastic modes: gives for rounding number r the `randomness.Source` of its random bits
        over the flattened outputs.
    bits : int
        How many random bits there are in a draw.

    Returns
    -------
    ndarray of the output's `code_dtype`, shape (B, M, N)

    Raises
    ------
    FormatError
        A result has no code, an option does not fit, or the accumulator is not of these.

    Examples
    --------
    >>> import numfmt as nf
    >>> a, b = (np.full(shape, 0x38, np.uint8) for shape in ((1, 1, 3), (1, 3, 1)))
    >>> c = np.zeros((1, 1, 1), np.uint32)
    >>> fmt = nf.get("e4m3")
    >>> hex(accumulate(a, b, c, (fmt, fmt), nf.Sequential(output="binary32")).item())
    '0x40400000'
    """
    _check(accumulator)
    assert isinstance(accumulator, Stepwise)
    steps = steps_of(accumulator, formats, bits)
    if draws is None and steps.stochastic:
        raise FormatError("stochastic rounding needs random bits; give rng= or random_bits=")
    if a.shape[2] == 0 or c.size == 0:
        return np.array(c, steps.result.result.code_dtype)
    if steps.in_chain:
        found = chains.accumulate(a, b, c, formats, steps.product, steps.result)
        if found is not None:
            return found
    return by_operations(a, b, c, steps, draws)


def _check(accumulator: Accumulator) -> None:
    if isinstance(accumulator, Exact) and accumulator.block != 1:
        raise FormatError("Exact: only blocks of 1 are chains of single steps")
    if not isinstance(accumulator, Sequential | Pairwise | Compensated | Exact):
        raise FormatError(f"{type(accumulator).__name__} is no stepwise sum")


# Tiles of outputs


class Tile(NamedTuple):
    """Outputs of some rows and columns, next to each other in the flattened result."""

    a: Array
    b: Array
    batches: Array  # of each row
    rows: Array  # within the batch
    columns: slice
    start: int  # in the flattened result

    @property
    def size(self) -> int:
        """How many outputs there are."""
        return int(self.rows.size * (self.columns.stop - self.columns.start))

    def operands(self, k: int) -> tuple[Array, Array]:
        """Return the codes of both factors of product k of every output."""
        shape = (self.rows.size, self.columns.stop - self.columns.start)
        first = np.broadcast_to(self.a[self.batches, self.rows, k][:, None], shape)
        second = self.b[self.batches, k, self.columns]
        return np.ascontiguousarray(first).reshape(-1), np.ascontiguousarray(second).reshape(-1)

    def draws(self, source: randomness.Source) -> randomness.Source:
        """Return a source over this tile's outputs from that of all."""

        def part(start: int, stop: int) -> Array:
            low = self.start + start
            aligned = low - low % randomness.BLOCK_MULTIPLE
            found: Array = source(aligned, self.start + stop)[low - aligned :]
            return found

        return part


def tiles_of(a: Array, b: Array, size: int) -> tuple[Callable[[int], Tile], int]:
    """Return a function from a number to a tile of at most `size` outputs, and how many are."""
    rows, columns = a.shape[1], b.shape[2]
    total = int(a.shape[0]) * rows
    high, wide = (1, size) if columns > size else (size // columns, columns)
    across = -(-columns // wide)

    def tile(number: int) -> Tile:
        first = number // across * high
        left = number % across * wide
        every = np.arange(first, min(first + high, total))
        right = min(left + wide, columns)
        return Tile(a, b, every // rows, every % rows, slice(left, right), first * columns + left)

    return tile, -(-total // high) * across


def by_operations(a: Array, b: Array, c: Array, steps: Steps, draws: Draws | None) -> Array:
    """Return the codes of the sums by operations of `numfmt.arithmetic` on tiles of outputs."""
    accumulator = steps.accumulator
    start = np.ascontiguousarray(c).reshape(-1)
    out = np.empty(c.size, steps.result.result.code_dtype)
    depth = a.shape[2]
    waiting = min(getattr(accumulator, "arity", 2), depth)  # nodes that are kept at once
    tile_of, count = tiles_of(a, b, max(TILE * _FEW // max(waiting, _FEW), 1))

    def run(first: int, last: int) -> int:
        for number in range(first, last):
            tile = tile_of(number)
            part = slice(tile.start, tile.start + tile.size)
            sums = Sums(tile, steps, draws)
            initial = start[part]
            if steps.tree is not None:
                out[part] = _in_trees(sums, initial, depth)
            elif isinstance(accumulator, Compensated):
                out[part] = _compensated(sums, initial, depth)
            else:
                out[part] = _in_turn(sums, initial, depth)
        return 0

    in_steps(run, count, max(1, min(TILE, c.size) * depth), _AT_ONCE, "tiles")
    return out.reshape(c.shape)


# One tile


class Sums(NamedTuple):
    """The operations of a sum on the outputs of a tile."""

    tile: Tile
    steps: Steps
    draws: Draws | None

    def source(self, settings: Settings, number: int) -> randomness.Source:
        """Return the random bits of rounding `number` of each output."""
        if not settings.stochastic:
            return no_draws
        assert self.draws is not None
        return self.tile.draws(self.draws(number))

    def compute(
        self,
        operation: Operation,
        operands: tuple[Array, ...],
        formats: tuple[ScalarFormat, ...],
        settings: Settings,
        number: int,
    ) -> Array:
        """Return the codes of an operation, which is rounding `number` of each output."""
        source = self.source(settings, number)
        size = operands[0].size
        call = Call(operands, formats, (size,), settings, source, False, None)
        outcome = looked_up(operation, call)
        if outcome is None:
            fails = _may_fail(settings)
            outcome = compute(
                operation, operands, formats, settings, source, want_flags=fails, shape=()
            )
        return outcome.codes

    def product(self, k: int, number: int) -> Array:
        """Return the rounded product k, or that of the table."""
        operands = self.tile.operands(k)
        table = self.steps.table
        if table is not None:
            found: Array = table[operands]
            return found
        assert self.steps.product is not None
        return self.compute(_MULTIPLY, operands, self.steps.formats, self.steps.product, number)

    def add(self, x: Array, y: Array, number: int, other: ScalarFormat | None = None) -> Array:
        """Return R(x + y); `other` is the format of y, by default the output."""
        result = self.steps.result
        formats = (result.result, other or result.result)
        return self.compute(_ADD, (x, y), formats, result, number)

    def subtract(self, x: Array, y: Array, number: int) -> Array:
        """Return R(x - y)."""
        result = self.steps.result
        return self.compute(_SUBTRACT, (x, y), (result.result,) * 2, result, number)


def _may_fail(settings: Settings) -> bool:
    """Return whether some result may have no code, so that flags must be watched."""
    fmt = settings.result
    return not (fmt.has_nan and fmt.has_infinity)


def _in_turn(sums: Sums, total: Array, depth: int) -> Array:
    """Return the sums of which each product is added with one rounding."""
    steps = sums.steps
    result = steps.result
    for k in range(depth):
        number = k * (steps.product_draws + steps.sum_draws)
        if steps.product is None and steps.table is None:
            operands = (*sums.tile.operands(k), total)
            total = sums.compute(_FUSE, operands, (*steps.formats, result.result), result, number)
        else:
            leaf = sums.product(k, number)
            total = sums.add(total, leaf, number + steps.product_draws, steps.leaf)
    return total


# Trees


def _in_trees(sums: Sums, total: Array, depth: int) -> Array:
    """Return the sums of trees, one for each block."""
    block = sums.steps.tree or depth
    number = 0
    for start in range(0, depth, block):
        root, number = _tree(sums, start, min(block, depth - start), number)
        total = sums.add(total, root, number)
        number += sums.steps.sum_draws
    return total


def _tree(sums: Sums, start: int, count: int, number: int) -> tuple[Array, int]:
    """Return the root of a tree over products `start` to `start + count`, and the next number.

    Of each level only the nodes that wait for their neighbours are kept.
    """
    steps = sums.steps
    arity = getattr(steps.accumulator, "arity", 2)
    again = number + count * steps.product_draws
    following = again + count * steps.sum_draws * steps.converts
    levels, stop = _levels(following, count, arity, steps.sum_draws)
    waiting: list[list[Array]] = [[] for _ in levels]

    def put(node: Array, level: int) -> None:
        waiting[level].append(node)
        if len(waiting[level]) == arity and level + 1 < len(waiting):
            close(level)

    def close(level: int) -> None:
        nodes = waiting[level]
        waiting[level] = []
        node = nodes[0] if len(nodes) == 1 else _node(sums, nodes, next(levels[level]))
        put(node, level + 1)

    for i in range(count):
        leaf = sums.product(start + i, number + i * steps.product_draws)
        if steps.converts:
            leaf = _converted(sums, leaf, again + i * steps.sum_draws)
        put(leaf, 0)
    for level in range(len(waiting) - 1):
        if waiting[level]:
            close(level)
    (root,) = waiting[-1]
    return root, stop


def _converted(sums: Sums, product: Array, number: int) -> Array:
    """Return R(product): its product with 1, which rounds nothing but the product."""
    one = scalar("binary32", "one")
    ones = np.full(product.size, encode_one(1.0, one), one.code_dtype)
    formats = (sums.steps.leaf, one)
    return sums.compute(_MULTIPLY, (product, ones), formats, sums.steps.result, number)


def _levels(number: int, count: int, arity: int, step: int) -> tuple[list[Iterator[int]], int]:
    """Return the numbers of the roundings of each level, the root's last, and the next number."""
    levels = []
    while count > 1:
        nodes = count // arity + (count % arity > 1)
        levels.append(itertools.count(number, step))
        number += nodes * step
        count = -(-count // arity)
    return [*levels, itertools.count(number, step)], number


def _node(sums: Sums, nodes: list[Array], number: int) -> Array:
    """Return R of the exact sum of nodes."""
    if len(nodes) == 2:
        return sums.add(nodes[0], nodes[1], number)
    result = sums.steps.result
    if len(nodes) > 3:
        source = sums.source(result, number)
        return exact_sums.sum_of_codes(nodes, (result.result,) * len(nodes), result, source)
    settings = result._replace(dialect=dataclasses.replace(result.dialect, nan=NanRule.CANONICAL))
    return sums.compute(_ADD_THREE, tuple(nodes), (result.result,) * 3, settings, number)


# Compensated sums


def _compensated(sums: Sums, total: Array, depth: int) -> Array:
    """Return sums that carry their rounding errors along."""
    accumulator = sums.steps.accumulator
    assert isinstance(accumulator, Compensated)
    output = sums.steps.result.result
    error = np.full(total.size, encode_one(0.0, output), output.code_dtype)
    steps = sums.steps
    each = steps.product_draws + 4 * steps.sum_draws
    for k in range(depth):
        product = sums.product(k, k * each)
        first = k * each + steps.product_draws
        numbers = itertools.count(first, steps.sum_draws)
        if accumulator.method is Compensation.KAHAN:
            y = sums.subtract(product, error, next(numbers))
            t = sums.add(total, y, next(numbers))
            error = sums.subtract(sums.subtract(t, total, next(numbers)), y, next(numbers))
        else:
            t = sums.add(total, product, next(numbers))
            larger = _at_least(total, product, steps.result)
            x, y = np.where(larger, total, product), np.where(larger, product, total)
            lost = sums.add(sums.subtract(x, t, next(numbers)), y, next(numbers))
            error = sums.add(error, lost, next(numbers))
        total = t
    if accumulator.method is Compensation.KAHAN:
        return total
    return sums.add(total, error, depth * each)


def _at_least(x: Array, y: Array, result: Settings) -> npt.NDArray[np.bool_]:
    """Return where |x| >= |y|, which NaN is not."""
    pair = (result.result, result.result)
    first, second = comparable(x, y, pair, result.flush_inputs, magnitudes=True)
    found: npt.NDArray[np.bool_] = first >= second
    if pair[0].has_nan:
        found &= ~(is_nan(x, pair[0]) | is_nan(y, pair[0]))
    return found

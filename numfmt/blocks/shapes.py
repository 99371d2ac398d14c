"""Arrays as rows of blocks and back, whatever the axis, the extents and the tails."""

import itertools
from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import FormatError
from ..families.block_options import Granularity, Tail
from ..families.blocks import BlockFormat

Array = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None


class Region(NamedTuple):
    """A part of an array whose blocks are all of one shape."""

    elements: tuple[slice, ...]
    blocks: tuple[slice, ...]
    counts: tuple[int, ...]  # of blocks along each axis
    extents: tuple[int, ...]  # of a block along each axis

    def rows(self, x: Array) -> Array:
        """Return the part of `x` as contiguous rows, one a block; a view where that can be."""
        axes = len(self.counts)
        split = x[self.elements].reshape(_woven(self.counts, self.extents))
        split = split.transpose([*range(0, 2 * axes, 2), *range(1, 2 * axes, 2)])
        return np.ascontiguousarray(split.reshape(prod(self.counts), prod(self.extents)))

    def put(self, rows: Array, out: Array) -> None:
        """Write rows back to where `rows` took them from."""
        axes = len(self.counts)
        split = rows.reshape(*self.counts, *self.extents)
        order = [
            axis for pair in zip(range(axes), range(axes, 2 * axes), strict=True) for axis in pair
        ]
        part = out[self.elements]
        part[...] = split.transpose(order).reshape(part.shape)

    def per_block(self, values: Array) -> Array:
        """Return what belongs to these blocks, flat; further axes of `values` stay."""
        part = values[self.blocks]
        return part.reshape(prod(self.counts), *values.shape[len(self.counts) :])


def _woven(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(itertools.chain.from_iterable(zip(first, second, strict=True)))


class Layout(NamedTuple):
    """How an array is cut into blocks."""

    shape: tuple[int, ...]
    extents: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """How many blocks there are along each axis: the shape of the scales."""
        return tuple(-(-n // e) for n, e in zip(self.shape, self.extents, strict=True))

    @property
    def size(self) -> int:
        """How many elements a full block has."""
        return prod(self.extents)

    def spread(self, values: Array) -> Array:
        """Return what belongs to each block, at every element of it."""
        for place, (n, e) in enumerate(zip(self.shape, self.extents, strict=True)):
            if e > 1:
                count = values.shape[place]
                if count == 1:  # one block: no copies
                    wanted = [*values.shape[:place], n, *values.shape[place + 1 :]]
                    values = np.broadcast_to(values, wanted)
                else:
                    values = np.repeat(values, e, axis=place)
                    values = values[(*[slice(None)] * place, slice(0, n))]
        return values

    def regions(self) -> Iterator[Region]:
        """Yield the parts with full blocks and those with short ones."""
        choices: list[list[tuple[slice, slice, int, int]]] = []
        for n, e in zip(self.shape, self.extents, strict=True):
            full = n // e
            parts = [(slice(0, full * e), slice(0, full), full, e)] if full else []
            if n % e:
                parts.append((slice(full * e, n), slice(full, full + 1), 1, n % e))
            choices.append(parts)
        for chosen in itertools.product(*choices):
            yield Region(*(tuple(column) for column in zip(*chosen, strict=True)))


def plain_axis(axis: object) -> Axis:
    """Return an axis, or axes, as Python integers; one axis is not a tuple.

    Raises
    ------
    FormatError
        It is no axis.
    """
    if axis is None:
        return None
    items = axis.tolist() if isinstance(axis, np.ndarray) else axis
    items = items if isinstance(items, list | tuple) else [items]
    if not items or any(isinstance(i, bool) or not isinstance(i, int | np.integer) for i in items):
        raise FormatError(f"axis={axis!r} is no axis, no tuple of axes and not None")
    places = tuple(int(i) for i in items)
    return places[0] if len(places) == 1 else places


def layout_of(shape: tuple[int, ...], fmt: BlockFormat, axis: Axis, argument: str = "x") -> Layout:
    """Return how an array of this shape is cut into blocks along `axis`.

    Raises
    ------
    FormatError
        `axis` does not fit the array or the block, or a block is not full and must be.
    """
    axes = _axes(len(shape), fmt, axis)
    extents = [1] * len(shape)
    if fmt.block is Granularity.TENSOR:
        extents = list(shape)
    elif fmt.block is Granularity.CHANNEL:
        extents = [1 if place in axes else n for place, n in enumerate(shape)]
    else:
        sizes = [shape[a] for a in axes] if isinstance(fmt.block, Granularity) else fmt.block
        for place, size in zip(axes, sizes, strict=True):
            extents[place] = size
    found = Layout(shape, tuple(max(e, 1) for e in extents))
    for place, (n, e) in enumerate(zip(shape, found.extents, strict=True)):
        if fmt.tail is Tail.REFUSE and n % e:
            raise FormatError(
                f"{argument} has {n} elements along axis {place}, no multiple of the {e} of a "
                f"block of {fmt.name!r}; pad {argument}, or pass tail='short'"
            )
    return found


def outer_layout(layout: Layout, inner: BlockFormat, axis: Axis) -> Layout:
    """Return how the scales of a layout are cut into blocks of their own."""
    whole = axis if isinstance(axis, int) else -1
    return layout_of(layout.counts, inner, whole, "scales")


def beside(flags: Array, like: Array) -> Array:
    """Return what belongs to each block, shaped to go with scales that may come in pairs."""
    return flags.reshape(flags.shape + (1,) * (like.ndim - flags.ndim))


def _axes(ndim: int, fmt: BlockFormat, axis: Axis) -> tuple[int, ...]:
    """Return the axes that a block extends along, counted from 0."""
    wanted = 1 if isinstance(fmt.block, Granularity) else len(fmt.block)
    given = tuple(range(-wanted, 0)) if axis in (None, -1) else axis
    axes = given if isinstance(given, tuple) else (given,)
    if ndim < wanted:
        raise FormatError(
            f"an array of {ndim} dimension{'s' * (ndim != 1)} has no blocks of {fmt.name!r}, which "
            f"extend along {wanted} axes"
        )
    if len(axes) != wanted:
        raise FormatError(
            f"axis={axis!r}: blocks of {fmt.name!r} extend along {wanted} "
            f"ax{'i' if wanted == 1 else 'e'}s; give {'one' if wanted == 1 else 'a tuple of them'}"
        )
    if any(not -ndim <= a < ndim for a in axes):
        raise FormatError(f"axis={axis!r} is not an axis of an array of {ndim} dimensions")
    places = tuple(int(a) % ndim for a in axes)
    if len(set(places)) < wanted:
        raise FormatError(f"axis={axis!r} names an axis twice")
    return places

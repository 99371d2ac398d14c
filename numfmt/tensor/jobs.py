"""The call of a matrix product: operands, formats, accumulator, unit and plan checked once."""

import dataclasses
import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arguments import as_codes, integer_option, scalar_format
from ..blocks.quantized import Quantized, layouts
from ..conversion import convert
from ..dispatch import encode_one
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.block_options import Statistic
from ..families.blocks import BlockFormat
from ..matrix_units.accumulators import Accumulator
from ..matrix_units.catalog import all_units
from ..matrix_units.listing import unit as unit_of
from ..matrix_units.plans import Chain, Plan
from ..matrix_units.unit import Unit
from ..rounding import Rounding
from .aligned_operands import unsigned_scale

Array = npt.NDArray[Any]
Pair: TypeAlias = tuple[Format | str, Format | str] | list[Format | str] | Format | str


class UnrecordedUnit(UserWarning):
    """A unit rests on documents or guesses alone; its results may differ from the hardware."""


class Draws(NamedTuple):
    """Random bits: a source for each rounding, by its number, and how many bits a draw has."""

    of: Callable[[int], randomness.Source]
    bits: int


class Side(NamedTuple):
    """One operand: codes (B, rows, K) for a and (B, K, columns) for b, and its block scales."""

    codes: Array
    fmt: ScalarFormat
    scales: Array | None = None  # along the axis of K, one for each block
    scale_fmt: ScalarFormat | None = None
    block: int = 0
    outer: Any = None  # the `Quantized` where it has scales of scales


class Job(NamedTuple):
    """A checked call."""

    a: Side
    b: Side
    c: Array  # codes of `result`, (B, M, N)
    result: ScalarFormat
    accumulator: Accumulator
    unit: Unit | None
    plan: Plan
    draws: Draws | None
    shape: tuple[int, ...]


def _given(x: object, name: str) -> tuple[Any, BlockFormat | None]:
    """Return codes and, of an operand in blocks, its format."""
    if not isinstance(x, Quantized):
        return x, None
    fmt = x.format
    odd = fmt.statistic is Statistic.SIDES or x.selectors is not None or x.zero_points is not None
    if odd or layouts(x.codes.shape, fmt, x.axis)[0].shape != x.codes.shape:
        raise FormatError(
            f"{name} of {fmt.name!r} has flattened blocks, two-sided scales, zero points, pairs or "
            "alternatives; encode what dequantize() gives, as nf.encode(q.dequantize(), 'binary32')"
        )
    return x.codes, fmt


def _spread(x: Quantized, along: int) -> tuple[Array, int]:
    """Return scales with a row for every row of elements, and the length of blocks along K."""
    layout, _ = layouts(x.codes.shape, x.format, x.axis)
    k = along % x.codes.ndim
    extents = tuple(1 if axis == k else extent for axis, extent in enumerate(layout.extents))
    shape = tuple(x.scales.shape[k] if axis == k else n for axis, n in enumerate(layout.shape))
    scales: Array = layout._replace(shape=shape, extents=extents).spread(x.scales)
    return scales, layout.extents[k]


def formats_of(formats: object, unit: Unit | None, blocks: list[Any]) -> list[ScalarFormat]:
    """Return the formats of both operands: given, the unit's, or the elements' of blocks."""
    known: list[Any] = [fmt.element if fmt is not None else None for fmt in blocks]
    if formats is None:
        if unit is not None:
            known = [k or f for k, f in zip(known, (unit.a, unit.b), strict=True)]
        if None in known:
            raise FormatError("formats is missing: name those of a and b, as formats=('e4m3',)*2")
        return known
    pair = (formats, formats) if isinstance(formats, Format | str) else formats
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise FormatError(f"formats={formats!r} is not a pair of formats, that of a and that of b")
    found = [scalar_format(f, f"formats[{i}]") for i, f in enumerate(pair)]
    for i, (mine, theirs) in enumerate(zip(found, known, strict=True)):
        if theirs is not None and mine != theirs:
            raise FormatError(
                f"formats[{i}]={mine.name!r}, but {'ab'[i]} holds elements of {theirs.name!r}"
            )
    return found


def _fit_unit(codes: Array, fmt: ScalarFormat, unit: Unit, which: int) -> tuple[Array, Any]:
    """Return codes of the unit's operand format; a wider register loses its low bits."""
    wanted = (unit.a, unit.b)[which]
    if fmt == wanted:
        return codes, fmt
    container = unit.container
    if container is not None and fmt == container:
        cut = codes >> codes.dtype.type(container.bits - wanted.bits)
        return cut.astype(wanted.code_dtype), wanted
    also = f" or {container.name!r}" if container is not None else ""
    raise FormatError(
        f"formats[{which}]={fmt.name!r}, but {unit.name!r} takes {wanted.name!r}{also}; convert "
        "the codes, or choose another unit"
    )


@functools.cache
def _warn_once(name: str, evidence: str) -> None:
    warnings.warn(
        f"{name} rests on no recorded outputs ({evidence}); print(nf.unit({name!r})) shows its "
        "source, and warnings.simplefilter('ignore', nf.UnrecordedUnit) silences this",
        UnrecordedUnit,
        stacklevel=6,
    )


def _accumulation(
    accumulator: object, row: Unit | None, formats: list[ScalarFormat]
) -> Accumulator:
    """Return the accumulator of a call, its output named."""
    if row is not None:
        if row.weak and all_units().get(row.name) == row:
            _warn_once(row.name, row.evidence.value)
        return row.accumulator
    if not isinstance(accumulator, Accumulator):
        raise FormatError(
            f"accumulator={accumulator!r} is not an accumulator; use nf.Exact, nf.Sequential, "
            "nf.Pairwise, nf.Compensated, nf.Aligned, nf.IntegerSum, or name a unit="
        )
    if accumulator.output is not None:
        return accumulator
    if formats[0] != formats[1]:
        raise FormatError(
            f"accumulator: the operands are {formats[0].name!r} and {formats[1].name!r}; "
            f"name the output, as nf.{type(accumulator).__name__}(output='binary32')"
        )
    return dataclasses.replace(accumulator, output=formats[0])


def _check_choice(accumulator: object, unit: Unit | str | None) -> Unit | None:
    if (accumulator is None) == (unit is None):
        given = "both" if unit is not None else "neither"
        raise FormatError(
            f"accumulator and unit: give one of them ({given} given), as "
            "accumulator=nf.Exact(output='binary32') or unit='nvidia-hopper-wgmma-e4m3-f32'"
        )
    return None if unit is None else unit_of(unit)


def _scales(
    x: object, given: object, block: BlockFormat | None, unit: Unit | None, name: str, along: int
) -> tuple[Any, ScalarFormat | None, int, Any]:
    """Return (scale codes, format, block length, blocks with two levels) of one operand."""
    if isinstance(x, Quantized) and block is not None:
        if given is not None:
            raise FormatError(f"scales: {name} brings its own; leave scales out")
        if unit is not None and unit.scale is None:
            raise FormatError(
                f"{name} is quantised as {block.name!r}, and {unit.name!r} takes no block scales: "
                f"pass {name}.codes and apply the scales with nf.epilogue(), or use accumulator="
            )
        scales, length = _spread(x, along)
        return scales, block.scale_code, length, x if block.two_level else None
    if given is None:
        return None, None, 0, None
    if unit is None or unit.scale is None:
        what = f"unit {unit.name!r} takes none" if unit is not None else "they belong to units"
        raise FormatError(f"scales: {what}; pass quantised blocks, or leave scales out")
    return given, unit.scale, unit.scale_block, None


def check(
    a: object,
    b: object,
    c: object,
    *,
    rows: bool,
    formats: object,
    accumulator: object,
    unit: Unit | str | None,
    plan: object,
    c_format: Format | str | None,
    scales: object,
    random_bits: npt.ArrayLike | None,
    bits: int,
    rng: np.random.Generator | int | None,
) -> Job:
    """Return a checked call; with `rows`, of vectors of the last axis (dot), else of matrices.

    Raises
    ------
    FormatError
        Something does not fit; the message names it.
    """
    row = _check_choice(accumulator, unit)
    codes_a, block_a = _given(a, "a")
    codes_b, block_b = _given(b, "b")
    found = formats_of(formats, row, [block_a, block_b])
    settled = _accumulation(accumulator, row, found)
    sides: list[Side] = []
    pair = (None, None) if scales is None else scales
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise FormatError("scales is not a pair: the scale codes of a and those of b")
    for i, (x, codes, block) in enumerate(
        ((a, codes_a, block_a), (b, codes_b, block_b)),
    ):
        name = "ab"[i]
        array = as_codes(codes, found[i], name)
        fmt = found[i]
        if row is not None:
            array, fmt = _fit_unit(array, fmt, row, i)
        scale, scale_fmt, length, outer = _scales(
            x, pair[i], block, row, name, -1 if rows or i == 0 else -2
        )
        if scale is not None and scale_fmt is not None:
            scale = as_codes(scale, scale_fmt, f"scales of {name}")
            scale = scale if row is None else unsigned_scale(scale, scale_fmt)
        sides.append(Side(array, fmt, scale, scale_fmt, length, outer))
    if row is not None and row.scale is not None:
        _check_unit_scales(sides, row)
    left, right, shape = _shaped(sides[0], sides[1], rows)
    chosen = Chain() if plan is None else plan
    if not isinstance(chosen, Plan):
        raise FormatError(
            f"plan={plan!r} is not a plan; use nf.SplitK, nf.Promotion, nf.Lanes, nf.Reordered"
        )
    result = chosen.format(settled.output)
    matrix = (left.codes.shape[0], left.codes.shape[1], right.codes.shape[2])
    start = _start(c, c_format, result, shape, matrix)
    draws = _draws(settled, chosen, row, shape, random_bits, bits, rng)
    return Job(left, right, start, result, settled, row, chosen, draws, shape)


def _check_unit_scales(sides: list[Side], unit: Unit) -> None:
    for side, name in zip(sides, "ab", strict=True):
        if side.scales is None:
            raise FormatError(
                f"unit {unit.name!r} takes block scales: pass quantised blocks, or "
                f"scales=(codes of {unit.scale.name!r} for a, for b)"
            )
        if side.scale_fmt != unit.scale or side.block != unit.scale_block:
            held = side.scale_fmt.name if side.scale_fmt is not None else None
            raise FormatError(
                f"{name} has a scale of {held!r} for every {side.block} elements; "
                f"{unit.name!r} takes {unit.scale.name!r} for every {unit.scale_block}"
            )
        if side.outer is not None:
            raise FormatError(
                f"{name} has scales of scales, which are applied after the unit: pass codes and "
                "scales=(qa.scales, qb.scales), then nf.epilogue(d, sa, sb) with the values of the "
                "outer ones, sa = nf.decode(qa.outer_scales, 'binary32')"
            )


def _shaped(a: Side, b: Side, rows: bool) -> tuple[Side, Side, tuple[int, ...]]:
    """Return the operands as stacks of matrices, and the shape of the result."""
    x, y = a.codes, b.codes
    if rows:
        if not x.ndim or not y.ndim or x.shape[-1] != y.shape[-1]:
            raise FormatError(
                f"a of shape {x.shape} and b of shape {y.shape}: the last axes, of the products, "
                "must have one length"
            )
        try:
            shape = np.broadcast_shapes(x.shape[:-1], y.shape[:-1])
        except ValueError:
            raise FormatError(
                f"a of shape {x.shape} and b of shape {y.shape} do not broadcast"
            ) from None
        count = int(np.prod(shape, dtype=np.int64))
        left = _placed(a, lambda z: _stack(z, shape, (1,)).reshape(count, 1, z.shape[-1]))
        right = _placed(b, lambda z: _stack(z, shape, (1,)).reshape(count, z.shape[-1], 1))
        return left, right, shape
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-2]:
        raise FormatError(
            f"a of shape {x.shape} and b of shape {y.shape} are not matrices (..., M, K) and "
            "(..., K, N); for vectors use nf.dot"
        )
    try:
        batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        raise FormatError(
            f"a of shape {x.shape} and b of shape {y.shape} do not broadcast"
        ) from None
    count = int(np.prod(batch, dtype=np.int64))
    left = _placed(a, lambda z: _stack(z, batch, z.shape[-2:]).reshape(count, *z.shape[-2:]))
    right = _placed(b, lambda z: _stack(z, batch, z.shape[-2:]).reshape(count, *z.shape[-2:]))
    return left, right, (*batch, x.shape[-2], y.shape[-1])


def _stack(z: Array, batch: tuple[int, ...], tail: tuple[int, ...]) -> Array:
    tail = z.shape[z.ndim - len(tail) :]
    return np.broadcast_to(z, (*batch, *tail))


def _placed(side: Side, place: Callable[[Array], Array]) -> Side:
    scales = None if side.scales is None else place(side.scales)
    return side._replace(codes=place(side.codes), scales=scales)


def zeros(shape: tuple[int, ...], fmt: ScalarFormat) -> Array:
    """Return codes of +0.

    Raises
    ------
    FormatError
        There is none.
    """
    if not fmt.has_zero:
        raise FormatError(f"c is missing, and {fmt.name!r} has no zero to start a sum from")
    return np.full(shape, encode_one(0.0, fmt), fmt.code_dtype)


def _start(
    c: object,
    c_format: Format | str | None,
    result: ScalarFormat,
    shape: tuple[int, ...],
    matrix: tuple[int, int, int],
) -> Array:
    """Return the accumulator operand, in the result format and in the shape of the result."""
    if c is None:
        if c_format is not None:
            raise FormatError("c_format is given and c is not; leave it out")
        return zeros(matrix, result)
    fmt = result if c_format is None else scalar_format(c_format, "c_format")
    codes = as_codes(c, fmt, "c")
    if fmt != result:
        codes = convert(codes, fmt, result, rounding=Rounding.NEAREST_EVEN)
    try:
        return np.ascontiguousarray(np.broadcast_to(codes, shape)).reshape(matrix)
    except ValueError:
        raise FormatError(
            f"c of shape {codes.shape} does not broadcast to the result's {shape}"
        ) from None


def _draws(
    accumulator: Accumulator,
    plan: Plan,
    unit: Unit | None,
    shape: tuple[int, ...],
    random_bits: npt.ArrayLike | None,
    bits: int,
    rng: np.random.Generator | int | None,
) -> Draws | None:
    """Return the random bits of each rounding, or None where no mode draws any."""
    output = accumulator.output
    modes = [
        accumulator.rounding or output.default_rounding,
        getattr(accumulator, "product_rounding", None),
    ]
    drawing = [mode for mode in modes if mode is not None and mode.stochastic]
    if not drawing:
        if random_bits is not None or rng is not None:
            raise FormatError(
                "random_bits and rng are of stochastic modes, and this accumulator has none"
            )
        return None
    if type(plan) is not Chain or plan.within is not None or (unit and unit.plan is not None):
        raise FormatError("plan: stochastic rounding is for one chain; leave the plan out")
    width = integer_option(bits, 1, 52, "bits")
    outputs = int(np.prod(shape, dtype=np.int64))
    mode = drawing[0]
    if random_bits is None:
        seed = rng
        if isinstance(rng, np.random.Generator):
            seed = int(rng.integers(0, 1 << 63))
        randomness.source(mode, (outputs,), None, width, seed)  # refuses what is no seed

        def seeded(r: int) -> randomness.Source:
            assert isinstance(seed, int | np.integer)
            key = (int(seed) + (r << 64)) % (1 << 128)
            return randomness.source(mode, (outputs,), None, width, key)

        return Draws(seeded, width)
    given = np.asarray(random_bits)

    def listed(r: int) -> randomness.Source:
        if given.ndim == 0:
            part = given
        elif r < given.shape[-1] or given.shape[-1] == 1:
            part = given[..., min(r, given.shape[-1] - 1)]
        else:
            raise FormatError(
                f"random_bits has a last axis of {given.shape[-1]}, and rounding {r} draws too"
            )
        spread = np.broadcast_to(part, shape).reshape(-1)
        return randomness.source(mode, (outputs,), spread, width, None)

    return Draws(listed, width)

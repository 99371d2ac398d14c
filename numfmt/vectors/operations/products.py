"""Vectors of dot products: of codes, of blocks, and whole tiles of a matrix unit."""

import contextlib
import dataclasses
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import exact
from ...arguments import integer_option
from ...arithmetic.calls import default_dialect
from ...dialects import dialect_of
from ...errors import FormatError
from ...families.base import Format, ScalarFormat
from ...families.blocks import BlockFormat
from ...matrix_units import listing
from ...matrix_units.accumulators import Accumulator, Exact, scalar
from ...matrix_units.unit import Unit
from ...registry import get
from ...rounding import Rounding
from ...tensor import gemm
from ...tensor.jobs import UnrecordedUnit
from ..corners.base import Row
from .base import Codes, Column, Columns, Operation, Outcome, Verdict, register_operation
from .conversions import deterministic, result_columns

if TYPE_CHECKING:
    from ..spec import Spec

_TAKES = frozenset({"dst", "k", "accumulator", "unit", "dialect"})


def _unit_of(spec: "Spec") -> Unit | None:
    return listing.unit(spec.unit) if isinstance(spec.unit, str) else spec.unit


def _pair(spec: "Spec") -> tuple[Any, Any]:
    """Return what the caller said of the two operands: a format for both, or one each."""
    if spec.fmt is None or isinstance(spec.fmt, Format | str):
        return spec.fmt, spec.fmt
    pair = tuple(spec.fmt)
    if len(pair) != 2:
        raise FormatError(f"fmt names {len(pair)} formats; a product has two operands")
    return pair


def _accumulator(spec: "Spec") -> Accumulator:
    """Return the accumulator with its output format named, Exact where the spec names none."""
    given = Exact() if spec.accumulator is None else spec.accumulator
    if not isinstance(given, Accumulator):
        raise FormatError(f"accumulator={given!r} is no accumulator, such as numfmt.Exact()")
    output = spec.dst if spec.dst is not None else given.output or "binary32"
    fmt = scalar(output, "dst")
    dialect = spec.dialect or given.dialect or default_dialect(fmt)
    return dataclasses.replace(given, output=fmt, dialect=dialect_of(dialect))


def _shown(adder: Accumulator) -> dict[str, Any]:
    """Return what a spec shows of its accumulator: the result format and the dialect."""
    fmt: ScalarFormat = adder.output
    return {"dst": fmt, "dialect": adder.dialect or default_dialect(fmt)}


def _settle_dot(spec: "Spec") -> dict[str, Any]:
    unit = _unit_of(spec)
    if unit is None:
        if spec.fmt is None:
            raise FormatError("fmt is missing: name the operand formats, or a unit")
        formats = tuple(scalar(fmt, "fmt") for fmt in _pair(spec))
        adder = _accumulator(spec)
        k = integer_option(16 if spec.k is None else spec.k, 1, 4096, "k")
        return {"fmt": formats, "k": k, "accumulator": adder} | _shown(adder)
    if spec.accumulator is not None:
        raise FormatError("accumulator and unit: a unit has its own; name one of them")
    for wanted, name, own in (*zip(_pair(spec), ("fmt",) * 2, (unit.a, unit.b), strict=True),):
        if wanted is not None and scalar(wanted, name) != own:
            raise FormatError(f"fmt={wanted!r}: {unit.name} takes {unit.a.name} and {unit.b.name}")
    if spec.dst is not None and scalar(spec.dst, "dst") != unit.output:
        raise FormatError(f"dst={spec.dst!r}: the results of {unit.name} are {unit.output.name}")
    if unit.scale is not None and spec.op != "block_dot":
        raise FormatError(f"{unit.name} has block scales; use op='block_dot'")
    if unit.scale is None and spec.op == "block_dot":
        raise FormatError(f"{unit.name} has no block scales; use op='dot'")
    k = integer_option(unit.k if spec.k is None else spec.k, 1, 4096, "k")
    formats = (unit.a, unit.b)
    return {"fmt": formats, "k": k, "unit": unit} | _shown(unit.accumulator)


def _settle_block_dot(spec: "Spec") -> dict[str, Any]:
    """Settle a product of blocks as one instruction of a unit with block scales."""
    if _unit_of(spec) is not None:
        settled = _settle_dot(spec)
    else:
        if spec.fmt is None:
            raise FormatError("fmt is missing: name a block format, such as mxfp4, or a unit")
        adder = _accumulator(spec)
        unit = _block_unit(spec, adder)
        k = unit.k if spec.k is None else spec.k
        formats = (unit.a, unit.b)
        settled = {"fmt": formats, "k": k, "unit": unit, "accumulator": None}
        settled |= _shown(adder)
    integer_option(settled["k"], 1, 4096, "k")
    if settled["k"] % settled["unit"].scale_block:
        block = settled["unit"].scale_block
        raise FormatError(f"k={settled['k']} is no multiple of {block}, the elements of a scale")
    return settled


def _block_unit(spec: "Spec", adder: Accumulator) -> Unit:
    parts = [_block_parts(fmt) for fmt in _pair(spec)]
    (a, scale, block), (b, other, length) = parts
    if (scale, block) != (other, length):
        raise FormatError("fmt: both operands must have scales of one format and blocks alike")
    k = block if spec.k is None else integer_option(spec.k, block, 4096, "k")
    return Unit(
        name="the spec's own",
        a=a,
        b=b,
        accumulator=adder,
        k=k,
        scale=scale,
        scale_block=block,
    )


def _block_parts(fmt: Any) -> tuple[ScalarFormat, ScalarFormat, int]:
    entry = get(fmt)
    if not isinstance(entry, BlockFormat) or not plain_blocks(entry):
        raise FormatError(
            f"fmt={entry.name!r}: vectors are of formats with blocks along one axis and one scale, "
            "such as mxfp4 or nvfp4_one_level"
        )
    scale: Any = entry.scale
    return entry.element, scale, block_size(entry)


def block_size(fmt: BlockFormat) -> int:
    """Return the elements of a block along one axis."""
    assert isinstance(fmt.block, tuple)
    return fmt.block[0]


def plain_blocks(fmt: BlockFormat) -> bool:
    """Return whether blocks lie along one axis and have one scale each and nothing else."""
    return (
        isinstance(fmt.block, tuple)
        and len(fmt.block) == 1
        and isinstance(fmt.scale, ScalarFormat)
        and not fmt.alternatives
        and fmt.zero_point.value == "none"
    )


def _modes(spec: "Spec") -> tuple[str, ...]:
    """Return the modes of the final rounding that a spec may choose: of Exact sums, all."""
    adder = spec.accumulator or spec.unit.accumulator
    own = Rounding.NEAREST_EVEN if adder.rounding is None else Rounding(adder.rounding)
    if isinstance(adder, Exact) and spec.unit is None:
        return deterministic(spec.dst, own)
    return (own.value,)


def _how(spec: "Spec", mode: str) -> dict[str, Any]:
    """Return the accumulator or the unit of a call, in a rounding mode where it has a choice."""
    if spec.unit is not None:
        return {"unit": spec.unit}
    if isinstance(spec.accumulator, Exact):
        return {"accumulator": dataclasses.replace(spec.accumulator, rounding=mode)}
    return {"accumulator": spec.accumulator}


def _operands(spec: "Spec") -> tuple[Column, ...]:
    a, b = spec.formats
    return (
        Column(name="a", width=a.bits, count=spec.k, fmt=a),
        Column(name="b", width=b.bits, count=spec.k, fmt=b),
        Column(name="c", width=spec.dst.bits, fmt=spec.dst),
    )


def _evaluate(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    del random
    with _quietly():
        found = gemm.dot(
            _rows(columns["a"]),
            _rows(columns["b"]),
            columns["c"],
            formats=tuple(spec.formats),
            **_how(spec, mode),
        )
    return Outcome({"expected": found})


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Compute without the warning of a unit that nobody recorded; the manifest has its evidence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnrecordedUnit)
        yield


def _rows(column: Codes) -> Codes:
    return column if column.ndim == 2 else column[:, None]


def _witness(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    del draw
    a, b, c = row
    how = _how(spec, mode)
    code = exact.dot(_tuple(a), _tuple(b), c, tuple(spec.formats), **how)  # type: ignore[arg-type]
    return Verdict((code,))


def _tuple(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _block_operands(spec: "Spec") -> tuple[Column, ...]:
    a, b, c = _operands(spec)
    count = spec.k // spec.unit.scale_block
    scale = spec.unit.scale
    scales = [
        Column(name=name, width=scale.bits, count=count, fmt=scale)
        for name in ("scale_a", "scale_b")
    ]
    return a, scales[0], b, scales[1], c


def _evaluate_blocks(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    del mode, random
    with _quietly():
        found = gemm.dot(
            _rows(columns["a"]),
            _rows(columns["b"]),
            columns["c"],
            unit=spec.unit,
            scales=(_rows(columns["scale_a"]), _rows(columns["scale_b"])),
        )
    return Outcome({"expected": found})


def _witness_blocks(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    del mode, draw
    a, scale_a, b, scale_b, c = row
    scales = (_tuple(scale_a), _tuple(scale_b))
    code = exact.dot(_tuple(a), _tuple(b), c, unit=spec.unit, scales=scales)  # type: ignore[arg-type]
    return Verdict((code,))


def _settle_tile(spec: "Spec") -> dict[str, Any]:
    settled = _settle_dot(spec)
    for name in ("m", "n"):
        given = getattr(spec, name)
        settled[name] = integer_option(4 if given is None else given, 1, 256, name)
    return settled


def _tile_operands(spec: "Spec") -> tuple[Column, ...]:
    a, b = spec.formats
    return (
        Column(name="a", width=a.bits, count=spec.m * spec.k, fmt=a),
        Column(name="b", width=b.bits, count=spec.k * spec.n, fmt=b),
        Column(name="c", width=spec.dst.bits, count=spec.m * spec.n, fmt=spec.dst),
    )


def _evaluate_tile(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    del random
    count = columns["a"].shape[0]
    m, n, k = spec.m, spec.n, spec.k
    shapes = ((m, k), (k, n), (m, n))
    a, b, c = (
        columns[key].reshape(count, *shape) for key, shape in zip("abc", shapes, strict=True)
    )
    with _quietly():
        found = gemm.matmul(a, b, c, formats=tuple(spec.formats), **_how(spec, mode))
    return Outcome({"expected": found.reshape(count, m * n) if m * n > 1 else found.reshape(count)})


def _witness_tile(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    del draw
    a, b, c = (np.array(_tuple(part), object) for part in row)
    a, b = a.reshape(spec.m, spec.k), b.reshape(spec.k, spec.n)
    how = _how(spec, mode)
    formats = tuple(spec.formats)
    codes = tuple(
        exact.dot(tuple(a[i]), tuple(b[:, j]), c[i * spec.n + j], formats, **how)
        for i in range(spec.m)
        for j in range(spec.n)
    )
    return Verdict((codes if len(codes) > 1 else codes[0],))


def _tile_results(spec: "Spec") -> tuple[Column, ...]:
    count = spec.m * spec.n
    return (Column(name="expected", width=spec.dst.bits, count=count, fmt=spec.dst),)


register_operation(
    Operation(
        name="dot",
        formula="expected = c + a[0] * b[0] + a[1] * b[1] + ..., as the accumulator adds",
        settle=_settle_dot,
        operands=_operands,
        results=result_columns,
        evaluate=_evaluate,
        witness=_witness,
        takes=_TAKES,
        modes=_modes,
        family="products",
    )
)
register_operation(
    Operation(
        name="block_dot",
        formula="expected = c + sum of scale_a * scale_b * a[i] * b[i], as the accumulator adds",
        settle=_settle_block_dot,
        operands=_block_operands,
        results=result_columns,
        evaluate=_evaluate_blocks,
        witness=_witness_blocks,
        takes=_TAKES,
        modes=_modes,
        family="products",
    )
)
register_operation(
    Operation(
        name="gemm_tile",
        formula="expected = a @ b + c; a m x k, b k x n, c and expected m x n, row by row",
        settle=_settle_tile,
        operands=_tile_operands,
        results=_tile_results,
        evaluate=_evaluate_tile,
        witness=_witness_tile,
        takes=_TAKES | {"m", "n"},
        modes=_modes,
        family="products",
    )
)

"""Models of a black box: units, their results on rows, and which fields they have to vary."""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...arithmetic.calls import default_dialect
from ...dialects import DIALECTS, DefaultNan, Dialect, InfinityTimesZero, NanRule, ZeroSign
from ...errors import FormatError
from ...families.base import ScalarFormat
from ...families.floats import FloatFormat
from ...matrix_units.accumulators import (
    Accumulator,
    Aligned,
    Compensated,
    Compensation,
    Exact,
    InfiniteC,
    Join,
    Pairwise,
    ProductRange,
    ProductTable,
    Stepwise,
    ZeroProducts,
)
from ...matrix_units.plans import Lanes, Plan, StartOfC
from ...matrix_units.unit import Evidence, Unit
from ...rounding import Overflow, Rounding
from .. import gemm
from .alphabets import alphabet
from .box import Rows, Shape

Array = npt.NDArray[Any]

# Adders cut in these modes; stochastic ones have no single result.
MODES = (
    Rounding.NEAREST_EVEN,
    Rounding.TOWARD_ZERO,
    Rounding.TOWARD_NEGATIVE,
    Rounding.TOWARD_POSITIVE,
    Rounding.TO_ODD,
    Rounding.NEAREST_AWAY,
    Rounding.NEAREST_ZERO,
    Rounding.NEAREST_UP,
    Rounding.NEAREST_DOWN,
    Rounding.AWAY_FROM_ZERO,
)
_FRACTION_BITS = tuple(range(51))
_GRIDS = (None, *range(51))


def policies_of(output: ScalarFormat) -> tuple[Overflow, ...]:
    """Return what may become of a result past the largest finite one, likeliest first."""
    if not isinstance(output, FloatFormat):
        return (Overflow.WRAP, Overflow.SATURATE)
    found = [Overflow.IEEE, Overflow.INFINITY] if output.has_infinity else []
    found += [Overflow.NAN] if output.has_nan else []
    return (*found, Overflow.SATURATE)


def model_of(shape: Shape, accumulator: Accumulator, plan: Plan | None = None) -> Unit:
    """Return a unit that computes rows of this shape."""
    return Unit(
        name="probed",
        a=shape.a,
        b=shape.b,
        accumulator=accumulator,
        k=shape.k,
        plan=plan,
        scale=shape.scale,
        scale_block=shape.scale_block,
        evidence=Evidence.GUESS,
        source="numfmt.probe",
    )


def results(model: Unit, rows: Rows) -> Array | None:
    """Return the codes that a model delivers, or None where it cannot compute such rows."""
    scales = (rows.scale_a, rows.scale_b) if model.scale is not None else None
    try:
        codes = gemm.dot(rows.a, rows.b, rows.c, unit=model, scales=scales)
    except FormatError:
        return None
    return np.asarray(codes).astype(np.uint64)


def loosened(codes: Array, fmt: ScalarFormat) -> Array:
    """Return codes with one NaN and one zero."""
    letters = alphabet(fmt)
    values = letters.values(codes)
    same = np.where(values == 0, np.uint64(letters.zero), codes)
    return np.where(np.isnan(values), np.uint64(fmt.nan_code(0) or 0), same)


def varied(model: Unit, name: str, value: Any) -> Unit | None:
    """Return a model with another value of one field, named as `value_of` does, or None."""
    try:
        if name.startswith("plan."):
            plan = dataclasses.replace(model.plan, **{name[5:]: value})  # type: ignore[type-var]
            return dataclasses.replace(model, plan=plan)
        if name.startswith("dialect."):
            now = dialect_now(model)
            value = dataclasses.replace(now, name="probed", **{name[8:]: value})
            name = "dialect"
        return dataclasses.replace(model.changed(**{name: value}), name=model.name)
    except FormatError:
        return None


def value_of(model: Unit, name: str) -> Any:
    """Return the value of a field, of the plan as ``plan.name``, of the dialect likewise."""
    head, _, field = name.rpartition(".")
    source = {"plan": model.plan, "dialect": dialect_now(model), "": model.accumulator}[head]
    return getattr(source, field)


def dialect_now(model: Unit) -> Dialect:
    """Return how a model settles NaNs and zeros, also where it names no dialect."""
    dialect: Dialect | None = model.accumulator.dialect
    return default_dialect(model.output) if dialect is None else dialect


def domains(model: Unit, shape: Shape, every: bool = True) -> dict[str, tuple[Any, ...]]:
    """Return the values that each field of a model may have, plain ones first.

    With ``every=False`` few of those that only a range tells apart.
    """
    accumulator = model.accumulator
    found: dict[str, tuple[Any, ...]] = {}
    counts = tuple(range(1, shape.k + 1))
    if isinstance(accumulator, Aligned):
        found = _of_aligned(accumulator, shape, every)
    elif isinstance(accumulator, Stepwise):
        if isinstance(shape.output, FloatFormat):
            flushed = (None, True)
            found = {"rounding": MODES, "flush_inputs": flushed, "flush_results": flushed}
        if isinstance(accumulator, Exact | Pairwise):
            # Where blocks do not matter, as to integers that wrap, all products are one.
            found["block"] = counts if isinstance(shape.output, FloatFormat) else counts[::-1]
        if isinstance(accumulator, Exact):
            found["late"] = (False, True)
        if isinstance(accumulator, Pairwise):
            found["arity"] = tuple(n for n in counts if n > 1) or (2,)
        if isinstance(accumulator, Compensated):
            found["method"] = tuple(Compensation)
        if accumulator.product is not None and not isinstance(accumulator.product, ProductTable):
            found["product_rounding"] = (None, *MODES)
    found["overflow"] = policies_of(shape.output)
    if isinstance(accumulator, Aligned) and Overflow.INFINITY in found["overflow"]:
        found["overflow"] = tuple(dict.fromkeys([Overflow.INFINITY, *found["overflow"]]))
    mode = accumulator.rounding
    if not every and mode is not None and mode.value.startswith("nearest"):
        # Both are infinity where nothing is directed.
        other = {Overflow.IEEE: Overflow.INFINITY, Overflow.INFINITY: Overflow.IEEE}
        same = other.get(accumulator.overflow)
        found["overflow"] = tuple(p for p in found["overflow"] if p is not same)
    if not every and isinstance(shape.output, FloatFormat):
        found["dialect.zero_sign"] = tuple(ZeroSign)
        if shape.output.has_nan:
            found["dialect.default_nan"] = tuple(DefaultNan)
            found["dialect.nan_sign"] = (0, 1)
        if isinstance(accumulator, Stepwise):
            found["dialect.nan"] = tuple(rule for rule in NanRule if rule is not NanRule.ANY)
    if isinstance(model.plan, Lanes):
        found["plan.rounding"] = MODES
        found["plan.c"] = tuple(StartOfC)
        found["plan.flush_inputs"] = (None, False, True)
    return found


def _of_aligned(accumulator: Aligned, shape: Shape, every: bool) -> dict[str, tuple[Any, ...]]:
    digits = alphabet(shape.output).digits
    found: dict[str, tuple[Any, ...]] = {
        "fraction_bits": _FRACTION_BITS,
        "block": tuple(range(1, shape.k + 1)),
        "cut": MODES,
        "rounding": MODES,
        "keep": (None, *range(digits)),
        "zero_products": tuple(ZeroProducts),
        "normalized": (False, True),
        "floor": (None, *_floors(accumulator.floor, shape, every)),
        "range": tuple(ProductRange),
        "group": tuple(n for n in range(1, accumulator.block + 1) if accumulator.block % n == 0),
    }
    if accumulator.range is ProductRange.CLIPPED:
        found["infinite_c"] = tuple(InfiniteC)
    if accumulator.late_add is not None:
        found["late_add"] = MODES
    if accumulator.c is Join.AFTER:
        found |= {
            "sum_bits": _GRIDS,
            "c_bits": _GRIDS,
            "late_cut": MODES,
            "halves": (1, 2),
            "drop": (None, *range(64)),
        }
    return found


def _floors(floor: int | None, shape: Shape, every: bool) -> tuple[int, ...]:
    """Return lower ends of the alignment exponent that are worth a question."""
    a, b, c = alphabet(shape.a), alphabet(shape.b), alphabet(shape.output)
    least, most = min(a.low + b.low, c.low) - 60, max(a.high + b.high, 0)
    if every:
        return tuple(range(max(least, -600), min(most, 300)))
    near = {a.low + b.low - 1, a.low + b.low + 1, c.low - 1, c.low + 8}
    if floor is not None:
        near |= {floor + n for n in (-30, -8, -2, -1, 1, 2, 8)}
    return tuple(sorted(near))


def dialects(base: Any) -> Iterator[Any]:
    """Yield ways to settle NaNs and zeros: those with a name first."""
    yield base
    yield from (d for d in DIALECTS.values() if d is not base)
    kinds = (NanRule, DefaultNan, ZeroSign, InfinityTimesZero)
    for nan_sign in (0, 1):
        for nan, default, zero, times in itertools.product(*kinds):
            if nan is not NanRule.ANY:
                yield Dialect(
                    name="probed",
                    nan=nan,
                    default_nan=default,
                    nan_sign=nan_sign,
                    zero_sign=zero,
                    infinity_times_zero=times,
                )

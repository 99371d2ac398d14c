"""Vectors of arithmetic: operations, functions, extrema, signs, comparisons, integers."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ... import exact, registry
from ...arguments import scalar_format
from ...arithmetic import comparisons, extrema, integer_conversions, operations, signs
from ...arithmetic.calls import formats_of
from ...errors import FormatError
from ...families.base import Format, ScalarFormat
from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat
from ...functions.definitions import FUNCTIONS
from ...functions.operations import apply
from ...rounding import Rounding
from ..corners.base import Row
from ..streams import random_words
from .base import (
    FLAG_NAMES,
    Codes,
    Column,
    Columns,
    Operation,
    Outcome,
    Verdict,
    register_operation,
)
from .conversions import (
    SCALAR_FIELDS,
    deterministic,
    flag_names,
    has_flags,
    manner,
    refused_codes,
    result_columns,
)

if TYPE_CHECKING:
    from ..spec import Spec

NAMES = ("a", "b", "c")
_WIDE = "binary64"  # has a NaN and a sign, so that it can hold what a narrow format refuses
_OTHER_REACH = 512  # powers of two that posits and the like reach
_WIDE_SCALES = 64  # among so many random rows of scale_b one has a scale of any bits
_SOLE_MODE = (Rounding.NEAREST_EVEN.value,)
_TAKES = SCALAR_FIELDS - {"src"}


def _operand_formats(spec: "Spec", count: int) -> tuple[Any, ...]:
    given = spec.fmt if isinstance(spec.fmt, Format | str) else tuple(spec.fmt)
    return formats_of(given, count)


def _operands(spec: "Spec") -> tuple[Column, ...]:
    pairs = zip(NAMES, spec.formats, strict=False)
    return tuple(Column(name=name, width=fmt.bits, fmt=fmt) for name, fmt in pairs)


def _target(spec: "Spec", formats: tuple[ScalarFormat, ...]) -> ScalarFormat:
    if spec.dst is not None:
        return scalar_format(spec.dst, "dst")
    if any(fmt != formats[0] for fmt in formats):
        shown = ", ".join(repr(fmt.name) for fmt in formats)
        raise FormatError(f"dst is missing: the operands are {shown}; name the result's format")
    return formats[0]


def _options(spec: "Spec", mode: str) -> dict[str, Any]:
    return {
        "result": spec.dst,
        "rounding": mode,
        "overflow": spec.overflow,
        "nan": spec.nan,
        "flush_inputs": spec.flush_inputs,
        "flush_results": spec.flush_results,
        "tininess": spec.tininess,
        "dialect": spec.dialect,
    }


def _draws(spec: "Spec", random: Codes | None) -> dict[str, Any]:
    return {} if random is None else {"random_bits": random, "bits": spec.bits}


def _all_flags(spec: "Spec") -> tuple[str, ...]:
    return FLAG_NAMES if has_flags(spec) else ()


def _call(name: str) -> Any:
    """Return the public operation of a name, called as f(codes, formats, options)."""
    if name in FUNCTIONS:
        return lambda codes, fmt, options: apply(name, codes, fmt, **options)
    homes = (operations, extrema, signs)
    function = next(getattr(home, name) for home in homes if hasattr(home, name))
    return lambda codes, fmt, options: function(*codes, fmt, **options)


def _coded(name: str, count: int, formula: str, family: str, scaled: bool = False) -> Operation:
    """Return an operation whose result is a code: all but comparisons and integers."""
    call = _call(name)

    def settle(spec: "Spec") -> dict[str, Any]:
        formats = _operand_formats(spec, count)
        target = _target(spec, formats)
        return {"fmt": formats, "dst": target} | manner(spec, target)

    def codes_of(spec: "Spec", columns: Columns) -> list[Any]:
        codes = [columns[key] for key in NAMES[:count]]
        return [*codes, columns["n"].astype(np.uint32).view(np.int32)] if scaled else codes

    def evaluate(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
        options = _options(spec, mode) | _draws(spec, random)
        codes = codes_of(spec, columns)
        found = call(codes, list(spec.formats), options | {"return_flags": has_flags(spec)})
        return Outcome.of(found, has_flags(spec))

    def witness(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
        options = _options(spec, mode) | {"draw": draw}
        values = list(row)
        if scaled:
            values[-1] = (int(row[-1]) ^ 1 << 31) - (1 << 31)  # type: ignore[arg-type]
        formats = list(spec.formats)
        if name in FUNCTIONS:
            found = exact.function(name, *values, fmt=formats, **options)  # type: ignore[arg-type]
        else:
            found = getattr(exact, name)(*values, formats, **options)
        return Verdict((found[0],), int(found[1]) if has_flags(spec) else 0)

    def refused(spec: "Spec", columns: Columns) -> npt.NDArray[np.bool_]:
        if spec.dst.has_nan and (spec.dst.signed_values or spec.nan is not None):
            return np.zeros(columns["a"].shape[0], np.bool_)
        wide = registry.get(_WIDE)
        options = _options(spec, "to_odd" if name != "round_to_int" else "toward_zero")
        options |= {"result": wide, "overflow": None, "nan": None, "dialect": spec.dialect}
        options["flush_results"] = False
        answers = call(codes_of(spec, columns), list(spec.formats), options)
        return refused_codes(answers.astype(np.uint64), scalar_format(wide), spec)

    def modes(spec: "Spec") -> tuple[str, ...]:
        found = deterministic(spec.dst, Rounding.NEAREST_EVEN)
        return tuple(m for m in found if name != "round_to_int" or m != Rounding.JAM.value)

    n = (Column(name="n", width=32, fmt=registry.get("int32")),) if scaled else ()
    return Operation(
        name=name,
        formula=f"expected = {formula}",
        settle=settle,
        operands=lambda spec: _operands(spec) + n,
        results=result_columns,
        evaluate=evaluate,
        witness=witness,
        takes=_TAKES,
        modes=modes,
        flags=_all_flags,
        refused=refused,
        draw=_draw_scaled if scaled else None,
        family=family,
    )


def _draw_scaled(spec: "Spec", attempt: int, start: int, stop: int) -> Columns:
    """Return random rows whose scales keep most results in range; a few are of any 32 bits."""
    codes, steps = (random_words(spec.seed, f"{p}|{attempt}", stop - start, start) for p in "an")
    reach = max(
        (1 << fmt.exponent_bits) + fmt.precision if isinstance(fmt, FloatFormat) else _OTHER_REACH
        for fmt in (*spec.formats, spec.dst)
    )
    near = (steps % np.uint64(2 * reach + 1)).astype(np.int64) - reach
    wide = np.arange(start, stop) % _WIDE_SCALES == 0
    n = np.where(wide, steps >> np.uint64(32), near.astype(np.uint64) & np.uint64((1 << 32) - 1))
    return {"a": codes >> np.uint64(64 - spec.formats[0].bits), "n": n.astype(np.uint64)}


def _settle_comparison(spec: "Spec") -> dict[str, Any]:
    formats = _operand_formats(spec, 2)
    chosen = manner(spec, formats[0])
    kept = ("dialect", "flush_inputs")
    return {"fmt": formats} | {key: chosen[key] for key in kept}


def _comparison(name: str, formula: str) -> Operation:
    """Return a comparison; its result is one bit."""

    def flagged(spec: "Spec") -> bool:
        return bool(spec.dialect.flag_bits) and all(fmt.has_flags for fmt in spec.formats)

    def evaluate(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
        del mode, random
        found = getattr(comparisons, name)(
            columns["a"],
            columns["b"],
            list(spec.formats),
            flush_inputs=spec.flush_inputs,
            dialect=spec.dialect,
            return_flags=flagged(spec),
        )
        return Outcome.of(found, flagged(spec))

    def witness(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
        del mode, draw
        options = {"flush_inputs": spec.flush_inputs, "dialect": spec.dialect}
        truth, flags = getattr(exact, name)(*row, list(spec.formats), **options)
        return Verdict((int(truth),), int(flags) if flagged(spec) else 0)

    return Operation(
        name=name,
        formula=f"expected = {formula}, 1 or 0",
        settle=_settle_comparison,
        operands=_operands,
        results=lambda spec: (Column(name="expected", width=1),),
        evaluate=evaluate,
        witness=witness,
        takes=frozenset({"dialect", "flush_inputs"}),
        modes=lambda spec: _SOLE_MODE,
        flags=lambda spec: ("NV",) if flagged(spec) else (),
        family="comparisons",
    )


def _ordering(name: str, count: int, formula: str, width: int) -> Operation:
    """Return total_order or class_of, which look at codes and flush nothing."""

    def evaluate(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
        del mode, random
        formats = list(spec.formats)
        codes = [columns[key] for key in NAMES[:count]]
        fmt = formats[0] if count == 1 else formats
        return Outcome({"expected": getattr(comparisons, name)(*codes, fmt)})

    def witness(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
        del mode, draw
        fmt = spec.formats[0] if count == 1 else list(spec.formats)
        return Verdict((int(getattr(exact, name)(*row, fmt)),))

    return Operation(
        name=name,
        formula=f"expected = {formula}",
        settle=lambda spec: {"fmt": _operand_formats(spec, count)},
        operands=_operands,
        results=lambda spec: (Column(name="expected", width=width),),
        evaluate=evaluate,
        witness=witness,
        modes=lambda spec: _SOLE_MODE,
        family="comparisons",
    )


def integer_format(fmt: Any, argument: str) -> FixedFormat:
    """Return a format of integers."""
    entry = scalar_format(fmt, argument)
    if not isinstance(entry, FixedFormat) or entry.fraction_bits:
        raise FormatError(f"{argument}={entry.name!r} is no format of integers, such as 'int8'")
    return entry


def _settle_to_int(spec: "Spec") -> dict[str, Any]:
    formats = _operand_formats(spec, 1)
    target = integer_format("int32" if spec.dst is None else spec.dst, "dst")
    chosen = manner(spec, target, formats[0])
    kept = ("dialect", "flush_inputs")
    return {"fmt": formats, "dst": target} | {key: chosen[key] for key in kept}


def _to_int_flags(spec: "Spec") -> bool:
    return bool(spec.dialect.flag_bits) and bool(spec.formats[0].has_flags)


def _evaluate_to_int(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    found = integer_conversions.to_int(
        columns["a"],
        spec.formats[0],
        spec.dst,
        rounding=mode,
        dialect=spec.dialect,
        flush_inputs=spec.flush_inputs,
        return_flags=_to_int_flags(spec),
        **_draws(spec, random),
    )
    return Outcome.of(found, _to_int_flags(spec))


def _witness_to_int(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    code, flags = exact.to_int(
        row[0],  # type: ignore[arg-type]
        spec.formats[0],
        spec.dst,
        rounding=mode,
        dialect=spec.dialect,
        draw=draw,
        flush_inputs=spec.flush_inputs,
    )
    return Verdict((code,), int(flags) if _to_int_flags(spec) else 0)


def _settle_from_int(spec: "Spec") -> dict[str, Any]:
    (target,) = _operand_formats(spec, 1)
    if spec.dst is not None and scalar_format(spec.dst, "dst") != target:
        raise FormatError(f"dst={spec.dst!r}: from_int ends in fmt, {target.name!r}")
    source = integer_format("int32" if spec.src is None else spec.src, "src")
    return {"fmt": target, "src": source, "dst": target} | manner(spec, target)


def _evaluate_from_int(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    options = _options(spec, mode) | _draws(spec, random)
    del options["result"]
    found = integer_conversions.from_int(
        columns["a"], spec.src, spec.dst, return_flags=has_flags(spec), **options
    )
    return Outcome.of(found, has_flags(spec))


def _witness_from_int(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    options = _options(spec, mode) | {"draw": draw}
    del options["result"]
    code, flags = exact.from_int(row[0], spec.src, spec.dst, **options)  # type: ignore[arg-type]
    return Verdict((code,), int(flags) if has_flags(spec) else 0)


register_operation(
    Operation(
        name="to_int",
        formula="expected = a, rounded to an integer of dst",
        settle=_settle_to_int,
        operands=_operands,
        results=result_columns,
        evaluate=_evaluate_to_int,
        witness=_witness_to_int,
        takes=frozenset({"dialect", "flush_inputs", "dst", "bits"}),
        modes=lambda spec: deterministic(spec.dst, Rounding.TOWARD_ZERO),
        flags=lambda spec: ("NX", "NV") if _to_int_flags(spec) else (),
        family="integers",
    )
)
register_operation(
    Operation(
        name="from_int",
        formula="expected = a, an integer of src, in fmt",
        settle=_settle_from_int,
        operands=lambda spec: (Column(name="a", width=spec.src.bits, fmt=spec.src),),
        results=result_columns,
        evaluate=_evaluate_from_int,
        witness=_witness_from_int,
        takes=SCALAR_FIELDS,
        modes=lambda spec: deterministic(spec.dst, Rounding.NEAREST_EVEN),
        flags=flag_names,
        refused=lambda spec, columns: refused_codes(columns["a"], spec.src, spec),
        family="integers",
    )
)
for _name, _count, _formula in (
    ("add", 2, "a + b"),
    ("sub", 2, "a - b"),
    ("mul", 2, "a * b"),
    ("div", 2, "a / b"),
    ("fma", 3, "a * b + c"),
    ("faa", 3, "a + b + c"),
    ("sqrt", 1, "square root of a"),
    ("rsqrt", 1, "1 / square root of a"),
    ("recip", 1, "1 / a"),
    ("hypot", 2, "square root of a * a + b * b"),
    ("remainder", 2, "a - n * b, n the integer nearest a / b, ties to even"),
    ("round_to_int", 1, "a rounded to an integer, in the result format"),
):
    register_operation(_coded(_name, _count, _formula, "arithmetic"))
register_operation(_coded("scale_b", 1, "a * 2**n, n a 32-bit integer", "arithmetic", scaled=True))
for _name, _count, _formula in (
    ("neg", 1, "-a"),
    ("abs", 1, "|a|"),
    ("copy_sign", 2, "|a| with the sign of b"),
    ("next_up", 1, "the least value above a"),
    ("next_down", 1, "the largest value below a"),
):
    register_operation(_coded(_name, _count, _formula, "signs"))
for _kind in ("minimum", "maximum"):
    for _form in ("", "_number", "_magnitude", "_magnitude_number", "_finite"):
        register_operation(_coded(_kind + _form, 2, f"{_kind}{_form}(a, b)", "extrema"))
register_operation(_coded("clamp", 3, "a clamped to [b, c]", "extrema"))
for _name, _formula in (
    ("equal", "a == b"),
    ("not_equal", "a != b"),
    ("less", "a < b"),
    ("less_equal", "a <= b"),
    ("greater", "a > b"),
    ("greater_equal", "a >= b"),
    ("unordered", "a or b is NaN"),
):
    register_operation(_comparison(_name, _formula))
register_operation(_ordering("total_order", 2, "totalOrder(a, b), 1 or 0", 1))
register_operation(_ordering("class_of", 1, "the class of a, numbered as by fclass", 4))
for _function in FUNCTIONS.values():
    register_operation(
        _coded(_function.name, _function.operands, f"{_function.text}, x = a", "functions")
    )

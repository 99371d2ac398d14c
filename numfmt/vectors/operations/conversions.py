"""Vectors of conversions: decode, encode, convert. One operand, one rounding."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ... import exact
from ...arguments import scalar_format
from ...arithmetic.calls import default_dialect, settings_of
from ...conversion import convert, without_code
from ...errors import FormatError
from ...families.base import ScalarFormat
from ...rounding import Overflow, Rounding
from ..corners.base import Row
from .base import Codes, Column, Columns, Operation, Outcome, Verdict, register_operation

if TYPE_CHECKING:
    from ..spec import Spec

SCALAR_FIELDS = frozenset({"dialect", "overflow", "nan", "flush_inputs", "flush_results"}) | {
    "tininess",
    "src",
    "dst",
    "bits",
}


def deterministic(fmt: ScalarFormat, default: Rounding | None = None) -> tuple[str, ...]:
    """Return the modes without random bits that a result format can follow, its default first."""
    first = fmt.default_rounding if default is None else default
    modes = [mode for mode in Rounding if not mode.stochastic and not fmt.refusal(mode)]
    return tuple(m.value for m in sorted(modes, key=lambda mode: mode is not first))


def manner(spec: "Spec", dst: ScalarFormat, of: ScalarFormat | None = None) -> dict[str, Any]:
    """Return what the dialect settles, by default that of `of` or of the result format."""
    settings = settings_of(
        dst,
        overflow=spec.overflow,
        nan=spec.nan,
        bits=spec.bits,
        flush_inputs=spec.flush_inputs,
        flush_results=spec.flush_results,
        tininess=spec.tininess,
        dialect=default_dialect(of or dst) if spec.dialect is None else spec.dialect,
    )
    if settings.options.overflow is Overflow.RAISE:
        raise FormatError("overflow='raise' gives no result to write; name another policy")
    return {
        "dialect": settings.dialect,
        "overflow": settings.options.overflow.value,
        "flush_inputs": settings.flush_inputs,
        "flush_results": settings.options.flush_results,
        "tininess": settings.options.tininess.value,
    }


def has_flags(spec: "Spec") -> bool:
    """Return whether results have status flags."""
    return bool(spec.dst.has_flags and spec.dialect.flag_bits)


def result_columns(spec: "Spec") -> tuple[Column, ...]:
    """Return the one column of codes of the result format."""
    return (Column(name="expected", width=spec.dst.bits, fmt=spec.dst),)


def _settle(spec: "Spec") -> dict[str, Any]:
    fmt = scalar_format(spec.fmt)
    source, target = _ends(spec, fmt)
    return {"fmt": fmt, "src": source, "dst": target} | manner(spec, target)


def _ends(spec: "Spec", fmt: ScalarFormat) -> tuple[ScalarFormat, ScalarFormat]:
    if spec.op == "encode":
        if spec.dst is not None and scalar_format(spec.dst, "dst") != fmt:
            raise FormatError(f"dst={spec.dst!r}: encode ends in fmt; use op='convert'")
        return scalar_format("binary32" if spec.src is None else spec.src, "src"), fmt
    if spec.src is not None and scalar_format(spec.src, "src") != fmt:
        raise FormatError(f"src={spec.src!r}: {spec.op} starts from fmt; use op='convert'")
    if spec.dst is not None:
        return fmt, scalar_format(spec.dst, "dst")
    if spec.op == "convert":
        raise FormatError("dst is missing: convert needs the format to convert to")
    if fmt.dyadic and not fmt.fits_float64:
        raise FormatError(f"dst is missing: {fmt.name!r} has values that binary64 has not")
    wide = not fmt.dyadic or not fmt.fits_float32
    return fmt, scalar_format("binary64" if wide else "binary32")


def _evaluate(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    drawn: dict[str, Any] = {} if random is None else {"random_bits": random, "bits": spec.bits}
    found = convert(
        columns["a"],
        spec.src,
        spec.dst,
        rounding=mode,
        overflow=spec.overflow,
        nan=spec.nan,
        flush_inputs=spec.flush_inputs,
        flush_results=spec.flush_results,
        tininess=spec.tininess,
        return_flags=has_flags(spec),
        **drawn,
    )
    return Outcome.of(found, has_flags(spec))


def _witness(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    (code,) = row
    assert isinstance(code, int)
    options: dict[str, Any] = {
        "rounding": mode,
        "overflow": spec.overflow,
        "nan": spec.nan,
        "draw": draw,
        "flush_inputs": spec.flush_inputs,
        "flush_results": spec.flush_results,
        "tininess": spec.tininess,
    }
    if spec.src.dyadic:
        want, flags = exact.convert(code, spec.src, spec.dst, **options)
    else:  # an irrational number is read by arithmetic alone
        want, flags = exact.maximum(code, code, spec.src, result=spec.dst, **options)
    return Verdict((want,), int(flags) if has_flags(spec) else 0)


def _refused(spec: "Spec", columns: Columns) -> npt.NDArray[np.bool_]:
    return refused_codes(columns["a"], spec.src, spec)


def refused_codes(codes: Codes, src: ScalarFormat, spec: "Spec") -> npt.NDArray[np.bool_]:
    """Return where the result format has no code for an operand in some mode of the spec."""
    bad = np.zeros(codes.size, np.bool_)
    for mode in spec.rounding:
        bad |= without_code(
            codes,
            src,
            spec.dst,
            rounding="away_from_zero" if Rounding(mode).stochastic else mode,
            overflow=spec.overflow,
            nan=spec.nan,
            flush_inputs=bool(spec.flush_inputs),
        )
    return bad


def flag_names(spec: "Spec") -> tuple[str, ...]:
    """Return the flags that a conversion can raise."""
    return ("NX", "UF", "OF", "NV") if has_flags(spec) else ()


for _name, _formula in (
    ("decode", "expected = a, in an interchange format"),
    ("encode", "expected = a, in the format under test"),
    ("convert", "expected = a, in another format"),
):
    register_operation(
        Operation(
            name=_name,
            formula=_formula,
            settle=_settle,
            operands=lambda spec: (Column(name="a", width=spec.src.bits, fmt=spec.src),),
            results=result_columns,
            evaluate=_evaluate,
            witness=_witness,
            takes=SCALAR_FIELDS | {"input_sha256"},
            modes=lambda spec: deterministic(spec.dst, Rounding.NEAREST_EVEN),
            flags=flag_names,
            refused=_refused,
            family="conversions",
        )
    )

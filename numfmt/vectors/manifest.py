"""The manifest of a set: everything that one must know to trust, use and regenerate it."""

from typing import Any

from .. import __version__
from ..families.base import ScalarFormat
from ..families.blocks import BlockFormat
from ..families.floats import FloatFormat, Style
from ..limits import finfo
from .numbering import CLASSES
from .operations.base import Column
from .plain import plain
from .streams import STREAM
from .table import Source, layout, mask_name
from .writers import packed_fields, word_bits

SCHEMA = 2


def manifest_of(source: Source, emit: list[str], files: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of a set, ready for JSON; it holds no date and no revision."""
    spec = source.spec
    entry = spec.operation
    dialect = spec.dialect
    coverage = source.operands.coverage()
    return {
        "schema": SCHEMA,
        "numfmt_version": __version__,
        "license": "the operands' own; everything else MIT" if source.input else "MIT",
        "spec": spec.to_dict(),
        "spec_sha256": spec.sha256(),
        "emit": emit,
        "regenerate": "python -m numfmt vectors verify <this folder>",
        "operation": {
            "name": entry.name,
            "formula": entry.formula,
            "rule": _rule(source),
        },
        "formats": _formats(source),
        "rounding": spec.rm_numbers,
        "dialect": None if dialect is None else plain(dialect) | {"source": dialect.source},
        "subnormals": {
            "inputs": "flushed" if spec.flush_inputs else "kept",
            "results": "flushed" if spec.flush_results else "kept",
        },
        "overflow": spec.overflow,
        "flags": {
            "order": list(reversed(spec.flag_order)),
            "tininess": spec.tininess,
            "defined": [name for name in reversed(spec.flag_order) if name in entry.flags(spec)],
        },
        "comparison": {
            "rule": "(result ^ expected) & mask == 0, and flags equal where flags are defined",
            "masks": {column.name: mask_name(column.name) for column in spec.results},
        },
        "randomness": {"seed": spec.seed, "algorithm": STREAM, "bits": spec.bits},
        "columns": _columns(source),
        "word_bits": word_bits(source),
        "rows": len(source),
        "classes": {name: CLASSES[name] for name in (entry.name for entry in coverage)},
        "coverage": coverage.to_dict(),
        "files": files,
    }


def _rule(source: Source) -> str:
    """Return in a line how a result comes about."""
    spec = source.spec
    if spec.unit is not None:
        ignored = "; the sign of an E4M3 scale is ignored" if spec.op == "block_dot" else ""
        basis = spec.unit.source or "as in the spec"
        return f"unit {spec.unit.name} ({spec.unit.evidence.value}): {basis}{ignored}"
    if spec.accumulator is not None:
        return f"accumulator {type(spec.accumulator).__name__}, fields in the spec"
    if spec.scheme is not None:
        return f"scheme {spec.scheme}"
    return "computed exactly, rounded once"


def _columns(source: Source) -> dict[str, Any]:
    places = layout(packed_fields(source))
    found = {}
    for name, column in source.fields.items():
        found[name] = {"width": column.bits} | _elements(column)
        if name in places:
            found[name] |= {"msb": places[name][0], "lsb": places[name][1]}
        else:
            found[name] |= {"file": f"{name}.hex", "order": "an element a line, row by row"}
    return found


def _elements(column: Column) -> dict[str, Any]:
    if column.count == 1:
        return {}
    return {
        "elements": column.count,
        "element_width": column.width,
        "element_0": "least significant",
    }


def _formats(source: Source) -> dict[str, Any]:
    spec = source.spec
    found = {}
    for column in (*spec.operands, *spec.results):
        if column.fmt is not None:
            found[column.name] = describe_format(column.fmt)
    if isinstance(spec.dst, BlockFormat):
        found["block"] = describe_format(spec.dst)
    return found


def describe_format(fmt: Any) -> dict[str, Any]:
    """Return a format in full: its fields, limits, and every code that is special."""
    described: dict[str, Any] = fmt.to_dict()
    if not isinstance(fmt, ScalarFormat):
        return described
    limits = finfo(fmt).to_dict()
    negative_zero = fmt.code_of_ordinal(0, 1) if fmt.has_negative_zero else None  # type: ignore[attr-defined]
    return described | {
        "nan_ranges": _nan_ranges(fmt),
        "style": limits["style"],
        "limits": limits,
        "code_of_negative_zero": negative_zero,
    }


def _nan_ranges(fmt: ScalarFormat) -> list[list[str]]:
    """Return the first and last code of every run of NaN codes, in hexadecimal."""
    width = -(-fmt.bits // 4)
    ends = []
    for code in dict.fromkeys(fmt.nan_code(sign) for sign in (0, 1)):
        if code is not None:
            infinity = fmt.infinity_code(int(code >> (fmt.bits - 1) & fmt.signed_values))
            run = isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE
            first = infinity + 1 if run else code  # type: ignore[operator]
            last = code | ((1 << fmt.trailing_bits) - 1) if run else code  # type: ignore[attr-defined]
            ends.append([f"0x{first:0{width}x}", f"0x{last:0{width}x}"])
    return ends

"""The units of `rtl`, and the vectors that must catch every mistake injected into them."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import numfmt as nf
from numfmt import vectors
from numfmt.vectors.streams import random_words
from numfmt.vectors.table import fields_of

HERE = Path(__file__).parent
RTL = HERE / "rtl"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit, its set of vectors, and the injected bugs that 1,000 uniform rows do not find.

    Where the operand is one of 256 codes, that is a wrong line of a table, at a code that the rows
    leave out.
    """

    name: str
    spec: vectors.Spec
    survivors: tuple[str, ...]
    parts: tuple[str, ...] = ()

    @property
    def sources(self):
        return [RTL / f"{name}.v" for name in (self.name, *self.parts)]

    @property
    def define(self):
        return f"DUT_{self.name.upper()}"

    @property
    def bugs(self):
        text = "".join(source.read_text() for source in self.sources)
        return sorted(set(re.findall(r"^\s*`(?:ifn?def|elsif) (BUG_\w+)", text, re.MULTILINE)))


TABLE_ENTRY = "BUG_TABLE_ENTRY"
_ADA = nf.unit("nvidia-ada-mma-e4m3-f32").accumulator
_CORNERS = {"rounding": "all", "exhaustive": False}

UNITS = {
    unit.name: unit
    for unit in (
        Unit(
            name="e4m3_to_fp16",
            spec=vectors.Spec(op="decode", fmt="e4m3", dst="binary16"),
            survivors=(TABLE_ENTRY,),
        ),
        Unit(
            name="posit8_decode",
            spec=vectors.Spec(op="decode", fmt="posit8"),
            survivors=(TABLE_ENTRY,),
        ),
        Unit(
            name="fp16_to_e4m3",
            spec=vectors.Spec(op="convert", fmt="binary16", dst="e4m3", max_rows=2000, **_CORNERS),
            survivors=(
                "BUG_INFINITY_SATURATES",
                "BUG_TIE_PARITY",
                "BUG_TINY_BEFORE_ROUNDING",
                "BUG_ZERO_SIGN",
            ),
            parts=("e4m3_round",),
        ),
        Unit(
            name="e4m3_mul",
            spec=vectors.Spec(op="mul", fmt="e4m3", max_rows=2000, **_CORNERS),
            survivors=("BUG_LEAST_SQUARED", "BUG_TINY_BEFORE_ROUNDING", "BUG_ZERO_BEATS_NAN"),
            parts=("e4m3_round",),
        ),
        Unit(
            name="requant_int8",
            spec=vectors.Spec(op="requantize", scheme="tflite_double"),
            survivors=(
                "BUG_CLAMP_EDGE",
                "BUG_NUDGE_AWAY",
                "BUG_SQUARE_WRAPS",
                "BUG_TIE_OF_NEGATIVES",
            ),
        ),
        Unit(
            name="dot16_aligned",
            spec=vectors.Spec(op="dot", fmt="e4m3", k=16, accumulator=_ADA, max_rows=2000),
            survivors=("BUG_CARRY", "BUG_C_SUBNORMAL", "BUG_ZERO_PRODUCTS_ALIGN"),
        ),
        Unit(
            name="mxfp4_dot32",
            spec=vectors.Spec(op="block_dot", fmt="mxfp4", max_rows=2000),
            survivors=("BUG_CARRY", "BUG_SUBNORMAL_STICKY", "BUG_ZERO_SIGN"),
        ),
    )
}


def uniform_rows(spec, count):
    """Return fields and columns of rows whose operands and modes are drawn evenly."""
    fields = fields_of(spec)
    operation = spec.operation
    drawn = {}
    for column in spec.operands:
        words = random_words(0, f"uniform {column.name}", 40 * count * column.count)
        codes = words >> np.uint64(64 - column.width)
        drawn[column.name] = codes if column.count == 1 else codes.reshape(-1, column.count)
    if operation.refused is not None:
        kept = ~operation.refused(spec, drawn)
        drawn = {name: column[kept] for name, column in drawn.items()}
    drawn = {name: column[:count] for name, column in drawn.items()}
    modes = random_words(0, "uniform mode", count) % np.uint64(len(spec.rounding))
    columns = {name: np.zeros(count, np.uint64) for name in ("class", "rm", "expected", "flags")}
    for place, mode in enumerate(spec.rounding):
        rows = modes == place
        operands = {name: column[rows] for name, column in drawn.items()}
        outcome = operation.evaluate(spec, mode, operands, None)
        columns["rm"][rows] = spec.rm_numbers[mode]
        columns["expected"][rows] = outcome.results["expected"]
        columns["flags"][rows] = 0 if outcome.flags is None else outcome.flags
    mask = np.full(count, (1 << spec.results[0].width) - 1, np.uint64)
    return fields, columns | drawn | {"mask": mask}

"""Dot products of Arm: BFloat16, FP8, half precision and integers; data only.

The second part of a name is the feature that brings the instruction, the third its mnemonic.
"""

import dataclasses
from collections.abc import Iterator
from typing import Final

from ..dialects import DIALECTS, NanRule
from .accumulators import Accumulator, Exact, IntegerSum, Pairwise, Sequential
from .unit import Disputed, Evidence, Unit

_ARM: Final = "Arm ARM, shared pseudocode (recalled)"

DEFAULT_NAN: Final = dataclasses.replace(
    DIALECTS["arm"],
    name="arm_default_nan",
    nan=NanRule.CANONICAL,
    source="Arm ARM: as with FPCR.DN = 1",
)
FLUSHING: Final = dataclasses.replace(
    DEFAULT_NAN,
    name="arm_bf16",
    flush_inputs=True,
    flush_results=True,
    flag_bits=(),
    source="Arm ARM, BFDOT without FEAT_EBF16: default NaN, flushing, no flags",
)

# Products, their sum and the result are each rounded to odd.
_ODD: Final = Pairwise(
    output="binary32",
    block=2,
    product="binary32",
    rounding="to_odd",
    overflow="infinity",
    dialect=FLUSHING,
)
_PAIRS: Final = Exact(output="binary32", block=2, late=True, dialect=DEFAULT_NAN)
_CHAIN: Final = Sequential(output="binary32", dialect="arm")

# Name, formats of a and b, accumulator, k, source.
_ROWS: Final = (
    ("bf16-bfdot", "bfloat16", "bfloat16", _ODD, 2, "FPCR.EBF = 0; QEMU agrees"),
    ("bf16-bfmmla", "bfloat16", "bfloat16", _ODD, 4, "FPCR.EBF = 0; QEMU agrees"),
    ("sme-bfmopa", "bfloat16", "bfloat16", _ODD, 2, "FPCR.EBF = 0; QEMU agrees"),
    ("ebf16-bfdot", "bfloat16", "bfloat16", _PAIRS, 2, "FPCR.EBF = 1, RMode and FZ 0"),
    ("ebf16-bfmmla", "bfloat16", "bfloat16", _PAIRS, 4, "FPCR.EBF = 1, RMode and FZ 0"),
    ("ebf16-bfmopa", "bfloat16", "bfloat16", _PAIRS, 2, "FPCR.EBF = 1, RMode and FZ 0"),
    (
        "sme-fmopa-f16-f32",
        "binary16",
        "binary16",
        _PAIRS,
        2,
        "a fused sum of two, then added",
    ),
    ("bf16-bfmlal", "bfloat16", "bfloat16", _CHAIN, 1, "BFMLALB and BFMLALT: one fused step"),
    ("fhm-fmlal", "binary16", "binary16", _CHAIN, 1, "FMLAL, FMLAL2: one fused step"),
    ("sve2-fmlal", "binary16", "binary16", _CHAIN, 1, "FMLALB and FMLALT: one fused step"),
)
_EIGHT: Final = {
    "e4m3": ("e4m3", "e4m3"),
    "e5m2": ("e5m2", "e5m2"),
    "e4m3e5m2": ("e4m3", "e5m2"),
    "e5m2e4m3": ("e5m2", "e4m3"),
}
# Feature and mnemonic, products of a step, output.
_FP8: Final = (
    ("fp8dot4-fdot", 4, "f32"),
    ("fp8dot2-fdot", 2, "f16"),
    ("smef8f32-fmopa", 4, "f32"),
    ("smef8f16-fmopa", 2, "f16"),
    ("fp8fma-fmlall", 1, "f32"),
    ("fp8fma-fmlal", 1, "f16"),
)
_OUTPUTS: Final = {"f16": "binary16", "f32": "binary32"}
_OVERFLOW: Final = Disputed(
    field="overflow",
    choices=(None, "saturate"),
    note="FPMR.OSM may ask for saturation; its details were not read",
)
_INTEGERS: Final = (
    ("dotprod-sdot", "int8", "int8", 4),
    ("dotprod-udot", "uint8", "uint8", 4),
    ("i8mm-usdot", "uint8", "int8", 4),
    ("i8mm-sudot", "int8", "uint8", 4),
    ("i8mm-smmla", "int8", "int8", 8),
    ("i8mm-ummla", "uint8", "uint8", 8),
    ("i8mm-usmmla", "uint8", "int8", 8),
)


def _unit(
    name: str, a: str, b: str, accumulator: Accumulator, k: int, note: str, *points: Disputed
) -> Unit:
    return Unit(
        name=f"arm-{name}",
        a=a,
        b=b,
        accumulator=accumulator,
        k=k,
        evidence=Evidence.DOCUMENTED,
        source=f"{_ARM}: {note}",
        disputed=points,
    )


def units() -> Iterator[Unit]:
    """Yield every row."""
    for name, a, b, accumulator, k, note in _ROWS:
        yield _unit(name, a, b, accumulator, k, note)
    note = "exact products and one rounding, with FPMR.LSCALE = 0"
    for name, block, output in _FP8:
        for inputs, (a, b) in _EIGHT.items():
            total = Exact(output=_OUTPUTS[output], block=block, dialect=DEFAULT_NAN)
            yield _unit(f"{name}-{inputs}-{output}", a, b, total, block, note, _OVERFLOW)
    for name, a, b, k in _INTEGERS:
        yield _unit(name, a, b, IntegerSum(32), k, "exact sums that wrap")

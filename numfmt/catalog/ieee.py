"""IEEE 754 interchange formats, and the truncations of binary32 that hardware made of them."""

from ..families.floats import FloatFormat

_TABLE = "IEEE 754-2019, 3.6, table 3.5"

FORMATS = (
    FloatFormat(
        name="binary16",
        bits=16,
        precision=11,
        emin=-14,
        source=_TABLE,
        aliases=("float16", "fp16", "half", "e5m10"),
    ),
    FloatFormat(
        name="binary32",
        bits=32,
        precision=24,
        emin=-126,
        source=_TABLE,
        aliases=("float32", "fp32", "single", "e8m23"),
    ),
    FloatFormat(
        name="binary64",
        bits=64,
        precision=53,
        emin=-1022,
        source=_TABLE,
        aliases=("float64", "fp64", "double", "e11m52"),
    ),
    FloatFormat(
        name="bfloat16",
        bits=16,
        precision=8,
        emin=-126,
        source="Intel, BFLOAT16 Hardware Numerics Definition, 2018, 1 (the values; rounding and "
        "flushing belong to the instruction)",
        aliases=("bf16", "e8m7"),
    ),
    FloatFormat(
        name="tf32",
        bits=19,
        precision=11,
        emin=-126,
        source="NVIDIA PTX ISA, alternate floating-point format .tf32: a 19-bit reading of a "
        "binary32 register (documented only; the code here is the 19 bits)",
        aliases=("tensorfloat32", "e8m10"),
    ),
)

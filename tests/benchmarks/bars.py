"""What the benchmarks measure, and which measurements are held against which bars.

A `Bar` compares rates of the same session, so it holds on any machine; a `StartBar` is in seconds.
"""

from typing import NamedTuple

LARGE, MEDIUM, SMALL, FEW = 1 << 24, 1 << 22, 1 << 20, 1 << 16
MEMORY_PASS = "a memory pass"


class Key(NamedTuple):
    """What a measurement is of; `values` is 0 where a whole process was timed."""

    who: str
    what: str
    threads: int = 1
    values: int = LARGE


class Bar(NamedTuple):
    """The rate of `mine`, over that of `other` if there is one, is at least `limit`.

    `exceed` marks a limit that has to be passed, not just reached.
    """

    mine: Key
    other: Key | None
    limit: float
    exceed: bool = False


class StartBar(NamedTuple):
    """The median time of `mine`, less that of `without` if there is one, is at most `limit`."""

    name: str
    mine: str
    without: str | None
    limit: float


DECODED = (("e4m3", "float32"), ("e4m3", "float64"), ("e2m1", "float32"), ("binary16", "float32"))
RANDOM = (
    ("stochastic_a", "seed"),
    ("stochastic_b", "seed"),
    ("stochastic_c", "seed"),
    ("stochastic_c_odd", "seed"),
    ("stochastic_a", "generator"),
    ("stochastic_a", "given bits"),
)
# (format, values encoded a second at least, values decoded a second at least)
FAMILIES = (
    ("posit16", 100e6, 400e6),
    ("posit16_1", 100e6, 400e6),
    ("takum16", 100e6, 400e6),
    ("nf4", 150e6, None),
    ("fp4_bnb", 150e6, None),
    ("dint4", 150e6, None),
    ("dynamic8", 60e6, None),
    ("hifloat8", 60e6, None),
    ("takum16_log", None, None),
    ("lns16_10", None, None),
)
BLOCKS = ("mxfp8_e4m3", "mxfp4", "nvfp4", "int4_group128")
MORE_BLOCKS = (
    "mxint8",
    "e4m3_tensor",
    "deepseek_fp8_weight",
    "nf4_bitsandbytes",
    "uint4_group128",
    "mx9",
)
PACKED = (4, 6)
# (operation, format, rows a second at least): vectors of random rows, checked and all columns made
VECTORS = (("add", "binary16", 1e6), ("mul", "bfloat16", 1e6), ("fma", "binary16", None))
# (kind of file, rows a second at least)
VECTOR_FILES = (("hex", 3e6), ("txt", 3e6), ("csv", None), ("npz", None))
# (operation, format, rounding mode, with flags, results a second at least on one thread)
ARITHMETIC = (
    ("add", "e4m3", None, False, 400e6),
    ("mul", "e4m3", None, True, 400e6),
    ("div", "e5m2", None, False, 400e6),
    ("add", "binary16", None, True, 350e6),
    ("mul", "binary16", None, True, 350e6),
    ("div", "binary16", None, True, 100e6),
    ("fma", "binary16", None, True, 60e6),
    ("sqrt", "binary16", None, True, 60e6),
    ("mul", "posit16", None, False, 50e6),
    ("fma", "binary32", "to_odd", True, 30e6),
    ("add", "bfloat16", None, True, None),
    ("add", "binary32", "toward_zero", True, None),
    ("div", "binary32", "toward_zero", True, None),
    ("mul", "binary64", None, True, None),
    ("add", "int16", None, True, None),
)
FUNCTIONS = ("exp2", "tanh")
# (operation, format, VeriFloat's name, whether it is slow there)
VERIFLOAT_OPERATIONS = (
    ("add", "e4m3", "E4M3", False),
    ("add", "binary16", "FP16", False),
    ("mul", "binary16", "FP16", False),
    ("div", "binary16", "FP16", False),
    ("fma", "binary16", "FP16", True),
    ("sqrt", "binary16", "FP16", True),
)
# (what, operand format, how products are added, multiply-accumulates a second at least)
PRODUCTS: tuple[tuple[str, str, str, float | None], ...] = (
    ("unit", "e4m3", "nvidia-hopper-wgmma-e4m3-f32", 2.5e9),
    ("unit", "e4m3", "nvidia-ada-mma-e4m3-f32", 2.5e9),
    ("unit", "e5m2", "nvidia-hopper-wgmma-e5m2-f16", 2.5e9),
    ("unit", "binary16", "nvidia-hopper-mma-f16-f32", 1e9),
    ("unit", "binary16", "nvidia-ampere-mma-f16-f16", 1e9),
    ("unit", "bfloat16", "nvidia-ampere-mma-bf16-f32", 1e9),
    ("unit", "binary16", "amd-cdna3-mfma-f16-f32", None),
    ("unit", "bfloat16", "intel-amx-tdpbf16ps", None),
    ("exact", "e4m3", "binary32", 0.3e9),
    ("exact", "binary16", "binary32", 0.3e9),
    ("exact", "bfloat16", "bfloat16", 0.3e9),
    ("exact", "posit16", "posit16", 0.3e9),
    ("sequential", "binary16", "binary32", 4e9),
    ("unfused", "binary32", "binary32", 4e9),
    ("sequential", "bfloat16", "bfloat16", 0.6e9),
    ("unfused", "bfloat16", "bfloat16", 0.6e9),
    ("sequential", "binary16", "binary16", 0.6e9),
    ("unfused", "binary16", "binary16", 0.6e9),
    ("unfused", "binary16", "binary32", 4e9),
    ("sequential", "e4m3", "posit16", None),
    ("integer", "int8", "int32", None),
)
SIDES = (256, 512)
STATEMENTS = {
    "nothing": "pass",
    "import numpy": "import numpy",
    "import numfmt": "import numfmt",
    "first call": "import numfmt as nf; nf.encode(1.0, 'e4m3')",
}


def operation_name(op: str, fmt: str, mode: str | None, flags: bool) -> str:
    """Return how a measured operation is named."""
    return f"{fmt} {op}{f', {mode}' if mode else ''}{' with flags' if flags else ''}"


def product_name(what: str, fmt: str, how: str) -> str:
    """Return how a measured product of matrices is named."""
    return how if what == "unit" else f"{fmt} products, {what} in {how}"


BARS = [
    *(
        Bar(Key("numfmt", product_name(what, fmt, how), 2, side**3), None, rate)
        for what, fmt, how, rate in PRODUCTS
        if rate
        for side in SIDES
    ),
    *(
        Bar(
            Key("numfmt", product_name("integer", "int8", "int32"), 2, side**3),
            Key("numpy", "int32 products", 2, side**3),
            1,
        )
        for side in SIDES
    ),
    Bar(
        Key("numfmt", product_name("unfused", "binary16", "binary32"), 2, 256**3),
        Key("verifloat", "binary16 products, sequential in binary32", 1, 256**3),
        1,
        exceed=True,
    ),
    *(
        Bar(
            Key("numfmt", f"float32 -> {fmt}"),
            Key("ml_dtypes", f"float32 -> {fmt}", values=MEDIUM),
            10,
        )
        for fmt in ("e4m3", "e2m1")
    ),
    *(
        Bar(Key("numfmt", f"float32 -> {fmt}", 2), Key(MEMORY_PASS, "float32 -> 8 bits", 2), 0.45)
        for fmt in ("e4m3", "e2m1")
    ),
    *(
        Bar(
            Key("numfmt", f"float64 -> {fmt}", values=values),
            Key("verifloat", f"float64 -> {fmt}", values=values),
            1,
            exceed=True,
        )
        for fmt in ("e4m3", "binary16")
        for values in (SMALL, LARGE)
    ),
    *(
        Bar(Key("numfmt", f"float64 -> {fmt}", 2), Key("numfmt", f"float64 -> {fmt}"), 1.8)
        for fmt in ("e4m3", "binary16")
    ),
    *(Bar(Key("numfmt", f"{fmt} -> {dtype}"), None, 500e6) for fmt, dtype in DECODED),
    *(
        Bar(Key("numfmt", f"{dtype} -> {fmt}"), None, rate)
        for fmt, rate, _ in FAMILIES
        if rate
        for dtype in ("float64", "float32")
    ),
    *(Bar(Key("numfmt", f"{fmt} -> float64"), None, rate) for fmt, _, rate in FAMILIES if rate),
    *(
        Bar(Key("numfmt", f"float64 -> {fmt}"), Key("softposit", f"float64 -> {fmt}", 1, FEW), 1)
        for fmt in ("posit16", "posit16_1")
    ),
    *(Bar(Key("numfmt", f"float32 -> e4m3, {how}"), None, 100e6) for how in map(", ".join, RANDOM)),
    *(Bar(Key("numfmt", f"float32 -> {fmt}"), None, 250e6) for fmt in BLOCKS),
    *(
        Bar(Key("numfmt", f"{fmt} -> {dtype}"), None, 400e6)
        for fmt in BLOCKS
        for dtype in ("float32", "float64")
    ),
    *(
        Bar(Key("numfmt", operation_name(op, fmt, mode, flags)), None, rate)
        for op, fmt, mode, flags, rate in ARITHMETIC
        if rate
    ),
    *(
        Bar(
            Key("numfmt", operation_name(op, fmt, mode, flags), 2),
            Key("numfmt", operation_name(op, fmt, mode, flags)),
            1.8,
        )
        for op, fmt, mode, flags, _ in ARITHMETIC[:7]
    ),
    # 4096 x 4096 in a tenth of a second
    Bar(Key("numfmt", "float32 -> mxfp4", 2), None, LARGE / 0.1),
    Bar(Key("numfmt", "pack 4 bits"), Key(MEMORY_PASS, "pack 4 bits"), 0.35),
    Bar(Key("numfmt", "unpack 4 bits"), Key(MEMORY_PASS, "pack 4 bits"), 0.45),
    *(
        Bar(Key("numfmt", f"vectors of {op} {fmt}", values=SMALL), None, rate)
        for op, fmt, rate in VECTORS
        if rate
    ),
    *(
        Bar(Key("numfmt", f"writing {kind} of add binary16", values=SMALL), None, rate)
        for kind, rate in VECTOR_FILES
        if rate
    ),
    Bar(
        Key("numfmt", "verifying hex of add binary16", values=SMALL),
        None,
        1e6,
    ),
]
START_BARS = [
    StartBar("import numfmt, beyond import numpy", "import numfmt", "import numpy", 0.05),
    StartBar("first cached call, beyond import numfmt", "first call", "import numfmt", 1),
    StartBar("first cached call, with import numfmt", "first call", "nothing", 1),
    StartBar("first cached call, whole process", "first call", None, 1),
]

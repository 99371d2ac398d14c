"""NVIDIA Tensor Cores, Volta to Blackwell: data only.

All float rows but f64 are one adder with other numbers: n products and c, cut toward zero to F
digits below the largest exponent, added exactly and converted once. FP8 on the mma.sync of Hopper
and of data-centre Blackwell is another instruction in disguise: two steps of the f16 adder from +0
and a late addition of c. Sparse instructions (mma.sp) are not listed: how their packed pairs fall
into blocks is not published.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from ..dialects import DIALECTS, ZeroSign
from .accumulators import Aligned, IntegerSum, ProductTable, Sequential
from .plans import Reordered
from .unit import Disputed, Evidence, Unit

_MMASIM: Final = "MMA-Sim 2.1.1 (arXiv 2511.10909)"
_TOOLBOX: Final = "MATLAB-tensor-core (Khattak and Mikaitis, arXiv 2512.07004)"
_HAWKEYE: Final = "Hawkeye (arXiv 2603.20421)"
_MMAEMU: Final = "mmaemu 0.1.0"
_PTX: Final = "PTX ISA, mma, wgmma and tcgen05.mma (recalled)"
_COMMON: Final = f"n, F, floor and conversion as in {_MMASIM}"
_BOTH: Final = f"{_COMMON} and {_TOOLBOX}"
_ALL: Final = f"{_BOTH}; n, F and floor also in {_HAWKEYE}"

DIALECT: Final = dataclasses.replace(
    DIALECTS["cuda"],
    name="nvidia_matrix",
    zero_sign=ZeroSign.PLUS,
    source=f"{_MMASIM}; zeros: {_MMAEMU}, outputs of an RTX 4060",
)

# Formats of PTX names.
_FLOATS: Final = {
    "f16": "binary16",
    "bf16": "bfloat16",
    "tf32": "tf32",
    "f32": "binary32",
}
_NARROW: Final = ("e4m3", "e5m2", "e3m2", "e2m3", "e2m1")
_SINGLE: Final = ("e4m3", "e5m2")
_MIXED: Final = ("e4m3e5m2", "e5m2e4m3")
_PAIRS: Final = {
    **{name: (fmt, fmt) for name, fmt in _FLOATS.items()},
    **{a if a == b else a + b: (a, b) for a, b in itertools.product(_NARROW, repeat=2)},
    "f16bf16": ("binary16", "bfloat16"),
    "bf16f16": ("bfloat16", "binary16"),
}
_EIGHT: Final = (*_SINGLE, *_MIXED)
_SIX: Final = tuple(n for n in _PAIRS if "e3m2" in n or "e2m3" in n)
_FOUR: Final = tuple(n for n in _PAIRS if "e2m1" in n and n not in _SIX)

# Least alignment exponent: for results in f32, in f16.
_FLOORS: Final = {
    "volta": (None, -19),
    "turing": (-132, -20),
    "ampere": (-132, -20),
    "ada": (-132, -20),
    "hopper": (-133, -21),
    "blackwell": (-133, -21),
    "rtxblackwell": (-133, -21),
}


class _Line(NamedTuple):
    """An instruction on some inputs, and the evidence for each output."""

    architecture: str
    instruction: str
    inputs: tuple[str, ...]
    k: int
    block: int
    fraction_bits: int
    evidence: dict[str, Evidence]
    source: str
    keep: int | None = None
    shape: str = ""
    like: str = ""  # the architecture whose floors hold, if another
    late: bool = False


_R, _E, _A = Evidence.RECORDED, Evidence.RECORDED_ELSEWHERE, Evidence.SOURCES_AGREE
_O, _D, _G = Evidence.ONE_SOURCE, Evidence.DOCUMENTED, Evidence.GUESS
_W: Final = ("bf16",)
_H: Final = ("f16",)
_T: Final = ("tf32",)

_A100 = f"{_ALL}; A100, A2 and A30 outputs recorded by the authors of {_TOOLBOX}"
_ADA = f"{_BOTH}; RTX 1000 and L40S outputs recorded by the authors of {_TOOLBOX}"
_ADA8 = (
    f"{_ADA}; 1e8 outputs of an RTX 4060 in {_MMAEMU}. The low 10 digits of f32 results are 0: a c "
    "alone comes back cut to 13 (SageAttention, issue 287)"
)
_H100 = f"{_ALL}; H100 and H200 outputs recorded by the authors of {_TOOLBOX}"
_QGMMA = (
    f"{_BOTH}; H100 outputs with c = 0 in {_TOOLBOX}, with c in {_MMAEMU} (445 products of cuBLAS "
    "matrices). The low 10 digits of f32 results are 0: a c alone comes back cut to 13 "
    "(SageAttention, issue 287); DeepSeek-V3, 3.5.2, counts 14 digits, the leading one among them"
)
_B200 = f"{_BOTH}; B200 outputs recorded by the authors of {_TOOLBOX}"
_REWRITE = (
    "compiled for sm_90 and sm_100 into two 16-product f16 steps (F=25) from +0 and an addition of "
    "c that rounds to nearest even; which k come first was found from the f16 results of H100, "
    f"H200 and B200 in {_TOOLBOX} (k mod 4 in {{0, 1}}, then {{2, 3}}; other splits tried reach 85 "
    "% at most)"
)
_RTX = f"{_BOTH} (its version 4); probes of an RTX 5070 Ti in {_MMAEMU} are consistent"
_SIM = f"{_COMMON} alone"
_SIM6 = f"{_SIM}, which has listed the 6-bit formats since this version"

_LINES: Final = (
    _Line("volta", "mma", _H, 4, 4, 23, {"f32": _R, "f16": _R}, f"{_BOTH}; V100"),
    _Line("turing", "mma", _H, 8, 8, 24, {"f32": _O, "f16": _O}, _SIM),
    _Line(
        *("turing", "mma", _H, 4, 4, 23, {"f32": _O, "f16": _O}, f"{_SIM}: Volta's shape as there"),
        shape="k4",
        like="volta",
    ),
    _Line("ampere", "mma", _H, 16, 8, 24, {"f32": _E, "f16": _E}, _A100),
    _Line("ampere", "mma", _W, 16, 8, 24, {"f32": _R}, _A100),
    _Line("ampere", "mma", _T, 8, 4, 24, {"f32": _E}, _A100),
    _Line("ada", "mma", _H, 16, 8, 24, {"f32": _E, "f16": _E}, _ADA),
    _Line("ada", "mma", _W, 16, 8, 24, {"f32": _E}, _ADA),
    _Line("ada", "mma", _T, 8, 4, 24, {"f32": _E}, _ADA),
    _Line("ada", "mma", ("e4m3",), 32, 16, 13, {"f32": _R, "f16": _R}, _ADA8, keep=13),
    _Line("ada", "mma", ("e5m2",), 32, 16, 13, {"f32": _E, "f16": _E}, _ADA8, keep=13),
    _Line("ada", "mma", _MIXED, 32, 16, 13, {"f32": _E, "f16": _O}, _ADA8, keep=13),
    _Line("hopper", "mma", _H, 16, 16, 25, {"f32": _R, "f16": _R}, _H100),
    _Line("hopper", "mma", _W, 16, 16, 25, {"f32": _E}, _H100),
    _Line("hopper", "mma", _H, 8, 8, 25, {"f32": _O, "f16": _O}, _SIM, shape="k8"),
    _Line("hopper", "mma", _W, 8, 8, 25, {"f32": _O}, _SIM, shape="k8"),
    _Line("hopper", "mma", _T, 8, 8, 25, {"f32": _A}, _ALL),
    _Line("hopper", "mma", _T, 4, 4, 25, {"f32": _E}, _H100, shape="k4"),
    _Line("hopper", "mma", _SINGLE, 32, 16, 25, {"f32": _A, "f16": _E}, _REWRITE, late=True),
    _Line("hopper", "mma", _MIXED, 32, 16, 25, {"f32": _G, "f16": _G}, _REWRITE, late=True),
    _Line("hopper", "wgmma", _H, 16, 16, 25, {"f32": _A, "f16": _A}, _ALL),
    _Line("hopper", "wgmma", _W, 16, 16, 25, {"f32": _A}, _ALL),
    _Line("hopper", "wgmma", _T, 8, 8, 25, {"f32": _A}, _ALL),
    _Line("hopper", "wgmma", _SINGLE, 32, 32, 13, {"f32": _E, "f16": _O}, _QGMMA, keep=13),
    _Line("hopper", "wgmma", _MIXED, 32, 32, 13, {"f32": _A, "f16": _O}, _QGMMA, keep=13),
    _Line("blackwell", "mma", _H, 16, 16, 25, {"f32": _E, "f16": _E}, _B200),
    _Line("blackwell", "mma", _W, 16, 16, 25, {"f32": _E}, _B200),
    _Line("blackwell", "mma", _H, 8, 8, 25, {"f32": _O, "f16": _O}, _SIM, shape="k8"),
    _Line("blackwell", "mma", _W, 8, 8, 25, {"f32": _O}, _SIM, shape="k8"),
    _Line("blackwell", "mma", _T, 8, 8, 25, {"f32": _O}, _SIM),
    _Line("blackwell", "mma", _T, 4, 4, 25, {"f32": _E}, _B200, shape="k4"),
    _Line("blackwell", "mma", _SINGLE, 32, 16, 25, {"f32": _E, "f16": _E}, _REWRITE, late=True),
    _Line("blackwell", "mma", _MIXED, 32, 16, 25, {"f32": _G, "f16": _G}, _REWRITE, late=True),
    _Line("blackwell", "tcgen05", _H, 16, 16, 25, {"f32": _O, "f16": _O}, _SIM),
    _Line("blackwell", "tcgen05", _W, 16, 16, 25, {"f32": _O}, _SIM),
    _Line(
        *("blackwell", "tcgen05", ("f16bf16", "bf16f16"), 16, 16, 25, {"f32": _G}),
        "as the rows of equal inputs; mixed ones are in no model read",
    ),
    _Line("blackwell", "tcgen05", _T, 8, 8, 25, {"f32": _O}, _SIM),
    _Line("blackwell", "tcgen05", (*_EIGHT, *_FOUR), 32, 32, 25, {"f32": _O, "f16": _O}, _SIM),
    _Line("blackwell", "tcgen05", _SIX, 32, 32, 25, {"f32": _O, "f16": _O}, _SIM6),
    _Line("rtxblackwell", "mma", _H, 16, 16, 25, {"f32": _A, "f16": _A}, _RTX),
    _Line("rtxblackwell", "mma", _W, 16, 16, 25, {"f32": _A}, _RTX),
    _Line("rtxblackwell", "mma", _H, 8, 8, 25, {"f32": _O, "f16": _O}, _SIM, shape="k8"),
    _Line("rtxblackwell", "mma", _W, 8, 8, 25, {"f32": _O}, _SIM, shape="k8"),
    _Line("rtxblackwell", "mma", _T, 8, 8, 25, {"f32": _A}, _RTX),
    _Line("rtxblackwell", "mma", _T, 4, 4, 25, {"f32": _O}, _SIM, shape="k4"),
    _Line("rtxblackwell", "mma", (*_EIGHT, *_FOUR), 32, 32, 25, {"f32": _A, "f16": _A}, _RTX),
    _Line("rtxblackwell", "mma", _EIGHT, 16, 16, 25, {"f32": _O, "f16": _O}, _SIM, shape="k16"),
    _Line("rtxblackwell", "mma", _SIX, 32, 32, 25, {"f32": _O, "f16": _O}, _SIM6),
)

# Of each 32 products of the rewritten FP8 instruction, those of the first step and of the second.
_SPLIT: Final = Reordered(
    order=(*(k for k in range(32) if k % 4 < 2), *(k for k in range(32) if k % 4 >= 2))
)

_ZERO_SIGN: Final = Disputed(
    field="dialect",
    choices=(DIALECT, DIALECTS["cuda"]),
    note=f"zero results are +0 in MMA-Sim and on mmaemu's RTX 4060; -0 after some underflows in "
    f"{_TOOLBOX}",
)
_ZEROS: Final = Disputed(
    field="zero_products",
    choices=("exclude", "exponent"),
    note="the toolbox, Hawkeye, mmaemu (on FP8 outputs) and MMA-Sim 2.1.1 leave products with a "
    "zero out of the largest exponent; earlier MMA-Sim counted them",
)


def _disputes(line: _Line, inputs: str, output: str, floor: int | None) -> Iterator[Disputed]:
    if output == "f32" and inputs in ("bf16", "tf32", "f16bf16", "bf16f16"):
        yield Disputed(
            field="floor",
            choices=(floor, -126),
            note="the toolbox, a search on hardware by Hawkeye and MMA-Sim 2.1.1 agree; earlier "
            "MMA-Sim stopped at -126",
        )
        yield _ZEROS
    if output == "f16" and inputs == "f16":
        yield Disputed(
            field="floor",
            choices=(floor, -15),
            note="the toolbox and MMA-Sim 2.1.1 agree; the toolbox had -15 before August 2026. "
            "Ties of subnormal results alone can tell",
        )
    if line.architecture == "turing" and not line.shape:
        yield Disputed(
            field="block",
            choices=(8, 4),
            note="4 in an early reading of the T4 (PeerJ CS 7:e330), before this shape; 8 in tests "
            "on hardware by MMA-Sim",
        )
    if line.late:
        if output == "f32":
            yield Disputed(
                field="plan",
                choices=(_SPLIT, None),
                note="the f32 results recorded do not tell which k come first; the order is that "
                "of the f16 results",
            )
        yield Disputed(
            field="block",
            choices=(16, 32),
            note="mmaemu's b200_mma_sync adds all 32 products in one step and says that over 100 "
            "models fit the f32 results; the toolbox's B200 model, c inside, does not",
        )
    yield _ZERO_SIGN


def _float_rows() -> Iterator[Unit]:
    """Yield the rows of `_LINES`."""
    for line in _LINES:
        for inputs, (output, evidence) in itertools.product(line.inputs, line.evidence.items()):
            half = output == "f16"
            floor = _FLOORS[line.like or line.architecture][half]
            parts = ("nvidia", line.architecture, line.instruction, inputs, output, line.shape)
            a, b = _PAIRS[inputs]
            yield Unit(
                name="-".join(filter(None, parts)),
                a=a,
                b=b,
                accumulator=Aligned(
                    output=_FLOATS[output],
                    block=line.block,
                    fraction_bits=line.fraction_bits,
                    floor=floor,
                    keep=None if half else line.keep,
                    rounding="nearest_even" if half else "toward_zero",
                    late_add="nearest_even" if line.late else None,
                    dialect=DIALECT,
                ),
                k=line.k,
                plan=_SPLIT if line.late else None,
                container="binary32" if inputs == "tf32" else None,
                evidence=evidence,
                disputed=tuple(_disputes(line, inputs, output, floor)),
                source=line.source,
            )


# Inputs, formats of a and b, of the scale, elements of a scale, products of a group, F, floor.
_MX: Final = tuple(
    (f"mx{name}", name, "e8m0", 32, 1, 25, -133) for name in (*_EIGHT, *_FOUR, *_SIX)
)
_FP4: Final = (
    ("mxf4", "e2m1", "e8m0", 32, 16, 35, -139),
    ("mxf4b16", "e2m1", "e8m0", 16, 16, 35, -139),
    ("nvf4", "e2m1", "e4m3", 16, 16, 35, -139),
)


def _scaled_rows() -> Iterator[Unit]:
    """Yield the block-scaled rows (kinds mxf8f6f4, mxf4 and mxf4nvf4)."""
    for architecture, instruction in (("blackwell", "tcgen05"), ("rtxblackwell", "mma")):
        for inputs, pair, scale, every, group, bits, floor in (*_MX, *_FP4):
            a, b = _PAIRS[pair]
            grouped = group > 1
            guessed = Disputed(
                field="floor",
                choices=(floor, -133),
                note="MMA-Sim 2.1.1; by analogy with the other rows it would be -133",
            )
            yield Unit(
                name=f"nvidia-{architecture}-{instruction}-{inputs}-f32",
                a=a,
                b=b,
                accumulator=Aligned(
                    output="binary32",
                    block=64 if grouped else 32,
                    fraction_bits=bits,
                    floor=floor,
                    group=group,
                    dialect=DIALECT,
                ),
                k=64 if grouped else 32,
                scale=scale,
                scale_block=every,
                evidence=_O,
                disputed=(*([guessed] if grouped else []), _ZERO_SIGN),
                source=(_SIM6 if pair in _SIX else _SIM)
                + ("; it ignores the sign of a ue4m3 scale" if scale == "e4m3" else ""),
            )


def _double_rows() -> Iterator[Unit]:
    """Yield the binary64 rows: chains of fused multiply-adds."""
    for architecture in ("ampere", "ada", "hopper", "blackwell", "rtxblackwell"):
        yield Unit(
            name=f"nvidia-{architecture}-mma-f64-f64",
            a="binary64",
            b="binary64",
            accumulator=Sequential(output="binary64", dialect="cuda"),
            k=16 if architecture == "hopper" else 4,
            evidence=_O,
            source=f"{_MMASIM}; rounding and subnormals also PeerJ CS 7:e330 (A100). NaN bits are "
            "modelled by nobody",
        )


# Architecture, instruction, k of the 8-bit shapes, k of the 4-bit ones; the largest shape first.
_INTEGERS: Final = (
    ("turing", "mma", (16,), (32,)),
    ("ampere", "mma", (32, 16), (64, 32)),
    ("ada", "mma", (32, 16), (64, 32)),
    ("hopper", "mma", (32, 16), (64, 32)),
    ("hopper", "wgmma", (32,), ()),
    ("blackwell", "mma", (32, 16), ()),
    ("blackwell", "tcgen05", (32,), ()),
    ("rtxblackwell", "mma", (32, 16), ()),
)
_CLAMP: Final = Disputed(
    field="block",
    choices=(None,),
    note="where the clamp sits is not documented: here on the exact sum of an instruction",
)


def _integer_rows() -> Iterator[Unit]:
    """Yield the 8- and 4-bit rows, wrapping and with .satfinite."""
    for architecture, instruction, *widths in _INTEGERS:
        for bits, shapes in zip((8, 4), widths, strict=True):
            for (a, b), k in itertools.product(itertools.product("su", repeat=2), shapes):
                inputs = f"{a}{bits}" if a == b else f"{a}{bits}{b}{bits}"
                stem = f"nvidia-{architecture}-{instruction}-{inputs}-s32"
                shape = "" if k == shapes[0] else f"-k{k}"
                for suffix, overflow in (("", "wrap"), ("-satfinite", "saturate")):
                    if shape and not suffix:
                        continue  # wrapped sums are the same in every shape
                    yield Unit(
                        name=f"{stem}{suffix}{shape}",
                        a=f"{'u' if a == 'u' else ''}int{bits}",
                        b=f"{'u' if b == 'u' else ''}int{bits}",
                        accumulator=IntegerSum(32, overflow=overflow),
                        k=k,
                        evidence=_D,
                        disputed=(_CLAMP,) if suffix else (),
                        source=_PTX,
                    )


# 1-bit operands: the product of two bits is their and; their exclusive or is a table.
_XOR: Final = ProductTable(format="uint1", codes=np.array([[0, 1], [1, 0]]))
_BITS: Final = (
    ("turing", "mma", 128, ("xor",)),
    ("ampere", "mma", 256, ("xor", "and")),
    ("ada", "mma", 256, ("xor", "and")),
    ("hopper", "mma", 256, ("xor", "and")),
    ("hopper", "wgmma", 256, ("and",)),
)


def _bit_rows() -> Iterator[Unit]:
    """Yield the 1-bit rows: counts of the ones of a xor b, or a and b, added to c."""
    for architecture, instruction, k, operations in _BITS:
        for operation in operations:
            product = _XOR if operation == "xor" else None
            yield Unit(
                name=f"nvidia-{architecture}-{instruction}-b1-s32-{operation}",
                a="uint1",
                b="uint1",
                accumulator=dataclasses.replace(IntegerSum(32), product=product),
                k=k,
                evidence=_D,
                source=f"{_PTX}: {operation}.popc",
            )


def units() -> Iterator[Unit]:
    """Yield every row."""
    yield from _float_rows()
    yield from _scaled_rows()
    yield from _double_rows()
    yield from _integer_rows()
    yield from _bit_rows()

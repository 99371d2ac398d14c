"""Dot products of x86: AVX-512 and AMX; data only.

Mnemonics name the inputs and the output. The tiles of AMX hold sixteen 32-bit lanes of a row, and k
counts their elements.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from ..dialects import DIALECTS
from .accumulators import Accumulator, Exact, IntegerSum, Sequential
from .plans import Lanes, Reordered
from .unit import Disputed, Evidence, Unit

_SDM: Final = "Intel SDM volume 2 and Instruction Set Extensions reference"
_BOCHS: Final = "Bochs"

# MXCSR counts for nothing: to nearest even, subnormals are zeros, no flags. Of NaNs the first of
# a_0, b_0, a_1, b_1, c is delivered: the rule of x86 in each fused multiply-add gives that order.
DIALECT: Final = dataclasses.replace(
    DIALECTS["x86"],
    name="x86_matrix",
    flush_inputs=True,
    flush_results=True,
    flag_bits=(),
    source=f"{_SDM}: DAZ and FTZ taken as 1; NaNs as recorded from VDPBF16PS",
)
_HALF: Final = dataclasses.replace(
    DIALECT,
    name="x86_matrix_half",
    flush_inputs=False,
    source=f"{_SDM}: binary16 subnormals honoured, binary32 results flushed",
)
_LANES: Final = Lanes(count=2, c="last")
_RECORDED: Final = "outputs recorded on a CPU of family 6, model 167, stepping 1"


def _unit(
    name: str,
    a: str,
    b: str,
    accumulator: Accumulator,
    k: int,
    evidence: Evidence,
    source: str,
    **more: Any,
) -> Unit:
    return Unit(
        name=f"intel-{name}",
        a=a,
        b=b,
        accumulator=accumulator,
        k=k,
        evidence=evidence,
        source=source,
        **more,
    )


def _float_rows() -> Iterator[Unit]:
    chain = Sequential(output="binary32", dialect=DIALECT)
    half = Sequential(output="binary32", dialect=_HALF)
    yield _unit(
        *("avx512-vdpbf16ps", "bfloat16", "bfloat16", chain, 2, Evidence.RECORDED),
        f"{_SDM}; {_RECORDED}, NaN payloads among them",
        plan=Reordered(order=(1, 0)),
    )
    yield _unit(
        *("amx-tdpbf16ps", "bfloat16", "bfloat16", chain, 32, Evidence.RECORDED),
        f"{_SDM}; {_BOCHS}; {_RECORDED}: a chain of even k and one of odd k from +0, added, then "
        "added to c. Of NaNs: c's, then those of even k before odd, of the last k before others",
        plan=_LANES,
        padded=False,
    )
    yield _unit(
        *("amx-tdpfp16ps", "binary16", "binary16", half, 32, Evidence.RECORDED),
        f"{_SDM}; {_RECORDED}: as TDPBF16PS, binary16 subnormals kept, a subnormal c a zero",
        plan=dataclasses.replace(_LANES, flush_inputs=True),
        padded=False,
    )
    yield _unit(
        *("avx512-vfmadd231ph", "binary16", "binary16"),
        *(Sequential(output="binary16", dialect="x86"), 1, Evidence.RECORDED),
        f"{_SDM}; {_RECORDED}: one rounding, here to nearest even; subnormals kept",
    )
    for part, how in (
        ("tcmmrlfp16ps", "real parts: give a as re, im and b as re, -im, in turn"),
        ("tcmmimfp16ps", "imaginary parts: give a as re, im and b as im, re, in turn"),
    ):
        yield _unit(
            *(f"amx-{part}", "binary16", "binary16", half, 32, Evidence.ONE_SOURCE),
            f"{_BOCHS}, AMX-COMPLEX, {how}",
            plan=_LANES,
        )
    yield _unit(
        *("amx-tmmultf32ps", "tf32", "tf32", half, 16, Evidence.GUESS),
        f"{_SDM}: subnormals honoured, results flushed, products accumulated to nearest even. "
        "Their order, and how binary32 operands become TF32 (here cut), were not read",
        container="binary32",
        disputed=(
            Disputed(
                field="accumulator",
                choices=(half,),
                note="the order of the additions in a row is not in the text read",
            ),
        ),
    )
    for name, a, b in (
        ("tdpbf8ps", "e5m2", "e5m2"),
        ("tdphf8ps", "e4m3", "e4m3"),
        ("tdpbhf8ps", "e5m2", "e4m3"),
        ("tdphbf8ps", "e4m3", "e5m2"),
    ):
        yield _unit(
            *(f"amx-{name}", a, b, Exact(output="binary32", late=True, dialect="x86"), 64),
            *(Evidence.DOCUMENTED, "pseudocode of compiler headers, AMX-FP8: exact over the row"),
            disputed=(
                Disputed(
                    field="flush_results",
                    choices=(None, True),
                    note="whether the results are flushed was not read",
                ),
            ),
        )


def _integer_rows() -> Iterator[Unit]:
    wrapping, clamping = IntegerSum(32), IntegerSum(32, overflow="saturate")
    recorded = f"{_SDM}; {_RECORDED}"
    for signs, a, b in (
        ("ss", "int8", "int8"),
        ("su", "int8", "uint8"),
        ("us", "uint8", "int8"),
        ("uu", "uint8", "uint8"),
    ):
        name = f"amx-tdpb{signs}d"
        yield _unit(name, a, b, wrapping, 64, Evidence.RECORDED, recorded, padded=False)
    for name, total in (("vpdpbusd", wrapping), ("vpdpbusds", clamping)):
        yield _unit(f"avx512-{name}", "uint8", "int8", total, 4, Evidence.RECORDED, recorded)
    for name, total in (("vpdpwssd", wrapping), ("vpdpwssds", clamping)):
        yield _unit(f"avx512-{name}", "int16", "int16", total, 2, Evidence.RECORDED, recorded)


def units() -> Iterator[Unit]:
    """Yield every row."""
    yield from _float_rows()
    yield from _integer_rows()

"""RISC-V, open hardware and the TPU: data only."""

from collections.abc import Iterator
from typing import Final

from .accumulators import Accumulator, Exact, Sequential
from .unit import Disputed, Evidence, Unit

_CVFPU: Final = "cvfpu and TransDot sources (ExSdotp): an exact sum of two products and c"
_GROUPS: Final = Disputed(
    field="block",
    choices=(4, 1, 2, 8, 16),
    note="how many products are added before a rounding is left to the implementation",
)

# Name, format of both operands, accumulator, k, evidence, source, disputed points.
_ROWS: Final[tuple[tuple[str, str, Accumulator, int, Evidence, str, tuple[Disputed, ...]], ...]] = (
    (
        "riscv-zvfbfwma-vfwmaccbf16",
        "bfloat16",
        Sequential(output="binary32", dialect="riscv"),
        1,
        Evidence.DOCUMENTED,
        "RISC-V BF16 extensions, Zvfbfwma: one fused multiply-add",
        (),
    ),
    *(
        (
            f"riscv-ime-mma-{name}-f32",
            fmt,
            Exact(output="binary32", block=4, late=True, dialect="riscv"),
            16,
            Evidence.DOCUMENTED,
            "RISC-V Integrated Matrix Extension, draft: groups of products are added in at least "
            "twice the precision, rounded once and added to c; k and the group of 4 are examples",
            (_GROUPS,),
        )
        for name, fmt in (("f16", "binary16"), ("bf16", "bfloat16"))
    ),
    *(
        (
            f"pulp-cvfpu-sdotp-{name}",
            fmt,
            Exact(output=output, block=2, dialect="riscv"),
            2,
            Evidence.ONE_SOURCE,
            _CVFPU,
            (),
        )
        for name, fmt, output in (
            ("f16-f32", "binary16", "binary32"),
            ("bf16-f32", "bfloat16", "binary32"),
            ("e5m2-f16", "e5m2", "binary16"),
            ("e5m2-bf16", "e5m2", "bfloat16"),
        )
    ),
    (
        "google-tpu-mxu-bf16-f32",
        "bfloat16",
        Sequential(output="binary32", flush_inputs=True, flush_results=True),
        128,
        Evidence.GUESS,
        "a systolic column of 128 fused steps to nearest even that flush subnormals; neither order "
        "nor rounding is public",
        (),
    ),
)


def units() -> Iterator[Unit]:
    """Yield every row."""
    for name, fmt, accumulator, k, evidence, source, disputed in _ROWS:
        yield Unit(
            name=name,
            a=fmt,
            b=fmt,
            accumulator=accumulator,
            k=k,
            evidence=evidence,
            source=source,
            disputed=disputed,
        )

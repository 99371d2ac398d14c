"""AMD Matrix Cores, CDNA1 to CDNA4: data only.

CDNA1 adds exactly, CDNA2 in a tree of flushed binary32 additions, CDNA3 cuts products to a grid and
rounds downward where c joins. RDNA's WMMA has been studied by nobody found. Nobody models the bits
of NaNs either.
"""

import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

from .accumulators import Accumulator, Aligned, Exact, IntegerSum, Pairwise, Sequential
from .unit import Disputed, Evidence, Unit

_MMASIM: Final = "MMA-Sim 2.1.1 (arXiv 2511.10909)"
_TOOLBOX: Final = "MATLAB-tensor-core (CDNA1.m, CDNA2.m; CDNA3.m and MI300MC.m in its history)"
_BOTH: Final = f"{_MMASIM} and {_TOOLBOX}"

_FORMATS: Final = {
    "f16": "binary16",
    "bf16": "bfloat16",
    "f32": "binary32",
    "f64": "binary64",
    "xf32": "tf32",
}
# What fp8 and bf8 mean: FNUZ on CDNA3, OCP on CDNA4.
_FNUZ: Final = {"fp8": "e4m3_fnuz", "bf8": "e5m2_fnuz"}
_OCP: Final = {"fp8": "e4m3", "bf8": "e5m2"}


class _Known(NamedTuple):
    """What is known of a row."""

    evidence: Evidence
    source: str
    disputed: tuple[Disputed, ...] = ()


def _unit(name: str, a: str, b: str, accumulator: Accumulator, k: int, known: _Known) -> Unit:
    return Unit(
        name=f"amd-{name}",
        a=a,
        b=b,
        accumulator=accumulator,
        k=k,
        container="binary32" if a == "tf32" else None,
        evidence=known.evidence,
        source=known.source,
        disputed=known.disputed,
    )


def _chain_rows() -> Iterator[Unit]:
    """Yield the binary32 and binary64 rows: chains of fused multiply-adds, subnormals kept."""
    for architecture, inputs in (
        ("cdna1", ("f32",)),
        ("cdna2", ("f32", "f64")),
        ("cdna3", ("f32", "f64")),
    ):
        for name in inputs:
            fmt = _FORMATS[name]
            chain = Sequential(output=fmt)
            label = f"{architecture}-mfma-{name}-{name}"
            yield _unit(label, fmt, fmt, chain, 4, _Known(Evidence.ONE_SOURCE, _MMASIM))


def _exact_rows() -> Iterator[Unit]:
    """Yield the 16-bit rows of CDNA1."""
    for name, block, k in (("f16", 4, 16), ("bf16", 2, 8)):
        exact = Exact(output="binary32", block=block)
        tree = Disputed(
            field="accumulator",
            choices=(exact, Pairwise(output="binary32", block=block, product="binary32")),
            note="an exact sum in both sources; earlier MMA-Sim had a tree of "
            "binary32 additions. The cancellation test of FTTN (arXiv 2403.00232) gives 255.875 on "
            "MI100 and 0 on MI250X, which speaks for the exact sum",
        )
        label = f"cdna1-mfma-{name}-f32"
        known = _Known(Evidence.SOURCES_AGREE, _BOTH, (tree,))
        yield _unit(label, _FORMATS[name], _FORMATS[name], exact, k, known)


_FLUSH: Final = (
    f"{_BOTH}; flushing: MIOpen documentation, MI200. MMA-Sim drops the sign of a flushed operand, "
    "here it is kept: the sign of a zero result alone can tell"
)


def _tree_rows() -> Iterator[Unit]:
    """Yield the 16-bit rows of CDNA2; `1k` is the second generation of its bf16 instructions."""
    for name, suffix, block, k in (("f16", "", 4, 16), ("bf16", "", 2, 8), ("bf16", "-1k", 4, 16)):
        tree = Pairwise(
            output="binary32",
            block=block,
            product="binary32",
            flush_inputs=True,
            flush_results=True,
        )
        label = f"cdna2-mfma-{name}-f32{suffix}"
        known = _Known(Evidence.SOURCES_AGREE, _FLUSH)
        yield _unit(label, _FORMATS[name], _FORMATS[name], tree, k, known)


def _downward(block: int, *, eight_bits: bool = False) -> Aligned:
    """Return the adder of CDNA3."""
    return Aligned(
        output="binary32",
        block=block,
        fraction_bits=24,
        c="after",
        halves=2 if eight_bits else 1,
        sum_bits=31,
        c_bits=24,
        drop=25 if eight_bits else None,
        late_cut="toward_negative",
        rounding="nearest_even",
        range="clipped",
    )


_DISPUTED: Final = (
    Disputed(
        field="sum_bits",
        choices=(31, 32),
        note="31 in earlier MMA-Sim; 2.1.1 cuts the products' sum to 32 digits and "
        "the total, downward, to 31 digits below its own exponent before it rounds. No field "
        "expresses the second cut; ties alone can tell",
    ),
    Disputed(
        field="zero_products",
        choices=("exclude", "exponent"),
        note="MMA-Sim 2.1.1 leaves products with a zero out of the largest exponent; earlier "
        "ones counted them",
    ),
    Disputed(
        field="infinite_c",
        choices=("nan", "wins"),
        note="an infinite c against a product beyond binary32 of the other sign: NaN in MMA-Sim "
        "2.1.1, c in earlier ones",
    ),
)


def _downward_rows() -> Iterator[Unit]:
    """Yield the rows of CDNA3, and those that CDNA4 may have."""
    agreed = _Known(Evidence.SOURCES_AGREE, _BOTH, _DISPUTED)
    alone = _Known(Evidence.ONE_SOURCE, _MMASIM, _DISPUTED)
    guess = _Known(
        Evidence.GUESS,
        "nothing bit-exact is published: CDNA3's adder with twice the products",
    )
    for name in ("f16", "bf16"):
        fmt = _FORMATS[name]
        yield _unit(f"cdna3-mfma-{name}-f32", fmt, fmt, _downward(8), 16, agreed)
        yield _unit(f"cdna3-mfma-{name}-f32-k4", fmt, fmt, _downward(4), 4, alone)
        yield _unit(f"cdna4-mfma-{name}-f32", fmt, fmt, _downward(16), 32, guess)
    yield _unit("cdna3-mfma-xf32-f32", "tf32", "tf32", _downward(4), 8, agreed)
    for architecture, formats, block, known in (
        ("cdna3", _FNUZ, 16, agreed),
        ("cdna4", _OCP, 32, guess),
    ):
        for a, b in itertools.product(("fp8", "bf8"), repeat=2):
            label = f"{architecture}-mfma-{a if a == b else a + b}-f32"
            adder = _downward(block, eight_bits=True)
            yield _unit(label, formats[a], formats[b], adder, 32, known)


def units() -> Iterator[Unit]:
    """Yield every row."""
    yield from _chain_rows()
    yield from _exact_rows()
    yield from _tree_rows()
    yield from _downward_rows()
    known = _Known(Evidence.GUESS, "exact sums that wrap, by analogy; no clamp is assumed")
    yield _unit("cdna3-mfma-i8-i32", "int8", "int8", IntegerSum(32), 32, known)

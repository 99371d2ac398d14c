"""Recorded outputs of real matrix units, and the changed parameters that they can tell."""

import dataclasses
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import numfmt as nf

HERE = Path(__file__).parents[1] / "reference_vectors" / "hardware"


class Recording(NamedTuple):
    """Operands and outputs of one unit, a dot product a row."""

    unit: str
    a: Any
    b: Any
    c: Any
    d: Any


NVIDIA = (
    ("nvidia-volta-mma-f16-f32", "hw_nv_v100_fp16", "32"),
    ("nvidia-volta-mma-f16-f16", "hw_nv_v100_fp16", "16"),
    ("nvidia-ampere-mma-bf16-f32", "hw_nv_a100_bf16", "32"),
    ("nvidia-ada-mma-e4m3-f32", "hw_nv_ada_e4m3", "32"),
    ("nvidia-ada-mma-e4m3-f16", "hw_nv_ada_e4m3", "16"),
    ("nvidia-hopper-mma-f16-f32", "hw_nv_h100_fp16", "32"),
    ("nvidia-hopper-mma-f16-f16", "hw_nv_h100_fp16", "16"),
)


@functools.cache
def shared(folder: Path, unit: str, file: str, width: str) -> Recording:
    """Return a recording of the folder of shared data."""
    with np.load(folder / "hardware" / f"{file}.npz") as found:
        return Recording(unit, *(found[key] for key in ("A", "B", f"C{width}", f"D{width}")))


def agreeing(recording: Recording, unit: nf.Unit) -> int:
    """Return how many recorded outputs a unit reproduces."""
    got = nf.dot(recording.a, recording.b, recording.c, unit=unit)
    return int(np.count_nonzero(got == recording.d))


def changed(unit: nf.Unit) -> Iterator[tuple[str, nf.Unit]]:
    """Yield a unit of aligned sums with one parameter changed, and what was changed."""
    rule = unit.accumulator
    assert isinstance(rule, nf.Aligned)
    t = rule.output.precision - 1
    keep = t if rule.keep is None else rule.keep
    yield (
        f"fraction_bits {rule.fraction_bits - 1}",
        unit.changed(fraction_bits=rule.fraction_bits - 1),
    )
    yield (
        f"fraction_bits {rule.fraction_bits + 1}",
        unit.changed(fraction_bits=rule.fraction_bits + 1),
    )
    for block in (rule.block // 2, rule.block * 2):
        wider = dataclasses.replace(unit, k=max(unit.k, block)).changed(block=block)
        yield f"block {block}", wider
    for mode in ("toward_negative", "nearest_even"):
        yield f"cut {mode}", unit.changed(cut=mode)
    if rule.floor is not None:
        yield "no floor", unit.changed(floor=None)
        yield "floor -126", unit.changed(floor=-126)
    other = "nearest_even" if rule.rounding is nf.Rounding.TOWARD_ZERO else "toward_zero"
    yield f"rounding {other}", unit.changed(rounding=other)
    if keep < t:
        yield f"keep {keep + 1}", unit.changed(keep=keep + 1)
    yield f"keep {keep - 1}", unit.changed(keep=keep - 1)
    yield "normalized products", unit.changed(normalized=True)
    yield "zero products count", unit.changed(zero_products="exponent")
    yield "c after the sum", unit.changed(c="after")


def rejected(recording: Recording) -> tuple[str, ...]:
    """Return the changes that fail to reproduce some recorded output."""
    total = recording.d.size
    return tuple(
        name
        for name, variant in changed(nf.unit(recording.unit))
        if agreeing(recording, variant) < total
    )


def meta(path: Path) -> Any:
    """Return the description inside a recording."""
    with np.load(path) as found:
        return json.loads(bytes(found["meta"]))

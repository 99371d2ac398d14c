"""Recorded outputs of a real x86 CPU against rules of arithmetic, bit for bit.

The `test_live_` tests run the instructions of the CPU at hand; they skip where it has none.
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import capture_x86
import numpy as np
import pytest
from x86_rules import ROUND, Rule, dot, integer_dot, rounded_once
from x86_stimuli import BF16, NAMED, Instruction, stimuli

from numfmt import exact

SET: Final = Path(__file__).parents[2] / "reference_vectors" / "hardware"
Codes = tuple[np.ndarray, np.ndarray, np.ndarray]

FLUSH: Final = dict.fromkeys(("flush_elements", "flush_c", "flush_sums", "flush_result"), True)
TILE: Final = Rule(chains=2, c="last", **FLUSH)
RULES: Final = {
    "vdpbf16ps": Rule(descending=True, **FLUSH),
    "tdpbf16ps": TILE,
    "tdpfp16ps": dataclasses.replace(TILE, flush_elements=False),
    "vfmadd132ph": Rule(),
    "vfmadd213ph": Rule(nan="bac"),  # the first multiplicand is the second operand
    "vfmadd231ph": Rule(),
}
SATURATES: Final = ("vpdpbusds", "vpdpwssds")

# What is changed in a rule to see whether the recordings would notice.
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "other order of k": {"descending": "not"},
    "one chain": {"chains": 1},
    "one chain, largest k first": {"chains": 1, "descending": True},
    "two chains": {"chains": 2},
    "four chains": {"chains": 4},
    "chains of first and second half": {"halves": True},
    "C first": {"c": "first"},
    "C last": {"c": "last"},
    "C + even, + odd": {"c": "one by one"},
    "VDPBF16PS after VDPBF16PS": {"chains": 1, "swapped": True, "c": "first"},
    "the same with C last": {"chains": 1, "swapped": True},
    "products rounded": {"fused": False},
    "A and B flushed": {"flush_elements": True},
    "A and B not flushed": {"flush_elements": False},
    "C flushed": {"flush_c": True},
    "C not flushed": {"flush_c": False},
    "sums inside not flushed": {"flush_sums": False},
    "result flushed": {"flush_result": True},
    "result not flushed": {"flush_result": False},
    "tiny before rounding": {"tininess": "before"},
    "NaN of a step: b, a, c": {"nan": "bac"},
    "NaN of a step: a, b, c": {"nan": "abc"},
    "NaN of a step: c, a, b": {"nan": "cab"},
    "NaN of even + odd: odd": {"nan_sums": "oe"},
    "NaN of C + sum: sum": {"nan_last": "sc"},
    "invalid NaN positive": {"nan_sign": 0},
    "chains start with a product": {"start": -0.0},
    "short rows padded with zeros": {"padded": 32},
    "toward zero": {"rounding": "toward_zero"},
}
COMMON: Final = ("products rounded", "NaN of a step: c, a, b", "invalid NaN positive")
KEPT: Final = (
    "A and B not flushed",
    "C not flushed",
    "sums inside not flushed",
    "result not flushed",
    "tiny before rounding",
    "toward zero",
)
TILE_CHANGES: Final = (
    "other order of k",
    "one chain",
    "one chain, largest k first",
    "four chains",
    "chains of first and second half",
    "VDPBF16PS after VDPBF16PS",
    "the same with C last",
    "C first",
    "C + even, + odd",
    "NaN of a step: b, a, c",
    "NaN of even + odd: odd",
    "NaN of C + sum: sum",
    "chains start with a product",
    "short rows padded with zeros",
    *COMMON,
    *KEPT,
)
VECTOR_CHANGES: Final = (
    "other order of k",
    "two chains",
    "C last",
    "NaN of a step: b, a, c",
    *COMMON,
    *KEPT,
)
FMA_CHANGES: Final = ("A and B flushed", "C flushed", "result flushed", *COMMON)
CHANGES_OF: Final = {
    "vdpbf16ps": VECTOR_CHANGES,
    "tdpbf16ps": TILE_CHANGES,
    "tdpfp16ps": tuple("A and B flushed" if x == KEPT[0] else x for x in TILE_CHANGES),
    "vfmadd132ph": ("NaN of a step: b, a, c", *FMA_CHANGES),
    "vfmadd213ph": ("NaN of a step: a, b, c", *FMA_CHANGES),
    "vfmadd231ph": ("NaN of a step: b, a, c", *FMA_CHANGES),
}
INTEGER_RULES: Final = {
    "wraps": "wrap",
    "saturates once": "saturate",
    "saturates after every product": "each",
    "saturates the products, then C": "products",
    "saturates pairs to 16 bits": "pairs",
}
# Changes that no operands can show. Products of binary16 are normal in binary32 and exact, their
# sums are 0 or at least 2**-48, and no chain from +0 comes to -0. Four products of u8 and s8
# stay within 18 bits.
UNSEEN: Final = {
    "tdpfp16ps": {
        "short rows padded with zeros",
        "products rounded",
        "sums inside not flushed",
        "result not flushed",
        "tiny before rounding",
    },
    "vpdpbusds": {"saturates the products, then C"},
}


@functools.cache
def manifest() -> dict[str, Any]:
    if not SET.is_dir():
        pytest.skip("reference_vectors/hardware is not part of this distribution")
    return json.loads((SET / "x86_manifest.json").read_text())


def recordings(name: str) -> Iterator[tuple[str, Codes, dict[str, np.ndarray]]]:
    """Yield K and class, the operands, and the outputs by rounding mode."""
    assert manifest()
    with np.load(SET / f"x86_{name}.npz") as file:
        arrays = dict(file)
    for key in sorted(arrays):
        if key.endswith("_C"):
            start = key.removesuffix("C")
            outputs = {"nearest_even": arrays[start + "D"]}
            for mode in set(ROUND) - {"nearest_even"}:
                if f"{start}D_{mode}" in arrays:
                    outputs[mode] = arrays[f"{start}D_{mode}"]
            yield start[:-1], (arrays[start + "A"], arrays[start + "B"], arrays[key]), outputs


def compute(instruction: Instruction, codes: Codes, mode: str = "nearest_even") -> np.ndarray:
    if not instruction.element:
        return integer_dot(codes, "saturate" if instruction.name in SATURATES else "wrap")
    return dot(instruction, codes, dataclasses.replace(RULES[instruction.name], rounding=mode))


@pytest.mark.parametrize("name", NAMED)
def test_every_recorded_row_follows_the_rule(name: str) -> None:
    for key, codes, outputs in recordings(name):
        for mode, d in outputs.items():
            ours = compute(NAMED[name], codes, mode)
            assert ours.dtype == d.dtype
            wrong = np.flatnonzero(ours != d)
            assert not len(wrong), (key, mode, len(wrong), [x[wrong[0]] for x in codes])


def witness(instruction: Instruction, a: list[int], b: list[int], c: int) -> int:
    """Return D from one exact rational operation after the other."""
    x = "bfloat16" if instruction.element is BF16 else "binary16"
    if instruction.name.startswith("vfmadd"):
        first, second = (a, b) if instruction.name != "vfmadd213ph" else (b, a)
        return exact.fma(first[0], second[0], c, x, dialect="x86")[0]

    def step(k: int, total: int) -> int:
        options = {"flush_inputs": x == "bfloat16", "flush_results": True, "dialect": "x86"}
        formats = (x, x, "binary32")
        return exact.fma(a[k], b[k], total, formats, result="binary32", **options)[0]

    def plus(one: int, other: int) -> int:
        options = {"flush_inputs": True, "flush_results": True, "dialect": "x86"}
        return exact.add(one, other, "binary32", **options)[0]

    if instruction.name == "vdpbf16ps":
        return step(0, step(1, c))
    chains = [0, 0]
    for k in range(len(a)):
        chains[k % 2] = step(k, chains[k % 2])
    return plus(c, plus(*chains))


@pytest.mark.parametrize("name", RULES)
def test_exact_rational_steps_give_the_recorded_bits(name: str) -> None:
    every = {"tdpbf16ps": 29, "tdpfp16ps": 29}.get(name, 13)
    for key, codes, outputs in recordings(name):
        for row in range(0, len(codes[2]), every):
            a, b, c = (x[row].tolist() for x in codes)
            ours = witness(NAMED[name], a, b, c)
            assert ours == outputs["nearest_even"][row], (key, row, a, b, c)


def rejections(name: str) -> Iterator[tuple[str, int]]:
    """Yield the changed rules of an instruction and how many recorded rows each fails."""
    instruction = NAMED[name]
    rows = [(codes, outputs["nearest_even"]) for _, codes, outputs in recordings(name)]

    def count(rule: Any) -> int:
        return sum(int((rule(codes) != d).sum()) for codes, d in rows)

    if not instruction.element:
        holds = "saturate" if name in SATURATES else "wrap"
        for label, how in INTEGER_RULES.items():
            if how != holds:
                yield label, count(functools.partial(integer_dot, how=how))
        for side in (0, 1):
            yield (
                f"{'AB'[side]} of the other signedness",
                count(lambda codes, side=side: integer_dot(resign(codes, side), holds)),
            )
        return
    rule = RULES[name]
    for label in CHANGES_OF[name]:
        change = dict(CHANGES[label])
        if change.get("descending") == "not":
            change["descending"] = not rule.descending
        other = dataclasses.replace(rule, **change)
        yield label, count(lambda codes, other=other: dot(instruction, codes, other))
    if not name.startswith("vfmadd"):
        finite = [
            (rounded_once(instruction, codes, rule), d, usable(instruction, codes))
            for codes, d in rows
        ]
        yield "exact sum rounded once", sum(int((x != d)[use].sum()) for x, d, use in finite)


def usable(instruction: Instruction, codes: Codes) -> np.ndarray:
    """Return which rows have finite operands alone."""
    formats = (instruction.element, instruction.element, instruction.result)
    values = (fmt.decode(x) for fmt, x in zip(formats, codes, strict=True) if fmt)
    a, b, c = (np.isfinite(x) for x in values)
    return a.all(axis=1) & b.all(axis=1) & c


@pytest.mark.parametrize("name", NAMED)
def test_recordings_reject_every_changed_rule_that_can_be_seen(name: str) -> None:
    unseen = {line.split(" | ")[1] for line in table(name) if " | 0 of " in line}
    assert unseen == UNSEEN.get(name, set())


def resign(codes: Codes, side: int) -> Codes:
    """Return the codes with A or B read as unsigned if it is signed, and the other way round."""
    other = {"i": "u", "u": "i"}[codes[side].dtype.kind]
    changed = codes[side].view(f"{other}{codes[side].itemsize}")
    return (changed, codes[1], codes[2]) if side == 0 else (codes[0], changed, codes[2])


@functools.cache
def table(name: str) -> list[str]:
    rows = manifest()["files"][f"x86_{name}.npz"]["rows"]
    return [f"| {name} | {label} | {count} of {rows} |" for label, count in rejections(name)]


@pytest.mark.parametrize("name", NAMED)
def test_readme_counts_the_rows_that_reject_a_changed_rule(name: str) -> None:
    lines = (SET / "README.md").read_text().splitlines()
    assert table(name) == [line for line in lines if line.startswith(f"| {name} | ")]


def test_manifest_describes_the_files() -> None:
    files = manifest()["files"]
    assert sorted(files) == sorted(path.name for path in SET.glob("x86_*.npz"))
    for name, entry in files.items():
        content = (SET / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            entry["bytes"],
            entry["sha256"],
        )
        with np.load(SET / name) as file:
            assert capture_x86.digest(dict(file)) == entry["arrays_sha256"]


def live(instruction: Instruction, operands: Codes, csr: int = 0x1F80) -> tuple[np.ndarray, int]:
    try:
        d, left = capture_x86.run(instruction, operands, csr)
    except capture_x86.Unavailable as reason:
        pytest.skip(str(reason))
    return d.ravel(), left


@pytest.mark.parametrize("name", NAMED)
def test_live_instruction_gives_the_recorded_bits_under_every_mxcsr(name: str) -> None:
    instruction = NAMED[name]
    for key, codes, outputs in recordings(name):
        found = dict(zip("ABC", codes, strict=True))
        operands = capture_x86.tiles(instruction, found)
        if set(outputs) == {"nearest_even"}:  # MXCSR is ignored: no trap with nothing masked
            assert (live(instruction, operands, 0)[0] == outputs["nearest_even"]).all()
        for mode, csr in capture_x86.ROUNDING.items():
            for flush in (0, capture_x86.DAZ | capture_x86.FTZ):
                d, left = live(instruction, operands, csr | flush)
                assert (d == outputs.get(mode, outputs["nearest_even"])).all(), (key, mode, flush)
                if set(outputs) == {"nearest_even"}:
                    assert left == csr | flush, key  # no flag was raised


@pytest.mark.parametrize("name", NAMED)
def test_live_instruction_follows_the_rule_on_new_operands(name: str) -> None:
    instruction = NAMED[name]
    for k in instruction.sizes:
        for which, operands in stimuli(instruction, k, seed=1):
            rows = capture_x86.rows(operands)
            d, _ = live(instruction, operands)
            assert (compute(instruction, (rows["A"], rows["B"], rows["C"])) == d).all(), (k, which)

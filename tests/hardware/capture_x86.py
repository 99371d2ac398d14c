"""Record what the dot-product instructions of this x86 CPU compute.

``python tests/hardware/capture_x86.py OUT_FOLDER`` compiles ``x86/matrix.c``, runs every
instruction that the CPU has on the operands of ``x86_stimuli`` and writes one
``x86_<instruction>.npz`` each and ``x86_manifest.json``.
"""

import atexit
import functools
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from x86_stimuli import BF16, F16, F32, INSTRUCTIONS, Instruction, Operands, stimuli

SOURCE: Final = Path(__file__).parent / "x86" / "matrix.c"
# MXCSR: rounding, with nothing flushed and all exceptions masked. Vectors of binary16 obey it.
ROUNDING: Final = {
    "nearest_even": 0x1F80,
    "toward_negative": 0x3F80,
    "toward_positive": 0x5F80,
    "toward_zero": 0x7F80,
}
DAZ, FTZ = 0x0040, 0x8000
REFUSED: Final = 3  # exit status of the C program: no permission for tiles
FEATURES: Final = {
    "vdpbf16ps": "avx512_bf16",
    "tdpbf16ps": "amx_bf16",
    "tdpfp16ps": "amx_fp16",
    **dict.fromkeys(("tdpbssd", "tdpbsud", "tdpbusd", "tdpbuud"), "amx_int8"),
    **dict.fromkeys(("vpdpbusd", "vpdpbusds", "vpdpwssd", "vpdpwssds"), "avx512_vnni"),
    **dict.fromkeys(("vfmadd132ph", "vfmadd213ph", "vfmadd231ph"), "avx512_fp16"),
}


class Unavailable(Exception):
    """The compiler, the permission or the instruction is not there; the text says which."""


@functools.cache
def program() -> Path:
    """Compile the C program once a process and return it."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    binary = Path(folder.name) / "matrix"
    try:
        command = ["gcc", "-O1", "-Wall", "-Wextra", "-o", str(binary), str(SOURCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as problem:
        raise Unavailable("gcc is not there") from problem
    if done.returncode:
        raise Unavailable(f"gcc does not compile {SOURCE.name}: {done.stderr[:200]}")
    return binary


@functools.cache
def cpu() -> dict[str, str]:
    """Return names, family, model, stepping, features as "0" or "1", and Linux's microcode."""
    lines = subprocess.run([program(), "cpuid"], capture_output=True, text=True, check=True).stdout
    facts = {
        name: text.strip("\0 ") for name, text in (x.split(" ", 1) for x in lines.splitlines())
    }
    listing = Path("/proc/cpuinfo")
    for line in listing.read_text().splitlines() if listing.exists() else []:
        if line.startswith("microcode"):
            facts["microcode"] = line.split(":")[1].strip()
    return facts


def run(
    instruction: Instruction, operands: Operands, mxcsr: int = 0x1F80
) -> tuple[np.ndarray, int]:
    """Return D[T, I, J] of the real instruction and the MXCSR that it left behind."""
    a, b, c = (
        np.ascontiguousarray(x, t) for x, t in zip(operands, instruction.dtypes, strict=True)
    )
    count = str(a.shape[0])
    command = [str(program()), instruction.name, f"{mxcsr:x}", str(a.shape[-1]), count]
    data = a.tobytes() + b.tobytes() + c.tobytes()
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode == -signal.SIGILL:
        raise Unavailable(f"this CPU has no {instruction.name}")
    if done.returncode == REFUSED:
        raise Unavailable("Linux refuses permission for AMX tile data")
    if done.returncode:
        raise RuntimeError(f"{command[1:]}: {done.returncode}, {done.stderr.decode()}")
    return np.frombuffer(done.stdout, c.dtype).reshape(c.shape), int(done.stderr, 16)


def modes(instruction: Instruction) -> dict[str, int]:
    """Return the roundings whose outputs are recorded: all four where MXCSR is obeyed."""
    obeys = instruction.name.startswith("vfmadd")
    return {name: csr for name, csr in ROUNDING.items() if obeys or name == "nearest_even"}


def rows(operands: Operands) -> dict[str, np.ndarray]:
    """Return A[N, K], B[N, K] and C[N] of A[T, I, K], B[T, J, K] and C[T, I, J]."""
    a, b, c = operands
    shape = (*c.shape, a.shape[-1])
    wide = np.broadcast_to(a[:, :, None], shape), np.broadcast_to(b[:, None], shape)
    return {
        "A": wide[0].reshape(-1, shape[-1]),
        "B": wide[1].reshape(-1, shape[-1]),
        "C": c.ravel(),
    }


def tiles(instruction: Instruction, found: dict[str, np.ndarray]) -> Operands:
    """Return A[T, I, K], B[T, J, K] and C[T, I, J] of A[N, K], B[N, K] and C[N]."""
    side = 16 if instruction.tile else 1
    shape = (-1, side, side, found["A"].shape[1])
    a, b = found["A"].reshape(shape)[:, :, 0], found["B"].reshape(shape)[:, 0]
    return a, b, found["C"].reshape(shape[:3])


def capture(instruction: Instruction) -> dict[str, np.ndarray]:
    """Return the arrays of one instruction: operands and outputs of every K and class."""
    arrays: dict[str, np.ndarray] = {}
    for k in instruction.sizes:
        for name, operands in stimuli(instruction, k):
            found = rows(operands)
            for mode, csr in modes(instruction).items():
                output = "D" if mode == "nearest_even" else f"D_{mode}"
                found[output] = run(instruction, operands, csr)[0].ravel()
            arrays |= {f"k{k}_{name}_{key}": value for key, value in found.items()}
    return arrays


def digest(arrays: dict[str, np.ndarray]) -> str:
    """Return the SHA-256 of names, types, shapes and bytes, whatever compressed them."""
    hashed = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        hashed.update(f"{name} {little.dtype.str} {little.shape}\n".encode() + little.tobytes())
    return hashed.hexdigest()


def describe(instruction: Instruction, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the manifest's entry of one instruction."""
    of_a, of_b, of_c = instruction.dtypes
    entry: dict[str, Any] = {"a": of_a.name, "b": of_b.name, "c": of_c.name}
    if instruction.element and instruction.result:
        names = {BF16: "bfloat16", F16: "binary16", F32: "binary32"}
        entry = dict.fromkeys(("a", "b"), names[instruction.element])
        entry["c"] = names[instruction.result]
    feature = FEATURES[instruction.name]
    return entry | {
        "arrays_sha256": digest(arrays),
        "cpuid": {feature: cpu()[feature] == "1"},
        "d": entry["c"],
        "instruction": instruction.name.upper(),
        "k": list(instruction.sizes),
        "outputs": ["D" if mode == "nearest_even" else f"D_{mode}" for mode in modes(instruction)],
        "rows": sum(len(array) for name, array in arrays.items() if name.endswith("_C")),
    }


def main(folder: Path) -> int:
    """Write the set of recordings of this CPU and say what it does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        program()
    except Unavailable as reason:
        print(reason)
        return 1
    files = {}
    for instruction in INSTRUCTIONS:
        try:
            arrays = capture(instruction)
        except Unavailable as reason:
            print(f"{instruction.name}: not recorded: {reason}")
            continue
        place = folder / f"x86_{instruction.name}.npz"
        np.savez_compressed(place, **arrays)
        content = place.read_bytes()
        entry = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        files[place.name] = describe(instruction, arrays) | entry
        print(f"{place.name}: {files[place.name]['rows']} rows, {len(content)} bytes")
    facts = cpu()
    identity = ("vendor", "model_name", "family", "model", "stepping", "microcode")
    manifest = {
        "cpu": {name: facts[name] for name in identity if name in facts},
        "files": files,
        "layout": "README.md",
        "regenerate": "python tests/hardware/capture_x86.py OUT_FOLDER",
        "schema": 1,
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    (folder / "x86_manifest.json").write_text(text)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))

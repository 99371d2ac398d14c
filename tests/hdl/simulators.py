"""What the tests do with a simulator: write a set, build a bench, read what it says."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
BENCH = HERE / "tb" / "tb_vectors.sv"
ECHO = HERE / "tb" / "tb_echo.v"
_COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on PATH; install it to read the vectors with it")


def call(*command, cwd, codes=(0,)):
    """Return what a command says; a negative code stands for every failure."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=150, check=False)
    said = done.stdout + done.stderr
    assert done.returncode in codes or (-1 in codes and done.returncode != 0), f"{words}\n{said}"
    return said


def icarus(folder, *sources, defines=(), fails=False):
    """Build and run a bench in a folder of vectors, and return what both tools say."""
    need("iverilog", "vvp")
    flags = [f"-D{name}" for name in defines]
    said = call("iverilog", "-g2012", "-Wall", "-I.", *flags, "-o", "sim", *sources, cwd=folder)
    return said + call("vvp", "-n", "sim", cwd=folder, codes=(-1,) if fails else (0,))


def verilator(folder, top, *sources, defines=()):
    """Build a bench for many runs; warnings are errors."""
    need("verilator", "make", "g++")
    flags = [f"+define+{name}" for name in defines]
    build = ("verilator", "--binary", "--timing", "-j", "2", "-CFLAGS", "-O0", "-I.")
    call(*build, *flags, "--top-module", top, *sources, cwd=folder)
    return folder / "obj_dir" / f"V{top}"


def counts(said):
    """Return how many rows passed and failed."""
    (found,) = _COUNTS.findall(said)
    return tuple(map(int, found))


def judge(folder, unit, *defines, fails=False):
    """Put a set to a unit by Icarus and return how many rows passed and failed."""
    chosen = (unit.define, *defines)
    return counts(icarus(folder, BENCH, *unit.sources, defines=chosen, fails=fails))


def lose_words(folder, count):
    path = folder / "vectors.hex"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-count]))


def write_rows(folder, fields, columns):
    """Write columns of integers as a set that the benches read; `fields` are those of a table."""
    words = np.zeros(len(columns["rm"]), object)
    places, low = [], sum(field.bits for field in fields.values())
    for name, field in fields.items():
        low -= field.bits
        places += [("MSB", name, low + field.bits - 1), ("LSB", name, low)]
        elements = np.reshape(columns[name], (words.size, field.count)).astype(object)
        for i in range(field.count):
            words |= elements[:, i] << (low + i * field.width)
    digits = -(-(places[0][2] + 1) // 4)
    lines = [f"localparam integer NUMFMT_{n.upper()}_{end} = {at};\n" for end, n, at in places]
    lines.append(f"localparam integer NUMFMT_ROWS = {words.size};\n")
    lines.append(f"localparam integer NUMFMT_WORD = {places[0][2] + 1};\n")
    (folder / "layout.svh").write_text("".join(lines))
    (folder / "vectors.hex").write_text("".join(f"{word:0{digits}x}\n" for word in words))

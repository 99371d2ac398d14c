"""One small set with random bits, and a bench that echoes it, built once for each simulator."""

import functools
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sets import UNITS
from simulators import ECHO, call, icarus, need, verilator

from numfmt import vectors

collect_ignore = ["cocotb_tests"]  # cocotb collects these, inside the simulation

RANDOM = vectors.Spec(
    op="encode",
    fmt="e2m3",
    src="binary16",
    bits=11,
    exhaustive=False,
    max_rows=1000,
    rounding="nearest_even,stochastic_a",
)


@dataclass(frozen=True)
class Echo:
    """A table, its folder, and the program that echoes the files there."""

    table: vectors.VectorTable
    folder: Path
    program: tuple[str, ...]

    def read(self, data, codes=(0,)):
        """Return what a simulator makes of `data` as vectors.hex: what it says, and the rows."""
        (self.folder / "vectors.hex").write_bytes(data)
        (self.folder / "echo.txt").unlink(missing_ok=True)
        said = call(*self.program, cwd=self.folder, codes=codes)
        echo = self.folder / "echo.txt"
        return said, echo.read_text().splitlines() if echo.exists() else []


@pytest.fixture(scope="session")
def random_set(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    table = vectors.generate(RANDOM)
    vectors.write(table, folder)
    return table, folder


def _copy(random_set, tmp_path_factory, name):
    table, source = random_set
    return table, shutil.copytree(source, tmp_path_factory.mktemp(name), dirs_exist_ok=True)


@pytest.fixture(scope="session")
def icarus_echo(random_set, tmp_path_factory):
    need("iverilog", "vvp")
    table, folder = _copy(random_set, tmp_path_factory, "icarus")
    icarus(folder, ECHO, defines=["HAS_RANDOM"])
    return Echo(table, folder, ("vvp", "-n", "sim"))


@pytest.fixture(scope="session")
def verilator_echo(random_set, tmp_path_factory):
    need("verilator", "make", "g++")
    table, folder = _copy(random_set, tmp_path_factory, "verilator")
    program = verilator(folder, "tb_echo", ECHO, defines=["HAS_RANDOM"])
    return Echo(table, folder, (str(program),))


@pytest.fixture(scope="session")
def unit_sets(tmp_path_factory):
    """Return a function from the name of a unit to its table and the folder of its files."""

    @functools.cache
    def made(name):
        need("iverilog", "vvp")
        folder = tmp_path_factory.mktemp(name)
        table = vectors.generate(UNITS[name].spec)
        vectors.write(table, folder, emit=("hex", "svh"))
        return table, folder

    return made

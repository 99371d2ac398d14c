"""Committed mistakes: every one of them is caught, and the sound package passes the same check."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import numfmt
from mutants import MUTANTS

PACKAGE = Path(numfmt.__file__).parent
CHECK = Path(__file__).with_name("check_projection.py")


BLOCKS = tuple(f"blocks/{path.name}" for path in (PACKAGE / "blocks").glob("*.py"))
# Which parts of the check look at a file; the others are of floats and fixed point.
PARTS = {
    "kernels/tapered.py": ("tapered",),
    "binades.py": ("grids", "tapered"),
    "kernels/search.py": ("codebooks",),
    "searching.py": ("codebooks",),
    "kernels/logarithms.py": ("logarithms",),
    "logarithms.py": ("logarithms",),
    "kernels/packing.py": ("packing",),
    **dict.fromkeys(
        (
            *("kernels/wide.py", "kernels/arithmetic.py", "kernels/carried.py"),
            *("arithmetic/carriers.py", "arithmetic/engine.py", "arithmetic/nans.py"),
        ),
        ("arithmetic", "integers", "carriers", "dialects"),
    ),
    **dict.fromkeys(("kernels/blocks.py", *BLOCKS), ("blocks", "quotients")),
    **dict.fromkeys(("kernels/aligned.py", "kernels/partial.py"), ("aligned",)),
    "kernels/aligned_floats.py": ("floats",),
    "tensor/aligned_operands.py": ("aligned", "floats"),
    **dict.fromkeys(
        ("kernels/chains.py", "tensor/running.py", "tensor/stepwise.py", "tensor/special_sums.py"),
        ("sums",),
    ),
    **dict.fromkeys(("kernels/requantization.py", "tensor/requantization.py"), ("requantization",)),
}


def run(folder: Path, *parts: str) -> subprocess.CompletedProcess[str]:
    """Check the copy of numfmt in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run(
        [sys.executable, "-W", "error", str(CHECK), *parts],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        cwd=folder,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the package to break."""
    shutil.copytree(PACKAGE, tmp_path / "numfmt", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_sound_package_passes(copy: Path) -> None:
    done = run(copy)
    assert done.returncode == 0, done.stderr


def _cases() -> list[Any]:
    """Return every mutant; every other one is left to the slow tests."""
    return [
        pytest.param(mutant, id=f"{i}-{mutant[2][:30]}", marks=[pytest.mark.slow] * (i % 2))
        for i, mutant in enumerate(MUTANTS)
    ]


@pytest.mark.parametrize("mutant", _cases())
def test_the_mutant_is_caught(copy: Path, mutant: tuple[str, str, str]) -> None:
    name, sound, broken = mutant
    path = copy / "numfmt" / name
    text = path.read_text()
    assert text.count(sound) == 1, f"{name} no longer has this text once: {sound!r}"
    path.write_text(text.replace(sound, broken))
    done = run(copy, *PARTS.get(name, ("grids",)))
    assert done.returncode != 0, "survived"
    assert "Error" in done.stderr
    assert "SyntaxError" not in done.stderr
    assert "ImportError" not in done.stderr

"""A cache on disk can never serve the bits of an older kernel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import numfmt

PACKAGE = Path(numfmt.__file__).parent
ASK = "import numfmt as nf; print(nf.encode([1.1], 'e4m3').tolist())"
LINE = "    return (significand + addend) >> drop\n"


# Kernels that are closures, of both carriers: what they enclose tells them apart.
COMPUTE = (
    "import numfmt as nf; print(nf.add([0x3c01], [0x1000], 'binary16').tolist(), "
    "nf.add([0x3f80], [0x3c00], ['bfloat16', 'binary16'], result='bfloat16').tolist(), "
    "nf.add([0x4000], [0x4000], 'posit16').tolist(), nf.mul([3], [5], 'int64').tolist())"
)


def answer(folder: Path, ask: str = ASK) -> str:
    """Return what the copy of numfmt in a folder prints in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": ""},
    )
    return done.stdout.strip()


def cached(folder: Path) -> list[Path]:
    """Return the compiled kernels in a folder."""
    return sorted(folder.rglob("*.nbi"))


def test_editing_a_callee_in_another_file_changes_the_bits(tmp_path: Path) -> None:
    copy = tmp_path / "numfmt"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    callee = copy / "kernels" / "rounding.py"
    assert answer(tmp_path) == "[57]"
    assert cached(tmp_path), "nothing was cached, so nothing is proved"
    assert answer(tmp_path) == "[57]"
    before = callee.stat()
    text = callee.read_text()
    edited = LINE.replace("addend", "drop  ")  # same size, other bits
    assert text.count(LINE) == 1
    callee.write_text(text.replace(LINE, edited))
    os.utime(callee, ns=(before.st_atime_ns, before.st_mtime_ns))
    for bytecode in copy.rglob("rounding*.pyc"):
        bytecode.unlink()  # Python itself trusts date and size; the point here is Numba
    assert callee.stat().st_size == before.st_size
    assert answer(tmp_path) == "[56]", "old bits were served from the cache"
    callee.write_text(text)
    assert answer(tmp_path) == "[57]"


@pytest.mark.parametrize("ask", [ASK, COMPUTE])
def test_a_second_process_compiles_nothing(tmp_path: Path, ask: str) -> None:
    copy = tmp_path / "numfmt"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    first = answer(tmp_path, ask)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}
    assert stamps
    assert answer(tmp_path, ask) == first
    assert stamps == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    code = (
        "import numba.core.caching as c; c.CacheImpl._locator_classes = []; "
        "c.CompileResultCacheImpl._locator_classes = []; " + ASK
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "[57]"

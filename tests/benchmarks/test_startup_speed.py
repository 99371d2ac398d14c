"""How long a fresh process takes to import numfmt, and to make its first call.

    python -m pytest tests/benchmarks --benchmark-only -o addopts=""

The warm-up rounds leave compiled kernels in Numba's cache on disk.
"""

import subprocess
import sys

import pytest

from bars import STATEMENTS


@pytest.mark.parametrize("name", STATEMENTS)
def test_fresh_process(timed, name):
    command = [sys.executable, "-c", STATEMENTS[name]]
    timed(lambda: subprocess.run(command, check=True), "numfmt", name, values=0)

"""Rows of golden vectors: made, written, verified.

python -m pytest tests/benchmarks --benchmark-only -o addopts=""
"""

import pytest

import numfmt as nf
from bars import SMALL, VECTOR_FILES, VECTORS

_SPEC = {"classes": "random", "max_rows": SMALL}


@pytest.mark.parametrize(("op", "fmt"), [row[:2] for row in VECTORS])
def test_generate(timed, op, fmt):
    spec = nf.vectors.Spec(op=op, fmt=fmt, **_SPEC)
    timed(lambda: nf.vectors.generate(spec), "numfmt", f"vectors of {op} {fmt}", values=SMALL)


@pytest.fixture(scope="module")
def table():
    return nf.vectors.generate(nf.vectors.Spec(op="add", fmt="binary16", **_SPEC))


@pytest.mark.parametrize("kind", [row[0] for row in VECTOR_FILES])
def test_write(timed, table, tmp_path, kind):
    def run():
        nf.vectors.write(table, tmp_path / "set", emit=kind)

    timed(run, "numfmt", f"writing {kind} of add binary16", values=SMALL)


def test_verify(timed, table, tmp_path):
    nf.vectors.write(table, tmp_path / "set", emit="hex")
    timed(
        lambda: nf.vectors.verify(tmp_path / "set"),
        "numfmt",
        "verifying hex of add binary16",
        values=SMALL,
    )

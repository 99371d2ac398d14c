"""How fast arrays are encoded and decoded, beside the peers and a pass over memory.

    python -m pytest tests/benchmarks --benchmark-only -o addopts=""

Add ``--benchmark-json=FILE`` to keep the results. Nothing here fails for being slow; the summary
at the end says which bars are met. VeriFloat needs Python 3.12.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import numfmt as nf
from bars import DECODED, FAMILIES, FEW, LARGE, MEDIUM, MEMORY_PASS, RANDOM, SMALL


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("dtype", "fmt"),
    [("float32", "e4m3"), ("float32", "e2m1"), ("float64", "e4m3"), ("float64", "binary16")],
)
def test_encode(timed, normals, dtype, fmt, threads, size):
    x = normals(dtype, size)
    timed(lambda: nf.encode(x, fmt), "numfmt", f"{dtype} -> {fmt}", threads, size)


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_pass_over_float32_and_codes(timed, threads):
    """np.copyto into existing memory, of as many bytes as input and output have together."""
    source, target = np.ones((2, LARGE * (4 + 1) // 2), np.uint8)
    parts = list(zip(np.split(target, threads), np.split(source, threads), strict=True))
    with ThreadPoolExecutor(threads) as pool:
        timed(
            lambda: list(pool.map(lambda part: np.copyto(*part), parts)),
            MEMORY_PASS,
            "float32 -> 8 bits",
            threads,
            LARGE,
        )


@pytest.mark.parametrize(("fmt", "name"), [("e4m3", "float8_e4m3fn"), ("e2m1", "float4_e2m1fn")])
def test_ml_dtypes_encodes_the_same_codes(timed, normals, fmt, name):
    dtype = getattr(pytest.importorskip("ml_dtypes"), name)
    x = normals("float32", MEDIUM)
    result = timed(lambda: x.astype(dtype), "ml_dtypes", f"float32 -> {fmt}", values=MEDIUM)
    assert np.array_equal(result.view(np.uint8), nf.encode(x, fmt))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(("fmt", "name"), [("e4m3", "E4M3"), ("binary16", "FP16")])
def test_verifloat_rounds_to_the_same_values(timed, normals, fmt, name, size):
    peer = getattr(pytest.importorskip("verifloat"), name)
    x = normals("float64", size)
    result = timed(lambda: peer.array(x), "verifloat", f"float64 -> {fmt}", values=size)
    assert np.array_equal(np.asarray(result, np.float64), nf.round(x, fmt))


@pytest.mark.parametrize(("fmt", "dtype"), DECODED)
def test_decode(timed, normals, fmt, dtype):
    codes = nf.encode(normals("float32", LARGE), fmt)
    timed(lambda: nf.decode(codes, fmt, dtype=dtype), "numfmt", f"{fmt} -> {dtype}")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("fmt", [fmt for fmt, _, _ in FAMILIES])
def test_encode_other_families(timed, normals, fmt, dtype):
    x = normals(dtype, LARGE)
    timed(lambda: nf.encode(x, fmt), "numfmt", f"{dtype} -> {fmt}")


@pytest.mark.parametrize("fmt", [fmt for fmt, _, _ in FAMILIES])
def test_decode_other_families(timed, normals, fmt):
    codes = nf.encode(normals("float64", LARGE), fmt)
    timed(lambda: nf.decode(codes, fmt), "numfmt", f"{fmt} -> float64")


@pytest.mark.parametrize(("fmt", "name"), [("posit16", "PX2"), ("posit16_1", "P16")])
def test_softposit_encodes_the_same_codes(timed, normals, fmt, name):
    softposit = pytest.importorskip("softposit")
    x = normals("float64", FEW)
    values = x.tolist()
    convert = getattr(softposit, f"convertDoubleTo{name}")
    width = (16,) if name == "PX2" else ()
    result = timed(
        lambda: [convert(value, *width) for value in values],
        "softposit",
        f"float64 -> {fmt}",
        values=FEW,
    )
    codes = [posit.v >> 16 if width else posit.v for posit in result]
    assert codes == nf.encode(x, fmt).tolist()


@pytest.mark.parametrize(("mode", "source"), RANDOM)
def test_encode_stochastically(timed, normals, mode, source):
    x = normals("float32", LARGE)
    generator = np.random.default_rng(7)
    option = {
        "seed": {"rng": 7},
        "generator": {"rng": generator},
        "given bits": {"random_bits": generator.integers(0, 256, LARGE, np.uint8)},
    }[source]
    timed(
        lambda: nf.encode(x, "e4m3", rounding=mode, **option),
        "numfmt",
        f"float32 -> e4m3, {mode}, {source}",
    )

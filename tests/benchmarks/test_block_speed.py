"""How fast arrays are quantised into blocks and back, and codes packed."""

import numpy as np
import pytest

import numfmt as nf
from bars import BLOCKS, LARGE, MEMORY_PASS, MORE_BLOCKS, PACKED


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fmt", [*BLOCKS, *MORE_BLOCKS])
def test_quantize(timed, normals, fmt, threads):
    x = normals("float32", LARGE).reshape(4096, 4096)
    timed(lambda: nf.quantize(x, fmt), "numfmt", f"float32 -> {fmt}", threads)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fmt", BLOCKS)
def test_dequantize(timed, normals, fmt, dtype):
    q = nf.quantize(normals("float32", LARGE).reshape(4096, 4096), fmt)
    timed(lambda: q.dequantize(dtype=dtype), "numfmt", f"{fmt} -> {dtype}")


@pytest.mark.parametrize("bits", PACKED)
def test_pack(timed, bits):
    codes = np.random.default_rng(1).integers(0, 1 << bits, LARGE, np.uint8)
    data = timed(lambda: nf.pack_codes(codes, bits), "numfmt", f"pack {bits} bits")
    timed_back = nf.unpack_codes(data, bits, count=LARGE)
    assert np.array_equal(timed_back, codes)


@pytest.mark.parametrize("bits", PACKED)
def test_unpack(timed, bits):
    data = np.random.default_rng(1).integers(0, 256, LARGE * bits // 8, np.uint8)
    timed(lambda: nf.unpack_codes(data, bits, count=LARGE), "numfmt", f"unpack {bits} bits")


@pytest.mark.parametrize("bits", PACKED)
def test_memory_pass_over_codes_and_bytes(timed, bits):
    """np.copyto into existing memory, of as many bytes as codes and packed bytes have together."""
    source, target = np.ones((2, LARGE * (8 + bits) // 16), np.uint8)
    timed(lambda: np.copyto(target, source), MEMORY_PASS, f"pack {bits} bits")

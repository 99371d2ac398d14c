"""All 2**32 pairs of operands of a binary16 operation, against NumPy."""

import numpy as np
import pytest

import numfmt as nf

ROWS = 64


@pytest.mark.slow
@pytest.mark.parametrize("op", ["add", "mul"])
def test_every_pair_of_binary16_gives_what_numpy_gives(op: str) -> None:
    every = np.arange(1 << 16, dtype=np.uint16)
    infinity, sign = np.uint16(0x7C00), np.uint16(0x7FFF)
    call = {"add": np.add, "mul": np.multiply}[op]
    for start in range(0, 1 << 16, ROWS):
        a, b = np.broadcast_arrays(every[start : start + ROWS, None], every)
        codes = getattr(nf, op)(a, b, "binary16")
        with np.errstate(all="ignore"):
            wanted = call(a.view(np.float16), b.view(np.float16)).view(np.uint16)
        wanted[(wanted & sign) > infinity] = 0x7E00
        assert np.array_equal(codes, wanted), hex(start)

"""How fast products of matrices are, in multiply-accumulates, beside NumPy and VeriFloat."""

import numpy as np
import pytest

import numfmt as nf
from bars import PRODUCTS, SIDES, product_name


def matrices(fmt: str, side: int) -> list[np.ndarray]:
    """Return two matrices of codes: seeded normal numbers times 10."""
    rng = np.random.default_rng(2026)
    return [nf.encode(rng.standard_normal((side, side)) * 10, fmt) for _ in range(2)]


def options_of(what: str, fmt: str, how: str) -> dict[str, object]:
    """Return the options of `numfmt.matmul`."""
    if what == "unit":
        return {"unit": how}
    accumulator = {
        "exact": lambda: nf.Exact(output=how),
        "sequential": lambda: nf.Sequential(output=how),
        "unfused": lambda: nf.Sequential(output=how, product=how),
        "integer": lambda: nf.IntegerSum(32),
    }[what]()
    return {"formats": fmt, "accumulator": accumulator}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("what", "fmt", "how", "rate"), PRODUCTS)
def test_product(timed, what, fmt, how, rate, threads, side):
    if rate is None and what != "integer" and (side > 256 or threads == 1):
        pytest.skip("no bar, and every addition goes through integers")
    a, b = matrices(fmt, side)
    options = options_of(what, fmt, how)
    name = product_name(what, fmt, how)
    timed(lambda: nf.matmul(a, b, **options), "numfmt", name, threads, side**3)


@pytest.mark.parametrize("side", SIDES)
def test_numpy_multiplies_integers(timed, side):
    a, b = (nf.decode(x, "int8").astype(np.int32) for x in matrices("int8", side))
    timed(lambda: a @ b, "numpy", "int32 products", 2, side**3)


def test_verifloat_adds_in_order(timed):
    peer = pytest.importorskip("verifloat")
    a, b = (peer.FP16.array(nf.decode(x, "binary16")) for x in matrices("binary16", 256))
    rule = peer.Accumulator(peer.FP32, "sequential")
    timed(
        lambda: peer.matmul(a, b, acc=rule),
        *("verifloat", "binary16 products, sequential in binary32", 1, 256**3),
    )

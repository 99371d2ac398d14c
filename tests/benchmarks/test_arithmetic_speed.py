"""How fast operations on codes are, beside VeriFloat where it has them."""

import numpy as np
import pytest

import numfmt as nf
from bars import (
    ARITHMETIC,
    FEW,
    FUNCTIONS,
    LARGE,
    MEDIUM,
    SMALL,
    VERIFLOAT_OPERATIONS,
    operation_name,
)


def codes_of(fmt: str, size: int, count: int) -> list[np.ndarray]:
    """Return operands: seeded normal numbers times 10 (roots: their magnitudes)."""
    rng = np.random.default_rng(2026)
    return [nf.encode(rng.standard_normal(size) * 10, fmt) for _ in range(count)]


def call_of(op: str, fmt: str, size: int, **options: object):
    """Return a call without arguments, and its operands."""
    count = {"fma": 3, "sqrt": 1}.get(op, 1 if op in FUNCTIONS else 2)
    operands = codes_of(fmt, size, count)
    if op == "sqrt":
        operands = [nf.encode(np.abs(nf.decode(operands[0], fmt)), fmt)]
    return lambda: getattr(nf, op)(*operands, fmt, **options)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("op", "fmt", "mode", "flags", "rate"), ARITHMETIC)
def test_operation(timed, op, fmt, mode, flags, rate, threads):
    del rate
    options = {"rounding": mode} if mode else {}
    if flags:
        options["return_flags"] = True
    what = operation_name(op, fmt, mode, flags)
    timed(call_of(op, fmt, LARGE, **options), "numfmt", what, threads)


@pytest.mark.parametrize("op", FUNCTIONS)
def test_function(timed, op):
    timed(call_of(op, "binary16", LARGE), "numfmt", f"binary16 {op}")


@pytest.mark.parametrize(("op", "fmt", "name", "slow"), VERIFLOAT_OPERATIONS)
def test_verifloat_gives_the_same_values(timed, op, fmt, name, slow):
    peer = getattr(pytest.importorskip("verifloat"), name)
    size = FEW if slow else SMALL if op == "div" else MEDIUM
    arrays = [peer.array(nf.decode(x, fmt)) for x in codes_of(fmt, size, 3)]
    a, b, c = arrays
    call = {
        "add": lambda: a + b,
        "mul": lambda: a * b,
        "div": lambda: a / b,
        "fma": lambda: a.fma(b, c),
        "sqrt": lambda: abs(a).sqrt(),
    }[op]
    timed(call, "verifloat", f"{fmt} {op} with flags", values=size)

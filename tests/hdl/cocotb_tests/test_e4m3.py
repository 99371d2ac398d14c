"""The E4M3 multiplier inside the simulation: a file of corners, and a property of any operands."""

import cocotb
import helpers
import numpy as np
from cocotb.task import bridge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

codes = st.integers(0, 255)
repeatable = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@cocotb.test()
async def every_row_of_the_file_agrees(dut):
    rows = np.load(helpers.folder() / "vectors.npz")
    names = ("a", "b", "rm", "expected", "flags")
    columns = [rows[name].tolist() for name in names]
    for a, b, rm, wanted, flags in zip(*columns, strict=True):
        found = await helpers.answer(dut, a, b, rm)
        assert found == (wanted, flags), f"a={a:02x} b={b:02x} rm={rm}: {found}"
    assert len(columns[0]) > 0


@cocotb.test()
async def any_product_is_that_of_numfmt(dut):
    drive = helpers.blocking(dut)
    failing = []

    @repeatable
    @given(codes, codes, st.sampled_from(list(helpers.MODES)))
    def holds(a, b, mode):
        wanted = helpers.expected(a, b, mode)
        found = drive(a, b, helpers.MODES[mode])
        if found != wanted:
            failing.append(f"{a:02x} {b:02x} {mode}")
        assert found == wanted

    try:
        await bridge(holds)()
    finally:  # the last failing example is the one that Hypothesis has shrunk to
        (helpers.folder() / "failing.txt").write_text("\n".join(failing))

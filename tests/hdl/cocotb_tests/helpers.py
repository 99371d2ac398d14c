"""Driving a combinational unit from cocotb, and judging it by numfmt."""

import os
from pathlib import Path

from cocotb.task import resume
from cocotb.triggers import Timer

from numfmt import exact

MODES = {
    "nearest_even": 0,
    "toward_zero": 1,
    "toward_negative": 2,
    "toward_positive": 3,
    "nearest_away": 4,
    "to_odd": 6,
}


async def answer(dut, a, b, rm):
    """Return the code and the flags of a * b."""
    dut.a.value, dut.b.value, dut.rm.value = a, b, rm
    await Timer(1, "ns")
    return int(dut.y.value), int(dut.flags.value)


def blocking(dut):
    """Return `answer` as a plain function, for code that runs beside the simulation."""
    return resume(lambda a, b, rm: answer(dut, a, b, rm))


def expected(a, b, mode):
    code, flags = exact.mul(a, b, "e4m3", rounding=mode)
    return code, int(flags)


def folder():
    """Return the folder that the test which started the simulation prepared."""
    return Path(os.environ["NUMFMT_VECTORS"])

"""The multiplier under cocotb: a file of corners, and Hypothesis inside the simulation."""

import contextlib
import dataclasses
import sys

import pytest
from sets import UNITS
from simulators import HERE, need

from numfmt import vectors

pytestmark = pytest.mark.hdl

UNIT = UNITS["e4m3_mul"]


@pytest.fixture
def simulate(tmp_path, monkeypatch):
    """Return a function that runs the cocotb tests and returns how many ran and failed."""
    need("iverilog", "vvp")
    runners = pytest.importorskip("cocotb_tools.runner", reason="cocotb is not installed")
    monkeypatch.setattr(sys, "path", [str(HERE / "cocotb_tests"), *sys.path])

    def run(*bugs):
        runner = runners.get_runner("icarus")
        runner.build(
            sources=UNIT.sources,
            hdl_toplevel=UNIT.name,
            build_dir=tmp_path,
            defines=dict.fromkeys(bugs, 1),
            log_file=tmp_path / "build.log",
        )
        results = tmp_path / "results.xml"
        # Under pytest the runner leaves by SystemExit where a test failed.
        with contextlib.suppress(SystemExit):
            runner.test(
                test_module="test_e4m3",
                hdl_toplevel=UNIT.name,
                build_dir=tmp_path,
                test_dir=tmp_path,
                results_xml=str(results),
                extra_env={"NUMFMT_VECTORS": str(tmp_path)},
                log_file=tmp_path / "test.log",
            )
        return runners.get_results(results)

    few = dataclasses.replace(UNIT.spec, classes="corners", rounding="nearest_even,toward_zero")
    vectors.write(vectors.generate(few), tmp_path)
    return run


def test_the_file_and_the_property_hold_in_the_simulation(simulate):
    assert simulate() == (2, 0)


def test_hypothesis_finds_an_injected_bug_in_the_simulation_and_shrinks_it(simulate, tmp_path):
    assert simulate("BUG_ZERO_SIGN") == (2, 2)
    failing = (tmp_path / "failing.txt").read_text().splitlines()
    assert failing[-1] == "00 80 nearest_even"

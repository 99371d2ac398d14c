"""Every unit against its set of vectors, in Icarus and in Verilator."""

import dataclasses

import pytest
from sets import UNITS
from simulators import BENCH, call, counts, judge, lose_words, verilator

from numfmt import vectors

pytestmark = pytest.mark.hdl

VERILATED = ["mxfp4_dot32", pytest.param("e4m3_mul", marks=pytest.mark.slow)]


@pytest.mark.parametrize("name", list(UNITS))
def test_the_clean_unit_passes_every_vector(unit_sets, name):
    table, folder = unit_sets(name)
    assert judge(folder, UNITS[name]) == (len(table), 0)
    assert vectors.compare(table, folder / "got.txt").ok


def test_a_set_that_lacks_words_fails(tmp_path):
    unit = UNITS["e4m3_to_fp16"]
    table = vectors.generate(unit.spec)
    vectors.write(table, tmp_path)
    lose_words(tmp_path, 2)
    assert judge(tmp_path, unit, fails=True) == (len(table) - 2, 2)


@pytest.mark.parametrize("name", VERILATED)
def test_verilator_reads_the_same_files_and_agrees(tmp_path, unit_sets, name):
    table, folder = unit_sets(name)
    for file in ("vectors.hex", "layout.svh"):
        (tmp_path / file).write_bytes((folder / file).read_bytes())
    unit = UNITS[name]
    program = verilator(tmp_path, "tb_vectors", BENCH, *unit.sources, defines=[unit.define])
    assert counts(call(program, cwd=tmp_path)) == (len(table), 0)
    assert vectors.compare(table, tmp_path / "got.txt").ok
    lose_words(tmp_path, 1)
    assert counts(call(program, cwd=tmp_path, codes=(-1,))) == (len(table) - 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fp16_to_e4m3", "e4m3_mul"])
def test_the_clean_unit_is_right_of_every_operand_in_every_mode(tmp_path, name):
    spec = dataclasses.replace(UNITS[name].spec, exhaustive=True)
    table = vectors.generate(spec)
    vectors.write(table, tmp_path, emit=("hex", "svh"))
    assert len(table) == 11 << 16
    assert judge(tmp_path, UNITS[name]) == (len(table), 0)

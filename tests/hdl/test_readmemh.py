"""Vector sets as simulators read them: every field of every word, and every word counted."""

import re

import pytest
from simulators import ECHO, HERE, counts, icarus, lose_words

from numfmt import vectors

SETS = {
    "encode": vectors.Spec(op="encode", fmt="e4m3", rounding="all", max_rows=1000),
    "decode": vectors.Spec(op="decode", fmt="q2.6", dst="bfloat16"),
}
SOURCES = sorted(path for kind in ("*.v", "*.sv") for path in HERE.rglob(kind))

pytestmark = pytest.mark.hdl


def hexadecimal(table):
    """Return the lines that an exact reader prints for a table."""
    digits = {name: -(-width // 4) for name, width in table.widths.items()}
    columns = [
        [f"{value:0{digits[name]}x}" for value in column.tolist()]
        for name, column in table.columns.items()
    ]
    rows = [" ".join(row) for row in zip(*columns, strict=True)]
    return [*rows, f"{len(rows)} passed, 0 failed"]


@pytest.mark.parametrize("name", list(SETS))
def test_icarus_reads_every_field_of_every_word(tmp_path, name):
    table = vectors.generate(SETS[name])
    vectors.write(table, tmp_path)
    said = icarus(tmp_path, ECHO)
    assert (tmp_path / "echo.txt").read_text().splitlines() == hexadecimal(table)
    assert said == f"{len(table)} passed, 0 failed\n"


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_both_simulators_read_random_bits_alike(request, random_set, simulator):
    table, folder = random_set
    echo = request.getfixturevalue(f"{simulator}_echo")
    said, rows = echo.read((folder / "vectors.hex").read_bytes())
    assert rows == hexadecimal(table)
    assert counts(said) == (len(table), 0)


def test_the_bench_counts_words_that_a_file_lacks(tmp_path):
    table = vectors.generate(SETS["decode"])
    vectors.write(table, tmp_path)
    lose_words(tmp_path, 3)
    assert counts(icarus(tmp_path, ECHO)) == (len(table) - 3, 3)


def test_the_packed_struct_has_the_positions_of_the_localparams(tmp_path, random_set):
    table, folder = random_set
    (tmp_path / "layout.svh").write_bytes((folder / "layout.svh").read_bytes())
    fields = list(table.widths)
    prints = "\n".join(
        f"    row = NUMFMT_WORD'(1) << NUMFMT_{field.upper()}_LSB; "
        f'$display("{field} %0d %0d", row.{field}_, $bits(row));'
        for field in fields
    )
    (tmp_path / "tb_struct.sv").write_text(
        '`define NUMFMT_STRUCT\nmodule tb_struct;\n`include "layout.svh"\n'
        f"  numfmt_row_t row;\n  initial begin\n{prints}\n  end\nendmodule\n"
    )
    said = icarus(tmp_path, "tb_struct.sv")
    assert said.splitlines() == [f"{field} 1 {table.word_bits}" for field in fields]


@pytest.mark.parametrize("source", [path.name for path in SOURCES])
def test_verilog_has_no_absolute_paths(source):
    (path,) = (path for path in SOURCES if path.name == source)
    assert not re.search(r'"/|\.\./', path.read_text())

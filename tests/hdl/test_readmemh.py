"""Vector sets as simulators read them, and a design that they must judge rightly."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from numfmt import vectors

HERE = Path(__file__).parent
SETS = {
    "encode": vectors.Spec(op="encode", fmt="e4m3", rounding="all", max_rows=50),
    "decode": vectors.Spec(op="decode", fmt="q2.6", dst="bfloat16"),
    "random": vectors.Spec(
        op="encode",
        fmt="e2m3",
        src="binary16",
        bits=11,
        exhaustive=False,
        max_rows=250,
        rounding="nearest_even,stochastic_a",
    ),
}
DECODER = vectors.Spec(op="decode", fmt="e4m3", dst="binary16")

pytestmark = pytest.mark.hdl


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on PATH; install it to read the vectors with it")


def call(*command, cwd):
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def put(folder, spec, *sources):
    """Write a set and copy Verilog beside it, so that no path is needed."""
    table = vectors.generate(spec)
    vectors.write(table, folder)
    for source in sources:
        shutil.copy(HERE / source, folder)
    return table


def icarus(folder, *sources, defines=()):
    need("iverilog", "vvp")
    flags = [f"-D{name}" for name in defines]
    said = call("iverilog", "-g2012", "-Wall", "-I.", *flags, "-o", "sim", *sources, cwd=folder)
    return said + call("vvp", "-n", "sim", cwd=folder)


def defines_of(table):
    return ["HAS_RANDOM"] if "random" in table.columns else []


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
    table = put(tmp_path, SETS[name], "tb_echo.v")
    said = icarus(tmp_path, "tb_echo.v", defines=defines_of(table))
    assert (tmp_path / "echo.txt").read_text().splitlines() == hexadecimal(table)
    assert said == f"{len(table)} passed, 0 failed\n"


def test_verilator_prints_the_same_text_as_icarus(tmp_path):
    need("verilator", "iverilog", "vvp", "make", "g++")
    table = put(tmp_path, SETS["random"], "tb_echo.v")
    icarus(tmp_path, "tb_echo.v", defines=defines_of(table))
    first = (tmp_path / "echo.txt").read_bytes()
    (tmp_path / "echo.txt").unlink()
    call(
        "verilator",
        "--binary",
        "--timing",
        "-j",
        "2",
        "-CFLAGS",
        "-O0",
        "-I.",
        "+define+HAS_RANDOM",
        "--top-module",
        "tb_echo",
        "tb_echo.v",
        cwd=tmp_path,
    )
    said = call("obj_dir/Vtb_echo", cwd=tmp_path)
    assert (tmp_path / "echo.txt").read_bytes() == first
    assert first.decode().splitlines() == hexadecimal(table)
    assert f"{len(table)} passed, 0 failed\n" in said
    lose_words(tmp_path, 2)
    assert f"{len(table) - 2} passed, 2 failed\n" in call("obj_dir/Vtb_echo", cwd=tmp_path)


def lose_words(folder, count):
    path = folder / "vectors.hex"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-count]))


def test_the_bench_counts_words_that_a_file_lacks(tmp_path):
    table = put(tmp_path, SETS["decode"], "tb_echo.v")
    lose_words(tmp_path, 3)
    said = icarus(tmp_path, "tb_echo.v")
    assert f"{len(table) - 3} passed, 3 failed\n" in said


def test_the_packed_struct_has_the_positions_of_the_localparams(tmp_path):
    table = put(tmp_path, SETS["random"])
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


@pytest.fixture
def decoder(tmp_path):
    sources = ("tb_e4m3_to_fp16.v", "e4m3_to_fp16.v")
    table = put(tmp_path, DECODER, *sources)

    def run(*bugs):
        said = icarus(tmp_path, *sources, defines=bugs)
        passed, failed = map(int, re.fullmatch(r"(\d+) passed, (\d+) failed\n", said).groups())
        return passed, failed, vectors.compare(table, tmp_path / "got.txt")

    return run


def test_the_clean_decoder_passes_every_vector(decoder):
    passed, failed, report = decoder()
    assert (passed, failed) == (256, 0)
    assert report.ok


@pytest.mark.parametrize(
    ("bug", "failures", "kind"),
    [
        ("BUG_SUBNORMAL", 2, "value"),
        ("BUG_ZERO_SIGN", 1, "zero_sign"),
        ("BUG_NAN_CODE", 2, "nan_code"),
    ],
)
def test_the_vectors_catch_an_injected_bug_and_name_its_kind(decoder, bug, failures, kind):
    passed, failed, report = decoder(bug)
    assert (passed, failed) == (256 - failures, failures)
    assert report.counts == {("exhaustive", kind): failures}


@pytest.mark.parametrize("source", sorted(path.name for path in HERE.glob("*.v")))
def test_verilog_has_no_absolute_paths(source):
    assert not re.search(r'"/|\.\./', (HERE / source).read_text())

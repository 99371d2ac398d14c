"""Files that TestFloat and its likes made, beside numfmt's own results."""

import re

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import DamagedFile, Spec
from vector_sets import spec_of

ADD = Spec(op="add", fmt="binary16")


def file_of(table, flags=True):
    """Return the rows of a table as TestFloat prints them."""
    names = [c.name for c in (*table.spec.operands, *table.spec.results)]
    digits = [-(-c.width // 4) for c in (*table.spec.operands, *table.spec.results)]
    rows = zip(*(table.columns[name].tolist() for name in (*names, "flags")), strict=True)
    lines = []
    for *codes, raised in rows:
        words = [f"{code:0{n}X}" for code, n in zip(codes, digits, strict=True)]
        lines.append(" ".join([*words, f"{raised:02X}"] if flags else words))
    return lines


@pytest.mark.parametrize("flags", [True, False])
@pytest.mark.parametrize(
    ("op", "options"),
    [
        ("add", {"fmt": "binary16"}),
        ("fma", {"fmt": "binary32", "dialect": "riscv", "rounding": "toward_negative"}),
        ("sqrt", {"fmt": "bfloat16"}),
        ("to_int", {"fmt": "binary16", "dst": "int16", "dialect": "x86"}),
        ("from_int", {"fmt": "binary16", "src": "int64"}),
        ("convert", {"fmt": "binary64", "dst": "binary16"}),
        ("less", {"fmt": "binary16"}),
        ("class_of", {"fmt": "binary16"}),
        ("scale_b", {"fmt": "binary16"}),
    ],
)
def test_a_file_agrees_with_the_table_it_was_made_of(tmp_path, op, options, flags):
    table = vectors.generate(spec_of(op, max_rows=60, **options))
    path = tmp_path / "cases.txt"
    path.write_text("\n".join(file_of(table, flags)) + "\n")
    found = vectors.read_testfloat(path, table.spec)
    assert vectors.compare(*found).ok
    for column in table.spec.operands:
        np.testing.assert_array_equal(found.table.columns[column.name], table.columns[column.name])
    np.testing.assert_array_equal(found.results, table.columns["expected"])
    assert (found.flags is not None) is flags
    assert [(c.name, c.rows) for c in found.table.coverage()] == [("input", 60)]


@pytest.mark.fast
def test_lines_of_testfloat_itself(tmp_path):
    path = tmp_path / "f16_add.txt"
    path.write_text(
        "// of testfloat_gen f16_add\n"
        "87FF E850 E850 01\n"
        "3C00 3C00 4000 00\n"
        "\n"
        "7C00 FC00 FE00 10   # their NaN has a sign\n"
        "3c00 4000 4201 00\n"
    )
    report = vectors.compare(*vectors.read_testfloat(str(path), ADD))
    assert [(m.row, m.kind, m.got) for m in report.shown] == [
        (2, "nan_code", 0xFE00),
        (3, "value", 0x4201),
    ]
    assert report.rows == 4
    theirs = Spec(op="add", fmt="binary16", dialect="x86")
    report = vectors.compare(*vectors.read_testfloat(path, theirs))
    assert [miss.row for miss in report.shown] == [3]


@pytest.mark.fast
def test_flags_are_in_the_order_of_the_spec(tmp_path):
    path = tmp_path / "cases.txt"
    path.write_text("3C00 0001 3C00 10\n")  # NX in bit 4
    turned = Spec(op="add", fmt="binary16", flag_order="NV,DZ,OF,UF,NX")
    assert vectors.compare(*vectors.read_testfloat(path, turned)).ok
    assert vectors.compare(*vectors.read_testfloat(path, ADD)).counts == {("input", "flags"): 1}


@pytest.mark.fast
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("3C00 3C00", "has 2 words; add has 2 operands, a result and, if you like, flags"),
        ("3C00", "has 1 words"),
        ("3C00 3C00 4000 00 00", "has 5 words"),
        ("3C00 3C00 4000", "the same in every line"),
        ("13C00 3C00 4000 00", "13c00 has over 16 bits"),
        ("3C00 3C00 14000 00", "14000 has over 16 bits"),
        ("3C00 3C00 4000 100", "100 has over 8 bits"),
        ("3C00 3C00 xxxx 00", "is not hexadecimal"),
        ("3C00 3C00 -4000 00", "is not hexadecimal"),
        ("3C00 3C00 4_000 00", "is not hexadecimal"),
        ("3C00,3C00,4000,00", "is not hexadecimal"),
    ],
)
def test_a_damaged_line_is_refused_with_its_number(tmp_path, line, message):
    path = tmp_path / "cases.txt"
    path.write_text(f"# head\n3C00 3C00 4000 00\n\n{line}\n")
    with pytest.raises(DamagedFile, match=re.escape(f"{path}:4: {line!r}") + ".*" + message):
        vectors.read_testfloat(path, ADD)


@pytest.mark.fast
@pytest.mark.parametrize("text", ["", "\n\n", "// nothing\n"])
def test_a_file_without_cases_is_refused(tmp_path, text):
    path = tmp_path / "cases.txt"
    path.write_text(text)
    with pytest.raises(DamagedFile, match=r"cases\.txt: no cases; a case is a line"):
        vectors.read_testfloat(path, ADD)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(nf.FormatError, match=r"cannot read .*none\.txt"):
        vectors.read_testfloat(tmp_path / "none.txt", ADD)


@pytest.mark.fast
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (Spec(op="add", fmt="e4m3", rounding="all"), "rounding: a TestFloat file is of one mode"),
        (Spec(op="add", fmt="e4m3", rounding="stochastic_a"), "without random bits; name it"),
        (Spec(op="dot", fmt="e4m3", k=2, classes="random"), "op='dot': TestFloat files are of"),
        (Spec(op="block_quantize", fmt="mxfp4", classes="random"), "op='block_quantize'"),
    ],
)
def test_a_spec_that_no_such_file_is_of_is_refused(tmp_path, spec, message):
    path = tmp_path / "cases.txt"
    path.write_text("0 0 0\n")
    with pytest.raises(nf.FormatError, match=message):
        vectors.read_testfloat(path, spec)


def test_a_case_without_an_answer_is_refused_with_its_line(tmp_path):
    path = tmp_path / "cases.txt"
    path.write_text("# NaN has no code in e2m1\n3C00 2\n7E00 0\n")
    spec = Spec(op="convert", fmt="binary16", dst="e2m1")
    with pytest.raises(nf.FormatError, match=r"cases\.txt:3: .* has no code in 'e2m1'; set nan="):
        vectors.read_testfloat(path, spec)
    pinned = Spec(op="convert", fmt="binary16", dst="e2m1", nan=0)
    assert vectors.compare(*vectors.read_testfloat(path, pinned)).ok


def test_operands_of_others_make_no_set(tmp_path):
    path = tmp_path / "cases.txt"
    path.write_text("3C00 3C00 4000 00\n")
    table = vectors.read_testfloat(path, ADD).table
    with pytest.raises(nf.FormatError, match="came from a file of others; the spec cannot give"):
        vectors.write(table, tmp_path / "set")


def test_rows_of_another_mode_are_refused_with_their_line(tmp_path):
    path = tmp_path / "add.txt"
    path.write_text(
        "# rounding=nearest_even\n3c00 3c00 4000 00\n# rounding=jam\n3c00 3c00 4001 01\n"
    )
    with pytest.raises(vectors.DamagedFile, match=r"add\.txt:3: .* of another mode"):
        vectors.read_testfloat(path, vectors.Spec(op="add", fmt="binary16"))

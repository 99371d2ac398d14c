"""Answers of a design are judged by class and by kind of mistake, in every shape they come in."""

import dataclasses
import json
import re

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.dialects import DIALECTS
from numfmt.vectors import DamagedFile
from numfmt.vectors.numbering import CLASSES
from vector_sets import BLOCK, SMALL, made, spec_of

NAMES = {number: name for name, number in CLASSES.items()}
FREE = dataclasses.replace(DIALECTS["ieee"], name="free", nan="any")


@pytest.fixture(scope="module")
def answered():
    return vectors.generate(spec_of("convert", fmt="binary16", dst="e5m2", max_rows=1200))


@pytest.fixture(scope="module")
def tiles():
    return vectors.generate(spec_of("gemm_tile", classes="random", max_rows=20))


@pytest.fixture(scope="module")
def blocks():
    return vectors.generate(BLOCK)


def row_with(built, expected):
    return int(np.flatnonzero(built.columns["expected"] == expected)[0])


def kinds(report):
    return {kind: count for (_, kind), count in report.counts.items()}


def test_right_answers_pass(answered):
    report = vectors.compare(answered, answered.columns["expected"], answered.columns["flags"])
    assert report.ok
    assert (report.wrong, report.rows, report.shown, report.by_class()) == (
        0,
        len(answered),
        (),
        {},
    )
    assert report.first() is None
    assert vectors.minimise(report) is None
    assert str(report) == f"{len(answered)} passed, 0 failed"


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        (0x3C, 0x3D, "value"),
        (0x3C, 0xBC, "value"),
        (0x00, 0x01, "value"),
        (0x7E, 0x7F, "nan_code"),
        (0x7E, 0xFE, "nan_code"),
        (0x00, 0x80, "zero_sign"),
        (0x80, 0x00, "zero_sign"),
        (0x7C, 0x7B, "special"),
        (0x7C, 0xFC, "special"),
        (0x7B, 0x7C, "special"),
        (0x7E, 0x7C, "special"),
    ],
)
def test_each_mistake_is_reported_as_its_kind_and_class(answered, expected, got, kind):
    row = row_with(answered, expected)
    codes = answered.columns["expected"].copy()
    codes[row] = got
    report = vectors.compare(answered, codes)
    stimulus = NAMES[int(answered.columns["class"][row])]
    assert report.counts == {(stimulus, kind): 1}
    assert report.by_class() == {stimulus: {kind: 1}}
    assert not report.ok
    (miss,) = report.shown
    assert miss == report.first() == vectors.minimise(report)
    assert (miss.row, miss.kind, miss.stimulus) == (row, kind, stimulus)
    assert (miss.column, miss.expected, miss.got) == ("expected", expected, got)
    assert miss.operands == {"a": answered.columns["a"][row]}
    assert (miss.rounding, miss.got_flags) == ("nearest_even", None)
    assert f"row {row}: {kind}: a={miss.operands['a']:x} nearest_even" in str(report)
    assert f"{len(answered) - 1} passed, 1 failed" in str(report)
    found = json.loads(json.dumps(report.to_dict()))
    assert found["first"][0]["got"] == f"{got:x}"


def test_right_bits_with_wrong_flags_are_a_kind_of_their_own(answered):
    row = row_with(answered, 0x3C)
    flags = answered.columns["flags"].copy()
    right = int(flags[row])
    flags[row] ^= 1
    codes = answered.columns["expected"]
    report = vectors.compare(answered, codes, flags)
    assert kinds(report) == {"flags": 1}
    assert (report.first().expected_flags, report.first().got_flags) == (right, right ^ 1)
    assert vectors.compare(answered, codes, flags, ignore_flags=True).ok
    assert vectors.compare(answered, codes).ok


def test_flags_that_an_operation_does_not_define_do_not_count(answered):
    codes, flags = answered.columns["expected"], answered.columns["flags"]
    assert vectors.compare(answered, codes, flags | np.uint64(8)).ok  # DZ of a conversion
    assert not vectors.compare(answered, codes, flags ^ np.uint64(16)).ok
    unflagged = made(op="encode", fmt="e8m0", src="Binary8p1uf")
    assert vectors.compare(unflagged, unflagged.columns["expected"], np.full(len(unflagged), 31)).ok


def test_flags_are_compared_in_the_order_of_the_spec():
    options = {"fmt": "e5m2", "dst": "e4m3"}
    plain = vectors.generate(spec_of("convert", **options))
    turned = vectors.generate(spec_of("convert", flag_order="NV,DZ,OF,UF,NX", **options))
    flags = turned.columns["flags"]
    assert flags.tolist() == [int(f"{f:05b}"[::-1], 2) for f in plain.columns["flags"].tolist()]
    assert vectors.compare(turned, turned.columns["expected"], flags).ok
    assert vectors.compare(turned, turned.columns["expected"], flags ^ np.uint64(2)).ok  # DZ
    assert not vectors.compare(turned, turned.columns["expected"], plain.columns["flags"]).ok


def test_a_row_wrong_in_bits_and_flags_counts_once(answered):
    row = row_with(answered, 0x3C)
    codes, flags = answered.columns["expected"].copy(), answered.columns["flags"].copy()
    codes[row] ^= 1
    flags[row] ^= 1
    report = vectors.compare(answered, codes, flags)
    assert kinds(report) == {"value": 1}
    assert report.wrong == 1


def test_any_nan_takes_every_nan_and_nothing_else(answered):
    codes = answered.columns["expected"].copy()
    nan = row_with(answered, 0x7E)
    codes[nan] = 0xFD
    assert not vectors.compare(answered, codes).ok
    assert vectors.compare(answered, codes, any_nan=True).ok
    codes[nan] = 0x7C
    assert not vectors.compare(answered, codes, any_nan=True).ok
    flags = answered.columns["flags"].copy()
    flags[nan] ^= 16
    codes[nan] = 0xFD
    assert kinds(vectors.compare(answered, codes, flags, any_nan=True)) == {"flags": 1}


def test_counts_are_by_class_and_the_first_rows_are_bounded(answered):
    report = vectors.compare(answered, answered.columns["expected"] ^ np.uint64(1))
    assert report.wrong == len(answered)
    by_class = {stimulus: sum(found.values()) for stimulus, found in report.by_class().items()}
    assert by_class == {entry.name: entry.rows for entry in answered.coverage()}
    assert 1 <= len(report.shown) <= 20
    assert [miss.row for miss in report.shown] == list(range(len(report.shown)))
    assert report.to_dict()["wrong"] == len(answered)
    assert str(report).splitlines()[-1].startswith("  simplest: row ")


# Masks


@pytest.mark.parametrize("fmt", ["e5m2", "e4m3", "e4m3_fnuz", "e8m0", "Binary8p4se", "binary16"])
def test_a_mask_leaves_nans_free_and_takes_nothing_else_for_one(fmt):
    if fmt == "e8m0":
        spec = spec_of("mul", fmt=fmt, dialect=FREE, exhaustive=True, max_rows=1)
    else:
        spec = spec_of("convert", fmt="e5m2", dst=fmt, dialect=FREE, exhaustive=True)
    table = vectors.generate(spec)
    columns, target = table.columns, table.spec.dst
    every = np.arange(1 << target.bits, dtype=np.uint64)
    is_nan = nf.unpack(every, target).kind == nf.Kind.NAN
    (nan_rows,) = np.nonzero(is_nan[columns["expected"]])
    assert nan_rows.size
    others = np.setdiff1d(np.arange(len(table)), nan_rows)
    assert (columns["mask"][others] == (1 << target.bits) - 1).all()
    for row in nan_rows[:20].tolist():
        passed = (every ^ columns["expected"][row]) & columns["mask"][row] == 0
        assert is_nan[passed].all()
        assert passed[columns["expected"][row]]
    for nan in (target.nan_code(0), target.nan_code(1)):
        assert nan is None or passed[nan]


def test_signalling_nans_have_no_free_bits():
    table = vectors.generate(spec_of("neg", fmt="e5m2", dialect=FREE, exhaustive=True))
    mask = dict(
        zip(table.columns["expected"].tolist(), table.columns["mask"].tolist(), strict=True)
    )
    assert {mask[code] for code in (0x7D, 0xFD, 0x7C, 0xFC)} == {0xFF}
    assert {mask[code] for code in (0x7E, 0x7F, 0xFE, 0xFF)} == {0x7E}


def test_answers_are_compared_under_the_mask():
    table = vectors.generate(
        spec_of("convert", fmt="binary16", dst="e5m2", dialect=FREE, classes="special")
    )
    row = row_with(table, 0x7E)
    codes = table.columns["expected"].copy()
    codes[row] = 0xFF
    assert vectors.compare(table, codes).ok
    codes[row] = 0x7C
    assert kinds(vectors.compare(table, codes)) == {"special": 1}
    codes[row] = 0x7D  # signalling: no result of an operation
    assert kinds(vectors.compare(table, codes)) == {"nan_code": 1}


# Several elements, several results


def test_a_wrong_element_is_named_by_its_place(tiles):
    codes = tiles.columns["expected"].copy()
    codes[7, 3] ^= 1
    codes[7, 2] ^= 1
    codes[9, 0] ^= 1
    report = vectors.compare(tiles, codes)
    assert report.wrong == 2
    first = report.first()
    assert (first.row, first.column) == (7, "expected[2]")
    assert (first.expected, first.got) == (tiles.columns["expected"][7, 2], codes[7, 2])
    assert first.operands["a"] == tuple(tiles.columns["a"][7].tolist())
    assert "expected[2] expected " in str(first)
    json.dumps(report.to_dict())
    assert vectors.compare(tiles, codes.reshape(-1)).wrong == 2


def test_answers_of_blocks_are_by_column(blocks):
    good = {name: blocks.columns[name] for name in ("expected", "expected_scale")}
    assert vectors.compare(blocks, good).ok
    bad = {name: column.copy() for name, column in good.items()}
    bad["expected_scale"][5] ^= 1
    bad["expected"][6, 15] ^= 1
    report = vectors.compare(blocks, bad)
    assert [(miss.row, miss.column) for miss in report.shown] == [
        (5, "expected_scale"),
        (6, "expected[15]"),
    ]
    with pytest.raises(nf.FormatError, match="got has no 'expected_scale'; pass a mapping"):
        vectors.compare(blocks, good["expected"])


def lines_of(table, packed, flags=False):
    """Return the right answers as lines, each result one word or each element."""
    lines = []
    for row in range(len(table)):
        words = []
        for column in table.spec.results:
            elements = np.atleast_1d(table.columns[column.name][row]).tolist()
            digits = -(-column.width // 4)
            if packed:
                whole = sum(code << column.width * at for at, code in enumerate(elements))
                words.append(f"{whole:0{-(-column.bits // 4)}x}")
            else:
                words += [f"{code:0{digits}x}" for code in elements]
        lines.append(" ".join([*words, *(["1f"] if flags else [])]))
    return lines


@pytest.mark.parametrize("flags", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["tiles", "blocks"])
def test_files_hold_packed_words_or_elements(tmp_path, request, name, packed, flags):
    table = request.getfixturevalue(name)
    path = tmp_path / "got.txt"
    lines = lines_of(table, packed, flags)
    path.write_text("\n".join(lines) + "\n")
    assert vectors.compare(table, path).ok
    lines[4] = ("1" if lines[4][0] == "0" else "0") + lines[4][1:]
    path.write_text("\n".join(lines) + "\n")
    report = vectors.compare(table, path)
    assert [miss.row for miss in report.shown] == [4]


def test_minimise_takes_few_set_bits_then_exponents_near_the_bias_then_the_first_row():
    table = made(op="mul", fmt="e4m3")

    def simplest(*pairs):
        codes = table.columns["expected"].copy()
        for pair in pairs:
            codes[256 * pair[0] + pair[1]] ^= 1
        return tuple(vectors.minimise(vectors.compare(table, codes)).operands.values())

    assert simplest((0x38, 0x3F), (0x38, 0x38), (0x3F, 0x3F)) == (0x38, 0x38)
    assert simplest((0x08, 0x08), (0x38, 0x38)) == (0x08, 0x08)  # bits before exponents
    assert simplest((0x18, 0x30), (0x30, 0x28), (0x30, 0x30)) == (0x30, 0x30)  # two bits each
    assert simplest((0x28, 0x30), (0x30, 0x28)) == (0x28, 0x30)


# What is no answer


@pytest.mark.parametrize(
    ("codes", "flags", "message"),
    [
        ([0] * 15, None, r"got has 15 answers; the table has 16 rows"),
        ([0.0] * 16, None, "got must hold codes of 32 bits"),
        ([-1] * 16, None, "got must hold codes of 32 bits"),
        ([1 << 32] * 16, None, "got must hold codes of 32 bits"),
        ([0] * 16, [0] * 3, "got_flags has 3 answers"),
        ([0] * 16, [256] * 16, "got_flags must hold codes of 8 bits"),
    ],
)
def test_arrays_that_are_no_answers_are_refused(codes, flags, message):
    with pytest.raises(nf.FormatError, match=message):
        vectors.compare(vectors.generate(SMALL), codes, flags)


def test_a_wrong_count_of_elements_is_refused(tiles):
    with pytest.raises(nf.FormatError, match="the table has 20 rows of 4 elements"):
        vectors.compare(tiles, tiles.columns["expected"][:, :3])


def answers(built, flags=True):
    rows = zip(built.columns["expected"].tolist(), built.columns["flags"].tolist(), strict=True)
    return [f"{code:08x} {raised:02x}" if flags else f"{code:08X}" for code, raised in rows]


@pytest.mark.parametrize("flags", [True, False])
def test_answers_from_a_file_are_judged_alike(tmp_path, flags):
    built = vectors.generate(SMALL)
    lines = answers(built, flags)
    path = tmp_path / "got.txt"
    path.write_text("// simulator\n# again\n\n" + "\n".join(lines) + "\n")
    assert vectors.compare(built, path).ok
    assert vectors.compare(built, str(path)).ok
    lines[3] = "3fc00001" + lines[3][8:] + " // wrong"
    path.write_text("\r\n".join(lines))
    report = vectors.compare(built, path)
    assert report.counts == {("exhaustive", "value"): 1}
    assert report.first().row == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("xxxxxxxx 00", "is not hexadecimal.*never drove"),
        ("0000000x 00", "is not hexadecimal"),
        ("zzzzzzzz 00", "is not hexadecimal"),
        ("0000_0000 00", "is not hexadecimal"),
        ("hello", "is not hexadecimal"),
        ("100000000 00", "is not a code of 32 bits"),
        ("00000000 100", "is not flags"),
        ("00000000 00 00", "has not as many words as before"),
        ("00000000", "has not as many words as before"),
        ("-1 00", "is not hexadecimal"),
        ("0 -1", "is not hexadecimal"),
        ("é 00", "is not hexadecimal"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_with_its_line(tmp_path, line, message):
    built = vectors.generate(SMALL)
    lines = ["# head", *answers(built)]
    lines[6] = line
    path = tmp_path / "got.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DamagedFile, match=re.escape(f"{path}:7: ") + f".*{message}"):
        vectors.compare(built, path)


def test_a_first_line_of_another_shape_is_refused_with_what_a_row_has(tmp_path, tiles):
    path = tmp_path / "got.txt"
    path.write_text("1 2 3\n" * 20)
    with pytest.raises(DamagedFile, match=r"got\.txt:1: '1 2 3' has 3 words, where a row has 1 or"):
        vectors.compare(tiles, path)


@pytest.mark.parametrize("count", [0, 15, 17])
def test_a_wrong_count_of_answers_is_refused(tmp_path, count):
    built = vectors.generate(SMALL)
    path = tmp_path / "got.txt"
    path.write_text("".join(f"{line}\n" for line in [*answers(built), "00000000 00"][:count]))
    message = f"{count} answers; the set has 16 rows" if count else "no answers; a row is a line"
    with pytest.raises(DamagedFile, match=message):
        vectors.compare(built, path)


def test_a_missing_answer_file_is_refused(tmp_path):
    with pytest.raises(nf.FormatError, match=r"cannot read .*none\.txt"):
        vectors.compare(vectors.generate(SMALL), tmp_path / "none.txt")

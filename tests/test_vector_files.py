"""Files of vectors: what is in them, read back with ten lines each; where they are put, and how."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import files, writers
from vector_sets import (
    BLOCK,
    DRAWN,
    EVERY,
    READERS,
    SETS,
    SMALL,
    WIDE,
    columns_of_words,
    contents,
    emit_of,
    manifest_of,
    read_txt,
    same_columns,
    table_called,
    write_sets,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture
def copy(written, tmp_path):
    def one(name="small"):
        return Path(shutil.copytree(written / name, tmp_path / name))

    return one


# What is in them


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("kind", READERS)
def test_each_kind_of_file_reads_back_to_the_columns(written, name, kind):
    if kind in emit_of(name):
        same_columns(READERS[kind](written / name), table_called(name).columns)


@pytest.mark.parametrize("name", SETS)
def test_text_rows_are_operands_random_bits_results_and_flags_in_a_section_a_mode(written, name):
    columns = table_called(name).columns
    wanted = {n: c for n, c in columns.items() if n != "class" and not n.startswith("mask")}
    same_columns(read_txt(written / name), wanted)
    text = (written / name / "vectors.txt").read_text()
    modes = re.findall(r"^# rounding=(\w+)$", text, re.MULTILINE)
    assert tuple(modes) == vectors.load(written / name).spec.rounding


def test_the_head_of_the_text_says_what_the_file_is_of(written):
    assert (written / "drawn" / "vectors.txt").read_text().splitlines()[:3] == [
        f"# numfmt vectors, spec sha256 {DRAWN.sha256()}",
        "# op=encode src=binary16 dst=e4m3 rows=180 flags=NV,DZ,OF,UF,NX",
        "# rounding=nearest_even",
    ]


@pytest.mark.parametrize("name", SETS)
def test_hex_files_keep_the_rules_that_every_simulator_reads_alike(written, name):
    table = vectors.load(written / name)
    manifest = manifest_of(written / name)
    wanted = {"vectors.hex": (len(table), manifest["word_bits"])}
    for column in manifest["columns"].values():
        if "file" in column:
            wanted[column["file"]] = (len(table) * column["elements"], column["element_width"])
    assert wanted.keys() == {path.name for path in (written / name).glob("*.hex")}
    for file, (count, bits) in wanted.items():
        data = (written / name / file).read_bytes()
        lines = data.decode("ascii").split("\n")
        assert lines.pop() == ""
        assert lines[0] == f"// numfmt vectors, spec sha256 {table.spec.sha256()}"
        words = [line for line in lines if not line.startswith("//")]
        assert len(words) == count
        assert all(re.fullmatch(f"[0-9a-f]{{{-(-bits // 4)}}}", word) for word in words)
        assert all(int(word, 16) < 1 << bits for word in words)


def test_a_row_wider_than_a_word_keeps_its_long_columns_in_files_of_their_own(written):
    assert {"a.hex", "b.hex", "c.hex", "expected.hex", "mask.hex"} < contents(
        written / "wide"
    ).keys()
    assert manifest_of(written / "wide")["word_bits"] == 8 + 4 + 5
    assert not list((written / "block").glob("a.hex"))
    for name in ("block", "wide"):
        bits = sum(c["width"] for c in manifest_of(written / name)["columns"].values())
        assert (bits > writers.WIDEST_WORD) is (name == "wide")


@pytest.mark.parametrize("kind", ["coe", "mif"])
def test_memories_have_no_room_for_rows_wider_than_a_word(tmp_path, kind):
    message = rf"emit='{kind}': a row has 1337 bits .*emit='hex' writes files of their own"
    with pytest.raises(nf.FormatError, match=message):
        vectors.write(vectors.generate(WIDE), tmp_path / "set", emit=("hex", kind))
    with pytest.raises(nf.FormatError, match=message):
        vectors.stream(WIDE, tmp_path / "set", emit=("hex", kind))
    assert not (tmp_path / "set").exists()


def places_of_layout(text):
    found = re.findall(r"localparam integer NUMFMT_(\w+)_([ML])SB = (\d+);", text)
    at = {(name.lower(), which): int(number) for name, which, number in found}
    return {name: (at[name, "M"], at[name, "L"]) for name, which in at if which == "M"}


@pytest.mark.parametrize("name", ["small", "drawn", "block", "tensor"])
def test_the_layout_places_every_field_without_gap_or_overlap(written, name):
    text = (written / name / "layout.svh").read_text()
    places = places_of_layout(text)
    lines = (written / name / "vectors.hex").read_text().splitlines()
    words = [int(line, 16) for line in lines if not line.startswith("//")]
    same_columns(columns_of_words(words, written / name, places), table_called(name).columns)
    covered = [bit for high, low in places.values() for bit in range(low, high + 1)]
    assert sorted(covered) == list(range(manifest_of(written / name)["word_bits"]))


def test_the_layout_publishes_counts_widths_and_mode_numbers(written):
    text = (written / "drawn" / "layout.svh").read_text()
    drawn = vectors.generate(DRAWN)
    assert f"localparam integer NUMFMT_ROWS = {len(drawn)};" in text
    assert f"localparam integer NUMFMT_WORD = {drawn.word_bits};" in text
    assert "localparam integer NUMFMT_RM_STOCHASTIC_C = 14;" in text
    assert text.count("`ifndef") + text.count("`ifdef") == text.count("`endif")
    wide = (written / "wide" / "layout.svh").read_text()
    assert "localparam integer NUMFMT_A_COUNT = 12;" in wide
    assert "localparam integer NUMFMT_EXPECTED_WIDTH = 32;" in wide
    assert "A_MSB" not in wide


@pytest.mark.parametrize("name", SETS)
def test_the_struct_of_the_layout_has_the_fields_in_order(written, name):
    text = (written / name / "layout.svh").read_text()
    fields = re.findall(r"^  logic(?: \[(\d+):0\])? \[(\d+):0\] (\w+)_;$", text, re.MULTILINE)
    widths = {f: (int(count or 0) + 1) * (int(width) + 1) for count, width, f in fields}
    columns = manifest_of(written / name)["columns"]
    packed = {n: c for n, c in columns.items() if "msb" in c}
    ordered = sorted(packed, key=lambda n: -packed[n]["msb"])
    assert list(widths.items()) == [(n, packed[n]["width"]) for n in ordered]


def test_the_npz_holds_the_smallest_unsigned_types_and_no_date(written):
    with np.load(written / "block" / "vectors.npz") as archive:
        assert {name: archive[name].dtype.str for name in ("a", "expected", "expected_scale")} == {
            "a": "<u2",
            "expected": "|u1",
            "expected_scale": "|u1",
        }
        assert archive["a"].shape == (len(vectors.generate(BLOCK)), 16)
        assert {entry.date_time for entry in archive.zip.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.zip.infolist()} == {3}


# The manifest


@pytest.mark.parametrize("name", SETS)
def test_the_manifest_counts_rows_and_names_the_spec(written, name):
    manifest, loaded = manifest_of(written / name), vectors.load(written / name)
    assert manifest["rows"] == len(loaded)
    assert sum(entry.get("rows", 0) for entry in manifest["coverage"].values()) == len(loaded)
    assert manifest["coverage"] == loaded.coverage().to_dict()
    assert manifest["spec_sha256"] == loaded.spec.sha256()
    canonical = json.dumps(manifest["spec"], sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == manifest["spec_sha256"]
    assert set(manifest["files"]) == contents(written / name).keys() - {"manifest.json"}


def test_the_manifest_has_no_date_and_no_place(written, tmp_path):
    vectors.write(vectors.generate(SMALL), tmp_path / "elsewhere", emit=EVERY)
    assert contents(tmp_path / "elsewhere") == contents(written / "small")


def test_the_manifest_says_what_section_2_of_the_design_asks(written):
    manifest = manifest_of(written / "drawn")
    assert manifest["rounding"] == {"nearest_even": 0, "stochastic_b": 13, "stochastic_c": 14}
    assert manifest["flags"]["order"] == ["NV", "DZ", "OF", "UF", "NX"]
    assert manifest["flags"]["defined"] == ["NV", "OF", "UF", "NX"]
    assert manifest["flags"]["tininess"] == "after"
    assert manifest["randomness"]["seed"] == 3
    assert manifest["randomness"]["bits"] == 5
    assert manifest["overflow"] == "nan"
    assert manifest["comparison"]["masks"] == {"expected": "mask"}
    target = manifest["formats"]["expected"]
    assert target["limits"]["nan_codes"] == ["0x7f", "0xff"]
    assert target["nan_ranges"] == [["0x7f", "0x7f"], ["0xff", "0xff"]]
    assert target["limits"]["max"] == 448
    assert target["limits"]["bias"] == 7
    assert target["code_of_negative_zero"] == 0x80


def test_the_manifest_of_blocks_has_the_format_of_blocks_and_both_masks(written):
    manifest = manifest_of(written / "block")
    assert manifest["formats"]["block"]["name"] == "nvfp4_one_level"
    assert manifest["comparison"]["masks"] == {
        "expected": "mask",
        "expected_scale": "mask_scale",
    }
    assert manifest["columns"]["expected"] | {"msb": 0, "lsb": 0} == {
        "width": 64,
        "elements": 16,
        "element_width": 4,
        "element_0": "least significant",
        "msb": 0,
        "lsb": 0,
    }


# Writing


@pytest.mark.parametrize("name", SETS)
def test_files_are_the_same_wherever_they_go(written, name):
    rendered = files.render(table_called(name), emit_of(name))
    found = contents(written / name)
    found.pop("input.npy", None)
    rendered.pop("input.npy", None)
    assert rendered == found
    assert list(rendered)[-1] == "manifest.json"


@pytest.mark.parametrize("name", SETS)
def test_load_gives_the_columns_that_were_written(written, name):
    loaded, fresh = vectors.load(written / name), table_called(name)
    assert loaded.spec == fresh.spec
    assert loaded.input == fresh.input
    same_columns(loaded.columns, fresh.columns)
    assert vectors.load(str(written / name / "manifest.json")).spec == fresh.spec


@pytest.mark.parametrize("foreign", ["notes.md", "vectors.hex.bak", ".hidden", "a.hex"])
def test_a_folder_with_foreign_files_is_refused_and_loses_nothing(copy, foreign):
    folder = copy()
    (folder / foreign).write_text("mine")
    before = contents(folder)
    for write in (lambda: vectors.write(vectors.generate(DRAWN), folder), _streaming(folder)):
        with pytest.raises(nf.FormatError, match=re.escape(repr(foreign))):
            write()
        assert contents(folder) == before


def _streaming(folder):
    return lambda: vectors.stream(DRAWN, folder)


def test_a_place_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(nf.FormatError, match="is a file; name a folder for the set"):
        vectors.write(vectors.generate(SMALL), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("existing", [False, True])
def test_an_interrupted_write_leaves_no_manifest_and_no_temporary_files(
    tmp_path, monkeypatch, error, existing
):
    folder = tmp_path / "set"
    if existing:
        vectors.write(vectors.generate(SMALL), folder, emit=EVERY)
    replace = os.replace

    def fail(source, target):
        if Path(target).name == "manifest.json":
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((nf.FormatError, KeyboardInterrupt)):
        vectors.write(vectors.generate(DRAWN), folder)
    assert contents(folder).keys() == {"vectors.hex", "vectors.txt", "vectors.npz", "layout.svh"}
    monkeypatch.undo()
    vectors.write(vectors.generate(DRAWN), folder)
    assert vectors.verify(folder) == []


@pytest.mark.parametrize("name", ["tensor", "wide"])
def test_rewriting_with_fewer_kinds_removes_stale_files(copy, name):
    folder = copy(name)
    manifest = vectors.write(vectors.generate(SMALL), folder, emit=("hex",))
    assert manifest == folder / "manifest.json"
    assert contents(folder).keys() == {"vectors.hex", "manifest.json"}
    assert vectors.verify(folder) == []


@pytest.mark.parametrize("emit", [("hex", "pdf"), "hex,pdf", "pdf"])
def test_emit_refuses_what_it_cannot_write(tmp_path, emit):
    with pytest.raises(nf.FormatError, match="emit='pdf' is not one of hex, txt"):
        vectors.write(vectors.generate(SMALL), tmp_path / "set", emit=emit)
    with pytest.raises(nf.FormatError, match="emit='pdf' is not one of hex, txt"):
        vectors.stream(SMALL, tmp_path / "set", emit=emit)
    assert not (tmp_path / "set").exists()


def test_a_table_writes_itself_and_kinds_keep_their_order(tmp_path):
    path = vectors.generate(SMALL).write(tmp_path / "set", emit="svh,hex,hex")
    assert manifest_of(path.parent)["emit"] == ["hex", "svh"]
    assert vectors.verify(path) == []

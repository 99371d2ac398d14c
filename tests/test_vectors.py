"""Golden vectors: the same bytes every time, every damage named, every answer judged by kind."""

import dataclasses
import hashlib
import itertools
import json
import os
import re
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact, vectors
from numfmt.vectors import DamagedFile, Spec, files, spec, stimuli, table

EVERY = vectors.files.KINDS
TEXT = ("vectors.hex", "vectors.txt", "layout.svh", "vectors.csv", "vectors.json", "manifest.json")
SMALL = Spec(op="decode", fmt="e2m1", rounding="nearest_even")
DRAWN = Spec(
    op="encode",
    fmt="e4m3",
    src="binary16",
    rounding="nearest_even,stochastic_b,stochastic_c",
    bits=5,
    exhaustive=False,
    max_rows=60,
    seed=3,
)
DETERMINISTIC = [mode.value for mode in nf.Rounding if not mode.stochastic]


def made(**fields):
    return vectors.generate(Spec(**fields))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    for name, wanted in (("small", SMALL), ("drawn", DRAWN)):
        vectors.write(vectors.generate(wanted), folder / name, emit=EVERY)
    tensor = np.linspace(-500, 500, 48, dtype=np.float32).reshape(6, 8)
    encoded = vectors.generate(Spec(op="encode", fmt="e4m3"), input=tensor)
    vectors.write(encoded, folder / "tensor", emit=EVERY)
    return folder


@pytest.fixture
def copy(written, tmp_path):
    def one(name="small"):
        return Path(shutil.copytree(written / name, tmp_path / name))

    return one


def change(path, at, to=None):
    data = bytearray(path.read_bytes())
    data[at] = data[at] ^ 1 if to is None else to
    path.write_bytes(data)
    return data[:at].count(b"\n") + 1


def edit_manifest(folder, edit):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


# Reproducible bytes


@pytest.mark.parametrize("wanted", [SMALL, DRAWN, Spec(op="encode", fmt="int8", max_rows=300)])
def test_the_same_spec_gives_the_same_bytes_twice(wanted):
    again = dataclasses.replace(wanted)
    assert files.render(vectors.generate(wanted), EVERY) == files.render(
        vectors.generate(again), EVERY
    )


def test_another_seed_gives_other_operands_and_another_name():
    one, two = (Spec(op="encode", fmt="e4m3", max_rows=2000, seed=s) for s in (0, 1))
    assert one.sha256() != two.sha256()
    assert (vectors.generate(one).columns["a"] != vectors.generate(two).columns["a"]).any()


@pytest.mark.parametrize("name", ["small", "drawn", "tensor"])
def test_a_fresh_set_verifies(written, name):
    assert vectors.verify(written / name) == []
    assert vectors.verify(written / name / "manifest.json") == []


def test_load_gives_the_columns_that_were_written(written):
    loaded, fresh = vectors.load(written / "drawn"), vectors.generate(DRAWN)
    assert loaded.spec == fresh.spec
    assert list(loaded.columns) == list(fresh.columns)
    for name, column in fresh.columns.items():
        np.testing.assert_array_equal(loaded.columns[name], column)


# Damage


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("name", [name for name in TEXT if name != "manifest.json"])
def test_one_changed_byte_is_reported_with_its_file_and_line(copy, name, place):
    folder = copy()
    path = folder / name
    line = change(path, int(place * (path.stat().st_size - 1)))
    (problem,) = vectors.verify(folder)
    assert problem.startswith(f"{path}:{line}: ")
    with pytest.raises(DamagedFile, match=re.escape(f"{path}:{line}: ")):
        vectors.load(folder)


def test_a_changed_newline_is_reported_on_the_line_that_it_ended(copy):
    folder = copy()
    path = folder / "vectors.hex"
    at = path.read_bytes().index(b"\n", 200)
    line = change(path, at, ord(" "))
    assert vectors.verify(folder)[0].startswith(f"{path}:{line}: ")


@pytest.mark.parametrize("key", ["word_bits", "rows", "tininess", "order", "sha256", "msb"])
def test_a_changed_value_in_the_manifest_is_reported_with_its_line(copy, key):
    folder = copy()
    path = folder / "manifest.json"
    data = path.read_bytes()
    start = data.index(b'"%s": ' % key.encode()) + len(key) + 3
    at = next(i for i in range(start, len(data)) if chr(data[i]).isalnum())
    line = change(path, at, ord("7") if data[at] != ord("7") else ord("8"))
    (problem,) = vectors.verify(folder)
    assert problem.startswith(f"{path}:{line}: ")


def test_a_changed_spec_is_blamed_on_the_manifest_and_not_on_the_vectors(copy):
    folder = copy("drawn")
    edit_manifest(folder, lambda m: m["spec"].update(seed=4))
    try:
        first = vectors.verify(folder)[0]
    except DamagedFile as error:
        first = str(error)
    assert first.startswith(str(folder / "manifest.json"))


def test_any_changed_byte_of_a_manifest_is_noticed_and_blamed_on_a_file(copy):
    folder = copy()
    path = folder / "manifest.json"
    good = path.read_bytes()
    for at in range(0, len(good), 37):
        change(path, at)
        try:
            problems = vectors.verify(folder)
        except DamagedFile as error:
            problems = [str(error)]
        assert problems, (at, good[at - 20 : at + 20])
        assert all(problem.startswith(str(folder)) for problem in problems)
        path.write_bytes(good)


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_changed_byte_of_the_npz_is_reported_with_its_position(copy, place):
    folder = copy()
    path = folder / "vectors.npz"
    at = int(place * (path.stat().st_size - 1))
    change(path, at)
    assert vectors.verify(folder) == [
        f"{path}: differs from byte {at} ({path.stat().st_size} bytes, "
        f"expected {path.stat().st_size})"
    ]


@pytest.mark.parametrize("at", [0, 60, -1])
def test_a_changed_byte_of_the_input_is_reported(copy, at):
    folder = copy("tensor")
    data = bytearray((folder / "input.npy").read_bytes())
    data[at] ^= 1
    (folder / "input.npy").write_bytes(data)
    with pytest.raises(DamagedFile, match=r"input\.npy: sha256 is [0-9a-f]{64}, the manifest says"):
        vectors.verify(folder)


@pytest.mark.parametrize("name", [*TEXT[:-1], "vectors.npz"])
def test_a_missing_file_is_reported(copy, name):
    folder = copy()
    (folder / name).unlink()
    assert vectors.verify(folder) == [f"{folder / name}: missing"]


def test_a_missing_input_is_reported(copy):
    folder = copy("tensor")
    (folder / "input.npy").unlink()
    with pytest.raises(DamagedFile, match=r"input\.npy: cannot be read"):
        vectors.verify(folder)


def test_a_folder_without_manifest_is_no_set(copy):
    folder = copy()
    (folder / "manifest.json").unlink()
    with pytest.raises(nf.FormatError, match=r"is no vector set: it has no manifest\.json"):
        vectors.verify(folder)


@pytest.mark.parametrize("name", TEXT[:-1])
def test_a_truncated_file_is_reported_where_it_ends(copy, name):
    folder = copy()
    path = folder / name
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    (problem,) = vectors.verify(folder)
    assert problem.startswith(f"{path}:{len(lines) - 1}: found the end of the file")


def test_a_lost_last_newline_is_reported(copy):
    folder = copy()
    path = folder / "vectors.hex"
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert vectors.verify(folder)[0].startswith(f"{path}:{data.count(10)}: ")


@pytest.mark.parametrize("name", TEXT[:-1])
def test_an_extra_line_is_reported(copy, name):
    folder = copy()
    path = folder / name
    count = path.read_bytes().count(b"\n")
    with path.open("ab") as file:
        file.write(b"00\n")
    assert vectors.verify(folder) == [
        f"{path}:{count + 1}: found '00', expected the end of the file"
    ]


def test_every_damaged_file_is_reported_once(copy):
    folder = copy()
    for name in TEXT[:-1]:
        change(folder / name, 5)
    problems = vectors.verify(folder)
    assert sorted(Path(p.split(":")[0]).name for p in problems) == sorted(TEXT[:-1])


@pytest.mark.parametrize("text", ["", "\n\n", "{}", "[]", "null", '{"spec": 1}'])
def test_an_emptied_manifest_is_refused_with_its_line(copy, text):
    folder = copy()
    (folder / "manifest.json").write_text(text)
    with pytest.raises(DamagedFile, match=r"manifest\.json:\d+: not"):
        vectors.verify(folder)


def test_invalid_json_is_refused_with_its_line(copy):
    folder = copy()
    path = folder / "manifest.json"
    lines = path.read_text().split("\n")
    lines[11] = lines[11] + " oops"
    path.write_text("\n".join(lines))
    with pytest.raises(DamagedFile, match=r"manifest\.json:12: not JSON"):
        vectors.verify(folder)


def test_a_manifest_that_is_not_utf8_is_refused_with_its_line(copy):
    folder = copy()
    path = folder / "manifest.json"
    change(path, path.read_bytes().index(b"overflow"), 0xFF)
    line = path.read_bytes().split(b"\xff")[0].count(b"\n") + 1
    with pytest.raises(DamagedFile, match=rf"manifest\.json:{line}: not UTF-8"):
        vectors.verify(folder)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda m: m["spec"].update(schema=2), r"schema 2; this numfmt reads schema 1"),
        (lambda m: m["spec"].pop("schema"), r"schema None"),
        (lambda m: m["spec"].update(colour="red"), r"unknown fields: colour"),
        (lambda m: m["spec"].pop("seed"), r"missing or unknown fields: seed"),
        (lambda m: m["spec"].update(op="divide"), r"op='divide'"),
        (lambda m: m["spec"].update(rounding=["sideways"]), r"rounding='sideways'"),
        (lambda m: m["spec"].update(rounding=5), r"cannot be followed"),
        (lambda m: m["spec"].update(max_rows="many"), r"max_rows='many'"),
        (lambda m: m["spec"].update(seed=-1), r"seed=-1"),
        (lambda m: m["spec"]["fmt"].update({"class": "Posit"}), r"unknown class 'Posit'"),
        (lambda m: m["spec"]["fmt"].update(wheels=4), r"wheels"),
        (lambda m: m["spec"]["fmt"].update(bits="4"), r"cannot be followed"),
        (lambda m: m["spec"].update(fmt="e2m1"), r"cannot be followed"),
        (lambda m: m.update(spec=[]), r"cannot be followed"),
        (lambda m: m.update(emit=["pdf"]), r"emit='pdf' is not one of"),
        (lambda m: m.update(emit=None), r"cannot be followed"),
    ],
)
def test_a_spec_that_cannot_be_followed_is_refused(copy, edit, message):
    folder = copy()
    edit_manifest(folder, edit)
    with pytest.raises(DamagedFile, match=r"manifest\.json.*" + message):
        vectors.verify(folder)


def test_a_format_whose_name_means_other_codes_is_refused(copy):
    folder = copy()
    edit_manifest(folder, lambda m: m["spec"]["fmt"].update(emin=-1))
    with pytest.raises(DamagedFile, match="the name 'e2m1' stands for other codes"):
        vectors.verify(folder)


# The files themselves


@pytest.mark.parametrize("name", ["small", "drawn", "tensor"])
def test_the_hex_file_keeps_the_rules_that_every_simulator_reads_alike(written, name):
    data = (written / name / "vectors.hex").read_bytes()
    loaded = vectors.load(written / name)
    assert data.endswith(b"\n")
    assert b"\r" not in data
    assert b"#" not in data
    lines = data.decode("ascii").split("\n")[:-1]
    words = [line for line in lines if not line.startswith("//")]
    assert lines[0] == f"// numfmt vectors, spec sha256 {loaded.spec.sha256()}"
    assert len(words) == len(loaded)
    digits = -(-loaded.word_bits // 4)
    assert all(re.fullmatch(f"[0-9a-f]{{{digits}}}", word) for word in words)
    assert all(int(word, 16) < 1 << loaded.word_bits for word in words)


def positions(folder, origin):
    if origin == "manifest":
        manifest = json.loads((folder / "manifest.json").read_text())
        return {name: (c["msb"], c["lsb"]) for name, c in manifest["columns"].items()}
    text = (folder / "layout.svh").read_text()
    found = re.findall(r"localparam integer NUMFMT_(\w+)_([ML])SB = (\d+);", text)
    names = dict.fromkeys(name for name, _, _ in found)
    at = {(name, which): int(number) for name, which, number in found}
    return {name.lower(): (at[name, "M"], at[name, "L"]) for name in names}


@pytest.mark.parametrize("origin", ["svh", "manifest"])
@pytest.mark.parametrize("name", ["small", "drawn", "tensor"])
def test_packed_words_unpack_to_the_columns(written, name, origin):
    folder = written / name
    columns = vectors.load(folder).columns
    places = positions(folder, origin)
    assert set(places) == set(columns)
    lines = (folder / "vectors.hex").read_text().splitlines()
    words = [int(line, 16) for line in lines if not line.startswith("//")]
    covered = 0
    for field, (high, low) in places.items():
        mask = (1 << (high - low + 1)) - 1
        assert covered & (mask << low) == 0
        covered |= mask << low
        assert [word >> low & mask for word in words] == columns[field].tolist()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert covered == (1 << manifest["word_bits"]) - 1


def test_the_layout_publishes_the_rows_and_the_width(written):
    text = (written / "drawn" / "layout.svh").read_text()
    drawn = vectors.generate(DRAWN)
    assert f"localparam integer NUMFMT_ROWS = {len(drawn)};" in text
    assert f"localparam integer NUMFMT_WORD = {drawn.word_bits};" in text
    assert text.count("`ifndef") + text.count("`ifdef") == text.count("`endif")


@pytest.mark.parametrize("name", ["small", "drawn"])
def test_text_rows_are_operand_random_result_and_flags_in_a_section_a_mode(written, name):
    loaded = vectors.load(written / name)
    names = [n for n in ("a", "random", "expected", "flags") if n in loaded.columns]
    modes, rows = [], []
    for line in (written / name / "vectors.txt").read_text().splitlines():
        if line.startswith("# rounding="):
            modes.append(line.removeprefix("# rounding="))
        elif not line.startswith("#"):
            rows.append([table.RM_NUMBERS[modes[-1]], *(int(word, 16) for word in line.split())])
    assert tuple(modes) == loaded.spec.rounding
    wanted = np.stack([loaded.columns[n] for n in ("rm", *names)], axis=1)
    np.testing.assert_array_equal(np.array(rows, np.uint64), wanted)


@pytest.mark.parametrize("name", ["small", "drawn", "tensor"])
def test_the_npz_the_csv_and_the_json_equal_the_columns(written, name):
    folder = written / name
    columns = vectors.load(folder).columns
    with np.load(folder / "vectors.npz") as archive:
        assert archive.files == list(columns)
        for field, column in columns.items():
            assert archive[field].dtype.kind == "u"
            np.testing.assert_array_equal(archive[field], column)
    texts = json.loads((folder / "vectors.json").read_text())
    assert {f: [int(t, 16) for t in ts] for f, ts in texts.items()} == {
        f: c.tolist() for f, c in columns.items()
    }
    head, *lines = (folder / "vectors.csv").read_text().splitlines()
    assert head.split(",") == list(columns)
    rows = [[int(word, 16) for word in line.split(",")] for line in lines]
    np.testing.assert_array_equal(np.array(rows, np.uint64), np.stack([*columns.values()], axis=1))


@pytest.mark.parametrize("name", ["small", "drawn", "tensor"])
def test_the_manifest_counts_rows_and_hashes_files(written, name):
    folder = written / name
    manifest = json.loads((folder / "manifest.json").read_text())
    loaded = vectors.load(folder)
    assert (
        manifest["rows"]
        == len(loaded)
        == sum(entry["found"] for entry in manifest["coverage"].values())
    )
    found = {name: entry["found"] for name, entry in manifest["coverage"].items()}
    assert found == loaded.coverage()
    assert manifest["spec_sha256"] == loaded.spec.sha256()
    canonical = json.dumps(manifest["spec"], sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == manifest["spec_sha256"]
    there = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == there
    for file, entry in manifest["files"].items():
        data = (folder / file).read_bytes()
        assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_manifest_has_no_date_and_no_place(written, tmp_path):
    vectors.write(vectors.generate(SMALL), tmp_path / "elsewhere", emit=EVERY)
    for path in (written / "small").iterdir():
        assert path.read_bytes() == (tmp_path / "elsewhere" / path.name).read_bytes()


def test_the_manifest_says_what_section_2_of_the_design_asks(written):
    manifest = json.loads((written / "drawn" / "manifest.json").read_text())
    assert manifest["rounding"] == {"nearest_even": 0, "stochastic_b": 13, "stochastic_c": 14}
    assert manifest["flags"]["order"] == ["NV", "DZ", "OF", "UF", "NX"]
    assert manifest["randomness"]["seed"] == 3
    assert manifest["randomness"]["bits"] == 5
    assert manifest["overflow"] == "nan"
    target = manifest["formats"]["expected"]
    assert target["limits"]["nan_codes"] == ["0x7f", "0xff"]
    assert target["nan_ranges"] == [["0x7f", "0x7f"], ["0xff", "0xff"]]
    assert target["limits"]["max"] == 448
    assert target["limits"]["bias"] == 7
    assert target["code_of_negative_zero"] == 0x80


# Input tensors


@pytest.mark.parametrize(
    "tensor",
    [
        np.array([[1.5, -2, 1e-9], [448, 464, -0.0]], np.float16),
        np.array([0.1, 465, -1e30, 5e-324]),
        np.array([[1], [-128]], np.int8),
        np.array([3, 2**63], np.uint64),
        np.array([0.1, 2.0], ">f4"),
        np.arange(6.0).reshape(2, 3)[:, ::-1],
    ],
    ids=["float16", "float64", "int8", "uint64", "big_endian", "reversed"],
)
def test_a_tensor_is_copied_and_verified_from_the_copy(tmp_path, tensor):
    built = vectors.generate(Spec(op="encode", fmt="e4m3"), input=tensor)
    vectors.write(built, tmp_path / "set")
    kept = np.load(tmp_path / "set" / "input.npy", allow_pickle=False)
    np.testing.assert_array_equal(kept, tensor)
    assert built.coverage() == {"input": tensor.size}
    assert built.columns["expected"].tolist() == nf.encode(tensor, "e4m3").ravel().tolist()
    del tensor, built
    moved = (tmp_path / "set").rename(tmp_path / "moved")
    assert vectors.verify(moved) == []


def test_the_spec_holds_the_digest_of_the_tensor(written):
    digest = hashlib.sha256((written / "tensor" / "input.npy").read_bytes()).hexdigest()
    assert vectors.load(written / "tensor").spec.input_sha256 == digest
    with pytest.raises(nf.FormatError, match=f"the spec names {digest}"):
        vectors.generate(vectors.load(written / "tensor").spec, input=np.ones(3, np.float32))


def test_a_spec_that_names_a_tensor_is_not_generated_without_it():
    asked = Spec(op="encode", fmt="e4m3", max_rows=50, input_sha256="0" * 64)
    with pytest.raises(nf.FormatError, match="input"):
        vectors.generate(asked)


def test_nan_into_a_format_without_nan_names_the_element():
    tensor = np.ones((3, 4), np.float32)
    tensor[1, 2] = np.nan
    with pytest.raises(nf.FormatError, match=r"input\[1, 2\] has no code in 'e2m1'.*set nan="):
        vectors.generate(Spec(op="encode", fmt="e2m1"), input=tensor)
    built = vectors.generate(Spec(op="encode", fmt="e2m1", nan=7), input=tensor)
    assert built.columns["expected"][6] == 7


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (np.zeros((0, 3)), "empty"),
        (np.array([1 + 1j]), "complex128"),
        (np.array([True]), "bool"),
        (np.array(["1"]), "<U1"),
    ],
)
def test_a_tensor_that_is_no_operand_is_refused(tensor, message):
    with pytest.raises(nf.FormatError, match=message):
        vectors.generate(Spec(op="encode", fmt="e4m3"), input=tensor)


def test_a_tensor_goes_with_encode_alone():
    with pytest.raises(nf.FormatError, match="op='encode'"):
        vectors.generate(SMALL, input=np.ones(3))


# Writing


@pytest.mark.parametrize("foreign", ["notes.md", "vectors.hex.bak", ".hidden"])
def test_a_folder_with_foreign_files_is_refused_and_loses_nothing(copy, foreign):
    folder = copy()
    (folder / foreign).write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(nf.FormatError, match=re.escape(repr(foreign))):
        vectors.write(vectors.generate(DRAWN), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_place_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(nf.FormatError, match="cannot write vectors to"):
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
    names = {path.name for path in folder.iterdir()}
    assert names == {"vectors.hex", "vectors.txt", "vectors.npz", "layout.svh"}
    monkeypatch.undo()
    vectors.write(vectors.generate(DRAWN), folder)
    assert vectors.verify(folder) == []


def test_rewriting_with_fewer_kinds_removes_stale_files(copy):
    folder = copy("tensor")
    manifest = vectors.write(vectors.generate(SMALL), folder, emit=("hex",))
    assert manifest == folder / "manifest.json"
    assert {path.name for path in folder.iterdir()} == {"vectors.hex", "manifest.json"}
    assert vectors.verify(folder) == []


def test_emit_refuses_what_it_cannot_write(tmp_path):
    with pytest.raises(nf.FormatError, match="emit='coe' is not one of hex, txt"):
        vectors.write(vectors.generate(SMALL), tmp_path / "set", emit=("hex", "coe"))
    assert not (tmp_path / "set").exists()


# Specs and formats


@pytest.mark.parametrize("registered", [False, True])
def test_a_custom_format_comes_back_from_a_manifest(tmp_path, registered):
    fmt = nf.FloatFormat(name="wee_seven", bits=7, precision=3, emin=-4, aliases=("wee",))
    wanted = fmt
    if registered:
        nf.register(fmt)
        wanted = "WEE"
    try:
        vectors.write(made(op="decode", fmt=wanted), tmp_path / "set")
        assert vectors.verify(tmp_path / "set") == []
        assert vectors.load(tmp_path / "set").spec.fmt == fmt
    finally:
        if registered:
            nf.unregister("wee_seven")
    assert vectors.verify(tmp_path / "set") == []


def test_a_custom_fixed_format_comes_back_from_a_manifest(tmp_path):
    encoding = nf.get("int8_narrow").encoding
    fmt = nf.FixedFormat(name="odd_fixed", bits=6, fraction_bits=9, encoding=encoding)
    vectors.write(made(op="encode", fmt=fmt, max_rows=200), tmp_path / "set")
    loaded = vectors.load(tmp_path / "set")
    assert loaded.spec.fmt == fmt
    assert loaded.spec.fmt.encoding is encoding


@pytest.mark.parametrize("wanted", [SMALL, DRAWN, Spec(op="convert", fmt="e4m3", dst="int8")])
def test_a_spec_comes_back_from_its_dictionary(wanted):
    again = Spec.from_dict(json.loads(json.dumps(wanted.to_dict())))
    assert again == wanted
    assert again.sha256() == wanted.sha256()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"op": "add"}, "op='add'"),
        ({"op": "convert"}, "dst is missing"),
        ({"op": "encode", "dst": "e5m2"}, "encode ends in fmt"),
        ({"op": "decode", "src": "e5m2"}, "decode starts from fmt"),
        ({"rounding": "nearest_evn"}, "Did you mean 'nearest_even'"),
        ({"rounding": "nearest_even,"}, "rounding=''"),
        ({"rounding": ()}, "rounding"),
        ({"overflow": "burst"}, "overflow='burst'"),
        ({"tininess": "during"}, "tininess='during'"),
        ({"bits": 0}, "bits=0"),
        ({"bits": 53}, "bits=53"),
        ({"max_rows": 0}, "max_rows=0"),
        ({"max_rows": 1.5}, r"max_rows=1\.5"),
        ({"seed": -1}, "seed=-1"),
        ({"op": "encode", "exhaustive": True}, r"2\*\*32 codes"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused_by_argument(fields, message):
    with pytest.raises(nf.FormatError, match=message):
        Spec(**({"op": "decode", "fmt": "e4m3"} | fields))


def test_rounding_all_is_every_deterministic_mode():
    built = made(op="encode", fmt="e4m3", src="e5m2", rounding="all")
    assert list(built.spec.rounding) == DETERMINISTIC
    assert "random" not in built.columns
    for mode in DETERMINISTIC:
        rows = built.columns["rm"] == table.RM_NUMBERS[mode]
        assert rows.sum() == 256
        wanted = nf.convert(np.arange(256), "e5m2", "e4m3", rounding=mode)
        assert built.columns["expected"][rows].tolist() == wanted.tolist()


def test_rounding_numbers_are_one_to_one():
    assert set(table.RM_NUMBERS) == {mode.value for mode in nf.Rounding}
    assert len(set(table.RM_NUMBERS.values())) == len(table.RM_NUMBERS)
    assert max(table.RM_NUMBERS.values()) < 16


def held_by_exact(built):
    modes = {number: mode for mode, number in table.RM_NUMBERS.items()}
    columns = {name: column.tolist() for name, column in built.columns.items()}
    draws = columns.get("random", [0] * len(built))
    asked = built.spec
    for a, rm, draw, expected, flags in zip(
        columns["a"], columns["rm"], draws, columns["expected"], columns["flags"], strict=True
    ):
        drawn = exact.Draw(draw, asked.bits) if nf.Rounding(modes[rm]).stochastic else None
        code, raised = exact.convert(
            a,
            asked.src,
            asked.dst,
            rounding=modes[rm],
            draw=drawn,
            overflow=asked.overflow,
            nan=asked.nan,
            flush_inputs=asked.flush_inputs,
            flush_results=asked.flush_results,
            tininess=asked.tininess,
        )
        assert code == expected, (hex(a), modes[rm], draw)
        if asked.dst.has_zero:
            assert int(raised) == flags, (hex(a), modes[rm], draw)


@pytest.mark.parametrize(
    "mode", ["stochastic_a", "stochastic_b", "stochastic_c", "stochastic_c_odd"]
)
@pytest.mark.parametrize("bits", [1, 8, 11])
def test_the_random_column_reproduces_the_results(mode, bits):
    built = made(
        op="encode",
        fmt="e3m2",
        src="bfloat16",
        rounding=mode,
        bits=bits,
        exhaustive=False,
        max_rows=400,
    )
    assert built.widths["random"] == bits
    assert built.columns["random"].max() < 1 << bits
    assert len(np.unique(built.columns["random"])) > 1
    held_by_exact(built)


def test_deterministic_rows_of_a_drawn_set_have_no_random_bits():
    built = vectors.generate(DRAWN)
    still = built.columns["rm"] == table.RM_NUMBERS["nearest_even"]
    assert not built.columns["random"][still].any()
    assert built.columns["random"][~still].any()


@pytest.mark.parametrize("op", ["decode", "encode", "convert"])
@pytest.mark.parametrize(
    "fmt",
    ["e4m3", "e8m0", "int8", "uint5", "q2.14", "Binary8p3se", "Binary8p1uf", "binary16", "e2m1"],
)
def test_every_operation_works_on_every_kind_of_format(tmp_path, op, fmt):
    asked = Spec(
        op=op,
        fmt=fmt,
        dst="e5m2" if op == "convert" else None,
        exhaustive=False,
        max_rows=250,
        rounding="nearest_even,toward_negative,nearest_away",
    )
    built = vectors.generate(asked)
    held_by_exact(built)
    vectors.write(built, tmp_path / "set", emit=EVERY)
    assert vectors.verify(tmp_path / "set") == []


@pytest.mark.parametrize(
    "options",
    [
        {"overflow": "saturate"},
        {"overflow": "infinity"},
        {"flush_inputs": True},
        {"flush_results": True},
        {"tininess": "before"},
    ],
    ids=str,
)
def test_every_option_changes_the_rows_and_the_manifest(options):
    plain = Spec(op="convert", fmt="binary16", dst="e5m2", exhaustive=False, max_rows=1500)
    if options.get("overflow") == "infinity":
        plain = dataclasses.replace(plain, overflow="saturate", rounding="toward_zero")
    asked = dataclasses.replace(plain, **options)
    one, two = vectors.generate(plain), vectors.generate(asked)
    held_by_exact(two)
    differs = [(one.columns[c] != two.columns[c]).any() for c in ("expected", "flags")]
    assert any(differs)
    assert asked.sha256() != plain.sha256()


def test_wrap_takes_no_infinity():
    built = made(op="convert", fmt="binary16", dst="int8", overflow="wrap")
    operands = built.columns["a"].tolist()
    assert {0x7C00, 0xFC00}.isdisjoint(operands)
    assert 0x7BFF in operands


@pytest.mark.parametrize(
    "asked", [SMALL, DRAWN, Spec(op="encode", fmt="e4m3", max_rows=4000, rounding="all")]
)
def test_counts_add_up_to_the_rows(asked):
    built = vectors.generate(asked)
    summary = built.summary()
    assert summary["rows"] == len(built) == sum(summary["classes"].values())
    assert sum(summary["results"].values()) == len(built)
    for name, bit in (("NX", 1), ("UF", 2), ("OF", 4), ("DZ", 8), ("NV", 16)):
        assert summary["flags"][name] == np.count_nonzero(built.columns["flags"].astype(int) & bit)
    names, counts = np.unique(built.columns["class"], return_counts=True)
    assert summary["classes"] == {
        stimuli.CLASSES[int(n)]: int(c) for n, c in zip(names, counts, strict=True)
    }


def test_rows_are_in_order_of_mode_then_class():
    built = made(op="encode", fmt="e4m3", max_rows=4000, rounding="nearest_even,toward_zero")
    for half in np.split(built.columns["class"].astype(int), 2):
        assert (np.diff(half) >= 0).all()


# Constructed operands


def values_of(built, name):
    rows = built.columns["class"] == stimuli.CLASSES.index(name)
    return nf.decode(built.columns["a"][rows], built.spec.src)


@pytest.mark.parametrize("src", ["binary32", "binary64", "binary16"])
def test_constructed_operands_have_the_tie_at_overflow_and_its_neighbours(src):
    built = made(op="encode", fmt="e4m3", src=src, exhaustive=False, max_rows=3000)
    assert {464.0, -464.0} <= set(values_of(built, "tie").tolist())
    tie = int(nf.encode(464.0, src))
    beside = nf.decode(np.array([tie - 1, tie + 1], np.uint64), src)
    assert {*beside.tolist(), *(-beside).tolist()} <= set(values_of(built, "beside").tolist())
    columns = (built.columns[name].tolist() for name in ("a", "expected"))
    at = dict(zip(*columns, strict=True))
    assert [at[tie - 1], at[tie], at[tie + 1]] == [0x7E, 0x7E, 0x7F]


def test_constructed_operands_have_every_value_and_every_tie_of_e4m3():
    built = made(op="encode", fmt="e4m3", max_rows=3000)
    everything = set(nf.decode(built.columns["a"], "binary32").tolist())
    values = sorted({v for v in nf.decode(np.arange(128), "e4m3").tolist() if v == v})
    ties = [float((Fraction(a) + Fraction(b)) / 2) for a, b in itertools.pairwise(values)]
    for number in (*values, *ties):
        assert number in everything
        assert -number in everything
    assert values[1] / 2 in values_of(built, "tie").tolist()


def test_no_constructed_operand_comes_twice():
    built = made(op="encode", fmt="e5m2", max_rows=3000)
    constructed = built.columns["class"] < stimuli.CLASSES.index("random")
    operands = built.columns["a"][constructed]
    assert len(np.unique(operands)) == len(operands)


def test_exhaustive_rows_are_every_operand():
    built = made(op="encode", fmt="e4m3", src="binary16")
    assert built.coverage() == {"exhaustive": 1 << 16}
    assert (built.columns["a"] == np.arange(1 << 16)).all()


def test_max_rows_bounds_the_rows_of_a_mode():
    for rows in (1, 7, 100, 2000):
        built = made(op="encode", fmt="e4m3", max_rows=rows, rounding="nearest_even,toward_zero")
        assert len(built) == 2 * rows


# Comparison


@pytest.fixture(scope="module")
def answered():
    return made(op="convert", fmt="binary16", dst="e5m2", exhaustive=False, max_rows=1200)


def row_with(built, expected, flags=None):
    good = built.columns["expected"] == expected
    if flags is not None:
        good &= built.columns["flags"] == flags
    return int(np.flatnonzero(good)[0])


def test_right_answers_pass(answered):
    report = vectors.compare(answered, answered.columns["expected"], answered.columns["flags"])
    assert report.ok
    assert report.wrong == 0
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
    stimulus = stimuli.CLASSES[int(answered.columns["class"][row])]
    assert report.counts == {(stimulus, kind): 1}
    assert not report.ok
    (miss,) = report.first
    assert (miss.row, miss.kind, miss.stimulus, miss.expected, miss.got) == (
        row,
        kind,
        stimulus,
        expected,
        got,
    )
    assert miss.a == answered.columns["a"][row]
    assert miss.rounding == "nearest_even"
    assert f"row {row}: {kind}" in str(report)
    assert f"{len(answered) - 1} passed, 1 failed" in str(report)
    json.dumps(report.to_dict())


def test_right_bits_with_wrong_flags_are_a_kind_of_their_own(answered):
    row = row_with(answered, 0x3C, flags=0)
    flags = answered.columns["flags"].copy()
    flags[row] = 1
    report = vectors.compare(answered, answered.columns["expected"], flags)
    stimulus = stimuli.CLASSES[int(answered.columns["class"][row])]
    assert report.counts == {(stimulus, "flags"): 1}
    assert (report.first[0].expected_flags, report.first[0].got_flags) == (0, 1)
    codes = answered.columns["expected"]
    assert vectors.compare(answered, codes, flags, ignore_flags=True).ok
    assert vectors.compare(answered, codes).ok


def test_a_row_wrong_in_bits_and_flags_counts_once(answered):
    row = row_with(answered, 0x3C)
    codes, flags = answered.columns["expected"].copy(), answered.columns["flags"].copy()
    codes[row] ^= 1
    flags[row] ^= 1
    report = vectors.compare(answered, codes, flags)
    assert [kind for _, kind in report.counts] == ["value"]
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
    report = vectors.compare(answered, codes, flags, any_nan=True)
    assert [kind for _, kind in report.counts] == ["flags"]


def test_counts_are_by_class_and_the_first_rows_are_bounded(answered):
    report = vectors.compare(answered, answered.columns["expected"] ^ np.uint64(1))
    assert report.wrong == len(answered)
    by_class = {}
    for (stimulus, _), count in report.counts.items():
        by_class[stimulus] = by_class.get(stimulus, 0) + count
    assert by_class == answered.coverage()
    assert 1 <= len(report.first) <= 20
    assert [miss.row for miss in report.first] == list(range(len(report.first)))


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
    assert report.first[0].row == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("xxxxxxxx 00", "is not hexadecimal.*never drove"),
        ("0000000x 00", "is not hexadecimal"),
        ("zzzzzzzz 00", "is not hexadecimal"),
        ("hello", "is not hexadecimal"),
        ("100000000 00", "is not a code of 32 bits"),
        ("00000000 100", "is not a code of 32 bits"),
        ("00000000 00 00", "is not a code of 32 bits"),
        ("00000000", "not as many words"),
        ("-1 00", "not"),
        ("0 -1", "not"),
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


@pytest.mark.parametrize("count", [0, 15, 17])
def test_a_wrong_count_of_answers_is_refused(tmp_path, count):
    built = vectors.generate(SMALL)
    path = tmp_path / "got.txt"
    path.write_text("".join(f"{line}\n" for line in [*answers(built), "00000000 00"][:count]))
    with pytest.raises(DamagedFile, match=f"{count} answers; the set has 16 rows"):
        vectors.compare(built, path)


def test_a_missing_answer_file_is_refused(tmp_path):
    with pytest.raises(nf.FormatError, match=r"cannot read .*none\.txt"):
        vectors.compare(vectors.generate(SMALL), tmp_path / "none.txt")


def test_flags_of_a_format_without_flags_are_not_compared():
    built = made(op="encode", fmt="e8m0", src="Binary8p1uf")
    flags = np.full(len(built), 31)
    assert vectors.compare(built, built.columns["expected"], flags).ok


# Any spec

FORMATS = ("e2m1", "e4m3", "e5m2_fnuz", "int4", "uint6", "q2.6", "Binary6p2ue", "bfloat16")
MODES = tuple(mode.value for mode in nf.Rounding)


@st.composite
def specs(draw):
    op = draw(st.sampled_from(spec.OPERATIONS))
    chosen = draw(st.sampled_from(FORMATS))
    fields = {"src": None, "dst": None}
    if op == "encode":
        fields["src"] = draw(st.sampled_from([None, "binary16", "e5m2", "int12"]))
    if op == "convert":
        fields["dst"] = draw(st.sampled_from(FORMATS))
    modes = draw(st.lists(st.sampled_from(MODES), min_size=1, max_size=3, unique=True))
    return Spec(
        op=op,
        fmt=chosen,
        **fields,
        rounding=tuple(modes),
        exhaustive=False,
        max_rows=draw(st.integers(1, 80)),
        seed=draw(st.integers(0, (1 << 64) - 1)),
        bits=draw(st.integers(1, 20)),
        nan=draw(st.sampled_from([None, 1])),
        flush_results=draw(st.booleans()) and op == "encode" and chosen == "e4m3",
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(specs())
def test_any_spec_is_reproducible_and_verifies(asked):
    one = vectors.generate(asked)
    assert files.render(one, EVERY) == files.render(vectors.generate(asked), EVERY)
    with tempfile.TemporaryDirectory() as folder:
        vectors.write(one, folder, emit=EVERY)
        assert vectors.verify(folder) == []
        assert vectors.load(folder).spec == asked


@pytest.mark.parametrize("fmt", ["posit8", "posit16", "posit32", "takum16"])
@pytest.mark.parametrize("op", ["encode", "decode", "convert"])
def test_sets_of_posits_and_takums_verify_and_hit_their_string_ties(tmp_path, fmt, op):
    options = {"dst": "posit12_1"} if op == "convert" else {}
    spec = vectors.Spec(op=op, fmt=fmt, rounding="nearest_even,to_odd", max_rows=2000, **options)
    table = vectors.generate(spec)
    vectors.write(table, tmp_path / "set")
    assert vectors.verify(tmp_path / "set") == []
    rows = table.columns
    assert not rows["flags"].any()
    if op != "encode":
        assert (rows["a"] == np.uint64(1 << (nf.get(fmt).bits - 1))).any()  # NaR
    modes = dict(zip(dict.fromkeys(rows["rm"].tolist()), ("nearest_even", "to_odd"), strict=True))
    for row in range(0, len(table), 37):
        mode = modes[int(rows["rm"][row])]
        a, want = int(rows["a"][row]), int(rows["expected"][row])
        assert exact.convert(a, spec.src, spec.dst, rounding=mode)[0] == want

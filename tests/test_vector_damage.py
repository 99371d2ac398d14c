"""Whatever is damaged in a set of vectors is named with its file and line."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import DamagedFile, files, sinks, table
from vector_sets import DRAWN, EVERY, SETS, contents, manifest_of, write_sets

TEXT = tuple(name for kind, name in files.NAMES.items() if kind != "npz")
LONG = ("a.hex", "b.hex", "c.hex", "expected.hex", "mask.hex")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_sets(tmp_path_factory.mktemp("sets"))


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
    manifest = manifest_of(folder)
    edit(manifest)
    files._replace(folder / "manifest.json", files.json.dumps(manifest, indent=1).encode())


@pytest.mark.parametrize("name", SETS)
def test_a_fresh_set_verifies(written, name):
    assert vectors.verify(written / name) == []
    assert vectors.verify(written / name / "manifest.json") == []


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("of", "name"), [*(("small", name) for name in TEXT), *(("wide", name) for name in LONG)]
)
def test_one_changed_byte_is_reported_with_its_file_and_line(copy, of, name, place):
    folder = copy(of)
    path = folder / name
    line = change(path, int(place * (path.stat().st_size - 1)))
    (problem,) = vectors.verify(folder)
    assert problem.startswith(f"{path}:{line}: ")
    with pytest.raises(DamagedFile, match=re.escape(f"{path}:{line}: ")):
        vectors.load(folder)


@pytest.mark.parametrize("place", [0.4, 0.9])
@pytest.mark.parametrize("name", TEXT)
def test_lines_are_counted_across_chunks(copy, monkeypatch, name, place):
    monkeypatch.setattr(table, "CHUNK", 16)
    folder = copy("drawn")
    path = folder / name
    at = int(place * path.stat().st_size)
    line = change(path, at)
    wanted = contents(folder)[name].split(b"\n")[line - 1].decode()
    (problem,) = vectors.verify(folder)
    assert problem.startswith(f"{path}:{line}: found {wanted!r}, expected ")


@pytest.mark.fast
@pytest.mark.parametrize("at", [0, 4, 7, 12, 19])
def test_a_difference_is_found_however_the_bytes_come(tmp_path, at):
    path = tmp_path / "rows.csv"
    good = b"head\n12,34\n56,78\nend\n"
    bad = bytearray(good)
    bad[at] ^= 1
    path.write_bytes(bad)
    line = good[:at].count(b"\n") + 1
    there, wanted = (data.split(b"\n")[line - 1].decode() for data in (bytes(bad), good))
    column = at - good.rfind(b"\n", 0, at) - 1
    for size in range(1, len(good) + 1):
        sink = sinks.CompareSink(path)
        for start in range(0, len(good), size):
            sink.write(good[start : start + size])
        assert sink.sha256() == hashlib.sha256(good).hexdigest()
        head, _, shown = sink.problem().rpartition(", expected ")
        sink.close()
        assert head == f"{path}:{line}: found {there!r}"
        assert wanted.startswith(shown[1:-1])  # the line as far as it had come
        assert len(shown[1:-1]) > column - (at == 4)


def test_the_report_has_the_line_that_is_there_and_the_one_that_should_be(copy):
    folder = copy()
    path = folder / "vectors.csv"
    good = path.read_text().splitlines()
    bad = [*good]
    bad[7] = bad[7].replace("0", "f")
    path.write_text("\n".join(bad) + "\n")
    assert vectors.verify(folder) == [f"{path}:8: found {bad[7]!r}, expected {good[7]!r}"]


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
    with pytest.raises(DamagedFile, match=r"manifest\.json: the spec has sha256 \w+, not the"):
        vectors.verify(folder)


def test_any_changed_byte_of_a_manifest_is_noticed_and_blamed_on_a_file(copy):
    folder = copy()
    path = folder / "manifest.json"
    good = path.read_bytes()
    for at in range(0, len(good), 131):
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
    assert vectors.verify(folder) == [f"{path}: differs from byte {at}"]


@pytest.mark.parametrize("at", [0, 60, -1])
def test_a_changed_byte_of_the_input_is_reported(copy, at):
    folder = copy("tensor")
    data = bytearray((folder / "input.npy").read_bytes())
    data[at] ^= 1
    (folder / "input.npy").write_bytes(data)
    with pytest.raises(DamagedFile, match=r"input\.npy: sha256 is [0-9a-f]{64}, the manifest says"):
        vectors.verify(folder)


def test_every_missing_file_is_reported(copy):
    for of, name in [*(("small", name) for name in (*TEXT, "vectors.npz")), ("wide", "b.hex")]:
        folder = copy(of)
        (folder / name).unlink()
        assert vectors.verify(folder) == [f"{folder / name}: missing"]
        shutil.rmtree(folder)


def test_a_missing_input_is_reported(copy):
    folder = copy("tensor")
    (folder / "input.npy").unlink()
    with pytest.raises(DamagedFile, match=r"input\.npy: cannot be read"):
        vectors.verify(folder)


@pytest.mark.parametrize("name", ["vectors.csv", "input.npy"])
def test_a_file_that_the_manifest_does_not_name_is_reported(tmp_path, name):
    vectors.write(vectors.generate(DRAWN), tmp_path, emit="hex")
    (tmp_path / name).write_text("stray")
    assert vectors.verify(tmp_path) == [
        f"{tmp_path / name}: not a file of this set, by its manifest"
    ]


def test_a_folder_without_manifest_is_no_set(copy):
    folder = copy()
    (folder / "manifest.json").unlink()
    with pytest.raises(nf.FormatError, match=r"is no vector set: it has no manifest\.json$"):
        vectors.verify(folder)


@pytest.mark.parametrize("name", TEXT)
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


@pytest.mark.parametrize("name", TEXT)
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
    for name in TEXT:
        change(folder / name, 5)
    problems = vectors.verify(folder)
    assert sorted(Path(p.split(":")[0]).name for p in problems) == sorted(TEXT)


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
        (lambda m: m["spec"].update(schema=1), r"schema 1; this numfmt reads schema 2"),
        (lambda m: m["spec"].pop("schema"), r"schema None"),
        (lambda m: m["spec"].update(colour="red"), r"unknown fields: colour"),
        (lambda m: m["spec"].pop("seed"), r"missing or unknown fields: seed"),
        (lambda m: m["spec"].update(op="divide"), r"op='divide'"),
        (lambda m: m["spec"].update(rounding=["sideways"]), r"rounding='sideways'"),
        (lambda m: m["spec"].update(rounding=5), r"cannot be followed"),
        (lambda m: m["spec"].update(max_rows="many"), r"max_rows='many'"),
        (lambda m: m["spec"].update(seed=-1), r"seed=-1"),
        (lambda m: m["spec"].update(k=3), r"k=3 means nothing to op='decode'"),
        (lambda m: m["spec"]["fmt"].update({"class": "Posit"}), r"names 'Posit'"),
        (lambda m: m["spec"]["fmt"].update(bits="4"), r"cannot be followed"),
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


def test_a_field_that_the_class_does_not_have_is_a_change_of_the_spec(copy):
    folder = copy()
    edit_manifest(folder, lambda m: m["spec"]["fmt"].update(wheels=4))
    assert [p.split(":")[0] for p in vectors.verify(folder)] == [str(folder / "manifest.json")]


@pytest.mark.parametrize("field", ["fmt", "src"])
def test_a_format_whose_name_means_other_codes_is_refused(copy, field):
    folder = copy()
    edit_manifest(folder, lambda m: m["spec"][field].update(emin=-1))
    with pytest.raises(DamagedFile, match="the name 'e2m1' stands for other codes"):
        vectors.verify(folder)


def test_a_changed_field_of_a_dialect_is_noticed(copy):
    folder = copy()
    edit_manifest(folder, lambda m: m["spec"]["dialect"].update(nan_sign=1))
    with pytest.raises(DamagedFile, match="the spec has sha256"):
        vectors.verify(folder)


def test_a_manifest_lays_no_claim_to_files_of_others(tmp_path):
    folder = tmp_path / "set"
    vectors.write(vectors.generate(DRAWN), folder, emit=EVERY)
    (tmp_path / "mine").write_text("mine")
    (folder / "notes").write_text("mine")
    edit_manifest(folder, lambda m: m["files"].update({"../mine": {}, "notes": {}}))
    with pytest.raises(nf.FormatError, match="holds 'notes', which is no part of a vector set"):
        vectors.write(vectors.generate(DRAWN), folder)
    (folder / "notes").unlink()
    vectors.write(vectors.generate(DRAWN), folder)
    assert (tmp_path / "mine").read_text() == "mine"


def test_the_digests_of_the_manifest_are_those_of_the_files(written):
    for name in SETS:
        manifest = manifest_of(written / name)
        found = contents(written / name)
        del found["manifest.json"]
        assert manifest["files"] == {
            file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for file, data in found.items()
        }


@pytest.mark.parametrize(
    "value",
    [
        {"class": "Fraction", "value": "1/0"},
        {"class": "Fraction", "value": {}},
        {"class": []},
        {"class": "ndarray", "dtype": "O", "value": [1]},
        1e308,
    ],
)
@pytest.mark.parametrize("key", ["dst", "dialect", "seed"])
def test_a_field_that_nothing_can_be_made_of_is_damage(copy, key, value):
    folder = copy()
    edit_manifest(folder, lambda m: m["spec"].update({key: value}))
    with pytest.raises(DamagedFile, match=r"manifest\.json: the spec cannot be followed"):
        vectors.verify(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"spec": ' + "9" * 5000 + "}"])
def test_json_that_python_refuses_is_damage(copy, text):
    folder = copy()
    (folder / "manifest.json").write_text(text)
    with pytest.raises(DamagedFile, match=r"manifest\.json:1: not the JSON of a manifest"):
        vectors.verify(folder)

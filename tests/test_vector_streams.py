"""Sets that are streamed: the same bytes, in any chunks, through any interruption."""

import json

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import OPERATIONS, Spec, files, sinks, stimuli, streams, table
from vector_sets import (
    DRAWN,
    EVERY,
    SETS,
    SPECS,
    TENSOR,
    contents,
    emit_of,
    same_columns,
    spec_of,
    table_called,
)

OTHER = Spec(op="decode", fmt="e4m3")


@pytest.fixture
def small_chunks(monkeypatch):
    """Make chunks of 16 rows, and a state after every second one."""
    monkeypatch.setattr(table, "CHUNK", 16)
    monkeypatch.setattr(files, "_SAVED_EVERY", 2)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    """Return the bytes of each set, written whole."""
    found = {}
    for name in SETS:
        folder = tmp_path_factory.mktemp(name)
        vectors.write(table_called(name), folder, emit=emit_of(name))
        found[name] = contents(folder)
    return found


def streamed(name, folder):
    if name == "tensor":
        return vectors.stream(
            Spec(op="encode", fmt="e4m3"), folder, emit=emit_of(name), input=TENSOR
        )
    return vectors.stream(SPECS[name], folder, emit=emit_of(name))


@pytest.mark.parametrize("name", SETS)
def test_a_stream_has_the_bytes_of_a_written_set(tmp_path, wanted, name):
    assert streamed(name, tmp_path / "set") == tmp_path / "set" / "manifest.json"
    assert contents(tmp_path / "set") == wanted[name]


@pytest.mark.parametrize("name", SETS)
def test_a_stream_of_many_chunks_has_the_same_bytes(tmp_path, wanted, name, small_chunks):
    streamed(name, tmp_path / "set")
    assert contents(tmp_path / "set") == wanted[name]
    assert vectors.verify(tmp_path / "set") == []
    same_columns(vectors.load(tmp_path / "set").columns, table_called(name).columns)


def test_the_chunks_of_a_stream_never_mix_modes(small_chunks):
    chunks = list(vectors.generate(DRAWN).source.chunks())
    assert [part["rm"].size for part in chunks] == [16, 16, 16, 12] * 3
    assert all(len(set(part["rm"].tolist())) == 1 for part in chunks)


class Interruption:
    """Counts chunks, and presses Ctrl-C at one of them or in the middle of writing."""

    def __init__(self, monkeypatch):
        self.patch, self.chunks = monkeypatch, 0

    def in_chunk(self, number):
        made = table.Source._chunk

        def chunk(source, *arguments):
            self.chunks += 1
            if self.chunks == number:
                raise KeyboardInterrupt
            return made(source, *arguments)

        self.patch.setattr(table.Source, "_chunk", chunk)

    def in_write(self, number):
        taken, count = sinks.FileSink._take, 0

        def take(sink, block):
            nonlocal count
            count += 1
            if count == number:
                taken(sink, block[: len(block) // 2])
                raise KeyboardInterrupt
            taken(sink, block)

        self.patch.setattr(sinks.FileSink, "_take", take)

    def in_move(self, name):
        replace = files.os.replace

        def moved(source, target):
            if target.name == name:
                raise KeyboardInterrupt
            replace(source, target)

        self.patch.setattr(files.os, "replace", moved)


@pytest.fixture
def interruption(monkeypatch):
    with monkeypatch.context() as patch:
        yield Interruption(patch)


def stopped(name, folder, interruption):
    with pytest.raises(KeyboardInterrupt):
        streamed(name, folder)
    interruption.patch.undo()
    assert not (folder / "manifest.json").exists()
    with pytest.raises(nf.FormatError, match="is no vector set"):
        vectors.verify(folder)


@pytest.mark.parametrize("number", [1, 2, 3, 7, 12])
def test_a_stream_that_is_interrupted_between_chunks_goes_on(
    tmp_path, wanted, interruption, monkeypatch, small_chunks, number
):
    interruption.in_chunk(number)
    with pytest.raises(KeyboardInterrupt):
        streamed("drawn", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".unfinished"}
    with pytest.raises(nf.FormatError, match=r"has no manifest\.json, only an unfinished one"):
        vectors.load(tmp_path)
    interruption.patch.undo()
    again = Interruption(monkeypatch)
    again.in_chunk(0)
    streamed("drawn", tmp_path)
    assert contents(tmp_path) == wanted["drawn"]
    assert again.chunks == 12 - (number - 1) // 2 * 2


@pytest.mark.parametrize("number", [1, 9, 40, 90, 150, 215])
def test_a_stream_that_is_interrupted_in_the_middle_of_a_line_goes_on(
    tmp_path, wanted, interruption, small_chunks, number
):
    interruption.in_write(number)
    stopped("drawn", tmp_path, interruption)
    streamed("drawn", tmp_path)
    assert contents(tmp_path) == wanted["drawn"]


@pytest.mark.parametrize("name", ["tensor", "wide"])
@pytest.mark.parametrize("number", [12, 45])
def test_input_and_long_columns_go_on_too(
    tmp_path, wanted, interruption, small_chunks, number, name
):
    interruption.patch.setattr(table, "CHUNK", 4)  # until it goes on, with 16 again
    interruption.in_write(number)
    stopped(name, tmp_path, interruption)
    streamed(name, tmp_path)
    assert contents(tmp_path) == wanted[name]


@pytest.mark.parametrize("name", ["vectors.hex", "vectors.npz", "manifest.json"])
@pytest.mark.parametrize("existing", [False, True])
def test_a_stream_that_is_interrupted_while_files_move_goes_on(
    tmp_path, wanted, interruption, name, existing
):
    if existing:
        vectors.write(vectors.generate(OTHER), tmp_path, emit=EVERY)
    interruption.in_move(name)
    stopped("drawn", tmp_path, interruption)
    streamed("drawn", tmp_path)
    assert contents(tmp_path) == wanted["drawn"]


def test_an_interrupted_stream_leaves_an_older_set_as_it_is(tmp_path, interruption, wanted):
    vectors.write(table_called("small"), tmp_path, emit=EVERY)
    interruption.in_chunk(2)
    with pytest.raises(KeyboardInterrupt):
        streamed("drawn", tmp_path)
    interruption.patch.undo()
    found = contents_of_files(tmp_path)
    assert found == wanted["small"]
    assert vectors.verify(tmp_path) == []
    streamed("drawn", tmp_path)
    assert contents(tmp_path) == wanted["drawn"]


def contents_of_files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def unfinished(tmp_path, interruption, small_chunks):
    interruption.in_chunk(8)
    with pytest.raises(KeyboardInterrupt):
        streamed("drawn", tmp_path)
    interruption.patch.undo()
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "emit", "message"),
    [
        (OTHER, EVERY, "spec_sha256 is"),
        (DRAWN, ("hex",), "emit is"),
    ],
)
def test_the_beginning_of_another_set_is_refused(unfinished, spec, emit, message):
    before = contents(unfinished / ".unfinished")
    with pytest.raises(
        nf.FormatError,
        match=rf"\.unfinished holds the beginning of another set \({message}.*"
        "finish that one with its own command, or delete the folder",
    ):
        vectors.stream(spec, unfinished, emit=emit)
    assert contents(unfinished / ".unfinished") == before


@pytest.mark.parametrize("text", ["", "[]", "{", "3", "[" * 100_000])
def test_a_state_that_cannot_be_read_is_refused(unfinished, text):
    (unfinished / ".unfinished" / "state.json").write_text(text)
    with pytest.raises(nf.FormatError, match="numfmt_version is None"):
        streamed("drawn", unfinished)


def test_the_state_of_another_version_is_refused(unfinished):
    path = unfinished / ".unfinished" / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"numfmt_version": "0.0"}))
    with pytest.raises(nf.FormatError, match=r"numfmt_version is '0\.0'"):
        streamed("drawn", unfinished)


@pytest.mark.parametrize("name", ["vectors.hex", "part.a.npy"])
def test_a_stream_that_lost_a_piece_starts_again(unfinished, wanted, name):
    (unfinished / ".unfinished" / name).unlink()
    streamed("drawn", unfinished)
    assert contents(unfinished) == wanted["drawn"]


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "x"},
        {"rows": -3},
        {"rows": 1 << 40},
        {"sizes": 3},
        {"sizes": {}},
        {"sizes": {"vectors.hex": "a"}},
        {"sizes": {"../vectors.hex": [0, ""]}},
    ],
)
def test_a_stream_with_a_state_that_makes_no_sense_starts_again(unfinished, wanted, change):
    path = unfinished / ".unfinished" / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    streamed("drawn", unfinished)
    assert contents(unfinished) == wanted["drawn"]


def test_a_stream_does_not_go_on_behind_rows_that_were_changed(unfinished):
    path = unfinished / ".unfinished" / "vectors.hex"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 5))
    with pytest.raises(
        nf.FormatError, match=r"vectors\.hex is not what the interrupted run wrote; delete "
    ):
        streamed("drawn", unfinished)


def test_what_lies_behind_the_state_is_cut_off(unfinished, wanted):
    for name in ("vectors.hex", "vectors.csv", "part.a.npy"):
        with (unfinished / ".unfinished" / name).open("ab") as file:
            file.write(b"x" * 100_000)
    streamed("drawn", unfinished)
    assert contents(unfinished) == wanted["drawn"]


def test_writing_over_an_unfinished_stream_leaves_it_to_go_on(unfinished, wanted):
    vectors.write(table_called("small"), unfinished, emit=EVERY)
    assert vectors.verify(unfinished) == []
    streamed("drawn", unfinished)
    assert contents(unfinished) == wanted["drawn"]


# Rows


def test_random_words_are_the_same_for_ever():
    found = streams.random_words(0, "binade|0", 3).tolist()
    assert found == PINNED
    assert streams.random_words(0, "binade|0", 2, start=1).tolist() == PINNED[1:]
    assert streams.random_words(1, "binade|0", 3).tolist() != PINNED


PINNED = [0x946BF3B9B05D9C18, 0x45918EC2FCB8E038, 0x4FFE8767EB6B5188]


@pytest.mark.parametrize("op", ["add", "scale_b", "block_dot", "block_quantize", "requantize"])
def test_random_rows_depend_on_seed_and_index_alone(op):
    spec = spec_of(op, classes="random", max_rows=300, seed=5)
    whole = stimuli.drawn_rows(spec, 0, 40)
    for start, stop in ((0, 1), (7, 8), (3, 29), (16, 40)):
        part = stimuli.drawn_rows(spec, start, stop)
        same_columns(part, {name: column[start:stop] for name, column in whole.items()})
    other = stimuli.drawn_rows(spec_of(op, classes="random", max_rows=9, seed=5), 0, 40)
    same_columns(other, whole)
    other = stimuli.drawn_rows(spec_of(op, classes="random", seed=6), 0, 40)
    assert any((other[name] != column).any() for name, column in whole.items())


@pytest.mark.parametrize("op", OPERATIONS)
def test_chunks_change_no_row(monkeypatch, op):
    spec = spec_of(op, max_rows=25)
    whole = vectors.generate(spec).columns
    monkeypatch.setattr(table, "CHUNK", 7)
    same_columns(vectors.generate(spec).columns, whole)


def test_a_longer_set_begins_with_the_rows_of_a_shorter_one():
    short, long = (
        vectors.generate(spec_of("fma", classes="random", max_rows=rows)) for rows in (30, 70)
    )
    same_columns({name: column[:30] for name, column in long.columns.items()}, short.columns)


def test_random_bits_depend_on_the_mode_and_the_row_alone():
    options = {"classes": "random", "dst": "e5m2", "fmt": "binary16"}
    both = vectors.generate(spec_of("mul", rounding="stochastic_a,stochastic_b", **options))
    one = vectors.generate(spec_of("mul", rounding="stochastic_b", **options))
    half = len(one)
    np.testing.assert_array_equal(both.columns["random"][half:], one.columns["random"])
    assert (both.columns["random"][:half] != one.columns["random"]).any()

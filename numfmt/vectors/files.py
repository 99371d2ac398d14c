"""Vector sets on disk: written once, byte for byte the same, and read with suspicion.

A set is produced a chunk at a time, whatever becomes of it: `write` and `stream` put the bytes into
files, `render` into memory, `verify` and `load` compare them with the files that are there.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import __version__
from ..errors import FormatError
from .coverage import Coverage
from .damage import DamagedFile
from .manifest import manifest_of
from .operations.base import Columns
from .sinks import CompareSink, FileSink, MemorySink, Sink
from .spec import Spec
from .table import CHUNK, Source, VectorTable, source_of
from .writers import NAMES, PART, WIDEST_WORD, WRITERS, Open, SpooledSink, Writer, long_fields

MANIFEST = "manifest.json"
INPUT = "input.npy"
UNFINISHED = ".unfinished"
KINDS = tuple(WRITERS)
DEFAULT_KINDS = ("hex", "txt", "npz", "svh")
_STATE = "state.json"
_COLUMN_FILE = re.compile(r"[a-z][a-z_]*\.hex")  # no other file of a manifest is taken for ours
_UNFIT = (FormatError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
_SAVED_EVERY = 16  # chunks between two states that a stream can go on from


def kinds_of(emit: str | Iterable[str]) -> tuple[str, ...]:
    """Return kinds of files in their fixed order.

    Raises
    ------
    FormatError
        `emit` names a kind of file that does not exist.
    """
    given = tuple(emit.split(",")) if isinstance(emit, str) else tuple(emit)
    unknown = [kind for kind in given if kind not in KINDS]
    if unknown or not given:
        named = unknown[0] if unknown else ""
        raise FormatError(f"emit={named!r} is not one of {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in given)


def kinds_for(source: Source, emit: str | Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of files of a set, as `kinds_of`.

    Raises
    ------
    FormatError
        `emit` names a kind that does not exist, or one that has no room for rows so long.
    """
    kinds = kinds_of(emit)
    for kind in ("coe", "mif"):
        if kind in kinds and long_fields(source):
            bits = sum(column.bits for column in source.fields.values())
            raise FormatError(
                f"emit={kind!r}: a row has {bits} bits and a memory word at most {WIDEST_WORD}; "
                "emit='hex' writes files of their own for long columns"
            )
    return kinds


class _Production:
    """One set on its way into sinks: rows first, the manifest last."""

    def __init__(self, source: Source, emit: tuple[str, ...], open_sink: Open) -> None:
        self.source, self.emit = source, emit
        self.sinks: dict[str, Sink] = {}

        def opened(name: str) -> Sink:
            self.sinks[name] = open_sink(name)
            return self.sinks[name]

        self._open = opened
        self.writers: list[Writer] = [WRITERS[kind](source, opened) for kind in emit]

    def begin(self) -> None:
        for writer in self.writers:
            writer.begin()
        if self.source.input is not None:
            self._open(INPUT).write(self.source.input)

    def rows(self, columns: Columns, first: int) -> int:
        """Write a chunk and return the number of the row behind it."""
        for writer in self.writers:
            writer.rows(columns, first)
        return first + int(columns["rm"].size)

    def end(self) -> None:
        for writer in self.writers:
            writer.end()
        files = {
            name: {"bytes": sink.size, "sha256": sink.sha256()}
            for name, sink in sorted(self.sinks.items())
            if not name.startswith(PART)
        }
        manifest = manifest_of(self.source, list(self.emit), files)
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        self._open(MANIFEST).write(text.encode())

    def close(self) -> None:
        for sink in self.sinks.values():
            sink.close()


def _chunks_of(table: VectorTable) -> Iterator[Columns]:
    """Yield the columns of a table as its source would."""
    per_mode, start = table.source.operands.count, 0
    while start < len(table):
        mode, first = divmod(start, per_mode)
        stop = mode * per_mode + min(per_mode, (first // CHUNK + 1) * CHUNK)
        yield {name: column[start:stop] for name, column in table.columns.items()}
        start = stop


def render(table: VectorTable, emit: str | tuple[str, ...] = DEFAULT_KINDS) -> dict[str, bytes]:
    """Return the files of a set by name, the manifest last.

    Raises
    ------
    FormatError
        `emit` names a kind of file that does not exist.
    """
    sinks: dict[str, MemorySink] = {}

    def opened(name: str) -> Sink:
        if name.startswith(PART):
            return SpooledSink()
        sinks[name] = MemorySink()
        return sinks[name]

    production = _Production(table.source, kinds_for(table.source, emit), opened)
    production.begin()
    first = 0
    for columns in _chunks_of(table):
        first = production.rows(columns, first)
    production.end()
    return {name: sink.data() for name, sink in sinks.items()}


def write(
    table: VectorTable,
    folder: str | os.PathLike[str],
    *,
    emit: str | tuple[str, ...] = DEFAULT_KINDS,
) -> Path:
    """Write a set into a folder and return the path of its manifest.

    Files are written beside their places and renamed, the manifest last, so that an interrupted
    run leaves no file that looks finished.

    Parameters
    ----------
    table : VectorTable
    folder : path
        Made if need be; an older set in it is replaced.
    emit : str or tuple of str
        Comma-separated, or a tuple, of ``hex txt npz svh csv json coe mif``.

    Raises
    ------
    FormatError
        The folder holds files that are not a vector set, or cannot be written.
    """
    if table.source.given:
        raise FormatError("these operands came from a file of others; the spec cannot give them")
    kinds = kinds_for(table.source, emit)
    place = _checked_place(Path(folder))
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing.", dir=place) as name:
            work = Path(name)
            production = _Production(
                table.source, kinds, lambda name: FileSink(work / _plain_name(name))
            )
            with contextlib.closing(production):
                production.begin()
                first = 0
                for columns in _chunks_of(table):
                    first = production.rows(columns, first)
                production.end()
            _move(work, place, production.sinks)
    except OSError as error:
        raise FormatError(f"cannot write vectors to {place}: {error.strerror}") from error
    return place / MANIFEST


def stream(
    spec: Spec,
    folder: str | os.PathLike[str],
    *,
    emit: str | tuple[str, ...] = DEFAULT_KINDS,
    input: npt.ArrayLike | None = None,
) -> Path:
    """Generate a set straight into files, a chunk of rows in memory at a time.

    The files are those of ``write(generate(spec), folder)``, byte for byte. Until they are whole
    they lie in a folder of their own in `folder`; an interrupted run goes on where it was when the
    same spec is streamed into the same folder again.

    Parameters
    ----------
    spec : Spec
    folder : path
    emit : str or tuple of str
        As in `write`.
    input : array_like, optional
        As in `generate`.

    Raises
    ------
    FormatError
        The folder holds files that are not a vector set, or the beginning of another one, or
        cannot be written.
    """
    place = _checked_place(Path(folder))
    kinds_of(emit)
    source = source_of(spec, input)
    kinds = kinds_for(source, emit)
    work = place / UNFINISHED
    state = _read_state(work, source, kinds)
    try:
        work.mkdir(parents=True, exist_ok=True)
        sizes = state["sizes"]
        production = _Production(
            source,
            kinds,
            lambda name: _continued(work / _plain_name(name), sizes.get(_plain_name(name))),
        )
        with contextlib.closing(production):
            first = state["rows"]
            if first == 0:
                production.begin()
            elif source.input is not None:
                production.sinks[INPUT] = _continued(work / INPUT, sizes[INPUT])
            _run(production, work, first)
            production.end()
        _move(work, place, production.sinks)
        shutil.rmtree(work)
    except OSError as error:
        raise FormatError(f"cannot write vectors to {place}: {error.strerror}") from error
    return place / MANIFEST


def _continued(path: Path, before: list[Any] | None) -> FileSink:
    """Return a sink that goes on behind what a state says of the file, if that is still there."""
    size, digest = before or (0, None)
    sink = FileSink(path, size)
    if digest not in (None, sink.sha256()):
        sink.close()
        raise FormatError(
            f"{path} is not what the interrupted run wrote; delete {path.parent}, to begin anew"
        )
    return sink


def _run(production: _Production, work: Path, first: int) -> None:
    """Write all rows from `first` on; keep a state to go on from, also when interrupted."""
    _save_state(production, work, first)
    for count, columns in enumerate(production.source.chunks(first), 1):
        first = production.rows(columns, first)
        if count % _SAVED_EVERY == 0:
            _save_state(production, work, first)


def _save_state(production: _Production, work: Path, rows: int) -> None:
    for sink in production.sinks.values():
        sink.flush()
    state = {
        "numfmt_version": __version__,
        "spec_sha256": production.source.spec.sha256(),
        "emit": list(production.emit),
        "rows": rows,
        "sizes": {
            _plain_name(name): [sink.size, sink.sha256()] for name, sink in production.sinks.items()
        },
    }
    _replace(work / _STATE, json.dumps(state).encode())


def _read_state(work: Path, source: Source, emit: tuple[str, ...]) -> dict[str, Any]:
    """Return where an interrupted stream of this very set was, or the beginning."""
    fresh: dict[str, Any] = {"rows": 0, "sizes": {}}
    try:
        state = json.loads((work / _STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return fresh
    except (OSError, ValueError, RecursionError):
        state = {}
    state = state if isinstance(state, dict) else {}
    wanted = {
        "numfmt_version": __version__,
        "spec_sha256": source.spec.sha256(),
        "emit": list(emit),
    }
    for key, value in wanted.items():
        if state.get(key) != value:
            raise FormatError(
                f"{work} holds the beginning of another set ({key} is {state.get(key)!r}, not "
                f"{value!r}); finish that one with its own command, or delete the folder"
            )
    return state if _is_whole(state, work, source) else fresh


def _is_whole(state: dict[str, Any], work: Path, source: Source) -> bool:
    """Return whether a state is one that `_save_state` writes, and its files are there."""
    rows, sizes = state.get("rows"), state.get("sizes")
    if type(rows) is not int or not 0 < rows <= len(source) or not isinstance(sizes, dict):
        return False
    for name, entry in sizes.items():
        if not (isinstance(entry, list) and [type(part) for part in entry] == [int, str]):
            return False
        path = work / name
        if Path(name).name != name or not path.is_file() or path.stat().st_size < entry[0]:
            return False
    return bool(sizes)


def _plain_name(name: str) -> str:
    return name.replace(PART, "part.")


def _checked_place(place: Path) -> Path:
    """Refuse a folder that holds anything but a vector set."""
    if not place.is_dir():
        if place.exists():
            raise FormatError(f"{place} is a file; name a folder for the set")
        return place
    present = {entry.name for entry in place.iterdir()}
    strangers = sorted(name for name in present if not _is_ours(place, name))
    if strangers:
        raise FormatError(
            f"{place} holds {strangers[0]!r}, which is no part of a vector set; "
            "name an empty or new folder"
        )
    return place


def _is_ours(place: Path, name: str) -> bool:
    known = {*NAMES.values(), MANIFEST, INPUT, UNFINISHED}
    return name in known or name.startswith(".writing.") or name in _listed(place)


def _listed(place: Path) -> set[str]:
    """Return the files of columns that the manifest of an older set names."""
    try:
        files = json.loads((place / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {name for name in files if _COLUMN_FILE.fullmatch(name)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _move(work: Path, place: Path, sinks: dict[str, Sink]) -> None:
    """Put the finished files into their places, the manifest last, and remove older ones."""
    names = [name for name in sinks if not name.startswith(PART) and name != MANIFEST]
    older = _listed(place) | {*NAMES.values(), INPUT}
    (place / MANIFEST).unlink(missing_ok=True)
    for name in older - set(names):
        (place / name).unlink(missing_ok=True)
    for name in [*names, MANIFEST]:
        os.chmod(work / name, 0o644)
        os.replace(work / name, place / name)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def read_manifest(folder: str | os.PathLike[str]) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the manifest of a set; a path to the manifest itself will do.

    Raises
    ------
    FormatError
        There is none.
    DamagedFile
        It is not the JSON that numfmt writes; the message has the line.
    """
    place = Path(folder)
    place = place.parent if place.name == MANIFEST else place
    path = place / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
        manifest = json.loads(text)
    except FileNotFoundError:
        hint = ", only an unfinished one" if (place / UNFINISHED).exists() else ""
        raise FormatError(f"{place} is no vector set: it has no {MANIFEST}{hint}") from None
    except json.JSONDecodeError as error:
        raise DamagedFile(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DamagedFile(f"{path}:{line}: not UTF-8 text") from None
    except (RecursionError, ValueError) as error:  # nested too deep, a number too long
        raise DamagedFile(f"{path}:1: not the JSON of a manifest: {error}") from None
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(manifest, dict) or not {"spec", "emit", "files"} <= set(manifest):
        raise DamagedFile(f"{path}:1: not a manifest of numfmt vectors")
    return place, manifest


def load(folder: str | os.PathLike[str]) -> VectorTable:
    """Return the table of a set, regenerated from its spec and compared with its files.

    Parameters
    ----------
    folder : path
        Of the set, or of its manifest.

    Raises
    ------
    DamagedFile
        A file is missing or differs; the message names it and the line.
    """
    source, parts, problems = _examine(folder, keep=True)
    if problems:
        raise DamagedFile(problems[0])
    columns = {name: np.concatenate([part[name] for part in parts]) for name in source.fields}
    return VectorTable(source=source, columns=columns)


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """Return what is wrong with a set, one line a file; an empty list if nothing is.

    Every file is regenerated from the spec in the manifest and compared byte by byte, a chunk at a
    time; every corner class is searched anew.

    Parameters
    ----------
    folder : path

    Raises
    ------
    FormatError
        There is no set, or its manifest cannot be read.
    """
    return _examine(folder, keep=False)[2]


def examine(folder: str | os.PathLike[str]) -> tuple[Coverage, list[str]]:
    """Return the coverage of a set, and what is wrong with it as `verify` does."""
    source, _, problems = _examine(folder, keep=False)
    return source.operands.coverage(), problems


def _examine(folder: str | os.PathLike[str], keep: bool) -> tuple[Source, list[Columns], list[str]]:
    place, manifest = read_manifest(folder)
    parts: list[Columns] = []
    try:
        spec = Spec.from_dict(manifest["spec"])
        if manifest.get("spec_sha256") != spec.sha256():
            raise DamagedFile(
                f"{place / MANIFEST}: the spec has sha256 {spec.sha256()}, not the "
                f"{manifest.get('spec_sha256')} that is written beside it; one of them was changed"
            )
        source = source_of(spec, _read_input(place, spec))
        emit = kinds_for(source, manifest["emit"])
        production = _Production(source, emit, lambda name: _comparing(place, name))
        with contextlib.closing(production):
            production.begin()
            first = 0
            for columns in source.chunks():
                first = production.rows(columns, first)
                if keep:
                    parts.append(columns)
            production.end()
            problems = [
                problem
                for sink in production.sinks.values()
                if isinstance(sink, CompareSink) and (problem := sink.problem()) is not None
            ]
    except DamagedFile:
        raise
    except _UNFIT as error:
        raise DamagedFile(f"{place / MANIFEST}: the spec cannot be followed: {error}") from None
    ours = {*NAMES.values(), INPUT, *(f"{name}.hex" for name in long_fields(source))}
    strangers = sorted(name for name in ours - set(production.sinks) if (place / name).exists())
    problems += [f"{place / name}: not a file of this set, by its manifest" for name in strangers]
    return source, parts, problems


def _comparing(place: Path, name: str) -> Sink:
    return SpooledSink() if name.startswith(PART) else CompareSink(place / name)


def _read_input(place: Path, spec: Spec) -> npt.NDArray[Any] | None:
    if spec.input_sha256 is None:
        return None
    path = place / INPUT
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedFile(f"{path}: cannot be read: {error.strerror}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != spec.input_sha256:
        raise DamagedFile(
            f"{path}: sha256 is {found}, the manifest says {spec.input_sha256}; the operands are "
            "lost unless the tensor is put back"
        )
    array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array

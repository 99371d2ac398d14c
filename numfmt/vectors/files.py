"""Vector sets on disk: written once, byte for byte the same, and read with suspicion.

The rules for ``$readmemh`` files are those that every simulator reads alike: only ``//`` comments,
fixed lower-case digits, an exact count of words, LF, a newline after the last one.
"""

import contextlib
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import __version__
from ..errors import FormatError
from .spec import Spec
from .stimuli import STREAM
from .table import RM_NUMBERS, VectorTable, describe_format, generate, layout

MANIFEST = "manifest.json"
INPUT = "input.npy"
KINDS = ("hex", "txt", "npz", "svh", "csv", "json")
DEFAULT_KINDS = ("hex", "txt", "npz", "svh")
_CHUNK = 1 << 16


class DamagedFile(FormatError):
    """A file of a vector set that is not what its manifest says; names the file and line."""


def _digits(column: npt.NDArray[np.uint64], width: int) -> npt.NDArray[np.uint8]:
    """Return ASCII hexadecimal digits of a column, one row each."""
    count = -(-width // 4)
    shifts = np.arange(4 * (count - 1), -1, -4, dtype=np.uint64)
    nibbles = (column[:, None] >> shifts) & np.uint64(15)
    return np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles.astype(np.intp)]


def _packed_digits(table: VectorTable, rows: slice) -> npt.NDArray[np.uint8]:
    """Return ASCII hexadecimal digits of whole rows, first column most significant."""
    bits = []
    for name, width in table.widths.items():
        shifts = np.arange(width - 1, -1, -1, dtype=np.uint64)
        column = table.columns[name][rows]
        bits.append(((column[:, None] >> shifts) & np.uint64(1)).astype(np.uint8))
    word = np.concatenate(bits, axis=1)
    padding = -word.shape[1] % 4
    word = np.pad(word, ((0, 0), (padding, 0)))
    nibbles = word.reshape(word.shape[0], -1, 4) @ np.array([8, 4, 2, 1], np.uint8)
    return np.frombuffer(b"0123456789abcdef", np.uint8)[nibbles]


def _lines(parts: list[npt.NDArray[np.uint8]]) -> bytes:
    """Return rows of ASCII parts joined by blanks, each row ended by a newline."""
    count = parts[0].shape[0]
    blank = np.full((count, 1), ord(" "), np.uint8)
    end = np.full((count, 1), ord("\n"), np.uint8)
    pieces = [piece for part in parts for piece in (part, blank)][:-1]
    return np.concatenate([*pieces, end], axis=1).tobytes()


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, _CHUNK):
        yield slice(start, min(start + _CHUNK, count))


def _hex(table: VectorTable) -> bytes:
    fields = ", ".join(table.widths)
    head = (
        f"// numfmt vectors, spec sha256 {table.spec.sha256()}\n"
        f"// {len(table)} words of {table.word_bits} bits: {{{fields}}}, see layout.svh\n"
    )
    body = [_lines([_packed_digits(table, rows)]) for rows in _chunks(len(table))]
    return head.encode() + b"".join(body)


def _txt(table: VectorTable) -> bytes:
    """Return TestFloat's columns (operand, random bits, result, flags), a section for each mode."""
    spec = table.spec
    head = (
        f"# numfmt vectors, spec sha256 {spec.sha256()}\n# op={spec.op} src={spec.src.name} "
        f"dst={spec.dst.name} rows={len(table)} flags=NV,DZ,OF,UF,NX\n"
    )
    names = [name for name in ("a", "random", "expected", "flags") if name in table.widths]
    widths = table.widths | {"flags": 8}
    pieces = [head.encode()]
    for mode in spec.rounding:
        pieces.append(f"# rounding={mode}\n".encode())
        where = np.flatnonzero(table.columns["rm"] == np.uint64(RM_NUMBERS[mode]))
        for rows in _chunks(where.size):
            picked = where[rows]
            pieces.append(
                _lines([_digits(table.columns[name][picked], widths[name]) for name in names])
            )
    return b"".join(pieces)


def _npz(table: VectorTable) -> bytes:
    """Return every column in the smallest unsigned dtype; the archive carries no dates."""
    file = io.BytesIO()
    columns = {
        name: column.astype(f"<u{_bytes(table.widths[name])}")
        for name, column in table.columns.items()
    }
    np.savez(file, **columns)  # type: ignore[arg-type]  # savez takes any names as keywords
    return file.getvalue()


def _bytes(width: int) -> int:
    return next(size for size in (1, 2, 4, 8) if width <= 8 * size)


def _svh(table: VectorTable) -> bytes:
    """Return the layout of a packed row as localparams and a packed struct."""
    lines = [
        f"// numfmt vectors, spec sha256 {table.spec.sha256()}",
        "`ifndef NUMFMT_LAYOUT_SVH",
        "`define NUMFMT_LAYOUT_SVH",
        f"localparam integer NUMFMT_ROWS = {len(table)};",
        f"localparam integer NUMFMT_WORD = {table.word_bits};",
    ]
    for name, (high, low) in layout(table).items():
        upper = name.upper()
        lines.append(f"localparam integer NUMFMT_{upper}_MSB = {high};")
        lines.append(f"localparam integer NUMFMT_{upper}_LSB = {low};")
    lines += ["`ifdef NUMFMT_STRUCT", "typedef struct packed {"]
    lines += [f"  logic [{width - 1}:0] {name}_;" for name, width in table.widths.items()]
    lines += ["} numfmt_row_t;", "`endif", "`endif", ""]
    return "\n".join(lines).encode()


def _csv(table: VectorTable) -> bytes:
    names = list(table.widths)
    body = []
    for rows in _chunks(len(table)):
        parts = [_digits(table.columns[name][rows], table.widths[name]) for name in names]
        body.append(_lines(parts).replace(b" ", b","))
    return ",".join(names).encode() + b"\n" + b"".join(body)


def _json(table: VectorTable) -> bytes:
    columns = {
        name: [f"{value:0{-(-table.widths[name] // 4)}x}" for value in column.tolist()]
        for name, column in table.columns.items()
    }
    return (json.dumps(columns, indent=1) + "\n").encode()


_WRITERS: dict[str, tuple[str, Callable[[VectorTable], bytes]]] = {
    "hex": ("vectors.hex", _hex),
    "txt": ("vectors.txt", _txt),
    "npz": ("vectors.npz", _npz),
    "svh": ("layout.svh", _svh),
    "csv": ("vectors.csv", _csv),
    "json": ("vectors.json", _json),
}


def render(table: VectorTable, emit: str | tuple[str, ...] = DEFAULT_KINDS) -> dict[str, bytes]:
    """Return the files of a set by name, the manifest last.

    Raises
    ------
    FormatError
        `emit` names a kind of file that does not exist.
    """
    emit = tuple(emit.split(",")) if isinstance(emit, str) else emit
    unknown = [kind for kind in emit if kind not in KINDS]
    if unknown:
        raise FormatError(f"emit={unknown[0]!r} is not one of {', '.join(KINDS)}")
    files = {_WRITERS[kind][0]: _WRITERS[kind][1](table) for kind in KINDS if kind in emit}
    if table.input is not None:
        files[INPUT] = table.input
    manifest = _manifest(table, files, [kind for kind in KINDS if kind in emit])
    files[MANIFEST] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    return files


def _manifest(table: VectorTable, files: dict[str, bytes], emit: list[str]) -> dict[str, Any]:
    spec = table.spec
    places = layout(table)
    return {
        "schema": 1,
        "numfmt_version": __version__,
        "license": "the operands' own; everything else MIT" if table.input else "MIT",
        "spec": spec.to_dict(),
        "spec_sha256": spec.sha256(),
        "emit": emit,
        "regenerate": "python -m numfmt vectors verify <this folder>",
        "operation": {
            "formula": f"expected = {spec.dst.name}(a), a in {spec.src.name}",
            "roundings": 1,
        },
        "formats": {"a": describe_format(spec.src), "expected": describe_format(spec.dst)},
        "rounding": {mode: RM_NUMBERS[mode] for mode in spec.rounding},
        "overflow": spec.overflow or spec.dst.default_overflow.value,
        "subnormals": {
            "inputs": "flushed" if spec.flush_inputs else "kept",
            "results": "flushed" if spec.flush_results else "kept",
        },
        "flags": {
            "order": ["NV", "DZ", "OF", "UF", "NX"],
            "tininess": spec.tininess,
            "defined": ["NV", "OF", "UF", "NX"] if spec.dst.has_flags else [],
        },
        "comparison": {"rule": "(result ^ expected) & mask == 0 and flags equal"},
        "randomness": {"seed": spec.seed, "algorithm": STREAM, "bits": spec.bits},
        "columns": {
            name: {"width": table.widths[name], "msb": high, "lsb": low}
            for name, (high, low) in places.items()
        },
        "word_bits": table.word_bits,
        "rows": len(table),
        "coverage": {
            name: {
                "found": table.coverage().get(name, 0),
                "wanted": wanted * len(spec.rounding),
            }
            for name, wanted in table.wanted.items()
        },
        "files": {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(files.items())
        },
    }


def write(
    table: VectorTable,
    folder: str | os.PathLike[str],
    *,
    emit: str | tuple[str, ...] = DEFAULT_KINDS,
) -> Path:
    """Write a set into a folder and return the path of its manifest.

    Every file is written beside its place and renamed, the manifest last, so that an interrupted
    run leaves no file that looks finished.

    Parameters
    ----------
    table : VectorTable
    folder : path
        Made if need be; an older set in it is replaced.
    emit : str or tuple of str
        Comma-separated, or a tuple, of ``hex txt npz svh csv json``.

    Raises
    ------
    FormatError
        The folder holds files that are not a vector set, or cannot be written.
    """
    place = Path(folder)
    files = render(table, emit)
    try:
        place.mkdir(parents=True, exist_ok=True)
        present = {entry.name for entry in place.iterdir()}
        known = {name for name, _ in _WRITERS.values()} | {MANIFEST, INPUT}
        if present - known:
            raise FormatError(
                f"{place} holds {sorted(present - known)[0]!r}, which is no part of a vector set; "
                "name an empty or new folder"
            )
        for name in present & (known - set(files)) | present & {MANIFEST}:
            (place / name).unlink()
        for name, data in files.items():
            _replace(place / name, data)
    except OSError as error:
        raise FormatError(f"cannot write vectors to {place}: {error.strerror}") from error
    return place / MANIFEST


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


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
        raise FormatError(f"{place} is no vector set: it has no {MANIFEST}") from None
    except json.JSONDecodeError as error:
        raise DamagedFile(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DamagedFile(f"{path}:{line}: not UTF-8 text") from None
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(manifest, dict) or not {"spec", "emit", "files"} <= set(manifest):
        raise DamagedFile(f"{path}:1: not a manifest of numfmt vectors")
    return place, manifest


def load(folder: str | os.PathLike[str]) -> VectorTable:
    """Return the table of a set, regenerated from its spec and compared with its files.

    Raises
    ------
    DamagedFile
        A file is missing or differs; the message names it and the line.
    """
    table, problems = _examine(folder)
    if problems:
        raise DamagedFile(problems[0])
    return table


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """Return what is wrong with a set, one line a file; an empty list if nothing is.

    Every file is regenerated from the spec in the manifest and compared byte by byte.

    Raises
    ------
    FormatError
        There is no set, or its manifest cannot be read.
    """
    return _examine(folder)[1]


def _examine(folder: str | os.PathLike[str]) -> tuple[VectorTable, list[str]]:
    place, manifest = read_manifest(folder)
    try:
        spec = Spec.from_dict(manifest["spec"])
        if manifest.get("spec_sha256") != spec.sha256():
            raise DamagedFile(
                f"{place / MANIFEST}: the spec has sha256 {spec.sha256()}, not the "
                f"{manifest.get('spec_sha256')} that is written beside it; one of them was changed"
            )
        emit = tuple(manifest["emit"])
        given = _read_input(place, spec)
        table = generate(spec, input=given)
        expected = render(table, emit)
    except DamagedFile:
        raise
    except (FormatError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise DamagedFile(f"{place / MANIFEST}: the spec cannot be followed: {error}") from None
    differences = (_difference(place / name, data) for name, data in expected.items())
    ours = {name for name, _ in _WRITERS.values()} | {INPUT}
    strangers = sorted(name for name in ours - set(expected) if (place / name).exists())
    return table, [
        *(problem for problem in differences if problem is not None),
        *(f"{place / name}: not a file of this set, by its manifest" for name in strangers),
    ]


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


def _difference(path: Path, expected: bytes) -> str | None:
    """Return how a file differs from what it should hold, with the line for text, or None."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return f"{path}: missing"
    except OSError as error:
        return f"{path}: cannot be read: {error.strerror}"
    if found == expected:
        return None
    pair = zip(found, expected, strict=False)
    at = next((i for i, (a, b) in enumerate(pair) if a != b), min(len(found), len(expected)))
    if path.suffix == ".npz":
        return f"{path}: differs from byte {at} ({len(found)} bytes, expected {len(expected)})"
    line = expected[:at].count(b"\n") + 1
    return f"{path}:{line}: found {_line(found, line)}, expected {_line(expected, line)}"


def _line(data: bytes, number: int) -> str:
    lines = data.split(b"\n", number)
    if number > len(lines) or (number == len(lines) and not lines[-1]):
        return "the end of the file"
    return repr(lines[number - 1][:200].decode("ascii", "backslashreplace"))

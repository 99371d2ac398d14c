"""The kinds of files: each turns chunks of columns into bytes, the same bytes every time.

The rules for ``$readmemh`` files are those that every simulator reads alike: only ``//`` comments,
fixed lower-case digits, an exact count of words, LF, a newline after the last one. A row wider than
`WIDEST_WORD` bits keeps its long columns in files of their own, an element a line.
"""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ..kernels.text import fill_lines, pack_limbs
from .operations.base import Column, Columns
from .sinks import Sink
from .table import Source, layout

WIDEST_WORD = 1024
_SPOOLED = 1 << 24
_TEXT_HEADS = {"class", "rm"}

Open = Callable[[str], Sink]


def packed_fields(source: Source) -> dict[str, Column]:
    """Return the columns that share a word of the ``.hex`` file."""
    fields = source.fields
    if sum(column.bits for column in fields.values()) <= WIDEST_WORD:
        return fields
    return {name: column for name, column in fields.items() if column.count == 1}


def long_fields(source: Source) -> dict[str, Column]:
    """Return the columns that have a ``.hex`` file of their own."""
    packed = packed_fields(source)
    return {name: column for name, column in source.fields.items() if name not in packed}


def word_bits(source: Source) -> int:
    """Return the bits of a word of the ``.hex`` file."""
    return sum(column.bits for column in packed_fields(source).values())


def _matrix(columns: Columns, names: list[str], descending: bool) -> npt.NDArray[np.uint64]:
    """Return columns side by side; elements ascend, or descend for packing."""
    parts = []
    for name in names:
        part = columns[name].reshape(columns[name].shape[0], -1)
        parts.append(part[:, ::-1] if descending else part)
    return np.ascontiguousarray(np.concatenate(parts, axis=1))


def _limbs(source: Source, columns: Columns) -> npt.NDArray[np.uint64]:
    fields = packed_fields(source)
    values = _matrix(columns, list(fields), descending=True)
    widths = np.array([c.width for c in fields.values() for _ in range(c.count)], np.int64)
    limbs = np.zeros((values.shape[0], -(-word_bits(source) // 64)), np.uint64)
    pack_limbs(values, widths, limbs)
    return limbs


def _limb_digits(bits: int) -> list[int]:
    """Return the hexadecimal digits of each limb of a word."""
    digits = -(-bits // 4)
    return [digits - 16 * (-(-bits // 64) - 1)] + [16] * (-(-bits // 64) - 1)


def _lines(
    values: npt.NDArray[np.uint64], digits: list[int], between: list[str]
) -> npt.NDArray[np.uint8]:
    """Return lines of digits; `between` has the text before the first, between, and at the end."""
    text, places = "", []
    for count, before in zip(digits, between, strict=False):
        text += before
        places.append(len(text))
        text += "0" * count
    text += between[len(digits)] + "\n"
    template = np.frombuffer(text.encode("ascii"), np.uint8)
    lines = np.empty((values.shape[0], template.size), np.uint8)
    lines[:] = template
    fill_lines(values, np.array(places, np.int64), np.array(digits, np.int64), lines)
    return lines


class Writer:
    """One kind of file: what stands before the rows, the rows in order, what stands behind them.

    Parameters
    ----------
    source : Source
    open_sink : function of str
        Returns where a file of a name goes.
    """

    def __init__(self, source: Source, open_sink: Open) -> None:
        self.source, self._open = source, open_sink

    def begin(self) -> None:
        """Write what stands before the rows."""
        self._begin()

    def rows(self, columns: Columns, first: int) -> None:
        """Write the rows of a chunk, the first of which has the number `first`."""
        self._rows(columns, first)

    def end(self) -> None:
        """Write what stands behind the rows."""
        self._end()

    def _begin(self) -> None:
        pass

    def _rows(self, columns: Columns, first: int) -> None:
        pass

    def _end(self) -> None:
        pass

    def _is_last(self, columns: Columns, first: int) -> bool:
        return first + columns["rm"].size == len(self.source)


class _OneFile(Writer):
    name = ""

    def __init__(self, source: Source, open_sink: Open) -> None:
        super().__init__(source, open_sink)
        self._sink = open_sink(self.name)


class Hex(Writer):
    """``vectors.hex`` for ``$readmemh``, and a file for each long column."""

    def __init__(self, source: Source, open_sink: Open) -> None:
        super().__init__(source, open_sink)
        self._sink = open_sink("vectors.hex")
        self._long = {name: open_sink(f"{name}.hex") for name in long_fields(source)}

    def _begin(self) -> None:
        source = self.source
        digest = f"// numfmt vectors, spec sha256 {source.spec.sha256()}\n"
        fields = ", ".join(packed_fields(source))
        words = (
            f"// {len(source)} words of {word_bits(source)} bits: {{{fields}}}, see layout.svh\n"
        )
        self._sink.write((digest + words).encode())
        for name, column in long_fields(source).items():
            text = (
                f"// {len(source) * column.count} words: {column.count} elements of {name} a row\n"
            )
            self._long[name].write((digest + text).encode())

    def _rows(self, columns: Columns, first: int) -> None:
        digits = _limb_digits(word_bits(self.source))
        limbs = _limbs(self.source, columns)
        self._sink.write(_lines(limbs, digits, [""] * (len(digits) + 1)).tobytes())
        for name, column in long_fields(self.source).items():
            elements = columns[name].reshape(-1, 1)
            self._long[name].write(_lines(elements, [-(-column.width // 4)], ["", ""]).tobytes())


class Text(_OneFile):
    """TestFloat's columns: operands, random bits, results, flags; a section for each mode."""

    name = "vectors.txt"

    def _begin(self) -> None:
        spec = self.source.spec
        order = ",".join(reversed(spec.flag_order))
        sources = ",".join(fmt.name for fmt in spec.formats)
        target = "" if spec.dst is None else f" dst={spec.dst.name}"
        self._sink.write(
            f"# numfmt vectors, spec sha256 {spec.sha256()}\n# op={spec.op} src={sources}{target} "
            f"rows={len(self.source)} flags={order}\n".encode()
        )

    def _rows(self, columns: Columns, first: int) -> None:
        mode, row = divmod(first, self.source.operands.count)
        if row == 0:
            self._sink.write(f"# rounding={self.source.spec.rounding[mode]}\n".encode())
        fields = {
            name: column
            for name, column in self.source.fields.items()
            if name not in _TEXT_HEADS and not name.startswith("mask")
        }
        digits = [-(-c.width // 4) for c in fields.values() for _ in range(c.count)]
        between = ["", *[" "] * (len(digits) - 1), ""]
        values = _matrix(columns, list(fields), descending=False)
        self._sink.write(_lines(values, digits, between).tobytes())


def flat_names(fields: dict[str, Column]) -> list[str]:
    """Return a name for every element: ``a_0``, ``a_1``, ... where a column has several."""
    return [
        name if column.count == 1 else f"{name}_{at}"
        for name, column in fields.items()
        for at in range(column.count)
    ]


class Csv(_OneFile):
    """Columns of hexadecimal digits under their names."""

    name = "vectors.csv"

    def _begin(self) -> None:
        self._sink.write((",".join(flat_names(self.source.fields)) + "\n").encode())

    def _rows(self, columns: Columns, first: int) -> None:
        fields = self.source.fields
        digits = [-(-c.width // 4) for c in fields.values() for _ in range(c.count)]
        between = ["", *[","] * (len(digits) - 1), ""]
        values = _matrix(columns, list(fields), descending=False)
        self._sink.write(_lines(values, digits, between).tobytes())


class Json(_OneFile):
    """Names of columns, and rows of hexadecimal strings, a row a line."""

    name = "vectors.json"

    def _begin(self) -> None:
        names = ", ".join(f'"{name}"' for name in flat_names(self.source.fields))
        digest = self.source.spec.sha256()
        text = f'{{"spec_sha256": "{digest}",\n"columns": [{names}],\n"rows": [\n'
        self._sink.write(text.encode())

    def _rows(self, columns: Columns, first: int) -> None:
        fields = self.source.fields
        digits = [-(-c.width // 4) for c in fields.values() for _ in range(c.count)]
        between = ['["0x', *['", "0x'] * (len(digits) - 1), '"],']
        values = _matrix(columns, list(fields), descending=False)
        data = _lines(values, digits, between).tobytes()
        self._sink.write(data[:-2] + b"\n" if self._is_last(columns, first) else data)

    def _end(self) -> None:
        self._sink.write(b"]}\n")


class Coe(_OneFile):
    """AMD's memory initialisation: radix, then packed words."""

    name = "vectors.coe"

    def _begin(self) -> None:
        self._sink.write(b"memory_initialization_radix=16;\nmemory_initialization_vector=\n")

    def _rows(self, columns: Columns, first: int) -> None:
        digits = _limb_digits(word_bits(self.source))
        between = [""] * len(digits) + [","]
        data = _lines(_limbs(self.source, columns), digits, between).tobytes()
        self._sink.write(data[:-2] + b";\n" if self._is_last(columns, first) else data)


class Mif(_OneFile):
    """Intel's memory initialisation: address, then packed word."""

    name = "vectors.mif"

    def _begin(self) -> None:
        self._sink.write(
            f"-- numfmt vectors, spec sha256 {self.source.spec.sha256()}\n"
            f"WIDTH={word_bits(self.source)};\nDEPTH={len(self.source)};\nADDRESS_RADIX=HEX;\n"
            "DATA_RADIX=HEX;\nCONTENT BEGIN\n".encode()
        )

    def _rows(self, columns: Columns, first: int) -> None:
        limbs = _limbs(self.source, columns)
        address = np.arange(first, first + limbs.shape[0], dtype=np.uint64)[:, None]
        width = max(1, -(-(len(self.source) - 1).bit_length() // 4))
        digits = [width, *_limb_digits(word_bits(self.source))]
        between = ["", " : ", *[""] * (len(digits) - 2), ";"]
        values = np.ascontiguousarray(np.concatenate([address, limbs], axis=1))
        self._sink.write(_lines(values, digits, between).tobytes())

    def _end(self) -> None:
        self._sink.write(b"END;\n")


class Npz(Writer):
    """Every column in the smallest unsigned dtype; the archive carries no dates."""

    def __init__(self, source: Source, open_sink: Open) -> None:
        super().__init__(source, open_sink)
        self._sink = open_sink("vectors.npz")
        self._parts: dict[str, Any] = {}
        for name in source.fields:
            part: Any = open_sink(f"{PART}{name}.npy")
            self._parts[name] = part

    def _begin(self) -> None:
        for name, column in self.source.fields.items():
            rows = (len(self.source),)
            shape = rows if column.count == 1 else (*rows, column.count)
            header = {"descr": _dtype(column).str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(self._parts[name], header)

    def _rows(self, columns: Columns, first: int) -> None:
        for name, column in self.source.fields.items():
            self._parts[name].write(columns[name].astype(_dtype(column)).tobytes())

    def _end(self) -> None:
        with zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED) as archive:
            for name, part in self._parts.items():
                entry = zipfile.ZipInfo(f"{name}.npy")
                entry.create_system = 3  # the same bytes on every system
                with part.read_back() as data, archive.open(entry, "w", force_zip64=True) as into:
                    for block in _blocks(data):
                        into.write(block)


PART = "part:"  # of names that are no files of the set, but pieces of one


class SpooledSink(Sink):
    """Keeps a piece of a file in memory, or in a temporary file where it is large."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)

    def _take(self, block: bytes) -> None:
        self._file.write(block)

    def read_back(self) -> IO[bytes]:
        """Return the file, from its start."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Forget the piece."""
        self._file.close()
        super().close()


def _blocks(data: IO[bytes]) -> Iterator[bytes]:
    while block := data.read(1 << 20):
        yield block


def _dtype(column: Column) -> np.dtype[Any]:
    size = next(size for size in (1, 2, 4, 8) if column.width <= 8 * size)
    return np.dtype(f"<u{size}")


class Svh(_OneFile):
    """``layout.svh``: counts, places of fields, a packed struct."""

    name = "layout.svh"

    def _begin(self) -> None:
        source = self.source
        packed = packed_fields(source)
        lines = [
            f"// numfmt vectors, spec sha256 {source.spec.sha256()}",
            "`ifndef NUMFMT_LAYOUT_SVH",
            "`define NUMFMT_LAYOUT_SVH",
            f"localparam integer NUMFMT_ROWS = {len(source)};",
            f"localparam integer NUMFMT_WORD = {word_bits(source)};",
        ]
        for name, (high, low) in layout(packed).items():
            lines.append(f"localparam integer NUMFMT_{name.upper()}_MSB = {high};")
            lines.append(f"localparam integer NUMFMT_{name.upper()}_LSB = {low};")
        for name, column in source.fields.items():
            if column.count > 1:
                lines.append(f"localparam integer NUMFMT_{name.upper()}_COUNT = {column.count};")
                lines.append(f"localparam integer NUMFMT_{name.upper()}_WIDTH = {column.width};")
        for mode, number in source.spec.rm_numbers.items():
            lines.append(f"localparam integer NUMFMT_RM_{mode.upper()} = {number};")
        lines += ["`ifdef NUMFMT_STRUCT", "typedef struct packed {"]
        for name, column in packed.items():
            several = f" [{column.count - 1}:0]" if column.count > 1 else ""
            lines.append(f"  logic{several} [{column.width - 1}:0] {name}_;")
        lines += ["} numfmt_row_t;", "`endif", "`endif", ""]
        self._sink.write("\n".join(lines).encode())


WRITERS: dict[str, type[Writer]] = {
    "hex": Hex,
    "txt": Text,
    "npz": Npz,
    "svh": Svh,
    "csv": Csv,
    "json": Json,
    "coe": Coe,
    "mif": Mif,
}
NAMES = {
    "hex": "vectors.hex",
    "txt": "vectors.txt",
    "npz": "vectors.npz",
    "svh": "layout.svh",
    "csv": "vectors.csv",
    "json": "vectors.json",
    "coe": "vectors.coe",
    "mif": "vectors.mif",
}

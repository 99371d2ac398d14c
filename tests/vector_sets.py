"""Specs and sets that the tests of vectors share, and readers of their files."""

import json
import re

import numpy as np

from numfmt import vectors
from numfmt.vectors import Spec, files

EVERY = files.KINDS
UNPACKED = tuple(kind for kind in EVERY if kind not in ("coe", "mif"))
POOLS = "special,value,tie,beside,random"  # without the corner classes, which need many rows
SMALL = Spec(op="decode", fmt="e2m1", rounding="nearest_even")
DRAWN = Spec(
    op="encode",
    fmt="e4m3",
    src="binary16",
    rounding="nearest_even,stochastic_b,stochastic_c",
    bits=5,
    exhaustive=False,
    classes=POOLS,
    max_rows=60,
    seed=3,
)
BLOCK = Spec(
    op="block_quantize", fmt="nvfp4_one_level", src="binary16", classes="random", max_rows=40
)
WIDE = Spec(op="gemm_tile", fmt="e4m3", k=3, m=4, n=3, classes="random", max_rows=12)
SPECS = {"small": SMALL, "drawn": DRAWN, "block": BLOCK, "wide": WIDE}
TENSOR = np.linspace(-500, 500, 48, dtype=np.float32).reshape(6, 8)
SETS = (*SPECS, "tensor")

_OWN = {
    "encode": {"fmt": "e4m3"},
    "convert": {"fmt": "binary16", "dst": "e5m2"},
    "from_int": {"fmt": "e5m2", "src": "int16"},
    "dot": {"fmt": ("e4m3", "e5m2"), "k": 3},
    "block_dot": {"fmt": "mxfp4"},
    "gemm_tile": {"fmt": "e4m3", "k": 3, "m": 2, "n": 2},
    "block_quantize": {"fmt": "mxfp4", "k": 5},
    "requantize": {},
}


def emit_of(name):
    """Return every kind of file that a set can have."""
    return UNPACKED if name == "wide" else EVERY


def made(**fields):
    return vectors.generate(Spec(**fields))


def table_called(name):
    if name == "tensor":
        return vectors.generate(Spec(op="encode", fmt="e4m3"), input=TENSOR)
    return vectors.generate(SPECS[name])


def write_sets(folder, names=SETS):
    """Write the sets, each with every kind of file, and return the folder."""
    for name in names:
        vectors.write(table_called(name), folder / name, emit=emit_of(name))
    return folder


def spec_of(op, **fields):
    """Return a light spec of an operation: `fields` over representative formats, random rows."""
    own = _OWN.get(op, {"fmt": "e4m3"})
    light = {"classes": POOLS, "max_rows": 40, "exhaustive": False}
    return Spec(**({"op": op} | light | own | fields))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def same_columns(found, wanted):
    assert list(found) == list(wanted)
    for name, column in wanted.items():
        np.testing.assert_array_equal(np.asarray(found[name], np.uint64), column, err_msg=name)


# Readers such as a user would write, from the manifest alone


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def columns_of_words(words, folder, places=None):
    """Return the columns of packed words."""
    columns = {}
    for name, column in fields_of(folder):
        if "msb" not in column and places is None:
            continue
        high, low = (column["msb"], column["lsb"]) if places is None else places[name]
        count = column.get("elements", 1)
        width = (high - low + 1) // count
        shifts = [low + width * at for at in range(count)]
        rows = [[word >> shift & ((1 << width) - 1) for shift in shifts] for word in words]
        columns[name] = rows if count > 1 else [row[0] for row in rows]
    return columns


def fields_of(folder):
    """Return the columns of a manifest in the order of its npz."""
    with np.load(folder / "vectors.npz") as archive:
        return [(name, manifest_of(folder)["columns"][name]) for name in archive.files]


def columns_of_rows(rows, folder):
    """Return the columns of rows that have a number for every element."""
    columns, at = {}, 0
    for name, column in fields_of(folder):
        count = column.get("elements", 1)
        part = [row[at : at + count] for row in rows]
        columns[name] = part if count > 1 else [row[0] for row in part]
        at += count
    assert all(len(row) == at for row in rows)
    return columns


def read_hex(folder):
    lines = (folder / "vectors.hex").read_text().splitlines()
    columns = columns_of_words([int(x, 16) for x in lines if not x.startswith("//")], folder)
    for name, column in fields_of(folder):
        if name not in columns:
            lines = (folder / column["file"]).read_text().splitlines()
            words = [int(line, 16) for line in lines if not line.startswith("//")]
            columns[name] = np.array(words, np.uint64).reshape(-1, column["elements"])
    return {name: columns[name] for name, _ in fields_of(folder)}


def read_csv(folder):
    head, *lines = (folder / "vectors.csv").read_text().splitlines()
    assert len(set(head.split(","))) == len(head.split(","))
    return columns_of_rows([[int(x, 16) for x in line.split(",")] for line in lines], folder)


def read_json(folder):
    found = json.loads((folder / "vectors.json").read_text())
    assert len(set(found["columns"])) == len(found["columns"])
    return columns_of_rows([[int(x, 16) for x in row] for row in found["rows"]], folder)


def read_npz(folder):
    with np.load(folder / "vectors.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def read_coe(folder):
    text = (folder / "vectors.coe").read_text()
    found = re.fullmatch(
        r"memory_initialization_radix=16;\nmemory_initialization_vector=\n([0-9a-f,\n]+);\n", text
    )
    return columns_of_words([int(word, 16) for word in found[1].split(",")], folder)


def read_mif(folder):
    text = (folder / "vectors.mif").read_text()
    head, body = text.removesuffix("END;\n").split("CONTENT BEGIN\n")
    options = dict(re.findall(r"(\w+)=(\w+);", head))
    cells = dict(re.findall(r"^([0-9a-f]+) : ([0-9a-f]+);$", body, re.MULTILINE))
    assert options["ADDRESS_RADIX"] == options["DATA_RADIX"] == "HEX"
    assert [int(address, 16) for address in cells] == list(range(int(options["DEPTH"])))
    assert body.count("\n") == len(cells)
    assert int(options["WIDTH"]) == manifest_of(folder)["word_bits"]
    return columns_of_words([int(word, 16) for word in cells.values()], folder)


def read_txt(folder):
    """Return the columns of the text file: all but classes and masks."""
    numbers, rows, number = manifest_of(folder)["rounding"], [], 0
    for line in (folder / "vectors.txt").read_text().splitlines():
        if line.startswith("# rounding="):
            number = numbers[line.removeprefix("# rounding=")]
        elif not line.startswith("#"):
            rows.append([number, *(int(word, 16) for word in line.split())])
    columns, at = {}, 0
    for name, column in fields_of(folder):
        if name != "class" and not name.startswith("mask"):
            count = column.get("elements", 1)
            part = [row[at : at + count] for row in rows]
            columns[name] = part if count > 1 else [row[0] for row in part]
            at += count
    return columns


READERS = {
    "hex": read_hex,
    "csv": read_csv,
    "json": read_json,
    "npz": read_npz,
    "coe": read_coe,
    "mif": read_mif,
}

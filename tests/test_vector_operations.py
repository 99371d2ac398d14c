"""Every operation of vectors: from a spec to files and back, and what its results mean."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import OPERATIONS, Operation, Spec, files, register_operation
from numfmt.vectors.operations import Column, Outcome, Verdict
from numfmt.vectors.operations.conversions import deterministic
from vector_sets import EVERY, contents, made, same_columns, spec_of

PI = math.pi


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_goes_from_a_spec_to_files_and_back(tmp_path, op):
    spec = spec_of(op, max_rows=25)
    table = vectors.generate(spec)
    path = vectors.write(table, tmp_path / "set", emit=EVERY)
    assert vectors.verify(path) == []
    loaded = vectors.load(path)
    assert loaded.spec == spec
    same_columns(loaded.columns, table.columns)
    manifest = json.loads(path.read_text())
    assert Spec.from_dict(manifest["spec"]).sha256() == spec.sha256()
    assert manifest["operation"]["name"] == op
    vectors.stream(spec, tmp_path / "stream", emit=EVERY)
    assert contents(tmp_path / "stream") == contents(tmp_path / "set")


# An operation of one's own


def _own(name="sum_and_carry", **changes):
    """Return the sum of two integers of one format, and its carry as a second result."""

    def sums(spec, columns):
        return columns["a"] + columns["b"], np.uint64(spec.fmt.bits)

    def evaluate(spec, mode, columns, random):
        total, bits = sums(spec, columns)
        carry = total >> bits
        low = total & np.uint64((1 << spec.fmt.bits) - 1)
        return Outcome({"expected": low, "expected_carry": carry}, carry << np.uint64(2))

    def witness(spec, mode, row, draw):
        carry, low = divmod(sum(row), 1 << spec.fmt.bits)
        return Verdict((low, carry), 4 * carry)

    fields = {
        "name": name,
        "formula": "expected_carry, expected = a + b",
        "settle": lambda spec: {"fmt": nf.get(spec.fmt)},
        "operands": lambda spec: tuple(
            Column(name=name, width=spec.fmt.bits, fmt=spec.fmt) for name in "ab"
        ),
        "results": lambda spec: (
            Column(name="expected", width=spec.fmt.bits, fmt=spec.fmt),
            Column(name="expected_carry", width=1),
        ),
        "evaluate": evaluate,
        "witness": witness,
        "modes": lambda spec: deterministic(spec.fmt)[:1],
        "flags": lambda spec: ("OF",),
    }
    return Operation(**(fields | changes))


@pytest.fixture
def own():
    entry = _own()
    register_operation(entry)
    yield entry
    del OPERATIONS[entry.name]


def test_an_operation_of_ones_own_works_from_spec_to_files(tmp_path, own):
    for fmt, rows in (("uint5", 1024), ("uint12", 90)):
        spec = Spec(op=own.name, fmt=fmt, classes="all" if rows == 1024 else "random", max_rows=90)
        table = vectors.generate(spec)
        assert len(table) == rows
        assert (table.columns["flags"] == 4 * table.columns["expected_carry"]).all()
        vectors.write(table, tmp_path / fmt, emit=EVERY)
        assert vectors.verify(tmp_path / fmt) == []
        assert vectors.load(tmp_path / fmt).spec == spec
        vectors.stream(spec, tmp_path / "stream", emit=EVERY)
        assert contents(tmp_path / "stream") == contents(tmp_path / fmt)
    answers = {name: table.columns[name].copy() for name in ("expected", "expected_carry")}
    answers["expected_carry"][3] ^= 1
    (miss,) = vectors.compare(table, answers, table.columns["flags"] | np.uint64(1)).shown
    assert (miss.row, miss.column, miss.kind) == (3, "expected_carry", "value")


def test_an_operation_whose_witness_disagrees_is_found(own, monkeypatch):
    late = _own(witness=lambda spec, mode, row, draw: Verdict((sum(row) % 32, 0), 0))
    monkeypatch.setitem(OPERATIONS, own.name, late)
    with pytest.raises(AssertionError, match=r"numfmt disagrees with itself, .* sum_and_carry"):
        vectors.generate(Spec(op=own.name, fmt="uint5"))


def test_a_name_stands_for_one_operation(own):
    with pytest.raises(nf.FormatError, match="there is an operation 'sum_and_carry' already"):
        register_operation(_own())
    with pytest.raises(nf.FormatError, match="there is an operation 'add' already"):
        register_operation(_own("add"))


def test_a_set_of_an_operation_that_is_not_registered_is_refused(tmp_path):
    register_operation(_own())
    try:
        vectors.write(made(op="sum_and_carry", fmt="uint4"), tmp_path)
    finally:
        del OPERATIONS["sum_and_carry"]
    with pytest.raises(vectors.DamagedFile, match="op='sum_and_carry' is not one of"):
        vectors.verify(tmp_path)


# Large and random sets


def test_a_set_of_2_to_the_17_sums_verifies(tmp_path):
    spec = Spec(op="add", fmt="binary16", classes="random", max_rows=1 << 17)
    vectors.stream(spec, tmp_path, emit="hex")
    assert vectors.verify(tmp_path) == []
    assert (tmp_path / "vectors.hex").read_bytes().count(b"\n") == 2 + (1 << 17)


FORMATS = ("e2m1", "e4m3", "e5m2_fnuz", "int4", "uint6", "q2.6", "Binary6p2ue", "bfloat16")
FORMATS += ("posit8", "nf4", "e8m0", "binary16")


@st.composite
def specs(draw):
    op = draw(st.sampled_from(sorted(OPERATIONS)))
    takes = OPERATIONS[op].takes
    fields = {"seed": draw(st.integers(0, (1 << 64) - 1)), "max_rows": draw(st.integers(1, 20))}
    if op in ("block_dot", "block_quantize"):
        fields["fmt"] = draw(st.sampled_from(["mxfp4", "mxfp8_e5m2", "nvfp4_one_level"]))
    elif op != "requantize":
        fields["fmt"] = draw(st.sampled_from(FORMATS))
    if op in ("encode", "from_int"):
        sources = ["int12", "uint6"] if op == "from_int" else ["binary16", "e5m2", "int12"]
        fields["src"] = draw(st.sampled_from(sources))
    if op not in ("encode", "from_int", "to_int") and {"dst", "overflow"} <= takes:
        fields["dst"] = draw(st.sampled_from(FORMATS))
    if "nan" in takes:
        fields["nan"] = draw(st.sampled_from([None, 1]))
    for option in ("flush_inputs", "flush_results"):
        if option in takes:
            fields[option] = draw(st.sampled_from([None, False]))
    if {"bits", "overflow"} <= takes:
        modes = [mode.value for mode in nf.Rounding if mode.value != "jam"]
        rounding = st.lists(st.sampled_from(modes), min_size=1, max_size=3, unique=True)
        fields |= {"rounding": tuple(draw(rounding)), "bits": draw(st.integers(1, 20))}
    if "k" in takes and op != "block_dot":
        fields["k"] = draw(st.integers(1, 16))
    fields["flag_order"] = tuple(draw(st.permutations(("NX", "UF", "OF", "DZ", "NV"))))
    return spec_of(op, **fields)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(specs())
def test_any_spec_round_trips_through_write_and_verify(tmp_path_factory, asked):
    folder = tmp_path_factory.mktemp("any")
    table = vectors.generate(asked)
    vectors.write(table, folder, emit=EVERY)
    assert vectors.verify(folder) == []
    assert vectors.load(folder).spec == asked
    rendered = files.render(vectors.generate(asked), EVERY)
    assert rendered == contents(folder)

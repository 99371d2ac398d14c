"""Tables of vectors: reproducible rows, held by `exact`, with everything their classes promise."""

import dataclasses
import itertools
from fractions import Fraction

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact, vectors
from numfmt.vectors import Spec, files, stimuli, table
from numfmt.vectors.numbering import CLASSES, RM_NUMBERS
from numfmt.vectors.operations import base
from vector_sets import DRAWN, EVERY, POOLS, SMALL, made, same_columns, spec_of

DETERMINISTIC = [mode.value for mode in nf.Rounding if not mode.stochastic]


@pytest.mark.parametrize("wanted", [SMALL, DRAWN, spec_of("encode", fmt="int8", max_rows=300)])
def test_the_same_spec_gives_the_same_bytes_twice(wanted):
    again = dataclasses.replace(wanted)
    one, two = (files.render(vectors.generate(spec), EVERY) for spec in (wanted, again))
    assert one == two


@pytest.mark.fast
def test_a_small_table_is_right_down_to_its_last_bit():
    table = made(op="mul", fmt="e2m1", dst="e4m3", rounding="nearest_even,toward_zero")
    assert table.widths == {
        "class": 8,
        "rm": 4,
        "a": 4,
        "b": 4,
        "expected": 8,
        "mask": 8,
        "flags": 5,
    }
    assert list(table.columns) == list(table.widths)
    assert table.word_bits == sum(table.widths.values())
    assert len(table) == 512
    values = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6]
    wanted = nf.encode(np.multiply.outer(values, values).reshape(-1), "e4m3")
    for at, number in enumerate((0, 1)):
        half = slice(256 * at, 256 * at + 256)
        assert table.columns["expected"][half].tolist() == wanted.tolist()
        assert (table.columns["rm"][half] == number).all()
        assert (table.columns["a"][half] == np.repeat(np.arange(16), 16)).all()
        assert (table.columns["b"][half] == np.tile(np.arange(16), 16)).all()
    assert (table.columns["mask"] == 255).all()
    assert (table.columns["flags"] == 0).all()
    assert (table.columns["class"] == CLASSES["exhaustive"]).all()
    assert all(column.dtype == np.uint64 for column in table.columns.values())


def test_another_seed_gives_other_operands_and_another_name():
    one, two = (spec_of("encode", max_rows=2000, seed=seed) for seed in (0, 1))
    assert one.sha256() != two.sha256()
    assert (vectors.generate(one).columns["a"] != vectors.generate(two).columns["a"]).any()


def test_rounding_all_has_a_section_for_every_deterministic_mode():
    built = made(op="encode", fmt="e4m3", src="e5m2", rounding="all")
    assert list(built.spec.rounding) == DETERMINISTIC
    assert "random" not in built.columns
    for mode in DETERMINISTIC:
        rows = built.columns["rm"] == RM_NUMBERS[mode]
        assert rows.sum() == 256
        wanted = nf.convert(np.arange(256), "e5m2", "e4m3", rounding=mode)
        assert built.columns["expected"][rows].tolist() == wanted.tolist()


# Held by exact


def held_by_exact(built):
    modes = {number: mode for mode, number in RM_NUMBERS.items()}
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
        if asked.dst.has_flags:
            assert int(raised) == flags, (hex(a), modes[rm], draw)


@pytest.mark.parametrize("at", [0, 4095])
@pytest.mark.parametrize("column", ["expected", "flags"])
def test_a_kernel_that_disagrees_with_exact_in_one_row_is_found(monkeypatch, at, column):
    spec = spec_of("add", max_rows=table.CHECK_ALL, classes="random")
    entry = spec.operation

    def wrong(*arguments):
        outcome = entry.evaluate(*arguments)
        target = outcome.flags if column == "flags" else outcome.results["expected"]
        target[at] ^= 1
        return outcome

    monkeypatch.setitem(base.OPERATIONS, "add", dataclasses.replace(entry, evaluate=wrong))
    with pytest.raises(AssertionError, match="numfmt disagrees with itself, please report: add"):
        vectors.generate(spec)


def test_a_sample_of_a_long_table_is_computed_by_exact():
    source = table.source_of(spec_of("add", max_rows=3000, rounding="all", classes="random"))
    assert len(source) == 33_000
    assert 1000 < source.checked.size <= table.CHECK_SAMPLE
    assert (np.diff(source.checked) > 0).all()
    assert source.checked[0] < 1000
    assert source.checked[-1] > 32_000


@pytest.mark.parametrize(
    "mode", ["stochastic_a", "stochastic_b", "stochastic_c", "stochastic_c_odd"]
)
@pytest.mark.parametrize("bits", [1, 8, 11])
def test_the_random_column_reproduces_the_results(mode, bits):
    built = vectors.generate(
        spec_of("encode", fmt="e3m2", src="bfloat16", rounding=mode, bits=bits, max_rows=400)
    )
    assert built.widths["random"] == bits
    assert built.columns["random"].max() < 1 << bits
    assert len(np.unique(built.columns["random"])) > 1
    held_by_exact(built)


def test_deterministic_rows_of_a_drawn_set_have_no_random_bits():
    built = vectors.generate(DRAWN)
    still = built.columns["rm"] == RM_NUMBERS["nearest_even"]
    assert not built.columns["random"][still].any()
    assert built.columns["random"][~still].any()


@pytest.mark.parametrize(
    "fmt",
    ["e4m3", "e8m0", "int8", "uint5", "q2.14", "Binary8p3se", "Binary8p1uf", "binary16", "e2m1"],
)
@pytest.mark.parametrize("op", ["decode", "encode", "convert"])
def test_conversions_of_every_kind_of_format_are_held_by_exact(op, fmt):
    options = {"dst": "e5m2"} if op == "convert" else {}
    modes = "nearest_even,toward_negative,nearest_away"
    held_by_exact(vectors.generate(spec_of(op, fmt=fmt, max_rows=150, rounding=modes, **options)))


@pytest.mark.parametrize("fmt", ["posit8", "posit16", "posit32", "takum16"])
@pytest.mark.parametrize("op", ["encode", "decode", "convert"])
def test_conversions_of_posits_and_takums_are_held_by_exact(op, fmt):
    options = {"dst": "posit12_1"} if op == "convert" else {}
    spec = spec_of(op, fmt=fmt, rounding="nearest_even,to_odd", max_rows=400, **options)
    built = vectors.generate(spec)
    held_by_exact(built)
    assert not built.columns["flags"].any()
    if op != "encode":
        special = vectors.generate(dataclasses.replace(spec, classes="special"))
        assert (special.columns["a"] == 1 << (spec.src.bits - 1)).any()  # NaR


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
def test_every_option_changes_the_rows(options):
    plain = spec_of("convert", fmt="binary16", dst="e5m2", max_rows=1500)
    if options.get("overflow") == "infinity":
        plain = dataclasses.replace(plain, overflow="saturate", rounding="toward_zero")
    asked = dataclasses.replace(plain, **options)
    one, two = vectors.generate(plain), vectors.generate(asked)
    held_by_exact(two)
    assert any((one.columns[name] != two.columns[name]).any() for name in ("expected", "flags"))


@pytest.mark.parametrize(
    ("dialect", "other"), [("x86", "riscv"), ("cuda", "riscv"), ("ocp_sat", "ocp_nosat")]
)
def test_dialects_change_the_rows(dialect, other):
    fmt = "e4m3" if "ocp" in dialect else "e5m2"
    one, two = (made(op="add", fmt=fmt, dialect=name) for name in (dialect, other))
    assert any((one.columns[name] != two.columns[name]).any() for name in ("expected", "flags"))


# Operands that have no answer


@pytest.mark.parametrize(
    ("op", "options"),
    [
        ("convert", {"fmt": "binary16", "dst": "e2m1"}),
        ("convert", {"fmt": "e5m2", "dst": "uint5"}),
        ("convert", {"fmt": "binary16", "dst": "int8", "overflow": "wrap"}),
        ("convert", {"fmt": "binary16", "dst": "Binary8p3uf"}),
        ("encode", {"fmt": "e3m2", "src": "binary16", "rounding": "all"}),
        ("add", {"fmt": ("e4m3", "e5m2"), "dst": "e2m1"}),
        ("div", {"fmt": "e5m2", "dst": "int8"}),
        ("sqrt", {"fmt": "e5m2", "dst": "e3m2"}),
        ("log", {"fmt": "e5m2", "dst": "e2m3"}),
        ("sub", {"fmt": "e4m3", "dst": "uint6"}),
        ("mul", {"fmt": "e8m0"}),
        ("sub", {"fmt": "e8m0"}),
        ("block_quantize", {"fmt": "int4_group128", "src": "binary16", "k": 3}),
        ("requantize", {"scheme": "gemmlowp"}),
    ],
    ids=str,
)
def test_operands_without_an_answer_are_replaced_and_never_appear(op, options):
    spec = spec_of(op, max_rows=250, seed=2, **options)
    built = vectors.generate(spec)
    assert len(built) == 250 * len(spec.rounding)
    operands = {column.name: built.columns[column.name] for column in spec.operands}
    assert not spec.operation.refused(spec, operands).any()
    for column in spec.results:  # no code stands for nothing, none is a NaN that there is not
        if isinstance(column.fmt, nf.families.base.ScalarFormat) and not column.fmt.has_nan:
            kinds = nf.unpack(built.columns[column.name], column.fmt).kind
            assert (kinds != nf.Kind.NAN).all()


def test_what_a_scheme_cannot_hold_is_refused():
    spec = spec_of("requantize", scheme="tflite_single")
    rows = {"a": [100, 1 << 30, 100], "m": [1 << 30] * 3, "s": [20, 20, 0]}
    columns = {name: np.array(codes, np.uint64) for name, codes in rows.items()}
    assert spec.operation.refused(spec, columns).tolist() == [False, True, True]


def test_exhaustive_sets_leave_out_operands_without_an_answer():
    built = made(op="convert", fmt="e5m2", dst="e2m1")
    is_nan = nf.unpack(np.arange(256), "e5m2").kind == nf.Kind.NAN
    assert built.columns["a"].tolist() == np.flatnonzero(~is_nan).tolist()
    (entry,) = built.coverage()
    assert (entry.name, entry.wanted, entry.found) == ("exhaustive", 250, 250)


def test_a_set_without_any_answer_is_refused(monkeypatch):
    never = dataclasses.replace(
        base.OPERATIONS["add"], refused=lambda spec, columns: np.ones(columns["a"].size, np.bool_)
    )
    monkeypatch.setitem(base.OPERATIONS, "add", never)
    with pytest.raises(nf.FormatError, match=r"random operands hardly ever have .* set nan="):
        vectors.generate(spec_of("add", classes="random"))
    with pytest.raises(nf.FormatError, match=r"add: e4m3 to e4m3, .*: no operand has an answer"):
        vectors.generate(Spec(op="add", fmt="e4m3"))


def test_wrap_takes_no_infinity():
    built = made(op="convert", fmt="binary16", dst="int8", overflow="wrap")
    operands = built.columns["a"].tolist()
    assert {0x7C00, 0xFC00}.isdisjoint(operands)
    assert 0x7BFF in operands


# Classes and counts


@pytest.mark.parametrize(
    "asked", [SMALL, DRAWN, spec_of("encode", src="binary32", max_rows=4000, rounding="all")]
)
def test_counts_add_up_to_the_rows(asked):
    built = vectors.generate(asked)
    summary = built.summary()
    assert summary["rows"] == len(built) == sum(summary["classes"].values())
    assert sum(summary["results"].values()) == len(built)
    for name, bit in (("NX", 1), ("UF", 2), ("OF", 4), ("DZ", 8), ("NV", 16)):
        assert summary["flags"][name] == np.count_nonzero(built.columns["flags"].astype(int) & bit)
    numbers, counts = np.unique(built.columns["class"], return_counts=True)
    found = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    assert {CLASSES[name]: rows for name, rows in summary["classes"].items()} == found
    assert {CLASSES[c.name]: c.rows for c in built.coverage() if c.rows} == found


def test_rows_are_in_order_of_mode_then_class():
    modes = "nearest_even,toward_zero"
    built = vectors.generate(spec_of("encode", max_rows=4000, rounding=modes))
    for half in np.split(built.columns["class"].astype(int), 2):
        assert (np.diff(half) >= 0).all()
    same_columns(
        *({n: c for n, c in part.items() if n in ("class", "a")} for part in halves(built))
    )


def halves(built):
    middle = len(built) // 2
    for rows in (slice(middle), slice(middle, None)):
        yield {name: column[rows] for name, column in built.columns.items()}


def values_of(built, name):
    rows = built.columns["class"] == CLASSES[name]
    return nf.decode(built.columns["a"][rows], built.spec.src)


@pytest.mark.parametrize("src", ["binary32", "binary64", "binary16"])
def test_constructed_operands_have_the_tie_at_overflow_and_its_neighbours(src):
    built = vectors.generate(spec_of("encode", src=src, max_rows=3000))
    assert {464.0, -464.0} <= set(values_of(built, "tie").tolist())
    tie = int(nf.encode(464.0, src))
    beside = nf.decode(np.array([tie - 1, tie + 1], np.uint64), src)
    assert {*beside.tolist(), *(-beside).tolist()} <= set(values_of(built, "beside").tolist())
    columns = (built.columns[name].tolist() for name in ("a", "expected"))
    at = dict(zip(*columns, strict=True))
    assert [at[tie - 1], at[tie], at[tie + 1]] == [0x7E, 0x7E, 0x7F]


def test_constructed_operands_have_every_value_and_every_tie_of_e4m3():
    built = vectors.generate(spec_of("encode", src="binary32", max_rows=3000))
    everything = set(nf.decode(built.columns["a"], "binary32").tolist())
    values = sorted({v for v in nf.decode(np.arange(128), "e4m3").tolist() if v == v})
    ties = [float((Fraction(a) + Fraction(b)) / 2) for a, b in itertools.pairwise(values)]
    for number in (*values, *ties):
        assert number in everything
        assert -number in everything
    assert values[1] / 2 in values_of(built, "tie").tolist()


def test_no_constructed_operand_comes_twice():
    built = vectors.generate(spec_of("encode", fmt="e5m2", src="binary32", max_rows=3000))
    constructed = built.columns["class"] != CLASSES["random"]
    operands = built.columns["a"][constructed]
    assert len(np.unique(operands)) == len(operands)


@pytest.mark.parametrize("rows", [1, 7, 100, 2000])
def test_max_rows_bounds_the_rows_of_a_mode(rows):
    modes = "nearest_even,toward_zero"
    built = vectors.generate(spec_of("encode", max_rows=rows, rounding=modes))
    assert len(built) == 2 * rows
    thinned = [entry.name for entry in built.coverage() if entry.thinned]
    assert ("value" in thinned) is (rows < 2000)
    assert ("thinned by max_rows" in str(built.coverage())) is bool(thinned)


def test_max_rows_below_the_corners_is_refused_with_the_number_to_set():
    with pytest.raises(nf.FormatError, match=r"max_rows=3 is less than the \d+ rows of the corner"):
        made(op="add", fmt="binary16", max_rows=3)


@pytest.mark.parametrize("name", ["random", "tie", "special,value"])
def test_classes_are_those_that_are_named(name):
    built = vectors.generate(spec_of("encode", src="binary32", classes=name, max_rows=2000))
    assert set(built.columns["class"].tolist()) == {CLASSES[part] for part in name.split(",")}
    assert (len(built) == 2000) is (name == "random")


def test_a_class_that_an_operation_has_not_is_refused():
    with pytest.raises(nf.FormatError, match="classes=tie: add has no such operands"):
        vectors.generate(spec_of("add", classes="tie"))


# Exhaustive sets


@pytest.mark.parametrize(
    ("op", "options", "count"),
    [
        ("encode", {"fmt": "e4m3", "src": "binary16"}, 1 << 16),
        ("add", {"fmt": "e4m3"}, 1 << 16),
        ("fma", {"fmt": "e2m1"}, 1 << 12),
        ("dot", {"fmt": "e2m1", "k": 1, "dst": "e4m3"}, 1 << 16),
        ("sqrt", {"fmt": "bfloat16"}, 1 << 16),
        ("class_of", {"fmt": "e5m2"}, 1 << 8),
        ("gemm_tile", {"fmt": "int2", "k": 2, "m": 1, "n": 1, "dst": "int4"}, 1 << 12),
    ],
)
def test_small_operand_spaces_are_exhausted_by_default(op, options, count):
    spec = Spec(op=op, **options)
    assert spec.exhaustive
    built = vectors.generate(spec)
    assert len(built) == count
    (entry,) = built.coverage()
    assert (entry.name, entry.wanted, entry.found) == ("exhaustive", count, count)
    word = np.zeros(count, np.uint64)
    for column in spec.operands:
        elements = built.columns[column.name].reshape(count, -1)
        for at in range(column.count - 1, -1, -1):
            word = word << np.uint64(column.width) | elements[:, at]
    np.testing.assert_array_equal(word, np.arange(count))


@pytest.mark.fast
def test_named_classes_large_spaces_and_false_are_not_exhausted():
    assert not Spec(op="add", fmt="e4m3", classes=POOLS).exhaustive
    assert not Spec(op="add", fmt="e4m3", exhaustive=False).exhaustive
    assert not Spec(op="add", fmt="binary16").exhaustive
    assert Spec(op="mul", fmt=("e4m3", "binary16"), dst="e4m3", exhaustive=True).exhaustive
    assert stimuli.stimuli_of(Spec(op="add", fmt="e2m1")).count == 256

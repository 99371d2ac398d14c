"""What Hypothesis draws for users: every class of codes often, and simple examples of failures."""

import dataclasses
import itertools
import math
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact
from numfmt.families.base import ScalarFormat
from numfmt.families.logarithmic import LogarithmicFormat
from numfmt.params import Kind
from numfmt.strategies import (
    PROFILE,
    Batch,
    batch,
    bits,
    block,
    code_classes,
    dialects,
    dot_operands,
    finite,
    formats,
    near,
    operands,
    random_bits,
    rounding_modes,
    simplest,
    ties,
    values,
)
from numfmt.vectors import Spec
from numfmt.vectors.corners import CORNERS

FORMATS = (
    *("e4m3", "e5m2", "e8m0", "e4m3_fnuz", "Binary8p4uf", "e3m0_ieee", "e1m3_fn", "binary16"),
    *("binary64", "posit8", "posit32", "takum16", "takum16_log", "lns8_3", "int8_narrow", "int1"),
    *("q16.16", "int6_sign_magnitude", "hifloat8", "ternary", "fp4_bnb"),
)
FLAT = nf.FloatFormat(name="flat", bits=8, precision=4, emin=-6, subnormals=False)


def sample(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """Return what Hypothesis draws in one run of so many examples, always the same."""
    found: list[Any] = []

    @settings(settings.get_profile(PROFILE), max_examples=count)
    @given(strategy)
    def run(drawn: Any) -> None:
        found.append(drawn)

    run()
    return found


def datum(code: int, fmt: ScalarFormat) -> Any:
    """Return what a code stands for."""
    read = exact.decode_power if isinstance(fmt, LogarithmicFormat) else exact.decode
    return read(code, fmt)


def kind_of(code: int, fmt: ScalarFormat) -> str:
    """Return the kind of a code; of what is no float, numbers are normal."""
    return str(datum(code, fmt).kind.name.lower())


@pytest.mark.parametrize("fmt", [*map(nf.get, FORMATS), FLAT], ids=lambda fmt: fmt.name)
def test_every_class_is_drawn_within_200_examples(fmt: ScalarFormat) -> None:
    codes = sample(bits(fmt))
    assert all(0 <= code < 1 << fmt.bits for code in codes)
    data = {code: datum(code, fmt) for code in set(codes) - set(fmt.unused_codes())}
    assert len(data) == len(set(codes))
    kinds = {kind.name.lower() for kind in {d.kind for d in data.values()}}
    classes = set(code_classes(fmt))
    assert kinds == classes & {"zero", "subnormal", "normal", "infinity", "nan"}
    assert fmt.largest_code(0) in data
    assert fmt.largest_code(1) in data or not fmt.signed_values
    signs = {(d.kind, d.sign) for d in data.values()}
    if fmt.signed_values and fmt.bits > 2:
        assert {sign for kind, sign in signs if kind == Kind.NORMAL} == {0, 1}
    if fmt.has_negative_zero:
        assert (Kind.ZERO, 1) in signs
    if fmt.has_infinity and fmt.signed_values:
        assert {(Kind.INFINITY, 0), (Kind.INFINITY, 1)} <= signs
    one = fmt.around_one[1]
    assert one is None or one in data


@pytest.mark.parametrize("name", ["e2m1", "e2m2_ieee", "posit4", "int4", "nf4"])
def test_every_code_can_be_drawn(name: str) -> None:
    fmt = nf.get(name)
    drawn = set(sample(bits(name), 1000))
    assert drawn == set(range(1 << fmt.bits))


def test_codes_that_read_as_zero_are_drawn_where_there_are_no_subnormals() -> None:
    assert {1, 0x87} & set(sample(bits(FLAT, "zero"), 100))
    assert set(sample(bits(FLAT, "zero"), 100)) <= {*range(8), *range(0x80, 0x88)}


@pytest.mark.parametrize("name", FORMATS)
def test_a_class_draws_only_its_own(name: str) -> None:
    fmt = nf.get(name)
    for wanted in code_classes(name):
        for code in set(sample(bits(name, [wanted]), 16)):
            if wanted == "unused":
                assert code in fmt.unused_codes()
                continue
            kind, found = kind_of(code, fmt), datum(code, fmt)
            if wanted == "power_of_two" and isinstance(fmt, LogarithmicFormat):
                assert found.logarithm.denominator == 1
            elif wanted == "power_of_two":
                assert kind == "normal"
                assert math.log2(found.magnitude) % 1 == 0
            elif wanted == "end":
                assert kind in ("normal", "subnormal")
            else:
                assert kind == wanted


@given(formats(max_bits=16), st.data())
@settings(max_examples=60, deadline=None)
def test_drawn_formats_have_drawn_codes(fmt: ScalarFormat, data: st.DataObject) -> None:
    codes = data.draw(st.lists(bits(fmt), min_size=3, max_size=3))
    decoded = nf.decode(codes, fmt)
    back = nf.encode(decoded, fmt, nan=0 if not fmt.has_nan else None)
    made = [nf.encode(x, fmt, nan=0 if not fmt.has_nan else None) for x in decoded]
    assert back.tolist() == [int(code) for code in made]
    for code in codes:
        assert kind_of(code, fmt) in code_classes(fmt)


# --- shrinking


SIMPLE: list[tuple[str, Callable[[float], bool], float]] = [
    ("e4m3", lambda x: True, 0.0),
    ("e4m3", lambda x: x != 0, 1.0),
    ("e4m3", lambda x: x >= 2, 2.0),
    ("e4m3", lambda x: x > 40, 64.0),
    ("e4m3", lambda x: 1 < x < 2, 1.5),
    ("e4m3", lambda x: x < 0, -1.0),
    ("e4m3", lambda x: 0 < x < 2**-6, 2.0**-9),
    ("binary32", lambda x: x > 1e10, 2.0**34),
    ("binary64", lambda x: 1 < x < 1.25, 1.125),
    ("posit16", lambda x: 0 < x < 1, 0.5),
    ("posit16", lambda x: x > 1000, 1024.0),
    ("takum16", lambda x: x < 0, -1.0),
    ("q8.8", lambda x: x != 0, 1.0),
    ("q8.8", lambda x: 2 < x < 4, 3.0),
    ("lns16_10", lambda x: x > 5, 8.0),
    ("e8m0", lambda x: True, 1.0),
    ("int8", lambda x: x > 2, 4.0),
    ("fp4_bnb", lambda x: x > 0, 1.0),
]


@pytest.mark.parametrize(("name", "condition", "wanted"), SIMPLE)
def test_values_shrink_to_simple_ones(
    name: str, condition: Callable[[float], bool], wanted: float
) -> None:
    found = simplest(values(name), condition)
    assert found == wanted
    assert math.copysign(1, found) == math.copysign(1, wanted)


def test_specials_are_kept_only_where_they_are_needed() -> None:
    assert math.isinf(simplest(values("e5m2"), lambda x: abs(x) > 57344))
    assert simplest(values("e5m2"), math.isnan) != 0
    assert simplest(bits("binary16"), lambda code: code & 0x7FFF > 0x7C00) == 0x7E00
    assert simplest(values("e5m2"), lambda x: x > 57000) == 57344


def test_rows_of_wrong_sums_shrink_to_few_digits() -> None:
    def differ(row: Any) -> bool:
        a, b = row
        right = nf.add(a, b, "e4m3")
        return bool(right != nf.add(a, b, "e4m3", rounding="toward_zero"))

    a, b = simplest(operands("add", "e4m3"), differ)
    assert differ((a, b))
    assert sum(bin(nf.unpack(code, "e4m3").significand.item()).count("1") for code in (a, b)) <= 4


# --- near and ties


@pytest.mark.parametrize("name", ["e4m3", "e2m1", "posit8", "int8", "uint4", "e8m0", "nf4", "e5m2"])
@pytest.mark.parametrize("ulps", [0, 2])
@pytest.mark.parametrize("x", [0.0, 1.07, -2.6, 1e9, -1e9, Fraction(1, 3)])
def test_near_draws_all_neighbours_and_no_others(name: str, ulps: int, x: Any) -> None:
    fmt = nf.get(name)
    finite_codes = [
        c for c in range(256) if c < 1 << fmt.bits and kind_of(c, fmt) not in ("nan", "infinity")
    ]
    value = {code: exact.decode(code, fmt).value for code in finite_codes}
    ordered = sorted(set(value.values()))
    at = Fraction(x)
    if at in ordered:
        place = ordered.index(at)
        kept = ordered[max(place - ulps, 0) : place + ulps + 1]
    else:
        place = sum(v < at for v in ordered)
        kept = ordered[max(place - 1 - ulps, 0) : place + 1 + ulps]
        if place == 0:  # below the first value, which counts as hit
            kept = ordered[: 1 + ulps]
    drawn = set(sample(near(name, x, ulps), 100))
    assert {value[c] for c in drawn if c in value} == set(kept)
    others = {kind_of(c, fmt) for c in drawn if c not in value}
    assert others <= {"infinity"}


def test_near_infinity_is_infinity_or_the_largest_value() -> None:
    assert set(sample(near("e5m2", math.inf, 1))) == {0x7C, 0x7B}
    assert set(sample(near("e5m2", -math.inf, 0))) == {0xFC}
    assert set(sample(near("e4m3", math.inf, 0))) == {0x7E}
    assert set(sample(near("e4m3", -math.inf, 1))) == {0xFE}
    for x, message in ((math.nan, "NaN"), ("one", "no number")):
        with pytest.raises(nf.FormatError, match=message):
            near("e4m3", x)
    with pytest.raises(nf.FormatError, match="ulps"):
        near("e4m3", 1.0, -1)


def is_tie(value: Fraction, fmt: ScalarFormat) -> bool:
    """Return whether a number is halfway between neighbours, or at the tie of overflow."""
    options = {"overflow": "saturate"} if not isinstance(fmt, nf.FixedFormat) else {}
    codes = {
        exact.encode(value, fmt, rounding=mode, **options)[0]
        for mode in ("nearest_even", "nearest_away", "nearest_zero")
    }
    around = [exact.decode(code, fmt).value for code in codes]
    top = abs(fmt.largest)
    if abs(value) > top:
        below = exact.decode(fmt.largest_code(0) - 1, fmt).value
        return abs(value) == top + (top - below) / 2
    return len(around) == 2 and sum(around) / 2 == value


PAIRS = [
    ("binary16", "e4m3"),
    ("e4m3", "e5m2"),
    ("e5m2", "e4m3"),
    ("binary32", "bfloat16"),
    ("bfloat16", "binary16"),
    ("binary64", "binary32"),
    ("q4.12", "e3m2"),
    ("binary32", "q2.6"),
    ("q8.8", "int8"),
    ("e4m3", "uint4"),
]


@pytest.mark.parametrize(("src", "dst"), PAIRS)
def test_ties_are_ties(src: str, dst: str) -> None:
    source, target = nf.get(src), nf.get(dst)
    found = {exact.decode(code, source).value for code in sample(ties(src, dst), 60)}
    assert all(is_tie(value, target) for value in found)
    assert (min(found) < 0) == (source.signed_values and target.signed_values)


@pytest.mark.parametrize(("src", "dst"), [("e4m3", "e2m1"), ("e5m2", "e4m3"), ("e4m3", "posit6")])
def test_all_ties_of_small_formats_are_drawn(src: str, dst: str) -> None:
    source, target = nf.get(src), nf.get(dst)
    codes = [c for c in range(256) if kind_of(c, source) in ("normal", "subnormal")]
    values_of = [
        exact.decode(c, target).value
        for c in range(1 << target.bits)
        if kind_of(c, target) != "nan"
    ]
    ordered = sorted(set(values_of))
    if dst == "posit6":
        grid = {s * target.tie_between(k, k + 1) for k in range(31) for s in (1, -1)}
    else:
        grid = {(a + b) / 2 for a, b in itertools.pairwise(ordered)}
        step = (ordered[-1] - ordered[-2]) / 2
        grid |= {ordered[-1] + step, ordered[0] - step}
    wanted = {c for c in codes if exact.decode(c, source).value in grid}
    assert set(sample(ties(src, dst), 800)) == wanted


def test_ties_may_come_with_their_neighbours() -> None:
    at = set(sample(ties("e4m3", "e2m1"), 500))
    beside = set(sample(ties("e4m3", "e2m1", beside=1), 1000))
    assert {code + step for code in at for step in (-1, 0, 1)} == beside
    with pytest.raises(nf.FormatError, match="no number of 'e2m1'"):
        ties("e2m1", "binary16")
    with pytest.raises(nf.FormatError, match="dst='nf4': ties are drawn"):
        ties("e4m3", "nf4")


# --- operands


OPERATIONS: list[tuple[str, Any, dict[str, Any]]] = [
    ("add", "e4m3", {}),
    ("mul", "binary16", {}),
    ("fma", "e5m2", {}),
    ("convert", "binary16", {"dst": "e4m3"}),
    ("dot", "e4m3", {"k": 4}),
]


@pytest.mark.parametrize(("op", "fmt", "options"), OPERATIONS)
def test_each_class_of_corners_is_hit_within_600_examples(
    op: str, fmt: str, options: dict[str, Any]
) -> None:
    spec = Spec(op=op, fmt=fmt, exhaustive=False, **options)
    rows = sample(operands(op, fmt, **options), 600)
    for corner in CORNERS:
        if corner.applies(spec):
            assert any(corner.hits(spec, row) for row in rows), corner.name


@pytest.mark.parametrize(("op", "fmt", "options"), OPERATIONS[:3])
def test_rows_of_a_class_hit_it(op: str, fmt: str, options: dict[str, Any]) -> None:
    spec = Spec(op=op, fmt=fmt, exhaustive=False, **options)
    for corner in CORNERS:
        if corner.applies(spec):
            for row in sample(operands(op, fmt, [corner.name], **options), 5):
                assert corner.hits(spec, row), corner.name


def test_strategies_are_written_in_few_words() -> None:
    assert repr(bits("e4m3")) == "rows(e4m3)"
    assert repr(batch(bits("e4m3"), 9)) == "batches(of=e4m3, n=9)"
    assert repr(operands("mul", "e4m3")) == "rows(mul: e4m3 to e4m3, nearest_even)"


def test_rows_have_the_shape_of_the_operation() -> None:
    for a, b, *rest in sample(operands("dot", ("e4m3", "e5m2"), k=5), 40):
        assert len(a) == len(b) == 5
        assert len(rest) <= 1
    rows = sample(operands("encode", "e2m1", src="binary16"), 100)
    assert all(exact.decode(row[0], "binary16").kind != Kind.NAN for row in rows)
    with pytest.raises(nf.FormatError, match="classes: 'nothing' is not one of"):
        operands("add", "e4m3", "nothing")
    with pytest.raises(nf.FormatError, match="op="):
        operands("nothing", "e4m3")


PATTERNS = ("any", "powers", "carry", "cancellation", "large_small", "zeros", "specials")


def products(row: Any, names: tuple[str, str]) -> list[Fraction | None]:
    """Return the products of a row, None where one is not finite."""
    found = []
    for a, b in zip(*row, strict=True):
        x, y = exact.decode(a, names[0]), exact.decode(b, names[1])
        found.append(x.value * y.value if x.finite and y.finite else None)
    return found


@pytest.mark.parametrize("names", [("e4m3", "e4m3"), ("e5m2", "uint4"), ("int8", "int8")])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_dot_patterns_are_what_they_say(names: tuple[str, str], pattern: str) -> None:
    if pattern == "specials" and names[0] == "int8":
        with pytest.raises(nf.FormatError, match="pattern='specials' is not one of any, powers"):
            dot_operands(names, 6, pattern)
        return
    for row in sample(dot_operands(names, 6, pattern), 12):
        terms = products(row, names)
        assert len(row[0]) == len(row[1]) == 6
        numbers = [term for term in terms if term is not None]
        if pattern == "specials":
            assert None in terms
        elif pattern != "any":
            assert None not in terms
        if pattern == "cancellation":
            assert sum(numbers) == 0
        if pattern == "zeros":
            assert not any(numbers)
        if pattern == "carry":
            assert len({abs(term) for term in numbers}) == 1
            tops = [nf.get(name).largest for name in names]
            assert abs(numbers[0]) == tops[0] * tops[1]
        if pattern == "powers":
            assert all(math.log2(abs(term)) % 1 == 0 for term in numbers)
        if pattern == "large_small":
            assert len(set(numbers)) <= 2


def test_dot_operands_without_a_pattern_have_any() -> None:
    rows = sample(dot_operands("e4m3", 3))
    assert any(None in products(row, ("e4m3", "e4m3")) for row in rows)
    assert any(row[0] == row[1] == (0x7E,) * 3 for row in rows)
    for arguments in (("e4m3", 0), ("mxfp4", 4), (("e4m3",), 4)):
        with pytest.raises(nf.FormatError):
            dot_operands(*arguments)


# --- blocks


SHORT = {"mxfp8_e5m2": 5, "mxint8": 7, "uint4_group32": 9}


@pytest.mark.parametrize(
    "name", ["mxfp4", "mxfp8_e5m2", "nvfp4", "mxint8", "uint4_group32", "int8_row"]
)
def test_blocks_are_read_as_blocks(name: str) -> None:
    fmt = nf.get(name)
    assert isinstance(fmt, nf.BlockFormat)
    for drawn in sample(block(name, size=SHORT.get(name)), 20):
        decoded = drawn.quantized().dequantize()
        assert decoded.shape == (len(drawn.codes),)
        if not fmt.two_level and drawn.zero_point is None:
            scale = nf.decode(drawn.scale, fmt.scale_code)
            with np.errstate(invalid="ignore"):
                expected = nf.decode(list(drawn.codes), fmt.element) * scale
            np.testing.assert_array_equal(decoded, expected)


def magnitudes(drawn: Any) -> list[float]:
    """Return the magnitudes of the elements."""
    return [abs(x) for x in nf.decode(list(drawn.codes), drawn.format.element).tolist()]


def test_block_patterns_are_what_they_say() -> None:
    def drawn(pattern: str, name: str = "mxfp8_e5m2") -> list[Any]:
        return sample(block(name, pattern, 12), 10)

    assert all(not any(magnitudes(b)) for b in drawn("zeros"))
    assert all(len(set(b.codes)) == 1 for b in drawn("equal"))
    assert all(len(set(b.codes)) == 12 for b in drawn("distinct"))
    assert {datum(b.scale, nf.get("e8m0")).kind for b in drawn("special_scale")} >= {Kind.NAN}
    for b in drawn("special_element"):
        assert sum(not math.isfinite(x) for x in magnitudes(b)) >= 1
    for name in ("mxfp8_e5m2", "mxint8", "mxfp4"):
        for b in drawn("power", name):
            first, second = sorted(magnitudes(b))[:-3:-1]
            assert math.log2(first) % 1 == 0
            assert second < first
        for b in drawn("outlier", name):
            first, second = sorted(magnitudes(b))[:-3:-1]
            assert first > 10 * second
    assert len(simplest(block("mxfp4", size=5)).codes) == 5
    assert simplest(block("mxfp4", "any", size=4)).codes == (0,) * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mxfp4", "special_element"), "pattern='special_element' is not one of any, zeros"),
        (("e4m3",), "scalar format"),
        (("bitmod_fp4",), "several element formats"),
        (("int8_channel",), "channel"),
        (("deepseek_fp8_weight",), "too many"),
        (("mxfp4", None, 33), "size=33"),
    ],
)
def test_blocks_that_cannot_be_drawn_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        block(*arguments)


# --- batches


def test_a_batch_is_the_drawn_rows_and_a_bulk_of_its_seed() -> None:
    batches = sample(batch(bits("e4m3"), 100), 20)
    assert any(one.seed and one.drawn for one in batches)
    for one in batches:
        assert len(one) == len(one.codes) == len(one.drawn) + (100 if one.seed else 0)
        assert list(one)[: len(one.drawn)] == list(one.drawn)
    again = sample(batch(bits("e4m3"), 100), 20)
    assert [one.codes.tolist() for one in again] == [one.codes.tolist() for one in batches]
    rows = sample(batch(operands("dot", "e2m1", k=3), 10), 8)
    for one in rows:
        assert {name: column.shape[1:] for name, column in one.columns.items()}["a"] == (3,)
        assert all(len(row) == len(one.columns) for row in one)


def test_the_bulk_holds_no_row_without_an_answer() -> None:
    for one in sample(batch(operands("encode", "e2m1", src="binary16"), 500), 10):
        assert not np.isnan(nf.decode(one.columns[next(iter(one.columns))], "binary16")).any()
    for one in sample(batch(bits("ternary"), 500), 10):
        assert one.codes.size == 0 or one.codes.max() <= 2


def test_mistakes_of_drawn_rows_shrink_without_the_bulk() -> None:
    @settings(settings.get_profile(PROFILE), print_blob=False)
    @given(batch(bits("binary32"), 3))
    def run(rows: Batch) -> None:
        rows.check(lambda codes: (codes & 0x7FFFFF == 0) & (nf.decode(codes, "binary32") >= 2))

    with pytest.raises(AssertionError, match=r"wrong: 1 of 1 rows, such as code=0x40000000"):
        run()


def test_mistakes_of_the_bulk_alone_are_simplified() -> None:
    rows = Batch((), 7, 20_000, _shape())
    with pytest.raises(AssertionError, match="a=0x02, b=0x01"):
        rows.check(lambda columns: (columns["a"] >= 2) & (columns["b"] & 1 == 1))
    with pytest.raises(nf.FormatError, match="wrong"):
        rows.check(lambda columns: True)


def _shape() -> Any:
    from numfmt.strategies.batches import Shape

    e4m3 = nf.get("e4m3")
    return Shape(formats=(e4m3, e4m3), widths=(8, 8), counts=(1, 1), names=("a", "b"))


def test_batches_of_unknown_strategies_are_refused() -> None:
    with pytest.raises(nf.FormatError, match="batch knows the rows of"):
        batch(st.integers(), 10)
    with pytest.raises(nf.FormatError, match="use columns"):
        _ = Batch((), 1, 3, _shape()).codes


# --- what calls are made with


@pytest.mark.parametrize("family", ["float", "fixed", "posit", "takum", "lns", "codebook"])
def test_formats_are_of_the_family_and_width(family: str) -> None:
    found = sample(formats(9, family), 150)
    wanted = "takum" if family == "takum" else family
    assert {fmt.family for fmt in found} == {wanted}
    assert max(fmt.bits for fmt in found) == (8 if family == "codebook" else 9)
    assert len({dataclasses.replace(fmt, name="x") for fmt in found}) > 3


def test_all_families_and_styles_are_drawn() -> None:
    assert len({fmt.family for fmt in sample(formats())}) == 6
    floats = sample(formats(16, "float"), 400)
    assert {fmt.style for fmt in floats} == set(nf.Style)
    assert {fmt.signed for fmt in floats} == {fmt.subnormals for fmt in floats} == {True, False}
    for message, arguments in (
        ("'lns'|family='lns'", (2, "lns")),
        ("family='x'", (8, "x")),
        ("max_bits", (1,)),
    ):
        with pytest.raises(nf.FormatError, match=message):
            formats(*arguments)


def test_modes_dialects_and_random_bits() -> None:
    deterministic = {mode for mode in nf.Rounding if not mode.stochastic}
    assert set(sample(rounding_modes())) == deterministic
    assert set(sample(rounding_modes(stochastic=True), 400)) == set(nf.Rounding)
    assert nf.Rounding.JAM not in set(sample(rounding_modes(fmt="nf4"), 400))
    assert simplest(rounding_modes()).value == "nearest_even"
    names = {dialect.name for dialect in sample(dialects(named=True))}
    assert len(names) == 8
    drawn = sample(dialects(), 300)
    assert {d.flush_inputs for d in drawn} == {True, False}
    assert simplest(dialects()).name == "ieee"
    assert {0, 1, 7, 8, 15} <= set(sample(random_bits(4)))
    assert max(sample(random_bits(4))) == 15
    assert simplest(random_bits(8)) == 0


def test_finite_codes_are_finite() -> None:
    for name in ("e5m2", "posit8", "takum16_log", "fp4_bnb"):
        fmt = nf.get(name)
        kinds = {kind_of(code, fmt) for code in sample(finite(name), 80)}
        assert kinds <= {"zero", "subnormal", "normal"}
    with pytest.raises(nf.FormatError, match="classes: 'nan' is not one of"):
        bits("e2m1", "nan")
    with pytest.raises(nf.FormatError, match="classes is empty"):
        bits("e2m1", ())
    with pytest.raises(nf.FormatError, match="no float64"):
        values("q8.56")


def test_the_simplest_example_may_not_exist() -> None:
    with pytest.raises(nf.FormatError, match="none of 2000 examples"):
        simplest(bits("e2m1"), lambda code: code > 15)


# --- without Hypothesis


def test_the_message_names_the_extra_where_hypothesis_is_absent() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import numfmt, numfmt.testing\n"
        "try: import numfmt.strategies\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "numfmt-sim[hypothesis]" in done.stdout

import itertools
from fractions import Fraction

import pytest

import numfmt as nf
from numfmt import exact
from numfmt.exact.requantization import requantize
from numfmt.vectors.corners import CORNERS, block_corners, dots, dyadic, posits
from numfmt.vectors.spec import Spec
from numfmt.vectors.streams import Stream

CLASSES = (*posits.CLASSES, *block_corners.CLASSES, *dots.CLASSES, *dyadic.CLASSES)
MOST_CANDIDATES = 64

EXACT, SEQUENTIAL = nf.Exact(), nf.Sequential()
DOTS = {
    "hopper": {"unit": "nvidia-hopper-wgmma-e4m3-f32"},
    "volta": {"unit": "nvidia-volta-mma-f16-f32"},
    "volta half": {"unit": "nvidia-volta-mma-f16-f16"},
    "ampere": {"unit": "nvidia-ampere-mma-bf16-f32"},
    "cdna3": {"unit": "amd-cdna3-mfma-fp8-f32"},
    "cdna3 clipped": {"unit": "amd-cdna3-mfma-bf16-f32"},
    "cdna2 flushes": {"unit": "amd-cdna2-mfma-f16-f32"},
    "amx": {"unit": "intel-amx-tdpbf16ps"},
    "unsigned": {"unit": "arm-dotprod-udot"},
    "int8": {"unit": "amd-cdna3-mfma-i8-i32"},
    "exact": {"fmt": "e4m3", "accumulator": EXACT, "k": 16},
    "exact narrow": {"fmt": "e5m2", "accumulator": EXACT, "k": 8, "dst": "binary16"},
    "sequential": {"fmt": "binary32", "accumulator": SEQUENTIAL, "k": 4},
    "one product": {"fmt": "bfloat16", "accumulator": EXACT, "k": 1},
    "posits": {"fmt": "posit16", "accumulator": EXACT, "k": 8, "dst": "posit16"},
    "few products": {"fmt": "e2m1", "accumulator": EXACT, "k": 16},
    "a codebook": {"fmt": "nf4", "accumulator": EXACT, "k": 4},
    "partially normalised": {
        "fmt": "e4m3",
        "accumulator": nf.PartiallyNormalized(output="binary32", width=28, shifts=(0, 3, 8)),
        "k": 8,
    },
}
BLOCK_DOTS = {
    "mxf4": {"unit": "nvidia-blackwell-tcgen05-mxf4-f32"},
    "nvf4": {"unit": "nvidia-blackwell-tcgen05-nvf4-f32"},
    "mxe4m3": {"unit": "nvidia-blackwell-tcgen05-mxe4m3-f32"},
    "mxfp4": {"fmt": "mxfp4"},
    "mxint8": {"fmt": "mxint8", "k": 64},
}
BLOCKS = (
    "mxfp4",
    "mxfp8_e4m3",
    "mxint8",
    "nvfp4_one_level",
    "int8_group32",
    "bfp_m4_group16",
    "p3109_Binary8p4se_group32",
)
POSITS = ("posit8", "posit16", "posit32", "takum16")
POSIT_OPERATIONS = ("decode", "encode", "add", "sub", "mul", "div", "fma", "sqrt", "recip", "faa")
SCHEMES = [scheme.value for scheme in nf.RequantizationScheme]


def applied(spec):
    return [corner for corner in CLASSES if corner.applies(spec)]


def named(name):
    return next(corner for corner in CLASSES if corner.name == name)


def solved(spec, corner, wanted):
    """Return the first row that hits a bin, among few candidates."""
    rows = corner.solve(spec, wanted, Stream(spec.seed, f"corner {corner.name} {wanted}"))
    tries = 0
    for tries, row in enumerate(rows, 1):  # noqa: B007 (how many there were)
        found = corner.hits(spec, row)
        assert set(found) <= set(corner.bins(spec))
        if wanted in found:
            return row
    assert tries <= MOST_CANDIDATES
    return None


def check(spec):
    """Check that each bin is either hit or proved unreachable; return how many were hit."""
    corners, hit = applied(spec), 0
    assert corners
    for corner in corners:
        bins = corner.bins(spec)
        assert bins
        assert len(set(bins)) == len(bins)
        for wanted in bins:
            reason = corner.unreachable(spec, wanted)
            row = solved(spec, corner, wanted)
            assert (row is None) == (reason is not None), (corner.name, wanted, reason)
            hit += row is not None
    return hit


def test_names_of_classes_are_unique():
    names = [corner.name for corner in CORNERS]
    assert len(set(names)) == len(names)
    assert {corner.name for corner in CLASSES} <= set(names)


@pytest.mark.parametrize("name", DOTS)
def test_dot_products_have_all_their_corners(name):
    assert check(Spec(op="dot", **DOTS[name])) > 3


def test_tiles_have_the_corners_of_their_first_entry():
    spec = Spec(op="gemm_tile", unit="nvidia-hopper-wgmma-e4m3-f32", m=2, n=3)
    dot = Spec(op="dot", unit="nvidia-hopper-wgmma-e4m3-f32")
    assert check(spec) == check(dot)


@pytest.mark.parametrize("name", BLOCK_DOTS)
def test_products_of_blocks_have_all_their_corners(name):
    spec = Spec(op="block_dot", **BLOCK_DOTS[name])
    assert check(spec) > 50
    assert named("scales_of_products") in applied(spec)


@pytest.mark.parametrize("fmt", BLOCKS)
def test_blocks_have_all_their_corners(fmt):
    assert check(Spec(op="block_quantize", fmt=fmt)) > 20


def test_short_blocks_have_all_their_corners():
    for k in (1, 5):
        assert check(Spec(op="block_quantize", fmt="mxfp4", k=k)) > 10


@pytest.mark.parametrize("scheme", SCHEMES)
def test_requantisation_has_all_its_corners(scheme):
    for dst, zero_point in (("int8", 0), ("uint8", 3), ("int16", 0), ("int32", 0)):
        check(Spec(op="requantize", scheme=scheme, dst=dst, zero_point=zero_point))


@pytest.mark.parametrize("op", ["add", "sub", "mul"])
@pytest.mark.parametrize("fmt", ["int8", "int16", "uint8", "q1.15", "int32", "int8_narrow"])
def test_integers_have_all_their_corners(op, fmt):
    assert check(Spec(op=op, fmt=fmt)) > 8


def test_dint_has_its_special_codes():
    for op in ("decode", "encode"):
        for fmt in ("dint3", "dint4"):
            assert check(Spec(op=op, fmt=fmt)) > 4


@pytest.mark.parametrize("fmt", POSITS)
def test_posits_have_all_their_corners(fmt):
    for op in POSIT_OPERATIONS:
        assert check(Spec(op=op, fmt=fmt)) > 3


@pytest.mark.parametrize(("fmt", "dst"), [("posit16", "posit8"), ("posit32", "takum16")])
def test_conversions_of_posits_have_all_their_corners(fmt, dst):
    assert check(Spec(op="convert", fmt=fmt, dst=dst)) > 50


def test_wider_posits_have_no_ties_to_convert():
    spec = Spec(op="convert", fmt="posit8", dst="posit16")
    ties = named("tapered_ties")
    assert all("every posit8" in ties.unreachable(spec, wanted) for wanted in ties.bins(spec))
    assert check(spec)


def test_rows_are_the_same_again():
    for spec in (Spec(op="dot", **DOTS["hopper"]), Spec(op="block_quantize", fmt="mxfp4")):
        for corner in applied(spec):
            wanted = corner.bins(spec)[-1]
            first, again = (
                list(itertools.islice(corner.solve(spec, wanted, Stream(7, "again")), 8))
                for _ in range(2)
            )
            assert first == again


# What a row does, in words that are not those of the judge


def test_ties_of_sums_are_where_two_modes_differ():
    spec = Spec(op="dot", fmt="e4m3", k=16)
    corner = named("ties_of_sum")
    for wanted in corner.bins(spec):
        a, b, c = solved(spec, corner, wanted)
        even, away = (
            exact.dot(a, b, c, spec.formats, accumulator=nf.Exact(output="binary32", rounding=mode))
            for mode in ("nearest_even", "nearest_away")
        )
        assert (even != away) == ("bit 0, at a tie" in wanted)


def test_small_terms_together_change_an_exact_sum_and_no_sequential_one():
    spec = Spec(op="dot", fmt="e4m3", k=16)
    a, b, c = solved(spec, named("order_of_terms"), "c is large")
    sums = [
        exact.dot(a, b, c, spec.formats, accumulator=rule(output="binary32"))
        for rule in (nf.Exact, nf.Sequential)
    ]
    assert sums[0] != sums[1] == c


def test_growth_reaches_the_last_bit_of_the_adder():
    spec = Spec(op="dot", **DOTS["hopper"])
    corner = named("growth_of_sum")
    a, b, c = solved(spec, corner, corner.bins(spec)[-1])
    (step,) = exact.dot_steps(a, b, c, unit=nf.unit(spec.unit.name))
    most = (32 * 2 * 2 + 2).bit_length() - 1  # 32 products and c
    assert 2 ** (most - 1) <= abs(step.total) / 2**step.exponent < 2 ** (most + 1)


def test_terms_a_width_below_the_largest_are_the_last_that_count():
    spec = Spec(op="dot", **DOTS["hopper"])
    corner, unit = named("alignment_of_terms"), nf.unit(spec.unit.name)
    width = unit.accumulator.fraction_bits
    for distance, kept in ((width - 1, True), (width, True), (width + 1, False)):
        a, b, c = solved(spec, corner, f"product {distance} below product")
        (step,) = exact.dot_steps(a, b, c, unit=unit)
        assert all(step.cut) == kept


def test_double_rounding_rows_differ_from_a_single_rounding():
    spec = Spec(op="requantize", scheme="tflite_double", dst="int32")
    corner = named("double_rounding")
    for wanted in corner.bins(spec):
        a, m, s = solved(spec, corner, wanted)
        x = int(exact.decode(a, "int32").value)
        m -= m >> 31 << 32
        twice, once = (
            exact.decode(requantize(x, m, s, "int32", scheme=scheme), "int32").value
            for scheme in ("tflite_double", "half_up")
        )
        assert twice - once == (1 if "more" in wanted else -1)


@pytest.mark.parametrize(("sign", "results"), [("+", (1, 0)), ("-", (0, -1))])
def test_ties_of_a_first_rounding_go_up(sign, results):
    spec = Spec(op="requantize", scheme="tflite_double")
    a, m, s = solved(spec, named("ties_of_requantization"), f"{sign}, tie of the first rounding")
    x = int(exact.decode(a, "int32").value)
    twice = 2 * x * m >> 31
    assert (s, twice % 2) == (31, 1)
    code = requantize(x, m, s, "int8", scheme="tflite_double")
    assert exact.decode(code, "int8").value == results[0] == twice // 2 + 1
    assert results[1] == twice // 2


def sum_of_blocks(row):
    """Return the exact sum of a row of mxfp4 with one block."""
    a, scale_a, b, scale_b, c = row
    values = [[exact.decode(code, "e2m1").value for code in codes] for codes in (a, b)]
    scales = [exact.decode(code, "e8m0").value for code in (scale_a, scale_b)]
    products = sum(x * y for x, y in zip(*values, strict=True)) * scales[0] * scales[1]
    return products + exact.decode(c, "binary32").value


def test_the_largest_products_fill_the_sum():
    spec = Spec(op="block_dot", fmt="mxfp4")
    for sign, most in (("+", 32 * 36), ("-", -32 * 36)):
        row = solved(spec, named("lanes"), f"largest products in every lane, {sign}")
        assert sum_of_blocks(row) == most


def test_a_far_digit_alone_sends_a_subnormal_tie_up():
    spec = Spec(op="block_dot", fmt="mxfp4")
    for sign in (1, -1):
        row = solved(spec, named("subnormal_sums"), f"tie and a far digit, {'-+'[sign > 0]}")
        grains = sign * sum_of_blocks(row) * 2**149
        tie = grains // 1 + Fraction(1, 2)
        assert (round(grains), round(tie)) == (grains // 1 + 1, grains // 1)
        assert 0 < grains - tie <= Fraction(1, 32)


def test_outliers_leave_nothing_of_the_others():
    spec = Spec(op="block_quantize", fmt="mxfp4")
    (codes,) = solved(spec, named("outlier_of_block"), "outlier last")
    values = [exact.decode(code, "binary32") for code in codes]
    found = exact.quantize_blocks([values], "mxfp4")
    assert all(code in (0, 8) for code in found.codes[0][:-1])
    assert found.codes[0][-1] not in (0, 8)


def test_ties_of_posits_are_where_two_directions_differ():
    spec = Spec(op="mul", fmt="posit16")
    corner = named("tapered_ties")
    for wanted in ("+, tie of a code that lacks 2 bits", "+, odd, at a tie", "+, even, at a tie"):
        a, b = solved(spec, corner, wanted)
        down, up, even = (
            exact.mul(a, b, "posit16", rounding=mode)[0]
            for mode in ("toward_zero", "away_from_zero", "nearest_even")
        )
        assert up == down + 1
        assert even == (down if down % 2 == 0 else up)


@pytest.mark.slow
def test_every_unit_has_all_its_corners():
    seen = set()
    for unit in nf.units():
        rule = unit.a.structure, unit.b.structure, unit.scale_block, unit.k, repr(unit.accumulator)
        if rule not in seen:
            seen.add(rule)
            check(Spec(op="dot" if unit.scale is None else "block_dot", unit=unit.name))
    assert len(seen) > 100

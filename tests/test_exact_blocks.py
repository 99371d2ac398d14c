"""The specification of blocks against cases worked by hand, float32 arithmetic, and gfloat."""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.exact import (
    BlockResult,
    Datum,
    dequantize_blocks,
    dot_blocks,
    quantize_blocks,
    quantize_with,
)
from numfmt.families.blocks import BlockFormat
from numfmt.families.codebooks import CodebookFormat
from numfmt.params import Kind

F = Fraction
INF, NAN = math.inf, math.nan
F32 = np.float32


def block(element: Any, scale: Any, **options: Any) -> BlockFormat:
    """Return a block format of named parts."""
    parts = {"name": "mine", "block": (32,)} | options
    for field, value in (("element", element), ("scale", scale)):
        parts[field] = nf.get(value) if isinstance(value, str) else value
    if parts.get("statistic") in ("range", "absmean"):
        parts.setdefault("compute", "binary64")
    if "compute" in parts:
        parts["compute"] = nf.get(parts["compute"])
    return BlockFormat(**parts)


def one(x: list[Any], fmt: BlockFormat, **options: Any) -> tuple[Any, list[Any]]:
    """Return the scale's value and the values of one block's elements before scaling."""
    found = quantize_blocks([x], fmt, **options)
    scale = exact.decode(found.scales[0], fmt.scale_code)
    return simple(scale), [simple(exact.decode(code, fmt.element)) for code in found.codes[0]]


def simple(x: Datum) -> Any:
    """Return a datum as a number, or as a float where it is not finite."""
    if x.finite:
        return x.value
    return NAN if x.kind is Kind.NAN else (-INF if x.sign else INF)


def back(found: BlockResult, fmt: BlockFormat, **options: Any) -> list[list[Any]]:
    """Return the dequantised values."""
    return [[simple(x) for x in row] for row in dequantize_blocks(found, fmt, **options)]


def test_the_exponent_is_read_from_the_digits_not_from_a_float_logarithm() -> None:
    fmt = block("e4m3", "e8m0", rule="floor")
    assert one([255.99998474121094], fmt) == (F(1, 2), [448])
    assert one([F(8) - F(1, 2**21)], fmt)[0] == F(1, 64)
    assert back(quantize_blocks([[255.99998474121094]], fmt), fmt) == [[224]]


def test_a_scale_below_the_smallest_is_clamped_and_elements_use_it() -> None:
    fmt = block("e4m3", "e8m0", rule="floor")
    found = quantize_blocks([[F(1, 2**130)]], fmt)
    assert found[:2] == ([[0x20]], [0])
    assert back(found, fmt) == [[F(1, 2**130)]]
    fp4 = block("e2m1", "e8m0", rule="floor")
    assert quantize_blocks([[F(1, 2**140)]], fp4)[:2] == ([[0]], [0])


RULES = ("floor", "ceil", "even", "nearest", "rceil", "m1", "amax")
BELOW_EIGHT = float(np.nextafter(F32(8), F32(0)))


@pytest.mark.parametrize(
    ("amax", "scales"),
    [
        (4.0, (1, 1, 1, 1, 1, 1)),
        (5.0, (1, 2, 1, 1, 1, 1)),
        (6.0, (1, 2, 1, 2, 1, 1)),
        (7.0, (1, 2, 2, 2, 2, 2)),
        (BELOW_EIGHT, (1, 2, 2, 2, 2, 2)),
        (8.0, (2, 2, 2, 2, 2, 2)),
        (9.0, (2, 4, 2, 2, 2, 2)),
        (10.0, (2, 4, 2, 2, 2, 2)),
        (12.0, (2, 4, 2, 4, 2, 2)),
        (12.0 + 2**-19, (2, 4, 2, 4, 4, 4)),
    ],
)
def test_rules_of_fp4_around_powers_of_two(amax: float, scales: tuple[int, ...]) -> None:
    for rule, scale in zip(RULES, scales, strict=False):
        assert one([amax, 0], block("e2m1", "e8m0", rule=rule))[0] == scale, rule


def test_even_carries_into_the_next_binade_as_bits_of_binary32_do() -> None:
    for name, trailing in (("e2m1", 1), ("e4m3", 3), ("e3m2", 2), ("e2m3", 3), ("e5m2", 2)):
        fmt = block(name, "e8m0", rule="even")
        emax = math.floor(math.log2(float(fmt.element.largest)))
        for amax in np.random.default_rng(7).normal(size=40).astype(F32):
            bits = int(abs(amax).view(np.uint32)) + (1 << (23 - trailing - 1))
            scale = float(np.uint32(bits & 0xFF800000).view(F32))
            assert one([float(amax)], fmt)[0] == F(scale) / 2**emax


def test_rceil_is_that_of_binary32() -> None:
    rng = np.random.default_rng(3)
    for name in ("e4m3", "e5m2", "e2m1"):
        fmt = block(name, "e8m0", rule="rceil")
        largest = F32(float(fmt.element.largest))
        for amax in [*rng.normal(size=30).astype(F32), largest, np.nextafter(largest, F32(1e9))]:
            product = abs(amax) * (F32(1) / largest)
            significand, exponent = math.frexp(float(product))
            expected = F(2) ** (exponent - (significand == 0.5))
            assert one([float(amax)], fmt)[0] == expected
    tiny = block("e4m3", "e8m0", rule="rceil")
    assert [quantize_blocks([[2.0**e]], tiny).scales for e in (-119, -118, -117)] == [
        [0], [1], [2]]  # fmt: skip


NVFP4 = block(
    "e2m1",
    block("e4m3", "binary32", name="scales", block="tensor"),
    block=(16,),
    division="reciprocal",
    compute="binary32",
    scale_min=F(1, 64),
)


def test_nvfp4_is_float32_arithmetic_in_torchao_order() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    rng = np.random.default_rng(11)
    for spread in (1.0, 1e-3, 30.0):
        x = (rng.normal(size=(6, 16)) * np.exp(rng.normal(size=(6, 1)) * 3) * spread).astype(F32)
        tensor = F32(np.abs(x).max() / F32(2688))
        scales = (np.abs(x).max(axis=1) / F32(6)) / tensor
        stored = np.clip(scales, F32(2.0**-6), F32(448)).astype(ml_dtypes.float8_e4m3fn)
        factor = (F32(1) / tensor) / stored.astype(F32)
        y = np.clip(x * factor[:, None], F32(-6), F32(6)).astype(ml_dtypes.float4_e2m1fn)
        found = quantize_blocks(x.tolist(), NVFP4)
        assert found.outer == [int(tensor.view(np.uint32))]
        assert found.scales == stored.view(np.uint8).tolist()
        assert found.codes == (y.view(np.uint8) & 15).tolist()
        values = back(found, NVFP4)
        assert values[2][3] == F(float(tensor)) * F(float(stored[2])) * F(float(y[2, 3]))


def test_multiplying_by_a_reciprocal_is_not_dividing() -> None:
    times = block("int8_narrow", "binary32", compute="binary32", division="reciprocal")
    over = block("int8_narrow", "binary32", compute="binary32")
    rng, differ = np.random.default_rng(5), 0
    for _ in range(30):
        amax = F32(abs(rng.normal()) + 0.1)
        s = amax / F32(127)
        x = np.concatenate([[amax], s * (np.arange(-20, 20) + F32(0.5))]).astype(F32)
        a, b = (quantize_blocks([x.tolist()], fmt).codes[0] for fmt in (times, over))
        assert a == (np.rint(x * (F32(1) / s)).astype(int) % 256).tolist()
        assert b == (np.rint(x / s).astype(int) % 256).tolist()
        differ += a != b
    assert differ


def test_nf4_multiplies_by_the_reciprocal_of_the_largest_magnitude() -> None:
    fmt = block("nf4", "binary32", compute="binary32", division="ratio")
    table = np.array([float(v) for v in nf.get("nf4").values])
    x = np.random.default_rng(2).normal(size=64).astype(F32)
    y = x * (F32(1) / np.abs(x).max())
    found = quantize_blocks([x.tolist()], fmt)
    assert found.scales == [int(np.abs(x).max().view(np.uint32))]
    assert found.codes == [np.abs(y[:, None].astype(float) - table).argmin(axis=1).tolist()]
    assert quantize_blocks([[0.0, -0.0]], fmt).codes == [[7, 7]]


def test_the_two_zero_points_of_asymmetric_uint4_differ_at_ties() -> None:
    after = block("uint4", "binary32", statistic="range", zero_point="after")
    inside = block("uint4", "binary32", statistic="range", zero_point="inside")
    x = [-1, 14, F(1, 2), F(3, 2), F(-1, 2)]  # s = 1, z = 1: an odd shift
    found = [quantize_blocks([x], fmt) for fmt in (after, inside)]
    assert [f.zero_points for f in found] == [[1], [1]]
    assert [f.codes for f in found] == [[[0, 15, 1, 3, 1]], [[0, 15, 2, 2, 0]]]
    assert back(found[0], after) == [[-1, 14, 0, 2, 0]]
    assert back(found[1], inside) == [[-1, 14, 1, 1, -1]]


def test_zero_points_are_clamped_and_shifted_by_the_lowest_element() -> None:
    fmt = block("int4", "binary32", statistic="range", zero_point="after")
    found = quantize_blocks([[-1, 14], [0, 15], [-15, 0]], fmt)
    assert [exact.decode(z, "int4").value for z in found.zero_points or []] == [-7, -8, 7]
    assert back(found, fmt) == [[-1, 14], [0, 15], [-15, 0]]
    alone = block("uint4", "binary32", statistic="range", zero_point="after", include_zero=False)
    assert quantize_blocks([[100, 115]], alone).zero_points == [0]


def test_float_zero_points_put_the_lowest_value_on_the_lowest_code() -> None:
    fmt = block("uint4", "binary32", statistic="range", zero_point="float",
                include_zero=False, compute="binary32")  # fmt: skip
    found = quantize_blocks([[100, 115, 107.5]], fmt)
    assert found.codes == [[0, 15, 8]]
    assert found.zero_points == [int(F32(100).view(np.uint32))]
    signed = block("int4", "binary32", statistic="range", zero_point="float",
                   include_zero=False, compute="binary32")  # fmt: skip
    found = quantize_blocks([[100, 115]], signed)
    assert found.codes == [[8, 7]]
    assert back(found, signed) == [[100, 115]]


def test_sides_have_a_scale_each() -> None:
    fmt = block("nf4", "binary32", statistic="sides", division="ratio", compute="binary32")
    found = quantize_blocks([[4, -1, 0, 2, -0.5]], fmt)
    positive, negative = (int(F32(v).view(np.uint32)) for v in (4, 1))
    assert found.scales == [(positive, negative)]
    half = exact.encode(0.5, "nf4")[0], exact.encode(-0.5, "nf4")[0]
    assert found.codes == [[15, 0, 7, half[0], half[1]]]
    values = back(found, fmt)[0]
    assert values[:3] == [4, -1, 0]
    assert values[4] == exact.decode(half[1], "nf4").value
    nothing = quantize_blocks([[1, 2]], fmt)
    assert nothing.scales[0][1] == 1  # type: ignore[index]


def test_microexponents_are_two_levels() -> None:
    tau = CodebookFormat(name="tau", bits=1, values=(F(1, 2), F(1)), codes=(1, 0))
    element = nf.FixedFormat(name="m7", bits=8, encoding="sign_magnitude", fraction_bits=6)
    fmt = block(element, block(tau, "e8m0", name="pairs", block=(8,)), block=(2,), rule="floor")
    x = [[5, 1], [2, -3], [0.75, 0.1], [0, 0]]
    found = quantize_blocks(x, fmt)
    assert found.outer == [127 + 2]
    assert found.scales == [0, 1, 1, 1]
    for pair, values in zip(x, back(found, fmt), strict=True):
        shift = 0 if pair == [5, 1] else 1
        quantum = F(2) ** (2 - shift - 6)
        assert values == [round(F(v) / quantum) * quantum for v in pair]
    top = F(2) - F(1, 1000)
    assert quantize_blocks([[top, 1]], fmt).codes[0][0] == 127  # saturates below 2**7


def test_double_quantisation_takes_the_mean_away() -> None:
    inner = block("dynamic8", "binary32", name="scales", block=(256,), zero_point="mean",
                  compute="binary32")  # fmt: skip
    fmt = block("nf4", inner, block=(8,), division="reciprocal", by_raw_scale=True,
                compute="binary32")  # fmt: skip
    x = np.random.default_rng(9).normal(size=(6, 8)).astype(F32)
    amax = np.abs(x).max(axis=1)
    mean = F32(np.mean(amax.astype(np.longdouble)))
    d = amax - mean
    s2 = np.abs(d).max()
    table = sorted((float(exact.decode(c, "dynamic8").value), c) for c in range(256))
    codes = [min(table, key=lambda entry: abs(entry[0] - float(v)))[1] for v in d / s2]
    found = quantize_blocks(x.tolist(), fmt)
    assert found.offset == int(mean.view(np.uint32))
    assert found.outer == [int(s2.view(np.uint32))]
    assert found.scales == codes
    values = np.array([float(exact.decode(c, "dynamic8").value) for c in codes]).astype(F32)
    scales = s2 * values + mean
    y = x * (F32(1) / amax)[:, None]
    nf4 = np.array([float(v) for v in nf.get("nf4").values])
    best = np.abs(y[..., None].astype(float) - nf4).argmin(axis=-1)
    assert found.codes == best.tolist()
    assert back(found, fmt)[1][2] == F(float(scales[1])) * nf.get("nf4").values[best[1, 2]]


def test_four_over_six_keeps_the_smaller_error_and_six_at_ties() -> None:
    fmt = block("e2m1", "e4m3", rule="four_over_six")
    assert one([6, 5, 5, 5], fmt) == (F(3, 2), [4, 3, 3, 3])
    assert one([6, 3, 1], fmt) == (1, [6, 3, 1])
    assert one([12, 6, 3], fmt)[0] == 2  # both are exact: the first is kept
    ends = block("e2m1", "e4m3", rule="four_over_six", division="ratio", compute="binary32")
    assert one([6, 5, 5, 5], ends) == (F(3, 2), [4, 3, 3, 3])


def test_blocks_choose_among_alternatives() -> None:
    fmt = block("e2m1", "binary32", alternatives=(nf.get("int4_narrow"), nf.get("int4")))
    found = quantize_blocks([[7, 5, 3, 1], [6, 4, 3, 0.5], [0, 0]], fmt)
    assert found.selectors == [1, 0, 0]
    assert found.codes[0] == [7, 5, 3, 1]
    assert back(found, fmt)[:2] == [[7, 5, 3, 1], [6, 4, 3, F(1, 2)]]


def test_m2_gives_every_scale_a_power_of_two_below_the_largest() -> None:
    fmt = block("e2m1", "binary16", rule="m2")
    found = quantize_blocks([[18], [6], [4], [0]], fmt)
    scales = [exact.decode(code, "binary16").value for code in found.scales]
    assert scales == [3, F(3, 4), F(3, 8), F(1, 2**24)]


def test_blocks_without_a_scale() -> None:
    for choice, value in (("smallest", F(1, 512)), ("one", F(1)), ("zero", F(0))):
        assert one([0, -0.0], block("e2m1", "e4m3", zero_block=choice))[0] == value
        tiny = block("e2m1", "e4m3", underflow=choice)
        assert one([F(1, 2**20)], tiny) == (value, [0])
    least = block("e2m1", "e4m3", scale_min=F(1, 64))
    assert one([0], least)[0] == one([F(1, 100)], least)[0] == F(1, 64)
    assert quantize_blocks([[0, -0.0]], block("e2m1", "e4m3")).codes == [[0, 8]]
    assert one([0, 0], block("int8", "e8m0", statistic_min=127))[0] == 1


def test_values_that_are_not_finite() -> None:
    x = [1, INF, NAN, -2]
    with pytest.raises(nf.FormatError, match="refuses"):
        quantize_blocks([x], block("e4m3", "e8m0"))
    poisoned = block("e4m3", "e8m0", nonfinite="nan_block")
    found = quantize_blocks([x, [448]], poisoned)
    assert found[:2] == ([[0, 0, 0, 0], [0x7E]], [0xFF, 127])
    assert all(math.isnan(v) for v in back(found, poisoned)[0])
    kept = block("e5m2", "e8m0", rule="floor", nonfinite="per_element")
    scale, codes = one(x, kept)
    assert scale == F(1, 2**14)
    assert codes[:2] == [2**14, INF]
    assert math.isnan(codes[2])
    assert one([INF, -INF], block("e2m1", "e8m0", nonfinite="per_element"))[1] == [6, -6]


def test_p3109_values_that_are_not_finite() -> None:
    options = {"limit": 1, "nonfinite": "p3109", "zero_block": "zero", "underflow": "zero"}
    fmt = block("Binary8p4se", "Binary8p4ue", **options)
    assert one([1, -2, INF], fmt) == (2, [F(1, 2), -1, INF])
    assert one([INF, -INF], fmt) == (INF, [1, -1])
    scale, codes = one([NAN, NAN], fmt)
    assert math.isnan(scale)
    assert all(map(math.isnan, codes))
    assert one([0, INF], fmt) == (0, [0, 0])
    for x in ([1, 2.5, -3], [INF, NAN], [F(1, 2**40), 0], [INF, 17]):
        codes = [exact.encode(v, "binary32")[0] for v in x]
        s, elements = exact.convert_to_block_max_abs_finite(
            codes, "binary32", "Binary8p4ue", "Binary8p4se", overflow="saturate_propagate"
        )
        found = quantize_blocks([x], fmt)
        assert (found.scales, found.codes) == ([s], [elements])


def test_short_blocks_are_padded_or_not() -> None:
    x = [3, -1]
    for tail, mean in (("short", 2), ("pad", 1)):
        fmt = block("int4", "binary32", statistic="absmean", limit=1, tail=tail)
        assert one(x, fmt, size=4)[0] == mean
    options: dict[str, Any] = {"statistic": "range", "include_zero": False}
    for tail, scale in (("short", F(1)), ("pad", F(7, 3))):
        fmt = block("uint4", "binary64", zero_point="after", tail=tail, **options)
        assert one([20, 35], fmt, size=3)[0] == F(float(scale))
    with pytest.raises(nf.FormatError, match="refuses"):
        quantize_blocks([x], block("int4", "binary32", tail="refuse"), size=4)


def test_elements_may_be_divided_by_the_raw_scale() -> None:
    raw = block("int8", "e4m3", by_raw_scale=True, compute="binary64", limit=1)
    stored = block("int8", "e4m3", limit=1)
    x = [F(17, 16), F(17, 32)]  # the raw scale is a tie of E4M3, and becomes 1
    assert one([*x, 100], block("int8", "e4m3", by_raw_scale=True, compute="binary64", limit=100))[
        1
    ] == [1, 1, 100]
    assert one([F(17, 16)], raw)[1] == [1]
    assert one([F(17, 16) * 3], stored)[1] == [1]
    fine = block("q2.14", "e4m3", by_raw_scale=True, compute="binary64", limit=1)
    assert one(x, fine) == (1, [1, F(1, 2)])
    assert one(x, block("q2.14", "e4m3", limit=1)) == (1, x)


def test_given_scales_give_the_same_elements() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 16)).astype(F32).tolist()
    formats = [NVFP4, block("int8", "binary16"),
               block("nf4", "binary32", statistic="sides", division="ratio", compute="binary32"),
               block("uint4", "binary16", statistic="range", zero_point="inside")]  # fmt: skip
    for fmt in formats:
        found = quantize_blocks(x, fmt)
        again = quantize_with(x, fmt, scales=found.scales, outer=found.outer)
        assert again == found
        known = quantize_with(x, fmt, scales=found.scales, outer=found.outer,
                              zero_points=found.zero_points)  # fmt: skip
        assert known == found


def test_groups_have_outer_scales_of_their_own() -> None:
    fmt = block("e2m1", block("e4m3", "binary32", name="scales"), block=(16,))
    found = quantize_blocks([[2688], [6], [1344]], fmt, groups=[0, 1, 0])
    assert [exact.decode(c, "binary32").value for c in found.outer or []] == [
        1, F(float(F32(6) / F32(2688)))]  # fmt: skip
    assert [exact.decode(c, "e4m3").value for c in found.scales] == [448, 448, 224]
    assert back(found, fmt, groups=[0, 1, 0])[2] == [1344]


def test_dequantising_keeps_nan_and_infinity() -> None:
    fmt = block("e5m2", "e4m3", nonfinite="per_element")
    values = back(BlockResult([[0x3C, 0x7C], [0x7C, 0x3C]], [0x7F, 0x00]), fmt)
    assert all(map(math.isnan, values[0]))
    assert math.isnan(values[1][0])
    assert values[1][1] == 0


def test_dot_products_are_exact() -> None:
    assert simple(dot_blocks([2.0**100, 1, -(2.0**100)], [1, 2.0**-80, 1])) == F(1, 2**80)
    assert simple(dot_blocks([INF, 1], [2, 3])) == INF
    for a, b in (([INF, INF], [1, -1]), ([0, 1], [INF, 1]), ([NAN], [1])):
        assert math.isnan(simple(dot_blocks(a, b)))


SCALE, ELEMENT = "Binary8p1uf", "Binary8p4se"
ONE_CODE, INFINITE, NOT = 0x40, 0x7F, 0x80


def values(codes: list[int], fmt: str = ELEMENT) -> list[Any]:
    """Return what the codes stand for."""
    return [simple(exact.decode(code, fmt)) for code in codes]


def test_p3109_scales_of_every_kind() -> None:
    x = [exact.encode(v, "binary32")[0] for v in (INF, -INF, 0, -0.0, 3, -3, NAN)]
    signed = "Binary8p4se"
    expected = {
        0x00: [0, 0, 0, 0, 0, 0],
        INFINITE: [1, -1, 0, 0, 1, -1],
        0xFF: [-1, 1, 0, 0, -1, 1],
        ONE_CODE + 0x80: [-INF, INF, 0, 0, -3, 3],
    }
    for s, wanted in expected.items():
        given, codes = exact.convert_to_block(x, "binary32", s, signed, signed)
        found = values(codes)
        assert (given, found[:-1]) == (s, wanted)
        assert math.isnan(found[-1])
    assert exact.convert_to_block(x, "binary32", NOT, signed, signed)[1] == [NOT] * 7


def test_p3109_largest_finite_magnitude() -> None:
    def made(x: list[Any], **options: Any) -> tuple[Any, list[Any]]:
        codes = [exact.encode(v, "binary32")[0] for v in x]
        fs = options.pop("fs", "Binary8p1uf")
        fr = options.pop("fr", ELEMENT)
        s, found = exact.convert_to_block_max_abs_finite(codes, "binary32", fs, fr, **options)
        return simple(exact.decode(s, fs)), values(found, fr)

    assert made([1, -3, INF], scale_rounding="toward_positive") == (4, [F(1, 4), F(-3, 4), INF])
    assert made([INF, -INF, NAN], fs="Binary8p4ue")[0] == INF
    assert math.isnan(made([NAN, NAN])[0])
    # All infinite under a finite scale: infinite elements by the formula, the largest by note 2.
    assert made([INF, -INF])[1] == [INF, -INF]
    assert made([INF, -INF], overflow="SatFinite")[1] == [224, -224]
    assert made([INF, -INF], fr="Binary8p4sf")[1] == [240, -240]
    assert made([2.0**-100], fs="Binary8p4ue") == (0, [0])
    scale, codes = made([2.0**100, -1, 0], fs="Binary8p4ue", scale_overflow="SatNone")
    assert (scale, codes) == (INF, [1, -1, 0])


def test_p3109_reductions_round_once() -> None:
    x = [exact.encode(v, ELEMENT)[0] for v in (16, 0.5, 0.5, -16)]
    assert values([exact.block_reduce_add((127, x, SCALE, ELEMENT), ELEMENT)]) == [F(1, 2)]
    assert values([exact.block_reduce_multiply((129, x[:3], SCALE, ELEMENT), ELEMENT)]) == [32]
    both = [INFINITE, 0xFF]
    assert exact.block_reduce_add((128, both, SCALE, ELEMENT), ELEMENT) == NOT
    assert values([exact.block_reduce_multiply((128, both, SCALE, ELEMENT), ELEMENT)]) == [-INF]
    assert exact.block_reduce_multiply((128, [0, INFINITE], SCALE, ELEMENT), ELEMENT) == NOT
    dot = exact.block_dot_product((129, x, SCALE, ELEMENT), (128, x, SCALE, ELEMENT), "binary32")
    assert simple(exact.decode(dot, "binary32")) == 2 * (256 + F(1, 4) + F(1, 4) + 256)


def test_p3109_elementwise_operations() -> None:
    def apply(operation: str, *operands: list[Any]) -> list[Any]:
        made = [(128, [exact.encode(v, ELEMENT)[0] for v in x], SCALE, ELEMENT) for x in operands]
        s, codes = exact.block_operation(operation, made, 129, SCALE, ELEMENT)
        assert s == 129
        return ["nan" if c == NOT else v for c, v in zip(codes, values(codes), strict=True)]

    x, y = [1, 0, INF, -6, INF, 4], [0, 0, INF, 3, 0, INF]
    assert apply("convert", x) == [F(1, 2), 0, INF, -3, INF, 2]
    assert apply("divide", x, y) == ["nan", "nan", "nan", -1, "nan", 0]
    assert apply("multiply", x, y) == [0, 0, INF, -9, "nan", INF]
    assert apply("subtract", x, y) == [F(1, 2), 0, "nan", F(-9, 2), INF, -INF]
    assert apply("minimum", x, y) == [0, 0, INF, -3, 0, 2]
    assert apply("maximum", x, y) == [F(1, 2), 0, INF, F(3, 2), INF, INF]
    assert apply("fma", x, y, [1] * 6) == [F(1, 2), F(1, 2), INF, -8, "nan", INF]
    assert apply("faa", x, y, [-INF] * 6) == [-INF, -INF, "nan", -INF, "nan", "nan"]
    assert apply("negate", [1, 0]) == [F(-1, 2), 0]
    with pytest.raises(nf.FormatError, match="takes 2 operands"):
        apply("add", x)
    scaled = exact.scaled_operation("add", [(129, ONE_CODE, SCALE, ELEMENT)] * 2, "binary16")
    assert simple(exact.decode(scaled, "binary16")) == 4


def test_p3109_never_returns_minus_zero() -> None:
    assert exact.block_decode((0, [0xC0], ELEMENT, ELEMENT))[0] == Datum(Kind.ZERO, 1)
    assert exact.convert_from_block((0, [0xC0], ELEMENT, ELEMENT), "binary32") == [0]
    tiny = exact.encode(-(2.0**-149), "binary32")[0]
    assert exact.convert_to_block([tiny], "binary32", 0x40, ELEMENT, "binary16")[1] == [0]


MX = {
    "mxfp8_e5m2": "e5m2",
    "mxfp8_e4m3": "e4m3",
    "mxfp6_e3m2": "e3m2",
    "mxfp6_e2m3": "e2m3",
    "mxfp4_e2m1": "e2m1",
    "mxint8": "q2.6",
}


@pytest.mark.parametrize("name", MX)
def test_mx_formats_are_those_of_gfloat(name: str) -> None:
    """It is wrong just below powers of two, where its float logarithm rounds up."""
    gfloat_block = pytest.importorskip("gfloat.block")
    formats = pytest.importorskip("gfloat.formats")
    theirs = getattr(formats, f"format_info_{name}")
    fmt = block(MX[name], "e8m0", rule="floor")
    rng = random.Random(4)
    rows = [[rng.gauss(0, 1) * 2.0**e for _ in range(32)] for e in (0, 9, -20, -126)]
    rows += [[0.0] * 32, [rng.choice((-1, 1)) * 2.0**e for e in range(-16, 16)]]
    found = back(quantize_blocks(rows, fmt), fmt)
    for row, mine in zip(rows, found, strict=True):
        wanted = gfloat_block.quantize_block(theirs, np.array(row), gfloat_block.compute_scale_amax)
        assert [float(v) for v in mine] == wanted.tolist()
    below = float(np.nextafter(8.0, 0.0))
    wrong = gfloat_block.compute_scale_amax(0, np.array([below]))
    assert one([below], block("q2.6", "e8m0", rule="floor"))[0] == 4
    assert wrong == 8.0


def test_a_call_may_say_how_scales_and_elements_are_rounded() -> None:
    fmt = block("e2m1", "e8m0")
    assert one([5], fmt)[0] == 1
    up = one([4, 2.25], fmt, scale_rounding="toward_positive", rounding="toward_positive")
    assert up == (1, [4, 3])
    with pytest.raises(nf.FormatError, match="past the end"):
        quantize_blocks([[9, 1]], fmt, scale_rounding="toward_zero", overflow="raise")
    scales = block("int8", "bfloat16", limit=1, scale_rounding="toward_zero")
    assert one([F(3) - F(1, 2**20)], scales)[0] == F(3) - F(1, 64)


def test_infinities_reach_the_ends_of_shifted_integers() -> None:
    options: dict[str, Any] = {"statistic": "range", "nonfinite": "per_element"}
    for kind in ("after", "inside", "float"):
        fmt = block("uint4", "binary32", zero_point=kind, **options)
        assert quantize_blocks([[0, 14, INF, -INF]], fmt).codes == [[0, 15, 15, 0]]
        with pytest.raises(nf.FormatError, match="no NaN"):
            quantize_blocks([[0, NAN]], fmt)
    wide = block("uint4", "binary32", statistic="range", zero_point="after", compute="binary32")
    found = quantize_blocks([[-(2.0**127) * 1.5, 2.0**127 * 1.5]], wide)
    assert exact.decode(found.scales[0], "binary32").value == nf.get("binary32").largest


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(nf.FormatError, match="not a block format"):
        quantize_blocks([[1]], "e4m3")
    with pytest.raises(nf.FormatError, match="give outer="):
        quantize_with([[1]], NVFP4, scales=[1])
    with pytest.raises(nf.FormatError, match="offset=3 does not go"):
        quantize_with([[1]], NVFP4, scales=[1], outer=[1], offset=3)
    with pytest.raises(nf.FormatError, match="is not one of"):
        exact.block_operation("sqrt", [], 0, SCALE, ELEMENT)
    with pytest.raises(nf.FormatError, match="one level"):
        block("e2m1", block("e4m3", "binary32", name="scales"), rule="m2")


def test_scales_are_divided_by_their_scale_as_their_format_says() -> None:
    for division in ("divide", "reciprocal"):
        inner = block("uint8", "binary32", name="scales", division=division)
        fmt = block("int8", inner, compute="binary32")
        amax = [F32(v) for v in (1, 0.123, 0.5, 0.77)]
        s2 = amax[0] / F32(127 * 255)
        raw = [a / F32(127) for a in amax]
        quotients = {
            "divide": [r / s2 for r in raw],
            "reciprocal": [r * (F32(1) / s2) for r in raw],
        }
        found = quantize_blocks([[float(a)] for a in amax], fmt)
        assert found.scales == [round(float(v)) for v in quotients[division]]


def test_a_constant_block_is_divided_by_its_stand_in_even_by_raw_scale() -> None:
    fmt = block("int4", "binary32", statistic="range", zero_point="float", include_zero=False,
                by_raw_scale=True, zero_block="one")  # fmt: skip
    assert back(quantize_blocks([[5, 5]], fmt), fmt) == [[5, 5]]


def test_wrong_arguments_are_refused_by_name() -> None:
    for call in (
        lambda: quantize_blocks([1, 2], "mxfp4"),  # type: ignore[list-item]
        lambda: quantize_blocks([["a"]], "mxfp4"),  # type: ignore[list-item]
        lambda: quantize_blocks([[1], [2]], "nvfp4", groups=[0]),
        lambda: quantize_blocks([[1], [2]], "nvfp4", groups=[0, 2]),
        lambda: quantize_blocks([[1] * 5], "mxfp4", size=4),
        lambda: quantize_with([[1], [2]], "mxfp4", scales=[127]),
        lambda: dequantize_blocks(BlockResult([[1]], []), nf.get("mxfp4")),
        lambda: dequantize_blocks(BlockResult([[1]], [1]), nf.get("uint4_group32")),
        lambda: dot_blocks([1], [1, 2]),
        lambda: exact.block_decode((0x80, [1.0], SCALE, ELEMENT)),  # type: ignore[list-item]
        lambda: exact.block_decode((0x80, [], SCALE, ELEMENT)),
        lambda: exact.block_dot_product(
            (0x80, [1], SCALE, ELEMENT), (0x80, [1, 2], SCALE, ELEMENT), "binary32"
        ),
        lambda: exact.block_operation(["add"], [], 0, SCALE, ELEMENT),  # type: ignore[arg-type]
    ):
        with pytest.raises(nf.FormatError):
            call()

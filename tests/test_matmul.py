"""Products of matrices as a user calls them: shapes, formats, plans, units, blocks, errors."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact

EXACT = nf.Exact(output="binary32")
WGMMA = "nvidia-hopper-wgmma-e4m3-f32"


def codes(shape: tuple[int, ...], fmt: str, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return nf.encode(np.round(rng.normal(size=shape) * 8) / 4, fmt)


def one_by_one(a: Any, b: Any, c: Any, **options: Any) -> Any:
    """Return a product of matrices by `exact.dot`."""
    shape = a.shape[0], b.shape[1]
    found = np.zeros(shape, np.uint64)
    for i, j in itertools.product(*map(range, shape)):
        start = None if c is None else int(c[i, j])
        found[i, j] = exact.dot(a[i].tolist(), b[:, j].tolist(), start, **options)
    return found


@pytest.mark.parametrize(
    "accumulator",
    [
        EXACT,
        nf.Sequential(output="binary32"),
        nf.Aligned(output="binary32", block=4, fraction_bits=9),
    ],
    ids=["exact", "sequential", "aligned"],
)
def test_batches_broadcast_and_strides_do_not_count(accumulator: Any) -> None:
    a, b = codes((3, 1, 4, 6), "e4m3"), codes((2, 6, 5), "e4m3", 1)
    c = codes((5,), "binary32", 2)
    options = {"formats": "e4m3", "accumulator": accumulator}
    got = nf.matmul(a, b, c, **options)
    assert got.shape == (3, 2, 4, 5)
    assert got.dtype == np.uint32
    for i, j in itertools.product(range(3), range(2)):
        assert np.array_equal(got[i, j], nf.matmul(a[i, 0], b[j], c, **options))
    backwards = nf.matmul(a[:, :, ::-1], np.asfortranarray(b)[..., ::-1], c[::-1], **options)
    assert np.array_equal(backwards, got[:, :, ::-1, ::-1])


def test_dot_is_the_matmul_of_rows() -> None:
    a, b = codes((2, 3, 7), "e5m2"), codes((3, 7), "e5m2", 1)
    got = nf.dot(a, b, formats="e5m2", accumulator=EXACT)
    assert got.shape == (2, 3)
    one = nf.matmul(a[1], b.T, formats="e5m2", accumulator=EXACT)
    assert got[1].tolist() == np.diag(one).tolist()
    assert nf.dot(a[0, 0], b[0], formats="e5m2", accumulator=EXACT).shape == ()


def test_no_products_give_c() -> None:
    c = codes((2, 3), "binary32")
    a, b = np.zeros((2, 0), np.uint8), np.zeros((0, 3), np.uint8)
    every: list[dict[str, Any]] = [
        {"accumulator": EXACT},
        {"accumulator": nf.Sequential(output="binary32")},
        {"accumulator": nf.Pairwise(output="binary32")},
        {"unit": WGMMA},
    ]
    for options in every:
        assert np.array_equal(nf.matmul(a, b, c, formats="e4m3", **options), c)
        assert not nf.matmul(a, b, formats="e4m3", **options).any()


def test_out_takes_the_result() -> None:
    a = codes((4, 4), "e4m3")
    out = np.zeros((4, 4), np.uint32)
    assert nf.matmul(a, a, unit=WGMMA, out=out) is out
    assert np.array_equal(out, nf.matmul(a, a, unit=WGMMA))


def test_c_of_another_format_is_converted_first() -> None:
    a = codes((2, 2), "binary16")
    c = nf.encode([[1.5, 2.0**-30], [3e38, 0.1]], "binary32")
    unit = "nvidia-hopper-mma-f16-f16"
    half = nf.convert(c, "binary32", "binary16")
    assert np.array_equal(
        nf.matmul(a, a, c, unit=unit, c_format="binary32"), nf.matmul(a, a, half, unit=unit)
    )


def test_registers_of_tf32_lose_their_low_bits() -> None:
    unit = "nvidia-ampere-mma-tf32-f32"
    rng = np.random.default_rng(7)
    words = rng.integers(0, 1 << 32, (3, 8), dtype=np.uint64).astype(np.uint32)
    got = nf.matmul(words, words.T, formats="binary32", unit=unit)
    narrow = words >> 13
    assert np.array_equal(got, nf.matmul(narrow, narrow.T, unit=unit))


PLANS = (
    nf.Promotion(every=4),
    nf.Promotion(every=3, output="binary64", rounding="toward_zero"),
    nf.SplitK(splits=3, tile=2),
    nf.SplitK(splits=4, tile=2, deal="round_robin", combine="pairwise"),
    nf.Lanes(count=2),
    nf.Lanes(count=2, deal="contiguous", c="start"),
    nf.Lanes(count=3, c="first", combine="pairwise"),
    nf.Reordered(order=(3, 1, 0, 2)),
    nf.SplitK(splits=2, tile=4, within=nf.Promotion(every=2)),
    nf.Chain(c="last"),
)
SUMS = (
    nf.Aligned(output="binary32", block=4, fraction_bits=7, keep=7),
    nf.Sequential(output="bfloat16"),
    nf.Exact(output="binary16", block=3, late=True),
    nf.Pairwise(output="bfloat16", block=4),
)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: type(plan).__name__)
@pytest.mark.parametrize("rule", SUMS, ids=lambda rule: type(rule).__name__)
def test_plans_give_the_codes_of_exact(plan: nf.Plan, rule: nf.Accumulator) -> None:
    a, b = codes((2, 13), "e4m3", 3), codes((13, 3), "e5m2", 4)
    c = codes((2, 3), plan.format(rule.output).name, 5)
    options: dict[str, Any] = {"formats": ("e4m3", "e5m2"), "accumulator": rule, "plan": plan}
    for start in (None, c):
        got = nf.matmul(a, b, start, **options)
        assert np.array_equal(got, one_by_one(a, b, start, **options))


def test_promotion_of_integers_into_binary32() -> None:
    a, b = codes((2, 9), "int8"), codes((9, 2), "int8", 1)
    plan = nf.Promotion(every=4, output="binary32")
    got = nf.matmul(a, b, formats="int8", accumulator=nf.IntegerSum(16), plan=plan)
    values = nf.decode(a, "int8") @ nf.decode(b, "int8")
    assert np.array_equal(nf.decode(got, "binary32"), values)


UNITS = [unit.name for unit in nf.units()]
FAST_UNITS = [name for i, name in enumerate(UNITS) if i % 9 == 0]


def unit_agrees(name: str, rows: int, seed: int) -> None:
    """Compare a unit with `exact.dot` on raw, sparse, moderate and tiny operands."""
    unit = nf.unit(name)
    rng = np.random.default_rng(seed)
    k = unit.k * 2 if unit.scale is not None else unit.k + 3
    for draw in range(rows):
        sides = []
        for fmt in (unit.a, unit.b):
            x = rng.integers(0, 1 << fmt.bits, k, dtype=np.uint64)
            if draw % 4 == 1:
                x = np.where(rng.random(k) < 0.7, 0, x)
            elif draw % 4 == 2 and fmt.family == "float":
                x = nf.encode(np.round(rng.normal(size=k) * 16) / 8, fmt)
            elif draw % 4 == 3:
                x = x & 7
            sides.append(x.astype(fmt.code_dtype))
        c = int(rng.integers(0, 1 << min(unit.output.bits, 62))) if draw % 3 else 0
        options: dict[str, Any] = {"unit": unit}
        if unit.scale is not None:
            middle = unit.scale.around_one[1]
            shape = (2, k // unit.scale_block)
            scales = (middle + rng.integers(-5, 6, shape)).astype(np.uint8)
            got = nf.dot(*sides, c, scales=tuple(scales), **options)
            options["scales"] = tuple(scales.tolist())
        else:
            got = nf.dot(*sides, c, **options)
        want = exact.dot(sides[0].tolist(), sides[1].tolist(), c, **options)
        assert int(got) == want, (draw, [x.tolist() for x in sides], c)


@pytest.mark.filterwarnings("ignore::numfmt.UnrecordedUnit")
@pytest.mark.parametrize("name", FAST_UNITS)
def test_units_give_the_codes_of_exact(name: str) -> None:
    unit_agrees(name, 8, 1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::numfmt.UnrecordedUnit")
@pytest.mark.parametrize("name", UNITS)
def test_every_unit_gives_the_codes_of_exact(name: str) -> None:
    unit_agrees(name, 24, 2)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["mxfp8_e4m3", "mxfp4", "nvfp4", "mxint8"]))
def test_blocks_are_their_values(seed: int, fmt: str) -> None:
    """Of operands in blocks the exact sum is that of the values, which float64 holds."""
    rng = np.random.default_rng(seed)
    block = 16 if fmt == "nvfp4" else 32
    x = rng.normal(size=(2, block * 2)) * 2.0 ** rng.integers(-8, 8)
    y = rng.normal(size=(block * 2, 3))
    a, b = nf.quantize(x, fmt, axis=-1), nf.quantize(y, fmt, axis=0)
    got = nf.matmul(a, b, accumulator=nf.Exact(output="binary64"))
    values = [z.dequantize() for z in (a, b)]
    as_codes = [nf.encode(z, "binary64") for z in values]
    want = nf.matmul(*as_codes, formats="binary64", accumulator=nf.Exact(output="binary64"))
    assert np.array_equal(got, want)


def test_blocks_fit_units_with_scales() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(4, 64)), rng.normal(size=(64, 3))
    a, b = nf.quantize(x, "mxfp8_e4m3"), nf.quantize(y, "mxfp8_e4m3", axis=0)
    unit = "nvidia-blackwell-tcgen05-mxe4m3-f32"
    got = nf.matmul(a, b, unit=unit)
    assert np.array_equal(got, nf.matmul(a.codes, b.codes, scales=(a.scales, b.scales), unit=unit))
    values = nf.decode(got, "binary32")
    assert np.allclose(values, a.dequantize() @ b.dequantize(), rtol=1e-5)


@pytest.mark.parametrize("seeded", [True, False])
def test_stochastic_chains_draw_as_the_specification_says(seeded: bool) -> None:
    from numfmt.randomness import seeded as stream

    a, b = codes((2, 5), "e4m3", 6), codes((5, 3), "e4m3", 7)
    rule = nf.Sequential(output="bfloat16", rounding="stochastic_b")
    rng = np.random.default_rng(9)
    given_bits = rng.integers(0, 256, (2, 3, 5))
    options: dict[str, Any] = {"rng": 11} if seeded else {"random_bits": given_bits}
    got = nf.matmul(a, b, formats="e4m3", accumulator=rule, **options)
    for i, j in itertools.product(range(2), range(3)):

        def draw(r: int, o: int = 3 * i + j) -> int:
            if not seeded:
                return int(given_bits.reshape(6, 5)[o, r])
            return int(stream(11 + (r << 64), 8, 0, 32)[o])

        want = exact.dot(
            a[i].tolist(), b[:, j].tolist(), formats=("e4m3",) * 2, accumulator=rule, draws=draw
        )
        assert int(got[i, j]) == want


def test_the_epilogue_rounds_twice() -> None:
    """A value whose product rounds up to a tie of bfloat16, and then to even."""
    d = nf.encode(np.float32(1 + 2.0**-8 - 2.0**-23), "binary32")
    scale = float(np.float32(1 + 2.0**-23))
    once = float(np.float32(nf.decode(d, "binary32")) * np.float32(scale))
    got = nf.decode(nf.epilogue(d, scale, 1.0), "bfloat16")
    assert got == nf.decode(nf.encode(once, "bfloat16"), "bfloat16")
    specials = nf.encode([np.inf, -np.inf, np.nan, -0.0], "binary32")
    assert nf.epilogue(specials, 1.0, 1.0, result="e4m3").tolist() == [0x7E, 0xFE, 0x7F, 0]
    assert nf.epilogue(specials, 1.0, 1.0).tolist() == [0x7F80, 0xFF80, 0x7FFF, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accumulator": None}, r"accumulator and unit: give one of them \(neither given\)"),
        ({"unit": WGMMA}, r"give one of them \(both given\)"),
        ({"accumulator": "exact"}, "accumulator='exact' is not an accumulator"),
        ({"formats": None}, "formats is missing"),
        ({"formats": ("e4m3",)}, "is not a pair of formats"),
        ({"plan": 128}, "plan=128 is not a plan"),
        ({"rng": 3}, "random_bits and rng are of stochastic modes"),
        ({"c_format": "binary16"}, "c_format is given and c is not"),
        ({"scales": ([1], [1])}, "scales: they belong to units"),
        ({"accumulator": nf.Exact(), "formats": ("e4m3", "e5m2")}, "name the output, as nf.Exact"),
        ({"accumulator": None, "unit": "nvidia-hoper-wgmma-e4m3-f32"}, "Did you mean 'nvidia-hop"),
        (
            {"accumulator": None, "unit": WGMMA, "formats": "e5m2"},
            "takes 'e4m3'; convert",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"formats": "e4m3", "accumulator": EXACT, **change}
    with pytest.raises((nf.FormatError, nf.UnknownFormat), match=message):
        nf.matmul([[1]], [[1]], **options)


def test_shapes_that_do_not_fit_are_refused() -> None:
    options: dict[str, Any] = {"formats": "e4m3", "accumulator": EXACT}
    with pytest.raises(nf.FormatError, match=r"a of shape \(1, 2\) and b of shape \(3, 1\)"):
        nf.matmul([[1, 2]], [[1], [2], [3]], **options)
    with pytest.raises(nf.FormatError, match="for vectors use"):
        nf.matmul([1, 2], [1, 2], **options)
    with pytest.raises(nf.FormatError, match="the last axes, of the products"):
        nf.dot([1, 2], [1, 2, 3], **options)
    with pytest.raises(nf.FormatError, match=r"c of shape \(3,\) does not broadcast"):
        nf.dot([1, 2], [1, 2], [1, 2, 3], **options)
    with pytest.raises(TypeError, match="'accumulater' is not one of the options"):
        nf.dot([1], [1], accumulater=EXACT, formats="e4m3")
    blocks = nf.quantize(np.ones((32, 32)), "mxfp4", axis=0)
    with pytest.raises(nf.FormatError, match="takes no block scales"):
        nf.matmul(blocks, blocks, unit="nvidia-blackwell-tcgen05-e2m1-f32")
    with pytest.raises(nf.FormatError, match="takes 'e8m0' for every 32"):
        nf.matmul(blocks, blocks, unit="nvidia-blackwell-tcgen05-mxf4-f32")


@pytest.mark.parametrize(
    ("fmt", "axes"),
    [
        ("e4m3_tensor", (-1, -2)),
        ("int8_row", (-1, -2)),
        ("e4m3_tile8x16_by_e8m0", ((-2, -1), (-2, -1))),
        ("mxfp8_e4m3", (-2, -1)),
        ("int4_group8", (-1, -2)),
    ],
)
@pytest.mark.parametrize(
    "rule", [nf.Exact(output="binary64"), nf.Exact(output="binary64", block=5)]
)
def test_scales_of_any_shape_are_spread(fmt: str, axes: Any, rule: nf.Exact) -> None:
    rng = np.random.default_rng(10)
    a = nf.quantize(rng.normal(size=(5, 40)), fmt, axis=axes[0])
    b = nf.quantize(rng.normal(size=(40, 3)), fmt, axis=axes[1])
    got = nf.matmul(a, b, accumulator=rule)
    values = [nf.encode(z.dequantize(), "binary64") for z in (a, b)]
    assert np.array_equal(got, nf.matmul(*values, formats="binary64", accumulator=rule))
    if fmt != "int8_row":  # whose scales have too many digits for an adder's words
        wide = nf.Aligned(output="binary32", block=40, fraction_bits=40, rounding="nearest_even")
        near = nf.decode(nf.matmul(a, b, accumulator=wide), "binary32")
        assert np.allclose(near, a.dequantize() @ b.dequantize(), rtol=1e-6)


def test_one_operand_alone_may_have_scales() -> None:
    rng = np.random.default_rng(12)
    a = nf.quantize(rng.normal(size=(3, 64)), "mxfp8_e4m3")
    b = nf.encode(rng.normal(size=(64, 4)), "bfloat16")
    wide = nf.Aligned(output="binary32", block=64, fraction_bits=40, rounding="nearest_even")
    want = a.dequantize() @ nf.decode(b, "bfloat16")
    for rule in (wide, nf.Exact(output="binary32")):
        got = nf.decode(nf.matmul(a, b, formats=("e4m3", "bfloat16"), accumulator=rule), "binary32")
        assert np.allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("output", ["lns8_4", "nf4", "ternary"])
def test_sums_start_from_the_code_of_zero(output: str) -> None:
    a = nf.encode([[1.0, 1.0]], "e4m3")
    rule = nf.Sequential(output=output)
    plans = (None, nf.SplitK(splits=2, tile=1), nf.Lanes(count=2, c="first"))
    for plan in plans:
        got = nf.matmul(a, a.T, formats="e4m3", accumulator=rule, plan=plan)
        codes_of_a = a[0].tolist()
        want = exact.dot(codes_of_a, codes_of_a, formats=("e4m3",) * 2, accumulator=rule, plan=plan)
        assert got.tolist() == [[want]]


def test_an_explanation_adds_up() -> None:
    a = nf.encode([256.0, -256.0, 0.25, 3.0], "e4m3")
    found = nf.explain_dot(a, np.abs(a.astype(int) & 0x7F), unit=WGMMA)
    step = found.steps[0]
    assert [term.name for term in step.terms][-1] == "c"
    assert sum(term.kept for term in step.terms) == step.total
    assert float(step.total) == found.result
    assert "lost 0.0625" in str(found)
    assert found.error == found.exact - step.total  # type: ignore[operator]
    chain = nf.explain_dot(a, a, formats="e4m3", accumulator=nf.Sequential(output="bfloat16"))
    assert len(chain.steps) == 4
    with pytest.raises(nf.FormatError, match="explain_dot takes one dot product"):
        nf.explain_dot([a], [a], unit=WGMMA)


def test_a_partially_normalised_sum_overflows_as_its_output_does() -> None:
    a = nf.encode([57344.0, 57344.0], "e5m2")
    for mode in ("toward_negative", "nearest_even"):
        rule = nf.PartiallyNormalized(output="binary16", width=12, rounding=mode)
        got = nf.dot(a, a, formats="e5m2", accumulator=rule)
        codes_of_a = a.tolist()
        assert int(got) == exact.dot(
            codes_of_a, codes_of_a, formats=("e5m2",) * 2, accumulator=rule
        )

"""Probes: what a black box is, from its results alone; and what cannot be told."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

import numfmt as nf
from numfmt.matrix_units.listing import units
from numfmt.tensor.gemm import dot
from numfmt.tensor.jobs import UnrecordedUnit
from numfmt.tensor.probing import Probed, probe
from numfmt.tensor.probing.box import Box, Rows, Shape
from numfmt.tensor.probing.models import MODES, model_of, results
from numfmt.tensor.probing.separation import Pool
from numfmt.tensor.probing.signatures import Prober, Signature, read
from numfmt.tensor.probing.smallest import smallest
from numfmt.tensor.probing.stimuli import Stimuli

pytestmark = pytest.mark.filterwarnings("ignore::numfmt.tensor.jobs.UnrecordedUnit")

F = Callable[..., Any]


def box_of(unit: nf.Unit) -> F:
    """Return the black box that a unit is."""

    def f(a: Any, b: Any, c: Any, *scales: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnrecordedUnit)
            return dot(a, b, c, unit=unit, scales=scales or None)

    return f


def shape_of(unit: nf.Unit) -> Shape:
    return Shape(unit.a, unit.b, unit.output, unit.k, unit.scale, unit.scale_block)


def probed(unit: nf.Unit, **options: Any) -> Probed:
    return probe(
        box_of(unit),
        formats=(unit.a, unit.b),
        output=unit.output,
        k=unit.k,
        scale=unit.scale,
        scale_block=unit.scale_block,
        **options,
    )


def fresh(unit: nf.Unit, n: int, seed: int = 987) -> Rows:
    return Stimuli(shape_of(unit)).rows(np.random.default_rng(seed), n)


def check_agrees(found: Probed, unit: nf.Unit, n: int = 20_000) -> None:
    """Hold the model against the unit on rows that neither was made with."""
    assert found.agrees, str(found)
    rows = fresh(unit, n)
    mine, theirs = results(found.unit, rows), results(unit, rows)
    assert mine is not None
    assert theirs is not None
    wrong = np.flatnonzero(mine != theirs)
    assert not wrong.size, f"{wrong.size} of {n} rows differ\n{found}"


# The signature table of the specification: K, F at (0,1;2), (0,2;1), (0,2;last), F of c,
# L(c,0), L(0,1), L(0,2), L(0,K/2), how c is cut, the output.
SIGNATURES = {
    "nvidia-volta-mma-f16-f32": (4, 23, 23, 23, 23, 0, 0, 0, 0, "RZ", ("RZ", 23)),
    "nvidia-turing-mma-f16-f32": (8, 24, 24, 24, 24, 0, 0, 0, 0, "RZ", ("RZ", 23)),
    "nvidia-ampere-mma-bf16-f32": (16, 24, 24, None, 24, 8, 8, 8, 0, "RZ", ("RZ", 23)),
    "nvidia-hopper-mma-bf16-f32": (16, 25, 25, 25, 25, 0, 0, 0, 0, "RZ", ("RZ", 23)),
    "nvidia-ada-mma-e4m3-f32": (32, 13, 13, None, 13, 16, 16, 16, 0, "RZ", ("RZ", 13)),
    "nvidia-hopper-wgmma-e4m3-f32": (32, 13, 13, 13, 13, 0, 0, 0, 0, "RZ", ("RZ", 13)),
    "nvidia-rtxblackwell-mma-e4m3-f32": (32, 25, 25, 25, 25, 0, 0, 0, 0, "RZ", ("RZ", 23)),
    "amd-cdna2-mfma-f16-f32": (16, None, 23, None, None, 12, 15, 13, 4, "-", ("RNE", 23)),
    "amd-cdna3-mfma-f16-f32": (16, 24, 24, None, 24, 8, 8, 8, 0, "RD", ("RNE", 23)),
    "amd-cdna3-mfma-fp8-f32": (32, 24, 24, None, 24, 16, 16, 16, 0, "RD", ("RNE", 23)),
}


def signature_of(unit: nf.Unit) -> Signature:
    return read(Prober(Box(box_of(unit), shape_of(unit), 100)))


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_those_of_the_specification(name: str) -> None:
    unit = units(name)[0]
    k, *want = SIGNATURES[name]
    assert unit.k == k
    found = signature_of(unit)
    kept = [found.fraction_bits[t] for t in ((0, 1, 2), (0, 2, 1), (0, 2, k - 1), (0, 1, k))]
    pairs = ((k, 0), (0, 1), (0, 2), (0, k // 2))
    counts = [found.surviving(i, j) for i, j in pairs]
    assert [*kept, *counts, found.c_rounding, found.output] == want


def distinct() -> list[nf.Unit]:
    """Return one unit of each model that the catalogue holds."""
    found: dict[str, nf.Unit] = {}
    for unit in units():
        key = (unit.a, unit.b, unit.accumulator, unit.plan, unit.k, unit.scale, unit.scale_block)
        found.setdefault(repr(key), unit)
    return list(found.values())


# A unit of each family, of few products, and what a probe says of it.
REPRESENTATIVES: dict[str, dict[str, Any]] = {
    "nvidia-volta-mma-f16-f32": {"block": 4, "fraction_bits": 23, "rounding": "toward_zero"},
    "nvidia-hopper-mma-tf32-f32-k4": {"fraction_bits": 25, "floor": -133},
    "amd-cdna3-mfma-f16-f32-k4": {"c": "after", "sum_bits": 31, "c_bits": 24},
    "amd-cdna2-mfma-bf16-f32": {"accumulator": "Pairwise", "block": 2, "flush_inputs": True},
    "pulp-cvfpu-sdotp-e5m2-f16": {"accumulator": "Exact", "block": 2},
    "intel-avx512-vdpbf16ps": {"accumulator": "Sequential", "plan.order": (1, 0)},
    "arm-bf16-bfdot": {"rounding": "to_odd"},
    "intel-avx512-vpdpbusds": {"overflow": "saturate"},
    "intel-avx512-vpdpbusd": {"overflow": "wrap"},
}


def plain(value: Any) -> Any:
    return getattr(value, "value", value)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_a_unit_of_each_family_is_recovered(name: str) -> None:
    unit = units(name)[0]
    found = probed(unit, trials=10_000)
    check_agrees(found, unit)
    want = REPRESENTATIVES[name]
    assert {field: plain(found.parameters[field]) for field in want} == want
    assert found.confirmed == 10_000
    assert found.calls <= 150


@pytest.mark.slow
@pytest.mark.parametrize("unit", distinct(), ids=lambda unit: unit.name)
def test_every_unit_of_the_catalogue_is_recovered(unit: nf.Unit) -> None:
    found = probed(unit)
    check_agrees(found, unit)
    for other in found.ambiguous:
        rows = fresh(unit, 5_000, seed=5)
        assert np.array_equal(results(other, rows), results(unit, rows))
    if str(unit.a) == "e4m3" and isinstance(unit.accumulator, nf.Aligned) and not unit.scale:
        assert "floor" in found.unobserved


@st.composite
def aligned(draw: st.DrawFn) -> nf.Unit:
    """Return a unit of an aligned sum with parameters at random."""
    name = draw(st.sampled_from(["e4m3", "e5m2", "binary16", "bfloat16"]))
    output = draw(st.sampled_from(["binary32", "binary32", "binary16"]))
    k = draw(st.sampled_from([4, 8, 16, 64]))
    modes = st.sampled_from(MODES)
    some: dict[str, Any] = {
        "block": draw(st.sampled_from([b for b in (1, 2, 4, 8, 16, 64) if b <= k])),
        "fraction_bits": draw(st.integers(8, 40)),
        "floor": draw(st.none() | st.integers(-140, -110) | st.integers(-30, -8)),
        "keep": draw(st.none() | st.integers(5, 10)),
        "cut": draw(modes),
        "rounding": draw(modes),
        "zero_products": draw(st.sampled_from(["exclude", "exponent"])),
        "normalized": draw(st.booleans()),
    }
    place = draw(st.sampled_from(["inside", "inside", "after", "late"]))
    if place == "after":
        some |= {
            "c": "after",
            "halves": draw(st.sampled_from([1, 2])),
            "sum_bits": draw(st.none() | st.integers(16, 34)),
            "c_bits": draw(st.none() | st.integers(16, 30)),
            "late_cut": draw(modes),
        }
    elif place == "late":
        some["late_add"] = draw(modes)
    accumulator = nf.Aligned(output=output, **some)
    return model_of(Shape(nf.get(name), nf.get(name), nf.get(output), k), accumulator)


def _recovered(unit: nf.Unit) -> None:
    hypothesis.note(str(unit.accumulator))
    check_agrees(probed(unit, trials=10_000), unit, 10_000)


# A smaller case says no more than the parameters do, and each takes seconds.
_PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate)


@hypothesis.settings(max_examples=2, derandomize=True, deadline=None, phases=_PHASES)
@hypothesis.given(aligned())
def test_parameters_drawn_at_random_are_recovered(unit: nf.Unit) -> None:
    _recovered(unit)


@pytest.mark.slow
@hypothesis.settings(max_examples=100, deadline=None, phases=_PHASES)
@hypothesis.given(aligned())
def test_many_parameters_drawn_at_random_are_recovered(unit: nf.Unit) -> None:
    _recovered(unit)


def small_unit(**fields: Any) -> nf.Unit:
    accumulator = nf.Aligned(output="binary32", block=4, fraction_bits=13, keep=13)
    e4m3 = nf.get("e4m3")
    return model_of(Shape(e4m3, e4m3, nf.get("binary32"), 4), accumulator).changed(**fields)


def test_a_wrong_entry_of_a_table_is_shown_in_one_product() -> None:
    true = box_of(small_unit())

    def f(a: Any, b: Any, c: Any) -> Any:
        return true(np.where(a == 0x35, 0x36, a), b, c)  # 0x35 is 0.8125

    found = probe(f, formats="e4m3", output="binary32", k=4, trials=5_000)
    assert not found.agrees
    case = found.disagreement
    assert case is not None
    assert case.terms == 1
    assert 0x35 in case.a
    assert "NO MODEL FITS; smallest disagreement: 0.8125 * " in str(found)
    assert found.unit.accumulator.fraction_bits == 13


@pytest.mark.slow
def test_one_lane_that_keeps_a_digit_less_is_shown_in_few_terms() -> None:
    # Lane 2 has its products cut one digit sooner: no model of the family does that.
    whole, short = box_of(small_unit()), box_of(small_unit(fraction_bits=12))

    def f(a: Any, b: Any, c: Any) -> Any:
        alone = np.arange(4) == 2
        hidden = np.where(alone & (a & 0x7F > 0) & (b & 0x7F > 0), a & 0x78 < 0x20, False)
        return np.where(hidden.any(axis=1), short(a, b, c), whole(a, b, c))

    found = probe(f, formats="e4m3", output="binary32", k=4, trials=5_000)
    assert found.disagreement is not None
    assert found.disagreement.terms <= 3
    assert found.disagreement.f != found.disagreement.model


@pytest.mark.parametrize(
    "change", [{"fraction_bits": 12}, {"fraction_bits": 14}, {"block": 2}, {"keep": 12}]
)
def test_a_wrong_model_is_rejected_with_a_small_case(change: dict[str, Any]) -> None:
    unit, wrong = small_unit(), small_unit(**change)
    pool = Pool(Stimuli(shape_of(unit)), np.random.default_rng(1), unit)
    found = pool.differing(unit, wrong)
    assert found.size
    case = smallest(wrong, pool.rows.take(found), Box(box_of(unit), shape_of(unit), 50))
    assert case.terms <= 3
    assert case.f != case.model


def test_what_cannot_be_seen_is_named() -> None:
    # No term has an exponent below -126: that is the least of c.
    found = probed(small_unit(floor=-133), trials=5_000)
    assert found.parameters["floor"] is None
    assert found.unobserved["floor"].startswith("None and any up to -126 would do as well")
    assert "products have exponents of -18 to 16" in found.unobserved["floor"]
    assert "  floor             None  (not observed)" in str(found)
    assert "keep" not in found.unobserved


def test_a_floor_that_products_do_not_reach_is_seen_by_c() -> None:
    found = probed(small_unit(floor=-100), trials=5_000)
    assert found.parameters["floor"] == -100
    assert "floor" not in found.unobserved


def test_calls_and_rows_are_counted_and_bounded() -> None:
    unit, counted = small_unit(), [0, 0]
    true = box_of(unit)

    def f(a: Any, b: Any, c: Any) -> Any:
        counted[0] += 1
        counted[1] += len(c)
        return true(a, b, c)

    found = probe(f, formats="e4m3", output="binary32", k=4, trials=3_000, max_calls=60)
    assert [found.calls, found.rows] == counted
    assert found.calls <= 60
    assert found.rows < 10_000


def test_the_same_seed_gives_the_same_probe() -> None:
    unit = small_unit()
    first, second = (str(probed(unit, trials=500, seed=3)) for _ in range(2))
    assert first == second


@functools.cache
def _shown() -> str:
    return str(probed(small_unit(), trials=500))


def test_the_report_is_one_line_a_field() -> None:
    lines = _shown().splitlines()
    assert lines[0] == "e4m3 x e4m3 -> binary32, 4 products: aligned"
    assert "  fraction_bits     13" in lines
    assert lines[-1].startswith("500 fresh rows agree; ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k=0 is not within 1 to 256"),
        ({"max_calls": 3}, "max_calls=3 is not within"),
        ({"formats": ("e4m3",)}, "is not a pair of formats"),
        ({"scale": "e8m0"}, "give both or neither"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"formats": "e4m3", "output": "binary32", "k": 4} | options
    with pytest.raises(nf.FormatError, match=message):
        probe(box_of(small_unit()), **given)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda c: c[:-1], "it must return one integer code for each"),
        (lambda c: c.astype(np.float64), "returned float64"),
        (lambda c: np.full(c.shape, 1 << 40), "which is no code of 'binary32'"),
    ],
)
def test_a_black_box_that_returns_no_codes_is_refused(result: F, message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        probe(lambda a, b, c: result(c), formats="e4m3", output="binary32", k=4)

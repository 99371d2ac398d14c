"""Metrics: written-out values from exact fractions, and laws without tolerances."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt.analysis import (
    codes_used,
    crest_factor,
    mean_squared_error,
    saturation_share,
    sqnr,
    ulp_errors,
    underflow_share,
)
from numfmt.errors import FormatError

pytestmark = pytest.mark.fast

small = st.integers(-1000, 1000)
pairs = st.lists(st.tuples(small, small), min_size=1, max_size=50)
finite = st.floats(allow_nan=False, allow_infinity=False)


def decibels(x: Any, y: Any) -> float:
    """Return -10 log10 of the nearest float64 of the exact ratio."""
    noise = sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(x, y, strict=True))
    return -10 * math.log10(float(noise / sum(Fraction(a) ** 2 for a in x)))


# Signal to noise


@given(pairs)
def test_sqnr_of_integers_is_that_of_the_exact_ratio(values: list[tuple[int, int]]) -> None:
    x, y = zip(*values, strict=True)
    got = sqnr(x, y)
    if x == y:
        assert got == math.inf
    elif not any(x):
        assert got == -math.inf
    else:
        assert got == decibels(x, y)


@pytest.mark.parametrize("shift", [-1070, -600, 0, 600, 1010])
def test_sqnr_does_not_depend_on_the_scale(shift: int) -> None:
    x, y = np.array([3.0, -4.0, 12.0]), np.array([2.0, -4.0, 12.0])
    assert sqnr(np.ldexp(x, shift), np.ldexp(y, shift)) == decibels(x, y)


def test_sqnr_of_what_no_ratio_of_floats_holds() -> None:
    assert sqnr([1e300], [1e300 + 1e290]) == decibels([1e300], [1e300 + 1e290])
    far = sqnr([2.0**-1000], [2.0**1000])
    assert far == -10 * (math.log10(2.0**902) + 3098 * math.log10(2.0))
    assert -12042 < far < -12041


@pytest.mark.parametrize(
    ("x", "y", "want"),
    [
        ([0.0, 0.0], [0.0, -0.0], math.inf),
        ([0.0], [1.0], -math.inf),
        ([1.0, 2.0], [1.0, 2.0], math.inf),
        ([1.0, 2.0], [0.0, 0.0], 0.0),
        ([3.0, 4.0], [3.0, 4.5], 20.0),
        ([1.0, 2.0], [math.inf, 2.0], -math.inf),
        ([0.0], [-math.inf], -math.inf),
        ([math.inf, 2.0], [5.0, 2.0], math.nan),
        ([math.inf], [math.inf], math.nan),
        ([math.nan, 1.0], [1.0, 1.0], math.nan),
        ([1.0, 1.0], [1.0, math.nan], math.nan),
    ],
)
def test_sqnr_at_the_ends(x: list[float], y: list[float], want: float) -> None:
    got = sqnr(x, y)
    assert isinstance(got, float)
    assert repr(got) == repr(want)  # minus zero would differ


def test_axes_are_measured_apart_whatever_the_memory_layout() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 4, 50))
    y = x.astype(np.float16)
    for metric in (sqnr, mean_squared_error):
        got = np.asarray(metric(x, y, axis=1))
        assert got.shape == (3, 50)
        for i in range(3):
            for k in range(50):
                assert got[i, k] == metric(x[i, :, k], y[i, :, k])
        both = np.asarray(metric(x, y, axis=(0, -1)))
        want = [metric(x[:, j].reshape(-1), y[:, j].reshape(-1)) for j in range(4)]
        assert both.tolist() == want
        assert np.asarray(metric(x, y, axis=(2, 0))).tolist() == want
        assert metric(np.asfortranarray(x), y) == metric(x, np.asfortranarray(y)) == metric(x, y)
        assert metric(x, y, axis=(0, 1, 2)) == metric(x, y)


@given(pairs)
def test_mean_squared_error_of_integers_is_exact(values: list[tuple[int, int]]) -> None:
    x, y = zip(*values, strict=True)
    want = Fraction(sum((a - b) ** 2 for a, b in values), len(values))
    assert mean_squared_error(x, y) == float(want)
    assert mean_squared_error(y, x) == float(want)


def test_mean_squared_error_at_the_ends() -> None:
    assert mean_squared_error([1e200], [-1e200]) == math.inf
    assert mean_squared_error([2.0**500], [-(2.0**500)]) == 2.0**1002
    assert mean_squared_error([2.0**-537], [0.0]) == 2.0**-1074
    assert mean_squared_error([1.0], [math.inf]) == math.inf
    assert math.isnan(mean_squared_error([math.inf], [math.inf]))
    assert math.isnan(mean_squared_error([1.0, 1.0], [math.nan, 1.0]))
    assert mean_squared_error(7, 4) == 9.0


# Units in the last place


def quantum(x: float, fmt: str) -> Fraction:
    """Return the unit in the last place, from the limits of the format."""
    info = nf.finfo(fmt)
    if info.family == "fixed":
        return Fraction(info.eps or 0)
    assert info.emin is not None
    assert info.emax is not None
    assert info.nmant is not None
    exponent, size = info.emin, abs(Fraction(x))
    while exponent < info.emax and Fraction(2) ** (exponent + 1) <= size:
        exponent += 1
    return Fraction(2) ** (exponent - info.nmant)


FORMATS = ["e4m3", "e5m2", "e2m1", "bfloat16", "binary16", "e8m0", "int8", "q2.6", "uint4"]


@pytest.mark.parametrize("fmt", FORMATS)
@given(x=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), data=st.data())
def test_errors_are_counted_in_quanta_of_the_binade_of_x(
    fmt: str, x: list[float], data: st.DataObject
) -> None:
    y = [data.draw(st.sampled_from([v, v / 2, v + 1, 0.0])) for v in x]
    want = [float(Fraction(abs(a - b)) / quantum(a, fmt)) for a, b in zip(x, y, strict=True)]
    got = ulp_errors(x, y, fmt)
    assert got.max == max(want)
    assert got.worst_index == (want.index(max(want)),)
    assert got.mean == np.mean(want)


@pytest.mark.parametrize("fmt", ["e4m3", "e5m2", "e2m1", "q2.6"])
def test_nearest_is_half_an_ulp_away_and_neighbours_one(fmt: str) -> None:
    values = np.unique(nf.decode(np.arange(1 << nf.get(fmt).bits), fmt))
    values = values[np.isfinite(values)]
    middles = (values[1:] + values[:-1]) / 2
    assert ulp_errors(middles, nf.round(middles, fmt), fmt).max == 0.5
    upward = values[values >= 0]
    got = ulp_errors(upward[:-1], upward[1:], fmt)
    assert (got.max, got.mean, got.worst_index) == (1.0, 1.0, (0,))


def test_the_unit_is_that_of_the_end_binades_beyond_them() -> None:
    assert ulp_errors([2.0**-20], [2.0**-9], "e4m3").max == 1 - 2.0**-11
    assert ulp_errors([0.0], [2.0**-9], "e4m3").max == 1.0
    assert ulp_errors([1024.0], [448.0], "e4m3").max == (1024 - 448) / 32
    assert ulp_errors([5e-324], [0.0], "binary64").max == 1.0


def test_special_values_agree_or_are_infinitely_far() -> None:
    x = [[1.0, math.nan, math.inf], [-math.inf, 2.0, 3.0]]
    assert ulp_errors(x, x, "e5m2") == (0.0, 0.0, (0, 0))
    for y in (math.nan, math.inf, -math.inf):
        assert ulp_errors([1.0, 1.0], [1.5, y], "e5m2") == (math.inf, math.inf, (1,))
        assert ulp_errors([1.0, y], [1.5, 1.0], "e5m2") == (math.inf, math.inf, (1,))
    assert ulp_errors([math.inf], [-math.inf], "e5m2").max == math.inf


@pytest.mark.parametrize("fmt", ["posit8", "takum8", "nf4", "takum16_log"])
def test_formats_without_a_unit_in_the_last_place_are_refused(fmt: str) -> None:
    with pytest.raises(FormatError, match="ulp_distance"):
        ulp_errors([1.0], [1.0], fmt)


# Shares and codes


def test_underflow_counts_nonzero_values_that_vanish() -> None:
    x = [0.0, -0.0, 1e-9, -1e-9, 1.0, math.inf, math.nan, 5e-324]
    y = [0.0, 0.0, -0.0, 1e-9, 0.0, math.inf, 0.0, 0.0]
    assert underflow_share(x, y) == 3 / 5
    assert math.isnan(underflow_share([0.0, math.nan], [0.0, 0.0]))
    grid = np.ldexp(1.0, np.arange(-20, 10))
    assert underflow_share(grid, nf.round(grid, "e4m3")) == 11 / 30  # 2**-10 is a tie, to zero


ENDS = {
    "e4m3": [0x7E, 0xFE],
    "e5m2": [0x7B, 0x7C, 0xFB, 0xFC],
    "e2m1": [0x7, 0xF],
    "e8m0": [0xFE],
    "int8": [0x7F, 0x80],
    "int8_narrow": [0x7F, 0x80, 0x81],
    "uint8": [0xFF],
    "posit8": [0x7F, 0x81],
    "nf4": [0x0, 0xF],
    "float8_e4m3fnuz": [0x7F, 0xFF],
    "takum8": [0x7F, 0x81],
}


@pytest.mark.parametrize("fmt", ENDS)
def test_the_ends_of_a_format_are_saturated_and_nothing_else(fmt: str) -> None:
    every = np.arange(1 << nf.get(fmt).bits)
    assert [c for c in every.tolist() if saturation_share([c], fmt) == 1.0] == ENDS[fmt]
    assert saturation_share(every, fmt) == len(ENDS[fmt]) / every.size
    values = nf.decode(every, fmt)
    magnitudes = np.where(np.isnan(values), 0, values)
    assert np.argmax(magnitudes) in ENDS[fmt]


def test_saturating_conversions_saturate() -> None:
    codes = nf.encode([1.0, 1e9, -1e9, 300.0], "e4m3", overflow="saturate")
    assert saturation_share(codes.reshape(2, 2), "e4m3") == 0.5


@given(st.lists(st.integers(0, 15), min_size=1))
def test_codes_used_is_a_histogram(codes: list[int]) -> None:
    got = codes_used(codes, "e2m1")
    assert got.histogram.tolist() == [codes.count(c) for c in range(16)]
    assert got.histogram.dtype == np.int64
    assert got.used == len(set(codes))
    assert got.of == 16


def test_codes_that_stand_for_nothing_are_not_missed() -> None:
    assert nf.get("ternary").unused_codes()  # type: ignore[attr-defined]
    got = codes_used(nf.encode([-1.0, 0.0, 1.0], "ternary"), "ternary")
    assert (got.used, got.of, got.histogram.size) == (3, 3, 4)
    assert codes_used(np.arange(256), "e4m3").used == 256
    with pytest.raises(FormatError, match=r"2\*\*32 codes.*np.unique"):
        codes_used([1], "binary32")


# Crest factor


@given(st.lists(finite, min_size=1, max_size=60))
def test_the_crest_factor_is_between_1_and_the_root_of_n(x: list[float]) -> None:
    got = crest_factor(x)
    assert math.isnan(got) if not any(x) else 1.0 <= got <= math.sqrt(len(x))


@given(finite.filter(bool), st.lists(st.sampled_from([-1, 1]), min_size=1, max_size=100))
def test_the_crest_factor_of_constants_is_1(value: float, signs: list[int]) -> None:
    assert crest_factor([value * sign for sign in signs]) == 1.0
    lonely = [0.0] * (len(signs) - 1) + [value]
    assert crest_factor(lonely) == math.sqrt(len(signs))


def test_crest_factors_written_out() -> None:
    assert crest_factor([4.0, 2.0, 2.0, 1.0]) == math.sqrt(Fraction(4 * 16, 16 + 4 + 4 + 1))
    assert math.isnan(crest_factor([0.0, 0.0]))
    assert math.isnan(crest_factor([1.0, math.nan]))
    assert math.isnan(crest_factor([1.0, math.inf]))
    assert crest_factor(-3) == 1.0


def test_blocks_are_measured_apart_along_any_axis() -> None:
    x = np.random.default_rng(2).standard_normal((2, 32, 3))
    got = np.asarray(crest_factor(x, axis=1, block=16))
    assert got.shape == (2, 2, 3)
    for i, b, k in np.ndindex(2, 2, 3):
        assert got[i, b, k] == crest_factor(x[i, 16 * b : 16 * b + 16, k])
    last = crest_factor(np.moveaxis(x, 1, -1), block=16)
    assert (np.moveaxis(got, 1, -1) == last).all()
    assert np.asarray(crest_factor(x[0, :, 0], block=32)).shape == (1,)


# Refusals


@pytest.mark.parametrize("metric", [sqnr, mean_squared_error, underflow_share])
def test_pairs_must_match_and_hold_numbers(metric: Any) -> None:
    with pytest.raises(FormatError, match=r"x has shape \(2,\) and y \(3,\)"):
        metric([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(FormatError, match=r"x of shape \(0,\) is empty"):
        metric([], [])
    with pytest.raises(FormatError, match="y has dtype complex128"):
        metric([1.0], [1j])
    with pytest.raises(FormatError, match="x has dtype <U1"):
        metric(["a"], [1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sqnr([[1.0]], [[2.0]], axis=2), "axis=2"),
        (lambda: sqnr([[1.0]], [[2.0]], axis=(0, -2)), "names an axis twice"),
        (lambda: sqnr(1.0, 2.0, axis=0), "no axis"),
        (lambda: sqnr([1.0, 1.7e308], [1.0, -1.7e308]), r"x\[1\] is 1.7e\+308 .*overflows"),
        (lambda: ulp_errors([1.0], [1.0, 2.0], "e4m3"), "x has shape"),
        (lambda: ulp_errors([], [], "e4m3"), "is empty"),
        (lambda: saturation_share([], "e4m3"), "is empty"),
        (lambda: saturation_share([256], "e4m3"), "codes"),
        (lambda: codes_used([], "e4m3"), "is empty"),
        (lambda: codes_used([0.5], "e4m3"), "dtype float64"),
        (lambda: crest_factor([]), "is empty"),
        (lambda: crest_factor([1.0, 2.0, 3.0], block=2), "block=2 does not divide the 3"),
        (lambda: crest_factor([1.0, 2.0], block=3), "block=3 is not within 1 to 2"),
        (lambda: crest_factor([[1.0, 2.0]], axis=(0, 1), block=2), "axis="),
        (lambda: crest_factor(1.0, block=1), "no axis"),
    ],
)
def test_what_cannot_be_measured_is_refused(call: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        call()


def test_arguments_are_left_alone() -> None:
    x: npt.NDArray[np.float64] = np.array([0.0, 1.5, 2.5])
    for metric in (sqnr, mean_squared_error, underflow_share):
        metric(x, x + 1)  # type: ignore[operator]
    ulp_errors(x, x, "e4m3")
    crest_factor(x)
    assert x.tolist() == [0.0, 1.5, 2.5]


def test_single_numbers_and_signalling_nans_are_measured() -> None:
    assert ulp_errors(1.0, 1.125, "e4m3").max == 1
    signalling = np.array([0x7FF0000000000001], np.uint64).view(np.float64)
    assert math.isnan(sqnr(signalling, [1.0]))

"""Requantisation: every scheme against its witness, the code it is named after, and TFLite."""

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact
from numfmt.exact.requantization import multiplier_of, scaled_integer
from numfmt.exact.requantization import requantize as exact_requantize
from numfmt.kernels import requantization as kernels
from numfmt.kernels.compile import compiling
from numfmt.rounding import Rounding
from numfmt.tensor.dyadic import Dyadic, RequantizationScheme
from numfmt.tensor.integer_codes import integer_format, integers_of_codes
from numfmt.tensor.requantization import requantize
from numfmt.tensor.residuals import residual_add

Array = npt.NDArray[Any]
INT62 = nf.FixedFormat(name="int62_of_tests", bits=62)
LARGE = (1 << 61) - 1
DETERMINISTIC = [mode for mode in Rounding if not mode.stochastic]
STOCHASTIC = [mode for mode in Rounding if mode.stochastic]
NAMES = [scheme.value for scheme in RequantizationScheme]
INT32 = (-(1 << 31), (1 << 31) - 1)


def integers(codes: Array, fmt: nf.FixedFormat | str) -> list[int]:
    """Return the integers of codes."""
    return integers_of_codes(codes, integer_format(fmt, "fmt"), "codes").reshape(-1).tolist()


def takes(scheme: str, x: int, multiplier: int, shift: int) -> bool:
    """Return whether a scheme is defined for these three, by its documentation."""
    if scheme in ("rounded", "nearest_even", "half_up"):
        return True
    if scheme.startswith("hawq"):
        return 0 <= multiplier <= 1 << 31 and (scheme == "hawq_exact" or abs(x) <= 1 << 53)
    int32 = INT32[0] <= x <= INT32[1]
    if scheme == "tflite_double":
        left = max(31 - shift, 0)
        fits = INT32[0] <= x << left <= INT32[1]
        return fits and INT32[0] <= multiplier <= INT32[1] and 1 <= shift <= 62
    if not 0 <= multiplier < 1 << (15 if scheme == "tosa_16" else 31):
        return False
    if scheme == "tflite_single":
        fits = int32 and 1 <= shift <= 62
    elif scheme == "tflite_int64":
        fits = -(1 << 47) <= x < 1 << 47 and 24 <= shift <= 62
    elif scheme == "tosa_16":
        fits = -(1 << 47) <= x < 1 << 47 and 2 <= shift <= 62
    else:
        half = 1 << max(shift - 1, 0)
        fits = int32 and -half <= x < half and 2 <= shift <= 62
    return fits and INT32[0] <= scaled_integer(x, multiplier, shift, scheme) <= INT32[1]


# Traps and formulas


def test_the_traps_of_ties_and_widths() -> None:
    half, quarter = Dyadic(1 << 30, 31), Dyadic(1 << 30, 32)
    assert integers(requantize([-3], half, scheme="gemmlowp"), "int8") == [-1]
    assert integers(requantize([-3], half, scheme="hawq_exact"), "int8") == [-2]
    assert integers(requantize([5], quarter, scheme="tflite_double"), "int8") == [2]
    assert integers(requantize([5], quarter, scheme="tflite_single"), "int8") == [1]
    wide = Dyadic(1874512792, 31)
    found = [
        integers(requantize([-1389456580], wide, "int32", scheme=scheme), "int32")
        for scheme in ("hawq_exact", "hawq_float64")
    ]
    assert found == [[-1212840031], [-1212840030]]


CORNERS = [0, 1, 2, 3, 5, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, (1 << 31) - 1, 1 << 31]
SIGNED = [s * c for c in CORNERS for s in (1, -1) if INT32[0] <= s * c <= INT32[1]]


def test_doubling_high_is_the_nearest_with_ties_up_and_saturates_once() -> None:
    random = np.random.default_rng(1).integers(*INT32, 300).tolist()
    for a in [*SIGNED, *random]:
        for b in SIGNED:
            wanted = min(math.floor(Fraction(a * b, 1 << 31) + Fraction(1, 2)), INT32[1])
            assert kernels.doubling_high(np.int64(a), np.int64(b)) == wanted, (a, b)


def test_divided_away_is_the_nearest_with_ties_away_from_zero() -> None:
    ties = [s * (2 * k + 1) << e for e in range(12) for k in range(4) for s in (1, -1)]
    for x in [*SIGNED, *ties, *(t + 1 for t in ties), *(t - 1 for t in ties)]:
        for e in range(32):
            size = math.floor(Fraction(abs(x), 1 << e) + Fraction(1, 2))
            wanted = -size if x < 0 else size
            assert kernels.divided_away(np.int64(x), np.int64(e)) == wanted, (x, e)


# Against the witness


def corner_operands(multiplier: int, shift: int) -> list[int]:
    """Return small ones, ends, and those whose product lies at or beside a tie."""
    found = {0, 1, 2, 3, 5, 6, 127, 128}
    found |= {(1 << n) + d for n in (24, 30, 31, 47, 53, 62) for d in (-1, 0, 1)}
    for k in (0, 1, 2, 7, 8, 255):
        tie = (2 * k + 1) << max(shift - 1, 0)
        if multiplier:
            found |= {tie // abs(multiplier) + d for d in (-1, 0, 1)}
    signed = found | {-x for x in found} | {-(1 << 63), (1 << 63) - 1}
    return sorted(x for x in signed if -(1 << 63) <= x < 1 << 63)


MULTIPLIERS = [0, 1, 3, 5461, 1 << 14, (1 << 15) - 1, 1 << 30, 1717986918, (1 << 31) - 1, 1 << 31]
MULTIPLIERS += [0x7FFEFFFF, 0x7FFF0000, 0x7FFF7FFF, 0x7FFF8000]  # where 16 digits round up
WIDE = [-1, -(1 << 30), -(1 << 31), -1717986919, 1 << 40, (1 << 62) + 12345, -(1 << 63) + 1]
SHIFTS = [0, 1, 2, 8, 15, 24, 30, 31, 32, 33, 40, 47, 61, 62, 63, 64, 65, 94, 126]


@pytest.mark.parametrize("scheme", NAMES)
def test_corners_agree_with_the_witness(scheme: str) -> None:
    compared = 0
    for multiplier in MULTIPLIERS + WIDE:
        for shift in SHIFTS:
            xs = corner_operands(multiplier, shift)
            xs = [x for x in xs if takes(scheme, x, multiplier, shift)]
            if not xs:
                continue
            scale = Dyadic(multiplier, shift)
            wanted = [exact_requantize(x, multiplier, shift, INT62, scheme=scheme) for x in xs]
            found = requantize(np.array(xs), scale, INT62, scheme=scheme)
            assert found.tolist() == wanted, (multiplier, shift)
            narrow = np.array([INT32[0] <= x <= INT32[1] for x in xs])
            part = np.array(xs)[narrow].astype(np.int32)
            again = requantize(part, scale, INT62, scheme=scheme)
            assert again.tolist() == np.array(wanted, np.uint64)[narrow].tolist()
            compared += len(xs)
    assert compared > 1000


@pytest.mark.parametrize("rounding", DETERMINISTIC)
def test_every_int8_and_small_multiplier_rounds_as_the_witness(rounding: Rounding) -> None:
    multipliers = list(range(-16, 16))
    xs = np.arange(-128, 128)[:, None] + np.zeros(len(multipliers), np.int64)
    for shift in (0, 1, 2, 3, 5):
        wanted = np.array(
            [scaled_integer(p, 1, shift, "rounded", rounding) for p in range(-2100, 2101)]
        )
        products = xs * np.array(multipliers)
        for dtype in (np.int32, np.int64):
            found = requantize(
                xs.astype(dtype), Dyadic(multipliers, shift), "int16", rounding=rounding
            )
            assert integers(found, "int16") == wanted[products + 2100].reshape(-1).tolist()


@given(
    x=st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-(1 << 20), 1 << 20),
    multiplier=st.integers(-(1 << 63) + 1, (1 << 63) - 1) | st.integers(0, 1 << 31),
    shift=st.integers(0, 126),
    rounding=st.sampled_from(DETERMINISTIC),
)
def test_products_of_any_width_round_once(
    x: int, multiplier: int, shift: int, rounding: Rounding
) -> None:
    wanted = exact_requantize(x, multiplier, shift, INT62, rounding=rounding)
    found = requantize(np.array([x]), Dyadic(multiplier, shift), INT62, rounding=rounding)
    assert found.tolist() == [wanted]


@given(
    scheme=st.sampled_from(NAMES),
    x=st.integers(*INT32),
    multiplier=st.integers(0, (1 << 31) - 1),
    shift=st.integers(1, 62),
    zeros=st.tuples(st.integers(-300, 300), st.integers(-128, 127)),
    clamp=st.tuples(st.integers(-128, 127), st.integers(-128, 127)),
)
def test_schemes_offset_and_clamp_as_the_witness(
    scheme: str,
    x: int,
    multiplier: int,
    shift: int,
    zeros: tuple[int, int],
    clamp: tuple[int, int],
) -> None:
    ends = min(clamp), max(clamp)
    options: Any = {"scheme": scheme, "zero_point": zeros[1], "clamp": ends}
    scale = Dyadic(multiplier, shift) if scheme != "tosa_16" else Dyadic(multiplier >> 16, shift)
    pair = scale.pairs[0]
    if not takes(scheme, x - zeros[0], *pair):
        with pytest.raises(nf.FormatError, match=f"scheme '{scheme}'"):
            requantize([x], scale, input_zero_point=zeros[0], **options)
        return
    found = requantize([x], scale, input_zero_point=zeros[0], **options)
    assert found.tolist() == [exact_requantize(x, *pair, input_zero_point=zeros[0], **options)]


@pytest.mark.parametrize("rounding", STOCHASTIC)
def test_random_bits_join_as_the_witness_has_it(rounding: Rounding) -> None:
    rng = np.random.default_rng(3)
    for bits in (1, 3, 8):
        xs = rng.integers(-(1 << 40), 1 << 40, 200)
        drawn = rng.integers(0, 1 << bits, 200)
        for multiplier, shift in ((1, 2), (1717986918, 34), (-5, 40), (1 << 62, 90)):
            found = requantize(
                xs,
                Dyadic(multiplier, shift),
                INT62,
                rounding=rounding,
                random_bits=drawn,
                bits=bits,
            )
            wanted = [
                exact_requantize(
                    x, multiplier, shift, INT62, rounding=rounding, draw=exact.Draw(r, bits)
                )
                for x, r in zip(xs.tolist(), drawn.tolist(), strict=True)
            ]
            assert found.tolist() == wanted


def test_seeded_draws_belong_to_elements() -> None:
    xs = np.arange(1000) * 7
    whole = requantize(xs, Dyadic(1, 4), "int16", rounding="stochastic_a", rng=5)
    again = requantize(xs.reshape(10, 100), Dyadic(1, 4), "int16", rounding="SR", rng=5)
    assert whole.tolist() == again.reshape(-1).tolist()
    assert whole[:64].tolist() == (
        requantize(xs[:64], Dyadic(1, 4), "int16", rounding="stochastic_a", rng=5).tolist()
    )


# Against the code that schemes are named after, and what it computed


def drawn(count: int, seed: int) -> tuple[Array, Array, Array]:
    """Return int32 operands, positive int32 multipliers and shifts."""
    rng = np.random.default_rng(seed)
    xs = rng.integers(*INT32, count) >> rng.integers(0, 31, count)
    return xs, rng.integers(1 << 30, 1 << 31, count), rng.integers(31, 60, count)


def each(xs: Array, multipliers: Array, shifts: Array, scheme: str) -> Array:
    """Return what a scheme makes of each operand with its own scale, as int64."""
    scale = Dyadic(multipliers, shifts)
    return np.array(integers(requantize(xs, scale, INT62, scheme=scheme), INT62))


def test_tosas_reference_model_and_tflite_agree_where_both_round_twice() -> None:
    x, m, s = drawn(5000, 11)
    for twice, scheme in ((False, "tosa_32"), (True, "tosa_32_double")):
        added = np.int64(1) << (s - 1)
        if twice:
            added = added + np.where(s > 31, np.where(x >= 0, 1 << 30, -(1 << 30)), 0)
        fits = (x >= -(np.int64(1) << (s - 1))) & (x < np.int64(1) << (s - 1))
        wanted = (x * m + added) >> s
        assert each(x[fits], m[fits], s[fits], scheme).tolist() == wanted[fits].tolist()
    doubled = each(x[fits], m[fits], s[fits], "tosa_32_double")
    assert doubled.tolist() == each(x[fits], m[fits], s[fits], "tflite_double").tolist()
    single = each(x, m, s, "tflite_single")
    assert 0 < (single != each(x, m, s, "tflite_double")).sum() < 2000


def test_hawqs_float64_code_is_followed_and_differs_from_what_it_states() -> None:
    x, m, s = drawn(5000, 12)
    s = np.minimum(s, 33)
    code = np.rint(x.astype(np.float64) * m.astype(np.float64) / 2.0**s)
    found = each(x, m, s, "hawq_float64")
    assert found.tolist() == code.astype(np.int64).tolist()
    # The product has at most 62 digits and float64 keeps 53: it moves results only near ties.
    z = np.arange(-1389456580 - 4000, -1389456580 + 4000)
    several = Dyadic(1874512792, 31)
    pair = [requantize(z, several, "int32", scheme=f"hawq_{n}") for n in ("exact", "float64")]
    assert 0 < (pair[0] != pair[1]).sum() < 40


FORMATS = {"i1": "int8", "i2": "int16", "i4": "int32"}
RECORDED = json.loads((Path(__file__).parent / "tflite_recordings.json").read_text())


def test_tflites_quantize_operator_gave_the_same() -> None:
    apart = 0
    for row in RECORDED["quantize"]:
        result = FORMATS[row["result"]]
        zeros = {"input_zero_point": row["zeros"][0], "zero_point": row["zeros"][1]}
        scale = Dyadic.from_scales(row["scales"][0], 1, row["scales"][1], scheme="tflite_double")
        codes = requantize(row["x"], scale, result, scheme="tflite_double", **zeros)
        assert integers(codes, result) == row["y"]
        codes = requantize(row["x"], scale, result, scheme="tflite_single", **zeros)
        apart += sum(a != b for a, b in zip(integers(codes, result), row["y"], strict=True))
    assert apart > 100  # so that the recording tells the two apart


def test_tflites_add_operator_gave_the_same() -> None:
    for row in RECORDED["add"]:
        result, shift = FORMATS[row["source"]], 20 if row["source"] == "i1" else 15
        first, second, last = Dyadic.for_tflite_add(*row["scales"], left_shift=shift)
        codes = residual_add(
            row["a"],
            row["b"],
            (first, second),
            result,
            scheme="tflite_double",
            input_zero_points=tuple(row["zeros"][:2]),
            left_shift=shift,
            sum_scale=last,
            zero_point=row["zeros"][2],
        )
        assert integers(codes, result) == row["y"]


def test_tflites_convolutions_gave_the_same_with_32_and_64_bit_accumulators() -> None:
    apart = 0
    for row in RECORDED["conv"]:
        result = FORMATS[row["source"]]
        wide = row["source"] == "i2"
        scheme = "tflite_int64" if wide else "tflite_double"
        scale = Dyadic.from_scales(
            row["input_scale"], row["weight_scales"], row["result_scale"], scheme=scheme
        )
        sums = (np.array(row["x"]) - row["zeros"][0]) @ np.array(row["w"]).T + row["bias"]
        codes = requantize(sums, scale, result, scheme=scheme, zero_point=row["zeros"][1])
        assert integers(codes, result) == np.array(row["y"]).reshape(-1).tolist()
        if wide:
            codes = requantize(sums, scale, result, scheme="nearest_even")
            apart += sum(np.array(integers(codes, result)) != np.array(row["y"]).reshape(-1))
    assert apart > 20


# Scales


@given(st.floats(2.0**-31, 2.0**14), st.sampled_from(NAMES))
def test_a_scale_becomes_what_the_code_makes_of_it(scale: float, scheme: str) -> None:
    bits = 15 if scheme == "tosa_16" else 31
    made = Dyadic.from_scale(scale, scheme=scheme)
    assert made.pairs[0] == multiplier_of(scale, scheme, bits)
    assert abs(made.value - Fraction(scale)) <= Fraction(scale) / (1 << bits)  # type: ignore[operator] # one channel


@pytest.mark.parametrize("scheme", NAMES)
def test_scales_at_the_ends_become_what_the_code_makes_of_them(scheme: str) -> None:
    bits = 15 if scheme == "tosa_16" else 31
    assert Dyadic.from_scale(0, scheme=scheme).pairs[0] == (0, bits)
    for scale in (1 - 2.0**-40, 1.0, 1 + 2.0**-31, 1 + 3 * 2.0**-32, 2.0**-32, 0.75 * 2.0**-32):
        assert Dyadic.from_scale(scale, scheme=scheme).pairs[0] == multiplier_of(
            scale, scheme, bits
        )


def test_what_tflite_and_tosa_do_with_tiny_and_huge_scales() -> None:
    assert Dyadic.from_scale(0.99 * 2.0**-32, scheme="tflite_double") == Dyadic(0, 31)
    assert Dyadic.from_scale(2.0**-32, scheme="tflite_double") == Dyadic(1 << 30, 62)
    assert Dyadic.from_scale(2.0**30, scheme="tflite_single") == Dyadic((1 << 31) - 1, 1)
    assert Dyadic.from_scale(2.0**-40, scheme="tosa_32") == Dyadic(1 << 22, 62)
    assert Dyadic.from_scale(1 - 2.0**-40, scheme="hawq_exact") == Dyadic(1 << 31, 31)
    assert Dyadic.from_scale(1 - 2.0**-40) == Dyadic(1 << 30, 30)
    assert Dyadic.from_scale(Fraction(3, 4).__float__(), bits=2) == Dyadic(3, 2)
    with pytest.raises(nf.FormatError, match="shift of -1"):
        Dyadic.from_scale(2.0**31)
    with pytest.raises(nf.FormatError, match="shift of 127"):
        Dyadic.from_scale(2.0**-97)


def test_scales_are_multiplied_and_divided_in_the_order_of_each_code() -> None:
    rng = np.random.default_rng(4)
    a, c = np.float32(rng.uniform(0.01, 0.1)), np.float32(rng.uniform(0.01, 0.1))
    b = rng.uniform(0.001, 0.01, 100).astype(np.float32)
    product = a.astype(np.float64) * b.astype(np.float64)
    hawq = product.astype(np.float32).astype(np.float64) / np.float64(c)
    tflite = product / np.float64(c)
    made = {n: Dyadic.from_scales(a, b, c, scheme=n) for n in NAMES if n != "tosa_16"}
    assert made["hawq_float64"] == Dyadic.from_scale(hawq, scheme="hawq_float64")
    assert made["tflite_double"] == Dyadic.from_scale(tflite, scheme="tflite_double")
    assert made["tosa_32"].pairs == made["tflite_double"].pairs
    assert made["hawq_exact"].pairs != made["tflite_double"].pairs
    quotients = [Fraction(float(a)) * Fraction(float(x)) / Fraction(float(c)) for x in b]
    for value, pair in zip(quotients, made["rounded"].pairs, strict=True):
        assert pair[0] == math.floor(value * (1 << pair[1]) + Fraction(1, 2))
    # float64 scales: HAWQ multiplies them as they are, TFLite has float32 only.
    assert Dyadic.from_scales(0.1, 0.3, 1.0, scheme="hawq_exact") == Dyadic.from_scale(
        float(np.float32(0.1 * 0.3)), scheme="hawq_exact"
    )
    assert Dyadic.from_scales(0.1, 0.3, 1.0, scheme="tflite_double") == Dyadic.from_scale(
        float(np.float64(np.float32(0.1)) * np.float64(np.float32(0.3))), scheme="tflite_double"
    )


def test_a_dyadic_is_a_value() -> None:
    array = Dyadic(np.array([1, 2], np.int32), np.array([3, 4]))
    assert array == Dyadic((1, 2), [3, 4])
    assert hash(array) == hash(Dyadic([1, 2], (3, 4)))
    assert (array.channels, Dyadic(1, 2).channels) == (2, None)
    assert Dyadic(5, [0, 1]).value == (5, Fraction(5, 2))


# Layout, formats, refusals


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("scheme", ["rounded", "tflite_double"])
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_channels_lie_along_any_axis(axis: int, scheme: str, dtype: type) -> None:
    rng = np.random.default_rng(7)
    xs = rng.integers(-2000, 2000, (5, 7, 6)).astype(dtype)
    count = xs.shape[axis]
    scale = Dyadic(rng.integers(1 << 30, 1 << 31, count), rng.integers(34, 37, count))
    found = requantize(xs, scale, scheme=scheme, axis=axis)
    for channel, pair in enumerate(scale.pairs):
        part = np.take(xs, channel, axis)
        wanted = requantize(part, Dyadic(*pair), scheme=scheme)
        assert np.take(found, channel, axis).tolist() == wanted.tolist()


@pytest.mark.skipif(not compiling(), reason="a large array without the compiler")
@pytest.mark.parametrize("axis", [0, 1])
def test_threads_change_nothing(axis: int) -> None:
    xs = np.random.default_rng(8).integers(-(1 << 20), 1 << 20, (999, 1001)).astype(np.int32)
    count = xs.shape[axis]
    scale = Dyadic(np.arange(count) + (1 << 30), 42)
    before = numba.get_num_threads()
    for dtype, rounding in ((np.int32, "nearest_even"), (np.int64, "stochastic_c")):
        rng = 9 if rounding.startswith("stoch") else None
        runs = []
        for threads in (1, 2):
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            runs.append(requantize(xs.astype(dtype), scale, axis=axis, rounding=rounding, rng=rng))
        numba.set_num_threads(before)
        assert np.array_equal(*runs)


def test_results_are_codes_of_any_integer_format() -> None:
    xs = np.arange(-300, 300)
    for name in ("int8", "uint8", "int8_narrow", "int8_sign_magnitude", "int1", "uint4", "int32"):
        wanted = [exact_requantize(x, 3, 1, name) for x in xs.tolist()]
        found = requantize(xs, Dyadic(3, 1), name)
        assert found.dtype == nf.get(name).code_dtype
        assert found.tolist() == wanted


def test_accumulators_are_integers_or_codes() -> None:
    half = Dyadic(1, 1)
    wanted = requantize([-4, -3, 0, 3], half).tolist()
    codes = np.array([-4, -3, 0, 3], np.int32).view(np.uint32)
    assert requantize(codes, half, fmt="int32").tolist() == wanted
    assert requantize([0xC, 0xD, 0, 3], half, fmt="int4").tolist() == wanted
    assert requantize([0xC, 0xB, 0, 3], half, fmt="int4_sign_magnitude").tolist() == wanted
    for dtype in (np.int8, np.int16, np.int32, np.int64, ">i4"):
        assert requantize(np.array([-4, -3, 0, 3], dtype), half).tolist() == wanted
    assert requantize(np.array([6, 200], np.uint8), half, "uint8").tolist() == [3, 100]
    assert requantize(np.array([6, 2**63 - 1], np.uint64), half, "uint8").tolist() == [3, 255]


def test_shapes_outputs_and_empty_arrays() -> None:
    half = Dyadic(1, 1)
    assert requantize(7, half).shape == ()
    assert requantize(np.zeros((0, 3), np.int32), Dyadic([1, 2, 3], 1)).shape == (0, 3)
    assert requantize([], half).tolist() == []
    room = np.zeros((3, 8), np.uint8)[:, ::2]
    xs = np.arange(12).reshape(3, 4)
    assert requantize(xs, half, out=room) is room
    assert room.tolist() == requantize(xs, half).tolist()
    assert requantize(xs.T, half).tolist() == requantize(xs, half).T.tolist()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Dyadic(1.5, 2), "multiplier=1.5 is not an integer"),  # type: ignore[arg-type] # refused
        (lambda: Dyadic([1, 2], [1, 2, 3]), "2 channels and shift 3"),
        (lambda: Dyadic([[1]], 2), "shape"),
        (lambda: Dyadic(1 << 63, 2), "multiplier=9223372036854775808 is not within"),
        (lambda: Dyadic(1, 127), "shift=127"),
        (lambda: Dyadic.from_scale(-0.5), "-0.5"),
        (lambda: Dyadic.from_scale(math.nan), "nan"),
        (lambda: Dyadic.from_scale([[0.5]]), "shape"),
        (lambda: Dyadic.from_scale(0.5, bits=8, scheme="tosa_32"), "bits=8"),
        (lambda: Dyadic.from_scales(0.5, 1.0, 0.0), "result_scale is 0"),
        (lambda: Dyadic.from_scales([1.0, 2], [1.0, 2, 3], 1.0), "shapes"),
        (lambda: Dyadic.for_tflite_add(0.1, 0.0, 0.1), "second_scale is 0"),
        (lambda: requantize([1], 0.5), "from_scale"),  # type: ignore[arg-type] # refused
        (lambda: requantize([1.0], Dyadic(1, 1)), "float64"),
        (lambda: requantize(np.array([2**63], np.uint64), Dyadic(1, 1)), "past the largest int64"),
        (lambda: requantize([1], Dyadic(1, 1), "e4m3"), "no format of integers"),
        (lambda: requantize([1], Dyadic(1, 1), "q1.7"), "no format of integers"),
        (lambda: requantize([1, 2], Dyadic([1, 2, 3], 1)), "3 channels"),
        (lambda: requantize(1, Dyadic([1], 1)), "single number"),
        (lambda: requantize([1], Dyadic(1, 1), zero_point=128), "zero_point=128"),
        (lambda: requantize([1], Dyadic(1, 1), clamp=(3, 2)), "empty"),
        (lambda: requantize([1], Dyadic(1, 1), clamp=(0, 300)), "clamp of 'int8'=300"),
        (lambda: requantize([1], Dyadic(1, 1), clamp=3), "not a pair"),  # type: ignore[arg-type] # refused
        (lambda: requantize([1], Dyadic(1, 1), scheme="tosa_inexact"), "is not one of"),
        (lambda: requantize([1], Dyadic(1, 1), scheme="tosa_32"), "shift 1; scheme 'tosa_32'"),
        (lambda: requantize([1], Dyadic(1 << 15, 9), scheme="tosa_16"), "0 to 32767"),
        (lambda: requantize([1], Dyadic(-1, 9), scheme="hawq_exact"), "multiplier -1"),
        (lambda: requantize([1], Dyadic(1, 0), scheme="tflite_double"), "shift 0"),
        (lambda: requantize([1], Dyadic(1, 23), scheme="tflite_int64"), "24 to 62"),
        (lambda: requantize([1], Dyadic(1, 9), scheme="half_up", rounding="SR"), "of its own"),
        (lambda: requantize([1], Dyadic(1, 9), rounding="SR"), "random bits"),
        (lambda: requantize([1], Dyadic(1, 9), rng=1), "draws no random bits"),
        (lambda: residual_add([1], [1, 2], (Dyadic(1, 0), Dyadic(1, 0))), "one shape"),
        (lambda: residual_add([1], [1], Dyadic(1, 0)), "not a pair"),  # type: ignore[arg-type] # refused
        (lambda: residual_add([1], [1 << 61], (Dyadic(1, 0), Dyadic(1, 0)), left_shift=2), "b.0."),
        (lambda: residual_add([1 << 50], [1], (Dyadic(1 << 20, 0), Dyadic(1, 0))), "cannot hold"),
    ],
)
def test_refusals_name_the_argument_and_the_remedy(call: Any, text: str) -> None:
    with pytest.raises(nf.FormatError, match=text):
        call()


def test_the_first_accumulator_that_a_scheme_cannot_take_is_named() -> None:
    xs = np.zeros((300, 40), np.int64)
    xs[217, 3] = 1 << 31
    xs[218, 0] = 1 << 40
    with pytest.raises(nf.FormatError, match=r"\[217, 3\] is 2147483648; scheme 'tflite_single'"):
        requantize(xs, Dyadic(1 << 30, 31), scheme="tflite_single")
    xs[217, 3] = (1 << 31) - 1
    with pytest.raises(nf.FormatError, match=r"\[217, 3\] .* which it cannot hold"):
        requantize(xs, Dyadic((1 << 31) - 1, 30), scheme="tflite_single")
    xs[:] = 0
    xs[5, 6] = 1 << 20  # times 2**11 it leaves int32
    with pytest.raises(nf.FormatError, match=r"\[5, 6\] .* takes -1048576 to 1048575"):
        requantize(xs, Dyadic(1 << 30, 20), scheme="tflite_double")


@pytest.mark.parametrize(
    ("scheme", "shift", "ends"),
    [
        ("hawq_float64", 60, (-(1 << 53), 1 << 53)),
        ("tflite_double", 31, INT32),
        ("tflite_double", 40, INT32),
        ("tflite_double", 20, (-(1 << 20), (1 << 20) - 1)),
        ("tflite_double", 1, (-2, 1)),
        ("tflite_single", 20, INT32),
        ("tflite_int64", 60, (-(1 << 47), (1 << 47) - 1)),
        ("tosa_32", 10, (-512, 511)),
        ("tosa_32_double", 31, (-(1 << 30), (1 << 30) - 1)),
        ("tosa_32_double", 32, INT32),
        ("tosa_32", 62, INT32),
        ("tosa_16", 60, (-(1 << 47), (1 << 47) - 1)),
    ],
)
def test_schemes_take_what_they_say_and_no_more(
    scheme: str, shift: int, ends: tuple[int, int]
) -> None:
    for zero in (0, -7, 1000):
        options: Any = {"scheme": scheme, "input_zero_point": zero}
        allowed = np.array(ends) + zero
        found = requantize(allowed, Dyadic(1, shift), INT62, **options)
        assert found.tolist() == [
            exact_requantize(x, 1, shift, INT62, **options) for x in allowed.tolist()
        ]
        for x in (ends[0] - 1 + zero, ends[1] + 1 + zero):
            with pytest.raises(nf.FormatError, match=f"is {x}; scheme '{scheme}'"):
                requantize([x], Dyadic(1, shift), INT62, **options)


@pytest.mark.parametrize("run", [1, 5])
def test_kernels_may_start_anywhere(run: int) -> None:
    # Threads cut an array where it suits them, channels or not.
    xs = np.arange(60, dtype=np.int32) * 11 - 300
    columns = [np.array(c, np.int64) for c in ([3, 5, 7, 9], [4] * 4, [-1000] * 4, [1000] * 4)]
    layout = kernels.Layout(4, run)
    how = kernels.Scaling(0, 0, -128, 127, *INT32, 255, 0, Rounding.NEAREST_EVEN.addends, 0, 8)
    none = np.zeros(1, np.uint64)
    whole = np.zeros(60, np.uint8)
    assert kernels.scale_exactly(xs, 0, *columns, layout, none, how, whole) == 0
    for first in range(60):
        once, exactly = np.zeros((2, 60 - first), np.uint8)
        part = xs[first:], first, *columns, layout
        assert kernels.SCALE_NARROW[kernels.ONCE](*part, how, once) == 0
        assert kernels.scale_exactly(*part, none, how, exactly) == 0
        assert once.tolist() == exactly.tolist() == whole[first:].tolist()


# Residual addition


@given(
    a=st.lists(st.integers(-(1 << 24), 1 << 24), min_size=1, max_size=5),
    pairs=st.tuples(*2 * [st.tuples(st.integers(1, (1 << 31) - 1), st.integers(31, 50))]),
    scheme=st.sampled_from(["nearest_even", "hawq_exact", "hawq_float64", "tflite_single"]),
)
def test_branches_are_rounded_apart_and_added(
    a: list[int], pairs: tuple[tuple[int, int], tuple[int, int]], scheme: str
) -> None:
    b = [1 - 2 * x for x in a]
    scales = Dyadic(*pairs[0]), Dyadic(*pairs[1])
    wanted = [
        scaled_integer(x, *pairs[0], scheme) + scaled_integer(y, *pairs[1], scheme)
        for x, y in zip(a, b, strict=True)
    ]
    assert integers(residual_add(a, b, scales, "int32", scheme=scheme), "int32") == wanted
    clamped = integers(residual_add(a, b, scales, "int8", scheme=scheme), "int8")
    assert clamped == [min(max(n, -128), 127) for n in wanted]


def test_a_residual_may_have_channels_codes_and_zero_points() -> None:
    a, b = [[0x81, 2, 3]], [[4, 5, 0xF0]]
    scales = Dyadic([1, 2, 3], 1), Dyadic(1, 2)
    found = residual_add(a, b, scales, "int16", fmt="int8", input_zero_points=(1, -2))
    wanted = [
        scaled_integer(x - 1, m, 1, "nearest_even") + scaled_integer(y + 2, 1, 2, "nearest_even")
        for x, m, y in zip([-127, 2, 3], [1, 2, 3], [4, 5, -16], strict=True)
    ]
    assert integers(found, "int16") == wanted

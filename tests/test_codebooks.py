"""Codebooks: published tables, every limit in every mode, and whatever Hypothesis draws."""

import bisect
import hashlib
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from laws import assert_same, check_encode
from numfmt import codebooks, exact
from numfmt.exact import Draw
from points import used_codes

CATALOGUE = nf.names(family="codebook")
MODES = [m.value for m in nf.Rounding if not m.stochastic and m.value not in ("to_odd", "jam")]
STOCHASTIC = [mode.value for mode in nf.Rounding if mode.stochastic]
LIMITS = np.array([5e-324, 1e300, np.inf, 0.0])


def corners(fmt: nf.CodebookFormat, every: int = 1) -> np.ndarray:
    """Return values, limits and midpoints, the floats beside them, and extremes."""
    points = sorted({*fmt.values, *fmt.thresholds})[::every]
    points += [(a + b) / 2 for a, b in itertools.pairwise(points)]
    base = np.array([float(point) for point in points])
    x = [base, np.nextafter(base, np.inf), np.nextafter(base, -np.inf), base * 1.5, LIMITS, -LIMITS]
    return np.concatenate(x)


@pytest.mark.fast
@pytest.mark.parametrize("name", ["nf4", "fp4_bnb", "dint3", "ternary", "binary", "ulinear4"])
def test_corners_equal_exact_without_the_compiler(name: str) -> None:
    fmt = nf.get(name)
    for mode in MODES:
        assert check_encode(corners(fmt), fmt, rounding=mode) > 10


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_limit_of_every_set_equals_exact_in_every_mode(name: str) -> None:
    fmt = nf.get(name)
    for mode in MODES:
        check_encode(corners(fmt, 1 if fmt.bits < 8 else 3), fmt, rounding=mode)
    assert check_encode(corners(fmt), fmt) > 10


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_code_is_what_exact_says(name: str) -> None:
    fmt = nf.get(name)
    codes = used_codes(fmt)
    for code, value in zip(codes, nf.decode(codes, fmt).tolist(), strict=True):
        datum = exact.decode(code, fmt)
        if datum.finite:
            assert value == float(datum.value)
            assert math.copysign(1, value) == (-1 if datum.sign else 1)
        else:
            assert math.isnan(value) or math.isinf(value)
    if fmt.dyadic:
        kind, sign, exponent, significand = nf.unpack(codes, fmt)
        for i, code in enumerate(codes):
            datum = exact.decode(code, fmt)
            assert (kind[i], sign[i]) == (datum.kind, datum.sign)
            magnitude = int(significand[i]) * Fraction(2) ** int(exponent[i])
            assert not datum.finite or magnitude == datum.magnitude
    else:
        with pytest.raises(nf.FormatError, match="no integer of 64 bits times a power of two"):
            nf.unpack(codes[:1], fmt)


@pytest.mark.parametrize("name", CATALOGUE)
def test_made_codes_come_back(name: str) -> None:
    fmt = nf.get(name)
    made = [*fmt.codes, *([fmt.negative_zero] if fmt.keeps_minus_zero and fmt.has_negative_zero
                          else [])]  # fmt: skip
    values = nf.decode(made, fmt)
    assert nf.encode(values, fmt, rounding="nearest_even").tolist() == made
    assert nf.convert(made, fmt, fmt).tolist() == made
    places = nf.ordinal(list(fmt.codes), fmt)
    if not fmt.read_only:
        assert (np.diff(places) == 1).all()
    if fmt.has_zero:
        assert nf.ordinal(fmt.codes[fmt.values.index(0)], fmt) == 0


def test_published_tables() -> None:
    nf4 = (
        "-1 -0.6961928009986877 -0.5250730514526367 -0.39491748809814453 -0.28444138169288635 "
        "-0.18477343022823334 -0.09105003625154495 0 0.07958029955625534 0.16093020141124725 "
        "0.24611230194568634 0.33791524171829224 0.44070982933044434 0.5626170039176941 "
        "0.7229568362236023 1"
    )
    tables = {
        "nf4": list(map(float, nf4.split())),
        "dint4": [0, 1, 2, 3, 4, 5, 6, 0.5, -0.5, -7, -6, -5, -4, -3, -2, -1],
        "dint3": [0, 1, 2, 0.5, -0.5, -3, -2, -1],
        "flint4": [0, 1, 2, 3, 4, 6, 8, 16, 0, -1, -2, -3, -4, -6, -8, -16],
        "bitmod_fp3_minus6": [0, 1, 2, 4, -6, -1, -2, -4],
        "bitmod_fp4_plus10": [0, 1, 2, 3, 4, 6, 8, 12, 10, -1, -2, -3, -4, -6, -8, -12],
        "binary": [-1, 1],
        "ulinear4": [(i + 1) / 16 for i in range(16)],
        "pot4_linear": [0, *(2.0 ** -(7 - i) for i in range(1, 8)),
                        0, *(-(2.0 ** -(7 - i)) for i in range(1, 8))],
    }  # fmt: skip
    for name, values in tables.items():
        assert nf.decode(np.arange(len(values)), name).tolist() == values, name
    assert nf.decode([0, 1, 2], "ternary").tolist() == [-1, 0, 1]
    assert nf.decode([0, 1, 2, 6, 7], "abq_w2star").tolist() == [0, 1, 2, -2, -1]
    four = [0.0055, 0.0325, 0.0775, 0.2125, 0.4375, 0.6625, 0.8875]
    want = np.array([*(-v for v in reversed(four)), 0, *four, 1], np.float32)
    assert nf.decode(np.arange(16), "dynamic4").tolist() == want.tolist()
    above = nf.decode(np.arange(16), "udynamic4", dtype="float32")
    assert (
        above[:6].tolist() == np.float32([0, 0.00325, 0.00775, 0.02125, 0.04375, 0.06625]).tolist()
    )
    assert nf.decode([0, 1, 2, 3, 4, 5, 6, 7], "fp4_bnb", dtype="float32").tolist() == np.float32(
        [0, 0.0052083333, 0.6666667, 1, 0.3333333, 0.5, 0.1666667, 0.25]
    ).tolist()  # fmt: skip
    assert np.signbit(nf.decode(8, "fp4_bnb"))
    assert nf.decode(15, "af4") == -1
    assert nf.decode(0, "af4") == 1


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("dynamic8", "e732639a65f497b4ad684bb166a4467708255edd5207757de8b8f0c7e1fda89c"),
        ("udynamic8", "305f002cc11278fb769d13b25b9fd0c7c83c8402c40a878fe086f4039fde6398"),
    ],
)
def test_frozen_dynamic_maps_have_their_published_digest(name: str, digest: str) -> None:
    values = nf.decode(np.arange(256), name, dtype="float32")
    assert hashlib.sha256(values.astype("<f4").tobytes()).hexdigest() == digest
    decimals = codebooks.dynamic_map(8, signed=name == "dynamic8")
    off = np.abs(values - np.array([float(value) for value in decimals], np.float32))
    assert (off <= 2 * np.spacing(np.abs(values))).all()  # the generator, but for float32 sums


@pytest.mark.parametrize("name", ["nf4", "fp4_bnb", "nf3", "dynamic8", "udynamic8"])
def test_nearest_by_bucketize_gives_the_same_codes(name: str) -> None:
    """The torch path of the packages, torch.bucketize on float32 limits, in NumPy."""
    fmt = nf.get(name)
    limits = np.array([float(v) for v in fmt.thresholds or [
        (a + b) / 2 for a, b in itertools.pairwise(fmt.values)]])  # fmt: skip
    x = np.concatenate([limits, np.random.default_rng(5).normal(size=20000) / 3]).astype(np.float32)
    above = np.nextafter(limits.astype(np.float32), np.float32(2))
    x = np.concatenate([x, above, -above])
    wide = x.astype(np.float64)
    side = {"nearest_down": "left", "nearest_up": "right"}.get(fmt.ties.value)
    if side:
        want = np.array(fmt.codes)[np.searchsorted(limits, wide, side=side)]
    else:  # sign apart, strictly greater goes up
        positive = limits[limits > 0]
        index = np.searchsorted(positive, np.abs(wide), side="left")
        rank = np.array([code for code, v in zip(fmt.codes, fmt.values, strict=True) if v >= 0])
        want = rank[index] + 8 * (wide < 0)
    assert_same(nf.encode(x, fmt), want, x, fmt)


def test_ties_go_where_each_package_sends_them() -> None:
    limit = np.float32(0.8614784181118011)
    assert nf.encode(limit, "nf4") == 14
    assert nf.encode(limit, codebooks.asymmetric(nf.get("nf4"), 1, 1)) == 15
    assert nf.encode([0.25, -0.25, 0.75, -0.75, 1.5, 2.5, -2.5], "dint4").tolist() == [
        0, 0, 1, 15, 2, 2, 14
    ]  # fmt: skip
    assert nf.encode([-0.5, 0.5, 1.5, -0.51, 0.0], "ternary").tolist() == [1, 1, 2, 0, 1]
    assert nf.encode([0.0, -0.0, -1e-300], "binary").tolist() == [1, 1, 0]
    assert nf.encode([-0.0, -0.001, 0.0], "fp4_bnb").tolist() == [0, 8, 0]
    assert nf.encode([-0.0, -0.001, 0.0], "flint4").tolist() == [8, 8, 0]


def test_hifloat8_is_the_second_authors() -> None:
    ml = pytest.importorskip("en_dtypes").hifloat8
    fmt = nf.get("hifloat8")
    theirs = np.arange(256, dtype=np.uint8).view(ml).astype(np.float32)
    ours = nf.decode(np.arange(256), fmt, dtype="float32")
    assert np.array_equal(theirs, ours, equal_nan=True)
    values = np.sort(ours[np.isfinite(ours)])
    middles = (values[1:] + values[:-1]) / 2
    ends = np.array([40960, 40959.99, 49151, 2.0**-23, 2.0**-24, 1e-30, 1e30, np.inf], np.float32)
    base = np.concatenate([values, middles, ends, -ends])
    x = np.concatenate([base, np.nextafter(base, np.float32(np.inf)),
                        np.nextafter(base, np.float32(-np.inf)), [np.float32(np.nan)]])  # fmt: skip
    x = np.concatenate([x, np.random.default_rng(0).normal(size=20000).astype(np.float32) * 100])
    assert_same(nf.encode(x, fmt), x.astype(ml).view(np.uint8), x, fmt)


def test_hifloat8_past_the_end() -> None:
    x = [40959.0, 40960.0, -40960.0, np.inf, np.nan, 2.0**-23, 2.0**-24]
    assert nf.encode(x, "hifloat8").tolist() == [0x6E, 0x6F, 0xEF, 0x6F, 0x80, 1, 0]
    assert nf.encode(x[:4], "hifloat8", overflow="saturate").tolist() == [0x6E, 0x6E, 0xEE, 0x6E]
    assert nf.encode(1e9, "hifloat8", rounding="toward_zero", overflow="ieee") == 0x6E
    assert nf.encode(1e9, "hifloat8", overflow="nan") == 0x80
    with pytest.raises(nf.FormatError, match="past the end of 'hifloat8'"):
        nf.encode(1e9, "hifloat8", overflow="raise")


def numbers(least: float = -1e3, most: float = 1e3) -> Any:
    return st.floats(least, most, width=32).map(lambda x: x + 0.0)


@st.composite
def random_codebooks(draw: st.DrawFn) -> nf.CodebookFormat:
    """Draw any set of up to 64 values with shuffled codes and sometimes limits of its own."""
    fractional = st.fractions(-10, 10, max_denominator=1000)
    values = draw(st.lists(st.one_of(numbers(), fractional), min_size=1, max_size=64, unique=True))
    values = sorted({Fraction(value) for value in values})
    bits = draw(st.integers(max(1, (len(values) - 1).bit_length()), 8))
    codes = draw(st.permutations(range(1 << bits)))
    fields: dict[str, Any] = {"values": tuple(values), "codes": tuple(codes[: len(values)])}
    spare = list(codes[len(values) :])
    if len(values) > 1 and draw(st.booleans()):
        inner = st.fractions(Fraction(1, 64), Fraction(63, 64), max_denominator=64)
        count = len(values) - 1
        ways = draw(st.lists(inner, min_size=count, max_size=count))
        fields["thresholds"] = tuple(
            a + (b - a) * way for (a, b), way in zip(itertools.pairwise(values), ways, strict=True)
        )
    if Fraction(0) in values and spare and draw(st.booleans()):
        fields["negative_zero"] = spare.pop()
        fields["keeps_minus_zero"] = draw(st.booleans())
    if spare and draw(st.booleans()):
        fields["nan"] = spare.pop()
    ties = draw(st.sampled_from([mode for mode in MODES if mode.startswith("nearest")]))
    return nf.CodebookFormat(name="drawn", bits=bits, ties=ties, **fields)


@given(fmt=random_codebooks(), mode=st.sampled_from([None, *MODES]), data=st.data())
def test_any_codebook_equals_exact(fmt: nf.CodebookFormat, mode: str | None, data: Any) -> None:
    x = data.draw(st.lists(numbers(-2e3, 2e3), max_size=20))
    near = [float(value) for value in (*fmt.values, *fmt.thresholds)]
    x = np.array([*x, *near, *np.nextafter(near, np.inf), -0.0, 0.0, np.inf, 1e308, -5e-324])
    options = {} if mode is None else {"rounding": mode}
    assert check_encode(x, fmt, **options) == x.size
    integers = np.array([2**63 + 1, 2**53 + 1, 3], np.uint64)
    want = [exact.encode(int(value), fmt, **options)[0] for value in integers]
    assert nf.encode(integers, fmt, **options).tolist() == want


@given(
    fmt=random_codebooks(),
    mode=st.sampled_from(STOCHASTIC),
    bits=st.sampled_from([1, 2, 8, 23, 52]),
    data=st.data(),
)
def test_any_codebook_is_drawn_as_exact_draws(
    fmt: nf.CodebookFormat, mode: str, bits: int, data: Any
) -> None:
    quarters = [float(a + (b - a) / 4) for a, b in itertools.pairwise(fmt.values)]
    drawn_too = data.draw(st.lists(numbers(-2e3, 2e3), max_size=12))
    x = np.array([*drawn_too, *quarters, 0.0, -0.0, 1.0, 1e300])
    random = data.draw(st.lists(st.integers(0, (1 << bits) - 1), min_size=x.size, max_size=x.size))
    want = [
        exact.encode(value, fmt, rounding=mode, draw=Draw(drawn, bits))[0]
        for value, drawn in zip(x.tolist(), random, strict=True)
    ]
    got = nf.encode(x, fmt, rounding=mode, random_bits=random, bits=bits)
    assert_same(got, np.array(want), x, fmt)


@pytest.mark.parametrize("mode", STOCHASTIC)
def test_hifloat8_and_integers_are_drawn_as_exact_draws(mode: str) -> None:
    x = np.array([1.0625, 3.3, 40000.0, 45000.0, -45000.0, 1e-7, -1e-7, 2.0**63])
    for drawn in (0, 1, 2, 3):
        want = [
            exact.encode(v, "hifloat8", rounding=mode, draw=Draw(drawn, 2))[0] for v in x.tolist()
        ]
        given_bits = {"rounding": mode, "random_bits": drawn, "bits": 2}
        assert nf.encode(x, "hifloat8", **given_bits).tolist() == want
        big = np.array([2**62 + 1, 13], np.int64)
        want = [
            exact.encode(int(v), "hifloat8", rounding=mode, draw=Draw(drawn, 2))[0] for v in big
        ]
        assert nf.encode(big, "hifloat8", **given_bits).tolist() == want


@given(
    bits=st.integers(2, 9),
    special=st.fractions(Fraction(1, 64), 3, max_denominator=64),
    data=st.data(),
)
def test_any_dint_equals_exact(bits: int, special: Fraction, data: Any) -> None:
    plus, minus = data.draw(st.permutations(range(1 << bits)))[:2]
    integers = {code: code - (code >> (bits - 1) << bits) for code in range(1 << bits)}
    kept = {value for code, value in integers.items() if code not in (plus, minus)}
    if special in kept or -special in kept:
        with pytest.raises(nf.FormatError, match="give each value once"):
            codebooks.dint(bits, special=special, positive_code=plus, negative_code=minus)
        return
    fmt = codebooks.dint(bits, special=special, positive_code=plus, negative_code=minus)
    want = {**integers, plus: special, minus: -special}
    assert fmt.readings() == want
    quarters = np.arange(-(4 << bits), 4 << bits) / 8
    x = np.concatenate([quarters, [float(special) / 2, float(special) + 0.25]])
    check_encode(x, fmt)
    for value in (Fraction(n, 4) for n in range(-8, 8)):
        code = nf.encode(float(value), fmt).item()
        distances = {c: abs(reading - value) for c, reading in want.items()}
        best = [c for c in distances if distances[c] == min(distances.values())]
        plain = [c for c in best if c not in (plus, minus)] or best
        even = [c for c in plain if want[c] % 2 == 0] or plain
        assert code in even


def test_builders_refuse_what_does_not_fit() -> None:
    wrong = [
        (lambda: codebooks.dint(17), "bits=17 is not an integer from 2 to 16"),
        (lambda: codebooks.dint(4, special=0), "special=0 is not positive"),
        (lambda: codebooks.dint(4, special=2), "give each value once"),
        (lambda: codebooks.dint(4, positive_code=16), "code 16 of the special pair"),
        (lambda: codebooks.power_of_two(4, threshold="cubic"), "threshold='cubic' is neither"),
        (lambda: codebooks.apot(4), "take 1 [+] 2n bits, as 5"),
        (lambda: codebooks.power_exponent(4, 1.5), "exponent=1.5 is not within 0 to 1"),
        (lambda: codebooks.power_exponent(4, math.nan), "exponent=nan is not a finite number"),
        (lambda: codebooks.quantile([1.0, 1.0], 2), "too few distinct values for 4 quantile"),
        (lambda: codebooks.quantile([], 2), "data must hold at least one number"),
        (lambda: codebooks.quantile([math.inf], 2), "all of them finite"),
        (lambda: codebooks.clip_float(2, 1, -1.0), "maximum=-1.0 is not positive"),
        (lambda: codebooks.clip_float(9, 9, 1.0), "bits=19 is not an integer from 2 to 12"),
        (lambda: codebooks.real_bits_fixed(13), "bit_depth=13 is not within 0 to 12"),
        (lambda: codebooks.k_hot(4, 0, 5), "ones=5 is not an integer from 1 to 4"),
        (lambda: codebooks.k_hot(4, 0, 1, count="hamming"), "count='hamming' is not one of"),
        (lambda: codebooks.asymmetric(nf.get("ulinear4"), 1, 1), "a codebook with a zero"),
        (lambda: codebooks.asymmetric(nf.get("nf4"), 1, 0), "negative=0 is not positive"),
    ]
    for call, message in wrong:
        with pytest.raises(nf.FormatError, match=message):
            call()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"values": (0, 1, 1)}, r"values\[1\] and values\[2\] are both 1.0; give each value once"),
        ({"values": (0, 2, 1)}, r"values\[2\]=1.0 is less than values\[1\]=2.0; sort them"),
        ({"values": (0, math.nan)}, r"values\[1\]=nan is not a finite number"),
        ({"values": (0, math.inf)}, r"values\[1\]=inf is not a finite number"),
        ({"values": (0, "x")}, r"values\[1\]='x' is not a finite number"),
        ({"values": ()}, "values is empty"),
        ({"bits": 0}, "bits=0 is out of range; a codebook has 1 to 16 bits"),
        ({"bits": 65}, "bits=65 is out of range"),
        ({"values": range(5)}, "code 4 is not an integer of 2 bits"),
        ({"codes": (1, 1)}, "code 0x1 stands for two things"),
        ({"codes": (1,)}, "1 codes for 2 values"),
        ({"codes": (1, 2.0)}, "code 2.0 is not an integer"),
        ({"thresholds": (2,)}, r"thresholds\[0\]=2.0 is not between its values 0.0 and 1.0"),
        ({"thresholds": (0.1, 0.2)}, "2 thresholds for 2 values"),
        ({"nan": 0}, "code 0x0 stands for two things"),
        ({"negative_zero": 3, "values": (1, 2)}, "negative_zero needs the value 0"),
        ({"ties": "toward_zero"}, "ties='toward_zero' is not a nearest mode"),
        ({"ties": "nearest"}, "ties='nearest' is not one of"),
    ],
)
def test_sets_that_do_not_fit_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        nf.CodebookFormat(**({"name": "bad", "bits": 2, "values": (0, 1)} | fields))


def test_values_without_a_code_are_named() -> None:
    with pytest.raises(nf.FormatError, match=r"x\[1\] is NaN and 'nf4' has no NaN; pass nan=0.0"):
        nf.encode([0.0, math.nan], "nf4")
    assert nf.encode([0.0, math.nan], "nf4", nan=0.0).tolist() == [7, 7]
    with pytest.raises(nf.FormatError, match=r"x = 1\.5 is past the end of 'nf4'"):
        nf.encode(1.5, "nf4", overflow="raise")
    with pytest.raises(nf.FormatError, match=r"codes\[1\] is 0x3, a code of 'ternary' that stands"):
        nf.decode([0, 3], "ternary")
    for mode in ("to_odd", "jam"):
        with pytest.raises(nf.FormatError, match=f"rounding='{mode}' is not for 'nf4'"):
            nf.encode(0.1, "nf4", rounding=mode)
    with pytest.raises(nf.FormatError, match="overflow='wrap' is not for 'nf4'; it takes"):
        nf.encode(0.1, "nf4", overflow="wrap")
    with pytest.raises(nf.FormatError, match="return_flags: 'nf4' has none"):
        nf.encode(0.1, "nf4", return_flags=True)


def test_the_clipping_float_is_the_papers_formula() -> None:
    """The paper has q = s * round(x/s), s = 2**(t-m-b), t = max(floor(log2|x| + b), 1)."""
    for e, m, c in ((2, 1, 1.5), (3, 2, 0.7), (4, 3, 448.0), (1, 2, 3.0), (2, 3, 1e-3)):
        fmt = codebooks.clip_float(e, m, c)
        b = 2**e - math.log2(c) + math.log2(2 - 2.0**-m) - 1
        x = np.clip(np.random.default_rng(e).normal(size=5000) * c / 2, -c, c)
        t = np.maximum(np.floor(np.log2(np.abs(x)) + b), 1)
        s = 2.0 ** (t - m - b)
        want = s * np.round(x / s)
        got = nf.round(x, fmt)
        assert (np.abs(got - want) <= np.abs(want) * 1e-13).all()  # their log2 and exp2 round
        assert nf.finfo(fmt).max == c


def test_the_same_real_bias_is_the_same_float() -> None:
    a, b = codebooks.clip_float(3, 2, 14.0), codebooks.real_bias_float(3, 2, 4)
    assert a.values == b.values
    assert a.codes == b.codes
    values = nf.decode(np.arange(64), "e3m2_finite_b4")
    assert nf.decode(np.arange(64), b).tolist() == values.tolist()
    x = np.random.default_rng(1).normal(size=3000) * 5
    assert (nf.encode(x, b) == nf.encode(x, "e3m2_finite_b4")).all()


def test_real_bits_fixed_is_the_papers_formula() -> None:
    x = np.random.default_rng(2).normal(size=4000) * 8
    for depth, exponent in ((4.0, 0), (3.3, -1), (2.5, 2), (0.0, 0), (0.5, 0), (7.9, -3)):
        low, high = -(2 ** (depth - 1)), 2 ** (depth - 1) - 1
        want = 2.0**exponent * np.round(np.minimum(np.maximum(x / 2.0**exponent, low), high))
        fmt = codebooks.real_bits_fixed(depth, exponent)
        assert (nf.round(x, fmt) == want).all(), (depth, exponent)
    assert nf.round(3.0, codebooks.real_bits_fixed(4, 0.5)) == float(2 * 2**0.5)


@pytest.mark.parametrize("count", ["twos_complement", "sign_magnitude", "canonical_signed_digit"])
@pytest.mark.parametrize(("bits", "ones"), [(4, 1), (6, 2), (8, 3), (8, 8)])
def test_k_hot_numbers_are_the_nearest_ones(bits: int, ones: int, count: str) -> None:
    fmt = codebooks.k_hot(bits, 2, ones, count=count)

    def digits(integer: int) -> int:
        if count == "twos_complement":
            return bin(integer % (1 << bits)).count("1")
        if count == "sign_magnitude":
            return bin(abs(integer)).count("1")
        n, found = abs(integer), 0
        while n:  # the signed form without neighbours, digit by digit
            if n & 1:
                n -= 2 - (n & 3)
                found += 1
            n >>= 1
        return found

    half = 1 << (bits - 1)
    allowed = [n for n in range(-half, half) if digits(n) <= ones]
    assert list(fmt.values) == [Fraction(n, 4) for n in allowed]
    for n in range(-half, half):
        got = nf.round(n / 4, fmt).item() * 4
        nearest = min(abs(n - a) for a in allowed)
        assert abs(got - n) == nearest
        assert nf.decode(n % (1 << bits), fmt) == n / 4


def test_power_of_two_limits_and_power_sets() -> None:
    linear, logarithmic = (
        codebooks.power_of_two(4, threshold=t) for t in ("linear", "logarithmic")
    )
    root = 2**-0.5
    x = [0.75, np.nextafter(0.75, 1), root, np.nextafter(root, 0), 2.0**-7, 0.0]
    assert nf.round(x, linear).tolist() == [1.0, 1.0, 0.5, 0.5, 2.0**-6, 0.0]
    assert nf.round(x, logarithmic).tolist() == [1.0, 1.0, 1.0, 0.5, 0.0, 0.0]
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(80):
        for bits, a in ((4, Fraction(1, 2)), (4, 0.3), (6, 0.77)):
            fmt = codebooks.power_exponent(bits, a)
            top = (1 << (bits - 1)) - 1
            power = 1 / mpmath.mpf(Fraction(a).numerator) * Fraction(a).denominator
            for q in range(1, top + 1):
                value = (mpmath.mpf(q) / top) ** power
                limit = ((mpmath.mpf(2 * q - 1)) / (2 * top)) ** power
                assert nf.decode(q, fmt) == float(value)
                near = float(limit)
                for x in (near, math.nextafter(near, 0), math.nextafter(near, 1)):
                    if mpmath.mpf(x) != limit:
                        assert nf.encode(x, fmt) == q - (mpmath.mpf(x) < limit)


def test_apot_levels_are_sums_of_powers() -> None:
    fmt = codebooks.apot(5)
    first, second = [0, 1, 2**-2, 2**-4], [0, 2**-1, 2**-3, 2**-5]
    sums = sorted({a + b for a in first for b in second})
    assert [value for value in fmt.values if value >= 0] == [
        Fraction(s) / Fraction(3, 2) for s in sums
    ]
    assert nf.decode(0b00110, fmt) == float(
        Fraction(first[1] + Fraction(second[2])) / Fraction(3, 2)
    )


def test_quantile_maps_split_the_data_evenly() -> None:
    data = np.random.default_rng(4).normal(size=100_000)
    fmt = codebooks.quantile(data, 4)
    codes = nf.encode(data / np.abs(data).max() * 1.0, fmt)
    assert nf.finfo(fmt).max == 1.0 or nf.finfo(fmt).min == -1.0
    assert np.unique(codes).size > 4
    assert list(fmt.values) == sorted(fmt.values)


@given(x=st.floats(-3, 3), positive=st.floats(0.01, 5), negative=st.floats(0.01, 5))
def test_asymmetric_halves_are_scaled_apart(x: float, positive: float, negative: float) -> None:
    base = nf.get("nf3")
    fmt = codebooks.asymmetric(base, positive, negative)
    scale = Fraction(positive if x >= 0 else negative)
    limits = [limit * scale for limit in base.thresholds if (limit >= 0) == (x >= 0)]
    first = sum(limit < 0 for limit in base.thresholds) if x >= 0 else 0
    assert nf.encode(x, fmt) == first + bisect.bisect_right(limits, Fraction(x))


@pytest.mark.parametrize("target", ["e4m3", "binary32", "posit16", "int8", "nf4", "lns16_10"])
@pytest.mark.parametrize("name", ["nf4", "apot5_2", "mantissa8", "hifloat8", "fp4_bnb", "dint4"])
def test_codes_convert_with_one_rounding(name: str, target: str) -> None:
    fmt = nf.get(name)
    codes = used_codes(fmt)
    for mode in ("nearest_even", "toward_zero", "away_from_zero"):
        options = {"rounding": mode, "overflow": "saturate", "nan": 0}
        want = [exact.convert(code, fmt, target, **options)[0] for code in codes]
        assert nf.convert(codes, fmt, target, **options).tolist() == want


@pytest.mark.parametrize("source", ["binary64", "posit64", "Binary16p2se", "int64", "takum40"])
def test_other_codes_convert_into_sets_with_one_rounding(source: str) -> None:
    bits = nf.get(source).bits
    codes = np.random.default_rng(7).integers(0, 1 << 63, 300, np.uint64) >> np.uint64(
        max(63 - bits, 0)
    )
    for target in ("nf4", "hifloat8", "apot5_2"):
        options = {"overflow": "saturate", "nan": 0}
        want = [exact.convert(int(code), source, target, **options)[0] for code in codes]
        assert nf.convert(codes, source, target, **options).tolist() == want


def test_sets_are_registered_hashed_and_described() -> None:
    fmt = nf.register(nf.CodebookFormat(name="ours3", bits=2, values=(-1, 0, 0.3, 4)))
    try:
        assert nf.encode([0.2, 9.0], "OURS3").tolist() == [2, 3]
        assert nf.get("ours3") == nf.CodebookFormat(name="ours3", bits=2, values=(-1, 0, 0.3, 4))
        assert nf.get("ours3") != nf.CodebookFormat(name="ours3", bits=2, values=(-1, 0, 0.3, 5))
        assert fmt.to_dict()["values"][:2] == ["-1", "0"]
        assert nf.finfo(fmt).overflow == "saturate"
        with pytest.raises(nf.FormatError, match="already stands for"):
            nf.register(nf.CodebookFormat(name="ours3", bits=2, values=(-1, 0, 0.3, 5)))
    finally:
        nf.unregister("ours3")


def test_subnormal_inputs_are_flushed_where_asked() -> None:
    for dtype, tiny in ((np.float16, 6e-5), (np.float32, 1e-40), (np.float64, 1e-310)):
        x = np.array([tiny, -tiny, 0.5], dtype)
        for name in ("nf4", "lns32_23", "flint4"):
            options = {"rounding": "away_from_zero"}
            zero = np.array([0.0, -0.0, 0.5])
            kept = nf.encode(x, name, **options).tolist()
            flushed = nf.encode(x, name, flush_inputs=True, **options).tolist()
            assert flushed == nf.encode(zero, name, **options).tolist()
            assert flushed[0] != kept[0]
    codes = np.array([0x8001, 0x0400, 0x8400])
    for name in ("nf4", "lns32_23"):
        for source in ("binary16", "e5m58_ieee"):
            wide = codes.astype(np.uint64) << np.uint64(48 if source != "binary16" else 0)
            options = {"rounding": "away_from_zero", "flush_inputs": True}
            want = [exact.convert(int(code), source, name, **options)[0] for code in wide]
            assert nf.convert(wide, source, name, **options).tolist() == want


def test_integers_of_64_bits_are_taken_exactly_and_fast_where_they_are_small() -> None:
    small = np.arange(-20, 20, dtype=np.int64)
    assert nf.encode(small, "flint4").tolist() == nf.encode(small.astype(float), "flint4").tolist()
    near = nf.CodebookFormat(name="near", bits=1, values=(2**60, 2**60 + 2), ties="nearest_up")
    large = np.array([2**60, 2**60 + 1, 2**60 + 2], np.int64)
    assert nf.encode(large, near).tolist() == [0, 1, 1]
    assert nf.encode(np.zeros(0, np.int64), near).size == 0


def test_large_powers_of_two_are_exact_wherever_they_go() -> None:
    fmt = nf.CodebookFormat(name="large", bits=2, values=(0, Fraction(1, 3), 2**100, 3 * 2**101))
    kind, _, exponent, significand = nf.unpack([1, 2], codebooks.real_bits_fixed(3, 100))
    assert (significand.tolist(), exponent.tolist()) == ([1, 1], [100, 101])
    for mode in ("toward_positive", "to_odd", "nearest_even"):
        assert nf.convert([2, 3], fmt, "binary32", rounding=mode).tolist() == [
            np.float32(value).view(np.uint32) for value in (2.0**100, 3 * 2.0**101)
        ]
        assert nf.convert([64 << 7], "lns16_7", "binary32", rounding=mode) == 0x5F800000
        want = nf.encode(2.0**241, "posit64", rounding=mode)
        assert nf.convert(964, "lns12_2", "posit64", rounding=mode) == want
    assert nf.convert([64 << 7], "lns16_7", "binary32", return_flags=True)[1] == 0
    assert kind.tolist() == [nf.Kind.NORMAL] * 2


def test_sets_of_16_bits_are_drawn_exactly() -> None:
    wide = nf.CodebookFormat(name="wide", bits=16, values=range(65536))
    x = [2048.5, 2048.25, 4095.25, 40000.5, 65534.75]
    for bits, random in ((52, 2**52 - 1), (52, 0), (50, 1 << 49), (8, 200)):
        want = [
            exact.encode(v, wide, rounding="stochastic_a", draw=Draw(random, bits))[0] for v in x
        ]
        got = nf.encode(x, wide, rounding="stochastic_a", random_bits=random, bits=bits)
        assert got.tolist() == want


def test_clamping_at_a_zero_end_is_not_rounding_to_zero() -> None:
    ends = {"codes": (0, 1), "negative_zero": 7, "bits": 3, "values": (0, 1)}
    fmt = nf.CodebookFormat(name="end", beyond=2, **ends)
    for mode in ("nearest_down", "toward_zero", "stochastic_a"):
        for random in (0, 255):
            given_bits = {"random_bits": random} if mode == "stochastic_a" else {}
            draw = {"draw": Draw(random, 8)} if given_bits else {}
            for x in (-0.5, -1.5, -2.5, -0.0):
                want, _ = exact.encode(x, fmt, rounding=mode, **draw)
                assert nf.encode(x, fmt, rounding=mode, **given_bits) == want, (x, mode, random)
    assert nf.encode([-0.1, -0.0], nf.CodebookFormat(name="end", **ends)).tolist() == [0, 7]


def test_asymmetric_sets_keep_all_that_their_base_has() -> None:
    fmt = codebooks.asymmetric(nf.get("dint4"), 1, 1)
    assert nf.encode(0.75, fmt, rounding="nearest_even") == nf.encode(0.75, "dint4")
    with pytest.raises(nf.FormatError, match="nothing beyond its ends"):
        codebooks.asymmetric(nf.get("hifloat8"), 1, 1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"values": None}, "values=None is not a sequence of numbers"),
        ({"values": "012"}, "values='012' is not a sequence of numbers"),
        ({"values": (10**400, 0)}, r"values\[1\]=0.0 is less than values\[0\]="),
        ({"codes": None}, "codes=None is not a sequence of integers"),
        ({"ranks": ("a", 3)}, "ranks: rank 'a' is not an integer"),
        ({"infinities": (2,)}, r"infinities=\(2,\) is not two codes"),
        ({"infinities": 2}, "infinities=2 is not a sequence"),
        ({"read_only": (3,)}, "read_only is not a sequence of"),
        ({"read_only": ((3, math.nan),)}, r"read_only\[0\]=nan is not a finite number"),
        ({"overflow": "infinity"}, "overflow='infinity' needs what the set does not have"),
        ({"overflow": "nan"}, "overflow='nan' needs what the set does not have"),
        ({"overflow": "wrap"}, "overflow='wrap' needs what the set does not have"),
        ({"beyond": 0.5}, "beyond=0.5 is not past the largest magnitude"),
        ({"beyond": -3}, "beyond=-3.0 is not past the largest magnitude"),
    ],
)
def test_more_sets_that_do_not_fit_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        nf.CodebookFormat(**({"name": "bad", "bits": 2, "values": (0, 1)} | fields))


def test_more_parameters_that_do_not_fit_are_refused() -> None:
    wrong = [
        (lambda: codebooks.dint(4, positive_code=1, negative_code=1), "are both 1; each has its"),
        (lambda: codebooks.dint(4, ties="foo"), "ties='foo' is not one of"),
        (lambda: codebooks.quantile(["a"], 1), "data cannot be read as an array of numbers"),
        (lambda: codebooks.quantile([-1.7e308, 1.7e308, 1e308], 2), "data is too large"),
        (lambda: codebooks.clip_float(1.5, 1, 1.0), "exponent_bits=1.5 is not an integer"),
        (lambda: codebooks.k_hot(4, 10**9, 1), "fraction_bits=1000000000 is not an integer from"),
        (lambda: codebooks.power_exponent(4, 5e-324), "is out of reach; take an exponent nearer"),
        (lambda: codebooks.real_bits_fixed(4, 1e6 + 0.5), "is out of reach"),
        (lambda: codebooks.apot(2, term_bits=2), "take 1 [+] 2n bits, as 3"),
    ]
    for call, message in wrong:
        with pytest.raises(nf.FormatError, match=message):
            call()
    assert codebooks.dint(np.int64(4)) == nf.get("dint4")
    assert len(codebooks.apot(13).values) == 8191


def test_values_that_float64_cannot_come_near_are_not_decoded() -> None:
    tiny = nf.CodebookFormat(name="tiny", bits=2, values=(0, Fraction(1, 10**400), 1))
    with pytest.raises(nf.FormatError, match=r"values that float64 does not; use numfmt\.exact"):
        nf.decode([1], tiny)
    huge = nf.CodebookFormat(name="huge", bits=1, values=(0, 10**400))
    assert nf.finfo(huge).max == 10**400
    assert nf.encode(1e308, huge) == 0
    assert len(repr(nf.get("dynamic8"))) < 100


@pytest.mark.parametrize(
    ("name", "codes", "table"),
    [
        (
            "af4",
            range(15, -1, -1),
            "-1 -0.69441008 -0.51243739 -0.3736951 -0.25607552 -0.14982478 -0.04934812 0 "
            "0.04273164 0.12934483 0.21961274 0.31675666 0.42563882 0.55496234 0.72424863 1",
        ),
        (
            "nf3",
            range(8),
            "-1 -0.5350227355957031 -0.2469314038753510 0 0.1833375245332718 0.3819939494132996 "
            "0.6229856610298157 1",
        ),
    ],
)
def test_more_published_values(name: str, codes: Any, table: str) -> None:
    want = np.array(table.split(), np.float32)
    assert nf.decode(list(codes), name, dtype="float32").tolist() == want.tolist()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        (
            "nf4",
            "-0.8480964004993439 -0.6106329262256622 -0.4599952697753906 -0.33967943489551544 "
            "-0.23460740596055984 -0.13791173323988914 -0.045525018125772476 0.03979014977812767 "
            "0.1202552504837513 0.2035212516784668 0.2920137718319893 0.3893125355243683 "
            "0.5016634166240692 0.6427869200706482 0.8614784181118011",
        ),
        (
            "nf3",
            "-0.7675113677978516 -0.39097706973552704 -0.1234657019376755 0.0916687622666359 "
            "0.2826657369732857 0.5024898052215576 0.8114928305149078",
        ),
        ("fp4_bnb", ".00260417 .0859375 .20833333 .29166667 .4166667 .583333 .8333333"),
    ],
)
def test_published_limits_are_where_codes_change(name: str, table: str) -> None:
    limits = np.array(table.split(), np.float32)
    on, above = (nf.round(x, name) for x in (limits, np.nextafter(limits, np.float32(2))))
    below = nf.round(np.nextafter(limits, np.float32(-2)), name)
    assert (below < above).all()
    assert (on == (above if name == "nf3" else below)).all()

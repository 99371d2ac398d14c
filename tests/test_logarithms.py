"""LNS and logarithmic takums: against certified logarithms, and against mpmath."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from laws import assert_same, check_encode
from numfmt import exact, logarithms
from numfmt.families import reals
from numfmt.families.logarithmic import LogarithmicFormat
from numfmt.kernels import logarithms as kernel
from points import used_codes

mpmath = pytest.importorskip("mpmath")

MODES = [mode.value for mode in nf.Rounding if not mode.stochastic]
SMALL = ("lns8_3", "lns8_4", "lns4_0", "lns3_1", "takum8_log", "takum9_log")
MIDDLE = ("lns12_6", "lns16_10", "takum12_log", "takum16_log")
WIDE = ("lns32_23", "takum32_log", "takum24_log", "lns24_20")


def power(logarithm: Fraction, fmt: LogarithmicFormat) -> "mpmath.mpf":
    """Return base**logarithm to the working precision of mpmath."""
    exponent = mpmath.mpf(logarithm.numerator) / logarithm.denominator
    return mpmath.power(2, exponent) if fmt.base == "2" else mpmath.exp(exponent / 2)


def nearest(logarithm: Fraction, fmt: LogarithmicFormat) -> float:
    """Return the float64 nearest to a power, as mpmath has it."""
    with mpmath.workprec(200):
        return float(power(logarithm, fmt))


def ladder(fmt: LogarithmicFormat, every: int = 1) -> np.ndarray:
    """Return values and limits between them as floats, the floats beside them, and extremes."""
    ordinals = range(1, fmt.largest_ordinal, every)
    logs = [fmt.logarithm(k) for k in ordinals]
    logs += [(fmt.logarithm(k) + fmt.logarithm(k + 1)) / 2 for k in ordinals]
    base = np.array([nearest(logarithm, fmt) for logarithm in logs])
    ends = [1.0, 2.0, 0.5, 1e300, 1e-300, 5e-324, 2.0**-1030, 1.7e308, np.inf, 0.0]
    x = np.concatenate([base, np.nextafter(base, np.inf), np.nextafter(base, 0), ends])
    return np.concatenate([x, -x])


@pytest.mark.fast
@pytest.mark.parametrize("name", ["lns4_0", "lns3_1", "takum6_log"])
def test_corners_equal_exact_without_the_compiler(name: str) -> None:
    fmt = nf.get(name)
    for mode in ("nearest_even", "toward_positive", "away_from_zero", "to_odd", "jam"):
        x = ladder(fmt, every=max(1, fmt.largest_ordinal // 12))
        assert check_encode(x, fmt, rounding=mode) == x.size


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SMALL)
def test_every_limit_equals_exact_in_every_mode(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = ladder(fmt)
    assert check_encode(x, fmt, rounding=mode) == x.size


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [*MIDDLE, *WIDE])
def test_samples_equal_exact_in_every_mode(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = ladder(fmt, every=fmt.largest_ordinal // 37)
    assert check_encode(x, fmt, rounding=mode) == x.size


@pytest.mark.parametrize("name", [*SMALL, *MIDDLE])
def test_every_code_is_the_nearest_float_and_comes_back(name: str) -> None:
    fmt = nf.get(name)
    codes = np.arange(1 << fmt.bits)
    values = nf.decode(codes, fmt)
    kind, sign, numerator, scale = nf.unpack(codes, fmt)
    for code in range(1 << fmt.bits):
        datum = exact.decode_power(code, fmt)
        assert (kind[code], sign[code]) == (datum.kind, datum.sign)
        if datum.kind is nf.Kind.NORMAL:
            assert Fraction(int(numerator[code]), 1 << scale) == datum.logarithm
            want = nearest(datum.logarithm, fmt)
            assert values[code] == (-want if datum.sign else want), hex(code)
        else:
            assert values[code] == 0 or math.isnan(values[code])
    finite = codes[~np.isnan(values)]
    assert (nf.encode(values[finite], fmt) == finite).all()
    few = np.array([nf.decode(code, fmt) for code in finite[:30]])
    assert few.tolist() == values[finite][:30].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("bits", [10, 11, 13, 14, 15])
def test_other_logarithmic_takums_are_the_nearest_floats(bits: int) -> None:
    test_every_code_is_the_nearest_float_and_comes_back(f"takum{bits}_log")
    test_every_limit_rounds_as_mpmath_says(f"takum{bits}_log")


@pytest.mark.parametrize("name", MIDDLE)
def test_every_limit_rounds_as_mpmath_says(name: str) -> None:
    """No witness of ours: a float beside every limit, compared at 120 bits."""
    fmt = nf.get(name)
    ordinals = np.arange(1, fmt.largest_ordinal)
    limits, signs = [], []
    with mpmath.workprec(120):
        for k in ordinals.tolist():
            limit = power((fmt.logarithm(k) + fmt.logarithm(k + 1)) / 2, fmt)
            limits.append(float(limit))
            signs.append(mpmath.mpf(limits[-1]) > limit)
    x = np.array(limits)
    codes = [fmt.code_of_ordinal(k + up) for k, up in zip(ordinals.tolist(), signs, strict=True)]
    assert_same(nf.encode(x, fmt), np.array(codes), x, fmt)
    lower = np.nextafter(x, 0)
    want = np.array([fmt.code_of_ordinal(k) for k in ordinals.tolist()])
    assert_same(nf.encode(lower, fmt), want, lower, fmt)
    upper = np.nextafter(x, np.inf)
    want = np.array([fmt.code_of_ordinal(k + 1) for k in ordinals.tolist()])
    assert_same(nf.encode(upper, fmt), want, upper, fmt)


@pytest.mark.parametrize("name", WIDE)
def test_wide_codes_are_the_nearest_floats_and_come_back(name: str) -> None:
    fmt = nf.get(name)
    codes = np.random.default_rng(3).integers(0, 1 << fmt.bits, 3000, np.uint64)
    values = nf.decode(codes, fmt)
    for code, value in zip(codes.tolist(), values.tolist(), strict=True):
        datum = exact.decode_power(code, fmt)
        assert abs(value) == nearest(datum.logarithm, fmt)
    assert (nf.encode(values, fmt) == codes).all()


@given(
    bits=st.integers(6, 32),
    mode=st.sampled_from(MODES),
    x=st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_logarithmic_takum_equals_exact(bits: int, mode: str, x: float) -> None:
    fmt = nf.LogTakumFormat(name="drawn", bits=bits)
    want, _ = exact.encode(x, fmt, rounding=mode)
    assert int(nf.encode(x, fmt, rounding=mode)) == want


@given(data=st.data(), bits=st.integers(3, 32), mode=st.sampled_from(MODES))
def test_any_lns_equals_exact(data: st.DataObject, bits: int, mode: str) -> None:
    digits = data.draw(st.integers(max(0, bits - 17), bits - 2))
    fmt = nf.LnsFormat(name="drawn", bits=bits, fraction_bits=digits)
    x = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    integer = data.draw(st.integers(-(1 << 63), (1 << 63) - 1))
    for value in (x, integer):
        want, _ = exact.encode(value, fmt, rounding=mode)
        assert int(nf.encode(np.array([value]), fmt, rounding=mode)[0]) == want


def test_what_the_pairs_cannot_decide_is_worked_out_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fmt = nf.get("takum12_log")
    x = ladder(fmt, every=90)
    want = nf.encode(x, fmt)
    sound: Callable[..., None] = kernel.passes
    decided = []

    def undecided(*arrays: np.ndarray) -> None:
        sound(*arrays)
        decided.append(arrays[-1].size)
        arrays[-1][::2] = 2

    monkeypatch.setattr(kernel, "passes", undecided)
    assert (nf.encode(x, fmt) == want).all()
    assert sum(decided) > 200


def test_pairs_are_as_near_as_they_promise() -> None:
    rng = np.random.default_rng(11)
    for name in ("lns32_23", "takum32_log"):
        fmt = nf.get(name)
        digits = fmt.digits + 1
        whole = 200 << digits
        numerators = rng.integers(-whole, whole, 4000)
        highs, lows, exponents = logarithms.powers_of(numerators, digits, fmt)
        worst = 0
        with mpmath.workprec(200):
            for n, high, low, e in zip(numerators.tolist(), highs, lows, exponents, strict=True):
                want = power(Fraction(n, 1 << digits), fmt)
                got = (mpmath.mpf(high) + mpmath.mpf(low)) * mpmath.mpf(2) ** int(e)
                worst = max(worst, abs(got / want - 1))
        assert ((highs >= 1) & (highs < 2)).all()
        assert worst < kernel.DOUBT / 4


@given(
    base=st.fractions(Fraction(1, 100), 100, max_denominator=1000),
    exponent=st.fractions(-20, 20, max_denominator=1 << 20),
)
def test_certified_powers_hold_the_powers(base: Fraction, exponent: Fraction) -> None:
    with mpmath.workprec(500):
        want = mpmath.power(
            mpmath.mpf(base.numerator) / base.denominator,
            mpmath.mpf(exponent.numerator) / exponent.denominator,
        )
        natural = mpmath.exp(mpmath.mpf(exponent.numerator) / exponent.denominator)
        for value, start in ((want, base), (natural, None)):
            for digits in (40, 150):
                low, high = reals.power(start, exponent, digits).ends
                assert mpmath.mpf(low.numerator) / low.denominator <= value
                assert value <= mpmath.mpf(high.numerator) / high.denominator
                if value < 1 << 60:
                    assert high - low <= Fraction(4, 1 << digits) * max(1, high)
        low, high = reals.log(base, 100).ends
        logarithm = mpmath.log(mpmath.mpf(base.numerator) / base.denominator)
        assert mpmath.mpf(low.numerator) / low.denominator <= logarithm
        assert logarithm <= mpmath.mpf(high.numerator) / high.denominator
    near = reals.real(base, exponent)
    assert reals.compare(near, base, exponent) in (-1, 0)
    assert reals.nearest_float(base, exponent) == float(want)


def test_published_extremes() -> None:
    assert nf.finfo("takum8_log").max == 7.9102568855669153e51
    assert nf.finfo("lns8_3").max == nearest(Fraction(63, 8), nf.get("lns8_3"))
    assert nf.finfo("lns8_3").code_of_zero == 0x40
    assert nf.finfo("lns8_3").nan_codes == (0xC0,)
    assert nf.finfo("lns8_3").code_of_one == 0
    assert nf.finfo("takum16_log").code_of_one == 0x4000
    assert nf.finfo("lns20_3").max > 10**4000


def test_clamping_infinity_and_nan() -> None:
    for name in ("lns8_3", "takum16_log", "lns32_23"):
        info = nf.finfo(name)
        x = [1e308, -1e308, 5e-324, -5e-324, np.inf, np.nan, 0.0, -0.0]
        if name == "takum16_log":
            assert nf.encode(x[:4], name).tolist() == [0x7FFF, 0x8001, 1, 0xFFFF]
        assert nf.encode(x[4:6], name).tolist() == [info.nan_codes[0]] * 2
        assert nf.encode(x[6:], name).tolist() == [info.code_of_zero] * 2
        assert nf.encode(np.inf, name, overflow="saturate") == info.code_of_max
        assert nf.encode(-np.inf, name, overflow="saturate_propagate") == info.code_of_min
        assert nf.encode(np.nan, name, nan=3) == 3


def test_every_rounding_keeps_order_and_values() -> None:
    x = np.sort(np.random.default_rng(5).normal(size=4000) * 10.0 ** np.arange(-20, 20).repeat(100))
    for name in ("lns16_10", "takum16_log"):
        for mode in MODES:
            places = nf.ordinal(nf.encode(x, name, rounding=mode), name)
            assert (np.diff(places) >= 0).all()
        codes = nf.encode(x, name)
        assert (nf.encode(nf.decode(codes, name), name) == codes).all()
        down = nf.ordinal(nf.encode(x, name, rounding="toward_negative"), name)
        up = nf.ordinal(nf.encode(x, name, rounding="toward_positive"), name)
        assert (up - down <= 1).all()


@pytest.mark.parametrize("mode", ["nearest_even", "nearest_away", "toward_zero", "to_odd", "jam"])
def test_logarithms_convert_with_one_rounding(mode: str) -> None:
    """Same base: the rational logarithm is rounded, ties and all."""
    codes = np.arange(1 << 12)
    fmt = nf.get("lns12_6")
    got = nf.convert(codes, fmt, "lns11_5", rounding=mode)
    for code in codes.tolist():
        datum = exact.decode_power(code, fmt)
        if datum.kind is not nf.Kind.NORMAL:
            continue
        scaled = datum.logarithm * 32
        low = math.floor(scaled)
        rest = scaled - low
        even = (low + (1 << 9)) % 2 == 0
        away = {
            "nearest_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and not even),
            "nearest_away": rest >= Fraction(1, 2),
            "toward_zero": False,
            "to_odd": rest > 0 and even,
            "jam": even,
        }[mode]
        target = nf.get("lns11_5")
        k = min(max(low + away + (1 << 9), 1), target.largest_ordinal)
        assert got[code] == target.code_of_ordinal(k, datum.sign), hex(code)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("lns12_6", "takum12_log"),
        ("takum12_log", "lns12_6"),
        ("lns8_3", "e4m3"),
        ("takum8_log", "binary32"),
        ("lns8_4", "posit16"),
        ("takum9_log", "nf4"),
        ("lns20_3", "int16"),
    ],
)
def test_powers_convert_as_mpmath_says(source: str, target: str) -> None:
    fmt = nf.get(source)
    codes = np.random.default_rng(1).integers(0, 1 << fmt.bits, 400)
    options = {"overflow": "saturate", "nan": 0}
    got = nf.convert(codes, source, target, **options)
    for code, found in zip(codes.tolist(), got.tolist(), strict=True):
        datum = exact.decode_power(code, fmt)
        if datum.kind is not nf.Kind.NORMAL or abs(datum.logarithm) > 2000:
            continue
        with mpmath.workprec(300):
            mantissa, exponent = mpmath.frexp(power(datum.logarithm, fmt))
            number = Fraction(int(mpmath.floor(mpmath.ldexp(mantissa, 280))), 1 << 280)
        number *= Fraction(2) ** exponent * (-1 if datum.sign else 1)
        assert found == exact.encode(number, target, **options)[0], hex(code)


def test_what_means_nothing_is_refused() -> None:
    for mode in ("stochastic_a", "stochastic_c_odd"):
        with pytest.raises(nf.FormatError, match=f"rounding='{mode}' is not for 'takum16_log'"):
            nf.encode(1.5, "takum16_log", rounding=mode, rng=1)
        with pytest.raises(nf.FormatError, match=f"rounding='{mode}'"):
            exact.encode(1.5, "takum16_log", rounding=mode, draw=exact.Draw(1, 8))
    with pytest.raises(nf.FormatError, match="overflow='nan' is not for 'lns8_3'; it takes"):
        nf.encode(1.5, "lns8_3", overflow="nan")
    with pytest.raises(nf.FormatError, match="'lns8_3' has values that float32 does not"):
        nf.decode(0, "lns8_3", dtype="float32")
    with pytest.raises(nf.FormatError, match="'lns20_3' has values that float64 does not"):
        nf.decode(0, "lns20_3")
    with pytest.raises(nf.FormatError, match=r"irrational; numfmt\.exact\.decode_power gives"):
        exact.decode(1, "lns8_3")
    with pytest.raises(nf.FormatError, match=r"holds no logarithms; use numfmt\.exact\.decode"):
        exact.decode_power(1, "posit8")
    with pytest.raises(nf.FormatError, match=r"codes is 0xc0 of 'lns8_3', which has no ordinal"):
        nf.ordinal(0xC0, "lns8_3")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lns33_3", "bits=33 is out of range; an LNS has 3 to 32 bits"),
        ("lns8_7", "fraction_bits=7 is out of range; with 8 bits the logarithm takes 0 to 6"),
        ("lns32_2", "with 32 bits the logarithm takes 15 to 30"),
        ("takum5_log", "bits=5 is out of range; a logarithmic takum has 6 to 32"),
    ],
)
def test_formats_that_do_not_fit_are_refused(name: str, message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        nf.get(name)


def test_unpacked_logarithms_of_any_shape() -> None:
    fields = nf.unpack(np.array([[0x40, 0xC0], [0x01, 0x81]]), "lns8_3")
    assert fields.kind.tolist() == [[0, 4], [2, 2]]
    assert fields.sign.tolist() == [[0, 0], [0, 1]]
    assert fields.numerator.tolist() == [[0, 0], [1, 1]]
    assert fields.scale == 3
    assert len(used_codes(nf.get("lns8_3"))) == 256


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["lns8_3", "lns16_10", "takum16_log", "takum9_log", "lns4_0"])
def test_large_arrays_get_the_same_codes_through_a_table(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = np.append(ladder(fmt, every=max(1, fmt.largest_ordinal // 300)), [np.nan, -np.nan, 3e-310])
    many = np.resize(x, max(x.size, logarithms.TABLE))
    want = nf.encode(x[: logarithms.TABLE - 1], fmt, rounding=mode)
    assert (nf.encode(many, fmt, rounding=mode)[: want.size] == want).all()
    options = {"rounding": mode, "overflow": "saturate", "nan": 1}
    want = nf.encode(x[: logarithms.TABLE - 1], fmt, **options)
    assert (nf.encode(many, fmt, **options)[: want.size] == want).all()


def test_wrapping_refuses_residues_past_64_digits() -> None:
    assert nf.convert(0x41, "takum8_log", "int8", overflow="wrap").item() == 1
    with pytest.raises(nf.FormatError, match="residue"):
        nf.convert(0x79, "takum8_log", "int64", overflow="wrap")

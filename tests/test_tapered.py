"""Posits, takums and quires: against the strings of `exact`, and against SoftPosit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from laws import assert_same, check_encode, check_idempotent, check_monotone, check_roundtrip
from numfmt import exact
from numfmt.exact import Draw
from numfmt.families.grid import GridFormat

DETERMINISTIC = [mode.value for mode in nf.Rounding if not mode.stochastic]
STOCHASTIC = [mode.value for mode in nf.Rounding if mode.stochastic]
PUBLISHED = ("posit8_0", "posit8_1", "posit8", "posit16_0", "posit16_1", "posit16")


def tie_points(fmt: GridFormat, every: int = 1) -> np.ndarray:
    """Return the limits between neighbours that are float64 values, with what is beside them."""
    ordinals = range(1, fmt.largest_ordinal(0), every)
    ties = np.array([float(fmt.tie_between(k, k + 1)) for k in ordinals])
    near = [ties, np.nextafter(ties, np.inf), np.nextafter(ties, 0), ties * (1 + 2.0**-18)]
    return np.concatenate([*near, -ties, -near[1]])


def softposit_codes(x: np.ndarray, name: str) -> list[int]:
    """Return SoftPosit's codes; its PX2 has es 2 and any width, left-aligned in 32 bits."""
    softposit = pytest.importorskip("softposit")
    fmt = nf.get(name)
    legacy = {"posit8_0": softposit.posit8, "posit16_1": softposit.posit16}.get(name)
    if legacy is not None:
        return [legacy(value).v.v for value in x.tolist()]
    convert = softposit.convertDoubleToPX2
    return [convert(value, fmt.bits).v >> (32 - fmt.bits) for value in x.tolist()]


@pytest.mark.fast
@pytest.mark.parametrize("name", ["posit8", "posit8_0", "posit6_3", "takum8", "takum12"])
def test_corners_equal_exact_without_the_compiler(name: str) -> None:
    fmt = nf.get(name)
    x = tie_points(fmt, every=max(1, (1 << fmt.bits) // 40))
    x = np.concatenate([x, [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e-300]])
    for mode in ("nearest_even", "toward_positive", "to_odd", "jam"):
        assert check_encode(x, fmt, rounding=mode) == x.size
    assert check_encode(x, fmt, overflow="saturate") == x.size


@pytest.mark.parametrize("bits", range(2, 17))
def test_every_code_of_the_standard_is_softposits(bits: int) -> None:
    softposit = pytest.importorskip("softposit")
    values = nf.decode(np.arange(1 << bits), f"posit{bits}")
    for code, value in enumerate(values.tolist()):
        word = softposit.posit_2_t()
        word.v = code << (32 - bits)
        if code == 1 << (bits - 1):
            assert math.isnan(value)  # SoftPosit gives inf, its NaR as a double
        else:
            assert softposit.convertPX2ToDouble(word) == value, hex(code)


@pytest.mark.parametrize(("name", "kind"), [("posit8_0", "posit8"), ("posit16_1", "posit16")])
def test_every_legacy_code_is_softposits(name: str, kind: str) -> None:
    softposit = pytest.importorskip("softposit")
    fmt = nf.get(name)
    values = nf.decode(np.arange(1 << fmt.bits), fmt)
    theirs = [float(getattr(softposit, kind)(bits=code)) for code in range(1 << fmt.bits)]
    nar = 1 << (fmt.bits - 1)
    assert math.isnan(values[nar])
    assert np.delete(values, nar).tolist() == np.delete(theirs, nar).tolist()


@pytest.mark.parametrize("name", ["posit8_0", "posit8", "posit16_1", "posit16"])
def test_every_tie_is_rounded_as_softposit_rounds_it(name: str) -> None:
    x = tie_points(nf.get(name))
    assert_same(nf.encode(x, name), np.array(softposit_codes(x, name)), x, nf.get(name))


@pytest.mark.parametrize("bits", [3, 5, 11, 24, 32])
def test_other_widths_round_as_softposit_rounds(bits: int) -> None:
    fmt = nf.get(f"posit{bits}")
    rng = np.random.default_rng(bits)
    ordinals = (
        rng.integers(1, fmt.largest_ordinal(0), 4000).tolist()
        if bits > 12
        else range(1, fmt.largest_ordinal(0))
    )
    ties = np.array([float(fmt.tie_between(k, k + 1)) for k in ordinals])
    x = np.concatenate([ties, np.nextafter(ties, np.inf), -np.nextafter(ties, 0), [1e300, 1e-300]])
    assert_same(nf.encode(x, fmt), np.array(softposit_codes(x, fmt.name)), x, fmt)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_tie_equals_exact(name: str) -> None:
    fmt = nf.get(name)
    x = tie_points(fmt)
    assert check_encode(x, fmt) == x.size


@pytest.mark.slow
@pytest.mark.parametrize("name", [*nf.names(family="posit", max_bits=16), "takum15", "takum16"])
def test_every_tie_of_every_posit_up_to_16_bits_equals_exact(name: str) -> None:
    fmt = nf.get(name)
    x = tie_points(fmt)
    for mode in ("nearest_even", "nearest_zero", "toward_negative", "to_odd"):
        assert check_encode(x, fmt, rounding=mode) == x.size


@pytest.mark.parametrize("mode", DETERMINISTIC)
@pytest.mark.parametrize("name", ["posit8", "posit8_0", "posit5_3", "posit2", "takum8", "takum9"])
def test_every_tie_equals_exact_in_every_mode(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = np.concatenate([tie_points(fmt), nf.decode(np.arange(1 << fmt.bits), fmt), [1e300, 3e-300]])
    assert check_encode(x, fmt, rounding=mode) == x.size


@pytest.mark.parametrize("mode", DETERMINISTIC)
@pytest.mark.parametrize("name", ["posit16", "takum12", "takum16", "posit32", "takum32"])
def test_samples_equal_exact_in_every_mode(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = tie_points(fmt, every=fmt.largest_ordinal(0) // 150)
    x = np.concatenate([x, [1e300, 2.0**254, 1.99 * 2.0**254, 2.0**-255, 1.01 * 2.0**-255]])
    assert check_encode(np.concatenate([x, -x]), fmt, rounding=mode) == 2 * x.size


@pytest.mark.parametrize("name", ["takum8", "takum11", "takum12", "takum16"])
def test_every_takum_code_equals_exact(name: str) -> None:
    fmt = nf.get(name)
    codes = np.arange(1 << fmt.bits)
    data = [exact.decode(code, fmt) for code in codes.tolist()]
    want = [float(datum.value) if datum.finite else math.nan for datum in data]
    assert np.array_equal(nf.decode(codes, fmt), want, equal_nan=True)
    check_roundtrip(fmt, codes)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_posit_code_equals_exact_and_comes_back(name: str) -> None:
    fmt = nf.get(name)
    codes = np.arange(1 << fmt.bits)
    finite = np.delete(codes, 1 << (fmt.bits - 1))
    want = [float(exact.decode(code, fmt).value) for code in finite.tolist()]
    assert nf.decode(finite, fmt).tolist() == want
    check_roundtrip(fmt, codes)
    kind, sign, exponent, significand = nf.unpack(finite, fmt)
    unpacked = np.ldexp(significand.astype(np.float64), exponent.astype(int)) * (1 - 2.0 * sign)
    assert unpacked.tolist() == want
    assert (kind == [nf.Kind.ZERO if value == 0 else nf.Kind.NORMAL for value in want]).all()
    signed = np.where(finite >= 1 << (fmt.bits - 1), finite - (1 << fmt.bits), finite)
    assert nf.ordinal(finite, fmt).tolist() == signed.tolist()


def test_published_extremes() -> None:
    info = nf.finfo("posit32")
    assert (info.max, info.smallest_normal, info.eps) == (2.0**120, 2.0**-120, 2.0**-27)
    assert nf.finfo("posit8_0").max == 64
    assert nf.finfo("posit16_1").max == 2.0**28
    assert nf.finfo("takum8").max == 2.0**239
    assert nf.finfo("takum8").smallest_normal == 2.0**-239
    assert nf.finfo("takum32").max == (2 - 2.0**-20) * 2.0**254
    assert nf.finfo("posit8").overflow == "clamp_finite"


def test_rounding_is_of_the_string_and_never_reaches_zero_or_nar() -> None:
    x = [5 * 2.0**20, 2.0**22, 1e-30, 1e30, -1e-30, -1e30, 0.0, np.inf, np.nan]
    want = [2.0**24, 2.0**20, 2.0**-24, 2.0**24, -(2.0**-24), -(2.0**24), 0.0]
    codes = nf.encode(x, "posit8")
    assert nf.decode(codes[:7], "posit8").tolist() == want
    assert codes[7:].tolist() == [0x80, 0x80]
    assert nf.encode(np.inf, "posit8", overflow="saturate") == 0x7F
    for mode in DETERMINISTIC:
        codes = nf.encode([1e-300, -1e-300, 1e300, -1e300], "takum16", rounding=mode)
        assert codes.tolist() == [1, 0xFFFF, 0x7FFF, 0x8001], mode


@pytest.mark.parametrize("bits", [1, 3, 8, 30, 52])
@pytest.mark.parametrize("mode", STOCHASTIC)
@pytest.mark.parametrize("name", ["posit8", "posit16", "takum8", "posit6_4", "posit32", "takum16"])
def test_stochastic_rounding_equals_exact(name: str, mode: str, bits: int) -> None:
    fmt = nf.get(name)
    x = tie_points(fmt, every=max(1, fmt.largest_ordinal(0) // 12))
    x = np.concatenate([x, x * (1 + 3 * 2.0**-40), [0.0, 1e300, 1e-300, 5e-324]])
    rng = np.random.default_rng(bits)
    random = rng.integers(0, 1 << bits, x.size)
    random[::3] = rng.choice([0, (1 << bits) - 1, 1 << (bits - 1)], random[::3].size)
    want = [
        exact.encode(value, fmt, rounding=mode, draw=Draw(drawn, bits))[0]
        for value, drawn in zip(x.tolist(), random.tolist(), strict=True)
    ]
    size = 1100 + x.size
    for repeat in (x.size, size):
        got = nf.encode(
            np.resize(x, repeat),
            fmt,
            rounding=mode,
            bits=bits,
            random_bits=np.resize(random, repeat),
        )
        assert_same(got, np.resize(want, repeat), np.resize(x, repeat), fmt)


@given(
    bits=st.integers(2, 64),
    es=st.integers(0, 8),
    mode=st.sampled_from(DETERMINISTIC),
    x=st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(-(1 << 63), (1 << 64) - 1),
        st.floats(-1e3, 1e3),
    ),
)
def test_any_posit_equals_exact(bits: int, es: int, mode: str, x: float) -> None:
    fmt = nf.PositFormat(name="drawn", bits=bits, es=min(es, bits))
    want, _ = exact.encode(x, fmt, rounding=mode)
    array = np.array([x]) if isinstance(x, float) else np.array([x], "i8" if x < 0 else "u8")
    assert int(nf.encode(array, fmt, rounding=mode)[0]) == want
    if isinstance(x, float):
        assert int(nf.encode(np.full(1100, x), fmt, rounding=mode)[7]) == want


@given(bits=st.integers(2, 64), es=st.integers(0, 12), data=st.data())
def test_any_posit_code_is_read_and_comes_back(bits: int, es: int, data: st.DataObject) -> None:
    fmt = nf.PositFormat(name="drawn", bits=bits, es=min(es, bits))
    code = data.draw(st.integers(0, (1 << bits) - 1))
    datum = exact.decode(code, fmt)
    kind, sign, exponent, significand = (int(field) for field in nf.unpack(code, fmt))
    assert kind == datum.kind
    if datum.finite:
        assert (-1) ** sign * significand * Fraction(2) ** exponent == datum.value
        assert int(nf.convert(code, fmt, fmt)) == code
        assert exact.encode(datum, fmt)[0] == code


@given(bits=st.integers(6, 64), mode=st.sampled_from(DETERMINISTIC), data=st.data())
def test_any_takum_equals_exact(bits: int, mode: str, data: st.DataObject) -> None:
    fmt = nf.TakumFormat(name="drawn", bits=bits)
    code = data.draw(st.integers(0, (1 << bits) - 1))
    datum = exact.decode(code, fmt)
    kind, sign, exponent, significand = (int(field) for field in nf.unpack(code, fmt))
    assert kind == datum.kind
    if datum.finite:
        assert (-1) ** sign * significand * Fraction(2) ** exponent == datum.value
    x = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    want, _ = exact.encode(x, fmt, rounding=mode)
    assert int(nf.encode(x, fmt, rounding=mode)) == want
    assert int(nf.encode(np.full(1100, x), fmt, rounding=mode)[7]) == want


@given(
    source=st.sampled_from(["posit64", "posit16_16", "takum64", "Binary16p2se", "binary64"]),
    target=st.sampled_from(["posit64_1", "takum40", "posit12_12", "e15m10_ieee", "int20"]),
    mode=st.sampled_from(DETERMINISTIC),
    data=st.data(),
)
def test_conversions_that_float64_does_not_hold_equal_exact(
    source: str, target: str, mode: str, data: st.DataObject
) -> None:
    code = data.draw(st.integers(0, (1 << nf.get(source).bits) - 1))
    options = {"rounding": mode, "nan": 0, "overflow": "saturate"}
    want, _ = exact.convert(code, source, target, **options)
    assert int(nf.convert(code, source, target, **options)) == want


@pytest.mark.parametrize("name", ["posit16", "takum16"])
def test_laws(name: str) -> None:
    x = np.random.default_rng(3).normal(size=3000) * 10.0 ** np.arange(-15, 15).repeat(100)
    fmt = nf.get(name)
    for mode in DETERMINISTIC:
        check_monotone(fmt, x, rounding=mode)
        if mode != "jam":
            check_idempotent(fmt, x, rounding=mode)
    assert_same(nf.encode(-x, fmt), (1 << 16) - nf.encode(x, fmt).astype(np.int64), x, fmt)


def test_float32_subnormals_and_arrays_of_other_types() -> None:
    x = np.concatenate([np.float32(2.0) ** np.arange(-149, 128), [0, -0.0]]).astype(np.float32)
    x = np.resize(np.concatenate([x, -x * np.float32(1.25)]), 2000)
    want = [exact.encode(value, "takum16")[0] for value in x.tolist()]
    assert nf.encode(x, "takum16").tolist() == want
    assert nf.encode(x.astype(np.float64), "takum16").tolist() == want
    assert nf.encode(np.arange(-5, 6, dtype=np.int8), "posit16").tolist() == [
        exact.encode(value, "posit16")[0] for value in range(-5, 6)
    ]


def test_values_next_to_the_end_of_a_takum_do_not_become_zero() -> None:
    x = np.resize([2.0**-255, 2.0**-255 * 1.001, 3.0, -(2.0**-255), 0.0, 2.0**-256], 3000)
    want = [exact.encode(value, "takum16")[0] for value in x[:6].tolist()]
    assert want == [1, 1, want[2], 0xFFFF, 0, 1]
    assert nf.encode(x, "takum16")[:6].tolist() == want


def test_wide_posits_refuse_decode_and_work_through_integers() -> None:
    with pytest.raises(nf.FormatError, match=r"posit64.*float64 does not; use numfmt\.unpack"):
        nf.decode(1, "posit64")
    big = np.array([2**63 + 1, 2**64 - 1, 3], np.uint64)
    codes = nf.encode(big, "posit64")
    assert codes.tolist() == [exact.encode(int(value), "posit64")[0] for value in big]
    assert nf.encode(2**62, "posit16_16").item() == exact.encode(2**62, "posit16_16")[0]
    assert nf.unpack(0x7FFF, "posit16_16").exponent.item() == 14 << 16


def test_modes_policies_and_flags_that_mean_nothing_are_refused() -> None:
    for policy in ("nan", "infinity", "wrap", "raise", "ieee", "sat_none"):
        with pytest.raises(nf.FormatError, match=f"overflow='{policy}' is not for 'posit8'"):
            nf.encode(1.0, "posit8", overflow=policy)
        with pytest.raises(nf.FormatError, match=f"overflow='{policy}'"):
            exact.encode(1.0, "posit8", overflow=policy)
    for name in ("posit8", "takum16"):
        with pytest.raises(nf.FormatError, match=f"return_flags: '{name}' has none"):
            nf.encode(1.0, name, return_flags=True)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bits": 8, "es": 9}, "es=9 is out of range; a posit of 8 bits has 0 to 8"),
        ({"bits": 1, "es": 0}, "bits=1 is out of range; a posit has 2 to 64 bits"),
        ({"bits": 65, "es": 2}, "bits=65 is out of range"),
        ({"bits": 32, "es": 20}, "es=20 with 32 bits makes exponents past"),
        ({"bits": 8, "es": -1}, "es=-1 is out of range"),
        ({"bits": 8, "es": 1.5}, "es=1.5 is not an integer"),
    ],
)
def test_posits_that_do_not_fit_are_refused(fields: dict[str, int], message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        nf.PositFormat(name="bad", **fields)


def test_names_of_the_grammar() -> None:
    assert nf.get("posit16_2") is nf.get("posit16")
    assert nf.get("POSIT8_0").es == 0
    assert nf.get("posit48_3").bits == 48
    assert nf.get("takum16_linear") is nf.get("takum16")
    with pytest.raises(nf.FormatError, match="takum has 6 to 64 bits"):
        nf.get("takum5")
    with pytest.raises(nf.FormatError, match="es=9"):
        nf.get("posit8_9")


@pytest.mark.parametrize(
    ("name", "bits", "fraction"),
    [("quire8", 128, 48), ("quire16", 256, 112), ("quire32", 512, 240), ("quire8_0", 32, 12),
     ("quire16_1", 128, 56)],
)  # fmt: skip
def test_quires_have_the_widths_of_their_documents(name: str, bits: int, fraction: int) -> None:
    fmt = nf.get(name)
    assert (fmt.bits, fmt.fraction_bits) == (bits, fraction)
    assert nf.finfo(name).nan_codes == (1 << (bits - 1),)


@given(st.fractions())
def test_quires_hold_sums_of_products_of_posits(x: Fraction) -> None:
    code, _ = exact.encode(x, "quire16")
    back = exact.decode(code, "quire16").value
    assert abs(back - x) <= Fraction(1, 1 << 113)
    assert exact.encode(back, "quire16")[0] == code


def test_quire_products_sums_and_overflow_are_exact() -> None:
    values = [exact.decode(code, "posit16").value for code in (1, 0x7FFF, 0x4321, 0x9ABC)]
    for a in values:
        for b in values:
            assert exact.decode(exact.encode(a * b, "quire16")[0], "quire16").value == a * b
    assert exact.encode(Fraction(2) ** 300, "quire16")[0] == 1 << 255
    assert exact.decode(exact.encode(math.nan, "quire16")[0], "quire16").kind is nf.Kind.NAN
    with pytest.raises(nf.FormatError, match="256 bits, more than an array"):
        nf.encode(1.0, "quire16")


def test_nar_has_no_sign() -> None:
    for name in ("posit16", "takum16", "takum16_log", "lns16_10", "posit64"):
        nar = nf.finfo(name).nan_codes[0]
        assert nf.unpack([nar], name).sign == 0
        assert nf.convert([nar], name, "binary32") == 0x7FC00000
        if name != "posit64":
            assert not np.signbit(nf.decode([nar], name)).any()


def test_lists_of_codes_of_64_bits_are_integers() -> None:
    codes = [0x1, 0x8000000000000001]
    assert nf.unpack(codes, "posit64").sign.tolist() == [0, 1]
    assert nf.convert(codes, "posit64", "posit16").tolist() == [1, 0x8001]


def test_distances_that_do_not_fit_are_refused() -> None:
    ends = np.array([0x7FFFFFFFFFFFFFFF, 0x8000000000000001], np.uint64)
    with pytest.raises(nf.FormatError, match="differences of codes of 'posit64' do not fit int64"):
        nf.ulp_distance(ends[:1], ends[1:], "posit64")
    assert nf.ulp_distance(ends[:1] - np.uint64(3), ends[:1], "posit64") == 3
    assert nf.ulp_distance(1 << 62, 3 << 62, "posit64") == -(1 << 63)


def test_tiny_values_of_wide_formats_reach_logarithms_at_once() -> None:
    for source in ("posit64_10", "e19m10_ieee", "posit64_7"):
        for target in ("takum32_log", "lns16_8"):
            smallest = {"takum32_log": 1, "lns16_8": 0x4001}[target]
            code = nf.convert(np.array([1], np.uint64), source, target)
            assert code == smallest

"""Kernels against the executable specification: every mode, policy and format."""

import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from laws import assert_same, check_encode, check_idempotent, check_monotone, check_roundtrip
from numfmt import Overflow, Rounding, exact
from numfmt.families.fixed import Encoding, FixedFormat
from numfmt.families.floats import FloatFormat, Style
from points import corner_floats, positive_values, rational, used_codes

DETERMINISTIC = [mode.value for mode in Rounding if not mode.stochastic]
SMALL = rational(max_bits=8)
TINY = rational(max_bits=4)
MIDDLE = [name for name in rational() if name not in set(SMALL)]
UNIFORM = [name for name in rational() if nf.get(name).family in ("float", "fixed")]


def tail(x: np.ndarray, fmt: nf.FloatFormat) -> np.ndarray:
    """Return the inputs that an overflow policy can touch."""
    end = min(float(abs(fmt.lowest)) or 1e-300, float(fmt.largest))
    return x[~(np.abs(x) < end * 0.99)]


def follows(fmt: nf.FloatFormat, policy: Overflow) -> bool:
    """Return whether a format can follow a policy."""
    if fmt.policies and policy is not Overflow.NAN:
        return policy in fmt.policies
    if policy is Overflow.WRAP:
        return fmt.wraps
    if policy in (Overflow.IEEE, Overflow.INFINITY):
        return fmt.has_infinity
    if fmt.family in ("posit", "takum"):
        return policy in fmt.policies
    return fmt.has_nan if policy is Overflow.NAN else True


@pytest.mark.fast
@pytest.mark.parametrize("mode", ["nearest_even", "toward_positive", "to_odd", "jam"])
@pytest.mark.parametrize(
    "name",
    [
        "e2m1",
        "e4m3_fnuz",
        "e5m2",
        "e8m0",
        "int4",
        "uint3",
        "Binary4p2ue",
        "Binary5p1sf",
        "int3_sign_magnitude",
        "q2.2",
    ],
)
def test_corners_equal_exact_without_the_compiler(name: str, mode: str) -> None:
    fmt = nf.get(name)
    every = max(1, len(positive_values(fmt)) // 6)
    assert check_encode(corner_floats(fmt, every=every), fmt, rounding=mode) > 0


@pytest.mark.parametrize("name", SMALL)
def test_every_mode_equals_exact_at_every_corner_of_formats_up_to_8_bits(name: str) -> None:
    fmt = nf.get(name)
    x = corner_floats(fmt)
    compared = sum(check_encode(x, fmt, rounding=mode) for mode in DETERMINISTIC)
    assert compared > 60


@pytest.mark.parametrize("name", SMALL)
def test_every_policy_equals_exact_past_the_end_of_formats_up_to_8_bits(name: str) -> None:
    fmt = nf.get(name)
    x = tail(corner_floats(fmt), fmt)
    for policy in Overflow:
        if not follows(fmt, policy):
            continue
        for mode in DETERMINISTIC:
            check_encode(x, fmt, rounding=mode, overflow=policy)


@pytest.mark.parametrize("name", TINY)
def test_policies_that_a_format_cannot_follow_are_refused_by_exact_too(name: str) -> None:
    fmt = nf.get(name)
    for policy in Overflow:
        if follows(fmt, policy):
            continue
        with pytest.raises(nf.FormatError, match=f"overflow={policy.value!r}"):
            nf.encode(1.0, fmt, overflow=policy)
        if policy is not Overflow.WRAP:
            with pytest.raises(nf.FormatError):
                exact.encode(fmt.largest * 4 + 4, fmt, overflow=policy)


@pytest.mark.parametrize("name", MIDDLE)
def test_formats_of_9_to_16_bits_equal_exact_on_a_sample_of_corners(name: str) -> None:
    fmt = nf.get(name)
    seed = zlib.crc32(name.encode())
    count = 1 << fmt.bits
    codes = np.random.default_rng(seed).integers(0, count, 24)
    values = [exact.decode(int(code), fmt) for code in codes]
    finite = [abs(float(v.magnitude)) for v in values if v.finite and _is_float(v.magnitude)]
    base = np.array([*finite, float(fmt.largest)] if _is_float(fmt.largest) else finite)
    if not base.size:
        return
    x = np.concatenate([base, base * (1 + 2.0**-12), np.nextafter(base, 0), -base, [0.0, np.inf]])
    for mode in DETERMINISTIC:
        check_encode(x, fmt, rounding=mode)


def _is_float(value: Any) -> bool:
    try:
        return float(value) == value
    except OverflowError:
        return False


@pytest.mark.parametrize("name", [n for n in UNIFORM if nf.get(n).fits_float64])
def test_all_ties_of_formats_up_to_16_bits_go_to_the_even_code(name: str) -> None:
    fmt = nf.get(name)
    if fmt.grid.emin - fmt.grid.t < -1072:
        return  # no room in float64 beside these ties; halving codes visits them below
    top = fmt.largest_ordinal(0)
    first = fmt.grid.first
    codes = np.arange(0, top - first + 1, dtype=np.uint64)
    values = nf.decode(codes, fmt)
    ties = values[:-1] + (values[1:] - values[:-1]) / 2
    even = np.where(codes[:-1] % 2 == 0, codes[:-1], codes[1:])
    assert_same(nf.encode(ties, fmt), even, ties, fmt)
    above, below = np.nextafter(ties, np.inf), np.nextafter(ties, 0)
    assert_same(nf.encode(above, fmt), codes[1:], above, fmt)
    assert_same(nf.encode(below, fmt), codes[:-1], below, fmt)


@pytest.mark.parametrize("name", [n for n in nf.names(max_bits=16) if n.startswith("Binary")])
def test_p3109_formats_of_one_more_digit_convert_by_halving_the_code(name: str) -> None:
    fmt = nf.get(name)
    signed, extended = name[-2] == "s", name[-1] == "e"
    wide = nf.get(f"Binary{fmt.bits + 1}p{fmt.precision + 1}{name[-2:]}")
    limit = 2 * fmt.largest_ordinal(0) + 1
    codes = np.arange(limit, dtype=np.uint64)
    half = codes >> np.uint64(1)
    want = half + (codes & half & np.uint64(1))
    assert_same(nf.convert(codes, wide, fmt), want, codes, fmt)
    assert_same(nf.convert(codes, wide, fmt, rounding="toward_zero"), half, codes, fmt)
    up = (codes + np.uint64(1)) >> np.uint64(1)
    assert_same(nf.convert(codes, wide, fmt, rounding="away_from_zero"), up, codes, fmt)
    assert extended == fmt.has_infinity
    assert signed == fmt.signed_values


@pytest.mark.parametrize("name", rational(max_bits=12))
def test_finite_codes_come_back_from_their_values(name: str) -> None:
    fmt = nf.get(name)
    codes = [code for code in used_codes(fmt) if name != "fp4_bnb" or code != 8]  # x < 0 is asked
    if fmt.fits_float64:
        check_roundtrip(fmt, np.array(codes))


@pytest.mark.parametrize("mode", [m for m in DETERMINISTIC if m != "jam"])
@pytest.mark.parametrize("name", ["e4m3", "e3m2", "binary16", "Binary8p1uf", "int8", "q2.6"])
def test_rounding_is_monotone_and_idempotent(name: str, mode: str) -> None:
    fmt = nf.get(name)
    x = np.random.default_rng(1).standard_normal(5000) * float(fmt.largest) / 2
    if not fmt.signed_values:
        x = np.abs(x)
    check_monotone(fmt, x, rounding=mode)
    check_idempotent(fmt, x, rounding=mode)


@st.composite
def float_formats(draw: st.DrawFn, max_bits: int = 24) -> FloatFormat:
    """Draw any float format that can be described."""
    style = draw(st.sampled_from(list(Style)))
    signed = draw(st.booleans()) or style in (Style.FNUZ, Style.IEEE)
    bits = draw(st.integers(4, max_bits))
    precision = draw(st.integers(max(1, bits - signed - 8), bits - signed - 1))
    emin = draw(
        st.one_of(st.integers(-200, 200), st.integers(-160, -110), st.integers(-1070, -990))
    )
    subnormals = draw(st.booleans()) or precision == 1
    return FloatFormat(
        name="drawn",
        bits=bits,
        precision=precision,
        emin=emin,
        signed=signed,
        style=style,
        subnormals=subnormals,
    )


@st.composite
def fixed_formats(draw: st.DrawFn) -> FixedFormat:
    """Draw any fixed-point format."""
    return FixedFormat(
        name="drawn",
        bits=draw(st.integers(2, 64)),
        fraction_bits=draw(st.integers(-80, 80)),
        encoding=draw(st.sampled_from(list(Encoding))),
    )


ANY_FORMAT = st.one_of(float_formats(max_bits=62), fixed_formats())


@given(fmt=float_formats(), mode=st.sampled_from(DETERMINISTIC), data=st.data())
def test_drawn_formats_equal_exact_at_drawn_ties(
    fmt: FloatFormat, mode: str, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, fmt.largest_ordinal(0) + 2))
    a, b = fmt.value_of_ordinal(k), fmt.value_of_ordinal(k + 1)
    fraction = data.draw(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7])) * (b - a) / 8
    sign = data.draw(st.sampled_from([1, -1]))
    x = float(sign * (a + fraction))
    options = {
        "rounding": mode,
        "tininess": data.draw(st.sampled_from(["after", "before"])),
        "flush_results": data.draw(st.booleans()),
    }
    code, flags = exact.encode(x, fmt, **options)
    got, raised = nf.encode(x, fmt, return_flags=True, **options)
    assert (int(got), int(raised)) == (code, int(flags))
    for dtype in (np.float64, np.float32):
        with np.errstate(over="ignore"):
            many = np.full(1100, x, dtype)
        if many[0].item() == x:
            assert (nf.encode(many, fmt, **options) == code).all()


@given(x=st.floats(allow_nan=False), fmt=float_formats(), mode=st.sampled_from(DETERMINISTIC))
def test_any_float_into_any_drawn_format_equals_exact(
    x: float, fmt: FloatFormat, mode: str
) -> None:
    code, flags = exact.encode(x, fmt, rounding=mode, overflow=Overflow.SATURATE)
    got, raised = nf.encode(x, fmt, rounding=mode, overflow="saturate", return_flags=True)
    assert (int(got), int(raised)) == (code, int(flags))


@given(
    x=st.integers(-(2**63), 2**64 - 1),
    name=st.sampled_from(
        [
            "binary16",
            "binary32",
            "binary64",
            "int32",
            "uint32",
            "e4m3",
            "int64",
            "q40.20",
            "q33.-4",
            "bfloat16",
            "uint64",
            "int48_sign_magnitude",
            "e8m40_ieee",
        ]
    ),
    mode=st.sampled_from(DETERMINISTIC),
    policy=st.sampled_from([None, "saturate", "wrap"]),
)
def test_64_bit_integers_are_rounded_once(x: int, name: str, mode: str, policy: str | None) -> None:
    fmt = nf.get(name)
    if policy == "wrap" and not fmt.wraps:
        policy = None
    array = np.array([x], np.int64 if x < 2**63 else np.uint64)
    code, flags = exact.encode(x, fmt, rounding=mode, overflow=policy)
    got, raised = nf.encode(array, fmt, rounding=mode, overflow=policy, return_flags=True)
    assert (int(got[0]), int(raised[0])) == (code, int(flags))


@given(data=st.data())
def test_conversion_between_drawn_formats_equals_exact(data: st.DataObject) -> None:
    src, dst = data.draw(ANY_FORMAT), data.draw(ANY_FORMAT)
    top = (1 << (src.bits - 1)) - 1
    near_top = st.integers(0, min(top, 999)).map(lambda step: top - step)
    code = data.draw(st.one_of(st.integers(0, (1 << src.bits) - 1), near_top))
    mode = data.draw(st.sampled_from(DETERMINISTIC))
    flush = data.draw(st.booleans())
    options: dict[str, Any] = {
        "rounding": mode,
        "overflow": "saturate",
        "nan": 0,
        "flush_inputs": flush,
    }
    want, flags = exact.convert(code, src, dst, **options)
    got, raised = nf.convert(code, src, dst, return_flags=True, **options)
    assert (int(got), int(raised)) == (want, int(flags))


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in MIDDLE if not n.startswith("Binary")])
def test_every_mode_equals_exact_at_many_corners_of_named_formats_up_to_16_bits(name: str) -> None:
    fmt = nf.get(name)
    x = corner_floats(fmt, every=5, start=zlib.crc32(name.encode()) % 5)
    for mode in DETERMINISTIC:
        check_encode(x, fmt, rounding=mode)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in MIDDLE if n.startswith("Binary")])
def test_every_mode_equals_exact_at_many_corners_of_p3109_formats_up_to_16_bits(name: str) -> None:
    fmt = nf.get(name)
    x = corner_floats(fmt, every=29, start=zlib.crc32(name.encode()) % 29)
    for mode in DETERMINISTIC:
        check_encode(x, fmt, rounding=mode)

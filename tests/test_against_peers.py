"""numfmt against packages that other people wrote: ml_dtypes, NumPy, gfloat and apytypes."""

import importlib

import numpy as np
import pytest

import numfmt as nf
from points import corner_floats

# Types of ml_dtypes by name; numfmt knows each by the same name.
ML_FLOATS = [
    "bfloat16",
    "float8_e3m4",
    "float8_e4m3",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float6_e2m3fn",
    "float6_e3m2fn",
    "float4_e2m1fn",
]
ML_SCALE = "float8_e8m0fnu"
ML_INTEGERS = ["int1", "int2", "int4", "uint1", "uint2", "uint4"]
WITHOUT_NAN = ["float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"]


@pytest.fixture
def ml_dtypes():
    return pytest.importorskip("ml_dtypes")


@pytest.fixture
def gfloat():
    return pytest.importorskip("gfloat")


@pytest.fixture
def apytypes():
    return pytest.importorskip("apytypes")


def all_codes(fmt):
    entry = nf.get(fmt)
    return np.arange(1 << entry.bits, dtype=entry.code_dtype)


def structured_floats(dtype, fields, seed):
    """Return floats of each exponent field and sign: runs, single bits, random, and cut random.

    A random significand cut at every place is a tie of some format.
    """
    word, t, width = {"f4": (np.uint32, 23, 32), "f8": (np.uint64, 52, 64)}[dtype]
    rng = np.random.default_rng(seed)
    places = np.arange(t, dtype=np.uint64)
    mask = np.uint64((1 << t) - 1)
    free = rng.integers(0, 1 << t, size=24, dtype=np.uint64)
    cut = (rng.integers(0, 1 << t, size=(2, t), dtype=np.uint64) | np.uint64(1)) << places
    below = (cut - np.uint64(1)) & mask
    single = np.uint64(1) << places
    ones = (mask << places) & mask
    parts = (np.array([0, mask], np.uint64), single, ones, free, cut & mask, below)
    significands = np.unique(np.concatenate([part.reshape(-1) for part in parts]))
    words = (np.asarray(fields, np.uint64)[:, None] << np.uint64(t)) | significands
    positive = words.reshape(-1)
    both = np.concatenate([positive, positive | np.uint64(1 << (width - 1))])
    return both.astype(word).view(dtype)


def float32_inputs(fmt, seed):
    """Return structured float32 of every sign and exponent, and the corners of a format."""
    with np.errstate(over="ignore"):
        corners = corner_floats(nf.get(fmt)).astype(np.float32)
    return np.concatenate([structured_floats("f4", np.arange(256), seed), corners])


def assert_same_values(ours, theirs, inputs):
    """Compare bits; NaNs only as NaNs."""
    word = f"u{ours.dtype.itemsize}"
    different = (ours.view(word) != theirs.view(word)) & ~(np.isnan(ours) & np.isnan(theirs))
    shown = [
        (x.hex() if isinstance(x, float) else x, a, b)
        for x, a, b in zip(
            inputs[different][:5].tolist(), ours[different], theirs[different], strict=False
        )
    ]
    assert not different.any(), f"{different.sum()} of {ours.size} differ: {shown}"


def assert_same_codes(ours, theirs, inputs):
    different = ours != theirs
    shown = [
        (x.hex() if isinstance(x, float) else x, hex(a), hex(b))
        for x, a, b in zip(
            inputs[different][:5].tolist(), ours[different], theirs[different], strict=False
        )
    ]
    assert not different.any(), f"{different.sum()} of {ours.size} differ: {shown}"


# --- ml_dtypes ---


def test_numfmt_knows_every_type_of_ml_dtypes(ml_dtypes):
    theirs = {name for name in dir(ml_dtypes) if "float" in name or "int" in name}
    theirs -= {"finfo", "iinfo"}
    missing = theirs - {*ML_FLOATS, ML_SCALE, *ML_INTEGERS}
    assert not missing
    assert all(nf.get(name) for name in theirs)


@pytest.mark.parametrize("name", [*ML_FLOATS, ML_SCALE])
def test_ml_dtypes_and_numfmt_agree_on_every_code(ml_dtypes, name):
    codes = all_codes(name)
    theirs = codes.view(getattr(ml_dtypes, name)).astype(np.float32)
    ours = nf.decode(codes, name, dtype=np.float32)
    assert_same_values(ours, theirs, codes)
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    signed_nan = np.isnan(ours) & (name != ML_SCALE)
    assert np.array_equal(np.signbit(ours[signed_nan]), np.signbit(theirs[signed_nan]))


@pytest.mark.parametrize("name", ML_FLOATS)
def test_ml_dtypes_and_numfmt_encode_float32_alike(ml_dtypes, name):
    x = float32_inputs(name, seed=1)
    if name in WITHOUT_NAN:
        x = x[~np.isnan(x)]
    with np.errstate(all="ignore"):
        theirs = x.astype(getattr(ml_dtypes, name))
    ours = nf.encode(x, name)
    assert_same_codes(ours, theirs.view(ours.dtype), x)


@pytest.mark.parametrize("name", WITHOUT_NAN)
def test_nan_without_a_code_is_minus_zero_in_ml_dtypes_and_an_error_in_numfmt(ml_dtypes, name):
    # numfmt is right: OCP MX 1.0 leaves it open, and a NaN that becomes a number goes unseen.
    with np.errstate(all="ignore"):
        theirs = np.array([np.nan], np.float32).astype(getattr(ml_dtypes, name))
    minus_zero = 1 << (nf.get(name).bits - 1)
    assert theirs.view(np.uint8).tolist() == [minus_zero]
    with pytest.raises(nf.FormatError, match="NaN"):
        nf.encode(np.float32(np.nan), name)
    assert nf.encode(np.float32(np.nan), name, nan=-0.0) == minus_zero


def test_ml_dtypes_rounds_scales_up_on_ties_and_numfmt_can_do_the_same(ml_dtypes):
    # Neither is wrong: OCP MX 1.0 does not say how a value becomes an E8M0 code.
    normal = structured_floats("f4", np.arange(1, 255), seed=2)
    top = np.float32(1.5 * 2.0**127)
    x = normal[(normal > 0) & (normal < top)]
    theirs = x.astype(getattr(ml_dtypes, ML_SCALE))
    ours = nf.encode(x, ML_SCALE, rounding="nearest_away")
    assert_same_codes(ours, theirs.view(np.uint8), x)
    ties = np.float32([1.5, 3.0, 6.0])
    assert ties.astype(getattr(ml_dtypes, ML_SCALE)).view(np.uint8).tolist() == [128, 129, 130]
    assert nf.encode(ties, ML_SCALE).tolist() == [128, 128, 130]


def test_ml_dtypes_and_numfmt_encode_powers_of_two_to_scales_alike(ml_dtypes):
    x = np.ldexp(np.float32(1), np.arange(-127, 128)).astype(np.float32)
    theirs = x.astype(getattr(ml_dtypes, ML_SCALE)).view(np.uint8)
    assert_same_codes(nf.encode(x, ML_SCALE), theirs, x)
    assert theirs.tolist() == list(range(255))


@pytest.mark.parametrize("name", [*ML_FLOATS, ML_SCALE])
def test_ml_dtypes_and_numfmt_agree_on_limits(ml_dtypes, name):
    theirs, ours = ml_dtypes.finfo(getattr(ml_dtypes, name)), nf.finfo(name)
    for attribute in ("max", "min", "eps", "smallest_normal"):
        assert getattr(ours, attribute) == float(getattr(theirs, attribute)), attribute
    if name != ML_SCALE:
        assert ours.smallest_subnormal == float(theirs.smallest_subnormal)
    assert ours.bits == theirs.bits
    assert (ours.nmant, ours.nexp) == (theirs.nmant, theirs.nexp)


def test_ml_dtypes_rounds_float64_twice_and_numfmt_once(ml_dtypes):
    x = np.array([1 + 2.0**-4 + 2.0**-40])
    assert x.astype(ml_dtypes.float8_e4m3fn).view(np.uint8).tolist() == [0x38]
    assert nf.encode(x, "float8_e4m3fn").tolist() == [0x39]


@pytest.mark.parametrize("name", [*ML_FLOATS, ML_SCALE])
def test_encode_takes_ml_dtypes_arrays_as_values(ml_dtypes, name):
    codes = all_codes(name)
    array = codes.view(getattr(ml_dtypes, name))
    same = nf.decode(nf.encode(array, "binary64"), "binary64")
    assert_same_values(same, nf.decode(codes, name), codes)


@pytest.mark.parametrize("name", [*ML_FLOATS, ML_SCALE])
def test_decode_takes_ml_dtypes_arrays_of_the_format_as_codes_and_no_others(ml_dtypes, name):
    codes = all_codes(name)
    array = codes.view(getattr(ml_dtypes, name))
    assert_same_values(nf.decode(array, name), nf.decode(codes, name), codes)
    other = "float8_e4m3" if name != "float8_e4m3" else "float8_e4m3fn"
    with pytest.raises(nf.FormatError, match=f"array of {name}"):
        nf.decode(array, other)


@pytest.mark.parametrize("name", ML_INTEGERS)
def test_encode_and_decode_take_ml_dtypes_integers(ml_dtypes, name):
    bits = nf.get(name).bits
    low = 0 if name.startswith("u") else -(1 << (bits - 1))
    values = np.arange(low, low + (1 << bits))
    array = values.astype(getattr(ml_dtypes, name))
    assert nf.encode(array, name).tolist() == (values % (1 << bits)).tolist()
    assert nf.round(array, "binary16").tolist() == values.tolist()
    assert nf.decode(array, name).tolist() == values.tolist()


# --- NumPy ---


@pytest.mark.parametrize(
    ("source", "target", "name", "fields"),
    [
        ("f8", np.float16, "binary16", np.arange(1023 - 30, 1023 + 20)),
        ("f8", np.float32, "binary32", np.arange(1023 - 153, 1023 + 131)),
        ("f4", np.float16, "binary16", np.arange(256)),
    ],
)
def test_numpy_and_numfmt_narrow_floats_alike(source, target, name, fields):
    word = "u" + source[1]
    rng = np.random.default_rng(3)
    anything = rng.integers(0, 1 << (8 * int(source[1])), size=100_000, dtype=word).view(source)
    specials = np.array([0.0, -0.0, np.inf, -np.inf, 65504, 65519.996, 65520, 2.0**-25], source)
    x = np.concatenate([structured_floats(source, fields, seed=4), anything, specials])
    x = x[~np.isnan(x)]
    with np.errstate(all="ignore"):
        theirs = x.astype(target)
    ours = nf.encode(x, name)
    assert_same_codes(ours, theirs.view(ours.dtype), x)


def test_numpy_and_numfmt_agree_on_every_binary16_code():
    codes = all_codes("binary16")
    with np.errstate(invalid="ignore"):
        theirs = codes.view(np.float16).astype(np.float64)
    ours = nf.decode(codes, "binary16")
    assert_same_values(ours, theirs, codes)
    assert np.array_equal(np.signbit(ours), np.signbit(theirs))


# --- gfloat ---

GFLOAT_NAMES = {
    "e4m3": "format_info_ocp_e4m3",
    "e5m2": "format_info_ocp_e5m2",
    "e3m2": "format_info_ocp_e3m2",
    "e2m3": "format_info_ocp_e2m3",
    "e2m1": "format_info_ocp_e2m1",
    "binary16": "format_info_binary16",
    "bfloat16": "format_info_bfloat16",
}
P3109_SIGNED_EXTENDED = [f"Binary{k}p{p}se" for k in range(3, 9) for p in range(1, k)]
GFLOAT_FORMATS = [*GFLOAT_NAMES, *P3109_SIGNED_EXTENDED]
GFLOAT_MODES = {
    "TowardZero": "toward_zero",
    "TowardNegative": "toward_negative",
    "TowardPositive": "toward_positive",
    "TiesToEven": "nearest_even",
    "TiesToAway": "nearest_away",
}
GFLOAT_STOCHASTIC = {
    "Stochastic": "stochastic_c",
    "StochasticOdd": "stochastic_c_odd",
    "StochasticFast": "stochastic_b",
    "StochasticFastest": "stochastic_a",
}
CODES_OF_WIDE_FORMATS = 29  # every so many of them


def gfloat_info(name):
    formats = importlib.import_module("gfloat.formats")
    if name in GFLOAT_NAMES:
        return getattr(formats, GFLOAT_NAMES[name])
    entry = nf.get(name)
    signedness = formats.Signedness.Signed if entry.signed else formats.Signedness.Unsigned
    domain = formats.Domain.Extended if name.endswith("e") else formats.Domain.Finite
    return formats.format_info_p3109(entry.bits, entry.precision, signedness, domain)


def corners(name):
    entry = nf.get(name)
    x = corner_floats(entry, every=CODES_OF_WIDE_FORMATS if entry.bits > 8 else 1)
    return x if nf.finfo(entry).nan_codes else x[~np.isnan(x)]


@pytest.mark.parametrize(
    "name",
    [
        *GFLOAT_NAMES,
        *(n for n in nf.names(family="float", max_bits=8) if n.startswith("Binary")),
    ],
)
def test_gfloat_and_numfmt_agree_on_every_code(gfloat, name):
    codes = all_codes(name)
    ours = nf.decode(codes, name)
    with np.errstate(all="ignore"):
        theirs = gfloat.decode_ndarray(gfloat_info(name), codes.astype(np.int64))
    assert_same_values(ours, theirs, codes)


@pytest.mark.parametrize("mode", GFLOAT_MODES)
@pytest.mark.parametrize("name", GFLOAT_FORMATS)
def test_gfloat_and_numfmt_round_and_saturate_alike(gfloat, name, mode):
    x = corners(name)
    with np.errstate(all="ignore"):
        theirs = gfloat.round_ndarray(
            gfloat_info(name), x, getattr(gfloat.RoundMode, mode), sat=True
        )
    ours = nf.round(x, name, rounding=GFLOAT_MODES[mode], overflow="saturate")
    assert_same_values(ours, theirs, x)


@pytest.mark.parametrize("mode", GFLOAT_MODES)
@pytest.mark.parametrize("name", ["e5m2", "binary16", "bfloat16", *P3109_SIGNED_EXTENDED])
def test_gfloat_and_numfmt_overflow_to_infinity_alike(gfloat, name, mode):
    x = corners(name)
    with np.errstate(all="ignore"):
        theirs = gfloat.round_ndarray(
            gfloat_info(name), x, getattr(gfloat.RoundMode, mode), sat=False
        )
    assert_same_values(nf.round(x, name, rounding=GFLOAT_MODES[mode]), theirs, x)


def between_values(name, bits):
    """Return values in quarters of the least random bit, and the draws where each turns over.

    gfloat adds the lost fraction and the draw in float64, which is exact for values this short.
    """
    values = nf.decode(all_codes(name), name)
    values = np.unique(values[np.isfinite(values)])
    rng = np.random.default_rng(5)
    gaps = rng.choice(values.size - 1, size=min(24, values.size - 1), replace=False)
    low, high = values[gaps, None], values[gaps + 1, None]
    whole = 1 << bits
    quarters = np.arange(4 * whole)
    towards_high = low >= 0
    start, step = np.where(towards_high, low, high), np.where(towards_high, 1, -1) * (high - low)
    x = start + step * (quarters / (4 * whole))
    turn = whole - quarters // 4
    near = [np.clip(turn + shift, 0, whole - 1) for shift in (-1, 0, 1)]
    draws = np.stack([*near, rng.integers(0, whole, size=quarters.size)])
    x, draws = np.broadcast_arrays(x, draws[:, None, :])
    return x.reshape(-1), draws.reshape(-1)


@pytest.mark.parametrize("bits", [1, 2, 3, 8])
@pytest.mark.parametrize("mode", GFLOAT_STOCHASTIC)
@pytest.mark.parametrize("name", GFLOAT_FORMATS)
def test_gfloat_and_numfmt_round_stochastically_alike(gfloat, name, mode, bits):
    if not hasattr(gfloat.RoundMode, mode):
        pytest.skip(f"this gfloat has no {mode}")
    x, draws = between_values(name, bits)
    with np.errstate(all="ignore"):
        theirs = gfloat.round_ndarray(
            gfloat_info(name),
            x,
            getattr(gfloat.RoundMode, mode),
            sat=True,
            srbits=draws,
            srnumbits=bits,
        )
    ours = nf.round(
        x,
        name,
        rounding=GFLOAT_STOCHASTIC[mode],
        overflow="saturate",
        random_bits=draws,
        bits=bits,
    )
    assert_same_values(ours, theirs, x)


def test_just_below_half_the_smallest_value_goes_to_zero_in_numfmt_though_not_in_gfloat(gfloat):
    # numfmt is right: gfloat's scalar function adds 0.5 in float64 and the sum rounds up to 1.
    x = np.nextafter(2.0**-10, 0)
    assert nf.encode(x, "e4m3", rounding="nearest_away") == 0
    assert nf.encode(2.0**-10, "e4m3", rounding="nearest_away") == 1
    theirs = gfloat.round_float(gfloat_info("e4m3"), x, gfloat.RoundMode.TiesToAway)
    assert theirs in (2.0**-9, 0.0)  # gfloat 0.5.2 gives the first


# --- apytypes ---

APY_FIXED_MODES = {
    "TO_NEG": "toward_negative",
    "TO_ZERO": "toward_zero",
    "TO_POS": "toward_positive",
    "TO_AWAY": "away_from_zero",
    "TIES_POS": "nearest_up",
    "TIES_NEG": "nearest_down",
    "TIES_ZERO": "nearest_zero",
    "TIES_AWAY": "nearest_away",
    "TIES_EVEN": "nearest_even",
    "JAM_UNBIASED": "to_odd",
    "JAM": "jam",
}
# (integer bits with the sign, fraction bits) of a source and a target
FIXED_CASTS = [
    ((6, 6), (4, 4)),
    ((6, 6), (1, 7)),
    ((4, 8), (1, 7)),
    ((8, 4), (8, 0)),
    ((4, 8), (4, 0)),
    ((10, 2), (4, 4)),
    ((3, 9), (2, 2)),
    ((9, 3), (10, -2)),
    ((2, 10), (-1, 5)),
    ((3, 11), (1, 0)),
]


@pytest.mark.parametrize("overflow", ["wrap", "saturate"])
@pytest.mark.parametrize("mode", APY_FIXED_MODES)
@pytest.mark.parametrize(("source", "target"), FIXED_CASTS)
def test_apytypes_and_numfmt_cast_every_fixed_point_code_alike(
    apytypes, source, target, mode, overflow
):
    src, dst = (f"q{whole}.{fraction}" for whole, fraction in (source, target))
    codes = all_codes(src)
    values = nf.decode(codes, src)
    if mode == "JAM":
        # apytypes sets the last bit of two's complement, numfmt of the magnitude: they part at
        # exact even negative values, where apytypes goes up and numfmt away from zero.
        exact_even = values * 2.0 ** target[1] % 2 == 0
        codes = codes[~(exact_even & (values < 0))]
    theirs = (
        apytypes.APyFixedArray(codes.tolist(), *source)
        .cast(
            *target,
            getattr(apytypes.QuantizationMode, mode),
            {"wrap": apytypes.OverflowMode.WRAP, "saturate": apytypes.OverflowMode.SAT}[overflow],
        )
        .to_bits(numpy=True)
    )
    ours = nf.convert(codes, src, dst, rounding=APY_FIXED_MODES[mode], overflow=overflow)
    assert_same_codes(ours, theirs, codes)


@pytest.mark.parametrize("mode", APY_FIXED_MODES)
def test_apytypes_and_numfmt_wrap_to_unsigned_codes_alike(apytypes, mode):
    codes = all_codes("uq6.6")
    theirs = (
        apytypes.APyFixedArray(codes.tolist(), 7, 6)
        .cast(4, 4, getattr(apytypes.QuantizationMode, mode), apytypes.OverflowMode.WRAP)
        .to_bits(numpy=True)
    )
    ours = nf.convert(codes, "uq6.6", "uq4.4", rounding=APY_FIXED_MODES[mode], overflow="wrap")
    assert_same_codes(ours, theirs, codes)


def test_jam_sets_the_last_bit_of_the_magnitude_in_numfmt_and_of_the_code_in_apytypes(apytypes):
    # Neither is wrong: -2 has an even last bit and nothing is lost.
    theirs = apytypes.APyFixedArray([-2 * 16], 8, 4).cast(
        8, 0, apytypes.QuantizationMode.JAM, apytypes.OverflowMode.WRAP
    )
    assert theirs.to_numpy().tolist() == [-1.0]
    assert nf.round([-2.0], "q8.0", rounding="jam").tolist() == [-3.0]


APY_FLOAT_MODES = {name: mode for name, mode in APY_FIXED_MODES.items() if name != "JAM"}


@pytest.mark.parametrize("mode", APY_FLOAT_MODES)
@pytest.mark.parametrize("name", ["e3m4_ieee", "e4m3_ieee", "e5m2", "binary16", "bfloat16", "tf32"])
def test_apytypes_and_numfmt_narrow_floats_alike(apytypes, name, mode):
    x = structured_floats("f4", np.arange(256), seed=6)
    if nf.get(name).bits <= 8:
        with np.errstate(over="ignore"):
            x = np.concatenate([x, corners(name).astype(np.float32)])
    x = x[~np.isnan(x)]
    info = nf.finfo(name)
    theirs = (
        apytypes.APyFloatArray.from_bits(x.view(np.uint32).tolist(), 8, 23)
        .cast(info.nexp, info.nmant, quantization=getattr(apytypes.QuantizationMode, mode))
        .to_bits(numpy=True)
    )
    ours = nf.encode(x, name, rounding=APY_FLOAT_MODES[mode], overflow="ieee")
    assert_same_codes(ours, theirs, x)

"""numfmt against the 504 official tables of IEEE P3109, and the corners of its projection."""

import hashlib
import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact

HERE = Path(__file__).parent
DATA = Path(os.environ.get("NUMFMT_TEST_DATA", HERE.parent.parent / "shared" / "data")) / "p3109"
DIGESTS = HERE / "p3109_digests.json"

# Kinds as the official tables of the data folder number them.
ZERO, NORMAL, SUBNORMAL, POSITIVE_INFINITY, NEGATIVE_INFINITY, NAN = range(6)

NAMES = [
    f"Binary{k}p{p}{sign}{domain}"
    for k in range(3, 17)
    for sign in "su"
    for p in range(1, k + (sign == "u"))
    for domain in "ef"
]
NARROW = [name for name in NAMES if nf.get(name).bits <= 8]


def official(filename):
    path = DATA / filename
    if not path.exists():
        pytest.skip(f"no {filename}: NUMFMT_TEST_DATA names no folder with p3109/{filename}")
    return json.loads(path.read_text()) if path.suffix == ".json" else np.load(path)


def table(name, codes=None):
    """Return kind, num and exp of codes as the official tables have them, from `nf.unpack`."""
    if codes is None:
        codes = np.arange(1 << nf.get(name).bits)
    kind, sign, exponent, significand = nf.unpack(codes, name)
    meaning = np.zeros((5, 2), np.uint8)
    meaning[nf.Kind.ZERO] = ZERO
    meaning[nf.Kind.SUBNORMAL] = SUBNORMAL
    meaning[nf.Kind.NORMAL] = NORMAL
    meaning[nf.Kind.INFINITY] = POSITIVE_INFINITY, NEGATIVE_INFINITY
    meaning[nf.Kind.NAN] = NAN
    magnitude = significand.astype(np.int64)
    twos = np.maximum(np.frexp((magnitude & -magnitude).astype(float))[1] - 1, 0)
    num = (magnitude >> twos) * np.where(sign, -1, 1)
    exp = np.where(magnitude > 0, exponent + twos, 0)
    return meaning[kind, sign], num.astype("<i4"), exp.astype("<i4")


def exact_row(datum):
    """Return kind, num and exp of a datum of `numfmt.exact`."""
    if datum.kind is nf.Kind.NAN:
        return NAN, 0, 0
    if datum.kind is nf.Kind.INFINITY:
        return (NEGATIVE_INFINITY if datum.sign else POSITIVE_INFINITY), 0, 0
    if datum.kind is nf.Kind.ZERO:
        return ZERO, 0, 0
    n, d = datum.magnitude.as_integer_ratio()
    twos = (n & -n).bit_length() - 1
    kind = NORMAL if datum.kind is nf.Kind.NORMAL else SUBNORMAL
    return kind, -(n >> twos) if datum.sign else n >> twos, twos - (d.bit_length() - 1)


def exact_table(name):
    entry = nf.get(name)
    rows = [exact_row(exact.decode(code, entry)) for code in range(1 << entry.bits)]
    kind, num, exp = np.array(rows).T
    return kind.astype(np.uint8), num.astype("<i4"), exp.astype("<i4")


def digest(kind, num, exp):
    return hashlib.sha256(kind.tobytes() + num.tobytes() + exp.tobytes()).hexdigest()


def write_digests():
    """Write p3109_digests.json from `numfmt.exact`.

    To regenerate: ``python -c "import test_p3109_tables as t; t.write_digests()"`` in this folder.
    """
    digests = {name: digest(*exact_table(name)) for name in NAMES}
    DIGESTS.write_text(json.dumps(digests, indent=0) + "\n")


def own_digests():
    return json.loads(DIGESTS.read_text())


# --- tables ---


def test_there_are_504_formats():
    assert len(NAMES) == 504
    assert {n for n in nf.names(family="float") if n.startswith("Binary")} == set(NAMES)


@pytest.mark.parametrize("filename", ["tables_k3_k8.npz", "samples_k9_k16.npz"])
def test_every_official_row_is_what_numfmt_unpacks(filename):
    data = official(filename)
    offset = data["offset"]
    rows = [data[key] for key in ("kind", "num", "exp")]
    codes = data["code"] if "code" in data else None
    for name, start, stop in zip(data["names"].tolist(), offset, offset[1:], strict=False):
        of_format = None if codes is None else codes[start:stop]
        for ours, theirs, key in zip(
            table(name, of_format), rows, ("kind", "num", "exp"), strict=True
        ):
            assert np.array_equal(ours, theirs[start:stop]), (name, key)


def test_the_official_files_hold_every_format():
    narrow, wide = official("tables_k3_k8.npz"), official("samples_k9_k16.npz")
    assert sorted([*narrow["names"].tolist(), *wide["names"].tolist()]) == sorted(NAMES)
    assert len(narrow["kind"]) == 13_296
    assert len(wide["kind"]) == 73_754


def test_every_whole_table_has_the_official_digest():
    theirs = official("full_table_sha256.json")
    ours = {name: digest(*table(name)) for name in NAMES}
    assert ours == theirs


def test_kernels_reproduce_the_digests_that_exact_gave():
    assert {name: digest(*table(name)) for name in NAMES} == own_digests()


def test_exact_reproduces_its_digests_up_to_8_bits():
    digests = own_digests()
    assert {name: digest(*exact_table(name)) for name in NARROW} == {
        name: digests[name] for name in NARROW
    }


@pytest.mark.slow
@pytest.mark.parametrize("bits", range(9, 17))
def test_exact_reproduces_its_digests(bits):
    digests = own_digests()
    names = [name for name in NAMES if nf.get(name).bits == bits]
    assert {name: digest(*exact_table(name)) for name in names} == {
        name: digests[name] for name in names
    }


def test_digests_that_exact_gave_are_the_official_ones():
    assert own_digests() == official("full_table_sha256.json")


# --- limits ---


def annex_b(name):
    """Return K, P, signed, extended and the codes that Annex B gives."""
    entry = nf.get(name)
    k, p = entry.bits, entry.precision
    signed, extended = name[-2] == "s", name.endswith("e")
    half = 1 << (k - 1)
    if signed:
        codes = {
            "one": half >> 1,
            "nan": half,
            "infinities": (half - 1, 2 * half - 1) if extended else (),
            "max": half - 2 if extended else half - 1,
        }
        codes["min"] = codes["max"] + half
    else:
        codes = {
            "one": half,
            "nan": 2 * half - 1,
            "infinities": (2 * half - 2,) if extended else (),
            "max": 2 * half - 3 if extended else 2 * half - 2,
            "min": 0,
        }
    return k, p, signed, extended, codes


@pytest.mark.parametrize("name", NAMES)
def test_special_codes_are_where_annex_b_puts_them(name):
    *_, codes = annex_b(name)
    info = nf.finfo(name)
    assert info.code_of_zero == 0
    assert info.code_of_one == codes["one"]
    assert info.nan_codes == (codes["nan"],)
    assert info.infinity_codes == codes["infinities"]
    assert (info.code_of_max, info.code_of_min) == (codes["max"], codes["min"])
    assert info.nan_count == 1
    assert info.finite_count == (1 << info.bits) - 1 - len(codes["infinities"])
    assert exact.decode(codes["one"], name).value == 1


@pytest.mark.parametrize("name", NAMES)
def test_limits_are_those_of_annex_a(name):
    k, p, signed, extended, codes = annex_b(name)
    info = nf.finfo(name)
    bias = 2 ** (k - p - 1) if signed else 2 ** (k - p)
    if p == 1:
        emax = 2 ** (k - 2) - 1 if signed else 2 ** (k - 1) - 1
        emax -= extended if signed else 1 + extended
    elif p == 2 and extended and not signed:
        emax = 2 ** (k - 2) - 2
    else:
        emax = bias - 1
    assert (info.bias, info.emin, info.emax) == (bias, 1 - bias, emax)
    assert info.significand_bits == p
    assert info.nmant == p - 1
    assert info.nexp == (k - p if signed else k - p + 1)
    assert info.max == exact.decode(codes["max"], name).value
    assert info.min == exact.decode(codes["min"], name).value
    assert info.max >= Fraction(2) ** emax
    assert info.max / 2 < Fraction(2) ** emax


@pytest.mark.parametrize("name", NAMES)
def test_smallest_values_are_code_1_and_code_2_to_the_p_minus_1(name):
    _, p, _, _, codes = annex_b(name)
    info = nf.finfo(name)
    normal = 1 << (p - 1)
    assert codes["max"] >= normal
    assert info.smallest_normal == exact.decode(normal, name).value
    assert info.smallest_subnormal == (None if p == 1 else exact.decode(1, name).value)


# --- projection ---

POLICIES = {
    "SatFinite": "saturate",
    "SatPropagate": "saturate_propagate",
    "SatNone": "sat_none",
}
DETERMINISTIC = {
    "NearestTiesToEven": "nearest_even",
    "NearestTiesToAway": "nearest_away",
    "TowardPositive": "toward_positive",
    "TowardNegative": "toward_negative",
    "TowardZero": "toward_zero",
    "ToOdd": "to_odd",
}
STOCHASTIC = {
    "StochasticA": "stochastic_a",
    "StochasticB": "stochastic_b",
    "StochasticC": "stochastic_c",
}


def project(x, name, mode="NearestTiesToEven", saturation="SatNone"):
    random = {"rng": 0} if mode in STOCHASTIC else {}
    return nf.encode(
        x,
        name,
        rounding=(DETERMINISTIC | STOCHASTIC)[mode],
        overflow=POLICIES[saturation],
        **random,
    )


def saturated(x, name, mode, saturation):
    """Return the code of +-inf or of a finite value far out of range, by the table of 4.7.5."""
    *_, signed, extended, codes = annex_b(name)
    low, high = codes["min"], codes["max"]
    plus = codes["infinities"][0] if extended else None
    minus = codes["infinities"][1] if extended and signed else None
    if saturation == "SatFinite":
        return high if x > 0 else low
    if np.isposinf(x):
        return plus if extended else high
    if np.isneginf(x):
        if minus is not None:
            return minus
        return low if saturation == "SatPropagate" or signed else codes["nan"]
    if saturation == "SatPropagate":
        return high if x > 0 else low
    if x > 0:
        stays = mode in ("TowardZero", "TowardNegative") or (mode == "ToOdd" and not signed)
        return plus if extended and not stays else high
    if mode in ("TowardZero", "TowardPositive"):
        return low
    if signed:
        return minus if extended else low
    return codes["nan"]


@pytest.mark.parametrize("saturation", POLICIES)
@pytest.mark.parametrize("mode", [*DETERMINISTIC, *STOCHASTIC])
def test_values_out_of_range_become_what_the_saturation_table_says(mode, saturation):
    x = np.array([1e300, np.inf, -1e300, -np.inf])
    for name in NARROW:
        expected = [saturated(value, name, mode, saturation) for value in x]
        assert project(x, name, mode, saturation).tolist() == expected, name


@pytest.mark.parametrize("saturation", POLICIES)
@pytest.mark.parametrize("name", NARROW)
def test_nan_becomes_the_one_nan_and_both_zeros_become_zero(name, saturation):
    nan = nf.finfo(name).nan_codes[0]
    x = [np.nan, -np.nan, 0.0, -0.0]
    assert project(x, name, saturation=saturation).tolist() == [nan, nan, 0, 0]


NAMED_CASES = [
    # A finite format has no NaN from a positive overflow.
    ("Binary8p4sf", 1e9, "NearestTiesToEven", "SatNone", 240.0),
    ("Binary8p4sf", -1e9, "NearestTiesToEven", "SatNone", -240.0),
    ("Binary8p4uf", np.inf, "NearestTiesToEven", "SatNone", 57344.0),
    # ToOdd stays at an odd largest code: unsigned extended only.
    ("Binary8p4ue", 1e9, "ToOdd", "SatNone", 53248.0),
    ("Binary8p4se", 1e9, "ToOdd", "SatNone", np.inf),
    ("Binary8p4se", -1e9, "ToOdd", "SatNone", -np.inf),
    # A NaN from saturation: negative into unsigned, unless the mode goes up to zero.
    ("Binary8p4uf", -1.0, "NearestTiesToEven", "SatNone", np.nan),
    ("Binary8p4ue", -1.0, "NearestTiesToEven", "SatNone", np.nan),
    ("Binary8p4uf", -1.0, "NearestTiesToEven", "SatFinite", 0.0),
    ("Binary8p4uf", -1.0, "NearestTiesToEven", "SatPropagate", 0.0),
    ("Binary8p4uf", -1.0, "TowardZero", "SatNone", 0.0),
    ("Binary8p4ue", -1.0, "TowardPositive", "SatNone", 0.0),
    ("Binary8p4ue", -np.inf, "TowardPositive", "SatNone", np.nan),
    ("Binary8p4ue", -np.inf, "NearestTiesToEven", "SatPropagate", 0.0),
    # A negative value that rounds to zero first is in range.
    ("Binary8p4uf", -(2.0**-20), "NearestTiesToEven", "SatNone", 0.0),
    ("Binary8p4uf", -(2.0**-20), "TowardNegative", "SatNone", np.nan),
    ("Binary8p4uf", -(2.0**-20), "ToOdd", "SatNone", np.nan),
    # Half a unit above the largest value: its code is even in se, odd in ue.
    ("Binary8p4se", 232.0, "NearestTiesToEven", "SatNone", 224.0),
    ("Binary8p4se", np.nextafter(232.0, 240.0), "NearestTiesToEven", "SatNone", np.inf),
    ("Binary8p4se", 232.0, "NearestTiesToAway", "SatNone", np.inf),
    ("Binary8p4ue", 55296.0, "NearestTiesToEven", "SatNone", np.inf),
    ("Binary8p4ue", np.nextafter(55296.0, 0), "NearestTiesToEven", "SatNone", 53248.0),
    # SatPropagate tells a finite overflow from an infinity.
    ("Binary8p4se", 1e9, "NearestTiesToEven", "SatPropagate", 224.0),
    ("Binary8p4se", np.inf, "NearestTiesToEven", "SatPropagate", np.inf),
    ("Binary8p4se", np.inf, "NearestTiesToEven", "SatFinite", 224.0),
    ("Binary8p4sf", -np.inf, "NearestTiesToEven", "SatPropagate", -240.0),
    # Directed modes stay inside.
    ("Binary8p4se", 1e9, "TowardZero", "SatNone", 224.0),
    ("Binary8p4se", 1e9, "TowardNegative", "SatNone", 224.0),
    ("Binary8p4se", -1e9, "TowardNegative", "SatNone", -np.inf),
    ("Binary8p4se", -1e9, "TowardPositive", "SatNone", -224.0),
    # Precision 1: the next value above the largest is twice it; ties go by the code.
    ("Binary8p1se", 1.5 * 2.0**62, "NearestTiesToEven", "SatNone", 2.0**62),
    ("Binary8p1se", 1.75 * 2.0**62, "NearestTiesToEven", "SatNone", np.inf),
    ("Binary8p1ue", 1.5 * 2.0**125, "NearestTiesToEven", "SatNone", np.inf),
    ("Binary8p1uf", 3.0, "NearestTiesToEven", "SatNone", 4.0),
    ("Binary8p1uf", 1.5, "NearestTiesToEven", "SatNone", 1.0),
    ("Binary8p1uf", 6.0, "NearestTiesToEven", "SatNone", 4.0),
    ("Binary8p1uf", 2.0**-128, "NearestTiesToEven", "SatNone", 0.0),
    # Negative underflow gives the only zero.
    ("Binary8p4se", -(2.0**-30), "NearestTiesToEven", "SatNone", 0.0),
    ("Binary8p4se", -(2.0**-11), "NearestTiesToEven", "SatNone", 0.0),
    # By the letter ToOdd overflows to infinity in the external formats, odd as their top code is.
    ("binary16", 1e9, "ToOdd", "SatNone", np.inf),
    ("bfloat16", -1e300, "ToOdd", "SatNone", -np.inf),
]


@pytest.mark.parametrize(("name", "x", "mode", "saturation", "expected"), NAMED_CASES)
def test_projection_gives(name, x, mode, saturation, expected):
    code = project(x, name, mode, saturation)
    ours = nf.decode(code, name)
    assert ours.view(np.uint64) == np.float64(expected).view(np.uint64) or (
        np.isnan(ours) and np.isnan(expected)
    )


def test_p3109_formats_round_to_nearest_even_and_do_not_saturate_unless_told():
    for name in NAMES:
        info = nf.finfo(name)
        assert (info.rounding, info.overflow) == ("nearest_even", "sat_none")


@pytest.mark.parametrize(
    ("fraction", "a", "b", "c"),
    [(0.3, 1, 1, 1), (0.45, 1, 2, 2), (0.125, 0, 1, 0), (1 - 2.0**-20, 3, 4, 4)],
)
def test_two_random_bits_round_away_as_often_as_the_formulas_say(fraction, a, b, c):
    x = np.full(4, 8 + fraction) * 2.0**-10
    for mode, away in zip(STOCHASTIC.values(), (a, b, c), strict=True):
        codes = nf.encode(x, "Binary8p4se", rounding=mode, random_bits=np.arange(4), bits=2)
        assert (codes == 9).sum() == away, mode
        assert ((codes == 8) | (codes == 9)).all()

"""Every catalogued format against the printed constants of its standard."""

from fractions import Fraction

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.params import Kind
from points import rational, used_codes

# name: (bias, largest value, its code, smallest normal, smallest subnormal, NaN codes, infinities,
#        finite codes); formats.md 2.1 to 2.3, from the documents named in each entry's source
EIGHT_BITS = {
    "e5m2": (15, 57344, 0x7B, -14, -16, 6, [0x7C, 0xFC], 248),
    "e4m3": (7, 448, 0x7E, -6, -9, 2, [], 254),
    "e4m3_ieee": (7, 240, 0x77, -6, -9, 14, [0x78, 0xF8], 240),
    "e3m4_ieee": (3, 15.5, 0x6F, -2, -6, 30, [0x70, 0xF0], 224),
    "e3m4_fn": (3, 30, 0x7E, -2, -6, 2, [], 254),
    "e4m3_fnuz": (8, 240, 0x7F, -7, -10, 1, [], 255),
    "e5m2_fnuz": (16, 57344, 0x7F, -15, -17, 1, [], 255),
    "e4m3_fnuz_b11": (11, 30, 0x7F, -10, -13, 1, [], 255),
}
MAGNITUDES = {
    "e3m2": "0 .0625 .125 .1875 .25 .3125 .375 .4375 .5 .625 .75 .875 1 1.25 1.5 1.75 2 2.5 3 3.5 4"
    " 5 6 7 8 10 12 14 16 20 24 28",
    "e2m3": "0 .125 .25 .375 .5 .625 .75 .875 1 1.125 1.25 1.375 1.5 1.625 1.75 1.875 2 2.25 2.5"
    " 2.75 3 3.25 3.5 3.75 4 4.5 5 5.5 6 6.5 7 7.5",
    "e2m1": "0 .5 1 1.5 2 3 4 6",
    "e1m2_finite": "0 .5 1 1.5 2 2.5 3 3.5",
    "Binary4p2sf": "0 .25 .5 .75 1 1.5 2 3",
}


@pytest.mark.fast
@pytest.mark.parametrize("name", EIGHT_BITS)
def test_8_bit_floats_have_the_printed_constants(name: str) -> None:
    bias, largest, code, normal, subnormal, nans, infinities, finite = EIGHT_BITS[name]
    info = nf.finfo(name)
    assert (info.bias, info.max, info.code_of_max) == (bias, largest, code)
    assert (info.smallest_normal, info.smallest_subnormal) == (2.0**normal, 2.0**subnormal)
    assert (info.nan_count, list(info.infinity_codes), info.finite_count) == (
        nans,
        infinities,
        finite,
    )


@pytest.mark.fast
@pytest.mark.parametrize("name", MAGNITUDES)
def test_short_floats_have_the_printed_magnitudes(name: str) -> None:
    want = [float(text) for text in MAGNITUDES[name].split()]
    codes = np.arange(len(want))
    assert nf.decode(codes, name).tolist() == want
    negative = nf.decode(codes + len(want), name)[1:]
    assert (negative == -np.array(want[1:])).all()


@pytest.mark.fast
def test_interchange_formats_have_numpys_limits() -> None:
    shared = (
        "bits eps epsneg iexp machep max maxexp min minexp negep nexp nmant precision "
        "resolution smallest_normal tiny smallest_subnormal"
    )
    for name, dtype in (("binary16", np.float16), ("binary32", np.float32), ("binary64", float)):
        ours, theirs = nf.finfo(name), np.finfo(dtype)
        for attribute in shared.split():
            assert getattr(ours, attribute) == getattr(theirs, attribute), (name, attribute)


@pytest.mark.fast
def test_wider_floats_have_the_printed_constants() -> None:
    assert nf.finfo("bfloat16").max == 3.3895313892515355e38
    assert nf.finfo("bfloat16").smallest_subnormal == 2.0**-133
    assert nf.finfo("tf32").max == (2 - 2.0**-10) * 2.0**127
    assert nf.finfo("tf32").smallest_subnormal == 2.0**-136
    assert [hex(nf.finfo(n).nan_codes[0]) for n in ("binary16", "binary32", "bfloat16")] == [
        "0x7e00",
        "0x7fc00000",
        "0x7fc0",
    ]
    scale = nf.finfo("e8m0")
    assert (scale.max, scale.code_of_max, scale.min) == (2.0**127, 0xFE, 2.0**-127)
    assert (scale.nan_codes, scale.finite_count, scale.code_of_zero) == ((0xFF,), 255, None)


@pytest.mark.fast
def test_p3109_formats_of_8_bits_have_the_printed_maxima() -> None:
    want = {"3se": 49152, "4se": 224, "4sf": 240, "5se": 15, "1uf": 2.0**126}
    assert {name: nf.finfo(f"Binary8p{name}").max for name in want} == want
    assert nf.finfo("Binary8p1uf").smallest_normal == 2.0**-127


@pytest.mark.fast
def test_integers_and_fixed_point_have_their_ranges() -> None:
    ranges = {
        "int8": (-128, 127),
        "int8_narrow": (-127, 127),
        "uint8": (0, 255),
        "int1": (-1, 0),
        "int8_sign_magnitude": (-127, 127),
        "q2.14": (-2, 2 - 2.0**-14),
        "uq2.14": (0, 4 - 2**-14),
        "q-2.10": (-(2.0**-3), 2.0**-3 - 2.0**-10),
        "q10.-2": (-512, 508),
        "uint32": (0, 2**32 - 1),
    }
    assert {name: (nf.finfo(name).min, nf.finfo(name).max) for name in ranges} == ranges


@pytest.mark.parametrize(
    "name",
    [n for n in rational() if nf.get(n).fits_float64 and not n.startswith("Binary")],
)
def test_all_codes_decode_and_unpack_as_exact_has_them(name: str) -> None:
    fmt = nf.get(name)
    codes = np.array(used_codes(fmt))
    data = [exact.decode(code, fmt) for code in codes.tolist()]
    want = np.array(
        [
            float(d.magnitude) if d.finite else np.inf if d.kind is Kind.INFINITY else np.nan
            for d in data
        ]
    )
    want = np.copysign(want, [-1.0 if d.sign else 1.0 for d in data])
    got = nf.decode(codes, fmt)
    assert (got.view(np.uint64) == want.view(np.uint64)).all()
    one_by_one = np.array([nf.decode(code, fmt) for code in codes[:40]])
    assert (one_by_one.view(np.uint64) == want[:40].view(np.uint64)).all()
    kind, sign, exponent, significand = nf.unpack(codes, fmt)
    assert kind.tolist() == [d.kind for d in data]
    assert sign.tolist() == [d.sign for d in data]
    finite = kind < Kind.INFINITY
    assert (np.ldexp(significand.astype(float), exponent)[finite] == np.abs(want[finite])).all()


@pytest.mark.parametrize("name", [n for n in nf.names(max_bits=16) if n.startswith("Binary")])
def test_p3109_codes_decode_as_they_unpack(name: str) -> None:
    fmt = nf.get(name)
    if not fmt.fits_float64:
        return
    codes = np.arange(1 << fmt.bits)
    kind, sign, exponent, significand = nf.unpack(codes, fmt)
    want = np.ldexp(significand.astype(float), exponent)
    want[kind == Kind.INFINITY] = np.inf
    want[kind == Kind.NAN] = np.nan
    want = np.copysign(want, np.where(sign == 1, -1.0, 1.0))
    assert (nf.decode(codes, fmt).view(np.uint64) == want.view(np.uint64)).all()


@pytest.mark.parametrize("name", rational(max_bits=12))
def test_limits_count_what_the_codes_are(name: str) -> None:
    fmt, info = nf.get(name), nf.finfo(name)
    found = {code: exact.decode(code, fmt).kind for code in used_codes(fmt)}
    kinds = list(found.values())
    assert info.finite_count == sum(kind < Kind.INFINITY for kind in kinds)
    assert info.nan_count == kinds.count(Kind.NAN)
    assert len(info.infinity_codes) == kinds.count(Kind.INFINITY)
    assert all(found[code] is Kind.NAN for code in info.nan_codes)
    assert all(found[code] is Kind.INFINITY for code in info.infinity_codes)
    for code, end in ((info.code_of_max, info.max), (info.code_of_min, info.min)):
        value = exact.decode(code, fmt).value
        assert value == end if isinstance(end, Fraction) else float(value) == end
    if info.code_of_one is not None:
        assert exact.decode(info.code_of_one, fmt).value == 1
    ones = [c for c in found if found[c] < 3 and exact.decode(c, fmt).value == 1]
    assert ones[:1] == ([] if info.code_of_one is None else [info.code_of_one])


@pytest.mark.fast
def test_every_entry_names_its_source() -> None:
    assert all(len(nf.get(name).source) > 10 for name in nf.names())


@pytest.mark.fast
def test_wide_formats_decode_to_fields_and_refuse_floats() -> None:
    wide = nf.get("Binary16p1ue")
    with pytest.raises(nf.FormatError, match=r"numfmt\.unpack or numfmt\.exact"):
        nf.decode([1], wide)
    assert nf.unpack([1, 0xFFFD], wide).exponent.tolist() == [1 - 2**15, 0xFFFD - 2**15]
    assert nf.encode([1, 4], wide).tolist() == [2**15, 2**15 + 2]
    with pytest.raises(nf.FormatError, match="float32"):
        nf.decode([1], "binary64", dtype="float32")


@pytest.mark.fast
@pytest.mark.parametrize(
    "fields",
    [
        {"bits": 8, "precision": 9, "emin": -6},
        {"bits": 1, "precision": 1, "emin": 0},
        {"bits": 70, "precision": 20, "emin": 0},
        {"bits": 40, "precision": 3, "emin": 0},
        {"bits": 8, "precision": 4, "emin": -6, "signed": False},
        {"bits": 8, "precision": 4, "emin": -6, "zero": False},
        {"bits": 2, "precision": 1, "emin": 1},
    ],
)
def test_descriptions_that_do_not_fit_are_refused_by_name(fields: dict[str, int]) -> None:
    with pytest.raises(nf.FormatError, match="FloatFormat 'odd'"):
        nf.FloatFormat(name="odd", **fields)


@pytest.mark.fast
def test_formats_without_subnormals_flush_below_the_smallest_normal() -> None:
    fmt = nf.FloatFormat(name="flat", bits=6, precision=3, emin=-2, subnormals=False)
    assert nf.decode([1, 2, 3], fmt).tolist() == [0, 0, 0]
    x = [0.124, 0.125, 0.126, 0.24, -0.01]
    assert nf.encode(x, fmt).tolist() == [0, 0, 4, 4, 32]
    assert nf.encode(x, fmt, rounding="toward_positive").tolist() == [4, 4, 4, 4, 32]

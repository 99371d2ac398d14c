"""Anything array-like goes in, unchanged, and anything else is refused in one sentence."""

from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact

pytestmark = pytest.mark.fast


class OnlyDLPack:
    """An array that offers nothing but the DLPack protocol."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


VALUES = np.array([[0.0, 1.5, -2.75], [300.0, -0.001, 7.0]])
CODES = nf.encode(VALUES, "e4m3")


@pytest.mark.parametrize(
    "given",
    [
        VALUES,
        VALUES.tolist(),
        np.asfortranarray(VALUES),
        VALUES.astype(">f8"),
        np.repeat(VALUES, 2, axis=1)[:, ::2],
        OnlyDLPack(VALUES),
        VALUES[::-1][::-1],
        np.broadcast_to(VALUES, (2, 3)),
    ],
)
def test_layout_and_kind_of_array_do_not_matter(given: Any) -> None:
    got = nf.encode(given, "e4m3")
    assert got.tolist() == CODES.tolist()
    assert got.shape == (2, 3)
    assert got.flags.c_contiguous


def test_read_only_arrays_are_read() -> None:
    x = VALUES.copy()
    x.flags.writeable = False
    assert nf.encode(x, "e4m3").tolist() == CODES.tolist()


@pytest.mark.parametrize("scalar", [1.5, np.float16(1.5), np.float32(1.5), np.array(1.5)])
def test_scalars_give_arrays_of_no_dimension(scalar: Any) -> None:
    code = nf.encode(scalar, "e4m3")
    assert code.shape == ()
    assert int(code) == 0x3C
    value = nf.decode(code, "e4m3")
    assert value.shape == ()
    assert float(value) == 1.5
    assert nf.unpack(0x3C, "e4m3").kind.shape == ()
    assert nf.convert(0x3C, "e4m3", "binary16").shape == ()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0, 4)])
def test_empty_arrays_stay_empty(shape: tuple[int, ...]) -> None:
    assert nf.encode(np.zeros(shape), "e4m3").shape == shape
    codes, flags = nf.encode(np.zeros(shape, np.float32), "e4m3", return_flags=True)
    assert codes.shape == flags.shape == shape
    assert nf.decode(np.zeros(shape, np.uint8), "e4m3").shape == shape
    assert nf.encode([], "int8").shape == (0,)
    assert nf.ordinal(np.zeros(shape, int), "e4m3").shape == shape


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?", "f2"])
def test_every_dtype_goes_in_exactly(dtype: str) -> None:
    x = np.array([0, 1, 1, 0], dtype)
    top = np.iinfo(dtype).max if dtype[0] in "iu" else 1
    x[3] = top
    want = [exact.encode(int(value), "binary16")[0] for value in x.tolist()]
    assert nf.encode(x, "binary16").tolist() == want
    assert nf.encode(np.tile(x, 500), "binary16").tolist() == want * 500


@pytest.mark.parametrize(
    ("x", "want"),
    [
        (2**53 + 1, 0x4340000000000000),
        (2**53 + 3, 0x4340000000000002),
        (2**64 - 1, 0x43F0000000000000),
        (-(2**63), 0xC3E0000000000000),
        (2**63 - 1, 0x43E0000000000000),
        (-(2**53) - 1, 0xC340000000000000),
    ],
)
def test_integers_above_2_to_the_53_are_not_narrowed_first(x: int, want: int) -> None:
    assert int(nf.encode(x, "binary64")) == want


def test_an_integer_that_float64_would_round_first_is_rounded_once() -> None:
    x = 2**63 + 2**52 + 1  # float64 loses the 1 and makes a tie of it
    assert int(nf.encode(x, "e8m10_ieee")) == exact.encode(x, "e8m10_ieee")[0]
    assert int(nf.encode(float(x), "e8m10_ieee")) != int(nf.encode(x, "e8m10_ieee"))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.array([1j]), "complex128"),
        (np.array(["a"]), "dtype"),
        (np.array([1], np.longdouble), "float64 first"),
        ([2**80], "numfmt.exact"),
        ([[1.0], [1.0, 2.0]], "array"),
        (np.array([None]), "dtype object"),
        ([2**60 + 1, 0.5], "NumPy would round"),
        (np.datetime64("2020-01-01"), "dtype"),
    ],
)
def test_what_is_not_taken_exactly_is_refused(x: Any, words: str) -> None:
    with pytest.raises(nf.FormatError, match=words):
        nf.encode(x, "binary32")


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([0, 16], r"codes\[1\] is 0x10; codes of 'e2m1' have 4 bits"),
        ([-1], r"codes\[0\] is -1"),
        ([1.0], "decode takes codes"),
        (np.array([[0], [255]], np.uint8), r"codes\[1, 0\] is 0xff"),
    ],
)
def test_codes_out_of_range_are_refused_with_their_place(codes: Any, words: str) -> None:
    for call in (nf.decode, nf.unpack, nf.ordinal):
        with pytest.raises(nf.FormatError, match=words):
            call(codes, "e2m1")


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i4", ">u2"])
def test_codes_may_be_of_any_integer_dtype(dtype: str) -> None:
    codes = np.array([0x38, 0x7E], dtype)
    assert nf.decode(codes, "e4m3").tolist() == [1.0, 448.0]
    assert nf.convert(codes, "e4m3", "e5m2").dtype == np.uint8


def test_out_is_filled_or_refused() -> None:
    codes = np.empty((2, 3), np.uint8)
    assert nf.encode(VALUES, "e4m3", out=codes) is codes
    assert codes.tolist() == CODES.tolist()
    strided = np.zeros((2, 6), np.uint8)
    nf.encode(VALUES, "e4m3", out=strided[:, ::2])
    assert strided[:, ::2].tolist() == CODES.tolist()
    assert not strided[:, 1::2].any()
    values = np.empty((2, 3), np.float32)
    assert nf.decode(CODES, "e4m3", dtype="float32", out=values) is values
    for bad in (np.empty((3, 2), np.uint8), np.empty((2, 3), np.uint16), [1]):
        with pytest.raises(nf.FormatError, match="out "):
            nf.encode(VALUES, "e4m3", out=bad)


def test_the_first_value_without_a_code_is_named() -> None:
    x = np.ones((4, 25, 20))
    x[1, 3, 17] = np.nan
    with pytest.raises(
        nf.FormatError, match=r"x\[1, 3, 17\] is NaN and 'e2m1' has no NaN; pass nan=0"
    ):
        nf.encode(x, "e2m1")
    with pytest.raises(nf.FormatError, match=r"x\[1, 3, 17\] is NaN"):
        nf.encode(x.astype(np.float32), "e2m1")
    x[1, 3, 17] = -2
    with pytest.raises(nf.FormatError, match=r"x\[1, 3, 17\] = .*-2\.0.* is negative and 'e8m0'"):
        nf.encode(x, "e8m0")
    x[1, 3, 17] = 1e9
    with pytest.raises(nf.FormatError, match=r"past the end of 'int8' \(-128\.0 to 127\.0\)"):
        nf.encode(x, "int8", overflow="raise")
    x[1, 3, 17] = -np.inf
    with pytest.raises(nf.FormatError, match="infinite and 'int8' has no infinity"):
        nf.encode(x, "int8", overflow="wrap")
    with pytest.raises(nf.FormatError, match=r"codes\[0\] is NaN"):
        nf.convert([0x7F], "e4m3", "e2m1")


def test_nan_goes_where_the_call_says() -> None:
    assert int(nf.encode(np.nan, "e2m1", nan=0.0)) == 0
    assert int(nf.encode(np.nan, "e2m1", nan=8)) == 8
    assert int(nf.encode(np.nan, "int8", nan=-3.0)) == 253
    assert int(nf.encode(-np.nan, "e5m2", nan=0x7D)) == 0x7D
    assert nf.encode(np.array([np.nan, -np.nan]), "e4m3").tolist() == [0x7F, 0xFF]
    assert nf.encode(np.full(2000, np.nan), "e2m1", nan=-6.0).tolist() == [15] * 2000
    for bad in (16, -1, float("nan"), "0"):
        with pytest.raises(nf.FormatError, match="nan"):
            nf.encode(np.nan, "e2m1", nan=bad)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rounding": "nearest_evn"}, "Did you mean 'nearest_even'"),
        ({"overflow": "clamp"}, "overflow='clamp' is not one of"),
        ({"overflow": "ieee"}, "needs an infinity and 'e4m3' has none"),
        ({"overflow": "wrap"}, "takes 'saturate'"),
        ({"tininess": "during"}, "tininess"),
        ({"rounding": "sr"}, "needs random bits"),
        ({"rng": 1}, "draws no random bits"),
        ({"rounding": "sr", "rng": 1, "random_bits": 0}, "one source"),
        ({"rounding": "sr", "random_bits": 256}, "must be 0 to 255"),
        ({"rounding": "sr", "rng": 1, "bits": 53}, "bits=53 is not within 1 to 52"),
        ({"rounding": "sr", "random_bits": [1, 2]}, "does not broadcast"),
        ({"rounding": "sr", "rng": -1}, "rng=-1"),
        ({"rounding": "sr", "random_bits": 0.5}, "dtype"),
    ],
)
def test_options_that_do_not_fit_are_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(nf.FormatError, match=words):
        nf.encode([1.0, 2.0, 3.0], "e4m3", **options)


def test_every_rounding_name_is_reached_by_its_aliases() -> None:
    aliases = {
        "RNE": "nearest_even",
        "RNA": "nearest_away",
        "RTZ": "toward_zero",
        "RUP": "toward_positive",
        "RDN": "toward_negative",
        "RTO": "to_odd",
        "SR": "stochastic_a",
        "RMM": "nearest_away",
        "NearestTiesToEven": "nearest_even",
        "NearestTiesToAway": "nearest_away",
        "TowardPositive": "toward_positive",
        "ToOdd": "to_odd",
        "StochasticB": "stochastic_b",
        "AP_RND": "nearest_up",
        "AP_RND_CONV": "nearest_even",
        "AP_TRN": "toward_negative",
        "AP_TRN_ZERO": "toward_zero",
        "TIES_NEG": "nearest_down",
        "JAM_UNBIASED": "to_odd",
        "JAM": "jam",
        "TO_AWAY": "away_from_zero",
        "nearest even": "nearest_even",
    }
    assert {alias: nf.Rounding(alias).value for alias in aliases} == aliases
    assert nf.Overflow("SatFinite") is nf.Overflow.SATURATE
    assert nf.Overflow("SatPropagate") is nf.Overflow.SATURATE_PROPAGATE
    assert nf.Overflow("SatNone") is nf.Overflow.SAT_NONE


def test_ordinals_count_in_the_order_of_values() -> None:
    for name in ("e4m3", "e5m2", "int8", "Binary8p3se", "uq4.4", "e4m3_fnuz", "e8m0"):
        fmt = nf.get(name)
        codes = np.arange(256)
        codes = codes[~np.isnan(nf.decode(codes, fmt))]
        values, numbers = nf.decode(codes, fmt), nf.ordinal(codes, fmt)
        order = np.argsort(values, kind="stable")
        steps = np.diff(numbers[order])
        assert ((steps == 1) | ((steps == 0) & (np.diff(values[order]) == 0))).all(), name
    assert nf.ulp_distance([0x80, 0x7B], [0x01, 0x7C], "e5m2").tolist() == [1, 1]
    with pytest.raises(nf.FormatError, match=r"codes\[1\] is 0x7f of 'e4m3'"):
        nf.ordinal([0, 0x7F], "e4m3")

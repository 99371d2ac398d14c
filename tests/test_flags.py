"""Status flags at the boundaries that designs and standards get wrong."""

import numpy as np
import pytest

import numfmt as nf
from numfmt import Flags, exact

pytestmark = pytest.mark.fast
NX, UF, OF, NV = (int(flag) for flag in (Flags.NX, Flags.UF, Flags.OF, Flags.NV))


def flags(x: object, fmt: str, **options: object) -> int:
    """Return the flags of one value."""
    return int(nf.encode(x, fmt, return_flags=True, **options)[1])


def test_a_tiny_result_that_rounds_up_to_the_least_normal_is_tiny_only_before_rounding() -> None:
    least = 2.0**-14
    for x, after, before in (
        (least * (1 - 2.0**-11), NX | UF, NX | UF),  # rounds to 1 - 2**-11 with 11 digits: tiny
        (least * (1 - 2.0**-12), NX, NX | UF),  # rounds to 1: not tiny after rounding
        (least * (1 - 2.0**-13), NX, NX | UF),
        (least, 0, 0),
        (least / 2, 0, 0),  # tiny and exact: no underflow
        (least * (1 + 2.0**-13), NX, NX),
    ):
        code, raised = nf.encode(x, "binary16", return_flags=True)
        assert int(raised) == after, x
        assert flags(x, "binary16", tininess="before") == before, x
        assert int(code) == int(np.float16(x).view(np.uint16))


def test_overflow_raises_overflow_and_inexact_under_every_policy() -> None:
    for policy in ("ieee", "saturate", "saturate_propagate", "clamp_finite", "infinity", "nan"):
        assert flags(1e9, "e5m2", overflow=policy) == OF | NX
    assert flags(-1.0, "uint8") == OF | NX
    assert flags(448.0, "e4m3") == 0
    assert flags(464.0, "e4m3") == NX


def test_an_exact_infinity_is_invalid_only_where_it_is_lost() -> None:
    assert flags(np.inf, "e5m2") == 0
    assert flags(np.inf, "e5m2", overflow="saturate") == NV
    assert flags(np.inf, "e4m3") == NV
    assert flags(-np.inf, "int8") == NV
    assert flags(np.inf, "Binary8p3ue") == 0
    assert flags(-np.inf, "Binary8p3ue") == NV


@pytest.mark.parametrize(
    ("dtype", "quiet", "loud"),
    [
        ("f2", 0x7E01, 0x7D01),
        ("f4", 0x7FC00001, 0x7FA00001),
        ("f8", 0x7FF8000000000001, 0x7FF4000000000001),
    ],
)
def test_a_signalling_nan_is_invalid_and_a_quiet_one_is_not(
    dtype: str, quiet: int, loud: int
) -> None:
    x = np.array([quiet, loud, 0], f"u{dtype[1]}").view(dtype)
    code, raised = nf.encode(x, "e5m2", return_flags=True)
    assert raised.tolist() == [0, NV, 0]
    assert code.tolist() == [0x7E, 0x7E, 0]
    big = x.astype(x.dtype.newbyteorder(">"))
    assert nf.encode(big, "e5m2", return_flags=True)[1].tolist() == [0, NV, 0]


def test_signalling_codes_are_invalid_in_conversions() -> None:
    codes = [0x7C01, 0x7E00, 0x7C00]
    _, raised = nf.convert(codes, "binary16", "e4m3", return_flags=True)
    assert raised.tolist() == [NV, 0, NV]
    want = [int(exact.convert(code, "binary16", "e4m3")[1]) for code in codes]
    assert raised.tolist() == want


def test_nan_into_a_format_without_nan_is_invalid() -> None:
    assert flags(np.nan, "e2m1", nan=0.0) == NV
    assert flags(np.nan, "int8", nan=0) == NV


def test_flushing_results_takes_tiny_ones_and_raises_underflow() -> None:
    x = np.array([2.0**-7, -(2.0**-7), 2.0**-6, 0.0, 2.0**-6 * (1 - 2.0**-6)])
    codes, raised = nf.encode(x, "e4m3", flush_results=True, return_flags=True)
    assert codes.tolist() == [0, 0x80, 0x08, 0, 0x08]
    assert raised.tolist() == [UF | NX, UF | NX, 0, 0, NX]
    codes, raised = nf.encode(x, "e4m3", flush_results=True, tininess="before", return_flags=True)
    assert codes.tolist() == [0, 0x80, 0x08, 0, 0]
    assert raised.tolist() == [UF | NX, UF | NX, 0, 0, UF | NX]


def test_flushing_inputs_takes_subnormals_of_the_source_type() -> None:
    x = np.array([1e-40, -1e-40, 2.0**-126], np.float32)
    assert nf.encode(x, "bfloat16", flush_inputs=True).tolist() == [0, 0x8000, 0x0080]
    assert (
        nf.encode(x.astype(float), "bfloat16", flush_inputs=True)[0] == nf.encode(x, "bfloat16")[0]
    )
    half = np.array([2.0**-15], np.float16)
    assert nf.encode(half, "binary32", flush_inputs=True).tolist() == [0]
    assert nf.convert([0x01, 0x08], "e4m3", "binary32", flush_inputs=True).tolist() == [
        0,
        0x3C800000,
    ]


def test_fixed_point_knows_no_underflow() -> None:
    assert flags(2.0**-20, "q2.6") == NX
    assert flags(100.0, "q2.6") == OF | NX
    assert flags(-5, "int4", overflow="wrap") == 0


def test_formats_without_flags_refuse_to_return_them() -> None:
    with pytest.raises(nf.FormatError, match=r"return_flags: 'e8m0'"):
        nf.encode(1.0, "e8m0", return_flags=True)


def test_flags_of_large_arrays_are_those_of_small_ones() -> None:
    x = np.random.default_rng(0).standard_normal(5000) * 200
    codes, raised = nf.encode(x, "e4m3", return_flags=True)
    assert (codes == nf.encode(x, "e4m3")).all()
    one = [int(nf.encode(v, "e4m3", return_flags=True)[1]) for v in x[:200]]
    assert raised[:200].tolist() == one

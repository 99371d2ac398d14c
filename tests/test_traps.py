"""The known traps of the field, each with the input that springs it."""

import numpy as np
import pytest

import numfmt as nf

pytestmark = pytest.mark.fast


def code(x: float, fmt: str, **options: object) -> int:
    """Return the code from the small-array kernel and check the large-array one."""
    one = int(nf.encode(x, fmt, **options))
    assert (nf.encode(np.full(1100, x), fmt, **options) == one).all()
    single = np.float32(x)
    if float(single) == x or np.isnan(x):
        assert (nf.encode(np.full(1101, single), fmt, **options) == one).all()
    return one


def test_trap_1_float64_is_not_rounded_through_float32() -> None:
    assert code(1 + 2**-4 + 2**-40, "e4m3") == 0x39
    assert code(1 + 2**-8 + 2**-40, "bfloat16") == 0x3F81
    assert code(-431.99999999999994, "e4m3") == 0xFD


def test_trap_2_overflow_is_decided_after_rounding() -> None:
    assert code(464.0, "e4m3") == 0x7E
    assert code(464 + 2.0**-40, "e4m3") == 0x7F
    assert code(61440.0, "e5m2") == 0x7C
    assert code(61439.9999, "e5m2") == 0x7B
    assert (code(248.0, "e4m3_fnuz"), code(247.9, "e4m3_fnuz")) == (0x80, 0x7F)
    assert (code(248.0, "e4m3_ieee"), code(247.9, "e4m3_ieee")) == (0x78, 0x77)
    assert (code(65520.0, "binary16"), code(65519.9, "binary16")) == (0x7C00, 0x7BFF)


@pytest.mark.parametrize(
    ("x", "e4m3", "e4m3_sat", "e5m2", "e5m2_sat", "fnuz"),
    [
        (np.nan, 0x7F, 0x7F, 0x7E, 0x7E, 0x80),
        (np.inf, 0x7F, 0x7E, 0x7C, 0x7B, 0x80),
        (-np.inf, 0xFF, 0xFE, 0xFC, 0xFB, 0x80),
        (1e9, 0x7F, 0x7E, 0x7C, 0x7B, 0x80),
        (-0.0, 0x80, 0x80, 0x80, 0x80, 0x00),
    ],
)
def test_trap_3_saturation_is_an_argument_and_the_default_is_the_documents(
    x: float, e4m3: int, e4m3_sat: int, e5m2: int, e5m2_sat: int, fnuz: int
) -> None:
    got = (
        code(x, "e4m3"),
        code(x, "e4m3", overflow="saturate"),
        code(x, "e5m2"),
        code(x, "e5m2", overflow="saturate"),
        code(x, "e4m3_fnuz"),
    )
    assert got == (e4m3, e4m3_sat, e5m2, e5m2_sat, fnuz)


def test_trap_4_no_float_arithmetic_decides_a_tie() -> None:
    below = float(np.nextafter(2.0**-10, 0))
    assert code(below, "e4m3", rounding="nearest_away") == 0
    assert code(2.0**-10, "e4m3", rounding="nearest_away") == 1


def test_trap_6_ties_of_precision_1_go_by_the_parity_of_the_code() -> None:
    assert [code(x, "e8m0") for x in (1.5, 3.0, 6.0)] == [128, 128, 130]
    assert [code(x, "Binary8p1uf") for x in (1.5, 3.0, 6.0)] == [128, 130, 130]
    assert [code(x, "e8m0", rounding="nearest_away") for x in (1.5, 3.0, 6.0)] == [128, 129, 130]
    assert code(0.0, "e8m0") == 0
    assert code(1e-40, "e8m0") == 0


def test_trap_7_minus_zero_never_becomes_nan() -> None:
    for fmt in ("e4m3_fnuz", "e5m2_fnuz", "e4m3_fnuz_b11", "Binary8p3se", "Binary8p4sf"):
        least = float(nf.get(fmt).smallest)
        for x in (-0.0, -least / 2, -least / 4, -5e-324):
            assert code(x, fmt) == 0, (fmt, x)


def test_trap_8_subnormal_results_have_a_fixed_quantum() -> None:
    assert code(0.0234375, "e3m4_ieee") == 0x02
    assert code(2.0**-10, "e4m3") == 0
    assert code(2.0**-10 * (1 + 2.0**-20), "e4m3") == 1


def test_trap_10_a_nan_whose_payload_is_lost_stays_nan() -> None:
    x = np.array([0x7F800001, 0xFF800001, 0x7F801000], np.uint32).view(np.float32)
    for size in (1, 1000):
        many = np.tile(x, size)
        assert nf.encode(many, "bfloat16").tolist() == [0x7FC0, 0xFFC0, 0x7FC0] * size
        assert nf.encode(many, "e5m2").tolist() == [0x7E, 0xFE, 0x7E] * size
        assert nf.encode(many, "binary16").tolist() == [0x7E00, 0xFE00, 0x7E00] * size
    words = np.full(1100, 0x7FF0000000000001, np.uint64).view(np.float64)
    assert (nf.encode(words, "e5m2") == 0x7E).all()


def test_trap_12_p3109_corner_projections() -> None:
    assert nf.decode(code(1e9, "Binary8p4sf"), "Binary8p4sf") == 240
    assert nf.decode(code(1e9, "Binary8p4ue", rounding="to_odd"), "Binary8p4ue") == 53248
    assert code(1e9, "Binary8p4se", rounding="to_odd") == 0x7F
    assert code(-1.0, "Binary8p4uf") == 0xFF
    assert code(-1.0, "Binary8p4uf", overflow="saturate") == 0
    assert code(-1.0, "Binary8p4uf", rounding="toward_zero") == 0
    assert code(-1e-30, "Binary8p4uf") == 0
    assert code(-np.inf, "Binary8p4ue", overflow="saturate_propagate") == 0
    assert code(1e9, "binary16", rounding="to_odd", overflow="sat_none") == 0x7C00
    assert code(1e9, "binary16", rounding="to_odd") == 0x7BFF


def test_jam_sets_the_last_digit_of_exact_values_and_to_odd_does_not() -> None:
    assert nf.round([2.0, -2.0, 2.5], "q4.0", rounding="jam").tolist() == [3, -3, 3]
    assert nf.round([2.0, -2.0, 2.5], "q4.0", rounding="to_odd").tolist() == [2, -2, 3]
    assert code(0.0, "e4m3", rounding="jam") == 1


def test_to_odd_never_reaches_zero_from_nonzero_nor_infinity_from_finite() -> None:
    x = np.array([5e-324, 1e-300, 2.0**-30, 1e300, 70000.0])
    for size in (1, 300):
        codes = nf.encode(np.tile(x, size), "binary16", rounding="to_odd")
        assert codes.tolist() == [1, 1, 1, 0x7BFF, 0x7BFF] * size

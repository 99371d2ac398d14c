"""Bit planes and tables against plain integer products: different routes, the same sums."""

from fractions import Fraction
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact
from numfmt.kernels import products as kernels
from numfmt.kernels.compile import compiling
from numfmt.params import Kind
from numfmt.tensor.bit_planes import bit_plane_matmul, planes_of
from numfmt.tensor.product_tables import integers_of, l_mul_table, product_table, table_matmul

Array = npt.NDArray[Any]
NAMES = [
    *("binary", "int1", "int2", "int3", "int4", "int5", "int8", "int8_narrow"),
    *("uint1", "uint2", "uint3", "uint4", "uint8"),
]


def values(codes: Array, name: str) -> Array:
    """Return the integers of codes, from the witness."""
    table = [exact.decode(code, name).value for code in range(1 << nf.get(name).bits)]
    return np.array([int(value) for value in table])[codes]


def codes_of(name: str, shape: tuple[int, int], seed: int) -> Array:
    """Return random codes, the ends among them."""
    top = (1 << nf.get(name).bits) - 1
    codes = np.random.default_rng(seed).integers(0, top + 1, shape)
    codes[0, :3] = (top, top >> 1, 0)[: codes[0, :3].size]
    return codes


@pytest.mark.parametrize("first", NAMES)
def test_both_routes_agree_with_integer_products(first: str) -> None:
    for seed, second in enumerate(NAMES):
        for length in (1, 2, 63, 64, 65, 130):
            a, b = codes_of(first, (3, length), seed), codes_of(second, (length, 4), seed + 50)
            wanted = values(a, first) @ values(b, second)
            formats = (first, second)
            assert bit_plane_matmul(a, b, formats).tolist() == wanted.tolist(), (formats, length)
            assert table_matmul(a, b, formats).tolist() == wanted.tolist(), (formats, length)


@pytest.mark.parametrize("name", ["int2", "uint2", "binary", "int3"])
def test_every_pair_of_codes_multiplies(name: str) -> None:
    codes = np.arange(1 << nf.get(name).bits)
    wanted = np.multiply.outer(values(codes, name), values(codes, name))
    a, b = codes[:, None], codes[None, :]
    assert bit_plane_matmul(a, b, (name, name)).tolist() == wanted.tolist()
    assert product_table(name, name).tolist() == wanted.tolist()


@pytest.mark.parametrize("pair", [("int16", "int16"), ("uint16", "int16"), ("int12", "binary")])
def test_wide_codes_have_planes_too(pair: tuple[str, str]) -> None:
    a, b = codes_of(pair[0], (2, 70), 1), codes_of(pair[1], (70, 2), 2)
    a[1], b[:, 1] = 1 << (nf.get(pair[0]).bits - 1), (1 << nf.get(pair[1]).bits) - 1
    decoded = nf.decode(a, pair[0]).astype(np.int64), nf.decode(b, pair[1]).astype(np.int64)
    assert bit_plane_matmul(a, b, pair).tolist() == (decoded[0] @ decoded[1]).tolist()


def test_ternary_weights_go_by_table() -> None:
    a, b = codes_of("int8", (4, 90), 3), np.random.default_rng(4).integers(0, 3, (90, 5))
    weights = np.array([nf.decode(code, "ternary") for code in range(3)]).astype(int)
    wanted = values(a, "int8") @ weights[b]
    assert table_matmul(a, b, ("int8", "ternary")).tolist() == wanted.tolist()


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=4), st.integers(0, 3))
def test_ones_are_counted(words: list[int], other: int) -> None:
    a, b = np.array(words, np.uint64), np.array(words[::-1], np.uint64) ^ np.uint64(other)
    with np.errstate(over="ignore"):
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        assert kernels.ones_in_both(a, b) == sum((x & y).bit_count() for x, y in pairs)
        assert kernels.ones_in_one(a, b) == sum((x ^ y).bit_count() for x, y in pairs)


def test_bipolar_sums_are_k_less_twice_the_ones_of_xor() -> None:
    a, b = codes_of("binary", (5, 100), 5), codes_of("binary", (100, 6), 6)
    xor = (a[:, :, None] ^ b[None, :, :]).sum(1)
    assert bit_plane_matmul(a, b, "binary").tolist() == (100 - 2 * xor).tolist()  # type: ignore[arg-type] # one format for both
    assert planes_of(nf.get("binary")).bipolar
    assert not planes_of(nf.get("uint1")).bipolar
    assert not planes_of(nf.get("int1")).bipolar


def test_bipolar_digits_of_several_weights() -> None:
    # -3, -1, 1, 3: every digit counts +-1 or +-2.
    odd = nf.CodebookFormat(name="odd_of_tests", bits=2, values=(-3, -1, 1, 3))
    assert planes_of(odd).bipolar
    a, b = np.random.default_rng(7).integers(0, 4, (2, 6, 6))
    wanted = (2 * a - 3) @ (2 * b - 3)
    assert bit_plane_matmul(a, b, (odd, odd)).tolist() == wanted.tolist()
    assert (
        bit_plane_matmul(a, b, (odd, "int2")).tolist() == ((2 * a - 3) @ values(b, "int2")).tolist()
    )


def test_digits_may_start_from_any_value() -> None:
    high = nf.CodebookFormat(name="high_of_tests", bits=2, values=(5, 6, 7, 8))
    a, b = np.random.default_rng(14).integers(0, 4, (2, 9, 9))
    wanted = (a + 5) @ (b + 5)
    assert bit_plane_matmul(a, b, (high, high)).tolist() == wanted.tolist()
    assert (
        bit_plane_matmul(a & 1, b, ("binary", high)).tolist()
        == ((2 * (a & 1) - 1) @ (b + 5)).tolist()
    )


@pytest.mark.skipif(not compiling(), reason="a large array without the compiler")
def test_threads_change_nothing() -> None:
    a, b = codes_of("int3", (600, 70), 8), codes_of("uint2", (70, 600), 9)
    wanted = values(a, "int3") @ values(b, "uint2")
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        assert np.array_equal(bit_plane_matmul(a, b, ("int3", "uint2")), wanted)
        assert np.array_equal(table_matmul(a, b, ("int3", "uint2")), wanted)
    numba.set_num_threads(before)


def test_a_table_may_hold_any_multiplier() -> None:
    a, b = codes_of("uint4", (3, 20), 10), codes_of("uint4", (20, 3), 11)
    broken = np.arange(16)[:, None] * np.arange(16) // 4 * 4  # drops two digits of every product
    wanted = broken[a[:, :, None], b[None, :, :]].sum(1)
    assert table_matmul(a, b, ("uint4", "uint4"), table=broken).tolist() == wanted.tolist()
    assert (table_matmul(a, b, ("uint4", "uint4")) - wanted).min() > 0
    largest = np.full((16, 16), 1 << 32)
    assert table_matmul(a, b, ("uint4", "uint4"), table=largest).max() == 20 << 32


def test_shapes_and_outputs() -> None:
    room = np.zeros((2, 6), np.int64)[:, ::2]
    a, b = codes_of("int4", (2, 5), 12), codes_of("int4", (5, 3), 13)
    for route in (bit_plane_matmul, table_matmul):
        found = route(a, b, ("int4", "int4"))
        assert found.dtype == np.int64
        assert route(a, b, ("int4", "int4"), out=room) is room
        assert room.tolist() == found.tolist()
        assert route(a[:, :0], b[:0], ("int4", "int4")).tolist() == [[0] * 3] * 2
        assert route(a[:0], b, ("int4", "int4")).shape == (0, 3)
        assert route(a, b[:, :0], ("int4", "int4")).shape == (2, 0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: bit_plane_matmul([[1]], [[1]], ("int4", "e4m3")), "formats.1.='e4m3'.*table"),
        (lambda: bit_plane_matmul([[1]], [[1]], ("ternary", "int4")), "'ternary' is no sum"),
        (lambda: bit_plane_matmul([[1]], [[1]], ("int3_sign_magnitude", "int4")), "no sum"),
        (lambda: bit_plane_matmul([[1]], [[1]], ("int17", "int4")), "17 bits"),
        (lambda: bit_plane_matmul([[1]], [[1]], ("int4",)), "not a pair"),  # type: ignore[arg-type] # refused
        (lambda: bit_plane_matmul([[1, 2]], [[1]], ("int4", "int4")), "M, K"),
        (lambda: bit_plane_matmul([1], [1], ("int4", "int4")), "M, K"),
        (lambda: bit_plane_matmul([[16]], [[1]], ("int4", "int4")), "a.0, 0. is 0x10"),
        (lambda: table_matmul([[1]], [[1]], ("int9", "int4")), "at most 8"),
        (lambda: table_matmul([[1]], [[1]], ("e4m3", "int4")), "pass a table"),
        (lambda: table_matmul([[1]], [[1]], ("int2", "int2"), table=[[1]]), "4, 4"),
        (lambda: table_matmul([[1]], [[1]], ("int1", "int1"), table=[[0.5] * 2] * 2), "float64"),
        (lambda: table_matmul([[1]], [[1]], ("int1", "int1"), table=[[1 << 33] * 2] * 2), "2..32"),
        (lambda: l_mul_table("e2m1"), "no NaN"),
        (lambda: l_mul_table("int8"), "no signed float"),
        (lambda: product_table("int8", "int16"), "second='int16'"),
    ],
)
def test_refusals_name_the_argument_and_the_remedy(call: Any, text: str) -> None:
    with pytest.raises(nf.FormatError, match=text):
        call()


def test_integers_of_a_format_are_its_values() -> None:
    assert integers_of(nf.get("int3_sign_magnitude")).tolist() == [0, 1, 2, 3, 0, -1, -2, -3]


@pytest.mark.parametrize("name", ["e4m3", "e5m2", "float8_e4m3fnuz", "float8_e3m4"])
def test_l_mul_adds_exponents_and_fractions(name: str) -> None:
    fmt: Any = nf.get(name)
    table = l_mul_table(name)
    m = fmt.trailing_bits
    extra = Fraction(1, 1 << {1: 1, 2: 2, 3: 3, 4: 3}[m])
    for c in range(0, 1 << fmt.bits, 3):
        for d in range(1 << fmt.bits):
            x, y = exact.decode(c, name), exact.decode(d, name)
            found = exact.decode(int(table[c, d]), name)
            if not (x.finite and y.finite):
                assert found.kind is Kind.NAN
                continue
            least = Fraction(2) ** fmt.emin
            if abs(x.value) < least or abs(y.value) < least:
                assert found.value == 0
                continue
            parts = [_parts(abs(z.value)) for z in (x, y)]
            exponent = parts[0][0] + parts[1][0]
            fraction = parts[0][1] + parts[1][1] + extra
            if fraction >= 1:  # the carry makes the next exponent, its half is not taken
                exponent, fraction = exponent + 1, fraction - 1
            wanted = min((1 + fraction) * Fraction(2) ** exponent, fmt.largest)
            wanted = wanted if wanted >= least else Fraction(0)
            assert abs(found.value) == wanted, (c, d)
            assert found.value * x.value * y.value >= 0
    assert nf.decode(table[nf.encode(1.0, name), nf.encode(1.0, name)], name) == 1 + extra


def _parts(x: Fraction) -> tuple[int, Fraction]:
    """Return e, f of x = (1 + f) * 2**e."""
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    if x < Fraction(2) ** exponent:
        exponent -= 1
    return exponent, x / Fraction(2) ** exponent - 1

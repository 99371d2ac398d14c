"""Rotations, orders of channels, outliers and clipping: integers and rationals, no tolerances."""

import math
from fractions import Fraction
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numfmt.arguments import float64_array
from numfmt.errors import FormatError
from numfmt.transforms import (
    ChannelKey,
    channel_order,
    clip_quantile,
    clip_symmetric,
    hadamard,
    inverse_order,
    permute_channels,
    random_signs,
    rotate,
    split_outliers,
)

pytestmark = pytest.mark.fast

SIZES = [1, 2, 4, 8, 12, 16, 20, 24, 40, 48, 64, 80, 96, 128, 160, 256]
finite = st.floats(allow_nan=False, allow_infinity=False)
lists = st.lists(finite, min_size=1, max_size=40)


def bits(x: npt.ArrayLike) -> list[int]:
    """Return the bits of float64 values."""
    array = np.asarray(x)
    assert array.dtype == np.float64
    return array.reshape(-1).view(np.uint64).tolist()


def integers(n: int, *, seed: int = 0, high: int = 1 << 20) -> npt.NDArray[np.int64]:
    """Return random integers, no zero among them."""
    drawn = np.random.default_rng(seed).integers(1, high, n)
    return drawn * np.random.default_rng(seed + 1).choice([-1, 1], n)


# Hadamard matrices


@pytest.mark.parametrize("n", SIZES)
def test_rows_of_a_hadamard_matrix_are_orthogonal(n: int) -> None:
    matrix = hadamard(n)
    assert matrix.dtype == np.int8
    assert matrix.shape == (n, n)
    assert set(np.unique(matrix).tolist()) <= {-1, 1}
    wide = matrix.astype(np.int64)
    assert (wide @ wide.T == n * np.eye(n, dtype=np.int64)).all()
    assert (wide[0] == 1).all()
    assert (wide[:, 0] == 1).all()


@pytest.mark.parametrize("k", range(7))
def test_powers_of_two_are_sylvesters(k: int) -> None:
    want = [[(-1) ** (i & j).bit_count() for j in range(1 << k)] for i in range(1 << k)]
    assert hadamard(1 << k).tolist() == want


@pytest.mark.parametrize(("m", "q"), [(12, 11), (20, 19)])
def test_the_rest_is_sylvester_kronecker_paley(m: int, q: int) -> None:
    def entry(i: int, j: int) -> int:
        if 0 in (i, j):
            return 1
        character = pow(i - j, (q - 1) // 2, q)  # Euler's criterion
        return 1 if character == q - 1 else -1

    paley = np.array([[entry(i, j) for j in range(m)] for i in range(m)])
    assert (hadamard(m) == paley).all()
    assert (hadamard(4 * m) == np.kron(hadamard(4), paley)).all()


@pytest.mark.parametrize(("n", "near"), [(3, "2 and 4"), (28, "24 and 32"), (100, "96 and 128")])
def test_other_sizes_are_refused_with_the_nearest_ones(n: int, near: str) -> None:
    with pytest.raises(FormatError, match=f"nearest sizes are {near}"):
        hadamard(n)
    with pytest.raises(FormatError, match=f"size={n}.*nearest sizes are {near}"):
        rotate(np.ones(n))


@pytest.mark.parametrize("n", [0, -4, 1 << 16, 4.0, True])
def test_sizes_are_positive_integers_in_reach(n: Any) -> None:
    with pytest.raises(FormatError, match="n="):
        hadamard(n)


# Signs


def test_signs_are_the_bits_of_philox() -> None:
    words = np.random.Philox(key=5).random_raw(3).tolist()
    want = [1 - 2 * (words[i // 64] >> (i % 64) & 1) for i in range(150)]
    assert random_signs(150, seed=5).tolist() == want
    assert random_signs(0, seed=5).tolist() == []
    assert 50 < want.count(-1) < 100
    with pytest.raises(FormatError, match="seed=-1"):
        random_signs(4, seed=-1)


# Rotations


@pytest.mark.parametrize("n", [1, 4, 16, 64, 256])
@pytest.mark.parametrize("seed", [None, 3])
def test_rotation_of_integers_by_4_to_the_j_is_exact_and_undone(n: int, seed: int | None) -> None:
    x = integers(3 * n, high=1 << 30).reshape(3, n)
    signs = np.ones(n, np.int64) if seed is None else random_signs(n, seed=seed).astype(np.int64)
    root = math.isqrt(n)
    want = (x * signs) @ hadamard(n).astype(np.int64)
    got = rotate(x, seed=seed)
    assert (got * root == want).all()  # both exact: root is a power of two
    assert bits(rotate(got, seed=seed, inverse=True)) == bits(x.astype(np.float64))
    tiny = x * 2.0**-900
    assert bits(rotate(rotate(tiny, seed=seed), seed=seed, inverse=True)) == bits(tiny)


@pytest.mark.parametrize("n", [2, 8, 12, 20, 24, 32, 48, 80])
def test_rotation_of_integers_rounds_once(n: int) -> None:
    x = integers(n, seed=n)
    sums = [sum(int(x[i]) * int(hadamard(n)[i, j]) for i in range(n)) for j in range(n)]
    want = [float(Fraction(total) / Fraction(math.sqrt(n))) for total in sums]
    assert bits(rotate(x)) == bits(want)
    transposed = [sum(int(x[i]) * int(hadamard(n)[j, i]) for i in range(n)) for j in range(n)]
    want = [float(Fraction(total) / Fraction(math.sqrt(n))) for total in transposed]
    assert bits(rotate(x, inverse=True)) == bits(want)


def witness(
    x: list[Any], n: int, signs: list[int], one: type, *, inverse: bool = False
) -> list[Any]:
    """Rotate one block element by element, as the notes of `rotate` say."""
    m = next(m for m in (12, 20, 1) if n % m == 0 and (n // m) & (n // m - 1) == 0)
    small = hadamard(m).T if inverse else hadamard(m)
    values = [one(v) if inverse else one(v) * one(s) for v, s in zip(x, signs, strict=True)]
    turned = []
    for start in range(0, n, m):
        for j in range(m):
            total = values[start] * one(small[0, j])
            for i in range(1, m):
                total = total + values[start + i] * one(small[i, j])
            turned.append(total)
    stride = m
    while stride < n:
        for i in range(n):
            if i // stride % 2 == 0:
                a, b = turned[i], turned[i + stride]
                turned[i], turned[i + stride] = a + b, a - b
        stride *= 2
    turned = [v / np.sqrt(one(n)) for v in turned]
    return [v * one(s) for v, s in zip(turned, signs, strict=True)] if inverse else turned


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [1, 2, 8, 12, 16, 20, 24, 40, 64])
@pytest.mark.parametrize("inverse", [False, True])
def test_every_rounding_happens_in_the_stated_order(dtype: Any, n: int, inverse: bool) -> None:
    rng = np.random.default_rng(n)
    x = (rng.standard_normal(n) * np.exp(rng.standard_normal(n) * 4)).astype(dtype)
    signs = random_signs(n, seed=9)
    got = rotate(x, seed=9, inverse=inverse, dtype=dtype)
    want = np.array(witness(list(x), n, signs.tolist(), dtype, inverse=inverse), dtype)
    assert got.dtype == dtype
    assert got.tobytes() == want.tobytes()


def test_blocks_and_axes_rotate_apart() -> None:
    x = integers(2 * 24 * 3).reshape(2, 24, 3)
    got = rotate(x, size=8, axis=1, seed=1)
    assert got.shape == x.shape
    for i in range(2):
        for block in range(0, 24, 8):
            for k in range(3):
                part = rotate(x[i, block : block + 8, k], seed=1)
                assert bits(np.ascontiguousarray(got[i, block : block + 8, k])) == bits(part)
    assert bits(rotate(x, size=8, axis=1, signs=random_signs(8, seed=1))) == bits(got)
    each = random_signs(24, seed=2)
    whole = rotate(x, size=8, axis=-2, signs=each)
    assert bits(whole) == bits(rotate(x * each[:, None], size=8, axis=1))


@given(hnp.arrays(np.int32, st.sampled_from([4, 16]), elements=st.integers(-1000, 1000)))
def test_a_rotation_by_a_power_of_four_keeps_the_sum_of_squares(x: npt.NDArray[np.int32]) -> None:
    turned = [Fraction(v) for v in rotate(x, seed=4).tolist()]
    assert sum(v * v for v in turned) == sum(int(v) ** 2 for v in x)


def test_nothing_finite_survives_beside_a_nan_or_an_infinity() -> None:
    assert np.isnan(rotate([1.0, math.nan, 2.0, 3.0, 1, 1, 1, 1], size=4)[:4]).all()
    assert rotate([1.0, math.inf], size=2).tolist() == [math.inf, -math.inf]


def test_rotation_leaves_its_argument_alone() -> None:
    x = np.arange(1.0, 9.0)
    for options in ({}, {"inverse": True}, {"size": 1}, {"size": 1, "inverse": True}):
        rotate(x, **options)  # type: ignore[arg-type]
        assert x.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert rotate(np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (1.0, {}, "no axis"),
        ([1.0, 2.0, 3.0, 4.0], {"axis": 1}, "axis=1 is not within -1 to 0"),
        ([1.0, 2.0, 3.0, 4.0], {"size": 3}, "size=3 does not divide the 4 elements along axis 0"),
        ([1.0, 2.0, 3.0, 4.0], {"size": 8}, "size=8 is not within 1 to 4"),
        ([1.0, 2.0], {"signs": [1, -1], "seed": 3}, "both"),
        ([1.0, 2.0], {"signs": [1, 0]}, r"signs\[1\] is 0.0"),
        ([1.0, 2.0], {"signs": [1, 1, 1]}, r"shape \(3,\)"),
        ([1.0, 0.1], {"dtype": "float32"}, r"x\[1\] is .*0.1.* which no float32 is"),
        ([1.0, 1e300], {"dtype": "float32"}, r"x\[1\] is .*which no float32 is"),
        ([1.0, 2.0], {"dtype": "float16"}, "float64 or float32"),
        ([1.0, 2.0], {"dtype": "nonsense"}, "no dtype"),
        ([1j, 2.0], {}, "dtype complex128"),
    ],
)
def test_rotate_refuses(x: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        rotate(x, **options)


# Channels


@given(st.permutations(list(range(7))))
def test_permutations_invert(order: list[int]) -> None:
    x = np.arange(42, dtype=np.uint8).reshape(2, 7, 3)
    moved = permute_channels(x, order, axis=1)
    assert moved.dtype == np.uint8
    assert all((moved[:, i] == x[:, order[i]]).all() for i in range(7))
    assert (permute_channels(moved, inverse_order(order), axis=-2) == x).all()
    assert inverse_order(inverse_order(order)).tolist() == order


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([0, 0, 1], "no permutation"),
        ([0, 1, 3], "no permutation"),
        ([-1, 0, 1], "no permutation"),
        ([0, 1], "order has 2 channels, but axis 1 of x has 3"),
        ([0.0, 1.0, 2.0], "dtype float64"),
        ([[0, 1, 2]], r"shape \(1, 3\)"),
    ],
)
def test_what_is_no_order_is_refused(order: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        permute_channels(np.ones((2, 3)), order)


def test_channels_sort_by_amax_and_equal_ones_keep_their_order() -> None:
    x = [[3.0, -7.0, math.nan, 1.0, 0.0, -3.0], [-1.0, 2.0, 0.0, 7.0, math.inf, 3.0]]
    assert channel_order(x).tolist() == [0, 5, 1, 3, 4, 2]
    assert channel_order(np.transpose(x), axis=0).tolist() == [0, 5, 1, 3, 4, 2]
    assert channel_order([[[2.0, 1.0]], [[0.0, 5.0]]]).tolist() == [0, 1]


def test_channels_sort_by_norm_where_the_amax_says_otherwise() -> None:
    x = np.array([[3.0, 4.0, 5.0], [4.0, 4.0, 0.0], [0.0, 4.0, 0.0]])
    assert channel_order(x, key="norm").tolist() == [0, 2, 1]
    assert channel_order(x, key=ChannelKey.AMAX).tolist() == [0, 1, 2]
    assert channel_order(x * 2.0**1000, key="norm").tolist() == [0, 2, 1]
    assert channel_order(x * 2.0**-1070, key="norm").tolist() == [0, 2, 1]
    x[0, 0] = math.nan
    assert channel_order(x, key="norm").tolist() == [2, 1, 0]


def test_channel_order_refuses() -> None:
    with pytest.raises(FormatError, match="is empty"):
        channel_order(np.ones((0, 3)))
    with pytest.raises(FormatError, match=r"key='amin' is not one of amax, norm"):
        channel_order([1.0], key="amin")


# Outliers


def test_outlier_columns_are_those_that_reach_the_threshold() -> None:
    below = math.nextafter(6.0, 0.0)
    x = np.array([[1.0, -6.0, below, 0.5], [2.0, 0.0, -below, math.nan], [3.0, 1.0, 0.0, -0.0]])
    kept = x.copy()
    regular, outliers, columns = split_outliers(x)
    assert columns.tolist() == [1, 3]
    assert bits(outliers) == bits(np.ascontiguousarray(x[:, [1, 3]]))
    assert bits(regular) == bits(np.where([True, False, True, False], x, 0.0))
    assert bits(x) == bits(kept)
    regular[:, columns] = outliers
    assert bits(regular) == bits(x)


def test_outliers_follow_the_axis_and_the_threshold() -> None:
    x = np.array([[[1.0, 9.0]], [[2.0, 3.0]], [[math.inf, 0.0]]])
    assert split_outliers(x, axis=0).columns.tolist() == [0, 2]
    assert split_outliers(x, axis=0, threshold=9.5).columns.tolist() == [2]
    assert split_outliers(x, axis=0, threshold=2).columns.tolist() == [0, 1, 2]
    assert split_outliers([1.0, 8.0]).outliers.tolist() == [8.0]
    assert split_outliers(np.ones((0, 3))).columns.tolist() == []
    assert split_outliers(np.ones((3, 0))).regular.shape == (3, 0)


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.nan, [6.0]])
def test_a_threshold_is_above_zero(threshold: Any) -> None:
    with pytest.raises(FormatError, match="threshold="):
        split_outliers([1.0], threshold=threshold)


# Clipping


def test_clipping_keeps_signs_and_nans() -> None:
    x = [-3.0, -0.0, 0.0, 2.0, math.inf, -math.inf, math.nan, 1.5]
    assert bits(clip_symmetric(x, 2.0)[[0, 1, 2, 3, 4, 5, 7]]) == bits(
        [-2.0, -0.0, 0.0, 2.0, 2.0, -2.0, 1.5]
    )
    assert np.isnan(clip_symmetric(x, 2.0)[6])
    assert bits(clip_symmetric([-3.0, 3.0], 0)) == bits([-0.0, 0.0])
    assert clip_symmetric([[1, 5], [7, -9]], [[2], [8]]).tolist() == [[1, 2], [7, -8]]


@pytest.mark.parametrize("limit", [-1.0, math.nan, [1.0, 2.0, 3.0], [[1.0], [2.0]]])
def test_limits_are_not_negative_and_broadcast(limit: Any) -> None:
    with pytest.raises(FormatError, match="limit"):
        clip_symmetric([1.0, 2.0], limit)


def check_restored(x: npt.NDArray[Any], q: Any) -> None:
    clipped, residual = clip_quantile(x, q)
    rank = math.ceil(Fraction(str(q)) * x.size)
    limit = sorted(abs(v) for v in x.reshape(-1).tolist())[rank - 1]
    for value, kept, rest in zip(
        *(a.reshape(-1).tolist() for a in (x, clipped, residual)), strict=True
    ):
        assert Fraction(kept) + Fraction(rest) == Fraction(value)
        assert kept + rest == value
        assert abs(kept) == min(abs(value), limit)
        assert (rest != 0) == (abs(value) > limit)
        assert math.copysign(1, kept) == math.copysign(1, value)


@given(
    st.lists(
        st.floats(-(2.0**28), 2.0**28, width=32).filter(lambda v: v == 0 or abs(v) >= 1), min_size=1
    ),
    st.fractions(0, 1).filter(bool),
)
def test_float32_values_are_restored_exactly(x: list[float], q: Fraction) -> None:
    array = np.array(x, np.float32)
    magnitudes = np.sort(np.abs(array))
    if magnitudes[math.ceil(q * len(x)) - 1] == 0:
        q = Fraction(1)
    check_restored(array, q)


@given(lists, st.fractions(0, 1).filter(bool))
def test_every_value_is_restored_exactly_or_refused_for_a_reason(
    x: list[float], q: Fraction
) -> None:
    array = np.array(x)
    limit = sorted(map(abs, x))[math.ceil(q * len(x)) - 1]
    rests = [Fraction(abs(v)) - Fraction(limit) for v in x if abs(v) > limit]
    if all(Fraction(float(rest)) == rest for rest in rests):
        check_restored(array, q)
    else:
        with pytest.raises(FormatError, match="takes more digits than a float64"):
            clip_quantile(array, q)


def test_a_float_quantile_means_its_decimal() -> None:
    x = np.arange(1.0, 101.0)
    assert clip_quantile(x, 0.07).clipped.max() == 7  # 0.07 as a binary fraction is more than 7/100
    assert clip_quantile(x, np.float32(0.07)).clipped.max() == 7
    assert clip_quantile(x, 1).residual.tolist() == [0.0] * 100
    assert clip_quantile([5, -3], 1e-9).clipped.tolist() == [3, -3]


def test_quantiles_go_along_an_axis() -> None:
    x = np.array([[1.0, -9.0], [2.0, 3.0], [-4.0, 5.0]])
    assert clip_quantile(x, Fraction(2, 3), axis=0).clipped.tolist() == [[1, -5], [2, 3], [-2, 5]]
    assert clip_quantile(x, 0.5, axis=-1).residual.tolist() == [[0, -8], [0, 1], [0, 1]]
    assert clip_quantile([1.0, math.inf, -math.inf], Fraction(1, 3)).residual.tolist() == [
        0,
        math.inf,
        -math.inf,
    ]


@pytest.mark.parametrize(
    ("x", "q", "message"),
    [
        ([], 0.5, "is empty"),
        ([1.0, math.nan], 0.5, "has a NaN"),
        ([1.0], 0.0, "q=0.0"),
        ([1.0], 1.5, "q=1.5"),
        ([1.0], math.nan, "q=nan"),
        ([1.0], "many", "q='many'"),
        ([0.1, 1e16], 0.5, r"x\[1\] is .*1e\+16"),
    ],
)
def test_clip_quantile_refuses(x: Any, q: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        clip_quantile(x, q)


# Values


def test_inputs_arrive_unchanged_or_not_at_all() -> None:
    assert float64_array(np.float16([1.5, np.nan]), "x")[0] == 1.5
    assert float64_array(np.array([1 << 60, -3]), "x").tolist() == [2.0**60, -3.0]
    assert float64_array(np.array([[1 << 63]], np.uint64), "x").tolist() == [[2.0**63]]
    for worst in (np.array([[0, (1 << 53) + 1]]), np.array([[0, (1 << 64) - 1]], np.uint64)):
        with pytest.raises(FormatError, match=r"x\[0, 1\] is \d+, which no float64 is"):
            float64_array(worst, "x")
    x = np.ones(3)
    float64_array(x, "x")[0] = 5
    assert x[0] == 1

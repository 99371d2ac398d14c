"""Stochastic rounding: every draw, exact probabilities, and seeds that do not depend on chunks."""

from fractions import Fraction

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact, randomness
from numfmt.exact import Draw

MODES = ["stochastic_a", "stochastic_b", "stochastic_c", "stochastic_c_odd"]


@pytest.mark.fast
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["e2m1", "e4m3_fnuz", "Binary5p1ue", "int4", "e8m0"])
def test_every_draw_equals_exact(name: str, mode: str) -> None:
    fmt = nf.get(name)
    base = [float(fmt.value_of_ordinal(k)) for k in (1, 2, 3, fmt.largest_ordinal(0))]
    x = np.array([v * f for v in base for f in (0.5, 0.999, 1.0, 1.1, 1.25, 1.4375, 2.0**-40)])
    for bits in (1, 2, 4):
        draws = np.arange(1 << bits)
        pairs = np.array([(v, r) for v in x for r in draws])
        want = [exact.encode(v, fmt, rounding=mode, draw=Draw(int(r), bits))[0] for v, r in pairs]
        options = {"rounding": mode, "bits": bits, "random_bits": pairs[:, 1].astype(int)}
        assert nf.encode(pairs[:, 0], fmt, **options).tolist() == want
        times = -(-1100 // len(want))
        options["random_bits"] = np.tile(options["random_bits"], times)
        assert nf.encode(np.tile(pairs[:, 0], times), fmt, **options).tolist() == want * times


@given(
    x=st.floats(2.0**-1074, 2.0**20),
    mode=st.sampled_from(MODES),
    bits=st.integers(1, 52),
    data=st.data(),
    name=st.sampled_from(
        ["e4m3", "binary16", "binary32", "binary64", "q4.40", "Binary8p1uf", "tf32"]
    ),
)
def test_any_draw_with_any_number_of_bits_equals_exact(
    x: float, mode: str, bits: int, data: st.DataObject, name: str
) -> None:
    draw = data.draw(st.integers(0, (1 << bits) - 1))
    want, flags = exact.encode(x, name, rounding=mode, draw=Draw(draw, bits), overflow="saturate")
    options = {"rounding": mode, "bits": bits, "overflow": "saturate"}
    got, raised = nf.encode(x, name, random_bits=draw, return_flags=True, **options)
    assert (int(got), int(raised)) == (want, int(flags))
    assert (nf.encode(np.full(1100, x), name, random_bits=draw, **options) == want).all()


@pytest.mark.fast
@pytest.mark.parametrize(
    ("fraction", "away"),
    [
        (Fraction(3, 10), (1, 1, 1, 1)),
        (Fraction(9, 20), (1, 2, 2, 2)),
        (Fraction(1, 8), (0, 1, 0, 1)),
        (Fraction(999, 1000), (3, 4, 4, 4)),
        (Fraction(0), (0,) * 4),
    ],
)
def test_two_bits_round_away_as_often_as_each_rule_says(
    fraction: Fraction, away: tuple[int, ...]
) -> None:
    x = float(1 + fraction / 8)
    for mode, count in zip(MODES, away, strict=True):
        codes = nf.encode(np.full(4, x), "e4m3", rounding=mode, bits=2, random_bits=range(4))
        assert int((codes == 0x39).sum()) == count, mode


def test_a_value_far_below_the_quantum_never_moves_by_a_clamped_shift() -> None:
    x = np.full(1 << 16, 2.0**-200)
    bits = np.arange(1 << 16)
    for mode in MODES[:1] + MODES[2:]:
        assert not nf.encode(x, "e4m3", rounding=mode, bits=16, random_bits=bits).any(), mode


@pytest.mark.parametrize("bits", [1, 8, 13, 32, 52])
def test_seeded_bits_are_the_documented_stream(bits: int) -> None:
    width = next(w for w in (8, 16, 32, 64) if bits <= w)
    raw = np.random.Philox(key=99).random_raw(4096).astype("<u8").tobytes()
    want = np.frombuffer(raw, f"<u{width // 8}").astype(np.uint64) & np.uint64((1 << bits) - 1)
    got = randomness.seeded(99, bits, 0, want.size)
    assert (got == want).all()
    assert (randomness.seeded(99, bits, 1024, want.size) == want[1024:]).all()


def test_seeds_do_not_depend_on_threads_or_kernels() -> None:
    x = np.random.default_rng(3).standard_normal(1 << 19)
    options = {"rounding": "stochastic_c", "bits": 11, "rng": 5}
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = nf.encode(x, "e5m2", **options)
        numba.set_num_threads(min(2, before))
        two = nf.encode(x, "e5m2", **options)
    finally:
        numba.set_num_threads(before)
    flagged, _ = nf.encode(x, "e5m2", return_flags=True, **options)
    assert (one == two).all()
    assert (one == flagged).all()
    assert (nf.encode(x[:100], "e5m2", **options) == one[:100]).all()


def test_a_generator_is_used_and_advanced() -> None:
    x = np.full(1000, 1.03)
    rng = np.random.default_rng(0)
    first = nf.encode(x, "e4m3", rounding="sr", rng=rng)
    second = nf.encode(x, "e4m3", rounding="sr", rng=rng)
    again = nf.encode(x, "e4m3", rounding="sr", rng=np.random.default_rng(0))
    assert (first == again).all()
    assert (first != second).any()
    assert set(np.unique(first)) == {0x38, 0x39}


def test_random_bits_broadcast() -> None:
    x = np.full((2, 3), 1.0625)
    codes = nf.encode(x, "e4m3", rounding="sr", bits=1, random_bits=[[0], [1]])
    assert codes.tolist() == [[0x38] * 3, [0x39] * 3]

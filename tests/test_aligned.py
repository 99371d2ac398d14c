"""Aligned sums: the integer kernel and the one in floats against `numfmt.exact`."""

import dataclasses
import itertools
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact
from numfmt.matrix_units.accumulators import (
    Aligned,
    InfiniteC,
    Join,
    ProductRange,
    ZeroProducts,
)
from numfmt.tensor import aligned, aligned_floats

FORMATS = "e4m3 e5m2 e2m1 e3m2 binary16 bfloat16 tf32 e4m3fnuz posit8 int8 Binary8p3se".split()
OUTPUTS = ("binary32", "binary16", "bfloat16")
CUTS = [mode for mode in nf.Rounding if not mode.stochastic and mode is not nf.Rounding.JAM]


@st.composite
def accumulators(draw: Any) -> Aligned:
    """Draw the parameters of an adder."""
    output = draw(st.sampled_from(OUTPUTS))
    t = nf.get(output).precision - 1  # type: ignore[attr-defined]
    late: dict[str, Any] = {}
    clipped = draw(st.booleans())
    if draw(st.booleans()):
        late = {
            "c": Join.AFTER,
            "halves": draw(st.sampled_from([1, 2])),
            "sum_bits": draw(st.none() | st.integers(0, 45)),
            "c_bits": draw(st.none() | st.integers(0, 45)),
            "late_cut": draw(st.sampled_from(CUTS)),
            "drop": draw(st.none() | st.integers(0, 40)),
        }
    return Aligned(
        output=output,
        block=draw(st.sampled_from([1, 2, 4, 5, 8, 16])),
        fraction_bits=draw(st.integers(0, 40)),
        floor=draw(st.none() | st.integers(-140, 10)),
        keep=draw(st.none() | st.integers(0, t)),
        cut=draw(st.sampled_from(CUTS)),
        rounding=draw(st.sampled_from(CUTS)),
        zero_products=draw(st.sampled_from(list(ZeroProducts))),
        normalized=draw(st.booleans()),
        range=ProductRange.CLIPPED if clipped else ProductRange.EXTENDED,
        infinite_c=draw(st.sampled_from(list(InfiniteC))) if clipped else InfiniteC.NAN,
        overflow=draw(st.sampled_from(["infinity", "ieee", "saturate"])),
        dialect=draw(st.sampled_from([None, "cuda", "p3109"])),
        **late,
    )


@st.composite
def operands(draw: Any, fmt: str, count: int) -> list[int]:
    """Draw codes: any, near each other, or mostly zero."""
    entry = nf.get(fmt)
    every = st.integers(0, (1 << entry.bits) - 1)
    if draw(st.booleans()):
        middle = draw(every)
        near = st.integers(-4, 4).map(lambda d: (middle + d) % (1 << entry.bits))
        every = st.one_of(near, st.just(0), every)
    return draw(st.lists(every, min_size=count, max_size=count))  # type: ignore[no-any-return]


def by_kernel(a: list[int], b: list[int], c: int, pair: Any, rule: Aligned) -> int:
    """Return one sum by the integer kernel."""
    sides = [
        aligned.Operand(np.array(codes, nf.get(fmt).code_dtype)[None, None], nf.get(fmt))
        for codes, fmt in zip((a, b), pair, strict=True)
    ]
    start = np.array([[[c]]], rule.output.code_dtype)
    return int(aligned.accumulate(sides[0], sides[1], start, rule)[0, 0, 0])


@given(accumulators(), st.data())
def test_any_adder_gives_the_codes_of_exact(rule: Aligned, data: Any) -> None:
    pair = tuple(data.draw(st.sampled_from(FORMATS)) for _ in range(2))
    count = data.draw(st.sampled_from([1, 2, 5, 8, 17]))
    a, b = (data.draw(operands(fmt, count)) for fmt in pair)
    c = data.draw(operands(rule.output.name, 1))[0]
    got = by_kernel(a, b, c, pair, rule)
    assert got == exact.dot(a, b, c, pair, accumulator=rule)


@settings(max_examples=100)  # of 34 dot products each
@given(
    st.sampled_from(["e4m3", "e5m2", "binary16", "bfloat16", "e2m1"]),
    st.sampled_from([("binary32", "toward_zero"), ("binary32", "nearest_even")])
    | st.sampled_from([("binary16", "nearest_even"), ("bfloat16", "toward_zero")]),
    st.sampled_from([(4, 23), (8, 24), (16, 25), (32, 13), (32, 25), (64, 28), (5, 9)]),
    st.none() | st.integers(-140, 0),
    st.integers(0, 2**32 - 1),
)
def test_sums_in_floats_are_those_of_exact(
    fmt: str, result: tuple[str, str], sizes: tuple[int, int], floor: int | None, seed: int
) -> None:
    output, rounding = result
    rule = Aligned(
        output=output, rounding=rounding, block=sizes[0], fraction_bits=sizes[1], floor=floor
    )
    rng = np.random.default_rng(seed)
    entry, k, columns = nf.get(fmt), 37, 17
    assert aligned_floats.serves(rule, entry, entry, columns)  # type: ignore[arg-type]
    a, b = (
        np.where(rng.random(shape) < 0.5, rng.integers(0, 1 << entry.bits, shape), 0)
        if seed % 3 == 0
        else nf.encode(rng.normal(size=shape) * 2.0 ** rng.integers(-6, 3, shape), entry)
        for shape in ((2, k), (k, columns))
    )
    c = rng.integers(0, 1 << rule.output.bits, (2, columns), dtype=np.uint64)
    c = np.where(rng.random(c.shape) < 0.5, 0, c)
    got = nf.matmul(a, b, c, formats=fmt, accumulator=rule)
    for i, j in itertools.product(range(2), range(columns)):
        want = exact.dot(
            a[i].tolist(), b[:, j].tolist(), int(c[i, j]), (fmt, fmt), accumulator=rule
        )
        assert int(got[i, j]) == want, (i, j)


@pytest.mark.parametrize("fmt", ["e4m3", "binary16", "bfloat16"])
def test_floats_and_integers_agree_on_large_products(fmt: str) -> None:
    rng = np.random.default_rng(3)
    a, b = (nf.encode(rng.normal(size=(64, 300)) * 10, fmt) for _ in range(2))
    a[3, 7], b[5, 9] = 0x7F, 0x7F  # NaN of e4m3, numbers elsewhere
    rule = Aligned(output="binary32", block=16, fraction_bits=25, floor=-133)
    c = nf.encode(rng.normal(size=(64, 64)), "binary32")
    got = nf.matmul(a, b.T, c, formats=fmt, accumulator=rule)
    sides = [aligned.Operand(x[None], nf.get(fmt)) for x in (a, b)]  # type: ignore[arg-type]
    rules = aligned.rules_of(sides[0], sides[1], rule)
    nothing = aligned.EVERY
    want = aligned._one_by_one(sides[0], sides[1], c[None], rule, rules, nothing, aligned.NO_TRACE)
    assert np.array_equal(got, want[0])


def test_results_do_not_depend_on_threads() -> None:
    rng = np.random.default_rng(4)
    a, b = (nf.encode(rng.normal(size=(96, 96)), "e4m3") for _ in range(2))
    found = []
    before = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        for unit in ("nvidia-hopper-wgmma-e4m3-f32", "nvidia-hopper-mma-e4m3-f16"):
            found.append(nf.matmul(a, b, unit=unit))
    numba.set_num_threads(before)
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[1], found[3])


def power(*exponents: int) -> list[float]:
    return [2.0**e for e in exponents]


@pytest.mark.parametrize("kernel", ["integers", "floats"])
@pytest.mark.parametrize(
    ("floor", "want"),
    [(-132, 2.0**-120 - 2.0**-149), (None, 2.0**-120 - 2.0**-144)],
)
def test_the_floor_cuts_what_lies_below_it(kernel: str, floor: int | None, want: float) -> None:
    """Probe P8: 2**-120 less a product far below it, with 24 bits and c = 0."""
    rule = Aligned(output="binary32", block=8, fraction_bits=24, floor=floor)
    a = np.zeros((1, 8), np.uint16)
    b = np.zeros((8, 17), np.uint16)
    low = -144 if floor is None else -149
    a[0, :2] = nf.encode([2.0**-60, -(2.0**-74)], "bfloat16")
    b[:2] = nf.encode([[2.0**-60], [2.0 ** (low + 74)]], "bfloat16")
    columns = 17 if kernel == "floats" else 1
    got = nf.matmul(a, b[:, :columns], formats="bfloat16", accumulator=rule)
    limited = want if floor is None else 2.0**-120
    assert nf.decode(got, "binary32").tolist() == [[limited] * columns]


def test_a_trace_shows_every_joint_as_exact_has_it() -> None:
    rng = np.random.default_rng(5)
    rule = Aligned(output="binary32", block=8, fraction_bits=13, keep=13)
    a, b = (nf.encode(rng.normal(size=20) * 8, "e4m3") for _ in range(2))
    c = int(nf.encode(3.7, "binary32"))
    code, trace = nf.dot(a, b, c, formats="e4m3", accumulator=rule, trace=True)
    steps = exact.dot_steps(a.tolist(), b.tolist(), c, ("e4m3", "e4m3"), accumulator=rule)
    assert int(code) == steps[-1].code
    assert trace.rounded.tolist() == [step.code for step in steps]
    assert trace.alignment.tolist() == [step.exponent for step in steps]
    for number, step in enumerate(steps):
        quantum = step.exponent - 13  # type: ignore[operator]
        live = [int(x) for x in trace.aligned[number] if x]
        assert live == [int(x / 2**quantum) for x in map(float, step.cut) if x]
        assert trace.sums[number] * 2.0**quantum == float(step.total)


def test_groups_are_summed_before_they_are_scaled() -> None:
    unit = nf.unit("nvidia-blackwell-tcgen05-nvf4-f32")
    rng = np.random.default_rng(6)
    for _ in range(40):
        a, b = (rng.integers(0, 16, 128).astype(np.uint8) for _ in range(2))
        scales = [rng.integers(0, 256, 8).astype(np.uint8) for _ in range(2)]
        if rng.random() < 0.7:
            scales = [s % 127 for s in scales]
        c = int(rng.integers(0, 1 << 32))
        got = nf.dot(a, b, c, unit=unit, scales=tuple(scales))
        want = exact.dot(
            a.tolist(), b.tolist(), c, unit=unit, scales=tuple(s.tolist() for s in scales)
        )
        assert int(got) == want


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"block": 0}, "block=0 is out of range"),
        ({"fraction_bits": 60}, "fraction_bits=60 is out of range"),
        ({"group": 3}, "block=8 is no multiple of group=3"),
        ({"sum_bits": 31}, "sum_bits=31 needs c='after'"),
        ({"cut": "stochastic_a"}, "cut='stochastic_a' is not a mode that adders cut in"),
        ({"output": None}, "name the output format"),
        ({"keep": 24}, "keep=24 is more than the 23 fraction bits"),
        ({"output": "int32"}, "output='int32' is not a float format"),
    ],
)
def test_what_is_no_adder_is_refused(change: dict[str, Any], message: str) -> None:
    def use() -> None:
        rule = Aligned(output="binary32", block=8, fraction_bits=24)
        nf.dot([1], [1], formats="e4m3", accumulator=dataclasses.replace(rule, **change))

    with pytest.raises(nf.FormatError, match=message):
        use()


def test_products_wider_than_the_words_are_refused() -> None:
    rule = Aligned(output="binary64", block=4, fraction_bits=40)
    with pytest.raises(nf.FormatError, match="products of 'binary64' and 'binary64' have 106"):
        nf.dot([1], [1], formats="binary64", accumulator=rule)


@pytest.mark.parametrize(
    ("rule", "a", "b", "c"),
    [
        # A sum that rounds to zero keeps its sign where the dialect has signs.
        (
            {"output": "binary16", "fraction_bits": 20, "rounding": "nearest_even"},
            *([-(2.0**-13)], [2.0**-13], 0),
        ),
        # c far above what a float32 of scale 1 reaches down from.
        ({"output": "binary32", "fraction_bits": 0}, [1.0], [1.0], 0x7F400000),
        ({"output": "binary32", "fraction_bits": 10, "floor": 137}, [1.0], [1.0], 0x7F400000),
        # A negative intermediate of an unsigned format is NaN.
        ({"output": "Binary8p3ue", "fraction_bits": 20, "block": 1}, [-1.0, 2.0], [1.0, 1.0], 0),
        # Ties of one digit go by the parity of codes.
        (
            {"output": "Binary5p1se", "fraction_bits": 20, "rounding": "nearest_even"},
            *([1.0], [1.5], 0),
        ),
        # Partial sums at the end of an int32.
        ({"output": "binary32", "fraction_bits": 28, "block": 16}, [1.875] * 16, [1.875] * 16, 0),
        # Alignment exponents at the end of what scales reach.
        ({"output": "binary32", "fraction_bits": 28}, [2.0**-56, 2.0**-63], [2.0**-55] * 2, 0),
        ({"output": "binary32", "fraction_bits": 20}, [1.5 * 2.0**-60], [2.0**-48], 0x00000007),
    ],
)
def test_rows_of_columns_are_single_dot_products(
    rule: dict[str, Any], a: list[float], b: list[float], c: int
) -> None:
    fmt = "bfloat16"
    adder = Aligned(**{"block": 4, **rule})
    x, y = (nf.encode(values, fmt) for values in (a, b))
    got = nf.matmul(
        x[None], np.repeat(y[:, None], 16, axis=1), np.full((1, 16), c), formats=fmt,
        accumulator=adder,
    )  # fmt: skip
    want = exact.dot(x.tolist(), y.tolist(), c, (fmt, fmt), accumulator=adder)
    assert got.tolist() == [[want] * 16]
    assert int(nf.dot(x, y, c, formats=fmt, accumulator=adder)) == want


@pytest.mark.parametrize(
    "late", [{}, {"halves": 2}, {"sum_bits": 12, "c_bits": 8}], ids=["plain", "halves", "bits"]
)
def test_a_trace_of_late_sums_adds_up(late: dict[str, Any]) -> None:
    rule = Aligned(output="binary32", block=4, fraction_bits=10, c="after", **late)
    a = nf.encode([8.0, 1.0, -3.0, 0.0625], "e4m3")
    c = int(nf.encode(1024.0, "binary32"))
    _, trace = nf.dot(a, a, c, formats="e4m3", accumulator=rule, trace=True)
    step = exact.dot_steps(a.tolist(), a.tolist(), c, ("e4m3",) * 2, accumulator=rule)[0]
    assert trace.alignment.tolist() == [step.exponent]
    kept = [int(m) * 2.0**q for m, q in zip(trace.aligned[0], trace.quanta[0], strict=True)]
    assert kept[:4] == [float(x) for x in step.cut]
    assert trace.sums[0] * 2.0 ** (step.exponent - 10) == float(step.total)  # type: ignore[operator]
    found = nf.explain_dot(a, a, c, formats="e4m3", accumulator=rule)
    assert [float(term.kept) for term in found.steps[0].terms] == kept

"""A few hundred dot products in the interpreter that no mistake in an adder survives."""

import itertools
from typing import Any

import numpy as np

import numfmt as nf
from numfmt import exact
from numfmt.exact import requantization
from numfmt.tensor import aligned_floats

ALIGNED = (
    {"block": 4, "fraction_bits": 9, "floor": -12},
    {"block": 4, "fraction_bits": 9, "floor": -3, "keep": 5},
    {"block": 3, "fraction_bits": 13, "keep": 7, "cut": "nearest_even"},
    {"block": 4, "fraction_bits": 6, "cut": "toward_negative", "rounding": "nearest_even"},
    {"block": 4, "fraction_bits": 12, "zero_products": "exponent"},
    {"block": 4, "fraction_bits": 8, "normalized": True},
    {"block": 4, "fraction_bits": 8, "normalized": True, "zero_products": "exponent"},
    {"block": 4, "fraction_bits": 8, "range": "clipped", "infinite_c": "wins"},
    {"block": 4, "fraction_bits": 8, "range": "clipped"},
    {"block": 4, "fraction_bits": 7, "c": "after", "rounding": "nearest_even"},
    {"block": 4, "fraction_bits": 7, "c": "after", "sum_bits": 9, "c_bits": 5, "drop": 6},
    {"block": 4, "fraction_bits": 9, "c": "after", "drop": 3},
    {"block": 4, "fraction_bits": 7, "c": "after", "halves": 2, "late_cut": "toward_zero"},
    {"block": 4, "fraction_bits": 5, "c": "after", "halves": 2, "floor": -2},
    {"block": 4, "fraction_bits": 5, "c": "after", "halves": 2, "zero_products": "exponent"},
    {"block": 4, "fraction_bits": 8, "late_add": "nearest_even"},
    {"block": 4, "fraction_bits": 8, "dialect": "p3109"},
)
PLANS = (
    nf.Promotion(every=2),
    nf.SplitK(splits=4, tile=1, combine="pairwise"),
    nf.SplitK(splits=3, tile=2, deal="round_robin"),
    nf.Lanes(count=3, combine="pairwise"),
    nf.Lanes(count=2),
    nf.Reordered(order=(2, 0, 1)),
)


def operands(seed: int, fmt: str, k: int, output: str) -> tuple[Any, Any, Any]:
    """Return (2, k) and (k, 2) codes and a (2, 2) c: moderate, sparse, tiny, raw in turn."""
    rng = np.random.default_rng(seed)
    entry, result = nf.get(fmt), nf.get(output)
    found = []
    for target, shape in ((entry, (2, k)), (entry, (k, 2)), (result, (2, 2))):
        x = rng.integers(0, 1 << target.bits, shape, dtype=np.uint64)
        near = nf.encode(np.round(rng.normal(size=shape) * 12) / 4, target)
        if seed % 4 == 0:
            x = near.astype(np.uint64)
        elif seed % 4 == 1:
            x = np.where(rng.random(shape) < 0.5, 0, near)
        elif seed % 4 == 2:
            low = (1 << (target.bits - 3)) - 1 | 1 << (target.bits - 1)
            x = np.where(rng.random(shape) < 0.9, x & np.uint64(low), near)
        found.append(x.astype(target.code_dtype))  # type: ignore[attr-defined]
    if seed % 4 == 1:
        found[0][1] = 0
        found[2][0, 1] = 1 << (result.bits - 1)
    return found[0], found[1], found[2]


def compare(seed: int, fmt: str, k: int, output: str, **options: Any) -> None:
    """Compare a product of matrices with `exact.dot`."""
    a, b, c = operands(seed, fmt, k, output)
    got = nf.matmul(a, b, c, formats=fmt, **options)
    for i, j in itertools.product(range(2), range(2)):
        want = exact.dot(a[i].tolist(), b[:, j].tolist(), int(c[i, j]), (fmt, fmt), **options)
        assert int(got[i, j]) == want, (options, a[i], b[:, j], c[i, j])


def check_aligned() -> None:
    """Compare the integer kernel with `exact`."""
    for number, parameters in enumerate(ALIGNED):
        for seed in range(24):
            output = ("binary16", "bfloat16")[seed // 4 % 2]
            fmt = ("e5m2", "e4m3", "binary16")[(number + seed) % 3]
            rule = nf.Aligned(output=output, **parameters)  # type: ignore[arg-type]
            compare(seed, fmt, 5, output, accumulator=rule)
    counted = nf.Aligned(
        output="binary16", block=4, fraction_bits=3, zero_products="exponent", keep=4
    )
    zero, big, tiny = (int(nf.encode(x, "e5m2")) for x in (0, 2.0**15, 2.0**-8))
    a, b = np.array([zero, tiny], np.uint8), np.array([big, tiny], np.uint8)
    got = nf.dot(a, b, formats="e5m2", accumulator=counted)
    assert int(got) == exact.dot(
        [zero, tiny], [big, tiny], None, ("e5m2",) * 2, accumulator=counted
    )
    low = nf.Aligned(output="binary16", block=4, fraction_bits=20, keep=4)
    for seed in range(8):
        compare(4 * seed + 2, "e5m2", 5, "binary16", accumulator=low)
    grouped = nf.Aligned(output="binary32", block=8, fraction_bits=9, group=4)
    late = nf.PartiallyNormalized(output="binary16", width=12, shifts=(0, 2, 5))
    for seed in range(24):
        compare(seed, "e2m1", 11, "binary32", accumulator=grouped)
        compare(seed, "e5m2", 7, "binary16", accumulator=late)


def check_floats() -> None:
    """Compare the kernel in floats with `exact`, rows of `FEWEST` columns."""
    columns = aligned_floats.FEWEST
    for output, rounding, keep, floor, width in (
        ("binary32", "toward_zero", None, -9, 11),
        ("binary32", "toward_zero", 9, None, 11),
        ("binary16", "nearest_even", None, None, 14),
        ("binary16", "nearest_even", None, -3, 5),
        ("binary16", "toward_zero", None, None, 16),
        ("binary16", "nearest_even", None, None, 5),
    ):
        rule = nf.Aligned(
            output=output, rounding=rounding, keep=keep, floor=floor, block=5, fraction_bits=width
        )
        for seed in range(4):
            a, b, c = operands(seed, "e5m2", 17, output)
            b = np.tile(b, (1, columns // 2))
            c = np.tile(c, (1, columns // 2))
            b, a = (np.where(x & 0x7F >= 0x7C, x & 0xFB, x).astype(x.dtype) for x in (b, a))
            tiny = (c | 5) & 0x3F | (c >> c.dtype.type(8 * c.dtype.itemsize - 1))
            c = np.where(np.arange(columns) % 4 < 2, c, tiny)
            got = nf.matmul(a, b, c, formats="e5m2", accumulator=rule)
            for i, j in itertools.product(range(2), range(4)):
                want = exact.dot(
                    a[i].tolist(), b[:, j].tolist(), int(c[i, j]), ("e5m2",) * 2,
                    accumulator=rule,
                )  # fmt: skip
                assert int(got[i, j]) == want, (rule, i, j)
    nothing = np.zeros((4, columns), np.uint8)
    rule = nf.Aligned(output="binary32", block=4, fraction_bits=25)
    got = nf.matmul(nothing.T[:1], nothing, np.uint32(3), formats="e5m2", accumulator=rule)
    assert (got == 3).all()  # below what a float32 of scale 1 reaches
    x = nf.encode(1.25 * 2.0**-11, "e5m2")  # its square is 6.25 quanta of binary16
    rule = nf.Aligned(output="binary16", block=1, fraction_bits=20, rounding="nearest_even")
    got = nf.matmul(np.full((1, 3), x), np.full((3, columns), x), formats="e5m2", accumulator=rule)
    assert (got == 18).all()
    low = nf.encode([2.0**-60, -(2.0**-62)], "bfloat16")  # products far below binary32's scale
    rule = nf.Aligned(output="binary32", block=4, fraction_bits=25)
    spread = np.tile(low[:, None], (1, columns))
    got = nf.matmul(low[None], spread, formats="bfloat16", accumulator=rule)
    want = exact.dot(low.tolist(), low.tolist(), formats=("bfloat16",) * 2, accumulator=rule)
    assert (got == want).all()


def check_sums() -> None:
    """Compare chains, trees, exact sums and plans with `exact`."""
    rules = (
        nf.Sequential(output="bfloat16"),
        nf.Sequential(output="binary16", product="binary16"),
        nf.Sequential(output="binary32"),
        nf.Sequential(output="binary32", rounding="toward_positive"),
        nf.Pairwise(output="bfloat16", block=4, flush_results=True),
        nf.Pairwise(output="binary16", arity=3),
        nf.Exact(output="binary16"),
        nf.Exact(output="bfloat16", block=3, late=True, rounding="to_odd"),
        nf.Compensated(output="bfloat16"),
        nf.Compensated(output="binary16", method="neumaier"),
    )
    three = nf.Lanes(count=3, combine="pairwise", rounding="toward_positive")
    for seed in range(8):
        compare(seed, "e5m2", 9, "bfloat16", accumulator=rules[0], plan=three)
        compare(seed, "binary16", 16, "binary16", accumulator=nf.Sequential(output="binary16"))
        compare(4 * seed, "e5m2", 24, "bfloat16", accumulator=rules[0])
    for number, rule in enumerate(rules):
        for seed in range(12):
            compare(seed + number, "e5m2", 7, rule.output.name, accumulator=rule)
    for seed, plan in enumerate(PLANS):
        compare(4 * seed, "e4m3", 7, "bfloat16", accumulator=rules[0], plan=plan)


def check_requantization() -> None:
    """Compare every scheme of requantisation with its formula in `exact`."""
    corners = [*range(-9, 10), 127, -128, *(s * (1 << e) + d for e in (14, 30) for s in (1, -1)
                                            for d in (-1, 0, 1))]  # fmt: skip
    corners = [x for x in corners if -(1 << 31) <= x < 1 << 31]
    for scheme in nf.RequantizationScheme:
        for multiplier, shift in (
            *((1 << 30, 31), (1 << 30, 32), ((1 << 31) - 1, 31), (1518500250, 33)),
            *((1874512792, 40), (1 << 14, 15), (32767, 20), (3, 2)),
        ):
            for x in corners:
                pair = multiplier, shift
                try:
                    got = nf.requantize([x], nf.Dyadic(*pair), "int32", scheme=scheme)
                except nf.FormatError:
                    continue
                want = requantization.requantize(x, *pair, "int32", scheme=scheme.value)
                assert got.tolist() == [want], (scheme, pair, x)

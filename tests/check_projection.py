"""A few thousand comparisons that no mistake in a kernel survives; run by `test_mutants.py`.

Runs in the interpreter (NUMBA_DISABLE_JIT=1) on whatever numfmt is first on the path, with tables
allowed for arrays of any size, so that a mutant costs a second and not a compilation.
"""

import itertools
import sys

import numpy as np

import arithmetic
import blocks
import corners
import numfmt as nf
import products
from numfmt import exact, logarithms, projection
from numfmt.arithmetic import lookup
from numfmt.blocks.arithmetic import odd_quotient
from numfmt.exact import Draw
from numfmt.exact.logarithms import compare

FORMATS = (
    "e2m1",
    "e2m1_ieee",
    "Binary4p2ue",
    "Binary3p1se",
    "e1m2_fnuz",
    "e8m0",
    "int3",
    "binary64",
)
MODES = ("nearest_even", "toward_negative", "to_odd", "away_from_zero")
STOCHASTIC = ("stochastic_a", "stochastic_b", "stochastic_c")


def inputs(fmt: nf.FloatFormat) -> np.ndarray:
    """Return some values, ties, their neighbours, and extremes."""
    top = fmt.largest_ordinal(0)
    values = [float(fmt.value_of_ordinal(k)) for k in range(min(top, 6) + 1)]
    values += [float(fmt.value_of_ordinal(top))]
    ties = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    ties = [tie for tie in ties if tie < float("inf")]
    past = [values[-1] * f for f in (1.125, 1.25, 1.5, 2.0, 4.0)] if values[-1] < 1e300 else []
    base = np.array([*values, *ties, *past, 5e-324, 2.0**-1074 * 5, 2.0**-1023, 2.0**-149, 1e300])
    with np.errstate(over="ignore", under="ignore"):
        x = np.concatenate([base, np.nextafter(base, np.inf), np.nextafter(base[1:], 0), [np.inf]])
    return np.concatenate([x, -x])


def check(x: np.ndarray, fmt: nf.FloatFormat, draw: Draw | None = None, **options: object) -> None:
    """Compare all kernels with `exact` where it has an answer."""
    kept, codes, flags = [], [], []
    for value in x.tolist():
        try:
            code, raised = exact.encode(value, fmt, draw=draw, **options)
        except nf.FormatError:
            continue
        kept.append(value)
        codes.append(code)
        flags.append(int(raised))
    given = {} if draw is None else {"random_bits": draw.random, "bits": draw.bits}
    x = np.array(kept)
    if fmt.has_flags:
        got, raised = nf.encode(x, fmt, return_flags=True, **options, **given)
        assert (got.tolist(), raised.tolist()) == (codes, flags), (fmt.name, options)
    if options.pop("flush_results", False):
        return
    assert nf.encode(x, fmt, **options, **given).tolist() == codes, (fmt.name, options)
    with np.errstate(over="ignore"):
        single = x.astype(np.float32)
    same = single == x
    want = np.array(codes, np.uint64)[same]
    assert (nf.encode(single[same], fmt, **options, **given) == want).all(), (fmt.name, options)
    projection.SMALL = 1 << 30
    assert nf.encode(x, fmt, **options, **given).tolist() == codes, (fmt.name, options)
    projection.SMALL = 0


def agree(x: np.ndarray, fmt: nf.Format, draw: Draw | None = None, **options: object) -> None:
    """Compare a format without flags with `exact`, through tables and without."""
    want = [exact.encode(value, fmt, draw=draw, **options)[0] for value in x.tolist()]
    given = {} if draw is None else {"random_bits": draw.random, "bits": draw.bits}
    for least in (1 << 30, 0):
        projection.SMALL = logarithms.TABLE = least
        assert nf.encode(x, fmt, **options, **given).tolist() == want, (fmt.name, options)


def check_tapered(name: str) -> None:
    """Check codes, ties and what is beside them for a posit or takum."""
    fmt = nf.get(name)
    codes = np.arange(1 << fmt.bits)[:: 1 << max(0, fmt.bits - 7)]
    data = [exact.decode(code, fmt) for code in codes.tolist()]
    want = [float(d.value) for d in data if d.finite]
    assert nf.decode(codes, fmt)[[d.finite for d in data]].tolist() == want, name
    step = max(1, fmt.largest_ordinal(0) // 40)
    ties = [float(fmt.tie_between(k, k + 1)) for k in range(1, fmt.largest_ordinal(0), step)]
    ends = [0.0, 5e-324, 3e-310, 1e300, 2.0**-255, 1.25 * 2.0**-255, 2.0**254, 1.999 * 2.0**254]
    x = np.array([*ties, *np.nextafter(ties, 0), *np.nextafter(ties, np.inf), *ends])
    x = np.concatenate([x, -x])
    for mode in MODES:
        agree(x, fmt, rounding=mode)
    for mode in STOCHASTIC:
        for drawn in range(4):
            some = np.array([*x[::3] * 1.03, *ends, *(-end for end in ends)])
            agree(some, fmt, Draw(drawn, 2), rounding=mode)


def check_codebook(name: str) -> None:
    """Check limits and what is beside them for a codebook."""
    fmt = nf.get(name)
    points = [float(point) for point in (*fmt.values, *fmt.thresholds)]
    points += [(a + b) / 2 for a, b in itertools.pairwise(points[: len(fmt.values)])]
    x = np.array([*points, *np.nextafter(points, 9), *np.nextafter(points, -9), 0.0, 1e300, np.inf])
    x = np.concatenate([x, -x])[:: 1 if fmt.bits < 8 else 7]
    for mode in ("nearest_even", "nearest_away", "toward_zero", "toward_positive", None):
        agree(x, fmt, rounding=mode)
    for mode in STOCHASTIC:
        for drawn in range(4):
            agree(x[np.isfinite(x)] * 0.97, fmt, Draw(drawn, 2), rounding=mode)


def check_logarithm(name: str) -> None:
    """Check values and limits of a format of logarithms."""
    fmt = nf.get(name)
    step = max(1, fmt.largest_ordinal // 64)
    logs = [fmt.logarithm(k) for k in range(1, fmt.largest_ordinal, step)]
    logs = [log for log in logs if abs(log) < 1020]
    logs += [(a + b) / 2 for a, b in itertools.pairwise(logs)]
    root = np.exp(0.5) if fmt.base != "2" else 2.0
    points = root ** np.array([float(log) for log in logs])
    x = np.concatenate([points, np.nextafter(points, 0), np.nextafter(points, np.inf)])
    x = np.concatenate(
        [x, -x, [1.0, 2.0, 0.5, 0.0, 1e300, 5e-324, 3e-310, 2.0**-1030, np.inf, np.nan]]
    )
    for mode in MODES:
        agree(x, fmt, rounding=mode)
    for code in range(1 << fmt.bits) if fmt.within_float64 else ():
        datum = exact.decode_power(code, fmt)
        if datum.kind is nf.Kind.NORMAL:
            got = exact.Fraction(nf.decode(code, fmt).item())
            assert (got < 0) == datum.sign
            for side, sign in ((0, -1), (np.inf, 1)):  # the power is within half a step
                beside = exact.Fraction(np.nextafter(float(abs(got)), side))
                assert compare((abs(got) + beside) / 2, datum.logarithm, fmt) == sign, code


def check_grids() -> None:
    """Check floats and fixed point."""
    projection.SMALL = 0
    for name in FORMATS:
        fmt = nf.get(name)
        codes = np.arange(1 << fmt.bits) if fmt.bits < 9 else np.array([0, 1, 2**52, 2**62 + 3])
        data = [exact.decode(int(code), fmt) for code in codes]
        assert nf.unpack(codes, fmt).kind.tolist() == [d.kind for d in data], name
        want = [float(d.value) for d in data if d.finite]
        got = nf.decode(codes, fmt)
        assert got[[d.finite for d in data]].tolist() == want, name
        for mode in MODES:
            check(inputs(fmt), fmt, rounding=mode)
        if name != "binary64":
            check(inputs(fmt)[::3], fmt, flush_results=True)
        if name in ("e2m1", "e2m1_ieee", "int3"):
            eighths = np.array([1.0625, 1.1875, 1.3125, 0.5625, 1 + 3 * 2.0**-52])
            for mode in STOCHASTIC:
                for draw in (0, 1, 2, 3):
                    check(inputs(fmt)[::2], fmt, Draw(draw, 2), rounding=mode)
                    check(eighths, fmt, Draw(draw, 2), rounding=mode)
                check(inputs(fmt)[::5], fmt, Draw(1 << 51, 52), rounding=mode)
                check(eighths, fmt, Draw((1 << 50) - 2, 50), rounding=mode)
    codes = np.arange(64)
    wide = nf.get("Binary8p1uf")
    for options in ({}, {"flush_inputs": True}):
        want = [
            exact.convert(int(c), "e3m2_ieee", wide, overflow="saturate", nan=0, **options)[0]
            for c in codes[:32]
        ]
        got = nf.convert(codes[:32], "e3m2_ieee", wide, overflow="saturate", nan=0, **options)
        assert got.tolist() == want
    check(np.array([5e-324, 3 * 2.0**-1074, 2.0**-1030, 1.0]), nf.get("e13m2_ieee"))
    big = np.array([2**63 + 2**52 + 1, 2**53 + 1, 2**64 - 1], np.uint64)
    assert nf.encode(big, "binary64").tolist() == [exact.encode(int(v), "binary64")[0] for v in big]
    flushed = nf.encode(np.array([2.0**-126, 2.0**-127], np.float32), "bfloat16", flush_inputs=True)
    assert flushed.tolist() == [0x80, 0]


def check_blocks(name: str) -> None:
    """Quantise arrays with ties, tails, zeros, powers of two, specials, and compare every code."""
    fmt = nf.get(name)
    assert isinstance(fmt, nf.BlockFormat)
    rng = np.random.default_rng(3)
    x = np.round(rng.standard_normal((5, 40)) * 16) / 8 * 2.0 ** rng.integers(-2, 3, (5, 1))
    x[1], x[2, ::3] = 0, 2.0 ** rng.integers(-9, 9, x[2, ::3].shape)
    x[3, 5] = 255.99998474121094
    for array in (x.astype(np.float32), x[:, ::-1], (x * 2.0**-135).astype(np.float32)):
        blocks.check(array, fmt)
    if fmt.nonfinite is nf.NonFinite.NAN_BLOCK:
        x[0, 3], x[4, 39] = np.nan, np.inf
        blocks.check(x, fmt)
    if not fmt.two_level and fmt.rule is nf.ScaleRule.FLOOR and fmt.element_precision:
        for rule in ("ceil", "even", "nearest", "rceil", "m1", "amax"):
            blocks.check(np.abs(x[1:4]).astype(np.float32), fmt, scale_rule=rule)
            for digits in range(2, 9):  # half of the last digit below a power of two
                blocks.check(np.array([2 - 2.0**-digits]), fmt, scale_rule=rule)


def check_quotients() -> None:
    """Compare quotients rounded to odd with rationals."""
    rng = np.random.default_rng(5)
    x, s = rng.standard_normal((2, 2000))
    x[::3], s[::4] = np.round(x[::3] * 4), 2.0 ** rng.integers(-9, 9, s[::4].shape)
    for quotient, above, below in zip(odd_quotient(x, s), x, s, strict=True):
        exactly = exact.Fraction(above) / exact.Fraction(below)
        if exactly != quotient:
            assert np.float64(quotient).view(np.int64) & 1
            low, high = (np.nextafter(quotient, end) for end in (-np.inf, np.inf))
            assert low < exactly < high


def check_packing() -> None:
    """Pack and unpack all widths, and compare with one long integer."""
    rng = np.random.default_rng(4)
    for bits in range(1, 17):
        for count in (0, 1, 7, 64, 129):
            codes = rng.integers(0, 1 << bits, count).tolist()
            little = sum(code << (i * bits) for i, code in enumerate(codes))
            size = -(-count * bits // 8)
            data = nf.pack_codes(np.array(codes, np.uint16), bits)
            assert bytes(data) == little.to_bytes(size, "little"), (bits, count)
            assert nf.unpack_codes(data, bits, count=count).tolist() == codes
            big = sum(code << (8 * size - (i + 1) * bits) for i, code in enumerate(codes))
            data = nf.pack_codes(np.array(codes, np.uint16), bits, layout="dense_big")
            assert bytes(data) == big.to_bytes(size, "big"), (bits, count)
            assert nf.unpack_codes(data, bits, count=count, layout="dense_big").tolist() == codes


# Special and boundary operands of binary16, of which all pairs and some triples are compared.
HALVES = (
    0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x3800, 0x3BFF, 0x3C00, 0xBC00, 0x7BFF, 0x7C00,
    0xFC00, 0x7C01, 0x7E11, 0xFD23, 0xFE22,
)  # fmt: skip
# Triples of binary16 whose sums are just below the least normal, at every side of what is tiny.
FUSED = (
    (0x0001, 0x3A00, 0x03FF), (0x0001, 0x3400, 0x03FF), (0x8001, 0x3A00, 0x83FF),
    (0x0001, 0x3800, 0x03FF), (0x8001, 0x3800, 0x83FF), (0x0001, 0x3801, 0x03FF),
    (0x0001, 0x3A00, 0x0400), (0x3C01, 0x3C01, 0xBC02), (0x3C01, 0x1401, 0x3C00),
)  # fmt: skip
# Triples of binary64 with one addend far above the others, which may cancel.
FAR = (
    (0x7FE0000000000000, 0xFFE0000000000000, 0x0000000000000001),
    (0x7FE0000000000000, 0x7C90000000000000, 0x8000000000000001),
    (0x3FF0000000000000, 0x3CA0000000000000, 0x8000000000000001),
    (0x3FF0000000000000, 0x37D0000000000000, 0xB7C0000000000000),
    (0xB7D0000000000000, 0x37D0000000000000, 0x3FF0000000000000),
    (0x3FF0000000000000, 0x37D0000000000001, 0xB7D0000000000000),
    (0x3C90000000000000, 0x3FF0000000000000, 0xBFF0000000000000),
)  # fmt: skip


def same_as_exact(op: str, operands: list[np.ndarray], fmt: object, **options: object) -> None:
    """Compare an operation with `exact`."""
    bad = arithmetic.differences(op, operands, fmt, **options)
    assert not bad, (op, fmt, options, bad[0])


def check_arithmetic(name: str) -> None:
    """Compare operations on corner operands in two modes."""
    for i, (corner, (ops, _)) in enumerate(corners.CLASSES.items()):
        rows = corners.operands(name, corner, most=50)
        for op in ops:
            same_as_exact(op, rows, name)
            directed = ("toward_positive", "to_odd", "toward_negative")[i % 3]
            some = [column[:25] for column in rows]
            same_as_exact(
                op, some, name, rounding=directed, tininess="before" if i % 2 else "after"
            )


def check_integers() -> None:
    """Compare the integer kernels, from which flushing keeps the machine's floats away."""
    for corner, (ops, _) in corners.CLASSES.items():
        rows = corners.operands("binary16", corner, most=30)
        for op in ops:
            same_as_exact(op, rows, "binary16", flush_inputs=True)
    columns = [np.array(column, np.uint64) for column in zip(*FAR, strict=True)]
    for mode in ("nearest_even", "toward_negative", "toward_positive"):
        same_as_exact("faa", columns, "binary64", rounding=mode)
        same_as_exact("fma", columns, "binary64", rounding=mode)
    rng = np.random.default_rng(6)
    for name in ("binary64", "posit64"):
        rows = arithmetic.together([name, name], rng, 40)
        for op in ("add", "sub", "mul", "div"):
            same_as_exact(op, rows, name, rounding="toward_zero")
            same_as_exact(op, rows, name)
        same_as_exact("sqrt", [rows[0][:20]], name)


def check_carriers() -> None:
    """Compare formats of which a machine's float holds the operands but not their products."""
    rng = np.random.default_rng(7)
    for source, result in (("e7m3_ieee", "bfloat16"), ("e5m14_ieee", "e5m10_ieee")):
        ends = [1, 2, 3, nf.get(source).largest_code(0), nf.get(source).largest_code(1)]
        edges = [np.array(column) for column in zip(*itertools.product(ends, ends), strict=True)]
        drawn = arithmetic.together([source] * 3, rng, 40)
        for op in ("mul", "div"):
            same_as_exact(op, edges, source, result=result)
            same_as_exact(op, drawn[:2], source, result=result)
        same_as_exact("fma", drawn, source, result=result)


def check_dialects() -> None:
    """Compare special operands in every dialect, in floats and in integers."""
    a, b = (np.array(column) for column in zip(*itertools.product(HALVES, HALVES), strict=True))
    c = np.array(HALVES)[(np.arange(a.size) * 7 + np.arange(a.size) // 5) % len(HALVES)]
    fused = [np.array(column) for column in zip(*FUSED, strict=True)]
    dialects = ("x86", "arm", "riscv", "p3109")
    for dialect, mode in zip(dialects, ("nearest_even", "toward_negative") * 2, strict=True):
        for flush in (None, True):
            options = {"dialect": dialect, "rounding": mode, "flush_inputs": flush}
            for op in ("add", "sub", "mul", "div", "fma"):
                rows = [a, b, c][: arithmetic.ARITY[op]]
                every = 1 if op in ("div", "fma") else 3
                same_as_exact(op, [row[::every] for row in rows], "binary16", **options)
            halves = np.array([*HALVES, 0x3C40, 0x4100, 0xB900, 0x3555])
            for op in ("sqrt", "recip", "round_to_int"):
                same_as_exact(op, [halves], "binary16", **options)
            same_as_exact("fma", fused, "binary16", **options)
            same_as_exact("fma", fused, "binary16", tininess="before", **options)
        given = {"dialect": dialect, "result": "e5m2", "rounding": mode}
        same_as_exact("mul", [a[::7], b[::7]], "binary16", **given)
        same_as_exact(
            "add", [a[::7] & 0xFF, b[::7]], ["e5m2", "binary16"], **(given | {"result": "bfloat16"})
        )
    for mode in ("toward_positive", "toward_negative", "nearest_zero", "away_from_zero"):
        for tininess in ("before", "after"):
            same_as_exact("fma", fused, "binary16", rounding=mode, tininess=tininess)
    inexact = [nf.round_to_int(0x3E00, "binary16", exact=e, return_flags=True)[1] for e in (0, 1)]
    assert inexact == [0, 1]
    lookup.SMALL = 1
    narrow = [codes[::5] for codes in lookup.all_codes((nf.get("e2m1_ieee"), nf.get("e3m2_ieee")))]
    for op in ("sub", "div"):
        same_as_exact(op, narrow, ["e2m1_ieee", "e3m2_ieee"], result="e3m2_ieee", dialect="x86")


PARTS = {
    "grids": (check_grids, ()),
    "tapered": (check_tapered, ("posit6_1", "posit5", "posit5_3", "takum8", "takum13")),
    "codebooks": (check_codebook, ("nf3", "fp4_bnb", "hifloat8", "ternary")),
    "logarithms": (check_logarithm, ("lns5_1", "takum7_log", "lns14_1")),
    "blocks": (
        check_blocks,
        (
            *("mxfp8_e4m3", "mxfp4", "nvfp4", "mx6", "nf4_bitsandbytes_double", "int4_group32"),
            *("uint4_group32", "uint4_group32_float_zero", "nvfp4_four_over_six", "bitmod_fp4"),
            *("afpq_nf4_group128", "p3109_binary8p4se_group32", "bitnet_a48_int4", "llm_int8"),
            *("zeroquant_fp4_m2", "posit8_group3", "e2m1_group3_by_e4m3"),
            "nf4_group4_by_e8m0",
        ),
    ),
    "quotients": (check_quotients, ()),
    "packing": (check_packing, ()),
    "arithmetic": (check_arithmetic, ("binary16", "bfloat16", "binary64")),
    "integers": (check_integers, ()),
    "carriers": (check_carriers, ()),
    "dialects": (check_dialects, ()),
    "aligned": (products.check_aligned, ()),
    "floats": (products.check_floats, ()),
    "sums": (products.check_sums, ()),
    "requantization": (products.check_requantization, ()),
}


def main() -> int:
    """Run the named parts, or all; an AssertionError is the answer wanted of a mutant."""
    for part in sys.argv[1:] or PARTS:
        check, names = PARTS[part]
        for arguments in [(name,) for name in names] or [()]:
            check(*arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A few thousand comparisons that no mistake in a kernel survives; run by `test_mutants.py`.

Runs in the interpreter (NUMBA_DISABLE_JIT=1) on whatever numfmt is first on the path, with tables
allowed for arrays of any size, so that a mutant costs a second and not a compilation.
"""

import itertools
import sys

import numpy as np

import numfmt as nf
from numfmt import exact, projection
from numfmt.exact import Draw

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


def main() -> int:
    """Run all comparisons; an AssertionError is the answer wanted of a mutant."""
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
    return 0


if __name__ == "__main__":
    sys.exit(main())

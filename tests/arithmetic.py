"""Comparisons of `numfmt.arithmetic` with `numfmt.exact`, on drawn or given operands."""

import numpy as np

import numfmt as nf
from numfmt import exact

ARITY = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "fma": 3, "faa": 3, "sqrt": 1, "rsqrt": 1,
    "recip": 1, "hypot": 2, "remainder": 2, "round_to_int": 1,
}  # fmt: skip
MODES = (
    "nearest_even", "nearest_away", "nearest_zero", "nearest_up", "nearest_down", "toward_zero",
    "toward_positive", "toward_negative", "away_from_zero", "to_odd", "jam",
)  # fmt: skip
STOCHASTIC = ("stochastic_a", "stochastic_b", "stochastic_c", "stochastic_c_odd")


def expected(op: str, operands: tuple, fmt: object, draw: object, **options: object) -> tuple:
    """Return the code and flags that `exact` gives, or None where it refuses."""
    try:
        code, flags = getattr(exact, op)(*operands, fmt, draw=draw, **options)
    except nf.FormatError:
        return None
    return int(code), int(flags)


def differences(
    op: str,
    operands: list[np.ndarray],
    fmt: object,
    *,
    random_bits: np.ndarray | None = None,
    bits: int = 8,
    **options: object,
) -> list[tuple]:
    """Return (operands, got, wanted) of every difference; `operands` are 1-D arrays of codes."""
    rows = list(zip(*(array.tolist() for array in operands), strict=True))
    draws = [None] * len(rows)
    if random_bits is not None:
        draws = [exact.Draw(int(r), bits) for r in random_bits]
    wanted = [expected(op, row, fmt, d, **options) for row, d in zip(rows, draws, strict=True)]
    kept = [i for i, outcome in enumerate(wanted) if outcome is not None]
    found: list[tuple] = []
    for i in [i for i, outcome in enumerate(wanted) if outcome is None][:3]:
        try:
            drawn = {} if random_bits is None else {"random_bits": random_bits[i], "bits": bits}
            got = getattr(nf, op)(*rows[i], fmt, **drawn, **options)
            found.append((rows[i], got, "refused"))
        except nf.FormatError:
            pass
    if not kept:
        return found
    drawn = {} if random_bits is None else {"random_bits": random_bits[kept], "bits": bits}
    columns = [array[kept] for array in operands]
    result = nf.get(options.get("result") or (fmt if isinstance(fmt, str) else fmt[0]))
    flagged = result.has_flags and options.get("dialect") != "cuda"
    got = getattr(nf, op)(*columns, fmt, return_flags=flagged, **drawn, **options)
    codes, flags = got if flagged else (got, None)
    for position, i in enumerate(kept):
        code, raised = wanted[i]
        pair = (int(codes[position]), raised if flags is None else int(flags[position]))
        if pair != (code, raised):
            shown = [tuple(map(hex, pair)), (hex(code), hex(raised))]
            found.append((tuple(map(hex, rows[i])), *shown, draws[i]))
    return found


def interesting(fmt: str, rng: np.random.Generator, count: int) -> np.ndarray:
    """Return codes: extremes, special ones, neighbours in bits, few set bits, and random ones."""
    bits = nf.get(fmt).bits
    top = (1 << bits) - 1
    base = [0, 1, 2, top, top - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1, (1 << (bits - 1)) + 1]
    for value in (1.0, -1.0, 2.0, 0.5, 1.5, 3.0, float("inf"), float("nan")):
        try:
            base.append(exact.encode(value, fmt, overflow=None)[0])
        except nf.FormatError:
            pass
    near = [b + d for b in base for d in (-2, -1, 1, 2)]
    few = [(1 << int(i)) | (1 << int(j)) for i, j in rng.integers(0, bits, (8, 2))]
    drawn = rng.integers(0, top + 1, count, dtype=np.uint64).tolist()
    pool = np.array([c for c in (*base, *near, *few, *drawn) if 0 <= c <= top], np.uint64)
    unused = nf.get(fmt).unused_codes()
    pool = pool[~np.isin(pool, np.array(unused, np.uint64))]
    return rng.choice(pool, count)


def together(fmts: list[str], rng: np.random.Generator, count: int) -> list[np.ndarray]:
    """Return operands of which some are near each other, so that sums cancel."""
    operands = [interesting(fmt, rng, count) for fmt in fmts]
    for other in range(1, len(fmts)):
        if fmts[other] == fmts[0]:
            bits = nf.get(fmts[0]).bits
            step = rng.integers(-3, 4, count) + (rng.integers(0, 2, count) << (bits - 1))
            close = (operands[0].astype(np.int64) + step).astype(np.uint64) & np.uint64(
                (1 << bits) - 1
            )
            unused = np.isin(close, np.array(nf.get(fmts[0]).unused_codes(), np.uint64))
            take = (rng.random(count) < 0.3) & ~unused
            operands[other] = np.where(take, close, operands[other])
    return operands


__all__ = ["ARITY", "MODES", "STOCHASTIC", "differences", "interesting", "together"]

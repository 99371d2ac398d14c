"""One check for each law that a rounding obeys, for any format and mode."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

import numfmt as nf
from numfmt import exact
from numfmt.families.grid import GridFormat

MANY = 1100  # elements from which the table kernels do the work


def expected(x: Iterable[Any], fmt: GridFormat, **options: Any) -> tuple[list[Any], ...]:
    """Return those inputs that `exact` encodes, with their codes and flags."""
    kept, codes, flags = [], [], []
    for value in x:
        try:
            code, raised = exact.encode(value, fmt, **options)
        except nf.FormatError:
            continue
        kept.append(value)
        codes.append(code)
        flags.append(int(raised))
    return kept, codes, flags


def check_encode(x: npt.NDArray[np.float64], fmt: GridFormat, **options: Any) -> int:
    """Compare every kernel with `exact` on float64 inputs; return how many were compared."""
    kept, codes, flags = expected(x.tolist(), fmt, **options)
    if not kept:
        return 0
    inputs = np.array(kept, np.float64)
    want = np.array(codes, np.uint64)
    assert_same(nf.encode(inputs[: MANY - 100], fmt, **options), want[: MANY - 100], inputs, fmt)
    size = max(MANY, len(kept))
    assert_same(
        nf.encode(np.resize(inputs, size), fmt, **options),
        np.resize(want, size),
        np.resize(inputs, size),
        fmt,
    )
    with np.errstate(over="ignore", invalid="ignore"):
        single = inputs.astype(np.float32)
    fits = (single == inputs) | np.isnan(inputs)
    if fits.any():
        assert_same(
            nf.encode(np.resize(single[fits], size + 1), fmt, **options),
            np.resize(want[fits], size + 1),
            np.resize(single[fits], size + 1),
            fmt,
        )
    if fmt.has_flags:
        got, raised = nf.encode(inputs, fmt, return_flags=True, **options)
        assert_same(got, want, inputs, fmt)
        assert_same(raised, np.array(flags, np.uint64), inputs, fmt)
    return len(kept)


def assert_same(
    got: npt.NDArray[Any], want: npt.NDArray[Any], inputs: npt.NDArray[Any], fmt: GridFormat
) -> None:
    """Compare integers and show the first differences."""
    wrong = np.flatnonzero(got != want)
    shown = [
        (float(inputs[i]).hex(), hex(int(got[i])), hex(int(want[i]))) for i in wrong[:5].tolist()
    ]
    assert not wrong.size, f"{fmt.name}: {wrong.size} differ; (input, got, want): {shown}"


def check_roundtrip(fmt: GridFormat, codes: npt.NDArray[Any]) -> None:
    """Check that codes of finite values come back from their values."""
    values = nf.decode(codes, fmt)
    finite = np.isfinite(values) & (values >= float(fmt.lowest))  # narrow integers read one more
    again = nf.encode(values[finite], fmt)
    made = nf.decode(again, fmt)
    assert (made.view(np.uint64) == values[finite].view(np.uint64)).all(), fmt.name


def check_monotone(fmt: GridFormat, x: npt.NDArray[np.float64], **options: Any) -> None:
    """Check that rounding keeps order."""
    rounded = nf.round(np.sort(x), fmt, overflow="saturate", **options)
    assert (np.diff(rounded) >= 0).all(), fmt.name


def check_idempotent(fmt: GridFormat, x: npt.NDArray[np.float64], **options: Any) -> None:
    """Check that a rounded value rounds to itself, in a mode that leaves exact values alone."""
    once = nf.round(x, fmt, overflow="saturate", **options)
    twice = nf.round(once, fmt, overflow="saturate", **options)
    assert (once.view(np.uint64) == twice.view(np.uint64)).all(), fmt.name

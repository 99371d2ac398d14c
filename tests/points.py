"""Inputs where a rounding can go wrong: values, ties, thresholds, and what lies beside them."""

import itertools
from fractions import Fraction

import numpy as np
import numpy.typing as npt

import numfmt as nf
from numfmt import exact
from numfmt.families.base import ScalarFormat
from numfmt.families.logarithmic import LogarithmicFormat


def positive_values(fmt: ScalarFormat) -> list[Fraction]:
    """Return every distinct finite magnitude of a format in increasing order, from `exact`."""
    found = {
        datum.magnitude for code in used_codes(fmt) if (datum := exact.decode(code, fmt)).finite
    }
    return sorted(found)


def ties(values: list[Fraction]) -> list[Fraction]:
    """Return the midpoints between neighbours, below the first and past the last value."""
    middle = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    if len(values) < 2:
        return [*middle, values[-1] / 2, values[-1] * 2 + Fraction(1, 2)]
    step = values[-1] - values[-2]
    past = [values[-1] + step / 2, values[-1] + step, values[-1] + 3 * step / 2]
    past += [values[-1] * 3 / 2, values[-1] * 2]  # the next value up where precision is 1
    return [values[0] / 2, *middle, *past]


def exact_floats(numbers: list[Fraction]) -> list[float]:
    """Return those numbers that are float64 values."""
    kept = []
    for number in numbers:
        try:
            nearest = float(number)
        except OverflowError:
            continue
        if Fraction(nearest) == number:
            kept.append(nearest)
    return kept


def corner_floats(fmt: ScalarFormat, *, every: int = 1, start: int = 0) -> npt.NDArray[np.float64]:
    """Return float64 corners of a format: values, ties, their neighbours, both signs, specials.

    `every` and `start` thin out the values and ties of wide formats.
    """
    values = positive_values(fmt)
    inner = exact_floats([*values[start::every], *ties(values)[start::every], *ties(values)[-5:]])
    base = np.array(sorted(set(inner)))
    around = np.concatenate(
        [base, np.nextafter(base, np.inf), np.nextafter(base, -np.inf), base * (1 + 2.0**-20)]
    )
    extremes = np.array([5e-324, 2.0**-1022, 1.7976931348623157e308, 1e30, 1e-30, 1.0, np.pi])
    specials = np.array([0.0, np.inf, np.nan])
    positive = np.unique(np.concatenate([np.abs(around), extremes, specials]))
    return np.concatenate([positive, -positive])


def used_codes(fmt: ScalarFormat) -> list[int]:
    """Return the codes that stand for something."""
    unused = set(fmt.unused_codes())
    return [code for code in range(1 << fmt.bits) if code not in unused]


def rational(*, max_bits: int = 16) -> list[str]:
    """Return the names of the catalogued scalar formats whose values are rational."""
    return [
        name
        for name in nf.names(max_bits=max_bits, kind="scalar")
        if not isinstance(nf.get(name), LogarithmicFormat)
    ]

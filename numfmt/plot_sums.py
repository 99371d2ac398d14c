"""Pictures of sums: how errors grow with their length, and which digits of a term were lost."""

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .accumulation import AccumulationErrors
from .errors import FormatError
from .tensor.explaining import DotExplanation

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_for(ax: "Axes | None", width: float, height: float) -> "Axes | None":
    """Return axes to draw on, or None where matplotlib is not installed."""
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    return Figure(figsize=(width, height), layout="constrained").subplots()


def needs_matplotlib(what: str) -> FormatError:
    """Return the error of a picture that cannot be drawn."""
    return FormatError(f"{what} needs matplotlib; install it with: pip install matplotlib")


def error_growth(errors: AccumulationErrors, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the root mean square error of accumulators over the number of products.

    Parameters
    ----------
    errors : AccumulationErrors
        What `numfmt.analysis.accumulation_error` returned.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, ``ax.figure``.

    Returns
    -------
    Axes
        A line an accumulator; errors of exactly 0 are left out of the logarithmic scale.

    Raises
    ------
    FormatError
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> a = nf.encode(np.random.default_rng(0).normal(size=(4, 64)), "e4m3")
    >>> chains = {fmt: nf.Sequential(output=fmt) for fmt in ("bfloat16", "binary16")}
    >>> found = nf.analysis.accumulation_error(a, a, chains, formats="e4m3")
    >>> [line.get_label() for line in error_growth(found).lines]
    ['bfloat16', 'binary16']
    """
    axes = axes_for(ax, 7, 4)
    if axes is None:
        raise needs_matplotlib("error_growth")
    for name, row in zip(errors.names, errors.rms, strict=True):
        axes.plot(errors.k, np.where(row == 0, np.nan, row), marker="o", markersize=3, label=name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xlabel("products")
    axes.set_ylabel("rms error / sum of magnitudes")
    axes.legend()
    return axes


def dot_terms(explanation: DotExplanation, step: int = 0, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the aligned terms of one step of a dot product: a square a digit, lost ones in red.

    Parameters
    ----------
    explanation : DotExplanation
        What `numfmt.explain_dot` returned, of an aligned sum.
    step : int
        Which step.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, ``ax.figure``.

    Returns
    -------
    Axes
        Digits of 1 are filled; those left of the line joined the sum, those right of it did not.
        An ellipsis stands for more lost digits; where none of the shown ones is 1, the power of
        two of the first that is stands beside it.

    Raises
    ------
    FormatError
        There is no such step, its terms share no grid, or matplotlib is not installed.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([4.0, 1.5, 0.25], "e4m3")
    >>> acc = nf.Aligned(output="binary32", block=4, fraction_bits=5)
    >>> axes = dot_terms(nf.explain_dot(a, a, formats="e4m3", accumulator=acc))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['k=0', 'k=1', 'k=2', 'c']
    """
    if not 0 <= step < len(explanation.steps):
        raise FormatError(f"step={step} is not one of the {len(explanation.steps)} steps")
    found = explanation.steps[step]
    if found.quantum is None:
        raise FormatError(f"step {step} has no aligned terms; trace an aligned sum of numbers")
    width = max(len(term.bits) for term in found.terms)
    axes = axes_for(ax, 9, 0.3 * len(found.terms) + 1)
    if axes is None:
        raise needs_matplotlib("dot_terms")
    squares: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    right = found.quantum - 1
    for row, term in enumerate(found.terms):
        lost = term.lost_bits.rstrip(".")
        digits = term.bits.rjust(width, "0") + lost
        for place, digit in enumerate(digits):
            colour = "tab:blue" if place < width else "tab:red"
            at = found.quantum + width - 1 - place
            squares.setdefault((colour, digit == "1"), []).append((at, row))
            right = min(right, at)
        if lost != term.lost_bits:  # the listing cuts long tails
            below = found.quantum - len(lost) - 1
            first = "" if "1" in digits else f" 2**{_exponent(term.value)}"
            axes.text(below, row, f"\N{HORIZONTAL ELLIPSIS}{first}", color="tab:red", va="center")
            right = min(right, below - (3 if first else 0))
    for (colour, one), places in squares.items():
        x, y = zip(*places, strict=True)
        filled = colour if one else "none"
        axes.plot(x, y, "s", markersize=7, color=colour, markerfacecolor=filled)
    axes.axvline(found.quantum - 0.5, color="black")
    axes.set_yticks(range(len(found.terms)), [term.name for term in found.terms])
    axes.set_ylim(len(found.terms) - 0.4, -0.6)
    axes.set_xlim(found.quantum + width + 0.2, right - 1.2)
    axes.set_xlabel("exponent of the digit")
    return axes


def _exponent(value: Fraction) -> int:
    """Return the exponent of the leading digit of a number that is not zero."""
    size = abs(value)
    guess = size.numerator.bit_length() - size.denominator.bit_length()
    return guess if size >= Fraction(2) ** guess else guess - 1

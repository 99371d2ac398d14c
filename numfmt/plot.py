"""Pictures of formats, with matplotlib; the number line also as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from . import listing, registry
from .arguments import as_codes, scalar_format
from .errors import FormatError
from .families.base import Format
from .plot_sums import axes_for, dot_terms, error_growth, needs_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "code_histogram",
    "dot_terms",
    "error_growth",
    "number_line",
    "relative_spacing",
    "spacing",
]

_MOST_LABELS = 32
_LABEL_LETTERS = 7


def _formats(fmt: Format | str | Sequence[Format | str]) -> list[Format]:
    several = [fmt] if isinstance(fmt, Format | str) else fmt
    if not isinstance(several, Sequence) or not several:
        raise FormatError(f"fmt={fmt!r} is no format and no sequence of formats")
    return [registry.get(entry) for entry in several]


def number_line(
    fmt: Format | str | Sequence[Format | str],
    *,
    low: float | None = None,
    high: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes | None":
    """Draw every value of one or several formats as a mark on a line.

    Parameters
    ----------
    fmt : Format, str or sequence of them
        Formats of up to 16 bits; each gets a line of its own.
    low, high : float, optional
        The part to show. Default: all.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, ``ax.figure``.

    Returns
    -------
    Axes or None
        Where matplotlib is not installed, the lines are printed as text and None is returned.

    Examples
    --------
    >>> axes = number_line(["e2m1", "int4", "nf4"])
    """
    entries = _formats(fmt)
    axes = axes_for(ax, 8, 0.6 + 0.5 * len(entries))
    if axes is None:
        for entry in entries:
            print(f"{entry.name}\n{listing.number_line(entry, low=low, high=high)}")
        return None
    for place, entry in enumerate(entries):
        values = np.array(listing.finite_values(entry))
        listing.ends_of_line(values.tolist(), low, high)
        least, most = -np.inf if low is None else low, np.inf if high is None else high
        shown = values[(values >= least) & (values <= most)]
        line = np.full(shown.size, -place)
        axes.plot(shown, line, "|", markersize=14, label=entry.name, clip_on=False)
    axes.set_yticks([-place for place in range(len(entries))], [entry.name for entry in entries])
    axes.set_ylim(-len(entries) + 0.4, 0.6)
    axes.set_xlim(low, high)
    axes.set_xlabel("value")
    return axes


def spacing(fmt: Format | str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the positive values of a format and the step from each to the next, over the value.

    Returns
    -------
    values, relative : two ndarrays of float64
        One element less than the format has positive values.

    Examples
    --------
    >>> values, relative = spacing("e2m1")
    >>> relative.tolist()[:3]
    [1.0, 0.5, 0.3333333333333333]
    """
    values = np.array([value for value in listing.finite_values(registry.get(fmt)) if value > 0])
    if values.size < 2:
        raise FormatError(f"{registry.get(fmt).name!r} has fewer than two positive values")
    return values[:-1], np.diff(values) / values[:-1]


def relative_spacing(
    fmt: Format | str | Sequence[Format | str], *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the step between neighbours over the value (ulp over value), both logarithmic.

    Parameters
    ----------
    fmt : Format, str or sequence of them
        Formats of up to 16 bits.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, ``ax.figure``.

    Returns
    -------
    Axes

    Raises
    ------
    FormatError
        A format is too wide, or matplotlib is not installed (`spacing` gives the numbers).

    Examples
    --------
    >>> axes = relative_spacing(["posit8", "e4m3", "takum8"])
    """
    axes = axes_for(ax, 7, 4)
    if axes is None:
        raise needs_matplotlib("relative_spacing")
    for entry in _formats(fmt):
        values, relative = spacing(entry)
        axes.plot(values, relative, drawstyle="steps-post", label=entry.name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xlabel("value")
    axes.set_ylabel("step to the next value / value")
    axes.legend()
    return axes


def code_histogram(codes: npt.ArrayLike, fmt: Format | str, *, ax: "Axes | None" = None) -> "Axes":
    """Draw how often each code occurs, in the order of the values.

    Parameters
    ----------
    codes : array_like of int, any shape
        Codes of `fmt`.
    fmt : Format or str
        A scalar format of up to 12 bits.
    ax : matplotlib Axes, optional
        Where to draw. Default: a new figure, ``ax.figure``.

    Returns
    -------
    Axes
        A bar a code, 32 of them labelled at most; codes of NaN come last.

    Raises
    ------
    FormatError
        A code is out of range, the format is too wide, or matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np, numfmt as nf
    >>> axes = code_histogram(nf.encode(np.linspace(-6, 6, 100), "e2m1"), "e2m1")
    >>> int(sum(bar.get_height() for bar in axes.patches))
    100
    """
    entry = scalar_format(fmt)
    if entry.bits > 12:
        raise FormatError(f"{entry.name!r} has 2**{entry.bits} codes; a histogram shows 2**12")
    counts = np.bincount(as_codes(codes, entry).reshape(-1), minlength=1 << entry.bits)
    axes = axes_for(ax, 9, 3.2)
    if axes is None:
        raise needs_matplotlib("code_histogram")
    order = _in_order(entry)
    axes.bar(range(len(order)), counts[order], width=0.9)
    step = -(-len(order) // _MOST_LABELS)
    labelled = range(order.index(0) % step if 0 in order else 0, len(order), step)
    labels = [_short_text(order[place], entry) for place in labelled]
    axes.set_xticks(labelled, labels, rotation=90)
    axes.set_xlabel(f"codes of {entry.name} in the order of their values")
    axes.set_ylabel("count")
    return axes


def _short_text(code: int, fmt: Format) -> str:
    """Return the value of a code, to four digits where all would take much room."""
    from .decoding import decode

    text = listing.value_text(code, fmt)
    return text if len(text.lstrip("-")) <= _LABEL_LETTERS else f"{float(decode(code, fmt)):.4g}"


def _in_order(fmt: Format) -> list[int]:
    """Return the used codes of a format by value, minus zero before zero, NaN last."""
    from .decoding import decode

    codes = listing.used_codes(fmt)
    values = decode(codes, fmt)
    keys = zip(np.isnan(values), values, ~np.signbit(values), codes, strict=True)
    return [int(key[-1]) for key in sorted(keys)]

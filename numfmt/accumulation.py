"""How an accumulator's error grows with the number of products."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .arguments import as_codes, scalar_format
from .decoding import decode
from .errors import FormatError
from .families.base import Format
from .matrix_units.accumulators import Accumulator, Exact, scalar
from .matrix_units.listing import unit
from .matrix_units.unit import Unit
from .tensor.gemm import dot

Floats = npt.NDArray[np.float64]


class AccumulationErrors(NamedTuple):
    """Errors of dot products, relative to the sum of the magnitudes of their products.

    Attributes
    ----------
    k : tuple of int
        Numbers of products.
    names : tuple of str
    rms, bias, worst : ndarray of float64, shape (len(names), len(k))
        Root of the mean square, mean (signed: computed less exact) and largest magnitude over the
        rows, of those whose results are finite; NaN where none is.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> ones = nf.encode(np.ones((1, 512)), "e4m3")
    >>> chain = nf.Sequential(output="bfloat16")
    >>> found = nf.analysis.accumulation_error(ones, ones, {"bf16": chain}, formats="e4m3")
    >>> found.k[-3:], found.worst[0, -3:].tolist()
    ((128, 256, 512), [0.0, 0.0, 0.5])
    """

    k: tuple[int, ...]
    names: tuple[str, ...]
    rms: Floats
    bias: Floats
    worst: Floats


def accumulation_error(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    accumulators: Mapping[str, Accumulator | Unit | str],
    *,
    formats: Any,
    ks: Sequence[int] | None = None,
) -> AccumulationErrors:
    """Return the errors of accumulators on the first k products of rows, for growing k.

    The exact sums are rounded once to binary64; errors are divided by the sum of |a_k * b_k|.

    Parameters
    ----------
    a, b : array_like of int, shape (rows, K)
        Codes.
    accumulators : mapping of str to Accumulator, Unit or str
        What to compare, by the names that a legend shows; a string names a unit.
    formats : (Format or str, Format or str), or one for both
    ks : sequence of int, optional
        Numbers of products; left out, the powers of two up to K, and K.

    Returns
    -------
    AccumulationErrors

    Raises
    ------
    FormatError
        The codes are no rows of one length, or a k is not within them.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([[1.0, 0.001953125]], "e5m2")
    >>> found = accumulation_error(a, a, {"unit": "nvidia-hopper-wgmma-e5m2-f32"}, formats="e5m2")
    >>> found.k, found.rms.round(9).tolist()
    ((1, 2), [[0.0, 3.815e-06]])
    """
    if not isinstance(accumulators, Mapping):
        raise FormatError(
            f"accumulators is a {type(accumulators).__name__}; it maps the names of a legend to "
            "accumulators, as {'chain': nf.Sequential(output='bfloat16')}"
        )
    pair = (formats, formats) if isinstance(formats, Format | str) else tuple(formats)
    sides = [scalar_format(fmt, "formats") for fmt in pair]
    x, y = (as_codes(z, fmt, name) for z, fmt, name in zip((a, b), sides, "ab", strict=True))
    if x.ndim != 2 or x.shape != y.shape or not x.size:
        raise FormatError(f"a of shape {x.shape} and b of shape {y.shape} are not (rows, K), alike")
    length = x.shape[1]
    if ks is None:
        ks = sorted({*(1 << i for i in range(length.bit_length())), length})
    for k in ks:
        if not 1 <= k <= length:
            raise FormatError(f"ks holds {k}, which is not within 1 to K = {length}")
    shape = (len(accumulators), len(ks))
    rms, bias, worst = (np.full(shape, np.nan) for _ in range(3))
    sizes = np.abs(decode(x, sides[0]) * decode(y, sides[1]))
    reference = Exact(output="binary64")
    for column, k in enumerate(ks):
        operands = x[:, :k], y[:, :k]
        exact = decode(dot(*operands, formats=pair, accumulator=reference), "binary64")
        scale = sizes[:, :k].sum(axis=1)
        for row, chosen in enumerate(accumulators.values()):
            errors = _errors(operands, chosen, pair, exact) / np.where(scale == 0, 1, scale)
            errors = errors[np.isfinite(errors)]
            if errors.size:
                rms[row, column] = np.sqrt(np.mean(errors**2))
                bias[row, column] = np.mean(errors)
                worst[row, column] = np.abs(errors).max()
    return AccumulationErrors(tuple(ks), tuple(accumulators), rms, bias, worst)


def _errors(operands: Any, chosen: object, pair: Any, exact: Floats) -> Floats:
    if isinstance(chosen, Accumulator):
        output = scalar(pair[0], "formats") if chosen.output is None else chosen.output
        codes = dot(*operands, formats=pair, accumulator=chosen)
    elif isinstance(chosen, Unit | str):
        row = unit(chosen)
        output = row.output
        codes = dot(*operands, formats=pair, unit=row)
    else:
        raise FormatError(f"accumulators holds {chosen!r}, which is no accumulator and no unit")
    with np.errstate(invalid="ignore"):
        found: Floats = decode(codes, output) - exact
    return found

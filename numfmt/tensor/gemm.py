"""Products of matrices as hardware makes them: dot, matmul."""

from typing import Any, TypedDict, Unpack, cast

import numpy as np
import numpy.typing as npt

from ..arguments import as_output
from ..families.base import Format
from ..matrix_units.accumulators import Accumulator
from ..matrix_units.plans import Plan
from ..matrix_units.unit import Unit
from . import jobs
from .jobs import Pair
from .running import run
from .traces import DotTrace, traced

Array = npt.NDArray[Any]


class Keywords(TypedDict, total=False):
    """The options of `dot` and `matmul`; `numfmt.matmul` describes them."""

    formats: Pair | None
    accumulator: Accumulator | None
    unit: Unit | str | None
    plan: Plan | None
    c_format: Format | str | None
    scales: tuple[npt.ArrayLike, npt.ArrayLike] | None
    random_bits: npt.ArrayLike | None
    bits: int
    rng: np.random.Generator | int | None


_DEFAULTS: Keywords = {
    "formats": None,
    "accumulator": None,
    "unit": None,
    "plan": None,
    "c_format": None,
    "scales": None,
    "random_bits": None,
    "bits": 8,
    "rng": None,
}


def job_of(a: object, b: object, c: object, rows: bool, options: Keywords) -> jobs.Job:
    """Return a checked call of `dot` (`rows`) or `matmul`."""
    for name in options:
        if name not in _DEFAULTS:
            raise TypeError(f"{name!r} is not one of the options {', '.join(_DEFAULTS)}, out")
    return jobs.check(a, b, c, rows=rows, **cast(Any, {**_DEFAULTS, **options}))


def _finished(job: jobs.Job, out: Array | None) -> Array:
    target = as_output(out, job.shape, job.result.code_dtype)
    codes = run(job).reshape(job.shape)
    if target is None:
        return codes
    target[...] = codes
    return target


def matmul(
    a: Any, b: Any, c: Any = None, *, out: Array | None = None, **options: Unpack[Keywords]
) -> Array:
    """Return the codes of a @ b + c, accumulated as a matrix unit or an accumulator does.

    Parameters
    ----------
    a : array_like of int, shape (..., M, K); or Quantized along its last axis
        Codes of ``formats[0]``.
    b : array_like of int, shape (..., K, N); or Quantized along its axis -2
        Codes of ``formats[1]``. Leading axes broadcast.
    c : array_like of int, broadcast to (..., M, N), optional
        The accumulator operand, codes of `c_format`; left out, +0.
    formats : (Format or str, Format or str), or one for both
        Of the operands; may be left out with `unit` and for operands in blocks.
    accumulator : Accumulator
        How products are added: `numfmt.Exact`, `Sequential`, `Pairwise`, `Compensated`,
        `IntegerSum`, `Aligned`, `PartiallyNormalized`, `Quire`.
    unit : Unit or str
        Instead of it, a matrix unit (`numfmt.units` lists them).
    plan : Plan, optional
        How K is cut and recombined: `numfmt.SplitK`, `Promotion`, `Lanes`, `Reordered`; left out,
        one chain in ascending k.
    c_format : Format or str, optional
        Left out, the output format. Another one is converted to it first, nearest_even.
    scales : (array_like of int, array_like of int), optional
        Of a unit with block scales: the codes for a, (..., M, K / block), and for b,
        (..., K / block, N).
    random_bits, bits, rng
        Of stochastic accumulators: integers below ``2**bits`` broadcast to (..., M, N, roundings),
        or a Generator or a seed.
    out : ndarray, optional
        Takes the result.

    Returns
    -------
    ndarray of the smallest unsigned dtype, shape (..., M, N)
        Codes of the output format of the plan, the unit or the accumulator.

    Raises
    ------
    FormatError
        Shapes, formats or options do not fit, or a result has no code.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([[1.0, 2.0], [0.5, -4.0]], "e4m3")
    >>> d = nf.matmul(a, a, formats="e4m3", accumulator=nf.Exact(output="binary32"))
    >>> nf.decode(d, "binary32").tolist()
    [[2.0, -6.0], [-1.5, 17.0]]
    >>> d = nf.matmul(a, a, unit="nvidia-hopper-wgmma-e4m3-f32")
    >>> nf.decode(d, "binary32").tolist()
    [[2.0, -6.0], [-1.5, 17.0]]
    """
    return _finished(job_of(a, b, c, False, options), out)


def dot(
    a: Any,
    b: Any,
    c: Any = None,
    *,
    trace: bool = False,
    out: Array | None = None,
    **options: Unpack[Keywords],
) -> Any:
    """Return the codes of the dot products of vectors, as `matmul` makes those of matrices.

    Parameters
    ----------
    a, b : array_like of int, shape (..., K); or Quantized along the last axis
        Codes; leading axes broadcast.
    c : array_like of int, broadcast to (...), optional
    trace : bool
        Whether the intermediates are returned too: of one chain of an aligned or a stepwise
        accumulator, without a plan.
    out, **options
        As in `matmul`.

    Returns
    -------
    ndarray of the smallest unsigned dtype, shape (...)
        With `trace`, a pair of it and a `numfmt.DotTrace`.

    Raises
    ------
    FormatError
        As `matmul`; or the accumulator has no trace.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([256.0, -256.0, 0.015625], "e4m3")
    >>> b = nf.encode([256.0, 256.0, 0.015625], "e4m3")
    >>> d = nf.dot(a, b, unit="nvidia-hopper-wgmma-e4m3-f32")
    >>> nf.decode(d, "binary32").item()  # the small product is below 2**(16 - 13)
    0.0
    >>> d = nf.dot(a, b, formats="e4m3", accumulator=nf.Exact(output="binary32"))
    >>> nf.decode(d, "binary32").item()
    0.000244140625
    """
    job = job_of(a, b, c, True, options)
    if not trace:
        return _finished(job, out)
    codes, found = traced(job)
    target = as_output(out, job.shape, job.result.code_dtype)
    if target is not None:
        target[...] = codes
        codes = target
    return codes, found


__all__ = ["DotTrace", "dot", "matmul"]

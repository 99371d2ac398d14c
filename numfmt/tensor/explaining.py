"""Which term was lost where: one dot product, bit by bit."""

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import Values
from ..decoding import decode
from ..digits import exact_values
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..matrix_units.accumulators import Aligned, Join
from .gemm import Keywords, job_of
from .jobs import Job, Side
from .traces import DotTrace, simple_chain, traced

Array = npt.NDArray[Any]

_SHOWN = 12  # lost digits that a table shows


@dataclasses.dataclass(frozen=True, slots=True)
class TermLine:
    """One term of a step: what it was, what of it counted, and what was lost.

    Attributes
    ----------
    name : str
        ``k=3``, ``k=0..15`` for a group, or ``c``.
    value, kept : Fraction
        The term, and what of it joined the sum.
    bits, lost_bits : str
        Digits of the magnitudes of `kept` and of what was lost, on either side of the grid.
    """

    name: str
    value: Fraction
    kept: Fraction
    bits: str
    lost_bits: str

    @property
    def lost(self) -> Fraction:
        """What did not count."""
        return self.value - self.kept


@dataclasses.dataclass(frozen=True, slots=True)
class StepLines:
    """One step of a dot product: its terms, their sum, and the rounded result.

    Attributes
    ----------
    terms : tuple of TermLine
    quantum : int or None
        Exponent of the last digit that counts; None where no grid is shared.
    total : Fraction
        What was rounded.
    code : int
    result : float
    """

    terms: tuple[TermLine, ...]
    quantum: int | None
    total: Fraction
    code: int
    result: float


@dataclasses.dataclass(frozen=True, slots=True)
class DotExplanation:
    """A dot product step by step; ``str()`` is a table, `numfmt.plot.dot_terms` a picture.

    Attributes
    ----------
    steps : tuple of StepLines
    output : str
        Name of the output format.
    code : int
    result : float
    exact : Fraction or None
        The exact result; None where special values decide.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([4.0, 1.5, 0.25], "e4m3")
    >>> acc = nf.Aligned(output="binary32", block=4, fraction_bits=5)
    >>> print(nf.explain_dot(a, a, formats="e4m3", accumulator=acc))
    step 0: grid 2**-1
      k=0  16      0100000|
      k=1  2.25    0000100|1    lost 0.25
      k=2  0.0625  0000000|001  lost 0.0625
      c    0       0000000|
      sum  18
    result 18 = 0x41900000 of binary32; exact 18.3125, lost 0.3125
    """

    steps: tuple[StepLines, ...]
    output: str
    code: int
    result: float
    exact: Fraction | None

    def __str__(self) -> str:
        """Return the table."""
        return "\n".join(_lines(self))

    @property
    def error(self) -> Fraction | None:
        """The exact result less the one that came out."""
        if self.exact is None or not np.isfinite(self.result):
            return None
        return self.exact - Fraction(self.result)


def _plain(value: Fraction) -> str:
    """Return a number in decimal digits if that is exact and short, else nearly."""
    near = float(value)
    return f"{near:.10g}"


def _lines(found: DotExplanation) -> Iterator[str]:
    for number, step in enumerate(found.steps):
        grid = "" if step.quantum is None else f": grid 2**{step.quantum}"
        yield f"step {number}{grid}"
        if not step.terms:
            yield "  special values, or nothing to add, decide"
        names = max((len(term.name) for term in step.terms), default=0)
        values = max((len(_plain(term.value)) for term in step.terms), default=0)
        room = max((len(term.bits + term.lost_bits) for term in step.terms), default=0) + 1
        for term in step.terms:
            digits = f"{term.bits}|{term.lost_bits}" if step.quantum is not None else ""
            lost = f"lost {_plain(term.lost)}" if term.lost else ""
            start = f"  {term.name:<{names}}  {_plain(term.value):<{values}}"
            yield f"{start}  {digits:<{room}}  {lost}".rstrip()
        yield f"  {'sum':<{names}}  {_plain(step.total)}"
    exact = ""
    if found.exact is not None:
        exact = f"; exact {_plain(found.exact)}"
        if found.error:
            exact += f", lost {_plain(found.error)}"
    yield f"result {found.result:.10g} = {found.code:#x} of {found.output}{exact}"


def explain_dot(a: Any, b: Any, c: Any = None, **options: Unpack[Keywords]) -> DotExplanation:
    """Return one dot product step by step: every term, its digits, and what was lost of it.

    Parameters
    ----------
    a, b : array_like of int, shape (K,)
        Codes.
    c : int, optional
    **options
        As in `matmul`; the accumulator or the unit is an aligned or a stepwise chain.

    Returns
    -------
    DotExplanation

    Raises
    ------
    FormatError
        As `dot` with ``trace=True``, or it is more than one dot product.

    Examples
    --------
    >>> import numfmt as nf
    >>> a = nf.encode([8.0, 0.03125], "e5m2")
    >>> found = nf.explain_dot(a, a, unit="nvidia-hopper-wgmma-e5m2-f32")
    >>> float(found.steps[0].terms[1].lost)
    0.0009765625
    """
    job = job_of(a, b, c, True, options)
    if job.shape != ():
        raise FormatError(f"explain_dot takes one dot product; these have the shape {job.shape}")
    code, trace = traced(job)
    accumulator, left, right = simple_chain(job)
    if isinstance(accumulator, Aligned):
        steps = tuple(_aligned(job, accumulator, left, trace))
    else:
        steps = tuple(_running(job, accumulator, left, right, trace))
    output = job.result
    return DotExplanation(
        steps, output.name, int(code), float(decode(code, output)), _exact_result(job)
    )


def _exact_values(codes: Array, fmt: ScalarFormat) -> list[Fraction | float]:
    flat = np.ascontiguousarray(codes).reshape(-1)
    return list(exact_values(Values(flat, "codes", flat.shape, None, flat, fmt)))


def _scale_values(side: Side, count: int) -> list[Fraction | float]:
    if side.scales is None or side.scale_fmt is None:
        return [Fraction(1)] * count
    found = _exact_values(side.scales, side.scale_fmt)
    return [found[k // side.block] for k in range(count)]


def _products(left: Side, right: Side) -> list[Fraction | float]:
    count = left.codes.size
    columns = [_exact_values(side.codes, side.fmt) for side in (left, right)]
    columns += [_scale_values(side, count) for side in (left, right)]
    products: list[Fraction | float] = []
    for row in zip(*columns, strict=True):
        if all(isinstance(x, Fraction) or x == 0 for x in row):
            value = Fraction(1)
            for x in row:
                value *= Fraction(x)
            products.append(value)
        else:
            products.append(float("nan"))
    return products


def _exact_result(job: Job) -> Fraction | None:
    terms = [*_products(job.a, job.b), *_exact_values(job.c, job.result)]
    if not all(isinstance(x, Fraction) or x == 0 for x in terms):
        return None
    return sum((Fraction(x) for x in terms), Fraction(0))


def _digits(value: Fraction, quantum: int, width: int) -> str:
    size = abs(value) / Fraction(2) ** quantum
    return format(int(size), f"0{width}b")


def _lost_digits(value: Fraction, quantum: int) -> str:
    """Return the digits of a magnitude below a quantum, a few of them."""
    rest = abs(value) / Fraction(2) ** quantum
    rest -= int(rest)
    digits = ""
    while rest and len(digits) < _SHOWN:
        rest *= 2
        digits += str(int(rest))
        rest -= int(rest)
    return digits + ("..." if rest else "")


def _aligned(job: Job, accumulator: Aligned, a: Side, trace: DotTrace) -> Iterator[StepLines]:
    k, n, g = a.codes.size, accumulator.block, accumulator.group
    given = job.a.codes.size
    order = np.arange(k)
    if job.unit is not None and job.unit.plan is not None:
        order = job.unit.plan.runs(k)[0]
    for number in range(trace.rounded.shape[-1]):
        code = int(trace.rounded[number])
        top = int(trace.alignment[number])
        quantum = top - accumulator.fraction_bits
        live = bool(trace.significands[number].any())
        lines = []
        start = number * n
        held = order[start : start + n]
        if number and (held >= given).all():  # nothing but padding
            continue
        names = [
            f"k={held[i]}" if g == 1 else f"k={held[i]}..{held[min(i + g, held.size) - 1]}"
            for i in range(0, held.size, g)
        ]
        places = [*range(len(names)), trace.aligned.shape[-1] - 1]
        for place, name in zip(places, [*names, "c"], strict=True):
            if name != "c" and held[place * g] >= given:
                continue
            m, q = int(trace.significands[number, place]), int(trace.exponents[number, place])
            value = m * Fraction(2) ** q
            kept = int(trace.aligned[number, place]) * Fraction(2) ** int(
                trace.quanta[number, place]
            )
            bits = _digits(kept, quantum, accumulator.fraction_bits + 2)
            lines.append(TermLine(name, value, kept, bits, _lost_digits(value, quantum)))
        total = int(trace.sums[number]) * Fraction(2) ** quantum
        if accumulator.c is Join.AFTER:
            total += lines[-1].kept
        result = float(decode(code, job.accumulator.output))
        if live:
            yield StepLines(tuple(lines), quantum, total, code, result)
        else:
            yield StepLines((), None, Fraction(0), code, result)


def _running(
    job: Job, accumulator: Any, left: Side, right: Side, trace: DotTrace
) -> Iterator[StepLines]:
    products = _products(left, right)
    block = getattr(accumulator, "block", None) or 1
    before = _exact_values(job.c, job.result)[0]
    output = job.accumulator.output
    for number, code in enumerate(trace.rounded.tolist()):
        part = products[number * block : (number + 1) * block]
        names = [f"k={number * block + i}" for i in range(len(part))]
        terms = [*zip(names, part, strict=True), ("c", before)]
        lines = tuple(
            TermLine(name, Fraction(value), Fraction(value), "", "")
            for name, value in terms
            if isinstance(value, Fraction) or value == 0
        )
        total = sum((line.value for line in lines), Fraction(0))
        result = float(decode(np.array(code, output.code_dtype), output))
        whole = len(lines) == len(terms)
        yield StepLines(lines if whole else (), None, total, code, result)
        before = _exact_values(np.array([code], output.code_dtype), output)[0]

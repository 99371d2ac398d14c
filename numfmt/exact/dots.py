"""Dot products on matrix units, as `numfmt.matrix_units` says: points 1 and 6, plans and units."""

import itertools
from collections.abc import Callable, Iterator, Sequence

from ..errors import FormatError
from ..matrix_units.accumulators import Accumulator, Aligned, PartiallyNormalized
from ..matrix_units.plans import Combine, Plan, StartOfC
from ..matrix_units.unit import Unit
from .aligned_sums import Step, aligned_steps, aligned_sum
from .arithmetic import add
from .data import KnownFormat, known
from .dot_operands import Pair, Setting, converted, zero_code
from .normalized_sums import partially_normalized_sum
from .operands import Formats
from .operands import formats as formats_of
from .rounding import Draw
from .stepwise_sums import stepwise_sum

Draws = Callable[[int], int | Draw]
Scales = tuple[Sequence[int], Sequence[int]]
Run = Callable[[list[Pair], int], int]


def dot(
    a: Sequence[int],
    b: Sequence[int],
    c: int | None = None,
    formats: Formats | None = None,
    *,
    accumulator: Accumulator | None = None,
    unit: Unit | None = None,
    plan: Plan | None = None,
    scales: Scales | None = None,
    draws: Draws | None = None,
) -> int:
    """Return the code of c + a[0] * b[0] + a[1] * b[1] + ..., as an accumulator adds it.

    Parameters
    ----------
    a, b : sequence of int, length K
        Codes.
    c : int, optional
        A code of the output format; left out, that of +0.
    formats : Format, str or two of them, optional
        Of a and b; left out, those of the unit. The unit's container format is cut to them.
    accumulator : Accumulator, optional
        How products are added; left out, as the unit does.
    unit : Unit, optional
        Formats, accumulator, length of an instruction, block scales.
    plan : Plan, optional
        How K is cut into runs.
    scales : (sequence of int, sequence of int), optional
        Codes of the block scales of a and of b, one for every `unit.scale_block` elements; left
        out, all are 1.
    draws : callable, optional
        Gives the random integer below 2**8, or the `Draw`, of rounding r.

    Returns
    -------
    int
        A code of the output format: that of the plan, else of the accumulator.

    Examples
    --------
    >>> from numfmt.matrix_units.accumulators import Aligned
    >>> hopper = Aligned(output="binary32", block=32, fraction_bits=13, keep=13)
    >>> hex(dot([0x38, 0x01], [0x38, 0x01], None, "e4m3", accumulator=hopper))  # 1 + 2**-18
    '0x3f800000'
    """
    task = _task(formats, accumulator, unit, draws)
    pairs = _pairs(a, b, scales, formats, unit, task)
    run, fmt = _runner(task, unit)
    if plan is not None:
        run, fmt = _planned(plan, run, fmt, task)
    start = zero_code(fmt) if c is None else c
    _check_code(start, fmt)
    return run(pairs, start)


def dot_steps(
    a: Sequence[int],
    b: Sequence[int],
    c: int | None = None,
    formats: Formats | None = None,
    *,
    accumulator: Accumulator | None = None,
    unit: Unit | None = None,
    plan: Plan | None = None,
    scales: Scales | None = None,
    draws: Draws | None = None,
) -> list[Step]:
    """Return what happens in each block of an aligned sum; parameters as in `dot`.

    Returns
    -------
    list of Step
        One for each block in the order of the chain; what `late_add` adds is not in it.

    Raises
    ------
    FormatError
        The accumulator is not `Aligned`, or there is a plan.

    Examples
    --------
    >>> from numfmt.matrix_units.accumulators import Aligned
    >>> four = Aligned(output="binary32", block=4, fraction_bits=23)
    >>> (step,) = dot_steps([0x3c00, 0x3800], [0x4000, 0x3800], None, "binary16", accumulator=four)
    >>> step.exponent, step.total, [term.exponent for term in step.terms]
    (1, Fraction(9, 4), [1, -2])
    """
    task = _task(formats, accumulator, unit, draws)
    if plan is not None or (unit is not None and unit.plan is not None):
        raise FormatError("the steps of a plan are those of its runs; leave out the plan")
    if not isinstance(task.accumulator, Aligned):
        raise FormatError(f"{type(task.accumulator).__name__} has no aligned steps")
    code = zero_code(task.output) if c is None else c
    _check_code(code, task.output)
    found: list[Step] = []
    for pairs in _instructions(_pairs(a, b, scales, formats, unit, task), task, unit):
        found += aligned_steps(pairs, code, task)
        code = aligned_sum(pairs, code, task)
    return found


def _task(
    formats: Formats | None,
    accumulator: Accumulator | None,
    unit: Unit | None,
    draws: Draws | None,
) -> Setting:
    """Return what stays the same for the whole dot product."""
    if (accumulator is None) == (unit is None):
        raise FormatError("give accumulator= or unit=, one of them")
    numbered: Iterator[int | Draw] | None = None
    if draws is not None:
        numbered = (draws(r) for r in itertools.count())
    if unit is not None:
        scale = None if unit.scale is None else known(unit.scale)
        rule = unit.accumulator
        return Setting(known(unit.a), known(unit.b), scale, rule, known(unit.output), numbered)
    assert accumulator is not None
    if formats is None:
        raise FormatError("give formats=, those of a and b")
    x, y = formats_of(formats, 2)
    output = accumulator.output
    if output is None and x.structure != y.structure:
        raise FormatError("a and b have different formats; name the accumulator's output")
    return Setting(x, y, None, accumulator, known(x if output is None else output), numbered)


def _pairs(
    a: Sequence[int],
    b: Sequence[int],
    scales: Scales | None,
    formats: Formats | None,
    unit: Unit | None,
    task: Setting,
) -> list[Pair]:
    """Return the operands in the formats that are multiplied, with their scales."""
    if len(a) != len(b):
        raise FormatError(f"a has {len(a)} elements and b has {len(b)}")
    given = [task.a, task.b] if formats is None else formats_of(formats, 2)
    x = [_narrow(int(code), given[0], task.a, unit) for code in a]
    y = [_narrow(int(code), given[1], task.b, unit) for code in b]
    if scales is None:
        return [Pair(*codes) for codes in zip(x, y, strict=True)]
    if unit is None or unit.scale is None:
        raise FormatError("scales= are of units that have block scales")
    count = -(-len(a) // unit.scale_block)
    if [len(codes) for codes in scales] != [count, count]:
        raise FormatError(f"scales: {count} for a and {count} for b belong to {len(a)} elements")
    blocks = [k // unit.scale_block for k in range(len(a))]
    return [Pair(x[k], y[k], (int(scales[0][n]), int(scales[1][n]))) for k, n in enumerate(blocks)]


def _narrow(code: int, given: KnownFormat, wanted: KnownFormat, unit: Unit | None) -> int:
    """Return an operand in the format of the unit: a container's low bits are cut."""
    _check_code(code, given)
    if given.structure == wanted.structure:
        return code
    container = None if unit is None else unit.container
    if container is None or known(container).structure != given.structure:
        raise FormatError(f"codes of {given.name!r} are no operands of this unit: {wanted.name!r}")
    return code >> (given.bits - wanted.bits)


def _check_code(code: int, fmt: KnownFormat) -> None:
    """Refuse what is no code of a format."""
    if not 0 <= code < 1 << fmt.bits:
        raise FormatError(f"code {code:#x} is out of range; {fmt.name!r} has {fmt.bits} bits")


def _runner(task: Setting, unit: Unit | None) -> tuple[Run, KnownFormat]:
    """Return what accumulates one run of products, and the format of its c and its result."""
    step, fmt = _accumulate(task), task.output
    if unit is None:
        return step, fmt
    if unit.plan is not None:
        step, fmt = _planned(unit.plan, step, fmt, task)

    def run(pairs: list[Pair], c: int) -> int:
        for instruction in _instructions(pairs, task, unit):
            c = step(instruction, c)
        return c

    return run, fmt


def _accumulate(task: Setting) -> Run:
    """Return the rule of the accumulator's class."""

    def run(pairs: list[Pair], c: int) -> int:
        if isinstance(task.accumulator, Aligned):
            return aligned_sum(pairs, c, task)
        if isinstance(task.accumulator, PartiallyNormalized):
            return partially_normalized_sum(pairs, c, task)
        return stepwise_sum(pairs, c, task)

    return run


def _instructions(pairs: list[Pair], task: Setting, unit: Unit | None) -> list[list[Pair]]:
    """Return the operands of each instruction, the last padded with +0 where the unit is."""
    if unit is None:
        return [pairs]
    missing = -len(pairs) % unit.k
    if missing and unit.padded:
        pairs = pairs + [Pair(zero_code(task.a), zero_code(task.b))] * missing
    return [pairs[start : start + unit.k] for start in range(0, len(pairs), unit.k)]


def _planned(plan: Plan, run: Run, inner: KnownFormat, task: Setting) -> tuple[Run, KnownFormat]:
    """Return what accumulates by a plan over `run`, and the format of its c and its result."""
    fmt = inner if plan.output is None else known(plan.output)
    if plan.within is not None:
        run, inner = _planned(plan.within, run, inner, task)

    def plus(x: int, y: int) -> int:
        options = task.options(fmt, plan.rounding)
        if fmt.structure != task.output.structure:
            options["overflow"] = None
        if plan.flush_inputs is not None:
            options["flush_inputs"] = plan.flush_inputs
        return add(x, y, fmt, **options)[0]

    def start(c: int, index: int) -> int:
        if plan.c is StartOfC.FIRST and index == 0:
            return converted(c, fmt, inner, dialect=task.dialect)
        return zero_code(inner)

    def whole(pairs: list[Pair], c: int) -> int:
        runs = plan.runs(len(pairs))
        if not runs:
            return c
        codes = [
            run([pairs[int(k)] for k in indices], start(c, index))
            for index, indices in enumerate(runs)
        ]
        parts = [converted(code, inner, fmt, plan.rounding, task.dialect) for code in codes]
        if plan.combine is Combine.PAIRWISE:
            found = _paired(parts, plus)
        else:
            found = _serial([c, *parts] if plan.c is StartOfC.START else parts, plus)
        return plus(c, found) if plan.c is StartOfC.LAST else found

    return whole, fmt


def _serial(parts: list[int], plus: Callable[[int, int], int]) -> int:
    """Return ((r_0 + r_1) + r_2) + ..."""
    found = parts[0]
    for part in parts[1:]:
        found = plus(found, part)
    return found


def _paired(parts: list[int], plus: Callable[[int, int], int]) -> int:
    """Return ((r_(n-1) + slot_0) + slot_1) + ..., slots pairing the first half with the second."""
    n = len(parts)
    h = -(-n // 2)
    found = parts[n - 1]
    for i in range(h):
        if i < n - 1:
            paired = i + h < n - 1
            found = plus(found, plus(parts[i], parts[i + h]) if paired else parts[i])
    return found

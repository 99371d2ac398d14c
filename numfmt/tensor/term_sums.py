"""Sums of codes, element by element: of any number of terms, and of rounded products."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arithmetic import engine
from ..arithmetic.calls import Settings
from ..arithmetic.engine import Operation
from ..arithmetic.nans import delivered, is_nan
from ..families.base import ScalarFormat
from ..kernels import exact_sums as kernel
from ..matrix_units.accumulators import Exact
from ..parallel import in_parallel
from ..params import ALARM
from .operand_fields import Fields, fields_of
from .pieces import Numbers, ends_of
from .steps import Steps, steps_of
from .sum_calls import Call, numbers_of, refuse

Array = npt.NDArray[Any]

TERMS = 1 << 20  # terms whose fields are held at once


def sum_of_codes(
    terms: Sequence[Array],
    formats: Sequence[ScalarFormat],
    settings: Settings,
    draws: randomness.Source = engine.no_draws,
) -> Array:
    """Return the codes of sums, element by element, of any number of codes, each rounded once.

    Parameters
    ----------
    terms : sequence of ndarray
        Codes, all of one shape.
    formats : sequence of ScalarFormat
        The format of each.
    settings : Settings
        Into what and how sums are rounded, and whether subnormal terms are zeros.
    draws : function
        The source of random bits, for stochastic modes.

    Returns
    -------
    ndarray
        NaN is the canonical one.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> from numfmt.arithmetic.calls import settings_of
    >>> half = nf.get("binary16")
    >>> terms = [np.array([code], np.uint16) for code in (0x7bff, 0x0001, 0xfbff, 0x0001)]
    >>> sum_of_codes(terms, [half] * 4, settings_of(half)).tolist()
    [2]
    """
    numbers = numbers_of(settings)
    shape = terms[0].shape
    flat = [np.ascontiguousarray(codes).reshape(-1) for codes in terms]
    found = np.empty(flat[0].size, settings.result.code_dtype)
    for part in _strips(found.size, len(terms)):
        source = _shifted(draws, part.start)
        columns = [codes[part] for codes in flat]
        found[part] = _sum_of_terms(columns, formats, settings, numbers, source, part.start, shape)
    return found.reshape(shape)


def of_leaves(
    a: Array,
    b: Array,
    c: Array,
    formats: tuple[ScalarFormat, ScalarFormat],
    accumulator: Exact,
    call: Call,
) -> Array:
    """Return exact sums of products that are codes: rounded, or out of a table.

    Parameters as in `exact_sums.accumulate`. Products are made again for every strip of outputs.
    """
    steps = steps_of(accumulator, formats, call.settings.options.bits)
    depth, shape = a.shape[2], c.shape
    step = accumulator.block or depth
    c = np.ascontiguousarray(c).reshape(-1)
    r = 0
    for start in range(0, depth, step):
        block = range(start, min(start + step, depth))
        found = np.empty_like(c)
        for strip in _strips(c.size, len(block) + 1):
            places = np.unravel_index(np.arange(strip.start, strip.stop), shape)
            leaves = [
                _leaves(a, b, k, places, steps, call, r + i * steps.product_draws, strip.start)
                for i, k in enumerate(block)
            ]
            after = r + len(block) * steps.product_draws
            found[strip] = _joined(c[strip], leaves, steps.leaf, call, after, strip.start)
        c = found
        r += len(block) * steps.product_draws + (1 + call.late) * steps.sum_draws
    return c.reshape(shape)


def _leaves(
    a: Array,
    b: Array,
    k: int,
    places: tuple[Array, ...],
    steps: Steps,
    call: Call,
    r: int,
    first: int,
) -> Array:
    """Return product number `k` of some outputs, as codes."""
    group, m, n = places
    x, y = a[group, m, k], b[group, k, n]
    if steps.table is not None:
        found: Array = steps.table[x, y]
        return found
    assert steps.product is not None
    source = _shifted(call.source(r, steps.product), first)
    made = engine.compute(Operation("mul"), (x, y), steps.formats, steps.product, source)
    assert made.flags is not None
    refuse(made.flags, steps.product, call.shape, first)
    return made.codes


def _joined(
    c: Array, leaves: list[Array], leaf: ScalarFormat, call: Call, r: int, first: int
) -> Array:
    """Return c plus leaves, in one rounding or with `late` in two."""
    output = call.settings.result
    source = _shifted(call.source(r, call.settings), first)
    formats = [leaf] * len(leaves)
    if not call.late:
        return _total([c, *leaves], [output, *formats], call, source, first)
    total = _total(leaves, formats, call, source, first)
    source = _shifted(call.source(r + 1, call.settings), first)
    return _total([c, total], [output, output], call, source, first)


def _total(
    terms: list[Array],
    formats: list[ScalarFormat],
    call: Call,
    source: randomness.Source,
    first: int,
) -> Array:
    """Return a sum of flat terms; of one or two with the NaN that an operation delivers."""
    settings = call.settings
    if len(terms) == 2:
        pair = terms[0], terms[1]
        made = engine.compute(Operation("add"), pair, tuple(formats), settings, source)
        assert made.flags is not None
        refuse(made.flags, settings, call.shape, first)
        return made.codes
    found = _sum_of_terms(terms, formats, settings, call.numbers, source, first, call.shape)
    if len(terms) == 1:
        nan = is_nan(terms[0], formats[0])
        if nan.any():
            found[nan] = delivered([terms[0][nan]], formats, settings)[0]
    return found


def _strips(size: int, terms: int) -> Iterator[slice]:
    multiple = randomness.BLOCK_MULTIPLE
    step = max(1, TERMS // terms // multiple) * multiple
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


def _shifted(source: randomness.Source, first: int) -> randomness.Source:
    return lambda start, stop: source(first + start, first + stop)


def _sum_of_terms(
    terms: Sequence[Array],
    formats: Sequence[ScalarFormat],
    settings: Settings,
    numbers: Numbers,
    source: randomness.Source,
    first: int,
    shape: tuple[int, ...],
) -> Array:
    """Return the codes of sums of flat terms; `first` is the place of the first of them."""
    size = terms[0].size
    parts = [fields_of(x, f, settings.flush_inputs) for x, f in zip(terms, formats, strict=True)]
    every = Fields(*(np.stack(column) for column in zip(*parts, strict=True)))
    base, past = ends_of(every)
    count = (past - base + len(terms).bit_length()) // 32 + 4
    codes, flags = np.empty(size, np.uint64), np.empty(size, np.int32)
    random = source(0, size).astype(np.uint64)

    def run(start: int, stop: int) -> int:
        found: int = kernel.round_terms(
            start, stop, *every, base, count, random, codes, flags, *numbers
        )
        return found

    if in_parallel(run, size, 64) & ALARM:
        refuse(flags, settings, shape, first)
    return codes.astype(settings.result.code_dtype)

"""What the roundings of one call have in common, and results that need no sum."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arguments import place
from ..arithmetic import engine
from ..arithmetic.calls import Settings, lowered, settings_of
from ..arithmetic.engine import Operation
from ..dialects import ZeroSign
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.fixed import FixedFormat
from ..families.grid import GridFormat
from ..kernels.arithmetic import project_wide
from ..matrix_units.accumulators import Exact
from ..params import ALARM, Rules
from ..rounding import Overflow
from .pieces import Numbers

Array = npt.NDArray[Any]
Draws = Callable[[int], randomness.Source]


class Call(NamedTuple):
    """What all roundings of one call have in common."""

    settings: Settings
    numbers: Numbers
    late: bool
    draws: Draws | None
    shape: tuple[int, ...]  # of the result
    route: str | None

    def source(self, r: int, settings: Settings) -> randomness.Source:
        """Return where rounding number `r` takes its random bits."""
        if not settings.stochastic:
            return engine.no_draws
        if self.draws is None:
            name = settings.options.rounding.value
            raise FormatError(f"rounding={name!r} needs random bits: give random_bits= or rng=")
        return self.draws(r)


def call_of(
    accumulator: Exact,
    operand: ScalarFormat,
    draws: Draws | None,
    shape: tuple[int, ...],
    bits: int,
    route: str | None,
) -> Call:
    """Return an accumulator's call; its output may be left out for the format of an operand."""
    settings = settings_of(
        operand if accumulator.output is None else accumulator.output,
        rounding=accumulator.rounding,
        overflow=accumulator.overflow,
        bits=bits,
        flush_inputs=accumulator.flush_inputs,
        flush_results=accumulator.flush_results,
        dialect=accumulator.dialect,
    )
    return Call(settings, numbers_of(settings), accumulator.late, draws, shape, route)


def numbers_of(settings: Settings) -> Numbers:
    """Return what kernels round with."""
    if not isinstance(settings.result, GridFormat):
        raise FormatError(
            f"output={settings.result.name!r} is a {settings.result.family} format; exact sums are "
            "rounded to floats, fixed point, posits and takums: sum to one of these and convert"
        )
    rules = Rules(
        minus=int(settings.minus_zero),
        plus=int(settings.dialect.zero_sign is ZeroSign.PLUS),
        pole=0,
        exact=0,
    )
    return Numbers(*lowered(settings), rules)


def project(
    kinds: Array, signs: Array, places: Array, codes: Array, flags: Array, call: Call
) -> None:
    """Put the codes of zeros, infinities and NaNs in their places."""
    words = np.zeros(places.size, np.uint64)
    exponents = np.zeros(places.size, np.int64)
    made, raised = np.empty(places.size, np.uint64), np.zeros(places.size, np.uint16)
    grid, how, _ = call.numbers
    random = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):  # in the interpreter; words wrap
        project_wide(kinds, signs, words, words, exponents, random, made, raised, grid, how)
    codes.reshape(-1)[places] = made
    flags.reshape(-1)[places] = raised


def refuse(flags: Array, settings: Settings, shape: tuple[int, ...], first: int) -> None:
    """Raise an error that names the first result without a code, if there is one."""
    bad = np.flatnonzero(flags.astype(np.int32) & ALARM)
    if not bad.size:
        return
    fmt, overflow = settings.result, settings.options.overflow
    integer = isinstance(fmt, FixedFormat)
    remedies = ["a wider output" if integer else "one with NaN"] if not fmt.has_nan else []
    if overflow is not Overflow.SATURATE:
        remedies.append("overflow='saturate'")
    raise FormatError(
        f"{place('result', shape[shape[0] == 1 :], first + int(bad[0]))}: the sum (NaN, infinite "
        f"or out of range) has no code in {fmt.name!r} "
        f"(overflow={overflow.value!r}); choose {' or '.join(remedies) or 'another output'}"
    )


def operated(
    name: str,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    call: Call,
    r: int,
) -> Array:
    """Return the result of one operation of `numfmt.arithmetic`."""
    shape = operands[-1].shape
    flat = tuple(np.ascontiguousarray(x).reshape(-1) for x in operands)
    source = call.source(r, call.settings)
    found = engine.compute(Operation(name), flat, formats, call.settings, source, shape=call.shape)
    return found.codes.reshape(shape)

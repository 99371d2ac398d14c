"""Exact numbers, roots of them, zeros, infinities and NaNs into any scalar format, rounded once."""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..dialects import ZeroSign
from ..errors import FormatError
from ..families.codebooks import CodebookFormat
from ..families.grid import GridFormat
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from ..kernels.arithmetic import project_wide
from ..logarithms import encode_number
from ..lowering import REFUSED
from ..params import ALARM, Grid, Kind
from ..searching import drawn_code, intervals
from . import log_arithmetic, powers
from .calls import Settings, lowered
from .powers import Number

_NV = int(Flags.NV)
_ZERO, _NORMAL, _INFINITY, _NAN = (
    int(kind) for kind in (Kind.ZERO, Kind.NORMAL, Kind.INFINITY, Kind.NAN)
)
_NOTHING = Fraction(0)
_WORD = (1 << 64) - 1


class Real(NamedTuple):
    """An operand or a result: a signed number, zero, infinity or NaN."""

    kind: int
    negative: int = 0
    value: Number = _NOTHING  # signed; 0 unless the kind is NORMAL
    root: bool = False  # the number is the root of `value`
    flags: int = 0  # what the operation raises

    @property
    def magnitude(self) -> Number:
        """The value without its sign."""
        return -self.value if self.negative else self.value


def encoded(
    results: list[Real], draws: list[int], settings: Settings
) -> tuple[list[int], list[int]]:
    """Return the codes and flags of results, each with its random bits."""
    fmt = settings.result
    if isinstance(fmt, GridFormat):
        return _into_grid(results, draws, settings)
    codes, flags = [], []
    for x, random in zip(results, draws, strict=True):
        code, raised = _code_of(x, random, settings), x.flags
        if x.kind == _INFINITY and code != fmt.infinity_code(x.negative):
            raised |= _NV
        refused = code is None or code == REFUSED
        codes.append(0 if code is None or refused else code)
        flags.append(raised | (ALARM if refused else 0))
    return codes, flags


def _code_of(x: Real, random: int, settings: Settings) -> int | None:
    fmt, options = settings.result, settings.options
    if x.kind == _NAN:
        return settings.canonical_nan
    if x.root and x.kind == _NORMAL:
        simple = powers.simple_root(x.value)
        x = x if simple is None else x._replace(value=simple, root=False)
    if isinstance(fmt, LogarithmicFormat):
        if x.kind == _INFINITY:
            return encode_number(-math.inf if x.negative else math.inf, fmt, options)
        return log_arithmetic.encode(x.magnitude, x.root, x.negative, fmt, options)
    if not isinstance(fmt, CodebookFormat):
        raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no encoder")
    table = intervals(fmt, options)
    if x.kind == _INFINITY:
        return table.infinite[x.negative]
    if x.kind == _ZERO and x.negative and table.minus_zero is not None:
        code = table.minus_zero
    else:
        code = _code_in_set(x.value, x.root, random, fmt, settings)
    if code == fmt.negative_zero and settings.dialect.zero_sign is ZeroSign.PLUS:
        return table.outcome(_NOTHING)
    return code


def _code_in_set(
    value: Number, root: bool, random: int, fmt: CodebookFormat, settings: Settings
) -> int:
    options = settings.options

    def outcome(x: Fraction) -> int:
        if options.rounding.stochastic:
            return drawn_code(x, random, fmt, options)
        return intervals(fmt, options).outcome(x)

    if isinstance(value, Fraction) and not root:
        return outcome(value)
    for digits in powers.attempts(value):
        low, high, e = powers.enclosure(value, digits, root)
        if low * high <= 0 or low.bit_length() < 64:  # so wide that all values may be inside
            continue
        below, above = (outcome(end * Fraction(2) ** e) for end in (low, high))
        if below == above:
            return below
    raise AssertionError


def _into_grid(
    results: list[Real], draws: list[int], settings: Settings
) -> tuple[list[int], list[int]]:
    grid, how = lowered(settings)
    plus = settings.dialect.zero_sign is ZeroSign.PLUS
    count = len(results)
    kinds, signs = np.empty((2, count), np.uint8)
    words = np.zeros((2, count), np.uint64)
    exponents = np.zeros(count, np.int64)
    codes, flags = np.empty(count, np.uint64), np.empty(count, np.uint16)
    for i, x in enumerate(results):
        kinds[i], flags[i] = x.kind, x.flags
        signs[i] = 0 if x.kind == _ZERO and plus else x.negative
        if x.kind == _NORMAL:
            n, e = powers.leading_digits(x.magnitude, x.root)
            if how.wrap and e > grid.emin - grid.t - 64:
                n, e = _wrapped(x, grid)
                flags[i] |= how.over_flags_negative if x.negative else how.over_flags_positive
            words[0, i], words[1, i], exponents[i] = n >> 64, n & _WORD, e + 64
    random = np.array(draws if settings.stochastic else [0], np.uint64)
    with np.errstate(over="ignore"):  # in the interpreter; words wrap
        project_wide(kinds, signs, *words, exponents, random, codes, flags, grid, how)
    return codes.tolist(), flags.tolist()


def _wrapped(x: Real, grid: Grid) -> tuple[int, int]:
    """Return the digits that count of a magnitude past those that a fixed-point format holds."""
    fine = 64 + grid.t - grid.emin
    n, more = powers.floor_of(x.magnitude, fine, x.root)
    return powers.jammed((n % (1 << (64 + grid.bits))) << 1 | more, -fine - 1, False)

"""When arithmetic in float32 or float64 gives the bits that one rounding of the exact result gives.

Let the carrier have P digits (24 or 53), the operands p_a, p_b, ... digits and the result p digits.
Everything below is a normal number of the carrier, or 0, so that exponents do not count.

- A product has at most p_a + p_b digits: it is exact if p_a + p_b <= P.
- A sum to nearest and Knuth's error of it determine the sum rounded to odd (Boldo and Melquiond,
  2008), which any later rounding to at most P - 2 digits takes for the exact sum. `fma` is such a
  sum of an exact product.
- Rounding a quotient to p digits compares it with numbers d of at most p + 1 digits: values and the
  midpoints between them. Write a = A * 2**i, b * d = B * D * 2**j with integers A < 2**p_a and
  B * D < 2**(p + 1 + p_b). Unless a = b * d they differ by 2**min(i, j) at least, so that a/b and d
  are apart by more than 2**-p_a or 2**-(p + 1 + p_b) of a/b. Rounding to nearest in the carrier
  moves a/b by at most 2**-P of itself: if p_a <= P - 2 and p + p_b <= P - 2 it stays on its side of
  every d, and meets one only if it is that d.
- Likewise let x be in [1, 4) and d of at most p + 1 digits in [1, 2). Where p_x <= 2p + 2, x - d*d
  is a multiple of 2**-(2p + 1), so that sqrt(x) and d are equal or at least 2**-(2p + 3) apart;
  rounding in the carrier moves the root by at most 2**-P. Enough if 2p + 5 <= P.

So what the carrier holds is, for every later rounding to p digits, as good as the exact result; the
inexact flag and tininess are those of the exact result too.
"""

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..decoding import decoded
from ..dialects import DivideByZero, InfinityTimesZero, ZeroSign
from ..families.base import ScalarFormat
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.grid import GridFormat, floor_log2, power_of_two
from ..families.tapered import TaperedFormat
from ..flags import Flags
from ..kernels import carried
from ..params import ALARM, UNIFORM, Carrier, CarrierRules, Projection, Reading
from ..rounding import BELOW_HALF, BELOW_ULP, HALF, NOTHING, ULP, Overflow, Rounding, Tininess
from .calls import Settings, lowered

Array = npt.NDArray[Any]
Kernel = Callable[..., None]


class Machine(NamedTuple):
    """A float of the machine: its word, digits and exponents, and the kernels in it."""

    word: type[np.unsignedinteger[Any]]
    real: type[np.floating[Any]]
    bits: int
    trailing: int
    bias: int
    kernels: tuple[Any, ...]

    @property
    def digits(self) -> int:
        """Digits of a significand, P."""
        return self.trailing + 1

    def field(self, exponent: int) -> int:
        """Return the word of 2**exponent."""
        return (exponent + self.bias) << self.trailing


SINGLE = Machine(np.uint32, np.float32, 32, 23, 127, carried.FLOAT32)
DOUBLE = Machine(np.uint64, np.float64, 64, 52, 1023, carried.FLOAT64)
NAMES = ("add", "mul", "div", "fma", "sqrt")  # in the order of `kernels.carried`


class Extent(NamedTuple):
    """How many digits values of a format have, and their exponents."""

    digits: int
    quantum: int  # every value is a multiple of 2**quantum
    top: int  # every magnitude is below 2**(top + 1)

    def times(self, other: "Extent") -> "Extent":
        """Return the extent of products."""
        return Extent(
            self.digits + other.digits, self.quantum + other.quantum, self.top + other.top + 1
        )


def within(extent: Extent, machine: Machine, carries: int = 0) -> bool:
    """Return whether all values are normal numbers of a machine, or 0; so too of so many sums."""
    return (
        extent.digits <= machine.digits
        and extent.quantum > -machine.bias
        and extent.top + carries <= machine.bias
    )


@functools.lru_cache(maxsize=1024)
def magnitude_bound(fmt: GridFormat) -> Fraction:
    """Return the largest magnitude that a code of a format stands for."""
    bound = max(abs(fmt.largest), abs(fmt.lowest), fmt.smallest)
    if isinstance(fmt, FixedFormat) and fmt.grid.twos:  # narrow ones read a code they never make
        bound = max(bound, power_of_two(fmt.bits - 1 - fmt.fraction_bits))
    return bound


@functools.lru_cache(maxsize=1024)
def extent_of(fmt: GridFormat) -> Extent:
    """Return the extent of a format's values."""
    grid = fmt.grid
    top = floor_log2(magnitude_bound(fmt))
    if isinstance(fmt, TaperedFormat):
        return Extent(grid.t + 1, grid.emin, top)
    return Extent(grid.t + 1, grid.emin - grid.t, top)


class Plan(NamedTuple):
    """One operation in a machine's floats: the kernel and its numbers."""

    machine: Machine
    kernel: Kernel
    readings: tuple[Reading, ...]
    direct: tuple[bool, ...]  # which operands are read from their codes
    rules: CarrierRules
    carrier: Carrier
    raw: bool  # the results are words of the machine, to be encoded afterwards
    result: GridFormat


@functools.lru_cache(maxsize=256)
def plan_for(
    op: str, subtract: bool, formats: tuple[ScalarFormat, ...], settings: Settings
) -> Plan | None:
    """Return how to compute an operation in floats, or None where these do not give the bits."""
    options = settings.options
    if op not in NAMES or settings.stochastic or options.flush_results or settings.flush_inputs:
        return None
    if not isinstance(settings.result, GridFormat):
        return None
    grids = [fmt for fmt in formats if isinstance(fmt, GridFormat) and fmt.has_zero]
    if len(grids) < len(formats):
        return None
    for machine in (SINGLE, DOUBLE):
        carrier = _carrier(settings, machine)
        raw = carrier is None and machine is DOUBLE and _encodes_words(op, grids, settings)
        if (carrier or raw) and _enough(op, grids, settings.result, machine):
            kernels = carried.WORDS if raw else machine.kernels
            direct = tuple(_reads(fmt, machine) for fmt in grids)
            readings = tuple(_reading(f, machine) for f in grids)
            rules = _rules(subtract, settings, machine)
            numbers = carrier or Carrier(*[machine.word(0)] * len(Carrier._fields))
            kernel = kernels[NAMES.index(op)]
            return Plan(machine, kernel, readings, direct, rules, numbers, raw, settings.result)
    return None


def _enough(op: str, formats: list[GridFormat], result: GridFormat, machine: Machine) -> bool:
    """Return whether the float result serves for the exact one, as the module says."""
    extents = [extent_of(fmt) for fmt in formats]
    wanted = result.grid.t + 1
    room = machine.digits - 2
    if not all(within(extent, machine) for extent in extents) or wanted > room:
        return False
    if op == "add":
        return all(within(extent, machine, 1) for extent in extents)
    if op in ("mul", "fma"):
        product = extents[0].times(extents[1])
        carries = int(op == "fma")
        return within(product, machine, carries) and all(
            within(extent, machine, carries) for extent in extents[2:]
        )
    if op == "div":
        a, b = extents
        lowest, highest = a.quantum - b.top - 1, a.top + 1 - b.quantum
        in_range = -machine.bias < lowest and highest <= machine.bias
        return in_range and a.digits <= room and wanted + b.digits <= room
    finest = max(wanted, (extents[0].digits - 1) // 2)
    return 2 * finest + 5 <= machine.digits


def _reads(fmt: GridFormat, machine: Machine) -> bool:
    """Return whether the kernels read codes of this format themselves."""
    return (
        isinstance(fmt, FloatFormat)
        and fmt.style in (Style.IEEE, Style.FN, Style.FINITE)
        and fmt.signed
        and fmt.subnormals
        and fmt.zero
        and fmt.trailing_bits >= 1
        and fmt.bits <= machine.bits
        and fmt.trailing_bits <= machine.trailing
        and fmt.emin - 1 + machine.bias >= 1
    )


def _reading(fmt: GridFormat, machine: Machine) -> Reading:
    """Return how a kernel reads an operand: its codes, or the words of values decoded before."""
    word, real = machine.word, machine.real
    ones = (1 << (machine.bits - 1 - machine.trailing)) - 1
    if not (_reads(fmt, machine) and isinstance(fmt, FloatFormat)):
        return Reading(  # words as they are
            magnitude=word((1 << (machine.bits - 1)) - 1),
            hidden=word(0),
            shift=word(0),
            base=word(0),
            low_base=word(0),
            low_least=real(0),
            none=real(0),
            limit=word(ones << machine.trailing),
            high_base=word(0),
            sign_shift=word(machine.bits - 1),
        )
    magnitude = (1 << (fmt.bits - 1)) - 1
    last = (1 << fmt.exponent_bits) - 1
    limit = {Style.IEEE: last << fmt.trailing_bits, Style.FN: magnitude}.get(
        fmt.style, magnitude + 1
    )
    base = (fmt.emin - 1 + machine.bias) << machine.trailing
    return Reading(
        magnitude=word(magnitude),
        hidden=word(1 << fmt.trailing_bits),
        shift=word(machine.trailing - fmt.trailing_bits),
        base=word(base),
        low_base=word(base + (1 << machine.trailing)),
        low_least=real(2.0**fmt.emin),
        none=real(0),
        limit=word(limit),
        high_base=word((ones - last) << machine.trailing),
        sign_shift=word(fmt.bits - 1),
    )


def _rules(subtract: bool, settings: Settings, machine: Machine) -> CarrierRules:
    strict = settings.dialect.infinity_times_zero is not InfinityTimesZero.QUIET
    return CarrierRules(
        flip=machine.word(int(subtract) << (machine.bits - 1)),
        minus=machine.word(settings.minus_zero),
        strict=machine.word(strict),
        pole=machine.word(settings.dialect.divide_by_zero is DivideByZero.NAN),
    )


def _encodes_words(op: str, formats: list[GridFormat], settings: Settings) -> bool:
    """Return whether float64 results are encoded afterwards: into tapered and fixed formats."""
    options, fmt = settings.options, settings.result
    if isinstance(fmt, TaperedFormat):
        pole = settings.dialect.divide_by_zero is DivideByZero.NAN
        return options.nan is None and not pole
    if not isinstance(fmt, FixedFormat) or op == "div" or options.rounding is Rounding.JAM:
        return False
    if options.overflow is Overflow.WRAP:  # needs every digit of the result
        extents = [extent_of(item) for item in formats]
        if op in ("mul", "fma"):
            extents[:2] = [extents[0].times(extents[1])]
        top = max(extent.top for extent in extents) + 1
        return op != "sqrt" and top - min(extent.quantum for extent in extents) < DOUBLE.digits
    return not (fmt.has_negative_zero and settings.dialect.zero_sign is ZeroSign.PLUS)


# What each addend is made of: a half, an ulp, less one.
_PARTS = {NOTHING: 0b000, HALF: 0b001, BELOW_HALF: 0b101, ULP: 0b010, BELOW_ULP: 0b110}


def _carrier(settings: Settings, machine: Machine) -> Carrier | None:
    """Return how a kernel rounds into the result format, or None if it cannot."""
    fmt, word = settings.result, machine.word
    if not isinstance(fmt, FloatFormat):
        return None
    grid, how = lowered(settings)
    shift = 8 * fmt.code_dtype.itemsize  # a store of the code leaves the flags behind
    rounds = (
        settings.options.rounding is not Rounding.JAM  # which moves zeros
        and grid.taper == UNIFORM
        and grid.first == 0
        and grid.gap == 0
        and grid.signed == 1
        and 1 <= grid.t <= machine.trailing - 2
        and shift + 5 <= machine.bits
        and grid.emin + machine.bias >= 1
        and how.nan_flags | how.over_flags_positive | how.over_flags_negative < ALARM
        and how.infinity_flags_positive | how.infinity_flags_negative < ALARM
    )
    if not rounds:
        return None
    rounding = settings.options.rounding
    addends = sum(_PARTS[rounding.addend(i >> 1, i & 1)] << (3 * i) for i in range(4))
    tiny = [_least_normal(settings, grid.t, grid.emin, machine, sign) for sign in (0, 1)]
    poles = _poles(settings, how)

    def outcome(code: Any, flags: int) -> Any:
        return word(int(code) | flags << shift)

    return Carrier(
        emin=word(grid.emin + machine.bias),
        lost=word(machine.trailing - grid.t),
        t=word(grid.t),
        addends=word(addends),
        largest=word(grid.max_positive),
        tiny_positive=word(tiny[0]),
        tiny_negative=word(tiny[1]),
        over_positive=outcome(how.over_positive, how.over_flags_positive),
        over_negative=outcome(how.over_negative, how.over_flags_negative),
        infinity_positive=outcome(how.infinity_positive, how.infinity_flags_positive),
        infinity_negative=outcome(how.infinity_negative, how.infinity_flags_negative),
        pole_positive=outcome(*poles[0]),
        pole_negative=outcome(*poles[1]),
        nan=outcome(how.nan_positive, how.nan_flags),
        invalid=outcome(how.nan_positive, how.nan_flags | Flags.NV),
        minus_zero=word(grid.negative_zero),
        sign_shift=word(fmt.bits - 1),
        flag_shift=word(shift),
    )


def _poles(settings: Settings, how: Projection) -> list[tuple[Any, int]]:
    """Return the code and flags of x/0 for both signs."""
    if settings.dialect.divide_by_zero is DivideByZero.NAN:
        return [(how.nan_positive, int(Flags.NV))] * 2
    return [
        (how.infinity_positive, how.infinity_flags_positive | Flags.DZ),
        (how.infinity_negative, how.infinity_flags_negative | Flags.DZ),
    ]


def _least_normal(settings: Settings, t: int, emin: int, machine: Machine, negative: int) -> int:
    """Return the word of the least magnitude that is not tiny."""
    least = machine.field(emin)
    if settings.options.tininess is Tininess.BEFORE:
        return least
    # With all kept digits set, an odd code, what the addend carries over rounds to 2**emin.
    ulp = 1 << (machine.trailing - t)
    addend = settings.options.rounding.addend(negative, 1)
    return (
        least - {NOTHING: 0, BELOW_HALF: ulp // 2 - 1, HALF: ulp // 2, BELOW_ULP: ulp - 1}[addend]
    )


def operands_of(
    plan: Plan, codes: tuple[Array, ...], formats: tuple[ScalarFormat, ...]
) -> list[Array]:
    """Return operands as the kernel of a plan takes them."""
    found = []
    for array, fmt, direct in zip(codes, formats, plan.direct, strict=True):
        if direct:
            found.append(array)
        else:
            values = decoded(array, fmt, np.dtype(plan.machine.real))
            found.append(values.view(plan.machine.word))
    return found

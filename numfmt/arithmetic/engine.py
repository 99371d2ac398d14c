"""Which kernel computes an operation: a table, the machine's floats, integers, or rationals."""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import projection
from ..arguments import Values, place, progress
from ..dialects import DivideByZero, InfinityTimesZero, NanRule, ZeroSign
from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.grid import GridFormat, floor_log2, power_of_two
from ..flags import Flags
from ..kernels import arithmetic as kernel
from ..parallel import in_parallel
from ..params import ALARM, Kind, Rules
from ..rounding import Overflow
from . import log_arithmetic, rationals
from .calls import Random, Settings, lowered
from .carriers import Plan, extent_of, magnitude_bound, operands_of, plan_for
from .nans import delivered, is_nan, is_signalling
from .order import is_infinite

Array = npt.NDArray[Any]

BLOCK = 1 << 13  # results that the integer kernel takes at once
_KERNELS = {
    "add": kernel.ADD,
    "mul": kernel.MULTIPLY,
    "div": kernel.DIVIDE,
    "recip": kernel.DIVIDE,
    "fma": kernel.FUSED,
    "faa": kernel.ADD_THREE,
    "sqrt": kernel.ROOT,
    "round_to_int": kernel.TO_INTEGER,
}
_NO_FLAGS: npt.NDArray[np.uint8] = np.zeros(0, np.uint8)
_NOTHING = (
    np.zeros(1, np.uint8),
    np.zeros(1, np.uint8),
    np.zeros(1, np.int64),
    np.zeros(1, np.uint64),
)


class Operation(NamedTuple):
    """What is computed: a name of the specification, and what varies it."""

    name: str
    subtract: bool = False  # of add: b is negated
    exact: bool = False  # of round_to_int: the first rounding raises the inexact flag
    letters: str = "abc"


class Outcome(NamedTuple):
    """Codes, and their flags with `ALARM` where there is no code."""

    codes: Array
    flags: Array | None  # uint8 or uint16


def compute(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    draws: Random,
    powers: Array | None = None,
    *,
    want_flags: bool = True,
    shape: tuple[int, ...] | None = None,
) -> Outcome:
    """Return the outcome of an operation on 1-D codes, without a table.

    Raises
    ------
    FormatError
        Some result has no code, where the `shape` of the results is given.
    """
    operands = _without_ignored_nans(operation, operands, formats, settings)
    codes = np.empty(operands[0].size, settings.result.code_dtype)
    plan = None
    if powers is None:
        plan = plan_for(operation.name, operation.subtract, formats, settings)
    if plan is not None:
        flags = _in_floats(plan, operands, formats, settings, codes, want_flags)
    else:
        flags = np.zeros(codes.size, np.uint16)
        engine = _in_integers if _by_kernel(operation, formats, settings) else _in_rationals
        engine(operation, operands, formats, settings, draws, powers, codes, flags)
    canonical = settings.dialect.nan in (NanRule.CANONICAL, NanRule.ANY)
    if plan is None or not canonical or _odd_fma(operation, settings):
        _deliver_nans(operation, operands, formats, settings, codes, flags)
    if shape is not None and flags is not None:
        refuse_alarms(operation, operands, formats, settings, flags, shape)
    return Outcome(codes, flags)


def refuse_alarms(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    flags: Array,
    shape: tuple[int, ...],
) -> None:
    """Raise an error that names the first result without a code, if there is one."""
    if flags.dtype.itemsize == 1:  # no room for an alarm
        return
    bad = np.flatnonzero(flags >= ALARM)
    if bad.size:
        raise _refusal(operation, operands, formats, settings, int(bad[0]), shape)


def _by_kernel(operation: Operation, formats: tuple[ScalarFormat, ...], settings: Settings) -> bool:
    """Return whether the integer kernel decides every result."""
    result = settings.result
    if operation.name not in _KERNELS and operation.name != "scale_b":
        return False
    if not isinstance(result, GridFormat):
        return False
    if not all(isinstance(fmt, GridFormat) for fmt in formats):
        return False
    if operation.name == "sqrt" and settings.stochastic:  # 65 digits and a sticky one
        if result.grid.t + settings.options.bits > 61:
            return False
    return settings.options.overflow is not Overflow.WRAP or _reaches(
        operation.name, formats, result, settings
    )


def _reaches(
    name: str, formats: tuple[ScalarFormat, ...], result: GridFormat, settings: Settings
) -> bool:
    """Return whether the digits of a result reach the last one that wrapping keeps.

    The kernel has 128 of sums, products and quotients, and 65 of roots, of which two are below the
    last one kept where not all of them are there; 52 more where random bits look at them. A power
    of two times an operand has no digits but those of the operand.
    """
    if name == "scale_b":
        return True
    grids = [fmt for fmt in formats if isinstance(fmt, GridFormat)]
    sizes = [magnitude_bound(fmt) for fmt in grids]
    digits, quanta = 126, [extent_of(fmt).quantum for fmt in grids]
    if name in ("mul", "fma"):
        sizes[:2] = [sizes[0] * sizes[1]]
        quanta[:2] = [sum(quanta[:2])]
    elif name in ("div", "recip"):
        least = power_of_two(quanta.pop())
        sizes = [(sizes[0] if name == "div" else Fraction(1)) / least]
    top = floor_log2(sum(sizes, Fraction(0)))
    if name == "sqrt":
        top, digits = top // 2 + 1, 63
    elif name not in ("div", "recip") and top - min(quanta) < 128:
        return True
    digits -= settings.options.bits if settings.stochastic else 0
    return top - extent_of(result).quantum < digits


def _odd_fma(operation: Operation, settings: Settings) -> bool:
    rule = settings.dialect.infinity_times_zero
    return operation.name == "fma" and rule is InfinityTimesZero.DEFAULT


def _in_floats(
    plan: Plan,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    codes: Array,
    want_flags: bool,
) -> Array | None:
    """Fill `codes` by a plan of `carriers` and return the flags, if they are wanted."""
    arrays = operands_of(plan, operands, formats)
    flags: Array | None = np.empty(codes.size, np.uint8) if want_flags and not plan.raw else None
    found = np.empty(codes.size, plan.machine.word) if plan.raw else codes

    def run(start: int, stop: int) -> int:
        part = slice(start, stop)
        raised = _NO_FLAGS if flags is None else flags[part]
        inputs = [array[part] for array in arrays]
        with np.errstate(all="ignore"):  # in the interpreter
            plan.kernel(*inputs, *plan.readings, plan.rules, plan.carrier, found[part], raised)
        return 0

    in_parallel(run, codes.size, 64)
    if plan.raw:
        values = Values(found, "float64", (found.size,), None)
        flags = np.zeros(codes.size, np.uint16) if want_flags else None
        refused = projection.encode(values, plan.result, settings.options, no_draws, codes, flags)
        if refused and flags is None:  # once more, to see where
            flags = np.zeros(codes.size, np.uint16)
            projection.encode(values, plan.result, settings.options, no_draws, codes, flags)
    return flags


def no_draws(start: int, stop: int) -> Array:
    """Return the random bits of deterministic modes."""
    return np.zeros(1, np.uint64)


def _in_integers(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    draws: Random,
    powers: Array | None,
    codes: Array,
    flags: Array,
) -> None:
    grid, how = lowered(settings)
    rules = Rules(
        minus=int(settings.minus_zero),
        plus=int(settings.dialect.zero_sign is ZeroSign.PLUS),
        pole=int(settings.dialect.divide_by_zero is DivideByZero.NAN),
        exact=int(operation.exact),
    )
    number = _KERNELS.get(operation.name, kernel.MULTIPLY)

    def run(start: int, stop: int) -> int:
        seen = 0
        scratch = np.empty(min(BLOCK, stop - start), np.uint64)
        for low in range(start, stop, BLOCK):
            part = slice(low, min(low + BLOCK, stop))
            inputs = [
                operand_fields(array[part], fmt, settings)
                for array, fmt in zip(operands, formats, strict=True)
            ]
            if powers is not None:
                inputs.append(_powers_of_two(powers[part]))
            if operation.subtract:
                inputs[1] = (inputs[1][0], inputs[1][1] ^ 1, *inputs[1][2:])
            if operation.name == "recip":
                inputs.insert(0, _powers_of_two(np.zeros(part.stop - low, np.int64)))
            inputs += [_NOTHING] * (3 - len(inputs))
            random = draws(low, part.stop).astype(np.uint64, copy=False)
            found = scratch[: part.stop - low]
            columns = [column for fields in inputs for column in fields]
            seen |= int(
                kernel.operate(number, *columns, random, found, flags[part], grid, how, rules)
            )
            codes[part] = found
        return seen

    in_parallel(run, codes.size, BLOCK)


def operand_fields(codes: Array, fmt: ScalarFormat, settings: Settings) -> tuple[Array, ...]:
    """Return the fields of codes, subnormals as zeros where the settings flush operands."""
    kinds, signs, exponents, significands = fields_of_codes(codes, fmt)
    if settings.flush_inputs:
        low = kinds == int(Kind.SUBNORMAL)
        kinds = np.where(low, int(Kind.ZERO), kinds).astype(np.uint8)
        significands = np.where(low, np.uint64(0), significands)
    return kinds, signs, exponents, significands


def _powers_of_two(powers: Array) -> tuple[Array, ...]:
    size = powers.size
    kinds = np.full(size, int(Kind.NORMAL), np.uint8)
    return kinds, np.zeros(size, np.uint8), powers, np.ones(size, np.uint64)


def _in_rationals(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    draws: Random,
    powers: Array | None,
    codes: Array,
    flags: Array,
) -> None:
    """Compute every distinct row of operands once, on Python's integers, or logarithms fast."""
    quick = log_arithmetic.fast(operation.name, operands, formats, settings, powers)
    if quick is not None:
        codes[:], flags[:] = quick
        return
    columns = [array.astype(np.uint64) for array in operands]
    name = "sub" if operation.subtract else operation.name
    if powers is not None:
        columns.append(powers.view(np.uint64))
    if settings.stochastic:
        columns.append(np.broadcast_to(draws(0, codes.size), codes.shape).astype(np.uint64))
    rows, where = np.unique(np.stack(columns), axis=1, return_inverse=True)
    lists = [row.tolist() for row in rows]
    randoms = lists.pop() if settings.stochastic else None
    exponents = None
    if powers is not None:
        lists.pop()
        exponents = rows[len(operands)].view(np.int64).tolist()
    found: list[int] = []
    raised: list[int] = []
    total = len(lists[0])
    show = progress(total, f"{name} computed") if total > 2 * BLOCK else None
    for low in range(0, total, BLOCK):
        part = slice(low, low + BLOCK)
        more = rationals.compute(
            name,
            tuple(column[part] for column in lists),
            formats,
            settings,
            None if randoms is None else randoms[part],
            None if exponents is None else exponents[part],
            exact=operation.exact,
        )
        found += more[0]
        raised += more[1]
        if show:
            show(len(found))
    where = where.reshape(-1)
    codes[:] = np.array(found, np.uint64)[where].astype(codes.dtype)
    flags[:] = np.array(raised, np.uint16)[where]


def _without_ignored_nans(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
) -> tuple[Array, ...]:
    """Return operands of hypot with the infinity twice where it beats a quiet NaN."""
    if operation.name != "hypot" or settings.dialect.zero_sign is ZeroSign.PLUS:
        return operands
    arrays = list(operands)
    infinite = [is_infinite(a, f) for a, f in zip(operands, formats, strict=True)]
    quiet = [is_nan(a, f) & ~is_signalling(a, f) for a, f in zip(operands, formats, strict=True)]
    for i in (0, 1):
        beaten = quiet[i] & infinite[1 - i]
        if beaten.any():
            arrays[i] = np.where(beaten, formats[i].largest_code(0), arrays[i]).astype(
                arrays[i].dtype
            )
    return tuple(arrays)


def _deliver_nans(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    codes: Array,
    flags: Array | None,
) -> None:
    """Put the NaN that the dialect delivers, and its flags, where an operand is NaN."""
    nan = np.zeros(codes.size, np.bool_)
    for array, fmt in zip(operands, formats, strict=True):
        if fmt.has_nan:
            nan |= is_nan(array, fmt)
    rows = np.flatnonzero(nan)
    if not rows.size:
        return
    if settings.canonical_nan is None:
        if flags is not None:
            flags[rows] = ALARM
        return
    picked = [array[rows] for array in operands]
    order = (2, 0, 1) if operation.name == "fma" else None
    found, raised = delivered(picked, formats, settings, order)
    rule = settings.dialect.infinity_times_zero
    if operation.name == "fma" and rule is not InfinityTimesZero.QUIET:
        kinds = [operand_fields(a, f, settings)[0] for a, f in zip(picked, formats, strict=True)]
        zero, infinity = int(Kind.ZERO), int(Kind.INFINITY)
        lost = (kinds[0] == zero) & (kinds[1] == infinity)
        lost |= (kinds[0] == infinity) & (kinds[1] == zero)
        raised = np.where(lost, raised | np.uint8(Flags.NV), raised)
        if rule is InfinityTimesZero.DEFAULT:  # of a quiet c (Arm FPMulAdd)
            quiet = ~is_signalling(picked[2], formats[2])
            found = np.where(lost & quiet, settings.canonical_nan, found)
    codes[rows] = found
    if flags is not None:
        flags[rows] = raised


def _refusal(
    operation: Operation,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    index: int,
    shape: tuple[int, ...],
) -> FormatError:
    """Return the error of a result without a code."""
    shown = ", ".join(
        f"{letter} = {int(array[index]):#x} of {fmt.name!r}"
        for letter, array, fmt in zip(operation.letters, operands, formats, strict=False)
    )
    fmt = settings.result
    name = "sub" if operation.subtract else operation.name
    remedy = []
    if not fmt.has_nan and settings.options.nan is None:
        remedy.append("nan= with the value or code that NaN becomes")
    if settings.options.overflow is not Overflow.SATURATE:
        remedy.append("overflow='saturate'")
    where = place("result", shape, index) if shape else "the result"
    return FormatError(
        f"{name}: {where}, of {shown}, has no code in {fmt.name!r} "
        f"(overflow={settings.options.overflow.value!r}); choose {' and '.join(remedy)}"
    )

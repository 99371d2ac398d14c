"""How good an approximation of a function is: its codes against the correctly rounded ones."""

import dataclasses
import difflib
import importlib
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import exact
from .arguments import as_codes, integer_option, scalar_format
from .decoding import decode, unpack
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.grid import GridFormat
from .families.logarithmic import LogarithmicFormat
from .functions.definitions import FUNCTIONS
from .ordering import ordinal
from .params import Kind
from .rounding import Rounding

__all__ = ["FunctionErrors", "ulp_error"]

Array = npt.NDArray[Any]
Integers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = Callable[[Array], npt.ArrayLike]

EXHAUSTIVE_BITS = 16  # widest formats of which all codes are tried
BARRIER = 2  # between neighbours that have no order


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FunctionErrors:
    """What `ulp_error` found.

    Attributes
    ----------
    function : str
    fmt, result : str
        Names of the formats of inputs and results.
    inputs : int
        How many inputs were tried.
    exhaustive : bool
        Whether these are all codes of the format.
    mismatches : int
        Inputs with another code than the correctly rounded one; all NaNs are alike, the zeros not.
    max_ulp, mean_ulp : int, float
        Largest and mean number of steps of the result format between candidate and correctly
        rounded result, over the inputs where both are finite; nan as the mean of none.
    worst, worst_got, worst_wanted : int, optional
        The first input with the largest number of steps, and both results there: codes.
    worst_value : Fraction, optional
        What `worst` stands for; None in logarithmic formats.
    special_mismatches : int
        Inputs where one result is NaN and the other is not, or where infinities differ.
    first_special : int, optional
        The first of these inputs.
    kappa : float
        IEEE P3109 4.0, 4.4: nan if a NaN differs, else inf if an infinity does, else `max_ulp`.
    monotonicity_violations : int
        Neighbouring inputs, in the order of their values, between which the candidate moves
        against the function. Where the function stays, its way is that of the moves before and
        after, if these agree.
    first_violation : (int, int), optional
        The codes of the first such neighbours.
    """

    function: str
    fmt: str
    result: str
    inputs: int
    exhaustive: bool
    mismatches: int
    max_ulp: int
    mean_ulp: float
    worst: int | None
    worst_value: Fraction | None
    worst_got: int | None
    worst_wanted: int | None
    special_mismatches: int
    first_special: int | None
    kappa: float
    monotonicity_violations: int
    first_violation: tuple[int, int] | None

    def __str__(self) -> str:
        into = "" if self.fmt == self.result else f" into {self.result}"
        every = "all " if self.exhaustive else ""
        lines = [
            f"{self.function} of {self.fmt}{into}: {every}{self.inputs} inputs, "
            f"{self.mismatches} not correctly rounded",
            f"  at most {self.max_ulp} ulp, {self.mean_ulp:.3g} on average, kappa {self.kappa:g}",
        ]
        if self.max_ulp and self.worst is not None:
            lines.append(
                f"  worst at {self.worst:#x}{_approximately(self.worst_value)}: "
                f"got {self.worst_got:#x}, wanted {self.worst_wanted:#x}"
            )
        if self.first_special is not None:
            lines.append(
                f"  {self.special_mismatches} NaNs or infinities differ, "
                f"first at {self.first_special:#x}"
            )
        if self.first_violation is not None:
            low, high = self.first_violation
            lines.append(
                f"  not monotone in {self.monotonicity_violations} places, "
                f"first from {low:#x} to {high:#x}"
            )
        return "\n".join(lines)


def _approximately(value: Fraction | None) -> str:
    """Return a value in brackets, where a float64 is near it."""
    try:
        return "" if value is None else f" ({float(value):.6g})"
    except OverflowError:
        return ""


def ulp_error(
    candidate: Codes | npt.ArrayLike,
    function: str | Codes,
    fmt: Format | str,
    *,
    result: Format | str | None = None,
    rounding: Rounding | str | None = None,
    inputs: npt.ArrayLike | None = None,
    domain: tuple[float, float] | None = None,
    samples: int = 64,
    seed: int = 0,
) -> FunctionErrors:
    """Return how far an approximation of a function is from its correctly rounded results.

    Parameters
    ----------
    candidate : callable or array_like of int
        A function from an array of codes to the codes of its results, or these results: for each
        input in order, or for all 2**bits codes of the format.
    function : str or callable
        The name of an elementary function of one operand, or what gives correctly rounded codes.
    fmt : Format or str
        The format of the inputs: a scalar one, or a name.
    result : Format or str, optional
        The format of the results. Default: `fmt`.
    rounding : Rounding or str, optional
        How a named function is rounded.
    inputs : array_like of int, optional
        The codes to try. Default: all of a format of up to 16 bits; in wider ones the specials and,
        of both signs, both ends of each binade and `samples` codes drawn in it.
    domain : (float, float), optional
        Tries only numbers from the first to the second, both included.
    samples : int
        Codes drawn in each binade.
    seed : int
        What the draws depend on.

    Returns
    -------
    FunctionErrors

    Raises
    ------
    FormatError
        There is no input, the results do not fit the inputs, or the format is logarithmic, wider
        than 16 bits and `inputs` is not given.

    Examples
    --------
    >>> import numfmt as nf
    >>> def halve(codes):
    ...     return nf.encode(nf.decode(codes, "e4m3") / 2, "e4m3")
    >>> print(ulp_error(lambda codes: codes - 8, halve, "e4m3", domain=(0.015625, 448)))
    halve of e4m3: 119 inputs, 8 not correctly rounded
      at most 4 ulp, 0.151 on average, kappa 4
      worst at 0x8 (0.015625): got 0x0, wanted 0x4
    """
    entry = scalar_format(fmt)
    samples = integer_option(samples, 0, 1 << 20, "samples")
    seed = integer_option(seed, 0, (1 << 64) - 1, "seed")
    target = entry if result is None else scalar_format(result, "result")
    codes = _inputs(entry, inputs, samples, seed)
    complete = codes.size == (1 << entry.bits) - len(entry.unused_codes()) and inputs is None
    if domain is not None:
        codes = _within(codes, entry, domain)
        complete = False
    if codes.size == 0:
        raise FormatError(f"no input is left of {entry.name!r} (domain={domain!r})")
    wanted = as_codes(_wanted(function, codes, entry, target, rounding), target, "function")
    got = as_codes(_results(candidate, codes, entry), target, "candidate")
    for name, array in (("function", wanted), ("candidate", got)):
        if array.shape != codes.shape:
            raise FormatError(
                f"{name} gives results of shape {array.shape} for inputs of shape {codes.shape}"
            )
    title = function if isinstance(function, str) else getattr(function, "__name__", "function")
    return _judged(title, codes, got, wanted, entry, target, complete)


def _inputs(fmt: ScalarFormat, inputs: npt.ArrayLike | None, samples: int, seed: int) -> Array:
    """Return the codes to try."""
    if inputs is not None:
        return as_codes(inputs, fmt, "inputs").reshape(-1)
    if fmt.bits <= EXHAUSTIVE_BITS:
        every = np.arange(1 << fmt.bits).astype(fmt.code_dtype)
        return every[~np.isin(every, fmt.unused_codes())]
    if not isinstance(fmt, GridFormat):
        raise FormatError(
            f"fmt={fmt.name!r} of family {fmt.family!r} has no binades to draw codes in; give "
            "inputs="
        )
    return _drawn(fmt, samples, seed)


def _drawn(fmt: GridFormat, samples: int, seed: int) -> Array:
    """Return the special codes and, of both signs, the ends of each binade and codes within."""
    random = np.random.default_rng(seed)
    parts = []
    first, last = _code_from(fmt.smallest, fmt), fmt.largest_code(0)
    exponent = _floor_log2(fmt.smallest)
    while first <= last:
        exponent += 1
        power = Fraction(2) ** exponent
        end = min(_code_from(power, fmt) - 1, last) if power <= fmt.largest else last
        if end - first < samples + 2:
            parts.append(np.arange(first, end + 1, dtype=np.uint64))
        else:
            parts.append(random.integers(first, end, samples, dtype=np.uint64, endpoint=True))
            parts.append(np.array([first, end], np.uint64))
        first = end + 1
    positive = np.concatenate(parts)
    specials = [fmt.infinity_code(0), fmt.infinity_code(1), fmt.nan_code(0), fmt.nan_code(1)]
    zeros = [exact.encode(zero, fmt)[0] for zero in (0.0, -0.0)] if fmt.has_zero else []
    if fmt.signed_values:
        specials.append(fmt.largest_code(1))  # of two's complement, a binade of its own
    found = [code for code in (*zeros, *specials) if code is not None]
    parts = [np.array(found, np.uint64), positive]
    if fmt.signed_values:
        top = np.uint64(1 << (fmt.bits - 1))
        mask = np.uint64((1 << fmt.bits) - 1)
        parts.append((~positive + np.uint64(1)) & mask if fmt.grid.twos else positive | top)
    return np.unique(np.concatenate(parts)).astype(fmt.code_dtype)


def _code_from(value: Fraction, fmt: GridFormat) -> int:
    """Return the code of the smallest value that is not below a positive one."""
    return exact.encode(value, fmt, rounding=Rounding.TOWARD_POSITIVE)[0]


def _floor_log2(value: Fraction) -> int:
    near = value.numerator.bit_length() - value.denominator.bit_length()
    return near if Fraction(2) ** near <= value else near - 1


def _within(codes: Array, fmt: ScalarFormat, domain: tuple[float, float]) -> Array:
    """Return the codes of numbers in a domain."""
    try:
        low, high = (float(end) for end in domain)
    except (TypeError, ValueError):
        raise FormatError(f"domain={domain!r} is not a pair of numbers (low, high)") from None
    if not low <= high:
        raise FormatError(f"domain={domain!r} has no numbers; give (low, high)")
    values = decode(codes, fmt)
    return np.asarray(codes[(values >= low) & (values <= high)])


def _wanted(
    function: str | Codes,
    codes: Array,
    fmt: ScalarFormat,
    result: ScalarFormat,
    rounding: Rounding | str | None,
) -> npt.ArrayLike:
    """Return the correctly rounded results."""
    if not isinstance(function, str):
        if not callable(function):
            raise FormatError(f"function={function!r} is neither a name nor a callable")
        if rounding is not None:
            raise FormatError("rounding is for functions by name; a callable rounds as it does")
        return function(codes)
    operations = importlib.import_module(".functions.operations", __package__)
    known = [name for name, entry in FUNCTIONS.items() if entry.operands == 1]
    if function not in known:
        close = difflib.get_close_matches(function, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise FormatError(
            f"function={function!r} is not one of one operand: {', '.join(known)}.{hint}"
        )
    found: npt.ArrayLike = operations.apply(
        function, (codes,), fmt, result=result, rounding=rounding
    )
    return found


def _results(candidate: Codes | npt.ArrayLike, codes: Array, fmt: ScalarFormat) -> npt.ArrayLike:
    """Return the candidate's results: called, in order, or looked up in a table."""
    if callable(candidate):
        found: npt.ArrayLike = candidate(codes.copy())
        return found
    table = np.asarray(candidate)
    if table.size == codes.size:
        return table.reshape(-1)
    if table.shape == (1 << fmt.bits,):
        return np.asarray(table[codes])
    return table


def _judged(
    title: str,
    codes: Array,
    got: Array,
    wanted: Array,
    fmt: ScalarFormat,
    result: ScalarFormat,
    complete: bool,
) -> FunctionErrors:
    """Return all measures of results against wanted ones."""
    got_kinds, wanted_kinds = _kinds(got, result), _kinds(wanted, result)
    got_places, wanted_places = (
        _places(got, got_kinds, result),
        _places(wanted, wanted_kinds, result),
    )
    nans = (got_kinds == Kind.NAN) != (wanted_kinds == Kind.NAN)
    infinite = (got_kinds == Kind.INFINITY) | (wanted_kinds == Kind.INFINITY)
    both_nan = (got_kinds == Kind.NAN) & (wanted_kinds == Kind.NAN)
    special = nans | (infinite & (got_places != wanted_places))
    finite = (got_kinds < Kind.INFINITY) & (wanted_kinds < Kind.INFINITY)
    steps = np.where(finite, _apart(got_places, wanted_places), np.uint64(0))
    worst = int(np.argmax(steps)) if finite.any() else None
    most = 0 if worst is None else int(steps[worst])
    count = int(np.count_nonzero(finite))
    order = _in_order(codes, fmt)
    broken = _violations(got_places[order], wanted_places[order], ~(nans | both_nan)[order])
    first = order[broken[0] : broken[0] + 2] if broken.size else None
    return FunctionErrors(
        function=title,
        fmt=fmt.name,
        result=result.name,
        inputs=codes.size,
        exhaustive=complete,
        mismatches=int(np.count_nonzero((got != wanted) & ~both_nan)),
        max_ulp=most,
        mean_ulp=float(steps.astype(np.float64).sum() / count) if count else math.nan,
        worst=None if worst is None else int(codes[worst]),
        worst_value=None if worst is None else _value(int(codes[worst]), fmt),
        worst_got=None if worst is None else int(got[worst]),
        worst_wanted=None if worst is None else int(wanted[worst]),
        special_mismatches=int(np.count_nonzero(special)),
        first_special=int(codes[np.argmax(special)]) if special.any() else None,
        kappa=math.nan if nans.any() else math.inf if special.any() else float(most),
        monotonicity_violations=int(broken.size),
        first_violation=None if first is None else (int(codes[first[0]]), int(codes[first[1]])),
    )


def _kinds(codes: Array, fmt: ScalarFormat) -> Array:
    """Return whether codes are finite, infinite or NaN."""
    if fmt.dyadic or isinstance(fmt, LogarithmicFormat):
        return np.asarray(unpack(codes, fmt)[0])
    values = decode(codes, fmt)
    kinds = np.where(np.isinf(values), Kind.INFINITY, Kind.NORMAL)
    return np.where(np.isnan(values), Kind.NAN, kinds)


def _places(codes: Array, kinds: Array, fmt: ScalarFormat) -> Integers:
    """Return ordinals, and 0 for NaN."""
    places = np.zeros(codes.shape, np.int64)
    ordered = kinds != Kind.NAN
    places[ordered] = ordinal(codes[ordered], fmt)
    return places


def _apart(a: Integers, b: Integers) -> npt.NDArray[np.uint64]:
    """Return how far integers are apart, exactly."""
    high, low = np.maximum(a, b).astype(np.uint64), np.minimum(a, b).astype(np.uint64)
    return np.asarray(high - low)


def _value(code: int, fmt: ScalarFormat) -> Fraction | None:
    if isinstance(fmt, LogarithmicFormat):
        return None
    found = exact.decode(code, fmt)
    return found.value if found.finite else None


def _in_order(codes: Array, fmt: ScalarFormat) -> Integers:
    """Return the indices of the inputs that are not NaN, in the order of their values."""
    kinds = _kinds(codes, fmt)
    places = _places(codes, kinds, fmt)
    order = np.argsort(places, kind="stable")
    return np.asarray(order[(kinds != Kind.NAN)[order]])


def _violations(got: Integers, wanted: Integers, ordered: Mask) -> Integers:
    """Return the indices after which `got` moves against `wanted`, which is in order of inputs."""
    moves = (wanted[1:] > wanted[:-1]).astype(np.int64) - (wanted[1:] < wanted[:-1])
    moves[~(ordered[1:] & ordered[:-1])] = BARRIER
    before, after = _last_move(moves), _last_move(moves[::-1])[::-1]
    way = np.where(before == BARRIER, after, before)
    way = np.where((after != BARRIER) & (after != way), 0, way)
    way = np.where((moves == BARRIER) | (way == BARRIER), 0, way)
    against = ((way > 0) & (got[1:] < got[:-1])) | ((way < 0) & (got[1:] > got[:-1]))
    return np.flatnonzero(against)


def _last_move(moves: Integers) -> Integers:
    """Return at each place the last move that is not 0, its own included."""
    last = np.maximum.accumulate(np.where(moves != 0, np.arange(moves.size), -1))
    return np.where(last < 0, BARRIER, moves[np.maximum(last, 0)]) if moves.size else moves

"""Into a codebook: intervals of the real line, worked out once for each kind of call."""

import bisect
import functools
import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import randomness
from .arguments import Values, simplified, widened
from .digits import bounds, exact_values
from .errors import FormatError
from .families.codebooks import MAX_BITS, CodebookFormat
from .families.logarithmic import LogarithmicFormat
from .kernels import search
from .lowering import REFUSED, Options, check_options, finite_overflow, infinite_operand, nan_code
from .parallel import in_parallel
from .rounding import STOCHASTIC_B, STOCHASTIC_C, STOCHASTIC_C_ODD, Rounding

_BLOCK = 1 << 15
_LARGEST = Fraction(np.finfo(np.float64).max)

Array = npt.NDArray[Any]
Number: TypeAlias = Fraction | float  # a float where it is infinite, NaN or minus zero


class Intervals:
    """The outcome of every real number: `limits[i]` starts the interval of `outcomes[i + 1]`.

    A limit is (threshold, strict): the number belongs to the interval above if it is larger than
    the threshold, or equal and not `strict`.
    """

    def __init__(self, fmt: CodebookFormat, options: Options) -> None:
        """Work out the intervals of a call."""
        check_options(fmt, options)
        ends = [finite_overflow(fmt, options, negative) for negative in (1, 0)]
        self.infinite = [infinite_operand(fmt, options, negative) for negative in (0, 1)]
        self.nan = [nan_code(fmt, options, negative) for negative in (0, 1)]
        self.zero, self.minus_zero = -1, None  # the limit that only plus zero passes
        drawn = options.rounding.stochastic  # then what lies between is left to the draw
        mode = Rounding.TOWARD_NEGATIVE if drawn else options.rounding
        self.limits = list(_limits(fmt, mode))
        self.outcomes = [ends[0], *fmt.codes, ends[1]]
        # What a draw chooses from, in order: the values, and what lies beyond either end.
        self.points, self.results, self.index_of_zero = list(fmt.values), list(fmt.codes), -1
        if fmt.beyond is not None:
            self.points = [-fmt.beyond, *self.points, fmt.beyond]
            self.results = [ends[0], *self.results, ends[1]]
        if fmt.negative_zero is not None:
            self.index_of_zero = bisect.bisect_left(self.points, 0)
            index = bisect.bisect_left(fmt.values, 0)
            self.limits.insert(index + 1, (Fraction(0), False))
            self.outcomes.insert(index + 1, fmt.negative_zero)
            if fmt.keeps_minus_zero:
                self.zero = index + 1
                self.minus_zero = fmt.negative_zero

    def outcome(self, x: Fraction) -> int:
        """Return the code of a number, or `REFUSED`."""
        place = bisect.bisect_right(self.limits, (x, False))
        return self.outcomes[place]

    def table(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        """Return the keys and outcomes of `kernels.search.outcomes_of`."""
        inner = [_first_float(*limit) for limit in self.limits]
        starts = np.array([-math.inf, -float(_LARGEST), *inner, math.inf])
        keys = start_keys(starts)
        if self.minus_zero is not None:
            keys[self.zero + 2] = 1 << 63
        keys = np.append(keys, keys[-1] + np.uint64(1))
        found = [self.nan[1], self.infinite[1], *self.outcomes, self.infinite[0], self.nan[0]]
        outcomes = [search.REFUSED if code == REFUSED else code for code in found]
        return padded(keys, np.array(outcomes, np.uint32))


def padded(
    keys: npt.NDArray[np.uint64], outcomes: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Return keys and outcomes in the numbers that `kernels.search.outcomes_of` takes."""
    padding = (1 << (outcomes.size - 1).bit_length()) - outcomes.size
    return np.pad(keys, (0, padding), "edge"), np.pad(outcomes, (0, padding), "edge")


def float_keys(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Return the keys of floats, as `kernels.search.key_of` has them."""
    words = values.view(np.uint64)
    return np.where(words >> np.uint64(63) != 0, ~words, words | np.uint64(1 << 63))


def start_keys(starts: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Return the keys of floats where something starts: zero starts with minus zero."""
    return float_keys(np.where(starts == 0, -0.0, starts))


@functools.lru_cache(maxsize=64)
def intervals(fmt: CodebookFormat, options: Options) -> Intervals:
    """Return the intervals of a call, worked out once."""
    return Intervals(fmt, options)


@functools.lru_cache(maxsize=64)
def _table(fmt: CodebookFormat, options: Options) -> tuple[Array, Array]:
    return intervals(fmt, options).table()


def _first_float(threshold: Fraction, strict: bool) -> float:
    """Return the least float64 that is not below a threshold, or that is above it if `strict`."""
    if threshold > _LARGEST:
        return math.inf
    if threshold < -_LARGEST:
        return -float(_LARGEST)
    nearest = float(threshold)
    below = Fraction(nearest) <= threshold if strict else Fraction(nearest) < threshold
    return math.nextafter(nearest, math.inf) if below else nearest


def _limits(fmt: CodebookFormat, rounding: Rounding) -> Iterator[tuple[Fraction, bool]]:
    """Yield where each outcome starts, from the lowest value's on, and where the last one ends."""
    values = fmt.values
    middles = fmt.thresholds or [(a + b) / 2 for a, b in itertools.pairwise(values)]
    far = fmt.beyond
    if far is None:
        yield values[0], False
    else:
        yield _between(-far, values[0], (values[0] - far) / 2, (1, fmt.ranks[0]), rounding)
    for index, (a, b) in enumerate(itertools.pairwise(values)):
        pair = fmt.ranks[index : index + 2]
        yield _between(a, b, middles[index], pair, rounding)
    if far is None:
        yield values[-1], True
    else:
        yield _between(values[-1], far, (values[-1] + far) / 2, (fmt.ranks[-1], 1), rounding)


def _between(
    a: Fraction, b: Fraction, middle: Fraction, ranks: tuple[int, ...], rounding: Rounding
) -> tuple[Fraction, bool]:
    """Return the limit between the neighbours a < b.

    Where they have different signs, directed rounding keeps the sign.
    """
    if rounding in _DIRECTED:
        outward, upward = _DIRECTED[rounding]
        if a < 0 < b and outward is not None:
            return Fraction(0), False
        if outward is not None:
            upward = outward == (a >= 0)
        return (a, True) if upward else (b, False)
    up = {
        Rounding.NEAREST_UP: True,
        Rounding.NEAREST_DOWN: False,
        Rounding.NEAREST_EVEN: ranks[1] < ranks[0],
        Rounding.NEAREST_AWAY: middle >= 0,
        Rounding.NEAREST_ZERO: middle < 0,
    }
    return middle, not up[rounding]


# (away from zero, up): the first is None where only the second counts
_DIRECTED: dict[Rounding, tuple[bool | None, bool]] = {
    Rounding.TOWARD_POSITIVE: (None, True),
    Rounding.TOWARD_NEGATIVE: (None, False),
    Rounding.TOWARD_ZERO: (False, False),
    Rounding.AWAY_FROM_ZERO: (True, False),
}


def encode(
    values: Values, fmt: CodebookFormat, options: Options, draws: randomness.Source, codes: Array
) -> bool:
    """Fill `codes` (1-D, any unsigned dtype); return whether some value has no code.

    A dtype of 32 bits or more holds `search.REFUSED` where there is none.
    """
    values = simplified(values, options.flush_input)
    numbers = None
    if isinstance(values.source, LogarithmicFormat):
        return _encode_powers(values.words, values.source, fmt, options, codes)
    if not values.kind.startswith("float"):
        numbers = list(exact_values(values, options.flush_input))
    if options.rounding.stochastic:
        return _encode_randomly(values, numbers, fmt, options, draws, codes)
    if numbers is not None:
        return _store([_outcome(x, fmt, options) for x in numbers], codes)
    keys, outcomes = _table(fmt, options)
    words = values.words

    def run(start: int, stop: int) -> int:
        seen = 0
        for low in range(start, stop, _BLOCK):
            part = slice(low, min(low + _BLOCK, stop))
            seen |= int(search.outcomes_of(widened(words[part]), keys, outcomes, codes[part]))
        return seen

    return in_parallel(run, words.size, _BLOCK) >= search.REFUSED


def _outcome(x: Number, fmt: CodebookFormat, options: Options) -> int:
    """Return the code of an exact number, an infinity, a NaN or minus zero, or `REFUSED`."""
    table = intervals(fmt, options)
    if isinstance(x, Fraction):
        return table.outcome(x)
    negative = math.copysign(1, x) < 0
    if x == 0:
        return table.outcome(Fraction(0)) if table.minus_zero is None else table.minus_zero
    return (table.nan if math.isnan(x) else table.infinite)[negative]


def _encode_powers(
    words: Array, source: LogarithmicFormat, fmt: CodebookFormat, options: Options, codes: Array
) -> bool:
    """Encode codes of logarithms, each distinct one once."""
    if options.rounding.stochastic:
        raise FormatError(
            f"rounding={options.rounding.value!r} is not for {source.name!r}, whose values are "
            "irrational; decode them first, and mind that this rounds"
        )
    distinct, where = np.unique(words, return_inverse=True)
    found = [_outcome_of_power(code, source, fmt, options) for code in distinct.tolist()]
    return _store([found[i] for i in where.tolist()], codes)


def _outcome_of_power(
    code: int, source: LogarithmicFormat, fmt: CodebookFormat, options: Options
) -> int:
    if code == source.nan_code(0):
        return _outcome(math.nan, fmt, options)
    sign, k = source.ordinal_of_code(code)
    if k == 0:
        return _outcome(Fraction(0), fmt, options)
    digits = 80
    while True:
        ends = (-end if sign else end for end in bounds(source, k, digits))
        outcomes = {_outcome(end, fmt, options) for end in ends}
        if len(outcomes) == 1:
            return outcomes.pop()
        digits *= 2


def _store(found: list[int], codes: Array) -> bool:
    codes[:] = np.array(
        [search.REFUSED if code == REFUSED else code for code in found], np.uint32
    ).astype(codes.dtype)
    return REFUSED in found


def _encode_randomly(
    values: Values,
    numbers: list[Number] | None,
    fmt: CodebookFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
) -> bool:
    """Round stochastically: every (neighbours, draw) has a limit of its own, exactly."""
    plan = intervals(fmt, options)
    points, results = plan.points, plan.results
    random = draws(0, codes.size)
    if numbers is not None:
        chosen = [
            drawn_code(x, int(drawn), fmt, options)
            for x, drawn in zip(numbers, random, strict=True)
        ]
        return _store(chosen, codes)
    words = widened(values.words)
    keys, outcomes = _table(fmt, options)
    found = np.empty(words.size, np.uint32)
    with np.errstate(over="ignore"):  # in the interpreter; keys wrap
        search.outcomes_of(words, keys, outcomes, found)
    starts = start_keys(np.array([_first_float(point, False) for point in points]))
    key = start_keys(words.view(np.float64))
    place = np.searchsorted(starts, key, side="right") - 1
    inside = (place >= 0) & (place < len(points) - 1)
    above = key[inside] >= _turn_keys(fmt, options, place[inside], random[inside])
    table = np.array([search.REFUSED if code == REFUSED else code for code in results], np.uint32)
    index = place[inside] + above
    picked = table[index]
    if fmt.negative_zero is not None:
        below = words[inside] >= np.uint64((1 << 63) + (not fmt.keeps_minus_zero))
        picked[(index == plan.index_of_zero) & below] = fmt.negative_zero
    found[inside] = picked
    codes[:] = found.astype(codes.dtype)
    return bool((found >= search.REFUSED).any())


def _turn_keys(
    fmt: CodebookFormat, options: Options, place: Array, random: Array
) -> npt.NDArray[np.uint64]:
    """Return the key from which each value goes up, each kind worked out once."""
    if options.bits + MAX_BITS < 63:
        packed, where = np.unique(
            place << options.bits | random.astype(np.int64), return_inverse=True
        )
        pairs = np.column_stack([packed >> options.bits, packed & ((1 << options.bits) - 1)])
    else:
        both = np.column_stack([place, random.astype(np.int64)])
        pairs, where = np.unique(both, axis=0, return_inverse=True)
    turns = [_first_float(*_turn(fmt, options, *pair)) for pair in pairs.tolist()]
    keys = start_keys(np.array(turns, np.float64))
    found: npt.NDArray[np.uint64] = keys.take(where.reshape(-1))
    return found


def drawn_code(x: Number, random: int, fmt: CodebookFormat, options: Options) -> int:
    """Return the code of one exact number with its draw, or `REFUSED`."""
    table = intervals(fmt, options)
    points = table.points
    place = bisect.bisect_right(points, x) - 1 if isinstance(x, Fraction) else -1
    if not isinstance(x, Fraction) or not 0 <= place < len(points) - 1:
        return _outcome(x, fmt, options)
    threshold, strict = _turn(fmt, options, place, random)
    index = place + (x > threshold or (x == threshold and not strict))
    if fmt.negative_zero is not None and x < 0 and index == table.index_of_zero:
        return fmt.negative_zero
    return table.results[index]


@functools.lru_cache(maxsize=1 << 17)
def _turn(fmt: CodebookFormat, options: Options, place: int, random: int) -> tuple[Fraction, bool]:
    """Return the limit between two neighbours for a draw.

    With N bits, stochastic A goes away from zero from (2**N - R) / 2**N of the way, B from
    (2**(N+1) - 2R - 1) / 2**(N+1), and C past M - 1/2 of 2**N for M = 2**N - R, the tie included
    where M is even (odd for stochastic_c_odd). The way is measured from the neighbour nearer zero
    to the other one; upward between neighbours of different signs.
    """
    points = intervals(fmt, options).points
    a, b = points[place], points[place + 1]
    rule, whole = options.rounding.stochastic, 1 << options.bits
    count = whole - random
    way, included = Fraction(count, whole), True
    if rule == STOCHASTIC_B:
        way = Fraction(2 * count - 1, 2 * whole)
    elif rule >= STOCHASTIC_C:
        way = Fraction(2 * count - 1, 2 * whole)
        included = count % 2 == (rule == STOCHASTIC_C_ODD)
    if a < 0 and b <= 0:
        return b - (b - a) * way, included
    return a + (b - a) * way, not included

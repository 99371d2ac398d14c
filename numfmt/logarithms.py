"""Into formats of logarithms, every rounding certified."""

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import Values, simplified, widened
from .digits import exact_values
from .families import reals
from .families.logarithmic import LogarithmicFormat
from .kernels import logarithms as kernel
from .kernels import search
from .log_values import codes_of, powers_of, tables
from .lowering import Options, check_options, infinite_operand, nan_code
from .parallel import in_parallel
from .rounding import BELOW_HALF, BELOW_ULP, NOTHING, ULP, Rounding
from .searching import float_keys, padded

Array = npt.NDArray[Any]
_BLOCK = 1 << 13
TABLE = 1 << 12  # values from which on a table of all limits pays


def encode(values: Values, fmt: LogarithmicFormat, options: Options, codes: Array) -> bool:
    """Fill `codes` (1-D, of `fmt.code_dtype`); return False, as every value has a code."""
    check_options(fmt, options)
    values = simplified(values, options.flush_input)
    if not values.kind.startswith("float"):
        _encode_exactly(values, fmt, options, codes)
        return False
    words = values.words
    table = None
    if fmt.bits <= 16 and fmt.within_float64 and words.size >= TABLE:
        table = _table(fmt, options)

    def run(start: int, stop: int) -> int:
        for low in range(start, stop, _BLOCK):
            part = slice(low, min(low + _BLOCK, stop))
            block = widened(words[part])
            if table is not None:
                search.outcomes_of(block, *table, codes[part])
            else:
                codes[part] = _encode_block(block, fmt, options)
        return 0

    tables(fmt.numbers.natural)  # before the threads, which would each make them
    in_parallel(run, words.size, _BLOCK)
    return False


@functools.lru_cache(maxsize=16)
def _table(fmt: LogarithmicFormat, options: Options) -> tuple[Array, Array]:
    """Return the keys and outcomes of `kernels.search.outcomes_of`: where each code starts."""
    top = fmt.largest_ordinal
    ordinals = np.arange(1, top + 1, dtype=np.uint64)
    starts = {sign: _starts(sign, fmt, options.rounding) for sign in (0, 1)}
    both = [codes_of(np.full(top, sign == 1), ordinals, fmt) for sign in (0, 1)]
    special = [encode_number(x, fmt, options) for x in (-math.inf, math.nan, math.inf, 0.0)]
    floats = np.array([-math.inf, -np.finfo(np.float64).max, -0.0, 5e-324, math.inf])
    infinite, lowest, zero, least, infinity = float_keys(floats)
    keys: list[Any] = [
        [infinite, lowest],
        # From ordinal k down, a negative value starts one float above where k + 1 ends.
        float_keys(-starts[1][::-1]) + np.uint64(1),
        [zero, least],
        float_keys(starts[0]),
        [infinity, infinity + np.uint64(1)],
    ]
    outcomes: list[Any] = [[special[1], special[0]], both[1][::-1], [special[3]], both[0]]
    return padded(
        np.concatenate(keys).astype(np.uint64),
        np.concatenate([*outcomes, [special[2], special[1]]]).astype(np.uint32),
    )


def _starts(sign: int, fmt: LogarithmicFormat, rounding: Rounding) -> npt.NDArray[np.float64]:
    """Return the least magnitude that goes past each ordinal but the last, as float64."""
    ordinals = np.arange(1, fmt.largest_ordinal, dtype=np.uint64)
    signs = np.full(ordinals.size, sign << 63, np.uint64)
    numerators, _ = _limits(signs, ordinals, 1, fmt, rounding)
    highs, _, exponents = powers_of(numerators, fmt.digits + 1, fmt)
    nearest = np.ldexp(highs, exponents)
    words = nearest.view(np.uint64) | signs
    passed = _passed(words, ordinals, 1, fmt, rounding)
    return np.where(passed == 1, nearest, np.nextafter(nearest, np.inf))


def _encode_exactly(values: Values, fmt: LogarithmicFormat, options: Options, codes: Array) -> None:
    """Encode integers and codes of formats that float64 does not hold, each kind of word once."""
    distinct, where = np.unique(values.words, return_inverse=True)
    source = values.source
    if isinstance(source, LogarithmicFormat):
        found = [_reencoded(code, source, fmt, options) for code in distinct.tolist()]
    else:
        numbers = exact_values(values._replace(words=distinct), options.flush_input)
        found = [encode_number(x, fmt, options) for x in numbers]
    codes[:] = np.array(found, np.uint64)[where].astype(codes.dtype)


def _encode_block(words: Array, fmt: LogarithmicFormat, options: Options) -> Array:
    magnitude = words & kernel.MAGNITUDE
    negative = words != magnitude
    special = magnitude >= np.uint64(0x7FF0000000000000)
    ordinals = np.zeros(words.size, np.uint64)
    plain = np.flatnonzero(~special & (magnitude != 0))
    ordinals[plain] = _settled(words[plain], fmt, options.rounding)
    codes = codes_of(negative, ordinals, fmt)
    for i in np.flatnonzero(special).tolist():
        codes[i] = encode_number(float(words[i : i + 1].view(np.float64)[0]), fmt, options)
    return codes


def _settled(words: Array, fmt: LogarithmicFormat, rounding: Rounding) -> npt.NDArray[np.uint64]:
    """Return the ordinals of nonzero finite float64 values: guessed, then proved."""
    logs = fmt.numbers
    ordinals = np.empty(words.size, np.uint64)
    kernel.guesses(words, logs, ordinals)
    todo = np.arange(words.size)
    while todo.size:
        some, now = words[todo], ordinals[todo]
        moved = np.zeros(todo.size, np.int64)
        for above in (0, 1):
            results = _passed(some, now, above, fmt, rounding)
            moved += results if above else results.astype(np.int64) - 1
        ordinals[todo] = (now.astype(np.int64) + moved).astype(np.uint64)
        todo = todo[moved != 0]
    return ordinals


def _limits(
    words: Array, ordinals: Array, above: int, fmt: LogarithmicFormat, rounding: Rounding
) -> tuple[Array, Array]:
    """Return (numerators, strict) of the limits below or above ordinals; see the kernel."""
    numerators = np.empty(words.size, np.int64)
    strict = np.empty(words.size, np.uint8)
    kernel.limits(words, ordinals, above, rounding.addends, fmt.numbers, numerators, strict)
    return numerators, strict


def _passed(
    words: Array, ordinals: Array, above: int, fmt: LogarithmicFormat, rounding: Rounding
) -> npt.NDArray[np.uint8]:
    """Return whether (1 or 0) each value passes the limit below or above its ordinal."""
    numerators, strict = _limits(words, ordinals, above, fmt, rounding)
    highs, lows, exponents = powers_of(numerators, fmt.digits + 1, fmt)
    exact = (highs == 1.0) & (lows == 0.0)
    results = np.empty(words.size, np.uint8)
    kernel.passes(words, highs, lows, exponents, exact, strict, results)
    results[strict == 2] = 1 - above  # nothing lies beyond an end
    for i in np.flatnonzero(results == 2).tolist():
        results[i] = _passes_exactly(words[i], int(ordinals[i]) - 1 + above, fmt, rounding)
    return results


def _passes_exactly(word: Any, k: int, fmt: LogarithmicFormat, rounding: Rounding) -> bool:
    value = float(np.array([word], np.uint64).view(np.float64)[0])
    return _passes(_compare(Fraction(abs(value)), fmt), value < 0, k, fmt, rounding)


Comparison = Callable[[Fraction], int]  # sign of a magnitude less the power of a logarithm


def _compare(x: Fraction, fmt: LogarithmicFormat) -> Comparison:
    return lambda logarithm: reals.compare(x, *fmt.exponential(logarithm))


def _passes(
    compare: Comparison, negative: bool, k: int, fmt: LogarithmicFormat, rounding: Rounding
) -> bool:
    """Return whether a magnitude goes past ordinal `k`, to k + 1 or farther."""
    kind = rounding.addend(int(negative), k & 1)
    lower, upper = fmt.logarithm(k), fmt.logarithm(k + 1)
    if kind == NOTHING:
        return compare(upper) >= 0
    if kind == BELOW_ULP:
        return compare(lower) > 0
    if kind == ULP:
        return compare(lower) >= 0
    return compare((lower + upper) / 2) >= (1 if kind == BELOW_HALF else 0)


def _search(compare: Comparison, negative: bool, fmt: LogarithmicFormat, rounding: Rounding) -> int:
    """Return the ordinal of a magnitude that can be compared with every logarithm."""
    low, high = 1, fmt.largest_ordinal
    while low < high:
        middle = (low + high) // 2
        if _passes(compare, negative, middle, fmt, rounding):
            low = middle + 1
        else:
            high = middle
    return low


def encode_number(x: Fraction | float, fmt: LogarithmicFormat, options: Options) -> int:
    """Return the code of an exact number, an infinity or a NaN."""
    if x == 0:
        return fmt.code_of_ordinal(0)
    if not isinstance(x, Fraction):
        negative = math.copysign(1, x) < 0
        return (nan_code if math.isnan(x) else infinite_operand)(fmt, options, int(negative))
    k = _search(_compare(abs(x), fmt), x < 0, fmt, options.rounding)
    return fmt.code_of_ordinal(k, int(x < 0))


def _reencoded(
    code: int, source: LogarithmicFormat, fmt: LogarithmicFormat, options: Options
) -> int:
    """Return the code of a code of another format of logarithms, rounded once."""
    if code == source.nan_code(0):
        return encode_number(math.nan, fmt, options)
    sign, k = source.ordinal_of_code(code)
    if k == 0:
        return fmt.code_of_ordinal(0)
    compare = _compare_logarithm(source.logarithm(k), source, fmt)
    return fmt.code_of_ordinal(_search(compare, bool(sign), fmt, options.rounding), sign)


def _compare_logarithm(
    logarithm: Fraction, source: LogarithmicFormat, fmt: LogarithmicFormat
) -> Comparison:
    """Return how a power in one format compares with those of another."""
    if source.base == fmt.base:
        return lambda other: (logarithm > other) - (logarithm < other)

    def compare(other: Fraction) -> int:
        binary, natural = (logarithm, other) if source.base == "2" else (other, logarithm)
        sign = _compare_bases(binary, natural)
        return sign if source.base == "2" else -sign

    return compare


def _compare_bases(binary: Fraction, natural: Fraction) -> int:
    """Return the sign of 2**binary - sqrt(e)**natural; they are equal only where both are 1."""
    if binary == natural == 0:
        return 0
    digits = 64
    while True:
        signs = {
            (binary * 2 * end > natural) - (binary * 2 * end < natural)
            for end in reals.log(Fraction(2), digits).ends
        }
        if len(signs) == 1 and 0 not in signs:
            return signs.pop()
        digits *= 2

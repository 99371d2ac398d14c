"""Any real number rounded into logarithms, and arithmetic of logarithms that stays exact."""

import bisect
import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..dialects import DivideByZero
from ..families.base import ScalarFormat
from ..families.logarithmic import LogarithmicFormat
from ..families.tapered import TakumFormat
from ..flags import Flags
from ..kernels.logarithms import logs_of
from ..kernels.tapered import rows
from ..log_values import codes_of, numerators_of, split
from ..logarithms import encode_number
from ..lowering import Options
from ..parallel import in_parallel
from ..params import UNIFORM, Kind
from ..rounding import BELOW_HALF, BELOW_ULP, HALF, NOTHING, ULP, Rounding
from .calls import Settings
from .powers import DIGITS, UNIT, Enclosure, Number, attempts, enclosure, power, sign, terms_of

Array = npt.NDArray[Any]
Comparison = Callable[[int], int]

_DZ, _NV = int(Flags.DZ), int(Flags.NV)
_ZERO, _NAN = int(Kind.ZERO), int(Kind.NAN)
_BLOCK = 1 << 13
_FARTHEST = 1 << 17  # more than twice any logarithm to base 2
_LOWEST, _HIGHEST = -255, 254  # characteristics of takums


def _compared(one: Enclosure, two: Enclosure) -> int:
    """Return which of two numbers is larger, 0 where the enclosures touch."""
    up, also = max(one[2] - two[2], 0), max(two[2] - one[2], 0)
    if one[0] << up > two[1] << also:
        return 1
    return -1 if one[1] << up < two[0] << also else 0


@functools.lru_cache(maxsize=1 << 16)
def _enclosed_power(numerator: int, digits: int, base: str) -> Enclosure:
    return enclosure(power(numerator, digits, base), DIGITS)


def _logarithm(x: Number, base: str) -> int | None:
    """Return the logarithm of x times `UNIT` where that is an integer, as its only term says."""
    terms = terms_of(x)
    if len(terms) > 1:
        return None
    (((r, s), c),) = terms.items()
    if base != "2":
        return 2 * s if c == 1 and not r else None
    n, d = c.numerator, c.denominator
    if s or n & (n - 1) or d & (d - 1):
        return None
    return r + (n.bit_length() - d.bit_length()) * UNIT


def _comparison(x: Number, root: bool, fmt: LogarithmicFormat) -> tuple[Comparison, float]:
    """Return how x, or its root, compares with powers, and its logarithm to base 2, nearly.

    The powers are those of logarithms with one digit more than the format has.
    """
    base, digits = fmt.base, fmt.digits + 1
    logarithm = _logarithm(x, base)
    if logarithm is not None:
        scale = (2 if root else 1) * (UNIT >> digits)
        binary = (1.0 if base == "2" else 0.5 / math.log(2)) / (UNIT * (2 if root else 1))
        return lambda n: (logarithm > n * scale) - (logarithm < n * scale), logarithm * binary
    for count in attempts(x):
        near = enclosure(x, count, root)
        if near[0].bit_length() > 64:
            break

    def compare(n: int) -> int:
        quick = _compared(near, _enclosed_power(n, digits, base))
        if quick:
            return quick
        limit = power(n, digits, base)
        return sign(x - (limit * limit if root else limit))

    return compare, math.log2(near[0]) + near[2]


def _ordinal_near(logarithm: float, fmt: LogarithmicFormat) -> int:
    """Return an ordinal near a logarithm to base 2."""
    scale = 1.0 if fmt.base == "2" else 2 * math.log(2)
    largest = fmt.largest_ordinal
    numerator = math.floor(logarithm * scale * (1 << fmt.digits))
    if fmt.numbers.taper == UNIFORM:
        k = numerator - fmt.numerator(0)
    else:
        k = bisect.bisect_right(range(largest + 1), numerator, lo=1, key=fmt.numerator) - 1
    return min(max(k, 1), largest)


def encode(x: Number, root: bool, negative: int, fmt: LogarithmicFormat, options: Options) -> int:
    """Return the code of the magnitude x, or of its root, with a sign."""
    if not x:
        return encode_number(Fraction(0), fmt, options)
    compare, logarithm = _comparison(x, root, fmt)

    def passes(k: int) -> bool:
        """Return whether x goes past ordinal `k`, to k + 1 or farther."""
        kind = options.rounding.addend(negative, k & 1)
        lower, upper = fmt.numerator(k), fmt.numerator(k + 1)
        if kind == NOTHING:
            return compare(2 * upper) >= 0
        if kind in (BELOW_ULP, ULP):
            return compare(2 * lower) >= (1 if kind == BELOW_ULP else 0)
        return compare(lower + upper) >= (1 if kind == BELOW_HALF else 0)

    k = _ordinal_near(logarithm, fmt)
    while k > 1 and not passes(k - 1):
        k -= 1
    while k < fmt.largest_ordinal and passes(k):
        k += 1
    return fmt.code_of_ordinal(k, negative)


# Logarithms of one base stay rational: products, quotients, roots, all rows of operands at once


def fast(
    op: str,
    operands: tuple[Array, ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    n: Array | None = None,
) -> tuple[Array, Array] | None:
    """Return the codes and flags of mul, div, recip, sqrt, rsqrt or scale_b, or None.

    None where the formats are not all logarithmic and of one base, or another operation is asked.
    Where an operand is NaN the flag is 0 and the code any.
    """
    result = settings.result
    sources = [fmt for fmt in formats if isinstance(fmt, LogarithmicFormat)]
    if op not in _COMBINED or not isinstance(result, LogarithmicFormat):
        return None
    if len(sources) < len(formats) or any(fmt.base != result.base for fmt in sources):
        return None
    if op == "scale_b" and result.base != "2":
        return None
    codes = np.empty(operands[0].size, result.code_dtype)
    flags = np.zeros(operands[0].size, np.uint16)

    def run(start: int, stop: int) -> int:
        for low in range(start, stop, _BLOCK):
            part = slice(low, min(low + _BLOCK, stop))
            columns = [x[part] for x in operands]
            powers = None if n is None else n[part]
            _fill(op, columns, sources, settings, powers, codes[part], flags[part])
        return 0

    _spent(result)  # before the threads, which would each make it
    in_parallel(run, codes.size, _BLOCK)
    return codes, flags


class _Column(NamedTuple):
    """Operands of one format: signs (bool), kinds, and logarithms times a power of two."""

    negative: Array
    kinds: Array
    logarithms: Array


def _column(codes: Array, fmt: LogarithmicFormat, digits: int) -> _Column:
    signs, ordinals, kinds = split(codes, fmt)
    numerators = numerators_of(ordinals, kinds, fmt)
    return _Column(signs != 0, kinds, numerators << (digits - fmt.digits))


# The signs of the logarithms of x and y, and whether the sum is halved.
_COMBINED = {
    "mul": (1, 1, False),
    "div": (1, -1, False),
    "recip": (-1, 0, False),
    "sqrt": (1, 0, True),
    "rsqrt": (-1, 0, True),
    "scale_b": (1, 0, False),
}


def _fill(
    op: str,
    operands: list[Array],
    formats: list[LogarithmicFormat],
    settings: Settings,
    n: Array | None,
    codes: Array,
    flags: Array,
) -> None:
    result = settings.result
    assert isinstance(result, LogarithmicFormat)
    digits = max(fmt.digits for fmt in (*formats, result)) + 1
    x, *others = (_column(c, f, digits) for c, f in zip(operands, formats, strict=True))
    factor, other, halved = _COMBINED[op]
    total = factor * x.logarithms
    negative, nothing, defined = x.negative, x.kinds == _ZERO, x.kinds != _NAN
    pole = invalid = np.zeros(codes.size, np.bool_)
    if op in ("recip", "rsqrt"):
        nothing, pole = pole, nothing
    if halved:
        total >>= 1
        invalid = negative
    if n is not None:
        total += np.clip(n, -_FARTHEST, _FARTHEST).astype(np.int64) << digits
    for y in others:
        total += other * y.logarithms
        negative = negative ^ y.negative
        defined = defined & (y.kinds != _NAN)
        if op == "div":
            pole = ~nothing & (y.kinds == _ZERO)
            invalid = nothing & (y.kinds == _ZERO)
        else:
            nothing = nothing | (y.kinds == _ZERO)
    ordinals = _rounded(total, digits, negative, result, settings.options.rounding)
    ordinals[nothing] = 0
    codes[:] = codes_of(negative, ordinals, result).astype(codes.dtype)
    if settings.dialect.divide_by_zero is DivideByZero.NAN:
        invalid = invalid | pole
    for minus in (0, 1):
        here = pole & (negative == bool(minus))
        code = encode_number(-math.inf if minus else math.inf, result, settings.options)
        codes[here] = code
        flags[here] = _DZ | _NV  # no code is an infinity
    codes[invalid] = settings.canonical_nan
    flags[invalid] = _NV
    flags[~defined] = 0


def _rounded(
    total: Array, digits: int, negative: Array, fmt: LogarithmicFormat, rounding: Rounding
) -> npt.NDArray[np.uint64]:
    """Return the ordinals that logarithms, times 2**digits, are rounded to."""
    shift = digits - fmt.digits
    if fmt.numbers.taper == UNIFORM:
        k = (total >> shift) + (1 << (fmt.bits - 2))
        k = np.clip(k, 1, fmt.largest_ordinal)
        lower = (k - (1 << (fmt.bits - 2))) << shift
        upper = lower + (1 << shift)
    else:
        whole = np.clip(total >> digits, _LOWEST, _HIGHEST)
        prefixes, places = (column[whole - _LOWEST] for column in _spent(fmt))
        rest = np.clip(total - (whole << digits), 0, (1 << digits) - 1)
        k = np.clip(prefixes + (rest >> (digits - places)), 1, fmt.largest_ordinal)
        lower, upper = np.empty_like(k), np.empty_like(k)
        ordinals = k.astype(np.uint64)
        logs_of(ordinals, fmt.numbers, lower)
        last = np.uint64(fmt.largest_ordinal)
        logs_of(np.minimum(ordinals + np.uint64(1), last), fmt.numbers, upper)
        lower <<= shift
        upper <<= shift
    kinds = np.array([rounding.addend(m, odd) for m in (0, 1) for odd in (0, 1)], np.uint8)
    kind = kinds[2 * negative + (k & 1)]
    beyond = 2 * total - lower - upper
    up = (kind == ULP) & (total >= lower)
    up |= (kind == BELOW_ULP) & (total > lower)
    up |= (kind == HALF) & (beyond >= 0)
    up |= (kind == BELOW_HALF) & (beyond > 0)
    k += up & (k < fmt.largest_ordinal)
    found: npt.NDArray[np.uint64] = k.astype(np.uint64)
    return found


@functools.lru_cache(maxsize=16)
def _spent(fmt: LogarithmicFormat) -> tuple[Array, Array]:
    """Return the first ordinal and the digits of every characteristic of logarithmic takums."""
    exponents = np.arange(_LOWEST, _HIGHEST + 1)
    prefixes, lows = np.zeros((2, exponents.size), np.uint64)
    places = np.zeros(exponents.size, np.int64)
    if fmt.numbers.taper != UNIFORM:
        linear = TakumFormat(name=fmt.name, bits=fmt.bits)  # which spells its codes alike
        rows(exponents, linear.grid, prefixes, places, lows)
    return prefixes.astype(np.int64), np.maximum(places, 0)

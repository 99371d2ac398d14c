"""Regimes of posits and takums, and the exponent bits that they leave no room for."""

import functools
from fractions import Fraction
from typing import Any

from ...families.grid import floor_log2, power_of_two
from ...families.tapered import TAKUM_PREFIX, PositFormat, TakumFormat, TaperedFormat
from .code_values import exact_code


def ordinal(code: int, fmt: TaperedFormat) -> int:
    """Return the code of the magnitude; 0 for zero and NaR."""
    half = 1 << (fmt.bits - 1)
    return code % half if code < half else (2 * half - code) % half


@functools.lru_cache(maxsize=64)
def regimes_of(fmt: TaperedFormat) -> dict[str, range]:
    """Return the positive codes of each regime."""
    if isinstance(fmt, PositFormat):
        body = fmt.bits - 1
        found = {f"-{m}": range(1 << (body - m - 1), 2 << (body - m - 1)) for m in range(1, body)}
        for m in range(1, body + 1):
            first = ((1 << m) - 1) << (body - m)
            found[f"+{m}"] = range(first, first + max(1, 1 << (body - m) >> 1))
        return found
    room = fmt.bits - TAKUM_PREFIX
    starts = {f"-{w}": (7 - w) << room for w in range(8)}
    starts |= {f"+{w}": (8 + w) << room for w in range(8)}
    return {name: range(max(k, 1), k + (1 << room)) for name, k in starts.items()}


def regime(code: int, fmt: TaperedFormat) -> str:
    """Return the regime of a code, nothing for zero and NaR."""
    k = ordinal(code, fmt)
    return next((name for name, there in regimes_of(fmt).items() if k in there), "")


def cut(k: int, fmt: TaperedFormat) -> int:
    """Return how many exponent bits the regime of a positive code leaves no room for."""
    if isinstance(fmt, PositFormat):
        return max(0, fmt.es - (fmt.bits - 1 - fmt.regime_bits(k)))
    assert isinstance(fmt, TakumFormat)
    room = fmt.bits - TAKUM_PREFIX
    r = k >> room & 7
    return max(0, (r if k >> (fmt.bits - 2) else 7 - r) - room)


@functools.lru_cache(maxsize=64)
def cuts_of(fmt: TaperedFormat) -> dict[int, tuple[range, ...]]:
    """Return the codes that lack so many exponent bits, by that number."""
    found: dict[int, tuple[range, ...]] = {}
    for there in regimes_of(fmt).values():
        lacking = cut(there[0], fmt)
        if lacking:
            found[lacking] = (*found.get(lacking, ()), there)
    return found


@functools.lru_cache(maxsize=64)
def holds(fmt: TaperedFormat, source: Any) -> bool:
    """Return whether each binade of a source has enough digits, and each power of two a code."""
    if isinstance(source, TaperedFormat):
        same = type(source) is type(fmt) and getattr(source, "es", 0) == getattr(fmt, "es", 0)
        return same and source.bits <= fmt.bits
    low, high = floor_log2(Fraction(source.smallest)), floor_log2(Fraction(source.largest))
    for e in range(low, high + 1):
        k = exact_code(fmt, power_of_two(e))
        if k is None or fmt.binade_of(k)[1] < min(source.trailing_bits, e - low):
            return False
    return True

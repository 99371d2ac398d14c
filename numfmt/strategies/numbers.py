"""The finite numbers of a format in their order, whatever its family."""

import bisect
import functools
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.grid import GridFormat
from ..families.logarithmic import LnsFormat, LogarithmicFormat


class Numbers:
    """Finite values that a format makes, numbered upward from `low` to `high`.

    Number 0 is zero where the format has one. Values of logarithms are known to 80 digits.
    """

    low: int
    high: int

    def code(self, n: int) -> int:
        """Return the code of number `n`."""
        raise NotImplementedError

    def value(self, n: int) -> Fraction:
        """Return the value of number `n`."""
        raise NotImplementedError

    def floor(self, x: Fraction) -> int:
        """Return the last number whose value is at most `x`; the first one where there is none."""
        past = first_where(lambda n: self.value(n) > x, self.low, self.high)
        return max(past - 1, self.low)


def first_where(test: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first integer of which a test is true, and then of all after it; or high + 1.

    Examples
    --------
    >>> first_where(lambda n: n * n > 50, 0, 100), first_where(lambda n: False, 0, 100)
    (8, 101)
    """
    low, high = low, high + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if test(middle) else (middle + 1, high)
    return low


class GridNumbers(Numbers):
    """Of floats, fixed point, posits and takums: magnitudes have ordinals."""

    def __init__(self, fmt: GridFormat) -> None:
        grid = fmt.grid
        self._fmt = fmt
        self._skipped = (1 << grid.t) - 1 if grid.gap else 0  # ordinals that read as zero
        self.high = fmt.largest_ordinal(0) - self._skipped
        self.low = grid.first
        if fmt.signed_values:
            self.low = -(fmt.largest_ordinal(1) - self._skipped)

    def ordinal(self, n: int) -> int:
        """Return the ordinal of the magnitude of number `n`."""
        return abs(n) + self._skipped if n else 0

    def number(self, k: int) -> int:
        """Return the number of the magnitude of ordinal `k`, which is not one of the skipped."""
        return k - self._skipped if k else 0

    def code(self, n: int) -> int:
        """Return the code of number `n`."""
        return self._fmt.code_of_ordinal(self.ordinal(n), int(n < 0))

    def value(self, n: int) -> Fraction:
        """Return the value of number `n`."""
        magnitude = self._fmt.value_of_ordinal(self.ordinal(n))
        return -magnitude if n < 0 else magnitude


class LogarithmicNumbers(Numbers):
    """Of LNS and logarithmic takums."""

    def __init__(self, fmt: LogarithmicFormat) -> None:
        self._fmt = fmt
        self.high = fmt.largest_ordinal
        self.low = -self.high

    def code(self, n: int) -> int:
        """Return the code of number `n`."""
        return self._fmt.code_of_ordinal(abs(n), int(n < 0))

    def value(self, n: int) -> Fraction:
        """Return a number just below the magnitude of number `n`, with its sign."""
        magnitude = self._fmt.bounds(abs(n), 80)[0] if n else Fraction(0)
        return -magnitude if n < 0 else magnitude


class CodebookNumbers(Numbers):
    """Of codebooks: the values of the set, the first one from 0 on as number 0."""

    def __init__(self, fmt: CodebookFormat) -> None:
        self._fmt = fmt
        self.low = -bisect.bisect_left(fmt.values, 0)
        self.high = self.low + len(fmt.values) - 1

    def code(self, n: int) -> int:
        """Return the code of number `n`."""
        return self._fmt.codes[n - self.low]

    def value(self, n: int) -> Fraction:
        """Return the value of number `n`."""
        return self._fmt.values[n - self.low]


AnyNumbers: TypeAlias = GridNumbers | LogarithmicNumbers | CodebookNumbers


@functools.lru_cache(maxsize=64)
def numbers_of(fmt: ScalarFormat) -> AnyNumbers:
    """Return the finite numbers of a format.

    Examples
    --------
    >>> import numfmt as nf
    >>> numbers = numbers_of(nf.get("e2m1"))
    >>> numbers.low, numbers.high, numbers.code(-3), numbers.floor(Fraction(5, 2))
    (-7, 7, 11, 4)
    """
    if isinstance(fmt, GridFormat):
        return GridNumbers(fmt)
    if isinstance(fmt, LogarithmicFormat):
        return LogarithmicNumbers(fmt)
    if isinstance(fmt, CodebookFormat):
        return CodebookNumbers(fmt)
    raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no order to draw from")


def negated(code: int, fmt: ScalarFormat) -> int | None:
    """Return the code of the negated number; None where there is none.

    Examples
    --------
    >>> import numfmt as nf
    >>> negated(0x38, nf.get("e4m3")), negated(0x38, nf.get("int8")), negated(1, nf.get("uint4"))
    (184, 200, None)
    """
    if not fmt.signed_values:
        return None
    top = 1 << (fmt.bits - 1)
    if isinstance(fmt, CodebookFormat):
        readings = fmt.readings()
        return next((c for c, v in readings.items() if v == -readings[code]), None)
    if isinstance(fmt, LnsFormat):
        return code if code & (top - 1) == top >> 1 else code ^ top
    if not isinstance(fmt, GridFormat) or fmt.grid.twos:
        return None if code == top else -code % (1 << fmt.bits)
    return code if code == 0 and not fmt.has_negative_zero else code ^ top

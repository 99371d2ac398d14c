"""The classes of codes that a format has, each of them as a strategy of three choices.

Hypothesis shrinks one choice at a time and prefers examples of few choices. So every class draws
the same: a sign, an exponent that shrinks to 0 and digits of which the first are set first. Where
it needs fewer choices it draws empty ones.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, TypeAlias

from hypothesis import strategies as st

from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.grid import floor_log2, power_of_two
from ..families.logarithmic import LogarithmicFormat
from .numbers import GridNumbers, first_where, numbers_of

# In the order of the text; see `class_strategies` for the order of shrinking.
CODE_CLASSES: Final = (
    "zero",
    "power_of_two",
    "normal",
    "subnormal",
    "end",
    "infinity",
    "nan",
    "unused",
)

Codes: TypeAlias = st.SearchStrategy[int]
Integers: TypeAlias = st.SearchStrategy[int]
_NO_CHOICE: Final = st.integers(0, 0)


@functools.lru_cache(maxsize=256)
def class_strategies(fmt: ScalarFormat) -> tuple[tuple[str, Codes], ...]:
    """Return what draws the codes of a format, with the class; what is simple first.

    Examples
    --------
    >>> import numfmt as nf
    >>> [name for name, _ in class_strategies(nf.get("e5m2"))]
    ['zero', 'power_of_two', 'normal', 'subnormal', 'zero', 'end', 'end', 'infinity', 'nan']
    """
    return tuple(_strategies(fmt))


def _strategies(fmt: ScalarFormat) -> Iterator[tuple[str, Codes]]:
    zeros = zeros_of(fmt)
    if zeros:
        yield "zero", _drawn(1, _NO_CHOICE, _NO_CHOICE, lambda *_: zeros[0])
    draws = _draws_of(fmt)
    yield from draws.classes
    if zeros[1:]:
        yield "zero", draws.others(lambda sign, *_: zeros[1:][sign % len(zeros[1:])])
    if isinstance(fmt, FloatFormat) and fmt.grid.gap:
        inner = _digits(fmt.trailing_bits, least=1)
        yield "zero", _drawn(draws.signs, draws.exponents, inner, _unscaled(fmt))
    yield from (("end", drawn) for drawn in _ends(fmt, draws))
    infinities = _codes_of_signs(fmt, fmt.infinity_code)
    if infinities:
        yield "infinity", draws.others(lambda sign, *_: infinities[sign % len(infinities)])
    if fmt.has_nan:
        yield "nan", _nans(fmt, draws)
    unused = fmt.unused_codes()
    if unused:
        places = st.integers(0, len(unused) - 1)
        yield "unused", _drawn(draws.signs, places, _NO_CHOICE, lambda _, at, __: unused[at])


_Code: TypeAlias = Callable[[int, int, int], int]


@dataclasses.dataclass(frozen=True)
class _Draws:
    """How the nonzero numbers of a format are drawn: so many signs, exponents, digits.

    Exponents are within `range`, where they are exponents.
    """

    signs: int
    exponents: Integers
    digits: Integers
    range: tuple[int, int] | None
    classes: tuple[tuple[str, Codes], ...]

    def others(self, code: _Code) -> Codes:
        """Draw as for a number, though most of it is ignored: numbers are what it shrinks to."""
        return _drawn(self.signs, self.exponents, self.digits, code)


def _drawn(signs: int, exponents: Integers, digits: Integers, code: _Code) -> Codes:
    """Draw a sign, an exponent and digits, in this order."""
    parts = st.tuples(st.integers(0, signs - 1), exponents, digits)
    return parts.map(lambda drawn: code(*drawn))


def _draws_of(fmt: ScalarFormat) -> _Draws:
    if isinstance(fmt, CodebookFormat):
        return _of_codebook(fmt)
    return _of_float(fmt) if isinstance(fmt, FloatFormat) else _of_others(fmt)


def zeros_of(fmt: ScalarFormat) -> list[int]:
    """Return the codes of zero, +0 first.

    Examples
    --------
    >>> import numfmt as nf
    >>> zeros_of(nf.get("e4m3")), zeros_of(nf.get("e8m0"))
    ([0, 128], [])
    """
    if not fmt.has_zero:
        return []
    zeros = [numbers_of(fmt).code(0)]
    if isinstance(fmt, CodebookFormat):
        zeros += [code for code, value in fmt.readings().items() if not value]
    elif fmt.has_negative_zero:
        zeros.append(1 << (fmt.bits - 1))
    return list(dict.fromkeys(zeros))


def _codes_of_signs(fmt: ScalarFormat, code_of: Callable[[int], int | None]) -> list[int]:
    found = [code_of(sign) for sign in range(1 + fmt.signed_values)]
    return list(dict.fromkeys(code for code in found if code is not None))


def _digits(width: int, least: int = 0) -> Integers:
    return st.integers(least, (1 << width) - 1)


def _reversed(n: int, width: int) -> int:
    """Return the bits of `n` mirrored within `width` bits: small numbers set leading digits."""
    return int(f"{n:0{width}b}"[::-1], 2) if width else 0


def _unscaled(fmt: FloatFormat) -> _Code:
    return lambda sign, _, k: fmt.code_of_ordinal(k, sign)


def _of_float(fmt: FloatFormat) -> _Draws:
    t, top = fmt.trailing_bits, fmt.largest_ordinal(0)
    hidden, signs = 1 << t, 1 + fmt.signed
    highest = fmt.emin + (top >> t) - 1
    exponents, classes = _NO_CHOICE, []

    def code(sign: int, e: int, digits: int) -> int:
        k = (_within(e, fmt.emin, highest) - fmt.emin + 1) << t | _reversed(digits, t)
        return fmt.code_of_ordinal(min(k, top), sign)

    if top >= hidden:
        exponents = _exponents(fmt.emin, highest)
        classes = [
            ("power_of_two", _drawn(signs, exponents, _NO_CHOICE, code)),
            ("normal", _drawn(signs, exponents, _digits(t), code)),
        ]
    if t and fmt.subnormals:
        inner = st.integers(1, min(hidden - 1, top))
        classes.append(("subnormal", _drawn(signs, exponents, inner, _unscaled(fmt))))
    ends = (fmt.emin, highest) if top >= hidden else None
    return _Draws(signs, exponents, _digits(t), ends, tuple(classes))


def _of_others(fmt: ScalarFormat) -> _Draws:
    """Of fixed point, posits, takums, logarithms: numbers by the binade of their magnitude."""
    numbers, binades, signs = numbers_of(fmt), _binades(fmt), 1 + fmt.signed_values
    if not binades:  # one bit, signed: 0 and -1
        alone = _drawn(1, _NO_CHOICE, _NO_CHOICE, lambda *_: numbers.code(numbers.low))
        return _Draws(1, _NO_CHOICE, _NO_CHOICE, None, (("normal", alone),))
    widest = max(count for _, count, _ in binades.values())
    lowest, highest = min(binades), max(binades)

    def code(sign: int, e: int, digits: int) -> int:
        first, count, _ = binades[_within(e, lowest, highest)]
        width = (count - 1).bit_length()
        n = first + min(_reversed(digits % (1 << width), width), count - 1)
        return numbers.code(-n if sign and -n >= numbers.low else n)

    exponents = _exponents(lowest, highest)
    digits = _digits((widest - 1).bit_length())
    classes = [("normal", _drawn(signs, exponents, digits, code))]
    if not isinstance(fmt, FixedFormat):  # most numbers are in few binades
        widths = numbers.high.bit_length()

        def evenly(sign: int, _: int, digits: int) -> int:
            n = (binades[0][0] - 1 + _reversed(digits, widths)) % numbers.high + 1
            return numbers.code(-n if sign else n)

        classes.append(("normal", _drawn(signs, exponents, _digits(widths), evenly)))
    whole = [e for e in binades if binades[e][2]]
    if whole:
        ends = _contiguous(whole)

        def power(sign: int, e: int, _: int) -> int:
            return code(sign, _within(e, *ends), 0)

        classes.insert(0, ("power_of_two", _drawn(signs, exponents, _NO_CHOICE, power)))
    return _Draws(signs, exponents, digits, (lowest, highest), tuple(classes))


def _exponents(low: int, high: int) -> Integers:
    """Draw exponents, and often such past an end, which stand for it: see `_within`."""
    more = (high - low) // 2 + 1
    return st.integers(low - more, high + more)


def _within(e: int, low: int, high: int) -> int:
    return min(max(e, low), high)


def _contiguous(exponents: list[int]) -> tuple[int, int]:
    """Return the ends of the exponents about the one next to 0 without a gap."""
    low = high = min(exponents, key=abs)
    while low - 1 in exponents:
        low -= 1
    while high + 1 in exponents:
        high += 1
    return low, high


@functools.lru_cache(maxsize=64)
def _binades(fmt: ScalarFormat) -> dict[int, tuple[int, int, bool]]:
    """Return for each exponent the first number, how many there are, and whether it is a power.

    Where a binade has no number, it is the last one below. Of logarithms, binades start where the
    logarithm is whole.
    """
    numbers = numbers_of(fmt)
    top = numbers.high
    if top < 1:
        return {}
    value: Callable[[int], Fraction] = numbers.value
    if isinstance(fmt, LogarithmicFormat):
        value = fmt.logarithm
        low, high = (math.floor(value(n)) for n in (1, top))
        starts = {e: Fraction(e) for e in range(low, high + 2)}
    else:
        low, high = (floor_log2(value(n)) for n in (1, top))
        starts = {e: power_of_two(e) for e in range(low, high + 2)}
    places = {
        e: first_where(functools.partial(_at_least, value, starts[e]), 1, top) for e in starts
    }
    found = {}
    for e in range(low, high + 1):
        count = places[e + 1] - places[e]
        first = max(places[e] - (count == 0), 1)
        found[e] = (first, max(count, 1), value(first) == starts[e])
    return found


def _at_least(value: Callable[[int], Fraction], least: Fraction, n: int) -> bool:
    return value(n) >= least


def _of_codebook(fmt: CodebookFormat) -> _Draws:
    """Of codebooks: the place in a list of one sign, simple values first, is the exponent."""
    readings = {code: value for code, value in fmt.readings().items() if value}
    ordered = sorted(readings, key=lambda code: _simplicity(readings[code]))
    powers = [code for code in ordered if _is_power(abs(readings[code]))]
    classes = []
    for name, codes in (("power_of_two", powers), ("normal", ordered)):
        sides = [[c for c in codes if (readings[c] < 0) == minus] for minus in (False, True)]
        sides = [side for side in sides if side]
        if sides:
            places = st.integers(0, max(map(len, sides)) - 1)
            code = functools.partial(_of_sides, sides)
            classes.append((name, _drawn(len(sides), places, _NO_CHOICE, code)))
    places = st.integers(0, max(len(ordered) - 1, 0))
    return _Draws(2, places, st.integers(0, 7), None, tuple(classes))


def _of_sides(sides: list[list[int]], sign: int, place: int, _: int) -> int:
    return sides[sign][place % len(sides[sign])]


def _is_power(magnitude: Fraction) -> bool:
    return magnitude == power_of_two(floor_log2(magnitude))


def _simplicity(value: Fraction) -> tuple[int, int, int, Fraction]:
    """Return a key that orders numbers: 1, powers of two near 1, then few set digits."""
    exponent = floor_log2(abs(value))
    significand = abs(value) / power_of_two(exponent)
    near_one = 2 * abs(exponent) + (exponent < 0)
    return significand.denominator, significand.numerator.bit_count(), near_one, abs(value)


def _ends(fmt: ScalarFormat, draws: _Draws) -> Iterator[Codes]:
    """Yield what draws codes at the ends of the range, and what draws those about zero.

    The exponents are those of the ends: where they shrink, so does the number.
    """
    wanted = _end_codes(fmt)
    if draws.range is None:
        yield draws.others(lambda sign, e, digits: wanted[(2 * digits + e + sign) % len(wanted)])
        return
    (low, high), numbers = draws.range, numbers_of(fmt)
    more = (high - low) // 2 + 1
    top = {numbers.code(n) for n in (numbers.high, numbers.high - 1, numbers.low, numbers.low + 1)}
    if not fmt.signed_values:
        top -= {numbers.code(n) for n in (numbers.low, numbers.low + 1)}
    for exponents, large in (
        (st.integers(high, high + more), True),
        (st.integers(low - more, low), False),
    ):
        codes = [code for code in wanted if (code in top) == large]
        sides = [
            [code for code in codes if _is_negative(code, fmt) == minus] for minus in (False, True)
        ]
        if codes:
            yield _drawn(draws.signs, exponents, st.integers(0, 15), functools.partial(_end, sides))


def _end(sides: list[list[int]], sign: int, _: int, digits: int) -> int:
    codes = sides[sign] or sides[1 - sign]
    return codes[digits % len(codes)]


def _is_negative(code: int, fmt: ScalarFormat) -> bool:
    """Return whether a number other than zero is negative: the first bit says so, or nothing."""
    return fmt.signed_values and code >> (fmt.bits - 1) == 1


def _end_numbers(fmt: ScalarFormat) -> list[int]:
    numbers = numbers_of(fmt)
    wanted = [numbers.high, numbers.high - 1, 1, 2, numbers.low, numbers.low + 1, -1, -2]
    if isinstance(fmt, FloatFormat) and isinstance(numbers, GridNumbers):
        least = numbers.number(1 << fmt.trailing_bits)
        wanted += [least, least - 1, -least, 1 - least]
    return [n for n in wanted if numbers.low <= n <= numbers.high and (n or not fmt.has_zero)]


def _end_codes(fmt: ScalarFormat) -> list[int]:
    codes = [numbers_of(fmt).code(n) for n in _end_numbers(fmt)]
    if isinstance(fmt, FixedFormat) and fmt.encoding is Encoding.NARROW:
        codes.append(1 << (fmt.bits - 1))  # read, never made
    if isinstance(fmt, CodebookFormat):
        codes += [code for code, _ in fmt.read_only]
    return list(dict.fromkeys(codes))


def _nans(fmt: ScalarFormat, draws: _Draws) -> Codes:
    """Draw NaNs, canonical ones first; of IEEE formats with every payload."""
    canonical, infinity = _codes_of_signs(fmt, fmt.nan_code), fmt.infinity_code(0)
    if not isinstance(fmt, FloatFormat) or fmt.style is not Style.IEEE or infinity is None:
        return draws.others(lambda sign, *_: canonical[sign % len(canonical)])

    def code(sign: int, _: int, payload: int) -> int:
        return infinity + payload | sign << (fmt.bits - 1) if payload else canonical[sign]

    return _drawn(draws.signs, draws.exponents, _digits(fmt.trailing_bits), code)

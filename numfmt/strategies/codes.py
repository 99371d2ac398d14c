"""Codes and values of one format: by class, near a number, at the ties of another format."""

import functools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from .. import exact
from ..arguments import integer_option, scalar_format
from ..decoding import decode, nearest_float64
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.grid import GridFormat, floor_log2, power_of_two
from ..families.tapered import TaperedFormat
from .batches import of_codes
from .classes import CODE_CLASSES, class_strategies, zeros_of
from .numbers import AnyNumbers, GridNumbers, numbers_of

_FINITE = ("zero", "power_of_two", "normal", "subnormal", "end")
_MOST_LISTED = 1 << 12

Codes = st.SearchStrategy[int]


def code_classes(fmt: Format | str) -> tuple[str, ...]:
    """Return the classes of codes that a format has, simple ones first.

    ``zero`` (every code that reads as zero), ``power_of_two``, ``normal`` (also fixed point,
    posits, ...), ``subnormal``, ``end`` (the largest and smallest of each kind), ``infinity``,
    ``nan`` (quiet and signalling, all payloads), ``unused`` (stands for nothing; drawn only if
    asked for).

    Examples
    --------
    >>> code_classes("e4m3"), code_classes("ternary")
    (('zero', 'power_of_two', 'normal', 'subnormal', 'end', 'nan'), \
('zero', 'power_of_two', 'normal', 'end', 'unused'))
    """
    there = {name for name, _ in class_strategies(scalar_format(fmt))}
    return tuple(name for name in CODE_CLASSES if name in there)


def bits(fmt: Format | str, classes: Iterable[str] | str | None = None) -> Codes:
    """Draw codes of a format, every class of them often.

    Shrinks to +0, then 1.0, then powers of two near it, then few set digits; positive numbers
    come before negative ones, infinity and NaN last.

    Parameters
    ----------
    fmt : Format or str
        A scalar format, or a name.
    classes : iterable of str, optional
        Some of `code_classes`. Default: all but ``unused``.

    Returns
    -------
    strategy of int

    Raises
    ------
    FormatError
        The format has no codes of a class, or is no scalar format.

    Examples
    --------
    >>> import numfmt as nf
    >>> from numfmt.strategies import simplest
    >>> hex(simplest(bits("e4m3"), lambda code: nf.decode(code, "e4m3") > 1.5))
    '0x40'
    """
    entry = scalar_format(fmt)
    known = code_classes(entry)
    wanted: Sequence[str] = [name for name in known if name != "unused"]
    if classes is not None:
        wanted = classes.split(",") if isinstance(classes, str) else list(classes)
    for name in wanted:
        if name not in known:
            raise FormatError(
                f"classes: {name!r} is not one of {', '.join(known)}, the classes of codes that "
                f"{entry.name!r} has"
            )
    if not wanted:
        raise FormatError("classes is empty; leave it out for all of them")
    drawn = [strategy for name, strategy in class_strategies(entry) if name in wanted]
    return of_codes(st.one_of(drawn), entry)


def finite(fmt: Format | str) -> Codes:
    """Draw codes of finite numbers.

    Parameters
    ----------
    fmt : Format or str

    Returns
    -------
    strategy of int

    Examples
    --------
    >>> import numfmt as nf
    >>> from numfmt.strategies import simplest
    >>> nf.decode(simplest(finite("e5m2"), lambda code: code & 0x7F > 0x60), "e5m2").item()
    1024.0
    """
    return bits(fmt, [name for name in code_classes(fmt) if name in _FINITE])


def values(
    fmt: Format | str, classes: Iterable[str] | str | None = None
) -> st.SearchStrategy[float]:
    """Draw values of a format, as floats; codes are drawn as by `bits`.

    Parameters
    ----------
    fmt : Format or str
    classes : iterable of str, optional

    Returns
    -------
    strategy of float

    Raises
    ------
    FormatError
        Some values are no float64.

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(values("posit8"), lambda x: 0 < x < 1)
    0.5
    >>> simplest(values("q2.6"), lambda x: x > 0)
    1.0
    """
    entry = scalar_format(fmt)
    if not (entry.fits_float64 or nearest_float64(entry)):
        raise FormatError(
            f"{entry.name!r} has values that are no float64; draw codes with bits(fmt) and read "
            "them with numfmt.exact.decode"
        )
    return bits(entry, classes).map(lambda code: float(decode(code, entry)))


def near(fmt: Format | str, x: Any, ulps: int = 2) -> Codes:
    """Draw codes of the numbers within so many steps of a real number, the nearest ones first.

    Parameters
    ----------
    fmt : Format or str
    x : float, int or Fraction
        Taken exactly; an infinity stands next to the largest value.
    ulps : int
        Steps of the format on either side, 0 to 1000: with 0 the number itself, or both
        neighbours. Past the largest value comes infinity where the format has it.

    Returns
    -------
    strategy of int

    Raises
    ------
    FormatError
        `x` is NaN or no number, or `ulps` is out of range.

    Examples
    --------
    >>> import numfmt as nf
    >>> from numfmt.strategies import simplest
    >>> drawn = near("e4m3", 1.05, 1)
    >>> simplest(drawn), simplest(drawn, lambda code: code != 0x38)
    (56, 57)
    """
    entry = scalar_format(fmt)
    integer_option(ulps, 0, 1000, "ulps")
    places = _nearest_first(x, entry, ulps)
    codes = [code for n in places for code in _codes_at(n, entry)]
    if not codes:  # an infinity that the format has not, and no step to the largest value
        codes = [entry.largest_code(int(places[0] < 0))]
    return st.sampled_from(list(dict.fromkeys(codes)))


def _nearest_first(x: Any, fmt: ScalarFormat, ulps: int) -> list[int]:
    """Return the numbers about x in the order of their distance."""
    numbers = numbers_of(fmt)
    try:
        datum = exact.datum(x)
    except FormatError:
        raise FormatError(f"x={x!r} is no number; give a float, int or Fraction") from None
    if datum.finite:
        number = datum.value
        below = numbers.floor(number)
        hit = numbers.value(below) == number or number < numbers.value(below)
    elif math.isnan(float(x)):
        raise FormatError("x is NaN, which has no neighbours")
    else:
        below, hit = (numbers.low - 1, True) if datum.sign else (numbers.high + 1, True)
        number = numbers.value(numbers.low if datum.sign else numbers.high)
    first, last = below - ulps, below + ulps + (not hit)
    ends = (numbers.low - 1, numbers.high + 1)
    inside = [n for n in range(first, last + 1) if ends[0] <= n <= ends[1]]
    return sorted(inside, key=lambda n: (abs(n - below - (0 if hit else Fraction(1, 3))), -n))


def _codes_at(n: int, fmt: ScalarFormat) -> list[int]:
    """Return the codes of number `n`; one past the end stands for infinity."""
    numbers = numbers_of(fmt)
    if not numbers.low <= n <= numbers.high:
        code = fmt.infinity_code(int(n < 0)) if n > 0 or fmt.signed_values else None
        return [] if code is None else [code]
    if n == 0 and fmt.has_zero:
        return zeros_of(fmt)
    return [numbers.code(n)]


def ties(src: Format | str, dst: Format | str, beside: int = 0) -> Codes:
    """Draw codes of one format that lie halfway between neighbours of another.

    Parameters
    ----------
    src : Format or str
        Where the numbers come from: a float, fixed point, posit or linear takum.
    dst : Format or str
        Where they would be rounded to: likewise. Past its largest value the tie is that of
        overflow, with the value that would follow.
    beside : int
        Draw also the numbers of `src` up to so many steps beside the ties.

    Returns
    -------
    strategy of int

    Raises
    ------
    FormatError
        No number of `src` is such a tie, or a format is of another family.

    Examples
    --------
    >>> import numfmt as nf
    >>> from numfmt.strategies import simplest
    >>> nf.decode(simplest(ties("binary16", "e4m3")), "binary16").item()
    1.0625
    """
    source, target = (scalar_format(f, name) for f, name in ((src, "src"), (dst, "dst")))
    for entry, name in ((source, "src"), (target, "dst")):
        if not isinstance(entry, GridFormat):
            raise FormatError(
                f"{name}={entry.name!r}: ties are drawn of floats, fixed point, posits and linear "
                "takums"
            )
    integer_option(beside, 0, 1000, "beside")
    assert isinstance(source, GridFormat)
    assert isinstance(target, GridFormat)
    drawn = _tie_numbers(source, target)
    if not beside:
        return drawn.map(numbers_of(source).code)
    numbers = numbers_of(source)
    steps = st.sampled_from(sorted(range(-beside, beside + 1), key=lambda s: (abs(s), s < 0)))
    return st.builds(
        lambda n, step: numbers.code(min(max(n + step, numbers.low), numbers.high)), drawn, steps
    )


@functools.lru_cache(maxsize=64)
def _tie_numbers(src: GridFormat, dst: GridFormat) -> Codes:
    """Draw numbers of `src` that are ties of `dst`."""
    spans = _tie_spans(src, dst)
    if not spans:
        raise FormatError(
            f"no number of {src.name!r} lies halfway between neighbours of {dst.name!r}; "
            "its precision is not larger"
        )

    def number(span: tuple[int, int], negative: bool, n: int) -> int:
        first, last = span
        return _as_tie(first + n % (last - first + 1), src, dst) * (-1 if negative else 1)

    both = src.signed_values and dst.signed_values
    longest = max(last - first for first, last in spans)
    signs = st.booleans() if both else st.just(False)
    drawn = st.builds(number, st.sampled_from(spans), signs, st.integers(0, longest))
    return drawn.filter(lambda n: n != 0)


def _as_tie(n: int, src: GridFormat, dst: GridFormat) -> int:
    """Return the number of `src` that is the tie above number `n` of `dst`; 0 if there is none."""
    numbers, tie = numbers_of(src), _tie_above(n, dst)
    place = numbers.floor(tie)
    return place if numbers.value(place) == tie else 0


def _tie_above(n: int, fmt: GridFormat) -> Fraction:
    numbers = numbers_of(fmt)
    assert isinstance(numbers, GridNumbers)
    if n < numbers.high:
        return fmt.tie_between(numbers.ordinal(n), numbers.ordinal(n + 1))
    top = fmt.largest  # then comes the value that would follow
    return top + (top - numbers.value(n - 1) if n > numbers.low else top) / 2


def _tie_spans(src: GridFormat, dst: GridFormat) -> list[tuple[int, int]]:
    """Return spans of numbers of `dst` with ties that `src` has, those next to 1 first.

    A binade has all of its ties in `src` or none. Where there are few numbers, each is a span of
    its own.
    """
    numbers = numbers_of(dst)
    first, last = max(numbers.low, 0), numbers.floor(src.largest)
    if isinstance(dst, TaperedFormat):  # whatever is past its largest value becomes that
        last = min(last, numbers.high - 1)
    if last - first < _MOST_LISTED:
        spans = [(n, n) for n in range(first, last + 1)]
    else:
        spans = _binades(numbers, first, last)
    kept = [span for span in spans if any(_as_tie(n, src, dst) for n in span)]
    return sorted(kept, key=lambda span: _from_one(_tie_above(span[0], dst)))


def _from_one(value: Fraction) -> tuple[int, Fraction]:
    """Return a key that orders positive numbers by the distance of their exponents from 0."""
    exponent = floor_log2(value)
    return 2 * abs(exponent) + (exponent < 0), value


def _binades(numbers: AnyNumbers, first: int, last: int) -> list[tuple[int, int]]:
    """Return the numbers from `first` to `last` in pieces, one a binade."""
    starts = {first}
    value = numbers.value(max(first, 1))
    while value <= numbers.value(last):
        starts.add(numbers.floor(value))
        value = power_of_two(floor_log2(value) + 1)
    ordered = sorted(starts)
    return list(zip(ordered, [*(n - 1 for n in ordered[1:]), last], strict=True))

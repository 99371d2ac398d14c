"""Codebooks: the neighbours of a value are looked for, and the nearer one wins."""

from fractions import Fraction

from ..errors import FormatError
from ..families.codebooks import CodebookFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import Overflow, Rounding
from .data import Datum
from .rounding import DIRECTED, STOCHASTIC, Draw, drawn_away


def decode_codebook(code: int, fmt: CodebookFormat) -> Datum:
    """Return what a code stands for.

    Raises
    ------
    FormatError
        It stands for nothing.
    """
    if code == fmt.nan:
        return Datum(Kind.NAN, 0)
    if fmt.infinities and code in fmt.infinities:
        return Datum(Kind.INFINITY, fmt.infinities.index(code))
    if code == fmt.negative_zero:
        return Datum(Kind.ZERO, 1)
    for known, value in [*zip(fmt.codes, fmt.values, strict=True), *fmt.read_only]:
        if known == code:
            return Datum(Kind.NORMAL if value else Kind.ZERO, int(value < 0), abs(value))
    raise FormatError(f"code {code:#x} of {fmt.name!r} stands for nothing")


def encode_codebook(
    source: Datum,
    fmt: CodebookFormat,
    rounding: Rounding,
    draw: Draw,
    overflow: Overflow,
    nan: int | None,
) -> tuple[int, Flags]:
    """Return the code of a finite value."""
    x = source.value
    points = list(zip(fmt.values, fmt.codes, strict=True))
    if fmt.beyond is not None:
        points = [(-fmt.beyond, -1), *points, (fmt.beyond, -1)]
    below = [point for point in points if point[0] <= x]
    above = [point for point in points if point[0] > x]
    if not below or not above:
        inside = bool(below) and below[-1] == points[-1] and below[-1][0] == x
        code = below[-1][1] if inside else -1
    elif below[-1][0] == x and rounding not in STOCHASTIC:
        code = below[-1][1]
    else:
        index = fmt.values.index(below[-1][0]) if below[-1][1] >= 0 else -1
        middle = (below[-1][0] + above[0][0]) / 2
        if fmt.thresholds and 0 <= index < len(fmt.thresholds):
            middle = fmt.thresholds[index]
        goes_up = _goes_up(x, below[-1], above[0], middle, rounding, draw, fmt)
        code = above[0][1] if goes_up else below[-1][1]
    if code < 0:
        code = _past_the_end(x, fmt, rounding, overflow, nan)
    elif fmt.negative_zero is not None and dict(points).get(Fraction(0)) == code:
        if x < 0 or (source.sign and fmt.keeps_minus_zero):
            code = fmt.negative_zero
    return code, Flags(0)


def _goes_up(
    x: Fraction,
    low: tuple[Fraction, int],
    high: tuple[Fraction, int],
    middle: Fraction,
    rounding: Rounding,
    draw: Draw,
    fmt: CodebookFormat,
) -> bool:
    """Return whether x, between two neighbours, goes to the upper one."""
    negative = x < 0
    apart = low[0] < 0 < high[0]
    if rounding in STOCHASTIC:
        if low[0] < 0 and not apart:
            way = (high[0] - x) / (high[0] - low[0])
            return not drawn_away(way.numerator, way.denominator, rounding, draw)
        way = (x - low[0]) / (high[0] - low[0])
        return drawn_away(way.numerator, way.denominator, rounding, draw)
    if rounding in DIRECTED:
        if rounding in (Rounding.TOWARD_POSITIVE, Rounding.TOWARD_NEGATIVE):
            return rounding is Rounding.TOWARD_POSITIVE
        if apart:  # the sign is kept
            return not negative
        return negative == (rounding is Rounding.TOWARD_ZERO)
    if x != middle:
        return x > middle
    tie = {
        Rounding.NEAREST_UP: True,
        Rounding.NEAREST_DOWN: False,
        Rounding.NEAREST_AWAY: not negative,
        Rounding.NEAREST_ZERO: negative,
        Rounding.NEAREST_EVEN: _rank(high[1], fmt) < _rank(low[1], fmt),
    }
    return tie[rounding]


def _rank(code: int, fmt: CodebookFormat) -> int:
    """Return the rank of a value, by its code; what is beyond the end counts as odd."""
    return 1 if code < 0 else fmt.ranks[fmt.codes.index(code)]


def _past_the_end(
    x: Fraction, fmt: CodebookFormat, rounding: Rounding, overflow: Overflow, nan: int | None
) -> int:
    sign = int(x < fmt.values[0])  # at the lower end, which may be positive
    end = fmt.codes[0 if sign else -1]
    if overflow in (Overflow.SATURATE, Overflow.SATURATE_PROPAGATE, Overflow.CLAMP_FINITE):
        return end
    if overflow is Overflow.IEEE:
        inward = Rounding.TOWARD_POSITIVE if sign else Rounding.TOWARD_NEGATIVE
        if rounding in (Rounding.TOWARD_ZERO, inward):
            return end
    if overflow in (Overflow.IEEE, Overflow.INFINITY) and fmt.infinities:
        return fmt.infinities[sign]
    if overflow is Overflow.NAN and (nan is not None or fmt.nan is not None):
        return nan if nan is not None else int(fmt.nan or 0)
    raise FormatError(f"the value is past the end of {fmt.name!r} (overflow={overflow.value!r})")

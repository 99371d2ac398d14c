"""Codes as text: their fields, what they stand for, and all of a format on a line."""

import itertools
import math
from collections.abc import Iterable
from fractions import Fraction

from . import exact, registry
from .errors import FormatError
from .families.base import Format
from .families.codebooks import CodebookFormat
from .families.floats import FloatFormat
from .families.grid import text_of
from .families.logarithmic import LnsFormat, LogarithmicFormat, LogTakumFormat
from .families.tapered import PositFormat, TakumFormat
from .limits import finfo
from .params import Kind

_MOST_ON_A_LINE = 1 << 16


_COLUMNS = ("format", "bits", "largest", "least above 0", "step at 1", "inf", "NaN", "past the end")


def markdown(entries: Iterable[Format]) -> str:
    """Return a table of scalar formats: width, range, precision, special codes, overflow.

    Examples
    --------
    >>> import numfmt as nf
    >>> print(markdown([nf.get("e2m1")]).splitlines()[-1])
    | `e2m1` | 4 | 6 | 0.5 | 0.5 | 0 | 0 | saturate |
    """
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    for entry in entries:
        if entry.kind != "scalar":
            raise FormatError(f"{entry.name!r} is a {entry.kind} format; name scalar ones")
        found = finfo(entry)
        least = found.smallest_subnormal or found.smallest_normal
        numbers = (found.max, least, found.eps)
        cells = (
            f"`{entry.name}`",
            str(entry.bits),
            *("" if number is None else f"{number:.4g}" for number in numbers),
            str(len(found.infinity_codes)),
            str(found.nan_count),
            found.overflow,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def code_text(code: int, fmt: Format) -> str:
    """Return a code in hexadecimal, as wide as the format.

    Examples
    --------
    >>> import numfmt as nf
    >>> code_text(5, nf.get("posit16"))
    '0x0005'
    """
    return f"0x{code:0{-(-fmt.bits // 4)}x}"


def fields_text(code: int, fmt: Format) -> str:
    """Return a code in binary, a blank between its fields.

    Floats have sign, exponent and trailing significand, posits sign, regime, exponent and
    fraction, takums sign, direction, regime, characteristic and mantissa, LNS sign, whole part
    and fraction of the logarithm.

    Examples
    --------
    >>> import numfmt as nf
    >>> fields_text(0x59, nf.get("posit8")), fields_text(0x5155, nf.get("takum16"))
    ('0 10 11 001', '0 1 010 00 101010101')
    """
    digits = f"{code:0{fmt.bits}b}"
    cuts = [0, *_cuts(digits, fmt), fmt.bits]
    return " ".join(digits[a:b] for a, b in itertools.pairwise(cuts) if a < b)


def _cuts(digits: str, fmt: Format) -> tuple[int, ...]:
    if isinstance(fmt, FloatFormat):
        sign = int(fmt.signed)
        return sign, sign + fmt.exponent_bits
    if isinstance(fmt, PositFormat):
        body = digits[1:]
        run = len(body) - len(body.lstrip(body[0]))
        regime = min(run + 1, len(body)) + 1
        return 1, regime, min(regime + fmt.es, fmt.bits)
    if isinstance(fmt, TakumFormat | LogTakumFormat):
        regime = int(digits[2:5], 2)
        return 1, 2, 5, min(5 + (regime if digits[1] == "1" else 7 - regime), fmt.bits)
    if isinstance(fmt, LnsFormat):
        return 1, fmt.bits - fmt.fraction_bits
    return ()


def value_text(code: int, fmt: Format) -> str:
    """Return the value of a code, exactly; of a power also the nearest float64.

    Examples
    --------
    >>> import numfmt as nf
    >>> value_text(0x7E, nf.get("e4m3")), value_text(0x04, nf.get("lns8_3"))
    ('448.0', '2**(1/2) ~ 1.4142135623730951')
    """
    if isinstance(fmt, LogarithmicFormat):
        return _power_text(code, fmt)
    if code in _unused(fmt):
        return "-"
    datum = exact.decode(code, fmt)
    sign = "-" if datum.sign else ""
    if datum.finite:
        return sign + text_of(datum.magnitude)
    return f"{sign}{'nan' if datum.kind is Kind.NAN else 'inf'}"


def _unused(fmt: Format) -> tuple[int, ...]:
    return fmt.unused_codes() if isinstance(fmt, CodebookFormat) else ()


def used_codes(fmt: Format) -> list[int]:
    """Return the codes of a format that stand for something, in order.

    Examples
    --------
    >>> import numfmt as nf
    >>> used_codes(nf.get("ternary"))
    [0, 1, 2]
    """
    unused = set(_unused(fmt))
    return [code for code in range(1 << fmt.bits) if code not in unused]


def _power_text(code: int, fmt: LogarithmicFormat) -> str:
    datum = exact.decode_power(code, fmt)
    if datum.kind is not Kind.NORMAL:
        return "nan" if datum.kind is Kind.NAN else "0.0"
    text = f"{'-' if datum.sign else ''}{datum.base}**({datum.logarithm})"
    if fmt.within_float64:
        nearest = fmt.nearest(fmt.ordinal_of_code(code)[1])
        text += f" ~ {-nearest if datum.sign else nearest!r}"
    return text


def class_text(code: int, fmt: Format) -> str:
    """Return the kind of a code: zero, subnormal, normal, infinity, nan or unused."""
    if code in _unused(fmt):
        return "unused"
    decode = exact.decode_power if isinstance(fmt, LogarithmicFormat) else exact.decode
    return decode(code, fmt).kind.name.lower()


def row(code: int, fmt: Format) -> dict[str, str]:
    """Return code, fields, value and class of a code."""
    return {
        "code": code_text(code, fmt),
        "fields": fields_text(code, fmt),
        "value": value_text(code, fmt),
        "class": class_text(code, fmt),
    }


def finite_values(fmt: Format) -> list[float]:
    """Return the distinct finite values of a format in order, as the nearest float64.

    Raises
    ------
    FormatError
        It has more than 2**16 codes.
    """
    from .decoding import decode

    if fmt.bits > 16:
        raise FormatError(
            f"{fmt.name!r} has 2**{fmt.bits} codes; a line shows the values of formats of up to "
            "16 bits"
        )
    values = decode(used_codes(fmt), fmt).tolist()
    return sorted({value + 0.0 for value in values if math.isfinite(value)})


def number_line(
    fmt: Format | str,
    *,
    width: int = 78,
    low: float | None = None,
    high: float | None = None,
) -> str:
    """Return the values of a format as marks on a line of text.

    Parameters
    ----------
    fmt : Format or str
        A format of up to 16 bits.
    width : int
        Characters of a line, at least 16.
    low, high : float, optional
        The part to show. Default: from the lowest to the largest value.

    Returns
    -------
    str
        A line of marks (``|`` one value, ``2`` to ``9`` so many, ``#`` more), and a scale.

    Examples
    --------
    >>> import numfmt as nf
    >>> print(number_line(nf.get("e2m1"), width=49))
    |       |   |   | | | | | | | | |   |   |       |
    -6                      0                       6
    """
    values = finite_values(registry.get(fmt))
    if not isinstance(width, int) or width < 16:
        raise FormatError(f"width={width!r} is not an integer of at least 16 characters")
    start, stop = ends_of_line(values, low, high)
    counts = [0] * width
    span = Fraction(stop) - Fraction(start)
    for value in values:
        if start <= value <= stop:
            counts[round((Fraction(value) - Fraction(start)) / span * (width - 1))] += 1
    marks = "".join(" " if not n else "|" if n == 1 else str(n) if n < 10 else "#" for n in counts)
    return f"{marks.rstrip()}\n{_scale(start, stop, width)}"


def ends_of_line(values: list[float], low: float | None, high: float | None) -> tuple[float, float]:
    """Return where a line of these values starts and stops; a single value gets room around it."""
    single = low is None and high is None and len(values) == 1
    start = values[0] - single if low is None else low
    stop = values[-1] + single if high is None else high
    for argument, end in (("low", start), ("high", stop)):
        if not isinstance(end, int | float) or not math.isfinite(end):
            raise FormatError(f"{argument}={end!r} is not a finite number")
    if not start < stop:
        raise FormatError(f"low={start!r} is not less than high={stop!r}")
    return float(start), float(stop)


def _scale(start: float, stop: float, width: int) -> str:
    left, right = f"{start:.6g}", f"{stop:.6g}"
    middle = f"{(start + stop) / 2:.6g}"
    line = left.ljust(width - len(right)) + right
    place = (width - len(middle)) // 2
    if place <= len(left) or place + len(middle) >= width - len(right):
        return line
    return line[:place] + middle + line[place + len(middle) :]

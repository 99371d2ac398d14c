"""Comparisons of codes of any formats, total order, and classes."""

from fractions import Fraction
from typing import TypeAlias

from ..dialects import Dialect
from ..families.base import Format
from ..families.floats import FloatFormat, Style
from ..flags import Flags
from ..params import Class, Kind
from .operands import Extended, Formats, Operand, dialect_for, formats, ieee_style, read

Answer: TypeAlias = tuple[bool, Flags]


def order(x: Extended, y: Extended) -> int:
    """Return the sign of x - y of what is not NaN; infinities of one sign, and zeros, are equal."""
    if x.infinite or y.infinite:
        return _side(x) - _side(y)
    return (x.real - y.real).sign()


def _side(x: Extended) -> int:
    return (-1 if x.sign else 1) if x.infinite else 0


def _compare(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool,
    flush_inputs: bool | None,
    dialect: Dialect | str | None,
) -> tuple[int | None, Flags]:
    """Return the sign of x - y, or None where one is NaN, and the flags."""
    both = formats(fmt, 2)
    flushes = [
        dialect_for(entry, dialect).flush_inputs if flush_inputs is None else flush_inputs
        for entry in both
    ]
    x, y = (read(a, both[0], flushes[0]), read(b, both[1], flushes[1]))
    if x.nan or y.nan:
        return None, Flags.NV if signalling or x.signalling or y.signalling else Flags(0)
    sign = order(x.x, y.x)
    return (sign > 0) - (sign < 0), Flags(0)


def equal(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x == y, and the flags.

    Parameters
    ----------
    a, b : int
        The codes of x and y.
    fmt : Format, str or sequence of them
        The format of both, or that of each.
    signalling : bool
        Whether any NaN raises NV, and not signalling ones alone.
    flush_inputs, dialect
        As in `add`.

    Examples
    --------
    >>> equal(0x0000, 0x8000, "binary16"), equal(0x38, 0x3c00, ("e4m3", "binary16"))
    ((True, <Flags: 0>), (True, <Flags: 0>))
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign == 0, flags


def not_equal(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x != y, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> not_equal(0x7e00, 0x7e00, "binary16"), not_equal(0x7e00, 0, "binary16", signalling=True)
    ((True, <Flags: 0>), (True, <Flags.NV: 16>))
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign != 0, flags


def less(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x < y, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> less(0x04, 0x3ff6a09e667f3bcd, ("lns8_3", "binary64"))  # 2**0.5 and its float64
    (True, <Flags: 0>)
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign is not None and sign < 0, flags


def less_equal(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x <= y, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> less_equal(0x7c01, 0x3c00, "binary16")
    (False, <Flags.NV: 16>)
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign is not None and sign <= 0, flags


def greater(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x > y, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> greater(0x7c00, 0x7bff, "binary16")
    (True, <Flags: 0>)
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign is not None and sign > 0, flags


def greater_equal(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x >= y, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> greater_equal(0x8000, 0x0001, "binary16", flush_inputs=True)
    (True, <Flags: 0>)
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign is not None and sign >= 0, flags


def unordered(
    a: int,
    b: int,
    fmt: Formats,
    signalling: bool = False,
    flush_inputs: bool | None = None,
    dialect: Dialect | str | None = None,
) -> Answer:
    """Return whether x or y is NaN, and the flags; parameters as in `equal`.

    Examples
    --------
    >>> unordered(0x80, 0x40, "posit8")
    (True, <Flags: 0>)
    """
    sign, flags = _compare(a, b, fmt, signalling, flush_inputs, dialect)
    return sign is None, flags


def total_order(a: int, b: int, fmt: Formats) -> bool:
    """Return whether x comes no later than y in the total order of codes.

    NaNs of IEEE-style and fn formats come before or after all numbers by their sign, and among
    each other by their magnitude: signalling ones are nearer to the numbers, then the payload
    counts. Others, and NaR, come before all numbers.

    References
    ----------
    IEEE 754-2019, 5.10; IEEE P3109 Interim Report 4.0, 4.12.

    Examples
    --------
    >>> total_order(0x8000, 0x0000, "binary16"), total_order(0x0000, 0x8000, "binary16")
    (True, False)
    >>> total_order(0x7c01, 0x7e00, "binary16"), total_order(0xfc01, 0xfe00, "binary16")
    (True, False)
    """
    x, y = (read(code, entry) for code, entry in zip((a, b), formats(fmt, 2), strict=True))
    if x.nan or y.nan:
        return _nan_place(x) <= _nan_place(y)
    sign = order(x.x, y.x)
    if sign == 0 and x.x.zero:
        return x.x.sign >= y.x.sign
    return sign <= 0


def _nan_place(x: Operand) -> tuple[int, Fraction]:
    """Return the place of a NaN before or after the numbers, which are all at 0."""
    if not x.nan:
        return 0, Fraction(0)
    if not isinstance(x.fmt, FloatFormat) or x.fmt.style not in (Style.IEEE, Style.FN):
        return -1, Fraction(0)
    payload = Fraction(0)
    if ieee_style(x.fmt):
        whole = 1 << x.fmt.trailing_bits
        payload = Fraction(x.code % whole, whole)
    return (-1, -payload) if x.x.sign else (1, payload)


def class_of(a: int, fmt: Format | str) -> Class:
    """Return the class of a code, one of ten.

    References
    ----------
    IEEE 754-2019, 5.7.2.

    Examples
    --------
    >>> class_of(0x8001, "binary16").name, class_of(0x7c01, "binary16").name
    ('NEGATIVE_SUBNORMAL', 'SIGNALLING_NAN')
    """
    operand = read(a, fmt)
    if operand.nan:
        return Class.SIGNALLING_NAN if operand.signalling else Class.QUIET_NAN
    kind = operand.x.kind
    classes = {
        Kind.ZERO: (Class.POSITIVE_ZERO, Class.NEGATIVE_ZERO),
        Kind.SUBNORMAL: (Class.POSITIVE_SUBNORMAL, Class.NEGATIVE_SUBNORMAL),
        Kind.NORMAL: (Class.POSITIVE_NORMAL, Class.NEGATIVE_NORMAL),
        Kind.INFINITY: (Class.POSITIVE_INFINITY, Class.NEGATIVE_INFINITY),
    }
    return classes[kind][operand.x.sign]

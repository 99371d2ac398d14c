"""Minimum and maximum in ten kinds, and clamping."""

from collections.abc import Callable
from typing import TypeAlias, Unpack

from ..flags import Flags
from .comparisons import order
from .operands import Extended, Formats, Options, settle
from .results import INVALID, NO_FLAGS, Outcome, Result, finish, nan_operand, operation

Choice: TypeAlias = Callable[[Extended, Extended], Extended]


def smaller(x: Extended, y: Extended) -> Extended:
    """Return the smaller of what is not NaN; -0 is below +0."""
    sign = order(x, y)
    return x if sign < 0 or (sign == 0 and x.sign >= y.sign) else y


def larger(x: Extended, y: Extended) -> Extended:
    """Return the larger of what is not NaN; +0 is above -0."""
    sign = order(x, y)
    return x if sign > 0 or (sign == 0 and x.sign <= y.sign) else y


def _magnitudes(x: Extended, y: Extended) -> int:
    """Return the sign of |x| - |y|."""
    return order(_positive(x), _positive(y))


def _positive(x: Extended) -> Extended:
    return x if not x.sign else Extended(x.kind, 0, -x.real)


def _smaller_magnitude(x: Extended, y: Extended) -> Extended:
    sign = _magnitudes(x, y)
    return smaller(x, y) if sign == 0 else (x if sign < 0 else y)


def _larger_magnitude(x: Extended, y: Extended) -> Extended:
    sign = _magnitudes(x, y)
    return larger(x, y) if sign == 0 else (x if sign > 0 else y)


def _finite_first(choice: Choice) -> Choice:
    """Return the choice, made only where both or neither is infinite."""

    def chosen(x: Extended, y: Extended) -> Extended:
        if x.infinite != y.infinite:
            return y if x.infinite else x
        return choice(x, y)

    return chosen


def _plain(a: int, b: int, fmt: Formats, options: Options, choice: Choice) -> Result:
    return operation([a, b], fmt, options, lambda call, x, y: choice(x, y))


def _numbers(a: int, b: int, fmt: Formats, options: Options, choice: Choice) -> Result:
    """Return the choice among the operands that are not NaN."""
    call = settle(fmt, 2, options)
    x, y = call.read(a, 0), call.read(b, 1)
    if x.nan and y.nan:
        return nan_operand(call, (x, y))
    flags = Flags.NV if x.signalling or y.signalling else NO_FLAGS
    if x.nan or y.nan:
        return finish(call, ((y if x.nan else x).x, flags))
    return finish(call, choice(x.x, y.x))


def minimum(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the smaller operand; NaN wins. Options as in `add`.

    Examples
    --------
    >>> minimum(0x0000, 0x8000, "binary16"), minimum(0x3c00, 0x7e00, "binary16")
    ((32768, <Flags: 0>), (32256, <Flags: 0>))
    """
    return _plain(a, b, fmt, options, smaller)


def maximum(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the larger operand; NaN wins. Options as in `add`.

    Examples
    --------
    >>> maximum(0x8000, 0x0000, "binary16"), maximum(0x40, 0x80, "posit8")
    ((0, <Flags: 0>), (128, <Flags: 0>))
    """
    return _plain(a, b, fmt, options, larger)


def minimum_number(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the smaller number; a number wins. Options as in `add`.

    Examples
    --------
    >>> minimum_number(0x3c00, 0x7e00, "binary16"), minimum_number(0x7c01, 0x3c00, "binary16")
    ((15360, <Flags: 0>), (15360, <Flags.NV: 16>))
    """
    return _numbers(a, b, fmt, options, smaller)


def maximum_number(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the larger number; a number wins. Options as in `add`.

    Examples
    --------
    >>> maximum_number(0x7f, 0x38, "e4m3")
    (56, <Flags: 0>)
    """
    return _numbers(a, b, fmt, options, larger)


def minimum_magnitude(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the operand of smaller magnitude, of equal ones the smaller.

    NaN wins. Options as in `add`.

    Examples
    --------
    >>> minimum_magnitude(0x3c00, 0xbc00, "binary16"), minimum_magnitude(0x3c00, 0xc000, "binary16")
    ((48128, <Flags: 0>), (15360, <Flags: 0>))
    """
    return _plain(a, b, fmt, options, _smaller_magnitude)


def maximum_magnitude(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the operand of larger magnitude, of equal ones the larger.

    NaN wins. Options as in `add`.

    Examples
    --------
    >>> maximum_magnitude(0x3c00, 0xbc00, "binary16"), maximum_magnitude(0x3c00, 0xc000, "binary16")
    ((15360, <Flags: 0>), (49152, <Flags: 0>))
    """
    return _plain(a, b, fmt, options, _larger_magnitude)


def minimum_magnitude_number(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the number of smaller magnitude.

    A number wins over NaN. Options as in `add`.

    Examples
    --------
    >>> minimum_magnitude_number(0xfe00, 0xc000, "binary16")
    (49152, <Flags: 0>)
    """
    return _numbers(a, b, fmt, options, _smaller_magnitude)


def maximum_magnitude_number(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the number of larger magnitude.

    A number wins over NaN. Options as in `add`.

    Examples
    --------
    >>> maximum_magnitude_number(0x7c00, 0xfc00, "binary16")
    (31744, <Flags: 0>)
    """
    return _numbers(a, b, fmt, options, _larger_magnitude)


def minimum_finite(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the smaller finite number, else infinity, else NaN.

    Options as in `add`.

    Examples
    --------
    >>> minimum_finite(0xff, 0x40, "Binary8p3se"), minimum_finite(0x80, 0x7f, "Binary8p3se")
    ((64, <Flags: 0>), (127, <Flags: 0>))
    """
    return _numbers(a, b, fmt, options, _finite_first(smaller))


def maximum_finite(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the larger finite number, else infinity, else NaN.

    Options as in `add`.

    Examples
    --------
    >>> maximum_finite(0x7f, 0xc0, "Binary8p3se")
    (192, <Flags: 0>)
    """
    return _numbers(a, b, fmt, options, _finite_first(larger))


def clamp(x: int, low: int, high: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the number of [low, high] nearest x.

    NaN with NV where low > high; of equal zeros the one of x. Options as in `add`.

    Examples
    --------
    >>> clamp(0x4400, 0x3c00, 0x4000, "binary16"), clamp(0, 0x4000, 0x3c00, "binary16")
    ((16384, <Flags: 0>), (32256, <Flags.NV: 16>))
    """

    def rule(_: object, value: Extended, least: Extended, most: Extended) -> Extended | Outcome:
        if order(least, most) > 0:
            return INVALID
        if order(value, least) < 0:
            return least
        return most if order(value, most) > 0 else value

    return operation([x, low, high], fmt, options, rule)

"""Sums, products, quotients and roots of codes: exact, then one projection."""

import functools
from fractions import Fraction
from typing import Unpack

from ..dialects import DivideByZero, InfinityTimesZero
from ..flags import Flags
from ..params import Kind
from ..rounding import Rounding
from .data import scaled
from .operands import Call, Extended, Formats, Options, infinity, number, settle
from .reals import Real, Root, decide, rational
from .results import INVALID, NO_FLAGS, Outcome, Result, canonical, finish, nan_operand, operation
from .rounding import Draw, goes_away, quotient


def add(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x + y.

    Parameters
    ----------
    a, b : int
        The codes of x and y.
    fmt : Format, str or sequence of them
        The format of all operands, or that of each.
    result : Format or str, optional
        The format of the result, if the operands have different ones.
    rounding, overflow, nan, draw, flush_results, tininess
        As in `numfmt.exact.encode`.
    flush_inputs : bool, optional
        Whether subnormal operands are zeros.
    dialect : Dialect or str, optional
        What settles the rest; see `numfmt.arithmetic`.

    Returns
    -------
    (int, Flags)

    Examples
    --------
    >>> add(0x3c00, 0x1000, "binary16")  # 1 + 2**-11 is a tie
    (15360, <Flags.NX: 1>)
    >>> add(0x00, 0x00, "lns8_3")  # 1 + 1 is 2**1
    (8, <Flags: 0>)
    """
    return operation([a, b], fmt, options, _sum)


def sub(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x - y; options as in `add`.

    Examples
    --------
    >>> sub(0x3c00, 0x3c00, "binary16", rounding="toward_negative")
    (32768, <Flags: 0>)
    """
    return operation([a, b], fmt, options, lambda call, x, y: _sum(call, x, _negative(y)))


def mul(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x * y; options as in `add`.

    Examples
    --------
    >>> mul(0x7c00, 0x0000, "binary16", dialect="x86")
    (65024, <Flags.NV: 16>)
    """
    return operation([a, b], fmt, options, lambda call, x, y: _product(x, y) or INVALID)


def div(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x / y; options as in `add`.

    Examples
    --------
    >>> div(0x3c00, 0x8000, "binary16"), div(0x3c00, 0x4200, "binary16")
    ((64512, <Flags.DZ: 8>), (13653, <Flags.NX: 1>))
    """
    return operation([a, b], fmt, options, _quotient)


def fma(a: int, b: int, c: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x * y + z; options as in `add`.

    Examples
    --------
    >>> fma(0x3c01, 0x3c01, 0xbc02, "binary16")  # (1 + u)**2 - (1 + 2u) is u**2
    (16, <Flags: 0>)
    >>> fma(0x7c00, 0, 0x7e01, "binary16", dialect="arm")
    (32256, <Flags.NV: 16>)
    """
    call = settle(fmt, 3, options)
    x, y, z = (call.read(code, index) for index, code in enumerate((a, b, c)))
    if any(operand.nan for operand in (x, y, z)):
        flags = NO_FLAGS
        product_nan = x.nan or y.nan
        if not product_nan and not z.signalling and _product(x.x, y.x) is None:
            choice = call.dialect.infinity_times_zero
            if choice is InfinityTimesZero.DEFAULT:
                return canonical(call, Flags.NV)
            flags = NO_FLAGS if choice is InfinityTimesZero.QUIET else Flags.NV
        return nan_operand(call, (x, y, z), order=(2, 0, 1), flags=flags)
    product = _product(x.x, y.x)
    return finish(call, INVALID if product is None else _sum(call, product, z.x))


def faa(a: int, b: int, c: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x + y + z; options as in `add`.

    Examples
    --------
    >>> faa(0x7bff, 0x7bff, 0xfbff, "binary16")
    (31743, <Flags: 0>)
    """
    return operation([a, b, c], fmt, options, _sum)


def sqrt(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of the square root of x; options as in `add`.

    Examples
    --------
    >>> sqrt(0x4000, "binary16"), sqrt(0x8000, "binary16"), sqrt(0xbc00, "binary16")
    ((15784, <Flags.NX: 1>), (32768, <Flags: 0>), (32256, <Flags.NV: 16>))
    """

    def rule(call: Call, x: Extended) -> Extended | Outcome:
        if x.zero:
            return x
        if x.sign:
            return INVALID
        return x if x.infinite else number(Root(x.real))

    return operation([a], fmt, options, rule)


def rsqrt(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of 1 / sqrt(x); options as in `add`.

    Examples
    --------
    >>> rsqrt(0x4400, "binary16"), rsqrt(0x8000, "binary16"), rsqrt(0x7c00, "binary16")
    ((14336, <Flags: 0>), (64512, <Flags.DZ: 8>), (0, <Flags: 0>))
    """

    def rule(call: Call, x: Extended) -> Extended | Outcome:
        if x.zero:
            return _over_zero(call, x.sign)
        if x.sign:
            return INVALID
        return Extended(Kind.ZERO) if x.infinite else number(Root(x.real.inverse()))

    return operation([a], fmt, options, rule)


def recip(a: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of 1 / x; options as in `add`.

    Examples
    --------
    >>> recip(0x80, "Binary8p3se"), recip(0x00, "Binary8p3se"), recip(0xff, "Binary8p3se")
    ((128, <Flags: 0>), (128, <Flags.NV: 16>), (0, <Flags: 0>))
    """
    one = number(rational(1))
    return operation([a], fmt, options, lambda call, x: _quotient(call, one, x))


def hypot(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of sqrt(x*x + y*y); options as in `add`.

    Examples
    --------
    >>> hypot(0x4200, 0xc400, "binary16"), hypot(0x7e00, 0xfc00, "binary16")
    ((17664, <Flags: 0>), (31744, <Flags: 0>))
    """
    call = settle(fmt, 2, options)
    x, y = call.read(a, 0), call.read(b, 1)
    infinite = x.x.infinite or y.x.infinite
    if infinite and not call.plus and not x.signalling and not y.signalling:
        return finish(call, infinity(0))
    if x.nan or y.nan:
        return nan_operand(call, (x, y))
    if infinite:
        return finish(call, infinity(0))
    return finish(call, number(Root(x.x.real * x.x.real + y.x.real * y.x.real)))


def remainder(a: int, b: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x - n*y, n the integer nearest x/y; options as in `add`.

    Examples
    --------
    >>> remainder(0x4500, 0x4000, "binary16")  # 5 - 2*2, a tie
    (15360, <Flags: 0>)
    """

    def rule(call: Call, x: Extended, y: Extended) -> Extended | Outcome:
        if x.infinite or y.zero:
            return INVALID
        if x.zero or y.infinite:
            return x
        ratio = x.real * y.real.inverse()
        n = decide(ratio, functools.partial(rounded, rounding=Rounding.NEAREST_EVEN))
        return number(x.real - rational(n) * y.real, x.sign)

    return operation([a, b], fmt, options, rule)


def round_to_int(a: int, fmt: Formats, exact: bool = False, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x rounded to an integer; options as in `add`.

    Parameters
    ----------
    exact : bool
        Whether NX is raised where x was no integer.

    Examples
    --------
    >>> round_to_int(0xb800, "binary16"), round_to_int(0x4100, "binary16", exact=True)
    ((32768, <Flags: 0>), (16384, <Flags.NX: 1>))
    """

    def rule(call: Call, x: Extended) -> Extended | Outcome:
        if x.infinite:
            return x
        integer = decide(
            x.real,
            functools.partial(
                rounded, rounding=call.rounding, draw=call.draw or Draw(), sign=x.sign
            ),
        )
        changed = exact and x.value.rational != integer
        return number(rational(integer), x.sign), Flags.NX if changed else NO_FLAGS

    call = settle(fmt, 1, options)
    operand = call.read(a, 0)
    if operand.nan:
        return nan_operand(call, [operand])
    outcome = rule(call, operand.x)
    # The last digit that `jam` sets is that of the integer; what lies between codes is jammed too.
    again = Rounding.TO_ODD if call.rounding is Rounding.JAM else call.rounding
    return finish(call._replace(rounding=again), outcome)


def rounded(
    x: Fraction, rounding: Rounding, draw: Draw | None = None, sign: int | None = None
) -> int:
    """Return a number rounded to an integer."""
    negative = int(x < 0) if sign is None else sign
    f, r, d = quotient(abs(x), 0)
    f += goes_away(f % 2 == 0, r, d, negative, rounding, draw or Draw())
    return -f if negative else f


def scale_b(a: int, n: int, fmt: Formats, **options: Unpack[Options]) -> Result:
    """Return the code and the flags of x * 2**n; options as in `add`.

    Examples
    --------
    >>> scale_b(0x3c00, -24, "binary16"), scale_b(0x3c00, 10**9, "binary16")
    ((1, <Flags: 0>), (31744, <Flags.NX|OF: 5>))
    """
    # All exponents of all formats are within 2**21: past these all results are alike.
    within = max(-(1 << 23), min(1 << 23, n))

    def rule(call: Call, x: Extended) -> Extended:
        if x.infinite or x.zero:
            return x
        return number(x.real * rational(scaled(1, within)))

    return operation([a], fmt, options, rule)


def _negative(x: Extended) -> Extended:
    return Extended(x.kind, 1 - x.sign, -x.real)


def _sum(call: Call, *addends: Extended) -> Extended | Outcome:
    """Return the sum of what is not NaN."""
    infinite = {x.sign for x in addends if x.infinite}
    if infinite:
        return INVALID if len(infinite) > 1 else infinity(infinite.pop())
    total = Real({})
    for x in addends:
        total = total + x.real
    sign_of_zero = int(call.rounding is Rounding.TOWARD_NEGATIVE)
    signs = {x.sign for x in addends}
    if all(x.zero for x in addends) and len(signs) == 1:
        sign_of_zero = signs.pop()
    return number(total, sign_of_zero)


def _product(x: Extended, y: Extended) -> Extended | None:
    """Return the product of what is not NaN, or None for 0 * inf."""
    sign = x.sign ^ y.sign
    if x.infinite or y.infinite:
        return None if x.zero or y.zero else infinity(sign)
    return number(x.real * y.real, sign)


def _quotient(call: Call, x: Extended, y: Extended) -> Extended | Outcome:
    """Return the quotient of what is not NaN."""
    sign = x.sign ^ y.sign
    if (x.zero and y.zero) or (x.infinite and y.infinite):
        return INVALID
    if y.zero:
        nothing_over_zero = call.dialect.divide_by_zero is DivideByZero.NAN
        return infinity(sign) if x.infinite and not nothing_over_zero else _over_zero(call, sign)
    if x.infinite:
        return infinity(sign)
    if y.infinite:
        return Extended(Kind.ZERO, sign)
    return number(x.real * y.real.inverse(), sign)


def _over_zero(call: Call, sign: int) -> Outcome:
    """Return what a number over zero is."""
    if call.dialect.divide_by_zero is DivideByZero.NAN:
        return INVALID
    return infinity(sign), Flags.DZ

"""Arithmetic one by one, in exact numbers: what the integer kernels do not take.

Operands and results of codebooks (rational values) and of logarithms (powers), and the operations
without a kernel. Every result is an exact number, or the root of one, and is rounded once.
"""

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from ..dialects import DivideByZero
from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.grid import GridFormat
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import (
    BELOW_HALF,
    BELOW_ULP,
    HALF,
    STOCHASTIC_A,
    STOCHASTIC_B,
    STOCHASTIC_C,
    ULP,
    Overflow,
)
from . import powers
from .calls import Settings
from .exact_results import Real, encoded
from .powers import Number, Powers

_NX, _DZ, _NV = int(Flags.NX), int(Flags.DZ), int(Flags.NV)
_ZERO, _SUBNORMAL, _NORMAL = int(Kind.ZERO), int(Kind.SUBNORMAL), int(Kind.NORMAL)
_INFINITY, _NAN = int(Kind.INFINITY), int(Kind.NAN)


_MOST_WRAPPED = 1 << 14  # exponents of two
_INVALID = Real(_NAN, flags=_NV)
Operation = Callable[[Sequence[Real], Settings], Real]


def compute(
    op: str,
    operands: tuple[list[int], ...],
    formats: tuple[ScalarFormat, ...],
    settings: Settings,
    randoms: list[int] | None = None,
    n: list[int] | None = None,
    *,
    exact: bool = False,
) -> tuple[list[int], list[int]]:
    """Return the codes and flags of an operation, one by one.

    Where an operand is NaN both are 0. A flag of `ALARM` says that there is no code. `n` are the
    integers of `scale_b`; with `exact` the rounding of `round_to_int` raises NX.
    """
    columns = [
        _reals(codes, fmt, settings.flush_inputs)
        for codes, fmt in zip(operands, formats, strict=True)
    ]
    count = len(operands[0])
    draws = randoms if randoms is not None else [0] * count
    rows = list(zip(*columns, strict=True))
    defined = [i for i, row in enumerate(rows) if all(x.kind != _NAN for x in row)]
    if op == "scale_b":
        assert n is not None
        results = [_scaled(rows[i][0], n[i], settings) for i in defined]
    elif op == "round_to_int":
        results = [_to_integer(rows[i][0], draws[i], settings, exact) for i in defined]
    else:
        operation = _OPERATIONS[op]
        results = [operation(rows[i], settings) for i in defined]
    made = encoded(results, [draws[i] for i in defined], settings)
    codes, flags = [0] * count, [0] * count
    for i, code, raised in zip(defined, *made, strict=True):
        codes[i], flags[i] = code, raised
    return codes, flags


# Operands


def _reals(codes: list[int], fmt: ScalarFormat, flush: bool) -> list[Real]:
    if isinstance(fmt, LogarithmicFormat):
        return [_real_of_power(code, fmt) for code in codes]
    if isinstance(fmt, CodebookFormat):
        table = _real_of_entry(fmt)
        return [table[code] for code in codes]
    columns = fields_of_codes(np.array(codes, fmt.code_dtype), fmt)
    return [
        _real_of_fields(kind, negative, e, significand, flush)
        for kind, negative, e, significand in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _real_of_fields(kind: int, negative: int, e: int, significand: int, flush: bool) -> Real:
    if significand == 0 or (flush and kind == _SUBNORMAL):
        return Real(kind if kind >= _INFINITY else _ZERO, negative)
    signed = -significand if negative else significand
    return Real(_NORMAL, negative, Fraction(signed << e) if e >= 0 else Fraction(signed, 1 << -e))


@functools.lru_cache(maxsize=64)
def _real_of_entry(fmt: CodebookFormat) -> list[Real]:
    rows = [Real(_NAN)] * (1 << fmt.bits)
    for code, value in fmt.readings().items():
        rows[code] = Real(_NORMAL if value else _ZERO, int(value < 0), value)
    if fmt.negative_zero is not None:
        rows[fmt.negative_zero] = Real(_ZERO, 1)
    for negative, code in enumerate(fmt.infinities or ()):
        rows[code] = Real(_INFINITY, negative)
    return rows


@functools.lru_cache(maxsize=1 << 16)
def _real_of_power(code: int, fmt: LogarithmicFormat) -> Real:
    if code == fmt.nan_code(0):
        return Real(_NAN)
    negative, k = fmt.ordinal_of_code(code)
    if k == 0:
        return Real(_ZERO)
    value = powers.power(fmt.numerator(k), fmt.digits, fmt.base)
    return Real(_NORMAL, negative, -value if negative else value)


# Operations: the order of the cases is that of the specification, points 3 to 5


def _number(value: Number, zero: int, root: bool = False) -> Real:
    """Return a number as a result; `zero` is the sign of a zero."""
    if not value:
        return Real(_ZERO, zero)
    return Real(_NORMAL, int(powers.sign(value) < 0), value, root)


def _opposite(x: Real) -> Real:
    return x._replace(negative=1 - x.negative, value=-x.value)


def _total(addends: Sequence[Real], settings: Settings) -> Real:
    infinite = {x.negative for x in addends if x.kind == _INFINITY}
    if infinite:
        return Real(_INFINITY, infinite.pop()) if len(infinite) == 1 else _INVALID
    zeros = {x.negative if x.kind == _ZERO else 2 for x in addends}
    zero = zeros.pop() if zeros in ({0}, {1}) else int(settings.minus_zero)
    total = addends[0].value
    for x in addends[1:]:
        total = total + x.value
    return _number(total, zero)


def _product(x: Real, y: Real) -> Real:
    negative = x.negative ^ y.negative
    kinds = (x.kind, y.kind)
    if _INFINITY in kinds:
        return _INVALID if _ZERO in kinds else Real(_INFINITY, negative)
    if _ZERO in kinds:
        return Real(_ZERO, negative)
    return Real(_NORMAL, negative, x.value * y.value)


def _pole(negative: int, settings: Settings) -> Real:
    if settings.dialect.divide_by_zero is DivideByZero.NAN:
        return _INVALID
    return Real(_INFINITY, negative, flags=_DZ)


def _quotient(x: Real, y: Real, settings: Settings) -> Real:
    negative = x.negative ^ y.negative
    if x.kind == y.kind and x.kind in (_INFINITY, _ZERO):
        return _INVALID
    undefined = settings.dialect.divide_by_zero is DivideByZero.NAN  # inf/0 too
    if y.kind == _ZERO and (x.kind != _INFINITY or undefined):
        return _pole(negative, settings)
    if x.kind == _INFINITY:
        return Real(_INFINITY, negative)
    if x.kind == _ZERO or y.kind == _INFINITY:
        return Real(_ZERO, negative)
    return Real(_NORMAL, negative, x.value / y.value)


def _add(xs: Sequence[Real], settings: Settings) -> Real:
    return _total(xs, settings)


def _sub(xs: Sequence[Real], settings: Settings) -> Real:
    return _total([xs[0], _opposite(xs[1])], settings)


def _mul(xs: Sequence[Real], settings: Settings) -> Real:
    return _product(xs[0], xs[1])


def _fma(xs: Sequence[Real], settings: Settings) -> Real:
    product = _product(xs[0], xs[1])
    return product if product.kind == _NAN else _total([product, xs[2]], settings)


def _div(xs: Sequence[Real], settings: Settings) -> Real:
    return _quotient(xs[0], xs[1], settings)


def _recip(xs: Sequence[Real], settings: Settings) -> Real:
    return _quotient(Real(_NORMAL, 0, Fraction(1)), xs[0], settings)


def _sqrt(xs: Sequence[Real], settings: Settings) -> Real:
    (x,) = xs
    if x.kind == _ZERO:
        return x
    return _INVALID if x.negative else x._replace(root=True)


def _rsqrt(xs: Sequence[Real], settings: Settings) -> Real:
    (x,) = xs
    if x.kind == _ZERO:
        return _pole(x.negative, settings)
    if x.negative:
        return _INVALID
    return Real(_ZERO) if x.kind == _INFINITY else Real(_NORMAL, 0, Fraction(1) / x.value, True)


def _hypot(xs: Sequence[Real], settings: Settings) -> Real:
    x, y = xs
    if _INFINITY in (x.kind, y.kind):
        return Real(_INFINITY)
    return _number(x.value * x.value + y.value * y.value, 0, True)


def _remainder(xs: Sequence[Real], settings: Settings) -> Real:
    x, y = xs
    if x.kind == _INFINITY or y.kind == _ZERO:
        return _INVALID
    if x.kind == _ZERO or y.kind == _INFINITY:
        return x
    ratio = x.value / y.value
    if isinstance(ratio, Fraction):
        return _number(y.value * (ratio - round(ratio)), x.negative)
    nearest = Fraction((powers.floor_of(ratio, 1)[0] + 1) >> 1)
    return _number(x.value - y.value * nearest, x.negative)


_OPERATIONS: dict[str, Operation] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "fma": _fma,
    "faa": _add,
    "sqrt": _sqrt,
    "rsqrt": _rsqrt,
    "recip": _recip,
    "hypot": _hypot,
    "remainder": _remainder,
}


def _scaled(x: Real, n: int, settings: Settings) -> Real:
    """Return x * 2**n; far out of the range of the result any `n` is like any other."""
    if x.kind != _NORMAL:
        return x
    low, high, e = powers.enclosure(x.value, 160)
    top = max(abs(low), abs(high)).bit_length() + e
    reach = _reach(settings.result)
    if settings.options.overflow is Overflow.WRAP and not _dyadic(x.value):
        if n > _MOST_WRAPPED:
            raise FormatError(
                f"scale_b: n={n} asks for digits of x too far out to wrap; n is at most "
                f"{_MOST_WRAPPED} here, or take overflow='saturate'"
            )
        reach += _MOST_WRAPPED
    n = min(max(n, -reach - top), reach - top)
    return x._replace(value=x.value * Fraction(2) ** n)


def _dyadic(x: Number) -> bool:
    return isinstance(x, Fraction) and x.denominator & (x.denominator - 1) == 0


@functools.lru_cache(maxsize=64)
def _reach(fmt: ScalarFormat) -> int:
    """Return an exponent past those of all that rounding looks at."""
    if isinstance(fmt, GridFormat):
        return abs(fmt.grid.emin) + abs(fmt.grid.ceiling) + 256
    if isinstance(fmt, CodebookFormat):
        ends = (*fmt.values, *fmt.thresholds, fmt.beyond or 0)
        sizes = (max(end.numerator.bit_length(), end.denominator.bit_length()) for end in ends)
        return 2 * max(sizes) + 256
    assert isinstance(fmt, LogarithmicFormat)
    return int(max(-fmt.logarithm(1), fmt.logarithm(fmt.largest_ordinal))) + 256


def _to_integer(x: Real, random: int, settings: Settings, exact: bool) -> Real:
    if x.kind == _INFINITY:
        return x
    magnitude = x.magnitude
    if isinstance(magnitude, Powers):  # 80 digits after the point and one more that is set
        magnitude = Fraction(powers.floor_of(magnitude, 80)[0] << 1 | 1, 1 << 81)
    whole = magnitude.numerator // magnitude.denominator
    rest = magnitude - whole
    up = _goes_up(rest, x.negative, whole & 1, random, settings)
    flags = _NX if exact and (rest or up) else 0
    if whole + up == 0:
        return Real(_ZERO, x.negative, flags=flags)
    value = Fraction(-whole - up if x.negative else whole + up)
    return Real(_NORMAL, x.negative, value, flags=flags)


def _goes_up(rest: Fraction, negative: int, odd: int, random: int, settings: Settings) -> bool:
    """Return whether an integer followed by `rest` is rounded to the next one."""
    rounding, count = settings.options.rounding, 1 << settings.options.bits
    if rounding.stochastic:
        if rounding.stochastic == STOCHASTIC_A:
            return rest + Fraction(random, count) >= 1
        if rounding.stochastic == STOCHASTIC_B:
            return rest + Fraction(2 * random + 1, 2 * count) >= 1
        fine = rest * count
        middle = fine + Fraction(1, 2)
        near = middle.numerator // middle.denominator
        if middle == near and near & 1 == (rounding.stochastic == STOCHASTIC_C):
            near -= 1
        return near + random >= count
    kind = rounding.addend(negative, odd)
    if kind == BELOW_HALF:
        return rest > Fraction(1, 2)
    if kind == HALF:
        return rest >= Fraction(1, 2)
    return kind == ULP or (kind == BELOW_ULP and rest > 0)

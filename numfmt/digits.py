"""What any code stands for, in integers: the fields that kernels and exact searches take."""

import functools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import Values
from .errors import FormatError
from .families.base import ScalarFormat
from .families.codebooks import CodebookFormat
from .families.grid import GridFormat
from .families.logarithmic import LogarithmicFormat
from .kernels import fields
from .params import Kind

Array = npt.NDArray[Any]


def fields_of_codes(codes: Array, fmt: ScalarFormat) -> tuple[Array, ...]:
    """Return (kinds, signs, exponents, significands) of 1-D codes of any scalar format.

    A value that is no integer times a power of two comes with its first 63 digits, and a last one
    that is set because something follows.
    """
    if isinstance(fmt, GridFormat):
        return fields.fields_of(codes, fmt.grid)
    if isinstance(fmt, CodebookFormat):
        return tuple(column[codes] for column in _codebook_fields(fmt))
    distinct, where = np.unique(codes, return_inverse=True)
    found = _columns([_fields_of_power(code, fmt) for code in distinct.tolist()])
    return tuple(column[where] for column in found)


_Fields = tuple[int, int, int, int]


_NO_FIELDS: _Fields = (Kind.NAN, 0, 0, 0)


def _columns(rows: list[_Fields]) -> tuple[Array, ...]:
    dtypes = (np.uint8, np.uint8, np.int64, np.uint64)
    return tuple(
        np.array(column, dtype)
        for column, dtype in zip(zip(*rows, strict=True), dtypes, strict=True)
    )


def _fields_of_number(value: Fraction, sign: int) -> _Fields:
    """Return the fields of a rational number; `sign` is that of zero."""
    if value == 0:
        return Kind.ZERO, sign, 0, 0
    numerator, denominator = abs(value.numerator), value.denominator
    trailing = (numerator & -numerator).bit_length() - 1
    exponent = trailing + 1 - denominator.bit_length()
    if denominator & (denominator - 1) == 0 and numerator.bit_length() - trailing <= 64:
        return Kind.NORMAL, int(value < 0), exponent, numerator >> trailing
    exponent = numerator.bit_length() - denominator.bit_length() - 63
    scaled = abs(value) * Fraction(2) ** -exponent  # 2**62 to 2**64
    whole = scaled.numerator // scaled.denominator
    if whole >> 63:
        whole, exponent = whole >> 1, exponent + 1
    return Kind.NORMAL, int(value < 0), exponent - 1, whole << 1 | 1


@functools.lru_cache(maxsize=64)
def _codebook_fields(fmt: CodebookFormat) -> tuple[Array, ...]:
    rows = [_NO_FIELDS] * (1 << fmt.bits)
    for code, value in fmt.readings().items():
        rows[code] = _fields_of_number(value, int(code == fmt.negative_zero))
    for negative, code in enumerate(fmt.infinities or ()):
        rows[code] = (Kind.INFINITY, negative, 0, 0)
    return _columns(rows)


def _fields_of_power(code: int, fmt: ScalarFormat) -> _Fields:
    if not isinstance(fmt, LogarithmicFormat):
        raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no decoder")
    if code == fmt.nan_code(0):
        return _NO_FIELDS
    sign, k = fmt.ordinal_of_code(code)
    if k == 0:
        return Kind.ZERO, 0, 0, 0
    near = bounds(fmt, k, 80)[0]
    kind, _, exponent, significand = _fields_of_number(near, 0)
    return kind, sign, exponent, significand


def bounds(fmt: LogarithmicFormat, k: int, digits: int) -> tuple[Fraction, Fraction]:
    """Return numbers, equal or of the same fields, that the magnitude of ordinal `k` is between."""
    while True:
        low, high = fmt.bounds(k, digits)
        if low == high or _fields_of_number(low, 0) == _fields_of_number(high, 0):
            return low, high
        digits *= 2


def exact_values(values: Values, flush: int | None = None) -> Iterator[Fraction | float]:
    """Yield every value exactly: a Fraction, or a float if it is infinite, NaN or minus zero.

    The values are integers, or codes of floats, fixed point, posits, takums or codebooks; floats of
    an exponent below `flush` count as zero.
    """
    words, source = values.words, values.source
    if values.kind == "codes" and isinstance(source, CodebookFormat):
        rational = source.readings()
        infinities = dict(zip(source.infinities or (), (math.inf, -math.inf), strict=False))
        for code in words.tolist():
            if code == source.negative_zero:
                yield -0.0
            else:
                yield rational[code] if code in rational else infinities.get(code, math.nan)
    elif values.kind == "codes" and source is not None:
        columns = (column.tolist() for column in fields_of_codes(words, source))
        for kind, sign, exponent, significand in zip(*columns, strict=True):
            if kind >= Kind.INFINITY:
                number = math.nan if kind == Kind.NAN else math.inf
                yield -number if sign else number
            else:
                if flush is not None and significand.bit_length() + exponent <= flush:
                    significand = 0
                value = Fraction(-significand if sign else significand) * Fraction(2) ** exponent
                yield -0.0 if sign and not value else value
    else:
        signed = values.kind == "int64"
        yield from map(Fraction, (words.view(np.int64) if signed else words).tolist())

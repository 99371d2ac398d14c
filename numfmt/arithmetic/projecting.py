"""Codes of any format rounded once into the result format of a call."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import Values
from ..decoding import decoded
from ..dialects import ZeroSign
from ..dispatch import encode_values
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat
from ..families.grid import GridFormat
from ..families.logarithmic import LogarithmicFormat
from ..lowering import infinite_operand
from ..rounding import BELOW_HALF, BELOW_ULP, HALF, NOTHING, ULP, Overflow, Rounding
from .calls import Array, Call, Settings
from .nans import Found, delivered
from .order import is_negative, is_zero, least_read, magnitude_bounds


class Results(NamedTuple):
    """Codes of the result format and their flags, to be filled."""

    codes: Array
    flags: npt.NDArray[np.uint8]  # of size 0 where nobody asked


def results_of(call: Call) -> Results:
    """Return results of a call, all zero bits."""
    codes = np.zeros(call.size, call.settings.result.code_dtype)
    return Results(codes, np.zeros(call.size if call.return_flags else 0, np.uint8))


def returned(call: Call, results: Results) -> Any:
    """Return what the user gets."""
    codes = results.codes.reshape(call.shape)
    if call.out is not None:
        call.out[...] = codes
        codes = call.out
    return (codes, results.flags.reshape(call.shape)) if call.return_flags else codes


def deliver_nans(
    results: Results, call: Call, nan: Found, among: Sequence[int] | None = None
) -> None:
    """Fill results where an operand is NaN; `among` leaves out operands that do not count."""
    where = np.flatnonzero(nan)
    if not where.size:
        return
    places = range(len(call.operands)) if among is None else among
    operands = [call.operands[i][where] for i in places]
    codes, flags = delivered(operands, [call.formats[i] for i in places], call.settings)
    results.codes[where] = codes
    if results.flags.size:
        results.flags[where] = flags


def project_codes(
    results: Results, call: Call, codes: Array, fmt: ScalarFormat, where: Array | None = None
) -> None:
    """Fill results from codes of numbers of `fmt`, at the positions `where` or at all.

    Subnormals count as zeros if the call flushes its inputs.
    """
    settings = call.settings
    if unchanged(fmt, settings):
        found = canonical(codes, fmt, settings)
        if where is None:
            results.codes[:] = found
        else:
            results.codes[where] = found
        return
    if settings.dialect.zero_sign is ZeroSign.PLUS:
        codes = canonical(codes, fmt, settings)
    least = fmt.emin if isinstance(fmt, FloatFormat) else None
    values = Values(codes, "codes", (), least, codes, fmt)
    if fmt.fits_float64:
        words = decoded(codes, fmt, np.dtype(np.float64)).view(np.uint64)
        values = values._replace(words=words, kind="float64")
    project_values(results, call, values, where)
    if settings.options.overflow is Overflow.WRAP and not fmt.dyadic:
        _wrap_exactly(results, codes, fmt, settings, where)


def project_values(results: Results, call: Call, values: Values, where: Array | None) -> None:
    """Fill results from numbers, with one rounding; -0 is one of them."""
    settings, draws = call.settings, call.draws
    size = values.words.size
    if not size:
        return
    if where is not None and settings.stochastic:
        every = call.draws(0, call.size)[where]

        def draws(start: int, stop: int) -> Array:
            return every[start:stop]

    codes = np.empty(size, settings.result.code_dtype)
    flags = np.zeros(size, np.uint16) if results.flags.size else None
    flush = values.least_normal if settings.flush_inputs else None
    options = settings.options._replace(flush_input=flush)
    encode_values(values, settings.result, options, draws, codes, flags, "a chosen operand")
    at = slice(None) if where is None else where
    results.codes[at] = without_minus_zero(codes, settings.result, settings)
    if flags is not None:
        results.flags[at] = flags.astype(np.uint8)


def _wrap_exactly(
    results: Results, codes: Array, fmt: ScalarFormat, settings: Settings, where: Array | None
) -> None:
    """Replace results modulo 2**bits of values that have more digits than a significand."""
    target = settings.result
    if not isinstance(target, FixedFormat):
        return
    distinct, index = np.unique(codes, return_inverse=True)
    negative = is_negative(distinct, fmt)
    at = np.arange(codes.size) if where is None else where
    for i in np.flatnonzero(~is_zero(distinct, fmt, False)).tolist():
        bounds = magnitude_bounds(int(distinct[i]), fmt)
        if bounds(64)[1] * Fraction(2) ** target.fraction_bits < 1 << 62:
            continue
        found = _rounded_magnitude(bounds, int(negative[i]), target.fraction_bits, settings)
        results.codes[at[index == i]] = (-found if negative[i] else found) % (1 << target.bits)


def _rounded_magnitude(
    bounds: Callable[[int], tuple[Fraction, Fraction]],
    negative: int,
    fraction_bits: int,
    settings: Settings,
) -> int:
    """Return a magnitude times 2**fraction_bits, rounded to an integer."""
    rounding = settings.options.rounding
    if rounding.stochastic:
        raise FormatError(
            f"rounding={rounding.value!r}: values that are no binary fractions are not drawn where "
            "overflow wraps; use a deterministic mode"
        )
    digits = 128
    while True:
        found = set()
        for end in bounds(digits):
            whole, rest = divmod(end * Fraction(2) ** fraction_bits, 1)
            limits = {
                NOTHING: False,
                BELOW_HALF: rest > Fraction(1, 2),
                HALF: rest >= Fraction(1, 2),
                BELOW_ULP: rest > 0,
                ULP: True,
            }
            found.add(whole + limits[rounding.addend(negative, whole & 1)])
        if len(found) == 1:
            return found.pop()
        digits *= 2


def unchanged(fmt: ScalarFormat, settings: Settings) -> bool:
    """Return whether every number of `fmt` is its own result, but for zeros."""
    result, options = settings.result, settings.options
    if fmt != result or options.rounding is Rounding.JAM:
        return False
    if isinstance(fmt, FloatFormat) and options.flush_results:
        return False
    if isinstance(fmt, FixedFormat) and fmt.encoding is Encoding.NARROW:
        return False
    if isinstance(fmt, CodebookFormat) and (
        fmt.read_only or (fmt.negative_zero is not None and not fmt.keeps_minus_zero)
    ):
        return False
    signs = (0, 1) if fmt.signed_values else (0,)
    return not fmt.has_infinity or all(
        fmt.infinity_code(sign) == infinite_operand(fmt, options, sign) for sign in signs
    )


def canonical(codes: Array, fmt: ScalarFormat, settings: Settings) -> Array:
    """Return numbers with the code of zero for all that is zero, as the call wants it."""
    least = least_read(fmt, settings.flush_inputs)
    if isinstance(fmt, FloatFormat) and least > 1:
        word = codes.dtype.type
        top = word(1 << (fmt.bits - 1) if fmt.signed else 0)
        zero = codes & top if fmt.has_negative_zero else word(0)
        codes = np.where((codes & ~top) < least, zero, codes)
    return without_minus_zero(codes, fmt, settings)


def without_minus_zero(codes: Array, fmt: ScalarFormat, settings: Settings) -> Array:
    """Return codes with +0 for -0 where the dialect knows only one zero."""
    if settings.dialect.zero_sign is not ZeroSign.PLUS or not fmt.has_negative_zero:
        return codes
    minus, plus = zero_code(fmt, 1), zero_code(fmt, 0)
    return np.where(codes == minus, codes.dtype.type(plus), codes)


def zero_code(fmt: ScalarFormat, negative: int) -> int:
    """Return the code of zero, with a sign if there is a code for that."""
    if isinstance(fmt, CodebookFormat):
        if negative and fmt.negative_zero is not None:
            return fmt.negative_zero
        return fmt.codes[fmt.values.index(Fraction(0))]
    if isinstance(fmt, LogarithmicFormat | GridFormat):
        return fmt.code_of_ordinal(0, negative)
    raise TypeError(f"{type(fmt).__name__} does not say its zero")

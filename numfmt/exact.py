"""The executable specification: formats and rounding in exact rationals, slow and obvious.

Nothing here is shared with the kernels. A float is read as sign, exponent field and trailing
significand in the way its standard says, a rounding mode is a question about the lost fraction,
and an overflow policy is a list of cases. The tests hold the kernels to this, and packages by other
people hold this to the world.
"""

import functools
import math
import operator
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from . import registry
from .errors import FormatError
from .families.base import Format
from .families.fixed import Encoding, FixedFormat
from .families.floats import FloatFormat, Style
from .flags import Flags
from .params import Kind
from .rounding import Overflow, Rounding, Tininess, choose

_NEAREST = (
    Rounding.NEAREST_EVEN,
    Rounding.NEAREST_AWAY,
    Rounding.NEAREST_ZERO,
    Rounding.NEAREST_UP,
    Rounding.NEAREST_DOWN,
)
_STOCHASTIC = (
    Rounding.STOCHASTIC_A,
    Rounding.STOCHASTIC_B,
    Rounding.STOCHASTIC_C,
    Rounding.STOCHASTIC_C_ODD,
)


class Datum(NamedTuple):
    """What a code stands for: a kind, a sign and, if finite, the exact magnitude.

    Examples
    --------
    >>> Datum(Kind.NORMAL, 1, Fraction(3, 2)).value
    Fraction(-3, 2)
    """

    kind: Kind
    sign: int
    magnitude: Fraction = Fraction(0)

    @property
    def finite(self) -> bool:
        """Whether this is a number."""
        return self.kind < Kind.INFINITY

    @property
    def value(self) -> Fraction:
        """The number, where it is one."""
        if not self.finite:
            raise FormatError(f"{self.kind.name} has no value")
        return -self.magnitude if self.sign else self.magnitude


Number: TypeAlias = Fraction | int | float | Datum


class Draw(NamedTuple):
    """Random bits of one stochastic rounding: an integer below 2**bits."""

    random: int = 0
    bits: int = 8


def decode(code: int, fmt: Format | str) -> Datum:
    """Return what a code of a format stands for.

    Parameters
    ----------
    code : int
        0 <= code < 2**bits.
    fmt : Format or str
        A float or fixed-point format.

    Raises
    ------
    FormatError
        The code is out of range.

    Examples
    --------
    >>> decode(0x7e, "e4m3").value, decode(0x7f, "e4m3").kind.name
    (Fraction(448, 1), 'NAN')
    """
    entry = _known(fmt)
    code = operator.index(code)
    if not 0 <= code < 1 << entry.bits:
        raise FormatError(f"code {code:#x} is out of range; {entry.name!r} has {entry.bits} bits")
    if isinstance(entry, FixedFormat):
        return _decode_fixed(code, entry)
    return _decode_float(code, entry)


def _known(fmt: Format | str) -> FloatFormat | FixedFormat:
    entry = registry.get(fmt)
    if isinstance(entry, FloatFormat | FixedFormat):
        return entry
    raise FormatError(f"numfmt.exact does not know formats of class {type(entry).__name__}")


def _scaled(significand: int, exponent: int) -> Fraction:
    if exponent >= 0:
        return Fraction(significand << exponent)
    return Fraction(significand, 1 << -exponent)


def _decode_fixed(code: int, fmt: FixedFormat) -> Datum:
    top = 1 << (fmt.bits - 1)
    sign, integer = 0, code
    if fmt.encoding is Encoding.SIGN_MAGNITUDE and code >= top:
        sign, integer = 1, code - top
    elif fmt.encoding in (Encoding.TWOS_COMPLEMENT, Encoding.NARROW) and code >= top:
        sign, integer = 1, (1 << fmt.bits) - code
    kind = Kind.NORMAL if integer else Kind.ZERO
    return Datum(kind, sign, _scaled(integer, -fmt.fraction_bits))


def _decode_float(code: int, fmt: FloatFormat) -> Datum:
    sign = code >> (fmt.bits - 1) if fmt.signed else 0
    magnitude = code - (sign << (fmt.bits - 1))
    special = _special_float(code, magnitude, fmt)
    if special is not None:
        return Datum(special, sign)
    exponent_field, trailing = divmod(magnitude, 1 << fmt.trailing_bits)
    if exponent_field == 0 and fmt.zero:
        if trailing == 0 or not fmt.subnormals:
            return Datum(Kind.ZERO, sign)
        return Datum(Kind.SUBNORMAL, sign, _scaled(trailing, fmt.emin - fmt.trailing_bits))
    exponent = exponent_field - fmt.bias
    significand = trailing + (1 << fmt.trailing_bits)
    return Datum(Kind.NORMAL, sign, _scaled(significand, exponent - fmt.trailing_bits))


def _special_float(code: int, magnitude: int, fmt: FloatFormat) -> Kind | None:
    """Return INFINITY or NAN where the style gives that meaning to the code."""
    ones = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        exponent_field, trailing = divmod(magnitude, 1 << fmt.trailing_bits)
        if exponent_field == (1 << fmt.exponent_bits) - 1:
            return Kind.NAN if trailing else Kind.INFINITY
    elif fmt.style is Style.FN:
        if magnitude == ones:
            return Kind.NAN
    elif fmt.style is Style.FNUZ:
        if code == 1 << (fmt.bits - 1):
            return Kind.NAN
    elif fmt.style in (Style.P3109_EXTENDED, Style.P3109_FINITE):
        extended = fmt.style is Style.P3109_EXTENDED
        if fmt.signed:
            if code == 1 << (fmt.bits - 1):
                return Kind.NAN
            if extended and magnitude == ones:
                return Kind.INFINITY
        elif code == ones:
            return Kind.NAN
        elif extended and code == ones - 1:
            return Kind.INFINITY
    return None


def datum(x: Number) -> Datum:
    """Return a number, or a float with its infinities, NaNs and signed zeros, as a `Datum`.

    Examples
    --------
    >>> datum(-0.0)
    Datum(kind=<Kind.ZERO: 0>, sign=1, magnitude=Fraction(0, 1))
    """
    if isinstance(x, Datum):
        return x
    if not isinstance(x, Fraction | int | float):
        x = operator.index(x) if hasattr(x, "__index__") else float(x)
    if isinstance(x, float) and not math.isfinite(x):
        return Datum(Kind.NAN if math.isnan(x) else Kind.INFINITY, int(math.copysign(1, x) < 0))
    sign = int(math.copysign(1, x) < 0) if isinstance(x, float) else int(x < 0)
    magnitude = abs(Fraction(x))
    return Datum(Kind.NORMAL if magnitude else Kind.ZERO, sign, magnitude)


def _floor_log2(x: Fraction) -> int:
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    n, d = x.numerator, x.denominator
    below = n < d << exponent if exponent >= 0 else n << -exponent < d
    return exponent - below


def _quotient(x: Fraction, quantum: int) -> tuple[int, int, int]:
    """Return f, r, d with x / 2**quantum = f + r/d and 0 <= r < d."""
    n, d = x.numerator, x.denominator
    if quantum >= 0:
        d <<= quantum
    else:
        n <<= -quantum
    return *divmod(n, d), d


def _goes_away(f_is_even: bool, r: int, d: int, sign: int, rounding: Rounding, draw: Draw) -> bool:
    """Return whether magnitude f + r/d is rounded to f + 1 (IEEE 754-2019, 4.3; P3109, 4.7.4)."""
    if rounding is Rounding.JAM:
        return f_is_even
    if r == 0 or rounding is Rounding.TOWARD_ZERO:
        return False
    if rounding in _STOCHASTIC:
        return _drawn_away(r, d, rounding, draw)
    if rounding is Rounding.AWAY_FROM_ZERO:
        return True
    if rounding is Rounding.TOWARD_POSITIVE:
        return not sign
    if rounding is Rounding.TOWARD_NEGATIVE:
        return bool(sign)
    if rounding is Rounding.TO_ODD:
        return f_is_even
    if 2 * r != d:
        return 2 * r > d
    tie = {
        Rounding.NEAREST_EVEN: not f_is_even,
        Rounding.NEAREST_AWAY: True,
        Rounding.NEAREST_ZERO: False,
        Rounding.NEAREST_UP: not sign,
        Rounding.NEAREST_DOWN: bool(sign),
    }
    return tie[rounding]


def _drawn_away(r: int, d: int, rounding: Rounding, draw: Draw) -> bool:
    whole = 1 << draw.bits
    if rounding is Rounding.STOCHASTIC_A:
        return r * whole // d + draw.random >= whole
    if rounding is Rounding.STOCHASTIC_B:
        return r * 2 * whole // d + 2 * draw.random + 1 >= 2 * whole
    fraction = Fraction(r * whole, d)
    nearest = math.floor(fraction)
    rest = fraction - nearest
    if rest > Fraction(1, 2):
        nearest += 1
    elif rest == Fraction(1, 2):
        wants_odd = rounding is Rounding.STOCHASTIC_C_ODD
        nearest += (nearest % 2 == 0) if wants_odd else (nearest % 2 == 1)
    return nearest + draw.random >= whole


def _code_parity_is_even(f: int, quantum: int, fmt: FloatFormat | FixedFormat) -> bool:
    """Return whether f * 2**quantum has an even code."""
    if isinstance(fmt, FixedFormat) or fmt.precision > 1:
        return f % 2 == 0
    if f == 0:
        return fmt.zero
    return (quantum + fmt.bias) % 2 == 0


def _round_to_quantum(
    x: Fraction,
    sign: int,
    quantum: int,
    fmt: FloatFormat | FixedFormat,
    rounding: Rounding,
    draw: Draw,
) -> Fraction:
    """Return x >= 0 rounded to a multiple of 2**quantum; `sign` is that of the value."""
    f, r, d = _quotient(x, quantum)
    even = _code_parity_is_even(f, quantum, fmt)
    if _goes_away(even, r, d, sign, rounding, draw):
        f += 1
    return _scaled(f, quantum)


def _round_float(
    x: Fraction, sign: int, fmt: FloatFormat, rounding: Rounding, draw: Draw
) -> Fraction:
    """Return x >= 0 rounded with the exponent unbounded above."""
    if x == 0:
        quantum = fmt.emin - (fmt.trailing_bits if fmt.subnormals else 0)
        return _round_to_quantum(x, sign, quantum, fmt, rounding, draw)
    exponent = _floor_log2(x)
    if exponent >= fmt.emin or fmt.subnormals:
        quantum = max(exponent, fmt.emin) - fmt.trailing_bits
    else:
        quantum = fmt.emin
    return _round_to_quantum(x, sign, quantum, fmt, rounding, draw)


def _is_tiny(
    x: Fraction, sign: int, fmt: FloatFormat, rounding: Rounding, draw: Draw, tininess: Tininess
) -> bool:
    least = _scaled(1, fmt.emin)
    if x == 0 or x >= least:
        return False
    if tininess is Tininess.BEFORE:
        return True
    quantum = _floor_log2(x) - fmt.trailing_bits
    return _round_to_quantum(x, sign, quantum, fmt, rounding, draw) < least


def encode(
    x: Number,
    fmt: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    draw: Draw | None = None,
    flush_results: bool = False,
    tininess: Tininess | str = Tininess.AFTER,
) -> tuple[int, Flags]:
    """Return the code and the status flags of one exact value rounded into a format.

    Parameters
    ----------
    x : Fraction, int, float or Datum
        The exact value.
    fmt : Format or str
        A float or fixed-point format.
    rounding, overflow, nan, flush_results, tininess
        As in `numfmt.encode`.
    draw : Draw, optional
        The random bits of a stochastic mode.

    Raises
    ------
    FormatError
        The format has no code for the result and no option says what to do instead.

    Examples
    --------
    >>> encode(Fraction(1, 3), "e4m3"), encode(464, "e4m3"), encode(465, "e4m3")
    ((43, <Flags.NX: 1>), (126, <Flags.NX: 1>), (127, <Flags.NX|OF: 5>))
    """
    entry = _known(fmt)
    mode = entry.default_rounding if rounding is None else choose(Rounding, rounding, "rounding")
    policy = entry.default_overflow if overflow is None else choose(Overflow, overflow, "overflow")
    if (draw is None) == (mode in _STOCHASTIC):
        need = "takes no random bits; leave out draw" if draw else "needs draw=Draw(random, bits)"
        raise FormatError(f"rounding={mode.value!r} {need}")
    bits = draw or Draw()
    if isinstance(nan, float):
        nan = encode(nan, entry, overflow=Overflow.SATURATE)[0]
    _check_options(entry, policy, nan, bits)
    source = datum(x)
    if source.kind is Kind.NAN:
        code = _nan_code(source.sign, entry, nan)
        return code, Flags(0 if _has_nan(entry) else Flags.NV)
    if source.kind is Kind.INFINITY:
        code = _encode_infinity(source.sign, entry, policy, nan)
        kept = decode(code, entry) == source
        return code, Flags(0 if kept else Flags.NV)
    if isinstance(entry, FixedFormat):
        return _encode_fixed(source, entry, mode, policy, bits, nan)
    return _encode_float(
        source,
        entry,
        mode,
        policy,
        bits,
        nan,
        flush_results,
        choose(Tininess, tininess, "tininess"),
    )


def _check_options(
    fmt: FloatFormat | FixedFormat, overflow: Overflow, nan: int | None, draw: Draw
) -> None:
    """Refuse policies that a format cannot follow, and numbers out of range."""
    if nan is not None and not 0 <= nan < 1 << fmt.bits:
        raise FormatError(f"nan={nan} is no code of {fmt.name!r}, which has {fmt.bits} bits")
    if not (1 <= draw.bits <= 52 and 0 <= draw.random < 1 << draw.bits):
        raise FormatError(f"draw={draw} must have 1 to 52 bits and random below 2**bits")
    follows = {
        Overflow.IEEE: _has_infinity(fmt),
        Overflow.INFINITY: _has_infinity(fmt),
        Overflow.NAN: _has_nan(fmt) or nan is not None,
        Overflow.WRAP: isinstance(fmt, FixedFormat)
        and fmt.encoding in (Encoding.TWOS_COMPLEMENT, Encoding.UNSIGNED),
    }
    if not follows.get(overflow, True):
        raise FormatError(f"overflow={overflow.value!r} is not for {fmt.name!r}; use 'saturate'")


def _encode_float(
    source: Datum,
    fmt: FloatFormat,
    rounding: Rounding,
    overflow: Overflow,
    draw: Draw,
    nan: int | None,
    flush_results: bool,
    tininess: Tininess,
) -> tuple[int, Flags]:
    x, sign = source.magnitude, source.sign
    if not fmt.zero and sign and x:
        raise FormatError(f"the value is negative and {fmt.name!r} has only positive ones")
    rounded = _round_float(x, sign, fmt, rounding, draw)
    flags = Flags(0) if rounded == x else Flags.NX
    if rounded > (_largest(fmt) if fmt.signed or not sign else 0):
        return _past_the_end(sign, fmt, rounding, overflow, nan), Flags.OF | Flags.NX
    tiny = fmt.zero and _is_tiny(x, sign, fmt, rounding, draw, tininess)
    if tiny and flush_results:
        return _finite_code(Fraction(0), sign, fmt), Flags.UF | Flags.NX
    if tiny and flags:
        flags |= Flags.UF
    return _finite_code(rounded, sign, fmt), flags


def _encode_fixed(
    source: Datum,
    fmt: FixedFormat,
    rounding: Rounding,
    overflow: Overflow,
    draw: Draw,
    nan: int | None,
) -> tuple[int, Flags]:
    x, sign = source.magnitude, source.sign
    rounded = _round_to_quantum(x, sign, -fmt.fraction_bits, fmt, rounding, draw)
    flags = Flags(0) if rounded == x else Flags.NX
    integer = int(rounded * _scaled(1, fmt.fraction_bits))
    past = integer > _largest_integer(sign, fmt)
    if overflow is Overflow.WRAP:
        flags |= Flags.OF | Flags.NX if past else Flags(0)
        return (-integer if sign else integer) % (1 << fmt.bits), flags
    if past:
        return _past_the_end(sign, fmt, rounding, overflow, nan), Flags.OF | Flags.NX
    return _fixed_code(integer, sign, fmt), flags


def _largest_integer(sign: int, fmt: FixedFormat) -> int:
    if fmt.encoding is Encoding.UNSIGNED:
        return 0 if sign else (1 << fmt.bits) - 1
    extra = 1 if sign and fmt.encoding is Encoding.TWOS_COMPLEMENT else 0
    return (1 << (fmt.bits - 1)) - 1 + extra


def _fixed_code(integer: int, sign: int, fmt: FixedFormat) -> int:
    if fmt.encoding is Encoding.SIGN_MAGNITUDE:
        return integer + (sign << (fmt.bits - 1))
    return (-integer if sign else integer) % (1 << fmt.bits)


@functools.lru_cache(maxsize=4096)
def _largest(fmt: FloatFormat) -> Fraction:
    """Return the largest finite value: the last code before the special ones."""
    code = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        code -= (1 << fmt.trailing_bits) - 1  # over the NaNs, to infinity
    while not (found := decode(code, fmt)).finite:
        code -= 1
    return found.magnitude


def _finite_code(magnitude: Fraction, sign: int, fmt: FloatFormat) -> int:
    """Return the code of a value that the format has; what is below a zeroless one clamps."""
    if magnitude == 0:
        negative_zero = fmt.signed and fmt.style in (Style.IEEE, Style.FN, Style.FINITE)
        return sign << (fmt.bits - 1) if negative_zero else 0
    exponent = _floor_log2(magnitude)
    if exponent < fmt.emin:
        field, significand = 0, magnitude / _scaled(1, fmt.emin - fmt.trailing_bits)
    else:
        field = exponent + fmt.bias
        significand = magnitude / _scaled(1, exponent - fmt.trailing_bits)
        significand -= 1 << fmt.trailing_bits
    return int(significand) + (field << fmt.trailing_bits) + (sign << (fmt.bits - 1))


def _past_the_end(
    sign: int,
    fmt: FloatFormat | FixedFormat,
    rounding: Rounding,
    overflow: Overflow,
    nan: int | None,
) -> int:
    """Return the code of a finite value that rounds past the end of the format."""
    nearest_or_drawn = rounding in (*_NEAREST, *_STOCHASTIC)
    if overflow is Overflow.IEEE:
        outward = nearest_or_drawn or rounding is Rounding.AWAY_FROM_ZERO
        outward |= rounding is (Rounding.TOWARD_NEGATIVE if sign else Rounding.TOWARD_POSITIVE)
        if not outward:
            return _extreme(sign, fmt)
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.SAT_NONE:
        return _p3109_sat_none(sign, fmt, rounding, nan)
    if overflow in (Overflow.SATURATE, Overflow.SATURATE_PROPAGATE, Overflow.CLAMP_FINITE):
        return _extreme(sign, fmt)
    if overflow is Overflow.INFINITY:
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.NAN:
        return _nan_code(sign, fmt, nan)
    raise FormatError(f"the value is past the end of {fmt.name!r} (overflow={overflow.value!r})")


def _p3109_sat_none(
    sign: int, fmt: FloatFormat | FixedFormat, rounding: Rounding, nan: int | None
) -> int:
    """Return what P3109 4.0, 4.7.5, table SatNone gives for a finite value out of range."""
    if not fmt.signed and sign:
        if rounding in (Rounding.TOWARD_ZERO, Rounding.TOWARD_POSITIVE):
            return 0
        return _nan_code(sign, fmt, nan)
    if not _has_infinity(fmt):
        return _extreme(sign, fmt)
    inward = Rounding.TOWARD_POSITIVE if sign else Rounding.TOWARD_NEGATIVE
    if rounding in (Rounding.TOWARD_ZERO, inward):
        return _extreme(sign, fmt)
    if rounding is Rounding.TO_ODD and not fmt.signed:
        return _extreme(sign, fmt)
    return _infinity_or_nan(sign, fmt, nan)


def _extreme(sign: int, fmt: FloatFormat | FixedFormat) -> int:
    if isinstance(fmt, FixedFormat):
        return _fixed_code(_largest_integer(sign, fmt), sign, fmt)
    if sign and not fmt.signed:
        return 0
    return _finite_code(_largest(fmt), sign, fmt)


def _infinity_or_nan(sign: int, fmt: FloatFormat | FixedFormat, nan: int | None) -> int:
    if not isinstance(fmt, FloatFormat) or not _has_infinity(fmt):
        raise FormatError(f"{fmt.name!r} has no infinity")
    if sign and not fmt.signed:
        return _nan_code(sign, fmt, nan)
    if fmt.style is Style.IEEE:
        return ((1 << fmt.exponent_bits) - 1) << fmt.trailing_bits | sign << (fmt.bits - 1)
    if fmt.signed:
        return (1 << (fmt.bits - 1)) - 1 | sign << (fmt.bits - 1)
    return (1 << fmt.bits) - 2


def _encode_infinity(
    sign: int, fmt: FloatFormat | FixedFormat, overflow: Overflow, nan: int | None
) -> int:
    if overflow is Overflow.SATURATE:
        return _extreme(sign, fmt)
    if overflow is Overflow.NAN:
        return _nan_code(sign, fmt, nan)
    if overflow is Overflow.WRAP:
        raise FormatError(f"infinity has no residue in {fmt.name!r}")
    if _has_infinity(fmt) and (fmt.signed or not sign):
        return _infinity_or_nan(sign, fmt, nan)
    if overflow is Overflow.SATURATE_PROPAGATE:
        return _extreme(sign, fmt)
    if overflow is Overflow.SAT_NONE:
        return _nan_code(sign, fmt, nan) if sign and not fmt.signed else _extreme(sign, fmt)
    if overflow is Overflow.CLAMP_FINITE or (
        overflow in (Overflow.IEEE, Overflow.INFINITY) and _has_infinity(fmt)
    ):
        return _nan_code(sign, fmt, nan)
    raise FormatError(f"{fmt.name!r} has no infinity (overflow={overflow.value!r})")


def _has_infinity(fmt: FloatFormat | FixedFormat) -> bool:
    return isinstance(fmt, FloatFormat) and fmt.style in (Style.IEEE, Style.P3109_EXTENDED)


def _has_nan(fmt: FloatFormat | FixedFormat) -> bool:
    if isinstance(fmt, FixedFormat) or fmt.style is Style.FINITE:
        return False
    return fmt.style is not Style.IEEE or fmt.trailing_bits > 0


def _nan_code(sign: int, fmt: FloatFormat | FixedFormat, nan: int | None) -> int:
    if nan is not None:
        return nan
    if isinstance(fmt, FixedFormat) or not _has_nan(fmt):
        raise FormatError(f"{fmt.name!r} has no NaN; choose the code that a NaN becomes with nan=")
    top = sign << (fmt.bits - 1) if fmt.signed else 0
    ones = (1 << (fmt.bits - fmt.signed)) - 1
    if fmt.style is Style.IEEE:
        field = (1 << fmt.exponent_bits) - 1
        return (field << fmt.trailing_bits) + (1 << (fmt.trailing_bits - 1)) + top
    if fmt.style is Style.FN:
        return ones + top
    return 1 << (fmt.bits - 1) if fmt.signed else ones


def convert(
    code: int,
    src: Format | str,
    dst: Format | str,
    *,
    flush_inputs: bool = False,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    draw: Draw | None = None,
    flush_results: bool = False,
    tininess: Tininess | str = Tininess.AFTER,
) -> tuple[int, Flags]:
    """Return the code and flags of a code of `src` rounded into `dst`; options as in `encode`.

    Examples
    --------
    >>> convert(0x7e, "e4m3", "e2m1")
    (7, <Flags.NX|OF: 5>)
    """
    entry = _known(src)
    source = decode(code, entry)
    if flush_inputs and source.kind is Kind.SUBNORMAL:
        source = Datum(Kind.ZERO, source.sign)
    result, flags = encode(
        source,
        dst,
        rounding=rounding,
        overflow=overflow,
        nan=nan,
        draw=draw,
        flush_results=flush_results,
        tininess=tininess,
    )
    if isinstance(entry, FloatFormat) and source.kind is Kind.NAN and entry.is_signalling(code):
        flags |= Flags.NV
    return result, flags

"""Projection: an exact number, one rounding, one code."""

from fractions import Fraction

from ..errors import FormatError
from ..families.base import Format
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat
from ..families.logarithmic import LnsFormat, LogarithmicFormat
from ..families.tapered import PositFormat, QuireFormat, TakumFormat
from ..flags import Flags
from ..params import Kind
from ..rounding import Overflow, Rounding, Tininess, choose
from .codebooks import encode_codebook
from .data import Datum, KnownFormat, Number, datum, has_infinity, has_nan, known, scaled
from .decoding import decode
from .logarithms import encode_logarithm
from .outcomes import (
    encode_infinity,
    finite_code,
    fixed_code,
    largest,
    largest_integer,
    nan_code,
    past_the_end,
)
from .rounding import STOCHASTIC, Draw, is_tiny, round_float, round_to_quantum
from .tapered import encode_quire, encode_tapered


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
    entry = known(fmt)
    mode = entry.default_rounding if rounding is None else choose(Rounding, rounding, "rounding")
    policy = entry.default_overflow if overflow is None else choose(Overflow, overflow, "overflow")
    if (draw is None) == (mode in STOCHASTIC):
        need = "takes no random bits; leave out draw" if draw else "needs draw=Draw(random, bits)"
        raise FormatError(f"rounding={mode.value!r} {need}")
    bits = draw or Draw()
    if isinstance(nan, float):
        nan = encode(nan, entry, overflow=Overflow.SATURATE)[0]
    source = datum(x)
    if not isinstance(entry, FloatFormat | FixedFormat):
        return _encode_elsewhere(source, entry, mode, policy, bits, nan)
    check_options(entry, policy, nan, bits)
    if source.kind is Kind.NAN:
        code = nan_code(source.sign, entry, nan)
        return code, Flags(0 if has_nan(entry) else Flags.NV)
    if source.kind is Kind.INFINITY:
        code = encode_infinity(source.sign, entry, policy, nan)
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


def _encode_elsewhere(
    source: Datum,
    fmt: PositFormat | TakumFormat | QuireFormat | CodebookFormat | LogarithmicFormat,
    rounding: Rounding,
    overflow: Overflow,
    draw: Draw,
    nan: int | None,
) -> tuple[int, Flags]:
    """Return the code in a family whose documents define no flags; those are always 0."""
    check_choices(fmt, rounding, overflow, nan)
    _check_draw(draw)
    if not source.finite:
        return _encode_special(source, fmt, overflow, nan), Flags(0)
    if isinstance(fmt, CodebookFormat):
        return encode_codebook(source, fmt, rounding, draw, overflow, nan)
    if isinstance(fmt, LogarithmicFormat):
        return encode_logarithm(source, fmt, rounding)
    if isinstance(fmt, QuireFormat):
        return encode_quire(source, fmt, rounding, draw, overflow)
    return encode_tapered(source, fmt, rounding, draw)


def _check_draw(draw: Draw) -> None:
    if not (1 <= draw.bits <= 52 and 0 <= draw.random < 1 << draw.bits):
        raise FormatError(f"draw={draw} must have 1 to 52 bits and random below 2**bits")


def check_choices(
    fmt: KnownFormat, rounding: Rounding, overflow: Overflow, nan: int | None
) -> None:
    """Refuse the modes and policies that these families have no meaning for."""
    if nan is not None and not 0 <= nan < 1 << fmt.bits:
        raise FormatError(f"nan={nan} is no code of {fmt.name!r}, which has {fmt.bits} bits")
    clamping = {Overflow.SATURATE, Overflow.SATURATE_PROPAGATE, Overflow.CLAMP_FINITE}
    allowed = clamping
    if isinstance(fmt, QuireFormat):
        allowed = clamping | {Overflow.NAN, Overflow.RAISE}
    if isinstance(fmt, CodebookFormat):
        allowed = clamping | {Overflow.RAISE}
        if fmt.nan is not None or nan is not None:
            allowed = allowed | {Overflow.NAN}
        if fmt.infinities:
            allowed = allowed | {Overflow.IEEE, Overflow.INFINITY}
        if rounding in (Rounding.TO_ODD, Rounding.JAM):
            raise FormatError(f"rounding={rounding.value!r} is not for {fmt.name!r}")
    if isinstance(fmt, LogarithmicFormat) and rounding in STOCHASTIC:
        raise FormatError(f"rounding={rounding.value!r} is not for {fmt.name!r}")
    if overflow not in allowed:
        raise FormatError(f"overflow={overflow.value!r} is not for {fmt.name!r}; use 'saturate'")


def _encode_special(source: Datum, fmt: KnownFormat, overflow: Overflow, nan: int | None) -> int:
    """Return the code of an infinity or a NaN."""
    not_a_number = fmt.nan if isinstance(fmt, CodebookFormat) else 1 << (fmt.bits - 1)
    if isinstance(fmt, LnsFormat):
        not_a_number = 0b11 << (fmt.bits - 2)
    if nan is not None:
        not_a_number = nan
    if source.kind is Kind.INFINITY:
        infinities = fmt.infinities if isinstance(fmt, CodebookFormat) else None
        if overflow is Overflow.SATURATE:
            return _end(source.sign, fmt)
        if infinities and overflow is not Overflow.NAN:
            return infinities[source.sign]
        if overflow is Overflow.SATURATE_PROPAGATE:
            return _end(source.sign, fmt)
        if overflow is Overflow.RAISE:
            raise FormatError(f"{fmt.name!r} has no infinity (overflow='raise')")
    if not_a_number is None:
        raise FormatError(f"{fmt.name!r} has no NaN; choose the code that a NaN becomes with nan=")
    return not_a_number


def _end(sign: int, fmt: KnownFormat) -> int:
    """Return the code of the largest magnitude of a sign."""
    if isinstance(fmt, CodebookFormat):
        return fmt.codes[0 if sign else -1]
    half = 1 << (fmt.bits - 1)
    if isinstance(fmt, LnsFormat):
        return half // 2 - 1 + sign * half
    return half + 1 if sign else half - 1


def check_options(
    fmt: FloatFormat | FixedFormat, overflow: Overflow, nan: int | None, draw: Draw
) -> None:
    """Refuse policies that a format cannot follow, and numbers out of range."""
    if nan is not None and not 0 <= nan < 1 << fmt.bits:
        raise FormatError(f"nan={nan} is no code of {fmt.name!r}, which has {fmt.bits} bits")
    _check_draw(draw)
    follows = {
        Overflow.IEEE: has_infinity(fmt),
        Overflow.INFINITY: has_infinity(fmt),
        Overflow.NAN: has_nan(fmt) or nan is not None,
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
    rounded = round_float(x, sign, fmt, rounding, draw)
    flags = Flags(0) if rounded == x else Flags.NX
    if rounded > (largest(fmt) if fmt.signed or not sign else 0):
        return past_the_end(sign, fmt, rounding, overflow, nan), Flags.OF | Flags.NX
    tiny = fmt.zero and is_tiny(x, sign, fmt, rounding, draw, tininess)
    if tiny and flush_results:
        return finite_code(Fraction(0), sign, fmt), Flags.UF | Flags.NX
    if tiny and flags:
        flags |= Flags.UF
    return finite_code(rounded, sign, fmt), flags


def _encode_fixed(
    source: Datum,
    fmt: FixedFormat,
    rounding: Rounding,
    overflow: Overflow,
    draw: Draw,
    nan: int | None,
) -> tuple[int, Flags]:
    x, sign = source.magnitude, source.sign
    rounded = round_to_quantum(x, sign, -fmt.fraction_bits, fmt, rounding, draw)
    flags = Flags(0) if rounded == x else Flags.NX
    integer = int(rounded * scaled(1, fmt.fraction_bits))
    past = integer > largest_integer(sign, fmt)
    if overflow is Overflow.WRAP:
        flags |= Flags.OF | Flags.NX if past else Flags(0)
        return (-integer if sign else integer) % (1 << fmt.bits), flags
    if past:
        return past_the_end(sign, fmt, rounding, overflow, nan), Flags.OF | Flags.NX
    return fixed_code(integer, sign, fmt), flags


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
    entry = known(src)
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

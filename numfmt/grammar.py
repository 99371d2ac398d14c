"""Names that say everything: every size of every family without a catalogue entry."""

import re
from collections.abc import Callable

from .errors import UnknownFormat
from .families.base import Format
from .families.fixed import Encoding, FixedFormat
from .families.floats import FloatFormat, Style
from .families.logarithmic import LnsFormat, LogTakumFormat
from .families.tapered import PositFormat, QuireFormat, TakumFormat

_EM_STYLES = (Style.IEEE, Style.FN, Style.FINITE, Style.FNUZ)


def minifloat(
    exponent_bits: int,
    trailing_bits: int,
    style: Style,
    bias: int | None = None,
    *,
    signed: bool = True,
) -> FloatFormat:
    """Return the format ``e<E>m<M>_<style>``, with ``_b<bias>`` where the bias is not the default.

    The default bias is 2**(E-1) - 1, and 2**(E-1) for fnuz (as its own documents have it).
    """
    default = (1 << (exponent_bits - 1)) - (style is not Style.FNUZ) if exponent_bits else 0
    name = f"{'' if signed else 'u'}e{exponent_bits}m{trailing_bits}_{style.value}"
    if bias is not None and bias != default:
        name += f"_b{bias}"
    return FloatFormat(
        name=name,
        bits=signed + exponent_bits + trailing_bits,
        precision=trailing_bits + 1,
        emin=1 - (default if bias is None else bias),
        signed=signed,
        style=style,
        source="numfmt: generic float, the styles of formats in use applied to any size",
    )


def p3109(bits: int, precision: int, signed: bool, extended: bool) -> FloatFormat:
    """Return the format ``Binary<K>p<P><s|u><e|f>`` of IEEE P3109."""
    bias_exponent = bits - precision - (1 if signed else 0)
    return FloatFormat(
        name=f"Binary{bits}p{precision}{'s' if signed else 'u'}{'e' if extended else 'f'}",
        bits=bits,
        precision=precision,
        emin=1 - (1 << bias_exponent) if bias_exponent >= 0 else 1,
        signed=signed,
        style=Style.P3109_EXTENDED if extended else Style.P3109_FINITE,
        source="IEEE P3109 Interim Report 4.0 (unapproved draft), 4.7.2 and 4.14",
    )


def fixed(integer_bits: int, fraction_bits: int, encoding: Encoding) -> FixedFormat:
    """Return the format ``q<m>.<n>`` (the sign counts in m) or ``uq<m>.<n>``."""
    prefix = "uq" if encoding is Encoding.UNSIGNED else "q"
    return FixedFormat(
        name=f"{prefix}{integer_bits}.{fraction_bits}{_suffix(encoding)}",
        bits=integer_bits + fraction_bits,
        fraction_bits=fraction_bits,
        encoding=encoding,
        source="numfmt: Qm.n, m with the sign (as ap_fixed<m+n, m> of high-level synthesis)",
    )


def integer(bits: int, encoding: Encoding) -> FixedFormat:
    """Return the format ``int<n>``, ``uint<n>``, ``int<n>_narrow`` or ``int<n>_sign_magnitude``."""
    prefix = "uint" if encoding is Encoding.UNSIGNED else "int"
    return FixedFormat(
        name=f"{prefix}{bits}{_suffix(encoding)}",
        bits=bits,
        encoding=encoding,
        source=f"integer of {bits} bits, {encoding.value.replace('_', ' ')}",
    )


def posit(bits: int, es: int | None = None) -> PositFormat:
    """Return the format ``posit<n>`` of the Posit Standard, or ``posit<n>_<es>``."""
    if es is None:
        return PositFormat(
            name=f"posit{bits}",
            bits=bits,
            aliases=(f"posit{bits}_2",),
            source="Posit Standard (2022), 3 (definition) and 4 (rounding)",
        )
    return PositFormat(
        name=f"posit{bits}_{es}",
        bits=bits,
        es=es,
        source="Gustafson and Yonemoto, Beating Floating Point at its Own Game, 2017; rounding as "
        "in SoftPosit",
    )


def takum(bits: int) -> TakumFormat:
    """Return the linear takum ``takum<n>``."""
    return TakumFormat(
        name=f"takum{bits}",
        bits=bits,
        aliases=(f"takum{bits}_linear", f"takum_linear{bits}"),
        source="Hunhold, Beating Posits at Their Own Game: Takum Arithmetic, arXiv 2404.18603, "
        "definition 8 (linear); the string is read the same where fewer than 12 bits cut it",
    )


def log_takum(bits: int) -> LogTakumFormat:
    """Return the logarithmic takum ``takum<n>_log``."""
    return LogTakumFormat(
        name=f"takum{bits}_log",
        bits=bits,
        aliases=(f"takum_log{bits}",),
        source="Hunhold, Beating Posits at Their Own Game: Takum Arithmetic, arXiv 2404.18603, "
        "definition 2 (logarithmic); the string is read the same where fewer than 12 bits cut it",
    )


def lns(bits: int, fraction_bits: int) -> LnsFormat:
    """Return the logarithmic number system ``lns<n>_<r>``."""
    return LnsFormat(
        name=f"lns{bits}_{fraction_bits}",
        bits=bits,
        fraction_bits=fraction_bits,
        source="sign and log2 in two's complement; zero and NaN as lns<n, r> of the Universal "
        "library; rounding of the logarithm, clamped at both ends, is ours",
    )


def quire(bits: int, es: int | None = None) -> QuireFormat:
    """Return the quire of ``posit<n>`` (``quire<n>``), or SoftPosit's of ``posit<n>_<es>``."""
    if es is None:
        return QuireFormat(
            name=f"quire{bits}",
            bits=16 * bits,
            fraction_bits=8 * bits - 16,
            source="Posit Standard (2022), 3.4: 16n bits, of them 8n - 16 after the point",
        )
    return QuireFormat(
        name=f"quire{bits}_{es}",
        bits=bits * bits // 2,
        fraction_bits=2 * (bits - 2) << es,
        source="SoftPosit: n*n/2 bits, the last one minpos squared",
    )


def _dint(bits: int) -> Format:
    from .codebooks import dint  # which reads names here

    return dint(bits)


def _suffix(encoding: Encoding) -> str:
    return f"_{encoding.value}" if encoding in (Encoding.NARROW, Encoding.SIGN_MAGNITUDE) else ""


def _encoding(unsigned: str | None, suffix: str | None) -> Encoding:
    if unsigned:
        return Encoding.UNSIGNED
    return Encoding(suffix[1:]) if suffix else Encoding.TWOS_COMPLEMENT


def _parse_minifloat(match: re.Match[str]) -> Format:
    unsigned, exponent, trailing, style, bias = match.groups()
    return minifloat(
        int(exponent),
        int(trailing),
        Style(style),
        None if bias is None else int(bias),
        signed=not unsigned,
    )


def _parse_p3109(match: re.Match[str]) -> Format:
    bits, precision = int(match[1]), int(match[2])
    signed = match[3] == "s"
    if bits < 3 or not 1 <= precision <= bits - signed:
        raise UnknownFormat(
            f"{match[0]!r}: IEEE P3109 wants K > 2 and 1 <= P <= K{' - 1' * signed}; "
            f"here K = {bits} and P = {precision}"
        )
    return p3109(bits, precision, signed, match[4] == "e")


def _parse_integer(match: re.Match[str]) -> Format:
    return integer(int(match[2]), _encoding(match[1], match[3]))


def _parse_fixed(match: re.Match[str]) -> Format:
    return fixed(int(match[2]), int(match[3]), _encoding(match[1], match[4]))


def _parse_posit(match: re.Match[str]) -> Format:
    es = None if match[2] in (None, "2") else int(match[2])
    return posit(int(match[1]), es)


def _refuse_bare(match: re.Match[str]) -> Format:
    exponent, trailing = int(match[1]), int(match[2])
    candidates = []
    for style in _EM_STYLES:
        try:
            candidates.append(minifloat(exponent, trailing, style))
        except ValueError:
            continue
    if not candidates:
        raise UnknownFormat(
            f"{match[0]!r} is no float that numfmt can hold: it takes e >= 1, m >= 0 and at most "
            "64 bits, as in 'e5m10_ieee'"
        )
    names = [f"{c.name!r}" for c in candidates]
    tops = (
        [
            str(c.largest) if c.largest.denominator == 1 else str(float(c.largest))
            for c in candidates
        ]
        if exponent < 8
        else []
    )
    raise UnknownFormat(
        f"{match[0]!r} does not say what its top codes mean; write "
        f"{', '.join(names[:-1])} or {names[-1]}"
        + (f" (largest finite value {', '.join(tops)})" if tops else "")
    )


_RULES: tuple[tuple[str, Callable[[re.Match[str]], Format]], ...] = (
    (r"(u)?e(\d{1,3})m(\d{1,3})_(ieee|fn|finite|fnuz)(?:_b(-?\d{1,7}))?", _parse_minifloat),
    (r"e(\d{1,3})m(\d{1,3})", _refuse_bare),
    (r"binary(\d{1,3})p(\d{1,3})([su])([ef])", _parse_p3109),
    (r"(u)?int(\d{1,3})()", _parse_integer),
    (r"()int(\d{1,3})(_narrow|_sign_magnitude)", _parse_integer),
    (r"(u)?q(-?\d{1,5})\.(-?\d{1,5})()", _parse_fixed),
    (r"dint(\d{1,2})", lambda match: _dint(int(match[1]))),
    (r"posit(\d{1,3})(?:_(\d{1,3}))?", _parse_posit),
    (r"takum(\d{1,3})(?:_linear)?", lambda match: takum(int(match[1]))),
    (r"takum(\d{1,3})_log", lambda match: log_takum(int(match[1]))),
    (r"lns(\d{1,3})_(\d{1,3})", lambda match: lns(int(match[1]), int(match[2]))),
    (r"quire(\d{1,3})", lambda match: quire(int(match[1]))),
    (r"quire(8_0|16_1|32_2)", lambda match: quire(*map(int, match[1].split("_")))),
    (r"()q(-?\d{1,5})\.(-?\d{1,5})(_narrow|_sign_magnitude)", _parse_fixed),
)


def parse(key: str) -> Format | None:
    """Return the format that a lower-case name spells out, or None where no rule reads it.

    Raises
    ------
    FormatError
        The name is well formed and its numbers do not fit together.
    UnknownFormat
        The name leaves open which of several formats is meant.
    """
    for pattern, build in _RULES:
        match = re.fullmatch(pattern, key, re.ASCII)
        if match:
            return build(match)
    return None

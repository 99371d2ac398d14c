"""The parameters of a format as a SystemVerilog or C header, for designs and their models."""

import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Final

from . import registry
from .c_functions import functions_of
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.block_options import Granularity
from .families.blocks import BlockFormat
from .families.codebooks import CodebookFormat
from .families.fixed import FixedFormat
from .families.floats import FloatFormat, Style
from .families.grid import GridFormat
from .families.logarithmic import LnsFormat, LogarithmicFormat
from .families.tapered import PositFormat, QuireFormat, TaperedFormat
from .listing import value_text

EMITTERS: Final = ("svh", "c")
_MOST_BITS = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A named integer: a code of `bits` bits, or a plain number where `bits` is None."""

    name: str
    value: int
    bits: int | None = None
    text: str = ""


def describe(fmt: Format | str, emit: str = "svh") -> str:
    """Return the parameters of a format as the text of a header.

    Parameters
    ----------
    fmt : Format or str
        A format of codes of up to 64 bits, or a block format; or a name.
    emit : {'svh', 'c'}
        ``svh``: SystemVerilog localparams, every code sized (``8'h7e``), and a packed struct of
        the fields if ``NUMFMT_STRUCT`` is defined. Include it in a package or before the first
        module: its guard lets it in once. ``c``: C99 with the same names as macros; for scalar
        formats of up to 8 bits also tables from codes to the bits of doubles and floats, and
        ``decode`` and ``encode`` functions of plain types, fit for DPI-C.

    Returns
    -------
    str
        Names are ``NUMFMT_<FORMAT>_<PARAMETER>``. ``MAN_W`` is the width of the trailing
        significand, ``NAN_FIRST`` to ``NAN_LAST`` are the NaNs without a sign. What a format does
        not have is left out, and ``HAS_...`` is 0.

    Raises
    ------
    FormatError
        `emit` is something else, or codes are wider than 64 bits.
    UnknownFormat
        There is no such format.

    Examples
    --------
    >>> for line in describe("e4m3").splitlines()[:8]:
    ...     print(line)
    // numfmt: e4m3, 8 bits, family float, style fn
    // OCP 8-bit Floating Point Specification (OFP8) rev. 1.0
    // defaults of a conversion: rounding nearest_even, overflow nan
    `ifndef NUMFMT_E4M3_SVH
    `define NUMFMT_E4M3_SVH
    localparam integer NUMFMT_E4M3_WIDTH = 8;
    localparam integer NUMFMT_E4M3_SIGNED = 1;
    localparam integer NUMFMT_E4M3_EXP_W = 4;
    >>> [line for line in describe("e4m3", "c").splitlines() if "_MAX " in line]
    ['#define NUMFMT_E4M3_MAX UINT8_C(0x7e) /* 448.0 */']
    """
    if emit not in EMITTERS:
        raise FormatError(f"emit={emit!r} is not one of {', '.join(EMITTERS)}")
    entry = registry.get(fmt)
    parts = (entry.element, entry.scale_code) if isinstance(entry, BlockFormat) else (entry,)
    for part in parts:
        if part.bits > _MOST_BITS:
            raise FormatError(
                f"fmt={part.name!r} has codes of {part.bits} bits; headers hold up to {_MOST_BITS}"
            )
    return _svh(entry) if emit == "svh" else _c(entry)


def macro_of(fmt: Format) -> str:
    """Return the name of a format as part of a macro.

    Examples
    --------
    >>> macro_of(registry.get("q2.14"))
    'Q2_14'
    """
    return re.sub(r"\W", "_", fmt.name, flags=re.ASCII).upper()


def _svh(fmt: Format) -> str:
    prefix = f"NUMFMT_{macro_of(fmt)}"
    lines = [f"// {line}" for line in _heading(fmt)]
    lines += [f"`ifndef {prefix}_SVH", f"`define {prefix}_SVH"]
    for p in parameters(fmt):
        note = f" // {p.text}" if p.text else ""
        if p.bits is None:
            lines.append(f"localparam integer {prefix}_{p.name} = {p.value};{note}")
        else:
            digits = f"{p.bits}'h{p.value:0{-(-p.bits // 4)}x}"
            lines.append(f"localparam [{p.bits - 1}:0] {prefix}_{p.name} = {digits};{note}")
    fields = list(_fields(fmt))
    lines += ["`ifdef NUMFMT_STRUCT", "typedef struct packed {"]
    lines += [f"  logic{_range(width)} {name};" for name, width in fields]
    lines += [f"}} {prefix.lower()}_t;", "`endif", "`endif"]
    return "\n".join(lines) + "\n"


def _range(width: int) -> str:
    return f" [{width - 1}:0]" if width > 1 else ""


def _c(fmt: Format) -> str:
    prefix = f"NUMFMT_{macro_of(fmt)}"
    lines = [f"/* {_commented(line)} */" for line in _heading(fmt)]
    lines += [f"#ifndef {prefix}_H", f"#define {prefix}_H", "#include <stdint.h>"]
    for p in parameters(fmt):
        note = f" /* {_commented(p.text)} */" if p.text else ""
        value = f"({p.value})" if p.value < 0 else str(p.value)
        if p.bits is not None:
            value = f"UINT{_word(p.bits)}_C(0x{p.value:0{-(-p.bits // 4)}x})"
        lines.append(f"#define {prefix}_{p.name} {value}{note}")
    if isinstance(fmt, ScalarFormat):
        lines += functions_of(fmt, prefix.lower())
    lines.append("#endif")
    return "\n".join(lines) + "\n"


def _commented(text: str) -> str:
    return text.replace("*/", "* /")


def _word(bits: int) -> int:
    return max(8, 1 << (bits - 1).bit_length())


def _heading(fmt: Format) -> Iterator[str]:
    style = f", style {fmt.style.value}" if isinstance(fmt, FloatFormat) else ""
    name = " ".join(fmt.name.split())
    if isinstance(fmt, BlockFormat):
        yield f"numfmt: {name}, blocks of {fmt.element.name} scaled by {fmt.scale_code.name}"
    else:
        yield f"numfmt: {name}, {fmt.bits} bits, family {fmt.family}{style}"
    if fmt.source:
        yield " ".join(fmt.source.split())
    yield (
        f"defaults of a conversion: rounding {fmt.default_rounding.value}, "
        f"overflow {fmt.default_overflow.value}"
    )


def parameters(fmt: Format) -> Iterator[Parameter]:
    """Yield the parameters of a format, widths first, then codes.

    Examples
    --------
    >>> [p.name for p in parameters(registry.get("int8"))]
    ['WIDTH', 'SIGNED', 'FRAC_W', 'HAS_INF', 'HAS_NAN', 'HAS_NEG_ZERO', 'ZERO', 'ONE', \
'MINUS_ONE', 'MAX', 'LOWEST', 'MIN_POSITIVE']
    """
    if isinstance(fmt, BlockFormat):
        yield from _of_blocks(fmt)
    elif isinstance(fmt, QuireFormat):
        yield from _of_quire(fmt)
    else:
        assert isinstance(fmt, ScalarFormat)
        yield from _of_scalar(fmt)


def _of_blocks(fmt: BlockFormat) -> Iterator[Parameter]:
    if not isinstance(fmt.block, Granularity):
        yield Parameter("BLOCK_SIZE", prod(fmt.block), text="elements that share a scale")
        yield Parameter("BLOCK_W", prod(fmt.block) * fmt.element.bits + fmt.scale_code.bits)
    yield Parameter("HAS_ZERO_POINT", int(fmt.zero_point.value not in ("none", "mean")))
    yield Parameter("LEVELS", 1 + fmt.two_level, text="of scales")
    for part, name in ((fmt.element, "ELEMENT"), (fmt.scale_code, "SCALE")):
        for p in parameters(part):
            yield dataclasses.replace(p, name=f"{name}_{p.name}")
    for index, other in enumerate(fmt.alternatives, 1):
        yield Parameter(f"ELEMENT_{index}_WIDTH", other.bits, text=f"alternative {other.name}")


def _of_quire(fmt: QuireFormat) -> Iterator[Parameter]:
    yield Parameter("WIDTH", fmt.bits)
    yield Parameter("SIGNED", 1)
    yield Parameter("FRAC_W", fmt.fraction_bits)
    yield Parameter("NAN", 1 << (fmt.bits - 1), fmt.bits, "NaR")
    yield Parameter("MAX", (1 << (fmt.bits - 1)) - 1, fmt.bits)
    yield Parameter("MIN_POSITIVE", 1, fmt.bits)


def _of_scalar(fmt: ScalarFormat) -> Iterator[Parameter]:
    yield Parameter("WIDTH", fmt.bits)
    yield Parameter("SIGNED", int(fmt.signed_values))
    yield from _of_family(fmt)
    yield Parameter("HAS_INF", int(fmt.has_infinity))
    yield Parameter("HAS_NAN", int(fmt.has_nan))
    yield Parameter("HAS_NEG_ZERO", int(fmt.has_negative_zero))
    for name, code in _codes(fmt):
        yield Parameter(name, code, fmt.bits, value_text(code, fmt))


def _of_family(fmt: ScalarFormat) -> Iterator[Parameter]:
    if isinstance(fmt, FloatFormat):
        yield Parameter("EXP_W", fmt.exponent_bits)
        yield Parameter("MAN_W", fmt.trailing_bits, text="trailing significand")
        yield Parameter("PRECISION", fmt.precision)
        yield Parameter("BIAS", fmt.bias)
        yield Parameter("EMIN", fmt.emin, text="exponent of the least normal value")
        yield Parameter("EMAX", fmt.emax, text="exponent of the largest finite value")
        yield Parameter("HAS_SUBNORMAL", int(fmt.subnormals and fmt.trailing_bits > 0))
        yield Parameter("HAS_ZERO", int(fmt.zero))
    elif isinstance(fmt, FixedFormat):
        yield Parameter("FRAC_W", fmt.fraction_bits)
    elif isinstance(fmt, PositFormat):
        yield Parameter("ES", fmt.es)
        yield Parameter("MAN_W", fmt.trailing_bits, text="fraction bits at most")
    elif isinstance(fmt, TaperedFormat):
        yield Parameter("MAN_W", fmt.trailing_bits, text="fraction bits at most")
    elif isinstance(fmt, LogarithmicFormat):
        at_most = "" if isinstance(fmt, LnsFormat) else " at most"
        yield Parameter("FRAC_W", fmt.digits, text=f"fraction bits of the logarithm{at_most}")
    elif isinstance(fmt, CodebookFormat):
        yield Parameter("VALUES", len(fmt.values))


def _codes(fmt: ScalarFormat) -> Iterator[tuple[str, int]]:
    """Yield the codes that have names."""
    one = fmt.around_one[1]
    zero = _zero(fmt)
    if zero is not None:
        yield "ZERO", zero
    if (minus := _minus(fmt, zero)) is not None and fmt.has_negative_zero:
        yield "NEG_ZERO", minus
    if one is not None:
        yield "ONE", one
        if (minus := _minus(fmt, one)) is not None:
            yield "MINUS_ONE", minus
    yield "MAX", fmt.largest_code(0)
    if fmt.signed_values:
        yield "LOWEST", fmt.largest_code(1)
    yield from _small(fmt)
    for sign, name in enumerate(("INF", "NEG_INF")):
        if sign <= fmt.signed_values and (code := fmt.infinity_code(sign)) is not None:
            yield name, code
    yield from _nans(fmt)


def _zero(fmt: ScalarFormat) -> int | None:
    if not fmt.has_zero:
        return None
    if isinstance(fmt, CodebookFormat):
        return fmt.codes[fmt.values.index(Fraction(0))]
    return fmt.code_of_ordinal(0) if isinstance(fmt, GridFormat | LogarithmicFormat) else None


def _minus(fmt: ScalarFormat, code: int | None) -> int | None:
    """Return the code of the negated value, if there is one."""
    if code is None or not fmt.signed_values:
        return fmt.negative_zero if isinstance(fmt, CodebookFormat) and code is not None else None
    if isinstance(fmt, CodebookFormat):
        value = fmt.readings()[code]
        if value == 0:
            return fmt.negative_zero
        return next((c for c, v in fmt.readings().items() if v == -value), None)
    if (isinstance(fmt, GridFormat) and fmt.grid.twos) or not isinstance(fmt, GridFormat):
        if isinstance(fmt, LnsFormat):
            return code | 1 << (fmt.bits - 1)
        return -code % (1 << fmt.bits)
    return code | 1 << (fmt.bits - 1)


def _small(fmt: ScalarFormat) -> Iterator[tuple[str, int]]:
    """Yield the codes of the smallest positive values."""
    if isinstance(fmt, FloatFormat):
        hidden, top = 1 << fmt.trailing_bits, fmt.largest_ordinal(0)
        first = fmt.grid.first
        if fmt.zero and hidden <= top:
            yield "MIN_NORMAL", hidden
        if fmt.subnormals and fmt.trailing_bits:
            yield "MAX_SUBNORMAL", min(hidden - 1, top)
            yield "MIN_SUBNORMAL", 1
        yield "MIN_POSITIVE", (1 if fmt.subnormals else hidden) if not first else 0
    elif isinstance(fmt, CodebookFormat):
        least = fmt.smallest
        if least is not None:
            yield "MIN_POSITIVE", fmt.codes[fmt.values.index(least)]
    elif isinstance(fmt, GridFormat | LogarithmicFormat):
        yield "MIN_POSITIVE", fmt.code_of_ordinal(1)


def _nans(fmt: ScalarFormat) -> Iterator[tuple[str, int]]:
    """Yield the canonical NaNs, and the first and last of those without and with a sign."""
    nan, negative = fmt.nan_code(0), fmt.nan_code(1)
    if nan is None:
        return
    yield "NAN", nan
    if negative != nan and negative is not None and fmt.signed_values:
        yield "NEG_NAN", negative
    ieee = isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE
    infinity, sign = fmt.infinity_code(0), 1 << (fmt.bits - 1)
    first, last = (infinity + 1, sign - 1) if ieee and infinity is not None else (nan, nan)
    yield "NAN_FIRST", first
    yield "NAN_LAST", last
    if negative != nan and negative is not None and fmt.signed_values:
        yield "NEG_NAN_FIRST", first | sign
        yield "NEG_NAN_LAST", last | sign


def _fields(fmt: Format) -> Iterator[tuple[str, int]]:
    """Yield the fields of a code, the highest bits first."""
    if isinstance(fmt, BlockFormat):
        yield "scale", fmt.scale_code.bits
        if isinstance(fmt.block, Granularity):
            yield "element", fmt.element.bits
        else:
            yield "elements", prod(fmt.block) * fmt.element.bits
    elif isinstance(fmt, FloatFormat):
        if fmt.signed:
            yield "sign", 1
        yield "exponent", fmt.exponent_bits
        if fmt.trailing_bits:
            yield "trailing", fmt.trailing_bits
    elif isinstance(fmt, LnsFormat):
        yield "sign", 1
        yield "logarithm", fmt.bits - 1
    else:
        yield "code", fmt.bits

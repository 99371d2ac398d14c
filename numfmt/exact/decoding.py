"""Codes of every family."""

import operator

from ..errors import FormatError
from ..families.base import Format
from ..families.codebooks import CodebookFormat
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..families.logarithmic import LogarithmicFormat
from ..families.tapered import QuireFormat
from .codebooks import decode_codebook
from .data import Datum, decode_fixed, decode_float, known
from .logarithms import LogDatum, decode_logarithm
from .tapered import decode_quire, decode_tapered


def decode(code: int, fmt: Format | str) -> Datum:
    """Return what a code of a format stands for.

    Parameters
    ----------
    code : int
        0 <= code < 2**bits.
    fmt : Format or str
        A scalar format or a quire.

    Returns
    -------
    Datum
        A kind, a sign and an exact magnitude.

    Raises
    ------
    FormatError
        The code is out of range, or the values are powers: see `decode_power`.

    Examples
    --------
    >>> decode(0x7e, "e4m3").value, decode(0x7f, "e4m3").kind.name
    (Fraction(448, 1), 'NAN')
    >>> decode(0x01, "posit16").value
    Fraction(1, 72057594037927936)
    """
    found = _decode(code, fmt)
    if isinstance(found, LogDatum):
        raise FormatError(
            f"values of {known(fmt).name!r} are irrational; numfmt.exact.decode_power gives "
            "their logarithms"
        )
    return found


def decode_power(code: int, fmt: Format | str) -> LogDatum:
    """Return the kind, sign and exact logarithm of a code of LNS or a logarithmic takum.

    Examples
    --------
    >>> datum = decode_power(0x4200, "takum16_log")
    >>> datum.logarithm, datum.base
    (Fraction(1, 4), 'sqrt(e)')
    """
    found = _decode(code, fmt)
    if isinstance(found, Datum):
        raise FormatError(f"{known(fmt).name!r} holds no logarithms; use numfmt.exact.decode")
    return found


def _decode(code: int, fmt: Format | str) -> Datum | LogDatum:
    entry = known(fmt)
    code = operator.index(code)
    if not 0 <= code < 1 << entry.bits:
        raise FormatError(f"code {code:#x} is out of range; {entry.name!r} has {entry.bits} bits")
    if isinstance(entry, FloatFormat):
        return decode_float(code, entry)
    if isinstance(entry, FixedFormat):
        return decode_fixed(code, entry)
    if isinstance(entry, CodebookFormat):
        return decode_codebook(code, entry)
    if isinstance(entry, LogarithmicFormat):
        return decode_logarithm(code, entry)
    if isinstance(entry, QuireFormat):
        return decode_quire(code, entry)
    return decode_tapered(code, entry)

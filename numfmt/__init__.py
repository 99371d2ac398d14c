"""Number formats and hardware arithmetic, bit by bit: which bits does this hardware produce.

A bit-accurate simulator of number formats and of the arithmetic that hardware does on them. A
format is data, an operation joins it to a kernel, and every result has a second witness
(`numfmt.exact`). Names load on first use: importing numfmt loads neither Numba, Matplotlib nor
Hypothesis.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "conversion": ("convert", "encode", "round"),
    "decoding": ("Unpacked", "UnpackedLogarithm", "decode", "unpack"),
    "errors": ("FormatError", "UnknownFormat"),
    "families.base": ("Format",),
    "families.codebooks": ("CodebookFormat",),
    "families.fixed": ("Encoding", "FixedFormat"),
    "families.floats": ("FloatFormat", "Style"),
    "families.logarithmic": ("LnsFormat", "LogTakumFormat"),
    "families.tapered": ("PositFormat", "QuireFormat", "TakumFormat"),
    "flags": ("Flags",),
    "limits": ("FormatLimits", "finfo"),
    "ordering": ("ordinal", "ulp_distance"),
    "params": ("Kind",),
    "registry": ("get", "names", "names_of", "register", "unregister"),
    "rounding": ("Overflow", "Rounding", "Tininess"),
}
_MODULES = ("codebooks", "exact", "plot", "vectors")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from . import codebooks, exact, plot, vectors
    from .conversion import convert, encode, round
    from .decoding import Unpacked, UnpackedLogarithm, decode, unpack
    from .errors import FormatError, UnknownFormat
    from .families.base import Format
    from .families.codebooks import CodebookFormat
    from .families.fixed import Encoding, FixedFormat
    from .families.floats import FloatFormat, Style
    from .families.logarithmic import LnsFormat, LogTakumFormat
    from .families.tapered import PositFormat, QuireFormat, TakumFormat
    from .flags import Flags
    from .limits import FormatLimits, finfo
    from .ordering import ordinal, ulp_distance
    from .params import Kind
    from .registry import get, names, names_of, register, unregister
    from .rounding import Overflow, Rounding, Tininess

__all__ = [
    "CodebookFormat",
    "Encoding",
    "FixedFormat",
    "Flags",
    "FloatFormat",
    "Format",
    "FormatError",
    "FormatLimits",
    "Kind",
    "LnsFormat",
    "LogTakumFormat",
    "Overflow",
    "PositFormat",
    "QuireFormat",
    "Rounding",
    "Style",
    "TakumFormat",
    "Tininess",
    "UnknownFormat",
    "Unpacked",
    "UnpackedLogarithm",
    "codebooks",
    "convert",
    "decode",
    "encode",
    "exact",
    "finfo",
    "get",
    "names",
    "names_of",
    "ordinal",
    "plot",
    "register",
    "round",
    "ulp_distance",
    "unpack",
    "unregister",
    "vectors",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module (PEP 562)."""
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOME_OF:
        raise AttributeError(f"module 'numfmt' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})

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
    "blocks.quantization": ("quantize",),
    "blocks.quantized": ("Quantized", "dequantize"),
    "blocks.rules": ("AmaxHistory", "ClipSearch", "Percentile"),
    "conversion": ("convert", "encode", "round"),
    "decoding": ("Unpacked", "UnpackedLogarithm", "decode", "unpack"),
    "errors": ("FormatError", "UnknownFormat"),
    "families.base": ("Format",),
    "families.block_options": (
        "Division",
        "Granularity",
        "NonFinite",
        "ScaleRule",
        "Statistic",
        "Tail",
        "ZeroPoint",
        "ZeroScale",
    ),
    "families.blocks": ("BlockFormat",),
    "families.codebooks": ("CodebookFormat",),
    "families.fixed": ("Encoding", "FixedFormat"),
    "families.floats": ("FloatFormat", "Style"),
    "families.logarithmic": ("LnsFormat", "LogTakumFormat"),
    "families.tapered": ("PositFormat", "QuireFormat", "TakumFormat"),
    "flags": ("Flags",),
    "limits": ("FormatLimits", "finfo"),
    "ordering": ("ordinal", "ulp_distance"),
    "packing.layouts": ("pack_codes", "unpack_codes"),
    "params": ("Kind",),
    "registry": ("get", "names", "names_of", "register", "unregister"),
    "rounding": ("Overflow", "Rounding", "Tininess"),
}
_MODULES = ("analysis", "codebooks", "exact", "packing", "plot", "transforms", "vectors")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from . import analysis, codebooks, exact, packing, plot, transforms, vectors
    from .blocks.quantization import quantize
    from .blocks.quantized import Quantized, dequantize
    from .blocks.rules import AmaxHistory, ClipSearch, Percentile
    from .conversion import convert, encode, round
    from .decoding import Unpacked, UnpackedLogarithm, decode, unpack
    from .errors import FormatError, UnknownFormat
    from .families.base import Format
    from .families.block_options import (
        Division,
        Granularity,
        NonFinite,
        ScaleRule,
        Statistic,
        Tail,
        ZeroPoint,
        ZeroScale,
    )
    from .families.blocks import BlockFormat
    from .families.codebooks import CodebookFormat
    from .families.fixed import Encoding, FixedFormat
    from .families.floats import FloatFormat, Style
    from .families.logarithmic import LnsFormat, LogTakumFormat
    from .families.tapered import PositFormat, QuireFormat, TakumFormat
    from .flags import Flags
    from .limits import FormatLimits, finfo
    from .ordering import ordinal, ulp_distance
    from .packing.layouts import pack_codes, unpack_codes
    from .params import Kind
    from .registry import get, names, names_of, register, unregister
    from .rounding import Overflow, Rounding, Tininess

__all__ = [
    "AmaxHistory",
    "BlockFormat",
    "ClipSearch",
    "CodebookFormat",
    "Division",
    "Encoding",
    "FixedFormat",
    "Flags",
    "FloatFormat",
    "Format",
    "FormatError",
    "FormatLimits",
    "Granularity",
    "Kind",
    "LnsFormat",
    "LogTakumFormat",
    "NonFinite",
    "Overflow",
    "Percentile",
    "PositFormat",
    "Quantized",
    "QuireFormat",
    "Rounding",
    "ScaleRule",
    "Statistic",
    "Style",
    "Tail",
    "TakumFormat",
    "Tininess",
    "UnknownFormat",
    "Unpacked",
    "UnpackedLogarithm",
    "ZeroPoint",
    "ZeroScale",
    "analysis",
    "codebooks",
    "convert",
    "decode",
    "dequantize",
    "encode",
    "exact",
    "finfo",
    "get",
    "names",
    "names_of",
    "ordinal",
    "pack_codes",
    "packing",
    "plot",
    "quantize",
    "register",
    "round",
    "transforms",
    "ulp_distance",
    "unpack",
    "unpack_codes",
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

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
    "arithmetic.operations": (
        "add",
        "div",
        "faa",
        "fma",
        "hypot",
        "mul",
        "recip",
        "remainder",
        "round_to_int",
        "rsqrt",
        "scale_b",
        "sqrt",
        "sub",
    ),
    "arithmetic.comparisons": (
        "class_of",
        "equal",
        "greater",
        "greater_equal",
        "less",
        "less_equal",
        "not_equal",
        "total_order",
        "unordered",
    ),
    "arithmetic.extrema": (
        "clamp",
        "maximum",
        "maximum_finite",
        "maximum_magnitude",
        "maximum_magnitude_number",
        "maximum_number",
        "minimum",
        "minimum_finite",
        "minimum_magnitude",
        "minimum_magnitude_number",
        "minimum_number",
    ),
    "arithmetic.integer_conversions": (
        "from_int",
        "to_int",
    ),
    "arithmetic.signs": (
        "abs",
        "copy_sign",
        "neg",
        "next_down",
        "next_up",
    ),
    "blocks.quantization": ("quantize",),
    "blocks.quantized": ("Quantized", "dequantize"),
    "blocks.rules": ("AmaxHistory", "ClipSearch", "Percentile"),
    "conversion": ("convert", "encode", "round"),
    "dialects": (
        "DefaultNan",
        "Dialect",
        "DivideByZero",
        "InfinityTimesZero",
        "IntegerRule",
        "NanRule",
        "ZeroSign",
    ),
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
    "functions.exponentials": (
        "acosh",
        "asinh",
        "atanh",
        "cosh",
        "exp",
        "exp10",
        "exp2",
        "expm1",
        "gelu",
        "gelu_tanh",
        "log",
        "log10",
        "log1p",
        "log2",
        "pow",
        "sigmoid",
        "silu",
        "sinh",
        "softplus",
        "tanh",
    ),
    "functions.trigonometry": (
        "acos",
        "acos_pi",
        "asin",
        "asin_pi",
        "atan",
        "atan2",
        "atan2_pi",
        "atan_pi",
        "cos",
        "cos_pi",
        "sin",
        "sin_pi",
        "tan",
        "tan_pi",
    ),
    "limits": ("FormatLimits", "finfo"),
    "ordering": ("ordinal", "ulp_distance"),
    "packing.layouts": ("pack_codes", "unpack_codes"),
    "params": ("Class", "Kind"),
    "registry": ("get", "names", "names_of", "register", "unregister"),
    "rounding": ("Overflow", "Rounding", "Tininess"),
}
_MODULES = ("analysis", "codebooks", "exact", "packing", "plot", "transforms", "vectors")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from . import analysis, codebooks, exact, packing, plot, transforms, vectors
    from .arithmetic.comparisons import (
        class_of,
        equal,
        greater,
        greater_equal,
        less,
        less_equal,
        not_equal,
        total_order,
        unordered,
    )
    from .arithmetic.extrema import (
        clamp,
        maximum,
        maximum_finite,
        maximum_magnitude,
        maximum_magnitude_number,
        maximum_number,
        minimum,
        minimum_finite,
        minimum_magnitude,
        minimum_magnitude_number,
        minimum_number,
    )
    from .arithmetic.integer_conversions import (
        from_int,
        to_int,
    )
    from .arithmetic.operations import (
        add,
        div,
        faa,
        fma,
        hypot,
        mul,
        recip,
        remainder,
        round_to_int,
        rsqrt,
        scale_b,
        sqrt,
        sub,
    )
    from .arithmetic.signs import (
        abs,
        copy_sign,
        neg,
        next_down,
        next_up,
    )
    from .blocks.quantization import quantize
    from .blocks.quantized import Quantized, dequantize
    from .blocks.rules import AmaxHistory, ClipSearch, Percentile
    from .conversion import convert, encode, round
    from .decoding import Unpacked, UnpackedLogarithm, decode, unpack
    from .dialects import (
        DefaultNan,
        Dialect,
        DivideByZero,
        InfinityTimesZero,
        IntegerRule,
        NanRule,
        ZeroSign,
    )
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
    from .functions.exponentials import (
        acosh,
        asinh,
        atanh,
        cosh,
        exp,
        exp2,
        exp10,
        expm1,
        gelu,
        gelu_tanh,
        log,
        log1p,
        log2,
        log10,
        pow,
        sigmoid,
        silu,
        sinh,
        softplus,
        tanh,
    )
    from .functions.trigonometry import (
        acos,
        acos_pi,
        asin,
        asin_pi,
        atan,
        atan2,
        atan2_pi,
        atan_pi,
        cos,
        cos_pi,
        sin,
        sin_pi,
        tan,
        tan_pi,
    )
    from .limits import FormatLimits, finfo
    from .ordering import ordinal, ulp_distance
    from .packing.layouts import pack_codes, unpack_codes
    from .params import Class, Kind
    from .registry import get, names, names_of, register, unregister
    from .rounding import Overflow, Rounding, Tininess

__all__ = [
    "AmaxHistory",
    "BlockFormat",
    "Class",
    "ClipSearch",
    "CodebookFormat",
    "DefaultNan",
    "Dialect",
    "DivideByZero",
    "Division",
    "Encoding",
    "FixedFormat",
    "Flags",
    "FloatFormat",
    "Format",
    "FormatError",
    "FormatLimits",
    "Granularity",
    "InfinityTimesZero",
    "IntegerRule",
    "Kind",
    "LnsFormat",
    "LogTakumFormat",
    "NanRule",
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
    "ZeroSign",
    "abs",
    "acos",
    "acos_pi",
    "acosh",
    "add",
    "analysis",
    "asin",
    "asin_pi",
    "asinh",
    "atan",
    "atan2",
    "atan2_pi",
    "atan_pi",
    "atanh",
    "clamp",
    "class_of",
    "codebooks",
    "convert",
    "copy_sign",
    "cos",
    "cos_pi",
    "cosh",
    "decode",
    "dequantize",
    "div",
    "encode",
    "equal",
    "exact",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "faa",
    "finfo",
    "fma",
    "from_int",
    "gelu",
    "gelu_tanh",
    "get",
    "greater",
    "greater_equal",
    "hypot",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "maximum",
    "maximum_finite",
    "maximum_magnitude",
    "maximum_magnitude_number",
    "maximum_number",
    "minimum",
    "minimum_finite",
    "minimum_magnitude",
    "minimum_magnitude_number",
    "minimum_number",
    "mul",
    "names",
    "names_of",
    "neg",
    "next_down",
    "next_up",
    "not_equal",
    "ordinal",
    "pack_codes",
    "packing",
    "plot",
    "pow",
    "quantize",
    "recip",
    "register",
    "remainder",
    "round",
    "round_to_int",
    "rsqrt",
    "scale_b",
    "sigmoid",
    "silu",
    "sin",
    "sin_pi",
    "sinh",
    "softplus",
    "sqrt",
    "sub",
    "tan",
    "tan_pi",
    "tanh",
    "to_int",
    "total_order",
    "transforms",
    "ulp_distance",
    "unordered",
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

"""Block formats of standards, vendors and papers: elements, scales, and how they are computed."""

import struct
from fractions import Fraction
from typing import Any

from ..block_names import shared
from ..families.base import Format, ScalarFormat
from ..families.block_options import (
    Division,
    Granularity,
    NonFinite,
    ScaleRule,
    Statistic,
    ZeroPoint,
    ZeroScale,
)
from ..families.blocks import BlockFormat
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..grammar import fixed, integer, p3109
from ..rounding import Overflow, Rounding
from . import codebooks, ieee, ocp

_MX = (
    "OCP Microscaling Formats (MX) Specification v1.0, 5 and 6.3; what it leaves open (blocks with "
    "NaN or infinity are NaN, blocks of zeros have scale 2**-127) as in torchao and microxcaling"
)


def _named(name: str) -> Any:
    """Return a format of the catalogue's other pages."""
    entries: tuple[Format, ...] = (*ieee.FORMATS, *ocp.FORMATS, *codebooks.FORMATS)
    return next(entry for entry in entries if entry.name == name)


def _binary32(x: float) -> Fraction:
    return Fraction(struct.unpack("<f", struct.pack("<f", x))[0])


_E4M3, _E5M2, _E2M1, _E8M0 = map(_named, ("e4m3", "e5m2", "e2m1", "e8m0"))
_FLOAT32, _FLOAT16, _BFLOAT16 = map(_named, ("binary32", "binary16", "bfloat16"))


def _int(bits: int, encoding: Encoding = Encoding.TWOS_COMPLEMENT) -> FixedFormat:
    return integer(bits, encoding)


def _mx(name: str, element: ScalarFormat, source: str = _MX, **options: Any) -> BlockFormat:
    """Return an MX format: 32 elements share an E8M0 scale; NaN and infinity make a block NaN."""
    usual = {"rule": ScaleRule.FLOOR, "nonfinite": NonFinite.NAN_BLOCK, "block": (32,)}
    return BlockFormat(
        **{"name": name, "element": element, "scale": _E8M0, "source": source} | usual | options
    )


_NARROW = "; the code of -2 is not made, as in microxcaling"
_OCP = (
    _mx("mxfp8_e5m2", _E5M2),
    _mx("mxfp8_e4m3", _E4M3),
    _mx("mxfp6_e3m2", _named("e3m2")),
    _mx("mxfp6_e2m3", _named("e2m3")),
    _mx("mxfp4", _E2M1, aliases=("mxfp4_e2m1",)),
    *(
        _mx(
            f"mxint{bits}{suffix}",
            fixed(2, bits - 2, encoding),
            (_MX if bits == 8 else "INT v.s. FP, arXiv 2510.25602: MXINT8 with fewer bits (ours)")
            + note,
        )
        for bits in (8, 6, 4)
        for suffix, encoding, note in (
            ("", Encoding.TWOS_COMPLEMENT, ""),
            ("_narrow", Encoding.NARROW, _NARROW),
        )
    ),
)


def _tensor_scale(limit: int | None = None, zero: ZeroScale = ZeroScale.ONE) -> BlockFormat:
    """Return the scales of NVFP4: E4M3 under one binary32 scale of the whole tensor."""
    return BlockFormat(
        name="e4m3_scales_of_tensor",
        element=_E4M3,
        scale=_FLOAT32,
        block=Granularity.TENSOR,
        limit=None if limit is None else Fraction(limit),
        compute=_FLOAT32,
        zero_block=zero,
        underflow=zero,
    )


def _nv(name: str, source: str, **options: Any) -> BlockFormat:
    usual: dict[str, Any] = {
        "element": _E2M1,
        "scale": _tensor_scale(),
        "block": (16,),
        "compute": _FLOAT32,
        "division": Division.RECIPROCAL,
        "scale_min": Fraction(1, 64),
        "nonfinite": NonFinite.NAN_BLOCK,
    }
    return BlockFormat(**{"name": name, "source": source} | usual | options)


_NVIDIA = (
    _nv("nvfp4", "torchao, nvfp4_quantize (two levels); an all-zero tensor has scale 1 (ours)"),
    _nv("nvfp4_one_level", "NVFP4 without a tensor scale, as torchao", scale=_E4M3),
    _nv(
        "nvfp4_universal",
        "Universal, nvblock: scales that round to 0 become 2**-9, blocks of zeros keep 0; the "
        "order of operations as in torchao (ours)",
        scale_min=None,
        zero_block=ZeroScale.ZERO,
    ),
    _nv(
        "nvfp4_four_over_six",
        "Four Over Six: amax to 6 or to 4; the tensor scale leaves room, amax / (6 * 256) "
        "(recalled); the error is exact and ties go to 6",
        scale=_tensor_scale(256),
        rule=ScaleRule.FOUR_OVER_SIX,
    ),
    _nv(
        "nvint4",
        "INT v.s. FP, arXiv 2510.25602: INT4 in -7 to 7 under the scales of NVFP4; the rounding of "
        "the scales is recalled",
        element=_int(4, Encoding.NARROW),
    ),
)


def _microexponents(bits: int) -> BlockFormat:
    """Return MX9, MX6 or MX4: 16 elements share an exponent, pairs of them one bit more."""
    pairs = BlockFormat(
        name="microexponents",
        element=CodebookFormat(
            name="microexponent", bits=1, values=(Fraction(1, 2), Fraction(1)), codes=(1, 0)
        ),
        scale=_E8M0,
        block=(8,),
        rounding=Rounding.TOWARD_POSITIVE,
    )
    return BlockFormat(
        name=f"mx{bits}",
        element=fixed(2, bits - 3, Encoding.SIGN_MAGNITUDE),
        scale=pairs,
        block=(2,),
        rule=ScaleRule.FLOOR,
        zero_block=ZeroScale.SMALLEST,
        source="Rouhani et al., With Shared Microexponents, A Little Shifting Goes a Long Way, "
        "2023; nearest_even is recalled",
    )


def _shared_exponent(name: str, magnitude: int, block: int, source: str) -> BlockFormat:
    return _mx(
        name, fixed(2, magnitude - 1, Encoding.SIGN_MAGNITUDE), source, block=(block,), aliases=()
    )


_SHARED_EXPONENTS = (
    *(_microexponents(bits) for bits in (9, 6, 4)),
    *(
        _shared_exponent(
            f"msfp{bits}",
            bits - 9,
            16,
            "Microsoft Floating Point, box of 16; nearest_even (truncation is used too)",
        )
        for bits in range(12, 17)
    ),
    *(
        _shared_exponent(
            f"bfp_m{magnitude}_group{block}",
            magnitude,
            block,
            f"block floating point: a shared exponent, sign and {magnitude} digits, none hidden",
        )
        for magnitude in range(2, 13)
        for block in (16, 32, 64, 128)
    ),
    *(
        _mx(
            f"dfp{bits}",
            _int(bits),
            "Das et al., Mixed Precision Training of CNNs using Integer Operations, 2018: exponent "
            "of amax less P - 2; an exponent of 8 bits and nearest_even are ours",
            block=Granularity.TENSOR,
            nonfinite=NonFinite.REFUSE,
        )
        for bits in (8, 16)
    ),
)


def _unit_integers(bits: int) -> CodebookFormat:
    """Return the narrow integers over the largest of them, in two's complement."""
    top = (1 << (bits - 1)) - 1
    return CodebookFormat(
        name=f"int{bits}_narrow_unit",
        bits=bits,
        values=tuple(Fraction(k, top) for k in range(-top, top + 1)),
        codes=tuple(k & ((1 << bits) - 1) for k in range(-top, top + 1)),
        ties=Rounding.NEAREST_EVEN,
        source="integers over the largest one",
    )


_ABFP = tuple(
    BlockFormat(
        name=f"abfp{bits}_group{block}",
        element=_unit_integers(bits),
        scale=_BFLOAT16,
        block=(block,),
        zero_block=ZeroScale.ONE,
        source="Basumallik et al., Adaptive Block Floating-Point, 2022: amax in bfloat16, "
        "RNE(x / s * (2**(b-1) - 1)), the quotient exact (ours)",
    )
    for bits in (4, 6, 8)
    for block in (64, 128)
)

_BNB = (
    "bitsandbytes, functional.py and kernels.cu: x * (1 / max(absmax, 1e-38)) in binary32; blocks "
)
_MAP_OF_ABSMAX = BlockFormat(
    name="dynamic8_less_mean",
    element=_named("dynamic8"),
    scale=_FLOAT32,
    block=(256,),
    compute=_FLOAT32,
    division=Division.RECIPROCAL,
    zero_point=ZeroPoint.MEAN,
    zero_block=ZeroScale.ONE,
)


def _bitsandbytes(element: str, double: bool) -> BlockFormat:
    return BlockFormat(
        name=f"{element.removesuffix('_bnb')}_bitsandbytes{'_double' if double else ''}",
        element=_named(element),
        scale=_MAP_OF_ABSMAX if double else _FLOAT32,
        block=(64,),
        compute=_FLOAT32,
        division=Division.RECIPROCAL,
        statistic_min=_binary32(1e-38),
        by_raw_scale=double,
        source=_BNB
        + "of 64 of the flattened tensor (axis=None)"
        + (
            "; absmax less its mean in blocks of 256; that mean is exact, rounded once (ours)"
            if double
            else ""
        ),
    )


_CODEBOOKS = tuple(
    _bitsandbytes(element, double) for element in ("nf4", "fp4_bnb") for double in (False, True)
)


def _scaled(
    name: str, element: ScalarFormat, block: Any, source: str, **options: Any
) -> BlockFormat:
    scale = options.pop("scale", _FLOAT32)
    found = {"name": name, "source": source} | options
    return shared(element, block, scale, _FLOAT32, **found)


_JETFIRE = "Jetfire, arXiv 2403.12422: amax / 127 of tiles of 32 x 32, x / s"
_DEEPSEEK = "DeepSeek-V3, arXiv 2412.19437, 3.3: amax / 448, x / s"
_PAPERS = (
    _scaled("jetfire_int8", _int(8, Encoding.NARROW), (32, 32), _JETFIRE),
    _scaled(
        "jetfire_int8_binary16",
        _int(8, Encoding.NARROW),
        (32, 32),
        _JETFIRE + ", scales in binary16",
        scale=_FLOAT16,
    ),
    _scaled("deepseek_fp8_activation", _E4M3, (128,), _DEEPSEEK + ", 1 x 128"),
    _scaled("deepseek_fp8_weight", _E4M3, (128, 128), _DEEPSEEK + ", 128 x 128"),
    _scaled(
        "llm_int8",
        _int(8, Encoding.NARROW),
        Granularity.ROW,
        "LLM.int8(), arXiv 2208.07339: RNE(x * (127 / absmax)); the scale is absmax / 127, where "
        "the package stores absmax",
        division=Division.RATIO,
    ),
    _scaled(
        "bitnet_ternary",
        _named("ternary"),
        Granularity.TENSOR,
        "BitNet b1.58: W / max(mean |W|, 1e-5), RNE to -1, 0, 1 (recalled; the paper adds 1e-5); "
        "the mean is exact, rounded once (ours)",
        statistic=Statistic.ABSMEAN,
        statistic_min=_binary32(1e-5),
    ),
    _scaled(
        "bitnet_int8",
        _int(8),
        Granularity.ROW,
        "BitNet b1.58: s = 127 / max(absmax, 1e-5), RNE(x * s) in -128 to 127 (recalled)",
        division=Division.RATIO,
        statistic_min=_binary32(1e-5),
    ),
    _scaled(
        "bitnet_a48_int4",
        _int(4),
        Granularity.ROW,
        "BitNet a4.8: RNE(sqrt(7) * x / mean |x|) in -8 to 7 (recalled); exact mean (ours)",
        statistic=Statistic.ABSMEAN,
        division=Division.RATIO,
        limit=_binary32(7**0.5),
    ),
    *(
        _scaled(
            f"zeroquant_fp4_{rule.value}",
            _E2M1,
            (256,),
            "ZeroQuant-FP, arXiv 2307.09782: FP4 weights, scales constrained to powers of two"
            + (" of their largest" if rule is ScaleRule.M2 else "")
            + "; groups of 256, binary16 and the tensor as the group of M2 are ours",
            rule=rule,
            scale=_FLOAT16,
        )
        for rule in (ScaleRule.M1, ScaleRule.M2)
    ),
    *(
        _scaled(
            f"afpq_{element}_group128",
            _named(element),
            (128,),
            "AFPQ, arXiv 2311.01792: a scale for each sign, x / s, ties to the upper entry; "
            "binary16 scales and 1 for a side without elements are ours",
            statistic=Statistic.SIDES,
            rounding=Rounding.NEAREST_UP,
            scale=_FLOAT16,
            zero_block=ZeroScale.ONE,
        )
        for element in ("nf4", "nf3", "e2m1")
    ),
)


def _shifts(bits: int) -> BlockFormat:
    """Return scales that are the largest one over powers of two: ShiftQuant's."""
    top = (1 << bits) - 1
    return BlockFormat(
        name="shifts",
        element=CodebookFormat(
            name=f"shift{bits}",
            bits=bits,
            values=tuple(Fraction(1, 1 << k) for k in range(top, -1, -1)),
            codes=tuple(range(top, -1, -1)),
        ),
        scale=_FLOAT32,
        block=Granularity.TENSOR,
        compute=_FLOAT32,
        rounding=Rounding.TOWARD_POSITIVE,
        zero_block=ZeroScale.ONE,
        underflow=ZeroScale.ONE,
    )


def _bitmod(bits: int, kinds: tuple[str, ...]) -> BlockFormat:
    first, *rest = (_named(f"bitmod_fp{bits}_{kind}") for kind in kinds)
    scales = BlockFormat(
        name="uint8_scales",
        element=_int(8, Encoding.UNSIGNED),
        scale=_FLOAT16,
        block=Granularity.ROW,
        compute=_FLOAT16,
        zero_block=ZeroScale.ONE,
    )
    return BlockFormat(
        name=f"bitmod_fp{bits}",
        element=first,
        alternatives=tuple(rest),
        scale=scales,
        block=(128,),
        compute=_FLOAT16,
        source="BitMoD, arXiv 2411.11745: of four sets the one of smallest squared error, amax "
        "over its largest magnitude, ties down, in binary16, without the clamp to "
        "1e-5 .. 1e4; exact errors and uint8 scales of a row under its largest are ours",
    )


_CHOSEN = (
    *(
        BlockFormat(
            name=f"shiftquant_int{bits}",
            element=_int(bits, Encoding.NARROW),
            scale=_shifts(3),
            block=Granularity.CHANNEL,
            compute=_FLOAT32,
            source="Towards Accurate and Efficient Sub-8-Bit Integer Training, arXiv 2411.10948: "
            "scales of groups differ by powers of two; one group a channel, shifts of 3 bits, "
            "upward, are ours",
        )
        for bits in (4, 6, 8)
    ),
    _bitmod(4, ("plus10", "minus10", "plus16", "minus16")),
    _bitmod(3, ("plus3", "minus3", "plus6", "minus6")),
)

_INTEGERS = tuple(
    shared(element, (block,), _FLOAT32, _FLOAT32, float_zero=float_zero)
    for bits in range(2, 9)
    for block in (32, 64, 128)
    for element, float_zero in (
        (_int(bits), False),
        (_int(bits, Encoding.NARROW), False),
        (_int(bits, Encoding.UNSIGNED), False),
        (_int(bits, Encoding.UNSIGNED), True),
    )
)
_WHOLE = tuple(
    shared(element, block, _FLOAT32, _FLOAT32)
    for element in (_E4M3, _E5M2, _int(8), _int(8, Encoding.NARROW), _int(8, Encoding.UNSIGNED))
    for block in Granularity
)

_P3109 = tuple(
    BlockFormat(
        name=f"p3109_{element.name}_group32",
        element=element,
        scale=p3109(8, 1, False, False),
        block=(32,),
        limit=Fraction(1),
        nonfinite=NonFinite.P3109,
        zero_block=ZeroScale.ZERO,
        underflow=ZeroScale.ZERO,
        overflow=Overflow.SAT_NONE,
        source="IEEE P3109 Interim Report 4.0 (unapproved draft), 5: ConvertToBlockMaxAbsFinite, "
        "scale in Binary8p1uf, (NearestTiesToEven, SatNone); the scale is amax itself",
    )
    for element in (p3109(8, 4, True, True), p3109(8, 3, True, True), p3109(4, 2, True, False))
)

FORMATS = (
    *_OCP,
    *_NVIDIA,
    *_SHARED_EXPONENTS,
    *_ABFP,
    *_CODEBOOKS,
    *_PAPERS,
    *_CHOSEN,
    *_INTEGERS,
    *_WHOLE,
    *_P3109,
)

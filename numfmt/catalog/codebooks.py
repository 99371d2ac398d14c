"""Codebooks of papers and packages: NF4 and its kin, dynamic maps, dINT, ternary, BitMoD."""

import struct
from collections.abc import Sequence
from fractions import Fraction

from ..codebooks import apot, dint, dynamic_map, power_of_two
from ..families.codebooks import CodebookFormat
from ..rounding import Overflow, Rounding
from .dynamic_maps import SIGNED, UNSIGNED

_BNB = "bitsandbytes, functional.py and kernels.cu"
_ABSMAX_64 = "absmax of 64 values; x * (1 / absmax) in binary32"
_BITMOD = "BitMoD, arXiv 2411.11745; "


def _binary32(values: Sequence[float]) -> tuple[Fraction, ...]:
    """Return decimals as the binary32 values that a program holds."""
    words = struct.unpack(f"<{len(values)}f", struct.pack(f"<{len(values)}f", *values))
    return tuple(Fraction(word) for word in words)


def _decimals(table: str) -> tuple[Fraction, ...]:
    """Return the binary32 values of decimals in a text."""
    return _binary32([float(word) for word in table.split()])


def _words(table: str) -> tuple[Fraction, ...]:
    """Return binary32 values from their bits in hexadecimal."""
    return tuple(Fraction(struct.unpack(">f", bytes.fromhex(word))[0]) for word in table.split())


def _signed(magnitudes: dict[int, Fraction | float], bits: int) -> dict[int, Fraction]:
    """Return sign-magnitude codes with their values, zero once."""
    values = {code: Fraction(value) for code, value in magnitudes.items()}
    sign = 1 << (bits - 1)
    return values | {code | sign: -value for code, value in values.items() if value}


def _book(values: dict[int, Fraction], **fields: object) -> CodebookFormat:
    ordered = sorted(values, key=values.__getitem__)
    return CodebookFormat(
        values=tuple(values[code] for code in ordered),
        codes=tuple(ordered),
        **fields,  # type: ignore[arg-type]
    )


_NF4 = _decimals(
    """-1 -0.6961928009986877 -0.5250730514526367 -0.39491748809814453 -0.28444138169288635
    -0.18477343022823334 -0.09105003625154495 0 0.07958029955625534 0.16093020141124725
    0.24611230194568634 0.33791524171829224 0.44070982933044434 0.5626170039176941
    0.7229568362236023 1"""
)
_NF4_LIMITS = _decimals(
    """-0.8480964004993439 -0.6106329262256622 -0.4599952697753906 -0.33967943489551544
    -0.23460740596055984 -0.13791173323988914 -0.045525018125772476 0.03979014977812767
    0.1202552504837513 0.2035212516784668 0.2920137718319893 0.3893125355243683
    0.5016634166240692 0.6427869200706482 0.8614784181118011"""
)
_NF3 = _decimals(
    """-1 -0.5350227355957031 -0.2469314038753510 0 0.1833375245332718 0.3819939494132996
    0.6229856610298157 1"""
)
_NF3_LIMITS = _decimals(
    """-0.7675113677978516 -0.39097706973552704 -0.1234657019376755 0.0916687622666359
    0.2826657369732857 0.5024898052215576 0.8114928305149078"""
)
_AF4 = _decimals(
    """-1 -0.69441008 -0.51243739 -0.3736951 -0.25607552 -0.14982478 -0.04934812 0
    0.04273164 0.12934483 0.21961274 0.31675666 0.42563882 0.55496234 0.72424863 1"""
)
_FP4 = _decimals("0 0.0052083333 0.6666667 1 0.3333333 0.5 0.1666667 0.25")
_FP4_LIMITS = _decimals("0.00260417 0.0859375 0.20833333 0.29166667 0.4166667 0.583333 0.8333333")


def _static_tree() -> CodebookFormat:
    """Return sign, three bits of decimal exponent, and 16 cells of [0.1, 1] by their midpoints."""
    magnitudes: dict[int, Fraction | float] = {}
    for exponent in range(8):
        for cell in range(16):
            middle = Fraction(1, 10) + Fraction(9, 10) * Fraction(2 * cell + 1, 32)
            magnitudes[exponent << 4 | cell] = middle * Fraction(1, 10**exponent)
    zero = 0x70  # the smallest cell makes room for zero
    values = _signed(magnitudes, 8)
    values[zero] = Fraction(0)
    return _book(
        values,
        name="static_tree8",
        bits=8,
        ties=Rounding.NEAREST_DOWN,
        source="static tree of Dettmers, 8-Bit Approximations for Parallelism in Deep Learning, "
        "arXiv 1511.04561; the layout is recalled, zero in the place of the smallest positive "
        "cell is ours",
        scaling="x / max|x|",
    )


def _mantissa() -> CodebookFormat:
    """Return sign, three bits of decimal exponent and a mantissa of 0 to 15 fifteenths."""
    values: dict[int, Fraction] = {}
    others = []
    for sign in (0, 1):
        for exponent in range(8):
            for mantissa in range(16):
                value = Fraction(mantissa, 15) * Fraction(1, 10**exponent)
                code, value = sign << 7 | exponent << 4 | mantissa, -value if sign else value
                if value in values.values():
                    others.append((code, value))
                else:
                    values[code] = value
    return _book(
        values,
        name="mantissa8",
        bits=8,
        read_only=tuple(others),
        ties=Rounding.NEAREST_DOWN,
        source="mantissa type of Dettmers, 8-Bit Approximations for Parallelism in Deep Learning, "
        "arXiv 1511.04561; the layout is recalled, the division by 15 is ours",
        scaling="x / max|x|",
    )


def _bitmod(bits: int, magnitudes: tuple[int, ...], special: int) -> CodebookFormat:
    values = _signed(dict(enumerate(magnitudes)), bits)
    values[1 << (bits - 1)] = Fraction(special)
    sign = "plus" if special > 0 else "minus"
    return _book(
        values,
        name=f"bitmod_fp{bits}_{sign}{abs(special)}",
        bits=bits,
        ties=Rounding.NEAREST_DOWN,
        source=_BITMOD + "values and ties of its code, the special value in the place of minus "
        "zero (the codes are ours)",
        scaling="amax / max|set| of a group of 128, in binary16",
    )


def _hifloat8() -> CodebookFormat:
    """Return HiFloat8: sign, a prefix that says how many exponent bits follow, mantissa."""
    values = {}
    for code in range(128):
        if code == 0x6F:
            continue
        text = f"{code:07b}"
        if text.startswith("0000"):
            values[code] = Fraction(2) ** (code - 23) if code else Fraction(0)
            continue
        prefix, exponent_bits = next(
            (p, n)
            for p, n in (("11", 4), ("10", 3), ("01", 2), ("001", 1), ("0001", 0))
            if text.startswith(p)
        )
        rest = text[len(prefix) :]
        field, mantissa = rest[:exponent_bits], rest[exponent_bits:]
        exponent = int("1" + field[1:], 2) if exponent_bits else 0
        exponent = -exponent if field.startswith("1") else exponent
        values[code] = Fraction(2) ** exponent * (
            1 + Fraction(int(mantissa, 2), 1 << len(mantissa))
        )
    return _book(
        {code: value for code, value in values.items()}
        | {code | 0x80: -value for code, value in values.items() if value},
        name="hifloat8",
        bits=8,
        aliases=("hif8",),
        nan=0x80,
        infinities=(0x6F, 0xEF),
        beyond=Fraction(3 << 14),
        ties=Rounding.NEAREST_AWAY,
        overflow=Overflow.INFINITY,
        source="Luo et al., Ascend HiFloat8 Format for Deep Learning, arXiv 2409.16626",
    )


FORMATS = (
    _hifloat8(),
    dint(4),
    dint(3),
    CodebookFormat(
        name="nf4",
        bits=4,
        values=_NF4,
        thresholds=_NF4_LIMITS,
        source=f"Dettmers et al., QLoRA, arXiv 2305.14314; values and limits of {_BNB}",
        scaling=_ABSMAX_64,
    ),
    CodebookFormat(
        name="nf3",
        bits=3,
        values=_NF3,
        thresholds=_NF3_LIMITS,
        ties=Rounding.NEAREST_UP,
        source="AFPQ, arXiv 2311.01792, code of the authors",
        scaling="max|x| of a group; x / scale",
    ),
    CodebookFormat(
        name="af4",
        bits=4,
        values=_AF4,
        codes=tuple(range(15, -1, -1)),
        source=f"Yoshida, NF4 Isn't Information Theoretically Optimal, arXiv 2306.06965; {_BNB}",
        scaling=_ABSMAX_64,
    ),
    _book(
        _signed(dict(enumerate(_FP4)), 4),
        name="fp4_bnb",
        bits=4,
        thresholds=(*(-limit for limit in reversed(_FP4_LIMITS)), *_FP4_LIMITS),
        ties=Rounding.NEAREST_ZERO,
        negative_zero=8,
        keeps_minus_zero=False,
        source=f"{_BNB}: table and limits of the kernels; their generator gives another smallest "
        "value",
        aliases=("bnb_fp4",),
        scaling=_ABSMAX_64,
    ),
    CodebookFormat(
        name="dynamic8",
        bits=8,
        values=_words(SIGNED),
        source=f"{_BNB}: create_dynamic_map(signed=True) as of torch 2.13.0 (CPU)",
        aliases=("dynamic8_signed",),
        scaling="absmax of a block; x * (1 / absmax) in binary32",
    ),
    CodebookFormat(
        name="udynamic8",
        bits=8,
        values=_words(UNSIGNED),
        source=f"{_BNB}: create_dynamic_map(signed=False) as of torch 2.13.0 (CPU)",
        aliases=("dynamic8_unsigned",),
        scaling="absmax of a block; x * (1 / absmax) in binary32",
    ),
    CodebookFormat(
        name="dynamic4",
        bits=4,
        values=_binary32([float(value) for value in dynamic_map(4)]),
        source="Li et al., Memory Efficient Optimizers with 4-bit States, arXiv 2309.01507; "
        "decimals rounded to binary32",
        aliases=("dynamic4_signed",),
        scaling="absmax of 128 values",
    ),
    CodebookFormat(
        name="udynamic4",
        bits=4,
        values=_binary32([float(value) for value in dynamic_map(4, signed=False)]),
        source="Li et al., Memory Efficient Optimizers with 4-bit States, arXiv 2309.01507; "
        "decimals rounded to binary32",
        aliases=("dynamic4_unsigned",),
        scaling="absmax of 128 values",
    ),
    CodebookFormat(
        name="ulinear4",
        bits=4,
        values=tuple(Fraction(i + 1, 16) for i in range(16)),
        source="Li et al., Memory Efficient Optimizers with 4-bit States, arXiv 2309.01507: the "
        "linear map of second moments, without zero",
        aliases=("power1_4", "linear4_unsigned"),
        scaling="rank-1: min of the row and column maxima",
    ),
    _static_tree(),
    _mantissa(),
    _book(
        _signed(dict(enumerate((0, 1, 2, 3, 4, 6, 8, 16))), 4),
        name="flint4",
        bits=4,
        ties=Rounding.NEAREST_DOWN,
        negative_zero=8,
        source="ANT, arXiv 2208.14286, values as in the code of BitMoD; sign and index as code are "
        "ours",
        scaling="amax / 16",
    ),
    *(
        _bitmod(bits, magnitudes, special)
        for bits, magnitudes, specials in (
            (3, (0, 1, 2, 4), (3, -3, 6, -6)),
            (4, (0, 1, 2, 3, 4, 6, 8, 12), (10, -10, 16, -16)),
        )
        for special in specials
    ),
    *(power_of_two(4, threshold=threshold) for threshold in ("linear", "logarithmic")),
    apot(5),
    CodebookFormat(
        name="ternary",
        bits=2,
        values=tuple(map(Fraction, (-1, 0, 1))),
        ranks=(1, 0, 1),
        ties=Rounding.NEAREST_EVEN,
        source="BitNet b1.58, arXiv 2402.17764; codes 0, 1, 2 as in I2_S of bitnet.cpp",
        scaling="mean|w| + 1e-5",
    ),
    CodebookFormat(
        name="binary",
        bits=1,
        values=tuple(map(Fraction, (-1, 1))),
        ties=Rounding.NEAREST_UP,
        source="sign(x) with sign(0) = 1; the code of -1 is 0",
        scaling="mean|w|",
    ),
    _book(
        {integer % 8: Fraction(integer) for integer in range(-2, 3)},
        name="abq_w2star",
        bits=3,
        ties=Rounding.NEAREST_EVEN,
        source="ABQ-LLM, arXiv 2408.08554: bit balance {-2..2}; recalled, the codes (two's "
        "complement) are ours",
        scaling="s of a channel",
    ),
)

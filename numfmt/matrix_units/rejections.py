"""Which changed parameters the recordings at hand reject, row by row; a test works them out anew.

What a row's list leaves out, they cannot tell: moderate numbers that say nothing of floors, zeros,
special values, or of digits below those of binary16 results. Those of x86 are counted, row by row,
in ``reference_vectors/hardware/README.md``, which its own test works out.
"""

from typing import Final

_CUTS: Final = ("cut toward_negative", "cut nearest_even")
_AFTER: Final = ("normalized products", "c after the sum")
_WHOLE: Final = ("rounding nearest_even", "keep 22", *_AFTER)
_HALF: Final = ("rounding toward_zero", "keep 9")

REJECTS: Final = {
    "nvidia-volta-mma-f16-f32": (
        *("fraction_bits 22", "fraction_bits 24", "block 2"),
        *(*_CUTS, *_WHOLE),
    ),
    "nvidia-volta-mma-f16-f16": ("block 2", *_HALF),
    "nvidia-ampere-mma-bf16-f32": (
        *("fraction_bits 23", "fraction_bits 25", "block 4"),
        *(*_CUTS, *_WHOLE),
    ),
    "nvidia-ada-mma-e4m3-f32": (
        *("fraction_bits 12", "fraction_bits 14", "block 8", "block 32", *_CUTS),
        *("rounding nearest_even", "keep 14", "keep 12", *_AFTER),
    ),
    "nvidia-ada-mma-e4m3-f16": (
        *("fraction_bits 12", "fraction_bits 14", "block 8", "block 32", *_CUTS),
        *(*_HALF, *_AFTER),
    ),
    "nvidia-hopper-mma-f16-f32": (
        *("fraction_bits 24", "fraction_bits 26", "block 8"),
        *(*_CUTS, *_WHOLE),
    ),
    "nvidia-hopper-mma-f16-f16": ("block 8", *_HALF),
    "intel-avx512-vdpbf16ps": (
        "other order of k",
        "two chains",
        "C last",
        "NaN of a step: b, a, c",
        "products rounded",
        "NaN of a step: c, a, b",
        "invalid NaN positive",
        "A and B not flushed",
        "C not flushed",
        "sums inside not flushed",
        "result not flushed",
        "tiny before rounding",
        "toward zero",
        "exact sum rounded once",
    ),
    "intel-amx-tdpbf16ps": (
        "other order of k",
        "one chain",
        "one chain, largest k first",
        "four chains",
        "chains of first and second half",
        "VDPBF16PS after VDPBF16PS",
        "the same with C last",
        "C first",
        "C + even, + odd",
        "NaN of a step: b, a, c",
        "NaN of even + odd: odd",
        "NaN of C + sum: sum",
        "chains start with a product",
        "short rows padded with zeros",
        "products rounded",
        "NaN of a step: c, a, b",
        "invalid NaN positive",
        "A and B not flushed",
        "C not flushed",
        "sums inside not flushed",
        "result not flushed",
        "tiny before rounding",
        "toward zero",
        "exact sum rounded once",
    ),
    "intel-amx-tdpfp16ps": (
        "other order of k",
        "one chain",
        "one chain, largest k first",
        "four chains",
        "chains of first and second half",
        "VDPBF16PS after VDPBF16PS",
        "the same with C last",
        "C first",
        "C + even, + odd",
        "NaN of a step: b, a, c",
        "NaN of even + odd: odd",
        "NaN of C + sum: sum",
        "chains start with a product",
        "NaN of a step: c, a, b",
        "invalid NaN positive",
        "A and B flushed",
        "C not flushed",
        "toward zero",
        "exact sum rounded once",
    ),
    "intel-avx512-vfmadd231ph": (
        "NaN of a step: b, a, c",
        "A and B flushed",
        "C flushed",
        "result flushed",
        "products rounded",
        "NaN of a step: c, a, b",
        "invalid NaN positive",
    ),
    **dict.fromkeys(
        (
            "intel-amx-tdpbssd",
            "intel-amx-tdpbsud",
            "intel-amx-tdpbusd",
            "intel-amx-tdpbuud",
            "intel-avx512-vpdpbusd",
            "intel-avx512-vpdpwssd",
        ),
        (
            "saturates once",
            "saturates after every product",
            "saturates the products, then C",
            "saturates pairs to 16 bits",
            "A of the other signedness",
            "B of the other signedness",
        ),
    ),
    "intel-avx512-vpdpbusds": (
        "wraps",
        "saturates after every product",
        "saturates pairs to 16 bits",
        "A of the other signedness",
        "B of the other signedness",
    ),
    "intel-avx512-vpdpwssds": (
        "wraps",
        "saturates after every product",
        "saturates the products, then C",
        "saturates pairs to 16 bits",
        "A of the other signedness",
        "B of the other signedness",
    ),
}

"""Which changed parameters the recordings at hand reject, row by row; a test works them out anew.

What a row's list leaves out, they cannot tell: moderate numbers that say nothing of floors, zeros,
special values, or of digits below those of binary16 results. The x86 recordings come with a table
of their own, in ``reference_vectors/hardware``.
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
}

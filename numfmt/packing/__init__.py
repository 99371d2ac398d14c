"""Codes packed bit by bit in named layouts: nibbles, planes, AWQ, GPTQ, TC-FPx, scale tiles."""

from .layouts import Layout, gptq_zero_points, gptq_zeros, pack_codes, unpack_codes
from .ternary_tiles import pack_tl1_tiles, pack_tl2_tiles, unpack_tl1_tiles, unpack_tl2_tiles
from .tiles import pack_tc_fpx, swizzle_scales, unpack_tc_fpx, unswizzle_scales

__all__ = [
    "Layout",
    "gptq_zero_points",
    "gptq_zeros",
    "pack_codes",
    "pack_tc_fpx",
    "pack_tl1_tiles",
    "pack_tl2_tiles",
    "swizzle_scales",
    "unpack_codes",
    "unpack_tc_fpx",
    "unpack_tl1_tiles",
    "unpack_tl2_tiles",
    "unswizzle_scales",
]

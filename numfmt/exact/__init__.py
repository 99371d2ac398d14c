"""The executable specification: formats and rounding in exact rationals, slow and obvious.

Nothing here is shared with the kernels. A float is read as sign, exponent field and trailing
significand in the way its standard says, a rounding mode is a question about the lost fraction,
and an overflow policy is a list of cases. The tests hold the kernels to this, and packages by other
people hold this to the world.
"""

from fractions import Fraction

from .block_operations import (
    Block,
    block_decode,
    block_dot_product,
    block_operation,
    block_project,
    block_reduce_add,
    block_reduce_multiply,
    convert_from_block,
    convert_to_block,
    convert_to_block_max_abs_finite,
    scaled_operation,
)
from .blocks import BlockResult, dequantize_blocks, dot_blocks, quantize_blocks, quantize_with
from .data import Datum, Number, datum
from .decoding import decode, decode_power
from .logarithms import LogDatum
from .projection import convert, encode
from .rounding import Draw

__all__ = [
    "Block",
    "BlockResult",
    "Datum",
    "Draw",
    "Fraction",
    "LogDatum",
    "Number",
    "block_decode",
    "block_dot_product",
    "block_operation",
    "block_project",
    "block_reduce_add",
    "block_reduce_multiply",
    "convert",
    "convert_from_block",
    "convert_to_block",
    "convert_to_block_max_abs_finite",
    "datum",
    "decode",
    "decode_power",
    "dequantize_blocks",
    "dot_blocks",
    "encode",
    "quantize_blocks",
    "quantize_with",
    "scaled_operation",
]

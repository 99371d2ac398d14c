"""The executable specification: formats and rounding in exact rationals, slow and obvious.

Nothing here is shared with the kernels. A float is read as sign, exponent field and trailing
significand in the way its standard says, a rounding mode is a question about the lost fraction,
and an overflow policy is a list of cases. The tests hold the kernels to this, and packages by other
people hold this to the world.
"""

from fractions import Fraction

from .arithmetic import (
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
from .comparisons import (
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
from .data import Datum, Number, datum
from .decoding import decode, decode_power
from .dots import dot, dot_steps
from .extrema import (
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
from .functions import FUNCTIONS, function
from .integers import from_int, to_int
from .logarithms import LogDatum
from .projection import convert, encode
from .rounding import Draw
from .signs import abs, copy_sign, neg, next_down, next_up

__all__ = [
    "FUNCTIONS",
    "Block",
    "BlockResult",
    "Datum",
    "Draw",
    "Fraction",
    "LogDatum",
    "Number",
    "abs",
    "add",
    "block_decode",
    "block_dot_product",
    "block_operation",
    "block_project",
    "block_reduce_add",
    "block_reduce_multiply",
    "clamp",
    "class_of",
    "convert",
    "convert_from_block",
    "convert_to_block",
    "convert_to_block_max_abs_finite",
    "copy_sign",
    "datum",
    "decode",
    "decode_power",
    "dequantize_blocks",
    "div",
    "dot",
    "dot_blocks",
    "dot_steps",
    "encode",
    "equal",
    "faa",
    "fma",
    "from_int",
    "function",
    "greater",
    "greater_equal",
    "hypot",
    "less",
    "less_equal",
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
    "neg",
    "next_down",
    "next_up",
    "not_equal",
    "quantize_blocks",
    "quantize_with",
    "recip",
    "remainder",
    "round_to_int",
    "rsqrt",
    "scale_b",
    "scaled_operation",
    "sqrt",
    "sub",
    "to_int",
    "total_order",
    "unordered",
]

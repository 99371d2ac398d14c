"""The executable specification: formats and rounding in exact rationals, slow and obvious.

Nothing here is shared with the kernels. A float is read as sign, exponent field and trailing
significand in the way its standard says, a rounding mode is a question about the lost fraction,
and an overflow policy is a list of cases. The tests hold the kernels to this, and packages by other
people hold this to the world.
"""

from fractions import Fraction

from .data import Datum, Number, datum
from .decoding import decode, decode_power
from .logarithms import LogDatum
from .projection import convert, encode
from .rounding import Draw

__all__ = [
    "Datum",
    "Draw",
    "Fraction",
    "LogDatum",
    "Number",
    "convert",
    "datum",
    "decode",
    "decode_power",
    "encode",
]

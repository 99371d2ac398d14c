"""Named tuples of numbers: all that a kernel ever learns about a format and a call."""

import enum
from typing import NamedTuple

import numpy as np


class Kind(enum.IntEnum):
    """What a code stands for."""

    ZERO = 0
    SUBNORMAL = 1
    NORMAL = 2
    INFINITY = 3
    NAN = 4


UNIFORM, POSIT, TAKUM = range(3)  # how many digits a binade has


class Grid(NamedTuple):
    """A format whose values lie on a grid of binades, as numbers.

    Magnitudes are numbered by ordinals k = 0, 1, 2, ... in increasing order. With
    E, T = divmod(k, 2**t) ordinal k stands for T * 2**(emin-t) when E is 0 and for
    (2**t + T) * 2**(emin-t+E-1) otherwise; fixed point is the case where every ordinal has E of
    0 or 1. The code of a magnitude is k - first; its sign is a bit, or two's complement.
    Where `taper` is not UNIFORM the digits of a binade depend on its exponent instead, as
    `kernels.tapered` has it, and t is the largest number of them.
    Every field is an int64 except the two largest ordinals, which are uint64.
    """

    t: int  # trailing significand digits
    emin: int  # exponent of the smallest normal value
    gap: int  # t where subnormals do not exist, else 0
    first: int  # ordinal of code 0: 1 where there is no zero, else 0
    bits: int
    signed: int
    twos: int  # 1 for two's complement
    negative_zero: int
    specials: int  # 1 where ordinals past the largest finite one are infinity or NaN
    has_infinity: int
    underflows: int  # 1 where the underflow flag means something
    ceiling: int  # a value whose exponent is larger than this is past the end
    taper: int  # UNIFORM, POSIT or TAKUM
    es: int  # exponent bits of a posit
    max_positive: np.uint64  # largest finite ordinals
    max_negative: np.uint64


class Logarithms(NamedTuple):
    """A format of a sign and a logarithm, as numbers; `taper`, `bits` and `es` as in `Grid`.

    Ordinal k > 0 has the logarithm n * 2**-digits, where n is k - 2**(bits-2) if `taper` is
    UNIFORM, and else spells like a tapered value: exponent and digits are the parts of n.
    """

    taper: int
    bits: int
    es: int
    digits: int
    natural: int  # 0: logarithms to base 2; 1: to base sqrt(e)
    twos: int
    largest: np.uint64


class Projection(NamedTuple):
    """How one call rounds into a grid, and the code and flags of every special outcome.

    Flags above the low byte are alarms: the caller must refuse the input.
    """

    addends: int  # `Rounding.addends`
    stochastic: int  # `Rounding.stochastic`
    bits: int  # number of random bits, 1 to 52
    wrap: int  # 1: ordinals are kept modulo 2**64, nothing is past the end
    tiny_before: int  # 1: tininess is judged before rounding
    flush_input: int  # inputs with a smaller exponent count as zero
    flush_result: int  # 1: tiny results become zero
    over_flags_positive: int
    over_flags_negative: int
    infinity_flags_positive: int
    infinity_flags_negative: int
    nan_flags: int
    negative_flags: int  # flags of any negative nonzero operand
    over_positive: np.uint64
    over_negative: np.uint64
    infinity_positive: np.uint64
    infinity_negative: np.uint64
    nan_positive: np.uint64
    nan_negative: np.uint64


ALARM = 256  # first flag bit that is not an IEEE flag

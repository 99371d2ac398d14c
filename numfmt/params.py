"""Named tuples of numbers: all that a kernel ever learns about a format and a call."""

import enum
from typing import Any, NamedTuple

import numpy as np


class Kind(enum.IntEnum):
    """What a code stands for."""

    ZERO = 0
    SUBNORMAL = 1
    NORMAL = 2
    INFINITY = 3
    NAN = 4


class Class(enum.IntEnum):
    """The ten classes of IEEE 754-2019, 5.7.2, numbered as the bits of RISC-V's fclass."""

    NEGATIVE_INFINITY = 0
    NEGATIVE_NORMAL = 1
    NEGATIVE_SUBNORMAL = 2
    NEGATIVE_ZERO = 3
    POSITIVE_ZERO = 4
    POSITIVE_SUBNORMAL = 5
    POSITIVE_NORMAL = 6
    POSITIVE_INFINITY = 7
    SIGNALLING_NAN = 8
    QUIET_NAN = 9


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


class Rules(NamedTuple):
    """What a dialect settles, as numbers."""

    minus: int  # 1: the sum of x and -x is -0
    plus: int  # 1: zeros have no sign
    pole: int  # 1: whatever is divided by 0 is invalid
    exact: int  # 1: rounding to an integer raises the inexact flag


class Carrier(NamedTuple):
    """How one call rounds from floats of a machine word into a float format, as numbers.

    Every field has the dtype of the word. Outcomes are codes with their flags shifted left by
    `flag_shift`.
    """

    emin: Any  # biased exponent of the smallest normal value of the format
    lost: Any  # digits lost of a normal value
    t: Any  # trailing digits of the format
    addends: Any  # 3 bits for each (sign, parity): add a half, add an ulp, subtract one
    largest: Any  # ordinal of the largest finite value
    tiny_positive: Any  # words below these are tiny
    tiny_negative: Any
    over_positive: Any
    over_negative: Any
    infinity_positive: Any
    infinity_negative: Any
    pole_positive: Any  # of x / 0
    pole_negative: Any
    nan: Any  # of NaN operands
    invalid: Any  # of invalid operations
    minus_zero: Any  # 1 where zero has a sign
    sign_shift: Any
    flag_shift: Any


class Reading(NamedTuple):
    """How codes of a float format are read into floats of a machine word, as numbers."""

    magnitude: Any  # mask of a magnitude
    hidden: Any  # magnitude code of the least normal value
    shift: Any  # trailing digits of the word less those of the format
    base: Any  # added to the shifted magnitude: the difference of the biases
    low_base: Any  # the same for subnormals, one exponent step more
    low_least: Any  # what is then subtracted, a float: the least normal value
    none: Any  # 0.0
    limit: Any  # the first magnitude code that is infinite or NaN,
    high_base: Any  # and what is added to it and to all after it
    sign_shift: Any  # of the format


class CarrierRules(NamedTuple):
    """What an operation adds to its carrier's numbers, in the dtype of the word."""

    flip: Any  # the sign bit of the word for a - b, else 0
    minus: Any  # 1: the sum of x and -x is -0
    strict: Any  # 1: 0 * inf + NaN is invalid
    pole: Any  # 1: whatever is divided by 0 is invalid


ALARM = 256  # first flag bit that is not an IEEE flag

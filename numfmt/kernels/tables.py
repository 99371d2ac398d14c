"""Kernels that look things up: encode by binade, encode by class of inputs, decode, translate."""

from typing import Any

import numpy as np

from .compile import compiling, jit
from .rounding import ONE, cut, cut_randomly, jammed

ROW = 8  # words in a row of a binade table, 2**3: one cache line
ADD_EVEN, ADD_ODD, HIDDEN, DROP, LIFT, SPAN, OUTSIDE, FLIP = range(ROW)
REFUSED = 1 << 62  # in OUTSIDE: there is no code, the caller must raise
CLASS_REFUSED = 1 << 15  # the same in a class table
_AHEAD = 512  # elements that a prefetch runs ahead of the loop


if not compiling():

    def prefetch(array: Any, index: int) -> None:
        """Do nothing: the interpreter has no use for a cache hint."""

else:
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    @intrinsic
    def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
        """Ask for array[index] to be brought near; an index past the end is harmless."""

        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            byte = ir.IntType(8).as_pointer()
            number = ir.IntType(32)
            hint = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(ir.VoidType(), [byte, number, number, number]),
                "llvm.prefetch.p0",
            )
            address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
            builder.call(hint, [address, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, types.intp), codegen


@jit
def encode_by_binade(words, table, trailing, watch, codes):
    """Fill `codes` from the bits of floats through one table row for each sign and exponent.

    words: uint32 or uint64 bits of values with `trailing` fraction bits; table: flat uint64, rows
    of `ROW` words as `lowering.binade_table` builds them; codes: any unsigned dtype. Returns a
    number of at least `REFUSED` where an input has no code, if `watch` (int) is not 0.
    """
    seen = np.uint64(0)
    digits = np.uint64(trailing)
    fraction = (ONE << digits) - ONE
    for i in range(codes.size):
        prefetch(words, i + _AHEAD)
        word = np.uint64(words[i])
        row = (word >> digits) << np.uint64(3)
        drop = table[row | np.uint64(DROP)]
        significand = (word & fraction) + table[row | np.uint64(HIDDEN)]
        addend = table[row + ((significand >> drop) & ONE)]
        k = cut(significand, drop, addend) + table[row | np.uint64(LIFT)]
        code = k ^ table[row | np.uint64(FLIP)]
        if k > table[row | np.uint64(SPAN)]:
            code = table[row | np.uint64(OUTSIDE)]
        if watch:  # a loop of its own, once compiled
            seen |= code
        codes[i] = code
    return seen


@jit
def encode_by_binade_randomly(words, random, table, trailing, rule, bits, codes):
    """Do as `encode_by_binade` with `bits` random bits for each element, joined by `rule`.

    random: any unsigned dtype; in the table ADD_EVEN holds how many digits are jammed first.
    """
    seen = np.uint64(0)
    digits = np.uint64(trailing)
    fraction = (ONE << digits) - ONE
    for i in range(codes.size):
        prefetch(words, i + _AHEAD)
        word = np.uint64(words[i])
        row = (word >> digits) << np.uint64(3)
        drop = table[row | np.uint64(DROP)]
        significand = (word & fraction) + table[row | np.uint64(HIDDEN)]
        significand = jammed(significand, np.int64(table[row]))
        k = cut_randomly(significand, drop, np.uint64(random[i]), rule, bits)
        k += table[row | np.uint64(LIFT)]
        code = k ^ table[row | np.uint64(FLIP)]
        if k > table[row | np.uint64(SPAN)]:
            code = table[row | np.uint64(OUTSIDE)]
        seen |= code
        codes[i] = code
    return seen


@jit
def encode_by_class(words, table, codes):
    """Fill `codes` (uint8) from pairs of float32 bits by their upper half plus a sticky bit.

    words: uint64, two float32 each; table: uint16, 65536 entries; `codes` has two for each word.
    Returns a number of at least `CLASS_REFUSED` where an input has no code.
    """
    low = np.uint64(0x0000FFFF0000FFFF)
    half = np.uint64(0xFFFF)
    seen = np.uint64(0)
    for i in range(words.size):
        prefetch(words, i + _AHEAD)
        pair = words[i]
        pair = (pair | ((pair & low) + low)) >> np.uint64(16)
        first = table[pair & half]
        second = table[pair >> np.uint64(32)]
        seen |= np.uint64(first | second)
        codes[2 * i] = first
        codes[2 * i + 1] = second
    return seen


@jit
def look_up(codes, table, mask, out):
    """Fill out[i] = table[codes[i] & mask]; return the OR of all codes, as uint64."""
    seen = np.uint64(0)
    for i in range(codes.size):
        prefetch(codes, i + _AHEAD)
        code = np.uint64(codes[i])
        seen |= code
        out[i] = table[code & mask]
    return seen


@jit
def look_up_pairs(first, second, shift, table, out):
    """Fill out[i] = table[first[i] << shift | second[i]]."""
    for i in range(out.size):
        out[i] = table[np.int64(first[i]) << shift | np.int64(second[i])]

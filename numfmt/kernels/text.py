"""Rows of integers as hexadecimal text: packed into limbs, then written into a line's blanks."""

import numpy as np

from .compile import jit


@jit
def pack_limbs(values, widths, limbs):
    """Pack the elements of each row, the first one most significant, into 64-bit limbs.

    Parameters
    ----------
    values : ndarray of uint64, shape (rows, elements)
    widths : ndarray of int64, shape (elements,)
        Bits of each, 1 to 64.
    limbs : ndarray of uint64, shape (rows, limbs), zeros
        The first limb is the most significant one.
    """
    last = limbs.shape[1] - 1
    for row in range(values.shape[0]):
        low = 0
        for element in range(values.shape[1] - 1, -1, -1):
            value = values[row, element]
            at, shift = low // 64, low % 64
            limbs[row, last - at] |= value << np.uint64(shift)
            if shift + widths[element] > 64:
                limbs[row, last - at - 1] |= value >> np.uint64(64 - shift)
            low += widths[element]


@jit
def fill_lines(values, places, digits, lines):
    """Write each element of each row as hexadecimal digits into a line.

    Parameters
    ----------
    values : ndarray of uint64, shape (rows, elements)
    places, digits : ndarray of int64, shape (elements,)
        Where the digits of each element start, and how many there are.
    lines : ndarray of uint8, shape (rows, characters)
        Lines of ASCII, complete but for the digits.
    """
    for row in range(values.shape[0]):
        for element in range(values.shape[1]):
            value = values[row, element]
            for place in range(places[element] + digits[element] - 1, places[element] - 1, -1):
                digit = value & np.uint64(15)
                lines[row, place] = digit + (
                    np.uint64(48) if digit < np.uint64(10) else np.uint64(87)
                )
                value = value >> np.uint64(4)

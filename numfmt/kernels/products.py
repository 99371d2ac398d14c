"""Matrix products of codes by other routes: bit planes and counts of ones, tables of products."""

import numpy as np

from .compile import jit

_PAIRS = np.uint64(0x5555555555555555)
_FOURS = np.uint64(0x3333333333333333)
_EIGHTS = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES = np.uint64(0x0101010101010101)
_SHIFTS = (np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56))


@jit
def ones_of(word):
    """Return how many digits of a uint64 are 1 (compilers know this as one instruction)."""
    word = word - ((word >> _SHIFTS[0]) & _PAIRS)
    word = (word & _FOURS) + ((word >> _SHIFTS[1]) & _FOURS)
    word = (word + (word >> _SHIFTS[2])) & _EIGHTS
    return np.int64((word * _BYTES) >> _SHIFTS[3])


@jit
def pack_planes(codes, planes):
    """Set the digits of codes[row, k] at place k % 64 of planes[row, digit, k // 64] (zeros)."""
    for row in range(codes.shape[0]):
        for k in range(codes.shape[1]):
            code = np.uint64(codes[row, k])
            place = np.uint64(k & 63)
            for digit in range(planes.shape[1]):
                planes[row, digit, k >> 6] |= ((code >> np.uint64(digit)) & np.uint64(1)) << place


@jit
def ones_in_both(a, b):
    """Return the number of places where two rows of words have both a 1."""
    count = np.int64(0)
    for word in range(a.size):
        count += ones_of(a[word] & b[word])
    return count


@jit
def ones_in_one(a, b):
    """Return the number of places where just one of two rows of words has a 1."""
    count = np.int64(0)
    for word in range(a.size):
        count += ones_of(a[word] ^ b[word])
    return count


@jit
def multiply_planes(a, b, a_weights, b_weights, a_offset, b_offset, length, first, sums):
    """Fill `sums` with the products of rows of `a` and of `b`, as flat elements from `first`.

    A value is its offset and the weights of the digits that are 1; a[row, digit, word] and b alike.
    """
    columns = b.shape[0]
    for at in range(sums.size):
        i, j = (first + at) // columns, (first + at) % columns
        total = length * a_offset * b_offset
        for p in range(a.shape[1]):
            for q in range(b.shape[1]):
                total += a_weights[p] * b_weights[q] * ones_in_both(a[i, p], b[j, q])
        if b_offset:
            for p in range(a.shape[1]):
                total += b_offset * a_weights[p] * ones_in_both(a[i, p], a[i, p])
        if a_offset:
            for q in range(b.shape[1]):
                total += a_offset * b_weights[q] * ones_in_both(b[j, q], b[j, q])
        sums[at] = total


@jit
def multiply_bipolar(a, b, a_weights, b_weights, length, first, sums):
    """Fill `sums` as `multiply_planes` does, of digits that count +weight or -weight."""
    columns = b.shape[0]
    for at in range(sums.size):
        i, j = (first + at) // columns, (first + at) % columns
        total = np.int64(0)
        for p in range(a.shape[1]):
            for q in range(b.shape[1]):
                agree = length - 2 * ones_in_one(a[i, p], b[j, q])
                total += a_weights[p] * b_weights[q] * agree
        sums[at] = total


@jit
def multiply_by_table(a, b, table, sums):
    """Add table[a[i, k], b[k, j]] over k to sums[i, j]."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            row = table[a[i, k]]
            for j in range(b.shape[1]):
                sums[i, j] += row[b[k, j]]

"""Kernels that turn codes of 1 to 16 bits into a dense stream of bits and back, 64 at a time."""

import numpy as np

from .compile import jit

CHUNK = 64  # codes that a kernel takes at once: `bits` whole words of 64 bits


@jit
def swapped(word):
    """Return the eight bytes of a uint64 in the opposite order."""
    low = np.uint64(0x00FF00FF00FF00FF)
    word = ((word & low) << np.uint64(8)) | ((word >> np.uint64(8)) & low)
    low = np.uint64(0x0000FFFF0000FFFF)
    word = ((word & low) << np.uint64(16)) | ((word >> np.uint64(16)) & low)
    return (word << np.uint64(32)) | (word >> np.uint64(32))


@jit
def joined(word, steps):
    """Return the codes of one word side by side in its lowest bits; each step halves the lanes.

    steps: uint64, rows of (low, high, up, down) that keep the codes of the low lanes and of the
    high lanes, and move them so many bits up and down.
    """
    for i in range(steps.shape[0]):
        low = (word & steps[i, 0]) << steps[i, 2]
        word = low | ((word & steps[i, 1]) >> steps[i, 3])
    return word


@jit
def parted(word, steps):
    """Return the codes in the lowest bits of a word, one in each lane: the inverse of `joined`."""
    for i in range(steps.shape[0] - 1, -1, -1):
        low = (word >> steps[i, 2]) & steps[i, 0]
        word = low | ((word << steps[i, 3]) & steps[i, 1])
    return word


@jit
def reverse_bytes(words, start, count):
    """Put the bytes of words[start : start + count] in the opposite order, across all of them."""
    for i in range((count + 1) // 2):
        first = words[start + i]
        last = words[start + count - 1 - i]
        words[start + i] = swapped(last)
        words[start + count - 1 - i] = swapped(first)


@jit
def pack_words(words, steps, bits, big, out):
    """Fill `out` with the dense stream of whole chunks of codes.

    words: uint64, lanes of 8 or 16 bits with a code below 2**bits in each; out: uint64, `bits`
    words a chunk. With `big` each chunk is one number, its first code highest and its
    highest byte first; `steps` must then put the first lane highest as well.
    """
    chunks = out.size // bits
    each = words.size // max(chunks, 1)
    piece = np.uint64(64 * bits // max(each, 1))
    top = np.uint64(64)
    for chunk in range(chunks):
        at = chunk * bits
        filled = np.uint64(0)
        rest = np.uint64(0)
        for i in range(each):
            source = chunk * each + (each - 1 - i if big else i)
            codes = joined(words[source], steps)
            rest |= codes << filled
            filled += piece
            if filled >= top:
                out[at] = rest
                at += 1
                filled -= top
                rest = codes >> (piece - filled) if filled else np.uint64(0)
        if big:
            reverse_bytes(out, chunk * bits, bits)


@jit
def pack_pairs(pairs, up, down, out):
    """Fill `out` (uint8) with pairs of 4-bit codes; return the OR of all pairs.

    pairs: uint16, a code in each byte; the first code goes to the low half of its byte for up 0
    and down 4, to the high half for up 4 and down 8.
    """
    seen = np.uint16(0)
    for i in range(out.size):
        pair = pairs[i]
        seen |= pair
        out[i] = np.uint8((pair << up) | (pair >> down))
    return seen


@jit
def unpack_pairs(data, low, high, out):
    """Fill the bytes of `out` (uint16) with the halves of `data` (uint8), shifted up so far.

    `low` is where the low half goes, 0 or 8, and `high` the other one.
    """
    half = np.uint16(15)
    for i in range(data.size):
        byte = np.uint16(data[i])
        out[i] = ((byte & half) << low) | ((byte >> np.uint16(4)) << high)


@jit
def word_of(words, start, index, count, big):
    """Return word `index` of the `count` from `start` on, read as one number of that order."""
    if big:
        return swapped(words[start + count - 1 - index])
    return words[start + index]


@jit
def unpack_words(words, steps, bits, big, out):
    """Fill the lanes of `out` with the codes of whole chunks: the inverse of `pack_words`.

    words: uint64, `bits` words a chunk; out: uint64, lanes of 8 or 16 bits.
    """
    chunks = words.size // bits
    each = out.size // max(chunks, 1)
    piece = 64 * bits // max(each, 1)
    for chunk in range(chunks):
        for i in range(each):
            where = (i * piece) >> 6
            down = np.uint64((i * piece) & 63)
            codes = word_of(words, chunk * bits, where, bits, big) >> down
            after = word_of(words, chunk * bits, min(where + 1, bits - 1), bits, big)
            codes |= (after << np.uint64(1)) << (np.uint64(63) - down)
            out[chunk * each + (each - 1 - i if big else i)] = parted(codes, steps)

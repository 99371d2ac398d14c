"""Weights of -1, 0 and +1 as bitnet.cpp packs them: pairs (TL1) and triples (TL2) in a row."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import place
from ..conversion import encode
from ..decoding import decode
from ..errors import FormatError
from ..families.base import ScalarFormat
from . import bitstreams

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
_NOTHING = 255  # in a table of trits: the code is neither -1, 0 nor +1
_HALF = 13  # largest triple, 9 + 3 + 1


def three_codes(fmt: ScalarFormat) -> Array:
    """Return the codes of -1, 0 and +1; those of the 2-bit integers themselves are 0, 1 and 2.

    Raises
    ------
    FormatError
        The format lacks one of the three values.
    """
    if fmt.name == "uint2":
        return np.arange(3, dtype=np.uint8)
    try:
        codes: Array = encode([-1.0, 0.0, 1.0], fmt)
        exact = np.array_equal(decode(codes, fmt), [-1.0, 0.0, 1.0])
    except FormatError:
        exact = False
    if not exact:
        raise FormatError(
            f"fmt_or_bits={fmt.name!r} does not have the values -1, 0 and +1 that this layout "
            "holds; pass 'ternary', or 2 for the codes 0, 1 and 2"
        )
    return codes


def as_trits(codes: Array, fmt: ScalarFormat) -> Array:
    """Return 0, 1 and 2 for codes of -1, 0 and +1."""
    three = three_codes(fmt)
    table = np.full(1 << fmt.bits, _NOTHING, np.uint8)
    table[three] = np.arange(3)
    trits: Array = np.take(table, codes)
    if trits.size and trits.max() == _NOTHING:
        index = int(np.argmax(trits.reshape(-1) == _NOTHING))
        raise FormatError(
            f"{place('codes', codes.shape, index)} is {int(codes.reshape(-1)[index]):#x}; this "
            f"layout holds the codes {', '.join(hex(c) for c in three.tolist())} of -1, 0 and +1"
        )
    return trits


def from_trits(trits: Array, fmt: ScalarFormat) -> Array:
    """Return the codes of -1, 0 and +1 for 0, 1 and 2; more than 2 is damaged data."""
    if trits.size and trits.max() > 2:
        raise FormatError(
            "data holds a field that stands for no weight; it was not packed in this layout"
        )
    codes: Array = np.take(three_codes(fmt), trits)
    return codes


def _pairs(trits: Array) -> Array:
    return 3 * trits[..., 0::2] + trits[..., 1::2]


def _unpaired(pairs: Array) -> Array:
    return np.stack([pairs // 3, pairs % 3], axis=-1).reshape(*pairs.shape[:-1], -1)


def triples(trits: Array) -> tuple[Array, Array]:
    """Return magnitudes 0 to 13 and signs (1 below zero) of 9a + 3b + c."""
    digits = trits.astype(np.int8) - np.int8(1)
    total = 9 * digits[..., 0::3] + 3 * digits[..., 1::3] + digits[..., 2::3]
    return np.abs(total).astype(np.uint8), (total < 0).astype(np.uint8)


def untripled(magnitudes: Array, signs: Array) -> Array:
    """Return what `triples` took; above 2 where a magnitude stands for no triple."""
    if magnitudes.size and magnitudes.max() > _HALF:
        return np.full((*magnitudes.shape[:-1], 3 * magnitudes.shape[-1]), _NOTHING, np.uint8)
    sized = magnitudes.astype(np.int8)
    total = np.where(signs == 1, -sized, sized) + np.int8(_HALF)
    digits = np.stack([total // 9, total // 3 % 3, total % 3], axis=-1).astype(np.uint8)
    return digits.reshape(*total.shape[:-1], -1)


def pack_tl1(trits: Array) -> Bytes:
    """Return pairs of the last axis as nibbles 3a + b + 4, the first of two in the high nibble."""
    return bitstreams.pack(_pairs(trits), 4, True)


def unpack_tl1(data: Bytes, count: int) -> Array:
    """Return what `pack_tl1` took; above 2 where a nibble stands for no pair."""
    return _unpaired(bitstreams.unpack(data, count // 2, 4, True))


def tl2_parts(count: int) -> tuple[int, int]:
    """Return how many weights go into triples and how many, an even number, into pairs."""
    rest = (0, 4, 2)[count % 3]
    return count - rest, rest


def tl2_size(count: int) -> int:
    """Return the bytes of `count` weights: nibbles, 16-bit words of signs, nibbles."""
    inside, rest = tl2_parts(count)
    return -(-inside // 6) + 2 * -(-inside // 48) + -(-rest // 4)


def pack_tl2(trits: Array) -> Bytes:
    """Return nibbles of the triples, 16-bit words of their signs, and nibbles of pairs."""
    inside, _ = tl2_parts(trits.shape[-1])
    magnitudes, signs = triples(trits[..., :inside])
    padded = np.zeros((*signs.shape[:-1], 16 * -(-signs.shape[-1] // 16)), np.uint8)
    padded[..., : signs.shape[-1]] = signs
    parts = [
        bitstreams.pack(magnitudes, 4, True),
        sign_words(padded),
        pack_tl1(trits[..., inside:]),
    ]
    return np.concatenate(parts, axis=-1)


def sign_words(signs: Array) -> Bytes:
    """Return little-endian words of 16 signs, the first one in the highest bit."""
    *lead, count = signs.shape
    words = signs.reshape(*lead, count // 16, 16)[..., ::-1]
    return bitstreams.pack(words.reshape(*lead, count), 1, False)


def signs_of(data: Bytes) -> Array:
    """Return the signs of whole words, the inverse of `sign_words`."""
    *lead, size = data.shape
    signs = bitstreams.unpack(data, 8 * size, 1, False).reshape(*lead, size // 2, 16)
    return signs[..., ::-1].reshape(*lead, 8 * size)


def unpack_tl2(data: Bytes, count: int) -> Array:
    """Return what `pack_tl2` took; above 2 where a field stands for no weight."""
    inside, rest = tl2_parts(count)
    first = -(-inside // 6)
    second = first + 2 * -(-inside // 48)
    magnitudes = bitstreams.unpack(data[..., :first], inside // 3, 4, True)
    signs = signs_of(data[..., first:second])[..., : inside // 3]
    parts = [untripled(magnitudes, signs), unpack_tl1(data[..., second:], rest)]
    return np.concatenate(parts, axis=-1)

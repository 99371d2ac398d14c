"""Dense streams of bits: codes of 1 to 16 bits side by side, whichever bit comes first."""

import functools
import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_codes, integer_option, scalar_format
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..kernels import packing as kernels
from ..parallel import in_parallel

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


@functools.cache
def _steps(bits: int, lane: int, big: bool) -> npt.NDArray[np.uint64]:
    """Return the masks and shifts that join lanes of 8 or 16 bits, two by two, up to 64."""
    rows = []
    while lane < 64:
        low = sum(((1 << bits) - 1) << at for at in range(0, 64, 2 * lane))
        up, down = (bits, lane) if big else (0, lane - bits)
        rows.append((low, low << lane, up, down))
        lane, bits = 2 * lane, 2 * bits
    return np.array(rows, np.uint64)


def _words(array: Array) -> npt.NDArray[np.uint64]:
    words = array.view(np.uint64)
    return words if words.flags.aligned else words.copy()


def _pack_chunks(codes: Array, bits: int, big: bool, out: Bytes) -> None:
    lane = codes.dtype.itemsize
    words, packed, steps = _words(codes), out.view(np.uint64), _steps(bits, 8 * lane, big)

    def run(start: int, stop: int) -> int:
        part = packed[start * bits // 64 : stop * bits // 64]
        kernels.pack_words(words[start * lane // 8 : stop * lane // 8], steps, bits, big, part)
        return 0

    in_parallel(run, codes.size, kernels.CHUNK)


def _unpack_chunks(data: Bytes, bits: int, big: bool, out: Array) -> None:
    lane = out.dtype.itemsize
    words, codes, steps = _words(data), out.view(np.uint64), _steps(bits, 8 * lane, big)

    def run(start: int, stop: int) -> int:
        part = words[start * bits // 64 : stop * bits // 64]
        kernels.unpack_words(part, steps, bits, big, codes[start * lane // 8 : stop * lane // 8])
        return 0

    in_parallel(run, out.size, kernels.CHUNK)


def _pack_pairs(codes: Array, big: bool) -> Bytes:
    """Return pairs of 4-bit codes in bytes; what `_pack_flat` does, as fast as memory."""
    pairs, out = codes.view(np.uint16), np.empty(codes.size // 2, np.uint8)
    up, down = (np.uint16(4), np.uint16(8)) if big else (np.uint16(0), np.uint16(4))

    def run(start: int, stop: int) -> int:
        return int(kernels.pack_pairs(pairs[start:stop], up, down, out[start:stop]))

    if in_parallel(run, out.size, 1) & 0xF0F0:
        raise FormatError("codes past 15 in 4 bits")  # for a caller who has not looked
    return out


def _unpack_pairs(data: Bytes, big: bool) -> Array:
    """Return the 4-bit codes of bytes."""
    out = np.empty(2 * data.size, np.uint8)
    pairs = out.view(np.uint16)
    low, high = (np.uint16(8), np.uint16(0)) if big else (np.uint16(0), np.uint16(8))

    def run(start: int, stop: int) -> int:
        kernels.unpack_pairs(data[start:stop], low, high, pairs[start:stop])
        return 0

    in_parallel(run, data.size, 1)
    return out


def _pack_flat(codes: Array, bits: int, big: bool) -> Bytes:
    """Return the stream of contiguous 1-D codes; zero bits fill its last byte."""
    if _in_pairs(codes.size, bits) and codes.dtype == np.uint8:
        return _pack_pairs(codes, big)
    out = np.empty(-(-codes.size * bits // 8), np.uint8)
    whole = codes.size - codes.size % kernels.CHUNK
    end = whole * bits // 8
    _pack_chunks(codes[:whole], bits, big, out[:end])
    if whole < codes.size:
        last = np.zeros(kernels.CHUNK, codes.dtype)
        last[: codes.size - whole] = codes[whole:]
        stream = np.empty(8 * bits, np.uint8)
        _pack_chunks(last, bits, big, stream)
        out[end:] = stream[: out.size - end]
    return out


def _in_pairs(count: int, bits: int) -> bool:
    return bits == 4 and count % 2 == 0 and sys.byteorder == "little"


def _unpack_flat(data: Bytes, count: int, bits: int, big: bool) -> Array:
    if _in_pairs(count, bits):
        return _unpack_pairs(data, big)
    out = np.empty(count, np.uint8 if bits <= 8 else np.uint16)
    whole = count - count % kernels.CHUNK
    end = whole * bits // 8
    _unpack_chunks(data[:end], bits, big, out[:whole])
    if whole < count:
        stream = np.zeros(8 * bits, np.uint8)
        stream[: data.size - end] = data[end:]
        last = np.empty(kernels.CHUNK, out.dtype)
        _unpack_chunks(stream, bits, big, last)
        out[whole:] = last[: count - whole]
    return out


def pack(codes: Array, bits: int, big: bool) -> Bytes:
    """Return the streams of the last axis of `codes`, every one from a byte of its own on.

    codes: uint8 or, above 8 bits, uint16, below 2**bits. The lowest bit of the lowest byte comes
    first, or with `big` the highest.
    """
    *lead, count = codes.shape
    if math.prod(lead) != 1 and count * bits % 8:
        padded = np.zeros((*lead, count + -count % 8), codes.dtype)
        padded[..., :count] = codes
        return np.ascontiguousarray(pack(padded, bits, big)[..., : -(-count * bits // 8)])
    flat = np.ascontiguousarray(codes).reshape(-1)
    return _pack_flat(flat, bits, big).reshape(*lead, -(-count * bits // 8))


def unpack(data: Bytes, count: int, bits: int, big: bool) -> Array:
    """Return `count` codes of each stream along the last axis, the inverse of `pack`."""
    *lead, size = data.shape
    if math.prod(lead) != 1 and count * bits % 8:
        whole = count + -count % 8
        padded = np.zeros((*lead, whole * bits // 8), np.uint8)
        padded[..., :size] = data
        return np.ascontiguousarray(unpack(padded, whole, bits, big)[..., :count])
    flat = np.ascontiguousarray(data).reshape(-1)
    return _unpack_flat(flat, math.prod(lead) * count, bits, big).reshape(*lead, count)


def tiled(array: Array, split: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Return the elements as a 1-D array, `array` split into `split` and its axes reordered."""
    return np.ascontiguousarray(array.reshape(split).transpose(axes)).reshape(-1)


def untiled(flat: Array, split: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Return the elements in the order they had before `tiled`, of shape `split`."""
    moved = flat.reshape([split[axis] for axis in axes])
    return np.ascontiguousarray(moved.transpose(np.argsort(axes)))


def format_or_bits(fmt_or_bits: Format | str | int) -> ScalarFormat:
    """Return a scalar format of at most 16 bits; a number of bits stands for unsigned integers."""
    if isinstance(fmt_or_bits, int | np.integer):
        bits = integer_option(fmt_or_bits, 1, 16, "fmt_or_bits (a number of bits)")
        return scalar_format(f"uint{bits}")
    fmt = scalar_format(fmt_or_bits, "fmt_or_bits")
    if fmt.bits > 16:
        raise FormatError(
            f"fmt_or_bits={fmt.name!r} has codes of {fmt.bits} bits; 1 to 16 are packed, and whole "
            "bytes need only a view, codes.view(np.uint8)"
        )
    return fmt


def as_bytes(data: object) -> Bytes:
    """Return packed data as contiguous bytes.

    Raises
    ------
    FormatError
        It is an array of wider words.
    """
    if isinstance(data, bytes):
        return np.frombuffer(data, np.uint8)
    if isinstance(data, np.ndarray) and data.dtype.kind in "iu" and data.dtype.itemsize > 1:
        raise FormatError(
            f"data has dtype {data.dtype}, words of several bytes; pass its bytes, "
            "data.view(np.uint8) where the machine is little-endian"
        )
    return as_codes(data, scalar_format("uint8"), "data")

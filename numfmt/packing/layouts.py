"""Codes packed bit by bit in named layouts: nibbles, planes, AWQ, GPTQ, TC-FPx, scale tiles."""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, as_codes, integer_option, place, scalar_format
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..rounding import Option, choose
from . import bitstreams, ternary
from .bitstreams import as_bytes, format_or_bits

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


class Layout(Option):
    """How codes lie in bytes.

    `dense_little` and `dense_big` are streams of bits of any width, lowest or highest bit first;
    `low_nibble_first` (torchao, ONNX) and `high_nibble_first` (bitsandbytes) are the same of 4
    bits. `bit_planes` puts all bits 0 first, then all bits 1, in bytes lowest bit first. `awq` and
    `gptq` fill little-endian 32-bit words; `i2_s` (x86) and `i2_s_arm`, `tl1` and `tl2` hold
    ternary weights as bitnet.cpp does.

    Examples
    --------
    >>> Layout("dense_little")
    <Layout.DENSE_LITTLE: 'dense_little'>
    """

    DENSE_LITTLE = "dense_little"
    DENSE_BIG = "dense_big"
    LOW_NIBBLE_FIRST = "low_nibble_first"
    HIGH_NIBBLE_FIRST = "high_nibble_first"
    BIT_PLANES = "bit_planes"
    AWQ = "awq"
    GPTQ = "gptq"
    I2_S = "i2_s"
    I2_S_ARM = "i2_s_arm"
    TL1 = "tl1"
    TL2 = "tl2"

    @property
    def ternary(self) -> bool:
        """Whether it holds the values -1, 0 and +1 and nothing else."""
        return self in (Layout.I2_S, Layout.I2_S_ARM, Layout.TL1, Layout.TL2)


class _Stream(NamedTuple):
    """A layout as data: a permutation of each group of codes, then a dense stream of bits."""

    big: bool
    widths: tuple[int, ...] = tuple(range(1, 17))
    order: tuple[int, ...] = ()  # field i of a group holds code order[i]
    unit: int = 1  # bits that whole groups fill


def _quarters(size: int) -> tuple[int, ...]:
    """Return the order of I2_S: byte p has the weights p, p + size, p + 2 size, p + 3 size."""
    return tuple(p + size * quarter for p in range(size) for quarter in range(4))


_STREAMS = {
    Layout.DENSE_LITTLE: _Stream(False),
    Layout.DENSE_BIG: _Stream(True),
    Layout.LOW_NIBBLE_FIRST: _Stream(False, (4,)),
    Layout.HIGH_NIBBLE_FIRST: _Stream(True, (4,)),
    Layout.AWQ: _Stream(False, (4,), (0, 2, 4, 6, 1, 3, 5, 7)),
    Layout.GPTQ: _Stream(False, (2, 3, 4, 8), unit=32),
    Layout.I2_S: _Stream(True, (2,), _quarters(32)),
    Layout.I2_S_ARM: _Stream(True, (2,), _quarters(16)),
}


def _group(layout: Layout, bits: int) -> int:
    """Return how many codes belong together, after a check of their width."""
    if layout in _STREAMS:
        stream = _STREAMS[layout]
        if bits not in stream.widths:
            raise FormatError(
                f"layout={layout.value!r} packs codes of "
                f"{' or '.join(map(str, stream.widths))} bits, not of {bits}; use "
                "layout='dense_little' or 'dense_big'"
            )
        return len(stream.order) or math.lcm(stream.unit, bits) // bits
    return 2 if layout is Layout.TL1 else 1


def _check_count(layout: Layout, count: int, bits: int, ternary: bool) -> None:
    group = _group(layout, bits)
    if count % group:
        other = "'tl2'" if layout is Layout.TL1 else "'dense_little'"
        raise FormatError(
            f"{count} codes do not fill groups of {group} of layout={layout.value!r}; pad with "
            f"{-count % group} {'codes of zero' if ternary else 'codes'} to a multiple of {group}, "
            f"or use layout={other}"
        )
    if layout is Layout.TL2 and count == 1:
        raise FormatError(
            "1 code makes neither a triple nor a pair of layout='tl2'; pad with 1 code of zero"
        )


def _size(layout: Layout, count: int, bits: int) -> int:
    """Return the bytes of `count` codes."""
    if layout is Layout.BIT_PLANES:
        return bits * -(-count // 8)
    if layout is Layout.TL1:
        return -(-count // 4)
    if layout is Layout.TL2:
        return ternary.tl2_size(count)
    return -(-count * bits // 8)


def _last(array: Array, axis: object, argument: str) -> Array:
    """Return `array` with `axis` moved to the end."""
    if array.ndim == 0:
        raise FormatError(f"{argument} is a single number; packing needs at least one axis")
    where = integer_option(axis, -array.ndim, array.ndim - 1, "axis")
    return np.moveaxis(array, where, -1)


def _checked(codes: object, fmt: ScalarFormat, layout: Layout) -> Array:
    """Return codes of `fmt`, all in range; one pass where nothing but the range can be wrong."""
    array = as_array(codes, "codes")
    if array.dtype == fmt.code_dtype and array.size and not fmt.unused_codes():
        if _looked_at_later(array, fmt, layout) or array.max() < 1 << fmt.bits:
            return array
    return as_codes(codes, fmt)


def _looked_at_later(array: Array, fmt: ScalarFormat, layout: Layout) -> bool:
    """Return whether the kernel of 4-bit codes sees their range while it packs them."""
    pairs = fmt.bits == 4 and array.ndim > 0 and all(n % 2 == 0 for n in array.shape)
    return pairs and layout in _STREAMS and not layout.ternary


def _pack_stream(codes: Array, bits: int, stream: _Stream) -> Bytes:
    if stream.order:
        groups = codes.reshape(*codes.shape[:-1], -1, len(stream.order))
        codes = np.take(groups, stream.order, axis=-1).reshape(codes.shape)
    return bitstreams.pack(codes, bits, stream.big)


def _unpack_stream(data: Bytes, count: int, bits: int, stream: _Stream) -> Array:
    codes = bitstreams.unpack(data, count, bits, stream.big)
    if stream.order:
        groups = codes.reshape(*codes.shape[:-1], -1, len(stream.order))
        codes = np.take(groups, np.argsort(stream.order), axis=-1).reshape(codes.shape)
    return codes


def _pack_planes(codes: Array, bits: int) -> Bytes:
    planes = [((codes >> bit) & 1).astype(np.uint8) for bit in range(bits)]
    return np.concatenate([bitstreams.pack(plane, 1, False) for plane in planes], axis=-1)


def _unpack_planes(data: Bytes, count: int, bits: int) -> Array:
    codes = np.zeros((*data.shape[:-1], count), np.uint8 if bits <= 8 else np.uint16)
    for bit, plane in enumerate(np.split(data, bits, axis=-1)):
        codes |= bitstreams.unpack(plane, count, 1, False).astype(codes.dtype) << bit
    return codes


def pack_codes(
    codes: npt.ArrayLike,
    fmt_or_bits: Format | str | int,
    *,
    layout: Layout | str = Layout.DENSE_LITTLE,
    axis: int = -1,
) -> Bytes:
    """Return codes packed into bytes along one axis.

    Parameters
    ----------
    codes : array_like of int, at least one axis
        Codes of the format, or integers from 0 to 2**bits - 1.
    fmt_or_bits : Format, str or int
        A scalar format of at most 16 bits, a name, or a number of bits from 1 to 16.
    layout : Layout or str
        How codes lie in bytes, see `Layout`. A stream, a plane and each part of `tl2` starts at a
        byte and ends with zero bits where codes do not fill it. Fixed groups must be whole: 8
        codes for `awq`, whole 32-bit words for `gptq` (2, 3, 4 or 8 bits), 128 for `i2_s`, 64 for
        `i2_s_arm`, 2 for `tl1`. The ternary layouts take -1, 0 and +1 by value from any format
        that has them, and 0, 1 and 2 for them from plain 2-bit codes.
    axis : int
        Axis along which codes are packed; the others keep their lengths.

    Returns
    -------
    ndarray of uint8
        Shape of `codes` with bytes along `axis`. Words of `awq` and `gptq` are
        ``data.view("<u4")`` along the last axis.

    Raises
    ------
    FormatError
        A code is out of range, or the layout does not take this width or this many codes.

    Notes
    -----
    `tl1`: nibbles 3a + b + 4 of pairs, the first of two in the high nibble. `tl2`: nibbles
    ``abs(9a + 3b + c)`` of triples, then signs in little-endian 16-bit words, highest bit first,
    then pairs of the 0, 2 or 4 weights left. Fields and words are those of bitnet.cpp; that the
    parts of a row follow each other, and which weights are left, is ours. The order of its kernels
    is that of `pack_tl1_tiles` and `pack_tl2_tiles`. Scales, which bitnet.cpp writes after the
    weights, are not packed. Its layout of four rows in a byte is ``dense_big`` along axis 0.

    References
    ----------
    Layouts as read in AutoAWQ, AutoGPTQ and microsoft/BitNet (no code taken); OCP MX v1.0
    defines none.

    Examples
    --------
    >>> pack_codes([1, 2, 3], "e2m1").tolist()  # element 0 in the low nibble
    [33, 3]
    >>> pack_codes([1, 2, 3], "e2m1", layout="dense_big").tolist()
    [18, 48]
    >>> [hex(b) for b in pack_codes([0, 1, 2, 3, 4, 5, 6, 7], 4, layout="awq")]
    ['0x20', '0x64', '0x31', '0x75']
    """
    layout = choose(Layout, layout, "layout")
    fmt = format_or_bits(fmt_or_bits)
    moved = _last(_checked(codes, fmt, layout), axis, "codes")
    bits = 2 if layout.ternary else fmt.bits
    _check_count(layout, moved.shape[-1], bits, layout.ternary)
    if moved.size == 0:
        size = _size(layout, moved.shape[-1], bits)
        return np.moveaxis(np.zeros((*moved.shape[:-1], size), np.uint8), -1, axis)
    if layout.ternary:
        moved = ternary.as_trits(moved, fmt)
    if layout is Layout.BIT_PLANES:
        packed = _pack_planes(moved, bits)
    elif layout is Layout.TL1:
        packed = ternary.pack_tl1(moved)
    elif layout is Layout.TL2:
        packed = ternary.pack_tl2(moved)
    else:
        try:
            packed = _pack_stream(moved, bits, _STREAMS[layout])
        except FormatError:
            as_codes(codes, fmt)  # which says what is wrong
            raise
    return np.ascontiguousarray(np.moveaxis(packed, -1, axis))


def unpack_codes(
    data: npt.ArrayLike,
    fmt_or_bits: Format | str | int,
    *,
    count: int,
    layout: Layout | str = Layout.DENSE_LITTLE,
    axis: int = -1,
) -> Array:
    """Return `count` codes along one axis of bytes that `pack_codes` made.

    Parameters
    ----------
    data : array_like of uint8
        Packed bytes; padding bits are not looked at.
    fmt_or_bits, layout, axis
        As given to `pack_codes`.
    count : int
        How many codes lie along `axis`.

    Returns
    -------
    ndarray of the smallest unsigned dtype that holds the codes
        Fields are not looked at, so that codes without meaning come back, but for ternary layouts.

    Raises
    ------
    FormatError
        `count` codes take another number of bytes, or a ternary field stands for no weight.

    Examples
    --------
    >>> unpack_codes([33, 3], "e2m1", count=3).tolist()
    [1, 2, 3]
    """
    layout = choose(Layout, layout, "layout")
    fmt = format_or_bits(fmt_or_bits)
    count = integer_option(count, 0, 1 << 48, "count")
    bits = 2 if layout.ternary else fmt.bits
    _check_count(layout, count, bits, layout.ternary)
    moved = _last(as_bytes(data), axis, "data")
    if moved.shape[-1] != (size := _size(layout, count, bits)):
        raise FormatError(
            f"data has {moved.shape[-1]} bytes along axis {axis}; count={count} codes of "
            f"{bits} bits take {size} in layout={layout.value!r}; pass the count that was packed"
        )
    if moved.size == 0:
        empty = np.zeros((*moved.shape[:-1], count), np.uint8 if bits <= 8 else np.uint16)
        return np.moveaxis(empty, -1, axis)
    if layout is Layout.BIT_PLANES:
        codes = _unpack_planes(moved, count, bits)
    elif layout is Layout.TL1:
        codes = ternary.unpack_tl1(moved, count)
    elif layout is Layout.TL2:
        codes = ternary.unpack_tl2(moved, count)
    else:
        codes = _unpack_stream(moved, count, bits, _STREAMS[layout])
    if layout.ternary:
        codes = ternary.from_trits(codes, fmt)
    return np.ascontiguousarray(np.moveaxis(codes, -1, axis))


def gptq_zeros(zero_points: npt.ArrayLike, *, bits: int = 4) -> Array:
    """Return the codes that GPTQ stores for zero points: one less, from 0 to 2**bits - 1.

    Zero points are 1 to 2**bits; a stored 0 - 1 would not fit its field. (Later files of
    GPTQModel, "v2", store the zero point itself: pack that as it is.)

    Examples
    --------
    >>> gptq_zeros([8, 1, 16]).tolist()
    [7, 0, 15]
    """
    bits = integer_option(bits, 1, 8, "bits")
    array = as_array(zero_points, "zero_points")
    if array.size == 0:
        return np.zeros(array.shape, np.uint8)
    if array.dtype.kind not in "iu":
        raise FormatError(f"zero_points has dtype {array.dtype}; they are integers")
    bad = (array < 1) | (array > 1 << bits)
    if bad.any():
        index = int(np.argmax(bad.reshape(-1)))
        raise FormatError(
            f"{place('zero_points', array.shape, index)} is {array.reshape(-1)[index]}; GPTQ "
            f"stores z - 1 in {bits} bits, so z is 1 to {1 << bits}"
        )
    stored: Array = (array - array.dtype.type(1)).astype(np.uint8)
    return stored


def gptq_zero_points(codes: npt.ArrayLike, *, bits: int = 4) -> npt.NDArray[np.uint16]:
    """Return the zero points of codes that `gptq_zeros` made: one more, from 1 to 2**bits.

    Examples
    --------
    >>> gptq_zero_points([7, 0, 15]).tolist()
    [8, 1, 16]
    """
    bits = integer_option(bits, 1, 8, "bits")
    zero_points: npt.NDArray[np.uint16] = as_codes(codes, scalar_format(f"uint{bits}")).astype("u2")
    return zero_points + np.uint16(1)

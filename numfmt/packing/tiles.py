"""Matrices in the order that matrix units read: TC-FPx fragments and 128 x 4 tiles of scales."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, as_codes, integer_option, scalar_format
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from . import bitstreams
from .bitstreams import as_bytes, format_or_bits

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
_LOW = 4  # bits of a code that TC-FPx puts in its second stream


def _interleaved(slots: int) -> list[int]:
    """Return which slot of a word, from the top, each slot of a stored word holds.

    FP6-LLM, bit interleaving: counted from 1, every fourth slot from 2, then from 4, 1 and 3.
    """
    return [slot for first in (1, 3, 0, 2) for slot in range(first, slots, 4)]


def _fragments(rows: int, columns: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the split of a matrix, and the axes of one stream of codes for each of 32 threads.

    Thread 4r + c has columns 2c, 2c + 1 of the rows r and r + 8, then of the other eight columns;
    so in the four tiles of 16 x 16 of 64 rows, tile after tile along the columns.
    """
    split = (rows // 64, 4, 2, 8, columns // 16, 2, 4, 2)
    return split, (3, 6, 0, 4, 1, 5, 2, 7)


def _stream(fields: Array, bits: int) -> Bytes:
    """Return the words of 32 threads, one word of each in turn, of fields of `bits` bits."""
    slots = 32 // bits
    split, axes = _fragments(*fields.shape)
    words = bitstreams.tiled(fields, split, axes).reshape(32, fields.size // (32 * slots), slots)
    stored = words[..., _interleaved(slots)[::-1]]  # the lowest slot of a word first
    return bitstreams.pack(stored.transpose(1, 0, 2).reshape(-1), bits, False)


def _fields(stream: Bytes, bits: int, rows: int, columns: int) -> Array:
    slots = 32 // bits
    flat = bitstreams.unpack(stream, rows * columns, bits, False)
    stored = flat.reshape(rows * columns // (32 * slots), 32, slots).transpose(1, 0, 2)
    words = stored[..., np.argsort(_interleaved(slots)[::-1])]
    split, axes = _fragments(rows, columns)
    return bitstreams.untiled(words.reshape(-1), split, axes).reshape(rows, columns)


def _tc_format(fmt_or_bits: Format | str | int) -> ScalarFormat:
    fmt = format_or_bits(fmt_or_bits)
    if fmt.bits not in (5, 6):
        raise FormatError(
            f"fmt_or_bits={fmt_or_bits!r} has {fmt.bits} bits; TC-FPx splits codes of 5 (1 + 4) "
            "and 6 (2 + 4) bits"
        )
    return fmt


def _check_blocks(rows: int, columns: int) -> None:
    if rows <= 0 or columns <= 0 or rows % 64 or columns % 64:
        raise FormatError(
            f"{rows} rows of {columns} columns are not whole blocks of 64 x 64; pad with codes of "
            "zero"
        )


def pack_tc_fpx(codes: npt.ArrayLike, fmt_or_bits: Format | str | int) -> tuple[Bytes, Bytes]:
    """Return the two streams of FP6-LLM: the high 2 or 1 bits of codes, and the low 4 bits.

    Parameters
    ----------
    codes : array_like of int, 2-D
        Codes of 6 or 5 bits; rows and columns are multiples of 64.
    fmt_or_bits : Format, str or int
        ``"e3m2"``, another format of 5 or 6 bits, or the number of bits.

    Returns
    -------
    tuple of two 1-D ndarrays of uint8
        High and low stream; FP6-LLM stores them in this order in one buffer. Row scales are not
        part of them.

    Raises
    ------
    FormatError
        A code is out of range, or the matrix is not of whole blocks.

    References
    ----------
    FP6-LLM, usyd-fsalab/fp6_llm, weight_prepacking.h (layout read there, no code taken).

    Examples
    --------
    >>> codes = np.zeros((64, 64), np.uint8)
    >>> codes[0, 0] = 0b110101
    >>> high, low = pack_tc_fpx(codes, "e3m2")
    >>> high.size, hex(high.view("<u4")[0]), low.size, hex(low.view("<u4")[0])
    (1024, '0xc000', 2048, '0x5000')
    """
    fmt = _tc_format(fmt_or_bits)
    array = as_codes(codes, fmt)
    if array.ndim != 2:
        raise FormatError(f"codes has {array.ndim} axes; TC-FPx packs a matrix of rows and columns")
    _check_blocks(*array.shape)
    return _stream(array >> _LOW, fmt.bits - _LOW), _stream(array & 15, _LOW)


def unpack_tc_fpx(
    high: npt.ArrayLike,
    low: npt.ArrayLike,
    fmt_or_bits: Format | str | int,
    *,
    rows: int,
    columns: int,
) -> Array:
    """Return the matrix of codes that `pack_tc_fpx` packed.

    Examples
    --------
    >>> codes = np.arange(64 * 64).reshape(64, 64) % 32
    >>> high, low = pack_tc_fpx(codes, 5)
    >>> np.array_equal(unpack_tc_fpx(high, low, 5, rows=64, columns=64), codes)
    True
    """
    fmt = _tc_format(fmt_or_bits)
    rows = integer_option(rows, 1, 1 << 32, "rows")
    columns = integer_option(columns, 1, 1 << 32, "columns")
    _check_blocks(rows, columns)
    parts = []
    for stream, bits, argument in ((high, fmt.bits - _LOW, "high"), (low, _LOW, "low")):
        array = as_bytes(stream).reshape(-1)
        if array.size != (size := rows * columns * bits // 8):
            raise FormatError(
                f"{argument} has {array.size} bytes; {rows} rows of {columns} columns take {size}"
            )
        parts.append(_fields(array, bits, rows, columns))
    return parts[0] << _LOW | parts[1]


def _scale_tiling(rows: int, columns: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return split and axes, in units of four scales of a row."""
    return (-(-rows // 128), 4, 32, -(-columns // 4)), (0, 3, 2, 1)


def swizzle_scales(scales: npt.ArrayLike, *, fill: int = 0) -> Bytes:
    """Return codes of scales in the 128 x 4 tiles that cuBLAS and `to_blocked` of torchao use.

    Inside a tile the scale of row r and column c has the offset (r % 32) * 16 + (r // 32) * 4 + c;
    tiles follow each other in row-major order.

    Parameters
    ----------
    scales : array_like of int, 2-D
        Codes of 8 bits, or an 8-bit type of ml_dtypes: rows of the matrix by its blocks along the
        summed axis.
    fill : int
        Code of the scales that fill the last tiles, to 128 rows and 4 columns.

    Returns
    -------
    ndarray of uint8, 1-D

    Raises
    ------
    FormatError
        It is not a matrix of codes of 8 bits.

    References
    ----------
    NVIDIA cuBLAS, 1D block scaling factors layout.

    Examples
    --------
    >>> data = swizzle_scales([[1, 2, 3, 4], [5, 6, 7, 8]])
    >>> data.size, data[:4].tolist(), data[16:20].tolist()
    (512, [1, 2, 3, 4], [5, 6, 7, 8])
    """
    given = as_array(scales, "scales")
    if given.dtype.itemsize == 1 and given.dtype.kind not in "iub":  # a type of ml_dtypes
        given = given.view(np.uint8)
    array = as_codes(given, scalar_format("uint8"), "scales")
    if array.ndim != 2:
        raise FormatError(f"scales has {array.ndim} axes; tiles need a matrix of rows and blocks")
    rows, columns = array.shape
    fill = integer_option(fill, 0, 255, "fill")
    if rows % 128 or columns % 4:
        padded = np.full((rows + -rows % 128, columns + -columns % 4), fill, np.uint8)
        padded[:rows, :columns] = array
        array = padded
    return bitstreams.tiled(array.reshape(-1).view("u4"), *_scale_tiling(rows, columns)).view("u1")


def unswizzle_scales(data: npt.ArrayLike, rows: int, columns: int) -> Bytes:
    """Return the `rows` x `columns` codes that `swizzle_scales` took, without what filled tiles.

    Examples
    --------
    >>> unswizzle_scales(swizzle_scales([[1, 2, 3], [5, 6, 7]], fill=9), 2, 3).tolist()
    [[1, 2, 3], [5, 6, 7]]
    """
    rows = integer_option(rows, 0, 1 << 32, "rows")
    columns = integer_option(columns, 0, 1 << 32, "columns")
    array = as_bytes(data).reshape(-1)
    size = (rows + -rows % 128) * (columns + -columns % 4)
    if array.size != size:
        raise FormatError(
            f"data has {array.size} bytes; {rows} rows of {columns} scales take {size} in tiles of "
            "128 x 4"
        )
    units = bitstreams.untiled(array.view("u4"), *_scale_tiling(rows, columns)).view("u1")
    whole = units.reshape(rows + -rows % 128, columns + -columns % 4)
    return np.ascontiguousarray(whole[:rows, :columns])

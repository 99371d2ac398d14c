"""Matrices of -1, 0 and +1 in the tiles that the TL1 and TL2 kernels of bitnet.cpp read."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_codes, integer_option
from ..errors import FormatError
from ..families.base import Format
from . import bitstreams, ternary

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
_STRIP = 32  # rows that TL2 packs together, the only number its code generator takes
Tiling = tuple[tuple[int, ...], tuple[int, ...]]  # of `bitstreams.tiled`: split, axes


def _tl1_tiling(shape: tuple[int, int], rows: int, columns: int, strip: int) -> Tiling:
    """Return how TL1 reorders bytes of four weights: tiles, strips, sixteen rows at a time."""
    width = 256 // strip
    split = (
        *(shape[0] // rows, rows // strip, strip // 16, 16),
        *(shape[1] // columns, columns // width, width // 4),
    )
    return split, (0, 4, 1, 5, 2, 6, 3)


def _strip_tiling(rows: int, block_rows: int, blocks: int, columns: int) -> Tiling:
    """Return how TL2 reorders bytes: strips of 32 rows, eight at a time as 0, 2, 1, 3."""
    strips = block_rows // _STRIP
    return (rows // block_rows, strips, 2, 2, 8, blocks, columns), (0, 5, 1, 6, 3, 2, 4)


def _sign_tiling(rows: int, block_rows: int, blocks: int, columns: int) -> Tiling:
    """Return how TL2 reorders signs: a word has two rows, 16 apart, of eight triples."""
    strips = block_rows // _STRIP
    split = (rows // block_rows, strips, 2, 16, blocks, columns // 24, 8)
    return split, (0, 4, 1, 5, 3, 6, 2)


def _check_whole(argument: str, size: int, whole: int, reason: str) -> None:
    if size <= 0 or size % whole:
        raise FormatError(f"{argument}={size} is not a positive multiple of {whole}, {reason}")


def _shape(rows: object, columns: object) -> tuple[int, int]:
    return integer_option(rows, 1, 1 << 32, "rows"), integer_option(columns, 1, 1 << 32, "columns")


def _tl1_options(
    shape: tuple[int, int], block_rows: object, block_columns: object, strip_rows: object
) -> Tiling:
    rows = integer_option(block_rows, 1, 1 << 32, "block_rows")
    columns = integer_option(block_columns, 1, 1 << 32, "block_columns")
    strip = integer_option(strip_rows, 16, 64, "strip_rows")
    if strip not in (16, 32, 64):
        raise FormatError(f"strip_rows={strip} is not 16, 32 or 64")
    _check_whole("rows", shape[0], rows, "block_rows")
    _check_whole("columns", shape[1], columns, "block_columns")
    _check_whole("block_rows", rows, strip, "strip_rows")
    _check_whole("block_columns", columns, 256 // strip, "256 // strip_rows")
    return _tl1_tiling(shape, rows, columns, strip)


def _matrix(codes: object, fmt_or_bits: Format | str | int) -> tuple[Array, tuple[int, int]]:
    fmt = bitstreams.format_or_bits(fmt_or_bits)
    array = as_codes(codes, fmt)
    if array.ndim != 2:
        raise FormatError(f"codes has {array.ndim} axes; tiles need a matrix of rows and columns")
    return ternary.as_trits(array, fmt), (array.shape[0], array.shape[1])


def _sized(data: object, size: int, shape: tuple[int, int]) -> Bytes:
    array = bitstreams.as_bytes(data).reshape(-1)
    if array.size != size:
        raise FormatError(
            f"data has {array.size} bytes; {shape[0]} rows of {shape[1]} weights take {size} in "
            "these tiles"
        )
    return array


def pack_tl1_tiles(
    codes: npt.ArrayLike,
    fmt_or_bits: Format | str | int = "ternary",
    *,
    block_rows: int,
    block_columns: int,
    strip_rows: int,
) -> Bytes:
    """Return ternary weights in the TL1 layout of bitnet.cpp, in the order its kernels read.

    Every byte holds four weights of a row, two pairs as in ``pack_codes(layout="tl1")``. Tiles of
    `block_rows` x `block_columns` follow each other in row-major order, so do their strips of
    `strip_rows` rows and 256 // `strip_rows` columns; inside a strip, of 16 rows at a time, the
    bytes of one column of bytes lie together.

    Parameters
    ----------
    codes : array_like of int, 2-D
        Codes of -1, 0 and +1; rows and columns fill whole tiles.
    fmt_or_bits : Format, str or int
        A format that has the three values, or 2 for the codes 0, 1 and 2.
    block_rows, block_columns, strip_rows : int
        BM, BK (or BY) and bm of the kernel configuration; `strip_rows` is 16, 32 or 64 (its code
        generator makes 32 and 64).

    Returns
    -------
    ndarray of uint8, 1-D
        The scale of the tensor is not part of it.

    Raises
    ------
    FormatError
        Another code, or a shape that the tiles do not fill.

    References
    ----------
    microsoft/BitNet, utils/convert-hf-to-gguf-bitnet.py (layout read there, no code taken).

    Examples
    --------
    >>> codes = [[2, 1, 0, 1] * 4] * 16  # rows of +1 0 -1 0 ...: nibbles 7 and 1
    >>> data = pack_tl1_tiles(codes, block_rows=16, block_columns=16, strip_rows=16)
    >>> data.size, hex(data[0])
    (64, '0x71')
    """
    trits, shape = _matrix(codes, fmt_or_bits)
    split, axes = _tl1_options(shape, block_rows, block_columns, strip_rows)
    return bitstreams.tiled(ternary.pack_tl1(trits), split, axes)


def unpack_tl1_tiles(
    data: npt.ArrayLike,
    fmt_or_bits: Format | str | int = "ternary",
    *,
    rows: int,
    columns: int,
    block_rows: int,
    block_columns: int,
    strip_rows: int,
) -> Array:
    """Return the codes that `pack_tl1_tiles` packed, a matrix of `rows` x `columns`.

    Examples
    --------
    >>> tiles = dict(block_rows=16, block_columns=16, strip_rows=16)
    >>> data = pack_tl1_tiles([[2, 1, 0, 1] * 4] * 16, **tiles)
    >>> unpack_tl1_tiles(data, rows=16, columns=16, **tiles)[0, :4].tolist()
    [2, 1, 0, 1]
    """
    fmt = bitstreams.format_or_bits(fmt_or_bits)
    shape = rows, columns = _shape(rows, columns)
    split, axes = _tl1_options(shape, block_rows, block_columns, strip_rows)
    flat = bitstreams.untiled(_sized(data, rows * columns // 4, shape), split, axes)
    return ternary.from_trits(ternary.unpack_tl1(flat.reshape(rows, columns // 4), columns), fmt)


class _Tl2:
    """Where the parts of a matrix in TL2 tiles lie."""

    def __init__(self, shape: tuple[int, int], block_rows: object, block_columns: object) -> None:
        rows = integer_option(block_rows, 1, 1 << 32, "block_rows")
        columns = integer_option(block_columns, 1, 1 << 32, "block_columns")
        _check_whole("rows", shape[0], rows, "block_rows")
        _check_whole("block_rows", rows, _STRIP, "the rows of a strip")
        _check_whole("block_columns", columns, 24, "the columns that a word of signs covers")
        self.tail = shape[1] % columns
        self.inside = shape[1] - self.tail
        if shape[1] <= 0 or self.tail % 32:
            raise FormatError(
                f"columns={shape[1]} leaves {self.tail} past whole tiles of "
                f"block_columns={columns}; that must be a multiple of 32"
            )
        blocks = self.inside // columns
        self.magnitudes = _strip_tiling(shape[0], rows, blocks, columns // 6)
        self.signs = _sign_tiling(shape[0], rows, blocks, columns)
        self.pairs = _strip_tiling(shape[0], rows, self.tail // 32, 8)
        self.sizes = (
            shape[0] * self.inside // 6,
            shape[0] * self.inside // 24,
            shape[0] * self.tail // 4,
        )


def pack_tl2_tiles(
    codes: npt.ArrayLike,
    fmt_or_bits: Format | str | int = "ternary",
    *,
    block_rows: int,
    block_columns: int,
) -> Bytes:
    """Return ternary weights in the TL2 layout of bitnet.cpp, in the order its kernels read.

    First the magnitudes of all triples, then all their signs, then the pairs of the columns past
    the last whole tile. Magnitudes and pairs go in strips of 32 rows, one byte (two triples, or
    two pairs) of each row, the rows eight at a time in the order 0, 2, 1, 3. Signs go in
    little-endian 16-bit words, highest bit first: eight triples of the rows r and r + 16.

    Parameters
    ----------
    codes : array_like of int, 2-D
        Codes of -1, 0 and +1.
    fmt_or_bits : Format, str or int
        A format that has the three values, or 2 for the codes 0, 1 and 2.
    block_rows, block_columns : int
        BM, a multiple of 32, and BK (or BY), of 24; columns past whole tiles fill 32s.

    Returns
    -------
    ndarray of uint8, 1-D
        Neither the scale nor the zero bytes that pad a tensor in a file are part of it.

    Raises
    ------
    FormatError
        Another code, or a shape that the tiles do not fill.

    References
    ----------
    microsoft/BitNet, utils/convert-hf-to-gguf-bitnet.py (layout read there, no code taken).

    Examples
    --------
    >>> codes = [[0, 1, 1, 2, 2, 2] * 4] * 32  # triples of -9 and +13 in every row
    >>> data = pack_tl2_tiles(codes, block_rows=32, block_columns=24)
    >>> data.size, hex(data[0]), data[128:130].tolist()  # magnitudes, signs
    (160, '0x9d', [204, 204])
    """
    trits, shape = _matrix(codes, fmt_or_bits)
    parts = _Tl2(shape, block_rows, block_columns)
    magnitudes, signs = ternary.triples(trits[:, : parts.inside])
    return np.concatenate([
        bitstreams.tiled(bitstreams.pack(magnitudes, 4, True), *parts.magnitudes),
        ternary.sign_words(bitstreams.tiled(signs, *parts.signs)),
        bitstreams.tiled(ternary.pack_tl1(trits[:, parts.inside :]), *parts.pairs),
    ])  # fmt: skip


def unpack_tl2_tiles(
    data: npt.ArrayLike,
    fmt_or_bits: Format | str | int = "ternary",
    *,
    rows: int,
    columns: int,
    block_rows: int,
    block_columns: int,
) -> Array:
    """Return the codes that `pack_tl2_tiles` packed, a matrix of `rows` x `columns`.

    Examples
    --------
    >>> data = pack_tl2_tiles([[0, 1, 1, 2, 2, 2] * 4] * 32, block_rows=32, block_columns=24)
    >>> unpack_tl2_tiles(data, rows=32, columns=24, block_rows=32, block_columns=24)[0, :6].tolist()
    [0, 1, 1, 2, 2, 2]
    """
    fmt = bitstreams.format_or_bits(fmt_or_bits)
    rows, columns = _shape(rows, columns)
    parts = _Tl2((rows, columns), block_rows, block_columns)
    array = _sized(data, sum(parts.sizes), (rows, columns))
    first, second, third = np.split(array, np.cumsum(parts.sizes)[:2])
    bytes_of = bitstreams.untiled(first, *parts.magnitudes).reshape(rows, parts.inside // 6)
    magnitudes = bitstreams.unpack(bytes_of, parts.inside // 3, 4, True)
    signs = bitstreams.untiled(ternary.signs_of(second), *parts.signs).reshape(
        rows, parts.inside // 3
    )
    pairs = bitstreams.untiled(third, *parts.pairs).reshape(rows, parts.tail // 4)
    trits = [ternary.untripled(magnitudes, signs), ternary.unpack_tl1(pairs, parts.tail)]
    return ternary.from_trits(np.concatenate(trits, axis=-1), fmt)

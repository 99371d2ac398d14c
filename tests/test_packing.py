"""Packings: against big integers and formulas for one element, at every width and length."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import packing
from numfmt.packing import Layout, pack_codes, unpack_codes

pytestmark = pytest.mark.fast

WIDTHS = range(1, 17)
AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
TERNARY = ("i2_s", "i2_s_arm", "tl1", "tl2")


def draw(bits: int, *shape: int, most: int | None = None) -> np.ndarray:
    """Return seeded codes."""
    limit = (1 << bits) if most is None else most + 1
    dtype = np.uint8 if bits <= 8 else np.uint16
    return np.random.default_rng([bits, *shape]).integers(0, limit, shape).astype(dtype)


def dense(codes: list[int], bits: int, big: bool) -> bytes:
    """Return a stream of bits as one big integer has it."""
    number, length = 0, -(-len(codes) * bits // 8)
    for i, code in enumerate(codes):
        number |= code << (8 * length - bits * (i + 1) if big else bits * i)
    return number.to_bytes(length, "big" if big else "little")


def planes(codes: list[int], bits: int) -> bytes:
    """Return the planes of bits, bit by bit."""
    size = -(-len(codes) // 8)
    out = bytearray(bits * size)
    for i, code in enumerate(codes):
        for bit in range(bits):
            out[bit * size + i // 8] |= ((code >> bit) & 1) << (i % 8)
    return bytes(out)


def words(codes: list[int], bits: int, order: tuple[int, ...]) -> bytes:
    """Return 32-bit words, or runs of them, whose fields from the lowest on are codes[order]."""
    out = b""
    for start in range(0, len(codes), len(order)):
        number = sum(codes[start + k] << (bits * i) for i, k in enumerate(order))
        out += number.to_bytes(len(order) * bits // 8, "little")
    return out


def i2_s(codes: list[int], size: int) -> bytes:
    """Return the bytes of I2_S with blocks of `size` bytes."""
    out = bytearray(len(codes) // 4)
    for i, code in enumerate(codes):
        block, inside = divmod(i, 4 * size)
        out[block * size + inside % size] |= code << (6 - 2 * (inside // size))
    return bytes(out)


def nibbles(fields: list[int]) -> bytes:
    """Return nibbles, the first of two in the high one."""
    padded = fields + [0] * (len(fields) % 2)
    return bytes(a << 4 | b for a, b in zip(padded[::2], padded[1::2], strict=True))


def tl1(codes: list[int]) -> bytes:
    """Return nibbles of pairs of weights."""
    w = [code - 1 for code in codes]
    return nibbles([3 * a + b + 4 for a, b in zip(w[::2], w[1::2], strict=True)])


def tl2(codes: list[int]) -> bytes:
    """Return magnitudes of triples, their signs, and what is left in pairs."""
    inside = len(codes)
    while inside % 3 or (len(codes) - inside) % 2:
        inside -= 1
    triples = [
        9 * (codes[i] - 1) + 3 * (codes[i + 1] - 1) + codes[i + 2] - 1 for i in range(0, inside, 3)
    ]
    signs = b""
    for start in range(0, len(triples), 16):
        some = triples[start : start + 16]
        signs += sum((t < 0) << (15 - i) for i, t in enumerate(some)).to_bytes(2, "little")
    return nibbles([abs(t) for t in triples]) + signs + tl1(codes[inside:])


def model(codes: list[int], bits: int, layout: str) -> bytes:
    """Return what a layout makes of codes, the obvious way."""
    if layout == "bit_planes":
        return planes(codes, bits)
    if layout == "awq":
        return words(codes, 4, AWQ_ORDER)
    if layout == "gptq":
        return words(codes, bits, tuple(range(np.lcm(32, bits) // bits)))
    if layout.startswith("i2_s"):
        return i2_s(codes, 32 if layout == "i2_s" else 16)
    if layout in ("tl1", "tl2"):
        return tl1(codes) if layout == "tl1" else tl2(codes)
    return dense(codes, bits, layout in ("dense_big", "high_nibble_first"))


def check(codes: np.ndarray, bits: int, layout: str) -> None:
    """Compare with the model and return."""
    data = pack_codes(codes, bits, layout=layout)
    assert data.dtype == np.uint8
    assert data.tobytes() == model(codes.tolist(), bits, layout)
    back = unpack_codes(data, bits, count=codes.size, layout=layout)
    assert back.dtype == codes.dtype
    assert np.array_equal(back, codes)


@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("layout", ["dense_little", "dense_big", "bit_planes"])
def test_every_width_and_length_equals_a_big_integer(bits: int, layout: str) -> None:
    for count in range(71):
        check(draw(bits, count), bits, layout)
    check(draw(bits, 333), bits, layout)
    check(np.full(67, (1 << bits) - 1, draw(bits, 1).dtype), bits, layout)


@pytest.mark.parametrize(
    ("layout", "bits", "group"),
    [
        ("low_nibble_first", 4, 1),
        ("high_nibble_first", 4, 1),
        ("awq", 4, 8),
        ("gptq", 2, 16),
        ("gptq", 3, 32),
        ("gptq", 4, 8),
        ("gptq", 8, 4),
        ("i2_s", 2, 128),
        ("i2_s_arm", 2, 64),
        ("tl1", 2, 2),
        ("tl2", 2, 1),
    ],
)
def test_every_length_of_a_layout_equals_its_formula(layout: str, bits: int, group: int) -> None:
    for count in (*range(71), 128, 256, 384):
        if count % group == 0 and (layout, count) != ("tl2", 1):
            check(draw(bits, count, most=2 if layout in TERNARY else None), bits, layout)
        else:
            with pytest.raises(nf.FormatError, match="pad with"):
                pack_codes(np.zeros(count, np.uint8), bits, layout=layout)
            with pytest.raises(nf.FormatError, match="pad with"):
                unpack_codes(np.zeros(64, np.uint8), bits, count=count, layout=layout)


@given(st.data())
def test_random_shapes_and_axes_round_trip_row_by_row(data: st.DataObject) -> None:
    bits = data.draw(st.integers(1, 16))
    layout = data.draw(st.sampled_from(["dense_little", "dense_big", "bit_planes"]))
    shape = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    codes = draw(bits, *shape)
    packed = pack_codes(codes, bits, layout=layout, axis=axis)
    back = unpack_codes(packed, bits, count=shape[axis], layout=layout, axis=axis)
    assert np.array_equal(back, codes)
    assert packed.flags.c_contiguous
    rows = np.moveaxis(codes, axis, -1).reshape(-1, shape[axis]) if codes.size else []
    streams = np.moveaxis(packed, axis, -1)
    for row, stream in zip(rows, streams.reshape(len(rows), -1) if codes.size else [], strict=True):
        assert stream.tobytes() == model(row.tolist(), bits, layout)


@given(st.lists(st.integers(0, 15)), st.integers(0, 7))
def test_unaligned_and_strided_arrays_pack_as_copies_do(codes: list[int], offset: int) -> None:
    array = np.array([0] * offset + codes * 20, np.uint8)[offset:]
    for some in (array, array[::-1], array[::3]):
        data = pack_codes(some, 4)
        assert data.tobytes() == dense(some.tolist(), 4, False)
        shifted = np.concatenate([np.zeros(offset, np.uint8), data])[offset:]
        for layout in ("dense_little", "dense_big"):
            expected = unpack_codes(data, 4, count=some.size, layout=layout)
            before = shifted.copy()
            again = unpack_codes(shifted, 4, count=some.size, layout=layout)
            assert np.array_equal(again, expected)
            assert np.array_equal(shifted, before)


def test_threads_do_not_change_the_bytes() -> None:
    import numba

    if numba.config.DISABLE_JIT:
        pytest.skip("too long without the compiler")
    codes = draw(6, (1 << 18) + 5)
    before = numba.get_num_threads()
    try:
        results = []
        for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
            numba.set_num_threads(threads)
            for layout in ("dense_little", "dense_big"):
                data = pack_codes(codes, 6, layout=layout)
                assert np.array_equal(unpack_codes(data, 6, count=codes.size, layout=layout), codes)
                results.append(data)
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(results[0], results[2])
    assert np.array_equal(results[1], results[3])


def test_written_out_bytes() -> None:
    cases = [
        ([0x1, 0x2, 0x3], "e2m1", "low_nibble_first", "21 03"),
        ([0x1, 0x2, 0x3], "e2m1", "high_nibble_first", "12 30"),
        ([0x3F, 0, 1, 0x20], "e3m2", "dense_little", "3f 10 80"),
        ([0x3F, 0, 1, 0x20], "e3m2", "dense_big", "fc 00 60"),
        ([1, 2, 3], 2, "bit_planes", "05 06"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 4, "awq", "20 64 31 75"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 4, "gptq", "10 32 54 76"),
        ([0, 1, 2, 3], 8, "gptq", "00 01 02 03"),
        ([0, 0, 1, 1, 2, 2, 0, 2], "ternary", "tl1", "04 82"),
        ([2, 1], "ternary", "tl1", "70"),
        ([0, 1, 1, 2, 2, 2, 1, 1, 0], "ternary", "tl2", "9d 10 00 a0"),
        ([1, 1, 1, 2, 2], "ternary", "tl2", "00 00 00 80"),
    ]
    for codes, fmt, layout, expected in cases:
        assert pack_codes(codes, fmt, layout=layout).tobytes().hex(" ") == expected, layout


def test_one_weight_of_each_quarter_shares_a_byte_of_i2_s() -> None:
    codes = np.ones(128, np.uint8)
    codes[[5, 37, 69, 101]] = 2, 0, 1, 2
    data = pack_codes(codes, "ternary", layout="i2_s")
    assert data.size == 32
    assert data[5] == 0b10_00_01_10
    assert set(np.delete(data, 5)) == {0b01_01_01_01}


def test_the_four_row_form_of_i2_s_is_dense_big_along_rows() -> None:
    rows = draw(2, 4, 9, most=2)
    expected = rows[0] << 6 | rows[1] << 4 | rows[2] << 2 | rows[3]
    assert np.array_equal(pack_codes(rows, 2, layout="dense_big", axis=0), expected[None])


@pytest.mark.parametrize("layout", TERNARY)
def test_ternary_layouts_take_values_not_codes(layout: str) -> None:
    trits = draw(2, 3, 128, most=2)
    plain = pack_codes(trits, 2, layout=layout)
    for fmt in ("ternary", "int2", "int8", "e2m1", "binary16"):
        codes = nf.encode(trits.astype(float) - 1, fmt)
        assert np.array_equal(pack_codes(codes, fmt, layout=layout), plain)
        assert np.array_equal(unpack_codes(plain, fmt, count=128, layout=layout), codes)
    with pytest.raises(nf.FormatError, match=r"codes\[1\] is 0x3; this layout holds"):
        pack_codes([0, 3] * 64, 2, layout=layout)
    with pytest.raises(nf.FormatError, match="does not have the values -1, 0 and \\+1"):
        pack_codes([0, 1] * 64, "uint3", layout=layout)
    with pytest.raises(nf.FormatError, match="stands for no weight"):
        unpack_codes(np.full_like(plain, 0xFF), 2, count=128, layout=layout)


def test_aliases_are_the_dense_layouts() -> None:
    codes = draw(4, 33)
    for alias, layout in (("low_nibble_first", "dense_little"), ("high_nibble_first", "dense_big")):
        first = pack_codes(codes, 4, layout=Layout(alias))
        assert np.array_equal(first, pack_codes(codes, 4, layout=layout))


def test_gptq_stores_zero_points_less_one() -> None:
    z = np.arange(1, 17)
    codes = packing.gptq_zeros(z)
    assert codes.tolist() == list(range(16))
    assert np.array_equal(packing.gptq_zero_points(codes), z)
    assert pack_codes(codes[:8], 4, layout="gptq").view("<u4").tolist() == [0x76543210]
    assert packing.gptq_zeros([256, 1], bits=8).tolist() == [255, 0]
    for bad in ([0], [17]):
        with pytest.raises(nf.FormatError, match=r"zero_points\[0\] is .* z is 1 to 16"):
            packing.gptq_zeros(bad)


def offset_of_scale(r: int, c: int, columns: int) -> int:
    """Return where the scale of row r and column c lies, `columns` padded."""
    tile = (r // 128) * (columns // 4) + c // 4
    r, c = r % 128, c % 4
    return 512 * tile + (r % 32) * 16 + (r // 32) * 4 + c


@pytest.mark.parametrize("shape", [(1, 1), (128, 4), (130, 9), (256, 8), (33, 17), (0, 3)])
def test_swizzled_scales_lie_where_the_formula_says(shape: tuple[int, int]) -> None:
    scales = draw(8, *shape)
    data = packing.swizzle_scales(scales, fill=7)
    rows, columns = (-(-n // m) * m for n, m in zip(shape, (128, 4), strict=True))
    expected = np.full(rows * columns, 7, np.uint8)
    for (r, c), scale in np.ndenumerate(scales):
        expected[offset_of_scale(r, c, columns)] = scale
    assert np.array_equal(data, expected)
    assert np.array_equal(packing.unswizzle_scales(data, *shape), scales)


def test_written_out_offsets_of_scales() -> None:
    scales = np.arange(512).reshape(128, 4) % 251
    data = packing.swizzle_scales(scales)
    for (r, c), offset in {(0, 1): 1, (1, 0): 16, (32, 0): 4, (127, 3): 511, (33, 2): 22}.items():
        assert data[offset] == scales[r, c]


def tc_fpx(codes: np.ndarray, bits: int, low: int) -> bytes:
    """Return one stream of TC-FPx, element by element: fields of `bits` bits from `low` up."""
    slots = 32 // bits
    order = {
        1: "2 6 10 14 18 22 26 30 4 8 12 16 20 24 28 32 1 5 9 13 17 21 25 29 3 7 11 15 19 23 27 31",
        2: "2 6 10 14 4 8 12 16 1 5 9 13 3 7 11 15",
        4: "2 6 4 8 1 5 3 7",
    }[bits]
    place = {int(source) - 1: slot for slot, source in enumerate(order.split())}
    rows, columns = codes.shape
    stored = [0] * (rows * columns // slots)
    for (r, c), code in np.ndenumerate(codes):
        tile = ((r // 64) * (columns // 16) + c // 16) * 4 + r % 64 // 16
        thread = r % 8 * 4 + c % 8 // 2
        quarter = c % 16 // 8 * 2 + r % 16 // 8
        word, slot = divmod(tile * 8 + quarter * 2 + c % 2, slots)
        field = int(code) >> low & ((1 << bits) - 1)
        stored[word * 32 + thread] |= field << (32 - bits * (place[slot] + 1))
    return b"".join(word.to_bytes(4, "little") for word in stored)


@pytest.mark.parametrize(("fmt", "bits"), [("e3m2", 6), ("e2m2_finite", 5), (6, 6)])
def test_tc_fpx_equals_its_description_element_by_element(fmt: str | int, bits: int) -> None:
    codes = draw(bits, 128, 192)
    high, low = packing.pack_tc_fpx(codes, fmt)
    assert high.tobytes() == tc_fpx(codes, bits - 4, 4)
    assert low.tobytes() == tc_fpx(codes, 4, 0)
    back = packing.unpack_tc_fpx(high, low, fmt, rows=128, columns=192)
    assert np.array_equal(back, codes)


def tl1_tiles(codes: np.ndarray, tile: tuple[int, int, int]) -> bytes:
    """Return the bytes of TL1 tiles by the place of every byte."""
    high, wide, strip = tile
    width = 256 // strip
    rows, columns = codes.shape
    out = bytearray(rows * columns // 4)
    for r in range(rows):
        for c in range(0, columns, 4):
            at = (r // high) * (columns // wide) + c // wide
            at = at * (high // strip) + r % high // strip
            at = at * (wide // width) + c % wide // width
            at = at * (strip // 16) + r % strip // 16
            at = at * (width // 4) + c % width // 4
            out[at * 16 + r % 16] = tl1(codes[r, c : c + 4].tolist())[0]
    return bytes(out)


@pytest.mark.parametrize("tile", [(64, 32, 32), (128, 16, 16), (64, 64, 64), (32, 16, 32)])
def test_tl1_tiles_lie_where_the_formula_says(tile: tuple[int, int, int]) -> None:
    codes = draw(2, 128, 64, most=2)
    options = dict(zip(("block_rows", "block_columns", "strip_rows"), tile, strict=True))
    data = packing.pack_tl1_tiles(codes, **options)
    assert data.tobytes() == tl1_tiles(codes, tile)
    back = packing.unpack_tl1_tiles(data, rows=128, columns=64, **options)
    assert np.array_equal(back, codes)


def tl2_tiles(codes: np.ndarray, high: int, wide: int) -> bytes:
    """Return the bytes of TL2 tiles by the place of every triple, sign and pair."""
    rows, columns = codes.shape
    inside = columns // wide * wide
    weights = codes.astype(int) - 1
    magnitudes = bytearray(rows * inside // 6)
    signs = [0] * (rows * inside // 48)
    tail = bytearray(rows * (columns - inside) // 4)
    swap = (0, 2, 1, 3)

    def strip(r: int, c: int, width: int, blocks: int, each: int) -> int:
        """Return the place of a strip of 32 rows and `each` columns in tiles of `width`."""
        at = ((r // high) * blocks + c // width) * (high // 32) + r % high // 32
        return at * (width // each) + c % width // each

    for r in range(rows):
        row = swap[r % 32 // 8] * 8 + r % 8
        for c in range(0, inside, 3):
            triple = int(weights[r, c : c + 3] @ [9, 3, 1])
            at = strip(r, c, wide, inside // wide, 6) * 32 + row
            magnitudes[at] |= abs(triple) << (0 if c % 6 else 4)
            word = strip(r, c, wide, inside // wide, 24) * 16 + r % 16
            signs[word] |= (triple < 0) << (15 - (c % 24 // 3 * 2 + r % 32 // 16))
        for c in range(inside, columns, 4):
            at = strip(r, c - inside, 32, (columns - inside) // 32, 4) * 32 + row
            tail[at] = tl1(codes[r, c : c + 4].tolist())[0]
    return bytes(magnitudes) + b"".join(s.to_bytes(2, "little") for s in signs) + bytes(tail)


@pytest.mark.parametrize(
    ("high", "wide", "columns"), [(32, 24, 48), (64, 48, 128), (128, 96, 96), (32, 96, 64)]
)
def test_tl2_tiles_lie_where_the_formula_says(high: int, wide: int, columns: int) -> None:
    codes = draw(2, 128, columns, most=2)
    data = packing.pack_tl2_tiles(codes, block_rows=high, block_columns=wide)
    assert data.tobytes() == tl2_tiles(codes, high, wide)
    back = packing.unpack_tl2_tiles(
        data, rows=128, columns=columns, block_rows=high, block_columns=wide
    )
    assert np.array_equal(back, codes)


pack_tl1 = functools.partial(packing.pack_tl1_tiles, block_rows=32, block_columns=16)
pack_tl2 = functools.partial(packing.pack_tl2_tiles, np.zeros((32, 56)))
SQUARE = np.zeros((64, 64), np.uint8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pack_codes([1, 16], 4), r"codes\[1\] is 0x10; codes of 'uint4' have 4 bits"),
        (lambda: pack_codes(np.uint8([[1, 8]]), "uint3"), r"codes\[0, 1\] is 0x8"),
        (lambda: pack_codes([-1], 4), r"codes\[0\] is -1"),
        (lambda: pack_codes([0.5], 4), "codes has dtype float64"),
        (lambda: pack_codes([3], "ternary"), "stands for nothing"),
        (lambda: pack_codes(3, 4), "codes is a single number"),
        (lambda: pack_codes([1], 0), r"fmt_or_bits \(a number of bits\)=0 is not within 1 to 16"),
        (lambda: pack_codes([1], 17), "is not within 1 to 16"),
        (lambda: pack_codes([1], "binary32"), "'binary32' has codes of 32 bits; 1 to 16"),
        (lambda: pack_codes([1], True), "is not an integer"),
        (lambda: pack_codes([1], 4, axis=1), "axis=1 is not within -1 to 0"),
        (lambda: pack_codes([1], 4, layout="densee"), "Did you mean 'dense_"),
        (lambda: pack_codes([1] * 8, 5, layout="awq"), "packs codes of 4 bits, not of 5"),
        (lambda: pack_codes([1], 6, layout="low_nibble_first"), "codes of 4 bits, not of 6"),
        (lambda: pack_codes([1], 6, layout="high_nibble_first"), "codes of 4 bits, not of 6"),
        (lambda: pack_codes([1] * 7, 4, layout="awq"), "pad with 1 codes to a multiple of 8"),
        (lambda: pack_codes([1], 2, layout="i2_s"), "pad with 127 codes of zero"),
        (lambda: unpack_codes([1, 2], 4, count=5), "count=5 codes of 4 bits take 3 in layout"),
        (lambda: unpack_codes([1, 2], 4, count=2), "data has 2 bytes along axis -1"),
        (lambda: unpack_codes([1], 4, count=-1), "count=-1 is not within"),
        (lambda: unpack_codes([256], 4, count=2), r"data\[0\] is 0x100"),
        (lambda: packing.gptq_zeros([1.5]), "zero_points has dtype float64"),
        (lambda: packing.swizzle_scales([1, 2]), "scales has 1 axes"),
        (lambda: packing.swizzle_scales([[256]]), r"scales\[0, 0\] is 0x100"),
        (lambda: packing.swizzle_scales([[1]], fill=256), "fill=256 is not within"),
        (lambda: packing.unswizzle_scales([1], 1, 1), "take 512 in tiles of 128 x 4"),
        (lambda: packing.pack_tc_fpx(SQUARE, 4), "5 \\(1 \\+ 4\\) and 6"),
        (lambda: packing.pack_tc_fpx(SQUARE[:32], 6), "not whole blocks of 64 x 64"),
        (lambda: packing.pack_tc_fpx(SQUARE[0], 6), "codes has 1 axes"),
        (
            lambda: packing.unpack_tc_fpx([0], [0], 6, rows=64, columns=64),
            "high has 1 bytes; 64 rows of 64 columns take 1024",
        ),
        (lambda: pack_tl1(SQUARE, strip_rows=48), "strip_rows=48 is not 16, 32 or 64"),
        (lambda: pack_tl1(SQUARE[:33], strip_rows=32), "rows=33 is not a positive multiple of 32"),
        (lambda: pack_tl1(SQUARE[0], strip_rows=32), "codes has 1 axes"),
        (lambda: pack_tl2(block_rows=40, block_columns=24), "codes has dtype float64"),
        (
            lambda: packing.pack_tl2_tiles(SQUARE, block_rows=32, block_columns=24),
            "columns=64 leaves 16 past whole tiles",
        ),
        (
            lambda: packing.unpack_tl2_tiles(
                [1], rows=32, columns=24, block_rows=32, block_columns=24
            ),
            "data has 1 bytes; 32 rows of 24 weights take 160",
        ),
    ],
)
def test_messages_name_the_argument_the_value_and_the_remedy(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(nf.FormatError, match=message):
        call()


def test_ml_dtypes_arrays_are_their_codes() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([0.5, -6.0, 1.0], ml_dtypes.float4_e2m1fn)
    assert pack_codes(array, "e2m1").tolist() == [0xF1, 0x02]


@pytest.mark.parametrize("layout", ["awq", "i2_s", "tl1", "tl2", "dense_big", "bit_planes"])
def test_an_axis_of_length_zero_packs_to_nothing(layout: str) -> None:
    bits = 4 if layout in ("awq", "dense_big", "bit_planes") else 2
    for shape in ((0, 384), (2, 0, 384), (0, 0)):
        data = pack_codes(np.zeros(shape, np.uint8), bits, layout=layout)
        assert data.shape[:-1] == shape[:-1]
        back = unpack_codes(data, bits, count=shape[-1], layout=layout)
        assert back.shape == shape


def test_words_are_bytes_only_when_the_caller_says_so() -> None:
    words = pack_codes(np.arange(16) % 16, 4, layout="awq").view(np.int32)
    with pytest.raises(nf.FormatError, match=r"data\.view\(np\.uint8\)"):
        unpack_codes(words, 4, count=16, layout="awq")
    assert unpack_codes(b"\x21\x03", 4, count=3).tolist() == [1, 2, 3]
    with pytest.raises(nf.FormatError, match=r"rows=16\.0"):
        packing.unpack_tl1_tiles(
            [0],
            rows=16.0,
            columns=16,
            block_rows=16,
            block_columns=16,
            strip_rows=16,  # type: ignore[arg-type]
        )


def test_scales_of_ml_dtypes_are_swizzled_by_their_codes() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    scales = np.ones((2, 2), ml_dtypes.float8_e8m0fnu)
    assert packing.swizzle_scales(scales)[:2].tolist() == [127, 127]

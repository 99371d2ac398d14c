"""Seeded operands for the dot-product instructions of x86 CPUs, the same on every machine.

A class of operands is A[T, I, K], B[T, J, K] and C[T, I, J]: T tiles of I x J dot products. A lane
of a vector instruction is a tile of one dot product.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

Operands = tuple[np.ndarray, np.ndarray, np.ndarray]
Draw = np.random.Generator


@dataclasses.dataclass(frozen=True)
class Float:
    """An IEEE-style format of `exponent` exponent bits and `trailing` digits after them."""

    exponent: int
    trailing: int
    dtype: type
    value: type | None = None  # NumPy's type of the same format

    @property
    def bias(self) -> int:
        """Return the exponent bias, which is the exponent field of 1."""
        return (1 << self.exponent - 1) - 1

    @property
    def top(self) -> int:
        """Return the exponent field of infinities and NaNs."""
        return (1 << self.exponent) - 1

    def pack(self, sign: Any, field: Any, digits: Any) -> np.ndarray:
        """Return codes."""
        codes = sign << self.exponent + self.trailing | field << self.trailing | digits
        return np.asarray(codes).astype(self.dtype)

    def sign_digits(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return sign, exponent field and trailing digits as int64."""
        wide = codes.astype(np.int64)
        field = wide >> self.trailing & self.top
        return wide >> self.exponent + self.trailing, field, wide & (1 << self.trailing) - 1

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the float64 values of codes; a NaN is some NaN."""
        sign, field, digits = self.sign_digits(codes)
        digits = digits + np.where(field > 0, 1 << self.trailing, 0)
        size = np.ldexp(digits.astype(float), np.maximum(field, 1) - self.bias - self.trailing)
        size[field == self.top] = np.inf
        size[self.is_nan(codes)] = np.nan
        return np.where(sign > 0, -size, size)

    def is_nan(self, codes: np.ndarray) -> np.ndarray:
        """Return which codes are NaNs."""
        _, field, digits = self.sign_digits(codes)
        return (field == self.top) & (digits > 0)


BF16: Final = Float(8, 7, np.uint16)
F16: Final = Float(5, 10, np.uint16, np.float16)
F32: Final = Float(8, 23, np.uint32, np.float32)


@dataclasses.dataclass(frozen=True)
class Instruction:
    """What an instruction reads and writes; `bits` and `signed` describe integer operands."""

    name: str
    sizes: tuple[int, ...]  # the values of K that are recorded
    element: Float | None = None
    result: Float | None = None
    bits: int = 0
    signed: tuple[bool, bool] = (True, True)
    tile: bool = False

    @property
    def dtypes(self) -> tuple[np.dtype, np.dtype, np.dtype]:
        """Return the types of the elements of A, of B, and of C and D."""
        if self.element and self.result:
            element = np.dtype(self.element.dtype)
            return element, element, np.dtype(self.result.dtype)
        a, b = (np.dtype(f"{'i' if signed else 'u'}{self.bits // 8}") for signed in self.signed)
        return a, b, np.dtype(np.int32)


FLOAT_TILES: Final = (2, 4, 8, 16, 32)
BYTE_TILES: Final = (4, 8, 16, 32, 64)
INSTRUCTIONS: Final = (
    Instruction("vdpbf16ps", (2,), BF16, F32),
    Instruction("tdpbf16ps", FLOAT_TILES, BF16, F32, tile=True),
    Instruction("tdpfp16ps", FLOAT_TILES, F16, F32, tile=True),
    Instruction("tdpbssd", BYTE_TILES, bits=8, tile=True),
    Instruction("tdpbsud", BYTE_TILES, bits=8, signed=(True, False), tile=True),
    Instruction("tdpbusd", BYTE_TILES, bits=8, signed=(False, True), tile=True),
    Instruction("tdpbuud", BYTE_TILES, bits=8, signed=(False, False), tile=True),
    Instruction("vpdpbusd", (4,), bits=8, signed=(False, True)),
    Instruction("vpdpbusds", (4,), bits=8, signed=(False, True)),
    Instruction("vpdpwssd", (2,), bits=16),
    Instruction("vpdpwssds", (2,), bits=16),
    Instruction("vfmadd132ph", (1,), F16, F16),
    Instruction("vfmadd213ph", (1,), F16, F16),
    Instruction("vfmadd231ph", (1,), F16, F16),
)
NAMED: Final = {instruction.name: instruction for instruction in INSTRUCTIONS}


@dataclasses.dataclass(frozen=True)
class Shape:
    """How many tiles, of how many rows and columns, with how many products."""

    tiles: int
    side: int
    k: int

    @property
    def row(self) -> tuple[int, int, int]:
        """Return the shape of A and of B."""
        return self.tiles, self.side, self.k

    @property
    def result(self) -> tuple[int, int, int]:
        """Return the shape of C and of D."""
        return self.tiles, self.side, self.side


def floats(rng: Draw, fmt: Float, shape: tuple[int, ...], low: Any, high: Any) -> np.ndarray:
    """Return codes of any sign and digits with exponent fields from `low` to `high`."""
    field = rng.integers(low, np.asarray(high) + 1, shape)
    return fmt.pack(rng.integers(0, 2, shape), field, rng.integers(0, 1 << fmt.trailing, shape))


def zeros(rng: Draw, fmt: Float, shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros of any sign."""
    return fmt.pack(rng.integers(0, 2, shape), 0, 0)


def normal(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Moderate numbers; one C in eight is a zero."""
    c = floats(rng, r, shape.result, r.bias - 6, r.bias + 6)
    c = np.where(rng.integers(0, 8, shape.result) == 0, zeros(rng, r, shape.result), c)
    return *(floats(rng, x, shape.row, x.bias - 3, x.bias + 3) for _ in range(2)), c


def wide(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Random exponents: a third of the range or, in every second row of a tile, all of it."""
    reach = rng.choice(np.array([x.bias // 3, x.bias - 1]), (shape.tiles, shape.side, 1))
    far = np.minimum(2 * reach, r.bias - 1)
    a = floats(rng, x, shape.row, x.bias - reach, x.bias + reach)
    b = floats(rng, x, shape.row, x.bias - reach, x.bias + reach)
    return a, b, floats(rng, r, shape.result, r.bias - far, r.bias + far)


def raw(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Random bits."""
    a, b = (floats(rng, x, shape.row, 0, x.top) for _ in range(2))
    return a, b, floats(rng, r, shape.result, 0, r.top)


def subnormal(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Operands, products, sums and C below or near the smallest normal numbers.

    What the products at one k are like is drawn for a whole tile: a subnormal times about 1, two
    small numbers whose product is about 2**emin, two smaller ones, a subnormal times a large
    number, zeros. In one row of A in four everything is zero, so that C goes through.
    """
    half, small = x.bias // 2, max(3, x.bias // 6)
    kinds = (  # lowest and highest exponent field of a, and of b
        ((0, 2), (x.bias - 1, x.bias + 1)),
        ((x.bias - half - 1, x.bias - half + 1), (x.bias - half - 1, x.bias - half)),
        ((x.bias - half - small, x.bias - half), (x.bias - half - small, x.bias - half)),
        ((0, 0), (x.top - half // 2, x.top - 1)),
        ((0, 0), (0, 0)),
    )
    kind = rng.integers(0, len(kinds), (shape.tiles, 1, shape.k))
    ends = np.array(kinds)[kind]
    a, b = (floats(rng, x, shape.row, ends[..., at, 0], ends[..., at, 1]) for at in (0, 1))
    nothing = rng.integers(0, 4, (shape.tiles, shape.side, 1)) == 0
    a = np.where(nothing, zeros(rng, x, shape.row), a)
    smallest = floats(rng, r, shape.result, 1, 1) & ~np.array((1 << r.trailing) - 8, r.dtype)
    c = np.choose(
        rng.integers(0, 4, shape.result),
        [
            floats(rng, r, shape.result, 0, 0),
            floats(rng, r, shape.result, 1, 2),
            smallest,
            zeros(rng, r, shape.result),
        ],
    )
    return a, b, c


def tiny(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Put sums within two quanta of 2**emin, where tininess before and after rounding part.

    C, and from K = 4 the products at k = 0 and 1, are the smallest normal number or near it; the
    other products are an eighth to one quantum (2**(emin - trailing)), or zero.
    """
    emin, quantum = 1 - r.bias, 1 - r.bias - r.trailing
    first = np.arange(shape.k) < (2 if shape.k > 2 else 0)
    large = (emin // 2, emin - emin // 2)
    small = (quantum // 2, quantum - 1 - quantum // 2)
    sign = rng.integers(0, 2, shape.row)
    field = np.where(first, large[0], small[0] - rng.integers(0, 3, shape.row))
    digits = rng.integers(0, 1 << x.trailing, shape.row) * rng.integers(0, 2, shape.row)
    a = x.pack(sign, x.bias + field, np.where(first, 0, digits))
    gone = ~first & (rng.integers(0, 3, (shape.tiles, 1, shape.k)) == 0)
    b = x.pack(0, x.bias + np.where(first, large[1], np.full(shape.row, small[1])), 0)
    near = [rng.integers(0, high, shape.result) for high in (2, 2, 3)]
    return np.where(gone, zeros(rng, x, shape.row), a), b, r.pack(*near)


def special(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """NaNs with payloads, infinities, zeros and extremes among moderate numbers.

    By tile: zeros and ones alone; no special operands but NaNs; all kinds. By row and column: no
    special operand, one in K, three in K, half of them, all.
    """
    style = (np.arange(shape.tiles) % 4)[:, None, None]
    often = np.array([0, 1 / shape.k, 3 / shape.k, 0.5, 1])

    def mix(fmt: Float, usual: np.ndarray, density: np.ndarray) -> np.ndarray:
        size = usual.shape
        sign = rng.integers(0, 2, size)
        nans = fmt.pack(sign, fmt.top, rng.integers(1, 1 << fmt.trailing, size))
        infinity = fmt.top << fmt.trailing
        some = rng.choice(np.array([0, 1, 1 << fmt.trailing, infinity - 1, infinity]), size)
        kinds = [nans, nans, fmt.pack(sign, fmt.top, 0), fmt.pack(sign, 0, some)]
        mixed = np.choose(rng.integers(0, 4, size), kinds)
        plain = fmt.pack(sign, fmt.bias * (rng.integers(0, 4, size) == 0), 0)
        chosen = rng.random(size) < density
        mixed = np.where(chosen, np.where(style == 1, nans, mixed), usual)
        return np.where(style == 0, plain, mixed)

    a, b, c = normal(rng, x, r, shape)
    rows = (shape.tiles, shape.side, 1)
    return mix(x, a, rng.choice(often, rows)), mix(x, b, rng.choice(often, rows)), mix(r, c, 0.5)


def cancellation(rng: Draw, x: Float, r: Float, shape: Shape) -> Operands:
    """Put a large pair that cancels, at random positions, among small terms; C of every sign.

    B has one value in a column, so that the pair of a row of A cancels in every column. By row:
    the pair cancels; C cancels one large product; the pair leaves one ulp.
    """
    tiles, side, k = shape.row
    low = min(30, x.bias + 4)
    a = floats(rng, x, shape.row, max(x.bias - low, 1), x.bias - low // 2)
    large = floats(rng, x, (tiles, side), x.bias + 3, x.bias + 6)
    column = floats(rng, x, (tiles, side, 1), x.bias - 1, x.bias + 1)
    at = np.arange(tiles)[:, None], np.arange(side)[None, :]
    p = rng.integers(0, k, (tiles, side))
    q = (p + rng.integers(1, max(k, 2), (tiles, side))) % k
    way = rng.integers(0, 3, (tiles, side))
    opposite = large ^ x.pack(1, 0, 0) ^ (way == 2).astype(x.dtype)
    a[(*at, q)] = np.where(way == 1, a[(*at, q)], opposite)
    a[(*at, p)] = large
    c = floats(rng, r, shape.result, r.bias - low, r.bias - low // 2)
    c = np.where(rng.integers(0, 4, shape.result) == 0, zeros(rng, r, shape.result), c)
    product = x.decode(large)[:, :, None] * x.decode(column)[:, None, :, 0]
    c = np.where(way[:, :, None] == 1, (-product).astype(r.value).view(r.dtype), c)
    return a, np.broadcast_to(column, shape.row).copy(), c


FLOAT_CLASSES: Final = (normal, wide, raw, subnormal, tiny, special, cancellation)
INTEGER_CLASSES: Final = ("raw", "extremes", "wrap")


def integers(rng: Draw, instruction: Instruction, shape: Shape, which: str) -> Operands:
    """Return random integers, extremes, or (`wrap`) sums within 2 of an end of the range."""

    def take(dtype: np.dtype, size: tuple[int, ...]) -> np.ndarray:
        info = np.iinfo(dtype)
        if which == "raw":
            return rng.integers(info.min, info.max, size, dtype, endpoint=True)
        ends = rng.choice(np.array([info.min, info.max, info.min + 1, 0, 1, info.max // 2]), size)
        small = rng.integers(-100 if info.min else 0, 101, size)
        return np.where(rng.integers(0, 3, size) == 0, small, ends).astype(dtype)

    of_a, of_b, of_c = instruction.dtypes
    a, b, c = take(of_a, shape.row), take(of_b, shape.row), take(of_c, shape.result)
    if which == "extremes":  # whole rows whose products are the largest that there are
        for side in (a, b):
            info = np.iinfo(side.dtype)
            side[rng.integers(0, 4, shape.row[:2]) == 0] = info.min or info.max
    if which == "wrap":
        exact = np.einsum("tik,tjk->tij", a.astype(np.int64), b.astype(np.int64))
        edge = np.where(exact > 0, 2**31 - 1 - exact, -(2**31) - exact)
        near = edge + rng.integers(-2, 3, shape.result)
        c = np.clip(near, -(2**31), 2**31 - 1).astype(np.int32)
    return a, b, c


def shape_of(instruction: Instruction, k: int, which: str) -> Shape:
    """Return how much is recorded of a class."""
    if not instruction.tile:
        return Shape(1280 if instruction.result is F32 else 640, 1, k)
    if not instruction.element:
        return Shape(1, 16, k)
    return Shape(4 if which == "special" else {2: 3, 4: 2, 32: 2}.get(k, 1), 16, k)


def stimuli(
    instruction: Instruction, k: int, *, seed: int = 0, times: int = 1
) -> Iterator[tuple[str, Operands]]:
    """Yield the classes of one instruction and one K with their operands.

    `seed` 0 is the one that is recorded; `times` multiplies the number of rows.
    """
    for index, which in enumerate(FLOAT_CLASSES if instruction.element else INTEGER_CLASSES):
        name = which if isinstance(which, str) else which.__name__
        shape = shape_of(instruction, k, name)
        shape = dataclasses.replace(shape, tiles=times * shape.tiles)
        key = [seed, INSTRUCTIONS.index(instruction), k, index]
        rng = np.random.Generator(np.random.PCG64(key))
        if isinstance(which, str):
            yield name, integers(rng, instruction, shape, which)
        elif which is not tiny or instruction.name != "tdpfp16ps":  # its products are all normal
            assert instruction.element
            assert instruction.result
            yield name, which(rng, instruction.element, instruction.result, shape)

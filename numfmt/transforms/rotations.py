"""Hadamard matrices, and rotations by them in one stated order of operations."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import axis_of, float64_array, integer_option, place
from ..errors import FormatError
from .channels import Floats

Array = npt.NDArray[Any]

PALEY = {1: 0, 12: 11, 20: 19}  # order of a small Hadamard matrix: the prime it comes from
LARGEST_MATRIX = 1 << 15  # of one gigabyte


def _split_size(n: int, argument: str) -> int:
    """Return m of n = 2**k * m with m = 1, 12 or 20, or refuse n."""
    odd = n // (n & -n)
    for m in PALEY:
        if n % m == 0 and odd == m // (m & -m):
            return m
    sizes = sorted({m << k for m in PALEY for k in range(n.bit_length() + 1)})
    below = max(size for size in sizes if size < n)
    above = min(size for size in sizes if size > n)
    raise FormatError(
        f"{argument}={n}: Hadamard matrices here have 2**k, 12 * 2**k or 20 * 2**k rows; the "
        f"nearest sizes are {below} and {above}"
    )


def _paley(m: int) -> npt.NDArray[np.int8]:
    """Return the Hadamard matrix of order m = prime + 1 with ones in its first row and column."""
    q = PALEY[m]
    if not q:
        return np.ones((1, 1), np.int8)
    difference = np.subtract.outer(np.arange(q), np.arange(q)) % q
    residues = [i * i % q for i in range(q)]  # 0 among them, for the diagonal
    matrix = np.ones((m, m), np.int8)
    matrix[1:, 1:] = np.where(np.isin(difference, residues), -1, 1)
    return matrix


def hadamard(n: int) -> npt.NDArray[np.int8]:
    """Return a Hadamard matrix: entries of +1 and -1, and H @ H.T = n * I.

    Parameters
    ----------
    n : int
        Rows: 2**k, 12 * 2**k or 20 * 2**k, at most 2**15.

    Returns
    -------
    ndarray of int8, shape (n, n)
        For a power of two Sylvester's matrix, H[i, j] = (-1)**popcount(i & j), symmetric.
        Otherwise the Kronecker product of Sylvester's matrix of 2**k and Paley's of 12 or 20:
        H[1 + i, 1 + j] = -1 where i - j is a square modulo 11 or 19, 0 included; H[0, :] and
        H[:, 0] are 1. This one is not symmetric. (Which of the equivalent matrices of 12 and 20
        is "ours": other packages hold others.)

    Raises
    ------
    FormatError
        There is no such matrix here; the message names the nearest sizes.

    References
    ----------
    R. E. A. C. Paley, On orthogonal matrices, J. Math. Phys. 12 (1933) 311-320: his first
    construction, for primes that are 3 modulo 4.

    Examples
    --------
    >>> hadamard(4).tolist()
    [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    """
    n = integer_option(n, 1, LARGEST_MATRIX, "n")
    matrix = _paley(_split_size(n, "n"))
    while len(matrix) < n:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def random_signs(n: int, *, seed: int) -> npt.NDArray[np.int8]:
    """Return n random signs, a function of the seed and the index alone.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        Key of the stream, 0 to 2**128 - 1.

    Returns
    -------
    ndarray of int8, shape (n,)
        Sign i is -1 where bit i % 64 (the least significant is bit 0) of word i // 64 of
        ``numpy.random.Philox(key=seed).random_raw`` is 1, else +1.

    Examples
    --------
    >>> random_signs(8, seed=1).tolist()
    [-1, -1, -1, -1, -1, 1, -1, -1]
    """
    count = integer_option(n, 0, 1 << 40, "n")
    key = integer_option(seed, 0, (1 << 128) - 1, "seed")
    words = np.asarray(np.random.Philox(key=key).random_raw(-(-count // 64)), "<u8")
    bits = np.unpackbits(words.view(np.uint8), bitorder="little", count=count)
    return 1 - 2 * bits.astype(np.int8)


def rotate(
    x: npt.ArrayLike,
    *,
    size: int | None = None,
    axis: int = -1,
    signs: npt.ArrayLike | None = None,
    seed: int | None = None,
    inverse: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Array:
    """Return blocks along an axis times R = diag(signs) @ hadamard(size) / sqrt(size).

    Parameters
    ----------
    x : array_like of float
    size : int, optional
        Length of a block, which divides that of the axis. Default: the whole axis.
    axis : int
    signs : array_like of +1 and -1, optional
        For a random rotation: `size` of them, the same in every block, or one for each index
        along the axis.
    seed : int, optional
        Draws `size` signs instead: ``random_signs(size, seed=seed)``.
    inverse : bool
        Undo it: x @ R.T.
    dtype : {float64, float32}
        Type of the arithmetic and of the result; it must hold every x.

    Returns
    -------
    ndarray of `dtype`, same shape as `x`

    Raises
    ------
    FormatError
        There is no Hadamard matrix of that size, it does not divide the axis, or the signs are
        not signs.

    Notes
    -----
    Every operation is rounded to `dtype`, nearest_even, in this order ("ours"):

    1. x times signs (exact).
    2. Of a size 2**k * m with m = 12 or 20, in each group of m neighbours: sum over i of
       x[i] * H[i, j], i ascending, one addition after the other, of Paley's H.
    3. Butterflies (a, b) -> (a + b, a - b) of elements m, then 2 m, 4 m, ..., size / 2 apart.
    4. Division by the rounded sqrt(size): a power of two where size is 4**j. (Kernels that
       multiply by a rounded 1 / sqrt(size) differ in the last digit elsewhere.)

    The inverse does 2 to 4 with H.T for H, and 1 last. For sizes of 4**j integers, and multiples
    of any one power of two, of less than 2**(53 - 2 j) in magnitude (24 for float32) are rotated
    without rounding, and come back the same but for the sign of zero, unless digits fall below the
    smallest subnormal. Elsewhere the inverse is one only nearly. A NaN or an infinity spreads
    over its block.

    Examples
    --------
    >>> rotate([8, 0, 0, 0, 1, 2, 3, 4], size=4).tolist()
    [4.0, 4.0, 4.0, 4.0, 5.0, -1.0, -2.0, 0.0]
    >>> rotate(rotate([3, 1, 4, 1], seed=7), seed=7, inverse=True).tolist()
    [3.0, 1.0, 4.0, 1.0]
    """
    array = _in_type(float64_array(x, "x"), dtype)
    where = axis_of(array, axis)
    length = array.shape[where]
    n = integer_option(length if size is None else size, 1, max(length, 1), "size")
    if length % n:
        raise FormatError(
            f"size={n} does not divide the {length} elements along axis {where} of x; pad x "
            "with zeros, or choose another size"
        )
    m = _split_size(n, "size")
    flips = _signs(signs, seed, n, length, array.dtype)
    moved = np.moveaxis(array, where, -1)
    small = _paley(m).astype(array.dtype)
    with np.errstate(all="ignore"):
        rows = (moved if inverse else moved * flips).reshape(-1, n)
        rows = _in_groups(rows, small.T if inverse else small)
        _butterflies(rows, m)
        rows /= np.sqrt(array.dtype.type(n))
        turned = rows.reshape(moved.shape)
        turned = turned * flips if inverse else turned
    return np.ascontiguousarray(np.moveaxis(turned, -1, where))


def _in_type(array: Floats, dtype: npt.DTypeLike) -> Array:
    """Return numbers in a type that holds them all."""
    try:
        wanted = np.dtype(dtype).newbyteorder("=")
    except TypeError:
        raise FormatError(f"dtype={dtype!r} is no dtype; use float64 or float32") from None
    if wanted.name not in ("float64", "float32"):
        raise FormatError(f"dtype={wanted.name!r}: rotations are computed in float64 or float32")
    with np.errstate(over="ignore"):
        converted: Array = array.astype(wanted)
    lost = np.flatnonzero((converted != array) & ~np.isnan(array))
    if lost.size:
        index = int(lost[0])
        raise FormatError(
            f"{place('x', array.shape, index)} is {array.flat[index]}, which no {wanted.name} "
            "is; convert x first, or use dtype='float64'"
        )
    return converted


def _signs(
    signs: npt.ArrayLike | None, seed: int | None, n: int, length: int, dtype: np.dtype[Any]
) -> Array:
    """Return one sign for each index along the axis."""
    if signs is not None and seed is not None:
        raise FormatError(f"signs and seed={seed} are both given; pass one of them")
    if seed is not None:
        return np.tile(random_signs(n, seed=seed), length // n).astype(dtype)
    if signs is None:
        return np.ones(length, dtype)
    given = float64_array(signs, "signs")
    if given.shape not in ((n,), (length,)):
        raise FormatError(
            f"signs has shape {given.shape}; it needs ({n},), one sign for each element of a "
            f"block, or ({length},), one for each along the axis"
        )
    bad = np.flatnonzero(np.abs(given) != 1)
    if bad.size:
        raise FormatError(f"signs[{bad[0]}] is {given[bad[0]]}; signs are +1 or -1")
    return np.resize(given, length).astype(dtype)


def _in_groups(rows: Array, matrix: Array) -> Array:
    """Return every group of neighbours times a small matrix, added in ascending order."""
    groups = rows.reshape(-1, len(matrix))
    total: Array = groups[:, :1] * matrix[0]
    for i in range(1, len(matrix)):
        total += groups[:, i : i + 1] * matrix[i]
    return total.reshape(rows.shape)


def _butterflies(rows: Array, stride: int) -> None:
    """Replace rows by rows @ (Sylvester's matrix, Kronecker I of `stride`)."""
    size = rows.shape[1]
    while stride < size:
        pairs = rows.reshape(-1, size // (2 * stride), 2, stride)
        low, high = pairs[:, :, 0], pairs[:, :, 1]
        pairs[:, :, 0], pairs[:, :, 1] = low + high, low - high
        stride *= 2

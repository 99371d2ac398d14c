"""Matrix products of narrow integers by bit planes: AND or XOR, and counts of ones."""

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..arguments import as_codes, as_output
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..kernels import products as kernels
from ..parallel import in_parallel
from .product_tables import integers_of, matrices, pair_of_formats

Array = npt.NDArray[Any]
MOST_BITS = 16


class Planes(NamedTuple):
    """What the digits of a code count: value = offset + the weights of the digits that are 1."""

    offset: int
    weights: tuple[int, ...]

    @property
    def bipolar(self) -> bool:
        """Whether every digit counts +weight/2 or -weight/2, an integer."""
        return 2 * self.offset == -sum(self.weights) and not any(w & 1 for w in self.weights)


@functools.lru_cache(maxsize=64)
def planes_of(fmt: ScalarFormat, argument: str = "fmt") -> Planes:
    """Return what the digits of a format count.

    Raises
    ------
    FormatError
        Its values are no integers, or no sums over digits.

    Examples
    --------
    >>> import numfmt as nf
    >>> planes_of(nf.get("int3")), planes_of(nf.get("binary")).bipolar
    (Planes(offset=0, weights=(1, 2, -4)), True)
    """
    if fmt.bits > MOST_BITS:
        raise FormatError(
            f"{argument}={fmt.name!r} has {fmt.bits} bits; bit planes are for formats of at most "
            f"{MOST_BITS}"
        )
    values = integers_of(fmt, argument)
    offset = int(values[0])
    weights = tuple(int(values[1 << digit]) - offset for digit in range(fmt.bits))
    codes = np.arange(1 << fmt.bits)
    sums = offset + sum(weight * (codes >> digit & 1) for digit, weight in enumerate(weights))
    if fmt.unused_codes() or not np.array_equal(sums, values):
        raise FormatError(
            f"{argument}={fmt.name!r} is no sum of weighted digits (as integers in two's "
            "complement, unsigned ones and {-1, +1} are); use numfmt.tensor.table_matmul"
        )
    return Planes(offset, weights)


def bit_plane_matmul(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    formats: tuple[Format | str, Format | str],
    *,
    out: Array | None = None,
) -> Array:
    """Return the exact product of two matrices of codes, by one AND and popcount a pair of digits.

    With weights v and w of the digits (-2**(p-1) of the sign digit of two's complement) it is the
    sum of v[i] * w[j] * popcount(a_i & b_j) over digits i and j, 64 products a word. Where both
    formats are bipolar (digits that stand for -1 and +1) it is the sum of v[i]/2 * w[j]/2 *
    (K - 2 * popcount(a_i ^ b_j)). (ABQ-LLM and DeepliteRT compute so; recalled.)

    Parameters
    ----------
    a : array_like of int, shape (M, K)
        Codes of the first format.
    b : array_like of int, shape (K, N)
        Codes of the second.
    formats : (Format or str, Format or str)
        Formats of at most 16 bits whose value is a sum of weighted digits: ``int4``, ``uint2``,
        ``binary`` (-1 and +1), ...
    out : ndarray of int64, optional
        Where to put the sums.

    Returns
    -------
    ndarray of int64, shape (M, N)
        Integers, not codes: they fit (K is below 2**31).

    Raises
    ------
    FormatError
        A format is no sum of weighted digits, or the shapes do not fit.

    Examples
    --------
    >>> bit_plane_matmul([[1, 0xF]], [[3], [2]], ("int4", "uint2")).tolist()
    [[1]]
    """
    first, second = pair_of_formats(formats)
    left, right = planes_of(first, "formats[0]"), planes_of(second, "formats[1]")
    a, b = matrices(as_codes(a, first, "a"), as_codes(b, second, "b"))
    length, shape = a.shape[1], (a.shape[0], b.shape[1])
    buffer = as_output(out, shape, np.dtype(np.int64))
    sums = np.empty(shape, np.int64)
    packed = _packed(a, first.bits), _packed(np.ascontiguousarray(b.T), second.bits)
    bipolar = left.bipolar and right.bipolar
    divisor = 2 if bipolar else 1
    weights = [np.array(part.weights, np.int64) // divisor for part in (left, right)]
    flat = sums.reshape(-1)

    def work(start: int, stop: int) -> int:
        if bipolar:
            kernels.multiply_bipolar(*packed, *weights, length, start, flat[start:stop])
        else:
            offsets = left.offset, right.offset
            kernels.multiply_planes(*packed, *weights, *offsets, length, start, flat[start:stop])
        return 0

    in_parallel(work, flat.size, 1)
    if buffer is None:
        return sums
    buffer[...] = sums
    return buffer


def _packed(codes: Array, bits: int) -> npt.NDArray[np.uint64]:
    """Return the digits of every row of codes, 64 to a word."""
    planes = np.zeros((codes.shape[0], bits, -(-codes.shape[1] // 64)), np.uint64)
    kernels.pack_planes(codes, planes)
    return planes

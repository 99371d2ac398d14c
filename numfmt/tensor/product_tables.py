"""Matrix products of narrow codes by a table: of exact products, or of any other multiplier."""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arguments import as_array, as_codes, as_output, scalar_format
from ..decoding import decode
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.floats import FloatFormat
from ..kernels import products as kernels
from ..parallel import in_parallel

Array = npt.NDArray[Any]
MOST_BITS = 8
_LARGEST_ENTRY = 1 << 32  # times K below 2**31: sums stay within int64


def integers_of(fmt: ScalarFormat, argument: str = "fmt") -> npt.NDArray[np.int64]:
    """Return the integer that each code of a format of at most 16 bits stands for; 0 for unused.

    Raises
    ------
    FormatError
        A value is no integer.
    """
    codes = np.arange(1 << fmt.bits, dtype=fmt.code_dtype)
    used = ~np.isin(codes, fmt.unused_codes())
    values = np.zeros(codes.size)
    values[used] = decode(codes[used], fmt)
    if not (np.isfinite(values) & (values == np.rint(values)) & (np.abs(values) <= 1 << 53)).all():
        raise FormatError(
            f"{argument}={fmt.name!r} has values that are no integers; pass a table of products "
            "in units of your choice, or scale the values to integers"
        )
    return values.astype(np.int64)


def pair_of_formats(formats: object) -> tuple[ScalarFormat, ScalarFormat]:
    """Return the formats of both operands; one alone is that of both."""
    pair = formats if isinstance(formats, tuple | list) else (formats, formats)
    if len(pair) != 2:
        raise FormatError(f"formats={formats!r} is not a pair; give those of a and of b")
    return scalar_format(pair[0], "formats[0]"), scalar_format(pair[1], "formats[1]")


def matrices(a: Array, b: Array) -> tuple[Array, Array]:
    """Return two matrices that can be multiplied."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise FormatError(
            f"a has shape {a.shape} and b {b.shape}; a product needs (M, K) and (K, N)"
        )
    return a, b


def product_table(first: Format | str, second: Format | str) -> npt.NDArray[np.int64]:
    """Return the exact products of all pairs of codes of two formats of integers.

    Parameters
    ----------
    first, second : Format or str
        Formats of at most 8 bits whose values are integers.

    Returns
    -------
    ndarray of int64, shape (2**p, 2**q)
        The entry of codes (c, d) at [c, d].

    Examples
    --------
    >>> product_table("int2", "ternary")[3].tolist()
    [1, 0, -1, 0]
    """
    left = _narrow(scalar_format(first, "first"), "first")
    right = _narrow(scalar_format(second, "second"), "second")
    return _exact_table(left, right).copy()


@functools.lru_cache(maxsize=64)
def _exact_table(first: ScalarFormat, second: ScalarFormat) -> npt.NDArray[np.int64]:
    return np.multiply.outer(integers_of(first), integers_of(second))


def _narrow(fmt: ScalarFormat, argument: str) -> ScalarFormat:
    if fmt.bits <= MOST_BITS:
        return fmt
    raise FormatError(
        f"{argument}={fmt.name!r} has {fmt.bits} bits; tables are for codes of at most {MOST_BITS}"
    )


def table_matmul(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    formats: tuple[Format | str, Format | str],
    *,
    table: npt.ArrayLike | None = None,
    out: Array | None = None,
) -> Array:
    """Return the product of two matrices of codes, every single product looked up in a table.

    Sums are exact integers. (DeepGEMM indexes 16 products of two-bit codes so; recalled.)

    Parameters
    ----------
    a : array_like of int, shape (M, K)
        Codes of the first format.
    b : array_like of int, shape (K, N)
        Codes of the second.
    formats : (Format or str, Format or str)
        Formats of at most 8 bits, of p and of q.
    table : array_like of int, shape (2**p, 2**q), optional
        The product of codes (c, d) at [c, d], at most 2**32 in magnitude, in any unit: that of an
        approximate multiplier, say. Default: the exact products, of formats of integers.
    out : ndarray of int64, optional
        Where to put the sums.

    Returns
    -------
    ndarray of int64, shape (M, N)
        Integers, not codes.

    Raises
    ------
    FormatError
        A format has no integers and no table was given, or the table or the shapes do not fit.

    Examples
    --------
    >>> table_matmul([[1, 0xF]], [[3], [2]], ("int4", "uint2")).tolist()
    [[1]]
    """
    pair = pair_of_formats(formats)
    first, second = _narrow(pair[0], "formats[0]"), _narrow(pair[1], "formats[1]")
    products = (
        _exact_table(first, second) if table is None else _checked(table, first.bits, second.bits)
    )
    a, b = matrices(as_codes(a, first, "a"), as_codes(b, second, "b"))
    shape = (a.shape[0], b.shape[1])
    buffer = as_output(out, shape, np.dtype(np.int64))
    sums = np.zeros(shape, np.int64)
    rows = max(b.shape[1], 1)

    def work(start: int, stop: int) -> int:
        part = slice(start // rows, stop // rows)
        kernels.multiply_by_table(a[part], b, products, sums[part])
        return 0

    in_parallel(work, sums.size, rows)
    if buffer is None:
        return sums
    buffer[...] = sums
    return buffer


def _checked(table: npt.ArrayLike, p: int, q: int) -> npt.NDArray[np.int64]:
    array = as_array(table, "table")
    if array.shape != (1 << p, 1 << q) or array.dtype.kind not in "iu":
        raise FormatError(
            f"table has shape {array.shape} and dtype {array.dtype}; codes of {p} and {q} bits "
            f"need integers of shape {(1 << p, 1 << q)}"
        )
    if array.max() > _LARGEST_ENTRY or array.min() < -_LARGEST_ENTRY:
        raise FormatError(
            f"table holds {array.min()} to {array.max()}; entries are at most 2**32 in magnitude"
        )
    return np.ascontiguousarray(array, np.int64)


def l_mul_table(fmt: FloatFormat | str) -> Array:
    """Return the codes of all products that L-Mul makes: sums of exponents and of fractions.

    With m trailing digits, code fields are added as integers: |x| + |y| - (bias << m) +
    (2**m >> l(m)), l(m) = m for m <= 3, 3 for m = 4, else 4; the sign is the exclusive or. What the
    paper leaves open is ours: a zero or subnormal operand gives +-0, a result below the least
    normal value +-0, one past the largest finite value that value, and NaN or infinity the
    canonical NaN of the format.

    Parameters
    ----------
    fmt : FloatFormat or str
        A float of at most 8 bits with a NaN.

    Returns
    -------
    ndarray of codes of `fmt`, shape (2**bits, 2**bits)

    References
    ----------
    Addition is All You Need for Energy-efficient Language Models, arXiv 2410.00907 (recalled).

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(l_mul_table("e4m3")[0x3C, [0x3C, 0x38]], "e4m3").tolist()
    [2.25, 1.625]

    For `table_matmul` its products become integers, of 2**-9 here:

    >>> table = nf.decode(l_mul_table("e4m3"), "e4m3") * 512
    """
    entry = scalar_format(fmt)
    if not isinstance(entry, FloatFormat) or entry.bits > MOST_BITS or not entry.signed:
        raise FormatError(f"fmt={entry.name!r} is no signed float of at most {MOST_BITS} bits")
    nan = entry.nan_code(0)
    if nan is None:
        raise FormatError(f"fmt={entry.name!r} has no NaN; L-Mul here is for formats that have one")
    m, top = entry.trailing_bits, 1 << (entry.bits - 1)
    codes = np.arange(2 * top)
    sizes, signs = codes & (top - 1), codes & top
    terms = (1 << m) >> (m if m <= 3 else 3 if m == 4 else 4)
    total = np.add.outer(sizes, sizes) - (entry.bias << m) + terms
    normal = sizes >= 1 << m
    total = np.where(np.logical_and.outer(normal, normal) & (total >= 1 << m), total, 0)
    total = np.minimum(total, entry.largest_code(0))
    negative = np.bitwise_xor.outer(signs, signs)
    total |= negative if entry.has_negative_zero else np.where(total, negative, 0)
    special = ~np.isfinite(decode(codes.astype(entry.code_dtype), entry))
    result: Array = np.where(np.logical_or.outer(special, special), nan, total)
    return result.astype(entry.code_dtype)

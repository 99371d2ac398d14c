"""Rows of blocks: what is largest in each, and products and quotients by a number for each."""

from .compile import jit

MULTIPLY, DIVIDE = range(2)


@jit
def largest_magnitudes(words, mask, limit, out):
    """Fill out[i] with the largest words[i, j] & mask that is below `limit`, or 0.

    words: 2-D, the bits of floats as int32 or int64; mask: all bits but the sign; limit: past
    infinity's bits to find infinities and NaNs too. mask, limit and out are of the words' dtype.
    """
    integer = out.dtype.type
    for i in range(out.size):
        largest = integer(0)
        for j in range(words.shape[1]):
            magnitude = integer(words[i, j] & mask)
            largest = max(largest, magnitude if magnitude <= limit else integer(0))
        out[i] = largest


@jit
def extremes(x, low, high):
    """Fill `low` and `high` with the ends of each row of `x`: finite floats, 2-D, of one dtype."""
    for i in range(low.size):
        least = most = x[i, 0]
        for j in range(1, x.shape[1]):
            value = x[i, j]
            least = value if value < least else least
            most = value if value > most else most
        low[i] = least
        high[i] = most


@jit
def join_rows(x, numbers, operation, out):
    """Fill out[i, j] = x[i, j] * numbers[i], or / numbers[i] if `operation` is `DIVIDE`.

    All floats of one dtype, IEEE 754 to the last bit; x and out 2-D.
    """
    for i in range(numbers.size):
        number = numbers[i]
        if operation == DIVIDE:
            for j in range(x.shape[1]):
                out[i, j] = x[i, j] / number
        else:
            for j in range(x.shape[1]):
                out[i, j] = x[i, j] * number


@jit
def decode_rows(codes, mask, values, numbers, out):
    """Fill out[i, j] = values[codes[i, j] & mask] * numbers[i], rounded to the dtype of `out`.

    codes: 2-D unsigned; values, numbers: float64; a product of float64 is the only other rounding.
    """
    for i in range(numbers.size):
        number = numbers[i]
        for j in range(codes.shape[1]):
            out[i, j] = values[codes[i, j] & mask] * number

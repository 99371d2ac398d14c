"""Sums rounded after each product, in the machine's floats, vector instructions over columns.

Nothing here goes beyond what IEEE 754 promises of + and * to nearest; `numfmt.tensor.chains` says
when that is enough, and why. A product and its addition are two instructions: Numba fuses them
only where it is told to, by ``fastmath``.
"""

import functools
from typing import Any

import numpy as np

from .compile import jit

COLUMNS = 256  # of the accumulators that stay in the nearest cache
DEPTH = 256  # rows of b that go with them, in the next one
PLAIN, ROUNDED, TO_ODD = range(3)  # how a sum is rounded: by the machine; then again; from odd


@functools.cache
def kernel(single: bool, products: bool, sums: int) -> Any:
    """Return the kernel of one carrier, with products rounded or as the machine has them."""
    if single:
        return _make(np.uint32, np.float32, 32, 23, products, sums)
    return _make(np.uint64, np.float64, 64, 52, products, sums)


def _make(word: Any, real: Any, bits: int, digits: int, products: bool, sums: int) -> Any:
    SIGN = word(bits - 1)  # where the sign is; also the mask of a shift
    ONE = word(1)
    ZERO = word(0)
    MAGNITUDE = word((1 << (bits - 1)) - 1)
    INFINITY = real(np.inf)
    PRODUCTS = products
    SUMS = sums

    @jit
    def rounded(w, lost, below_half, ulps, least, magic, largest):
        """Return the value of a format nearest to that of the bits `w`, ties to even.

        lost: digits lost of a normal value, at least 1; below_half: half of 2**lost, less 1; ulps:
        the mask of the digits kept; least: the least normal value; magic: a power of two whose
        unit in the last place is the format's least value. A NaN has 0 for its last digits.
        """
        magnitude = word(w & MAGNITUDE)
        odd = word(word(magnitude >> word(lost & SIGN)) & ONE)
        near = word(word(word(magnitude + below_half) + odd) & ulps)
        value = real(word(magnitude).view(real))
        low = real(real(value + magic) - magic)
        found = low if value < least else real(word(near).view(real))
        found = INFINITY if found > largest else found
        return word(real(found).view(word) | word(w ^ magnitude)).view(real)

    @jit
    def sum_to_odd(a, b):
        """Return the bits of a + b, the last digit set where digits are lost (Knuth's TwoSum)."""
        s = real(a + b)
        other = real(s - a)
        error = real(real(a - real(s - other)) + real(b - other))
        w = real(s).view(word)
        down = word(word(real(error).view(word) ^ w) >> SIGN)
        step = word(ONE - word(down + down))
        lost = word((error > 0) | (error < 0))
        return word(w + word(step & word(ZERO - word(lost & ~w))))

    @jit
    def step(s, x, y, p, q):
        """Return s + x * y, rounded: p are the numbers of the products' format, q the sums'."""
        product = real(x * y)
        if PRODUCTS:
            product = rounded(real(product).view(word), p[0], p[1], p[2], p[3], p[4], p[5])
        if SUMS == PLAIN:
            return real(s + product)
        if SUMS == ROUNDED:
            w = real(real(s + product)).view(word)
        else:
            w = sum_to_odd(s, product)
        return rounded(w, q[0], q[1], q[2], q[3], q[4], q[5])

    @jit
    def one(sums, row, a, p, q):
        """Add to each sum the product of `a` and an entry of a row of b."""
        for j in range(sums.size):
            sums[j] = step(sums[j], a, row[j], p, q)

    @jit
    def four(sums, row_0, row_1, row_2, row_3, a_0, a_1, a_2, a_3, p, q):
        """Add four products in turn."""
        for j in range(sums.size):
            s = step(sums[j], a_0, row_0[j], p, q)
            s = step(s, a_1, row_1[j], p, q)
            s = step(s, a_2, row_2[j], p, q)
            sums[j] = step(s, a_3, row_3[j], p, q)

    @jit
    def accumulate(a, b, sums, first, p, q):
        """Add the products of a (batch, M, K) and b (batch, K, N) to `sums` (rows, N) in turn.

        The first row of `sums` is row `first` of all (batch, M) rows. Where a or b has a batch of 1
        it serves for all.
        """
        M, K, N = a.shape[1], a.shape[2], b.shape[2]
        step_a = 1 if a.shape[0] > 1 else 0
        step_b = 1 if b.shape[0] > 1 else 0
        low = 0
        while low < sums.shape[0]:
            batch = (first + low) // M
            i = (first + low) - batch * M
            count = min(M - i, sums.shape[0] - low)
            x = a[batch * step_a]
            y = b[batch * step_b]
            for column in range(0, N, COLUMNS):
                last = min(column + COLUMNS, N)
                for start in range(0, K, DEPTH):
                    stop = min(start + DEPTH, K)
                    whole = start + (stop - start) // 4 * 4
                    for r in range(count):
                        target = sums[low + r, column:last]
                        for k in range(start, whole, 4):
                            four(
                                target,
                                y[k, column:last],
                                y[k + 1, column:last],
                                y[k + 2, column:last],
                                y[k + 3, column:last],
                                x[i + r, k],
                                x[i + r, k + 1],
                                x[i + r, k + 2],
                                x[i + r, k + 3],
                                p,
                                q,
                            )
                        for k in range(whole, stop):
                            one(target, y[k, column:last], x[i + r, k], p, q)
            low += count

    return accumulate


@jit
def extent(words):
    """Return (most digits, lowest digit's exponent, largest exponent) of float64 bits.

    NaNs and infinities do not count, nor do zeros; without any other the exponents are
    2**20 and -2**20.
    """
    digits, lowest, largest = np.int64(1), np.int64(1 << 20), np.int64(-(1 << 20))
    fraction = np.uint64((1 << 52) - 1)
    for i in range(words.size):
        field = np.int64((words[i] >> np.uint64(52)) & np.uint64(0x7FF))
        significand = words[i] & fraction
        if field == 0x7FF or (field == 0 and significand == np.uint64(0)):
            continue
        if field:
            significand |= np.uint64(1 << 52)
        else:
            field = np.int64(1)
        last = np.float64(significand & (~significand + np.uint64(1)))
        low = np.int64(np.float64(last).view(np.uint64) >> np.uint64(52)) - 1023
        high = np.int64(np.float64(significand).view(np.uint64) >> np.uint64(52)) - 1023
        digits = max(digits, high - low + 1)
        lowest = min(lowest, low + field - 1075)
        largest = max(largest, high + field - 1075)
    return digits, lowest, largest

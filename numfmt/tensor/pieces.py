"""Exact sums of products by matrix products in float64, or in limbs: which, and how they are cut.

**Why the float64 products are exact.** Every row of a and every column of b is a row of integers
times a power of two of its own. An integer of s bits is the sum of ceil(s / w) pieces of w bits
with its sign, times powers of 2**w. Where K * (2**w_a - 1) * (2**w_b - 1) <= 2**53, a product of
two pieces, and every sum of some of the K products of a row and a column, is an integer of
magnitude at most 2**53: a float64. So no step of a matrix product of pieces rounds, in whatever
order and with or without fused multiply-adds the library takes it, on any number of threads. The
p * q matrix products are then added as integers with their weights, and the sum is rounded once.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..kernels import exact_sums as kernel
from ..params import Grid, Projection, Rules
from .operand_fields import Fields
from .rows import in_steps

Array = npt.NDArray[Any]

CHUNK = 1 << 19  # float64 partial sums that are held at once
_AT_ONCE = 1 << 28  # products between two chances to interrupt
_MANTISSA = 53
_LIMB = 32
# Seconds, of one thread: what a route is expected to take.
_PER_FLOAT = 6e-11  # a multiply-accumulate of a matrix product
_PER_MATRIX = 2e-6
_PER_PARTIAL = 2e-9
_PER_SUM = 4e-8
_PER_LIMB = 3e-9
_PER_PRODUCT = 1.2e-9
_PER_WIDE_PRODUCT = 6e-9


class Side(NamedTuple):
    """One operand: rows (of a) or columns (of b) with K last, and where their digits lie."""

    fields: Fields  # (stack or 1, rows, K)
    low: Array  # (stack or 1, rows): exponent of the last digit of a row
    span: int  # digits from the last one to the leading one, of the longest row
    digits: int  # of the longest significand
    special: bool  # whether some number is infinite or NaN

    @property
    def rows(self) -> int:
        """How many rows one matrix has."""
        return int(self.low.shape[1])

    def part(self, groups: slice, rows: slice) -> "Side":
        """Return some matrices, and some of their rows."""
        groups = groups if self.low.shape[0] > 1 else slice(None)
        fields = self.fields.apply(lambda column: column[groups, rows])
        return self._replace(fields=fields, low=np.ascontiguousarray(self.low[groups, rows]))


class Numbers(NamedTuple):
    """What a sum is rounded with: numbers for kernels."""

    grid: Grid
    how: Projection
    rules: Rules


class Cut(NamedTuple):
    """How operands are cut into pieces."""

    a_width: int
    b_width: int
    p: int
    q: int


def _spans(fields: Fields) -> tuple[Array, Array, Array, Array]:
    """Return low, high, digits and special of `kernels.exact_sums.spans`, for the last axis."""
    depth = fields.shape[-1]
    flat = [column.reshape(-1, depth) for column in fields]
    rows = flat[0].shape[0]
    low, high, digits = (np.empty(rows, np.int64) for _ in range(3))
    special = np.empty(rows, np.uint8)

    def run(start: int, stop: int) -> int:
        kernel.spans(start, stop, flat[0], *flat[2:], low, high, digits, special)
        return 0

    over_rows(run, rows, depth)
    return low, high, digits, special


def ends_of(fields: Fields) -> tuple[int, int]:
    """Return the exponent of the last digit of any number, and one past all leading digits."""
    low, high, digits, _ = _spans(fields)
    there = digits > 0
    if not there.any():
        return 0, 0
    return int(low[there].min()), int(high[there].max())


def side_of(fields: Fields) -> Side:
    """Return an operand of (stack, rows, K) fields with its spans."""
    low, high, digits, special = _spans(fields)
    return Side(
        fields,
        low.reshape(fields.shape[:2]),
        int((high - low).max(initial=0)),
        int(digits.max(initial=0)),
        bool(special.any()),
    )


def over_rows(work: Any, rows: int, weight: int) -> int:
    """Run work(first row, last row) on threads, where a row is `weight` elements of work."""
    return in_steps(work, rows, weight, _AT_ONCE, "rows")


def best_cut(a: Side, b: Side, depth: int) -> Cut:
    """Return the cut with the fewest matrix products; K is at most 2**50."""
    spans = max(a.span, 1), max(b.span, 1)
    found: list[tuple[int, Cut]] = []
    least = -(-spans[0] // (_MANTISSA - 1))
    for p in range(least, spans[0] + 1):
        width = -(-spans[0] // p)
        other = 0
        while other < min(_MANTISSA - 1, spans[1]) and (
            depth * ((1 << width) - 1) * ((2 << other) - 1) <= 1 << _MANTISSA
        ):
            other += 1
        if not other:
            continue
        q = -(-spans[1] // other)
        found.append((p * q, Cut(width, -(-spans[1] // q), p, q)))
        if width == 1 or p > 64 + least:
            break
    return min(found)[1]


def limb_radix(a: Side, b: Side, depth: int) -> tuple[int, int]:
    """Return (log2 of the digits of a limb, products between carries); 0 products: wide ones."""
    size = a.digits + b.digits
    for log in (5, 4, 3):
        room = 62 - size - ((1 << log) - 1)
        if room >= min(depth.bit_length(), 6):
            return log, 1 << min(room, 40)
    return 5, 0


class Window(NamedTuple):
    """Where the digits of all sums of a call lie, above the ends of their rows and columns."""

    lift: int  # digits of c below the last digit of all products
    size: int  # digits from there past the leading one of any sum


def window_of(a: Side, b: Side, c: Fields, depth: int) -> Window:
    """Return the window of sums of products and c, (stack, M, N) fields or one for all."""
    past = a.span + b.span + depth.bit_length()
    if not c.significands.any():
        return Window(0, past + 2)
    base = a.low[:, :, None] + b.low[:, None, :]
    there = c.significands != 0
    low, high = (c.exponents - base)[there].min(), (c.exponents - base)[there].max()
    lift = max(0, -int(low))
    return Window(lift, lift + max(past, int(high) + 64) + 2)


def sums(
    a: Side,
    b: Side,
    c: Fields,
    random: Array,
    numbers: Numbers,
    route: str | None,
    stack: int,
) -> tuple[Array, Array, int]:
    """Return (codes, flags, all flags ORed) of the sums of products and c, (stack, M, N).

    Parameters
    ----------
    a, b : Side
        Of K >= 1 products.
    c : Fields
        (stack, M, N), or of one number; of kind NaN and one number where there is none.
    random : ndarray of uint64
        (stack, M, N), or one number.
    numbers : Numbers
        How the sums are rounded.
    route : {"pieces", "limbs"} or None
        None is whichever should be faster.
    stack : int
        How many matrices there are; a and b may have one for all.
    """
    depth = a.fields.shape[2]
    shape = stack, a.rows, b.rows
    codes, flags = np.empty(shape, np.uint64), np.empty(shape, np.int32)
    if route is None:
        route = _cheaper(a, b, shape, depth)
    work = _by_pieces if route == "pieces" else _by_limbs
    return codes, flags, work(a, b, c, random, numbers, codes, flags)


def _cheaper(a: Side, b: Side, shape: tuple[int, ...], depth: int) -> str:
    """Return the route that should take less time."""
    outputs = shape[0] * shape[1] * shape[2]
    span = a.span + b.span + depth.bit_length()
    cut = best_cut(a, b, depth)
    count = cut.p * cut.q
    pieces = outputs * (_PER_PARTIAL * count + _PER_SUM + depth * count * _PER_FLOAT)
    pieces += shape[0] * _PER_MATRIX
    log, often = limb_radix(a, b, depth)
    limbs = outputs * (_PER_SUM + _PER_LIMB * (span >> log))
    limbs += outputs * depth * (_PER_PRODUCT if often else _PER_WIDE_PRODUCT)
    return "pieces" if pieces <= limbs else "limbs"


def _chunks(shape: tuple[int, ...], size: int) -> Iterator[tuple[slice, slice]]:
    """Yield parts of a stack of matrices: some whole ones, or some rows of one."""
    stack, rows, columns = shape
    whole = rows * columns * size
    if whole <= CHUNK:
        step = max(1, CHUNK // max(whole, 1))
        for group in range(0, stack, step):
            yield slice(group, min(group + step, stack)), slice(0, rows)
        return
    step = max(32, CHUNK // (columns * size))
    for group in range(stack):
        for row in range(0, rows, step):
            yield slice(group, group + 1), slice(row, min(row + step, rows))


def _of_part(x: Array, groups: slice, rows: slice) -> Array:
    """Return what belongs to a part, in one row; one number serves all."""
    return np.ascontiguousarray(x if x.size == 1 else x[groups, rows]).reshape(-1)


def _pieces(side: Side, width: int, count: int) -> Array:
    """Return the pieces of an operand, (stack or 1, count * rows, K)."""
    stack, rows, depth = side.fields.shape
    pieces = np.empty((stack, count, rows, depth))
    columns = [x.reshape(stack * rows, depth) for x in side.fields[1:]]

    def run(start: int, stop: int) -> int:
        kernel.cut(start, stop, *columns, side.low.reshape(-1), width, pieces)
        return 0

    over_rows(run, stack * rows, depth * count)
    return pieces.reshape(stack, count * rows, depth)


def _by_pieces(
    a: Side, b: Side, c: Fields, random: Array, numbers: Numbers, codes: Array, flags: Array
) -> int:
    depth = a.fields.shape[2]
    cut = best_cut(a, b, depth)
    window = window_of(a, b, c, depth)
    narrow = a.span + b.span + depth.bit_length() <= 126
    if numbers.how.wrap and narrow:  # no digit is dropped before c joins
        ends = a.low.max(initial=0) + b.low.max(initial=0) + window.size
        narrow = ends <= numbers.grid.emin - numbers.grid.t + 64
    seen = 0
    held: tuple[slice, Array] | None = None
    for groups, rows in _chunks(codes.shape, cut.p * cut.q):
        left = a.part(groups, rows)
        right = b.part(groups, slice(None))
        if held is None or (held[0] != groups and b.low.shape[0] > 1):
            held = groups, _pieces(right, cut.b_width, cut.q)
        partials = np.matmul(_pieces(left, cut.a_width, cut.p), held[1].swapaxes(1, 2))
        partials = partials.reshape(-1, cut.p, left.rows, cut.q, b.rows)
        found, raised = codes[groups, rows].reshape(-1), flags[groups, rows].reshape(-1)
        fields = Fields(*(_of_part(column, groups, rows) for column in c))
        draws = _of_part(random, groups, rows)
        sums_of = [partials, cut.a_width, cut.b_width, left.low, right.low]
        rest = [*fields, draws, found, raised, *numbers]
        if narrow:
            work, arguments = kernel.round_pairs, (*sums_of, *rest)
        else:
            count = window.size // _LIMB + 4
            work, arguments = kernel.round_partials, (*sums_of, window.lift, count, *rest)
        seen |= _rounded(work, arguments, partials.shape[0] * left.rows, b.rows * 24)
    return seen


def _rounded(work: Any, arguments: tuple[Any, ...], rows: int, weight: int) -> int:
    return over_rows(lambda start, stop: work(start, stop, *arguments), rows, weight)


def _aligned(side: Side, signed: bool) -> tuple[Array, Array, Array]:
    """Return values, shifts and signs of an operand, (stack or 1, rows, K)."""
    stack, rows, depth = side.fields.shape
    values, shifts = np.empty((2, stack * rows, depth), np.int64)
    columns = [x.reshape(stack * rows, depth) for x in side.fields[1:]]

    def run(start: int, stop: int) -> int:
        kernel.align(start, stop, *columns, side.low.reshape(-1), signed, values, shifts)
        return 0

    over_rows(run, stack * rows, depth)
    return values.reshape(side.fields.shape), shifts.reshape(side.fields.shape), side.fields.signs


def _by_limbs(
    a: Side, b: Side, c: Fields, random: Array, numbers: Numbers, codes: Array, flags: Array
) -> int:
    stack, rows, columns = codes.shape
    depth = a.fields.shape[2]
    log, often = limb_radix(a, b, depth)
    window = window_of(a, b, c, depth)
    count = (window.size >> log) + 6
    left = [x.reshape(-1, depth) for x in _aligned(a, often > 0)]
    left[1] += window.lift
    right = [
        np.ascontiguousarray(x.swapaxes(1, 2)).reshape(-1, columns) for x in _aligned(b, often > 0)
    ]
    tile = max(1, min(64, columns, 2048 // count))
    arguments = (
        rows, tile, often, *left, *right, a.low, b.low, window.lift, count, log,
        *(column.reshape(-1) for column in c), random.reshape(-1),
        codes.reshape(-1), flags.reshape(-1), *numbers,
    )  # fmt: skip
    return _rounded(kernel.round_products, arguments, stack * rows, columns * depth)

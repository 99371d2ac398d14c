"""Running sums that are normalised by a few fixed shifts."""

import numpy as np

from .aligned import moved, rounded_code, signed_zero
from .compile import jit
from .fields import KIND_INFINITY, KIND_NAN, KIND_SUBNORMAL, KIND_ZERO, fields
from .project import project_infinity, project_nan
from .rounding import ZERO, leading_exponent


@jit
def shift_of(size, width, shifts):
    """Return the largest shift, of a bit mask of shifts, that is within the leading zeros."""
    room = width - 1 - leading_exponent(np.uint64(size))
    found = np.int64(0)
    for amount in range(width):
        if amount <= room and (shifts >> amount) & 1:
            found = np.int64(amount)
    return found


@jit
def partial_sums(
    a, b, c, out, first, last, columns, per_batch, width, shifts, step, reading, grid, how
):
    """Fill out[first:last] as `aligned_sums` does; `shifts` has a bit for each shift."""
    products = a.m.shape[1]
    limit = np.int64(1) << width
    for o in range(first, last):
        row = o // columns
        column = (o // per_batch) * columns + o % columns
        kind, c_negative, q, size = fields(c[o], reading)
        if step.flush and kind == KIND_SUBNORMAL:
            size = ZERO
        nan = kind == KIND_NAN
        up = kind == KIND_INFINITY and not c_negative
        down = kind == KIND_INFINITY and c_negative
        total = np.int64(0)
        top = np.int64(0)
        if size != ZERO:
            lead = leading_exponent(size)
            top = q + lead
            total = moved(np.int64(size), width - 1 - lead)
            if c_negative:
                total = -total
        for k in range(products):
            a_kind = a.kind[row, k]
            b_kind = b.kind[column, k]
            if max(a_kind, b_kind) >= KIND_INFINITY:
                if max(a_kind, b_kind) == KIND_NAN or min(a_kind, b_kind) == KIND_ZERO:
                    nan = True
                elif (a.m[row, k] < 0) == (b.m[column, k] < 0):
                    up = True
                else:
                    down = True
                continue
            m = a.m[row, k] * b.m[column, k]
            if m == 0:
                continue
            e = a.e[row, k] + b.e[column, k] + 1
            q = a.q[row, k] + b.q[column, k]
            largest = e if total == 0 else max(top, e)
            if total != 0:
                total = moved(total, top - largest)
            total += moved(m, q - (largest - width + 1))
            top = largest
            if abs(total) >= limit:
                total = moved(total, np.int64(-1))
                top += 1
            elif total != 0:
                shift = shift_of(abs(total), width, shifts)
                total = total << shift
                top -= shift
        if nan or (up and down):
            out[o], _ = project_nan(0, how)
        elif up or down:
            out[o], _ = project_infinity(np.int64(down), how)
        elif total == 0:
            out[o] = signed_zero(0, grid)
        else:
            negative = np.int64(total < 0)
            size = np.uint64(abs(total))
            out[o] = rounded_code(negative, size, ZERO, top - width + 1, step, grid, how)

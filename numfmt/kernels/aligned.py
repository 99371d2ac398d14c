"""Aligned sums, one output at a time: every rule of the specification, and its intermediates."""

from typing import Any, NamedTuple

import numpy as np

from .compile import jit
from .fields import KIND_INFINITY, KIND_NAN, KIND_SUBNORMAL, KIND_ZERO, fields
from .project import project, project_infinity, project_nan
from .rounding import ZERO, leading_exponent, round_digits
from .wide import normal, total

FAR = -(1 << 40)  # exponent of what does not count
_SEEN = -(1 << 30)  # sums of exponents below this hold a FAR
_NEVER = np.uint64(0)


class Planes(NamedTuple):
    """An operand: m * 2**q elementwise, (rows, K); its scales: (rows, blocks along K).

    `e` is the exponent that counts in alignments, FAR where a zero does not; all int64, kinds
    uint8. Without scales the planes of the scales have one element.
    """

    m: Any
    q: Any
    e: Any
    kind: Any
    scale_m: Any
    scale_q: Any
    scale_e: Any
    scale_kind: Any


class Step(NamedTuple):
    """What `Aligned` says, as numbers."""

    block: int
    fraction_bits: int
    floor: int
    keep: int  # -1: as the output
    group: int
    group_q: int  # exponent of the last digit that a sum of a group has
    scale_block: int  # 0: no scales
    normalized: int
    count_zero_c: int
    after: int  # c joins after the sum
    halves: int
    sum_bits: int  # -1: no limit
    c_bits: int
    drop: int  # -1: never
    clip: int  # products whose leading exponent is above this are infinities
    c_wins: int
    truncates: int  # terms are cut toward zero
    special: int  # operands hold infinities or NaNs, or products are clipped
    flush: int  # a subnormal c counts as zero


class Trace(NamedTuple):
    """Intermediates of every (output, block): terms (the last one c), E, S and code.

    A term is m * 2**q, and aligned * 2**grid after the cut.
    """

    m: Any
    q: Any
    aligned: Any
    grid: Any
    top: Any
    total: Any
    code: Any


@jit
def cut_term(m, shift, how):
    """Return m * 2**shift as an integer, rounded in the mode of `how` (sign and magnitude)."""
    negative = np.int64(m < 0)
    size = np.uint64(-m if negative else m)
    found, _, _ = round_digits(size, ZERO, -shift, negative, np.int64(0), _NEVER, how)
    return -np.int64(found) if negative else np.int64(found)


@jit
def moved(m, shift):
    """Return m * 2**shift cut toward zero (int64; shift below 63)."""
    size = abs(m)
    size = size << shift if shift >= 0 else size >> min(-shift, 63)
    return -size if m < 0 else size


@jit
def rounded_code(negative, high, low, exponent, step, grid, how):
    """Return the code of a nonzero (high + low / 2**64) * 2**exponent, rounded as a result is."""
    top = leading_exponent(high) + exponent
    if step.keep >= 0:
        last = max(top, grid.emin) - step.keep
        high, _, _ = round_digits(high, low, last - exponent, negative, np.int64(0), _NEVER, how)
        low = ZERO
        exponent = last
        if high == ZERO:
            return signed_zero(negative, grid)
        top = leading_exponent(high) + exponent
    code, _ = project(negative, high, low, exponent, top, _NEVER, grid, how)
    return code


@jit
def signed_zero(negative, grid):
    """Return the code of a zero of this sign, of a float format."""
    sign = np.uint64(negative) & np.uint64(grid.negative_zero)
    return sign << np.uint64(grid.bits - 1)


@jit
def aligned_sums(
    a, b, c, out, which, first, last, columns, per_batch, step, cut, late, reading, grid, how, trace
):
    """Fill `out` (uint64 codes) for outputs first to last, or those that `which` lists there.

    a: planes of (rows, K), b: planes of (columns, K) of all batches, one after another; c: uint64
    codes of the outputs. Output o has row o // columns and, of its batch, column o % columns;
    `per_batch` outputs are a batch. `reading` is the output format as c is read, `grid` as it is
    written.
    """
    products = a.m.shape[1]
    n = step.block
    width = step.fraction_bits
    terms = n // step.group
    t = np.int64(grid.t)
    for index in range(first, last):
        o = which[index] if which.size else index
        row = o // columns
        column = (o // per_batch) * columns + o % columns
        code = c[o]
        number = 0
        for start in range(0, products, n):
            stop = min(start + n, products)
            kind, c_negative, c_q, c_size = fields(code, reading)
            if step.flush and kind == KIND_SUBNORMAL:
                c_size = ZERO
            c_m = -np.int64(c_size) if c_negative else np.int64(c_size)
            c_e = c_q + t
            if c_size == ZERO:
                c_e = np.int64(grid.emin) if step.count_zero_c or step.after else np.int64(FAR)
            if step.special or kind >= KIND_INFINITY:
                nan = kind == KIND_NAN
                up = kind == KIND_INFINITY and not c_negative
                down = kind == KIND_INFINITY and c_negative
                clipped_up = False
                clipped_down = False
                if step.special:
                    for k in range(start, stop):
                        a_kind = a.kind[row, k]
                        b_kind = b.kind[column, k]
                        s_kind = KIND_ZERO + 1
                        r_kind = KIND_ZERO + 1
                        if step.scale_block:
                            s_kind = np.int64(a.scale_kind[row, k // step.scale_block])
                            r_kind = np.int64(b.scale_kind[column, k // step.scale_block])
                        if max(a_kind, b_kind) == KIND_NAN or max(s_kind, r_kind) == KIND_NAN:
                            nan = True
                        elif max(a_kind, b_kind) == KIND_INFINITY:
                            if min(min(a_kind, b_kind), min(s_kind, r_kind)) == KIND_ZERO:
                                nan = True
                            elif (a.m[row, k] < 0) == (b.m[column, k] < 0):
                                up = True
                            else:
                                down = True
                        else:
                            m = a.m[row, k] * b.m[column, k]
                            q = a.q[row, k] + b.q[column, k]
                            if step.scale_block:
                                s = k // step.scale_block
                                m *= a.scale_m[row, s] * b.scale_m[column, s]
                                q += a.scale_q[row, s] + b.scale_q[column, s]
                            if m != 0 and leading_exponent(np.uint64(abs(m))) + q > step.clip:
                                if m > 0:
                                    clipped_up = True
                                else:
                                    clipped_down = True
                if nan or up or down or clipped_up or clipped_down:
                    if step.c_wins and kind == KIND_INFINITY and not nan and not (up and down):
                        clipped_up = False
                        clipped_down = False
                    up = up or clipped_up
                    down = down or clipped_down
                    if nan or (up and down):
                        code, _ = project_nan(0, how)
                    else:
                        code, _ = project_infinity(np.int64(down), how)
                    if trace.code.size:
                        trace.code[o, number] = code
                    number += 1
                    continue
            # The alignment exponent.
            top = np.int64(FAR)
            other = np.int64(FAR)
            if step.group > 1:
                for k in range(start, stop):
                    s = k // step.scale_block if step.scale_block else 0
                    if a.m[row, k] != 0 and b.m[column, k] != 0:
                        e = a.scale_e[row, s] + b.scale_e[column, s]
                        top = max(top, e)
            elif step.normalized:
                for k in range(start, stop):
                    m = a.m[row, k] * b.m[column, k]
                    e = a.q[row, k] + b.q[column, k]
                    flat = a.e[row, k] + b.e[column, k]
                    if step.scale_block:
                        s = k // step.scale_block
                        m *= a.scale_m[row, s] * b.scale_m[column, s]
                        e += a.scale_q[row, s] + b.scale_q[column, s]
                        flat += a.scale_e[row, s] + b.scale_e[column, s]
                    e = flat if m == 0 else e + leading_exponent(np.uint64(abs(m)))
                    if step.halves == 2 and (k - start) & 1:
                        other = max(other, e)
                    else:
                        top = max(top, e)
            else:
                for k in range(start, stop):
                    e = a.e[row, k] + b.e[column, k]
                    if step.scale_block:
                        s = k // step.scale_block
                        e += a.scale_e[row, s] + b.scale_e[column, s]
                    if step.halves == 2 and (k - start) & 1:
                        other = max(other, e)
                    else:
                        top = max(top, e)
            if not step.after:
                top = max(top, c_e)
            elif step.count_zero_c:  # a sum of zeros alone is left out, whatever their exponents
                even = False
                odd = False
                for k in range(start, stop):
                    live = a.m[row, k] != 0 and b.m[column, k] != 0
                    if step.halves == 2 and (k - start) & 1:
                        odd = odd or live
                    else:
                        even = even or live
                top = top if even else np.int64(FAR)
                other = other if odd else np.int64(FAR)
            both = max(top, other)
            if both < _SEEN:  # no terms
                code = code if step.after else ZERO
                if step.after and c_size == ZERO:
                    code = ZERO
                if trace.code.size:
                    trace.code[o, number] = code
                number += 1
                continue
            if top >= _SEEN:
                top = max(top, step.floor)
            if other >= _SEEN:
                other = max(other, step.floor)
            both = max(top, other)
            # The terms, cut.
            sum_even = np.int64(0)
            sum_odd = np.int64(0)
            grouped = np.int64(0)
            for k in range(start, stop):
                m = a.m[row, k] * b.m[column, k]
                q = a.q[row, k] + b.q[column, k]
                s = k // step.scale_block if step.scale_block else 0
                if step.group > 1:
                    grouped += m << (q - step.group_q) if m != 0 else 0
                    if (k + 1 - start) % step.group and k + 1 < stop:
                        continue
                    m = grouped
                    grouped = np.int64(0)
                    q = np.int64(step.group_q)
                if step.scale_block:
                    m *= a.scale_m[row, s] * b.scale_m[column, s]
                    q += a.scale_q[row, s] + b.scale_q[column, s]
                late_half = step.halves == 2 and (k - start) & 1
                shift = q - (other if late_half else top) + width
                if m == 0:
                    part = np.int64(0)
                elif step.truncates:
                    part = moved(m, shift)
                else:
                    part = cut_term(m, shift, cut)
                if late_half:
                    sum_odd += part
                else:
                    sum_even += part
                if trace.code.size:
                    place = (k - start) // step.group
                    trace.m[o, number, place] = m
                    trace.q[o, number, place] = q
                    trace.aligned[o, number, place] = part
                    trace.grid[o, number, place] = (other if late_half else top) - width
            exponent = top - width
            if not step.after:
                part = np.int64(0)
                if c_m != 0:
                    shift = c_q - exponent
                    part = moved(c_m, shift) if step.truncates else cut_term(c_m, shift, cut)
                sum_even += part
                if trace.code.size:
                    trace.m[o, number, terms] = c_m
                    trace.q[o, number, terms] = c_q
                    trace.aligned[o, number, terms] = part
                    trace.grid[o, number, terms] = exponent
            if step.halves == 2:
                sum_even = cut_term(sum_even, top - both, late)
                sum_even += cut_term(sum_odd, other - both, late)
                top = both
                exponent = top - width
            high = np.uint64(abs(sum_even))
            low = ZERO
            negative = np.int64(sum_even < 0)
            if step.after:
                was = c_m
                was_q = c_q
                top = max(both, c_e)
                q = exponent
                m = sum_even
                if step.sum_bits >= 0 and top - step.sum_bits > q:
                    m = cut_term(m, q - (top - step.sum_bits), late)
                    q = top - step.sum_bits
                if step.drop >= 0 and c_e < top - step.drop:
                    c_m = np.int64(0)
                part = c_m
                if step.c_bits >= 0 and top - step.c_bits > c_q:
                    part = cut_term(c_m, c_q - (top - step.c_bits), late)
                    c_q = top - step.c_bits
                if trace.code.size:
                    trace.m[o, number, terms] = was
                    trace.q[o, number, terms] = was_q
                    trace.aligned[o, number, terms] = part
                    trace.grid[o, number, terms] = c_q
                size, q = normal(np.uint64(abs(m)), q)
                c_size, c_q = normal(np.uint64(abs(part)), c_q)
                negative, high, low, exponent = total(
                    np.int64(m < 0), size, ZERO, q, np.int64(part < 0), c_size, ZERO, c_q
                )
            code = ZERO
            if high != ZERO:
                code = rounded_code(negative, high, low, exponent, step, grid, how)
            if trace.code.size:
                trace.top[o, number] = both
                trace.total[o, number] = sum_even
                trace.code[o, number] = code
            number += 1
        out[o] = code

"""Exact sums of many products: integers in pieces or in limbs, and one projection.

A limb holds one digit to the base 2**radix of a number, plus carries that have not moved on yet
(an int64); `log` is log2(radix), 3 to 5. Row numbers count the rows of all matrices of a stack.
"""

import numpy as np

from ..params import Kind
from . import wide
from .compile import jit
from .project import NO_VALUE, project, project_infinity, project_nan
from .rounding import ONE, ZERO, leading_exponent

UNSIGNED = 1 << 20  # joins the flags of a zero whose sign its terms still decide

_INFINITY = int(Kind.INFINITY)
_NAN = int(Kind.NAN)
_ZERO = int(Kind.ZERO)
_NOT = np.int64(0)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_WORD = 64
_DIGITS = 128  # of a sum that is handed on


# Operands


@jit
def _ends(significand, exponent):
    """Return the exponent of the last digit that is set, and the one past the leading digit."""
    last = leading_exponent(significand & (~significand + ONE))
    return exponent + last, exponent + leading_exponent(significand) + 1


@jit
def spans(start, stop, kinds, exponents, significands, low, high, digits, special):
    """Fill, for rows of 2-D fields, the ends of all their digits, and the most of one number.

    low, high: exponents of the last digit, and past the leading one (0 where all are zero);
    digits: of the longest significand; special: whether some number is infinite or NaN.
    """
    for row in range(start, stop):
        bottom, top, most = np.int64(1 << 40), np.int64(-(1 << 40)), _NOT
        seen = 0
        for k in range(kinds.shape[1]):
            if kinds[row, k] >= _INFINITY:
                seen = 1
            significand = significands[row, k]
            if significand != ZERO:
                last, past = _ends(significand, exponents[row, k])
                bottom, top = min(bottom, last), max(top, past)
                most = max(most, past - last)
        low[row] = bottom if most else 0
        high[row] = top if most else 0
        digits[row] = most
        special[row] = seen


@jit
def cut(start, stop, signs, exponents, significands, low, width, pieces):
    """Fill `pieces` (stack, count, rows, K), float64, with the digits of 2-D fields, by `width`.

    Piece i holds the digits from low + width * i up as an integer with the sign of the number;
    width is 1 to 52.
    """
    rows = pieces.shape[2]
    mask = (ONE << np.uint64(width)) - ONE
    for row in range(start, stop):
        group, m = row // rows, row % rows
        for i in range(pieces.shape[1]):
            for k in range(pieces.shape[3]):
                down = width * i + low[row] - exponents[row, k]
                digits = ZERO
                if 0 <= down < _WORD:
                    digits = (significands[row, k] >> np.uint64(down)) & mask
                elif -width < down < 0:
                    digits = (significands[row, k] << np.uint64(-down)) & mask
                value = np.float64(digits)
                pieces[group, i, m, k] = -value if signs[row, k] else value


@jit
def align(start, stop, signs, exponents, significands, low, signed, values, shifts):
    """Fill `values` (int64) and `shifts` with significands without trailing zeros, above `low`.

    Where not `signed` the values are the bits of the significands.
    """
    for row in range(start, stop):
        for k in range(values.shape[1]):
            significand = significands[row, k]
            value, shift = _NOT, _NOT
            if significand != ZERO:
                last, _ = _ends(significand, exponents[row, k])
                value = np.int64(significand >> np.uint64(last - exponents[row, k]))
                shift = last - low[row]
                if signed and signs[row, k]:
                    value = -value
            values[row, k] = value
            shifts[row, k] = shift


# Limbs


@jit
def _carry(limbs, at, count, log):
    """Move the carries on, so that every limb but the last is a digit; the last has the sign."""
    radix = np.int64(1) << log
    mask = (np.int64(1) << radix) - 1
    carry = _NOT
    for i in range(at, at + count - 1):
        total = limbs[i] + carry
        limbs[i] = total & mask
        carry = total >> radix
    limbs[at + count - 1] += carry


@jit
def _add(limbs, at, log, negative, significand, shift):
    """Add (-1)**negative * significand * 2**shift (uint64; int64 >= 0) to limbs."""
    radix = np.int64(1) << log
    i = at + (shift >> log)
    room = np.int64(shift & (radix - 1))
    take = np.uint64(radix - room)
    digit = np.int64((significand & ((ONE << take) - ONE)) << np.uint64(room))
    significand = significand >> take
    limbs[i] += -digit if negative else digit
    mask = (ONE << np.uint64(radix)) - ONE
    while significand != ZERO:
        i += 1
        digit = np.int64(significand & mask)
        significand = significand >> np.uint64(radix)
        limbs[i] += -digit if negative else digit


@jit
def _leading(limbs, at, count, log, base, grid, how):
    """Return (nothing, negative, significand, extra, exponent) of limbs, which it uses up.

    The last limb counts 2**base; nothing is 1 for zero. A significand has its leading digit set,
    or is 0 where wrapping drops every digit; the last digit of extra is jammed. Wrapping drops
    digits 64 places and more above the last one that the format holds.
    """
    radix = np.int64(1) << log
    _carry(limbs, at, count, log)
    negative = np.int64(limbs[at + count - 1] < 0)
    if negative:
        for i in range(at, at + count):
            limbs[i] = -limbs[i]
        _carry(limbs, at, count, log)
    i = np.int64(count - 1)
    while i >= 0 and limbs[at + i] == 0:
        i -= 1
    if i < 0:
        return 1, negative, ZERO, ZERO, base
    if how.wrap:
        limit = grid.emin - grid.t + _WORD - base
        while i >= 0:
            if i * radix >= limit:
                limbs[at + i] = 0
            elif limit - i * radix < 63:
                limbs[at + i] &= (np.int64(1) << (limit - i * radix)) - 1
            if limbs[at + i] != 0:
                break
            i -= 1
        if i < 0:
            return 0, negative, ZERO, ZERO, base
    high, low = ZERO, np.uint64(limbs[at + i])
    have = leading_exponent(low) + 1
    end = i * radix
    lost = ZERO
    while i > 0 and have < _DIGITS:
        i -= 1
        digit = np.uint64(limbs[at + i])
        take = min(radix, _DIGITS - have)
        up, down = np.uint64(take), np.uint64(radix - take)
        high = (high << up) | (low >> (np.uint64(_WORD) - up))
        low = (low << up) | (digit >> down)
        lost = digit & ((ONE << down) - ONE)
        have += take
        end -= take
    while i > 0 and lost == ZERO:
        i -= 1
        lost = np.uint64(limbs[at + i])
    shift = _DIGITS - have
    if shift >= _WORD:
        high, low = low << np.uint64(shift - _WORD), ZERO
    elif shift > 0:
        up = np.uint64(shift)
        high, low = (high << up) | (low >> (np.uint64(_WORD) - up)), low << up
    low |= np.uint64(lost != ZERO)
    return 0, negative, high, low, base + end - shift + _WORD


# Roundings


@jit
def _rounded(nothing, negative, significand, extra, exponent, random, grid, how, rules):
    """Return the code and flags of a finite sum; a zero has the sign that a cancellation has."""
    if nothing:
        negative = np.int64(rules.minus)
    top = exponent + 63 if significand != ZERO else np.int64(NO_VALUE)
    return project(negative, significand, extra, exponent, top, random, grid, how)


@jit
def _undecided(c_kind, c_negative, rules):
    """Return whether a sum of zero may have another sign than a cancellation: c allows it."""
    return c_kind == _NAN or (c_kind == _ZERO and c_negative != rules.minus)


@jit
def _of_limbs(limbs, at, count, log, base, c, random, grid, how, rules):
    """Return the code and flags of limbs plus c, given by its fields and where it starts."""
    c_kind, c_negative, c_exponent, c_significand = c
    if c_significand != ZERO:
        last, _ = _ends(c_significand, c_exponent)
        c_significand = c_significand >> np.uint64(last - c_exponent)
        _add(limbs, at, log, c_negative, c_significand, last - base)
    nothing, negative, significand, extra, exponent = _leading(
        limbs, at, count, log, base, grid, how
    )
    code, raised = _rounded(
        nothing, negative, significand, extra, exponent, random, grid, how, rules
    )
    if nothing and _undecided(c_kind, c_negative, rules):
        raised |= UNSIGNED
    return code, raised


@jit
def _pair(high, low, exponent):
    """Return (negative, significand, extra, exponent) of an integer of 128 bits * 2**exponent."""
    negative = np.int64(high < 0)
    first, second = np.uint64(high), low
    if negative:
        second = ~low + ONE
        first = ~first + np.uint64(second == ZERO)
    if first == ZERO:
        first, second = second, ZERO
        exponent -= _WORD
    if first == ZERO:
        return negative, ZERO, ZERO, exponent
    shift = 63 - leading_exponent(first)
    if shift:
        up = np.uint64(shift)
        first = (first << up) | (second >> (np.uint64(_WORD) - up))
        second = second << up
    return negative, first, second, exponent + _WORD - shift


@jit
def round_pairs(
    start,
    stop,
    partials,
    a_width,
    b_width,
    a_low,
    b_low,
    c_kinds,
    c_signs,
    c_exponents,
    c_significands,
    random,
    codes,
    flags,
    grid,
    how,
    rules,
):
    """Fill `codes` (uint64) and `flags` (int32) of sums that fit 127 digits; return flags ORed.

    partials: (stack, p, M, q, N), exact integers in float64 that count 2**(a_width * i + b_width *
    j) above the sums of a_low (stack or 1, M) and b_low (stack or 1, N). c and random bits are of
    the size of `codes`, (stack * M, N) in one row, or of size 1. A c of kind NaN is not there.
    """
    p, rows, q, columns = partials.shape[1:]
    step_a = 1 if a_low.shape[0] > 1 else 0
    step_b = 1 if b_low.shape[0] > 1 else 0
    step_c = 1 if c_kinds.size > 1 else 0
    step = 1 if random.size > 1 else 0
    seen = 0
    for row in range(start, stop):
        group, m = row // rows, row % rows
        for n in range(columns):
            high, low = _NOT, ZERO
            for i in range(p):
                for j in range(q):
                    part = np.int64(partials[group, i, m, j, n])
                    shift = a_width * i + b_width * j
                    if shift >= _WORD:
                        high += part << (shift - _WORD)
                    else:
                        added = np.uint64(part) << np.uint64(shift)
                        low += added
                        high += (part >> 1) >> (63 - shift)
                        high += np.int64(low < added)
            o = row * columns + n
            exponent = a_low[group * step_a, m] + b_low[group * step_b, n]
            negative, significand, extra, exponent = _pair(high, low, exponent)
            c_kind, c_negative = c_kinds[o * step_c], np.int64(c_signs[o * step_c])
            c, c_exponent = wide.normal(c_significands[o * step_c], c_exponents[o * step_c])
            if c != ZERO:
                negative, significand, extra, exponent = wide.total(
                    negative, significand, extra, exponent, c_negative, c, ZERO, c_exponent
                )
            nothing = significand == ZERO
            code, raised = _rounded(
                nothing,
                negative,
                significand,
                extra,
                exponent,
                random[o * step],
                grid,
                how,
                rules,
            )
            if nothing and _undecided(c_kind, c_negative, rules):
                raised |= UNSIGNED
            codes[o] = code
            flags[o] = raised
            seen |= raised
    return seen


@jit
def round_partials(
    start,
    stop,
    partials,
    a_width,
    b_width,
    a_low,
    b_low,
    lift,
    count,
    c_kinds,
    c_signs,
    c_exponents,
    c_significands,
    random,
    codes,
    flags,
    grid,
    how,
    rules,
):
    """Do as `round_pairs` for sums of any length: `count` limbs of 32 digits, `lift` below it."""
    p, rows, q, columns = partials.shape[1:]
    step_a = 1 if a_low.shape[0] > 1 else 0
    step_b = 1 if b_low.shape[0] > 1 else 0
    step_c = 1 if c_kinds.size > 1 else 0
    step = 1 if random.size > 1 else 0
    limbs = np.zeros(count, np.int64)
    mask = np.int64(0xFFFFFFFF)
    seen = 0
    for row in range(start, stop):
        group, m = row // rows, row % rows
        for n in range(columns):
            for i in range(count):
                limbs[i] = 0
            for i in range(p):
                for j in range(q):
                    part = np.int64(partials[group, i, m, j, n])
                    shift = lift + a_width * i + b_width * j
                    at, up = shift >> 5, shift & 31
                    limbs[at] += (part << up) & mask
                    limbs[at + 1] += (part >> (32 - up)) & mask
                    limbs[at + 2] += (part >> (32 - up)) >> 32
            o = row * columns + n
            base = a_low[group * step_a, m] + b_low[group * step_b, n] - lift
            x = o * step_c
            c = c_kinds[x], np.int64(c_signs[x]), c_exponents[x], c_significands[x]
            code, raised = _of_limbs(
                limbs, 0, count, 5, base, c, random[o * step], grid, how, rules
            )
            codes[o] = code
            flags[o] = raised
            seen |= raised
    return seen


@jit
def _add_narrow(limbs, count, log, often, values, shifts, b_values, b_shifts, r, first, n, width):
    """Add the products of row r of a with `width` columns of b to as many rows of limbs.

    Products have at most 62 - radix digits less log2(often); `often` is how many of them may be
    added before carries move on.
    """
    radix_mask = (np.int64(1) << log) - 1
    left = often
    for k in range(values.shape[1]):
        value, shift = values[r, k], shifts[r, k]
        if value == 0:
            continue
        others, moves = b_values[first + k, n : n + width], b_shifts[first + k, n : n + width]
        for t in range(width):
            total = shift + moves[t]
            at = np.uint64(t * count + (total >> log))  # unsigned: no index counts from the end
            limbs[at] += (value * others[t]) << (total & radix_mask)
        left -= 1
        if left == 0:
            for t in range(width):
                _carry(limbs, t * count, count, log)
            left = often


@jit
def _add_wide(limbs, count, values, shifts, signs, b_values, b_shifts, b_signs, r, first, n, width):
    """Do as `_add_narrow` for significands of up to 64 digits, in limbs of 32; K is below 2**30."""
    for k in range(values.shape[1]):
        word, shift, negative = np.uint64(values[r, k]), shifts[r, k], signs[r, k]
        if word == ZERO:
            continue
        others, moves = b_values[first + k, n : n + width], b_shifts[first + k, n : n + width]
        for t in range(width):
            high, low = wide.multiplied(word, np.uint64(others[t]))
            total = shift + moves[t]
            at = t * count + (total >> 5)
            up = np.uint64(total & 31)
            down = _SHIFT - up
            sign = np.int64(-1) if negative != b_signs[first + k, n + t] else np.int64(1)
            limbs[at] += sign * np.int64((low << up) & _LOW)
            limbs[at + 1] += sign * np.int64((low >> down) & _LOW)
            limbs[at + 2] += sign * np.int64((((low >> _SHIFT) >> down) | (high << up)) & _LOW)
            limbs[at + 3] += sign * np.int64((high >> down) & _LOW)
            limbs[at + 4] += sign * np.int64((high >> _SHIFT) >> down)


@jit
def round_products(
    start,
    stop,
    rows,
    tile,
    often,
    a_values,
    a_shifts,
    a_signs,
    b_values,
    b_shifts,
    b_signs,
    a_low,
    b_low,
    lift,
    count,
    log,
    c_kinds,
    c_signs,
    c_exponents,
    c_significands,
    random,
    codes,
    flags,
    grid,
    how,
    rules,
):
    """Do as `round_pairs` for sums of products of any exponents, each added to limbs by itself.

    a: (stack * rows or rows, K); b: (stack * K or K, N): `align`ed values above a_low and b_low,
    those of a raised by `lift`; signed where `often` is not 0, else bits with their signs.
    tile: columns that are added up at once.
    """
    depth, columns = a_values.shape[1], b_values.shape[1]
    step_a = 1 if a_low.shape[0] > 1 else 0
    step_b = 1 if b_low.shape[0] > 1 else 0
    step_c = 1 if c_kinds.size > 1 else 0
    step = 1 if random.size > 1 else 0
    limbs = np.zeros(tile * count, np.int64)
    seen = 0
    for n in range(0, columns, tile):
        width = min(tile, columns - n)
        for row in range(start, stop):
            group, m = row // rows, row % rows
            r = group * step_a * rows + m
            first = group * step_b * depth
            for i in range(width * count):
                limbs[i] = 0
            if often:
                _add_narrow(
                    limbs, count, log, often, a_values, a_shifts, b_values, b_shifts,
                    r, first, n, width,
                )  # fmt: skip
            else:
                _add_wide(
                    limbs, count, a_values, a_shifts, a_signs, b_values, b_shifts, b_signs,
                    r, first, n, width,
                )  # fmt: skip
            for t in range(width):
                o = row * columns + n + t
                base = a_low[group * step_a, m] + b_low[group * step_b, n + t] - lift
                x = o * step_c
                c = c_kinds[x], np.int64(c_signs[x]), c_exponents[x], c_significands[x]
                code, raised = _of_limbs(
                    limbs, t * count, count, log, base, c, random[o * step], grid, how, rules
                )
                codes[o] = code
                flags[o] = raised
                seen |= raised
    return seen


@jit
def round_terms(
    start,
    stop,
    kinds,
    signs,
    exponents,
    significands,
    base,
    count,
    random,
    codes,
    flags,
    grid,
    how,
    rules,
):
    """Fill `codes` and `flags` of sums of (terms, size) fields, start to stop; return flags ORed.

    Digits of all terms and sums lie in `count` limbs of 32 digits from `base` up. Special values
    and the signs of zeros are those of sums of any number of terms.
    """
    step = 1 if random.size > 1 else 0
    limbs = np.zeros(count, np.int64)
    seen = 0
    for o in range(start, stop):
        for i in range(count):
            limbs[i] = 0
        nan, same = 0, 1
        infinite = 0  # 1: there is a positive one, 2: a negative one
        for i in range(kinds.shape[0]):
            kind, negative = kinds[i, o], np.int64(signs[i, o])
            significand = significands[i, o]
            if kind == _NAN:
                nan = 1
            elif kind == _INFINITY:
                infinite |= 1 + negative
            elif significand != ZERO:
                last, _ = _ends(significand, exponents[i, o])
                significand = significand >> np.uint64(last - exponents[i, o])
                _add(limbs, 0, 5, negative, significand, last - base)
            if negative != signs[0, o]:
                same = 0
        if nan or infinite == 3:
            code, raised = project_nan(np.int64(0), how)
        elif infinite:
            code, raised = project_infinity(np.int64(infinite == 2), how)
        else:
            nothing, negative, significand, extra, exponent = _leading(
                limbs, 0, count, 5, base, grid, how
            )
            if nothing and same and not rules.plus:  # terms of one sign: all are zeros
                nothing, negative = 0, np.int64(signs[0, o])
            code, raised = _rounded(
                nothing, negative, significand, extra, exponent, random[o * step], grid, how, rules
            )
        codes[o] = code
        flags[o] = raised
        seen |= raised
    return seen


@jit
def common_signs(places, rows, columns, a_signs, b_signs, found):
    """Fill `found` with the sign that all products of an output have, or 2 if they have two.

    places: outputs, numbered through (stack, rows, columns), that are zero: products of one sign
    are all zeros; a: (stack or 1, rows, K); b: (stack or 1, columns, K).
    """
    step_a = 1 if a_signs.shape[0] > 1 else 0
    step_b = 1 if b_signs.shape[0] > 1 else 0
    for i in range(places.size):
        row, n = places[i] // columns, places[i] % columns
        group, m = row // rows, row % rows
        g, h = group * step_a, group * step_b
        sign = a_signs[g, m, 0] ^ b_signs[h, n, 0]
        for k in range(a_signs.shape[2]):
            if a_signs[g, m, k] ^ b_signs[h, n, k] != sign:
                sign = 2
                break
        found[i] = sign

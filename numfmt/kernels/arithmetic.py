"""Arithmetic on unpacked operands: exact, with a sticky digit, and one projection."""

import numpy as np

from ..flags import Flags
from ..params import Kind
from . import wide
from .compile import jit
from .project import NO_VALUE, project, project_infinity, project_nan
from .rounding import ZERO, round_digits

ADD, MULTIPLY, DIVIDE, FUSED, ADD_THREE, ROOT, TO_INTEGER = range(7)

_ZERO = int(Kind.ZERO)
_NORMAL = int(Kind.NORMAL)
_INFINITY = int(Kind.INFINITY)
_NAN = int(Kind.NAN)
_NX = int(Flags.NX)
_DZ = int(Flags.DZ)
_NV = int(Flags.NV)


@jit
def _sum_of_infinities(n, a_kind, m, b_kind):
    """Return (kind, negative, flags) of a sum of which one addend at least is infinite."""
    if a_kind == _INFINITY and b_kind == _INFINITY and n != m:
        return _NAN, np.int64(0), _NV
    return _INFINITY, n if a_kind == _INFINITY else m, 0


@jit
def operate(
    op,
    a_kinds,
    a_signs,
    a_exponents,
    a_significands,
    b_kinds,
    b_signs,
    b_exponents,
    b_significands,
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
    """Fill `codes` (uint64) and `flags` (uint16) of an operation; return all flags ORed.

    Operands are arrays of `kernels.fields.fields_of`, of the size of `codes` or of size 1; random
    bits likewise. Where an operand is NaN the result is NaN without flags.
    """
    seen = 0
    step_b = 1 if b_kinds.size > 1 else 0
    step_c = 1 if c_kinds.size > 1 else 0
    step = 1 if random.size > 1 else 0
    for i in range(codes.size):
        j, k = i * step_b, i * step_c
        a_kind, b_kind, c_kind = np.int64(a_kinds[i]), np.int64(b_kinds[j]), np.int64(c_kinds[k])
        n, m, o = np.int64(a_signs[i]), np.int64(b_signs[j]), np.int64(c_signs[k])
        a, a_exponent = wide.normal(a_significands[i], a_exponents[i])
        b, b_exponent = wide.normal(b_significands[j], b_exponents[j])
        c, c_exponent = ZERO, np.int64(0)
        if op == FUSED or op == ADD_THREE:
            c, c_exponent = wide.normal(c_significands[k], c_exponents[k])
        kind, negative, raised = _NORMAL, n, 0
        significand, extra, exponent = a, ZERO, a_exponent
        if a_kind == _NAN or b_kind == _NAN or c_kind == _NAN:
            kind = _NAN
        elif op == ADD:
            if a_kind == _INFINITY or b_kind == _INFINITY:
                kind, negative, raised = _sum_of_infinities(n, a_kind, m, b_kind)
            else:
                negative, significand, extra, exponent = wide.total(
                    n, a, ZERO, a_exponent, m, b, ZERO, b_exponent
                )
                if significand == ZERO:
                    same = a == ZERO and b == ZERO and n == m
                    negative = n if same else np.int64(rules.minus)
        elif op == MULTIPLY or op == FUSED:
            negative = n ^ m
            if a_kind == _INFINITY or b_kind == _INFINITY:
                kind = _INFINITY
                if a_kind == _ZERO or b_kind == _ZERO:
                    kind, raised = _NAN, _NV
            else:
                significand, extra, exponent = wide.product(a, a_exponent, b, b_exponent)
            if op == FUSED and kind != _NAN:
                if kind == _INFINITY or c_kind == _INFINITY:
                    kind, negative, raised = _sum_of_infinities(negative, kind, o, c_kind)
                else:
                    nothing = significand == ZERO
                    sign = negative
                    negative, significand, extra, exponent = wide.total(
                        sign, significand, extra, exponent, o, c, ZERO, c_exponent
                    )
                    if significand == ZERO:
                        same = nothing and c == ZERO and sign == o
                        negative = sign if same else np.int64(rules.minus)
        elif op == DIVIDE:
            negative = n ^ m
            if a_kind == _INFINITY or b_kind == _ZERO:
                kind = _INFINITY
                if a_kind == b_kind or (a_kind == _ZERO and b_kind == _ZERO):
                    kind, raised = _NAN, _NV
                elif b_kind == _ZERO and rules.pole:
                    kind, raised = _NAN, _NV
                elif a_kind != _INFINITY:
                    raised = _DZ
            elif b_kind == _INFINITY or a_kind == _ZERO:
                significand = ZERO
            else:
                significand, extra, exponent = wide.quotient(a, a_exponent, b, b_exponent)
        elif op == ADD_THREE:
            if a_kind == _INFINITY or b_kind == _INFINITY or c_kind == _INFINITY:
                kind, negative, raised = a_kind, n, 0
                if b_kind == _INFINITY:
                    kind, negative, raised = _sum_of_infinities(n, a_kind, m, b_kind)
                if c_kind == _INFINITY and kind != _NAN:
                    kind, negative, raised = _sum_of_infinities(negative, kind, o, c_kind)
            else:
                negative, significand, extra, exponent = wide.total_of_three(
                    n, a, a_exponent, m, b, b_exponent, o, c, c_exponent
                )
                if significand == ZERO:
                    same = a == ZERO and b == ZERO and c == ZERO and n == m and m == o
                    negative = n if same else np.int64(rules.minus)
        elif op == ROOT:
            if n and a_kind != _ZERO:
                kind, raised = _NAN, _NV
            elif a_kind == _INFINITY:
                kind = _INFINITY
            elif a_kind != _ZERO:
                significand, extra, exponent = wide.root(a, a_exponent)
        elif a_kind == _INFINITY:
            kind = _INFINITY
        elif a_exponents[i] < 0:
            whole, _, inexact = round_digits(
                a_significands[i], ZERO, -a_exponents[i], n, 0, random[i * step], how
            )
            significand, exponent = wide.normal(whole, 0)
            raised = _NX if inexact and rules.exact else 0
        if kind == _NAN:
            code, more = project_nan(negative, how)
        elif kind == _INFINITY:
            code, more = project_infinity(negative, how)
        else:
            top = exponent + 63
            if significand == ZERO:
                top = NO_VALUE
                negative = 0 if rules.plus else negative
            code, more = project(
                negative, significand, extra, exponent, top, random[i * step], grid, how
            )
        codes[i] = code
        flags[i] = raised | more
        seen |= raised | more
    return seen


@jit
def project_wide(kinds, signs, significands, extras, exponents, random, codes, flags, grid, how):
    """Fill `codes` (uint64) of values (significands + extras / 2**64) * 2**exponents.

    A significand is 0, or has its leading digit set; the last digit of an extra is jammed. What
    the projection raises joins `flags` (uint16).
    """
    step = 1 if random.size > 1 else 0
    for i in range(kinds.size):
        negative = np.int64(signs[i])
        significand = significands[i]
        if kinds[i] == _NAN:
            code, more = project_nan(negative, how)
        elif kinds[i] == _INFINITY:
            code, more = project_infinity(negative, how)
        else:
            top = exponents[i] + 63 if significand != ZERO else NO_VALUE
            code, more = project(
                negative, significand, extras[i], exponents[i], top, random[i * step], grid, how
            )
        codes[i] = code
        flags[i] |= np.uint16(more)

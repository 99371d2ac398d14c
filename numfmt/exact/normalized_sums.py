"""Partially normalised sums, point 5 of `numfmt.matrix_units`, in exact rationals."""

import math
from fractions import Fraction

from ..matrix_units.accumulators import PartiallyNormalized
from ..rounding import Rounding
from .aligned_sums import Product, product_of, special_result
from .data import scaled
from .dot_operands import Pair, Setting, factor, rounded_to
from .operands import number, settle
from .reals import rational
from .results import project
from .rounding import floor_log2


def partially_normalized_sum(pairs: list[Pair], c: int, setting: Setting) -> int:
    """Return the code of c + all products."""
    if not pairs:
        return c
    rule = setting.accumulator
    assert isinstance(rule, PartiallyNormalized)
    call = settle([setting.output], 1, setting.options(setting.output, rule.rounding))
    addend = factor(c, setting.output, setting.flush_inputs)
    products = [product_of(pair, setting) for pair in pairs]
    special = special_result(products, addend, call)
    if special is not None:
        return special
    s, e = 0, 0
    if not addend.zero:
        value = (-1) ** addend.sign * addend.magnitude
        e = floor_log2(addend.magnitude)
        s = _cut(value, e - rule.width + 1)
    for product in products:
        if product.magnitude:
            s, e = _step(s, e, product, rule)
    return project(call, number(rational(s * scaled(1, e - rule.width + 1))))[0]


def _step(s: int, e: int, product: Product, rule: PartiallyNormalized) -> tuple[int, int]:
    """Return the running sum after one nonzero product."""
    above = _exponent(product)
    last = max(e, above) if s else above
    quantum = last - rule.width + 1
    before = s * scaled(1, e - rule.width + 1)
    s = _cut(before, quantum) + _cut((-1) ** product.sign * product.magnitude, quantum)
    if abs(s) >= 1 << rule.width:
        return _cut(Fraction(s), 1), last + 1
    leading_zeros = rule.width - abs(s).bit_length()
    shift = max(shift for shift in rule.shifts if shift <= leading_zeros)
    return s << shift, last - shift


def _exponent(product: Product) -> int:
    """Return an exponent e with the product below 2**(e + 1)."""
    elements, scales = product.factors[:2], product.factors[2:]
    fractions = sum(1 for x in scales if x.digits)  # a scale below 2 with digits adds up to 1
    return sum(x.exponent for x in (*elements, *scales)) + 1 + fractions


def _cut(value: Fraction, quantum: int) -> int:
    """Return how many times 2**quantum a number is, toward zero."""
    return math.trunc(rounded_to(value, quantum, Rounding.TOWARD_ZERO) / scaled(1, quantum))

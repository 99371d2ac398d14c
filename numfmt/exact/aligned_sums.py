"""Aligned sums, point 4 of `numfmt.matrix_units`, in exact rationals."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ..errors import FormatError
from ..families.floats import FloatFormat
from ..flags import Flags
from ..matrix_units.accumulators import Aligned, InfiniteC, Join, ProductRange, ZeroProducts
from ..params import Kind
from .arithmetic import add
from .data import scaled
from .dot_operands import (
    Factor,
    Pair,
    Setting,
    digits_of,
    factor,
    in_blocks,
    largest_exponent,
    rounded_to,
    scale_code,
    zero_code,
)
from .operands import Call, infinity, number, settle
from .reals import rational
from .results import canonical, project
from .rounding import floor_log2


class Term(NamedTuple):
    """(-1)**sign * significand * 2**(exponent - digits).

    `empty` is a zero that lends its exponent and nothing else.
    """

    sign: int
    significand: Fraction
    exponent: int
    digits: int
    empty: bool = False

    @property
    def value(self) -> Fraction:
        """The number."""
        magnitude = self.significand * scaled(1, self.exponent - self.digits)
        return -magnitude if self.sign else magnitude


class Step(NamedTuple):
    """What happened in one block of an aligned sum.

    Attributes
    ----------
    terms : tuple of Term
        Those that count in the alignment exponent, in ascending k, then c if it is inside; none
        where special values decide.
    exponent : int or None
        The alignment exponent E, None without terms.
    cut : tuple of Fraction
        The terms on the grid of E.
    total : Fraction
        S, their exact sum (with halves: after each was cut).
    joined : Fraction
        What is rounded at last: S, or with c after the sum S and c on their grids.
    code : int
        The result.
    """

    terms: tuple[Term, ...]
    exponent: int | None
    cut: tuple[Fraction, ...]
    total: Fraction
    joined: Fraction
    code: int


class Product(NamedTuple):
    """A product of two operands and their scales: its factors, and what it is."""

    kind: Kind
    sign: int
    factors: tuple[Factor, ...]

    @property
    def magnitude(self) -> Fraction:
        """The exact magnitude of a number."""
        found = Fraction(1)
        for x in self.factors:
            found *= x.magnitude
        return found


class Machine(NamedTuple):
    """An aligned adder: the setting, its accumulator, and the call that results follow."""

    setting: Setting
    rule: Aligned
    call: Call


def machine(setting: Setting) -> Machine:
    """Return the adder of a setting."""
    rule = setting.accumulator
    assert isinstance(rule, Aligned)
    fmt = setting.output
    if rule.keep is not None and not (
        isinstance(fmt, FloatFormat) and rule.keep <= fmt.trailing_bits
    ):
        raise FormatError(f"keep={rule.keep}: {fmt.name!r} has no such fraction bits to keep")
    if rule.halves == 2 and rule.group > 1:
        raise FormatError("halves=2 sums even and odd k apart; a group has both")
    return Machine(setting, rule, settle([fmt], 1, setting.options(fmt, rule.rounding)))


def aligned_sum(pairs: list[Pair], c: int, setting: Setting) -> int:
    """Return the code of c + all products."""
    if not pairs:
        return c
    rule = setting.accumulator
    assert isinstance(rule, Aligned)
    found = aligned_steps(pairs, c, setting)[-1].code
    if rule.late_add is None:
        return found
    return add(found, c, setting.output, **setting.options(setting.output, rule.late_add))[0]


def aligned_steps(pairs: list[Pair], c: int, setting: Setting) -> list[Step]:
    """Return the steps of the chain of blocks, without the addition of `late_add`."""
    adder = machine(setting)
    code = c if adder.rule.late_add is None else zero_code(setting.output)
    found = []
    for block in in_blocks(pairs, adder.rule.block):
        found.append(_step(block, code, adder))
        code = found[-1].code
    return found


def _step(block: list[Pair], c: int, adder: Machine) -> Step:
    """Return what one block makes of c."""
    addend = factor(c, adder.setting.output, adder.setting.flush_inputs)
    products = [product_of(pair, adder.setting) for pair in block]
    special = special_result(products, addend, adder.call, adder.rule)
    if special is not None:
        nothing = Fraction(0)
        return Step((), None, (), nothing, nothing, special)
    terms = _terms(block, products, adder)
    if adder.rule.c is Join.INSIDE:
        return _sum_inside([*terms, _term_of(addend, adder.rule)], adder)
    return _sum_then_c(terms, addend, c, adder)


def product_of(pair: Pair, setting: Setting) -> Product:
    """Return a product with its scales."""
    flush = setting.flush_inputs
    factors = [factor(pair.a, setting.a, flush), factor(pair.b, setting.b, flush)]
    if pair.scales is not None and setting.scale is not None:
        scale = setting.scale
        factors += [factor(scale_code(code, scale), scale) for code in pair.scales]
    kinds = {x.kind for x in factors}
    kind, sign = Kind.NORMAL, sum(x.sign for x in factors) % 2
    if Kind.NAN in kinds or {Kind.INFINITY, Kind.ZERO} <= kinds:
        kind = Kind.NAN
    elif Kind.INFINITY in kinds:
        kind = Kind.INFINITY
    elif Kind.ZERO in kinds:
        kind = Kind.ZERO
    return Product(kind, sign, tuple(factors))


def special_result(
    products: Sequence[Product], c: Factor, call: Call, rule: Aligned | None = None
) -> int | None:
    """Return the code where NaNs or infinities decide; `rule` may clip the products' range."""
    if c.kind is Kind.NAN or any(x.kind is Kind.NAN for x in products):
        return canonical(call, Flags.NV)[0]
    signs = {x.sign for x in products if x.kind is Kind.INFINITY}
    if c.kind is Kind.INFINITY:
        signs.add(c.sign)
    if rule is not None and rule.range is ProductRange.CLIPPED:
        wins = rule.infinite_c is InfiniteC.WINS and c.kind is Kind.INFINITY
        limit = scaled(1, largest_exponent(call.result) + 1)
        clipped = {x.sign for x in products if x.kind is Kind.NORMAL and x.magnitude >= limit}
        signs |= set() if wins else clipped
    if len(signs) == 2:
        return canonical(call, Flags.NV)[0]
    return project(call, infinity(signs.pop()))[0] if signs else None


def _terms(block: list[Pair], products: list[Product], adder: Machine) -> list[Term | None]:
    """Return the terms of the products in ascending k; None where one is left out."""
    rule = adder.rule
    if rule.group == 1:
        return [_term_of_product(x, rule) for x in products]
    found = []
    for start in range(0, len(block), rule.group):
        _check_scales(block[start : start + rule.group])
        found.append(_term_of_group(products[start : start + rule.group]))
    return found


def _term_of_product(x: Product, rule: Aligned) -> Term | None:
    """Return a product of numbers as a term: not normalised, unless the adder does."""
    exponent, digits = sum(y.exponent for y in x.factors), sum(y.digits for y in x.factors)
    if x.kind is Kind.ZERO:
        counts = rule.zero_products is ZeroProducts.EXPONENT
        return Term(x.sign, Fraction(0), exponent, digits, empty=True) if counts else None
    significand = Fraction(1)
    for y in x.factors:
        significand *= y.significand
    if rule.normalized:
        leading = floor_log2(x.magnitude)
        digits += leading - exponent
        exponent = leading
    return Term(x.sign, significand, exponent, digits)


def _term_of_group(group: list[Product]) -> Term | None:
    """Return an exact sum as a term, whose exponent is that of its scales alone."""
    numbers = [x for x in group if x.kind is not Kind.ZERO]
    if not numbers:
        return None
    total = Fraction(0)
    for x in numbers:
        elements = x._replace(factors=x.factors[:2])
        total += (-1) ** sum(y.sign for y in elements.factors) * elements.magnitude
    scales = numbers[0].factors[2:]
    exponent = sum(y.exponent for y in scales)
    for y in scales:
        total *= (-1) ** y.sign * y.significand * scaled(1, -y.digits)
    digits = digits_of(abs(total), 0)
    return Term(int(total < 0), abs(total) * scaled(1, digits), exponent, digits)


def _check_scales(group: list[Pair]) -> None:
    if len({pair.scales for pair in group if pair.scales is not None}) > 1:
        raise FormatError("a group has one scale for a and one for b: that of all its elements")


def _term_of(c: Factor, rule: Aligned) -> Term | None:
    """Return the accumulator operand as a term."""
    empty = c.zero
    if empty and rule.zero_products is not ZeroProducts.EXPONENT:
        return None
    return Term(c.sign, c.significand, c.exponent, c.digits, empty)


def _align(terms: Sequence[Term], rule: Aligned) -> tuple[int, list[Fraction]]:
    """Return the alignment exponent and the terms on its grid."""
    exponent = max(term.exponent for term in terms)
    if rule.floor is not None:
        exponent = max(exponent, rule.floor)
    quantum = exponent - rule.fraction_bits
    return exponent, [rounded_to(term.value, quantum, rule.cut) for term in terms]


def _sum_inside(given: list[Term | None], adder: Machine) -> Step:
    """Return the sum of the terms, c among them."""
    terms = [term for term in given if term is not None]
    if not terms:
        nothing = Fraction(0)
        return Step((), None, (), nothing, nothing, _result(nothing, adder))
    exponent, cut = _align(terms, adder.rule)
    total = sum(cut, Fraction(0))
    return Step(tuple(terms), exponent, tuple(cut), total, total, _result(total, adder))


def _sum_then_c(given: list[Term | None], c: Factor, code: int, adder: Machine) -> Step:
    """Return the sum of the products, and then with c."""
    rule = adder.rule
    if all(term is None or term.empty for term in given):
        nothing = Fraction(0)
        passed = zero_code(adder.setting.output) if c.zero else code
        return Step((), None, (), nothing, nothing, passed)
    terms = tuple(term for term in given if term is not None)
    exponent, cut, total = _products(given, rule)
    last = max(exponent, c.exponent)
    addend = Term(c.sign, c.significand, c.exponent, c.digits).value
    if rule.drop is not None and c.exponent < last - rule.drop:
        addend = Fraction(0)
    joined = total
    if rule.sum_bits is not None:
        joined = rounded_to(joined, last - rule.sum_bits, rule.late_cut)
    if rule.c_bits is not None:
        addend = rounded_to(addend, last - rule.c_bits, rule.late_cut)
    joined += addend
    return Step(terms, exponent, tuple(cut), total, joined, _result(joined, adder))


def _products(
    given: list[Term | None], rule: Aligned
) -> tuple[int, tuple[Fraction, ...], Fraction]:
    """Return the alignment exponent, the cut terms and the sum of the products alone."""
    if rule.halves == 1:
        exponent, cut = _align([term for term in given if term is not None], rule)
        return exponent, tuple(cut), sum(cut, Fraction(0))
    sums = []
    cuts: dict[int, Fraction] = {}
    for first in (0, 1):
        half = {k: given[k] for k in range(first, len(given), 2)}
        terms = {k: term for k, term in half.items() if term is not None}
        if all(term.empty for term in terms.values()):
            continue
        exponent, cut = _align(list(terms.values()), rule)
        cuts |= dict(zip(terms, cut, strict=True))
        sums.append((exponent, sum(cut, Fraction(0))))
    last = max(exponent for exponent, _ in sums)
    quantum = last - rule.fraction_bits
    total = sum((rounded_to(half, quantum, rule.late_cut) for _, half in sums), Fraction(0))
    return last, tuple(cuts[k] for k in sorted(cuts)), total


def _result(total: Fraction, adder: Machine) -> int:
    """Return the code of an exact sum, with the digits that the adder keeps."""
    rule, fmt = adder.rule, adder.setting.output
    kept = total
    if total and rule.keep is not None and isinstance(fmt, FloatFormat):
        if rule.keep < fmt.trailing_bits:
            tiny = abs(total) < scaled(1, fmt.emin)
            quantum = max(floor_log2(abs(total)), fmt.emin) - rule.keep
            if tiny and not fmt.subnormals:
                quantum = fmt.emin
            kept = rounded_to(total, quantum, adder.call.rounding)
    return project(adder.call, number(rational(kept), int(total < 0)))[0]

"""Stepwise and compensated sums, points 2 and 3 of `numfmt.matrix_units`."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ..errors import FormatError
from ..families.logarithmic import LogarithmicFormat
from ..flags import Flags
from ..matrix_units.accumulators import (
    Compensated,
    Compensation,
    Exact,
    Pairwise,
    ProductTable,
    Stepwise,
)
from ..params import Kind
from ..rounding import Rounding
from .arithmetic import add, fma, mul, sub
from .data import KnownFormat, known
from .decoding import decode
from .dot_operands import Pair, Setting, in_blocks, scale_code, zero_code
from .operands import Call, Extended, Options, infinity, number, read, settle
from .projection import encode
from .reals import Real, rational
from .results import canonical, nan_operand, project


class Leaf(NamedTuple):
    """A term of a sum: the exact product of a pair, or a code of a format."""

    pair: Pair | None
    code: int = 0
    fmt: KnownFormat | None = None


class Adder:
    """The operations of one stepwise accumulator."""

    def __init__(self, setting: Setting) -> None:
        rule = setting.accumulator
        assert isinstance(rule, Stepwise)
        self.setting = setting
        self.rule = rule
        self.output = setting.output

    def options(self) -> Options:
        """Return the options of the next rounding into the output format."""
        return self.setting.options(self.output, self.rule.rounding)

    def add(self, x: int, y: int) -> int:
        """Return R(x + y) of two codes of the output format."""
        return add(x, y, self.output, **self.options())[0]

    def sub(self, x: int, y: int) -> int:
        """Return R(x - y) of two codes of the output format."""
        return sub(x, y, self.output, **self.options())[0]

    def leaf(self, pair: Pair) -> Leaf:
        """Return a product as the accumulator has it: exact, rounded, or out of a table."""
        product = self.rule.product
        if product is None:
            return Leaf(pair)
        if isinstance(product, ProductTable):
            if pair.scales is not None:
                raise FormatError("a table of products has no room for block scales")
            a = _flushed(pair.a, self.setting.a, self.setting.flush_inputs)
            b = _flushed(pair.b, self.setting.b, self.setting.flush_inputs)
            return Leaf(None, int(product.codes[a, b]), known(product.format))
        return Leaf(None, self.product(pair, known(product)), known(product))

    def product(self, pair: Pair, fmt: KnownFormat) -> int:
        """Return a product that is rounded to a format."""
        mode = self.rule.product_rounding or self.rule.rounding
        options = self.setting.options(fmt, mode)
        if pair.scales is None:
            return mul(pair.a, pair.b, (self.setting.a, self.setting.b), **options)[0]
        return _sum([self._exact(pair)], settle([fmt], 1, options))

    def total(self, leaves: Sequence[Leaf]) -> int:
        """Return R of the sum of leaves, with no accumulator operand."""
        if len(leaves) == 1:
            return self._alone(leaves[0])
        addends = [self._extended(leaf) for leaf in leaves]
        return _sum(addends, settle([self.output], 1, self.options()))

    def node(self, codes: Sequence[int]) -> int:
        """Return R of the sum of two or more codes of the output format."""
        if len(codes) == 2:
            return self.add(*codes)
        return self.total([Leaf(None, code, self.output) for code in codes])

    def accumulate(self, c: int, leaves: Sequence[Leaf]) -> int:
        """Return R(c + all leaves)."""
        options = self.options()
        if len(leaves) == 1:
            pair, fmt = leaves[0].pair, leaves[0].fmt
            if fmt is not None:
                return add(c, leaves[0].code, (self.output, fmt), **options)[0]
            if pair is not None and pair.scales is None:
                formats = (self.setting.a, self.setting.b, self.output)
                return fma(pair.a, pair.b, c, formats, **options)[0]
        call = settle([self.output], 1, options)
        addend = read(c, self.output, call.flush_inputs).x
        return _sum([addend, *(self._extended(leaf) for leaf in leaves)], call)

    def _alone(self, leaf: Leaf) -> int:
        """Return R of one leaf: a NaN is delivered as by a multiplication, or passed on."""
        options = self.options()
        if leaf.pair is not None and leaf.pair.scales is None:
            formats = (self.setting.a, self.setting.b)
            return mul(leaf.pair.a, leaf.pair.b, formats, **options)[0]
        call = settle([self.output], 1, options)
        if leaf.fmt is None:
            return _sum([self._extended(leaf)], call)
        operand = read(leaf.code, leaf.fmt, call.flush_inputs)
        return nan_operand(call, [operand])[0] if operand.nan else project(call, operand.x)[0]

    def _extended(self, leaf: Leaf) -> Extended:
        if leaf.pair is not None:
            return self._exact(leaf.pair)
        assert leaf.fmt is not None
        return read(leaf.code, leaf.fmt, self.setting.flush_inputs).x

    def _exact(self, pair: Pair) -> Extended:
        """Return the exact product of a pair and its scales; NaN for 0 * inf too."""
        flush = self.setting.flush_inputs
        found = [read(pair.a, self.setting.a, flush), read(pair.b, self.setting.b, flush)]
        factors = [operand.x for operand in found]
        if pair.scales is not None and self.setting.scale is not None:
            scale = self.setting.scale
            factors += [read(scale_code(code, scale), scale).x for code in pair.scales]
        kinds = {x.kind for x in factors}
        if Kind.NAN in kinds or {Kind.INFINITY, Kind.ZERO} <= kinds:
            return Extended(Kind.NAN)
        sign = sum(x.sign for x in factors) % 2
        if Kind.INFINITY in kinds:
            return infinity(sign)
        value = rational(1)
        for x in factors:
            value = value * x.real
        return number(value, sign)


def _sum(addends: Sequence[Extended], call: Call) -> int:
    """Return the code of a sum of many terms (the paragraph on NaN, infinities and zeros)."""
    infinite = {x.sign for x in addends if x.infinite}
    if any(x.kind is Kind.NAN for x in addends) or len(infinite) == 2:
        return canonical(call, Flags.NV)[0]
    if infinite:
        return project(call, infinity(infinite.pop()))[0]
    value = Real({})
    for x in addends:
        value = value + x.real
    sign_of_zero = int(call.rounding is Rounding.TOWARD_NEGATIVE)
    signs = {x.sign for x in addends}
    if all(x.zero for x in addends) and len(signs) == 1:
        sign_of_zero = signs.pop()
    return project(call, number(value, sign_of_zero))[0]


def _flushed(code: int, fmt: KnownFormat, flush: bool) -> int:
    """Return the code of a zero for that of a subnormal number, if they are flushed."""
    if not flush or isinstance(fmt, LogarithmicFormat):
        return code
    found = decode(code, fmt)
    if found.kind is not Kind.SUBNORMAL:
        return code
    return encode(found._replace(kind=Kind.ZERO, magnitude=Fraction(0)), fmt)[0]


def stepwise_sum(pairs: list[Pair], c: int, setting: Setting) -> int:
    """Return the code of c + all products."""
    if not pairs:
        return c
    adder = Adder(setting)
    rule = adder.rule
    if isinstance(rule, Compensated):
        kahan = rule.method is Compensation.KAHAN
        return _kahan(pairs, c, adder) if kahan else _neumaier(pairs, c, adder)
    size = rule.block if isinstance(rule, Exact | Pairwise) else 1
    for block in in_blocks(pairs, size):
        leaves = [adder.leaf(pair) for pair in block]
        if isinstance(rule, Pairwise):
            c = adder.add(c, _root(leaves, adder, rule.arity))
        elif isinstance(rule, Exact) and rule.late:
            c = adder.add(c, adder.total(leaves))
        else:
            c = adder.accumulate(c, leaves)
    return c


def _root(leaves: list[Leaf], adder: Adder, arity: int) -> int:
    """Return the root of the tree over the rounded leaves."""
    nodes = [adder.total([leaf]) for leaf in leaves]
    while len(nodes) > 1:
        groups = [nodes[start : start + arity] for start in range(0, len(nodes), arity)]
        nodes = [group[0] if len(group) == 1 else adder.node(group) for group in groups]
    return nodes[0]


def _kahan(pairs: list[Pair], c: int, adder: Adder) -> int:
    s, e = c, zero_code(adder.output)
    for pair in pairs:
        p = adder.product(pair, adder.output)
        y = adder.sub(p, e)
        t = adder.add(s, y)
        e = adder.sub(adder.sub(t, s), y)
        s = t
    return s


def _neumaier(pairs: list[Pair], c: int, adder: Adder) -> int:
    s, e = c, zero_code(adder.output)
    for pair in pairs:
        p = adder.product(pair, adder.output)
        t = adder.add(s, p)
        if _at_least(s, p, adder):
            e = adder.add(e, adder.add(adder.sub(s, t), p))
        else:
            e = adder.add(e, adder.add(adder.sub(p, t), s))
        s = t
    return adder.add(s, e)


def _at_least(s: int, p: int, adder: Adder) -> bool:
    """Return whether |s| >= |p|; with a NaN it is not."""
    x, y = (read(code, adder.output, adder.setting.flush_inputs).x for code in (s, p))
    if Kind.NAN in (x.kind, y.kind):
        return False
    if x.infinite or y.infinite:
        return x.infinite
    return abs(x.real).minus(abs(y.real)) >= 0

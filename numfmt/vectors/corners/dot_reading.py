"""Dot products as corner classes see them: the terms of a row, and what products there are."""

import functools
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ...exact.dot_operands import Factor, Setting, factor, scale_code
from ...families.grid import floor_log2
from ...matrix_units.accumulators import Accumulator, Aligned, Join, ProductTable
from ...params import Kind
from .base import Row
from .code_values import Span, exact_code, least_of, reach, signed, span

if TYPE_CHECKING:
    pass

OPERATIONS = ("dot", "block_dot", "gemm_tile")
C = -1  # the lane of the accumulator operand


class Product(NamedTuple):
    """A product with its scales; the value is that of a number, else 0."""

    kind: Kind
    sign: int
    value: Fraction
    exponent: int
    scale: int = 0


class Term(NamedTuple):
    """A nonzero term of the first sum; `exponent` is what the accumulator aligns by."""

    lane: int
    exponent: int
    value: Fraction

    @property
    def leading(self) -> int:
        """The exponent of the leading digit."""
        return floor_log2(abs(self.value))


class Reading(NamedTuple):
    """What a row holds, of a tile its entry (0, 0)."""

    a: tuple[Factor, ...]
    b: tuple[Factor, ...]
    scales: tuple[tuple[Factor, ...], tuple[Factor, ...]]
    products: tuple[Product, ...]
    c: Factor
    finite: bool

    @property
    def addend(self) -> Fraction:
        """The value of c, 0 where it is no number."""
        return signed(self.c)

    @property
    def total(self) -> Fraction:
        """The exact sum."""
        return sum((x.value for x in self.products), self.addend)

    @property
    def lanes(self) -> list[int]:
        """The lanes whose product is not zero."""
        return [i for i, x in enumerate(self.products) if x.value]


class Reader:
    """What a dot product of a spec is made of, with tables of what its codes are."""

    def __init__(
        self,
        op: str,
        formats: tuple[Any, Any],
        scale: Any,
        size: int,
        output: Any,
        rule: Accumulator,
        plan: Any,
        shape: tuple[int, int, int],
    ) -> None:
        self.op, self.scale, self.size, self.output = op, scale, size, output
        self.a, self.b = formats
        self.rule, self.planned = rule, plan is not None
        self.k, self.m, self.n = shape
        self.flush = Setting(self.a, self.b, scale, rule, output).flush_inputs
        self.aligned = rule if isinstance(rule, Aligned) else None
        self.first = min(self.k, getattr(rule, "block", None) or self.k)
        self.group = self.aligned.group if self.aligned else 1
        self.c_inside = not self.aligned or (
            self.aligned.c is Join.INSIDE and self.aligned.late_add is None
        )
        product = getattr(rule, "product", None)
        self.table = product if isinstance(product, ProductTable) else None
        self.rounded = None if self.table else product
        self.spans = tuple(span(fmt, self.flush) for fmt in (self.a, self.b, output))
        self.scales = span(scale, False) if scale is not None else Span(0, 0, 0, 0)
        self.unused = [frozenset(f.unused_codes()) for f in (self.a, self.b, output)]
        self._factors: dict[tuple[int, int], Factor] = {}
        self._codes: dict[tuple[int, Fraction], int | None] = {}
        self._pairs: dict[Fraction, tuple[int, int] | None] = {}
        self._last: tuple[Row, Reading] | None = None

    def factor(self, which: int, code: int) -> Factor:
        """Return what a code of a (0), b (1), the output (2) or the scales (3) is."""
        found = self._factors.get((which, code))
        if found is None:
            fmt = (self.a, self.b, self.output, self.scale)[which]
            if which < 3 and code in self.unused[which]:
                found = Factor(Kind.NAN, 0, Fraction(0), 0, 0)  # stands for nothing
            else:
                read = scale_code(code, fmt) if which == 3 else code
                found = factor(read, fmt, self.flush and which < 3)
            self._factors[which, code] = found
        return found

    def read(self, row: Row) -> Reading:
        """Return what a row holds."""
        if self._last is None or self._last[0] is not row:
            self._last = (row, self._read(row))
        return self._last[1]

    def _read(self, row: Row) -> Reading:
        parts = [part if isinstance(part, tuple) else (part,) for part in row]
        scales: tuple[tuple[Factor, ...], ...] = ((), ())
        if self.op == "block_dot":
            scales = tuple(tuple(self.factor(3, x) for x in parts[i]) for i in (1, 3))
            parts = [parts[0], parts[2], parts[4]]
        if self.op == "gemm_tile":
            parts = [parts[0][: self.k], parts[1][:: self.n], parts[2][:1]]
        a, b = (tuple(self.factor(i, x) for x in parts[i]) for i in (0, 1))
        c = self.factor(2, parts[2][0])
        if self.table is None:
            products = tuple(
                self._product((x, y), [s[i // self.size] for s in scales if s])
                for i, (x, y) in enumerate(zip(a, b, strict=True))
            )
        else:
            pairs = zip(parts[0], parts[1], strict=True)
            products = tuple(self._entry(x, y) for x, y in pairs)
        finite = c.kind < Kind.INFINITY and all(x.kind < Kind.INFINITY for x in products)
        return Reading(a, b, (scales[0], scales[1]), products, c, finite)

    def _product(self, elements: tuple[Factor, Factor], scales: Sequence[Factor]) -> Product:
        factors = (*elements, *scales)
        kinds = {x.kind for x in factors}
        sign = sum(x.sign for x in factors) % 2
        scale = sum(x.exponent for x in scales)
        if Kind.NAN in kinds or {Kind.INFINITY, Kind.ZERO} <= kinds:
            return Product(Kind.NAN, sign, Fraction(0), 0)
        if Kind.INFINITY in kinds or Kind.ZERO in kinds:
            return Product(max(kinds - {Kind.NORMAL, Kind.SUBNORMAL}), sign, Fraction(0), 0)
        value = Fraction(-1 if sign else 1)
        for x in factors:
            value *= x.magnitude
        exponent = sum(x.exponent for x in elements) + scale
        if self.aligned is None or self.aligned.normalized:
            exponent = floor_log2(abs(value))
        return Product(Kind.NORMAL, sign, value, exponent, scale)

    def _entry(self, a: int, b: int) -> Product:
        assert self.table is not None
        found = factor(int(self.table.codes[a, b]), self.table.format)
        if found.kind > Kind.NORMAL or found.zero:
            return Product(found.kind, found.sign, Fraction(0), 0)
        return Product(found.kind, found.sign, signed(found), floor_log2(found.magnitude))

    def terms(self, found: Reading) -> list[Term]:
        """Return the nonzero terms of the first sum in ascending lanes, c before them."""
        terms = []
        if found.addend:
            leading = floor_log2(found.c.magnitude)
            exponent = found.c.exponent if self.aligned else leading
            terms.append(Term(C, exponent, found.addend))
        for start in range(0, self.first, self.group):
            group = [x for x in found.products[start : start + self.group] if x.value]
            total = sum((x.value for x in group), Fraction(0))
            if total:
                exponent = group[0].scale if self.group > 1 else group[0].exponent
                terms.append(Term(start, exponent, total))
        return terms

    def once(self, found: Reading) -> bool:
        """Return whether the exact sum is what is rounded, and no product before it."""
        lanes = found.lanes
        if self.rounded is not None and any(
            exact_code(self.rounded, found.products[i].value) is None for i in lanes[:3]
        ):
            return False
        if len(lanes) + bool(found.addend) <= 2:
            return True
        alone = type(self.rule).__name__ in ("Exact", "Aligned") and not self.planned
        alone = alone and not getattr(self.rule, "late", False) and self.rounded is None
        return alone and max(lanes) < self.first

    @functools.cached_property
    def products(self) -> Span:
        """The exponents of products of elements, scales left out."""
        if self.table is not None:
            values = [abs(v) for v in self.entries if v]
            low, high = (floor_log2(f(values)) for f in (min, max))
            return Span(low, high, low, low)
        (a, b), (x, y) = self.spans[:2], (reach(self.a), reach(self.b))
        low = floor_log2(least_of(self.a, self.flush) * least_of(self.b, self.flush))
        return Span(low, floor_log2(x * y), a.field + b.field, a.quantum + b.quantum)

    @property
    def largest(self) -> Fraction:
        """The largest magnitude of a product with its scales."""
        if self.table is not None:
            return max(abs(v) for v in self.entries)
        scale = reach(self.scale) ** 2 if self.scale is not None else 1
        return reach(self.a) * reach(self.b) * scale

    @property
    def negative(self) -> bool:
        """Whether products can be negative."""
        if self.table is not None:
            return any(v < 0 for v in self.entries)
        return bool(self.a.signed_values or self.b.signed_values)

    @functools.cached_property
    def entries(self) -> dict[Fraction, tuple[int, int]]:
        """Codes of each product of a table."""
        assert self.table is not None
        sides = [range(n) for n in self.table.codes.shape]
        return {self._entry(x, y).value: (x, y) for x in sides[0] for y in sides[1]}

"""Dot products as corner classes see them: the rows of wanted terms."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from ...exact.dot_operands import zero_code
from ...families.base import ScalarFormat
from ...families.blocks import BlockFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from ...families.logarithmic import LogarithmicFormat
from ...params import Kind
from ..streams import Stream
from .base import Row
from .building import odd_part
from .code_values import column, digits_of, exact_code, spread
from .dot_reading import OPERATIONS, Reader

if TYPE_CHECKING:
    from ..spec import Spec

Wanted: TypeAlias = Fraction | tuple[Fraction, Fraction]  # a product, or its two factors


class Machine(Reader):
    """A reader that makes rows too."""

    def code(self, which: int, value: Fraction) -> int | None:
        """Return the code of a value of a (0), b (1), the output (2) or the scales (3)."""
        key = which, value
        if key not in self._codes:
            fmt = (self.a, self.b, self.output, self.scale)[which]
            self._codes[key] = exact_code(fmt, value)
        return self._codes[key]

    def pair(self, wanted: Wanted) -> tuple[int, int] | None:
        """Return codes of a and b with that product, or of those two factors."""
        if isinstance(wanted, tuple):
            codes = self.code(0, wanted[0]), self.code(1, wanted[1])
            return None if codes[0] is None or codes[1] is None else (codes[0], codes[1])
        if wanted not in self._pairs:
            if self.table is not None:
                self._pairs[wanted] = self.entries.get(wanted)
            else:
                self._pairs[wanted] = next(self._splits(wanted), None) if wanted else self.zeros
        return self._pairs[wanted]

    @functools.cached_property
    def zeros(self) -> tuple[int, int]:
        """The codes of +0 in a and b, or of a product of 0."""
        if self.table is not None and Fraction(0) in self.entries:
            return self.entries[Fraction(0)]
        return zero_code(self.a), zero_code(self.b)

    def _splits(self, value: Fraction) -> Iterator[tuple[int, int]]:
        """Yield pairs whose product is a nonzero value, those of middling factors first."""
        if value.denominator & (value.denominator - 1):
            return
        n, e = odd_part(abs(value))
        a, b = self.spans[:2]
        if n.bit_length() > digits_of(self.a) + digits_of(self.b):
            return
        for d in _divisors(n):
            for x, y in dict.fromkeys(((n // d, d), (d, n // d))):
                up = x.bit_length() - 1, y.bit_length() - 1
                most = min(a.high - up[0], e - b.quantum)
                ends = a.quantum, b.quantum
                normal = a.field - up[0], b.field - up[1]
                for low, high in ((normal[0], e - normal[1]), (ends[0], e - ends[1])):
                    for i in spread(max(low, e - b.high + up[1]), min(high, most), 9):
                        yield from self._signed(x * power_of_two(i), y * power_of_two(e - i), value)

    def _signed(self, x: Fraction, y: Fraction, value: Fraction) -> Iterator[tuple[int, int]]:
        """Yield the codes of two factors with the signs that make a value."""
        for sign in (1, -1):
            found = self.pair((sign * x, sign * y if value > 0 else -sign * y))
            if found is not None:
                yield found

    def place(
        self, wanted: Mapping[int, Wanted], c: Fraction, stream: Stream, far: bool = False
    ) -> Row | None:
        """Return a row of wanted products by lane, the others +0, or None where there is none.

        `far` scales each block so that its products are of elements near 1.
        """
        code = self.code(2, c) if c else zero_code(self.output)
        if code is None or any(lane >= self.k for lane in wanted):
            return None
        count = self.k // self.size if self.op == "block_dot" else 0
        sides = [[self.zeros[i]] * self.k for i in (0, 1)]
        scales = self.unscaled()
        for block in {lane // self.size if count else 0 for lane in wanted}:
            mine = {i: x for i, x in wanted.items() if not count or i // self.size == block}
            tries = self._scaled(mine, far) if count else iter([(self._all(mine), Fraction(1))])
            found = next((one for one in tries if one[0] is not None), None)
            if found is None or found[0] is None:
                return None
            pairs, scale = found
            for lane, codes in (pairs or {}).items():
                sides[0][lane], sides[1][lane] = codes
            if count:
                scales[0][block], scales[1][block] = self.split_scale(scale)
        return self.build(sides[0], sides[1], code, stream, scales)

    def _all(self, wanted: Mapping[int, Wanted]) -> dict[int, tuple[int, int]] | None:
        found = {}
        for lane, value in wanted.items():
            codes = self.pair(value)
            if codes is None:
                return None
            found[lane] = codes
        return found

    def _scaled(
        self, wanted: Mapping[int, Wanted], far: bool
    ) -> Iterator[tuple[dict[int, tuple[int, int]] | None, Fraction]]:
        """Yield the codes of one block, and the product of its scales that goes with them."""
        values = [x for x in wanted.values() if isinstance(x, Fraction) and x]
        top = max((floor_log2(abs(x)) for x in values), default=0)
        inner = self.products
        tries = [top, 0] if far or self.group > 1 else [0, top]
        tries += [top - e for e in spread(inner.low, inner.high, 40)]
        for s in dict.fromkeys(tries):
            if 2 * self.scales.low <= s <= 2 * self.scales.high:
                shifted = {
                    i: x / power_of_two(s) if isinstance(x, Fraction) else x
                    for i, x in wanted.items()
                }
                yield self._all(shifted), power_of_two(s)
        if len(wanted) == len(values) == 1 and values[0].denominator.bit_count() == 1:
            (lane,) = wanted
            n, e = odd_part(abs(values[0]))
            low, high = 2 * self.scales.low, 2 * self.scales.high - n.bit_length()
            for y in spread(max(inner.low, e - high), min(inner.high, e - low), 9):
                found = self.pair(power_of_two(y) * (1 if values[0] > 0 else -1))
                if found is not None and self.code(3, n * power_of_two((e - y) // 2)) is not None:
                    yield {lane: found}, n * power_of_two(e - y)

    def unscaled(self) -> list[list[int]]:
        """Return the codes of scales of 1, none where there are no blocks."""
        if self.op != "block_dot":
            return [[], []]
        return [[self.code(3, Fraction(1)) or 0] * (self.k // self.size) for _ in (0, 1)]

    def split_scale(self, scale: Fraction) -> tuple[int, int]:
        """Return the codes of two scales whose product is a number in their reach."""
        n, exponent = odd_part(scale)
        low, high = self.scales.low, self.scales.high
        x = max(low, min(high, exponent - exponent // 2))
        y = max(low, min(high, exponent - x))
        codes = self.code(3, n * power_of_two(exponent - y)), self.code(3, power_of_two(y))
        return codes[0] or 0, codes[1] or 0

    def build(
        self,
        a: Sequence[int],
        b: Sequence[int],
        c: int,
        stream: Stream,
        scales: Sequence[Sequence[int]] = ((), ()),
    ) -> Row:
        """Return the row of codes; the other entries of a tile are random numbers."""
        if self.op == "gemm_tile":
            rest = [self.draw(0, stream) for _ in range((self.m - 1) * self.k)]
            columns = [
                y for x in b for y in (x, *(self.draw(1, stream) for _ in range(self.n - 1)))
            ]
            addends = [self.draw(2, stream) for _ in range(self.m * self.n - 1)]
            return column((*a, *rest)), column(columns), column((c, *addends))
        if self.op == "block_dot":
            return column(a), column(scales[0]), column(b), column(scales[1]), c
        return column(a), column(b), c

    def draw(self, which: int, stream: Stream, nonzero: bool = False) -> int:
        """Return the code of a random number of a (0), b (1) or the output (2)."""
        fmt = (self.a, self.b, self.output)[which]
        for _ in range(16):
            code = stream.bits(fmt.bits)
            if code in self.unused[which]:
                continue
            kind = self.factor(which, code).kind
            if kind < Kind.INFINITY and not (nonzero and kind is Kind.ZERO):
                return code
        one = self.code(which, Fraction(1))
        return one if one is not None and nonzero else zero_code(fmt)


@functools.lru_cache(maxsize=4096)
def _divisors(n: int) -> tuple[int, ...]:
    """Return the divisors of an odd number up to 4095."""
    return tuple(d for d in range(1, min(n, 4095) + 1, 2) if n % d == 0)


def supported(spec: "Spec") -> bool:
    """Return whether the terms of a dot product are rationals and its output has a grid."""
    if spec.op not in OPERATIONS or not isinstance(spec.dst, GridFormat):
        return False
    return all(_rational(fmt) for fmt in spec.formats)


def on_grid(spec: "Spec") -> bool:
    """Return whether the elements are floats, fixed point or tapered, not codes of a book."""
    fine = supported(spec)
    return fine and all(isinstance(getattr(f, "element", f), GridFormat) for f in spec.formats)


def _rational(fmt: Any) -> bool:
    element = fmt.element if isinstance(fmt, BlockFormat) else fmt
    return isinstance(element, ScalarFormat) and not isinstance(element, LogarithmicFormat)


def machine(spec: "Spec") -> Machine:
    """Return the machine of a spec."""
    unit = spec.unit
    formats = tuple(spec.formats) * 2
    rule = spec.accumulator if unit is None else unit.accumulator
    scale, size = None, 1
    if spec.op == "block_dot":
        first = formats[0]
        if isinstance(first, BlockFormat):
            scale, size = first.scale, first.block[0]  # type: ignore[index]
        else:
            scale, size = unit.scale, unit.scale_block
    a, b = (f.element if isinstance(f, BlockFormat) else f for f in formats[:2])
    tile = (spec.m or 1, spec.n or 1) if spec.op == "gemm_tile" else (1, 1)
    plan = None if unit is None else unit.plan
    return _machine(spec.op, (a, b), scale, size, spec.dst, rule, plan, (spec.k or 1, *tile))


@functools.lru_cache(maxsize=32)
def _machine(*parts: Any) -> Machine:
    return Machine(*parts)

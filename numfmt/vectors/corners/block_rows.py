"""Blocks as corner classes see them: the scale and the quotients of a row, and rows of values."""

import functools
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import exact
from ...exact.block_scales import limits, measure, raw_scale, scale_mode, special_code, store
from ...exact.data import Datum, datum
from ...exact.extended import ONE, divide, is_zero, multiply, number, rounder
from ...families.block_options import Division, NonFinite, ScaleRule, Statistic, ZeroPoint
from ...families.blocks import BlockFormat
from ...families.grid import GridFormat
from ...rounding import Rounding
from ..streams import Stream
from .base import Row
from .code_values import column

if TYPE_CHECKING:
    from ..spec import Spec

_RULES = frozenset(ScaleRule) - {ScaleRule.FOUR_OVER_SIX, ScaleRule.M2}


class Block(NamedTuple):
    """What a row holds: its elements, and of finite ones the raw and the stored scale."""

    x: tuple[Datum, ...]
    a: Fraction
    raw: Datum
    code: int
    scale: Datum
    finite: bool


class Quantizer:
    """How rows of one spec are quantised, with a table of what source codes are."""

    def __init__(self, src: Any, fmt: BlockFormat, k: int) -> None:
        self.src, self.fmt, self.k = src, fmt, k
        self.scale: Any = fmt.scale
        self.element = fmt.element
        self.limit = limits(fmt, fmt.element)[0]
        self.rn = rounder(fmt.compute)
        self._data: dict[int, Datum] = {}
        self._last: tuple[Row, Block] | None = None

    def datum(self, code: int) -> Datum:
        """Return what a source code stands for."""
        if code not in self._data:
            self._data[code] = exact.decode(code, self.src)
        return self._data[code]

    def read(self, row: Row) -> Block:
        """Return what a row holds."""
        if self._last is None or self._last[0] is not row:
            codes = row[0] if isinstance(row[0], tuple) else (row[0],)
            self._last = row, self._block(tuple(self.rn(self.datum(code)) for code in codes))
        return self._last[1]

    def _block(self, x: tuple[Datum, ...]) -> Block:
        finite = all(v.finite for v in x)
        if not finite and self.fmt.nonfinite is NonFinite.REFUSE:
            return Block(x, Fraction(0), datum(0), 0, datum(0), False)
        found = measure(x, self.fmt, None)
        a = found.statistics[0]
        raw = raw_scale(a, self.limit, self.fmt)
        if found.special is not None:
            code = special_code(found.special, self.scale)
        else:
            code = self.store(raw, a)
        return Block(x, a.value, raw, code, exact.decode(code, self.scale), finite)

    def store(self, raw: Datum, a: Datum) -> int:
        """Return the code of a raw scale."""
        return store(raw, a, self.fmt, self.scale, scale_mode(self.fmt, None))

    def scale_of(self, a: Fraction) -> tuple[Datum, Datum]:
        """Return the raw and the stored scale of a block with that maximum."""
        raw = raw_scale(datum(a), self.limit, self.fmt)
        return raw, exact.decode(self.store(raw, datum(a)), self.scale)

    def quotient(self, x: Datum, block: Block) -> Fraction | None:
        """Return a finite element over the scale of its block, before it is rounded."""
        s = block.scale
        if not x.finite or not s.finite:
            return None
        if is_zero(s) or is_zero(x):
            return Fraction(0)
        if self.fmt.division is Division.DIVIDE:
            y = self.rn(divide(x, self.rn(s)))
        elif self.fmt.division is Division.RECIPROCAL:
            y = self.rn(multiply(x, self.rn(divide(ONE, self.rn(s)))))
        else:
            y = self.rn(multiply(x, self.rn(divide(number(self.limit), number(block.a)))))
        return y.value if y.finite else None

    def nearest(self, value: Fraction) -> int:
        """Return the source code nearest to a value, cut at the largest."""
        return exact.encode(value, self.src, rounding="nearest_even", overflow="saturate")[0]

    @functools.cached_property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The least and the largest magnitude that a maximum can have."""
        least, largest = Fraction(self.src.smallest), Fraction(self.src.largest)
        inner = self.fmt.compute
        least = max(least, self.fmt.statistic_min or Fraction(0))
        if inner is None:
            return least, largest
        return max(least, inner.smallest), min(largest, inner.largest)

    @property
    def digits(self) -> int:
        """Digits after the leading one of an element that is not rounded yet."""
        inner = self.fmt.compute
        own = int(self.src.trailing_bits)
        return own if inner is None else min(own, inner.trailing_bits)

    @property
    def binary_scales(self) -> bool:
        """Whether scales are powers of two."""
        return self.fmt.rule is not ScaleRule.AMAX or self.scale.trailing_bits == 0

    def value(self, wanted: Fraction) -> Fraction:
        """Return the source value nearest to a wanted one."""
        return self.datum(self.nearest(wanted)).value

    @functools.cached_property
    def highest(self) -> Fraction | None:
        """A bound on scaled magnitudes, where the raw scale is the maximum over the limit."""
        if self.fmt.rule is not ScaleRule.AMAX:
            return None
        raw, _ = self.scale_of(self.ends[1])
        past = Fraction(raw.value / self.scale.largest)
        nearest = scale_mode(self.fmt, None) is Rounding.NEAREST_EVEN and self.fmt.compute is None
        return (Fraction(3, 2) if nearest else 2) * self.limit * max(Fraction(1), past)

    def row(self, values: dict[int, Fraction | int], fill: Fraction, stream: Stream) -> Row:
        """Return a row of values (or codes) by lane, the others random up to `fill`."""
        signed = self.src.signed_values and self.element.signed_values
        codes = []
        for lane in range(self.k):
            given = values.get(lane)
            if given is None:
                given = fill * Fraction(stream.below(1 << 16), 1 << 16)
                given *= -1 if signed and stream.below(2) else 1
            codes.append(given if isinstance(given, int) else self.nearest(given))
        return (column(codes),)


def applies(spec: "Spec") -> bool:
    """Return whether a spec quantises blocks of one scale, by the largest magnitude."""
    fmt = spec.dst
    if spec.op != "block_quantize" or not isinstance(fmt, BlockFormat):
        return False
    plain = fmt.statistic is Statistic.AMAX and fmt.zero_point is ZeroPoint.NONE
    plain = plain and fmt.rule in _RULES and not (fmt.alternatives or fmt.by_raw_scale)
    return plain and isinstance(fmt.scale, GridFormat) and isinstance(spec.formats[0], GridFormat)


def quantizer(spec: "Spec") -> Quantizer:
    """Return the quantiser of a spec."""
    return _made(spec.formats[0], spec.dst, spec.k or 1)


@functools.lru_cache(maxsize=16)
def _made(src: Any, fmt: BlockFormat, k: int) -> Quantizer:
    return Quantizer(src, fmt, k)

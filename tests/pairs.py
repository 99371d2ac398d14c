"""All pairs (or triples) of operands of a small format, with their exact results computed once.

A result depends on the exact value alone, unless a NaN, an infinity or a zero is involved. Rounding
is constant between neighbours among certain points (values, midpoints and quarters between them,
the same a little past the ends, limits of codebooks and posits). So `exact` is asked once in every
such interval and at every such point, and once for every combination of special operands.
"""

import bisect
import functools
import itertools
from fractions import Fraction

import numpy as np

import numfmt as nf
from numfmt import exact
from numfmt.exact.operands import number, rational, settle
from numfmt.exact.results import finish
from numfmt.families.codebooks import CodebookFormat
from numfmt.families.grid import GridFormat

FINITE = (nf.Kind.ZERO, nf.Kind.SUBNORMAL, nf.Kind.NORMAL)
VALUES = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y if y else Fraction(0),
    "fma": lambda x, y, z: x * y + z,
}


@functools.cache
def points(fmt: nf.Format) -> list[Fraction]:
    """Return sorted numbers between which every deterministic rounding is constant."""
    if isinstance(fmt, CodebookFormat):
        values = sorted({*fmt.values, *fmt.thresholds})
        found = set(values)
    else:
        assert isinstance(fmt, GridFormat)
        top = fmt.largest_ordinal(0)
        values = [fmt.value_of_ordinal(k) for k in range(top + 1)]
        if fmt.signed_values:
            values += [-x for x in values] + [Fraction(fmt.lowest)]
        values = sorted(set(values))
        found = set(values)
        if not isinstance(fmt, nf.FloatFormat | nf.FixedFormat):
            ties = {fmt.tie_between(k, k + 1) for k in range(1, top)}
            found |= ties | {-x for x in ties}
    for below, above in itertools.pairwise(values):
        found |= {below + (above - below) * quarter / 4 for quarter in (1, 2, 3)}
    for end, inner in ((values[-1], values[-2]), (values[0], values[1])):
        found |= {end + (end - inner) * quarter / 4 for quarter in range(1, 10)}
        found |= {end * (8 + eighth) / 8 for eighth in range(1, 10)}
    return sorted(found)


class Pairs:
    """Every combination of operands of an operation in one format."""

    def __init__(self, op: str, name: str) -> None:
        self.op, self.fmt = op, nf.get(name)
        count = 3 if op == "fma" else 2
        unused = self.fmt.unused_codes()
        codes = [code for code in range(1 << self.fmt.bits) if code not in unused]
        data = {code: exact.decode(code, self.fmt) for code in codes}
        known: dict[object, int] = {}
        self.rows: list[tuple[int, ...]] = []  # one for each key
        self.values: list[Fraction | None] = []
        index = []
        kinds = {code: self._kind(code, datum) for code, datum in data.items()}
        numbers = {code: x.value if x.kind in FINITE else None for code, x in data.items()}
        limits, value_of, seen = points(self.fmt), VALUES[op], dict[Fraction, int]()
        for row in itertools.product(codes, repeat=count):
            reals = [numbers[code] for code in row]
            value = Fraction(0) if None in reals else value_of(*reals)
            if value:
                key = seen.get(value)
                if key is None:
                    place = bisect.bisect_left(limits, value)
                    hit = place < len(limits) and limits[place] == value
                    seen[value] = key = 2 * place + hit
            else:
                key = tuple(kinds[code] for code in row)
            if key not in known:
                known[key] = len(self.rows)
                self.rows.append(row)
                self.values.append(value or None)
            index.append(known[key])
        self.index = np.array(index)
        grids = np.meshgrid(*[np.array(codes, self.fmt.code_dtype)] * count, indexing="ij")
        self.operands = [grid.reshape(-1) for grid in grids]

    def _kind(self, code: int, datum: exact.Datum) -> tuple[object, ...]:
        kind = nf.Kind.NORMAL if datum.kind is nf.Kind.SUBNORMAL else datum.kind
        loud = isinstance(self.fmt, nf.FloatFormat) and self.fmt.is_signalling(code)
        return kind, datum.sign, loud

    def wanted(self, **options: object) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes (-1 where `exact` refuses) and flags of every row."""
        call = settle(self.fmt, 1, options)
        found = []
        for row, value in zip(self.rows, self.values, strict=True):
            try:
                if value is None:
                    code, flags = getattr(exact, self.op)(*row, self.fmt, **options)
                else:
                    code, flags = finish(call, number(rational(value)))
            except nf.FormatError:
                code, flags = -1, 0
            found.append((code, int(flags)))
        codes, flags = np.array(found, np.int64).T
        return codes[self.index], flags[self.index]

    def check(self, **options: object) -> int:
        """Compare `numfmt` with `exact` on all operands; return how many had a result."""
        codes, flags = self.wanted(**options)
        operation = getattr(nf, self.op)
        has = np.flatnonzero(codes >= 0)
        refused = np.flatnonzero(codes < 0)
        for i in refused[:: max(1, refused.size // 3)].tolist():
            try:
                operation(*(array[i] for array in self.operands), self.fmt, **options)
            except nf.FormatError:
                continue
            raise AssertionError((self.op, self.fmt.name, options, i, "not refused"))
        for i in np.random.default_rng(7).choice(has, min(5, has.size)).tolist():
            row = [int(array[i]) for array in self.operands]
            code, raised = getattr(exact, self.op)(*row, self.fmt, **options)
            assert (code, int(raised)) == (codes[i], flags[i]), (self.op, self.fmt.name, row)
        if not has.size:
            return 0
        operands = [array[has] for array in self.operands]
        got = operation(*operands, self.fmt, return_flags=self.fmt.has_flags, **options)
        got, raised = got if self.fmt.has_flags else (got, np.zeros(has.size, np.uint8))
        wrong = np.flatnonzero((got != codes[has]) | (raised != flags[has]))
        shown = [
            [hex(array[i]) for array in operands]
            + [hex(x) for x in (got[i], codes[has][i], raised[i], flags[has][i])]
            for i in wrong[:5].tolist()
        ]
        assert not wrong.size, f"{self.op} {self.fmt.name} {options}: {wrong.size} differ: {shown}"
        return int(has.size)


def modes(fmt: nf.Format) -> list[str]:
    """Return the deterministic modes that a format takes."""
    book = isinstance(fmt, CodebookFormat)
    found = [mode for mode in nf.Rounding if not mode.stochastic]
    return [m.value for m in found if not (book and m in (nf.Rounding.TO_ODD, nf.Rounding.JAM))]

"""Corners of integers: requantisation by dyadic scales, integer arithmetic, dINT."""

import functools
import itertools
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ... import exact
from ...exact.requantization import scaled_integer
from ...families.fixed import FixedFormat
from ...rounding import Rounding
from ...tensor.dyadic import RequantizationScheme as Scheme
from ...tensor.requantization import acceptable
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import labels
from .integer_ends import INTEGERS

if TYPE_CHECKING:
    from ..spec import Spec

_HALF = Fraction(1, 2)
_INT32 = (1 << 31) - 1
_SHIFTS = 63  # the largest of 6 bits


class Job(NamedTuple):
    """What stays the same for all rows."""

    fmt: FixedFormat
    result: FixedFormat
    scheme: Scheme
    zero_point: int

    def accepts(self, x: int, m: int, s: int) -> bool:
        """Return whether the scheme takes an integer with a scale, and holds the result."""
        fits = self.fmt.lowest <= x <= self.fmt.largest and -_INT32 - 1 <= m <= _INT32
        if not fits or not 0 <= s <= _SHIFTS:
            return False
        return bool(acceptable(np.array([x]), m, s, self.scheme)[0])

    def scaled(self, x: int, m: int, s: int, scheme: Scheme | None = None) -> int:
        """Return the integer that a scheme makes, before the zero point; ``rounded``: ties even."""
        return scaled_integer(x, m, s, (scheme or self.scheme).value, Rounding.NEAREST_EVEN)

    def multiplier(self, m: int, s: int) -> tuple[int, int]:
        """Return the multiplier and shift that are used: one scheme cuts them first."""
        if self.scheme is not Scheme.TFLITE_INT64:
            return m, s
        return (m + (1 << 15)) >> 16 if m < 0x7FFF0000 else (1 << 15) - 1, s - 16

    def row(self, x: int, m: int, s: int) -> Iterator[Row]:
        """Yield the row, if the scheme takes it."""
        if self.accepts(x, m, s):
            code = exact.encode(x, self.fmt)[0]
            yield code, m % (1 << 32), s

    def read(self, row: Row) -> tuple[int, int, int]:
        """Return accumulator, multiplier and shift."""
        a, m, s = row
        assert isinstance(a, int)
        assert isinstance(m, int)
        assert isinstance(s, int)
        return int(exact.decode(a, self.fmt).value), m - (m >> 31 << 32), s


def _applies(spec: "Spec") -> bool:
    return spec.op == "requantize" and isinstance(spec.dst, FixedFormat)


def _job(spec: "Spec") -> Job:
    return Job(spec.formats[0], spec.dst, Scheme(spec.scheme), spec.zero_point or 0)


# What each scheme takes: accumulators, multipliers, shifts


@functools.lru_cache(maxsize=16)
def _takes(job: Job) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the extreme accumulators, multipliers and shifts that have an accepted row."""
    low, high = int(job.fmt.lowest), int(job.fmt.largest)
    some = (0, 1, -1, 3, -5)
    multipliers: tuple[int, ...] = (
        1,
        1 << 14,
        (1 << 15) - 1,
        1 << 30,
        _INT32,
        0,
        -1,
        -(1 << 30),
        -_INT32 - 1,
    )
    cut = (0x7FFEFFFF, 0x7FFF0000, 0x40008000, 0x40007FFF)
    multipliers += cut if job.scheme is Scheme.TFLITE_INT64 else ()
    every = range(_SHIFTS + 1)

    def taken(xs: tuple[int, ...], ms: tuple[int, ...], shifts: range | tuple[int, ...]) -> bool:
        return any(job.accepts(x, m, s) for x, m, s in itertools.product(xs, ms, shifts))

    ends = tuple(x for x in (low, high, 0, 1, -1) if taken((x,), multipliers, every))
    ms = tuple(m for m in multipliers if taken(some, (m,), every))
    shifts = [s for s in every if taken(some, ms, (s,))]
    around = {shifts[0], shifts[-1], 1, 2, 16, 24, 30, 31, 32, job.fmt.bits - 1}
    return ends, ms, tuple(s for s in shifts if s in around)


def _limit_bins(spec: "Spec") -> tuple[Bin, ...]:
    ends, ms, shifts = _takes(_job(spec))
    found = [f"accumulator {x}" for x in ends]
    found += [f"multiplier {m}" for m in ms] + [f"shift {s}" for s in shifts]
    corners = itertools.product(ends[:2], (max(ms), min(ms)))
    found += [f"accumulator {x} x multiplier {m}" for x, m in dict.fromkeys(corners)]
    return tuple(found)


def _limit_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    job = _job(spec)
    x, m, s = job.read(row)
    if not job.accepts(x, m, s):
        return ()
    found = [f"accumulator {x}"] + ([f"multiplier {m}", f"shift {s}"] if x else [])
    return labels([*found, f"accumulator {x} x multiplier {m}"], _limit_bins(spec))


def _limit_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    job = _job(spec)
    _, ms, shifts = _takes(job)
    words = wanted.split()
    xs: tuple[int, ...] = (3, -5, 1, -1, 7)
    if words[0] == "accumulator":
        xs = (int(words[1]),)
    if "multiplier" in words:
        ms = (int(words[-1]),)
    some = (int(words[1]),) if words[0] == "shift" else (*shifts[::-1], *range(31, 50))
    tries = (one for x, m, s in itertools.product(xs, ms, some) for one in job.row(x, m, s))
    yield from itertools.islice(tries, 48)


def _limit_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    if " x " not in wanted:
        return None
    job = _job(spec)
    words = wanted.split()
    x, m = int(words[1]), int(words[-1])
    if any(job.accepts(x, m, s) for s in range(_SHIFTS + 1)):
        return None
    return "the scheme refuses them with every shift"


# Ends of the result

_EDGES = tuple(
    f"{end} {word}" for end in ("largest", "lowest") for word in ("- 1", "itself", "+ 1")
)


def _edge(job: Job, wanted: Bin) -> int:
    end = int(job.result.largest if wanted.startswith("largest") else job.result.lowest)
    return end + {"- 1": -1, "itself": 0, "+ 1": 1}[wanted.split(" ", 1)[1]]


def _edge_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    job = _job(spec)
    x, m, s = job.read(row)
    if not job.accepts(x, m, s):
        return ()
    n = job.scaled(x, m, s)
    if not _held(job, n):
        return ()
    return [wanted for wanted in _EDGES if n + job.zero_point == _edge(job, wanted)]


def _held(job: Job, n: int) -> bool:
    """Return whether a scheme holds an integer: within 2 of its end counts as not held."""
    return job.scheme in _EXACT or -_INT32 < n < _INT32 - 2


def _edge_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    job = _job(spec)
    n = _edge(job, wanted) - job.zero_point
    for m, s in (
        (1 << 30, 30),
        (1 << 14, 14),
        (1 << 30, 31),
        (1 << 30, 29),
        (_INT32, 31),
        (1 << 30 | 1 << 10, 30),
    ):
        for x in dict.fromkeys((round(Fraction(n << s, m)), (n << s) // m)):
            yield from job.row(x, m, s)
    for _ in range(24):
        m = (1 << 13 | stream.bits(13)) << (0 if job.scheme is Scheme.TOSA_16 else 17)
        s = m.bit_length() + stream.below(8)
        x = round(Fraction(n << s, m))
        for step in (0, 1, -1):
            yield from job.row(x + step, m, s)


def _edge_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    job = _job(spec)
    n = _edge(job, wanted) - job.zero_point
    if not _held(job, n):
        return "the scheme holds no such integer"
    if job.scheme in (Scheme.TOSA_32, Scheme.TOSA_32_DOUBLE) and abs(n) > 1 << 30:
        return "accumulators are below 2**(s - 1) and multipliers below 2**31"
    return None


_EXACT = (
    Scheme.ROUNDED,
    Scheme.NEAREST_EVEN,
    Scheme.HALF_UP,
    Scheme.HAWQ_EXACT,
    Scheme.HAWQ_FLOAT64,
)


# Ties

_WHERE = ("below a tie", "at a tie", "above a tie")


_FIRST = ("+, tie of the first rounding", "-, tie of the first rounding")


def _first_tie(job: Job, x: int, m: int, s: int) -> bool:
    """Return whether the first of two roundings is a tie, one that decides where it is shifted."""
    product = x * m
    if job.scheme is Scheme.TFLITE_DOUBLE:
        left, right = max(31 - s, 0), max(s - 31, 0)
        low, rest = divmod(product << left, 1 << 31)
        down, up = (((abs(n) << 1) + (1 << right)) >> (right + 1) for n in (low, low + 1))
        return rest == 1 << 30 and (down if low >= 0 else -down) != (up if low >= -1 else -up)
    if job.scheme is Scheme.TOSA_32_DOUBLE:  # two roundings in one sum
        nudged = product + (1 << s >> 1) + (1 << 30 if x >= 0 else -1 << 30)
        return s > 31 and nudged % (1 << s) == 0
    if job.scheme is Scheme.TFLITE_INT64:
        return product != 0 and m % (1 << 16) == 1 << 15
    spare = max(abs(product).bit_length() - 53, 0)
    return abs(product) % (1 << spare) == 1 << spare >> 1 if spare else False


def _tie_bins(spec: "Spec") -> tuple[Bin, ...]:
    last = itertools.product("+-", ("even", "odd"), _WHERE)
    return (*(", ".join(words) for words in last), *(_FIRST if _double_bins(spec) else ()))


def _tie_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    job = _job(spec)
    x, m, s = job.read(row)
    if not job.accepts(x, m, s):
        return ()
    there = _double_bins(spec) and _first_tie(job, x, m, s)
    first = (_FIRST[x * m < 0],) if there else ()
    n, t = job.multiplier(m, s)
    size = abs(x * n)
    near = (1 << t) >> 3
    rest = (size & ((1 << t) - 1)) - (1 << t >> 1)
    if t == 0 or size == 0 or abs(rest) > max(near, 1 if t > 1 else 0):
        return first
    sign = "+" if x * n > 0 else "-"
    last = "odd" if size >> t & 1 else "even"
    return (*first, f"{sign}, {last}, {_WHERE[1 + (rest > 0) - (rest < 0)]}")


def _tie_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    job = _job(spec)
    sign, odd = -1 if wanted[0] == "-" else 1, int("odd" in wanted)
    if wanted in _FIRST:
        yield from _first_rows(job, sign, stream)
        return
    side = _WHERE.index(wanted.split(", ")[2]) - 1
    base = 14 if job.scheme is Scheme.TOSA_16 else 30
    for _ in range(40):
        k = 8 if side else 1 + stream.below(6)
        size = (2 * stream.below(50) + odd << k) + (1 << (k - 1))
        size += side * (1 + stream.below(16))
        m, s = 1 << base, base + k
        yield from job.row(sign * size, m, s)


def _first_rows(job: Job, sign: int, stream: Stream) -> Iterator[Row]:
    """Yield rows whose first rounding is a tie."""
    cut = job.scheme is Scheme.TFLITE_INT64
    for x, s in ((1, 31), (1, 32), (3, 31), (3, 32), (5, 31)):
        yield from job.row(sign * x, 1 << 30 | (1 << 15 if cut else 0), s)
    for _ in range(24 if job.scheme is Scheme.HAWQ_FLOAT64 else 0):
        m = 1 << 30 | stream.bits(29) | 1
        yield from job.row(sign * ((3 << 52) // m | 1), m, 46)


# Double rounding: where a scheme differs from one rounding of the exact product


def _double_bins(spec: "Spec") -> tuple[Bin, ...]:
    scheme = Scheme(spec.scheme)
    if scheme in (Scheme.TFLITE_DOUBLE, Scheme.TOSA_32_DOUBLE):
        return ("+, one more", "-, one less at a tie", "-, one less beside a tie")
    if scheme is Scheme.TFLITE_INT64 or (
        scheme is Scheme.HAWQ_FLOAT64 and spec.formats[0].bits > 30
    ):
        return ("+, more", "+, less", "-, more", "-, less")
    return ()


def _double_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    job = _job(spec)
    x, m, s = job.read(row)
    if not job.accepts(x, m, s):
        return ()
    single = Scheme.NEAREST_EVEN if job.scheme is Scheme.HAWQ_FLOAT64 else Scheme.HALF_UP
    more = job.scaled(x, m, s) - job.scaled(x, m, s, single)
    if more == 0:
        return ()
    sign = "+" if x * m > 0 else "-"
    twice = Fraction(2 * x * m, 1 << s)
    tie = twice.denominator == 1 and twice.numerator % 2 == 1
    return labels(
        [
            f"{sign}, {'more' if more > 0 else 'less'}",
            f"{sign}, one {'more' if more > 0 else 'less'}" if sign == "+" else "",
            f"{sign}, one less {'at' if tie else 'beside'} a tie" if more < 0 else "",
        ],
        _double_bins(spec),
    )


def _double_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    job = _job(spec)
    sign, top = -1 if wanted[0] == "-" else 1, job.fmt.bits - 2
    for _ in range(48):
        if "at a tie" in wanted:
            yield from job.row(-2 * (2 * stream.below(1000) + 1), 1 << 30, 32)
            continue
        x = sign * (1 << top | stream.bits(top) | 1)
        m = 1 << 30 | stream.bits(30)
        if job.scheme is not Scheme.TFLITE_INT64:
            # x * m is just beside a half modulo 2**32
            little = (1 + stream.below(8) << stream.below(4)) * (1 - 2 * stream.below(2))
            m = ((1 << 31) + little) * pow(x, -1, 1 << 32) % (1 << 32)
        yield from job.row(x, m, 32)


_CLASSES = (
    CornerClass(
        name="limits_of_requantization",
        models="dyadic",
        text="the least and largest accumulators, multipliers and shifts that a scheme takes",
        applies=_applies,
        bins=_limit_bins,
        solve=_limit_rows,
        hits=_limit_hits,
        unreachable=_limit_unreachable,
    ),
    CornerClass(
        name="saturation_of_requantization",
        models="dyadic",
        text="the scaled integer at each end of the result, and one to either side",
        applies=_applies,
        bins=lambda spec: _EDGES,
        solve=_edge_rows,
        hits=_edge_hits,
        unreachable=_edge_unreachable,
    ),
    CornerClass(
        name="ties_of_requantization",
        models="dyadic",
        text="ties of either sign above even and odd integers, beside them, of the first of two",
        applies=_applies,
        bins=_tie_bins,
        solve=_tie_rows,
        hits=_tie_hits,
    ),
    CornerClass(
        name="double_rounding",
        models="dyadic",
        text="rows that differ from one rounding of the exact product",
        applies=lambda spec: _applies(spec) and bool(_double_bins(spec)),
        bins=_double_bins,
        solve=_double_rows,
        hits=_double_hits,
    ),
)
CLASSES: tuple[CornerClass, ...] = (*_CLASSES, *INTEGERS)

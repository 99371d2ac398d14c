"""Operands made for the corners of arithmetic: the result is chosen, and the operands solved for.

Every generator gives rows of exact numbers; `operands` turns those rows into codes that are values
of the format. The classes are those of IBM's FPgen (B3 to B18) and of SoftFloat's hard quotients
and roots.
"""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TypeAlias

import numpy as np

import numfmt as nf

Rows: TypeAlias = Iterator[tuple[Fraction, ...]]


def two(exponent: int) -> Fraction:
    return Fraction(2) ** exponent


def floor_log2(x: Fraction) -> int:
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if two(guess) <= x else guess - 1


class Maker:
    """A float format with subnormals, and random numbers of it."""

    def __init__(self, name: str, seed: int = 0) -> None:
        fmt = nf.get(name)
        assert isinstance(fmt, nf.FloatFormat)
        self.fmt, self.p, self.emin = fmt, fmt.precision, fmt.emin
        self.emax = floor_log2(Fraction(fmt.largest))
        self.largest = Fraction(fmt.largest)
        self.random = random.Random(f"{name} {seed}")

    def ulp(self, x: Fraction) -> Fraction:
        return two(max(floor_log2(abs(x)), self.emin) - self.p + 1) if x else self.least

    @property
    def least(self) -> Fraction:
        return two(self.emin - self.p + 1)

    def near(self, x: Fraction, *steps: int) -> Iterator[Fraction]:
        """Yield values of the format beside x: so many ulps from what is next to it below."""
        ulp = self.ulp(x)
        for step in steps or (0,):
            found = (x / ulp).__floor__() * ulp + step * ulp
            if self.code(found) is not None:
                yield found

    def significand(self, digits: int | None = None) -> int:
        """Return an integer of p digits (or fewer): random, a run of ones, or few ones."""
        p = digits or self.p
        top, pick = 1 << (p - 1), self.random.randrange(4)
        if pick == 0:
            return (1 << p) - 1 - ((1 << self.random.randrange(p)) - 1)
        if pick == 1:
            return top | 1 << self.random.randrange(p)
        return top | self.random.getrandbits(p)

    def value(self, low: int | None = None, high: int | None = None) -> Fraction:
        """Return a number with an exponent in a range, of either sign."""
        e = self.random.randint(
            self.emin if low is None else low, self.emax if high is None else high
        )
        return self.sign() * self.significand() * two(e - self.p + 1)

    def sign(self) -> int:
        return self.random.choice((-1, 1))

    def code(self, x: Fraction) -> int | None:
        """Return the code of a value, or None if x is no value of the format."""
        negative, x = int(x < 0), abs(x)
        if x > self.largest:
            return None
        e = max(floor_log2(x), self.emin) if x else self.emin
        digits = x / two(e - self.p + 1)
        if digits.denominator != 1:
            return None
        magnitude = int(digits) + ((e - self.emin) << (self.p - 1))
        return magnitude | negative << (self.fmt.bits - 1)


def shifts(m: Maker) -> Rows:
    """Addends with every distance between their exponents."""
    for d in [*range(m.p + 4), 2 * m.p, m.emax - m.emin - 1]:
        x = m.value(min(m.emin + d, m.emax - 1), m.emax - 1)
        e = floor_log2(abs(x)) - d
        for digits in (m.significand(), 1 << (m.p - 1), (1 << m.p) - 1):
            for sign in (1, -1):
                for y in m.near(sign * digits * two(e - m.p + 1)):
                    yield x, y
                    yield y, x


def cancellations(m: Maker) -> Rows:
    """Yield sums that lose 0 to p leading digits, also down to subnormal results."""
    for low, high in ((m.emin, m.emin + 3), (0, m.emax - 1)):
        for depth in range(m.p + 1):
            x = m.value(low, high)
            gap = m.sign() * two(floor_log2(abs(x)) - depth)
            for y in m.near(-(x + gap), -1, 0, 1):
                yield x, y
            power = two(floor_log2(abs(x)))  # across a binade
            for y in m.near(-(power - power / two(depth)), 0, 1):
                yield power, y


def sum_ties(m: Maker) -> Rows:
    """Yield sums at a tie, and at one ulp of the smaller addend beside it."""
    for distance in range(1, m.p + 2):
        x = m.value(m.emin + m.p + 2, m.emax - 1)
        for even in (0, 1):
            head = x + even * m.ulp(x) * (1 if x > 0 else -1)
            whole = m.random.getrandbits(max(m.p - distance - 1, 0) + 1) >> 1
            tail = m.ulp(x) * (Fraction(1, 2) + whole)
            for sign in (1, -1):
                for y in m.near(sign * tail, -1, 0, 1):
                    yield head, y


def product_ties(m: Maker) -> Rows:
    """Yield products at a tie, and as near to one as they get."""
    p = m.p
    for i in range(2, p):
        a = m.significand(i) | 1
        for digits in (p + 1 - i, p + 2 - i):
            b = m.significand(digits) | 1
            if (a * b).bit_length() == p + 1:
                yield Fraction(a), m.sign() * Fraction(b)
        a = m.significand() | 1
        for off in (-1, 1, -3, 3):
            for lost in (p - 1, p):
                b = pow(a, -1, 1 << lost) * ((1 << (lost - 1)) + off) % (1 << lost)
                b |= 0 if lost == p else 1 << (p - 1)
                if b.bit_length() == p:
                    scale = two(m.random.randint(m.emin, 0))
                    yield a * scale, b * two(1 - p)


def hard_quotients(m: Maker) -> Rows:
    """Yield quotients beside ties: a * 2**p = b * q - r with an odd q of p + 1 digits."""
    p = m.p
    for _ in range(2 * p):
        b = m.significand() | 1
        for r in (1, -1, 3, -3):
            q = (pow(b, -1, 1 << p) * r) % (1 << p) | 1 << p
            a, rest = divmod(b * q - r, 1 << p)
            assert not rest
            while a.bit_length() > p and not a & 1:
                a >>= 1
            if a.bit_length() <= p:
                yield Fraction(a), m.sign() * Fraction(b)
    for _ in range(p):  # and exact ones, and those one ulp beside them
        half = p // 2
        b, q = m.significand(half), m.significand(half)
        for a in m.near(Fraction(b * q), -1, 0, 1):
            yield a, Fraction(b)


def hard_roots(m: Maker) -> Rows:
    """Yield roots beside ties: x * 2**k = q*q - r with an odd q of p + 1 digits."""
    p = m.p
    for r in range(-127, 130, 8):  # r = 1 modulo 8 are the squares of odd numbers
        for digits in (p + 1, p + 2):
            q = 1
            for place in range(3, digits):  # digit by digit (Hensel)
                if (q * q - r) >> place & 1:
                    q |= 1 << (place - 1)
            for root in {q, (1 << digits) - q, q ^ 1 << (digits - 1)}:
                x, rest = divmod(root * root - r, 1 << digits)
                if not rest and root.bit_length() == p + 1 and 0 < x.bit_length() <= p:
                    yield (x * two(digits % 2 + 2 * m.random.randint(m.emin // 4, -1)),)
    for _ in range(2 * p):  # exact roots, and what is one ulp beside them
        q = m.significand(max(p // 2, 1))
        for x in m.near(Fraction(q * q), -1, 0, 1):
            yield (x,)
    for x in (m.least, 2 * m.least, 3 * m.least, m.largest, two(m.emin)):
        yield from ((y,) for y in m.near(x, -1, 0, 1))


def around(m: Maker, target: Fraction, times: int) -> Rows:
    """Factors, and dividends, whose product or quotient is around a number."""
    for _ in range(times):
        e = floor_log2(target) // 2
        a = m.value(max(e - 1, m.emin), min(e + 1, m.emax))
        for b in m.near(m.sign() * target / a, -1, 0, 1, 2):
            yield a, b


def overflowing(m: Maker) -> Rows:
    """Products just below, at and above the largest value, the tie there, and the next power."""
    step = m.ulp(m.largest)
    for quarters in (-2, -1, 0, 1, 2, 3, 4, 5):
        target = m.largest + step * quarters / 4
        yield from around(m, target, 6)
    whole = 1 << m.p
    for i in range(1, m.p + 1):  # the largest exactly: (2**p - 1) * 2**k, or a divisor of it
        if (whole - 1) % ((1 << i) - 1) == 0:
            yield Fraction((1 << i) - 1), m.largest / ((1 << i) - 1)
            yield m.largest / ((1 << i) - 1), Fraction(1 - (1 << i))


def overflowing_sums(m: Maker) -> Rows:
    step = m.ulp(m.largest)
    for x in m.near(m.largest, -2, -1, 0):
        for quarters in range(-2, 9):
            for y in m.near(step * quarters / 4, -1, 0, 1):
                yield x, y
                yield -x, -y
        yield x, x
        yield x, two(m.emin)


def tiny_products(m: Maker) -> Rows:
    """Products around the least normal (tiny before or after rounding), and of the least value."""
    least_normal = two(m.emin)
    for eighths in range(-6, 7):
        yield from around(m, least_normal + eighths * m.least / 8, 3)
    for eighths in (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24):
        yield from around(m, m.least * eighths / 8, 2)
    yield m.least, m.least
    yield -m.least, Fraction(1, 2)
    yield least_normal, 1 - m.ulp(Fraction(1, 2))


def tiny_quotients(m: Maker) -> Rows:
    for eighths in (*range(-6, 7), *(8 * (k - (1 << (m.p - 1))) for k in (0, 1, 2, 3))):
        target = two(m.emin) + eighths * m.least / 8
        for _ in range(3):
            b = m.value(0, max(m.emax - 3, 0))
            for a in m.near((target or m.least / 2) * b, -1, 0, 1):
                yield a, b
    for quarters in range(-2, 6):
        for _ in range(3):
            b = m.value(m.emin, -2)
            for a in m.near((m.largest + m.ulp(m.largest) * quarters / 4) * b, -1, 0, 1):
                yield a, b


def fused_shifts(m: Maker) -> Rows:
    """Every distance between product and addend, on both sides."""
    for d in range(-m.p - 4, 2 * m.p + 5):
        for _ in range(2):
            a, b = m.value(m.emin // 4, m.emax // 4), m.value(m.emin // 4, m.emax // 4)
            e = floor_log2(abs(a * b)) - d
            for sign in (1, -1):
                for c in m.near(sign * m.significand() * two(e - m.p + 1)):
                    yield a, b, c
                yield a, b, sign * two(e)


def fused_cancellations(m: Maker) -> Rows:
    """Yield sums of a product and nearly its opposite: its error, and every depth."""
    for low in (m.emin // 4, (m.emin - m.p) // 2):
        for depth in range(2 * m.p):
            a, b = m.value(low, low + 3), m.value(low, low + 3)
            for c in m.near(-a * b, -1, 0, 1, 2):
                yield a, b, c
            for c in m.near(-a * b * (1 + m.sign() * two(-depth))):
                yield a, b, c


def fused_ties(m: Maker) -> Rows:
    """Yield products at a tie or beside it, with an addend that decides, however small."""
    for a, b in product_ties(m):
        product = abs(a * b)
        for c in (
            Fraction(0),
            m.least,
            two(floor_log2(product)) / two(3 * m.p),
            m.ulp(product) / 2,
        ):
            for sign in (1, -1):
                for d in m.near(sign * c):
                    yield a, b, d


def fused_stickies(m: Maker) -> Rows:
    """Yield sums at a tie but for a single far digit of the product: 2**(3i) + 1 or - 1."""
    for i in range(1, m.p // 2 + 1):
        for s in (1, -1):
            a, b = (1 << i) + s, (1 << 2 * i) - s * (1 << i) + 1
            for places in (0, 1, 2, 3):
                c = m.significand() * two(places)
                yield a * two(-3 * i), Fraction(b), c
                yield a * two(-3 * i), Fraction(-b), c


def fused_ends(m: Maker) -> Rows:
    """Overflow or underflow of the product alone, of the sum alone, and around the thresholds."""
    for a, b in overflowing(m):
        for c in (Fraction(0), m.ulp(m.largest), m.ulp(m.largest) / 2, m.largest, m.least):
            yield a, b, c
            yield a, b, -c
    for a, b in tiny_products(m):
        for c in (m.least, two(m.emin), two(m.emin) - m.least, 2 * two(m.emin)):
            yield a, b, c
            yield a, b, -c


CLASSES: dict[str, tuple[tuple[str, ...], Callable[[Maker], Rows]]] = {
    "shifts": (("add", "sub"), shifts),
    "cancellations": (("add", "sub"), cancellations),
    "sum_ties": (("add", "sub"), sum_ties),
    "product_ties": (("mul",), product_ties),
    "hard_quotients": (("div",), hard_quotients),
    "hard_roots": (("sqrt",), hard_roots),
    "overflowing": (("mul",), overflowing),
    "overflowing_sums": (("add", "sub"), overflowing_sums),
    "tiny_products": (("mul",), tiny_products),
    "tiny_quotients": (("div",), tiny_quotients),
    "fused_shifts": (("fma",), fused_shifts),
    "fused_cancellations": (("fma",), fused_cancellations),
    "fused_ties": (("fma",), fused_ties),
    "fused_stickies": (("fma",), fused_stickies),
    "fused_ends": (("fma",), fused_ends),
}


def operands(name: str, corner: str, most: int | None = None, seed: int = 0) -> list[np.ndarray]:
    """Return the operands of a class as codes of a format, at most so many, evenly taken."""
    maker = Maker(name, seed)
    rows = []
    for row in CLASSES[corner][1](maker):
        codes = [maker.code(x) for x in row]
        if None not in codes:
            rows.append(codes)
    assert len(rows) > 8, (name, corner)
    if most is not None and len(rows) > most:
        rows = maker.random.sample(rows, most)
    columns = np.array(rows, np.uint64).T
    return [np.ascontiguousarray(column).astype(maker.fmt.code_dtype) for column in columns]

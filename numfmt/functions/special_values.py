"""Zeros, infinities, NaNs, domain errors and poles, as tables: IEEE 754-2019 and P3109.

IEEE 754-2019, 9.2.1 and table 9.1; sigmoid, silu, gelu and softplus are in no standard and take
their limits, with the sign from which they are approached. P3109 Interim Report 4.0, 4.10.9 to
4.10.16 has the same rows but one zero, and differs in `tan_pi`, `atan2` and `atan2_pi`; its
flags, and its rows of functions that it lacks, are ours.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

from ..flags import Flags
from ..params import Kind


class Operand(NamedTuple):
    """A kind, a sign and the magnitude m * 2**e, m odd; m and e are 0 where it is no number."""

    kind: Kind
    sign: int
    m: int = 0
    e: int = 0


class Outcome(NamedTuple):
    """A result that needs no series: a kind, a sign, a magnitude (times pi) and flags."""

    kind: Kind
    sign: int = 0
    magnitude: Fraction = Fraction(0)
    of_pi: bool = False
    flags: Flags = Flags(0)

    def with_sign(self, sign: int) -> "Outcome":
        """Return this with another sign."""
        return self._replace(sign=sign)


ZERO: Final = Outcome(Kind.ZERO)
ONE: Final = Outcome(Kind.NORMAL, 0, Fraction(1))
HALF: Final = Outcome(Kind.NORMAL, 0, Fraction(1, 2))
INFINITY: Final = Outcome(Kind.INFINITY)
NAN: Final = Outcome(Kind.NAN)
INVALID: Final = Outcome(Kind.NAN, flags=Flags.NV)
POLE: Final = Outcome(Kind.INFINITY, flags=Flags.DZ)
_MINUS_ZERO = ZERO.with_sign(1)


def _pi(top: int, bottom: int = 1, sign: int = 0) -> Outcome:
    return Outcome(Kind.NORMAL, sign, Fraction(top, bottom), True)


def _ratio(top: int, bottom: int = 1, sign: int = 0) -> Outcome:
    return Outcome(Kind.NORMAL, sign, Fraction(top, bottom))


# f(+inf) and f(-inf)
_AT_INFINITIES: Final = {
    **dict.fromkeys(("exp", "exp2", "exp10", "softplus"), (INFINITY, ZERO)),
    "expm1": (INFINITY, ONE.with_sign(1)),
    **dict.fromkeys(("log", "log2", "log10", "log1p", "acosh"), (INFINITY, INVALID)),
    **dict.fromkeys(("sin", "cos", "tan", "sin_pi", "cos_pi", "tan_pi"), (INVALID, INVALID)),
    **dict.fromkeys(("asin", "acos", "asin_pi", "acos_pi", "atanh"), (INVALID, INVALID)),
    "atan": (_pi(1, 2), _pi(1, 2, 1)),
    "atan_pi": (HALF, HALF.with_sign(1)),
    **dict.fromkeys(("sinh", "asinh"), (INFINITY, INFINITY.with_sign(1))),
    "cosh": (INFINITY, INFINITY),
    "tanh": (ONE, ONE.with_sign(1)),
    "sigmoid": (ONE, ZERO),
    **dict.fromkeys(("silu", "gelu", "gelu_tanh"), (INFINITY, _MINUS_ZERO)),
}

# f(0) where it is not a zero with the sign of the operand; softplus(0) = ln 2 has digits
_AT_ZERO: Final[dict[str, Outcome | None]] = {
    **dict.fromkeys(("exp", "exp2", "exp10", "cos", "cos_pi", "cosh"), ONE),
    **dict.fromkeys(("log", "log2", "log10"), POLE.with_sign(1)),
    "acos": _pi(1, 2),
    "acos_pi": HALF,
    "acosh": INVALID,
    "sigmoid": HALF,
    "softplus": None,
}


def _compared_with_one(m: int, e: int) -> int:
    """Return -1, 0 or 1 as m * 2**e, m > 0 odd, is less than, equal to or greater than 1."""
    if m.bit_length() + e <= 0:
        return -1
    return int(m != 1 or e != 0)


def _log(sign: int, m: int, e: int) -> Outcome | None:
    if sign:
        return INVALID
    return ZERO if m == 1 and e == 0 else None


def _log1p(sign: int, m: int, e: int) -> Outcome | None:
    order = _compared_with_one(m, e) if sign else -1
    return None if order < 0 else INVALID if order else POLE.with_sign(1)


def _acosh(sign: int, m: int, e: int) -> Outcome | None:
    order = -1 if sign else _compared_with_one(m, e)
    return INVALID if order < 0 else None if order else ZERO


def _atanh(sign: int, m: int, e: int) -> Outcome | None:
    order = _compared_with_one(m, e)
    return None if order < 0 else INVALID if order else POLE.with_sign(sign)


def _inverse(plus: Outcome, minus: Outcome) -> Callable[[int, int, int], Outcome | None]:
    """Return the row of a function on -1 to 1 from its values at 1 and -1."""

    def at(sign: int, m: int, e: int) -> Outcome | None:
        order = _compared_with_one(m, e)
        return None if order < 0 else INVALID if order else minus if sign else plus

    return at


def _sin_pi(sign: int, m: int, e: int) -> Outcome | None:
    return ZERO.with_sign(sign) if e >= 0 else None


def _cos_pi(sign: int, m: int, e: int) -> Outcome | None:
    return ZERO if e == -1 else None


def _tan_pi(sign: int, m: int, e: int) -> Outcome | None:
    if e >= 0:  # the sign of the operand at even integers, the other one at odd integers
        return ZERO.with_sign(sign ^ (e == 0))
    if e == -1:  # n + 1/2: +inf for even n, -inf for odd n; -m/2 = n + 1/2 with n = -(m + 1)/2
        return POLE.with_sign(((m >> 1) & 1) ^ sign)
    return None


_AT_NUMBERS: Final[dict[str, Callable[[int, int, int], Outcome | None]]] = {
    **dict.fromkeys(("log", "log2", "log10"), _log),
    "log1p": _log1p,
    "acosh": _acosh,
    "atanh": _atanh,
    "asin": _inverse(_pi(1, 2), _pi(1, 2, 1)),
    "acos": _inverse(ZERO, _pi(1)),
    "asin_pi": _inverse(HALF, HALF.with_sign(1)),
    "acos_pi": _inverse(ZERO, ONE),
    "sin_pi": _sin_pi,
    "cos_pi": _cos_pi,
    "tan_pi": _tan_pi,
}


def _unary(name: str, x: Operand, p3109: bool) -> Outcome | None:
    if x.kind is Kind.NAN:
        return NAN
    if x.kind is Kind.INFINITY:
        return _AT_INFINITIES[name][x.sign]
    if x.kind is Kind.ZERO:
        return _AT_ZERO[name] if name in _AT_ZERO else ZERO.with_sign(x.sign)
    row = _AT_NUMBERS.get(name)
    outcome = row(x.sign, x.m, x.e) if row else None
    if p3109 and name == "tan_pi" and outcome is not None and outcome.kind is Kind.INFINITY:
        return INVALID
    return outcome


def _atan2(y: Operand, x: Operand, p3109: bool) -> Outcome | None:
    """Return the rows of atan2, in multiples of pi."""
    if Kind.NAN in (x.kind, y.kind):
        return NAN
    y_infinite, x_infinite = y.kind is Kind.INFINITY, x.kind is Kind.INFINITY
    if p3109:
        if (y_infinite and x_infinite) or (y.kind is Kind.ZERO and x.kind is Kind.ZERO):
            return INVALID
        if x_infinite and x.sign:
            return _ratio(1)  # pi for every finite y, negative too, as the report has it
    if x_infinite and y_infinite:
        return _ratio(3 if x.sign else 1, 4, y.sign)
    if y_infinite:
        return _ratio(1, 2, y.sign)
    if x_infinite or y.kind is Kind.ZERO:
        return _ratio(1, 1, y.sign) if x.sign else ZERO.with_sign(y.sign)
    if x.kind is Kind.ZERO:
        return _ratio(1, 2, y.sign)
    return None


def is_odd(x: Operand) -> bool:
    """Return whether a number is an odd integer."""
    return x.kind < Kind.INFINITY and x.e == 0 and x.m & 1 == 1


def _pow(x: Operand, y: Operand, p3109: bool) -> Outcome | None:
    if p3109 and Kind.NAN in (x.kind, y.kind):
        return NAN
    x_is_one = x.m == 1 and x.e == 0
    if y.kind is Kind.ZERO or (x_is_one and not x.sign):
        return ONE
    if Kind.NAN in (x.kind, y.kind):
        return NAN
    odd = x.sign if is_odd(y) else 0
    if y.kind is Kind.INFINITY:
        if x_is_one:
            return ONE
        large = x.kind is Kind.INFINITY or (
            x.kind is not Kind.ZERO and _compared_with_one(x.m, x.e) > 0
        )
        return INFINITY if large != bool(y.sign) else ZERO
    if x.kind is Kind.ZERO:
        if y.sign and p3109:  # there 1/0 is NaN
            return INVALID
        return (POLE if y.sign else ZERO).with_sign(odd)
    if x.kind is Kind.INFINITY:
        return (ZERO if y.sign else INFINITY).with_sign(odd)
    return INVALID if x.sign and y.e < 0 else None


def special(name: str, operands: tuple[Operand, ...], p3109: bool) -> Outcome | None:
    """Return the result where a table has it, None where it is to be computed.

    Examples
    --------
    >>> special("log", (Operand(Kind.ZERO, 1),), False)[:2]
    (<Kind.INFINITY: 3>, 1)
    """
    if p3109:
        operands = tuple(x._replace(sign=0) if x.kind is Kind.ZERO else x for x in operands)
    outcome: Outcome | None
    if name in ("atan2", "atan2_pi"):
        outcome = _atan2(operands[0], operands[1], p3109)
        if outcome is not None and name == "atan2" and outcome.magnitude:
            outcome = outcome._replace(of_pi=True)
    elif name == "pow":
        outcome = _pow(operands[0], operands[1], p3109)
    else:
        outcome = _unary(name, operands[0], p3109)
    if p3109 and outcome is not None and outcome.kind is Kind.ZERO:
        return outcome.with_sign(0)
    return outcome

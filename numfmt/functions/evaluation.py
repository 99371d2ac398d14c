"""One element: special values, exact results, and digits from as narrow an interval as it takes."""

from fractions import Fraction

from ..errors import FormatError
from ..flags import Flags
from ..params import Kind
from . import circular
from .definitions import FUNCTIONS, Number, Symmetry
from .intervals import Jammed, jammed, jammed_exactly, jammed_ratio
from .special_values import Operand, is_odd, special

Result = tuple[Kind, int, int, int, Flags]

_FIRST = 96
_MOST = 1 << 17
_NO_FLAGS = Flags(0)


def reduced(magnitude: Fraction) -> Number:
    """Return a dyadic rational as m, e: m * 2**e, m odd or 0.

    Examples
    --------
    >>> reduced(Fraction(12)), reduced(Fraction(-3, 8))
    ((3, 2), (-3, -3))
    """
    m, bottom = magnitude.numerator, magnitude.denominator
    if bottom > 1:
        if bottom & (bottom - 1):
            raise FormatError(f"{magnitude} is no multiple of a power of 2; round it first")
        return m, 1 - bottom.bit_length()
    e = (m & -m).bit_length() - 1
    return (m >> e, e) if m else (0, 0)


def digits_of(name: str, operands: tuple[Number, ...]) -> Jammed:
    """Return the digits of a function of numbers m * 2**e (m odd; signed) that are no special row.

    Raises
    ------
    FormatError
        The result is too near to a number of 63 digits to be told from it in reach.

    Examples
    --------
    >>> digits_of("exp", ((1, 0),))
    Jammed(sign=0, exponent=-62, significand=12535862302449814171)
    """
    definition = FUNCTIONS[name]
    sign = 0
    if definition.symmetry is not Symmetry.NONE and operands[0][0] < 0:
        sign = int(definition.symmetry is Symmetry.ODD)
        operands = ((-operands[0][0], operands[0][1]), *operands[1:])
    exact = definition.exact(*(operands[0] if definition.operands == 1 else operands))
    if exact is None:
        found = _certified(name, operands)
    elif isinstance(exact, tuple):
        found = jammed_exactly(*exact)
    else:
        found = jammed_ratio(exact.numerator, exact.denominator)
    return found._replace(sign=1 - found.sign) if sign else found


def _certified(name: str, operands: tuple[Number, ...]) -> Jammed:
    """Return digits, with more digits in work until they are certain."""
    definition = FUNCTIONS[name]
    arguments = operands[0] if definition.operands == 1 else operands
    wanted = _FIRST
    while True:
        found = jammed(definition.enclosure(*arguments, wanted))
        if found is not None:
            return found
        wanted = 2 * wanted + 32
        if wanted > _MOST + 8 * max(m.bit_length() for m, _ in operands):
            raise FormatError(f"{name}: digits out of reach; take operands with fewer digits")


def _of_pi(magnitude: Fraction) -> Jammed:
    """Return the digits of a rational times pi."""
    wanted = _FIRST
    while True:
        found = jammed(circular.times_pi(magnitude.numerator, magnitude.denominator, wanted))
        if found is not None:
            return found
        wanted *= 2


def evaluate(
    name: str, operands: tuple[tuple[Kind, int, Fraction], ...], p3109: bool = False
) -> Result:
    """Return a function of one element or two, ready to be rounded once to at most 61 digits.

    Parameters
    ----------
    name : str
        A name of `FUNCTIONS`.
    operands : tuple of (kind, sign, magnitude)
        A `Kind`, 0 or 1, and the exact magnitude where it is a number: a dyadic rational >= 0.
        Which of the first three kinds a number has does not count, but a zero is `Kind.ZERO`.
    p3109 : bool
        The special values of P3109 instead of IEEE 754's.

    Returns
    -------
    kind : Kind
        ZERO, NORMAL (any other number), INFINITY or NAN.
    sign : int
    exponent, significand : int
        The magnitude is significand * 2**exponent, 2**63 <= significand < 2**64; its last digit
        is 1 where digits other than 0 follow the first 63 (round to odd). 0 and 0 for no number.
        Beyond 2**(2**21) the exponent is 2**22, and below 2**-(2**21) it is -2**22.
    flags : Flags
        NV and DZ; the others follow from rounding. NaN operands raise none here.

    Examples
    --------
    >>> evaluate("atan", ((Kind.INFINITY, 1, Fraction(0)),))[:4]
    (<Kind.NORMAL: 2>, 1, -63, 14488038916154245685)
    """
    numbers = tuple(
        Operand(kind, sign, *reduced(magnitude)) if kind < Kind.INFINITY else Operand(kind, sign)
        for kind, sign, magnitude in operands
    )
    outcome = special(name, numbers, p3109)
    if outcome is not None:
        kind, sign, magnitude, of_pi, flags = outcome
        if not magnitude:
            return kind, sign, 0, 0, flags
        if of_pi:
            _, exponent, significand = _of_pi(magnitude)
        else:
            _, exponent, significand = jammed_ratio(magnitude.numerator, magnitude.denominator)
        return kind, sign, exponent, significand, flags
    if name == "pow":  # of the magnitude of x; the sign is that of x to an odd power
        x, y = numbers
        sign = x.sign & is_odd(y)
        _, exponent, significand = digits_of(name, ((x.m, x.e), (-y.m if y.sign else y.m, y.e)))
    else:
        sign, exponent, significand = digits_of(
            name, tuple((-m if sign else m, e) for _, sign, m, e in numbers)
        )
    return Kind.NORMAL, sign, exponent, significand, _NO_FLAGS

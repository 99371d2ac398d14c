"""How a value between two neighbours, or past the last one, becomes a code: modes as data.

A deterministic rounding mode is four addends, one for each (sign, parity of the last kept digit).
The addend is added below the last kept digit and the sum is cut there; nothing else decides.
"""

import difflib
import enum
from typing import Final, TypeVar

from .errors import FormatError

_E = TypeVar("_E", bound=enum.Enum)

# What is added to the lost digits before the cut, for d lost digits (half = 2**(d-1)).
NOTHING: Final = 0
BELOW_HALF: Final = 1  # half - 1: a tie stays
HALF: Final = 2  # a tie moves away from zero
BELOW_ULP: Final = 3  # 2**d - 1: anything but an exact value moves
ULP: Final = 4  # 2**d: always moves

ADDEND_BITS: Final = 3  # width of one addend in `Rounding.addends`

# How random bits join, for the stochastic modes (contracts of IEEE P3109 4.0, section 4.7.4).
DETERMINISTIC: Final = 0
STOCHASTIC_A: Final = 1
STOCHASTIC_B: Final = 2
STOCHASTIC_C: Final = 3
STOCHASTIC_C_ODD: Final = 4


def _folded(name: str) -> str:
    """Return `name` as it is compared: case, blanks, `_` and `-` do not count."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


class Option(enum.Enum):
    """An enumeration that is also reached by the strings and aliases of its members."""

    @classmethod
    def _missing_(cls, value: object) -> "Option | None":
        if not isinstance(value, str):
            return None
        wanted = _folded(value)
        for member in cls:
            if wanted == _folded(member.value):
                return member
        alias = cls._aliases().get(wanted)
        if alias is None and wanted.startswith("ap"):
            return cls._missing_(wanted.removeprefix("ap"))
        return cls(alias) if alias else None

    @classmethod
    def _aliases(cls) -> dict[str, str]:
        return {}


class Rounding(Option):
    """How a value between two neighbouring values of a format is resolved.

    Directed and nearest modes are those of IEEE 754-2019 (4.3) and of fixed-point hardware;
    `to_odd` sets the last digit when anything is lost, `jam` sets it always, of the magnitude (the
    JAM of APyTypes sets it in two's complement); `stochastic_a`,
    `stochastic_b` and `stochastic_c` are those of IEEE P3109 Interim Report 4.0 (4.7.4) and
    `stochastic_c_odd` is C with its inner ties to odd (as gfloat has it).

    Examples
    --------
    >>> Rounding("RNE"), Rounding("StochasticA").value, Rounding("AP_RND_CONV").value
    (<Rounding.NEAREST_EVEN: 'nearest_even'>, 'stochastic_a', 'nearest_even')
    """

    NEAREST_EVEN = "nearest_even"
    NEAREST_AWAY = "nearest_away"
    NEAREST_ZERO = "nearest_zero"
    NEAREST_UP = "nearest_up"
    NEAREST_DOWN = "nearest_down"
    TOWARD_ZERO = "toward_zero"
    TOWARD_POSITIVE = "toward_positive"
    TOWARD_NEGATIVE = "toward_negative"
    AWAY_FROM_ZERO = "away_from_zero"
    TO_ODD = "to_odd"
    JAM = "jam"
    STOCHASTIC_A = "stochastic_a"
    STOCHASTIC_B = "stochastic_b"
    STOCHASTIC_C = "stochastic_c"
    STOCHASTIC_C_ODD = "stochastic_c_odd"

    @classmethod
    def _aliases(cls) -> dict[str, str]:
        return _ROUNDING_ALIASES

    @property
    def stochastic(self) -> int:
        """0 for a deterministic mode, else which rule joins the random bits."""
        return _STOCHASTIC.get(self, DETERMINISTIC)

    @property
    def addends(self) -> int:
        """The four addends, packed `ADDEND_BITS` each, at index 2*negative + odd."""
        packed = 0
        for index in range(4):
            packed |= self.addend(index >> 1, index & 1) << (ADDEND_BITS * index)
        return packed

    def addend(self, negative: int, odd: int) -> int:
        """Return the addend for a sign and a parity; nothing for the stochastic modes."""
        return _ADDENDS[self][2 * negative + odd] if self in _ADDENDS else NOTHING

    @property
    def inward(self) -> tuple[bool, bool]:
        """Whether a (positive, negative) overflow stays at the largest finite value (754, 7.4)."""
        return _INWARD.get(self, (False, False))


# For (+even, +odd, -even, -odd).
_ADDENDS: Final = {
    Rounding.NEAREST_EVEN: (BELOW_HALF, HALF, BELOW_HALF, HALF),
    Rounding.NEAREST_AWAY: (HALF, HALF, HALF, HALF),
    Rounding.NEAREST_ZERO: (BELOW_HALF, BELOW_HALF, BELOW_HALF, BELOW_HALF),
    Rounding.NEAREST_UP: (HALF, HALF, BELOW_HALF, BELOW_HALF),
    Rounding.NEAREST_DOWN: (BELOW_HALF, BELOW_HALF, HALF, HALF),
    Rounding.TOWARD_ZERO: (NOTHING, NOTHING, NOTHING, NOTHING),
    Rounding.TOWARD_POSITIVE: (BELOW_ULP, BELOW_ULP, NOTHING, NOTHING),
    Rounding.TOWARD_NEGATIVE: (NOTHING, NOTHING, BELOW_ULP, BELOW_ULP),
    Rounding.AWAY_FROM_ZERO: (BELOW_ULP, BELOW_ULP, BELOW_ULP, BELOW_ULP),
    Rounding.TO_ODD: (BELOW_ULP, NOTHING, BELOW_ULP, NOTHING),
    Rounding.JAM: (ULP, NOTHING, ULP, NOTHING),
}
_STOCHASTIC: Final = {
    Rounding.STOCHASTIC_A: STOCHASTIC_A,
    Rounding.STOCHASTIC_B: STOCHASTIC_B,
    Rounding.STOCHASTIC_C: STOCHASTIC_C,
    Rounding.STOCHASTIC_C_ODD: STOCHASTIC_C_ODD,
}
# to_odd and jam never leave the finite numbers: their last digit would say "inexact", infinity
# would not (SoftFloat's round-to-odd does the same).
_INWARD: Final = {
    Rounding.TOWARD_ZERO: (True, True),
    Rounding.TOWARD_POSITIVE: (False, True),
    Rounding.TOWARD_NEGATIVE: (True, False),
    Rounding.TO_ODD: (True, True),
    Rounding.JAM: (True, True),
}
_ROUNDING_ALIASES: Final = {
    **dict.fromkeys(
        ("rne", "rn", "tiestoeven", "nearesttiestoeven", "tieseven", "rndconv"), "nearest_even"
    ),
    **dict.fromkeys(
        ("rna", "rmm", "tiestoaway", "nearesttiestoaway", "tiesaway", "rndinf"), "nearest_away"
    ),
    **dict.fromkeys(("rntz", "tieszero", "rndzero"), "nearest_zero"),
    **dict.fromkeys(("rnu", "tiespos", "rnd"), "nearest_up"),
    **dict.fromkeys(("tiesneg", "rndmininf"), "nearest_down"),
    **dict.fromkeys(("rtz", "rz", "tozero", "trnzero"), "toward_zero"),
    **dict.fromkeys(("rup", "ru", "rtp", "topos", "topositive"), "toward_positive"),
    **dict.fromkeys(("rdn", "rd", "rtn", "toneg", "tonegative", "trn"), "toward_negative"),
    **dict.fromkeys(("raz", "toaway"), "away_from_zero"),
    **dict.fromkeys(("rto", "rod", "odd", "jamunbiased"), "to_odd"),
    **dict.fromkeys(("sr", "stochasticfastest"), "stochastic_a"),
    **dict.fromkeys(("stochasticfast",), "stochastic_b"),
    **dict.fromkeys(("stochastic",), "stochastic_c"),
    **dict.fromkeys(("stochasticodd",), "stochastic_c_odd"),
}


class Overflow(Option):
    """What becomes of a value that, after rounding, lies past the largest finite one.

    ========================  =====================================  ==========================
    policy                    a finite value past the end            an infinity
    ========================  =====================================  ==========================
    ``ieee``                  infinity or the largest value, by the  kept
                              direction of rounding (754-2019, 7.4)
    ``sat_none``              IEEE P3109 4.0, SatNone                the same section
    ``saturate``              the largest finite value               the largest finite value
    ``saturate_propagate``    the largest finite value               kept, else the largest
    ``clamp_finite``       the largest finite value               kept, else NaN
    ``infinity``              infinity                               kept
    ``nan``                   NaN                                    NaN
    ``wrap``                  modulo 2**bits (integers only)         FormatError
    ``raise``                 FormatError                            kept, else FormatError
    ========================  =====================================  ==========================

    Examples
    --------
    >>> Overflow("SatPropagate")
    <Overflow.SATURATE_PROPAGATE: 'saturate_propagate'>
    """

    IEEE = "ieee"
    SAT_NONE = "sat_none"
    SATURATE = "saturate"
    SATURATE_PROPAGATE = "saturate_propagate"
    CLAMP_FINITE = "clamp_finite"
    INFINITY = "infinity"
    NAN = "nan"
    WRAP = "wrap"
    RAISE = "raise"

    @classmethod
    def _aliases(cls) -> dict[str, str]:
        return {
            "satfinite": "saturate",
            "sat": "saturate",
            "satpropagate": "saturate_propagate",
            "ovfinf": "sat_none",
            "inf": "infinity",
        }


# What a format without infinity and NaN can follow: finite values stay in range.
CLAMPING: Final = (Overflow.CLAMP_FINITE, Overflow.SATURATE, Overflow.SATURATE_PROPAGATE)


class Tininess(Option):
    """When a result counts as tiny: by its value before, or after, rounding to full precision."""

    AFTER = "after"
    BEFORE = "before"


def choose(enumeration: type[_E], value: object, argument: str) -> _E:
    """Return the member that `value` is or names.

    Raises
    ------
    FormatError
        It names none; the message lists the members and the nearest one.
    """
    try:
        return enumeration(value)
    except ValueError:
        offered = [str(member.value) for member in enumeration]
        close = difflib.get_close_matches(str(value).lower(), offered, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise FormatError(
            f"{argument}={value!r} is not one of {', '.join(offered)}.{hint}"
        ) from None

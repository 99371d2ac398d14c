"""What IEEE 754 leaves open, as data: NaNs, tininess, flushing, zeros, overflow, integers, flags.

A dialect is how one instruction set or document settles these for arithmetic. It is data: copy one
with `dataclasses.replace` and change a field.
"""

import dataclasses
import difflib
from typing import Final

from .errors import FormatError
from .flags import Flags
from .rounding import Option, Overflow, Tininess


class NanRule(Option):
    """Which NaN an operation delivers where an operand is NaN.

    ====================  ========================================================================
    rule                  the NaN
    ====================  ========================================================================
    ``canonical``         always the same one, whatever the operands
    ``first``             the first operand that is NaN, made quiet
    ``signalling_first``  the first signalling operand, else the first quiet one, made quiet
    ``any``               the design is free; computed as ``canonical``
    ====================  ========================================================================

    An invalid operation on numbers delivers the canonical NaN under every rule.
    """

    CANONICAL = "canonical"
    FIRST = "first"
    SIGNALLING_FIRST = "signalling_first"
    ANY = "any"


class DefaultNan(Option):
    """The canonical NaN of IEEE-style formats; other styles have one of each sign at most.

    ``quiet`` has only the first trailing digit set, ``all_ones`` has all of them set.
    """

    QUIET = "quiet"
    ALL_ONES = "all_ones"


class ZeroSign(Option):
    """``ieee``: zeros have signs (754-2019, 6.3). ``plus``: no operation delivers -0."""

    IEEE = "ieee"
    PLUS = "plus"


class DivideByZero(Option):
    """What x/0 is for x other than 0, and every exact infinity of finite operands.

    ``infinity``: that infinity, with DZ. ``nan``: NaN, with NV (P3109), except where a function
    has an infinite value of its own (a logarithm of 0).
    """

    INFINITY = "infinity"
    NAN = "nan"


class InfinityTimesZero(Option):
    """What 0 * inf + c is where c is a quiet NaN (754-2019, 7.2 c leaves it open).

    ``invalid``: NV, and the NaN is chosen among the operands as ever. ``default``: NV, and the
    canonical NaN. ``quiet``: no flag, and the NaN is chosen among the operands.
    """

    INVALID = "invalid"
    DEFAULT = "default"
    QUIET = "quiet"


class IntegerRule(Option):
    """What becomes of a value, rounded to an integer, that the integer format does not hold.

    =========  ===================================  ============================================
    rule       out of range, infinities             NaN
    =========  ===================================  ============================================
    ``riscv``  the end on that side                 the largest integer
    ``x86``    1 and then zeros if signed, all      the same
               ones if unsigned ("indefinite")
    ``arm``    the end on that side                 0
    ``p3109``  the end on that side                 0 (ours: the report has no integers)
    ``wrap``   modulo 2**bits; infinities 0         0
    =========  ===================================  ============================================

    Each such case raises NV and nothing else.
    """

    RISCV = "riscv"
    X86 = "x86"
    ARM = "arm"
    P3109 = "p3109"
    WRAP = "wrap"


# Bit positions of the flags in a status register.
RISCV_FLAGS: Final = (("NX", 0), ("UF", 1), ("OF", 2), ("DZ", 3), ("NV", 4))
X86_FLAGS: Final = (("NV", 0), ("DZ", 2), ("OF", 3), ("UF", 4), ("NX", 5))
ARM_FLAGS: Final = (("NV", 0), ("DZ", 1), ("OF", 2), ("UF", 3), ("NX", 4))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How an instruction set or a document settles what arithmetic leaves open.

    Attributes
    ----------
    name : str
    nan : NanRule
        Which NaN operand is delivered.
    default_nan, nan_sign : DefaultNan, int
        The canonical NaN, and its sign where the result format has NaNs of both signs.
    tininess : Tininess
        Before or after rounding.
    flush_inputs, flush_results : bool
        Whether subnormal operands, and tiny results, are zeros of the same sign.
    zero_sign : ZeroSign
    overflow : Overflow, optional
        The policy for results past the largest finite value, where the result format can follow
        it; None, and elsewhere: the format's own.
    divide_by_zero : DivideByZero
    infinity_times_zero : InfinityTimesZero
    integers : IntegerRule
    flag_bits : tuple of (str, int)
        Position of each flag in the status register; empty where there are no flags.
    source : str
        Where this stands.

    Examples
    --------
    >>> import dataclasses
    >>> flushing = dataclasses.replace(DIALECTS["x86"], name="ftz", flush_results=True)
    >>> flushing.nan.value, flushing.nan_sign
    ('first', 1)
    """

    name: str
    nan: NanRule = NanRule.CANONICAL
    default_nan: DefaultNan = DefaultNan.QUIET
    nan_sign: int = 0
    tininess: Tininess = Tininess.AFTER
    flush_inputs: bool = False
    flush_results: bool = False
    zero_sign: ZeroSign = ZeroSign.IEEE
    overflow: Overflow | None = None
    divide_by_zero: DivideByZero = DivideByZero.INFINITY
    infinity_times_zero: InfinityTimesZero = InfinityTimesZero.INVALID
    integers: IntegerRule = IntegerRule.RISCV
    flag_bits: tuple[tuple[str, int], ...] = RISCV_FLAGS
    source: str = dataclasses.field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, kind in _OPTIONS.items():
            value = getattr(self, name)
            if value is None and name == "overflow":
                continue
            try:
                object.__setattr__(self, name, kind(value))
            except ValueError:
                raise FormatError(
                    f"Dialect {self.name!r}: {name}={value!r} is not one of "
                    f"{', '.join(str(member.value) for member in kind)}"
                ) from None
        places = dict(self.flag_bits)
        numbers = [place for place in places.values() if isinstance(place, int)]
        strange = [name for name in places if name not in Flags.__members__]
        if strange or len(set(numbers)) < len(self.flag_bits) or not set(numbers) <= set(range(64)):
            raise FormatError(
                f"Dialect {self.name!r}: flag_bits={self.flag_bits!r} must give each of "
                f"{', '.join(Flags.__members__)} a bit of its own, 0 to 63, or be empty"
            )
        if self.nan_sign not in (0, 1):
            raise FormatError(f"Dialect {self.name!r}: nan_sign={self.nan_sign!r} is not 0 or 1")

    def register(self, flags: int) -> int:
        """Return `numfmt.Flags` as the bits of this dialect's status register.

        Examples
        --------
        >>> DIALECTS["x86"].register(Flags.NX | Flags.UF)
        48
        """
        return sum(1 << bit for name, bit in self.flag_bits if flags & Flags[name])


_OPTIONS: Final[dict[str, type[Option]]] = {
    "nan": NanRule,
    "default_nan": DefaultNan,
    "tininess": Tininess,
    "zero_sign": ZeroSign,
    "overflow": Overflow,
    "divide_by_zero": DivideByZero,
    "infinity_times_zero": InfinityTimesZero,
    "integers": IntegerRule,
}

DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="ieee",
            source="IEEE 754-2019; what it leaves open as Berkeley SoftFloat 3e for RISC-V",
        ),
        Dialect(name="riscv", source="RISC-V unprivileged specification, F and D, 11.3 and 11.7"),
        Dialect(
            name="x86",
            nan=NanRule.FIRST,
            nan_sign=1,
            infinity_times_zero=InfinityTimesZero.QUIET,
            integers=IntegerRule.X86,
            flag_bits=X86_FLAGS,
            source="Intel SDM volume 1, 4.8.3.5, 4.8.3.7, 11.5 and 14.5 (SSE, AVX; recalled)",
        ),
        Dialect(
            name="arm",
            nan=NanRule.SIGNALLING_FIRST,
            tininess=Tininess.BEFORE,
            infinity_times_zero=InfinityTimesZero.DEFAULT,
            integers=IntegerRule.ARM,
            flag_bits=ARM_FLAGS,
            source="Arm ARM, FPProcessNaNs, FPMulAdd, FPToFixed; FPCR.DN = FZ = AH = 0 (recalled)",
        ),
        Dialect(
            name="cuda",
            default_nan=DefaultNan.ALL_ONES,
            integers=IntegerRule.ARM,
            flag_bits=(),
            source="PTX ISA, floating point; no status flags (recalled; float64 NaNs vary)",
        ),
        Dialect(
            name="ocp_sat",
            overflow=Overflow.SATURATE,
            source="OCP 8-bit Floating Point Specification 1.0, saturating mode",
        ),
        Dialect(
            name="ocp_nosat",
            source="OCP 8-bit Floating Point Specification 1.0, non-saturating mode",
        ),
        Dialect(
            name="p3109",
            zero_sign=ZeroSign.PLUS,
            overflow=Overflow.SAT_NONE,
            divide_by_zero=DivideByZero.NAN,
            integers=IntegerRule.P3109,
            source="IEEE P3109 Interim Report 4.0, section 4; its flags are ours",
        ),
    )
}


def dialect_of(value: "Dialect | str") -> Dialect:
    """Return a dialect, or the one of a name (`-` and `_` are the same).

    Raises
    ------
    FormatError
        There is none of this name.

    Examples
    --------
    >>> dialect_of("ocp-sat").overflow
    <Overflow.SATURATE: 'saturate'>
    """
    if isinstance(value, Dialect):
        return value
    name = value.lower().replace("-", "_") if isinstance(value, str) else ""
    if name in DIALECTS:
        return DIALECTS[name]
    close = difflib.get_close_matches(name, DIALECTS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise FormatError(f"dialect={value!r} is not one of {', '.join(DIALECTS)}.{hint}")

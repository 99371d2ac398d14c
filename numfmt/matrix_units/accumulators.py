"""Accumulators as data: Exact, Sequential, Pairwise, Compensated, Aligned, PartiallyNormalized."""

import dataclasses
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .. import registry
from ..dialects import Dialect, dialect_of
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat
from ..rounding import Option, Overflow, Rounding, choose

MAX_FRACTION_BITS: Final = 50  # of an aligned sum: its terms and their carries fit 64 bits


class Join(Option):
    """Where the accumulator operand joins an aligned sum: a term ``inside`` it, or ``after`` it."""

    INSIDE = "inside"
    AFTER = "after"


class ZeroProducts(Option):
    """Whether a product with a zero operand counts in the alignment exponent."""

    EXCLUDE = "exclude"
    EXPONENT = "exponent"


class ProductRange(Option):
    """Whether a product beyond the output's range is a number (``extended``) or an infinity."""

    EXTENDED = "extended"
    CLIPPED = "clipped"


class InfiniteC(Option):
    """An infinite c against a clipped product of the other sign: ``nan``, or it ``wins``."""

    NAN = "nan"
    WINS = "wins"


class Compensation(Option):
    """Which algorithm carries the error of a sum."""

    KAHAN = "kahan"
    NEUMAIER = "neumaier"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProductTable:
    """Products by table: any multiplier of two operands of at most 8 bits.

    Attributes
    ----------
    format : Format or str
        What the entries are codes of.
    codes : ndarray, shape (2**bits of a, 2**bits of b)
        The product of every pair of codes.

    Examples
    --------
    >>> import numpy as np
    >>> import numfmt as nf
    >>> every = np.arange(16)
    >>> table = nf.mul(every[:, None], every, "e2m1", result="e4m3")
    >>> nf.ProductTable(format="e4m3", codes=table).codes.shape
    (16, 16)
    """

    format: Any
    codes: npt.NDArray[Any]

    def __post_init__(self) -> None:
        fmt = scalar(self.format, "ProductTable: format")
        object.__setattr__(self, "format", fmt)
        codes = np.asarray(self.codes)
        sides = [1 << n for n in range(1, 9)]
        if codes.ndim != 2 or not all(side in sides for side in codes.shape):
            raise FormatError(
                f"ProductTable: codes has shape {codes.shape}; it is (2**bits of a, 2**bits of b) "
                "with at most 8 bits each"
            )
        if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >> fmt.bits:
            raise FormatError(
                f"ProductTable: codes are not all within 0 to {(1 << fmt.bits) - 1}, codes of "
                f"{fmt.name!r}; nf.encode(values, {fmt.name!r}) makes them of values"
            )
        object.__setattr__(self, "codes", codes.astype(fmt.code_dtype))


def scalar(value: object, argument: str) -> ScalarFormat:
    """Return a scalar format, by name or as it is."""
    if not isinstance(value, Format | str):
        raise FormatError(f"{argument}={value!r} is no format and no name of one")
    entry = registry.get(value)
    if not isinstance(entry, ScalarFormat):
        raise FormatError(f"{argument}={entry.name!r} is a {entry.kind} format; name a scalar one")
    return entry


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Accumulator:
    """What every accumulator has in common.

    Attributes
    ----------
    output : Format or str, optional
        Format of the result and of the accumulator operand; left out, that of both operands.
    rounding : Rounding or str, optional
        How results are rounded; left out, the output format's own mode.
    overflow : Overflow or str, optional
        Left out, the dialect's, else the output format's own.
    dialect : Dialect or str, optional
        NaNs, zeros, flushing; left out, that of the output format's document.
    """

    output: Any = None
    rounding: Any = None
    overflow: Any = None
    dialect: Any = None

    def __post_init__(self) -> None:
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        for name, kind in self._options().items():
            value = getattr(self, name)
            if value is not None or defaults[name] is not None:
                object.__setattr__(self, name, choose(kind, value, name))
        if self.output is not None:
            object.__setattr__(self, "output", scalar(self.output, "output"))
        if self.dialect is not None:
            object.__setattr__(self, "dialect", dialect_of(self.dialect))

    def _options(self) -> dict[str, type[Any]]:
        return {"rounding": Rounding, "overflow": Overflow}

    def __repr__(self) -> str:
        """Return the fields that are not their defaults, formats and modes by name."""
        shown = []
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is field.default or value == field.default:
                continue
            text = getattr(value, "name", None) if isinstance(value, Format | Dialect) else None
            text = text or getattr(value, "value", None) or value
            shown.append(f"{field.name}={text!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _check_count(self, name: str, least: int, most: int) -> None:
        """Refuse a field that is no integer of a range; None passes."""
        value = getattr(self, name)
        if value is None:
            return
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
            raise FormatError(f"{type(self).__name__}: {name}={value!r} is not an integer")
        if not least <= value <= most:
            raise FormatError(
                f"{type(self).__name__}: {name}={value} is out of range; it is {least} to {most}"
            )
        object.__setattr__(self, name, int(value))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Stepwise(Accumulator):
    """A sum made of rounded operations: `Exact`, `Sequential` or `Pairwise`.

    Attributes
    ----------
    product : Format, str or ProductTable, optional
        Products are rounded to this format first, or looked up; left out they are exact.
    product_rounding : Rounding or str, optional
        How; left out, as `rounding`.
    flush_inputs, flush_results : bool, optional
        Whether subnormal operands, and tiny results, count as zeros; left out, as the dialect has
        it.
    """

    product: Any = None
    product_rounding: Any = None
    flush_inputs: bool | None = None
    flush_results: bool | None = None

    def __post_init__(self) -> None:
        Accumulator.__post_init__(self)
        if self.product is not None and not isinstance(self.product, ProductTable):
            object.__setattr__(self, "product", scalar(self.product, "product"))

    def _options(self) -> dict[str, type[Any]]:
        return {"rounding": Rounding, "overflow": Overflow, "product_rounding": Rounding}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Exact(Stepwise):
    """An exact sum, rounded once for each block: Kulisch accumulators, quires, fused adders.

    `output`, `rounding`, `overflow`, `dialect` are those of `Accumulator` (the output left out is
    the format of the operands); `product`, `product_rounding`, `flush_inputs` and `flush_results`
    those of `Stepwise`.

    Attributes
    ----------
    block : int, optional
        Products that are added before a rounding; left out, all of them.
    late : bool
        Whether the products' sum is rounded before the accumulator is added.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Exact(output="binary32").block is None
    True
    """

    block: int | None = None
    late: bool = False

    def __post_init__(self) -> None:
        Stepwise.__post_init__(self)
        self._check_count("block", 1, 1 << 31)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sequential(Stepwise):
    """A sum rounded after each product: fused multiply-adds, or with `product` unfused ones.

    Its fields are those of `Exact` without `block` and `late`; name the `output`, or operands of
    one format accumulate in that.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Sequential(output="binary16", product="binary16").output.name
    'binary16'
    """


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pairwise(Stepwise):
    """A tree of rounded additions, whose root is added to the accumulator.

    Fields that are not below are those of `Exact`.

    Attributes
    ----------
    arity : int
        How many neighbours a node adds, with one rounding.
    block : int, optional
        Products of one tree; left out, all of them.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Pairwise(output="binary32", block=4).arity
    2
    """

    arity: int = 2
    block: int | None = None

    def __post_init__(self) -> None:
        Stepwise.__post_init__(self)
        self._check_count("arity", 2, 1 << 31)
        self._check_count("block", 1, 1 << 31)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Compensated(Stepwise):
    """A sum that carries its own rounding error along.

    `product` is left out: products are rounded to the output format. Fields that are not below are
    those of `Exact`.

    Attributes
    ----------
    method : Compensation or str
        ``kahan`` or ``neumaier``.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Compensated(output="bfloat16").method.value
    'kahan'
    """

    method: Any = Compensation.KAHAN

    def __post_init__(self) -> None:
        Stepwise.__post_init__(self)
        if self.product is not None:
            raise FormatError("Compensated: products are rounded to the output; leave out product")

    def _options(self) -> dict[str, type[Any]]:
        return {
            "rounding": Rounding,
            "overflow": Overflow,
            "product_rounding": Rounding,
            "method": Compensation,
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Aligned(Accumulator):
    """Terms cut to a grid below the largest exponent, added exactly, converted once.

    The adders of Tensor Cores (c inside) and Matrix Cores (c after); `numfmt.matrix_units` states
    every rule. `output` is a float format; `overflow` left out is ``infinity`` where there is one.

    Attributes
    ----------
    block : int
        Products of one step.
    fraction_bits : int
        Digits kept below the alignment exponent, 0 to 50.
    floor : int, optional
        Least alignment exponent.
    keep : int, optional
        Fraction bits kept of the result; left out, those of the output.
    cut : Rounding or str
        How terms are cut.
    group : int
        Products added exactly before they become a term.
    zero_products : ZeroProducts or str
        ``exclude``, or whether zeros have an ``exponent`` that counts in the alignment.
    normalized : bool
        Whether products are normalised before they are aligned.
    c : Join or str
        ``inside``: a term like the products; ``after``: added to their sum.
    halves : int
        With ``c="after"``, 2 for sums of even and of odd k apart.
    sum_bits, c_bits : int, optional
        With ``c="after"``, digits kept of the products' sum and of c below the larger exponent.
    late_cut : Rounding or str
        How those are cut.
    drop : int, optional
        With ``c="after"``, a c this far below counts as zero.
    range : ProductRange or str
        ``extended``, or products beyond the output's range are infinities (``clipped``).
    infinite_c : InfiniteC or str
        An infinite c against a clipped product of the other sign: ``nan``, or it ``wins``.
    late_add : Rounding or str, optional
        c is added to the finished sum in this mode.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Aligned(output="binary32", block=32, fraction_bits=13, keep=13).cut.value
    'toward_zero'
    """

    rounding: Any = Rounding.TOWARD_ZERO
    block: int
    fraction_bits: int
    floor: int | None = None
    keep: int | None = None
    cut: Any = Rounding.TOWARD_ZERO
    group: int = 1
    zero_products: Any = ZeroProducts.EXCLUDE
    normalized: bool = False
    c: Any = Join.INSIDE
    halves: int = 1
    sum_bits: int | None = None
    c_bits: int | None = None
    late_cut: Any = Rounding.TOWARD_NEGATIVE
    drop: int | None = None
    range: Any = ProductRange.EXTENDED
    infinite_c: Any = InfiniteC.NAN
    late_add: Any = None

    def __post_init__(self) -> None:
        Accumulator.__post_init__(self)
        self._check_count("block", 1, 4096)
        self._check_count("fraction_bits", 0, MAX_FRACTION_BITS)
        self._check_count("floor", -(1 << 20), 1 << 20)
        self._check_count("keep", 0, 52)
        self._check_count("group", 1, 4096)
        self._check_count("halves", 1, 2)
        self._check_count("sum_bits", 0, MAX_FRACTION_BITS)
        self._check_count("c_bits", 0, MAX_FRACTION_BITS)
        self._check_count("drop", 0, 1 << 20)
        for name in ("rounding", "cut", "late_cut", "late_add"):
            mode = getattr(self, name)
            if mode is not None and (mode.stochastic or mode is Rounding.JAM):
                raise FormatError(
                    f"Aligned: {name}={mode.value!r} is not a mode that adders cut in; use a "
                    "deterministic one"
                )
        if self.block % self.group:
            raise FormatError(f"Aligned: block={self.block} is no multiple of group={self.group}")
        if self.halves == 2 and self.group > 1:
            raise FormatError("Aligned: halves=2 sums even and odd k apart; a group has both")
        self._check_joins()
        self._check_output()

    def _check_joins(self) -> None:
        """Refuse fields that would count for nothing."""
        inside = self.c is Join.INSIDE
        for name in ("sum_bits", "c_bits", "drop", "halves"):
            value = getattr(self, name)
            if inside and value not in (None, 1):
                raise FormatError(f"Aligned: {name}={value} needs c='after'")
        if self.late_add is not None and not inside:
            raise FormatError("Aligned: late_add is of sums without c; leave out c='after'")
        if self.infinite_c is InfiniteC.WINS and self.range is not ProductRange.CLIPPED:
            raise FormatError("Aligned: infinite_c='wins' needs range='clipped'")
        if self.normalized and self.group > 1:
            raise FormatError("Aligned: normalized=True is of single products; leave out group")

    def _check_output(self) -> None:
        """Refuse an output that is no float format, and settle its overflow policy."""
        if self.output is None:
            raise FormatError("Aligned: name the output format")
        fmt = self.output
        if not isinstance(fmt, FloatFormat) or not fmt.has_nan or not fmt.zero:
            raise FormatError(
                f"Aligned: output={fmt.name!r} is not a float format with zero and NaN"
            )
        if self.keep is not None and self.keep > fmt.precision - 1:
            raise FormatError(
                f"Aligned: keep={self.keep} is more than the {fmt.precision - 1} fraction bits of "
                f"{fmt.name!r}"
            )
        if self.overflow is None:
            policy = Overflow.INFINITY if fmt.has_infinity else fmt.default_overflow
            object.__setattr__(self, "overflow", policy)

    def _options(self) -> dict[str, type[Any]]:
        return {
            "rounding": Rounding,
            "overflow": Overflow,
            "cut": Rounding,
            "late_cut": Rounding,
            "late_add": Rounding,
            "zero_products": ZeroProducts,
            "c": Join,
            "range": ProductRange,
            "infinite_c": InfiniteC,
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PartiallyNormalized(Accumulator):
    """A running sum that is shifted by a few fixed amounts instead of being normalised.

    Attributes
    ----------
    width : int
        Bits of the running sum, 2 to 60.
    shifts : tuple of int
        Shifts that the adder has, 0 among them.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.PartiallyNormalized(output="binary32", width=28, shifts=(0, 3, 8)).shifts
    (0, 3, 8)
    """

    width: int
    shifts: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        Accumulator.__post_init__(self)
        self._check_count("width", 2, 60)
        shifts = tuple(int(s) for s in self.shifts)
        if 0 not in shifts or not all(0 <= s < self.width for s in shifts):
            raise FormatError(
                f"PartiallyNormalized: shifts={self.shifts!r} must hold 0 and lie below the "
                f"width, {self.width}"
            )
        object.__setattr__(self, "shifts", tuple(sorted(set(shifts))))
        if self.output is None:
            raise FormatError("PartiallyNormalized: name the output format")


def Quire() -> Exact:
    """Return the accumulator of the Posit Standard: exact, rounded once to the operands' format.

    Returns
    -------
    Exact

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Quire() == nf.Exact()
    True
    """
    return Exact()


def IntegerSum(
    bits: int = 32,
    *,
    signed: bool = True,
    overflow: Overflow | str = "wrap",
    block: int | None = None,
) -> Exact:
    """Return an integer accumulator of n bits: exact sums that wrap, saturate or are refused.

    Parameters
    ----------
    bits : int
        Width, 2 to 64.
    signed : bool
        Two's complement, or unsigned.
    overflow : {"wrap", "saturate", "raise"}
        What becomes of a sum out of range, after each block. With a product table it is
        ``nf.Exact(output="int20", product=table, overflow="wrap")``.
    block : int, optional
        Products added before that; left out, all of them.

    Returns
    -------
    Exact

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.IntegerSum(24, overflow="saturate").output.name
    'int24'
    """
    encoding = Encoding.TWOS_COMPLEMENT if signed else Encoding.UNSIGNED
    if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= 64:
        raise FormatError(f"bits={bits!r} is not an integer from 2 to 64")
    name = f"{'' if signed else 'u'}int{bits}"
    policy = choose(Overflow, overflow, "overflow")
    if policy not in (Overflow.WRAP, Overflow.SATURATE, Overflow.RAISE):
        raise FormatError(f"overflow={policy.value!r}: integer sums wrap, saturate or raise")
    fmt = FixedFormat(name=name, bits=bits, fraction_bits=0, encoding=encoding)
    return Exact(output=fmt, overflow=policy, block=block)

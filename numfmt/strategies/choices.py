"""What a call is made with: formats, rounding modes, dialects, random bits."""

import dataclasses
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st

from ..arguments import integer_option, scalar_format
from ..dialects import (
    DIALECTS,
    DefaultNan,
    Dialect,
    DivideByZero,
    InfinityTimesZero,
    IntegerRule,
    NanRule,
    ZeroSign,
)
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.codebooks import CodebookFormat
from ..families.fixed import Encoding, FixedFormat
from ..families.floats import FloatFormat, Style
from ..families.logarithmic import LnsFormat
from ..families.tapered import PositFormat, TakumFormat
from ..rounding import Rounding, Tininess

_REACH = 1000  # exponents of drawn floats, so that a float64 holds every value
_MOST_BITS = 53
_STYLES = (
    *(Style.FINITE, Style.FN, Style.FNUZ, Style.IEEE),
    *(Style.P3109_FINITE, Style.P3109_EXTENDED),
)


def rounding_modes(
    stochastic: bool = False, fmt: Format | str | None = None
) -> st.SearchStrategy[Rounding]:
    """Draw rounding modes, nearest_even first.

    Parameters
    ----------
    stochastic : bool
        Whether stochastic modes are among them.
    fmt : Format or str, optional
        Only modes that mean something for this format.

    Returns
    -------
    strategy of Rounding

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(rounding_modes()).value
    'nearest_even'
    """
    modes = [mode for mode in Rounding if stochastic or not mode.stochastic]
    if fmt is not None:
        entry = scalar_format(fmt)
        modes = [mode for mode in modes if not entry.refusal(mode)]
    return st.sampled_from(modes)


def random_bits(bits: int = 8) -> st.SearchStrategy[int]:
    """Draw the random bits of one stochastic rounding; the ends and the middle are likely.

    Parameters
    ----------
    bits : int
        How many, 1 to 52.

    Returns
    -------
    strategy of int, 0 to 2**bits - 1

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(random_bits(4), lambda r: r >= 8)
    8
    """
    integer_option(bits, 1, 52, "bits")
    most = (1 << bits) - 1
    return st.integers(0, most) | st.sampled_from([0, 1, most, most // 2, most // 2 + 1])


def dialects(named: bool = False) -> st.SearchStrategy[Dialect]:
    """Draw dialects: the ones of `numfmt.dialects`, and such with some fields changed.

    Parameters
    ----------
    named : bool
        Only those that have a name.

    Returns
    -------
    strategy of Dialect

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(dialects(), lambda dialect: dialect.flush_inputs).nan.value
    'canonical'
    """
    known = st.sampled_from(list(DIALECTS.values()))
    if named:
        return known
    fields: dict[str, st.SearchStrategy[Any]] = {
        "nan": st.sampled_from(NanRule),
        "default_nan": st.sampled_from(DefaultNan),
        "nan_sign": st.integers(0, 1),
        "tininess": st.sampled_from(Tininess),
        "flush_inputs": st.booleans(),
        "flush_results": st.booleans(),
        "zero_sign": st.sampled_from(ZeroSign),
        "divide_by_zero": st.sampled_from(DivideByZero),
        "infinity_times_zero": st.sampled_from(InfinityTimesZero),
        "integers": st.sampled_from(IntegerRule),
    }
    changed = st.builds(
        lambda base, changes: dataclasses.replace(base, name="drawn", **changes),
        known,
        st.fixed_dictionaries({}, optional=fields),
    )
    return known | changed


def formats(
    max_bits: int = 8, family: Iterable[str] | str | None = None
) -> st.SearchStrategy[ScalarFormat]:
    """Draw scalar formats that can be described, named or not; none of them is registered.

    Parameters
    ----------
    max_bits : int
        Widest code, 2 to 53.
    family : str or iterable of str, optional
        ``float``, ``fixed``, ``posit``, ``takum`` (linear, from 6 bits), ``lns`` (3 to 32 bits),
        ``codebook`` (up to 8 bits). Default: all that fit `max_bits`.

    Returns
    -------
    strategy of ScalarFormat
        `numfmt.decode` takes all of them.

    Raises
    ------
    FormatError
        A family is unknown or has no format so narrow, or `max_bits` is out of range.

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(formats(family="float"), lambda fmt: fmt.has_infinity and fmt.bits > 3).bits
    4
    """
    integer_option(max_bits, 2, _MOST_BITS, "max_bits")
    there = [name for name, (least, _) in _FAMILIES.items() if least <= max_bits]
    wanted = there if family is None else [family] if isinstance(family, str) else list(family)
    for name in wanted:
        if name not in there:
            raise FormatError(
                f"family={name!r} is not one of {', '.join(there)}, which have formats of up to "
                f"{max_bits} bits"
            )
    return st.one_of([_FAMILIES[name][1](max_bits) for name in there if name in wanted])


@st.composite
def _floats(draw: st.DrawFn, max_bits: int) -> FloatFormat:
    bits = draw(st.integers(2, max_bits))
    style = draw(st.sampled_from(_STYLES))
    unsigned = draw(st.booleans()) and style not in (Style.FNUZ, Style.IEEE)
    room = bits - 1 + unsigned
    exponent_bits = draw(st.integers(1, min(room, 10)))
    emin = draw(
        st.just(1 - ((1 << exponent_bits) >> 1))  # 1 in the middle of the exponents
        | st.integers(-8, 8)
        | st.integers(-_REACH, _REACH - (1 << exponent_bits))
    )
    # No subnormals where there is a trailing significand only: there would be no zero.
    flat = exponent_bits < room and draw(st.integers(0, 3)) == 3
    try:
        return FloatFormat(
            name=f"drawn_{bits}_e{exponent_bits}",
            bits=bits,
            precision=room - exponent_bits + 1,
            emin=emin,
            signed=not unsigned,
            style=style,
            subnormals=not flat,
        )
    except FormatError:
        reject()


@st.composite
def _fixed(draw: st.DrawFn, max_bits: int) -> FixedFormat:
    bits = draw(st.integers(2, max_bits))
    return FixedFormat(
        name=f"drawn_fixed_{bits}",
        bits=bits,
        fraction_bits=draw(st.integers(-8, bits + 8)),
        encoding=draw(st.sampled_from(Encoding)),
    )


def _posits(max_bits: int) -> st.SearchStrategy[PositFormat]:
    return st.builds(
        lambda bits, es: PositFormat(name=f"drawn_posit_{bits}", bits=bits, es=min(es, bits)),
        st.integers(2, max_bits),
        st.integers(0, 3),
    )


def _takums(max_bits: int) -> st.SearchStrategy[TakumFormat]:
    bits = st.integers(6, max_bits)
    return bits.map(lambda width: TakumFormat(name=f"drawn_takum_{width}", bits=width))


@st.composite
def _lns(draw: st.DrawFn, max_bits: int) -> LnsFormat:
    bits = draw(st.integers(3, min(max_bits, 32)))
    whole = draw(st.integers(0, min(bits - 2, 9)))
    return LnsFormat(name=f"drawn_lns_{bits}", bits=bits, fraction_bits=bits - 2 - whole)


@st.composite
def _codebooks(draw: st.DrawFn, max_bits: int) -> CodebookFormat:
    bits = draw(st.integers(1, min(max_bits, 8)))
    count = 1 << bits
    numerators = draw(st.lists(st.integers(-128, 128), min_size=1, max_size=count, unique=True))
    scale = draw(st.integers(0, 8))
    values = [Fraction(n, 1 << scale) for n in sorted(numerators)]
    return CodebookFormat(
        name=f"drawn_codebook_{bits}",
        bits=bits,
        values=tuple(values),
        codes=tuple(draw(st.permutations(range(count)))[: len(values)]),
    )


_FAMILIES: Final[dict[str, tuple[int, Callable[[int], st.SearchStrategy[Any]]]]] = {
    "float": (2, _floats),
    "fixed": (2, _fixed),
    "posit": (2, _posits),
    "takum": (6, _takums),
    "lns": (3, _lns),
    "codebook": (1, _codebooks),
}

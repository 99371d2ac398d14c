"""Between any format and integers: to_int, from_int."""

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import scalar_format
from ..dialects import Dialect, IntegerRule, dialect_of
from ..errors import FormatError
from ..families.base import Format
from ..families.fixed import FixedFormat
from ..flags import Flags
from ..rounding import Overflow, Rounding
from .calls import Array, call_of, default_dialect
from .keywords import Keywords, call_with
from .nans import is_nan
from .order import is_infinite, is_negative
from .projecting import project_codes, results_of, returned


def to_int(
    a: npt.ArrayLike,
    fmt: Format | str,
    integer: Format | str,
    *,
    rounding: Rounding | str | None = Rounding.TOWARD_ZERO,
    dialect: Dialect | str | None = None,
    flush_inputs: bool | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
    return_flags: bool = False,
    out: Array | None = None,
) -> Any:
    """Return x rounded to an integer, as codes of a format of integers.

    Parameters
    ----------
    a : array_like of int
        Codes of `fmt`.
    fmt : Format or str
        The format of x.
    integer : FixedFormat or str
        A format without fraction digits: ``int32``, ``uint8``, ...
    rounding, random_bits, bits, rng
        As in `numfmt.add`; but the default is toward zero, as of a C cast.
    dialect : Dialect or str, optional
        Says what an integer out of range, an infinity and NaN become (`numfmt.IntegerRule`).
        Default: that of the document of `fmt`.
    flush_inputs : bool, optional
        Whether subnormals count as zero. Default: as the dialect says.
    return_flags : bool
        Also return the status flags: NX where x was no integer; NV alone where the dialect decides.
    out : ndarray, optional
        Where to put the codes.

    Returns
    -------
    ndarray of codes of `integer`

    Raises
    ------
    FormatError
        `integer` is no format of integers, or has no integers modulo 2**bits to wrap to.

    References
    ----------
    IEEE 754-2019, 5.8.

    Examples
    --------
    >>> to_int([0x3e00, 0xc100, 0x7c00], "binary16", "int8", return_flags=True)
    (array([  1, 254, 127], dtype=uint8), array([ 1,  1, 16], dtype=uint8))
    """
    source, target = scalar_format(fmt), _integers(integer)
    manner = default_dialect(source) if dialect is None else dialect_of(dialect)
    wraps = manner.integers is IntegerRule.WRAP
    call = call_of(
        (a,),
        ("a",),
        source,
        result=target,
        rounding=Rounding.TOWARD_ZERO if rounding is None else rounding,
        overflow=Overflow.WRAP if wraps else Overflow.SATURATE,
        bits=bits,
        flush_inputs=flush_inputs,
        dialect=manner,
        random_bits=random_bits,
        rng=rng,
        return_flags=return_flags,
        out=out,
    )
    codes = call.operands[0]
    results = results_of(call._replace(return_flags=True))
    nan, infinite = is_nan(codes, source), is_infinite(codes, source)
    finite = ~(nan | infinite)
    where = None if finite.all() else np.flatnonzero(finite)
    project_codes(results, call, codes if where is None else codes[where], source, where)
    outside = infinite if wraps else infinite | (results.flags & int(Flags.OF) != 0)
    negative = is_negative(codes, source)
    for places, code in (
        (outside & ~negative, _outside(target, manner.integers, 0)),
        (outside & negative, _outside(target, manner.integers, 1)),
        (nan, _of_nan(target, manner.integers)),
    ):
        results.codes[places] = code
        results.flags[places] = int(Flags.NV)
    results.flags[results.flags & int(Flags.OF) != 0] = int(Flags.NV)  # where integers wrap
    return returned(call, results)


def from_int(
    n: npt.ArrayLike, integer: Format | str, fmt: Format | str, **options: Unpack[Keywords]
) -> Any:
    """Return the codes in `fmt` of integers, with one rounding.

    Parameters
    ----------
    n : array_like of int
        Codes of `integer`.
    integer : FixedFormat or str
        A format without fraction digits: ``int32``, ``uint8``, ...
    fmt : Format or str
        The format of the results.
    **options
        As in `numfmt.add`, but for `result`.

    Returns
    -------
    ndarray of codes of `fmt`
        With `return_flags`, a pair of it and a uint8 array.

    References
    ----------
    IEEE 754-2019, 5.4.1.

    Examples
    --------
    >>> from_int([0xff, 0x11], "uint8", "e4m3", return_flags=True)
    (array([120,  88], dtype=uint8), array([1, 1], dtype=uint8))
    """
    if options.get("result") is not None:
        raise FormatError(f"result={options['result']!r}: the format of the results is fmt={fmt!r}")
    call = call_with((n,), ("n",), _integers(integer), {**options, "result": scalar_format(fmt)})
    results = results_of(call)
    project_codes(results, call, call.operands[0], call.formats[0])
    return returned(call, results)


def _integers(integer: Format | str) -> FixedFormat:
    """Return a format of integers."""
    fmt = scalar_format(integer, "integer")
    if isinstance(fmt, FixedFormat) and fmt.fraction_bits == 0:
        return fmt
    raise FormatError(f"integer={fmt.name!r} is no format of integers; give one such as 'int32'")


def _outside(fmt: FixedFormat, rule: IntegerRule, negative: int) -> int:
    """Return what an integer out of range becomes; where integers wrap, an infinity."""
    if rule is IntegerRule.X86:
        return _indefinite(fmt)
    return 0 if rule is IntegerRule.WRAP else fmt.largest_code(negative)


def _of_nan(fmt: FixedFormat, rule: IntegerRule) -> int:
    if rule is IntegerRule.X86:
        return _indefinite(fmt)
    return fmt.largest_code(0) if rule is IntegerRule.RISCV else 0


def _indefinite(fmt: FixedFormat) -> int:
    return 1 << (fmt.bits - 1) if fmt.signed else (1 << fmt.bits) - 1

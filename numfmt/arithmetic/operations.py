"""Arithmetic on codes with one rounding: add, sub, mul, div, fma, faa, sqrt and their kin."""

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ..arguments import as_array
from ..errors import FormatError
from ..families.base import Format
from ..rounding import Rounding
from .calls import Formats
from .engine import Operation
from .keywords import Keywords, call_with
from .lookup import result_of

_LARGEST_SHIFT = 1 << 30  # of scale_b: larger ones change nothing more


def add(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a + b, rounded once.

    Parameters
    ----------
    a, b : array_like of int
        Codes, broadcast against each other.
    fmt : Format, str, or a sequence of two
        The format of both operands, or of each.
    result : Format or str, optional
        The format of the result; may be left out if all operands have the same.
    rounding : Rounding or str, optional
        Default: that of the result format, mostly nearest_even.
    overflow : Overflow or str, optional
        What becomes of a result past the largest finite value. Default: the rule of the dialect
        where the result format can follow it, else of the result format.
    nan : float or int, optional
        What a NaN result becomes: a float is a value, an int a code. Default: by the dialect.
    random_bits, bits, rng : optional
        For a stochastic mode, as in `numfmt.encode`.
    flush_inputs, flush_results : bool, optional
        Whether subnormal operands, or tiny results, are zeros. Default: the dialect's.
    tininess : {'after', 'before'}, optional
        Default: the dialect's.
    dialect : Dialect or str, optional
        ieee, riscv, x86, arm, cuda, ocp_sat, ocp_nosat or p3109: what IEEE 754 leaves open.
        Default: that of the document of the result format.
    return_flags : bool
        Also return the status flags of each result (`numfmt.Flags`).
    out : ndarray, optional
        Where to put the codes.

    Returns
    -------
    ndarray of the smallest unsigned dtype that holds a code of the result, broadcast shape
        With `return_flags`, a pair of it and a uint8 array.

    Raises
    ------
    FormatError
        A result has no code (NaN or infinity in a format without), an operand is no code of its
        format, or an option does not fit.

    References
    ----------
    IEEE 754-2019, 5.4.1, 6 and 7; IEEE P3109 4.0, 4.10. `numfmt.arithmetic` has the rules.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.add([0x38, 0x7e], [0x38, 0x7e], "e4m3", return_flags=True)
    (array([ 64, 127], dtype=uint8), array([0, 5], dtype=uint8))
    >>> [hex(code) for code in nf.add([0x38], [0x3c00], ["e4m3", "binary16"], result="bfloat16")]
    ['0x4000']
    """
    return result_of(Operation("add"), call_with((a, b), ("a", "b"), fmt, options))


def sub(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a - b, rounded once; arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.sub(0x3c00, 0x3c00, "binary16", rounding="toward_negative").item() == 0x8000  # -0
    True
    """
    operation = Operation("add", subtract=True)
    return result_of(operation, call_with((a, b), ("a", "b"), fmt, options))


def mul(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a * b, rounded once; arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.mul(0x3c, 0x3c, "e4m3", rounding="toward_zero"), "e4m3").item()
    2.25
    """
    return result_of(Operation("mul"), call_with((a, b), ("a", "b"), fmt, options))


def div(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a / b, rounded once; arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> code, flags = nf.div(0x3c00, 0, "binary16", return_flags=True)
    >>> hex(code), nf.Flags(int(flags))
    ('0x7c00', <Flags.DZ: 8>)
    >>> hex(nf.div(0x40, 0x00, "Binary8p3se"))  # NaN in P3109
    '0x80'
    """
    return result_of(Operation("div"), call_with((a, b), ("a", "b"), fmt, options))


def fma(
    a: npt.ArrayLike, b: npt.ArrayLike, c: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the codes of a * b + c, rounded once; `fmt` is one or three formats.

    Other arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> formats = ["e4m3", "e5m2", "binary32"]
    >>> hex(nf.fma(0x38, 0x3c, 0x3f800000, formats, result="binary32"))
    '0x40000000'
    """
    call = call_with((a, b, c), ("a", "b", "c"), fmt, options)
    return result_of(Operation("fma"), call)


def faa(
    a: npt.ArrayLike, b: npt.ArrayLike, c: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]
) -> Any:
    """Return the codes of a + b + c, rounded once (P3109's FAA); arguments as in `fma`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.faa(0x7e, 0x01, 0xfe, "e4m3"), "e4m3").item() == 2.0**-9
    True
    """
    call = call_with((a, b, c), ("a", "b", "c"), fmt, options)
    return result_of(Operation("faa"), call)


def sqrt(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the square roots of a, rounded once; other arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.sqrt([0x40, 0x48], "e4m3"), "e4m3").tolist()
    [1.375, 2.0]
    """
    return result_of(Operation("sqrt"), call_with((a,), ("a",), fmt, options))


def rsqrt(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of 1 / sqrt(a), rounded once; other arguments as in `add`.

    Formats of more than 16 bits go element by element, some 10**5 a second.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.rsqrt(0x48, "e4m3"), "e4m3").item()
    0.5
    """
    return result_of(Operation("rsqrt"), call_with((a,), ("a",), fmt, options))


def recip(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of 1 / a, rounded once; other arguments as in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.recip(0x44, "e4m3"), "e4m3").item()
    0.34375
    """
    return result_of(Operation("recip"), call_with((a,), ("a",), fmt, options))


def hypot(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of sqrt(a*a + b*b), rounded once; arguments as in `add`.

    Formats of more than 8 bits go element by element, some 70,000 a second.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.hypot(0x44, 0x48, "e4m3"), "e4m3").item()
    5.0
    """
    return result_of(Operation("hypot"), call_with((a, b), ("a", "b"), fmt, options))


def remainder(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a - n*b, n the integer nearest a/b, ties to even (754-2019, 5.3.1).

    Arguments as in `add`. Formats of more than 8 bits go element by element, 40,000 to 90,000 a
    second.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.remainder(0x4c, 0x48, "e4m3"), "e4m3").item()
    -2.0
    """
    return result_of(Operation("remainder"), call_with((a, b), ("a", "b"), fmt, options))


def round_to_int(
    a: npt.ArrayLike, fmt: Formats, *, exact: bool = False, **options: Unpack[Keywords]
) -> Any:
    """Return the codes of values rounded to integers (754-2019, 5.3.1 and 5.9).

    Parameters
    ----------
    a, fmt
        As in `add`.
    exact : bool
        Whether the inexact flag is raised where `a` was no integer.
    **options
        As in `add`; `rounding` is the direction, but not `jam`.

    Examples
    --------
    >>> import numfmt as nf
    >>> halves = nf.encode([0.5, 1.5, -0.25], "e4m3")
    >>> nf.decode(nf.round_to_int(halves, "e4m3"), "e4m3").tolist()
    [0.0, 2.0, -0.0]
    """
    call = call_with((a,), ("a",), fmt, options)
    if call.settings.options.rounding is Rounding.JAM:
        raise FormatError("rounding='jam' makes no integers of values; use 'to_odd'")
    return result_of(Operation("round_to_int", exact=bool(exact)), call)


def scale_b(
    a: npt.ArrayLike, n: npt.ArrayLike, fmt: Format | str, **options: Unpack[Keywords]
) -> Any:
    """Return the codes of a * 2**n, rounded once (754-2019, 5.3.3).

    Parameters
    ----------
    a : array_like of int
        Codes.
    n : array_like of int
        Integers, broadcast against `a`.
    fmt, **options
        As in `add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.scale_b(0x38, [-9, -10, 3], "e4m3"), "e4m3").tolist()
    [0.001953125, 0.0, 8.0]
    """
    powers = as_array(n, "n")
    if powers.dtype.kind not in "iu":
        raise FormatError(f"n has dtype {powers.dtype}; scale_b takes integers")
    codes = as_array(a, "a")
    try:
        shape = np.broadcast_shapes(codes.shape, powers.shape)
    except ValueError:
        raise FormatError(
            f"a of shape {codes.shape}, n of shape {powers.shape} do not broadcast"
        ) from None
    call = call_with((np.broadcast_to(codes, shape),), ("a",), fmt, options)
    limit = min(_LARGEST_SHIFT, np.iinfo(powers.dtype).max)
    least = max(-_LARGEST_SHIFT, np.iinfo(powers.dtype).min)
    clipped = np.clip(powers, least, limit).astype(np.int64)
    spread = np.ascontiguousarray(np.broadcast_to(clipped, shape)).reshape(-1)
    return result_of(Operation("scale_b"), call, spread)

"""Exponentials, logarithms, hyperbolic functions, powers and activations of codes."""

from typing import Any, Unpack

import numpy.typing as npt

from ..arithmetic.calls import Formats
from ..arithmetic.keywords import Keywords
from .operations import apply


def exp(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of e**a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.exp(0x38, "e4m3"), "e4m3").item()
    2.75
    """
    return apply("exp", (a,), fmt, **options)


def exp2(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of 2**a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.exp2(0x3c, "e4m3"), "e4m3").item()
    2.75
    """
    return apply("exp2", (a,), fmt, **options)


def exp10(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of 10**a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.exp10(0x38, "e4m3"), "e4m3").item()
    10.0
    """
    return apply("exp10", (a,), fmt, **options)


def expm1(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of e**a - 1, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.expm1(0x38, "e4m3"), "e4m3").item()
    1.75
    """
    return apply("expm1", (a,), fmt, **options)


def log(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the natural logarithm of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.log(0x40, "e4m3"), "e4m3").item()
    0.6875
    """
    return apply("log", (a,), fmt, **options)


def log2(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the logarithm of a to base 2, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.log2(0x44, "e4m3"), "e4m3").item()
    1.625
    """
    return apply("log2", (a,), fmt, **options)


def log10(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the logarithm of a to base 10, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.log10(0x58, "e4m3"), "e4m3").item()
    1.25
    """
    return apply("log10", (a,), fmt, **options)


def log1p(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the natural logarithm of 1 + a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.log1p(0x38, "e4m3"), "e4m3").item()
    0.6875
    """
    return apply("log1p", (a,), fmt, **options)


def sinh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the hyperbolic sine of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.sinh(0x38, "e4m3"), "e4m3").item()
    1.125
    """
    return apply("sinh", (a,), fmt, **options)


def cosh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the hyperbolic cosine of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.cosh(0x38, "e4m3"), "e4m3").item()
    1.5
    """
    return apply("cosh", (a,), fmt, **options)


def tanh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the hyperbolic tangent of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.tanh(0x38, "e4m3"), "e4m3").item()
    0.75
    """
    return apply("tanh", (a,), fmt, **options)


def asinh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the inverse hyperbolic sine of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.asinh(0x38, "e4m3"), "e4m3").item()
    0.875
    """
    return apply("asinh", (a,), fmt, **options)


def acosh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the inverse hyperbolic cosine of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.acosh(0x40, "e4m3"), "e4m3").item()
    1.375
    """
    return apply("acosh", (a,), fmt, **options)


def atanh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the inverse hyperbolic tangent of a, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.atanh(0x30, "e4m3"), "e4m3").item()
    0.5625
    """
    return apply("atanh", (a,), fmt, **options)


def softplus(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of log(1 + e**a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.softplus(0x38, "e4m3"), "e4m3").item()
    1.375
    """
    return apply("softplus", (a,), fmt, **options)


def sigmoid(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of 1 / (1 + e**-a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.sigmoid(0x38, "e4m3"), "e4m3").item()
    0.75
    """
    return apply("sigmoid", (a,), fmt, **options)


def silu(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a / (1 + e**-a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.silu(0x38, "e4m3"), "e4m3").item()
    0.75
    """
    return apply("silu", (a,), fmt, **options)


def gelu(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a * Phi(a), Phi the normal distribution, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.gelu(0x38, "e4m3"), "e4m3").item()
    0.8125
    """
    return apply("gelu", (a,), fmt, **options)


def gelu_tanh(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a/2 * (1 + tanh(sqrt(2/pi) * (a + 0.044715 * a**3))), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.gelu_tanh(0x38, "e4m3"), "e4m3").item()
    0.8125
    """
    return apply("gelu_tanh", (a,), fmt, **options)


def pow(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of a**b, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.pow(0x40, 0x44, "e4m3"), "e4m3").item()
    8.0
    """
    return apply("pow", (a, b), fmt, **options)

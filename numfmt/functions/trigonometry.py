"""Trigonometric functions of codes and their inverses, in radians and in half turns."""

from typing import Any, Unpack

import numpy.typing as npt

from ..arithmetic.calls import Formats
from ..arithmetic.keywords import Keywords
from .operations import apply


def sin(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the sine of a radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.sin(0x38, "e4m3"), "e4m3").item()
    0.8125
    """
    return apply("sin", (a,), fmt, **options)


def cos(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the cosine of a radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.cos(0x38, "e4m3"), "e4m3").item()
    0.5625
    """
    return apply("cos", (a,), fmt, **options)


def tan(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the tangent of a radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.tan(0x38, "e4m3"), "e4m3").item()
    1.5
    """
    return apply("tan", (a,), fmt, **options)


def sin_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the sine of a half turns, sin(pi * a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.sin_pi(0x28, "e4m3"), "e4m3").item()
    0.6875
    """
    return apply("sin_pi", (a,), fmt, **options)


def cos_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the cosine of a half turns, cos(pi * a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.cos_pi(0x28, "e4m3"), "e4m3").item()
    0.6875
    """
    return apply("cos_pi", (a,), fmt, **options)


def tan_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the tangent of a half turns, tan(pi * a), correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.tan_pi(0x28, "e4m3"), "e4m3").item()
    1.0
    """
    return apply("tan_pi", (a,), fmt, **options)


def asin(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose sine is a, in radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.asin(0x38, "e4m3"), "e4m3").item()
    1.625
    """
    return apply("asin", (a,), fmt, **options)


def acos(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose cosine is a, in radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.acos(0xb8, "e4m3"), "e4m3").item()
    3.25
    """
    return apply("acos", (a,), fmt, **options)


def atan(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose tangent is a, in radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.atan(0x38, "e4m3"), "e4m3").item()
    0.8125
    """
    return apply("atan", (a,), fmt, **options)


def asin_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose sine is a, in half turns, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.asin_pi(0x30, "e4m3"), "e4m3").item()
    0.171875
    """
    return apply("asin_pi", (a,), fmt, **options)


def acos_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose cosine is a, in half turns, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.acos_pi(0x30, "e4m3"), "e4m3").item()
    0.34375
    """
    return apply("acos_pi", (a,), fmt, **options)


def atan_pi(a: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle whose tangent is a, in half turns, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.atan_pi(0x38, "e4m3"), "e4m3").item()
    0.25
    """
    return apply("atan_pi", (a,), fmt, **options)


def atan2(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle of the point (b, a), in radians, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.atan2(0x38, 0xb8, "e4m3"), "e4m3").item()
    2.25
    """
    return apply("atan2", (a, b), fmt, **options)


def atan2_pi(a: npt.ArrayLike, b: npt.ArrayLike, fmt: Formats, **options: Unpack[Keywords]) -> Any:
    """Return the codes of the angle of the point (b, a), in half turns, correctly rounded.

    Arguments as in `numfmt.add`.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.decode(nf.atan2_pi(0x38, 0xb8, "e4m3"), "e4m3").item()
    0.75
    """
    return apply("atan2_pi", (a, b), fmt, **options)

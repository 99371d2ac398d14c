"""What the builders share: arguments checked, values brought in order."""

from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import FormatError
from ..families.codebooks import MAX_BITS

Real = Fraction | float


def by_value(values: dict[int, Fraction]) -> dict[str, Any]:
    """Return values and codes in the order of the values."""
    pairs = sorted((value, code) for code, value in values.items())
    return {
        "values": tuple(value for value, _ in pairs),
        "codes": tuple(code for _, code in pairs),
    }


def twos(integer: int, bits: int) -> int:
    """Return the code of an integer in two's complement."""
    return integer % (1 << bits)


def width_option(value: object, least: int, most: int = MAX_BITS, argument: str = "bits") -> int:
    """Return an integer within its range."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or not least <= value <= most
    ):
        raise FormatError(f"{argument}={value!r} is not an integer from {least} to {most}")
    return int(value)


def number_option(value: object, argument: str, *, positive: bool = True) -> Fraction:
    """Return a real number exactly, positive unless said otherwise."""
    try:
        number = Fraction(value.item() if isinstance(value, np.generic) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise FormatError(f"{argument}={value!r} is not a finite number") from None
    if positive and number <= 0:
        raise FormatError(f"{argument}={value!r} is not positive")
    return number

"""The options of operations that give codes, named and checked in one place."""

import difflib
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from ..dialects import Dialect
from ..families.base import Format
from ..rounding import Overflow, Rounding, Tininess
from .calls import Array, Call, Formats, call_of


class Keywords(TypedDict, total=False):
    """The options of every operation whose results are codes; `numfmt.add` describes them."""

    result: Format | str | None
    rounding: Rounding | str | None
    overflow: Overflow | str | None
    nan: float | int | None
    random_bits: npt.ArrayLike | None
    bits: int
    rng: np.random.Generator | int | None
    flush_inputs: bool | None
    flush_results: bool | None
    tininess: Tininess | str | None
    dialect: Dialect | str | None
    return_flags: bool
    out: Array | None


_OWN: dict[str, Any] = {
    "result": None,
    "random_bits": None,
    "rng": None,
    "return_flags": False,
    "out": None,
}


def call_with(
    operands: Sequence[npt.ArrayLike], names: Sequence[str], fmt: Formats, options: Keywords
) -> Call:
    """Return a call of an operation with the options that its user gave.

    Raises
    ------
    FormatError
        An operand, a format or an option does not fit.
    TypeError
        There is no option of a name.

    Examples
    --------
    >>> call_with([[1, 2], 3], ["a", "b"], "e4m3", {"rounding": "toward_zero"}).shape
    (2,)
    """
    known = list(Keywords.__annotations__)
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{name!r} is not one of the options {', '.join(known)}.{hint}")
    return call_of(operands, names, fmt, **{**_OWN, **options})

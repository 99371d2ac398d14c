"""Which engine encodes into a format, and what to say when an element has no code."""

import math
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from . import logarithms, projection, randomness, searching
from .arguments import Values, place, signalling
from .digits import fields_of_codes
from .errors import FormatError
from .families.base import ScalarFormat
from .families.codebooks import CodebookFormat
from .families.grid import GridFormat, text_of
from .families.logarithmic import LogarithmicFormat
from .flags import Flags
from .kernels.search import REFUSED
from .lowering import Options
from .params import ALARM, Kind
from .rounding import Overflow, Rounding, Tininess

Array = npt.NDArray[Any]


def encode_values(
    values: Values,
    fmt: ScalarFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
    flags: npt.NDArray[np.uint16] | None,
    argument: str = "x",
) -> None:
    """Fill `codes` (1-D, of `fmt.code_dtype`) and `flags` from values.

    Raises
    ------
    FormatError
        A value has no code; the first one is named.
    """
    if _encode(values, fmt, options, draws, codes, flags):
        _explain(values, fmt, options, draws, argument)
    if flags is not None and (loud := signalling(values)) is not None:
        flags[loud] |= int(Flags.NV)


def _encode(
    values: Values,
    fmt: ScalarFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
    flags: npt.NDArray[np.uint16] | None,
) -> bool:
    """Fill `codes` with the engine of the family; return whether some value has no code."""
    if isinstance(fmt, GridFormat):
        return projection.encode(values, fmt, options, draws, codes, flags)
    if isinstance(fmt, CodebookFormat):
        return searching.encode(values, fmt, options, draws, codes)
    if isinstance(fmt, LogarithmicFormat):
        return logarithms.encode(values, fmt, options, codes)
    raise FormatError(f"{fmt.name!r} of class {type(fmt).__name__} has no encoder")


def refused(
    values: Values, fmt: ScalarFormat, options: Options, draws: randomness.Source
) -> npt.NDArray[np.bool_]:
    """Return where a value has no code."""
    size = values.words.size
    if isinstance(fmt, GridFormat):
        flags = np.zeros(size, np.uint16)
        _encode(values, fmt, options, draws, np.empty(size, fmt.code_dtype), flags)
        return flags >= ALARM
    outcomes = np.empty(size, np.uint32)
    _encode(values, fmt, options, draws, outcomes, None)
    found: npt.NDArray[np.bool_] = outcomes == REFUSED
    return found


def _explain(
    values: Values, fmt: ScalarFormat, options: Options, draws: randomness.Source, argument: str
) -> NoReturn:
    """Raise the error of the first value that has no code."""
    index = int(np.argmax(refused(values, fmt, options, draws)))
    kind, negative, shown = _element(values, index)
    where = place(argument, values.shape, index)
    if kind is Kind.NAN:
        raise FormatError(
            f"{where} is NaN and {fmt.name!r} has no NaN; pass nan=0.0 (a value) or nan=<int> "
            "(a code), or replace it before encoding"
        )
    if kind is Kind.INFINITY:
        which = "negative infinity" if fmt.has_infinity else "infinity"
        raise FormatError(
            f"{where} is infinite and {fmt.name!r} has no {which}; pass overflow='saturate'"
        )
    if negative and not fmt.has_zero and not fmt.signed_values:
        raise FormatError(
            f"{where} = {shown} is negative and {fmt.name!r} has only positive values; pass its "
            "magnitude"
        )
    raise FormatError(
        f"{where} = {shown} is past the end of {fmt.name!r} ({text_of(fmt.lowest)} to "
        f"{text_of(fmt.largest)}) and overflow={options.overflow.value!r}; choose another policy, "
        "or scale it"
    )


def _element(values: Values, index: int) -> tuple[Kind, bool, str]:
    """Return the kind and sign of one value, and the value as its user would write it."""
    if values.source is not None and values.origin is not None:
        code = values.origin[index : index + 1]
        kind, sign, _, _ = fields_of_codes(code, values.source)
        return Kind(kind[0]), bool(sign[0]), f"{int(code[0]):#x} of {values.source.name!r}"
    with np.errstate(invalid="ignore"):
        number = values.words.view(values.kind)[index].item()
    negative = math.copysign(1, number) < 0
    if math.isnan(number):
        return Kind.NAN, negative, "nan"
    return Kind.INFINITY if math.isinf(number) else Kind.NORMAL, negative, repr(number)


def encode_one(x: float, fmt: ScalarFormat) -> int:
    """Return the code of one float64, saturating, ties to even.

    Raises
    ------
    FormatError
        `x` is NaN and the format has none.
    """
    codes = np.empty(1, fmt.code_dtype)
    words = np.array([x], np.float64).view(np.uint64)
    options = Options(
        Rounding.NEAREST_EVEN, Overflow.SATURATE, None, 8, None, False, Tininess.AFTER
    )
    none = randomness.source(options.rounding, (1,), None, 8, None)
    encode_values(Values(words, "float64", (), None), fmt, options, none, codes, None, "nan")
    return int(codes[0])

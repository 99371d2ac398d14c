"""Which kernel encodes an array, and what to say when an element has no code."""

import functools
import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from . import randomness
from .arguments import Values, place, signalling
from .errors import FormatError
from .families.grid import GridFormat, text_of
from .flags import Flags
from .kernels import fields, project, tables
from .lowering import Options, binade_table, by_table, lower, may_refuse
from .parallel import in_parallel
from .params import ALARM, Grid, Kind, Projection
from .rounding import Overflow, Rounding, Tininess

BLOCK = 1 << 15  # elements that the general kernel takes at once; fits the nearest caches
SMALL = 1 << 10  # below this a table costs more than it saves

Array = npt.NDArray[Any]
_NO_FLAGS: npt.NDArray[np.uint16] = np.zeros(0, np.uint16)


def encode_values(
    values: Values,
    fmt: GridFormat,
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
    fmt: GridFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
    flags: npt.NDArray[np.uint16] | None,
) -> bool:
    words, size = values.words, values.words.size
    if flags is None and size >= SMALL:
        if values.kind == "float32" and _by_class(fmt, options):
            return _encode_by_class(words, class_table(fmt, options), codes)
        trailing, exponent_bits, least = (
            (23, 8, -126) if values.kind == "float32" else (52, 11, -1022)
        )
        if values.kind.startswith("float") and by_table(fmt, options, trailing, least):
            table = binade_table(fmt, options, trailing, exponent_bits)
            watch = int(may_refuse(lower(fmt, options)[1]))
            return _encode_by_binade(words, trailing, table, watch, options, draws, codes)
    kernel = _general(values, fmt, options)

    def run(start: int, stop: int) -> int:
        seen = 0
        scratch = np.empty(min(BLOCK, stop - start), np.uint64)
        for low in range(start, stop, BLOCK):
            part = slice(low, min(low + BLOCK, stop))
            found = scratch[: part.stop - low]
            block_flags = _NO_FLAGS if flags is None else flags[part]
            random = draws(low, part.stop).astype(np.uint64, copy=False)
            seen |= int(kernel(part, random, found, block_flags))
            codes[part] = found
        return seen

    return in_parallel(run, size, BLOCK) >= ALARM


def _encode_by_binade(
    words: Array,
    trailing: int,
    table: npt.NDArray[np.uint64],
    watch: int,
    options: Options,
    draws: randomness.Source,
    codes: Array,
) -> bool:
    def run(start: int, stop: int) -> int:
        if not options.rounding.stochastic:
            part = slice(start, stop)
            return int(tables.encode_by_binade(words[part], table, trailing, watch, codes[part]))
        seen = 0
        for low in range(start, stop, BLOCK):
            part = slice(low, min(low + BLOCK, stop))
            seen |= int(
                tables.encode_by_binade_randomly(
                    words[part],
                    draws(low, part.stop),
                    table,
                    trailing,
                    options.rounding.stochastic,
                    options.bits,
                    codes[part],
                )
            )
        return seen

    return in_parallel(run, words.size, BLOCK) >= tables.REFUSED


def _general(
    values: Values, fmt: GridFormat, options: Options
) -> Callable[[slice, Array, Array, Array], int]:
    """Return the general kernel as a function of (part, random bits, codes, flags)."""
    grid, how = lower(fmt, options)
    words = values.words
    if values.kind == "codes" and values.source is not None:
        return _of_codes(words, values.source, grid, how)
    if values.kind.endswith("int64"):
        signed = int(values.kind == "int64")
        return lambda part, random, codes, flags: project.project_integers(
            words[part], signed, random, codes, flags, grid, how
        )
    if values.kind == "float32":
        return lambda part, random, codes, flags: project.project_float64(
            words[part].view("f4").astype("f8").view("u8"), random, codes, flags, grid, how
        )
    return lambda part, random, codes, flags: project.project_float64(
        words[part], random, codes, flags, grid, how
    )


def _of_codes(
    codes: Array, source: GridFormat, grid: Grid, how: Projection
) -> Callable[[slice, Array, Array, Array], int]:
    """Return the general kernel for codes whose values need not fit any machine type."""

    def run(part: slice, random: Array, found: Array, flags: Array) -> int:
        unpacked = fields.fields_of(codes[part], source.grid)
        return int(project.project_fields(*unpacked, random, found, flags, grid, how))

    return run


def _by_class(fmt: GridFormat, options: Options) -> bool:
    """Return whether the upper half of a float32 and a sticky bit decide the code.

    The half keeps 7 fraction bits and a quantum of 2**-133; two of them must be lost, so that the
    last one is below every tie and may hold the sticky bit.
    """
    grid = fmt.grid
    return (
        not options.rounding.stochastic
        and by_table(fmt, options, 23, -126)
        and fmt.bits <= 8
        and grid.t <= 5
        and grid.emin - grid.t >= -131
    )


@functools.lru_cache(maxsize=256)
def class_table(fmt: GridFormat, options: Options) -> npt.NDArray[np.uint16]:
    """Return the code of every upper half of a float32 (its last bit sticky)."""
    halves = np.arange(1 << 16, dtype=np.uint32) << np.uint32(16)
    codes = np.empty(halves.size, np.uint64)
    table = binade_table(fmt, options, 23, 8)
    with np.errstate(over="ignore"):  # in the interpreter; ordinals below 0 wrap
        tables.encode_by_binade(halves, table, 23, 0, codes)
    return np.where(codes >= tables.REFUSED, tables.CLASS_REFUSED, codes).astype(np.uint16)


def _encode_by_class(words: Array, table: npt.NDArray[np.uint16], codes: Array) -> bool:
    even = words.size & ~1
    pairs = words[:even].view(np.uint64)

    def run(start: int, stop: int) -> int:
        found = codes[2 * start : 2 * stop]
        return int(tables.encode_by_class(pairs[start:stop], table, found))

    seen = in_parallel(run, pairs.size, 1)
    if words.size > even:
        word = int(words[even])
        last = int(table[word >> 16 | (word & 0xFFFF != 0)])
        codes[even] = last & 0xFF
        seen |= last
    return seen >= tables.CLASS_REFUSED


def refused(
    values: Values, fmt: GridFormat, options: Options, draws: randomness.Source
) -> npt.NDArray[np.bool_]:
    """Return where a value has no code."""
    codes = np.empty(values.words.size, fmt.code_dtype)
    flags = np.zeros(values.words.size, np.uint16)
    _encode(values, fmt, options, draws, codes, flags)
    return flags >= ALARM


def _explain(
    values: Values, fmt: GridFormat, options: Options, draws: randomness.Source, argument: str
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
    if negative and not fmt.has_zero:
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
        kind, sign, _, _ = fields.fields_of(code, values.source.grid)
        return Kind(kind[0]), bool(sign[0]), f"{int(code[0]):#x} of {values.source.name!r}"
    with np.errstate(invalid="ignore"):
        number = values.words.view(values.kind)[index].item()
    negative = math.copysign(1, number) < 0
    if math.isnan(number):
        return Kind.NAN, negative, "nan"
    return Kind.INFINITY if math.isinf(number) else Kind.NORMAL, negative, repr(number)


def encode_one(x: float, fmt: GridFormat) -> int:
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

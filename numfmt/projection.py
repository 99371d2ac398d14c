"""Into floats, fixed point, posits and takums: which kernel encodes an array."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import randomness
from .arguments import Values, widened
from .binades import binade_table, by_table, may_fail
from .digits import fields_of_codes
from .errors import FormatError
from .families.base import ScalarFormat
from .families.grid import GridFormat
from .kernels import project, tables
from .lowering import Options, lower
from .parallel import in_parallel
from .params import ALARM

BLOCK = 1 << 15  # elements that the general kernel takes at once; fits the nearest caches
SMALL = 1 << 10  # below this a table costs more than it saves

Array = npt.NDArray[Any]
_NO_FLAGS: npt.NDArray[np.uint16] = np.zeros(0, np.uint16)


def encode(
    values: Values,
    fmt: GridFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
    flags: npt.NDArray[np.uint16] | None,
) -> bool:
    """Fill `codes` (1-D, of `fmt.code_dtype`) and `flags`; return whether some value has no code.

    A flag of at least `params.ALARM` says which.
    """
    size = values.words.size
    if flags is None and size >= SMALL and _by_table(values, fmt, options, draws, codes):
        return False
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


def _by_table(
    values: Values, fmt: GridFormat, options: Options, draws: randomness.Source, codes: Array
) -> bool:
    """Fill `codes` by a table if one serves; return False where the general kernel must."""
    if values.kind == "float32":
        if _by_class(fmt, options):
            return not _encode_by_class(values.words, class_table(fmt, options), codes)
        if by_table(fmt, options, 23, -126):
            return not _encode_by_binade(values.words, 23, 8, fmt, options, draws, codes)
    if values.kind.startswith("float") and by_table(fmt, options, 52, -1022):
        return not _encode_by_binade(values.words, 52, 11, fmt, options, draws, codes)
    return False


def _encode_by_binade(
    words: Array,
    trailing: int,
    exponent_bits: int,
    fmt: GridFormat,
    options: Options,
    draws: randomness.Source,
    codes: Array,
) -> bool:
    """Fill `codes` and return whether the table has no answer for some value."""
    table = binade_table(fmt, options, trailing, exponent_bits)
    watch = may_fail(fmt, options, trailing, exponent_bits)
    widen = trailing == 52 and words.dtype.itemsize == 4

    def run(start: int, stop: int) -> int:
        if not (options.rounding.stochastic or widen):
            part = slice(start, stop)
            return int(tables.encode_by_binade(words[part], table, trailing, watch, codes[part]))
        seen = 0
        for low in range(start, stop, BLOCK):
            part = slice(low, min(low + BLOCK, stop))
            block = widened(words[part]) if widen else words[part]
            if not options.rounding.stochastic:
                seen |= int(tables.encode_by_binade(block, table, trailing, watch, codes[part]))
                continue
            seen |= int(
                tables.encode_by_binade_randomly(
                    block,
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
    words, source = values.words, values.source
    if values.kind == "codes" and source is not None:
        if options.rounding.stochastic and not source.dyadic:
            _check_draw(fmt, options)
        return lambda part, random, codes, flags: project.project_fields(
            *fields_of_codes(words[part], source), random, codes, flags, grid, how
        )
    if values.kind.endswith("int64"):
        signed = int(values.kind == "int64")
        return lambda part, random, codes, flags: project.project_integers(
            words[part], signed, random, codes, flags, grid, how
        )
    return lambda part, random, codes, flags: project.project_float64(
        widened(words[part]), random, codes, flags, grid, how
    )


def check_residues(codes: Array, source: ScalarFormat, fmt: GridFormat) -> None:
    """Refuse to wrap values of which 64 digits do not reach the last one that a format keeps."""
    _, _, exponents, significands = fields_of_codes(codes, source)
    lost = (significands & np.uint64(1) != 0) & (exponents > fmt.grid.emin - fmt.grid.t)
    if lost.any():
        code = int(codes[np.flatnonzero(lost)[0]])
        raise FormatError(
            f"overflow='wrap': code {code:#x} of {source.name!r} stands for too large a number; "
            f"its residue in {fmt.name!r} is past 64 digits. Use 'saturate'"
        )


def _check_draw(fmt: GridFormat, options: Options) -> None:
    """Refuse draws that look at more digits than an irrational or fractional value is kept to."""
    most = 60 - fmt.grid.t
    if options.bits > most:
        if most < 1:
            raise FormatError(
                f"rounding={options.rounding.value!r}: values that are no binary fractions are "
                f"not drawn into formats as wide as {fmt.name!r}; use a deterministic mode"
            )
        raise FormatError(
            f"bits={options.bits}: values that are no binary fractions are drawn with at most "
            f"{most} bits for {fmt.name!r}"
        )


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

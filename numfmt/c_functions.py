"""C functions of small formats: tables of values, and thresholds where codes change."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .conversion import encode
from .decoding import decode, nearest_float64
from .errors import FormatError
from .families.base import ScalarFormat

_MOST_BITS = 8
_INFINITY = 0x7FF0000000000000
_PER_LINE = 4

_LAST = """\
static inline uint8_t NAME_last(
    const uint64_t *from, const uint8_t *codes, unsigned count, uint64_t x) {
  unsigned low = 0, high = count;
  while (high - low > 1) {
    unsigned middle = (low + high) / 2;
    if (from[middle] <= x) low = middle;
    else high = middle;
  }
  return codes[low];
}"""
_ENCODE = """\
NUMFMT_API uint8_t NAME_encode(double x) {
  uint64_t bits, magnitude;
  memcpy(&bits, &x, sizeof bits);
  magnitude = bits & 0x7fffffffffffffffull;
  if (magnitude > 0x7ff0000000000000ull) return bits >> 63 ? NAN1 : NAN0;
  if (IS_NEGATIVE) return NEGATIVE;
  return POSITIVE;
}"""

Words = npt.NDArray[np.uint64]


def functions_of(fmt: ScalarFormat, name: str) -> Iterator[str]:
    """Yield the lines of the tables and functions of a format of up to 8 bits; else nothing.

    Decoding is a table; encoding, with the format's default rounding and overflow, a binary search
    for the last of the doubles at which the code changes. Every function takes and returns plain
    types, and ``NUMFMT_API`` says how they are declared.
    """
    if fmt.bits > _MOST_BITS or not (fmt.fits_float64 or nearest_float64(fmt)):
        return
    used = [code for code in range(1 << fmt.bits) if code not in set(fmt.unused_codes())]
    values = np.full(1 << fmt.bits, np.nan)
    values[used] = decode(np.array(used), fmt)
    yield "#include <string.h>"
    yield "/* Define NUMFMT_API as nothing in one C file for functions that DPI-C can call. */"
    yield from ("#ifndef NUMFMT_API", "#define NUMFMT_API static inline", "#endif")
    yield from _table("uint64_t", f"{name}_double_bits", _bits(values))
    yield from _function("uint64_t", f"{name}_to_double_bits", f"{name}_double_bits", fmt)
    yield from _value_function("double", f"{name}_decode", f"{name}_double_bits", fmt)
    if fmt.fits_float32:
        floats = values.astype(np.float32).view(np.uint32)
        yield from _table("uint32_t", f"{name}_float_bits", floats.tolist())
        yield from _function("uint32_t", f"{name}_to_float_bits", f"{name}_float_bits", fmt)
        yield from _value_function("float", f"{name}_decode_float", f"{name}_float_bits", fmt)
    yield from _encoder(fmt, name)


def _bits(values: npt.NDArray[np.float64]) -> list[int]:
    words: list[int] = values.view(np.uint64).tolist()
    return words


def _table(kind: str, name: str, words: Iterable[int]) -> Iterator[str]:
    """Yield the definition of an array."""
    width = int(kind.removeprefix("uint").removesuffix("_t"))
    suffix = "u" if width < 64 else "ull"
    cells = [f"0x{word:0{width // 4}x}{suffix}" for word in words]
    yield f"static const {kind} {name}[{len(cells)}] = {{"
    step = _PER_LINE * (64 // width)
    yield from (f"  {', '.join(cells[i : i + step])}," for i in range(0, len(cells), step))
    yield "};"


def _function(kind: str, name: str, table: str, fmt: ScalarFormat) -> Iterator[str]:
    yield f"NUMFMT_API {kind} {name}(uint8_t code) {{"
    yield f"  return {table}[code & 0x{(1 << fmt.bits) - 1:02x}u];"
    yield "}"


def _value_function(kind: str, name: str, table: str, fmt: ScalarFormat) -> Iterator[str]:
    yield f"NUMFMT_API {kind} {name}(uint8_t code) {{"
    yield f"  {kind} x;"
    yield f"  memcpy(&x, &{table}[code & 0x{(1 << fmt.bits) - 1:02x}u], sizeof x);"
    yield "  return x;"
    yield "}"


def steps_of(fmt: ScalarFormat, negative: bool) -> tuple[Words, npt.NDArray[Any]] | None:
    """Return where the code of a magnitude changes: bits of doubles from 0 on, and codes from them.

    The code of x is that of the last entry whose double is no larger. None where the format takes
    no numbers of that sign.

    Examples
    --------
    >>> import numfmt as nf
    >>> first, codes = steps_of(nf.get("e2m1"), negative=False)
    >>> first.view(float)[:3].tolist(), codes[:3].tolist()
    ([0.0, 0.25000000000000006, 0.75], [0, 1, 2])
    """
    sign = np.uint64(int(negative) << 63)

    def codes_of(words: Words) -> npt.NDArray[Any]:
        codes: npt.NDArray[Any] = encode((words | sign).view(np.float64), fmt)
        return codes

    low, high = np.array([0], np.uint64), np.array([_INFINITY], np.uint64)
    try:
        first, codes = _changes(codes_of, low, high)
    except FormatError:
        return None
    keep = np.r_[True, codes[1:] != codes[:-1]]
    return first[keep], codes[keep]


def _changes(
    codes_of: Callable[[Words], npt.NDArray[Any]], low: Words, high: Words
) -> tuple[Words, npt.NDArray[Any]]:
    """Return `low` and all words up to `high` whose code is not that of the word before."""
    below, above = codes_of(low), codes_of(high)
    starts, found = [low], [below]
    while low.size:
        middle = low + (high - low) // np.uint64(2)
        at = codes_of(middle)
        done = high - low == 1
        starts.append(high[done])
        found.append(above[done])
        left, right = ~done & (at != below), ~done & (at != above)
        low, high, below, above = (
            np.concatenate([one[left], two[right]])
            for one, two in ((low, middle), (middle, high), (below, at), (at, above))
        )
    first = np.concatenate(starts)
    order = np.argsort(first)
    return first[order], np.concatenate(found)[order]


def _encoder(fmt: ScalarFormat, name: str) -> Iterator[str]:
    """Yield the function that rounds a double, and its tables."""
    sides = [steps_of(fmt, negative) for negative in (False, True)]
    nans = [_nan(fmt, negative) for negative in (False, True)]
    for side, steps in zip(("positive", "negative"), sides, strict=True):
        if steps is not None:
            yield from _table("uint64_t", f"{name}_{side}_from", steps[0].tolist())
            yield from _table("uint8_t", f"{name}_{side}_codes", steps[1].tolist())
    missing = [] if fmt.has_nan else ["x must not be NaN (it gives 0)"]
    if sides[1] is None:
        missing.append(f"x must not be negative (it gives 0x{nans[1]:02x})")
    mode, policy = fmt.default_rounding.value, fmt.default_overflow.value
    yield from _LAST.replace("NAME", name).splitlines()
    yield f"/* {'; '.join([f'rounding {mode}, overflow {policy}', *missing])}. */"
    calls = [
        f"{name}_last({name}_{side}_from, {name}_{side}_codes, {len(steps[0])}, magnitude)"
        if steps is not None
        else f"0x{nan:02x}"
        for side, steps, nan in zip(("positive", "negative"), sides, nans, strict=True)
    ]
    parts = {
        "NAME": name,
        "NAN0": f"0x{nans[0]:02x}",
        "NAN1": f"0x{nans[1]:02x}",
        "IS_NEGATIVE": "bits >> 63" if sides[1] is not None else "bits >> 63 && magnitude",
        "POSITIVE": calls[0],
        "NEGATIVE": calls[1],
    }
    yield from re.sub("|".join(parts), lambda found: parts[found[0]], _ENCODE).splitlines()


def _nan(fmt: ScalarFormat, negative: bool) -> int:
    """Return the code of a NaN; 0 where there is none."""
    code = fmt.nan_code(int(negative))
    return 0 if code is None else code

"""Operands that find mistakes: constructed corners, then hash-based random ones."""

import hashlib
import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import exact
from ..conversion import without_code
from ..decoding import unpack
from ..families.floats import FloatFormat
from ..families.grid import GridFormat
from ..flags import Flags
from ..params import UNIFORM
from ..rounding import Rounding
from .spec import Spec

CLASSES = ("input", "exhaustive", "special", "value", "tie", "beside", "random")
STREAM = "philox4x64-10 keyed by sha256(numfmt-vectors-1|seed|purpose)"
_ALL_ORDINALS = 1 << 10

Codes = npt.NDArray[np.uint64]


def random_words(seed: int, purpose: str, count: int) -> Codes:
    """Return `count` random 64-bit words that depend on the arguments alone."""
    digest = hashlib.sha256(f"numfmt-vectors-1|{seed}|{purpose}".encode()).digest()
    generator = np.random.Philox(key=int.from_bytes(digest[:16], "little"))
    words: Codes = generator.random_raw(count).astype(np.uint64)
    return words


def operands(spec: Spec) -> tuple[Codes, npt.NDArray[np.uint8], dict[str, int]]:
    """Return operand codes, the class of each (an index into `CLASSES`) and the class sizes.

    Operands that the result format has no answer to are left out. The special ones come first and
    an eighth of the rows is kept for random ones; where the other classes hold more than the rest,
    each of them is thinned evenly and keeps its last operands.
    """
    if spec.exhaustive:
        every = np.arange(1 << spec.src.bits, dtype=np.uint64)
        every = every[~refused(every, spec)]
        return every, _class("exhaustive", every.size), {"exhaustive": every.size}
    parts = [(name, codes[~refused(codes, spec)]) for name, codes in _corners(spec)]
    wanted = {name: codes.size for name, codes in parts}
    first = min(parts[0][1].size, spec.max_rows)
    room = spec.max_rows - first
    room -= room // 8
    sizes = np.cumsum([codes.size for _, codes in parts[1:]])
    ends = sizes if sizes[-1] <= room else sizes * room // sizes[-1]
    counts = [first, *np.diff(ends, prepend=0).tolist()]
    parts = [(name, _thinned(codes, n)) for (name, codes), n in zip(parts, counts, strict=True)]
    random = _random(spec, spec.max_rows - sum(counts))
    parts.append(("random", random))
    wanted["random"] = random.size
    codes = np.concatenate([codes for _, codes in parts])
    return codes, np.concatenate([_class(name, codes.size) for name, codes in parts]), wanted


def given_operands(codes: Codes) -> tuple[Codes, npt.NDArray[np.uint8], dict[str, int]]:
    """Return the operands of a user's tensor in the same manner."""
    return codes, _class("input", codes.size), {"input": codes.size}


def _thinned(codes: Codes, count: int) -> Codes:
    """Return an even choice of `count` operands of a class, its last ones among them."""
    picks = np.linspace(codes.size - 1, 0, count, dtype=np.int64) if count else np.zeros(0, int)
    chosen: Codes = codes[picks[::-1]]
    return chosen


def _class(name: str, count: int) -> npt.NDArray[np.uint8]:
    return np.full(count, CLASSES.index(name), np.uint8)


def _corners(spec: Spec) -> Iterator[tuple[str, Codes]]:
    """Yield the constructed classes, each operand once, in the first class that has it."""
    source, target = spec.src, spec.dst
    ordinals = _ordinals(target, source, spec.max_rows)
    magnitudes = [target.value_of_ordinal(k) for k in ordinals]
    values = _representable(magnitudes, source)
    middles = [target.tie_between(a, b) for a, b in itertools.pairwise(ordinals)]
    middles += [magnitudes[0] / 2, *(magnitudes[-1] * f for f in _past(magnitudes))]
    ties = _representable(middles, source)
    seen: set[int] = set()
    for name, codes in (
        ("special", _specials(source)),
        ("value", values),
        ("tie", ties),
        ("beside", [code + step for code in [*ties, *values] for step in (-1, 1)]),
    ):
        both = [c for code in codes for c in _both_signs(code, source)]
        fresh = [c for c in dict.fromkeys(both) if c not in seen]
        seen.update(fresh)
        yield name, np.array(fresh, np.uint64)


def _past(magnitudes: list[Fraction]) -> tuple[Fraction, ...]:
    """Return factors from the largest value to the overflow tie, the next value and beyond."""
    top = magnitudes[-1]
    step = (top - magnitudes[-2]) / top if len(magnitudes) > 1 else Fraction(1)
    return 1 + step / 2, 1 + step, 1 + 2 * step, Fraction(3, 2), Fraction(2), Fraction(16)


def _ordinals(fmt: GridFormat, source: GridFormat, budget: int) -> list[int]:
    """Return the magnitudes to visit: all of a small format, else the edges of its binades.

    Of a large format only the binades that `source` reaches are visited.
    """
    top = fmt.largest_ordinal(0)
    first = fmt.grid.first
    if top <= _ALL_ORDINALS:
        return list(range(first, top + 1))
    if fmt.grid.taper != UNIFORM:
        near = [(1 << i) + step for i in range(fmt.bits - 1) for step in (-1, 0, 1)]
        spread = range(1, top, max(top // max(budget // 16, 1), 1))
        return sorted({k for e in near for k in (e, top - e) if 0 <= k <= top} | {*spread, top})
    low, high = (_row(value, fmt) for value in (source.smallest, source.largest))
    rows = high - low + 1
    stride = max(1, min(8 * rows // max(budget // 8, 1), rows // 8))
    edges = {
        (row << fmt.grid.t) + step
        for row in range(low, high + 1, stride)
        for step in (-2, -1, 0, 1)
    }
    edges |= {first, 1, 2, 3, top - 2, top - 1, top}
    return sorted(k for k in edges if first <= k <= top)


def _row(value: Fraction, fmt: GridFormat) -> int:
    """Return the row of binades of a format where a positive value lies, its last one at most."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    last = fmt.largest_ordinal(0) >> fmt.grid.t
    return min(max(exponent - fmt.grid.emin + 1, 0), last)


def _representable(values: list[Fraction], fmt: GridFormat) -> list[int]:
    """Return the codes of those magnitudes that a format has exactly."""
    codes = []
    for value in values:
        code, flags = exact.encode(value, fmt, overflow="saturate")
        if not flags & Flags.NX:
            codes.append(code)
    return codes


def _both_signs(code: int, fmt: GridFormat) -> tuple[int, ...]:
    if fmt.grid.taper != UNIFORM and code == fmt.nan_code(0):
        return (code,)
    if not 0 <= code < 1 << (fmt.bits - fmt.signed_values):
        return ()
    if not fmt.signed_values:
        return (code,)
    if fmt.grid.twos:
        return code, -code % (1 << fmt.bits)
    return code, code | 1 << (fmt.bits - 1)


def _specials(fmt: GridFormat) -> list[int]:
    top = fmt.largest_code(0)
    codes = [0, 1, 1 << fmt.grid.t, (1 << fmt.grid.t) - 1, top, top - 1]
    for code in (fmt.infinity_code(0), fmt.nan_code(0)):
        if code is not None:
            codes += [code, code + 1] if code + 1 < 1 << (fmt.bits - 1) else [code]
    return [code for code in codes if 0 <= code < 1 << fmt.bits]


def _random(spec: Spec, count: int) -> Codes:
    """Return random operands: half of any bits, half near the range of the result."""
    source: GridFormat = spec.src
    words = random_words(spec.seed, "operands", 4 * count + 64)
    codes = words >> np.uint64(64 - source.bits)
    if isinstance(source, FloatFormat) and isinstance(spec.dst, FloatFormat):
        t = source.trailing_bits
        low = spec.dst.emin - spec.dst.trailing_bits - 2 + source.bias
        high = spec.dst.emax + 2 + source.bias
        low, high = max(low, 0), min(high, (1 << source.exponent_bits) - 1)
        if low < high:
            fields = random_words(spec.seed, "exponents", words.size) % np.uint64(high - low + 1)
            keep = np.uint64(((1 << source.bits) - 1) ^ (((1 << source.exponent_bits) - 1) << t))
            near = (codes & keep) | ((fields + np.uint64(low)) << np.uint64(t))
            codes[1::2] = near[1::2]
    return codes[~refused(codes, spec)][:count]


def given_codes(array: npt.NDArray[Any]) -> tuple[str, Codes]:
    """Return the name of the format of a tensor's dtype, and its elements as codes of it."""
    width = 8 * array.dtype.itemsize
    prefix = {"f": "binary", "i": "int", "u": "uint"}[array.dtype.kind]
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(-1)
    codes: Codes = native.view(f"u{array.dtype.itemsize}").astype(np.uint64)
    return f"{prefix}{width}", codes


def refused(codes: Codes, spec: Spec) -> npt.NDArray[np.bool_]:
    """Return where the result format has no code for an operand in some mode of the spec."""
    bad = np.zeros(codes.size, np.bool_)
    for mode in spec.rounding:
        bad |= without_code(
            codes,
            spec.src,
            spec.dst,
            rounding="away_from_zero" if Rounding(mode).stochastic else mode,
            overflow=spec.overflow,
            nan=spec.nan,
            flush_inputs=spec.flush_inputs,
        )
    return bad


def operand_kinds(codes: Codes, fmt: GridFormat) -> npt.NDArray[np.uint8]:
    """Return the kind of every code."""
    return unpack(codes, fmt).kind

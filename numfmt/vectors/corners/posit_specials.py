"""Corners of posits and takums: NaR, and pairs of rows that differ in a sign."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...families.floats import FloatFormat
from ...families.grid import GridFormat
from ...families.tapered import TaperedFormat
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels
from .dot_reading import OPERATIONS
from .posit_fields import ordinal
from .posit_rows import SOLVED

if TYPE_CHECKING:
    from ..spec import Spec

_NO_CODES = frozenset({*OPERATIONS, "scale_b", "block_quantize", "requantize"})


def operands(spec: "Spec") -> list[tuple[int, str, TaperedFormat]]:
    """Return index, name and format of the tapered operands."""
    if spec.op in _NO_CODES:
        return []
    named = zip("abcdefgh", spec.formats, strict=False)
    return [(i, x, f) for i, (x, f) in enumerate(named) if isinstance(f, TaperedFormat)]


def rational_result(spec: "Spec") -> bool:
    """Return whether results are tapered, and rational or roots."""
    rational = spec.op in SOLVED and all(isinstance(f, GridFormat) for f in spec.formats)
    return rational and isinstance(spec.dst, TaperedFormat)


# NaR and negation


def _made(spec: "Spec") -> dict[str, tuple[Any, ...]]:
    """Return operands, as values or names, that make a NaR of what is none."""
    one, zero = Fraction(1), Fraction(0)
    made: dict[str, dict[str, tuple[Any, ...]]] = {
        "div": {"1 / 0": (one, zero), "0 / 0": (zero, zero)},
        "recip": {"1 / 0": (zero,)},
        "sqrt": {"root of -1": (-one,)},
        "rsqrt": {"root of -1": (-one,)},
    }
    found = made.get(spec.op, {})
    if spec.op in ("encode", "convert") and isinstance(spec.formats[0], FloatFormat):
        source = spec.formats[0]
        if source.has_infinity:
            found = {"infinity": (source.infinity_code(0),)}
            found |= {"-infinity": (source.infinity_code(1),)} if source.signed_values else {}
        found |= {"NaN": (source.nan_code(0),)} if source.has_nan else {}
    return found


def _nar_applies(spec: "Spec") -> bool:
    if spec.op != "to_int" and not getattr(spec.dst, "has_nan", True):
        return False
    return bool(operands(spec)) or (rational_result(spec) and bool(_made(spec)))


def _nar_bins(spec: "Spec") -> tuple[Bin, ...]:
    found = [f"{x} NaR alone" for _, x, _ in operands(spec)]
    found += ["all NaR"] if len(found) > 1 else []
    return (*found, *_made(spec))


def _nar_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    there = operands(spec)
    nar = [x for i, x, fmt in there if row[i] == 1 << (fmt.bits - 1)]
    found = [f"{nar[0]} NaR alone"] if len(nar) == 1 else []
    found += ["all NaR"] if len(nar) == len(there) else []
    codes = tuple(row)
    found += [name for name, values in _made(spec).items() if _codes(spec, values) == codes]
    return labels(found, _nar_bins(spec))


def _codes(spec: "Spec", values: tuple[Any, ...]) -> Row | None:
    pairs = zip(values, spec.formats, strict=False)
    codes = [exact_code(f, v) if isinstance(v, Fraction) else v for v, f in pairs]
    there = tuple(code for code in codes if code is not None)
    return there if len(there) == len(codes) else None


def _nar_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    if wanted in _made(spec):
        made = _codes(spec, _made(spec)[wanted])
        yield from () if made is None else (made,)
        return
    for _ in range(8):
        codes = [stream.bits(f.bits) for f in spec.formats]
        for i, x, fmt in operands(spec):
            if wanted.startswith((f"{x} ", "all")):
                codes[i] = 1 << (fmt.bits - 1)
        yield tuple(codes)


def _negated(fmt: TaperedFormat) -> list[int]:
    """Return positive codes whose negatives are wanted too: the ends, around 1, a few others."""
    top, one = fmt.largest_ordinal(0), 1 << (fmt.bits - 2)
    found = [1, 2, one >> 1, one - 1, one, one + 1, one + (one >> 1), top - 1, top]
    return [k for k in dict.fromkeys(found) if 1 <= k <= top]


def _negation_bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(
        f"{x} {sign}{k:#x}" for _, x, f in operands(spec) for k in _negated(f) for sign in "+-"
    )


def _negation_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    found = []
    for i, x, fmt in operands(spec):
        code = row[i]
        assert isinstance(code, int)
        sign = "-" if code >> (fmt.bits - 1) else "+"
        found.append(f"{x} {sign}{ordinal(code, fmt):#x}")
    return labels(found, _negation_bins(spec))


def _negation_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    name, value = wanted.split()
    # The others are the same for both signs: a pair differs in nothing else.
    shared = Stream(spec.seed, f"negation of {name} {value[1:]}")
    codes = [shared.bits(f.bits) for f in spec.formats]
    for i, x, fmt in operands(spec):
        if x == name:
            k = int(value[1:], 16)
            codes[i] = k if value[0] == "+" else (1 << fmt.bits) - k
    yield tuple(codes)


SPECIALS: tuple[CornerClass, ...] = (
    CornerClass(
        name="not_a_real",
        models="posits",
        text="NaR among the operands, and made of numbers",
        applies=_nar_applies,
        bins=_nar_bins,
        solve=_nar_rows,
        hits=_nar_hits,
    ),
    CornerClass(
        name="negation",
        models="posits",
        text="pairs of rows whose operands differ in one sign",
        applies=lambda spec: bool(operands(spec)),
        bins=_negation_bins,
        solve=_negation_rows,
        hits=_negation_hits,
    ),
)

"""Corner classes of operands alone: kinds, their neighbours, long runs of digits, NaN codes."""

import functools
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...families.base import Format
from ...families.fixed import FixedFormat
from ...families.floats import FloatFormat, Style
from ...families.grid import GridFormat
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .intermediate import uniform

if TYPE_CHECKING:
    from ..spec import Spec

_NAMES = ("a", "b", "c")
_FEWER = ("zero", "least", "one", "largest", "infinity", "quiet NaN", "signalling NaN")
_NAN_CODES = 64  # formats with more have some of each shape
_SHIFTS = {"n=0": 0, "n=1": 1, "n=-1": -1, "n=greatest": (1 << 31) - 1, "n=least": -(1 << 31)}


@functools.lru_cache(maxsize=256)
def kinds(fmt: GridFormat) -> dict[str, int]:
    """Return the codes that stand for the kinds of a format, by name."""
    found: dict[str, int] = {}
    for sign, mark in ((0, "+"), (1, "-")):
        if sign and not (fmt.signed_values or fmt.has_negative_zero):
            continue
        for name, code in _kinds_of_sign(fmt, sign):
            if code not in found.values():
                found[f"{mark}{name}"] = code
    return found


def _kinds_of_sign(fmt: GridFormat, sign: int) -> Iterator[tuple[str, int]]:
    if fmt.has_zero and (not sign or fmt.has_negative_zero):
        yield "zero", fmt.code_of_ordinal(0, sign)
    digit = 1 << fmt.grid.t
    largest = fmt.largest_ordinal(sign)
    ordinals = {"least": max(1, fmt.grid.first)}
    if isinstance(fmt, FloatFormat) and fmt.zero:
        if not fmt.subnormals:
            ordinals = {}
        ordinals |= {"greatest subnormal": digit - 1, "least normal": digit}
        if not fmt.subnormals:
            del ordinals["greatest subnormal"]
    for name, ordinal in ordinals.items():
        if 0 < ordinal <= largest:
            yield name, fmt.code_of_ordinal(ordinal, sign)
    one = fmt.around_one[1]
    if one is not None:
        ordinal = one + fmt.grid.first
        if ordinal <= largest:
            yield "one", fmt.code_of_ordinal(ordinal, sign)
    yield "largest", fmt.largest_code(sign)
    infinity, nan = fmt.infinity_code(sign), fmt.nan_code(sign)
    if infinity is not None:
        yield "infinity", infinity
    if nan is not None:
        yield "quiet NaN", nan
    if isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE and fmt.trailing_bits > 1:
        yield "signalling NaN", fmt.code_of_ordinal(largest + 2, sign)


def _used(fmt: GridFormat, count: int) -> dict[str, int]:
    """Return the kinds that are combined: fewer for three operands."""
    found = kinds(fmt)
    return found if count < 3 else {k: code for k, code in found.items() if k[1:] in _FEWER}


def _grids(spec: "Spec") -> tuple[GridFormat, ...]:
    found = tuple(fmt for fmt in spec.formats if isinstance(fmt, GridFormat))
    return found[:1] if spec.op == "scale_b" else found


def _applies(spec: "Spec") -> bool:
    """Return whether every operand is one number, and nothing but them makes a row."""
    formats: tuple[Format, ...] = spec.formats
    columns = [column.name for column in spec.operands if column.count == 1]
    numbers = ["a", "b", "c"][: len(formats)] + ["n"] * (spec.op == "scale_b")
    if columns != numbers or len(columns) != len(spec.operands):
        return False
    return 1 <= len(formats) <= 3 and all(isinstance(fmt, GridFormat) for fmt in formats)


@functools.lru_cache(maxsize=8)
def _combinations(op: str, formats: tuple[GridFormat, ...]) -> dict[Bin, Row]:
    count = len(formats)
    sides = [
        [(f"{_NAMES[i]}={name}", code) for name, code in _used(fmt, count).items()]
        for i, fmt in enumerate(formats)
    ]
    if op == "scale_b":
        sides.append([(name, n % (1 << 32)) for name, n in _SHIFTS.items()])
    return {
        ", ".join(name for name, _ in pairs): tuple(code for _, code in pairs)
        for pairs in itertools.product(*sides)
    }


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    return tuple(_combinations(spec.op, _grids(spec)))


def _solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    del stream
    yield _combinations(spec.op, _grids(spec))[wanted]


@functools.lru_cache(maxsize=8)
def _labels(op: str, formats: tuple[GridFormat, ...]) -> dict[Row, Bin]:
    return {row: name for name, row in _combinations(op, formats).items()}


def _hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
    name = _labels(spec.op, _grids(spec)).get(tuple(row))
    return () if name is None else (name,)


@functools.lru_cache(maxsize=256)
def _near(fmt: GridFormat) -> dict[str, int]:
    """Return codes one or two steps, or one bit of 1, from the kinds that are numbers."""
    bases = {k: code for k, code in kinds(fmt).items() if "NaN" not in k}
    taken, found = set(bases.values()), dict[str, int]()
    mask = (1 << fmt.bits) - 1
    for name, code in bases.items():
        for step in (1, -1, 2, -2):
            near = (code + step) & mask
            if near not in taken:
                taken.add(near)
                found[f"{name} {step:+d}"] = near
    one = bases.get("+one", bases.get("+largest", 0))
    for bit in range(fmt.bits):
        if one ^ 1 << bit not in taken:
            found[f"one, bit {bit} flipped"] = one ^ 1 << bit
    return found


@functools.lru_cache(maxsize=256)
def _runs(fmt: GridFormat) -> dict[str, int]:
    """Return codes whose trailing digits are one run of ones and one of zeros, or alternate."""
    digits, found, taken = fmt.grid.t, dict[str, int](), set[int]()
    full = (1 << digits) - 1
    patterns = {f"{j} ones, {digits - j} zeros": full >> j ^ full for j in range(1, digits + 1)}
    patterns |= {f"{j} zeros, {digits - j} ones": full >> j for j in range(1, digits + 1)}
    patterns |= {"alternating from one": 2 * (full // 3) & full, "alternating from zero": full // 3}
    one = fmt.around_one[1]
    base = 0 if isinstance(fmt, FixedFormat) else (one or fmt.largest_code(0)) & ~full
    for name, pattern in patterns.items():
        code = base | pattern
        if code not in taken and code + fmt.grid.first <= fmt.largest_ordinal(0):
            taken.add(code)
            found[name] = code
    return found


@functools.lru_cache(maxsize=256)
def _nans(fmt: GridFormat) -> dict[str, int]:
    """Return NaN codes by name: all of them where they are few."""
    if not isinstance(fmt, FloatFormat) or not fmt.has_nan:
        return {}
    codes = {fmt.nan_code(0), fmt.nan_code(1)}
    if fmt.style is Style.IEEE:
        payloads = range(1, 1 << fmt.trailing_bits)
        if 2 * len(payloads) > _NAN_CODES:
            bits = [1 << i for i in range(fmt.trailing_bits)]
            ones = [payloads[-1] >> i for i in (0, 1)]
            payloads = sorted({*bits, *ones, bits[-1] + 1})  # type: ignore[assignment]
        infinities = [fmt.infinity_code(sign) or 0 for sign in (0, 1)]
        codes |= {infinity | payload for infinity in infinities for payload in payloads}
    return {f"NaN {code:#x}": code for code in sorted(c for c in codes if c is not None)}


def _operand_class(name: str, models: str, text: str, table: str) -> CornerClass:
    """Return the class that wants each code of a table in each operand, others at random."""
    lists = {"near": _near, "runs": _runs, "nans": _nans}[table]

    @functools.lru_cache(maxsize=16)
    def named(formats: tuple[GridFormat, ...]) -> dict[Bin, tuple[int, int]]:
        return {
            f"{_NAMES[i]}={label}": (i, code)
            for i, fmt in enumerate(formats)
            for label, code in lists(fmt).items()
        }

    @functools.lru_cache(maxsize=16)
    def labelled(formats: tuple[GridFormat, ...]) -> dict[tuple[int, int], Bin]:
        return {place: label for label, place in named(formats).items()}

    def hits(spec: "Spec", row: Row) -> tuple[Bin, ...]:
        table = labelled(_grids(spec))
        found = [table.get((i, code)) for i, code in enumerate(row) if isinstance(code, int)]
        return tuple(label for label in found if label is not None)

    def solve(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
        place, code = named(_grids(spec))[wanted]
        for attempt in range(24):
            row = [_company(fmt, attempt, stream) for fmt in _grids(spec)]
            row[place] = code
            if spec.op == "scale_b":
                row.append(stream.between(-3, 3) % (1 << 32))
            yield tuple(row)

    def applies(spec: "Spec") -> bool:
        if not _applies(spec) or not all(uniform(fmt) for fmt in _grids(spec)):
            return False
        return bool(named(_grids(spec)))

    return CornerClass(
        name=name,
        models=models,
        text=text,
        applies=applies,
        bins=lambda spec: tuple(named(_grids(spec))),
        solve=solve,
        hits=hits,
    )


def _company(fmt: GridFormat, attempt: int, stream: Stream) -> int:
    """Return a finite code for the operands that do not matter: random ones first, then 1."""
    if attempt < 16:
        largest = fmt.largest_ordinal(0)
        return fmt.code_of_ordinal(stream.between(max(1, fmt.grid.first), largest))
    one = fmt.around_one[1]
    return fmt.largest_code(0) if one is None else one


CLASSES: tuple[CornerClass, ...] = (
    CornerClass(
        name="kinds",
        models="B1, B21",
        text="every combination of kinds of operands: zeros, ends of ranges, infinities, NaNs",
        applies=_applies,
        bins=_bins,
        solve=_solve,
        hits=_hits,
    ),
    _operand_class("near", "B2", "operands one or two codes, or one bit, from those kinds", "near"),
    _operand_class("runs", "B9", "operands with long runs of ones and zeros", "runs"),
    _operand_class("nan_codes", "minifloat", "each NaN code, or each shape of them", "nans"),
)

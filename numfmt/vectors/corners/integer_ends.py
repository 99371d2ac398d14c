"""Corners of integer and fixed-point arithmetic, and the special codes of dINT."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ... import exact
from ...families.codebooks import CodebookFormat
from ...families.fixed import FixedFormat
from ...families.grid import power_of_two
from ..streams import Stream
from .base import Bin, CornerClass, Row
from .code_values import exact_code, labels

if TYPE_CHECKING:
    from ..spec import Spec

_ENDS = ("lowest", "largest")
_STEPS = {"- 1": -1, "itself": 0, "+ 1": 1}
_EDGES = tuple(f"result {end} {step}" for end in _ENDS for step in _STEPS)
_PAIRS = tuple(f"{x} with {y}" for x in _ENDS for y in _ENDS)
_SIGNS = tuple(f"signs {x}{y} to {z}" for x in "+-" for y in "+-" for z in "+0-")
_DIVISORS = 256  # tried as factors of a product


def _applies(spec: "Spec") -> bool:
    formats = (*spec.formats, spec.dst)
    return spec.op in ("add", "sub", "mul") and all(isinstance(f, FixedFormat) for f in formats)


def _formats(spec: "Spec") -> tuple[FixedFormat, FixedFormat]:
    formats = tuple(spec.formats) * 2
    return formats[0], formats[1]


def _values(spec: "Spec", row: Row) -> tuple[Fraction, Fraction, Fraction]:
    """Return both operands and the exact result."""
    x, y = (
        exact.decode(code, fmt).value
        for code, fmt in zip(row, _formats(spec), strict=True)
        if isinstance(code, int)
    )
    return x, y, x + y if spec.op == "add" else x - y if spec.op == "sub" else x * y


def _edge(spec: "Spec", wanted: Bin) -> Fraction:
    _, end, step = wanted.split(" ", 2)
    value: Fraction = getattr(spec.dst, end)
    return value + _STEPS[step] * power_of_two(-spec.dst.fraction_bits)


def _sign(x: Fraction) -> str:
    return "+" if x > 0 else "-" if x < 0 else "0"


def _bins(spec: "Spec") -> tuple[Bin, ...]:
    possible = _possible(spec)
    return (*_PAIRS, *_EDGES, *(name for name in _SIGNS if name in possible))


def _possible(spec: "Spec") -> set[str]:
    """Return the combinations of signs that the operation has."""
    a, b = _formats(spec)
    found = set()
    for x in "+-"[: 1 + a.signed_values]:
        for y in "+-"[: 1 + b.signed_values]:
            if spec.op == "mul":
                found.add(f"signs {x}{y} to {'+' if x == y else '-'}")
            elif (x == y) == (spec.op == "add"):
                found.add(f"signs {x}{y} to {x}")
            else:
                found |= {f"signs {x}{y} to {z}" for z in "+0-"}
    return found


def _hits(spec: "Spec", row: Row) -> Collection[Bin]:
    a, b = _formats(spec)
    x, y, z = _values(spec, row)
    found = [name for name in _EDGES if _edge(spec, name) == z]
    for end in _ENDS:
        there = [other for other in _ENDS if x == getattr(a, end) and y == getattr(b, other)]
        found += [f"{end} with {other}" for other in there]
    if x and y:
        found.append(f"signs {_sign(x)}{_sign(y)} to {_sign(z)}")
    return labels(found, _bins(spec))


def _rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    a, b = _formats(spec)
    if wanted in _PAIRS:
        ends = wanted.split(" with ")
        yield from _row(spec, getattr(a, ends[0]), getattr(b, ends[1]))
    elif wanted in _EDGES:
        yield from _edge_rows(spec, _edge(spec, wanted), stream)
    else:
        least = power_of_two(-a.fraction_bits)
        for x in (3 * least, -3 * least, least, -least):
            for y in (x, -x, x / 3, -x / 3, 2 * x, -2 * x):
                yield from _row(spec, x, y)
        for _ in range(32):
            yield stream.bits(a.bits), stream.bits(b.bits)


def _row(spec: "Spec", x: Fraction, y: Fraction) -> Iterator[Row]:
    """Yield the row of two values, if they have codes."""
    a, b = _formats(spec)
    codes = exact_code(a, x), exact_code(b, y)
    if codes[0] is not None and codes[1] is not None:
        yield codes[0], codes[1]


def _edge_rows(spec: "Spec", target: Fraction, stream: Stream) -> Iterator[Row]:
    a, b = _formats(spec)
    if spec.op == "mul":
        yield from _factored(spec, target)
        return
    for i in range(24):
        x = exact.decode(stream.bits(a.bits), a).value
        x = x if i > 2 else (a.largest, a.lowest, target / 2)[i]
        yield from _row(spec, x, target - x if spec.op == "add" else x - target)
    for y in (b.largest, b.lowest):
        yield from _row(spec, target - y if spec.op == "add" else target + y, y)


def _factored(spec: "Spec", target: Fraction) -> Iterator[Row]:
    """Yield factors of a target: those with a small first one, and with a large one."""
    a, b = _formats(spec)
    if target == 0:
        yield from _row(spec, Fraction(0), b.largest)
        return
    count, unit = 0, power_of_two(-a.fraction_bits)
    near = int(min(abs(target), max(a.largest, -a.lowest)) / unit) + 1
    small = [n << k for k in range(a.bits) for n in range(1, _DIVISORS, 2)]
    for n in (*small, *range(near, max(near - 8 * _DIVISORS, _DIVISORS), -1)):
        for x in (n * unit, -n * unit):
            y = target / x
            if y.denominator & (y.denominator - 1) == 0:
                for row in _row(spec, x, y):
                    count += 1
                    yield row
        if count >= 16:
            return


def _unreachable(spec: "Spec", wanted: Bin) -> str | None:
    if wanted not in _EDGES:
        return None
    a, b = _formats(spec)
    ends = [(x, y) for x in (a.lowest, a.largest) for y in (b.lowest, b.largest)]
    op, target = spec.op, _edge(spec, wanted)
    results = [x + y if op == "add" else x - y if op == "sub" else x * y for x, y in ends]
    if not min(results) <= target <= max(results):
        return f"exact results are {min(results)} to {max(results)}"
    quantum = -max(a.fraction_bits, b.fraction_bits)
    if op == "mul":
        quantum = -a.fraction_bits - b.fraction_bits
    if (target / power_of_two(quantum)).denominator > 1:
        return f"exact results are multiples of 2**{quantum}"
    return _no_factors(spec, target) if op == "mul" else None


def _no_factors(spec: "Spec", target: Fraction) -> str | None:
    """Return why no two operands have a product, where all of the first can be tried."""
    a, _ = _formats(spec)
    if a.bits > 13 or any(_factored(spec, target)):
        return None
    for code in range(1 << a.bits):
        x = exact.decode(code, a).value
        if x and any(_row(spec, x, target / x)):
            return None
    return "the target has no two factors among the operands: all were tried"


# dINT


def _is_dint(fmt: object) -> bool:
    return isinstance(fmt, CodebookFormat) and fmt.name.startswith("dint")


def _dint_applies(spec: "Spec") -> bool:
    return (spec.op == "decode" and _is_dint(spec.formats[0])) or (
        spec.op in ("encode", "convert") and _is_dint(spec.dst)
    )


def _pair(fmt: CodebookFormat) -> Fraction:
    """Return the magnitude of the special pair: the value that is no integer, or the last."""
    odd = [abs(v) for v in fmt.values if v is not None and Fraction(v).denominator > 1]
    return Fraction(odd[0]) if odd else Fraction(fmt.largest)


def _dint_targets(spec: "Spec") -> dict[str, Fraction]:
    fmt: CodebookFormat = spec.formats[0] if spec.op == "decode" else spec.dst
    special = _pair(fmt)
    found = {"the special value": special, "the largest": Fraction(fmt.largest)}
    found |= {"minus the special value": -special, "the lowest": Fraction(fmt.lowest)}
    found["zero"] = Fraction(0)
    if spec.op == "decode":
        return found
    ties = {"half the special value": special / 2, "between that and one": (special + 1) / 2}
    ties |= {"past the largest": fmt.largest + 1, "one and a half": Fraction(3, 2)}
    return found | ties | {f"minus {name}": -value for name, value in ties.items()}


def _dint_hits(spec: "Spec", row: Row) -> Collection[Bin]:
    (code,) = row
    assert isinstance(code, int)
    found = exact.decode(code, spec.formats[0])
    targets = _dint_targets(spec).items()
    return [name for name, target in targets if found.finite and found.value == target]


def _dint_rows(spec: "Spec", wanted: Bin, stream: Stream) -> Iterator[Row]:
    del stream
    code = exact_code(spec.formats[0], _dint_targets(spec)[wanted])
    yield from () if code is None else ((code,),)


def _dint_unreachable(spec: "Spec", wanted: Bin) -> str | None:
    target = _dint_targets(spec)[wanted]
    absent = exact_code(spec.formats[0], target) is None
    return f"{spec.formats[0].name} has no {target}" if absent else None


INTEGERS: tuple[CornerClass, ...] = (
    CornerClass(
        name="ends_of_integers",
        models="integers",
        text="lowest and largest operands, results at the ends and one beside, changes of sign",
        applies=_applies,
        bins=_bins,
        solve=_rows,
        hits=_hits,
        unreachable=_unreachable,
    ),
    CornerClass(
        name="special_pair",
        models="dINT",
        text="the special pair of dINT, the ends, and the ties beside them",
        applies=_dint_applies,
        bins=lambda spec: tuple(_dint_targets(spec)),
        solve=_dint_rows,
        hits=_dint_hits,
        unreachable=_dint_unreachable,
    ),
)

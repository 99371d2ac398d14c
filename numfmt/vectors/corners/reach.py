"""Which exact results an operation can have at all: bounds, finest digits, numbers of digits."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ...families.fixed import FixedFormat
from ...families.grid import GridFormat, floor_log2, power_of_two
from . import factors
from .building import Target, extent, odd_part, ordinals
from .intermediate import COPIES, IRRATIONAL, RESULTS, uniform
from .solving import preimage, root_near
from .sources import extent_of, finest

if TYPE_CHECKING:
    from ..spec import Spec

_NEVER_NEGATIVE = frozenset({"abs", "sqrt", "rsqrt", "hypot"})
ADDITIVE = frozenset({"add", "sub", "faa", "fma", "remainder"})


_SHORT = 12  # digits of significands that are all tried
_ENUMERATED = 16  # bits of operands that are searched to the end, whatever they are


class Span(NamedTuple):
    """Bounds of the nonzero magnitudes of exact results; they need not be attained."""

    smallest: Fraction
    largest: Fraction


def rounds(spec: "Spec") -> bool:
    """Return whether an operation rounds one number into a float or fixed point once."""
    if spec.op not in RESULTS or not uniform(spec.dst):
        return False
    if not all(uniform(fmt) and extent(fmt, 0) is not None for fmt in spec.formats):
        return False
    if sum(fmt.bits for fmt in spec.formats) <= _ENUMERATED:
        return True
    return _alike(spec.op, grids(spec), target_format(spec))


def _alike(op: str, formats: tuple[GridFormat, ...], end: GridFormat) -> bool:
    """Return whether formats go together, so that no bin is out of reach for odd reasons.

    Several operands are of the result's family and of 2 digits or more; those of hypot and
    remainder, and fixed-point ones, are equal; reciprocals and hypotenuses are floats.
    """
    if op in ("recip", "rsqrt", "hypot") and isinstance(end, FixedFormat):
        return False
    if len(formats) == 1:
        return True
    equal = all(fmt.structure == formats[0].structure for fmt in formats[:2])
    if not equal and (op in ("hypot", "remainder") or isinstance(end, FixedFormat)):
        return False
    return all(fmt.grid.t > 0 and fmt.family == end.family for fmt in formats)


def grids(spec: "Spec") -> tuple[GridFormat, ...]:
    """Return the formats of the operands that are numbers; not the n of scale_b."""
    found = tuple(fmt for fmt in spec.formats if uniform(fmt))
    return found[:1] if spec.op in ("scale_b", "copy_sign") else found


def target_format(spec: "Spec") -> GridFormat:
    """Return the result format."""
    assert uniform(spec.dst)
    return spec.dst


def _ends(fmt: GridFormat, flush: bool) -> tuple[Fraction, Fraction]:
    found, negative = extent(fmt, 0, flush), extent(fmt, 1, flush)
    assert found is not None
    return found.smallest, max(found.largest, negative.largest if negative else Fraction(0))


def span(spec: "Spec") -> Span:
    """Return bounds of the magnitudes of nonzero results."""
    small, large = zip(*(_ends(fmt, spec.flush_inputs) for fmt in grids(spec)), strict=True)
    op = spec.op
    least = power_of_two(finest(spec) or 0)
    if op in COPIES:
        return Span(small[0], large[0])
    if op == "scale_b":
        end = target_format(spec)
        return Span(power_of_two(end.grid.emin - 3 * end.grid.t - 80), 4 * extent_of(end))
    if op in ("add", "sub", "faa"):
        return Span(least, sum(large, Fraction(0)))
    if op == "fma":
        return Span(least, large[0] * large[1] + large[2])
    if op == "mul":
        return Span(small[0] * small[1], large[0] * large[1])
    if op == "div":
        return Span(small[0] / large[1], large[0] / small[1])
    if op == "remainder":
        return Span(least, min(large[0], large[1] / 2))
    if op == "recip":
        return Span(1 / large[0], 1 / small[0])
    if op == "sqrt":
        return Span(root_near(small[0]), _above(large[0]))
    if op == "rsqrt":
        return Span(root_near(1 / large[0]), _above(1 / small[0]))
    return Span(min(small), _above(large[0] ** 2 + large[1] ** 2))


def _above(x: Fraction) -> Fraction:
    """Return a little more than the square root, or the root itself."""
    root = root_near(x)
    return root if root * root == x else root * (1 + power_of_two(-150))


def digits(fmt: GridFormat, flush: bool = False) -> int:
    """Return the most digits from the first to the last one that an operand has."""
    found = extent(fmt, 0, flush)
    assert found is not None
    return found.digits


def most_digits(spec: "Spec") -> int | None:
    """Return the most digits of a result that ends; None without a bound but that of the range."""
    wide = [digits(fmt, spec.flush_inputs) for fmt in grids(spec)]
    if spec.op in COPIES or spec.op in ("scale_b", "div"):
        return wide[0]
    if spec.op == "mul":
        return wide[0] + wide[1]
    if spec.op in ("recip", "rsqrt"):
        return 1
    if spec.op == "remainder":
        return max(wide)
    if spec.op == "sqrt":
        return (wide[0] + 1) // 2
    if spec.op == "hypot":  # one leg is odd in units of their last digit; (h - b)(h + b) = a*a
        return 2 * max(wide)
    least = finest(spec)
    assert least is not None
    return floor_log2(span(spec).largest) - least + 1


def negative_possible(spec: "Spec") -> bool:
    """Return whether results may be negative."""
    if spec.op in _NEVER_NEGATIVE:
        return False
    if spec.op == "copy_sign":
        second = spec.formats[1]
        return isinstance(second, GridFormat) and second.signed_values
    signed = [fmt.signed_values for fmt in grids(spec)]
    return any(signed) or spec.op in ("sub", "neg", "remainder")


def why_no_sign(spec: "Spec", sign: int) -> str | None:
    """Return why no result has a sign, or None."""
    if sign and not negative_possible(spec):
        return "no exact result is negative"
    if not sign and spec.op == "neg" and not grids(spec)[0].signed_values:
        return "no operand is negative, and the result is its opposite"
    return None


def why_not(spec: "Spec", target: Target) -> str | None:
    """Return why no result is inside a target, or None where that is not known."""
    bounds = span(spec)
    nothing = why_no_sign(spec, target.sign)
    if nothing:
        return nothing
    if target.low > bounds.largest or (not target.exact and target.low >= bounds.largest):
        return "every exact result is smaller"
    if target.high < bounds.smallest or (not target.exact and target.high <= bounds.smallest):
        return "every exact result that is not zero is larger"
    least = finest(spec)
    if least is not None and spec.op != "scale_b" and _between_multiples(target, least):
        return f"every exact result is a multiple of 2**{least}"
    if spec.op in ("add", "sub", "fma") and _below_cancelled(spec, target):
        addends = "products and addends" if spec.op == "fma" else "addends"
        return f"{addends} have no last digits so low where they cancel"
    if spec.op == "hypot" and _one_leg_only(spec, target):
        return "one leg is zero then, and the other one is not so long"
    return _why_no_digits(spec, target) or _why_no_operand(spec, target)


def _one_leg_only(spec: "Spec", target: Target) -> bool:
    """Return whether a target is below all hypotenuses of two legs, and holds no operand."""
    x, y = (_ends(fmt, spec.flush_inputs)[0] for fmt in grids(spec))
    if target.high**2 > x * x + y * y or (target.exact and target.high**2 == x * x + y * y):
        return False
    sides = [target._replace(sign=sign) for sign in (0, 1)]
    return not any(ordinals(fmt, side, spec.flush_inputs) for fmt in grids(spec) for side in sides)


def _below_cancelled(spec: "Spec", target: Target) -> bool:
    """Return whether a target is too low for either addend alone, and for their difference.

    Then both are at least as large as the larger least one less the target, where their last
    digits are.
    """
    found = [extent(fmt, 0, spec.flush_inputs) for fmt in grids(spec)]
    sides = [(x.smallest, x.quantum, x.digits) for x in found if x]
    if spec.op == "fma":
        (x, q, p), (y, r, s), addend = sides
        sides = [(x * y, q + r, p + s), addend]
    least = max(side[0] for side in sides)
    if target.high >= min(least / 2, *(side[0] for side in sides)):
        return False
    top = floor_log2(least - target.high)
    return _between_multiples(target, min(max(q, top - p + 1) for _, q, p in sides))


def _between_multiples(target: Target, exponent: int) -> bool:
    unit = power_of_two(exponent)
    if target.exact:
        return target.low % unit != 0
    return (target.low // unit + 1) * unit >= target.high


def _why_no_digits(spec: "Spec", target: Target) -> str | None:
    most = most_digits(spec)
    if most is None:
        return None
    text = f"a result that ends has at most {most} significant digits"
    if not target.exact:
        lasting = spec.op in COPIES or spec.op in ("scale_b", "mul")
        if lasting and _between_short(target, most):
            return text
        return _why_no_significand(spec, target) if spec.op == "mul" else None
    odd, _ = odd_part(target.low)
    if odd.bit_length() > most:
        return text
    if spec.op == "mul":
        first, second = grids(spec)
        wide = digits(first, spec.flush_inputs), digits(second, spec.flush_inputs)
        if factors.all_pairs(odd, *wide) == []:
            return f"{odd} is no product of two numbers of {wide[0]} and {wide[1]} digits"
    return None


def _why_no_significand(spec: "Spec", target: Target) -> str | None:
    """Return that no significand of the shorter factor leaves one for the other, if so."""
    short, long = sorted(digits(fmt, spec.flush_inputs) for fmt in grids(spec))
    if sum(fmt.bits for fmt in spec.formats) <= _ENUMERATED:
        return None
    if short > _SHORT or target.low == 0 or any(significands(spec, target)):
        return None
    return f"no product of significands of {short} and {long} digits lies there"


def significands(spec: "Spec", target: Target) -> Iterator[tuple[int, Fraction]]:
    """Yield significands of the shorter factor, few enough to be tried, and the other factor."""
    short, long = sorted(digits(fmt, spec.flush_inputs) for fmt in grids(spec))
    for x in range(1 << (short - 1), 1 << short) if short <= _SHORT else ():
        part = target.scaled(Fraction(1, x))
        if not _between_short(part, long):
            unit = power_of_two(floor_log2(part.low) - long + 1)
            yield x, (part.low // unit + 1) * unit


def _between_short(target: Target, most: int) -> bool:
    """Return whether an interval lies between two neighbours of so many digits."""
    if target.low == 0:
        return False
    unit = power_of_two(floor_log2(target.low) - most + 1)
    return (target.low // unit + 1) * unit >= target.high


def _why_no_operand(spec: "Spec", target: Target) -> str | None:
    if spec.op == "mul":
        return _why_past_largest(spec, target)
    if spec.op == "div":
        near = None if target.exact else _why_near_power(spec, target)
        return near or _why_past_largest(spec, target)
    fmt, flush = grids(spec)[0], spec.flush_inputs
    if spec.op in ("abs", "copy_sign"):
        sides: list[Target] = [target._replace(sign=sign) for sign in (0, 1)]
    elif spec.op in IRRATIONAL | COPIES and len(grids(spec)) == 1:
        inside = preimage(spec, target)
        sides = [inside] if inside else []
    else:
        return None
    if any(ordinals(fmt, side, flush) for side in sides):
        return None
    return "no operand lies where this result would come from"


def _why_near_power(spec: "Spec", target: Target) -> str | None:
    """Return that an interval is too near a power of two for any quotient, if it is.

    |x * 2**k / y - 1| is an integer over y, or over x's own power of two above it.
    """
    most = max(digits(fmt, spec.flush_inputs) for fmt in grids(spec))
    near = power_of_two(-most)
    below = power_of_two(floor_log2(target.high))
    above = below if below == target.high else 2 * below
    past = below <= target.low and target.high <= below * (1 + near)
    if past or (above * (1 - near) <= target.low and target.high <= above):
        return f"quotients of {most} digits are powers of two or 2**-{most} of one away from it"
    return None


def _why_past_largest(spec: "Spec", target: Target) -> str | None:
    """Return that a target lies past the largest product of its sign, or just below it.

    Of quotients it is the product with the largest reciprocal.
    """
    products = set()
    for sign in (0, 1):
        ends = []
        for index, fmt in enumerate(grids(spec)):
            found = extent(fmt, sign ^ target.sign if index else sign, spec.flush_inputs)
            if found is None:
                continue
            if index and spec.op == "div":
                second = fmt.value_of_ordinal(min(found.least + 1, found.greatest))
                ends.append((1 / found.smallest, 1 / second))
            else:
                second = fmt.value_of_ordinal(max(found.greatest - 1, found.least))
                ends.append((found.largest, second))
        if len(ends) == 2:
            products |= {x * y for x in ends[0] for y in ends[1]}
    if not products:
        return "no exact result has this sign"
    largest, *others = sorted(products, reverse=True)
    if target.low >= largest and not (target.exact and target.low == largest):
        return "every exact result of this sign is smaller"
    second = others[0] if others else largest
    if target.exact:
        between = second < target.low < largest
    else:
        between = target.low >= second and target.high <= largest
    return "it lies between the two largest results" if between else None


def lost_digits(spec: "Spec") -> int:
    """Return how many digits a result of the normal range may lose, at most; large if endless."""
    end = target_format(spec)
    fixed = isinstance(end, FixedFormat)
    most = most_digits(spec)
    least = finest(spec)
    if spec.op in ADDITIVE and not fixed:
        return max(0, _lost_in_sum(spec))
    if spec.op in IRRATIONAL or (spec.op == "scale_b" and fixed):
        return 1 << 10
    highest = min(floor_log2(span(spec).largest), floor_log2(abs(end.largest)))
    quantum = end.grid.emin - end.grid.t if fixed else max(highest, end.grid.emin) - end.grid.t
    lost = 1 << 10 if least is None else quantum - least
    if most is not None:
        lost = min(lost, most - (1 if fixed else end.grid.t + 1))
    return max(0, lost)


def addends(spec: "Spec") -> list[tuple[int, int]]:
    """Return the exponents of the first and the last digit that each addend may have."""
    found = [extent(fmt, 0, spec.flush_inputs) for fmt in grids(spec)]
    ends = [
        (floor_log2(x.largest), x.quantum if x.least == 1 else floor_log2(x.smallest))
        for x in found
        if x
    ]
    if spec.op == "fma":
        (top, quantum), (top2, quantum2), addend = ends
        return [(top + top2, quantum + quantum2), addend]
    return ends


def _lost_in_sum(spec: "Spec") -> int:
    """Return how many digits are lost from a last digit below the largest other addend."""
    end = target_format(spec)
    highest = floor_log2(abs(end.largest))
    ends = addends(spec)
    return max(
        min(ends[i][0], highest) - end.grid.t - ends[j][1]
        for i in range(len(ends))
        for j in range(len(ends))
        if i != j
    )

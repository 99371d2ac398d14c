"""What a probe found, as data and as a page of text."""

import dataclasses
import enum
from typing import Any

from ...dialects import Dialect
from ...matrix_units.accumulators import Accumulator, Aligned, Join
from ...matrix_units.plans import Plan
from ...matrix_units.unit import Unit
from .alphabets import alphabet
from .box import Shape
from .models import value_of
from .signatures import Signature
from .smallest import Disagreement

_WIDTH = 18


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Probed:
    """What `numfmt.probe` inferred.

    Attributes
    ----------
    unit : Unit
        The model: an accumulator, formats and perhaps a plan, for `numfmt.dot`.
    family : str
        What kind of sum it is.
    parameters : dict
        The fields of the accumulator and of the plan.
    unobserved : dict of str to str
        Fields whose other values no stimulus told from the one given, and why or which.
    ambiguous : tuple of Unit
        Models of other families that agree wherever this one does.
    signature : Signature
        What the structural probes read.
    calls, rows : int
        How often the black box was asked, and for how many dot products.
    confirmed : int
        Fresh random rows on which model and black box agree.
    disagreement : Disagreement or None
        The smallest row found on which they do not.
    """

    unit: Unit
    family: str
    parameters: dict[str, Any]
    unobserved: dict[str, str]
    ambiguous: tuple[Unit, ...]
    signature: Signature
    calls: int
    rows: int
    confirmed: int
    disagreement: Disagreement | None

    @property
    def agrees(self) -> bool:
        """Whether no disagreement is known."""
        return self.disagreement is None

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        unit = self.unit
        head = f"{unit.a.name} x {unit.b.name} -> {unit.output.name}, {unit.k} products"
        lines = [f"{head}: {self.family}"]
        for name, value in self.parameters.items():
            note = "  (not observed)" if name in self.unobserved else ""
            lines.append(f"  {name:{_WIDTH}}{shown(value)}{note}")
        if self.unobserved:
            lines.append("not observed:")
            lines += [f"  {name:{_WIDTH}}{why}" for name, why in self.unobserved.items()]
        for other in self.ambiguous:
            lines.append(f"agrees as well: {described(other)}")
        if self.disagreement is not None:
            lines.append(f"NO MODEL FITS; smallest disagreement: {self.disagreement}")
        lines.append(
            f"{self.confirmed:,} fresh rows agree; {self.calls} calls, {self.rows:,} rows in all"
        )
        return "\n".join(lines)


def shown(value: Any) -> str:
    """Return a value of a field as a reader would write it."""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, Dialect) and value.name == "probed":
        signs = f"NaN sign {value.nan_sign}, zeros {value.zero_sign.value}"
        return f"NaN {value.nan.value} ({value.default_nan.value}), {signs}"
    name = getattr(value, "name", None)
    return str(name) if isinstance(name, str) else str(value)


def _changed(part: Accumulator | Plan) -> dict[str, Any]:
    """Return the fields that are not as they are by default."""
    found = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        plain = shown(value) == shown(field.default)
        if field.default is dataclasses.MISSING or not plain:
            found[field.name] = value
    return found


def described(model: Unit) -> str:
    """Return a model in one line."""
    parts: list[Accumulator | Plan] = [model.accumulator]
    if model.plan is not None:
        parts.append(model.plan)
    texts = []
    for part in parts:
        fields = ", ".join(f"{name}={shown(value)}" for name, value in _changed(part).items())
        texts.append(f"{type(part).__name__}({fields})")
    return ", ".join(texts)


def parameters_of(model: Unit) -> dict[str, Any]:
    """Return the fields of a model's accumulator and plan."""
    accumulator = model.accumulator
    found: dict[str, Any] = {"accumulator": type(accumulator).__name__}
    late = ("halves", "sum_bits", "c_bits", "late_cut", "drop")
    inside = isinstance(accumulator, Aligned) and accumulator.c is Join.INSIDE
    for field in dataclasses.fields(accumulator):
        if field.name != "output" and not (inside and field.name in late):
            found[field.name] = getattr(accumulator, field.name)
    if model.plan is not None:
        found["plan"] = type(model.plan).__name__
        for name in ("order", "count", "deal", "every", "c", "rounding"):
            if hasattr(model.plan, name):
                found[f"plan.{name}"] = getattr(model.plan, name)
    return found


def reasons(model: Unit, shape: Shape, equals: dict[str, list[Any]]) -> dict[str, str]:
    """Return for each field not observed which values are alike, and why if that is plain."""
    found = {}
    for name, every in equals.items():
        values = [value for value in every if value != value_of(model, name)]
        if not values:
            continue
        ranges = _ranges(values)
        if name == "floor" and None in (*values, value_of(model, name)):
            # A lower floor reaches less.
            top = max((value for value in values if value is not None), default=None)
            ranges = "None" if top is None else f"None and any up to {top}"
        why = _why(model, shape, name)
        found[name] = f"{ranges} would do as well" + (f": {why}" if why else "")
    return found


def _why(model: Unit, shape: Shape, name: str) -> str:
    a, b = alphabet(shape.a), alphabet(shape.b)
    low, high = a.low + b.low, a.high + b.high
    if name == "floor":
        return f"products have exponents of {low} to {high}"
    if name == "range":
        return f"products have exponents of at most {high + 1}"
    if name == "infinite_c" and getattr(model.accumulator, "range", None) is not None:
        return "it matters with clipped products alone"
    if name == "group" and isinstance(model.accumulator, Aligned):
        return "the products of a group lose nothing"
    if name == "zero_products":
        return "no zero operand has an exponent that is seen"
    return ""


def _ranges(values: list[Any]) -> str:
    """Return values with runs of numbers as ranges."""
    numbers = sorted(v for v in values if type(v) is int)
    parts = [shown(v) for v in values if type(v) is not int]
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            run = numbers[start:i]
            parts.append(f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}")
            start = i
    return ", ".join(parts)

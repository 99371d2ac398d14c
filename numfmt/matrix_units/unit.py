"""A matrix unit: formats, an accumulator, an instruction's length, and what is known of it."""

import dataclasses
from typing import Any

from ..errors import FormatError
from ..families.base import ScalarFormat
from ..rounding import Option
from .accumulators import Accumulator, scalar
from .plans import Plan


class Evidence(Option):
    """What a row rests on, from recorded outputs of the real unit down to a guess.

    ``recorded``: outputs of the real unit, at hand, are reproduced bit for bit. ``recorded
    elsewhere``: the authors of the source did so. ``sources agree``: two independent ones.
    ``one source``: a model that others wrote. ``documented only``: the vendor's text. ``guess``:
    nobody has published the rule.
    """

    RECORDED = "recorded"
    RECORDED_ELSEWHERE = "recorded elsewhere"
    SOURCES_AGREE = "sources agree"
    ONE_SOURCE = "one source"
    DOCUMENTED = "documented only"
    GUESS = "guess"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """A point on which sources differ or are silent, and how the other reading is had.

    Attributes
    ----------
    field : str
        Field of the accumulator, or ``plan`` or ``accumulator`` of the unit itself.
    choices : tuple
        Values that a source has for it; the first is the row's own.
    note : str
        Who says what.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.Disputed(field="floor", choices=(-132, -126), note="two sources against one").field
    'floor'
    """

    field: str
    choices: tuple[Any, ...]
    note: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Unit:
    """One instruction of a matrix unit on one pair of operand formats.

    Attributes
    ----------
    name : str
        ``vendor-architecture-instruction-inputs-output``, with the shape behind it where the shape
        changes the bits.
    a, b : Format or str
        Operand formats.
    accumulator : Accumulator
        With its output format named.
    k : int
        Products of one instruction, for each output.
    plan : Plan, optional
        How one instruction cuts its products.
    scale : Format or str, optional
        Format of block scales, along k.
    scale_block : int
        Elements of one scale.
    container : Format or str, optional
        The wider format that registers hold the operands in; its low bits are cut off.
    padded : bool
        Whether missing products of the last instruction are +0; else it takes fewer.
    evidence : Evidence or str
    rejects : tuple of str
        Changed parameters that the recordings at hand reject.
    disputed : tuple of Disputed
    source : str

    Examples
    --------
    >>> import numfmt as nf
    >>> unit = nf.units("nvidia-hopper-wgmma-e4m3-f32")[0]
    >>> unit.k, unit.accumulator.fraction_bits, unit.output.name
    (32, 13, 'binary32')
    """

    name: str
    a: Any
    b: Any
    accumulator: Accumulator
    k: int
    plan: Plan | None = None
    scale: Any = None
    scale_block: int = 0
    container: Any = None
    padded: bool = True
    evidence: Any = Evidence.GUESS
    rejects: tuple[str, ...] = ()
    disputed: tuple[Disputed, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("a", "b", "scale", "container"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, scalar(value, f"Unit {self.name!r}: {name}"))
        try:
            object.__setattr__(self, "evidence", Evidence(self.evidence))
        except ValueError:
            raise FormatError(
                f"Unit {self.name!r}: evidence={self.evidence!r} is not one of "
                f"{', '.join(repr(level.value) for level in Evidence)}"
            ) from None
        if not isinstance(self.accumulator, Accumulator) or self.accumulator.output is None:
            raise FormatError(f"Unit {self.name!r}: the accumulator must name its output format")
        if isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1:
            raise FormatError(f"Unit {self.name!r}: k={self.k!r} is not a count of products")
        if (self.scale is None) != (self.scale_block == 0):
            raise FormatError(f"Unit {self.name!r}: scale and scale_block belong together")
        if self.scale_block and self.k % self.scale_block:
            raise FormatError(
                f"Unit {self.name!r}: k={self.k} is no multiple of scale_block={self.scale_block}"
            )

    def __repr__(self) -> str:
        """Return the name and the evidence; `numfmt.units` prints the rule."""
        return f"Unit({self.name!r}, evidence={self.evidence.value!r})"

    @property
    def output(self) -> ScalarFormat:
        """Format of the result and of the accumulator operand."""
        fmt: ScalarFormat = self.accumulator.output
        return fmt

    @property
    def vendor(self) -> str:
        """First part of the name."""
        return self.name.split("-")[0]

    @property
    def architecture(self) -> str:
        """Second part of the name."""
        return self.name.split("-")[1] if "-" in self.name else ""

    @property
    def recorded(self) -> bool:
        """Whether outputs of the real unit were compared, here or by the source's authors."""
        return self.evidence in (Evidence.RECORDED, Evidence.RECORDED_ELSEWHERE)

    @property
    def weak(self) -> bool:
        """Whether the row rests on documents or a guess alone; such rows warn once."""
        return self.evidence in (Evidence.DOCUMENTED, Evidence.GUESS)

    def changed(self, **fields: Any) -> "Unit":
        """Return this unit with other fields, of its accumulator or its own.

        The evidence of another reading is what the row says of it: ``one source`` for a disputed
        choice, else ``guess``; nothing is rejected by recordings any more.

        Examples
        --------
        >>> import numfmt as nf
        >>> unit = nf.unit("nvidia-ampere-mma-bf16-f32").changed(floor=-126)
        >>> unit, unit.accumulator.floor
        (Unit('nvidia-ampere-mma-bf16-f32 (floor=-126)', evidence='one source'), -126)
        """
        inner = {field.name for field in dataclasses.fields(self.accumulator)}
        own = {field.name for field in dataclasses.fields(self)} - {"name", "rejects", "disputed"}
        for name in fields:
            if name not in inner | own:
                raise FormatError(
                    f"changed: neither {type(self.accumulator).__name__} nor Unit has a field "
                    f"{name!r}; they have {', '.join(sorted(inner))} and {', '.join(sorted(own))}"
                )
        mine = {name: value for name, value in fields.items() if name not in inner}
        theirs = {name: value for name, value in fields.items() if name in inner}
        rule = dataclasses.replace(mine.pop("accumulator", self.accumulator), **theirs)
        if rule == self.accumulator and all(getattr(self, name) == mine[name] for name in mine):
            return self
        readings = {point.field: point.choices for point in self.disputed}
        known = all(
            any(value is choice or value == choice for choice in readings.get(name, ()))
            for name, value in fields.items()
        )
        words = ", ".join(f"{name}={_short(value)}" for name, value in fields.items())
        evidence = Evidence.ONE_SOURCE if known else Evidence.GUESS
        return dataclasses.replace(
            self,
            **{
                "name": f"{self.name} ({words})",
                "evidence": evidence,
                "rejects": (),
                **mine,
                "accumulator": rule,
            },
        )

    def __str__(self) -> str:
        """Return all that is known of the unit, one thing a line."""
        lines = [
            self.name,
            f"  operands  {self.a.name} x {self.b.name} -> {self.output.name}, {self.k} products",
            f"  rule      {self.accumulator!r}",
        ]
        lines += [f"  plan      {self.plan!r}"] if self.plan is not None else []
        if self.scale is not None:
            lines.append(f"  scales    {self.scale.name}, one for {self.scale_block} elements")
        lines += [f"  evidence  {self.evidence.value}", f"  source    {self.source}"]
        lines += [f"  rejects   {', '.join(self.rejects)}"] if self.rejects else []
        for point in self.disputed:
            choices = " or ".join(_short(choice) for choice in point.choices)
            lines.append(f"  disputed  {point.field}: {choices}; {point.note}")
        return "\n".join(lines)


def _short(value: Any) -> str:
    """Return a value as a line of text shows it."""
    return str(getattr(value, "name", None) or getattr(value, "value", None) or repr(value))

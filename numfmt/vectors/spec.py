"""What a set of vectors is: everything that decides its bytes, and nothing else."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..arguments import integer_option
from ..errors import FormatError
from ..families.base import Format
from ..rounding import Rounding, choose
from .numbering import CLASSES, FLAG_ORDER, POOLS, RM_NUMBERS
from .operations import OPERATIONS, Column, Operation
from .plain import plain, revived

SCHEMA = 2
_COMMON = frozenset({"op", "fmt", "rounding", "classes", "max_rows", "exhaustive", "seed"}) | {
    "rm_map",
    "flag_order",
}
_DEFAULTED = {"bits": 8}  # fields that may be named although the operation has no use for them
_EXHAUSTIVE_BITS = 16  # operands of so many bits together are exhausted by default
_LARGEST_SPACE = 27


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spec:
    """One reproducible table of test vectors.

    What is left out is settled by the operation and the documents of the formats, and then stands
    in the spec as if it had been given.

    Attributes
    ----------
    op : str
        A name of `OPERATIONS`: a conversion, an operation or a function of arithmetic,
        ``dot``, ``block_dot``, ``gemm_tile``, ``block_quantize``, ``requantize``.
    fmt : Format, str or tuple of them
        The format under test: of all operands, or one each. For ``encode`` and ``from_int`` that
        of the result; a block format for ``block_quantize`` and ``block_dot``; left out with
        `unit`.
    src : str or Format, optional
        Where ``encode``, ``block_quantize`` (binary32) and ``from_int`` (int32) start.
    dst : str or Format, optional
        The result format. Default: of ``decode`` binary32, or binary64 if needed; of ``to_int``
        int32, ``requantize`` int8, dot products binary32; elsewhere that of the operands.
    rounding : str, or tuple of str
        Mode names, or ``all`` for every mode without random bits that the result format knows.
        Default: the operation's.
    dialect, overflow, nan, flush_inputs, flush_results, tininess, bits
        As in `numfmt.add`; `nan` is a code.
    classes : str, or tuple of str
        Classes of operands by name, ``corners`` for all corner classes, or ``all``.
    max_rows : int
        Rows for each mode, where operands are not exhausted.
    exhaustive : bool, optional
        Every operand. Default: if they have at most 16 bits together and there is no input.
    seed : int
        Of random operands and random bits.
    k, m, n : int
        Products of a dot product (or elements of a block), rows and columns of a tile.
    accumulator : Accumulator
        How products are added; default `numfmt.Exact`.
    unit : Unit or str
        A matrix unit instead of it.
    scheme, zero_point : str, int
        Of ``requantize``.
    rm_map : mapping of str to int, optional
        The number of each rounding mode in the column ``rm``, 0 to 15, where yours differ from
        `RM_NUMBERS`.
    flag_order : tuple of str
        Names of the flags from bit 0 up. Default: NX UF OF DZ NV, as RISC-V and TestFloat.
    input_sha256 : str, optional
        Of the input tensor, set by `generate`.

    Raises
    ------
    FormatError
        A field does not fit; the message names it.

    Examples
    --------
    >>> spec = Spec(op="mul", fmt="e4m3", rounding="all")
    >>> spec.exhaustive, spec.dst.name, spec.dialect.name, len(spec.rounding)
    (True, 'e4m3', 'ocp_nosat', 11)
    """

    op: str
    fmt: Any = None
    src: Any = None
    dst: Any = None
    rounding: Any = None
    dialect: Any = None
    overflow: Any = None
    nan: int | None = None
    flush_inputs: Any = None
    flush_results: Any = None
    tininess: Any = None
    bits: int = 8
    classes: Any = "all"
    max_rows: int = 10_000
    exhaustive: bool | None = None
    seed: int = 0
    k: Any = None
    m: Any = None
    n: Any = None
    accumulator: Any = None
    unit: Any = None
    scheme: Any = None
    zero_point: Any = None
    rm_map: Any = None
    flag_order: Any = FLAG_ORDER
    input_sha256: str | None = None

    def __post_init__(self) -> None:
        if self.op not in OPERATIONS:
            raise FormatError(
                f"op={self.op!r} is not one of the {len(OPERATIONS)} operations that `python -m "
                f"numfmt vectors list` prints, such as {', '.join(list(OPERATIONS)[:5])}"
            )
        self._refuse_strangers()
        if self.fmt is None and not {"unit", "scheme"} & self.operation.takes:
            raise FormatError(f"fmt is missing: name the format that {self.op} is of")
        for option in ("flush_inputs", "flush_results", "exhaustive"):
            if getattr(self, option) not in (True, False, None):
                raise FormatError(f"{option}={getattr(self, option)!r} is not True or False")
        integer_option(self.bits, 1, 52, "bits")
        integer_option(self.max_rows, 1, 1 << 40, "max_rows")
        integer_option(self.seed, 0, (1 << 64) - 1, "seed")
        self._put(**self.operation.settle(self))
        self._put(rounding=self._modes(), classes=self._classes())
        self._put(rm_map=self._rm_map(), flag_order=self._flag_order())
        if self.nan is not None:
            integer_option(self.nan, 0, (1 << self.dst.bits) - 1, "nan")
        width = self.operand_bits
        if self.exhaustive is None:
            chosen = width <= _EXHAUSTIVE_BITS and self.input_sha256 is None
            self._put(exhaustive=chosen and self.classes == ("all",))
        if self.exhaustive and width > _LARGEST_SPACE:
            raise FormatError(
                f"exhaustive=True: the operands have 2**{width} values; set max_rows, or choose "
                f"operands of at most {_LARGEST_SPACE} bits together"
            )

    def _put(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _refuse_strangers(self) -> None:
        takes = _COMMON | self.operation.takes
        for field in dataclasses.fields(self):
            given = getattr(self, field.name)
            if field.name in takes or given is None or given == _DEFAULTED.get(field.name):
                continue
            raise FormatError(
                f"{field.name}={given!r} means nothing to op={self.op!r}; it takes "
                f"{', '.join(sorted(takes))}"
            )

    @property
    def operation(self) -> Operation:
        """The entry of the operation."""
        return OPERATIONS[self.op]

    @property
    def formats(self) -> tuple[Any, ...]:
        """The formats of the operands."""
        if self.src is not None:
            return (self.src,)
        return self.fmt if isinstance(self.fmt, tuple) else (self.fmt,)

    @property
    def operands(self) -> tuple[Column, ...]:
        """The columns of operands."""
        return self.operation.operands(self)

    @property
    def results(self) -> tuple[Column, ...]:
        """The columns of results."""
        return self.operation.results(self)

    @property
    def operand_bits(self) -> int:
        """Bits of all operands together."""
        return sum(column.bits for column in self.operands)

    @property
    def stochastic(self) -> bool:
        """Whether some mode takes random bits."""
        return any(Rounding(mode).stochastic for mode in self.rounding)

    def _modes(self) -> tuple[str, ...]:
        allowed = self.operation.modes(self)
        given = self.rounding
        if given is None:
            return allowed[:1]
        if isinstance(given, str):
            given = allowed if given == "all" else given.split(",")
        if isinstance(given, Rounding):
            given = [given]
        modes = tuple(choose(Rounding, mode, "rounding").value for mode in given)
        if not modes or len(set(modes)) < len(modes):
            raise FormatError(f"rounding={self.rounding!r} must name modes, each of them once")
        drawn = "bits" in self.operation.takes and (len(allowed) > 1 or self.scheme == "rounded")
        for mode in modes:
            if mode not in allowed and not (drawn and Rounding(mode).stochastic):
                raise FormatError(
                    f"rounding={mode!r}: op={self.op!r} with these formats rounds "
                    f"{', '.join(allowed)}"
                )
        order = {mode.value: place for place, mode in enumerate(Rounding)}
        return tuple(sorted(modes, key=order.__getitem__)) if self.rounding == "all" else modes

    def _rm_map(self) -> dict[str, int] | None:
        if self.rm_map is None:
            return None
        if not isinstance(self.rm_map, Mapping):
            raise FormatError(f"rm_map={self.rm_map!r} is no mapping of mode names to numbers")
        numbers: dict[str, int] = {}
        for mode, given in self.rm_map.items():
            name = choose(Rounding, mode, "rm_map").value
            number = integer_option(given, 0, 15, f"rm_map[{mode}]")
            if numbers.setdefault(name, number) != number:
                raise FormatError(f"rm_map gives {name} two numbers, {numbers[name]} and {number}")
        missing = [mode for mode in self.rounding if mode not in numbers]
        if missing:
            raise FormatError(f"rm_map has no number for {', '.join(missing)}")
        used = [numbers[mode] for mode in self.rounding]
        if len(set(used)) < len(used):
            raise FormatError("rm_map gives two modes one number")
        return {mode: numbers[mode] for mode in self.rounding}

    @property
    def rm_numbers(self) -> dict[str, int]:
        """The number of each mode in the column ``rm``."""
        return self.rm_map or {mode: RM_NUMBERS[mode] for mode in self.rounding}

    def _flag_order(self) -> tuple[str, ...]:
        given = self.flag_order.split(",") if isinstance(self.flag_order, str) else self.flag_order
        names = tuple(str(name).upper() for name in given)
        if sorted(names) != sorted(FLAG_ORDER):
            raise FormatError(
                f"flag_order={self.flag_order!r} must name {', '.join(FLAG_ORDER)}, each once, "
                "from bit 0 up"
            )
        return names

    def _classes(self) -> tuple[str, ...]:
        given = self.classes.split(",") if isinstance(self.classes, str) else tuple(self.classes)
        unknown = [name for name in given if name not in (*CLASSES, "all", "corners")]
        if unknown or not given:
            raise FormatError(
                f"classes={self.classes!r}: {unknown[0] if unknown else 'nothing'!r} is no class; "
                "`python -m numfmt vectors list` prints them"
            )
        if "all" in given:
            return ("all",)
        corners = tuple(name for name in CLASSES if name not in POOLS)
        parts = [corners if name == "corners" else (name,) for name in given]
        return tuple(dict.fromkeys(name for part in parts for name in part))

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, formats in full, ready for JSON."""
        fields = {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return {"schema": SCHEMA} | {k: v for k, v in fields.items() if v is not None}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Spec":
        """Return the spec that `to_dict` wrote, formats rebuilt from their fields.

        Raises
        ------
        FormatError
            A field is missing, unknown or of another schema.
        """
        known = {f.name for f in dataclasses.fields(cls)}
        given = dict(fields)
        schema = given.pop("schema", None)
        if schema != SCHEMA:
            raise FormatError(f"spec has schema {schema!r}; this numfmt reads schema {SCHEMA}")
        odd = sorted(set(given) - known) + sorted({"op", "rounding", "seed"} - set(given))
        if odd:
            raise FormatError(f"spec has missing or unknown fields: {', '.join(odd)}")
        return cls(**{key: revived(value) for key, value in given.items()})

    def canonical(self) -> bytes:
        """Return the canonical JSON of the spec."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":")).encode()

    def sha256(self) -> str:
        """Return the digest of `canonical`."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def __str__(self) -> str:
        """Return operation, formats and modes in a line."""

        def named(fmt: Any) -> str:
            return fmt.name if isinstance(fmt, Format) else str(fmt)

        sources = list(dict.fromkeys(named(fmt) for fmt in self.formats))
        target = f" to {named(self.dst)}" if self.dst is not None else ""
        return f"{self.op}: {', '.join(sources)}{target}, {', '.join(self.rounding)}"

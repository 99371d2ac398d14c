"""What a set of vectors is: everything that decides its bytes, and nothing else."""

import dataclasses
import hashlib
import json
from typing import Any

from .. import registry
from ..arguments import integer_option, scalar_format
from ..errors import FormatError
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..families.grid import GridFormat
from ..families.tapered import PositFormat, TakumFormat
from ..rounding import Overflow, Rounding, Tininess, choose

SCHEMA = 1
OPERATIONS = ("decode", "encode", "convert")
_CLASSES: dict[str, type[GridFormat]] = {
    FloatFormat.__name__: FloatFormat,
    FixedFormat.__name__: FixedFormat,
    PositFormat.__name__: PositFormat,
    TakumFormat.__name__: TakumFormat,
}


def _grid_format(fmt: Any, argument: str = "fmt") -> GridFormat:
    """Return a format whose corners the stimuli know."""
    entry = scalar_format(fmt, argument)
    if not isinstance(entry, GridFormat):
        raise FormatError(
            f"{argument}={entry.name!r}: vectors are of floats, fixed point, posits and linear "
            "takums so far; for other formats use numfmt.encode and numfmt.decode"
        )
    return entry


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spec:
    """One reproducible table of test vectors.

    Every operation is a conversion with one rounding: ``decode`` from `fmt` to an interchange
    format, ``encode`` from one to `fmt`, ``convert`` from `fmt` to `dst`.

    Attributes
    ----------
    op : {'decode', 'encode', 'convert'}
    fmt : str or Format
        The format under test.
    src : str or Format, optional
        Where ``encode`` starts. Default: binary32, or the dtype of the input tensor.
    dst : str or Format, optional
        Where ``decode`` and ``convert`` end. Default for decode: binary32, or binary64 if needed.
    rounding : str, or tuple of str
        Mode names, or ``all`` for every deterministic mode.
    overflow, nan, flush_inputs, flush_results, tininess, bits
        As in `numfmt.encode`; `nan` is a code or None.
    max_rows : int
        Rows of constructed and random stimuli for each mode, where the operand is not exhausted.
    exhaustive : bool, optional
        Every code of the operand. Default: if it has at most 16 bits and there is no input.
    seed : int
        Of the random stimuli and random bits.
    input_sha256 : str, optional
        Of the input tensor, set by `generate`.
    """

    op: str
    fmt: Any
    src: Any = None
    dst: Any = None
    rounding: Any = "nearest_even"
    overflow: str | None = None
    nan: int | None = None
    flush_inputs: bool = False
    flush_results: bool = False
    tininess: str = "after"
    bits: int = 8
    max_rows: int = 10_000
    exhaustive: bool | None = None
    seed: int = 0
    input_sha256: str | None = None

    def __post_init__(self) -> None:
        if self.op not in OPERATIONS:
            raise FormatError(f"op={self.op!r} is not one of {', '.join(OPERATIONS)}")
        put = object.__setattr__
        source, target = self._ends()
        put(self, "fmt", _grid_format(self.fmt))
        put(self, "src", source)
        put(self, "dst", target)
        put(self, "rounding", self._modes())
        if self.overflow is not None:
            put(self, "overflow", choose(Overflow, self.overflow, "overflow").value)
            if self.overflow == Overflow.RAISE.value:
                raise FormatError("overflow='raise' gives no result to write; name another policy")
        if self.nan is not None:
            integer_option(self.nan, 0, (1 << target.bits) - 1, "nan")
        for option in ("flush_inputs", "flush_results", "exhaustive"):
            if getattr(self, option) not in (True, False, None):
                raise FormatError(f"{option}={getattr(self, option)!r} is not True or False")
        put(self, "tininess", choose(Tininess, self.tininess, "tininess").value)
        integer_option(self.bits, 1, 52, "bits")
        integer_option(self.max_rows, 1, 1 << 32, "max_rows")
        integer_option(self.seed, 0, (1 << 64) - 1, "seed")
        if self.exhaustive is None:
            put(self, "exhaustive", source.bits <= 16 and self.input_sha256 is None)
        if self.exhaustive and source.bits > 24:
            raise FormatError(
                f"exhaustive=True: {source.name!r} has 2**{source.bits} codes; set max_rows, or "
                "choose an operand of at most 24 bits"
            )

    def _ends(self) -> tuple[GridFormat, GridFormat]:
        fmt = _grid_format(self.fmt)
        if self.op == "encode":
            if self.dst is not None and _grid_format(self.dst) != fmt:
                raise FormatError(f"dst={self.dst!r}: encode ends in fmt; use op='convert'")
            return _grid_format("binary32" if self.src is None else self.src, "src"), fmt
        if self.src is not None and _grid_format(self.src) != fmt:
            raise FormatError(f"src={self.src!r}: {self.op} starts from fmt; use op='convert'")
        if self.dst is not None:
            return fmt, _grid_format(self.dst, "dst")
        if self.op == "convert":
            raise FormatError("dst is missing: convert needs the format to convert to")
        if not fmt.fits_float64:
            raise FormatError(f"dst is missing: {fmt.name!r} has values that binary64 has not")
        return fmt, _grid_format("binary32" if fmt.fits_float32 else "binary64")

    def _modes(self) -> tuple[str, ...]:
        if self.rounding == "all":
            return tuple(mode.value for mode in Rounding if not mode.stochastic)
        given = self.rounding
        if isinstance(given, str):
            given = given.split(",")
        if isinstance(given, Rounding):
            given = [given]
        modes = tuple(choose(Rounding, mode, "rounding").value for mode in given)
        if not modes or len(set(modes)) < len(modes):
            raise FormatError(f"rounding={self.rounding!r} must name modes, each of them once")
        return modes

    @property
    def stochastic(self) -> bool:
        """Whether some mode takes random bits."""
        return any(Rounding(mode).stochastic for mode in self.rounding)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, formats in full, ready for JSON."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        for key in ("fmt", "src", "dst"):
            fields[key] = fields[key].to_dict()
        fields["rounding"] = list(self.rounding)
        return {"schema": SCHEMA} | fields

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
        if set(given) != known:
            odd = sorted(set(given) ^ known)
            raise FormatError(f"spec has missing or unknown fields: {', '.join(odd)}")
        for key in ("fmt", "src", "dst"):
            given[key] = format_from_dict(given[key])
        given["rounding"] = tuple(given["rounding"])
        if given["op"] == "encode":
            given["dst"] = None
        else:
            given["src"] = None
        return cls(**given)

    def canonical(self) -> bytes:
        """Return the canonical JSON of the spec."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":")).encode()

    def sha256(self) -> str:
        """Return the digest of `canonical`."""
        return hashlib.sha256(self.canonical()).hexdigest()


def format_from_dict(fields: dict[str, Any]) -> GridFormat:
    """Return the format that `Format.to_dict` wrote.

    Raises
    ------
    FormatError
        It is of no known class, or its name means another set of codes here.
    """
    given = dict(fields)
    kind = _CLASSES.get(given.pop("class", ""))
    if kind is None:
        raise FormatError(
            f"format {fields.get('name')!r} is of unknown class {fields.get('class')!r}"
        )
    given["aliases"] = tuple(given.get("aliases", ()))
    try:
        built = kind(**given)
    except TypeError as error:
        raise FormatError(f"format {fields.get('name')!r}: {error}") from None
    try:
        meant = registry.get(built.name)
    except LookupError:
        return built
    if meant.structure != built.structure:
        raise FormatError(f"the name {built.name!r} stands for other codes in this numfmt")
    return built

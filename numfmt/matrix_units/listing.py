"""Looking matrix units up: by name, by pattern, as a table."""

import difflib
import fnmatch
import re
from collections.abc import Iterable

from ..errors import FormatError, UnknownFormat
from ..families.fixed import FixedFormat
from ..families.floats import FloatFormat
from ..rounding import Rounding, choose
from .accumulators import (
    Accumulator,
    Aligned,
    Compensated,
    Exact,
    Join,
    Pairwise,
    PartiallyNormalized,
    Stepwise,
)
from .catalog import all_units
from .plans import Lanes, Plan, Reordered
from .unit import Evidence, Unit

_added: dict[str, Unit] = {}
_GRAMMAR = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+){2,}")
_SHORT = {
    Rounding.NEAREST_EVEN: "RNE",
    Rounding.NEAREST_AWAY: "RNA",
    Rounding.TOWARD_ZERO: "RZ",
    Rounding.TOWARD_POSITIVE: "RU",
    Rounding.TOWARD_NEGATIVE: "RD",
    Rounding.TO_ODD: "RO",
}


class Units(tuple[Unit, ...]):
    """Matrix units, printed as a table: name, operands -> output, k of an instruction, evidence."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self:
            return "no units"
        rows = [("name", "operands -> output", "k", "rule", "evidence")]
        rows += [(u.name, _operands(u), str(u.k), rule_text(u), u.evidence.value) for u in self]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    __str__ = __repr__


def _operands(entry: Unit) -> str:
    scale = f" ({entry.scale.name}/{entry.scale_block})" if entry.scale else ""
    factors = entry.a.name if entry.a == entry.b else f"{entry.a.name} x {entry.b.name}"
    return f"{factors}{scale} -> {entry.output.name}"


def rule_text(entry: Unit) -> str:
    """Return how a unit accumulates, in a few words.

    Examples
    --------
    >>> rule_text(unit("nvidia-hopper-mma-f16-f32"))
    'aligned n=16 F=25 floor -133 RZ 23'
    """
    return " ".join(filter(None, (_accumulator_text(entry.accumulator), _plan_text(entry.plan))))


def _accumulator_text(rule: Accumulator) -> str:
    if isinstance(rule, Aligned):
        return _aligned_text(rule)
    words = [type(rule).__name__.lower()]
    if isinstance(rule, Exact | Pairwise) and rule.block is not None:
        words.append(f"n={rule.block}")
    if isinstance(rule, Stepwise) and rule.product is not None:
        words.append(getattr(rule.product, "name", "table"))
    if isinstance(rule, Exact) and rule.late:
        words.append("c after")
    if isinstance(rule, Compensated):
        words.append(rule.method.value)
    if isinstance(rule, PartiallyNormalized):
        words.append(f"width={rule.width}")
    if isinstance(rule.output, FixedFormat):
        words.append((rule.overflow or rule.output.default_overflow).value)
    else:
        words.append(_mode(rule.rounding or rule.output.default_rounding))
    if _flushes(rule):
        words.append("flush")
    return " ".join(words)


def _flushes(rule: Accumulator) -> bool:
    if isinstance(rule, Stepwise) and rule.flush_results is not None:
        return rule.flush_results
    return rule.dialect is not None and rule.dialect.flush_results


def _aligned_text(rule: Aligned) -> str:
    words = [f"aligned n={rule.block}"]
    if rule.group > 1:
        words.append(f"groups of {rule.group}")
    words.append(f"F={rule.fraction_bits}")
    if rule.halves > 1:
        words.append("even, odd")
    if rule.floor is not None:
        words.append(f"floor {rule.floor}")
    if rule.c is Join.AFTER:
        words.append(f"c after {_mode(rule.late_cut)} {rule.sum_bits}, {rule.c_bits}")
    keep = rule.keep
    if keep is None and isinstance(rule.output, FloatFormat):
        keep = rule.output.precision - 1
    words.append(_mode(rule.rounding) if keep is None else f"{_mode(rule.rounding)} {keep}")
    if rule.late_add is not None:
        words.append(f"c last {_mode(rule.late_add)}")
    return " ".join(words)


def _mode(mode: Rounding) -> str:
    return _SHORT.get(mode, mode.value)


def _plan_text(plan: Plan | None) -> str:
    if plan is None:
        return ""
    if isinstance(plan, Lanes):
        return f"{plan.count} lanes c {plan.c.value}"
    if isinstance(plan, Reordered):
        return "k reordered"
    return type(plan).__name__.lower()


def _known() -> dict[str, Unit]:
    return {**all_units(), **_added}


def units(
    pattern: str | None = None,
    *,
    vendor: str | None = None,
    architecture: str | None = None,
    evidence: Evidence | str | None = None,
) -> Units:
    """Return the matrix units of the catalogue, and those registered, as a table.

    Parameters
    ----------
    pattern : str, optional
        A name, the start of names, or a pattern with ``*`` and ``?``. Case does not count.
    vendor, architecture : str, optional
        First and second part of the name.
    evidence : Evidence or str, optional
        Only rows that rest on this.

    Returns
    -------
    Units
        A tuple of `Unit`; one that prints as a table.

    Raises
    ------
    FormatError
        No unit is of this vendor or architecture, or there is no such evidence.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.units("amd-cdna1-*")
    name                     operands -> output    k   rule            evidence
    amd-cdna1-mfma-f32-f32   binary32 -> binary32  4   sequential RNE  one source
    amd-cdna1-mfma-f16-f32   binary16 -> binary32  16  exact n=4 RNE   sources agree
    amd-cdna1-mfma-bf16-f32  bfloat16 -> binary32  8   exact n=2 RNE   sources agree
    >>> nf.units("nvidia-volta", evidence="recorded")[1].accumulator.floor
    -19
    """
    known = _known()
    found = known.values() if pattern is None else _matching(known, pattern)
    for argument, wanted in (("vendor", vendor), ("architecture", architecture)):
        offered = {getattr(entry, argument) for entry in known.values()}
        if wanted is not None and wanted not in offered:
            raise FormatError(f"{argument}={wanted!r} is not one of {', '.join(sorted(offered))}")
    level = None if evidence is None else choose(Evidence, evidence, "evidence")
    return Units(
        entry
        for entry in found
        if vendor in (None, entry.vendor)
        and architecture in (None, entry.architecture)
        and level in (None, entry.evidence)
    )


def _matching(known: dict[str, Unit], pattern: str) -> Iterable[Unit]:
    if not isinstance(pattern, str):
        raise FormatError(f"pattern={pattern!r} is not text; give a name, or one with * and ?")
    key = pattern.strip().lower()
    if key in known:
        return [known[key]]
    if any(letter in key for letter in "*?["):
        return [entry for name, entry in known.items() if fnmatch.fnmatchcase(name, key)]
    return [entry for name, entry in known.items() if name.startswith(key)]


def unit(name: str | Unit) -> Unit:
    """Return the matrix unit of that name; a unit is returned as it is.

    Raises
    ------
    UnknownFormat
        No unit has this name.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.unit("nvidia-ada-mma-e4m3-f32").accumulator.keep
    13
    >>> nf.unit("intel-avx512-vdpbf16")
    Traceback (most recent call last):
        ...
    numfmt.errors.UnknownFormat: no unit named 'intel-avx512-vdpbf16'. Did you mean \
'intel-avx512-vdpbf16ps', 'intel-avx512-vpdpbusd', 'intel-avx512-vpdpbusds'? \
numfmt.units('*intel-avx512-vdpbf16*') lists 1.
    """
    if isinstance(name, Unit):
        return name
    if not isinstance(name, str):
        raise UnknownFormat(f"a unit is a name or a Unit, got {name!r}")
    key, known = name.strip().lower(), _known()
    if key not in known:
        close = difflib.get_close_matches(key, known, n=3, cutoff=0.8)
        hint = f" Did you mean {', '.join(map(repr, close))}?" if close else ""
        held = sum(key in other for other in known)
        where = f"numfmt.units('*{key}*') lists {held}" if held else "numfmt.units() lists all"
        raise UnknownFormat(f"no unit named {name!r}.{hint} {where}.")
    return known[key]


def register_unit(entry: Unit) -> Unit:
    """Add a unit under its name, and return it.

    Raises
    ------
    FormatError
        The name stands for another unit, or is not ``vendor-architecture-instruction`` with more
        behind it.

    Examples
    --------
    >>> import dataclasses
    >>> import numfmt as nf
    >>> base = nf.unit("nvidia-hopper-wgmma-e4m3-f32")
    >>> mine = dataclasses.replace(base.changed(fraction_bits=21), name="mine-chip1-dot-e4m3-f32")
    >>> nf.register_unit(mine).name
    'mine-chip1-dot-e4m3-f32'
    >>> nf.unit("mine-chip1-dot-e4m3-f32").accumulator.fraction_bits
    21
    """
    if not isinstance(entry, Unit):
        raise FormatError(f"register_unit takes a Unit, got {entry!r}")
    if not _GRAMMAR.fullmatch(entry.name):
        raise FormatError(
            f"Unit name={entry.name!r} is not vendor-architecture-instruction, with inputs and "
            "output behind it where the instruction does not name them, in small letters"
        )
    taken = _known().get(entry.name)
    if taken == entry:
        return taken
    if taken is not None:
        raise FormatError(f"the name {entry.name!r} is taken; a name means one unit")
    _added[entry.name] = entry
    return entry

"""Specs as JSON: formats, accumulators, units and dialects by their fields, and back again.

Everything that decides bits is written in full, so that a set can be audited without numfmt and
regenerated where a name has come to mean something else. Prose (sources, aliases, evidence) is
part of it only where numfmt does not ship it with the name.
"""

import contextlib
import dataclasses
import enum
import functools
import inspect
from collections.abc import Iterator
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from .. import dialects, registry, rounding
from ..errors import FormatError
from ..families import block_options, blocks, codebooks, fixed, floats, logarithmic, tapered
from ..families.base import Format
from ..matrix_units import accumulators, catalog, listing, plans, unit

_PROSE = {"source", "aliases", "evidence", "rejects", "disputed", "note"}
_MODULES = (
    *(block_options, blocks, codebooks, fixed, floats, logarithmic, tapered),
    *(accumulators, plans, unit, dialects, rounding),
)


def plain(value: Any) -> Any:
    """Return a value as JSON has it; classes, fractions and arrays name what they are.

    Examples
    --------
    >>> plain(Fraction(1, 3)), plain((1, None))
    ({'class': 'Fraction', 'value': '1/3'}, [1, None])
    """
    if isinstance(value, enum.Enum):
        return {"class": type(value).__name__, "value": value.value}
    if isinstance(value, Fraction):
        return {"class": "Fraction", "value": str(value)}
    if isinstance(value, np.ndarray):
        return {"class": "ndarray", "dtype": value.dtype.str, "value": value.tolist()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in _defining(value)}
        return {"class": type(value).__name__} | {k: plain(v) for k, v in fields.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise FormatError(f"{value!r} cannot be written into a spec")


def revived(value: Any) -> Any:
    """Return what `plain` wrote.

    Raises
    ------
    FormatError
        A class is unknown, a field does not fit, or the name of a format means other codes here.

    Examples
    --------
    >>> from numfmt import get
    >>> revived(plain(get("e4m3"))) == get("e4m3")
    True
    """
    if isinstance(value, list):
        return tuple(revived(item) for item in value)
    if not isinstance(value, dict):
        return value
    given = dict(value)
    name = given.pop("class", None)
    if name is None:
        return {key: revived(item) for key, item in given.items()}
    if name == "Fraction":
        return Fraction(given["value"])
    if name == "ndarray":
        return np.array(given["value"], np.dtype(given["dtype"]))
    kind = _classes().get(name)
    if kind is None:
        raise FormatError(f"the spec names {name!r}, which this numfmt does not know")
    if issubclass(kind, enum.Enum):
        return kind(given["value"])
    fields = {f.name for f in dataclasses.fields(kind) if f.init}
    given = {key: item for key, item in given.items() if key in fields}
    try:
        built = kind(**{key: revived(item) for key, item in given.items()})
    except TypeError as error:
        raise FormatError(f"{name} {given.get('name')!r}: {error}") from None
    return _listed(built)


def _listed(built: Any) -> Any:
    """Return the listed format, dialect or unit of that name, with its prose, if it is the same.

    A name of a format must not stand for other codes; dialects and units may differ from listed
    ones.
    """
    listed: Any = None
    with contextlib.suppress(LookupError, FormatError):
        if isinstance(built, Format):
            listed = registry.get(built.name)
        elif isinstance(built, dialects.Dialect):
            listed = dialects.dialect_of(built.name)
        elif isinstance(built, unit.Unit):
            listed = listing.unit(built.name)
    if isinstance(built, Format) and listed is not None and listed.structure != built.structure:
        raise FormatError(f"the name {built.name!r} stands for other codes in this numfmt")
    return listed if listed is not None and plain(listed) == plain(built) else built


def _defining(value: Any) -> Iterator[dataclasses.Field[Any]]:
    named = isinstance(value, Format | dialects.Dialect | unit.Unit)
    shipped = named and _is_shipped(value)
    return (f for f in dataclasses.fields(value) if not shipped or f.name not in _PROSE)


def _is_shipped(value: Any) -> bool:
    """Return whether numfmt knows a format, dialect or unit of these fields by its name."""
    shipped: Any = None
    if isinstance(value, dialects.Dialect):
        shipped = dialects.DIALECTS.get(value.name)
    elif isinstance(value, unit.Unit):
        shipped = catalog.all_units().get(value.name)
    else:
        with contextlib.suppress(LookupError, FormatError):
            shipped = registry.shipped(value.name)
    return shipped is value or (type(shipped) is type(value) and _bare(shipped) == _bare(value))


def _bare(value: Any) -> dict[str, Any]:
    fields = (f.name for f in dataclasses.fields(value) if f.name not in _PROSE)
    return {name: plain(getattr(value, name)) for name in fields}


@functools.cache
def _classes() -> dict[str, type[Any]]:
    """Return every class that a spec may hold, by name."""

    def of(module: ModuleType) -> Iterator[tuple[str, type[Any]]]:
        for name, member in inspect.getmembers(module, inspect.isclass):
            if dataclasses.is_dataclass(member) or issubclass(member, enum.Enum):
                yield name, member

    return {name: member for module in _MODULES for name, member in of(module)}

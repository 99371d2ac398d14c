"""Names to formats: a read-only catalogue, a grammar behind it, and what users add."""

import difflib
import functools
import importlib.metadata
import types
from collections.abc import Iterable, Mapping

from . import block_names, grammar
from .errors import FormatError, UnknownFormat
from .families.base import Format

_added: dict[str, Format] = {}


@functools.cache
def _catalogue() -> Mapping[str, Format]:
    """Return every built-in and plugged-in name, lower case; read on first use."""
    from . import catalog

    found: dict[str, Format] = {}
    for entry in [*catalog.formats(), *_plugged_in()]:
        _enter(found, entry)
    return types.MappingProxyType(found)


def _plugged_in() -> Iterable[Format]:
    """Yield the formats that installed packages offer under entry point ``numfmt.formats``."""
    for point in importlib.metadata.entry_points(group="numfmt.formats"):
        offered = point.load()
        offered = offered() if callable(offered) else offered
        yield from [offered] if isinstance(offered, Format) else offered


def _enter(names: dict[str, Format], entry: Format) -> None:
    keys = [name.lower() for name in (entry.name, *entry.aliases)]
    for key in keys:
        if key in names:
            raise FormatError(
                f"the name {key!r} already stands for {names[key]!r}; a name means one set of "
                "codes, so choose another"
            )
    for key in keys:
        names[key] = entry


def register(fmt: Format) -> Format:
    """Add a format under its name and aliases, and return it.

    Parameters
    ----------
    fmt : Format
        Any format, for instance ``nf.FloatFormat(...)``.

    Raises
    ------
    FormatError
        A name is taken, or is one that the grammar already gives a meaning.

    Examples
    --------
    >>> import numfmt as nf
    >>> fmt = nf.register(nf.FloatFormat(name="tiny7", bits=7, precision=3, emin=-6))
    >>> nf.get("TINY7") is fmt
    True
    >>> nf.unregister("tiny7")
    """
    if not isinstance(fmt, Format):
        raise FormatError(f"register takes a Format, got {fmt!r}")
    for name in (fmt.name, *fmt.aliases):
        try:
            meant = get(name)
        except UnknownFormat as error:
            if "does not say" in str(error):
                raise FormatError(f"the name {name!r} is ambiguous by itself: {error}") from None
            continue
        if meant == fmt and name == fmt.name:
            return meant
        raise FormatError(
            f"the name {name!r} already stands for {meant!r}; a name means one set of codes, so "
            "choose another"
        )
    _enter(_added, fmt)
    return fmt


def unregister(name: str) -> None:
    """Remove a format added by `register`, with all its names.

    Raises
    ------
    UnknownFormat
        `name` was not added by `register`.
    """
    entry = _added.get(name.lower())
    if entry is None:
        raise UnknownFormat(f"{name!r} was not added by numfmt.register")
    for key in [key for key, value in _added.items() if value is entry]:
        del _added[key]


def get(fmt: Format | str) -> Format:
    """Return the format of that name; a format is returned as it is.

    Parameters
    ----------
    fmt : str or Format
        A catalogued name, an alias, or a name that spells the format out: ``e5m6_ieee``,
        ``e4m3_fnuz_b11``, ``Binary8p3se``, ``int4_narrow``, ``q2.14``. Case does not count.

    Raises
    ------
    UnknownFormat
        No format has this name, or it stands for several.
    FormatError
        The name spells out a format whose numbers do not fit together.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.get("float8_e4m3fn").name, nf.get("E4M3").bits
    ('e4m3', 8)
    """
    if isinstance(fmt, Format):
        return fmt
    if not isinstance(fmt, str):
        raise UnknownFormat(f"a format is a name or a Format, got {fmt!r}")
    return _get(fmt.strip().lower())


def _get(key: str) -> Format:
    if key in _added:
        return _added[key]
    shipped = _shipped(key) or block_names.parse(key, _get)
    if shipped is None:
        raise UnknownFormat(_suggestion(key))
    return shipped


def _shipped(key: str) -> Format | None:
    return _catalogue().get(key) or _parsed(key)


def shipped(name: str) -> Format | None:
    """Return what a name means where nothing was registered; None if it means nothing."""

    def known(key: str) -> Format:
        found = _shipped(key)
        if found is None:
            raise UnknownFormat(_suggestion(key))
        return found

    key = name.strip().lower()
    return _shipped(key) or block_names.parse(key, known)


@functools.lru_cache(maxsize=4096)
def _parsed(key: str) -> Format | None:
    """Return what the grammar reads, as the catalogue's own entry where it has the same codes."""
    spelled = grammar.parse(key)
    if spelled is None:
        return None
    return _structures().get(spelled.structure, spelled) if "_" in key else spelled


@functools.cache
def _structures() -> Mapping[tuple[object, ...], Format]:
    """Return the catalogue by what its entries are, the first of equals winning."""
    found: dict[tuple[object, ...], Format] = {}
    for entry in _catalogue().values():
        found.setdefault(entry.structure, entry)
    return found


def _suggestion(key: str) -> str:
    known = [*_catalogue(), *_added]
    close = difflib.get_close_matches(key, known, n=3, cutoff=0.6)
    hint = f" Did you mean {', '.join(map(repr, close))}?" if close else ""
    return f"no format named {key!r}.{hint} numfmt.names() lists all {len(names())}."


def names(
    *, family: str | None = None, max_bits: int | None = None, kind: str | None = None
) -> list[str]:
    """Return the canonical names of all catalogued and registered formats.

    Parameters
    ----------
    family : str, optional
        Only this number system: ``float``, ``fixed``.
    max_bits : int, optional
        Only formats of at most this many bits.
    kind : str, optional
        Only ``scalar`` formats, or only ``block`` formats.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.names(family="float", max_bits=3)[:4]
    ['e1m1_ieee', 'e1m1_fn', 'e1m1_finite', 'e1m1_fnuz']
    """
    entries = dict.fromkeys([*_catalogue().values(), *_added.values()])
    for option, wanted, offered in (
        ("family", family, {entry.family for entry in entries}),
        ("kind", kind, {"scalar", "block"}),
    ):
        if wanted is not None and wanted not in offered:
            raise FormatError(f"{option}={wanted!r} is not one of {sorted(offered)}")
    return [
        entry.name
        for entry in entries
        if (family is None or entry.family == family)
        and (max_bits is None or entry.bits <= max_bits)
        and (kind is None or entry.kind == kind)
    ]


def names_of(fmt: Format | str) -> list[str]:
    """Return every name that stands for this format, the canonical one first."""
    entry = get(fmt)
    return list(dict.fromkeys([entry.name, *entry.aliases]))

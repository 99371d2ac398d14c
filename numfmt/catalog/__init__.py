"""Every named format: data only, with the clause that defines it."""

from collections.abc import Iterator

from ..families.base import Format
from . import blocks, codebooks, fixed, ieee, minifloats, ocp, p3109, tapered


def formats() -> Iterator[Format]:
    """Yield every catalogued format."""
    for module in (ieee, ocp, minifloats, p3109, fixed, tapered, codebooks, blocks):
        yield from module.FORMATS

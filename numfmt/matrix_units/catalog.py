"""Every catalogued matrix unit by its name."""

import dataclasses
import functools
import types
from collections.abc import Mapping

from . import amd, arm, nvidia, others, x86
from .rejections import REJECTS
from .unit import Unit


@functools.cache
def all_units() -> Mapping[str, Unit]:
    """Return every row of the catalogue by name; built on first use.

    Examples
    --------
    >>> all_units()["nvidia-hopper-mma-f16-f32-k8"].accumulator.block
    8
    """
    found: dict[str, Unit] = {}
    for module in (nvidia, amd, x86, arm, others):
        for entry in module.units():
            assert entry.name not in found, entry.name
            rejects = REJECTS.get(entry.name, ())
            found[entry.name] = dataclasses.replace(entry, rejects=rejects) if rejects else entry
    return types.MappingProxyType(found)

"""Names that say what shares a scale: ``int4_group128``, ``e4m3_tile128x128``, ``nf4_row``."""

import re
from collections.abc import Callable
from typing import Any

from .errors import FormatError, UnknownFormat
from .families.base import Format, ScalarFormat
from .families.block_options import (
    Granularity,
    NonFinite,
    ScaleRule,
    Statistic,
    ZeroPoint,
    ZeroScale,
)
from .families.blocks import BlockFormat
from .families.fixed import Encoding, FixedFormat
from .families.floats import FloatFormat

_SHAPES = r"group(\d{1,7})|tile(\d{1,6})x(\d{1,6})|row|channel|tensor"
_NAME = re.compile(
    rf"(?P<element>.+?)_(?P<block>{_SHAPES})(?:_by_(?P<scale>.+?))?(?P<zero>_float_zero)?",
    re.ASCII,
)


def shared(
    element: ScalarFormat,
    block: tuple[int, ...] | Granularity,
    scale: ScalarFormat,
    compute: FloatFormat,
    *,
    float_zero: bool = False,
    **options: Any,
) -> BlockFormat:
    """Return elements that share a scale, with what is usual for them.

    Scales that are powers of two follow the rule of OCP MX (of integers with a zero point m1, which
    clips nothing); others are amax / L in `compute`.
    Unsigned integers get a zero point. Blocks of zeros have scale 1 where there is such a scale.
    """
    powers = isinstance(scale, FloatFormat) and scale.precision == 1
    usual: dict[str, Any] = {"compute": compute}
    if scale.around_one[1] is not None and not powers:
        usual["zero_block"] = ZeroScale.ONE
    if isinstance(element, FixedFormat) and element.encoding is Encoding.UNSIGNED:
        usual |= {
            "statistic": Statistic.RANGE,
            "zero_point": ZeroPoint.FLOAT if float_zero else ZeroPoint.AFTER,
        }
    elif float_zero:
        raise FormatError(
            f"{element.name}: a float zero point is for unsigned integers, as 'uint4'"
        )
    elif powers:
        usual = {"rule": ScaleRule.FLOOR}
    if powers and "statistic" in usual:
        usual["rule"] = ScaleRule.M1
    if powers:
        usual["nonfinite"] = NonFinite.NAN_BLOCK if scale.has_nan else NonFinite.REFUSE
    tail = "_float_zero" if float_zero else ""
    by = "" if scale.name == compute.name else f"_by_{scale.name}"
    fields: dict[str, Any] = {
        "name": f"{element.name}_{block_text(block)}{by}{tail}",
        "element": element,
        "scale": scale,
        "block": block,
        "source": f"numfmt: {element.name} under scales of {scale.name}, the usual way",
    }
    return BlockFormat(**(fields | usual | options))


def block_text(block: tuple[int, ...] | Granularity) -> str:
    """Return the extent of a block as names have it."""
    if isinstance(block, Granularity):
        return str(block.value)
    if len(block) == 1:
        return f"group{block[0]}"
    return "tile" + "x".join(map(str, block))


def parse(key: str, get: Callable[[str], Format]) -> BlockFormat | None:
    """Return the block format that a lower-case name spells out, or None where it is no such name.

    Raises
    ------
    UnknownFormat, FormatError
        A part of the name stands for no scalar format, or the parts do not fit together.
    """
    match = _NAME.fullmatch(key)
    if match is None:
        return None
    parts = {}
    for part in ("element", "scale"):
        name = match[part] or "binary32"
        try:
            entry = get(name)
        except UnknownFormat as error:
            raise UnknownFormat(f"{key!r}: {error}") from None
        if not isinstance(entry, ScalarFormat):
            raise UnknownFormat(f"{key!r}: {name!r} is a {entry.kind} format, not a scalar one")
        parts[part] = entry
    wide = not all(entry.fits_float32 for entry in parts.values())
    compute = get("binary64" if wide else "binary32")
    assert isinstance(compute, FloatFormat)
    if match[3]:
        block: tuple[int, ...] | Granularity = (int(match[3]),)
    elif match[4]:
        block = (int(match[4]), int(match[5]))
    else:
        block = Granularity(match["block"])
    return shared(parts["element"], block, parts["scale"], compute, float_zero=bool(match["zero"]))

"""Block formats and quantised blocks as text."""

from typing import Any

import numpy as np

from .blocks.quantized import Quantized
from .families.base import Format
from .families.blocks import BlockFormat
from .listing import code_text, value_text


def described(fmt: BlockFormat) -> dict[str, Any]:
    """Return what defines a block format, formats by name, the usual left out.

    Examples
    --------
    >>> import numfmt as nf
    >>> described(nf.get("mxfp4"))["scale"], described(nf.get("nvfp4"))["scale"]["element"]
    ('e8m0', 'e4m3')
    """
    fields: dict[str, Any] = {"name": fmt.name, "family": fmt.family}
    average = fmt.bits_per_value
    fields["bits_per_value"] = None if average is None else float(average)
    plain = fmt.to_dict()
    for name, value in plain.items():
        part = getattr(fmt, name, None)
        if isinstance(part, BlockFormat):
            fields[name] = described(part)
        elif isinstance(part, Format):
            fields[name] = part.name
        elif name == "alternatives":
            fields[name] = [entry.name for entry in fmt.alternatives]
        elif name not in ("class", "bits", "name"):
            fields[name] = value
    fields["limit"] = str(fmt.max_element)
    fields["rounding"] = fmt.default_rounding.value
    fields["overflow"] = fmt.default_overflow.value
    return {key: value for key, value in fields.items() if value not in (None, [], "")}


def lines(fields: dict[str, Any], indent: str = "") -> list[str]:
    """Return fields as lines of text, those of scales of scales indented."""
    found = []
    for key, value in fields.items():
        if isinstance(value, dict):
            found += [f"{indent}{key}", *lines(value, indent + "  ")]
            continue
        if isinstance(value, list):
            value = " x ".join(map(str, value)) if key == "block" else ", ".join(map(str, value))
        found.append(f"{indent + key:<20} {value}")
    return found


def blocks_of(q: Quantized) -> list[dict[str, Any]]:
    """Return the blocks of a quantised 1-D array: scale, codes, values.

    Examples
    --------
    >>> import numfmt as nf
    >>> blocks_of(nf.quantize([1.0, -6.0], "mxfp4"))[0]["scale"]
    {'code': '0x7f', 'value': '1.0'}
    """
    starts = np.arange(q.codes.size) // -(-q.codes.size // max(q.scales.shape[0], 1))
    if isinstance(q.format.block, tuple):
        starts = np.arange(q.codes.size) // q.format.block[0]
    values, found = q.dequantize(), []
    for i in range(q.scales.shape[0]):
        chosen = 0 if q.selectors is None else int(q.selectors[i])
        element = (q.format.element, *q.format.alternatives)[chosen]
        row: dict[str, Any] = {"scale": _coded(q.scales[i], q.format.scale_code)}
        if isinstance(q.format.scale, BlockFormat) and q.outer_scales is not None:
            outer = q.outer_scales.reshape(-1)
            inner = q.format.scale.block
            place = i // inner[0] if isinstance(inner, tuple) else 0
            row["outer_scale"] = _coded(outer[place], q.format.scale.scale_code)
        if q.zero_points is not None:
            row["zero_point"] = _coded(q.zero_points[i], q.format.zero_code)
        if q.selectors is not None:
            row["element"] = element.name
        inside = starts == i
        row["codes"] = [code_text(int(code), element) for code in q.codes[inside]]
        row["values"] = [
            float(value) if np.isfinite(value) else str(value) for value in values[inside]
        ]
        found.append(row)
    return found


def _coded(codes: Any, fmt: Format) -> Any:
    if np.ndim(codes):
        return [_coded(code, fmt) for code in codes]
    return {"code": code_text(int(codes), fmt), "value": value_text(int(codes), fmt)}

"""Elements in blocks as codes, and what they stand for: Quantized, dequantize."""

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import registry
from ..arguments import as_codes
from ..decoding import decode
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.blocks import BlockFormat, Statistic, ZeroPoint
from ..kernels import blocks as kernels
from ..parallel import in_parallel
from .arithmetic import Arithmetic
from .scales import Scales, given_scales, joined
from .shapes import Axis, Layout, layout_of

Array = npt.NDArray[Any]


def block_format(fmt: Format | str, argument: str = "fmt") -> BlockFormat:
    """Return a block format, by name or as it is."""
    entry = registry.get(fmt)
    if isinstance(entry, BlockFormat):
        return entry
    raise FormatError(
        f"{argument}={entry.name!r} is a {entry.kind} format; name a block format, as "
        f"'{entry.name}_group32' or 'mxfp8_e4m3' (numfmt.names(kind='block') lists them)"
    )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Quantized:
    """Elements in blocks that share a scale, as codes.

    Attributes
    ----------
    format : BlockFormat
    codes : ndarray of the smallest unsigned dtype, of shape `shape`
        Codes of ``format.element``, or of the alternative that `selectors` names.
    scales : ndarray
        Codes of ``format.scale_code``, one for each block: as many along each axis as there are
        blocks. With two sides, a last axis of two: for x >= 0, for x < 0.
    axis : int, tuple of int or None
        Along which the blocks extend; None for blocks of the flattened array.
    outer_scales : ndarray, optional
        Codes of the scales of the scales, where there are two levels.
    offset : float, optional
        What is added to the scales (double quantisation with a mean).
    zero_points : ndarray, optional
        Codes of ``format.zero_code``.
    selectors : ndarray of uint8, optional
        Which element format each block uses: 0 ``format.element``, i ``alternatives[i - 1]``.
    source : ndarray, optional
        The array that was quantised.

    Examples
    --------
    >>> import numfmt as nf
    >>> q = nf.quantize([[1.0, 3.0, -6.0, 0.4]], "mxfp4")
    >>> q.codes.tolist(), q.scales.tolist(), q.dequantize().tolist()
    ([[2, 5, 15, 1]], [[127]], [[1.0, 3.0, -6.0, 0.5]])
    """

    format: BlockFormat
    codes: Array
    scales: Array
    axis: Axis = -1
    outer_scales: Array | None = None
    offset: float | None = None
    zero_points: Array | None = None
    selectors: Array | None = None
    source: Array | None = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check every array against the format and the shape of the blocks."""
        entry = block_format(self.format, "format")
        codes = as_codes(self.codes, entry.element)
        layout, _ = layouts(codes.shape, entry, self.axis)
        pair = (2,) if entry.statistic is Statistic.SIDES else ()
        for field, value in (("format", entry), ("codes", codes)):
            object.__setattr__(self, field, value)
        wanted: list[tuple[str, ScalarFormat, tuple[int, ...]]] = [
            ("scales", entry.scale_code, (*layout.counts, *pair))
        ]
        if isinstance(entry.scale, BlockFormat):
            outer = outer_layout(layout, entry.scale, self.axis)
            wanted.append(("outer_scales", entry.scale.scale_code, outer.counts))
        if is_shifted(entry):
            wanted.append(("zero_points", entry.zero_code, layout.counts))
        for field, fmt, shape in wanted:
            object.__setattr__(
                self, field, given_scales(getattr(self, field), fmt, shape, field).codes
            )

    @classmethod
    def trusted(cls, **parts: Any) -> "Quantized":
        """Return an object of parts that need no checks, having been made to fit."""
        made = object.__new__(cls)
        for field in dataclasses.fields(cls):
            object.__setattr__(made, field.name, parts[field.name])
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that was quantised."""
        return self.codes.shape

    def scale_values(self) -> npt.NDArray[np.float64]:
        """Return the value of every block's scale, all levels joined, in the shape of `scales`."""
        layout, arithmetic = self._parts()
        return stored_scales(self, layout, arithmetic).values

    def _parts(self) -> tuple[Layout, Arithmetic]:
        return layouts(self.shape, self.format, self.axis)[0], Arithmetic(self.format.compute)

    def dequantize(self, *, dtype: npt.DTypeLike = np.float64) -> Array:
        """Return what the codes stand for, the exact product of scales and element.

        Parameters
        ----------
        dtype : {float64, float32}
            Type of the result. A product that it does not hold is rounded to it once,
            nearest_even; with a zero point of kind ``float``, so is the sum.

        Returns
        -------
        ndarray of `dtype`, of shape `shape`
            NaN where the scale or the element is.
        """
        wanted = np.dtype(dtype)
        if wanted not in (np.float64, np.float32):
            raise FormatError(f"dtype={wanted.name!r}: dequantize gives float64 or float32")
        layout, arithmetic = self._parts()
        scales = stored_scales(self, layout, arithmetic)
        codes = self.codes.reshape(layout.shape)
        with np.errstate(all="ignore"):
            values = values_of(
                codes, scales, self.selectors, self.zero_points, layout, self.format, wanted
            )
        return values.reshape(self.shape)

    def error(self) -> npt.NDArray[np.float64]:
        """Return ``dequantize() - source`` in float64.

        Raises
        ------
        FormatError
            The array that was quantised is not known.
        """
        if self.source is None:
            raise FormatError("source is not known; subtract your array from dequantize()")
        return self.dequantize() - np.asarray(self.source, np.float64)

    def pack(self, *, layout: str = "dense_little") -> npt.NDArray[np.uint8]:
        """Return the codes packed along the last axis, see `numfmt.pack_codes`."""
        from ..packing import pack_codes

        return pack_codes(self.codes, self.format.element, layout=layout)


def is_shifted(fmt: BlockFormat) -> bool:
    """Return whether elements have zero points."""
    return fmt.zero_point not in (ZeroPoint.NONE, ZeroPoint.MEAN)


def layouts(shape: tuple[int, ...], fmt: BlockFormat, axis: Axis) -> tuple[Layout, tuple[int, ...]]:
    """Return the layout of an array, flat where the axis is None and at least 1-D."""
    if axis is None or not shape:
        shape = (math.prod(shape),)
        axis = -1
    return layout_of(shape, fmt, axis), shape


def outer_layout(layout: Layout, inner: BlockFormat, axis: Axis) -> Layout:
    """Return how the scales of a layout are cut into blocks of their own."""
    whole = axis if isinstance(axis, int) else -1
    return layout_of(layout.counts, inner, whole if layout.counts else -1, "scales")


def stored_scales(q: Quantized, layout: Layout, arithmetic: Arithmetic) -> Scales:
    """Return the scales of stored codes as values."""
    entry = q.format
    stored = decode(q.scales, entry.scale_code)
    found = Scales(q.scales, stored, stored, None)
    if not isinstance(entry.scale, BlockFormat) or q.outer_scales is None:
        return found
    outer = decode(q.outer_scales, entry.scale.scale_code)
    layout2 = outer_layout(layout, entry.scale, q.axis)
    with np.errstate(all="ignore"):
        return joined(
            found, Scales(q.outer_scales, outer, outer, None), q.offset, layout2, arithmetic
        )


def values_of(
    codes: Array,
    scales: Scales,
    selectors: Array | None,
    zero_points: Array | None,
    layout: Layout,
    fmt: BlockFormat,
    dtype: np.dtype[Any],
    element: ScalarFormat | None = None,
) -> Array:
    """Return the values of codes, of `element` if given, in the shape of the layout."""
    element = fmt.element if element is None else element
    plain = not is_shifted(fmt) and fmt.statistic is not Statistic.SIDES and selectors is None
    if plain and element.bits <= 16:
        return _products(codes, scales.values, layout, element, dtype)
    elements = decode(codes, element)
    for i, other in enumerate(fmt.alternatives):
        if selectors is not None:
            where = layout.spread(selectors) == i + 1
            elements[where] = decode(codes[where], other)
    s = scales.values
    if fmt.statistic is Statistic.SIDES:
        positive, negative = layout.spread(s[..., 0]), layout.spread(s[..., 1])
        return np.asarray(elements * np.where(elements < 0, negative, positive)).astype(dtype)
    s = layout.spread(s)
    if not is_shifted(fmt) or zero_points is None:
        return np.asarray(elements * s).astype(dtype)
    z = layout.spread(decode(zero_points, fmt.zero_code))
    values = elements * s + z if fmt.zero_point is ZeroPoint.FLOAT else (elements - z) * s
    return np.asarray(values).astype(dtype)


def _products(
    codes: Array, scales: Array, layout: Layout, element: ScalarFormat, dtype: np.dtype[Any]
) -> Array:
    table = np.full(1 << element.bits, np.nan)
    used = np.setdiff1d(np.arange(table.size, dtype=element.code_dtype), element.unused_codes())
    table[used] = decode(used, element)
    mask = element.code_dtype.type((1 << element.bits) - 1)
    out = np.empty(layout.shape, dtype)
    for region in layout.regions():
        rows, target = region.rows(codes), region.rows(out)
        numbers = region.per_block(scales)
        width = max(rows.shape[1], 1)

        def run(
            start: int,
            stop: int,
            rows: Array = rows,
            target: Array = target,
            numbers: Array = numbers,
            width: int = width,
        ) -> int:
            part = slice(start // width, stop // width)
            kernels.decode_rows(rows[part], mask, table, numbers[part], target[part])
            return 0

        in_parallel(run, rows.size, width)
        if not np.may_share_memory(target, out):
            region.put(target, out)
    return out


def dequantize(
    codes: npt.ArrayLike,
    fmt: Format | str,
    *,
    scales: npt.ArrayLike,
    outer_scales: npt.ArrayLike | None = None,
    offset: float | None = None,
    zero_points: npt.ArrayLike | None = None,
    selectors: npt.ArrayLike | None = None,
    axis: Axis = -1,
    dtype: npt.DTypeLike = np.float64,
) -> Array:
    """Return what codes of a block format stand for.

    Parameters
    ----------
    codes : array_like of int, any shape
        Codes of the elements.
    fmt : BlockFormat or str
    scales, outer_scales, offset, zero_points, selectors, axis
        As in `Quantized`; integers are codes, floats are values of their format.
    dtype : {float64, float32}
        As in `Quantized.dequantize`.

    Returns
    -------
    ndarray of `dtype`, same shape as `codes`

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.dequantize([2, 5, 15, 1], "mxfp4", scales=[2.0]).tolist()
    [2.0, 6.0, -12.0, 1.0]
    """
    parts: dict[str, Any] = {
        "scales": scales,
        "outer_scales": outer_scales,
        "zero_points": zero_points,
        "selectors": None if selectors is None else np.asarray(selectors, np.uint8),
    }
    q = Quantized(
        format=block_format(fmt),
        codes=codes,  # type: ignore[arg-type]
        axis=axis,
        offset=offset,
        **parts,
    )
    return q.dequantize(dtype=dtype)

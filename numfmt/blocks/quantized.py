"""Elements in blocks as codes, and what they stand for: Quantized, dequantize."""

import dataclasses
import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import registry
from ..arguments import as_codes
from ..decoding import decode
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.block_options import Granularity, Statistic, ZeroPoint
from ..families.blocks import BlockFormat
from ..families.codebooks import CodebookFormat
from ..families.grid import GridFormat
from ..kernels import blocks as kernels
from ..parallel import in_parallel
from .arithmetic import Arithmetic, odd_product
from .scales import Scales, given_scales, joined
from .shapes import Axis, Layout, layout_of, outer_layout, plain_axis

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
        The array that was quantised, as values; no copy of a float array.

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
        axis = plain_axis(self.axis)
        for field, value in (("format", entry), ("codes", codes), ("axis", axis)):
            object.__setattr__(self, field, value)
        layout, _ = layouts(codes.shape, entry, axis)
        pair = (2,) if entry.statistic is Statistic.SIDES else ()
        self._check_presence(entry)
        if entry.alternatives:
            object.__setattr__(self, "selectors", self._selectors(layout))
        if self.source is not None and np.shape(self.source) != codes.shape:
            raise FormatError(
                f"source has shape {np.shape(self.source)}, and codes have {codes.shape}"
            )
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

    def _check_presence(self, entry: BlockFormat) -> None:
        """Refuse parts that the format has not, and the lack of those it has."""
        inner = entry.scale
        shifted = isinstance(inner, BlockFormat) and inner.zero_point is ZeroPoint.MEAN
        for field, wanted in (
            ("scales", True),
            ("outer_scales", entry.two_level),
            ("offset", shifted),
            ("zero_points", is_shifted(entry)),
            ("selectors", bool(entry.alternatives)),
        ):
            if (getattr(self, field) is None) == wanted:
                state = "needs" if wanted else "has no"
                raise FormatError(f"{entry.name!r} {state} {field}")
        if shifted and not isinstance(self.offset, int | float | np.floating | np.integer):
            raise FormatError(f"offset={self.offset!r} is no number")

    def _selectors(self, layout: Layout) -> Array:
        array = np.asarray(self.selectors)
        last = len(self.format.alternatives)
        if array.dtype.kind not in "iu" or array.shape != layout.counts:
            raise FormatError(
                f"selectors of dtype {array.dtype} and shape {array.shape}; these blocks have "
                f"integers of shape {layout.counts}"
            )
        if array.size and not 0 <= array.min() <= array.max() <= last:
            raise FormatError(f"selectors are not all within 0 to {last}")
        return array.astype(np.uint8)

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
            nearest_even; with a zero point of kind ``float`` the sum is rounded once more.

        Returns
        -------
        ndarray of `dtype`, of shape `shape`
            NaN where the scale or the element is.
        """
        try:
            wanted = np.dtype(dtype)
        except TypeError:
            wanted = np.dtype(np.void)
        if wanted not in (np.float64, np.float32):
            raise FormatError(f"dtype={dtype!r}: dequantize gives native float64 or float32")
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
        with np.errstate(invalid="ignore"):
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
    if axis is None and fmt.block is Granularity.CHANNEL:
        raise FormatError(f"axis=None: {fmt.name!r} has a scale for each index of an axis; name it")
    if axis is None or not shape:
        shape = (math.prod(shape),)
        axis = -1
    return layout_of(shape, fmt, axis), shape


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
    narrow = dtype == np.float64 or _digits(element) + _scale_digits(fmt) <= 53
    if plain and narrow and element.bits <= 16:
        return _products(codes, scales.values, layout, element, dtype)
    elements = decode(codes, element)
    for i, other in enumerate(fmt.alternatives):
        if selectors is not None:
            where = layout.spread(selectors) == i + 1
            elements[where] = decode(codes[where], other)
    s = scales.values
    if fmt.statistic is Statistic.SIDES:
        positive, negative = layout.spread(s[..., 0]), layout.spread(s[..., 1])
        s = np.where(elements < 0, negative, positive)
    else:
        s = layout.spread(s)
    z = None if zero_points is None else layout.spread(decode(zero_points, fmt.zero_code))
    if z is not None and fmt.zero_point is not ZeroPoint.FLOAT:
        elements, z = elements - z, None  # integers, exactly
    values = np.asarray(elements * s if narrow else odd_product(elements, s)).astype(dtype)
    return values if z is None else np.asarray(values + z.astype(dtype))


@functools.lru_cache(maxsize=256)
def _digits(fmt: ScalarFormat) -> int:
    """Return how many digits the values of a format have at most, 53 where nobody has counted."""
    if isinstance(fmt, GridFormat):
        return fmt.grid.t + 1
    if isinstance(fmt, CodebookFormat) and fmt.dyadic:
        numerators = (value.numerator for value in fmt.readings().values())
        return max((n // (n & -n)).bit_length() for n in numerators if n)
    return 53


def _scale_digits(fmt: BlockFormat) -> int:
    if not isinstance(fmt.scale, BlockFormat):
        return _digits(fmt.scale_code)
    if fmt.scale.zero_point is ZeroPoint.MEAN and fmt.compute is not None:
        return fmt.compute.precision
    return _digits(fmt.scale_code) + _digits(fmt.scale.scale_code)


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
        "selectors": selectors,
    }
    q = Quantized(
        format=block_format(fmt),
        codes=codes,  # type: ignore[arg-type]
        axis=axis,
        offset=offset,
        **parts,
    )
    return q.dequantize(dtype=dtype)

"""Vectors of quantisation: blocks with their scales, and accumulators to narrow integers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ... import exact
from ...arguments import integer_option, scalar_format
from ...blocks.quantization import quantize
from ...decoding import decode
from ...errors import FormatError
from ...exact.requantization import requantize as scaled_exactly
from ...families.block_options import NonFinite
from ...families.blocks import BlockFormat
from ...registry import get
from ...rounding import Rounding, choose
from ...tensor.dyadic import Dyadic, RequantizationScheme
from ...tensor.integer_codes import signed_integers
from ...tensor.requantization import acceptable, requantize
from ..corners.base import Row
from ..streams import random_words
from .base import Codes, Column, Columns, Operation, Outcome, Verdict, register_operation
from .conversions import deterministic, result_columns
from .products import block_size, plain_blocks
from .scalars import integer_format

if TYPE_CHECKING:
    from ..spec import Spec

_SHIFT_BITS = 6
_SCALES = 64  # different scales of random rows


def _settle_block(spec: "Spec") -> dict[str, Any]:
    fmt = get(spec.fmt)
    if not isinstance(fmt, BlockFormat) or not plain_blocks(fmt):
        raise FormatError(
            f"fmt={fmt.name!r}: vectors are of formats with blocks along one axis and one scale, "
            "such as mxfp4 or nvfp4_one_level"
        )
    if spec.dst is not None and get(spec.dst) != fmt:
        raise FormatError(f"dst={spec.dst!r}: block_quantize ends in fmt, {fmt.name!r}")
    block = block_size(fmt)
    k = integer_option(block if spec.k is None else spec.k, 1, block, "k")
    source = scalar_format("binary32" if spec.src is None else spec.src, "src")
    if not source.fits_float64:
        raise FormatError(f"src={source.name!r} has values that float64 has not")
    return {"fmt": fmt, "src": source, "dst": fmt, "k": k}


def _block_results(spec: "Spec") -> tuple[Column, ...]:
    element, scale = spec.dst.element, spec.dst.scale
    return (
        Column(name="expected", width=element.bits, count=spec.k, fmt=element),
        Column(name="expected_scale", width=scale.bits, fmt=scale),
    )


def _evaluate_block(spec: "Spec", mode: str, columns: Columns, random: Codes | None) -> Outcome:
    del random
    values = decode(columns["a"], spec.src).reshape(-1, spec.k)
    q = quantize(values, spec.dst, rounding=mode)
    codes = q.codes if spec.k > 1 else q.codes.reshape(-1)
    return Outcome({"expected": codes, "expected_scale": q.scales.reshape(-1)})


def _witness_block(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    del draw
    (codes,) = row
    elements = codes if isinstance(codes, tuple) else (codes,)
    values = [exact.decode(code, spec.src) for code in elements]
    found = exact.quantize_blocks([values], spec.dst, rounding=mode, size=block_size(spec.dst))
    answer = tuple(found.codes[0])
    scale: Any = found.scales[0]
    return Verdict((answer if spec.k > 1 else answer[0], scale))


def _refused_block(spec: "Spec", columns: Columns) -> npt.NDArray[np.bool_]:
    values = decode(columns["a"], spec.src).reshape(-1, spec.k)
    if spec.dst.nonfinite is NonFinite.REFUSE:
        return np.asarray(~np.isfinite(values).all(axis=1))
    return np.zeros(values.shape[0], np.bool_)


def _settle_requantize(spec: "Spec") -> dict[str, Any]:
    source = integer_format("int32" if spec.fmt is None else spec.fmt, "fmt")
    target = integer_format("int8" if spec.dst is None else spec.dst, "dst")
    scheme = choose(RequantizationScheme, spec.scheme or "rounded", "scheme")
    point = 0 if spec.zero_point is None else spec.zero_point
    return {
        "fmt": source,
        "dst": target,
        "scheme": scheme.value,
        "zero_point": integer_option(point, -(1 << 31), (1 << 31) - 1, "zero_point"),
    }


def _requantize_operands(spec: "Spec") -> tuple[Column, ...]:
    return (
        Column(name="a", width=spec.fmt.bits, fmt=spec.fmt),
        Column(name="m", width=32, fmt=scalar_format("int32")),
        Column(name="s", width=_SHIFT_BITS),
    )


def _evaluate_requantize(
    spec: "Spec", mode: str, columns: Columns, random: Codes | None
) -> Outcome:
    scheme = RequantizationScheme(spec.scheme)
    chosen: dict[str, Any] = {"rounding": mode} if scheme is RequantizationScheme.ROUNDED else {}
    codes = np.zeros(columns["a"].shape[0], spec.dst.code_dtype)
    for (multiplier, shift), rows, integers in _by_scale(spec, columns):
        if random is not None:
            chosen |= {"random_bits": random[rows], "bits": spec.bits}
        scale = Dyadic(multiplier, shift)
        codes[rows] = requantize(
            integers, scale, spec.dst, scheme=scheme, zero_point=spec.zero_point, **chosen
        )
    return Outcome({"expected": codes.astype(np.uint64)})


def _by_scale(
    spec: "Spec", columns: Columns
) -> Iterator[tuple[tuple[int, int], npt.NDArray[np.intp], npt.NDArray[np.int64]]]:
    """Yield each pair of multiplier and shift, the rows that have it, and their accumulators."""
    both = columns["m"] << np.uint64(_SHIFT_BITS) | columns["s"]
    scales, which = np.unique(both, return_inverse=True)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=scales.size))
    integers = signed_integers(columns["a"], spec.fmt, "a").astype(np.int64)
    for scale, rows in zip(scales.tolist(), np.split(order, ends[:-1]), strict=True):
        multiplier, shift = scale >> _SHIFT_BITS, scale % (1 << _SHIFT_BITS)
        yield (_signed(multiplier), shift), rows, integers[rows]


def _signed(multiplier: int) -> int:
    return (multiplier ^ 1 << 31) - (1 << 31)


def _witness_requantize(spec: "Spec", mode: str, row: Row, draw: exact.Draw | None) -> Verdict:
    a, m, s = row
    assert isinstance(a, int)
    assert isinstance(m, int)
    assert isinstance(s, int)
    value = exact.decode(a, spec.fmt).value
    code = scaled_exactly(
        int(value),
        _signed(m),
        s,
        spec.dst,
        scheme=spec.scheme,
        rounding=mode,
        draw=draw,
        zero_point=spec.zero_point,
    )
    return Verdict((code,))


def _refused_requantize(spec: "Spec", columns: Columns) -> npt.NDArray[np.bool_]:
    bad = np.ones(columns["a"].shape[0], np.bool_)
    for (multiplier, shift), rows, integers in _by_scale(spec, columns):
        bad[rows] = ~acceptable(integers, multiplier, shift, spec.scheme)
    return bad


def _requantize_modes(spec: "Spec") -> tuple[str, ...]:
    if spec.scheme == RequantizationScheme.ROUNDED.value:
        return deterministic(spec.dst, Rounding.NEAREST_EVEN)
    return (Rounding.NEAREST_EVEN.value,)


def _draw_requantize(spec: "Spec", attempt: int, start: int, stop: int) -> Columns:
    """Return random accumulators whose results are about as wide as the result format, or wider."""
    count = stop - start
    first, second = (random_words(spec.seed, f"{p}|{attempt}", count, start) for p in ("a", "s"))
    scales = [_draw_scale(spec, attempt, place) for place in range(_SCALES)]
    which = (second % np.uint64(_SCALES)).astype(np.int64)
    multipliers, shifts = (np.array(part, np.int64)[which] for part in zip(*scales, strict=True))
    reach = shifts - 30 + spec.dst.bits + (second >> np.uint64(60)).astype(np.int64) % 4 - 1
    widths = np.clip(reach, 1, spec.fmt.bits).astype(np.uint64)
    values = (first >> (np.uint64(64) - widths)).astype(np.int64) - (
        1 << (widths - 1).astype(np.int64)
    )
    return {
        "a": values.astype(np.uint64) & np.uint64((1 << spec.fmt.bits) - 1),
        "m": multipliers.astype(np.uint64) & np.uint64((1 << 32) - 1),
        "s": shifts.astype(np.uint64),
    }


def _draw_scale(spec: "Spec", attempt: int, place: int) -> tuple[int, int]:
    """Return one of the scales of a spec: normalised multipliers, shifts that narrow."""
    words = random_words(spec.seed, f"scale {place}|{attempt}", 2).tolist()
    multiplier = (1 << 30) + words[0] % (1 << 30)
    if spec.scheme == RequantizationScheme.TOSA_16.value:
        multiplier >>= 16
    return multiplier, 24 + words[1] % 22


register_operation(
    Operation(
        name="block_quantize",
        formula="expected, expected_scale = a, in blocks",
        settle=_settle_block,
        operands=lambda spec: (Column(name="a", width=spec.src.bits, count=spec.k, fmt=spec.src),),
        results=_block_results,
        evaluate=_evaluate_block,
        witness=_witness_block,
        takes=frozenset({"src", "dst", "k"}),
        modes=lambda spec: deterministic(spec.dst.element, spec.dst.default_rounding),
        refused=_refused_block,
        family="quantization",
    )
)
register_operation(
    Operation(
        name="requantize",
        formula="expected = clamp(round(a * m / 2**s) + zero_point), rounded as the scheme says",
        settle=_settle_requantize,
        operands=_requantize_operands,
        results=result_columns,
        evaluate=_evaluate_requantize,
        witness=_witness_requantize,
        takes=frozenset({"dst", "scheme", "zero_point", "bits"}),
        modes=_requantize_modes,
        refused=_refused_requantize,
        draw=_draw_requantize,
        family="quantization",
    )
)

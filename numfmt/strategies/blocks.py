"""Blocks that share a scale, as codes: by patterns that are hard on a decoder or a dot product."""

import dataclasses
from collections.abc import Callable
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np
from hypothesis import strategies as st

from ..arguments import integer_option
from ..blocks.quantized import Quantized, block_format, is_shifted
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.block_options import Granularity, Statistic
from ..families.blocks import BlockFormat
from .codes import Codes, bits, code_classes
from .numbers import numbers_of

_LARGEST = 1 << 10
_BY_ARRAY = 16  # elements where the array decides how many there are


@dataclasses.dataclass(frozen=True, kw_only=True)
class Block:
    """One block as codes.

    Attributes
    ----------
    format : BlockFormat
    codes : tuple of int
        Of the elements, in C order.
    scale : int
    outer_scale, zero_point : int, optional
        Where the format has two levels of scales, or zero points.

    Examples
    --------
    >>> import numfmt as nf
    >>> block = Block(format=nf.get("mxfp4"), codes=(2,) * 32, scale=128)
    >>> block.quantized().dequantize()[:2].tolist()
    [2.0, 2.0]
    """

    format: BlockFormat
    codes: tuple[int, ...]
    scale: int
    outer_scale: int | None = None
    zero_point: int | None = None

    def quantized(self) -> Quantized:
        """Return the block as `numfmt.dequantize` and `numfmt.dot` take it."""
        block = self.format.block
        flat = isinstance(block, Granularity) or len(block) == 1
        shape = (len(self.codes),) if isinstance(block, Granularity) or flat else block

        def whole(code: int | None) -> Any:
            return None if code is None else np.full((1,) * len(shape), code, np.uint64)

        return Quantized(
            format=self.format,
            codes=np.array(self.codes, np.uint64).reshape(shape),
            scales=whole(self.scale),
            outer_scales=whole(self.outer_scale),
            zero_points=whole(self.zero_point),
            axis=tuple(range(-len(shape), 0)),
        )


def block(
    fmt: Format | str, pattern: str | None = None, size: int | None = None
) -> st.SearchStrategy[Block]:
    """Draw one block of a block format: codes of its elements and of its scale.

    Parameters
    ----------
    fmt : Format or str
        A block format with one element format, of blocks of up to 1024 elements.
    pattern : str, optional
        Default: any of those that the format allows. Scales are drawn as by `bits` unless the
        pattern says otherwise.

        ===================  =================================================================
        ``any``              codes as `bits` draws them
        ``zeros``            zeros of some sign
        ``equal``            the same code everywhere
        ``power``            the largest magnitude is a power of two, all others are smaller
        ``outlier``          one largest value among the smallest ones and zeros
        ``distinct``         neighbours differ: the order of elements and of nibbles shows
        ``special_element``  one NaN or infinity
        ``special_scale``    a scale of zero, NaN, infinity, or at an end of its format
        ===================  =================================================================

    size : int, optional
        Elements of a short block. Default: the block size, or 16 where the array decides.

    Returns
    -------
    strategy of Block

    Raises
    ------
    FormatError
        The pattern is unknown or means nothing to the format, or the format has selectors,
        scales by side, or a scale for each channel.

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> drawn = simplest(block("mxfp4", "outlier"))
    >>> max(drawn.codes), sum(drawn.codes), drawn.scale
    (7, 7, 127)
    """
    entry = block_format(fmt)
    inner = entry.scale
    offset = isinstance(inner, BlockFormat) and inner.zero_point.value == "mean"
    if (
        entry.alternatives
        or entry.statistic is Statistic.SIDES
        or entry.block is Granularity.CHANNEL
        or offset
    ):
        raise FormatError(
            f"{entry.name!r} has several element formats, scales by side or channel, or scales "
            "less their mean; draw its codes with bits(...) and join them yourself"
        )
    count = _count(entry, size)
    plans = {name: plan(entry.element, count) for name, plan in _PLANS.items()}
    scales = bits(entry.scale_code)
    special = [name for name in code_classes(entry.scale_code) if name not in ("normal", "unused")]
    drawn = {
        name: _blocks(entry, codes, scales) for name, codes in plans.items() if codes is not None
    }
    drawn["special_scale"] = _blocks(
        entry, _any(entry.element, count), bits(entry.scale_code, special)
    )
    if pattern is None:
        return st.one_of(*drawn.values())
    if pattern not in drawn:
        raise FormatError(
            f"pattern={pattern!r} is not one of {', '.join(drawn)}, which {entry.name!r} allows"
        )
    return drawn[pattern]


def _count(fmt: BlockFormat, size: int | None) -> int:
    """Return how many elements a block gets."""
    if isinstance(fmt.block, Granularity):
        most, full = _LARGEST, _BY_ARRAY
    else:
        most = full = prod(fmt.block)
        if len(fmt.block) > 1 and size not in (None, full):
            raise FormatError(f"size={size}: blocks of {fmt.name!r} have {full} elements")
    if size is not None:
        full = integer_option(size, 1, min(most, _LARGEST), "size")
    if full > _LARGEST:
        raise FormatError(
            f"{fmt.name!r} has blocks of {full} elements, too many to draw one by one; give a size "
            f"of up to {_LARGEST}, or draw a NumPy seed"
        )
    return full


_Elements: TypeAlias = st.SearchStrategy[tuple[int, ...]]


def _blocks(fmt: BlockFormat, codes: _Elements, scales: Codes) -> st.SearchStrategy[Block]:
    outer = bits(fmt.scale.scale_code) if isinstance(fmt.scale, BlockFormat) else st.none()
    zero_point = bits(fmt.zero_code) if is_shifted(fmt) else st.none()
    return st.builds(
        Block,
        format=st.just(fmt),
        codes=codes,
        scale=scales,
        outer_scale=outer,
        zero_point=zero_point,
    )


def _listed(element: Codes, count: int) -> _Elements:
    return st.lists(element, min_size=count, max_size=count).map(tuple)


def _having(fmt: ScalarFormat, *names: str) -> Codes | None:
    """Draw codes of those classes that a format has."""
    there = [name for name in names if name in code_classes(fmt)]
    return bits(fmt, there) if there else None


def _joined(one: Codes, others: Codes, count: int) -> _Elements:
    """Draw one element of a kind, somewhere among others."""

    def joined(special: int, place: int, rest: tuple[int, ...]) -> tuple[int, ...]:
        return (*rest[:place], special, *rest[place:])

    return st.builds(joined, one, st.integers(0, count - 1), _listed(others, count - 1))


def _any(fmt: ScalarFormat, count: int) -> _Elements:
    return _listed(bits(fmt), count)


def _zeros(fmt: ScalarFormat, count: int) -> _Elements | None:
    zeros = _having(fmt, "zero")
    return None if zeros is None else _listed(zeros, count)


def _equal(fmt: ScalarFormat, count: int) -> _Elements:
    return bits(fmt).map(lambda code: (code,) * count)


def _power(fmt: ScalarFormat, count: int) -> _Elements | None:
    """One power of two, and others drawn among the numbers below it."""
    powers = _having(fmt, "power_of_two")
    if powers is None:
        return None
    numbers = numbers_of(fmt)
    places = {
        numbers.code(n): abs(n) for n in range(max(numbers.low, -4096), min(numbers.high, 4096) + 1)
    }
    least = max(numbers.low, 0)

    def below(power: int) -> _Elements:
        top = max(places.get(power, 1) - 1, least)
        smaller = st.integers(least, top).map(numbers.code)
        return _joined(st.just(power), smaller, count)

    return powers.flatmap(below)


def _outlier(fmt: ScalarFormat, count: int) -> _Elements | None:
    numbers = numbers_of(fmt)
    large = st.sampled_from([numbers.code(numbers.high), numbers.code(numbers.low)])
    least = max(numbers.low, 0)
    small = [numbers.code(n) for n in (least, least + 1, -1) if numbers.low <= n <= numbers.high]
    return _joined(large, st.sampled_from(small), count)


def _distinct(fmt: ScalarFormat, count: int) -> _Elements:
    unused = set(fmt.unused_codes())
    used = [code for code in range(1 << min(fmt.bits, 12)) if code not in unused]

    def row(start: int, step: int) -> tuple[int, ...]:
        return tuple(used[(start + step * place) % len(used)] for place in range(count))

    odd = st.integers(0, 3).map(lambda n: 2 * n + 1)  # coprime to a power of two
    return st.builds(row, st.integers(0, len(used) - 1), odd)


def _special(fmt: ScalarFormat, count: int) -> _Elements | None:
    special = _having(fmt, "infinity", "nan")
    return None if special is None else _joined(special, bits(fmt), count)


_PLANS: Final[dict[str, Callable[[ScalarFormat, int], _Elements | None]]] = {
    "any": _any,
    "zeros": _zeros,
    "equal": _equal,
    "power": _power,
    "outlier": _outlier,
    "distinct": _distinct,
    "special_element": _special,
}

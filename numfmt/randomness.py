"""Random bits for stochastic rounding: given, drawn, or a function of a seed and an index."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .arguments import as_array, integer_option, place
from .errors import FormatError
from .rounding import Rounding

WORDS_PER_STEP = 4  # 64-bit words that one step of the Philox counter gives
BLOCK_MULTIPLE = 8 * WORDS_PER_STEP  # blocks of values start at multiples of this

Source: TypeAlias = Callable[[int, int], npt.NDArray[Any]]
_NONE: npt.NDArray[np.uint64] = np.zeros(1, np.uint64)


def width_of(bits: int) -> int:
    """Return how many bits of the stream one draw takes: 8, 16, 32 or 64."""
    return next(width for width in (8, 16, 32, 64) if bits <= width)


def seeded(seed: int, bits: int, start: int, stop: int) -> npt.NDArray[Any]:
    """Return draws `start` to `stop` of a seed: each depends on its index alone.

    The stream is the raw output of ``numpy.random.Philox(key=seed)``, little-endian, read as
    unsigned integers of the smallest width of 8, 16, 32 or 64 that holds `bits`; of each the low
    `bits` bits count. `start` is a multiple of `BLOCK_MULTIPLE`.

    Examples
    --------
    >>> seeded(7, 8, 0, 64)[32:].tolist() == seeded(7, 8, 32, 64).tolist()
    True
    """
    width = width_of(bits)
    per_word = 64 // width
    generator = np.random.Philox(key=seed)
    generator.advance(start // per_word // WORDS_PER_STEP)
    words = generator.random_raw(-(-(stop - start) // per_word))
    stream = words.astype("<u8", copy=False).view(f"<u{width // 8}")[: stop - start]
    return stream if bits == width else stream & stream.dtype.type((1 << bits) - 1)


def source(
    rounding: Rounding,
    shape: tuple[int, ...],
    random_bits: object,
    bits: int,
    rng: object,
) -> Source:
    """Return a function from a range of flat indices to the random bits for it.

    Raises
    ------
    FormatError
        A stochastic mode has no source or two, a deterministic one has any, or the bits are out
        of range.
    """
    name = rounding.value
    if not rounding.stochastic:
        if random_bits is not None or rng is not None:
            raise FormatError(
                f"rounding={name!r} draws no random bits; leave out random_bits and rng, or use "
                "a stochastic mode"
            )
        return lambda start, stop: _NONE
    if (random_bits is None) == (rng is None):
        raise FormatError(
            f"rounding={name!r} needs random bits from one source: random_bits=<integers below "
            f"2**bits>, or rng=<a numpy Generator or an integer seed>"
        )
    if random_bits is not None:
        given = _checked(as_array(random_bits, "random_bits"), shape, bits)
        return lambda start, stop: given[start:stop]
    if isinstance(rng, np.random.Generator):
        dtype = np.dtype(f"u{width_of(bits) // 8}")
        drawn = rng.integers(0, 1 << bits, size=int(np.prod(shape)), dtype=dtype)
        return lambda start, stop: drawn[start:stop]
    seed = integer_option(rng, 0, (1 << 128) - 1, "rng")
    return lambda start, stop: seeded(seed, bits, start, stop)


def _checked(array: npt.NDArray[Any], shape: tuple[int, ...], bits: int) -> npt.NDArray[Any]:
    if array.dtype.kind not in "iu":
        raise FormatError(f"random_bits has dtype {array.dtype}; it holds integers below 2**bits")
    bad = (array < 0) | (array >= 1 << bits)
    if bad.any():
        index = int(np.flatnonzero(bad.reshape(-1))[0])
        raise FormatError(
            f"{place('random_bits', array.shape, index)} is {array.reshape(-1)[index]}; with "
            f"bits={bits} it must be 0 to {(1 << bits) - 1}"
        )
    try:
        spread = np.broadcast_to(array, shape)
    except ValueError:
        raise FormatError(
            f"random_bits of shape {array.shape} does not broadcast to the shape {shape} of x"
        ) from None
    return np.ascontiguousarray(spread, dtype=f"u{width_of(bits) // 8}").reshape(-1)

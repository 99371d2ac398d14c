"""Random numbers that depend on a seed, a purpose and an index alone: the same for ever."""

import hashlib

import numpy as np
import numpy.typing as npt

STREAM = "philox4x64-10 keyed by sha256(numfmt-vectors-1|seed|purpose), read from word `index`"
_WORDS_PER_STEP = 4

Words = npt.NDArray[np.uint64]


def random_words(seed: int, purpose: str, count: int, start: int = 0) -> Words:
    """Return words `start` to `start + count` (64 bits each) of the stream of a purpose.

    Examples
    --------
    >>> bool((random_words(7, "a", 9)[5:] == random_words(7, "a", 4, start=5)).all())
    True
    """
    digest = hashlib.sha256(f"numfmt-vectors-1|{seed}|{purpose}".encode()).digest()
    generator = np.random.Philox(key=int.from_bytes(digest[:16], "little"))
    skipped = start % _WORDS_PER_STEP
    generator.advance(start // _WORDS_PER_STEP)
    words: Words = generator.random_raw(count + skipped)[skipped:].astype(np.uint64)
    return words


class Stream:
    """Random integers of one purpose, one after the other.

    Parameters
    ----------
    seed : int
    purpose : str

    Examples
    --------
    >>> Stream(0, "an example").below(10) == Stream(0, "an example").below(10)
    True
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._seed, self._purpose, self._next = seed, purpose, 0
        self._words: list[int] = []

    def bits(self, count: int) -> int:
        """Return an integer of `count` random bits, 0 or more of them."""
        value = 0
        for _ in range(-(-count // 64)):
            value = value << 64 | self._word()
        return value & ((1 << count) - 1)

    def below(self, stop: int) -> int:
        """Return an integer from 0 to stop - 1."""
        return self.bits(stop.bit_length() + 64) % stop

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def _word(self) -> int:
        at = self._next % 64
        if at == 0:
            self._words = random_words(self._seed, self._purpose, 64, self._next).tolist()
        self._next += 1
        return self._words[at]

"""Large elementwise work on as many threads as Numba is told to use."""

import threading
from collections.abc import Callable

import numba
import numpy as np

LARGE = 1 << 18  # elements below which a second thread costs more than it brings


def in_parallel(work: Callable[[int, int], int], size: int, multiple: int) -> int:
    """Run work(start, stop) over a partition of range(size) and return the OR of its results.

    The kernels release the GIL, so plain threads do; they survive a fork and nest, which Numba's
    own thread layers do not. Parts start at multiples of `multiple`; results do not depend on
    how many there are. The number of threads is ``numba.get_num_threads()``.
    """
    threads = numba.get_num_threads() if size >= LARGE else 1

    def quietly(start: int, stop: int) -> int:
        with np.errstate(over="ignore", invalid="ignore"):  # of this thread
            return work(start, stop)

    part = -(-size // threads)
    part += -part % multiple
    starts = range(0, size, part) if size else range(0)
    if len(starts) <= 1:
        return quietly(0, size) if size else 0
    results: list[int] = []
    failures: list[BaseException] = []

    def run(start: int) -> None:
        try:
            results.append(quietly(start, min(start + part, size)))
        except BaseException as error:  # raised again below, in the caller's thread
            failures.append(error)

    others = [threading.Thread(target=run, args=(start,)) for start in starts[1:]]
    for thread in others:
        thread.start()
    run(starts[0])
    for thread in others:
        thread.join()
    if failures:
        raise failures[0]
    seen = 0
    for result in results:
        seen |= result
    return seen

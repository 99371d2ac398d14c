"""Long products in steps: on all threads, with progress, and open to interruption."""

from collections.abc import Callable

from ..arguments import progress
from ..parallel import in_parallel


def in_steps(
    work: Callable[[int, int], int | None], count: int, each: int, at_once: int, unit: str
) -> int:
    """Run work(first, last) over parts of range(count) and return the OR of its results.

    each: products of one item; `at_once` of them are a step. Between two steps an interruption is
    heard, and progress is shown where there are several.
    """
    each = max(each, 1)
    step = max(at_once // each, 1)
    show = progress(count, unit) if step < count else None
    seen = 0
    for start in range(0, count, step):
        stop = min(start + step, count)

        def part(first: int, last: int, start: int = start) -> int:
            return work(start + first // each, start + last // each) or 0

        seen |= in_parallel(part, (stop - start) * each, each)
        if show:
            show(stop)
    return seen

"""Data, timing and the closing summary of the benchmarks.

A benchmark records its median under a `Key`. The summary at the end of the session prints the
ratios of `bars`, and ``--benchmark-json=FILE`` writes them too, under "bars". No test fails for
being slow.
"""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest

from bars import BARS, LARGE, MEMORY_PASS, START_BARS, Bar, Key, StartBar

ROUNDS, WARMUP_ROUNDS = 20, 2
_SECONDS = pytest.StashKey[dict[Key, float]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SECONDS] = {}


@contextmanager
def _on_threads(count: int) -> Iterator[None]:
    """Let Numba, and so numfmt, use `count` threads; restore what was set."""
    if count > numba.config.NUMBA_NUM_THREADS:
        pytest.skip(f"needs {count} threads; Numba has {numba.config.NUMBA_NUM_THREADS}")
    before = numba.get_num_threads()
    numba.set_num_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before)


@pytest.fixture(scope="session")
def normals() -> Callable[[str, int], npt.NDArray[Any]]:
    """Return a function from a dtype and a size to seeded normal numbers times 10."""
    drawn = np.random.default_rng(2026).standard_normal(LARGE) * 10
    arrays = {"float64": drawn, "float32": drawn.astype(np.float32)}
    return lambda dtype, size: arrays[dtype][:size]


@pytest.fixture
def timed(benchmark: Any, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return a function that times a call, records the median and returns the call's result."""

    def run(call: Callable[[], Any], *key: Any, **rest: Any) -> Any:
        name = Key(*key, **rest)
        with _on_threads(name.threads):
            result = benchmark.pedantic(
                call, rounds=ROUNDS, warmup_rounds=WARMUP_ROUNDS, iterations=1
            )
        if benchmark.stats is not None:  # as under --benchmark-disable
            seconds = benchmark.stats.stats.median
            request.config.stash[_SECONDS][name] = seconds
            benchmark.extra_info.update(name._asdict())
            if name.values:
                benchmark.extra_info["values_per_second"] = name.values / seconds
        return result

    return run


def _lacking(key: Key) -> str:
    """Return why there is no measurement for a key."""
    peer = key.who != MEMORY_PASS and importlib.util.find_spec(key.who) is None
    return f"{key.who} not installed" if peer else f"{key.who} not measured"


def _row(name: str, text: str, value: float | None, limit: str, met: bool | None) -> dict[str, Any]:
    return {"name": name, "text": text, "value": value, "limit": limit, "met": met}


def _speed_row(bar: Bar, seconds: dict[Key, float]) -> dict[str, Any]:
    size = f"2**{bar.mine.values.bit_length() - 1}"
    plural = "s" * (bar.mine.threads > 1)
    name = f"{bar.mine.what}, {bar.mine.threads} thread{plural}, {size}"
    if bar.other is None:
        unit, limit = "", f"at least {bar.limit / 1e6:.0f} M/s"
    else:
        own = bar.other.who == bar.mine.who
        unit = "x one thread" if own else f"x {bar.other.who}"
        limit = f"{'more than' if bar.exceed else 'at least'} {bar.limit:g}"
    if bar.mine not in seconds:
        return _row(name, _lacking(bar.mine), None, limit, None)
    rate = bar.mine.values / seconds[bar.mine]
    text = f"{rate / 1e9:.2f} G/s"
    if bar.other is None:
        return _row(name, text, rate, limit, rate >= bar.limit)
    if bar.other not in seconds:
        return _row(name, f"{text}; {_lacking(bar.other)}", None, limit, None)
    ratio = rate * seconds[bar.other] / bar.other.values
    met = ratio > bar.limit if bar.exceed else ratio >= bar.limit
    return _row(name, f"{text} = {ratio:.2f} {unit}", ratio, limit, met)


def _start_row(bar: StartBar, seconds: dict[Key, float]) -> dict[str, Any]:
    limit = f"at most {bar.limit * 1e3:.0f} ms"
    keys = [Key("numfmt", what, values=0) for what in (bar.mine, bar.without) if what]
    if any(key not in seconds for key in keys):
        return _row(bar.name, "not measured", None, limit, None)
    spent = seconds[keys[0]] - sum(seconds[key] for key in keys[1:])
    return _row(bar.name, f"{spent * 1e3:.0f} ms", spent, limit, spent <= bar.limit)


def _rows(config: pytest.Config) -> list[dict[str, Any]]:
    seconds = config.stash[_SECONDS]
    return [
        *(_speed_row(bar, seconds) for bar in BARS),
        *(_start_row(bar, seconds) for bar in START_BARS),
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Write the rows of the summary beside pytest-benchmark's own results."""
    output_json["bars"] = _rows(config)


@pytest.hookimpl(trylast=True)  # after pytest-benchmark's table
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print every ratio, and whether its bar is met."""
    if not config.stash[_SECONDS]:
        return
    words = {True: "met", False: "NOT MET", None: "open"}
    terminalreporter.section(f"speed against the bars (median of {ROUNDS})")
    for row in _rows(config):
        terminalreporter.write_line(
            f"{words[row['met']]:8}{row['name']}: {row['text']} ({row['limit']})"
        )

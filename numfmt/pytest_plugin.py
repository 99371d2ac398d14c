"""The pytest plugin of numfmt: reports of wrong codes as sections of their own.

pytest loads it where numfmt is installed. A failing `numfmt.testing.assert_codes_equal` says in a
line what differs and shows the table below the traceback; so does an assertion about a
`numfmt.vectors.Report` that is not ok. ``--numfmt-rows`` says how many rows are shown, and
``--numfmt-ci`` runs Hypothesis with the profile ``numfmt-ci`` of `numfmt.strategies`.
"""

import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

_ROWS = 10
_TITLE = "numfmt"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of numfmt."""
    group = parser.getgroup("numfmt", "numfmt: bit-accurate number formats")
    group.addoption(
        "--numfmt-rows",
        type=_count,
        default=_ROWS,
        metavar="N",
        help=f"wrong rows that a report of codes shows ({_ROWS})",
    )
    group.addoption(
        "--numfmt-ci",
        action="store_true",
        help="run Hypothesis with the profile numfmt-ci: no deadline, repeatable, no database",
    )


def _count(text: str) -> int:
    if not text.isdigit():
        raise ValueError(text)  # argparse words the message
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Load the Hypothesis profile if it is asked for."""
    if not config.getoption("--numfmt-ci"):
        return
    try:
        from . import strategies
    except ModuleNotFoundError as error:
        raise pytest.UsageError(f"--numfmt-ci: {error}") from None
    strategies.load_profile()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the tables of wrong codes to the report of a test that fails on them."""
    tables = []
    if call.excinfo is not None and isinstance(call.excinfo.value, Exception):
        rows = item.config.getoption("--numfmt-rows")
        tables = [text for find in _tables_of(call.excinfo.value) if (text := find(rows))]
    report = yield
    for text in tables:
        add = getattr(report.longrepr, "addsection", None)
        if add is not None:
            add(_TITLE, text)
        else:
            report.sections.append((_TITLE, text))
    return report


_Table = Callable[[int], str]


def _tables_of(error: BaseException) -> Iterator[_Table]:
    """Yield what writes the tables that belong to an exception, or to a group of them."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _tables_of(inner)
        return
    codes_differ = _loaded("numfmt.testing", "CodesDiffer")
    if codes_differ is not None and isinstance(error, codes_differ):
        error.brief = True
        yield error.report.table
    elif isinstance(error, AssertionError):
        yield from _reports_near(error)


def _loaded(module: str, name: str) -> Any:
    """Return a class of a module that the test has imported, or None."""
    return getattr(sys.modules.get(module), name, None)


def _reports_near(error: AssertionError) -> Iterator[_Table]:
    """Yield the reports that are not ok in the frame whose assertion failed."""
    kinds = (
        _loaded("numfmt.vectors.comparison", "Report"),
        _loaded("numfmt.testing", "CodeReport"),
    )
    known = tuple(kind for kind in kinds if kind is not None)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not known:
        return
    found = [value for value in trace.tb_frame.f_locals.values() if isinstance(value, known)]
    for value in {id(value): value for value in found if not value.ok}.values():
        yield _table_of(value)


def _table_of(report: Any) -> _Table:
    """Return what writes a report with so many rows."""

    def write(rows: int) -> str:
        table = getattr(report, "table", None)
        return f"{report.summary()}\n{table(rows)}" if callable(table) else str(report)

    return write

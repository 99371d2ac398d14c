"""Reports about codes that are not those expected, as exceptions and in pytest."""

import importlib.metadata
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact, mistakes
from numfmt.params import Kind
from numfmt.testing import CodesDiffer, assert_codes_equal, compare_codes

pytest_plugins = ["pytester"]


def kinds(expected: Any, got: Any, name: str, **options: Any) -> list[str]:
    """Return the label of every answer."""
    fmt = nf.get(name)
    arrays = (np.array(codes, fmt.code_dtype) for codes in (expected, got))
    found = mistakes.label(*arrays, fmt, **options)
    return [mistakes.KINDS[kind] if kind >= 0 else "right" for kind in found.tolist()]


@pytest.mark.parametrize("name", ["e4m3", "e5m2", "binary8p4se", "posit8", "int8_sign_magnitude"])
def test_labels_follow_from_what_exact_says_of_the_codes(name: str) -> None:
    fmt = nf.get(name)
    every = np.arange(256, dtype=np.uint8)
    data = [exact.decode(code, fmt) for code in range(256)]
    expected, got = (side.reshape(-1) for side in np.meshgrid(every, every, indexing="ij"))
    found = mistakes.label(expected, got, fmt).tolist()
    for one, two, kind in zip(expected.tolist(), got.tolist(), found, strict=True):
        wanted, given = data[one].kind, data[two].kind
        if one == two:
            assert kind == mistakes.RIGHT
        elif wanted == given == Kind.NAN:
            assert mistakes.KINDS[kind] == "nan_code"
        elif wanted == given == Kind.ZERO:
            assert mistakes.KINDS[kind] == "zero_sign"
        elif Kind.INFINITY in (wanted, given) or Kind.NAN in (wanted, given):
            assert mistakes.KINDS[kind] == "special"
        else:
            assert mistakes.KINDS[kind] == "value"


def test_free_bits_and_nans_do_not_count() -> None:
    nans = ([0x7C01, 0x7E00, 0x3C00], [0x7C01, 0x7DFF, 0x3C01])
    assert kinds(*nans, "binary16") == ["right", "nan_code", "value"]
    assert kinds(*nans, "binary16", any_nan=True) == ["right", "right", "value"]
    mask = np.array([0xFFFF, 0xFC00, 0xFFFF], np.uint16)
    assert kinds(*nans, "binary16", mask=mask) == ["right", "right", "value"]


def test_flags_count_only_where_codes_are_right() -> None:
    flags = {"expected_flags": np.array([1, 1, 0, 4]), "got_flags": np.array([1, 0, 1, 4])}
    assert kinds([1, 2, 3, 4], [1, 2, 2, 4], "e4m3", **flags) == [
        "right",
        "flags",
        "value",
        "right",
    ]


def test_values_are_shown_exactly() -> None:
    codes = {"q8.56": 0x8000000000000001, "e15m48_ieee": 0x8000000000000001, "lns8_3": 4}
    texts = ["-9223372036854775807*2**-56", "-1*2**-16430", "2**(1/2) ~ 1.4142135623730951"]
    for (name, code), text in zip(codes.items(), texts, strict=True):
        assert f" = {text} " in str(compare_codes([0], np.array([code], np.uint64), name))


def test_equal_codes_give_nothing() -> None:
    assert assert_codes_equal([[1, 2]], [[1, 2]], "e4m3", got_flags=1, expected_flags=1) is None
    assert_codes_equal([], [], "e4m3")
    assert_codes_equal(7, 7, "e4m3")
    assert_codes_equal([7, 7], 7, "e4m3")
    report = compare_codes([7, 7], 7, "e4m3")
    assert report.ok
    assert str(report) == "all 2 codes of e4m3 agree"


def test_the_report_says_what_where_and_of_what() -> None:
    with pytest.raises(CodesDiffer) as caught:
        assert_codes_equal(
            [[0x38, 0x01], [0x7F, 0x10]],
            [[0x38, 0x02], [0xFF, 0x10]],
            "e4m3",
            got_flags=[[0, 0], [0, 3]],
            expected_flags=[[0, 0], [0, 16]],
            inputs={
                "a": ([[1, 2], [3, 4]], "e2m1"),
                "x": np.zeros((2, 2, 9), np.uint8),
                "y": 1.5,
            },
            classes=[["tie", "tie"], ["special", "tie"]],
        )
    assert isinstance(caught.value, AssertionError)
    report = caught.value.report
    assert report.by_kind() == {"value": 1, "nan_code": 1, "flags": 1}
    assert report.by_class() == {
        ("special", "nan_code"): 1,
        ("tie", "flags"): 1,
        ("tie", "value"): 1,
    }
    lines = str(caught.value).splitlines()
    assert lines[0] == "3 of 4 codes of e4m3 differ: 1 value, 1 nan_code, 1 flags"
    rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[5:]]
    assert [row[:-3] for row in rows] == [
        ["0, 1", "value", "tie", "0x02 = 0.00390625", "0x01 = 0.001953125", "-1", "-", "-"],
        ["1, 0", "nan_code", "special", "0xff = -nan", "0x7f = nan", "-", "-"],
        ["1, 1", "flags", "tie", "0x10 = 0.03125", "0x10 = 0.03125", "0", "NV", "NX|UF"],
    ]
    zeros = "[0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0, ...]"
    inputs = ["0x2 = 1.0", "0x3 = 1.5", "0x4 = 2.0"]
    assert [row[-3:] for row in rows] == [[text, zeros, "1.5"] for text in inputs]


def test_long_reports_are_cut() -> None:
    report = compare_codes(np.zeros(100, int), np.ones(100, int), "e4m3")
    assert str(report).splitlines()[-1] == "... and 90 more"
    assert report.table(0) == "... and 100 more"
    assert len(report.table(1000).splitlines()) == 101


def test_a_design_may_answer_a_code_of_nothing() -> None:
    report = compare_codes([3], [nf.encode(1.0, "ternary")], "ternary")
    assert report.by_kind() == {"special": 1}
    assert "0x3 = -" in str(report)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"got": [1, 2]}, "got has shape"),
        ({"got": [1.0]}, "got has dtype float64"),
        ({"got": [256]}, r"got\[0\] is 0x100"),
        ({"expected": [-1]}, r"expected\[0\] is -1"),
        ({"fmt": "mxfp4"}, "block format"),
        ({"got_flags": [1]}, "got_flags is given and expected_flags is not"),
        ({"expected_flags": [1]}, "expected_flags is given and got_flags is not"),
        ({"got_flags": [1], "expected_flags": [256]}, "expected_flags must hold flags"),
        ({"got_flags": [1, 2], "expected_flags": [1]}, "got_flags has shape"),
        ({"inputs": {"a": [1, 2]}}, r"inputs\['a'\] has shape"),
        ({"inputs": {"a": ([300], "e4m3")}}, r"inputs\['a'\]\[0\] is 0x12c"),
        ({"classes": ["x", "y"]}, "classes has shape"),
    ],
)
def test_what_cannot_be_compared_is_refused(options: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"got": [1], "expected": [1], "fmt": "e4m3"} | options
    with pytest.raises(nf.FormatError, match=message):
        assert_codes_equal(given.pop("got"), given.pop("expected"), given.pop("fmt"), **given)


def test_one_sided_flags_may_be_ignored() -> None:
    assert_codes_equal([1], [1], "e4m3", got_flags=[3], ignore_flags=True)
    assert_codes_equal([1], [1], "e4m3", got_flags=[3], expected_flags=[1], ignore_flags=True)


# --- the plugin

INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="numfmt"))
PLUGIN = () if INSTALLED else ("-p", "numfmt.pytest_plugin")

FAILING = """
import numpy as np
from numfmt.testing import assert_codes_equal, compare_codes

def test_helper():
    assert_codes_equal(np.arange(20), np.arange(20) ^ 1, "e4m3")

def test_truth():
    report = compare_codes([1], [2], "e4m3")
    assert report.ok

def test_truth_of_no_name():
    assert compare_codes([3], [2], "e4m3").ok

def test_groups():
    try:
        assert_codes_equal([4], [5], "e4m3")
    except AssertionError as error:
        raise ExceptionGroup("both", [error, ValueError("other")])

def test_others():
    report = compare_codes([1], [2], "e4m3")
    raise ValueError("unrelated")

def test_passes():
    assert_codes_equal([5], [5], "e4m3")
"""


@pytest.fixture
def outcome(pytester: pytest.Pytester) -> Any:
    """Return what a run of the failing tests prints, for given options."""
    pytester.makepyfile(FAILING)

    def run(*options: str) -> Any:
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *options)

    return run


def section(text: str, test: str) -> str:
    """Return what pytest prints of one failed test."""
    return text.split(f"_ {test} _")[1].split("\n____")[0]


def test_failing_tests_show_the_table_once_in_a_section(outcome: Any) -> None:
    result = outcome()
    result.assert_outcomes(passed=1, failed=5)
    text = result.stdout.str()
    helper = section(text, "test_helper")
    assert "CodesDiffer: 20 of 20 codes of e4m3 differ: 20 value" in helper
    assert "- numfmt -" in helper
    assert helper.count("0x05 = 0.009765625  0x04 = 0.0078125") == 1
    assert "... and 10 more" in helper
    assert "testing.py" not in helper.replace("test_testing.py", "")
    for name in ("test_truth", "test_truth_of_no_name"):
        assert "1 of 1 code of e4m3 differs: 1 value" in section(text, name)
        assert section(text, name).count("- numfmt -") == 1
    assert "0x05 =" in section(text, "test_groups")
    assert "- numfmt -" not in section(text, "test_others")


def test_the_number_of_rows_is_an_option(outcome: Any) -> None:
    assert "... and 17 more" in section(outcome("--numfmt-rows=3").stdout.str(), "test_helper")
    assert "more" not in section(outcome("--numfmt-rows=20").stdout.str(), "test_helper")
    result = outcome("--numfmt-rows=many")
    result.stderr.fnmatch_lines(["*--numfmt-rows: invalid*"])


def test_short_tracebacks_show_it_too(outcome: Any) -> None:
    assert "0x02 = 0.00390625" in section(outcome("--tb=short").stdout.str(), "test_helper")


def test_the_profile_is_loaded_only_if_asked_for(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        """
        import hypothesis, os
        def test_profile():
            wanted = os.environ["WANTED"] == "1"
            profile = hypothesis.settings()
            assert (profile.deadline is None and profile.derandomize) == wanted
            assert (profile.database is None) == wanted
        """
    )
    monkeypatch.delenv("CI", raising=False)
    for option in ((), ("--numfmt-ci",)):
        monkeypatch.setenv("WANTED", str(len(option)))
        result = pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *option)
        result.assert_outcomes(passed=1)


def test_the_plugin_loads_nothing_heavy() -> None:
    code = (
        "import sys, numfmt.pytest_plugin; "
        "print([m for m in ('numba', 'hypothesis', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

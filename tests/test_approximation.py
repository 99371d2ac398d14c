"""Judging approximations: counted by hand, and against tables of the exact functions."""

import functools
import math
import sys
import types
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.analysis import ulp_error
from numfmt.errors import FormatError

Array = npt.NDArray[Any]


@functools.lru_cache
def _table(name: str, fmt: str) -> tuple[int, ...]:
    return tuple(exact.function(name, code, fmt=fmt)[0] for code in range(1 << nf.get(fmt).bits))


def table(name: str, fmt: str) -> Array:
    """Return the correctly rounded results of all codes."""
    return np.array(_table(name, fmt), nf.get(fmt).code_dtype)


def by_table(name: str, fmt: str) -> Any:
    values = table(name, fmt)
    return lambda codes: values[codes]


@pytest.mark.parametrize("fmt", ["e4m3", "e5m2", "Binary8p4se", "posit8", "q4.4"])
@pytest.mark.parametrize("name", ["exp2", "sin", "tanh"])
def test_the_function_itself_has_no_errors(name: str, fmt: str) -> None:
    found = ulp_error(table(name, fmt), by_table(name, fmt), fmt)
    assert (found.max_ulp, found.mean_ulp, found.mismatches, found.kappa) == (0, 0, 0, 0)
    assert (found.special_mismatches, found.monotonicity_violations) == (0, 0)
    assert (found.inputs, found.exhaustive) == (256, True)


def test_errors_are_counted_in_steps() -> None:
    bad = table("exp2", "e4m3")
    bad[0x38] += 3  # exp2(1) = 2 is 0x40
    bad[0x30] -= 1
    found = ulp_error(bad, by_table("exp2", "e4m3"), "e4m3")
    assert (found.max_ulp, found.mismatches, found.kappa) == (3, 2, 3.0)
    assert (found.worst, found.worst_value) == (0x38, Fraction(1))
    assert (found.worst_got, found.worst_wanted) == (0x43, 0x40)
    finite = sum(exact.decode(code, "e4m3").finite for code in _table("exp2", "e4m3"))
    assert found.mean_ulp == 4 / finite
    assert "worst at 0x38 (1): got 0x43, wanted 0x40" in str(found)


def test_steps_go_across_zero_and_zeros_differ_by_none() -> None:
    found = ulp_error([0x82, 0x80], lambda codes: np.array([0x02, 0x00]), "e4m3", inputs=[1, 2])
    assert (found.max_ulp, found.mean_ulp, found.mismatches) == (4, 2.0, 2)


def test_the_whole_range_of_binary64_is_counted_exactly() -> None:
    low, high = 0xFFEF_FFFF_FFFF_FFFF, 0x7FEF_FFFF_FFFF_FFFF
    found = ulp_error([low], lambda codes: np.array([high], np.uint64), "binary64", inputs=[0])
    assert found.max_ulp == 2 * high


@pytest.mark.parametrize(
    ("got", "wanted", "kappa", "specials"),
    [
        (0x80, 0x40, math.nan, 1),  # NaN for 1
        (0x40, 0x80, math.nan, 1),
        (0x7F, 0x7E, math.inf, 1),  # infinity for the largest value
        (0x7E, 0x7F, math.inf, 1),
        (0xFF, 0x7F, math.inf, 1),
        (0x7F, 0x7F, 0.0, 0),
        (0x80, 0x80, 0.0, 0),
        (0x7E, 0x7D, 1.0, 0),
    ],
)
def test_kappa_of_p3109(got: int, wanted: int, kappa: float, specials: int) -> None:
    found = ulp_error([0, got], lambda codes: np.array([1, wanted]), "Binary8p4se", inputs=[3, 4])
    expected = max(kappa, 1.0) if math.isfinite(kappa) else kappa
    assert found.kappa == expected or (math.isnan(found.kappa) and math.isnan(kappa))
    assert found.special_mismatches == specials
    assert found.first_special == (4 if specials else None)
    assert found.max_ulp == 1


def test_nans_are_alike() -> None:
    found = ulp_error([0x7F], lambda codes: np.array([0xFF]), "e4m3", inputs=[0])
    assert (found.mismatches, found.special_mismatches, found.max_ulp) == (0, 0, 0)
    assert math.isnan(found.mean_ulp)


def moves(got: list[int], wanted: list[int]) -> tuple[int, tuple[int, int] | None]:
    """Return the violations between inputs 0, 1, 2, ..."""
    found = ulp_error(got, lambda codes: np.array(wanted), "e4m3", inputs=np.arange(len(got)))
    return found.monotonicity_violations, found.first_violation


def test_monotonicity_is_that_of_the_function() -> None:
    assert moves([1, 2, 3, 4], [1, 2, 3, 4]) == (0, None)
    assert moves([1, 3, 2, 4], [1, 2, 3, 4]) == (1, (1, 2))
    assert moves([1, 1, 1, 1], [1, 2, 3, 4]) == (0, None)
    assert moves([4, 2, 3, 1], [4, 3, 2, 1]) == (1, (1, 2))
    assert moves([4, 3, 2, 1], [1, 2, 3, 4]) == (3, (0, 1))
    # Where the function stays, its way is that around it
    assert moves([1, 2, 1, 3], [1, 2, 2, 3]) == (1, (1, 2))
    assert moves([1, 2, 1, 1], [1, 2, 2, 1]) == (0, None)
    assert moves([3, 2, 3], [2, 2, 2]) == (0, None)
    # Nothing goes across a NaN
    assert moves([5, 0x7F, 4], [3, 0x7F, 4]) == (0, None)
    assert moves([2, 1, 0x7F, 4, 3], [2, 2, 0x7F, 4, 4]) == (0, None)


def test_monotonicity_is_in_the_order_of_the_values() -> None:
    codes = np.array([0x81, 0x00, 0x01, 0x82], np.uint8)
    found = ulp_error(codes, lambda codes: codes, "e4m3", inputs=codes)
    assert found.monotonicity_violations == 0
    swapped = np.array([0x82, 0x00, 0x01, 0x81], np.uint8)
    found = ulp_error(swapped, lambda codes: codes, "e4m3", inputs=codes)
    assert (found.monotonicity_violations, found.first_violation) == (1, (0x82, 0x81))


def test_domains_restrict() -> None:
    found = ulp_error(table("exp2", "e4m3"), by_table("exp2", "e4m3"), "e4m3", domain=(0, 1))
    assert (found.inputs, found.exhaustive) == (0x38 + 2, False)  # both zeros
    with pytest.raises(FormatError, match="no input is left"):
        ulp_error(table("exp2", "e4m3"), by_table("exp2", "e4m3"), "e4m3", domain=(500, 600))
    with pytest.raises(FormatError, match="domain"):
        ulp_error(table("exp2", "e4m3"), by_table("exp2", "e4m3"), "e4m3", domain=(1, 0))


@pytest.mark.parametrize("fmt", ["binary32", "posit32", "binary64", "takum32", "q16.16"])
def test_wide_formats_are_drawn_by_binades(fmt: str) -> None:
    seen: list[Array] = []

    def same(codes: Array) -> Array:
        seen.append(codes)
        return codes

    found = ulp_error(same, lambda codes: codes, fmt, samples=5, seed=1)
    again = ulp_error(same, lambda codes: codes, fmt, samples=5, seed=1)
    assert found == again
    assert (found.max_ulp, found.exhaustive) == (0, False)
    codes = seen[0].tolist()
    assert len(codes) == len(set(codes)) == found.inputs
    values = [x.value for code in codes if (x := exact.decode(code, fmt)).finite]
    most = max(map(abs, values))
    assert {-x for x in values if abs(x) != most} <= set(values)
    entry: Any = nf.get(fmt)
    assert {entry.largest, entry.smallest, Fraction(0), Fraction(1), Fraction(2)} <= set(values)
    below_two = exact.encode(Fraction(2) - Fraction(1, 2**70), fmt, rounding="toward_zero")[0]
    assert below_two in codes


def test_results_may_be_of_another_format() -> None:
    wanted = np.array([exact.function("exp2", c, fmt="e4m3", result="e5m2")[0] for c in range(256)])
    found = ulp_error(wanted, lambda codes: wanted[codes], "e4m3", result="e5m2")
    assert (found.max_ulp, found.fmt, found.result) == (0, "e4m3", "e5m2")
    assert "of e4m3 into e5m2" in str(found)


def test_names_go_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def apply(name: str, operands: tuple[Array, ...], fmt: Any, **options: Any) -> Array:
        calls.append((name, fmt.name, options["rounding"]))
        return table(name, fmt.name)[operands[0]]

    engine = types.ModuleType("numfmt.functions.operations")
    engine.apply = apply  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "numfmt.functions.operations", engine)
    found = ulp_error(table("exp2", "e4m3"), "exp2", "e4m3")
    assert (found.max_ulp, found.function) == (0, "exp2")
    assert calls == [("exp2", "e4m3", None)]


def test_codebooks_and_logarithms_are_counted_too() -> None:
    found = ulp_error([0, 1], lambda codes: np.array([1, 1]), "nf4", inputs=[0, 1])
    assert found.max_ulp == 1
    found = ulp_error([0, 1], lambda codes: np.array([1, 1]), "lns8_3", inputs=[2, 3])
    assert (found.max_ulp, found.worst, found.worst_value) == (1, 2, None)


def test_misuse_is_refused() -> None:
    with pytest.raises(FormatError, match="shape"):
        ulp_error([1, 2, 3], lambda codes: codes, "e4m3", inputs=[1, 2])
    with pytest.raises(FormatError, match="no input"):
        ulp_error([], lambda codes: codes, "e4m3", inputs=[])
    with pytest.raises(FormatError, match="rounding"):
        ulp_error([1], lambda codes: codes, "e4m3", inputs=[1], rounding="toward_zero")
    with pytest.raises(FormatError, match="inputs="):
        ulp_error(lambda codes: codes, lambda codes: codes, "lns32_23")


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        ("pow", {}, "not one of one operand"),
        ("expp", {}, "Did you mean 'exp'"),
        (7, {}, "neither a name nor a callable"),
        ("exp", {"domain": (1,)}, "domain"),
        ("exp", {"domain": ("a", "b")}, "domain"),
        ("exp", {"seed": -1}, "seed"),
        ("exp", {"samples": -1}, "samples"),
    ],
)
def test_what_is_no_function_or_option_is_refused(
    function: object, options: dict, words: str
) -> None:
    with pytest.raises(nf.FormatError, match=words):
        nf.analysis.ulp_error(lambda codes: codes, function, "e4m3", **options)


def test_results_of_the_shape_of_the_inputs_are_taken() -> None:
    inputs = [[0x30, 0x38], [0x40, 0x44]]
    report = nf.analysis.ulp_error(nf.exp(inputs, "e4m3"), "exp", "e4m3", inputs=inputs)
    assert (report.inputs, report.mismatches) == (4, 0)


def test_samples_hold_the_most_negative_integer() -> None:
    seen = []
    nf.analysis.ulp_error(lambda codes: seen.append(codes) or codes, np.copy, "int32", samples=1)
    assert 0x80000000 in seen[0]

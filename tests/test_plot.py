"""Pictures of formats: what is drawn, what is printed, and what is refused."""

import builtins
import math
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import listing, plot

pytest.importorskip("matplotlib")


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make matplotlib impossible to import."""
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_a_number_line_has_a_mark_for_every_value() -> None:
    axes = plot.number_line(["e2m1", "posit8", "takum8_log", "nf4", "ternary"])
    drawn = {line.get_label(): line.get_xdata() for line in axes.lines}
    assert drawn["e2m1"].tolist() == sorted({*nf.decode(range(16), "e2m1")} | {0.0})
    assert drawn["ternary"].tolist() == [-1, 0, 1]
    assert drawn["posit8"].size == 255
    assert [label.get_text() for label in axes.get_yticklabels()] == list(drawn)
    close = plot.number_line("e4m3", low=-1, high=1)
    assert close.get_xlim() == (-1, 1)
    assert plot.number_line("int4", ax=close) is close


def test_relative_spacing_is_the_step_over_the_value() -> None:
    values, relative = plot.spacing("e4m3")
    assert relative[values == 1.0] == 0.125
    assert relative[values == 448 - 32] == 32 / 416
    axes = plot.relative_spacing(["posit8", "e4m3"])
    assert [line.get_label() for line in axes.lines] == ["posit8", "e4m3"]
    assert axes.lines[1].get_ydata().tolist() == relative.tolist()
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_a_code_histogram_counts_codes_in_the_order_of_values() -> None:
    codes = nf.encode([-6, -6, -0.0, 0, 0, 1.5, 6], "e2m1")
    axes = plot.code_histogram(codes, "e2m1")
    heights = [int(bar.get_height()) for bar in axes.patches]
    assert heights == [2, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 0, 0, 0, 1]
    assert [label.get_text() for label in axes.get_xticklabels()][7:9] == ["-0.0", "0.0"]
    nan_last = plot.code_histogram(nf.encode([math.nan, 1.0], "posit8"), "posit8")
    assert [bar.get_height() for bar in nan_last.patches][-1] == 1


@pytest.mark.parametrize(
    "name", ["nf4", "e2m1", "e4m3", "lns8_4", "dynamic8", "takum12", "ternary"]
)
def test_labels_of_a_code_histogram_are_short_and_few(name: str) -> None:
    axes = plot.code_histogram([1], name)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert min(len(axes.patches), 16) <= len(labels) <= 32
    assert all(len(label.lstrip("-")) <= len("9.223e-18") for label in labels)
    if not name.endswith(("nf4", "dynamic8")):
        assert labels.count("0.0") == 1
        return
    values = np.sort(nf.decode(np.arange(len(axes.patches)), name))
    for tick, label in zip(axes.get_xticks(), labels, strict=True):
        assert float(label) == pytest.approx(values[int(tick)], rel=1e-3)


def _drawn(axes: Any) -> dict[tuple[str, bool], set[tuple[int, int]]]:
    """Return the squares of a picture of terms as (exponent, row), by colour and filling."""
    return {
        (line.get_color(), line.get_markerfacecolor() != "none"): set(
            zip(line.get_xdata(), line.get_ydata(), strict=True)
        )
        for line in axes.lines
        if line.get_marker() == "s"
    }


def test_dot_terms_shows_every_digit_and_where_the_lost_ones_go_on() -> None:
    codes = nf.encode([4096, 1, 2**-10, 0.3], "binary16")
    found = nf.explain_dot(codes, codes, unit="nvidia-hopper-mma-f16-f32")
    axes = plot.dot_terms(found)
    squares = _drawn(axes)
    assert squares["tab:blue", True] == {(24, 0), (0, 1)}
    step = found.steps[0]
    lost = {(step.quantum - 1 - i, 3) for i, d in enumerate(step.terms[3].lost_bits) if d == "1"}
    assert squares["tab:red", True] == lost
    marks = {int(mark.get_position()[1]): mark.get_text() for mark in axes.texts}
    assert marks == {2: "\u2026 2**-20", 3: "\u2026"}
    assert all(mark.get_position()[0] == step.quantum - 13 for mark in axes.texts)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_dot_terms_clips_nothing_at_the_frame(rows: int) -> None:
    codes = nf.encode([4.0, 1.5, 0.25, 2.0**-9, 3.0][:rows], "e4m3")
    acc = nf.Aligned(output="binary32", block=8, fraction_bits=5)
    axes = plot.dot_terms(nf.explain_dot(codes, codes, formats="e4m3", accumulator=acc))
    bottom, top = axes.get_ylim()
    left, right = axes.get_xlim()
    for places in _drawn(axes).values():
        for x, y in places:
            assert right + 1 <= x <= left - 1
            assert top + 0.5 <= y <= bottom - 0.5
    assert len(axes.texts) == (rows >= 4)


def test_without_matplotlib_lines_are_text_and_the_rest_says_what_to_do(
    without_matplotlib: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plot.number_line("e2m1") is None
    name, marks, scale = capsys.readouterr().out.splitlines()
    assert name == "e2m1"
    assert marks.count("|") == 15
    assert scale.split() == ["-6", "0", "6"]
    for call in (lambda: plot.relative_spacing("e2m1"), lambda: plot.code_histogram([1], "e2m1")):
        with pytest.raises(nf.FormatError, match="needs matplotlib; install it with: pip"):
            call()


def test_text_lines_count_values() -> None:
    line, scale = listing.number_line(nf.get("e4m3"), width=61, low=-2, high=2).split("\n")
    values = nf.decode(np.arange(254), "e4m3")
    shown = {float(v) + 0.0 for v in values if abs(v) <= 2}
    many = line.count("#")
    least = sum(1 if c == "|" else int(c) for c in line if c not in " #")
    assert least + 10 * many <= len(shown)
    assert line[0] == line[60] == "|"
    assert line[30] == "#"
    assert scale.split() == ["-2", "0", "2"]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(nf.FormatError, match=r"'posit32' has 2\*\*32 codes; a line shows"):
        plot.number_line("posit32")
    with pytest.raises(nf.FormatError, match=r"'int16' has 2\*\*16 codes; a histogram shows"):
        plot.code_histogram([1], "int16")
    with pytest.raises(nf.FormatError, match="codes is 0x10; codes of 'e2m1' have 4 bits"):
        plot.code_histogram(16, "e2m1")
    with pytest.raises(nf.FormatError, match="width=3 is not an integer of at least 16"):
        listing.number_line(nf.get("e2m1"), width=3)
    with pytest.raises(nf.FormatError, match="low=1 is not less than high=1"):
        listing.number_line(nf.get("e2m1"), low=1, high=1)
    with pytest.raises(nf.FormatError, match="'binary' has fewer than two positive values"):
        plot.spacing("binary")


@pytest.mark.parametrize(
    "name", [n for n in nf.names(max_bits=8, kind="scalar") if nf.get(n).family != "float"]
)
def test_every_small_format_has_rows_and_limits(name: str) -> None:
    fmt = nf.get(name)
    info = nf.finfo(name)
    assert info.to_dict()["name"] == name
    for code in range(1 << fmt.bits):
        row = listing.row(code, fmt)
        assert int(row["code"], 16) == code
        assert int(row["fields"].replace(" ", ""), 2) == code
        assert row["class"] in ("zero", "normal", "nan", "infinity", "unused")
    values = listing.finite_values(fmt)
    assert values[-1] == info.max
    if fmt.family != "fixed":
        assert values[0] == info.min or name.startswith(("power", "mantissa"))

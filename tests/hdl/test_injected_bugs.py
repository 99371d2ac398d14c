"""Mistakes injected into every unit: the sets find each of them, 1,000 uniform rows do not."""

import pytest
from sets import TABLE_ENTRY, UNITS, uniform_rows
from simulators import judge, write_rows

from numfmt import vectors
from numfmt.vectors.comparison import KINDS

pytestmark = pytest.mark.hdl

BUGS = [(name, bug) for name, unit in UNITS.items() for bug in unit.bugs]
NAMED = {
    "BUG_NAN_CODE": "nan_code",
    "BUG_NAN_SIGN": "nan_code",
    "BUG_OVERFLOW_SIGN": "nan_code",
    "BUG_ZERO_SIGN": "zero_sign",
    "BUG_TINY_BEFORE_ROUNDING": "flags",
    "BUG_SIGNALLING": "flags",
    "BUG_OVERFLOW_FLAG": "flags",
    "BUG_OVERFLOW_EDGE": "special",
    "BUG_INFINITY_SATURATES": "special",
    "BUG_IEEE_SPECIALS": "special",
    "BUG_ZERO_BEATS_NAN": "special",
    "BUG_SCALE_NAN": "special",
    "BUG_NAR_CODE": "special",
}  # how `compare` names them; the others are wrong values


@pytest.mark.parametrize("name", list(UNITS))
def test_every_unit_has_at_least_six_bugs(name):
    assert len(UNITS[name].bugs) >= 6


@pytest.mark.parametrize(("name", "bug"), BUGS)
def test_the_vectors_catch_an_injected_bug_and_name_its_kind(unit_sets, name, bug):
    table, folder = unit_sets(name)
    define = f"{bug}=8'h53" if bug == TABLE_ENTRY else bug
    passed, failed = judge(folder, UNITS[name], define, fails=True)
    report = vectors.compare(table, folder / "got.txt")
    assert (passed, failed) == (len(table) - report.wrong, report.wrong)
    assert report.wrong > 0
    classes, kinds = zip(*report.counts, strict=True)
    assert NAMED.get(bug, "value") in kinds
    assert set(kinds) <= set(KINDS)
    assert set(classes) <= set(table.summary()["classes"])
    assert f"{passed} passed, {failed} failed" in str(report)


@pytest.mark.parametrize("name", list(UNITS))
def test_1000_uniform_vectors_do_not_find_every_bug(tmp_path, name):
    unit = UNITS[name]
    fields, columns = uniform_rows(unit.spec, 1000)
    write_rows(tmp_path, fields, columns)
    assert unit.survivors
    for bug in unit.survivors:
        define = bug
        if bug == TABLE_ENTRY:
            unseen = sorted(set(range(256)) - set(columns["a"].tolist()))
            assert unseen, "1,000 rows hold every code"
            define = f"{bug}=8'd{unseen[0]}"
        assert judge(tmp_path, unit, define) == (1000, 0)


@pytest.mark.parametrize("name", [name for name, u in UNITS.items() if TABLE_ENTRY in u.bugs])
def test_the_vectors_catch_a_wrong_answer_to_any_code(unit_sets, name):
    table, folder = unit_sets(name)
    for code in range(0, 256, 15):
        _, failed = judge(folder, UNITS[name], f"{TABLE_ENTRY}=8'd{code}", fails=True)
        assert failed == 1
        assert vectors.compare(table, folder / "got.txt").first().row == code

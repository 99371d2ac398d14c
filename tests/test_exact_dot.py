"""The witness of dot products against cases worked by hand and outputs of real matrix units."""

import dataclasses
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.dialects import DIALECTS
from numfmt.exact import dot, dot_steps
from numfmt.matrix_units.accumulators import (
    Aligned,
    Compensated,
    Exact,
    IntegerSum,
    Pairwise,
    PartiallyNormalized,
    ProductTable,
    Quire,
    Sequential,
)
from numfmt.matrix_units.plans import Chain, Lanes, Promotion, Reordered, SplitK
from numfmt.matrix_units.unit import Unit

F = Fraction
AMPERE = Aligned(output="binary32", block=8, fraction_bits=24, floor=-132)
CDNA3 = Aligned(
    output="binary32",
    block=8,
    fraction_bits=24,
    rounding="nearest_even",
    c="after",
    sum_bits=31,
    c_bits=24,
)


def two(exponent: int) -> Fraction:
    """Return a power of two."""
    return F(2) ** exponent


def codes(values: Any, fmt: str) -> list[int]:
    """Return the codes of exact values."""
    found = [exact.encode(value, fmt)[0] for value in values]
    assert [exact.decode(code, fmt).value for code in found] == [F(v) for v in values]
    return found


def sums(a: Any, b: Any, c: Any, fmt: str, accumulator: Any, **options: Any) -> Fraction:
    """Return the value of a dot product of values."""
    out = options.pop("out", None) or accumulator.output
    start = None if c is None else codes([c], out.name)[0]
    found = dot(codes(a, fmt), codes(b, fmt), start, fmt, accumulator=accumulator, **options)
    return exact.decode(found, out).value


def changed(accumulator: Any, **fields: Any) -> Any:
    """Return an accumulator with other fields."""
    return dataclasses.replace(accumulator, **fields)


# --- Probes of a black box (P4, P5, ...), and what each rule gives --------------------------------


@pytest.mark.parametrize(
    ("cut", "plus", "minus", "quarter"),
    [
        ("toward_zero", 0, 0, 0),
        ("toward_negative", 0, -1, 0),
        ("toward_positive", 1, 0, 1),
        ("nearest_even", 1, -1, 0),
    ],
)
def test_terms_are_cut_in_the_mode_of_the_adder(
    cut: str, plus: int, minus: int, quarter: int
) -> None:
    u = two(14 - 24)
    for part, expected in ((F(3, 4), plus), (F(-3, 4), minus), (F(1, 4), quarter)):
        a, b = [two(7), -two(7), part * two(-4)], [two(7), two(7), two(-6)]
        assert sums(a, b, None, "bfloat16", changed(AMPERE, cut=cut)) == expected * u


def test_products_are_aligned_as_they_are_unless_normalised() -> None:
    # 1.5 * 1.5 = 2.25: its own exponent is 0 as a product, 1 where it is normalised.
    a, b = [F(3, 2), F(-3, 2), two(-12)], [F(3, 2), F(3, 2), two(-12)]
    assert sums(a, b, None, "bfloat16", AMPERE) == two(-24)
    assert sums(a, b, None, "bfloat16", changed(AMPERE, normalized=True)) == 0


def test_the_alignment_exponent_has_a_floor() -> None:
    for e, kept in ((-131, True), (-132, True), (-133, False)):
        a, b = [two(e // 2), -two(e // 2)], [two(e - e // 2), two(e - 24 - e // 2)]
        expected = two(e) - two(-149) if kept else two(e)
        assert sums(a, b, None, "bfloat16", AMPERE) == expected


def test_the_floor_hides_what_breaks_a_tie() -> None:
    f16 = Aligned(output="binary16", block=8, fraction_bits=24, rounding="nearest_even")
    a, b = [two(-12), two(-24)], [two(-13), two(-23)]
    assert sums(a, b, None, "binary16", f16) == two(-24)
    assert sums(a, b, None, "binary16", changed(f16, floor=-20)) == 0


def test_zero_products_count_only_where_the_adder_says_so() -> None:
    a, b = [0, two(-30)], [two(127), 1]
    assert sums(a, b, None, "bfloat16", AMPERE) == two(-30)
    assert sums(a, b, None, "bfloat16", changed(AMPERE, zero_products="exponent")) == 0


def test_products_may_leave_the_range_and_come_back_unless_clipped() -> None:
    a, b = [two(127), -two(127), two(127)], [2, 2, 1]
    assert sums(a, b, None, "bfloat16", AMPERE) == two(127)
    x, y = codes(a, "bfloat16"), codes(b, "bfloat16")
    clipped = changed(AMPERE, range="clipped")
    assert dot(x, y, None, "bfloat16", accumulator=clipped) == 0x7FC00000
    assert dot(x[:1], y[:1], None, "bfloat16", accumulator=clipped) == 0x7F800000
    assert dot(x[:1], y[:1], 0xFF800000, "bfloat16", accumulator=clipped) == 0x7FC00000
    wins = changed(clipped, infinite_c="wins")
    assert dot(x[:1], y[:1], 0xFF800000, "bfloat16", accumulator=wins) == 0xFF800000
    infinite = codes([1], "bfloat16")
    assert dot([0x7F80], infinite, 0xFF800000, "bfloat16", accumulator=wins) == 0x7FC00000


def test_the_sum_is_normalised_once_at_its_end() -> None:
    t = two(-21) + two(-24)
    found = sums([t, t], [1, 1], 1 - two(-21), "bfloat16", AMPERE)
    assert found == 1 + two(-21) + two(-23)


def test_an_overflow_under_toward_zero_is_infinity_unless_the_policy_says_otherwise() -> None:
    x, y = codes([two(127)], "bfloat16"), codes([2], "bfloat16")
    assert dot(x, y, None, "bfloat16", accumulator=AMPERE) == 0x7F800000
    assert dot(x, y, None, "bfloat16", accumulator=changed(AMPERE, overflow="ieee")) == 0x7F7FFFFF


def test_kept_digits_are_counted_from_the_results_own_exponent() -> None:
    ada = Aligned(output="binary32", block=16, fraction_bits=13, keep=13)
    assert sums([1], [1], 1 + two(-13) + two(-23), "e4m3", ada) == 2  # both cut to 2**-13, 2**-12
    assert sums([0], [1], 1 + two(-13) + two(-14), "e4m3", ada) == 1 + two(-13)
    assert sums([0], [1], two(-126) + two(-140), "e4m3", ada) == two(-126)
    assert sums([0], [1], two(-149), "e4m3", changed(ada, floor=-140)) == 0


def test_zeros_are_plus_zero_but_for_negative_sums_in_ieee_dialects() -> None:
    x, minus = [0x8000], [0x3C00]  # -0 * 1
    f16 = Aligned(output="binary16", block=4, fraction_bits=30, rounding="nearest_even")
    assert dot(x, minus, 0x8000, "binary16", accumulator=f16) == 0
    tiny = codes([-two(-24), two(-24)], "binary16")
    coarse = changed(f16, fraction_bits=4)
    assert dot(tiny[:1], tiny[1:], None, "binary16", accumulator=coarse) == 0  # cut away: S = 0
    assert dot(tiny[:1], tiny[1:], None, "binary16", accumulator=f16) == 0x8000
    small = codes([-two(-13), two(-14)], "binary16")
    assert dot(small[:1], small[1:], None, "binary16", accumulator=f16) == 0x8000
    plus = changed(f16, dialect="p3109")
    assert dot(small[:1], small[1:], None, "binary16", accumulator=plus) == 0


def test_specials_of_an_aligned_sum() -> None:
    one, inf, nan, zero = 0x3C00, 0x7C00, 0x7C01, 0
    rule = Aligned(output="binary32", block=4, fraction_bits=23, dialect="cuda")
    for x, y, c, code in (
        ([nan], [one], 0, 0x7FFFFFFF),
        ([inf], [zero], 0, 0x7FFFFFFF),
        ([inf, inf | 0x8000], [one, one], 0, 0x7FFFFFFF),
        ([inf], [one], 0xFF800000, 0x7FFFFFFF),
        ([inf], [one | 0x8000], 0xFF800000, 0xFF800000),
        ([one], [zero], 0xFF800000, 0xFF800000),
        ([one], [zero], 0xFFC12345, 0x7FFFFFFF),
    ):
        assert dot(x, y, c, "binary16", accumulator=rule) == code
    assert dot([0x80], [0x08], None, "e4m3fnuz", accumulator=rule) == 0x7FFFFFFF
    assert dot([0x40], [0x40], None, "e4m3fnuz", accumulator=rule) == 0x3F800000  # bias 8


# --- c after the sum ------------------------------------------------------------------------------


def test_a_late_c_is_cut_down_to_its_own_grid() -> None:
    assert sums([1], [1], -two(-60), "bfloat16", CDNA3) == 1 - two(-24)
    assert sums([1], [1], two(-60), "bfloat16", CDNA3) == 1
    assert sums([1], [1], -two(-60), "bfloat16", changed(CDNA3, drop=25)) == 1
    assert sums([1], [1], -two(-60), "bfloat16", changed(CDNA3, c_bits=None)) == 1
    assert sums([1], [1], -two(-25), "bfloat16", changed(CDNA3, c_bits=25)) == 1  # a tie
    assert sums([-two(-40)], [1], 1, "bfloat16", CDNA3) == 1  # 1 - 2**-31 rounds to 1
    assert sums([-two(-40)], [1], 1, "bfloat16", changed(CDNA3, sum_bits=24)) == 1 - two(-24)


def test_without_products_the_result_is_c() -> None:
    late = changed(CDNA3, keep=10)
    assert dot([0], [0], 0x3F800001, "bfloat16", accumulator=late) == 0x3F800001
    assert dot([0], [0], 0x80000000, "bfloat16", accumulator=late) == 0
    assert dot([], [], 0x80000000, "bfloat16", accumulator=late) == 0x80000000


def test_halves_are_cut_apart_and_then_together() -> None:
    whole = changed(CDNA3, block=16)
    halves = changed(whole, halves=2)
    a, b = [two(7), -two(5) * two(-20), -two(7)], [two(7), two(-3), two(7)]
    assert sums(a, b, None, "bfloat16", whole) == 0  # -2**-18 is below 2**(14 - 24)
    assert sums(a, b, None, "bfloat16", halves) == -two(-10)  # cut down, not toward zero
    assert sums([0, *a[1:2]], [1, *b[1:2]], None, "bfloat16", halves) == -two(-18)


def test_c_may_be_added_by_one_rounded_addition() -> None:
    rule = changed(AMPERE, late_add="nearest_even", block=1)
    assert sums([1, two(-24)], [1, two(-1)], 1, "bfloat16", rule) == 2
    assert sums([1, two(-23)], [1, 1], two(-24), "bfloat16", rule) == 1 + two(-22)  # a tie


# --- Groups and scales ----------------------------------------------------------------------------


def unit(accumulator: Any, **fields: Any) -> Unit:
    """Return a unit on e2m1."""
    given: dict[str, Any] = {"name": "x-y-z", "a": "e2m1", "b": "e2m1", "k": 32} | fields
    return Unit(accumulator=accumulator, **given)


def test_a_group_is_one_term_at_the_exponent_of_its_scales() -> None:
    rule = Aligned(output="binary32", block=32, fraction_bits=35, group=16)
    nvfp4 = unit(rule, scale="e4m3", scale_block=16)
    sa, sb = codes([F(9, 8), 1], "e4m3"), codes([F(15, 8), two(-6)], "e4m3")
    sa[0] |= 0x80  # the sign of a scale does not count
    half = codes([F(1, 2), F(3, 2)], "e2m1")
    x = [half[0]] + [0] * 15 + [half[1]] + [0] * 15
    (step,) = dot_steps(x, x, None, unit=nvfp4, scales=(sa, sb))
    assert step.exponent == 0
    assert [term.exponent for term in step.terms] == [0, -6]
    assert [term.value for term in step.terms] == [F(1, 4) * F(135, 64), F(9, 4) * two(-6)]
    assert exact.decode(step.code, "binary32").value == F(135, 256) + F(9, 256)
    cancel = half[:1] * 2 + [0] * 30
    back = [half[0], half[0] | 8] + [0] * 30
    (step,) = dot_steps(cancel, back, None, unit=nvfp4, scales=([0x38, 0], [0x38, 0x38]))
    assert (step.exponent, step.total, step.code, len(step.terms)) == (0, 0, 0, 1)
    assert dot(x, x, None, unit=nvfp4, scales=([0x7F, 0], sb)) == 0x7FC00000
    with pytest.raises(nf.FormatError, match="scales"):
        dot(x, x, None, unit=nvfp4, scales=(sa[:1], sb))


def test_scales_of_powers_of_two_move_the_exponents() -> None:
    rule = Aligned(output="binary32", block=32, fraction_bits=25)
    mx = unit(rule, scale="e8m0", scale_block=32)
    one = codes([1], "e2m1")
    assert dot(one, one, None, unit=mx, scales=([127 + 3], [127 - 4])) == 0x3F000000
    assert dot(one, one, 0x3F800000, unit=mx, scales=([127 - 13], [127 - 13])) == 0x3F800000
    assert dot(one, one, None, unit=mx, scales=([255], [127])) == 0x7FC00000
    pairs = one * 40
    assert dot(pairs, pairs, None, unit=mx, scales=([127, 128], [127, 127])) == 0x42400000


def test_a_container_is_cut_to_its_upper_bits() -> None:
    tf32 = Unit(name="n-a-t", a="tf32", b="tf32", accumulator=AMPERE, k=4, container="binary32")
    x = codes([1 + two(-11)], "binary32")
    assert dot(x, codes([1], "binary32"), None, "binary32", unit=tf32) == 0x3F800000
    assert dot([0x7F800001], [0x3F800000], None, "binary32", unit=tf32) == 0x7F800000
    assert dot([0x3F800000 >> 13], [0x40000000 >> 13], None, unit=tf32) == 0x40000000


def test_an_instruction_is_padded_and_plans_deal_before_that() -> None:
    short = unit(Aligned(output="binary32", block=2, fraction_bits=3), k=2)
    ones, eights = codes([1, 1, 1], "e2m1"), codes([4, F(1, 2), F(1, 2)], "e2m1")
    # (4 + 0.5 on a grid of 0.5), + 0.5: 5; dealt in turn: 4 + 0.5 (0 beside it) and 0.5.
    assert dot(ones, eights, None, unit=short) == 0x40A00000
    two_lanes = dot(ones, eights, None, unit=short, plan=Lanes(count=2))
    assert two_lanes == 0x40A00000
    with_plan = Unit(
        name="x-y-z", a="e2m1", b="e2m1", accumulator=short.accumulator, k=4, plan=Lanes(count=2)
    )
    assert dot(ones, eights, 0x3F800000, unit=with_plan) == 0x40C00000


# --- Stepwise sums --------------------------------------------------------------------------------


def test_a_sequential_sum_is_a_chain_of_fused_multiply_adds() -> None:
    rng = np.random.default_rng(5)
    rule = Sequential(output="binary32", dialect="x86")
    for _ in range(40):
        a, b = (rng.integers(0, 1 << 16, 5).tolist() for _ in range(2))
        c = code = int(rng.integers(0, 1 << 32))
        formats = ("bfloat16", "binary16", "binary32")
        for x, y in zip(a, b, strict=True):
            code = exact.fma(x, y, code, formats, result="binary32", dialect="x86")[0]
        assert dot(a, b, c, formats[:2], accumulator=rule) == code
        once = Exact(output="binary32", dialect="x86", block=1)
        assert dot(a, b, c, formats[:2], accumulator=once) == code


def test_unfused_products_are_rounded_first() -> None:
    a, b = [1 + two(-10)], [1 + two(-10)]
    f16 = Sequential(output="binary16", product="binary16")
    assert sums(a, b, -1 - two(-9), "binary16", f16) == 0
    assert sums(a, b, -1 - two(-9), "binary16", Sequential(output="binary16")) == two(-20)
    up = changed(f16, product_rounding="toward_positive")
    assert sums(a, b, -1 - two(-9), "binary16", up) == two(-10)


def test_exact_sums_round_once_for_each_block_and_late_ones_twice() -> None:
    a, b = [1, two(-11), two(-11)], [1, 1, 1]
    assert sums(a, b, None, "binary16", Exact(output="binary16")) == 1 + two(-10)
    assert sums(a, b, None, "binary16", Exact(output="binary16", block=1)) == 1
    assert sums(a[1:], b[1:], 1, "binary16", Exact(output="binary16")) == 1 + two(-10)
    late = Exact(output="binary16", late=True)
    assert sums([1, two(-11)], [1, 1], two(-11), "binary16", late) == 1
    quire = exact.encode(F(1, 2), "posit16")[0]
    assert exact.decode(dot([quire] * 3, [quire] * 3, None, "posit16", accumulator=Quire()),
                        "posit16").value == F(3, 4)  # fmt: skip


def test_pairwise_sums_are_trees_and_c_comes_last() -> None:
    a = [1, two(-11), two(-11), two(-11), two(-11)]
    ones = [1] * 5
    tree = Pairwise(output="binary16", block=4)
    # (1 + 2**-11) + (2**-11 + 2**-11) = 1 + 2**-10; then + 2**-11 is a tie to even.
    assert sums(a, ones, None, "binary16", tree) == 1 + 2 * two(-10)
    assert sums(a[:4], ones[:4], None, "binary16", tree) == 1 + two(-10)
    assert sums(a[:4], ones[:4], None, "binary16", changed(tree, arity=4)) == 1 + 2 * two(-10)
    assert sums(a[:3], ones[:3], 1, "binary16", tree) == 2


def test_zeros_and_flushing_of_stepwise_sums() -> None:
    minus, one = 0x8000, 0x3C00
    for rule in (Exact(output="binary16"), Sequential(output="binary16")):
        assert dot([minus] * 2, [one] * 2, 0x8000, "binary16", accumulator=rule) == 0x8000
        assert dot([minus] * 2, [one] * 2, None, "binary16", accumulator=rule) == 0
        down = changed(rule, rounding="toward_negative")
        assert dot([one, one], [one, 0xBC00], None, "binary16", accumulator=down) == 0x8000
    flush = Sequential(output="binary16", flush_inputs=True, flush_results=True)
    assert dot([0x8001], [one], 0x8000, "binary16", accumulator=flush) == 0x8000
    assert dot([0x8400], [0x3800], 0x8000, "binary16", accumulator=flush) == 0x8000
    assert dot([0x0400], [one], 0x8001, "binary16", accumulator=flush) == 0x0400


def test_infinities_and_nans_of_a_sum_of_many_terms() -> None:
    one, inf = 0x3C00, 0x7C00
    rule = Exact(output="binary16")
    assert dot([inf, inf], [one, one], 0x7C00, "binary16", accumulator=rule) == 0x7C00
    assert dot([inf, inf], [one, 0xBC00], 0, "binary16", accumulator=rule) == 0x7E00
    assert dot([inf, one], [0, one], 0, "binary16", accumulator=rule) == 0x7E00
    first = Exact(output="binary16", dialect="x86")
    assert dot([0xFD01], [one], 0, "binary16", accumulator=first) == 0xFF01
    assert dot([0x7D01, one], [one, one], 0, "binary16", accumulator=first) == 0xFE00


def test_a_table_of_products_is_looked_up() -> None:
    every = np.arange(16)
    table = ProductTable(format="e4m3", codes=(every[:, None] + every) % 16)
    rule = Sequential(output="binary32", product=table)
    expected = exact.decode(9, "e4m3").value + exact.decode(2, "e4m3").value
    found = dot([4, 15], [5, 3], None, "e2m1", accumulator=rule)
    assert exact.decode(found, "binary32").value == expected


def test_compensated_sums_carry_their_error() -> None:
    a, ones = [two(-11)] * 8, [1] * 8
    assert sums(a, ones, 1, "binary16", Sequential(output="binary16")) == 1
    assert sums(a, ones, 1, "binary16", Compensated(output="binary16")) == 1 + two(-8)
    # Kahan's weakness: a term larger than the sum.
    big = [1, two(14), 1, -two(14)]
    kahan, neumaier = (Compensated(output="binary16", method=m) for m in ("kahan", "neumaier"))
    assert sums(big, ones[:4], None, "binary16", neumaier) == 2
    assert sums(big, ones[:4], None, "binary16", kahan) == 0


def test_logarithmic_formats_add_step_by_step() -> None:
    one = exact.encode(1, "lns8_3")[0]
    for rule in (Sequential(), Pairwise(), Compensated(), Exact()):
        found = dot([one, one], [one, one], None, "lns8_3", accumulator=rule)
        assert exact.decode_power(found, "lns8_3").logarithm == 1
    with pytest.raises(nf.FormatError, match="irrational"):
        dot([one], [one], None, "lns8_3", accumulator=AMPERE)


def test_random_bits_are_numbered_in_the_order_of_the_rules() -> None:
    asked: list[int] = []

    def draws(r: int) -> int:
        asked.append(r)
        return 255 if r == 3 else 0

    rule = Sequential(output="binary16", product="binary16", rounding="stochastic_a")
    x = codes([1, 1 + two(-10)], "binary16")
    c = codes([1], "binary16")[0]
    tiny = codes([two(-12)], "binary16")
    # r: product, sum, product, sum; the last sum is 1 + 2**-12 and is drawn up.
    assert dot([0, x[0]], [0, *tiny], c, "binary16", accumulator=rule, draws=draws) == c + 1
    assert asked == [0, 1, 2, 3]
    asked.clear()
    tree = Pairwise(output="binary16", rounding="stochastic_a")
    dot(x * 2, x * 2, c, "binary16", accumulator=tree, draws=draws)
    assert asked == list(range(4 + 2 + 1 + 1))
    asked.clear()
    dot(x, x, c, "binary16", accumulator=changed(tree, rounding=None), draws=draws)
    assert asked == []


def test_integer_sums_wrap_or_saturate_after_each_block() -> None:
    x = [127] * 4
    assert dot(x, x, 0, "int8", accumulator=IntegerSum(15)) == 127 * 127 * 4 - 32768
    saturating = IntegerSum(16, overflow="saturate", block=3)
    assert dot(x, [127, 127, 127, 0x81], 0, "int8", accumulator=saturating) == 32767 - 127 * 127
    whole = IntegerSum(16, overflow="saturate")
    assert dot(x, [127, 127, 127, 0x81], 0, "int8", accumulator=whole) == 127 * 127 * 2


# --- Other operand formats, partial normalisation -------------------------------------------------


WIDE = "int8 q1.7 uint4 posit8 takum8 e8m0 Binary8p3se e4m3fnuz e5m2 hifloat8 dint4".split()


@pytest.mark.parametrize("fmt", WIDE)
def test_wide_aligned_sums_of_any_format_are_exact_sums(fmt: str) -> None:
    entry = nf.get(fmt)
    rng = np.random.default_rng(11)
    wide = Aligned(output="binary64", block=4, fraction_bits=50, rounding="nearest_even")
    once = Exact(output="binary64", block=4)
    known = [x for x in range(1 << entry.bits) if x not in entry.unused_codes()]
    found = {x: exact.decode(x, fmt) for x in known}
    # Products of numbers from 2**-6 to 2**6 and their sums fit the adder.
    fitting = [
        x for x, d in found.items() if d.finite and (F(1, 64) <= d.magnitude <= 64 or d.value == 0)
    ]
    assert len(fitting) > 10
    for _ in range(60):
        a, b = ([fitting[i] for i in rng.integers(0, len(fitting), 6)] for _ in range(2))
        c = exact.encode(int(rng.integers(-9, 9)), "binary64")[0]
        assert dot(a, b, c, fmt, accumulator=wide) == dot(a, b, c, fmt, accumulator=once)


def test_values_that_are_no_binary_fractions_are_cut_like_others() -> None:
    fmt = nf.get("apot5_2")
    third = next(code for code, v in fmt.readings().items() if v.denominator % 2 and v > 0 < v < 1)
    value = fmt.readings()[third]
    rule = Aligned(output="binary32", block=2, fraction_bits=8)
    (step,) = dot_steps([third], [third], None, "apot5_2", accumulator=rule)
    exponent = 2 * exact.rounding.floor_log2(value)
    assert (step.exponent, step.terms[0].value) == (exponent, value * value)
    unit_of_cut = two(exponent - 8)
    assert step.cut == (value * value // unit_of_cut * unit_of_cut,)


def test_a_partly_normalised_sum_is_cut_where_its_shifts_leave_it() -> None:
    rule = PartiallyNormalized(output="binary32", width=8, shifts=(0,))
    # The product 1 enters at exponent 0 + 1, as 64 * 2**-6; c enters as 128 * 2**-7.
    assert sums([1, two(-7)], [1, 1], None, "bfloat16", rule) == 1
    assert sums([1, two(-6)], [1, 1], None, "bfloat16", rule) == 1 + two(-6)
    shifting = changed(rule, shifts=(0, 1))
    assert sums([1, two(-7)], [1, 1], None, "bfloat16", shifting) == 1 + two(-7)
    assert sums([two(-7)], [1], 1, "bfloat16", rule) == 1 + two(-7)
    assert sums([F(255, 128)] * 2, [F(255, 128)] * 2, None, "bfloat16", rule) == F(254, 32)
    assert sums([1, -1, two(-40)], [1, 1, 1], None, "bfloat16", rule) == two(-40)
    x = codes([two(127)], "bfloat16")
    assert dot(x, x, None, "bfloat16", accumulator=rule) == 0x7F800000
    assert dot([0x7FC0], x, None, "bfloat16", accumulator=rule) == 0x7FC00000


# --- Plans ----------------------------------------------------------------------------------------


def test_plans_place_c_and_round_between_runs() -> None:
    f16 = Sequential(output="binary16")
    h = two(-11)
    a, ones = [h, h, h, h], [1] * 4
    assert sums(a, ones, 1, "binary16", f16, plan=Chain()) == 1
    assert sums(a, ones, 1, "binary16", f16, plan=Promotion(every=2)) == 1 + 2 * two(-10)
    assert sums(a, ones, 1, "binary16", f16, plan=SplitK(splits=2, tile=2)) == 1 + 2 * two(-10)
    first = SplitK(splits=2, tile=2, c="first")
    assert sums(a, ones, 1, "binary16", f16, plan=first) == 1 + two(-10)
    wide = Promotion(every=1, output="binary32")
    out = nf.get("binary32")
    assert sums(a, ones, 1, "binary16", f16, plan=wide, out=out) == 1 + 4 * h
    down = Promotion(every=2, rounding="toward_positive")
    assert sums([two(-20), 0, two(-20), 0], ones, 1, "binary16", f16, plan=down) == 1 + 2 * two(-10)
    assert dot([], [], 0x8000, "binary16", accumulator=f16, plan=first) == 0x8000
    nested = Lanes(count=2, within=Promotion(every=1))
    assert sums(a, ones, 1, "binary16", f16, plan=nested) == 1 + 2 * two(-10)


@pytest.mark.parametrize("k", range(14))
def test_plans_deal_as_their_text_says(k: int) -> None:
    every = list(range(k))

    def dealt(owner: Any, count: int) -> list[list[int]]:
        runs = [[i for i in every if owner(i) == n] for n in range(count)]
        return [run for run in runs if run]

    tiles = -(-k // 3)
    each = max(-(-tiles // 2), 1)
    part = max(-(-k // 4), 1)
    for plan, runs in (
        (Chain(), [every] if k else []),
        (Promotion(every=4), dealt(lambda i: i // 4, 4)),
        (SplitK(splits=2, tile=3), dealt(lambda i: i // 3 // each, 2)),
        (SplitK(splits=2, tile=3, deal="round_robin"), dealt(lambda i: i // 3 % 2, 2)),
        (Lanes(count=4), dealt(lambda i: i % 4, 4)),
        (Lanes(count=4, deal="contiguous"), dealt(lambda i: i // part, 4)),
        (
            Reordered(order=(2, 0, 1)),
            [[i + j for i in range(0, k, 3) for j in (2, 0, 1) if i + j < k]] if k else [],
        ),
    ):
        assert [run.tolist() for run in plan.runs(k)] == runs


def test_pairwise_combination_starts_from_the_last_run() -> None:
    f16 = Sequential(output="binary16")
    h, ones = two(-11), [1] * 4
    plan = Lanes(count=4, combine="pairwise", deal="contiguous")
    # n = 4, h = 2: slot_0 = r_0 + r_2, slot_1 = r_1; ((r_3 + slot_0) + slot_1).
    assert sums([h, 0, h, 1], ones, None, "binary16", f16, plan=plan) == 1 + two(-10)
    assert sums([h, h, 0, 1], ones, None, "binary16", f16, plan=plan) == 1
    assert sums([5], [1], None, "binary16", f16, plan=plan) == 5


def test_a_reordered_chain_takes_products_in_that_order() -> None:
    f16 = Sequential(output="binary16")
    h = two(-11)
    assert sums([1, h, h], [1] * 3, None, "binary16", f16) == 1
    reversed_order = Reordered(order=(1, 2, 0))
    assert sums([1, h, h], [1] * 3, None, "binary16", f16, plan=reversed_order) == 1 + two(-10)


# --- Traces ---------------------------------------------------------------------------------------


def test_steps_say_what_each_block_did() -> None:
    rule = Aligned(output="binary32", block=2, fraction_bits=4)
    x = codes([1, F(1, 16) + F(1, 32), 4], "e4m3")
    steps = dot_steps(x, codes([1, 1, 4], "e4m3"), None, "e4m3", accumulator=rule)
    assert [step.exponent for step in steps] == [0, 4]
    assert steps[0].cut == (1, F(1, 16))
    assert steps[0].total == steps[0].joined == F(17, 16)
    # e4m3: 3 trailing digits in each factor; binary32: 23.
    assert steps[0].terms[1] == (0, 12 * 8, -4, 6, False)
    assert steps[1].terms[1] == (0, 17 << 19, 0, 23, False)
    assert steps[1].cut == (16, 1)
    assert steps[-1].code == dot(x, codes([1, 1, 4], "e4m3"), None, "e4m3", accumulator=rule)
    with pytest.raises(nf.FormatError, match="no aligned steps"):
        dot_steps(x, x, None, "e4m3", accumulator=Exact())


def test_calls_that_mean_nothing_are_refused() -> None:
    for options, text in (
        ({}, "accumulator= or unit="),
        ({"accumulator": AMPERE, "formats": None}, "formats="),
        ({"accumulator": AMPERE, "scales": ([1], [1])}, "block scales"),
    ):
        given: dict[str, Any] = {"formats": "e4m3"} | options
        with pytest.raises(nf.FormatError, match=text):
            dot([1], [1], None, **given)


# --- Outputs of real units ------------------------------------------------------------------------

NVIDIA = {
    "v100_fp16": ("binary16", {"block": 4, "fraction_bits": 23}),
    "a100_bf16": ("bfloat16", {"block": 8, "fraction_bits": 24, "floor": -132}),
    "ada_e4m3": ("e4m3", {"block": 16, "fraction_bits": 13, "keep": 13, "floor": -132}),
    "h100_fp16": ("binary16", {"block": 16, "fraction_bits": 25, "floor": -133}),
}


def recording(folder: Path, name: str) -> Any:
    """Return a file of recorded outputs, or skip."""
    path = folder / "hardware" / f"hw_{name}.npz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return np.load(path)


@pytest.mark.parametrize("name", list(NVIDIA))
def test_outputs_of_tensor_cores(name: str, data_folder: Path) -> None:
    data = recording(data_folder, f"nv_{name}")
    assert json.loads(bytes(data["meta"]))["K"] == data["A"].shape[1]
    fmt, fields = NVIDIA[name]
    rule = Aligned(output="binary32", **fields)
    half = changed(rule, output="binary16", rounding="nearest_even", keep=None, floor=None)
    for row in range(0, 1500, 5):
        a, b = data["A"][row].tolist(), data["B"][row].tolist()
        c, expected = int(data["C32"][row]), int(data["D32"][row])
        assert dot(a, b, c, fmt, accumulator=rule) == expected, row
        if "D16" in data:
            c, expected = int(data["C16"][row]), int(data["D16"][row])
            assert dot(a, b, c, fmt, accumulator=half) == expected, row


@pytest.mark.parametrize("category", ["norm", "wide", "small", "special"])
def test_outputs_of_vdpbf16ps(category: str, data_folder: Path) -> None:
    data = recording(data_folder, "intel_vdpbf16ps")
    rule = Sequential(
        output="binary32", dialect=DIALECTS["x86"], flush_inputs=True, flush_results=True
    )
    for row in range(0, 2000, 8):
        a, b = data[f"{category}_A"][row].tolist(), data[f"{category}_B"][row].tolist()
        c, expected = int(data[f"{category}_C"][row]), int(data[f"{category}_D"][row])
        plan = Reordered(order=(1, 0))
        assert dot(a, b, c, "bfloat16", accumulator=rule, plan=plan) == expected, row


def test_outputs_of_vpdpbusd(data_folder: Path) -> None:
    data = recording(data_folder, "intel_vpdpbusd")
    for row in range(0, 1600, 5):
        a, b, c = data["A"][row].tolist(), data["B"][row].tolist(), int(data["C"][row])
        for overflow, field in (("wrap", "D_wrap"), ("saturate", "D_sat")):
            found = dot(a, b, c, ("uint8", "int8"), accumulator=IntegerSum(overflow=overflow))
            assert found == int(data[field][row]), (row, overflow)

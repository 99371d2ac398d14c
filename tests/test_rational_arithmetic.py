"""Arithmetic in exact numbers against the witness: codebooks, logarithms, roots and remainders."""

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.arithmetic import powers
from numfmt.arithmetic.calls import settings_of
from numfmt.arithmetic.log_arithmetic import fast
from numfmt.arithmetic.rationals import compute
from numfmt.digits import fields_of_codes
from numfmt.exact import Draw
from numfmt.families.base import ScalarFormat
from numfmt.params import ALARM, Kind

BITS = 6
OPERANDS = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "fma": 3, "faa": 3, "sqrt": 1, "rsqrt": 1, "recip": 1,
    "hypot": 2, "remainder": 2, "round_to_int": 1, "scale_b": 1,
}  # fmt: skip
LNS = {
    name: nf.LnsFormat(name=name, bits=bits, fraction_bits=digits)
    for name, bits, digits in (("lns3", 3, 0), ("lns5", 5, 2), ("lns6", 6, 1), ("lns12", 12, 2))
}
TAKUM = nf.LogTakumFormat(name="takum6_log", bits=6)
DYADIC = ("e4m3", "binary16", "posit8", "int8", "Binary8p3se", "takum16")
SMALL = ("nf4", "fp4_bnb", "flint4", "pot4_logarithmic", "apot5_2", "abq_w2star", "ulinear4")


def fmt_of(name: str) -> ScalarFormat:
    fmt = LNS.get(name) or (TAKUM if name == TAKUM.name else nf.get(name))
    assert isinstance(fmt, ScalarFormat)
    return fmt


POOL = [
    *(
        fmt_of(name)
        for name in (*DYADIC, *SMALL, "static_tree8", "mantissa8", "hifloat8", "binary")
    ),
    *(fmt_of(name) for name in ("binary64", "uint8", "e8m0", "e2m1", "lns16_10", "takum12_log")),
    *LNS.values(),
    TAKUM,
]


def rows_of(formats: tuple[ScalarFormat, ...], count: int, seed: int) -> list[tuple[int, ...]]:
    """Return operands, all of them where they are few, without NaNs and codes of nothing."""
    rng = random.Random(seed)
    if sum(fmt.bits for fmt in formats) <= 10:
        rows = list(itertools.product(*(range(1 << fmt.bits) for fmt in formats)))
    else:
        rows = [tuple(rng.randrange(1 << fmt.bits) for fmt in formats) for _ in range(count)]
    kept = []
    for row in rows:
        kinds = [
            fields_of_codes(np.array([code], fmt.code_dtype), fmt)[0][0]
            for code, fmt in zip(row, formats, strict=True)
            if code not in fmt.unused_codes()
        ]
        if len(kinds) == len(row) and int(Kind.NAN) not in kinds:
            kept.append(row)
    return kept


def check(
    op: str, formats: tuple[ScalarFormat, ...], result: ScalarFormat, count: int, **options: Any
) -> None:
    """Hold codes, flags and refusals to the witness."""
    rng = random.Random(count)
    rows = rows_of(formats, count, count)
    if not rows:
        return
    settings = settings_of(result, bits=BITS, **options)
    exponents = [rng.choice((0, 1, -1, 3, -7, 200, -(10**4))) for _ in rows]
    draws = [rng.randrange(1 << BITS) for _ in rows] if settings.stochastic else None
    n = exponents if op == "scale_b" else None
    codes, flags = compute(
        op, tuple(map(list, zip(*rows, strict=True))), formats, settings, draws, n
    )
    for i, row in enumerate(rows):
        extra = {} if draws is None else {"draw": Draw(draws[i], BITS)}
        numbers = row if n is None else (*row, n[i])
        given = formats if len(formats) > 1 else formats[0]
        note = (op, [fmt.name for fmt in formats], result.name, options, numbers)
        try:
            code, raised = getattr(exact, op)(*numbers, given, result=result, **options, **extra)
        except nf.FormatError:
            assert flags[i] & ALARM, note
            continue
        assert not flags[i] & ALARM, note
        assert codes[i] == code, note
        assert not result.has_flags or flags[i] == raised, note


@pytest.mark.parametrize("name", DYADIC)
@pytest.mark.parametrize("op", ["sqrt", "rsqrt", "hypot", "remainder"])
def test_roots_and_remainders_of_dyadic_formats(op: str, name: str) -> None:
    fmt = fmt_of(name)
    for options in ({}, {"rounding": "toward_negative"}, {"rounding": "stochastic_c"}):
        check(op, (fmt,) * OPERANDS[op], fmt, 250, **options)


@pytest.mark.parametrize("name", [*SMALL, *LNS, TAKUM.name])
@pytest.mark.parametrize("op", OPERANDS)
def test_all_operands_of_small_sets(op: str, name: str) -> None:
    fmt = fmt_of(name)
    check(op, (fmt,) * OPERANDS[op], fmt, 200)


@pytest.mark.parametrize("seed", range(110))
def test_mixed_formats_and_options(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(6):
        op = rng.choice(list(OPERANDS))
        formats = tuple(rng.choice(POOL) for _ in range(OPERANDS[op]))
        options: dict[str, Any] = {"rounding": rng.choice(list(nf.Rounding))}
        if rng.random() < 0.5:
            options["overflow"] = rng.choice(list(nf.Overflow))
        if rng.random() < 0.5:
            options["dialect"] = rng.choice(("ieee", "x86", "arm", "p3109", "ocp_sat"))
        if rng.random() < 0.2:
            options["flush_inputs"] = True
        result = rng.choice(POOL)
        jam = op == "round_to_int" and options["rounding"] is nf.Rounding.JAM
        if jam or options.get("overflow") is nf.Overflow.WRAP:
            continue  # jam of an integer is open; wrapped powers have a test of their own
        try:
            settings_of(result, **options)
        except nf.FormatError:
            continue
        check(op, formats, result, 10, **options)


def test_logarithms_of_a_wide_range_are_decided() -> None:
    wide = nf.LnsFormat(name="wide", bits=20, fraction_bits=3)  # 2**-16384 to 2**16384
    for op in ("add", "faa", "fma", "hypot"):
        check(op, (wide,) * OPERANDS[op], wide, 20)
        check(op, (wide,) * OPERANDS[op], fmt_of("binary64"), 20)


def test_a_huge_power_wraps_exactly() -> None:
    fmt, settings = LNS["lns12"], settings_of(fmt_of("uint8"), overflow="wrap", rounding="RTZ")
    code = fmt.code_of_ordinal(1024 - 526)  # 2**-131.5
    codes, _ = compute("recip", ([code],), (fmt,), settings)
    assert codes == [math.isqrt(1 << 263) & 255]
    code = fmt.code_of_ordinal(1024 + 2)  # 2**0.5
    codes, _ = compute("scale_b", ([code],), (fmt,), settings, None, [2000])
    assert codes == [math.isqrt(1 << 4001) & 255]
    with pytest.raises(nf.FormatError, match="too far out to wrap"):
        compute("scale_b", ([code],), (fmt,), settings, None, [10**9])


def test_equal_powers_cancel_and_roots_meet() -> None:
    fmt = LNS["lns5"]
    root_of_two = fmt.code_of_ordinal(8 + 2)
    settings = settings_of(fmt_of("binary32"))
    twice = (fmt,) * 2
    assert compute("sub", ([root_of_two],) * 2, twice, settings) == ([0], [0])
    assert compute("mul", ([root_of_two],) * 2, twice, settings) == ([0x40000000], [0])
    assert compute("hypot", ([root_of_two],) * 2, twice, settings) == ([0x40000000], [0])
    assert compute("remainder", ([root_of_two],) * 2, twice, settings) == ([0], [0])


def test_what_no_digits_decide_is_refused() -> None:
    fine = powers.power(1, 1, "2")
    with pytest.raises(nf.FormatError, match="do not decide"):
        for _ in powers.attempts(fine):
            pass


def test_a_code_missing_on_both_sides_is_not_the_result() -> None:
    """An enclosure of -0.0152 around all values has no code at either end."""
    formats = (fmt_of("takum8_log"), fmt_of("posit8"))
    settings = settings_of(fmt_of("mantissa8"), rounding="toward_positive", overflow="raise")
    assert compute("remainder", ([129], [34]), formats, settings) == ([146], [0])


@pytest.mark.parametrize("names", [(*LNS, "lns16_10", "lns32_23"), (TAKUM.name, "takum16_log")])
@pytest.mark.parametrize("op", ["mul", "div", "recip", "sqrt", "rsqrt", "scale_b"])
def test_whole_arrays_of_logarithms(op: str, names: tuple[str, ...]) -> None:
    rng, choose = np.random.default_rng(len(names)), random.Random(op)
    modes = [mode for mode in nf.Rounding if not mode.stochastic]
    for mode in modes:
        formats = tuple(fmt_of(choose.choice(names)) for _ in range(OPERANDS[op]))
        settings = settings_of(
            fmt_of(choose.choice(names)), rounding=mode, dialect=choose.choice(("ieee", "p3109"))
        )
        operands = tuple(rng.integers(0, 1 << f.bits, 300).astype(f.code_dtype) for f in formats)
        n = rng.integers(-30, 30, 300) if op == "scale_b" else None
        found = fast(op, operands, formats, settings, n)
        if op == "scale_b" and names[0] == TAKUM.name:
            assert found is None  # 2**n is no power of sqrt(e)
            continue
        assert found is not None
        lists = tuple(x.tolist() for x in operands)
        slow = compute(op, lists, formats, settings, None, None if n is None else n.tolist())
        number = np.ones(300, np.bool_)
        for x, f in zip(operands, formats, strict=True):
            number &= x != f.nan_code(0)
        np.testing.assert_array_equal(found[0][number], np.array(slow[0], np.uint64)[number])
        np.testing.assert_array_equal(found[1], slow[1])


def test_other_operations_have_no_fast_way() -> None:
    zeros = np.zeros(3, np.uint8)
    lns, takum = fmt_of("lns8_3"), fmt_of("takum8_log")
    assert fast("add", (zeros, zeros), (lns, lns), settings_of(lns)) is None
    assert fast("mul", (zeros, zeros), (lns, takum), settings_of(lns)) is None
    assert fast("mul", (zeros, zeros), (lns, lns), settings_of(fmt_of("e4m3"))) is None

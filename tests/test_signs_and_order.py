"""Signs, neighbours, extrema, comparisons and integers: against the witness, NumPy and rows."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numfmt as nf
from numfmt import exact
from numfmt.arithmetic import comparisons, extrema, integer_conversions, signs
from numfmt.arithmetic.nans import delivered, is_nan, is_signalling
from numfmt.dialects import DIALECTS
from numfmt.families.base import ScalarFormat
from numfmt.params import Class

to_int, from_int = integer_conversions.to_int, integer_conversions.from_int

FLOATS = [
    nf.FloatFormat(name="ieee", bits=5, precision=3, emin=-1),
    nf.FloatFormat(name="ieee_long", bits=6, precision=2, emin=-4),
    nf.FloatFormat(name="ieee_one_digit", bits=4, precision=1, emin=-2),
    nf.FloatFormat(name="gap", bits=5, precision=3, emin=-1, subnormals=False),
    nf.FloatFormat(name="fn", bits=5, precision=3, emin=0, style="fn"),
    nf.FloatFormat(name="fn_unsigned", bits=4, precision=2, emin=-1, style="fn", signed=False),
    nf.FloatFormat(name="finite", bits=4, precision=2, emin=-1, style="finite"),
    nf.FloatFormat(name="fnuz", bits=5, precision=3, emin=-2, style="fnuz"),
    nf.FloatFormat(name="fnuz_gap", bits=5, precision=3, emin=-1, style="fnuz", subnormals=False),
    *(
        nf.FloatFormat(
            name=f"{style}_{signed}", bits=4, precision=2, emin=-1, style=style, signed=signed
        )
        for style in ("p3109_extended", "p3109_finite")
        for signed in (True, False)
    ),
    nf.FloatFormat(
        name="scale", bits=4, precision=1, emin=-7, style="fn", signed=False, subnormals=False,
        zero=False,
    ),
]  # fmt: skip
FIXED = [
    nf.FixedFormat(name=encoding.value, bits=4, fraction_bits=digits, encoding=encoding)
    for encoding, digits in zip(nf.Encoding, (0, 1, 0, 2), strict=True)
]
OTHERS = [
    nf.PositFormat(name="posit", bits=5, es=1),
    nf.TakumFormat(name="takum", bits=6),
    nf.LnsFormat(name="lns", bits=5, fraction_bits=2),
    nf.LogTakumFormat(name="takum_log", bits=6),
    nf.CodebookFormat(
        name="thirds", bits=3, values=(-1, Fraction(-1, 3), 0, Fraction(1, 3), 1, 2), nan=7,
        codes=(3, 0, 1, 2, 5, 4), negative_zero=6,
    ),
    nf.CodebookFormat(
        name="endless", bits=3, values=(-2, Fraction(1, 7), Fraction(1, 3), 3), infinities=(4, 5)
    ),
    nf.CodebookFormat(
        name="read_only", bits=3, values=(0.5, 1, 1.5), read_only=((6, Fraction(5, 4)), (7, 9))
    ),
    nf.CodebookFormat(name="lost_minus", bits=2, values=(-1, 0, 1), negative_zero=3,
                      keeps_minus_zero=False),
]  # fmt: skip
SMALL = [*FLOATS, *FIXED, *OTHERS]
WIDE = [
    *(
        "binary16 bfloat16 binary32 binary64 e4m3 e5m2 float8_e4m3fnuz e8m0 Binary8p3se posit16 "
        "posit64 takum32 takum64 takum16_log takum32_log int32 int64 uint64 q2.14 nf4"
    ).split(),
    nf.FloatFormat(name="wide", bits=64, precision=60, emin=-6),
    nf.FloatFormat(name="wide_fnuz", bits=62, precision=50, emin=-2000, style="fnuz"),
    nf.LnsFormat(name="lns20", bits=20, fraction_bits=10),
]
EXTREMA = [
    f"{which}{how}"
    for which in ("minimum", "maximum")
    for how in ("", "_number", "_magnitude", "_magnitude_number", "_finite")
]
RELATIONS = "equal not_equal less less_equal greater greater_equal unordered".split()
UNARY = ("neg", "abs", "next_up", "next_down")
CALLS: list[dict[str, Any]] = [
    {},
    {"dialect": "x86", "flush_inputs": True, "rounding": "toward_negative"},
    {"dialect": dataclasses.replace(DIALECTS["arm"], name="plus", zero_sign="plus"), "nan": 1},
]


def ids(fmt: ScalarFormat) -> str:
    return fmt.name


def every_code(fmt: ScalarFormat) -> np.ndarray:
    unused = fmt.unused_codes()
    return np.array([c for c in range(1 << fmt.bits) if c not in unused], fmt.code_dtype)


def some_codes(fmt: ScalarFormat, size: int, rng: np.random.Generator) -> np.ndarray:
    if fmt.bits <= 16:
        return rng.choice(every_code(fmt), size)
    top = 1 << (fmt.bits - 1)
    ends = [0, 1, top - 1, top, top + 1, 2 * top - 1]
    for negative in (0, 1):
        for code in (fmt.nan_code(negative), fmt.infinity_code(negative)):
            ends += [] if code is None else [(code + d) % (2 * top) for d in (-1, 0, 1)]
    words = rng.integers(0, 1 << 64, size, np.uint64) >> rng.integers(0, 63, size, np.uint64)
    codes = words & np.uint64(2 * top - 1)
    return np.where(rng.random(size) < 0.5, rng.choice(np.array(ends, np.uint64), size), codes)


def check(
    name: str,
    operands: Sequence[np.ndarray],
    formats: Sequence[ScalarFormat],
    result: ScalarFormat,
    **options: Any,
) -> None:
    """Compare codes and flags with the witness; where it refuses, so must the operation."""
    operation = getattr(signs if hasattr(signs, name) else extrema, name)
    fmt: Any = formats if len(formats) > 1 else formats[0]
    expected, kept = [], []
    for index, codes in enumerate(zip(*operands, strict=True)):
        try:
            made = getattr(exact, name)(*map(int, codes), fmt, result=result, **options)
        except nf.FormatError:
            if len(expected) + 3 > index:  # some of them
                with pytest.raises(nf.FormatError):
                    operation(*codes, fmt, result=result, **options)
            continue
        expected.append(made)
        kept.append(index)
    if not kept:
        return
    operands = [codes[kept] for codes in operands]
    flags = result.has_flags
    got = operation(*operands, fmt, result=result, return_flags=flags, **options)
    codes = got[0] if flags else got
    for index, (code, raised) in enumerate(expected):
        shown = (name, [hex(int(codes[index])) for codes in operands], [f.name for f in formats])
        assert int(codes[index]) == code, (*shown, result.name, options, hex(code))
        if flags:
            assert int(got[1][index]) == raised, (*shown, result.name, options, raised)


@pytest.mark.parametrize("options", CALLS, ids=["plain", "flushing", "plus"])
@pytest.mark.parametrize("fmt", SMALL, ids=ids)
def test_every_code_has_the_sign_and_the_neighbours_of_the_witness(
    fmt: ScalarFormat, options: dict[str, Any]
) -> None:
    for name in UNARY:
        check(name, [every_code(fmt)], [fmt], fmt, **options)
        if options:
            check(name, [every_code(fmt)], [fmt], FLOATS[0], **options)


def pairs_of(one: ScalarFormat, other: ScalarFormat) -> list[np.ndarray]:
    a, b = np.meshgrid(every_code(one), every_code(other))
    return [a.reshape(-1), b.reshape(-1)]


@pytest.mark.parametrize("fmt", [f for f in SMALL if f.bits <= 4 or f.name == "gap"], ids=ids)
def test_every_pair_has_the_extremum_of_the_witness(fmt: ScalarFormat) -> None:
    for name in (*EXTREMA, "copy_sign"):
        check(name, pairs_of(fmt, fmt), [fmt, fmt], fmt)


@pytest.mark.parametrize("fmt", SMALL, ids=ids)
def test_every_pair_compares_as_the_witness_says(fmt: ScalarFormat) -> None:
    check_order(pairs_of(fmt, fmt), [fmt, fmt], ("less", "equal"))


def check_order(
    pair: Sequence[np.ndarray],
    formats: Sequence[ScalarFormat],
    names: Sequence[str],
    **options: Any,
) -> None:
    for name in names:
        found, flags = getattr(comparisons, name)(*pair, formats, return_flags=True, **options)
        for index, (a, b) in enumerate(zip(*(codes.tolist() for codes in pair), strict=True)):
            expected = getattr(exact, name)(a, b, formats, **options)
            shown = (name, [f.name for f in formats], hex(a), hex(b))
            assert (bool(found[index]), int(flags[index])) == expected, shown
    nans = [is_nan(codes, f) for codes, f in zip(pair, formats, strict=True)]
    found = comparisons.total_order(*pair, formats)
    for index, (a, b) in enumerate(zip(*(codes.tolist() for codes in pair), strict=True)):
        if formats[0] == formats[1] or not (nans[0][index] and nans[1][index]):
            expected = exact.total_order(a, b, formats)
            assert bool(found[index]) == expected, ([f.name for f in formats], hex(a), hex(b))


@pytest.mark.parametrize("fmt", [*SMALL, *map(nf.get, WIDE)], ids=ids)
def test_classes_are_the_witnesses(fmt: ScalarFormat) -> None:
    codes = some_codes(fmt, 64, np.random.default_rng(5)) if fmt.bits > 8 else every_code(fmt)
    found = comparisons.class_of(codes, fmt).tolist()
    assert found == [exact.class_of(code, fmt) for code in codes.tolist()]


@pytest.mark.parametrize("pool", [SMALL, [*map(nf.get, WIDE)]], ids=["small", "wide"])
@pytest.mark.parametrize("name", [*UNARY, *EXTREMA, "copy_sign", "clamp"])
def test_mixed_formats_are_rounded_once_as_by_the_witness(
    name: str, pool: list[ScalarFormat]
) -> None:
    rng = np.random.default_rng(len(name))
    count = 1 if name in UNARY else 3 if name == "clamp" else 2
    dialects = [None, *DIALECTS.values()]
    for _ in range(24):
        *formats, result = (pool[i] for i in rng.integers(0, len(pool), count + 1))
        options = {
            "rounding": str(rng.choice(["nearest_even", "toward_zero", "toward_positive"])),
            "flush_inputs": bool(rng.integers(2)),
            "flush_results": bool(rng.integers(2)),
            "dialect": dialects[rng.integers(len(dialects) - 4)],
            "nan": None if rng.integers(2) else 1,
        }
        check(name, [some_codes(f, 16, rng) for f in formats], formats, result, **options)


@pytest.mark.parametrize("pool", [SMALL, [*map(nf.get, WIDE)]], ids=["small", "wide"])
def test_mixed_formats_compare_exactly(pool: list[ScalarFormat]) -> None:
    rng = np.random.default_rng(11)
    for _ in range(120):
        formats = [pool[i] for i in rng.integers(0, len(pool), 2)]
        pair = [some_codes(f, 16, rng) for f in formats]
        names = [str(name) for name in rng.choice(RELATIONS, 2)]
        check_order(pair, formats, names, signalling=bool(rng.integers(2)))


@pytest.mark.parametrize("name", ["takum16_log", "takum32_log"])
def test_values_that_agree_in_64_digits_are_told_apart(name: str) -> None:
    log = nf.get(name)
    for step in (1, 77, 1000):
        code = (1 << (log.bits - 2)) + step
        low, high = log.bounds(code, 200)
        near = nf.CodebookFormat(name="near", bits=2, values=(-high, -low, low, high))
        assert comparisons.less(2, code, [near, log])
        assert comparisons.greater(3, code, [near, log])
        minus = (1 << log.bits) - code
        assert comparisons.greater(minus, 0, [log, near])
        assert comparisons.less(minus, 1, [log, near])
        assert extrema.minimum_magnitude(minus, 1, [log, near], result=near) == 1
    assert comparisons.equal(1 << (log.bits - 2), 0x3C00, [log, "binary16"])


def as_float16(codes: np.ndarray) -> np.ndarray:
    return codes.view(np.float16)


HALVES = np.arange(1 << 16, dtype=np.uint16)


def test_neighbours_of_binary16_are_numpys() -> None:
    numbers = HALVES[~np.isnan(as_float16(HALVES))]
    for operation, end in ((signs.next_up, np.inf), (signs.next_down, -np.inf)):
        with np.errstate(over="ignore"):
            theirs = np.nextafter(as_float16(numbers), np.float16(end)).view(np.uint16)
        ours = operation(numbers, "binary16")
        zero = (ours & 0x7FFF == 0) & (theirs & 0x7FFF == 0)  # NumPy's has the sign of x as well
        assert ((ours == theirs) | zero).all()
        assert (ours[zero] & 0x8000 == numbers[zero] & 0x8000).all()


@pytest.mark.parametrize(("name", "word"), [("binary32", "u4"), ("binary64", "u8")])
def test_signs_and_neighbours_of_wide_floats_are_numpys(name: str, word: str) -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(0, 1 << (8 * int(word[1])), 4000, np.uint64).astype(word)
    b = rng.permutation(a)
    x, y = a.view(f"f{word[1]}"), b.view(f"f{word[1]}")
    assert (signs.neg(a, name) == (-x).view(word)).all()
    assert (signs.abs(a, name) == np.abs(x).view(word)).all()
    assert (signs.copy_sign(a, b, name) == np.copysign(x, y).view(word)).all()
    number = ~np.isnan(x)
    for operation, end in ((signs.next_up, np.inf), (signs.next_down, -np.inf)):
        with np.errstate(all="ignore"):
            theirs = np.nextafter(x[number], x.dtype.type(end)).view(word)
        assert (operation(a[number], name) == theirs).all()


RELATIONS_OF_NUMPY: dict[str, Callable[..., Any]] = {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}


@pytest.mark.parametrize("name", RELATIONS_OF_NUMPY)
def test_relations_are_numpys(name: str) -> None:
    rng = np.random.default_rng(4)
    for step in (0, 1, 0x8000, int(rng.integers(1 << 16))):
        other = HALVES ^ np.uint16(step)
        with np.errstate(invalid="ignore"):
            theirs = RELATIONS_OF_NUMPY[name](as_float16(HALVES), as_float16(other))
        assert (getattr(comparisons, name)(HALVES, other, "binary16") == theirs).all()
    small = np.arange(256, dtype=np.uint8)
    a, b = (grid.reshape(-1) for grid in np.meshgrid(small, small))
    for fmt, kind in (
        ("e4m3", ml_dtypes.float8_e4m3fn),
        ("e5m2", ml_dtypes.float8_e5m2),
        ("float8_e4m3fnuz", ml_dtypes.float8_e4m3fnuz),
    ):
        theirs = RELATIONS_OF_NUMPY[name](a.view(kind), b.view(kind))
        assert (getattr(comparisons, name)(a, b, fmt) == theirs).all()


def test_extrema_are_numpys() -> None:
    other = np.random.default_rng(6).permutation(HALVES)
    with np.errstate(invalid="ignore"):
        pairs = {
            "minimum": np.minimum(as_float16(HALVES), as_float16(other)),
            "maximum": np.maximum(as_float16(HALVES), as_float16(other)),
            "minimum_number": np.fmin(as_float16(HALVES), as_float16(other)),
            "maximum_number": np.fmax(as_float16(HALVES), as_float16(other)),
        }
    for name, theirs in pairs.items():
        ours = as_float16(getattr(extrema, name)(HALVES, other, "binary16"))
        assert (ours == theirs)[~np.isnan(theirs)].all(), name  # zeros of either sign
        assert (np.isnan(ours) == np.isnan(theirs)).all(), name


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "bfloat16"])
def test_neighbours_are_those_of_ml_dtypes(name: str) -> None:
    kind, fmt = np.dtype(getattr(ml_dtypes, name)), nf.get(name)
    codes = np.arange(1 << fmt.bits).astype(fmt.code_dtype)
    values = codes.view(kind)
    with np.errstate(all="ignore"):
        numbers = ~np.isnan(values.astype(np.float32))
        top = np.float32(448.0 if name == "float8_e4m3fn" else np.inf)
        theirs = np.nextafter(values, np.array(top).astype(kind)).view(codes.dtype)
        asked = numbers & (values.astype(np.float32) < top)
    ours = signs.next_up(codes, fmt)
    zero = (ours << 1).astype(codes.dtype) == 0
    assert ((ours == theirs) | zero)[asked].all()


# (binary32 code, integer format, RISC-V, x86, Arm): fcvt, cvttss2si, FCVTZS of the manuals. x86 has
# unsigned conversions in AVX-512 only.
INTEGERS = [
    (0x3FC00000, "int32", (1, 1), (1, 1), (1, 1)),  # 1.5
    (0xBFC00000, "int32", (0xFFFFFFFF, 1), (0xFFFFFFFF, 1), (0xFFFFFFFF, 1)),
    (0x4F000000, "int32", (0x7FFFFFFF, 16), (0x80000000, 16), (0x7FFFFFFF, 16)),  # 2**31
    (0xCF000000, "int32", (0x80000000, 0), (0x80000000, 0), (0x80000000, 0)),  # -2**31
    (0xCF000001, "int32", (0x80000000, 16), (0x80000000, 16), (0x80000000, 16)),
    (0x7F800000, "int32", (0x7FFFFFFF, 16), (0x80000000, 16), (0x7FFFFFFF, 16)),
    (0xFF800000, "int32", (0x80000000, 16), (0x80000000, 16), (0x80000000, 16)),
    (0x7FC00000, "int32", (0x7FFFFFFF, 16), (0x80000000, 16), (0, 16)),
    (0xFFC00000, "int32", (0x7FFFFFFF, 16), (0x80000000, 16), (0, 16)),
    (0x7F800001, "int32", (0x7FFFFFFF, 16), (0x80000000, 16), (0, 16)),
    (0xBF800000, "uint32", (0, 16), (0xFFFFFFFF, 16), (0, 16)),  # -1
    (0xBF000000, "uint32", (0, 1), (0, 1), (0, 1)),  # -0.5
    (0x4F800000, "uint32", (0xFFFFFFFF, 16), (0xFFFFFFFF, 16), (0xFFFFFFFF, 16)),  # 2**32
    (0x7FC00000, "uint32", (0xFFFFFFFF, 16), (0xFFFFFFFF, 16), (0, 16)),
    (0x5F000000, "int64", ((1 << 63) - 1, 16), (1 << 63, 16), ((1 << 63) - 1, 16)),  # 2**63
    (0x80000000, "int32", (0, 0), (0, 0), (0, 0)),
]


@pytest.mark.parametrize("row", INTEGERS, ids=[f"{row[0]:08x}-{row[1]}" for row in INTEGERS])
def test_integers_are_those_of_the_processors(row: tuple[Any, ...]) -> None:
    code, integer, *expected = row
    for dialect, (made, raised) in zip(("riscv", "x86", "arm"), expected, strict=True):
        found, flags = to_int(code, "binary32", integer, dialect=dialect, return_flags=True)
        assert (int(found), int(flags)) == (made, raised), dialect


def test_integers_wrap_where_the_dialect_says_so() -> None:
    wrapping = dataclasses.replace(DIALECTS["ieee"], name="wrapping", integers="wrap")
    codes = nf.encode([300.5, -129.0, -1.5, 2.0**70, np.inf, np.nan], "binary32")
    found, flags = to_int(codes, "binary32", "int8", dialect=wrapping, return_flags=True)
    assert found.tolist() == [44, 127, 255, 0, 0, 0]
    assert flags.tolist() == [16, 16, 1, 16, 16, 16]
    power = nf.encode(1e30, "takum32_log")
    whole = int(nf.get("takum32_log").bounds(int(power), 400)[0])
    assert int(to_int(power, "takum32_log", "uint64", dialect=wrapping)) == whole % (1 << 64)
    with pytest.raises(nf.FormatError, match="overflow='wrap'"):
        to_int(codes, "binary32", "int8_narrow", dialect=wrapping)


@pytest.mark.parametrize("rounding", ["toward_zero", "nearest_even", "toward_negative", "to_odd"])
def test_to_int_and_from_int_are_the_witnesses(rounding: str) -> None:
    rng = np.random.default_rng(7)
    integers = [nf.get("int8"), nf.get("uint64"), nf.get("int64"), nf.get("int8_narrow"), FIXED[2]]
    for fmt in [*SMALL, *map(nf.get, WIDE)]:
        integer = integers[rng.integers(len(integers))]
        codes = some_codes(fmt, 16, rng)
        found, flags = to_int(
            codes, fmt, integer, rounding=rounding, return_flags=True, dialect="arm"
        )
        for code, *got in zip(codes.tolist(), found.tolist(), flags.tolist(), strict=True):
            made = exact.to_int(code, fmt, integer, rounding=rounding, dialect="arm")
            assert tuple(got) == made, (fmt.name, hex(code), integer.name)
        if fmt.refusal(nf.Rounding(rounding)) or not fmt.has_zero or not fmt.signed_values:
            continue
        numbers = some_codes(integer, 16, rng)
        for code, got in zip(
            numbers.tolist(),
            from_int(numbers, integer, fmt, rounding=rounding).tolist(),
            strict=True,
        ):
            assert got == exact.from_int(code, integer, fmt, rounding=rounding)[0]


def test_the_total_order_of_binary16_is_the_order_of_its_rows() -> None:
    rows = [0xFFFF, 0xFE01, 0xFE00, 0xFDFF, 0xFC01, 0xFC00, 0xFBFF, 0xBC00, 0x8001, 0x8000]
    rows += [code & 0x7FFF for code in reversed(rows)]  # 754-2019, 5.10
    for (i, a), (j, b) in itertools.product(enumerate(rows), repeat=2):
        assert bool(comparisons.total_order(a, b, "binary16")) == (i <= j), (hex(a), hex(b))


@pytest.mark.parametrize(
    ("fmt", "rows"),
    [
        ("e4m3", [0xFF, 0xFE, 0x81, 0x80, 0x00, 0x01, 0x7E, 0x7F]),
        ("float8_e4m3fnuz", [0x80, 0xFF, 0x81, 0x00, 0x01, 0x7F]),
        ("Binary8p3se", [0x80, 0xFF, 0xFE, 0x81, 0x00, 0x01, 0x7E, 0x7F]),
        ("posit8", [0x80, 0x81, 0xFF, 0x00, 0x01, 0x7F]),
        ("e8m0", [0x00, 0x7F, 0xFE, 0xFF]),
        ("int8", [0x80, 0xFF, 0x00, 0x7F]),
    ],
)
def test_the_total_order_of_other_formats_is_the_order_of_their_rows(
    fmt: str, rows: list[int]
) -> None:
    for (i, a), (j, b) in itertools.product(enumerate(rows), repeat=2):
        assert bool(comparisons.total_order(a, b, fmt)) == (i <= j), (hex(a), hex(b))


def test_the_total_order_sorts_all_codes_of_binary16() -> None:
    keys = np.where(HALVES >> 15, -1 - (HALVES & 0x7FFF).astype(int), HALVES)
    order = HALVES[np.argsort(keys)]
    assert comparisons.total_order(order[:-1], order[1:], "binary16").all()
    assert not comparisons.total_order(order[1:], order[:-1], "binary16").any()


def test_classes_of_binary32_are_the_bits_of_fclass() -> None:
    rows = {
        0xFF800000: 0, 0xFF7FFFFF: 1, 0x80800000: 1, 0x807FFFFF: 2, 0x80000001: 2, 0x80000000: 3,
        0x00000000: 4, 0x00000001: 5, 0x007FFFFF: 5, 0x00800000: 6, 0x7F800000: 7, 0x7F800001: 8,
        0xFFBFFFFF: 8, 0x7FC00000: 9, 0xFFFFFFFF: 9,
    }  # fmt: skip
    assert comparisons.class_of(list(rows), "binary32").tolist() == list(rows.values())
    assert comparisons.class_of(0x80, "posit8") == Class.QUIET_NAN


@pytest.mark.parametrize(
    ("dialect", "result", "expected"),
    [
        ("ieee", "binary16", 0x7E00),
        ("x86", "binary16", 0x7E05),
        ("arm", "binary16", 0xFE03),
        ("x86", "binary32", 0x7FC0A000),
        ("arm", "e5m2", 0xFE),
        ("x86", "e4m3", 0x7F),
        ("cuda", "binary16", 0x7FFF),
    ],
)
def test_the_nan_that_is_delivered_follows_the_dialect(
    dialect: str, result: str, expected: int
) -> None:
    quiet, loud = 0x7E05, 0xFC03
    flags = dialect != "cuda"
    found = extrema.minimum(
        quiet, loud, "binary16", result=result, dialect=dialect, return_flags=flags
    )
    assert (tuple(map(int, found)) if flags else int(found)) == (
        (expected, 16) if flags else expected
    )


def test_the_order_of_operands_counts_for_signalling_nans() -> None:
    half = nf.get("binary16")
    settings = signs.call_with([0], ["a"], half, {"dialect": "arm"}).settings
    operands = [np.array([code], np.uint16) for code in (0xFC01, 0x7C02, 0x7C03)]
    assert delivered(operands, [half] * 3, settings, (2, 0, 1))[0].tolist() == [0x7E03]
    assert delivered(operands, [half] * 3, settings)[0].tolist() == [0xFE01]


@pytest.mark.parametrize("fmt", [*SMALL, nf.get("binary16"), nf.get("takum16_log")], ids=ids)
def test_nan_codes_are_those_without_a_value(fmt: ScalarFormat) -> None:
    codes = every_code(fmt)
    classes = comparisons.class_of(codes, fmt)
    assert (is_nan(codes, fmt) == (classes >= Class.SIGNALLING_NAN)).all()
    assert (is_signalling(codes, fmt) == (classes == Class.SIGNALLING_NAN)).all()


LAWFUL = ["binary16", "e4m3", "float8_e4m3fnuz", "Binary8p3se", "posit16", "int8", "takum16_log"]
some_format = st.sampled_from([*map(nf.get, LAWFUL), *OTHERS[2:5]])


@st.composite
def codes_of_one(draw: st.DrawFn, count: int) -> tuple[Any, ...]:
    fmt = draw(some_format)
    return fmt, *(draw(st.sampled_from(every_code(fmt).tolist())) for _ in range(count))


@given(codes_of_one(2))
def test_extrema_commute(drawn: tuple[Any, ...]) -> None:
    fmt, a, b = drawn
    for name in EXTREMA:
        operation = getattr(extrema, name)
        assert operation(a, b, fmt) == operation(b, a, fmt)


@given(codes_of_one(1))
def test_the_neighbour_above_the_neighbour_below_is_the_number(drawn: tuple[Any, ...]) -> None:
    fmt, a = drawn
    below = signs.next_down(a, fmt)
    if comparisons.less(below, a, fmt):
        assert comparisons.equal(signs.next_up(below, fmt), a, fmt)


@given(codes_of_one(2))
def test_exactly_one_relation_holds(drawn: tuple[Any, ...]) -> None:
    relations = [getattr(comparisons, n) for n in ("less", "equal", "greater", "unordered")]
    fmt, a, b = drawn
    assert sum(bool(relation(a, b, fmt)) for relation in relations) == 1
    assert comparisons.total_order(a, b, fmt) or comparisons.total_order(b, a, fmt)


@given(codes_of_one(3))
def test_clamp_is_the_minimum_of_the_maximum(drawn: tuple[Any, ...]) -> None:
    fmt, x, low, high = drawn
    if comparisons.less_equal(low, high, fmt) and not comparisons.unordered(x, low, fmt):
        inner = extrema.maximum(x, low, fmt)
        assert comparisons.equal(
            extrema.clamp(x, low, high, fmt), extrema.minimum(inner, high, fmt), fmt
        )


def test_the_shape_and_the_output_are_the_callers() -> None:
    a = np.arange(6, dtype=np.uint8).reshape(2, 3)
    out = np.empty((2, 3), np.uint16)
    found = extrema.maximum(a, 3, "e4m3", result="bfloat16", out=out)
    assert found is out
    assert found.tolist() == nf.convert(np.maximum(a, 3), "e4m3", "bfloat16").tolist()
    assert comparisons.less(a, a[:1], "e4m3").shape == (2, 3)
    assert signs.neg(0, "e4m3").shape == ()
    assert extrema.minimum([], [], "e4m3").tolist() == []


def test_random_bits_belong_to_elements_and_not_to_operands() -> None:
    values = np.full(1000, 1.03125)
    a = nf.encode(values, "binary16")
    b = nf.encode(np.where(np.arange(1000) % 2, 2.0, 0.5), "binary32")
    found = extrema.maximum(
        a, b, ["binary16", "binary32"], result="e4m3", rounding="stochastic_a", rng=5
    )
    alone = nf.encode(values, "e4m3", rounding="stochastic_a", rng=5)
    assert (found == np.where(np.arange(1000) % 2, 0x40, alone)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: extrema.minimum(0x7F, 0, "e4m3", result="e2m1"), "0x7f of 'e4m3' is NaN.*nan=0.0"),
        (lambda: extrema.minimum(0, 0, ["e4m3", "e5m2"]), "name the format of the result"),
        (lambda: extrema.clamp([0, 0], [1, 2], [1, 1], "int8"), r"low\[1\] is more than high\[1\]"),
        (lambda: signs.neg(0x7F, "e8m0"), "is negative and 'e8m0' has only positive values"),
        (lambda: to_int(0, "e4m3", "q2.14"), "integer='q2.14'.*such as 'int32'"),
        (lambda: from_int(0, "int8", "e4m3", result="e4m3"), "result='e4m3'"),
        (lambda: comparisons.less(0, 0, "e4m3", dialect="cuda", return_flags=True), "no status"),
        (lambda: extrema.minimum(0, 0, "posit8", return_flags=True), "return_flags"),
        (lambda: signs.next_up(0x7E, "e4m3", result="e2m1"), "has no NaN"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(nf.FormatError, match=message):
        call()


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(TypeError, match=r"'roundin' is not one of .* Did you mean 'rounding'"):
        extrema.minimum(0, 0, "e4m3", roundin="toward_zero")  # type: ignore[call-arg]

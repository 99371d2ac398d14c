"""What IEEE 754 leaves open, as literal rows: NaNs, tininess, flushing, zeros, overflow, errors."""

import dataclasses
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import Flags
from numfmt.dialects import DIALECTS, Dialect

pytestmark = pytest.mark.fast
NX, UF, OF, DZ, NV = (int(flag) for flag in (Flags.NX, Flags.UF, Flags.OF, Flags.DZ, Flags.NV))
MODES = [mode.value for mode in nf.Rounding if not mode.stochastic]


def outcome(op: str, operands: tuple[int, ...], fmt: Any, **options: Any) -> tuple[int, int]:
    """Return the code and flags of one operation."""
    code, flags = getattr(nf, op)(*operands, fmt, return_flags=True, **options)
    return int(code), int(flags)


# Binary16: one, infinity, and NaNs: signalling (1, -0x123) and quiet (0x11, -0x22).
ONE, TWO, INF, M_ONE, M_ZERO, M_INF = 0x3C00, 0x4000, 0x7C00, 0xBC00, 0x8000, 0xFC00
S1, S2, Q1, Q2 = 0x7C01, 0xFD23, 0x7E11, 0xFE22
NAN_ROWS = [
    ("x86", "add", (Q2, Q1), Q2, 0),
    ("x86", "add", (Q1, S2), Q1, NV),  # the first NaN, though the second signals
    ("x86", "add", (S2, Q1), 0xFF23, NV),
    ("x86", "mul", (ONE, S1), 0x7E01, NV),
    ("x86", "sub", (INF, INF), 0xFE00, NV),
    ("x86", "mul", (INF, M_ZERO), 0xFE00, NV),
    ("x86", "div", (0, 0), 0xFE00, NV),
    ("x86", "sqrt", (M_ONE,), 0xFE00, NV),
    ("x86", "fma", (ONE, Q2, Q1), Q2, 0),
    ("x86", "fma", (ONE, ONE, S2), 0xFF23, NV),
    ("x86", "fma", (INF, 0, Q1), Q1, 0),
    ("x86", "fma", (0, M_INF, S1), 0x7E01, NV),
    ("x86", "fma", (INF, 0, ONE), 0xFE00, NV),
    ("arm", "add", (Q2, Q1), Q2, 0),
    ("arm", "add", (Q1, S2), 0xFF23, NV),
    ("arm", "add", (S1, S2), 0x7E01, NV),
    ("arm", "div", (0, 0), 0x7E00, NV),
    ("arm", "fma", (Q1, ONE, Q2), Q2, 0),  # the addend comes first
    ("arm", "fma", (S1, Q1, Q2), 0x7E01, NV),
    ("arm", "fma", (S1, Q1, S2), 0xFF23, NV),
    ("arm", "fma", (INF, 0, Q1), 0x7E00, NV),
    ("arm", "fma", (INF, 0, S2), 0xFF23, NV),
    ("riscv", "add", (Q2, Q1), 0x7E00, 0),
    ("riscv", "sub", (S2, ONE), 0x7E00, NV),
    ("riscv", "fma", (INF, 0, Q1), 0x7E00, NV),
    ("riscv", "sqrt", (M_ONE,), 0x7E00, NV),
    ("ieee", "fma", (0, INF, Q2), 0x7E00, NV),
    ("p3109", "add", (Q2, Q1), 0x7E00, 0),
]


@pytest.mark.parametrize(("dialect", "op", "operands", "code", "flags"), NAN_ROWS)
def test_nan_rows(dialect: str, op: str, operands: tuple[int, ...], code: int, flags: int) -> None:
    assert outcome(op, operands, "binary16", dialect=dialect) == (code, flags)
    columns = [np.full(5000, operand) for operand in operands]
    codes, raised = getattr(nf, op)(*columns, "binary16", dialect=dialect, return_flags=True)
    assert (codes == code).all()
    assert (raised == flags).all()


@pytest.mark.parametrize("formats", [("posit16", "binary16"), ("hifloat8", "binary16")])
def test_the_rules_hold_in_every_engine(formats: tuple[str, str]) -> None:
    nan = nf.get(formats[0]).nan_code(0)
    for dialect, code in (("x86", 0x7E00), ("arm", 0xFF23), ("riscv", 0x7E00)):
        got = outcome("add", (nan, S2), formats, result="binary16", dialect=dialect)
        assert got == (code, NV), dialect


def test_cuda_has_nans_of_all_ones_and_no_flags() -> None:
    for operands in ((Q2, Q1), (S1, ONE), (INF, M_INF)):
        assert nf.add(*operands, "binary16", dialect="cuda") == 0x7FFF
    assert nf.fma(INF, 0, Q1, "binary16", dialect="cuda") == 0x7FFF
    assert nf.div(0, 0, "e5m2", dialect="cuda") == 0x7F
    assert nf.div(0, 0, "binary32", dialect="cuda") == 0x7FFFFFFF
    assert nf.div(0, 0, "e4m3", dialect="cuda") == 0x7F
    with pytest.raises(nf.FormatError, match=r"return_flags: dialect 'cuda' has no status flags"):
        nf.add(0, 0, "binary16", dialect="cuda", return_flags=True)


def test_payloads_stay_on_the_left() -> None:
    x86 = {"dialect": "x86"}
    assert nf.add(0x7FA02000, 0, "binary32", result="binary16", **x86) == 0x7F01
    assert nf.add(0xFE01, 0, "binary16", result="binary32", **x86) == 0xFFC02000
    assert nf.add(0xFF, 0, "e4m3", result="binary16", **x86) == 0xFE00
    assert nf.add(0xFE01, 0, "binary16", result="e4m3", **x86) == 0xFF
    assert nf.add(0xFE01, 0, "binary16", result="posit8", **x86) == 0x80
    assert nf.add(0xFE01, 0, "binary16", result="float8_e4m3fnuz", **x86) == 0x80


def test_nan_replaces_every_nan() -> None:
    for dialect in ("x86", "arm", "riscv", "cuda"):
        for operands in ((S2, ONE), (INF, M_INF), (Q1, Q2)):
            assert nf.add(*operands, "binary16", dialect=dialect, nan=0x1234) == 0x1234
    assert outcome("add", (0x80, 0x01), ["posit8", "int8"], result="int8", nan=7.0) == (7, NV)
    assert outcome("div", (0, 0), "int8", nan=-1.0) == (0xFF, NV)
    assert nf.add(S2, ONE, "binary16", dialect="x86", nan=2.0) == TWO


def test_a_dialect_is_data() -> None:
    mine = dataclasses.replace(DIALECTS["arm"], name="mine", nan_sign=1, default_nan="all_ones")
    assert outcome("div", (0, 0), "binary16", dialect=mine) == (0xFFFF, NV)
    assert outcome("add", (Q1, S2), "binary16", dialect=mine) == (0xFF23, NV)
    free = dataclasses.replace(mine, nan="any")
    assert outcome("add", (Q1, S2), "binary16", dialect=free) == (0xFFFF, NV)
    flushing = dataclasses.replace(DIALECTS["x86"], name="ftz", flush_results=True)
    assert outcome("mul", (0x0400, 0xB800), "binary16", dialect=flushing) == (0x8000, UF | NX)
    kept = outcome("mul", (0x0400, 0xB800), "binary16", dialect=flushing, flush_results=False)
    assert kept == (0x8200, 0)


# Tininess: 0x03ff * (1 + 2**-10) is 2**-14 * (1 - 2**-20), which 11 digits round to 2**-14.


def test_tininess_before_and_after_rounding() -> None:
    for dialect, flags in (("ieee", NX), ("x86", NX), ("riscv", NX), ("arm", NX | UF)):
        assert outcome("mul", (0x03FF, 0x3C01), "binary16", dialect=dialect) == (0x0400, flags)
    other = {"dialect": "arm", "tininess": "after"}
    assert outcome("mul", (0x03FF, 0x3C01), "binary16", **other) == (0x0400, NX)
    other = {"dialect": "x86", "tininess": "before"}
    assert outcome("mul", (0x03FF, 0x3C01), "binary16", **other) == (0x0400, NX | UF)
    # 2**-14 * (1 - 2**-11): 11 digits hold it, so that it is tiny either way.
    assert outcome("mul", (0x0400, 0x3BFF), "binary16") == (0x0400, NX | UF)
    assert outcome("mul", (0x0400, 0x3BFF), "binary16", rounding="toward_zero") == (0x03FF, NX | UF)
    # up to 2**-14 in a directed mode: one ulp of 11 digits below it, and half of one
    up = {"rounding": "toward_positive"}
    assert outcome("fma", (0x0001, 0x3800, 0x03FF), "binary16", **up) == (0x0400, NX | UF)
    assert outcome("fma", (0x0001, 0x3A00, 0x03FF), "binary16", **up) == (0x0400, NX)
    assert outcome("mul", (0x0400, 0x3800), "binary16", dialect="arm") == (0x0200, 0)  # exact


def test_flushing() -> None:
    results = {"flush_results": True}
    assert outcome("mul", (0x0400, 0x3800), "binary16", **results) == (0x0000, UF | NX)
    assert outcome("sub", (0x0400, 0x0401), "binary16", **results) == (0x8000, UF | NX)
    assert outcome("mul", (0x03FF, 0x3C01), "binary16", **results) == (0x0400, NX)
    assert outcome("mul", (0x03FF, 0x3C01), "binary16", tininess="before", **results) == (
        0,
        UF | NX,
    )
    inputs = {"flush_inputs": True}
    assert outcome("add", (0x83FF, 0x8000), "binary16", **inputs) == (0x8000, 0)
    assert outcome("add", (0x83FF, 0x0001), "binary16", **inputs) == (0x0000, 0)
    assert outcome("div", (ONE, 0x8001), "binary16", **inputs) == (M_INF, DZ)
    assert outcome("mul", (INF, 0x03FF), "binary16", **inputs) == (0x7E00, NV)
    assert outcome("sqrt", (0x83FF,), "binary16", **inputs) == (0x8000, 0)
    assert outcome("sub", (0x0400, 0x0401), "binary16", **inputs) == (0x8001, 0)
    assert outcome("fma", (INF, 0x0001, Q1), "binary16", **inputs) == (0x7E00, NV)


# Zeros


@pytest.mark.parametrize("mode", MODES)
def test_the_sign_of_an_exact_zero(mode: str) -> None:
    down = mode == "toward_negative"
    exact = 0 if mode != "jam" else 1
    sum_of_opposites = 0x8000 if down else 0x0000
    for op, operands, code in (
        ("add", (ONE, M_ONE), sum_of_opposites),
        ("sub", (ONE, ONE), sum_of_opposites),
        ("add", (0, M_ZERO), sum_of_opposites),
        ("fma", (ONE, TWO, 0xC000), sum_of_opposites),
        ("fma", (M_ZERO, ONE, 0), sum_of_opposites),
        ("faa", (ONE, ONE, 0xC000), sum_of_opposites),
        ("add", (M_ZERO, M_ZERO), M_ZERO),
        ("add", (0, 0), 0),
        ("sub", (M_ZERO, 0), M_ZERO),
        ("faa", (M_ZERO, M_ZERO, M_ZERO), M_ZERO),
        ("fma", (M_ZERO, ONE, M_ZERO), M_ZERO),
        ("mul", (M_ZERO, ONE), M_ZERO),
        ("mul", (M_ZERO, M_ONE), 0),
        ("div", (0, M_ONE), M_ZERO),
        ("div", (M_ONE, INF), M_ZERO),
        ("sqrt", (M_ZERO,), M_ZERO),
        ("recip", (M_INF,), M_ZERO),
    ):
        got, flags = outcome(op, operands, "binary16", rounding=mode)
        assert (got, flags) == (code | exact, exact), (op, operands)
        plus = outcome(op, operands, "binary16", rounding=mode, dialect="p3109")
        # without -0 a zero is never negative, also not under `jam`, which moves it
        assert plus == (exact, exact), (op, operands)


def test_no_minus_zero_comes_from_rounding_under_p3109() -> None:
    p3109 = {"dialect": "p3109"}
    assert outcome("mul", (0x8001, 0x3400), "binary16") == (0x8000, UF | NX)
    assert outcome("mul", (0x8001, 0x3400), "binary16", **p3109) == (0x0000, UF | NX)
    assert outcome("sub", (0x0400, 0x0401), "binary16", flush_results=True, **p3109) == (0, UF | NX)


def test_division_by_zero_is_nan_under_p3109() -> None:
    for operands in ((ONE, 0), (M_ONE, 0), (ONE, M_ZERO), (INF, 0), (0, 0)):
        assert outcome("div", operands, "binary16", dialect="p3109") == (0x7E00, NV)
    for op in ("recip", "rsqrt"):
        assert outcome(op, (0,), "binary16", dialect="p3109") == (0x7E00, NV)
        assert outcome(op, (M_ZERO,), "binary16") == (M_INF, DZ)
    assert outcome("div", (0x40, 0x00), "Binary8p3se") == (0x80, NV)
    assert outcome("div", (0x7F, 0x00), "Binary8p3se") == (0x80, NV)
    book = nf.get("hifloat8")
    infinity, zero = book.infinity_code(0), int(nf.encode(0.0, book))
    got = outcome("div", (infinity, zero), "hifloat8", result="Binary8p3se")
    assert got == (0x80, NV)  # in rationals too
    assert outcome("div", (infinity, zero), "hifloat8", result="binary16") == (INF, 0)


# Overflow


def test_overflow_follows_the_dialect() -> None:
    sat, nosat = {"dialect": "ocp_sat"}, {"dialect": "ocp_nosat"}
    rows = [
        ("e4m3", (0x7E, 0x40), (0x7E, OF | NX), (0x7F, OF | NX)),
        ("e4m3", (0xFE, 0x40), (0xFE, OF | NX), (0xFF, OF | NX)),
        ("e5m2", (0x7B, 0x40), (0x7B, OF | NX), (0x7C, OF | NX)),
        ("e5m2", (0x7C, 0x40), (0x7B, NV), (0x7C, 0)),
        ("float8_e4m3fnuz", (0x7F, 0x48), (0x7F, OF | NX), (0x80, OF | NX)),
    ]
    for fmt, operands, saturated, otherwise in rows:
        assert outcome("mul", operands, fmt, **sat) == saturated, fmt
        assert outcome("mul", operands, fmt, **nosat) == otherwise, fmt
        assert outcome("mul", operands, fmt) == otherwise, fmt
    assert outcome("div", (0x38, 0), "e4m3") == (0x7F, DZ | NV)
    assert outcome("div", (0x38, 0), "e4m3", **sat) == (0x7E, DZ | NV)
    assert outcome("mul", (0x7E, 0x40), "e4m3", overflow="nan", **sat) == (0x7F, OF | NX)
    assert outcome("mul", (0x7F, 0x7F), "int8", **nosat) == (0x7F, OF | NX)  # its own policy
    assert nf.mul(0x7F, 0x7F, "posit8", **sat) == 0x7F


def test_p3109_saturates_finite_results_toward_zero_only() -> None:
    for mode, code in (("nearest_even", 0x7F), ("toward_zero", 0x7E), ("toward_negative", 0x7E)):
        got = outcome("mul", (0x7E, 0x7E), "Binary8p3se", rounding=mode)
        assert got == (code, OF | NX), mode


# Registers

REGISTERS = {
    "riscv": (0x01, 0x02, 0x04, 0x08, 0x10),  # fflags
    "x86": (0x20, 0x10, 0x08, 0x04, 0x01),  # MXCSR; bit 1 is the denormal flag
    "arm": (0x10, 0x08, 0x04, 0x02, 0x01),  # FPSR
    "cuda": (0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("dialect", REGISTERS)
def test_flags_as_a_status_register(dialect: str) -> None:
    found = tuple(DIALECTS[dialect].register(flag) for flag in (NX, UF, OF, DZ, NV))
    assert found == REGISTERS[dialect]
    assert DIALECTS[dialect].register(0) == 0
    assert DIALECTS[dialect].register(31) == sum(REGISTERS[dialect])


# Errors

ERRORS: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("add", (1, 2, ["e4m3", "binary16"]), {}, r"result: the operands are 'e4m3', 'binary16'; name"),
    ("add", (1, 2, ["e4m3"]), {}, r"fmt names 1 formats for 2 operands; give one for all, or one"),
    ("fma", (1, 2, 3, ["e4m3", "e5m2"]), {"result": "e4m3"}, r"fmt names 2 formats for 3"),
    ("div", (0, 0, "int8"), {}, r"div: .*a = 0x0 of 'int8'.*no code in 'int8'.*choose nan="),
    ("div", ([1, 0], [1, 0], "int8"), {}, r"div: result\[1\], of a = 0x0"),
    ("sqrt", (0xFF, "int8"), {}, r"sqrt: the result, of a = 0xff of 'int8'.*nan="),
    ("add", (0x7F, 1, ["e4m3", "int8"]), {"result": "int8"}, r"a = 0x7f of 'e4m3'.*nan="),
    ("sub", (0x7F, 1, ["e4m3", "int8"]), {"result": "int8"}, r"^sub: "),
    ("mul", ([1, 0x7B], 0x7B, "e5m2"), {"overflow": "raise"}, r"result\[1\].*overflow='raise'"),
    ("add", (1, 1, "e4m3"), {"rounding": "stochastic_a"}, r"random_bits=.*or rng="),
    (
        "add",
        (1, 1, "e4m3"),
        {"rounding": "stochastic_a", "random_bits": 256, "bits": 8},
        r"random_bits is 256; with bits=8 it must be 0 to 255",
    ),
    ("add", (1, 1, "e4m3"), {"random_bits": 3}, r"draws no random bits; leave out random_bits"),
    ("round_to_int", (1, "e4m3"), {"rounding": "jam"}, r"'jam' makes no integers.*use 'to_odd'"),
    ("add", (1, 1, "e4m3"), {"dialect": "rsicv"}, r"dialect='rsicv' is not.*Did you mean 'riscv'"),
    ("add", (1, 1, "e4m3"), {"rounding": "nearest_evn"}, r"Did you mean 'nearest_even'"),
    ("add", (1, 1, "e4m3"), {"tininess": "befor"}, r"tininess='befor'.*Did you mean 'before'"),
    ("add", (1, 1, "e4m3"), {"overflow": "infinity"}, r"overflow='infinity' needs.*'saturate'"),
    ("add", (1, 1, "posit8"), {"return_flags": True}, r"return_flags: 'posit8' has none"),
    ("add", (0x100, 1, "e4m3"), {}, r"a is 0x100; codes of 'e4m3' have 8 bits"),
    ("add", (1, [1, 300], "e4m3"), {}, r"b\[1\] is 0x12c"),
    ("fma", (1, 1, -1, "e4m3"), {}, r"c is -1"),
    ("add", (1.0, 1, "e4m3"), {}, r"a has dtype float64; codes are integers"),
    ("add", ([1, 2], [1, 2, 3], "e4m3"), {}, r"a of shape \(2,\), b of shape \(3,\) do not"),
    ("scale_b", (1, 1.5, "e4m3"), {}, r"n has dtype float64; scale_b takes integers"),
    ("scale_b", ([1, 2], [1, 2, 3], "e4m3"), {}, r"a of shape \(2,\), n of shape \(3,\)"),
    ("add", (1, 1, "mxfp4"), {}, r"fmt='mxfp4' is a block format.*'e2m1'"),
    ("add", (1, 1, "e4m3"), {"result": "mxfp4"}, r"result='mxfp4' is a block format"),
    ("add", (1, 1, "e4m3"), {"nan": 999}, r"nan.*=999 is not within 0 to 255"),
    ("add", (1, 1, "nf4"), {"rounding": "to_odd"}, r"rounding='to_odd' is not for 'nf4'"),
    ("add", (3, 1, "ternary"), {}, r"a is 0x3, a code of 'ternary' that stands for nothing"),
    ("add", ([1], 1, "e4m3"), {"out": np.zeros(2, np.uint8)}, r"out is a writable array of shape"),
    ("add", ([1], 1, "e4m3"), {"out": [0]}, r"out is a list; it must be a preallocated ndarray"),
]


@pytest.mark.parametrize(("op", "arguments", "options", "message"), ERRORS)
def test_errors_name_argument_value_and_remedy(
    op: str, arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(nf.FormatError, match=message):
        getattr(nf, op)(*arguments, **options)


def test_an_unknown_option_is_named_with_what_was_meant() -> None:
    with pytest.raises(TypeError, match=r"'roundng' is not one of .*Did you mean 'rounding'\?"):
        nf.add(1, 1, "e4m3", roundng="to_odd")
    with pytest.raises(nf.UnknownFormat, match="e4m9"):
        nf.add(1, 1, "e4m9")


def test_a_dialect_says_which_field_is_wrong() -> None:
    with pytest.raises(nf.FormatError, match=r"Dialect 'x': nan='frist' is not one of canonical"):
        Dialect(name="x", nan="frist")
    with pytest.raises(nf.FormatError, match=r"Dialect 'x': nan_sign=2 is not 0 or 1"):
        Dialect(name="x", nan_sign=2)


@pytest.mark.parametrize(
    "bits", [(("NX", 99),), (("QQ", 0),), (("NX", 1), ("UF", 1)), (("NX", "0"),)]
)
def test_flags_of_a_dialect_have_a_bit_each(bits):
    with pytest.raises(nf.FormatError, match="a bit of its own"):
        Dialect(name="mine", flag_bits=bits)

"""Corner classes of scalar operations: every bin has a row or a proof, and the proofs are true."""

import itertools
import random
from types import SimpleNamespace

import pytest

from numfmt import FixedFormat, FloatFormat, get
from numfmt.families.fixed import Encoding
from numfmt.vectors.corners import (
    alignment,
    comparisons,
    fused,
    integers,
    kinds,
    range_ends,
    rounding,
)
from numfmt.vectors.corners.engine import search
from numfmt.vectors.corners.factors import all_pairs, pairs
from numfmt.vectors.corners.intermediate import place, result
from numfmt.vectors.spec import Spec

CORNERS = tuple(
    corner
    for home in (kinds, rounding, range_ends, alignment, fused, comparisons, integers)
    for corner in home.CLASSES
)
WIDE = ("binary16", "bfloat16", "binary32", "binary64")
NARROW = ("e4m3", "e5m2", "Binary8p3se")
BINARY = ("add", "sub", "mul", "div", "hypot", "remainder", "less", "maximum")
UNARY = ("sqrt", "rsqrt", "recip", "round_to_int", "neg", "scale_b", "exp", "next_up")
MIXED = (
    Spec(op="mul", fmt=("e4m3", "e5m2"), dst="binary16"),
    Spec(op="add", fmt=("e4m3", "e5m2"), dst="binary16"),
    Spec(op="fma", fmt=("e4m3", "e5m2", "binary16"), dst="binary32"),
    Spec(op="fma", fmt=("e4m3", "e4m3", "binary32"), dst="binary32"),
    Spec(op="fma", fmt=("Binary8p4sf",) * 3, dst="e5m2"),
    Spec(op="mul", fmt="binary32", dst="e4m3"),
    Spec(op="div", fmt=("binary32", "binary16"), dst="bfloat16"),
    Spec(op="sqrt", fmt="binary64", dst="binary16"),
    Spec(op="convert", fmt="binary32", dst="e4m3"),
    Spec(op="convert", fmt="binary64", dst="binary32"),
    Spec(op="convert", fmt="binary32", dst="binary64"),
    Spec(op="convert", fmt="int32", dst="q2.6"),
    Spec(op="decode", fmt="e5m2"),
    Spec(op="encode", fmt="e4m3"),
    Spec(op="add", fmt="q2.6"),
    Spec(op="mul", fmt="q1.15"),
    Spec(op="fma", fmt=("int8", "int8", "int32"), dst="int32"),
    Spec(op="to_int", fmt="binary64", dst="int64"),
    Spec(op="to_int", fmt="e4m3", dst="int8"),
    Spec(op="from_int", fmt="binary32", src="int64"),
    Spec(op="from_int", fmt="e4m3", src="int8"),
    Spec(op="less", fmt=("e4m3", "binary32")),
    Spec(op="add", fmt="binary32", flush_inputs=True),
    Spec(op="fma", fmt="binary16", flush_inputs=True),
)


def check(spec: Spec) -> None:
    """Fail where a class falls short, names a bin twice, or solves without hitting."""
    mine = [corner for corner in CORNERS if corner.applies(spec)]
    assert mine
    for found, corner in zip(search(spec, mine), mine, strict=True):
        assert len(set(found.bins)) == len(found.bins)
        assert not found.missing
        for wanted, row in found.rows.items():
            assert wanted in corner.hits(spec, row)
        assert all("\n" not in reason for reason in found.unreachable.values())


@pytest.mark.fast
@pytest.mark.parametrize("fmt", WIDE)
@pytest.mark.parametrize("op", [*BINARY[:6], *UNARY[:3]])
def test_every_bin_of_wide_formats_is_hit_or_proved(op, fmt):
    check(Spec(op=op, fmt=fmt))


@pytest.mark.parametrize("fmt", [*WIDE, *NARROW, pytest.param("e3m2", marks=pytest.mark.slow)])
@pytest.mark.parametrize("op", ["fma", "faa", "clamp"])
def test_every_bin_of_three_operands_is_hit_or_proved(op, fmt):
    check(Spec(op=op, fmt=fmt))


@pytest.mark.slow
@pytest.mark.parametrize("fmt", NARROW)
@pytest.mark.parametrize("op", [*BINARY, *UNARY])
def test_every_bin_of_narrow_formats_is_hit_or_proved(op, fmt):
    check(Spec(op=op, fmt=fmt))


@pytest.mark.parametrize("spec", MIXED, ids=str)
def test_every_bin_of_mixed_formats_is_hit_or_proved(spec):
    check(spec)


@pytest.mark.fast
def test_bins_and_rows_depend_on_the_spec_alone():
    spec = Spec(op="fma", fmt="binary32", seed=5)
    mine = [corner for corner in CORNERS if corner.applies(spec) and corner.name != "kinds"]
    assert search(spec, mine) == search(spec, mine)
    other = Spec(op="fma", fmt="binary32", seed=6)
    assert [x.bins for x in search(other, mine)] == [x.bins for x in search(spec, mine)]


def _float(bits: int, precision: int, emin: int, style: str = "ieee", **options) -> FloatFormat:
    name = f"f{bits}p{precision}{style}{emin}"
    return FloatFormat(name=name, bits=bits, precision=precision, emin=emin, style=style, **options)


def _fixed(bits: int, fraction_bits: int, encoding: str = "twos_complement") -> FixedFormat:
    return FixedFormat(
        name=f"x{bits}.{fraction_bits}{encoding}",
        bits=bits,
        fraction_bits=fraction_bits,
        encoding=Encoding(encoding),
    )


SMALL = (
    _float(5, 2, -2),
    _float(5, 3, 0),
    _float(5, 3, -1, "fn"),
    _float(5, 2, -3, "finite"),
    _float(5, 3, 0, "p3109_extended"),
    _float(5, 3, -1, "fnuz"),
    _float(4, 1, -3, "finite"),
    _float(5, 2, -2, "fn", subnormals=False),
    _float(5, 2, -3, "fn", signed=False),
    _float(6, 4, 0, "finite"),
    _float(6, 2, -7),
    _fixed(4, 0),
    _fixed(4, 2),
    _fixed(5, 4),
    _fixed(4, 1, "unsigned"),
    _fixed(4, 0, "sign_magnitude"),
    _fixed(4, 2, "narrow"),
)
COUNTS = {
    **dict.fromkeys(("add", "sub", "mul", "div", "hypot", "remainder", "copy_sign"), 2),
    **dict.fromkeys(("sqrt", "rsqrt", "recip", "convert", "neg", "abs", "round_to_int"), 1),
    **{"fma": 3, "faa": 3, "less": 2, "clamp": 3, "to_int": 1, "from_int": 1},
}


def _draw_spec(op: str, stream: random.Random) -> SimpleNamespace:
    """Return what classes ask of a spec, of small formats."""
    pool = SMALL if COUNTS[op] < 3 else [fmt for fmt in SMALL if fmt.bits < 5] + [SMALL[1]]
    formats = tuple(stream.choice(pool) for _ in range(COUNTS[op]))
    if stream.random() < 0.5:
        formats = formats[:1] * len(formats)
    if op == "from_int":
        formats = (_fixed(4, 0),)
    target = formats[0] if stream.random() < 0.4 else stream.choice(SMALL)
    if op == "to_int":
        target = _fixed(3, 0)
    columns = tuple(SimpleNamespace(name=name, count=1) for name in "abc"[: len(formats)])
    return SimpleNamespace(
        op=op,
        formats=formats,
        operands=columns,
        dst=None if op == "less" else target,
        flush_inputs=stream.random() < 0.2,
        seed=0,
    )


@pytest.mark.parametrize("op", COUNTS)
def test_no_row_hits_what_is_said_to_be_unreachable(op):
    stream = random.Random(op)
    for _ in range(8 if COUNTS[op] < 3 else 2):
        spec = _draw_spec(op, stream)
        rows = list(itertools.product(*(range(1 << fmt.bits) for fmt in spec.formats)))
        for corner in CORNERS:
            if not corner.applies(spec):
                continue
            reached = set(itertools.chain.from_iterable(corner.hits(spec, row) for row in rows))
            bins = set(corner.bins(spec))
            assert reached <= bins
            proved = {wanted for wanted in bins if corner.unreachable(spec, wanted)}
            assert not proved & reached, (corner.name, spec)


@pytest.mark.fast
def test_products_of_few_digits_are_all_found():
    for n in range(1, 1 << 10, 2):
        found = {(x, y) for x in range(1, 32, 2) for y in range(1, 64, 2) if x * y == n}
        assert set(pairs(n, 5, 6)) == found == set(all_pairs(n, 5, 6))


@pytest.mark.fast
def test_the_place_of_an_exact_result_is_where_encoding_puts_it():
    fmt = get("e4m3")
    spec = SimpleNamespace(op="convert", formats=(get("binary16"),), dst=fmt, flush_inputs=False)
    for code in range(0, 0x7C00, 7):
        found = place(result(spec, (code,)), fmt)
        if found is None or found.ordinal > fmt.largest_ordinal(0):
            continue
        low = fmt.value_of_ordinal(found.ordinal)
        value = get("binary16").value_of_ordinal(code)
        assert low <= value < fmt.value_of_ordinal(found.ordinal + 1)
        half = (value - low) * 2 >= fmt.value_of_ordinal(found.ordinal + 1) - low
        assert found.guard == half
        assert found.exact == (value == low)

"""What the results of every operation mean, in plain Python."""

import itertools
import math
import operator
from fractions import Fraction

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact, vectors
from numfmt.vectors import OPERATIONS
from vector_sets import made, spec_of

PI = math.pi


def by_magnitude(x):
    return abs(x), x


def _log(function):
    return lambda x: function(x) if x > 0 else math.nan


PLAIN = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": lambda a, b: a / b if b else math.nan,
    "fma": lambda a, b, c: a * b + c,
    "faa": lambda a, b, c: a + b + c,
    "sqrt": lambda a: math.sqrt(a) if a >= 0 else math.nan,
    "rsqrt": _log(lambda a: 1 / math.sqrt(a)),
    "recip": lambda a: 1 / a if a else math.nan,
    "hypot": math.hypot,
    "remainder": lambda a, b: math.remainder(a, b) if b else math.nan,
    "round_to_int": lambda a: float(round(a)),
    "neg": operator.neg,
    "abs": abs,
    "copy_sign": math.copysign,
    "minimum": min,
    "minimum_number": min,
    "minimum_finite": min,
    "maximum": max,
    "maximum_number": max,
    "maximum_finite": max,
    **{
        f"minimum_magnitude{end}": lambda a, b: min((a, b), key=by_magnitude)
        for end in ("", "_number")
    },
    **{
        f"maximum_magnitude{end}": lambda a, b: max((a, b), key=by_magnitude)
        for end in ("", "_number")
    },
    "clamp": lambda a, b, c: min(max(a, b), c) if b <= c else math.nan,
    "exp": math.exp,
    "exp2": lambda x: 2.0**x,
    "exp10": lambda x: 10.0**x,
    "expm1": math.expm1,
    "log": _log(math.log),
    "log2": _log(math.log2),
    "log10": _log(math.log10),
    "log1p": lambda x: math.log1p(x) if x > -1 else math.nan,
    "softplus": lambda x: math.log1p(math.exp(x)),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "sin_pi": lambda x: math.sin(PI * math.fmod(x, 2)),
    "cos_pi": lambda x: math.cos(PI * math.fmod(x, 2)),
    "tan_pi": lambda x: math.tan(PI * math.fmod(x, 1)) if 2 * x % 2 != 1 else math.nan,
    "asin": lambda x: math.asin(x) if abs(x) <= 1 else math.nan,
    "acos": lambda x: math.acos(x) if abs(x) <= 1 else math.nan,
    "atan": math.atan,
    "asin_pi": lambda x: math.asin(x) / PI if abs(x) <= 1 else math.nan,
    "acos_pi": lambda x: math.acos(x) / PI if abs(x) <= 1 else math.nan,
    "atan_pi": lambda x: math.atan(x) / PI,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": lambda x: math.acosh(x) if x >= 1 else math.nan,
    "atanh": lambda x: math.atanh(x) if abs(x) < 1 else math.nan,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu_tanh": lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / PI) * (x + 0.044715 * x**3))),
    "atan2": math.atan2,
    "atan2_pi": lambda a, b: math.atan2(a, b) / PI,
    "pow": lambda a, b: a**b if a > 0 else math.nan,
}
TRUTHS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "unordered": lambda a, b: False,
    "total_order": operator.le,
}
OTHERS = {"next_up", "next_down", "scale_b", "class_of", "to_int", "from_int", "decode", "encode"}
OTHERS |= {"convert", "dot", "block_dot", "gemm_tile", "block_quantize", "requantize"}


@pytest.mark.fast
def test_every_operation_has_a_meaning_here():
    assert {*PLAIN, *TRUTHS, *OTHERS} == set(OPERATIONS)


def finite_rows(table):
    """Yield operands and results as numbers, where all of them are finite."""
    columns = [nf.decode(table.columns[c.name], c.fmt).tolist() for c in table.spec.operands]
    for row, values in enumerate(zip(*columns, strict=True)):
        if all(map(math.isfinite, values)):
            yield row, values


@pytest.mark.parametrize("op", PLAIN)
def test_results_are_those_of_the_formula(op):
    table = vectors.generate(spec_of(op, fmt="e3m2", dst="e5m2", classes="random", max_rows=150))
    results = nf.decode(table.columns["expected"], "e5m2").tolist()
    judged = 0
    for row, values in finite_rows(table):
        wanted = PLAIN[op](*values)
        if math.isfinite(wanted) and abs(wanted) > 2**-12:
            assert results[row] == float(nf.round(wanted, "e5m2")), (values, wanted)
            judged += 1
    assert judged >= 20


@pytest.mark.parametrize("op", TRUTHS)
def test_truths_are_those_of_the_formula(op):
    table = vectors.generate(spec_of(op, fmt="e3m2", classes="random", max_rows=150))
    for row, (a, b) in finite_rows(table):
        if a or b:  # the order of two zeros is another matter
            assert table.columns["expected"][row] == TRUTHS[op](a, b), (a, b)


def test_neighbours_scales_classes_and_integers_mean_what_they_say():
    up, down = (made(op=f"next_{way}", fmt="e3m2") for way in ("up", "down"))
    for row, (value,) in finite_rows(up):
        after = nf.decode(up.columns["expected"], "e3m2")[row]
        assert after > value or value == 28
        assert nf.decode(down.columns["expected"], "e3m2")[row] < value or value == -28
    scaled = vectors.generate(spec_of("scale_b", classes="random", max_rows=200))
    assert len(np.unique(scaled.columns["expected"])) > 50  # many scales keep results in range
    codes = scaled.columns["n"].astype(np.uint32).view(np.int32).tolist()
    assert max(map(abs, codes)) > 1 << 20
    for row, (value, _) in finite_rows(scaled):
        wanted = math.ldexp(value, max(min(codes[row], 99), -99))
        assert scaled.columns["expected"][row] == int(nf.encode(wanted, "e4m3"))
    named = made(op="class_of", fmt="e5m2").columns["expected"].tolist()
    assert [named[code] for code in (0xFC, 0xBC, 0x81, 0x80, 0, 1, 0x3C, 0x7C, 0x7D, 0x7E)] == [
        *range(10)
    ]
    integers = made(op="to_int", fmt="e5m2", dst="int8")
    for row, (value,) in finite_rows(integers):
        code = np.uint8(integers.columns["expected"][row])
        assert code.view(np.int8) == max(min(math.trunc(value), 127), -128)
    floats = made(op="from_int", fmt="e4m3", src="int8")
    wanted = nf.encode(np.arange(256).astype(np.uint8).view(np.int8), "e4m3")
    assert floats.columns["expected"].tolist() == wanted.tolist()


def exactly(codes, fmt):
    return [exact.decode(code, fmt).value for code in np.atleast_1d(codes).tolist()]


def numbers(row, columns):
    """Return the values of every operand of a row, or None where one is no number."""
    found = {}
    for column in columns.values():
        name, fmt, values = column
        kinds = nf.unpack(values[row], fmt).kind
        if (kinds >= nf.Kind.INFINITY).any():
            return None
        found[name] = exactly(values[row], fmt)
    return found


def rows_of_numbers(table):
    columns = {c.name: (c.name, c.fmt, table.columns[c.name]) for c in table.spec.operands}
    for row in range(len(table)):
        values = numbers(row, columns)
        if values is not None:
            yield row, values


def nearest(value, fmt):
    return exact.encode(value, fmt)[0]


def test_products_are_sums_of_products():
    dots = vectors.generate(spec_of("dot", dst="e5m2", k=3, classes="random", max_rows=60))
    judged = 0
    for row, v in rows_of_numbers(dots):
        wanted = v["c"][0] + sum(map(operator.mul, v["a"], v["b"]))
        if wanted:
            assert dots.columns["expected"][row] == nearest(wanted, "e5m2")
            judged += 1
    assert judged > 20
    tiles = vectors.generate(spec_of("gemm_tile", k=3, m=2, n=2, classes="random"))
    for row, v in itertools.islice(rows_of_numbers(tiles), 10):
        a, b, c = v["a"], v["b"], v["c"]
        for i, j in itertools.product(range(2), repeat=2):
            wanted = c[2 * i + j] + sum(a[3 * i + p] * b[2 * p + j] for p in range(3))
            if wanted:
                assert tiles.columns["expected"][row, 2 * i + j] == nearest(wanted, "binary32")


def test_block_products_have_the_scale_of_their_block():
    spec = spec_of("block_dot", fmt="mxfp8_e4m3", k=64, classes="random", max_rows=60)
    table = vectors.generate(spec)
    judged = 0
    for row, v in rows_of_numbers(table):
        wanted = v["c"][0] + sum(
            v["a"][i] * v["b"][i] * v["scale_a"][i // 32] * v["scale_b"][i // 32] for i in range(64)
        )
        if wanted:
            assert table.columns["expected"][row] == nearest(wanted, "binary32")
            judged += 1
    assert judged > 20


def test_quantised_blocks_are_those_of_quantize():
    table = vectors.generate(spec_of("block_quantize", fmt="mxfp4", src="binary16", k=32))
    q = nf.quantize(nf.decode(table.columns["a"], "binary16"), "mxfp4")
    np.testing.assert_array_equal(table.columns["expected"], q.codes)
    np.testing.assert_array_equal(table.columns["expected_scale"], q.scales.reshape(-1))


def test_requantised_integers_are_scaled_rounded_and_clamped():
    table = vectors.generate(spec_of("requantize", zero_point=3, classes="random", max_rows=100))
    a, m, got = (table.columns[name].tolist() for name in ("a", "m", "expected"))
    judged = set()
    for row, shift in enumerate(table.columns["s"].tolist()):
        value = Fraction((a[row] ^ 1 << 31) - (1 << 31)) * ((m[row] ^ 1 << 31) - (1 << 31))
        wanted = max(min(round(value / (1 << shift)) + 3, 127), -128)
        assert got[row] == wanted % 256
        judged.add(wanted)
    assert {-128, 127} < judged
    assert len(judged) > 20


@pytest.mark.parametrize("scheme", [scheme.value for scheme in nf.RequantizationScheme])
def test_every_scheme_of_requantisation_verifies(tmp_path, scheme):
    vectors.write(vectors.generate(spec_of("requantize", scheme=scheme)), tmp_path)
    assert vectors.verify(tmp_path) == []

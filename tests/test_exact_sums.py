"""Exact sums rounded once: both routes against exact rationals, and against sums by others."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numba
import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.arithmetic.calls import settings_of
from numfmt.digits import fields_of_codes
from numfmt.exact.dots import dot
from numfmt.randomness import source
from numfmt.rounding import Rounding
from numfmt.tensor import pieces
from numfmt.tensor.exact_sums import accumulate, accumulate_fields, fields_of, sum_of_codes

Array = Any
ROUTES = ("pieces", "limbs", None)


def scalar(name: str) -> Any:
    return nf.get(name)


def codes(
    fmt: Any, shape: tuple[int, ...], rng: np.random.Generator, *, special: float = 0.0
) -> Array:
    """Return random codes: all alike, or near 1, and so many special ones or zeros."""
    found = (
        rng.integers(0, 1 << fmt.bits, shape, dtype=np.uint64)
        if fmt.bits < 64
        else rng.integers(0, (1 << 64) - 1, shape, dtype=np.uint64)
    )
    found = found.astype(fmt.code_dtype)
    if rng.random() < 0.5:
        one = fmt.around_one[1]
        if one is not None:
            near = rng.integers(-3, 4, shape) + one
            found = np.clip(near, 0, (1 << fmt.bits) - 1).astype(fmt.code_dtype)
            if fmt.signed_values:
                negative = rng.random(shape) < 0.5
                found = np.where(negative, np.asarray(nf.neg(found, fmt)), found).astype(
                    found.dtype
                )
    flat = found.reshape(-1)
    if not flat.size:
        return found
    kinds = fields_of_codes(flat, fmt)[0]
    plain = int(np.argmax(kinds < 3))
    flat[(kinds >= 3) & (rng.random(flat.size) >= special)] = flat[plain] if kinds[plain] < 3 else 1
    if special:
        planted = [
            [0] if fmt.has_zero else [],
            [1 << (fmt.bits - 1)] if fmt.has_negative_zero else [],
        ]
        planted += [[fmt.infinity_code(sign)] for sign in (0, 1) if fmt.has_infinity]
        if rng.random() < 0.3:
            planted.append([fmt.nan_code(0)])
        choices = [code for group in planted for code in group if code is not None]
        if rng.random() < 0.5:
            choices = choices[: 1 + int(rng.integers(len(choices) or 1))]
        if choices:
            spots = rng.random(flat.size) < special
            flat[spots] = rng.choice(np.array(choices, found.dtype), int(spots.sum()))
    return found


def wanted(a: Array, b: Array, c: Array, pair: Any, accumulator: Any, draws: Any = None) -> Array:
    """Return what the specification has, output by output."""
    found = np.empty_like(c)
    for o, (g, m, n) in enumerate(np.ndindex(*c.shape)):
        mine = None if draws is None else (lambda r, o=o: int(draws(r)(0, c.size)[o]))
        found[g, m, n] = dot(
            a[g, m].tolist(), b[g, :, n].tolist(), int(c[g, m, n]), pair,
            accumulator=accumulator, draws=mine,
        )  # fmt: skip
    return found


def agree(a: Array, b: Array, c: Array, pair: Any, accumulator: Any) -> None:
    truth = wanted(a, b, c, pair, accumulator)
    for route in ROUTES:
        found = accumulate(a, b, c, pair, accumulator, route=route)
        assert found.dtype == accumulator.output.code_dtype
        np.testing.assert_array_equal(found, truth, err_msg=f"{route}")


TRIPLES = (
    ("e4m3", "e4m3", "binary32"),
    ("e5m2", "e4m3", "binary16"),
    ("binary16", "binary16", "binary16"),
    ("bfloat16", "binary16", "binary32"),
    ("bfloat16", "bfloat16", "bfloat16"),
    ("binary32", "binary32", "binary32"),
    ("binary64", "binary32", "binary64"),
    ("binary64", "binary64", "binary64"),
    ("binary16", "binary16", "e4m3"),
    ("float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e4m3fnuz"),
    ("Binary8p3se", "Binary8p3se", "Binary8p3se"),
    ("Binary8p1se", "Binary8p4se", "Binary8p1se"),
    ("Binary12p1se", "Binary12p2se", "Binary12p2se"),
    ("Binary8p1ue", "Binary8p3se", "binary32"),
    ("e8m0", "e2m1", "bfloat16"),
    ("e8m0", "e8m0", "e8m0"),
    ("posit8", "posit8", "posit8"),
    ("posit16", "posit16", "posit16"),
    ("posit32", "binary32", "posit32"),
    ("takum16", "takum16", "takum16"),
    ("int8", "int8", "int32"),
    ("int8", "uint8", "int16"),
    ("int32", "int32", "int64"),
    ("uint8", "int8", "q2.14"),
    ("q2.14", "binary32", "q2.14"),
    ("nf4", "binary16", "binary32"),
)


def usable(names: tuple[str, ...]) -> bool:
    try:
        return all(fmt.dyadic or fmt.family != "codebook" for fmt in map(nf.get, names))
    except nf.UnknownFormat:
        return False


TRIPLES = tuple(triple for triple in TRIPLES if usable(triple))


@pytest.mark.parametrize("names", TRIPLES, ids="-".join)
@pytest.mark.parametrize("seed", range(4))
def test_every_pair_of_formats_sums_exactly(names: tuple[str, ...], seed: int) -> None:
    x, y, out = map(scalar, names)
    rng = np.random.default_rng(seed)
    for shape in ((1, 2, 2, 2), (2, 3, 7, 2), (1, 1, 33, 2)):
        batch, m, k, n = shape
        a, b = codes(x, (batch, m, k), rng), codes(y, (batch, k, n), rng)
        c = codes(out, (batch, m, n), rng)
        agree(a, b, c, (x, y), nf.Exact(output=out, overflow="saturate"))


@pytest.mark.parametrize("names", [t for t in TRIPLES if nf.get(t[2]).has_nan], ids="-".join)
@pytest.mark.parametrize("mode", ["nearest_even", "toward_negative", "toward_positive"])
def test_specials_and_signs_of_zeros(names: tuple[str, ...], mode: str) -> None:
    x, y, out = map(scalar, names)
    rng = np.random.default_rng(7)
    for special, late, block in itertools.product((0.06, 0.2, 0.9), (False, True), (None, 3)):
        a, b = codes(x, (2, 3, 5), rng, special=special), codes(y, (2, 5, 3), rng, special=special)
        c = codes(out, (2, 3, 3), rng, special=special)
        rule = nf.Exact(output=out, rounding=mode, late=late, block=block)
        try:
            agree(a, b, c, (x, y), rule)
        except nf.FormatError as error:
            assert "no code" in str(error) or "negative" in str(error)  # noqa: PT017


MODES = [mode.value for mode in Rounding if not mode.stochastic]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("out", ["binary16", "e4m3", "int8", "posit16", "takum16", "binary64"])
def test_every_mode_of_every_family(mode: str, out: str) -> None:
    fmt, half = scalar(out), scalar("binary16")
    if fmt.refusal(Rounding(mode)):
        pytest.skip("the mode means nothing here")
    rng = np.random.default_rng(3)
    for _ in range(3):
        a, b = codes(half, (1, 4, 3), rng), codes(half, (1, 3, 4), rng)
        c = codes(fmt, (1, 4, 4), rng)
        agree(a, b, c, (half, half), nf.Exact(output=fmt, rounding=mode))


@pytest.mark.parametrize("dialect", ["ieee", "x86", "arm", "riscv", "p3109"])
@pytest.mark.parametrize("flush", [(False, False), (True, False), (True, True)])
def test_dialects_and_flushing(dialect: str, flush: tuple[bool, bool]) -> None:
    half = scalar("binary16")
    rng = np.random.default_rng(5)
    for late in (False, True):
        a, b = (rng.integers(0, 0x0C00, s).astype(np.uint16) for s in ((1, 4, 3), (1, 3, 4)))
        c = codes(half, (1, 4, 4), rng, special=0.2)
        a[0, 0, 0], b[0, 1, 1] = 0x7D01, 0xFE02
        rule = nf.Exact(
            output=half, dialect=dialect, flush_inputs=flush[0], flush_results=flush[1], late=late,
        )  # fmt: skip
        agree(a, b, c, (half, half), rule)
        single = nf.Exact(
            output=half, dialect=dialect, flush_inputs=flush[0], late=late, block=2
        )  # the last block has one product: fma
        agree(a, b, c, (half, half), single)


@pytest.mark.parametrize("bits", [4, 8, 16, 31, 32, 63, 64])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("policy", ["wrap", "saturate"])
def test_integer_sums(bits: int, signed: bool, policy: str) -> None:
    rng = np.random.default_rng(bits)
    rule = nf.IntegerSum(bits, signed=signed, overflow=policy)
    for name in ("int8", "int32", "uint16", "q2.14", "binary32"):
        fmt = scalar(name)
        a, b = codes(fmt, (1, 3, 9), rng), codes(fmt, (1, 9, 3), rng)
        agree(a, b, codes(rule.output, (1, 3, 3), rng), (fmt, fmt), rule)


def test_wrapping_keeps_digits_far_below_the_leading_one() -> None:
    single, rule = scalar("binary32"), nf.IntegerSum(32)
    a = nf.encode([[[2.0**100, 0.5, 2.0**100, -0.75]]], single)
    b = nf.encode([[[1.0], [1.0], [1.0], [1.0]]], single)
    for c in (0, 1, 5, 0xFFFFFFFF):
        start = np.full((1, 1, 1), c, np.uint32)
        for mode in ("toward_zero", "toward_negative", "nearest_even", "away_from_zero"):
            agree(a, b, start, (single, single), nf.Exact(
                output=rule.output, overflow="wrap", rounding=mode
            ))  # fmt: skip


def test_wrapping_keeps_what_a_sum_far_above_leaves() -> None:
    single, rule = scalar("binary32"), nf.IntegerSum(32)
    a, b = nf.encode([[[2.0**100, 2.0**100]]], single), nf.encode([[[2.0**40], [2.0**41]]], single)
    for c in (1, 5, 0xFFFFFFFF):
        start = np.full((1, 1, 1), c, np.uint32)
        agree(a, b, start, (single, single), rule)


@pytest.mark.parametrize("name", ["binary16", "binary32", "posit16"])
def test_carries_move_on_before_limbs_overflow(name: str) -> None:
    fmt, out = scalar(name), scalar("binary64")
    depth = 1500
    for step in range(1, 32):
        ones = nf.encode(2.0 - 2.0**-23 if name == "binary32" else 2.0 - 2.0**-10, fmt)
        b = np.full((1, depth, 1), ones, fmt.code_dtype)
        a = b.swapaxes(1, 2).copy()
        a[0, 0, 0] = nf.encode(2.0 ** -min(step, 12 if name == "binary16" else 31), fmt)
        c = np.zeros((1, 1, 1), np.uint64)
        value = Fraction(float(nf.decode(ones, fmt)))
        total = (depth - 1) * value**2 + Fraction(float(nf.decode(a[0, 0, 0], fmt))) * value
        for route in ROUTES:
            found = accumulate(a, b, c, (fmt, fmt), nf.Exact(output=out), route=route)
            assert int(found[0, 0, 0]) == exact.encode(total, out)[0]


def test_raise_names_the_element() -> None:
    fmt = scalar("int8")
    a = np.ones((2, 2, 3), np.uint8)
    b = np.full((2, 3, 2), 10, np.uint8)
    b[1, :, 1] = 100
    rule = nf.IntegerSum(8, overflow="raise")
    c = np.zeros((2, 2, 2), np.uint8)
    for route in ROUTES:
        with pytest.raises(nf.FormatError, match=r"result\[1, 0, 1\].*int8"):
            accumulate(a, b, c, (fmt, fmt), rule, route=route)
    for shared in (np.broadcast_to(a[:1], a.shape), a):
        with pytest.raises(nf.FormatError, match=r"result\[0, 0, 1\]"):
            accumulate(shared, np.broadcast_to(b[1:], b.shape), c, (fmt, fmt), rule)


def test_cancellation_to_zero_and_to_tiny_values() -> None:
    wide, out = scalar("binary32"), scalar("binary32")
    values = [2.0**127, 3.0, 2.0**-149, -(2.0**127), -3.0]
    for count in (4, 5):
        a = nf.encode([values[:count]], wide)[None]
        for order in itertools.permutations(range(count)):
            b = nf.encode(np.ones((count, 1)), wide)[None]
            x = a[:, :, list(order)]
            for last in (0.0, -0.0, -(2.0**-149), 2.0**-126):
                agree(x, b, nf.encode([[[last]]], out), (wide, wide), nf.Exact(output=out))


def test_c_beyond_and_below_all_products() -> None:
    fmt, out = scalar("binary64"), scalar("binary64")
    for big, small in itertools.product((1.0, 2.0**60, 1.0 + 2.0**-52), (2.0**-1074, 2.0**-900)):
        for sign in (1.0, -1.0):
            a = nf.encode([[[big, small]]], fmt)
            b = nf.encode([[[1.0], [sign]]], fmt)
            for c in (-big, big, -small, 2.0**1000, 2.0**-1074, -(2.0**-1074)):
                agree(a, b, nf.encode([[[c]]], out), (fmt, fmt), nf.Exact(output=out))


@pytest.mark.parametrize("k", [0, 1, 2, 5, 31, 64])
@pytest.mark.parametrize("block", [None, 1, 2, 5, 64])
@pytest.mark.parametrize("late", [False, True])
def test_lengths_and_blocks(k: int, block: int | None, late: bool) -> None:
    fp8, out = scalar("e5m2"), scalar("binary16")
    rng = np.random.default_rng(k)
    a, b = codes(fp8, (2, 3, k), rng), codes(fp8, (2, k, 2), rng)
    c = codes(out, (2, 3, 2), rng)
    agree(a, b, c, (fp8, fp8), nf.Exact(output=out, block=block, late=late))


def test_empty_results() -> None:
    fp8 = scalar("e4m3")
    c = np.zeros((0, 2, 3), np.uint16)
    found = accumulate(
        np.zeros((0, 2, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), c, (fp8, fp8),
        nf.Exact(output="binary16"),
    )  # fmt: skip
    assert found.shape == (0, 2, 3)


@pytest.mark.parametrize(
    "mode", ["stochastic_a", "stochastic_b", "stochastic_c", "stochastic_c_odd"]
)
@pytest.mark.parametrize("late", [False, True])
def test_stochastic_rounding_takes_its_own_draws(mode: str, late: bool) -> None:
    fp8, out = scalar("e4m3"), scalar("e5m2")
    rng = np.random.default_rng(1)
    a, b = codes(fp8, (2, 4, 7), rng), codes(fp8, (2, 7, 4), rng)
    c = codes(out, (2, 4, 4), rng)
    for bits in (8,):
        draws = lambda r, bits=bits: source(Rounding(mode), (c.size,), None, bits, 5 + (r << 64))  # noqa: E731
        for product in (None, "e4m3"):
            rule = nf.Exact(output=out, rounding=mode, block=3, late=late, product=product)
            truth = wanted(a, b, c, (fp8, fp8), rule, draws)
            for route in ROUTES:
                found = accumulate(a, b, c, (fp8, fp8), rule, draws, bits=bits, route=route)
                np.testing.assert_array_equal(found, truth)


def test_stochastic_without_draws_is_refused() -> None:
    fp8 = scalar("e4m3")
    one = np.full((1, 2, 2), 0x38, np.uint8)
    with pytest.raises(nf.FormatError, match="random_bits"):
        accumulate(one, one, one, (fp8, fp8), nf.Exact(output=fp8, rounding="stochastic_a"))


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("block", [None, 1, 2])
def test_rounded_products_and_tables(late: bool, block: int | None) -> None:
    fp4, fp8, out = scalar("e2m1"), scalar("e4m3"), scalar("binary16")
    rng = np.random.default_rng(2)
    a, b = codes(fp4, (2, 3, 5), rng), codes(fp4, (2, 5, 3), rng)
    c = codes(out, (2, 3, 3), rng, special=0.2)
    every = np.arange(16)
    table = nf.ProductTable(format=fp8, codes=nf.mul(every[:, None] ^ 1, every, fp4, result=fp8))
    for product in (fp8, "e3m2", table):
        rule = nf.Exact(output=out, product=product, late=late, block=block, rounding="toward_zero")
        agree(a, b, c, (fp4, fp4), rule)
    half = scalar("binary16")
    a, b = codes(half, (1, 3, 5), rng, special=0.1), codes(half, (1, 5, 3), rng, special=0.1)
    for dialect in ("ieee", "x86", "arm"):
        rule = nf.Exact(output=out, product="bfloat16", late=late, block=block, dialect=dialect)
        agree(a, b, c[:1], (half, half), rule)


def test_shared_operands_are_the_same_as_copies() -> None:
    half, out = scalar("binary16"), scalar("binary32")
    rng = np.random.default_rng(9)
    a, b = codes(half, (3, 4, 6), rng, special=0.1), codes(half, (3, 6, 5), rng, special=0.1)
    c = codes(out, (3, 4, 5), rng)
    for block in (None, 1, 4):
        rule = nf.Exact(output=out, block=block)
        for x, y in itertools.product(
            (a, np.broadcast_to(a[1], a.shape)), (b, np.broadcast_to(b[1], b.shape))
        ):
            for route in ROUTES:
                found = accumulate(x, y, c, (half, half), rule, route=route)
                copies = accumulate(x.copy(), y.copy(), c, (half, half), rule)
                np.testing.assert_array_equal(found, copies)
                if block is None:
                    both = [
                        _spread(fields_of(z[:1] if not z.strides[0] else z, half)) for z in (x, y)
                    ]
                    fields = accumulate_fields(both[0], both[1], c, rule, route=route)
                    np.testing.assert_array_equal(fields, copies)


def _spread(fields: Any) -> Any:
    """Return fields that a stack of three shares where there is one matrix."""
    return type(fields)(*(np.broadcast_to(x, (3, *x.shape[1:])) for x in fields))


def test_signs_of_zeros_of_shared_operands() -> None:
    half = scalar("binary16")
    zeros = np.broadcast_to(np.zeros((1, 2, 3), np.uint16), (3, 2, 3))
    ones = np.full((3, 3, 2), 0x3C00, np.uint16)
    ones[1] |= 0x8000  # products of -0 in one matrix, of both signs in the next
    ones[2, 1] |= 0x8000
    c = np.full((3, 2, 2), 0x8000, np.uint16)
    agree(zeros, ones, c, (half, half), nf.Exact(output=half))
    turned = [x.swapaxes(1, 2) for x in (ones, np.ones((3, 1, 1), np.uint16) * zeros)]
    turned[1] = np.broadcast_to(turned[1][:1], turned[1].shape)
    agree(turned[0], turned[1], c, (half, half), nf.Exact(output=half))


def test_threads_and_chunks_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(11)
    for name, out in (("e4m3", "binary32"), ("binary32", "binary32"), ("int8", "int32")):
        fmt, result = scalar(name), scalar(out)
        a, b = codes(fmt, (3, 70, 65), rng), codes(fmt, (3, 65, 67), rng)
        c = codes(result, (3, 70, 67), rng)
        rule = nf.Exact(output=result)
        found = []
        threads = numba.get_num_threads()
        for count, chunk in itertools.product((1, 2), (1 << 19, 1 << 14, 1)):
            numba.set_num_threads(min(count, threads))
            monkeypatch.setattr(pieces, "CHUNK", chunk)
            found += [accumulate(a, b, c, (fmt, fmt), rule, route=route) for route in ROUTES]
        numba.set_num_threads(threads)
        for other in found[1:]:
            np.testing.assert_array_equal(found[0], other)
        np.testing.assert_array_equal(
            found[0][:1, :2, :2], wanted(a[:1, :2], b[:1, :, :2], c[:1, :2, :2], (fmt, fmt), rule)
        )


def test_float64_sums_are_those_of_fsum() -> None:
    rng = np.random.default_rng(13)
    a = rng.standard_normal((1, 20, 300)) * 2.0 ** rng.integers(-60, 60, (1, 20, 300))
    a = a.astype(np.float32).astype(np.float64)  # products are float64 values
    b = rng.standard_normal((1, 300, 20)).astype(np.float32).astype(np.float64)
    single, out = scalar("binary32"), scalar("binary64")
    truth = [[math.fsum((a[0, m] * b[0, :, n]).tolist()) for n in range(20)] for m in range(20)]
    x, y = nf.encode(a, single), nf.encode(b, single)
    c = np.zeros((1, 20, 20), np.uint64)
    for route in ROUTES:
        found = accumulate(x, y, c, (single, single), nf.Exact(output=out), route=route)
        assert found.view(np.float64)[0].tolist() == truth


@pytest.mark.parametrize(("name", "size"), [("posit8_0", 8), ("posit16_1", 16), ("posit32_2", 32)])
def test_posit_sums_are_those_of_softposits_quire(name: str, size: int) -> None:
    softposit = pytest.importorskip("softposit")
    posit, quire = getattr(softposit, f"posit{size}"), getattr(softposit, f"quire{size}")
    fmt = scalar(name)
    rng = np.random.default_rng(17)
    a, b = codes(fmt, (1, 4, 9), rng), codes(fmt, (1, 9, 4), rng)
    c = np.zeros((1, 4, 4), fmt.code_dtype)
    found = accumulate(a, b, c, (fmt, fmt), nf.Exact(output=fmt))
    for m, n in np.ndindex(4, 4):
        total = quire()
        total.clr()
        for k in range(9):
            total.qma(posit(bits=int(a[0, m, k])), posit(bits=int(b[0, k, n])))
        assert total.toPosit().v.v == int(found[0, m, n])


def test_fields_of_blocks_with_large_scales() -> None:
    rng = np.random.default_rng(19)
    fp8, out = scalar("e4m3"), scalar("binary32")
    for spread, digits in ((0, 20), (40, 40), (300, 63)):
        parts, values = [], []
        for shape in ((1, 3, 6), (1, 6, 3)):
            base = fields_of(codes(fp8, shape, rng), fp8)
            grown = rng.integers(1 << (digits - 1), 1 << digits, shape, dtype=np.uint64)
            grown[base.significands == 0] = 0
            fields = base._replace(
                exponents=base.exponents - digits + rng.integers(-spread, spread + 1, shape),
                significands=grown,
            )
            parts.append(fields)
            values.append(
                [
                    Fraction(-s if n else s) * Fraction(2) ** e
                    for n, e, s in zip(*(x.reshape(-1).tolist() for x in fields[1:]), strict=True)
                ]
            )
        c = codes(out, (1, 3, 3), rng)
        for route in ROUTES:
            found = accumulate_fields(parts[0], parts[1], c, nf.Exact(output=out), route=route)
            for m, n in np.ndindex(3, 3):
                total = exact.decode(int(c[0, m, n]), out).value
                total += sum(values[0][6 * m + k] * values[1][3 * k + n] for k in range(6))
                assert exact.encode(total, out)[0] == int(found[0, m, n])


@pytest.mark.parametrize(
    "name", ["binary16", "e4m3", "posit16", "Binary12p1se", "binary64", "int8"]
)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_sums_of_codes(name: str, count: int) -> None:
    fmt = scalar(name)
    rng = np.random.default_rng(count)
    for mode in ("nearest_even", "toward_negative"):
        settings = settings_of(fmt, rounding=mode)
        for special in (0.0, 0.2, 0.9):
            if special and not fmt.has_nan:
                continue
            terms = [codes(fmt, (40,), rng, special=special) for _ in range(count)]
            found = sum_of_codes(terms, [fmt] * count, settings)
            for i in range(40):
                row = [exact.decode(int(term[i]), fmt) for term in terms]
                assert int(found[i]) == _total(row, fmt, mode), (special, i)


def _total(row: list[Any], fmt: Any, mode: str) -> int:
    """Return the code of a sum of data, as point 2 of the specification says."""
    infinite = {x.sign for x in row if x.kind == 3}
    if any(x.kind == 4 for x in row) or len(infinite) == 2:
        return int(fmt.nan_code(0))
    options = {"rounding": mode, "overflow": settings_of(fmt, rounding=mode).options.overflow}
    if infinite:
        return exact.encode(-math.inf if 1 in infinite else math.inf, fmt, **options)[0]
    total = sum((x.value for x in row), Fraction(0))
    if total or fmt.name.startswith("Binary"):
        return exact.encode(total, fmt, **options)[0]
    signs = {x.sign if x.kind == 0 else 2 for x in row}
    minus = signs == {1} or (signs != {0} and mode == "toward_negative")
    return exact.encode(-0.0 if minus else 0.0, fmt, **options)[0]


def test_operands_without_finite_sums_are_refused() -> None:
    log = scalar("lns8_3")
    one = np.zeros((1, 2, 2), np.uint8)
    with pytest.raises(nf.FormatError, match=r"no finite exact sum.*Sequential"):
        accumulate(one, one, one, (log, log), nf.Exact(output="e4m3"))
    with pytest.raises(nf.FormatError, match="rounded to floats"):
        accumulate(one, one, one, (scalar("e4m3"),) * 2, nf.Exact(output=log))


def test_pieces_always_fit_a_float64() -> None:
    rng = np.random.default_rng(23)
    empty = pieces.Fields(
        *(np.zeros((1, 1, 1), d) for d in (np.uint8, np.uint8, np.int64, np.uint64))
    )
    for _ in range(300):
        depth = int(2 ** rng.uniform(0, 30))
        spans = [int(2 ** rng.uniform(0, 12)) for _ in range(2)]
        sides = [pieces.Side(empty, np.zeros((1, 1), np.int64), s, 1, False) for s in spans]
        cut = pieces.best_cut(*sides, depth)
        assert cut.a_width * cut.p >= spans[0]
        assert cut.b_width * cut.q >= spans[1]
        assert depth * ((1 << cut.a_width) - 1) * ((1 << cut.b_width) - 1) <= 1 << 53

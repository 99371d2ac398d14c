"""Sums made of rounded operations, held to chains of `exact` operations and to NumPy's."""

import dataclasses
import itertools
from typing import Any

import ml_dtypes
import numba
import numpy as np
import pytest

import numfmt as nf
from numfmt import randomness
from numfmt.dialects import DIALECTS
from numfmt.exact.dots import dot
from numfmt.families.base import ScalarFormat
from numfmt.matrix_units.accumulators import (
    Compensated,
    Exact,
    Pairwise,
    ProductTable,
    Sequential,
)
from numfmt.tensor import chains, stepwise

Array = np.ndarray
DETERMINISTIC = [mode for mode in nf.Rounding if not mode.stochastic]
STOCHASTIC = [mode for mode in nf.Rounding if mode.stochastic]


# The witness: one output at a time.


def expected(
    a: Array, b: Array, c: Array, formats: Any, accumulator: Any, draws: Any = None
) -> Array:
    """Return the result, an output at a time; draws(r) gives an array of all outputs' bits."""
    out = np.empty(c.shape, accumulator.output.code_dtype)
    for flat, (batch, m, n) in enumerate(np.ndindex(c.shape)):
        one = None if draws is None else (lambda r, o=flat: int(draws(r)[o]))
        codes = a[batch, m].tolist(), b[batch, :, n].tolist(), int(c[batch, m, n])
        out[batch, m, n] = dot(*codes, formats, accumulator=accumulator, draws=one)
    return out


# Operands


def codes_of(fmt: ScalarFormat, shape: tuple[int, ...], seed: int, wild: float = 0.3) -> Array:
    """Return codes near 1, and some from anywhere in the format."""
    rng = np.random.default_rng([seed, fmt.bits])
    top = min((1 << fmt.bits) - 1, (1 << 64) - 1)
    found = rng.integers(0, top, shape, np.uint64, endpoint=True).astype(fmt.code_dtype)
    used = np.array([code for code in range(1 << min(fmt.bits, 8))], fmt.code_dtype)
    if fmt.unused_codes():
        used = np.setdiff1d(used, np.array(fmt.unused_codes(), fmt.code_dtype))
        found = rng.choice(used, shape)
    values = rng.standard_normal(shape) * 2.0 ** rng.integers(-3, 3, shape)
    if not fmt.signed_values:
        values = np.abs(values)
    near = nf.encode(values, fmt)
    tame = np.where(rng.random(shape) < wild, found, near).astype(fmt.code_dtype)
    if fmt.has_nan and wild < 1:  # few NaNs: they hide the rest
        nan = np.array([fmt.nan_code(0), fmt.nan_code(1)], np.uint64).astype(fmt.code_dtype)
        bad = np.isin(tame, nan)
        if isinstance(fmt, nf.FloatFormat) and fmt.style is nf.Style.IEEE:
            magnitude = tame & fmt.code_dtype.type((1 << (fmt.bits - 1)) - 1)
            bad = magnitude > (fmt.infinity_code(0) or 0)
        tame = np.where(bad & (rng.random(shape) < 0.9), near, tame)
    return tame.astype(fmt.code_dtype)


def matrices(
    fa: ScalarFormat, fb: ScalarFormat, out: ScalarFormat, size: tuple[int, ...], **how: Any
) -> tuple[Array, Array, Array]:
    count, rows, depth, columns = size
    seed = how.pop("seed", 0)
    return (
        codes_of(fa, (count, rows, depth), 3 * seed, **how),
        codes_of(fb, (count, depth, columns), 3 * seed + 1, **how),
        codes_of(out, (count, rows, columns), 3 * seed + 2, **how),
    )


def check(
    names: tuple[str, str],
    accumulator: Any,
    size: tuple[int, ...] = (1, 3, 4, 3),
    *,
    seed: int = 0,
    wild: float = 0.3,
) -> Array:
    formats = nf.get(names[0]), nf.get(names[1])
    a, b, c = matrices(*formats, accumulator.output, size, seed=seed, wild=wild)
    found = stepwise.accumulate(a, b, c, formats, accumulator)
    wanted = expected(a, b, c, formats, accumulator)
    assert found.dtype == accumulator.output.code_dtype
    assert found.tolist() == wanted.tolist(), (names, accumulator)
    return found


# Against exact


MIXTURES = [
    ("e4m3", "e5m2", "binary32"),
    ("e2m1", "e3m2", "binary16"),
    ("binary16", "binary16", "binary32"),
    ("binary16", "bfloat16", "bfloat16"),
    ("bfloat16", "bfloat16", "binary32"),
    ("binary32", "binary32", "binary32"),
    ("binary32", "binary16", "binary64"),
    ("binary64", "binary64", "binary64"),
    ("binary64", "e4m3", "tf32"),
    ("tf32", "tf32", "tf32"),
    ("e4m3", "e4m3", "e5m2"),
    ("e4m3", "e4m3", "e4m3"),
    ("float8_e4m3fnuz", "float8_e5m2fnuz", "binary16"),
    ("e5m2", "e5m2", "float8_e4m3fnuz"),
    ("Binary8p3se", "Binary8p4se", "Binary8p3se"),
    ("Binary8p3sf", "Binary8p3se", "binary16"),
    ("int8", "int8", "int32"),
    ("int8", "uint8", "binary32"),
    ("q2.14", "q2.14", "q8.8"),
    ("int8", "int8", "int8"),
    ("posit8", "posit8", "posit16"),
    ("posit16", "posit16", "posit32"),
    ("takum16", "posit8", "takum16"),
    ("posit16", "takum16", "binary32"),
    ("lns8_3", "lns8_3", "lns8_3"),
    ("lns8_3", "e4m3", "binary16"),
    ("nf4", "e4m3", "binary32"),
    ("nf4", "nf4", "nf4"),
]
KINDS: list[dict[str, Any]] = [
    {"kind": Sequential},
    {"kind": Exact, "block": 1},
    {"kind": Exact, "block": 1, "late": True},
    {"kind": Sequential, "product": True},
    {"kind": Pairwise},
    {"kind": Pairwise, "arity": 3, "block": 4},
    {"kind": Pairwise, "product": True},
    {"kind": Compensated},
    {"kind": Compensated, "method": "neumaier"},
]


def made(kind: dict[str, Any], out: str, **more: Any) -> Any:
    """Return an accumulator; a product of True is the output format."""
    fields = {**kind, **more, "output": out}
    if fields.get("product") is True:
        fields["product"] = out
    return fields.pop("kind")(**fields)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("mixture", MIXTURES, ids="-".join)
def test_steps_are_those_of_exact(mixture: tuple[str, str, str], kind: dict[str, Any]) -> None:
    fa, fb, out = mixture
    slow = "lns" in fa + out
    more = {}
    if not (nf.get(out).has_nan) and nf.get(fa).has_nan:
        pytest.skip("NaN has no code")
    wild = 0.1 if out in ("int8", "q8.8") else 0.3
    check((fa, fb), made(kind, out, **more), (1, 2, 3, 2) if slow else (1, 2, 5, 3), wild=wild)


@pytest.mark.parametrize("mode", DETERMINISTIC, ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "out", ["binary32", "bfloat16", "binary16", "e4m3", "int32", "Binary8p3se"]
)
def test_every_mode_rounds_every_step(out: str, mode: nf.Rounding) -> None:
    source = "int8" if out == "int32" else "e4m3"
    for kind in KINDS[0], KINDS[3], KINDS[5], KINDS[8]:
        check((source, source), made(kind, out, rounding=mode), seed=3)
    check(
        (source, source),
        made(KINDS[0], out, product=out, product_rounding=mode, rounding="nearest_even"),
    )


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_dialects_deliver_their_nans(kind: dict[str, Any], name: str) -> None:
    for source, out in ("binary16", "binary16"), ("binary16", "binary32"), ("e5m2", "bfloat16"):
        check((source, source), made(kind, out, dialect=name), (1, 4, 3, 4), wild=1.0, seed=5)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(("inputs", "results"), [(True, None), (None, True), (True, True)])
def test_flushing_acts_on_every_operand_and_result(
    kind: dict[str, Any], inputs: bool | None, results: bool | None
) -> None:
    how = {"flush_inputs": inputs, "flush_results": results}
    for source, out in ("e5m2", "e5m2"), ("binary16", "binary16"), ("e4m3", "binary32"):
        formats = (nf.get(source),) * 2
        accumulator = made(kind, out, **how)
        a, b, c = matrices(*formats, accumulator.output, (1, 4, 4, 4), seed=7)
        low = (a & 3) == 1  # the least values, of either sign
        a = np.where(low, a & a.dtype.type(1 | 1 << (8 * a.itemsize - 1)), a).astype(a.dtype)
        b = np.where(b % 3 == 0, b & b.dtype.type(0x83), b).astype(b.dtype)
        c = np.where(c % 2 == 0, c & c.dtype.type(3), c).astype(c.dtype)
        found = stepwise.accumulate(a, b, c, formats, accumulator)
        assert found.tolist() == expected(a, b, c, formats, accumulator).tolist()


@pytest.mark.parametrize("policy", ["saturate", "infinity", "nan", "saturate_propagate", "ieee"])
@pytest.mark.parametrize("mode", ["nearest_even", "toward_zero", "toward_positive"])
def test_overflow_follows_the_policy_in_every_step(policy: str, mode: str) -> None:
    for kind in KINDS:
        for out in ("binary16", "e5m2"):
            accumulator = made(kind, out, overflow=policy, rounding=mode)
            check(("binary16", "binary16"), accumulator, (1, 3, 4, 3), wild=0.6, seed=9)


def test_integers_wrap_and_saturate() -> None:
    for policy, kind in itertools.product(("wrap", "saturate"), KINDS):
        check(("int8", "int8"), made(kind, "int16", overflow=policy), (1, 4, 9, 4), wild=1.0)


def test_products_have_a_format_and_a_mode_of_their_own() -> None:
    for product, out in itertools.product(
        ("binary16", "bfloat16", "e5m2", "binary32", "posit16", "Binary8p3se", "e4m3"),
        ("binary32", "binary16", "bfloat16"),
    ):
        for kind in (Sequential, Pairwise):
            for mode in (None, "toward_zero", "to_odd"):
                accumulator = kind(output=out, product=product, product_rounding=mode)
                check(("e4m3", "binary16"), accumulator, seed=11)


# Random bits


def seeded(seed: int, outputs: int) -> tuple[Any, Any]:
    """Return the draws of a seed for the engine and for the witness."""

    def engine(r: int) -> Any:
        key = (seed + (r << 64)) % (1 << 128)
        return lambda start, stop: randomness.seeded(key, 8, start, stop)

    return engine, lambda r: engine(r)(0, outputs)


@pytest.mark.parametrize("mode", STOCHASTIC, ids=lambda mode: mode.value)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_rounding_takes_its_own_draw(kind: dict[str, Any], mode: nf.Rounding) -> None:
    for source, out in ("e4m3", "bfloat16"), ("binary16", "binary16"), ("int8", "e5m2"):
        formats = nf.get(source), nf.get(source)
        accumulator = made(kind, out, rounding=mode)
        a, b, c = matrices(*formats, accumulator.output, (2, 3, 7, 7))
        engine, witness = seeded(12345, c.size)
        found = stepwise.accumulate(a, b, c, formats, accumulator, engine)
        wanted = expected(a, b, c, formats, accumulator, witness)
        assert found.tolist() == wanted.tolist()


def test_draws_do_not_depend_on_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    fmt = nf.get("e4m3")
    for kind in KINDS:
        accumulator = made(kind, "bfloat16", rounding="stochastic_a")
        a, b, c = matrices(fmt, fmt, accumulator.output, (3, 5, 4, 21))
        engine, _ = seeded(99, c.size)
        monkeypatch.undo()
        whole = stepwise.accumulate(a, b, c, (fmt, fmt), accumulator, engine)
        for tile in (7, 32, 50):
            monkeypatch.setattr(stepwise, "TILE", tile)
            parts = stepwise.accumulate(a, b, c, (fmt, fmt), accumulator, engine)
            assert parts.tolist() == whole.tolist()


def test_stochastic_sums_need_draws() -> None:
    fmt = nf.get("e4m3")
    a, b, c = matrices(fmt, fmt, nf.get("binary16"), (1, 1, 1, 1))
    for field in ("rounding", "product_rounding"):
        rule = Sequential(output="binary16", product="binary16", **{field: "stochastic_a"})
        with pytest.raises(nf.FormatError, match="needs random bits"):
            stepwise.accumulate(a, b, c, (fmt, fmt), rule)


# Tables


def test_products_come_from_the_table() -> None:
    every = np.arange(256)
    codes = nf.mul(every[:, None] & 0xF0, every, "e4m3", result="bfloat16")
    table = ProductTable(format="bfloat16", codes=codes)
    for out in ("binary32", "bfloat16", "e4m3", "posit16"):
        for kind in ({"kind": Sequential}, {"kind": Exact, "block": 1}, {"kind": Pairwise}):
            check(("e4m3", "e4m3"), made(kind, out, product=table), seed=13)
    small = ProductTable(format="int8", codes=np.arange(16 * 4).reshape(16, 4))
    formats = nf.get("int4"), nf.get("uint2")
    a, b, c = matrices(*formats, nf.get("int32"), (1, 3, 4, 3), wild=1.0)
    accumulator = Sequential(output="int32", product=small)
    found = stepwise.accumulate(a, b, c, formats, accumulator)
    assert found.tolist() == expected(a, b, c, formats, accumulator).tolist()


# Shapes


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 5, 6, 7, 8, 9, 13])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_any_number_of_products(kind: dict[str, Any], depth: int) -> None:
    for out in ("bfloat16", "binary32", "e4m3"):
        check(("e4m3", "e5m2"), made(kind, out), (2, 2, depth, 3))


def test_no_products_leave_even_a_nan_as_it_is() -> None:
    c = np.array([[[0x7F800001, 0x80000000]]], np.uint32)
    a, b = np.zeros((1, 1, 0), np.uint8), np.zeros((1, 0, 2), np.uint8)
    for kind in KINDS:
        accumulator = made(kind, "binary32")
        found = stepwise.accumulate(a, b, c, (nf.get("e4m3"),) * 2, accumulator)
        assert found.tolist() == c.tolist()
        assert not np.shares_memory(found, c)


@pytest.mark.parametrize("size", [(0, 2, 3, 2), (2, 0, 3, 2), (2, 3, 3, 0)])
def test_empty_results(size: tuple[int, ...]) -> None:
    for kind in KINDS:
        accumulator = made(kind, "binary32")
        fmt = nf.get("binary16")
        a, b, c = matrices(fmt, fmt, accumulator.output, size)
        assert stepwise.accumulate(a, b, c, (fmt, fmt), accumulator).shape == c.shape


def test_shared_batches_are_views() -> None:
    fmt = nf.get("bfloat16")
    for kind, out in itertools.product(KINDS, ("binary32", "bfloat16", "e5m2")):
        accumulator = made(kind, out)
        a, b, c = matrices(fmt, fmt, accumulator.output, (3, 4, 5, 6))
        for shared in itertools.product((False, True), repeat=3):
            views = [
                np.broadcast_to(x[:1], x.shape) if same else x
                for x, same in zip((a, b, c), shared, strict=True)
            ]
            copies = [np.array(view) for view in views]
            found = stepwise.accumulate(*views, (fmt, fmt), accumulator)
            assert found.tolist() == stepwise.accumulate(*copies, (fmt, fmt), accumulator).tolist()


def test_operands_may_be_strided() -> None:
    fmt = nf.get("binary16")
    a, b, c = matrices(fmt, fmt, nf.get("binary32"), (2, 6, 8, 10))
    turned = a.swapaxes(1, 2).copy().swapaxes(1, 2)
    for kind in KINDS:
        accumulator = made(kind, "binary32")
        views = turned[:, ::2, ::-1], b[:, ::-1, ::2], c[:, ::2, ::2]
        found = stepwise.accumulate(*views, (fmt, fmt), accumulator)
        copies = [np.ascontiguousarray(view) for view in views]
        assert found.tolist() == stepwise.accumulate(*copies, (fmt, fmt), accumulator).tolist()


# The machine's floats


ROUTES: list[tuple[str, str, str, str | None, int]] = [
    ("e4m3", "e4m3", "binary32", None, 32),
    ("e5m2", "e5m2", "binary32", None, 32),
    ("e2m1", "e3m2", "binary32", None, 32),
    ("int8", "int8", "binary32", None, 32),
    ("binary16", "binary16", "binary32", None, 32),
    ("binary32", "binary32", "binary32", "binary32", 32),
    ("binary32", "binary32", "binary32", None, 64),
    ("binary32", "binary32", "binary64", None, 64),
    ("binary64", "binary64", "binary64", "binary64", 64),
    ("binary64", "binary64", "binary64", None, 0),
    ("bfloat16", "bfloat16", "bfloat16", None, 64),
    ("bfloat16", "bfloat16", "bfloat16", "bfloat16", 64),
    ("binary16", "binary16", "binary16", None, 32),
    ("binary16", "binary16", "binary16", "binary16", 32),
    ("binary16", "binary16", "binary16", "binary32", 32),
    ("e4m3", "e4m3", "bfloat16", "binary16", 32),
    ("binary16", "binary16", "binary32", "bfloat16", 32),
    ("e4m3", "e5m2", "e5m2", "e5m2", 32),
    ("tf32", "tf32", "tf32", None, 64),
    ("posit16", "posit16", "binary32", None, 64),
    ("nf4", "nf4", "binary32", None, 64),
    ("e4m3", "e4m3", "e4m3", None, 0),
    ("lns8_3", "lns8_3", "binary32", None, 0),
    ("Binary8p3se", "Binary8p3se", "binary32", None, 32),
]


def hard(fmt: ScalarFormat, shape: tuple[int, ...], seed: int, lean: float) -> Array:
    """Return any codes, few NaNs and infinities, many with few digits, many near the ends."""
    codes = codes_of(fmt, shape, seed, wild=lean)
    rng = np.random.default_rng(seed)
    if isinstance(fmt, nf.FloatFormat) and fmt.trailing_bits > 2:
        word = codes.dtype.type
        short = codes & ~word((1 << rng.integers(1, fmt.trailing_bits)) - 1)
        codes = np.where(rng.random(shape) < 0.3, short, codes)
        tiny = codes & word((1 << (fmt.bits - 1)) | (1 << (fmt.trailing_bits + 1)) - 1)
        codes = np.where(rng.random(shape) < 0.1, tiny, codes)
        top = fmt.largest_code(0)
        codes = np.where(rng.random(shape) < 0.02, word(top), codes)
        inf = fmt.infinity_code(0)
        if inf is not None:
            codes = np.where(rng.random(shape) < 0.002, word(inf), codes)
    return codes.astype(fmt.code_dtype)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: "-".join(str(x) for x in r[:4]))
def test_the_machines_sums_are_those_of_the_operations(
    route: tuple[str, str, str, str | None, int],
) -> None:
    fa, fb = nf.get(route[0]), nf.get(route[1])
    accumulator = Sequential(output=route[2], product=route[3])
    steps = stepwise.steps_of(accumulator, (fa, fb))
    for seed, lean, size in (
        (1, 0.0, (2, 9, 24, 17)),
        (2, 0.1, (1, 24, 9, 40)),
        (3, 0.5, (2, 30, 6, 40)),
        (4, 1.0, (1, 60, 3, 60)),
    ):
        if numba.config.DISABLE_JIT:
            size = (1, 4, 5, 6)
        a = hard(fa, (size[0], size[1], size[2]), seed, lean)
        b = hard(fb, (size[0], size[2], size[3]), seed + 10, lean)
        c = hard(accumulator.output, (size[0], size[1], size[3]), seed + 20, lean)
        found = chains.accumulate(a, b, c, (fa, fb), steps.product, steps.result)
        assert (found is not None) == bool(route[4])
        wanted = stepwise.by_operations(a, b, c, steps, None)
        public = stepwise.accumulate(a, b, c, (fa, fb), accumulator)
        assert np.array_equal(public, wanted)
        if found is not None:
            assert np.array_equal(found, wanted)


def test_the_route_depends_on_the_operands_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    run = chains._run
    monkeypatch.setattr(
        chains, "_run", lambda route, *rest: taken.append(route) or run(route, *rest)
    )
    fmt = nf.get("bfloat16")
    c = np.zeros((1, 1, 1), np.uint32)

    def machine(x: float, y: float, product: str | None = None) -> str:
        a, b = (nf.encode(np.full((1, 1, 1), v), fmt) for v in (x, y))
        accumulator = Sequential(output="binary32", product=product)
        found = stepwise.accumulate(a, b, c, (fmt, fmt), accumulator)
        assert found.tolist() == expected(a, b, c, (fmt, fmt), accumulator).tolist()
        return taken[-1].machine.real.__name__

    assert machine(1.0, 3.0) == "float32"
    assert machine(2.0**100, 2.0**26) == "float32"
    assert machine(2.0**100, 2.0**27) == "float64"  # nothing is known of the digits' values
    assert machine(1.5 * 2.0**100, 1.5 * 2.0**26) == "float32"
    assert machine(2.0**-100, 2.0**-49) == "float32"
    assert machine(2.0**-100, 2.0**-50) == "float64"
    assert machine(1.5 * 2.0**-100, 2.0**-49) == "float64"
    assert machine(1.5 * 2.0**-100, 2.0**-49, "binary32") == "float32"
    assert machine(0.0, 2.0**-133) == "float32"


@pytest.mark.parametrize("precision", [2, 5, 10, 11, 12, 21, 22, 23, 24])
def test_formats_of_every_width_are_rounded_once(precision: int) -> None:
    out = nf.FloatFormat(name="ours", bits=8 + precision, precision=precision, emin=-126)
    fmt, size = nf.get("binary16"), (1, 12, 5, 12) if numba.config.DISABLE_JIT else (1, 60, 5, 60)
    for product in (None, out, "bfloat16", "binary16"):
        accumulator = Sequential(output=out, product=product)
        steps = stepwise.steps_of(accumulator, (fmt, fmt))
        for seed, lean in (1, 0.0), (2, 0.5), (3, 1.0):
            a, b = hard(fmt, size[:3], seed, lean), hard(fmt, (1, *size[2:]), seed + 1, lean)
            p = nf.mul(a[:, :, :1], b[:, :1], fmt, result=out)
            sign = out.code_dtype.type(1 << (out.bits - 1))
            for c in (p ^ sign, p, p & sign | out.code_dtype.type(seed)):
                found = chains.accumulate(a, b, c, (fmt, fmt), steps.product, steps.result)
                assert found is not None
                assert np.array_equal(found, stepwise.by_operations(a, b, c, steps, None))


def test_other_options_are_left_to_the_operations() -> None:
    fmt = nf.get("e4m3")
    a, b, c = matrices(fmt, fmt, nf.get("binary32"), (1, 1, 1, 1))
    for options in (
        {"rounding": "toward_zero"},
        {"overflow": "saturate"},
        {"dialect": "x86"},
        {"dialect": "arm"},
        {"dialect": dataclasses.replace(DIALECTS["ieee"], zero_sign=nf.ZeroSign.PLUS)},
        {"flush_inputs": True},
        {"flush_results": True},
        {"product": "binary32", "product_rounding": "toward_zero"},
    ):
        steps = stepwise.steps_of(Sequential(output="binary32", **options), (fmt, fmt))
        assert chains.accumulate(a, b, c, (fmt, fmt), steps.product, steps.result) is None


def one_by_one(name: str, out: str, a: list[int], b: list[int], c: int, **how: Any) -> int:
    """Return a dot product of codes, which `exact` confirms."""
    fmt, accumulator = nf.get(name), Sequential(output=out, **how)
    x = np.array(a, fmt.code_dtype).reshape(1, 1, -1)
    y = np.array(b, fmt.code_dtype).reshape(1, -1, 1)
    start = np.array(c, accumulator.output.code_dtype).reshape(1, 1, 1)
    found = stepwise.accumulate(x, y, start, (fmt, fmt), accumulator).item()
    assert found == dot(a, b, c, (fmt, fmt), accumulator=accumulator)
    return int(found)


def test_a_product_and_its_addition_are_never_fused() -> None:
    x = 0x3F800800  # 1 + 2**-12
    square = 0x3F801000  # its square to nearest: 1 + 2**-11
    unfused = one_by_one("binary32", "binary32", [x], [x], square ^ 0x80000000, product="binary32")
    fused = one_by_one("binary32", "binary32", [x], [x], square ^ 0x80000000)
    assert unfused == 0
    assert fused == (127 - 24) << 23
    double, y = 0x3FF0000001000000, 0x3FF0000000000000  # 1 + 2**-28
    wide = one_by_one(
        "binary64", "binary64", [double], [double], 0xBFF0000002000000, product="binary64"
    )
    assert (wide, y >> 52) == (0, 1023)


def test_what_lies_beside_a_tie_is_seen() -> None:
    # 37 * 7 * 2**-8 is 1 + 3 * 2**-8: midway between bfloat16s; c is far below all its digits.
    a, b = nf.encode([37 / 16], "bfloat16").tolist(), nf.encode([7 / 16], "bfloat16").tolist()
    at, above, below = (one_by_one("bfloat16", "bfloat16", a, b, c) for c in (0, 0x0001, 0x8001))
    assert (at, above, below) == (0x3F82, 0x3F82, 0x3F81)
    odd = nf.encode([2**-13 * (1 + 2**-10)], "binary16").tolist()
    for c in (0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF):
        one_by_one("binary16", "binary16", odd, odd, c)
        one_by_one("binary16", "binary16", odd, [x ^ 0x8000 for x in odd], c)


def test_sums_past_the_end_and_of_infinities() -> None:
    big, inf, nan = 0x7F7F, 0x7F80, 0x7FC0
    for a, b, c in itertools.product((big, inf, 0, 0x8000, nan, 0x7F81, 0xFF7F), repeat=3):
        for product in (None, "bfloat16", "binary32"):
            one_by_one("bfloat16", "bfloat16", [a, 0x3F80], [b, 0x3F80], c, product=product)
            wide = int(c) << 16
            one_by_one("bfloat16", "binary32", [a, 0x3F80], [b, 0x3F80], wide, product=product)
    edge = nf.encode([65504.0, 16.0, -16.0], "binary16").tolist()
    one = nf.encode([1.0] * 3, "binary16").tolist()
    assert one_by_one("binary16", "binary16", edge[:2], one[:2], 0) == 0x7C00
    assert one_by_one("binary16", "binary16", edge, one, 0) == 0x7C00
    largest = [0x7F7FFFFF, 0x3F800000]
    for c in (0x73800000, 0xF3C00000, 0x73000000, 0x7F7F0000, 0xFF7F0000):
        for out in ("binary32", "tf32", "bfloat16"):
            start = c if out == "binary32" else c >> (32 - nf.get(out).bits)
            one_by_one("binary32", out, [largest[0]], [largest[1]], start, product="binary32")
            one_by_one("binary32", out, [largest[0]], [largest[1]], start)


def test_zeros_keep_their_signs() -> None:
    for a, b, c in itertools.product((0, 0x8000), (0x3C00, 0xBC00), (0, 0x8000)):
        for out, shift in (("binary16", 0), ("binary32", 16)):
            for product in (None, out):
                one_by_one("binary16", out, [a], [b], c << shift, product=product)
                one_by_one("binary16", out, [0x3C00, 0x3C00], [b, b ^ 0x8000], c << shift)


# NumPy as a witness


def by_numpy(a: Array, b: Array, c: Array) -> Array:
    """Return sums whose every product and addition NumPy rounds."""
    with np.errstate(all="ignore"):
        for k in range(a.shape[2]):
            c = c + a[:, :, k, None] * b[:, k, None, :]
    return c


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("binary32", np.float32),
        ("binary64", np.float64),
        ("binary16", np.float16),
        ("bfloat16", ml_dtypes.bfloat16),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 2.0**-13, 2.0**7])
def test_numpy_adds_likewise(name: str, dtype: Any, scale: float) -> None:
    rng = np.random.default_rng(7)
    size = (2, 5, 9, 6) if numba.config.DISABLE_JIT else (2, 33, 70, 45)
    count, rows, depth, columns = size
    a = (rng.standard_normal((count, rows, depth)) * scale).astype(dtype)
    b = (rng.standard_normal((count, depth, columns)) * scale).astype(dtype)
    c = rng.standard_normal((count, rows, columns)).astype(dtype)
    fmt = nf.get(name)
    codes = [x.view(fmt.code_dtype) for x in (a, b, c)]
    accumulator = Sequential(output=name, product=name)
    found = stepwise.accumulate(*codes, (fmt, fmt), accumulator)
    wanted = by_numpy(a, b, c)
    wanted[np.isnan(wanted)] = np.nan  # of either sign
    assert np.array_equal(found, wanted.view(fmt.code_dtype))


@pytest.mark.parametrize("name", ["e4m3", "binary16", "int8"])
def test_numpy_adds_exact_products_likewise(name: str) -> None:
    fmt, rng = nf.get(name), np.random.default_rng(8)
    a, b = (nf.encode(rng.standard_normal(s) * 9, fmt) for s in ((1, 9, 40), (1, 40, 11)))
    c = rng.standard_normal((1, 9, 11)).astype(np.float32)
    x, y = (nf.decode(codes, fmt, dtype=np.float32) for codes in (a, b))
    found = stepwise.accumulate(a, b, c.view(np.uint32), (fmt, fmt), Sequential(output="binary32"))
    assert np.array_equal(found, by_numpy(x, y, c).view(np.uint32))


# Threads and tiles


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_threads_and_tiles_change_nothing(
    kind: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fmt = nf.get("e4m3")
    count = numba.get_num_threads()
    for out in ("binary32", "bfloat16", "e4m3"):
        accumulator = made(kind, out)
        size = (2, 4, 6, 5) if numba.config.DISABLE_JIT else (2, 20, 12, 50)
        a, b, c = matrices(fmt, fmt, accumulator.output, size)
        found = []
        for threads, tile, large in ((1, 1 << 15, 1 << 18), (min(2, count), 200, 16), (1, 99, 16)):
            monkeypatch.setattr(stepwise, "TILE", tile)
            monkeypatch.setattr("numfmt.parallel.LARGE", large)
            monkeypatch.setattr(chains, "_TOGETHER", tile)
            try:
                numba.set_num_threads(threads)
                found.append(stepwise.accumulate(a, b, c, (fmt, fmt), accumulator))
            finally:
                numba.set_num_threads(count)
        assert np.array_equal(found[0], found[1])
        assert np.array_equal(found[0], found[2])


# Wide nodes


@pytest.mark.parametrize("arity", [3, 4, 5, 8])
def test_wide_nodes_are_rounded_once(arity: int) -> None:
    fmt = nf.get("e4m3")
    for out in ("bfloat16", "binary32", "e5m2", "int16", "posit16"):
        source = "int8" if out == "int16" else "e4m3"
        check((source, source), Pairwise(output=out, arity=arity), (1, 3, 11, 3), wild=0.1)
    accumulator = Pairwise(output="bfloat16", arity=arity, block=9, rounding="stochastic_b")
    a, b, c = matrices(fmt, fmt, accumulator.output, (1, 5, 12, 9))
    engine, witness = seeded(77, c.size)
    found = stepwise.accumulate(a, b, c, (fmt, fmt), accumulator, engine)
    assert found.tolist() == expected(a, b, c, (fmt, fmt), accumulator, witness).tolist()


# Refusals


def test_what_is_no_stepwise_sum_is_refused() -> None:
    fmt = nf.get("e4m3")
    a, b, c = matrices(fmt, fmt, nf.get("binary32"), (1, 1, 2, 1))
    for accumulator, text in (
        (Exact(output="binary32"), "blocks of 1"),
        (nf.Aligned(output="binary32", block=4, fraction_bits=20), "no stepwise sum"),
    ):
        with pytest.raises(nf.FormatError, match=text):
            stepwise.accumulate(a, b, c, (fmt, fmt), accumulator)


def test_a_sum_without_a_code_is_refused() -> None:
    fmt = nf.get("binary16")
    a = np.full((1, 1, 1), 0x7E00, np.uint16)
    b = np.full((1, 1, 1), 0x3C00, np.uint16)
    c = np.zeros((1, 1, 1), np.uint8)
    for out in ("e2m1", "int8"):
        with pytest.raises(nf.FormatError, match="no code"):
            stepwise.accumulate(a, b, c, (fmt, fmt), Sequential(output=out))
    rule = Sequential(output="int8", overflow="raise")
    for code in (0x7BFF, 0x7C00):
        with pytest.raises(nf.FormatError, match="no code"):
            stepwise.accumulate(np.full_like(a, code), b, c, (fmt, fmt), rule)

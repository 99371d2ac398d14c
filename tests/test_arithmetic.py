"""Arithmetic on codes: against exact rationals, corner operands, peers, itself, and its laws."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import arithmetic
import corners
import numfmt as nf
import pairs
from numfmt import Flags, exact
from numfmt.arithmetic import engine, lookup
from numfmt.families.codebooks import CodebookFormat
from numfmt.families.logarithmic import LogarithmicFormat

Array = np.ndarray[Any, Any]
NX, UF, OF, DZ, NV = (int(flag) for flag in (Flags.NX, Flags.UF, Flags.OF, Flags.DZ, Flags.NV))
BINARY = ("add", "sub", "mul", "div")
MODES = arithmetic.MODES


def small(most: int, least: int = 1) -> list[str]:
    """Return the catalogued formats of so many bits whose values are rationals."""
    found = nf.names(max_bits=most, kind="scalar")
    return [
        name
        for name in found
        if nf.get(name).bits >= least and not isinstance(nf.get(name), LogarithmicFormat)
    ]


def slow_books(name: str) -> bool:
    return isinstance(nf.get(name), CodebookFormat) and nf.get(name).bits > 6


# All operands


@pytest.mark.parametrize("name", small(4))
def test_every_pair_and_triple_of_up_to_4_bits_is_exact_in_every_mode(name: str) -> None:
    fmt = nf.get(name)
    fmas = ("nearest_even", "toward_negative", "nearest_away", "to_odd")
    for op in (*BINARY, "fma"):
        if op == "fma" and isinstance(fmt, CodebookFormat) and fmt.bits > 3:
            continue  # in the slow sweep
        table = pairs.Pairs(op, name)
        for mode in pairs.modes(fmt):
            if op != "fma" or mode in fmas:
                table.check(rounding=mode)


BYTES = (
    "e4m3", "e5m2", "Binary8p4se", "float8_e4m3fnuz", "int8", "posit8", "takum8", "e8m0",
)  # fmt: skip


@pytest.mark.parametrize("name", BYTES)
def test_every_pair_of_bytes_is_exact(name: str) -> None:
    others = itertools.cycle(["toward_negative", "nearest_away", "to_odd", "toward_positive"])
    for op in BINARY:
        table = pairs.Pairs(op, name)
        for mode in ("nearest_even", next(others), "toward_zero"):
            assert table.check(rounding=mode) > (30000 if name == "e8m0" else 60000)


@pytest.mark.parametrize("name", ["e5m2", "Binary8p3sf", "e4m3", "e3m2_finite"])
def test_every_pair_is_exact_with_other_options(name: str) -> None:
    for op in BINARY:
        table = pairs.Pairs(op, name)
        table.check(tininess="before")
        table.check(tininess="before", flush_results=True, rounding="nearest_up")
        table.check(overflow="saturate", dialect="ieee", nan=0x01)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in small(8, 5) if not slow_books(name)])
def test_every_pair_is_exact_in_every_mode(name: str) -> None:
    for op in BINARY:
        table = pairs.Pairs(op, name)
        for mode in pairs.modes(nf.get(name)):
            table.check(rounding=mode)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in small(8) if slow_books(name)])
def test_every_pair_of_long_codebooks_is_exact(name: str) -> None:
    for op in BINARY:
        pairs.Pairs(op, name).check(rounding="toward_zero" if op == "add" else None)


@pytest.mark.slow
@pytest.mark.parametrize("name", small(4))
def test_every_triple_of_up_to_4_bits_is_exact_in_every_mode(name: str) -> None:
    table = pairs.Pairs("fma", name)
    for mode in pairs.modes(nf.get(name)):
        table.check(rounding=mode)


LOGARITHMS = ("lns4_1", "lns5_2", "lns6_2", "takum6_log")


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("lns4_1", mode) for mode in MODES),
        *(
            pytest.param(name, mode, marks=pytest.mark.slow)
            for name in LOGARITHMS[1:]
            for mode in ("nearest_even", "toward_negative", "nearest_zero", "away_from_zero")
        ),
    ],
)
def test_every_pair_of_logarithms_is_exact(name: str, mode: str) -> None:
    codes = np.arange(1 << nf.get(name).bits)
    a, b = (grid.reshape(-1) for grid in np.meshgrid(codes, codes))
    for op in BINARY:
        assert not arithmetic.differences(op, [a, b], name, rounding=mode)


# Unary operations on all codes of 16 bits

HALVES = ("binary16", "bfloat16", "posit16", "takum16", "Binary16p5se")
UNARY = ("sqrt", "rsqrt", "recip", "round_to_int")


def scaled(name: str, codes: Array, n: Array, **options: Any) -> list[tuple[Any, ...]]:
    """Return the differences of scale_b."""
    flagged = nf.get(name).has_flags
    got = nf.scale_b(codes, n, name, return_flags=flagged, **options)
    got, raised = got if flagged else (got, np.zeros(codes.size, np.uint8))
    wanted = [
        exact.scale_b(code, k, name, **options)
        for code, k in zip(codes.tolist(), n.tolist(), strict=True)
    ]
    rows = zip(codes.tolist(), n.tolist(), got.tolist(), raised.tolist(), wanted, strict=True)
    return [row for row in rows if row[2:4] != (row[4][0], int(row[4][1]))]


def check_unary(name: str, op: str, codes: Array, mode: str) -> None:
    if op == "scale_b":
        n = np.random.default_rng(codes.size).integers(-40, 41, codes.size)
        n[::7] *= 1000
        assert not scaled(name, codes, n, rounding=mode)
    elif op != "round_to_int" or mode != "jam":
        assert not arithmetic.differences(op, [codes], name, rounding=mode)


@pytest.mark.parametrize("name", HALVES)
def test_a_sample_of_unary_results_is_exact(name: str) -> None:
    rng = np.random.default_rng(16)
    for op, mode in zip((*UNARY, "scale_b"), ("nearest_even", *MODES[-4:]), strict=True):
        codes = arithmetic.interesting(name, rng, 600)
        check_unary(name, op, codes, "nearest_even")
        check_unary(name, op, codes[:150], mode)


@pytest.mark.slow
@pytest.mark.parametrize("op", [*UNARY, "scale_b"])
@pytest.mark.parametrize("name", HALVES)
def test_every_unary_result_of_16_bits_is_exact(name: str, op: str) -> None:
    codes = np.arange(1 << 16).astype(np.uint16)
    check_unary(name, op, codes, "nearest_even")
    for i, mode in enumerate(MODES[1:]):
        check_unary(name, op, codes[i::47], mode)


# Corners

WIDTHS = ("binary16", "bfloat16", "binary32", "binary64")
NUMPY: dict[str, tuple[Any, Any]] = {
    "binary16": (np.uint16, np.float16),
    "binary32": (np.uint32, np.float32),
    "binary64": (np.uint64, np.float64),
}
UFUNCS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "sqrt": np.sqrt,
}


def differs_from_numpy(op: str, operands: list[Array], name: str) -> list[tuple[Any, ...]]:
    """Return the first operands whose codes are not those of NumPy; NaNs are alike."""
    word, real = NUMPY[name]
    with np.errstate(all="ignore"):
        theirs = UFUNCS[op](*(array.astype(word).view(real) for array in operands))
    ours = getattr(nf, op)(*operands, name)
    both = np.isnan(theirs) & np.isnan(ours.view(real))
    wrong = np.flatnonzero((ours != theirs.view(word)) & ~both)
    return [tuple(hex(array[i]) for array in (*operands, ours)) for i in wrong[:5]]


@pytest.mark.parametrize("corner", corners.CLASSES)
@pytest.mark.parametrize("name", WIDTHS)
def test_corners_are_exact(name: str, corner: str) -> None:
    rows = corners.operands(name, corner, most=600)
    place = [*corners.CLASSES].index(corner) + WIDTHS.index(name)
    some = [column[:150] for column in rows]
    for op in corners.CLASSES[corner][0]:
        assert not arithmetic.differences(op, rows, name)
        for step in (1, 4):
            mode = MODES[(place + step) % len(MODES)]
            assert not arithmetic.differences(op, some, name, rounding=mode, tininess="before")
        if name in NUMPY and op in UFUNCS:
            assert not differs_from_numpy(op, corners.operands(name, corner, seed=1), name)


@pytest.mark.slow
@pytest.mark.parametrize("corner", corners.CLASSES)
@pytest.mark.parametrize("name", WIDTHS)
def test_all_corners_are_exact_in_every_mode(name: str, corner: str) -> None:
    for seed, mode in enumerate(MODES, start=2):
        rows = corners.operands(name, corner, most=1000, seed=seed)
        for op in corners.CLASSES[corner][0]:
            for tininess in ("after", "before"):
                bad = arithmetic.differences(op, rows, name, rounding=mode, tininess=tininess)
                assert not bad, bad[:3]


@pytest.mark.parametrize("name", WIDTHS)
def test_corners_are_where_they_say(name: str) -> None:
    p, emin = nf.get(name).precision, nf.get(name).emin

    def results(corner: str, op: str, **options: Any) -> list[tuple[int, int]]:
        rows = zip(*(x.tolist() for x in corners.operands(name, corner, 700)), strict=True)
        return [getattr(exact, op)(*row, name, **options) for row in rows]

    def values(corner: str) -> list[tuple[Any, ...]]:
        columns = [array.tolist() for array in corners.operands(name, corner, 700)]
        return [tuple(exact.decode(x, name).value for x in row) for row in zip(*columns)]  # noqa: B905

    def tie(x: Any) -> Any:
        """Return the digits of x after the last of p, less a half."""
        return abs(x) / corners.two(corners.floor_log2(abs(x)) - p + 1) % 1 - corners.two(-1)

    assert sum(tie(x + y) == 0 for x, y in values("sum_ties") if x + y) >= p
    assert sum(tie(x * y) == 0 for x, y in values("product_ties")) >= p / 2
    near = [abs(tie(x * y)) for x, y in values("product_ties")]
    assert sum(0 < distance <= 3 * corners.two(1 - p) for distance in near) >= p
    near = [abs(tie(x / y)) for x, y in values("hard_quotients")]
    assert sum(0 < distance <= 3 * corners.two(1 - p) for distance in near) >= p
    whole = [
        x * corners.two(2 * (p - 1 - corners.floor_log2(x) // 2)) for (x,) in values("hard_roots")
    ]
    ties = [math.isqrt(math.floor(x)) + corners.two(-1) for x in whole]  # roots of p digits
    assert sum(0 < abs(x - root**2) <= 33 for x, root in zip(whole, ties, strict=True)) >= 8
    for corner, op in (("tiny_products", "mul"), ("fused_ends", "fma")):
        after, before = (results(corner, op, tininess=t) for t in ("after", "before"))
        assert sum(x != y for x, y in zip(after, before, strict=True)) >= 2
        least = 1 << (p - 1)
        codes = [code & ((1 << (nf.get(name).bits - 1)) - 1) for code, _ in after]
        assert {0, 1, least - 1, least} <= set(codes)
    assert emin < 0
    for corner, op in (("overflowing", "mul"), ("overflowing_sums", "add"), ("fused_ends", "fma")):
        found = results(corner, op)
        largest = nf.get(name).largest_code(0)
        assert {largest, largest + 1} <= {code for code, _ in found}
        assert {OF | NX, NX} <= {int(flags) for _, flags in found}


# Peers

ML_DTYPES = [
    "bfloat16", "float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e4m3fn",
    "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float6_e2m3fn", "float6_e3m2fn",
    "float4_e2m1fn",
]  # fmt: skip


@pytest.mark.parametrize("name", ML_DTYPES)
def test_every_pair_is_that_of_ml_dtypes(name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kind, fmt = getattr(ml_dtypes, name), nf.get(name)
    if fmt.bits > 8:  # float32 has 24 digits, twice 8 and 2 more: rounding twice is harmless
        a, b = arithmetic.together([name, name], np.random.default_rng(1), 100000)
        a, b = a.astype(fmt.code_dtype), b.astype(fmt.code_dtype)
    else:
        a, b = lookup.all_codes((fmt, fmt))
    for op in BINARY:
        with np.errstate(all="ignore"):
            theirs = UFUNCS[op](a.view(kind), b.view(kind))
        nan = np.isnan(theirs.astype(np.float32))
        given = {} if fmt.has_nan else {"nan": 0, "overflow": "saturate"}
        ours, raised = nf.__dict__[op](a, b, fmt, return_flags=True, **given)
        alike = nan & np.isnan(nf.decode(ours, fmt))
        if not fmt.has_nan:
            alike = raised & NV != 0  # they have no NaN either, and make something of it
        wrong = np.flatnonzero((ours != theirs.view(fmt.code_dtype)) & ~alike)
        assert not wrong.size, (op, [(hex(a[i]), hex(b[i])) for i in wrong[:5]])


def softposit_operations(name: str) -> tuple[Callable[[int], Any], dict[str, Any], int]:
    """Return how SoftPosit makes a posit of a code, its functions, and where a code begins."""
    softposit = pytest.importorskip("softposit")
    bits = nf.get(name).bits
    renamed = {"add": "add", "sub": "sub", "mul": "mul", "div": "div", "sqrt": "sqrt"}
    renamed["fma"] = "mulAdd"
    if name in ("posit8_0", "posit16_1"):
        kind = getattr(softposit, f"posit{bits}")
        found = {op: getattr(softposit, f"p{bits}_{theirs}") for op, theirs in renamed.items()}
        return (lambda code: kind(bits=code).v), found, 0

    def make(code: int) -> Any:
        posit = softposit.posit_2_t()
        posit.v = code << (32 - bits)
        return posit

    def with_bits(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *posits: function(*posits, bits)

    found = {op: with_bits(getattr(softposit, f"pX2_{theirs}")) for op, theirs in renamed.items()}
    return make, found, 32 - bits


@pytest.mark.parametrize("name", ["posit8_0", "posit16_1", "posit8", "posit16"])
def test_posits_are_those_of_softposit(name: str) -> None:
    make, functions, shift = softposit_operations(name)
    operands = arithmetic.together([name] * 3, np.random.default_rng(2), 4000)
    posits = [[make(code) for code in array.tolist()] for array in operands]
    for op, function in functions.items():
        count = arithmetic.ARITY[op]
        theirs = [function(*row).v >> shift for row in zip(*posits[:count], strict=True)]
        ours = getattr(nf, op)(*operands[:count], name)
        wrong = np.flatnonzero(ours != np.array(theirs))
        assert not wrong.size, (op, [[hex(x[i]) for x in operands[:count]] for i in wrong[:5]])


@pytest.mark.parametrize("op", UFUNCS)
@pytest.mark.parametrize("name", ["binary32", "binary64"])
def test_a_million_results_are_those_of_numpy(name: str, op: str) -> None:
    word, _ = NUMPY[name]
    bits, rng = nf.get(name).bits, np.random.default_rng(3)
    a, b = rng.integers(0, 1 << bits, (2, 10**6), dtype=np.uint64, endpoint=False).astype(word)
    span = word(5 << (nf.get(name).precision - 1))
    near = a + rng.integers(0, span, a.size, dtype=np.uint64).astype(word)
    b[::2] = (near ^ (rng.integers(0, 2, a.size).astype(word) << word(bits - 1)))[::2]
    assert not differs_from_numpy(op, [a, b][: arithmetic.ARITY[op]], name)


# The engines against each other

MIXED = [
    ("binary16", "binary16"), ("binary16", "e4m3"), ("bfloat16", "bfloat16"),
    ("bfloat16", "binary16"), ("binary32", "binary32"), ("e5m2", "binary16"),
    ("binary32", "bfloat16"), ("posit16", "posit16"), ("posit16", "binary16"),
    ("e4m3", "posit8"), ("tf32", "tf32"), ("int8", "binary16"), ("e3m2_finite", "e5m2"),
    ("takum8", "takum8"), ("e5m10_fn", "e4m3"), ("int16", "int16"), ("q2.14", "q4.4"),
    ("binary16", "int8"), ("uint8", "q2.14"),
]  # fmt: skip


def without_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "plan_for", lambda *_: None)
    monkeypatch.setattr(lookup, "looked_up", lambda *_: None)


@pytest.mark.parametrize(("source", "result"), MIXED)
def test_machine_floats_and_integers_give_the_same_bits(
    source: str, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operands = arithmetic.together([source] * 3, np.random.default_rng(4), 3000)
    flagged = nf.get(result).has_flags
    calls = [
        (op, {"rounding": mode, "tininess": tininess})
        for op in (*BINARY, "fma", "sqrt")
        for mode in ("nearest_even", "toward_negative", "to_odd", "away_from_zero", "nearest_up")
        for tininess in ("after", "before")
    ]

    def run(op: str, options: dict[str, Any]) -> Any:
        arguments = operands[: arithmetic.ARITY[op]]
        nan = None if nf.get(result).has_nan else 0
        return getattr(nf, op)(
            *arguments, source, result=result, nan=nan, return_flags=flagged, **options
        )

    fast = [run(*call) for call in calls]
    without_floats(monkeypatch)
    for call, found in zip(calls, fast, strict=True):
        assert np.array_equal(found, run(*call)), call


@pytest.mark.parametrize("name", ["e4m3", "Binary8p4se", "posit8", "int8", "binary16"])
def test_rationals_give_the_bits_of_the_kernels(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    operands = arithmetic.together([name] * 3, np.random.default_rng(5), 150)
    modes = ("nearest_even", "toward_negative", "stochastic_b")
    options: dict[str, Any] = {"nan": 0, "return_flags": nf.get(name).has_flags}
    names = [*BINARY, "fma", "faa", "sqrt", "recip", "round_to_int"]

    def run(op: str, mode: str) -> Any:
        given = {"rng": 1} if mode.startswith("stoch") else {}
        arguments = operands[: arithmetic.ARITY[op]]
        return getattr(nf, op)(*arguments, name, rounding=mode, **given, **options)

    fast = {(op, mode): run(op, mode) for op in names for mode in modes}
    without_floats(monkeypatch)
    monkeypatch.setattr(engine, "_by_kernel", lambda *_: False)
    for (op, mode), found in fast.items():
        assert np.array_equal(found, run(op, mode)), (op, mode)


@pytest.mark.parametrize(
    ("formats", "result"),
    [(("e4m3", "e5m2"), "binary16"), (("e4m3", "e2m1"), "e4m3"), (("posit8", "int8"), "bfloat16")],
)
def test_tables_give_the_bits_of_one_call_each(
    formats: tuple[str, str], result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operands = [codes[::3] for codes in lookup.all_codes([nf.get(name) for name in formats])]
    for op in BINARY:
        one = getattr(nf, op)(*operands, formats, result=result, return_flags=True)
        monkeypatch.setattr(lookup, "SMALL", 1 << 30)
        other = getattr(nf, op)(*operands, formats, result=result, return_flags=True)
        monkeypatch.undo()
        assert np.array_equal(one, other), op
    codes = np.arange(5000) % 128
    small = codes.astype(np.uint8)
    triple = ("e2m1", "e4m3", "e2m1")
    rows = (small % 16, small, (small >> 2) % 16)
    one = nf.fma(*rows, triple, result="e5m2", return_flags=True)
    monkeypatch.setattr(lookup, "SMALL", 1 << 30)
    assert np.array_equal(one, nf.fma(*rows, triple, result="e5m2", return_flags=True))


def test_threads_do_not_change_results() -> None:
    rng = np.random.default_rng(6)
    a, b, c = rng.integers(0, 1 << 16, (3, 1 << 18)).astype(np.uint16)
    threads = min(2, numba.config.NUMBA_NUM_THREADS)
    calls = [
        lambda: nf.add(a, b, "binary16", return_flags=True),
        lambda: nf.fma(a, b, c, "binary16", rounding="to_odd", return_flags=True),
        lambda: nf.mul(a, b, "posit16", rounding="toward_zero"),
        lambda: nf.add(a, b, "binary16", rounding="stochastic_b", rng=4),
        lambda: nf.add(a.astype(np.uint8), b.astype(np.uint8), "e4m3", return_flags=True),
        lambda: nf.div(a, b, "bfloat16", flush_inputs=True, return_flags=True),
    ]
    before = numba.get_num_threads()
    try:
        found = []
        for count in (1, threads):
            numba.set_num_threads(count)
            found.append([call() for call in calls])
    finally:
        numba.set_num_threads(before)
    for one, other in zip(*found, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.fast
@pytest.mark.parametrize("name", ["e4m3", "binary16", "posit16", "nf4", "lns8_3"])
def test_shapes_and_layouts_do_not_change_results(name: str) -> None:
    bits = min(nf.get(name).bits, 8)
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 1 << bits, (2, 6, 4)).astype(nf.get(name).code_dtype)
    want = nf.mul(a, b, name)
    assert want.shape == a.shape
    assert want.dtype == nf.get(name).code_dtype
    for x, y in ((a.T, b.T), (np.asfortranarray(a).T, b.T), (a.T.astype(np.int64), b.T.tolist())):
        assert (nf.mul(x, y, name) == want.T).all()
    assert (nf.mul(a[::-1, ::2], b[::-1, ::2], name) == want[::-1, ::2]).all()
    assert nf.mul(a[0, 0], b[0, 0], name) == want[0, 0]
    assert nf.mul(a[0, 0], b[0, 0], name).shape == ()
    outer = [[nf.mul(x, y, name) for y in b[0]] for x in a[:, 0]]
    assert (nf.mul(a[:, :1], b[:1], name) == outer).all()
    assert (nf.mul(a, b[2, 2], name) == nf.mul(a, np.full_like(a, b[2, 2]), name)).all()
    for shape in ((0,), (3, 0), (0, 4)):
        assert nf.add(np.zeros(shape, np.uint8), np.zeros(shape[1:], int), name).shape == shape
    assert nf.sqrt([], name, nan=0).shape == (0,)
    out = np.empty_like(want)
    assert nf.mul(a, b, name, out=out) is out
    assert (out == want).all()
    spread = np.zeros((12, 4), want.dtype)
    nf.mul(a, b, name, out=spread[::2])
    assert (spread[::2] == want).all()
    assert not spread[1::2].any()
    same = a.copy()
    nf.mul(same, b, name, out=same)
    assert (same == want).all()


@pytest.mark.fast
def test_flags_come_in_the_shape_of_the_codes() -> None:
    codes, raised = nf.add([[0x38], [0x7E]], [[0x38, 0x7E]], "e4m3", return_flags=True)
    assert (codes.tolist(), raised.tolist()) == ([[0x40, 0x7E], [0x7E, 0x7F]], [[0, 1], [1, 5]])
    assert raised.dtype == np.uint8
    code, raised = nf.sqrt(0x40, "e4m3", return_flags=True)
    assert (code.shape, raised.shape, int(raised)) == ((), (), NX)


# Laws

LAWFUL = (
    "binary16", "bfloat16", "e4m3", "e5m2", "binary32", "posit16", "takum16", "Binary8p3se",
    "float8_e4m3fnuz", "e3m2", "tf32", "posit8", "binary64", "e6m9_ieee",
)  # fmt: skip
FLOATS = tuple(name for name in LAWFUL if nf.get(name).has_flags and nf.get(name).has_nan)


@st.composite
def calls(draw: st.DrawFn, names: tuple[str, ...] = LAWFUL) -> tuple[str, list[Array]]:
    """Draw a format and three arrays of its codes."""
    name = draw(st.sampled_from(names))
    fmt = nf.get(name)
    count = draw(st.integers(1, 12))
    code = st.integers(0, (1 << fmt.bits) - 1)
    rows = draw(st.lists(st.tuples(code, code, code), min_size=count, max_size=count))
    arrays = [np.array(column, np.uint64) for column in zip(*rows, strict=True)]
    if draw(st.booleans()):  # neighbours, with a chance to cancel
        flip = draw(st.integers(0, 1)) << (fmt.bits - 1)
        arrays[1] = arrays[0] ^ np.uint64(flip) ^ (arrays[1] & np.uint64(7))
    return name, arrays


def reals(codes: Array, name: str) -> Array:
    """Return values; infinities and NaN may be among them."""
    return nf.decode(codes, name)


modes = st.sampled_from(MODES)


@given(calls(), modes)
def test_sums_and_products_commute(call: tuple[str, list[Array]], mode: str) -> None:
    name, (x, y, z) = call
    for op in ("add", "mul"):
        one = getattr(nf, op)(x, y, name, rounding=mode)
        assert (one == getattr(nf, op)(y, x, name, rounding=mode)).all()
    one = nf.fma(x, y, z, name, rounding=mode)
    assert (one == nf.fma(y, x, z, name, rounding=mode)).all()
    assert (nf.faa(x, y, z, name, rounding=mode) == nf.faa(z, x, y, name, rounding=mode)).all()


@given(calls(), modes)
def test_the_difference_of_equals_is_exactly_zero(call: tuple[str, list[Array]], mode: str) -> None:
    name, (x, _, _) = call
    x = x[np.isfinite(reals(x, name))]
    assume(mode != "jam")
    flagged = nf.get(name).has_flags
    found = nf.sub(x, x, name, rounding=mode, return_flags=flagged)
    codes, raised = found if flagged else (found, np.zeros(1))
    assert not reals(codes, name).any()
    assert not raised.any()
    minus = np.signbit(reals(codes, name))
    expect = mode == "toward_negative" and nf.get(name).has_negative_zero
    assert (minus == expect).all()


@given(calls(FLOATS), modes)
def test_differences_within_a_factor_of_two_are_exact(
    call: tuple[str, list[Array]], mode: str
) -> None:
    name, (x, y, _) = call
    assume(mode != "jam")
    a, b = reals(x, name), reals(y, name)
    with np.errstate(all="ignore"):
        near = np.isfinite(a) & np.isfinite(b) & (a / b >= 0.5) & (a / b <= 2)
    codes, raised = nf.sub(x[near], y[near], name, rounding=mode, return_flags=True)
    assert not raised.any()
    if nf.get(name).bits <= 32:
        assert (reals(codes, name) == a[near] - b[near]).all()


@given(calls(), modes)
def test_operations_are_monotone(call: tuple[str, list[Array]], mode: str) -> None:
    name, (x, y, _) = call
    a = reals(x, name)
    assume(np.isfinite(a).any())
    x = x[np.isfinite(a)]
    x = x[np.argsort(reals(x, name), kind="stable")]
    y = y[:1]
    assume(np.isfinite(reals(y, name)).all() and reals(y, name)[0] > 0)
    for op in BINARY:
        kept = {} if op != "div" else {"overflow": "saturate"}
        found = reals(getattr(nf, op)(x, y, name, rounding=mode, **kept), name)
        found = found[~np.isnan(found)]
        found = found[np.isfinite(found)]
        assert (np.diff(found) >= 0).all(), (op, name, mode)
    positive = x[reals(x, name) >= 0]
    assert (np.diff(reals(nf.sqrt(positive, name, rounding=mode), name)) >= 0).all()


@given(calls(FLOATS), modes, st.sampled_from([*BINARY, "fma", "faa", "sqrt", "recip", "rsqrt"]))
def test_flags_imply_each_other(call: tuple[str, list[Array]], mode: str, op: str) -> None:
    name, operands = call
    operands = operands[: arithmetic.ARITY[op]]
    codes, raised = getattr(nf, op)(*operands, name, rounding=mode, return_flags=True)
    inexact = raised & NX != 0
    assert inexact[raised & (OF | UF) != 0].all()
    assert (raised & (OF | UF) != OF | UF).all()
    assert not inexact[raised & (DZ | NV) != 0].any()
    values = reals(codes, name)
    numbers = [reals(array, name) for array in operands]
    if nf.get(name).has_infinity and not name.startswith("Binary"):
        assert np.isnan(values[raised & NV != 0]).all()
        assert np.isinf(values[raised & DZ != 0]).all()
        assert np.isfinite(values[inexact & (raised & OF == 0)]).all()
    quiet = np.logical_and.reduce([np.isfinite(array) for array in numbers])
    quiet &= (raised == 0) & np.isfinite(values)
    if mode != "jam" and op in ("add", "sub", "mul") and nf.get(name).bits <= 16:
        want = UFUNCS[op](*(array[quiet] for array in numbers))
        again = nf.encode(want, name)  # what float64 makes of it is the value itself, if exact
        assert (values[quiet] == reals(again, name)).all()


@given(calls(), modes)
def test_fma_with_zero_or_one_is_mul_or_add(call: tuple[str, list[Array]], mode: str) -> None:
    name, (x, y, _) = call
    flagged = nf.get(name).has_flags
    options: dict[str, Any] = {"rounding": mode, "return_flags": flagged}
    one = np.uint64(nf.encode(1.0, name))
    added = nf.add(x, y, name, **options)
    assert np.array_equal(nf.fma(one, x, y, name, **options), added)
    assert np.array_equal(nf.fma(x, one, y, name, **options), added)
    signs = np.signbit(reals(x, name)) ^ np.signbit(reals(y, name))
    zero = nf.encode(np.where(signs, -0.0, 0.0), name)
    assert np.array_equal(nf.fma(x, y, zero, name, **options), nf.mul(x, y, name, **options))


@given(calls(), st.sampled_from([*BINARY, "sqrt", "fma"]))
def test_directed_results_enclose_the_nearest(call: tuple[str, list[Array]], op: str) -> None:
    name, operands = call
    operands = operands[: arithmetic.ARITY[op]]

    options: dict[str, Any] = {} if nf.get(name).has_nan else {"nan": 0}

    def run(mode: str) -> Array:
        codes = getattr(nf, op)(*operands, name, rounding=mode, overflow="saturate", **options)
        return reals(codes, name)

    low, near, high = run("toward_negative"), run("nearest_even"), run("toward_positive")
    nan = np.isnan(near)
    assert (np.isnan(low) == nan).all()
    assert ((low <= near) & (near <= high))[~nan].all()
    inner, outer = np.abs(run("toward_zero")), np.abs(run("away_from_zero"))
    assert ((inner <= np.abs(near)) & (np.abs(near) <= outer))[~nan].all()
    odd = run("to_odd")
    assert ((odd == low) | (odd == high))[~nan].all()


@given(calls(FLOATS))
def test_exact_products_divide_and_squares_have_roots(call: tuple[str, list[Array]]) -> None:
    name, (x, y, _) = call
    fmt = nf.get(name)
    a, b = reals(x, name), reals(y, name)
    product, raised = nf.mul(x, y, name, return_flags=True)
    good = np.isfinite(a) & np.isfinite(b) & (b != 0) & (a != 0) & (raised == 0)
    back, raised = nf.div(product[good], y[good], name, return_flags=True)
    assert (back == x[good]).all()
    assert not raised.any()
    square, raised = nf.mul(x, x, name, return_flags=True)
    inside = np.isfinite(a) & (raised & (OF | UF | NV) == 0)
    inside &= np.abs(reals(square, name)) >= 2.0 ** (fmt.emin + fmt.precision)
    roots = nf.sqrt(square[inside], name)  # also where the square is rounded (Boldo 2015)
    assert (reals(roots, name) == np.abs(a[inside])).all()


# Fuzz


FUZZED = (
    "binary16", "bfloat16", "binary32", "binary64", "e4m3", "e5m2", "e2m1", "e3m2",
    "float8_e4m3fnuz", "Binary8p4se", "Binary8p1ue", "Binary8p3sf", "Binary16p5se", "posit8",
    "posit16", "posit32", "posit64", "takum8", "takum16", "takum64", "int8", "int16", "int32",
    "int64", "uint8", "uint64", "q2.14", "q8.56", "int4_narrow", "e8m0", "tf32", "e6m9_ieee",
    "e3m4_fn", "int6", "e5m26_ieee", "e7m3_finite", "nf4", "hifloat8",
)  # fmt: skip
DIALECTS = ("ieee", "riscv", "x86", "arm", "cuda", "ocp_sat", "ocp_nosat", "p3109")
POLICIES = tuple(policy.value for policy in nf.Overflow if policy is not nf.Overflow.RAISE)


def drawn_call(rng: np.random.Generator) -> tuple[str, list[str], dict[str, Any], int | None]:
    """Return an operation, formats, options, and the number of random bits if it takes some."""
    op = str(rng.choice([*arithmetic.ARITY]))
    first = str(rng.choice(FUZZED))
    formats = [
        first if rng.random() < 0.7 else str(rng.choice(FUZZED))
        for _ in range(arithmetic.ARITY[op])
    ]
    options: dict[str, Any] = {"result": first if rng.random() < 0.6 else str(rng.choice(FUZZED))}
    bits = None
    if rng.random() < 0.15:
        options["rounding"] = str(rng.choice(arithmetic.STOCHASTIC))
        bits = int(rng.choice([1, 3, 8, 20, 52]))
    elif rng.random() < 0.8:
        options["rounding"] = str(rng.choice(MODES[: -1 if op == "round_to_int" else None]))
    chances: list[tuple[float, str, Any]] = [
        (0.8, "dialect", str(rng.choice(DIALECTS))),
        (0.3, "tininess", "before"),
        (0.15, "flush_inputs", True),
        (0.15, "flush_results", True),
        (0.3, "overflow", str(rng.choice(POLICIES))),
        (0.3, "nan", 0),
    ]
    options |= {key: value for chance, key, value in chances if rng.random() < chance}
    return op, formats, options, bits


def fuzz(seed: int, draws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare so many drawn calls with `exact`; those that both refuse count too."""
    rng = np.random.default_rng(seed)
    compared = 0
    for number in range(draws):
        op, formats, options, bits = drawn_call(rng)
        operands = arithmetic.together(formats, rng, 24)
        random = None if bits is None else rng.integers(0, 1 << bits, 24, dtype=np.uint64)
        look_up = number % 3 == 0 and sum(nf.get(name).bits for name in formats) < 11
        monkeypatch.setattr(lookup, "SMALL", 1 if look_up else 1 << 12)
        try:
            bad = arithmetic.differences(
                op, operands, formats, random_bits=random, bits=bits or 8, **options
            )
        except nf.FormatError:
            continue  # the options do not fit the format
        compared += 1
        assert not bad, (op, formats, options, bits, len(bad), bad[0])
    assert compared > draws // 2


def test_drawn_calls_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    fuzz(2024, 300, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_drawn_calls_are_exact(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fuzz(seed, 1000, monkeypatch)


def test_wrapping_keeps_the_digits_at_the_far_end() -> None:
    """The residues of roots, quotients and products of 64 bits, by Python's integers."""
    rng = np.random.default_rng(4)
    a, b, c = rng.integers(1, 1 << 63, (3, 500), np.uint64)
    for fmt in ("int64", "uint64"):
        assert np.array_equal(nf.mul(a, b, fmt, overflow="wrap"), a * b)
        assert np.array_equal(nf.fma(a, b, c, fmt, overflow="wrap"), a * b + c)
        assert np.array_equal(nf.scale_b(a, 3, fmt, overflow="wrap"), a << np.uint64(3))
    small = (a >> np.uint64(40)).astype(np.uint32)
    roots = nf.sqrt(small, "uint32", result="uq1.63", overflow="wrap", rounding="toward_zero")
    assert roots.tolist() == [math.isqrt(x << 126) % (1 << 64) for x in small.tolist()]
    fine = nf.div(a, b, "uint64", result="uq1.63", overflow="wrap", rounding="toward_zero")
    assert fine.tolist() == [
        (x << 63) // y % (1 << 64) for x, y in zip(a.tolist(), b.tolist(), strict=True)
    ]

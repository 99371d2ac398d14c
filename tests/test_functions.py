"""Elementary functions of codes: every bit against MPFR, the specification, and the standards."""

import itertools
import math
from pathlib import Path

import gmpy2
import numpy as np
import pytest

import numfmt as nf
from numfmt import Flags, exact
from numfmt.functions import cache, operations
from numfmt.functions.definitions import FUNCTIONS

UNARY = tuple(name for name, definition in FUNCTIONS.items() if definition.operands == 1)
BINARY = tuple(name for name in FUNCTIONS if name not in UNARY)
MODES = (
    "nearest_even",
    "nearest_away",
    "toward_zero",
    "toward_positive",
    "toward_negative",
    "away_from_zero",
    "to_odd",
    "stochastic_b",
)
# Functions that gmpy2 (MPFR) has, by its names.
MPFR = {
    name: name
    for name in (
        "exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan "
        "sinh cosh tanh asinh acosh atanh"
    ).split()
}
MPFR_MODES = {
    "nearest_even": gmpy2.RoundToNearest,
    "toward_zero": gmpy2.RoundToZero,
    "toward_positive": gmpy2.RoundUp,
    "toward_negative": gmpy2.RoundDown,
    "away_from_zero": gmpy2.RoundAwayZero,
}


def context(fmt: str, mode: str) -> gmpy2.context:
    """Return MPFR's arithmetic in an IEEE-style format."""
    entry = nf.get(fmt)
    limits = nf.finfo(fmt)
    top = math.frexp(float(limits.max))[1]
    return gmpy2.context(
        precision=entry.precision,
        emax=top,
        emin=entry.emin - entry.trailing_bits + 1,
        subnormalize=True,
        round=MPFR_MODES[mode],
    )


def mpfr_codes(call: object, columns: list[np.ndarray], fmt: str, mode: str) -> np.ndarray:
    """Return the codes of a function of MPFR, whose results are values of the format."""
    with context(fmt, mode):
        operands = [[gmpy2.mpfr(value) for value in column.tolist()] for column in columns]
        values = [float(call(*row)) for row in zip(*operands, strict=True)]
    return nf.encode(np.array(values), fmt)


def without_nan_signs(codes: np.ndarray, fmt: str) -> np.ndarray:
    """Return codes with every NaN the same."""
    return np.where(np.isnan(nf.decode(codes, fmt)), nf.encode(math.nan, fmt), codes)


def check_mpfr(name: str, fmt: str, codes: np.ndarray, mode: str) -> None:
    found = getattr(nf, name)(codes, fmt, rounding=mode)
    wanted = mpfr_codes(getattr(gmpy2, MPFR[name]), [nf.decode(codes, fmt)], fmt, mode)
    bad = np.flatnonzero(without_nan_signs(found, fmt) != without_nan_signs(wanted, fmt))
    assert not bad.size, [(hex(codes[i]), hex(found[i]), hex(wanted[i])) for i in bad[:5]]


@pytest.mark.parametrize("mode", MPFR_MODES)
@pytest.mark.parametrize("name", MPFR)
def test_mpfr_rounds_to_the_same_codes(name: str, mode: str) -> None:
    codes = np.random.default_rng(3).permutation(1 << 16)[:1500].astype(np.uint16)
    for fmt in ("binary16", "bfloat16"):
        check_mpfr(name, fmt, codes, mode)


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["binary16", "bfloat16"])
@pytest.mark.parametrize("name", MPFR)
def test_mpfr_rounds_every_operand_to_the_same_code(name: str, fmt: str) -> None:
    for mode in MPFR_MODES:
        check_mpfr(name, fmt, np.arange(1 << 16, dtype=np.uint16), mode)


@pytest.mark.parametrize("mode", MPFR_MODES)
def test_mpfr_rounds_two_operands_and_wide_ones_to_the_same_codes(mode: str) -> None:
    every = np.arange(1 << 8, dtype=np.uint8)
    a, b = (x.reshape(-1) for x in np.meshgrid(every, every, indexing="ij"))
    columns = [nf.decode(a, "e5m2"), nf.decode(b, "e5m2")]
    for name, call in (("pow", lambda x, y: x**y), ("atan2", gmpy2.atan2)):
        found = getattr(nf, name)(a, b, "e5m2", rounding=mode)
        wanted = mpfr_codes(call, columns, "e5m2", mode)
        same = without_nan_signs(found, "e5m2") == without_nan_signs(wanted, "e5m2")
        assert same[~np.isnan(columns[0]) & ~np.isnan(columns[1])].all()
    rng = np.random.default_rng(5)
    for fmt, size in (("binary32", 200), ("binary64", 200)):
        bits = nf.get(fmt).bits
        codes = np.concatenate(
            [
                rng.integers(0, 1 << bits, size, np.uint64),
                nf.encode(rng.standard_normal(size) * 3, fmt).astype(np.uint64),
            ]
        ).astype(nf.get(fmt).code_dtype)
        for name in MPFR:
            check_mpfr(name, fmt, codes, mode)


def wanted_by_exact(name: str, rows: list, fmt: str, **options: object) -> list:
    found = []
    for row in rows:
        code, flags = exact.function(name, *row, fmt=fmt, **options)
        found.append((int(code), int(flags)))
    return found


def check_exact(name: str, columns: list[np.ndarray], fmt: str, mode: str, **options) -> None:
    """Compare codes and flags with the specification, one by one and through the table."""
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    draw, given = None, {}
    if mode.startswith("stochastic"):
        draw, given = exact.Draw(100, 8), {"random_bits": 100}
    wanted = wanted_by_exact(name, rows, fmt, rounding=mode, draw=draw, **options)
    has_flags = nf.get(options.get("result", fmt)).has_flags
    found = getattr(nf, name)(
        *columns, fmt, rounding=mode, return_flags=has_flags, **given, **options
    )
    codes, flags = found if has_flags else (found, np.zeros(len(rows), np.uint8))
    for row, code, raised, want in zip(rows, codes.tolist(), flags.tolist(), wanted, strict=True):
        assert (code, raised) == want, (name, fmt, mode, [hex(c) for c in row])


@pytest.mark.parametrize("name", UNARY)
def test_every_operand_of_8_bits_is_rounded_as_specified(name: str) -> None:
    every = np.arange(1 << 8, dtype=np.uint8)
    for fmt, mode in (
        ("e4m3", "nearest_even"),
        ("Binary8p4se", "to_odd"),
        ("e5m2", "toward_positive"),
        ("posit8", "nearest_even"),
        ("Binary8p3ue", "toward_negative"),
        ("int8", "nearest_away"),
    ):
        options = {"nan": 0} if fmt == "int8" else {}
        check_exact(name, [every], fmt, mode, **options)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_drawn_operands_are_rounded_as_specified(name: str) -> None:
    rng = np.random.default_rng(7)
    for fmt, mode in zip(
        ("binary16", "bfloat16", "posit16", "takum16", "binary32", "binary64", "tf32", "q2.14"),
        itertools.cycle(MODES),
        strict=False,
    ):
        bits = nf.get(fmt).bits
        columns = [
            rng.integers(0, 1 << bits, 25, np.uint64).astype(nf.get(fmt).code_dtype)
            for _ in range(FUNCTIONS[name].operands)
        ]
        options = {"nan": 0} if fmt == "q2.14" else {}
        check_exact(name, columns, fmt, mode, **options)


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("fmt", ["e4m3", "e5m2", "Binary8p4se", "posit8", "binary16", "bfloat16"])
def test_modes_and_dialects_are_rounded_as_specified(name: str, fmt: str) -> None:
    entry, count = nf.get(fmt), FUNCTIONS[name].operands
    rng = np.random.default_rng(9)
    for mode in MODES:
        if entry.bits == 8 and count == 1:
            columns = [np.arange(1 << 8, dtype=np.uint8)]
        else:
            drawn = rng.integers(0, 1 << entry.bits, (count, 200))
            columns = list(drawn.astype(entry.code_dtype))
        for dialect in ("x86", "p3109"):
            check_exact(name, columns, fmt, mode, dialect=dialect)


@pytest.mark.parametrize("name", ["exp2", "tanh", "pow"])
def test_a_table_gives_what_one_element_gives(name: str) -> None:
    count = FUNCTIONS[name].operands
    fmt = "binary16" if count == 1 else "e5m2"
    every = np.arange(1 << nf.get(fmt).bits)
    rng = np.random.default_rng(1)
    columns = [rng.permutation(np.resize(every, 1 << 13)) for _ in range(count)]
    for mode in ("nearest_even", "toward_negative", "stochastic_a"):
        given = {"rng": 5} if mode == "stochastic_a" else {}
        codes, flags = getattr(nf, name)(*columns, fmt, rounding=mode, return_flags=True, **given)
        few = [column[:64] for column in columns]
        one, raised = getattr(nf, name)(*few, fmt, rounding=mode, return_flags=True, **given)
        assert np.array_equal(codes[:64], one)
        assert np.array_equal(flags[:64], raised)


def test_special_rows_of_ieee() -> None:
    def outcome(name: str, *values: float) -> tuple[float, Flags]:
        codes = [nf.encode(value, "binary32") for value in values]
        code, flags = getattr(nf, name)(*codes, "binary32", return_flags=True)
        return float(nf.decode(code, "binary32")), Flags(int(flags))

    infinity, none = math.inf, Flags(0)
    rows = [
        ("log", (0.0,), -infinity, Flags.DZ),
        ("log", (-0.0,), -infinity, Flags.DZ),
        ("log1p", (-1.0,), -infinity, Flags.DZ),
        ("atanh", (1.0,), infinity, Flags.DZ),
        ("tan_pi", (0.5,), infinity, Flags.DZ),
        ("tan_pi", (-0.5,), -infinity, Flags.DZ),
        ("pow", (0.0, -1.0), infinity, Flags.DZ),
        ("pow", (-0.0, -3.0), -infinity, Flags.DZ),
        ("pow", (-0.0, -infinity), infinity, none),
        ("pow", (math.nan, 0.0), 1.0, none),
        ("pow", (1.0, math.nan), 1.0, none),
        ("pow", (-1.0, infinity), 1.0, none),
        ("pow", (0.5, -infinity), infinity, none),
        ("pow", (-2.0, 3.0), -8.0, none),
        ("exp", (-infinity,), 0.0, none),
        ("tanh", (-infinity,), -1.0, none),
        ("sin_pi", (-2.0,), -0.0, none),
        ("cos_pi", (0.5,), 0.0, none),
        ("exp2", (10.0,), 1024.0, none),
        ("acos", (1.0,), 0.0, none),
        ("atan2", (0.0, 0.0), 0.0, none),
        ("sigmoid", (0.0,), 0.5, none),
    ]
    for name, values, wanted, flags in rows:
        found, raised = outcome(name, *values)
        assert (found, math.copysign(1, found)) == (wanted, math.copysign(1, wanted)), name
        assert raised == flags, (name, values)
    for name, values in (("log", (-1.0,)), ("asin", (1.5,)), ("sin", (infinity,)),
                         ("acosh", (0.5,)), ("pow", (-2.0, 0.5))):  # fmt: skip
        found, raised = outcome(name, *values)
        assert math.isnan(found), name
        assert raised == Flags.NV, name


def test_special_rows_of_p3109() -> None:
    """Interim Report 4.0, 4.10.9 to 4.10.16."""
    fmt = "Binary8p3se"
    nan, infinity, lowest = 0x80, 0x7F, 0xFF
    one, half = 0x40, nf.encode(0.5, fmt).item()
    rows = [
        ("log", (0,), lowest),
        ("log", (0xC0,), nan),
        ("exp", (lowest,), 0),
        ("expm1", (lowest,), nf.encode(-1.0, fmt).item()),
        ("tan_pi", (half,), nan),
        ("sin", (infinity,), nan),
        ("atanh", (one,), infinity),
        ("tanh", (infinity,), one),
        ("atan2", (0, 0), nan),
        ("atan2", (infinity, infinity), nan),
        ("atan2", (nf.encode(-1.0, fmt).item(), lowest), nf.encode(math.pi, fmt).item()),
        ("atan2_pi", (one, lowest), one),
        ("softplus", (lowest,), 0),
        ("acosh", (half,), nan),
    ]
    for name, codes, wanted in rows:
        assert getattr(nf, name)(*codes, fmt).item() == wanted, (name, codes)


def test_results_may_be_of_any_family() -> None:
    x = nf.encode([0.1, 0.5, -0.7, 2.0], "binary16")
    for result in ("nf4", "takum16_log", "lns16_10", "posit8", "int8", "bfloat16", "binary64"):
        codes = nf.tanh(x, "binary16", result=result)
        near = nf.encode(np.tanh(nf.decode(x, "binary16")), result)
        assert np.array_equal(codes, near), result  # none of these is near a tie


def test_tables_are_kept_on_disk_and_checked(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("NUMFMT_CACHE_DIR", str(tmp_path / "tables"))
    operations._digits.cache_clear()
    formats = (nf.get("e4m3"),)
    first = operations._digits("exp", formats, False, False)
    (file,) = (tmp_path / "tables").glob("*.npz")
    read = cache.load(file)
    assert read is not None
    assert all(np.array_equal(a, b) for a, b in zip(first, read, strict=True))
    whole = file.read_bytes()
    for damaged in (b"", whole[:100], whole[:-200] + bytes(200), b"not a table"):
        file.write_bytes(damaged)
        assert cache.load(file) is None
    operations._digits.cache_clear()
    again = operations._digits("exp", formats, False, False)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert cache.load(file) is not None
    assert [path.name for path in (tmp_path / "tables").iterdir()] == [file.name]


def test_a_table_that_was_changed_is_made_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("NUMFMT_CACHE_DIR", str(tmp_path))
    path = cache.path_of("exp", (nf.get("e4m3"),), False, False)
    columns = tuple(np.zeros(3, np.uint8) for _ in range(5))
    cache.save(path, columns)
    with np.load(path) as found:
        arrays = dict(found)
    arrays["column1"] = arrays["column1"] + 1
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    assert cache.load(path) is None


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_text("no folder")
    for name in (str(tmp_path / "file" / "tables"), ""):
        monkeypatch.setenv("NUMFMT_CACHE_DIR", name)
        operations._digits.cache_clear()
        operations._table.cache_clear()
        every = np.resize(np.arange(256), 1 << 12)
        assert nf.exp2(every, "e4m3")[0x38] == nf.encode(2.0, "e4m3")
    assert cache.folder() is None


@pytest.mark.parametrize("place", range(0, 3000, 7))
def test_no_damage_to_a_table_is_noticed_by_its_user(tmp_path: Path, place: int) -> None:
    columns = tuple(np.arange(40).astype(dtype) for dtype in operations._DTYPES)
    path = tmp_path / "exp-0.npz"
    cache.save(path, columns)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << place % 8
    path.write_bytes(data)
    found = cache.load(path)
    assert found is None or all(map(np.array_equal, found, columns))
    renamed = tmp_path / "exp-1.npz"
    cache.save(path, columns)
    path.rename(renamed)
    assert cache.load(renamed) is None


def test_results_beside_a_value_reach_sets_and_logarithms() -> None:
    x = nf.encode([64.0, -64.0], "bfloat16")
    assert nf.tanh(x, "bfloat16", result="nf4", rounding="toward_zero").tolist() == [14, 1]
    assert nf.tanh(x, "bfloat16", result="nf4", rounding="away_from_zero").tolist() == [15, 0]
    one, below = nf.encode([1.0], "lns8_4"), nf.next_down(nf.encode([1.0], "lns8_4"), "lns8_4")
    assert nf.cos(nf.encode([2.0**-40], "bfloat16"), "bfloat16", result="lns8_4") == one
    modes = {"toward_zero": below, "toward_positive": one}
    for mode, wanted in modes.items():
        assert nf.sigmoid([0x4300], "bfloat16", result="lns8_4", rounding=mode) == wanted


def test_what_63_digits_do_not_decide_is_refused() -> None:
    x = nf.encode(43.0, "binary32")
    with pytest.raises(nf.FormatError, match="61 digits"):
        nf.exp(x, "binary32", result="int64")
    assert nf.exp(nf.encode(30.0, "binary32"), "binary32", result="int64") == 10686474581524
    with pytest.raises(nf.FormatError, match="at most 9 bits"):
        nf.exp(0, "binary64", rounding="stochastic_a", bits=10, rng=1)
    for bits in (8, 9):
        code = 0x3FE5B76668C2B670
        for draw in range(0, 1 << bits, 37):
            wanted, _ = exact.function(
                "exp", code, fmt="binary64", rounding="stochastic_c", draw=exact.Draw(draw, bits)
            )
            found = nf.exp(code, "binary64", rounding="stochastic_c", random_bits=draw, bits=bits)
            assert found == wanted


def test_bad_calls_are_refused_in_words() -> None:
    with pytest.raises(nf.FormatError, match="wrap"):
        nf.exp(1, "int8", overflow="wrap")
    with pytest.raises(nf.FormatError, match="nf4"):
        nf.exp(1, "nf4", result="binary16")
    with pytest.raises(nf.FormatError, match="nan="):
        nf.log(0xFF, "int8")
    with pytest.raises(TypeError, match="roundin"):
        nf.exp(1, "e4m3", roundin="toward_zero")
    assert nf.exp(np.zeros((0, 3), np.uint8), "e4m3").shape == (0, 3)
    assert nf.atan2([[1], [2]], [1, 2, 3], "e4m3").shape == (2, 3)

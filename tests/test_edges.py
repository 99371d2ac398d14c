"""Edges where formats, options and arguments meet in ways that nobody plans for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import cli, exact, vectors

pytestmark = pytest.mark.fast


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("e5m2_fnuz_b127", "f4"),
        ("e4m3_fnuz_b127", "f4"),
        ("e8m7_fnuz_b127", "f4"),
        ("q-125.133", "f4"),
        ("e11m4_fnuz_b1023", "f8"),
        ("q-1015.1030", "f8"),
    ],
)
def test_zero_is_zero_in_arrays_of_any_size_where_the_quantum_is_subnormal(
    name: str, dtype: str
) -> None:
    least = np.finfo(dtype).smallest_subnormal
    for x in (0.0, -0.0, -least, least, -3 * least):
        want = exact.encode(float(x), name)[0]
        for size in (1023, 1024):
            assert (nf.encode(np.full(size, x, dtype), name) == want).all(), (x, size)


@pytest.mark.parametrize(
    "fields",
    [
        {"bits": 4, "precision": 2, "emin": -1, "signed": False, "subnormals": False,
         "zero": False, "style": "fn"},
        {"bits": 3, "precision": 2, "emin": 0, "subnormals": False},
        {"bits": 8, "precision": 4, "emin": 0.5},
        {"bits": 8.0, "precision": 4, "emin": -6},
        {"bits": 8, "precision": 4, "emin": -6, "style": "foo"},
        {"name": "", "bits": 8, "precision": 4, "emin": -6},
        {"name": " sp", "bits": 8, "precision": 4, "emin": -6},
    ],
)  # fmt: skip
def test_descriptions_that_mean_nothing_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(nf.FormatError):
        nf.FloatFormat(**({"name": "odd"} | fields))


@pytest.mark.parametrize(
    "x",
    [
        [np.int64(2**53 + 1), 1.0],
        [np.array([2**53 + 1]), np.array([1.0])],
        [np.uint64(2**63 + 1), np.int64(-1)],
    ],
)
def test_numpy_integers_in_lists_are_not_narrowed(x: Any) -> None:
    with pytest.raises(nf.FormatError, match="NumPy would round"):
        nf.encode(x, "binary64")


def test_masked_elements_are_refused() -> None:
    with pytest.raises(nf.FormatError, match=r"x\.filled"):
        nf.encode(np.ma.masked_array([1.0, 2.0], [False, True]), "e4m3")


def test_errors_of_formats_past_float64_are_written_out() -> None:
    with pytest.raises(nf.FormatError, match=r"x = -1\.0 is past the end of 'Binary16p1uf' \(0"):
        nf.encode(-1.0, "Binary16p1uf", overflow="raise")
    with pytest.raises(nf.FormatError, match=r"codes\[1\] = 0xfffd of 'Binary16p1ue' is past"):
        nf.convert([2**15, 0xFFFD], "Binary16p1ue", "e4m3", overflow="raise")
    with pytest.raises(nf.FormatError, match="negative"):
        exact.encode(-(2**2000), "e8m0")
    with pytest.raises(nf.FormatError, match=r"-0\.0 is past the end of 'uint8'"):
        nf.encode(-0.0, "uint8", rounding="jam", overflow="sat_none")
    assert "2**32765" in repr(nf.finfo("Binary16p1ue"))


def test_integers_are_shown_as_they_are() -> None:
    with pytest.raises(nf.FormatError, match="x = 18446744073709551615 is past"):
        nf.encode(np.uint64(2**64 - 1), "uint8", overflow="raise")


def test_dtypes_and_shapes_that_do_not_fit_are_format_errors() -> None:
    assert nf.decode(0x38, "e4m3", dtype=">f4").dtype == np.float32
    with pytest.raises(nf.FormatError, match="no dtype"):
        nf.decode(0, "e4m3", dtype="nonsense")
    with pytest.raises(nf.FormatError, match="broadcast"):
        nf.ulp_distance([0, 1], [0, 1, 2], "e4m3")


def test_wrapping_past_the_end_overflows_like_any_policy() -> None:
    code, flags = nf.encode([300, -129, 127.4, 1e300], "int8", overflow="wrap", return_flags=True)
    assert code.tolist() == [44, 127, 127, 0]
    assert flags.tolist() == [5, 5, 1, 5]
    assert exact.encode(300, "int8", overflow="wrap") == (44, nf.Flags.OF | nf.Flags.NX)


def test_signalling_ml_dtypes_are_invalid_as_their_codes_are() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.array([0x7F81], np.uint16).view(ml_dtypes.bfloat16)
    assert nf.encode(x, "e5m2", return_flags=True)[1].tolist() == [16]
    assert nf.convert([0x7F81], "bf16", "e5m2", return_flags=True)[1].tolist() == [16]


@pytest.mark.parametrize(("x", "name", "options"), [
    (-np.inf, "e5m2", {"overflow": "nan", "nan": 0x7C}),
    (np.inf, "e5m2", {"overflow": "nan", "nan": 0x7C}),
    (-np.inf, "Binary8p4ue", {"overflow": "infinity"}),
    (-np.inf, "Binary8p4ue", {"overflow": "ieee"}),
    (-1e9, "Binary8p4ue", {"overflow": "infinity"}),
])  # fmt: skip
def test_infinities_where_options_collide_equal_exact(
    x: float, name: str, options: dict[str, Any]
) -> None:
    code, flags = nf.encode(x, name, return_flags=True, **options)
    want, raised = exact.encode(x, name, **options)
    assert (int(code), int(flags)) == (want, int(raised))


@pytest.mark.parametrize("size", [1000, 5000])
def test_out_may_overlap_the_input(size: int) -> None:
    f = np.linspace(1, 2, size + 1).astype("f4")
    want = nf.encode(f[:-1].copy(), "tf32")
    nf.encode(f[:-1], "tf32", out=f.view("u4")[1:])
    assert (f.view("u4")[1:] == want).all()


def test_exact_takes_numpy_scalars_and_refuses_what_kernels_refuse() -> None:
    assert exact.encode(np.int64(3), "e4m3") == exact.encode(3, "e4m3")
    assert exact.encode(np.float32(1.5), "e4m3")[0] == 0x3C
    assert exact.decode(np.uint8(200), "int8").value == -56
    for x, name, options in (
        (np.nan, "e2m1", {"nan": 99}),
        (1.5, "int8", {"overflow": "infinity"}),
        (1.5, "e4m3", {"overflow": "wrap"}),
        (1.5, "e4m3", {"rounding": "sr", "draw": exact.Draw(300, 8)}),
        (1.5, "e4m3", {"rounding": "nearst"}),
    ):
        with pytest.raises(nf.FormatError):
            exact.encode(x, name, **options)


def test_hls_names_of_overflow_are_taken() -> None:
    assert nf.Overflow("AP_WRAP") is nf.Overflow.WRAP
    assert nf.Overflow("AP_SAT") is nf.Overflow.SATURATE


def test_limits_below_one_are_numpys() -> None:
    assert nf.finfo("e2m1").negep == -1
    assert nf.finfo("e2m3").negep == -3


def test_special_operands_are_never_thinned_out() -> None:
    for fmt, rows in (("bf16", 10_000), ("e4m3", 50), ("binary32", 2000)):
        spec = vectors.Spec(op="encode", fmt=fmt, max_rows=rows,
                            classes="special,value,tie,beside,random",
                            src="binary64" if fmt == "binary32" else None)  # fmt: skip
        table = vectors.generate(spec)
        found = {entry.name: entry for entry in table.coverage()}
        assert found["special"].found == found["special"].wanted
        assert found["random"].rows >= (rows - found["special"].wanted) // 8 - 1
        assert len(table) == rows
    assert 0x7F800001 in vectors.generate(vectors.Spec(op="encode", fmt="bf16")).columns["a"]


def test_operands_without_an_answer_are_left_out_of_vectors() -> None:
    for spec in (
        vectors.Spec(op="encode", fmt="e2m1", overflow="clamp_finite"),
        vectors.Spec(op="convert", fmt="e4m3_ieee", dst="uint8", overflow="sat_none"),
        vectors.Spec(op="convert", fmt="Binary16p1ue", dst="binary16"),
    ):
        assert len(vectors.generate(spec)) > 10


def test_files_that_the_manifest_does_not_name_are_reported(tmp_path: Path) -> None:
    vectors.write(vectors.generate(vectors.Spec(op="decode", fmt="e2m1")), tmp_path)
    (tmp_path / "vectors.csv").write_text("a\n")
    assert vectors.verify(tmp_path) == [
        f"{tmp_path / 'vectors.csv'}: not a file of this set, by its manifest"
    ]


def test_a_stochastic_mismatch_shows_its_random_bits() -> None:
    spec = vectors.Spec(op="encode", fmt="e4m3", rounding="sr", max_rows=300)
    table = vectors.generate(spec)
    wrong = table.columns["expected"].copy()
    wrong[200] ^= np.uint64(1)
    report = vectors.compare(table, wrong)
    assert report.first().operands["random"] == int(table.columns["random"][200])
    assert f"random={report.first().operands['random']:x}" in str(report)
    assert report.to_dict()["first"][0]["got"] == f"{int(wrong[200]):x}"


@pytest.mark.parametrize(("arguments", "shown"), [
    (["encode", "e4m3", "-1e-3", "-0x1p3", "-1/3", "-inf"], "0xd0"),
    (["encode", "e4m3", "1.05", "--rounding", "sr", "--random", "255"], "0x39"),
    (["info", "Binary16p1ue"], "1*2**32765"),
])  # fmt: skip
def test_the_command_line_takes_what_people_type(
    arguments: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 0
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    (["encode", "e4m3", "1", "--rounding", "sr"], "--random"),
    (["table", "e4m3", "--count", "-3"], "--count -3"),
    (["encode", "e4m3", "1e9999999"], "exponent"),
])  # fmt: skip
def test_the_command_line_says_what_is_missing(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_bug_is_no_mismatch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: Any) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(cli, "_info", broken)
    assert cli.main(["info", "e4m3"]) == 70
    assert "a bug in numfmt" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["q32.32", "q10.54", "q52.12", "int64", "uint54", "Binary60p54se",
                                  "e5m53_fn", "int54", "int53", "q1.31", "e5m24_fn"])  # fmt: skip
def test_floats_carry_only_formats_that_fit_them_digit_by_digit(name: str) -> None:
    fmt = nf.get(name)
    rng = np.random.default_rng(0)
    words = rng.integers(0, 2**64, 300, dtype=np.uint64) >> np.uint64(64 - fmt.bits)
    top = fmt.largest_code(0)
    codes = np.array([*words.tolist(), top, top - 1, 1], np.uint64)
    codes = codes[nf.unpack(codes, fmt).kind < nf.Kind.INFINITY]
    same = nf.convert(codes, fmt, fmt)
    zero = nf.unpack(codes, fmt).kind == nf.Kind.ZERO
    assert ((same == codes) | zero).all()
    for dtype, fits in (("float64", fmt.fits_float64), ("float32", fmt.fits_float32)):
        exactly = [exact.decode(code, fmt).value for code in codes.tolist()]
        kept = all(np.dtype(dtype).type(float(v)) == v and float(v) == v for v in exactly)
        assert fits <= kept
        if fits:
            assert nf.decode(codes, fmt, dtype=dtype).tolist() == [float(v) for v in exactly]
        else:
            with pytest.raises(nf.FormatError, match="has values that"):
                nf.decode(codes, fmt, dtype=dtype)
    for dst in ("q33.31", "uq33.31", "binary64", "binary32", "e4m3"):
        for mode in ("nearest_even", "toward_zero", "away_from_zero"):
            got, flags = nf.convert(codes, fmt, dst, rounding=mode, return_flags=True)
            want = [exact.convert(code, fmt, dst, rounding=mode) for code in codes.tolist()]
            assert list(zip(got.tolist(), flags.tolist(), strict=True)) == [
                (code, int(raised)) for code, raised in want
            ]


def test_the_code_that_narrow_integers_only_read_counts_for_the_fit() -> None:
    wide = nf.FixedFormat(name="n", bits=2, fraction_bits=-1023, encoding="narrow")
    assert not wide.fits_float64
    assert nf.convert(2, wide, "e4m3", return_flags=True)[1] == 5
    single = nf.FixedFormat(name="n", bits=8, fraction_bits=-121, encoding="narrow")
    assert single.fits_float64
    assert not single.fits_float32


def test_out_that_is_the_input_loses_no_flag() -> None:
    codes = np.array([0x7C01, 0x3C00], "u2")
    assert nf.convert(codes, "binary16", "bfloat16", out=codes, return_flags=True)[1][0] == 16
    codes = np.array([0x3C00, 0x7C00, 0x4000], "u2")
    before = codes.copy()
    with pytest.raises(nf.FormatError, match=r"codes\[1\] is infinite"):
        nf.convert(codes, "binary16", "int16", overflow="raise", out=codes)
    assert (codes == before).all()


def test_out_may_overlap_the_random_bits() -> None:
    buffer = np.arange(4001, dtype="u1")
    x = np.full(4000, 1.05)
    want = nf.encode(x, "e4m3", rounding="sr", random_bits=buffer[:-1].copy())
    nf.encode(x, "e4m3", rounding="sr", random_bits=buffer[:-1], out=buffer[1:])
    assert (buffer[1:] == want).all()


def test_vectors_of_wide_fixed_point_decode_to_where_all_digits_fit() -> None:
    table = vectors.generate(vectors.Spec(op="decode", fmt="q16.16", max_rows=200))
    assert table.spec.dst.name == "binary64"
    assert not table.columns["flags"].any()
    assert len(table) == 200
    assert {"value", "beside"} <= {entry.name for entry in table.coverage() if entry.rows}
    with pytest.raises(nf.FormatError, match="dst is missing"):
        vectors.Spec(op="decode", fmt="q32.32")


@pytest.mark.parametrize("arguments", [
    ["vectors", "verify", "x" * 300], ["encode", "e4m3", "0." + "1" * 4400],
    ["encode", "e4m3", "\uff11"], ["vectors", "verify", "nowhere"],
])  # fmt: skip
def test_odd_arguments_are_usage_errors(arguments: list[str]) -> None:
    assert cli.main(arguments) == 2

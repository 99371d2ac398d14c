"""The command line as a user meets it: answers, exit statuses, and messages that say what to do."""

import gc
import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

import numfmt as nf
from numfmt import cli, exact, vectors

LOG = re.compile(r"Traceback|Error:")


@pytest.fixture
def run(capsys):
    def one(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as error:
            status = error.code
        out, err = capsys.readouterr()
        assert not LOG.search(err), err
        return status, out, err

    return one


@pytest.fixture
def answer(run):
    def one(*arguments):
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        return out

    return one


def process(command, **options):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, **options
    )


def python(*arguments, **options):
    return process([sys.executable, "-m", "numfmt", *map(str, arguments)], **options)


# list, info


def test_list_has_every_name_on_a_line(answer):
    lines = answer("list").splitlines()
    assert [line.split()[0] for line in lines] == nf.names()
    assert any(line.startswith("e4m3 ") and "float8_e4m3fn" in line for line in lines)


def test_list_as_json_has_every_format(answer):
    assert [entry["name"] for entry in json.loads(answer("list", "--json"))] == nf.names()


def test_list_is_filtered_by_family_width_and_kind(answer):
    found = json.loads(answer("list", "--family", "fixed", "--max-bits", 4, "--json"))
    assert [entry["name"] for entry in found] == nf.names(family="fixed", max_bits=4)
    assert answer("list", "--kind", "block").split()[0] == nf.names(kind="block")[0]


def test_list_of_an_unknown_family_is_refused(run):
    status, out, err = run("list", "--family", "flaot")
    assert (status, out) == (2, "")
    assert "family='flaot' is not one of" in err
    assert "float" in err


def test_info_tells_the_limits(answer):
    out = answer("info", "e4m3")
    told = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert told["max"] == "448.0"
    assert told["bits"] == "8"
    assert told["code_of_max"] == "0x7e"
    assert told["nan_codes"] == "0x7f, 0xff"
    assert "float8_e4m3fn" in told["names"]


def test_info_as_json_tells_the_limits(answer):
    told = json.loads(answer("info", "float8_e4m3fn", "--json"))
    assert (told["name"], told["max"], told["code_of_max"]) == ("e4m3", 448, "0x7e")
    assert told == json.loads(json.dumps(nf.finfo("e4m3").to_dict()))


@pytest.mark.parametrize(
    "name", ["posit16", "takum16_log", "lns20_3", "nf4", "hifloat8", "quire32", "dint4", "takum8"]
)
def test_info_tells_the_limits_of_every_family(answer, name):
    told = dict(line.split(maxsplit=1) for line in answer("info", name).splitlines())
    assert told["name"] == name
    assert int(told["code_of_max"], 16) > 0
    assert json.loads(answer("info", name, "--json"))["name"] == name


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("posit8", "0x59  0 10 11 001  9.0                      normal"),
        ("takum12", "0x455  0 1 000 1010101  1.6640625                normal"),
        ("lns8_3", "0xc0  1 1000 000  nan                      nan"),
        ("lns8_3", "0x84  1 0000 100  -2**(1/2) ~ -1.4142135623730951 normal"),
        ("ternary", "0x3  11  -                        unused"),
        ("hifloat8", "0x6f  01101111  inf                      infinity"),
        ("apot5_2", "0x02  00010  1/12                     normal"),
    ],
)
def test_table_shows_codes_of_every_family(answer, name, line):
    assert line in answer("table", name).splitlines()


def test_quires_are_encoded_and_decoded_one_by_one(answer, run):
    code = answer("encode", "quire8", "-1.5").split()[1]
    assert code == "0x" + "f" * 19 + "e8" + "0" * 11
    assert "-1.5" in answer("decode", "quire8", code)
    status, _, err = run("table", "quire8")
    assert (status, "2**128 codes" in err) == (2, True)
    assert run("decode", "quire8", hex(1 << 128))[0] == 2


def test_lines_are_drawn_as_text(answer, run):
    out = answer("line", "e2m1", "int3", "--width", "49")
    assert out.splitlines()[0] == "e2m1"
    assert out.splitlines()[1].count("|") == 15
    assert out.splitlines()[3] == "int3"
    assert out.splitlines()[4].count("|") == 8
    part = answer("line", "e4m3", "--low", "-1", "--high", "1/2", "--width", "40").splitlines()
    assert part[2].split() == ["-1", "-0.25", "0.5"]
    assert json.loads(answer("line", "ternary", "--json")) == {"ternary": [-1.0, 0.0, 1.0]}
    assert run("line", "posit32")[0] == 2


# encode


def test_encode_shows_code_fields_value_and_flags(answer):
    assert answer("encode", "e4m3", "1.5").split() == ["1.5", "0x3c", "0", "0111", "100", "1.5"]
    assert answer("encode", "e4m3", "500").split()[-2:] == ["OF", "NX"]


def test_encode_as_json(answer):
    rows = json.loads(answer("encode", "e4m3", "0.1", "464", "465", "nan", "-0", "--json"))
    assert [row["code"] for row in rows] == ["0x1d", "0x7e", "0x7f", "0x7f", "0x80"]
    assert [row["flags"] for row in rows] == [["NX"], ["NX"], ["NX", "OF"], [], []]
    assert rows[0]["value"] == "0.1015625"
    assert rows[0]["input"] == "0.1"


def test_encode_takes_rounding_overflow_and_nan(answer):
    assert "0x7b" in answer("encode", "e5m2", "1e9", "--rounding", "toward_zero")
    assert "0x7e" in answer("encode", "e4m3", "1e9", "--overflow", "saturate")
    assert "0x7" in answer("encode", "e2m1", "nan", "--nan", "0x7")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5),
        ("1e-3", Fraction(1, 1000)),
        ("0x1.8p3", 12),
        ("1/3", Fraction(1, 3)),
        ("inf", float("inf")),
        ("1_000", 1000),
        (" 2 ", 2),
        ("0x10", 16),
    ],
)
def test_encode_reads_every_notation(answer, text, number):
    (row,) = json.loads(answer("encode", "binary16", "--json", "--", text))
    assert int(row["code"], 16) == exact.encode(number, "binary16")[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [("-1/3", 0xB555), ("-inf", 0xFC00), ("-0", 0x8000), ("-0.0", 0x8000), ("-nan", 0xFE00)],
)
def test_encode_reads_negative_numbers_after_two_dashes(answer, text, code):
    (row,) = json.loads(answer("encode", "--json", "binary16", "--", text))
    assert int(row["code"], 16) == code


@pytest.mark.parametrize("text", ["-1.5", "-3", "-0"])
def test_plain_negative_numbers_need_no_dashes(answer, text):
    assert text in answer("encode", "e4m3", text)


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        ("binary16", "1.0004882812500000000000000001"),
        ("binary16", "1.0014648437499999999999999999"),
        ("e4m3", "464.00000000000000000000000001"),
        ("e4m3", "1.0625000000000000000000000001"),
        ("e4m3", "0.0009765625000000000000000000001"),
    ],
)
def test_encode_rounds_a_decimal_once(answer, fmt, text):
    through_float64 = int(nf.encode(float(text), fmt))
    right = exact.encode(Fraction(text), fmt)[0]
    assert through_float64 != right
    (row,) = json.loads(answer("encode", fmt, text, "--json"))
    assert int(row["code"], 16) == right


@pytest.mark.parametrize(
    ("fmt", "text", "code"),
    [("binary16", "0x1.0020000000000001p0", 0x3C01), ("e4m3", "0x1d0.00000000000001", 0x7F)],
)
def test_encode_rounds_a_hexadecimal_number_once(answer, fmt, text, code):
    (row,) = json.loads(answer("encode", fmt, text, "--json"))
    assert int(row["code"], 16) == code


@pytest.mark.parametrize(
    ("text", "code", "flags"),
    [
        ("0x1p-2000", 0, ["NX", "UF"]),
        ("0x1p2000", 0x7C00, ["NX", "OF"]),
        ("1e-2000", 0, ["NX", "UF"]),
        ("1e2000", 0x7C00, ["NX", "OF"]),
    ],
)
def test_encode_takes_numbers_past_the_range_of_float64(answer, text, code, flags):
    (row,) = json.loads(answer("encode", "binary16", text, "--json"))
    assert (int(row["code"], 16), sorted(row["flags"])) == (code, flags)


@pytest.mark.parametrize("text", ["one", "", "1/0", "1.2.3", "0xzz", "1,5"])
def test_a_bad_number_is_refused_with_examples(run, text):
    status, out, err = run("encode", "e4m3", "--", text)
    assert (status, out) == (2, "")
    assert f"VALUE {text!r} is no number; write 1.5" in err


@pytest.mark.parametrize("command", [["info"], ["encode", "VALUE"], ["decode", "1"], ["table"]])
def test_an_unknown_format_is_refused_with_a_suggestion(run, command):
    verb, *rest = command
    status, out, err = run(verb, "e4m33x", *rest)
    assert (status, out) == (2, "")
    assert re.search(r"no format named 'e4m33x'\. Did you mean .*'e4m3", err)


def test_an_ambiguous_format_is_refused_with_its_candidates(run):
    status, _, err = run("info", "e3m4")
    assert status == 2
    assert "write 'e3m4_ieee', 'e3m4_fn'" in err


def test_an_unknown_rounding_is_refused_with_a_suggestion(run):
    status, _, err = run("encode", "e4m3", "1", "--rounding", "nearest_evn")
    assert status == 2
    assert "nearest_evn" in err
    assert "nearest_even" in err


def test_a_stochastic_mode_says_what_it_lacks(run):
    status, _, err = run("encode", "e4m3", "0.1", "--rounding", "stochastic_a")
    assert status == 2
    assert "stochastic_a" in err


def test_nan_into_a_format_without_nan_is_refused(run):
    status, _, err = run("encode", "e2m1", "nan")
    assert status == 2
    assert "'e2m1' has no NaN" in err
    assert re.search(r"--nan|nan=", err)


# decode, table


def test_decode_shows_fields_value_and_class(answer):
    lines = [line.split() for line in answer("decode", "e4m3", "0x7e", "127", "0b1").splitlines()]
    assert lines == [
        ["0x7e", "0", "1111", "110", "448.0", "normal"],
        ["0x7f", "0", "1111", "111", "nan", "nan"],
        ["0x01", "0", "0000", "001", "0.001953125", "subnormal"],
    ]


def test_decode_as_json_writes_codes_as_text(answer):
    assert json.loads(answer("decode", "int8", "0x80", "--json")) == [
        {"code": "0x80", "fields": "10000000", "value": "-128.0", "class": "normal"}
    ]


@pytest.mark.parametrize("code", ["0x7g", "1.5", "seven", ""])
def test_a_bad_code_is_refused_with_examples(run, code):
    status, out, err = run("decode", "e4m3", code)
    assert (status, out) == (2, "")
    assert f"{code!r} is no code; write 0x7e, 126 or 0b1111110" in err


@pytest.mark.parametrize("code", ["256", "0x100"])
def test_a_code_out_of_range_is_refused(run, code):
    status, out, err = run("decode", "e4m3", code)
    assert (status, out) == (2, "")
    assert "out of range; 'e4m3' has 8 bits" in err


@pytest.mark.parametrize("fmt", ["e2m1", "e8m0", "q2.6", "Binary3p1uf"])
def test_table_has_every_code(answer, fmt):
    lines = answer("table", fmt).splitlines()
    assert [int(line.split()[0], 16) for line in lines] == list(range(1 << nf.get(fmt).bits))


def test_table_as_json_has_exact_values(answer):
    rows = json.loads(answer("table", "e2m1", "--json"))
    assert [float(row["value"]) for row in rows] == nf.decode(np.arange(16), "e2m1").tolist()


def test_table_shows_a_part(answer):
    lines = answer("table", "binary64", "--start", "0x3ff0000000000000", "--count", 2).splitlines()
    assert [line.split()[4] for line in lines] == ["1.0", "1.0000000000000002"]
    assert len(answer("table", "e4m3", "--start", "0xf0", "--count", 100).splitlines()) == 16


def test_table_of_a_wide_format_asks_which_part(run):
    status, out, err = run("table", "binary32")
    assert (status, out) == (2, "")
    assert "say which with --start and --count" in err


@pytest.mark.parametrize("start", ["256", "-3"])
def test_table_from_a_code_that_does_not_exist_is_refused(run, start):
    status, out, err = run("table", "e4m3", "--start", start, "--count", 2)
    assert (status, out) == (2, "")
    assert "e4m3" in err


# Usage


@pytest.mark.parametrize("arguments", [[], ["vectors"], ["nonsense"], ["encode", "e4m3"]])
def test_an_incomplete_command_is_a_usage_error(run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "usage: python -m numfmt" in err


@pytest.mark.parametrize("arguments", [["--help"], ["encode", "--help"], ["vectors", "--help"]])
def test_help_is_no_error(answer, arguments):
    assert answer(*arguments).startswith("usage: python -m numfmt")


def test_version_is_that_of_the_package(answer):
    assert answer("--version") == f"numfmt {nf.__version__}\n"


def test_an_interrupt_exits_with_130_and_one_line(run, monkeypatch):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_info", interrupted)
    status, out, err = run("info", "e4m3")
    assert (status, out) == (130, "")
    assert err.count("\n") == 1
    assert "interrupted" in err


def test_the_module_runs_as_a_process():
    done = python("encode", "e4m3", "464", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["code"] == "0x7e"
    done = python("encode", "e4m4", "464")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("numfmt: ")


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("command", ["table binary16", "list --json"])
def test_a_closed_pipe_ends_quietly(command):
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("needs bash for PIPESTATUS")
    line = f'"{sys.executable}" -m numfmt {command} | head -1; exit ${{PIPESTATUS[0]}}'
    done = process([shell, "-c", line])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


# vectors


def test_vectors_list_names_operations_classes_and_modes(answer):
    out = answer("vectors", "list")
    assert "  fma " in out
    assert "nearest_even=0" in out
    told = json.loads(answer("vectors", "list", "--json"))
    assert list(told["operations"]) == list(vectors.OPERATIONS)
    assert told["rounding"]["toward_zero"] == 1
    assert "tie" in told["classes"]


def test_generate_tells_what_it_wrote(answer, tmp_path):
    out = answer("vectors", "generate", "decode", "--fmt", "e2m1", "--out", tmp_path / "set")
    assert out.startswith("16 vectors of decode: e2m1 to binary32, nearest_even\n")
    assert "vectors.hex" in out
    assert f"vectors verify {tmp_path / 'set'}" in out
    assert vectors.verify(tmp_path / "set") == []


def test_generate_as_json_counts(answer, tmp_path):
    told = json.loads(
        answer(
            "vectors",
            "generate",
            "convert",
            "--fmt",
            "e4m3",
            "--dst",
            "e2m1",
            "--rounding",
            "all",
            "--nan",
            0,
            "--emit",
            "hex,json",
            "--out",
            tmp_path / "set",
            "--json",
        )
    )
    loaded = vectors.load(tmp_path / "set")
    assert told["rows"] == len(loaded) == 256 * 11
    assert told["spec_sha256"] == loaded.spec.sha256()
    assert told["manifest"] == str(tmp_path / "set" / "manifest.json")
    assert told | loaded.summary() == told
    names = {path.name for path in (tmp_path / "set").iterdir()}
    assert names == {"vectors.hex", "vectors.json", "manifest.json"}


def test_generate_passes_every_option_to_the_spec(answer, tmp_path):
    answer(
        "vectors",
        "generate",
        "encode",
        "--fmt",
        "e5m2",
        "--src",
        "binary16",
        "--rounding",
        "toward_zero,stochastic_c",
        "--overflow",
        "saturate",
        "--nan-code",
        "0x7f",
        "--classes",
        "special,value,tie,beside,random",
        "--flush-inputs",
        "--flush-results",
        "--tininess",
        "before",
        "--bits",
        4,
        "--max-rows",
        90,
        "--seed",
        5,
        "--out",
        tmp_path / "set",
    )
    assert vectors.load(tmp_path / "set").spec == vectors.Spec(
        op="encode",
        fmt="e5m2",
        src="binary16",
        rounding=("toward_zero", "stochastic_c"),
        overflow="saturate",
        nan=0x7F,
        flush_inputs=True,
        flush_results=True,
        tininess="before",
        bits=4,
        max_rows=90,
        classes="special,value,tie,beside,random",
        exhaustive=False,
        seed=5,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["convert", "--fmt", "e4m3"], "dst is missing"),
        (["decode", "--fmt", "e4m3q"], "Did you mean"),
        (["decode", "--fmt", "e4m3", "--rounding", "sideways"], "rounding='sideways'"),
        (["decode", "--fmt", "e4m3", "--emit", "hex,cow"], "emit='cow' is not one of hex"),
        (["encode", "--fmt", "e4m3", "--exhaustive"], "set max_rows"),
        (["decode", "--fmt", "e4m3", "--seed", "-1"], "seed=-1"),
        (["decode", "--fmt", "e4m3", "--bits", "99"], "bits=99"),
        (["encode", "--fmt", "e4m3", "--max-rows", "0"], "max_rows"),
        (["encode", "--fmt", "e4m3", "--max-rows", "-5"], "max_rows"),
        (["encode", "--fmt", "e4m3", "--max-rows", "5", "--exhaustive"], "not allowed with"),
        (["divide", "--fmt", "e4m3"], "op='divide' is not one of"),
        (["decode"], "fmt is missing"),
        (["encode", "--fmt", "e4m3", "--input", "none.npy"], "--input none.npy cannot be read"),
        (["decode", "--fmt", "e4m3", "--nan-code", "x"], "'x' is no code"),
    ],
)
def test_generate_refuses_by_argument_and_writes_nothing(run, tmp_path, arguments, message):
    status, out, err = run("vectors", "generate", *arguments, "--out", tmp_path / "set")
    assert (status, out) == (2, "")
    assert message in err
    assert not (tmp_path / "set").exists()


def test_generate_needs_a_folder(run):
    status, _, err = run("vectors", "generate", "decode", "--fmt", "e4m3")
    assert status == 2
    assert "--out" in err


def test_generate_refuses_a_folder_with_other_files(run, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    status, _, err = run("vectors", "generate", "decode", "--fmt", "e2m1", "--out", tmp_path)
    assert status == 2
    assert "'thesis.tex'" in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00", b"PK\x03\x04"])
def test_an_unreadable_input_is_refused(run, tmp_path, content):
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    status, _, err = run(
        "vectors", "generate", "encode", "--fmt", "e4m3", "--input", path, "--out", tmp_path / "s"
    )
    gc.collect()  # a file left open is this test's failure, not the next one's
    assert status == 2
    assert f"--input {path}" in err


def test_an_input_of_objects_is_refused(run, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.array([{}, None], object), allow_pickle=True)
    status, _, err = run(
        "vectors", "generate", "encode", "--fmt", "e4m3", "--input", path, "--out", tmp_path / "s"
    )
    assert status == 2
    assert f"--input {path}" in err


def test_an_archive_of_one_array_is_read_and_of_two_refused(run, answer, tmp_path):
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    np.savez(one, weights=np.ones(3))
    np.savez(two, weights=np.ones(3), bias=np.zeros(2))
    command = ["vectors", "generate", "encode", "--fmt", "e4m3", "--out", tmp_path / "set"]
    assert answer(*command, "--input", one).startswith("3 vectors of encode: binary64 to e4m3")
    status, _, err = run(*command, "--input", two)
    assert status == 2
    assert "holds 2 arrays (weights, bias); save the one you mean as .npy" in err


@pytest.fixture
def tiny(tmp_path):
    spec = vectors.Spec(op="convert", fmt="binary16", dst="e4m3", exhaustive=False, max_rows=700)
    vectors.write(vectors.generate(spec), tmp_path / "tiny", emit=("hex", "txt"))
    return tmp_path / "tiny"


def test_verify_takes_folders_of_sets(answer, tiny):
    vectors.write(vectors.generate(vectors.Spec(op="decode", fmt="e2m1")), tiny.parent / "b" / "c")
    assert json.loads(answer("vectors", "verify", tiny.parent, "--json")) == {
        str(tiny): [],
        str(tiny.parent / "b" / "c"): [],
    }
    assert answer("vectors", "verify", tiny, tiny / "manifest.json").count(": ok") == 2


def test_verify_goes_on_after_a_damaged_set(run, tiny):
    broken = tiny.parent / "broken"
    shutil.copytree(tiny, broken)
    (broken / "manifest.json").write_text("{\n oops")
    status, out, _ = run("vectors", "verify", tiny.parent)
    assert status == 1
    assert f"{broken}: DIFFERENT\n  {broken / 'manifest.json'}:2: not JSON" in out
    assert f"{tiny}: ok" in out
    status, out, _ = run("vectors", "verify", tiny.parent, "--json")
    assert status == 1
    assert json.loads(out)[str(tiny)] == []


@pytest.mark.parametrize("name", ["empty", "nowhere"])
def test_verify_of_no_set_is_a_usage_error(run, tmp_path, name):
    (tmp_path / "empty").mkdir()
    status, _, err = run("vectors", "verify", tmp_path / name)
    assert status == 2
    assert "is no vector set and holds none" in err


def lines_of(folder):
    columns = vectors.load(folder).columns
    rows = zip(columns["expected"].tolist(), columns["flags"].tolist(), strict=True)
    return [f"{code:02x} {flags:02x}" for code, flags in rows]


def test_compare_of_right_answers_passes(answer, tiny):
    lines = lines_of(tiny)
    got = tiny.parent / "got.txt"
    got.write_text("\n".join(lines) + "\n")
    assert answer("vectors", "compare", tiny, got) == f"{len(lines)} passed, 0 failed\n"
    told = json.loads(answer("vectors", "compare", tiny, got, "--json"))
    assert told == {
        "rows": len(lines),
        "wrong": 0,
        "counts": [],
        "first": [],
        "simplest": None,
    }


def test_compare_of_wrong_answers_names_class_kind_and_row(run, tiny):
    lines = lines_of(tiny)
    row = lines.index("7e 01")
    lines[row] = "7d 01"
    got = tiny.parent / "got.txt"
    got.write_text("\n".join(lines) + "\n")
    status, out, err = run("vectors", "compare", tiny, got)
    assert (status, err) == (1, "")
    assert out.startswith(f"{len(lines) - 1} passed, 1 failed\n")
    assert f"row {row}: value: a=" in out
    assert "expected 7e flags 01, got 7d flags 01" in out
    status, out, _ = run("vectors", "compare", tiny, got, "--json")
    told = json.loads(out)
    assert status == 1
    assert (told["wrong"], told["counts"][0]["kind"]) == (1, "value")
    assert told["first"][0]["row"] == row


def test_compare_ignores_flags_and_nan_codes_on_request(run, tiny):
    lines = lines_of(tiny)
    nan, inexact = lines.index("7f 05"), lines.index("7e 01")
    lines[nan], lines[inexact] = "ff 05", "7e 00"
    got = tiny.parent / "got.txt"
    got.write_text("\n".join(lines) + "\n")
    assert run("vectors", "compare", tiny, got)[1].startswith(f"{len(lines) - 2} passed, 2 failed")
    assert run("vectors", "compare", tiny, got, "--nan", "any")[0] == 1
    assert run("vectors", "compare", tiny, got, "--ignore", "flags")[0] == 1
    assert run("vectors", "compare", tiny, got, "--ignore", "flags", "--nan", "any")[0] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [("xx 00", "is not hexadecimal"), ("100 00", "is not a code of 8 bits"), ("-1 00", "not")],
)
def test_compare_of_unreadable_answers_names_the_line(run, tiny, line, message):
    lines = lines_of(tiny)
    lines[41] = line
    got = tiny.parent / "got.txt"
    got.write_text("\n".join(lines) + "\n")
    status, out, err = run("vectors", "compare", tiny, got)
    assert (status, out) == (2, "")
    assert f"{got}:42: " in err
    assert message in err


def test_compare_with_no_file_or_no_set_is_a_usage_error(run, tiny):
    status, _, err = run("vectors", "compare", tiny, tiny.parent / "none.txt")
    assert status == 2
    assert "none.txt" in err
    status, _, err = run("vectors", "compare", tiny.parent, tiny / "vectors.txt")
    assert status == 2
    assert "is no vector set" in err


def test_a_user_encodes_a_real_table_verifies_it_and_finds_a_flipped_byte(tmp_path):
    data = load_breast_cancer().data
    np.save(tmp_path / "cells.npy", data)
    made = python(
        "vectors",
        "generate",
        "encode",
        "--fmt",
        "e4m3",
        "--input",
        "cells.npy",
        "--out",
        "cells",
        cwd=tmp_path,
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("17,070 vectors of encode: binary64 to e4m3, nearest_even\n")
    (tmp_path / "cells.npy").unlink()

    good = python("vectors", "verify", "cells", cwd=tmp_path)
    assert (good.returncode, good.stdout) == (0, "cells: ok, 17,070 rows\n")

    path = tmp_path / "cells" / "vectors.hex"
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\n", 400_000) - 1
    raw[at] ^= 1
    line = raw[:at].count(b"\n") + 1
    path.write_bytes(raw)
    bad = python("vectors", "verify", "cells", cwd=tmp_path)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[0] == "cells: DIFFERENT, 17,070 rows"
    assert f"vectors.hex:{line}: found " in bad.stdout
    assert bad.stdout.count("\n") == 2
    assert bad.stderr == ""

    raw[at] ^= 1
    path.write_bytes(raw)
    codes = nf.encode(data, "e4m3").ravel().tolist()
    (tmp_path / "got.txt").write_text("".join(f"{code:02x}\n" for code in codes))
    right = python("vectors", "compare", "cells", "got.txt", cwd=tmp_path)
    assert (right.returncode, right.stdout) == (0, "17070 passed, 0 failed\n")
    codes[1000] ^= 1
    (tmp_path / "got.txt").write_text("".join(f"{code:02x}\n" for code in codes))
    wrong = python("vectors", "compare", "cells", "got.txt", cwd=tmp_path)
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("17069 passed, 1 failed\n")
    assert "row 1000: value" in wrong.stdout


@pytest.mark.parametrize("bits", ["3", '{NX = "a"}', "{NX = 0.5}"])
def test_flag_bits_of_a_dialect_that_are_no_table_are_refused(run, tmp_path, bits):
    file = tmp_path / "mine.toml"
    file.write_text(f"flag_bits = {bits}\n")
    out = tmp_path / "set"
    status, _, err = run(
        "vectors", "generate", "add", "--fmt", "e2m1", "--dialect", file, "--out", out
    )
    assert status == 2
    assert "flag_bits=" in err
    assert "is no table of flags and their bits" in err

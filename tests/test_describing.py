"""Headers of formats: what they say is compiled, and compared with the format itself."""

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numfmt as nf
from numfmt import exact
from numfmt.c_functions import steps_of
from numfmt.describing import describe, parameters
from numfmt.families.base import ScalarFormat
from numfmt.params import Kind

SMALL = (
    *(
        "e4m3",
        "e5m2",
        "e4m3_fnuz",
        "e3m2",
        "e2m1",
        "e8m0",
        "Binary8p3se",
        "Binary8p4uf",
        "e3m0_ieee",
    ),
    *("posit8", "posit8_0", "takum8", "takum8_log", "lns8_3", "int8", "int8_narrow", "uint4"),
    *("q2.6", "int6_sign_magnitude", "nf4", "fp4_bnb", "hifloat8", "ternary", "binary", "dint4"),
)
WIDE = ("binary16", "bfloat16", "tf32", "binary64", "posit16", "takum32", "q8.8", "lns16_10")
BLOCKS = ("mxfp4", "nvfp4", "mxint8", "uint4_group32", "e4m3_tensor", "bitmod_fp4")


def codes_of(name: str) -> dict[str, int]:
    """Return the named codes of a format."""
    return {p.name: p.value for p in parameters(nf.get(name)) if p.bits is not None}


def numbers_of(name: str) -> dict[str, int]:
    """Return the named numbers of a format."""
    return {p.name: p.value for p in parameters(nf.get(name)) if p.bits is None}


def test_the_parameters_of_e5m2_are_those_of_its_table() -> None:
    assert numbers_of("e5m2") == {
        **{"WIDTH": 8, "SIGNED": 1, "EXP_W": 5, "MAN_W": 2, "PRECISION": 3, "BIAS": 15},
        **{"EMIN": -14, "EMAX": 15, "HAS_SUBNORMAL": 1, "HAS_ZERO": 1},
        **{"HAS_INF": 1, "HAS_NAN": 1, "HAS_NEG_ZERO": 1},
    }
    assert codes_of("e5m2") == {
        **{"ZERO": 0x00, "NEG_ZERO": 0x80, "ONE": 0x3C, "MINUS_ONE": 0xBC},
        **{"MAX": 0x7B, "LOWEST": 0xFB, "MIN_NORMAL": 0x04, "MAX_SUBNORMAL": 0x03},
        **{"MIN_SUBNORMAL": 0x01, "MIN_POSITIVE": 0x01, "INF": 0x7C, "NEG_INF": 0xFC},
        **{"NAN": 0x7E, "NEG_NAN": 0xFE, "NAN_FIRST": 0x7D, "NAN_LAST": 0x7F},
        **{"NEG_NAN_FIRST": 0xFD, "NEG_NAN_LAST": 0xFF},
    }


@pytest.mark.parametrize("name", [*SMALL, *WIDE])
def test_named_codes_are_what_exact_says(name: str) -> None:
    fmt = nf.get(name)
    codes = codes_of(name)
    logarithmic = "log" in name or "lns" in name
    data = {
        key: (exact.decode_power if logarithmic else exact.decode)(code, fmt)
        for key, code in codes.items()
    }
    assert all(0 <= code < 1 << fmt.bits for code in codes.values())
    kinds = {"NAN": Kind.NAN, "INF": Kind.INFINITY, "ZERO": Kind.ZERO}
    for key, datum in data.items():
        wanted = next((kind for part, kind in kinds.items() if part in key.split("_")), None)
        assert datum.kind == wanted if wanted is not None else datum.kind < Kind.INFINITY
    assert [data[k].sign for k in ("NEG_ZERO", "NEG_INF", "LOWEST") if k in data] == [
        1 for k in ("NEG_ZERO", "NEG_INF", "LOWEST") if k in data
    ]
    if logarithmic:
        return
    if "ONE" in data:
        assert data["ONE"].value == 1
    if "MINUS_ONE" in data:
        assert data["MINUS_ONE"].value == -1
    if fmt.bits <= 16:
        unused = set(fmt.unused_codes()) if isinstance(fmt, ScalarFormat) else set()
        all_data = [exact.decode(code, fmt) for code in range(1 << fmt.bits) if code not in unused]
        finite = [d.value for d in all_data if d.finite]
        assert data["MAX"].value == max(finite)
        if name != "int8_narrow":
            assert data.get("LOWEST", data.get("ZERO", data["MIN_POSITIVE"])).value == min(finite)
        assert data["MIN_POSITIVE"].value == min((v for v in finite if v > 0), default=None)
        subnormal = [d.magnitude for d in all_data if d.kind == Kind.SUBNORMAL]
        assert ("MAX_SUBNORMAL" in data) == bool(subnormal)
        if subnormal:
            assert data["MAX_SUBNORMAL"].value == max(subnormal)
            assert data["MIN_SUBNORMAL"].value == min(subnormal)
        nans = [
            c
            for c in range(1 << fmt.bits)
            if c not in unused and exact.decode(c, fmt).kind == Kind.NAN
        ]
        spans = [
            range(codes[f"{sign}NAN_FIRST"], codes[f"{sign}NAN_LAST"] + 1)
            for sign in ("", "NEG_")
            if f"{sign}NAN_FIRST" in codes
        ]
        assert sorted(code for span in spans for code in span) == nans


@pytest.mark.parametrize(
    "name", ["e4m3", "e8m0", "posit8", "nf4", "uint4", "hifloat8", "e3m0_ieee"]
)
@pytest.mark.parametrize("negative", [False, True])
def test_codes_change_exactly_at_the_steps(name: str, negative: bool) -> None:
    steps = steps_of(nf.get(name), negative)  # type: ignore[arg-type]
    if steps is None:
        assert (name, negative) == ("e8m0", True)
        return
    sign = -1 if negative else 1
    for index, (word, code) in enumerate(zip(steps[0].tolist(), steps[1].tolist(), strict=True)):
        x = np.array(word, np.uint64).view(np.float64).item()
        assert exact.encode(sign * x, name)[0] == code
        if index:
            before = np.array(word - 1, np.uint64).view(np.float64).item()
            assert exact.encode(sign * before, name)[0] == steps[1][index - 1]


def need(*tools: str) -> None:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on PATH")


def run(*command: Any, cwd: Path) -> str:
    """Return what a command prints; it must not fail."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def near_steps(name: str) -> np.ndarray[Any, Any]:
    """Return every double at which a code changes and its neighbours, and others."""
    words = [np.arange(4, dtype=np.uint64), np.array([0x7FF, 0x7FE, 0x3FF], np.uint64) << 52]
    for negative in (False, True):
        steps = steps_of(nf.get(name), negative)  # type: ignore[arg-type]
        if steps is not None:
            first = steps[0]
            around = np.concatenate(
                [first, first + np.uint64(1), np.maximum(first, 1) - np.uint64(1)]
            )
            words.append(around | np.uint64(int(negative) << 63))
    rng = np.random.default_rng(1)
    words.append(rng.integers(0, 0x7FF0 << 48, 3000, np.uint64))
    words.append(np.abs(rng.standard_normal(3000)).view(np.uint64))
    both = np.concatenate(words)
    both = both[both & np.uint64((1 << 63) - 1) <= np.uint64(0x7FF << 52)]
    return np.concatenate([both, both ^ np.uint64(1 << 63)]).view(np.float64)


C_PROGRAM = """
#include <stdio.h>
#include <string.h>
#include <inttypes.h>
HEADERS
int main(void) {
  unsigned which, code;
  uint64_t bits;
  double x;
  (void)code;
  CODES
  while (scanf("%u %" SCNx64, &which, &bits) == 2) {
    memcpy(&x, &bits, sizeof x);
    switch (which) { CASES }
  }
  return 0;
}
"""


def test_c_headers_compile_and_compute_the_same_codes(tmp_path: Path) -> None:
    need("gcc")
    names = [*SMALL, *WIDE, *BLOCKS]
    headers = []
    for name in names:
        file = re.sub(r"\W", "_", name).lower() + ".h"
        (tmp_path / file).write_text(describe(name, "c"))
        headers += [f'#include "{file}"'] * 2
    c_names = [f"numfmt_{re.sub(chr(92) + 'W', '_', name).lower()}" for name in SMALL]
    codes = [
        f"for (code = 0; code < {1 << nf.get(name).bits}; code++) {{ "
        f"double v = {c}_decode((uint8_t)code); "
        f'memcpy(&bits, &v, sizeof v); printf("%016" PRIx64 " %016" PRIx64 "\\n", '
        f"{c}_to_double_bits((uint8_t)code), bits); }}"
        for name, c in zip(SMALL, c_names, strict=True)
    ]
    cases = [
        f'case {index}: printf("%u\\n", (unsigned){c}_encode(x)); break;'
        for index, c in enumerate(c_names)
    ]
    program = C_PROGRAM.replace("HEADERS", "\n".join(headers))
    program = program.replace("CODES", "\n".join(codes)).replace("CASES", "\n".join(cases))
    (tmp_path / "main.c").write_text(program)
    flags = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O0")
    run("gcc", *flags, "main.c", "-o", "main", cwd=tmp_path)
    asked, expected = [], []
    for index, name in enumerate(SMALL):
        x = near_steps(name)
        if name == "e8m0":
            x = x[~(x < 0)]
        words = x.view(np.uint64).tolist()
        asked += [f"{index} {word:x}" for word in words]
        expected += nf.encode(x, name).tolist()
    done = subprocess.run(
        [tmp_path / "main"], input="\n".join(asked), capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    for name in SMALL:
        fmt = nf.get(name)
        for code in range(1 << fmt.bits):
            words = {int(word, 16) for word in lines.pop(0).split()}
            assert len(words) == 1
            got = np.array(words.pop(), np.uint64).view(np.float64)
            if isinstance(fmt, ScalarFormat) and code in fmt.unused_codes():
                assert np.isnan(got)
            else:
                np.testing.assert_array_equal(got, nf.decode(code, name), strict=True)
                assert np.signbit(got) == np.signbit(nf.decode(code, name))
    assert [int(line) for line in lines] == expected


def test_c_functions_may_have_external_linkage(tmp_path: Path) -> None:
    need("gcc")
    (tmp_path / "e4m3.h").write_text(describe("e4m3", "c"))
    (tmp_path / "unit.c").write_text(
        "#include <stdint.h>\n#define NUMFMT_API\n"
        "uint8_t numfmt_e4m3_encode(double x);\n"
        "uint8_t first(void) { return numfmt_e4m3_encode(1); }\n"
        '#include "e4m3.h"\n'
    )
    flags = ("-std=c99", "-Wall", "-Wextra", "-Werror")
    run("gcc", *flags, "-c", "unit.c", "-o", "unit.o", cwd=tmp_path)
    assert b"numfmt_e4m3_encode" in (tmp_path / "unit.o").read_bytes()


@pytest.mark.hdl
def test_icarus_reads_the_localparams(tmp_path: Path) -> None:
    need("iverilog", "vvp")
    includes, prints, expected = [], [], []
    for name in (*SMALL, *WIDE, *BLOCKS):
        file = re.sub(r"\W", "_", name).lower()
        (tmp_path / f"{file}.svh").write_text(describe(name))
        includes += [f'`include "{file}.svh"'] * 2
        for p in parameters(nf.get(name)):
            full = f"NUMFMT_{file.upper()}_{p.name}"
            prints.append(f'$display("%0d %h", $bits({full}), {full});')
            width = 32 if p.bits is None else p.bits
            expected.append(f"{width} {p.value % (1 << width):0{-(-width // 4)}x}")
        prints.append(f'$display("%0d", $bits(numfmt_{file}_t));')
        fmt = nf.get(name)
        block = {p.name: p.value for p in parameters(fmt)}
        lone = nf.get(name).bits if fmt.kind == "scalar" else fmt.element.bits + fmt.scale_code.bits  # type: ignore[attr-defined]
        expected.append(str(block.get("BLOCK_W", lone)))
    lines = ["`define NUMFMT_STRUCT", *includes, "module tb;", "initial begin", *prints]
    (tmp_path / "tb.sv").write_text("\n".join([*lines, "end", "endmodule", ""]))
    run("iverilog", "-g2012", "-Wall", "-o", "sim", "tb.sv", cwd=tmp_path)
    assert run("vvp", "-n", "sim", cwd=tmp_path).split("\n")[:-1] == expected


@pytest.mark.hdl
def test_verilator_takes_the_header_in_a_package(tmp_path: Path) -> None:
    need("verilator")
    (tmp_path / "e4m3.svh").write_text(describe("e4m3"))
    (tmp_path / "top.sv").write_text(
        '`define NUMFMT_STRUCT\npackage formats;\n`include "e4m3.svh"\nendpackage\n'
        "module top(input formats::numfmt_e4m3_t x, output logic nan);\n"
        "  assign nan = {1'b0, x.exponent, x.trailing} == formats::NUMFMT_E4M3_NAN;\nendmodule\n"
    )
    run(
        "verilator",
        "--lint-only",
        "-Wall",
        "-Wno-UNUSED",
        "-Wno-DECLFILENAME",
        "top.sv",
        cwd=tmp_path,
    )


def test_headers_take_any_name_and_refuse_what_they_cannot_hold() -> None:
    fmt = nf.FloatFormat(name="my fmt*/\nx", bits=6, precision=3, emin=-2, source="a\nb")
    for emit in ("svh", "c"):
        text = describe(fmt, emit)
        assert "NUMFMT_MY_FMT___X_WIDTH" in text
        assert not any(line.startswith(("x", "b")) for line in text.splitlines())
    with pytest.raises(nf.FormatError, match="emit='vhdl' is not one of svh, c"):
        describe("e4m3", "vhdl")
    with pytest.raises(nf.FormatError, match="512 bits"):
        describe("quire32")
    with pytest.raises(nf.UnknownFormat):
        describe("e9")
    assert "NUMFMT_QUIRE8_0_FRAC_W" in describe("quire8_0")
    assert Fraction(nf.decode(codes_of("e4m3")["MAX"], "e4m3").item()) == 448

"""Specs: what they settle, what they refuse, and how they come back from JSON."""

import dataclasses
import json

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.dialects import DIALECTS
from numfmt.vectors import OPERATIONS, Spec
from numfmt.vectors.numbering import CLASSES, FLAG_ORDER, RM_NUMBERS
from numfmt.vectors.plain import plain, revived
from vector_sets import BLOCK, DRAWN, SMALL, WIDE, spec_of

WEE = nf.FloatFormat(
    name="wee_seven", bits=7, precision=3, emin=-4, aliases=("wee",), source="a drawing"
)
FLUSHING = dataclasses.replace(DIALECTS["x86"], name="ftz", flush_results=True)
HOPPER = nf.unit("nvidia-hopper-wgmma-e4m3-f32")
MINE = dataclasses.replace(HOPPER.changed(fraction_bits=21), name="mine-chip1-dot-e4m3-f32")
CHOSEN = [
    SMALL,
    DRAWN,
    BLOCK,
    WIDE,
    Spec(op="convert", fmt="e4m3", dst="int8", overflow="wrap"),
    Spec(op="mul", fmt=WEE, dialect=FLUSHING),
    Spec(op="add", fmt="posit8", dst="takum16"),
    Spec(op="fma", fmt=("e4m3", "e5m2", "binary16"), dst="nf4", nan=3),
    Spec(op="dot", unit=HOPPER.name),
    Spec(op="dot", unit=MINE, k=5),
    Spec(
        op="dot",
        fmt="e2m1",
        k=2,
        accumulator=nf.Aligned(block=4, fraction_bits=9, output="bfloat16"),
    ),
    Spec(op="block_dot", fmt=("mxfp4", "mxfp8_e5m2"), k=64),
    Spec(op="requantize", scheme="gemmlowp", zero_point=-3, dst="uint8"),
    Spec(op="less", fmt="e5m2", rm_map={"nearest_even": 9}, flag_order=FLAG_ORDER[::-1]),
]


@pytest.mark.fast
@pytest.mark.parametrize("wanted", CHOSEN, ids=str)
def test_a_spec_comes_back_from_its_json(wanted):
    again = Spec.from_dict(json.loads(json.dumps(wanted.to_dict())))
    assert again == wanted
    assert again.sha256() == wanted.sha256()
    assert again.canonical() == wanted.canonical()
    assert dataclasses.replace(wanted) == wanted


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_comes_back_from_its_json(op):
    wanted = spec_of(op)
    again = Spec.from_dict(json.loads(json.dumps(wanted.to_dict())))
    assert again == wanted
    assert again.sha256() == wanted.sha256()


@pytest.mark.fast
@pytest.mark.parametrize("thing", [WEE, FLUSHING, MINE], ids=lambda thing: thing.name)
def test_what_numfmt_does_not_ship_keeps_its_prose(thing):
    written = json.loads(json.dumps(plain(thing)))
    assert written["source"] == thing.source != ""
    assert revived(written) == thing


@pytest.mark.fast
@pytest.mark.parametrize("thing", [nf.get("e4m3"), nf.get("mxfp4"), DIALECTS["x86"], HOPPER])
def test_what_numfmt_ships_is_written_without_prose_and_revived_with_it(thing):
    written = json.loads(json.dumps(plain(thing)))
    assert not {"source", "aliases", "evidence"} & set(written)
    assert revived(written) is thing


def test_the_digest_of_a_spec_does_not_depend_on_what_is_registered():
    before = Spec(op="mul", fmt=WEE).sha256()
    nf.register(WEE)
    try:
        assert Spec(op="mul", fmt="wee").sha256() == before
    finally:
        nf.unregister("wee_seven")


@pytest.mark.fast
def test_every_field_changes_the_digest():
    plain = {"op": "convert", "fmt": "binary16", "dst": "e5m2", "rounding": "toward_zero"}
    others = [
        {},
        {"seed": 1},
        {"max_rows": 2000},
        {"classes": "random"},
        {"exhaustive": False},
        {"rounding": "to_odd"},
        {"overflow": "saturate"},
        {"tininess": "before"},
        {"flush_inputs": True},
        {"flush_results": True},
        {"nan": 0x7F},
        {"bits": 9},
        {"dialect": "x86"},
        {"rm_map": {"toward_zero": 3}},
        {"flag_order": "NV,DZ,OF,UF,NX"},
    ]
    specs = [Spec(**(plain | other)) for other in others]
    assert len({spec.sha256() for spec in specs}) == len(specs)


@pytest.mark.fast
def test_what_is_left_out_is_settled_by_documents_and_stands_in_the_spec():
    spec = Spec(op="mul", fmt="e4m3")
    assert (spec.dialect.name, spec.overflow, spec.tininess) == ("ocp_nosat", "nan", "after")
    assert (spec.flush_inputs, spec.flush_results) == (False, False)
    given = Spec(
        op="mul",
        fmt="e4m3",
        dst="e4m3",
        dialect="ocp_nosat",
        overflow="nan",
        tininess="after",
        flush_inputs=False,
        flush_results=False,
        rounding="nearest_even",
        exhaustive=True,
    )
    assert given.sha256() == spec.sha256()
    flushing = Spec(op="mul", fmt="e5m2", dialect=FLUSHING)
    assert (flushing.flush_inputs, flushing.flush_results) == (False, True)
    assert Spec(op="mul", fmt="e5m2", dialect="arm").tininess == "before"


@pytest.mark.fast
@pytest.mark.parametrize(
    ("op", "formats"),
    [
        ("decode", ("e4m3", "binary32")),
        ("encode", ("binary32", "e4m3")),
        ("to_int", ("e4m3", "int32")),
        ("from_int", ("int32", "e4m3")),
        ("sqrt", ("e4m3", "e4m3")),
        ("dot", ("e4m3", "binary32")),
    ],
)
def test_formats_that_are_left_out_are_those_of_the_documentation(op, formats):
    spec = Spec(op=op, fmt="e4m3")
    assert (spec.operands[0].fmt.name, spec.dst.name) == formats


@pytest.mark.fast
def test_rounding_all_is_every_mode_that_the_format_can_follow():
    deterministic = tuple(mode.value for mode in nf.Rounding if not mode.stochastic)
    assert Spec(op="add", fmt="e4m3", rounding="all").rounding == deterministic
    assert Spec(op="round_to_int", fmt="e4m3", rounding="all").rounding == tuple(
        mode for mode in deterministic if mode != "jam"
    )
    assert Spec(op="less", fmt="e4m3", rounding="all").rounding == ("nearest_even",)
    assert Spec(op="to_int", fmt="e4m3").rounding == ("toward_zero",)


@pytest.mark.fast
def test_numbers_of_modes_and_classes_are_one_to_one():
    assert set(RM_NUMBERS) == {mode.value for mode in nf.Rounding}
    for numbers, bits in ((RM_NUMBERS, 4), (CLASSES, 8)):
        assert len(set(numbers.values())) == len(numbers)
        assert max(numbers.values()) < 1 << bits


# What makes no sense

NONSENSE = [
    (
        {"op": "ad"},
        r"op='ad' is not one of the \d+ operations that `python -m numfmt vectors list`",
    ),
    ({"fmt": None}, "fmt is missing: name the format that decode is of"),
    ({"fmt": "e4m4x"}, "e4m4x"),
    ({"op": "convert"}, "dst is missing: convert needs the format to convert to"),
    ({"op": "encode", "dst": "e5m2"}, "dst='e5m2': encode ends in fmt; use op='convert'"),
    ({"op": "from_int", "dst": "e5m2"}, "dst='e5m2': from_int ends in fmt, 'e4m3'"),
    ({"op": "decode", "src": "e5m2"}, "decode starts from fmt; use op='convert'"),
    ({"op": "add", "fmt": ("e4m3", "e5m2")}, "dst is missing: the operands are 'e4m3', 'e5m2'"),
    ({"op": "add", "fmt": ("e4m3",) * 3}, "fmt names 3 formats for 2 operands"),
    ({"op": "from_int", "fmt": ("e4m3", "e5m2")}, "fmt names 2 formats for 1 operands"),
    ({"op": "add", "dst": "mxfp4"}, "dst='mxfp4'|dst: .*mxfp4"),
    ({"op": "to_int", "dst": "q4.4"}, "dst='q4.4' is no format of integers, such as 'int8'"),
    ({"op": "from_int", "src": "e4m3"}, "src='e4m3' is no format of integers"),
    ({"op": "requantize"}, "fmt='e4m3' is no format of integers"),
    ({"op": "block_quantize"}, "fmt='e4m3': vectors are of formats with blocks.*such as mxfp4"),
    (
        {"op": "block_quantize", "fmt": "mxfp4", "dst": "e4m3"},
        "block_quantize ends in fmt, 'mxfp4'",
    ),
    ({"op": "block_quantize", "fmt": "mxfp4", "k": 33}, "k=33"),
    ({"op": "block_dot", "fmt": "mxfp4", "k": 33}, "k=33 is no multiple of scale_block=32"),
    ({"op": "block_dot", "fmt": ("mxfp4", "nvfp4_one_level")}, "scales of one format and blocks"),
    ({"op": "dot", "k": 0}, "k=0"),
    ({"op": "dot", "k": 4097}, "k=4097"),
    ({"op": "dot", "fmt": None}, "fmt is missing: name the operand formats, or a unit"),
    ({"op": "dot", "fmt": ("e4m3",) * 3}, "fmt names 3 formats; a product has two operands"),
    ({"op": "dot", "unit": HOPPER.name, "fmt": "e5m2"}, "fmt='e5m2': nvidia-hopper.* takes e4m3"),
    ({"op": "dot", "unit": HOPPER.name, "dst": "e5m2"}, "dst='e5m2': the results of nvidia-hopper"),
    ({"op": "dot", "unit": HOPPER.name, "accumulator": nf.Exact()}, "accumulator and unit"),
    ({"op": "dot", "unit": "acme"}, "acme"),
    (
        {"op": "dot", "accumulator": 3},
        r"accumulator=3 is no accumulator, such as numfmt\.Exact\(\)",
    ),
    ({"op": "block_dot", "unit": HOPPER.name, "fmt": None}, "has no block scales; use op='dot'"),
    ({"op": "gemm_tile", "m": 257}, "m=257"),
    ({"rounding": "nearest_evn"}, "Did you mean 'nearest_even'"),
    ({"rounding": "nearest_even,"}, "rounding=''"),
    ({"rounding": ()}, r"rounding=\(\) must name modes, each of them once"),
    ({"rounding": "to_odd,to_odd"}, "each of them once"),
    (
        {"op": "less", "rounding": "to_odd"},
        "rounding='to_odd': op='less' with these formats rounds",
    ),
    ({"op": "dot", "unit": HOPPER.name, "fmt": None, "rounding": "to_odd"}, "rounds toward_zero"),
    ({"op": "round_to_int", "rounding": "jam"}, "rounding='jam'"),
    ({"op": "dot", "rounding": "stochastic_a"}, "rounding='stochastic_a'"),
    ({"overflow": "burst"}, "overflow='burst'"),
    ({"overflow": "raise"}, "overflow='raise' gives no result to write; name another policy"),
    ({"tininess": "during"}, "tininess='during'"),
    ({"dialect": "klingon"}, "dialect='klingon'"),
    ({"flush_inputs": 2}, "flush_inputs=2 is not True or False"),
    ({"exhaustive": "yes"}, "exhaustive='yes' is not True or False"),
    ({"bits": 0}, "bits=0"),
    ({"bits": 53}, "bits=53"),
    ({"max_rows": 0}, "max_rows=0"),
    ({"max_rows": 1.5}, r"max_rows=1\.5"),
    ({"seed": -1}, "seed=-1"),
    ({"nan": 1 << 32}, r"nan.*=4294967296 is not within 0 to 4294967295"),
    (
        {"classes": "random,tei"},
        "classes='random,tei': 'tei' is no class; `python -m numfmt vectors",
    ),
    ({"classes": ()}, r"classes=\(\): 'nothing' is no class"),
    ({"rm_map": {"nearest_even": 16}}, r"rm_map\[nearest_even\]=16"),
    ({"rm_map": {"to_odd": 1}}, "rm_map has no number for nearest_even"),
    ({"rm_map": {"nearest": 1}}, "rm_map='nearest'"),
    ({"rm_map": {"rne": 1, "nearest_even": 2}}, "rm_map gives nearest_even two numbers, 1 and 2"),
    ({"rm_map": 3}, "rm_map=3 is no mapping of mode names to numbers"),
    (
        {"rounding": "to_odd,jam", "rm_map": {"to_odd": 1, "jam": 1}},
        "rm_map gives two modes one number",
    ),
    ({"flag_order": "NX,UF"}, "flag_order='NX,UF' must name NX, UF, OF, DZ, NV, each once"),
    (
        {"op": "encode", "exhaustive": True, "src": "binary64"},
        r"exhaustive=True: the operands have 2\*\*64 values; set max_rows",
    ),
]


@pytest.mark.fast
@pytest.mark.parametrize(("fields", "message"), NONSENSE, ids=lambda value: str(value)[:40])
def test_a_spec_that_makes_no_sense_is_refused_by_argument_value_and_remedy(fields, message):
    with pytest.raises((nf.FormatError, nf.UnknownFormat), match=message):
        Spec(**({"op": "decode", "fmt": "e4m3"} | fields))


STRANGERS = {
    "src": "int8",
    "dst": "e5m2",
    "dialect": "x86",
    "overflow": "saturate",
    "nan": 1,
    "flush_inputs": False,
    "flush_results": True,
    "tininess": "before",
    "bits": 9,
    "k": 3,
    "m": 2,
    "n": 2,
    "accumulator": nf.Exact(),
    "unit": HOPPER.name,
    "scheme": "rounded",
    "zero_point": 0,
    "input_sha256": "0" * 64,
}


@pytest.mark.fast
def test_the_list_of_strangers_is_whole():
    fields = {field.name for field in dataclasses.fields(Spec)}
    common = {"op", "fmt", "rounding", "classes", "max_rows", "exhaustive", "seed"}
    assert fields == {*STRANGERS, *common, "rm_map", "flag_order"}


@pytest.mark.fast
@pytest.mark.parametrize("op", OPERATIONS)
def test_fields_that_mean_nothing_to_an_operation_are_refused(op):
    for name in STRANGERS.keys() - OPERATIONS[op].takes:
        with pytest.raises(
            nf.FormatError, match=f"^{name}=.* means nothing to op='{op}'; it takes"
        ):
            spec_of(op, **{name: STRANGERS[name]})


@pytest.mark.fast
def test_a_format_that_lies_about_its_name_is_refused_when_it_comes_back():
    fake = dataclasses.replace(nf.get("e4m3"), emin=-5)
    with pytest.raises(nf.FormatError, match="the name 'e4m3' stands for other codes"):
        Spec.from_dict(Spec(op="decode", fmt=fake).to_dict())


def test_numbers_and_flags_of_ones_own_stand_in_the_files(tmp_path):
    spec = Spec(
        op="convert",
        fmt="e5m2",
        dst="e4m3",
        rounding="toward_zero,nearest_even",
        rm_map={"nearest_even": 3, "toward_zero": 11},
        flag_order=("UF", "NX", "NV", "OF", "DZ"),
    )
    table = vectors.generate(spec)
    assert np.unique(table.columns["rm"]).tolist() == [3, 11]
    usual = vectors.generate(dataclasses.replace(spec, rm_map=None, flag_order=FLAG_ORDER))
    turned = {"NX": 2, "UF": 1, "OF": 8, "DZ": 16, "NV": 4}
    for at, name in enumerate(FLAG_ORDER):
        raised = usual.columns["flags"] & np.uint64(1 << at) != 0
        assert raised.any() == (name != "DZ")
        assert ((table.columns["flags"] & np.uint64(turned[name]) != 0) == raised).all()
    vectors.write(table, tmp_path)
    assert vectors.verify(tmp_path) == []
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["rounding"] == {"toward_zero": 11, "nearest_even": 3}
    assert manifest["flags"]["order"] == ["DZ", "OF", "NV", "NX", "UF"]
    assert "NUMFMT_RM_TOWARD_ZERO = 11;" in (tmp_path / "layout.svh").read_text()
    assert "flags=DZ,OF,NV,NX,UF" in (tmp_path / "vectors.txt").read_text()

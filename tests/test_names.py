"""Names: one meaning each, in any case, with help where there is none."""

import importlib.metadata
from typing import Any

import pytest

import numfmt as nf
from numfmt import registry

pytestmark = pytest.mark.fast

# The packages' spellings, and the largest value that tells the formats apart.
EXACT_ALIASES = {
    "float8_e4m3fn": 448,
    "float8_e4m3": 240,
    "float8_e3m4": 15.5,
    "float6_e3m2fn": 28,
    "float6_e2m3fn": 7.5,
    "float4_e2m1fn": 6,
    "float8_e8m0fnu": 2.0**127,
    "float8_e4m3fnuz": 240,
    "float8_e5m2fnuz": 57344,
    "float8_e4m3b11fnuz": 30,
    "float8_e5m2": 57344,
    "fp8_e4m3": 448,
    "bf16": 3.3895313892515355e38,
    "fp16": 65504,
    "half": 65504,
    "float16": 65504,
    "binary16": 65504,
    "e4m3": 448,
    "e5m2": 57344,
    "e3m2": 28,
    "e2m3": 7.5,
    "e2m1": 6,
    "e8m0": 2.0**127,
    "e5m10": 65504,
    "e8m7": 3.3895313892515355e38,
    "int8": 127,
    "int8_narrow": 127,
    "uint8": 255,
    "q2.14": 2 - 2.0**-14,
    "uq2.14": 4 - 2.0**-14,
    "Binary8p3se": 49152,
    "e3m4_fn": 30,
    "e3m4_ieee": 15.5,
    "e3m4_finite": 31,
    "e3m4_fnuz": 15.5,
    "e4m3_fnuz_b11": 30,
}


@pytest.mark.parametrize("name", EXACT_ALIASES)
def test_aliases_mean_what_their_packages_mean(name: str) -> None:
    assert nf.finfo(name).max == EXACT_ALIASES[name]
    assert nf.get(name.upper()) is nf.get(name.lower())


def test_no_name_has_two_meanings_in_any_case() -> None:
    seen: dict[str, Any] = {}
    for name in nf.names():
        for spelling in nf.names_of(name):
            entry = nf.get(spelling)
            assert seen.setdefault(spelling.lower(), entry) is entry
            assert entry is nf.get(name)
    assert len({nf.get(name).name for name in nf.names()}) == len(nf.names())


def test_no_two_float_entries_are_the_same_codes_under_two_names() -> None:
    floats = [nf.get(n) for n in nf.names(family="float") if not n.startswith("Binary")]
    assert len({entry.structure for entry in floats}) == len(floats)


def test_spelled_names_find_the_catalogued_entry() -> None:
    same = {
        "e4m3_fn": "e4m3",
        "e5m2_ieee": "e5m2",
        "e2m1_finite": "e2m1",
        "e5m10_ieee": "binary16",
        "e8m7_ieee": "bfloat16",
        "e8m23_ieee": "binary32",
        "e4m3_fnuz_b8": "e4m3_fnuz",
        "e11m52_ieee": "binary64",
        "e8m10_ieee": "tf32",
    }
    assert {spelled: nf.get(spelled).name for spelled in same} == same


def test_sizes_without_a_catalogue_entry_have_names() -> None:
    assert nf.get("e6m9_ieee").bits == 16
    assert nf.get("e4m3_ieee_b11").bias == 11
    assert nf.get("int47").bits == 47
    assert nf.get("q20.20_narrow").bits == 40
    assert nf.get("Binary20p5uf").bias == 2**15
    assert nf.get("ue4m3_fn").bits == 7


def test_ambiguous_bare_names_are_refused_with_the_candidates() -> None:
    with pytest.raises(nf.UnknownFormat, match=r"'e3m4_ieee'.*'e3m4_fn'.*15\.5, 30, 31"):
        nf.get("e3m4")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("e4m33", "names"),
        ("binary8p9se", "K = 8 and P = 9"),
        ("int8_narow", "int8_narrow"),
        ("bfloat61", "bfloat16"),
        ("", "no format"),
        ("binary2p1se", "K > 2"),
    ],
)
def test_unknown_names_get_help(name: str, hint: str) -> None:
    with pytest.raises(nf.UnknownFormat) as caught:
        nf.get(name)
    assert hint in str(caught.value) or "does not say" in str(caught.value)


@pytest.mark.parametrize("name", ["int65", "int1_narrow", "q0.0", "e1m70_ieee", "e30m2_ieee"])
def test_spelled_names_with_impossible_numbers_say_which(name: str) -> None:
    with pytest.raises((nf.FormatError, nf.UnknownFormat), match=name.split("_", maxsplit=1)[0]):
        nf.get(name)


def test_registered_names_are_found_listed_and_protected() -> None:
    fmt = nf.FloatFormat(name="mine8", bits=8, precision=4, emin=-9, aliases=("my_own",))
    nf.register(fmt)
    try:
        assert nf.get("MINE8") is fmt
        assert nf.get("my_own") is fmt
        assert "mine8" in nf.names()
        with pytest.raises(nf.FormatError, match="already stands for"):
            nf.register(nf.FloatFormat(name="mine8", bits=8, precision=3, emin=-9))
    finally:
        nf.unregister("my_own")
    assert "mine8" not in nf.names()
    with pytest.raises(nf.UnknownFormat):
        nf.unregister("mine8")


@pytest.mark.parametrize("name", ["e4m3", "int9", "Q3.5", "binary9p3se", "e3m4", "E5M6_ieee"])
def test_names_that_mean_something_cannot_be_registered(name: str) -> None:
    with pytest.raises(nf.FormatError, match=r"already stands|ambiguous"):
        nf.register(nf.FloatFormat(name=name, bits=8, precision=4, emin=-60))


def test_entry_points_join_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged = nf.FloatFormat(name="plugged8", bits=8, precision=4, emin=-5)

    class Point:
        def load(self) -> Any:
            return lambda: [plugged]

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Point()])
    registry._catalogue.cache_clear()
    try:
        assert nf.get("plugged8") is plugged
    finally:
        monkeypatch.undo()
        registry._catalogue.cache_clear()
        registry._structures.cache_clear()
        registry._parsed.cache_clear()


def test_listing_filters_and_refuses_unknown_filters() -> None:
    assert nf.names(family="fixed", max_bits=1) == ["int1", "uint1"]
    blocks = nf.names(kind="block")
    assert {nf.get(name).kind for name in blocks} == {"block"}
    assert blocks == nf.names(family="block")
    assert set(nf.names(kind="scalar")) == set(nf.names()) - set(blocks)
    with pytest.raises(nf.FormatError, match="family='floot'"):
        nf.names(family="floot")


def test_catalogue_holds_every_size_that_it_promises() -> None:
    names = set(nf.names())
    assert {f"int{n}" for n in range(1, 33)} | {f"uint{n}" for n in range(1, 33)} <= names
    assert sum(name.startswith("Binary") for name in names) == 504
    for bits in range(3, 9):
        for exponent in range(1, bits):
            for style in ("ieee", "fn", "finite", "fnuz"):
                try:
                    entry = nf.get(f"e{exponent}m{bits - 1 - exponent}_{style}")
                except nf.FormatError:
                    assert (exponent, bits, style) == (1, 2, "ieee")
                    continue
                assert entry.name in names

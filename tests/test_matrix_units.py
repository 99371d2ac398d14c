"""The catalogue of matrix units: names, evidence, and how rows are found and printed."""

import dataclasses
import re
import subprocess
import sys

import pytest

from numfmt.errors import FormatError, UnknownFormat
from numfmt.matrix_units import listing
from numfmt.matrix_units.accumulators import Accumulator, Aligned, Exact, Pairwise, Sequential
from numfmt.matrix_units.catalog import all_units
from numfmt.matrix_units.plans import Lanes, Plan, Reordered
from numfmt.matrix_units.unit import Unit

pytestmark = pytest.mark.fast

ROWS = tuple(all_units().values())
NAME = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+){2,}")
SHAPE = re.compile(r"-k(\d+)$")


# Those whose outputs are in the recordings at hand.
@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Unit]:
    """Empty the registered units, and put them back afterwards."""
    added: dict[str, Unit] = {}
    monkeypatch.setattr(listing, "_added", added)
    return added


def rule(name: str) -> Accumulator:
    """Return the accumulator of a catalogued unit."""
    found: Accumulator = all_units()[name].accumulator
    return found


def test_names_follow_the_grammar_and_are_their_keys() -> None:
    for name, entry in all_units().items():
        assert name == entry.name
        assert NAME.fullmatch(name), name


def test_a_shape_in_the_name_is_that_of_the_row_and_smaller_than_the_bare_names() -> None:
    shaped = [row for row in ROWS if SHAPE.search(row.name)]
    assert shaped
    for row in shaped:
        shape = SHAPE.search(row.name)
        assert shape is not None
        assert row.k == int(shape[1]), row.name
        assert row.k < all_units()[row.name[: shape.start()]].k, row.name


@pytest.mark.parametrize(
    ("name", "block", "bits", "floor", "keep", "k"),
    [
        ("nvidia-volta-mma-f16-f32", 4, 23, None, None, 4),
        ("nvidia-volta-mma-f16-f16", 4, 23, -19, None, 4),
        ("nvidia-turing-mma-f16-f32", 8, 24, -132, None, 8),
        ("nvidia-ampere-mma-f16-f16", 8, 24, -20, None, 16),
        ("nvidia-ampere-mma-bf16-f32", 8, 24, -132, None, 16),
        ("nvidia-ampere-mma-tf32-f32", 4, 24, -132, None, 8),
        ("nvidia-ada-mma-e4m3-f32", 16, 13, -132, 13, 32),
        ("nvidia-ada-mma-e5m2e4m3-f16", 16, 13, -20, None, 32),
        ("nvidia-hopper-mma-f16-f32", 16, 25, -133, None, 16),
        ("nvidia-hopper-mma-f16-f32-k8", 8, 25, -133, None, 8),
        ("nvidia-hopper-mma-tf32-f32-k4", 4, 25, -133, None, 4),
        ("nvidia-hopper-wgmma-e4m3-f32", 32, 13, -133, 13, 32),
        ("nvidia-blackwell-tcgen05-e5m2e2m1-f32", 32, 25, -133, None, 32),
        ("nvidia-blackwell-tcgen05-nvf4-f32", 64, 35, -139, None, 64),
        ("nvidia-rtxblackwell-mma-mxe4m3-f32", 32, 25, -133, None, 32),
        ("nvidia-rtxblackwell-mma-e4m3-f32-k16", 16, 25, -133, None, 16),
        ("amd-cdna3-mfma-f16-f32", 8, 24, None, None, 16),
        ("amd-cdna3-mfma-fp8-f32", 16, 24, None, None, 32),
    ],
)
def test_aligned_rows_have_the_numbers_of_their_sources(
    name: str, block: int, bits: int, floor: int | None, keep: int | None, k: int
) -> None:
    found = rule(name)
    assert isinstance(found, Aligned)
    assert (found.block, found.fraction_bits, found.floor, found.keep) == (block, bits, floor, keep)
    assert all_units()[name].k == k


def test_every_nvidia_adder_truncates_to_f32_and_rounds_to_nearest_f16() -> None:
    modes = {"binary32": "toward_zero", "binary16": "nearest_even"}
    rows = [row for row in ROWS if row.vendor == "nvidia" and isinstance(row.accumulator, Aligned)]
    assert len(rows) > 200
    for row in rows:
        assert row.accumulator.rounding.value == modes[row.output.name], row.name
        assert row.accumulator.cut.value == "toward_zero", row.name
        assert row.accumulator.dialect.zero_sign.value == "plus", row.name
        assert row.accumulator.dialect.default_nan.value == "all_ones", row.name


def test_rewritten_fp8_instructions_split_k_and_add_c_last() -> None:
    for architecture in ("hopper", "blackwell"):
        row = all_units()[f"nvidia-{architecture}-mma-e4m3-f16"]
        assert isinstance(row.plan, Reordered)
        assert row.plan.order[:6] == (0, 1, 4, 5, 8, 9)
        assert row.plan.order[16:20] == (2, 3, 6, 7)
        assert row.accumulator.late_add.value == "nearest_even"
        assert (row.accumulator.block, row.k) == (16, 32)


def test_stepwise_rows_have_the_rules_of_their_sources() -> None:
    vdpbf16ps = all_units()["intel-avx512-vdpbf16ps"]
    assert isinstance(vdpbf16ps.accumulator, Sequential)
    assert vdpbf16ps.plan == Reordered(order=(1, 0))
    assert all_units()["intel-amx-tdpbf16ps"].plan == Lanes(count=2, c="last")
    bfdot = rule("arm-bf16-bfdot")
    assert isinstance(bfdot, Pairwise)
    assert (bfdot.block, bfdot.rounding.value, bfdot.overflow.value) == (2, "to_odd", "infinity")
    fused = rule("arm-ebf16-bfdot")
    assert isinstance(fused, Exact)
    assert (fused.block, fused.late) == (2, True)
    assert isinstance(rule("amd-cdna2-mfma-f16-f32"), Pairwise)
    assert isinstance(rule("amd-cdna1-mfma-f16-f32"), Exact)
    assert isinstance(rule("nvidia-ampere-mma-f64-f64"), Sequential)


def test_exclusive_or_of_bits_is_a_table_and_and_is_their_product() -> None:
    table = rule("nvidia-ampere-mma-b1-s32-xor").product  # type: ignore[attr-defined]
    assert table.codes.tolist() == [[0, 1], [1, 0]]
    assert rule("nvidia-ampere-mma-b1-s32-and").product is None  # type: ignore[attr-defined]


def test_integers_wrap_and_clamp_only_where_the_name_says_so() -> None:
    for row in ROWS:
        if row.output.name == "int32":
            clamps = "satfinite" in row.name or row.name.endswith("ds")
            assert row.accumulator.overflow.value == ("saturate" if clamps else "wrap"), row.name


def test_tf32_sits_in_binary32_and_nothing_else_has_a_container() -> None:
    for row in ROWS:
        held = row.container and row.container.name
        assert held == ("binary32" if row.a.name == "tf32" else None), row.name


def test_scaled_rows_are_those_named_so() -> None:
    for row in ROWS:
        inputs = row.name.split("-")[3] if row.vendor == "nvidia" else ""
        assert (row.scale is not None) == inputs.startswith(("mx", "nv")), row.name


def test_every_row_names_a_source() -> None:
    for row in ROWS:
        assert len(row.source) > 20, row.name


def test_the_first_choice_of_a_disputed_point_is_the_rows_own() -> None:
    for row in ROWS:
        for point in row.disputed:
            assert len(point.note) > 20, row.name
            if point.field in ("plan", "accumulator"):
                assert getattr(row, point.field) == point.choices[0], row.name
                kinds = (Accumulator, Plan, type(None))
                assert all(isinstance(choice, kinds) for choice in point.choices), row.name
                continue
            assert row.changed(**{point.field: point.choices[0]}) == row, (row.name, point.field)
            for choice in point.choices[1:]:
                assert row.changed(**{point.field: choice}) != row, (row.name, point.field)


def test_points_that_sources_differ_on_are_listed() -> None:
    def fields(name: str) -> set[str]:
        return {point.field for point in all_units()[name].disputed}

    assert {"floor", "zero_products", "dialect"} <= fields("nvidia-ampere-mma-bf16-f32")
    assert "floor" in fields("nvidia-hopper-mma-f16-f16")
    assert {"plan", "block"} <= fields("nvidia-hopper-mma-e4m3-f32")
    assert "plan" not in fields("nvidia-hopper-mma-e4m3-f16")
    assert "accumulator" in fields("amd-cdna1-mfma-f16-f32")
    assert {"infinite_c", "sum_bits"} <= fields("amd-cdna3-mfma-f16-f32")
    assert "block" in fields("nvidia-ampere-mma-s8-s32-satfinite")
    assert "block" in fields("riscv-ime-mma-f16-f32")


def test_units_are_found_by_name_start_and_pattern() -> None:
    assert [u.name for u in listing.units("Nvidia-Hopper-mma-f16-f32")] == [
        "nvidia-hopper-mma-f16-f32"
    ]
    assert {u.architecture for u in listing.units("nvidia-hop")} == {"hopper"}
    wanted = [u for u in ROWS if u.name.endswith("-k8")]
    assert list(listing.units("*-k8")) == wanted
    assert list(listing.units()) == list(ROWS)
    assert listing.units("nothing-like-it") == ()


def test_units_are_filtered_by_vendor_architecture_and_evidence() -> None:
    found = listing.units(vendor="intel", architecture="avx512", evidence="recorded")
    names = "vdpbf16ps vfmadd231ph vpdpbusd vpdpbusds vpdpwssd vpdpwssds"
    assert [u.name.split("-")[-1] for u in found] == names.split()
    with pytest.raises(FormatError, match="vendor='nvida' is not one of amd"):
        listing.units(vendor="nvida")
    with pytest.raises(FormatError, match="evidence='hearsay'"):
        listing.units(evidence="hearsay")


def test_the_table_has_a_line_for_each_unit_and_no_trailing_blanks() -> None:
    lines = repr(listing.units()).split("\n")
    assert len(lines) == len(ROWS) + 1
    assert all(line == line.rstrip() for line in lines)
    assert str(listing.units("none")) == "no units"
    found = repr(listing.units("nvidia-blackwell-tcgen05-nvf4-f32")).split("\n")[1]
    assert "e2m1 (e4m3/16) -> binary32" in found
    assert "aligned n=64 groups of 16 F=35 floor -139 RZ 23" in found


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownFormat, match="Did you mean 'nvidia-hopper-wgmma-e4m3-f32'"):
        listing.unit("nvidia-hopper-wgma-e4m3-f32")
    with pytest.raises(UnknownFormat, match="a unit is a name or a Unit"):
        listing.unit(3)  # type: ignore[arg-type]
    row = ROWS[0]
    assert listing.unit(row) is row
    assert listing.unit(f" {row.name.upper()} ") is row


def test_registered_units_are_found_and_their_names_stand_for_one_unit(
    registered: dict[str, Unit],
) -> None:
    mine = dataclasses.replace(ROWS[0], name="mine-chip-dot-f16-f32")
    assert listing.register_unit(mine) is mine
    assert registered == {mine.name: mine}
    assert listing.unit(mine.name) is mine
    assert listing.units(vendor="mine") == (mine,)
    assert listing.register_unit(dataclasses.replace(mine)) is mine
    with pytest.raises(FormatError, match="is taken"):
        listing.register_unit(dataclasses.replace(mine.changed(fraction_bits=3), name=mine.name))
    with pytest.raises(FormatError, match="is taken"):
        listing.register_unit(
            dataclasses.replace(ROWS[0].changed(fraction_bits=3), name=ROWS[0].name)
        )
    with pytest.raises(FormatError, match="is not vendor-architecture-instruction"):
        listing.register_unit(dataclasses.replace(mine, name="dot"))
    with pytest.raises(FormatError, match="takes a Unit"):
        listing.register_unit("dot")  # type: ignore[arg-type]


def test_the_catalogue_loads_no_numba() -> None:
    code = (
        "import sys; from numfmt.matrix_units.catalog import all_units; all_units(); "
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("field", ["c", "cut", "zero_products", "range", "infinite_c", "late_cut"])
def test_a_choice_that_has_a_default_is_never_none(field):
    with pytest.raises(FormatError, match=field):
        Aligned(output="binary32", block=4, fraction_bits=10, **{field: None})

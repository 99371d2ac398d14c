"""Every recorded output of a real matrix unit, bit for bit, and what the recordings can tell."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import numfmt as nf
import recordings

X86 = {
    "intel-avx512-vdpbf16ps": "x86_vdpbf16ps",
    "intel-amx-tdpbf16ps": "x86_tdpbf16ps",
    "intel-amx-tdpfp16ps": "x86_tdpfp16ps",
    "intel-avx512-vfmadd231ph": "x86_vfmadd231ph",
    "intel-amx-tdpbssd": "x86_tdpbssd",
    "intel-amx-tdpbsud": "x86_tdpbsud",
    "intel-amx-tdpbusd": "x86_tdpbusd",
    "intel-amx-tdpbuud": "x86_tdpbuud",
    "intel-avx512-vpdpbusd": "x86_vpdpbusd",
    "intel-avx512-vpdpbusds": "x86_vpdpbusds",
    "intel-avx512-vpdpwssd": "x86_vpdpwssd",
    "intel-avx512-vpdpwssds": "x86_vpdpwssds",
}
GROUP = re.compile(r"(.*)_A")


@pytest.fixture(params=recordings.NVIDIA, ids=lambda row: row[0])
def recorded(request: pytest.FixtureRequest, data_folder: Path) -> recordings.Recording:
    return recordings.shared(data_folder, *request.param)


def test_every_recorded_output_of_a_tensor_core_comes_out(recorded: recordings.Recording) -> None:
    assert recordings.agreeing(recorded, nf.unit(recorded.unit)) == recorded.d.size == 1500


def test_a_row_names_the_changes_that_its_recordings_reject(
    recorded: recordings.Recording,
) -> None:
    assert recordings.rejected(recorded) == nf.unit(recorded.unit).rejects


@pytest.mark.parametrize("name", X86)
def test_every_recorded_output_of_x86_comes_out(name: str) -> None:
    """NaN payloads, flushes and signs of zeros included; rows of several lengths."""
    rows = 0
    with np.load(recordings.HERE / f"{X86[name]}.npz") as found:
        for key in found:
            match = GROUP.fullmatch(key)
            if match is None:
                continue
            a, b, c, d = (found[f"{match[1]}_{letter}"] for letter in "ABCD")
            a, b, c, d = (x.view(f"u{x.itemsize}") for x in (a, b, c, d))
            a, b = (x.reshape(len(d), -1) for x in (a, b))
            got = nf.dot(a, b, c, unit=name)
            assert np.array_equal(got, d), (key, np.flatnonzero(got != d)[:5])
            rows += len(d)
    assert rows >= 1000


def test_older_recordings_of_x86_come_out(data_folder: Path) -> None:
    with np.load(data_folder / "hardware" / "hw_intel_vdpbf16ps.npz") as found:
        for kind in ("norm", "wide", "small", "special"):
            a, b, c, d = (found[f"{kind}_{letter}"] for letter in "ABCD")
            assert np.array_equal(nf.dot(a, b, c, unit="intel-avx512-vdpbf16ps"), d)
    with np.load(data_folder / "hardware" / "hw_intel_vpdpbusd.npz") as found:
        a, b, c = (found[letter] for letter in "ABC")
        assert np.array_equal(nf.dot(a, b, c, unit="intel-avx512-vpdpbusd"), found["D_wrap"])
        assert np.array_equal(nf.dot(a, b, c, unit="intel-avx512-vpdpbusds"), found["D_sat"])


def test_every_row_that_says_recorded_is_checked_here() -> None:
    said = {unit.name for unit in nf.units(evidence="recorded")}
    assert said == {row[0] for row in recordings.NVIDIA} | set(X86)


def test_a_row_without_recordings_warns_once() -> None:
    name = "google-tpu-mxu-bf16-f32"
    one = np.full(2, 0x3F80, np.uint16)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        nf.tensor.jobs._warn_once.cache_clear()
        nf.dot(one, one, unit=name)
        nf.dot(one, one, unit=name)
    assert [w.category for w in seen] == [nf.UnrecordedUnit]
    assert name in str(seen[0].message)


@pytest.mark.parametrize("name", X86)
def test_a_row_of_x86_names_the_rules_that_its_recordings_reject(name: str) -> None:
    """The counts stand in the table beside the recordings, which has a test of its own."""
    row = re.compile(rf"\| {X86[name].removeprefix('x86_')} \| (.+?) \| (\d+) of \d+ \|")
    lines = (recordings.HERE / "README.md").read_text().splitlines()
    found = [match for line in lines if (match := row.fullmatch(line))]
    assert tuple(match[1] for match in found if int(match[2])) == nf.unit(name).rejects

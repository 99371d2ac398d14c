"""Sets of what users bring: tensors of their own, formats of their own."""

import hashlib

import numpy as np
import pytest

import numfmt as nf
from numfmt import vectors
from numfmt.vectors import Spec
from vector_sets import SMALL, TENSOR, made, spec_of

# Input tensors


@pytest.mark.parametrize(
    "tensor",
    [
        np.array([[1.5, -2, 1e-9], [448, 464, -0.0]], np.float16),
        np.array([0.1, 465, -1e30, 5e-324]),
        np.array([[1], [-128]], np.int8),
        np.array([3, 2**63], np.uint64),
        np.array([0.1, 2.0], ">f4"),
        np.arange(6.0).reshape(2, 3)[:, ::-1],
    ],
    ids=["float16", "float64", "int8", "uint64", "big_endian", "reversed"],
)
def test_a_tensor_is_copied_and_verified_from_the_copy(tmp_path, tensor):
    built = vectors.generate(Spec(op="encode", fmt="e4m3"), input=tensor)
    vectors.write(built, tmp_path / "set")
    kept = np.load(tmp_path / "set" / "input.npy", allow_pickle=False)
    np.testing.assert_array_equal(kept, tensor)
    (entry,) = built.coverage()
    assert (entry.name, entry.wanted, entry.found, entry.rows) == ("input", *[tensor.size] * 3)
    assert built.columns["expected"].tolist() == nf.encode(tensor, "e4m3").ravel().tolist()
    del tensor, built
    moved = (tmp_path / "set").rename(tmp_path / "moved")
    assert vectors.verify(moved) == []


def test_the_spec_holds_the_digest_of_the_tensor(tmp_path):
    vectors.write(vectors.generate(Spec(op="encode", fmt="e4m3"), input=TENSOR), tmp_path)
    digest = hashlib.sha256((tmp_path / "input.npy").read_bytes()).hexdigest()
    spec = vectors.load(tmp_path).spec
    assert spec.input_sha256 == digest
    with pytest.raises(nf.FormatError, match=f"the spec names {digest}"):
        vectors.generate(spec, input=np.ones(3, np.float32))
    with pytest.raises(nf.FormatError, match="names an input tensor by its sha256"):
        vectors.generate(spec)


def test_nan_into_a_format_without_nan_names_the_element():
    tensor = np.ones((3, 4), np.float32)
    tensor[1, 2] = np.nan
    with pytest.raises(nf.FormatError, match=r"input\[1, 2\] has no code in 'e2m1'.*set nan="):
        vectors.generate(Spec(op="encode", fmt="e2m1"), input=tensor)
    built = vectors.generate(Spec(op="encode", fmt="e2m1", nan=7), input=tensor)
    assert built.columns["expected"][6] == 7


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (np.zeros((0, 3)), "input is empty"),
        (np.array([1 + 1j]), "complex128"),
        (np.array([True]), "bool"),
        (np.array(["1"]), "<U1"),
    ],
)
def test_a_tensor_that_is_no_operand_is_refused(tensor, message):
    with pytest.raises(nf.FormatError, match=message):
        vectors.generate(Spec(op="encode", fmt="e4m3"), input=tensor)


def test_a_tensor_goes_with_encode_alone():
    with pytest.raises(nf.FormatError, match="input goes with op='encode', not 'decode'"):
        vectors.generate(SMALL, input=np.ones(3))


# Formats of one's own


@pytest.mark.parametrize("registered", [False, True])
def test_a_custom_format_comes_back_from_a_manifest(tmp_path, registered):
    fmt = nf.FloatFormat(name="wee_seven", bits=7, precision=3, emin=-4, aliases=("wee",))
    if registered:
        nf.register(fmt)
    try:
        vectors.write(made(op="mul", fmt="WEE" if registered else fmt), tmp_path / "set")
        assert vectors.verify(tmp_path / "set") == []
        assert vectors.load(tmp_path / "set").spec.fmt == (fmt, fmt)
    finally:
        if registered:
            nf.unregister("wee_seven")
    assert vectors.verify(tmp_path / "set") == []


@pytest.mark.parametrize(
    "fmt",
    [
        nf.FixedFormat(
            name="odd_fixed", bits=6, fraction_bits=9, encoding=nf.get("int8_narrow").encoding
        ),
        nf.get("posit8"),
        nf.get("nf4"),
        nf.get("takum8"),
    ],
    ids=lambda fmt: fmt.name,
)
def test_formats_of_every_family_come_back_from_a_manifest(tmp_path, fmt):
    vectors.write(vectors.generate(spec_of("encode", fmt=fmt)), tmp_path / "set")
    loaded = vectors.load(tmp_path / "set").spec.fmt
    assert loaded.structure == fmt.structure
    assert vectors.verify(tmp_path / "set") == []

"""Quantising into blocks: every rule against `numfmt.exact`, drawn formats, shapes and layouts."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import numfmt as nf
from blocks import check

F32 = np.float32
ELEMENTS = (
    "e2m1 e4m3 e5m2 e3m2 e2m3 int4 int8_narrow int3_sign_magnitude uint4 uint2 q2.6 nf4 fp4_bnb "
    "posit8 hifloat8 Binary8p4se Binary6p3uf takum8 dint4 ternary int16 binary16 lns8_3"
).split()
SCALES = "e8m0 e4m3 binary16 bfloat16 binary32 e5m2 Binary8p1uf ue5m3_fn posit16 uint8".split()
OUTER = "binary32 e8m0 bfloat16 binary16".split()


def _format(draw: Any) -> nf.BlockFormat:
    """Return a drawn block format; parts that do not fit together are refused."""
    element = nf.get(draw(st.sampled_from(ELEMENTS)))
    parts: dict[str, Any] = {
        "name": "drawn",
        "element": element,
        "scale": nf.get(draw(st.sampled_from(SCALES))),
        "block": draw(
            st.sampled_from(
                [(1,), (2,), (3,), (4,), (7,), (2, 2), (3, 2), "tensor", "row", "channel"]
            )
        ),
        "rule": draw(st.sampled_from(["amax"] * 4 + [r.value for r in nf.ScaleRule])),
        "statistic": draw(st.sampled_from(["amax"] * 5 + [s.value for s in nf.Statistic])),
        "division": draw(st.sampled_from(["divide", "reciprocal", "reciprocal", "ratio"])),
        "compute": draw(
            st.sampled_from([None, *map(nf.get, ("binary32", "binary16", "bfloat16", "binary64"))])
        ),
        "zero_block": draw(st.sampled_from(["smallest", "one"])),
        "underflow": draw(st.sampled_from(["smallest", "one"])),
        "nonfinite": draw(st.sampled_from([n.value for n in nf.NonFinite])),
        "tail": draw(st.sampled_from(["short", "pad"])),
        "include_zero": draw(st.booleans()),
        "by_raw_scale": draw(st.integers(0, 5)) == 0,
    }
    parts["by_raw_scale"] &= parts["nonfinite"] != "p3109"
    if parts["statistic"] == "range":
        parts["element"] = nf.get(draw(st.sampled_from(["uint4", "uint2", "int4", "uint8"])))
        parts["zero_point"] = draw(st.sampled_from(["after", "inside", "float"]))
        if parts["zero_point"] == "float":
            parts["zero_point_format"] = nf.get(draw(st.sampled_from(["binary32", "e4m3"])))
    if draw(st.integers(0, 5)) == 0:
        parts["limit"] = draw(st.sampled_from([Fraction(1), Fraction(6), Fraction(7, 2)]))
    if draw(st.integers(0, 5)) == 0:
        parts["scale_min"] = draw(st.sampled_from([Fraction(1, 64), Fraction(1, 1000)]))
    if draw(st.integers(0, 5)) == 0:
        parts["scale_rounding"] = draw(st.sampled_from(["toward_positive", "toward_zero"]))
    if draw(st.integers(0, 7)) == 0 and parts["statistic"] != "range":
        parts["element"] = nf.get("e2m1")
        parts["alternatives"] = (nf.get("int4_narrow"), nf.get("nf4"))
    if draw(st.integers(0, 3)) == 0:
        parts["scale"] = nf.BlockFormat(
            name="outer",
            element=parts["scale"],
            scale=nf.get(draw(st.sampled_from(OUTER))),
            block=draw(st.sampled_from(["tensor", (2,), (3,), "row"])),
            rule=draw(st.sampled_from(["amax", "amax", "floor", "rceil"])),
            division=draw(st.sampled_from(["divide", "reciprocal"])),
            zero_block=draw(st.sampled_from(["smallest", "one"])),
            compute=parts["compute"],
            zero_point=draw(st.sampled_from(["none", "none", "mean"]))
            if parts["compute"] in (nf.get("binary32"), nf.get("binary64"))
            else "none",
        )
    return nf.BlockFormat(**parts)


@st.composite
def formats(draw: Any) -> nf.BlockFormat:
    """Draw block formats of all kinds."""
    for _ in range(20):
        try:
            return _format(draw)
        except nf.FormatError:
            continue
    return nf.get("mxfp4")  # type: ignore[return-value]


@st.composite
def arrays(draw: Any) -> Any:
    """Draw small arrays whose blocks hold ties, zeros, powers of two, tiny and huge values."""
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    size = int(np.prod(shape))
    kind = draw(st.sampled_from(["plain", "wide", "ties", "special"]))
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = seed.standard_normal(size) * 2.0 ** seed.integers(-3, 4, size)
    if kind == "wide":
        x = x * 2.0 ** seed.integers(-140, 120, size)
    elif kind == "ties":
        x = np.round(x * 8) / 8 * 2.0 ** int(seed.integers(-8, 8))
    if draw(st.booleans()):
        x[seed.random(size) < 0.3] = 0.0
        x[seed.random(size) < 0.1] = -0.0
    if kind == "special":
        x[seed.random(size) < 0.15] = draw(st.sampled_from([np.inf, -np.inf, np.nan]))
    return x.reshape(shape).astype(draw(st.sampled_from([F32, np.float64])))


@given(formats(), arrays(), st.data())
@settings(max_examples=400)
def test_drawn_formats_give_the_codes_of_exact(fmt: nf.BlockFormat, x: Any, data: Any) -> None:
    axis: Any = -1
    if isinstance(fmt.block, tuple) and len(fmt.block) > x.ndim:
        fmt = dataclasses.replace(fmt, block=fmt.block[:1])
    one = not isinstance(fmt.block, tuple) or len(fmt.block) == 1
    if one:
        axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    options: dict[str, Any] = {}
    if data.draw(st.booleans()):
        options["rounding"] = data.draw(
            st.sampled_from(["nearest_even", "toward_zero", "toward_positive", "nearest_away"])
        )
    try:
        check(x, fmt, axis=axis, **options)
    except nf.FormatError:
        pass

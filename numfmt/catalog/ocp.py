"""The 8-, 6- and 4-bit floats of accelerators: OCP, FNUZ, and the IEEE-like ones beside them."""

from ..families.floats import FloatFormat, Style

_OFP8 = "OCP 8-bit Floating Point Specification (OFP8) rev. 1.0"
_MX = "OCP Microscaling Formats (MX) Specification v1.0, 5.3 (element data types)"
_FNUZ = "Noune et al., 8-bit Numerical Formats for Deep Neural Networks, arXiv 2206.02915"
_ML_DTYPES = "ml_dtypes, README (definition of the type)"

FORMATS = (
    FloatFormat(
        name="e4m3",
        bits=8,
        precision=4,
        emin=-6,
        style=Style.FN,
        source=_OFP8,
        aliases=("float8_e4m3fn", "fp8_e4m3", "fp8_e4m3fn", "e4m3fn"),
    ),
    FloatFormat(
        name="e5m2",
        bits=8,
        precision=3,
        emin=-14,
        source=_OFP8,
        aliases=("float8_e5m2", "fp8_e5m2"),
    ),
    FloatFormat(
        name="e3m2",
        bits=6,
        precision=3,
        emin=-2,
        style=Style.FINITE,
        source=_MX,
        aliases=("float6_e3m2fn", "fp6_e3m2", "e3m2fn"),
    ),
    FloatFormat(
        name="e2m3",
        bits=6,
        precision=4,
        emin=0,
        style=Style.FINITE,
        source=_MX,
        aliases=("float6_e2m3fn", "fp6_e2m3", "e2m3fn"),
    ),
    FloatFormat(
        name="e2m1",
        bits=4,
        precision=2,
        emin=0,
        style=Style.FINITE,
        source=_MX,
        aliases=("float4_e2m1fn", "fp4_e2m1", "e2m1fn"),
    ),
    FloatFormat(
        name="e8m0",
        bits=8,
        precision=1,
        emin=-127,
        signed=False,
        subnormals=False,
        zero=False,
        style=Style.FN,
        source="OCP Microscaling Formats (MX) Specification v1.0, 5.4.1 (scale); ties by code "
        "parity are ours, the scale rule of a block says how it rounds",
        aliases=("float8_e8m0fnu", "ue8m0"),
    ),
    FloatFormat(
        name="e4m3_fnuz",
        bits=8,
        precision=4,
        emin=-7,
        style=Style.FNUZ,
        source=_FNUZ,
        aliases=("float8_e4m3fnuz", "fp8_e4m3fnuz", "e4m3fnuz"),
    ),
    FloatFormat(
        name="e5m2_fnuz",
        bits=8,
        precision=3,
        emin=-15,
        style=Style.FNUZ,
        source=_FNUZ,
        aliases=("float8_e5m2fnuz", "fp8_e5m2fnuz", "e5m2fnuz"),
    ),
    FloatFormat(
        name="e4m3_fnuz_b11",
        bits=8,
        precision=4,
        emin=-10,
        style=Style.FNUZ,
        source=_ML_DTYPES,
        aliases=("float8_e4m3b11fnuz", "e4m3b11fnuz"),
    ),
    FloatFormat(
        name="e4m3_ieee",
        bits=8,
        precision=4,
        emin=-6,
        source=_ML_DTYPES,
        aliases=("float8_e4m3",),
    ),
    FloatFormat(
        name="e3m4_ieee",
        bits=8,
        precision=5,
        emin=-2,
        source=_ML_DTYPES,
        aliases=("float8_e3m4",),
    ),
    FloatFormat(
        name="e3m4_fn",
        bits=8,
        precision=5,
        emin=-2,
        style=Style.FN,
        source="Shen et al., Efficient Post-training Quantization with FP8 Formats, "
        "arXiv 2309.14592, table 1 (largest value 30; the NaN codes by analogy with E4M3)",
    ),
)

"""The committed vector sets of `reference_vectors`; run this file to write them anew."""

import sys
from pathlib import Path
from typing import Any

import numfmt as nf
from numfmt import vectors

FOLDER = Path(__file__).parent.parent / "reference_vectors"
EMIT = "hex,svh"
TEXTS = ("decode_e4m3_binary16", "convert_binary16_e4m3", "mul_e4m3", "add_binary16")

_EIGHT = ("e4m3", "e5m2", "e4m3_fnuz", "e5m2_fnuz", "e3m2", "e2m3", "e2m1", "e8m0")
_SIXTEEN = ("bfloat16", "binary16")
_FIVE = "nearest_even,toward_zero,toward_negative,toward_positive,nearest_away"  # RISC-V's
_TILES = {
    "volta_f16": "nvidia-volta-mma-f16-f32",
    "ampere_bf16": "nvidia-ampere-mma-bf16-f32",
    "ampere_s8": "nvidia-ampere-mma-s8-s32",
    "ada_e4m3": "nvidia-ada-mma-e4m3-f32",
    "hopper_e4m3": "nvidia-hopper-wgmma-e4m3-f32",
    "blackwell_e4m3": "nvidia-blackwell-tcgen05-e4m3-f32",
    "cdna3_f16": "amd-cdna3-mfma-f16-f32",
    "cdna1_bf16": "amd-cdna1-mfma-bf16-f32",
    "amx_bf16": "intel-amx-tdpbf16ps",
    "avx512_bf16": "intel-avx512-vdpbf16ps",
    "arm_bf16": "arm-bf16-bfmmla",
    "riscv_bf16": "riscv-ime-mma-bf16-f32",
    "cvfpu_e5m2": "pulp-cvfpu-sdotp-e5m2-f16",
}
_SCHEMES = ("tflite_double", "tflite_single", "tosa_32", "tosa_32_double", "hawq_exact", "half_up")
_ADA = nf.unit("nvidia-ada-mma-e4m3-f32").accumulator


def _sets() -> dict[str, vectors.Spec]:
    found = {}

    def put(name: str, **fields: Any) -> None:
        found[name] = vectors.Spec(**fields)

    for fmt in _EIGHT:
        put(f"decode_{fmt}", op="decode", fmt=fmt)
        put(f"encode_{fmt}", op="encode", fmt=fmt, rounding="all", max_rows=330)
    for fmt in _SIXTEEN:
        put(f"decode_{fmt}", op="decode", fmt=fmt, exhaustive=False, max_rows=800)
        put(f"encode_{fmt}", op="encode", fmt=fmt, rounding=_FIVE, max_rows=600)
        for op in ("add", "mul", "div"):
            put(f"{op}_{fmt}", op=op, fmt=fmt, rounding=_FIVE, max_rows=800)
        put(f"sqrt_{fmt}", op="sqrt", fmt=fmt, rounding=_FIVE, exhaustive=False, max_rows=400)
        put(f"fma_{fmt}", op="fma", fmt=fmt, max_rows=4000)
    put("decode_e4m3_binary16", op="decode", fmt="e4m3", dst="binary16")
    for src, dst in (("e4m3", "bfloat16"), ("e5m2", "e4m3"), ("e4m3", "e2m1")):
        nan = {"nan": 0} if dst == "e2m1" else {}
        put(f"convert_{src}_{dst}", op="convert", fmt=src, dst=dst, rounding=_FIVE, **nan)
    corners: dict[str, Any] = {"exhaustive": False, "rounding": "all"}
    put("convert_bfloat16_e5m2", op="convert", fmt="bfloat16", dst="e5m2", max_rows=600, **corners)
    put("convert_binary16_e4m3", op="convert", fmt="binary16", dst="e4m3", max_rows=900, **corners)
    for fmt in ("e4m3", "e5m2", "e4m3_fnuz", "e5m2_fnuz"):
        put(f"mul_{fmt}", op="mul", fmt=fmt, max_rows=520, **corners)
        if fmt in ("e4m3", "e5m2"):
            put(f"add_{fmt}", op="add", fmt=fmt, rounding=_FIVE, exhaustive=False, max_rows=520)
    for fmt in ("e3m2", "e2m3"):
        put(f"mul_{fmt}", op="mul", fmt=fmt)
    for op in ("add", "mul", "div"):
        put(f"{op}_e2m1", op=op, fmt="e2m1", rounding="all")
    put("decode_posit8", op="decode", fmt="posit8")
    put("decode_posit16", op="decode", fmt="posit16", exhaustive=False, max_rows=800)
    for fmt in ("posit8", "posit16"):
        put(f"encode_{fmt}", op="encode", fmt=fmt, max_rows=800)
        for op in ("add", "mul", "fma"):
            put(f"{op}_{fmt}", op=op, fmt=fmt, exhaustive=False, max_rows=800)
    for fmt in ("mxfp8_e4m3", "mxfp8_e5m2", "mxfp4", "mxint8", "nvfp4_one_level"):
        put(f"block_quantize_{fmt}", op="block_quantize", fmt=fmt, max_rows=80)
        put(f"block_dot_{fmt}", op="block_dot", fmt=fmt, max_rows=200)
    put("dot16_e4m3_aligned", op="dot", fmt="e4m3", k=16, accumulator=_ADA, max_rows=400)
    put("dot16_binary16_exact", op="dot", fmt="binary16", k=16, max_rows=200)
    put("dot8_posit16_quire", op="dot", fmt="posit16", k=8, dst="posit16", max_rows=300)
    for name, unit in _TILES.items():
        put(f"gemm_tile_{name}", op="gemm_tile", unit=unit, m=2, n=2, max_rows=160)
    for scheme in _SCHEMES:
        put(f"requantize_{scheme}", op="requantize", scheme=scheme, max_rows=200)
    return found


SETS = _sets()


def main() -> None:
    """Write the sets that are named, or all."""
    for name in sys.argv[1:] or SETS:
        table = vectors.generate(SETS[name])
        emit = EMIT + (",txt" if name in TEXTS else "")
        vectors.write(table, FOLDER / name, emit=emit)
        print(name, len(table), table.coverage().text())


if __name__ == "__main__":
    main()

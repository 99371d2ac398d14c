"""Record what TFLite's reference kernels compute, as `tflite_recordings.json` beside this file.

Run once, in an environment with ai-edge-litert and flatbuffers; the tests need neither.
"""

import json
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {"i1": "INT8", "i2": "INT16", "i4": "INT32", "i8": "INT64"}
ENDS = {"i1": (-128, 127), "i2": (-(1 << 15), (1 << 15) - 1), "i4": (-(1 << 31), (1 << 31) - 1)}
PAIRS = ("i1", "i1"), ("i2", "i1"), ("i2", "i2"), ("i4", "i1"), ("i4", "i2"), ("i2", "i4")


def tensor(dtype: str, shape: list[int], scales: Any, zeros: Any, buffer: int = 0) -> Any:
    made = schema.TensorT()
    made.name, made.shape, made.buffer = b"t", shape, buffer
    made.type = getattr(schema.TensorType, TYPES[dtype])
    made.quantization = schema.QuantizationParametersT()
    made.quantization.scale = [float(x) for x in np.atleast_1d(scales)]
    made.quantization.zeroPoint = [int(x) for x in np.atleast_1d(zeros)]
    return made


def run(name: str, tensors: list[Any], options: Any, arrays: list[Any], constants: Any = ()) -> Any:
    """Return what one operator, whose result is the last tensor, makes of arrays."""
    operator, code, graph = schema.OperatorT(), schema.OperatorCodeT(), schema.SubGraphT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 1
    operator.inputs, operator.outputs = list(range(len(tensors) - 1)), [len(tensors) - 1]
    operator.builtinOptions = options
    kind = type(options).__name__.removesuffix("T")
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
    graph.tensors, graph.operators = tensors, [operator]
    graph.inputs = [i for i in operator.inputs if tensors[i].buffer == 0]
    graph.outputs = operator.outputs
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [schema.BufferT()]
    for constant in constants:
        model.buffers.append(schema.BufferT())
        model.buffers[-1].data = np.frombuffer(constant.tobytes(), np.uint8)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    interpreter = Interpreter(
        model_content=bytes(builder.Output()),
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
    )
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), arrays, strict=True):
        interpreter.set_tensor(detail["index"], array)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def quantize(rng: np.random.Generator, source: str, result: str, ratio: float) -> dict[str, Any]:
    scales = np.float32(0.0625 * ratio), np.float32(0.0625)
    zeros = [
        int(z) if "i1" == t else 0
        for z, t in zip(rng.integers(-9, 9, 2), (source, result), strict=True)
    ]
    span = min(ENDS[source][1], int(ENDS[result][1] / ratio) + 8)
    x = np.unique([*range(-8, 9), *rng.integers(-span, span, 40), -span, span]).astype(source)
    tensors = [
        tensor(t, [x.size], s, z) for t, s, z in zip((source, result), scales, zeros, strict=True)
    ]
    y = run("QUANTIZE", tensors, schema.QuantizeOptionsT(), [x])
    row = {"source": source, "result": result, "scales": [float(s) for s in scales]}
    return row | {"zeros": zeros, "x": x.tolist(), "y": y.tolist()}


def add(rng: np.random.Generator, source: str, scales: Any) -> dict[str, Any]:
    scales = [float(np.float32(s)) for s in scales]
    zeros = rng.integers(-20, 20, 3).tolist() if source == "i1" else [0, 0, 0]
    a, b = rng.integers(*ENDS[source], (2, 60), endpoint=True).astype(source)
    tensors = [tensor(source, [60], s, z) for s, z in zip(scales, zeros, strict=True)]
    y = run("ADD", tensors, schema.AddOptionsT(), [a, b])
    row = {"source": source, "scales": scales, "zeros": zeros}
    return row | {"a": a.tolist(), "b": b.tolist(), "y": y.tolist()}


def convolve(rng: np.random.Generator, source: str, sums: str) -> dict[str, Any]:
    """Return a 1x1 convolution with a scale for each output channel."""
    rows, depth, channels = 8, 12, 6
    x = rng.integers(*ENDS[source], (1, rows, 1, depth), endpoint=True).astype(source)
    w = rng.integers(-127, 128, (channels, 1, 1, depth)).astype("i1")
    bias = rng.integers(-1000, 1000, channels).astype(sums)
    scale = np.float32(rng.uniform(0.001, 0.1))
    weights = rng.uniform(0.001, 0.02, channels).astype(np.float32)
    last = np.float32(scale * 2.2)
    zeros = rng.integers(-20, 20, 2).tolist() if source == "i1" else [0, 0]
    tensors = [
        tensor(source, list(x.shape), scale, zeros[0]),
        tensor("i1", list(w.shape), weights, [0] * channels, 1),
        tensor(sums, [channels], scale * weights, [0] * channels, 2),
        tensor(source, [1, rows, 1, channels], last, zeros[1]),
    ]
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideW = options.strideH = 1
    options.dilationWFactor = options.dilationHFactor = 1
    y = run("CONV_2D", tensors, options, [x], (w, bias))
    row = {"source": source, "input_scale": float(scale), "result_scale": float(last)}
    row |= {"weight_scales": weights.tolist(), "zeros": zeros, "bias": bias.tolist()}
    row |= {"x": x.reshape(rows, depth).tolist(), "w": w.reshape(channels, depth).tolist()}
    return row | {"y": y.reshape(rows, channels).tolist()}


def main() -> None:
    rng = np.random.default_rng(20261123)
    ratios = (1 / 4, 1 / 2, 1 / 3, 3 / 4, 0.0123, 2.7)
    ready = {"i1": [(0.5, 0.5, 1.0), (0.25, 0.5, 1.0)], "i2": [(0.3, 0.3, 0.6), (0.15, 0.3, 0.6)]}
    recorded = {
        "package": "ai-edge-litert 2.3.0, reference kernels",
        "quantize": [quantize(rng, *pair, ratio) for pair in PAIRS for ratio in ratios],
        "add": [
            add(rng, source, scales)
            for source in ("i1", "i2")
            for scales in (*ready[source], *rng.uniform(0.01, 0.3, (4, 3)))
        ],
        "conv": [convolve(rng, *p) for p in (("i1", "i4"), ("i2", "i8")) for _ in range(4)],
    }
    target = Path(__file__).with_name("tflite_recordings.json")
    target.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

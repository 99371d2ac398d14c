"""The shape of the package: what imports what, what loads when, and what carries a doctest."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import numfmt
from numfmt.kernels.compile import compiling

pytestmark = pytest.mark.fast

PACKAGE = Path(numfmt.__file__).parent
# Lower layers first; a module may import from its own layer and below.
LAYERS = (
    ("errors", "rounding", "params", "flags", "dialects"),
    ("families",),
    ("grammar", "block_names", "codebooks", "catalog", "registry", "matrix_units", "exact"),
    ("kernels",),
    (
        "arguments",
        "randomness",
        "parallel",
        "lowering",
        "binades",
        "projection",
        "searching",
        "log_values",
        "logarithms",
        "dispatch",
        "decoding",
        "digits",
        "ordering",
        "conversion",
        "limits",
    ),
    ("blocks", "packing", "transforms", "arithmetic", "functions"),
    ("tensor",),
    (
        "accumulation",
        "analysis",
        "approximation",
        "mistakes",
        "vectors",
        "strategies",
        "testing",
        "pytest_plugin",
        "listing",
        "block_listing",
        "plot",
        "plot_sums",
        "c_functions",
        "describing",
        "cli_options",
        "cli_vectors",
        "cli",
        "__main__",
    ),
)
COMPUTING = tuple(name for name in (*LAYERS[4], *LAYERS[5], *LAYERS[6]) if name not in ("limits",))
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages([str(PACKAGE)], "numfmt.")
    if not info.name.endswith("__main__")
)


def layer(module: str) -> int:
    """Return the number of the layer of ``numfmt.x.y``."""
    head = module.split(".")[1]
    return next(number for number, names in enumerate(LAYERS) if head in names)


def imported(path: Path, module: str) -> set[str]:
    """Return the numfmt modules that a file imports, anywhere in it."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            if node.module:
                found.add(".".join([*base, node.module]))
            else:
                found |= {".".join([*base, alias.name]) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("numfmt"):
            found.add(node.module or "")
    return {name for name in found if name.count(".")}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_upward(module: str) -> None:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for name in imported(path, module):
        if name.split(".")[1].startswith("__"):
            continue
        assert layer(name) <= layer(module), f"{module} imports {name}"


def test_exact_shares_nothing_with_the_kernels() -> None:
    shared = ("kernels", *COMPUTING)
    for path in (PACKAGE / "exact").glob("*.py"):
        names = imported(path, f"numfmt.exact.{path.stem}")
        assert not {n for n in names if n.split(".")[1] in shared}, path


def test_nothing_that_computes_bits_leans_on_exact() -> None:
    for module in COMPUTING:
        folder = PACKAGE / module
        for path in folder.glob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]:
            package = f"numfmt.{module}" + (f".{path.stem}" if folder.is_dir() else "")
            names = imported(path, package)
            assert "exact" not in {name.split(".")[1] for name in names}, path


def test_kernels_know_no_format() -> None:
    for path in (PACKAGE / "kernels").glob("*.py"):
        names = imported(path, f"numfmt.kernels.{path.stem}")
        assert {n.split(".")[1] for n in names} <= {"kernels", "params", "rounding", "flags"}, path


def run(code: str) -> str:
    """Return what a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_numfmt_loads_nothing_heavy() -> None:
    heavy = "numba llvmlite matplotlib hypothesis pytest ml_dtypes numpy"
    code = f"import sys, numfmt; print([m for m in '{heavy}'.split() if m in sys.modules])"
    assert run(code) == "[]"


def test_naming_and_describing_formats_loads_no_numba() -> None:
    code = (
        "import sys, numfmt as nf; nf.finfo('e4m3'); nf.names(); nf.exact.encode(1, 'e4m3'); "
        "print('numba' in sys.modules)"
    )
    assert run(code) == "False"


def test_numbas_configuration_is_not_touched() -> None:
    code = (
        "import numba; a = {k: v for k, v in vars(numba.config).items() if k.isupper()}; "
        "import numfmt as nf; nf.encode([1.0] * 3000, 'e4m3'); "
        "b = {k: v for k, v in vars(numba.config).items() if k.isupper()}; print(a == b)"
    )
    assert run(code) == "True"


_OF_ONE = (
    "abs acos acos_pi acosh asin asin_pi asinh atan atan_pi atanh cos cos_pi cosh exp exp10 exp2 "
    "expm1 gelu gelu_tanh log log10 log1p log2 neg next_down next_up recip round_to_int rsqrt "
    "sigmoid silu sin sin_pi sinh softplus sqrt tan tan_pi tanh"
).split()
_OF_TWO = (
    "add atan2 atan2_pi copy_sign div equal greater greater_equal hypot less less_equal maximum "
    "maximum_finite maximum_magnitude maximum_magnitude_number maximum_number minimum "
    "minimum_finite minimum_magnitude minimum_magnitude_number minimum_number mul not_equal pow "
    "remainder scale_b sub total_order unordered"
).split()


def test_public_names_survive_the_import_of_every_submodule() -> None:
    for module in MODULES:
        importlib.import_module(module)
    entry = numfmt.get("e4m3")
    dyadic = numfmt.Dyadic(1, 1)
    calls: dict[str, tuple[Any, ...]] = {
        "Encoding": ("narrow",),
        "Flags": (1,),
        "Kind": (0,),
        "Overflow": ("nan",),
        "Rounding": ("RNE",),
        "Style": ("fn",),
        "Tininess": ("before",),
        "FormatError": ("text",),
        "UnknownFormat": ("text",),
        "Unpacked": (0, 0, 0, 0),
        "UnpackedLogarithm": (0, 0, 0, 0),
        "AmaxHistory": (4,),
        "ClipSearch": ((1.0,),),
        "Division": ("divide",),
        "Granularity": ("row",),
        "NonFinite": ("refuse",),
        "Percentile": (99.0,),
        "ScaleRule": ("floor",),
        "Statistic": ("amax",),
        "Tail": ("short",),
        "Class": (0,),
        "DefaultNan": ("quiet",),
        "Dialect": (),
        "DivideByZero": ("nan",),
        "InfinityTimesZero": ("quiet",),
        "IntegerRule": ("arm",),
        "NanRule": ("first",),
        "ZeroSign": ("plus",),
        "from_int": (1, "int8", "e4m3"),
        "to_int": (0x38, "e4m3", "int8"),
        "class_of": (0x38, "e4m3"),
        "ZeroPoint": ("none",),
        "ZeroScale": ("one",),
        "convert": (0x38, "e4m3", "e5m2"),
        "decode": (0, "e4m3"),
        "encode": (1.0, "e4m3"),
        "pack_codes": ([1, 2], 4),
        "quantize": ([1.0], "mxfp4"),
        "dequantize": ([1], "mxfp4"),
        "unpack_codes": ([0x21], 4),
        "finfo": ("e4m3",),
        "get": ("e4m3",),
        "names": (),
        "names_of": ("e4m3",),
        "ordinal": (1, "e4m3"),
        "register": (entry,),
        "round": (2.6, "int8"),
        "ulp_distance": (0, 1, "e4m3"),
        "unpack": (0, "e4m3"),
        "Accumulator": (),
        "Chain": (),
        "Compensated": (),
        "Dyadic": (1, 1),
        "Evidence": ("guess",),
        "Exact": (),
        "IntegerSum": (24,),
        "Pairwise": (),
        "Plan": (),
        "Promotion": (),
        "Quire": (),
        "RequantizationScheme": ("gemmlowp",),
        "Sequential": (),
        "UnrecordedUnit": ("text",),
        "Units": (),
        "bit_plane_matmul": ([[1]], [[1]], ("int4", "int4")),
        "epilogue": (0, 1.0, 1.0),
        "l_mul_table": ("e4m3",),
        "product_table": ("int2", "int2"),
        "requantize": ([1], dyadic),
        "residual_add": ([1], [1], (dyadic, dyadic)),
        "table_matmul": ([[1]], [[1]], ("int4", "int4")),
        "unit": ("nvidia-hopper-wgmma-e4m3-f32",),
        "units": ("nvidia-hopper*",),
    }

    def box(a: Any, b: Any, c: Any) -> Any:
        return numfmt.dot(a, b, c, unit=tiny)

    tiny = numfmt.Unit(
        name="tiny",
        a="e2m1",
        b="e2m1",
        accumulator=numfmt.Aligned(output="binary16", block=1, fraction_bits=12),
        evidence="recorded",
        k=1,
    )
    keywords: dict[str, dict[str, Any]] = {
        "Aligned": {"output": "binary32", "block": 4, "fraction_bits": 24},
        "Dialect": {"name": "mine"},
        "Disputed": {"field": "floor", "choices": (1, 2), "note": "text"},
        "Lanes": {"count": 2},
        "PartiallyNormalized": {"output": "binary32", "width": 24},
        "ProductTable": {"format": "int8", "codes": [[0, 0], [0, 1]]},
        "Quantized": {"format": "mxfp4", "codes": [1], "scales": [127]},
        "Reordered": {"order": (1, 0)},
        "SplitK": {"splits": 2},
        "probe": {"f": box, "formats": "e2m1", "output": "binary16", "k": 1, "trials": 20},
        "Unit": {
            "name": "mine",
            "a": "e4m3",
            "b": "e4m3",
            "accumulator": numfmt.Exact(output="binary32"),
            "k": 4,
        },
    }
    exact = numfmt.Exact(output="binary32")
    products = {
        "dot": ([1], [1]),
        "matmul": ([[1]], [[1]]),
        "explain_dot": ([1], [1]),
    }
    calls |= {name: (1, "e4m3") for name in _OF_ONE} | {name: (1, 2, "e4m3") for name in _OF_TWO}
    calls |= {name: (1, 2, 3, "e4m3") for name in ("clamp", "faa", "fma")}
    described = {name for name in numfmt.__all__ if name.endswith("Format")} | {
        *("FormatLimits", "DotExplanation", "DotTrace", "Disagreement", "Probed")
    }
    for name in numfmt.__all__:
        value = getattr(numfmt, name)
        if inspect.ismodule(value):
            assert name in numfmt._MODULES
        elif name in keywords:
            if name != "probe" or compiling():
                value(**keywords[name])
        elif name in products:
            chain = numfmt.Sequential(output="binary32") if name == "explain_dot" else exact
            value(*products[name], formats="e4m3", accumulator=chain)
        elif name == "register_unit":
            value(numfmt.unit("nvidia-hopper-wgmma-e4m3-f32"))
        elif name in ("dequantize", "unpack_codes"):
            value(*calls[name], **({"scales": [127]} if name == "dequantize" else {"count": 2}))
        elif name in calls:
            value(*calls[name])
        elif name == "unregister":
            with pytest.raises(numfmt.UnknownFormat):
                value("e4m3")
        else:
            assert name in described
    assert set(numfmt.__all__) <= set(dir(numfmt))


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = numfmt.nonsense


@pytest.mark.parametrize("module", MODULES)
def test_doctests_run(module: str) -> None:
    if "kernels" in module or (not compiling() and "probing" in module):
        return
    added = importlib.import_module("numfmt.matrix_units.listing")._added
    before = dict(added)
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    added.clear()
    added.update(before)
    assert result.failed == 0


def test_the_readmes_python_does_what_it_shows() -> None:
    readme = Path(__file__).parents[1] / "README.md"
    blocks = [part.split("```")[0] for part in readme.read_text().split("```python\n")[1:]]
    assert len(blocks) == 7
    # Products of large matrices are for compiled code.
    shown = "\n".join(block for block in blocks[:5] if compiling() or "512" not in block)
    test = doctest.DocTestParser().get_doctest(shown, {}, "README", str(readme), 0)
    assert len(test.examples) > 8
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.summarize().failed == 0
    exec(blocks[5], {})
    exec(blocks[6], {})
    numfmt.unregister("e4m3_ours")


def test_public_callables_carry_a_doctest() -> None:
    for name in numfmt.__all__:
        value = getattr(numfmt, name)
        plain = (
            "Flags Kind Style Encoding Tininess Unpacked UnpackedLogarithm Format FormatLimits "
            "names_of unregister FormatError UnknownFormat Division Granularity NonFinite "
            "ScaleRule Statistic Tail ZeroPoint ZeroScale Class DefaultNan DivideByZero "
            "InfinityTimesZero IntegerRule NanRule ZeroSign Accumulator Evidence Plan Units "
            "RequantizationScheme UnrecordedUnit Disagreement Probed"
        ).split()
        if not inspect.ismodule(value) and name not in plain:
            assert ">>>" in (value.__doc__ or ""), name

"""Commands of ``python -m numfmt vectors``: generate, verify, compare, check, list."""

import argparse
import dataclasses
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .cli_options import DIFFERENT, OK, code_of, names_of, print_json
from .dialects import DIALECTS, Dialect, dialect_of
from .errors import FormatError
from .rounding import Overflow, Rounding

_COUNTED_ROWS = 1 << 22  # sets of so many rows are summed up; larger ones are streamed


def add_commands(group: Any, add: Any) -> None:
    """Add the commands to a parser's group."""
    command = add("generate", _generate, "Write a set of golden vectors.", group)
    _add_spec(command)
    size = command.add_mutually_exclusive_group()
    size.add_argument("--exhaustive", action="store_true", default=None, help="every operand")
    size.add_argument(
        "--max-rows",
        type=int,
        metavar="N",
        help="N operands for each mode, corners first (10000)",
    )
    command.add_argument(
        "--classes",
        default="all",
        help="comma-separated, as `vectors list` has them; corners; or all (all)",
    )
    command.add_argument("--seed", type=int, default=0, help="of the random rows (0)")
    command.add_argument(
        "--input",
        type=Path,
        metavar="FILE.npy",
        help="encode this tensor (.npy, or the only array of an .npz)",
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="files of a set there are replaced"
    )
    command.add_argument(
        "--emit",
        default="hex,txt,npz,svh",
        metavar="KINDS",
        help="comma-separated: hex txt npz svh csv json coe mif (hex,txt,npz,svh)",
    )

    command = add("verify", _verify, "Regenerate a set and compare every byte.", group)
    command.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="a set, or a folder of sets"
    )
    command.add_argument("--coverage", action="store_true", help="print the table of classes")

    command = add("compare", _compare, "Compare the answers of a design with a set.", group)
    command.add_argument("folder", type=Path, metavar="DIR", help="a set")
    command.add_argument(
        "got",
        type=Path,
        metavar="FILE",
        help="a line a row: the results in hex, then the flags if you have them",
    )
    _add_leniency(command)

    command = add("check", _check, "Judge a TestFloat file that others made.", group)
    command.add_argument("got", type=Path, metavar="FILE", help="operands, result, flags, in hex")
    _add_spec(command)
    _add_leniency(command)

    add("list", _list_operations, "List operations, classes, dialects and modes.", group)


def _add_spec(command: argparse.ArgumentParser) -> None:
    command.add_argument("op", metavar="OP", help="an operation; `vectors list` has them all")
    command.add_argument(
        "--fmt", metavar="FORMATS", help="the format under test, or one for each operand"
    )
    command.add_argument("--src", metavar="FORMAT", help="operands of encode (binary32)")
    command.add_argument("--dst", metavar="FORMAT", help="the result format")
    command.add_argument(
        "--rounding",
        metavar="MODES",
        help=f"comma-separated modes, or all; {names_of(Rounding)}",
    )
    command.add_argument(
        "--dialect",
        metavar="NAME|FILE.toml",
        help=f"{', '.join(DIALECTS)}; or a file of its fields, with base = a name",
    )
    command.add_argument("--overflow", metavar="POLICY", help=names_of(Overflow))
    command.add_argument("--nan-code", type=code_of, metavar="CODE", help="the code of a NaN")
    command.add_argument(
        "--flush-inputs", action="store_true", default=None, help="subnormal operands are zero"
    )
    command.add_argument(
        "--flush-results", action="store_true", default=None, help="tiny results are zero"
    )
    command.add_argument(
        "--tininess",
        choices=("after", "before"),
        help="whether a result is tiny is judged after or before rounding",
    )
    command.add_argument("--bits", type=int, default=8, help="random bits of stochastic modes (8)")
    command.add_argument("--k", type=int, help="products of a dot product, elements of a block")
    command.add_argument("--m", type=int, help="rows of a tile (4)")
    command.add_argument("--n", type=int, help="columns of a tile (4)")
    command.add_argument(
        "--acc",
        metavar="MODEL",
        help="exact, sequential, pairwise, aligned, quire, integer; with fields as in "
        "aligned:block=16,fraction_bits=13,keep=13",
    )
    command.add_argument("--unit", metavar="NAME", help="a matrix unit of numfmt.units()")
    command.add_argument("--scheme", help="of requantize: rounded, tflite_double, tosa_32, ...")
    command.add_argument(
        "--zero-point", type=int, metavar="Z", help="of requantize: added after the scaling"
    )
    command.add_argument(
        "--rm-map", metavar="MODE=N,...", help="the numbers of rounding modes in your design"
    )
    command.add_argument(
        "--flag-order", metavar="FLAGS", help="flags from bit 0 up (NX,UF,OF,DZ,NV)"
    )


def _add_leniency(command: argparse.ArgumentParser) -> None:
    command.add_argument("--ignore", choices=("flags",), help="do not compare the flags")
    command.add_argument(
        "--nan",
        choices=("code", "any"),
        default="code",
        help="which NaN counts as right: this code, or any",
    )


def _spec(options: argparse.Namespace, **more: Any) -> Any:
    """Return the spec that the options name; what was left out is not passed on."""
    from .vectors import Spec

    given: dict[str, Any] = {
        "src": options.src,
        "dst": options.dst,
        "rounding": options.rounding,
        "overflow": options.overflow,
        "nan": options.nan_code,
        "flush_inputs": options.flush_inputs,
        "flush_results": options.flush_results,
        "tininess": options.tininess,
        "k": options.k,
        "m": options.m,
        "n": options.n,
        "unit": options.unit,
        "scheme": options.scheme,
        "zero_point": options.zero_point,
        "dialect": None if options.dialect is None else _dialect(options.dialect),
        "accumulator": None if options.acc is None else _accumulator(options.acc),
        "rm_map": None if options.rm_map is None else _rm_map(options.rm_map),
    }
    fields = {key: value for key, value in (given | more).items() if value is not None}
    if options.flag_order is not None:
        fields["flag_order"] = options.flag_order
    formats = None if options.fmt is None else options.fmt.split(",")
    fmt = formats[0] if formats and len(formats) == 1 else formats
    return Spec(op=options.op, fmt=fmt, bits=options.bits, **fields)


def _dialect(text: str) -> Dialect:
    """Return a dialect by name, or that of a TOML file."""
    path = Path(text)
    if path.suffix != ".toml":
        return dialect_of(text)
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"--dialect {path} cannot be read: {error}") from None
    base = dialect_of(fields.pop("base", "ieee"))
    known = {field.name for field in dataclasses.fields(Dialect)}
    strange = sorted(set(fields) - known)
    if strange:
        raise FormatError(
            f"--dialect {path}: {strange[0]!r} is not one of base, {', '.join(sorted(known))}"
        )
    if "flag_bits" in fields:
        bits = fields["flag_bits"]
        if not isinstance(bits, dict) or any(type(at) is not int for at in bits.values()):
            raise FormatError(
                f"--dialect {path}: flag_bits={bits!r} is no table of flags and their bits, such "
                "as {NX = 0}"
            )
        fields["flag_bits"] = tuple(bits.items())
    return dataclasses.replace(base, **{"name": path.stem} | fields)


def _accumulator(text: str) -> Any:
    """Return an accumulator such as ``aligned:block=16,fraction_bits=13``."""
    from .matrix_units import accumulators

    kinds = {
        "exact": accumulators.Exact,
        "sequential": accumulators.Sequential,
        "pairwise": accumulators.Pairwise,
        "compensated": accumulators.Compensated,
        "aligned": accumulators.Aligned,
        "partially_normalized": accumulators.PartiallyNormalized,
        "quire": accumulators.Quire,
        "integer": accumulators.IntegerSum,
    }
    name, _, rest = text.partition(":")
    if name not in kinds:
        raise FormatError(f"--acc {name!r} is not one of {', '.join(kinds)}")
    fields: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise FormatError(f"--acc {text!r}: {part!r} is no field=value")
        fields[key] = _value(value)
    maker: Any = kinds[name]
    try:
        return maker(**fields)
    except TypeError as error:
        raise FormatError(f"--acc {text!r}: {error}") from None


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return int(text, 0)
    except ValueError:
        return text


def _rm_map(text: str) -> dict[str, int]:
    numbers = {}
    for part in text.split(","):
        mode, _, number = part.partition("=")
        try:
            numbers[mode] = int(number, 0)
        except ValueError:
            raise FormatError(f"--rm-map {part!r} is no mode=number, such as rne=0") from None
    return numbers


def _generate(options: argparse.Namespace) -> int:
    from . import vectors

    if options.input is not None and options.src is not None:
        raise FormatError(
            "--src and --input: the operands are of the tensor's own type; leave out "
            "--src, or convert the tensor first"
        )
    spec = _spec(
        options,
        classes=options.classes,
        max_rows=options.max_rows,
        exhaustive=options.exhaustive if options.max_rows is None else False,
        seed=options.seed,
    )
    given = None if options.input is None else _tensor(options.input)
    if _rows_of(spec) > _COUNTED_ROWS and given is None:
        manifest = vectors.stream(spec, options.out, emit=options.emit)
        read = vectors.files.read_manifest(manifest)[1]
        classes = {name: entry["rows"] for name, entry in read["coverage"].items()}
        summary: dict[str, Any] = {"rows": read["rows"], "classes": classes}
        made = spec
    else:
        table = vectors.generate(spec, input=given)
        manifest = vectors.write(table, options.out, emit=options.emit)
        summary, made = table.summary(), table.spec
    if options.json:
        print_json({"manifest": str(manifest), "spec_sha256": made.sha256()} | summary)
        return OK
    print(f"{summary['rows']:,} vectors of {made}")
    for key in ("classes", "results", "flags"):
        counts = ", ".join(f"{name} {n:,}" for name, n in summary.get(key, {}).items() if n)
        if key in summary:
            print(f"  {key:<8} {counts or 'none'}")
    sizes = ", ".join(sorted(entry.name for entry in options.out.iterdir()))
    print(f"  written  {options.out}: {sizes}")
    print(f"  verify   python -m numfmt vectors verify {options.out}")
    return OK


def _rows_of(spec: Any) -> int:
    """Return about how many rows a spec has."""
    each = 1 << spec.operand_bits if spec.exhaustive else spec.max_rows
    return int(each * len(spec.rounding))


def _tensor(path: Path) -> Any:
    """Return the array in a .npy file, or the only one in an .npz."""
    import numpy as np

    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            names = loaded.files
            if len(names) == 1:
                return loaded[names[0]]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(f"--input {path} cannot be read as .npy or .npz: {error}") from None
    raise FormatError(
        f"--input {path} holds {len(names)} arrays ({', '.join(names[:5])}); save the one you "
        "mean as .npy"
    )


def _sets(folders: Sequence[Path]) -> list[Path]:
    """Return every vector set at or under the folders."""
    found = []
    for folder in folders:
        if (folder / "manifest.json").exists() or folder.name == "manifest.json":
            found.append(folder)
            continue
        below = sorted(path.parent for path in folder.glob("**/manifest.json"))
        if not below:
            raise FormatError(f"{folder} is no vector set and holds none (no manifest.json)")
        found += below
    return found


def _verify(options: argparse.Namespace) -> int:
    from . import vectors

    outcome: dict[str, list[str]] = {}
    for folder in _sets(options.folders):
        coverage = None
        try:
            coverage, outcome[str(folder)] = vectors.files.examine(folder)
        except vectors.DamagedFile as error:
            outcome[str(folder)] = [str(error)]
        if options.json:
            continue
        problems = outcome[str(folder)]
        counts = "" if coverage is None else f", {coverage.text()}"
        print(f"{folder}: {'ok' if not problems else 'DIFFERENT'}{counts}")
        for problem in problems:
            print(f"  {problem}")
        if options.coverage and coverage is not None:
            print("  " + str(coverage).replace("\n", "\n  "))
    if options.json:
        print_json(outcome)
    return DIFFERENT if any(outcome.values()) else OK


def _compare(options: argparse.Namespace) -> int:
    from . import vectors

    return _reported(vectors.load(options.folder), options, options.got, None)


def _check(options: argparse.Namespace) -> int:
    from . import vectors

    return _reported(*_judged(vectors, options))


def _judged(vectors: Any, options: argparse.Namespace) -> tuple[Any, argparse.Namespace, Any, Any]:
    found = vectors.read_testfloat(options.got, _spec(options))
    return found.table, options, found.results, found.flags


def _reported(table: Any, options: argparse.Namespace, got: Any, flags: Any) -> int:
    from . import vectors

    report = vectors.compare(
        table,
        got,
        flags,
        any_nan=options.nan == "any",
        ignore_flags=options.ignore == "flags",
    )
    if options.json:
        print_json(report.to_dict())
    else:
        print(report)
    return OK if report.ok else DIFFERENT


def _list_operations(options: argparse.Namespace) -> int:
    from .vectors.corners import CORNERS
    from .vectors.numbering import CLASSES, POOLS, RM_NUMBERS
    from .vectors.operations import OPERATIONS

    corners = {corner.name: corner for corner in CORNERS}
    if options.json:
        print_json(
            {
                "operations": {name: entry.formula for name, entry in OPERATIONS.items()},
                "classes": CLASSES,
                "dialects": list(DIALECTS),
                "rounding": RM_NUMBERS,
            }
        )
        return OK
    families: dict[str, list[Any]] = {}
    for entry in OPERATIONS.values():
        families.setdefault(entry.family, []).append(entry)
    for family, entries in families.items():
        print(family)
        for entry in entries:
            print(f"  {entry.name:<26} {entry.formula}")
    print("classes (--classes all; corners: those with their models in parentheses)")
    for name in CLASSES:
        corner = corners.get(name)
        text = POOLS[name] if corner is None else f"{corner.text} ({corner.models})"
        print(f"  {name:<30} {text}")
    print(f"dialects  {' '.join(DIALECTS)}")
    print("rounding  " + " ".join(f"{mode}={rm}" for mode, rm in RM_NUMBERS.items()))
    return OK

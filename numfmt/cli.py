"""Commands of ``python -m numfmt``: list, info, encode, decode, quantize, table, line, describe.

Exit status: 0 all is well, 1 vectors differ, 2 the call or its input is wrong.
"""

import argparse
import contextlib
import math
import os
import re
import shutil
import sys
import traceback
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from . import __version__, cli_vectors, exact, listing, registry
from .cli_options import BROKEN, INTERRUPTED, OK, WRONG, code_of, names_of, print_json
from .errors import FormatError, UnknownFormat
from .families.base import Format
from .families.block_options import ScaleRule
from .families.blocks import BlockFormat
from .flags import Flags
from .rounding import Overflow, Rounding, choose

_TABLE_ROWS = 1 << 16
_DIGITS = 4000  # characters of a literal; Python itself reads 4300 decimal digits


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    try:
        given = sys.argv[1:] if arguments is None else arguments
        options = parser.parse_args([_shielded(word) for word in given])
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except (FormatError, UnknownFormat) as error:
        print(f"numfmt: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("numfmt: interrupted; no file was left half written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        print(f"numfmt: {error}", file=sys.stderr)
        return WRONG
    except Exception:  # a bug: 1 would mean that vectors differ
        traceback.print_exc()
        print("numfmt: this is a bug in numfmt; please report it", file=sys.stderr)
        return BROKEN


def _shielded(word: str) -> str:
    """Return a word that argparse cannot take for an option if it is a negative number."""
    number = re.match(r"-(\d|\.\d|inf|nan)", word, re.IGNORECASE)
    return f" {word}" if number else word


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m numfmt",
        description="Number formats and golden vectors, bit by bit.",
        epilog="Exit status: 0 ok, 1 mismatch, 2 usage.",
    )
    parser.add_argument("--version", action="version", version=f"numfmt {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Any, text: str, to: Any = commands) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = to.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print JSON")
        return command

    command = add("list", _list, "List the names of formats.")
    command.add_argument("fmt", nargs="*", metavar="FORMAT", help="only these")
    command.add_argument("--markdown", action="store_true", help="print a table of their limits")
    command.add_argument("--family", help="only this family: float, fixed, posit, ...")
    command.add_argument("--max-bits", type=int, metavar="N", help="at most N bits")
    command.add_argument("--kind", help="scalar or block")

    command = add("info", _info, "Tell everything about a format.")
    command.add_argument("fmt", metavar="FORMAT")

    command = add(
        "encode",
        _encode,
        "Encode numbers: decimal (1.5, 1e-3), hexadecimal (0x1.8p3), a quotient (1/3), inf or nan; "
        "each is read exactly and rounded once.",
    )
    command.add_argument("fmt", metavar="FORMAT")
    command.add_argument("values", nargs="+", metavar="VALUE")
    command.add_argument("--rounding", help=names_of(Rounding))
    command.add_argument("--overflow", help=names_of(Overflow))
    command.add_argument("--nan", type=code_of, metavar="CODE", help="the code that a NaN becomes")

    command.add_argument(
        "--random", type=code_of, metavar="R", help="of a stochastic mode: the draw"
    )
    command.add_argument("--bits", type=int, default=8, help="its random bits (8)")

    command = add("decode", _decode, "Decode codes: 0x7e, 126 or 0b1111110.")
    command.add_argument("fmt", metavar="FORMAT")
    command.add_argument("codes", nargs="+", type=code_of, metavar="CODE")

    command = add(
        "quantize",
        _quantize,
        "Quantise numbers, each read as a float64, into a block format, as one row.",
    )
    command.add_argument("fmt", metavar="FORMAT")
    command.add_argument("values", nargs="+", metavar="VALUE")
    command.add_argument("--scale-rule", help=names_of(ScaleRule))
    command.add_argument("--rounding", help=names_of(Rounding))

    command = add("table", _table, "Print all codes of a format: hex, fields, value, class.")
    command.add_argument("fmt", metavar="FORMAT")
    command.add_argument("--start", type=code_of, default=0, metavar="CODE", help="first code")
    command.add_argument("--count", type=int, metavar="N", help="how many codes")

    command = add("line", _line, "Draw the values of formats as marks on a line of text.")
    command.add_argument("fmt", nargs="+", metavar="FORMAT")
    command.add_argument("--low", metavar="VALUE", help="where the line starts")
    command.add_argument("--high", metavar="VALUE", help="where it ends")
    command.add_argument("--width", type=int, metavar="N", help="characters (the terminal's)")

    command = add("describe", _describe, "Print the parameters of a format as a header.")
    command.add_argument("fmt", metavar="FORMAT")
    command.add_argument(
        "--emit", choices=("svh", "c"), default="svh", help="SystemVerilog localparams, or C99"
    )

    text = "Write, verify and compare golden vectors."
    vectors = commands.add_parser("vectors", help=text, description=text)
    cli_vectors.add_commands(vectors.add_subparsers(required=True, metavar="COMMAND"), add)
    return parser


def _list(options: argparse.Namespace) -> int:
    names: Sequence[str] = options.fmt
    if not names:
        kind = "scalar" if options.markdown and options.kind is None else options.kind
        names = registry.names(family=options.family, max_bits=options.max_bits, kind=kind)
    entries = [registry.get(name) for name in names]
    if options.json:
        print_json([entry.to_dict() for entry in entries])
        return OK
    if options.markdown:
        print(listing.markdown(entries))
        return OK
    for entry in entries:
        aliases = f"  ({', '.join(entry.aliases)})" if entry.aliases else ""
        print(f"{entry.name:<22} {entry.bits:>2} bits  {entry.family}{aliases}")
    return OK


def _info(options: argparse.Namespace) -> int:
    from .limits import finfo

    entry = registry.get(options.fmt)
    if isinstance(entry, BlockFormat):
        from . import block_listing

        fields = block_listing.described(entry)
        if options.json:
            print_json(fields)
        else:
            print("\n".join(block_listing.lines(fields)))
        return OK
    limits = finfo(options.fmt).to_dict()
    if options.json:
        print_json(limits)
        return OK
    for key, value in limits.items():
        if value is None or value in ((), [], ""):
            continue
        if isinstance(value, list | tuple):
            value = ", ".join(value)
        print(f"{key:<20} {value}")
    return OK


def _number(text: str) -> exact.Number:
    """Return the number that a user typed, exactly."""
    plain = text.strip().lower().replace("_", "")
    if len(plain) > _DIGITS or not plain.isascii():
        raise FormatError(
            f"VALUE {text[:20]!r}... is not a number of at most {_DIGITS} ASCII characters"
        )
    if plain.lstrip("+-") in ("inf", "infinity", "nan"):
        return float(plain)
    hexadecimal = re.fullmatch(r"([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?", plain)
    try:
        if hexadecimal:
            sign, whole, fraction, power = hexadecimal.groups()
            number = int(whole + fraction, 16) * Fraction(2) ** (
                _within_reach(int(power or 0)) - 4 * len(fraction)
            )
            number = -number if sign == "-" else number
        else:
            _within_reach(int(plain.partition("e")[2] or 0))
            number = Fraction(plain)
    except FormatError:
        raise
    except (ValueError, ZeroDivisionError):
        raise FormatError(
            f"VALUE {text!r} is no number; write 1.5, 1e-3, 0x1.8p3, 1/3, inf or nan"
        ) from None
    return -0.0 if number == 0 and plain.startswith("-") else number


def _within_reach(exponent: int) -> int:
    """Return an exponent that a rational can be made with in no time."""
    if abs(exponent) > 1 << 21:
        raise FormatError(f"VALUE: an exponent of {exponent} is past what numfmt computes with")
    return exponent


def _flagnames_of(flags: Flags) -> str:
    return "".join(f" {flag.name}" for flag in reversed(Flags) if flag in flags)


def _quantize(options: argparse.Namespace) -> int:
    from . import block_listing
    from .blocks.quantization import quantize

    numbers = [_number(text.strip()) for text in options.values]
    try:
        values = [float(number) for number in numbers if not isinstance(number, exact.Datum)]
    except OverflowError:
        raise FormatError("a VALUE is past the end of float64, which blocks are made of") from None
    if options.rounding and choose(Rounding, options.rounding, "--rounding").stochastic:
        raise FormatError("stochastic modes need random bits; use numfmt.quantize in Python")
    q = quantize(values, options.fmt, scale_rule=options.scale_rule, rounding=options.rounding)
    blocks = block_listing.blocks_of(q)
    if options.json:
        print_json(blocks)
        return OK
    for block in blocks:
        codes, found = block.pop("codes"), block.pop("values")
        for key, part in block.items():
            parts = part if isinstance(part, list) else [part]
            shown = (p if isinstance(p, str) else f"{p['code']}  {p['value']}" for p in parts)
            print(f"{key.replace('_', ' '):<14} {'   '.join(shown)}")
        for code, value in zip(codes, found, strict=True):
            print(f"  {code:<12} {value!r}")
    return OK


def _scalar(name: str) -> Format:
    """Return a format that is not one of blocks."""
    entry = registry.get(name)
    if isinstance(entry, BlockFormat):
        raise FormatError(
            f"{entry.name!r} is a block format; use the command quantize, or name its element, "
            f"{entry.element.name!r}"
        )
    return entry


def _encode(options: argparse.Namespace) -> int:
    entry = _scalar(options.fmt)
    rows = []
    mode = options.rounding
    if mode is not None and choose(Rounding, mode, "--rounding").stochastic:
        if options.random is None:
            raise FormatError(f"--rounding {mode} needs --random R with R below 2**bits (--bits 8)")
    for text in (word.strip() for word in options.values):
        code, flags = exact.encode(
            _number(text),
            entry,
            rounding=options.rounding,
            overflow=options.overflow,
            nan=options.nan,
            draw=None if options.random is None else exact.Draw(options.random, options.bits),
        )
        rows.append(
            {
                "input": text,
                "code": listing.code_text(code, entry),
                "value": listing.value_text(code, entry),
                "flags": [flag.name for flag in Flags if flag in flags],
            }
        )
        if not options.json:
            shown = rows[-1]
            print(
                f"{text:<14} {shown['code']}  {listing.fields_text(code, entry)}  {shown['value']}"
                f"{_flagnames_of(flags)}"
            )
    if options.json:
        print_json(rows)
    return OK


def _rows(codes: Sequence[int], fmt: Format, as_json: bool) -> int:
    if as_json:
        print_json([listing.row(code, fmt) for code in codes])
        return OK
    for code in codes:
        row = listing.row(code, fmt)
        print(f"{row['code']}  {row['fields']}  {row['value']:<24} {row['class']}")
    return OK


def _decode(options: argparse.Namespace) -> int:
    entry = _scalar(options.fmt)
    for code in options.codes:
        if not 0 <= code < 1 << entry.bits:
            raise FormatError(
                f"code {code:#x} is out of range; {entry.name!r} has {entry.bits} bits"
            )
    return _rows(options.codes, entry, options.json)


def _table(options: argparse.Namespace) -> int:
    entry = _scalar(options.fmt)
    if not 0 <= options.start < 1 << entry.bits:
        raise FormatError(
            f"--start {options.start:#x} is out of range; {entry.name!r} has {entry.bits} bits"
        )
    count = (1 << entry.bits) - options.start if options.count is None else options.count
    if options.count is None and count > _TABLE_ROWS:
        raise FormatError(
            f"{entry.name!r} has 2**{entry.bits} codes; say which with --start and --count"
        )
    if count < 1:
        raise FormatError(f"--count {count} is not a positive number of codes")
    stop = min(options.start + count, 1 << entry.bits)
    return _rows(range(options.start, stop), entry, options.json)


def _describe(options: argparse.Namespace) -> int:
    from .describing import describe

    text = describe(options.fmt, options.emit)
    if options.json:
        print_json({"format": options.fmt, "emit": options.emit, "text": text})
    else:
        print(text, end="")
    return OK


def _line(options: argparse.Namespace) -> int:
    entries = [_scalar(name) for name in options.fmt]
    given = (options.low, options.high)
    low, high = (None if text is None else _end_of_line(text) for text in given)
    width = options.width
    if width is None:
        width = max(16, min(shutil.get_terminal_size().columns - 2, 118))
    lines = {e.name: listing.number_line(e, width=width, low=low, high=high) for e in entries}
    if options.json:
        least, most = -math.inf if low is None else low, math.inf if high is None else high
        print_json(
            {
                entry.name: [v for v in listing.finite_values(entry) if least <= v <= most]
                for entry in entries
            }
        )
        return OK
    for name, line in lines.items():
        print(f"{name}\n{line}")
    return OK


def _end_of_line(text: str) -> float:
    number = _number(text)
    try:
        return float(number.value if isinstance(number, exact.Datum) else number)
    except OverflowError:
        raise FormatError(f"{text!r} is past float64; lines show what float64 holds") from None

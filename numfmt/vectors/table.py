"""The table itself: columns of unsigned integers, made by the kernels and checked by `exact`."""

import dataclasses
import hashlib
import io
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import exact
from ..arguments import as_array, place, progress
from ..conversion import convert
from ..errors import FormatError
from ..families.floats import FloatFormat, Style
from ..rounding import Rounding
from . import stimuli
from .spec import Spec

CHECK_ALL = 4096  # tables of so many rows are computed by `exact` in full
CHECK_SAMPLE = 1024  # of longer ones, so many rows are
RM_NUMBERS = {
    "nearest_even": 0,
    "toward_zero": 1,
    "toward_negative": 2,
    "toward_positive": 3,
    "nearest_away": 4,
    "to_odd": 6,
    "nearest_zero": 7,
    "nearest_up": 8,
    "nearest_down": 9,
    "away_from_zero": 10,
    "jam": 11,
    "stochastic_a": 12,
    "stochastic_b": 13,
    "stochastic_c": 14,
    "stochastic_c_odd": 15,
}  # 0 to 4 are RISC-V's, 6 is HardFloat's


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorTable:
    """Columns of one set of vectors, in the order of its files.

    Attributes
    ----------
    spec : Spec
    columns : dict of str to ndarray of uint64
        ``class``, ``rm``, ``a``, ``random`` (stochastic modes), ``expected``, ``mask``, ``flags``.
    widths : dict of str to int
        Bits of each column.
    wanted : dict of str to int
        How many operands each class of stimuli has; fewer were taken where `max_rows` is less.
    input : bytes, optional
        The input tensor as a `.npy` file.
    """

    spec: Spec
    columns: dict[str, npt.NDArray[np.uint64]]
    widths: dict[str, int]
    wanted: dict[str, int]
    input: bytes | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.columns["a"].size)

    @property
    def word_bits(self) -> int:
        """Bits of a packed row."""
        return sum(self.widths.values())

    def coverage(self) -> dict[str, int]:
        """Return how many rows each class has."""
        counts = np.bincount(self.columns["class"].astype(np.int64), minlength=len(stimuli.CLASSES))
        return {name: int(n) for name, n in zip(stimuli.CLASSES, counts, strict=True) if n}

    def summary(self) -> dict[str, Any]:
        """Return counts of what the rows exercise."""
        flags = self.columns["flags"]
        kinds = np.bincount(
            stimuli.operand_kinds(self.columns["expected"], self.spec.dst), minlength=5
        )
        names = ("zero", "subnormal", "normal", "infinity", "nan")
        return {
            "rows": len(self),
            "classes": self.coverage(),
            "results": {name: int(n) for name, n in zip(names, kinds, strict=True)},
            "flags": {
                name: int(np.count_nonzero(flags & np.uint64(bit)))
                for name, bit in (("NX", 1), ("UF", 2), ("OF", 4), ("DZ", 8), ("NV", 16))
            },
        }


def generate(spec: Spec, *, input: npt.ArrayLike | None = None) -> VectorTable:
    """Return the table of a spec.

    Parameters
    ----------
    spec : Spec
    input : array_like, optional
        A tensor whose elements are the operands, for ``encode``: float16, float32, float64 or
        integers. Their dtype is the source format.

    Raises
    ------
    FormatError
        The tensor does not fit the operation, or an operand has no result.
    AssertionError
        `exact` and the kernels disagree: a bug in numfmt.
    """
    given, blob = None, None
    if input is None and spec.input_sha256 is not None:
        raise FormatError("the spec names an input tensor by its sha256 and input is missing")
    if input is not None:
        spec, given, blob = _with_input(spec, as_array(input, "input"))
    if given is None:
        operands, classes, wanted = stimuli.operands(spec)
    else:
        _refuse_operands(spec, given, as_array(input, "input").shape)
        operands, classes, wanted = stimuli.given_operands(given)
    parts = []
    show = progress(operands.size * len(spec.rounding), "vectors")
    for mode in spec.rounding:
        parts.append(_one_mode(spec, mode, operands))
        show(operands.size * len(parts))
    count = len(parts)
    columns = {
        "class": np.tile(classes, count).astype(np.uint64),
        "rm": np.repeat(
            np.array([RM_NUMBERS[mode] for mode in spec.rounding], np.uint64), operands.size
        ),
        "a": np.tile(operands, count),
        "random": np.concatenate([part[2] for part in parts]),
        "expected": np.concatenate([part[0] for part in parts]),
        "mask": np.full(operands.size * count, (1 << spec.dst.bits) - 1, np.uint64),
        "flags": np.concatenate([part[1] for part in parts]),
    }
    widths = {
        "class": 4,
        "rm": 4,
        "a": spec.src.bits,
        "random": spec.bits,
        "expected": spec.dst.bits,
        "mask": spec.dst.bits,
        "flags": 5,
    }
    if not spec.stochastic:
        del columns["random"], widths["random"]
    table = VectorTable(spec=spec, columns=columns, widths=widths, wanted=wanted, input=blob)
    _check(table)
    return table


def _refuse_operands(spec: Spec, given: stimuli.Codes, shape: tuple[int, ...]) -> None:
    bad = stimuli.refused(given, spec)
    if bad.any():
        raise FormatError(
            f"{place('input', shape, int(np.argmax(bad)))} has no code in {spec.dst.name!r} (NaN, "
            "infinite or negative); set nan=<code> or clean the tensor"
        )


def _with_input(spec: Spec, array: npt.NDArray[Any]) -> tuple[Spec, stimuli.Codes, bytes]:
    if spec.op != "encode":
        raise FormatError(f"input goes with op='encode', not {spec.op!r}")
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise FormatError(
            f"input has dtype {array.dtype}; vectors take float16, float32, float64 and integers"
        )
    if array.size == 0:
        raise FormatError("input is empty: there is nothing to write vectors of")
    name, codes = stimuli.given_codes(array)
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array, array.dtype.newbyteorder("<")), allow_pickle=False)
    digest = hashlib.sha256(file.getvalue()).hexdigest()
    if spec.input_sha256 not in (None, digest):
        raise FormatError(f"input has sha256 {digest}, the spec names {spec.input_sha256}")
    made = dataclasses.replace(spec, src=name, dst=None, exhaustive=False, input_sha256=digest)
    return made, codes, file.getvalue()


def _has_flags(spec: Spec) -> bool:
    return bool(spec.dst.has_flags)


def _one_mode(
    spec: Spec, mode: str, operands: stimuli.Codes
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the expected codes, flags and random bits of all operands in one mode."""
    random = np.zeros(operands.size, np.uint64)
    options: dict[str, Any] = {}
    if Rounding(mode).stochastic:
        words = stimuli.random_words(spec.seed, f"random bits {mode}", operands.size)
        random = words >> np.uint64(64 - spec.bits)
        options = {"random_bits": random, "bits": spec.bits}
    result = convert(
        operands,
        spec.src,
        spec.dst,
        rounding=mode,
        overflow=spec.overflow,
        nan=spec.nan,
        flush_inputs=spec.flush_inputs,
        flush_results=spec.flush_results,
        tininess=spec.tininess,
        return_flags=_has_flags(spec),
        **options,
    )
    codes, flags = result if _has_flags(spec) else (result, np.zeros(operands.size, np.uint8))
    return codes.astype(np.uint64), flags.astype(np.uint64), random


def _check(table: VectorTable) -> None:
    """Compute rows once more with `exact`: all of a short table, a sample of a long one."""
    spec, count = table.spec, len(table)
    rows = np.arange(count)
    if count > CHECK_ALL:
        picks = stimuli.random_words(spec.seed, "check", CHECK_SAMPLE)
        rows = np.unique(picks % np.uint64(count)).astype(np.int64)
    modes = {RM_NUMBERS[mode]: mode for mode in spec.rounding}
    columns = {name: column[rows].tolist() for name, column in table.columns.items()}
    draws = columns.get("random", [0] * rows.size)
    for code, rm, random, expected, flags in zip(
        columns["a"], columns["rm"], draws, columns["expected"], columns["flags"], strict=True
    ):
        mode = modes[rm]
        draw = exact.Draw(random, spec.bits) if Rounding(mode).stochastic else None
        want, raised = exact.convert(
            code,
            spec.src,
            spec.dst,
            rounding=mode,
            overflow=spec.overflow,
            nan=spec.nan,
            draw=draw,
            flush_inputs=spec.flush_inputs,
            flush_results=spec.flush_results,
            tininess=spec.tininess,
        )
        raised_bits = int(raised) if _has_flags(spec) else 0
        assert (want, raised_bits) == (expected, flags), (
            f"numfmt disagrees with itself, please report: {code:#x} of {spec.src.name} to "
            f"{spec.dst.name}, {mode}: exact {want:#x}/{raised_bits}, kernel {expected:#x}/{flags}"
        )


def layout(table: VectorTable) -> dict[str, tuple[int, int]]:
    """Return the (most, least) significant bit of every column in a packed row."""
    places, low = {}, 0
    for name, width in reversed(table.widths.items()):
        places[name] = (low + width - 1, low)
        low += width
    return dict(reversed(places.items()))


def _nan_ranges(fmt: Any) -> list[list[str]]:
    """Return the first and last code of every run of NaN codes, in hexadecimal."""
    width = -(-fmt.bits // 4)
    ends = []
    for code in dict.fromkeys(fmt.nan_code(sign) for sign in (0, 1)):
        if code is not None:
            infinity = fmt.infinity_code(int(code >> (fmt.bits - 1) & fmt.signed_values))
            run = isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE
            first = infinity + 1 if run else code
            last = code | ((1 << fmt.trailing_bits) - 1) if run else code
            ends.append([f"0x{first:0{width}x}", f"0x{last:0{width}x}"])
    return ends


def describe_format(fmt: Any) -> dict[str, Any]:
    """Return a format in full: its fields, limits, and every code that is special."""
    from ..limits import finfo

    limits = finfo(fmt).to_dict()
    negative_zero = fmt.code_of_ordinal(0, 1) if fmt.has_negative_zero else None

    described: dict[str, Any] = fmt.to_dict()
    return described | {
        "nan_ranges": _nan_ranges(fmt),
        "style": limits["style"],
        "limits": limits,
        "code_of_negative_zero": negative_zero,
    }

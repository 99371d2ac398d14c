"""What users pass, checked once: arrays of values, arrays of codes, options, random bits."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import registry
from .errors import FormatError
from .families.base import Format, ScalarFormat

_EXACT_INPUTS = "float16, float32, float64, integers, bool, and the types of ml_dtypes"


class Values(NamedTuple):
    """Real numbers as the kernels take them: contiguous native bits, and where they came from."""

    words: npt.NDArray[Any]  # 1-D: float32 bits, float64 bits, 64-bit integers, or codes
    kind: str  # float32, float64, int64, uint64 or codes
    shape: tuple[int, ...]
    least_normal: int | None  # exponent of the smallest normal value of the source type
    origin: npt.NDArray[Any] | None = None  # the floats or codes before any widening
    source: ScalarFormat | None = None  # of codes


def scalar_format(fmt: Format | str, argument: str = "fmt") -> ScalarFormat:
    """Return a scalar format whose codes fit a machine word."""
    entry = registry.get(fmt)
    if isinstance(entry, ScalarFormat) and entry.bits <= 64:
        return entry
    if entry.bits > 64:
        raise FormatError(
            f"{argument}={entry.name!r} has codes of {entry.bits} bits, more than an array of "
            "integers holds; use numfmt.exact.encode and numfmt.exact.decode"
        )
    element = getattr(entry, "element", None)
    raise FormatError(
        f"{argument}={entry.name!r} is a {entry.kind} format, where a scalar one is wanted; use "
        "numfmt.quantize and numfmt.dequantize"
        + ("" if element is None else f", or name its element, {element.name!r}")
    )


def as_array(x: object, argument: str) -> npt.NDArray[Any]:
    """Return anything array-like as an ndarray, without a copy where there is a choice.

    Raises
    ------
    FormatError
        It is ragged, on another device, or not of numbers.
    """
    try:
        if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
            raise FormatError(f"{argument} has masked elements; fill them first, with x.filled(0)")
        if hasattr(x, "__dlpack__") and not hasattr(x, "__array__"):
            return np.from_dlpack(x)
        return np.asarray(x)
    except FormatError:
        raise
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise FormatError(
            f"{argument} of type {type(x).__name__} cannot be read as an array: {error}"
        ) from None


def as_values(x: object, argument: str = "x") -> Values:
    """Return real numbers from anything array-like, every one of them unchanged.

    Raises
    ------
    FormatError
        The dtype is not one whose values numfmt takes exactly.
    """
    array = as_array(x, argument)
    _refuse_lost_integers(x, array, argument)
    dtype = array.dtype
    if _is_ml_dtype(dtype):
        entry = scalar_format(dtype.name)
        codes = np.ascontiguousarray(array).view(f"u{dtype.itemsize}").reshape(-1)
        with np.errstate(invalid="ignore"):
            values = _float_values(array.astype(np.float32), getattr(entry, "emin", None), codes)
        return values._replace(source=entry)
    if dtype.kind == "f" and dtype.itemsize in (2, 4, 8):
        least = {2: -14, 4: -126, 8: -1022}[dtype.itemsize]
        origin = array
        if dtype.itemsize == 2:
            with np.errstate(invalid="ignore"):
                array = array.astype(np.float32)
        return _float_values(array, least, origin)
    if dtype.kind in "iub":
        return _integer_values(array)
    hint = ""
    if dtype.kind == "O":
        hint = "; for Fractions and integers of more than 64 bits use numfmt.exact.encode"
    elif dtype.kind == "f":
        hint = "; convert it to float64 first, and mind that this rounds"
    elif array.size == 0:
        return _float_values(array.astype(np.float64), -1022, None)
    raise FormatError(f"{argument} has dtype {dtype}; numfmt takes {_EXACT_INPUTS}{hint}")


def _refuse_lost_integers(x: object, array: npt.NDArray[Any], argument: str) -> None:
    """Refuse Python integers that NumPy has turned into floats."""
    if array.dtype.kind != "f" or not isinstance(x, list | tuple | int | np.integer):
        return
    stack: list[object] = [x]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, np.ndarray) and item.dtype.kind in "iu":
            stack.extend(item.reshape(-1).tolist())
        elif isinstance(item, int | np.integer) and abs(int(item)) > 1 << 53:
            raise FormatError(
                f"{argument} mixes the integer {item} with other numbers and NumPy would round "
                "it; pass integers of one 64-bit dtype, or floats"
            )


def _is_ml_dtype(dtype: np.dtype[Any]) -> bool:
    return dtype.type.__module__.partition(".")[0] == "ml_dtypes"


def signalling(values: Values) -> npt.NDArray[np.bool_] | None:
    """Return where the source NaNs are signalling (754-2019, 6.2.1), or None if none can be."""
    array = values.origin
    if array is None:
        return None
    if values.source is not None:
        return _signalling_codes(array, values.source)
    native = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(-1)
    entry = registry.get(f"binary{8 * native.dtype.itemsize}")
    return _signalling_codes(native.view(f"u{native.dtype.itemsize}"), scalar_format(entry))


def _signalling_codes(codes: npt.NDArray[Any], fmt: ScalarFormat) -> npt.NDArray[np.bool_] | None:
    quiet, infinity = fmt.nan_code(0), fmt.infinity_code(0)
    if quiet is None or infinity is None or quiet < infinity:
        return None
    magnitude = codes & codes.dtype.type((1 << (fmt.bits - 1)) - 1)
    quiet_bit = codes.dtype.type(quiet - infinity)
    found: npt.NDArray[np.bool_] = (magnitude > infinity) & (magnitude & quiet_bit == 0)
    return found


def _native(array: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    return np.ascontiguousarray(array, dtype=dtype).reshape(-1)


def _float_values(
    array: npt.NDArray[Any], least: int | None, origin: npt.NDArray[Any] | None
) -> Values:
    kind = "float32" if array.dtype.itemsize == 4 else "float64"
    words = _native(array, kind).view("u4" if kind == "float32" else "u8")
    return Values(words, kind, array.shape, least, origin)


def _integer_values(array: npt.NDArray[Any]) -> Values:
    if array.dtype.itemsize <= 2:
        return _float_values(array.astype(np.float32), None, None)
    if array.dtype.itemsize == 4:
        return _float_values(array.astype(np.float64), None, None)
    kind = "uint64" if array.dtype.kind == "u" else "int64"
    return Values(_native(array, kind).view("u8"), kind, array.shape, None)


def as_codes(codes: object, fmt: ScalarFormat, argument: str = "codes") -> npt.NDArray[Any]:
    """Return codes as a contiguous native unsigned array of the same shape, all in range.

    Raises
    ------
    FormatError
        A code is out of range or not an integer, or an ml_dtypes array is of another format.
    """
    array = as_array(codes, argument)
    if _is_ml_dtype(array.dtype):
        meant = registry.get(array.dtype.name)
        if meant != fmt:
            raise FormatError(
                f"{argument} is an array of {array.dtype.name}, which is {meant.name!r}, not "
                f"{fmt.name!r}"
            )
        array = array.view(f"u{array.dtype.itemsize}") & ((1 << fmt.bits) - 1)
    if array.dtype.kind in "fO" and isinstance(codes, list | tuple):
        array = _integers_of_64_bits(codes, array)
    if array.size == 0:
        return np.zeros(array.shape, fmt.code_dtype)
    if array.dtype.kind not in "iu":
        raise FormatError(
            f"{argument} has dtype {array.dtype}; codes are integers from 0 to "
            f"{(1 << fmt.bits) - 1:#x} (decode takes codes, encode takes values)"
        )
    if array.dtype.kind == "i" and array.min() < 0:
        raise _bad_code(array, array < 0, fmt, argument)
    if array.dtype.itemsize * 8 - (array.dtype.kind == "i") > fmt.bits:
        too_large = array > (1 << fmt.bits) - 1
        if too_large.any():
            raise _bad_code(array, too_large, fmt, argument)
    unused = fmt.unused_codes()
    if unused and (stray := np.isin(array, unused)).any():
        index = int(np.flatnonzero(stray.reshape(-1))[0])
        raise FormatError(
            f"{place(argument, array.shape, index)} is {int(array.reshape(-1)[index]):#x}, a code "
            f"of {fmt.name!r} that stands for nothing"
        )
    return np.ascontiguousarray(array, dtype=fmt.code_dtype).reshape(array.shape)


def _integers_of_64_bits(codes: object, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return lists of integers that NumPy turned into floats or objects as integers again."""
    items = np.array(codes, dtype=object)
    plain = [item for item in items.reshape(-1) if isinstance(item, int | np.integer)]
    if len(plain) == items.size and all(0 <= int(item) < 1 << 64 for item in plain):
        return items.astype(np.uint64)
    return array


def _bad_code(
    array: npt.NDArray[Any], bad: npt.NDArray[np.bool_], fmt: ScalarFormat, argument: str
) -> FormatError:
    index = int(np.flatnonzero(bad.reshape(-1))[0])
    value = int(array.reshape(-1)[index])
    shown = hex(value) if value >= 0 else str(value)
    return FormatError(
        f"{place(argument, array.shape, index)} is {shown}; codes of {fmt.name!r} have "
        f"{fmt.bits} bits, 0x0 to {(1 << fmt.bits) - 1:#x}"
    )


def place(argument: str, shape: tuple[int, ...], index: int) -> str:
    """Return how a user writes the element at flat position `index`: ``x[3, 17]``."""
    if not shape:
        return argument
    where = np.unravel_index(index, shape)
    return f"{argument}[{', '.join(str(int(i)) for i in where)}]"


def as_output(out: object, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any] | None:
    """Return `out` if it can take the result, or None where the caller gave none.

    Raises
    ------
    FormatError
        It is not a writable array of exactly this shape and dtype.
    """
    if out is None:
        return None
    if not isinstance(out, np.ndarray):
        raise FormatError(f"out is a {type(out).__name__}; it must be a preallocated ndarray")
    if out.shape != shape or out.dtype != dtype or not out.flags.writeable:
        state = "writable" if out.flags.writeable else "read-only"
        raise FormatError(
            f"out is a {state} array of shape {out.shape} and dtype {out.dtype}; this result "
            f"needs a writable one of shape {shape} and dtype {dtype}"
        )
    return out


def integer_option(value: object, least: int, most: int, argument: str) -> int:
    """Return an integer option within its range."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise FormatError(f"{argument}={value!r} is not an integer from {least} to {most}")
    if not least <= value <= most:
        raise FormatError(f"{argument}={value} is not within {least} to {most}")
    return int(value)


def widened(words: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """Return the bits of floats as float64 bits; those of float64 as they are."""
    if words.dtype.itemsize == 8:
        return words
    return words.view(np.float32).astype(np.float64).view(np.uint64)


def simplified(values: Values, flush: int | None) -> Values:
    """Return the same numbers as float64 or float32 bits where those hold them, flushed.

    Floats of an exponent below `flush` become zeros of the same sign.
    """
    words = values.words
    if values.kind in ("int64", "uint64"):
        integers = words.view(values.kind)
        low, high = (integers.min(), integers.max()) if integers.size else (0, 0)
        if -(1 << 53) <= low and high <= 1 << 53:
            words = integers.astype(np.float64).view(np.uint64)
            return values._replace(words=words, kind="float64")
    if flush is not None and values.kind.startswith("float"):
        sign = words.dtype.type(1 << (8 * words.dtype.itemsize - 1))
        normal = np.array([2.0**flush], values.kind).view(words.dtype)[0]
        low_words = (words & ~sign) < normal
        return values._replace(words=np.where(low_words, words & sign, words))
    return values


def float64_array(x: object, argument: str) -> npt.NDArray[np.float64]:
    """Return real numbers as a float64 array of the same shape, every one of them unchanged.

    Raises
    ------
    FormatError
        The dtype is not one whose values numfmt takes exactly, or an integer has no float64.
    """
    values = as_values(x, argument)
    with np.errstate(invalid="ignore"):
        numbers = values.words.view(values.kind).astype(np.float64)
    if values.kind.endswith("int64"):
        for index in np.flatnonzero(np.abs(numbers) >= 1 << 53):
            integer = int(values.words.view(values.kind)[index])
            if int(numbers[index]) != integer:
                raise FormatError(
                    f"{place(argument, values.shape, int(index))} is {integer}, which no float64 "
                    "is; round it to 53 significant bits first"
                )
    return numbers.reshape(values.shape)


def axis_of(array: npt.NDArray[Any], axis: object, argument: str = "x") -> int:
    """Return an axis of an array as an integer from 0."""
    if array.ndim == 0:
        raise FormatError(f"{argument} is a single number and has no axis; pass an array")
    return integer_option(axis, -array.ndim, array.ndim - 1, "axis") % array.ndim


def progress(total: int, unit: str) -> Callable[[int], None]:
    """Return a function that shows how far a long run is, on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        return lambda done: None

    def show(done: int) -> None:
        end = "\n" if done >= total else ""
        print(f"\r{done:,} of {total:,} {unit}", end=end, file=sys.stderr, flush=True)

    return show

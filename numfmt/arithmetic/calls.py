"""The call of an operation: formats, options and dialect checked once, as data for every engine."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from .. import randomness
from ..arguments import as_codes, as_output, integer_option, scalar_format
from ..dialects import DIALECTS, DefaultNan, Dialect, ZeroSign, dialect_of
from ..dispatch import encode_one
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..families.floats import FloatFormat, Style
from ..families.grid import GridFormat
from ..lowering import Options, check_options, lower
from ..params import Grid, Projection
from ..rounding import Overflow, Rounding, Tininess, choose

Array = npt.NDArray[Any]
Formats: TypeAlias = Format | str | Sequence[Format | str]

_P3109 = (Style.P3109_EXTENDED, Style.P3109_FINITE)
_OCP = (Style.FN, Style.FINITE, Style.FNUZ)


class Settings(NamedTuple):
    """How the results of a call are made: all that its options, format and dialect say."""

    result: ScalarFormat
    options: Options  # `nan` is the caller's code, or None; operands are flushed before
    dialect: Dialect
    flush_inputs: bool

    @property
    def stochastic(self) -> bool:
        """Whether rounding takes random bits."""
        return self.options.rounding.stochastic != 0

    @property
    def minus_zero(self) -> bool:
        """Whether the sum of x and -x is -0 (754-2019, 6.3)."""
        down = self.options.rounding is Rounding.TOWARD_NEGATIVE
        return down and self.dialect.zero_sign is ZeroSign.IEEE

    @property
    def canonical_nan(self) -> int | None:
        """The NaN code of invalid operations, or None where the format has none."""
        if self.options.nan is not None:
            return self.options.nan
        fmt, sign = self.result, self.dialect.nan_sign
        code = fmt.nan_code(sign)
        if code is None or self.dialect.default_nan is not DefaultNan.ALL_ONES:
            return code
        if isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE:
            code |= (1 << fmt.trailing_bits) - 1
        return code


Random: TypeAlias = randomness.Source


class Call(NamedTuple):
    """Operands of one shape and the settings of their results."""

    operands: tuple[Array, ...]  # 1-D codes, contiguous, of one size
    formats: tuple[ScalarFormat, ...]
    shape: tuple[int, ...]
    settings: Settings
    draws: Random
    return_flags: bool
    out: Array | None

    @property
    def size(self) -> int:
        """How many results there are."""
        return int(np.prod(self.shape, dtype=np.int64))


def default_dialect(fmt: ScalarFormat) -> Dialect:
    """Return the dialect of the document that governs a format.

    Examples
    --------
    >>> import numfmt as nf
    >>> [default_dialect(nf.get(name)).name for name in ("binary16", "e4m3", "Binary8p3se")]
    ['ieee', 'ocp_nosat', 'p3109']
    """
    if isinstance(fmt, FloatFormat):
        if fmt.style in _P3109:
            return DIALECTS["p3109"]
        if fmt.style in _OCP:
            return DIALECTS["ocp_nosat"]
    return DIALECTS["ieee"]


def formats_of(fmt: Formats, count: int) -> tuple[ScalarFormat, ...]:
    """Return the format of each operand."""
    if isinstance(fmt, Format | str):
        return (scalar_format(fmt),) * count
    if not isinstance(fmt, Sequence):
        raise FormatError(f"fmt={fmt!r} is no format, no name, and no sequence of them")
    given = tuple(scalar_format(item, f"fmt[{i}]") for i, item in enumerate(fmt))
    if len(given) != count:
        raise FormatError(
            f"fmt names {len(given)} formats for {count} operands; give one for all, or one each"
        )
    return given


def result_format(result: Format | str | None, formats: tuple[ScalarFormat, ...]) -> ScalarFormat:
    """Return the result format, by default that of all operands."""
    if result is not None:
        return scalar_format(result, "result")
    if any(item != formats[0] for item in formats):
        shown = ", ".join(repr(item.name) for item in formats)
        raise FormatError(f"result: the operands are {shown}; name the format of the result")
    return formats[0]


def can_follow(fmt: ScalarFormat, overflow: Overflow, options: Options) -> bool:
    """Return whether a format can follow an overflow policy."""
    try:
        check_options(fmt, options._replace(overflow=overflow))
    except FormatError:
        return False
    return True


def settings_of(
    result: ScalarFormat,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    bits: int = 8,
    flush_inputs: bool | None = None,
    flush_results: bool | None = None,
    tininess: Tininess | str | None = None,
    dialect: Dialect | str | None = None,
) -> Settings:
    """Return the settings of a call from its options."""
    manner = default_dialect(result) if dialect is None else dialect_of(dialect)
    mode = result.default_rounding if rounding is None else choose(Rounding, rounding, "rounding")
    if isinstance(nan, float | np.floating):
        nan = encode_one(float(nan), result)
    elif nan is not None:
        nan = integer_option(nan, 0, (1 << result.bits) - 1, "nan (an int is a code)")
    options = Options(
        rounding=mode,
        overflow=result.default_overflow,
        nan=nan,
        bits=integer_option(bits, 1, 52, "bits"),
        flush_input=None,
        flush_results=_switch(flush_results, manner.flush_results, "flush_results"),
        tininess=manner.tininess if tininess is None else choose(Tininess, tininess, "tininess"),
    )
    if overflow is not None:
        options = options._replace(overflow=choose(Overflow, overflow, "overflow"))
    elif manner.overflow is not None and can_follow(result, manner.overflow, options):
        options = options._replace(overflow=manner.overflow)
    check_options(result, options)
    flush = _switch(flush_inputs, manner.flush_inputs, "flush_inputs")
    return Settings(result, options, manner, flush)


def _switch(value: object, default: bool, name: str) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool | np.bool_):
        raise FormatError(f"{name}={value!r} is not True, False or None (the dialect's choice)")
    return bool(value)


def call_of(
    operands: Sequence[npt.ArrayLike],
    names: Sequence[str],
    fmt: Formats,
    *,
    result: Format | str | None,
    random_bits: npt.ArrayLike | None,
    rng: np.random.Generator | int | None,
    return_flags: bool,
    out: Array | None,
    **options: Any,
) -> Call:
    """Return a call with its operands broadcast together and every option checked."""
    formats = formats_of(fmt, len(operands))
    settings = settings_of(result_format(result, formats), **options)
    if _switch(return_flags, False, "return_flags"):
        refuse_flags(settings)
    flat, shape = broadcast(operands, names, formats)
    draws = randomness.source(
        settings.options.rounding, shape, random_bits, settings.options.bits, rng
    )
    target = as_output(out, shape, settings.result.code_dtype)
    return Call(flat, formats, shape, settings, draws, return_flags, target)


def refuse_flags(settings: Settings) -> None:
    """Refuse status flags where the result format or the dialect has none."""
    if not settings.result.has_flags:
        raise FormatError(
            f"return_flags: {settings.result.name!r} has none; its documents define no status flags"
        )
    if not settings.dialect.flag_bits:
        raise FormatError(f"return_flags: dialect {settings.dialect.name!r} has no status flags")


def broadcast(
    operands: Sequence[npt.ArrayLike], names: Sequence[str], formats: Sequence[ScalarFormat]
) -> tuple[tuple[Array, ...], tuple[int, ...]]:
    """Return operands as 1-D contiguous codes of one size, and their common shape."""
    arrays = [as_codes(x, f, name) for x, f, name in zip(operands, formats, names, strict=True)]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shown = ", ".join(f"{n} of shape {a.shape}" for n, a in zip(names, arrays, strict=True))
        raise FormatError(f"{shown} do not broadcast") from None
    spread = (np.broadcast_to(array, shape) for array in arrays)
    return tuple(np.ascontiguousarray(array).reshape(-1) for array in spread), shape


def lowered(settings: Settings) -> tuple[Grid, Projection]:
    """Return a float, fixed, posit or takum result format and a call as numbers."""
    fmt = settings.result
    if not isinstance(fmt, GridFormat):
        raise TypeError(f"{fmt.name!r} does not lower to a grid")
    grid, how = lower(fmt, settings.options)
    if settings.dialect.zero_sign is ZeroSign.PLUS:
        grid = grid._replace(negative_zero=0)
    code = settings.canonical_nan
    if code is not None:
        word = np.uint64(code)
        how = how._replace(nan_positive=word, nan_negative=word)
    return grid, how

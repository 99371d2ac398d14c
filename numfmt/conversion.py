"""Into a format with one rounding: encode, round, convert."""

from typing import Any

import numpy as np
import numpy.typing as npt

from . import randomness
from .arguments import Values, as_codes, as_output, as_values, integer_option, scalar_format
from .decoding import decode, decoded
from .dispatch import encode_one, encode_values, refused
from .errors import FormatError
from .families.base import Format, ScalarFormat
from .families.grid import GridFormat
from .lowering import Options
from .projection import check_residues
from .rounding import Overflow, Rounding, Tininess, choose

Array = npt.NDArray[Any]
Result = Array | tuple[Array, npt.NDArray[np.uint8]]


def _options(
    fmt: ScalarFormat,
    rounding: Rounding | str | None,
    overflow: Overflow | str | None,
    nan: float | int | None,
    bits: int,
    flush_input: int | None,
    flush_results: bool,
    tininess: Tininess | str,
) -> Options:
    mode = fmt.default_rounding if rounding is None else choose(Rounding, rounding, "rounding")
    policy = fmt.default_overflow if overflow is None else choose(Overflow, overflow, "overflow")
    if isinstance(nan, float | np.floating):
        nan = encode_one(float(nan), fmt)
    elif nan is not None:
        nan = integer_option(nan, 0, (1 << fmt.bits) - 1, "nan (an int is a code, a float a value)")
    return Options(
        rounding=mode,
        overflow=policy,
        nan=nan,
        bits=integer_option(bits, 1, 52, "bits"),
        flush_input=flush_input,
        flush_results=bool(flush_results),
        tininess=choose(Tininess, tininess, "tininess"),
    )


def _encoded(
    values: Values,
    fmt: ScalarFormat,
    options: Options,
    random_bits: object,
    rng: object,
    return_flags: bool,
    out: object,
    argument: str,
) -> Result:
    if return_flags and not fmt.has_flags:
        raise FormatError(
            f"return_flags: {fmt.name!r} has none; its documents define no status flags"
        )
    draws = randomness.source(options.rounding, values.shape, random_bits, options.bits, rng)
    target = as_output(out, values.shape, fmt.code_dtype)
    codes = np.empty(values.shape, fmt.code_dtype) if target is None else target
    direct = codes.flags.c_contiguous and not (
        target is not None and _overlaps(target, values.words, values.origin, random_bits)
    )
    flat = codes.reshape(-1) if direct else np.empty(values.words.size, fmt.code_dtype)
    flags = np.zeros(values.words.size, np.uint16) if return_flags else None
    encode_values(values, fmt, options, draws, flat, flags, argument)
    if not direct:
        codes[...] = flat.reshape(values.shape)
    return codes if flags is None else (codes, flags.astype(np.uint8).reshape(values.shape))


def _overlaps(out: Array, *inputs: object) -> bool:
    """Return whether `out` may share memory with an input that is read until the end."""
    return any(isinstance(x, np.ndarray) and np.may_share_memory(out, x) for x in inputs)


def encode(
    x: npt.ArrayLike,
    fmt: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
    flush_inputs: bool = False,
    flush_results: bool = False,
    tininess: Tininess | str = Tininess.AFTER,
    return_flags: bool = False,
    out: Array | None = None,
) -> Any:
    """Return the codes of `x` in `fmt`, with exactly one rounding.

    Parameters
    ----------
    x : array_like of real numbers, any shape
        float16, float32, float64, any integer dtype (64 bits are not narrowed), bool, or a type of
        ml_dtypes; anything with ``__array__`` or ``__dlpack__``.
    fmt : Format or str
        A scalar format, or a name.
    rounding : Rounding or str, optional
        How a value between two neighbours is resolved. Default: the format's own, nearest_even.
    overflow : Overflow or str, optional
        What becomes of a value past the largest finite one *after rounding*, and of infinity.
        Default: the format's own rule, ``finfo(fmt).overflow``.
    nan : float or int, optional
        What a NaN becomes: a float is a value to encode, an int is a code. Default: the format's
        NaN of the same sign; an error where there is none.
    random_bits : array_like of int, optional
        For a stochastic mode: integers below 2**bits, broadcast to the shape of `x`.
    bits : int
        Number of random bits, 1 to 52.
    rng : numpy.random.Generator or int, optional
        Instead of `random_bits`: a generator, or a seed under which element i's bits depend on i
        alone (see `numfmt.randomness.seeded`).
    flush_inputs, flush_results : bool
        Whether subnormals of the source type, or tiny results, become zero of the same sign.
    tininess : {'after', 'before'}
        When a result counts as tiny.
    return_flags : bool
        Also return the IEEE status flags of each element (`numfmt.Flags`).
    out : ndarray, optional
        Where to put the codes: same shape as `x`, dtype of the result.

    Returns
    -------
    ndarray of the smallest unsigned dtype that holds ``fmt.bits``, same shape as `x`
        With `return_flags`, a pair of it and a uint8 array.

    Raises
    ------
    FormatError
        A value has no code (NaN, infinity or a negative number in a format without), an option
        does not fit, or `x` is not of numbers taken exactly.

    References
    ----------
    IEEE 754-2019, 4.3 (rounding) and 7 (flags); IEEE P3109 4.0, 4.7.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.encode([1.0, 17.0, 500.0], "e4m3").tolist()
    [56, 88, 127]
    >>> nf.encode(500.0, "e4m3", overflow="saturate", return_flags=True)
    (array(126, dtype=uint8), array(5, dtype=uint8))
    """
    entry = scalar_format(fmt)
    values = as_values(x)
    flush = values.least_normal if flush_inputs else None
    options = _options(entry, rounding, overflow, nan, bits, flush, flush_results, tininess)
    return _encoded(values, entry, options, random_bits, rng, return_flags, out, "x")


def convert(
    codes: npt.ArrayLike,
    src: Format | str,
    dst: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
    flush_inputs: bool = False,
    flush_results: bool = False,
    tininess: Tininess | str = Tininess.AFTER,
    return_flags: bool = False,
    out: Array | None = None,
) -> Any:
    """Return the codes in `dst` of codes of `src`, with exactly one rounding.

    Parameters
    ----------
    codes : array_like of int, any shape
        Codes of `src`, of any unsigned dtype.
    src, dst : Format or str
        Scalar formats, or names; their values need not fit float64.
    rounding, overflow, nan, random_bits, bits, rng, flush_inputs, flush_results, tininess
        As in `encode`; `flush_inputs` flushes subnormals of `src`.
    return_flags, out
        As in `encode`.

    Returns
    -------
    ndarray of the smallest unsigned dtype that holds ``dst.bits``, same shape as `codes`

    Raises
    ------
    FormatError
        As `encode`; or a code is out of range.

    Examples
    --------
    >>> import numfmt as nf
    >>> [hex(code) for code in nf.convert([0x38, 0x7e], "e4m3", "bfloat16")]
    ['0x3f80', '0x43e0']
    """
    source, target = scalar_format(src, "src"), scalar_format(dst, "dst")
    array = as_codes(codes, source)
    values = _values_of_codes(array, source)
    flush = values.least_normal if flush_inputs else None
    options = _options(target, rounding, overflow, nan, bits, flush, flush_results, tininess)
    if options.overflow is Overflow.WRAP and isinstance(target, GridFormat) and not source.dyadic:
        check_residues(array.reshape(-1), source, target)
    return _encoded(values, target, options, random_bits, rng, return_flags, out, "codes")


def _values_of_codes(array: Array, source: ScalarFormat) -> Values:
    """Return codes as values: float64 where that holds them all, else the codes themselves."""
    flat = array.reshape(-1)
    least = getattr(source, "emin", None)
    if source.fits_float64:
        words = decoded(flat, source, np.dtype(np.float64)).view(np.uint64)
        return Values(words, "float64", array.shape, least, flat, source)
    return Values(flat, "codes", array.shape, least, flat, source)


def without_code(
    codes: npt.ArrayLike,
    src: Format | str,
    dst: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    flush_inputs: bool = False,
) -> npt.NDArray[np.bool_]:
    """Return where `convert` would raise because a value has no code; options as there.

    Examples
    --------
    >>> without_code([0x7e, 0x7f], "e4m3", "e2m1").tolist()
    [False, True]
    """
    source, target = scalar_format(src, "src"), scalar_format(dst, "dst")
    array = as_codes(codes, source)
    values = _values_of_codes(array, source)
    flush = values.least_normal if flush_inputs else None
    options = _options(target, rounding, overflow, nan, 8, flush, False, Tininess.AFTER)
    none = randomness.source(options.rounding, array.shape, None, 8, None)
    return refused(values, target, options, none).reshape(array.shape)


def round(
    x: npt.ArrayLike,
    fmt: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
    nan: float | int | None = None,
    random_bits: npt.ArrayLike | None = None,
    bits: int = 8,
    rng: np.random.Generator | int | None = None,
    flush_inputs: bool = False,
    flush_results: bool = False,
    tininess: Tininess | str = Tininess.AFTER,
    return_flags: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Any:
    """Return `x` rounded to values of `fmt`: ``decode(encode(x))``.

    Parameters
    ----------
    x, fmt, rounding, overflow, nan, random_bits, bits, rng
        As in `encode`.
    flush_inputs, flush_results, tininess, return_flags
        As in `encode`.
    dtype : {float64, float32}
        Type of the result; every value of the format must fit it.

    Returns
    -------
    ndarray of `dtype`, same shape as `x`
        With `return_flags`, a pair of it and a uint8 array.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.round([0.3, -7.1, 500.0], "e4m3", overflow="saturate").tolist()
    [0.3125, -7.0, 448.0]
    """
    encoded = encode(
        x,
        fmt,
        rounding=rounding,
        overflow=overflow,
        nan=nan,
        random_bits=random_bits,
        bits=bits,
        rng=rng,
        flush_inputs=flush_inputs,
        flush_results=flush_results,
        tininess=tininess,
        return_flags=return_flags,
    )
    if return_flags:
        return decode(encoded[0], fmt, dtype=dtype), encoded[1]
    return decode(encoded, fmt, dtype=dtype)

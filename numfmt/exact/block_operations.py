"""Block operations of IEEE P3109 Interim Report 4.0, section 5, on one block at a time.

A block is a scale and elements, each a code of its format. Everything is exact arithmetic on
extended reals and one projection at the end. No operation returns -0. Where the caller names no
rounding and overflow, the result format's own are used. Stochastic modes are not covered, and of
the operations on elements those that `block_operation` lists.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from ..errors import FormatError
from ..families.base import Format
from ..rounding import Overflow, Rounding
from .data import Datum, Number, datum
from .decoding import decode
from .extended import (
    NAN,
    ONE,
    ZERO,
    absolute,
    add,
    divide,
    is_infinite,
    is_nan,
    is_zero,
    larger,
    less,
    multiply,
    negate,
    number,
    subtract,
    total,
)
from .projection import encode


class Block(NamedTuple):
    """A scale and elements, as codes, with their formats; any tuple of the four will do."""

    scale: int
    elements: Sequence[int]
    scale_format: Format | str
    element_format: Format | str


Operand: TypeAlias = Block | tuple[int, Sequence[int], Format | str, Format | str]


def _decoded(code: int, fmt: Format | str) -> Datum:
    """Return what a code stands for; P3109 decodes -0 to 0 and has one NaN."""
    if isinstance(code, bool) or not isinstance(code, int):
        raise FormatError(f"{code!r} is no code; codes are integers")
    found = decode(code, fmt)
    return found._replace(sign=0) if is_nan(found) or is_zero(found) else found


def _projected(
    x: Datum, fmt: Format | str, rounding: Rounding | str | None, overflow: Overflow | str | None
) -> int:
    """Return the code of an extended real projected to a format; a zero is +0."""
    x = x._replace(sign=0) if is_nan(x) or is_zero(x) else x
    code = encode(x, fmt, rounding=rounding, overflow=overflow)[0]
    return encode(ZERO, fmt)[0] if is_zero(decode(code, fmt)) else code


def block_decode(block: Operand) -> list[Datum]:
    """Return the values of a block, scale times element.

    0 times infinity is NaN, and a NaN scale makes every value NaN.

    Examples
    --------
    >>> [x.value for x in block_decode((0x80, [0x48, 0x50], "Binary8p1uf", "Binary8p4se"))]
    [Fraction(2, 1), Fraction(4, 1)]
    """
    if len(block) != 4 or not isinstance(block[1], Sequence):
        raise FormatError(f"{block!r} is no block (scale, elements, scale format, element format)")
    s, elements, fs, fx = block
    if not elements:
        raise FormatError("a block has at least one element")
    scale = _decoded(s, fs)
    return [multiply(scale, _decoded(x, fx)) for x in elements]


def block_project(
    values: Sequence[Number],
    s: int,
    fs: Format | str,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> list[int]:
    """Return the elements in `fr` of values under a scale that is given, a code of `fs`.

    NaN where the scale or the value is NaN; 0 where the scale is 0, even for an infinity; the
    product of the signs where the scale is infinite; else the quotient, rounded once.

    Examples
    --------
    >>> from numfmt.exact import datum
    >>> block_project([datum(3), datum(-1)], 0x81, "Binary8p1uf", "Binary8p4se")
    [68, 184]
    """
    scale = _decoded(s, fs)
    return [_projected(_over(datum(x), scale), fr, rounding, overflow) for x in values]


def _over(x: Datum, s: Datum) -> Datum:
    if is_nan(x, s):
        return NAN
    if is_zero(s) or is_zero(x):
        return ZERO
    if is_infinite(s):
        return number(Fraction(-1 if x.sign ^ s.sign else 1))
    return divide(x, s)


def convert_from_block(
    block: Operand,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> list[int]:
    """Return the values of a block, each projected to `fr`.

    Examples
    --------
    >>> convert_from_block((0x81, [0x48], "Binary8p1uf", "Binary8p4se"), "binary32")
    [1082130432]
    """
    return [_projected(x, fr, rounding, overflow) for x in block_decode(block)]


def convert_to_block(
    x: Sequence[int],
    fx: Format | str,
    s: int,
    fs: Format | str,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> tuple[int, list[int]]:
    """Return the given scale and the elements in `fr` of codes of `fx`.

    Examples
    --------
    >>> convert_to_block([0x3f800000], "binary32", 0x81, "Binary8p1uf", "Binary8p4se")
    (129, [56])
    """
    values = [_decoded(code, fx) for code in x]
    return s, block_project(values, s, fs, fr, rounding=rounding, overflow=overflow)


def convert_to_block_max_abs_finite(
    x: Sequence[int],
    fx: Format | str,
    fs: Format | str,
    fr: Format | str,
    *,
    scale_rounding: Rounding | str | None = None,
    scale_overflow: Overflow | str | None = None,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> tuple[int, list[int]]:
    """Return scale and elements of codes of `fx`, the scale being the largest finite magnitude.

    It is infinite if nothing is finite but something infinite, and NaN if all is NaN. Elements
    are divided by the scale as it was rounded into `fs`.

    Examples
    --------
    >>> convert_to_block_max_abs_finite(
    ...     [0x3f800000, 0xc0400000], "binary32", "Binary8p1uf", "Binary8p4se",
    ...     scale_rounding="toward_positive")
    (130, [48, 188])
    """
    top = NAN
    for code in x:
        top = _maximum_finite(top, absolute(_decoded(code, fx)))
    s = _projected(top, fs, scale_rounding, scale_overflow)
    return convert_to_block(x, fx, s, fs, fr, rounding=rounding, overflow=overflow)


def _maximum_finite(x: Datum, y: Datum) -> Datum:
    """Return MaximumFinite (4.11): a finite operand wins, NaN is dropped."""
    if is_nan(x):
        return y
    if is_nan(y):
        return x
    if x.finite != y.finite:
        return x if x.finite else y
    return larger(x, y)


def block_reduce_add(
    block: Operand,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> int:
    """Return the sum of the values of a block, rounded once into `fr`.

    Examples
    --------
    >>> block_reduce_add((0x80, [0x40, 0x48], "Binary8p1uf", "Binary8p4se"), "Binary8p4se")
    76
    """
    return _projected(total(block_decode(block)), fr, rounding, overflow)


def block_reduce_multiply(
    block: Operand,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> int:
    """Return the product of the values of a block, rounded once into `fr`.

    Examples
    --------
    >>> block_reduce_multiply((0x81, [0x40, 0x40], "Binary8p1uf", "Binary8p4se"), "Binary8p4se")
    80
    """
    product = ONE
    for x in block_decode(block):
        product = multiply(product, x)
    return _projected(product, fr, rounding, overflow)


def block_dot_product(
    a: Operand,
    b: Operand,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> int:
    """Return the dot product of two blocks of the same length, rounded once into `fr`.

    Examples
    --------
    >>> a = (0x81, [0x40, 0x48], "Binary8p1uf", "Binary8p4se")
    >>> hex(block_dot_product(a, a, "binary32"))
    '0x41a00000'
    """
    pairs = zip(*_alike([a, b]), strict=True)
    return _projected(total(multiply(x, y) for x, y in pairs), fr, rounding, overflow)


def _convert(x: Datum) -> Datum:
    return x


def _divide(x: Datum, y: Datum) -> Datum:
    """Return x / y; anything over 0 is NaN (4.10.5)."""
    return NAN if is_zero(y) else divide(x, y)


def _fma(x: Datum, y: Datum, z: Datum) -> Datum:
    return add(multiply(x, y), z)


def _faa(x: Datum, y: Datum, z: Datum) -> Datum:
    return total((x, y, z))


def _minimum(x: Datum, y: Datum) -> Datum:
    if is_nan(x, y):
        return NAN
    return y if less(y, x) else x


def _maximum(x: Datum, y: Datum) -> Datum:
    return NAN if is_nan(x, y) else larger(x, y)


_OPERATIONS: dict[str, tuple[int, Callable[..., Datum]]] = {
    "convert": (1, _convert),
    "negate": (1, negate),
    "abs": (1, absolute),
    "add": (2, add),
    "subtract": (2, subtract),
    "multiply": (2, multiply),
    "divide": (2, _divide),
    "minimum": (2, _minimum),
    "maximum": (2, _maximum),
    "fma": (3, _fma),
    "faa": (3, _faa),
}


def _alike(operands: Sequence[Operand]) -> list[list[Datum]]:
    """Return the values of blocks of one length."""
    values = [block_decode(block) for block in operands]
    if len({len(row) for row in values}) > 1:
        raise FormatError(
            f"blocks have {', '.join(str(len(v)) for v in values)} elements; one length is wanted"
        )
    return values


def block_operation(
    operation: str,
    operands: Sequence[Operand],
    s: int,
    fs: Format | str,
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> tuple[int, list[int]]:
    """Return the given scale and the elements in `fr` of an operation on each place of blocks.

    Parameters
    ----------
    operation : str
        ``convert``, ``negate``, ``abs``, ``add``, ``subtract``, ``multiply``, ``divide``,
        ``minimum``, ``maximum``, ``fma`` or ``faa``.
    operands : sequence of Block
        As many blocks as the operation takes, of one length.
    s : int
        Scale of the result, a code of `fs`.
    fs, fr : Format or str
        Formats of the scale and the elements of the result.
    rounding, overflow : optional
        How elements are projected.

    Raises
    ------
    FormatError
        The operation is not known or takes another number of operands.

    Examples
    --------
    >>> a = (0x81, [0x40, 0x48], "Binary8p1uf", "Binary8p4se")
    >>> block_operation("add", [a, a], 0x82, "Binary8p1uf", "Binary8p4se")
    (130, [64, 72])
    """
    if not isinstance(operation, str) or operation not in _OPERATIONS:
        raise FormatError(f"operation={operation!r} is not one of {', '.join(_OPERATIONS)}")
    count, function = _OPERATIONS[operation]
    if len(operands) != count:
        raise FormatError(f"operation={operation!r} takes {count} operands, not {len(operands)}")
    places = zip(*_alike(operands), strict=True)
    values = [function(*place) for place in places]
    return s, block_project(values, s, fs, fr, rounding=rounding, overflow=overflow)


def scaled_operation(
    operation: str,
    operands: Sequence[tuple[int, int, Format | str, Format | str]],
    fr: Format | str,
    *,
    rounding: Rounding | str | None = None,
    overflow: Overflow | str | None = None,
) -> int:
    """Return an operation on scaled operands (s, x, fs, fx), projected to `fr` without a scale.

    Examples
    --------
    >>> scaled_operation("multiply", [(0x81, 0x40, "Binary8p1uf", "Binary8p4se")] * 2, "binary32")
    1082130432
    """
    blocks = [Block(s, [x], fs, fx) for s, x, fs, fx in operands]
    one = encode(1, "binary32")[0]
    found = block_operation(
        operation, blocks, one, "binary32", fr, rounding=rounding, overflow=overflow
    )
    return found[1][0]

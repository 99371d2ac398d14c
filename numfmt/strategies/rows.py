"""Operands of one operation: rows that hit a corner, dot products with a plan, blocks."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from ..arguments import integer_option, scalar_format
from ..errors import FormatError
from ..families.base import Format, ScalarFormat
from ..vectors import Spec
from ..vectors.corners import CORNERS, CornerClass
from ..vectors.corners.engine import refuses
from ..vectors.operations import Column
from ..vectors.streams import Stream
from .batches import Shape, remember
from .codes import Codes, bits, code_classes
from .numbers import negated, numbers_of

Row: TypeAlias = tuple[int | tuple[int, ...], ...]
_BINS_TRIED = 4
_ROWS_TRIED = 8


def operands(
    op: str,
    fmt: Format | str | tuple[Any, ...],
    classes: Iterable[str] | str | None = None,
    **options: Any,
) -> st.SearchStrategy[Row]:
    """Draw rows of operand codes for an operation, half of them made for a corner of it.

    A corner is drawn as a class, a bin and a seed, and its operands are solved for as those of
    `numfmt.vectors` are: rounding bits, shifts, cancellation, overflow, ... The rest are any codes,
    drawn as by `bits`; all rows shrink to few and short codes, where `classes` is not given.

    Parameters
    ----------
    op : str
        An operation of `numfmt.vectors`: ``add``, ``fma``, ``convert``, ``dot``, ...
    fmt : Format, str or tuple of them
        As in `numfmt.vectors.Spec`.
    classes : iterable of str, optional
        Only rows of these classes of corners. Default: of all that apply, and others.
    **options
        Further fields of `numfmt.vectors.Spec`: ``dst``, ``k``, ``dialect``, ...

    Returns
    -------
    strategy of tuple
        The codes, in the order of the operand columns; where a column has several elements, a
        tuple of them. Rows that the result format has no answer to are left out.

    Raises
    ------
    FormatError
        The fields make no spec, or a class is unknown or means nothing to the operation.

    Examples
    --------
    >>> from numfmt.strategies import simplest
    >>> simplest(operands("add", "e4m3"), lambda row: row[0] > 0)
    (56, 0)
    """
    spec = Spec(op=op, fmt=fmt, exhaustive=False, **options)
    apply = {corner.name: corner for corner in CORNERS if corner.applies(spec)}
    wanted: Iterable[str] = apply
    if classes is not None:
        wanted = classes.split(",") if isinstance(classes, str) else list(classes)
        for name in wanted:
            if name not in apply:
                raise FormatError(
                    f"classes: {name!r} is not one of {', '.join(apply)}, the classes of corners "
                    f"that {spec} has"
                )
    corners = [_corner_rows(spec, apply[name]) for name in wanted]
    drawn = st.one_of(*corners) if corners else st.nothing()
    if classes is None:
        blunted = _blunted(spec, drawn)
        drawn = st.one_of(_any_rows(spec), blunted, blunted)  # two rows of three are of corners
    shape = Shape(
        formats=tuple(column.fmt for column in spec.operands),
        widths=tuple(column.width for column in spec.operands),
        counts=tuple(column.count for column in spec.operands),
        names=tuple(column.name for column in spec.operands),
        refused=_refusal(spec),
    )
    return remember(drawn, shape, str(spec))


def _refusal(spec: Spec) -> Callable[[dict[str, Any]], Any] | None:
    refused = spec.operation.refused
    return None if refused is None else lambda columns: refused(spec, columns)


def _any_rows(spec: Spec) -> st.SearchStrategy[Row]:
    drawn: st.SearchStrategy[Row] = st.tuples(*(_of_column(column) for column in spec.operands))
    if spec.operation.refused is not None:
        drawn = drawn.filter(lambda row: not refuses(spec, row))
    return drawn


def _of_column(column: Column) -> st.SearchStrategy[Any]:
    if column.fmt is None:
        element = st.integers(0, (1 << column.width) - 1)
    else:
        element = bits(column.fmt)
    if column.count == 1:
        return element
    return st.lists(element, min_size=column.count, max_size=column.count).map(tuple)


def _corner_rows(spec: Spec, corner: CornerClass) -> st.SearchStrategy[Row]:
    """Draw rows that hit bins of a class."""

    def solved(start: int, seed: int) -> Row | None:
        bins = corner.bins(spec)
        for wanted in (bins[(start + step) % len(bins)] for step in range(_BINS_TRIED)):
            if corner.unreachable(spec, wanted) is not None:
                continue
            stream = Stream(seed, f"strategy {corner.name} {wanted}")
            for row in itertools.islice(corner.solve(spec, wanted, stream), _ROWS_TRIED):
                if wanted in corner.hits(spec, row) and not refuses(spec, row):
                    return row
        return None

    count = len(corner.bins(spec))
    if not count:
        return st.nothing()
    rows = st.builds(solved, st.integers(0, count - 1), st.integers(0, (1 << 32) - 1))
    return rows.filter(lambda row: row is not None)  # type: ignore[return-value]


def _blunted(spec: Spec, rows: st.SearchStrategy[Row]) -> st.SearchStrategy[Row]:
    """Draw rows of corners with the last digits of some codes cleared: to shrink by that.

    Unless Hypothesis shrinks, most codes keep all of their digits. There are more choices than in
    a row of any codes, so that those are preferred.
    """
    widths = [column.width for column in spec.operands for _ in range(column.count)]
    kept = [st.integers(0, 32 * width) for width in widths]
    nothing: list[st.SearchStrategy[Any]] = [st.integers(0, 0)] * 4 * len(widths)

    def cut(row: Row, digits: tuple[int, ...]) -> Row:
        left = iter(zip(digits, widths, strict=True))

        def short(code: int) -> int:
            keep, width = next(left)
            lost = max(width - keep, 0)
            return code >> lost << lost

        return tuple(
            short(part) if isinstance(part, int) else tuple(map(short, part)) for part in row
        )

    drawn = st.tuples(rows, st.tuples(*kept), *nothing).map(lambda parts: cut(parts[0], parts[1]))
    return drawn.filter(lambda row: _readable(spec, row) and not refuses(spec, row))


def _readable(spec: Spec, row: Row) -> bool:
    """Return whether every code stands for something."""
    for column, part in zip(spec.operands, row, strict=True):
        unused = column.fmt.unused_codes() if isinstance(column.fmt, ScalarFormat) else ()
        if unused and not set(unused).isdisjoint((part,) if isinstance(part, int) else part):
            return False
    return True


# --- dot products

Pair: TypeAlias = tuple[int, int]
DotRow: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


def dot_operands(
    fmt: Format | str | tuple[Format | str, Format | str], k: int, pattern: str | None = None
) -> st.SearchStrategy[DotRow]:
    """Draw the operands of a dot product of k terms, by a plan that is hard on an accumulator.

    Parameters
    ----------
    fmt : Format, str or pair of them
        Of both operands, or of each.
    k : int
        Terms, 1 to 65536.
    pattern : str, optional
        Default: any of those that the formats allow.

        ================  ====================================================================
        ``any``           codes as `bits` draws them
        ``powers``        all factors are powers of two: products far apart
        ``carry``         all products are the largest one
        ``cancellation``  pairs of products that cancel exactly, and perhaps one that stays
        ``large_small``   one large product somewhere among small equal ones
        ``zeros``         all products are zeros of some sign
        ``specials``      NaN or infinity on one side, its partner a zero, an infinity or NaN
        ================  ====================================================================

    Returns
    -------
    strategy of (tuple of int, tuple of int)
        k codes of each operand.

    Raises
    ------
    FormatError
        The pattern is unknown, or the formats have no codes for it.

    Examples
    --------
    >>> import numfmt as nf
    >>> from numfmt.strategies import simplest
    >>> a, b = simplest(dot_operands("e4m3", 4, "cancellation"), lambda row: any(row[0]))
    >>> nf.exact.decode(nf.exact.dot(a, b, formats="e4m3", accumulator=nf.Exact(output="binary32")),
    ...                 "binary32").value
    Fraction(0, 1)
    """
    pair = fmt if isinstance(fmt, tuple) else (fmt, fmt)
    if len(pair) != 2:
        raise FormatError(f"fmt={fmt!r} is not a format, or a pair of them")
    integer_option(k, 1, 1 << 16, "k")
    formats = (scalar_format(pair[0]), scalar_format(pair[1]))
    plans = {name: plan(formats, k) for name, plan in _PLANS.items()}
    return _chosen({name: plan for name, plan in plans.items() if plan is not None}, pattern)


def _chosen(
    plans: dict[str, st.SearchStrategy[DotRow]], pattern: str | None
) -> st.SearchStrategy[DotRow]:
    """Return the strategy of a pattern, or of all."""
    if pattern is None:
        return st.one_of(*plans.values())
    if pattern not in plans:
        raise FormatError(
            f"pattern={pattern!r} is not one of {', '.join(plans)}, which these formats allow"
        )
    return plans[pattern]


def _lists(pairs: st.SearchStrategy[Pair], k: int) -> st.SearchStrategy[DotRow]:
    return st.lists(pairs, min_size=k, max_size=k).map(_unzipped)


def _unzipped(pairs: list[Pair]) -> DotRow:
    return tuple(a for a, _ in pairs), tuple(b for _, b in pairs)


def _class(fmt: ScalarFormat, *names: str) -> Codes | None:
    """Draw codes of those of the classes that a format has; None if it has none of them."""
    there = [name for name in names if name in code_classes(fmt)]
    return bits(fmt, there) if there else None


_Formats: TypeAlias = tuple[ScalarFormat, ScalarFormat]
_Plan: TypeAlias = st.SearchStrategy[DotRow] | None


def _pairs_of(formats: _Formats, *names: str) -> st.SearchStrategy[Pair] | None:
    sides = [_class(fmt, *names) for fmt in formats]
    if sides[0] is None or sides[1] is None:
        return None
    return st.tuples(sides[0], sides[1])


def _any_dot(formats: _Formats, k: int) -> _Plan:
    return _lists(st.tuples(bits(formats[0]), bits(formats[1])), k)


def _powers_dot(formats: _Formats, k: int) -> _Plan:
    pairs = _pairs_of(formats, "power_of_two")
    return None if pairs is None else _lists(pairs, k)


def _carry_dot(formats: _Formats, k: int) -> _Plan:
    tops = tuple(fmt.largest_code(0) for fmt in formats)
    signs = [(top, negated(top, fmt)) for top, fmt in zip(tops, formats, strict=True)]
    choices = [tops]
    choices += [(low, tops[1]) for low in signs[0][1:] if low is not None]
    drawn = st.sampled_from(choices)
    return drawn.map(lambda pair: ((pair[0],) * k, (pair[1],) * k))


def _cancelling_dot(formats: _Formats, k: int) -> _Plan:
    sides = [fmt for fmt in formats if fmt.signed_values]
    pairs = _pairs_of(formats, "zero", "power_of_two", "normal", "subnormal")
    if not sides or pairs is None or k < 2:
        return None
    first = formats[0].signed_values

    def opposite(pair: Pair) -> Pair | None:
        minus = negated(pair[0] if first else pair[1], formats[0] if first else formats[1])
        if minus is None:
            return None
        return (minus, pair[1]) if first else (pair[0], minus)

    def row(halves: list[Pair], rest: list[Pair], order: list[int]) -> DotRow:
        terms = [term for pair in halves for term in (pair, opposite(pair))] + list(rest)
        assert None not in terms
        return _unzipped([terms[place] for place in order])  # type: ignore[misc]

    kept = pairs.filter(lambda pair: opposite(pair) is not None)
    zeros = _pairs_of(formats, "zero")
    rest = st.lists(pairs if zeros is None else zeros, min_size=k % 2, max_size=k % 2)
    halves = st.lists(kept, min_size=k // 2, max_size=k // 2)
    return st.builds(row, halves, rest, st.permutations(range(k)))


def _large_small_dot(formats: _Formats, k: int) -> _Plan:
    numbers = [numbers_of(fmt) for fmt in formats]
    ends = [
        (st.sampled_from([n.code(n.high), n.code(max(n.high - 1, n.low))]), n.code(max(n.low, 1)))
        for n in numbers
        if n.high >= 1
    ]
    small = _pairs_of(formats, "power_of_two", "subnormal", "normal")
    if len(ends) < 2 or small is None:
        return None
    least = (ends[0][1], ends[1][1])

    def row(large: Pair, other: Pair, place: int, at_both: bool) -> DotRow:
        terms = [other] * k
        terms[place] = large
        if at_both:
            terms[-1 - place] = large
        return _unzipped(terms)

    large = st.tuples(ends[0][0], ends[1][0])
    return st.builds(row, large, st.just(least) | small, st.integers(0, k - 1), st.booleans())


def _zero_dot(formats: _Formats, k: int) -> _Plan:
    finite = ("zero", "power_of_two", "normal", "subnormal")
    zeros = [_class(fmt, "zero") for fmt in formats]
    others = [_class(fmt, *finite) for fmt in formats]
    pairs = []
    if zeros[0] is not None and others[1] is not None:
        pairs.append(st.tuples(zeros[0], others[1]))
    if zeros[1] is not None and others[0] is not None:
        pairs.append(st.tuples(others[0], zeros[1]))
    return _lists(st.one_of(pairs), k) if pairs else None


def _special_dot(formats: _Formats, k: int) -> _Plan:
    special = [_class(fmt, "infinity", "nan") for fmt in formats]
    partner = [_class(fmt, "zero", "power_of_two", "infinity", "nan") for fmt in formats]
    pairs = []
    if special[0] is not None and partner[1] is not None:
        pairs.append(st.tuples(special[0], partner[1]))
    if special[1] is not None and partner[0] is not None:
        pairs.append(st.tuples(partner[0], special[1]))
    if not pairs:
        return None
    others = st.lists(st.tuples(bits(formats[0]), bits(formats[1])), min_size=k, max_size=k)

    def row(terms: list[Pair], one: Pair, place: int) -> DotRow:
        return _unzipped([*terms[:place], one, *terms[place + 1 :]])

    return st.builds(row, others, st.one_of(pairs), st.integers(0, k - 1))


_PLANS: Final[dict[str, Callable[[_Formats, int], _Plan]]] = {
    "any": _any_dot,
    "powers": _powers_dot,
    "carry": _carry_dot,
    "cancellation": _cancelling_dot,
    "large_small": _large_small_dot,
    "zeros": _zero_dot,
    "specials": _special_dot,
}

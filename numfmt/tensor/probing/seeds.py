"""Where a fit starts: orders that the structural probes read, and every family of accumulators."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...families.floats import FloatFormat
from ...matrix_units.accumulators import (
    Accumulator,
    Aligned,
    Compensated,
    Exact,
    Pairwise,
    ProductTable,
    Sequential,
)
from ...matrix_units.plans import Deal, Lanes, Plan, Promotion, Reordered, StartOfC
from ...matrix_units.unit import Unit
from ...rounding import Overflow, Rounding
from .alphabets import alphabet
from .box import Shape
from .models import model_of, policies_of
from .signatures import Signature

Array = npt.NDArray[Any]

_USUAL = (Rounding.NEAREST_EVEN, Rounding.TOWARD_ZERO)
_WITHOUT_READING = tuple(range(8, 51, 3))


def order_of(hidden: Array) -> tuple[int, ...] | None:
    """Return the order in which products are added, for one period of it; None if ascending."""
    k = hidden.shape[0] - 1
    known = np.nan_to_num(hidden, nan=0.0)
    beside_c = known[k, :k]
    if beside_c.max(initial=0) == beside_c.min(initial=0):
        # c joins last: the term that hides the others most was first.
        between = known[:k, :k]
        first = int(between.sum(axis=1).argmax()) if k else 0
        beside_c = between[first].copy() if k else beside_c
        if k:
            beside_c[first] = np.inf
    order = np.argsort(-beside_c, kind="stable")
    for period in range(1, k + 1):
        if k % period:
            continue
        head = order[:period]
        starts = np.arange(0, k, period)[:, None]
        if np.array_equal((starts + head).reshape(-1), order):
            return None if period == 1 else tuple(int(i) for i in head)
    return None


def plans_of(shape: Shape, signature: Signature) -> list[Plan | None]:
    """Return how products may be dealt before they are accumulated."""
    order = order_of(signature.hidden)
    found: list[Plan | None] = [None]
    if order is not None:
        found.append(Reordered(order=order))
    return found


def lanes_of(shape: Shape) -> Iterator[Plan]:
    """Yield plans of several runs, whose results are added."""
    counts = [n for n in range(2, min(shape.k, 8) + 1) if shape.k % n == 0]
    for count, deal, c in itertools.product(counts, Deal, StartOfC):
        if count < shape.k or deal is Deal.CONTIGUOUS:
            yield Lanes(count=count, deal=deal, c=c)
    for every in (n for n in range(2, shape.k // 2 + 1) if shape.k % n == 0 and shape.k // n > 8):
        yield Promotion(every=every)


def _digits_read(signature: Signature) -> tuple[int, ...]:
    read = {n for n in signature.fraction_bits.values() if n is not None and n <= 50}
    return tuple(sorted(read)) or _WITHOUT_READING


def _blocks_read(shape: Shape, signature: Signature) -> tuple[int, ...]:
    """Return lengths of blocks that the counts of hidden products speak for, and usual ones."""
    counts = signature.hidden[np.isfinite(signature.hidden)]
    read = {int(shape.k - n) for n in np.unique(counts)[:8]}
    usual = {n for n in range(1, shape.k + 1) if shape.k % n == 0}
    return tuple(sorted(n for n in read | usual if 1 <= n <= shape.k))


def _aligned(shape: Shape, signature: Signature) -> Iterator[tuple[str, Accumulator]]:
    output = shape.output
    if not isinstance(output, FloatFormat) or not output.has_nan:
        return
    policies = policies_of(output)
    overflow = Overflow.INFINITY if Overflow.INFINITY in policies else policies[0]
    reading = signature.output[0]
    named = {"RZ": Rounding.TOWARD_ZERO, "RNE": Rounding.NEAREST_EVEN}
    rounding = named.get(reading)
    roundings = _USUAL if rounding is None else (rounding,)
    kept = signature.output[1]
    keeps = (None,) if kept >= output.precision - 1 or not kept else (None, kept)
    c_cut = {"RD": Rounding.TOWARD_NEGATIVE, "RZ": Rounding.TOWARD_ZERO}.get(signature.c_rounding)
    for bits, block, rounding, keep in itertools.product(
        _digits_read(signature), _blocks_read(shape, signature), roundings, keeps
    ):
        common: dict[str, Any] = {
            "output": output,
            "overflow": overflow,
            "block": block,
            "fraction_bits": bits,
            "rounding": rounding,
            "keep": keep,
        }
        yield "aligned", Aligned(**common)
        yield "aligned, c added at the end", Aligned(**common, late_add=Rounding.NEAREST_EVEN)
        common |= {"c": "after", "late_cut": c_cut or Rounding.TOWARD_NEGATIVE, "c_bits": bits}
        for halves in (1, 2):
            # What was read may be digits of the terms or of their sum.
            for terms, total in ((bits, min(bits + 7, 50)), (min(bits + 4, 50), bits)):
                common |= {"halves": halves, "fraction_bits": terms, "sum_bits": total}
                yield "aligned, c after the products", Aligned(**common)


def _stepwise(shape: Shape, signature: Signature) -> Iterator[tuple[str, Accumulator]]:
    output = shape.output
    floating = isinstance(output, FloatFormat)
    policies = policies_of(output)[: 1 if floating else None]
    roundings = (*_USUAL, Rounding.TO_ODD) if floating else (None,)
    blocks = _blocks_read(shape, signature)
    common: dict[str, Any]
    if signature.products is not None:
        codes = alphabet(output).of(signature.products)
        table = ProductTable(format=output, codes=codes)
        for block, policy in itertools.product(blocks, policies):
            common = {"output": output, "overflow": policy, "product": table}
            yield "exact blocks of products by table", Exact(**common, block=block)
    for block, policy, mode in itertools.product(blocks, policies, roundings):
        common = {"output": output, "overflow": policy, "rounding": mode}
        if block == 1 and floating:
            yield "fused multiply-adds", Sequential(**common)
            yield "products rounded, then added", Sequential(**common, product=output)
            continue
        yield "exact blocks", Exact(**common, block=block)
        if floating:
            yield "exact blocks, rounded before c", Exact(**common, block=block, late=True)
            for arity in (n for n in (2, 3, 4, 8) if n < block or n == 2):
                yield "trees", Pairwise(**common, block=block, arity=arity)
    if floating:
        for method in ("kahan", "neumaier"):
            yield "compensated", Compensated(output=output, method=method)


def seeds(shape: Shape, signature: Signature) -> Iterator[tuple[str, Unit]]:
    """Yield models to start from, with the name of their family."""
    for plan in plans_of(shape, signature):
        for family, accumulator in (*_stepwise(shape, signature), *_aligned(shape, signature)):
            yield family, model_of(shape, accumulator, plan)


def lane_seeds(shape: Shape, signature: Signature) -> Iterator[tuple[str, Unit]]:
    """Yield models of several runs: of fused multiply-adds, exact and aligned blocks."""
    output = shape.output
    digits = _digits_read(signature)
    for plan in lanes_of(shape):
        length = shape.k // getattr(plan, "count", 1)
        for mode in _USUAL:
            common: dict[str, Any] = {
                "output": output, "overflow": policies_of(output)[0], "rounding": mode,
            }  # fmt: skip
            yield "lanes of fused multiply-adds", model_of(shape, Sequential(**common), plan)
            yield "lanes of exact sums", model_of(shape, Exact(**common), plan)
            if isinstance(output, FloatFormat) and output.has_nan and len(digits) <= 6:
                for bits in digits:
                    yield (
                        "lanes of aligned sums",
                        model_of(shape, Aligned(**common, block=length, fraction_bits=bits), plan),
                    )

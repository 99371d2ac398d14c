"""The arithmetic of x86 dot-product instructions, written to be read.

A number is a float64 value and, beside it, the code of its NaN (0: it is none). The product of two
elements is exact in float64. A sum is cut to an odd float64 where it is not exact (`to_odd`), so
that rounding it once more to 24 digits or fewer is the one rounding of the exact sum.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
from x86_stimuli import Float, Instruction


class Numbers(NamedTuple):
    """Values, and the codes of those that are NaNs."""

    value: np.ndarray
    nan: np.ndarray

    def at(self, k: int) -> "Numbers":
        """Return the column `k`."""
        return Numbers(self.value[:, k], self.nan[:, k])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """How an instruction computes; the recordings decide about every field.

    A product of index k belongs to the chain `k % chains` (or to the first or second half of k),
    which is a sequence of fused multiply-adds. C is what the first chain starts from, and the
    chains are added, the first one first; or their sum is added to C; or they are, one by one.
    """

    chains: int = 1
    halves: bool = False
    descending: bool = False
    swapped: bool = False  # k = 1, 0, 3, 2, ...
    c: Literal["first", "last", "one by one"] = "first"
    fused: bool = True
    flush_elements: bool = False  # subnormal A and B
    flush_c: bool = False
    flush_sums: bool = False  # tiny results of every step but the last
    flush_result: bool = False
    tininess: Literal["after", "before"] = "after"  # rounding
    nan: str = "abc"  # of a * b + c: whose NaN is delivered, the first one that there is
    nan_sums: str = "eo"  # of even + odd
    nan_last: str = "cs"  # of C + sum
    nan_sign: int = 1  # of the NaN of an invalid operation
    start: float = 0.0  # of a chain without C; -0.0: a chain starts with its first product
    padded: int = 0  # a row of fewer products than this goes on with zeros
    rounding: str = "nearest_even"


ROUND: Final[dict[str, Callable[[np.ndarray], np.ndarray]]] = {
    "nearest_even": np.rint,
    "toward_negative": np.floor,
    "toward_positive": np.ceil,
    "toward_zero": np.trunc,
}


def read(fmt: Float, codes: np.ndarray, result: Float, flush: bool) -> Numbers:
    """Return numbers; the payload of a NaN moves to the top of a payload of `result`."""
    value, (sign, field, digits) = fmt.decode(codes), fmt.sign_digits(codes)
    if flush:
        value = np.where(field == 0, np.copysign(0.0, value), value)
    digits = digits << result.trailing - fmt.trailing
    moved = sign << result.exponent + result.trailing | result.top << result.trailing | digits
    return Numbers(value, np.where(fmt.is_nan(codes), moved, 0))


def to_odd(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a + b; where that is not exact, the odd one of its two float64 neighbours."""
    with np.errstate(invalid="ignore"):
        total = a + b
        of_b = total - a
        error = (a - (total - of_b)) + (b - of_b)  # exact: Knuth's TwoSum
    error = np.where(np.isfinite(total), error, 0.0)
    even = total.view(np.int64) & 1 == 0
    toward = np.where(error > 0, np.inf, -np.inf)
    return np.where((error != 0) & even, np.nextafter(total, toward), total)


def round_to(fmt: Float, x: np.ndarray, rule: Rule, flush: bool) -> np.ndarray:
    """Return x rounded to `fmt`; tiny results are zeros of their sign if `flush`."""
    emin, mode = 1 - fmt.bias, rule.rounding
    quantum = np.frexp(x)[1] - 1 - fmt.trailing
    if not flush:
        quantum = np.maximum(quantum, emin - fmt.trailing)
    rounded = np.ldexp(ROUND[mode](np.ldexp(x, -quantum)), quantum)
    if flush:
        tiny = np.abs(rounded if rule.tininess == "after" else x) < 2.0**emin
        rounded = np.where(tiny, np.copysign(0.0, x), rounded)
    largest = 2.0 ** (fmt.bias + 1) - 2.0 ** (fmt.bias - fmt.trailing)
    stays = mode == "toward_zero" or (x > 0 if mode == "toward_negative" else x < 0)
    stays &= np.isfinite(x) & (mode != "nearest_even")
    beyond = np.copysign(np.where(stays, largest, np.inf), x)
    return np.where(np.abs(rounded) > largest, beyond, rounded)


def add(
    a: np.ndarray, b: np.ndarray, order: list[Numbers], fmt: Float, rule: Rule, flush: bool
) -> Numbers:
    """Return a + b rounded, with the quieted NaN of the first operand in `order` that is one."""
    value = round_to(fmt, to_odd(a, b), rule, flush)
    if rule.rounding == "toward_negative":  # IEEE 754-2019, 6.3: x - x is -0
        both = (a == 0) & (b == 0) & ~np.signbit(a) & ~np.signbit(b)
        value = np.where((value == 0) & (a == -b) & ~both, -0.0, value)
    default = rule.nan_sign << fmt.exponent + fmt.trailing | fmt.top << fmt.trailing
    nan = np.where(np.isnan(value), default, 0)
    for operand in reversed(order):
        nan = np.where(operand.nan != 0, operand.nan, nan)
    return Numbers(value, np.where(nan != 0, nan | 1 << fmt.trailing - 1, 0))


def fma(a: Numbers, b: Numbers, c: Numbers, fmt: Float, rule: Rule, flush: bool) -> Numbers:
    """Return a * b + c."""
    with np.errstate(invalid="ignore"):
        product = a.value * b.value
    if not rule.fused:
        product = round_to(fmt, product, rule, flush)
    operands = {"a": a, "b": b, "c": c}
    return add(product, c.value, [operands[x] for x in rule.nan], fmt, rule, flush)


def indices(rule: Rule, count: int) -> list[list[int]]:
    """Return the k of every chain in the order in which they are added."""
    chains: list[list[int]] = [[] for _ in range(rule.chains)]
    for k in (k ^ rule.swapped for k in range(count)):
        chains[k * rule.chains // count if rule.halves else k % rule.chains].append(k)
    return [chain[::-1] if rule.descending else chain for chain in chains]


def dot(
    instruction: Instruction, codes: tuple[np.ndarray, np.ndarray, np.ndarray], rule: Rule
) -> np.ndarray:
    """Return the codes D[N] of A[N, K], B[N, K] and C[N]."""
    x, fmt = instruction.element, instruction.result
    assert x
    assert fmt
    more = max(0, rule.padded - codes[0].shape[1])
    a, b = (
        read(x, np.pad(side, ((0, 0), (0, more))), fmt, rule.flush_elements) for side in codes[:2]
    )
    c = read(fmt, codes[2], fmt, rule.flush_c)
    start = Numbers(np.full(len(codes[2]), rule.start), np.zeros(len(codes[2]), np.int64))
    sums = []
    for chain in indices(rule, a.value.shape[1]):
        total = c if rule.c == "first" and not sums else start
        for k in chain:
            last = rule.chains == 1 and rule.c == "first" and k == chain[-1]
            flush = rule.flush_result if last else rule.flush_sums
            total = fma(a.at(k), b.at(k), total, fmt, rule, flush)
        sums.append(total)
    if rule.c == "one by one":
        sums = [c, *sums]
    total = sums[0]
    for other in sums[1:]:
        order = [total, other] if rule.nan_sums == "eo" else [other, total]
        flush = rule.flush_sums if rule.c == "last" else rule.flush_result
        total = add(total.value, other.value, order, fmt, rule, flush)
    if rule.c == "last":
        order = [c, total] if rule.nan_last == "cs" else [total, c]
        total = add(c.value, total.value, order, fmt, rule, rule.flush_result)
    finite = np.where(total.nan != 0, 0.0, total.value).astype(fmt.value).view(fmt.dtype)
    return np.where(total.nan != 0, total.nan.astype(fmt.dtype), finite)


def rounded_once(
    instruction: Instruction, codes: tuple[np.ndarray, np.ndarray, np.ndarray], rule: Rule
) -> np.ndarray:
    """Return the exact dot product plus C, rounded once, where all operands are finite; else 0."""
    x, fmt = instruction.element, instruction.result
    assert x
    assert fmt
    a, b = (read(x, side, fmt, rule.flush_elements).value for side in codes[:2])
    c = read(fmt, codes[2], fmt, rule.flush_c).value
    with np.errstate(invalid="ignore"):
        terms = np.concatenate([a * b, c[:, None]], axis=1)
    usable = np.isfinite(terms).all(axis=1)
    sums = np.array([math.fsum(row) if use else 0 for row, use in zip(terms, usable, strict=True)])
    return round_to(fmt, sums, rule, rule.flush_result).astype(fmt.value).view(fmt.dtype)


def integer_dot(codes: tuple[np.ndarray, np.ndarray, np.ndarray], how: str = "wrap") -> np.ndarray:
    """Return the sums as int32.

    `how` names what is done with 32 bits: "wrap"; "saturate" the exact sum once; "each": saturate
    after every product; "products": saturate the sum of the products and then the sum with C;
    "pairs": saturate pairs of products to 16 bits, then wrap.
    """
    a, b, c = (operand.astype(np.int64) for operand in codes)
    low, high = -(2**31), 2**31 - 1
    if how == "each":
        total = c
        for k in range(a.shape[1]):
            total = np.clip(total + a[:, k] * b[:, k], low, high)
        return total.astype(np.int32)
    products = a * b
    if how == "pairs":
        products = np.clip(products[:, ::2] + products[:, 1::2], -(2**15), 2**15 - 1)
    total = products.sum(axis=1)
    if how == "products":
        total = np.clip(total, low, high)
    total = total + c
    return (total if how in ("wrap", "pairs") else np.clip(total, low, high)).astype(np.int32)

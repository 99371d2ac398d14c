"""When a chain of rounded additions can be run in the machine's floats, and how.

Let the machine's float have P digits (24 or 53), its least positive number 2**e, and let all
roundings be nearest_even. Sums are taken in ascending order, one after the other.

- *Products.* A product of operands that the machine holds is exact if its digits are at most P, it
  is a multiple of 2**e and below the machine's overflow. The formats say so, or else the operands
  at hand do: of these the lowest set digit and the largest exponent are found. Products that are to
  be rounded to the machine's own format are rounded by the machine, exact or not.
- *The machine's own format.* s + x is rounded once by the machine, and so is s + a * b where the
  product is exact: a fused multiply-add.
- *Narrower formats* (p digits, p <= P - 2, subnormals included) lie in the machine's floats, so
  that an exact product is rounded once where it is rounded at all. A sum is first rounded to odd:
  Knuth's TwoSum gives the error of the machine's sum, and rounding that to p digits takes it for
  the exact sum (Boldo and Melquiond, 2008). Sums are exact below the machine's least normal number.
  Where a sum overflows the machine it overflows the format. TwoSum alone overflows only where the
  product is the largest float; the last digits of the sum are ones then, which is no tie.
- *Short products.* With 2p + 2 <= P and products of at most p digits the machine's sum serves as it
  is. Rounding it again can err only if it is inexact and becomes a midpoint m of the format. Being
  inexact, the addends' exponents E > e are apart by P - p at least. If the larger addend is a
  p-digit number it is 2**(E - p - 1) or more from every midpoint of normal values, and the
  smaller one is below 2**(E - p - 1): their sum is a quantum of the smaller one, 2**(e - p + 1),
  or more from m, and with e >= E - p - 2 that is more than half a unit of the machine; with a
  lesser e the sum is farther still. Midpoints of subnormals are met by no larger addend: if it is
  the accumulator, its distance from them is a multiple of half the format's quantum, and if it is
  the product, the accumulator is a multiple of that quantum and not 2**(P - p) times smaller.

NaNs travel as the machine has them and become the canonical NaN at the end: dialects that deliver
the NaN of an operand, flush or have no -0 are not for these kernels.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .. import projection
from ..arguments import Values
from ..arithmetic.calls import Settings
from ..arithmetic.carriers import DOUBLE, SINGLE, Extent, Machine, extent_of
from ..arithmetic.engine import no_draws
from ..decoding import decoded
from ..dialects import NanRule, ZeroSign
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat, Style
from ..families.grid import GridFormat
from ..kernels import chains as kernels
from ..rounding import Overflow, Rounding
from .rows import in_steps

Array = npt.NDArray[Any]
Formats = tuple[ScalarFormat, ScalarFormat]

_AT_ONCE = 1 << 31  # products between two chances to interrupt
_TOGETHER = 1 << 22  # elements of the matrices that are decoded at once
_INFINITE = (
    Overflow.IEEE,
    Overflow.INFINITY,
    Overflow.SAT_NONE,
)  # to nearest: what is past the end


class Route(NamedTuple):
    """A kernel and its numbers: those of the products' format, and of the sums'."""

    machine: Machine
    rounds_products: bool
    sums: int
    products: tuple[Any, ...]
    results: tuple[Any, ...]


def accumulate(
    a: Array, b: Array, c: Array, formats: Formats, product: Settings | None, result: Settings
) -> Array | None:
    """Return the codes of chains of additions, or None where the machine's floats do not serve.

    a (B, M, K), b (B, K, N) and c (B, M, N) are codes; `product` is how products are rounded, or
    None for exact ones; `result` how sums are. K is 1 at least.
    """
    if not (_native(result) and (product is None or _native(product))):
        return None
    shared = [codes[:1] if codes.strides[0] == 0 else codes for codes in (a, b)]
    for machine in (SINGLE, DOUBLE):
        if not all(_holds(fmt, machine) for fmt in formats):
            continue
        exact = _exact(formats, machine)
        route = _route(product, result, machine, exact)
        if route is None and not exact and _route(product, result, machine, True):
            if _exact_here(shared, formats, machine):
                route = _route(product, result, machine, True)
        if route is not None:
            return _run(route, shared, c, formats, result)
    return None


def _native(settings: Settings) -> bool:
    """Return whether results are those of IEEE 754 with one NaN."""
    fmt, options, dialect = settings.result, settings.options, settings.dialect
    return (
        isinstance(fmt, FloatFormat)
        and fmt.style is Style.IEEE
        and fmt.signed
        and fmt.subnormals
        and fmt.trailing_bits >= 1
        and options.rounding is Rounding.NEAREST_EVEN
        and options.overflow in _INFINITE
        and options.nan is None
        and not options.flush_results
        and not settings.flush_inputs
        and dialect.nan in (NanRule.CANONICAL, NanRule.ANY)
        and dialect.zero_sign is ZeroSign.IEEE
    )


def _holds(fmt: ScalarFormat, machine: Machine) -> bool:
    """Return whether every value of a format is one of the machine's."""
    return fmt.fits_float32 if machine is SINGLE else fmt.fits_float64


def _own(fmt: ScalarFormat, machine: Machine) -> bool:
    """Return whether a format of IEEE style is the machine's."""
    assert isinstance(fmt, FloatFormat)
    return fmt.bits == machine.bits and fmt.trailing_bits == machine.trailing


def _narrower(fmt: ScalarFormat, machine: Machine) -> bool:
    """Return whether the kernels round to a format of IEEE style."""
    assert isinstance(fmt, FloatFormat)
    return (
        fmt.precision <= machine.digits - 2
        and fmt.emin > -machine.bias
        and fmt.emax <= machine.bias
        and fmt.emin - fmt.trailing_bits + machine.trailing < machine.bias
    )


def _route(
    product: Settings | None, result: Settings, machine: Machine, exact: bool
) -> Route | None:
    """Return how one machine adds, where its products of the operands are exact or not."""
    out = result.result
    mine = _own(out, machine)
    if not (mine or _narrower(out, machine)):
        return None
    rounds, numbers = False, _numbers(None, machine)
    if product is None or not _own(product.result, machine):
        if not exact:
            return None
        rounds = product is not None
    if product is not None and rounds:
        if not _narrower(product.result, machine):
            return None
        numbers = _numbers(product.result, machine)
    if mine:
        return Route(machine, rounds, kernels.PLAIN, numbers, _numbers(None, machine))
    sums = kernels.ROUNDED if _short(product, out, machine) else kernels.TO_ODD
    return Route(machine, rounds, sums, numbers, _numbers(out, machine))


def _short(product: Settings | None, out: ScalarFormat, machine: Machine) -> bool:
    """Return whether the machine's sums of short products may be rounded again."""
    if product is None or not isinstance(out, FloatFormat):
        return False
    assert isinstance(product.result, FloatFormat)
    return product.result.precision <= out.precision and 2 * out.precision + 2 <= machine.digits


def _numbers(fmt: ScalarFormat | None, machine: Machine) -> tuple[Any, ...]:
    """Return what `kernels.chains` rounds by: the format's numbers in the machine's words."""
    word, real = machine.word, machine.real
    if not isinstance(fmt, FloatFormat):
        return word(1), word(0), word(0), real(0), real(0), real(0)
    lost = machine.trailing - fmt.trailing_bits
    return (
        word(lost),
        word((1 << (lost - 1)) - 1),
        word((1 << machine.bits) - (1 << lost)),
        real(2.0**fmt.emin),
        real(2.0 ** (fmt.emin - fmt.trailing_bits + machine.trailing)),
        real(fmt.largest),
    )


# Exact products


def _product_fits(one: Extent, other: Extent, machine: Machine) -> bool:
    """Return whether all products are values of the machine, subnormal ones too."""
    product = one.times(other)
    return (
        product.digits <= machine.digits
        and product.quantum > -machine.bias - machine.trailing
        and product.top <= machine.bias
    )


def _exact(formats: Formats, machine: Machine) -> bool:
    """Return whether all products of two formats are values of the machine."""
    one, other = formats
    if not (isinstance(one, GridFormat) and isinstance(other, GridFormat)):
        return False
    return _product_fits(extent_of(one), extent_of(other), machine)


def _exact_here(operands: list[Array], formats: Formats, machine: Machine) -> bool:
    """Return whether all products of these operands are values of the machine."""
    one, other = (_extent_here(codes, fmt) for codes, fmt in zip(operands, formats, strict=True))
    return _product_fits(one, other, machine)


def _extent_here(codes: Array, fmt: ScalarFormat) -> Extent:
    """Return the extent of the values at hand; they fit float64."""
    digits, quantum, top = 1, 1 << 20, -(1 << 20)
    for matrix in codes:
        values = decoded(np.ascontiguousarray(matrix).reshape(-1), fmt, np.dtype(np.float64))
        found = [int(n) for n in kernels.extent(values.view(np.uint64))]
        digits, quantum, top = max(digits, found[0]), min(quantum, found[1]), max(top, found[2])
    return Extent(digits, quantum, top) if quantum <= top else Extent(1, 0, 0)


# The run


def _run(
    route: Route, operands: list[Array], c: Array, formats: Formats, result: Settings
) -> Array:
    """Return the codes of the sums, batches that fit the caches together."""
    count, rows, columns = c.shape
    depth = operands[0].shape[2]
    size = rows * depth + depth * columns + rows * columns
    several = max(1, _TOGETHER // max(size, 1))
    out = np.empty(c.shape, result.result.code_dtype)
    fixed = [
        _values(x, f, route) if len(x) == 1 else None
        for x, f in zip(operands, formats, strict=True)
    ]
    for low in range(0, count, several):
        part = slice(low, min(low + several, count))
        x, y = (
            _values(codes[part], fmt, route) if known is None else known
            for codes, fmt, known in zip(operands, formats, fixed, strict=True)
        )
        sums = _values(c[part], result.result, route).reshape(-1, columns)
        _add(route, x, y, sums)
        out[part] = _codes(sums.reshape(-1), result, route.machine).reshape(out[part].shape)
    return out


def _add(route: Route, x: Array, y: Array, sums: Array) -> None:
    """Add products to sums, rows shared by threads."""
    kernel = kernels.kernel(route.machine is SINGLE, route.rounds_products, route.sums)

    def run(first: int, last: int) -> None:
        kernel(x, y, sums[first:last], first, route.products, route.results)

    in_steps(run, sums.shape[0], x.shape[2] * y.shape[2], _AT_ONCE, "rows")


def _values(codes: Array, fmt: ScalarFormat, route: Route) -> Array:
    """Return codes as floats of the machine, NaNs without last digits; an array of its own."""
    machine = route.machine
    if not (isinstance(fmt, FloatFormat) and fmt.style is Style.IEEE and _own(fmt, machine)):
        flat = np.ascontiguousarray(codes).reshape(-1)
        return decoded(flat, fmt, np.dtype(machine.real)).reshape(codes.shape)
    values = np.array(codes, order="C").view(machine.real)
    if route.rounds_products or route.sums != kernels.PLAIN:
        nan = np.isnan(values)
        if nan.any():
            values[nan] = np.nan
    return values


def _codes(values: Array, result: Settings, machine: Machine) -> Array:
    """Return values of the result format as its codes, with the one NaN."""
    fmt = result.result
    nan = np.isnan(values)
    if _own(fmt, machine):
        codes = values.view(machine.word)
    else:
        assert isinstance(fmt, GridFormat)
        codes = np.empty(values.size, fmt.code_dtype)
        words = Values(values.view(machine.word), values.dtype.name, values.shape, None)
        projection.encode(words, fmt, result.options, no_draws, codes, None)
    if nan.any():
        assert result.canonical_nan is not None
        codes[nan] = result.canonical_nan
    return codes

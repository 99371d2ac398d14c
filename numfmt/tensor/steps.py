"""The roundings of a stepwise sum: what each operation rounds to, and how."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..arithmetic.calls import Settings, default_dialect, settings_of
from ..digits import fields_of_codes
from ..errors import FormatError
from ..families.base import ScalarFormat
from ..families.floats import FloatFormat
from ..matrix_units.accumulators import (
    Compensated,
    Exact,
    Pairwise,
    ProductTable,
    Stepwise,
    scalar,
)
from ..params import Kind

Array = npt.NDArray[Any]
Formats: TypeAlias = tuple[ScalarFormat, ScalarFormat]


class Steps(NamedTuple):
    """The operations of a sum, and how each rounds."""

    accumulator: Stepwise
    formats: Formats
    result: Settings  # of every sum
    product: Settings | None  # of products; None where they are exact, or from the table
    table: Array | None  # of products
    leaf: ScalarFormat  # of products

    @property
    def tree(self) -> int | None:
        """How many products are summed in a tree before they are added, 0 for all of them."""
        if isinstance(self.accumulator, Pairwise):
            return self.accumulator.block or 0
        return 1 if isinstance(self.accumulator, Exact) and self.accumulator.late else None

    @property
    def converts(self) -> bool:
        """Whether the leaves of trees are products of another rounding, to be rounded again."""
        return self.tree is not None and self.accumulator.product is not None

    @property
    def in_chain(self) -> bool:
        """Whether each product is rounded once, or not at all, and then added with one rounding."""
        single = self.tree in (None, 1) and not isinstance(self.accumulator, Compensated)
        return single and self.table is None and not self.converts

    @property
    def product_draws(self) -> int:
        """How many numbers the rounding of one product takes: those that draw are numbered."""
        return int(self.product is not None and self.product.stochastic)

    @property
    def sum_draws(self) -> int:
        """How many numbers the rounding of one sum takes."""
        return int(self.result.stochastic)

    @property
    def stochastic(self) -> bool:
        """Whether some rounding takes random bits."""
        return self.sum_draws + self.product_draws > 0


def steps_of(accumulator: Stepwise, formats: Formats, bits: int = 8) -> Steps:
    """Return the operations of a stepwise accumulator."""
    output = scalar(accumulator.output, "output")
    common = {
        "overflow": accumulator.overflow,
        "dialect": accumulator.dialect or default_dialect(output),
        "bits": bits,
        "flush_inputs": accumulator.flush_inputs,
        "flush_results": accumulator.flush_results,
    }
    result = settings_of(output, rounding=accumulator.rounding, **common)
    target = accumulator.product
    if isinstance(target, ProductTable):
        table = _table(target, formats, result.flush_inputs)
        return Steps(accumulator, formats, result, None, table, target.format)
    steps = Steps(accumulator, formats, result, None, None, output)
    rounding = accumulator.product_rounding or result.options.rounding
    if target is None:
        if isinstance(accumulator, Compensated):
            return steps._replace(product=settings_of(output, rounding=rounding, **common))
        return steps if steps.tree is None else steps._replace(product=result)
    product = settings_of(target, rounding=rounding, **common)
    return steps._replace(product=product, leaf=target)


def _table(table: ProductTable, formats: Formats, flush: bool) -> Array:
    """Return the products of all codes, of subnormal ones as of zeros where these are flushed."""
    shape = tuple(1 << fmt.bits for fmt in formats)
    if table.codes.shape != shape:
        raise FormatError(
            f"ProductTable: codes has shape {table.codes.shape}; operands of {formats[0].name!r} "
            f"and {formats[1].name!r} need {shape}"
        )
    if not flush:
        return table.codes
    rows, columns = (_flushed(fmt) for fmt in formats)
    found: Array = table.codes[np.ix_(rows, columns)]
    return found


def _flushed(fmt: ScalarFormat) -> Array:
    """Return the code that each code of a narrow format is read as: zero for a subnormal one."""
    codes = np.arange(1 << fmt.bits).astype(fmt.code_dtype)
    if not isinstance(fmt, FloatFormat):
        return codes
    low = fields_of_codes(codes, fmt)[0] == Kind.SUBNORMAL
    sign = fmt.code_dtype.type(int(fmt.has_negative_zero) << (fmt.bits - 1))
    return np.where(low, codes & sign, codes)

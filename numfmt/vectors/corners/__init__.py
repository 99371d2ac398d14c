"""Corner classes: what they want, how operands are solved for them, what they found."""

from . import (
    alignment,
    block_corners,
    comparisons,
    dots,
    dyadic,
    fused,
    integers,
    kinds,
    posits,
    range_ends,
    rounding,
)
from .base import Bin, CornerClass, Row

__all__ = ["CORNERS", "Bin", "CornerClass", "Row"]

CORNERS: tuple[CornerClass, ...] = (
    *kinds.CLASSES,
    *rounding.CLASSES,
    *range_ends.CLASSES,
    *alignment.CLASSES,
    *fused.CLASSES,
    *comparisons.CLASSES,
    *integers.CLASSES,
    *posits.CLASSES,
    *dots.CLASSES,
    *block_corners.CLASSES,
    *dyadic.CLASSES,
)

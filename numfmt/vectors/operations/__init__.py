"""Operations that vectors are made of; each is one entry, and more can be registered."""

from . import conversions, products, quantization, scalars
from .base import OPERATIONS, Column, Operation, Outcome, Verdict, register_operation

__all__ = [
    "OPERATIONS",
    "Column",
    "Operation",
    "Outcome",
    "Verdict",
    "conversions",
    "products",
    "quantization",
    "register_operation",
    "scalars",
]

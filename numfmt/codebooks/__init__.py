"""Codebooks and parametric quantisers of the literature, made from their parameters.

Each function returns a `CodebookFormat`; `numfmt.register` makes it known by name.
"""

from .parametric import (
    asymmetric,
    clip_float,
    k_hot,
    real_bias_float,
    real_bits_fixed,
)
from .sets import apot, dint, dynamic_map, power_exponent, power_of_two, quantile

__all__ = [
    "apot",
    "asymmetric",
    "clip_float",
    "dint",
    "dynamic_map",
    "k_hot",
    "power_exponent",
    "power_of_two",
    "quantile",
    "real_bias_float",
    "real_bits_fixed",
]

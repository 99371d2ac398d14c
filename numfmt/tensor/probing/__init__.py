"""Probes: the parameters of a matrix unit, inferred from a black box."""

from .inference import probe
from .report import Probed
from .smallest import Disagreement

__all__ = ["Disagreement", "Probed", "probe"]

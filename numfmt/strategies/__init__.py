"""Hypothesis strategies of formats, codes and operands; wants ``numfmt-sim[hypothesis]``.

Everything shrinks toward +0, then 1.0, powers of two and few set digits; positive before negative,
finite before infinite. Importing this registers the profile ``numfmt-ci`` and does not load it.

Examples
--------
>>> import numfmt as nf
>>> from hypothesis import given, settings, strategies as st
>>> @settings(settings.get_profile("numfmt-ci"), max_examples=50)
... @given(operands("mul", "e4m3"), rounding_modes())
... def test_products_commute(row, mode):
...     a, b = row
...     assert nf.mul(a, b, "e4m3", rounding=mode) == nf.mul(b, a, "e4m3", rounding=mode)
>>> test_products_commute()
"""

try:
    import hypothesis as _hypothesis
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ModuleNotFoundError(
        "numfmt.strategies draws with Hypothesis, which is not installed; "
        "pip install 'numfmt-sim[hypothesis]'",
        name="hypothesis",
    ) from None

from .batches import Batch, batch
from .blocks import Block, block
from .choices import dialects, formats, random_bits, rounding_modes
from .classes import CODE_CLASSES
from .codes import bits, code_classes, finite, near, ties, values
from .profiles import PROFILE, load_profile, simplest
from .rows import dot_operands, operands

__all__ = [
    "CODE_CLASSES",
    "PROFILE",
    "Batch",
    "Block",
    "batch",
    "bits",
    "block",
    "code_classes",
    "dialects",
    "dot_operands",
    "finite",
    "formats",
    "load_profile",
    "near",
    "operands",
    "random_bits",
    "rounding_modes",
    "simplest",
    "ties",
    "values",
]

del _hypothesis

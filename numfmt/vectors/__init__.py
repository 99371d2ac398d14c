"""Golden vectors: a spec gives one reproducible table, in files that simulators read.

Examples
--------
>>> import numfmt as nf
>>> spec = nf.vectors.Spec(op="decode", fmt="e2m1")
>>> table = nf.vectors.generate(spec)
>>> len(table), [hex(int(bits)) for bits in table.columns["expected"][:4]]
(16, ['0x0', '0x3f000000', '0x3f800000', '0x3fc00000'])
"""

from .comparison import Mismatch, Report, compare
from .files import DamagedFile, load, verify, write
from .spec import OPERATIONS, Spec
from .table import VectorTable, generate

__all__ = [
    "OPERATIONS",
    "DamagedFile",
    "Mismatch",
    "Report",
    "Spec",
    "VectorTable",
    "compare",
    "generate",
    "load",
    "verify",
    "write",
]

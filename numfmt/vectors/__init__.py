"""Golden vectors: a spec gives one reproducible table, in files that simulators read.

Examples
--------
>>> import numfmt as nf
>>> spec = nf.vectors.Spec(op="decode", fmt="e2m1")
>>> table = nf.vectors.generate(spec)
>>> len(table), [hex(int(bits)) for bits in table.columns["expected"][:4]]
(16, ['0x0', '0x3f000000', '0x3f800000', '0x3fc00000'])
"""

from .comparison import Mismatch, Report, compare, minimise
from .coverage import Coverage
from .damage import DamagedFile
from .files import load, stream, verify, write
from .operations import OPERATIONS, Operation, register_operation
from .spec import Spec
from .table import VectorTable, generate
from .testfloat import TestFloatFile, read_testfloat

__all__ = [
    "OPERATIONS",
    "Coverage",
    "DamagedFile",
    "Mismatch",
    "Operation",
    "Report",
    "Spec",
    "TestFloatFile",
    "VectorTable",
    "compare",
    "generate",
    "load",
    "minimise",
    "read_testfloat",
    "register_operation",
    "stream",
    "verify",
    "write",
]

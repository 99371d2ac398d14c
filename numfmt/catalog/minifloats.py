"""Every signed minifloat of 3 to 8 bits in the four styles that the OCP catalogue lacks."""

from ..errors import FormatError
from ..families.floats import FloatFormat, Style
from ..grammar import minifloat
from . import ocp


def _all() -> tuple[FloatFormat, ...]:
    found = []
    known = {entry.structure for entry in ocp.FORMATS}
    for bits in range(3, 9):
        for exponent_bits in range(1, bits):
            for style in (Style.IEEE, Style.FN, Style.FINITE, Style.FNUZ):
                try:
                    entry = minifloat(exponent_bits, bits - 1 - exponent_bits, style)
                except FormatError:  # ieee with one exponent bit and no trailing bit is only zero
                    continue
                if entry.structure not in known:
                    found.append(entry)
    return tuple(found)


FORMATS = _all()

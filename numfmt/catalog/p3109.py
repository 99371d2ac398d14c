"""IEEE P3109 Interim Report 4.0: all 504 formats of 3 to 16 bits."""

from ..grammar import p3109

FORMATS = tuple(
    p3109(bits, precision, signed, extended)
    for bits in range(3, 17)
    for signed in (True, False)
    for precision in range(1, bits + (not signed))
    for extended in (True, False)
)

"""Posits of the standard and before it, their quires, takums and logarithmic number systems."""

from ..grammar import lns, log_takum, posit, quire, takum

FORMATS = (
    *(posit(bits) for bits in range(2, 33)),
    *(posit(bits, es) for es in (0, 1) for bits in range(max(es, 2), 33)),
    *(quire(bits) for bits in (8, 16, 32)),
    *(quire(bits, es) for bits, es in ((8, 0), (16, 1))),
    *(takum(bits) for bits in range(8, 33)),
    *(log_takum(bits) for bits in range(8, 33)),
    *(lns(bits, digits) for bits, digits in ((8, 3), (8, 4), (12, 6), (16, 10), (32, 23))),
)

"""Integers of 1 to 32 bits, and the fixed-point formats that papers and tools name."""

from ..families.fixed import Encoding
from ..grammar import fixed, integer

FORMATS = (
    *(integer(bits, Encoding.TWOS_COMPLEMENT) for bits in range(1, 33)),
    *(integer(bits, Encoding.UNSIGNED) for bits in range(1, 33)),
    *(integer(bits, Encoding.NARROW) for bits in range(2, 33)),
    *(integer(bits, Encoding.SIGN_MAGNITUDE) for bits in range(2, 33)),
    *(
        fixed(whole, fraction, encoding)
        for whole, fraction in ((1, 7), (2, 6), (4, 4), (1, 15), (2, 14), (8, 8), (16, 16))
        for encoding in (Encoding.TWOS_COMPLEMENT, Encoding.UNSIGNED)
    ),
)

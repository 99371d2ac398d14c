"""IEEE 754 status flags, one unsigned byte per element, in the order of RISC-V's fflags."""

import enum


class Flags(enum.IntFlag):
    """Status flags: bits 4..0 are NV DZ OF UF NX (IEEE 754-2019, clause 7).

    Examples
    --------
    >>> Flags(5)
    <Flags.NX|OF: 5>
    """

    NX = 1
    UF = 2
    OF = 4
    DZ = 8
    NV = 16

"""One-line mistakes in the kernels and their tables; each must make `check_projection` fail.

A mutant is (file, the text as it is, the text with the mistake). Texts occur exactly once.
"""

MUTANTS = (
    ("kernels/rounding.py", "return (significand + addend) >> drop", "return significand >> drop"),
    ("kernels/rounding.py", "max(ulp >> ONE, ONE) - ONE", "max(ulp >> ONE, ONE)"),
    ("kernels/rounding.py", "return ulp - ONE", "return ulp >> ONE"),
    ("kernels/rounding.py", "(2 * negative + odd)", "(negative + 2 * odd)"),
    ("kernels/rounding.py", "| np.uint64(kept << shift != significand)", "| ZERO"),
    ("kernels/rounding.py", "(random << ONE) + ONE", "(random << ONE)"),
    ("kernels/rounding.py", "half - ONE + odd", "half"),
    ("kernels/rounding.py", "digits > bits:", "digits >= bits + 2:"),
    ("kernels/project.py", "biased - 1075", "biased - 1074"),
    (
        "kernels/project.py",
        "return negative, fraction, -1074, leading_exponent(fraction) - 1074",
        "return negative, fraction, -1074, -1023",
    ),
    ("kernels/rounding.py", "drop > _DIGITS:", "drop > 600:"),
    ("kernels/project.py", "np.uint64(rows) << np.uint64(grid.t)", "np.uint64(rows)"),
    ("kernels/project.py", "top < grid.emin - 1:", "top < grid.emin:"),
    ("kernels/project.py", "past = k > grid.max_positive", "past = k >= grid.max_positive"),
    ("kernels/project.py", "binade > grid.ceiling:", "binade >= grid.ceiling:"),
    ("kernels/project.py", "(inexact or how.flush_result)", "inexact"),
    ("kernels/project.py", "top < how.flush_input:", "top <= how.flush_input:"),
    ("kernels/project.py", "np.uint64(k != ZERO)", "ONE"),
    ("kernels/project.py", "k = max(k, np.uint64(grid.first))", "k = max(k, ZERO)"),
    (
        "kernels/project.py",
        "parity = grid.first + (rows if grid.t == 0 else 0)",
        "parity = rows if grid.t == 0 else 0",
    ),
    ("kernels/tables.py", "table[row + ((significand >> drop) & ONE)]", "table[row]"),
    (
        "kernels/tables.py",
        "k > table[row | np.uint64(SPAN)]:\n            code = "
        "table[row | np.uint64(OUTSIDE)]\n        if watch:",
        "k > table[row | np.uint64(SPAN)] + ONE:\n            code = "
        "table[row | np.uint64(OUTSIDE)]\n        if watch:",
    ),
    (
        "kernels/tables.py",
        "(pair | ((pair & low) + low)) >> np.uint64(16)",
        "pair >> np.uint64(16) & low",
    ),
    ("kernels/fields.py", "k == limit + ONE", "k == limit"),
    ("kernels/fields.py", "row - 1), trailing | hidden", "row), trailing | hidden"),
    ("kernels/fields.py", "biased = exponent + shift + 1022", "biased = exponent + shift + 1023"),
    ("binades.py", "MOST_LOST = 54", "MOST_LOST = 20"),
    ("binades.py", "parity ^ np.uint64(1), drop\n", "parity ^ np.uint64(0), drop\n"),
    ("binades.py", "exponent < grid.emin - grid.t  #", "exponent < grid.emin - grid.t - 1  #"),
    ("binades.py", "far = binade > grid.ceiling", "far = binade >= grid.ceiling"),
    (
        "lowering.py",
        "if options.rounding in (Rounding.TO_ODD, Rounding.JAM):",
        "if options.rounding is Rounding.JAM:",
    ),
    (
        "rounding.py",
        "Rounding.TOWARD_NEGATIVE: (True, False)",
        "Rounding.TOWARD_NEGATIVE: (False, True)",
    ),
)

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
    (
        "kernels/tapered.py",
        "np.uint64(2), grid.bits - 3 - regime",
        "np.uint64(2), grid.bits - 2 - regime",
    ),
    ("kernels/tapered.py", "run = np.uint64(8 + width)", "run = np.uint64(8 | width >> 1)"),
    (
        "kernels/tapered.py",
        "exponent = np.uint64(top - 1 + (2 << width))",
        "exponent = np.uint64(top + (1 << width))",
    ),
    (
        "kernels/tapered.py",
        "return (run << np.uint64(room)) + kept, digits, exponent - (kept << np.uint64(-digits))",
        "return (run << np.uint64(room)) + kept, digits, ZERO",
    ),
    ("kernels/tapered.py", "parity = np.int64(prefix & ONE)", "parity = np.int64(0)"),
    (
        "kernels/tapered.py",
        "min(max(prefix + k, ONE), grid.max_positive)",
        "min(prefix + k, grid.max_positive)",
    ),
    ("kernels/tapered.py", "min(max(prefix + k, ONE), grid.max_positive)", "max(prefix + k, ONE)"),
    (
        "kernels/tapered.py",
        "start = ((run - 1) if leading else -run) << grid.es",
        "start = (run if leading else -run) << grid.es",
    ),
    ("kernels/tapered.py", "<< max(width - room, 0)", "<< 0"),
    (
        "kernels/search.py",
        "if key[j] >= keys[place[j] + step - ONE]",
        "if key[j] > keys[place[j] + step - ONE]",
    ),
    ("kernels/search.py", "(ZERO - (word >> np.uint64(63))) | _SIGN", "_SIGN"),
    ("kernels/logarithms.py", "low += a * b_low + a_low * b", "low += a * b_low"),
    ("kernels/logarithms.py", "(c << logs.digits) + (", "(c << logs.digits) - ("),
    ("kernels/logarithms.py", "numerators[i] = lower + upper", "numerators[i] = 2 * lower + 1"),
    (
        "kernels/logarithms.py",
        "numerators[i] = 2 * lower\n            strict[i] = 1",
        "numerators[i] = 2 * lower",
    ),
    (
        "kernels/logarithms.py",
        "np.uint8(exponent > exponents[i])",
        "np.uint8(exponent < exponents[i])",
    ),
    (
        "kernels/logarithms.py",
        "exponent = np.int64(shift) - 1075",
        "exponent = np.int64(shift) - 1074",
    ),
    (
        "binades.py",
        "table[:, tables.LIFT] = prefix - np.uint64(negative)",
        "table[:, tables.LIFT] = prefix",
    ),
    (
        "binades.py",
        "table[:, tables.HIDDEN] = low << np.uint64(trailing)",
        "table[:, tables.HIDDEN] = 0",
    ),
    ("binades.py", "((exponent < grid.emin, 1), (", "((exponent < grid.emin, 0), ("),
    (
        "binades.py",
        "inside & (prefix == 0), np.uint64(tables.REFUSED)",
        "inside & (prefix == 0), np.uint64(0)",
    ),
    ("binades.py", "table[0, tables.ADD_EVEN] = 63", "table[0, tables.ADD_EVEN] = 0"),
    (
        "searching.py",
        "below = Fraction(nearest) <= threshold if strict",
        "below = Fraction(nearest) < threshold if strict",
    ),
    ("searching.py", "ranks[1] < ranks[0]", "ranks[1] > ranks[0]"),
    ("searching.py", "included = count % 2 == (rule == STOCHASTIC_C_ODD)", "included = True"),
    ("searching.py", "Fraction(count, whole), True", "Fraction(count + 1, whole), True"),
    ("searching.py", "return b - (b - a) * way, included", "return a + (b - a) * way, included"),
)

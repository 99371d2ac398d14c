"""Numbers that files hold: of rounding modes, flags and classes. They never change."""

RM_NUMBERS = {
    "nearest_even": 0,
    "toward_zero": 1,
    "toward_negative": 2,
    "toward_positive": 3,
    "nearest_away": 4,
    "to_odd": 6,
    "nearest_zero": 7,
    "nearest_up": 8,
    "nearest_down": 9,
    "away_from_zero": 10,
    "jam": 11,
    "stochastic_a": 12,
    "stochastic_b": 13,
    "stochastic_c": 14,
    "stochastic_c_odd": 15,
}  # 0 to 4 are RISC-V's, 6 is HardFloat's

FLAG_ORDER = ("NX", "UF", "OF", "DZ", "NV")  # from bit 0 up: RISC-V's, TestFloat's, cvfpu's

# Classes that are no corner classes, and what is in them.
POOLS = {
    "input": "the elements of the tensor, or the cases of the file",
    "exhaustive": "every operand there is",
    "special": "zeros, ends of ranges, infinities, NaNs of a conversion",
    "value": "values that the result format has",
    "tie": "values halfway between two of them, and past the largest",
    "beside": "operands one code from a value or a tie",
    "random": "any bits in even rows, binades near each other in odd rows",
}

# The number of each class in the column ``class``. A new class is added at the end.
_NAMES = (
    *("input", "exhaustive", "special", "value", "tie", "beside", "random"),
    *("kinds", "near", "runs", "nan_codes"),
    *("rounding", "boundaries", "sticky", "overflow"),
    *("least_normal", "underflow", "alignment", "cancellation"),
    *("products", "relations", "clamp_order", "halves"),
    *("integers", "endings", "regimes", "tapered_ties"),
    *("tapered_ends", "not_a_real", "negation", "cancellation_of_terms"),
    *("growth_of_sum", "alignment_of_terms", "alignment_floor", "order_of_terms"),
    *("zeros_of_terms", "specials_of_terms", "lanes", "ties_of_sum"),
    *("overflow_of_sum", "subnormal_sums", "scale_of_block", "maximum_of_block"),
    *("ties_of_elements", "outlier_of_block", "specials_of_block", "order_of_elements"),
    *(
        "scales_of_products",
        "limits_of_requantization",
        "saturation_of_requantization",
        "ties_of_requantization",
    ),
    *("double_rounding", "ends_of_integers", "special_pair"),
)
CLASSES = {name: number for number, name in enumerate(_NAMES)}

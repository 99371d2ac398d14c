"""Correctly rounded arithmetic on codes of any scalar formats: the specification.

Every operation reads its operands exactly, computes on the extended reals (numbers, two infinities,
NaN, signed zeros), and rounds once into the result format (`project`: as `numfmt.encode` does).
What the standards leave open is settled by a `numfmt.Dialect`.

**The call.** ``op(a, b, ..., fmt, result=, rounding=, overflow=, nan=, random_bits=, bits=, rng=,
flush_inputs=, flush_results=, tininess=, dialect=, return_flags=, out=)``. `fmt` is one format for
all operands or a sequence of one per operand; `result` may be left out if all are the same. The
dialect, where none is given, is that of the result format's document: ``p3109`` for P3109 formats,
``ocp_nosat`` for floats of style fn, finite and fnuz, ``ieee`` elsewhere. Options that are given
(not None) override the dialect's: tininess, flush_inputs, flush_results, overflow. The dialect's
overflow counts only where the result format can follow it; elsewhere it is the format's own.
Operations on logarithms and codebooks are exact in value (or in the logarithm, where all operands
and the result have one base), then rounded as `numfmt.encode` rounds.

**1. Operands.** `flush_inputs` makes subnormal operands zeros of the same sign (kind SUBNORMAL:
only floats have them). NaR is a quiet NaN. Only IEEE-style formats of at least 2 trailing digits
have signalling NaNs (first trailing digit 0).

**2. NaN operands.** The result is NaN, and NV is raised if an operand is signalling. Exceptions are
named below. Which NaN: `nan=` if given; else by the dialect's rule `nan`: ``canonical`` and ``any``
the canonical NaN of the result format; ``first`` the first NaN in operand order;
``signalling_first`` the first signalling one in order, else the first NaN, where the order for
`fma` is (c, a, b). A NaN that is delivered is made quiet and keeps its sign (the one NaN of fnuz
and signed P3109 formats, in the place of -0, counts as negative, as in `numfmt.convert`; NaR and
unsigned NaNs as positive); its payload (the trailing digits after the first) is kept left-aligned:
cut, or filled with zeros on the right, where the result format is IEEE-style and the operand's too;
otherwise it becomes the result format's NaN of the same sign. The canonical NaN is
`nan_code(nan_sign)`, and with ``all_ones`` in IEEE-style formats all trailing digits are set. A
result format without NaN refuses (FormatError) and, where `nan=` gives a code, raises NV (as
`encode` does).

**3. Invalid operations** (NV, canonical NaN): inf - inf (also in `fma` and `faa`), 0 * inf, 0/0,
inf/inf, sqrt and rsqrt of a negative number (not -0), remainder(x, 0), remainder(inf, y).
0 * inf + NaN: NV if the NaN is signalling; else by `infinity_times_zero`. `nan=` replaces the
canonical NaN. An infinity that the overflow policy makes NaN keeps its own sign.

**4. Exact infinities of finite operands** (x/0, recip(0), rsqrt(0)): an infinity of the quotient's
sign with DZ, or with ``divide_by_zero="nan"`` the canonical NaN with NV, there also inf/0
(elsewhere an infinity without flags). rsqrt(-0) is -inf (754-2019, 9.2.1), recip(-0) is -inf. An
infinite result goes through the overflow policy as an infinity does in `encode`: where its code is
not an infinity this raises NV too.

**5. Zeros.** The sign of an exact zero: products and quotients the exclusive or of the signs; sums
(and fma, faa, over all their addends) the common sign if all addends are zeros of one sign, else +,
but - under toward_negative; sqrt(-0) = -0; hypot +; remainder the sign of x; abs, neg, copy_sign as
said. Under `jam` an exact zero becomes the least value of its sign, with NX. With
``zero_sign="plus"`` no result is -0: a zero result is the code of +0, also where a nonzero result
rounded to zero. Formats without -0 give 0.

**6. Operations**

==================  =============================================================================
name                exact result
==================  =============================================================================
add, sub, mul, div  x + y, x - y, x * y, x / y
fma, faa            x * y + z, x + y + z
sqrt, rsqrt, recip  the root, 1/sqrt(x), 1/x; rsqrt(inf) = +0, recip(inf) = 0 of the same sign
hypot               sqrt(x*x + y*y); an infinity beats a quiet NaN (IEEE), not so where
                    `zero_sign` is plus (P3109)
remainder           x - n*y, n the integer nearest x/y, ties to even; x if y is infinite
round_to_int        x rounded to an integer in the rounding mode, then projected in it. NX is
                    raised for this first rounding only with ``exact=True``. Zeros keep the sign
                    of x. `to_odd` acts on the last digit of the integer; `jam` is refused
scale_b(x, n)       x * 2**n, n an array of integers
neg, abs            -x, |x|. Where `result` is the operand format, NaNs included it is the sign bit
                    that changes (IEEE-style, fn, finite formats: no NaN becomes quiet, no flag);
                    no other option counts, but no result is -0 under ``zero_sign="plus"``.
                    Elsewhere the value is projected and NaN follows 2
copy_sign(x, y)     |x| with the sign of y; likewise the sign bit, if `result` is the format of x.
                    Signs count on zeros and NaNs where these have one; under ``zero_sign="plus"``
                    and in formats without it, NaN and zero count as +. A NaN y lends its sign
next_up, next_down  the neighbour in value order, by 754-2019, 5.3.1: next_up(-least) is -0 where
                    there is one, next_up(inf) = inf, NaN follows 2. Where there is no next value
                    (past the largest, or below the least of an unsigned format): the canonical NaN
                    without a flag in a format that has one, else the end itself; in P3109 formats
                    also past infinity. Posits and takums go around: NaR follows the largest and
                    precedes the most negative. Rounding takes place only into another `result`
clamp(x, lo, hi)    the nearest of [lo, hi] to x; NaN with NV where lo > hi. Of equal zeros, x's
==================  =============================================================================

minimum, maximum, minimum_number, maximum_number, minimum_magnitude, maximum_magnitude,
minimum_magnitude_number, maximum_magnitude_number (754-2019, 9.6; P3109 4.11): -0 < +0; the
_number ones drop a NaN (a signalling one raises NV) and give NaN only if both are; of magnitudes
that are equal the plain minimum or maximum. minimum_finite, maximum_finite (P3109): as the
_number ones, and a finite operand beats an infinite one. The chosen operand is projected.

**7. Comparisons** (operands of any formats, compared exactly): equal, not_equal, less, less_equal,
greater, greater_equal, unordered give booleans; NaN compares False but not_equal and unordered
True. NV if an operand is signalling, or with ``signalling=True`` if any is NaN. -0 == +0.
The dialect is by default that of each operand; class_of and total_order flush nothing.
total_order(x, y): 754-2019, 5.10 on codes of one IEEE-style format (NaNs by sign, signalling
before quiet on the positive side, payload); elsewhere x <= y with -0 below +0 and NaN below all
numbers (P3109, 4.12; posits), of fn formats the NaN of the sign at that end.
class_of gives a `numfmt.Class`, numbered as the bits of RISC-V's fclass.

**8. Integers.** to_int(x, fmt, integer): x rounded to an integer in the mode (default toward_zero),
as a code of an integer format (fixed, fraction_bits 0); NX if x was no integer; `Dialect.integers`
says what an integer out of range, an infinity and NaN become, with NV alone; the dialect is by
default that of the operand, and `jam` sets the last digit of the integer. from_int(n, integer,
fmt): the integers of codes, projected, with flags.

**9. Flags.** NX, UF, OF of the projection; DZ, NV as said. UF is tiny and inexact. Families without
flags (posits, takums, logarithms, codebooks as results) refuse `return_flags`, and so does a
dialect without flags. Flags are raised by the operation even where a NaN is delivered.

**10. Elementary functions** (`numfmt.functions`) follow points 1, 2, 5 and 9 and round an exact
real number once. Their special values are those of 754-2019, 9.2.1: NV for log of a negative
number, asin and acos beyond 1, acosh below 1, atanh beyond 1, sin, cos and tan of infinities, pow
of a negative number to no integer; DZ for log(0), log1p(-1), atanh(1), tan_pi of half an odd
integer, pow of 0 to a negative finite number. pow(x, 0) and pow(1, y) are 1 for quiet NaNs too.
With ``zero_sign="plus"`` they are P3109's: any NaN gives NaN, tan_pi of half an odd integer and pow
of 0 to a negative finite number are NaN with NV, atan2(0, 0) and of two infinities NaN, atan2(y,
-inf) is pi. Operands are floats, fixed point, posits and takums; `wrap` is refused, and so are
random bits and results that would need more than 63 digits.
"""

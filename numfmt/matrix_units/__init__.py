"""How sums of products are accumulated, as data: accumulators, plans, matrix units; the rules.

This page is the specification that the engines (`numfmt.tensor`) and the witness
(`numfmt.exact.dot`) follow. A dot product is that of K pairs (a_k, b_k) and an accumulator operand
c. Products are exact unless said otherwise. c is a code of the output format (of another format:
it is converted first, nearest_even); left out it is +0. K = 0 gives c.

**1. Chains of blocks.** An accumulator with a `block` of n cuts the products, in the order given,
into blocks of n (the last may be shorter); the result of one block, a code of the output format, is
the accumulator operand of the next. Without a block all K products are one block.

**2. Stepwise sums** (`Exact`, `Sequential`, `Pairwise`) are made of operations that round as
`numfmt.arithmetic` says, with the `rounding`, `overflow`, `dialect`, `flush_inputs` and
`flush_results` of the accumulator; R is one rounding into the output format. Leaves are the exact
products, or with `product` the products rounded to that format by `product_rounding` (by default
`rounding`), or the entries of a `ProductTable`.

- `Exact`: R(c + all leaves of the block), one rounding. With ``late=True`` s = R(all leaves of the
  block) and then R(c + s). With block 1 it is a chain of fused multiply-adds.
- `Sequential`: block 1, for each k: R(c + leaf).
- `Pairwise`: the leaves of a block, each rounded R, are the lowest level of a tree; every node
  is R of the exact sum of `arity` consecutive nodes (fewer at the end of a level; a node alone
  passes unchanged); then R(c + root).

NaN, infinities and the sign of zero of a sum of many terms: any NaN operand or term gives NaN. Of
one exact product and c it is delivered as by `fma`; of c and one rounded leaf, a node of two,
R(c + s) and R(c + root) as by `add`; a node alone passes its own; of more terms, and with block
scales, it is the canonical NaN. 0 * inf and inf - inf are invalid: the canonical NaN; else an
infinity among the terms is the sum. The sum of zeros has their sign if all have the same, counting
c and each product (a sign is the exclusive or of its factors'); an exact zero of nonzero terms is
+0, or -0 under toward_negative. Flushing acts on
codes: operands a, b, c (and each rounded leaf or node that is an operand of the next addition) as
`flush_inputs` says (before a table is looked up), results of every R as `flush_results` says. The
dialect is that of the output format for all of them, the product format included, and so is a given
`overflow`.

**3. Compensated sums** (`Compensated`): p_k = R(a_k * b_k), all steps R of one operation. Kahan:
s = c, e = +0; y = R(p - e); t = R(s + y); e = R(R(t - s) - y); s = t; the result is s. Neumaier:
t = R(s + p); e = R(e + R(R(s - t) + p)) if |s| >= |p|, else R(e + R(R(p - t) + s)); s = t; the
result is R(s + e).

**4. Aligned sums** (`Aligned`), the adders of Tensor Cores and Matrix Cores. Every operand is
(-1)**s * m * 2**(e - f): for floats e is the exponent field's (emin for subnormals), m < 2**(f+1)
and f the trailing digits; elsewhere e is the exponent of the leading digit. A product has the
exponent e_a + e_b, is not normalised (``normalized=True``: its exponent is that of its leading
digit), and with block scales the scales' significands multiply m and their exponents add to e.

A zero of a format that is no float has the exponent of the smallest positive value. Operands, c and
results are flushed if the dialect says so. Scales are never flushed; the sign of an OCP E4M3 scale
is ignored.

- *terms*: the products, and c if `c` is ``inside``. With ``group=g`` the g products of each
  consecutive group are added exactly first (elements as fixed point), and times the scales'
  significands are one term, whose exponent is the sum of the scales' exponents alone. c is a term
  by itself with the exponent of its format.
- *alignment exponent* E: the largest exponent of the nonzero terms, at least `floor`. With
  ``zero_products="exponent"`` the products with a zero operand count as well (a zero operand has
  e = emin), and a zero c. A group all of whose products are zero, or whose scale is zero, is left
  out; a group that cancels to zero is not. No terms: +0.
- *cut*: every term is rounded to a multiple of 2**(E - fraction_bits) in the mode `cut`, as
  sign and magnitude. S is their exact sum.
- *result*: S = 0 gives +0. Otherwise S is rounded in the mode `rounding` to `keep` fraction bits
  (by default those of the output) at its own exponent (at least the emin of the output), then
  follows the overflow policy of the output (default ``infinity``, also under toward_zero); a
  result of zero is +0 unless the dialect's zero_sign is ``ieee`` and S < 0. `keep` is at most the
  fraction bits of the output, a float format.
- ``c="after"``: S and E are of the products alone (with ``halves=2`` those of even and odd k are
  of the block are cut apart: E of each, E = the larger, and each sum is rounded to a multiple of
  2**(E - fraction_bits) in the mode `late_cut`; a half without nonzero products is left out).
  Without any nonzero product the result is c, where -0 is +0. Otherwise E' = max(E, exponent of c,
  a zero c having emin); S is rounded to a multiple of 2**(E' - sum_bits), c to one of
  2**(E' - c_bits), both in the mode `late_cut` (None: not rounded), and with `drop` a c whose
  exponent is below E' - drop counts as zero. Their sum goes the way of *result*.
- *special values*: a NaN among operands or scales, 0 * inf, or infinities of both signs among
  products and c: the canonical NaN of the dialect; else the infinity. With ``range="clipped"`` a
  product of magnitude at least 2**(emax + 1) of the output is an infinity of its sign; with
  ``infinite_c="wins"`` an infinite c then beats a clipped product of the other sign.
  Clipping looks at each product with its scales, in groups too.
- With ``late_add`` (a rounding mode) all blocks start from +0 as one chain and c is added to the
  last result (the first operand) by one rounded addition of the output format in that mode.

**5. Partially normalised sums** (`PartiallyNormalized`; ours, after the idea of arXiv 2408.11997):
the running sum is an integer S of `width` bits and an exponent E, value S * 2**(E - width + 1);
c enters as its leading `width` digits, cut, with E its exponent. A product has exponent
e = e_a + e_b + 1 (it is below 2**(e+1)). Step: a zero product changes nothing; if S is 0 E is that
of the product, else E' = max(E, e); both are cut toward zero to multiples of 2**(E' - width + 1)
and added; if |S| >= 2**width it is halved (cut) and E' grows by one; else the largest of `shifts`
not beyond the number of leading zeros of S in `width` bits moves it up and E' down. At the end one
rounding. Special values as in 4.

**6. Plans** say how K is cut into runs and how the runs' results become one: see `plans`. A unit is
an accumulator with formats, the length k of its instruction, and perhaps a plan inside each
instruction. Operands are padded with +0 to a multiple of k (unless the unit is not `padded`: then
the last instruction has fewer products, and a plan deals those); the result of one instruction is c
of the next, in ascending order. A plan of the call deals the products before they are padded.

**7. Random bits** (stochastic modes, in stepwise and compensated sums; not under plans). The
roundings of one output that draw are numbered r = 0, 1, ... in the order of the rules above, for
all outputs alike: per block the products' (in ascending k), then a tree's leaves and nodes level
by level, then the accumulator's; of compensated sums product and steps for each k in turn. With
``rng=seed`` rounding r of output o (its index in the flattened result) takes draw o of the Philox
stream of key (seed + r * 2**64) mod 2**128, as `numfmt.randomness.seeded` reads it; ``random_bits``
is broadcast to (shape of the result, number of roundings).
"""

// c + the 16 products of E4M3 operands, as Ada Lovelace's tensor cores add them: terms are cut to
// 13 digits below the largest exponent, added exactly, and cut to 13 fraction bits of binary32.
// Element 0 lies in the least significant bits. Zeros are +0, the NaN is 7fffffff. Products are
// below 2**18, so that no sum leaves the range of a finite c. The defines BUG_* each inject one
// mistake.
`timescale 1ns / 1ps
module dot16_aligned (
    input  wire [127:0] a,
    input  wire [127:0] b,
    input  wire [31:0]  c,
    output reg  [31:0]  y
);
`ifdef BUG_FRACTION_BITS
  localparam [4:0] LOST_OF_C = 5'd11;
  localparam [2:0] ADDED_TO_PRODUCTS = 3'd6;
  localparam signed [9:0] UNIT = -10'sd12;
`else
  localparam [4:0] LOST_OF_C = 5'd10;
  localparam [2:0] ADDED_TO_PRODUCTS = 3'd7;
  localparam signed [9:0] UNIT = -10'sd13;
`endif

  reg [17*10-1:0] exponents;  // of the products, and c last
  reg [17*24-1:0] magnitudes;
  reg [16:0] signs;
  reg signed [9:0] largest;
  reg signed [9:0] exponent;
  reg any, nan;
  reg [7:0] p, q;
  reg [9:0] distance;
  reg [23:0] term;
`ifdef BUG_CARRY
  reg signed [18:0] sum;
`else
  reg signed [19:0] sum;  // 16 * 225 * 2**7 + 2**14 at most
`endif
  reg [19:0] size;
  integer i;

  // The exponent of a product is the sum of the fields': it is not normalised.
  function signed [9:0] exponent_of;
    input [3:0] field;
`ifdef BUG_SUBNORMAL_OPERAND
    exponent_of = $signed({6'd0, field}) - 10'sd7;
`else
    exponent_of = field == 0 ? -10'sd6 : $signed({6'd0, field}) - 10'sd7;
`endif
  endfunction

  always @* begin
    nan = &c[30:23] & |c[22:0];
    for (i = 0; i < 16; i = i + 1) begin
      p = a[8*i +: 8];
      q = b[8*i +: 8];
      nan = nan | (&p[6:0]) | (&q[6:0]);
      signs[i] = p[7] ^ q[7];
      exponents[10*i +: 10] = exponent_of(p[6:3]) + exponent_of(q[6:3]);
      magnitudes[24*i +: 24] = {20'd0, p[6:3] != 0, p[2:0]} * {20'd0, q[6:3] != 0, q[2:0]};
    end
    signs[16] = c[31];
    exponents[160 +: 10] = (c[30:23] == 0 ? 10'sd1 : $signed({2'd0, c[30:23]})) - 10'sd127;
`ifdef BUG_C_SUBNORMAL
    magnitudes[384 +: 24] = {c[30:0] != 0, c[22:0]};
`else
    magnitudes[384 +: 24] = {c[30:23] != 0, c[22:0]};
`endif

    any = 1'b0;
    largest = -10'sd512;
`ifdef BUG_LAST_LANE
    for (i = 0; i < 17; i = i + 1) if (i != 15)
`else
    for (i = 0; i < 17; i = i + 1)
`endif
`ifdef BUG_ZERO_PRODUCTS_ALIGN
      if (i < 16 || magnitudes[24*i +: 24] != 0) begin
`else
      if (magnitudes[24*i +: 24] != 0) begin
`endif
        any = 1'b1;
        exponent = exponents[10*i +: 10];
        if (exponent > largest) largest = exponent;
      end

    sum = 0;
    for (i = 0; i < 17; i = i + 1) begin
      distance = largest - exponents[10*i +: 10];
      term = magnitudes[24*i +: 24];
`ifdef BUG_SHIFT_LIMIT
      if (distance > 10'd14) distance = 10'd14;
`endif
      term = i == 16 ? term >> LOST_OF_C : term << ADDED_TO_PRODUCTS;
`ifdef BUG_CUT_DOWNWARD
      if (signs[i]) term = term + ~(24'hffffff << distance);
`endif
      term = distance[9] ? 24'd0 : term >> distance;
      sum = signs[i] ? sum - $signed({4'd0, term[15:0]}) : sum + $signed({4'd0, term[15:0]});
    end

    size = sum < 0 ? -sum : sum;
    exponent = largest + UNIT + 10'sd19;
    for (i = 0; i < 19; i = i + 1)
      if (!size[19] && exponent > -10'sd126) begin
        size = size << 1;
        exponent = exponent - 10'sd1;
      end
`ifdef BUG_KEEP
    y = {sum < 0, size[19] ? exponent[7:0] + 8'd127 : 8'd0, size[18:0], 4'd0};
`else
    y = {sum < 0, size[19] ? exponent[7:0] + 8'd127 : 8'd0, size[18:6], 10'd0};
`endif
    if (!any || sum == 0) y = 32'd0;
    if (&c[30:23]) y = c;
`ifdef BUG_NAN_CODE
    if (nan) y = 32'h7fc00000;
`else
    if (nan) y = 32'h7fffffff;
`endif
  end
endmodule

// OCP E4M3 to binary16, combinational. Every value is exact; a NaN keeps its sign.
// The defines BUG_* each inject one mistake; BUG_TABLE_ENTRY=<code> inverts the last bit of one
// answer, as a wrong line of a table would.
`timescale 1ns / 1ps
module e4m3_to_fp16 (
    input  wire [7:0]  a,
    output reg  [15:0] y
);
  wire       sign = a[7];
  wire [3:0] exponent = a[6:3];
  wire [2:0] trailing = a[2:0];

`ifdef BUG_SUBNORMAL
  wire top = trailing > 3'd4;
`else
  wire top = trailing >= 3'd4;
`endif
`ifdef BUG_IEEE_SPECIALS
  wire nan = &exponent;
`else
  wire nan = &a[6:0];
`endif

  always @* begin
    if (nan)
`ifdef BUG_NAN_CODE
      y = {sign, 5'h1f, 10'h001};
`elsif BUG_NAN_SIGN
      y = 16'h7e00;
`else
      y = {sign, 5'h1f, 10'h200};
`endif
    else if (exponent != 0) y = {sign, {1'b0, exponent} + 5'd8, trailing, 7'b0};
    else if (trailing == 0)
`ifdef BUG_ZERO_SIGN
      y = 16'h0000;
`else
      y = {sign, 15'h0000};
`endif
    else if (top) y = {sign, 5'd8, trailing[1:0], 8'b0};
    else if (trailing >= 3'd2) y = {sign, 5'd7, trailing[0], 9'b0};
`ifdef BUG_LEAST_SUBNORMAL
    else y = {sign, 5'd7, 10'b0};
`else
    else y = {sign, 5'd6, 10'b0};
`endif
`ifdef BUG_TABLE_ENTRY
    if (a == `BUG_TABLE_ENTRY) y = y ^ 16'd1;
`endif
  end
endmodule

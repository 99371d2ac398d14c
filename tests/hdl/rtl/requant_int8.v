// int32 accumulator * multiplier / 2**shift to int8, as gemmlowp and TFLite with two roundings do:
// SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT. shift is 1 to 62; an accumulator
// that does not hold its shift to the left is outside the scheme. The defines BUG_* each inject
// one mistake.
`timescale 1ns / 1ps
module requant_int8 (
    input  wire signed [31:0] a,
    input  wire signed [31:0] m,
    input  wire        [5:0]  s,
    output reg         [7:0]  y
);
`ifdef BUG_SHIFT_SPLIT
  wire [4:0] left = s < 6'd31 ? 5'd30 - s[4:0] : 5'd0;
`else
  wire [4:0] left = s < 6'd31 ? 5'd31 - s[4:0] : 5'd0;
`endif
  wire [5:0] right = s > 6'd31 ? s - 6'd31 : 6'd0;

  wire signed [31:0] shifted = a <<< left;
  wire signed [63:0] product = shifted * m;
`ifdef BUG_NO_NUDGE
  wire signed [63:0] nudged = product;
`elsif BUG_NUDGE_AWAY
  wire signed [63:0] nudged = product + (product < 0 ? 64'sh3fffffff : 64'sh40000000);
`else
  wire signed [63:0] nudged = product + 64'sh40000000;
`endif
  // Only (-2**31)**2 overflows.
`ifdef BUG_SQUARE_WRAPS
  wire signed [31:0] high = nudged[62:31];
`else
  wire signed [31:0] high = nudged[63] == nudged[62] ? nudged[62:31] : 32'sh7fffffff;
`endif

  wire [31:0] below = ~(32'hffffffff << right);
  wire [31:0] remainder = high & below;
`ifdef BUG_TIE_OF_NEGATIVES
  wire [31:0] threshold = below >> 1;
`else
  wire [31:0] threshold = (below >> 1) + {31'd0, high < 0};
`endif
`ifdef BUG_LARGEST_SHIFT
  wire signed [31:0] quotient = high >>> (right == 6'd31 ? 6'd30 : right);
`else
  wire signed [31:0] quotient = high >>> right;
`endif
  wire signed [31:0] rounded = quotient + (remainder > threshold ? 32'sd1 : 32'sd0);

  always @* begin
`ifdef BUG_CLAMP_EDGE
    if (rounded > 32'sd128) y = 8'h7f;
`else
    if (rounded > 32'sd127) y = 8'h7f;
`endif
`ifdef BUG_NARROW_RANGE
    else if (rounded < -32'sd127) y = 8'h81;
`else
    else if (rounded < -32'sd128) y = 8'h80;
`endif
    else y = rounded[7:0];
  end
endmodule

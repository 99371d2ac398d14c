// OCP E4M3 times E4M3, rounded once to E4M3, in every deterministic mode; see e4m3_round.
// Any NaN operand gives the code 7f.
// The defines BUG_* each inject one mistake.
`timescale 1ns / 1ps
module e4m3_mul (
    input  wire [7:0] a,
    input  wire [7:0] b,
    input  wire [3:0] rm,
    output reg  [7:0] y,
    output reg  [4:0] flags
);
  wire sign = a[7] ^ b[7];
  wire jammed = rm == 4'd11;
  wire nan = (&a[6:0]) | (&b[6:0]);
  wire zero = (a[6:0] == 0) | (b[6:0] == 0);

  wire [3:0] significand_a = {a[6:3] != 0, a[2:0]};
  wire [3:0] significand_b = {b[6:3] != 0, b[2:0]};
  wire [3:0] field_a = a[6:3] == 0 ? 4'd1 : a[6:3];
`ifdef BUG_SUBNORMAL_OPERAND
  wire [3:0] field_b = b[6:3];
`else
  wire [3:0] field_b = b[6:3] == 0 ? 4'd1 : b[6:3];
`endif
  wire [7:0] product = significand_a * significand_b;

  reg signed [6:0] exponent;
  reg [7:0] normal;
  integer i;

  // The product is in 64ths and below 4: its leading digit weighs 2 at most.
  always @* begin
    exponent = $signed({3'b000, field_a}) + $signed({3'b000, field_b}) - 7'sd13;
    normal = product;
    for (i = 0; i < 7; i = i + 1)
      if (!normal[7]) begin
        normal = normal << 1;
        exponent = exponent - 7'sd1;
      end
`ifdef BUG_CARRY_DROPS_A_DIGIT
    if (product[7]) normal[0] = 1'b0;
`endif
  end

  wire [7:0] rounded;
  wire [4:0] raised;
  e4m3_round round (.sign(sign), .exponent(exponent), .significand({normal, 3'd0}), .rm(rm),
                    .y(rounded), .flags(raised));

  always @* begin
    y = rounded;
    flags = raised;
`ifdef BUG_LEAST_SQUARED
    if (a[6:0] == 1 && b[6:0] == 1) y = {sign, 7'd0};
`endif
    if (zero) begin
`ifdef BUG_ZERO_SIGN
      y = {7'd0, jammed};
`else
      y = {sign, 6'd0, jammed};
`endif
      flags = {4'd0, jammed};
    end
`ifdef BUG_ZERO_BEATS_NAN
    if (nan && !zero) begin
`else
    if (nan) begin
`endif
`ifdef BUG_NAN_CODE
      y = {sign, 7'h7f};
`else
      y = 8'h7f;
`endif
      flags = 5'd0;
    end
  end
endmodule

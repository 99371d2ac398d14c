// binary16 to OCP E4M3, combinational, in every deterministic mode; see e4m3_round.
// Infinity is NaN with NV; a NaN keeps its sign, and NV tells of a signalling one.
// The defines BUG_* each inject one mistake.
`timescale 1ns / 1ps
module fp16_to_e4m3 (
    input  wire [15:0] a,
    input  wire [3:0]  rm,
    output reg  [7:0]  y,
    output reg  [4:0]  flags
);
  wire       sign = a[15];
  wire [4:0] field = a[14:10];
  wire [9:0] trailing = a[9:0];
  wire       jammed = rm == 4'd11;

  reg signed [6:0] exponent;
  reg [10:0] significand;
  integer i;

  always @* begin
    exponent = $signed({2'b00, field}) - 7'sd15;
    significand = {1'b1, trailing};
    if (field == 0) begin
      exponent = -7'sd14;
      significand = {1'b0, trailing};
      for (i = 0; i < 10; i = i + 1)
        if (!significand[10]) begin
          significand = significand << 1;
          exponent = exponent - 7'sd1;
        end
    end
  end

  wire [7:0] rounded;
  wire [4:0] raised;
  e4m3_round round (.sign(sign), .exponent(exponent), .significand(significand), .rm(rm),
                    .y(rounded), .flags(raised));

  always @* begin
    y = rounded;
    flags = raised;
    if (&field) begin
`ifdef BUG_NAN_SIGN
      y = 8'h7f;
`else
      y = {sign, 7'h7f};
`endif
`ifdef BUG_SIGNALLING
      flags = {trailing == 0, 4'b0};
`else
      flags = {!trailing[9], 4'b0};
`endif
`ifdef BUG_INFINITY_SATURATES
      if (trailing == 0) y = {sign, 7'h7e};
`endif
`ifdef BUG_FLUSHED_OPERAND
    end else if (field == 0) begin
`else
    end else if (field == 0 && trailing == 0) begin
`endif
`ifdef BUG_ZERO_SIGN
      y = {7'd0, jammed};
`else
      y = {sign, 6'd0, jammed};
`endif
      flags = {4'd0, jammed};
    end
  end
endmodule

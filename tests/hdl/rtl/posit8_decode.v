// posit<8, 2> of the 2022 standard to binary32, combinational and exact; NaR is the quiet NaN.
// The defines BUG_* each inject one mistake; BUG_TABLE_ENTRY=<code> inverts the last bit of one
// answer, as a wrong line of a table would.
`timescale 1ns / 1ps
module posit8_decode (
    input  wire [7:0]  a,
    output reg  [31:0] y
);
  wire sign = a[7];
`ifdef BUG_NEGATION
  wire [6:0] magnitude = sign ? ~a[6:0] : a[6:0];
`else
  wire [6:0] magnitude = sign ? -a[6:0] : a[6:0];
`endif

  reg [2:0] run;        // of equal leading digits
  reg [6:0] tail;       // what follows the digit that ends the run, from the top
  reg signed [8:0] scale;
  reg running;
  integer i;

  always @* begin
    run = 3'd0;
    running = 1'b1;
    for (i = 6; i >= 0; i = i - 1) begin
      running = running & (magnitude[i] == magnitude[6]);
      if (running) run = run + 3'd1;
    end
`ifdef BUG_REGIME_END
    tail = magnitude << run;
`else
    tail = magnitude << run << 1;
`endif
`ifdef BUG_REGIME_OF_ONES
    scale = magnitude[6] ? $signed({6'd0, run}) : -$signed({6'd0, run});
`else
    scale = magnitude[6] ? $signed({6'd0, run}) - 9'sd1 : -$signed({6'd0, run});
`endif
    // Exponent digits that the regime has pushed out are zeros.
`ifdef BUG_CUT_EXPONENT
    scale = (scale <<< 2) + $signed({7'd0, run == 3'd5 ? {1'b0, tail[6]} : tail[6:5]});
`else
    scale = (scale <<< 2) + $signed({7'd0, tail[6:5]});
`endif
`ifdef BUG_MAXPOS
    if (&magnitude) scale = scale - 9'sd1;
`endif
    scale = scale + 9'sd127;
    y = {sign, scale[7:0], tail[4:0], 18'd0};
    if (magnitude == 0)
`ifdef BUG_NAR_CODE
      y = sign ? 32'h7f800000 : 32'd0;
`else
      y = sign ? 32'h7fc00000 : 32'd0;
`endif
`ifdef BUG_ZERO_SIGN
    if (a == 8'd0) y = 32'h80000000;
`endif
`ifdef BUG_TABLE_ENTRY
    if (a == `BUG_TABLE_ENTRY) y = y ^ 32'd1;
`endif
  end
endmodule

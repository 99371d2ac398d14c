// Rounds (-1)**sign * (significand / 1024) * 2**exponent to OCP E4M3; 1024 <= significand < 2048.
// What lies past 448 after rounding is NaN, also in directed modes. Flags are NV DZ OF UF NX; UF is
// tiny after rounding and inexact. Modes are numbered as in `numfmt.vectors`; the rest are nearest
// even. The defines BUG_* each inject one mistake.
`timescale 1ns / 1ps
module e4m3_round (
    input  wire               sign,
    input  wire signed [6:0]  exponent,
    input  wire        [10:0] significand,
    input  wire        [3:0]  rm,
    output wire        [7:0]  y,
    output wire        [4:0]  flags
);
  localparam signed [6:0] EMIN = -7'sd6;

  // Whether the magnitude moves up, of what is kept and what is lost.
  function up;
    input [3:0] mode;
    input negative, odd, half, sticky;
    case (mode)
      4'd1: up = 1'b0;                                  // toward_zero
      4'd2: up = negative & (half | sticky);            // toward_negative
      4'd3: up = ~negative & (half | sticky);           // toward_positive
      4'd4: up = half;                                  // nearest_away
      4'd6: up = ~odd & (half | sticky);                // to_odd
      4'd7: up = half & sticky;                         // nearest_zero
      4'd8: up = half & (sticky | ~negative);           // nearest_up
      4'd9: up = half & (sticky | negative);            // nearest_down
      4'd10: up = half | sticky;                        // away_from_zero
      4'd11: up = ~odd;                                 // jam
`ifdef BUG_TIE_PARITY
      default: up = half & (sticky | ~odd);
`else
      default: up = half & (sticky | odd);              // nearest_even
`endif
    endcase
  endfunction

`ifdef BUG_SUBNORMAL_BOUNDARY
  wire subnormal = exponent < EMIN - 7'sd1;
`else
  wire subnormal = exponent < EMIN;
`endif
  wire signed [6:0] distance = EMIN - exponent;
  wire [4:0] shift = subnormal ? distance[4:0] : 5'd0;
  wire [28:0] shifted = {significand, 18'd0} >> shift;
  wire half = shifted[24];
`ifdef BUG_LOST_STICKY
  wire sticky = |shifted[23:20];
`else
  wire sticky = |shifted[23:0];
`endif
  wire odd = shifted[25];
  wire signed [6:0] field = exponent + 7'sd7;
  wire [7:0] truncated = {subnormal ? 5'd0 : field[4:0], shifted[27:25]};
  wire [7:0] rounded = truncated + {7'd0, up(rm, sign, odd, half, sticky)};

`ifdef BUG_OVERFLOW_FLAG
  wire overflow = rounded > 8'h7f;
`else
  wire overflow = rounded > 8'h7e;
`endif

  // Tiny: below the least normal number even when rounded to four digits with any exponent.
  wire carry = &significand[10:7]
             & up(rm, sign, significand[7], significand[6], |significand[5:0]);
`ifdef BUG_TINY_BEFORE_ROUNDING
  wire tiny = subnormal;
`else
  wire tiny = subnormal & ~(exponent == EMIN - 7'sd1 & carry);
`endif
  wire inexact = half | sticky | (rm == 4'd11 & ~odd);

`ifdef BUG_OVERFLOW_SIGN
  assign y = {sign & ~overflow, overflow ? 7'h7f : rounded[6:0]};
`else
  assign y = {sign, overflow ? 7'h7f : rounded[6:0]};
`endif
  assign flags = {2'b00, overflow, tiny & inexact, overflow | inexact};
endmodule

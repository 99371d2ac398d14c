// c + the 32 products of E2M1 elements times two E8M0 scales: an exact sum, rounded once to
// binary32, ties to even. Element 0 lies in the least significant bits. The NaN is 7fc00000. The
// defines BUG_* each inject one mistake.
`timescale 1ns / 1ps
module mxfp4_dot32 (
    input  wire [127:0] a,
    input  wire [7:0]   scale_a,
    input  wire [127:0] b,
    input  wire [7:0]   scale_b,
    input  wire [31:0]  c,
    output reg  [31:0]  y
);
  // Twice the magnitude of an element.
  function [3:0] doubled;
    input [2:0] code;
    case (code)
      3'd0: doubled = 4'd0;
`ifdef BUG_ELEMENT_SUBNORMAL
      3'd1: doubled = 4'd0;
`else
      3'd1: doubled = 4'd1;
`endif
      3'd2: doubled = 4'd2;
      3'd3: doubled = 4'd3;
      3'd4: doubled = 4'd4;
      3'd5: doubled = 4'd6;
      3'd6: doubled = 4'd8;
      default: doubled = 4'd12;
    endcase
  endfunction

  reg [3:0] p, q;
  reg [7:0] product;
`ifdef BUG_CARRY
  reg signed [12:0] total;  // quarters; 32 * 6 * 6 of them at most
`else
  reg signed [13:0] total;
`endif
  reg all_zero, all_minus, nan;
  integer i;

  always @* begin
    total = 0;
    all_zero = 1'b1;
    all_minus = 1'b1;
`ifdef BUG_LAST_LANE
    for (i = 0; i < 31; i = i + 1) begin
`else
    for (i = 0; i < 32; i = i + 1) begin
`endif
      p = a[4*i +: 4];
`ifdef BUG_NIBBLE_ORDER
      q = b[4*(i ^ 1) +: 4];
`else
      q = b[4*i +: 4];
`endif
      product = doubled(p[2:0]) * doubled(q[2:0]);
      if (p[3] ^ q[3]) total = total - $signed({6'd0, product});
      else total = total + $signed({6'd0, product});
      all_zero = all_zero & (product == 0);
      all_minus = all_minus & (p[3] ^ q[3]);
    end
`ifdef BUG_SCALE_NAN
    nan = (&scale_a) | (&c[30:23] & |c[22:0]);
`else
    nan = (&scale_a) | (&scale_b) | (&c[30:23] & |c[22:0]);
`endif
  end

  // Both addends as 24 digits without leading zeros, with the exponent of the first digit.
  reg sign_x, sign_c, sign, subtract, x_leads;
  reg [23:0] x, z, leader, follower;
  reg signed [10:0] exponent_x, exponent_c, exponent, excess;
  reg [10:0] distance;
  reg [26:0] wide_leader, wide_follower;
  reg [27:0] sum, shifted;
  integer j;

  always @* begin
    sign_x = total < 0;
    x = {10'd0, sign_x ? -total : total} << 10;
    exponent_x = $signed({3'd0, scale_a}) + $signed({3'd0, scale_b}) - 11'sd243;
    for (j = 0; j < 13; j = j + 1)
      if (!x[23]) begin
        x = x << 1;
        exponent_x = exponent_x - 11'sd1;
      end
    sign_c = c[31];
    z = {c[30:23] != 0, c[22:0]};
    exponent_c = (c[30:23] == 0 ? 11'sd1 : $signed({3'd0, c[30:23]})) - 11'sd127;
    for (j = 0; j < 23; j = j + 1)
      if (!z[23]) begin
        z = z << 1;
        exponent_c = exponent_c - 11'sd1;
      end

    x_leads = z == 0 || (x != 0 && exponent_x >= exponent_c);
    leader = x_leads ? x : z;
    follower = x_leads ? z : x;
    exponent = x_leads ? exponent_x : exponent_c;
    distance = x_leads ? exponent_x - exponent_c : exponent_c - exponent_x;
    sign = x_leads ? sign_x : sign_c;
    subtract = sign_x ^ sign_c;

    // Two more digits, and a third that is sticky.
    wide_leader = {leader, 3'd0};
`ifdef BUG_ALIGNMENT
    if (distance == 11'd24) distance = 11'd23;
`endif
    wide_follower = {follower, 3'd0} >> distance;
`ifndef BUG_LOST_STICKY
    if (follower != 0 && (distance > 11'd26 || wide_follower << distance != {follower, 3'd0}))
      wide_follower[0] = 1'b1;
`endif
    if (!subtract) sum = {1'b0, wide_leader} + {1'b0, wide_follower};
    else if (wide_follower > wide_leader) begin
      sum = {1'b0, wide_follower} - {1'b0, wide_leader};
      sign = ~sign;
    end else sum = {1'b0, wide_leader} - {1'b0, wide_follower};

    // Normalised, or at the exponent of the subnormal numbers.
    exponent = exponent + 11'sd1;
    shifted = sum;
    for (j = 0; j < 27; j = j + 1)
      if (!shifted[27] && exponent > -11'sd126) begin
        shifted = shifted << 1;
        exponent = exponent - 11'sd1;
      end
    excess = -11'sd126 - exponent;
    if (excess > 0) begin
      shifted = sum >> excess;
`ifndef BUG_SUBNORMAL_STICKY
      if (excess > 11'sd27 || shifted << excess != sum) shifted[0] = 1'b1;
`endif
      exponent = -11'sd126;
    end

    y = {sign, shifted[27] ? exponent[7:0] + 8'd127 : 8'd0, shifted[26:4]};
`ifdef BUG_TIE_PARITY
    if (shifted[3]) y = y + 32'd1;
`else
    if (shifted[3] && (shifted[4] || shifted[2:0] != 0)) y = y + 32'd1;
`endif
`ifdef BUG_OVERFLOW_EDGE
    if (shifted[27] && exponent > 11'sd128) y = {sign, 31'h7f800000};
`else
    if (shifted[27] && exponent > 11'sd127) y = {sign, 31'h7f800000};
`endif
`ifdef BUG_ZERO_SIGN
    if (sum == 0) y = {sign_c, 31'd0};
`else
    if (sum == 0) y = {all_zero & all_minus & sign_c & z == 0, 31'd0};
`endif
    if (&c[30:23]) y = c;
    if (nan) y = 32'h7fc00000;
  end
endmodule

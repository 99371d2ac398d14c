// Puts every word of a set to the unit that a define names, and judges the answers: got.txt has a
// line a row, the code and the flags if the unit has any. Fails by $fatal, so the exit code tells.
`timescale 1ns / 1ps
`define FIELD(name) word[NUMFMT_``name``_MSB:NUMFMT_``name``_LSB]
module tb_vectors;
`include "layout.svh"
  localparam integer WIDTH = NUMFMT_EXPECTED_MSB - NUMFMT_EXPECTED_LSB + 1;
  reg [NUMFMT_WORD-1:0] words [0:NUMFMT_ROWS-1];
  reg [NUMFMT_WORD-1:0] word;
  wire [WIDTH-1:0] y;
  wire [WIDTH-1:0] expected = `FIELD(EXPECTED);
  wire [WIDTH-1:0] mask = `FIELD(MASK);
  wire [4:0] flags;
  integer i, passed, failed, out;

`ifdef DUT_E4M3_TO_FP16
  e4m3_to_fp16 dut (.a(`FIELD(A)), .y(y));
`elsif DUT_POSIT8_DECODE
  posit8_decode dut (.a(`FIELD(A)), .y(y));
`elsif DUT_FP16_TO_E4M3
  `define HAS_FLAGS
  fp16_to_e4m3 dut (.a(`FIELD(A)), .rm(`FIELD(RM)), .y(y), .flags(flags));
`elsif DUT_E4M3_MUL
  `define HAS_FLAGS
  e4m3_mul dut (.a(`FIELD(A)), .b(`FIELD(B)), .rm(`FIELD(RM)), .y(y), .flags(flags));
`elsif DUT_REQUANT_INT8
  requant_int8 dut (.a(`FIELD(A)), .m(`FIELD(M)), .s(`FIELD(S)), .y(y));
`elsif DUT_DOT16_ALIGNED
  dot16_aligned dut (.a(`FIELD(A)), .b(`FIELD(B)), .c(`FIELD(C)), .y(y));
`elsif DUT_MXFP4_DOT32
  mxfp4_dot32 dut (.a(`FIELD(A)), .scale_a(`FIELD(SCALE_A)), .b(`FIELD(B)),
                   .scale_b(`FIELD(SCALE_B)), .c(`FIELD(C)), .y(y));
`endif
`ifndef HAS_FLAGS
  assign flags = `FIELD(FLAGS);  // the unit raises none: not judged
`endif

  initial begin
    $readmemh("vectors.hex", words);
    out = $fopen("got.txt", "w");
    passed = 0;
    failed = 0;
    for (i = 0; i < NUMFMT_ROWS; i = i + 1) begin
      word = words[i];
      #1;
      // A word that the file lacks is x in Icarus and 0 in Verilator: === is false for x, and a
      // real mask is never 0.
      if (((y ^ expected) & mask) === {WIDTH{1'b0}} && mask !== {WIDTH{1'b0}}
          && flags === `FIELD(FLAGS)) passed = passed + 1;
      else failed = failed + 1;
`ifdef HAS_FLAGS
      $fdisplay(out, "%h %h", y, flags);
`else
      $fdisplay(out, "%h", y);
`endif
    end
    $fclose(out);
    $display("%0d passed, %0d failed", passed, failed);
    if (passed != NUMFMT_ROWS) $fatal(1, "some rows failed");
    $finish(0);
  end
endmodule

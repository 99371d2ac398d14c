// Checks e4m3_to_fp16 against every row of a `decode e4m3 --dst binary16` set.
`timescale 1ns / 1ps
module tb_e4m3_to_fp16;
`include "layout.svh"
  reg [NUMFMT_WORD-1:0] words [0:NUMFMT_ROWS-1];
  reg [NUMFMT_WORD-1:0] word;
  wire [15:0] y;
  wire [15:0] expected = word[NUMFMT_EXPECTED_MSB:NUMFMT_EXPECTED_LSB];
  wire [15:0] mask = word[NUMFMT_MASK_MSB:NUMFMT_MASK_LSB];
  integer i, passed, failed, out;

  e4m3_to_fp16 dut (.a(word[NUMFMT_A_MSB:NUMFMT_A_LSB]), .y(y));

  initial begin
    $readmemh("vectors.hex", words);
    out = $fopen("got.txt", "w");
    passed = 0;
    failed = 0;
    for (i = 0; i < NUMFMT_ROWS; i = i + 1) begin
      word = words[i];
      #1;
      // The design raises no flags. === 0 is false for x, so a missing word fails.
      if (((y ^ expected) & mask) === 16'h0000 && mask != 0
          && word[NUMFMT_FLAGS_MSB:NUMFMT_FLAGS_LSB] === 5'd0) passed = passed + 1;
      else failed = failed + 1;
      $fdisplay(out, "%h", y);
    end
    $fclose(out);
    $display("%0d passed, %0d failed", passed, failed);
    $finish(0);
  end
endmodule

// Prints every field of every word of a set, so that another reader can compare them.
`timescale 1ns / 1ps
module tb_echo;
`include "layout.svh"
  reg [NUMFMT_WORD-1:0] words [0:NUMFMT_ROWS-1];
  reg [NUMFMT_WORD-1:0] word;
  integer i, passed, failed, out;

  initial begin
    $readmemh("vectors.hex", words);
    out = $fopen("echo.txt", "w");
    passed = 0;
    failed = 0;
    for (i = 0; i < NUMFMT_ROWS; i = i + 1) begin
      word = words[i];
      // A word that the file lacks is x in Icarus and 0 in Verilator; a real mask is never 0.
      if ((^word) === 1'bx || word[NUMFMT_MASK_MSB:NUMFMT_MASK_LSB] == 0) failed = failed + 1;
      else passed = passed + 1;
      $fwrite(out, "%h %h %h", word[NUMFMT_CLASS_MSB:NUMFMT_CLASS_LSB],
              word[NUMFMT_RM_MSB:NUMFMT_RM_LSB], word[NUMFMT_A_MSB:NUMFMT_A_LSB]);
`ifdef HAS_RANDOM
      $fwrite(out, " %h", word[NUMFMT_RANDOM_MSB:NUMFMT_RANDOM_LSB]);
`endif
      $fwrite(out, " %h %h %h\n", word[NUMFMT_EXPECTED_MSB:NUMFMT_EXPECTED_LSB],
              word[NUMFMT_MASK_MSB:NUMFMT_MASK_LSB], word[NUMFMT_FLAGS_MSB:NUMFMT_FLAGS_LSB]);
    end
    $fdisplay(out, "%0d passed, %0d failed", passed, failed);
    $fclose(out);
    $display("%0d passed, %0d failed", passed, failed);
    $finish(0);
  end
endmodule

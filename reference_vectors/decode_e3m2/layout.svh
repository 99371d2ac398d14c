// numfmt vectors, spec sha256 746b3ff840ae633b189f3d6b78efc39eec889b7101ec4d1e08f696c5b78845fb
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 64;
localparam integer NUMFMT_WORD = 87;
localparam integer NUMFMT_CLASS_MSB = 86;
localparam integer NUMFMT_CLASS_LSB = 79;
localparam integer NUMFMT_RM_MSB = 78;
localparam integer NUMFMT_RM_LSB = 75;
localparam integer NUMFMT_A_MSB = 74;
localparam integer NUMFMT_A_LSB = 69;
localparam integer NUMFMT_EXPECTED_MSB = 68;
localparam integer NUMFMT_EXPECTED_LSB = 37;
localparam integer NUMFMT_MASK_MSB = 36;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [5:0] a_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

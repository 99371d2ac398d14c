// numfmt vectors, spec sha256 5a4fb02656bd3182a3bfa1ff27af65f9f37d1c5eb7926b7dfd6ca51e246346ac
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 2000;
localparam integer NUMFMT_WORD = 57;
localparam integer NUMFMT_CLASS_MSB = 56;
localparam integer NUMFMT_CLASS_LSB = 53;
localparam integer NUMFMT_RM_MSB = 52;
localparam integer NUMFMT_RM_LSB = 49;
localparam integer NUMFMT_A_MSB = 48;
localparam integer NUMFMT_A_LSB = 17;
localparam integer NUMFMT_EXPECTED_MSB = 16;
localparam integer NUMFMT_EXPECTED_LSB = 11;
localparam integer NUMFMT_MASK_MSB = 10;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [3:0] class_;
  logic [3:0] rm_;
  logic [31:0] a_;
  logic [5:0] expected_;
  logic [5:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 8c05f719d8ad69f3c91d3c6bde6cec560ced43e837b3d6be629af51a4794360e
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 2000;
localparam integer NUMFMT_WORD = 61;
localparam integer NUMFMT_CLASS_MSB = 60;
localparam integer NUMFMT_CLASS_LSB = 57;
localparam integer NUMFMT_RM_MSB = 56;
localparam integer NUMFMT_RM_LSB = 53;
localparam integer NUMFMT_A_MSB = 52;
localparam integer NUMFMT_A_LSB = 21;
localparam integer NUMFMT_EXPECTED_MSB = 20;
localparam integer NUMFMT_EXPECTED_LSB = 13;
localparam integer NUMFMT_MASK_MSB = 12;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [3:0] class_;
  logic [3:0] rm_;
  logic [31:0] a_;
  logic [7:0] expected_;
  logic [7:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 dcf48c9d97424b8ee0c602b3f7bb080aa565d600af9362b82c0d8b94b5fe807c
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 4096;
localparam integer NUMFMT_WORD = 41;
localparam integer NUMFMT_CLASS_MSB = 40;
localparam integer NUMFMT_CLASS_LSB = 33;
localparam integer NUMFMT_RM_MSB = 32;
localparam integer NUMFMT_RM_LSB = 29;
localparam integer NUMFMT_A_MSB = 28;
localparam integer NUMFMT_A_LSB = 23;
localparam integer NUMFMT_B_MSB = 22;
localparam integer NUMFMT_B_LSB = 17;
localparam integer NUMFMT_EXPECTED_MSB = 16;
localparam integer NUMFMT_EXPECTED_LSB = 11;
localparam integer NUMFMT_MASK_MSB = 10;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [5:0] a_;
  logic [5:0] b_;
  logic [5:0] expected_;
  logic [5:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

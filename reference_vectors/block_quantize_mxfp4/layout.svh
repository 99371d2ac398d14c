// numfmt vectors, spec sha256 16525cc50b4d4af8fd4173523918a422b879cdd9569de982555616a3b2946dc4
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 80;
localparam integer NUMFMT_WORD = 33;
localparam integer NUMFMT_CLASS_MSB = 32;
localparam integer NUMFMT_CLASS_LSB = 25;
localparam integer NUMFMT_RM_MSB = 24;
localparam integer NUMFMT_RM_LSB = 21;
localparam integer NUMFMT_EXPECTED_SCALE_MSB = 20;
localparam integer NUMFMT_EXPECTED_SCALE_LSB = 13;
localparam integer NUMFMT_MASK_SCALE_MSB = 12;
localparam integer NUMFMT_MASK_SCALE_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 32;
localparam integer NUMFMT_A_WIDTH = 32;
localparam integer NUMFMT_EXPECTED_COUNT = 32;
localparam integer NUMFMT_EXPECTED_WIDTH = 4;
localparam integer NUMFMT_MASK_COUNT = 32;
localparam integer NUMFMT_MASK_WIDTH = 4;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [7:0] expected_scale_;
  logic [7:0] mask_scale_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 19cff018e825c1fd230e991626cd2824736b58f96d26bbb80af8cadd33e6e1f6
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 160;
localparam integer NUMFMT_WORD = 17;
localparam integer NUMFMT_CLASS_MSB = 16;
localparam integer NUMFMT_CLASS_LSB = 9;
localparam integer NUMFMT_RM_MSB = 8;
localparam integer NUMFMT_RM_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 64;
localparam integer NUMFMT_A_WIDTH = 8;
localparam integer NUMFMT_B_COUNT = 64;
localparam integer NUMFMT_B_WIDTH = 8;
localparam integer NUMFMT_C_COUNT = 4;
localparam integer NUMFMT_C_WIDTH = 32;
localparam integer NUMFMT_EXPECTED_COUNT = 4;
localparam integer NUMFMT_EXPECTED_WIDTH = 32;
localparam integer NUMFMT_MASK_COUNT = 4;
localparam integer NUMFMT_MASK_WIDTH = 32;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

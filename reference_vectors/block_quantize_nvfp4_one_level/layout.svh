// numfmt vectors, spec sha256 4df573f08b0255d98104d40b352c1f0375c3ef795788904d2477306d7fad6e6b
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 80;
localparam integer NUMFMT_WORD = 673;
localparam integer NUMFMT_CLASS_MSB = 672;
localparam integer NUMFMT_CLASS_LSB = 665;
localparam integer NUMFMT_RM_MSB = 664;
localparam integer NUMFMT_RM_LSB = 661;
localparam integer NUMFMT_A_MSB = 660;
localparam integer NUMFMT_A_LSB = 149;
localparam integer NUMFMT_EXPECTED_MSB = 148;
localparam integer NUMFMT_EXPECTED_LSB = 85;
localparam integer NUMFMT_EXPECTED_SCALE_MSB = 84;
localparam integer NUMFMT_EXPECTED_SCALE_LSB = 77;
localparam integer NUMFMT_MASK_MSB = 76;
localparam integer NUMFMT_MASK_LSB = 13;
localparam integer NUMFMT_MASK_SCALE_MSB = 12;
localparam integer NUMFMT_MASK_SCALE_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 16;
localparam integer NUMFMT_A_WIDTH = 32;
localparam integer NUMFMT_EXPECTED_COUNT = 16;
localparam integer NUMFMT_EXPECTED_WIDTH = 4;
localparam integer NUMFMT_MASK_COUNT = 16;
localparam integer NUMFMT_MASK_WIDTH = 4;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] [31:0] a_;
  logic [15:0] [3:0] expected_;
  logic [7:0] expected_scale_;
  logic [15:0] [3:0] mask_;
  logic [7:0] mask_scale_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 c538872330be9e84d2c3ffa42592f0129d0c1b5c738145f07c5570ea544d2edd
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 400;
localparam integer NUMFMT_WORD = 369;
localparam integer NUMFMT_CLASS_MSB = 368;
localparam integer NUMFMT_CLASS_LSB = 361;
localparam integer NUMFMT_RM_MSB = 360;
localparam integer NUMFMT_RM_LSB = 357;
localparam integer NUMFMT_A_MSB = 356;
localparam integer NUMFMT_A_LSB = 229;
localparam integer NUMFMT_B_MSB = 228;
localparam integer NUMFMT_B_LSB = 101;
localparam integer NUMFMT_C_MSB = 100;
localparam integer NUMFMT_C_LSB = 69;
localparam integer NUMFMT_EXPECTED_MSB = 68;
localparam integer NUMFMT_EXPECTED_LSB = 37;
localparam integer NUMFMT_MASK_MSB = 36;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 16;
localparam integer NUMFMT_A_WIDTH = 8;
localparam integer NUMFMT_B_COUNT = 16;
localparam integer NUMFMT_B_WIDTH = 8;
localparam integer NUMFMT_RM_TOWARD_ZERO = 1;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] [7:0] a_;
  logic [15:0] [7:0] b_;
  logic [31:0] c_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 b8755e52c800a781961148e82894a0a302a0797854d4c008ea532cc79e09e63d
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 160;
localparam integer NUMFMT_WORD = 273;
localparam integer NUMFMT_CLASS_MSB = 272;
localparam integer NUMFMT_CLASS_LSB = 265;
localparam integer NUMFMT_RM_MSB = 264;
localparam integer NUMFMT_RM_LSB = 261;
localparam integer NUMFMT_A_MSB = 260;
localparam integer NUMFMT_A_LSB = 229;
localparam integer NUMFMT_B_MSB = 228;
localparam integer NUMFMT_B_LSB = 197;
localparam integer NUMFMT_C_MSB = 196;
localparam integer NUMFMT_C_LSB = 133;
localparam integer NUMFMT_EXPECTED_MSB = 132;
localparam integer NUMFMT_EXPECTED_LSB = 69;
localparam integer NUMFMT_MASK_MSB = 68;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 4;
localparam integer NUMFMT_A_WIDTH = 8;
localparam integer NUMFMT_B_COUNT = 4;
localparam integer NUMFMT_B_WIDTH = 8;
localparam integer NUMFMT_C_COUNT = 4;
localparam integer NUMFMT_C_WIDTH = 16;
localparam integer NUMFMT_EXPECTED_COUNT = 4;
localparam integer NUMFMT_EXPECTED_WIDTH = 16;
localparam integer NUMFMT_MASK_COUNT = 4;
localparam integer NUMFMT_MASK_WIDTH = 16;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [3:0] [7:0] a_;
  logic [3:0] [7:0] b_;
  logic [3:0] [15:0] c_;
  logic [3:0] [15:0] expected_;
  logic [3:0] [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 79228f861011768420aec3d302860b1ec1ea573643a6e8533bad368ca181151f
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 300;
localparam integer NUMFMT_WORD = 321;
localparam integer NUMFMT_CLASS_MSB = 320;
localparam integer NUMFMT_CLASS_LSB = 313;
localparam integer NUMFMT_RM_MSB = 312;
localparam integer NUMFMT_RM_LSB = 309;
localparam integer NUMFMT_A_MSB = 308;
localparam integer NUMFMT_A_LSB = 181;
localparam integer NUMFMT_B_MSB = 180;
localparam integer NUMFMT_B_LSB = 53;
localparam integer NUMFMT_C_MSB = 52;
localparam integer NUMFMT_C_LSB = 37;
localparam integer NUMFMT_EXPECTED_MSB = 36;
localparam integer NUMFMT_EXPECTED_LSB = 21;
localparam integer NUMFMT_MASK_MSB = 20;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 8;
localparam integer NUMFMT_A_WIDTH = 16;
localparam integer NUMFMT_B_COUNT = 8;
localparam integer NUMFMT_B_WIDTH = 16;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [7:0] [15:0] a_;
  logic [7:0] [15:0] b_;
  logic [15:0] c_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

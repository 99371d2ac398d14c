// numfmt vectors, spec sha256 4c47b29bc932a0c85fb3affc1c81b814797838772f0295dec36edb503be44555
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 200;
localparam integer NUMFMT_WORD = 257;
localparam integer NUMFMT_CLASS_MSB = 256;
localparam integer NUMFMT_CLASS_LSB = 249;
localparam integer NUMFMT_RM_MSB = 248;
localparam integer NUMFMT_RM_LSB = 245;
localparam integer NUMFMT_A_MSB = 244;
localparam integer NUMFMT_A_LSB = 181;
localparam integer NUMFMT_SCALE_A_MSB = 180;
localparam integer NUMFMT_SCALE_A_LSB = 173;
localparam integer NUMFMT_B_MSB = 172;
localparam integer NUMFMT_B_LSB = 109;
localparam integer NUMFMT_SCALE_B_MSB = 108;
localparam integer NUMFMT_SCALE_B_LSB = 101;
localparam integer NUMFMT_C_MSB = 100;
localparam integer NUMFMT_C_LSB = 69;
localparam integer NUMFMT_EXPECTED_MSB = 68;
localparam integer NUMFMT_EXPECTED_LSB = 37;
localparam integer NUMFMT_MASK_MSB = 36;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 16;
localparam integer NUMFMT_A_WIDTH = 4;
localparam integer NUMFMT_B_COUNT = 16;
localparam integer NUMFMT_B_WIDTH = 4;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] [3:0] a_;
  logic [7:0] scale_a_;
  logic [15:0] [3:0] b_;
  logic [7:0] scale_b_;
  logic [31:0] c_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

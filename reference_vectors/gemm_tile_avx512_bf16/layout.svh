// numfmt vectors, spec sha256 7dbbefb9c621850eecb28206e872056a91471bfd3afe9b36c180f4a7ecef7d5d
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 160;
localparam integer NUMFMT_WORD = 529;
localparam integer NUMFMT_CLASS_MSB = 528;
localparam integer NUMFMT_CLASS_LSB = 521;
localparam integer NUMFMT_RM_MSB = 520;
localparam integer NUMFMT_RM_LSB = 517;
localparam integer NUMFMT_A_MSB = 516;
localparam integer NUMFMT_A_LSB = 453;
localparam integer NUMFMT_B_MSB = 452;
localparam integer NUMFMT_B_LSB = 389;
localparam integer NUMFMT_C_MSB = 388;
localparam integer NUMFMT_C_LSB = 261;
localparam integer NUMFMT_EXPECTED_MSB = 260;
localparam integer NUMFMT_EXPECTED_LSB = 133;
localparam integer NUMFMT_MASK_MSB = 132;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 4;
localparam integer NUMFMT_A_WIDTH = 16;
localparam integer NUMFMT_B_COUNT = 4;
localparam integer NUMFMT_B_WIDTH = 16;
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
  logic [3:0] [15:0] a_;
  logic [3:0] [15:0] b_;
  logic [3:0] [31:0] c_;
  logic [3:0] [31:0] expected_;
  logic [3:0] [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

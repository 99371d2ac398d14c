// numfmt vectors, spec sha256 2f14804923dd7c499cd615d8ff0ec5702a9c4e3f3ef2d457d0aa32030946435d
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 200;
localparam integer NUMFMT_WORD = 625;
localparam integer NUMFMT_CLASS_MSB = 624;
localparam integer NUMFMT_CLASS_LSB = 617;
localparam integer NUMFMT_RM_MSB = 616;
localparam integer NUMFMT_RM_LSB = 613;
localparam integer NUMFMT_A_MSB = 612;
localparam integer NUMFMT_A_LSB = 357;
localparam integer NUMFMT_B_MSB = 356;
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
localparam integer NUMFMT_A_WIDTH = 16;
localparam integer NUMFMT_B_COUNT = 16;
localparam integer NUMFMT_B_WIDTH = 16;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] [15:0] a_;
  logic [15:0] [15:0] b_;
  logic [31:0] c_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

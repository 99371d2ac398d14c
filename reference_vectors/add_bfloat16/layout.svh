// numfmt vectors, spec sha256 7cc4e0320318e3d4441b8c54b610ada54ffba339f4178a6da73aa02f8868aaa2
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 4000;
localparam integer NUMFMT_WORD = 81;
localparam integer NUMFMT_CLASS_MSB = 80;
localparam integer NUMFMT_CLASS_LSB = 73;
localparam integer NUMFMT_RM_MSB = 72;
localparam integer NUMFMT_RM_LSB = 69;
localparam integer NUMFMT_A_MSB = 68;
localparam integer NUMFMT_A_LSB = 53;
localparam integer NUMFMT_B_MSB = 52;
localparam integer NUMFMT_B_LSB = 37;
localparam integer NUMFMT_EXPECTED_MSB = 36;
localparam integer NUMFMT_EXPECTED_LSB = 21;
localparam integer NUMFMT_MASK_MSB = 20;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
localparam integer NUMFMT_RM_TOWARD_ZERO = 1;
localparam integer NUMFMT_RM_TOWARD_NEGATIVE = 2;
localparam integer NUMFMT_RM_TOWARD_POSITIVE = 3;
localparam integer NUMFMT_RM_NEAREST_AWAY = 4;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] a_;
  logic [15:0] b_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 0b7900d8e83e7f4c234faed3c44def5e3da454e82d9d81d4bee6e1b54814ef2b
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 2600;
localparam integer NUMFMT_WORD = 49;
localparam integer NUMFMT_CLASS_MSB = 48;
localparam integer NUMFMT_CLASS_LSB = 41;
localparam integer NUMFMT_RM_MSB = 40;
localparam integer NUMFMT_RM_LSB = 37;
localparam integer NUMFMT_A_MSB = 36;
localparam integer NUMFMT_A_LSB = 29;
localparam integer NUMFMT_B_MSB = 28;
localparam integer NUMFMT_B_LSB = 21;
localparam integer NUMFMT_EXPECTED_MSB = 20;
localparam integer NUMFMT_EXPECTED_LSB = 13;
localparam integer NUMFMT_MASK_MSB = 12;
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
  logic [7:0] a_;
  logic [7:0] b_;
  logic [7:0] expected_;
  logic [7:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 6e804fd9d180c436cf187dc7d4c938120605fa2392102c1065acec84d8e4a775
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 200;
localparam integer NUMFMT_WORD = 103;
localparam integer NUMFMT_CLASS_MSB = 102;
localparam integer NUMFMT_CLASS_LSB = 95;
localparam integer NUMFMT_RM_MSB = 94;
localparam integer NUMFMT_RM_LSB = 91;
localparam integer NUMFMT_A_MSB = 90;
localparam integer NUMFMT_A_LSB = 59;
localparam integer NUMFMT_M_MSB = 58;
localparam integer NUMFMT_M_LSB = 27;
localparam integer NUMFMT_S_MSB = 26;
localparam integer NUMFMT_S_LSB = 21;
localparam integer NUMFMT_EXPECTED_MSB = 20;
localparam integer NUMFMT_EXPECTED_LSB = 13;
localparam integer NUMFMT_MASK_MSB = 12;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [31:0] a_;
  logic [31:0] m_;
  logic [5:0] s_;
  logic [7:0] expected_;
  logic [7:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 1800e21995e81338337d6f9fa4cdd431410ea5c41d6c2958d338b13cb25f9c03
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 1280;
localparam integer NUMFMT_WORD = 57;
localparam integer NUMFMT_CLASS_MSB = 56;
localparam integer NUMFMT_CLASS_LSB = 49;
localparam integer NUMFMT_RM_MSB = 48;
localparam integer NUMFMT_RM_LSB = 45;
localparam integer NUMFMT_A_MSB = 44;
localparam integer NUMFMT_A_LSB = 37;
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
  logic [7:0] a_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

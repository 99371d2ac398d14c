// numfmt vectors, spec sha256 b3fbe773dd79e476d7c2611ea9c1a842abf8ff3ff0ad8980e3e220768fbfa14d
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 16;
localparam integer NUMFMT_WORD = 85;
localparam integer NUMFMT_CLASS_MSB = 84;
localparam integer NUMFMT_CLASS_LSB = 77;
localparam integer NUMFMT_RM_MSB = 76;
localparam integer NUMFMT_RM_LSB = 73;
localparam integer NUMFMT_A_MSB = 72;
localparam integer NUMFMT_A_LSB = 69;
localparam integer NUMFMT_EXPECTED_MSB = 68;
localparam integer NUMFMT_EXPECTED_LSB = 37;
localparam integer NUMFMT_MASK_MSB = 36;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [3:0] a_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

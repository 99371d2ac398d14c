// numfmt vectors, spec sha256 3eb74ec22a209ce56e206c572a7ad96eb3484b8c9d11a4e52c94257f5f2b54dd
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 160;
localparam integer NUMFMT_WORD = 17;
localparam integer NUMFMT_CLASS_MSB = 16;
localparam integer NUMFMT_CLASS_LSB = 9;
localparam integer NUMFMT_RM_MSB = 8;
localparam integer NUMFMT_RM_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_A_COUNT = 64;
localparam integer NUMFMT_A_WIDTH = 8;
localparam integer NUMFMT_B_COUNT = 64;
localparam integer NUMFMT_B_WIDTH = 8;
localparam integer NUMFMT_C_COUNT = 4;
localparam integer NUMFMT_C_WIDTH = 32;
localparam integer NUMFMT_EXPECTED_COUNT = 4;
localparam integer NUMFMT_EXPECTED_WIDTH = 32;
localparam integer NUMFMT_MASK_COUNT = 4;
localparam integer NUMFMT_MASK_WIDTH = 32;
localparam integer NUMFMT_RM_TOWARD_ZERO = 1;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

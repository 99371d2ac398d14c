// numfmt vectors, spec sha256 b412ee5883a59e5ae0d4dafb071478189d4ad4734df83044c7dd198d9fceb705
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 2000;
localparam integer NUMFMT_WORD = 65;
localparam integer NUMFMT_CLASS_MSB = 64;
localparam integer NUMFMT_CLASS_LSB = 57;
localparam integer NUMFMT_RM_MSB = 56;
localparam integer NUMFMT_RM_LSB = 53;
localparam integer NUMFMT_A_MSB = 52;
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
  logic [15:0] a_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

// numfmt vectors, spec sha256 6c4ef8e49c0696f949cae87cd4ebeffec1f79252936515368b67e99c6a5f61ca
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 9900;
localparam integer NUMFMT_WORD = 49;
localparam integer NUMFMT_CLASS_MSB = 48;
localparam integer NUMFMT_CLASS_LSB = 41;
localparam integer NUMFMT_RM_MSB = 40;
localparam integer NUMFMT_RM_LSB = 37;
localparam integer NUMFMT_A_MSB = 36;
localparam integer NUMFMT_A_LSB = 21;
localparam integer NUMFMT_EXPECTED_MSB = 20;
localparam integer NUMFMT_EXPECTED_LSB = 13;
localparam integer NUMFMT_MASK_MSB = 12;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
localparam integer NUMFMT_RM_NEAREST_AWAY = 4;
localparam integer NUMFMT_RM_NEAREST_ZERO = 7;
localparam integer NUMFMT_RM_NEAREST_UP = 8;
localparam integer NUMFMT_RM_NEAREST_DOWN = 9;
localparam integer NUMFMT_RM_TOWARD_ZERO = 1;
localparam integer NUMFMT_RM_TOWARD_POSITIVE = 3;
localparam integer NUMFMT_RM_TOWARD_NEGATIVE = 2;
localparam integer NUMFMT_RM_AWAY_FROM_ZERO = 10;
localparam integer NUMFMT_RM_TO_ODD = 6;
localparam integer NUMFMT_RM_JAM = 11;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [15:0] a_;
  logic [7:0] expected_;
  logic [7:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

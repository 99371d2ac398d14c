// numfmt vectors, spec sha256 ea2b921b0a08bf0b5f9ff4dd0f2ee79e1b0694190e6fd3d9ad27c2d10acb8607
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 800;
localparam integer NUMFMT_WORD = 65;
localparam integer NUMFMT_CLASS_MSB = 64;
localparam integer NUMFMT_CLASS_LSB = 57;
localparam integer NUMFMT_RM_MSB = 56;
localparam integer NUMFMT_RM_LSB = 53;
localparam integer NUMFMT_A_MSB = 52;
localparam integer NUMFMT_A_LSB = 21;
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
  logic [7:0] expected_;
  logic [7:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

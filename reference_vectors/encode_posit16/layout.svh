// numfmt vectors, spec sha256 ba2f4c6f8ca03cb2808e329929e6321273a5a54f0696df294e0e272551d6cec3
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 800;
localparam integer NUMFMT_WORD = 81;
localparam integer NUMFMT_CLASS_MSB = 80;
localparam integer NUMFMT_CLASS_LSB = 73;
localparam integer NUMFMT_RM_MSB = 72;
localparam integer NUMFMT_RM_LSB = 69;
localparam integer NUMFMT_A_MSB = 68;
localparam integer NUMFMT_A_LSB = 37;
localparam integer NUMFMT_EXPECTED_MSB = 36;
localparam integer NUMFMT_EXPECTED_LSB = 21;
localparam integer NUMFMT_MASK_MSB = 20;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
localparam integer NUMFMT_RM_NEAREST_EVEN = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [7:0] class_;
  logic [3:0] rm_;
  logic [31:0] a_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

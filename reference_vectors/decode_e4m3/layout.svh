// numfmt vectors, spec sha256 6197512d3003ea9829a2ad3f9550bd7d2fb26b185159e7569e5b98263bade02b
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 256;
localparam integer NUMFMT_WORD = 89;
localparam integer NUMFMT_CLASS_MSB = 88;
localparam integer NUMFMT_CLASS_LSB = 81;
localparam integer NUMFMT_RM_MSB = 80;
localparam integer NUMFMT_RM_LSB = 77;
localparam integer NUMFMT_A_MSB = 76;
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
  logic [7:0] a_;
  logic [31:0] expected_;
  logic [31:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

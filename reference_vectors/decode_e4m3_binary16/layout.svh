// numfmt vectors, spec sha256 d5e0e4894a1a7e0035a01ae6a5f327af721e915c85d5a1db6403b751caacd3cc
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 256;
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

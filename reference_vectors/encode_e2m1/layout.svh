// numfmt vectors, spec sha256 c6b37461f2177bbb0f6e8652c24ed597cf5a9334c8eb28c64936b0272e78abcd
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 2000;
localparam integer NUMFMT_WORD = 53;
localparam integer NUMFMT_CLASS_MSB = 52;
localparam integer NUMFMT_CLASS_LSB = 49;
localparam integer NUMFMT_RM_MSB = 48;
localparam integer NUMFMT_RM_LSB = 45;
localparam integer NUMFMT_A_MSB = 44;
localparam integer NUMFMT_A_LSB = 13;
localparam integer NUMFMT_EXPECTED_MSB = 12;
localparam integer NUMFMT_EXPECTED_LSB = 9;
localparam integer NUMFMT_MASK_MSB = 8;
localparam integer NUMFMT_MASK_LSB = 5;
localparam integer NUMFMT_FLAGS_MSB = 4;
localparam integer NUMFMT_FLAGS_LSB = 0;
`ifdef NUMFMT_STRUCT
typedef struct packed {
  logic [3:0] class_;
  logic [3:0] rm_;
  logic [31:0] a_;
  logic [3:0] expected_;
  logic [3:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

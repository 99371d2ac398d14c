// numfmt vectors, spec sha256 3c7e6c49bc78e598474c8ca2d560f7a7ecbfd617ad236c529d1ef00499d77aab
`ifndef NUMFMT_LAYOUT_SVH
`define NUMFMT_LAYOUT_SVH
localparam integer NUMFMT_ROWS = 4000;
localparam integer NUMFMT_WORD = 97;
localparam integer NUMFMT_CLASS_MSB = 96;
localparam integer NUMFMT_CLASS_LSB = 89;
localparam integer NUMFMT_RM_MSB = 88;
localparam integer NUMFMT_RM_LSB = 85;
localparam integer NUMFMT_A_MSB = 84;
localparam integer NUMFMT_A_LSB = 69;
localparam integer NUMFMT_B_MSB = 68;
localparam integer NUMFMT_B_LSB = 53;
localparam integer NUMFMT_C_MSB = 52;
localparam integer NUMFMT_C_LSB = 37;
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
  logic [15:0] a_;
  logic [15:0] b_;
  logic [15:0] c_;
  logic [15:0] expected_;
  logic [15:0] mask_;
  logic [4:0] flags_;
} numfmt_row_t;
`endif
`endif

#pragma once
// Depthwise convolutions in float32, one output row:
//   out[x][c] = clamp(bias[c] + sum over ky, kx of in[ky][x * stride + kx * dilation - pad][c] * w[ky][kx][c])
// Taps outside of the row are left out, and so are rows that are null.
//
// Errors: none. Threads: safe on distinct rows.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

struct DepthwiseF32Args {
  const float* const* rows;  // one a row of the window
  int row_count, taps;
  int64_t channels;
  int64_t in_step, out_step, weight_step;  // floats from column to column of input and output, from tap to tap
  int64_t columns, pad_left, stride, dilation;
  const float* weights;  // [row][tap], weight_step apart
  const float* bias;     // [channels]
  float least, most;
  float* out;
  int64_t out_columns;
};

struct DepthwiseF32Kernel {
  Isa needs;
  const char* name;
  void (*run)(const DepthwiseF32Args& args);
};

}  // namespace monolite::kernels

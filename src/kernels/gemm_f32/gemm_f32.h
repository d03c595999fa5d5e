#pragma once
// Matrix products and convolutions in float32:
//   sum[r][c] = bias[c] + sum over k of a[r][k] * w[c][k] + residual[r][c] * residual_scale[c]
//   out[r][c] = clamp(sum[r][c] * scale[c] + shift[c])
// Where one of these four is null, that part is left out.
//
// Rows lie in segments, as in kernels/gemm_q8/gemm_q8.h. Sums are taken in the order of k, with or without fused
// multiply-add as the machine has it: results differ from another order's by rounding only.
//
// Reading: residual, scale and shift up to a vector's end. The output must be none of what is read.
// Errors: none; rows == 0 does nothing. Threads: safe on distinct rows or panels.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

// Packed weights of some neighbouring channels.
struct PanelF32 {
  int vectors;  // of the kernel's width, the last perhaps not full
  int first_channel, channels;
  const float* bias;     // [vectors * width]
  const float* weights;  // [segment][element][vectors * width]
};

struct GemmF32Args {
  const float* const* segments;  // of row 0
  int segment_count;
  int elements;        // in a segment
  int64_t row_stride;  // in elements
  int64_t rows;
  float* out;  // of the panel's first channel, row 0
  int64_t out_stride;
  float least, most;
  const float* residual = nullptr;        // of the panel's first channel, row 0; its rows lie as the output's
  const float* residual_scale = nullptr;  // of the panel's first channel
  const float* scale = nullptr;
  const float* shift = nullptr;
};

struct GemmF32Kernel {
  Isa needs;
  const char* name;
  void (*run)(const PanelF32& panel, const GemmF32Args& args);
  int width;         // channels of a vector
  int most_vectors;  // of a panel
};

}  // namespace monolite::kernels

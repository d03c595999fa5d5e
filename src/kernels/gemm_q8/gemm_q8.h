#pragma once
// 8-bit matrix products and convolutions: out[r][c] = requantize(bias[c] + sum over k of a[r][k] * w[c][k]).
//
//   a      rows of unsigned bytes (int8 tensors with their top bit flipped on the way, `flip`). A row's elements lie in
//          `segments`: runs of 4 * groups bytes, each at its own address; the next row's lie row_stride further on. A
//          convolution has a segment for each row of its window, a matrix product has one.
//   w      signed 16-bit differences to the filter's zero point, packed ahead. What passes 8 bits is split in two.
//   bias   with the input's zero point folded in: bias[c] - zero_point * sum(w[c])
//   out    rows of bytes, out_stride apart
//
// Reading: up to 3 bytes behind a segment's last element are read; they meet weights of 0.
// Errors: none; rows == 0 does nothing. Threads: safe on distinct rows or panels.
// Rounding: twice, as kernels/requantize_q8.h tells. Sums wrap as int32.

#include <cstdint>

#include "base/cpu.h"
#include "kernels/operands_q8.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

inline constexpr int kGroup = 4;        // elements that one dot product takes at once
inline constexpr int kVector = 16;      // channels of one vector
inline constexpr int kMostVectors = 4;  // of one panel

// Weights that pass 8 bits: where their inputs are read once more.
struct ExtraGroup {
  int32_t segment, offset;
};

// Packed weights and constants of up to 64 neighbouring channels.
struct PanelQ8 {
  int vectors;  // of 16 channels, the last perhaps not full
  int first_channel, channels;
  const RequantizeQ8* requantize;  // one a vector
  const int8_t* weights;           // [segment][group][vector][channel of 16][4], then [extra][vector][16][4]
  const ExtraGroup* extra;
  int extra_count;
  EndingQ8 ending;
};

struct GemmQ8Args {
  const uint8_t* const* segments;  // of row 0
  int segment_count;
  int groups;  // of 4 elements in a segment
  int64_t row_stride;
  int64_t rows;
  uint8_t flip;  // 0x80 where a is int8
  uint8_t* out;  // of the panel's first channel, row 0
  int64_t out_stride;
  OutputQ8 output;
};

using GemmQ8 = void (*)(const PanelQ8& panel, const GemmQ8Args& args);

struct GemmQ8Kernel {
  Isa needs;
  const char* name;
  GemmQ8 run;
  // Which of a panel's 16 * vectors channels stands in a lane of a vector.
  int (*channel)(int vectors, int vector, int lane);
  OperandsQ8 operands;
};

}  // namespace monolite::kernels

#pragma once
// 8-bit depthwise convolutions, one or two output rows of up to 64 channels:
//   out[x][c] = requantize(bias[c] + sum over ky, kx of in[ky][x * stride + kx * dilation - pad][c] * w[c][ky][kx])
//
// The rows of the window are taken by fours: what lies above each other becomes one 32-bit element, as dot products
// want it, once for each column; each column then serves all windows that it is part of. Where a window leaves a row of
// its groups unused, the columns serve a second output row too, whose window lies one row further on.
//
// Columns outside of the row have `pad_value`; rows outside of the picture are rows of that value, given as any other.
// Reading: whole vectors of 64 bytes from each pixel's first channel, also where the block has fewer channels.
// Errors: none. Threads: safe on distinct rows or blocks, each with its own scratch.
// Rounding: twice, as kernels/requantize_q8.h tells. Sums wrap as int32.

#include <cstdint>

#include "base/cpu.h"
#include "kernels/operands_q8.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

inline constexpr int kDepthwiseChannels = 64;  // of a block, at most
inline constexpr int kRowGroup = 4;            // rows that one dot product takes at once
inline constexpr int kDepthwiseChunk = 32;     // output columns that go through the scratch at once,
inline constexpr int kDepthwiseRest = 3;       // and so many more where they are a row's last ones

// Weights that pass 8 bits: what is left of them.
struct ExtraTapQ8 {
  int tap, group;
};

// The weights that give an output row.
struct DepthwiseWeightsQ8 {
  const int8_t* taps;        // [kx][row group][vector][16][4]; null: none
  const ExtraTapQ8* extra;   // of vector 0, of vector 1, …
  int extra_end[4];          // where those of a vector end
  const int8_t* extra_taps;  // [extra][16][4]
};

struct DepthwiseBlockQ8 {
  int vectors;  // of 16 channels, the last perhaps not full
  int first_channel, channels;
  const RequantizeQ8* requantize;  // one a vector
  DepthwiseWeightsQ8 weights[2];   // of an output row; the second's are perhaps none
  EndingQ8 ending;
};

struct DepthwiseQ8Args {
  const uint8_t* const* rows;  // row_groups * 4, each at column 0, the block's first channel
  int row_groups;
  int64_t pixel_stride;
  int columns, pad_left;
  int taps;              // of a row
  int stride, dilation;  // in columns
  uint8_t pad_value;
  uint8_t flip;     // 0x80 where the input is int8
  uint8_t* out[2];  // column 0, the block's first channel; the second null: one output row
  int64_t out_stride;
  int out_columns;
  OutputQ8 output;
  uint8_t* scratch;  // depthwise_q8_scratch() bytes, aligned to 64
};

// Bytes of scratch for a row of any length.
static inline int64_t depthwise_q8_scratch(int row_groups, int taps, int stride, int dilation) {
  const int64_t columns = int64_t{kDepthwiseChunk + kDepthwiseRest - 1} * stride + int64_t{taps - 1} * dilation + 1;
  return columns * row_groups * kDepthwiseChannels * kRowGroup;
}

using DepthwiseQ8 = void (*)(const DepthwiseBlockQ8& block, const DepthwiseQ8Args& args);

struct DepthwiseQ8Kernel {
  Isa needs;
  const char* name;
  DepthwiseQ8 run;
  // Which of a block's channels stands in a lane of a vector.
  int (*channel)(int vectors, int vector, int lane);
  OperandsQ8 operands;
};

}  // namespace monolite::kernels

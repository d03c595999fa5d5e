#pragma once
// Winograd's F(4x4, 3x3) in float32: a 3x3 convolution of stride 1 with 36 products for 16 neighbouring outputs (a
// tile: 4 rows, 4 columns) in place of 144. Three parts: transform_input makes of a tile's 6x6 inputs 36 numbers a
// channel; 36 matrix products (gemm_f32) with the filter, transformed by transform_filter, follow; transform_output
// makes the tile's outputs of their results.
//
// With the points 0, +-a, +-b and infinity, a = 3/4, b = 3/2 (every coefficient below is a float):
//   input   V = B' d B,  rows of B':  a^2b^2, 0, -(a^2+b^2), 0, 1, 0;  0, -+ab^2, -b^2, +-a, 1, 0;
//                                     0, -+a^2b, -a^2, +-b, 1, 0;      0, a^2b^2, 0, -(a^2+b^2), 0, 1
//   filter  U = G g G',  rows of G:   1, p, p^2 over the product of p's differences from the other points;  0, 0, 1
//   output  A' M A,      A'[i][j] = p_j to the i;  of infinity 0 0 0 1
// Among points whose coefficients are short these gave the smallest errors: on random numbers 1 to 2.6 times those of a
// direct sum, where the usual 0, +-1, +-2 give 4 to 8 times (docs/dev/performance.md).
//
// Errors: none. Threads: safe on distinct tiles.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

inline constexpr int kWinogradTile = 4;       // rows and columns of outputs
inline constexpr int kWinogradWindow = 6;     // rows and columns of inputs
inline constexpr int kWinogradProducts = 36;  // [row][column]
inline constexpr float kWinogradA = 0.75F, kWinogradB = 1.5F;

struct WinogradInputArgs {
  const float* rows[kWinogradWindow];  // from the first tile's first column on; the next tile's is four behind it
  int64_t tiles;
  int64_t channels;
  float* out;          // [product][tile][channel]
  int64_t out_stride;  // floats from one product to the next
};

struct WinogradOutputArgs {
  const float* in;  // [product][tile][in_channels]
  int64_t in_stride;
  int64_t in_channels;  // channels, filled up to whole vectors
  const float* bias;    // [in_channels]
  int64_t tiles;
  int64_t channels;
  const float* residual[kWinogradTile];  // rows that are added to the outputs, before they are clamped; null: none
  float* rows[kWinogradTile];
  float least, most;
};

struct WinogradF32Kernel {
  Isa needs;
  const char* name;
  void (*transform_input)(const WinogradInputArgs& args);
  void (*transform_output)(const WinogradOutputArgs& args);
};

}  // namespace monolite::kernels

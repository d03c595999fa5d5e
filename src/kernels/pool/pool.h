#pragma once
// What a window of pixels comes to, channel by channel: its mean, its largest element, its sum.
//
// Errors: none; channels == 0 does nothing. Threads: safe on distinct outputs.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

// rows x columns pixels of neighbouring channels; row_stride and pixel_stride count elements. At least one pixel.
template <class T>
struct WindowArgs {
  const T* in;
  int64_t row_stride, pixel_stride;
  int64_t rows, columns;
  int64_t channels;
};

// Of bytes; flip is 0x80 where they are int8. least and most are bounds on the results as the type has them.
struct PoolQ8Args {
  WindowArgs<uint8_t> window;
  uint8_t flip;
  int32_t least, most;
  uint8_t* out;
};

// Sums of bytes as the type has them.
struct SumQ8Args {
  WindowArgs<uint8_t> window;
  uint8_t flip;
  int32_t* out;
};

struct PoolF32Args {
  WindowArgs<float> window;
  float least, most;
  float* out;
};

// More pixels in a window might not fit into 32 bits.
inline constexpr int64_t kMostPooledQ8 = int64_t{1} << 22;

struct PoolKernel {
  Isa needs;
  const char* name;
  void (*average_q8)(const PoolQ8Args&);  // rounded to the nearest, halves away from zero; at most kMostPooledQ8 pixels
  void (*largest_q8)(const PoolQ8Args&);
  void (*sum_q8)(const SumQ8Args&);         // at most kMostPooledQ8 pixels
  void (*average_f32)(const PoolF32Args&);  // added up row by row
  void (*largest_f32)(const PoolF32Args&);  // NaNs are passed over
};

}  // namespace monolite::kernels

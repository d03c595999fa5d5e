#pragma once
// 8-bit numbers one by one: sums of two, and functions of one by a table.
//
// Errors: none; count == 0 does nothing. Threads: safe on distinct elements. Outputs may be the inputs.

#include <cstdint>

#include "base/cpu.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// out = requantize(requantize(a - zero point) + requantize(b - zero point)), each with its own constants; all 16 lanes
// of a block are the same, and the scaled terms have zero point 0 and no clamp.
struct AddQ8Args {
  const uint8_t *a, *b;
  int64_t count;
  uint8_t flip;                        // 0x80 where the inputs are int8
  int32_t a_zero_point, b_zero_point;  // unsigned
  const RequantizeQ8 *a_scale, *b_scale, *sum_scale;
  OutputQ8 output;
  uint8_t* out;
};

struct LookupQ8Args {
  const uint8_t* in;
  int64_t count;
  const uint8_t* table;  // 256 bytes, aligned to 64
  uint8_t* out;
};

struct ElementwiseQ8Kernel {
  Isa needs;
  const char* name;
  void (*add)(const AddQ8Args&);
  void (*lookup)(const LookupQ8Args&);
};

}  // namespace monolite::kernels

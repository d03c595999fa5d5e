#pragma once
// 8-bit numbers one by one: sums and products of two, and functions of one by a table.
//
// Errors: none; count == 0 does nothing. Threads: safe on distinct elements. Outputs may be the inputs.

#include <cstdint>

#include "base/cpu.h"
#include "kernels/requantize_q8.h"

namespace monolite::kernels {

// A term of a sum, for each of the 256 bytes that an input can be: whole, and byte by byte of the number.
struct alignas(64) TermsQ8 {
  uint8_t planes[4][256];  // the lowest byte first
  int32_t whole[256];
};

// The sum as a straight line through the terms, in single precision and units of 2^-16 of the result:
//   q = round(fma(b, b_scale, fma(a, a_scale, offset)))
// where a and b are unsigned. Where the lower 16 bits of q are `doubt` or more, the upper ones are the result before
// its clamp, or lie as it does above or below all clamps. sum_q8.cpp says why.
struct SumEstimateQ8 {
  uint16_t doubt;  // 0: no estimates
  float a_scale, b_scale, offset;
};

// requantize(a's term + b's term)
struct SumQ8 {
  TermsQ8 a_terms, b_terms;
  RequantizeQ8 scale;  // all 16 lanes are the same
  SumEstimateQ8 estimate;
  OutputQ8 output;  // its flip is the inputs' as well
};

struct AddQ8Args {
  const uint8_t *a, *b;
  int64_t count;
  const SumQ8* sum;
  uint8_t* out;
};

// out = requantize((a - a_zero_point) * (b - b_zero_point)), of unsigned values; all 16 lanes of the block are the
// same.
struct MulQ8Args {
  const uint8_t *a, *b;
  int64_t count;
  int32_t a_zero_point, b_zero_point;
  uint8_t flip;  // 0x80 where they are int8
  const RequantizeQ8* scale;
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
  void (*mul)(const MulQ8Args&);
  void (*lookup)(const LookupQ8Args&);
};

}  // namespace monolite::kernels

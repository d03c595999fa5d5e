#pragma once
// 8-bit numbers one by one: sums of two, and functions of one by a table.
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

// out = requantize(a's term + b's term); all 16 lanes of the block are the same.
struct AddQ8Args {
  const uint8_t *a, *b;
  int64_t count;
  const TermsQ8 *a_terms, *b_terms;
  const RequantizeQ8* sum_scale;
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

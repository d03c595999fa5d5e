#pragma once
// Elements of any size, from one grid to another: what concatenation, slices, padding and transposition are made of.
//
// Errors: none; rows == 0 or columns == 0 does nothing. Threads: safe on distinct elements of the output.

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

// Element (r, c) lies r * row + c * column bytes behind its side's start. Steps may be negative, those of `in` also 0.
// The two sides do not overlap.
struct CopyArgs {
  const std::byte* in;
  int64_t in_row, in_column;
  std::byte* out;
  int64_t out_row, out_column;
  int64_t rows, columns;
  int64_t element_bytes;  // at least 1
  bool may_read_behind;   // 64 bytes behind every element of `in` may be read
};

struct CopyKernel {
  Isa needs;
  const char* name;
  void (*copy)(const CopyArgs&);
};

}  // namespace monolite::kernels

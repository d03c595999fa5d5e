#pragma once
// float32 numbers one by one: sums and the like of two, functions of one, to bytes and from bytes; and what is found
// row by row: softmax, the index of the largest.
//
// Errors: none; count == 0 does nothing. Threads: safe on distinct elements. Outputs may be the inputs.

#include <cstdint>

#include "base/cpu.h"

namespace monolite::kernels {

// out = clamp(a op b). A step of 0 repeats that input's one element; both are 0 or 1.
struct BinaryF32Args {
  const float *a, *b;
  int64_t a_step, b_step;
  int64_t count;
  float least, most;
  float* out;
};

// out = clamp(f(in)).
struct UnaryF32Args {
  const float* in;
  int64_t count;
  float least, most;
  float* out;
};

// Bytes are int8 where is_signed.
struct QuantizeF32Args {  // out = saturate(int32(round(in / scale)) + zero_point), halves away from zero
  const float* in;
  int64_t count;
  float scale;
  int32_t zero_point;
  bool is_signed;
  uint8_t* out;
};
struct DequantizeF32Args {  // out = (in - zero_point) * scale
  const uint8_t* in;
  int64_t count;
  float scale;
  int32_t zero_point;
  bool is_signed;
  float* out;
};

// out = exp(beta * (in - largest)) / sum of it. beta >= 0.
struct SoftmaxF32Args {
  const float* in;
  int64_t count;  // at least 1
  float beta;
  float* out;
};

// For each of `rows` rows of `count` neighbouring elements the index of the first largest. NaNs are passed over.
struct ArgMaxF32Args {
  const float* in;
  int64_t rows, count;  // count at least 1, below 2^31
  int label_bytes;      // 4 or 8
  void* out;
};

struct ElementwiseF32Kernel {
  Isa needs;
  const char* name;
  void (*add)(const BinaryF32Args&);
  void (*sub)(const BinaryF32Args&);
  void (*mul)(const BinaryF32Args&);
  void (*div)(const BinaryF32Args&);
  void (*minimum)(const BinaryF32Args&);  // of a NaN and b: b
  void (*maximum)(const BinaryF32Args&);
  void (*clamp)(const UnaryF32Args&);
  void (*hard_swish)(const UnaryF32Args&);
  void (*logistic)(const UnaryF32Args&);
  // int32 as x86 converts: what has none is the least one.
  void (*quantize)(const QuantizeF32Args&);
  void (*dequantize)(const DequantizeF32Args&);
  void (*softmax)(const SoftmaxF32Args&);
  void (*arg_max)(const ArgMaxF32Args&);
};

}  // namespace monolite::kernels

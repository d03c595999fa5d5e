#pragma once
// FAKE_QUANT: floats rounded to the steps that a quantization of so many bits would have.

#include <cstdint>

namespace monolite::ops {

struct FakeQuant {  // the schema's FakeQuantOptions
  float min = 0, max = 0;
  int32_t num_bits = 0;
  bool narrow_range = false;
  template <class V>
  void visit(V&& v) {
    v("min", min);
    v("max", max);
    v("num_bits", num_bits);
    v("narrow_range", narrow_range);
  }
};

}  // namespace monolite::ops

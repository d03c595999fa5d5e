#pragma once
// LEAKY_RELU: x where it is positive, alpha * x elsewhere.

namespace monolite::ops {

struct LeakyRelu {  // the schema's LeakyReluOptions
  float alpha = 0;
  template <class V>
  void visit(V&& v) {
    v("alpha", alpha);
  }
};

}  // namespace monolite::ops

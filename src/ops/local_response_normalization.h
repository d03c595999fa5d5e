#pragma once
// Attributes of LOCAL_RESPONSE_NORMALIZATION.

#include <cstdint>

namespace monolite::ops {

struct LocalResponseNormalization {  // the schema's LocalResponseNormalizationOptions
  int32_t radius = 0;
  float bias = 0, alpha = 0, beta = 0;
  template <class V>
  void visit(V&& v) {
    v("radius", radius);
    v("bias", bias);
    v("alpha", alpha);
    v("beta", beta);
  }
};

}  // namespace monolite::ops

#pragma once
// SOFTMAX: exp(beta * x) along the innermost dimension, divided by its sum.

namespace monolite::ops {

struct Softmax {  // the schema's SoftmaxOptions
  float beta = 0;
  template <class V>
  void visit(V&& v) {
    v("beta", beta);
  }
};

}  // namespace monolite::ops

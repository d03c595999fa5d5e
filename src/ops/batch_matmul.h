#pragma once
// BATCH_MATMUL: matrices [..., M, K] times [..., K, N] -> [..., M, N]; either may come transposed, the outer dimensions
// are broadcast.

namespace monolite::ops {

struct BatchMatMul {  // the schema's BatchMatMulOptions
  bool adj_x = false;
  bool adj_y = false;
  bool asymmetric_quantize_inputs = false;
  template <class V>
  void visit(V&& v) {
    v("adj_x", adj_x);
    v("adj_y", adj_y);
    v("asymmetric_quantize_inputs", asymmetric_quantize_inputs);
  }
};

}  // namespace monolite::ops

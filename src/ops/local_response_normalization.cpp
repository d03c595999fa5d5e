// LOCAL_RESPONSE_NORMALIZATION: each element over a power of the sum of the squares around it, along the channels
// (Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012, 3.3). LiteRT's kernel
// adds the `radius` channels before the element, itself, and one fewer behind it; so does this.

#include "ops/local_response_normalization.h"

#include <algorithm>
#include <cmath>

#include "ops/op.h"
#include "ops/work.h"

namespace monolite::ops {
namespace {

Expected<void> verify(const NodeView& n, const LocalResponseNormalization&) {
  ML_TRY(n.expect_inputs(1, 1));
  ML_TRY(n.expect_outputs(1));
  ML_TRY(n.expect_rank(0, 4));
  ML_TRY(n.expect_dtype(0, {DType::float32}));
  return n.expect_same_dtype(0, 0);
}

Expected<Shapes> infer(const NodeView& n, const LocalResponseNormalization&) { return Shapes{n.shape(0)}; }

Expected<void> reference(const Evaluation& n, const LocalResponseNormalization& a) {
  const int64_t depth = n.shape(0)[3], elements = n.shape(0).elements();
  for (int64_t pixel = 0; pixel < elements; pixel += depth) {
    const float* in = n.data<float>(0) + pixel;
    float* out = n.out<float>(0) + pixel;
    for (int64_t c = 0; c < depth; ++c) {
      const int64_t end = std::min(depth, c + a.radius);
      float sum = 0;
      for (int64_t i = std::max<int64_t>(0, c - a.radius); i < end; ++i) sum += in[i] * in[i];
      out[c] = in[c] * std::pow(a.bias + a.alpha * sum, -a.beta);
    }
  }
  return {};
}

Cost cost(const NodeView& n, const LocalResponseNormalization& a) {
  const int64_t depth = n.shape(0)[3], window = std::min<int64_t>(depth, 2 * std::max<int64_t>(0, a.radius));
  return {.visits = saturated_product({n.shape(0).elements(), window + 1})};
}

}  // namespace

extern const OpDef local_response_normalization;
const OpDef local_response_normalization =
    define<LocalResponseNormalization>({.code = OpCode::LOCAL_RESPONSE_NORMALIZATION,
                                        .options = "LocalResponseNormalizationOptions",
                                        .verify = verify,
                                        .infer = infer,
                                        .cost = cost,
                                        .reference = reference});

}  // namespace monolite::ops

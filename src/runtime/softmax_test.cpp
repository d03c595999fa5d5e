// SOFTMAX: the bits of the reference backend on 8-bit numbers, near it in float32.

#include "ops/softmax.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Model softmax(DType type, const Shape& shape, float beta, float scale) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const bool is_float = type == DType::float32;
  const auto x = g.input("x", type, shape, is_float ? Quantization{} : per_tensor(scale, 3));
  const auto y =
      g.tensor("y", type, {}, is_float ? Quantization{} : per_tensor(1.0f / 256, type == DType::int8 ? -128 : 0));
  g.node(OpCode::SOFTMAX, {x}, {y}, "SoftmaxOptions", ops::Softmax{beta});
  g.output(y);
  return model;
}

TEST(SoftmaxQ8, HasTheReferencesBits) {
  for (const DType type : {DType::uint8, DType::int8}) {
    for (const int depth : {1, 2, 21, 63, 64, 65, 384, 3000}) {
      for (const float scale : {0.0001f, 0.01f, 0.3f, 39.0f}) {
        testing::expect_same_bits(softmax(type, {2, 5, depth}, 1.0f, scale), "softmax");
      }
    }
    testing::expect_same_bits(softmax(type, {7, 40}, 0.37f, 0.1f), "softmax");
  }
}

TEST(SoftmaxF32, IsNearTheReference) {
  for (const int depth : {1, 2, 7, 8, 15, 16, 17, 21, 384}) {
    for (const float beta : {0.0f, 1.0f, 300.0f}) {
      testing::expect_same_bits(softmax(DType::float32, {2, 5, depth}, beta, 0), "softmax");
    }
  }
}

}  // namespace
}  // namespace monolite::runtime

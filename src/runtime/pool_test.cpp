// Pools and means: the bits of the reference backend.

#include "ops/pool.h"
#include "ops/reduction.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Quantization mapping_of(DType type, float scale) {
  return type == DType::float32 ? Quantization{} : per_tensor(scale, type == DType::int8 ? -3 : 100);
}

Model pool(OpCode op, DType type, const Shape& shape, const ops::Pool2D& attributes) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", type, shape, mapping_of(type, 0.05f));
  const auto y = g.tensor("y", type, {}, mapping_of(type, 0.05f));
  g.node(op, {x}, {y}, "Pool2DOptions", attributes);
  g.output(y);
  return model;
}

constexpr DType kTypes[] = {DType::uint8, DType::int8, DType::float32};

TEST(Pool, HasTheReferencesBits) {
  for (const DType type : kTypes) {
    for (const OpCode op : {OpCode::AVERAGE_POOL_2D, OpCode::MAX_POOL_2D}) {
      for (const int32_t channels : {1, 7, 16, 33, 64, 100, 320}) {
        for (const ops::Padding padding : {ops::Padding::same, ops::Padding::valid}) {
          testing::expect_same_bits(pool(op, type, {2, 11, 9, channels}, {padding, 2, 2, 3, 3}), "pool");
          testing::expect_same_bits(pool(op, type, {1, 9, 11, channels}, {padding, 1, 1, 11, 9}), "pool");
        }
        testing::expect_same_bits(
            pool(op, type, {1, 8, 8, channels}, {ops::Padding::same, 3, 3, 2, 2, ops::Activation::relu6}), "pool");
      }
      testing::expect_same_bits(pool(op, type, {1, 33, 33, 320}, {ops::Padding::valid, 1, 1, 33, 33}), "pool");
    }
  }
}

Model mean(DType type, const Shape& shape, const std::vector<int32_t>& axes, bool keep_dims) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", type, shape, mapping_of(type, 0.05f));
  const auto axis = g.constant<int32_t>("axes", {static_cast<int32_t>(axes.size())}, axes);
  const auto y = g.tensor("y", type, {}, mapping_of(type, 0.013f));
  g.node(OpCode::MEAN, {x, axis}, {y}, "ReducerOptions", ops::Reducer{keep_dims});
  g.output(y);
  return model;
}

TEST(Mean, HasTheReferencesBits) {
  for (const DType type : kTypes) {
    for (const bool keep_dims : {false, true}) {
      for (const int32_t channels : {8, 15, 16, 33, 64, 100, 1280}) {
        testing::expect_same_bits(mean(type, {2, 7, 7, channels}, {1, 2}, keep_dims), "pool");
        testing::expect_same_bits(mean(type, {3, 5, channels}, {0}, keep_dims), "pool");
        testing::expect_same_bits(mean(type, {1, 5, 1, channels}, {0, 1, 2}, keep_dims), "pool");
        testing::expect_same_bits(mean(type, {3, 5, channels}, {-1}, keep_dims), "reference");
      }
    }
    testing::expect_same_bits(mean(type, {3, 5, 4, 2}, {1, 3}, false), "reference");
    testing::expect_same_bits(mean(type, {}, {-1}, false), "reference");  // a scalar has no dimension that could go
  }
}

}  // namespace
}  // namespace monolite::runtime

// ADD, SUB, MUL and ARG_MAX in float32, as the reference backend has them.

#include "ops/add.h"
#include "ops/arg_min_max.h"
#include "ops/mul.h"
#include "ops/sub.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Model binary(OpCode op, const Shape& a_shape, const Shape& b_shape) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto a = g.input("a", DType::float32, a_shape), b = g.input("b", DType::float32, b_shape);
  const auto y = g.tensor("y", DType::float32, {});
  if (op == OpCode::ADD) g.node(op, {a, b}, {y}, "AddOptions", ops::Add{});
  if (op == OpCode::SUB) g.node(op, {a, b}, {y}, "SubOptions", ops::Sub{});
  if (op == OpCode::MUL) g.node(op, {a, b}, {y}, "MulOptions", ops::Mul{ops::Activation::relu});
  g.output(y);
  return model;
}

TEST(ElementwiseF32, IsAsTheReference) {
  for (const OpCode op : {OpCode::ADD, OpCode::SUB, OpCode::MUL}) {
    for (const int columns : {16, 17, 31, 33, 20000}) {
      testing::expect_same_bits(binary(op, {2, 3, columns}, {2, 3, columns}), "elementwise_f32");
      testing::expect_same_bits(binary(op, {2, 3, columns}, {columns}), "elementwise_f32");
      testing::expect_same_bits(binary(op, {1, 3, columns}, {2, 3, columns}), "elementwise_f32");
      testing::expect_same_bits(binary(op, {2, 3, columns}, {1}), "elementwise_f32");
      testing::expect_same_bits(binary(op, {}, {3, columns}), "elementwise_f32");
    }
    for (const int columns : {1, 7, 8, 15}) {
      testing::expect_same_bits(binary(op, {columns}, {columns}), "elementwise_f32");
    }
  }
}

TEST(ArgMaxF32, FindsTheFirstLargestAndPassesOverNaNs) {
  for (const int rows : {1, 3, 8, 16, 17, 50}) {
    for (const int depth : {1, 2, 21, 40}) {
      Model model{.graphs = std::vector<Graph>(1)};
      GraphBuilder g(model.graphs[0]);
      const auto x = g.input("x", DType::float32, {1, rows, depth});
      const auto axis = g.constant<int32_t>("axis", {}, {-1});
      const DType labels = rows % 2 == 0 ? DType::int64 : DType::int32;
      const auto y = g.tensor("y", labels, {});
      g.node(OpCode::ARG_MAX, {x, axis}, {y}, "ArgMaxOptions", ops::ArgMinMax{labels});
      g.output(y);
      std::vector<float> values(static_cast<size_t>(rows * depth));
      std::mt19937 random(static_cast<uint32_t>(rows + depth));
      for (float& v : values) v = random() % 9 == 0 ? NAN : static_cast<float>(random() % 5);
      testing::expect_same_bits(model, "arg_max",
                                {{DType::float32, Shape{1, rows, depth}, Buffer::of(std::move(values))}});
    }
  }
}

}  // namespace
}  // namespace monolite::runtime

#include "ops/pool.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(MaxPool2D, TakesTheLargestOfEachChannelAndClamps) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 2});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::MAX_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::valid, 1, 1, 2, 2, Activation::relu6});
  g.builder.output(y);
  const Value out = g.run({value<float>({1, 2, 2, 2}, {1, -5, 9, -4, 2, -3, 3, -2})});
  EXPECT_EQ(out.shape, (Shape{1, 1, 1, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{6, 0}));
}

TEST(MaxPool2D, DoesNotTakePaddingForZero) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 1, 2, 1}, per_tensor(1.0f, 0));
  const auto y = g.builder.tensor("y", DType::int8, {}, per_tensor(1.0f, 0));
  g.builder.node(OpCode::MAX_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 3, 3});
  g.builder.output(y);
  EXPECT_EQ(elements<int8_t>(g.run({value<int8_t>({1, 1, 2, 1}, {-7, -9})})), (std::vector<int8_t>{-7, -7}));
}

}  // namespace
}  // namespace monolite::ops

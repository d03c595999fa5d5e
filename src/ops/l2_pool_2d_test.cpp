#include "ops/pool.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

TEST(L2Pool2D, TakesTheRootOfTheMeanSquareInsideOfThePicture) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 2, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::L2_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 2, 1});
  g.builder.output(y);
  const auto out = elements<float>(g.run({value<float>({1, 1, 2, 1}, {-1, 7})}));
  EXPECT_FLOAT_EQ(out[0], 5);
  EXPECT_FLOAT_EQ(out[1], 7);
}

}  // namespace
}  // namespace monolite::ops

#include "ops/pool.h"
#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

template <class T>
std::vector<T> averages(Shape shape, std::vector<T> picture, Pool2D a) {
  OneGraph g;
  const auto x = g.builder.input("x", DTypeOf<T>::value, shape, per_tensor(1.0f, 0));
  const auto y = g.builder.tensor("y", DTypeOf<T>::value, {}, per_tensor(1.0f, 0));
  g.builder.node(OpCode::AVERAGE_POOL_2D, {x}, {y}, "Pool2DOptions", a);
  g.builder.output(y);
  return elements<T>(g.run({value<T>(shape, std::move(picture))}));
}

TEST(AveragePool2D, CountsOnlyPixelsInsideOfThePicture) {
  // SAME, 2x2 at stride 1: the right column and the bottom row see two pixels, the corner one
  EXPECT_EQ(averages<float>({1, 2, 2, 1}, {1, 2, 3, 4}, {Padding::same, 1, 1, 2, 2}),
            (std::vector<float>{2.5f, 3, 3.5f, 4}));
}

TEST(AveragePool2D, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(averages<int8_t>({1, 1, 2, 2}, {-3, 3, -4, 4}, {Padding::valid, 1, 1, 2, 1}), (std::vector<int8_t>{-4, 4}));
}

TEST(AveragePool2D, RefusesAWindowOfNoPixels) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 1});
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::AVERAGE_POOL_2D, {x}, {y}, "Pool2DOptions", Pool2D{Padding::same, 1, 1, 0, 3});
  g.builder.output(y);
  EXPECT_EQ(g.error({value<float>({1, 1, 1, 1}, {1})}),
            "subgraph 0, node 0 AVERAGE_POOL_2D \"y\"\n"
            "  found     window 3x0, stride 1x1\n"
            "  expected  at least 1 each");
}

}  // namespace
}  // namespace monolite::ops

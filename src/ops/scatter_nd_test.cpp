#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(ScatterNd, AddsSlicesAtCoordinates) {
  OneNode n{OpCode::SCATTER_ND, {value<int32_t>({3, 1}, {1, 0, 1}), vector<float>({1, 2, 4}), vector<int32_t>({3})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{2, 5, 0}));
  n.inputs[0] = value<int32_t>({3, 1}, {1, 0, 3});
  EXPECT_NE(n.error().find("found     index 3\n  expected  one in [0, 3)"), std::string::npos);
  n.inputs[2] = vector<int32_t>({3, 2});
  EXPECT_NE(n.error().find("expected  a slice of the shape for each row"), std::string::npos);
}

TEST(DynamicUpdateSlice, MovesAStartThatSticksOut) {
  const OneNode n{OpCode::DYNAMIC_UPDATE_SLICE,
                  {vector<float>({1, 2, 3}), vector<float>({8, 9}), vector<int32_t>({7})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{1, 8, 9}));
}

}  // namespace
}  // namespace monolite::ops

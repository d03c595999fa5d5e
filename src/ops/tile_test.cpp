#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Tile, RepeatsEachDimension) {
  const Value out = OneNode{OpCode::TILE, {value<float>({2, 1}, {1, 2}), vector<int32_t>({2, 3})}}.run();
  EXPECT_EQ(out.shape, (Shape{4, 3}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
}

TEST(Tile, RefusesMoreThanAShapeCanSay) {
  const OneNode n{OpCode::TILE, {vector<float>({1, 2}), vector<int64_t>({int64_t{1} << 40})}};
  EXPECT_NE(n.error().find("times 2 elements\n  expected  less than 2^31"), std::string::npos);
}

TEST(BroadcastTo, RepeatsExtentsOfOne) {
  OneNode n{OpCode::BROADCAST_TO, {value<float>({2, 1}, {1, 2}), vector<int32_t>({2, 2, 2})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{1, 1, 2, 2, 1, 1, 2, 2}));
  n.inputs[1] = vector<int32_t>({3, 2});
  EXPECT_NE(n.error().find("found     from 2x1 to 3x2"), std::string::npos);
}

TEST(Fill, HasTheGivenShape) {
  OneNode n{OpCode::FILL, {vector<int32_t>({2, 2}), value<float>({}, {7})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{7, 7, 7, 7}));
  n.inputs[0] = vector<int32_t>({-1});
  EXPECT_NE(n.error().find("found     an extent of -1"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

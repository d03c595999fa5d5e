#include "ops/reshape.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Reshape, FindsTheExtentThatIsLeftOpen) {
  const Value x = value<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Value out = OneNode{OpCode::RESHAPE, {x, vector<int32_t>({3, -1})}}.run();
  EXPECT_EQ(out.shape, (Shape{3, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ((OneNode{OpCode::RESHAPE, {x}}.run("ReshapeOptions", Reshape{{6}}).shape), Shape{6});
}

TEST(Reshape, TakesZeroInTheOptionsForAScalar) {
  EXPECT_EQ((OneNode{OpCode::RESHAPE, {vector<float>({1})}}.run("ReshapeOptions", Reshape{{0}}).shape), Shape{});
}

TEST(Reshape, RefusesAnotherNumberOfElements) {
  const OneNode n{OpCode::RESHAPE, {vector<float>({1, 2}), vector<int32_t>({3})}};
  EXPECT_NE(n.error().find("found     new shape [3]\n  expected  one of the 2 elements of 2"), std::string::npos);
  for (const std::vector<int32_t>& bad : {std::vector<int32_t>{-1, -1}, {-2, -1}, {INT32_MAX, INT32_MAX, 4, -1}}) {
    EXPECT_NE((OneNode{OpCode::RESHAPE, {vector<float>({1, 2}), vector<int32_t>(bad)}}.error()), "no error");
  }
}

}  // namespace
}  // namespace monolite::ops

#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Transpose, OrdersDimensionsAnew) {
  OneNode n{OpCode::TRANSPOSE, {value<float>({2, 3}, {1, 2, 3, 4, 5, 6}), vector<int32_t>({-1, 0})}};
  const Value out = n.run();
  EXPECT_EQ(out.shape, (Shape{3, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  n.inputs[1] = vector<int32_t>({1, 1});
  EXPECT_NE(n.error().find("found     dimension 1 twice"), std::string::npos);
}

TEST(ExpandDims, PutsAnExtentOfOneIn) {
  OneNode n{OpCode::EXPAND_DIMS, {vector<float>({1, 2}), vector<int32_t>({-1})}};
  EXPECT_EQ(n.run().shape, (Shape{2, 1}));
  n.inputs[1] = vector<int32_t>({2});
  EXPECT_NE(n.error().find("found     axis 2"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

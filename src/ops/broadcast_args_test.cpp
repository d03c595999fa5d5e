#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::vector;

TEST(BroadcastArgs, GivesTheShapeOfBothTogether) {
  OneNode n{OpCode::BROADCAST_ARGS, {vector<int32_t>({5, 1, 4}), vector<int32_t>({3, 1})}, DType::int32};
  EXPECT_EQ(elements<int32_t>(n.run()), (std::vector<int32_t>{5, 3, 4}));
  n.inputs[1] = vector<int32_t>({3, 2});
  EXPECT_NE(n.error().find("found     extents 4 and 2\n  expected  the same, or a 1"), std::string::npos) << n.error();
}

}  // namespace
}  // namespace monolite::ops

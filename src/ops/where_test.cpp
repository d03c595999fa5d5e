#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::flags;
using testing::operand;
using testing::OperandNode;
using testing::run_node;

TEST(Where, GivesTheCoordinatesOfWhatIsTrue) {
  EXPECT_EQ(run_node<int64_t>(OpCode::WHERE, {flags({2, 3}, {0, 1, 0, 1, 0, 1})}),
            (std::vector<int64_t>{0, 1, 1, 0, 1, 2}));
  EXPECT_EQ(OperandNode(OpCode::WHERE, {operand<float>({2, 1}, {0, -0.0f})}, DType::int64).run().shape, (Shape{0, 2}));
}

TEST(Where, RefusesAScalar) {
  EXPECT_NE(OperandNode(OpCode::WHERE, {flags({}, {1})}, DType::int64).error().find("a scalar"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

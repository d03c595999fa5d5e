#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Sqrt, CutsTowardsZero) {
  EXPECT_EQ(run_node<int8_t>(OpCode::SQRT, {row<int8_t>({4, 8}, per_tensor(1, 0))}, per_tensor(1, -3)),
            (std::vector<int8_t>{-1, -1}));
}

TEST(Sqrt, RefusesNegativeQuantizedNumbers) {
  EXPECT_EQ(OperandNode(OpCode::SQRT, {row<int8_t>({3}, per_tensor(1, 4))}, DType::int8, per_tensor(1, 0)).error(),
            "subgraph 0, node 0 SQRT \"y\", input 0\n"
            "  found     a negative number\n"
            "  expected  numbers of at least 0");
}

}  // namespace
}  // namespace monolite::ops

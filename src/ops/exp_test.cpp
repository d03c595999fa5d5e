#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Exp, SaturatesItsTable) {
  EXPECT_EQ(run_node<float>(OpCode::EXP, {row<float>({0})}), (std::vector<float>{1}));
  EXPECT_EQ(run_node<int8_t>(OpCode::EXP, {row<int8_t>({0, 100, -100}, per_tensor(1, 0))}, per_tensor(0.125f, -100)),
            (std::vector<int8_t>{-92, 127, -100}));
}

}  // namespace
}  // namespace monolite::ops

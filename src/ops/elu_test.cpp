#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Elu, ApproachesMinusOne) {
  EXPECT_EQ(run_node<float>(OpCode::ELU, {row<float>({2, 0, -100})}), (std::vector<float>{2, 0, -1}));
  EXPECT_EQ(run_node<int8_t>(OpCode::ELU, {row<int8_t>({2, -128}, per_tensor(1, 0))}, per_tensor(0.5f, 3)),
            (std::vector<int8_t>{7, 1}));
}

}  // namespace
}  // namespace monolite::ops

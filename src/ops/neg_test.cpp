#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Neg, WrapsAndLooksAtNoZeroPoint) {
  EXPECT_EQ(run_node<int8_t>(OpCode::NEG, {row<int8_t>({5, -128}, per_tensor(1, 3))}, per_tensor(1, 3)),
            (std::vector<int8_t>{-5, -128}));
  EXPECT_EQ(run_node<float>(OpCode::NEG, {row<float>({2})}), (std::vector<float>{-2}));
}

}  // namespace
}  // namespace monolite::ops

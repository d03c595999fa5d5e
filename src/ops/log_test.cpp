#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Log, GivesTheLeastOutputWhereThereIsNone) {
  EXPECT_EQ(run_node<float>(OpCode::LOG, {row<float>({1})}), (std::vector<float>{0}));
  EXPECT_EQ(run_node<int8_t>(OpCode::LOG, {row<int8_t>({-128, 0, 1}, per_tensor(1, 0))}, per_tensor(0.125f, 5)),
            (std::vector<int8_t>{-128, -128, 5}));
}

}  // namespace
}  // namespace monolite::ops

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(Abs, MeasuresFromTheZeroPoint) {
  EXPECT_EQ(run_node<int8_t>(OpCode::ABS, {row<int8_t>({5, -3}, per_tensor(1, 1))}, per_tensor(0.5f, -10)),
            (std::vector<int8_t>{-2, -2}));
  EXPECT_EQ(run_node<int8_t>(OpCode::ABS, {row<int8_t>({-128}, per_tensor(1, 0))}, per_tensor(1, 0)),
            (std::vector<int8_t>{127}));
}

TEST(Abs, KeepsTheLeastInteger) {
  EXPECT_EQ(run_node<int32_t>(OpCode::ABS, {row<int32_t>({-7, INT32_MIN})}), (std::vector<int32_t>{7, INT32_MIN}));
  EXPECT_EQ(run_node<int16_t>(OpCode::ABS, {row<int16_t>({-7})}), (std::vector<int16_t>{7}));
}

}  // namespace
}  // namespace monolite::ops

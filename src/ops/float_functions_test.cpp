#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::row;
using testing::run_node;

TEST(FloatFunctions, RoundAsTheyAreCalled) {
  const auto x = row<float>({-1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 1e20f});
  EXPECT_EQ(run_node<float>(OpCode::FLOOR, {x}), (std::vector<float>{-2, -1, 0, 1, 2, 1e20f}));
  EXPECT_EQ(run_node<float>(OpCode::CEIL, {x}), (std::vector<float>{-1, 0, 1, 2, 3, 1e20f}));
  EXPECT_EQ(run_node<float>(OpCode::ROUND, {x}), (std::vector<float>{-2, 0, 0, 2, 2, 1e20f}));
}

TEST(FloatFunctions, AreThoseOfTheCircleAndTheSquare) {
  EXPECT_EQ(run_node<float>(OpCode::SIN, {row<float>({0})}), (std::vector<float>{0}));
  EXPECT_EQ(run_node<float>(OpCode::COS, {row<float>({0})}), (std::vector<float>{1}));
  EXPECT_EQ(run_node<float>(OpCode::SQUARE, {row<float>({-3})}), (std::vector<float>{9}));
}

}  // namespace
}  // namespace monolite::ops

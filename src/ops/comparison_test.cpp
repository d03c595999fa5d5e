#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::flags;
using testing::operand;
using testing::row;
using testing::run_flags;
using Flags = std::vector<uint8_t>;

TEST(Comparison, OrdersNumbersOfEveryType) {
  const auto a = row<int64_t>({1, 2, 3});
  const auto b = operand<int64_t>({}, {2});
  EXPECT_EQ(run_flags(OpCode::EQUAL, {a, b}), (Flags{0, 1, 0}));
  EXPECT_EQ(run_flags(OpCode::NOT_EQUAL, {a, b}), (Flags{1, 0, 1}));
  EXPECT_EQ(run_flags(OpCode::GREATER, {a, b}), (Flags{0, 0, 1}));
  EXPECT_EQ(run_flags(OpCode::GREATER_EQUAL, {a, b}), (Flags{0, 1, 1}));
  EXPECT_EQ(run_flags(OpCode::LESS, {a, b}), (Flags{1, 0, 0}));
  EXPECT_EQ(run_flags(OpCode::LESS_EQUAL, {a, b}), (Flags{1, 1, 0}));
}

TEST(Comparison, ComparesWhatQuantizedNumbersStandFor) {
  const auto a = row<int8_t>({0, 1, 2}, per_tensor(0.5f, 0)), b = row<int8_t>({3, 3, 3}, per_tensor(0.25f, 1));
  EXPECT_EQ(run_flags(OpCode::EQUAL, {a, b}), (Flags{0, 1, 0}));
  EXPECT_EQ(run_flags(OpCode::LESS, {a, b}), (Flags{1, 0, 0}));
}

TEST(Comparison, TakesAnyNonZeroByteForTrue) {
  EXPECT_EQ(run_flags(OpCode::EQUAL, {flags({2}, {2, 0}), flags({2}, {1, 0})}), (Flags{1, 1}));
}

}  // namespace
}  // namespace monolite::ops

#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::flags;
using testing::run_flags;
using Flags = std::vector<uint8_t>;

TEST(Logical, BroadcastsBooleans) {
  EXPECT_EQ(run_flags(OpCode::LOGICAL_AND, {flags({2, 1}, {0, 7}), flags({2}, {0, 1})}), (Flags{0, 0, 0, 1}));
  EXPECT_EQ(run_flags(OpCode::LOGICAL_OR, {flags({2, 1}, {0, 7}), flags({2}, {0, 1})}), (Flags{0, 1, 1, 1}));
  EXPECT_EQ(run_flags(OpCode::LOGICAL_NOT, {flags({3}, {0, 1, 2})}), (Flags{1, 0, 0}));
}

}  // namespace
}  // namespace monolite::ops

#include "ops/elementwise.h"

#include <gtest/gtest.h>

namespace monolite::ops {
namespace {

// The elements of each of two inputs that the output's elements come from, in order.
std::vector<std::pair<int64_t, int64_t>> walk(const Shape& out, const Shape& a, const Shape& b) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  const BroadcastLoops loops = broadcast_loops(out, {&a, &b});
  for_each_row(loops, [&](int64_t first, const std::array<int64_t, 3>& at) {
    EXPECT_EQ(first, static_cast<int64_t>(pairs.size()));
    for (int64_t i = 0; i < loops.row.extent; ++i) {
      pairs.emplace_back(at[0] + i * loops.row.steps[0], at[1] + i * loops.row.steps[1]);
    }
  });
  return pairs;
}

TEST(Broadcast, EqualShapesAreOneLoop) {
  const Shape s{2, 3, 4};
  const BroadcastLoops loops = broadcast_loops(s, {&s, &s});
  EXPECT_TRUE(loops.outer.empty());
  EXPECT_EQ(loops.row.extent, 24);
}

TEST(Broadcast, ChannelsAreOneLoopAPixel) {
  const Shape a{1, 5, 5, 3}, b{3};
  const BroadcastLoops loops = broadcast_loops(a, {&a, &b});
  ASSERT_EQ(loops.outer.size(), 1u);
  EXPECT_EQ(loops.outer[0].extent, 25);
  EXPECT_EQ(loops.row.extent, 3);
}

TEST(Broadcast, RepeatsExtentsOfOneOnBothSides) {
  using Pairs = std::vector<std::pair<int64_t, int64_t>>;
  EXPECT_EQ(walk({2, 3}, {2, 1}, {3}), (Pairs{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
  EXPECT_EQ(walk({2, 2, 2}, {2, 1, 2}, {2, 1}),
            (Pairs{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 0}, {3, 0}, {2, 1}, {3, 1}}));
  EXPECT_EQ(walk({}, {}, {}), (Pairs{{0, 0}}));
  EXPECT_EQ(walk({0, 3}, {0, 1}, {3}), Pairs{});
}

TEST(Truncate, GivesTheLeastWhereThereIsNoInteger) {
  EXPECT_EQ(truncate_to_int32(-2.9), -2);
  EXPECT_EQ(truncate_to_int32(2147483647.5), 2147483647);
  EXPECT_EQ(truncate_to_int32(2147483648.0), INT32_MIN);
  EXPECT_EQ(truncate_to_int32(std::numeric_limits<double>::quiet_NaN()), INT32_MIN);
}

}  // namespace
}  // namespace monolite::ops

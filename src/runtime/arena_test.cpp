#include "runtime/arena.h"

#include <gtest/gtest.h>

namespace monolite::runtime {
namespace {

TEST(Arena, BlocksOfDifferentTimesShareBytes) {
  std::vector<Block> blocks = {{1000, 0, 1}, {1000, 2, 3}};
  const int64_t size = lay_out(blocks);
  EXPECT_EQ(blocks[0].offset, blocks[1].offset);
  EXPECT_LT(size, 2000);
}

TEST(Arena, BlocksOfOneTimeDoNotTouch) {
  std::vector<Block> blocks;
  uint32_t state = 1;
  for (int i = 0; i < 60; ++i) {
    state = state * 1664525 + 1013904223;
    const auto first = static_cast<int32_t>(state >> 8) % 20;
    blocks.push_back({1 + (state >> 20), first, first + static_cast<int32_t>(state >> 28)});
  }
  const int64_t size = lay_out(blocks);
  for (size_t a = 0; a < blocks.size(); ++a) {
    EXPECT_EQ(blocks[a].offset % kAlignment, 0);
    EXPECT_LE(blocks[a].offset + blocks[a].size_bytes + kReadableBehind, size);
    for (size_t b = 0; b < a; ++b) {
      if (blocks[a].first_step > blocks[b].last_step || blocks[b].first_step > blocks[a].last_step) continue;
      EXPECT_TRUE(blocks[a].offset + blocks[a].size_bytes + kReadableBehind <= blocks[b].offset ||
                  blocks[b].offset + blocks[b].size_bytes + kReadableBehind <= blocks[a].offset);
    }
  }
}

TEST(Arena, NothingTakesNoMemory) { EXPECT_EQ(lay_out({}), 0); }

}  // namespace
}  // namespace monolite::runtime

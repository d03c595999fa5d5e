#include "base/fast_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace monolite {
namespace {

TEST(FastHash, SeesEachBitLengthAndSeed) {
  for (const size_t size : {0, 1, 15, 16, 63, 64, 65, 200}) {
    std::vector<std::byte> bytes(size);
    std::set<FastHash> seen = {fast_hash(bytes), fast_hash(bytes, {1, 0}), fast_hash(bytes, {0, 1})};
    size_t count = 3;
    for (size_t bit = 0; bit < 8 * size; ++bit, ++count) {
      bytes[bit / 8] ^= std::byte{1} << (bit % 8);
      seen.insert(fast_hash(bytes));
      bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    bytes.push_back(std::byte{0});
    seen.insert(fast_hash(bytes));
    EXPECT_EQ(seen.size(), count + 1) << size << " bytes";
  }
}

TEST(FastHash, SeesTheOrderOfBlocks) {
  std::vector<std::byte> ab(128), ba(128);
  ab[3] = ba[67] = std::byte{1};
  EXPECT_NE(fast_hash(ab), fast_hash(ba));
}

}  // namespace
}  // namespace monolite

#include "ops/view.h"

#include <gtest/gtest.h>

#include <numeric>

namespace monolite::ops {
namespace {

// The elements 0, 1, 2, … seen through a view.
std::vector<uint16_t> seen(const View& v, size_t count) {
  std::vector<uint16_t> in(100), out(count);
  std::iota(in.begin(), in.end(), uint16_t{0});
  copy_view(reinterpret_cast<const std::byte*>(in.data()), v, reinterpret_cast<std::byte*>(out.data()),
            View::dense(v.extents), 2);
  return out;
}

using Elements = std::vector<uint16_t>;

TEST(View, TakesPartsOfDimensions) {
  const View v = View::dense(Shape{3, 4});
  EXPECT_EQ(seen(v.take(1, 1, 2), 6), (Elements{1, 2, 5, 6, 9, 10}));
  EXPECT_EQ(seen(v.take(0, 2, 2, -2), 8), (Elements{8, 9, 10, 11, 0, 1, 2, 3}));
  EXPECT_EQ(seen(v.at(1, 3), 3), (Elements{3, 7, 11}));
  EXPECT_EQ(seen(v.take(0, 1, 0), 0), Elements{});
}

TEST(View, PermutesDimensions) {
  EXPECT_EQ(seen(View::dense(Shape{2, 3}).permuted({1, 0}), 6), (Elements{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(seen(View::dense(Shape{2, 1, 2, 2}).permuted({2, 0, 1, 3}), 8), (Elements{0, 1, 4, 5, 2, 3, 6, 7}));
}

TEST(View, FillsAPart) {
  Elements out(6, 1);
  const uint16_t seven = 7;
  fill_view(reinterpret_cast<const std::byte*>(&seven), reinterpret_cast<std::byte*>(out.data()),
            View::dense(Shape{2, 3}).take(1, 0, 2), 2);
  EXPECT_EQ(out, (Elements{7, 7, 1, 7, 7, 1}));
}

TEST(View, OfAScalarHasOneElement) { EXPECT_EQ(seen(View::dense(Shape{}), 1), Elements{0}); }

}  // namespace
}  // namespace monolite::ops

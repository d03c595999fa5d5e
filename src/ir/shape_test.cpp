#include "ir/shape.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

TEST(Shape, CountsElementsWithoutOverflow) {
  EXPECT_EQ((Shape{1, 513, 513, 3}).checked_elements(), 789507);
  EXPECT_EQ(Shape().checked_elements(), 1);
  EXPECT_EQ((Shape{0x7fffffff, 0x7fffffff, 0x7fffffff}).checked_elements(), std::nullopt);
  EXPECT_EQ((Shape{0x7fffffff, 0x7fffffff, 0x7fffffff, 0}).checked_elements(), 0);
  EXPECT_EQ((Shape{-1, 2}).checked_elements(), std::nullopt);
}

TEST(Shape, PrintsAsPeopleWriteIt) {
  EXPECT_EQ(to_string(Shape{1, 2, 3}), "1x2x3");
  EXPECT_EQ(to_string(Shape{-1, 3}), "?x3");
  EXPECT_EQ(to_string(Shape()), "scalar");
}

TEST(Shape, BytesArePackedWhereElementsAreSmaller) {
  EXPECT_EQ(bytes_of({2, 3}, DType::int64), 48);
  EXPECT_EQ(bytes_of({3}, DType::int4), 2);
  EXPECT_EQ(bytes_of({0, 5}, DType::float32), 0);
}

}  // namespace
}  // namespace monolite

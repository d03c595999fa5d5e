#include "reshaping/follow_reshape.h"

#include <gtest/gtest.h>

namespace monolite::reshaping {
namespace {

TEST(FollowReshape, TheExtentThatHeldWhatChangedTakesIt) {
  EXPECT_EQ(follow_reshape({1, 4, 6, 3}, {1, 24, 3}, {1, 8, 10, 3}), (Shape{1, 80, 3})) << "rows and columns flattened";
  EXPECT_EQ(follow_reshape({1, 4, 6, 12}, {1, 96, 3}, {1, 2, 6, 12}), (Shape{1, 48, 3})) << "boxes of four anchors";
  EXPECT_EQ(follow_reshape({1, 1, 1, 9}, {1, 9}, {5, 1, 1, 9}), (Shape{5, 9})) << "a batch";
  EXPECT_EQ(follow_reshape({1, 4, 6, 3}, {4, 6, 3}, {1, 5, 7, 3}), (Shape{5, 7, 3}));
}

TEST(FollowReshape, NothingWhereNoExtentCanTakeIt) {
  EXPECT_FALSE(follow_reshape({1, 6, 4}, {1, 8, 3}, {1, 7, 4})) << "six rows lie in no extent";
  EXPECT_FALSE(follow_reshape({1, 4, 6}, {1, 24}, {4, 6}));
}

}  // namespace
}  // namespace monolite::reshaping

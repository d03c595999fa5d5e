#include "ops/window.h"

#include <gtest/gtest.h>

#include <tuple>

namespace monolite::ops {
namespace {

TEST(Window, SameKeepsTheGridAndPutsTheOddZeroBehind) {
  const WindowAxis odd{513, 3, 2, 1, Padding::same};
  EXPECT_EQ(odd.out(), 257);
  EXPECT_EQ(odd.pad_before(), 1);
  const WindowAxis even{384, 3, 2, 1, Padding::same};
  EXPECT_EQ(even.out(), 192);
  EXPECT_EQ(even.pad_before(), 0);
}

TEST(Window, ValidUsesWholeWindowsOnly) {
  EXPECT_EQ((WindowAxis{7, 3, 2, 1, Padding::valid}).out(), 3);
  EXPECT_EQ((WindowAxis{7, 3, 1, 3, Padding::valid}).out(), 1);
  EXPECT_EQ((WindowAxis{7, 3, 1, 4, Padding::valid}).out(), 0);
  EXPECT_EQ((WindowAxis{7, 3, 2, 1, Padding::valid}).pad_before(), 0);
}

TEST(Window, SpansWhatLiesInsideOfTheInput) {
  const WindowAxis same{7, 3, 2, 1, Padding::same}, holes{7, 3, 1, 2, Padding::same};
  EXPECT_EQ(same.start(0), -1);
  for (const auto& [span, first, end] :
       {std::tuple{same.span(0), 0, 2}, {same.span(1), 1, 4}, {same.span(3), 5, 7}, {holes.span(0), 0, 3}}) {
    EXPECT_EQ(span.first, first);
    EXPECT_EQ(span.end, end);
  }
}

TEST(Window, AbsurdAttributesDoNotOverflow) {
  EXPECT_EQ((WindowAxis{7, 0x7fffffff, 1, 0x7fffffff, Padding::valid}).out(), 0);
  EXPECT_EQ((WindowAxis{0x7fffffff, 1, 0x7fffffff, 1, Padding::same}).out(), 1);
}

}  // namespace
}  // namespace monolite::ops

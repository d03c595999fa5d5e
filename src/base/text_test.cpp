#include "base/text.h"

#include <gtest/gtest.h>

namespace monolite {
namespace {

TEST(Nearest, OffersWhatWasProbablyMeant) {
  const std::vector<std::string> flags{"output_stride", "overlay", "labels"};
  EXPECT_EQ(nearest("overlai", flags), "overlay");
  EXPECT_EQ(nearest("output_strid", flags), "output_stride");
  EXPECT_EQ(nearest("zebra", flags), "");
}

TEST(WithCommas, GroupsByThousands) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(with_commas(-123), "-123");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_TRUE(split("", ',').empty());
}

TEST(Printable, KeepsLettersAndDropsControls) {
  EXPECT_EQ(printable("a\x1b[31mb\xff"), "a?[31mb?");
  EXPECT_EQ(printable("für 猫"), "für 猫");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

}  // namespace
}  // namespace monolite

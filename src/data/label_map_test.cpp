#include "data/label_map.h"

#include <gtest/gtest.h>

namespace monolite::data {
namespace {

TEST(LabelMap, GivesLabelsOtherNumbers) {
  const auto map = LabelMap::parse("7=0,8=1,255=ignore");
  ASSERT_TRUE(map);
  EXPECT_EQ((*map)[7], 0);
  EXPECT_EQ((*map)[8], 1);
  EXPECT_EQ((*map)[9], 9);
  EXPECT_EQ((*map)[255], LabelMap::kIgnored);
  EXPECT_FALSE(map->is_identity());
}

TEST(LabelMap, TheRestMayBeOneLabel) {
  const auto map = LabelMap::parse("*=3,0=0");
  ASSERT_TRUE(map);
  EXPECT_EQ((*map)[0], 0);
  EXPECT_EQ((*map)[1], 3);
}

TEST(LabelMap, KnowsCityscapesNumbers) {
  const auto map = LabelMap::parse("cityscapes");
  ASSERT_TRUE(map);
  EXPECT_EQ((*map)[7], 0);
  EXPECT_EQ((*map)[24], 11);
  EXPECT_EQ((*map)[33], 18);
  EXPECT_EQ((*map)[0], LabelMap::kIgnored);
}

TEST(LabelMap, RefusesWhatItCannotRead) {
  for (const char* text : {"7", "7=x", "x=7", "256=0", "1=0,1=2", "-1=0", "7="})
    EXPECT_FALSE(LabelMap::parse(text)) << text;
}

}  // namespace
}  // namespace monolite::data

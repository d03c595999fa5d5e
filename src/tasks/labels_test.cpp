#include "tasks/labels.h"

#include <gtest/gtest.h>

namespace monolite::tasks {
namespace {

TEST(Labels, AreBuiltInForTheKnownDataSets) {
  EXPECT_EQ(built_in_labels(21).name(8), "cat");
  EXPECT_EQ(built_in_labels(21).background(), 0);
  EXPECT_EQ(built_in_labels(19).name(13), "car");
  EXPECT_EQ(built_in_labels(19).background(), -1);
  EXPECT_EQ(built_in_labels(150).name(149), "flag");
  EXPECT_EQ(built_in_labels(151).name(150), "flag");
  EXPECT_EQ(built_in_labels(32).names.size(), 32u);
  EXPECT_EQ(built_in_labels(1000).name(0), "tench");
  EXPECT_EQ(built_in_labels(1001).name(1), "tench");
  EXPECT_EQ(built_in_labels(1000).names.size(), 1000u);
  EXPECT_EQ(built_in_detection_labels(90).name(17), "dog");
  EXPECT_EQ(built_in_detection_labels(90).name(11), "label 11");
  EXPECT_EQ(built_in_detection_labels(20).name(7), "cat");
  EXPECT_TRUE(built_in_labels(7).names.empty());
}

TEST(Labels, ReadsLinesNumbersAndLabelMaps) {
  EXPECT_EQ(parse_labels("cat\r\ndog\n\n", "f").names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(parse_labels("0  cat\n2: dog", "f").names, (std::vector<std::string>{"cat", "", "dog"}));
  EXPECT_EQ(parse_labels("item {\n  name: '/m/01'\n  id: 2\n  display_name: \"dog\"\n}\n", "f").names,
            (std::vector<std::string>{"", "dog"}));
}

TEST(Labels, MendsNamesThatCouldHarmATerminal) { EXPECT_EQ(parse_labels("\x1b[2Jcat", "f").name(0), "?[2Jcat"); }

TEST(Labels, AreBoundedWhateverTheNumbers) {
  EXPECT_EQ(parse_labels("999999999 cat\n", "f").names, (std::vector<std::string>{"999999999 cat"}));
  EXPECT_EQ(parse_labels("item {\nid: 2000000000\nname: 'x'\n}", "f").names.size(), 4u);
}

TEST(Labels, FitModelsWithAndWithoutABackground) {
  const Labels with{{"background", "cat"}, "f"}, without{{"cat"}, "f"};
  EXPECT_EQ(fit_labels(with, 1).names, without.names);
  EXPECT_EQ(fit_labels(without, 2).names, with.names);
  EXPECT_EQ(fit_labels(with, 2).names, with.names);
  EXPECT_EQ(fit_labels(without, 7).names, without.names);
}

TEST(Colors, AreTheDataSetsOwn) {
  EXPECT_EQ(colors_for(21)[8], (image::Color{64, 0, 0}));
  EXPECT_EQ(colors_for(19).size(), 19u);
  EXPECT_EQ(colors_for(151)[1], (image::Color{120, 120, 120}));
  EXPECT_EQ(colors_for(0).size(), 256u);
}

}  // namespace
}  // namespace monolite::tasks

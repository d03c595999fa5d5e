#include "convert/select.h"

#include <gtest/gtest.h>

#include "convert/graph_writer.h"

namespace monolite::conversion {
namespace {

std::vector<std::string> names(const Selection& s) {
  std::vector<std::string> all;
  for (const auto* n : s.nodes) all.push_back(n->name);
  return all;
}

TEST(Select, TakesWhatLiesBetweenInOrder) {
  GraphWriter w;
  w.node("late", "Relu", {"middle:0", "^other"});
  w.node("middle", "Relu", {"cut"});
  w.node("cut", "Relu", {"image"});
  w.node("image", "Placeholder", {});
  w.node("other", "NoOp", {});
  const auto g = w.take();
  const auto index = NodeIndex::of(g).value();
  EXPECT_EQ(names(select(index, {"cut:0"}, {"late:0"}).value()), (std::vector<std::string>{"middle", "late"}));
  EXPECT_EQ(names(select(index, {}, {"middle"}).value()), (std::vector<std::string>{"image", "cut", "middle"}));
}

TEST(Select, SaysWhatIsWrongWithAGraph) {
  GraphWriter w;
  w.node("a", "Relu", {"b"});
  w.node("b", "Relu", {"a"});
  w.node("c", "Relu", {"missing"});
  w.node("image", "Placeholder", {});
  const auto g = w.take();
  const auto index = NodeIndex::of(g).value();
  EXPECT_EQ(select(index, {}, {"a"}).error().found, "a cycle: it depends on its own output");
  EXPECT_EQ(to_string(select(index, {}, {"c"}).error()),
            "node \"c\", input\n  found     no node \"missing\" in the graph\n  expected  the name of a node\n"
            "  to mend   the graph was cut or edited: freeze it again");
  EXPECT_EQ(select(index, {}, {"Softmax"}).error().mend, "the graph begins with image and ends with c");
  EXPECT_EQ(select(index, {"imagee"}, {"a"}).error().mend, "did you mean \"image\"?");
  EXPECT_EQ(select(index, {"b", "image"}, {"a"}).error().where, "input array \"image\"");
  EXPECT_TRUE(select(index, {"b"}, {"a"})) << "the cut opens the cycle";
}

TEST(Select, AChainOfAnyLengthIsWalked) {
  GraphWriter w;
  w.node("0", "Placeholder", {});
  constexpr int kLength = 200000;
  for (int i = 1; i < kLength; ++i) w.node(std::to_string(i), "Relu", {std::to_string(i - 1)});
  const auto g = w.take();
  const auto s = select(NodeIndex::of(g).value(), {}, {std::to_string(kLength - 1)});
  ASSERT_TRUE(s);
  EXPECT_EQ(s->nodes.size(), size_t{kLength});
}

}  // namespace
}  // namespace monolite::conversion

#include "ops/gather.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Gather, TakesTheListedSlices) {
  const OneNode n{OpCode::GATHER, {value<float>({2, 2}, {1, 2, 3, 4}), vector<int32_t>({1, 0, 1})}};
  const Value out = n.run("GatherOptions", Gather{1});
  EXPECT_EQ(out.shape, (Shape{2, 3}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{2, 1, 2, 4, 3, 4}));
}

TEST(Gather, TakesOtherSlicesInEachBatch) {
  const OneNode n{OpCode::GATHER, {value<float>({2, 2}, {1, 2, 3, 4}), value<int16_t>({2, 1}, {1, 0})}};
  EXPECT_EQ(elements<float>(n.run("GatherOptions", Gather{1, 1})), (std::vector<float>{2, 3}));
}

TEST(Gather, NamesAnIndexOutOfRange) {
  const OneNode n{OpCode::GATHER, {vector<float>({1, 2}), vector<int32_t>({2})}};
  EXPECT_NE(n.error("GatherOptions", Gather{0}).find("found     index 2\n  expected  one in [0, 2)"),
            std::string::npos);
}

TEST(GatherNd, TakesSlicesAtCoordinates) {
  OneNode n{OpCode::GATHER_ND, {value<float>({2, 2}, {1, 2, 3, 4}), value<int64_t>({1, 2}, {1, 0})}};
  EXPECT_EQ(elements<float>(n.run()), std::vector<float>{3});
  n.inputs[1] = value<int64_t>({1, 1}, {1});
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{3, 4}));
  n.inputs[1] = value<int64_t>({1, 1}, {-1});
  EXPECT_NE(n.error().find("found     index -1"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

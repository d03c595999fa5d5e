#include "ops/split_parts.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Split, CutsIntoEqualParts) {
  OneNode n{OpCode::SPLIT, {vector<int32_t>({1}), value<float>({1, 4}, {1, 2, 3, 4})}};
  n.outputs = 2;
  const auto parts = n.run_all();
  EXPECT_EQ(parts[1].shape, (Shape{1, 2}));
  EXPECT_EQ(elements<float>(parts[1]), (std::vector<float>{3, 4}));
  n.outputs = 3;
  EXPECT_NE(n.error().find("found     4 slices for 3 outputs"), std::string::npos);
}

TEST(Split, CutsIntoPartsOfGivenSizes) {
  OneNode n{OpCode::SPLIT_V, {vector<float>({1, 2, 3, 4}), vector<int64_t>({1, -1}), vector<int32_t>({0})}};
  n.outputs = 2;
  EXPECT_EQ(elements<float>(n.run_all()[1]), (std::vector<float>{2, 3, 4}));
  for (const std::vector<int64_t>& bad : {std::vector<int64_t>{1, 2}, {-1, -1}, {5, -1}, {-2, 6}}) {
    n.inputs[1] = vector<int64_t>(bad);
    EXPECT_NE(n.error().find("expected  4 slices in all"), std::string::npos);
  }
}

}  // namespace
}  // namespace monolite::ops

#include "ops/space_to_depth.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;

TEST(SpaceToDepth, MakesChannelsFromABlockOfPixels) {
  const OneNode n{OpCode::SPACE_TO_DEPTH, {value<float>({1, 2, 4, 1}, {1, 2, 5, 6, 3, 4, 7, 8})}};
  const Value out = n.run("SpaceToDepthOptions", SpaceToDepth{2});
  EXPECT_EQ(out.shape, (Shape{1, 1, 2, 4}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_NE(n.error("SpaceToDepthOptions", SpaceToDepth{0}).find("block size 0 for 1x2x4x1"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

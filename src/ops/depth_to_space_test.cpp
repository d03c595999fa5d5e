#include "ops/depth_to_space.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;

TEST(DepthToSpace, MakesABlockOfPixelsFromChannels) {
  const OneNode n{OpCode::DEPTH_TO_SPACE, {value<float>({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})}};
  const Value out = n.run("DepthToSpaceOptions", DepthToSpace{2});
  EXPECT_EQ(out.shape, (Shape{1, 2, 4, 1}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 2, 5, 6, 3, 4, 7, 8}));
  EXPECT_NE(n.error("DepthToSpaceOptions", DepthToSpace{3}).find("block size 3 for 4 channels"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

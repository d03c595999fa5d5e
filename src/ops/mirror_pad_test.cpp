#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

struct Mode {
  int8_t mode = 0;
  template <class V>
  void visit(V&& v) {
    v("mode", mode);
  }
};

TEST(MirrorPad, LeavesTheEdgeOutOrRepeatsIt) {
  OneNode n{OpCode::MIRROR_PAD, {vector<float>({1, 2, 3}), value<int32_t>({1, 2}, {2, 1})}};
  EXPECT_EQ(elements<float>(n.run("MirrorPadOptions", Mode{0})), (std::vector<float>{3, 2, 1, 2, 3, 2}));
  EXPECT_EQ(elements<float>(n.run("MirrorPadOptions", Mode{1})), (std::vector<float>{2, 1, 1, 2, 3, 3}));
  n.inputs[1] = value<int32_t>({1, 2}, {3, 0});
  EXPECT_NE(n.error("MirrorPadOptions", Mode{0}).find("expected  at most 2"), std::string::npos);
}

TEST(MirrorPad, MirrorsCornersToo) {
  const OneNode n{OpCode::MIRROR_PAD, {value<float>({2, 2}, {1, 2, 3, 4}), value<int32_t>({2, 2}, {1, 0, 1, 0})}};
  EXPECT_EQ(elements<float>(n.run("MirrorPadOptions", Mode{0})), (std::vector<float>{4, 3, 4, 2, 1, 2, 4, 3, 4}));
}

}  // namespace
}  // namespace monolite::ops

#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::OneNode;
using testing::value;

struct Dims {
  std::vector<int32_t> squeeze_dims;
  template <class V>
  void visit(V&& v) {
    v("squeeze_dims", squeeze_dims);
  }
};

TEST(Squeeze, DropsTheNamedExtentsOfOne) {
  const OneNode n{OpCode::SQUEEZE, {value<float>({1, 2, 1}, {1, 2})}};
  EXPECT_EQ(n.run("SqueezeOptions", Dims{{-1}}).shape, (Shape{1, 2}));
  EXPECT_EQ(n.run("SqueezeOptions", Dims{}).shape, Shape{2});
  EXPECT_NE(n.error("SqueezeOptions", Dims{{1}}).find("expected  1 in dimension 1"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

struct Axis {
  int32_t axis = 0;
  template <class V>
  void visit(V&& v) {
    v("axis", axis);
  }
};

TEST(Pack, MakesANewDimension) {
  const OneNode n{OpCode::PACK, {vector<float>({1, 2}), vector<float>({3, 4})}};
  EXPECT_EQ(elements<float>(n.run("PackOptions", Axis{0})), (std::vector<float>{1, 2, 3, 4}));
  const Value out = n.run("PackOptions", Axis{-1});
  EXPECT_EQ(out.shape, (Shape{2, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 3, 2, 4}));
}

TEST(Unpack, TakesADimensionApart) {
  OneNode n{OpCode::UNPACK, {value<float>({2, 2}, {1, 3, 2, 4})}};
  n.outputs = 2;
  const auto slices = n.run_all("UnpackOptions", Axis{1});
  EXPECT_EQ(slices[1].shape, Shape{2});
  EXPECT_EQ(elements<float>(slices[1]), (std::vector<float>{3, 4}));
  n.outputs = 1;
  EXPECT_NE(n.error("UnpackOptions", Axis{1}).find("1 outputs for 2 slices"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

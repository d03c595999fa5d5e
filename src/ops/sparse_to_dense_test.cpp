#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(SparseToDense, PutsValuesAtTheirPlaces) {
  OneNode n{
      OpCode::SPARSE_TO_DENSE,
      {value<int32_t>({2, 2}, {0, 1, 1, 2}), vector<int32_t>({2, 3}), vector<float>({5, 7}), value<float>({}, {-1})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{-1, 5, -1, -1, -1, 7}));
  n.inputs[2] = value<float>({}, {4});
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{-1, 4, -1, -1, -1, 4}));
  n.inputs[0] = value<int32_t>({2, 2}, {0, 1, 2, 2});
  EXPECT_NE(n.error().find("found     index 2\n  expected  one in [0, 2)"), std::string::npos) << n.error();
  n.inputs[2] = vector<float>({1, 2, 3});
  EXPECT_NE(n.error().find("expected  one, or one for each of 2 places"), std::string::npos) << n.error();
}

}  // namespace
}  // namespace monolite::ops

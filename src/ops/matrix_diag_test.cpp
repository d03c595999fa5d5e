#include "ops/op.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(MatrixDiag, PutsAVectorOnADiagonal) {
  const Value out = OneNode{OpCode::MATRIX_DIAG, {vector<float>({1, 2})}}.run();
  EXPECT_EQ(out.shape, (Shape{2, 2}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 0, 0, 2}));
}

TEST(MatrixSetDiag, ReplacesADiagonal) {
  OneNode n{OpCode::MATRIX_SET_DIAG, {value<float>({2, 3}, {1, 2, 3, 4, 5, 6}), vector<float>({8, 9})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{8, 2, 3, 4, 9, 6}));
  n.inputs[1] = vector<float>({8});
  EXPECT_NE(n.error().find("found     shape 1\n  expected  2"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

#include "ops/concatenation.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Concatenation, PutsInputsOneBehindTheOther) {
  const OneNode n{OpCode::CONCATENATION, {value<float>({2, 1}, {1, 2}), value<float>({2, 2}, {3, 4, 5, 6})}};
  const Value out = n.run("ConcatenationOptions", Concatenation{-1});
  EXPECT_EQ(out.shape, (Shape{2, 3}));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, 3, 4, 2, 5, 6}));
}

TEST(Concatenation, BringsUint8ToTheOutputsScale) {
  OneNode n{OpCode::CONCATENATION, {vector<uint8_t>({10, 250}), vector<uint8_t>({10})}, DType::uint8};
  n.input_quantization = {per_tensor(0.5f, 0), per_tensor(0.25f, 4)};
  n.output_quantization = per_tensor(0.25f, 4);
  // 10 * 0.5 = 5 is 5 / 0.25 + 4 = 24; 125 is out of range
  EXPECT_EQ(elements<uint8_t>(n.run("ConcatenationOptions", Concatenation{0})), (std::vector<uint8_t>{24, 255, 10}));
}

TEST(Concatenation, SaysWhichInputHasAnotherShapeOrScale) {
  OneNode n{OpCode::CONCATENATION, {value<int8_t>({2, 1}, {1, 2}), value<int8_t>({1, 2}, {3, 4})}, DType::int8};
  EXPECT_NE(
      n.error("ConcatenationOptions", Concatenation{1}).find("input 1\n  found     shape 1x2\n  expected  2x1, but"),
      std::string::npos);
  n.inputs = {vector<int8_t>({1}), vector<int8_t>({2})};
  n.input_quantization = {per_tensor(1, 0), per_tensor(2, 0)};
  n.output_quantization = per_tensor(1, 0);
  EXPECT_NE(n.error("ConcatenationOptions", Concatenation{0}).find("input 1\n  found     another scale"),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

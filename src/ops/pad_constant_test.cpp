#include "ops/pad_constant.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Pad, FramesWithTheZeroPoint) {
  OneNode n{OpCode::PAD, {value<int8_t>({1, 2}, {1, 2}), value<int32_t>({2, 2}, {1, 0, 0, 1})}, DType::int8};
  n.input_quantization = {per_tensor(1, -5)};
  n.output_quantization = per_tensor(1, -5);
  const Value out = n.run();
  EXPECT_EQ(out.shape, (Shape{2, 3}));
  EXPECT_EQ(elements<int8_t>(out), (std::vector<int8_t>{-5, -5, -5, 1, 2, -5}));
}

TEST(Pad, FramesWithAGivenValue) {
  const Value amounts = value<int64_t>({1, 2}, {2, 1});
  const OneNode n{OpCode::PADV2, {vector<float>({1}), amounts, vector<float>({9})}};
  EXPECT_EQ(elements<float>(n.run()), (std::vector<float>{9, 9, 1, 9}));
}

TEST(Pad, RefusesToCut) {
  const OneNode n{OpCode::PAD, {vector<float>({1}), value<int32_t>({1, 2}, {-1, 2})}};
  EXPECT_NE(n.error().find("found     -1 and 2\n  expected  0 or more"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

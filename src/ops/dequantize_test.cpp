#include "ops/elementwise_testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::operand;
using testing::OperandNode;
using testing::row;
using testing::run_node;

TEST(Dequantize, ScalesWhatIsAboveTheZeroPoint) {
  EXPECT_EQ(run_node<float>(OpCode::DEQUANTIZE, {row<uint8_t>({0, 255}, per_tensor(0.5f, 5))}),
            (std::vector<float>{-2.5f, 125}));
}

TEST(Dequantize, TakesOneScaleAChannel) {
  Quantization q;
  q.scale = {1, 0.5f};
  q.zero_point = {0, 1};
  EXPECT_EQ(run_node<float>(OpCode::DEQUANTIZE, {operand<int8_t>({2, 2}, {1, 2, 3, 4}, q)}),
            (std::vector<float>{1, 2, 1, 1.5f}));
  q.dimension = -1;
  EXPECT_NE(OperandNode(OpCode::DEQUANTIZE, {operand<int8_t>({2, 2}, {1, 2, 3, 4}, q)}, DType::float32)
                .error()
                .find("scales along dimension -1 of 2x2"),
            std::string::npos);
}

Value dequantize_constant(DType dtype, Shape shape, Buffer data, Quantization q) {
  OneGraph g;
  const auto x = g.builder.constant("x", dtype, std::move(shape), std::move(data), std::move(q));
  const auto y = g.builder.tensor("y", DType::float32, {});
  g.builder.node(OpCode::DEQUANTIZE, {x}, {y});
  g.builder.output(y);
  return g.run({});
}

TEST(Dequantize, WidensHalves) {
  const Value out = dequantize_constant(DType::float16, {2}, Buffer::of(std::vector<uint16_t>{0x3C00, 0xC000}), {});
  EXPECT_EQ(elements<float>(out), (std::vector<float>{1, -2}));
}

TEST(Dequantize, UnpacksFourBitsLowerHalfFirst) {
  const Value out =
      dequantize_constant(DType::int4, {3}, Buffer::of(std::vector<uint8_t>{0x8F, 0x07}), per_tensor(0.5f, 0));
  EXPECT_EQ(elements<float>(out), (std::vector<float>{-0.5f, -4, 3.5f}));
}

}  // namespace
}  // namespace monolite::ops

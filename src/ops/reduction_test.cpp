#include "ops/reduction.h"

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

OneNode reduction(OpCode op, Value x, std::vector<int32_t> axes) {
  const DType type = x.dtype;
  return {op, {std::move(x), vector(std::move(axes))}, type};
}

TEST(Reduction, GoesOverTheNamedDimensions) {
  const Value x = value<int32_t>({2, 3}, {1, 5, 3, 4, 2, 6});
  EXPECT_EQ(elements<int32_t>(reduction(OpCode::SUM, x, {1}).run()), (std::vector<int32_t>{9, 12}));
  EXPECT_EQ(elements<int32_t>(reduction(OpCode::REDUCE_MAX, x, {0, 0}).run()), (std::vector<int32_t>{4, 5, 6}));
  EXPECT_EQ(elements<int32_t>(reduction(OpCode::REDUCE_MIN, x, {-1, -2}).run()), std::vector<int32_t>{1});
  EXPECT_EQ(elements<int32_t>(reduction(OpCode::REDUCE_PROD, x, {0}).run()), (std::vector<int32_t>{4, 10, 18}));
}

TEST(Reduction, AnswersForTruthValues) {
  const Value x{DType::boolean, {2, 2}, Buffer::of(std::vector<uint8_t>{0, 1, 1, 1})};
  EXPECT_EQ(elements<uint8_t>(reduction(OpCode::REDUCE_ANY, x, {1}).run()), (std::vector<uint8_t>{1, 1}));
  EXPECT_EQ(elements<uint8_t>(reduction(OpCode::REDUCE_ALL, x, {1}).run()), (std::vector<uint8_t>{0, 1}));
}

TEST(Reduction, OfNothingIsTheNeutralElement) {
  const Value x = value<float>({0, 2}, {});
  EXPECT_EQ(elements<float>(reduction(OpCode::SUM, x, {0}).run()), (std::vector<float>{0, 0}));
  EXPECT_EQ(elements<float>(reduction(OpCode::REDUCE_PROD, x, {0}).run()), (std::vector<float>{1, 1}));
  EXPECT_EQ(elements<float>(reduction(OpCode::REDUCE_MAX, x, {0, 1}).run()),
            std::vector<float>{std::numeric_limits<float>::lowest()});
}

TEST(Reduction, OfQuantizedElementsIsRequantized) {
  OneNode sum = reduction(OpCode::SUM, vector<uint8_t>({12, 20}), {0});
  sum.input_quantization = {per_tensor(0.5f, 10)};
  sum.output_quantization = per_tensor(0.25f, 0);
  EXPECT_EQ(elements<uint8_t>(sum.run()), std::vector<uint8_t>{24});  // (2 + 10) * 0.5 = 6
  OneNode product = reduction(OpCode::REDUCE_PROD, vector<int8_t>({4, 6}), {0});
  product.input_quantization = {per_tensor(0.5f, 0)};
  product.output_quantization = per_tensor(0.25f, 1);
  EXPECT_EQ(elements<int8_t>(product.run()), std::vector<int8_t>{25});  // 2 * 3 = 6
  OneNode most = reduction(OpCode::REDUCE_MAX, vector<int8_t>({4, 6}), {0});
  most.input_quantization = {per_tensor(0.5f, 0)};
  most.output_quantization = per_tensor(0.25f, 0);
  EXPECT_NE(most.error().find("another scale or zero point than the output's"), std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

#include "ops/reduction.h"

#include <cmath>

#include "ops/testing_node.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneNode;
using testing::value;
using testing::vector;

TEST(Mean, DividesTheSum) {
  const Value x = value<float>({2, 2}, {1, 2, 4, 8});
  EXPECT_EQ(elements<float>(OneNode{OpCode::MEAN, {x, vector<int32_t>({0})}}.run()), (std::vector<float>{2.5f, 5}));
  const Value kept = OneNode{OpCode::MEAN, {x, vector<int32_t>({-1})}}.run("ReducerOptions", Reducer{true});
  EXPECT_EQ(kept.shape, (Shape{2, 1}));
}

TEST(Mean, RequantizesToTheOutputsScale) {
  OneNode n{OpCode::MEAN, {value<uint8_t>({3, 1}, {10, 20, 31}), vector<int32_t>({0})}, DType::uint8};
  n.input_quantization = {per_tensor(0.5f, 10)};
  n.output_quantization = per_tensor(0.25f, 3);
  // (0 + 5 + 10.5) / 3 = 5.1667; / 0.25 + 3 = 23.67
  EXPECT_EQ(elements<uint8_t>(n.run()), std::vector<uint8_t>{24});
}

TEST(Mean, OfNothingIsNaN) {
  const Value out = OneNode{OpCode::MEAN, {value<float>({0, 1}, {}), vector<int32_t>({0})}}.run();
  ASSERT_EQ(out.shape, Shape{1});
  EXPECT_TRUE(std::isnan(elements<float>(out)[0]));
}

TEST(Mean, RefusesADimensionThatIsNotThere) {
  EXPECT_NE((OneNode{OpCode::MEAN, {vector<float>({1}), vector<int32_t>({1})}}.error().find("found     axis 1")),
            std::string::npos);
}

}  // namespace
}  // namespace monolite::ops

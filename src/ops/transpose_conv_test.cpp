#include "ops/transpose_conv.h"

#include "ops/testing.h"

namespace monolite::ops {
namespace {

using testing::elements;
using testing::OneGraph;
using testing::value;

// A 1-D picture of one channel, its filter and the output's width.
struct Row {
  OneGraph g;
  Row(int32_t width, std::vector<float> filter, int32_t out, Padding padding, int32_t stride) {
    const auto taps = static_cast<int32_t>(filter.size());
    const auto shape = g.builder.constant<int32_t>("shape", {4}, {1, 1, out, 1});
    const auto f = g.builder.constant<float>("f", {1, 1, taps, 1}, std::move(filter));
    const auto x = g.builder.input("x", DType::float32, {1, 1, width, 1});
    const auto y = g.builder.tensor("y", DType::float32, {});
    TransposeConv a;
    a.padding = padding;
    a.stride_w = stride;
    a.stride_h = 1;
    g.builder.node(OpCode::TRANSPOSE_CONV, {shape, f, x}, {y}, "TransposeConvOptions", a);
    g.builder.output(y);
  }
};

TEST(TransposeConv, AddsAWindowForEachPixel) {
  EXPECT_EQ(elements<float>(Row(2, {1, 2, 3}, 5, Padding::valid, 2).g.run({value<float>({1, 1, 2, 1}, {1, 10})})),
            (std::vector<float>{1, 2, 3 + 10, 20, 30}));
}

TEST(TransposeConv, CutsWhatSamePaddingAdds) {
  EXPECT_EQ(elements<float>(Row(2, {1, 2, 3}, 4, Padding::same, 2).g.run({value<float>({1, 1, 2, 1}, {1, 10})})),
            (std::vector<float>{1, 2, 3 + 10, 20}));
}

TEST(TransposeConv, RefusesAnOutputThatDoesNotFit) {
  EXPECT_EQ(Row(2, {1, 2, 3}, 9, Padding::valid, 2).g.error({value<float>({1, 1, 2, 1}, {1, 10})}),
            "subgraph 0, node 0 TRANSPOSE_CONV \"y\", input 0\n"
            "  found     1x1x9x1\n"
            "  expected  a shape whose convolution with this filter and stride gives 1x1x2x1");
}

}  // namespace
}  // namespace monolite::ops

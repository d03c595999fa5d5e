// The smaller rewrites: each fires, leaves near misses alone, and keeps its promise.
#include "legalize/testing.h"
#include "ops/concatenation.h"
#include "ops/conv_2d.h"
#include "ops/resize_bilinear.h"

namespace monolite::legalize {

#define REWRITE(name) extern const Rewrite name;
#include "legalize/all.inc"
#undef REWRITE

namespace {

using testing::apply;
using testing::compare;
using testing::OneGraph;
using testing::text;

// One node of one input and one output.
Model one(OpCode op, DType from, Quantization from_q, DType to, Quantization to_q, Shape shape = {1, 4, 8, 8},
          const std::string& table = {}) {
  OneGraph g;
  const auto x = g.builder.input("x", from, shape, std::move(from_q));
  const auto y = g.builder.tensor("y", to, shape, std::move(to_q));
  g.builder.node(op, {x}, {y}).attributes.set_table(table);
  g.builder.output(y);
  return g.model;
}

TEST(QuantizeToDepthwise, ChangesScalesAsQuantizeDoes) {
  for (const auto& [dtype, zero_point] : {std::pair{DType::uint8, 3}, std::pair{DType::int8, -7}}) {
    for (const float scale : {0.01f, 0.11f, 0.35f}) {
      const Model before = one(OpCode::QUANTIZE, dtype, per_tensor(0.1f, zero_point), dtype, per_tensor(scale, 1));
      const auto after = apply(quantize_to_depthwise, before);
      ASSERT_TRUE(after.outcome);
      EXPECT_EQ(text(after.model), "DEPTHWISE_CONV_2D 1x4x8x8");
      EXPECT_TRUE(compare(before, after.model).is_identical()) << scale;
    }
  }
  EXPECT_FALSE(apply(quantize_to_depthwise,
                     one(OpCode::QUANTIZE, DType::uint8, per_tensor(1, 128), DType::int8, per_tensor(1, 0)))
                   .outcome);
}

TEST(QuantizeAtEdge, GivesTheModelTheInnerType) {
  const Quantization q = per_tensor(0.1f, 128), inner = per_tensor(0.1f, 0);
  OneGraph g;
  const auto x = g.builder.input("x", DType::uint8, {1, 2, 2, 1}, q);
  const auto inside = g.builder.tensor("inside", DType::int8, {1, 2, 2, 1}, inner);
  g.builder.node(OpCode::QUANTIZE, {x}, {inside}, "QuantizeOptions", ops::NoAttributes{});
  const auto size = g.builder.constant<int32_t>("size", {2}, {5, 5});
  const auto y = g.builder.tensor("y", DType::int8, {1, 5, 5, 1}, inner);
  g.builder.node(OpCode::RESIZE_BILINEAR, {inside, size}, {y}, "ResizeBilinearOptions", ops::ResizeBilinear{});
  const auto real = g.builder.tensor("real", DType::float32, {1, 5, 5, 1});
  g.builder.node(OpCode::DEQUANTIZE, {y}, {real}, "DequantizeOptions", ops::NoAttributes{});
  g.builder.output(real);
  EXPECT_FALSE(apply(quantize_at_edge, g.model, 0, true).outcome) << "keep_io";
  const auto front = apply(quantize_at_edge, g.model);
  ASSERT_TRUE(front.outcome);
  EXPECT_EQ(front.outcome->interface_change,
            "input \"x\" is int8 (0.1 * (q - 0)), was uint8 (0.1 * (q - 128)): subtract 128");
  const auto both = apply(quantize_at_edge, front.model, 1);
  ASSERT_TRUE(both.outcome);
  EXPECT_EQ(text(both.model), "RESIZE_BILINEAR 1x5x5x1");
  EXPECT_TRUE(compare(g.model, both.model).is_identical());
}

TEST(MissingBias, AddsZeros) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 3, 3, 2}, per_tensor(0.1f, 1));
  const auto f = g.builder.constant<int8_t>("f", {2, 1, 1, 2}, {1, -2, 3, 4}, per_tensor(0.5f, 0));
  const auto y = g.builder.tensor("y", DType::int8, {1, 3, 3, 2}, per_tensor(0.2f, 0));
  g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::valid, 1, 1});
  g.builder.output(y);
  const auto after = apply(missing_bias, g.model);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(after.model.main().nodes[0].inputs.size(), 3u);
  EXPECT_TRUE(compare(g.model, after.model).is_identical());
  EXPECT_FALSE(apply(missing_bias, after.model).outcome);
}

TEST(ConcatenationScales, BringsInputsToTheOutputsScale) {
  OneGraph g;
  const auto a = g.builder.input("a", DType::uint8, {1, 8, 8, 2}, per_tensor(0.15f, 7));
  const auto b = g.builder.input("b", DType::uint8, {1, 8, 8, 3}, per_tensor(0.33f, 0));
  const auto y = g.builder.tensor("y", DType::uint8, {1, 8, 8, 5}, per_tensor(0.33f, 0));
  g.builder.node(OpCode::CONCATENATION, {a, b}, {y}, "ConcatenationOptions", ops::Concatenation{.axis = 3});
  g.builder.output(y);
  const auto after = apply(concatenation_scales, g.model);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "QUANTIZE 1x8x8x2 | CONCATENATION 1x8x8x5");
  const Verification compared = compare(g.model, after.model);
  EXPECT_LE(compared.largest_steps(), after.outcome->proof == Proof::exact ? 0 : 1);
}

TEST(ConcatenationInParts, KeepsTheOrder) {
  OneGraph g;
  std::vector<TensorId> in;
  for (int i = 0; i < 9; ++i)
    in.push_back(g.builder.input("x" + std::to_string(i), DType::int8, {1, 2, 1 + i % 3}, per_tensor(1, 0)));
  const auto y = g.builder.tensor("y", DType::int8, {1, 2, 18}, per_tensor(1, 0));
  g.builder.node(OpCode::CONCATENATION, in, {y}, "ConcatenationOptions", ops::Concatenation{.axis = -1});
  g.builder.output(y);
  const auto after = apply(concatenation_in_parts, g.model);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "CONCATENATION 1x2x7 | CONCATENATION 1x2x13 | CONCATENATION 1x2x18");
  EXPECT_TRUE(compare(g.model, after.model).is_identical());
}

struct Padded {
  std::vector<int32_t> pads{0, 0, 1, 1, 0, 1, 0, 0};
  int32_t stride_w = 2;
  Model model() const {
    OneGraph g;
    const Quantization q = per_tensor(0.1f, 9);
    const auto x = g.builder.input("x", DType::uint8, {1, 7, 8, 2}, q);
    const auto p = g.builder.constant<int32_t>("p", {4, 2}, pads);
    const auto padded = g.builder.tensor("padded", DType::uint8, {1, 9, 9, 2}, q);
    g.builder.node(OpCode::PAD, {x, p}, {padded});
    const auto f = g.builder.constant<uint8_t>("f", {1, 3, 3, 2}, std::vector<uint8_t>(18, 200), per_tensor(0.1f, 100));
    const auto y = g.builder.tensor("y", DType::uint8, {}, per_tensor(0.5f, 0));
    g.builder.node(OpCode::CONV_2D, {padded, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::valid, stride_w, 1});
    g.builder.output(y);
    return g.model;
  }
};

TEST(PadIntoConvolution, OnlyWhereSamePadsAsMuch) {
  const Model before = Padded{}.model();
  const auto after = apply(pad_into_convolution, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "CONV_2D 1x7x4x1");
  EXPECT_TRUE(compare(before, after.model).is_identical());
  EXPECT_FALSE(apply(pad_into_convolution, Padded{.pads = {0, 0, 1, 1, 1, 0, 0, 0}}.model()).outcome);
  EXPECT_FALSE(apply(pad_into_convolution, Padded{.pads = {0, 1, 1, 1, 0, 1, 0, 0}}.model()).outcome);
}

TEST(LowerVersion, StatesWhatIsNeeded) {
  Model model = Padded{}.model();
  model.main().nodes[1].version = 5;
  const auto after = apply(lower_version, model, 1);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(after.model.main().nodes[1].version, 1);
  EXPECT_FALSE(apply(lower_version, after.model, 1).outcome);
}

Model half_pixel(DType dtype, int32_t in, int32_t out, OpCode op = OpCode::RESIZE_BILINEAR,
                 bool align_corners = false) {
  OneGraph g;
  const Quantization q = dtype == DType::float32 ? Quantization{} : per_tensor(0.1f, 3);
  const auto x = g.builder.input("x", dtype, {1, in, in + 1, 2}, q);
  const auto size = g.builder.constant<int32_t>("size", {2}, {out, out + 1});
  const auto y = g.builder.tensor("y", dtype, {1, out, out + 1, 2}, q);
  g.builder.node(op, {x, size}, {y},
                 op == OpCode::RESIZE_BILINEAR ? "ResizeBilinearOptions" : "ResizeNearestNeighborOptions",
                 ops::ResizeBilinear{align_corners, !align_corners});
  g.builder.output(y);
  return g.model;
}

TEST(ResizeHalfPixel, StaysWithinItsProof) {
  int exact = 0;
  for (const DType dtype : {DType::uint8, DType::int8, DType::float32}) {
    for (int32_t in = 1; in <= 7; ++in) {
      for (int32_t out = 1; out <= 14; ++out) {
        const Model before = half_pixel(dtype, in, out);
        const auto after = apply(resize_half_pixel, before);
        ASSERT_TRUE(after.outcome) << in << " -> " << out;
        const Verification compared = compare(before, after.model, 1);
        const Proof proof = after.outcome->proof;
        const double step = dtype == DType::float32 ? 1e-4 : 1;
        const double most = proof == Proof::exact ? 0 : proof == Proof::one_lsb ? step : 255;
        EXPECT_LE(compared.outputs[0].largest, most) << in << " -> " << out;
        exact += after.outcome->proof == Proof::exact;
      }
    }
  }
  EXPECT_GT(exact, 30);
}

TEST(ResizeNearestFlags, PicksTheSameElements) {
  for (const bool align_corners : {false, true}) {
    for (int32_t in = 1; in <= 7; ++in) {
      for (int32_t out = 1; out <= 14; ++out) {
        const Model before = half_pixel(DType::uint8, in, out, OpCode::RESIZE_NEAREST_NEIGHBOR, align_corners);
        const auto after = apply(resize_nearest_flags, before);
        ASSERT_TRUE(after.outcome);
        EXPECT_TRUE(compare(before, after.model, 1).is_identical()) << in << " -> " << out << " " << align_corners;
      }
    }
  }
}

TEST(HardSwishDecomposed, IsMeasuredOnAllValues) {
  for (const auto& [dtype, zero_point] : {std::pair{DType::uint8, 100}, std::pair{DType::int8, -20}}) {
    const Model before =
        one(OpCode::HARD_SWISH, dtype, per_tensor(0.05f, zero_point), dtype, per_tensor(0.03f, zero_point - 80));
    const auto after = apply(hard_swish_decomposed, before);
    ASSERT_TRUE(after.outcome);
    EXPECT_EQ(text(after.model), "MUL 1x4x8x8 | ADD 1x4x8x8 | MUL 1x4x8x8");
    EXPECT_LE(after.outcome->proof, Proof::one_lsb);
    EXPECT_LE(compare(before, after.model).largest_steps(), 1);
  }
  const Model real = one(OpCode::HARD_SWISH, DType::float32, {}, DType::float32, {});
  const auto after = apply(hard_swish_decomposed, real);
  ASSERT_TRUE(after.outcome);
  EXPECT_LE(compare(real, after.model).outputs[0].largest, 1e-6);
}

TEST(SoftmaxInFloat, StaysWithinAStep) {
  Model before = one(OpCode::SOFTMAX, DType::uint8, per_tensor(0.08f, 69), DType::uint8, per_tensor(1.0f / 256, 0),
                     {1, 1001}, "SoftmaxOptions");
  before.main().nodes[0].attributes.set("beta", 1.0);
  const auto after = apply(softmax_in_float, before);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "DEQUANTIZE 1x1001 | SOFTMAX 1x1001 | QUANTIZE 1x1001");
  EXPECT_LE(compare(before, after.model).largest_steps(), 1);
}

TEST(FoldBatchNorm, ScalesFilterAndBias) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 3, 3, 2});
  const auto f = g.builder.constant<float>("f", {2, 1, 1, 2}, {1, -2, 3, 4});
  const auto y = g.builder.tensor("y", DType::float32, {1, 3, 3, 2}),
             z = g.builder.tensor("z", DType::float32, {1, 3, 3, 2});
  g.builder.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::valid, 1, 1});
  const auto m = g.builder.constant<float>("m", {2}, {0.5f, -3});
  Node& mul = g.builder.node(OpCode::MUL, {m, y}, {z});
  mul.attributes.set_table("MulOptions");
  mul.attributes.set("fused_activation_function", int64_t{1});
  const auto a = g.builder.constant<float>("a", {1, 1, 1, 2}, {7, 8});
  const auto out = g.builder.tensor("out", DType::float32, {1, 3, 3, 2});
  g.builder.node(OpCode::ADD, {z, a}, {out});
  g.builder.output(out);
  EXPECT_FALSE(apply(fold_batch_norm, g.model, 2).outcome) << "no convolution stands before it";
  const auto after = apply(fold_batch_norm, g.model, 1);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "CONV_2D 1x3x3x2 | ADD 1x3x3x2");
  EXPECT_LE(compare(g.model, after.model).outputs[0].largest, 1e-5);
  const auto sum = apply(fold_batch_norm, after.model, 1);
  ASSERT_FALSE(sum.outcome);
  EXPECT_EQ(sum.outcome.error().why, "the convolution has an activation already");
}

TEST(FoldConstant, ComputesAhead) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int32, {2});
  const auto a = g.builder.constant<int32_t>("a", {2}, {3, 4});
  const auto b = g.builder.constant<int32_t>("b", {2}, {5, 6});
  const auto sum = g.builder.tensor("sum", DType::int32, {2}), y = g.builder.tensor("y", DType::int32, {2});
  g.builder.node(OpCode::ADD, {a, b}, {sum});
  g.builder.node(OpCode::ADD, {x, sum}, {y});
  g.builder.output(y);
  const auto after = apply(fold_constant, g.model);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(text(after.model), "ADD 2");
  EXPECT_EQ(after.model.main().tensor(sum).data.get<int32_t>(1), 10);
  EXPECT_TRUE(compare(g.model, after.model).is_identical());
  EXPECT_FALSE(apply(fold_constant, g.model, 1).outcome);
}

// What Keras writes for a classifier's head where the batch is open.
OneGraph open_batch(bool states_open) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 1, 1, 4});
  if (states_open) g.model.main().tensor(x).shape_signature = {{-1, 1, 1, 4}};
  const auto shape = g.builder.tensor("shape", DType::int32, {4}), batch = g.builder.tensor("batch", DType::int32, {});
  const auto begin = g.builder.constant<int32_t>("begin", {1}, {0}), end = g.builder.constant<int32_t>("end", {1}, {1});
  const auto one = g.builder.constant<int32_t>("one", {1}, {1}), depth = g.builder.constant<int32_t>("depth", {}, {4});
  const auto wanted = g.builder.tensor("wanted", DType::int32, {2}), y = g.builder.tensor("y", DType::float32, {1, 4});
  g.builder.node(OpCode::SHAPE, {x}, {shape}).attributes.set("out_type", int64_t{2});
  g.builder.node(OpCode::STRIDED_SLICE, {shape, begin, end, one}, {batch})
      .attributes.set("shrink_axis_mask", int64_t{1});
  g.builder.node(OpCode::PACK, {batch, depth}, {wanted}).attributes.set("values_count", int64_t{2});
  g.builder.node(OpCode::RESHAPE, {x, wanted}, {y});
  g.builder.output(y);
  return g;
}

TEST(FoldConstant, ComputesAheadWhatFollowsFromShapes) {
  OneGraph g = open_batch(true);
  const auto after = apply(fold_constant, g.model, 2);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(after.outcome->interface_change, "input \"x\" is always 1x1x1x4, other sizes were possible");
  const Graph& graph = after.model.main();
  EXPECT_FALSE(graph.tensor(graph.inputs[0]).shape_signature);
  EXPECT_EQ(graph.tensor(graph.nodes.back().inputs[1]).data.get<int32_t>(1), 4);
  EXPECT_TRUE(compare(g.model, after.model).is_identical());
  EXPECT_FALSE(apply(fold_constant, g.model, 3).outcome);
}

TEST(ConstantOperand, IsWhatFollowsFromShapes) {
  OneGraph g = open_batch(true);
  const auto after = apply(constant_operand, g.model, 3);
  ASSERT_TRUE(after.outcome);
  EXPECT_EQ(after.outcome->note, "an input computed ahead: it follows from the inputs' sizes");
  EXPECT_EQ(after.outcome->interface_change, "input \"x\" is always 1x1x1x4, other sizes were possible");
  EXPECT_TRUE(compare(g.model, after.model).is_identical());
  EXPECT_FALSE(apply(constant_operand, g.model, 0).outcome) << "x follows from nothing";
}

TEST(FoldConstant, SaysNothingOfSizesThatAreFixedAnyway) {
  OneGraph g = open_batch(false);
  EXPECT_EQ(apply(fold_constant, g.model, 0).outcome->interface_change, "");
}

}  // namespace
}  // namespace monolite::legalize

// What becomes of single TensorFlow nodes, against their formula.

#include "base/file.h"
#include "convert/testing.h"

namespace monolite::conversion {
namespace {

namespace tf = monolite::tensorflow;
using Dims = std::vector<int64_t>;

TEST(Lowering, ATransposedConvolutionTakesBiasAndActivation) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 2, 2});
  w.float_node("deconv", "Conv2DBackpropInput",
               {w.ints("size", {4}, {1, 4, 4, 3}), w.floats("w", {2, 2, 3, 2}, ramp(24)), x},
               {{"strides", Dims{1, 2, 2, 1}}, {"padding", std::string("SAME")}});
  w.float_node("bias", "BiasAdd", {"deconv", w.floats("b", {3}, {1, 0, -1})});
  w.float_node("out", "Relu", {"bias"});
  const tf::Graph g = w.take();
  EXPECT_EQ(try_graph(g).ops, "TRANSPOSE_CONV");
  expect_same_numbers(g, "fold_into_convolution");
  // Stride 2, windows of 2: each pixel of the result comes from one of the picture.
  const std::vector<float> filter = ramp(24), y = try_graph(g).values;
  ASSERT_EQ(y.size(), 48u);
  const float first = 0.37f * 0 - 5, second = 0.37f * 1 - 5;  // the channels of the first pixel
  for (size_t o = 0; o < 3; ++o) {
    const float bias = o == 0 ? 1.0f : o == 1 ? 0.0f : -1.0f;
    EXPECT_NEAR(y[o], std::max(0.0f, filter[o * 2] * first + filter[o * 2 + 1] * second + bias), 1e-5) << o;
  }
}

TEST(Lowering, ABranchWithAConstantConditionIsTheSideThatIsTaken) {
  for (const bool is_training : {false, true}) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 3});
    const std::string condition =
        w.constant("is_training", tf::Tensor::of<uint8_t>(tf::DataType::boolean, {}, {uint8_t{is_training}}));
    w.float_node("switch", "Switch", {x, condition});
    w.float_node("test", "Neg", {"switch"});
    if (!is_training) w.float_node("unknown", "RandomUniform", {"switch:1"});
    w.float_node("train", "Abs", {is_training ? "switch:1" : "unknown"});
    w.float_node("out", "Merge", {"test", "train"});
    EXPECT_EQ(try_graph(w.take()).ops, is_training ? "ABS" : "NEG");
  }
}

TEST(Lowering, EinsumIsDenseLayersAndProductsOfBatches) {
  const auto einsum = [](const std::string& equation, Dims left, Dims right) {
    GraphWriter w;
    size_t count = 1;
    for (const int64_t d : right) count *= static_cast<size_t>(d);
    w.float_node("out", "Einsum", {placeholder(w, std::move(left)), w.floats("w", std::move(right), ramp(count))},
                 {{"equation", equation}});
    return w.take();
  };
  EXPECT_EQ(try_graph(einsum("abc,cd->abd", {1, 3, 4}, {4, 5})).ops, "FULLY_CONNECTED RESHAPE");
  EXPECT_EQ(try_graph(einsum("...c,cd->...d", {1, 3, 4}, {4, 5})).ops, "FULLY_CONNECTED RESHAPE");
  // x[t, h] = 0.37 (4 t + h) - 5 and w[t, h] in turn: sum over h for each pair of times.
  const Tried t = try_graph(einsum("th,sh->st", {2, 4}, {3, 4}));
  const std::vector<float> w = ramp(12);
  ASSERT_EQ(t.values.size(), 6u);
  for (size_t s = 0; s < 3; ++s) {
    for (size_t r = 0; r < 2; ++r) {
      float sum = 0;
      for (size_t h = 0; h < 4; ++h) sum += (0.37f * static_cast<float>(4 * r + h) - 5) * w[4 * s + h];
      EXPECT_NEAR(t.values[s * 2 + r], sum, 1e-4);
    }
  }
  GraphWriter summed;
  const std::string x = placeholder(summed, {2, 4});
  summed.float_node("out", "Einsum", {x, summed.floats("w", {4}, ramp(4))}, {{"equation", std::string("th,h->h")}});
  const auto c = convert(summed.take(), {});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().found, "an equation that sums over an axis of one operand");
}

TEST(Lowering, SplitsBySizeAndSlicesApart) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2, 6});
  w.float_node("split", "SplitV", {x, w.ints("sizes", {2}, {2, -1}), w.ints("axis", {}, {2})},
               {{"num_split", int64_t{2}}});
  w.float_node("slices", "Unpack", {"split:1"}, {{"axis", int64_t{1}}, {"num", int64_t{2}}});
  w.float_node("out", "Sub", {"slices", "slices:1"});
  const Tried t = try_graph(w.take());
  EXPECT_EQ(t.ops, "SPLIT_V UNPACK SUB");
  EXPECT_EQ(t.values.size(), 4u);
  for (const float v : t.values) EXPECT_NEAR(v, -6 * 0.37f, 1e-5);
}

TEST(Lowering, ANormOfTheInputsOwnStatistics) {
  const auto graph = [](float gamma) {
    GraphWriter w;
    const std::string x = placeholder(w, {1, 2, 5, 1});
    const auto none = tf::Tensor::of<float>(tf::DataType::float32, {0}, {});
    w.float_node("out", "FusedBatchNormV3",
                 {x, w.floats("gamma", {1}, {gamma}), w.floats("beta", {1}, {0}), w.constant("mean", none),
                  w.constant("variance", none)},
                 {{"epsilon", 0.0f}, {"is_training", true}});
    return w.take();
  };
  const Tried t = try_graph(graph(1));
  ASSERT_EQ(t.values.size(), 10u);
  // Ten numbers side by side, 0.37 apart: their variance is 0.37^2 * (100 - 1) / 12.
  for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(t.values[i], (static_cast<float>(i) - 4.5f) / std::sqrt(8.25f), 1e-5);
  EXPECT_EQ(convert(graph(2), {}).error().found, "batch norm in training mode") << "a graph that was not made for use";
}

TEST(Lowering, ReshapesToAScalar) {
  GraphWriter w;
  const std::string x = placeholder(w, {1, 2});
  w.node("none", "Const", {},
         {{"dtype", tf::DataType::int32}, {"value", tf::Tensor::of<int32_t>(tf::DataType::int32, {0}, {})}});
  w.float_node("two", "Reshape", {w.floats("2", {1}, {2}), "none"});
  w.float_node("mean", "Mean", {x, w.ints("axes", {2}, {0, 1})}, {{"keep_dims", true}});
  w.float_node("scalar", "Reshape", {"mean", "none"});
  w.float_node("out", "Mul", {"scalar", "two"});
  const Tried t = try_graph(w.take());
  EXPECT_EQ(t.ops, "MEAN SQUEEZE MUL");
  ASSERT_EQ(t.values.size(), 1u);
  EXPECT_NEAR(t.values[0], -5 - 4.63f, 1e-5);
}

TEST(Lowering, BatchesTimesOneMatrixAreADenseLayer) {
  for (const bool turned : {false, true}) {
    GraphWriter w;
    const std::string x = placeholder(w, {2, 3, 4});
    const Dims dims = turned ? Dims{5, 4} : Dims{4, 5};
    w.float_node("out", "BatchMatMulV2", {x, w.floats("w", dims, ramp(20))}, {{"adj_x", false}, {"adj_y", turned}});
    const Tried t = try_graph(w.take());
    EXPECT_EQ(t.ops, "FULLY_CONNECTED RESHAPE");
    ASSERT_EQ(t.values.size(), 30u);
    float sum = 0;
    const auto weights = ramp(20);
    for (size_t k = 0; k < 4; ++k) sum += (0.37f * static_cast<float>(k + 4) - 5) * weights[turned ? 8 + k : 5 * k + 2];
    EXPECT_NEAR(t.values[7], sum, 1e-4) << "row 1, column 2";
  }
}

// Ops that are made of others, against their formula.
TEST(Lowering, ComposedOpsComputeWhatTheyAreNamedFor) {
  const std::pair<const char*, float (*)(float)> cases[] = {
      {"Softplus", [](float x) { return std::log1p(std::exp(x)); }},
      {"Softsign", [](float x) { return x / (1 + std::abs(x)); }},
      {"Expm1", [](float x) { return std::expm1(x); }},
      {"Reciprocal", [](float x) { return 1 / x; }},
      {"Selu", [](float x) { return x > 0 ? 1.0507009873f * x : 1.7580993408f * (std::exp(x) - 1); }}};
  for (const auto& [op, formula] : cases) {
    GraphWriter w;
    w.float_node("out", op, {placeholder(w, {29})});
    const Tried t = try_graph(w.take());
    ASSERT_EQ(t.values.size(), 29u) << op;
    for (size_t i = 0; i < 29; ++i) {
      const float x = 0.37f * static_cast<float>(i) - 5, wanted = formula(x);
      EXPECT_NEAR(t.values[i], wanted, 1e-5 + 1e-5 * std::abs(wanted)) << op << " of " << x;
    }
  }
}

TEST(Lowering, WhatIsDividedOrMultipliedByZeroIsZero) {
  for (const std::string op : {"DivNoNan", "MulNoNan"}) {
    GraphWriter w;
    w.float_node("out", op, {w.floats("numbers", {2}, {1, 6}), placeholder(w, {1})});
    const Tried t = try_graph(w.take());
    ASSERT_EQ(t.values.size(), 2u);
    EXPECT_EQ(t.values[1], op == "DivNoNan" ? 6 / -5.0f : 6 * -5.0f);
  }
  GraphWriter w;
  const std::string x = placeholder(w, {3});
  w.float_node("none", "Sub", {x, x});
  w.float_node("out", "DivNoNan", {x, "none"});
  EXPECT_EQ(try_graph(w.take()).values, (std::vector<float>{0, 0, 0}));
}

TEST(Lowering, NamesAnOperatorWithoutLowering) {
  GraphWriter w;
  w.float_node("y", "Betainc", {placeholder(w, {1, 2})}, {{"alpha", 1.0f}});
  const auto g = w.take();
  EXPECT_EQ(to_string(convert(g, {}).error()),
            "node \"y\" (Betainc)\n  found     an operator without a lowering, with attributes T, alpha\n  expected  "
            "one of those "
            "in docs/convert.md\n"
            "  to mend   cut the graph before it with --output_arrays, or keep it as a custom operator with "
            "--allow_custom_ops");
  const auto kept = convert(g, {.allow_custom_ops = true});
  ASSERT_TRUE(kept) << to_string(kept.error());
  EXPECT_EQ(kept->model.main().nodes[0].custom_code, "Betainc");
}

TEST(Lowering, EachStandsInTheDocuments) {
  const Buffer page = map_file(MONOLITE_DOCS "/convert.md").value();
  const std::string text(reinterpret_cast<const char*>(page.data()), page.size_bytes());
#define LOWERING(op, function) EXPECT_NE(text.find(#op), std::string::npos) << #op;
#include "convert/lowerings.inc"
#undef LOWERING
}

}  // namespace
}  // namespace monolite::conversion

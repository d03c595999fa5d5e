#include "legalize/legalize.h"

#include "legalize/testing.h"
#include "ops/arg_min_max.h"
#include "ops/resize_bilinear.h"

namespace monolite::legalize {
namespace {

using delegates::NodeContext;
using delegates::Refusal;
using delegates::Target;
using testing::OneGraph;
using testing::text;

// A segmentation net's tail: an align_corners resize and an int64 ARG_MAX.
Model tail(int32_t in = 5, int32_t out = 17) {
  OneGraph g;
  const Quantization q = per_tensor(0.1f, 3);
  const auto x = g.builder.input("x", DType::uint8, {1, in, in, 4}, q);
  const auto size = g.builder.constant<int32_t>("size", {2}, {out, out});
  const auto y = g.builder.tensor("y", DType::uint8, {1, out, out, 4}, q);
  g.builder.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions",
                 ops::ResizeBilinear{.align_corners = true});
  const auto axis = g.builder.constant<int32_t>("axis", {}, {3});
  const auto label = g.builder.tensor("label", DType::int64, {1, out, out});
  g.builder.node(OpCode::ARG_MAX, {y, axis}, {label}, "ArgMaxOptions", ops::ArgMinMax{.output_type = DType::int64});
  g.builder.output(label);
  g.model.signatures.push_back({.key = "serve", .inputs = {{"in", x}}, .outputs = {{"out", label}}, .graph = 0});
  return g.model;
}

const Target& target(const char* name) { return **delegates::find_target(name); }

// Takes all but what `refuses` says.
Target invented(std::function<bool(const NodeContext&)> refuses) {
  Target t;
  t.name = "invented";
  t.judge = [refuses](const NodeContext& n) {
    return refuses(n) ? std::vector<Refusal>{{"no", "refused", ""}} : std::vector<Refusal>{};
  };
  return t;
}

TEST(Legalize, MakesATargetTakeAllAndChangesNoLabel) {
  const Model before = tail();
  const Result r = legalize(before, {.targets = {&target("nnapi-29")}});
  EXPECT_TRUE(r.is_whole);
  EXPECT_EQ(r.proof, Proof::exact);
  EXPECT_EQ(text(r.model), "RESIZE_BILINEAR 1x20x20x4 | ARG_MAX 1x20x20 | SLICE 1x17x17");
  ASSERT_EQ(r.steps.size(), 2u);
  EXPECT_EQ(r.steps[0].rewrite, "resize_align_corners");
  EXPECT_EQ(r.steps[0].node, 0);
  EXPECT_EQ(r.steps[1].rewrite, "argmax_int32");
  EXPECT_EQ(r.interface_changes(), std::vector<std::string>{"output \"label\" is int32, was int64"});
  EXPECT_TRUE(testing::compare(before, r.model).is_identical());
  EXPECT_EQ(r.model.signatures[0].outputs[0].second, r.model.main().outputs[0]);
}

TEST(Legalize, KeepsTheInterfaceWhenAsked) {
  const Model before = tail();
  const Result r = legalize(before, {.targets = {&target("nnapi-29")}, .keep_io = true});
  EXPECT_TRUE(r.is_whole);
  EXPECT_EQ(text(r.model), "RESIZE_BILINEAR 1x20x20x4 | ARG_MAX 1x20x20 | SLICE 1x17x17 | CAST 1x17x17");
  EXPECT_EQ(r.model.main().tensor(r.model.main().outputs[0]).dtype, DType::int64);
  EXPECT_TRUE(r.interface_changes().empty());
  EXPECT_TRUE(testing::compare(before, r.model).is_identical());
}

TEST(Legalize, TouchesNothingThatIsTaken) {
  const Target all = invented([](const NodeContext&) { return false; });
  const Result r = legalize(tail(), {.targets = {&all}});
  EXPECT_TRUE(r.is_whole);
  EXPECT_TRUE(r.steps.empty());
  EXPECT_EQ(text(r.model), text(tail()));
}

TEST(Legalize, SaysWhatItTriedWhereNothingHelps) {
  const Target none =
      invented([](const NodeContext& n) { return n.op() == OpCode::ARG_MAX || n.op() == OpCode::SLICE; });
  const Result r = legalize(tail(), {.targets = {&none}});
  EXPECT_FALSE(r.is_whole);
  EXPECT_EQ(text(r.model), text(tail()));
  ASSERT_EQ(r.remainders.size(), 1u);
  EXPECT_EQ(r.remainders[0].op, "ARG_MAX");
  EXPECT_EQ(r.remainders[0].tried, std::vector<std::string>{"argmax_int32: what it makes is refused as well"});
}

TEST(Legalize, CutsBeforeArgMaxWhereTheTargetTakesNoOtherCut) {
  const Target picky = invented([](const NodeContext& n) {
    const bool is_aligned = n.op() == OpCode::RESIZE_BILINEAR && n.flag("align_corners");
    return is_aligned || (n.op() == OpCode::SLICE && n.dtype() != DType::uint8);
  });
  const Result r = legalize(tail(), {.targets = {&picky}});
  EXPECT_TRUE(r.is_whole);
  EXPECT_EQ(text(r.model), "RESIZE_BILINEAR 1x20x20x4 | SLICE 1x17x17x4 | ARG_MAX 1x17x17");
}

TEST(Legalize, KeepsToTheTolerance) {
  const Target steps = invented(
      [](const NodeContext& n) { return n.op() == OpCode::RESIZE_BILINEAR && n.output_shape()[1] > 8 * n.shape()[1]; });
  const Result exact = legalize(tail(5, 65), {.targets = {&steps}, .tolerance = Proof::exact});
  EXPECT_FALSE(exact.is_whole);
  EXPECT_TRUE(exact.steps.empty());
  const auto& tried = exact.remainders.at(0).tried;
  EXPECT_NE(std::find(tried.begin(), tried.end(), "resize_in_steps: <= 1 LSB is beyond the tolerance"), tried.end());
  const Result loose = legalize(tail(5, 65), {.targets = {&steps}});
  EXPECT_TRUE(loose.is_whole);
  EXPECT_EQ(loose.proof, Proof::one_lsb);
  EXPECT_EQ(text(loose.model),
            "QUANTIZE 1x5x5x4 | QUANTIZE 1x5x5x4 | RESIZE_BILINEAR 1x9x9x4 | RESIZE_BILINEAR 1x65x65x4 | "
            "QUANTIZE 1x65x65x4 | QUANTIZE 1x65x65x4 | ARG_MAX 1x65x65");
  const Target narrow = invented([](const NodeContext& n) {
    return n.dtype() == DType::int16 || (n.op() == OpCode::RESIZE_BILINEAR && n.output_shape()[1] > 8 * n.shape()[1]);
  });
  const Result in_8_bits = legalize(tail(5, 65), {.targets = {&narrow}});
  EXPECT_EQ(text(in_8_bits.model), "RESIZE_BILINEAR 1x9x9x4 | RESIZE_BILINEAR 1x65x65x4 | ARG_MAX 1x65x65");
}

TEST(Legalize, LetsOneRewriteFollowAnother) {
  OneGraph g;
  std::vector<TensorId> parts;
  for (int i = 0; i < 6; ++i) {
    parts.push_back(
        g.builder.input("x" + std::to_string(i), DType::uint8, {1, 2, 2, 1}, per_tensor(i == 0 ? 0.2f : 0.5f, 3)));
  }
  const auto y = g.builder.tensor("y", DType::uint8, {1, 2, 2, 6}, per_tensor(0.5f, 3));
  g.builder.node(OpCode::CONCATENATION, parts, {y}).attributes.set("axis", int64_t{3});
  g.model.main().nodes[0].attributes.set_table("ConcatenationOptions");
  g.builder.output(y);
  const Result r = legalize(g.model, {.targets = {&target("xnnpack")}});
  EXPECT_TRUE(r.is_whole);
  EXPECT_EQ(text(r.model), "QUANTIZE 1x2x2x1 | CONCATENATION 1x2x2x4 | CONCATENATION 1x2x2x6");
  EXPECT_LE(testing::compare(g.model, r.model).largest_steps(), 1);
}

TEST(Legalize, TurnsTheWholeModelToInt8OnlyWhenAsked) {
  const Target no_uint8 = invented([](const NodeContext& n) { return n.dtype() == DType::uint8; });
  EXPECT_FALSE(legalize(tail(), {.targets = {&no_uint8}}).is_whole);
  const Result r = legalize(tail(), {.targets = {&no_uint8}, .tolerance = Proof::approximate});
  EXPECT_TRUE(r.is_whole);
  EXPECT_EQ(r.proof, Proof::approximate);
  EXPECT_EQ(r.model.main().tensor(r.model.main().inputs[0]).dtype, DType::int8);
  EXPECT_EQ(
      r.interface_changes(),
      std::vector<std::string>{"uint8 inputs and outputs are int8: subtract 128 from inputs, add 128 to outputs"});
}

}  // namespace
}  // namespace monolite::legalize

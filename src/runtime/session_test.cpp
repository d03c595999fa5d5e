#include "runtime/session.h"

#include <gtest/gtest.h>

#include "base/float16.h"
#include "ir/builder.h"
#include "ops/conv_2d.h"
#include "ops/op.h"
#include "ops/resize_bilinear.h"
#include "ops/testing.h"

namespace monolite::runtime {
namespace {

using ops::testing::elements;
using ops::testing::value;

// x -> CONV_2D 1x1 (times 2) -> RESIZE_BILINEAR to 4x4
struct TwoNodes {
  Model model{.graphs = std::vector<Graph>(1)};
  TwoNodes() {
    GraphBuilder b(model.graphs[0]);
    const auto x = b.input("x", DType::float32, {1, 2, 2, 1});
    const auto f = b.constant<float>("f", {1, 1, 1, 1}, {2});
    const auto y = b.tensor("y", DType::float32, {});
    const auto size = b.constant<int32_t>("size", {2}, {4, 4});
    const auto z = b.tensor("z", DType::float32, {});
    b.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
    b.node(OpCode::RESIZE_BILINEAR, {y, size}, {z}, "ResizeBilinearOptions", ops::ResizeBilinear{});
    b.output(z);
  }
};

TEST(Session, GivesWhatTheReferenceBackendGives) {
  TwoNodes g;
  const ops::Value x = value<float>({1, 2, 2, 1}, {1, 2, 3, 4});
  auto session = Session::create(g.model);
  ASSERT_TRUE(session) << to_string(session.error());
  const auto fast = (*session)->run(std::span(&x, 1));
  const auto reference = ops::evaluate(g.model, std::span(&x, 1));
  ASSERT_TRUE(fast && reference);
  EXPECT_EQ(elements<float>((*fast)[0]), elements<float>((*reference)[0]));
  EXPECT_EQ((*fast)[0].shape, (Shape{1, 4, 4, 1}));
}

// x -> CONV_2D -> y and x -> RESIZE_BILINEAR -> z: each of the two may run first.
struct TwoBranches {
  Model model{.graphs = std::vector<Graph>(1)};
  TwoBranches() {
    GraphBuilder b(model.graphs[0]);
    const auto x = b.input("x", DType::float32, {1, 2, 2, 1});
    const auto size = b.constant<int32_t>("size", {2}, {4, 4});
    const auto f = b.constant<float>("f", {1, 1, 1, 1}, {2});
    const auto y = b.tensor("y", DType::float32, {});
    const auto z = b.tensor("z", DType::float32, {});
    b.node(OpCode::CONV_2D, {x, f}, {y}, "Conv2DOptions", ops::Conv2D{ops::Padding::same, 1, 1});
    b.node(OpCode::RESIZE_BILINEAR, {x, size}, {z}, "ResizeBilinearOptions", ops::ResizeBilinear{});
    b.output(y);
    b.output(z);
  }
};

std::vector<size_t> nodes_of_steps(const Session& session) {
  std::vector<size_t> nodes;
  for (const auto& step : session.profile()) nodes.insert(nodes.end(), step.nodes.begin(), step.nodes.end());
  return nodes;
}

TEST(Session, RunsInPiecesWhereAsked) {
  TwoBranches g;
  const ops::Value x = value<float>({1, 2, 2, 1}, {1, 2, 3, 4});
  const auto reference = ops::evaluate(g.model, std::span(&x, 1));
  ASSERT_TRUE(reference);
  for (const std::vector<std::vector<size_t>>& pieces : {std::vector<std::vector<size_t>>{{1}, {0}}, {{0}, {1}}}) {
    auto session = Session::create(g.model, {.profile = true, .pieces = pieces});
    ASSERT_TRUE(session) << to_string(session.error());
    EXPECT_EQ(nodes_of_steps(**session), (std::vector<size_t>{pieces[0][0], pieces[1][0]}));
    const auto outputs = (*session)->run(std::span(&x, 1));
    ASSERT_TRUE(outputs);
    EXPECT_EQ(elements<float>((*outputs)[0]), elements<float>((*reference)[0]));
    EXPECT_EQ(elements<float>((*outputs)[1]), elements<float>((*reference)[1]));
  }
}

TEST(Session, RefusesPiecesThatAreNotAllNodesOnce) {
  TwoBranches g;
  for (const std::vector<std::vector<size_t>>& pieces :
       {std::vector<std::vector<size_t>>{{0}}, {{0}, {0}}, {{0}, {1}, {1}}, {{0}, {2}}}) {
    EXPECT_FALSE(Session::create(g.model, {.pieces = pieces}));
  }
}

TEST(Session, RunsOtherInputShapes) {
  TwoNodes g;
  SessionOptions options;
  options.input_shapes[0] = {3, 2, 2, 1};
  auto session = Session::create(g.model, options);
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_EQ((*session)->input(0).shape, (Shape{3, 2, 2, 1}));
  ASSERT_TRUE((*session)->invoke());
  EXPECT_EQ((*session)->output(0).shape, (Shape{3, 4, 4, 1}));
}

TEST(Session, SaysWhichShapeItWants) {
  TwoNodes g;
  auto session = Session::create(g.model);
  ASSERT_TRUE(session);
  const ops::Value x = value<float>({1, 1, 2, 1}, {1, 2});
  const auto result = (*session)->run(std::span(&x, 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(to_string(result.error()),
            "input 0\n"
            "  found     float32 1x1x2x1\n"
            "  expected  float32 1x2x2x1\n"
            "  to mend   make the session with these input shapes");
}

TEST(Session, AResizeToAComputedSizeRuns) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(model.graphs[0]);
  const auto x = b.input("x", DType::float32, {1, 1, 1, 1});
  const auto size = b.input("size", DType::int32, {2});
  const auto y = b.tensor("y", DType::float32, {});
  b.node(OpCode::RESIZE_BILINEAR, {x, size}, {y}, "ResizeBilinearOptions", ops::ResizeBilinear{});
  b.output(y);
  SessionOptions options;
  options.profile = true;
  auto session = Session::create(model, options);
  ASSERT_TRUE(session) << to_string(session.error());
  const std::vector<ops::Value> inputs = {value<float>({1, 1, 1, 1}, {7}), value<int32_t>({2}, {2, 3})};
  const auto out = (*session)->run(inputs);
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ((*out)[0].shape, (Shape{1, 2, 3, 1}));
  EXPECT_EQ((*session)->profile().at(0).times_called, 1);
}

TEST(Session, ProfilesEachStep) {
  TwoNodes g;
  SessionOptions options;
  options.profile = true;
  auto session = Session::create(g.model, options);
  ASSERT_TRUE(session);
  ASSERT_TRUE((*session)->invoke());
  ASSERT_TRUE((*session)->invoke());
  const auto profile = (*session)->profile();
  size_t nodes = 0;
  for (const StepProfile& p : profile) {
    EXPECT_EQ(p.times_called, 2);
    EXPECT_GE(p.total_ns, p.first_ns);
    nodes += p.nodes.size();
  }
  EXPECT_EQ(nodes, 2u);
}

TEST(Session, Float16ConstantsAreWidenedOnceForFastKernels) {
  ops::testing::OneGraph m;
  const TensorId x = m.builder.input("x", DType::float32, {1, 8, 8, 16});
  std::vector<uint16_t> halves;
  for (int i = 0; i < 32 * 16; ++i) halves.push_back(half_from_float(0.01f * static_cast<float>(i % 37 - 18)));
  const TensorId stored = m.builder.constant("stored", DType::float16, {32, 1, 1, 16}, Buffer::of(std::move(halves)));
  const TensorId filter = m.builder.tensor("filter", DType::float32, {32, 1, 1, 16});
  m.builder.node(OpCode::DEQUANTIZE, {stored}, {filter}, "DequantizeOptions", ops::NoAttributes{});
  const TensorId y = m.builder.tensor("y", DType::float32, {1, 8, 8, 32});
  m.builder.node(OpCode::CONV_2D, {x, filter}, {y}, "Conv2DOptions", ops::Conv2D{.stride_w = 1, .stride_h = 1});
  m.builder.output(y);
  std::vector<float> values;
  for (int i = 0; i < 8 * 8 * 16; ++i) values.push_back(0.1f * static_cast<float>(i % 23 - 11));
  const std::vector<ops::Value> inputs{ops::testing::value<float>({1, 8, 8, 16}, values)};
  const auto session = Session::create(m.model);
  ASSERT_TRUE(session) << to_string(session.error());
  EXPECT_EQ((*session)->plan().find("DEQUANTIZE"), std::string::npos) << (*session)->plan();
  const auto fast = (*session)->run(inputs);
  ASSERT_TRUE(fast);
  const auto expected = ops::testing::elements<float>(m.run(inputs)), got = ops::testing::elements<float>((*fast)[0]);
  ASSERT_EQ(expected.size(), got.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(expected[i], got[i], 1e-5);
}

}  // namespace
}  // namespace monolite::runtime

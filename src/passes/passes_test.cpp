#include <gtest/gtest.h>

#include "ir/builder.h"
#include "ops/conv_2d.h"
#include "ops/resize_bilinear.h"
#include "passes/fill_shapes.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"
#include "passes/remove_dead.h"
#include "passes/share_constants.h"

namespace monolite::passes {
namespace {

struct OneGraph {
  Model model{.graphs = std::vector<Graph>(1)};
  Graph& graph = model.graphs[0];
  GraphBuilder builder{graph};

  TensorId resize(TensorId x, const std::string& name, int32_t size, Shape shape = {}) {
    const auto to = builder.constant<int32_t>(name + "/size", {2}, {size, size});
    const auto y = builder.tensor(name, graph.tensor(x).dtype, std::move(shape));
    builder.node(OpCode::RESIZE_BILINEAR, {x, to}, {y}, "ResizeBilinearOptions", ops::ResizeBilinear{});
    return y;
  }
};

TEST(RemoveDead, TakesWhatNothingDependsOn) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 1});
  const auto dead = g.resize(x, "dead", 3);
  g.resize(dead, "dead too", 4);
  const auto y = g.resize(x, "y", 5);
  g.builder.output(y);
  g.model.signatures.push_back({.key = "serve", .inputs = {{"in", x}}, .outputs = {{"out", y}}, .graph = 0});
  EXPECT_EQ(remove_dead_nodes(g.model), 2);
  EXPECT_EQ(remove_unused_tensors(g.model), 4);
  ASSERT_EQ(g.graph.nodes.size(), 1u);
  EXPECT_EQ(g.graph.tensor(g.graph.outputs[0]).name, "y");
  EXPECT_EQ(g.graph.nodes[0].outputs, g.graph.outputs);
  EXPECT_EQ(g.model.signatures[0].outputs[0].second, g.graph.outputs[0]);
}

TEST(RemoveDead, KeepsWhatHasEffects) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1});
  g.builder.node(OpCode::CUSTOM, {x}, {g.builder.tensor("side", DType::float32, {1})}).custom_code = "Print";
  g.builder.output(x);
  EXPECT_EQ(remove_dead_nodes(g.model), 0);
}

TEST(FillShapes, WritesWhatTheFileLeavesOut) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 3});
  const auto left_out = g.resize(x, "a", 5);
  const auto stated = g.resize(left_out, "b", 7, {1, 9, 9, 3});
  g.builder.output(stated);
  EXPECT_EQ(fill_shapes(g.model), 1);
  EXPECT_EQ(g.graph.tensor(left_out).shape, (Shape{1, 5, 5, 3}));
  EXPECT_EQ(g.graph.tensor(stated).shape, (Shape{1, 9, 9, 3}));
  EXPECT_EQ(fill_shapes(g.model, 0, true), 1);
  EXPECT_EQ(g.graph.tensor(stated).shape, (Shape{1, 7, 7, 3}));
}

TEST(GraphEdit, ReplacesANodeInItsPlace) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::float32, {1, 2, 2, 1});
  const auto y = g.resize(x, "y", 5);
  const auto z = g.resize(y, "z", 6);
  g.builder.output(z);
  const auto made = add_like(g.graph, y, "", {1, 3, 3, 1});
  EXPECT_EQ(g.graph.tensor(made).name, "y_1");
  replace_node(g.graph, 0, {make_node(OpCode::ABS, {x}, {made}), make_node(OpCode::NEG, {made}, {y})});
  ASSERT_EQ(g.graph.nodes.size(), 3u);
  EXPECT_EQ(g.graph.nodes[1].outputs[0], y);
  EXPECT_EQ(g.graph.nodes[2].op, OpCode::RESIZE_BILINEAR);
  bypass_node(g.model, 0, 2, y);
  EXPECT_EQ(g.graph.outputs[0], y);
}

TEST(ShareConstants, KeepsTheSameBytesOnceWhateverTheirShape) {
  OneGraph g;
  const auto a = g.builder.constant<float>("a", {2, 2}, {1, 2, 3, 4});
  const auto b = g.builder.constant<float>("b", {4}, {1, 2, 3, 4});
  const auto c = g.builder.constant<float>("c", {4}, {1, 2, 3, 5});
  EXPECT_EQ(share_constants(g.model), 16);
  EXPECT_EQ(g.graph.tensor(a).data.data(), g.graph.tensor(b).data.data());
  EXPECT_NE(g.graph.tensor(a).data.data(), g.graph.tensor(c).data.data());
  EXPECT_EQ(share_constants(g.model), 0);
}

TEST(MinimalVersion, FollowsTypeAndOptions) {
  OneGraph g;
  const auto x = g.builder.input("x", DType::int8, {1, 2, 2, 1});
  const auto f = g.builder.input("f", DType::int8, {1, 1, 1, 1});
  Node conv = make_node(OpCode::CONV_2D, {x, f}, {x}, "Conv2DOptions", ops::Conv2D{});
  EXPECT_EQ(minimal_version(g.graph, conv), 3);
  g.graph.tensor(x).dtype = g.graph.tensor(f).dtype = DType::uint8;
  EXPECT_EQ(minimal_version(g.graph, conv), 1);
  conv.op = OpCode::DEPTHWISE_CONV_2D;
  set_attributes(conv.attributes, ops::Conv2D{.dilation_w_factor = 2});
  EXPECT_EQ(minimal_version(g.graph, conv), 2);
  EXPECT_EQ(minimal_version(g.graph, make_node(OpCode::RESIZE_BILINEAR, {x}, {x}, "ResizeBilinearOptions",
                                               ops::ResizeBilinear{.half_pixel_centers = true})),
            3);
  EXPECT_EQ(minimal_version(g.graph, make_node(OpCode::WHILE, {x}, {x})), 0);
}

}  // namespace
}  // namespace monolite::passes

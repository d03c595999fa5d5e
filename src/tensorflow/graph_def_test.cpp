#include "tensorflow/graph_def.h"

#include <gtest/gtest.h>

#include "tensorflow/fixtures.h"

namespace monolite::tensorflow {
namespace {

Buffer text(const std::string& s) { return Buffer::copy_of(std::as_bytes(std::span(s))); }

Graph small() {
  Graph g;
  g.producer = 1645;
  g.nodes.push_back({"w",
                     "Const",
                     {},
                     "",
                     {{"dtype", DataType::float32}, {"value", Tensor::of<float>(DataType::float32, {2}, {1.5f, -2})}}});
  g.nodes.push_back(
      {"x", "Placeholder", {}, "/cpu:0", {{"dtype", DataType::float32}, {"shape", PartialShape{true, {1, -1}}}}});
  g.nodes.push_back({"y",
                     "Mul",
                     {"x", "w", "^w"},
                     "",
                     {{"T", DataType::float32},
                      {"_list", std::vector<int64_t>{1, 2}},
                      {"flag", true},
                      {"f", 0.5f},
                      {"s", std::string("NHWC")}}});
  return g;
}

void expect_equal(const Graph& a, const Graph& b) {
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].name, b.nodes[i].name);
    EXPECT_EQ(a.nodes[i].op, b.nodes[i].op);
    EXPECT_EQ(a.nodes[i].inputs, b.nodes[i].inputs);
    EXPECT_EQ(a.nodes[i].attrs.size(), b.nodes[i].attrs.size());
  }
  EXPECT_EQ(a.producer, b.producer);
}

TEST(GraphDef, ComesBackAsWritten) {
  const auto bytes = serialize_graph_def(small()).value();
  const auto again = parse_graph_def(Buffer::copy_of(bytes), "g").value();
  expect_equal(again, small());
  EXPECT_EQ(*again.nodes[2].attr<std::vector<int64_t>>("_list"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(again.nodes[0].attr<Tensor>("value")->data.get<float>(1), -2.0f);
  EXPECT_EQ(*again.nodes[1].attr<PartialShape>("shape"), (PartialShape{true, {1, -1}}));
  expect_equal(parse_graph_def(text(print_graph_def(small()).value()), "g").value(), small());
}

TEST(GraphDef, RepeatsTheLastValue) {
  const auto g =
      parse_graph_def(text("node { name: \"c\" op: \"Const\" attr { key: \"value\" value { tensor { dtype: DT_INT32 "
                           "tensor_shape { dim { size: 4 } } int_val: 1 int_val: 7 } } } }"),
                      "g")
          .value();
  const Tensor& t = *g.nodes[0].attr<Tensor>("value");
  EXPECT_EQ(t.data.get<int32_t>(0), 1);
  EXPECT_EQ(t.data.get<int32_t>(3), 7);
}

TEST(GraphDef, BoundsWhatAnAbbreviationTakes) {
  const auto g =
      parse_graph_def(text("node { name: \"c\" op: \"Const\" attr { key: \"value\" value { tensor { dtype: DT_INT32 "
                           "tensor_shape { dim { size: 100000000000 } } int_val: 1 } } } }"),
                      "g.pb");
  EXPECT_EQ(
      to_string(g.error()),
      "g.pb, node \"c\", attribute value\n  found     constants given by a single value that take more than 1 GiB\n"
      "  expected  smaller constants\n  to mend   the file is damaged, or no network that this program converts");
}

TEST(GraphDef, SaysWhatItWasGivenInstead) {
  EXPECT_EQ(parse_graph_def(Buffer(), "a.pb").error().found, "no nodes");
  EXPECT_EQ(parse_graph_def(text("TFL3\x01\x02"), "a.pb").error().found, "bytes that are no GraphDef");
  EXPECT_EQ(parse_graph_def(text("node {\n name: 5 }"), "a.pbtxt").error().found,
            "line 2, column 8: Expected string, got: 5");
}

TEST(GraphDef, EveryCutIsAnErrorOrAGraph) {
  const auto bytes = serialize_graph_def(small()).value();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    parse_graph_def(Buffer::copy_of(std::span(bytes).first(cut)), "g");  // must only return
  }
}

TEST(GraphDef, TextAndBinaryHoldTheSame) {
  SHARED_OR_SKIP(binary, "fixtures/deeplab_tiny_qat/frozen_inference_graph.pb");
  SHARED_OR_SKIP(pbtxt, "fixtures/deeplab_tiny_qat/frozen_inference_graph.pbtxt");
  const auto a = read_graph_def(binary), b = read_graph_def(pbtxt);
  ASSERT_TRUE(a) << to_string(a.error());
  ASSERT_TRUE(b) << to_string(b.error());
  expect_equal(*a, *b);
  EXPECT_EQ(serialize_graph_def(*a).value(), serialize_graph_def(*b).value());
}

}  // namespace
}  // namespace monolite::tensorflow

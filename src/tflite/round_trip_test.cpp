#include <gtest/gtest.h>

#include "ir/builder.h"
#include "tflite/reader.h"
#include "tflite/writer.h"

namespace monolite::tflite {
namespace {

Model round_trip(const Model& m) {
  const auto bytes = write(m);
  if (!bytes) {
    ADD_FAILURE() << to_string(bytes.error());
    return {};
  }
  auto again = read(Buffer::of(*bytes), "again");
  if (!again) {
    ADD_FAILURE() << to_string(again.error());
    return {};
  }
  return std::move(*again);
}

std::vector<std::byte> bytes_of(const Buffer& b) { return {b.bytes().begin(), b.bytes().end()}; }

// One of everything that the format can hold.
Model everything() {
  Model m;
  m.version = 3;
  m.description = "all of it";
  m.graphs.resize(2);
  m.graphs[0].name = "main";
  m.graphs[1].name = "then";
  GraphBuilder b(m.graphs[0]);
  const auto x = b.input("x", DType::int8, {1, 4}, per_tensor(0.5f, -3));
  m.graphs[0].tensor(x).shape_signature = std::vector<int32_t>{-1, 4};
  m.graphs[0].tensor(x).has_rank = true;
  Quantization per_channel;
  per_channel.scale = {0.5f, 0.25f};
  per_channel.zero_point = {0, 0};
  per_channel.dimension = 1;
  per_channel.min = {-1, -2};
  per_channel.max = {1, 2};
  const auto w = b.constant<int8_t>("w", {1, 2}, {1, 2}, per_channel);
  auto sparse = std::make_shared<Sparsity>();
  sparse->traversal_order = {0, 1};
  sparse->block_map = {0};
  sparse->dimensions = {{false, 1, 0, 0, {}, {}}, {true, 0, 8, 16, {0, 1}, {1}}};
  m.graphs[0].tensor(w).sparsity = sparse;
  const auto state = b.tensor("state", DType::float32, {1, 4});
  m.graphs[0].tensor(state).is_variable = true;
  const auto v = b.tensor("v", DType::variant, {});
  m.graphs[0].tensor(v).variant_types = {{Shape{2, 3}, DType::int32, true}};
  const auto e = b.tensor("e", DType::float32, {8});
  m.graphs[0].tensor(e).external_buffer = 5;
  m.external_buffer_groups = {"weights.bin"};
  m.external_buffers = {{5, 0, 16, 32, "raw"}};
  Node& custom = b.node(OpCode::CUSTOM, {x, kNoTensor, state}, {v});
  custom.custom_code = "MyOp";
  custom.version = 4;
  custom.custom_options = Buffer::of(std::vector<uint8_t>{1, 2, 3});
  custom.mutating_variable_inputs = {false, false, true};
  custom.intermediates = {e};
  b.node(static_cast<OpCode>(231), {x}, {e}).version = 9;  // from the future
  m.metadata = {{"min_runtime_version", Buffer::of(std::vector<uint8_t>{'1', 0})}};
  m.signatures = {{"serving_default", {{"in", x}}, {{"out", v}}, 0}};
  return m;
}

void expect_everything(const Model& a) {
  const Model b = everything();
  EXPECT_EQ(a.description, b.description);
  ASSERT_EQ(a.graphs.size(), 2u);
  EXPECT_EQ(a.graphs[1].name, "then");
  ASSERT_EQ(a.graphs[0].tensors.size(), b.graphs[0].tensors.size());
  for (size_t i = 0; i < a.graphs[0].tensors.size(); ++i) {
    const Tensor &s = a.graphs[0].tensors[i], &t = b.graphs[0].tensors[i];
    EXPECT_EQ(s.name, t.name);
    EXPECT_EQ(s.dtype, t.dtype);
    EXPECT_EQ(s.shape, t.shape);
    EXPECT_EQ(s.shape_signature, t.shape_signature);
    EXPECT_EQ(s.has_rank, t.has_rank);
    EXPECT_EQ(s.is_variable, t.is_variable);
    EXPECT_EQ(s.external_buffer, t.external_buffer);
    EXPECT_EQ(s.quantization.scale, t.quantization.scale);
    EXPECT_EQ(s.quantization.zero_point, t.quantization.zero_point);
    EXPECT_EQ(s.quantization.min, t.quantization.min);
    EXPECT_EQ(s.quantization.max, t.quantization.max);
    EXPECT_EQ(s.quantization.dimension, t.quantization.dimension);
    EXPECT_EQ(bytes_of(s.data), bytes_of(t.data));
    ASSERT_EQ(s.sparsity != nullptr, t.sparsity != nullptr);
    ASSERT_EQ(s.variant_types.size(), t.variant_types.size());
  }
  const Sparsity& sparsity = *a.graphs[0].tensors[1].sparsity;
  EXPECT_EQ(sparsity.traversal_order, (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(sparsity.dimensions[1].segments, (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(sparsity.dimensions[1].indices_bits, 16);
  EXPECT_EQ(a.graphs[0].tensors[3].variant_types[0].shape, (Shape{2, 3}));
  const Node& custom = a.graphs[0].nodes[0];
  EXPECT_EQ(op_name(custom), "MyOp");
  EXPECT_EQ(custom.version, 4);
  EXPECT_EQ(custom.inputs, b.graphs[0].nodes[0].inputs);
  EXPECT_EQ(custom.intermediates, b.graphs[0].nodes[0].intermediates);
  EXPECT_EQ(custom.mutating_variable_inputs, (std::vector<bool>{false, false, true}));
  EXPECT_EQ(bytes_of(custom.custom_options), bytes_of(b.graphs[0].nodes[0].custom_options));
  EXPECT_EQ(static_cast<int>(a.graphs[0].nodes[1].op), 231);
  EXPECT_EQ(a.graphs[0].nodes[1].version, 9);
  EXPECT_EQ(a.metadata[0].first, "min_runtime_version");
  EXPECT_EQ(bytes_of(a.metadata[0].second), bytes_of(b.metadata[0].second));
  EXPECT_EQ(a.signatures[0].inputs, b.signatures[0].inputs);
  EXPECT_EQ(a.external_buffers[0].packing, "raw");
  EXPECT_EQ(a.external_buffer_groups, b.external_buffer_groups);
}

TEST(RoundTrip, KeepsAllOfTheFormat) { expect_everything(round_trip(everything())); }

TEST(RoundTrip, KeepsBuffersBehindTheFlatbuffer) {
  Model m = everything();
  m.buffers_outside = true;
  m.graphs[0].nodes[0].large_custom_options = true;
  const Model again = round_trip(m);
  EXPECT_TRUE(again.buffers_outside);
  EXPECT_TRUE(again.graphs[0].nodes[0].large_custom_options);
  expect_everything(again);
}

TEST(RoundTrip, WritesTheSameBytesTwice) {
  const auto once = write(everything()).value();
  EXPECT_EQ(once, write(read(Buffer::of(once), "x").value()).value());
}

TEST(RoundTrip, StoresASharedBufferOnce) {
  Model m{.graphs = std::vector<Graph>(1)};
  GraphBuilder b(m.graphs[0]);
  const Buffer shared = Buffer::of(std::vector<float>(1000));
  b.constant("a", DType::float32, {1000}, shared);
  b.constant("b", DType::float32, {1000}, shared);
  EXPECT_LT(write(m).value().size(), 6000u);
}

}  // namespace
}  // namespace monolite::tflite

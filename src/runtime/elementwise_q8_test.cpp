// ADD and functions of one number, on 8-bit numbers: the bits of the reference backend.

#include "ops/add.h"
#include "ops/mul.h"
#include "ops/op.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

Model add(DType type, int32_t count, float b_scale, float out_scale, ops::Activation activation) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const int zero = type == DType::int8 ? 0 : 128;
  const auto a = g.input("a", type, {1, count}, per_tensor(0.3583f, zero - 3));
  const auto b = g.input("b", type, {1, count}, per_tensor(b_scale, zero + 5));
  const auto y = g.tensor("y", type, {}, per_tensor(out_scale, zero - 9));
  g.node(OpCode::ADD, {a, b}, {y}, "AddOptions", ops::Add{activation});
  g.output(y);
  return model;
}

TEST(ElementwiseQ8, AddHasTheReferencesBits) {
  uint32_t seed = 0;
  for (const DType type : {DType::uint8, DType::int8}) {
    for (const int32_t count : {1, 15, 63, 64, 65, 40000}) {
      for (const float b_scale : {0.4733f, 0.3583f, 1e-4f, 30.0f}) {
        for (const float out_scale : {0.5035f, 0.01f, 9.0f}) {
          testing::expect_same_bits(add(type, count, b_scale, out_scale, ops::Activation::none), "elementwise_q8",
                                    ++seed);
        }
      }
    }
    testing::expect_same_bits(add(type, 1000, 0.4f, 0.02f, ops::Activation::relu6), "elementwise_q8", ++seed);
  }
}

template <class T>
Model binary(OpCode op, const Shape& a_shape, const Shape& b_shape, bool b_is_constant, float out_scale) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const DType type = std::is_signed_v<T> ? DType::int8 : DType::uint8;
  const int zero = type == DType::int8 ? 0 : 128;
  const auto a = g.input("a", type, a_shape, per_tensor(0.0583f, zero - 3));
  std::vector<T> values(static_cast<size_t>(b_shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i * 29 + 77);
  const auto b = b_is_constant ? g.constant<T>("b", b_shape, values, per_tensor(0.0433f, zero + 5))
                               : g.input("b", type, b_shape, per_tensor(0.0433f, zero + 5));
  const auto y = g.tensor("y", type, {}, per_tensor(out_scale, zero - 9));
  if (op == OpCode::ADD) {
    g.node(op, {a, b}, {y}, "AddOptions", ops::Add{});
  } else {
    g.node(op, {a, b}, {y}, "MulOptions", ops::Mul{ops::Activation::relu});
  }
  g.output(y);
  return model;
}

TEST(ElementwiseQ8, ProductsAndRepeatedInputsHaveTheReferencesBits) {
  for (const OpCode op : {OpCode::ADD, OpCode::MUL}) {
    for (const float scale : {0.0002f, 0.004f, 0.2f}) {
      for (const int columns : {16, 17, 64, 130, 5000}) {
        const Shape whole{2, 3, columns}, row{1, columns};
        testing::expect_same_bits(binary<int8_t>(op, whole, row, true, scale), "elementwise_q8");
        testing::expect_same_bits(binary<uint8_t>(op, row, whole, false, scale), "elementwise_q8");
        testing::expect_same_bits(binary<int8_t>(op, whole, whole, false, scale), "elementwise_q8");
        testing::expect_same_bits(binary<uint8_t>(op, whole, {1}, true, scale), "elementwise_q8");
      }
    }
  }
}

// Scales that no trained model has, up to those whose products pass 32 bits.
TEST(ElementwiseQ8, HasTheReferencesBitsForTinyOutputScales) {
  for (const float scale : {1e-5f, 1e-6f, 1e-7f, 3e-8f, 1e-8f, 1e-9f, 1e-13f, 1e-40f}) {
    for (const OpCode op : {OpCode::ADD, OpCode::MUL}) {
      testing::expect_same_bits(binary<int8_t>(op, {2, 3, 130}, {2, 3, 130}, false, scale), "");
      testing::expect_same_bits(binary<uint8_t>(op, {2, 3, 130}, {1, 130}, true, scale), "");
    }
  }
}

TEST(ElementwiseQ8, FunctionsHaveTheReferencesBits) {
  for (const OpCode op : {OpCode::QUANTIZE, OpCode::HARD_SWISH}) {
    for (const DType type : {DType::uint8, DType::int8}) {
      Model model{.graphs = std::vector<Graph>(1)};
      GraphBuilder g(model.graphs[0]);
      const auto x = g.input("x", type, {7, 300}, per_tensor(0.05f, 3));
      const auto y = g.tensor("y", type, {}, per_tensor(0.043f, 1));
      g.node(op, {x}, {y}, op == OpCode::QUANTIZE ? "QuantizeOptions" : "HardSwishOptions", ops::NoAttributes{});
      g.output(y);
      testing::expect_same_bits(model, "elementwise_q8");
    }
  }
}

}  // namespace
}  // namespace monolite::runtime

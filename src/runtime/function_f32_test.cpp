// Functions of float32 numbers near the reference; to bytes and back with its bits.

#include "ops/div.h"
#include "ops/op.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

constexpr int32_t kLengths[] = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 20000};

Model one_function(OpCode op, const char* options, int32_t count, DType from, DType to) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto mapping = [](DType type) {
    return type == DType::float32 ? Quantization{} : per_tensor(0.031f, type == DType::int8 ? -7 : 110);
  };
  const auto x = g.input("x", from, {count}, mapping(from));
  const auto y = g.tensor("y", to, {}, mapping(to));
  g.node(op, {x}, {y}, options, ops::NoAttributes{});
  g.output(y);
  return model;
}

// From below to above where the functions bend; among them the ends of what int32 and float32 have.
std::vector<ops::Value> floats(int32_t count, float step, bool has_extremes) {
  std::vector<float> values;
  for (int32_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i - count / 2) * step);
  if (has_extremes && count > 30) {
    const float odd[] = {0.0f,           -0.0f,         1e30f,          -1e30f, 2147483648.0f,
                         -2147483648.0f, 2147483520.0f, -2147483904.0f, 1e-40f};
    std::copy(std::begin(odd), std::end(odd), values.begin() + 5);
  }
  return {{DType::float32, {count}, Buffer::of(std::move(values))}};
}

TEST(FunctionF32, IsNearTheReference) {
  for (const int32_t count : kLengths) {
    for (const OpCode op : {OpCode::RELU, OpCode::RELU6, OpCode::RELU_N1_TO_1, OpCode::LOGISTIC}) {
      const Model model = one_function(op, "", count, DType::float32, DType::float32);
      testing::expect_same_bits(model, "elementwise_f32", floats(count, count > 100 ? 0.01f : 0.5f, false));
      if (op == OpCode::RELU) continue;  // the others end, so that the rest is seen beside what extremes give
      testing::expect_same_bits(model, "elementwise_f32", floats(count, 0.01f, true));
    }
    const Model model = one_function(OpCode::HARD_SWISH, "HardSwishOptions", count, DType::float32, DType::float32);
    testing::expect_same_bits(model, "elementwise_f32");
  }
}

TEST(FunctionF32, QuantizesWithTheReferencesBits) {
  for (const int32_t count : kLengths) {
    for (const DType type : {DType::uint8, DType::int8}) {
      // Steps of half a unit: all halves are met.
      testing::expect_same_bits(one_function(OpCode::QUANTIZE, "QuantizeOptions", count, DType::float32, type),
                                "elementwise_f32", floats(count, 0.0155f, true));
      testing::expect_same_bits(one_function(OpCode::DEQUANTIZE, "DequantizeOptions", count, type, DType::float32),
                                "elementwise_f32");
    }
  }
}

template <class A>
Model of_two(OpCode op, const char* options, const A& attributes, const Shape& a, const Shape& b) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  const auto x = g.input("x", DType::float32, a), z = g.input("z", DType::float32, b);
  const auto y = g.tensor("y", DType::float32, {});
  g.node(op, {x, z}, {y}, options, attributes);
  g.output(y);
  return model;
}

TEST(FunctionF32, OfTwoIsNearTheReference) {
  for (const int32_t count : kLengths) {
    const Shape whole{2, count};
    for (const OpCode op : {OpCode::MINIMUM, OpCode::MAXIMUM}) {
      for (const Shape& other : {whole, Shape{1}}) {
        testing::expect_same_bits(of_two(op, "MaximumMinimumOptions", ops::NoAttributes{}, whole, other),
                                  "elementwise_f32");
      }
    }
    testing::expect_same_bits(of_two(OpCode::DIV, "DivOptions", ops::Div{}, whole, whole), "elementwise_f32");
  }
}

}  // namespace
}  // namespace monolite::runtime

// FULLY_CONNECTED on 8-bit numbers: the bits of the reference backend, whose results are rounded once.

#include "ops/fully_connected.h"
#include "runtime/testing.h"

namespace monolite::runtime {
namespace {

struct Layer {
  int rows, depth, units;
  DType type;
  float out_scale;
  bool per_channel = false;
  int weights_zero_point = 0;
  ops::Activation activation = ops::Activation::none;
  bool has_bias = true;
};

template <class T>
Model fully_connected(const Layer& l) {
  Model model{.graphs = std::vector<Graph>(1)};
  GraphBuilder g(model.graphs[0]);
  std::mt19937 random(static_cast<uint32_t>(l.depth * 31 + l.units));
  std::vector<T> weights(static_cast<size_t>(l.depth * l.units));
  for (T& w : weights) w = static_cast<T>(random());
  std::vector<int32_t> bias(static_cast<size_t>(l.units));
  for (int32_t& b : bias) b = static_cast<int32_t>(random() % 20001) - 10000;
  const int middle = l.type == DType::int8 ? 0 : 128;
  Quantization q = per_tensor(0.004f, middle + l.weights_zero_point);
  if (l.per_channel) {
    for (int u = 1; u < l.units; ++u) {
      q.scale.push_back(0.004f / static_cast<float>(1 + u % 7));
      q.zero_point.push_back(0);
    }
  }
  const auto x = g.input("x", l.type, {l.rows, l.depth}, per_tensor(0.0317f, middle + 5));
  const auto f = g.constant<T>("f", {l.units, l.depth}, weights, q);
  const auto b = l.has_bias ? g.constant<int32_t>("b", {l.units}, bias, per_tensor(0.0317f * 0.004f, 0)) : kNoTensor;
  const auto y = g.tensor("y", l.type, {}, per_tensor(l.out_scale, middle - 4));
  g.node(OpCode::FULLY_CONNECTED, {x, f, b}, {y}, "FullyConnectedOptions", ops::FullyConnected{l.activation});
  g.output(y);
  return model;
}

void expect_reference(const Layer& l) {
  testing::expect_same_bits(l.type == DType::int8 ? fully_connected<int8_t>(l) : fully_connected<uint8_t>(l),
                            "gemm_q8");
}

TEST(FullyConnectedQ8, HasTheReferencesBitsForAllSizes) {
  for (const DType type : {DType::uint8, DType::int8}) {
    for (const int rows : {1, 2, 7, 50}) {
      for (const int units : {1, 17, 64, 70}) expect_reference({rows, 33, units, type, 0.05f});
    }
    for (const int depth : {1, 3, 4, 64, 513}) expect_reference({13, depth, 20, type, 0.05f});
  }
}

TEST(FullyConnectedQ8, HasTheReferencesBitsForAllScales) {
  for (const float scale : {0.0005f, 0.0317f * 0.008f, 0.01f, 0.5f, 3.0f}) {
    expect_reference({31, 40, 35, DType::int8, scale, true});
    expect_reference({31, 40, 35, DType::int8, scale, false, 7});
    expect_reference({31, 40, 35, DType::uint8, scale, false, -20, ops::Activation::relu});
    expect_reference({31, 40, 35, DType::uint8, scale, false, 0, ops::Activation::relu6, false});
  }
}

}  // namespace
}  // namespace monolite::runtime

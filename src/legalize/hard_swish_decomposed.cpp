// hard_swish_decomposed
//   match    HARD_SWISH: x * relu6(x + 3) / 6
//   rewrite  8-bit: MUL by 1/6 (only the scale changes), ADD of 1/2 into a tensor that ends at 0 and 1, MUL with x;
//            float32: ADD of 3 with RELU6, MUL with x, MUL by 1/6
//   proof    8-bit: all 256 values are compared; float32: <= 1 LSB here means a unit in the last places
//   cost     three elements written for one
//   for      targets without HARD_SWISH, or with it in float only (Edge TPU, XNNPACK)
#include <fmt/format.h>

#include "legalize/measure.h"
#include "legalize/nodes.h"
#include "legalize/rewrite.h"
#include "ops/activation.h"
#include "passes/graph_edit.h"

namespace monolite::legalize {
namespace {

constexpr int kUnit = 127;  // a constant's integer: large enough that its scale keeps products below the output's scale

Node elementwise(OpCode op, TensorId a, TensorId b, TensorId out, ops::Activation activation = ops::Activation::none) {
  return passes::make_node(op, {a, b}, {out}, op == OpCode::ADD ? "AddOptions" : "MulOptions",
                           {{"fused_activation_function", static_cast<int64_t>(activation)}});
}

TensorId scalar(Graph& g, TensorId beside, const char* what, DType dtype, float value) {
  const std::string name = g.tensor(beside).name + what;
  if (dtype == DType::float32) return passes::add_constant<float>(g, name, {1}, {value});
  const Buffer data = Buffer::of(std::vector<uint8_t>{kUnit});
  return passes::add_constant(g, name, dtype, {1}, data, per_tensor(value / kUnit, 0));
}

std::vector<Node> in_float(const Site& site, const Shape& shape) {
  Graph& g = site.graph();
  const TensorId x = site.input(0), out = site.output();
  const TensorId gate = passes::add_like(g, out, "/gate", shape), product = passes::add_like(g, out, "/product", shape);
  return {elementwise(OpCode::ADD, x, scalar(g, out, "/three", DType::float32, 3), gate, ops::Activation::relu6),
          elementwise(OpCode::MUL, x, gate, product),
          elementwise(OpCode::MUL, product, scalar(g, out, "/sixth", DType::float32, 1.0f / 6), out)};
}

std::vector<Node> in_8_bits(const Site& site, const Shape& shape) {
  Graph& g = site.graph();
  const TensorId x = site.input(0), out = site.output();
  const DType dtype = g.tensor(x).dtype;
  const TensorId sixth = passes::add_like(g, x, "/sixth", shape), gate = passes::add_like(g, x, "/gate", shape);
  g.tensor(sixth).quantization.scale[0] /= 6;
  g.tensor(sixth).quantization.min = g.tensor(sixth).quantization.max = {};
  g.tensor(gate).quantization = per_tensor(1.0f / 255, dtype == DType::uint8 ? 0 : -128);
  std::vector<Node> made = {elementwise(OpCode::MUL, x, scalar(g, out, "/one_sixth", dtype, 1.0f / 6), sixth),
                            elementwise(OpCode::ADD, sixth, scalar(g, out, "/half", dtype, 0.5f), gate),
                            elementwise(OpCode::MUL, x, gate, out)};
  for (Node& node : made) node.version = dtype == DType::int8 ? 2 : 1;
  return made;
}

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId x = site.input(0), out = site.output();
  const Tensor &from = g.tensor(x), &to = g.tensor(out);
  const Shape shape = site.shape(x);
  Applied applied{.proof = Proof::one_lsb, .note = "x * relu6(x + 3) / 6 by ADD and MUL"};
  std::vector<Node> made;
  if (from.dtype == DType::float32) {
    made = in_float(site, shape);
  } else if ((from.dtype == DType::uint8 || from.dtype == DType::int8) && from.quantization.scale.size() == 1 &&
             to.quantization.scale.size() == 1) {
    made = in_8_bits(site, shape);
    const auto steps = largest_difference(g, {site.node()}, made, x, out);
    if (!steps) return no_match();
    applied.proof = proof_of(*steps);
    applied.note += fmt::format("; of all 256 values none is off by more than {:g}", *steps);
  } else {
    return no_match();
  }
  passes::replace_node(g, site.index, std::move(made));
  return applied;
}

}  // namespace

extern const Rewrite hard_swish_decomposed;
const Rewrite hard_swish_decomposed{.name = "hard_swish_decomposed",
                                    .summary = "HARD_SWISH by ADD and MUL",
                                    .proof = Proof::one_lsb,
                                    .ops = {OpCode::HARD_SWISH},
                                    .apply = apply};

}  // namespace monolite::legalize

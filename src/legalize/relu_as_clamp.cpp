// relu_as_clamp
//   match    RELU6, RELU_N1_TO_1, RELU_0_TO_1 standing alone; 8-bit ones with one scale for input and output
//   rewrite  MAXIMUM with the lower bound, MINIMUM with the upper one
//   proof    float32: exact, the same two comparisons; 8-bit: all 256 values are compared, with the bounds as integers
//            of the same scale
//   cost     two elements written for one
//   for      targets that take an activation only where it is fused (OpenVINO)
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "legalize/measure.h"
#include "legalize/rewrite.h"
#include "passes/graph_edit.h"
#include "passes/minimal_version.h"

namespace monolite::legalize {
namespace {

// A constant of the tensor's own type and scale.
TensorId bound(Graph& g, TensorId like, const char* what, float value) {
  const Tensor& t = g.tensor(like);
  const std::string name = t.name + what;
  if (t.dtype == DType::float32) return passes::add_constant<float>(g, name, {1}, {value});
  const bool is_signed = t.dtype == DType::int8;
  const Quantization q = per_tensor(t.quantization.scale[0], t.quantization.zero_point[0]);
  const double wanted = std::round(double{value} / q.scale[0]) + static_cast<double>(q.zero_point[0]);
  const double in_range = std::clamp(wanted, is_signed ? -128.0 : 0.0, is_signed ? 127.0 : 255.0);
  const Buffer data = Buffer::of(std::vector<uint8_t>{static_cast<uint8_t>(static_cast<int>(in_range))});
  return passes::add_constant(g, name, t.dtype, {1}, data, q);
}

Outcome apply(const Site& site) {
  if (!site.has_shapes()) return no_match();
  Graph& g = site.graph();
  const TensorId x = site.input(0), out = site.output();
  const Tensor &from = g.tensor(x), &to = g.tensor(out);
  const bool is_8_bit = from.dtype == DType::uint8 || from.dtype == DType::int8;
  if (from.dtype != to.dtype || (from.dtype != DType::float32 && !is_8_bit)) return no_match();
  if (is_8_bit && (from.quantization.scale.size() != 1 || from.quantization.zero_point.size() != 1 ||
                   !(from.quantization.scale[0] > 0))) {
    return no_match();
  }
  if (!same_mapping(from.quantization, to.quantization)) return no_match("its input and output have other scales");
  const OpCode op = site.node().op;
  const float low = op == OpCode::RELU_N1_TO_1 ? -1.0f : 0.0f, high = op == OpCode::RELU6 ? 6.0f : 1.0f;
  const TensorId above = passes::add_like(g, out, "/above", site.shape(x));
  const TensorId lower = bound(g, out, "/lower", low), upper = bound(g, out, "/upper", high);
  std::vector<Node> made = {
      passes::make_node(OpCode::MAXIMUM, {x, lower}, {above}, "MaximumMinimumOptions", {}),
      passes::make_node(OpCode::MINIMUM, {above, upper}, {out}, "MaximumMinimumOptions", {}),
  };
  for (Node& node : made) passes::set_minimal_version(g, node);
  Applied applied{.note = fmt::format("min(max(x, {:g}), {:g})", low, high)};
  if (is_8_bit) {
    const auto steps = largest_difference(g, {site.node()}, made, x, out);
    if (!steps) return no_match();
    applied.proof = proof_of(*steps);
  }
  passes::replace_node(g, site.index, std::move(made));
  return applied;
}

}  // namespace

extern const Rewrite relu_as_clamp;
const Rewrite relu_as_clamp{.name = "relu_as_clamp",
                            .summary = "a RELU6 that stands alone as MAXIMUM and MINIMUM",
                            .proof = Proof::exact,
                            .ops = {OpCode::RELU6, OpCode::RELU_N1_TO_1, OpCode::RELU_0_TO_1},
                            .apply = apply};

}  // namespace monolite::legalize
